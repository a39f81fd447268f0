# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that asks the servers of zones, from parameters to settings and transport.

Documented in doc_fragments/queries.py.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access, split_port
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._limits import beyond_limits
from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import INTERNET_ROOTS
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import KEY_ALGORITHMS, parse_key
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings

__all__ = ("PARENT_SERVERS_ARGUMENT", "QUERY_ARGUMENTS", "network_transport", "query_settings")

_PORT, _TLS_PORT = 53, 853

QUERY_ARGUMENTS: dict[str, t.Any] = {
    "roots": {"type": "list", "elements": "str"},
    "port": {"type": "int", "default": _PORT},
    "transport": {"type": "str", "choices": ["udp", "tcp", "tls"], "default": "udp"},
    "timeout": {"type": "float", "default": 3.0},
    "retries": {"type": "int", "default": 2},
    "concurrency": {"type": "int", "default": 100},
    "rate": {"type": "float", "default": 0},
    "source_addresses": {"type": "list", "elements": "str"},
    "key_name": {"type": "str"},
    "key_secret": {"type": "str", "no_log": True},
    "key_algorithm": {"type": "str", "choices": list(KEY_ALGORITHMS), "default": "hmac-sha256"},
    "key_servers": {"type": "list", "elements": "str", "no_log": False},
}
PARENT_SERVERS_ARGUMENT: dict[str, t.Any] = {"parent_servers": {"type": "list", "elements": "str", "default": []}}


def query_settings(params: t.Mapping[str, t.Any], zones: t.Sequence[Zone]) -> Settings:
    """Return the settings that say whom to ask.

    :arg zones: whose name servers may be described with ports of their own.
    :raises DescriptionError: for an option that cannot be used.
    """
    problems = beyond_limits(params)
    ports: dict[str, int] = {}
    parent_servers = _places(params, "parent_servers", ports, problems)
    resolver = (
        _places({"resolver": [params["resolver"]]}, "resolver", ports, problems) if params.get("resolver") else ()
    )
    key_servers = None if params["key_servers"] is None else _places(params, "key_servers", ports, problems)
    if params["roots"] is not None:
        roots = _places(params, "roots", ports, problems)
        if not params["roots"]:
            problems.append(Problem(where="roots", rule="at least one address is needed"))
    else:
        # Whoever gives the servers of the parent may not be able to reach the internet's.
        roots = () if parent_servers else INTERNET_ROOTS
    for zone in zones:
        for server in zone.name_servers:
            for address, port in server.ports.items():
                _note_port(address, port, ports, problems, where=f"addresses of {server.name} for {zone.text}")
    if problems:
        raise DescriptionError(problems)
    key = parse_key(params, where="")
    if key is None and key_servers is not None:
        raise DescriptionError([Problem(where="key_servers", rule="key_name and key_secret are needed with it")])
    tls = params["transport"] == "tls"
    return Settings(
        roots=roots,
        port=_TLS_PORT if tls and params["port"] == _PORT else params["port"],
        parent_servers=parent_servers,
        resolver=resolver[0] if resolver else None,
        access=Access(
            ports=ports,
            key=key,
            key_servers=None if key_servers is None else frozenset(key_servers),
            given=frozenset(parent_servers),
        ),
        # What is over TLS is over TCP.
        transport="tcp" if tls else params["transport"],
        concurrency=params["concurrency"],
        predelegation=params["predelegation"],
    )


def network_transport(params: t.Mapping[str, t.Any], *, processes: int = 1) -> NetworkTransport:
    """Return the transport that the options ask for.

    :arg processes: how many will use one like it at the same time, and so share the rate.
    :raises DescriptionError: for a source address that is none, or two of one family.
    """
    problems: list[Problem] = []
    sources = _addresses(params, "source_addresses", problems) if params["source_addresses"] else ()
    if len({ipaddress.ip_address(source).version for source in sources}) < len(sources):
        rule = "at most one address of IPv4 and one of IPv6"
        problems.append(Problem(where="source_addresses", value=params["source_addresses"], rule=rule))
    if problems:
        raise DescriptionError(problems)
    return NetworkTransport(
        timeout=params["timeout"],
        retries=params["retries"],
        source_addresses=sources,
        rate=params["rate"] / processes if params["rate"] else None,
        tls=params["transport"] == "tls",
    )


def _addresses(params: t.Mapping[str, t.Any], option: str, problems: list[Problem]) -> tuple[str, ...]:
    addresses = []
    for value in params[option]:
        try:
            addresses.append(_without_zone(value))
        except ValueError:
            rule = "must be an IPv4 or IPv6 address, without an interface"
            problems.append(Problem(where=option, value=value, rule=rule))
    return tuple(addresses)


def _without_zone(text: str) -> str:
    """Return an address in its usual spelling.

    :raises ValueError: for anything else, and for one with a zone index, which no DNS question can be sent to here.
    """
    address = ipaddress.ip_address(text)
    if "%" in text:
        raise ValueError("must be an IPv4 or IPv6 address without an interface, so none that is link-local")
    return str(address)


def _places(
    params: t.Mapping[str, t.Any], option: str, ports: dict[str, int], problems: list[Problem]
) -> tuple[str, ...]:
    """Return the addresses of an option, and note the ports that some have behind an ``@``."""
    addresses = []
    for value in params.get(option) or ():
        try:
            text, port = split_port(value)
            address = _without_zone(text)
        except ValueError as exc:
            rule = (
                str(exc)
                if "@" in value or "%" in value
                else "must be an IPv4 or IPv6 address, with @ and a port behind it if need be"
            )
            problems.append(Problem(where=option, value=value, rule=rule))
            continue
        addresses.append(address)
        if port is not None:
            _note_port(address, port, ports, problems, where=option)
    return tuple(dict.fromkeys(addresses))


def _note_port(address: str, port: int, ports: dict[str, int], problems: list[Problem], *, where: str) -> None:
    if ports.setdefault(address, port) != port:
        rule = f"{address} has port {ports[address]} elsewhere; an address is asked at one port only"
        problems.append(Problem(where=where, value=f"{address}@{port}", rule=rule))
