# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._ptr_records import ptr_records, reverse_network
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import contoso, mail, planned


def made(network: str, *described: t.Any, **options: t.Any) -> list[dict[str, t.Any]]:
    return ptr_records(parse_zones(list(described)), reverse_network(network), **options)


def names(network: str, *described: t.Any, **options: t.Any) -> dict[str, list[str]]:
    """Return the names by the owner of their PTR records."""
    return {record["name"]: record["values"] for record in made(network, *described, **options)}


def host(name: str, *addresses: str, rdtype: str = "A") -> dict[str, t.Any]:
    return {"name": name, "type": rdtype, "values": list(addresses)}


def test_every_address_of_the_network_in_order() -> None:
    zone = contoso(
        host("b", "192.0.2.20", "192.0.2.3"), host("c", "198.51.100.1"), host("d", "2001:db8::1", rdtype="AAAA")
    )
    assert made("192.0.2.0/24", zone) == [
        {"name": "1", "type": "PTR", "values": ["www.contoso.example."]},
        {"name": "3", "type": "PTR", "values": ["b.contoso.example."]},
        {"name": "20", "type": "PTR", "values": ["b.contoso.example."]},
    ]
    assert names("2001:db8::/124", zone) == {"1": ["d.contoso.example."]}
    assert made("203.0.113.0/24", zone) == []


@pytest.mark.parametrize(
    ("network", "owner"),
    [
        ("192.0.2.0/24", "1"),
        ("2.0.192.in-addr.arpa.", "1"),
        ("192.0.0.0/16", "1.2"),
        ("192.0.2.0/31", "1"),
        ("0/31.2.0.192.IN-ADDR.ARPA", "1"),
        ("192.0.2.1/32", "@"),
    ],
)
def test_the_reverse_zone_by_network_or_name(network: str, owner: str) -> None:
    assert names(network, contoso()) == {owner: ["www.contoso.example."]}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("192.0.2.1/24", "write 192.0.2.0/24"),
        ("10.0.0.0/22", "or 10.0.0.0/16 as one"),
        ("contoso.example", "not the name of a reverse zone"),
        ("64-127.2.0.192.in-addr.arpa", "give the network instead, such as 192.0.2.64/26"),
        ("", "not empty"),
    ],
)
def test_what_is_no_reverse_zone(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        reverse_network(text)


def test_names_as_the_description_means_them() -> None:
    zone = contoso(host("@", "192.0.2.2"), host("Bücher", "192.0.2.3"), host("x.contoso.example.", "192.0.2.4"))
    assert names("192.0.2.0/24", zone) == {
        "1": ["www.contoso.example."],
        "2": ["contoso.example."],
        "3": ["xn--bcher-kva.contoso.example."],
        "4": ["x.contoso.example."],
    }


def test_no_record_for_wildcards_and_aliases() -> None:
    alias = {"name": "a", "type": "CNAME", "value": "www"}
    zone = contoso(host("*", "192.0.2.2"), host("*.a.b", "192.0.2.3"), alias)
    assert names("192.0.2.0/24", zone) == {"1": ["www.contoso.example."]}


def test_name_servers_that_are_in_their_zone() -> None:
    elsewhere = {"name": "ns.example.net", "addresses": ["192.0.2.99"]}
    zone = {**mail(), "name_servers": [*mail()["name_servers"], elsewhere]}
    assert names("192.0.2.0/24", zone) == {"53": ["ns1.mail.contoso.example."]}
    assert names("2001:db8::/64", zone) == {"3.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0": ["ns1.mail.contoso.example."]}


def test_the_same_record_once() -> None:
    glue = host("ns1.mail", "192.0.2.53")
    assert names("192.0.2.0/24", contoso(glue, host("WWW", "192.0.2.1")), mail()) == {
        "1": ["www.contoso.example."],
        "53": ["ns1.mail.contoso.example."],
    }


def test_several_names_of_an_address() -> None:
    zone = contoso(host("shop", "192.0.2.1"), host("a", "192.0.2.2"))
    assert names("192.0.2.0/24", zone)["1"] == ["www.contoso.example.", "shop.contoso.example."]
    assert names("192.0.2.0/24", zone, names="first")["1"] == ["www.contoso.example."]
    with pytest.raises(DescriptionError) as caught:
        made("192.0.2.0/24", zone, names="error")
    assert [str(problem) for problem in caught.value.problems] == [
        "contoso.example: records[0] (www A) and contoso.example: records[1] (shop A): '192.0.2.1': an address has one"
        " name here, and this one has www.contoso.example. and shop.contoso.example."
    ]
    assert names("192.0.2.2/32", zone, names="error") == {"@": ["a.contoso.example."]}


def test_the_first_name_is_that_of_a_name_server() -> None:
    zone = {**mail(), "records": [host("a", "192.0.2.53")]}
    assert names("192.0.2.0/24", zone, names="first") == {"53": ["ns1.mail.contoso.example."]}


def test_addresses_that_have_another_reverse_zone() -> None:
    zone = contoso(host("a", "192.0.2.65"), host("b", "192.0.2.128"))
    assert set(names("192.0.2.0/24", zone, "192.0.2.64/26", "192.0.2.0/24", "192.0.0.0/16")) == {"1", "128"}
    assert set(names("192.0.0.0/16", zone, "192.0.2.0/24", "2001:db8::/32")) == set()
    assert set(names("192.0.2.64/26", zone, "192.0.2.64/26", "192.0.2.0/24")) == {"65"}


def test_a_ttl() -> None:
    assert made("192.0.2.0/24", contoso(), ttl=300) == [
        {"name": "1", "type": "PTR", "values": ["www.contoso.example."], "ttl": 300}
    ]


def test_records_that_cannot_be_read() -> None:
    with pytest.raises(DescriptionError, match=r"zone contoso.example, records\[1\] \(a A\): '192.0.2.300'"):
        made("192.0.2.0/24", contoso(host("a", "192.0.2.300")))


def test_the_records_make_a_reverse_zone_without_faults(tmp_path: pathlib.Path) -> None:
    zone = contoso(host("b", "192.0.2.65"), host("c", "2001:db8::1", rdtype="AAAA"))
    servers = zone["name_servers"]
    whole, part, ipv6 = (
        {"name": network, "name_servers": servers, "records": made(network, zone, "192.0.2.64/26")}
        for network in ("192.0.2.0/24", "192.0.2.64/26", "2001:db8::/32")
    )
    plans = planned(tmp_path, zone, whole, part, ipv6)
    assert [plan.warnings for plan in plans] == [()] * 4
    assert [plan.path.rpartition("/")[2] for plan in plans[1:]] == [
        "2.0.192.in-addr.arpa.zone",
        "64_26.2.0.192.in-addr.arpa.zone",
        "8.b.d.0.1.0.0.2.ip6.arpa.zone",
    ]
    texts = [(plan.text or b"").decode() for plan in plans]
    assert " PTR   www.contoso.example." in texts[1]
    assert " CNAME 65.64/26.2.0.192.in-addr.arpa." in texts[1]
    assert " PTR   b.contoso.example." in texts[2]
    assert " PTR   c.contoso.example." in texts[3]
