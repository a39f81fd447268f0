# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parent zone says of a zone cut, at every address of every one of its servers."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer
from ansible_collections.zonecut.dns.plugins.module_utils._lazy import lazy
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_in_domain, is_same_name
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import SAFE_PAYLOAD, Endpoint, Resolver, Stuck
from ansible_collections.zonecut.dns.plugins.module_utils._responses import ReceivedRecord, Response
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Protocol

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("CutView", "ParentView", "view_parent")

CutState = t.Literal["cut", "shared", "no_cut", "nxdomain", "alias", "closer", "unusable"]


@dataclass(frozen=True)
class CutView:
    """What one address of the parent says of the cut.

    :arg ns: its answer to NS at the zone's name, ``ds`` that to DS.
    :arg parent: the zone that it was asked as a server of.
    :arg dname: its answer to DNAME, where it has the name and no cut.
    """

    endpoint: Endpoint
    ns: Response
    ds: Response
    parent: dns.name.Name
    dname: Response | None = None

    @lazy
    def state(self) -> CutState:
        """What that means.

        ``shared``: the server hosts the zone too and answers from there; only DS then comes from the parent's side.
        ``closer``: it knows of another zone between the parent and the zone, where the others have none.
        """
        zone = self.ns.query.name
        if self.ns.kind == "alias":
            return "alias"
        if self.ns.kind == "answer":
            if self.ds.kind == "nxdomain":
                return "nxdomain"
            return "shared" if self.ns.authoritative else "cut"
        if self.ns.referred_to == zone:
            return "cut"
        if not self.ns.authoritative:
            return "closer" if self._refers_closer() else "unusable"
        if self.ns.kind == "nxdomain":
            return "nxdomain"
        if self.ns.kind != "nodata":
            return "unusable"
        return "alias" if self.dname is not None and self.dname.matching else "no_cut"

    @property
    def alias(self) -> ReceivedRecord:
        """The CNAME or DNAME at or above the zone's name, where the state is ``alias``."""
        answers = self.ns.answer if self.dname is None else self.dname.matching
        return next(record for record in answers if record.rdtype in (dns.rdatatype.DNAME, dns.rdatatype.CNAME))

    def _refers_closer(self) -> bool:
        referred_to, zone = self.ns.referred_to, self.ns.query.name
        if referred_to is None or referred_to == self.parent:
            return False
        return is_in_domain(referred_to, self.parent) and is_in_domain(zone, referred_to)

    @lazy
    def delegation(self) -> Delegation:
        """The cut as this server shows it, with in-domain glue; the empty one where it shows none."""
        if self.state not in ("cut", "shared"):
            return Delegation()
        zone = self.ns.query.name
        return Delegation.of(
            (
                NameServer(name=server, addresses=self.ns.addresses(server) if is_in_domain(server, zone) else ())
                for server in self._targets()
            ),
            (record.rdata for record in self.ds.matching),
        )

    def hints(self) -> dict[dns.name.Name, tuple[str, ...]]:
        """Return the addresses that came along for servers that are not in-domain (sibling glue, RFC 9471)."""
        zone = self.ns.query.name
        outside = (server for server in self._targets() if not is_in_domain(server, zone))
        found = ((server, self.ns.addresses(server)) for server in outside)
        return {server: addresses for server, addresses in found if addresses}

    def _targets(self) -> t.Iterator[dns.name.Name]:
        records: tuple[ReceivedRecord, ...] = (*self.ns.answer, *self.ns.authority)
        seen = set()
        for record in records:
            if record.rdtype == dns.rdatatype.NS and is_same_name(record.owner, self.ns.query.name):
                target = record.rdata.target
                if target not in seen:
                    seen.add(target)
                    yield target


@dataclass(frozen=True)
class ParentView:
    """The parent zone and what each of its addresses says.

    :arg name: the parent zone; None where it could not be found.
    :arg problem: why not.
    """

    name: dns.name.Name | None
    views: tuple[CutView, ...] = ()
    problem: str = ""

    @lazy
    def usable(self) -> tuple[CutView, ...]:
        """The views that say something of the cut."""
        return tuple(view for view in self.views if view.state not in ("closer", "unusable"))

    @lazy
    def closer(self) -> tuple[CutView, ...]:
        """The views that name another parent."""
        return tuple(view for view in self.views if view.state == "closer")

    @lazy
    def referrals(self) -> tuple[CutView, ...]:
        """The views that show the parent's own NS set."""
        cuts = tuple(view for view in self.views if view.state == "cut")
        # A resolver among the servers answers without authority too, and with the zone's NS set.
        return tuple(view for view in cuts if view.ns.kind == "referral") or cuts

    @lazy
    def delegation(self) -> Delegation:
        """The cut as all usable views together show it, the parent's own NS set before that of the zone."""
        shown = [view.delegation for view in self.referrals or self.usable]
        addresses: dict[dns.name.Name, dict[str, None]] = {}
        for delegation in shown:
            for server in delegation.name_servers:
                addresses.setdefault(server.name, {}).update(dict.fromkeys(server.addresses))
        return Delegation.of(
            (NameServer(name=name, addresses=tuple(found)) for name, found in addresses.items()),
            (rdata for delegation in shown for rdata in delegation.ds),
        )

    def hints(self) -> dict[dns.name.Name, tuple[str, ...]]:
        """Return the addresses that came along for servers that are not in-domain."""
        merged: dict[dns.name.Name, tuple[str, ...]] = {}
        for view in self.usable:
            for name, addresses in view.hints().items():
                merged[name] = tuple(dict.fromkeys((*merged.get(name, ()), *addresses)))
        return merged


async def view_parent(zone: dns.name.Name, *, resolver: Resolver) -> ParentView:
    """Return what every address of the parent of ``zone`` says of it; the roots speak for the root zone itself."""
    parent = await (resolver.zone_of(zone) if zone == dns.name.root else resolver.parent_of(zone))
    if isinstance(parent, Stuck):
        return ParentView(name=None, problem=str(parent))
    endpoints = await resolver.endpoints(parent)
    ask = functools.partial(resolver.query, name=zone, on_the_way=True)
    both = await resolver.ask_all(
        [
            query
            for endpoint in endpoints
            for query in (
                ask(endpoint.address, rdtype=dns.rdatatype.NS, payload=SAFE_PAYLOAD),
                ask(endpoint.address, rdtype=dns.rdatatype.DS),
            )
        ]
    )
    views = tuple(
        CutView(endpoint=each, ns=ns, ds=ds, parent=parent.name)
        for each, ns, ds in zip(endpoints, both[::2], both[1::2])
    )
    # There are servers that do not take EDNS.
    refused = [view.ns.kind in ("silent", "rcode") and view.ds.kind != "silent" for view in views]
    views = await _asked_again(views, refused, resolver=resolver)
    views = await _with_dname(views, resolver=resolver)
    # Servers older than RFC 9471 drop glue that does not fit instead of setting TC.
    unglued = [view.ns.protocol == "udp" and view.state == "cut" and _lacks_glue(view) for view in views]
    return ParentView(name=parent.name, views=await _asked_again(views, unglued, resolver=resolver, protocol="tcp"))


async def _asked_again(
    views: tuple[CutView, ...], doubtful: t.Sequence[bool], *, resolver: Resolver, protocol: Protocol | None = None
) -> tuple[CutView, ...]:
    """Return the views, with a second answer to NS in those that are doubtful, if there is one."""
    answers = iter(
        await resolver.ask_all(
            [
                view.ns.query._replace(payload=None, protocol=protocol or view.ns.query.protocol)
                for view, asked in zip(views, doubtful)
                if asked
            ]
        )
    )
    found = ((view, next(answers) if asked else view.ns) for view, asked in zip(views, doubtful))
    return tuple(view if ns is view.ns or ns.kind == "silent" else replace(view, ns=ns) for view, ns in found)


async def _with_dname(views: tuple[CutView, ...], *, resolver: Resolver) -> tuple[CutView, ...]:
    """Return the views, those without a cut with the answer to DNAME at the name."""
    answers = iter(
        await resolver.ask_all(
            [
                view.ns.query._replace(rdtype=dns.rdatatype.DNAME, payload=None)
                for view in views
                if view.state == "no_cut"
            ]
        )
    )
    return tuple(replace(view, dname=next(answers)) if view.state == "no_cut" else view for view in views)


def _lacks_glue(view: CutView) -> bool:
    zone = view.ns.query.name
    return any(is_in_domain(server.name, zone) and not server.addresses for server in view.delegation.name_servers)
