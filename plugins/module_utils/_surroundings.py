# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a zone's records lead to, and what its servers do besides answering for it: seen once the zone itself was."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.zonecut.dns.plugins.module_utils._at_once import at_once
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_in_domain, is_same_name, parse_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe_plan import Probe
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import HostAddresses, Resolver
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response
from ansible_collections.zonecut.dns.plugins.module_utils._server_behaviour import Behaviour, BehaviourProber

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype
    import dns.reversename

if t.TYPE_CHECKING:
    from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView

__all__ = ("PrimaryView", "ReverseView", "Surroundings", "view_surroundings")

# A server treats all names alike, so a few tell.
_MAX_NON_TERMINALS = 3


@dataclass(frozen=True)
class PrimaryView:
    """The host that the MNAME of an SOA names.

    :arg host: None where it was not looked up.
    :arg soas: what those of its addresses say that are no name servers of the zone.
    """

    mname: dns.name.Name
    host: HostAddresses | None
    soas: tuple[Response, ...] = ()


@dataclass(frozen=True)
class ReverseView:
    """The host names that an address leads back to.

    :arg hosts: the names that lead to the address.
    :arg names: None where nobody could say.
    """

    address: str
    hosts: frozenset[dns.name.Name]
    names: frozenset[dns.name.Name] | None


@dataclass(frozen=True)
class Surroundings:
    """All of it; what no chosen check needs was not asked for and is empty.

    :arg behaviours: by address of a working name server.
    :arg aaaa: answers for AAAA at the apex, by address; one may have an alias there that its server cannot resolve.
    :arg transfers: the start of a transfer, by address.
    :arg non_terminals: answers for names with nothing but names below them, by address.
    :arg exchanges: the hosts that MX records name; ``far_exchanges`` those that were not looked up.
    """

    behaviours: t.Mapping[str, Behaviour] = field(default_factory=dict)
    aaaa: t.Mapping[str, Response] = field(default_factory=dict)
    transfers: t.Mapping[str, Response] = field(default_factory=dict)
    non_terminals: t.Mapping[str, tuple[Response, ...]] = field(default_factory=dict)
    primaries: tuple[PrimaryView, ...] = ()
    exchanges: tuple[HostAddresses, ...] = ()
    far_exchanges: tuple[dns.name.Name, ...] = ()
    reverses: tuple[ReverseView, ...] = ()


async def view_surroundings(
    view: ZoneView,
    *,
    resolver: Resolver,
    prober: BehaviourProber,
    probes: t.AbstractSet[Probe],
    beyond: t.AbstractSet[Probe],
    described: t.Mapping[dns.name.Name, tuple[str, ...]],
) -> Surroundings:
    """Return what is around the zone, as far as ``probes`` ask for it.

    Only addresses that work for the zone are asked: of the others the root cause is known.

    :arg beyond: the probes that may look up hosts outside of the zone.
    :arg described: addresses of hosts that need no look-up.
    """
    if not probes or not view.working:
        return Surroundings()
    viewer = _Viewer(view, resolver, prober, probes, beyond, described)
    found: list[t.Any] = await at_once(
        *(viewer.behaviours(), viewer.aaaa(), viewer.transfers(), viewer.non_terminals()),
        *(viewer.primaries(), viewer.exchanges()),
    )
    behaviours, aaaa, transfers, non_terminals, primaries, exchanges = found
    return Surroundings(
        behaviours=behaviours,
        aaaa=aaaa,
        transfers=transfers,
        non_terminals=non_terminals,
        primaries=primaries,
        exchanges=tuple(host for host in exchanges.values() if host is not None),
        far_exchanges=tuple(name for name, host in exchanges.items() if host is None),
        reverses=await viewer.reverses(host for host in exchanges.values() if host is not None),
    )


class _Viewer:
    """Looks around one zone."""

    def __init__(
        self,
        view: ZoneView,
        resolver: Resolver,
        prober: BehaviourProber,
        probes: t.AbstractSet[Probe],
        beyond: t.AbstractSet[Probe],
        described: t.Mapping[dns.name.Name, tuple[str, ...]],
    ) -> None:
        self._view = view
        self._resolver = resolver
        self._prober = prober
        self._probes = probes
        self._beyond = beyond
        self._described = described
        # One address may belong to several names.
        self._working = {working.address: working for working in view.working}

    async def behaviours(self) -> dict[str, Behaviour]:
        found = await at_once(
            *(
                self._prober.behaviour(
                    address, zone=self._view.name, protocol=working.best_soa.protocol, probes=self._probes
                )
                for address, working in self._working.items()
            )
        )
        return dict(zip(self._working, found))

    async def aaaa(self) -> dict[str, Response]:
        if "aaaa" not in self._probes:
            return {}
        found = await self._of_apex(self._working, dns.rdatatype.AAAA)
        silent = [address for address, response in found.items() if response.kind == "silent"]
        # Whoever no longer answers a plain question either is not silent because of what was asked.
        for address, response in (await self._of_apex(silent, dns.rdatatype.SOA)).items():
            if response.kind == "silent":
                del found[address]
        return found

    async def _of_apex(self, addresses: t.Collection[str], rdtype: int) -> dict[str, Response]:
        queries = [
            self._resolver.query(address, self._view.name, rdtype, protocol=self._working[address].best_soa.protocol)
            for address in addresses
        ]
        return dict(zip(addresses, await self._resolver.ask_all(queries)))

    async def transfers(self) -> dict[str, Response]:
        if "transfer" not in self._probes:
            return {}
        found = await self._resolver.ask_all(
            [
                self._resolver.query(address, self._view.name, dns.rdatatype.AXFR, protocol="tcp", as_anybody=True)
                for address in self._working
            ]
        )
        return dict(zip(self._working, found))

    async def non_terminals(self) -> dict[str, tuple[Response, ...]]:
        if "empty_non_terminals" not in self._probes:
            return {}
        names = empty_non_terminals(self._view.zone, self._view.child_name_servers or ())
        asked = [(name, names[name]) for name in list(names)[:_MAX_NON_TERMINALS]]
        found = await at_once(
            *(
                at_once(*(self._non_terminal(working, name, below) for name, below in asked))
                for working in self._working.values()
            )
        )
        return {
            address: tuple(response for response in responses if response is not None)
            for address, responses in zip(self._working, found)
        }

    async def _non_terminal(self, view: AddressView, name: dns.name.Name, below: dns.name.Name) -> Response | None:
        """Return the answer for ``name``, or None where the name below it is denied too, so that it is not loaded."""
        response = await self._ask(view, name, dns.rdatatype.A)
        if response.kind == "nxdomain" and (await self._ask(view, below, dns.rdatatype.A)).kind == "nxdomain":
            return None
        return response

    async def primaries(self) -> tuple[PrimaryView, ...]:
        if "primary" not in self._probes:
            return ()
        records = (working.soa_record for working in self._working.values() if len(working.best_soa.matching) == 1)
        names = dict.fromkeys(record.rdata.mname for record in records if record is not None)
        return tuple(await at_once(*(self._primary(name) for name in names if len(name) > 1)))

    async def _primary(self, mname: dns.name.Name) -> PrimaryView:
        host = await self._host(mname, "primary")
        known = {view.address for view in self._view.addresses}
        addresses = () if host is None else tuple(address for address in host.addresses if address not in known)
        soas = await self._resolver.ask_all(
            [self._resolver.query(address, self._view.name, dns.rdatatype.SOA) for address in addresses]
        )
        return PrimaryView(mname=mname, host=host, soas=tuple(soas))

    async def exchanges(self) -> dict[dns.name.Name, HostAddresses | None]:
        if "exchanges" not in self._probes:
            return {}
        names = dict.fromkeys(
            record.rdata.exchange
            for working in self._working.values()
            for response in working.negatives
            if response.query.rdtype == dns.rdatatype.MX
            for record in response.matching
            if record.rdata.exchange != dns.name.root
        )
        return dict(zip(names, await at_once(*(self._host(name, "exchanges") for name in names))))

    async def reverses(self, exchanges: t.Iterable[HostAddresses]) -> tuple[ReverseView, ...]:
        if "reverse" not in self._probes:
            return ()
        hosts: dict[str, set[dns.name.Name]] = {}
        for view in self._view.addresses:
            hosts.setdefault(view.address, set()).add(view.server)
        for exchange in exchanges:
            for address in exchange.addresses:
                hosts.setdefault(address, set()).add(exchange.name)
        return tuple(await at_once(*(self._reverse(address, names) for address, names in hosts.items())))

    async def _reverse(self, address: str, hosts: set[dns.name.Name]) -> ReverseView:
        names = await self._resolver.pointers_of(dns.reversename.from_address(address))
        return ReverseView(address=address, hosts=frozenset(hosts), names=names)

    async def _host(self, name: dns.name.Name, probe: Probe) -> HostAddresses | None:
        """Return the addresses of a host that a record names, or None where looking it up leads too far away."""
        if name in self._described:
            return HostAddresses(name=name, addresses=self._described[name])
        server = next((server for server in self._view.servers if is_same_name(server.name, name)), None)
        if server is not None and server.own_addresses:
            return HostAddresses(name=name, addresses=server.own_addresses, alias=server.alias)
        if is_in_domain(name, self._view.name):
            return await self._own_host(name, probe)
        return await self._resolver.addresses_of(name) if probe in self._beyond else None

    async def _own_host(self, name: dns.name.Name, probe: Probe) -> HostAddresses:
        """Return the addresses of a host in the zone: from what came along, or from the first server that has any."""
        views = tuple(self._working.values())
        along = (response.addresses(name) for view in views for response in view.negatives)
        addresses: tuple[str, ...] = next((found for found in along if found), ())
        if addresses:
            return HostAddresses(name=name, addresses=addresses)
        problem, unknown = "", True
        for view in views:
            for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                response = await self._ask(view, name, rdtype)
                alias = response.alias_target()
                addresses = response.addresses(alias or name) if response.kind in ("answer", "alias") else ()
                if alias is not None:
                    return await self._aliased(name, alias, addresses, probe)
                if addresses:
                    return HostAddresses(name=name, addresses=addresses)
                if response.kind == "referral":
                    return await self._host_below(name, response)
                if response.kind in ("nodata", "nxdomain"):
                    unknown = False
                    problem = "does not exist" if response.kind == "nxdomain" else "has neither A nor AAAA"
        return HostAddresses(name=name, problem=problem or "cannot be resolved", unknown=unknown)

    async def _host_below(self, name: dns.name.Name, referral: Response) -> HostAddresses:
        """Return the addresses of a host in a zone that is delegated from this one."""
        glue = referral.addresses(name)
        # Before delegation no way leads there from the roots down.
        if glue or self._view.parent is None:
            return HostAddresses(name=name, addresses=glue, unknown=True)
        return await self._resolver.addresses_of(name)

    async def _aliased(
        self, name: dns.name.Name, alias: dns.name.Name, addresses: tuple[str, ...], probe: Probe
    ) -> HostAddresses:
        target: HostAddresses | None = HostAddresses(name=alias, addresses=addresses)
        if not addresses:
            target = await self._resolver.addresses_of(alias) if probe in self._beyond else None
        if target is None:
            return HostAddresses(name=name, alias=alias, problem="is an alias", unknown=True)
        return HostAddresses(
            name=name,
            addresses=target.addresses,
            alias=alias,
            problem=target.problem and f"is an alias of a name that {target.problem}",
            unknown=target.unknown,
        )

    async def _ask(self, view: AddressView, name: dns.name.Name, rdtype: int) -> Response:
        resolver = self._resolver
        return await resolver.ask(resolver.query(view.address, name, rdtype, protocol=view.best_soa.protocol))


def empty_non_terminals(zone: Zone, servers: t.Iterable[dns.name.Name]) -> dict[dns.name.Name, dns.name.Name]:
    """Return the names in ``zone`` that have no described records, and for each a name with records below it."""
    owners = {name for name in servers if is_in_domain(name, zone.name)}
    cuts = set()
    for record in zone.records:
        try:
            owner = parse_name(record.owner, origin=zone.name)
        except ValueError:
            # The module that writes the zone refuses it; here it is only one name less to ask for.
            continue
        owners.add(owner)
        if record.rdtype in ("NS", "DNAME") and owner != zone.name:
            cuts.add(owner)
    found: dict[dns.name.Name, dns.name.Name] = {}
    for owner in sorted(owners):
        if owner == zone.name or not is_in_domain(owner, zone.name):
            continue
        above = owner.parent()
        while above != zone.name and above not in owners:
            found.setdefault(above, owner)
            above = above.parent()
    return {name: below for name, below in found.items() if not any(is_in_domain(name, cut) for cut in cuts)}
