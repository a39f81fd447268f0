# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delegations from plain values and at random, and what a list of operations does to one."""

from __future__ import annotations

import typing as t

import dns.name
import dns.rdata
import dns.rdatatype
import dns.zone
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._plan import Operation

__all__ = ("CUT", "DS_1", "DS_2", "delegation", "delegation_at", "delegations", "replayed", "working_servers")

CUT = dns.name.from_text("mail.contoso.example.")
DS_1 = f"11111 13 2 {'11' * 32}"
DS_2 = f"22222 13 2 {'22' * 32}"


def delegation(servers: t.Mapping[str, t.Sequence[str]], *ds: str) -> Delegation:
    """Return a delegation from server names (relative to the cut unless dotted) to addresses, and DS texts."""
    return Delegation.of(
        (NameServer(dns.name.from_text(name, CUT), tuple(addresses)) for name, addresses in servers.items()),
        (dns.rdata.from_text("IN", "DS", text) for text in ds),
    )


def delegation_at(content: dns.zone.Zone, zone: Zone) -> Delegation:
    """Return what a whole parent zone holds of a zone."""

    def rdatas(owner: dns.name.Name, rdtype: str) -> list[t.Any]:
        return list(content.get_rdataset(owner, rdtype) or ())

    def glue(server: dns.name.Name) -> tuple[str, ...]:
        if not server.is_subdomain(zone.name):
            return ()
        return tuple(rdata.address for rdtype in ("A", "AAAA") for rdata in rdatas(server, rdtype))

    servers = [NameServer(rdata.target, glue(rdata.target)) for rdata in rdatas(zone.name, "NS")]
    return Delegation.of(servers, rdatas(zone.name, "DS"))


def delegations() -> st.SearchStrategy[Delegation]:
    """Any delegation of CUT, none included; DS only where there are servers."""
    addresses = st.lists(
        st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]), max_size=3, unique=True
    )
    inside = st.dictionaries(st.sampled_from(["ns1", "ns2", "ns3"]), addresses, max_size=3)
    no_glue: st.SearchStrategy[list[str]] = st.just([])
    outside = st.dictionaries(st.sampled_from(["a.test.", "b.test."]), no_glue, max_size=2)
    ds = st.lists(st.sampled_from([DS_1, DS_2]), max_size=2, unique=True)
    return st.builds(
        lambda inner, outer, texts: delegation({**inner, **outer}, *(texts if inner or outer else [])),
        inside,
        outside,
        ds,
    )


def replayed(
    present: Delegation, operations: t.Iterable[Operation], *, cut: dns.name.Name = CUT
) -> t.Iterator[Delegation]:
    """Yield what a parent shows after each operation, the next one after the one before.

    :raises AssertionError: for an operation that adds what is there, or removes what is not.
    """
    servers = {server.name for server in present.name_servers}
    glue = {(server.name, address) for server in present.name_servers for address in server.addresses}
    ds = set(present.ds)
    for operation in operations:
        holder: set[t.Any]
        rdata: t.Any = operation.rdata
        if rdata.rdtype == dns.rdatatype.NS:
            assert operation.owner == cut
            holder, value = servers, rdata.target
        elif rdata.rdtype in (dns.rdatatype.DS, dns.rdatatype.DNSKEY):
            assert operation.owner == cut
            holder, value = ds, rdata
        else:
            holder, value = glue, (operation.owner, rdata.address)
        assert (value in holder) == (operation.action == "remove"), str(operation)
        if operation.action == "add":
            holder.add(value)
        else:
            holder.remove(value)
        yield Delegation.of(
            (NameServer(name, tuple(address for owner, address in glue if owner == name)) for name in servers), ds
        )


def working_servers(present: Delegation) -> int:
    """How many servers a resolver can reach: those outside the zone, and those inside that have glue."""
    return sum(1 for server in present.name_servers if server.addresses or not server.name.is_subdomain(CUT))
