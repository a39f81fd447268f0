# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for code hosts: SARIF 2.1.0, which marks the zone file or the line where a zone is described."""

from __future__ import annotations

import hashlib
import json
import os
import typing as t
from urllib.parse import quote

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._checks.meanings import MEANINGS
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Severity
from ansible_collections.zonecut.dns.plugins.module_utils._reports.places import Place
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import CHECKS_PAGE, PROGRAM, Run
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport

__all__ = ("sarif_report",)

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"critical": "error", "error": "error", "warning": "warning", "notice": "note"}


def sarif_report(run: Run) -> str:
    """Return the report. It holds no time, so that it is the same while the findings are."""
    rules = {code: position for position, code in enumerate(run.codes)}
    fingerprints = _fingerprints(run)
    driver = {
        "name": PROGRAM,
        "informationUri": "https://github.com/zonecut/dns",
        "rules": [_rule(code) for code in run.codes],
    }
    sarif = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [_notification(*gap) for gap in run.gaps()],
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(report, finding, run.places.of(report.name), rules, next(fingerprints))
                    for report in run.reports
                    for finding in report.findings
                ],
            }
        ],
    }
    return f"{json.dumps(sarif, indent=1)}\n"


def _rule(code: str) -> dict[str, t.Any]:
    check = CATALOGUE[code]
    link = f"{CHECKS_PAGE}#{check.family}"
    meaning = MEANINGS[code]
    says = f"A finding says that {meaning}. See {check.reference}."
    tells = "Each finding tells what comes of it and what to do."
    return {
        "id": code,
        "shortDescription": _message(f"{meaning[:1].upper()}{meaning[1:]}."),
        "fullDescription": _message(says),
        "help": {**_message(f"{says} {tells}"), "markdown": f"{says} {tells} [All checks]({link})"},
        "helpUri": link,
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {"tags": ["dns", check.family], "zonecut-severity": check.severity},
    }


def _message(markdown: str) -> dict[str, str]:
    return {"text": markdown.replace("`", ""), "markdown": markdown}


def _notification(text: str, reports: t.Sequence[ZoneReport]) -> dict[str, t.Any]:
    return {
        "level": "warning",
        "message": {"text": f"Not checked: {text}"},
        "locations": [
            {"logicalLocations": [{"name": report.name, "fullyQualifiedName": report.name, "kind": "resource"}]}
            for report in reports
        ],
    }


def _result(
    report: ZoneReport, finding: Finding, places: t.Sequence[Place], rules: t.Mapping[str, int], fingerprint: str
) -> dict[str, t.Any]:
    location: dict[str, t.Any] = {"logicalLocations": [_logical_location(report, finding)]}
    if places:
        location["physicalLocation"] = _physical_location(places[0])
    result: dict[str, t.Any] = {
        "ruleId": finding.code,
        "ruleIndex": rules[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
        # What a code host knows an alert by from run to run.
        "partialFingerprints": {"zoneCheckServer/v1": fingerprint},
        "properties": {"zonecut-severity": finding.severity, "expected": finding.expected, "got": finding.got},
    }
    if len(places) > 1:
        result["relatedLocations"] = [{"physicalLocation": _physical_location(place)} for place in places[1:]]
    return result


def _logical_location(report: ZoneReport, finding: Finding) -> dict[str, str]:
    parts = [part for part in (report.name, finding.server, finding.address) if part]
    return {"name": parts[-1], "fullyQualifiedName": "/".join(parts), "kind": "resource"}


def _physical_location(place: Place) -> dict[str, t.Any]:
    artifact: dict[str, str] = {"uri": quote(place.path)}
    if os.path.isabs(place.path):
        artifact["uri"] = f"file://{artifact['uri']}"
    else:
        artifact["uriBaseId"] = "%SRCROOT%"
    location: dict[str, t.Any] = {"artifactLocation": artifact}
    if place.line is not None:
        location["region"] = {"startLine": place.line}
    return location


def _fingerprints(run: Run) -> t.Iterator[str]:
    """Yield a fingerprint for each finding of each zone.

    Several findings of a check at one place are numbered, by what they say and not by who answered first.
    """
    for report in run.reports:
        alike: dict[tuple[str, ...], list[int]] = {}
        for position, finding in enumerate(report.findings):
            place = (finding.server or "", finding.address or "", finding.transport or "")
            alike.setdefault((report.name, finding.code, *place), []).append(position)
        fingerprints = {}
        for parts, positions in alike.items():
            positions.sort(key=lambda position: report.findings[position].message)
            for number, position in enumerate(positions):
                numbered = (*parts, str(number)) if number else parts
                fingerprints[position] = "\0".join(numbered).encode("utf-8", "surrogatepass")
        for position in range(len(report.findings)):
            yield hashlib.sha256(fingerprints[position]).hexdigest()
