# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong inside one zone, before any server sees it. Each check is one function over all of its records."""

from __future__ import annotations

import functools
import re
import typing as t
from collections import defaultdict

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import (
    absolute_name,
    is_absolute,
    is_at_or_below,
    labels_of,
    name_text,
    owner_text,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record

with deps.declare("dnspython"):
    import dns.name

__all__ = ("ERRORS", "WARNINGS", "check_zone")

# By code, what each check finds; the codes can be allowed. What no server would load has no code.
ERRORS: dict[str, str] = {
    "below_cut": "data at or below a zone cut that is neither part of the delegation nor glue",
    "below_dname": "data below a DNAME",
    "glue_missing": "a delegation to a name server inside of the delegated zone without its address",
    # Found when the file is planned, for it is about the file and not about the records.
    "journal": "a journal of dynamic updates (BIND) beside a file whose records change",
    "ns_invalid_name": "a name server whose name is not a host name",
    "ns_is_alias": "a name server whose name is a CNAME",
    "ns_no_address": "a name server whose name is in the zone and has no address there",
    # As well about files only.
    "purge_all": "a purge without any zone described, which would remove all managed files",
    "serial_unknown": "a server of serial.servers that is silent or does not tell the serial of a zone that has a file",
    "ttl_differs": "records of one RRset with different TTLs (when allowed, the least one is used)",
    "wildcard_ns": "NS records at a wildcard",
}
WARNINGS: dict[str, str] = {
    "ds_without_ns": "a DS record where the zone delegates nothing",
    "duplicate_record": "a record that is described more than once",
    "final_dot_lost": "a name that repeats the zone's own name at its end, or a value that names nothing in the zone"
    " and something outside of it, most likely for want of a final dot",
    "host_name_invalid": "an address or MX record at a name that is not a host name",
    "mx_alias": "a mail server whose name is a CNAME",
    "mx_invalid_name": "a mail server whose name is not a host name",
    "mx_no_address": "a mail server whose name is in the zone and has no address there",
    "null_mx_with_others": "a null MX (RFC 7505) beside other MX records",
    "soa_rname_invalid": "a contact in the SOA of src that is no mailbox",
    "srv_alias": "the target of an SRV record that is a CNAME",
    "srv_no_address": "the target of an SRV record that is in the zone and has no address there",
    "too_few_name_servers": "fewer than two name servers",
    "wildcard_dname": "a DNAME record at a wildcard",
}

# Where in its data a record has the name that it leads to.
_TARGETS = {
    **dict.fromkeys(("CNAME", "DNAME", "NS", "PTR", "RP", "SOA"), 0),
    **dict.fromkeys(("AFSDB", "HTTPS", "KX", "MX", "SVCB"), 1),
    "NAPTR": -1,
    "SRV": 3,
}
# Their targets need not exist, but one that is in the zone and does not is hardly meant.
_WITHOUT_ADDRESS = ("AFSDB", "CNAME", "NAPTR", "PTR")

_HOST_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_HOST_LABEL}(?:\.{_HOST_LABEL})*\.?")
_NOTHING: frozenset[str] = frozenset()


def check_zone(
    apex: dns.name.Name, records: t.Sequence[Record], *, allow: t.Collection[str] = ()
) -> tuple[list[Problem], list[Problem]]:
    """Return the errors and the warnings about a zone without those whose code is allowed.

    :arg records: all records of the zone in reading order, duplicates included.
    """
    view = _View(apex, records)
    found = [problem for check in _CHECKS for problem in check(view) if problem.code not in allow]
    errors = [problem for problem in found if problem.code not in WARNINGS]
    return errors, [problem for problem in found if problem.code in WARNINGS]


class _View:
    """The records of a zone as the checks look at them. Owners are relative to the apex unless outside of the zone.

    :ivar types: by owner, the types of its records.
    :ivar by_type: by type, the records in reading order.
    """

    def __init__(self, apex: dns.name.Name, records: t.Sequence[Record]) -> None:
        self.apex = name_text(apex)
        self.text = display_name(apex)
        self.records = records
        self.types: dict[str, frozenset[str]] = {}
        by_type: defaultdict[str, list[Record]] = defaultdict(list)
        # A million owners share few sets of types.
        shared: dict[tuple[frozenset[str], str], frozenset[str]] = {}
        types = self.types
        for record in records:
            owner, rdtype = record[0], record[2]
            by_type[rdtype].append(record)
            key = (types.get(owner, _NOTHING), rdtype)
            merged = shared.get(key)
            if merged is None:
                merged = shared[key] = key[0] | {rdtype}
            types[owner] = merged
        self.by_type = by_type
        self.cuts = {record.owner for record in by_type["NS"] if record.owner != "@"}
        self.dnames = {record.owner for record in by_type["DNAME"]}
        self.server_owners = {self.owner(target_of(record)) for record in by_type["NS"]}
        # Owners of several labels: only these can lie below another one than the apex, or outside of the zone.
        self.deep = [owner for owner in types if "." in owner]

    def problem(self, record: Record, rule: str, *, code: str | None = None, value: str | None = None) -> Problem:
        return Problem(zone=self.text, where=record.where, rule=rule, code=code, value=value)

    def owner(self, name: str) -> str:
        """Return an absolute name as an owner would have it."""
        return owner_text(name, self.apex)

    def name(self, owner: str) -> str:
        """Return an owner as messages show names."""
        return shown(absolute_name(owner, self.apex))

    def at(self, owner: str) -> t.Iterator[Record]:
        """Yield the records of an owner."""
        for rdtype in self.types.get(owner, ()):
            yield from (record for record in self.by_type[rdtype] if record.owner == owner)

    def closest(self, owner: str, places: t.Collection[str]) -> str | None:
        """Return the nearest of ``places`` at or above an owner in the zone."""
        if not places:
            return None
        if owner in places or "." not in owner:
            return owner if owner in places else "@" if "@" in places else None
        labels = labels_of(owner)
        above = (".".join(labels[index:]) for index in range(1, len(labels)))
        return next((place for place in above if place in places), "@" if "@" in places else None)

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


def target_of(record: Record) -> str:
    """Return the name that a record leads to."""
    return record.data.split()[_TARGETS[record.rdtype]]


def shown(name: str) -> str:
    """Return an absolute name as messages show it."""
    return name if name == "." else name[:-1]


def _owners(view: _View) -> t.Iterator[Problem]:
    for owner in view.deep:
        if is_absolute(owner):
            for record in view.at(owner):
                yield view.problem(record, f"{shown(owner)} is outside of the zone")


def _aliases(view: _View) -> t.Iterator[Problem]:
    for rdtype in ("CNAME", "DNAME"):
        by_owner: dict[str, list[Record]] = defaultdict(list)
        for record in view.by_type[rdtype]:
            by_owner[record.owner].append(record)
        for records in by_owner.values():
            if len({record.data for record in records}) > 1:
                targets = ", ".join(record.data for record in records)
                yield view.problem(records[-1], f"a name has one {rdtype} record only", value=targets)
    for record in view.by_type["CNAME"]:
        others = view.types[record.owner] - {"CNAME", "RRSIG", "NSEC", "KEY"}
        if others:
            place = "the apex" if record.owner == "@" else view.name(record.owner)
            listed = ", ".join(sorted(others))
            rule = f"a CNAME allows no other data beside it, and {place} has {listed} (RFC 2181 section 10.1)"
            yield view.problem(record, rule)
    for record in view.by_type["DNAME"]:
        if record.owner in view.cuts:
            yield view.problem(record, "a name is either delegated by NS or redirected by DNAME (RFC 6672 section 2.3)")


def _occluded(view: _View) -> t.Iterator[Problem]:
    if not view.cuts and not view.dnames:
        return
    # A DNAME at the apex hides all the rest.
    owners = view.types if "@" in view.dnames else (*view.deep, *(cut for cut in view.cuts if "." not in cut))
    for owner in owners:
        if is_absolute(owner):
            continue
        cut = view.closest(owner, view.cuts)
        if cut is not None and not all(_belongs_to_cut(view, owner, rdtype, cut) for rdtype in view.types[owner]):
            place = view.name(cut)
            rule = (
                f"{place} is delegated, so only its NS and DS and the addresses of its name servers belong here;"
                f" the rest belongs into the zone {place}"
            )
            for record in view.at(owner):
                if not _belongs_to_cut(view, owner, record.rdtype, cut):
                    yield view.problem(record, rule, code="below_cut")
        dname = None if owner in view.dnames else view.closest(owner, view.dnames)
        if dname is not None and owner != dname:
            rule = f"the DNAME at {view.name(dname)} hides it (RFC 6672 section 2.4)"
            for record in view.at(owner):
                if record.rdtype not in ("RRSIG", "NSEC"):
                    yield view.problem(record, rule, code="below_dname")


def _belongs_to_cut(view: _View, owner: str, rdtype: str, cut: str) -> bool:
    if rdtype in ("A", "AAAA"):
        return owner in view.server_owners
    if rdtype in ("NSEC", "RRSIG"):
        return True
    above = ".".join(labels_of(cut)[1:])
    outermost = owner == cut and (not above or view.closest(above, view.cuts) is None)
    return rdtype in ("NS", "DS") and outermost


def _name_servers(view: _View) -> t.Iterator[Problem]:
    at_apex = {record.data for record in view.by_type["NS"] if record.owner == "@"}
    if not at_apex:
        rule = "a zone has at least one NS record at its apex: describe name_servers, or NS records in records or src"
        yield Problem(zone=view.text, where="name_servers", rule=rule)
    elif len(at_apex) < 2:
        rule = "a zone should have two name servers or more (RFC 1034 section 4.1)"
        yield Problem(zone=view.text, where="name_servers", rule=rule, code="too_few_name_servers")
    held: dict[str, bool] = {}
    for record in view.by_type["NS"]:
        if record.owner == "*" or record.owner.startswith("*."):
            yield view.problem(record, "a wildcard cannot be delegated (RFC 4592 section 4.2)", code="wildcard_ns")
        name = record.data
        target = view.owner(name)
        if not _is_server_name(name):
            rule = "a name server is named by its host name: letters, digits, hyphens and dots, and never an address"
            yield view.problem(record, rule, code="ns_invalid_name", value=name)
        if record.owner != "@" and is_at_or_below(name, absolute_name(record.owner, view.apex)):
            if not view.types.get(target, _NOTHING) & {"A", "AAAA"}:
                rule = f"{shown(name)} is inside of the delegated zone, so it needs an address here as glue"
                yield view.problem(record, rule, code="glue_missing")
            continue
        if target not in held:
            held[target] = view.holds(target)
        if held[target]:
            yield from _unusable_target(view, record, target, alias="ns_is_alias", missing="ns_no_address")
    for record in view.by_type["DS"]:
        if record.owner not in view.cuts:
            yield view.problem(record, "there is no NS record, so nothing is delegated here", code="ds_without_ns")


def _targets(view: _View) -> t.Iterator[Problem]:
    several = {one.owner for one, other in _neighbours(view.by_type["MX"])}
    for record in view.by_type["MX"]:
        name = target_of(record)
        if name == ".":
            if record.owner in several:
                rule = "a null MX says that there is no mail, so it stands alone (RFC 7505 section 3)"
                yield view.problem(record, rule, code="null_mx_with_others")
            continue
        if not _is_server_name(name):
            rule = "a mail server is named by its host name, never by an address"
            yield view.problem(record, rule, code="mx_invalid_name", value=name)
        target = view.owner(name)
        if view.holds(target):
            yield from _unusable_target(view, record, target, alias="mx_alias", missing="mx_no_address")
    for record in view.by_type["SRV"]:
        target = view.owner(target_of(record))
        if target_of(record) != "." and view.holds(target):
            yield from _unusable_target(view, record, target, alias="srv_alias", missing="srv_no_address")


def _neighbours(records: t.Sequence[Record]) -> t.Iterator[tuple[Record, Record]]:
    """Yield each two records that follow one another at one owner."""
    return ((one, other) for one, other in zip(records, records[1:]) if one[0] == other[0])


def _is_server_name(name: str) -> bool:
    # No top-level domain is a number, but the last part of an address is.
    return name != "." and bool(_HOST_NAME.fullmatch(name)) and not name.rstrip(".").rpartition(".")[2].isdigit()


def _unusable_target(view: _View, record: Record, target: str, *, alias: str, missing: str) -> t.Iterator[Problem]:
    types = view.types_at(target)
    if "CNAME" in types:
        rule = f"{view.name(target)} is a CNAME, where a name with addresses is needed (RFC 2181 section 10.3)"
        yield view.problem(record, rule, code=alias)
    elif "A" not in types and "AAAA" not in types:
        yield view.problem(record, f"{view.name(target)} has no A or AAAA record in the zone", code=missing)


def _rrsets(view: _View) -> t.Iterator[Problem]:
    for one, other in _neighbours(view.records):
        if one.rdtype != other.rdtype:
            continue
        # The TTL of an RRSIG is that of what it signs (RFC 4034 section 3).
        if one.ttl != other.ttl and one.rdtype != "RRSIG":
            rule = f"TTL {other.ttl} here and {one.ttl} in {one.where}: one RRset, one TTL (RFC 2181 section 5.2)"
            yield view.problem(other, rule, code="ttl_differs")
        if one.data == other.data:
            value = f"{other.rdtype} {other.data}"
            yield view.problem(other, "the same record is there already", code="duplicate_record", value=value)


def _spelling(view: _View) -> t.Iterator[Problem]:
    own = labels_of(view.apex)
    # Names such as com.com. are in use, longer repetitions are not.
    if len(own) > 1:
        yield from _repetitions(view, own)
    for rdtype in _WITHOUT_ADDRESS:
        for record in view.by_type[rdtype]:
            meant = _without_apex(target_of(record), view)
            if meant:
                rule = f"there is no such name in the zone; with a final dot it would be {meant}"
                yield view.problem(record, rule, code="final_dot_lost", value=target_of(record))
    for rdtype in ("A", "AAAA", "MX"):
        for record in view.by_type[rdtype]:
            owner = record[0]
            if not _HOST_NAME.fullmatch(owner) and not _is_host_after_wildcard(owner, view.apex):
                rule = "not a host name (RFC 1123 section 2.1); BIND refuses it unless check-names is off"
                value = absolute_name(owner, view.apex)
                yield view.problem(record, rule, code="host_name_invalid", value=value)
    for record in view.by_type["DNAME"]:
        if record.owner == "*" or record.owner.startswith("*."):
            rule = "servers differ on what a DNAME at a wildcard means (RFC 4592 section 4.4)"
            yield view.problem(record, rule, code="wildcard_dname")
    for record in view.by_type["SOA"]:
        rname = record.data.split()[1]
        if "@" in rname or len(labels_of(rname)) < 2 or _without_repetition(rname, view, own):
            rule = "the RNAME is a mailbox written as a name: hostmaster.example.com. for hostmaster@example.com"
            yield view.problem(record, rule, code="soa_rname_invalid", value=rname)


def _repetitions(view: _View, own: list[str]) -> t.Iterator[Problem]:
    repeating = {owner for owner in view.deep if _without_repetition(absolute_name(owner, view.apex), view, own)}
    if repeating:
        for record in view.records:
            if record.owner in repeating:
                yield _lost_dot(view, record, "name", absolute_name(record.owner, view.apex), own)
    doubled = f"{own[0]}."
    for rdtype in _TARGETS.keys() & view.by_type.keys():
        for record in view.by_type[rdtype]:
            # Nearly all targets are told apart by this alone.
            if record.data.count(doubled) > 1 and _without_repetition(target_of(record), view, own):
                yield _lost_dot(view, record, "value", target_of(record), own)


def _lost_dot(view: _View, record: Record, what: str, name: str, own: list[str]) -> Problem:
    meant = _without_repetition(name, view, own)
    rule = f"its {what} repeats the name of the zone; with a final dot it would be {meant}"
    return view.problem(record, rule, code="final_dot_lost", value=name)


def _is_host_after_wildcard(owner: str, apex: str) -> bool:
    if owner == "*" or owner == "@":
        return apex == "." or bool(_HOST_NAME.fullmatch(apex))
    return owner.startswith("*.") and bool(_HOST_NAME.fullmatch(owner[2:]))


def _without_apex(target: str, view: _View) -> str | None:
    """Return what a target that does not exist would be if the apex had not been added to it."""
    owner = view.owner(target)
    if view.apex == "." or not view.holds(owner) or _without_repetition(target, view, labels_of(view.apex)):
        return None
    # One label is a host of this zone that is missing, but no host has its name in a reverse zone.
    labels = [] if owner == "@" else labels_of(owner)
    if len(labels) < (1 if view.apex.endswith(".arpa.") else 2) or view.exists(owner):
        return None
    return f"{owner}."


def _without_repetition(name: str, view: _View, own: list[str]) -> str | None:
    """Return a name in the zone without the name of the zone, where that is there twice."""
    if len(own) < 2 or not is_at_or_below(name, view.apex):
        return None
    labels = labels_of(name)
    if labels[-2 * len(own) : -len(own)] != own:
        return None
    return ".".join((*labels[: -len(own)], ""))


_CHECKS: tuple[t.Callable[[_View], t.Iterator[Problem]], ...] = (
    _owners,
    _aliases,
    _occluded,
    _name_servers,
    _targets,
    _rrsets,
    _spelling,
)
