# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifying as a whole: what passes, what is waited for, what is asked before delegation, and how many times."""

from __future__ import annotations

import asyncio
import typing as t
import weakref

import dns.exception
import dns.message
import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils import _verify
from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import ALWAYS, CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ZoneView, observe_zone
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Query, Reply
from ansible_collections.zonecut.dns.plugins.module_utils._verify import (
    Selection,
    Settings,
    ZoneReport,
    described_addresses,
    verify_zones,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_RECORDS,
    CHILD_SOA,
    CHILD_ZONE,
    CUT,
    NS1,
    NS2,
    PARENT,
    PARENT2,
    PARENT_ZONE,
    ROOT,
    TLD,
    World,
    contoso,
    rcode,
)

DESCRIBED = {
    "name": CHILD,
    "name_servers": [
        {"name": f"ns1.{CHILD}", "addresses": [NS1]},
        {"name": f"ns2.{CHILD}", "addresses": [NS2]},
    ],
}


class Time:
    """A clock that only its own sleep moves, and what happens on the way."""

    def __init__(self, **events: t.Any) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.events: dict[int, t.Callable[[], object]] = events.get("events", {})

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        event = self.events.get(len(self.pauses))
        if event is not None:
            event()


def verify(world: World, *zones: object, time: Time | None = None, **settings: t.Any) -> list[ZoneReport]:
    time = time or Time()
    return verify_zones(
        parse_zones(list(zones) or [CHILD]),
        settings=Settings(roots=(ROOT,), **settings),
        transport=world,
        clock=time.clock,
        sleep=time.sleep,
        random_label=lambda: "absent",
    )


def codes(report: ZoneReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_reports_come_in_the_order_of_the_zones() -> None:
    names = ["contoso.example", CHILD, "absent.example", "example"]
    assert [report.name for report in verify(contoso(), *names)] == names


def test_no_zone_needs_no_question() -> None:
    world = contoso()
    assert verify_zones((), settings=Settings(roots=(ROOT,)), transport=world) == []
    assert world.asked == []


def test_findings_come_from_the_worst_down() -> None:
    world = contoso().host(NS2, CHILD, f"{CHILD_SOA.replace('hostmaster', 'postmaster')}{CHILD_RECORDS}@ 3600 NS ns3\n")
    world.script(NS1, rcode("REFUSED"), protocol="tcp")
    (report,) = verify(world)
    assert [finding.severity for finding in report.findings] == ["error", "error", "warning", "warning", "notice"]


@pytest.mark.parametrize(
    ("fail_on", "passed"), [("critical", True), ("error", True), ("warning", True), ("notice", False)]
)
def test_a_notice_fails_only_who_asks_for_it(fail_on: t.Any, passed: bool) -> None:
    soa = CHILD_SOA.replace("hostmaster", "postmaster")
    (report,) = verify(contoso().host(NS2, CHILD, f"{soa}{CHILD_RECORDS}"), fail_on=fail_on)
    assert (codes(report), report.passed) == (["soa_rname_differs"], passed)


def test_severities_can_be_set_by_code() -> None:
    soa = CHILD_SOA.replace("hostmaster", "postmaster")
    (report,) = verify(contoso().host(NS2, CHILD, f"{soa}{CHILD_RECORDS}"), severity={"soa_rname_differs": "critical"})
    assert ([finding.severity for finding in report.findings], report.passed) == (["critical"], False)


def test_the_serial_is_the_newest_by_rfc_1982() -> None:
    world = contoso()
    world.host(NS1, CHILD, f"{CHILD_SOA.replace('2026112100', '4294967295')}{CHILD_RECORDS}")
    world.host(NS2, CHILD, f"{CHILD_SOA.replace('2026112100', '3')}{CHILD_RECORDS}")
    assert verify(world)[0].serial == 3


@pytest.mark.parametrize(
    ("chosen", "holds", "lacks"),
    [
        ([], "ns_one_network", None),
        (["soa_owner"], "lame_rcode", "ns_one_network"),
        (["ns_one_network"], "ns_one_network", "lame_rcode"),
        (["-ns_one_network"], "lame_rcode", "ns_one_network"),
        (["-delegation"], "lame_rcode", "ns_one_network"),
        (["delegation", "-ns_one_network"], "glue_missing", "ns_one_network"),
        (["delegation", "-ns_one_network"], "glue_missing", "lame_rcode"),
        ([], "no_edns", "open_transfer"),
        (["-no_edns"], "breaks_on_edns", "software_revealed"),
        (["name_server"], "open_transfer", "reverse_missing"),
        (["all"], "reverse_mismatch", None),
        (["all", "-mail"], "software_revealed", "reverse_mismatch"),
    ],
)
def test_selection(chosen: list[str], holds: str, lacks: str | None) -> None:
    selection = Selection.parse(chosen)
    assert selection.holds(holds)
    assert lacks is None or not selection.holds(lacks)


def test_what_shows_that_nothing_was_seen_cannot_be_left_out() -> None:
    selection = Selection.parse([f"-{family}" for family in {check.family for check in CATALOGUE.values()}])
    assert {code for code in CATALOGUE if selection.holds(code)} == ALWAYS
    silent = contoso().script(NS1, "timeout").script(NS2, "timeout")
    (report,) = verify(silent, selection=Selection.parse(["consistency"]))
    assert (codes(report), report.passed) == (["no_working_server"], False)


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(DescriptionError, match="'-soa_ovner': not a code of the catalogue nor a family"):
        Selection.parse(["-soa_ovner"])


def test_without_wait_it_is_asked_once() -> None:
    time = Time()
    (report,) = verify(contoso().script(NS1, rcode("REFUSED")), time=time)
    assert (report.passed, time.pauses) == (False, [])


def test_waiting_asks_again_with_growing_pauses_until_it_holds() -> None:
    world = contoso().script(NS1, rcode("REFUSED"))
    time = Time(events={3: world.servers[NS1].scripts.clear})
    (report,) = verify(world, time=time, wait=3600)
    assert (report.passed, report.findings, time.pauses) == (True, (), [1, 2, 4])


def test_waiting_ends_at_the_limit_with_the_last_state() -> None:
    world = contoso().script(NS1, rcode("REFUSED"))
    time = Time(events={2: lambda: world.script(NS1, rcode("SERVFAIL"))})
    (report,) = verify(world, time=time, wait=100)
    assert time.pauses == [1, 2, 4, 8, 16, 30, 30, 9]
    assert [finding.got for finding in report.findings] == ["SERVFAIL"]


def test_waiting_asks_only_what_failed() -> None:
    world = contoso().script(NS1, rcode("REFUSED"), name=CHILD)
    before: list[int] = []
    time = Time(events={1: lambda: before.append(len(world.asked))})
    reports = verify(world, "contoso.example", CHILD, time=time, wait=1)
    assert [report.passed for report in reports] == [True, False]
    again = [query.name.to_text() for query in world.asked[before[0] :]]
    assert "mail.contoso.example." in again
    assert world.questions(rdtype="MX").count("contoso.example MX") == 2


def test_an_address_found_dead_is_asked_again_when_waiting() -> None:
    world = contoso().script(NS2, "timeout")
    time = Time(events={1: world.servers[NS2].scripts.clear})
    (report,) = verify(world, time=time, wait=60)
    assert (report.passed, time.pauses) == (True, [1])


def test_waiting_for_a_serial() -> None:
    (zone,) = parse_zones([CHILD])
    new = f"{CHILD_SOA.replace('2026112100', '2026112101')}{CHILD_RECORDS}"
    world = contoso().host(NS1, CHILD, new)
    time = Time(events={2: lambda: world.host(NS2, CHILD, new)})
    (report,) = verify(world, time=time, wait=60, expect_serial={zone.name: 2026112101})
    assert (report.passed, report.serial, time.pauses) == (True, 2026112101, [1, 2])


def test_differing_serials_are_waited_for() -> None:
    new = f"{CHILD_SOA.replace('2026112100', '2026112101')}{CHILD_RECORDS}"
    world = contoso().host(NS1, CHILD, new)
    time = Time(events={1: lambda: world.host(NS2, CHILD, new)})
    assert verify(world, time=time, wait=60)[0].passed
    assert time.pauses == [1]


class Alarm(Time):
    """A clock whose deadline is over once a question was asked that ``until`` names."""

    def __init__(self, world: World, *, until: str) -> None:
        super().__init__()
        self.world = world
        self.until = until

    async def sleep(self, seconds: float) -> None:
        while self.until not in self.world.questions():
            await asyncio.sleep(0)
        await super().sleep(seconds)


def test_what_the_deadline_leaves_unseen_fails() -> None:
    world = contoso()
    time = Alarm(world, until=f"{CHILD} MX")
    reports = verify(
        world,
        *("contoso.example", CHILD, "absent.example"),
        time=time,
        deadline=90,
        concurrency=1,
        selection=Selection.parse(["soa_owner"]),
        fail_on="critical",
    )
    assert [(report.name, report.passed, codes(report)) for report in reports] == [
        ("contoso.example", True, []),
        (CHILD, False, ["deadline_exceeded"]),
        ("absent.example", False, ["deadline_exceeded"]),
    ]
    assert time.pauses == [90] and "deadline of 1m30s" in reports[1].findings[0].message
    assert not world.questions(rdtype="DS")[3:]


def test_a_deadline_that_is_not_reached_changes_nothing() -> None:
    class Never(Time):
        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()

    assert verify(contoso(), time=Never(), deadline=1) == verify(contoso())


def test_the_deadline_while_waiting_keeps_what_was_seen_last() -> None:
    class Second(Time):
        """Waiting never ends by itself; the deadline does when waiting has begun."""

        async def sleep(self, seconds: float) -> None:
            self.pauses.append(seconds)
            while seconds != 50 or 1 not in self.pauses:
                await asyncio.sleep(0)

    (report,) = verify(contoso().script(NS1, rcode("REFUSED")), time=Second(), wait=3600, deadline=50)
    assert codes(report) == ["lame_rcode"]


def test_processes_share_the_zones_and_reports_keep_their_order() -> None:
    names = ["contoso.example", CHILD, "absent.example", "example", "other.example"]
    world = contoso().script(NS1, rcode("REFUSED"), name=CHILD)
    assert verify(world, *names, processes=3) == verify(world, *names)
    assert [report.name for report in verify(world, *names, processes=8, concurrency=1)] == names


def test_what_was_seen_of_a_zone_is_dropped_with_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[weakref.ref[ZoneView]] = []
    alive: list[int] = []

    async def remembered(zone: t.Any, *, resolver: t.Any, protocol: t.Any, label: str, **options: t.Any) -> ZoneView:
        view = await observe_zone(zone, resolver=resolver, protocol=protocol, label=label, **options)
        seen.append(weakref.ref(view))
        alive.append(sum(one() is not None for one in seen))
        return view

    monkeypatch.setattr(_verify, "observe_zone", remembered)
    names = [f"zone{number}.contoso.example" for number in range(60)]
    assert [report.name for report in verify(contoso(), *names, concurrency=4)] == names
    assert len(seen) == 60 and max(alive) <= 8


class Steps(World):
    """Counts how many questions had to wait for one another; those that are asked at once take one step together."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self._under_way: list[asyncio.Future[None]] = []

    async def ask(self, query: Query) -> Reply:
        turn = asyncio.get_running_loop().create_future()
        self._under_way.append(turn)
        if len(self._under_way) == 1:
            asyncio.ensure_future(self._step())
        await turn
        return await super().ask(query)

    async def _step(self) -> None:
        # All that can go on without an answer does so first.
        for _pass in range(50):
            await asyncio.sleep(0)
        self.steps += 1
        together, self._under_way = self._under_way, []
        for turn in together:
            turn.set_result(None)


def test_one_zone_takes_few_round_trips() -> None:
    world = Steps()
    world.servers = contoso().servers
    (report,) = verify(world)
    assert report.passed
    # From the root down to the parent, the cut, all that an address is asked, and the hosts: TCP adds its handshake.
    assert world.steps <= 6


def test_before_delegation_nothing_above_is_asked() -> None:
    world = contoso(cut="")
    (report,) = verify(world, DESCRIBED, predelegation=True)
    assert (report.passed, report.findings, report.parent) == (True, (), None)
    assert {query.address for query in world.asked} == {NS1, NS2}


def test_before_delegation_the_same_data_gives_the_same_findings() -> None:
    def broken(cut: str) -> World:
        world = contoso(cut=cut)
        world.drop(NS2, CHILD).host(NS2, "contoso.example", f"{PARENT_ZONE}mail 60 A 192.0.2.9\n")
        return world

    (before,) = verify(broken(""), DESCRIBED, predelegation=True)
    (after,) = verify(broken(CUT), DESCRIBED)
    assert codes(before) == ["soa_owner_mismatch"]
    assert before.findings == after.findings


def test_before_delegation_a_server_outside_is_found_from_the_root_down() -> None:
    child = f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2.contoso.example.\nns1 60 A {NS1}\n"
    world = contoso(cut="", child=child).host(PARENT2, CHILD, child)
    described = {
        "name": CHILD,
        "name_servers": [{"name": f"ns1.{CHILD}", "addresses": [NS1]}, "ns2.contoso.example"],
    }
    assert verify(world, described, predelegation=True)[0].findings == ()


def test_before_delegation_an_address_described_for_another_zone_holds() -> None:
    child = f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns.adatum.example.\nns1 60 A {NS1}\n"
    world = contoso(cut="", child=child)
    world.host(NS2, "adatum.example", f"@ 60 SOA ns h 1 2 3 4 5\n@ 3600 NS ns\nns 60 A {NS2}\n")
    mail = {"name": CHILD, "name_servers": [{"name": f"ns1.{CHILD}", "addresses": [NS1]}, "ns.adatum.example"]}
    other = {"name": "adatum.example", "name_servers": [{"name": "ns.adatum.example", "addresses": [NS2]}]}
    (report, _other) = verify(world, mail, other, predelegation=True)
    assert (report.findings, world.questions(ROOT)) == ((), [])


def test_only_some_of_the_zones_are_verified_while_all_tell_addresses() -> None:
    child = f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns.adatum.example.\nns1 60 A {NS1}\n"
    world = contoso(cut="", child=child)
    mail = {"name": CHILD, "name_servers": [{"name": f"ns1.{CHILD}", "addresses": [NS1]}, "ns.adatum.example"]}
    other = {"name": "adatum.example", "name_servers": [{"name": "ns.adatum.example", "addresses": [NS2]}]}
    (zone,) = parse_zones([CHILD])
    (report,) = verify(world, mail, other, predelegation=True, only=frozenset([zone.name]))
    assert (report.name, report.passed) == (CHILD, True)
    assert not any(question.startswith("adatum.example ") for question in world.questions())


def test_all_described_addresses_of_a_server_count() -> None:
    zones = parse_zones(
        [
            {"name": "a.example", "name_servers": [{"name": "ns.a.example", "addresses": [NS1, NS2]}, "ns.b.example"]},
            {"name": "b.example", "name_servers": [{"name": "ns.a.example", "addresses": [NS2, PARENT]}]},
        ]
    )
    assert described_addresses(zones) == {dns.name.from_text("ns.a.example"): (NS1, NS2, PARENT)}


def test_before_delegation_a_name_that_does_not_exist_yet_has_to_be_described() -> None:
    described = {
        "name": CHILD,
        "name_servers": [{"name": f"ns1.{CHILD}", "addresses": [NS1]}, "ns2.new.example"],
    }
    (report,) = verify(contoso(), described, predelegation=True)
    (finding,) = [finding for finding in report.findings if finding.code == "ns_no_address"]
    assert "does not exist, says example" in finding.message
    assert finding.message.endswith("Describe its addresses, so that it can be tested before its name exists.")


@pytest.mark.parametrize(
    ("name_servers", "code"),
    [([], "no_server_address"), ([f"ns1.{CHILD}", f"ns2.{CHILD}"], "no_server_address")],
)
def test_before_delegation_an_empty_set_never_passes(name_servers: list[str], code: str) -> None:
    (report,) = verify(contoso(), {"name": CHILD, "name_servers": name_servers}, predelegation=True)
    assert not report.passed
    assert codes(report)[0] == code


def test_a_healthy_zone_takes_few_questions() -> None:
    world = contoso()
    verify(world)
    # Root and TLD one each, the parent's two servers NS and DS, the zone's two 9 probes, 4 addresses, DNSKEY and 8 for
    # what is about the server.
    assert len(world.asked) == 1 + 1 + 2 * 2 + 2 * (9 + 4 + 1 + 8)


def test_what_is_not_of_a_zone_is_asked_once_for_all() -> None:
    world = contoso()
    verify(world, *(f"{zone}.contoso.example" for zone in ("mail", "absent")), "contoso.example")
    assert {address: world.questions(address).count(". NS") for address in (NS1, NS2, PARENT, PARENT2)} == {
        NS1: 1,
        NS2: 1,
        PARENT: 1,
        PARENT2: 1,
    }


def test_tcp_alone_asks_nothing_over_udp() -> None:
    world = contoso().script(NS1, "timeout", protocol="udp").script(NS2, "refused", protocol="tcp")
    (report,) = verify(world, transport="tcp")
    assert {query.protocol for query in world.asked} == {"tcp"}
    assert codes(report) == ["no_response_tcp"]


def test_a_silent_server_of_many_zones_is_given_up_soon() -> None:
    names = [f"zone-{number}" for number in range(50)]
    cut = "".join(
        f"{name} 3600 NS ns1.{name}\n{name} 3600 NS ns2.{name}\nns1.{name} 60 A {NS1}\nns2.{name} 60 A {NS2}\n"
        for name in names
    )
    world = contoso(cut=cut)
    for name in names:
        world.host(NS1, f"{name}.contoso.example", CHILD_ZONE)
    world.script(NS2, "timeout")
    reports = verify(world, *(f"{name}.contoso.example" for name in names), concurrency=5)
    assert {tuple(codes(report)) for report in reports} == {("no_response_udp", "no_response_tcp")}
    # Not one question more than were under way when the first two timed out, for each protocol.
    assert len(world.questions(NS2)) <= 2 * (2 + 5)


def test_a_server_that_sends_anything_at_all_does_no_harm() -> None:
    class Hostile(World):
        """Flips octets of every answer, each time others, and hands on what still parses."""

        def __init__(self) -> None:
            super().__init__()
            self.count = 0

        async def ask(self, query: Query) -> Reply:
            reply = await super().ask(query)
            if reply.message is None or query.address not in (NS1, NS2):
                return reply
            wire = bytearray(reply.message.to_wire())
            for step in range(1 + self.count % 3):
                self.count += 7919
                wire[12 + (self.count * (step + 1)) % (len(wire) - 12)] = self.count % 256
            try:
                message = dns.message.from_wire(bytes(wire), one_rr_per_rrset=True)
            except dns.exception.DNSException as exc:
                return Reply(query=query, failure="malformed", detail=str(exc))
            return Reply(query=query, message=message, seconds=0.1)

    world = Hostile()
    healthy = contoso()
    world.servers = healthy.servers
    for _round in range(40):
        (report,) = verify(world)
        assert report.name == CHILD
    assert {NS1, NS2, PARENT, TLD} <= {query.address for query in world.asked}
