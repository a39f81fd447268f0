# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One large zone from ``src``, with all checks, beside programs that read, check and write the same file."""

from __future__ import annotations

import argparse
import sys
import tempfile
import typing as t
from pathlib import Path

from ._generate import LARGE_ZONE, large_zone, write_large_zone
from ._measure import BenchmarkError, Measured, best_of, measure
from ._peers import KZONECHECK, NAMED_COMPILEZONE, available
from ._playbook import run_module, run_task
from ._table import Goal, figure, goals_text, table_text

# Beside named-compilezone, and in MB.
_CHANGED = 1.5
_UNCHANGED = 0.3
_MEMORY = 600
# With -i full it would ask a resolver for each address that is glue here, and wait.
_ASK_NOBODY = {"RES_OPTIONS": "attempts:0"}
_DNSPYTHON = """
import sys, dns.zone
dns.zone.from_file(sys.argv[1], origin=sys.argv[2], relativize=False).to_file(sys.argv[3])
"""
# A zone of a million takes dnspython a minute and a half.
_PART = 10


class Run(t.NamedTuple):
    """What reading, checking and writing the zone took.

    :arg limit: what it should take at most, beside named-compilezone; None without a goal.
    """

    name: str
    measured: Measured
    limit: float | None = None


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="./run bench big", description=__doc__)
    parser.add_argument("--records", type=int, default=1000000, help="how many the zone has (default 1000000)")
    parser.add_argument("--full", action="store_true", help=f"give dnspython the whole zone, not a {_PART}th of it")
    parser.add_argument("--rounds", type=int, default=3, help="of how many runs of each the least counts (default 3)")
    arguments = parser.parse_args()
    print(
        f"One zone of {arguments.records} records, read, checked and written; the least of {arguments.rounds} rounds."
    )
    rounds: list[list[Run]] = []
    try:
        for _round in range(arguments.rounds):
            with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as folder:
                rounds.append([*_peers(Path(folder), arguments.records), *_zone_files(Path(folder), arguments.records)])
        with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as folder:
            library = _library(Path(folder), arguments.records, part=1 if arguments.full else _PART)
    except BenchmarkError as error:
        print(f"./run bench big: {error}", file=sys.stderr)
        return 1
    runs = [one[0]._replace(measured=best_of([run.measured for run in one])) for one in zip(*rounds)]
    print(comparison([library, *runs]))
    return 0


def _peers(folder: Path, records: int) -> t.Iterator[Run]:
    source, written = folder / "peers.zone", folder / "peers.out"
    write_large_zone(source, records)
    programs = available((NAMED_COMPILEZONE, KZONECHECK))
    if NAMED_COMPILEZONE in programs:
        command: list[str | Path] = [programs[NAMED_COMPILEZONE], "-q", "-i", "full", "-o", written, LARGE_ZONE, source]
        yield Run(_BASE, measure(command, **_ASK_NOBODY))
    if KZONECHECK in programs:
        yield Run("kzonecheck (writes nothing)", measure([programs[KZONECHECK], "-o", LARGE_ZONE, source]))


def _library(folder: Path, records: int, *, part: int) -> Run:
    source, written = folder / "library.zone", folder / "library.out"
    write_large_zone(source, max(records // part, 10))
    found = measure([sys.executable, "-c", _DNSPYTHON, source, LARGE_ZONE, written])
    name = "dnspython (checks nothing)"
    if part > 1:
        found = Measured(seconds=found.seconds * part, cpu=found.cpu * part, megabytes=found.megabytes * part)
        name = f"{name}, {part} times a {part}th"
    return Run(name, found)


_BASE = "named-compilezone -i full"


def _zone_files(folder: Path, records: int) -> t.Iterator[Run]:
    source = folder / "large.zone"
    write_large_zone(source, records)
    zones = [{"name": LARGE_ZONE, "src": str(source)}]
    alone, task = folder / "alone", folder / "task"
    alone.mkdir()
    task.mkdir()
    arguments = {"zones": zones, "directory": str(alone)}

    def run_in_task(*, changes: bool) -> Measured:
        time = run_task({"zonecut.dns.zone_files": {**arguments, "directory": str(task)}}, changes=changes)
        return Measured(seconds=time.seconds, cpu=time.run.cpu, megabytes=time.run.megabytes)

    yield Run("zone_files, the module, new file", run_module(arguments), _CHANGED)
    yield Run("zone_files, the task, new file", run_in_task(changes=True), _CHANGED)
    yield Run("zone_files, the module, unchanged", run_module(arguments), _UNCHANGED)
    yield Run("zone_files, the task, unchanged", run_in_task(changes=False), _UNCHANGED)
    with source.open("w", encoding="ascii") as stream:
        stream.writelines(line.replace("192.0.2.2\n", "192.0.2.3\n") for line in large_zone(records))
    yield Run("zone_files, the module, one record changed", run_module(arguments), _CHANGED)
    yield Run("zone_files, the task, one record changed", run_in_task(changes=True), _CHANGED)


def comparison(runs: t.Sequence[Run]) -> str:
    """Return the table and goals of several runs, beside named-compilezone where it is among them."""
    base = next((run.measured.seconds for run in runs if run.name == _BASE), None)
    rows, goals = [], []
    for run in runs:
        ratio = "" if base is None else figure(run.measured.seconds / base)
        found = run.measured
        rows.append([run.name, figure(found.seconds), ratio, figure(found.cpu), figure(found.megabytes)])
        if run.limit is None:
            continue
        if base is not None:
            times = " times named-compilezone"
            goals.append(Goal(run.name, run.measured.seconds / base, at_most=run.limit, unit=times))
        goals.append(Goal(f"{run.name}, memory", run.measured.megabytes, at_most=_MEMORY, unit=" MB"))
    header = ["", "s", "times named-compilezone", "processor s", "peak MB"]
    note = (
        "(of a task, processor time is that of the whole of ansible-playbook, and the peak that of its largest process)"
    )
    return f"{table_text(header, rows)}\n{note}\n{goals_text(goals)}"


if __name__ == "__main__":
    sys.exit(main())
