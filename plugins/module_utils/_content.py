# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a zone, as a value that compares by meaning: order, spelling and the serial are no part of it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import presentation
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdatatype

__all__ = ("Difference", "RRset", "RRsetKey", "RecordsByRRset", "ZoneContent", "by_rrset", "difference")


class RRsetKey(t.NamedTuple):
    """What tells RRsets of a zone apart; ``covers`` is the type that an RRSIG signs, otherwise NONE."""

    owner: dns.name.Name
    rdtype: dns.rdatatype.RdataType
    covers: dns.rdatatype.RdataType

    @classmethod
    def of(cls, record: Record) -> RRsetKey:
        """Return the key of the RRset that ``record`` is in."""
        return cls(record.owner, record.rdata.rdtype, record.rdata.covers())


RecordsByRRset = dict[RRsetKey, list[Record]]


def by_rrset(records: t.Iterable[Record]) -> RecordsByRRset:
    """Return the records of each RRset, in input order."""
    rrsets: RecordsByRRset = {}
    for record in records:
        rrsets.setdefault(RRsetKey.of(record), []).append(record)
    return rrsets


@dataclass(frozen=True)
class RRset:
    """What all records with one owner and type say.

    :arg ttl: seconds.
    :arg rdatas: in canonical order (RFC 4034 section 6.3), each once.
    """

    ttl: int
    rdatas: tuple[dns.rdata.Rdata, ...]

    @classmethod
    def of(cls, records: t.Sequence[Record]) -> RRset:
        """Return what the records make; the TTL is the least of theirs (RFC 2181 section 5.2)."""
        if len(records) == 1:
            # Nearly all RRsets of most zones, and the wire form below is what takes the time.
            return cls(ttl=records[0].ttl, rdatas=(records[0].rdata,))
        distinct = {record.rdata.to_digestable(): record.rdata for record in records}
        rdatas = tuple(distinct[digestable] for digestable in sorted(distinct))
        return cls(ttl=min(record.ttl for record in records), rdatas=rdatas)


@dataclass(frozen=True)
class ZoneContent:
    """All records of a zone; the SOA among them has serial 0.

    :arg apex: the zone's name.
    """

    apex: dns.name.Name
    rrsets: t.Mapping[RRsetKey, RRset]

    @classmethod
    def of(cls, apex: dns.name.Name, records: RecordsByRRset) -> ZoneContent:
        """Return the content that the records make."""
        rrsets = {key: RRset.of(members) for key, members in records.items()}
        for key, rrset in rrsets.items():
            if key.rdtype == dns.rdatatype.SOA:
                rrsets[key] = RRset(ttl=rrset.ttl, rdatas=tuple(soa.replace(serial=0) for soa in rrset.rdatas))
        return cls(apex=apex, rrsets=rrsets)

    def __len__(self) -> int:
        return sum(len(rrset.rdatas) for rrset in self.rrsets.values())

    def rdatas(self, owner: dns.name.Name, rdtype: str) -> tuple[dns.rdata.Rdata, ...]:
        """Return the data of the records with that owner and type; nothing for none."""
        rrset = self.rrsets.get(RRsetKey(owner, dns.rdatatype.from_text(rdtype), dns.rdatatype.NONE))
        return () if rrset is None else rrset.rdatas

    def ordered(self) -> list[tuple[RRsetKey, RRset]]:
        """Return the RRsets as people read them: SOA, apex NS, then by owner in canonical order, and by type."""
        return sorted(self.rrsets.items(), key=lambda item: _reading_order(item[0]))


@dataclass(frozen=True)
class Difference:
    """Records that one content has and another has not, one line each, in reading order."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


def difference(before: ZoneContent | None, after: ZoneContent | None) -> Difference:
    """Return which records come and go from ``before`` to ``after``; None is a zone that is not there."""
    return Difference(added=_lines_beyond(after, before), removed=_lines_beyond(before, after))


def _lines_beyond(content: ZoneContent | None, other: ZoneContent | None) -> tuple[str, ...]:
    if content is None:
        return ()
    lines = []
    for key, rrset in content.ordered():
        counterpart = None if other is None else other.rrsets.get(key)
        if counterpart == rrset:
            continue
        kept = set(counterpart.rdatas) if counterpart is not None and counterpart.ttl == rrset.ttl else ()
        for rdata in rrset.rdatas:
            if rdata not in kept:
                lines.append(f"{key.owner} {rrset.ttl} IN {_text(rdata)}")
    return tuple(lines)


def _text(rdata: dns.rdata.Rdata) -> str:
    if rdata.rdtype != dns.rdatatype.SOA:
        return " ".join(presentation(rdata))
    soa: t.Any = rdata
    return f"SOA {soa.mname} {soa.rname} (serial) {soa.refresh} {soa.retry} {soa.expire} {soa.minimum}"


def _reading_order(key: RRsetKey) -> tuple[tuple[bytes, ...], int, int, int]:
    # Comparing names label by label in Python would take most of the time of a large zone.
    owner = tuple(label.lower() for label in reversed(key.owner.labels))
    first = (dns.rdatatype.SOA, dns.rdatatype.NS)
    return owner, first.index(key.rdtype) if key.rdtype in first else len(first), key.rdtype, key.covers
