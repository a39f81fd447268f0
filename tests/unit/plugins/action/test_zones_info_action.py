# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.action.zones_info import with_file_mappings


def test_paths_become_mappings() -> None:
    arguments = {"files": ["/a.zone", {"path": "/b", "name": "b.example"}], "dest": "/zones.yml"}
    assert with_file_mappings(arguments) == {
        "files": [{"path": "/a.zone"}, {"path": "/b", "name": "b.example"}],
        "dest": "/zones.yml",
    }
    assert arguments["files"][0] == "/a.zone"
    assert with_file_mappings({"files": "/a, b.zone"}) == {"files": [{"path": "/a, b.zone"}]}


@pytest.mark.parametrize("arguments", [{}, {"folder": "/zones"}, {"files": None}, {"files": 7}])
def test_anything_else_is_left_to_the_module(arguments: dict[str, t.Any]) -> None:
    assert with_file_mappings(arguments) == arguments
