# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the present and the wanted delegation to an ordered list of operations that never leaves a zone worse off."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import in_order
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.ANY.NS

__all__ = ("Operation", "plan", "servers_change", "stays_secure")

Action = t.Literal["add", "remove"]


@dataclass(frozen=True)
class Operation:
    """One record to add to or remove from the parent: an NS or DS at the cut, or an A or AAAA as glue below it."""

    action: Action
    owner: dns.name.Name
    rdata: dns.rdata.Rdata

    @property
    def rdtype(self) -> str:
        """The record type as text: NS, DS, A or AAAA."""
        return dns.rdatatype.to_text(self.rdata.rdtype)

    def __str__(self) -> str:
        return f"{self.action} {display_name(self.owner)} {self.rdtype} {self._value}"

    def result(self) -> dict[str, str]:
        """Return the form that modules return."""
        return {"action": self.action, "name": display_name(self.owner), "type": self.rdtype, "value": self._value}

    @property
    def _value(self) -> str:
        if self.rdata.rdtype == dns.rdatatype.NS:
            return display_name(t.cast("dns.rdtypes.ANY.NS.NS", self.rdata).target)
        return self.rdata.to_text()


def plan(*, zone: dns.name.Name, present: Delegation, wanted: Delegation) -> tuple[Operation, ...]:
    """Return the operations that make ``present`` equal to ``wanted``; none where it is.

    Carried out one by one, there are at no time fewer reachable servers than the lesser of before and after: glue
    comes before its NS, everything is added before anything is removed, and glue goes after its NS. A zone that is
    secure before and after is so all the time: new DS records come first and old ones go last, so that either servers
    are validated. Where it becomes secure the DS records come last, and where it ceases to be they go first, so that
    none stands for servers it was not made for.
    """
    old, new = _glue(present), _glue(wanted)
    ds_added = [Operation("add", zone, rdata) for rdata in in_order(wanted.ds - present.ds)]
    ds_removed = [Operation("remove", zone, rdata) for rdata in in_order(present.ds - wanted.ds)]
    first, last = (ds_added, ds_removed) if stays_secure(present, wanted) else (ds_removed, ds_added)
    old_names = {server.name for server in present.name_servers}
    new_names = {server.name for server in wanted.name_servers}
    return (
        *first,
        *(Operation("add", owner, rdata) for owner, rdata in new if (owner, rdata) not in old),
        *(Operation("add", zone, _ns(server)) for server in wanted.name_servers if server.name not in old_names),
        *(Operation("remove", zone, _ns(server)) for server in present.name_servers if server.name not in new_names),
        *(Operation("remove", owner, rdata) for owner, rdata in old if (owner, rdata) not in new),
        *last,
    )


def stays_secure(present: Delegation, wanted: Delegation) -> bool:
    """Whether there are DS records before and after."""
    return bool(present.ds and wanted.ds)


def servers_change(present: Delegation, wanted: Delegation) -> bool:
    """Whether name servers or their glue differ."""
    return present.name_servers != wanted.name_servers


def _glue(delegation: Delegation) -> list[tuple[dns.name.Name, dns.rdata.Rdata]]:
    return [
        (server.name, _rdata("AAAA" if ":" in address else "A", address))
        for server in delegation.name_servers
        for address in server.addresses
    ]


def _ns(server: NameServer) -> dns.rdata.Rdata:
    return _rdata("NS", server.name.to_text())


def _rdata(rdtype: str, text: str) -> dns.rdata.Rdata:
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), text)
