# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records of a described zone that its parent zone can hold in place of the delegation."""

from __future__ import annotations

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import absolute_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import AbsorbedRecord
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_data import zone_data

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("records_to_absorb",)

# They are made for the zone as a whole, by whoever signs it.
_OF_SIGNERS = frozenset(("DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "CDS", "CDNSKEY", "CSYNC", "ZONEMD"))


def records_to_absorb(zone: Zone, tree: ZoneTree, sources: Sources) -> tuple[AbsorbedRecord, ...]:
    """Return what is described of ``zone``, without what only an apex has: SOA, its own NS set, keys and signatures.

    Nothing where neither ``records`` nor ``src`` is described.

    :raises DescriptionError: where the description cannot be used.
    :raises SourcesWanted: where ``src`` is on the controller only.
    """
    if not zone.records and zone.src is None:
        # Addresses of name servers alone are no zone.
        return ()
    return tuple(
        AbsorbedRecord(
            owner=dns.name.from_text(absolute_name(record.owner, zone.apex)),
            ttl=record.ttl,
            rdata=dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(record.rdtype), record.data),
        )
        for record in dict.fromkeys(zone_data(zone, tree, sources).records)
        if record.rdtype not in _OF_SIGNERS and (record.owner, record.rdtype) not in (("@", "SOA"), ("@", "NS"))
    )
