# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The described form of existing zones: one entry of ``zones`` for each, from which the same records are made."""

from __future__ import annotations

import collections
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.zonecut.dns.plugins.module_utils._content import (
    ContentLine,
    ZoneContent,
    difference,
    in_reading_order,
)
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import delegation_in, delegation_of
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone, ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._existing_zones import ExistingZone
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import serial_of
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import (
    is_absolute,
    is_at_or_below,
    name_text,
    owner_text,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, email_from_rname
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_data import zone_data

with deps.declare("dnspython"):
    import dns.name

__all__ = ("DescribedZone", "Dnssec", "describe_all", "describe_zone")

# Which of the records that a signer makes are part of the described form.
Dnssec = t.Literal["leave_out", "keep_keys", "keep"]

_SIGNATURES = frozenset(("NSEC", "NSEC3", "NSEC3PARAM", "RRSIG", "ZONEMD"))
_KEYS = frozenset(("CDNSKEY", "CDS", "DNSKEY"))
# Where BIND notes at the apex how far it has come with signing.
_STATE_OF_BIND = "TYPE65534"
_SHOWN = 5


@dataclass(frozen=True)
class DescribedZone:
    """A zone and its described form.

    :arg serial: of its SOA, which is no part of the form.
    :arg content: what the form means; what was left out of it is in ``warnings``.
    :arg described: one entry of ``zones``, of plain values.
    :arg source: where the zone was found, as messages name it.
    """

    name: dns.name.Name
    serial: int
    content: ZoneContent
    described: dict[str, t.Any]
    source: str
    warnings: tuple[str, ...] = ()

    def result(self) -> dict[str, t.Any]:
        """Return what modules return of the zone beside its form."""
        return {
            "name": display_name(self.name),
            "serial": self.serial,
            "records": len(self.content),
            "source": self.source,
            "warnings": list(self.warnings),
        }


def describe_all(readers: t.Iterable[t.Callable[[], ExistingZone]], *, dnssec: Dnssec) -> list[DescribedZone]:
    """Return the described forms of the zones that are read, fit to be one description.

    :raises DescriptionError: with every problem found in any zone.
    """
    zones: list[DescribedZone] = []
    problems: list[Problem] = []
    for read in readers:
        try:
            zones.append(describe_zone(read(), dnssec=dnssec))
        except DescriptionError as exc:
            problems.extend(exc.problems)
        except ZonecutError as exc:
            problems.append(Problem(rule=exc.message))
    first: dict[dns.name.Name, DescribedZone] = {}
    for zone in zones:
        other = first.setdefault(zone.name, zone)
        if other is not zone:
            problems.append(
                Problem(zone=display_name(zone.name), where=zone.source, rule=f"the zone is in {other.source} too")
            )
    if problems:
        raise DescriptionError(problems)
    return _fit_together(zones)


def describe_zone(existing: ExistingZone, *, dnssec: Dnssec = "leave_out") -> DescribedZone:
    """Return the described form of a zone.

    The form is read again and compared with the records before it is returned.

    :raises DescriptionError: for records that make no zone, or that no description can say.
    """
    warnings = list(existing.warnings)
    content = _content(existing, dnssec=dnssec, warnings=warnings)
    described = _described(existing.name, content)
    _must_mean(described, content, source=existing.source)
    return DescribedZone(
        name=existing.name,
        serial=t.cast(int, serial_of(existing.records)),
        content=content,
        described=described,
        source=existing.source,
        warnings=tuple(warnings),
    )


def _fit_together(zones: t.Sequence[DescribedZone]) -> list[DescribedZone]:
    """Return the zones so that they can be one description.

    In one description a zone is delegated in the file of the nearest zone above it. Where that delegates it to others
    than its own name servers, it goes without ``name_servers``, so that both zones stay as they are; a warning tells.
    """
    contents = {zone.name: zone.content for zone in zones}
    tree = ZoneTree(parse_zones([zone.described for zone in zones]))
    return [_fitting(zone, tree, contents) for zone in zones]


def _fitting(zone: DescribedZone, tree: ZoneTree, contents: t.Mapping[dns.name.Name, ZoneContent]) -> DescribedZone:
    parsed = t.cast("Zone", tree.get(zone.name))
    above = tree.parent_of(parsed)
    if above is None or not parsed.name_servers:
        return zone
    own = {server.name: server.addresses for server in delegation_of(parsed).name_servers}
    held = {
        server.name: server.addresses for server in delegation_in(zone.name, contents[above.name].rdatas).name_servers
    }
    if held and (own.keys() != held.keys() or any(own[name] and held[name] not in ((), own[name]) for name in own)):
        warning = (
            f"zone {above.text} delegates it to {_listed(held)}, and it has {_listed(own)} itself; so that both stay as"
            " they are it is described without name_servers, which other modules need: correct one of the two, add them"
        )
        described = _described(zone.name, zone.content, with_servers=False)
        return replace(zone, described=described, warnings=(*zone.warnings, warning))
    if not held or any(own[name] and not held[name] for name in own):
        lack = "does not delegate it" if not held else "has no glue for it"
        warning = f"zone {above.text} {lack}; described together, that is added to it"
        return replace(zone, warnings=(*zone.warnings, warning))
    return zone


def _listed(servers: t.Mapping[dns.name.Name, t.Sequence[str]]) -> str:
    return ", ".join(str(NameServer(name=name, addresses=tuple(servers[name]))) for name in servers)


def _content(existing: ExistingZone, *, dnssec: Dnssec, warnings: list[str]) -> ZoneContent:
    """Return the content that a description has to mean, and add what differs from the records to ``warnings``."""
    records = existing.records
    soas = {(record.owner, record.ttl, record.data) for record in records if record.rdtype == "SOA"}
    if len(soas) != 1 or next(iter(soas))[0] != "@":
        found = ", ".join(sorted(owner for owner, _ttl, _data in soas)) or "none"
        rule = f"a zone has one SOA, and that at its apex; here are: {found}"
        raise DescriptionError([Problem(zone=display_name(existing.name), where=existing.source, rule=rule)])
    # Transfers that were saved as a file have the SOA at their end too.
    soa = next(record for record in records if record.rdtype == "SOA")
    kept, signed, outside = [soa], [], []
    for record in records:
        if is_absolute(record.owner):
            outside.append(record)
        elif _is_of_signer(record, dnssec):
            signed.append(record)
        elif record.rdtype != "SOA":
            kept.append(record)
    if signed:
        types = ", ".join(sorted({record.rdtype for record in signed}))
        warnings.append(f"left out {len(signed)} records that the server makes when it signs the zone ({types})")
    if outside:
        warnings.append(f"left out {len(outside)} records outside of the zone: {_first(outside)}")
    uneven = _with_uneven_ttls(kept)
    if uneven:
        warnings.append(f"records of one RRset have different TTLs, of which the least is described: {_first(uneven)}")
    return ZoneContent.of(existing.name, in_reading_order(kept))


def _is_of_signer(record: Record, dnssec: Dnssec) -> bool:
    rdtype = record.rdtype
    if dnssec == "keep":
        return False
    if rdtype in _SIGNATURES:
        return True
    return record.owner == "@" and (rdtype == _STATE_OF_BIND or (rdtype in _KEYS and dnssec == "leave_out"))


def _with_uneven_ttls(records: t.Iterable[Record]) -> list[Record]:
    first: dict[tuple[str, str], Record] = {}
    return [
        record
        for record in records
        # There is one RRset of RRSIG for each type that they cover.
        if record.rdtype != "RRSIG" and first.setdefault((record.owner, record.rdtype), record).ttl != record.ttl
    ]


def _first(records: t.Sequence[Record]) -> str:
    named = list(dict.fromkeys(f"{record.owner} {record.rdtype}" for record in records))
    return ", ".join(named[:_SHOWN]) + (f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else "")


def _described(name: dns.name.Name, content: ZoneContent, *, with_servers: bool = True) -> dict[str, t.Any]:
    """Return one entry of ``zones`` that means a content.

    :arg with_servers: whether it has ``name_servers`` where these can be described.
    """
    lines = [ContentLine.of(line) for line in content.lines]
    soa = ContentLine.of(t.cast(str, content.soa))
    mname, rname, _serial, *timers = soa.data.split()
    ttls = collections.Counter(line.ttl for line in lines).most_common(1)
    ttl = ttls[0][0] if ttls else soa.ttl
    servers = _name_servers(name, content.apex, lines) if with_servers else []
    implied = _implied(content.apex, servers, lines, ttl=ttl)
    described = {
        "name": display_name(name),
        "ttl": ttl,
        "contact": _contact(rname),
        "primary": mname[:-1] if _reads(primary=mname[:-1]) else mname,
        "soa": {"ttl": soa.ttl, **dict(zip(("refresh", "retry", "expire", "negative_ttl"), map(int, timers)))},
        "name_servers": servers,
        "records": _records((line for line in lines if (line.owner, line.rdtype) not in implied), ttl=ttl),
    }
    return {key: value for key, value in described.items() if value != []}


def _name_servers(name: dns.name.Name, apex: str, lines: t.Sequence[ContentLine]) -> list[dict[str, t.Any]]:
    """Return ``name_servers``; none where one of them has a name that is not that of a host."""
    targets = [line.data for line in lines if line.owner == "@" and line.rdtype == "NS"]
    owners = {owner_text(target, apex) for target in targets if is_at_or_below(target, apex)}
    addresses: dict[str, list[str]] = {owner: [] for owner in owners}
    for line in lines:
        if line.owner in owners and line.rdtype in ("A", "AAAA"):
            addresses[line.owner].append(line.data)
    servers = []
    for target in targets:
        server = {"name": target[:-1], "addresses": addresses.get(owner_text(target, apex))}
        servers.append(server if server["addresses"] and _reads(name_servers=[server]) else {"name": target[:-1]})
    return servers if _reads(name_servers=servers) else []


def _implied(
    apex: str, servers: t.Sequence[t.Mapping[str, t.Any]], lines: t.Iterable[ContentLine], *, ttl: int
) -> set[tuple[str, str]]:
    """Return the owners and types of which ``name_servers`` says all; their TTL can only be that of the zone."""
    addressed = {owner_text(f"{server['name']}.", apex) for server in servers if "addresses" in server}
    other_ttl = {(line.owner, line.rdtype) for line in lines if line.ttl != ttl}
    implied = {
        (owner, rdtype)
        for owner in addressed
        for rdtype in ("A", "AAAA")
        if not {(owner, "A"), (owner, "AAAA")} & other_ttl
    }
    return implied | ({("@", "NS")} - other_ttl if servers else set())


def _records(lines: t.Iterable[ContentLine], *, ttl: int) -> list[dict[str, t.Any]]:
    records: dict[tuple[str, str, int], dict[str, t.Any]] = {}
    for line in lines:
        key = (line.owner, line.rdtype, line.ttl)
        if key not in records:
            records[key] = {"name": line.owner, "type": line.rdtype, "values": []}
            if line.ttl != ttl:
                records[key]["ttl"] = line.ttl
        records[key]["values"].append(line.data)
    return list(records.values())


def _contact(rname: str) -> str:
    """Return the e-mail address that stands for an RNAME, or that name itself, with its final dot, where none does."""
    email = email_from_rname(dns.name.from_text(rname))
    zone = _reads(contact=email)
    return email if zone is not None and zone.contact is not None and name_text(zone.contact) == rname else rname


def _reads(**fields: t.Any) -> Zone | None:
    """Return a zone with these fields, or None where no description has them."""
    try:
        return parse_zones([{"name": "example.com", **fields}])[0]
    except DescriptionError:
        return None


def _must_mean(described: t.Mapping[str, t.Any], content: ZoneContent, *, source: str) -> None:
    zones = parse_zones([described])
    made = ZoneContent.of(zones[0].name, zone_data(zones[0], ZoneTree(zones), Sources(None)).records)
    if made != content:
        lines = difference(made, content)
        rule = f"no description says all of it: {'; '.join((*lines.added, *lines.removed)[:_SHOWN])}"
        raise DescriptionError([Problem(zone=zones[0].text, where=source, rule=rule)])
