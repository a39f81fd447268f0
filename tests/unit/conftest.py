# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How tests run: all in one process, and time proves nothing, since other stages run beside them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("beside-others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside-others")


def pytest_configure(config: pytest.Config) -> None:
    """Do without the plugin by which ansible-test gives every test a process: half of the time goes into that."""
    forking = config.pluginmanager.get_plugin("ansible_forked")
    if forking is not None:
        config.pluginmanager.unregister(forking)
