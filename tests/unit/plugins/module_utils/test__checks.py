# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check against scripted servers: it fires where it must, and nothing else fires beside it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import dns.message
import dns.rcode
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import ALWAYS, CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Failure, Query
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_RECORDS,
    CHILD_SOA,
    CHILD_ZONE,
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
    records,
    without_aa,
    without_authority,
)

Expected = tuple[str, t.Optional[str]]

# What hosts only the zone above, without the delegation: the founding failure.
BELOW = f"mail 3600 A 192.0.2.9\nns1.mail 3600 A {NS1}\nns2.mail 3600 A {NS2}\n"


def verify(world: World, *, zone: object = CHILD, **settings: t.Any) -> ZoneReport:
    (report,) = verify_zones(parse_zones([zone]), settings=Settings(roots=(ROOT,), **settings), transport=world)
    return report


def found(report: ZoneReport) -> set[Expected]:
    return {(finding.code, finding.address) for finding in report.findings}


def only(report: ZoneReport, code: str) -> Finding:
    (finding,) = [finding for finding in report.findings if finding.code == code]
    return finding


def parent_only(*addresses: str, world: World | None = None) -> World:
    """Let these addresses host contoso.example in place of the zone below."""
    world = world or contoso()
    for address in addresses:
        world.drop(address, CHILD).host(address, "contoso.example", PARENT_ZONE + BELOW)
    return world


def with_zones(*children: str, cut: str = CUT, addresses: tuple[str, ...] = (NS1, NS2)) -> World:
    """Return the tree with these versions of the child, one for each address."""
    world = contoso(cut=cut)
    for address, child in zip(addresses, children):
        world.host(address, CHILD, child)
    return world


def test_a_healthy_zone_has_no_finding() -> None:
    report = verify(contoso())
    assert report == ZoneReport(
        name=CHILD, passed=True, serial=2026112100, parent="contoso.example", findings=(), untested=()
    )


def alias_to_a_zone_here(query: Query, answer: dns.message.Message) -> dns.message.Message | Failure:
    """Answer as with a wildcard alias whose target is not in its zone, which the server hosts too."""
    if answer.rcode() != dns.rcode.NXDOMAIN:
        return answer
    chased = records(
        answer=f"{query.name} 60 CNAME absent.elsewhere.test.",
        authority="elsewhere.test. 60 SOA a. b. 1 2 3 4 5",
    )
    return chased(query, answer)


SOA_OWNER: dict[str, tuple[World, set[Expected]]] = {
    "both servers host only the parent": (
        parent_only(NS1, NS2),
        {("soa_owner_mismatch", NS1), ("soa_owner_mismatch", NS2), ("no_working_server", None)},
    ),
    "one server hosts only the parent": (parent_only(NS2), {("soa_owner_mismatch", NS2)}),
    "a server hosts only the parent, with the delegation": (
        contoso().drop(NS2, CHILD).host(NS2, "contoso.example", PARENT_ZONE + CUT),
        {("soa_missing", NS2)},
    ),
    "a server without authority for one type": (
        contoso().script(NS2, without_aa, rdtype="MX"),
        {("not_authoritative", NS2)},
    ),
    "a server hosts only a zone below": (
        contoso().script(NS2, records(answer=f"sub.{CHILD}. 60 SOA a. b. 1 2 3 4 5"), rdtype="SOA"),
        {("soa_owner_mismatch", NS2)},
    ),
    "a server hosts a stranger": (
        contoso().script(NS2, records(authority="contoso.test. 60 SOA a. b. 1 2 3 4 5"), rdtype="TXT"),
        {("soa_owner_mismatch", NS2)},
    ),
    "only the negative answer for MX comes from the parent": (
        contoso().script(NS1, records(authority="contoso.example. 60 SOA a. b. 1 2 3 4 5"), rdtype="MX"),
        {("soa_owner_mismatch", NS1)},
    ),
    "only the answer for an absent name comes from the parent": (
        contoso().script(NS1, records(authority="contoso.example. 60 SOA a. b. 1 2 3 4 5"), rdtype="A"),
        {("soa_owner_mismatch", NS1)},
    ),
    "negative answers lack the SOA": (
        contoso().script(NS1, without_authority, rdtype="MX"),
        {("soa_missing_negative", NS1)},
    ),
    "the answer for an absent name lacks the SOA": (
        contoso().script(NS1, without_authority, rdtype="A"),
        {("soa_missing_negative", NS1)},
    ),
    "an NS set of its own in place of the SOA": (
        contoso().script(NS1, records(authority=f"{CHILD}. 3600 NS ns1.{CHILD}."), rdtype="MX"),
        {("soa_missing_negative", NS1)},
    ),
    "no SOA at the apex": (contoso().script(NS1, without_authority, rdtype="NS"), set()),
    "an empty answer to SOA": (contoso().script(NS2, records(), rdtype="SOA"), {("soa_missing", NS2)}),
    "two SOAs": (
        contoso().script(
            NS1,
            records(
                answer=f"{CHILD}. 60 SOA ns1.{CHILD}. h. 1 3600 900 9 5\n{CHILD}. 60 SOA ns1.{CHILD}. h. 2 3600 900 9 5"
            ),
            rdtype="SOA",
        ),
        {("soa_multiple", NS1), ("soa_rname_differs", None), ("soa_timers_differ", None)},
    ),
    "no AA on NS alone": (contoso().script(NS1, without_aa, rdtype="NS"), {("not_authoritative", NS1)}),
    "no AA anywhere": (
        contoso().script(NS1, without_aa).script(NS2, without_aa),
        {("not_authoritative", NS1), ("not_authoritative", NS2), ("no_working_server", None)},
    ),
    "REFUSED": (contoso().script(NS2, rcode("REFUSED")), {("lame_rcode", NS2)}),
    "SERVFAIL": (contoso().script(NS2, rcode("SERVFAIL")), {("lame_rcode", NS2)}),
    "NXDOMAIN without anything": (contoso().script(NS2, rcode("NXDOMAIN")), {("lame_rcode", NS2)}),
    "REFUSED over TCP alone": (contoso().script(NS2, rcode("REFUSED"), protocol="tcp"), {("lame_rcode", NS2)}),
    "a referral to the root for what it does not host": (
        contoso().script(NS2, records(authority=". 3600 NS a.root.", aa=False), name="."),
        {("upward_referral", NS2)},
    ),
    "a referral to the root for everything": (
        contoso().script(NS2, records(authority=". 3600 NS a.root.", aa=False)),
        {("upward_referral", NS2), ("soa_missing", NS2)},
    ),
    "an alias at the apex": (
        contoso().script(NS2, records(answer=f"{CHILD}. 60 CNAME www.contoso.example."), rdtype="SOA"),
        {("soa_missing", NS2)},
    ),
    # The target's zone owns the SOA behind an alias, and rightly so.
    "a wildcard alias to another zone": (
        with_zones(*[f"{CHILD_ZONE}* 60 CNAME elsewhere.test.\n"] * 2),
        set(),
    ),
    "a wildcard alias to another zone on the same server": (
        contoso().script(NS1, alias_to_a_zone_here, rdtype="A"),
        set(),
    ),
}


@pytest.mark.parametrize("case", SOA_OWNER)
def test_soa_owner(case: str) -> None:
    world, expected = SOA_OWNER[case]
    assert found(verify(world)) == expected


def test_what_the_server_answers_is_not_said_to_fail() -> None:
    mx = f"{CHILD}. 60 MX 10 mx.{CHILD}."
    world = (
        parent_only(NS1, NS2).script(NS1, records(answer=mx), rdtype="MX").script(NS2, records(answer=mx), rdtype="MX")
    )
    first = next(finding for finding in verify(world).findings if finding.code == "soa_owner_mismatch")
    assert "so resolvers answer SERVFAIL to whatever it has no records for. Either load" in first.message


@pytest.mark.parametrize(
    ("failure", "advice", "got"),
    [
        ("timeout", "Start them, open the firewalls in front of them", "gives no answer"),
        ("key_rejected", "check key_name, key_secret and key_servers", "gives no answer"),
    ],
)
def test_silent_servers_are_not_said_to_lack_the_zone(failure: Failure, advice: str, got: str) -> None:
    finding = only(verify(contoso().script(NS1, failure).script(NS2, failure)), "no_working_server")
    assert advice in finding.message and "Load it" not in finding.message
    assert finding.got == f"ns1.{CHILD} ({NS1}): {got}, ns2.{CHILD} ({NS2}): {got}"


def test_a_rejected_key_is_one_finding_for_an_address_and_no_silence() -> None:
    report = verify(contoso().script(NS2, "key_rejected"))
    assert found(report) == {("no_response_udp", NS2)}
    assert "does not accept the key" in report.findings[0].message and "firewall" not in report.findings[0].message


def test_a_parent_that_cannot_load_the_zone_beside_it() -> None:
    world = contoso()
    for address in (PARENT, PARENT2):
        world.script(address, rcode("SERVFAIL"), name=CHILD)
    (finding,) = verify(world).findings
    assert finding.code == "parent_undetermined"
    assert f"ns1.contoso.example ({PARENT}): SERVFAIL" in finding.message
    assert f"They are configured for {CHILD} as well" in finding.message and "Check roots" not in finding.message


@pytest.mark.parametrize("action", ["timeout", rcode("SERVFAIL")])
def test_a_server_of_the_parent_that_does_not_answer_for_ds_disagrees_with_nobody(action: t.Any) -> None:
    world = contoso(cut=f"{CUT}mail 60 DS 1 13 2 {'ab' * 32}\n").script(PARENT2, action, name=CHILD, rdtype="DS")
    assert "delegation_inconsistent" not in {finding.code for finding in verify(world).findings}
    world.script(PARENT2, records(answer=f"{CHILD}. 60 DS 2 13 2 {'cd' * 32}"), name=CHILD, rdtype="DS")
    assert "delegation_inconsistent" in {finding.code for finding in verify(world).findings}


def test_a_delegation_that_is_not_the_described_one() -> None:
    described = {"name": CHILD, "name_servers": [f"ns1.{CHILD}", "ns9.example"]}
    assert found(verify(contoso(), zone={**described, "name_servers": [f"ns1.{CHILD}", f"ns2.{CHILD}"]})) == set()
    report = verify(contoso(), zone=described)
    assert found(report) == {("ns_missing_in_child", None), ("ns_missing_in_parent", None)}
    assert {(finding.expected, finding.got) for finding in report.findings} == {
        (f"ns1.{CHILD}, ns9.example", f"ns1.{CHILD}, ns2.{CHILD}")
    }


def test_a_resolver_among_the_servers_of_the_parent_does_not_speak_for_it() -> None:
    wider = f"{CHILD_ZONE}@ 3600 NS ns3\nns3 3600 A {NS3}\n"
    world = with_zones(wider, wider).host(NS3, CHILD, wider)
    answer = "".join(f"{CHILD}. 60 NS ns{number}.{CHILD}.\n" for number in (1, 2, 3))
    world.script(PARENT2, records(answer=answer, aa=False), name=CHILD, rdtype="NS")
    report = verify(world)
    assert {finding.code for finding in report.findings} >= {"ns_missing_in_parent"}
    assert not {finding.code for finding in report.findings} & {"glue_missing"}


def test_what_was_silent_is_told_where_no_check_of_it_was_wanted() -> None:
    report = verify(contoso().script(NS2, "timeout"), selection=Selection.parse(["consistency"]))
    assert (report.findings, report.not_checked) == (
        (),
        (f"ns2.{CHILD} ({NS2}): it does not answer (scripted timeout)",),
    )


def test_the_founding_failure_is_told_in_words_that_help() -> None:
    finding = only(verify(parent_only(NS2)), "soa_owner_mismatch")
    assert finding.message == (
        "ns2.mail.contoso.example (127.94.4.1) does not host mail.contoso.example: it answers with the SOA of"
        " contoso.example, so MX look-ups come back empty and resolvers answer SERVFAIL, now and then, for other"
        " servers have the zone. Either load the zone mail.contoso.example, with an SOA and NS records of its own, on"
        " ns2.mail.contoso.example (127.94.4.1) as on"
        " ns1.mail.contoso.example (127.94.3.1), or remove the delegation and put its records into contoso.example."
    )
    assert (finding.severity, finding.server) == ("critical", "ns2.mail.contoso.example")
    assert finding.expected == "SOA owned by mail.contoso.example"
    assert (finding.got or "").startswith("SOA owned by contoso.example (asked for SOA mail.contoso.example, ")
    assert (finding.got or "").endswith(", a name that does not exist)")
    assert finding.reference == "RFC 2181 section 6.1, RFC 2308 section 3"


def test_ancestor_descendant_and_stranger_are_told_apart() -> None:
    def relation(owner: str) -> str:
        world = contoso().script(NS1, records(answer=f"{owner} 60 SOA a. b. 1 2 3 4 5"), rdtype="SOA")
        return only(verify(world), "soa_owner_mismatch").message

    assert "put its records into contoso.example" in relation("contoso.example.")
    assert "which lies below mail.contoso.example" in relation(f"sub.{CHILD}.")
    assert "neither above nor below" in relation("contoso.test.")


def test_not_authoritative_tells_the_transport() -> None:
    report = verify(contoso().script(NS1, without_aa, protocol="tcp"))
    assert [(finding.code, finding.transport) for finding in report.findings] == [("not_authoritative", "tcp")]


def _cut(*lines: str) -> str:
    return "\n".join(lines) + "\n"


CUT_NS = _cut("mail 3600 NS ns1.mail", "mail 3600 NS ns2.mail")
GLUE1, GLUE2 = f"ns1.mail 3600 A {NS1}", f"ns2.mail 3600 A {NS2}"

NS_SETS: dict[str, tuple[World, set[Expected]]] = {
    "the parent has no such name": (contoso(cut=""), {("no_delegation", None)}),
    "the parent has the name but no cut": (contoso(cut="mail 3600 A 192.0.2.9\n"), {("no_delegation", None)}),
    "the parent is silent": (
        contoso().script(PARENT, "timeout").script(PARENT2, "timeout"),
        {("parent_undetermined", None)},
    ),
    "one server of the parent is silent": (contoso().script(PARENT, "timeout"), set()),
    "the way down is silent": (contoso().script(TLD, "timeout"), {("parent_undetermined", None)}),
    "the root is silent": (contoso().script(ROOT, "timeout"), {("parent_undetermined", None)}),
    "the parent's servers disagree on the NS set": (
        contoso().host(PARENT2, "contoso.example", PARENT_ZONE + _cut("mail 3600 NS ns1.mail", GLUE1)),
        {("delegation_inconsistent", None)},
    ),
    "the parent's servers disagree on the cut": (
        contoso().host(PARENT2, "contoso.example", PARENT_ZONE),
        {("delegation_inconsistent", None)},
    ),
    "the parent's servers disagree on DS": (
        contoso().host(PARENT2, "contoso.example", f"{PARENT_ZONE}{CUT}mail 3600 DS 1 13 2 {'ab' * 32}\n"),
        {("delegation_inconsistent", None), ("ds_unsigned_zone", None)},
    ),
    "the name is a CNAME": (contoso(cut="mail 3600 CNAME www\n"), {("name_is_alias", None)}),
    "the name has a DNAME": (contoso(cut="mail 3600 DNAME contoso.test.\n"), {("name_is_alias", None)}),
    "the name is below a DNAME": (
        contoso()
        .host(PARENT, "contoso.example", "@ 3600 SOA a b 1 2 3 4 5\n@ 3600 NS ns1\n@ 60 DNAME contoso.test.\n")
        .host(PARENT2, "contoso.example", "@ 3600 SOA a b 1 2 3 4 5\n@ 3600 NS ns1\n@ 60 DNAME contoso.test.\n"),
        {("name_is_alias", None)},
    ),
    "the parent lists one more": (
        contoso(cut=_cut(CUT, "mail 3600 NS ns3.mail", f"ns3.mail 3600 A {NS3}"))
        .host(NS1, CHILD, f"{CHILD_ZONE}ns3 3600 A {NS3}\n")
        .host(NS2, CHILD, f"{CHILD_ZONE}ns3 3600 A {NS3}\n")
        .host(NS3, CHILD, f"{CHILD_ZONE}ns3 3600 A {NS3}\n"),
        {("ns_missing_in_child", None)},
    ),
    "the child lists one more": (
        with_zones(
            *[f"{CHILD_ZONE}@ 3600 NS ns3\nns3 3600 A {NS3}\n"] * 3,
            addresses=(NS1, NS2, NS3),
        ),
        {("ns_missing_in_parent", None)},
    ),
    "one child lists one more": (
        with_zones(
            f"{CHILD_ZONE}ns3 3600 A {NS3}\n",
            f"{CHILD_ZONE}@ 3600 NS ns3\nns3 3600 A {NS3}\n",
            f"{CHILD_ZONE}@ 3600 NS ns3\nns3 3600 A {NS3}\n",
            addresses=(NS1, NS2, NS3),
        ),
        {("ns_missing_in_parent", None), ("ns_differs_between_servers", None)},
    ),
    "nothing in common": (
        with_zones(
            *[f"{CHILD_SOA}\n@ 3600 NS a\n@ 3600 NS b\na 60 A {NS1}\nb 60 A {NS2}\nns1 60 A {NS1}\nns2 60 A {NS2}\n"]
            * 2
        ),
        {("ns_sets_disjoint", None), ("ns_missing_in_child", None), ("ns_missing_in_parent", None)},
    ),
}


@pytest.mark.parametrize("case", NS_SETS)
def test_delegation(case: str) -> None:
    world, expected = NS_SETS[case]
    assert found(verify(world)) == expected


def _out_of_domain(host: str, child_host: str | None = None, *, records_above: str = "") -> World:
    """Return the tree with a second name server called ``host`` instead of ns2.mail."""
    child = f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS {child_host or host}\nns1 60 A {NS1}\n@ 60 TXT a\n"
    world = contoso(cut=_cut("mail 3600 NS ns1.mail", f"mail 3600 NS {host}", GLUE1, records_above), child=child)
    return world


HOSTS: dict[str, tuple[World, set[Expected]]] = {
    "out of domain, resolved from the root down": (
        _out_of_domain("ns2.contoso.example.").host(
            PARENT2, CHILD, f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2.contoso.example.\nns1 60 A {NS1}\n"
        ),
        set(),
    ),
    "out of domain and absent": (
        _out_of_domain("nohost.contoso.example."),
        {("ns_no_address", None)},
    ),
    "out of domain in a zone that nobody answers for": (
        _out_of_domain("ns.dead.example."),
        {("ns_no_address", None)},
    ),
    "an alias": (
        _out_of_domain("alias.contoso.example.", records_above=f"alias 60 CNAME real\nreal 60 A {NS2}"),
        {("ns_is_alias", None)},
    ),
    "an alias in the zone": (
        with_zones(
            *[f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2\nns1 60 A {NS1}\nns2 60 CNAME real\nreal 60 A {NS2}\n"] * 2
        ),
        {("ns_is_alias", None)},
    ),
    "an address in place of a name": (
        _out_of_domain("192.0.2.1."),
        {("ns_is_address", None)},
    ),
    "a name that is no host name": (
        _out_of_domain("bad_name.contoso.example.", records_above=f"bad_name 60 A {NS2}"),
        {("ns_invalid_name", None)},
    ),
    "glue without an address in the zone": (
        with_zones(*[f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2\nns1 60 A {NS1}\n"] * 2),
        {("ns_no_address", None)},
    ),
    "no glue for one": (contoso(cut=_cut(CUT_NS, GLUE1)), {("glue_missing", None)}),
    "no glue at all": (
        contoso(cut=CUT_NS),
        {("glue_missing", None), ("no_server_address", None)},
    ),
    "other glue": (
        contoso(cut=_cut(CUT_NS, GLUE1, f"ns2.mail 3600 A {NS3}")).host(NS3, CHILD, CHILD_ZONE),
        {("glue_mismatch", None)},
    ),
    "swapped glue": (
        contoso(cut=_cut(CUT_NS, f"ns1.mail 3600 A {NS2}", f"ns2.mail 3600 A {NS1}")),
        {("glue_mismatch", None)},
    ),
    "more glue": (
        contoso(cut=_cut(CUT, f"ns2.mail 3600 A {NS3}")).host(NS3, CHILD, CHILD_ZONE),
        {("glue_extra", None)},
    ),
    "less glue": (
        with_zones(*[f"{CHILD_ZONE}ns2 3600 A {NS3}\n"] * 3, addresses=(NS1, NS2, NS3)),
        {("glue_incomplete", None)},
    ),
    "one name server": (
        contoso(cut=_cut("mail 3600 NS ns1.mail", GLUE1), child=f"{CHILD_SOA}\n@ 3600 NS ns1\nns1 60 A {NS1}\n"),
        {("too_few_name_servers", None)},
    ),
    "two names of one address": (
        contoso(
            cut=_cut(CUT_NS, GLUE1, f"ns2.mail 60 A {NS1}"),
            child=f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2\nns1 60 A {NS1}\nns2 60 A {NS1}\n",
        ),
        {("ns_same_address", None)},
    ),
    "one network": (
        contoso(
            cut=_cut(CUT_NS, GLUE1, "ns2.mail 60 A 127.94.3.2"),
            child=f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2\nns1 60 A {NS1}\nns2 60 A 127.94.3.2\n",
        ).host(
            "127.94.3.2", CHILD, f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2\nns1 60 A {NS1}\nns2 60 A 127.94.3.2\n"
        ),
        {("ns_one_network", None)},
    ),
    "IPv6 only": (
        contoso(
            cut=_cut(CUT_NS, "ns1.mail 60 AAAA 2001:db8:1::1", "ns2.mail 60 AAAA 2001:db8:2::1"),
            child=(
                v6
                := f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2\nns1 60 AAAA 2001:db8:1::1\nns2 60 AAAA 2001:db8:2::1\n"
            ),
        )
        .host("2001:db8:1::1", CHILD, v6)
        .host("2001:db8:2::1", CHILD, v6),
        {("too_few_name_servers", None)},
    ),
}


@pytest.mark.parametrize("case", HOSTS)
def test_name_servers_can_be_found(case: str) -> None:
    world, expected = HOSTS[case]
    assert found(verify(world)) == expected


def _many_servers(count: int) -> World:
    names = [f"a-rather-long-name-{number}" for number in range(count)]
    child = "\n".join(
        [
            CHILD_SOA.replace("ns1", names[0]),
            *(f"@ 3600 NS {name}" for name in names),
            *(f"{name} 60 A 127.94.{10 + number}.1" for number, name in enumerate(names)),
        ]
    )
    cut = "\n".join(
        line
        for number, name in enumerate(names)
        for line in (f"mail 3600 NS {name}.mail", f"{name}.mail 60 A 127.94.{10 + number}.1")
    )
    world = contoso(cut=f"{cut}\n", child=f"{child}\n")
    for number in range(count):
        world.host(f"127.94.{10 + number}.1", CHILD, f"{child}\n")
    return world


def test_a_referral_may_not_exceed_plain_udp() -> None:
    # Header and question take 38 octets, each server 35 for NS and 16 for glue: 9 fit into 512, 10 do not.
    too_large = only(verify(_many_servers(10)), "referral_too_large")
    assert (too_large.severity, too_large.got) == ("warning", "548 octets")
    # Asked for a name of 255 octets it has 271, and one address of glue: 6 fit, 7 do not.
    assert found(verify(_many_servers(6))) == set()
    for count in (7, 9):
        too_large = only(verify(_many_servers(count)), "referral_too_large")
        assert (too_large.severity, too_large.got) == ("notice", f"{271 + 35 * count + 16} octets")


def test_families_of_addresses_have_severities_of_their_own() -> None:
    world, _expected = HOSTS["IPv6 only"]
    assert [finding.severity for finding in verify(world).findings] == ["warning"]
    # Nobody expects loopback servers to have IPv6, so only a public tree is told of its lack.
    assert verify(contoso()).findings == ()
    public = verify_in_public(contoso())
    assert [(f.code, f.severity) for f in public.findings if f.code != "address_not_global"] == [
        ("too_few_name_servers", "notice")
    ]


V6 = {NS1: "2001:db8:1::1", NS2: "2001:db8:2::1"}


def _families(glue: tuple[str, str], own: tuple[str, str]) -> World:
    """Return the tree with these families, such as ``46``, of the first and second server."""

    def hosts(suffix: str, families: tuple[str, str]) -> str:
        lines = []
        for name, address, kinds in zip(("ns1", "ns2"), (NS1, NS2), families):
            lines += [f"{name}{suffix} 60 A {address}"] if "4" in kinds else []
            lines += [f"{name}{suffix} 60 AAAA {V6[address]}"] if "6" in kinds else []
        return "\n".join(lines)

    child = f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns2\n{hosts('', own)}\n"
    world = contoso(cut=_cut(CUT_NS, hosts(".mail", glue)), child=child)
    for address in V6.values():
        world.host(address, CHILD, child)
    return world


@pytest.mark.parametrize(
    ("glue", "own", "told"),
    [
        (("46", "46"), ("46", "46"), None),
        (("46", "46"), ("6", "6"), "has an IPv4 address, say the zone itself, so"),
        (("6", "6"), ("46", "46"), "has an IPv4 address, say contoso.example, so"),
        (("4", "6"), ("46", "46"), "(contoso.example: ns1.mail.contoso.example)"),
        (("46", "46"), ("6", "4"), "(the zone itself: ns2.mail.contoso.example)"),
    ],
)
def test_each_side_needs_two_servers_of_each_family(
    glue: tuple[str, str], own: tuple[str, str], told: str | None
) -> None:
    few = [finding for finding in verify(_families(glue, own)).findings if finding.code == "too_few_name_servers"]
    assert [finding.severity for finding in few] == ["warning"] * (told is not None)
    assert all(told in finding.message for finding in few if told is not None)


def test_one_server_with_ipv6_is_a_notice_in_public() -> None:
    few = [f for f in verify_in_public(_families(("46", "4"), ("46", "4"))).findings if f.code.startswith("too_few")]
    assert [(finding.severity, finding.expected) for finding in few] == [
        ("notice", "at least 2 name servers with IPv6")
    ]


def verify_in_public(world: World) -> ZoneReport:
    """Verify below a root at a public address."""
    world.servers["198.41.0.4"] = world.servers[ROOT]
    (report,) = verify_zones(parse_zones([CHILD]), settings=Settings(roots=("198.41.0.4",)), transport=world)
    return report


def test_addresses_have_to_be_global_below_public_roots_or_on_request() -> None:
    assert {f.address for f in verify_in_public(contoso()).findings if f.code == "address_not_global"} == {NS1, NS2}
    assert not found(verify(contoso()))
    for chosen, told in (("address_not_global", {NS1, NS2}), ("all", {NS1, NS2}), ("delegation", set())):
        report = verify(contoso(), selection=Selection.parse([chosen]))
        assert {f.address for f in report.findings if f.code == "address_not_global"} == told


def _sibling(own: str, *, glue: str = NS2) -> World:
    """Return the tree with a second server in a zone beside this one, which has ``own`` for it."""
    child = f"{CHILD_SOA}\n@ 3600 NS ns1\n@ 3600 NS ns.side.contoso.example.\nns1 60 A {NS1}\n"
    cut = _cut("mail 3600 NS ns1.mail", "mail 3600 NS ns.side", GLUE1, f"side 60 NS ns.side\nns.side 60 A {glue}")
    side = f"@ 60 SOA ns a 1 3600 900 1209600 300\n@ 60 NS ns\nns 60 A {own}\n"
    world = contoso(cut=cut, child=child).host(NS2, "side.contoso.example", side)
    return world.host(NS3, CHILD, child).host(NS3, "side.contoso.example", side)


def test_glue_of_a_server_in_a_sibling_zone_is_compared_too() -> None:
    assert found(verify(_sibling(NS2))) == set()
    report = verify(_sibling(NS3))
    assert found(report) == {("glue_mismatch", None)}
    mismatch = only(report, "glue_mismatch")
    assert (mismatch.server, mismatch.expected, mismatch.got) == ("ns.side.contoso.example", NS3, NS2)


def test_parent_and_child_on_the_same_servers() -> None:
    world = contoso()
    for address in (PARENT, PARENT2):
        world.host(address, CHILD, CHILD_ZONE)
    report = verify(world)
    assert (report.passed, found(report), report.parent) == (True, set(), "contoso.example")


def test_parent_and_child_on_the_same_servers_without_a_cut() -> None:
    world = contoso(cut="")
    for address in (PARENT, PARENT2):
        world.host(address, CHILD, CHILD_ZONE)
    assert found(verify(world)) == {("no_delegation", None)}


def test_servers_that_answer_minimally_are_found_all_the_same() -> None:
    def bare(_query: t.Any, answer: t.Any) -> t.Any:
        answer.additional.clear()
        return answer

    world = contoso()
    for address in (PARENT, PARENT2):
        world.host(address, CHILD, CHILD_ZONE).script(address, bare, name=CHILD, rdtype="NS")
    assert found(verify(world)) == set()


def test_an_empty_non_terminal_between_parent_and_child() -> None:
    deep = "a.b.contoso.example"
    world = contoso(cut=f"a.b 3600 NS ns1.a.b\na.b 3600 NS ns2.a.b\nns1.a.b 60 A {NS1}\nns2.a.b 60 A {NS2}\n")
    world.host(NS1, deep, CHILD_ZONE).host(NS2, deep, CHILD_ZONE)
    report = verify(world, zone=deep)
    assert (report.parent, found(report)) == ("contoso.example", set())


def test_glue_that_only_fits_into_tcp_is_no_missing_glue() -> None:
    def trimmed(_query: t.Any, answer: t.Any) -> t.Any:
        answer.additional = answer.additional[:1]
        return answer

    world = contoso()
    for address in (PARENT, PARENT2):
        world.script(address, trimmed, name=CHILD, rdtype="NS", protocol="udp")
    assert found(verify(world)) == set()


def test_a_parent_that_drops_edns_is_asked_without() -> None:
    world = contoso()

    def drop_edns(query: t.Any, answer: t.Any) -> t.Any:
        return answer if query.payload is None else "timeout"

    for address in (PARENT, PARENT2):
        world.script(address, drop_edns)
    assert found(verify(world)) == set()


SERVED: dict[str, tuple[str, set[Expected]]] = {
    "another serial": ("@ 3600 SOA ns1 hostmaster 2026112099 3600 900 1209600 300", {("serial_differs", None)}),
    "another MNAME": ("@ 3600 SOA ns2 hostmaster 2026112100 3600 900 1209600 300", {("soa_mname_differs", None)}),
    "another RNAME": ("@ 3600 SOA ns1 postmaster 2026112100 3600 900 1209600 300", {("soa_rname_differs", None)}),
    "another timer": ("@ 3600 SOA ns1 hostmaster 2026112100 3600 900 1209600 301", {("soa_timers_differ", None)}),
    "another spelling": ("@ 3600 SOA NS1 HostMaster 2026112100 3600 900 1209600 300", set()),
}


@pytest.mark.parametrize("case", SERVED)
def test_consistency(case: str) -> None:
    soa, expected = SERVED[case]
    assert found(verify(with_zones(CHILD_ZONE, f"{soa}{CHILD_RECORDS}"))) == expected


def _serials(first: int, second: int) -> World:
    soa = "@ 3600 SOA ns1 hostmaster {} 3600 900 1209600 300"
    return with_zones(*(f"{soa.format(serial)}{CHILD_RECORDS}" for serial in (first, second)))


def test_the_distance_of_serials_follows_rfc_1982() -> None:
    finding = only(verify(_serials(4294967290, 5)), "serial_differs")
    assert "with 5, ns1.mail.contoso.example (127.94.3.1) with 4294967290 (11 behind)" in finding.message
    assert (finding.severity, finding.expected) == ("warning", "5 everywhere")


def test_differing_serials_are_an_error_to_whom_they_matter() -> None:
    report = verify(_serials(1, 2), wait=-1, predelegation=False)
    assert only(report, "serial_differs").severity == "warning"
    described = {"name": CHILD, "name_servers": [_described("ns1", NS1), _described("ns2", NS2)]}
    before = verify(_serials(1, 2), zone=described, predelegation=True)
    assert only(before, "serial_differs").severity == "error"


def _described(host: str, *addresses: str) -> dict[str, t.Any]:
    return {"name": f"{host}.{CHILD}", "addresses": list(addresses)}


@pytest.mark.parametrize(
    ("served", "expected", "words"),
    [(10, 12, "2 behind the expected 12"), (12, 10, "2 ahead of the expected 10"), (4294967295, 1, "2 behind")],
)
def test_another_serial_than_expected(served: int, expected: int, words: str) -> None:
    (zone,) = parse_zones([CHILD])
    report = verify(_serials(expected, served), expect_serial={zone.name: expected})
    assert found(report) == {("serial_unexpected", NS2)}
    finding = only(report, "serial_unexpected")
    assert words in finding.message
    assert (finding.severity, finding.expected, finding.got) == ("error", str(expected), str(served))


def test_the_expected_serial_is_no_finding() -> None:
    (zone,) = parse_zones([CHILD])
    assert found(verify(_serials(7, 7), expect_serial={zone.name: 7})) == set()


SERIAL_NOT_SERVED: dict[str, tuple[World, set[Expected]]] = {
    "it hosts only the zone above": (parent_only(NS2), {("soa_owner_mismatch", NS2)}),
    "it is silent": (contoso().script(NS2, "timeout"), {("no_response_udp", NS2), ("no_response_tcp", NS2)}),
    "it refuses": (contoso().script(NS2, rcode("REFUSED")), {("lame_rcode", NS2)}),
    "it has no SOA": (contoso().script(NS2, records(), rdtype="SOA"), {("soa_missing", NS2)}),
    "it has no authority": (contoso().script(NS2, without_aa, rdtype="SOA"), {("not_authoritative", NS2)}),
    "it has two": (
        contoso().script(
            NS2,
            records(
                answer=f"{CHILD}. 60 SOA ns1.{CHILD}. hostmaster.{CHILD}. 7 3600 900 1209600 300\n"
                f"{CHILD}. 60 SOA ns1.{CHILD}. hostmaster.{CHILD}. 2026112100 3600 900 1209600 300"
            ),
            rdtype="SOA",
        ),
        {("soa_multiple", NS2)},
    ),
}


@pytest.mark.parametrize("case", SERIAL_NOT_SERVED)
def test_an_expected_serial_that_an_address_does_not_serve(case: str) -> None:
    world, causes = SERIAL_NOT_SERVED[case]
    (zone,) = parse_zones([CHILD])
    expected = {zone.name: 2026112100}
    # The root cause tells enough, unless it is left out or made milder.
    assert found(verify(world, expect_serial=expected)) == causes
    milder: dict[str, t.Any] = {code: "notice" for code, _address in causes}
    for settings in ({"selection": Selection.parse(["consistency"])}, {"severity": milder}):
        report = verify(world, expect_serial=expected, **settings)
        assert not report.passed
        finding = only(report, "serial_unexpected")
        assert (finding.address, finding.severity, finding.expected, finding.got) == (
            *(NS2, "error"),
            *("2026112100", "none"),
        )


def test_an_expected_serial_is_not_asked_of_addresses_without_a_route() -> None:
    (zone,) = parse_zones([CHILD])
    assert found(verify(contoso().script(NS2, "no_route"), expect_serial={zone.name: 2026112100})) == set()


SILENT: dict[str, tuple[World, set[Expected]]] = {
    "everything": (
        contoso().script(NS2, "timeout"),
        {("no_response_udp", NS2), ("no_response_tcp", NS2)},
    ),
    "nothing listens": (
        contoso().script(NS2, "refused"),
        {("no_response_udp", NS2), ("no_response_tcp", NS2)},
    ),
    "all servers": (
        contoso().script(NS1, "timeout").script(NS2, "timeout"),
        {
            *(("no_response_udp", address) for address in (NS1, NS2)),
            *(("no_response_tcp", address) for address in (NS1, NS2)),
            ("no_working_server", None),
        },
    ),
    "UDP": (contoso().script(NS2, "timeout", protocol="udp"), {("no_response_udp", NS2)}),
    "TCP": (contoso().script(NS2, "refused", protocol="tcp"), {("no_response_tcp", NS2)}),
    "one common type": (contoso().script(NS2, "timeout", rdtype="MX"), {("type_dropped", NS2)}),
    "NS alone": (contoso().script(NS2, "timeout", rdtype="NS", protocol="udp"), {("no_response_udp", NS2)}),
    "a type that nothing uses": (contoso().script(NS2, "timeout", rdtype="TYPE65399"), {("type_dropped", NS2)}),
    "garbage": (contoso().script(NS2, "malformed", protocol="udp"), {("no_response_udp", NS2)}),
    "a truncated answer that TCP does not complete": (
        contoso().script(NS2, "truncated", protocol="udp").script(NS2, "refused", protocol="tcp"),
        {("no_response_tcp", NS2)},
    ),
}


@pytest.mark.parametrize("case", SILENT)
def test_silence_is_reported_once_and_proves_nothing(case: str) -> None:
    world, expected = SILENT[case]
    report = verify(world)
    assert found(report) == expected
    assert len(report.findings) == len(expected)


def test_a_server_silent_for_one_type_is_told_so() -> None:
    world = contoso().script(NS2, "timeout", rdtype="NS", protocol="udp")
    message = only(verify(world), "no_response_udp").message
    assert f"when asked for NS {CHILD}, though it answers other questions" in message
    message = only(verify(contoso().script(NS2, "timeout", rdtype="MX")), "type_dropped").message
    assert f"MX {CHILD}: timeout" in message


def test_addresses_that_this_host_cannot_reach_are_not_the_servers_fault() -> None:
    world = contoso(
        cut=_cut(CUT, "ns2.mail 60 AAAA 2001:db8::1"), child=f"{CHILD_ZONE}ns2 60 AAAA 2001:db8::1\n"
    ).script("2001:db8::1", "no_route")
    report = verify(world)
    assert (report.passed, found(report), report.untested) == (True, set(), ("2001:db8::1",))


def test_a_zone_of_which_no_address_can_be_reached_does_not_pass() -> None:
    world = contoso().script(NS1, "no_route").script(NS2, "no_route")
    report = verify(world)
    assert found(report) == {("no_working_server", None)}
    assert "no route" in only(report, "no_working_server").message


def test_the_documentation_lists_the_catalogue() -> None:
    page = Path(__file__).parents[4] / "docs" / "checks.md"
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    assert [(code, severity, reference) for code, severity, _meaning, reference in rows] == [
        (check.code, check.severity, check.reference) for check in CATALOGUE.values()
    ]


def test_every_code_of_the_catalogue_has_a_case_that_finds_it() -> None:
    cases = (*SOA_OWNER.values(), *NS_SETS.values(), *HOSTS.values(), *SILENT.values())
    covered = {code for _world, expected in cases for code, _address in expected}
    covered |= {code for _soa, expected in SERVED.values() for code, _address in expected}
    # These have tests of their own above.
    covered |= {"referral_too_large", "address_not_global", "serial_unexpected"}
    # Other families, and what name servers do besides answering, have files of their own.
    families = ("soa_owner", "delegation", "consistency")
    # What nobody could see, no check can find: verify itself says so.
    covered |= {"deadline_exceeded"}
    elsewhere = {"no_response_udp", "no_response_tcp", "type_dropped", "ds_unsigned_zone"}
    assert covered - elsewhere == {code for code, check in CATALOGUE.items() if check.family in families}


UNSEEN = (
    *("the parent has no such name", "the parent has the name but no cut", "the parent is silent"),
    *("the way down is silent", "the root is silent", "the name is a CNAME", "the name is below a DNAME"),
    "no glue at all",
)


@pytest.mark.parametrize("checks", [[], ["soa_owner"], ["consistency"], ["-delegation", "-soa_owner"]])
@pytest.mark.parametrize("case", UNSEEN)
def test_a_zone_of_which_nothing_was_seen_never_passes(case: str, checks: list[str]) -> None:
    world, _expected = {**NS_SETS, **HOSTS}[case]
    world.asked.clear()
    report = verify(world, selection=Selection.parse(checks), fail_on="critical")
    assert not {NS1, NS2} & {query.address for query in world.asked}
    assert not report.passed
    (finding,) = [finding for finding in report.findings if finding.code in ALWAYS]
    assert finding.severity == "critical"


def test_an_alias_at_one_server_of_the_parent_hides_no_servers() -> None:
    report = verify(contoso().host(PARENT2, "contoso.example", f"{PARENT_ZONE}mail 60 CNAME www\n"))
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("delegation_inconsistent", "error")
    assert f"{CHILD} CNAME www.contoso.example" in finding.message
    alone = verify(
        contoso().host(PARENT2, "contoso.example", f"{PARENT_ZONE}mail 60 CNAME www\n"),
        selection=Selection.parse(["name_is_alias"]),
    )
    assert [(finding.code, finding.severity) for finding in alone.findings] == [("name_is_alias", "error")]


def test_servers_that_disagree_on_which_zone_is_the_parent() -> None:
    zone = f"a.{CHILD}"
    records = f"@ 3600 SOA ns1 h 1 3600 900 1209600 300\n@ 3600 NS ns1\nns1 60 A {NS3}\n"
    world = contoso(cut=f"a.mail 3600 NS ns1.a.mail\nns1.a.mail 60 A {NS3}\n").host(NS3, zone, records)
    assert found(verify(world, zone=zone)) == {("too_few_name_servers", None)}
    report = verify(world.host(PARENT2, "contoso.example", PARENT_ZONE + CUT), zone=zone)
    assert found(report) == {("too_few_name_servers", None), ("delegation_inconsistent", None)}
    assert f"refers to {CHILD}." in only(report, "delegation_inconsistent").message


def test_aliases_to_different_names_are_told_with_the_alias() -> None:
    world = contoso(cut="mail 3600 CNAME www\n").host(PARENT2, "contoso.example", f"{PARENT_ZONE}mail 3600 CNAME ns1\n")
    assert found(verify(world)) == {("name_is_alias", None), ("delegation_inconsistent", None)}


def test_every_finding_says_what_it_needs_to() -> None:
    for world, _expected in (*SOA_OWNER.values(), *NS_SETS.values(), *HOSTS.values(), *SILENT.values()):
        for finding in verify(world).findings:
            assert finding.message.endswith(".") and finding.expected and finding.got and finding.reference, finding
            assert CHILD in finding.message, finding


@pytest.mark.parametrize(("zone", "parent"), [("contoso.example", "example"), ("example", ".")])
def test_the_parent_of_zones_further_up(zone: str, parent: str) -> None:
    assert verify(contoso(), zone=zone).parent == parent


ROOT_RECORDS = f"""
. 3600 SOA ns.root. hostmaster.root. 1 3600 900 1209600 300
. 3600 NS ns.root.
. 3600 NS ns2.root.
ns.root. 3600 A {ROOT}
ns2.root. 3600 A {NS3}
"""


def test_the_root_servers_speak_for_the_root_zone() -> None:
    world = contoso().host(ROOT, ".", ROOT_RECORDS).host(NS3, ".", ROOT_RECORDS)
    report = verify(world, zone=".")
    assert (report.passed, report.parent, report.serial, found(report)) == (True, None, 1, set())
    assert {ROOT, NS3} == {query.address for query in world.asked}
    world.script(NS3, "timeout")
    assert found(verify(world, zone=".")) == {("no_response_udp", NS3), ("no_response_tcp", NS3)}
    assert found(verify(contoso().script(ROOT, "timeout"), zone=".")) == {("parent_undetermined", None)}


def test_a_zone_that_denies_its_ns_set_is_not_taken_for_one_that_did_not_say() -> None:
    without = CHILD_ZONE.replace("@ 3600 NS ns1", "").replace("@ 3600 NS ns2", "")
    report = verify(contoso(child=without))
    assert found(report) == {("ns_sets_disjoint", None), ("ns_missing_in_child", None)}
    assert "the zone itself lists no name server" in only(report, "ns_sets_disjoint").message
    assert found(verify(with_zones(CHILD_ZONE, without))) == {("ns_differs_between_servers", None)}
    assert found(verify(contoso().script(NS2, rcode("SERVFAIL"), rdtype="NS"))) == {("lame_rcode", NS2)}
