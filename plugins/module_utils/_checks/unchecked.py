# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no check has looked at, and why, so that nothing of it is taken for passed."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks import dnssec
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Unchecked
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ZoneView

__all__ = ("unchecked", "without_route")

_AT_PARENT = frozenset(("no_delegation", "parent_undetermined", "delegation_inconsistent", "name_is_alias"))
_OF_EXCHANGES = frozenset(("mx_alias", "mx_unresolvable"))
_OF_PRIMARY = frozenset(
    ("soa_mname_alias", "soa_mname_unresolvable", "soa_mname_not_authoritative", "soa_mname_not_newest")
)


def unchecked(zone: ZoneView) -> t.Iterator[Unchecked]:
    """Yield what was not checked of a zone."""
    for server in zone.servers:
        if server.resolved is not None and server.resolved.unknown and not server.addresses:
            yield Unchecked(f"the name server {display_name(server.name)}: it {server.resolved.problem}")
    yield from dnssec.not_checked(zone)
    if zone.parent is None:
        yield Unchecked("what the parent has: it is not asked before delegation", codes=_AT_PARENT, chosen=True)
    yield from _far_hosts(zone)


def _far_hosts(zone: ZoneView) -> t.Iterator[Unchecked]:
    around = zone.surroundings
    primaries = [primary.mname for primary in around.primaries if primary.host is None]
    for what, names, reached, codes in (
        ("MX", around.far_exchanges, around.exchanges, _OF_EXCHANGES),
        ("MNAME", primaries, [primary for primary in around.primaries if primary.host], _OF_PRIMARY),
    ):
        if names:
            shown = ", ".join(display_name(name) for name in names)
            yield Unchecked(
                f"the {what} {shown}: hosts outside of the zone are looked up on request only, since they may be out of"
                " reach",
                codes=frozenset() if reached else codes,
                chosen=True,
            )


def without_route(addresses: t.Sequence[str]) -> Unchecked:
    """Return that name servers could not be asked at these addresses."""
    return Unchecked(f"name servers at {', '.join(addresses)}: this host has no route there")
