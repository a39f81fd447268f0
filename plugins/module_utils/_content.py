# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a zone, as a value that compares by meaning: order, spelling and the serial are no part of it."""

from __future__ import annotations

import bisect
import functools
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

__all__ = ("ContentLine", "Difference", "ZoneContent", "difference", "in_reading_order", "neighbours")

# Python refuses to make a number of thousands of digits, which octets in hexadecimal may be.
_NUMBERS = re.compile(r"([0-9]{1,100})")
_ANY_DIGIT = str.maketrans("0123456789", "0" * 10)


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

    def ttl(self, owner: dns.name.Name, rdtype: str) -> int | None:
        """Return the TTL of the records with that owner and type, None for none."""
        return next((line.ttl for line in self.at(owner) if line.rdtype == rdtype), None)

    def at(self, owner: dns.name.Name) -> list[ContentLine]:
        """Return the records of that owner but for the SOA."""
        text = owner_text(name_text(owner), self.apex)
        found = []
        for index in range(
            bisect.bisect_left(_Orders(self.lines, _line_owner_order), owner_order(text)), len(self.lines)
        ):
            line = ContentLine.of(self.lines[index])
            if line.owner != text:
                break
            found.append(line)
        return found

    def with_lines(self, *, removed: t.Collection[ContentLine], added: t.Collection[ContentLine]) -> ZoneContent:
        """Return the content with these records instead of those; adding what is there changes nothing."""
        lines = list(self.lines)
        # Places are looked up, and not all lines gone through, for a large zone may get thousands of changes.
        for line in map(str, removed):
            index = _place(line, lines)
            if lines[index : index + 1] == [line]:
                del lines[index]
        for line in map(str, added):
            index = _place(line, lines)
            if lines[index : index + 1] != [line]:
                lines.insert(index, line)
        return ZoneContent(self.apex, self.soa, tuple(lines))


@dataclass(frozen=True)
class Difference:
    """Records that one content has and another has not.

    :arg come: those that are new, or None for none, and ``gone`` those that are no longer there.
    """

    come: ZoneContent | None = None
    gone: ZoneContent | None = None

    @property
    def added(self) -> tuple[str, ...]:
        """The new records as people read them, one line each, in reading order."""
        return _shown_lines(self.come)

    @property
    def removed(self) -> tuple[str, ...]:
        """Likewise for those that are no longer there."""
        return _shown_lines(self.gone)

    @property
    def counts(self) -> tuple[int, int]:
        """How many are new, and how many are no longer there."""
        return len(self.come or ()), len(self.gone or ())


def difference(before: ZoneContent | None, after: ZoneContent | None) -> Difference:
    """Return which records come and go from ``before`` to ``after``; None is a zone that is not there."""
    if before is None or after is None:
        return Difference(come=after, gone=before)
    # Most changes are small, and what is the same before and after them need not be looked up.
    same = _same_at_start(before.lines, after.lines)
    left, new = before.lines[same:], after.lines[same:]
    same = _same_at_start(left[::-1], new[::-1])
    left, new = left[: len(left) - same], new[: len(new) - same]
    come, gone = _lines_but(new, set(left)), _lines_but(left, set(new))
    other_soa = before.soa != after.soa
    return Difference(
        come=ZoneContent(after.apex, after.soa if other_soa else None, come),
        gone=ZoneContent(before.apex, before.soa if other_soa else None, gone),
    )


def _same_at_start(lines: t.Sequence[str], others: t.Sequence[str]) -> int:
    differs = map(operator.ne, lines, others)
    return next(itertools.compress(itertools.count(), differs), min(len(lines), len(others)))


def _lines_but(lines: t.Iterable[str], others: t.Collection[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line not in others)


def in_reading_order(records: t.Iterable[Record]) -> list[Record]:
    """Return records as people read them: SOA, apex NS, then by owner in canonical order, by type, and by data."""
    # Most owners of large zones have one record, for which no list is made.
    by_owner: dict[str, Record | list[Record]] = {}
    first_at = by_owner.setdefault
    for record in records:
        present = first_at(record[0], record)
        if present is record:
            continue
        if isinstance(present, list):
            present.append(record)
        else:
            by_owner[record[0]] = [present, record]
    ordered: list[Record] = []
    # Owners have few sets of types between them, so that of each the order is found once.
    arrangements: dict[tuple[str, ...], t.Callable[[list[Record]], t.Iterable[Record]]] = {}
    orders, records_at = list(map(owner_order, by_owner)), list(by_owner.values())
    for index in sorted(range(len(orders)), key=orders.__getitem__):
        found = records_at[index]
        if not isinstance(found, list):
            ordered.append(found)
            continue
        types = tuple([record[2] for record in found])
        arranged = arrangements.get(types)
        if arranged is None:
            arranged = arrangements[types] = _arrangement(types)
        ordered += arranged(found)
    return ordered


def _arrangement(types: tuple[str, ...]) -> t.Callable[[list[Record]], t.Iterable[Record]]:
    """Return what puts the records of one owner, which have these types, into reading order."""
    if len(set(types)) == 1:
        return _in_order_of_data
    if len(set(types)) < len(types):
        return lambda records: sorted(records, key=_order_at_owner)
    return operator.itemgetter(*sorted(range(len(types)), key=lambda index: _type_order(types[index])))


def neighbours(records: t.Sequence[Record]) -> t.Iterator[tuple[Record, Record]]:
    """Yield each two records in reading order that follow one another at one owner."""
    return ((one, other) for one, other in zip(records, itertools.islice(records, 1, None)) if one[0] == other[0])


def _in_order_of_data(records: list[Record]) -> list[Record]:
    # Where numbers are of the same length, as in ns1 and ns2, letter by letter is number by number.
    alike = len({record[3].translate(_ANY_DIGIT) for record in records}) == 1
    return sorted(records, key=operator.itemgetter(3) if alike else _order_at_owner)


def owner_order(owner: str) -> str:
    """Return what owners of one zone sort by (RFC 4034 section 6.1)."""
    if "." not in owner:
        return "" if owner == "@" else owner
    labels = labels_of(owner) if "\\" in owner else owner.split(".")
    labels.reverse()
    return "\x01".join(labels)


def _order_at_owner(record: Record | ContentLine) -> tuple[int, list[str | int], str]:
    return _type_order(record[2]), _natural(record[3]), record[3]


@functools.cache
def _type_order(mnemonic: str) -> int:
    first = ("SOA", "NS")
    return first.index(mnemonic) - len(first) if mnemonic in first else int(dns.rdatatype.from_text(mnemonic))


def _natural(data: str) -> list[str | int]:
    # Preferences and addresses in the order of numbers. Text and numbers alternate, so that like meets like.
    return [int(part) if index % 2 else part for index, part in enumerate(_NUMBERS.split(data))]


def _line_owner_order(line: str) -> str:
    return owner_order(line.split(None, 1)[0])


def _line_order(line: str) -> tuple[t.Any, ...]:
    fields = ContentLine.of(line)
    return (owner_order(fields.owner), *_order_at_owner(fields), fields.ttl)


def _place(line: str, lines: t.Sequence[str]) -> int:
    """Return where a line is, or has to come, among lines in reading order."""
    return bisect.bisect_left(_Orders(lines, _line_order), _line_order(line))


class _Orders(t.Sequence[t.Any]):
    """What lines sort by; Python 3.9 has no bisect with a key."""

    def __init__(self, lines: t.Sequence[str], order: t.Callable[[str], t.Any]) -> None:
        self._lines = lines
        self._order = order

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: t.Any) -> t.Any:
        return self._order(self._lines[index])


def _line(owner: str, ttl: int, rdtype: str, data: str) -> str:
    return owner.ljust(15) + _middle(ttl, rdtype) + data


def _middle(ttl: int, rdtype: str) -> str:
    return f" {ttl:>5} IN {rdtype:5} "


def _with_least_ttls(records: t.Sequence[Record]) -> t.Sequence[Record]:
    if not any(one[1] != next_one[1] and _rrset(one) == _rrset(next_one) for one, next_one in neighbours(records)):
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
