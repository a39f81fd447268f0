# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
import yaml

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._guards import (
    CHANGE_CODES,
    REFUSAL_CODES,
    Readiness,
    Service,
    judge,
    judge_removal,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import (
    CUT,
    DS_1,
    DS_2,
    delegation,
)

ROLE = pathlib.Path(__file__).parents[4] / "roles/zone_deploy/vars/main.yml"
TWO: dict[str, list[str]] = {"a.test.": [], "b.test.": []}


@pytest.mark.parametrize(
    ("present", "wanted", "expected"),
    [
        pytest.param(NOT_DELEGATED, delegation(TWO), [], id="new"),
        pytest.param(delegation(TWO), delegation({"b.test.": [], "c.test.": []}), [], id="one-stays"),
        pytest.param(delegation(TWO), delegation(TWO, DS_1), [], id="ds-comes"),
        pytest.param(delegation(TWO, DS_1), delegation(TWO), [], id="last-ds-goes-while-servers-stay"),
        pytest.param(NOT_DELEGATED, delegation({"ns1": ["192.0.2.1"], "a.test.": []}), [], id="glue"),
        pytest.param(
            delegation(TWO, DS_1), delegation({"b.test.": [], "c.test.": []}, DS_2), [], id="another-ds-and-server"
        ),
        pytest.param(NOT_DELEGATED, NOT_DELEGATED, ["empty_set"], id="nothing-described"),
        pytest.param(delegation(TWO, DS_1), NOT_DELEGATED, ["empty_set"], id="nothing-described-any-more"),
        pytest.param(NOT_DELEGATED, delegation({"a.test.": []}), ["single_server"], id="single"),
        pytest.param(delegation(TWO), delegation({"a.test.": []}), ["single_server"], id="single-left"),
        pytest.param(delegation(TWO), delegation({"c.test.": [], "d.test.": []}), ["no_overlap"], id="all-replaced"),
        pytest.param(
            delegation({"ns1": ["192.0.2.1"], "ns2": ["192.0.2.2"]}),
            delegation({"ns1": ["192.0.2.8"], "ns2": ["192.0.2.9"]}),
            ["no_overlap"],
            id="all-addresses-replaced",
        ),
        pytest.param(
            delegation({"ns1": ["192.0.2.1"], "ns2": ["192.0.2.2"]}),
            delegation({"ns1": ["192.0.2.1", "2001:db8::1"], "ns2": ["192.0.2.9"]}),
            [],
            id="one-address-stays",
        ),
        pytest.param(
            delegation({"ns1": []}),
            delegation({"ns1": ["192.0.2.1"], "ns2": ["192.0.2.2"]}),
            [],
            id="nobody-could-reach-the-old-one",
        ),
        pytest.param(
            delegation({"ns1": [], "ns2": ["192.0.2.2"]}),
            delegation({"ns1": ["192.0.2.1"], "a.test.": []}),
            ["no_overlap"],
            id="only-one-that-nobody-could-reach-stays",
        ),
        pytest.param(
            NOT_DELEGATED,
            delegation({"ns1": ["192.0.2.1"], "ns2": ["2001:db8::1", "192.0.2.1"]}),
            ["single_server"],
            id="one-host-by-two-names",
        ),
        pytest.param(
            NOT_DELEGATED,
            delegation({"ns1": ["192.0.2.1"], "ns2": ["2001:db8::1"], "ns3": ["192.0.2.1", "2001:db8::1"]}),
            ["single_server"],
            id="one-host-by-three-names",
        ),
        pytest.param(
            NOT_DELEGATED,
            delegation({"ns1": ["192.0.2.1"], "ns2": ["192.0.2.1"], "ns3": ["192.0.2.2"]}),
            [],
            id="two-hosts-by-three-names",
        ),
        pytest.param(
            NOT_DELEGATED,
            delegation({"ns1": [], "ns2": ["192.0.2.2"], "a.test.": []}),
            ["glue_missing"],
            id="no-address",
        ),
        pytest.param(
            delegation(TWO, DS_1),
            delegation({"b.test.": [], "c.test.": []}),
            ["lose_ds"],
            id="last-ds-goes-with-a-server",
        ),
        pytest.param(
            delegation({"ns1": ["192.0.2.1"], "a.test.": []}, DS_1),
            delegation({"ns1": ["192.0.2.9"], "a.test.": []}),
            ["lose_ds"],
            id="last-ds-goes-with-glue",
        ),
        pytest.param(
            delegation(TWO, DS_1),
            delegation({"ns1": []}),
            ["single_server", "glue_missing", "no_overlap", "lose_ds"],
            id="everything-wrong",
        ),
    ],
)
def test_refusals(present: Delegation, wanted: Delegation, expected: list[str]) -> None:
    assert [refusal.code for refusal in judge(zone=CUT, present=present, wanted=wanted)] == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["ns1", "ns2"], ["a.test.", "b.test."], ["no_overlap"]),
        (["ns1", "a.test."], ["ns1", "b.test."], []),
    ],
)
def test_servers_inside_count_by_name_where_the_parent_holds_no_glue(
    before: list[str], after: list[str], expected: list[str]
) -> None:
    present, wanted = (delegation({name: [] for name in names}) for names in (before, after))
    refusals = judge(zone=CUT, present=present, wanted=wanted, allow=["glue_missing"])
    assert [refusal.code for refusal in refusals] == expected


def test_each_refusal_is_overridden_by_its_own_code_only() -> None:
    present, wanted = delegation(TWO, DS_1), delegation({"ns1": []})
    codes = [refusal.code for refusal in judge(zone=CUT, present=present, wanted=wanted)]
    for code in codes:
        left = judge(zone=CUT, present=present, wanted=wanted, allow=[code])
        assert [refusal.code for refusal in left] == [other for other in codes if other != code]
    assert judge(zone=CUT, present=present, wanted=wanted, allow=REFUSAL_CODES) == ()


def test_preflight_findings_are_refusals_that_name_the_server() -> None:
    finding = Finding(
        code="not_authoritative",
        severity="error",
        message="a.test (192.0.2.1) answers without the AA bit",
        server="a.test",
        address="192.0.2.1",
    )
    readiness = Readiness(findings=(finding,))
    (refusal,) = judge(zone=CUT, present=NOT_DELEGATED, wanted=delegation(TWO), readiness=readiness)
    assert refusal.result() == {
        "code": "preflight_failed",
        "message": "a.test (192.0.2.1) answers without the AA bit [not_authoritative]",
    }
    assert str(refusal).endswith("(allow: preflight_failed)")


@pytest.mark.parametrize(("unknown", "codes"), [(False, []), (True, ["untested"])])
def test_servers_that_nobody_could_ask_are_refused_when_they_are_all(unknown: bool, codes: list[str]) -> None:
    readiness = Readiness(untested=("ns2.mail.contoso.example (2001:db8::1)",), unknown=unknown)
    wanted = delegation(TWO)
    refusals = judge(zone=CUT, present=NOT_DELEGATED, wanted=wanted, readiness=readiness)
    assert [refusal.code for refusal in refusals] == codes
    assert all("ns2.mail.contoso.example (2001:db8::1)" in refusal.message for refusal in refusals)
    assert judge(zone=CUT, present=NOT_DELEGATED, wanted=wanted, readiness=readiness, allow=["untested"]) == ()


def test_messages_name_what_is_wrong() -> None:
    refusals = judge(zone=CUT, present=delegation(TWO, DS_1), wanted=delegation({"ns1": []}))
    by_code = {refusal.code: refusal.message for refusal in refusals}
    assert "ns1.mail.contoso.example" in by_code["single_server"]
    assert "ns1.mail.contoso.example" in by_code["glue_missing"]
    assert "a.test, b.test by ns1.mail.contoso.example" in by_code["no_overlap"]
    assert DS_1 in by_code["lose_ds"]


def test_data_behind_a_new_delegation_is_named() -> None:
    hidden = tuple(f"x{number}.mail.contoso.example A" for number in range(12))
    (refusal,) = judge(zone=CUT, present=NOT_DELEGATED, wanted=delegation(TWO), hidden=hidden)
    assert refusal.code == "hides_data"
    assert (
        "x0.mail.contoso.example A, " in refusal.message and "x9.mail.contoso.example A and 2 more" in refusal.message
    )
    assert judge(zone=CUT, present=NOT_DELEGATED, wanted=delegation(TWO), hidden=hidden, allow=["hides_data"]) == ()


ANSWERS = "a.test (192.0.2.1)"
UNKNOWN = "b.test cannot be resolved"


@pytest.mark.parametrize(
    ("service", "allow", "expected"),
    [
        (Service(), [], []),
        (Service(answering=(ANSWERS,)), [], ["still_served"]),
        (Service(answering=(ANSWERS,)), ["single_server", "untested"], ["still_served"]),
        (Service(answering=(ANSWERS,)), ["still_served"], []),
        (Service(untested=(UNKNOWN,)), [], ["untested"]),
        (Service(untested=(UNKNOWN,)), ["still_served"], ["untested"]),
        (Service(untested=(UNKNOWN,)), ["untested"], []),
        (Service(answering=(ANSWERS,), untested=(UNKNOWN,)), [], ["still_served", "untested"]),
    ],
)
def test_removal(service: Service, allow: list[str], expected: list[str]) -> None:
    refusals = judge_removal(zone=CUT, service=service, allow=allow)
    assert [refusal.code for refusal in refusals] == expected
    named = {"still_served": ANSWERS, "untested": UNKNOWN}
    for refusal in refusals:
        assert named[refusal.code] in refusal.message and "mail.contoso.example" in refusal.message


def test_the_role_knows_every_code() -> None:
    known = yaml.safe_load(ROLE.read_text(encoding="utf-8"))
    assert tuple(known["zone_deploy_change_codes"]) == CHANGE_CODES
    assert {*known["zone_deploy_push_codes"], *CHANGE_CODES} == set(REFUSAL_CODES)
