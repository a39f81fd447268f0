# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: reverse_zone
short_description: The name of the reverse zone for a network or an address
version_added: 0.1.0
description:
  - Returns the name of the zone below C(in-addr.arpa) or C(ip6.arpa), by RFC 2317 for IPv4 networks with a prefix of 25
    to 31 bits.
  - C(name) in the description of a zone takes the network itself.
author:
  - zonecut.dns contributors (@zonecut)
positional: _input, prefix_length
options:
  _input:
    description:
      - A network such as V(192.0.2.0/24) or V(2001:db8::/32), without bits beyond its prefix, or an address.
      - The prefix of an IPv4 network below 24 bits is a multiple of 8, that of an IPv6 network a multiple of 4.
    type: str
    required: true
  prefix_length:
    description: The length of the prefix of the network around an address. By default it is 24 for IPv4, 64 for IPv6.
    type: int
"""

EXAMPLES = r"""
- name: Shows 2.0.192.in-addr.arpa
  ansible.builtin.debug:
    msg: "{{ '192.0.2.0/24' | zonecut.dns.reverse_zone }}"

- name: Shows 64/26.2.0.192.in-addr.arpa
  ansible.builtin.debug:
    msg: "{{ '192.0.2.77' | zonecut.dns.reverse_zone(26) }}"

- name: Shows 8.b.d.0.1.0.0.2.ip6.arpa
  ansible.builtin.debug:
    msg: "{{ '2001:db8::/32' | zonecut.dns.reverse_zone }}"
"""

RETURN = r"""
_value:
  description: The name, without its final dot.
  type: str
"""

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._reverse import reverse_zone as zone_of
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as


def reverse_zone(network: object, prefix_length: int | str | None = None) -> str:
    """Return the name of the reverse zone for a network or an address."""
    with failing_as("reverse_zone"):
        length = None if prefix_length is None else str(prefix_length)
        if length is not None and not (length.isascii() and length.isdigit()):
            raise ValueError(f"prefix_length {prefix_length!r} is no whole number")
        try:
            return zone_of(str(network), prefix_length=None if length is None else int(length))
        except ValueError as exc:
            raise ValueError(f"{network}: {exc}") from exc


class FilterModule:
    """Provides the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"reverse_zone": reverse_zone}
