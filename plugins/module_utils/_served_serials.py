# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The serials that name servers serve of zones whose files change, asked for all zones at once."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._limits import beyond_limits
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response, read_reply
from ansible_collections.zonecut.dns.plugins.module_utils._serial import newest
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Dispatcher, Query, Transport
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import parse_key
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import ChangingZone, ServedSerials

with deps.declare("dnspython"):
    import dns.rdatatype
    import dns.tsig

__all__ = ("SerialServer", "ask_for_serials", "parse_servers", "system_addresses")

_DEFAULT_PORT = 53
_CONCURRENCY = 100
# A server that stays silent on all of these is not asked about the others.
_FIRST_ZONES = 3
_MAX_SHOWN = 10

AddressesOf = t.Callable[[str], t.Awaitable[t.Sequence[str]]]


@dataclass(frozen=True)
class SerialServer:
    """A name server that is asked for serials.

    :arg host: its address or host name.
    :arg key: what signs the questions, if anything.
    """

    host: str
    port: int = _DEFAULT_PORT
    key: dns.tsig.Key | None = None

    def __str__(self) -> str:
        return self.host if self.port == _DEFAULT_PORT else f"{self.host} port {self.port}"


def parse_servers(entries: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[SerialServer, ...]:
    """Return the servers of the option ``serial.servers``.

    :raises DescriptionError: with everything that is wrong with them.
    """
    servers: dict[str, SerialServer] = {}
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        where = f"serial.servers[{index}]"
        wrong = beyond_limits({"port": entry.get("port")}, where=f"{where}.")
        if not entry["address"]:
            wrong.append(Problem(where=f"{where}.address", rule="must not be empty"))
        try:
            server = SerialServer(
                host=entry["address"], port=entry.get("port") or _DEFAULT_PORT, key=parse_key(entry, where=f"{where}.")
            )
        except DescriptionError as exc:
            problems.extend((*wrong, *exc.problems))
            continue
        if servers.setdefault(str(server), server) is not server:
            wrong.append(Problem(where=where, value=str(server), rule="the same server twice"))
        problems.extend(wrong)
    if problems:
        raise DescriptionError(problems)
    return tuple(servers.values())


async def system_addresses(host: str) -> t.Sequence[str]:
    """Return the addresses that the system knows for ``host``.

    :raises OSError: where it knows none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    return tuple(dict.fromkeys(str(address[0]) for *_other, address in found))


def ask_for_serials(
    changing: t.Sequence[ChangingZone],
    servers: t.Sequence[SerialServer],
    *,
    transport: Transport,
    addresses_of: AddressesOf = system_addresses,
    allow: t.Collection[str] = (),
) -> ServedSerials:
    """Return the serial of each zone at each server that serves it.

    A new zone need not be served yet; what a server does not tell of any other is a problem.

    :arg addresses_of: gives the addresses of a host name, or raises OSError.
    :raises DescriptionError: with each server that is silent, or does not answer for a zone with authority, unless
        ``serial_unknown`` is allowed.
    """
    outcomes = asyncio.run(_ask_all(changing, servers, transport=transport, addresses_of=addresses_of))
    served: dict[str, dict[str, int]] = {}
    problems: list[Problem] = []
    for server, outcome in zip(servers, outcomes):
        unknown: dict[str, list[ChangingZone]] = {}
        for each, found in zip(changing, outcome):
            if found.serial is not None:
                served.setdefault(each.zone.apex, {})[str(server)] = found.serial
            elif found.silent or not each.is_new:
                unknown.setdefault(found.reason, []).append(each)
        problems.extend(_problem(server, reason, zones) for reason, zones in unknown.items())
    if problems and "serial_unknown" not in allow:
        raise DescriptionError(problems)
    return served


@dataclass(frozen=True)
class _Found:
    """What a server said of one zone.

    :arg reason: why there is no serial, completing "SERVER ...".
    :arg silent: whether it said nothing that can be used, rather than that it does not serve the zone.
    """

    serial: int | None = None
    reason: str = ""
    silent: bool = False


async def _ask_all(
    changing: t.Sequence[ChangingZone],
    servers: t.Sequence[SerialServer],
    *,
    transport: Transport,
    addresses_of: AddressesOf,
) -> list[list[_Found]]:
    dispatcher = Dispatcher(transport, concurrency=_CONCURRENCY)
    return await asyncio.gather(*(_ask_server(changing, server, dispatcher, addresses_of) for server in servers))


async def _ask_server(
    changing: t.Sequence[ChangingZone], server: SerialServer, dispatcher: Dispatcher, addresses_of: AddressesOf
) -> list[_Found]:
    try:
        addresses = [str(ipaddress.ip_address(server.host))]
    except ValueError:
        try:
            addresses = list(await addresses_of(server.host))
        # The codec for host names in getaddrinfo raises UnicodeError for labels that are too long or empty.
        except (OSError, UnicodeError) as exc:
            return [_Found(reason=f"has no address that this host knows ({exc})", silent=True)] * len(changing)
    by_address = await asyncio.gather(*(_ask_address(changing, server, each, dispatcher) for each in addresses))
    return [_best(found) for found in zip(*by_address)]


async def _ask_address(
    changing: t.Sequence[ChangingZone], server: SerialServer, address: str, dispatcher: Dispatcher
) -> list[_Found]:
    async def ask(each: ChangingZone) -> _Found:
        query = Query(address=address, port=server.port, name=each.zone.name, rdtype=dns.rdatatype.SOA, key=server.key)
        return _read(read_reply(await dispatcher.ask(query)))

    # Those that have a file are the likelier to be served, and so to be answered for by a server that drops the rest.
    order = sorted(range(len(changing)), key=lambda index: changing[index].is_new)
    first, others = order[:_FIRST_ZONES], order[_FIRST_ZONES:]
    found = dict(zip(first, await asyncio.gather(*(ask(changing[index]) for index in first))))
    if all(each.silent for each in found.values()):
        return [found[first[0]]] * len(changing)
    found.update(zip(others, await asyncio.gather(*(ask(changing[index]) for index in others))))
    return [found[index] for index in range(len(changing))]


def _read(response: Response) -> _Found:
    if response.kind == "silent":
        return _Found(reason=f"gave no answer that can be used ({response.detail})", silent=True)
    if response.kind == "answer" and response.authoritative:
        return _Found(serial=newest(record.rdata.serial for record in response.matching))
    if response.kind == "answer":
        return _Found(reason="answers without authority (AA bit clear), so its serial may be an old one")
    if response.kind == "rcode" or response.kind == "nxdomain":
        return _Found(reason=f"does not serve the zone (it answers {response.rcode})")
    return _Found(reason="does not serve the zone (it answers without the SOA asked for)")


def _best(found: t.Sequence[_Found]) -> _Found:
    """Return what the addresses of one host come to: the newest serial, or the reason of one that answered."""
    latest = newest(each.serial for each in found if each.serial is not None)
    return _Found(serial=latest) if latest is not None else min(found, key=lambda each: each.silent)


def _problem(server: SerialServer, reason: str, zones: t.Sequence[ChangingZone]) -> Problem:
    names = [each.zone.text for each in zones]
    more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
    rule = f"{server} {reason}; allow it if the serial there does not matter"
    return Problem(zone=", ".join(names[:_MAX_SHOWN]) + more, where="serial.servers", rule=rule, code="serial_unknown")
