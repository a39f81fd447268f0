# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How tests run: all in one process, the same examples each time, and without limits of time.

Time proves nothing, since other stages run beside them. A nightly run has other examples each time.
"""

from __future__ import annotations

import sys
import typing as t

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.zonecut.dns.tests.unit.nightly import NIGHTLY

settings.register_profile(
    "beside-others",
    deadline=None,
    derandomize=not NIGHTLY,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("beside-others")

# What chance finds, it mostly finds on one Python as on another, and most of the time goes into it.
_EXAMPLES_DIVIDED_BY = 5 if sys.version_info < (3, 12) else 1


def pytest_configure(config: pytest.Config) -> None:
    """Do without the plugin by which ansible-test gives every test a process: half of the time goes into that."""
    forking = config.pluginmanager.get_plugin("ansible_forked")
    if forking is not None:
        config.pluginmanager.unregister(forking)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have older Pythons try fewer examples."""
    functions: set[t.Any] = {
        getattr(getattr(item, "obj", None), "__func__", getattr(item, "obj", None)) for item in items
    }
    for function in functions:
        chosen = getattr(function, "_hypothesis_internal_use_settings", None)
        if chosen is not None:
            fewer = settings(chosen, max_examples=-(-chosen.max_examples // _EXAMPLES_DIVIDED_BY))
            function._hypothesis_internal_use_settings = fewer
