# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._findings import SEVERITIES, Finding, Severity, at_least


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
