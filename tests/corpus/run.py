# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify every zone of a corpus of delegation scenarios and have the corpus score the codes that come out.

    python tests/corpus/run.py FOLDER

FOLDER (or ZONECUT_CORPUS) has ``start.sh`` and ``stop.sh``, which serve the scenarios on loopback, and ``score.py``,
which lists them and compares codes with what another checker says, by way of mapping.json beside this file. The servers
keep their state in the folder and use port 53, so copy it to a place of your own and run this as root.
Some tags of the other checker have no code here on purpose: RNAME_MAIL_DOMAIN_INVALID and Z09_MISSING_MAIL_TARGET, as a
zone need not take mail; SOA_DEFAULT_TTL_MAXIMUM_VALUE_LOWER, whose limit is 300 s where ours is 60 s; HAS_A_RECORDS,
which only says that something answers; and reverse names, which none of the scenarios has.

Exits 0 when no mapped tag is missed and no code is reported falsely.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The folder that holds ansible_collections, when the checkout lies in one.
sys.path.insert(0, str(HERE.parents[4]))

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones  # noqa: E402
from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport  # noqa: E402
from ansible_collections.zonecut.dns.plugins.module_utils._verify import (  # noqa: E402
    Selection,
    Settings,
    ZoneReport,
    verify_zones,
)


def scenarios(folder: Path) -> list[dict[str, t.Any]]:
    """Return the scenarios: ``scenario``, ``zone`` and the root addresses in ``hints``."""
    listed = subprocess.run(
        [sys.executable, str(folder / "score.py"), "--list"], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in listed.stdout.splitlines()]


def verify(listed: t.Sequence[dict[str, t.Any]], *, port: int) -> dict[str, ZoneReport]:
    """Return the report of each scenario; those with the same roots are verified together."""
    reports: dict[str, ZoneReport] = {}
    for hints in sorted({tuple(scenario["hints"]) for scenario in listed}):
        names = [scenario["zone"] for scenario in listed if tuple(scenario["hints"]) == hints]
        found = verify_zones(
            parse_zones(names),
            settings=Settings(roots=hints, port=port, selection=Selection.parse(["all"])),
            transport=NetworkTransport(timeout=1.0, retries=1),
        )
        reports.update((report.name, report) for report in found)
    return {scenario["scenario"]: reports[scenario["zone"].rstrip(".").lower()] for scenario in listed}


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=os.environ.get("ZONECUT_CORPUS"))
    parser.add_argument("--port", type=int, default=53)
    parser.add_argument("--show", action="store_true", help="print every finding")
    arguments = parser.parse_args()
    if arguments.folder is None:
        parser.error("name the folder of the corpus")
    folder = Path(arguments.folder)
    environment = {**os.environ, "PYTHON": sys.executable, "PORT": str(arguments.port)}
    subprocess.run(["bash", str(folder / "start.sh")], check=True, env=environment)
    try:
        reports = verify(scenarios(folder), port=arguments.port)
    finally:
        subprocess.run(["bash", str(folder / "stop.sh")], check=True, env=environment)
    if arguments.show:
        for scenario, report in reports.items():
            print(scenario)
            for finding in report.findings:
                print(f"  {finding.severity} {finding.code}: {finding.message}")
    return score(folder, {scenario: [f.code for f in report.findings] for scenario, report in reports.items()})


def score(folder: Path, codes: dict[str, list[str]]) -> int:
    """Print the corpus's own score; return 1 for a miss or a false report."""
    with tempfile.TemporaryDirectory() as temporary:
        results = Path(temporary, "results.json")
        results.write_text(json.dumps(codes), encoding="utf-8")
        command = [sys.executable, str(folder / "score.py"), str(results), str(HERE / "mapping.json")]
        subprocess.run([*command, "-v"], check=True)
        told = json.loads(subprocess.run([*command, "--json"], check=True, capture_output=True, text=True).stdout)
    return 1 if told["miss"] or told["false"] else 0


if __name__ == "__main__":
    sys.exit(main())
