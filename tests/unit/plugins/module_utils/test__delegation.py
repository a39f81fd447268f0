# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dns.name
import dns.rdata
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import (
    NOT_DELEGATED,
    Delegation,
    delegation_in,
    delegation_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, parse_zones

DIGEST_1 = "2BB183AF5F22588179A53B0A98631FAD1A292118"
DIGEST_2 = "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"


def server(name: str, *addresses: str) -> NameServer:
    """Return a name server from plain values."""
    return NameServer(name=dns.name.from_text(name), addresses=addresses)


def ds(text: str) -> dns.rdata.Rdata:
    """Return a DS rdata from its text."""
    return dns.rdata.from_text("IN", "DS", text)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        pytest.param([server("a.x."), server("b.x.")], [server("b.x."), server("a.x.")], True, id="order-of-servers"),
        pytest.param([server("a.x.")], [server("A.X.")], True, id="case-of-names"),
        pytest.param(
            [server("a.x.", "192.0.2.1", "2001:db8::1")],
            [server("a.x.", "2001:db8::1", "192.0.2.1")],
            True,
            id="order-of-addresses",
        ),
        pytest.param([server("a.x.")], [server("a.x."), server("b.x.")], False, id="another-server"),
        pytest.param([server("a.x.", "192.0.2.1")], [server("a.x.", "192.0.2.2")], False, id="another-address"),
        pytest.param([server("a.x.", "192.0.2.1")], [server("a.x.")], False, id="missing-glue"),
    ],
)
def test_name_servers_compare_by_meaning(one: list[NameServer], other: list[NameServer], equal: bool) -> None:
    assert (Delegation.of(one) == Delegation.of(other)) is equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        pytest.param([f"1 5 1 {DIGEST_1}"], [f"1 5 1 {DIGEST_1.lower()}"], True, id="case-of-the-digest"),
        pytest.param([f"1 5 1 {DIGEST_1}"], [f"1 RSASHA1 1 {DIGEST_1[:8]} {DIGEST_1[8:]}"], True, id="other-spelling"),
        pytest.param(
            [f"1 5 1 {DIGEST_1}", f"1 5 2 {DIGEST_2}"], [f"1 5 2 {DIGEST_2}", f"1 5 1 {DIGEST_1}"], True, id="order"
        ),
        pytest.param([f"1 5 1 {DIGEST_1}"] * 2, [f"1 5 1 {DIGEST_1}"], True, id="repeated"),
        pytest.param([f"1 5 1 {DIGEST_1}"], [f"2 5 1 {DIGEST_1}"], False, id="another-key-tag"),
        pytest.param([f"1 5 1 {DIGEST_1}"], [], False, id="missing"),
    ],
)
def test_ds_compare_by_meaning(one: list[str], other: list[str], equal: bool) -> None:
    servers = [server("a.x.")]
    assert (Delegation.of(servers, map(ds, one)) == Delegation.of(servers, map(ds, other))) is equal


def test_result() -> None:
    delegation = Delegation.of(
        [server("Ns2.X."), server("ns1.x.", "2001:db8::1", "192.0.2.9", "192.0.2.1")],
        [ds(f"2 8 2 {DIGEST_2}"), ds(f"1 5 1 {DIGEST_1}")],
    )
    assert delegation.exists
    assert delegation.result() == {
        "name_servers": [
            {"name": "ns1.x", "addresses": ["192.0.2.1", "192.0.2.9", "2001:db8::1"]},
            {"name": "ns2.x", "addresses": []},
        ],
        "ds": [f"1 5 1 {DIGEST_1.lower()}", f"2 8 2 {DIGEST_2.lower()}"],
        "dnskeys": [],
    }


def test_no_delegation() -> None:
    assert not NOT_DELEGATED.exists
    assert Delegation.of([]) == NOT_DELEGATED
    assert NOT_DELEGATED.result() == {"name_servers": [], "ds": [], "dnskeys": []}


def test_described_zone_needs_glue_for_its_in_domain_servers_only() -> None:
    (zone,) = parse_zones(
        [
            {
                "name": "mail.contoso.example",
                "name_servers": [
                    {"name": "ns2.mail.contoso.example", "addresses": ["2001:db8::53", "192.0.2.53"]},
                    {"name": "ns1.contoso.example", "addresses": ["192.0.2.1"]},
                    {"name": "mail.contoso.example", "addresses": ["192.0.2.2"]},
                ],
                "ds": [f"1 5 1 {DIGEST_1}"],
            }
        ]
    )
    assert delegation_of(zone).result() == {
        "name_servers": [
            {"name": "mail.contoso.example", "addresses": ["192.0.2.2"]},
            {"name": "ns2.mail.contoso.example", "addresses": ["192.0.2.53", "2001:db8::53"]},
            {"name": "ns1.contoso.example", "addresses": []},
        ],
        "ds": [f"1 5 1 {DIGEST_1.lower()}"],
        "dnskeys": [],
    }


PARENT = """\
mail.contoso.example. NS ns1.mail.contoso.example.
mail.contoso.example. NS Mail.Contoso.Example.
mail.contoso.example. NS ns2.contoso.example.
ns1.mail.contoso.example. AAAA 2001:DB8:0::53
ns1.mail.contoso.example. A 192.0.2.53
ns1.mail.contoso.example. A 192.0.2.5
mail.contoso.example. A 192.0.2.6
ns2.contoso.example. A 192.0.2.7
other.mail.contoso.example. A 192.0.2.8
contoso.example. NS ns9.contoso.example.
"""


def found_in(parent: str) -> Delegation:
    """Return the delegation of mail.contoso.example among the records of a parent."""
    records = [line.split(" ", 2) for line in parent.splitlines()]

    def lookup(owner: dns.name.Name, rdtype: str) -> list[dns.rdata.Rdata]:
        return [
            dns.rdata.from_text("IN", each, text)
            for name, each, text in records
            if dns.name.from_text(name) == owner and each == rdtype
        ]

    return delegation_in(dns.name.from_text("mail.contoso.example"), lookup)


def test_a_parent_holds_glue_for_in_domain_servers_only() -> None:
    delegation = found_in(f"{PARENT}mail.contoso.example. DS 1 5 1 {DIGEST_1}\n")
    assert delegation.result() == {
        "name_servers": [
            {"name": "mail.contoso.example", "addresses": ["192.0.2.6"]},
            {"name": "ns1.mail.contoso.example", "addresses": ["192.0.2.5", "192.0.2.53", "2001:db8::53"]},
            {"name": "ns2.contoso.example", "addresses": []},
        ],
        "ds": [f"1 5 1 {DIGEST_1.lower()}"],
        "dnskeys": [],
    }


def test_ttls_are_those_of_the_cut_and_the_longest_of_its_glue() -> None:
    ttls = {("mail.contoso.example.", "NS"): 900, ("mail.contoso.example.", "DS"): 300}
    ttls.update({("mail.contoso.example.", "A"): 600, ("ns1.mail.contoso.example.", "AAAA"): 1200})
    records = {"NS": ["mail.contoso.example.", "ns1.mail.contoso.example.", "b.test."], "A": ["192.0.2.1"]}

    def lookup(owner: dns.name.Name, rdtype: str) -> list[dns.rdata.Rdata]:
        return [dns.rdata.from_text("IN", rdtype, text) for text in records.get(rdtype, ())]

    def ttl(owner: dns.name.Name, rdtype: str) -> int | None:
        return 9999 if owner.to_text() == "b.test." else ttls.get((owner.to_text(), rdtype))

    found = delegation_in(dns.name.from_text("mail.contoso.example"), lookup, ttl=ttl)
    assert (found.ns_ttl, found.ds_ttl, found.glue_ttl) == (900, 300, 1200)


def test_what_is_found_equals_what_was_described() -> None:
    (zone,) = parse_zones(
        [
            {
                "name": "mail.contoso.example",
                "name_servers": [
                    {"name": "ns2.contoso.example"},
                    {"name": "ns1.mail.contoso.example", "addresses": ["192.0.2.53", "2001:db8::53", "192.0.2.5"]},
                    {"name": "MAIL.contoso.example", "addresses": ["192.0.2.6"]},
                ],
            }
        ]
    )
    assert found_in(PARENT) == delegation_of(zone)


def test_without_ns_there_is_no_zone_cut() -> None:
    without = "".join(line for line in PARENT.splitlines(keepends=True) if " NS " not in line)
    assert found_in(f"{without}mail.contoso.example. DS 1 5 1 {DIGEST_1}\n") == NOT_DELEGATED
