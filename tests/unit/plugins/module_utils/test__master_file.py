# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zone files of anybody: each form of syntax by hand, and by hypothesis that dnspython reads the same."""

from __future__ import annotations

import pathlib
import typing as t

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.zone
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import (
    FileText,
    include_from_folder,
    read_records,
    text_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import absolute_name
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import PLAIN_FORMS, presentation
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import (
    APEX,
    SAMPLES,
    names,
    owners,
    rdatas,
)

slow = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

SOA = "@ 3600 IN SOA ns1 hostmaster 1 3600 900 1209600 300\n"


def read(text: str, **options: t.Any) -> list[tuple[str, int, str]]:
    return [(r.owner, r.ttl, f"{r.rdtype} {r.data}") for r in read_records(FileText("z", text), origin=APEX, **options)]


def test_what_people_write() -> None:
    text = """\
$TTL 1h
@ IN SOA ns1 hostmaster (
    1 ; serial
    1h 15m 2w 5m )
    NS ns1
ns1 1d IN A 192.0.2.1
NS2 in 1D a 192.0.2.2
$ORIGIN sub.contoso.example.
www 2d IN CNAME @
$ORIGIN deeper
www	A	192.0.2.3
$ORIGIN contoso.example.
$GENERATE 1-3/2 h$ A 192.0.2.$
txt TXT ( "a;b"
    "c" )
"""
    assert read(text) == [
        ("@", 3600, "SOA ns1.contoso.example. hostmaster.contoso.example. 1 3600 900 1209600 300"),
        ("@", 3600, "NS ns1.contoso.example."),
        ("ns1", 86400, "A 192.0.2.1"),
        ("ns2", 86400, "A 192.0.2.2"),
        ("www.sub", 172800, "CNAME sub.contoso.example."),
        ("www.deeper.sub", 3600, "A 192.0.2.3"),
        ("h1", 3600, "A 192.0.2.1"),
        ("h3", 3600, "A 192.0.2.3"),
        ("txt", 3600, 'TXT "a;b" "c"'),
    ]


def test_out_of_zone_records_and_duplicates_are_told() -> None:
    text = "$TTL 60\nwww.example.net. A 192.0.2.1\nwww A 192.0.2.1\nwww A 192.0.2.1\n"
    assert [owner for owner, _ttl, _data in read(text)] == ["www.example.net.", "www", "www"]


@pytest.mark.parametrize("record", ["www A 192.0.2.1", "www LOC 0 N 0 E 0m", "www TXT (\n a\n b )"])
def test_records_are_named_by_line(record: str) -> None:
    (found,) = read_records(FileText("z", f"$TTL 60\n\n{record}\n"), origin=APEX)
    assert found.where == f"z:3 ({record.splitlines()[0]})"


def test_generated_records_are_named_by_the_line_that_makes_them() -> None:
    records = read_records(FileText("z", "$TTL 60\n$GENERATE 1-2 h$ A 192.0.2.$\n"), origin=APEX)
    assert [record.where for record in records] == ["z:2 ($GENERATE 1-2 h$ A 192.0.2.$)"] * 2


def test_long_lines_are_cut() -> None:
    (found,) = read_records(FileText("z", f'h 60 TXT "{"a" * 250}"\n'), origin=APEX)
    assert found.where == f'z:1 (h 60 TXT "{"a" * 190}...)'


def test_last_line_needs_no_end() -> None:
    assert read("www 60 A 192.0.2.1") == [("www", 60, "A 192.0.2.1")]


@pytest.mark.parametrize("end", ["\r\n", " \r\n", " ; comment\r\n"])
def test_lines_may_end_as_on_windows(end: str) -> None:
    assert read(f"www 60 A 192.0.2.1{end}www 60 TXT x{end}") == [("www", 60, "A 192.0.2.1"), ("www", 60, 'TXT "x"')]


def test_what_starts_with_another_space_than_a_blank_has_an_owner() -> None:
    assert read("@ 60 A 192.0.2.1\n\rwww 60 A 192.0.2.1\n\rmail 60 A 192.0.2.1 ; comment\n") == [
        (owner, 60, "A 192.0.2.1") for owner in ("@", "www", "mail")
    ]


@pytest.mark.parametrize("form", ["{}", "( {} )"])
def test_data_fits_into_16_bits(form: str) -> None:
    strings = [f'"{"x" * 255}"'] * 257
    assert len(read(f"www 60 TXT {form.format(' '.join(strings[:255]))}")) == 1
    with pytest.raises(ZoneFileError, match="holds at most 65535 octets"):
        read(f"www 60 TXT {form.format(' '.join(strings))}")


class TestTtl:
    def test_by_default(self) -> None:
        assert read("www A 192.0.2.1\n", default_ttl=60) == [("www", 60, "A 192.0.2.1")]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("@ 60 SOA . . 1 2 3 4 5\na A 192.0.2.1\n", [60, 60], id="that-of-the-soa"),
            pytest.param("@ SOA . . 1 2 3 4 5\na A 192.0.2.1\n", [5, 5], id="minimum"),
            pytest.param("@ SOA . . 1 2 3 4 5\na 60 A 192.0.2.1\nb A 192.0.2.1\n", [5, 60, 5], id="minimum-stays"),
            pytest.param("@ 60 SOA . . 1 2 3 4 5\n$TTL 7\na 9 A 192.0.2.1\nb A 192.0.2.1\n", [60, 9, 7], id="later"),
            pytest.param("$TTL 5\n@ 60 SOA . . 1 2 3 4 5\na A 192.0.2.1\n", [60, 5], id="stated-like-the-minimum"),
            pytest.param("a 60 A 192.0.2.1\n@ SOA . . 1 2 3 4 5\nb A 192.0.2.1\n", [60, 60, 60], id="before-the-soa"),
            pytest.param("a 60 IN A 192.0.2.1\na IN 1m A 192.0.2.2\na in 60 a 192.0.2.3\n", [60] * 3, id="any-order"),
        ],
    )
    def test_is_taken_as_name_servers_do(self, text: str, expected: list[int]) -> None:
        assert [ttl for _owner, ttl, _data in read(text)] == expected

    @pytest.mark.parametrize("ttl", ["2147483648", "4294967296", "99999999999", "1000000w"])
    def test_has_31_bits(self, ttl: str) -> None:
        for text in (f"a {ttl} A 192.0.2.1\n", f"$TTL {ttl}\na A 192.0.2.1\n"):
            with pytest.raises(ZoneFileError, match="RFC 2181|too large|TTL"):
                read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("www A 192.0.2.1\n", "no TTL here"),
        ("$TTL 60\nwww A 1\n", ""),
        ("$TTL 60\nwww A 192.0.2.1 192.0.2.2\n", ""),
        ("$TTL 60\nwww A 10 192.0.2.1\n", ""),
        ("$TTL 60\nwww NS 10 ns\n", ""),
        ("$TTL 60\nwww MX 10 20 mx\n", ""),
        ("$TTL 60\nwww MX mx\n", ""),
        ("$TTL 60\nwww SRV 1 2 sip\n", ""),
        ("$TTL 60\nwww\xa0A 192.0.2.1\n", "'\\xa0' is space, and none that zone files know"),
        ("$TTL 60\nwww\x1fA 192.0.2.1\n", "'\\x1f' is space, and none that zone files know"),
        ("$TTL 60\nwww A 192.0.2.1\0\n", ""),
        ('$TTL 60\nwww TXT "a" "b\n', "a quoted string does not end"),
        ('$TTL 60\nwww "TXT" "b"\n', ""),
        ("$TTL 60\nwww NOSUCH 1\n", "not a record type known here"),
        ("$TTL 60\nwww CH A 192.0.2.1\n", "class CH"),
        ("$TTL 60\nwww 60 60 A 192.0.2.1\n", "not a record type"),
        ("$TTL 60\nwww\n", "a record needs a type"),
        ("$TTL 60\nwww A ( 192.0.2.1\n", "'(' without ')'"),
        ("$TTL 60\nwww A 192.0.2.1 )\n", "')' without '('"),
        ('$TTL 60\nwww TXT "a\n', "a quoted string does not end"),
        ("$TTL 60\nwww TXT a\\", "a backslash has nothing to escape"),
        ('$TTL 60\n"www" A 192.0.2.1\n', "an owner is not in quotes"),
        (f"$TTL 60\n{'a' * 64} A 192.0.2.1\n", ""),
        ("$TTL 60\na..b A 192.0.2.1\n", ""),
        (f"$TTL 60\n{'a.' * 121}b A 192.0.2.1\n", ""),
        (f"$TTL 60\nwww NS {'a.' * 121}b\n", ""),
        ("$TTL 60\nwww TYPE0 \\# 0\n", "which no zone can hold"),
        ("$FOO\n", "$FOO is no directive"),
        ("$ORIGIN\n", "$ORIGIN has the wrong number of parts"),
        ("$TTL x\n", "x is no TTL"),
        ("$GENERATE 1-2 a\n", "$GENERATE has the wrong number of parts"),
        ("$TTL 60\n$GENERATE 2-1 a$ A 192.0.2.$\n", "2-1 is no range"),
        ("$TTL 60\n$GENERATE 0-2 a${-1} A 192.0.2.$\n", "makes -1 of 0"),
        ("$TTL 60\n$GENERATE 0-2 a${0,1,q} A 192.0.2.$\n", "${0,1,q} of $GENERATE is no offset, width and base"),
        ("$TTL 60\n$GENERATE 0-2 a${0,1,d,4} A 192.0.2.$\n", "is no offset, width and base"),
        ("$TTL 60\n$GENERATE 0-2 a${x} A 192.0.2.$\n", "is no offset, width and base"),
        ("$TTL 60\n$GENERATE 1-1 a TXT ${2147483647}\n", "makes 2147483648 of 1"),
        ("$TTL 60\n A 192.0.2.1\n", "no owner here, nor in a record before"),
        ("$TTL 60\n 60 A 192.0.2.1\n", "no owner here, nor in a record before"),
        ("$INCLUDE /etc/passwd\n", "$INCLUDE is not followed"),
    ],
)
def test_what_is_no_zone_file_is_told_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(ZoneFileError, match=r"z:\d+ \(") as caught:
        read(text)
    assert reason in str(caught.value)


def test_octets_that_are_no_utf8_stay_what_they_are() -> None:
    assert read(text_of(b'; Z\xfcrich\nwww 60 TXT "\xe9" ; \xfc\n')) == [("www", 60, 'TXT "\\233"')]


class TestGenerate:
    # By the manual of BIND 9.18, and as its named-compilezone makes them.
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("1-2 a$ A 192.0.2.$", ["a1 A 192.0.2.1", "a2 A 192.0.2.2"]),
            ("0-4/2 a${10} CNAME b${1,3}", [f"a{n + 10} CNAME b{n + 1:03}.contoso.example." for n in (0, 2, 4)]),
            ("10-10 a${0,4,x} CNAME b${0,0,X}", ["a000a CNAME bA.contoso.example."]),
            ("8-8 a${0,0,o} CNAME b${-8}", ["a10 CNAME b0.contoso.example."]),
            ("1-1 a\\$b$ A 192.0.2.1", ["a\\$b1 A 192.0.2.1"]),
            ("18-18 ${0,3,n} PTR h${0,8,N}x", ["2.1 PTR h2.1.0.0.x.contoso.example."]),
            ('1-1 a$ 60 IN TXT "$ a" $$', ['a1 TXT "1 a" "$"']),
        ],
    )
    def test_makes(self, line: str, expected: list[str]) -> None:
        found = read(f"$TTL 60\n$GENERATE {line}\n")
        assert [f"{owner} {data}".lower() for owner, _ttl, data in found] == [each.lower() for each in expected]


class TestInclude:
    def test_starts_from_the_folder_of_the_file(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "hosts").write_text("$TTL 9\nwww A 192.0.2.1\n$INCLUDE deeper\n A 192.0.2.4\n")
        (tmp_path / "more" / "deeper").write_text("$ORIGIN x\ny A 192.0.2.3\n")
        main = tmp_path / "main"
        main.write_text("$TTL 60\nmail A 192.0.2.2\n$INCLUDE more/hosts sub\n AAAA ::1\n")
        records = read_records(FileText("main", main.read_text(), str(main)), origin=APEX, include=include_from_folder)
        assert [(record.owner, record.ttl, record.data) for record in records] == [
            ("mail", 60, "192.0.2.2"),
            ("www.sub", 9, "192.0.2.1"),
            ("y.x.sub", 9, "192.0.2.3"),
            ("www.sub", 9, "192.0.2.4"),
            # Origin and owner are those of this file again; the TTL stays, as it does in BIND.
            ("mail", 9, "::1"),
        ]
        assert [record.where for record in records[1:3]] == [
            f"{tmp_path}/more/hosts:2 (www A 192.0.2.1)",
            f"{tmp_path}/more/deeper:2 (y A 192.0.2.3)",
        ]

    def test_of_a_missing_file_is_told(self, tmp_path: pathlib.Path) -> None:
        file = FileText("z", "$TTL 60\n$INCLUDE nowhere\n", str(tmp_path / "z"))
        with pytest.raises(ZoneFileError, match=r"nowhere.*No such file"):
            read_records(file, origin=APEX, include=include_from_folder)

    def test_in_a_circle_is_told(self, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "z"
        path.write_text("$INCLUDE z\n")
        with pytest.raises(ZoneFileError, match="in a circle"):
            read_records(FileText("z", path.read_text(), str(path)), origin=APEX, include=include_from_folder)


@pytest.mark.parametrize("mnemonic", sorted(PLAIN_FORMS))
@slow
@given(st.data())
def test_plain_forms_say_what_dnspython_says(mnemonic: str, data: st.DataObject) -> None:
    text = data.draw(plain_texts(mnemonic))
    plain = PLAIN_FORMS[mnemonic](text, "contoso.example.")
    assume(plain is not None)
    rdata = dns.rdata.from_text("IN", mnemonic, text, origin=APEX, relativize=False)
    assert (mnemonic, plain) == presentation(rdata)


@st.composite
def plain_texts(draw: st.DrawFn, mnemonic: str) -> str:
    """Data of a type that is right, nearly right, or anything."""
    name = st.one_of(
        names().map(str), st.from_regex(r"[a-zA-Z0-9_*/-]{1,8}(\.[a-zA-Z0-9-]{0,63}){0,3}\.?", fullmatch=True)
    )
    number = st.one_of(st.integers(0, 70000).map(str), st.sampled_from(("00", "010", "65535", "+1", "-1", "٣")))
    address = st.one_of(st.ip_addresses(v=4).map(str), st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", fullmatch=True))
    address6 = st.one_of(
        st.ip_addresses(v=6).map(str),
        st.ip_addresses(v=6).map(lambda each: each.exploded.upper()),
        st.sampled_from(
            ("::", "::1", "::ffff:192.0.2.1", "::192.0.2.1", "::c000:201", "1::2::3", "fe80::1%lo", "1:0:0:2::")
        ),
        st.from_regex(r"[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}", fullmatch=True),
    )
    hexadecimal = st.sampled_from((40, 64, 96, 10)).flatmap(
        lambda n: st.text("0123456789abcdefABCDEF", min_size=n, max_size=n)
    )
    host = {
        **dict.fromkeys(("CNAME", "DNAME", "NS", "PTR"), name),
        "A": address,
        "AAAA": address6,
        "MX": st.tuples(number, name).map(" ".join),
        "SRV": st.tuples(number, number, number, name).map("\t".join),
        "DS": st.tuples(number, number, st.sampled_from("012345"), hexadecimal).map(" ".join),
        "TXT": st.lists(st.text(max_size=300).map(lambda text: f'"{text}"'), min_size=1, max_size=3).map(" ".join),
    }
    return draw(st.one_of(host[mnemonic], st.sampled_from(SAMPLES[mnemonic])))


SPACES = st.sampled_from((" ", "\t", "  ", " \t "))


@st.composite
def spelled(draw: st.DrawFn, owner: str, ttl: int, rdtype: str, data: str) -> str:
    """One record in one of the ways that people spell it."""
    space = draw(SPACES)
    ttls = draw(st.sampled_from(([], [str(ttl)], [f"{ttl}s"])))
    rdclass = draw(st.sampled_from(([], ["IN"], ["in"])))
    middle = draw(st.permutations([*ttls, *rdclass]))
    mnemonic = draw(st.sampled_from((rdtype, rdtype.lower())))
    line = space.join((owner, *middle, mnemonic, data))
    if draw(st.booleans()):
        line = f"{owner} ( {space.join((*middle, mnemonic, data))}\n )"
    return line + draw(st.sampled_from(("", " ", "\t; a (comment\\", " ;")))


@slow
@given(st.data())
def test_dnspython_reads_the_same(data: st.DataObject) -> None:
    lines = ["$TTL 77", SOA.strip(), "@ NS ns1"]
    last = None
    for _line in range(data.draw(st.integers(1, 4))):
        owner, rdata = data.draw(owners()), data.draw(rdatas())
        # Data that dnspython reads back from its own text, which it does not for all of every version.
        try:
            text = rdata.to_text()
            assume(dns.rdata.from_text("IN", rdata.rdtype, text).to_wire() == rdata.to_wire())
        except (dns.exception.DNSException, ValueError):
            assume(False)
        # Names with an own label, so that no record is CNAME and other data, nor the SOA once more.
        owner = dns.name.Name((f"n{len(lines)}".encode(), *owner.labels[-len(APEX.labels) - 2 :]))
        assume(rdata.rdtype != dns.rdatatype.SOA and text.isascii())
        relative = data.draw(st.booleans())
        written = owner.relativize(APEX).to_text() if relative else owner.to_text()
        # Of a type that an owner has one record of at most, dnspython keeps the one that came last.
        if last is not None and not dns.rdatatype.is_singleton(rdata.rdtype) and data.draw(st.booleans()):
            owner, written = last, " "
        if owner == last and not written.isspace():
            written = " "
        last = owner
        mnemonic = dns.rdatatype.to_text(rdata.rdtype)
        lines.append(data.draw(spelled(written, data.draw(st.integers(0, 2**31 - 1)), mnemonic, text)))
        lines.append(data.draw(st.sampled_from(("", "; nothing", "\t", "$ORIGIN contoso.example."))))
    whole = "\n".join(lines) + "\n"
    try:
        zone = dns.zone.from_text(whole, APEX, relativize=False, check_origin=False)
    except dns.exception.DNSException:
        assume(False)
    theirs = {(owner, ttl, *presentation(rdata)) for owner, ttl, rdata in zone.iterate_rdatas()}
    ours = read_records(FileText("z", whole), origin=APEX)
    found = {(dns.name.from_text(absolute_name(r.owner, "contoso.example.")), r.ttl, r.rdtype, r.data) for r in ours}
    # dnspython gives an RRset the TTL of the record that came last, or the least, as its versions differ.
    assert {(each[0], *each[2:]) for each in found} == {(each[0], *each[2:]) for each in theirs}
    single = {each for each in found if [other[:3:2] for other in found].count(each[:3:2]) == 1}
    assert single <= theirs
