# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller shows of a ``verify`` that waits, after each look at the zones."""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Severity, at_least
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport

__all__ = ("progress",)

_MAX_LACKS = 3
_MAX_REASONS = 2
_MAX_VALUE = 100


def progress(reports: t.Sequence[ZoneReport], *, fail_on: Severity) -> dict[str, t.Any]:
    """Return what fails still: ``zones`` (names), ``lacks`` (one line of text) and ``reasons`` (a sentence by zone).

    The text stays short however many zones fail: the worst of each of the first, or all of the only one.
    """
    failing = [report for report in reports if not report.passed]
    lacks = [
        (report, finding) for report in failing for finding in report.findings if at_least(finding.severity, fail_on)
    ]
    shown = lacks if len(failing) == 1 else [(report, report.findings[0]) for report in failing[:_MAX_LACKS]]
    shown = shown[:_MAX_LACKS]
    text = "; ".join(_lack(report, finding) for report, finding in shown)
    more = len(lacks) - len(shown)
    return {
        "zones": [report.name for report in failing],
        "lacks": f"{text}; and {more} more" if more else text,
        "reasons": {
            report.name: " ".join(report.waiting_for) for report in failing[:_MAX_REASONS] if report.waiting_for
        },
    }


def _lack(report: ZoneReport, finding: Finding) -> str:
    place = report.name
    if finding.server is not None:
        address = f" ({finding.address})" if finding.address else ""
        place = f"{finding.server}{address} for {report.name}"
    if finding.expected is None or finding.got is None:
        return f"{place}: {finding.code}"
    seen, wanted = (
        textwrap.shorten(value, _MAX_VALUE, placeholder=" ...") for value in (finding.got, finding.expected)
    )
    if finding.code == "serial_unexpected":
        return f"{place}: serial {seen}, wanted {wanted}"
    return f"{place}: {finding.code}: {seen}, wanted {wanted}"
