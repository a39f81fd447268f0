# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random

import dns.name
import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._content import ZoneContent, by_rrset, difference
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import APEX

SOA = ("@", 3600, "SOA", "ns1 hostmaster 7 3600 900 1209600 300")
WWW = ("www", 300, "A", "192.0.2.1")


def content(*records: tuple[str, int, str, str]) -> ZoneContent:
    return ZoneContent.of(
        APEX,
        by_rrset(
            Record(
                owner=dns.name.from_text(owner, APEX),
                ttl=ttl,
                rdata=dns.rdata.from_text("IN", rdtype, text, origin=APEX, relativize=False),
                where="",
            )
            for owner, ttl, rdtype, text in records
        ),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param([SOA], [("@", 3600, "SOA", "ns1 hostmaster 8 3600 900 1209600 300")], id="serial"),
        pytest.param([WWW, SOA], [SOA, WWW], id="order"),
        pytest.param([WWW], [WWW, WWW], id="duplicate"),
        pytest.param([WWW], [("WWW", 300, "A", "192.0.2.1")], id="case-of-owner"),
        pytest.param([("@", 1, "MX", "10 Mail")], [("@", 1, "MX", "10 mail")], id="case-of-name-in-data"),
        pytest.param([("@", 1, "AAAA", "2001:DB8::0:1")], [("@", 1, "AAAA", "2001:db8::1")], id="spelling-of-address"),
        pytest.param([("@", 1, "TXT", "a")], [("@", 1, "TXT", r'"\097"')], id="spelling-of-text"),
        pytest.param([WWW], [("www", 300, "TYPE1", r"\# 4 c0000201")], id="form-for-unknown-types"),
    ],
)
def test_spelling_is_no_content(one: list[tuple[str, int, str, str]], other: list[tuple[str, int, str, str]]) -> None:
    assert content(*one) == content(*other)
    assert difference(content(*one), content(*other)) == difference(None, None)


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
    assert difference(content(*one), content(*other)) != difference(None, None)


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
    keys = [key for key, _rrset in content(*shuffled).ordered()]
    assert keys == [next(iter(content(record).rrsets)) for record in expected]


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
