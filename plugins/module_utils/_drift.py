# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where what a parent holds, what its name servers publish and what RDAP says are not the same."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import is_digest_of
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._published import Published
from ansible_collections.zonecut.dns.plugins.module_utils._rdap import Registration

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("drift",)


def drift(
    zone: dns.name.Name, held: Delegation, *, published: Published | None, registered: Registration | None
) -> tuple[str, ...]:
    """Return each difference from what the parent holds as a sentence, the same ones of several servers as one.

    :arg published: what the name servers of the parent say, None where nobody asked; those that say nothing do not
        count.
    :arg registered: what RDAP says, or None.
    """
    found: dict[str, list[str]] = {}
    for each in published.servers if published is not None else ():
        if each.delegation is not None:
            for difference in _differences(zone, held, each.delegation):
                found.setdefault(difference, []).append(str(each))
    sentences = [f"{', '.join(servers)}: {difference}" for difference, servers in found.items()]
    if registered is not None:
        sentences += (f"RDAP: {each}" for each in _from_registered(zone, held, registered))
    return tuple(sentences)


def _differences(zone: dns.name.Name, held: Delegation, shown: Delegation) -> t.Iterator[str]:
    if held.exists and not shown.exists:
        yield "there is no delegation, which the parent holds"
        return
    glue, shown_glue = _glue(held), _glue(shown)
    yield from _of_sets("NS", _names(held), _names(shown))
    # Only servers that both have can differ in nothing but their addresses.
    both = _names(held) & _names(shown)
    yield from _of_sets(
        "glue", {text for name, text in glue if name in both}, {text for name, text in shown_glue if name in both}
    )
    yield from _of_ds(zone, held.ds, shown.ds)


def _from_registered(zone: dns.name.Name, held: Delegation, registered: Registration) -> t.Iterator[str]:
    if registered.name_servers:
        yield from _of_sets("NS", _names(held), set(registered.name_servers))
    if registered.tells_ds:
        found = {text: _ds(text) for text in registered.ds}
        yield from _of_ds(zone, held.ds, [ds for ds in found.values() if ds is not None])
        yield from _of_sets("DS", set(), {text for text, ds in found.items() if ds is None})


def _of_ds(
    zone: dns.name.Name, held: t.Collection[dns.rdata.Rdata], shown: t.Collection[dns.rdata.Rdata]
) -> t.Iterator[str]:
    missing = {each.to_text() for each in held if not any(_fits(zone, each, other) for other in shown)}
    surplus = {each.to_text() for each in shown if not any(_fits(zone, other, each) for other in held)}
    yield from _of_sets("DS", missing, surplus)


def _of_sets(what: str, held: set[str], shown: set[str]) -> t.Iterator[str]:
    for text in sorted(held - shown):
        yield f"{what} {text} is missing"
    for text in sorted(shown - held):
        yield f"{what} {text} is there, which the parent does not hold"


def _names(delegation: Delegation) -> set[str]:
    return {display_name(server.name) for server in delegation.name_servers}


def _glue(delegation: Delegation) -> list[tuple[str, str]]:
    return [
        (display_name(server.name), f"{display_name(server.name)} {address}")
        for server in delegation.name_servers
        for address in server.addresses
    ]


def _ds(text: str) -> dns.rdata.Rdata | None:
    """Return a DS that RDAP tells, or None for one that cannot be any."""
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DS, text)
    except (dns.exception.DNSException, ValueError):
        return None


def _fits(zone: dns.name.Name, held: dns.rdata.Rdata, shown: dns.rdata.Rdata) -> bool:
    """Whether a DS in the DNS is what the parent holds, or may be made of the key that it holds."""
    if held.rdtype == dns.rdatatype.DNSKEY:
        return is_digest_of(zone, held, shown) is not False
    return bool(held == shown)
