# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong inside one zone, before any server sees it. Each check is one function over all of its records."""

from __future__ import annotations

import functools
import typing as t
from collections import defaultdict

from ansible_collections.zonecut.dns.plugins.module_utils._content import RecordsByRRset, RRsetKey
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_host_name
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import presentation
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdatatype

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

_TARGETS = {
    **dict.fromkeys(("CNAME", "DNAME", "NS", "PTR", "SRV", "HTTPS", "SVCB"), "target"),
    **dict.fromkeys(("KX", "MX"), "exchange"),
    "AFSDB": "hostname",
    "NAPTR": "replacement",
    "RP": "mbox",
    "SOA": "mname",
}
# Their targets need not exist, but one that is in the zone and does not is hardly meant.
_WITHOUT_ADDRESS = ("AFSDB", "CNAME", "NAPTR", "PTR")

_ARPA_LABELS = (b"arpa", b"")


def check_zone(
    apex: dns.name.Name, records: RecordsByRRset, *, allow: t.Collection[str] = ()
) -> tuple[list[Problem], list[Problem]]:
    """Return the errors and the warnings about a zone without those whose code is allowed.

    :arg records: all records of the zone, duplicates included.
    """
    view = _View(apex, records)
    found = [problem for check in _CHECKS for problem in check(view) if problem.code not in allow]
    errors = [problem for problem in found if problem.code not in WARNINGS]
    return errors, [problem for problem in found if problem.code in WARNINGS]


class _View:
    """The records of a zone as the checks look at them."""

    def __init__(self, apex: dns.name.Name, rrsets: RecordsByRRset) -> None:
        self.apex = apex
        self.text = display_name(apex)
        self.rrsets = rrsets
        self.nodes: defaultdict[dns.name.Name, dict[str, list[Record]]] = defaultdict(dict)
        self.by_type: defaultdict[str, list[Record]] = defaultdict(list)
        for key, records in rrsets.items():
            rdtype = _mnemonic(key.rdtype)
            # RRSIGs have one RRset for each type that they cover.
            self.nodes[key.owner].setdefault(rdtype, []).extend(records)
            self.by_type[rdtype].extend(records)
        self.cuts = {record.owner for record in self.by_type["NS"] if record.owner != apex}
        self.dnames = {record.owner for record in self.by_type["DNAME"]}
        self.server_names = {_target(record) for record in self.by_type["NS"]}

    def problem(self, record: Record, rule: str, *, code: str | None = None, value: str | None = None) -> Problem:
        return Problem(zone=self.text, where=record.where, rule=rule, code=code, value=value)

    def closest(self, name: dns.name.Name, places: t.Collection[dns.name.Name]) -> dns.name.Name | None:
        """Return the nearest of ``places`` at or above ``name`` and not above the apex."""
        while places and name.is_subdomain(self.apex):
            if name in places:
                return name
            if name == dns.name.root:
                break
            name = name.parent()
        return None

    def types_at(self, name: dns.name.Name) -> t.Collection[str]:
        """Return the types that a question for ``name`` would find, by a wildcard too."""
        if name in self.nodes:
            return self.nodes[name].keys()
        while name not in self.nodes and name != self.apex:
            name = name.parent()
            wildcard = dns.name.Name((b"*", *name.labels))
            if wildcard in self.nodes:
                return self.nodes[wildcard].keys()
        return ()

    def exists(self, name: dns.name.Name) -> bool:
        """Whether a question for ``name`` would find anything, be it names below it."""
        return bool(self.types_at(name)) or name in self._above

    @functools.cached_property
    def _above(self) -> set[dns.name.Name]:
        above: set[dns.name.Name] = set()
        for name in self.nodes:
            while name != self.apex and name.is_subdomain(self.apex) and name not in above:
                above.add(name)
                name = name.parent()
        return above

    def holds(self, name: dns.name.Name) -> bool:
        """Whether ``name`` is one that this zone, and no zone below it or above it, answers for."""
        return (
            name.is_subdomain(self.apex)
            and self.closest(name, self.cuts) is None
            and self.closest(name, self.dnames) in (None, name)
        )


def _owners(view: _View) -> t.Iterator[Problem]:
    for owner, records_by_type in view.nodes.items():
        if not owner.is_subdomain(view.apex):
            for record in (record for records in records_by_type.values() for record in records):
                yield view.problem(record, f"{display_name(owner)} is outside of the zone")


def _aliases(view: _View) -> t.Iterator[Problem]:
    for rdtype in ("CNAME", "DNAME"):
        for owner in {record.owner for record in view.by_type[rdtype]}:
            records = view.nodes[owner][rdtype]
            if len({record.rdata for record in records}) > 1:
                targets = ", ".join(str(record.rdata) for record in records)
                yield view.problem(records[-1], f"a name has one {rdtype} record only", value=targets)
    for record in view.by_type["CNAME"]:
        others = view.nodes[record.owner].keys() - {"CNAME", "RRSIG", "NSEC", "KEY"}
        if others:
            place = "the apex" if record.owner == view.apex else display_name(record.owner)
            listed = ", ".join(sorted(others))
            rule = f"a CNAME allows no other data beside it, and {place} has {listed} (RFC 2181 section 10.1)"
            yield view.problem(record, rule)
    for record in view.by_type["DNAME"]:
        if record.owner in view.cuts:
            yield view.problem(record, "a name is either delegated by NS or redirected by DNAME (RFC 6672 section 2.3)")


def _occluded(view: _View) -> t.Iterator[Problem]:
    if not view.cuts and not view.dnames:
        return
    for key, records in view.rrsets.items():
        cut = view.closest(key.owner, view.cuts)
        if cut is not None and not _belongs_to_cut(view, key, cut):
            place = display_name(cut)
            rule = (
                f"{place} is delegated, so only its NS and DS and the addresses of its name servers belong here;"
                f" the rest belongs into the zone {place}"
            )
            yield from (view.problem(record, rule, code="below_cut") for record in records)
        dname = None if key.owner in view.dnames else view.closest(key.owner, view.dnames)
        if dname is not None and _mnemonic(key.rdtype) not in ("RRSIG", "NSEC"):
            rule = f"the DNAME at {display_name(dname)} hides it (RFC 6672 section 2.4)"
            yield from (view.problem(record, rule, code="below_dname") for record in records)


def _belongs_to_cut(view: _View, key: RRsetKey, cut: dns.name.Name) -> bool:
    rdtype = _mnemonic(key.rdtype)
    if rdtype in ("A", "AAAA"):
        return key.owner in view.server_names
    if rdtype in ("NSEC", "RRSIG"):
        return True
    outermost = key.owner == cut and view.closest(cut.parent(), view.cuts) is None
    return rdtype in ("NS", "DS") and outermost


def _name_servers(view: _View) -> t.Iterator[Problem]:
    at_apex = {_target(record) for record in view.nodes[view.apex].get("NS", ())}
    if not at_apex:
        rule = "a zone has at least one NS record at its apex: describe name_servers, or NS records in records or src"
        yield Problem(zone=view.text, where="name_servers", rule=rule)
    elif len(at_apex) < 2:
        rule = "a zone should have two name servers or more (RFC 1034 section 4.1)"
        yield Problem(zone=view.text, where="name_servers", rule=rule, code="too_few_name_servers")
    for record in view.by_type["NS"]:
        name = _target(record)
        if record.owner.is_wild():
            yield view.problem(record, "a wildcard cannot be delegated (RFC 4592 section 4.2)", code="wildcard_ns")
        if not _is_server_name(name):
            rule = "a name server is named by its host name: letters, digits, hyphens and dots, and never an address"
            yield view.problem(record, rule, code="ns_invalid_name", value=str(name))
        if record.owner != view.apex and name.is_subdomain(record.owner):
            if not view.nodes.get(name, {}).keys() & {"A", "AAAA"}:
                rule = f"{display_name(name)} is inside of the delegated zone, so it needs an address here as glue"
                yield view.problem(record, rule, code="glue_missing")
        elif view.holds(name):
            yield from _unusable_target(view, record, name, alias="ns_is_alias", missing="ns_no_address")
    for record in view.by_type["DS"]:
        if record.owner not in view.cuts:
            yield view.problem(record, "there is no NS record, so nothing is delegated here", code="ds_without_ns")


def _targets(view: _View) -> t.Iterator[Problem]:
    for record in view.by_type["MX"]:
        name = _target(record)
        if name == dns.name.root:
            if len(view.nodes[record.owner]["MX"]) > 1:
                rule = "a null MX says that there is no mail, so it stands alone (RFC 7505 section 3)"
                yield view.problem(record, rule, code="null_mx_with_others")
            continue
        if not _is_server_name(name):
            rule = "a mail server is named by its host name, never by an address"
            yield view.problem(record, rule, code="mx_invalid_name", value=str(name))
        if view.holds(name):
            yield from _unusable_target(view, record, name, alias="mx_alias", missing="mx_no_address")
    for record in view.by_type["SRV"]:
        name = _target(record)
        if name != dns.name.root and view.holds(name):
            yield from _unusable_target(view, record, name, alias="srv_alias", missing="srv_no_address")


def _is_server_name(name: dns.name.Name) -> bool:
    # No top-level domain is a number, but the last part of an address is.
    return is_host_name(name) and not name.labels[-2].isdigit()


def _unusable_target(
    view: _View, record: Record, name: dns.name.Name, *, alias: str, missing: str
) -> t.Iterator[Problem]:
    types = view.types_at(name)
    if "CNAME" in types:
        rule = f"{display_name(name)} is a CNAME, where a name with addresses is needed (RFC 2181 section 10.3)"
        yield view.problem(record, rule, code=alias)
    elif not {"A", "AAAA"} & set(types):
        yield view.problem(record, f"{display_name(name)} has no A or AAAA record in the zone", code=missing)


def _rrsets(view: _View) -> t.Iterator[Problem]:
    for key, records in view.rrsets.items():
        seen = {records[0].rdata} if len(records) > 1 else set()
        for record in records[1:]:
            first = records[0]
            # The TTL of an RRSIG is that of what it signs (RFC 4034 section 3).
            if record.ttl != first.ttl and key.covers == dns.rdatatype.NONE:
                rule = (
                    f"TTL {record.ttl} here and {first.ttl} in {first.where}: one RRset, one TTL (RFC 2181 section 5.2)"
                )
                yield view.problem(record, rule, code="ttl_differs")
            if record.rdata in seen:
                text = " ".join(presentation(record.rdata))
                yield view.problem(record, "the same record is there already", code="duplicate_record", value=text)
            seen.add(record.rdata)


def _spelling(view: _View) -> t.Iterator[Problem]:
    for key, records in view.rrsets.items():
        field = _TARGETS.get(_mnemonic(key.rdtype))
        for record in records:
            for name, what in ((key.owner, "name"), (field and getattr(record.rdata, field), "value")):
                shorter = name and _without_repetition(name, view.apex)
                if shorter:
                    rule = f"its {what} repeats the name of the zone; with a final dot it would be {shorter}"
                    yield view.problem(record, rule, code="final_dot_lost", value=str(name))
    for rdtype in _WITHOUT_ADDRESS:
        for record in view.by_type[rdtype]:
            meant = _without_apex(_target(record), view)
            if meant:
                rule = f"there is no such name in the zone; with a final dot it would be {meant}"
                yield view.problem(record, rule, code="final_dot_lost", value=str(_target(record)))
    for rdtype in ("A", "AAAA", "MX"):
        for record in view.by_type[rdtype]:
            owner = record.owner.parent() if record.owner.is_wild() else record.owner
            if owner != dns.name.root and not is_host_name(owner):
                rule = "not a host name (RFC 1123 section 2.1); BIND refuses it unless check-names is off"
                yield view.problem(record, rule, code="host_name_invalid", value=str(record.owner))
    for record in view.by_type["DNAME"]:
        if record.owner.is_wild():
            rule = "servers differ on what a DNAME at a wildcard means (RFC 4592 section 4.4)"
            yield view.problem(record, rule, code="wildcard_dname")
    for record in view.by_type["SOA"]:
        rname: dns.name.Name = t.cast("t.Any", record.rdata).rname
        if b"@" in b"".join(rname.labels) or len(rname.labels) < 3 or _without_repetition(rname, view.apex):
            rule = "the RNAME is a mailbox written as a name: hostmaster.example.com. for hostmaster@example.com"
            yield view.problem(record, rule, code="soa_rname_invalid", value=str(rname))


def _without_apex(target: dns.name.Name, view: _View) -> dns.name.Name | None:
    """Return what a target that does not exist would be if the apex had not been added to it."""
    if view.apex == dns.name.root or not view.holds(target) or _without_repetition(target, view.apex):
        return None
    relative = target.relativize(view.apex)
    # One label is a host of this zone that is missing, but no host has its name in a reverse zone.
    is_reverse = view.apex.labels[-2:] == _ARPA_LABELS
    if len(relative.labels) < (1 if is_reverse else 2) or view.exists(target):
        return None
    return relative.derelativize(dns.name.root)


def _without_repetition(name: dns.name.Name, apex: dns.name.Name) -> dns.name.Name | None:
    own = apex.labels[:-1]
    # Names such as com.com. are in use, longer repetitions are not.
    if len(own) < 2 or len(name.labels) < 2 * len(own) + 1:
        return None
    inner = name.labels[-2 * len(own) - 1 : -len(own) - 1]
    if [label.lower() for label in inner] != [label.lower() for label in own]:
        return None
    return dns.name.Name((*name.labels[: -len(own) - 1], b"")) if name.is_subdomain(apex) else None


def _target(record: Record) -> dns.name.Name:
    return t.cast("dns.name.Name", getattr(record.rdata, _TARGETS[_mnemonic(record.rdata.rdtype)]))


@functools.cache
def _mnemonic(rdtype: dns.rdatatype.RdataType) -> str:
    return dns.rdatatype.to_text(rdtype)


_CHECKS: tuple[t.Callable[[_View], t.Iterator[Problem]], ...] = (
    _owners,
    _aliases,
    _occluded,
    _name_servers,
    _targets,
    _rrsets,
    _spelling,
)
