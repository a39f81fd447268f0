# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks name servers before a delegation changes: are the new ones ready, do the old ones still answer?"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import time
import typing as t
from dataclasses import replace

from ansible_collections.zonecut.dns.plugins.module_utils._at_once import at_once
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._guards import Readiness, Service
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._published import answering_roots, published
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import HostAddresses
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import ServedKeys
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Dispatcher, Transport
from ansible_collections.zonecut.dns.plugins.module_utils._verify import (
    Selection,
    Settings,
    observe_all,
    report_on,
    resolver_for,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("NetworkProbe",)

# The findings that speak against sending resolvers to a server, whatever their severity in a zone that is in use.
_AGAINST = frozenset(
    (
        *("soa_owner_mismatch", "soa_missing_negative", "soa_missing", "soa_multiple"),
        *("not_authoritative", "lame_rcode", "no_working_server", "no_server_address"),
        *("ns_missing_in_child", "ns_missing_in_parent", "ns_sets_disjoint", "ns_differs_between_servers"),
        *("ns_no_address", "ns_is_alias", "glue_mismatch"),
        *("serial_differs", "no_response_udp", "no_response_tcp"),
    )
)


class NetworkProbe:
    """Sees the name servers of the described zones as ``verify`` does.

    :arg zones: the whole description, whose addresses of name servers are used where looking them up tells nothing.
    :arg now: returns the seconds since 1970, to judge signatures by.
    """

    def __init__(
        self,
        zones: t.Sequence[Zone],
        *,
        settings: Settings,
        transport: Transport,
        now: t.Callable[[], float] = time.time,
    ) -> None:
        self._addresses: dict[dns.name.Name, tuple[str, ...]] = {}
        for zone in zones:
            for server in zone.name_servers:
                if server.addresses:
                    self._addresses.setdefault(server.name, server.addresses)
        self._tree = ZoneTree(zones)
        self._settings = replace(settings, predelegation=True, wait=0, selection=Selection(codes=_AGAINST))
        self._transport = transport
        self._now = now

    def preflight(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Readiness]:
        """Return, by zone, whether its described servers are ready for its delegation."""
        known = [self._with_addresses(zone, zone.name_servers) for zone in zones]
        views = self._observed(known)
        hosts = self._looked_up(server.name for zone in known for server in zone.name_servers)
        return {view.name: self._readiness(view, hosts) for view in views}

    def served_keys(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[ServedKeys, ...]]:
        """Return, by zone, what each address of its described servers that this host has a route to shows of keys."""
        known = [self._with_addresses(zone, zone.name_servers) for zone in zones]
        return {view.name: _served_keys(view) for view in self._observed(known, soa_only=True, keys=True)}

    def serving(self, present: t.Sequence[tuple[Zone, Delegation]]) -> dict[dns.name.Name, Service]:
        """Return, by zone, whether the servers of its present delegation answer for it."""
        hosts = self._looked_up(server.name for _zone, delegation in present for server in delegation.name_servers)
        # Resolvers do not go by what is described.
        found = {name: host.addresses for name, host in hosts.items() if not host.unknown}
        views = self._observed(
            [self._with_addresses(zone, delegation.name_servers, found=found) for zone, delegation in present],
            soa_only=True,
        )
        seen = {address.verdict for view in views for address in view.addresses}
        # Silence speaks against a server only on a host that hears anybody at all.
        deaf = "no_response" in seen and seen <= {"no_response", "untested"} and not self._roots
        return {view.name: _service(view, deaf=deaf) for view in views}

    def published_ttls(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[int | None, int | None]]:
        """Return, by zone, the TTLs of NS and DS that the name servers of its parent publish, None where unknown."""
        shown = published(zones, settings=self._settings, transport=self._transport)
        return {name: (each.ns_ttl, each.ds_ttl) for name, each in shown.items()}

    def _observed(self, zones: t.Sequence[Zone], *, soa_only: bool = False, keys: bool = False) -> list[ZoneView]:
        return observe_all(
            zones,
            settings=self._settings,
            transport=self._transport,
            soa_only=soa_only,
            dnssec_clock=self._now if keys else None,
        )

    def _readiness(self, view: ZoneView, hosts: t.Mapping[dns.name.Name, HostAddresses]) -> Readiness:
        findings = tuple(finding for finding in report_on(view, self._settings).findings if finding.code in _AGAINST)
        looked_up = [hosts[server.name] for server in view.servers if server.delegated and server.name in hosts]
        findings += tuple(
            _astray(host, self._addresses[host.name], view) for host in looked_up if self._is_astray(host)
        )
        unresolved = tuple(f"{display_name(host.name)} ({host.problem})" for host in looked_up if host.unknown)
        untested = tuple(str(address) for address in view.addresses if address.verdict == "untested")
        unknown = bool(untested) and len(untested) == len(view.addresses)
        if unknown:
            findings = tuple(finding for finding in findings if finding.code != "no_working_server")
        return Readiness(
            findings=findings, untested=untested, unknown=unknown, ttl=_own_ttl(view), unresolved=unresolved
        )

    @functools.cached_property
    def _roots(self) -> tuple[str, ...]:
        """The root servers that answer, asked once: where all are silent, that costs a timeout."""

        async def ask() -> tuple[str, ...]:
            dispatcher = Dispatcher(self._transport, concurrency=self._settings.concurrency)
            return await answering_roots(self._settings, dispatcher)

        return asyncio.run(ask())

    def _looked_up(self, names: t.Iterable[dns.name.Name]) -> dict[dns.name.Name, HostAddresses]:
        """Return what resolvers find for the described name servers among ``names`` that no described zone holds."""
        wanted = sorted(name for name in set(names) if name in self._addresses and self._can_be_looked_up(name))
        if not wanted:
            return {}
        if not self._roots:
            problem = "no root server answers this host"
            return {name: HostAddresses(name, problem=problem, unknown=True) for name in wanted}
        settings = replace(self._settings, roots=self._roots)

        async def look_up() -> list[HostAddresses]:
            resolver = resolver_for(settings, Dispatcher(self._transport, concurrency=settings.concurrency))
            return await at_once(*(resolver.addresses_of(name) for name in wanted))

        return dict(zip(wanted, asyncio.run(look_up())))

    def _can_be_looked_up(self, name: dns.name.Name) -> bool:
        # What a described zone holds may be about to be published.
        if self._tree.get(name) is not None or self._tree.closest_above(name) is not None:
            return False
        # The internet knows nothing of names inside of private networks.
        return self._settings.private or any(ipaddress.ip_address(each).is_global for each in self._addresses[name])

    def _is_astray(self, host: HostAddresses) -> bool:
        return not host.unknown and not set(host.addresses) & set(self._addresses[host.name])

    def _with_addresses(
        self,
        zone: Zone,
        servers: t.Sequence[NameServer],
        *,
        found: t.Mapping[dns.name.Name, tuple[str, ...]] | None = None,
    ) -> Zone:
        """Return the zone with these servers, and the addresses that are ``found`` or described where one has none."""
        addresses = {**self._addresses, **(found or {})}
        known = (NameServer(server.name, server.addresses or addresses.get(server.name, ())) for server in servers)
        return replace(zone, name_servers=tuple(known))


def _astray(host: HostAddresses, described: tuple[str, ...], view: ZoneView) -> Finding:
    """Return the finding of a name server that resolvers do not find where it is described to be."""
    name, given = display_name(host.name), ", ".join(described)
    if not host.addresses:
        return Finding(
            code="ns_no_address",
            severity="error",
            message=f"The name server {name} of {view.text} {host.problem}, so resolvers do not find it at {given},"
            " where it is described to be. Add its addresses where its name belongs first, or describe the right name.",
            server=name,
        )
    return Finding(
        code="glue_mismatch",
        severity="error",
        message=f"The name server {name} of {view.text} is described at {given}, but resolvers find it at"
        f" {', '.join(host.addresses)}. Describe its addresses as they are, or first change them where its name"
        " belongs.",
        server=name,
    )


def _own_ttl(view: ZoneView) -> int | None:
    answers = [response for each in view.working for response in (each.best_ns, *each.hosts)]
    return max((record.ttl for answer in answers for record in answer.matching), default=None)


def _served_keys(view: ZoneView) -> tuple[ServedKeys, ...]:
    return tuple(
        ServedKeys(server=str(address), answers=address.dnssec)
        for address in view.addresses
        if address.verdict != "untested"
    )


def _service(view: ZoneView, *, deaf: bool) -> Service:
    """:arg deaf: whether this host got no answer from anybody, the roots included."""
    return Service(answering=tuple(str(working) for working in view.working), untested=tuple(_untested(view, deaf)))


def _untested(view: ZoneView, deaf: bool) -> t.Iterator[str]:
    for server in (server for server in view.servers if server.delegated):
        addresses = [address for address in view.addresses if address.server == server.name]
        if server.resolved is not None and not addresses:
            yield f"{display_name(server.name)} {server.resolved.problem}"
        elif addresses and all(address.verdict == "untested" for address in addresses):
            yield f"this host has no route to {_listed(addresses)}"
        elif deaf and addresses:
            yield f"{_listed(addresses)} is silent, and so is every root server that this host asked"


def _listed(addresses: t.Iterable[AddressView]) -> str:
    return ", ".join(str(address) for address in addresses)
