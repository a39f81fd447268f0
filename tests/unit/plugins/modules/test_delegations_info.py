# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import QUERY_ARGUMENTS
from ansible_collections.zonecut.dns.plugins.modules.delegations_info import read_delegations

_ASKING = {
    **{option: spec.get("default") for option, spec in QUERY_ARGUMENTS.items()},
    "parent_servers": [],
}


class Module:
    """As much of an AnsibleModule as the task needs."""

    def __init__(self, **given: t.Any) -> None:
        given = {"zones": ["contoso.example"], "parents": [], "published": True, "ds_mode": "exact", **_ASKING, **given}
        self.params = {"zones_from": None, "remote_src": False, "_sources": None, **given}
        self.warnings: list[str] = []
        self.no_log_values: set[str] = set()

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)


@pytest.mark.parametrize("timeout", [-1.0, 0.0, 601.0, float("nan")])
def test_a_timeout_that_makes_no_sense_is_named(timeout: float) -> None:
    with pytest.raises(DescriptionError, match=rf"^timeout: {timeout}: must be between 0\.01 and 600$"):
        read_delegations(t.cast(AnsibleModule, Module(timeout=timeout)))


def test_a_zone_without_parent_is_skipped() -> None:
    module = Module()
    (found,) = read_delegations(t.cast(AnsibleModule, module))["delegations"]
    assert found["skipped"] and found["exists"] is None and module.warnings == []


def test_reading_nothing_warns() -> None:
    module = Module(zones=[])
    assert read_delegations(t.cast(AnsibleModule, module)) == {"changed": False, "delegations": []}
    (warning,) = module.warnings
    assert "no parent was asked" in warning
