# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``verify`` says when zones fail: grouped by cause, the worst first, on one screen."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._findings import SEVERITIES, Finding, Severity, at_least
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport

__all__ = ("failure_message", "not_checked_warning", "untested_warning")

_MAX_PLACES = 6
_MAX_REASONS = 2
_MAX_BRIEF = 12
# A screen of the smallest usual size, less what Ansible itself says.
_COLUMNS = 80
_LINES = 20
_LONGEST_MESSAGE = 600


def failure_message(
    reports: t.Sequence[ZoneReport],
    *,
    fail_on: Severity,
    waited: float = 0,
    last_look: bool = False,
    zones: int = 0,
) -> str:
    """Return the message of a failed task, which fits a screen.

    Each cause is told in full once, with the other places where it was found by name, as long as there is room. The
    milder ones are then told by their code and in how many zones they were found.

    :arg waited: seconds for which the zones were asked again.
    :arg last_look: the waiting is over, and zones that had passed by then may fail.
    :arg zones: of how many zones these are, where not all were asked again.
    """
    failed = [report for report in reports if not report.passed]
    causes: dict[tuple[int, str, str], list[tuple[ZoneReport, Finding]]] = {}
    for report in failed:
        for finding in report.findings:
            if at_least(finding.severity, fail_on):
                # Which servers do not work, and how, is what many zones have in common that none of them works for.
                servers = (finding.got or "") if finding.code == "no_working_server" else ""
                key = (SEVERITIES.index(finding.severity), finding.code, servers)
                causes.setdefault(key, []).append((report, finding))
    codes = list(CATALOGUE)
    ordered = sorted(causes.items(), key=lambda cause: (cause[0][0], codes.index(cause[0][1]), -len(cause[1])))
    zones = zones or len(reports)
    what = failed[0].name if zones == 1 else f"{len(failed)} of {zones} zones"
    verb = "fails" if len(failed) == 1 else "fail"
    after = format_duration(int(waited))
    if last_look:
        lines = [f"{what} {verb} in a last look at all zones, after {after}:"]
    else:
        lines = [f"{what} still {verb} after {after}:" if waited else f"{what} {verb}:"]
    reasons: list[str] = []
    if waited:
        reasons = list(dict.fromkeys(reason for report in failed for reason in report.waiting_for))[:_MAX_REASONS]
    room = _LINES - 1 - _height(reasons)
    told: list[str] = []
    for position, (_key, found) in enumerate(ordered):
        cause = _cause(found, several_zones=len(failed) > 1)
        brief = _brief([each for _key, each in ordered[position + 1 :]])
        height = _height(cause)
        # The worst one is told whatever it takes.
        if position and height + _height(brief) > room:
            told = _brief([each for _key, each in ordered[position:]])
            break
        lines += cause
        room -= height
    return "\n".join([*lines, *told, *reasons])


def _cause(found: t.Sequence[tuple[ZoneReport, Finding]], *, several_zones: bool) -> list[str]:
    """Return a cause in full."""
    worst = found[0][1]
    message = worst.message
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:_LONGEST_MESSAGE]}..."
    lines = [f"{worst.code} ({worst.severity}): {message}"]
    if len(found) > 1:
        lines.append(f"  The same: {_places(found[1:], several_zones=several_zones)}.")
    return lines


def _brief(causes: t.Sequence[t.Sequence[tuple[ZoneReport, Finding]]]) -> list[str]:
    """Return the rest of the causes by their codes, in one line of text however many they are."""
    if not causes:
        return []
    zones: dict[str, set[str]] = {}
    for found in causes:
        zones.setdefault(found[0][1].code, set()).update(report.name for report, _finding in found)
    counts = [f"{code} ({len(names)})" for code, names in zones.items()]
    shown = ", ".join(counts[:_MAX_BRIEF])
    more = f" and {len(counts) - _MAX_BRIEF} more" if len(counts) > _MAX_BRIEF else ""
    return [f"Also, with the number of zones: {shown}{more}; the findings in the result tell more."]


def _height(lines: t.Sequence[str]) -> int:
    """Return how many lines of a screen these take."""
    return sum(max(1, -(-len(line) // _COLUMNS)) for line in lines)


def untested_warning(reports: t.Sequence[ZoneReport]) -> str | None:
    """Return one warning for all addresses that this host has no route to, or None."""
    addresses = list(dict.fromkeys(address for report in reports for address in report.untested))
    if not addresses:
        return None
    families = [family for mark, family in ((".", "IPv4"), (":", "IPv6")) if any(mark in found for found in addresses)]
    return (
        f"This host has no route to these {' and '.join(families)} addresses of name servers, so they were not tested:"
        f" {', '.join(addresses[:_MAX_PLACES])}{' and others' if len(addresses) > _MAX_PLACES else ''}"
    )


def not_checked_warning(reports: t.Sequence[ZoneReport], *, resolver: str | None = None) -> str | None:
    """Return one warning for all that could not be checked, each cause once, or None.

    :arg resolver: who alone was asked, if so.
    """
    if resolver is not None:
        return (
            f"Only the resolver {resolver} was asked, so most checks are left out; not_checked in the result lists"
            " them."
        )
    zones: dict[str, list[str]] = {}
    for report in reports:
        for gap in report.unchecked:
            # Who chose it needs no warning.
            if not gap.chosen:
                zones.setdefault(gap.text, []).append(report.name)
    if not zones:
        return None
    causes = [
        f"{cause} ({names[0] if len(names) == 1 else f'{len(names)} zones'})"
        for cause, names in sorted(zones.items(), key=lambda item: -len(item[1]))
    ]
    shown = "; ".join(causes[:_MAX_PLACES])
    rest = f"; and {len(causes) - _MAX_PLACES} more, see not_checked" if len(causes) > _MAX_PLACES else ""
    return f"Not everything could be checked: {shown}{rest}"


def _places(found: t.Sequence[tuple[ZoneReport, Finding]], *, several_zones: bool) -> str:
    places = list(dict.fromkeys(_place(report, finding, several_zones) for report, finding in found))
    shown = ", ".join(places[:_MAX_PLACES])
    return shown if len(places) <= _MAX_PLACES else f"{shown} and {len(places) - _MAX_PLACES} more"


def _place(report: ZoneReport, finding: Finding, several_zones: bool) -> str:
    server = finding.server and f"{finding.server}{f' ({finding.address})' if finding.address else ''}"
    if server is None:
        return report.name
    return f"{server} for {report.name}" if several_zones else server
