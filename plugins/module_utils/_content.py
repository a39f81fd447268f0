# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a zone, as a value that compares by meaning: order, spelling and the serial are no part of it."""

from __future__ import annotations

import bisect
import itertools
import operator
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import (
    absolute_name,
    labels_of,
    name_text,
    owner_text,
)
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("ContentLine", "Difference", "ZoneContent", "difference", "in_reading_order")

# Python refuses to make a number of thousands of digits, which octets in hexadecimal may be.
_NUMBERS = re.compile(r"([0-9]{1,100})")


class ContentLine(t.NamedTuple):
    """One record of a zone as a line of its file says it; ``_records.Record`` tells what the fields are."""

    owner: str
    ttl: int
    rdtype: str
    data: str

    @classmethod
    def of(cls, line: str) -> ContentLine:
        """Return what a line says."""
        owner, ttl, _rdclass, rdtype, data = line.split(None, 4)
        return cls(owner, int(ttl), rdtype, data)

    def __str__(self) -> str:
        return _line(*self)


@dataclass(frozen=True)
class ZoneContent:
    """All records of a zone.

    :arg apex: as canonical text.
    :arg soa: its line with serial 0, or None without one.
    :arg lines: of all other records, each once, in reading order. One line is one record of one meaning, and fields
        stand at fixed columns, so that zones compare line by line.
    """

    apex: str
    soa: str | None
    lines: tuple[str, ...]

    @classmethod
    def of(cls, apex: dns.name.Name, records: t.Sequence[Record], *, even_ttls: bool = True) -> ZoneContent:
        """Return the content that records in reading order make.

        :arg even_ttls: whether the TTL of an RRset is the least of its records'.
        """
        records = _with_least_ttls(records) if even_ttls else records
        soas = [record for record in records[:1] if record.rdtype == "SOA"]
        if soas:
            # A transfer ends with the SOA that it started with.
            again = itertools.takewhile(lambda record: record[:4] == soas[0][:4], itertools.islice(records, 1, None))
            soas = [*soas, *again]
        # Few pairs of TTL and type come with many owners.
        middles = {pair: _middle(*pair) for pair in {(record[1], record[2]) for record in records}}
        lines = [
            owner.ljust(15) + middles[ttl, rdtype] + data
            for owner, ttl, rdtype, data, _source, _position in itertools.islice(records, len(soas), None)
        ]
        if any(map(operator.eq, lines, itertools.islice(lines, 1, None))):
            lines = list(dict.fromkeys(lines))
        soa = None
        if soas:
            mname, rname, _serial, timers = soas[0].data.split(None, 3)
            soa = _line(soas[0].owner, soas[0].ttl, "SOA", f"{mname} {rname} 0 {timers}")
        return cls(apex=name_text(apex), soa=soa, lines=tuple(lines))

    def __len__(self) -> int:
        return len(self.lines) + (self.soa is not None)

    def rdatas(self, owner: dns.name.Name, rdtype: str) -> tuple[dns.rdata.Rdata, ...]:
        """Return the data of the records with that owner and type; nothing for none."""
        return tuple(
            dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), line.data)
            for line in self.at(owner)
            if line.rdtype == rdtype
        )

    def at(self, owner: dns.name.Name) -> list[ContentLine]:
        """Return the records of that owner but for the SOA."""
        text = owner_text(name_text(owner), self.apex)
        found = []
        for index in range(bisect.bisect_left(_OwnerOrders(self.lines), owner_order(text)), len(self.lines)):
            line = ContentLine.of(self.lines[index])
            if line.owner != text:
                break
            found.append(line)
        return found

    def with_lines(self, *, removed: t.Collection[ContentLine], added: t.Collection[ContentLine]) -> ZoneContent:
        """Return the content with these records instead of those; adding what is there changes nothing."""
        gone, come = set(map(str, removed)), set(map(str, added))
        lines = [line for line in self.lines if line not in gone and line not in come]
        return ZoneContent(self.apex, self.soa, tuple(sorted((*lines, *come), key=_line_order)))


@dataclass(frozen=True)
class Difference:
    """Records that one content has and another has not, one line each, in reading order."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


def difference(before: ZoneContent | None, after: ZoneContent | None) -> Difference:
    """Return which records come and go from ``before`` to ``after``; None is a zone that is not there."""
    if before is None or after is None:
        return Difference(added=_shown_lines(after), removed=_shown_lines(before))
    known = set(before.lines)
    added = [line for line in after.lines if line not in known]
    gone = known.difference(after.lines)
    removed = [line for line in before.lines if line in gone] if gone else []
    soas = before.soa, after.soa
    return Difference(
        added=_shown_lines(ZoneContent(after.apex, soas[1] if soas[0] != soas[1] else None, tuple(added))),
        removed=_shown_lines(ZoneContent(before.apex, soas[0] if soas[0] != soas[1] else None, tuple(removed))),
    )


def in_reading_order(records: t.Iterable[Record]) -> list[Record]:
    """Return records as people read them: SOA, apex NS, then by owner in canonical order, by type, and by data."""
    records = list(records)
    # Most owners of large zones are one label, which is its own order.
    owners = [record[0] for record in records]
    orders = [owner if "." not in owner and owner != "@" else owner_order(owner) for owner in owners]
    ordered = [records[index] for index in sorted(range(len(records)), key=orders.__getitem__)]
    end = 0
    for index in [index for index, (one, next_one) in enumerate(zip(ordered, ordered[1:])) if one[0] == next_one[0]]:
        if index < end:
            continue
        owner, end = ordered[index][0], index
        while end < len(ordered) and ordered[end][0] == owner:
            end += 1
        ordered[index:end] = sorted(ordered[index:end], key=_order_at_owner)
    return ordered


def owner_order(owner: str) -> str:
    """Return what owners of one zone sort by (RFC 4034 section 6.1)."""
    if "." not in owner:
        return "" if owner == "@" else owner
    return "\x01".join(reversed(labels_of(owner)))


def _order_at_owner(record: Record | ContentLine) -> tuple[int, list[str | int], str]:
    return _type_order(record[2]), _natural(record[3]), record[3]


def _type_order(mnemonic: str) -> int:
    first = ("SOA", "NS")
    return first.index(mnemonic) - len(first) if mnemonic in first else int(dns.rdatatype.from_text(mnemonic))


def _natural(data: str) -> list[str | int]:
    # Preferences and addresses in the order of numbers. Text and numbers alternate, so that like meets like.
    return [int(part) if index % 2 else part for index, part in enumerate(_NUMBERS.split(data))]


def _line_order(line: str) -> tuple[t.Any, ...]:
    fields = ContentLine.of(line)
    return (owner_order(fields.owner), *_order_at_owner(fields))


class _OwnerOrders(t.Sequence[str]):
    def __init__(self, lines: t.Sequence[str]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: t.Any) -> t.Any:
        return owner_order(self._lines[index].split(None, 1)[0])


def _line(owner: str, ttl: int, rdtype: str, data: str) -> str:
    return owner.ljust(15) + _middle(ttl, rdtype) + data


def _middle(ttl: int, rdtype: str) -> str:
    return f" {ttl:>5} IN {rdtype:5} "


def _with_least_ttls(records: t.Sequence[Record]) -> t.Sequence[Record]:
    unequal = {
        _rrset(one)
        for one, next_one in zip(records, records[1:])
        if one[1] != next_one[1] and one[0] == next_one[0] and _rrset(one) == _rrset(next_one)
    }
    if not unequal:
        return records
    least: dict[tuple[str, str, str], int] = {}
    for record in records:
        key = _rrset(record)
        least[key] = min(record.ttl, least.get(key, record.ttl))
    # RFC 2181 section 5.2.
    return [record._replace(ttl=least[_rrset(record)]) for record in records]


def _rrset(record: Record) -> tuple[str, str, str]:
    # There is one RRset of RRSIG for each type that they cover (RFC 4034 section 3).
    return record[0], record[2], record[3].split(None, 1)[0] if record[2] == "RRSIG" else ""


def _shown_lines(content: ZoneContent | None) -> tuple[str, ...]:
    if content is None:
        return ()
    soa = () if content.soa is None else (content.soa,)
    return tuple(_shown(ContentLine.of(line), content.apex) for line in (*soa, *content.lines))


def _shown(line: ContentLine, apex: str) -> str:
    data = line.data
    if line.rdtype == "SOA":
        mname, rname, _serial, timers = data.split(None, 3)
        data = f"{mname} {rname} (serial) {timers}"
    return f"{absolute_name(line.owner, apex)} {line.ttl} IN {line.rdtype} {data}"
