# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._content import in_reading_order
from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record
from ansible_collections.zonecut.dns.plugins.module_utils._zone_checks import ERRORS, WARNINGS, check_zone
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import APEX
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.zone_records import record

SOUND = """
@ SOA ns1 hostmaster 1 3600 900 1209600 300
@ NS ns1
@ NS ns2.example.net.
ns1 A 192.0.2.53
"""


def records(text: str, apex: dns.name.Name = APEX) -> list[Record]:
    found = []
    for line in text.strip().splitlines():
        owner, rdtype, data = line.split(" ", 2)
        ttl = 3600
        if rdtype.isdigit():
            ttl, (rdtype, data) = int(rdtype), data.split(" ", 1)
        found.append(record(owner, rdtype, data, ttl, apex=apex))
    return in_reading_order(found)


def check(text: str, apex: dns.name.Name = APEX, **options: list[str]) -> tuple[list[Problem], list[Problem]]:
    return check_zone(apex, records(text, apex), **options)


# (code or None, the record that the message names, part of the message, records beside those of a sound zone)
FAULTS = [
    (None, "www.example.net. A", "outside of the zone", "www.example.net. A 192.0.2.1"),
    (None, "contosoexample. A", "outside of the zone", "contosoexample. A 192.0.2.1"),
    (None, "www CNAME", "has A", "www CNAME a.example.net.\nwww A 192.0.2.1"),
    (None, "@ CNAME", "the apex has NS, SOA", "@ CNAME a.example.net."),
    (None, "www CNAME", "one CNAME record only", "www CNAME a.example.net.\nwww CNAME b.example.net."),
    (None, "d DNAME", "one DNAME record only", "d DNAME a.example.net.\nd DNAME b.example.net."),
    (None, "d DNAME", "delegated by NS or redirected", "d DNAME a.example.net.\nd NS ns.example.net."),
    ("below_cut", "www.sub A", "sub.contoso.example is delegated", "sub NS ns.example.net.\nwww.sub A 192.0.2.1"),
    ("below_cut", "sub TXT", "belongs into the zone sub", "sub NS ns.example.net.\nsub TXT x"),
    ("below_cut", "a.sub NS", "belongs into the zone", "sub NS ns.example.net.\na.sub NS ns.example.net."),
    ("below_cut", "a.sub DS", "belongs into the zone", f"sub NS ns.example.net.\na.sub DS 1 13 2 {'00' * 32}"),
    ("below_dname", "www.d A", "the DNAME at d.contoso.example hides it", "d DNAME a.example.net.\nwww.d A 192.0.2.1"),
    ("glue_missing", "sub NS", "ns.sub.contoso.example is inside", "sub NS ns.sub"),
    ("glue_missing", "sub NS", "sub.contoso.example is inside", "sub NS sub"),
    ("ns_invalid_name", "@ NS", "host name", "@ NS n_s.example.net."),
    ("ns_invalid_name", "@ NS", "never an address", "@ NS 192.0.2.1."),
    ("ns_invalid_name", "@ NS", "host name", "@ NS ."),
    ("ns_is_alias", "@ NS", "ns3.contoso.example is a CNAME", "@ NS ns3\nns3 CNAME a.example.net."),
    ("ns_is_alias", "sub NS", "ns3.contoso.example is a CNAME", "sub NS ns3\nns3 CNAME a.example.net."),
    ("ns_no_address", "@ NS", "ns3.contoso.example has no A", "@ NS ns3"),
    ("ns_no_address", "@ NS", "ns3.contoso.example has no A", "@ NS ns3\nns3 TXT x"),
    ("ns_no_address", "sub NS", "ns3.contoso.example has no A", "sub NS ns3"),
    ("ttl_differs", "www A", "TTL 60 here and 3600 in www A", "www A 192.0.2.1\nwww 60 A 192.0.2.2"),
    ("wildcard_ns", "*.sub NS", "wildcard cannot be delegated", "*.sub NS ns.example.net."),
    ("ds_without_ns", "sub DS", "nothing is delegated", f"sub DS 1 13 2 {'00' * 32}"),
    ("duplicate_record", "www A", "is there already", "www A 192.0.2.1\nwww A 192.0.2.1"),
    ("final_dot_lost", "www CNAME", "it would be a.contoso.example.", "www CNAME a.contoso.example"),
    ("final_dot_lost", "@ MX", "it would be contoso.example.", "@ MX 10 contoso.Example\ncontoso.example A 192.0.2.1"),
    ("final_dot_lost", "www.contoso.example A", "it would be www.contoso.example.", "www.contoso.example A 192.0.2.1"),
    ("final_dot_lost", "www CNAME", "it would be www.example.net.", "www CNAME www.example.net"),
    ("final_dot_lost", "a AFSDB", "it would be a.contoso.example.", "a AFSDB 1 a.contoso.example"),
    ("final_dot_lost", "a RP", "it would be h.contoso.example.", "a RP h.contoso.example ."),
    ("final_dot_lost", "a NAPTR", "it would be _sip._udp.example.net.", 'a NAPTR 1 1 "s" "" "" _sip._udp.example.net'),
    ("host_name_invalid", "a_b A", "not a host name", "a_b A 192.0.2.1"),
    ("host_name_invalid", "-a AAAA", "not a host name", "-a AAAA ::1"),
    ("mx_alias", "@ MX", "mail.contoso.example is a CNAME", "@ MX 10 mail\nmail CNAME a.example.net."),
    ("mx_invalid_name", "@ MX", "never by an address", "@ MX 10 192.0.2.1."),
    ("mx_no_address", "@ MX", "mail.contoso.example has no A", "@ MX 10 mail"),
    ("null_mx_with_others", "@ MX", "stands alone", "@ MX 0 .\n@ MX 10 mail.example.net."),
    (
        "srv_alias",
        "_sip._tcp SRV",
        "sip.contoso.example is a CNAME",
        "_sip._tcp SRV 0 0 1 sip\nsip CNAME a.example.net.",
    ),
    ("srv_no_address", "_sip._tcp SRV", "sip.contoso.example has no A", "_sip._tcp SRV 0 0 1 sip"),
    ("wildcard_dname", "*.d DNAME", "servers differ", "*.d DNAME a.example.net."),
]


@pytest.mark.parametrize(("code", "where", "message", "more"), FAULTS)
def test_a_fault_is_found_and_named(code: str | None, where: str, message: str, more: str) -> None:
    errors, warnings = check(f"{SOUND}{more}")
    found = [problem for problem in (warnings if code in WARNINGS else errors) if problem.code == code]
    assert (where, True) in {(problem.where, message in problem.rule) for problem in found}
    assert {problem.zone for problem in found} == {"contoso.example"}


@pytest.mark.parametrize(("code", "where", "message", "more"), [fault for fault in FAULTS if fault[0] is not None])
def test_a_fault_with_a_code_can_be_allowed(code: str, where: str, message: str, more: str) -> None:
    errors, warnings = check(f"{SOUND}{more}", allow=[code])
    assert code not in {problem.code for problem in (*errors, *warnings)}
    everything = check(f"{SOUND}{more}")
    assert len(errors) + len(warnings) < len(everything[0]) + len(everything[1])


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("www CNAME missing", id="one-label"),
        pytest.param("www CNAME a.b\na.b A 192.0.2.1", id="exists"),
        pytest.param("www CNAME a.b\nc.a.b A 192.0.2.1", id="names-below"),
        pytest.param("www CNAME a.b\n*.b A 192.0.2.1", id="wildcard"),
        pytest.param("www CNAME a.b\nb NS ns.example.net.", id="in-a-child"),
        pytest.param("www CNAME www.example.net.", id="elsewhere"),
    ],
)
def test_a_target_that_may_be_meant_is_no_fault(more: str) -> None:
    assert "final_dot_lost" not in {problem.code for problem in check(f"{SOUND}{more}")[1]}


@pytest.mark.parametrize("target", ["www.contoso.example", "www"])
def test_a_reverse_zone_has_no_hosts(target: str) -> None:
    apex = dns.name.from_text("2.0.192.in-addr.arpa")
    _errors, warnings = check(f"1 PTR {target}", apex)
    (found,) = [problem for problem in warnings if problem.code == "final_dot_lost"]
    assert found.rule.endswith(f"with a final dot it would be {target}.")


def test_no_code_allows_what_no_server_would_load() -> None:
    for code, _where, _message, more in FAULTS:
        if code is None:
            errors, _warnings = check(f"{SOUND}{more}", allow=[*ERRORS, *WARNINGS])
            assert errors, more


def test_every_check_has_a_case() -> None:
    tested = {code for code, *_rest in FAULTS} | {"too_few_name_servers", "soa_rname_invalid"}
    # These are no matter of records.
    assert tested - {None} == {*ERRORS, *WARNINGS} - {"journal", "purge_all"}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("", id="nothing-more"),
        pytest.param("sub NS ns.sub\nsub NS ns.example.net.\nns.sub A 192.0.2.1\nns.sub AAAA ::1", id="glue"),
        pytest.param("sub NS sub\nsub A 192.0.2.1", id="glue-at-the-cut"),
        pytest.param(f"sub NS ns.example.net.\nsub DS 1 13 2 {'00' * 32}", id="ds"),
        pytest.param("sub NS ns.other\nother NS ns.other\nns.other A 192.0.2.1", id="glue-of-a-sibling"),
        pytest.param("sub NS ns1", id="server-in-this-zone"),
        pytest.param("d DNAME a.example.net.\nd A 192.0.2.1", id="data-at-a-dname"),
        pytest.param("www CNAME elsewhere.example.net.\n*.wild CNAME www", id="aliases"),
        pytest.param("@ MX 10 mail\nmail AAAA ::1", id="mail"),
        pytest.param("@ MX 10 a.wild\n*.wild A 192.0.2.1", id="mail-by-wildcard"),
        pytest.param("@ MX 0 .", id="null-mx"),
        pytest.param("@ MX 10 mail.sub\nsub NS ns.example.net.", id="mail-in-a-child"),
        pytest.param("@ MX 10 mail.d\nd DNAME a.example.net.", id="mail-below-a-dname"),
        pytest.param("_sip._tcp SRV 0 0 1 .", id="no-such-service"),
        pytest.param("_dmarc TXT x\n*.a_b TXT x", id="underscores-where-they-may-be"),
        pytest.param("*.wild A 192.0.2.1", id="wildcard"),
        pytest.param("www A 192.0.2.1\nwww A 192.0.2.2", id="two-addresses"),
        pytest.param("www 60 A 192.0.2.1\nwww 300 AAAA ::1", id="ttls-of-different-types"),
        pytest.param("example A 192.0.2.1\ncontoso CNAME example", id="no-repetition-of-the-whole-name"),
        pytest.param("www CNAME contoso.example.", id="the-apex-itself"),
    ],
)
def test_what_is_sound_is_let_through(more: str) -> None:
    assert check(f"{SOUND}{more}") == ([], [])


def test_a_zone_needs_name_servers() -> None:
    errors, _warnings = check("@ SOA ns1 hostmaster 1 3600 900 1209600 300", allow=[*ERRORS, *WARNINGS])
    assert [problem.where for problem in errors] == ["name_servers"]


def test_one_name_server_is_too_few() -> None:
    errors, warnings = check("@ SOA ns hostmaster 1 3600 900 1209600 300\n@ NS ns.example.net.\n@ NS NS.example.net.")
    assert errors == []
    assert "too_few_name_servers" in {problem.code for problem in warnings}


@pytest.mark.parametrize("rname", [r"admin\@contoso.example.", "admin", "hostmaster.", "admin.contoso.example"])
def test_contact_is_a_mailbox(rname: str) -> None:
    text = SOUND.replace("hostmaster", rname)
    _errors, warnings = check(text)
    expected = [] if rname == "admin" else ["soa_rname_invalid"]
    assert [problem.code for problem in warnings] == expected


def test_zones_of_one_label_may_repeat_their_name() -> None:
    com = dns.name.from_text("com.")
    text = (
        "@ SOA ns.example.net. h.example.net. 1 1 1 1 1\n@ NS a.example.net.\n"
        "@ NS b.example.net.\ncom NS c.example.net."
    )
    assert check(text, com) == ([], [])
