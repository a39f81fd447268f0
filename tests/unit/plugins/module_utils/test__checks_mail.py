# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MX, SPF and reverse records against scripted servers."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    NS1,
    NS2,
    PARENT_ZONE,
    ROOT,
    ROOT_ZONE,
    TLD,
    World,
    contoso,
    rcode,
)

Expected = tuple[str, t.Optional[str]]


def verify(world: World, *, zone: object = CHILD, roots: tuple[str, ...] = (ROOT,), **settings: t.Any) -> ZoneReport:
    chosen = {"selection": Selection.parse(["all"]), **settings}
    (report,) = verify_zones(parse_zones([zone]), settings=Settings(roots=roots, **chosen), transport=world)
    return report


def found(report: ZoneReport, family: str) -> set[Expected]:
    return {(f.code, f.address) for f in report.findings if CATALOGUE[f.code].family == family}


def only(report: ZoneReport, code: str) -> Finding:
    (finding,) = [finding for finding in report.findings if finding.code == code]
    return finding


MX = "@ 3600 MX 10 mx\nmx 3600 A 192.0.2.25\n"
# Who answers for reverse names: the root's server, which has the zone itself.
REVERSE = """
@ 3600 SOA a b 1 3600 900 1209600 300
@ 3600 NS ns.root.
"""
POINTERS = f"""
1.3.94.127.in-addr.arpa. 3600 PTR ns1.{CHILD}.
1.4.94.127.in-addr.arpa. 3600 PTR ns2.{CHILD}.
25.2.0.192.in-addr.arpa. 3600 PTR mx.{CHILD}.
"""


def with_records(first: str, second: str | None = None) -> World:
    """Return the tree with more records, the second server with others."""
    base = CHILD_ZONE.replace('@ 3600 TXT "v=spf1 -all"', "")
    world = contoso(child=f"{base}{first}")
    return world if second is None else world.host(NS2, CHILD, f"{base}{second}")


def with_pointers(pointers: str, records: str = MX) -> World:
    world = with_records(records)
    world.host(ROOT, ".", f"{ROOT_ZONE}in-addr.arpa. 3600 NS ns.root.\n")
    return world.host(ROOT, "in-addr.arpa", f"{REVERSE}{pointers}")


def spf(text: str) -> World:
    return with_pointers(POINTERS, f'@ 3600 TXT "{text}"\n')


def outside(records: str) -> World:
    """Return the tree with an MX in the zone above, which has these records."""
    return contoso(child=f"{CHILD_ZONE}@ 3600 MX 10 mx.contoso.example.\n", parent=f"{PARENT_ZONE}{records}")


CASES: dict[str, tuple[World, set[str]]] = {
    "an MX and its address": (with_pointers(POINTERS), set()),
    "no MX": (with_pointers(POINTERS, ""), set()),
    "an MX by IPv6 alone": (
        with_pointers(POINTERS, "@ 3600 MX 10 mx\nmx 3600 AAAA 2001:db8::1\n"),
        {"reverse_missing"},
    ),
    "a null MX": (with_pointers(POINTERS, "@ 3600 MX 0 .\n"), set()),
    "a null MX and another": (with_pointers(POINTERS, f"{MX}@ 3600 MX 0 .\n"), {"null_mx_with_others"}),
    "an alias": (
        with_pointers(POINTERS, "@ 3600 MX 10 mx\nmx 3600 CNAME real\nreal 3600 A 192.0.2.25\n"),
        {"mx_alias"},
    ),
    "an alias to nothing": (
        with_pointers(POINTERS, "@ 3600 MX 10 mx\nmx 3600 CNAME real\n"),
        {"mx_alias", "mx_unresolvable"},
    ),
    "an MX that does not exist": (with_pointers(POINTERS, "@ 3600 MX 10 mx\n"), {"mx_unresolvable"}),
    "an MX without an address": (
        with_pointers(POINTERS, "@ 3600 MX 10 mx\nmx 3600 TXT x\n"),
        {"mx_unresolvable"},
    ),
    "an MX that one server lacks": (
        with_records("@ 3600 MX 10 mx\n", MX),
        {"reverse_missing"},
    ),
    "an MX whose server is silent": (
        with_pointers(POINTERS, "@ 3600 MX 10 mx\n")
        .script(NS1, "timeout", name=f"mx.{CHILD}")
        .script(NS2, rcode("SERVFAIL"), name=f"mx.{CHILD}"),
        set(),
    ),
    "another MX on one server": (with_records(MX, f"{MX}@ 3600 MX 20 mx\n"), {"mx_inconsistent", "reverse_missing"}),
    "no MX on one server": (with_records(MX, ""), {"mx_inconsistent", "reverse_missing"}),
    "an MX on one server that does not say": (
        with_records(MX, "").script(NS2, rcode("SERVFAIL"), rdtype="MX"),
        {"reverse_missing"},
    ),
    "one SPF record": (spf("v=spf1 mx -all"), set()),
    "texts beside it": (with_pointers(POINTERS, '@ 60 TXT "v=spf1 -all"\n@ 60 TXT "v=spf10"\n@ 60 TXT "x"\n'), set()),
    "two SPF records": (
        with_pointers(POINTERS, '@ 60 TXT "v=spf1 -all"\n@ 60 TXT "V=SPF1 mx -all"\n'),
        {"spf_multiple"},
    ),
    "another SPF record on one server": (
        with_records('@ 60 TXT "v=spf1 -all"\n', '@ 60 TXT "v=spf1 mx -all"\n'),
        {"spf_inconsistent", "reverse_missing"},
    ),
    "no SPF record on one server": (
        with_records('@ 60 TXT "v=spf1 -all"\n', '@ 60 TXT "x"\n'),
        {"spf_inconsistent", "reverse_missing"},
    ),
    "other texts beside it on one server": (
        with_records('@ 60 TXT "v=spf1 -all"\n@ 60 TXT "x"\n', '@ 60 TXT "v=spf1 -all"\n@ 60 TXT "y"\n'),
        {"reverse_missing"},
    ),
    "an SPF record on one server that does not say": (
        with_records('@ 60 TXT "v=spf1 -all"\n', '@ 60 TXT "x"\n').script(NS2, rcode("SERVFAIL"), rdtype="TXT"),
        {"reverse_missing"},
    ),
    "two strings of one record": (with_pointers(POINTERS, '@ 60 TXT "v=spf1 ip4:192.0." "2.1 -all"\n'), set()),
    "an SPF record with a slip": (spf("v=spf1 ipv4:192.0.2.1 -all"), {"spf_syntax"}),
    "an SPF record with 11 look-ups": (
        spf("v=spf1 " + " ".join(f"include:_{number}.example" for number in range(11)) + " -all"),
        {"spf_syntax"},
    ),
    "no pointer": (with_pointers(POINTERS.replace("25.2", "26.2")), {"reverse_missing"}),
    "a pointer to another name": (with_pointers(POINTERS.replace("PTR mx", "PTR other")), {"reverse_mismatch"}),
    "a pointer to both names": (with_pointers(f"{POINTERS}25.2.0.192.in-addr.arpa. 3600 PTR other.\n"), set()),
    "a pointer behind an alias": (
        with_pointers(
            POINTERS.replace("25.2.0.192.in-addr.arpa.", "25.sub.2.0.192.in-addr.arpa.")
            + "25.2.0.192.in-addr.arpa. 3600 CNAME 25.sub.2.0.192.in-addr.arpa.\n"
        ),
        set(),
    ),
    "pointers that nobody answers for": (
        with_pointers(POINTERS).script(ROOT, rcode("SERVFAIL"), rdtype="PTR"),
        set(),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_mail(case: str) -> None:
    world, expected = CASES[case]
    assert {code for code, _address in found(verify(world), "mail")} == expected


OUTSIDE: dict[str, tuple[World, set[str]]] = {
    "an address": (outside("mx 3600 A 192.0.2.25\n"), set()),
    "an alias": (outside("mx 3600 CNAME www\n"), {"mx_alias"}),
    "nothing": (outside(""), {"mx_unresolvable"}),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_an_mx_outside_of_the_zone_is_looked_up(case: str) -> None:
    world, expected = OUTSIDE[case]
    report = verify(world, selection=Selection())
    assert {code for code, _address in found(report, "mail")} == expected


def test_an_mx_that_nobody_can_say_anything_of_is_no_finding() -> None:
    child = f"{CHILD_ZONE}@ 3600 MX 10 mx.dead.example.\n"
    world = contoso(child=child).script(TLD, "timeout", name="dead.example")
    assert found(verify(world, selection=Selection()), "mail") == set()


def test_before_delegation_an_mx_outside_is_looked_up_on_request_only() -> None:
    world, _expected = OUTSIDE["nothing"]
    described = {
        "name": CHILD,
        "name_servers": [
            {"name": f"ns1.{CHILD}", "addresses": [NS1]},
            {"name": f"ns2.{CHILD}", "addresses": [NS2]},
        ],
    }
    world.asked.clear()
    default = verify(world, zone=described, predelegation=True, selection=Selection())
    assert (found(default, "mail"), {query.address for query in world.asked}) == (set(), {NS1, NS2})
    at_parent, far = default.unchecked
    assert at_parent.text == "what the parent has: it is not asked before delegation"
    assert far.text.startswith("the MX ") and "are looked up on request only" in far.text
    assert far.chosen and set(far.codes) == {"mx_alias", "mx_unresolvable"}
    named = verify(world, zone=described, predelegation=True, selection=Selection.parse(["mail"]))
    assert {code for code, _address in found(named, "mail")} >= {"mx_unresolvable"}
    assert named.unchecked == (at_parent,)


def test_no_reverse_name_is_looked_up_without_being_asked_for() -> None:
    world = with_pointers(POINTERS)
    verify(world, selection=Selection())
    assert world.questions(rdtype="PTR") == []


def test_different_versions_explain_different_mx() -> None:
    world = with_records(MX).host(NS2, CHILD, CHILD_ZONE.replace("2026112100", "2026112101"))
    default = Selection()
    assert found(verify(world, selection=default), "mail") == set()
    alone = Selection.parse(["mx_inconsistent"])
    assert found(verify(world, selection=alone), "mail") == {("mx_inconsistent", None)}


def test_the_servers_of_a_fault_that_only_some_have_are_told() -> None:
    world = with_records(MX, f"{MX}@ 3600 MX 0 .\n")
    message = only(verify(world), "null_mx_with_others").message
    assert f"{CHILD} at ns2.{CHILD} ({NS2}) has an MX of '.'" in message


def test_what_servers_send_is_shown_without_control_characters() -> None:
    message = only(verify(spf("v=spf1 \\007\\200 -all")), "spf_syntax").message
    assert message.isprintable()


def test_every_finding_says_what_it_needs_to() -> None:
    for world, _expected in (*CASES.values(), *OUTSIDE.values()):
        for finding in verify(world).findings:
            assert finding.message.endswith(".") and finding.expected and finding.got and finding.reference, finding
            assert CHILD in finding.message, finding


def test_every_code_of_the_family_has_a_case_that_finds_it() -> None:
    codes = {code for _world, expected in CASES.values() for code in expected}
    assert codes == {code for code, check in CATALOGUE.items() if check.family == "mail"}
