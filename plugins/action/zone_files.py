# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controller side of zonecut.dns.zone_files."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.plugin_utils._description_action import DescriptionAction


class ActionModule(DescriptionAction):
    """Finds and sends the files that the description names."""

    reads_src = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        self._task.args = with_server_mappings(self._task.args)
        return super().run(tmp, task_vars)


def with_server_mappings(arguments: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the arguments with each entry of ``serial.servers`` that is an address alone as a mapping.

    The module takes mappings only: the secrets in a list of mixed entries would show in logs.
    """
    serial = arguments.get("serial")
    if not isinstance(serial, dict) or not isinstance(servers := serial.get("servers"), list):
        return arguments
    mappings = [{"address": entry} if isinstance(entry, str) else entry for entry in servers]
    return {**arguments, "serial": {**serial, "servers": mappings}}
