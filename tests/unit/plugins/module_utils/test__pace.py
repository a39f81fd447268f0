# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns to ask: evenly spread for each address, and in the order of those who wait."""

from __future__ import annotations

from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace


class Time:
    """A clock that stands still."""

    now = 100.0


def turns(pace: Pace, *addresses: str) -> list[float]:
    """Return the seconds to wait for each turn."""
    return [pace.turn(address) for address in addresses]


def test_questions_at_once_are_spread() -> None:
    time = Time()
    pace = Pace(4, clock=lambda: time.now)
    assert turns(pace, "a", "a", "a", "a") == [0, 0.25, 0.5, 0.75]


def test_each_address_has_turns_of_its_own() -> None:
    time = Time()
    pace = Pace(4, clock=lambda: time.now)
    assert turns(pace, "a", "b", "a", "b") == [0, 0, 0.25, 0.25]


def test_turns_that_nobody_took_are_not_saved_up() -> None:
    time = Time()
    pace = Pace(4, clock=lambda: time.now)
    turns(pace, "a")
    time.now += 60
    assert turns(pace, "a", "a") == [0, 0.25]
