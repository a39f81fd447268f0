# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controller side of zonecut.dns.zones_info."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Gives ``files`` its one form, which an argument spec can check."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = with_file_mappings(self._task.args)
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        return result


def with_file_mappings(arguments: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the arguments with each entry of ``files`` that is a path alone as a mapping."""
    files = arguments.get("files")
    files = [files] if isinstance(files, str) else files
    if not isinstance(files, list):
        return arguments
    return {**arguments, "files": [{"path": entry} if isinstance(entry, str) else entry for entry in files]}
