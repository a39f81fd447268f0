# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to pause between one look and the next while waiting."""

from __future__ import annotations

import typing as t

__all__ = ("back_off",)

_FIRST = 1.0
_LONGEST = 30.0


def back_off() -> t.Iterator[float]:
    """Yield seconds without end: 1, 2, 4 and so on, at most 30."""
    pause = _FIRST
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST)
