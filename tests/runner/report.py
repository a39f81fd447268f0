# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The closing table of ``./run test``."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .counts import Counts
from .stages import LeftOut, Stage

__all__ = ("Outcome", "summary")


@dataclass(frozen=True)
class Outcome:
    """How a stage ended, and the seconds it took."""

    stage: Stage
    seconds: float
    counts: Counts

    @property
    def word(self) -> str:
        """The outcome in a word."""
        if self.counts.failed:
            return "FAILED"
        return "passed" if self.counts.passed else "skipped"


def summary(outcomes: t.Sequence[Outcome], *, left_out: t.Sequence[LeftOut], seconds: float) -> list[str]:
    """The lines of the table, its notes, and the closing line with the sums."""
    width = max(len(outcome.stage.name) for outcome in outcomes)
    lines = [f"{'stage':{width}}  seconds  outcome  passed  failed  skipped"]
    total = Counts()
    for outcome in outcomes:
        counts = outcome.counts
        total += counts
        numbers = f"{counts.passed:6}  {counts.failed:6}  {counts.skipped:7}"
        lines.append(
            f"{outcome.stage.name:{width}}  {outcome.seconds:7.1f}  {outcome.word:7}  {numbers}  {outcome.stage.detail}"
        )
    lines += [f"{outcome.stage.name}: {note}" for outcome in outcomes for note in outcome.counts.notes]
    lines += [f"{stage.name}: left out: {stage.reason}" for stage in left_out]
    lines.append(f"{len(outcomes)} stages in {seconds:.0f} seconds")
    lines.append(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return lines
