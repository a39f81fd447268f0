# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does the parent delegate to the servers that the zone itself lists, and can they be reached by their names?"""

from __future__ import annotations

import functools
import ipaddress
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Severity
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_host_name
from ansible_collections.zonecut.dns.plugins.module_utils._parent_view import CutView
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ServerView, ZoneView

with deps.declare("dnspython"):
    import dns.message
    import dns.name
    import dns.rdatatype
    import dns.rrset

__all__ = ("CHECKS",)

# What lists name servers, and each of them with the addresses that it leads to.
_Side = tuple[str, list[tuple["dns.name.Name", tuple[str, ...]]]]

_UDP_LIMIT = 512
# RFC 1035 section 4.1: octets of a message, a question and a record besides names and data.
_HEADER, _QUESTION_FIXED, _RECORD_FIXED = 12, 4, 10
# RFC 1035 section 2.3.4, in octets on the wire.
_LONGEST_NAME = 255
# What is commonly announced as one route, and so fails as one: a /24 or /48.
_NETWORK_BITS = {4: 24, 6: 48}


def parent_undetermined(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """parent_undetermined"""
    parent = zone.parent
    if parent is None or parent.usable:
        return
    if parent.name is None:
        message = f"The parent zone of {zone.text} cannot be found: {parent.problem}."
        got: str | None = parent.problem
    else:
        name = display_name(parent.name)
        got = ", ".join(f"{view.endpoint}: {_cut_text(view)}" for view in parent.views) or None
        told = got or "none has an address"
        message = f"No server of {name}, the parent zone of {zone.text}, gives a usable answer for it ({told})."
    advice = "Check roots, parent_servers and port, and that this host may send DNS queries there."
    if parent.views and all(view.ns.rcode == "SERVFAIL" for view in parent.views):
        advice = f"They are configured for {zone.text} as well, it seems, and could not load it: their logs tell why."
    yield finding(
        "parent_undetermined",
        f"{message} Nothing can be said of the delegation, and nothing below was tested. {advice}",
        expected="the parent zone's answer",
        got=got,
    )


def no_delegation(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """no_delegation"""
    parent = zone.parent
    if parent is None or parent.name is None or not parent.usable or zone.delegation.exists or _aliases(zone):
        return
    absent = all(view.state == "nxdomain" for view in parent.usable)
    name = display_name(parent.name)
    yield finding(
        "no_delegation",
        f"{name}, the parent zone of {zone.text}, "
        + ("says that the name does not exist" if absent else "has no NS records there")
        + f", so no resolver ever asks the servers of {zone.text}."
        + f" Add its NS records, and glue for in-domain servers, to {name}.",
        expected=f"NS at {zone.text} in {name}",
        got="NXDOMAIN" if absent else "no NS",
    )


def inconsistent(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """delegation_inconsistent"""
    if zone.parent is None:
        return
    told: dict[object, list[CutView]] = {}
    for view in (*zone.parent.usable, *zone.parent.closer):
        told.setdefault(_comparable(view), []).append(view)
    # A server that does not answer for DS agrees with whatever others have beside the same NS set.
    for key in [key for key in told if isinstance(key, tuple) and key[1] is None]:
        alike = next(
            (other for other in told if isinstance(other, tuple) and other != key and other[0] == key[0]), None
        )
        if alike is not None:
            told[alike] += told.pop(key)
    shared = [key for key in told if key == "shared"]
    # A server that hosts the zone as well shows the zone's NS set, so only the cut's existence compares.
    existing = [key for key in told if isinstance(key, tuple)]
    if len(told) - (len(shared) if existing else 0) < 2:
        return
    shown = "; ".join(
        f"{', '.join(str(view.endpoint) for view in views)}: {_cut_text(views[0])}" for views in told.values()
    )
    yield finding(
        "delegation_inconsistent",
        f"The servers of {_parent_text(zone)} disagree on {zone.text}: {shown}. Which one a resolver asks decides what"
        " works. A secondary of the parent zone may be behind: check its transfers.",
        expected="the same delegation at every server of the parent zone",
        got=shown,
    )


def _comparable(view: CutView) -> object:
    if view.state in ("no_cut", "nxdomain"):
        return "none"
    if view.state == "alias":
        return _cut_text(view)
    if view.state != "cut":
        return view.state
    delegation = view.delegation
    ds = None if view.ds.kind in ("silent", "rcode") else delegation.ds
    return frozenset(server.name for server in delegation.name_servers), ds


def _cut_text(view: CutView) -> str:
    if view.state in ("cut", "shared"):
        delegation = view.delegation
        names = ", ".join(display_name(server.name) for server in delegation.name_servers)
        ds = ", ".join(sorted(str(t.cast("t.Any", rdata).key_tag) for rdata in delegation.ds))
        return f"NS {names}{f', DS {ds}' if ds else ''}"
    if view.state == "unusable":
        return view.ns.detail or view.ns.rcode or "no usable answer"
    if view.state == "closer":
        return f"refers to {view.ns.referred_to}"
    if view.state == "alias":
        kind, owner, target = _alias(view)
        return f"{owner} {kind} {target}"
    return {"no_cut": "no NS", "nxdomain": "does not exist"}[view.state]


def _aliases(zone: ZoneView) -> list[CutView]:
    return [] if zone.parent is None else [view for view in zone.parent.usable if view.state == "alias"]


def name_is_alias(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """name_is_alias"""
    aliases = _aliases(zone)
    if not aliases:
        return
    kind, owner, target = _alias(aliases[0])
    yield finding(
        "name_is_alias",
        f"{zone.text} is no zone of its own: {_parent_text(zone)} has {owner} {kind} {target}, so resolvers follow that"
        f" and never look for a delegation. Replace the {kind} by NS records, or describe the zone {target} instead.",
        # Then there was no server to ask, and what was not seen must not pass.
        severity=None if zone.delegation.exists else "critical",
        expected=f"NS at {zone.text}",
        got=f"{owner} {kind} {target}",
        # With a cut at another server the parent's disagreement is the cause, and tells of the alias too.
        follows_from=("delegation_inconsistent",) if zone.delegation.exists else (),
    )


def _alias(view: CutView) -> tuple[str, str, str]:
    """Return the type, owner and target of the alias that the server answers with."""
    record = view.alias
    kind = "DNAME" if record.rdtype == dns.rdatatype.DNAME else "CNAME"
    return kind, display_name(record.owner), display_name(record.rdata.target)


def ns_sets(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ns_sets_disjoint, ns_missing_in_child, ns_missing_in_parent"""
    yield from _drift(zone)
    child = zone.child_name_servers
    if child is None or not zone.cut_visible or not zone.delegation.exists:
        return
    parent = frozenset(server.name for server in zone.delegation.name_servers)
    if parent == child:
        return
    here, there = _names_text(parent), _names_text(child)
    if not parent & child:
        yield finding(
            "ns_sets_disjoint",
            f"{_parent_text(zone)} delegates {zone.text} to {here}, but the zone itself lists {there}, none in common."
            " Resolvers that prefer the zone's own list lose the servers they came by. Make both the same.",
            expected=here,
            got=there,
        )
    if parent - child:
        surplus = _names_text(parent - child)
        yield finding(
            "ns_missing_in_child",
            f"{_parent_text(zone)} delegates {zone.text} to {surplus}, which the zone's own NS records do not list, so"
            " resolvers that have seen those leave it out. Add the missing records to the zone, or take the servers out"
            " of the delegation.",
            expected=here,
            got=there,
        )
    if child - parent:
        surplus = _names_text(child - parent)
        yield finding(
            "ns_missing_in_parent",
            f"The zone {zone.text} lists {surplus}, to which {_parent_text(zone)} does not delegate, so they hardly get"
            " queries. Add them to the delegation, or take them out of the zone.",
            expected=there,
            got=here,
        )


def _drift(zone: ZoneView) -> t.Iterator[Finding]:
    """Yield how the delegation differs from the described name servers, where there are any."""
    described = frozenset(server.name for server in zone.zone.name_servers)
    if zone.parent is None or not described or not zone.cut_visible or not zone.delegation.exists:
        return
    delegated = frozenset(server.name for server in zone.delegation.name_servers)
    for code, names, what in (
        ("ns_missing_in_parent", described - delegated, "does not delegate {zone} to {names}, as is described"),
        ("ns_missing_in_child", delegated - described, "delegates {zone} to {names}, which is not described"),
    ):
        if names:
            yield finding(
                code,
                f"{_parent_text(zone)} {what.format(zone=zone.text, names=_names_text(names))}. Push the described"
                " delegation, or correct the description.",
                expected=_names_text(described),
                got=_names_text(delegated),
            )


def ns_differs(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ns_differs_between_servers"""
    served: dict[frozenset[dns.name.Name], list[str]] = {}
    for view in zone.working:
        if view.name_servers is not None:
            served.setdefault(view.name_servers, []).append(str(view))
    if len(served) < 2:
        return
    shown = "; ".join(f"{', '.join(views)}: {_names_text(names)}" for names, views in served.items())
    yield finding(
        "ns_differs_between_servers",
        f"The servers of {zone.text} serve different NS sets: {shown}. Whom a resolver asks decides which servers it"
        " knows. Load the same version on all of them.",
        expected="the same NS set at every server",
        got=shown,
    )


def host_names(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ns_is_address, ns_invalid_name, ns_is_alias, ns_no_address, glue_missing"""
    for server in zone.servers:
        name = display_name(server.name)
        if _is_address(name):
            yield finding(
                "ns_is_address",
                f"{_listed_by(server, zone)} the address {name} as a name server of {zone.text}. An NS record holds a"
                " name, so resolvers look for a host called that and find none. Put a host name there and give it the"
                " address.",
                server=name,
                expected="a host name",
                got=name,
            )
            continue
        if not is_host_name(server.name):
            yield finding(
                "ns_invalid_name",
                f"{_listed_by(server, zone)} {name} as a name server of {zone.text}, which is no host name: its labels"
                " may only have letters, digits and inner hyphens. Registries refuse it and some resolvers ignore it."
                " Rename the server.",
                server=name,
                expected="a host name",
                got=name,
            )
        if server.alias is not None:
            target = display_name(server.alias)
            yield finding(
                "ns_is_alias",
                f"The name server {name} of {zone.text} is an alias (CNAME) of {target}; some resolvers do not follow"
                f" it and lose the server. List {target} itself, or give {name} addresses of its own.",
                server=name,
                expected=f"A or AAAA at {name}",
                got=f"CNAME {target}",
            )
            if server.addresses:
                continue
        yield from _address_finding(server, zone, name)


def _address_finding(server: ServerView, zone: ZoneView, name: str) -> t.Iterator[Finding]:
    if server.in_domain and server.delegated and not server.glue and zone.cut_visible:
        where = _parent_text(zone)
        yield finding(
            "glue_missing",
            f"{where} has no address for {name}, a name server of {zone.text} inside the zone itself. Without that glue"
            f" nobody can find the server. Add its addresses to {'it' if zone.parent is None else 'the parent'}.",
            server=name,
            expected=f"glue for {name}",
            got="none",
        )
        return
    if server.in_domain and server.own == ():
        only = f"it has only glue ({', '.join(server.glue)}) at the parent" if server.glue else "nobody can find it"
        yield finding(
            "ns_no_address",
            f"The zone {zone.text} has neither A nor AAAA for its name server {name}; {only}. Resolvers that ask the"
            " zone for the address lose the server. Add its addresses to the zone.",
            server=name,
            expected=f"A or AAAA at {name}",
            got="none",
        )
        return
    if server.resolved is not None and not server.addresses and not server.resolved.unknown:
        advice = (
            "Describe its addresses, so that it can be tested before its name exists."
            if zone.parent is None
            else "Add its addresses where its name belongs, or take it out of the NS set."
        )
        yield finding(
            "ns_no_address",
            f"The name server {name} of {zone.text} {server.resolved.problem}, so nobody can reach it. {advice}",
            server=name,
            expected=f"A or AAAA at {name}",
            got=server.resolved.problem,
        )


def too_few(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """too_few_name_servers"""
    if not zone.addresses:
        return
    # A server that nobody can find is a finding of its own.
    sides = list(_sides(zone))
    short = [side for side, servers in sides if len(servers) < 2]
    if short:
        yield finding(
            "too_few_name_servers",
            f"{zone.text} depends on a single name server: {' and '.join(short)}"
            f" {'lists' if len(short) == 1 else 'list'} no other, so every name in it fails when that one does."
            " Add another, in another network.",
            expected="at least 2 name servers",
            got="1",
        )
    yield from _family_findings(zone, sides, version=4, other=6, severity="warning")
    if not settings.private:
        yield from _family_findings(zone, sides, version=6, other=4, severity="notice")


def _family_findings(
    zone: ZoneView, sides: t.Iterable[_Side], *, version: int, other: int, severity: Severity
) -> t.Iterator[Finding]:
    lacking, single = [], []
    for side, servers in sides:
        versions = {name: {_version(address) for address in addresses} for name, addresses in servers if addresses}
        having = [name for name, found in versions.items() if version in found]
        if versions and not having:
            lacking.append(side)
        elif len(versions) > 1 and len(having) == 1:
            single.append(f"{side}: {display_name(having[0])}")
    if lacking:
        yield finding(
            "too_few_name_servers",
            f"No name server of {zone.text} has an IPv{version} address, say {' and '.join(lacking)}, so resolvers"
            f" without IPv{other} cannot resolve it. Give at least two of them one.",
            severity=severity,
            expected=f"IPv{version} addresses",
            got=f"IPv{other} only",
        )
    if single:
        yield finding(
            "too_few_name_servers",
            f"{zone.text} depends on a single name server for resolvers without IPv{other}: only one has an"
            f" IPv{version} address ({', '.join(single)}), so every name in it fails for them when that one does. Give"
            " another one too.",
            severity=severity,
            expected=f"at least 2 name servers with IPv{version}",
            got="1",
        )


# A few servers have most zones.
@functools.lru_cache(maxsize=4096)
def _version(address: str) -> int:
    return ipaddress.ip_address(address).version


def _sides(zone: ZoneView) -> t.Iterator[_Side]:
    """Yield each side that lists name servers, with the addresses that it leads to."""
    by_name = {server.name: server for server in zone.servers}
    delegated = [server for server in zone.servers if server.delegated]
    yield _parent_text(zone), [(server.name, server.delegated_addresses) for server in delegated]
    if zone.child_name_servers:
        yield "the zone itself", [(name, by_name[name].own_addresses) for name in sorted(zone.child_name_servers)]


def same_address(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ns_same_address"""
    shared: dict[tuple[str, ...], dict[str, None]] = {}
    # Each side by itself: swapped glue is a mismatch, not one machine under two names.
    for _side, servers in _sides(zone):
        names: dict[str, list[str]] = {}
        for name, addresses in servers:
            for address in addresses:
                names.setdefault(address, []).append(display_name(name))
        for address, sharing in names.items():
            if len(sharing) > 1:
                shared.setdefault(tuple(sorted(sharing)), {})[address] = None
    for together, in_common in shared.items():
        shown = ", ".join(in_common)
        yield finding(
            "ns_same_address",
            f"The name servers {' and '.join(together)} of {zone.text} have the same address {shown}, so they are one"
            " server under several names and fail together. Give each an address of its own.",
            expected="an address for each name server",
            got=shown,
        )


def one_network(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ns_one_network"""
    addresses = {view.address for view in zone.addresses}
    networks = {_network(address) for address in addresses}
    if len(addresses) > 1 and len(networks) == 1:
        network = networks.pop()
        yield finding(
            "ns_one_network",
            f"All name servers of {zone.text} are in the network {network}, so one fault of its line or routing takes"
            " the zone away. Put one of them into another network.",
            expected="at least 2 networks",
            got=network,
        )


# A few servers have most zones.
@functools.lru_cache(maxsize=4096)
def _network(address: str) -> str:
    bits = _NETWORK_BITS[_version(address)]
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def glue(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """glue_mismatch, glue_extra, glue_incomplete"""
    if not zone.cut_visible:
        return
    for server in zone.servers:
        yield from _sibling_glue(server, zone)
        # An alias or a missing address is a finding of its own.
        if not (server.in_domain and server.delegated and server.glue and server.own) or server.alias is not None:
            continue
        name, here, there = display_name(server.name), set(server.glue), set(server.own)
        own, given = ", ".join(server.own), ", ".join(server.glue)
        if not here & there:
            yield finding(
                "glue_mismatch",
                f"{_parent_text(zone)} has the glue {given} for {name}, but the zone {zone.text} says"
                f" {own}. Resolvers ask one or the other, and those that take the one out of date lose the server."
                " Correct the wrong side.",
                server=name,
                expected=own,
                got=given,
            )
            continue
        if here - there:
            yield finding(
                "glue_extra",
                f"{_parent_text(zone)} has glue {', '.join(sorted(here - there))} for {name} that the zone {zone.text}"
                " does not have, so resolvers that come from there may ask an address that is out of use. Remove it, or"
                " add it to the zone.",
                server=name,
                expected=own,
                got=given,
            )
        if there - here:
            yield finding(
                "glue_incomplete",
                f"The zone {zone.text} has the addresses {', '.join(sorted(there - here))} for {name}, which"
                f" {_parent_text(zone)} lacks as glue, so resolvers that come from there do not use them. Add them"
                " there, or remove them from the zone.",
                server=name,
                expected=own,
                got=given,
            )


def _sibling_glue(server: ServerView, zone: ZoneView) -> t.Iterator[Finding]:
    found = () if server.resolved is None or server.alias is not None else server.resolved.addresses
    if server.sibling_glue and found and not set(server.sibling_glue) & set(found):
        name, own, given = display_name(server.name), ", ".join(found), ", ".join(server.sibling_glue)
        yield finding(
            "glue_mismatch",
            f"{_parent_text(zone)} has the glue {given} for {name}, a name server of {zone.text}, but the zone that the"
            f" name belongs to says {own}. Resolvers ask one or the other, and those that take the one out of date lose"
            " the server. Correct the wrong side.",
            server=name,
            expected=own,
            got=given,
        )


def referral_size(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """referral_too_large"""
    if not zone.cut_visible or not zone.delegation.exists:
        return
    delegation = zone.delegation
    # Compression only makes it smaller, and most delegations are small without, be it for the longest name.
    if _uncompressed_size(_LONGEST_NAME, zone.name, delegation) <= _UDP_LIMIT:
        return
    least = _least_glue(delegation)
    size = _uncompressed_size(_wire_length(zone.name), zone.name, delegation)
    if size > _UDP_LIMIT:
        size = _referral_size(zone.name, delegation)
    if size > _UDP_LIMIT:
        yield finding(
            "referral_too_large",
            f"The delegation of {zone.text} needs {size} octets with its glue, more than the {_UDP_LIMIT} of plain UDP,"
            " so resolvers without EDNS must come again over TCP. List fewer servers, or names that share a suffix.",
            expected=f"at most {_UDP_LIMIT} octets",
            got=f"{size} octets",
        )
        return
    if _uncompressed_size(_LONGEST_NAME, zone.name, least) > _UDP_LIMIT:
        size = _referral_size(zone.name, least) - _wire_length(zone.name) + _LONGEST_NAME
    if size > _UDP_LIMIT:
        yield finding(
            "referral_too_large",
            f"For the longest names in {zone.text} its delegation needs {size} octets, with one address of glue, more"
            f" than the {_UDP_LIMIT} of plain UDP, so for those resolvers without EDNS must come again over TCP. List"
            " fewer servers, or names that share a suffix.",
            severity="notice",
            expected=f"at most {_UDP_LIMIT} octets",
            got=f"{size} octets",
        )


def _least_glue(delegation: Delegation) -> Delegation:
    """Return ``delegation`` with one address of each family."""
    kept: dict[int, tuple[dns.name.Name, str]] = {}
    for server in delegation.name_servers:
        for address in server.addresses:
            kept.setdefault(_version(address), (server.name, address))
    return Delegation.of(
        NameServer(name=server.name, addresses=tuple(a for name, a in kept.values() if name == server.name))
        for server in delegation.name_servers
    )


def _uncompressed_size(asked: int, zone: dns.name.Name, delegation: Delegation) -> int:
    """Return the octets of a referral for a name of ``asked`` octets."""
    owner = _wire_length(zone)
    size = _HEADER + asked + _QUESTION_FIXED
    for server in delegation.name_servers:
        name = _wire_length(server.name)
        size += owner + _RECORD_FIXED + name
        size += sum(name + _RECORD_FIXED + (16 if ":" in address else 4) for address in server.addresses)
    return size


def _wire_length(name: dns.name.Name) -> int:
    return sum(len(label) + 1 for label in name.labels)


def _referral_size(zone: dns.name.Name, delegation: Delegation) -> int:
    message = dns.message.make_query(zone, dns.rdatatype.A)
    names = [server.name.to_text() for server in delegation.name_servers]
    message.authority.append(dns.rrset.from_text(zone, 3600, "IN", "NS", *names))
    for server in delegation.name_servers:
        for address in server.addresses:
            rdtype = "AAAA" if ":" in address else "A"
            message.additional.append(dns.rrset.from_text(server.name, 3600, "IN", rdtype, address))
    return len(message.to_wire(max_size=65535))


def address_not_global(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """address_not_global"""
    if settings.private and "address_not_global" not in settings.each:
        return
    for view in zone.addresses:
        if not ipaddress.ip_address(view.address).is_global:
            yield finding(
                "address_not_global",
                f"{view} has an address that cannot be reached from the internet (private, documentation, loopback or"
                f" the like), so resolvers there lose this server of {zone.text}. Give it a public address.",
                at=view,
                expected="a globally reachable address",
                got=view.address,
            )


def _parent_text(zone: ZoneView) -> str:
    """How messages name what stands for the parent's side, as the start of a sentence."""
    if zone.parent is None or zone.parent.name is None:
        return "The description"
    return "The root zone" if zone.parent.name == dns.name.root else display_name(zone.parent.name)


def _listed_by(server: ServerView, zone: ZoneView) -> str:
    return f"{_parent_text(zone)} lists" if server.delegated else f"The zone {zone.text} lists"


def _names_text(names: t.Iterable[dns.name.Name]) -> str:
    return ", ".join(display_name(name) for name in sorted(names)) or "no name server"


# Zones share their name servers.
@functools.lru_cache(maxsize=1024)
def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


CHECKS = (
    parent_undetermined,
    no_delegation,
    name_is_alias,
    inconsistent,
    ns_sets,
    ns_differs,
    host_names,
    too_few,
    same_address,
    one_network,
    glue,
    referral_size,
    address_not_global,
)
