# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are. Everything that is written goes below ``STATE``."""

from __future__ import annotations

from pathlib import Path

__all__ = ("ROOT", "STATE")

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".run"
