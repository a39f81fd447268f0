# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PTR records for a reverse zone, made of the addresses that other described zones have."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import absolute_name, name_text
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, parse_absolute_name
from ansible_collections.zonecut.dns.plugins.module_utils._records import described_records
from ansible_collections.zonecut.dns.plugins.module_utils._reverse import (
    Address,
    Network,
    is_address_or_network,
    network_of,
    owner_in,
    parse_network,
    reverse_name,
)

__all__ = ("Names", "ptr_records", "reverse_network")

# What becomes of an address that several names have.
Names = t.Literal["all", "first", "error"]


def reverse_network(text: str) -> Network:
    """Return the network that a reverse zone is for, given as in a description: by that network or by name.

    :raises ValueError: for what is no reverse zone.
    """
    if is_address_or_network(text):
        network = parse_network(text)
        reverse_name(network)
        return network
    found = network_of(display_name(parse_absolute_name(text)))
    if found is None:
        raise ValueError(
            "not the name of a reverse zone such as 2.0.192.in-addr.arpa. Of a zone by RFC 2317 whose name"
            " is of another form than 64/26.2.0.192.in-addr.arpa, give the network instead, such as 192.0.2.64/26"
        )
    return found


def ptr_records(
    zones: t.Sequence[Zone], network: Network, *, names: Names = "all", ttl: int | None = None
) -> list[dict[str, t.Any]]:
    """Return the PTR records of the reverse zone of ``network`` as a description has them, in order of address.

    Names come in input order, and each once; wildcards are the names of no host. An address in the network of another
    reverse zone among ``zones``, below that of ``network``, belongs there and is left out.

    :arg ttl: seconds, or None for the default TTL of the reverse zone.
    :raises DescriptionError: for records that cannot be read; with ``error``, for each address with several names.
    """
    elsewhere = [inner for inner in _networks(zones) if inner != network and _is_within(inner, network)]
    found: dict[Address, dict[str, str]] = {}
    for zone in zones:
        for owner, address, where in _addresses(zone):
            if address in network and not any(address in inner for inner in elsewhere):
                found.setdefault(address, {}).setdefault(owner, f"{zone.text}: {where}")
    if names == "error":
        _must_have_one_name_each(found)
    records: list[dict[str, t.Any]] = []
    for address in sorted(found, key=int):
        owners = list(found[address])
        values = owners[:1] if names == "first" else owners
        records.append({"name": owner_in(network, address), "type": "PTR", "values": values})
        if ttl is not None:
            records[-1]["ttl"] = ttl
    return records


def _networks(zones: t.Sequence[Zone]) -> t.Iterator[Network]:
    return (network for zone in zones if (network := network_of(zone.text)) is not None)


def _is_within(inner: Network, outer: Network) -> bool:
    return inner.network_address in outer and inner.prefixlen > outer.prefixlen


def _addresses(zone: Zone) -> t.Iterator[tuple[str, Address, str]]:
    """Yield names, their addresses and where the description has them."""
    for index, server in enumerate(zone.name_servers):
        for text in server.addresses if server in zone.glue else ():
            yield name_text(server.name), ipaddress.ip_address(text), f"name_servers[{index}]"
    hosts = tuple(record for record in zone.records if record.rdtype in ("A", "AAAA"))
    for record in described_records(dataclasses.replace(zone, records=hosts)):
        if record.owner != "*" and not record.owner.startswith("*."):
            yield absolute_name(record.owner, zone.apex), ipaddress.ip_address(record.data), record.where


def _must_have_one_name_each(found: t.Mapping[Address, t.Mapping[str, str]]) -> None:
    problems = [
        Problem(
            where=" and ".join(places.values()),
            value=str(address),
            rule=f"an address has one name here, and this one has {' and '.join(places)}",
        )
        for address, places in found.items()
        if len(places) > 1
    ]
    if problems:
        raise DescriptionError(problems)
