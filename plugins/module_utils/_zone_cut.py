# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a parent zone that is seen as a whole holds above, at and below a zone cut."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._guards import first_of
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Change

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdatatype

__all__ = ("check_cut", "check_uncovered", "dropped_servers", "glue_of_others", "owners_by_target")


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


def owners_by_target(
    records: t.Iterable[tuple[dns.name.Name, t.Iterable[dns.rdata.Rdata]]],
) -> dict[dns.name.Name, list[dns.name.Name]]:
    """Return the owners of NS records by target, from the data of each owner's."""
    owners: dict[dns.name.Name, list[dns.name.Name]] = {}
    for owner, rdatas in records:
        for rdata in rdatas:
            owners.setdefault(t.cast(t.Any, rdata).target, []).append(owner)
    return owners


def glue_of_others(
    change: Change, served_by: t.Mapping[dns.name.Name, t.Collection[dns.name.Name]], *, warn: t.Callable[[str], None]
) -> frozenset[dns.name.Name]:
    """Return the dropped servers whose addresses have to stay, since they are glue of another cut or the apex as well.

    :arg served_by: the owners of NS records in the parent zone by their targets, at least by the dropped servers.
    :arg warn: is told of each.
    """
    cut = change.zone.name
    needed = {
        server: owner for server in dropped_servers(change) for owner in served_by.get(server, ()) if owner != cut
    }
    for server, owner in sorted(needed.items()):
        warn(
            f"The addresses of {display_name(server)} stay where {display_name(cut)} was delegated to it, since"
            f" {display_name(owner)} has it as a name server too: remove them once nothing is delegated to it"
        )
    return frozenset(needed)


def check_uncovered(
    change: Change,
    rrsets: t.Callable[[], t.Iterable[tuple[dns.name.Name, dns.rdatatype.RdataType]]],
    *,
    warn: t.Callable[[str], None],
) -> None:
    """Look at what the delegation hides and comes to light when records of its zone take its place.

    :arg rrsets: returns the owner and type of each RRset of the parent zone; not asked where there is no delegation.
    :arg warn: is told of data, which is in nobody's way.
    :raises DelegationError: for NS and DNAME, which would hide the records in turn.
    """
    cut = change.zone.name
    if not (change.absorbed and change.present.exists):
        return
    uncovered = sorted({key for key in rrsets() if key[0].is_subdomain(cut)} - set(_replaced(change)))
    cuts = {owner for owner, rdtype in change.absorbed_rrsets if rdtype == dns.rdatatype.NS}
    aliases = {owner for owner, rdtype in change.absorbed_rrsets if rdtype == dns.rdatatype.CNAME}
    # What is below a delegation that is described stays hidden, and what is beside a described CNAME goes.
    uncovered = [
        (owner, rdtype)
        for owner, rdtype in uncovered
        if owner not in aliases and not any(owner != other and owner.is_subdomain(other) for other in cuts)
    ]
    barriers = [key for key in uncovered if key[1] in (dns.rdatatype.NS, dns.rdatatype.DNAME)]
    if barriers:
        raise DelegationError(
            f"the parent zone has {_listed(barriers)} behind the delegation, which would hide the absorbed records at"
            " or below these names: remove them from the parent zone first, or describe them too"
        )
    if uncovered:
        warn(
            f"With the delegation of {display_name(cut)} gone, what the parent zone has behind it is found again:"
            f" {_listed(uncovered)}. Remove from the parent zone what is not meant"
        )


def _replaced(change: Change) -> t.Iterator[tuple[dns.name.Name, dns.rdatatype.RdataType]]:
    """Yield what goes with the delegation, what described records replace, and what signers make anew."""
    cut, of_signers = change.zone.name, (dns.rdatatype.RRSIG, dns.rdatatype.NSEC)
    yield from ((cut, rdtype) for rdtype in (dns.rdatatype.NS, dns.rdatatype.DS, *of_signers))
    for server in change.present.name_servers:
        yield from ((server.name, rdtype) for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA))
    for owner, rdtype in change.absorbed_rrsets:
        yield owner, rdtype
        yield owner, dns.rdatatype.CNAME


def _listed(rrsets: t.Sequence[tuple[dns.name.Name, dns.rdatatype.RdataType]]) -> str:
    return first_of([f"{display_name(owner)} {dns.rdatatype.to_text(rdtype)}" for owner, rdtype in rrsets])
