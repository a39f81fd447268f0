# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much of a failure is left for Ansible to print."""

from __future__ import annotations

import types
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.zonecut.dns.plugins.action.verify import ActionModule


def outcome(*, zones: int, failed: bool = True, register: str | None = None, rescue: bool = False) -> dict[str, t.Any]:
    """Return what a task gives whose module returns so many zones."""
    play = types.SimpleNamespace(_parent=None, rescue=["a task"] if rescue else [])
    block = types.SimpleNamespace(_parent=play)
    task: t.Any = types.SimpleNamespace(
        args={"zones": ["a.example"]},
        async_val=0,
        check_mode=False,
        action="x",
        register=register,
        get_path=lambda: "/srv/site.yml:7",
        _parent=block,
    )
    shell = types.SimpleNamespace(tmpdir="/tmp/x")
    connection: t.Any = types.SimpleNamespace(transport="local", become=None, _shell=shell)
    unused: t.Any = None
    action = ActionModule(task, connection, unused, DataLoader(), unused, unused)
    module = {
        "failed": failed,
        "msg": "Many fail.",
        "zones": [{"name": f"{n}.example", "findings": []} for n in range(zones)],
    }

    def execute(module_args: dict[str, t.Any], task_vars: object) -> dict[str, t.Any]:
        assert module_args["_task"] == "/srv/site.yml:7"
        return module

    action._execute_module = execute  # type: ignore[method-assign,assignment]
    return action.run()


def test_a_failure_that_nobody_reads_is_its_message_alone() -> None:
    result = outcome(zones=10000)
    assert "zones" not in result
    assert result["msg"] == "Many fail.\nRegister the result, or use the option report, to have all findings."


@pytest.mark.parametrize(
    "given",
    [
        {"zones": 25},
        {"zones": 26, "failed": False},
        {"zones": 26, "register": "verified"},
        {"zones": 26, "rescue": True},
    ],
    ids=["few zones", "not failed", "registered", "rescued"],
)
def test_the_zones_stay_where_they_are_read_or_few(given: dict[str, t.Any]) -> None:
    result = outcome(**given)
    assert len(result["zones"]) == given["zones"]
    assert result["msg"] == "Many fail."
