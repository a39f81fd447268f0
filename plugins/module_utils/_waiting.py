# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to pass by itself before a zone that fails works for everybody: transfers and caches."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._serial import newest

with deps.declare("dnspython"):
    import dns.rdatatype

__all__ = ("waiting_for",)

_SERIALS = frozenset(("serial_unexpected", "serial_differs"))
# What is repaired, or ends, with another delegation.
_DELEGATION = frozenset(
    (
        *("soa_owner_mismatch", "soa_missing", "lame_rcode", "not_authoritative", "no_working_server"),
        *("ns_missing_in_child", "ns_missing_in_parent", "ns_sets_disjoint", "delegation_inconsistent"),
        *("glue_missing", "glue_mismatch", "glue_extra", "glue_incomplete", "no_response_udp", "no_response_tcp"),
    )
)


def waiting_for(view: ZoneView, codes: t.Collection[str]) -> t.Iterator[str]:
    """Yield sentences about what may take its time though nobody is at fault.

    :arg codes: what makes the zone fail.
    """
    if _SERIALS.intersection(codes):
        yield from _transfers(view)
    if "no_delegation" in codes:
        yield from _negative_answers(view)
    if _DELEGATION.intersection(codes):
        yield from _old_delegation(view)


def _transfers(view: ZoneView) -> t.Iterator[str]:
    soas = [record.rdata for record in (served.soa_record for served in view.working) if record is not None]
    latest = newest(soa.serial for soa in soas)
    behind = [soa for soa in soas if soa.serial != latest] or soas
    if behind:
        refresh = format_duration(max(soa.refresh for soa in behind))
        yield (
            f"A secondary of {view.text} asks for a new version after {refresh} at the latest (the refresh of its SOA),"
            " and at once where NOTIFY reaches it."
        )


def _negative_answers(view: ZoneView) -> t.Iterator[str]:
    if view.parent is None or view.parent.name is None:
        return
    parent = display_name(view.parent.name)
    # RFC 2308 section 5.
    ttls = [min(soa.ttl, soa.rdata.minimum) for cut in view.parent.usable for soa in cut.ns.soas]
    if ttls:
        yield (
            f"Once {parent} delegates {view.text}, resolvers that have asked before still say that there is nothing,"
            f" for up to {format_duration(max(ttls))} (the negative TTL of {parent}). The servers that are asked here"
            " do not."
        )


def _old_delegation(view: ZoneView) -> t.Iterator[str]:
    if view.parent is None or view.parent.name is None:
        return
    of_parent = [
        record.ttl
        for cut in view.parent.referrals
        for record in (*cut.ns.authority, *cut.ns.answer)
        if record.rdtype == dns.rdatatype.NS
    ]
    of_child = [record.ttl for served in view.working for record in served.best_ns.matching]
    if of_parent:
        longest = format_duration(max((*of_parent, *of_child)))
        yield (
            f"Resolvers keep the delegation that they have seen of {view.text} for up to {longest} (the TTL of its NS"
            " records), so after a change of the delegation the old name servers are still asked for that long."
        )
