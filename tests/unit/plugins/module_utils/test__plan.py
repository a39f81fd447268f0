# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import (
    CUT,
    DS_1,
    DS_2,
    delegation,
    delegations,
    replayed,
    working_servers,
)


@given(present=delegations(), wanted=delegations())
def test_the_plan_leads_to_what_is_wanted(present: Delegation, wanted: Delegation) -> None:
    operations = plan(zone=CUT, present=present, wanted=wanted)
    last = [present, *replayed(present, operations)][-1]
    assert last == wanted


@given(present=delegations(), wanted=delegations())
def test_there_are_never_fewer_working_servers_than_before_or_after(present: Delegation, wanted: Delegation) -> None:
    least = min(working_servers(present), working_servers(wanted))
    for state in replayed(present, plan(zone=CUT, present=present, wanted=wanted)):
        assert working_servers(state) >= least


@given(present=delegations(), wanted=delegations())
def test_ds_never_stands_without_servers(present: Delegation, wanted: Delegation) -> None:
    for state in replayed(present, plan(zone=CUT, present=present, wanted=wanted)):
        assert state.exists or not state.ds


@given(present=delegations(), wanted=delegations())
def test_while_servers_change_either_are_validated_or_nothing_is(present: Delegation, wanted: Delegation) -> None:
    secure = present.ds and wanted.ds
    for state in replayed(present, plan(zone=CUT, present=present, wanted=wanted)):
        if state.name_servers not in (present.name_servers, wanted.name_servers):
            assert state.ds == (present.ds | wanted.ds if secure else frozenset())


@given(present=delegations(), wanted=delegations())
def test_what_is_secure_before_and_after_is_so_all_the_time(present: Delegation, wanted: Delegation) -> None:
    if present.ds and wanted.ds:
        for state in replayed(present, plan(zone=CUT, present=present, wanted=wanted)):
            assert state.ds >= present.ds or state.ds >= wanted.ds


@given(present=delegations(), wanted=delegations())
def test_a_new_server_has_its_glue_from_the_first_moment(present: Delegation, wanted: Delegation) -> None:
    known = {server.name for server in present.name_servers}
    described = {server.name: server for server in wanted.name_servers}
    for state in replayed(present, plan(zone=CUT, present=present, wanted=wanted)):
        for server in state.name_servers:
            if server.name not in known:
                assert server == described[server.name]


@given(present=delegations())
def test_nothing_is_to_do_where_all_is_as_wanted(present: Delegation) -> None:
    assert plan(zone=CUT, present=present, wanted=present) == ()


@pytest.mark.parametrize(
    ("present", "wanted", "expected"),
    [
        pytest.param(
            NOT_DELEGATED,
            delegation({"ns1": ["192.0.2.1"], "b.test.": []}, DS_1),
            [
                "add ns1.mail.contoso.example A 192.0.2.1",
                "add mail.contoso.example NS ns1.mail.contoso.example",
                "add mail.contoso.example NS b.test",
                f"add mail.contoso.example DS {DS_1}",
            ],
            id="create",
        ),
        pytest.param(
            delegation({"ns1": ["192.0.2.1"], "b.test.": []}, DS_1),
            NOT_DELEGATED,
            [
                f"remove mail.contoso.example DS {DS_1}",
                "remove mail.contoso.example NS ns1.mail.contoso.example",
                "remove mail.contoso.example NS b.test",
                "remove ns1.mail.contoso.example A 192.0.2.1",
            ],
            id="remove",
        ),
        pytest.param(
            delegation({"a.test.": [], "b.test.": []}),
            delegation({"a.test.": [], "c.test.": []}),
            ["add mail.contoso.example NS c.test", "remove mail.contoso.example NS b.test"],
            id="change-one-server",
        ),
        pytest.param(
            delegation({"ns1": ["192.0.2.1"]}),
            delegation({"ns1": ["2001:db8::1"]}),
            ["add ns1.mail.contoso.example AAAA 2001:db8::1", "remove ns1.mail.contoso.example A 192.0.2.1"],
            id="change-glue",
        ),
        pytest.param(
            delegation({"a.test.": []}, DS_1),
            delegation({"a.test.": []}, DS_2),
            [f"add mail.contoso.example DS {DS_2}", f"remove mail.contoso.example DS {DS_1}"],
            id="roll-ds-while-servers-stay",
        ),
        pytest.param(
            delegation({"a.test.": []}, DS_1),
            delegation({"b.test.": []}, DS_2),
            [
                f"add mail.contoso.example DS {DS_2}",
                "add mail.contoso.example NS b.test",
                "remove mail.contoso.example NS a.test",
                f"remove mail.contoso.example DS {DS_1}",
            ],
            id="move-to-servers-with-other-keys",
        ),
        pytest.param(
            delegation({"ns1": ["192.0.2.1"]}, DS_1),
            delegation({"ns1": ["192.0.2.9"]}, DS_2),
            [
                f"add mail.contoso.example DS {DS_2}",
                "add ns1.mail.contoso.example A 192.0.2.9",
                "remove ns1.mail.contoso.example A 192.0.2.1",
                f"remove mail.contoso.example DS {DS_1}",
            ],
            id="roll-ds-while-glue-changes",
        ),
        pytest.param(
            delegation({"a.test.": []}),
            delegation({"b.test.": []}, DS_2),
            [
                "add mail.contoso.example NS b.test",
                "remove mail.contoso.example NS a.test",
                f"add mail.contoso.example DS {DS_2}",
            ],
            id="move-to-servers-that-sign",
        ),
        pytest.param(
            delegation({"a.test.": []}, DS_1),
            delegation({"b.test.": []}),
            [
                f"remove mail.contoso.example DS {DS_1}",
                "add mail.contoso.example NS b.test",
                "remove mail.contoso.example NS a.test",
            ],
            id="move-to-servers-that-do-not-sign",
        ),
    ],
)
def test_order(present: Delegation, wanted: Delegation, expected: list[str]) -> None:
    assert [str(operation) for operation in plan(zone=CUT, present=present, wanted=wanted)] == expected


def test_result_of_an_operation() -> None:
    (operation,) = plan(zone=CUT, present=NOT_DELEGATED, wanted=delegation({"B.test.": []}))
    assert operation.result() == {"action": "add", "name": "mail.contoso.example", "type": "NS", "value": "b.test"}
