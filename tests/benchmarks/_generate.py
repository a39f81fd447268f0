# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones to measure with: many small ones, described, and one large zone file."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

__all__ = (
    "LARGE_ZONE",
    "described_zone",
    "described_zones",
    "large_zone",
    "write_json",
    "write_large_zone",
    "write_yaml",
    "zone_name",
)

LARGE_ZONE = "large.example"
# Records of the large zone that one host or delegation makes, in turn; 20 blocks are one round.
_ROUND = 20


def zone_name(number: int) -> str:
    """Return the name of a small zone."""
    return f"customer{number:06d}.example"


def described_zone(number: int) -> dict[str, t.Any]:
    """Return a zone with 10 described records, as a hosting company has them."""
    name = zone_name(number)
    low, high = number % 250 + 1, number // 250 % 250
    return {
        "name": name,
        "contact": "hostmaster@hoster.example",
        "name_servers": ["ns1.hoster.example", "ns2.hoster.example"],
        "records": [
            {"name": "@", "type": "A", "value": f"198.18.{high}.{low}"},
            {"name": "@", "type": "AAAA", "value": f"2001:db8:{high:x}::{low:x}"},
            {"name": "www", "type": "CNAME", "value": "@"},
            {"name": "@", "type": "MX", "value": "10 mail"},
            {"name": "mail", "type": "A", "value": f"198.19.{high}.{low}"},
            {"name": "mail", "type": "AAAA", "value": f"2001:db8:{high:x}:25::{low:x}"},
            {"name": "@", "type": "TXT", "value": "v=spf1 mx -all"},
            {"name": "_dmarc", "type": "TXT", "value": f"v=DMARC1; p=reject; rua=mailto:dmarc@{name}"},
            {"name": "_submission._tcp", "type": "SRV", "value": "0 1 587 mail"},
            {"name": "shop", "type": "A", "value": f"198.18.{high}.{low}", "ttl": 300},
        ],
    }


def described_zones(count: int) -> t.Iterator[dict[str, t.Any]]:
    """Yield that many different zones."""
    return map(described_zone, range(1, count + 1))


def write_json(path: Path, zones: t.Iterable[dict[str, t.Any]]) -> None:
    """Write a mapping whose ``zones`` is the list of these zones, one zone a line."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"zones": [')
        for index, zone in enumerate(zones):
            stream.write(f"{',' if index else ''}\n{json.dumps(zone)}")
        stream.write("\n]}\n")


def write_yaml(path: Path, zones: t.Iterable[dict[str, t.Any]]) -> None:
    """Write the same in YAML, as one would by hand."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write("zones:\n")
        for zone in zones:
            stream.write(f"  - name: {zone['name']}\n    contact: {zone['contact']}\n")
            stream.write(f"    name_servers: [{', '.join(zone['name_servers'])}]\n    records:\n")
            for record in zone["records"]:
                fields = ", ".join(f"{key}: {_yaml(value)}" for key, value in record.items())
                stream.write(f"      - {{{fields}}}\n")


def large_zone(records: int) -> t.Iterator[str]:
    """Yield the lines of a zone file of LARGE_ZONE with that many records, the SOA included.

    Hosts with addresses, mail, text and aliases, and one delegation with glue in ten names. All that names lead to is
    in the zone, so that checkers ask nobody else.
    """
    if records < 6:
        raise ValueError("a large zone has 6 records at least")
    yield f"$ORIGIN {LARGE_ZONE}.\n"
    yield "$TTL 3600\n"
    yield "@ IN SOA ns1 hostmaster 2026010100 3600 900 1209600 300\n"
    yield "@ IN NS ns1\n"
    yield "@ IN NS ns2\n"
    yield "ns1 IN A 192.0.2.1\n"
    yield "ns2 IN A 192.0.2.2\n"
    written, number = 5, 0
    while written < records:
        block = _large_zone_block(number)
        # A block that no longer fits gives way to hosts, since half a delegation is none.
        if written + len(block) > records:
            block = [f"last{number} IN A 192.0.2.{number % 250 + 1}\n"]
        yield from block
        written += len(block)
        number += 1


def write_large_zone(path: Path, records: int) -> None:
    """Write the large zone into a file."""
    with path.open("w", encoding="ascii") as stream:
        stream.writelines(large_zone(records))


def _large_zone_block(number: int) -> list[str]:
    ipv4 = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    ipv6 = f"2001:db8:{number >> 16:x}:{number & 65535:x}::1"
    # Not in the order of names, which no zone file keeps for long.
    name = f"h{number * 7919 % 10000019:x}"
    kind = number % _ROUND
    if kind in (4, 14):
        return [
            f"d{name} IN NS ns1.d{name}\n",
            f"d{name} IN NS ns2.d{name}\n",
            f"ns1.d{name} IN A {ipv4}\n",
            f"ns2.d{name} IN A {ipv4}\n",
            f"ns2.d{name} IN AAAA {ipv6}\n",
        ]
    lines = [f"{name} IN A {ipv4}\n"]
    if kind % 2 == 0:
        lines.append(f"{name} 300 IN AAAA {ipv6}\n")
    if kind % 3 == 0:
        lines += [f"{name} IN MX 10 {name}\n", f'{name} IN TXT "v=spf1 mx ip4:{ipv4} -all"\n']
    if kind % 5 == 0:
        lines += [f"www.{name} IN CNAME {name}\n", f"_sip._tcp.{name} IN SRV 0 5 5060 {name}\n"]
    return lines


def _yaml(value: object) -> str:
    text = str(value)
    return text if isinstance(value, int) or text.replace(".", "").isalnum() else json.dumps(text)
