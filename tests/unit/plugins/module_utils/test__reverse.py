# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._reverse import (
    Network,
    is_address_or_network,
    is_classless,
    network_around,
    network_of,
    owner_in,
    parse_network,
    reverse_name,
    reverse_zone,
)

NAMES = {
    "0.0.0.0/0": "in-addr.arpa",
    "10.0.0.0/8": "10.in-addr.arpa",
    "172.16.0.0/16": "16.172.in-addr.arpa",
    "192.0.2.0/24": "2.0.192.in-addr.arpa",
    "192.0.2.128/25": "128/25.2.0.192.in-addr.arpa",
    "192.0.2.64/26": "64/26.2.0.192.in-addr.arpa",
    "192.0.2.8/31": "8/31.2.0.192.in-addr.arpa",
    "192.0.2.9/32": "9.2.0.192.in-addr.arpa",
    "::/0": "ip6.arpa",
    "2001:db8::/32": "8.b.d.0.1.0.0.2.ip6.arpa",
    "2001:DB8:00a0::/44": "a.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    "2001:db8:1:2::/64": "2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    "::1/128": f"1.{'0.' * 31}ip6.arpa",
}


@pytest.mark.parametrize(("prefix", "name"), NAMES.items())
def test_a_network_and_its_zone(prefix: str, name: str) -> None:
    assert reverse_name(parse_network(prefix)) == name
    assert network_of(name) == ipaddress.ip_network(prefix)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("192.0.2.65/26", "beyond its prefix of 26: write 192.0.2.64/26", id="host-bits"),
        pytest.param("2001:db8::1/32", "beyond its prefix of 32: write 2001:db8::/32", id="ipv6-host-bits"),
        pytest.param("192.0.2.7", "such as 192.0.2.0/24", id="address"),
        pytest.param("2001:db8::7", "such as 2001:db8::/64", id="ipv6-address"),
        pytest.param("192.0.2.0/255.255.255.0", "length of its prefix: 192.0.2.0/24", id="netmask"),
        pytest.param("192.0.2.0/0.0.0.255", "length of its prefix: 192.0.2.0/24", id="hostmask"),
        pytest.param("192.0.2.0/33", "not a network such as", id="too-long"),
        pytest.param("192.0.2.0/", "not a network such as", id="nothing-after-the-slash"),
        pytest.param("2001:db8::/129", "not a network such as", id="ipv6-too-long"),
        pytest.param("192.0.2/24", "not a network such as", id="shortened"),
    ],
)
def test_networks_refused(text: str, rule: str) -> None:
    assert is_address_or_network(text)
    assert is_address_or_network(f"{text}.")
    with pytest.raises(ValueError, match="."):
        parse_network(text)
    try:
        parse_network(text)
    except ValueError as exc:
        assert rule in str(exc)


@pytest.mark.parametrize(
    "text", ["", ".", "example.com", "64/26.2.0.192.in-addr.arpa", "1.2.3", "1.2.3.4.5", "host1", "/24"]
)
def test_names_are_no_networks(text: str) -> None:
    assert not is_address_or_network(text)


@pytest.mark.parametrize(
    ("prefix", "rule"),
    [
        pytest.param(
            "10.0.4.0/22",
            "10.0.4.0/24, 10.0.5.0/24, 10.0.6.0/24 and 10.0.7.0/24 as zones of their own, or 10.0.0.0/16 as one",
            id="few",
        ),
        pytest.param(
            "172.16.0.0/12",
            "describe the 16 networks 172.16.0.0/16 to 172.31.0.0/16 as zones of their own, or 172.0.0.0/8 as one",
            id="many",
        ),
        pytest.param(
            "64.0.0.0/3",
            "describe the 32 networks 64.0.0.0/8 to 95.0.0.0/8 as zones of their own",
            id="nothing-above-but-the-root-of-all",
        ),
        pytest.param(
            "2001:db8::/47",
            "4 bits: describe 2001:db8::/48 and 2001:db8:1::/48 as zones of their own, or 2001:db8::/44 as one",
            id="ipv6",
        ),
    ],
)
def test_networks_between_two_labels_are_refused_with_those_to_describe(prefix: str, rule: str) -> None:
    with pytest.raises(ValueError, match="as zones of their own") as caught:
        reverse_name(parse_network(prefix))
    assert str(caught.value).endswith(rule)


@pytest.mark.parametrize(
    "name",
    [
        "example.com",
        "arpa",
        "xin-addr.arpa",
        "host.2.0.192.in-addr.arpa",
        "256.in-addr.arpa",
        "01.in-addr.arpa",
        "5.4.3.2.1.in-addr.arpa",
        "64-26.2.0.192.in-addr.arpa",
        "65/26.2.0.192.in-addr.arpa",
        "0/24.2.0.192.in-addr.arpa",
        "9/32.2.0.192.in-addr.arpa",
        "64/26.0.192.in-addr.arpa",
        "10.ip6.arpa",
        "g.ip6.arpa",
        f"{'0.' * 33}ip6.arpa",
    ],
)
def test_names_of_no_network(name: str) -> None:
    assert network_of(name) is None


@pytest.mark.parametrize(
    ("prefix", "address", "owner"),
    [
        ("192.0.2.0/24", "192.0.2.7", "7"),
        ("192.0.0.0/16", "192.0.2.7", "7.2"),
        ("192.0.2.64/26", "192.0.2.65", "65"),
        ("192.0.2.7/32", "192.0.2.7", "@"),
        ("2001:db8::/32", "2001:db8::1", f"1{'.0' * 23}"),
        ("2001:db8::/124", "2001:db8::a", "a"),
        ("2001:db8::1/128", "2001:db8::1", "@"),
    ],
)
def test_owners(prefix: str, address: str, owner: str) -> None:
    assert owner_in(parse_network(prefix), ipaddress.ip_address(address)) == owner


def test_only_parts_of_a_24_are_classless() -> None:
    lengths = [length for length in range(33) if is_classless(ipaddress.IPv4Network((0, length)))]
    assert lengths == [25, 26, 27, 28, 29, 30, 31]
    assert not is_classless(ipaddress.IPv6Network("2001:d00::/28"))


@pytest.mark.parametrize(
    ("address", "length", "network"),
    [
        ("192.0.2.77", None, "192.0.2.0/24"),
        ("2001:db8::77", None, "2001:db8::/64"),
        ("192.0.2.77", 26, "192.0.2.64/26"),
        ("192.0.2.77", 0, "0.0.0.0/0"),
    ],
)
def test_the_network_around_an_address(address: str, length: int | None, network: str) -> None:
    assert str(network_around(ipaddress.ip_address(address), prefix_length=length)) == network


@pytest.mark.parametrize(("address", "length"), [("192.0.2.77", 33), ("192.0.2.77", -1), ("::1", 129)])
def test_prefix_lengths_that_no_address_has(address: str, length: int) -> None:
    with pytest.raises(ValueError, match="0 to (32|128) bits"):
        network_around(ipaddress.ip_address(address), prefix_length=length)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.data())
def test_owner_and_zone_make_the_reverse_name_of_each_address(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, data: st.DataObject
) -> None:
    lengths = [0, 8, 16, 24, 32] if address.version == 4 else list(range(0, 129, 4))
    network: Network = network_around(address, prefix_length=data.draw(st.sampled_from(lengths)))
    owner = owner_in(network, address)
    name = reverse_name(network)
    assert (name if owner == "@" else f"{owner}.{name}") == address.reverse_pointer
    assert network_of(name) == network


@pytest.mark.parametrize(
    ("text", "length", "name"),
    [
        ("192.0.2.0/24", None, "2.0.192.in-addr.arpa"),
        ("192.0.2.77", None, "2.0.192.in-addr.arpa"),
        ("192.0.2.77", 26, "64/26.2.0.192.in-addr.arpa"),
        ("2001:db8::1", 32, "8.b.d.0.1.0.0.2.ip6.arpa"),
        ("2001:db8::1", None, "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"),
    ],
)
def test_reverse_zone(text: str, length: int | None, name: str) -> None:
    assert reverse_zone(text, prefix_length=length) == name


@pytest.mark.parametrize(
    ("text", "length", "rule"),
    [
        ("192.0.2.0/24", 24, "goes with an address"),
        ("192.0.2.1/24", None, "write 192.0.2.0/24"),
        ("192.0.2.1", 22, "multiple of 8 bits"),
        ("contoso.example", None, "not a network such as"),
    ],
)
def test_what_has_no_reverse_zone(text: str, length: int | None, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        reverse_zone(text, prefix_length=length)
