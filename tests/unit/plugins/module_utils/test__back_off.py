# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pauses become longer, and all of them together come to an end."""

from __future__ import annotations

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._back_off import Patience, await_end
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError


@pytest.mark.parametrize(
    ("asked", "slept"),
    [
        (None, [1, 2, 4, 8, 16, 30, 30, 30]),
        (0.0, [1, 2, 4, 8, 16, 30, 30, 30]),
        (-60.0, [1, 2, 4, 8, 16, 30, 30, 30]),
        (20.0, [20, 20, 20, 20, 20, 30]),
        (120.0, []),
    ],
)
def test_pauses_end_whatever_is_asked_for(asked: float | None, slept: list[float]) -> None:
    pauses: list[float] = []
    patience = Patience(pauses.append, seconds=119)
    while len(pauses) < 100 and patience.pause(asked):
        pass
    assert pauses == slept
    assert patience.waited == sum(slept)


def test_what_ends_is_waited_for() -> None:
    states = iter(["task 1 is doing", "task 1 is doing", None])
    pauses: list[float] = []
    await_end(lambda: next(states), sleep=pauses.append)
    assert pauses == [1, 2]


def test_what_does_not_end_is_told() -> None:
    with pytest.raises(DelegationError, match=r"a part of the change was accepted, and task 1 is doing after 3\d\d s"):
        await_end(lambda: "task 1 is doing", sleep=lambda _seconds: None)
