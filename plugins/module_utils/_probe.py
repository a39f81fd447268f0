# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observe a zone: its cut at the parent, and every address of every name server, as values that checks can judge."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.zonecut.dns.plugins.module_utils._at_once import at_once
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation, delegation_of
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_view import DnssecObserver, SignedAnswers
from ansible_collections.zonecut.dns.plugins.module_utils._lazy import lazy
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain, is_same_name
from ansible_collections.zonecut.dns.plugins.module_utils._parent_view import ParentView, view_parent
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import HostAddresses, Resolver
from ansible_collections.zonecut.dns.plugins.module_utils._responses import ReceivedRecord, Response
from ansible_collections.zonecut.dns.plugins.module_utils._shared_names import shared_name
from ansible_collections.zonecut.dns.plugins.module_utils._surroundings import Surroundings
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Protocol

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("UNUSED_TYPE", "AddressView", "ServerView", "Verdict", "ZoneView", "observe_zone")

# In the range for private use of RFC 6895 section 3.1, so no zone has it.
UNUSED_TYPE = 65399

_NEGATIVES = ("mx", "txt", "unused", "absent")
# RFC 1035 section 2.3.4, in octets on the wire.
_LONGEST_NAME = 255

# What one address is to the zone; everything but "working" is a root cause that hides its own consequences.
Verdict = t.Literal[
    "working", "not_authoritative", "soa_missing", "lame_rcode", "owner_mismatch", "no_response", "untested"
]


@dataclass(frozen=True)
class AddressView:
    """What one address of a name server says of the zone.

    :arg soa: SOA and NS at the apex by the transport asked for, ``soa_tcp`` and ``ns_tcp`` the same by TCP.
    :arg negatives: MX, TXT and a type nothing uses at the apex, and a name that does not exist.
    :arg root: NS of the root, which only a server that refers upwards answers with a referral.
    :arg hosts: A and AAAA of each in-domain name server.
    :arg dnssec: keys and signatures; None where the address says nothing of them, or nobody wanted to know.
    """

    server: dns.name.Name
    address: str
    soa: Response
    ns: Response
    negatives: tuple[Response, ...] = ()
    root: Response | None = None
    soa_tcp: Response | None = None
    ns_tcp: Response | None = None
    hosts: tuple[Response, ...] = ()
    dnssec: SignedAnswers | None = None

    def __str__(self) -> str:
        return f"{display_name(self.server)} ({self.address})"

    @lazy
    def responses(self) -> tuple[Response, ...]:
        """Everything that says something of the zone itself."""
        given = (self.soa, self.ns, *self.negatives, self.soa_tcp, self.ns_tcp)
        return tuple(response for response in given if response is not None)

    @property
    def best_soa(self) -> Response:
        """The answer to SOA, by TCP where there is none by UDP."""
        return self.soa_tcp if self.soa.kind == "silent" and self.soa_tcp is not None else self.soa

    @property
    def best_ns(self) -> Response:
        """The answer to NS, by TCP where there is none by UDP."""
        return self.ns_tcp if self.ns.kind == "silent" and self.ns_tcp is not None else self.ns

    @lazy
    def foreign_soas(self) -> tuple[tuple[Response, ReceivedRecord], ...]:
        """Each SOA that another name than the zone owns, with the response that holds it."""
        return tuple(
            (response, record)
            for response in self.responses
            # Behind an alias the SOA is that of the target's zone, and rightly so.
            if response.kind != "alias"
            for record in response.soas
            if not is_same_name(record.owner, self.soa.query.name)
        )

    @property
    def soa_record(self) -> ReceivedRecord | None:
        """The SOA at the apex, where the server has it."""
        return next(iter(self.best_soa.matching), None)

    @lazy
    def name_servers(self) -> frozenset[dns.name.Name] | None:
        """The NS set at the apex, empty where the server denies it, or None where it does not say."""
        denied = self.best_ns.kind == "nodata" and self.best_ns.authoritative
        if self.best_ns.kind != "answer" and not denied:
            return None
        return frozenset(record.rdata.target for record in self.best_ns.matching)

    @lazy
    def verdict(self) -> Verdict:
        """What the address is to the zone."""
        soa = self.best_soa
        if soa.kind == "silent":
            return "untested" if soa.failure == "no_route" else "no_response"
        if self.foreign_soas:
            return "owner_mismatch"
        if soa.kind in ("rcode", "nxdomain"):
            return "lame_rcode"
        if soa.kind != "answer":
            return "soa_missing"
        return "working" if soa.authoritative else "not_authoritative"


@dataclass(frozen=True)
class ServerView:
    """A name server of the zone and where its addresses come from.

    :arg delegated: whether the parent (or the description, before delegation) lists it.
    :arg glue: its addresses at the parent, or the described ones.
    :arg sibling_glue: addresses that the parent told for a name of its own that is not in-domain.
    :arg own: its addresses as the zone itself has them; None where no working server could say.
    :arg resolved: the outcome from the roots down, for servers that are not in-domain.
    :arg alias: where its name points, if it is an alias.
    """

    name: dns.name.Name
    in_domain: bool
    delegated: bool
    glue: tuple[str, ...] = ()
    sibling_glue: tuple[str, ...] = ()
    own: tuple[str, ...] | None = None
    resolved: HostAddresses | None = None
    alias: dns.name.Name | None = None

    @property
    def delegated_addresses(self) -> tuple[str, ...]:
        """Those that the delegation leads to: glue, or what its name resolves to."""
        return self.glue or (self.resolved.addresses if self.resolved is not None else ())

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Those that the zone's own NS set leads to."""
        return self.delegated_addresses if self.own is None else self.own

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address it is reached by."""
        resolved = self.resolved.addresses if self.resolved is not None else ()
        return tuple(dict.fromkeys((*self.glue, *(self.own or ()), *resolved)))


@dataclass(frozen=True)
class ZoneView:
    """All that was seen of a zone.

    :arg parent: what the parent says; None before delegation.
    :arg delegation: the cut, or the described one before delegation.
    """

    zone: Zone
    parent: ParentView | None
    delegation: Delegation
    servers: tuple[ServerView, ...] = ()
    addresses: tuple[AddressView, ...] = ()
    surroundings: Surroundings = field(default_factory=Surroundings)

    @property
    def name(self) -> dns.name.Name:
        """The apex."""
        return self.zone.name

    @property
    def text(self) -> str:
        """The name as messages show it."""
        return self.zone.text

    @property
    def cut_visible(self) -> bool:
        """Whether ``delegation`` is the parent's own word, not that of a server that hosts the zone as well."""
        return self.parent is None or bool(self.parent.referrals)

    @lazy
    def working(self) -> tuple[AddressView, ...]:
        """The addresses that serve the zone with authority."""
        return tuple(view for view in self.addresses if view.verdict == "working")

    @lazy
    def single_soas(self) -> list[tuple[ReceivedRecord, AddressView]]:
        """The SOA of each address that serves the zone; which of several counts is not for us to guess."""
        return [(view.best_soa.matching[0], view) for view in self.working if len(view.best_soa.matching) == 1]

    @lazy
    def signed(self) -> tuple[tuple[AddressView, SignedAnswers], ...]:
        """Each address that serves keys."""
        return tuple((view, view.dnssec) for view in self.addresses if view.dnssec is not None and view.dnssec.keys)

    @lazy
    def child_name_servers(self) -> frozenset[dns.name.Name] | None:
        """Every name that some working server lists, or None where none could say."""
        sets = [view.name_servers for view in self.working if view.name_servers is not None]
        return frozenset().union(*sets) if sets else None


class _Observer:
    """Observes one zone."""

    def __init__(
        self,
        zone: Zone,
        *,
        resolver: Resolver,
        protocol: Protocol,
        label: str,
        soa_only: bool,
        described: t.Mapping[dns.name.Name, tuple[str, ...]],
        dnssec_clock: t.Callable[[], float] | None,
    ) -> None:
        self._zone = zone
        self._resolver = resolver
        self._protocol = protocol
        self._soa_only = soa_only
        self._absent = _below(zone.name, label)
        self._described = described
        self._parent: dns.name.Name | None = None
        self._asked: dict[str, AddressView] = {}
        self._dnssec: DnssecObserver | None = None
        if dnssec_clock is not None:
            self._dnssec = DnssecObserver(
                zone.name, resolver=resolver, absent=self._absent, unused=UNUSED_TYPE, clock=dnssec_clock
            )

    async def observe(self, *, predelegation: bool) -> ZoneView:
        parent = None if predelegation else await view_parent(self._zone.name, resolver=self._resolver)
        if parent is None:
            await self._resolver.learn_parent(self._zone.name)
            delegation, hints = delegation_of(self._zone), {}
        else:
            self._parent = parent.name
            delegation, hints = parent.delegation, parent.hints()
        # Without a referral there is no glue to see, so that in-domain servers must be looked up.
        servers = await self._find_servers(delegation, hints, glued=parent is None or bool(parent.referrals))
        views = await self._probe(servers)
        children = {name for view in views if view.verdict == "working" for name in view.name_servers or ()}
        found: list[t.Any] = await at_once(
            self._ask_hosts(views, children | {server.name for server in servers}), self._ask_signed(views)
        )
        hosts: dict[str, tuple[Response, ...]] = found[0]
        servers = await self._complete(servers, children, hosts)
        views = await self._probe(servers)
        signed = await self._ask_signed(views)
        views = tuple(
            replace(view, hosts=hosts.get(view.address, ()), dnssec=signed.get(view.address))
            if view.address in hosts or view.address in signed
            else view
            for view in views
        )
        return ZoneView(zone=self._zone, parent=parent, delegation=delegation, servers=servers, addresses=views)

    def _in_parent(self, name: dns.name.Name) -> bool:
        return self._parent is not None and is_in_domain(name, self._parent)

    def _described_addresses(self, name: dns.name.Name) -> tuple[str, ...]:
        """Return the addresses that stand in for a look-up: before delegation, and of what lies outside the parent."""
        if self._in_parent(name):
            return ()
        return self._described.get(name, ())

    async def _find_servers(
        self, delegation: Delegation, hints: t.Mapping[dns.name.Name, tuple[str, ...]], *, glued: bool
    ) -> tuple[ServerView, ...]:
        servers = (
            ServerView(
                name=server.name,
                in_domain=is_in_domain(server.name, self._zone.name),
                delegated=True,
                glue=server.addresses or hints.get(server.name) or self._described_addresses(server.name),
                sibling_glue=hints.get(server.name, ()) if self._in_parent(server.name) else (),
            )
            for server in delegation.name_servers
        )
        return tuple(await at_once(*(self._resolved(server, glued=glued) for server in servers)))

    async def _resolved(self, server: ServerView, *, glued: bool = True) -> ServerView:
        """Return ``server`` with what its name resolves to, where it is not in-domain or described."""
        if self._described_addresses(server.name) or (server.in_domain and (glued or server.glue)):
            return server
        host = await self._resolver.addresses_of(server.name)
        # Sibling zones may only be found by the glue that came along; a name that resolves needs none.
        return replace(server, glue=() if host.addresses else server.glue, resolved=host, alias=host.alias)

    async def _complete(
        self,
        servers: tuple[ServerView, ...],
        children: set[dns.name.Name],
        hosts: t.Mapping[str, tuple[Response, ...]],
    ) -> tuple[ServerView, ...]:
        """Return the servers with those that only the zone lists, and with the zone's own addresses for them."""
        known = {server.name for server in servers}
        added = (
            ServerView(
                name=name,
                in_domain=is_in_domain(name, self._zone.name),
                delegated=False,
                glue=self._described_addresses(name),
            )
            for name in sorted(children - known)
        )
        found = await at_once(*(self._resolved(server) for server in added))
        return tuple(await at_once(*(self._with_own_addresses(server, hosts) for server in (*servers, *found))))

    async def _with_own_addresses(self, server: ServerView, hosts: t.Mapping[str, tuple[Response, ...]]) -> ServerView:
        told = [
            response for responses in hosts.values() for response in responses if response.query.name == server.name
        ]
        told = [response for response in told if response.kind not in ("silent", "rcode", "unrelated")]
        if not server.in_domain or not told:
            return server
        alias = next((target for target in (response.alias_target() for response in told) if target), None)
        own = tuple(address for response in told for address in response.addresses(alias or server.name))
        if not own and (alias is not None or any(response.kind == "referral" for response in told)):
            own = (await self._resolver.addresses_of(server.name)).addresses
        return replace(server, own=tuple(dict.fromkeys(own)), alias=alias)

    async def _probe(self, servers: t.Iterable[ServerView]) -> tuple[AddressView, ...]:
        pairs = [(server.name, address) for server in servers for address in server.addresses]
        new: dict[str, dns.name.Name] = {}
        for name, address in pairs:
            if address not in self._asked:
                new.setdefault(address, name)
        await self._ask_new(new)
        views = ((name, self._asked[address]) for name, address in pairs)
        return tuple(view if view.server is name else replace(view, server=name) for name, view in views)

    async def _ask_new(self, servers: t.Mapping[str, dns.name.Name]) -> None:
        """Ask addresses all that is asked of every one of them, and remember it."""
        questions = self._questions()
        responses = iter(
            await self._resolver.ask_all(
                [
                    self._resolver.query(address, name, rdtype, protocol=protocol)
                    for address in servers
                    for name, rdtype, protocol in questions.values()
                ]
            )
        )
        for address, server in servers.items():
            found = dict(zip(questions, responses))
            self._asked[address] = AddressView(
                server=server,
                address=address,
                soa=found["soa"],
                ns=found["ns"],
                negatives=tuple(found[part] for part in _NEGATIVES if part in found),
                root=found.get("root"),
                soa_tcp=found.get("soa_tcp"),
                ns_tcp=found.get("ns_tcp"),
            )

    def _questions(self) -> dict[str, tuple[dns.name.Name, int, Protocol]]:
        apex, protocol = self._zone.name, self._protocol
        questions: dict[str, tuple[dns.name.Name, int, Protocol]] = {
            "soa": (apex, dns.rdatatype.SOA, protocol),
            "ns": (apex, dns.rdatatype.NS, protocol),
        }
        if self._soa_only:
            return questions
        questions["mx"] = (apex, dns.rdatatype.MX, protocol)
        questions["txt"] = (apex, dns.rdatatype.TXT, protocol)
        questions["unused"] = (apex, UNUSED_TYPE, protocol)
        questions["root"] = (dns.name.root, dns.rdatatype.NS, protocol)
        if self._absent is not None:
            questions["absent"] = (self._absent, dns.rdatatype.A, protocol)
        if protocol == "udp":
            questions["soa_tcp"] = (apex, dns.rdatatype.SOA, "tcp")
            questions["ns_tcp"] = (apex, dns.rdatatype.NS, "tcp")
        return questions

    async def _ask_hosts(
        self, views: t.Iterable[AddressView], names: t.Iterable[dns.name.Name]
    ) -> dict[str, tuple[Response, ...]]:
        """Return what each working address says of the addresses of the in-domain name servers."""
        names = sorted(name for name in names if is_in_domain(name, self._zone.name))
        responses = await self._resolver.ask_all(
            [
                self._resolver.query(address, name, rdtype, protocol=protocol)
                for address, protocol in _with_verdict(views, "working").items()
                for name in names
                for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA)
            ]
        )
        hosts: dict[str, tuple[Response, ...]] = {}
        for response in responses:
            hosts[response.query.address] = (*hosts.get(response.query.address, ()), response)
        return hosts

    async def _ask_signed(self, views: t.Iterable[AddressView]) -> t.Mapping[str, SignedAnswers]:
        """Return what addresses have of keys and signatures, if anybody wants to know.

        Those that work are asked, and those whose SOA is an error: of these only what they say with authority counts.
        """
        if self._dnssec is None:
            return {}
        working, lame = _with_verdict(views, "working"), _with_verdict(views, "lame_rcode")
        seen = await self._dnssec.observe({**lame, **working})
        return {
            address: answers
            for address, answers in seen.items()
            if address in working or (answers.told and answers.dnskey.authoritative)
        }


def _with_verdict(views: t.Iterable[AddressView], verdict: Verdict) -> dict[str, Protocol]:
    """Return the addresses of this verdict, and what they answer by."""
    return {view.address: view.best_soa.protocol for view in views if view.verdict == verdict}


def _below(apex: dns.name.Name, label: str) -> dns.name.Name | None:
    """Return the name of ``label`` below ``apex``, or None where it would be too long."""
    if sum(len(each) + 1 for each in apex.labels) + len(label) >= _LONGEST_NAME:
        return None
    return shared_name((label.encode("ascii"), *apex.labels))


async def observe_zone(
    zone: Zone,
    *,
    resolver: Resolver,
    protocol: Protocol,
    label: str,
    predelegation: bool = False,
    described: t.Mapping[dns.name.Name, tuple[str, ...]] | None = None,
    soa_only: bool = False,
    dnssec_clock: t.Callable[[], float] | None = None,
) -> ZoneView:
    """Return all that can be seen of ``zone``; whatever its servers do, this raises nothing.

    :arg protocol: how to ask; with udp, SOA and NS are asked by TCP as well.
    :arg label: an unguessable label for the name that does not exist.
    :arg predelegation: take the described servers in place of what the parent says, and leave the parent alone.
    :arg described: addresses described for name servers, of this zone or another, used instead of looking them up.
    :arg soa_only: ask no more than SOA and NS.
    :arg dnssec_clock: seconds since 1970, to judge keys and signatures by; None leaves them out.
    """
    observer = _Observer(
        zone,
        resolver=resolver,
        protocol=protocol,
        label=label,
        soa_only=soa_only,
        described=described or {},
        dnssec_clock=dnssec_clock,
    )
    return await observer.observe(predelegation=predelegation)
