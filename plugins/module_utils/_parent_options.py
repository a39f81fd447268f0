# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules with ``parents`` make of their options: the parents, and what each of them works with."""

from __future__ import annotations

import os
import typing as t
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Setting
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import ParentEntry, parse_parents

__all__ = ("given_parents", "setting_for")


def given_parents(module: AnsibleModule) -> dict[str, ParentEntry]:
    """Return the parents that the module is given, by name; their secrets are masked from then on.

    :raises DescriptionError: as ``parse_parents`` does.
    """
    return parse_parents(
        module.params["parents"],
        environment=os.environ,
        keep_secret=module.no_log_values.add,
        show=module.no_log_values.discard,
    )


def setting_for(module: AnsibleModule, zones: t.Sequence[Zone]) -> Setting:
    """Return what parents work with in this module."""
    return Setting(
        tree=ZoneTree(zones),
        timeout=module.params["timeout"],
        clock=lambda: datetime.now(timezone.utc),
        writer=lambda folder: ZoneFileWriter(module, directory=folder, backup=False, command=None),
        warn=module.warn,
    )
