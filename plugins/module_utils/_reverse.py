# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reverse zones: from networks to the names of their zones and back (RFC 1035 section 3.5, RFC 3596, RFC 2317)."""

from __future__ import annotations

import ipaddress
import re
import typing as t

__all__ = (
    "Address",
    "Network",
    "is_address_or_network",
    "is_classless",
    "network_around",
    "network_of",
    "owner_in",
    "parse_network",
    "reverse_name",
    "reverse_zone",
)

Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

# By IP version: the suffix of reverse names, and how many bits each of their labels stands for.
_SUFFIXES = {4: "in-addr.arpa", 6: "ip6.arpa"}
_BITS = {4: 8, 6: 4}
# The networks that reverse zones are mostly for.
_USUAL_LENGTHS = {4: 24, 6: 64}
_MOST_LISTED = 4
# As other tools write 192.0.2.0/24 for short, which would pass for a name of labels with a slash.
_SHORTENED = re.compile(r"[0-9]+(\.[0-9]+){0,3}/[0-9]+", re.ASCII)
_OCTET = re.compile("0|[1-9][0-9]{0,2}")
_NIBBLE = re.compile("[0-9a-f]")


def is_address_or_network(text: str) -> bool:
    """Whether ``text`` is an address, final dot or not, or begins as one with a prefix would."""
    address = text.rstrip(".").partition("/")[0]
    # Exceptions are slow, and most names are no address.
    if ":" not in address and not address[-1:].isdigit():
        return False
    if _SHORTENED.fullmatch(text.rstrip(".")):
        return True
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def parse_network(text: str) -> Network:
    """Return the network that ``text`` is, such as ``192.0.2.0/24``.

    :raises ValueError: with the rule that ``text`` breaks, and the value to write instead where there is one.
    """
    text = text.rstrip(".")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as exc:
        raise ValueError("not a network such as 192.0.2.0/24 or 2001:db8::/32") from exc
    address, slash, length = text.partition("/")
    if not slash:
        usual = network_around(network.network_address)
        raise ValueError(f"an address is no network: write one with the length of its prefix, such as {usual}")
    if not (length.isascii() and length.isdigit()):
        raise ValueError(f"a network is written with the length of its prefix: {network}")
    if ipaddress.ip_address(address) != network.network_address:
        raise ValueError(f"the address has bits beyond its prefix of {network.prefixlen}: write {network}")
    return network


def network_around(address: Address, *, prefix_length: int | None = None) -> Network:
    """Return the network of that prefix length (by default 24 for IPv4, 64 for IPv6) with ``address`` in it.

    :raises ValueError: for a prefix length that addresses of this version cannot have.
    """
    length = _USUAL_LENGTHS[address.version] if prefix_length is None else prefix_length
    if not 0 <= length <= address.max_prefixlen:
        raise ValueError(f"the prefix of an IPv{address.version} network has 0 to {address.max_prefixlen} bits")
    return ipaddress.ip_network((address, length), strict=False)


def is_classless(network: Network) -> bool:
    """Whether the reverse zone of ``network`` is one by RFC 2317, which the zone above has to lead to by CNAMEs."""
    return network.version == 4 and 24 < network.prefixlen < 32


def reverse_name(network: Network) -> str:
    """Return the name of the reverse zone for ``network``, without its final dot.

    :raises ValueError: for a network that ends between two labels, with the networks to describe instead.
    """
    suffix = _SUFFIXES[network.version]
    labels = network.network_address.reverse_pointer.split(".")
    if is_classless(network):
        return f"{labels[0]}/{network.prefixlen}.{'.'.join(labels[1:4])}.{suffix}"
    if network.prefixlen % _BITS[network.version]:
        raise ValueError(_off_boundary(network))
    return ".".join((*labels[_labels_below(network) : -2], suffix))


def reverse_zone(text: str, *, prefix_length: int | None = None) -> str:
    """Return the name of the reverse zone for a network, or for an address, without its final dot.

    :arg prefix_length: of the network around an address; by default 24 for IPv4 and 64 for IPv6.
    :raises ValueError: with the rule that ``text`` breaks.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        if prefix_length is not None:
            raise ValueError("a prefix length goes with an address, and this is none") from None
        return reverse_name(parse_network(text))
    return reverse_name(network_around(address, prefix_length=prefix_length))


def network_of(name: str) -> Network | None:
    """Return the network whose reverse zone has that name, in lower case and without final dot; None for other names.

    Of the forms that RFC 2317 leaves open only ``64/26.2.0.192.in-addr.arpa`` is known.
    """
    if name == _SUFFIXES[4] or name.endswith(f".{_SUFFIXES[4]}"):
        return _network_of_octets(name.split(".")[:-2])
    if name == _SUFFIXES[6] or name.endswith(f".{_SUFFIXES[6]}"):
        nibbles = name.split(".")[:-2]
        if len(nibbles) <= 32 and all(_NIBBLE.fullmatch(nibble) for nibble in nibbles):
            return ipaddress.IPv6Network((int("".join(reversed(nibbles)).ljust(32, "0"), 16), 4 * len(nibbles)))
    return None


def owner_in(network: Network, address: Address) -> str:
    """Return the owner, relative to the reverse zone of ``network``, of the PTR records for an address in it."""
    labels = address.reverse_pointer.split(".")
    return labels[0] if is_classless(network) else ".".join(labels[: _labels_below(network)]) or "@"


def _labels_below(network: Network) -> int:
    return (network.max_prefixlen - network.prefixlen) // _BITS[network.version]


def _network_of_octets(labels: list[str]) -> Network | None:
    first, slash, length = labels[0].partition("/") if labels else ("", "", "")
    octets = list(reversed((first, *labels[1:]) if slash else labels))
    if len(octets) > 4 or not all(_OCTET.fullmatch(octet) and int(octet) <= 255 for octet in octets):
        return None
    address = ".".join((*octets, *["0"] * (4 - len(octets))))
    if not slash:
        return ipaddress.IPv4Network(f"{address}/{8 * len(octets)}")
    if len(octets) < 4 or not re.fullmatch("2[5-9]|3[01]", length):
        return None
    try:
        return ipaddress.IPv4Network(f"{address}/{length}")
    except ValueError:
        return None


def _off_boundary(network: Network) -> str:
    bits = _BITS[network.version]
    outer = network.prefixlen // bits * bits
    inner = [str(subnet) for subnet in network.subnets(new_prefix=outer + bits)]
    if len(inner) <= _MOST_LISTED:
        listed = f"{', '.join(inner[:-1])} and {inner[-1]}"
    else:
        listed = f"the {len(inner)} networks {inner[0]} to {inner[-1]}"
    rule = f"the prefix of a reverse zone ends after a multiple of {bits} bits: describe {listed} as zones of their own"
    return f"{rule}, or {network.supernet(new_prefix=outer)} as one" if outer else rule
