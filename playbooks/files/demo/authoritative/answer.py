# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers to queries, after RFC 1034 section 4.3.2."""

from __future__ import annotations

import typing as t

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset

from .zone import Zone, to_rrset

__all__ = ["answer", "closest_zone"]

_ADDRESS_TYPES = (dns.rdatatype.A, dns.rdatatype.AAAA)

_Hosted = t.TypeVar("_Hosted")


def closest_zone(
    zones: t.Mapping[dns.name.Name, _Hosted], qname: dns.name.Name, rdtype: dns.rdatatype.RdataType
) -> _Hosted | None:
    """The most specific of `zones` that holds the answer to a question, or None."""
    # RFC 4035 section 3.1.4.1: a DS belongs to the parent side, so the zone above answers where it is hosted too.
    if rdtype == dns.rdatatype.DS and qname in zones and qname != dns.name.root:
        parent = closest_zone(zones, qname.parent(), dns.rdatatype.SOA)
        if parent is not None:
            return parent
    for depth in range(len(qname), 0, -1):
        zone = zones.get(qname.split(depth)[1])
        if zone is not None:
            return zone
    return None


def answer(query: dns.message.Message, response: dns.message.Message, zone: Zone) -> None:
    """Fill `response` with what `zone` says about the question of `query`."""
    question = query.question[0]
    response.flags |= dns.flags.AA
    name, followed = question.name, set()
    while name.is_subdomain(zone.origin) and name not in followed:
        followed.add(name)
        cut = zone.cut_above(name)
        if cut is not None and not (cut == name and question.rdtype == dns.rdatatype.DS):
            _refer(response, zone, cut)
            return
        source = name if name in zone.names else _wildcard(zone, name)
        if source is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
            response.authority.append(_negative_soa(zone))
            return
        found = [to_rrset(name, rdataset) for rdataset in _matching(zone, source, question.rdtype)]
        if found:
            response.answer.extend(found)
            response.additional.extend(_additional(zone, found))
            return
        alias = zone.rrset(source, dns.rdatatype.CNAME)
        if alias is None:
            response.authority.append(_negative_soa(zone))
            return
        response.answer.append(to_rrset(name, alias))
        name = alias[0].target


def _matching(zone: Zone, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> t.Iterator[dns.rdataset.Rdataset]:
    for rdataset in zone.content.nodes.get(name, ()):
        if rdtype in (rdataset.rdtype, dns.rdatatype.ANY):
            yield rdataset


def _wildcard(zone: Zone, name: dns.name.Name) -> dns.name.Name | None:
    encloser = name.parent()
    while encloser not in zone.names:
        encloser = encloser.parent()
    wildcard = dns.name.Name((b"*", *encloser.labels))
    return wildcard if wildcard in zone.names else None


def _negative_soa(zone: Zone) -> dns.rrset.RRset:
    soa = zone.soa
    soa.ttl = min(soa.ttl, soa[0].minimum)  # RFC 2308 section 3
    return soa


def _refer(response: dns.message.Message, zone: Zone, cut: dns.name.Name) -> None:
    name_servers = zone.rrset(cut, dns.rdatatype.NS)
    assert name_servers is not None
    if not response.answer:
        response.flags &= ~dns.flags.AA
    response.authority.append(name_servers)
    response.additional.extend(_additional(zone, [name_servers]))


def _additional(zone: Zone, rrsets: list[dns.rrset.RRset]) -> t.Iterator[dns.rrset.RRset]:
    """The addresses in this zone of the hosts that NS, MX and SRV records name."""
    hosts: dict[dns.name.Name, None] = {}
    for rrset in rrsets:
        for rdata in rrset:
            if rrset.rdtype in (dns.rdatatype.NS, dns.rdatatype.SRV):
                hosts[rdata.target] = None
            elif rrset.rdtype == dns.rdatatype.MX:
                hosts[rdata.exchange] = None
    for host in hosts:
        for rdtype in _ADDRESS_TYPES:
            addresses = zone.rrset(host, rdtype)
            if addresses is not None:
                yield addresses
