# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a parent says of a zone, as a value that compares by meaning: the NS set with glue, and the DS set."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdatatype

__all__ = ("NOT_DELEGATED", "Delegation", "DsForm", "delegation_in", "delegation_of")


DsForm = t.Literal["ds", "dnskey"]


@dataclass(frozen=True)
class Delegation:
    """A zone cut as the parent holds it; the empty one means that there is none.

    :arg name_servers: sorted by name; addresses are glue, sorted, IPv4 first.
    :arg ds: what makes the zone secure: DS rdatas, or DNSKEY rdatas where the parent makes DS records of keys itself.
    :arg ns_ttl: seconds that resolvers keep the NS set; None where the parent does not tell. ``ds_ttl`` likewise, and
        ``glue_ttl``, which is that of the address that is kept longest.
    """

    name_servers: tuple[NameServer, ...] = ()
    ds: frozenset[dns.rdata.Rdata] = frozenset()
    ns_ttl: int | None = field(default=None, compare=False)
    ds_ttl: int | None = field(default=None, compare=False)
    glue_ttl: int | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        name_servers: t.Iterable[NameServer],
        ds: t.Iterable[dns.rdata.Rdata] = (),
        *,
        ns_ttl: int | None = None,
        ds_ttl: int | None = None,
    ) -> Delegation:
        """Return the delegation with its parts in canonical order."""
        ordered = (
            NameServer(name=server.name, addresses=tuple(sorted(server.addresses, key=_address_order)))
            for server in name_servers
        )
        servers = tuple(sorted(ordered, key=lambda server: server.name))
        return cls(name_servers=servers, ds=frozenset(ds), ns_ttl=ns_ttl, ds_ttl=ds_ttl)

    @property
    def exists(self) -> bool:
        """Whether there is a zone cut at all."""
        return bool(self.name_servers)

    def result(self) -> dict[str, t.Any]:
        """Return the form that modules return: ``name_servers`` (``name``, ``addresses``), ``ds`` and ``dnskeys``."""
        return {
            "name_servers": [
                {"name": display_name(server.name), "addresses": list(server.addresses)} for server in self.name_servers
            ],
            "ds": self._texts(dns.rdatatype.DS),
            "dnskeys": self._texts(dns.rdatatype.DNSKEY),
        }

    def _texts(self, rdtype: int) -> list[str]:
        return sorted(rdata.to_text() for rdata in self.ds if rdata.rdtype == rdtype)


NOT_DELEGATED = Delegation()


def delegation_of(zone: Zone) -> Delegation:
    """Return the delegation that a described zone needs at its parent; glue is kept for in-domain servers only."""
    return Delegation.of(
        (
            server if is_in_domain(server.name, zone.name) else NameServer(name=server.name)
            for server in zone.name_servers
        ),
        zone.ds,
    )


def delegation_in(
    zone: dns.name.Name,
    lookup: t.Callable[[dns.name.Name, str], t.Iterable[dns.rdata.Rdata]],
    *,
    ttl: t.Callable[[dns.name.Name, str], int | None] | None = None,
) -> Delegation:
    """Return the delegation of ``zone`` among the records of its parent.

    :arg lookup: returns the data of the records with an owner and a type (NS, A, AAAA, DS); nothing for none.
    :arg ttl: returns the TTL of these records in seconds, None for none.
    """
    targets: list[t.Any] = list(lookup(zone, "NS"))
    servers = [
        NameServer(
            name=rdata.target,
            addresses=tuple(
                str(ipaddress.ip_address(address.address))
                for rdtype in ("A", "AAAA")
                for address in t.cast("t.Iterable[t.Any]", lookup(rdata.target, rdtype))
            )
            if is_in_domain(rdata.target, zone)
            else (),
        )
        for rdata in targets
    ]
    if not servers:
        return NOT_DELEGATED
    found = Delegation.of(servers, lookup(zone, "DS"))
    if ttl is None:
        return found
    kept = [ttl(server.name, rdtype) for server in servers if server.addresses for rdtype in ("A", "AAAA")]
    glue_ttl = max((each for each in kept if each is not None), default=None)
    return replace(found, ns_ttl=ttl(zone, "NS"), ds_ttl=ttl(zone, "DS"), glue_ttl=glue_ttl)


def _address_order(address: str) -> tuple[bool, str]:
    return ":" in address, address
