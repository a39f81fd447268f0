# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many delegations pushed to a real BIND parent in one task, beside a loop of community.general.nsupdate."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import typing as t
from pathlib import Path

from ._community import COLLECTIONS, nsupdate_version
from ._generate import write_json, zone_name
from ._measure import BenchmarkError
from ._peers import Peer, available
from ._playbook import TaskTime, run_task
from ._primary import ADDRESS, KEY_NAME, KEY_SECRET, PARENT_ZONE, Line, primary
from ._table import Goal, figure, goals_text, table_text

NAMED = Peer(program="named", package="bind9")

# How many times faster for each delegation.
_FIRST_RUN = 50
_UNCHANGED = 100
_TTL = 3600
# A loop sends the same for each, so that a few tell as much as many.
_COUNTED_OF_LOOP = 2
_LOOP = "community.general.nsupdate, in a loop"


class Sent(t.NamedTuple):
    """What went over the line for each delegation."""

    connections: float
    messages: float
    round_trips: float


class Way(t.NamedTuple):
    """One way to have delegations pushed: the changing and the unchanged run, and what each sent."""

    name: str
    delegations: int
    first: TaskTime
    again: TaskTime
    first_sent: Sent
    again_sent: Sent
    goal: bool = False


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="./run bench delegations", description=__doc__)
    parser.add_argument("--delegations", type=int, default=1000, help="how many to push in one task (default 1000)")
    parser.add_argument("--looped", type=int, default=20, help="how many nsupdate pushes in a loop (default 20)")
    arguments = parser.parse_args()
    found = available((NAMED,))
    version = nsupdate_version()
    if NAMED not in found or version is None:
        print("./run bench delegations: needs BIND and community.general", file=sys.stderr)
        return 1
    print(
        f"{arguments.delegations} delegations (2 name servers with glue, 1 DS) in one task, and {arguments.looped} by a"
        f" loop of\ncommunity.general.nsupdate {version} over their record sets, at BIND on loopback with TSIG over"
        " TCP. The name servers\nof the zones are not asked (predelegation: false). Messages are counted in runs of"
        " their own."
    )
    try:
        with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as name:
            folder = Path(name)
            loop = _way(folder, found[NAMED], _LOOP, arguments.looped, _nsupdate, counted=_COUNTED_OF_LOOP)
            print(f"  measured: {loop.name}", flush=True)
            count = arguments.delegations
            ours = _way(folder, found[NAMED], "zonecut.dns.delegations", count, _delegations, counted=count, goal=True)
            print(comparison([loop, ours]))
    except BenchmarkError as error:
        print(f"./run bench delegations: {error}", file=sys.stderr)
        return 1
    return 0


def described_delegation(number: int) -> dict[str, t.Any]:
    """Return a zone with two name servers in it and a DS."""
    name = zone_name(number)
    servers = [
        {"name": f"ns{server}.{name}", "addresses": [f"198.{17 + server}.{number // 250 % 250}.{number % 250 + 1}"]}
        for server in (1, 2)
    ]
    return {"name": name, "parent": "bench", "name_servers": servers, "ds": [f"{number % 65536} 13 2 {number:064x}"]}


def record_sets(zone: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return what the parent has of a zone as nsupdate takes it, one at a time: glue, then NS, then DS."""
    glue = [
        {"record": f"{server['name']}.", "type": "A", "value": server["addresses"]} for server in zone["name_servers"]
    ]
    names = [f"{server['name']}." for server in zone["name_servers"]]
    cut = f"{zone['name']}."
    return [*glue, {"record": cut, "type": "NS", "value": names}, {"record": cut, "type": "DS", "value": zone["ds"]}]


def _nsupdate(folder: Path, zones: t.Sequence[dict[str, t.Any]], port: int) -> tuple[dict[str, t.Any], Path]:
    variables = folder / "record_sets.json"
    write_json(variables, [each for zone in zones for each in record_sets(zone)])
    task = {
        "community.general.nsupdate": {
            "server": ADDRESS,
            "port": port,
            "key_name": KEY_NAME,
            "key_secret": KEY_SECRET,
            "key_algorithm": "hmac-sha256",
            "zone": PARENT_ZONE,
            "ttl": _TTL,
            "record": "{{ item.record }}",
            "type": "{{ item.type }}",
            "value": "{{ item.value }}",
        },
        "loop": "{{ zones }}",
        "loop_control": {"label": "{{ item.record }} {{ item.type }}"},
    }
    return task, variables


def _delegations(folder: Path, zones: t.Sequence[dict[str, t.Any]], port: int) -> tuple[dict[str, t.Any], None]:
    source = folder / "zones.json"
    write_json(source, zones)
    bench = {
        "type": "rfc2136",
        "server": ADDRESS,
        "port": port,
        "key_name": KEY_NAME,
        "key_secret": KEY_SECRET,
        "ttl": f"{_TTL}",
    }
    return {
        "zonecut.dns.delegations": {"zones_from": str(source), "parents": {"bench": bench}, "predelegation": False}
    }, None


_Task = t.Callable[[Path, t.Sequence[dict[str, t.Any]], int], tuple[dict[str, t.Any], t.Optional[Path]]]


def _way(folder: Path, named: str, name: str, count: int, make: _Task, *, counted: int, goal: bool = False) -> Way:
    zones = [described_delegation(number) for number in range(1, count + 1)]
    with primary(folder / f"{make.__name__}-timed", named=named) as server:
        first, again = (_run(*make(folder, zones, server.port), changes=changes) for changes in (True, False))
    sent = []
    few = zones[:counted]
    with primary(folder / f"{make.__name__}-counted", named=named) as server, Line(server.port) as line:
        for changes in (True, False):
            before = line.counts()
            _run(*make(folder, few, line.port), changes=changes)
            sent.append(Sent(*((now - then) / len(few) for now, then in zip(line.counts(), before))))
    return Way(name, count, first, again, first_sent=sent[0], again_sent=sent[1], goal=goal)


def _run(task: dict[str, t.Any], variables: Path | None, *, changes: bool) -> TaskTime:
    return run_task(task, changes=changes, variables=variables)


def comparison(ways: t.Sequence[Way]) -> str:
    """Return the table and goals of several ways, of which the first is what others are compared with."""
    base = ways[0]
    rows, goals = [], []
    for way in ways:
        for what, time, of_base, sent, goal in (
            ("first run", way.first, base.first, way.first_sent, _FIRST_RUN),
            ("unchanged", way.again, base.again, way.again_sent, _UNCHANGED),
        ):
            each = time.seconds / way.delegations
            times = of_base.seconds / base.delegations / each
            cells = map(figure, (time.seconds, each * 1000, times, *sent))
            rows.append([f"{way.name}, {what}", str(way.delegations), *cells])
            if way.goal:
                goals.append(Goal(f"{way.name}, {what}", times, at_least=goal, unit=" times faster"))
    header = ["", "delegations", "s", "ms each", "times faster", "connections", "messages", "round trips"]
    note = "(connections, messages and round trips are those of one delegation)"
    return f"{table_text(header, rows)}\n{note}\n{goals_text(goals)}"


if __name__ == "__main__":
    # Beside the collection itself.
    paths = [os.environ.get("ANSIBLE_COLLECTIONS_PATH"), str(COLLECTIONS)]
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join(path for path in paths if path)
    sys.exit(main())
