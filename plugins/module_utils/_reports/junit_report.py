# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for CI systems: JUnit XML, a test suite a zone and a test case for each zone, check and server."""

from __future__ import annotations

import functools
import re
import typing as t
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import ALWAYS
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, at_least
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import PROGRAM, Run
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport

__all__ = ("junit_report",)

# What XML 1.0 section 2.2 does not allow, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(t.NamedTuple):
    """A test case: its name, and what it has in it; ``content`` is empty for what passed without a word."""

    name: str
    outcome: t.Literal["passed", "failed", "skipped"]
    content: str = ""


def junit_report(run: Run) -> str:
    """Return the report.

    Findings that do not fail their zone are the output of cases that passed. Where nothing could be seen of a zone, the
    checks that found nothing are skipped, for they have seen nothing. So are those that looked at nothing for another
    reason; where they have looked at something, a skipped case tells what is missing.
    """
    suites = []
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for report in run.reports:
        cases = list(_cases(report, run))
        for case in cases:
            totals[case.outcome] += 1
        suites.append(_suite(report, cases))
    counts = _counts(sum(totals.values()), failed=totals["failed"], skipped=totals["skipped"])
    head = f"<testsuites name={_attribute(PROGRAM)} {counts}>"
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>\n"))


def _suite(report: ZoneReport, cases: t.Sequence[_Case]) -> str:
    failed, skipped = (sum(case.outcome == outcome for case in cases) for outcome in ("failed", "skipped"))
    zone = _attribute(report.name)
    lines = [f"<testsuite name={zone} {_counts(len(cases), failed=failed, skipped=skipped)}>"]
    for case in cases:
        start = f"<testcase classname={zone} name={_attribute(case.name)}"
        lines.append(f"{start}>{case.content}</testcase>" if case.content else f"{start}/>")
    return "\n".join((*lines, "</testsuite>"))


def _counts(tests: int, *, failed: int, skipped: int) -> str:
    return f'tests="{tests}" failures="{failed}" errors="0" skipped="{skipped}"'


def _cases(report: ZoneReport, run: Run) -> t.Iterator[_Case]:
    by_place: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        by_place.setdefault((finding.code, _server_text(finding)), []).append(finding)
    unseen = next((finding.code for finding in report.findings if finding.code in ALWAYS), None)
    found = {code for code, _server in by_place}
    for (code, server), findings in by_place.items():
        yield _found_case(f"{code}: {server}" if server else code, findings, run)
    unchecked = {code: gap.why or gap.text for gap in report.unchecked for code in gap.codes}
    for code in run.codes:
        if code in found:
            continue
        if unseen is not None:
            yield _skipped_case(code, f"nothing to see, because of {unseen}")
        elif code in unchecked:
            yield _skipped_case(code, unchecked[code])
        else:
            yield _Case(code, "passed")
    for gap in report.gaps:
        if not gap.codes:
            yield _skipped_case(f"not checked: {gap.text}", gap.text)


def _skipped_case(name: str, reason: str) -> _Case:
    return _Case(name, "skipped", f"<skipped message={_attribute(reason)}/>")


def _found_case(name: str, findings: t.Sequence[Finding], run: Run) -> _Case:
    worst = findings[0]
    text = _text("\n".join(_finding_text(finding) for finding in findings))
    if not at_least(worst.severity, run.fail_on):
        return _Case(name, "passed", f"<system-out>{text}</system-out>")
    attributes = f"type={_attribute(worst.severity)} message={_attribute(worst.message)}"
    return _Case(name, "failed", f"<failure {attributes}>{text}</failure>")


def _finding_text(finding: Finding) -> str:
    details = (("expected", finding.expected), ("got", finding.got), ("reference", finding.reference))
    lines = [f"{finding.severity}: {finding.message}", *(f"{name}: {value}" for name, value in details if value)]
    return "\n".join(lines)


def _server_text(finding: Finding) -> str:
    place = finding.server or ""
    if finding.address:
        place = f"{place} ({finding.address})" if place else finding.address
    return f"{place}, {finding.transport}" if finding.transport else place


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))


@functools.lru_cache(maxsize=1024)
def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))
