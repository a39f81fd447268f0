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
which only says that something answers; and NO_IPV6_NS_CHILD and NO_IPV6_NS_DEL, as nobody expects IPv6 below private
roots. The scenarios called own/ have no reverse names at all, so these are left out there. An unsigned zone without a
DS is no fault, so DS07_NOT_SIGNED and DS01_PARENT_ZONE_NO_DS are told of others only; DS16_CDS_WITHOUT_DNSKEY and
DS17_CDNSKEY_WITHOUT_DNSKEY would cost every unsigned zone two questions more.

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
    """Return the report of each scenario; those with the same roots are verified together.

    Where the name servers of a scenario are given, it is verified before delegation, on its own.
    """
    groups: dict[tuple[tuple[str, ...], str, bool], list[dict[str, t.Any]]] = {}
    for scenario in listed:
        alone = scenario["scenario"] if "undelegated_ns" in scenario else ""
        groups.setdefault((tuple(scenario["hints"]), alone, _has_reverse_names(scenario)), []).append(scenario)
    reports: dict[str, ZoneReport] = {}
    for (hints, alone, reverse_names), scenarios in groups.items():
        left_out = [] if reverse_names else ["-reverse_missing", "-reverse_mismatch"]
        # Scenarios of one zone differ in the tags that they are about.
        zones = {scenario["zone"]: _described(scenario) for scenario in scenarios}
        found = verify_zones(
            parse_zones(list(zones.values())),
            settings=Settings(
                roots=hints, port=port, predelegation=bool(alone), selection=Selection.parse(["all", *left_out])
            ),
            transport=NetworkTransport(timeout=1.0, retries=1),
        )
        told = dict(zip(zones, found))
        reports.update((scenario["scenario"], told[scenario["zone"]]) for scenario in scenarios)
    return reports


def _has_reverse_names(scenario: dict[str, t.Any]) -> bool:
    return not scenario["scenario"].startswith("own/")


def _described(scenario: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the description of the zone: name servers as ``NAME`` or ``NAME/ADDRESS``, DS with commas."""
    zone: dict[str, t.Any] = {"name": scenario["zone"].rstrip(".") or "."}
    addresses: dict[str, list[str]] = {}
    for text in scenario.get("undelegated_ns", ()):
        name, _slash, address = text.rstrip(".").partition("/")
        addresses.setdefault(name.rstrip("."), []).extend([address] if address else [])
    if addresses:
        zone["name_servers"] = [{"name": name, "addresses": found} for name, found in addresses.items()]
    if scenario.get("undelegated_ds"):
        zone["ds"] = [text.replace(",", " ") for text in scenario["undelegated_ds"]]
    return zone


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
