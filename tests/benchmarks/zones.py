# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many small zones in one task, beside a loop of ansible.builtin.template, and how time and memory grow."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import typing as t
from pathlib import Path

from ._generate import described_zone, described_zones, write_json, write_yaml
from ._measure import BenchmarkError, Measured
from ._playbook import TaskTime, run_module, run_task
from ._table import Goal, figure, goals_text, table_text

_TEMPLATE = Path(__file__).parent / "templates" / "zone.j2"
# How many times faster, by where the description is.
_THROUGH_VARIABLES = 100
_FROM_FILES = 250
# What is linear stays the same for each zone, but for what a machine does beside.
_GROWTH = 1.25


class Way(t.NamedTuple):
    """One way to have zones written: the changing and the unchanged run, and the times faster that it should be."""

    name: str
    zones: int
    first: TaskTime
    again: TaskTime
    goal: int | None = None


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="./run bench zones", description=__doc__)
    parser.add_argument(
        "--zones", type=int, default=1000, help="how many, of 10 records each (default 1000); 0 for growth alone"
    )
    parser.add_argument("--templated", type=int, default=100, help="how many of them by template (default 100)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median counts, but for template's")
    parser.add_argument(
        "--growth",
        type=int,
        nargs="*",
        default=[5000, 10000, 50000],
        help="numbers of zones (default 5000 10000 50000)",
    )
    arguments = parser.parse_args()
    print("Time of the task in the controller, from its start to its result, without the start of ansible-playbook.")
    try:
        if arguments.zones:
            print(f"{arguments.zones} zones of 10 records in one task, {arguments.templated} by a loop of template:")
            with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as folder:
                _compare(Path(folder), arguments)
        if arguments.growth:
            print("Growth through zones_from (one JSON file): the task, and the module's process run by itself:")
            with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as folder:
                _grow(Path(folder), arguments.growth)
    except BenchmarkError as error:
        print(f"./run bench zones: {error}", file=sys.stderr)
        return 1
    return 0


def _compare(folder: Path, arguments: argparse.Namespace) -> None:
    json_file, yaml_file, yaml_folder = folder / "zones.json", folder / "zones.yml", folder / "zones"
    write_json(json_file, described_zones(arguments.zones))
    write_yaml(yaml_file, described_zones(arguments.zones))
    yaml_folder.mkdir()
    for number in range(1, arguments.zones + 1):
        write_yaml(yaml_folder / f"{number:06d}.yml", [described_zone(number)])
    ways = [_template(folder, json_file, arguments.templated)]
    described: list[tuple[str, dict[str, t.Any], Path | None, int]] = [
        ("zone_files, through variables", {"zones": "{{ zones }}"}, json_file, _THROUGH_VARIABLES),
        ("zone_files, zones_from: one JSON file", {"zones_from": str(json_file)}, None, _FROM_FILES),
        ("zone_files, zones_from: one YAML file", {"zones_from": str(yaml_file)}, None, _FROM_FILES),
        ("zone_files, zones_from: a YAML file for each", {"zones_from": str(yaml_folder)}, None, _FROM_FILES),
    ]
    for index, (name, description, variables, goal) in enumerate(described):
        first, again = [], []
        for turn in range(arguments.repeat):
            task = _zone_files(folder / f"written{index}-{turn}", description)
            first.append(run_task(task, changes=True, variables=variables))
            again.append(run_task(task, changes=False, variables=variables))
        ways.append(Way(name, arguments.zones, _median(first), _median(again), goal))
        print(f"  measured: {name}", flush=True)
    print(comparison(ways))


def comparison(ways: t.Sequence[Way]) -> str:
    """Return the table and goals of several ways, of which the first is what others are compared with."""
    base = ways[0]
    rows, goals = [], []
    for way in ways:
        cells = [way.name, str(way.zones)]
        for what, time, of_base in (("first run", way.first, base.first), ("unchanged", way.again, base.again)):
            each = time.seconds / way.zones
            times = of_base.seconds / base.zones / each
            cells += map(figure, (time.seconds, each * 1000, times, time.run.seconds, time.run.cpu))
            if way.goal is not None:
                goals.append(Goal(f"{way.name}, {what}", times, at_least=way.goal, unit=" times faster"))
        rows.append(cells)
    header = ["", "zones", *("s", "ms/zone", "times faster", "whole run s", "processor s") * 2]
    note = "(first run, then unchanged second run; processor time is that of the whole run)"
    return f"{table_text(header, rows)}\n{note}\n{goals_text(goals)}"


def _template(folder: Path, variables: Path, count: int) -> Way:
    written = folder / "templated"
    written.mkdir()
    task = {
        "ansible.builtin.template": {"src": str(_TEMPLATE), "dest": f"{written}/{{{{ item.name }}}}.zone"},
        "loop": f"{{{{ zones[:{count}] }}}}",
        "loop_control": {"label": "{{ item.name }}"},
    }
    first, again = (run_task(task, changes=changes, variables=variables) for changes in (True, False))
    return Way("template, in a loop", count, first, again)


def _zone_files(directory: Path, description: dict[str, t.Any]) -> dict[str, t.Any]:
    directory.mkdir()
    return {"zonecut.dns.zone_files": {"directory": str(directory), **description}}


def _median(times: t.Sequence[TaskTime]) -> TaskTime:
    return TaskTime(
        seconds=statistics.median(time.seconds for time in times),
        run=Measured(
            seconds=statistics.median(time.run.seconds for time in times),
            cpu=statistics.median(time.run.cpu for time in times),
            megabytes=max(time.run.megabytes for time in times),
        ),
    )


class Size(t.NamedTuple):
    """What a number of zones takes: the task, and the module alone, each changing and unchanged."""

    zones: int
    first: TaskTime
    again: TaskTime
    module_first: Measured
    module_again: Measured


def _grow(folder: Path, counts: t.Sequence[int]) -> None:
    sizes = []
    for count in sorted(counts):
        source = folder / f"{count}.json"
        write_json(source, described_zones(count))
        task = _zone_files(folder / f"task{count}", {"zones_from": str(source)})
        alone = _zone_files(folder / f"module{count}", {"zones_from": str(source)})["zonecut.dns.zone_files"]
        size = Size(
            count,
            first=run_task(task, changes=True),
            again=run_task(task, changes=False),
            module_first=run_module(alone),
            module_again=run_module(alone),
        )
        sizes.append(size)
        print(f"  measured: {count} zones", flush=True)
    print(growth(sizes))


def growth(sizes: t.Sequence[Size]) -> str:
    """Return the table of several sizes, in order, and whether the last takes as much for each zone as the first."""
    rows = []
    for size in sizes:
        seconds = (size.first.seconds, size.again.seconds, size.module_first.seconds, size.module_again.seconds)
        memory = (size.first.run, size.again.run, size.module_first, size.module_again)
        rows.append(
            [str(size.zones), *map(figure, seconds), figure(seconds[0] / size.zones * 1000)]
            + [figure(each.megabytes) for each in memory]
        )
    header = [
        *("zones", "first s", "unchanged s", "module first s", "module unchanged s", "first ms/zone"),
        *("largest process MB", "unchanged MB", "module MB", "module unchanged MB"),
    ]
    if len(sizes) < 2:
        return table_text(header, rows)
    least, most = sizes[0], sizes[-1]
    ratio = most.zones / least.zones
    goals = [
        Goal(
            f"{what} for each zone, {most.zones} zones beside {least.zones}",
            value / ratio,
            at_most=_GROWTH,
            unit=" times",
        )
        for what, value in (
            ("time", most.first.seconds / least.first.seconds),
            ("time unchanged", most.again.seconds / least.again.seconds),
            ("memory", most.first.run.megabytes / least.first.run.megabytes),
        )
    ]
    return f"{table_text(header, rows)}\n{goals_text(goals)}"


if __name__ == "__main__":
    sys.exit(main())
