# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones judged as another one was: what comes out is what comes out of looking at each in full."""

from __future__ import annotations

import asyncio
import datetime
import typing as t
from dataclasses import dataclass
from unittest import mock

import dns.flags
import dns.message
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils import _verify
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import PlainMessage, name_wire, read_plain
from ansible_collections.zonecut.dns.plugins.module_utils._probe import observe_zone
from ansible_collections.zonecut.dns.plugins.module_utils._transport import (
    Asked,
    Query,
    Receiver,
    Reply,
    Transport,
    Volley,
    Volleyed,
    VolleyReceiver,
)
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.nightly import NIGHTLY
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    NS1,
    NS2,
    ROOT,
    ROOT_ZONE,
    TLD,
    World,
    rcode,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.signed_zones import KSK, NOW, Signing

TLD_ZONE = f"""
@ 3600 SOA ns hostmaster 1 3600 900 1209600 300
@ 3600 NS ns
ns 3600 A {TLD}
ns1.hoster 3600 A {NS1}
ns2.hoster 3600 A {NS2}
"""
ZONE = """
@ 3600 SOA {mname} hostmaster {serial} 3600 900 1209600 300
{ns_set}
@ {ttl} MX 10 {exchange}
@ 3600 A 198.51.100.1
@ 3600 TXT "{text}"
mail 3600 A 198.51.100.2
www 3600 CNAME mail
ns1 3600 A {NS1}
ns2 3600 A {NS2}
"""
# All of one length, as is the label of the zone in which the name servers have their names.
LABELS = ("hoster", *(f"cust{letter}{letter}" for letter in "abcdefghijklm"))


@dataclass(frozen=True)
class Made:
    """A zone of the fleet, where it differs from the others; ``second`` is what its second server has instead."""

    serial: int = 2026112201
    mname: str = "ns1.hoster.example."
    servers: tuple[str, ...] = ("ns1.hoster.example.", "ns2.hoster.example.")
    exchange: str = "mail"
    text: str = "v=spf1 mx -all"
    ttl: int = 3600
    second: t.Mapping[str, t.Any] | None = None
    delegated_to: tuple[str, ...] = ("ns1.hoster.example.", "ns2.hoster.example.")
    misbehaviour: str = ""

    def zone(self, **changes: t.Any) -> str:
        values = {**self.__dict__, **changes}
        ns_set = "\n".join(f"@ 3600 NS {server}" for server in values["servers"])
        return ZONE.format(**values, ns_set=ns_set, NS1=NS1, NS2=NS2)


# By name, what may be different in one zone, {0} its name and {1} that of another zone.
DIFFERENCES: dict[str, Made] = {
    "nothing": Made(),
    "another serial": Made(serial=2026010100),
    "serials that differ": Made(second={"serial": 2026112202}),
    "another order": Made(servers=("ns2.hoster.example.", "ns1.hoster.example.")),
    "another order at one server": Made(second={"servers": ("ns2.hoster.example.", "ns1.hoster.example.")}),
    "a TTL of its own": Made(ttl=60),
    "TTLs that differ": Made(second={"ttl": 60}),
    "another text": Made(text="v=spf1 -all"),
    "texts that differ": Made(second={"text": "v=spf1 -all"}),
    "its name in a text": Made(text="v=spf1 include:{0} -all"),
    "the name of another in a text": Made(text="v=spf1 include:{1} -all"),
    "mail elsewhere": Made(exchange="mail.{1}."),
    "mail at its own name": Made(exchange="@"),
    "mail at an alias": Made(exchange="www"),
    "mail nowhere": Made(exchange="nowhere"),
    "mail at nobody's": Made(exchange="mail.absent.example."),
    "a primary in the zone": Made(mname="ns1"),
    "a primary elsewhere": Made(mname="ns1.{1}."),
    "servers in the zone": Made(servers=("ns1", "ns2"), delegated_to=("ns1.{0}.", "ns2.{0}.")),
    "servers in the zone that only it knows": Made(servers=("ns1", "ns2")),
    "servers in another zone": Made(servers=("ns1.{1}.", "ns2.{1}."), delegated_to=("ns1.{1}.", "ns2.{1}.")),
    "a server that only the parent knows": Made(delegated_to=("ns1.hoster.example.", "ns3.hoster.example.")),
    "one server": Made(servers=("ns1.hoster.example.",), delegated_to=("ns1.hoster.example.",)),
    "no delegation": Made(delegated_to=()),
    "refused by the second server": Made(misbehaviour="refused"),
    "refused by TCP": Made(misbehaviour="refused by TCP"),
    "silent to MX": Made(misbehaviour="silent to MX"),
    "without AAAA": Made(misbehaviour="without AAAA"),
    "not loaded": Made(misbehaviour="not loaded"),
    "without authority": Made(misbehaviour="without authority"),
    "slow": Made(misbehaviour="slow"),
}


class Plain(Transport):
    """A world whose answers are read from the wire, as those from the network are.

    :arg slow: zones.
    :arg volleys: whether it takes several questions as one.
    """

    def __init__(self, world: World, slow: t.Collection[str], *, volleys: bool) -> None:
        self._world = world
        self._slow = slow
        self.takes_volleys = volleys

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        def receive(reply: Reply | BaseException) -> None:
            if isinstance(reply, Reply) and isinstance(reply.message, dns.message.Message):
                wire = reply.message.to_wire(max_size=65535)
                question = wire[12 : 12 + len(name_wire(query.name.labels)) + 4]
                read = read_plain(wire, identifier=wire[:2], question=question, unread=query.unread)
                seconds = 3.0 if any(query.name.to_text().endswith(f"{zone}.") for zone in self._slow) else 0.01
                reply = reply._replace(message=read or reply.message, seconds=seconds)
            receiver(reply)

        return self._world.begin(query, receive)

    def begin_volley(self, volley: Volley, receiver: VolleyReceiver) -> Asked:
        async def ask() -> None:
            replies = await self.ask_all([_query(volley, b"\0\0" + b"".join(message)) for message in volley.messages])
            wires = [None if reply.message is None else _wire(reply) for reply in replies]
            receiver(Volleyed(wires, max(reply.seconds or 0.01 for reply in replies)))

        return asyncio.ensure_future(ask())


def _query(volley: Volley, wire: bytes) -> Query:
    request = dns.message.from_wire(wire)
    (asked,) = request.question
    return Query(
        *(volley.address, volley.port, asked.name, asked.rdtype, volley.protocol),
        payload=request.payload if request.edns >= 0 else None,
        dnssec=bool(request.ednsflags & dns.flags.DO),
    )


def _wire(reply: Reply) -> bytes:
    message = reply.message
    return (
        message.to_wire(max_size=65535)
        if isinstance(message, dns.message.Message)
        else t.cast(PlainMessage, message).wire
    )


def served(zones: t.Mapping[str, Made], *, volleys: bool) -> Plain:
    """Return the servers of these zones, by label."""
    names = {label: f"{label}.example" for label in zones}
    others = dict(zip(zones, [*list(names.values())[1:], *list(names.values())[:1]]))
    cuts = ""
    world = World().host(ROOT, ".", ROOT_ZONE)
    slow = []
    for label, made in zones.items():
        name, other = names[label], others[label]
        cuts += "".join(f"{label} 3600 NS {server.format(name, other)}\n" for server in made.delegated_to)
        if any(server.startswith("ns1.{0}") for server in made.delegated_to):
            cuts += f"ns1.{label} 3600 A {NS1}\nns2.{label} 3600 A {NS2}\n"
        world.host(NS1, name, made.zone().format(name, other))
        world.host(NS2, name, made.zone(**made.second or {}).format(name, other))
        if made.misbehaviour == "refused":
            world.drop(NS2, name)
        elif made.misbehaviour == "refused by TCP":
            world.script(NS1, rcode("REFUSED"), name=name, protocol="tcp")
        elif made.misbehaviour == "silent to MX":
            world.script(NS2, "timeout", name=name, rdtype="MX")
        elif made.misbehaviour == "without AAAA":
            world.script(NS1, rcode("SERVFAIL"), name=name, rdtype="AAAA")
        elif made.misbehaviour == "not loaded":
            world.drop(NS1, name)
            world.host(NS1, "example.", TLD_ZONE)
        elif made.misbehaviour == "without authority":
            world.script(NS1, _without_authority, name=name)
        elif made.misbehaviour == "slow":
            slow.append(name)
    world.host(TLD, "example.", TLD_ZONE + cuts)
    return Plain(world, slow, volleys=volleys)


def _without_authority(_query: Query, answer: dns.message.Message) -> dns.message.Message:
    answer.flags &= ~dns.flags.AA
    return answer


class Verified(t.NamedTuple):
    """Reports by zone, and which zones were looked at in full; ``asked`` counts the questions."""

    reports: dict[str, tuple[t.Any, ...]]
    in_full: list[str]
    asked: int


def verified(zones: t.Mapping[str, Made], *, alike: bool = True, volleys: bool = True, **options: t.Any) -> Verified:
    """Verify all of the zones, one at a time unless there is another ``concurrency``."""
    transport, observe = served(zones, volleys=volleys), mock.Mock(wraps=observe_zone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_verify, "observe_zone", observe)
        if "concurrency" not in options:
            patch.setattr(_verify, "_each", _one_at_a_time)
        if not alike:
            patch.setattr(_verify, "_examples", lambda *_given: None)
        reports = verify_zones(
            parse_zones([f"{label}.example" for label in zones]),
            settings=Settings(**{"roots": (ROOT,), **options}),
            transport=transport,
            random_label=lambda: "absent-from-all",
        )
    in_full = [call.args[0].text for call in observe.call_args_list]
    return Verified({report.name: _shown(report) for report in reports}, in_full, len(transport._world.asked))


async def _one_at_a_time(
    zones: t.Sequence[Zone], work: t.Callable[[Zone], t.Awaitable[t.Any]], *, concurrency: int
) -> list[t.Any]:
    assert concurrency
    return [await work(zone) for zone in zones]


def _shown(report: ZoneReport) -> tuple[t.Any, ...]:
    return (report.result(), report.gaps, report.untested)


def fleet(*differences: str) -> dict[str, Made]:
    """Return zones that differ like that, in their order."""
    return {label: DIFFERENCES[difference] for label, difference in zip(LABELS[1:], differences)}


class TestFleets:
    @pytest.mark.parametrize("volleys", [True, False])
    def test_a_healthy_one_is_looked_at_in_full_once(self, volleys: bool) -> None:
        zones = fleet(*["nothing"] * 12)
        with_examples, without = verified(zones, volleys=volleys), verified(zones, alike=False)
        assert with_examples.in_full == ["custaa.example"]
        assert len(without.in_full) == 12
        assert with_examples.reports == without.reports
        assert with_examples.asked == without.asked

    def test_each_has_its_own_serial(self) -> None:
        zones = fleet("nothing", *["another serial", "nothing"] * 5)
        found = verified(zones)
        assert found.in_full == ["custaa.example"]
        assert {name: shown[0]["serial"] for name, shown in found.reports.items()} == {
            f"{label}.example": made.serial for label, made in zones.items()
        }

    def test_serials_are_looked_at_where_they_are_to_be_dates(self) -> None:
        zones = fleet("nothing", *["another serial", "nothing"] * 5)
        found = verified(
            zones,
            last_serial_date=datetime.date(2026, 11, 22),
            selection=Selection.parse(["all"]),
        )
        assert "custbb.example" in found.in_full

    @pytest.mark.parametrize("order", ["another order", "another order at one server"])
    def test_another_order_is_no_difference(self, order: str) -> None:
        assert verified(fleet("nothing", *[order, "nothing"] * 5)).in_full == ["custaa.example"]

    def test_two_templates_are_two_examples(self) -> None:
        zones = fleet("nothing", "another text", *["nothing", "another text"] * 5)
        assert verified(zones).in_full == ["custaa.example", "custbb.example"]

    def test_what_most_are_like_stays_an_example(self) -> None:
        odd = {f"odd{number:03}": Made(text=f"v=spf1 ip4:192.0.2.{number} -all") for number in range(20)}
        common = {f"zone{number:02}": Made() for number in range(40)}
        pairs = zip(list(common.items())[::2], list(common.items())[1::2], odd.items())
        in_full = verified(dict(each for three in pairs for each in three)).in_full
        assert in_full == ["zone00.example", *(f"{label}.example" for label in odd)]

    def test_a_template_that_came_late_finds_room(self) -> None:
        def several(name: str, number: int, made: Made) -> dict[str, Made]:
            return {f"{name}{index:02}": made for index in range(number)}

        odd = {f"odd-{number:04}": Made(text=f"v=spf1 ip4:192.0.2.{number} -all") for number in range(9)}
        late = zip(*(several(name, 8, Made(text=name)).items() for name in ("late-a", "late-b", "late-c")))
        found = verified({**several("zone-a", 16, Made()), **odd, **dict(each for three in late for each in three)})
        first = ["late-a00.example", "late-b00.example", "late-c00.example"]
        assert found.in_full == ["zone-a00.example", *(f"{label}.example" for label in odd), *first]

    def test_what_was_never_alike_is_no_longer_tried(self) -> None:
        zones = {label: Made(text=f"v=spf1 ip4:192.0.2.{number} -all") for number, label in enumerate(LABELS[1:])}
        with_examples, without = verified(zones), verified(zones, alike=False)
        assert with_examples.reports == without.reports
        assert len(with_examples.in_full) == len(zones)
        assert without.asked < with_examples.asked < 2 * without.asked

    @pytest.mark.parametrize(
        "options",
        [{"pictures": True}, {"expect_serial": {next(iter(parse_zones(["custaa.example"]))).name: 1}}],
    )
    def test_what_is_about_each_zone_is_looked_at_in_full(self, options: dict[str, t.Any]) -> None:
        assert len(verified(fleet(*["nothing"] * 6), **options).in_full) == 6

    def test_names_of_another_length_are_another_kind(self) -> None:
        zones = {label: Made() for label in ("shop-1", "shop-2", "shop-3", "shop-4", "shop-5", "shop-6", "shop-10")}
        assert verified(zones).in_full == ["shop-1.example", "shop-10.example"]


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_one_that_is_different_is_judged_for_itself(difference: str) -> None:
    zones = fleet(*["nothing"] * 3, difference, *["nothing"] * 4)
    with_examples, without = verified(zones), verified(zones, alike=False)
    assert with_examples.reports == without.reports
    healthy = ("nothing", "another serial", "another order", "another order at one server")
    assert (difference in healthy) is ("custdd.example" not in with_examples.in_full)
    assert "custhh.example" not in with_examples.in_full


def judged(world: World, zones: t.Sequence[str], **options: t.Any) -> dict[str, t.Any]:
    """Return the reports on zones that are verified one after the other in one run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_verify, "_each", _one_at_a_time)
        reports = verify_zones(
            parse_zones(zones),
            settings=Settings(roots=(ROOT,), **options),
            transport=Plain(world, (), volleys=True),
            random_label=lambda: "absent-from-all",
            now=lambda: NOW,
        )
    return {report.name: _shown(report) for report in reports}


def test_copies_of_a_signed_zone_are_not_alike() -> None:
    names = [f"{label}.example" for label in LABELS[1:9]]
    signed = Signing().sign(names[0], Made().zone().format(names[0], ""))
    servers = "".join(f"{{0}}. 3600 NS {server}\n" for server in Made().servers)
    cuts = "".join(f"{servers}{{0}}. 3600 DS {KSK.ds(names[0])}\n".format(name) for name in names)
    world = World().host(ROOT, ".", ROOT_ZONE).host(TLD, "example.", TLD_ZONE + cuts + servers.format("hoster.example"))
    for name in ("hoster.example", *names):
        text = signed.replace(f"{names[0]}.", f"{name}.") if name in names else Made().zone().format(name, "")
        world.host(NS1, name, text).host(NS2, name, text)
    together = judged(world, names)
    assert together == {name: judged(world, [name])[name] for name in names}
    assert not together[names[0]][0]["findings"]
    # Digests and signatures are those of another name.
    for name in names[1:]:
        assert {finding["code"] for finding in together[name][0]["findings"]} >= {"ds_no_dnskey", "rrsig_invalid"}


def test_addresses_that_lead_back_to_one_zone_are_those_of_others_too() -> None:
    zones = {label: Made() for label in LABELS[:9]}
    transport = served(zones, volleys=True)
    world = transport._world
    world.host(ROOT, ".", f"{ROOT_ZONE}in-addr.arpa. 3600 NS ns.root.\n")
    soa = "@ 3600 SOA ns.root. hostmaster 1 3600 900 1209600 300\n@ 3600 NS ns.root.\n"
    pointers = [("198.51.100.2", "mail.custaa.example."), (NS1, "ns1.hoster.example."), (NS2, "ns2.hoster.example.")]
    world.host(
        ROOT, "in-addr.arpa", soa + "".join(f"{_reversed(address)} 3600 PTR {name}\n" for address, name in pointers)
    )
    names = [f"{label}.example" for label in LABELS[1:9]]
    selection = Selection.parse(["reverse_mismatch"])
    together = judged(world, names, selection=selection)
    assert together == {name: judged(world, [name], selection=selection)[name] for name in names}
    assert not together[names[0]][0]["findings"]
    for name in names[1:]:
        assert [finding["code"] for finding in together[name][0]["findings"]] == ["reverse_mismatch"]


def _reversed(address: str) -> str:
    return ".".join(reversed(address.split(".")))


@pytest.mark.parametrize("first", range(0, len(DIFFERENCES), 10))
def test_whatever_is_checked_comes_out(first: int) -> None:
    zones = fleet("nothing", *list(DIFFERENCES)[first : first + 10], "nothing", "nothing")
    selection = Selection.parse(["all"])
    assert verified(zones, selection=selection).reports == verified(zones, alike=False, selection=selection).reports


@settings(
    max_examples=2000 if NIGHTLY else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(
        st.one_of(st.just("nothing"), st.sampled_from(sorted(DIFFERENCES))), min_size=len(LABELS), max_size=len(LABELS)
    ),
    st.permutations(LABELS),
    st.sampled_from([1, 3, 20, 50]),
    st.booleans(),
)
def test_any_fleet_is_judged_as_if_each_zone_were_alone(
    differences: list[str], labels: list[str], concurrency: int, volleys: bool
) -> None:
    zones = {label: DIFFERENCES[difference] for label, difference in zip(labels, differences)}
    zones["hoster"] = Made(**{**zones["hoster"].__dict__, "delegated_to": Made().delegated_to})
    with_examples = verified(zones, concurrency=concurrency, volleys=volleys)
    assert with_examples.reports == verified(zones, alike=False, concurrency=concurrency).reports
