# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: one HTML file that needs nothing else, with a picture of each zone cut.

The file holds its data as compact JSON, which its script shows piece by piece, so that ten thousand zones open at once.
Nothing in the data becomes markup: Python escapes what it writes, and the script only ever sets text. A policy in the
page itself keeps browsers from running anything but that script, and from loading anything at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import string
import typing as t
from html import escape

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._checks.meanings import MEANINGS
from ansible_collections.zonecut.dns.plugins.module_utils._findings import SEVERITIES, Finding
from ansible_collections.zonecut.dns.plugins.module_utils._reports.html_page import GAPS, PAGE
from ansible_collections.zonecut.dns.plugins.module_utils._reports.html_script import SCRIPT
from ansible_collections.zonecut.dns.plugins.module_utils._reports.html_style import STYLE
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import CHECKS_PAGE, PROGRAM, Cause, Run
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport

__all__ = ("html_report",)

# How much of what was not checked is told before the zones, and how many zones with each.
_GAPS, _GAP_ZONES = 100, 5
# How many of the zones that fail are told where scripts do not run, as in the preview of some mail programs.
_PLAIN_ZONES = 100


def html_report(run: Run) -> str:
    """Return the report."""
    zones = len(run.reports)
    title = f"{run.failed} of {zones} zones fail" if run.failed else f"All {zones} zones pass"
    if zones == 1:
        title = f"{run.reports[0].name} {'fails' if run.failed else 'passes'}"
    if not run.failed and run.gaps():
        title += ", as far as it was checked" if zones == 1 else ", as far as they were checked"
    return string.Template(PAGE).substitute(
        title=escape(title),
        state="bad" if run.failed else "good",
        program=PROGRAM,
        time=run.time,
        time_shown=run.made_at.strftime("%Y-%m-%d %H:%M UTC"),
        fail_on=f"{run.fail_on}{'' if run.fail_on == 'critical' else ' or worse'}",
        counts=_counts(run),
        causes=_causes(run.causes()),
        gaps=_gaps(run.gaps()),
        plain_zones=_plain_zones(run),
        style=STYLE,
        style_hash=_policy_hash(STYLE),
        script=SCRIPT,
        script_hash=_policy_hash(SCRIPT),
        data=_data(run),
    )


def _policy_hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _counts(run: Run) -> str:
    figures = [("zones", "zones", len(run.reports)), ("failed", "failed", run.failed)]
    figures += [(severity, severity, count) for severity, count in run.counts().items()]
    return "\n".join(
        f'<div class="{kind}{"" if count else " none"}"><dt>{name}</dt><dd>{count:,}</dd></div>'
        for kind, name, count in figures
    )


def _causes(causes: t.Sequence[Cause]) -> str:
    return "\n".join(
        f'<tr><td><span class="badge {cause.severity}">{cause.severity}</span>'
        f' <a href="{CHECKS_PAGE}#{CATALOGUE[cause.code].family}" rel="noreferrer"><code>{cause.code}</code></a>'
        f"<br>{_prose(MEANINGS[cause.code])}</td>"
        f'<td class="number">{cause.zones:,}</td><td class="number">{len(cause.found):,}</td>'
        f'<td><button type="button" class="filter" data-code="{cause.code}" hidden>Show'
        f'<span class="unseen"> the zones with {cause.code}</span></button></td></tr>'
        for cause in causes
    )


def _prose(markdown: str) -> str:
    """Return a text of ours as HTML, with what is between backticks as code."""
    parts = escape(markdown).split("`")
    return "".join(f"<code>{part}</code>" if position % 2 else part for position, part in enumerate(parts))


def _gaps(gaps: t.Sequence[tuple[str, t.Sequence[ZoneReport]]]) -> str:
    if not gaps:
        return ""
    rows = [
        f"<tr><td>{escape(text)}</td><td>{escape(_some_names(reports))}</td>"
        f'<td class="number">{len(reports):,}</td></tr>'
        for text, reports in gaps[:_GAPS]
    ]
    if len(gaps) > _GAPS:
        rows.append(f'<tr><td colspan="3">and {len(gaps) - _GAPS:,} more, told with each zone</td></tr>')
    return string.Template(GAPS).substitute(gaps="\n".join(rows))


def _some_names(reports: t.Sequence[ZoneReport]) -> str:
    names = ", ".join(report.name for report in reports[:_GAP_ZONES])
    return f"{names} and {len(reports) - _GAP_ZONES:,} more" if len(reports) > _GAP_ZONES else names


def _plain_zones(run: Run) -> str:
    failed = [report for report in run.by_severity() if not report.passed]
    items = [
        f"<li><strong>{escape(report.name)}</strong>: {escape(report.findings[0].message)}</li>"
        for report in failed[:_PLAIN_ZONES]
    ]
    if len(failed) > _PLAIN_ZONES:
        items.append(f"<li>and {len(failed) - _PLAIN_ZONES:,} more</li>")
    return "\n".join(items)


def _data(run: Run) -> str:
    """Return what the script shows, as JSON that neither HTML nor JavaScript can take for anything else."""
    codes = list(dict.fromkeys(finding.code for report in run.reports for finding in report.findings))
    positions = {code: position for position, code in enumerate(codes)}
    gaps = {text: position for position, (text, _reports) in enumerate(run.gaps())}
    data = {
        "severities": SEVERITIES,
        "gaps": list(gaps),
        "checks": [[code, CATALOGUE[code].family, CATALOGUE[code].reference] for code in codes],
        "zones": [_zone(report, positions, gaps) for report in run.by_severity()],
    }
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")


def _zone(report: ZoneReport, positions: t.Mapping[str, int], gaps: t.Mapping[str, int]) -> list[t.Any]:
    return [
        report.name,
        int(report.passed),
        report.serial,
        report.parent,
        [_finding(finding, positions) for finding in report.findings],
        report.picture,
        [gaps[gap.text] for gap in report.gaps],
        report.waiting_for,
    ]


def _finding(finding: Finding, positions: t.Mapping[str, int]) -> list[t.Any]:
    return [
        positions[finding.code],
        SEVERITIES.index(finding.severity),
        finding.message,
        finding.server,
        finding.address,
        finding.transport,
        finding.expected,
        finding.got,
    ]
