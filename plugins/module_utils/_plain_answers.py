# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read plain answers from the wire ten times as fast as dnspython, and leave it whatever is not plain.

Names and rdata come out as the same dnspython values, shared where octets repeat, as they do from answer to answer.
"""

from __future__ import annotations

import functools
import struct
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._shared_names import Labels, shared_name

with deps.declare("dnspython"):
    import dns.dnssectypes
    import dns.exception
    import dns.immutable
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("HEADER_LENGTH", "PlainMessage", "ReceivedRecord", "name_wire", "octets_around", "read_plain")

HEADER_LENGTH = 12
_COUNTS = struct.Struct("!HHHH")
_RECORD = struct.Struct("!HHIH")
# The numbers of an SOA.
_TIMERS = struct.Struct("!IIIII")
# QR set, opcode QUERY, TC clear; what else is set is for the checks.
_FLAGS_FIXED, _FLAGS_PLAIN = 0xFA00, 0x8000
_IN = 1
_NS, _CNAME, _SOA, _PTR, _MX, _OPT, _TSIG = 2, 5, 6, 12, 15, 41, 250
# Types whose data has no names in it, so that it means the same outside its message.
_NAMELESS = frozenset((1, 16, 28, 43, 48, 51, 59, 60, 257))
_DIGESTS = frozenset((43, 59))
_DIGEST_FIELDS = struct.Struct("!HBB")
_MAX_TTL = 0x7FFFFFFF
# dnspython 2.9 stops after 16, and gives the verdict from half of that on.
_MAX_HOPS = 8
_REMEMBERED = 16384
# Of whole answers, which only recur while a zone is seen.
_LAST = 1024
# Neither the length of a label nor the beginning of a pointer.
_NO_LABEL = b"\xbf"


class ReceivedRecord(t.NamedTuple):
    """One record of class IN in a reply; records compare by meaning.

    :arg rdata: the Rdata of its type, whose fields dnspython makes at run time.
    """

    owner: dns.name.Name
    rdtype: int
    ttl: int
    rdata: t.Any


_Sections = tuple[tuple[ReceivedRecord, ...], tuple[ReceivedRecord, ...], tuple[ReceivedRecord, ...]]


class Content:
    """What is in an answer; one for all answers that are alike but for the ID.

    :arg sections: the records of answer, authority and additional section, without OPT.
    :arg opt: payload and flags of the OPT record, if there is one.
    :arg said: what whoever reads on makes of it.
    """

    __slots__ = ("opt", "said", "sections")

    def __init__(self, sections: _Sections, opt: tuple[int, int] | None) -> None:
        self.sections = sections
        self.opt = opt
        self.said: t.Any = None


class PlainMessage:
    """An answer that was read here; for what it does not hold itself it asks dnspython's reading of the same octets.

    It has no EDNS options.

    :arg length: of the question.
    :arg content: None where it is only read when it is needed.
    """

    __slots__ = ("_content", "_full", "_length", "flags", "wire")
    options: tuple[t.Any, ...] = ()

    def __init__(self, wire: bytes, flags: int, length: int, content: Content | None) -> None:
        self.wire = wire
        self.flags = flags
        self._length = length
        self._content = content
        self._full: dns.message.Message | None = None

    @property
    def content(self) -> Content:
        """What is in it.

        :raises ValueError: where that was not read before, and only dnspython can.
        """
        if self._content is None:
            try:
                self._content = _read(self.wire[2:], self._length)
            except Exception as exc:
                raise ValueError("not plain") from exc
        return self._content

    @property
    def octets(self) -> bytes:
        """All of it but the ID and the question."""
        return octets_around(self.wire, self._length)

    @property
    def edns(self) -> int:
        """The EDNS version, or -1 without EDNS."""
        return -1 if self.content.opt is None else 0

    @property
    def payload(self) -> int:
        """The EDNS payload size, or 0."""
        return 0 if self.content.opt is None else self.content.opt[0]

    @property
    def ednsflags(self) -> int:
        """The EDNS flags, or 0."""
        return 0 if self.content.opt is None else self.content.opt[1]

    def rcode(self) -> dns.rcode.Rcode:
        """Return the rcode, which OPT does not extend here."""
        return _rcode(self.flags & 0xF)

    def __getattr__(self, name: str) -> t.Any:
        if self._full is None:
            self._full = dns.message.from_wire(self.wire, one_rr_per_rrset=True)
        return getattr(self._full, name)


def octets_around(wire: bytes, length: int) -> bytes:
    """Return all of a message but the ID and the question, which is ``length`` octets long."""
    return wire[2:HEADER_LENGTH] + wire[HEADER_LENGTH + length :]


class _NotPlain(Exception):
    """Something that only dnspython shall judge."""


def read_plain(wire: bytes, *, identifier: bytes, question: bytes, unread: bool = False) -> PlainMessage | None:
    """Return the answer in ``wire``, or None where dnspython has to say whether it is one.

    Whatever this returns, dnspython reads alike, but that it refuses a DS whose digest has the wrong length or the
    reserved type 0, which a zone may well have; the ID and question are compared to the octet.

    :arg identifier: the ID of the question, two octets.
    :arg question: its question section, uncompressed.
    :arg unread: leave the rest to whoever needs it; it may then not be plain.
    """
    end = HEADER_LENGTH + len(question)
    if wire[:2] != identifier or wire[HEADER_LENGTH:end] != question or len(wire) < end:
        return None
    flags = wire[2] << 8 | wire[3]
    if flags & _FLAGS_FIXED != _FLAGS_PLAIN:
        return None
    if unread:
        return PlainMessage(wire, flags, len(question), None)
    try:
        content = _read(wire[2:], len(question))
    except (_NotPlain, struct.error, IndexError):
        return None
    # Malformed rdata surfaces as whatever its parser trips over; dnspython is asked again, for its words.
    except Exception:
        return None
    return PlainMessage(wire, flags, len(question), content)


@functools.lru_cache(maxsize=_REMEMBERED)
def name_wire(labels: Labels) -> bytes:
    """Return an absolute name on the wire, uncompressed and in the case given."""
    return b"".join(bytes((len(label),)) + label for label in labels)


# The servers of a zone give the same answers.
@functools.lru_cache(maxsize=_LAST)
def _read(octets: bytes, length: int) -> Content:
    """Return what is in an answer.

    :arg octets: all that comes behind the ID.
    :arg length: of the question.
    """
    questions, *numbers = _COUNTS.unpack_from(octets, 2)
    if questions != 1:
        raise _NotPlain
    # Nothing plain points into the header.
    wire = _NO_LABEL * HEADER_LENGTH + octets[HEADER_LENGTH - 2 :]
    at = HEADER_LENGTH + length
    names: dict[int, tuple[dns.name.Name, int]] = {}
    _name(wire, HEADER_LENGTH, names)
    sections: list[tuple[ReceivedRecord, ...]] = []
    opt: tuple[int, int] | None = None
    for number, count in enumerate(numbers):
        records: list[ReceivedRecord] = []
        for _index in range(count):
            owner, at = _name(wire, at, names)
            rdtype, rdclass, ttl, length = _RECORD.unpack_from(wire, at)
            at += 10
            end = at + length
            if end > len(wire):
                raise _NotPlain
            if rdtype == _OPT:
                # An extended rcode, another version and options are for dnspython, as is all that would be wrong.
                if opt is not None or number != 2 or length or ttl > 0xFFFF or len(owner.labels) != 1:
                    raise _NotPlain
                opt = rdclass, ttl
            elif rdclass != _IN or rdtype == _TSIG:
                raise _NotPlain
            else:
                rdata = _rdata(wire, rdtype, at, end, names)
                records.append(ReceivedRecord(owner, rdtype, ttl if ttl <= _MAX_TTL else 0, rdata))
            at = end
        sections.append(tuple(records))
    if at != len(wire):
        raise _NotPlain
    return Content((sections[0], sections[1], sections[2]), opt)


def _rdata(wire: bytes, rdtype: int, at: int, end: int, names: dict[int, tuple[dns.name.Name, int]]) -> t.Any:
    if rdtype in _NAMELESS:
        return _nameless(rdtype, wire[at:end])
    if rdtype in (_NS, _CNAME, _PTR):
        target, at = _name(wire, at, names)
        rdata = _with_names(rdtype, (target.labels,))
    elif rdtype == _SOA:
        mname, at = _name(wire, at, names)
        rname, at = _name(wire, at, names)
        rdata = _with_names(rdtype, (mname.labels, rname.labels), *_TIMERS.unpack_from(wire, at))
        at += _TIMERS.size
    elif rdtype == _MX:
        exchange, after = _name(wire, at + 2, names)
        rdata = _with_names(rdtype, (exchange.labels,), wire[at] << 8 | wire[at + 1])
        at = after
    else:
        return _rdata_in(wire, rdtype, at, end)
    if at != end:
        raise _NotPlain
    return rdata


@functools.lru_cache(maxsize=_REMEMBERED)
def _nameless(rdtype: int, octets: bytes) -> t.Any:
    return _rdata_in(octets, rdtype, 0, len(octets))


# Names that differ in nothing but case are equal, and yet not the same data.
@functools.lru_cache(maxsize=_REMEMBERED)
def _with_names(rdtype: int, names: tuple[Labels, ...], *others: int) -> t.Any:
    rdata_class: t.Any = dns.rdata.get_rdata_class(
        t.cast("dns.rdataclass.RdataClass", _IN), t.cast("dns.rdatatype.RdataType", rdtype)
    )
    before = others[:1] if rdtype == _MX else ()
    return rdata_class(_IN, rdtype, *before, *map(shared_name, names), *others[len(before) :])


def _rdata_in(wire: bytes, rdtype: int, at: int, end: int) -> t.Any:
    try:
        return dns.rdata.from_wire(
            t.cast("dns.rdataclass.RdataClass", _IN), t.cast("dns.rdatatype.RdataType", rdtype), wire, at, end - at
        )
    except dns.exception.FormError:
        if rdtype not in _DIGESTS or end - at <= _DIGEST_FIELDS.size:
            raise
        fields = _DIGEST_FIELDS.unpack_from(wire, at)
        return _with_any_digest(rdtype)(_IN, rdtype, *fields, wire[at + _DIGEST_FIELDS.size : end])


@functools.cache
def _with_any_digest(rdtype: int) -> t.Any:
    """Return the class of DS (or CDS) that takes any digest."""
    base: t.Any = dns.rdata.get_rdata_class(
        t.cast("dns.rdataclass.RdataClass", _IN), t.cast("dns.rdatatype.RdataType", rdtype)
    )

    @dns.immutable.immutable
    class AnyDigest(base):  # type: ignore[misc]
        def __init__(
            self, rdclass: int, rdtype: int, key_tag: int, algorithm: int, digest_type: int, digest: bytes
        ) -> None:
            dns.rdata.Rdata.__init__(self, rdclass, rdtype)  # type: ignore[arg-type]
            self.key_tag = key_tag
            self.algorithm = dns.dnssectypes.Algorithm.make(algorithm)
            self.digest_type = digest_type
            self.digest = digest

    return AnyDigest


def _name(wire: bytes, at: int, names: dict[int, tuple[dns.name.Name, int]]) -> tuple[dns.name.Name, int]:
    """Return the name at ``at`` and where it ends.

    :arg names: the names read so far by where they begin, with the pointers that each took; this one is added.
    """
    # Most are where another one is, which was read before.
    if at + 2 <= len(wire) and wire[at] >= 192:
        known = names.get((wire[at] & 0x3F) << 8 | wire[at + 1])
        if known is not None and known[1] < _MAX_HOPS:
            names[at] = known[0], known[1] + 1
            return known[0], at + 2
    start = low = at
    # What a pointer leads to lies before the part that has the pointer, so that names can neither loop nor overlap.
    limit = len(wire)
    labels: list[bytes] = []
    after = hops = 0
    while True:
        if at >= limit:
            raise _NotPlain
        length = wire[at]
        if length == 0:
            after = after or at + 1
            found = shared_name((*labels, b""))
            break
        if length < 64:
            if at + 1 + length > limit:
                raise _NotPlain
            labels.append(wire[at + 1 : at + 1 + length])
            at += 1 + length
        elif length >= 192:
            if at + 2 > limit:
                raise _NotPlain
            after = after or at + 2
            at = (length & 0x3F) << 8 | wire[at + 1]
            if at >= low:
                raise _NotPlain
            hops += 1
            known = names.get(at)
            if known is not None:
                hops += known[1]
                found = shared_name((*labels, *known[0].labels)) if labels else known[0]
                break
            limit = low
            low = at
        else:
            raise _NotPlain
    if hops > _MAX_HOPS:
        raise _NotPlain
    names[start] = found, hops
    return found, after


@functools.lru_cache(maxsize=16)
def _rcode(value: int) -> dns.rcode.Rcode:
    return dns.rcode.Rcode.make(value)
