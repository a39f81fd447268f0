# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which stages a machine's interpreters allow, which of them the command line chooses, and how they are summed up."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.zonecut.dns.tests.runner.counts import Counts
from ansible_collections.zonecut.dns.tests.runner.environments import NoInterpreterError
from ansible_collections.zonecut.dns.tests.runner.interpreters import PythonVersion
from ansible_collections.zonecut.dns.tests.runner.report import Outcome, summary
from ansible_collections.zonecut.dns.tests.runner.stages import LeftOut, Stage, plan_stages
from ansible_collections.zonecut.dns.tests.runner.suite import SelectionError, choose


def _pythons(*minors: int) -> dict[PythonVersion, Path]:
    return {(3, minor): Path(f"/opt/python3.{minor}/bin/python3.{minor}") for minor in minors}


def _stage(name: str, kind: t.Any) -> Stage:
    return Stage(kind=kind, name=name, detail=name, work=lambda _log, _targets: Counts(), takes_targets=kind != "lint")


_STAGES = [_stage("units-2.16", "units"), _stage("units-2.21", "units"), _stage("sanity-2.21", "sanity")]
_STAGES += [_stage("lint", "lint")]


def test_all_interpreters_allow_all_stages() -> None:
    stages, left_out = plan_stages(_pythons(9, 10, 11, 12, 13))
    assert left_out == []
    details = {stage.name: stage.detail for stage in stages}
    fewer = "with a fifth of the examples of property tests"
    assert details["units-2.16"] == f"ansible-core 2.16, Python 3.10 {fewer}, only those of plugins"
    assert details["units-2.21"] == "ansible-core 2.21, Python 3.13"
    assert details["sanity-2.19"] == "ansible-core 2.19, Python 3.11 without tests of style"
    assert details["integration-2.21"] == "ansible-core 2.21, Python 3.13"
    assert details["units-target"].startswith("module_utils with dnspython==2.3.0, Python 3.9 with a fifth")
    assert [stage.name for stage in stages if stage.in_turn] == ["integration-2.16", "integration-2.21"]


def test_stages_without_an_interpreter_are_left_out_by_name() -> None:
    stages, left_out = plan_stages(_pythons(11))
    assert {stage.name for stage in stages if stage.kind == "units"} == {"units-2.16", "units-2.19"}
    assert [stage.name for stage in stages if stage.in_turn] == ["integration-2.16", "integration-2.19"]
    assert {omitted.name for omitted in left_out} == {"sanity-2.21", "units-2.21", "units-target"}
    assert "Python 3.12 to 3.14" in left_out[0].reason


def test_no_interpreter_at_all_is_an_error() -> None:
    with pytest.raises(NoInterpreterError, match=r"Python 3\.10 or later"):
        plan_stages(_pythons(9))


@pytest.mark.parametrize(
    ("words", "names", "targets"),
    [
        ([], ["units-2.16", "units-2.21", "sanity-2.21", "lint"], []),
        (["units"], ["units-2.16", "units-2.21"], []),
        (["lint", "units-2.21"], ["units-2.21", "lint"], []),
        (["units", "tests/unit/plugins/test_a.py"], ["units-2.16", "units-2.21"], ["tests/unit/plugins/test_a.py"]),
    ],
)
def test_words_choose_stages_and_targets(words: list[str], names: list[str], targets: list[str]) -> None:
    chosen, narrowed = choose(words, stages=_STAGES, left_out=[])
    assert [stage.name for stage in chosen] == names
    assert narrowed == targets


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["unit"], "no stage named unit"),
        (["units", "sanity", "a.py"], "exactly one kind"),
        (["lint", "a.py"], "exactly one kind"),
        (["units-2.19"], r"cannot run here: needs Python 3\.11"),
    ],
)
def test_words_that_do_not_fit_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        choose(words, stages=_STAGES, left_out=[LeftOut("units-2.19", "needs Python 3.11")])


def test_summary_ends_with_the_sums_and_names_what_failed_or_was_left_out() -> None:
    outcomes = [
        Outcome(stage=_STAGES[0], seconds=1.0, counts=Counts(passed=3, skipped=1)),
        Outcome(stage=_STAGES[2], seconds=2.0, counts=Counts(passed=1, failed=2, notes=("failed: pep8",))),
    ]
    lines = summary(outcomes, left_out=[LeftOut("units-2.19", "needs Python 3.11")], seconds=3.0)
    assert lines[-1] == "4 passed, 2 failed, 1 skipped"
    assert "sanity-2.21: failed: pep8" in lines
    assert "units-2.19: left out: needs Python 3.11" in lines
    assert [outcome.word for outcome in outcomes] == ["passed", "FAILED"]
