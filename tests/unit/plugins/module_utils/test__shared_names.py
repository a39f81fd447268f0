# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that recur: they are what names of dnspython are, in all that is done with them."""

from __future__ import annotations

import copy
import itertools
import pickle

import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._shared_names import shared_name

TEXTS = [
    ".",
    "example.",
    "EXAMPLE.",
    "www.example.",
    "Www.Example.",
    "z.example.",
    "a.z.example.",
    "xexample.",
    r"w\.w.example.",
]
PAIRS = list(itertools.product(TEXTS, repeat=2))


def _both(text: str) -> tuple[dns.name.Name, dns.name.Name]:
    plain = dns.name.from_text(text)
    return shared_name(plain.labels), plain


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_they_compare_as_dnspython_does(one: str, other: str) -> None:
    (shared, plain), (other_shared, other_plain) = _both(one), _both(other)
    for left, right in ((shared, other_shared), (shared, other_plain), (plain, other_shared)):
        assert (left == right) == (plain == other_plain)
        assert (left != right) == (plain != other_plain)
        assert (left < right) == (plain < other_plain)
        assert (left > right) == (plain > other_plain)
        assert left.is_subdomain(right) == plain.is_subdomain(other_plain)


@pytest.mark.parametrize("text", TEXTS)
def test_each_is_the_name_that_it_stands_for(text: str) -> None:
    shared, plain = _both(text)
    assert isinstance(shared, dns.name.Name)
    assert shared is shared_name(plain.labels)
    assert (hash(shared), shared.to_text(), shared.to_wire()) == (hash(plain), plain.to_text(), plain.to_wire())
    assert pickle.loads(pickle.dumps(shared)) is shared
    assert copy.deepcopy(shared) == plain
    assert shared != text


def test_the_parent_is_shared_too() -> None:
    shared, plain = _both("www.example.")
    assert shared.parent() is shared_name(plain.parent().labels)
    with pytest.raises(dns.name.NoParent):
        _both(".")[0].parent()


def test_what_is_too_long_is_no_name() -> None:
    with pytest.raises(dns.name.LabelTooLong):
        shared_name((b"a" * 64, b""))
