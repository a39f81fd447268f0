# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controller side of zonecut.dns.serial_step."""

from __future__ import annotations

from ansible_collections.zonecut.dns.plugins.plugin_utils._description_action import DescriptionAction


class ActionModule(DescriptionAction):
    """Finds and sends the files that the description names."""
