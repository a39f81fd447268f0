# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Beginning at the parent's servers, and asking single addresses in their own way."""

from __future__ import annotations

import typing as t

import dns.rdatatype
import dns.tsig

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_RECORDS,
    CHILD_SOA,
    CUT,
    NS1,
    NS2,
    NS3,
    PARENT,
    PARENT2,
    PARENT_ZONE,
    ROOT,
    TLD,
    World,
    contoso,
    rcode,
)

KEY = dns.tsig.Key("inner.", b"secret")
# What these zones say of themselves does not matter here.
OF_THE_CUT = Selection.parse(["soa_owner", "delegation", "consistency"])


def verify(world: World, zone: object = CHILD, **settings: t.Any) -> ZoneReport:
    given = {"roots": (), "parent_servers": (PARENT, PARENT2), **settings}
    (report,) = verify_zones(parse_zones([zone]), settings=Settings(**given), transport=world)
    return report


def codes(report: ZoneReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_the_way_down_is_left_out() -> None:
    world = contoso()
    report = verify(world)
    assert (report.passed, report.parent, codes(report)) == (True, "contoso.example", [])
    assert {query.address for query in world.asked} == {PARENT, PARENT2, NS1, NS2}


def test_the_parent_is_the_zone_that_they_answer_from() -> None:
    world = World()
    for address in (PARENT, PARENT2):
        world.host(address, "example", f"@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\na.b 60 NS ns.a.b\nns.a.b 60 A {NS1}\n")
    world.host(NS1, "a.b.example", f"@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A {NS1}\n")
    report = verify(world, "a.b.example", selection=OF_THE_CUT)
    assert (report.parent, codes(report)) == ("example", ["too_few_name_servers"])


def test_a_missing_delegation_is_seen() -> None:
    assert codes(verify(contoso(cut=""))) == ["no_delegation"]


def test_missing_glue_is_missed_though_it_is_described() -> None:
    described = {
        "name": CHILD,
        "name_servers": [{"name": f"ns{n}.{CHILD}", "addresses": [a]} for n, a in ((1, NS1), (2, NS2))],
    }
    report = verify(contoso(cut=CUT.replace(f"ns2.mail 3600 A {NS2}", "")), described)
    assert "glue_missing" in codes(report)


def test_servers_that_are_not_those_of_the_parent() -> None:
    report = verify(contoso(), parent_servers=(TLD, "192.0.2.1"))
    assert codes(report) == ["parent_undetermined"]
    message = report.findings[0].message
    assert f"{TLD}: no SOA of a zone with that name" in message and "192.0.2.1: no answer in 1 s" in message
    assert "lame" not in codes(verify(contoso().script(PARENT, rcode("REFUSED"))))


def test_name_servers_in_the_parent_zone_are_looked_up_there_and_others_as_described() -> None:
    zone = f"{CHILD_SOA}\n@ 60 NS ns3.contoso.example.\n@ 60 NS ns.elsewhere.test.\n"
    world = contoso(cut="mail 60 NS ns3\nmail 60 NS ns.elsewhere.test.\n", parent=f"{PARENT_ZONE}ns3 60 A {NS3}\n")
    world.host(NS3, CHILD, zone).host(NS2, CHILD, zone)
    described = {
        "name": CHILD,
        "name_servers": ["ns3.contoso.example", {"name": "ns.elsewhere.test", "addresses": [NS2]}],
    }
    assert codes(verify(world, described, selection=OF_THE_CUT)) == []
    report = verify(world, selection=OF_THE_CUT)
    # Without roots nobody can say where ns.elsewhere.test is.
    assert codes(report) == []
    assert "the name server ns.elsewhere.test: it cannot be resolved" in report.not_checked[0]
    assert "no roots are given to start from" in report.not_checked[0]


def test_predelegation_looks_names_up_at_the_parent_without_asking_about_the_zone() -> None:
    zone = f"{CHILD_SOA}\n@ 60 NS ns1.contoso.example.\n@ 60 NS ns2.contoso.example.\n"
    world = contoso(cut="").host(PARENT, CHILD, zone).host(PARENT2, CHILD, zone)
    described = {"name": CHILD, "name_servers": ["ns1.contoso.example", "ns2.contoso.example"]}
    assert codes(verify(world, described, predelegation=True, selection=OF_THE_CUT)) == ["ns_one_network"]


def test_private_by_the_addresses_that_come_first() -> None:
    assert Settings(parent_servers=("10.0.0.1",)).private
    assert not Settings(parent_servers=("198.41.0.4",), roots=("10.0.0.1",)).private


def test_each_address_at_its_port_with_the_key_where_it_counts() -> None:
    world = contoso()
    verify(world, parent_servers=(), roots=(ROOT,), access=Access(ports={NS1: 5353, ROOT: 5300}, key=KEY))
    assert {(query.address, query.port) for query in world.asked} == {
        *((ROOT, 5300), (TLD, 53), (PARENT, 53), (PARENT2, 53)),
        *((NS1, 5353), (NS2, 53)),
    }
    assert {query.address for query in world.asked if query.key} == {NS1, NS2}


def test_given_parents_have_the_key() -> None:
    world = contoso()
    verify(world, access=Access(key=KEY, given=frozenset((PARENT, PARENT2))))
    assert all(query.key == KEY for query in world.asked if not query.variation.recursion)


def test_what_everybody_may_is_asked_without_the_key() -> None:
    world = contoso()
    verify(world, access=Access(key=KEY), selection=Selection.parse(["open_recursor", "open_transfer", "no_edns"]))
    unsigned = [query for query in world.asked if query.address in (NS1, NS2) and query.key is None]
    assert {query.address for query in unsigned} == {NS1, NS2}
    assert all(query.variation.recursion or query.rdtype == dns.rdatatype.AXFR for query in unsigned)
    assert {query.rdtype for query in unsigned} == {dns.rdatatype.A, dns.rdatatype.AXFR}


def test_hosts_out_of_reach_are_looked_up_on_request() -> None:
    world = contoso(child=f"{CHILD_SOA}{CHILD_RECORDS}@ 3600 MX 20 nowhere.contoso.example.\n")
    wanted = Selection.parse(["mx_unresolvable"])
    assert codes(verify(world)) == []
    assert codes(verify(world, roots=(ROOT,))) == ["mx_unresolvable"]
    assert codes(verify(world, selection=wanted)) == ["mx_unresolvable"]


def test_only_some_have_the_key() -> None:
    world = contoso()
    verify(world, access=Access(key=KEY, key_servers=frozenset((PARENT, NS1)), given=frozenset((PARENT, PARENT2))))
    assert {query.address for query in world.asked if query.key} == {PARENT, NS1}


def test_the_records_of_a_changed_child_do_not_matter_for_the_parent() -> None:
    report = verify(contoso(child=f"{CHILD_SOA.replace('2026112100', '7')}{CHILD_RECORDS}"))
    assert (report.serial, report.parent) == (7, "contoso.example")
