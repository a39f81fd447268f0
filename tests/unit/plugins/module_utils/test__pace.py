# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns to ask: evenly spread for each address, and in the order of those who wait."""

from __future__ import annotations

import asyncio

from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace


class Time:
    """A clock that stands still, and what was slept on it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def turns(time: Time, pace: Pace, *addresses: str) -> list[float]:
    async def take() -> None:
        for address in addresses:
            await pace.turn(address)

    time.slept.clear()
    asyncio.run(take())
    return time.slept


def test_questions_at_once_are_spread() -> None:
    time = Time()
    pace = Pace(4, clock=lambda: time.now, sleep=time.sleep)
    assert turns(time, pace, "a", "a", "a", "a") == [0.25, 0.5, 0.75]


def test_each_address_has_turns_of_its_own() -> None:
    time = Time()
    pace = Pace(4, clock=lambda: time.now, sleep=time.sleep)
    assert turns(time, pace, "a", "b", "a", "b") == [0.25, 0.25]


def test_turns_that_nobody_took_are_not_saved_up() -> None:
    time = Time()
    pace = Pace(4, clock=lambda: time.now, sleep=time.sleep)
    turns(time, pace, "a")
    time.now += 60
    assert turns(time, pace, "a", "a") == [0.25]
