# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen of a zone cut, as a small value to draw and to store: by the ten thousand it takes little memory."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parent_view import CutView
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ServerView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name
    import dns.rdata

__all__ = ("ChildServer", "CutServer", "ParentServer", "Picture", "picture_of")


class ParentServer(t.NamedTuple):
    """One address of the parent.

    :ivar server: its name; None for a root server given by its address.
    :ivar state: what it says of the cut, see ``CutView.state``.
    :ivar milliseconds: how long its answer took; None where none came.
    :ivar lists: the positions in ``Picture.servers`` of the NS set that it shows.
    """

    server: str | None
    address: str
    state: str
    milliseconds: float | None
    lists: tuple[int, ...]


class CutServer(t.NamedTuple):
    """A name of the NS set, of the parent's or of the zone's own.

    :ivar glue: its addresses at the parent, or the described ones.
    :ivar resolved: those that its name resolves to, for a server that is not in-domain.
    :ivar own: those that the zone itself has for it; None where that is not known.
    :ivar alias: where its name points, if it is an alias.
    """

    name: str
    in_domain: bool
    delegated: bool
    glue: tuple[str, ...]
    resolved: tuple[str, ...]
    own: tuple[str, ...] | None
    alias: str | None


class ChildServer(t.NamedTuple):
    """One address of a name server of the zone.

    :ivar server: the position of its name in ``Picture.servers``.
    :ivar verdict: what it is to the zone, see ``AddressView.verdict``.
    :ivar serial: the one that it serves; None where it serves none.
    :ivar milliseconds: how long its answer to SOA took; None where none came.
    :ivar lists: the positions in ``Picture.servers`` of the NS set that it serves.
    """

    server: int
    address: str
    verdict: str
    serial: int | None
    milliseconds: float | None
    lists: tuple[int, ...]


class Picture(t.NamedTuple):
    """A zone cut.

    :ivar described: the zone was tested as described, before delegation, so that no parent was asked.
    :ivar ds: the DS set at the parent, or the described one: key tag, algorithm and digest type.
    :ivar keys: the DNSKEY records as far as they are known: key tag, algorithm and flags.
    """

    described: bool
    parents: tuple[ParentServer, ...]
    servers: tuple[CutServer, ...]
    children: tuple[ChildServer, ...]
    ds: tuple[str, ...]
    keys: tuple[str, ...]


def picture_of(view: ZoneView) -> Picture:
    """Return the picture of what was seen."""
    positions = {server.name: position for position, server in enumerate(view.servers)}
    # Servers that agree share one tuple.
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}

    def lists(names: t.Iterable[dns.name.Name]) -> tuple[int, ...]:
        found = tuple(sorted(positions[name] for name in names if name in positions))
        return shared.setdefault(found, found)

    served = {key for each in view.addresses if each.dnssec is not None for key in each.dnssec.keys}
    return Picture(
        described=view.parent is None,
        parents=tuple(_parent_server(each, lists) for each in (view.parent.views if view.parent else ())),
        servers=tuple(_cut_server(server) for server in view.servers),
        children=tuple(_child_server(each, positions[each.server], lists) for each in view.addresses),
        ds=tuple(sorted(_ds_text(rdata) for rdata in view.delegation.ds)),
        keys=tuple(sorted({_key_text(rdata) for rdata in (*view.zone.dnskeys, *served)})),
    )


_Lists = t.Callable[[t.Iterable["dns.name.Name"]], tuple[int, ...]]


def _parent_server(view: CutView, lists: _Lists) -> ParentServer:
    return ParentServer(
        server=None if view.endpoint.server is None else display_name(view.endpoint.server),
        address=view.endpoint.address,
        state=view.state,
        milliseconds=_milliseconds(view.ns),
        lists=lists(server.name for server in view.delegation.name_servers),
    )


def _cut_server(server: ServerView) -> CutServer:
    return CutServer(
        name=display_name(server.name),
        in_domain=server.in_domain,
        delegated=server.delegated,
        glue=server.glue,
        resolved=() if server.resolved is None else server.resolved.addresses,
        own=server.own,
        alias=None if server.alias is None else display_name(server.alias),
    )


def _child_server(view: AddressView, position: int, lists: _Lists) -> ChildServer:
    return ChildServer(
        server=position,
        address=view.address,
        verdict=view.verdict,
        serial=None if view.soa_record is None else view.soa_record.rdata.serial,
        milliseconds=_milliseconds(view.best_soa),
        lists=lists(view.name_servers or ()),
    )


def _milliseconds(response: Response) -> float | None:
    if response.kind == "silent" or response.seconds is None:
        return None
    return round(response.seconds * 1000, 1)


def _ds_text(rdata: t.Any) -> str:
    return f"{rdata.key_tag}, algorithm {int(rdata.algorithm)}, digest {int(rdata.digest_type)}"


def _key_text(rdata: t.Any) -> str:
    return f"{dns.dnssec.key_id(rdata)}, algorithm {int(rdata.algorithm)}, flags {rdata.flags}"
