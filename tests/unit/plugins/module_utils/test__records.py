# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import dns.rdata
import dns.rdatatype
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import presentation
from ansible_collections.zonecut.dns.plugins.module_utils._records import (
    Record,
    described_records,
    parse_rdata,
    parse_rdatatype,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import APEX, SAMPLES


def records_of(*described: dict[str, t.Any], **zone: t.Any) -> list[Record]:
    return described_records(parse_zones([{"name": "contoso.example", "records": list(described), **zone}])[0])


@pytest.mark.parametrize(("mnemonic", "text"), [(m, text) for m, texts in SAMPLES.items() for text in texts])
def test_data_of_every_type_is_read(mnemonic: str, text: str) -> None:
    (record,) = records_of({"name": "host", "type": mnemonic, "value": text})
    assert record.owner == "host"
    rdata = dns.rdata.from_text("IN", record.rdtype, record.data)
    assert rdata.rdtype == dns.rdatatype.from_text(mnemonic)
    assert (record.rdtype, record.data) == presentation(parse_rdata(parse_rdatatype(mnemonic), text, origin=APEX))


@pytest.mark.parametrize(
    ("mnemonic", "text", "expected"),
    [
        pytest.param("MX", "10 mx1", "10 mx1.contoso.example.", id="relative-name"),
        pytest.param("MX", "10 mx1.example.net.", "10 mx1.example.net.", id="absolute-name"),
        pytest.param("CNAME", "@", "contoso.example.", id="apex"),
        pytest.param("CNAME", r"a\;b", r"a\;b.contoso.example.", id="escaped-semicolon"),
        pytest.param("SRV", "0 0 5060\tsip", "0 0 5060 sip.contoso.example.", id="tab"),
        pytest.param("MX", "10 bücher.example.", "10 xn--bcher-kva.example.", id="u-label"),
        pytest.param("CNAME", "faß.example.", "xn--fa-hia.example.", id="u-label-idna-2008"),
        pytest.param("TXT", "v=spf1 -all", '"v=spf1 -all"', id="text-as-it-is"),
        pytest.param("TXT", "v=DKIM1; k=rsa; p=a(b)", '"v=DKIM1; k=rsa; p=a(b)"', id="text-with-syntax-in-it"),
        pytest.param("TXT", '{"a": 1}', r'"{\"a\": 1}"', id="quotes-that-do-not-come-first"),
        pytest.param("TXT", "", '""', id="empty-text"),
        pytest.param("TXT", "grüße", r'"gr\195\188\195\159e"', id="utf-8"),
        pytest.param("TXT", "a\x00b\x07", r'"a\000b\007"', id="control-characters"),
        pytest.param("TXT", "x" * 256, f'"{"x" * 255}" "x"', id="cut-after-255-octets"),
        pytest.param("TXT", '"a" "b;c" d', '"a" "b;c" "d"', id="strings-in-quotes"),
        pytest.param("TXT", r'"a\010b"', r'"a\010b"', id="escape-in-quotes"),
        pytest.param("TXT", r"\# 3 02 6162", '"ab"', id="text-in-the-form-for-unknown-types"),
        pytest.param(
            "HTTPS",
            '1 . key8 key7="/q{?dns}" alpn=h2 mandatory=alpn,key7',
            '1 . mandatory="alpn,key7" alpn="h2" key7="/q{?dns}" key8=""',
            id="keys-that-have-names-in-later-versions",
        ),
        pytest.param("CAA", '0 issue "a;b"', '0 issue "a;b"', id="semicolon-in-quotes"),
        pytest.param("A", r"\# 4 c0000201", "192.0.2.1", id="known-type-in-the-form-for-unknown-types"),
        pytest.param("TYPE65280", r"\# 4 0a000001", r"\# 4 0a000001", id="unknown-type"),
    ],
)
def test_data_means(mnemonic: str, text: str, expected: str) -> None:
    (record,) = records_of({"name": "host", "type": mnemonic, "value": text})
    assert record.data == expected


@pytest.mark.parametrize(
    ("mnemonic", "text", "rule"),
    [
        pytest.param("A", "192.0.2.1 ; web", "';' starts a comment", id="comment"),
        pytest.param("CAA", "0 issue ca;x", "';' starts a comment", id="comment-without-space"),
        pytest.param("A", "192.0.2.1\nevil A 192.0.2.2", "line break", id="second-line"),
        pytest.param("A", "192.0.2.1\r", "line break", id="carriage-return"),
        pytest.param("A", "192.0.2.1\n", "line break", id="line-break-at-the-end"),
        pytest.param("MX", "10 mx\x0b", "control character", id="vertical-tab"),
        pytest.param("MX", "10 (mx)", r"'\(' continues a line", id="parentheses"),
        pytest.param("MX", "10 mx)", r"'\)' continues a line", id="closing-parenthesis"),
        pytest.param("CAA", '0 issue "ca', "does not end", id="open-quote"),
        pytest.param("CAA", '0 issue "c\na"', "does not end", id="line-break-in-quotes"),
        pytest.param("CNAME", "a\\", "nothing to escape", id="backslash-at-the-end"),
        pytest.param("CNAME", "a\\\nb", "nothing to escape", id="escaped-line-break"),
        pytest.param("TXT", "a\nb", "line break in text", id="line-break-in-text"),
        pytest.param("TXT", r"v=DKIM1\; k=rsa", "backslash could mean", id="backslash-in-text"),
        pytest.param("TXT", '"a" ; b', "';' starts a comment", id="comment-after-quotes"),
        pytest.param("TXT", f'"{"x" * 256}"', "not TXT data", id="long-string-in-quotes"),
        pytest.param("TXT", "x" * 65536, "at most 65535 octets", id="long-text"),
        pytest.param("A", "192.0.2.1 192.0.2.2", "not A data", id="two-values-in-one"),
        pytest.param("A", "192.0.2.256", "not A data", id="no-address"),
        pytest.param("A", "", "not A data", id="nothing"),
        pytest.param("AAAA", "192.0.2.1", "not AAAA data", id="wrong-family"),
        pytest.param("MX", "mx1", "not MX data", id="missing-preference"),
        pytest.param("LOC", "90 0 0 N 0 0 0 E 99999999999m", "too large", id="altitude-out-of-range"),
        pytest.param("SRV", "0 0 70000 sip", "not SRV data", id="port-out-of-range"),
        pytest.param("TYPE65280", "0a000001", "not TYPE65280 data", id="unknown-type-without-its-form"),
        pytest.param("TYPE65280", r"\# 5 0a000001", "not TYPE65280 data", id="wrong-length"),
        pytest.param("MX", r"\# 4 000ac000", "not MX data", id="compressed-name"),
        pytest.param("MX", "10 " + "a" * 64, "not MX data", id="long-label"),
        pytest.param("SOA", "ns1 h 1 2 3 4 5", "the SOA record comes from", id="soa"),
        pytest.param("NOSUCH", "x", "not a record type known here", id="no-type"),
        pytest.param("TYPE65536", "x", "not a record type known here", id="type-out-of-range"),
        pytest.param("ANY", "x", "which no zone can hold", id="question-type"),
        pytest.param("AXFR", "x", "which no zone can hold", id="transfer"),
        pytest.param("OPT", r"\# 0", "which no zone can hold", id="edns"),
        pytest.param("TSIG", r"\# 0", "which no zone can hold", id="signature-of-messages"),
        pytest.param("TYPE0", r"\# 0", "which no zone can hold", id="type-zero"),
    ],
)
def test_unusable_data_is_refused_by_name(mnemonic: str, text: str, rule: str) -> None:
    with pytest.raises(DescriptionError, match=rule) as caught:
        records_of({"name": "ok", "type": "A", "value": "192.0.2.1"}, {"name": "www", "type": mnemonic, "value": text})
    (problem,) = caught.value.problems
    assert (problem.zone, problem.where) == ("contoso.example", f"records[1] (www {mnemonic})")
    assert problem.value in (text, mnemonic)


@pytest.mark.parametrize("owner", ["a b", "a;b", "a\nb", 'a"b', "(a", "a..b", ".a", "a" * 64, "x." * 128])
def test_unusable_owners_are_refused(owner: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        records_of({"name": owner, "type": "A", "value": "192.0.2.1"})
    assert caught.value.problems[0].value == owner


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(DescriptionError) as caught:
        records_of(
            {"name": "a", "type": "A", "values": ["1", "192.0.2.1", "2"]},
            {"name": "b", "type": "NOSUCH", "value": "x"},
            {"name": "c c", "type": "A", "value": "192.0.2.1"},
        )
    assert [problem.value for problem in caught.value.problems] == ["1", "2", "NOSUCH", "c c"]


def test_ttl_is_that_of_the_record_or_of_the_zone() -> None:
    described = (
        {"name": "a", "type": "A", "value": "192.0.2.1"},
        {"name": "b", "type": "A", "value": "192.0.2.1", "ttl": "5m"},
    )
    assert [record.ttl for record in records_of(*described)] == [3600, 300]
    assert [record.ttl for record in records_of(*described, ttl="1d")] == [86400, 300]


@given(st.text().filter(lambda text: not set(text) & set("\\\n\r") and not text.startswith('"')))
@example("$INCLUDE /etc/passwd")
@example("; ) (")
def test_text_without_quotes_is_the_text(text: str) -> None:
    rdata: t.Any = parse_rdata(parse_rdatatype("TXT"), text, origin=APEX)
    assert b"".join(rdata.strings) == text.encode()


@given(st.text("aZ0 ;$@()'~!é", min_size=1, max_size=300))
@example("a" * 255)
@example("a" * 256)
def test_text_without_quotes_is_written_as_dnspython_writes_it(text: str) -> None:
    (record,) = records_of({"name": "@", "type": "TXT", "value": text})
    assert (record.rdtype, record.data) == presentation(parse_rdata(parse_rdatatype("TXT"), text, origin=APEX))
