# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All records of a described zone: its records and src, the SOA and NS it implies, and the zones delegated in it."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._content import RecordsByRRset, RRsetKey, by_rrset
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import DS_FROM_RULE, delegation_of
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record, described_records
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import read_records, serial_of, text_of

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.ANY.SOA

__all__ = ("ZoneData", "input_digest", "zone_data")

# Not in a comment, nor in a text in quotes.
_SOA = re.compile(r"^[^;\"\n]*\sSOA\s", re.IGNORECASE | re.MULTILINE)
# What concerns a zone's parent or the controller, and not what is in the zone.
_NOT_CONTENT = frozenset(("parent", "ds", "dnskeys", "ds_from"))


@dataclass(frozen=True)
class ZoneData:
    """The records of a zone, duplicates included, with one SOA whose serial means nothing.

    :arg source_serial: the serial in the SOA of ``src``, or None.
    """

    records: RecordsByRRset
    source_serial: int | None


def input_digest(zone: Zone, tree: ZoneTree, sources: Sources, *, allow: t.Iterable[str] = ()) -> str:
    """Return the SHA-256, hexadecimal, of all that ``zone_data`` and the checks depend on.

    :raises DescriptionError: where ``src`` cannot be read.
    """
    described = {key: value for key, value in zone.described.items() if key not in _NOT_CONTENT}
    children = [(child.text, delegation_of(child).result()) for child in tree.children_of(zone)]
    source = None if zone.src is None else sources.digest(zone.src)
    whole = json.dumps([described, children, source, sorted(allow)], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def zone_data(zone: Zone, tree: ZoneTree, sources: Sources) -> ZoneData:
    """Return all records of ``zone``.

    :raises DescriptionError: with every problem found.
    :raises SourcesWanted: where ``src`` is on the controller only.
    """
    from_source = _source_records(zone, sources)
    explicit = [record for record in from_source if record.rdata.rdtype != dns.rdatatype.SOA]
    explicit += described_records(zone)
    builder = _Builder(zone, explicit)
    builder.add_name_servers()
    for child in tree.children_of(zone):
        builder.add_delegation(child)
    builder.add_soa(from_source)
    if builder.problems:
        raise DescriptionError(builder.problems)
    return ZoneData(records=builder.records, source_serial=serial_of(from_source))


def _source_records(zone: Zone, sources: Sources) -> list[Record]:
    if zone.src is None:
        return []
    default_ttl = zone.ttl
    try:
        with open(sources.path(zone.src), "rb") as stream:
            text = text_of(stream.read())
        # A whole zone file says by its SOA what a record without TTL has; a part of one goes by the description.
        if default_ttl is None and not _SOA.search(text):
            default_ttl = zone.default_ttl
        return read_records(text, origin=zone.name, name=zone.src, default_ttl=default_ttl)
    except (OSError, ZoneFileError) as exc:
        raise DescriptionError([Problem(zone=zone.text, where=f"src {zone.src}", rule=str(exc))]) from exc


class _Builder:
    """Adds what a description implies to what it says, and tells where the two contradict each other."""

    def __init__(self, zone: Zone, explicit: t.Sequence[Record]) -> None:
        self.records = by_rrset(explicit)
        self.problems: list[Problem] = []
        self._zone = zone

    def add_name_servers(self) -> None:
        """Add NS at the apex, and the addresses of servers whose names are in the zone."""
        self._add_servers(
            self._zone.name,
            self._zone.name_servers,
            where="name_servers",
            addressed=[server for server in self._zone.name_servers if is_in_domain(server.name, self._zone.name)],
        )

    def add_delegation(self, child: Zone) -> None:
        """Add the zone cut of a described child."""
        if not child.name_servers and _key(child.name, dns.rdatatype.NS) not in self.records:
            self._problem(where=f"zone {child.text} below it", rule="its name_servers are needed to delegate it here")
        if child.ds_from is not None:
            # Delegating it without DS would take its security away.
            self._problem(where=f"zone {child.text} below it", value=child.ds_from, rule=DS_FROM_RULE)
        delegation = delegation_of(child)
        where = f"the delegation of {child.text}"
        self._add_servers(child.name, delegation.name_servers, where=where, addressed=delegation.name_servers)
        if delegation.ds:
            ds = [("DS", rdata.to_text()) for rdata in sorted(delegation.ds)]
            self._merge(child.name, ("DS",), ds, where=f"ds of {child.text}")

    def add_soa(self, from_source: t.Sequence[Record]) -> None:
        """Add the SOA: what is described wins over that of ``src``, and that over defaults."""
        zone, described = self._zone, self._zone.soa
        in_source = [record for record in from_source if record.rdata.rdtype == dns.rdatatype.SOA]
        for record in in_source[1:] or (record for record in in_source if record.owner != zone.name):
            self._problem(where=record.where, rule="a zone has one SOA, and that at its apex")
        inherited: t.Any = in_source[0].rdata if in_source else None

        def timer(key: str, field: str) -> int:
            return int(
                getattr(described, key) if inherited is None or key in described.given else getattr(inherited, field)
            )

        ttl = described.ttl
        if ttl is None:
            ttl = in_source[0].ttl if in_source and zone.ttl is None else zone.default_ttl
        soa = dns.rdtypes.ANY.SOA.SOA(
            dns.rdataclass.IN,
            dns.rdatatype.SOA,
            mname=zone.primary or (inherited.mname if inherited else self._first_name_server()),
            rname=zone.contact or (inherited.rname if inherited else self._default_contact()),
            serial=0,
            refresh=timer("refresh", "refresh"),
            retry=timer("retry", "retry"),
            expire=timer("expire", "expire"),
            minimum=timer("negative_ttl", "minimum"),
        )
        self._add(Record(owner=zone.name, ttl=ttl, rdata=soa, where="soa"))

    def _first_name_server(self) -> dns.name.Name:
        if self._zone.name_servers:
            return self._zone.name_servers[0].name
        for record in self.records.get(_key(self._zone.name, dns.rdatatype.NS), ()):
            return t.cast("dns.name.Name", t.cast("t.Any", record.rdata).target)
        # Without name servers the zone is refused by the checks.
        return dns.name.root

    def _default_contact(self) -> dns.name.Name:
        try:
            # RFC 2142 section 7.
            return dns.name.Name((b"hostmaster", *self._zone.name.labels))
        except dns.exception.DNSException:
            self._problem(
                where="contact", rule="contact is needed, for the zone's name is too long for hostmaster before it"
            )
            return self._zone.name

    def _add_servers(
        self,
        owner: dns.name.Name,
        servers: t.Sequence[NameServer],
        *,
        where: str,
        addressed: t.Sequence[NameServer],
    ) -> None:
        """Add NS, and the addresses of those servers whose addresses this zone has to hold."""
        self._merge(owner, ("NS",), [("NS", server.name.to_text()) for server in servers], where=where)
        for server in addressed:
            addresses = [("AAAA" if ":" in address else "A", address) for address in server.addresses]
            self._merge(server.name, ("A", "AAAA"), addresses, where=f"{where} ({display_name(server.name)})")

    def _merge(
        self, owner: dns.name.Name, rdtypes: tuple[str, ...], implied: t.Sequence[tuple[str, str]], *, where: str
    ) -> None:
        """Add records of these types unless they are there; it is a problem when other ones are."""
        wanted = [dns.rdata.from_text(dns.rdataclass.IN, rdtype, text) for rdtype, text in implied]
        present = [
            record
            for rdtype in rdtypes
            for record in self.records.get(_key(owner, dns.rdatatype.from_text(rdtype)), ())
        ]
        if not wanted:
            return
        if not present:
            for rdata in wanted:
                self._add(Record(owner=owner, ttl=self._zone.default_ttl, rdata=rdata, where=where))
            return
        if {record.rdata for record in present} != set(wanted):
            self._problem(
                where=", ".join(dict.fromkeys(record.where for record in present)),
                value=_listed(record.rdata for record in present),
                rule=f"{where} says {_listed(wanted)}; describe the same in both places, or in one of them only",
            )

    def _add(self, record: Record) -> None:
        self.records.setdefault(RRsetKey.of(record), []).append(record)

    def _problem(self, *, where: str, rule: str, value: object = None) -> None:
        self.problems.append(Problem(zone=self._zone.text, where=where, rule=rule, value=value))


def _key(owner: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> RRsetKey:
    return RRsetKey(owner, rdtype, dns.rdatatype.NONE)


def _listed(rdatas: t.Iterable[dns.rdata.Rdata]) -> str:
    return ", ".join(sorted({rdata.to_text() for rdata in rdatas}))
