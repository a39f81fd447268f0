# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delegations as the name servers of the parent zones publish them, which a registry may only do later, or never."""

from __future__ import annotations

import asyncio
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.zonecut.dns.plugins.module_utils._at_once import at_once
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parent_view import CutView, ParentView, view_parent
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Dispatcher, Query, Transport
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings, resolver_for

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("Published", "PublishedAt", "answering_roots", "published")


@dataclass(frozen=True)
class PublishedAt:
    """What one name server of the parent zone says.

    :arg server: its name, None for one that was given by its address only.
    :arg delegation: None where it says nothing of the zone.
    :arg problem: why not.
    """

    server: str | None
    address: str
    delegation: Delegation | None
    problem: str | None = None

    def __str__(self) -> str:
        return self.address if self.server is None else f"{self.server} ({self.address})"

    def result(self) -> dict[str, t.Any]:
        """Return the form that modules return."""
        shown: dict[str, t.Any] = {"exists": None, "name_servers": [], "ds": []}
        if self.delegation is not None:
            found = self.delegation.result()
            shown = {"exists": self.delegation.exists, "name_servers": found["name_servers"], "ds": found["ds"]}
        return {"server": self.server, "address": self.address, **shown, "error": self.problem}


@dataclass(frozen=True)
class Published:
    """What all name servers of the parent zone say of a zone.

    :arg parent: the parent zone, None where it could not be found.
    :arg problem: why not.
    """

    parent: str | None
    servers: tuple[PublishedAt, ...] = ()
    problem: str | None = None

    def result(self) -> dict[str, t.Any]:
        """Return the form that modules return."""
        return {"parent": self.parent, "servers": [each.result() for each in self.servers], "error": self.problem}

    @property
    def ns_ttl(self) -> int | None:
        """For how many seconds resolvers keep the NS set at most, None where no server tells."""
        return max((each.delegation.ns_ttl or 0 for each in self.servers if each.delegation), default=0) or None

    @property
    def ds_ttl(self) -> int | None:
        """Likewise for the DS set."""
        return max((each.delegation.ds_ttl or 0 for each in self.servers if each.delegation), default=0) or None


def published(zones: t.Sequence[Zone], *, settings: Settings, transport: Transport) -> dict[dns.name.Name, Published]:
    """Return, by zone, what the name servers of its parent zone publish now."""

    async def look() -> list[ParentView]:
        dispatcher = Dispatcher(transport, concurrency=settings.concurrency)
        roots = () if settings.parent_servers else await answering_roots(settings, dispatcher)
        if not roots and not settings.parent_servers:
            silence = ParentView(name=None, problem="no root server answers this host; give roots or parent_servers")
            return [silence] * len(zones)
        resolver = resolver_for(replace(settings, roots=roots or settings.roots), dispatcher)
        return await at_once(*(view_parent(zone.name, resolver=resolver) for zone in zones))

    return {zone.name: _published(view) for zone, view in zip(zones, asyncio.run(look()))}


async def answering_roots(settings: Settings, dispatcher: Dispatcher) -> tuple[str, ...]:
    """Return the root servers that answer; one after the other, all that are silent would cost a timeout each."""
    replies = await dispatcher.ask_all(
        [
            Query(
                address=address,
                port=settings.access.ports.get(address, settings.port),
                name=dns.name.root,
                rdtype=dns.rdatatype.NS,
                protocol=settings.transport,
            )
            for address in settings.roots
        ]
    )
    return tuple(address for address, reply in zip(settings.roots, replies) if reply.message is not None)


def _published(view: ParentView) -> Published:
    if view.name is None:
        return Published(parent=None, problem=view.problem)
    return Published(parent=display_name(view.name), servers=tuple(_published_at(cut) for cut in view.views))


def _published_at(cut: CutView) -> PublishedAt:
    server = None if cut.endpoint.server is None else display_name(cut.endpoint.server)
    problem = _problem(cut)
    shown = None
    if problem is None:
        found = cut.delegation
        ns = [record.ttl for record in (*cut.ns.answer, *cut.ns.authority) if record.rdtype == dns.rdatatype.NS]
        ds = [record.ttl for record in cut.ds.matching]
        shown = Delegation.of(found.name_servers, found.ds, ns_ttl=max(ns, default=None), ds_ttl=max(ds, default=None))
    return PublishedAt(server=server, address=cut.endpoint.address, delegation=shown, problem=problem)


def _problem(cut: CutView) -> str | None:
    """Return why the server says nothing of the delegation, None where it does."""
    if cut.ns.kind == "silent":
        return cut.ns.detail or "no answer"
    if cut.state == "shared":
        return "it serves the zone itself as well, so its NS set says nothing of the parent's"
    if cut.state in ("unusable", "closer"):
        return f"it does not answer for the parent zone ({cut.ns.rcode or cut.ns.kind})"
    if cut.ds.kind in ("silent", "rcode"):
        return f"it does not answer for DS ({cut.ds.detail or cut.ds.rcode})"
    return None
