# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one resolver's answers tell, and what they do not."""

from __future__ import annotations

import typing as t

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.tsig
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access
from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import ALWAYS, CATALOGUE, ON_REQUEST
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._through_resolver import SEEN_THROUGH_RESOLVER
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Failure, Query, Reply
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    NS1,
    NS2,
    PARENT_ZONE,
    World,
    rcode,
    records,
    without_aa,
    without_authority,
)

RESOLVER = "127.94.9.1"
DESCRIBED = {"name": CHILD, "name_servers": [f"ns1.{CHILD}", f"ns2.{CHILD}"]}
PARENT_SOA = "contoso.example. 60 SOA ns1.contoso.example. hostmaster.contoso.example. 1 3600 900 1209600 300"


class Resolving(World):
    """Servers that say of themselves that they resolve names."""

    async def ask(self, query: Query) -> Reply:
        """Answer with the RA bit."""
        reply = await super().ask(query)
        if reply.message is not None:
            reply.message.flags |= dns.flags.RA
        return reply


def resolving(zone: str = CHILD_ZONE) -> World:
    """Return a resolver that knows the zone by heart; to tell what it answers is all that is asked of it."""
    world = Resolving().host(RESOLVER, "contoso.example", PARENT_ZONE).host(RESOLVER, CHILD, zone)
    return world.script(RESOLVER, without_aa)


def verify(world: World, zone: object = CHILD, **settings: t.Any) -> ZoneReport:
    (report,) = verify_zones(
        parse_zones([zone]),
        settings=Settings(resolver=RESOLVER, roots=(), **settings),
        transport=world,
        clock=lambda: 0,
    )
    return report


# As from a server that hosts only the zone above, through a resolver that takes it.
foreign_negatives = records(authority=PARENT_SOA, aa=False)


def nxdomain_above(query: Query, answer: dns.message.Message) -> dns.message.Message:
    response = t.cast("dns.message.Message", foreign_negatives(query, answer))
    response.set_rcode(dns.rcode.NXDOMAIN)
    return response


def silent_below_root(query: Query, answer: dns.message.Message) -> dns.message.Message | Failure:
    return answer if query.name == dns.name.root else "timeout"


CASES: dict[str, tuple[World, list[str]]] = {
    "healthy": (resolving(), []),
    "SERVFAIL to everything": (resolving().script(RESOLVER, rcode("SERVFAIL")), ["resolver_failure"]),
    "SERVFAIL to MX alone": (resolving().script(RESOLVER, rcode("SERVFAIL"), rdtype="MX"), ["resolver_failure"]),
    "SERVFAIL to SOA alone": (resolving().script(RESOLVER, rcode("SERVFAIL"), rdtype="SOA"), ["resolver_failure"]),
    "silent for SOA": (resolving().script(RESOLVER, "timeout", rdtype="SOA"), ["resolver_unusable"]),
    "an authoritative server": (
        World().host(RESOLVER, CHILD, CHILD_ZONE).script(RESOLVER, without_aa),
        ["resolver_unusable"],
    ),
    "silent": (World(), ["resolver_unusable"]),
    "silent for the zone": (
        Resolving().host(RESOLVER, ".", "@ 60 SOA a. b. 1 2 3 4 5\n@ 60 NS a.").script(RESOLVER, silent_below_root),
        ["resolver_failure"],
    ),
    "no route": (resolving().script(RESOLVER, "no_route"), ["resolver_unusable"]),
    "key rejected": (resolving().script(RESOLVER, "key_rejected"), ["resolver_unusable"]),
    "REFUSED": (resolving().script(RESOLVER, rcode("REFUSED")), ["resolver_unusable"]),
    "a referral": (
        resolving().script(RESOLVER, records(authority="example. 60 NS ns.example.", aa=False)),
        ["resolver_unusable"],
    ),
    "the SOA of the zone above to MX": (
        resolving().script(RESOLVER, foreign_negatives, rdtype="MX"),
        ["soa_owner_mismatch"],
    ),
    "NXDOMAIN": (resolving().script(RESOLVER, nxdomain_above), ["no_delegation"]),
    "inside the zone above": (resolving().script(RESOLVER, foreign_negatives), ["no_delegation"]),
    "nothing at all": (
        resolving().script(RESOLVER, without_authority).script(RESOLVER, records(aa=False), rdtype="SOA"),
        ["resolver_failure"],
    ),
    "an alias": (
        resolving().script(RESOLVER, records(answer=f"{CHILD}. 60 CNAME www.example.", aa=False)),
        ["name_is_alias"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str) -> None:
    world, expected = CASES[case]
    report = verify(world)
    assert [finding.code for finding in report.findings] == expected
    assert report.passed == (not expected)


@pytest.mark.parametrize("case", [case for case, (_world, codes) in CASES.items() if set(codes) & ALWAYS])
def test_a_zone_of_which_nothing_is_seen_never_passes(case: str) -> None:
    report = verify(CASES[case][0], selection=Selection.parse(["consistency"]), fail_on="critical")
    assert not report.passed


def test_the_failure_is_told_with_both_repairs() -> None:
    (finding,) = verify(resolving().script(RESOLVER, rcode("SERVFAIL"), rdtype="MX")).findings
    assert finding.address == RESOLVER
    assert finding.message.startswith(
        f"The resolver {RESOLVER} answers SERVFAIL to MX {CHILD}, though it answers SOA {CHILD}, NS {CHILD}, "
    )
    assert f"Either load the zone {CHILD}, with an SOA and NS records of its own, on all of them, or" in finding.message
    assert "remove the delegation and put its records into the parent zone" in finding.message


def test_serial_and_recursion_by_one_resolver_alone() -> None:
    world = resolving()
    assert verify(world).serial == 2026112100
    assert {query.address for query in world.asked} == {RESOLVER}
    assert all(query.variation.recursion for query in world.asked)


def test_the_serial_that_is_expected() -> None:
    name = dns.name.from_text(CHILD)
    assert verify(resolving(), expect_serial={name: 2026112100}).passed
    report = verify(resolving(), expect_serial={name: 2026112101})
    assert [(finding.code, finding.got) for finding in report.findings] == [("serial_unexpected", "2026112100")]
    assert "keeps the SOA of mail.contoso.example for another 1h" in report.waiting_for[0]


def test_the_described_name_servers() -> None:
    assert verify(resolving(), DESCRIBED).findings == ()
    report = verify(resolving(CHILD_ZONE.replace("@ 3600 NS ns2", "@ 300 NS ns3")), DESCRIBED)
    assert [(finding.code, finding.server) for finding in report.findings] == [
        ("ns_missing_in_child", f"ns2.{CHILD}"),
        ("ns_missing_in_parent", f"ns3.{CHILD}"),
    ]
    assert "keeps the old NS set" in report.waiting_for[0]


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("SERVFAIL to everything", "its memory of the failure for up to 5m (RFC 9520)"),
        ("NXDOMAIN", "is not there for another 1m (the rest of the negative TTL, RFC 2308 section 5)"),
    ],
)
def test_what_the_cache_holds(case: str, sentence: str) -> None:
    (told,) = verify(CASES[case][0]).waiting_for
    assert sentence in told


def test_what_is_left_out_is_told_and_only_what_was_wanted() -> None:
    (told,) = verify(resolving()).not_checked
    left_out = set(told.partition(": ")[2].split(", "))
    # Serials are no dates there, so there is nothing to check.
    assert left_out == set(CATALOGUE) - SEEN_THROUGH_RESOLVER - ON_REQUEST - {"soa_serial_not_date"}
    (unseen,) = verify(resolving(), selection=Selection.parse(["resolver"])).unchecked
    assert unseen.codes == {"no_working_server", "no_server_address", "parent_undetermined"}


@pytest.mark.parametrize(
    ("script", "rdtype", "told"),
    [
        ("timeout", "MX", f"MX {CHILD} through the resolver {RESOLVER}: scripted timeout"),
        (rcode("NOTIMP"), "TYPE65399", f"TYPE65399 {CHILD} through the resolver {RESOLVER}: NOTIMP"),
    ],
)
def test_what_did_not_come_says_nothing_of_the_zone(script: t.Any, rdtype: str, told: str) -> None:
    report = verify(resolving().script(RESOLVER, script, rdtype=rdtype))
    assert (report.passed, report.findings, report.not_checked[1:]) == (True, (), (told,))


def test_port_and_key_of_the_resolver() -> None:
    key = dns.tsig.Key("inner.", b"secret")
    world = resolving()
    verify(world, access=Access(ports={RESOLVER: 5353}, key=key))
    assert all((query.port, query.key) == (5353, key) for query in world.asked)


def test_a_name_without_room_for_a_label() -> None:
    name = ".".join(["a" * 62] * 4)
    world = World().script(RESOLVER, rcode("SERVFAIL"))
    assert [finding.code for finding in verify(world, name).findings] == ["resolver_failure"]
    # With the one that asks whether it is alive.
    assert len(world.asked) == 5
    assert NS1 not in world.servers and NS2 not in world.servers
