# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tree of authoritative servers in memory: what each address hosts, and where it misbehaves.

It is a transport, so that resolver, probes and checks run against it without a network. It answers as RFC 1034
section 4.3.2 wants it, and with the DO bit as RFC 4035 section 3.1 and RFC 5155 section 7.2 do where the zone has
signatures; everything else has to be scripted.
"""

from __future__ import annotations

import asyncio
import typing as t
from dataclasses import dataclass, field

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

from ansible_collections.zonecut.dns.plugins.module_utils._transport import (
    Asked,
    Failure,
    Query,
    Receiver,
    Reply,
    Transport,
)

Script = t.Callable[[Query, dns.message.Message], t.Union[dns.message.Message, Failure]]

ROOT, TLD, PARENT, PARENT2, NS1, NS2, NS3 = (
    *("127.94.0.1", "127.94.1.1", "127.94.2.1", "127.94.2.2"),
    *("127.94.3.1", "127.94.4.1", "127.94.5.1"),
)

# The founding story: contoso.example, and mail.contoso.example below it at servers of its own.
ROOT_ZONE = f"""
@ 3600 SOA ns.root. hostmaster.root. 1 3600 900 1209600 300
@ 3600 NS ns.root.
ns.root. 3600 A {ROOT}
example. 3600 NS ns.example.
ns.example. 3600 A {TLD}
"""
TLD_ZONE = f"""
@ 3600 SOA ns hostmaster 1 3600 900 1209600 300
@ 3600 NS ns
ns 3600 A {TLD}
contoso 3600 NS ns1.contoso
contoso 3600 NS ns2.contoso
ns1.contoso 3600 A {PARENT}
ns2.contoso 3600 A {PARENT2}
"""
PARENT_ZONE = f"""
@ 3600 SOA ns1 hostmaster 1 3600 900 1209600 300
@ 3600 NS ns1
@ 3600 NS ns2
ns1 3600 A {PARENT}
ns2 3600 A {PARENT2}
www 3600 A 192.0.2.1
"""
CUT = f"""
mail 3600 NS ns1.mail
mail 3600 NS ns2.mail
ns1.mail 3600 A {NS1}
ns2.mail 3600 A {NS2}
"""
CHILD_SOA = "@ 3600 SOA ns1 hostmaster 2026112100 3600 900 1209600 300"
CHILD_RECORDS = f"""
@ 3600 NS ns1
@ 3600 NS ns2
ns1 3600 A {NS1}
ns2 3600 A {NS2}
@ 3600 TXT "v=spf1 -all"
"""
CHILD_ZONE = f"{CHILD_SOA}{CHILD_RECORDS}"
CHILD = "mail.contoso.example"


@dataclass
class Server:
    """One address.

    :arg zones: what it hosts.
    :arg scripts: what it does instead, for the first that holds, by (owner or None, type or None, protocol or None).
    """

    zones: dict[dns.name.Name, dns.zone.Zone] = field(default_factory=dict)
    scripts: list[tuple[tuple[dns.name.Name | None, str | None, str | None], Script]] = field(default_factory=list)


class OneByOne(Transport):
    """A transport that is written as a coroutine for one question."""

    async def ask(self, query: Query) -> Reply:
        """Return the reply to ``query``."""
        raise NotImplementedError

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Ask in a task."""

        def ended(task: asyncio.Task[Reply]) -> None:
            receiver(asyncio.CancelledError() if task.cancelled() else task.exception() or task.result())

        task = asyncio.ensure_future(self.ask(query))
        task.add_done_callback(ended)
        return task


class World(OneByOne):
    """All servers, and every question that they were asked."""

    def __init__(self) -> None:
        self.servers: dict[str, Server] = {}
        self.asked: list[Query] = []

    def host(self, address: str, zone: str, text: str) -> World:
        """Let ``address`` serve ``zone`` with the records in ``text``, in place of what it served of it."""
        origin = dns.name.from_text(zone)
        server = self.servers.setdefault(address, Server())
        server.zones[origin] = dns.zone.from_text(text, origin=origin, relativize=False, check_origin=False)
        return self

    def drop(self, address: str, zone: str) -> World:
        """Let ``address`` no longer serve ``zone``."""
        del self.servers[address].zones[dns.name.from_text(zone)]
        return self

    def script(
        self,
        address: str,
        script: Script | Failure,
        *,
        name: str | None = None,
        rdtype: str | None = None,
        protocol: str | None = None,
    ) -> World:
        """Let ``address`` do something else, with the answer it would give or in its place; newer scripts win."""
        owner = None if name is None else dns.name.from_text(name)
        action: Script = script if callable(script) else t.cast("Script", lambda _query, _answer: script)
        self.servers.setdefault(address, Server()).scripts.insert(0, ((owner, rdtype, protocol), action))
        return self

    def questions(self, address: str | None = None, *, rdtype: str | None = None) -> list[str]:
        """Return what was asked, as ``NAME TYPE``, of one address and type or of all."""
        return [
            f"{query.name.to_text(omit_final_dot=True)} {_type_text(query)}"
            for query in self.asked
            if address in (None, query.address) and rdtype in (None, _type_text(query))
        ]

    async def ask(self, query: Query) -> Reply:
        """Answer like the server at that address."""
        self.asked.append(query)
        # Let others go on first, as a network would.
        await asyncio.sleep(0)
        server = self.servers.get(query.address)
        if server is None:
            return Reply(query=query, failure="timeout", detail="no answer in 1 s", protocol=query.protocol)
        outcome: dns.message.Message | Failure = _answer(server, query)
        for (owner, rdtype, protocol), action in server.scripts:
            if (
                owner in (None, query.name)
                and rdtype in (None, _type_text(query))
                and protocol in (None, query.protocol)
            ):
                outcome = action(query, t.cast("dns.message.Message", outcome))
                break
        if isinstance(outcome, str):
            return Reply(query=query, failure=outcome, detail=f"scripted {outcome}", protocol=query.protocol)
        for section in (outcome.answer, outcome.authority, outcome.additional):
            # dnspython shuffles the records of an RRset, and tests should run alike each time.
            section[:] = [dns.rrset.from_rdata(rrset.name, rrset.ttl, rdata) for rrset in section for rdata in rrset]
        wire = outcome.to_wire(max_size=65535)
        message = dns.message.from_wire(wire, one_rr_per_rrset=True)
        return Reply(query=query, message=message, seconds=0.01, protocol=query.protocol)


def contoso(*, cut: str = CUT, child: str = CHILD_ZONE, parent: str = PARENT_ZONE) -> World:
    """Return the healthy tree, with the given delegation and child."""
    world = World().host(ROOT, ".", ROOT_ZONE).host(TLD, "example.", TLD_ZONE)
    for address in (PARENT, PARENT2):
        world.host(address, "contoso.example", parent + cut)
    for address in (NS1, NS2):
        world.host(address, CHILD, child)
    return world


def rcode(text: str) -> Script:
    """Answer with this rcode and nothing else."""

    def answer(query: Query, _answer: dns.message.Message) -> dns.message.Message:
        response = _response(query)
        response.set_rcode(dns.rcode.from_text(text))
        return response

    return answer


def without_aa(_query: Query, answer: dns.message.Message) -> dns.message.Message:
    """Clear the AA bit."""
    answer.flags &= ~dns.flags.AA
    return answer


def from_cache(_query: Query, answer: dns.message.Message) -> dns.message.Message:
    """Answer like a resolver: without authority, and saying that it resolves names."""
    answer.flags = (answer.flags & ~dns.flags.AA) | dns.flags.RA
    return answer


def without_authority(_query: Query, answer: dns.message.Message) -> dns.message.Message:
    """Strip the authority section."""
    answer.authority.clear()
    return answer


def records(*, answer: str = "", authority: str = "", aa: bool = True) -> Script:
    """Answer NOERROR with these records, one a line with absolute owner, TTL, type and data."""

    def respond(query: Query, answered: dns.message.Message) -> dns.message.Message:
        if query.variation.edns_version > 0:
            return answered
        response = _response(query)
        response.flags |= dns.flags.AA if aa else 0
        for section, text in ((response.answer, answer), (response.authority, authority)):
            for line in text.strip().splitlines():
                owner, ttl, rdtype, data = line.split(None, 3)
                section.append(dns.rrset.from_text(owner, int(ttl), "IN", rdtype, data))
        return response

    return respond


def _type_text(query: Query) -> str:
    return dns.rdatatype.to_text(t.cast("dns.rdatatype.RdataType", query.rdtype))


def _response(query: Query) -> dns.message.Message:
    # What is signed is of no interest here.
    return dns.message.make_response(query._replace(key=None).message())


def _answer(server: Server, query: Query) -> dns.message.Message:
    response = _response(query)
    if query.payload is not None and query.variation.edns_version > 0:
        response.set_rcode(dns.rcode.BADVERS)
        return response
    if query.variation.chaos or query.rdtype == dns.rdatatype.AXFR:
        response.set_rcode(dns.rcode.REFUSED)
        return response
    above = [origin for origin in server.zones if query.name.is_subdomain(origin)]
    # The DS of a cut is the parent's (RFC 4035 section 3.1.4.1), where the server hosts both sides.
    if query.rdtype == dns.rdatatype.DS and len(above) > 1:
        above = [origin for origin in above if origin != query.name] or above
    if not above:
        response.set_rcode(dns.rcode.REFUSED)
        return response
    zone = server.zones[max(above, key=len)]
    assert zone.origin is not None
    cut = _cut_above(zone, query)
    if cut is not None:
        response.authority.append(cut)
        for target in cut:
            _add_addresses(response, zone, target.target)
        return response
    response.flags |= dns.flags.AA
    node = zone.get_node(query.name)
    rdataset = (
        None if node is None else node.get_rdataset(zone.rdclass, t.cast("dns.rdatatype.RdataType", query.rdtype))
    )
    cname = None if node is None else node.get_rdataset(zone.rdclass, dns.rdatatype.CNAME)
    dname = _dname_above(zone, query.name)
    held = cname if rdataset is None else rdataset
    if held is not None:
        response.answer.append(dns.rrset.from_rdata_list(query.name, held.ttl, list(held)))
        _add_signatures(response.answer, zone, query.name, held.rdtype, query)
    elif dname is not None:
        response.answer.append(dname)
    else:
        soa = zone.find_rrset(zone.origin, "SOA")
        response.authority.append(soa)
        _add_signatures(response.authority, zone, zone.origin, soa.rdtype, query)
        absent = node is None and not any(owner.is_subdomain(query.name) for owner in zone.nodes)
        if absent:
            response.set_rcode(dns.rcode.NXDOMAIN)
        if query.dnssec:
            _add_proofs(response, zone, query, absent=absent)
    if query.rdtype == dns.rdatatype.NS and rdataset is not None:
        for target in rdataset:
            _add_addresses(response, zone, target.target)
    return response


def _add_signatures(
    section: list[dns.rrset.RRset], zone: dns.zone.Zone, owner: dns.name.Name, rdtype: int, query: Query
) -> None:
    covered = t.cast("dns.rdatatype.RdataType", rdtype)
    signatures = zone.get_rrset(owner, dns.rdatatype.RRSIG, covered) if query.dnssec else None
    if signatures is not None:
        section.append(signatures)


def _add_proofs(response: dns.message.Message, zone: dns.zone.Zone, query: Query, *, absent: bool) -> None:
    """Add the NSEC or NSEC3 records of a negative answer about a name right below the apex, or about the apex."""
    assert zone.origin is not None
    wildcard = dns.name.from_text("*", zone.origin)
    # The fields of rdatas are made at run time.
    hashed: list[tuple[dns.name.Name, t.Any]] = [(owner, rdata) for owner, _ttl, rdata in zone.iterate_rdatas("NSEC3")]
    if hashed:
        kind, chain = dns.rdatatype.NSEC3, sorted(owner for owner, _rdata in hashed)

        def place(name: dns.name.Name) -> dns.name.Name:
            salt, iterations = hashed[0][1].salt, hashed[0][1].iterations
            return dns.name.from_text(dns.dnssec.nsec3_hash(name, salt, iterations, 1).lower(), zone.origin)

        needed = [zone.origin, query.name, wildcard] if absent else [query.name]
    else:
        kind, chain = dns.rdatatype.NSEC, sorted(owner for owner, _ttl, _rdata in zone.iterate_rdatas("NSEC"))

        def place(name: dns.name.Name) -> dns.name.Name:
            return name

        needed = [query.name, wildcard] if absent else [query.name]
    if chain:
        # The last of the chain covers what comes before the first.
        owners = (max((owner for owner in chain if owner <= place(name)), default=chain[-1]) for name in needed)
        for owner in dict.fromkeys(owners):
            response.authority.append(zone.find_rrset(owner, kind))
            _add_signatures(response.authority, zone, owner, kind, query)


def _cut_above(zone: dns.zone.Zone, query: Query) -> dns.rrset.RRset | None:
    name = query.name
    at_cut = query.rdtype == dns.rdatatype.DS
    cut = None
    while name != zone.origin:
        rrset = zone.get_rrset(name, "NS")
        if rrset is not None and not (at_cut and name == query.name):
            cut = rrset
        name = name.parent()
    return cut


def _dname_above(zone: dns.zone.Zone, name: dns.name.Name) -> dns.rrset.RRset | None:
    while name != zone.origin:
        name = name.parent()
        rrset = zone.get_rrset(name, "DNAME")
        if rrset is not None:
            return rrset
    return None


def _add_addresses(response: dns.message.Message, zone: dns.zone.Zone, name: dns.name.Name) -> None:
    for rdtype in ("A", "AAAA"):
        rrset = zone.get_rrset(name, rdtype)
        if rrset is not None:
            response.additional.append(rrset)
