# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures side by side, and whether they reach their goals."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

__all__ = ("Goal", "figure", "goals_text", "table_text")


@dataclass(frozen=True)
class Goal:
    """A figure and the least or greatest that it should be."""

    what: str
    value: float
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the figure is within its limits."""
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    def __str__(self) -> str:
        limits = [("at least", self.at_least), ("at most", self.at_most)]
        limit = " and ".join(f"{word} {figure(value)}{self.unit}" for word, value in limits if value is not None)
        verdict = "met" if self.is_met else "NOT MET"
        return f"{verdict:8}{self.what}: {figure(self.value)}{self.unit} (goal: {limit})"


def figure(value: float) -> str:
    """Return a number with three digits that count, or all of its whole part."""
    decimals = next((places for places, limit in enumerate((100, 10, 1)) if abs(value) >= limit), 3)
    return f"{value:.{decimals}f}"


def table_text(header: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> str:
    """Return a table: the first column to the left, the others to the right."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    aligned = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(zip(line, widths))
        )
        for line in lines
    ]
    return "\n".join([aligned[0], "  ".join("-" * width for width in widths), *aligned[1:]])


def goals_text(goals: t.Iterable[Goal]) -> str:
    """Return one line for each goal."""
    return "\n".join(map(str, goals))
