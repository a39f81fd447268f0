# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks name servers before a delegation changes: are the new ones ready, do the old ones still answer?"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Transport
from ansible_collections.zonecut.dns.plugins.module_utils._verify import (
    Selection,
    Settings,
    observe_all,
    verify_zones,
)

with deps.declare("dnspython"):
    import dns.name

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
    """

    def __init__(self, zones: t.Sequence[Zone], *, settings: Settings, transport: Transport) -> None:
        self._addresses: dict[dns.name.Name, tuple[str, ...]] = {}
        for zone in zones:
            for server in zone.name_servers:
                if server.addresses:
                    self._addresses.setdefault(server.name, server.addresses)
        self._settings = replace(settings, predelegation=True, wait=0, selection=Selection(codes=_AGAINST))
        self._transport = transport

    def preflight(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[Finding, ...]]:
        """Return, by zone, what speaks against delegating it to its described servers."""
        reports = verify_zones(
            [self._with_addresses(zone, zone.name_servers) for zone in zones],
            settings=self._settings,
            transport=self._transport,
        )
        return {
            zone.name: tuple(finding for finding in report.findings if finding.code in _AGAINST)
            for zone, report in zip(zones, reports)
        }

    def serving(self, present: t.Sequence[tuple[Zone, Delegation]]) -> dict[dns.name.Name, tuple[str, ...]]:
        """Return, by zone, the servers of its present delegation, with address, that answer for it with authority."""
        zones = [self._with_addresses(zone, delegation.name_servers) for zone, delegation in present]
        views = observe_all(zones, settings=self._settings, transport=self._transport, soa_only=True)
        return {view.name: tuple(str(working) for working in view.working) for view in views}

    def _with_addresses(self, zone: Zone, servers: t.Sequence[NameServer]) -> Zone:
        known = (
            NameServer(name=server.name, addresses=server.addresses or self._addresses.get(server.name, ()))
            for server in servers
        )
        return replace(zone, name_servers=tuple(known))
