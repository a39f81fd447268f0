# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.action.zone_files import with_server_mappings


def test_an_address_alone_becomes_a_mapping() -> None:
    full = {"address": "ns1.example", "port": 5353}
    serial = {"policy": "increment", "servers": ["192.0.2.53", full, "2001:db8::1"]}
    arguments = {"directory": "/zones", "serial": serial}
    assert with_server_mappings(arguments) == {
        "directory": "/zones",
        "serial": {"policy": "increment", "servers": [{"address": "192.0.2.53"}, full, {"address": "2001:db8::1"}]},
    }
    assert serial["servers"] == ["192.0.2.53", full, "2001:db8::1"]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"serial": None}, {"serial": "policy=date"}, {"serial": {}}, {"serial": {"servers": None}}],
)
def test_all_else_is_left_to_the_module(arguments: dict[str, t.Any]) -> None:
    assert with_server_mappings(arguments) == arguments
