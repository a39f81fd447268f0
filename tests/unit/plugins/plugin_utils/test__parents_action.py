# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.zonecut.dns.plugins.plugin_utils._parents_action import named_list


def test_a_mapping_becomes_a_list() -> None:
    assert named_list({"corp": {"type": "zone"}, "odd": None}) == [{"name": "corp", "type": "zone"}, None]
