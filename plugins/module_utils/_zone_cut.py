# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a parent zone that is seen as a whole holds above, at and below a zone cut."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Change

with deps.declare("dnspython"):
    import dns.name

__all__ = ("NameServerRecord", "check_cut", "dropped_servers", "glue_of_others")


class NameServerRecord(t.NamedTuple):
    """An NS record of the parent zone."""

    owner: dns.name.Name
    target: dns.name.Name


def check_cut(cut: dns.name.Name, *, parent: dns.name.Name, has: t.Callable[[dns.name.Name, str], object]) -> None:
    """Look for what keeps a name of the zone ``parent`` from being delegated there, whatever is at other names.

    :arg has: whether the zone has records with an owner and a type (NS, CNAME, DNAME).
    :raises DelegationError: with what it is.
    """
    above = [cut.split(depth)[1] for depth in range(len(cut) - 1, len(parent) - 1, -1)]
    for owner in above[:-1]:
        if has(owner, "NS"):
            raise DelegationError(
                f"{display_name(owner)} is delegated in {display_name(parent)} and {display_name(cut)} lies below it:"
                " its parent zone is another"
            )
    for owner, rdtype in ((cut, "CNAME"), *((owner, "DNAME") for owner in above)):
        if has(owner, rdtype):
            raise DelegationError(
                f"{display_name(owner)} is a {rdtype} in the parent zone, and nothing can be delegated there:"
                " remove it first"
            )


def dropped_servers(change: Change) -> frozenset[dns.name.Name]:
    """Return the name servers with glue that the delegation has and is not to have any more."""
    stay = {server.name for server in change.wanted.name_servers}
    return frozenset(server.name for server in change.present.name_servers if server.addresses) - stay


def glue_of_others(
    change: Change, records: t.Iterable[NameServerRecord], *, warn: t.Callable[[str], None]
) -> frozenset[dns.name.Name]:
    """Return the dropped servers whose addresses have to stay, since they are glue of another cut or the apex as well.

    :arg records: at least those NS records of the parent zone that have dropped servers as targets.
    :arg warn: is told of each.
    """
    cut, dropped = change.zone.name, dropped_servers(change)
    needed = {record.target: record.owner for record in records if record.target in dropped and record.owner != cut}
    for server, owner in sorted(needed.items()):
        warn(
            f"The addresses of {display_name(server)} stay where {display_name(cut)} was delegated to it, since"
            f" {display_name(owner)} has it as a name server too: remove them once nothing is delegated to it"
        )
    return frozenset(needed)
