# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of a delegation from its parent, from the parent's name servers and from RDAP, side by side."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegate import Outcome
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED
from ansible_collections.zonecut.dns.plugins.module_utils._drift import drift
from ansible_collections.zonecut.dns.plugins.module_utils._errors import QueryError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import ParentEntry
from ansible_collections.zonecut.dns.plugins.module_utils._published import Published
from ansible_collections.zonecut.dns.plugins.module_utils._rdap import Fetch, Registration, registration

__all__ = ("found_delegation", "registered_at")

_UNKNOWN = Registration(status=(), expires=None, registrar=None, name_servers=(), ds=())


def registered_at(
    outcome: Outcome, parents: t.Mapping[str, ParentEntry], *, fetch: Fetch
) -> Registration | QueryError | None:
    """Return what RDAP says of the zone, why it says nothing, or None where its parent has no RDAP server."""
    entry = parents.get(outcome.parent or "")
    if entry is None or entry.rdap is None or outcome.skipped is not None:
        return None
    try:
        return registration(outcome.zone.text, base=entry.rdap, fetch=fetch)
    except QueryError as exc:
        return exc


def found_delegation(
    outcome: Outcome, *, published: Published | None, registered: Registration | QueryError | None
) -> dict[str, t.Any]:
    """Return the form that the module returns.

    :arg outcome: what the parent holds as ``before``, and what is described as ``after``.
    """
    compared, held = outcome.result(), outcome.before
    known = registered if isinstance(registered, Registration) else None
    rdap = None
    if registered is not None:
        rdap = {**(known or _UNKNOWN).result(), "error": None if known else str(registered)}
    differences = () if held is None else drift(outcome.zone.name, held, published=published, registered=known)
    found: dict[str, t.Any] = {
        "zone": compared["zone"],
        "parent": compared["parent"],
        "exists": None if held is None else held.exists,
        **(held or NOT_DELEGATED).result(),
        "in_sync": None if outcome.after is None else not outcome.changed,
        "published": None if published is None else published.result(),
        "rdap": rdap,
        "drift": list(differences),
    }
    found.update((key, compared[key]) for key in ("operations", "skipped", "reason", "error") if key in compared)
    return found
