# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read without dnspython is what dnspython reads; all else is left to it, whatever anybody sends."""

from __future__ import annotations

import random
import struct
import typing as t

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import PlainMessage, read_plain
from ansible_collections.zonecut.dns.plugins.module_utils._responses import read_reply
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Query, Reply
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.mutations import MUTATED, mutated
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import SAMPLES

NAME = dns.name.from_text("Mail.contoso.example.")
IDENTIFIER = b"\x12\x34"

OWNERS = (
    "Mail.contoso.example.",
    "mail.contoso.example.",
    "contoso.example.",
    "ns1.mail.contoso.example.",
    "test.",
    ".",
)
PLAIN = (
    *("60 IN SOA ns1.contoso.example. hostmaster.contoso.example. 2026112100 3600 900 1209600 300",),
    *("60 IN NS ns1.mail.contoso.example.", "60 IN NS ns.test.", "60 IN CNAME www.mail.contoso.example."),
    *("60 IN A 192.0.2.1", "0 IN AAAA 2001:db8::1", "2147483647 IN MX 10 mx.contoso.example.", '1 IN TXT "a" "b c"'),
    *(f"60 IN DS 12345 13 2 {'ab' * 32}", "60 IN PTR mail.contoso.example.", "60 IN TYPE65399 \\# 3 010203"),
    "60 IN SRV 0 1 587 mail.contoso.example.",
)


def question(rdtype: str = "SOA") -> bytes:
    return (NAME.to_wire() or b"") + struct.pack("!HH", dns.rdatatype.from_text(rdtype), 1)


def answer(
    *sections: t.Sequence[str], rdtype: str = "SOA", rcode: int = 0, flags: int = dns.flags.AA, edns: bool = False
) -> bytes:
    """Return the wire of an answer with these records, one in each RRset."""
    request = dns.message.make_query(NAME, rdtype, use_edns=0 if edns else -1)
    request.id = int.from_bytes(IDENTIFIER, "big")
    response = dns.message.make_response(request)
    response.flags |= flags
    response.set_rcode(t.cast("dns.rcode.Rcode", rcode))
    for section, lines in zip((response.answer, response.authority, response.additional), sections):
        section.extend(dns.rrset.from_text(*_fields(line)) for line in lines)
    return response.to_wire(max_size=65535)


def _fields(line: str) -> tuple[str, int, str, str, str]:
    owner, ttl, rdclass, rdtype, data = line.split(None, 4)
    return owner, int(ttl), rdclass, rdtype, data


def read(wire: bytes, rdtype: str = "SOA") -> PlainMessage | None:
    return read_plain(wire, identifier=IDENTIFIER, question=question(rdtype))


def agree(wire: bytes, rdtype: str = "SOA") -> bool:
    """Whether it was read without dnspython; it then means the same to the last letter."""
    plain = read(wire, rdtype)
    if plain is None:
        return False
    # What dnspython refuses raises here.
    message = dns.message.from_wire(wire, one_rr_per_rrset=True)
    assert wire[:2] == IDENTIFIER and message.question[0].name.labels == NAME.labels
    query = Query(address="192.0.2.1", port=53, name=NAME, rdtype=dns.rdatatype.from_text(rdtype))
    one, other = (read_reply(Reply(query=query, message=found)) for found in (plain, message))
    assert one == other
    for section in ("answer", "authority", "additional"):
        for mine, theirs in zip(getattr(one, section), getattr(other, section)):
            # Names compare without regard to case, and messages show it.
            assert (mine.owner.labels, repr(mine.rdata)) == (theirs.owner.labels, repr(theirs.rdata))
            assert type(mine.rdata) is type(theirs.rdata)
    assert (plain.edns, plain.payload, plain.ednsflags) == (message.edns, message.payload, message.ednsflags)
    assert tuple(plain.options) == tuple(message.options)
    return True


@pytest.mark.parametrize("rdtype", sorted(set(SAMPLES) - {"OPT", "TSIG"}))
def test_every_type_is_read_alike(rdtype: str) -> None:
    # A TXT string of over 255 octets is one only where it is described.
    for text in (text for text in SAMPLES[rdtype] if len(text) < 256 or rdtype != "TXT"):
        rdata = dns.rdata.from_text("IN", rdtype, text, origin=NAME, relativize=False)
        request = dns.message.make_query(NAME, "SOA")
        request.id = int.from_bytes(IDENTIFIER, "big")
        response = dns.message.make_response(request)
        response.answer.append(dns.rrset.from_rdata(NAME, 60, rdata))
        assert agree(response.to_wire(max_size=65535))


LINES = st.lists(st.builds("{} {}".format, st.sampled_from(OWNERS), st.sampled_from(PLAIN)), max_size=6)


@given(
    sections=st.tuples(LINES, LINES, LINES),
    rcode=st.integers(0, 15),
    flags=st.sampled_from([0, dns.flags.AA, dns.flags.RA, dns.flags.AA | dns.flags.AD]),
    edns=st.booleans(),
)
def test_whole_answers_are_read_alike(sections: t.Any, rcode: int, flags: int, edns: bool) -> None:
    assert agree(answer(*sections, rcode=rcode, flags=flags, edns=edns))


SOA = f"contoso.example. {PLAIN[0]}"
NS, GLUE = f"Mail.contoso.example. {PLAIN[1]}", f"ns1.mail.contoso.example. {PLAIN[4]}"


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x12\x35" + answer([SOA])[2:], id="another ID"),
        pytest.param(answer([SOA], rdtype="MX"), id="another type asked"),
        pytest.param(answer([SOA]).replace(b"\x04Mail", b"\x04mail"), id="the question in another case"),
        pytest.param(answer([SOA], flags=dns.flags.TC), id="truncated"),
        pytest.param(answer([SOA])[:2] + b"\x04" + answer([SOA])[3:], id="a question"),
        pytest.param(answer([SOA])[:2] + b"\xa8" + answer([SOA])[3:], id="an update"),
        pytest.param(answer([SOA]) + b"\x00", id="more behind it"),
        pytest.param(answer([SOA])[:-1], id="cut off"),
        pytest.param(answer([NS.replace(" IN ", " CH ")]), id="another class"),
        pytest.param(answer([SOA], edns=True)[:-6] + b"\x00\x01\x00\x00\x00\x00", id="EDNS version"),
        pytest.param(
            answer([])[:6] + b"\x00\x01" + answer([])[8:] + b"\xc0\x25\x00\x01\x00\x01" + b"\0" * 6, id="forward"
        ),
        pytest.param(
            answer([])[:6] + b"\x00\x01" + answer([])[8:] + b"\xc0\x26\x00\x01\x00\x01" + b"\0" * 6, id="loop"
        ),
        pytest.param(
            answer([])[:6] + b"\x00\x01" + answer([])[8:] + b"\x80\x0c\x00\x01\x00\x01" + b"\0" * 6, id="label"
        ),
    ],
)
def test_what_is_not_plain_is_left_to_dnspython(wire: bytes) -> None:
    assert read(wire) is None


def test_pointers_to_pointers_end() -> None:
    # Each owner is one label more before the one in front, which only pointers tell.
    wire = bytearray(answer([]))
    at = 12
    for number in range(40):
        start = len(wire)
        wire += b"\x01a" + struct.pack("!H", 0xC000 | at) + b"\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01"
        at = start
        wire[6:8] = struct.pack("!H", number + 1)
        try:
            dns.message.from_wire(bytes(wire))
        except dns.exception.DNSException:
            assert not agree(bytes(wire))
        else:
            agree(bytes(wire))
    assert read(bytes(wire)) is None


@pytest.mark.parametrize("rdtype", ["DS", "CDS"])
@pytest.mark.parametrize(("kind", "digest"), [(0, b"\xab" * 32), (1, b"\xab" * 32), (2, b"\xab"), (2, b"\xab" * 32)])
def test_a_ds_is_read_whatever_its_digest(rdtype: str, kind: int, digest: bytes) -> None:
    request = dns.message.make_query(NAME, rdtype)
    request.id = int.from_bytes(IDENTIFIER, "big")
    response = dns.message.make_response(request)
    data = dns.rdata.GenericRdata(
        dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), b"\x12\x67\x0d" + bytes([kind]) + digest
    )
    response.answer.append(dns.rrset.from_rdata(NAME, 60, data))
    plain = read(response.to_wire(), rdtype)
    assert plain is not None
    (record,) = plain.content.sections[0]
    read_as = (record.rdata.key_tag, record.rdata.algorithm, record.rdata.digest_type, record.rdata.digest)
    assert read_as == (4711, 13, kind, digest)
    assert (record.rdata, hash(record.rdata)) == (record.rdata, hash(record.rdata)) and str(record.rdata)


def test_what_it_does_not_hold_is_asked_of_dnspython() -> None:
    message = read(answer([SOA]))
    assert message is not None and message.question[0].name == NAME and not message.had_tsig


def test_mutated_answers_are_read_alike_or_left_to_dnspython() -> None:
    chance = random.Random(2026)
    originals = [
        answer([SOA]),
        answer([], [SOA], rcode=3),
        answer([], [NS, NS.replace("ns1", "ns2")], [GLUE, GLUE.replace("ns1", "ns2")], edns=True),
        answer([f"Mail.contoso.example. {line}" for line in PLAIN], [NS], [GLUE]),
    ]
    plain = refused = 0
    for _number in range(MUTATED):
        wire = mutated(chance.choice(originals), chance)
        if agree(wire):
            plain += 1
        else:
            refused += 1
    # Both must have been met often, or nothing was tried.
    assert plain > MUTATED / 20 and refused > MUTATED / 20
