# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import typing as t

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.zone
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._content import ZoneContent
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import FileText, read_records, serial_of
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record, parse_rdata, parse_rdatatype
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import (
    FORMAT,
    file_name,
    managed_zone,
    read_header,
    read_rendered,
    render,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils import zone_records
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import APEX, SAMPLES, owners, rdatas
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.zone_records import record, record_at


def reads_names_as_octets() -> bool:
    try:
        dns.rdata.from_text(
            "IN", "PTR", rf"\# {len(APEX.to_wire() or b'')} {(APEX.to_wire() or b'').hex()}", origin=APEX
        )
    except dns.exception.DNSException:
        return False
    return True


# dnspython 2.3 does not, which our own reader gets around.
READS_NAMES_AS_OCTETS = reads_names_as_octets()
DIGEST = "0123456789abcdef" * 4
SOA = "ns1 john\\.smith 7 3600 900 1209600 300"

slow = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def content_of(*records: Record, apex: dns.name.Name = APEX) -> ZoneContent:
    soa, ns = record("@", "SOA", SOA, apex=apex), record("@", "NS", "ns1", apex=apex)
    return zone_records.content_of(soa, ns, *records, apex=apex)


def read_back(text: bytes, apex: dns.name.Name = APEX) -> ZoneContent:
    return zone_records.content_of(*read_records(FileText("file", text.decode("ascii")), origin=apex), apex=apex)


def test_a_file_is_pleasant_to_read() -> None:
    content = content_of(
        record("www", "AAAA", "2001:db8::80", ttl=300),
        record("@", "MX", "10 mx"),
        record("@", "NS", "ns0.example.net."),
        record("@", "TYPE262", r"\# 4 03425443"),
    )
    above, seal, below = render(content, serial=2026112100, input_digest=DIGEST).decode("ascii").partition("; seal ")
    assert below[:64] == hashlib.sha256(f"{above}{seal}{below[64:]}".encode()).hexdigest()
    assert above + below[65:] == (
        "; Zone contoso.example, managed by Ansible (zonecut.dns.zone_files): edits are overwritten.\n"
        "; format 2, serial 2026112100, records 6\n"
        f"; input {DIGEST}\n"
        "$ORIGIN contoso.example.\n"
        "@ 3600 IN SOA ns1.contoso.example. john\\.smith.contoso.example. (\n"
        "    2026112100 ; serial\n"
        "    3600       ; refresh (1h)\n"
        "    900        ; retry (15m)\n"
        "    1209600    ; expire (2w)\n"
        "    300        ; negative TTL (5m)\n"
        ")\n"
        "@                3600 IN NS    ns0.example.net.\n"
        "@                3600 IN NS    ns1.contoso.example.\n"
        "@                3600 IN MX    10 mx.contoso.example.\n"
        "@                3600 IN TYPE262 \\# 4 03425443\n"
        "www               300 IN AAAA  2001:db8::80\n"
    )


def test_a_file_of_somebody_else_gets_no_header() -> None:
    content = content_of(record("www", "A", "192.0.2.1"))
    theirs = render(content, serial=5, managed=False)
    assert read_header(theirs) is None and managed_zone(theirs) is None
    assert render(content, serial=5).endswith(theirs) and theirs.startswith(b"$ORIGIN")


@slow
@given(st.lists(st.tuples(owners(), st.integers(0, 2**31 - 1), rdatas()), max_size=5), st.integers(0, 2**32 - 1))
def test_what_is_read_is_what_was_written(
    described: list[tuple[dns.name.Name, int, dns.rdata.Rdata]], serial: int
) -> None:
    content = content_of(*(record_at(owner, rdata, ttl) for owner, ttl, rdata in described))
    text = render(content, serial=serial, input_digest=None)
    assert read_back(text) == content == read_rendered(text)
    assert serial_of(read_records(FileText("file", text.decode("ascii")), origin=APEX)) == serial
    header = read_header(text)
    assert header is not None and header.intact
    assert (header.records, header.serial) == (len(content), serial)


@slow
@given(owners(), rdatas())
def test_another_reader_finds_the_same(owner: dns.name.Name, rdata: dns.rdata.Rdata) -> None:
    # dns.zone knows nothing of our reader; an owner of its own keeps a CNAME away from other data.
    owner = dns.name.Name((b"own", *owner.labels[-len(APEX.labels) - 2 :]))
    content = content_of(record_at(owner, rdata))
    text = render(content, serial=1, input_digest=DIGEST).decode("ascii")
    assume(READS_NAMES_AS_OCTETS or f" IN TYPE{int(rdata.rdtype)} " not in text)
    found = list(dns.zone.from_text(text, APEX, relativize=False).iterate_rdatas())
    if rdata.rdtype == dns.rdatatype.CAA:
        # Tags are written in lower case, which dnspython does not take for the same (RFC 8659 section 4.1).
        rdata = rdata.replace(tag=t.cast("t.Any", rdata).tag.lower())
    assert [each for each in found if each[0] != APEX] == [(owner, 60, rdata)]
    assert len(found) == 3


SYNTAX = st.one_of(
    st.sampled_from(
        (";", '"', "(", ")", "\\", "\n", "\r", "\t", " ", "\x00", "\\010", "\\", "$INCLUDE /etc/passwd", "@", "\\#")
    ),
    st.text(max_size=3),
)


@slow
@given(st.data())
def test_no_value_becomes_syntax(data: st.DataObject) -> None:
    mnemonic = data.draw(st.sampled_from(sorted(SAMPLES)))
    text = data.draw(st.sampled_from(SAMPLES[mnemonic]))
    for piece in data.draw(st.lists(SYNTAX, min_size=1, max_size=3)):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + piece + text[at:]
    rdtype = parse_rdatatype(mnemonic)
    try:
        rdata = parse_rdata(rdtype, text, origin=APEX)
    except ValueError:
        return
    content = content_of(record_at(dns.name.from_text("own", APEX), rdata))
    written = render(content, serial=1, input_digest=DIGEST)
    assert read_back(written) == content
    assert len(written.splitlines()) == len(render(content_of(), serial=1, input_digest=DIGEST).splitlines()) + 1


@pytest.mark.parametrize(("mnemonic", "text"), [(m, text) for m, texts in SAMPLES.items() for text in texts])
def test_data_of_every_type_is_read_back(mnemonic: str, text: str) -> None:
    rdata = parse_rdata(parse_rdatatype(mnemonic), text, origin=APEX)
    content = content_of(record_at(dns.name.from_text("own", APEX), rdata))
    assert read_back(render(content, serial=1, input_digest=DIGEST)) == content


@pytest.mark.parametrize(
    ("mnemonic", "text", "written"),
    [
        pytest.param("CERT", "PGP 0 0 aGVsbG8=", "CERT 3 0 0 aGVsbG8=", id="certificate-by-number"),
        pytest.param("SVCB", "1 . port=8443", "SVCB 1 . port=8443", id="port-without-quotes"),
        pytest.param("SVCB", '1 . key65000=" port=\\"1\\""', 'SVCB 1 . key65000=" port=\\"1\\""', id="no-port"),
        pytest.param("HIP", SAMPLES["HIP"][0], r"TYPE55 \# ", id="known-to-few-servers"),
        pytest.param("X25", '"311061700956"', r"TYPE19 \# 13 0c333131303631373030393536", id="obsolete"),
        pytest.param("TYPE65280", r"\# 0", r"TYPE65280 \# 0", id="empty"),
        pytest.param("APL", "", r"TYPE42 \# 0", id="empty-text"),
        pytest.param("RP", "+b +b", r"RP \+b.contoso.example. \+b.contoso.example.", id="two-like-names"),
        pytest.param("RP", "a.+b +b", r"RP a.\+b.contoso.example. \+b.contoso.example.", id="name-in-a-name"),
        pytest.param("SRV", "1 2 3 +b", r"SRV 1 2 3 \+b.contoso.example.", id="escaped-name"),
    ],
)
def test_every_server_can_read(mnemonic: str, text: str, written: str) -> None:
    rdata = parse_rdata(parse_rdatatype(mnemonic), text, origin=APEX)
    content = content_of(record_at(dns.name.from_text("own", APEX), rdata))
    line = render(content, serial=1, input_digest=DIGEST).decode("ascii").splitlines()[-1]
    assert " ".join(line.split(None, 4)).startswith(f"own 60 IN {written}")


def test_the_root_can_be_written() -> None:
    content = content_of(record("com", "NS", "a.gtld-servers.net", apex=dns.name.root), apex=dns.name.root)
    text = render(content, serial=1, input_digest=DIGEST)
    assert b"\n$ORIGIN .\n@ 3600 IN SOA " in text and b"\ncom              3600 IN NS " in text
    assert read_back(text, dns.name.root) == content


def test_the_same_content_has_one_text() -> None:
    records = [record(f"h{number}", "A", f"192.0.2.{number}") for number in range(20)]
    assert render(content_of(*records), serial=1, input_digest=None) == render(
        content_of(*records[::-1]), serial=1, input_digest=None
    )


class TestHeader:
    TEXT = render(content_of(record("www", "A", "192.0.2.1")), serial=5, input_digest=DIGEST)

    def test_says_what_is_in_the_file(self) -> None:
        header = read_header(self.TEXT)
        assert header is not None
        assert (header.zone, header.format, header.serial, header.records) == ("contoso.example", FORMAT, 5, 3)
        assert header.input_digest == DIGEST
        assert header.intact

    def test_may_have_no_digest_of_the_input(self) -> None:
        header = read_header(render(content_of(), serial=5, input_digest=None))
        assert header is not None and header.input_digest is None

    @pytest.mark.parametrize("place", [b"192.0.2.1", b"; serial", b"serial 5", b"records 3", DIGEST.encode()])
    def test_any_edit_breaks_the_seal(self, place: bytes) -> None:
        at = self.TEXT.index(place) + len(place) - 1
        edited = self.TEXT[:at] + (b"7" if self.TEXT[at : at + 1] != b"7" else b"8") + self.TEXT[at + 1 :]
        header = read_header(edited)
        assert header is not None and not header.intact

    def test_an_added_line_breaks_the_seal(self) -> None:
        header = read_header(self.TEXT + b"evil A 192.0.2.66\n")
        assert header is not None and not header.intact

    @pytest.mark.parametrize(
        ("written", "edited"),
        [
            (b'warning "far"', b'warning "f"r"'),
            (b'warning "far"', b'warning "f\\ar"'),
            (b'warning "far"', b'warning "f\xe4r"'),
            (b"mail.contoso.example\n", b"m\xe4il.contoso.example mail.contoso.example\n"),
        ],
    )
    def test_may_be_edited_to_anything(self, written: bytes, edited: bytes) -> None:
        pushed = "mail.contoso.example"
        text = render(content_of(), serial=5, input_digest=DIGEST, pushed=[pushed], warnings=["far"])
        before, after = read_header(text), read_header(text.replace(written, edited))
        assert before is not None and before.intact and before.warnings == ("far",)
        assert after is not None and not after.intact and after.warnings == ()
        assert (after.serial, pushed in after.pushed) == (5, True)

    @pytest.mark.parametrize("edited", [b"serial 55555555555", b"serial " + b"5" * 5000])
    def test_has_no_serial_that_none_can_be(self, edited: bytes) -> None:
        assert read_header(self.TEXT.replace(b"serial 5", edited, 1)) is None

    def test_names_no_zone_that_none_can_be(self) -> None:
        assert managed_zone(self.TEXT.replace(b"Zone contoso", b"Zone cont\xf6so", 1)) is None

    @pytest.mark.parametrize(
        "text", [b"", b"$ORIGIN contoso.example.\n", b"; Zone contoso.example, managed by hand\n", b"\n" + TEXT]
    )
    def test_is_not_seen_in_other_files(self, text: bytes) -> None:
        assert read_header(text) is None
        assert managed_zone(text) is None

    def test_is_known_from_the_start_of_a_file(self) -> None:
        assert managed_zone(self.TEXT[:2048]) == "contoso.example"

    def test_of_the_longest_name_is_within_the_start(self) -> None:
        apex = dns.name.Name((b"\x01" * 63, b"\x01" * 63, b"\x01" * 63, b"\x01" * 61, b""))
        text = render(ZoneContent.of(apex, []), serial=2**32 - 1, input_digest=DIGEST)
        assert managed_zone(text[:2048]) is not None


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("mail.contoso.example", "mail.contoso.example.zone"),
        (".", "root.zone"),
        ("0/25.2.0.192.in-addr.arpa", "0_25.2.0.192.in-addr.arpa.zone"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example.zone"),
    ],
)
def test_files_are_named_after_zones(zone: str, expected: str) -> None:
    assert file_name(zone) == expected
