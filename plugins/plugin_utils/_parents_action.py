# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's half of the modules with ``parents``: takes them as a mapping too, which Ansible cannot check."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.zonecut.dns.plugins.plugin_utils._description_action import DescriptionAction

__all__ = ("ParentsAction", "named_list")


class ParentsAction(DescriptionAction):
    """Runs the module with ``parents`` as a list, whose options, secrets above all, an argument spec knows."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        if isinstance(self._task.args.get("parents"), Mapping):
            self._task.args = {**self._task.args, "parents": named_list(self._task.args["parents"])}
        return super().run(tmp, task_vars)


def named_list(parents: Mapping[str, t.Any]) -> list[t.Any]:
    """Return a mapping from name to options as a list of options with names; what is no mapping stays for Ansible."""
    return [{"name": name, **options} if isinstance(options, Mapping) else options for name, options in parents.items()]
