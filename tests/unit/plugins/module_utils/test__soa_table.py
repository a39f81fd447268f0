# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people get to read of the SOAs of zones."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.zonecut.dns.plugins.module_utils._soa_info import ServedSoa, ZoneSoas
from ansible_collections.zonecut.dns.plugins.module_utils._soa_table import soa_table

SERVED = ServedSoa(
    server="ns1.contoso.com",
    address="192.0.2.1",
    serial=2026112101,
    mname="ns1.contoso.com",
    rname=r"john\.smith.contoso.com",
    contact="john.smith@contoso.com",
    refresh=3600,
    retry=900,
    expire=1209600,
    minimum=300,
    ttl=3600,
    negative_ttl=300,
    seconds=0.0012,
    in_sync=True,
    authoritative=True,
)
SECOND = replace(SERVED, server="ns2.contoso.com", address="2001:db8::1", seconds=0.0129)
SILENT = ServedSoa(server="ns3.contoso.com", address="192.0.2.3", error="no answer in 3 s")


def table(*servers: ServedSoa, **fields: t.Any) -> list[str]:
    soas = ZoneSoas(name="contoso.com", parent="com", serial=2026112101, in_sync=True, servers=servers, error=None)
    return soa_table([replace(soas, **fields).result()]).split("\n")


def test_all_in_sync() -> None:
    assert table(SERVED, SECOND) == [
        "contoso.com: serial 2026112101, in sync at 2 addresses",
        "  primary ns1.contoso.com, contact john.smith@contoso.com, negative TTL 5m",
        "  server           address          serial  behind    ms  note",
        "  ns1.contoso.com  192.0.2.1    2026112101       0   1.2",
        "  ns2.contoso.com  2001:db8::1  2026112101       0  12.9",
    ]


def test_one_lags_and_says_something_else() -> None:
    lagging = replace(SECOND, serial=4294967295, in_sync=False, contact="root@contoso.com", negative_ttl=3600)
    lines = table(replace(SERVED, serial=1), lagging, serial=1)
    assert lines[:2] == [
        "contoso.com: serial 1, NOT IN SYNC at 1 of 2 addresses",
        "  primary ns1.contoso.com, contact john.smith@contoso.com or root@contoso.com, negative TTL 5m or 1h",
    ]
    assert lines[-1] == "  ns2.contoso.com  2001:db8::1  4294967295       2  12.9"


def test_one_is_silent_and_one_cannot_be_reached() -> None:
    unreached = replace(SILENT, address="2001:db8::3", has_route=False, error="Network is unreachable")
    lines = table(SERVED, SILENT, unreached)
    assert lines[0] == "contoso.com: serial 2026112101, NOT IN SYNC at 1 of 2 addresses"
    assert [line.split(maxsplit=2)[2:] for line in lines[-2:]] == [
        ["no answer in 3 s"],
        ["not asked: Network is unreachable"],
    ]


def test_nobody_serves_it() -> None:
    lines = table(SILENT, serial=None)
    assert lines[0] == "contoso.com: no server serves it with authority"
    assert lines[1:] == [
        "  server           address    serial  behind  ms  note",
        "  ns3.contoso.com  192.0.2.3                      no answer in 3 s",
    ]
    assert table(serial=None, error="none of its name servers has an address") == [
        "contoso.com: none of its name servers has an address"
    ]


def test_zones_are_set_apart() -> None:
    (zone,) = [ZoneSoas("a.example", None, None, in_sync=False, servers=(), error="why").result()]
    assert soa_table([zone, zone]) == "a.example: why\n\na.example: why"
