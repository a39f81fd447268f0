# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones that a name server hands out whole (AXFR, RFC 5936)."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._existing_zones import ExistingZone
from ansible_collections.zonecut.dns.plugins.module_utils._records import Place, record_of

with deps.declare("dnspython"):
    import dns.name
    import dns.zone

__all__ = ("Transport", "transfer_zone")


class Transport(t.Protocol):
    """What transfers zones, such as ``_primary.PrimarySession``; its text is how messages name the server."""

    def transfer(self, origin: dns.name.Name) -> dns.zone.Zone:
        """Return a whole zone, names absolute."""


def transfer_zone(name: dns.name.Name, transport: Transport) -> ExistingZone:
    """Return the zone as a server has it.

    :raises DelegationError: where the server does not hand it out.
    """
    source = f"transfer from {transport}"
    place = Place(source)
    records = [
        record_of(owner, rdata, ttl=ttl, apex=name, source=place)
        for owner, ttl, rdata in transport.transfer(name).iterate_rdatas()
    ]
    return ExistingZone(name=name, records=records, source=source)
