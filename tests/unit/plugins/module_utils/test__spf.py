# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF records by RFC 7208: what receivers read, and what they reject."""

from __future__ import annotations

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._spf import is_spf, spf_problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1", True),
        ("v=spf1 -all", True),
        ("V=SPF1 -all", True),
        ("v=spf10 -all", False),
        ("v=spf1-all", False),
        (" v=spf1 -all", False),
        ("v=spf2.0/pra -all", False),
        ("", False),
    ],
)
def test_what_is_an_spf_record(text: str, expected: bool) -> None:
    assert is_spf(text) == expected


@pytest.mark.parametrize(
    "terms",
    [
        "",
        "-all",
        "+mx a:colo.example.com/28 -all",
        "a mx//64 a/24//64 mx:example.com/24//64 ~all",
        "ip4:192.0.2.0/24 ip4:192.0.2.1 ip6:2001:db8::/32 ip6:::1 ?all",
        "include:example.com. include:_spf.example.com -all",
        "exists:%{ir}.%{l1r+-}._spf.%{d}",
        "exists:%{i}.%%%_%-.spf.example.com -all",
        "ptr ptr:example.com -all",
        "redirect=_spf.example.com",
        "MX -ALL",
        "moo=cow unknown-modifier= a.b_c=%{d}/x -all",
        "exp=explain._spf.%{d} -all",
        "  mx   -all ",
        "a:xn--9ca.xn--p1ai -all",
        " ".join(f"include:{number}.example" for number in range(10)),
        " ".join((*(f"include:{number}.example" for number in range(10)), "redirect=a.example", "-all")),
    ],
)
def test_what_receivers_read(terms: str) -> None:
    assert spf_problems(f"v=spf1 {terms}") == []


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        ("ipv4:192.0.2.1 -all", "'ipv4:192.0.2.1' is one of all, include:"),
        ("ip4:192.0.2.256 -all", "no IPv4 address"),
        ("ip4:192.0.2.0/33 -all", "no IPv4 address"),
        ("ip6:192.0.2.1 -all", "no IPv6 address"),
        ("ip4=192.0.2.1 -all -al", "'-al' is one of"),
        ("include -all", "'include' is one of"),
        ("include: -all", "'include:' is one of"),
        ("include:localhost -all", "does not end in a top-level label"),
        ("include:example.123 -all", "does not end in a top-level label"),
        ("include:example.com- -all", "does not end in a top-level label"),
        ("a/33 -all", "a prefix has at most 32 bits"),
        ("a//129 -all", "a prefix has at most 32 bits"),
        ("a:example.com/ -all", "is one of"),
        ("redirect= -all", "'redirect=' is one of"),
        ("redirect=a.example redirect=b.example", "redirect= comes more than once"),
        ("exp=a.example exp=b.example -all", "exp= comes more than once"),
        ("exists:%{x}.example.com -all", "is one of"),
        ("exists:%a.example.com -all", "is one of"),
        ("-all; mx", "'-all;' is one of"),
        ("1x=y -all", "'1x=y' is one of"),
        (" ".join(f"include:{number}.example" for number in range(11)), "11 look-ups by itself, where 10 are allowed"),
        ("a mx ptr exists:%{i}.a.example " + "include:b.example " * 6 + "redirect=c.example", "11 look-ups"),
    ],
)
def test_what_receivers_reject(terms: str, problem: str) -> None:
    (found,) = spf_problems(f"v=spf1 {terms}")
    assert problem in found


@pytest.mark.parametrize(
    "domain", [f"x.{'a' * 60000}!", f"x.{'a-' * 30000}!", f"x.{'1' * 60000}", "%{s" * 20000, "%{s1" + "." * 60000 + "!"]
)
def test_long_domains_end(domain: str) -> None:
    # In time that grows with their square, this would take minutes.
    assert spf_problems(f"v=spf1 include:{domain}")
