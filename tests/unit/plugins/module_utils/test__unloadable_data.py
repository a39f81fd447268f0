# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dns.rdata
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._unloadable_data import refuse_unloadable

HASH = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"


@pytest.mark.parametrize(
    ("rdtype", "data", "rule"),
    [
        ("IPSECKEY", "10 0 0 . AQO/", "algorithm 0"),
        ("NAPTR", '1 1 "u" "E2U+sip" "1a1b1" .', "starts with its delimiter"),
        ("NAPTR", '1 1 "u" "E2U+sip" "iaibi" .', "starts with its delimiter"),
        ("NAPTR", '1 1 "u" "E2U+sip" "!a!b" .', "!expression!replacement!"),
        ("NAPTR", '1 1 "u" "E2U+sip" "!!b!" .', "!expression!replacement!"),
        ("NAPTR", '1 1 "u" "E2U+sip" "!a!b!x" .', "!expression!replacement!"),
        ("NAPTR", '1 1 "u" "E2U+sip" "!(a!b!" .', "cannot be understood"),
        ("NAPTR", r'1 1 "u" "E2U+sip" "!a!\\1!" .', "a group that is not among the 0"),
        ("NSAP", "0x", "no octets"),
        ("NSEC", "a.", "one type at least"),
        ("NSEC3", f"1 0 0 - {HASH[:24]} A", "15 octets"),
        ("X25", "abcd", "four decimal digits"),
        ("X25", "123", "four decimal digits"),
    ],
)
def test_data_that_some_server_does_not_load_is_refused(rdtype: str, data: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        refuse_unloadable(dns.rdata.from_text("IN", rdtype, data))


@pytest.mark.parametrize(
    ("rdtype", "data"),
    [
        ("A", "192.0.2.1"),
        ("IPSECKEY", "10 0 2 . AQO/"),
        ("NAPTR", '1 1 "s" "SIP+D2U" "" _sip._udp.example.net.'),
        ("NAPTR", '1 1 "u" "E2U+sip" "!^.*$!sip:info@example.net!i" .'),
        ("NAPTR", r'1 1 "u" "E2U+sip" "!^\\+1(..)(\\!|.)$!sip:\\2\\1@example.net!" .'),
        ("NSAP", "0x47.0005"),
        ("NSEC", "a. NSEC"),
        ("NSEC3", f"1 0 0 - {HASH} A"),
        ("NSEC3", f"2 0 0 - {HASH[:24]} A"),
        ("X25", "311061700956"),
    ],
)
def test_data_that_servers_load_passes(rdtype: str, data: str) -> None:
    refuse_unloadable(dns.rdata.from_text("IN", rdtype, data))
