# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong inside one zone, before any server sees it. Each check is one function over all of its records."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

from ansible_collections.zonecut.dns.plugins.module_utils._content import neighbours
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_checks import DNSSEC_CHECKS
from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import (
    absolute_name,
    is_absolute,
    is_at_or_below,
    is_host,
    labels_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record
from ansible_collections.zonecut.dns.plugins.module_utils._value_checks import VALUE_CHECKS
from ansible_collections.zonecut.dns.plugins.module_utils._zone_view import (
    TARGETS,
    Check,
    ZoneView,
    shown,
    target_of,
)

with deps.declare("dnspython"):
    import dns.name

__all__ = ("ERRORS", "WARNINGS", "check_zone")

# By code, what each check finds; the codes can be allowed. What no server would load has no code.
ERRORS: dict[str, str] = {
    "below_cut": "data at or below a zone cut that is neither part of the delegation nor glue",
    "below_dname": "data below a DNAME",
    "cds_mismatch": "CDS or CDNSKEY that is of no DNSKEY at the apex, or beside one that removes all DS",
    "ds_without_ns": "a DS record where the zone delegates nothing",
    # Found when the file is planned, as are file_ignored, journal and signed_in_file, for it is about the file.
    "dynamic_records": "records that would go, are not described and may have come by dynamic updates",
    "dynamic_zone": "a zone that its server changes by itself and that is not frozen meanwhile",
    "file_ignored": "a zone whose file its server does not read",
    "glue_missing": "a delegation to a name server inside of the delegated zone without its address",
    "host_name_invalid": "an address or MX record at a name that is not a host name",
    "journal": "a journal of dynamic updates (BIND) beside a file whose records change",
    "mx_invalid_name": "a mail server whose name is not a host name",
    "ns_invalid_name": "a name server whose name is not a host name",
    "ns_is_alias": "a name server whose name is a CNAME",
    "ns_no_address": "a name server whose name is in the zone and has no address there",
    "nsec3_owner_invalid": "an NSEC3 record at a name that is no hash",
    # As well about files only.
    "purge_all": "a purge without any zone described, which would remove all managed files",
    "rpz_trigger_invalid": "a response policy for a network that is not written as name servers read it",
    "serial_unknown": "a server of serial.servers that is silent or does not tell the serial of a zone that has a file",
    "signed_in_file": "a file that its server signs into",
    "soa_signed": "a signature over the SOA, which a new serial would make invalid",
    "svcb_dns_invalid": "a name server described by SVCB without alpn, or for DNS over HTTPS without dohpath",
    "target_invalid_name": "a name in SOA, SRV, PTR and their like that must be of a host or mailbox and is not",
    "ttl_differs": "records of one RRset with different TTLs (when allowed, the least one is used)",
    "wildcard_ns": "NS records at a wildcard",
}
WARNINGS: dict[str, str] = {
    "alias_loop": "CNAME records, or an alias in HTTPS or SVCB, that lead back to themselves",
    "dane_owner_invalid": "TLSA or SMIMEA at a name where nobody looks for it",
    "dnskey_invalid": "a DNSKEY with flags, a protocol or a length of the key that make it useless",
    "dnssec_deprecated": "an algorithm or digest type that is no longer for use",
    "dnssec_leftover": "NSEC, NSEC3, NSEC3PARAM or RRSIG in a zone that is not signed",
    "duplicate_record": "a record that is described more than once",
    "final_dot_lost": "a name that repeats the zone's own name at its end, or a value that names nothing in the zone"
    " and something outside of it, most likely for want of a final dot",
    "glue_surplus": "an address at or below a zone cut that is not of a name server",
    "mx_alias": "a mail server whose name is a CNAME",
    "mx_is_address": "a mail server that is an address where its name belongs",
    "mx_no_address": "a mail server whose name is in the zone and has no address there",
    "not_at_apex": "CDNSKEY, CDS, CSYNC, DNSKEY, NSEC3PARAM or ZONEMD elsewhere than at the apex",
    "ns_is_root": "the root as name server, which says that there is none",
    "nsec3_inconsistent": "NSEC3 records that differ in what they are made with, or that are beside NSEC",
    "null_mx_with_others": "a null MX (RFC 7505) beside other MX records",
    "rp_without_txt": "an RP record that leads to a TXT record in the zone that is not there",
    "sibling_glue_missing": "a name server in another zone that is delegated here, without its address",
    "soa_rname_invalid": "a contact in the SOA of src that is no mailbox",
    "spf_without_txt": "an SPF record without the policy in TXT",
    "srv_alias": "the target of an SRV record that is a CNAME",
    "srv_no_address": "the target of an SRV record that is in the zone and has no address there",
    "svcb_alias_with_others": "an alias in HTTPS or SVCB beside other such records",
    "svcb_no_target": "the target of an HTTPS or SVCB record that is in the zone and does not exist",
    "too_few_name_servers": "fewer than two name servers",
    "value_unregistered": "a number or tag in CAA, CDS, DS, SMIMEA, SSHFP or TLSA that no standard defines",
    "wildcard_dname": "a DNAME record at a wildcard",
    "wildcard_inside": "a name with an asterisk that is not its first label, and so no wildcard",
    "zonemd_stale": "a digest over the whole zone, which a new serial would make invalid",
}

# Their targets need not exist, but one that is in the zone and does not is hardly meant.
_WITHOUT_ADDRESS = ("AFSDB", "CNAME", "NAPTR", "PTR")
_ADDRESSES = frozenset(("A", "AAAA"))
_OF_HOSTS = _ADDRESSES | {"MX"}
_NOTHING: frozenset[str] = frozenset()
_MAX_TOLD = 1000
# At these, addresses are looked up for Active Directory and by SPF macros, and BIND lets them pass as well.
_ADDRESSES_ANYWHERE = re.compile(r"gc\._msdcs(?:\..*)?|[^.]+\._spf(?:_rate|_verify)?(?:\..*)?")


def check_zone(
    apex: dns.name.Name, records: t.Sequence[Record], *, allow: t.Collection[str] = ()
) -> tuple[list[Problem], list[Problem]]:
    """Return the errors and the warnings about a zone without those whose code is allowed.

    Of what is wrong a thousand times, the rest is counted only.

    :arg records: all records of the zone in reading order, duplicates included.
    """
    view = ZoneView(apex, records)
    found: list[Problem] = []
    times: Counter[str | None] = Counter()
    for check in _CHECKS:
        for problem in check(view):
            if problem.code in allow:
                continue
            times[problem.code] += 1
            if times[problem.code] <= _MAX_TOLD:
                found.append(problem)
    for code, number in times.items():
        if number > _MAX_TOLD:
            found.append(Problem(zone=view.text, rule=f"{number - _MAX_TOLD} more records are like these", code=code))
    errors = [problem for problem in found if problem.code not in WARNINGS]
    return errors, [problem for problem in found if problem.code in WARNINGS]


def _owners(view: ZoneView) -> t.Iterator[Problem]:
    for record in view.of_owners({owner for owner in view.deep if is_absolute(owner)}):
        yield view.problem(record, f"{shown(record.owner)} is outside of the zone; NSD refuses it")
    for record in view.of_owners({owner for owner in view.deep if ".*." in f"{owner}."}):
        rule = "only an asterisk that is the first label makes a wildcard (RFC 4592 section 2.1.1)"
        yield view.problem(record, rule, code="wildcard_inside")


def _aliases(view: ZoneView) -> t.Iterator[Problem]:
    for rdtype in ("CNAME", "DNAME"):
        for one, other in neighbours(view.by_type[rdtype]):
            if one.data != other.data:
                value = f"{one.data}, {other.data}"
                yield view.problem(other, f"a name has one {rdtype} record only", value=value)
    for record in view.by_type["CNAME"]:
        types = view.types[record[0]]
        others = types - {"CNAME", "RRSIG", "NSEC"} if len(types) > 1 else _NOTHING
        if others:
            place = "the apex" if record.owner == "@" else view.name(record.owner)
            listed = ", ".join(sorted(others))
            rule = f"a CNAME allows no other data beside it, and {place} has {listed} (RFC 2181 section 10.1)"
            yield view.problem(record, rule)
    yield from _loops(view)
    for record in view.by_type["DNAME"]:
        if record.owner in view.cuts:
            yield view.problem(record, "a name is either delegated by NS or redirected by DNAME (RFC 6672 section 2.3)")


def _loops(view: ZoneView) -> t.Iterator[Problem]:
    aliases = {record[0]: record for record in reversed(view.by_type["CNAME"])}
    # An alias that leads to no alias is in no loop, as nearly all are.
    first = {owner: record for owner, record in aliases.items() if record[3][: view.suffix] in aliases}
    following = {owner: view.owner(record.data) for owner, record in first.items()}
    known: set[str] = set()
    for start in following:
        path: dict[str, None] = {}
        owner = start
        while owner in following and owner not in known and owner not in path:
            path[owner] = None
            owner = following[owner]
        if owner in path:
            rule = f"following it from {view.name(owner)} leads back there (RFC 1034 section 3.6.2)"
            yield view.problem(first[owner], rule, code="alias_loop")
        known.update(path)


def _occluded(view: ZoneView) -> t.Iterator[Problem]:
    if not view.cuts and not view.dnames:
        return
    # A DNAME at the apex hides all the rest.
    owners = view.types if "@" in view.dnames else (*view.deep, *(cut for cut in view.cuts if "." not in cut))
    cut_above: dict[str, str] = {}
    dname_above: dict[str, str] = {}
    for owner in dict.fromkeys(owners):
        if is_absolute(owner):
            continue
        # Most that lies below a cut is glue, and a DNAME hides that as well.
        if not view.dnames and owner in view.server_owners and view.types[owner] <= _ADDRESSES:
            continue
        cut = view.closest(owner, view.cuts)
        if cut is not None and not all(_belongs_to_cut(view, owner, rdtype, cut) for rdtype in view.types[owner]):
            cut_above[owner] = cut
        dname = view.closest(owner, view.dnames) if view.dnames and owner not in view.dnames else None
        if dname is not None and owner != dname:
            dname_above[owner] = dname
    for record in view.of_owners(cut_above.keys() | dname_above.keys()):
        owner, rdtype = record.owner, record.rdtype
        if owner in cut_above and not _belongs_to_cut(view, owner, rdtype, cut_above[owner]):
            yield _below_cut(view, record, view.name(cut_above[owner]))
        if owner in dname_above and rdtype not in ("RRSIG", "NSEC"):
            rule = f"the DNAME at {view.name(dname_above[owner])} hides it (RFC 6672 section 2.4)"
            yield view.problem(record, rule, code="below_dname")


def _below_cut(view: ZoneView, record: Record, place: str) -> Problem:
    if record.rdtype in ("A", "AAAA"):
        rule = f"{place} is delegated, and no name server has this name, so the address is never used as glue"
        return view.problem(record, rule, code="glue_surplus")
    rule = (
        f"{place} is delegated, so only its NS and DS and the addresses of its name servers belong here;"
        f" the rest belongs into the zone {place}"
    )
    return view.problem(record, rule, code="below_cut")


def _belongs_to_cut(view: ZoneView, owner: str, rdtype: str, cut: str) -> bool:
    if rdtype in ("A", "AAAA"):
        return owner in view.server_owners
    if rdtype in ("NSEC", "RRSIG"):
        return True
    above = ".".join(labels_of(cut)[1:])
    outermost = owner == cut and (not above or view.closest(above, view.cuts) is None)
    return rdtype in ("NS", "DS") and outermost


def _name_servers(view: ZoneView) -> t.Iterator[Problem]:
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
        if name == ".":
            yield view.problem(record, "the root is no name server, so nobody answers for the zone", code="ns_is_root")
            continue
        if not _is_server_name(name):
            rule = "a name server is named by its host name: letters, digits, hyphens and dots, and never an address"
            yield view.problem(record, rule, code="ns_invalid_name", value=name)
        if record.owner != "@" and is_at_or_below(name, absolute_name(record.owner, view.apex)):
            if not view.types.get(target, _NOTHING) & _ADDRESSES:
                rule = f"{shown(name)} is inside of the delegated zone, so it needs an address here as glue"
                yield view.problem(record, rule, code="glue_missing")
            continue
        if target not in held:
            held[target] = view.holds(target)
        if held[target]:
            yield from _unusable_target(view, record, target, alias="ns_is_alias", missing="ns_no_address")
        elif view.cuts and not view.types.get(target, _NOTHING) & _ADDRESSES and _is_in_sibling(view, target):
            rule = f"{shown(name)} is in another zone that is delegated here, so it needs an address here as glue"
            yield view.problem(record, rule, code="sibling_glue_missing")


def _is_in_sibling(view: ZoneView, owner: str) -> bool:
    return not is_absolute(owner) and view.closest(owner, view.cuts) is not None


def _targets(view: ZoneView) -> t.Iterator[Problem]:
    several = {one.owner for one, other in neighbours(view.by_type["MX"])}
    for record in _not_plainly_right(view, "MX"):
        name = target_of(record)
        if name == ".":
            if record.owner in several:
                rule = "a null MX says that there is no mail, so it stands alone (RFC 7505 section 3)"
                yield view.problem(record, rule, code="null_mx_with_others")
            continue
        if _is_address(name):
            rule = "a mail server is named by its host name, never by an address"
            yield view.problem(record, rule, code="mx_is_address", value=name)
        elif not is_host(name):
            rule = "a mail server is named by its host name, and BIND refuses others unless check-names is off"
            yield view.problem(record, rule, code="mx_invalid_name", value=name)
        target = view.owner(name)
        if view.holds(target):
            yield from _unusable_target(view, record, target, alias="mx_alias", missing="mx_no_address")
    for record in _not_plainly_right(view, "SRV"):
        target = view.owner(target_of(record))
        if target_of(record) != "." and view.holds(target):
            yield from _unusable_target(view, record, target, alias="srv_alias", missing="srv_no_address")


def _not_plainly_right(view: ZoneView, rdtype: str) -> t.Iterator[Record]:
    """Yield the records that do not end in the name of a host of this zone with its address, as nearly all do."""
    if not _is_server_name(view.apex):
        yield from view.by_type[rdtype]
        return
    types_at, ending = view.types.get, f".{view.apex}"
    of_hosts = {types for types in set(view.types.values()) if types & _ADDRESSES and "CNAME" not in types}
    for record in view.by_type[rdtype]:
        data = record[3]
        owner = data[data.rfind(" ") + 1 : view.suffix]
        if types_at(owner) not in of_hosts or not (owner.isalnum() or is_host(owner)) or not data.endswith(ending):
            yield record


def _is_server_name(name: str) -> bool:
    return is_host(name) and not _is_address(name)


def _is_address(name: str) -> bool:
    # No top-level domain is a number, but the last part of an address is.
    return name.rstrip(".").rpartition(".")[2].isdigit()


def _unusable_target(view: ZoneView, record: Record, target: str, *, alias: str, missing: str) -> t.Iterator[Problem]:
    types = view.types_at(target)
    if "CNAME" in types:
        rule = f"{view.name(target)} is a CNAME, where a name with addresses is needed (RFC 2181 section 10.3)"
        yield view.problem(record, rule, code=alias)
    elif "A" not in types and "AAAA" not in types:
        meant = _without_apex(target_of(record), view)
        hint = f"; with a final dot it would be {meant}" if meant else ""
        if meant and _is_address(meant):
            hint = f"; {shown(meant)} is an address, where the name of a host belongs"
        yield view.problem(record, f"{view.name(target)} has no A or AAAA record in the zone{hint}", code=missing)


def _rrsets(view: ZoneView) -> t.Iterator[Problem]:
    for one, other in neighbours(view.records):
        if one.rdtype != other.rdtype:
            continue
        # The TTL of an RRSIG is that of what it signs (RFC 4034 section 3).
        if one.ttl != other.ttl and one.rdtype != "RRSIG":
            rule = f"TTL {other.ttl} here and {one.ttl} in {one.where}: one RRset, one TTL (RFC 2181 section 5.2)"
            yield view.problem(other, rule, code="ttl_differs")
        if one.data == other.data:
            value = f"{other.rdtype} {other.data}"
            yield view.problem(other, "the same record is there already", code="duplicate_record", value=value)


def _spelling(view: ZoneView) -> t.Iterator[Problem]:
    own = labels_of(view.apex)
    # Names such as com.com. are in use, longer repetitions are not.
    if len(own) > 1:
        yield from _repetitions(view, own)
    for rdtype in _WITHOUT_ADDRESS:
        for record in view.by_type[rdtype]:
            # Nearly all targets in the zone exist.
            meant = None if record[3][: view.suffix] in view.types else _without_apex(target_of(record), view)
            if meant:
                rule = f"there is no such name in the zone; with a final dot it would be {meant}"
                yield view.problem(record, rule, code="final_dot_lost", value=target_of(record))
    nameless = {
        owner
        for owner, types in view.types.items()
        if not (owner.isalnum() or types.isdisjoint(_OF_HOSTS) or _may_have_addresses(owner, view.apex))
    }
    for record in view.of_owners(nameless):
        if record.rdtype in _OF_HOSTS:
            rule = "not a host name (RFC 1123 section 2.1), which BIND refuses unless check-names is off"
            value = absolute_name(record.owner, view.apex)
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


def _repetitions(view: ZoneView, own: list[str]) -> t.Iterator[Problem]:
    own_name = view.apex[:-1]
    repeating = {
        owner
        for owner in view.deep
        if owner.endswith(own_name) and _without_repetition(absolute_name(owner, view.apex), view, own)
    }
    for record in view.of_owners(repeating):
        yield _lost_dot(view, record, "name", absolute_name(record.owner, view.apex), own)
    doubled = f"{own[0]}."
    for rdtype in TARGETS.keys() & view.by_type.keys():
        for record in view.by_type[rdtype]:
            # Nearly all targets are told apart by this alone.
            if record.data.count(doubled) > 1 and _without_repetition(target_of(record), view, own):
                yield _lost_dot(view, record, "value", target_of(record), own)


def _lost_dot(view: ZoneView, record: Record, what: str, name: str, own: list[str]) -> Problem:
    meant = _without_repetition(name, view, own)
    rule = f"its {what} repeats the name of the zone; with a final dot it would be {meant}"
    return view.problem(record, rule, code="final_dot_lost", value=name)


def _may_have_addresses(owner: str, apex: str) -> bool:
    if owner == "*" or owner == "@":
        return apex == "." or is_host(apex)
    return (
        is_host(owner) or bool(_ADDRESSES_ANYWHERE.fullmatch(owner)) or (owner.startswith("*.") and is_host(owner[2:]))
    )


def _without_apex(target: str, view: ZoneView) -> str | None:
    """Return what a target that does not exist would be if the apex had not been added to it."""
    owner = view.owner(target)
    if owner in view.types or view.apex == ".":
        return None
    # One label is a host of this zone that is missing, but no host has its name in a reverse zone.
    labels = [] if owner == "@" else labels_of(owner)
    if len(labels) < (1 if view.apex.endswith(".arpa.") else 2) or not view.holds(owner) or view.exists(owner):
        return None
    if _without_repetition(target, view, labels_of(view.apex)):
        return None
    return f"{owner}."


def _without_repetition(name: str, view: ZoneView, own: list[str]) -> str | None:
    """Return a name in the zone without the name of the zone, where that is there twice."""
    if len(own) < 2 or not is_at_or_below(name, view.apex):
        return None
    labels = labels_of(name)
    if labels[-2 * len(own) : -len(own)] != own:
        return None
    return ".".join((*labels[: -len(own)], ""))


_CHECKS: tuple[Check, ...] = (
    _owners,
    _aliases,
    _occluded,
    _name_servers,
    _targets,
    _rrsets,
    _spelling,
    *VALUE_CHECKS,
    *DNSSEC_CHECKS,
)
