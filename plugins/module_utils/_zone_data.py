# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All records of a described zone: its records and src, the SOA and NS it implies, and the zones delegated in it."""

from __future__ import annotations

import hashlib
import json
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._content import in_reading_order
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import delegation_of
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._included_files import included_path
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import (
    FileText,
    Include,
    has_soa,
    read_records,
    serial_of,
    text_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import MAX_TEXT, name_text, owner_text
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_host_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._octets import octets_of
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import presentation
from ansible_collections.zonecut.dns.plugins.module_utils._records import Place, Record, described_records
from ansible_collections.zonecut.dns.plugins.module_utils._reverse import is_classless, network_of, owner_in
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_checks import ERRORS, WARNINGS

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass

__all__ = ("ZoneData", "input_digest", "zone_data")

# What concerns a zone's parent or the controller, and not what is in the zone.
_NOT_CONTENT = frozenset(("parent", "ds", "dnskeys", "ds_from", "ds_mode"))
# With a check that is new, each zone is looked at once more.
_CHECKS = sorted((*ERRORS, *WARNINGS))


@dataclass(frozen=True)
class ZoneData:
    """The records of a zone in reading order, duplicates included, with one SOA whose serial means nothing.

    :arg source_serial: the serial in the SOA of ``src``, or None.
    """

    records: list[Record]
    source_serial: int | None


def input_digest(zone: Zone, tree: ZoneTree, sources: Sources, *, allow: t.Iterable[str] = ()) -> str:
    """Return the SHA-256, hexadecimal, of all that ``zone_data`` and the checks depend on.

    :raises DescriptionError: where ``src`` cannot be read.
    """
    described = {key: value for key, value in zone.described.items() if key not in _NOT_CONTENT}
    children = [(child.text, delegation_of(child).result(), child.ds_from) for child in tree.children_of(zone)]
    source = None
    if zone.src is not None:
        with _reading_source(zone):
            source = sources.digest(zone.src)
    whole = json.dumps([described, children, source, sorted(allow), _CHECKS], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def zone_data(zone: Zone, tree: ZoneTree, sources: Sources) -> ZoneData:
    """Return all records of ``zone``.

    :raises DescriptionError: with every problem found.
    :raises SourcesWanted: where ``src`` is on the controller only.
    """
    from_source = _source_records(zone, sources)
    soas = [record for record in from_source if record.rdtype == "SOA"]
    explicit = [record for record in from_source if record.rdtype != "SOA"] if soas else from_source
    explicit += described_records(zone)
    children = tree.children_of(zone)
    builder = _Builder(zone, explicit, children)
    builder.add_name_servers()
    for child in children:
        builder.add_delegation(child)
    for child in children:
        builder.add_aliases(child)
    builder.add_soa(soas)
    if builder.problems:
        raise DescriptionError(builder.problems)
    return ZoneData(records=in_reading_order(builder.records), source_serial=serial_of(soas))


def _source_records(zone: Zone, sources: Sources) -> list[Record]:
    if zone.src is None:
        return []
    default_ttl = zone.ttl
    with _reading_source(zone):
        texts = {path: text_of(octets_of(here)) for path, here in sources.files(zone.src).items()}
        # A whole zone file says by its SOA what a record without TTL has; a part of one goes by the description.
        if default_ttl is None and not any(map(has_soa, texts.values())):
            default_ttl = zone.default_ttl
        path, text = next(iter(texts.items()))
        file = FileText(name=zone.src, text=text, path=path)
        return read_records(file, origin=zone.name, default_ttl=default_ttl, include=_include_from(texts))


@contextmanager
def _reading_source(zone: Zone) -> t.Generator[None, None, None]:
    try:
        yield
    except (OSError, ZoneFileError) as exc:
        raise DescriptionError([Problem(zone=zone.text, where=f"src {zone.src}", rule=str(exc))]) from exc


def _include_from(texts: t.Mapping[str, str]) -> Include:
    def include(written: str, including: str) -> FileText:
        path = included_path(written, including)
        if path not in texts:
            raise ZoneFileError(f"$INCLUDE {written}: {path} is not among the files that were found")
        return FileText(name=path, text=texts[path], path=path)

    return include


class _Builder:
    """Adds what a description implies to what it says, and tells where the two contradict each other."""

    def __init__(self, zone: Zone, explicit: list[Record], children: t.Sequence[Zone]) -> None:
        self.records = explicit
        self.problems: list[Problem] = []
        self._zone = zone
        # Of a million records only those are looked up that the description may imply as well.
        owners = {self._owner(each.name) for each in (zone, *children)}
        owners.update(self._owner(server.name) for each in (zone, *children) for server in each.name_servers)
        owners.update(owner for child in children for owner, _target in self._aliases(child))
        self._cuts = {self._owner(child.name) for child in children}
        self._by_owner: dict[str, list[Record]] = {}
        for record in explicit:
            if record[0] in owners:
                self._by_owner.setdefault(record[0], []).append(record)

    def _owner(self, name: dns.name.Name) -> str:
        return owner_text(name_text(name), self._zone.apex)

    def _present(self, name: dns.name.Name, *rdtypes: str) -> list[Record]:
        return [record for record in self._by_owner.get(self._owner(name), ()) if record.rdtype in rdtypes]

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
        if not child.name_servers and not self._present(child.name, "NS"):
            self._problem(where=f"zone {child.text} below it", rule="its name_servers are needed to delegate it here")
        if child.ds_from is not None:
            # Delegating it without DS would take its security away.
            rule = "a zone file is rendered without asking any server: list ds or dnskeys, or give the zone a parent"
            self._problem(where=f"zone {child.text} below it, ds_from", value=child.ds_from, rule=rule)
        delegation = delegation_of(child)
        where = f"the delegation of {child.text}"
        self._add_servers(child.name, delegation.name_servers, where=where, addressed=delegation.name_servers)
        if delegation.ds:
            ds = [presentation(rdata) for rdata in sorted(delegation.ds)]
            self._merge(child.name, ("DS",), ds, where=f"ds of {child.text}")

    def add_aliases(self, child: Zone) -> None:
        """Add what leads from each address in a part of a /24 to its name in the zone of that part (RFC 2317)."""
        strangers: list[Record] = []
        for owner, target in self._aliases(child):
            present = self._by_owner.get(owner)
            if present is None:
                self._add(
                    Record(owner, self._zone.default_ttl, "CNAME", target, Place(f"the delegation of {child.text}"))
                )
            elif owner not in self._cuts:
                strangers += (record for record in present if (record.rdtype, record.data) != ("CNAME", target))
        if strangers:
            others = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
            self._problem(
                where=f"{strangers[0].where}{others}",
                value=strangers[0].data,
                rule=f"its address has a zone of its own, {child.text}, to which a CNAME leads from here (RFC 2317):"
                " describe it there",
            )

    def _aliases(self, child: Zone) -> t.Iterator[tuple[str, str]]:
        network = network_of(child.text)
        if network is not None and is_classless(network):
            for address in network:
                owner = owner_text(f"{address.reverse_pointer}.", self._zone.apex)
                yield owner, f"{owner_in(network, address)}.{child.apex}"

    def add_soa(self, in_source: t.Sequence[Record]) -> None:
        """Add the SOA: what is described wins over that of ``src``, and that over defaults."""
        zone, described = self._zone, self._zone.soa
        # A transfer ends with the SOA that it started with, and so does what dig writes of one.
        others = [record for record in in_source[1:] if record[:4] != in_source[0][:4]]
        for record in others or (record for record in in_source[:1] if record.owner != "@"):
            self._problem(where=record.where, rule="a zone has one SOA, and that at its apex")
        inherited = in_source[0].data.split() if in_source else ["", "", *[""] * 5]

        def timer(key: str, in_source: str) -> str:
            return in_source if in_source and key not in described.given else str(getattr(described, key))

        ttl = described.ttl
        if ttl is None:
            ttl = in_source[0].ttl if in_source and zone.ttl is None else zone.default_ttl
        fields = (
            (zone.primary and name_text(zone.primary)) or inherited[0] or self._first_name_server(),
            (zone.contact and name_text(zone.contact)) or inherited[1] or self._default_contact(),
            "0",
            timer("refresh", inherited[3]),
            timer("retry", inherited[4]),
            timer("expire", inherited[5]),
            timer("negative_ttl", inherited[6]),
        )
        record = Record("@", ttl, "SOA", " ".join(fields), Place("soa"))
        if in_source and zone.contact is None and zone.primary is None:
            # Messages about its names show the line that they are from.
            record = record._replace(source=in_source[0].source, position=in_source[0].position)
        self._add(record)

    def _first_name_server(self) -> str:
        if self._zone.name_servers:
            return name_text(self._zone.name_servers[0].name)
        # Without name servers the zone is refused by the checks.
        return next((record.data for record in self._present(self._zone.name, "NS")), ".")

    def _default_contact(self) -> str:
        # RFC 2142 section 7. No mail goes to names with slashes (RFC 2317) or underscores.
        domain = self._zone.name
        while domain != dns.name.root and not is_host_name(domain):
            domain = domain.parent()
        contact = "hostmaster." if domain == dns.name.root else f"hostmaster.{name_text(domain)}"
        if len(contact) > MAX_TEXT:
            self._problem(
                where="contact", rule="contact is needed, for the zone's name is too long for hostmaster before it"
            )
        return contact

    def _add_servers(
        self,
        owner: dns.name.Name,
        servers: t.Sequence[NameServer],
        *,
        where: str,
        addressed: t.Sequence[NameServer],
    ) -> None:
        """Add NS, and the addresses of those servers whose addresses this zone has to hold."""
        self._merge(owner, ("NS",), [("NS", name_text(server.name)) for server in servers], where=where)
        for server in addressed:
            addresses = [_address_record(address) for address in server.addresses]
            self._merge(server.name, ("A", "AAAA"), addresses, where=f"{where} ({display_name(server.name)})")

    def _merge(
        self, owner: dns.name.Name, rdtypes: tuple[str, ...], wanted: t.Sequence[tuple[str, str]], *, where: str
    ) -> None:
        """Add records of these types, given as type and data, unless they are there; other ones are a problem."""
        present = self._present(owner, *rdtypes)
        if not wanted:
            return
        if not present:
            for rdtype, data in wanted:
                self._add(Record(self._owner(owner), self._zone.default_ttl, rdtype, data, Place(where)))
            return
        if {(record.rdtype, record.data) for record in present} != set(wanted):
            self._problem(
                where=", ".join(dict.fromkeys(record.where for record in present)),
                value=_listed(record.data for record in present),
                rule=f"{where} says {_listed(data for _rdtype, data in wanted)};"
                " describe the same in both places, or in one of them only",
            )

    def _add(self, record: Record) -> None:
        self.records.append(record)
        self._by_owner.setdefault(record.owner, []).append(record)

    def _problem(self, *, where: str, rule: str, value: object = None) -> None:
        self.problems.append(Problem(zone=self._zone.text, where=where, rule=rule, value=value))


def _address_record(address: str) -> tuple[str, str]:
    return presentation(dns.rdata.from_text(dns.rdataclass.IN, "AAAA" if ":" in address else "A", address))


def _listed(data: t.Iterable[str]) -> str:
    return ", ".join(sorted(set(data)))
