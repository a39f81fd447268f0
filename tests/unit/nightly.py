# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether tests search for what nobody has seen yet, or try what they always do, to tell whether a change is good."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ("NIGHTLY",)

# The file stands in for the variable, since ansible-test hands no variables on.
NIGHTLY = bool(os.environ.get("ZONECUT_NIGHTLY")) or Path(__file__).with_name(".nightly").exists()
