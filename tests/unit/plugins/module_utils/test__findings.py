# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._findings import (
    SEVERITIES,
    Finding,
    Severity,
    at_least,
    root_causes,
)


@pytest.mark.parametrize(
    ("severity", "reaching"),
    [
        ("critical", {"critical", "error", "warning", "notice"}),
        ("error", {"error", "warning", "notice"}),
        ("warning", {"warning", "notice"}),
        ("notice", {"notice"}),
    ],
)
def test_at_least(severity: Severity, reaching: set[Severity]) -> None:
    assert {limit for limit in SEVERITIES if at_least(severity, limit)} == reaching


def test_every_severity_has_its_rank() -> None:
    assert set(SEVERITIES) == set(t.get_args(Severity))


CAUSE = Finding(code="lame_rcode", severity="error", message="REFUSED.", address="192.0.2.1")
CONSEQUENCE = Finding(
    code="serial_unexpected",
    severity="error",
    message="No serial.",
    address="192.0.2.1",
    follows_from=frozenset(("lame_rcode", "soa_missing")),
)


@pytest.mark.parametrize(
    ("cause", "kept"),
    [
        (CAUSE, False),
        (replace(CAUSE, severity="critical"), False),
        (replace(CAUSE, severity="warning"), True),
        (replace(CAUSE, address="192.0.2.2"), True),
        (replace(CAUSE, code="soa_multiple"), True),
    ],
)
def test_a_root_cause_that_is_as_bad_makes_what_follows_needless(cause: Finding, kept: bool) -> None:
    assert root_causes([CONSEQUENCE, cause]) == ([CONSEQUENCE, cause] if kept else [cause])


def test_result_has_every_key_of_a_finding() -> None:
    finding = Finding(code="soa_missing", severity="critical", message="No SOA.", address="192.0.2.1", got="NXDOMAIN")
    assert finding.result() == {
        "code": "soa_missing",
        "severity": "critical",
        "message": "No SOA.",
        "server": None,
        "address": "192.0.2.1",
        "transport": None,
        "expected": None,
        "got": "NXDOMAIN",
        "reference": None,
    }
