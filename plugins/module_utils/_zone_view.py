# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records of a zone as its checks look at them: by owner, by type, and what a question would find."""

from __future__ import annotations

import functools
import typing as t
from collections import defaultdict

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import (
    absolute_name,
    is_absolute,
    labels_of,
    name_text,
    owner_text,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record

with deps.declare("dnspython"):
    import dns.name

__all__ = ("TARGETS", "Check", "ZoneView", "shown", "target_of")

# Where in its data a record has the name that it leads to.
TARGETS = {
    **dict.fromkeys(("CNAME", "DNAME", "NS", "PTR", "RP", "SOA"), 0),
    **dict.fromkeys(("AFSDB", "HTTPS", "KX", "MX", "SVCB"), 1),
    "NAPTR": -1,
    "SRV": 3,
}

_NOTHING: frozenset[str] = frozenset()


class ZoneView:
    """The records of a zone. Owners are relative to the apex unless outside of the zone.

    :ivar apex: the zone's name as canonical text, and ``text`` as messages show it.
    :ivar suffix: what to cut an absolute name in the zone at to have its owner, unless it is the apex.
    :ivar records: all of them in reading order, duplicates included.
    :ivar types: by owner, the types of its records.
    :ivar by_type: by type, the records in reading order.
    :ivar cuts: the owners of delegations.
    :ivar dnames: the owners of DNAME records.
    :ivar server_owners: the names of all name servers as owners.
    :ivar deep: owners of several labels: only these can lie below another one than the apex, or outside of the zone.
    """

    def __init__(self, apex: dns.name.Name, records: t.Sequence[Record]) -> None:
        self.apex = name_text(apex)
        self.text = display_name(apex)
        self.suffix = -1 if self.apex == "." else -len(self.apex) - 1
        self.records = records
        self.types: dict[str, frozenset[str]] = {}
        by_type: defaultdict[str, list[Record]] = defaultdict(list)
        # A million owners share few sets of types.
        shared: dict[tuple[frozenset[str], str], frozenset[str]] = {}
        types, previous, merged = self.types, None, _NOTHING
        for record in records:
            owner, rdtype = record[0], record[2]
            by_type[rdtype].append(record)
            # Records of one owner follow one another.
            if owner != previous:
                previous, merged = owner, _NOTHING
            elif rdtype in merged:
                continue
            key = (merged, rdtype)
            found = shared.get(key)
            if found is None:
                found = shared[key] = merged | {rdtype}
            types[owner] = merged = found
        self.by_type = by_type
        self.cuts = {record.owner for record in by_type["NS"] if record.owner != "@"}
        self.dnames = {record.owner for record in by_type["DNAME"]}
        self.server_owners = {self.owner(target_of(record)) for record in by_type["NS"]}
        self.deep = [owner for owner in types if "." in owner]

    def problem(self, record: Record, rule: str, *, code: str | None = None, value: str | None = None) -> Problem:
        """Return what is wrong with a record."""
        return Problem(zone=self.text, where=record.where, rule=rule, code=code, value=value)

    def owner(self, name: str) -> str:
        """Return an absolute name as an owner would have it."""
        return owner_text(name, self.apex)

    def name(self, owner: str) -> str:
        """Return an owner as messages show names."""
        return shown(absolute_name(owner, self.apex))

    def of_owners(self, owners: t.Collection[str]) -> t.Iterator[Record]:
        """Yield the records of some owners, in reading order."""
        return (record for record in self.records if record[0] in owners) if owners else iter(())

    def closest(self, owner: str, places: t.Collection[str]) -> str | None:
        """Return the nearest of ``places`` at or above an owner in the zone."""
        if "\\" in owner:
            labels = labels_of(owner)
            above = (".".join(labels[index:]) for index in range(len(labels)))
            return next((place for place in above if place in places), "@" if "@" in places else None)
        while owner not in places:
            owner = owner.partition(".")[2]
            if not owner:
                return "@" if "@" in places else None
        return owner

    def types_at(self, owner: str) -> t.Collection[str]:
        """Return the types that a question for an owner would find, by a wildcard too."""
        if owner in self.types:
            return self.types[owner]
        labels = [] if owner == "@" else labels_of(owner)
        for index in range(1, len(labels) + 1):
            above = ".".join(labels[index:])
            wildcard = self.types.get(f"*.{above}" if above else "*")
            if wildcard is not None:
                return wildcard
            if above in self.types or above in self.empty_non_terminals:
                break
        return ()

    def exists(self, owner: str) -> bool:
        """Whether a question for an owner would find anything, be it names below it."""
        return bool(self.types_at(owner)) or owner in self.empty_non_terminals

    @functools.cached_property
    def empty_non_terminals(self) -> set[str]:
        """The owners without records of their own that have names below them."""
        above: set[str] = set()
        for owner in self.deep:
            labels = labels_of(owner)
            for index in range(1, len(labels)):
                place = ".".join(labels[index:])
                if place in above:
                    break
                above.add(place)
        return above - self.types.keys()

    def holds(self, owner: str) -> bool:
        """Whether an owner is one that this zone, and no zone below it or above it, answers for."""
        return (
            not is_absolute(owner)
            and self.closest(owner, self.cuts) is None
            and self.closest(owner, self.dnames) in (None, owner)
        )


Check = t.Callable[[ZoneView], t.Iterator[Problem]]


def target_of(record: Record) -> str:
    """Return the name that a record leads to."""
    position = TARGETS[record.rdtype]
    return record.data if position == 0 and record.rdtype not in ("RP", "SOA") else record.data.split()[position]


def shown(name: str) -> str:
    """Return an absolute name as messages show it."""
    return name if name == "." else name[:-1]
