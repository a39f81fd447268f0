# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for CI systems: cases, outcomes, and XML that every parser takes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._reports.junit_report import junit_report
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import Run
from ansible_collections.zonecut.dns.plugins.module_utils._through_resolver import SEEN_THROUGH_RESOLVER
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    NS1,
    NS2,
    contoso,
    from_cache,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import (
    HOSTILE,
    half_seen_report,
    hostile_report,
    report_of,
    run_of,
    usual_reports,
)

_MISMATCH = f"soa_owner_mismatch: ns2.{CHILD} ({NS2})"


def suites(run: Run) -> dict[str, ET.Element]:
    root = ET.fromstring(junit_report(run).encode("utf-8"))
    assert root.tag == "testsuites"
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        for attribute, tag in (("failures", "failure"), ("skipped", "skipped")):
            assert element.attrib[attribute] == str(sum(case.find(tag) is not None for case in cases))
        assert (element.attrib["tests"], element.attrib["errors"]) == (str(len(cases)), "0")
    return {suite.attrib["name"]: suite for suite in root}


def case(suite: ET.Element, name: str) -> ET.Element:
    (found,) = [each for each in suite if each.attrib["name"] == name]
    return found


def outcomes(suite: ET.Element) -> dict[str, str]:
    """Return the case names with what is in each."""
    return {each.attrib["name"]: " ".join(child.tag for child in each) for each in suite}


def test_each_check_of_a_healthy_zone_passes() -> None:
    assert outcomes(suites(run_of(*usual_reports()))["well.example"]) == dict.fromkeys(CATALOGUE, "")


def test_a_failure_tells_the_server_and_everything_that_was_found() -> None:
    suite = suites(run_of(*usual_reports()))["mail.example"]
    failure = case(suite, _MISMATCH).find("failure")
    assert failure is not None and failure.text is not None
    assert failure.attrib["type"] == "critical"
    assert "does not host" in failure.attrib["message"]
    assert "got: SOA owned by contoso.example" in failure.text
    assert outcomes(suite) == {
        _MISMATCH: "failure",
        **dict.fromkeys((code for code in CATALOGUE if code != "soa_owner_mismatch"), ""),
    }


def test_transports_have_a_case_each() -> None:
    names = outcomes(suites(run_of(*usual_reports()))["silent.example"])
    assert [name for name, content in names.items() if content] == [
        f"no_response_udp: ns2.{CHILD} ({NS2}), udp",
        f"no_response_tcp: ns2.{CHILD} ({NS2}), tcp",
    ]


def test_what_is_milder_than_the_limit_passes_with_output() -> None:
    run = run_of(report_of(contoso().script(NS2, "timeout")), fail_on="critical")
    assert {content for content in outcomes(suites(run)[CHILD]).values() if content} == {"system-out"}


def test_nothing_passes_where_nothing_was_seen() -> None:
    suite = suites(run_of(*usual_reports()))["gone.example"]
    expected = dict.fromkeys(CATALOGUE, "skipped")
    assert outcomes(suite) == {**expected, "no_delegation": "failure"}


def test_nothing_passes_that_was_not_looked_at() -> None:
    suite = suites(run_of(half_seen_report()))[CHILD]
    skipped = {each.attrib["name"]: skip.attrib["message"] for each in suite for skip in each.iter("skipped")}
    no_route = "name servers at 2001:db8::1, 2001:db8::2: this host has no route there"
    assert skipped == {
        "rrsig_invalid": "all signatures: no library",
        "cds_unsigned": "all signatures: no library",
        "not checked: some answer: timeout": "some answer: timeout",
        f"not checked: {no_route}": no_route,
    }


def test_what_a_resolver_does_not_show_is_skipped() -> None:
    resolver = "127.94.5.53"
    world = contoso().host(resolver, CHILD, CHILD_ZONE).script(resolver, from_cache)
    report = report_of(world, resolver=resolver, selection=Selection())
    suite = suites(run_of(report, codes=Settings(resolver=resolver).codes))[CHILD]
    passed = {name for name, content in outcomes(suite).items() if not content}
    assert report.passed and passed == SEEN_THROUGH_RESOLVER - {"deadline_exceeded", "serial_unexpected"}
    # Not the whole list with each of them.
    assert {skip.attrib["message"] for skip in suite.iter("skipped")} == {"not seen through a resolver"}


def test_before_delegation_nothing_of_the_parent_passes() -> None:
    servers = [{"name": f"ns1.{CHILD}", "addresses": [NS1]}, {"name": f"ns2.{CHILD}", "addresses": [NS2]}]
    report = report_of(contoso(), zone={"name": CHILD, "name_servers": servers}, predelegation=True)
    skipped = {name for name, content in outcomes(suites(run_of(report))[CHILD]).items() if content == "skipped"}
    assert skipped == {"no_delegation", "parent_undetermined", "delegation_inconsistent", "name_is_alias"}


def test_only_the_chosen_checks_have_cases() -> None:
    assert outcomes(suites(run_of(report_of(contoso()), codes=["soa_missing"]))[CHILD]) == {"soa_missing": ""}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    (suite,) = suites(run_of(hostile_report())).values()
    assert {element.tag for element in suite.iter()} == {"testsuite", "testcase", "failure"}
    messages = [failure.attrib["message"] for failure in suite.iter("failure")]
    shown = "".join(c if c in "\t\n\r" or c >= " " and c not in "\ud800\ufffe" else "\ufffd" for c in text)
    assert shown in messages


def test_the_same_run_gives_the_same_report() -> None:
    assert junit_report(run_of(*usual_reports())) == junit_report(run_of(*usual_reports()))
