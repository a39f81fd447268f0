# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmarks measure with: their zones are what they say, and no figure is put wrong. None measures time."""

from __future__ import annotations

import itertools
import socket
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, delegation_of
from ansible_collections.zonecut.dns.plugins.module_utils._description import ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._plan import Operation, plan
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources, read_description
from ansible_collections.zonecut.dns.plugins.module_utils._zone_checks import check_zone
from ansible_collections.zonecut.dns.plugins.module_utils._zone_data import zone_data
from ansible_collections.zonecut.dns.tests.benchmarks._generate import (
    LARGE_ZONE,
    described_zones,
    large_zone,
    write_json,
    write_large_zone,
    write_yaml,
)
from ansible_collections.zonecut.dns.tests.benchmarks._measure import BenchmarkError, Measured, measure
from ansible_collections.zonecut.dns.tests.benchmarks._playbook import TaskTime
from ansible_collections.zonecut.dns.tests.benchmarks._primary import ADDRESS, Line
from ansible_collections.zonecut.dns.tests.benchmarks._table import Goal, figure, table_text
from ansible_collections.zonecut.dns.tests.benchmarks.big import Run
from ansible_collections.zonecut.dns.tests.benchmarks.big import comparison as large_comparison
from ansible_collections.zonecut.dns.tests.benchmarks.delegations import Sent, described_delegation, record_sets
from ansible_collections.zonecut.dns.tests.benchmarks.delegations import Way as DelegationsWay
from ansible_collections.zonecut.dns.tests.benchmarks.delegations import comparison as delegations_comparison
from ansible_collections.zonecut.dns.tests.benchmarks.verify import Run as VerifyRun
from ansible_collections.zonecut.dns.tests.benchmarks.verify import comparison as verify_comparison
from ansible_collections.zonecut.dns.tests.benchmarks.zones import Size, Way, growth
from ansible_collections.zonecut.dns.tests.benchmarks.zones import comparison as small_comparison


def test_json_and_yaml_describe_the_same(tmp_path: Path) -> None:
    zones = list(described_zones(30))
    write_json(tmp_path / "zones.json", iter(zones))
    write_yaml(tmp_path / "zones.yml", iter(zones))
    assert read_description(str(tmp_path / "zones.json")) == read_description(str(tmp_path / "zones.yml")) == zones


def test_small_zones_differ_and_nothing_is_wrong_with_them() -> None:
    zones = parse_zones(list(described_zones(300)))
    tree = ZoneTree(zones)
    contents = set()
    for zone in zones:
        records = zone_data(zone, tree, Sources(None)).records
        assert (len(zone.records), len(records)) == (10, 13)
        assert check_zone(zone.name, records) == ([], [])
        contents.add(frozenset((record.owner, record.rdtype, record.data) for record in records))
    assert len(contents) == 300


@pytest.mark.parametrize("records", [6, 7, 8, 100, 101, 102, 103, 104, 1000])
def test_the_large_zone_has_that_many_records_and_nothing_is_wrong_with_it(tmp_path: Path, records: int) -> None:
    source = tmp_path / "large.zone"
    write_large_zone(source, records)
    (zone,) = parse_zones([{"name": LARGE_ZONE, "src": str(source)}])
    found = zone_data(zone, ZoneTree([zone]), Sources(None)).records
    assert len(found) == len({(record.owner, record.rdtype, record.data) for record in found}) == records
    assert check_zone(zone.name, found) == ([], [])


def test_the_large_zone_has_what_large_zones_have() -> None:
    types = {line.split(" IN ")[1].split()[0] for line in large_zone(500) if " IN " in line}
    assert types == {"A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT"}


def test_a_large_zone_of_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="6 records"):
        next(large_zone(5))


def test_memory_is_that_of_the_largest_process_below() -> None:
    starts_larger = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'len(bytearray(200_000_000))'])"
    small = measure([sys.executable, "-c", "pass"])
    assert small.megabytes < 100 < 200 < measure([sys.executable, "-c", starts_larger]).megabytes < 300


def test_a_failure_is_no_figure() -> None:
    with pytest.raises(BenchmarkError, match="exited with status 3:\nno such zone"):
        measure([sys.executable, "-c", "import sys; print('no such zone'); sys.exit(3)"])


def test_a_missing_program_is_named() -> None:
    with pytest.raises(BenchmarkError, match="^no-such-program cannot be run:"):
        measure(["no-such-program"])


def test_variables_reach_the_program() -> None:
    check = "import os, sys; sys.exit(os.environ['RES_OPTIONS'] != 'attempts:0')"
    measure([sys.executable, "-c", check], RES_OPTIONS="attempts:0")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.000"), (0.0304, "0.030"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12346")],
)
def test_figure(value: float, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("limits", "met"),
    [({"at_least": 100}, True), ({"at_least": 100.1}, False), ({"at_most": 100}, True), ({"at_most": 99.9}, False)],
)
def test_a_goal_is_met_at_its_limit(limits: dict[str, float], met: bool) -> None:
    goal = Goal("first run", 100, unit=" times faster", **limits)
    assert goal.is_met is met
    assert str(goal).startswith("met " if met else "NOT MET ")


def test_columns_line_up() -> None:
    assert table_text(["", "s"], [["one", "1.00"], ["another", "12.0"]]) == (
        "            s\n-------  ----\none      1.00\nanother  12.0"
    )


def _measured(seconds: float, megabytes: float = 50) -> Measured:
    return Measured(seconds=seconds, cpu=seconds, megabytes=megabytes)


def _time(seconds: float, megabytes: float = 50) -> TaskTime:
    return TaskTime(seconds=seconds, run=_measured(seconds + 1, megabytes))


def test_zones_are_compared_by_the_time_of_each() -> None:
    text = small_comparison(
        [
            Way("template", 100, first=_time(40), again=_time(20)),
            Way("zone_files", 1000, first=_time(2), again=_time(1), goal=200),
        ]
    )
    assert "met     zone_files, first run: 200 times faster" in text
    assert "met     zone_files, unchanged: 200 times faster" in text


@pytest.mark.parametrize(("last", "verdict"), [(5.0, "met"), (7.0, "NOT MET")])
def test_growth_is_linear_when_each_zone_takes_the_same(last: float, verdict: str) -> None:
    def size(zones: int, seconds: float, megabytes: float) -> Size:
        each = _measured(seconds, megabytes)
        return Size(zones, _time(seconds, megabytes), _time(seconds, megabytes), each, each)

    text = growth([size(1000, 1.0, 100), size(5000, last, 500)])
    assert f"{verdict:8}time for each zone, 5000 zones beside 1000: {last / 5:.2f} times" in text
    assert "met     memory for each zone" in text


_LARGE = [
    Run("named-compilezone -i full", _measured(4.0)),
    Run("changed", _measured(6.0, 600), 1.5),
    Run("unchanged", _measured(1.3, 601), 0.3),
]


def test_the_large_zone_is_compared_with_named_compilezone() -> None:
    lines = large_comparison(_LARGE).splitlines()[-4:]
    assert [line[:8].rstrip() for line in lines] == ["met", "met", "NOT MET", "NOT MET"]


def test_without_named_compilezone_only_memory_has_a_goal() -> None:
    lines = large_comparison(_LARGE[1:]).splitlines()
    assert [line for line in lines if "times named-compilezone (" in line] == []
    assert sum("memory" in line and "600 MB" in line for line in lines) == 2


def test_no_name_in_two_small_zones() -> None:
    names: t.Iterator[str] = (zone["name"] for zone in described_zones(70000))
    assert len(set(itertools.islice(names, 70000))) == 70000


def test_verifying_is_compared_with_the_limit_by_questions() -> None:
    runs = [
        VerifyRun("verify", 1000, 18000, _measured(4.0, 501), goal=True),
        VerifyRun("one by one", 10, 180, _measured(1.0)),
        VerifyRun("limit", 0, 200000, _measured(10.0)),
    ]
    assert verify_comparison(runs).splitlines()[-3:] == [
        "met     verify: 250 zones a second (goal: at least 200 zones a second)",
        "met     verify, beside dnsperf: 0.225 (goal: at least 0.200)",
        "NOT MET verify, memory: 501 MB (goal: at most 500 MB)",
    ]
    assert "dnsperf" not in verify_comparison(runs[:2])


def test_delegations_are_what_they_say_and_the_same_for_both() -> None:
    described = [described_delegation(number) for number in range(1, 301)]
    zones = parse_zones(described)
    assert len({zone.name for zone in zones}) == len({rdata.to_text() for zone in zones for rdata in zone.ds}) == 300
    for zone, described_zone in zip(zones, described):
        wanted = delegation_of(zone)
        assert [len(server.addresses) for server in wanted.name_servers] == [1, 1]
        operations = plan(zone=zone.name, present=NOT_DELEGATED, wanted=wanted)
        sets = [
            (each["record"], each["type"], value) for each in record_sets(described_zone) for value in each["value"]
        ]
        # nsupdate takes names with the final dot.
        assert sorted((f"{each['name']}.", each["type"], each["value"]) for each in map(_result, operations)) == sorted(
            sets
        )


def test_delegations_are_compared_by_the_time_of_each() -> None:
    each, all_in_one = Sent(8, 8, 8), Sent(0.001, 5, 0.1)
    text = delegations_comparison(
        [
            DelegationsWay("nsupdate", 20, _time(40), _time(20), each, each),
            DelegationsWay("delegations", 1000, _time(20), _time(10), all_in_one, all_in_one, goal=True),
        ]
    )
    assert "met     delegations, first run: 100 times faster" in text
    assert "met     delegations, unchanged: 100 times faster" in text
    assert "0.001      5.00        0.100" in text


def test_messages_and_round_trips_are_counted() -> None:
    message = b"\0\x03abc"
    with socket.create_server((ADDRESS, 0)) as server, Line(server.getsockname()[1]) as line:
        client = socket.create_connection((ADDRESS, line.port), timeout=10)
        answering, _address = server.accept()
        with client, answering:
            answering.settimeout(10)
            # One by one, three at once, one in two pieces, and two of which the first has no answer yet.
            for sent, answers in ((message, 1), (message * 3, 3), (message[:1], 0), (message[1:], 1), (message, 0)):
                client.sendall(sent)
                _receive(answering, len(sent))
                answering.sendall(message * answers)
                _receive(client, len(message) * answers)
            client.sendall(message)
            _receive(answering, len(message))
        assert line.counts() == (1, 7, 4)


def _receive(connection: socket.socket, octets: int) -> None:
    while octets:
        data = connection.recv(octets)
        assert data
        octets -= len(data)


def _result(operation: Operation) -> dict[str, str]:
    result = operation.result()
    return {**result, "value": f"{result['value']}." if result["type"] == "NS" else result["value"]}
