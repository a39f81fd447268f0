# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tools leave behind is counted, and nothing that failed or never ran is lost."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.zonecut.dns.tests.runner.counts import Counts, count_integration, count_junit, count_nox

_JUNIT = """<testsuites><testsuite>
<testcase classname="units" name="good" />
<testcase classname="units" name="bad"><failure message="1 is not 2">text</failure></testcase>
<testcase classname="units" name="broken"><error message="no fixture">text</error></testcase>
<testcase classname="units" name="left"><skipped message="no BIND" /></testcase>
</testsuite></testsuites>"""


def _results(folder: Path, *, finished: t.Iterable[str]) -> Path:
    data = {"targets": {name: {"run_time_seconds": 1} for name in finished}}
    (folder / "integration-2026-11-21.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


def test_junit_errors_are_failures_and_every_file_counts(tmp_path: Path) -> None:
    for name in ("modules", "controller"):
        (tmp_path / f"{name}.xml").write_text(_JUNIT, encoding="utf-8")
    counts = count_junit(tmp_path)
    assert (counts.passed, counts.failed, counts.skipped) == (2, 4, 2)
    assert counts.notes == ("failed: units bad", "failed: units broken") * 2


def test_no_junit_file_is_no_test(tmp_path: Path) -> None:
    assert count_junit(tmp_path) == Counts()


def test_integration_target_that_did_not_finish_has_failed(tmp_path: Path) -> None:
    results = _results(tmp_path, finished=["zone_files", "verify"])
    counts = count_integration(["delegations", "verify", "zone_files"], results=results, output="")
    assert counts == Counts(passed=2, failed=1, notes=("failed: delegations",))


def test_integration_without_a_result_file_has_failed(tmp_path: Path) -> None:
    assert count_integration(["verify"], results=tmp_path, output="").failed == 1


def test_integration_target_that_skips_itself_is_counted_once_with_its_reason(tmp_path: Path) -> None:
    line = '    "msg": "ZONECUT-SKIPPED: zone_files: needs root to install knot"\n'
    results = _results(tmp_path, finished=["verify", "zone_files"])
    counts = count_integration(["verify", "zone_files"], results=results, output=line * 2)
    assert counts == Counts(passed=1, skipped=1, notes=("skipped: zone_files: needs root to install knot",))


def test_integration_target_that_fails_after_its_skip_line_has_failed(tmp_path: Path) -> None:
    output = "ZONECUT-SKIPPED: zone_files: needs root\n"
    counts = count_integration(["zone_files"], results=_results(tmp_path, finished=[]), output=output)
    assert (counts.passed, counts.failed, counts.skipped) == (0, 1, 0)


def test_nox_session_that_is_aborted_has_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    outcomes = {"typing": "aborted", "codeqa": "failed", "yamllint": "success", "docs-check": "skipped"}
    sessions = [{"name": name, "result": result} for name, result in outcomes.items()]
    report.write_text(json.dumps({"result": 1, "sessions": sessions}), encoding="utf-8")
    counts = count_nox(report)
    assert (counts.passed, counts.failed, counts.skipped) == (1, 2, 1)
    assert counts.notes == ("failed: typing", "failed: codeqa", "skipped: docs-check")
