# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties that are computed when they are first read."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.zonecut.dns.plugins.module_utils._lazy import lazy


@dataclass(frozen=True)
class Counting:
    computed: list[int] = field(default_factory=list)

    @lazy
    def count(self) -> int:
        """How often it was computed."""
        self.computed.append(1)
        return len(self.computed)


def test_it_is_computed_once_for_each() -> None:
    one, other = Counting(), Counting()
    assert one.computed == []
    assert (one.count, one.count, other.count) == (1, 1, 1)
    assert (one.computed, other.computed) == ([1], [1])


def test_it_is_documented() -> None:
    assert Counting.count.__doc__ == "How often it was computed."
