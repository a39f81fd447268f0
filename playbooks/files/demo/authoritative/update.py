# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dynamic updates, after RFC 2136 section 3. An update is applied as a whole or not at all."""

from __future__ import annotations

import collections

import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.transaction
import dns.zone

from .zone import Zone

__all__ = ["UpdateRefused", "apply_update", "is_newer"]

_ZONE_APEX_TYPES = (dns.rdatatype.SOA, dns.rdatatype.NS)


class UpdateRefused(Exception):
    """An update that leaves the zone as it was; `rcode` is what RFC 2136 wants answered."""

    def __init__(self, rcode: dns.rcode.Rcode) -> None:
        super().__init__(dns.rcode.to_text(rcode))
        self.rcode = rcode


def is_newer(serial: int, than: int) -> bool:
    """RFC 1982: whether `serial` is greater `than` another."""
    return 0 < (serial - than) % 2**32 < 2**31


def apply_update(zone: Zone, message: dns.message.Message) -> Zone:
    """The zone after the update in `message`; the same object when nothing changed.

    `message` is read with one_rr_per_rrset, because the order of its records matters.
    Raises UpdateRefused.
    """
    prerequisites, updates = message.sections[1], message.sections[2]
    _check_names(zone, [*prerequisites, *updates])
    _check_prerequisites(zone, prerequisites)
    for record in updates:
        _check_update(record)
    changed = dns.zone.Zone(zone.origin, relativize=False)
    changed.nodes = dict(zone.content.nodes)
    with changed.writer() as transaction:
        for record in updates:
            _apply(transaction, zone.origin, record)
        if not transaction.changed():
            return zone
        soa = transaction.get(zone.origin, dns.rdatatype.SOA)
        if soa[0].serial == zone.serial:
            transaction.update_serial(name=zone.origin)
    return Zone.of(changed)


def _check_names(zone: Zone, records: list[dns.rrset.RRset]) -> None:
    for record in records:
        if not record.name.is_subdomain(zone.origin):
            raise UpdateRefused(dns.rcode.NOTZONE)
        if record.rdclass != dns.rdataclass.IN:
            raise UpdateRefused(dns.rcode.FORMERR)


def _check_prerequisites(zone: Zone, prerequisites: list[dns.rrset.RRset]) -> None:
    wanted: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], set[dns.rdata.Rdata]] = collections.defaultdict(set)
    for record in prerequisites:
        if record.ttl != 0:
            raise UpdateRefused(dns.rcode.FORMERR)
        any_type = record.rdtype == dns.rdatatype.ANY
        exists = record.name in zone.content.nodes if any_type else zone.rrset(record.name, record.rdtype) is not None
        if record.deleting == dns.rdataclass.ANY:
            if not exists:
                raise UpdateRefused(dns.rcode.NXDOMAIN if any_type else dns.rcode.NXRRSET)
        elif record.deleting == dns.rdataclass.NONE:
            if exists:
                raise UpdateRefused(dns.rcode.YXDOMAIN if any_type else dns.rcode.YXRRSET)
        else:
            wanted[record.name, record.rdtype].update(record)
    for (name, rdtype), rdatas in wanted.items():
        if rdatas != set(zone.rrset(name, rdtype) or ()):
            raise UpdateRefused(dns.rcode.NXRRSET)


def _check_update(record: dns.rrset.RRset) -> None:
    any_type_allowed = record.deleting == dns.rdataclass.ANY and record.rdtype == dns.rdatatype.ANY
    if dns.rdatatype.is_metatype(record.rdtype) and not any_type_allowed:
        raise UpdateRefused(dns.rcode.FORMERR)
    if record.deleting is not None and record.ttl != 0:
        raise UpdateRefused(dns.rcode.FORMERR)


def _apply(transaction: dns.transaction.Transaction, origin: dns.name.Name, record: dns.rrset.RRset) -> None:
    if record.deleting is None:
        _add(transaction, origin, record)
    elif record.deleting == dns.rdataclass.NONE:
        _delete_record(transaction, origin, record)
    else:
        node = transaction.get_node(record.name)
        for rdataset in list(node or ()):
            if record.rdtype not in (rdataset.rdtype, dns.rdatatype.ANY):
                continue
            if record.name != origin or rdataset.rdtype not in _ZONE_APEX_TYPES:
                transaction.delete(record.name, rdataset.rdtype, rdataset.covers)


def _add(transaction: dns.transaction.Transaction, origin: dns.name.Name, record: dns.rrset.RRset) -> None:
    node = transaction.get_node(record.name)
    present = transaction.get(record.name, record.rdtype, record.covers)
    if present is not None and present.ttl == record.ttl and record[0] in present:
        return
    has_alias = node is not None and node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME) is not None
    if record.rdtype == dns.rdatatype.CNAME:
        if node is not None and not has_alias:
            return
    elif has_alias:
        return
    if record.rdtype == dns.rdatatype.SOA and (
        record.name != origin or present is None or not is_newer(record[0].serial, present[0].serial)
    ):
        return
    replaces = record.rdtype in (dns.rdatatype.CNAME, dns.rdatatype.SOA)
    rdatas = [*record] if present is None or replaces else [*present, *record]
    # The TTL of the added record becomes that of its RRset: RFC 2181 section 5.2 allows one only.
    transaction.replace(record.name, dns.rdataset.from_rdata_list(record.ttl, rdatas))


def _delete_record(transaction: dns.transaction.Transaction, origin: dns.name.Name, record: dns.rrset.RRset) -> None:
    present = transaction.get(record.name, record.rdtype, record.covers)
    if present is None or record[0] not in present or record.rdtype == dns.rdatatype.SOA:
        return
    rest = [rdata for rdata in present if rdata != record[0]]
    if rest:
        transaction.replace(record.name, dns.rdataset.from_rdata_list(present.ttl, rest))
    elif record.name != origin or record.rdtype != dns.rdatatype.NS:
        transaction.delete(record.name, record.rdtype, record.covers)
