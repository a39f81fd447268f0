# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many tests passed, failed and were skipped, read from what the tools leave behind."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

__all__ = ("Counts", "count_integration", "count_junit", "count_nox")

_SKIPPED_TARGET = re.compile(r"ZONECUT-SKIPPED: (?P<target>[\w-]+): (?P<reason>[^\"\n]*)")


@dataclass(frozen=True)
class Counts:
    """Numbers of tests; they add up with ``+``. ``notes`` are lines for the closing summary."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: tuple[str, ...] = ()

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
            skipped=self.skipped + other.skipped,
            notes=self.notes + other.notes,
        )


def count_junit(folder: Path) -> Counts:
    """Count the test cases of every JUnit file in a folder."""
    passed = failed = skipped = 0
    notes = []
    for path in sorted(folder.glob("*.xml")):
        for case in ET.parse(path).getroot().iter("testcase"):
            name = f"{case.get('classname')} {case.get('name')}"
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                notes.append(f"failed: {name}")
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    return Counts(passed=passed, failed=failed, skipped=skipped, notes=tuple(notes))


def count_integration(targets: list[str], *, results: Path, output: str) -> Counts:
    """Count integration targets.

    A target passed when ansible-test names it in a result file in the folder ``results``. One that says
    ``ZONECUT-SKIPPED: <target>: <reason>`` was skipped. All others of ``targets`` failed or never ran.
    """
    finished: set[str] = set()
    for path in results.glob("integration-*.json"):
        finished.update(json.loads(path.read_text(encoding="utf-8"))["targets"])
    reasons = {match["target"]: match["reason"] for match in _SKIPPED_TARGET.finditer(output)}
    skipped = {target: reasons[target] for target in targets if target in finished and target in reasons}
    failed = [target for target in targets if target not in finished]
    return Counts(
        passed=len(targets) - len(failed) - len(skipped),
        failed=len(failed),
        skipped=len(skipped),
        notes=tuple(f"failed: {target}" for target in failed)
        + tuple(f"skipped: {target}: {reason}" for target, reason in skipped.items()),
    )


def count_nox(report: Path) -> Counts:
    """Count the sessions in a report of nox."""
    counts = Counts()
    for session in json.loads(report.read_text(encoding="utf-8"))["sessions"]:
        result = session["result"].lower()
        if result == "success":
            counts += Counts(passed=1)
        elif result == "skipped":
            counts += Counts(skipped=1, notes=(f"skipped: {session['name']}",))
        else:
            counts += Counts(failed=1, notes=(f"failed: {session['name']}",))
    return counts
