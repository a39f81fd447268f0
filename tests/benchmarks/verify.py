# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many healthy zones verified in one task, beside dnspython that asks one by one, and dnsperf as the limit."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import typing as t
from pathlib import Path

from ._measure import BenchmarkError, Measured, measure
from ._peers import DNSPERF, KNOTC, KNOTD, available
from ._playbook import run_module, run_task
from ._table import Goal, figure, goals_text, table_text
from ._tree import CHILDREN, PARENT, Programs, Tree, served_tree

_ZONES_PER_SECOND = 200
# Of what dnsperf gets from the same servers.
_PART_OF_LIMIT = 0.2
_MEMORY = 500
_DNSPERF_SECONDS = 10
# The questions of verify for each zone, over one socket after the other.
_DNSPYTHON = """
import sys, dns.flags, dns.message, dns.query
parent, port, *children = sys.argv[1], int(sys.argv[2]), *sys.argv[3].split(",")
def ask(way, server, name, rdtype):
    way(dns.message.make_query(name, rdtype, flags=0), server, port=port, timeout=3, one_rr_per_rrset=True)
for zone in sys.argv[4:]:
    for rdtype in ("NS", "DS"):
        ask(dns.query.udp, parent, zone, rdtype)
    for server in children:
        for rdtype in ("SOA", "NS", "MX", "TXT", "AAAA", "TYPE65399"):
            ask(dns.query.udp, server, zone, rdtype)
        ask(dns.query.udp, server, "zonecut-absent." + zone, "A")
        ask(dns.query.udp, server, ".", "NS")
        for rdtype in ("SOA", "NS"):
            ask(dns.query.tcp, server, zone, rdtype)
"""


class Run(t.NamedTuple):
    """What a way of asking took.

    :arg questions: how many the servers were asked; without ``zones`` it asked without judging.
    """

    name: str
    zones: int
    questions: float
    measured: Measured
    goal: bool = False

    @property
    def rate(self) -> float:
        """Questions in a second."""
        return self.questions / self.measured.seconds


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="./run bench verify", description=__doc__)
    parser.add_argument("--zones", type=int, default=10000, help="how many to verify (default 10000)")
    parser.add_argument("--one-by-one", type=int, default=200, help="how many dnspython asks for (default 200)")
    parser.add_argument("--rounds", type=int, default=1, help="how often to run all, one table each (default 1)")
    arguments = parser.parse_args()
    found = available((KNOTD, KNOTC, DNSPERF))
    if KNOTD not in found or KNOTC not in found:
        print("./run bench verify: needs Knot DNS", file=sys.stderr)
        return 1
    print(f"{arguments.zones} healthy zones at two addresses of Knot DNS on loopback, and their parent at another.")
    try:
        with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as folder:
            programs = Programs(knotd=found[KNOTD], knotc=found[KNOTC])
            with served_tree(Path(folder), zones=arguments.zones, programs=programs) as tree:
                for _round in range(arguments.rounds):
                    runs = list(_verified(Path(folder), tree))
                    runs.append(_one_by_one(tree, arguments.one_by_one))
                    if DNSPERF in found:
                        runs.append(_limit(Path(folder), tree, found[DNSPERF]))
                    print(comparison(runs))
    except BenchmarkError as error:
        print(f"./run bench verify: {error}", file=sys.stderr)
        return 1
    return 0


def _verified(folder: Path, tree: Tree) -> t.Iterator[Run]:
    source = folder / "zones.json"
    source.write_text(json.dumps({"zones": tree.zones}), encoding="ascii")
    options = {"zones_from": str(source), "roots": [PARENT], "port": tree.port}
    before = tree.asked()
    alone = run_module(options, module="verify")
    between = tree.asked()
    task = run_task({"zonecut.dns.verify": options}, changes=False)
    measured = Measured(seconds=task.seconds, cpu=task.run.cpu, megabytes=task.run.megabytes)
    yield Run("verify, the module", len(tree.zones), between - before, alone, goal=True)
    yield Run("verify, the task", len(tree.zones), tree.asked() - between, measured, goal=True)


def _one_by_one(tree: Tree, count: int) -> Run:
    zones = tree.zones[:count]
    before = tree.asked()
    command = [sys.executable, "-c", _DNSPYTHON, PARENT, str(tree.port), ",".join(CHILDREN), *zones]
    measured = measure(command)
    return Run("dnspython, one by one", len(zones), tree.asked() - before, measured)


def _limit(folder: Path, tree: Tree, dnsperf: str) -> Run:
    questions = folder / "questions"
    lines = (f"{zone} {rdtype}\n" for zone in tree.zones for rdtype in ("SOA", "NS", "MX", "TXT", "TYPE65399"))
    questions.write_text("".join(lines), encoding="ascii")
    command: list[str | Path] = [
        dnsperf,
        "-s",
        CHILDREN[0],
        "-p",
        str(tree.port),
        "-d",
        questions,
        "-l",
        str(_DNSPERF_SECONDS),
    ]
    before = tree.asked()
    measured = measure(command)
    return Run("dnsperf (the limit)", 0, tree.asked() - before, measured)


def comparison(runs: t.Sequence[Run]) -> str:
    """Return the table and goals of several runs, the last of which is the limit if it verified no zones."""
    limit = next((run.rate for run in runs if not run.zones), None)
    rows, goals = [], []
    for run in runs:
        found, zones = run.measured, run.zones / run.measured.seconds
        share = "" if limit is None else figure(run.rate / limit)
        shown = [str(run.zones), figure(zones)] if run.zones else ["", ""]
        seconds = map(figure, (found.seconds, found.cpu))
        rows.append([run.name, *shown, figure(run.rate), share, *seconds, figure(found.megabytes)])
        if run.goal:
            goals.append(Goal(run.name, zones, at_least=_ZONES_PER_SECOND, unit=" zones a second"))
            if limit is not None:
                goals.append(Goal(f"{run.name}, beside dnsperf", run.rate / limit, at_least=_PART_OF_LIMIT))
            goals.append(Goal(f"{run.name}, memory", found.megabytes, at_most=_MEMORY, unit=" MB"))
    header = ["", "zones", "zones/s", "questions/s", "of the limit", "s", "processor s", "peak MB"]
    note = "(processor time and peak are those of the program, of a task those of ansible-playbook and all below it)"
    return f"{table_text(header, rows)}\n{note}\n{goals_text(goals)}"


if __name__ == "__main__":
    sys.exit(main())
