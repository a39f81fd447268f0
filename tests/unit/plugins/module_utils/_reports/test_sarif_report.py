# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for code hosts: rules, levels, fingerprints, and which line is marked."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._checks.meanings import MEANINGS
from ansible_collections.zonecut.dns.plugins.module_utils._findings import SEVERITIES, Finding
from ansible_collections.zonecut.dns.plugins.module_utils._reports.places import Place, Places
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import Run
from ansible_collections.zonecut.dns.plugins.module_utils._reports.sarif_report import sarif_report
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import CHILD, NS2
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import (
    HOSTILE,
    broken,
    half_seen_report,
    hostile_report,
    report_of,
    run_of,
    usual_reports,
)


def sarif_run(run: Run) -> dict[str, t.Any]:
    sarif = json.loads(sarif_report(run))
    assert sarif["version"] == "2.1.0"
    (only,) = sarif["runs"]
    for result in only["results"]:
        assert only["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return t.cast("dict[str, t.Any]", only)


def first_location(places: Places) -> dict[str, t.Any]:
    result = sarif_run(run_of(report_of(broken()), places=places))["results"][0]
    return t.cast("dict[str, t.Any]", result["locations"][0])


def test_each_check_is_a_rule_with_help() -> None:
    rules = sarif_run(run_of())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CATALOGUE)
    for rule in rules:
        assert MEANINGS[rule["id"]] in rule["help"]["markdown"]
        assert MEANINGS[rule["id"]].replace("`", "") in rule["help"]["text"]
        for told in (rule["shortDescription"], rule["fullDescription"], rule["help"]):
            assert "`" not in told["text"]
            assert told["markdown"].replace("`", "").startswith(told["text"])


def test_the_meanings_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[5] / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", page, re.MULTILINE)
    assert {code: re.sub(r" \([^)]*\)", "", meaning) for code, meaning in rows} == MEANINGS


def test_a_result_is_a_finding() -> None:
    (result,) = sarif_run(run_of(report_of(broken())))["results"]
    assert (result["ruleId"], result["level"]) == ("soa_owner_mismatch", "error")
    assert "does not host" in result["message"]["text"]
    assert result["locations"] == [
        {"logicalLocations": [{"name": NS2, "fullyQualifiedName": f"{CHILD}/ns2.{CHILD}/{NS2}", "kind": "resource"}]}
    ]


def test_severities_become_levels() -> None:
    findings = tuple(Finding("lame_rcode", severity, "It is lame.") for severity in SEVERITIES)
    report = ZoneReport(name="a.example", passed=False, serial=None, parent=None, findings=findings)
    results = sarif_run(run_of(report))["results"]
    assert [result["level"] for result in results] == ["error", "error", "warning", "note"]
    assert [result["properties"]["zonecut-severity"] for result in results] == list(SEVERITIES)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (
            Places(zone_files={CHILD: Place("zones/mail.zone", 1)}, descriptions={CHILD: Place("zones.yml", 7)}),
            {
                "artifactLocation": {"uri": "zones/mail.zone", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 1},
            },
        ),
        (
            Places(descriptions={CHILD: Place("my zones.yml", 7)}, task=Place("site.yml", 3)),
            {
                "artifactLocation": {"uri": "my%20zones.yml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 7},
            },
        ),
        (
            Places(descriptions={"other.example": Place("zones.yml", 7)}, task=Place("/srv/site.yml", 3)),
            {"artifactLocation": {"uri": "file:///srv/site.yml"}, "region": {"startLine": 3}},
        ),
    ],
    ids=["zone file", "description", "task"],
)
def test_the_closest_place_is_marked(places: Places, expected: dict[str, t.Any]) -> None:
    assert first_location(places)["physicalLocation"] == expected


def test_the_description_is_related_to_what_the_zone_file_has() -> None:
    places = Places(zone_files={CHILD: Place("mail.zone", 1)}, descriptions={CHILD: Place("zones.yml", 7)})
    (result,) = sarif_run(run_of(report_of(broken()), places=places))["results"]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "zones.yml"


def test_fingerprints_tell_findings_apart_and_stay() -> None:
    results = sarif_run(run_of(*usual_reports()))["results"]
    fingerprints = [result["partialFingerprints"]["zoneCheckServer/v1"] for result in results]
    assert len(set(fingerprints)) == len(results) > 5
    assert sarif_report(run_of(*usual_reports())) == sarif_report(run_of(*usual_reports()))


def test_several_findings_of_a_check_at_one_place_are_told_apart_whoever_answered_first() -> None:
    findings = [Finding("too_few_name_servers", "warning", f"There is no {family}.") for family in ("IPv4", "IPv6")]
    findings.append(Finding("too_few_name_servers", "error", "There is one server."))

    def told(*found: Finding) -> dict[str, str]:
        report = ZoneReport(name="a.example", passed=False, serial=None, parent=None, findings=found)
        results = sarif_run(run_of(report))["results"]
        return {each["message"]["text"]: each["partialFingerprints"]["zoneCheckServer/v1"] for each in results}

    both = told(*findings)
    assert len(set(both.values())) == 3
    assert both == told(*reversed(findings))
    assert told(findings[0]).items() <= both.items()


def test_what_was_not_checked_is_a_notification() -> None:
    (invocation,) = sarif_run(run_of(usual_reports()[0], half_seen_report()))["invocations"]
    assert invocation["executionSuccessful"] is True
    notes = invocation["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes] == [
        "Not checked: all signatures: no library",
        "Not checked: name servers at 2001:db8::1, 2001:db8::2: this host has no route there",
        "Not checked: some answer: timeout",
    ]
    where = {"name": CHILD, "fullyQualifiedName": CHILD, "kind": "resource"}
    assert [note["locations"] for note in notes] == [[{"logicalLocations": [where]}]] * 3


def test_hostile_text_stays_text() -> None:
    results = sarif_run(run_of(hostile_report()))["results"]
    assert [result["message"]["text"] for result in results] == list(HOSTILE)
