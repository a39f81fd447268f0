# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.zonecut.dns.plugins.plugin_utils._parents_action import named_list


def test_a_mapping_becomes_a_list() -> None:
    assert named_list({"corp": {"type": "zone"}}) == [{"name": "corp", "type": "zone"}]
    assert named_list([{"name": "corp", "type": "zone"}]) == [{"name": "corp", "type": "zone"}]
    assert named_list({}) == named_list([]) == []


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        (
            {"corp": {"type": "rfc2136", "server": "192.0.2.1", "key_secrt": "c2VjcmV0"}},
            "parents: corp: key_secrt is no option of a parent of type rfc2136, did you mean key_secret?",
        ),
        ({"corp": {"server": "192.0.2.1"}}, "parents: corp: type is missing"),
        ([{"type": "zone", "path": "/x"}], "parents: the entry 1: name is missing"),
        ({"corp": {"type": "zone", "xyz": "c2VjcmV0"}}, "Its options are directory, path, zone."),
    ],
)
def test_an_unknown_option_is_told_before_its_value_is_shown(parents: t.Any, message: str) -> None:
    with pytest.raises(AnsibleActionFail) as caught:
        named_list(parents)
    assert message in str(caught.value) and "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize(
    ("parents", "odd"),
    [
        ({"type": "rfc2136", "key_secret": "c2VjcmV0"}, "type, key_secret are"),
        ({"corp": {"type": "zone"}, "odd": None}, "odd is"),
        (["corp", {"name": "file"}], "the entry 1 is"),
        ("corp", "the value is"),
    ],
)
def test_what_is_no_mapping_is_told_what_is_expected(parents: t.Any, odd: str) -> None:
    with pytest.raises(AnsibleActionFail) as caught:
        named_list(parents)
    message = str(caught.value)
    assert message.startswith(f"parents: {odd} no mapping of options. Give a mapping from the name of each parent")
    assert "{corp: {type: rfc2136, server: 192.0.2.1}}" in message and "c2VjcmV0" not in message
