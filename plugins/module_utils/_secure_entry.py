# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes a zone secure at its parent, in the form that it takes: DS records, or the keys they are made of."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import is_digest_of
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import DsForm

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata

__all__ = ("in_form",)


def in_form(
    zone: dns.name.Name,
    ds: t.Iterable[dns.rdata.Rdata],
    *,
    form: DsForm | None,
    keys: t.Sequence[dns.rdata.Rdata],
) -> frozenset[dns.rdata.Rdata]:
    """Return ``ds`` as a parent takes it.

    :arg form: what it takes, None where it takes neither.
    :arg keys: the DNSKEY rdatas that are known of the zone.
    :raises DelegationError: where it does not take them, or no key is known that a DS was made of.
    """
    wanted = frozenset(ds)
    if form == "ds" or not wanted:
        return wanted
    if form is None:
        raise DelegationError("this kind of parent takes no DS: leave out ds, dnskeys and ds_from")
    found: set[dns.rdata.Rdata] = set()
    for each in sorted(wanted, key=lambda rdata: rdata.to_text()):
        made_of = [key for key in keys if is_digest_of(zone, key, each)]
        if not made_of:
            raise DelegationError(
                f"this parent makes DS records itself of keys, and no key is known that fits the DS {each.to_text()}:"
                " describe dnskeys in place of ds"
            )
        found.update(made_of)
    return frozenset(found)
