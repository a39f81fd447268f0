# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of a delegation leaves to do, and when at the earliest: resolvers go by the old one for its TTL."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import in_order
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import entry_text

__all__ = ("NextStep", "next_steps")


@dataclass(frozen=True)
class NextStep:
    """Something that may be done once resolvers have forgotten what was there.

    :arg text: what to keep until then, as a sentence.
    :arg earliest: when that is, or None where the parent does not tell the TTL.
    """

    text: str
    earliest: datetime | None

    def result(self) -> dict[str, t.Any]:
        """Return the form that modules return."""
        earliest = None if self.earliest is None else self.earliest.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"message": self.text, "earliest": earliest}


def next_steps(
    *, zone: str, before: Delegation, after: Delegation, own_ttl: int, now: datetime
) -> tuple[NextStep, ...]:
    """Return what is left to do once the delegation of ``zone`` has gone from ``before`` to ``after``.

    :arg own_ttl: that of the NS set and the addresses of name servers in the zone itself, in seconds.
    :arg now: when that was, in UTC.
    """
    steps = []
    stay = {server.name for server in after.name_servers}
    gone = [display_name(server.name) for server in before.name_servers if server.name not in stay]
    moved = [
        f"{display_name(server.name)} at {address}"
        for server in before.name_servers
        if server.name in stay
        for address in server.addresses
        if address not in next(other.addresses for other in after.name_servers if other.name == server.name)
    ]
    if gone or moved:
        text = f"Let {', '.join(gone + moved)} go on answering for {zone} until resolvers have forgotten the old NS set"
        # What the zone itself says of its servers takes the place of the parent's (RFC 2181 section 5.4.1).
        ttl = None if before.ns_ttl is None else max(before.ns_ttl, before.glue_ttl or 0, own_ttl)
        steps.append(NextStep(*_after(text, ttl, now, what="of the NS records")))
    removed = in_order(before.ds - after.ds)
    if removed:
        # RFC 6781 section 4.1.2: whoever has the old DS in its cache validates by the old key alone.
        keep = "the keys of" if after.ds else "the zone signed by the keys of"
        text = f"Keep {keep} {', '.join(map(entry_text, removed))} until resolvers have forgotten the old DS set"
        steps.append(NextStep(*_after(text, before.ds_ttl, now, what="of the DS records")))
    return tuple(steps)


def _after(text: str, ttl: int | None, now: datetime, *, what: str) -> tuple[str, datetime | None]:
    if ttl is None:
        return f"{text}, which takes the TTL {what} at the parent.", None
    return f"{text}, {ttl} seconds after the change.", now + timedelta(seconds=ttl)
