# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``./run test``: chooses stages, runs them two at a time, and sums up."""

from __future__ import annotations

import time
import traceback
import typing as t
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .counts import Counts
from .interpreters import dotted, find_interpreters
from .locks import locked
from .paths import ROOT, STATE
from .processes import Log
from .report import Outcome, summary
from .stages import LeftOut, Stage, plan_stages

__all__ = ("SelectionError", "choose", "run_suite")

_SIDE_BY_SIDE = 2


class SelectionError(Exception):
    """The words on the command line name no stages, or targets that these do not take."""


def run_suite(words: t.Sequence[str], *, only_list: bool) -> int:
    """Run the stages that ``words`` choose and return the exit status: 0 when nothing failed.

    :raises NoInterpreterError: when there is no Python for any ansible-core release.
    :raises SelectionError: when the words do not fit.
    """
    interpreters = find_interpreters()
    stages, left_out = plan_stages(interpreters)
    chosen, targets = choose(words, stages=stages, left_out=left_out)
    print("Pythons: " + ", ".join(f"{dotted(version)} {path}" for version, path in interpreters.items()))
    for stage in chosen:
        print(f"stage {stage.name}: {stage.detail}")
    for omitted in left_out:
        print(f"left out: {omitted.name}: {omitted.reason}")
    if only_list:
        return 0
    started = time.monotonic()
    outcomes = _run(chosen, targets)
    print()
    print("\n".join(summary(outcomes, left_out=left_out, seconds=time.monotonic() - started)))
    return 1 if any(outcome.counts.failed for outcome in outcomes) else 0


def choose(
    words: t.Sequence[str], *, stages: t.Sequence[Stage], left_out: t.Sequence[LeftOut]
) -> tuple[list[Stage], list[str]]:
    """Split words into stages (names, or kinds such as ``units``) and the targets to narrow these down to.

    :raises SelectionError: when targets come without a stage, or with stages of several kinds or that take none.
    """
    names = {stage.name for stage in stages} | {stage.kind for stage in stages}
    for omitted in left_out:
        if omitted.name in words:
            raise SelectionError(f"{omitted.name} cannot run here: {omitted.reason}")
    wanted = [word for word in words if word in names]
    targets = [word for word in words if word not in names]
    chosen = [stage for stage in stages if not words or stage.name in wanted or stage.kind in wanted]
    if targets:
        known = ", ".join(stage.name for stage in stages)
        if not chosen:
            raise SelectionError(f"no stage named {targets[0]}; there are {known}")
        if len({stage.kind for stage in chosen}) > 1 or not chosen[0].takes_targets:
            raise SelectionError(
                f"{targets[0]} is neither a stage ({known}) nor a target for exactly one kind of stage"
            )
    return chosen, targets


def _run(stages: t.Sequence[Stage], targets: t.Sequence[str]) -> list[Outcome]:
    live = len(stages) == 1
    in_turn = [stage for stage in stages if stage.in_turn]
    # Those that follow one another take longest, so they come first.
    groups = [in_turn] * bool(in_turn) + [[stage] for stage in stages if not stage.in_turn]
    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
        for future in as_completed([pool.submit(_run_group, group, targets, live=live) for group in groups]):
            outcomes.update((outcome.stage.name, outcome) for outcome in future.result())
    return [outcomes[stage.name] for stage in stages]


def _run_group(group: t.Sequence[Stage], targets: t.Sequence[str], *, live: bool) -> list[Outcome]:
    outcomes = []
    for stage in group:
        outcome = _run_one(stage, targets, live=live)
        outcomes.append(outcome)
        output = "" if live else _log_path(stage).read_text(encoding="utf-8")
        # In one piece, or the stages beside it would come in between.
        print(f"{output}==> {stage.name} {outcome.word} after {outcome.seconds:.1f} seconds", flush=True)
    return outcomes


def _log_path(stage: Stage) -> Path:
    return STATE / "log" / f"{stage.name}.log"


def _run_one(stage: Stage, targets: t.Sequence[str], *, live: bool) -> Outcome:
    print(f"==> {stage.name} starts, log in {_log_path(stage).relative_to(ROOT)}", flush=True)
    with locked("in-turn" if stage.in_turn else stage.name):
        started = time.monotonic()
        log = Log(_log_path(stage), live=live)
        try:
            counts = stage.work(log, targets)
        except Exception as error:  # A stage that breaks must not take the others with it.
            log.say(traceback.format_exc())
            counts = Counts(failed=1, notes=(f"failed: {error}",))
        finally:
            log.close()
    if counts == Counts():
        counts = Counts(failed=1, notes=("failed: it ran no test",))
    return Outcome(stage=stage, seconds=time.monotonic() - started, counts=counts)
