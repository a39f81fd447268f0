# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._content import ContentLine, ZoneContent, difference
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import APEX
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.zone_records import content_of, record

SOA = ("@", 3600, "SOA", "ns1 hostmaster 7 3600 900 1209600 300")
WWW = ("www", 300, "A", "192.0.2.1")


def content(*records: tuple[str, int, str, str]) -> ZoneContent:
    return content_of(*(record(owner, rdtype, text, ttl) for owner, ttl, rdtype, text in records))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param([SOA], [("@", 3600, "SOA", "ns1 hostmaster 8 3600 900 1209600 300")], id="serial"),
        pytest.param([WWW, SOA], [SOA, WWW], id="order"),
        pytest.param([WWW], [WWW, WWW], id="duplicate"),
        pytest.param([WWW], [("WWW", 300, "A", "192.0.2.1")], id="case-of-owner"),
        pytest.param([("@", 1, "MX", "10 Mail")], [("@", 1, "MX", "10 mail")], id="case-of-name-in-data"),
        pytest.param([("@", 1, "RP", "A.test. B.test.")], [("@", 1, "RP", "a.test. b.test.")], id="case-of-two-names"),
        pytest.param([("@", 1, "AAAA", "2001:DB8::0:1")], [("@", 1, "AAAA", "2001:db8::1")], id="spelling-of-address"),
        pytest.param([("@", 1, "TXT", "a")], [("@", 1, "TXT", r'"\097"')], id="spelling-of-text"),
        pytest.param([WWW], [("www", 300, "TYPE1", r"\# 4 c0000201")], id="form-for-unknown-types"),
    ],
)
def test_spelling_is_no_content(one: list[tuple[str, int, str, str]], other: list[tuple[str, int, str, str]]) -> None:
    assert content(*one) == content(*other)
    assert difference(content(*one), content(*other)).counts == (0, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param([SOA], [("@", 3600, "SOA", "ns1 hostmaster 7 3600 900 1209600 301")], id="field-of-soa"),
        pytest.param([SOA], [("@", 3601, "SOA", "ns1 hostmaster 7 3600 900 1209600 300")], id="ttl-of-soa"),
        pytest.param([WWW], [("www", 301, "A", "192.0.2.1")], id="ttl"),
        pytest.param([WWW], [("www", 300, "A", "192.0.2.2")], id="data"),
        pytest.param([WWW], [("ww", 300, "A", "192.0.2.1")], id="owner"),
        pytest.param([WWW], [], id="no-record"),
        pytest.param([("@", 1, "TXT", "a")], [("@", 1, "TXT", "A")], id="case-of-text"),
        pytest.param([("@", 1, "TXT", '"a" "b"')], [("@", 1, "TXT", "ab")], id="strings-of-text"),
    ],
)
def test_meaning_is_content(one: list[tuple[str, int, str, str]], other: list[tuple[str, int, str, str]]) -> None:
    assert content(*one) != content(*other)
    assert difference(content(*one), content(*other)).counts != (0, 0)


def test_difference_is_told_by_record() -> None:
    before = content(SOA, WWW, ("www", 300, "A", "192.0.2.2"), ("old", 60, "TXT", "gone"))
    after = content(SOA, WWW, ("www", 300, "A", "192.0.2.3"), ("new", 60, "MX", "10 mail"))
    found = difference(before, after)
    assert found.removed == (
        'old.contoso.example. 60 IN TXT "gone"',
        "www.contoso.example. 300 IN A 192.0.2.2",
    )
    assert found.added == (
        "new.contoso.example. 60 IN MX 10 mail.contoso.example.",
        "www.contoso.example. 300 IN A 192.0.2.3",
    )


def test_another_ttl_replaces_the_whole_rrset() -> None:
    before = content(WWW, ("www", 300, "A", "192.0.2.2"))
    after = content(("www", 60, "A", "192.0.2.1"), ("www", 60, "A", "192.0.2.2"))
    assert [len(difference(before, after).added), len(difference(before, after).removed)] == [2, 2]


def test_a_zone_comes_and_goes_as_a_whole() -> None:
    assert difference(None, content(SOA, WWW)).added == (
        "contoso.example. 3600 IN SOA ns1.contoso.example. hostmaster.contoso.example. (serial) 3600 900 1209600 300",
        "www.contoso.example. 300 IN A 192.0.2.1",
    )
    assert difference(content(SOA, WWW), None).removed == difference(None, content(SOA, WWW)).added


def test_records_are_counted_once_with_the_soa() -> None:
    assert len(content(SOA, WWW, WWW, ("www", 300, "A", "192.0.2.2"))) == 3


def test_an_rrset_has_the_least_ttl() -> None:
    assert content(WWW, ("www", 60, "A", "192.0.2.2")) == content(
        ("www", 60, "A", "192.0.2.1"), ("www", 60, "A", "192.0.2.2")
    )


def test_reading_order_is_soa_ns_then_canonical() -> None:
    expected = [
        ("@", 1, "SOA", "ns1 h 1 1 1 1 1"),
        ("@", 1, "NS", "ns1"),
        ("@", 1, "A", "192.0.2.1"),
        ("@", 1, "MX", "10 a"),
        ("*", 1, "A", "192.0.2.1"),
        ("a", 1, "A", "192.0.2.1"),
        ("a.a", 1, "A", "192.0.2.1"),
        ("Z.a", 1, "A", "192.0.2.1"),
        ("b", 1, "A", "192.0.2.1"),
        ("b", 1, "AAAA", "::1"),
    ]
    shuffled = random.Random(1).sample(expected, len(expected))
    lines = [ContentLine.of(line) for line in content(*shuffled).lines]
    assert [line[:3] for line in lines] == [(owner.lower(), 1, rdtype) for owner, _ttl, rdtype, _data in expected[1:]]


def test_data_is_in_the_order_of_numbers() -> None:
    texts = ["5 a", "10 a", "10 b", "100 a"]
    lines = content(*(("@", 1, "MX", text) for text in random.Random(1).sample(texts, 4))).lines
    assert [ContentLine.of(line).data for line in lines] == [f"{text}.contoso.example." for text in texts]


def test_octets_may_look_like_a_number_of_thousands_of_digits() -> None:
    zeros, one = ("@", 60, "TYPE65280", rf"\# 2200 {'00' * 2200}"), ("@", 60, "TYPE65280", rf"\# 2200 {'00' * 2199}01")
    assert content(SOA, one, zeros) == content(SOA, zeros, one)


class TestLines:
    RECORDS = [SOA, WWW, ("www", 300, "AAAA", "::1"), ("a.b", 60, "TXT", '"x  y"'), (r"a\.b", 60, "A", "192.0.2.5")]

    def test_are_found_by_owner(self) -> None:
        found = content(*self.RECORDS)
        assert [line.data for line in found.at(dns.name.from_text("WWW", APEX))] == ["192.0.2.1", "::1"]
        assert [line.data for line in found.at(dns.name.from_text("a.b", APEX))] == ['"x  y"']
        assert [line.data for line in found.at(dns.name.Name((b"a.b", *APEX.labels)))] == ["192.0.2.5"]
        assert found.at(dns.name.from_text("ww", APEX)) == [] == found.at(APEX)
        assert [rdata.to_text() for rdata in found.rdatas(dns.name.from_text("www", APEX), "AAAA")] == ["::1"]

    def test_come_and_go(self) -> None:
        before = content(*self.RECORDS)
        gone, come = ContentLine("www", 300, "AAAA", "::1"), ContentLine("b", 5, "A", "192.0.2.7")
        after = before.with_lines(removed=[gone], added=[come])
        assert after == content(*(each for each in self.RECORDS if each[2] != "AAAA"), ("b", 5, "A", "192.0.2.7"))
        assert before.with_lines(removed=[], added=[gone]) == before


RECORD = st.tuples(
    st.sampled_from(("a", "b", "C")),
    st.sampled_from((60, 300)),
    st.just("A"),
    st.sampled_from(("192.0.2.1", "192.0.2.2", "192.0.2.3")),
)


@given(st.lists(RECORD), st.lists(RECORD))
def test_difference_leads_from_one_to_the_other(
    one: list[tuple[str, int, str, str]], other: list[tuple[str, int, str, str]]
) -> None:
    before, after = content(*one), content(*other)
    lines = set(difference(None, before).added)
    found = difference(before, after)
    assert set(found.removed) <= lines
    assert lines - set(found.removed) | set(found.added) == set(difference(None, after).added)
    assert not set(found.removed) & set(found.added)
