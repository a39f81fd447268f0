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
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import PARENTS_ARGUMENT, parse_parents

CORP = {"name": "corp", "type": "rfc2136", "server": "192.0.2.1", "key_secret": "c2VjcmV0"}


def test_parents_by_name() -> None:
    entries = parse_parents([CORP, {"name": "file", "type": "zone", "path": "/x"}])
    assert {name: entry.kind for name, entry in entries.items()} == {"corp": "rfc2136", "file": "zone"}
    assert entries["file"].options == {"zone": None, "directory": None, "path": "/x"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([CORP, CORP], "parents: corp: a parent is named only once"),
        ([{**CORP, "path": "/x"}], "parents: corp: path: not an option of type rfc2136"),
        ([{"name": "file", "type": "zone", "port": 53}], "parents: file: port: not an option of type zone"),
        ([{"name": "file", "type": "zone", "zone": "a..b"}], "parents: file: zone: 'a..b': not a domain name"),
    ],
)
def test_what_makes_no_sense_is_an_error(given: list[dict[str, t.Any]], message: str) -> None:
    with pytest.raises(DescriptionError, match=re.escape(message)):
        parse_parents(given)


@pytest.mark.parametrize("spelling", ["münchen.example", "XN--mnchen-3ya.example.", r"\120n--mnchen-3ya.example"])
def test_a_zone_is_a_name_however_it_is_spelled(spelling: str) -> None:
    entry = parse_parents([{"name": "file", "type": "zone", "path": "/x", "zone": spelling}])["file"]
    assert entry.options["zone"] == dns.name.from_text("xn--mnchen-3ya.example.")


def test_a_reverse_zone_goes_by_its_network() -> None:
    entry = parse_parents([{"name": "file", "type": "zone", "path": "/x", "zone": "192.0.2.0/24"}])["file"]
    assert entry.options["zone"] == dns.name.from_text("2.0.192.in-addr.arpa.")


def test_values_from_the_environment_may_be_meant_for_another_parent() -> None:
    entries = parse_parents([{"name": "file", "type": "zone", "path": "/x", "key_secret": "c2VjcmV0"}])
    assert "key_secret" not in entries["file"].options


def test_every_option_is_documented_and_secrets_are_known_as_such() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["parents"]["suboptions"]
    assert set(documented) == set(PARENTS_ARGUMENT["options"])
    assert [option for option, spec in PARENTS_ARGUMENT["options"].items() if spec.get("no_log")] == ["key_secret"]


def test_every_kind_of_parent_is_registered() -> None:
    files = pathlib.Path(registry.__file__).parent.glob("*.py")
    kinds = {file.stem for file in files} - {"__init__", "base", "registry"}
    assert kinds == set(PARENTS_ARGUMENT["options"]["type"]["choices"])
