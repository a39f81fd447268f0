# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdata
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


KEY = "257 3 13 7fs6TMYYlkkxI1PCunVT9dxcxWVGXu1N7xVv2EUyVYMXSn/Z04URNTaxXcoWuDafy99G8rcToPycl2oOhc+s0w=="
DIGEST = dns.dnssec.make_ds(APEX, dns.rdata.from_text("IN", "DNSKEY", KEY), "SHA256").to_text()
SIGNATURE = "13 2 3600 20601231235959 20201012144756 60664 @ AAAA"
HASH = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"

ABOUT_FILES = {
    *("dynamic_records", "dynamic_zone", "file_ignored", "journal", "purge_all", "serial_unknown", "signed_in_file"),
}

# (code or None, the record that the message names, part of the message, records beside those of a sound zone)
FAULTS = [
    (None, "www.example.net. A", "outside of the zone", "www.example.net. A 192.0.2.1"),
    (None, "contosoexample. A", "outside of the zone", "contosoexample. A 192.0.2.1"),
    (None, "www CNAME", "has A", "www CNAME a.example.net.\nwww A 192.0.2.1"),
    (None, "@ CNAME", "the apex has NS, SOA", "@ CNAME a.example.net."),
    (None, "www CNAME", "one CNAME record only", "www CNAME a.example.net.\nwww CNAME b.example.net."),
    (None, "d DNAME", "one DNAME record only", "d DNAME a.example.net.\nd DNAME b.example.net."),
    (None, "d DNAME", "delegated by NS or redirected", "d DNAME a.example.net.\nd NS ns.example.net."),
    ("below_cut", "www.sub TXT", "sub.contoso.example is delegated", "sub NS ns.example.net.\nwww.sub TXT x"),
    ("below_cut", "sub TXT", "belongs into the zone sub", "sub NS ns.example.net.\nsub TXT x"),
    ("below_cut", "a.sub NS", "belongs into the zone", "sub NS ns.example.net.\na.sub NS ns.example.net."),
    ("below_cut", "a.sub DS", "belongs into the zone", f"sub NS ns.example.net.\na.sub DS 1 13 2 {'00' * 32}"),
    ("below_dname", "www.d A", "the DNAME at d.contoso.example hides it", "d DNAME a.example.net.\nwww.d A 192.0.2.1"),
    ("glue_missing", "sub NS", "ns.sub.contoso.example is inside", "sub NS ns.sub"),
    ("glue_missing", "sub NS", "sub.contoso.example is inside", "sub NS sub"),
    ("ns_invalid_name", "@ NS", "host name", "@ NS n_s.example.net."),
    ("ns_invalid_name", "@ NS", "never an address", "@ NS 192.0.2.1."),
    ("ns_no_address", "@ NS", "192.0.2.1 is an address, where the name of a host belongs", "@ NS 192.0.2.1"),
    ("ns_is_root", "@ NS", "nobody answers", "@ NS ."),
    ("glue_surplus", "www.sub A", "never used as glue", "sub NS ns.example.net.\nwww.sub A 192.0.2.1"),
    ("glue_surplus", "sub AAAA", "sub.contoso.example is delegated", "sub NS ns.example.net.\nsub AAAA ::1"),
    ("sibling_glue_missing", "a NS", "ns.b.contoso.example is in another zone", "a NS ns.b\nb NS ns.example.net."),
    ("ns_is_alias", "@ NS", "ns3.contoso.example is a CNAME", "@ NS ns3\nns3 CNAME a.example.net."),
    ("ns_is_alias", "sub NS", "ns3.contoso.example is a CNAME", "sub NS ns3\nns3 CNAME a.example.net."),
    ("ns_no_address", "@ NS", "ns3.contoso.example has no A", "@ NS ns3"),
    ("ns_no_address", "@ NS", "ns3.contoso.example has no A", "@ NS ns3\nns3 TXT x"),
    ("ns_no_address", "sub NS", "ns3.contoso.example has no A", "sub NS ns3"),
    ("ns_no_address", "@ NS", "with a final dot it would be ns3.example.net.", "@ NS ns3.example.net"),
    ("ttl_differs", "www A", "TTL 60 here and 3600 in www A", "www A 192.0.2.1\nwww 60 A 192.0.2.2"),
    ("wildcard_ns", "*.sub NS", "wildcard cannot be delegated", "*.sub NS ns.example.net."),
    ("ds_without_ns", "sub DS", "there is no NS here", f"sub DS 1 13 2 {'00' * 32}"),
    ("ds_without_ns", "@ DS", "belongs into the parent", f"@ DS 1 13 2 {'00' * 32}"),
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
    ("mx_is_address", "@ MX", "never by an address", "@ MX 10 192.0.2.1."),
    ("mx_invalid_name", "@ MX", "named by its host name", "@ MX 10 m_x.example.net."),
    ("mx_no_address", "@ MX", "mail.contoso.example has no A", "@ MX 10 mail"),
    ("mx_no_address", "@ MX", "with a final dot it would be mail.example.net.", "@ MX 10 mail.example.net"),
    ("null_mx_with_others", "@ MX", "stands alone", "@ MX 0 .\n@ MX 10 mail.example.net."),
    (
        "srv_alias",
        "_sip._tcp SRV",
        "sip.contoso.example is a CNAME",
        "_sip._tcp SRV 0 0 1 sip\nsip CNAME a.example.net.",
    ),
    ("srv_no_address", "_sip._tcp SRV", "sip.contoso.example has no A", "_sip._tcp SRV 0 0 1 sip"),
    ("wildcard_dname", "*.d DNAME", "servers differ", "*.d DNAME a.example.net."),
    ("wildcard_inside", "a.*.b TXT", "the first label makes a wildcard", "a.*.b TXT x"),
    ("alias_loop", "a CNAME", "following it from a.contoso.example", "a CNAME b\nb CNAME c\nc CNAME a\nd CNAME a"),
    ("alias_loop", "a CNAME", "leads back there", "a CNAME a"),
    ("alias_loop", "a HTTPS", "an alias of itself", "a HTTPS 0 a"),
    ("target_invalid_name", "_sip._tcp SRV", "not the name of a host", "_sip._tcp SRV 0 0 1 a_b.example.net."),
    ("target_invalid_name", "@ AFSDB", "not the name of a host", "@ AFSDB 1 a_b.example.net."),
    ("target_invalid_name", "a HTTPS", "not the name of a host", "a HTTPS 1 a_b.example.net."),
    ("target_invalid_name", "a RP", "not the name of a host", "a RP h.a_b.example.net. ."),
    ("svcb_alias_with_others", "a HTTPS", "stands alone", "a HTTPS 0 www.example.net.\na HTTPS 1 ."),
    ("svcb_no_target", "a SVCB", "there is no b.contoso.example", "a SVCB 1 b"),
    ("svcb_no_target", "a HTTPS", "there is no b.contoso.example", "a HTTPS 0 b"),
    ("svcb_dns_invalid", "_dns SVCB", "described with alpn", "_dns SVCB 1 ns1 port=853"),
    ("svcb_dns_invalid", "_443._dns SVCB", "described with dohpath", "_443._dns SVCB 1 ns1 alpn=dot,h2"),
    ("spf_without_txt", "a SPF", "read the policy from TXT only", 'a SPF "v=spf1 -all"\na TXT "something else"'),
    ("rp_without_txt", "a RP", "there is no TXT at b.contoso.example", "a RP h.example.net. b"),
    ("dane_owner_invalid", "a TLSA", "looked up at names such as _443._tcp", f"a TLSA 3 1 1 {'00' * 32}"),
    ("dane_owner_invalid", "a SMIMEA", "a hash of 56 digits", f"a SMIMEA 3 1 1 {'00' * 32}"),
    ("value_unregistered", "_443._tcp TLSA", "no standard defines this", f"_443._tcp TLSA 4 1 1 {'00' * 32}"),
    ("value_unregistered", "a SSHFP", "no standard defines this", f"a SSHFP 5 2 {'00' * 32}"),
    ("value_unregistered", "@ CAA", "no standard defines this", '@ CAA 0 issues "ca.example.net"'),
    ("value_unregistered", "@ CAA", "no standard defines this", '@ CAA 1 issue "ca.example.net"'),
    ("value_unregistered", "sub DS", "no standard defines", "sub NS ns.example.net.\nsub DS 1 13 99 00"),
    ("rpz_trigger_invalid", "128.2.0.3.rpz-ip CNAME", "zz for ::", "128.2.0.3.rpz-ip CNAME ."),
    ("rpz_trigger_invalid", "24.1.2.0.192.rpz-ip CNAME", "no bits beyond the prefix", "24.1.2.0.192.rpz-ip CNAME ."),
    ("not_at_apex", "a DNSKEY", "at the apex only", f"a DNSKEY {KEY}"),
    ("dnskey_invalid", "@ DNSKEY", "protocol 2", f"@ DNSKEY {KEY.replace('257 3', '257 2')}"),
    ("dnskey_invalid", "@ DNSKEY", "no zone key", f"@ DNSKEY {KEY.replace('257 3', '1 3')}"),
    ("dnskey_invalid", "@ DNSKEY", "a key of 3 octets, where algorithm 13 has 64", "@ DNSKEY 257 3 13 AAAA"),
    ("dnssec_deprecated", "@ DNSKEY", "RSASHA1 is no longer", "@ DNSKEY 257 3 5 AAAA"),
    ("dnssec_deprecated", "sub DS", "SHA-1 is no longer", f"sub NS ns.example.net.\nsub DS 1 13 1 {'00' * 20}"),
    ("dnssec_leftover", "ns1 RRSIG", "1 RRSIG in a zone that is not signed", f"ns1 RRSIG A {SIGNATURE}"),
    ("soa_signed", "@ RRSIG", "the zone would be bogus", f"@ RRSIG SOA {SIGNATURE}"),
    ("zonemd_stale", "@ ZONEMD", "no digest over the whole zone", f"@ ZONEMD 1 1 1 {'00' * 48}"),
    ("nsec3_owner_invalid", "www NSEC3", "at a hash in base32", f"www NSEC3 1 0 0 - {HASH} A"),
    ("nsec3_owner_invalid", f"{HASH}.a NSEC3", "right below the apex", f"{HASH}.a NSEC3 1 0 0 - {HASH} A"),
    (
        "nsec3_inconsistent",
        f"{HASH} NSEC3",
        "are not those of @ NSEC3PARAM",
        f"@ NSEC3PARAM 1 0 0 -\n{HASH} NSEC3 1 0 5 - {HASH} A",
    ),
    ("nsec3_inconsistent", "@ NSEC3PARAM", "flags 1", "@ NSEC3PARAM 1 1 0 -"),
    ("nsec3_inconsistent", "ns1 NSEC", "NSEC or NSEC3", "@ NSEC3PARAM 1 0 0 -\nns1 NSEC @ A NSEC"),
    ("cds_mismatch", "@ CDS", "no DNSKEY at the apex has this digest", f"@ DNSKEY {KEY}\n@ CDS 1 13 2 {'00' * 32}"),
    ("cds_mismatch", "@ CDNSKEY", "no DNSKEY at the apex is this one", f"@ CDNSKEY {KEY}"),
    ("cds_mismatch", "@ CDS", "it stands alone", f"@ CDS 0 0 0 00\n@ CDS 1 13 2 {'00' * 32}"),
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


# Tools that say what a name server would not load, and the faults that only they refuse: Knot does not know the digest,
# but serves it.
TOOLS = {
    "named-checkzone": (["named-checkzone", "-i", "full", "-k", "fail", "contoso.example"], set()),
    "kzonecheck": (["kzonecheck", "-o", "contoso.example"], {"sub NS ns.example.net.\nsub DS 1 13 99 00"}),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_of_name_servers_refuses_is_refused_here(tool: str, tmp_path: Path) -> None:
    command, milder = TOOLS[tool]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    refused = set()
    for _code, _where, _message, more in FAULTS:
        path = tmp_path / "zone"
        path.write_text(f"$TTL 3600\n{SOUND}{more}\n")
        if subprocess.run([*command, str(path)], capture_output=True, check=False).returncode:
            refused.add(more)
    # A tool that took no fault for one would prove nothing.
    assert len(refused) > len(FAULTS) // 10
    assert {more for more in refused if not check(f"{SOUND}{more}")[0]} == milder


@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_sound_here_is_sound_for_tools_of_name_servers(tool: str, tmp_path: Path) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    path = tmp_path / "zone"
    path.write_text(f"$TTL 3600\n{SOUND}sub NS ns.sub\nns.sub A 192.0.2.1\n@ MX 10 ns1\nwww CNAME ns1\n")
    done = subprocess.run([*TOOLS[tool][0], str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_documentation_lists_every_code() -> None:
    page = (Path(__file__).parents[4] / "docs" / "zone_checks.md").read_text()
    assert {*ERRORS, *WARNINGS} <= set(re.findall("`([a-z0-9_]+)`", page))
    for codes, title in ((ERRORS, "## Errors"), (WARNINGS, "## Warnings")):
        table = set(re.findall(r"^\| `([a-z0-9_]+)`", page.split(title)[1].split("\n## ")[0], re.MULTILINE))
        assert table == codes.keys() - ABOUT_FILES


def test_no_code_allows_what_no_server_would_load() -> None:
    for code, _where, _message, more in FAULTS:
        if code is None:
            errors, _warnings = check(f"{SOUND}{more}", allow=[*ERRORS, *WARNINGS])
            assert errors, more


def test_every_check_has_a_case() -> None:
    tested = {code for code, *_rest in FAULTS} | {"too_few_name_servers", "soa_rname_invalid"}
    assert tested - {None} == {*ERRORS, *WARNINGS} - ABOUT_FILES


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
        pytest.param("gc._msdcs A 192.0.2.1\na._spf A 192.0.2.1\na._spf_rate.sub AAAA ::1", id="addresses-anywhere"),
        pytest.param("a CNAME b\nb CNAME c\nc A 192.0.2.1", id="a-chain-that-ends"),
        pytest.param("a HTTPS 1 .\na HTTPS 2 b\nb AAAA ::1\nc HTTPS 0 a_b.example.net.", id="https"),
        pytest.param(
            "_dns SVCB 1 ns1 alpn=dot\n_443._dns SVCB 2 ns1 alpn=h2 key7=/q{?dns}\na._dns SVCB 0 ns1", id="dns"
        ),
        pytest.param('a SPF "v=spf1 -all"\na TXT "V=spf1 -all"', id="spf-in-both"),
        pytest.param("a RP h.example.net. b\nb TXT x\nc RP h.example.net. .", id="responsible-person"),
        pytest.param(f"_443._tcp.a TLSA 3 1 1 {'00' * 32}\n*._tcp.a TLSA 3 1 1 {'00' * 32}", id="tlsa"),
        pytest.param(f"{'0' * 56}._smimecert SMIMEA 3 1 1 {'00' * 32}", id="smimea"),
        pytest.param('@ CAA 128 issue "a.example"\n@ CAA 0 ISSUEMAIL ";"\na SSHFP 4 2 ' + "00" * 32, id="registered"),
        pytest.param("24.0.2.0.192.rpz-ip CNAME .\n128.2.zz.3.2.2001.rpz-nsip CNAME .", id="response-policy"),
        pytest.param("128.1.zz.rpz-ip CNAME .\n32.zz.db8.2001.rpz-client-ip CNAME .", id="response-policy-ends"),
        pytest.param("sub NS ns.b\nb NS ns.b\nns.b A 192.0.2.1", id="sibling-glue"),
        pytest.param(f"@ DNSKEY {KEY}\n@ CDNSKEY {KEY}\n@ CDS {DIGEST}", id="keys-announced"),
        pytest.param("@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA==", id="keys-withdrawn"),
        pytest.param("* A 192.0.2.1\n*.b TXT x", id="wildcards"),
    ],
)
def test_what_is_sound_is_let_through(more: str) -> None:
    assert check(f"{SOUND}{more}") == ([], [])


def test_aliases_loop_in_the_root_zone() -> None:
    text = "@ SOA a. b.c. 1 1 1 1 1\n@ NS a.\n@ NS d.\na A 192.0.2.1\nd A 192.0.2.2\nx CNAME y.\ny CNAME x."
    assert [problem.code for problem in check(text, dns.name.root)[1]] == ["alias_loop"]


def test_what_is_wrong_everywhere_is_counted() -> None:
    errors, _warnings = check(SOUND + "".join(f"a_{number} A 192.0.2.1\n" for number in range(1005)))
    assert len(errors) == 1001
    assert str(errors[-1]) == "zone contoso.example: 5 more records are like these [host_name_invalid]"


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
