# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the roots down: which zone holds a name, where it is served, and which addresses a host has.

Every step is asked once for all zones of a run, so ten thousand zones of one parent walk to it once.
"""

from __future__ import annotations

import asyncio
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access
from ansible_collections.zonecut.dns.plugins.module_utils._at_once import at_once
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response, read_reply
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Protocol, Query, Reply, Transport

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("INTERNET_ROOTS", "SAFE_PAYLOAD", "Endpoint", "HostAddresses", "Resolver", "ServedZone", "Stuck")

# https://www.iana.org/domains/root/servers, letters a to m.
INTERNET_ROOTS = (
    *("198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241", "192.112.36.4"),
    *("198.97.190.53", "192.36.148.17", "192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33"),
    *("2001:503:ba3e::2:30", "2801:1b8:10::b", "2001:500:2::c", "2001:500:2d::d", "2001:500:a8::e", "2001:500:2f::f"),
    *("2001:500:12::d0d", "2001:500:1::53", "2001:7fe::53", "2001:503:c27::2:30", "2001:7fd::1", "2001:500:9f::42"),
    "2001:dc3::35",
)
# What DNS Flag Day 2020 settled on: large enough for all glue, small enough not to be fragmented.
SAFE_PAYLOAD = 1232
_MAX_ALIASES = 8

_Key = tuple[str, "dns.name.Name"]
_T = t.TypeVar("_T")


@dataclass(frozen=True)
class Endpoint:
    """One address of one name server; a root server given by address only has no name."""

    server: dns.name.Name | None
    address: str

    def __str__(self) -> str:
        return self.address if self.server is None else f"{display_name(self.server)} ({self.address})"


@dataclass(frozen=True)
class ServedZone:
    """A zone on the way down.

    :arg name_servers: the names of its NS set, as its parent lists them.
    :arg known: the addresses that came with them, and any that has answered for the zone.
    """

    name: dns.name.Name
    name_servers: tuple[dns.name.Name, ...]
    known: tuple[Endpoint, ...]


@dataclass(frozen=True)
class Stuck:
    """The way down ended: no server of ``zone`` gave a usable answer."""

    zone: dns.name.Name
    reason: str

    def __str__(self) -> str:
        return f"no server of {_zone_text(self.zone)} gave a usable answer ({self.reason})"


@dataclass(frozen=True)
class HostAddresses:
    """What the way down brought for a host name.

    :arg alias: where the name points, if it is an alias; the addresses are then those of the target.
    :arg problem: why there are no addresses, completing "NAME ..."; empty where there are.
    :arg unknown: whether nobody could say, so that the lack of addresses proves nothing.
    """

    name: dns.name.Name
    addresses: tuple[str, ...] = ()
    alias: dns.name.Name | None = None
    problem: str = ""
    unknown: bool = False


class Resolver:
    """Walks down from the roots, asking each server without recursion.

    :arg roots: addresses of root servers.
    :arg parent_servers: addresses of servers of the zones' parents, where the way down to these is left out.
    :arg access: ports and keys of single addresses.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        roots: t.Sequence[str],
        port: int,
        protocol: Protocol,
        parent_servers: t.Sequence[str] = (),
        access: Access | None = None,
    ) -> None:
        self._transport = transport
        self._port = port
        self._protocol = protocol
        self._parent_servers = tuple(parent_servers)
        self._access = access or Access()
        self._root = ServedZone(
            name=dns.name.root,
            name_servers=(),
            known=tuple(Endpoint(server=None, address=address) for address in roots),
        )
        self._lookups: dict[_Key, asyncio.Future[t.Any]] = {}
        self._waits: dict[_Key, list[_Key]] = {}
        self._silent: set[str] = set()
        # By the question without its key, which cannot be hashed, and by whether it has one: there is only one.
        self._of_root: dict[tuple[Query, bool], asyncio.Future[Reply]] = {}

    def query(
        self,
        address: str,
        name: dns.name.Name,
        rdtype: int,
        *,
        protocol: Protocol | None = None,
        payload: int | None = None,
        dnssec: bool = False,
        on_the_way: bool = False,
        as_anybody: bool = False,
    ) -> Query:
        """Return the question to put to the server at ``address``.

        :arg on_the_way: whether it is only asked where the zone is; see ``Access``.
        :arg as_anybody: ask without a key, to see what those get who have none.
        """
        port = self._access.ports.get(address, self._port)
        key = None if as_anybody else self._access.key_for(address, on_the_way=on_the_way)
        return Query(address, port, name, rdtype, protocol or self._protocol, payload, dnssec, key)

    async def ask(self, query: Query) -> Response:
        """Return what the server says."""
        return (await self.ask_all((query,)))[0]

    async def ask_all(self, queries: t.Sequence[Query]) -> list[Response]:
        """Return what the servers say to each of ``queries``, which are asked at once.

        Of the root each is asked once, since that is no zone's own.
        """
        of_root = [self._ask_of_root(query) for query in queries if len(query.name.labels) == 1]
        others = iter(await self._transport.ask_all([query for query in queries if len(query.name.labels) > 1]))
        if not of_root:
            return list(map(read_reply, others))
        known = iter([await asked for asked in of_root])
        return [read_reply(next(others if len(query.name.labels) > 1 else known)) for query in queries]

    def _ask_of_root(self, query: Query) -> asyncio.Future[Reply]:
        known_as = query._replace(key=None), query.key is None
        asked = self._of_root.get(known_as)
        if asked is None:
            asked = self._of_root[known_as] = asyncio.ensure_future(self._transport.ask(query))
        return asked

    def has_looked_up(self, zone: dns.name.Name) -> bool:
        """Return whether anybody needed the servers of ``zone``, or what is in it, to find a host or another zone."""
        return any(is_in_domain(name, zone) for _what, name in self._lookups)

    async def zone_of(self, name: dns.name.Name, *, needed_by: _Key | None = None) -> ServedZone | Stuck:
        """Return the zone whose servers answer for ``name``: the closest zone at or above it."""
        key = ("zone", name)
        return await self._once(
            key, needed_by, lambda: self._find_zone(key), in_loop=Stuck(name, "its servers need themselves to be found")
        )

    async def learn_parent(self, zone: dns.name.Name) -> None:
        """Find what names the given parent servers tell of, without asking them about ``zone`` itself."""
        if self._parent_servers and zone != dns.name.root:
            await self.parent_of(zone)

    async def parent_of(self, zone: dns.name.Name) -> ServedZone | Stuck:
        """Return the zone above ``zone``, as the given parent servers have it or as the way down leads to it."""
        if not self._parent_servers:
            return await self.zone_of(zone.parent())
        in_loop: ServedZone | Stuck = Stuck(zone.parent(), "")
        above = await self._once(
            ("given", zone.parent()), None, lambda: self._find_given(zone.parent()), in_loop=in_loop
        )
        if isinstance(above, ServedZone):
            # Names in the parent zone, those of name servers above all, are then looked up there.
            found: asyncio.Future[ServedZone] = asyncio.get_running_loop().create_future()
            found.set_result(above)
            self._lookups[("zone", above.name)] = found
        return above

    async def addresses_of(self, name: dns.name.Name, *, needed_by: _Key | None = None) -> HostAddresses:
        """Return the addresses of the host ``name``."""
        key = ("host", name)
        return await self._once(
            key,
            needed_by,
            lambda: self._find_host(key),
            in_loop=HostAddresses(name=name, problem="can only be found by asking itself"),
        )

    async def pointers_of(self, name: dns.name.Name, *, aliases: int = 0) -> frozenset[dns.name.Name] | None:
        """Return the names that the PTR records of ``name`` lead to, or None where nobody could say.

        :arg aliases: how many led here: RFC 2317 puts them in front of reverse names.
        """
        zone = await self.zone_of(name)
        if isinstance(zone, Stuck) or aliases > _MAX_ALIASES:
            return None
        _endpoint, response = await self._ask_zone(zone, name, dns.rdatatype.PTR, ("pointer", name))
        if response is None or response.kind == "referral":
            return None
        target = response.alias_target()
        if target is not None:
            return await self.pointers_of(target, aliases=aliases + 1)
        return frozenset(record.rdata.target for record in response.matching)

    async def endpoints(self, zone: ServedZone) -> tuple[Endpoint, ...]:
        """Return every address of every server of ``zone``: those that came with its NS set, the others looked up."""
        named = {endpoint.server for endpoint in zone.known}
        hosts = await at_once(*(self.addresses_of(name) for name in zone.name_servers if name not in named))
        found = (Endpoint(server=host.name, address=address) for host in hosts for address in host.addresses)
        return tuple(dict.fromkeys((*zone.known, *found)))

    async def _once(
        self, key: _Key, needed_by: _Key | None, look_up: t.Callable[[], t.Awaitable[_T]], *, in_loop: _T
    ) -> _T:
        """Return the outcome of the look-up ``key``, started once for all who need it."""
        lookup: asyncio.Future[_T] | None = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = asyncio.ensure_future(look_up())
        if not lookup.done():
            if needed_by is None:
                return await lookup
            if self._waits_for(key, needed_by):
                # What failed only because of where it was asked from must not be remembered.
                self._forget_loop(needed_by)
                return in_loop
            waits = self._waits.setdefault(needed_by, [])
            waits.append(key)
            try:
                return await lookup
            finally:
                waits.remove(key)
        return lookup.result()

    def _waits_for(self, key: _Key, other: _Key) -> bool:
        return key == other or any(self._waits_for(needed, other) for needed in self._waits.get(key, ()))

    def _forget_loop(self, key: _Key) -> None:
        lookup = self._lookups.get(key)
        if lookup is not None and not lookup.done():
            lookup.add_done_callback(lambda _done: self._lookups.pop(key, None))

    async def _find_zone(self, key: _Key) -> ServedZone | Stuck:
        name = key[1]
        if name == dns.name.root:
            return self._root
        above = await self.zone_of(name.parent(), needed_by=key)
        if isinstance(above, Stuck):
            return above
        endpoint, response = await self._ask_zone(above, name, dns.rdatatype.NS, key)
        if response is None:
            return Stuck(above.name, self._why_stuck(above))
        if response.kind == "answer":
            return _served_zone(name, response.matching, response, answered=endpoint)
        if response.referred_to == name:
            return _served_zone(name, response.authority, response)
        # No cut here: an empty non-terminal, a name inside the zone above, or nothing at all.
        return above

    async def _find_given(self, name: dns.name.Name) -> ServedZone | Stuck:
        """Return the zone that holds ``name`` at the parent servers: the owner of the SOA they answer with."""
        responses = await self.ask_all(
            [self.query(address, name, dns.rdatatype.SOA) for address in self._parent_servers]
        )
        holders: dict[dns.name.Name, list[Endpoint]] = {}
        for response in responses:
            for soa in response.soas[:1]:
                if response.authoritative and is_in_domain(name, soa.owner):
                    holders.setdefault(soa.owner, []).append(Endpoint(server=None, address=response.query.address))
        if not holders:
            shown = ", ".join(f"{response.query.address}: {_said(response)}" for response in responses)
            return Stuck(name, f"the given parent servers answered {shown}")
        closest = max(holders, key=len)
        return ServedZone(name=closest, name_servers=(), known=tuple(holders[closest]))

    async def _find_host(self, key: _Key) -> HostAddresses:
        name = key[1]
        zone = await self.zone_of(name.parent() if name != dns.name.root else name, needed_by=key)
        if isinstance(zone, Stuck):
            return HostAddresses(name=name, problem=f"cannot be resolved: {zone}", unknown=True)
        responses = await self._ask_addresses(zone, name, key)
        if any(response is not None and response.kind == "referral" for response in responses):
            zone = await self.zone_of(name, needed_by=key)
            if isinstance(zone, Stuck):
                return HostAddresses(name=name, problem=f"cannot be resolved: {zone}", unknown=True)
            responses = await self._ask_addresses(zone, name, key)
        usable = [response for response in responses if response is not None]
        if not usable:
            reason = Stuck(zone.name, self._why_stuck(zone))
            return HostAddresses(name=name, problem=f"cannot be resolved: {reason}", unknown=True)
        target = next((target for target in (response.alias_target() for response in usable) if target), None)
        if target is not None:
            return await self._follow(name, target, usable, key)
        addresses = tuple(address for response in usable for address in response.addresses(name))
        if addresses:
            return HostAddresses(name=name, addresses=tuple(dict.fromkeys(addresses)))
        if any(response.kind == "nxdomain" for response in usable):
            return HostAddresses(name=name, problem=f"does not exist, says {_zone_text(zone.name)}")
        return HostAddresses(name=name, problem=f"has neither A nor AAAA in {_zone_text(zone.name)}")

    async def _follow(
        self, name: dns.name.Name, target: dns.name.Name, responses: t.Sequence[Response], key: _Key
    ) -> HostAddresses:
        if sum(1 for needing in self._chain(key) if needing[0] == "host") >= _MAX_ALIASES:
            return HostAddresses(name=name, alias=target, problem=f"is an alias in a chain of over {_MAX_ALIASES}")
        host = await self.addresses_of(target, needed_by=key)
        problem = f"is an alias of {display_name(target)}, which {host.problem}" if host.problem else ""
        return HostAddresses(name=name, addresses=host.addresses, alias=target, problem=problem, unknown=host.unknown)

    def _chain(self, key: _Key) -> t.Iterator[_Key]:
        """Yield ``key`` and one look-up after the other that needs it."""
        seen: set[_Key] = set()
        while key not in seen:
            seen.add(key)
            yield key
            key = next((other for other, needed in self._waits.items() if key in needed), key)

    async def _ask_addresses(self, zone: ServedZone, name: dns.name.Name, key: _Key) -> tuple[Response | None, ...]:
        found = await asyncio.gather(
            *(self._ask_zone(zone, name, rdtype, key) for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA))
        )
        return tuple(response for _endpoint, response in found)

    async def _ask_zone(
        self, zone: ServedZone, name: dns.name.Name, rdtype: int, key: _Key
    ) -> tuple[Endpoint | None, Response | None]:
        """Return the first usable answer of a server of ``zone``, or None where there is none.

        One without the AA bit is taken only when no server gives a better one.
        """
        doubtful: tuple[Endpoint | None, Response | None] = (None, None)
        async for endpoint in self._candidates(zone, key):
            response = await self.ask(self.query(endpoint.address, name, rdtype, on_the_way=True))
            if response.kind == "silent":
                self._silent.add(endpoint.address)
            if not _usable(response, zone):
                continue
            if response.authoritative or response.kind == "referral":
                return endpoint, response
            doubtful = (endpoint, response) if doubtful[1] is None else doubtful
        return doubtful

    async def _candidates(self, zone: ServedZone, key: _Key) -> t.AsyncIterator[Endpoint]:
        for endpoint in sorted(zone.known, key=lambda endpoint: endpoint.address in self._silent):
            yield endpoint
        named = {endpoint.server for endpoint in zone.known}
        for name in zone.name_servers:
            if name not in named:
                host = await self.addresses_of(name, needed_by=key)
                for address in host.addresses:
                    yield Endpoint(server=name, address=address)

    def _why_stuck(self, zone: ServedZone) -> str:
        if not zone.known and zone.name == dns.name.root:
            return "no roots are given to start from; give some, or describe the addresses of name servers"
        if zone.known:
            shown = ", ".join(str(endpoint) for endpoint in zone.known[:3])
            return f"asked {shown}{' and others' if len(zone.known) > 3 else ''}"
        return f"no address is known for {', '.join(display_name(name) for name in zone.name_servers) or 'any of them'}"


def _served_zone(
    name: dns.name.Name, records: t.Iterable[t.Any], response: Response, *, answered: Endpoint | None = None
) -> ServedZone:
    servers = tuple(
        record.rdata.target for record in records if record.rdtype == dns.rdatatype.NS and record.owner == name
    )
    known = [Endpoint(server, address) for server in servers for address in response.addresses(server)]
    # A server that answers for the zone needs no glue to be asked again.
    if answered is not None and all(endpoint.address != answered.address for endpoint in known):
        known.append(answered)
    return ServedZone(name=name, name_servers=servers, known=tuple(known))


def _said(response: Response) -> str:
    return response.detail or (response.rcode if response.kind == "rcode" else "no SOA of a zone with that name")


def _usable(response: Response, zone: ServedZone) -> bool:
    if response.kind in ("silent", "rcode", "unrelated"):
        return False
    referred_to = response.referred_to
    return referred_to is None or (referred_to != zone.name and is_in_domain(referred_to, zone.name))


def _zone_text(name: dns.name.Name) -> str:
    return "the root" if name == dns.name.root else display_name(name)
