# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""So that nobody's server is flooded: questions to one address come one after the other, evenly."""

from __future__ import annotations

import time
import typing as t

__all__ = ("Pace",)


class Pace:
    """Gives turns to ask.

    :arg rate: turns in a second for each address.
    :arg clock: seconds that only ever grow.
    """

    def __init__(self, rate: float, *, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / rate
        self._clock = clock
        self._next: dict[str, float] = {}

    def turn(self, address: str) -> float:
        """Take the next turn to ask ``address``; return in how many seconds it comes."""
        now = self._clock()
        turn = max(now, self._next.get(address, now))
        self._next[address] = turn + self._interval
        return turn - now
