# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks name servers before a delegation changes: are the new ones ready, do the old ones still answer?"""

from __future__ import annotations

import asyncio
import time
import typing as t
from dataclasses import replace

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._guards import Readiness, Service
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._published import answering_roots, published
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import ServedKeys
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Dispatcher, Transport
from ansible_collections.zonecut.dns.plugins.module_utils._verify import (
    Selection,
    Settings,
    observe_all,
    report_on,
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

    :arg zones: the whole description, whose addresses of name servers are used instead of looking them up.
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
        self._settings = replace(settings, predelegation=True, wait=0, selection=Selection(codes=_AGAINST))
        self._transport = transport
        self._now = now

    def preflight(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Readiness]:
        """Return, by zone, whether its described servers are ready for its delegation."""
        views = self._observed([self._with_addresses(zone, zone.name_servers) for zone in zones])
        return {view.name: self._readiness(view) for view in views}

    def served_keys(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[ServedKeys, ...]]:
        """Return, by zone, what each address of its described servers that this host has a route to shows of keys."""
        known = [self._with_addresses(zone, zone.name_servers) for zone in zones]
        return {view.name: _served_keys(view) for view in self._observed(known, soa_only=True, keys=True)}

    def serving(self, present: t.Sequence[tuple[Zone, Delegation]]) -> dict[dns.name.Name, Service]:
        """Return, by zone, whether the servers of its present delegation answer for it."""
        views = self._observed(
            [self._with_addresses(zone, delegation.name_servers) for zone, delegation in present], soa_only=True
        )
        seen = {address.verdict for view in views for address in view.addresses}
        # Silence speaks against a server only on a host that hears anybody at all.
        deaf = "no_response" in seen and seen <= {"no_response", "untested"} and not self._hears_roots()
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

    def _readiness(self, view: ZoneView) -> Readiness:
        findings = tuple(finding for finding in report_on(view, self._settings).findings if finding.code in _AGAINST)
        untested = tuple(str(address) for address in view.addresses if address.verdict == "untested")
        unknown = bool(untested) and len(untested) == len(view.addresses)
        if unknown:
            findings = tuple(finding for finding in findings if finding.code != "no_working_server")
        return Readiness(findings=findings, untested=untested, unknown=unknown, ttl=_own_ttl(view))

    def _hears_roots(self) -> bool:
        async def ask() -> bool:
            dispatcher = Dispatcher(self._transport, concurrency=self._settings.concurrency)
            return bool(await answering_roots(self._settings, dispatcher))

        return asyncio.run(ask())

    def _with_addresses(self, zone: Zone, servers: t.Sequence[NameServer]) -> Zone:
        known = (
            NameServer(name=server.name, addresses=server.addresses or self._addresses.get(server.name, ()))
            for server in servers
        )
        return replace(zone, name_servers=tuple(known))


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
