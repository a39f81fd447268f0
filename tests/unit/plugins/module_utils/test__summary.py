# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message of a failed task: by cause, the worst first, on one screen."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Unchecked
from ansible_collections.zonecut.dns.plugins.module_utils._summary import (
    failure_message,
    not_checked_warning,
    untested_warning,
)
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport


def finding(code: str, severity: t.Any, message: str, server: str | None = None, address: str | None = None) -> Finding:
    return Finding(code=code, severity=severity, message=message, server=server, address=address)


def report(name: str, *findings: Finding, untested: tuple[str, ...] = ()) -> ZoneReport:
    return ZoneReport(name=name, passed=not findings, serial=None, parent=None, findings=findings, untested=untested)


def test_one_zone() -> None:
    bad = report("a.example", finding("lame_rcode", "error", "ns1 is lame.", "ns1", "192.0.2.1"))
    assert failure_message([bad], fail_on="error") == "a.example fails:\nlame_rcode (error): ns1 is lame."


def test_after_waiting_it_still_fails() -> None:
    bad = report("a.example", finding("lame_rcode", "error", "ns1 is lame."))
    assert failure_message([bad], fail_on="error", waited=300).splitlines()[0] == "a.example still fails after 5m:"


def test_what_fails_in_the_last_look_only_does_not_still_fail() -> None:
    bad = report("a.example", finding("lame_rcode", "error", "ns1 is lame."))
    first = failure_message([bad], fail_on="error", waited=3, last_look=True).splitlines()[0]
    assert first == "a.example fails in a last look at all zones, after 3s:"


def test_of_how_many_zones_these_were_asked_again() -> None:
    bad = report("a.example", finding("lame_rcode", "error", "ns1 is lame."))
    message = failure_message([bad], fail_on="error", waited=300, zones=10000)
    assert message.splitlines()[0] == "1 of 10000 zones still fails after 5m:"


def test_what_it_may_be_that_takes_its_time_is_told_where_it_was_waited_for() -> None:
    bad = report("a.example", finding("no_delegation", "critical", "It is not delegated."))
    reports = [replace(bad, name=f"{number}.example", waiting_for=(f"Reason {number % 5}.",)) for number in range(100)]
    assert failure_message(reports, fail_on="error", waited=300).splitlines()[-2:] == ["Reason 0.", "Reason 1."]
    assert "Reason" not in failure_message(reports, fail_on="error")


def test_the_worst_cause_first_and_the_same_cause_once() -> None:
    reports = [
        report(
            "a.example",
            finding("no_response_udp", "error", "ns1 is silent.", "ns1", "192.0.2.1"),
            finding("ns_one_network", "notice", "All in one network."),
        ),
        report("b.example"),
        report(
            "c.example",
            finding("soa_owner_mismatch", "critical", "ns2 hosts another zone.", "ns2", "192.0.2.2"),
            finding("no_response_udp", "error", "ns1 is silent.", "ns1", "192.0.2.1"),
            finding("no_response_udp", "error", "ns3 is silent.", "ns3", "192.0.2.3"),
        ),
    ]
    assert failure_message(reports, fail_on="error").splitlines() == [
        "2 of 3 zones fail:",
        "soa_owner_mismatch (critical): ns2 hosts another zone.",
        "no_response_udp (error): ns1 is silent.",
        "  The same: ns1 (192.0.2.1) for c.example, ns3 (192.0.2.3) for c.example.",
    ]


def test_ten_thousand_findings_fit_a_screen() -> None:
    reports = [
        report(
            f"zone-{number}.example",
            *(finding(code, "error", f"{code} of zone-{number}.", f"ns{number}", "192.0.2.1") for code in _CODES),
        )
        for number in range(1000)
    ]
    lines = failure_message(reports, fail_on="error").splitlines()
    assert _rows(lines) <= 20
    assert lines[-1] == (
        "Also, with the number of zones: delegation_inconsistent (1000), name_is_alias (1000),"
        " ns_missing_in_child (1000), ns_sets_disjoint (1000), ns_no_address (1000), glue_missing (1000);"
        " the findings in the result tell more."
    )
    assert lines[2].endswith("ns6 (192.0.2.1) for zone-6.example and 993 more.")


@pytest.mark.parametrize("length", [40, 300, 3000])
@pytest.mark.parametrize("codes", [1, 2, 10, len(CATALOGUE)])
@pytest.mark.parametrize("zones", [1, 1000])
def test_it_fits_a_screen_whatever_was_found(zones: int, codes: int, length: int) -> None:
    findings = [finding(code, "error", "x" * length, "ns1.example", "2001:db8::1") for code in list(CATALOGUE)[:codes]]
    lines = failure_message([report(f"{n}.example", *findings) for n in range(zones)], fail_on="error").splitlines()
    assert _rows(lines) <= 24
    told = " ".join(lines)
    assert all(each.code in told for each in findings[:5])
    assert ("the findings in the result tell more" in told) == (codes > told.count("(error): "))


def _rows(lines: list[str]) -> int:
    """Return how many lines of a narrow screen these take."""
    return sum(-(-len(line) // 80) for line in lines)


_CODES = (
    *("soa_missing_negative", "soa_multiple", "not_authoritative", "lame_rcode", "delegation_inconsistent"),
    *("name_is_alias", "ns_missing_in_child", "ns_sets_disjoint", "ns_no_address", "glue_missing"),
)


def test_addresses_without_a_route_are_told_once() -> None:
    reports = [report("a.example", untested=("2001:db8::1",)), report("b.example", untested=("2001:db8::1",))]
    assert untested_warning(reports) == (
        "This host has no route to these IPv6 addresses of name servers, so they were not tested: 2001:db8::1"
    )
    assert untested_warning([report("a.example")]) is None


def unchecked(name: str, *causes: str) -> ZoneReport:
    return ZoneReport(
        name=name, passed=True, serial=None, parent=None, findings=(), unchecked=tuple(map(Unchecked, causes))
    )


def test_what_was_not_checked_is_told_once() -> None:
    assert not_checked_warning([unchecked("a.example")]) is None
    reports = [unchecked("a.example", "no key"), unchecked("b.example", "silence", "no key"), unchecked("c.example")]
    assert not_checked_warning(reports) == ("Not everything could be checked: no key (2 zones); silence (b.example)")


def test_what_was_chosen_needs_no_warning() -> None:
    chosen = replace(report("a.example"), unchecked=(Unchecked("the parent", chosen=True),))
    assert not_checked_warning([chosen]) is None


def test_many_causes_of_what_was_not_checked_are_cut_short() -> None:
    warning = not_checked_warning([unchecked("a.example", *(f"cause {number}" for number in range(9)))])
    assert warning is not None and warning.endswith("cause 5 (a.example); and 3 more, see not_checked")


def test_with_a_resolver_one_sentence_tells_it_all() -> None:
    warning = not_checked_warning([unchecked("a.example", "a long list")], resolver="192.0.2.1")
    assert warning is not None and warning.startswith("Only the resolver 192.0.2.1 was asked")
    assert "a long list" not in warning
