# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports and keys of single addresses."""

from __future__ import annotations

import dns.tsig
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access, split_port

KEY = dns.tsig.Key("inner.", b"secret")
GIVEN, OTHER = "192.0.2.1", "192.0.2.2"


@pytest.mark.parametrize(
    ("key_servers", "address", "on_the_way", "signed"),
    [
        (None, OTHER, False, True),
        (None, OTHER, True, False),
        (None, GIVEN, True, True),
        (None, GIVEN, False, True),
        (frozenset((OTHER,)), OTHER, True, True),
        (frozenset((OTHER,)), GIVEN, False, False),
        (frozenset((OTHER,)), GIVEN, True, False),
    ],
)
def test_who_is_sent_the_key(key_servers: frozenset[str] | None, address: str, on_the_way: bool, signed: bool) -> None:
    access = Access(key=KEY, key_servers=key_servers, given=frozenset((GIVEN,)))
    assert access.key_for(address, on_the_way=on_the_way) == (KEY if signed else None)


def test_nobody_is_sent_a_key_that_there_is_not() -> None:
    assert Access(key_servers=frozenset((OTHER,))).key_for(OTHER, on_the_way=False) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("192.0.2.1", ("192.0.2.1", None)),
        ("192.0.2.1@5353", ("192.0.2.1", 5353)),
        ("2001:db8::1@1", ("2001:db8::1", 1)),
        ("2001:db8::1@65535", ("2001:db8::1", 65535)),
    ],
)
def test_ports(text: str, parts: tuple[str, int | None]) -> None:
    assert split_port(text) == parts


@pytest.mark.parametrize(
    "text", ["192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536", "192.0.2.1@053", "192.0.2.1@5@3", "a@b"]
)
def test_ports_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="has no port from 1 to 65535 behind the @"):
        split_port(text)
