# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re
import typing as t

import dns.name
import pytest
import yaml

from ansible_collections.zonecut.dns.plugins.doc_fragments.parents import ModuleDocFragment
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._parents import registry
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import (
    KINDS,
    PARENTS_ARGUMENT,
    ParentEntry,
    parse_parents,
)

CORP = {"name": "corp", "type": "rfc2136", "server": "192.0.2.1", "key_secret": "c2VjcmV0"}
SECRETS: list[str] = []


def parsed(given: list[dict[str, t.Any]], **environment: str) -> dict[str, ParentEntry]:
    return parse_parents(given, environment=environment, keep_secret=SECRETS.append)


@pytest.fixture(autouse=True)
def _no_secrets_yet() -> None:
    SECRETS.clear()


def test_parents_by_name() -> None:
    entries = parsed([CORP, {"name": "file", "type": "zone", "path": "/x"}])
    assert {name: entry.kind for name, entry in entries.items()} == {"corp": "rfc2136", "file": "zone"}
    assert entries["file"].options == {"zone": None, "directory": None, "path": "/x"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([CORP, CORP], "parents: corp: a parent is named only once"),
        ([{**CORP, "path": "/x"}], "parents: corp: path: not an option of type rfc2136"),
        ([{"name": "file", "type": "zone", "port": 53}], "parents: file: port: not an option of type zone"),
        ([{"name": "corp", "type": "rfc2136"}], "parents: corp: server: type rfc2136 needs it"),
        ([{"name": "file", "type": "zone", "zone": "a..b"}], "parents: file: zone: 'a..b': not a domain name"),
    ],
)
def test_what_makes_no_sense_is_an_error(given: list[dict[str, t.Any]], message: str) -> None:
    with pytest.raises(DescriptionError, match=re.escape(message)):
        parsed(given)


@pytest.mark.parametrize("spelling", ["münchen.example", "XN--mnchen-3ya.example.", r"\120n--mnchen-3ya.example"])
def test_a_zone_is_a_name_however_it_is_spelled(spelling: str) -> None:
    entry = parsed([{"name": "file", "type": "zone", "path": "/x", "zone": spelling}])["file"]
    assert entry.options["zone"] == dns.name.from_text("xn--mnchen-3ya.example.")


def test_a_reverse_zone_goes_by_its_network() -> None:
    entry = parsed([{"name": "file", "type": "zone", "path": "/x", "zone": "192.0.2.0/24"}])["file"]
    assert entry.options["zone"] == dns.name.from_text("2.0.192.in-addr.arpa.")


def test_what_is_not_given_comes_from_the_environment() -> None:
    bare = {"name": "corp", "type": "rfc2136", "server": "192.0.2.1"}
    found = {"ZONECUT_RFC2136_KEY_NAME": "k", "ZONECUT_RFC2136_KEY_SECRET": "c2VjcmV0", "ZONECUT_RFC2136_SERVER": "no"}
    entries = parsed([bare, {**bare, "name": "other", "key_name": "mine"}, {"name": "f", "type": "zone"}], **found)
    assert [entries[name].options["key_name"] for name in ("corp", "other")] == ["k", "mine"]
    assert entries["corp"].options["server"] == "192.0.2.1"
    assert "key_secret" not in entries["f"].options
    assert set(SECRETS) == {"c2VjcmV0"}


def test_an_empty_secret_is_none_that_could_be_masked() -> None:
    parsed([{**CORP, "key_secret": ""}])
    assert SECRETS == []


def test_an_empty_variable_is_none() -> None:
    bare = {"name": "corp", "type": "rfc2136", "server": "192.0.2.1"}
    assert parsed([bare], ZONECUT_RFC2136_KEY_NAME="")["corp"].options["key_name"] is None


def test_every_option_is_documented_and_secrets_are_known_as_such() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["parents"]["suboptions"]
    assert set(documented) == set(PARENTS_ARGUMENT["options"])
    for option, spec in PARENTS_ARGUMENT["options"].items():
        assert documented[option].get("choices") == spec.get("choices")
        assert documented[option]["type"] == spec["type"]


def test_options_of_several_kinds_are_the_same_but_for_their_choices() -> None:
    for kind in KINDS.values():
        for option, spec in kind.arguments.items():
            merged = PARENTS_ARGUMENT["options"][option]
            assert {**spec, "choices": None} == {**merged, "choices": None}, f"{kind.kind}: {option}"


def test_every_kind_of_parent_is_registered() -> None:
    files = pathlib.Path(registry.__file__).parent.glob("*.py")
    kinds = {file.stem for file in files} - {"__init__", "base", "registry"}
    assert kinds == set(PARENTS_ARGUMENT["options"]["type"]["choices"])
