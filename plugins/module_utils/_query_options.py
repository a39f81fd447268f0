# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that asks the servers of zones, from parameters to settings and transport.

Documented in doc_fragments/queries.py.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._limits import beyond_limits
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import INTERNET_ROOTS
from ansible_collections.zonecut.dns.plugins.module_utils._transport import NetworkTransport
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings

__all__ = ("QUERY_ARGUMENTS", "network_transport", "query_settings")

QUERY_ARGUMENTS: dict[str, t.Any] = {
    "roots": {"type": "list", "elements": "str"},
    "port": {"type": "int", "default": 53},
    "transport": {"type": "str", "choices": ["udp", "tcp"], "default": "udp"},
    "timeout": {"type": "float", "default": 3.0},
    "retries": {"type": "int", "default": 2},
    "concurrency": {"type": "int", "default": 100},
    "rate": {"type": "float", "default": 0},
    "source_addresses": {"type": "list", "elements": "str"},
}


def query_settings(params: t.Mapping[str, t.Any]) -> Settings:
    """Return the settings that say whom to ask.

    :raises DescriptionError: for an option that cannot be used.
    """
    problems = beyond_limits(params)
    roots = INTERNET_ROOTS if params["roots"] is None else _addresses(params, "roots", problems)
    if not roots and not problems:
        problems.append(Problem(where="roots", rule="at least one address is needed"))
    if problems:
        raise DescriptionError(problems)
    return Settings(
        roots=roots,
        port=params["port"],
        transport=params["transport"],
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
    )


def _addresses(params: t.Mapping[str, t.Any], option: str, problems: list[Problem]) -> tuple[str, ...]:
    addresses = []
    for value in params[option]:
        try:
            addresses.append(str(ipaddress.ip_address(value)))
        except ValueError:
            problems.append(Problem(where=option, value=value, rule="must be an IPv4 or IPv6 address"))
    return tuple(addresses)
