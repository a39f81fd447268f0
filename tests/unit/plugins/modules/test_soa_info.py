# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module tells beside the SOAs."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._query_options import PARENT_SERVERS_ARGUMENT, QUERY_ARGUMENTS
from ansible_collections.zonecut.dns.plugins.modules.soa_info import soa_info


class Module:
    """As much of an AnsibleModule as the task needs."""

    def __init__(self, **given: t.Any) -> None:
        options = {
            option: spec.get("default") for option, spec in {**QUERY_ARGUMENTS, **PARENT_SERVERS_ARGUMENT}.items()
        }
        self.params = {**options, "zones_from": None, "remote_src": False, "predelegation": False, **given}
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)


def test_reading_nothing_warns() -> None:
    module = Module(zones=[], _sources=None)
    assert soa_info(t.cast(AnsibleModule, module)) == {"changed": False, "zones": []}
    assert module.warnings == [
        "No zone is described, so no server was asked. Give zones, or a zones_from that holds some."
    ]
