# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import dns.name
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._name_text import name_text

_LABELS = st.binary(min_size=1, max_size=12) | st.text("aZ0_*/-.@\\\\", min_size=1, max_size=12).map(str.encode)


@given(labels=st.lists(_LABELS, max_size=5))
@example(labels=[])
@example(labels=[b"a.b", b"example"])
@example(labels=[b".", b"."])
@example(labels=[b"@"])
@example(labels=[b"#"])
def test_a_name_is_written_in_lower_case_and_as_every_name_server_reads_it(labels: list[bytes]) -> None:
    name = dns.name.Name([*labels, b""])
    text = name_text(name)
    assert dns.name.from_text(text).labels == name.canonicalize().labels
    # Knot reads no other character in a name without a backslash.
    assert re.fullmatch(r"(?:[a-z0-9_*/.-]|\\[0-9]{3}|\\[!-/:-~])+", text)
    assert name_text(dns.name.from_text(text)) == text


@pytest.mark.parametrize(("labels", "text"), [([b""], "."), ([b"WWW", b"Example", b""], "www.example.")])
def test_name_text(labels: list[bytes], text: str) -> None:
    assert name_text(dns.name.Name(labels)) == text
