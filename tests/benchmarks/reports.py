# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports about many zones: how long they take to make, their size, and how soon a browser has the page open."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from ._measure import BenchmarkError, Measured, best_of, measure
from ._peers import CHROMIUM, available
from ._table import Goal, figure, goals_text, table_text

_FORMATS = ("html", "json", "junit", "sarif")
_OPEN_SECONDS = 2
_MEMORY = 500
# Every third zone has findings, and each kind of zone its picture.
_MAKE = """
import importlib, pathlib, sys
from dataclasses import replace
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import run_of, usual_reports
path, form, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
kinds = usual_reports()
zones = (replace(kinds[n // 3 % 5 if n % 3 == 0 else 0], name=f"zone-{n}.example") for n in range(count))
package = "ansible_collections.zonecut.dns.plugins.module_utils._reports"
make = getattr(importlib.import_module(f"{package}.{form}_report"), f"{form}_report")
path.write_bytes(make(run_of(*zones)).encode("utf-8", "replace"))
"""


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="./run bench reports", description=__doc__)
    parser.add_argument("--zones", type=int, default=10000, help="how many the reports are about (default 10000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often to open the page, least counts (default 3)")
    arguments = parser.parse_args()
    chromium = available((CHROMIUM,)).get(CHROMIUM)
    print(f"Reports about {arguments.zones} zones, every third of which has findings.")
    try:
        with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as folder:
            rows, goals = _written(Path(folder), arguments.zones)
            print(table_text(["", "s", "MB", "peak MB"], rows))
            if chromium is not None:
                opened = [_opened(Path(folder), chromium) for _round in range(arguments.rounds)]
                goals.append(Goal("a browser opens the page", min(opened), at_most=_OPEN_SECONDS, unit=" s"))
            print(goals_text(goals))
    except BenchmarkError as error:
        print(f"./run bench reports: {error}", file=sys.stderr)
        return 1
    return 0


def _written(folder: Path, zones: int) -> tuple[list[list[str]], list[Goal]]:
    rows, goals = [], []
    for form in _FORMATS:
        path = folder / f"report.{form}"
        made = measure([sys.executable, "-c", _MAKE, path, form, str(zones)])
        rows.append([form, figure(made.seconds), figure(path.stat().st_size / 1e6), figure(made.megabytes)])
        goals.append(Goal(f"{form}, memory", made.megabytes, at_most=_MEMORY, unit=" MB"))
    return rows, goals


def _opened(folder: Path, chromium: str) -> float:
    """Return for how long the browser is busy with the page, beyond what it takes to show an empty one."""
    empty = folder / "empty.html"
    empty.write_text("<!doctype html><title>Empty</title>", encoding="ascii")

    def shown(page: Path) -> Measured:
        # Its sandbox does not work for root.
        options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}")
        command: list[str | Path] = [chromium, *options, "--dump-dom", page.as_uri()]
        return best_of([measure(command) for _round in range(2)])

    return shown(folder / "report.html").seconds - shown(empty).seconds


if __name__ == "__main__":
    sys.exit(main())
