# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown after each look: short, however much is wrong."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._progress import progress
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport


def report(name: str, *findings: Finding, **given: t.Any) -> ZoneReport:
    return ZoneReport(name=name, passed=not findings, serial=None, parent=None, findings=findings, **given)


def serial(address: str, got: str) -> Finding:
    return Finding(
        code="serial_unexpected",
        severity="error",
        message="",
        server="ns.example",
        address=address,
        expected="2",
        got=got,
    )


LAME = Finding(code="lame_rcode", severity="error", message="", server="ns.example", address="192.0.2.9")
UNDELEGATED = Finding(code="no_delegation", severity="critical", message="", expected="NS", got="NXDOMAIN")
NOTICE = Finding(code="ns_one_network", severity="notice", message="")


def test_server_serial_seen_and_wanted() -> None:
    shown = progress([report("a.example", serial("192.0.2.1", "1"), NOTICE)], fail_on="error")
    assert shown == {
        "zones": ["a.example"],
        "lacks": "ns.example (192.0.2.1) for a.example: serial 1, wanted 2",
        "reasons": {},
    }


def test_other_findings_and_zones() -> None:
    reports = [report("a.example", UNDELEGATED), report("ok.example"), report("b.example", LAME)]
    assert progress(reports, fail_on="error") == {
        "zones": ["a.example", "b.example"],
        "lacks": "a.example: no_delegation: NXDOMAIN, wanted NS; ns.example (192.0.2.9) for b.example: lame_rcode",
        "reasons": {},
    }


def test_ten_thousand_zones_stay_one_line() -> None:
    long = Finding(code="soa_owner_mismatch", severity="critical", message="", got="x " * 500, expected="y " * 500)
    reports = [report(f"{n}.example", long, serial("192.0.2.1", "1"), waiting_for=("Wait.",)) for n in range(10000)]
    shown = progress(reports, fail_on="error")
    assert len(shown["zones"]) == 10000
    assert shown["lacks"].endswith("; and 19997 more")
    assert len(shown["lacks"]) < 1000 and "\n" not in shown["lacks"]
    assert shown["reasons"] == {"0.example": "Wait.", "1.example": "Wait."}


def test_a_single_zone_shows_all_its_servers() -> None:
    one = report("a.example", *(serial(f"192.0.2.{n}", "1") for n in range(5)))
    assert progress([one], fail_on="error")["lacks"].count("wanted 2") == 3
    assert progress([one], fail_on="error")["lacks"].endswith("; and 2 more")
