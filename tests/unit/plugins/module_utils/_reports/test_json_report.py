# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for programs, held against its schema."""

from __future__ import annotations

import json
import pathlib
import typing as t

import jsonschema
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._reports.json_report import SCHEMA, json_report
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import Run
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    NS1,
    NS2,
    PARENT,
    contoso,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import (
    HOSTILE,
    half_seen_report,
    hostile_report,
    report_of,
    run_of,
    usual_reports,
)

_SCHEMA = json.loads((pathlib.Path(__file__).parents[5] / "docs" / "verify_report.schema.json").read_text())


def report(run: Run) -> t.Any:
    parsed = json.loads(json_report(run))
    jsonschema.Draft202012Validator(_SCHEMA).validate(parsed)
    return parsed


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)
    assert _SCHEMA["$id"] == SCHEMA


def test_it_holds_everything() -> None:
    reports = usual_reports()
    told = report(run_of(*reports))
    assert (told["version"], told["time"], told["passed"]) == (1, "2026-11-21T22:25:07Z", False)
    assert told["summary"] == {
        "zones": 5,
        "failed": 4,
        "findings": {"critical": 2, "error": 5, "warning": 0, "notice": 0},
    }
    for zone, expected in zip(told["zones"], reports):
        result = expected.result()
        assert {key: zone[key] for key in result} == result
    seen = told["zones"][1]["seen"]
    assert seen["parent_servers"][0] == {
        "server": "ns1.contoso.example",
        "address": PARENT,
        "state": "cut",
        "milliseconds": 10.0,
        "name_servers": [f"ns1.{CHILD}", f"ns2.{CHILD}"],
    }
    assert [(each["address"], each["verdict"]) for each in seen["addresses"]] == [
        (NS1, "working"),
        (NS2, "owner_mismatch"),
    ]


def test_it_tells_what_was_not_checked() -> None:
    (zone,) = report(run_of(half_seen_report()))["zones"]
    assert zone["not_checked"] == ["all signatures: no library", "some answer: timeout"]
    assert zone["untested"] == ["2001:db8::1", "2001:db8::2"]


@pytest.mark.parametrize(
    "run",
    [run_of(), run_of(report_of(contoso(), pictures=False)), run_of(hostile_report())],
    ids=["no zone", "nothing kept of what was seen", "hostile"],
)
def test_the_schema_holds(run: Run) -> None:
    report(run)


def test_hostile_text_comes_back_as_it_was() -> None:
    assert [finding["message"] for finding in report(run_of(hostile_report()))["zones"][0]["findings"]] == list(HOSTILE)


def test_the_same_run_gives_the_same_report() -> None:
    assert json_report(run_of(*usual_reports())) == json_report(run_of(*usual_reports()))
