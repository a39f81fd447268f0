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
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(report, finding, run.places.of(report.name), rules)
                    for report in run.reports
                    for finding in report.findings
                ],
            }
        ],
    }
    return f"{json.dumps(sarif, indent=1)}\n"


def _rule(code: str) -> dict[str, t.Any]:
    check = CATALOGUE[code]
    says = f"A finding says that {MEANINGS[code]}."
    text = f"{says} See {check.reference}. Each finding tells what comes of it and what to do."
    return {
        "id": code,
        "shortDescription": {"text": f"{MEANINGS[code][:1].upper()}{MEANINGS[code][1:]}."},
        "fullDescription": {"text": f"{says} See {check.reference}."},
        "help": {"text": text, "markdown": f"{text} [All checks]({CHECKS_PAGE}#{check.family})"},
        "helpUri": f"{CHECKS_PAGE}#{check.family}",
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {"tags": ["dns", check.family], "zonecut-severity": check.severity},
    }


def _result(
    report: ZoneReport, finding: Finding, places: t.Sequence[Place], rules: t.Mapping[str, int]
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
        "partialFingerprints": {"zoneCheckServer/v1": _fingerprint(report, finding)},
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


def _fingerprint(report: ZoneReport, finding: Finding) -> str:
    parts = (report.name, finding.code, finding.server or "", finding.address or "", finding.transport or "")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
