# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SOA as every address of every name server of a zone serves it."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, email_from_rname
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._responses import ReceivedRecord
from ansible_collections.zonecut.dns.plugins.module_utils._serial import newest
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Transport
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings, observe_all

__all__ = ("ServedSoa", "ZoneSoas", "read_soas")


@dataclass(frozen=True)
class ServedSoa:
    """The SOA that one address serves; all its fields are None where it serves none.

    :arg contact: the RNAME as an e-mail address.
    :arg negative_ttl: how long resolvers keep a negative answer: the lesser of TTL and minimum (RFC 2308 section 5).
    :arg seconds: how long the answer took.
    :arg in_sync: whether the serial is the newest of the zone's servers.
    :arg has_route: whether this host can send to the address at all.
    :arg error: why there is no SOA, or None.
    """

    server: str
    address: str
    has_route: bool = True
    serial: int | None = None
    mname: str | None = None
    rname: str | None = None
    contact: str | None = None
    refresh: int | None = None
    retry: int | None = None
    expire: int | None = None
    minimum: int | None = None
    ttl: int | None = None
    negative_ttl: int | None = None
    seconds: float | None = None
    in_sync: bool = False
    authoritative: bool = False
    error: str | None = None


@dataclass(frozen=True)
class ZoneSoas:
    """The SOAs of one zone.

    :arg serial: the newest one served with authority by RFC 1982.
    :arg in_sync: whether every address that this host has a route to serves it with authority.
    :arg error: why no server could be asked, or None.
    """

    name: str
    parent: str | None
    serial: int | None
    in_sync: bool
    servers: tuple[ServedSoa, ...]
    error: str | None

    def result(self) -> dict[str, t.Any]:
        """Return the form that the module returns."""
        return {**asdict(self), "servers": [asdict(server) for server in self.servers]}


def read_soas(zones: t.Sequence[Zone], *, settings: Settings, transport: Transport) -> list[ZoneSoas]:
    """Return the SOAs of each zone, in the order given."""
    return [_zone_soas(view) for view in observe_all(zones, settings=settings, transport=transport, soa_only=True)]


def _zone_soas(view: ZoneView) -> ZoneSoas:
    served = [(address.soa_record, address) for address in view.working]
    latest = newest(record.rdata.serial for record, _address in served if record is not None)
    servers = tuple(_served_soa(address, latest) for address in view.addresses)
    tested = [server for server, address in zip(servers, view.addresses) if address.verdict != "untested"]
    parent = None if view.parent is None or view.parent.name is None else display_name(view.parent.name)
    return ZoneSoas(
        name=view.text,
        parent=parent,
        serial=latest,
        in_sync=bool(tested) and all(server.in_sync for server in tested),
        servers=servers,
        error=None if servers else _why_nobody(view),
    )


def _served_soa(view: AddressView, latest: int | None) -> ServedSoa:
    record, answer = view.soa_record, view.best_soa
    place: dict[str, t.Any] = {
        "server": display_name(view.server),
        "address": view.address,
        "has_route": view.verdict != "untested",
    }
    if record is None:
        return ServedSoa(**place, seconds=answer.seconds, authoritative=answer.authoritative, error=_why_none(view))
    return ServedSoa(
        **place,
        **_fields(record),
        seconds=answer.seconds,
        in_sync=view.verdict == "working" and record.rdata.serial == latest,
        authoritative=answer.authoritative,
        error=None if answer.authoritative else "answers without authority (AA bit clear)",
    )


def _fields(record: ReceivedRecord) -> dict[str, t.Any]:
    soa = record.rdata
    return {
        "serial": soa.serial,
        "mname": display_name(soa.mname),
        "rname": display_name(soa.rname),
        "contact": email_from_rname(soa.rname),
        "refresh": soa.refresh,
        "retry": soa.retry,
        "expire": soa.expire,
        "minimum": soa.minimum,
        "ttl": record.ttl,
        "negative_ttl": min(record.ttl, soa.minimum),
    }


def _why_none(view: AddressView) -> str:
    answer = view.best_soa
    if answer.kind == "silent":
        return answer.detail
    if view.foreign_soas:
        owner = view.foreign_soas[0][1].owner
        return f"hosts another zone: the SOA it answers with is owned by {display_name(owner)}"
    if answer.referred_to is not None:
        return f"refers to the servers of {answer.referred_to} instead of answering"
    return f"answers {answer.rcode} without SOA"


def _why_nobody(view: ZoneView) -> str:
    if view.parent is not None and not view.parent.usable:
        return view.parent.problem or "no server of the parent zone gives a usable answer"
    if not view.delegation.exists:
        return "no name server is described" if view.parent is None else "the parent zone does not delegate it"
    return "none of its name servers has an address"
