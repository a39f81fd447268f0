# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report tells of: the outcome of one run of ``verify``, and what every format needs to know of it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.zonecut.dns.plugins.module_utils._findings import SEVERITIES, Finding, Severity
from ansible_collections.zonecut.dns.plugins.module_utils._reports.places import Places
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport

__all__ = ("CHECKS_PAGE", "PROGRAM", "Cause", "Run")

PROGRAM = "zonecut.dns.verify"
CHECKS_PAGE = "https://github.com/zonecut/dns/blob/main/docs/checks.md"


@dataclass(frozen=True)
class Cause:
    """All findings of one code and severity, with the zones that have them."""

    code: str
    severity: Severity
    found: tuple[tuple[ZoneReport, Finding], ...]

    @property
    def zones(self) -> int:
        """The number of zones."""
        return len({report.name for report, _finding in self.found})


@dataclass(frozen=True)
class Run:
    """One run.

    :arg reports: of each zone, in the order described.
    :arg codes: of the checks that are made.
    :arg made_at: when it ended, in UTC.
    """

    reports: t.Sequence[ZoneReport]
    fail_on: Severity
    codes: t.Sequence[str]
    made_at: datetime
    places: Places = field(default_factory=Places)

    @property
    def time(self) -> str:
        """When it ended, in the form of RFC 3339."""
        return self.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def failed(self) -> int:
        """The number of zones that failed."""
        return sum(not report.passed for report in self.reports)

    def counts(self) -> dict[Severity, int]:
        """Return the number of findings by severity."""
        counts: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
        for report in self.reports:
            for finding in report.findings:
                counts[finding.severity] += 1
        return counts

    def by_severity(self) -> list[ZoneReport]:
        """Return the reports from the worst down, and by name."""
        return sorted(self.reports, key=_badness)

    def gaps(self) -> list[tuple[str, list[ZoneReport]]]:
        """Return what was not checked in words, each with the zones, those of the most zones first."""
        zones: dict[str, list[ZoneReport]] = {}
        for report in self.reports:
            for gap in report.gaps:
                zones.setdefault(gap.text, []).append(report)
        return sorted(zones.items(), key=lambda each: (-len(each[1]), each[0]))

    def causes(self) -> list[Cause]:
        """Return the causes from the worst down, and then those of the most findings first."""
        causes: dict[tuple[Severity, str], list[tuple[ZoneReport, Finding]]] = {}
        for report in self.reports:
            for finding in report.findings:
                causes.setdefault((finding.severity, finding.code), []).append((report, finding))
        ordered = sorted(causes.items(), key=lambda each: (SEVERITIES.index(each[0][0]), -len(each[1]), each[0][1]))
        return [Cause(code=code, severity=severity, found=tuple(found)) for (severity, code), found in ordered]


def _badness(report: ZoneReport) -> tuple[bool, int, int, str]:
    # Findings come from the worst down.
    worst = SEVERITIES.index(report.findings[0].severity) if report.findings else len(SEVERITIES)
    return (report.passed, worst, -sum(SEVERITIES.index(f.severity) == worst for f in report.findings), report.name)
