# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controller side of zonecut.dns.verify."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.plugin_utils._description_action import DescriptionAction

# More zones and findings than these do not fit a screen beside the message.
_PRINTED = 25


class ActionModule(DescriptionAction):
    """Finds and sends the files that the description names, tells where the task is, and keeps failures readable."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        # Ansible prints all that a failed task returns: megabytes for thousands of zones, with the message lost in it.
        size = sum(1 + len(zone["findings"]) for zone in result.get("zones", ()))
        if result.get("failed") and size > _PRINTED and not self._is_read():
            del result["zones"]
            result["msg"] += "\nRegister the result, or use the option report, to have all findings."
        return result

    def _arguments(self) -> dict[str, t.Any]:
        return {**super()._arguments(), "_task": self._task.get_path()}

    def _is_read(self) -> bool:
        """Whether something in the play can read what the task returns when it fails."""
        if self._task.register:
            return True
        above = self._task._parent
        while above is not None:
            if getattr(above, "rescue", None):
                return True
            above = above._parent
        return False
