# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ptr_records
short_description: PTR records for a reverse zone, made of described zones
version_added: 0.1.0
description:
  - Returns the C(records) of a reverse zone for all addresses in it that the A and AAAA records of described zones
    have, and the C(addresses) of name servers whose names are in their zone.
  - A name and address that come twice make one record. Wildcards are left out, and so are addresses outside of the
    network. Aliases get none, for a PTR record leads to the name that has the address.
  - An address that lies in the network of another reverse zone among the described ones, such as 192.0.2.65 where
    V(192.0.2.64/26) is described beside V(192.0.2.0/24), belongs into that zone and is left out. A plain name in the
    list is enough to say so.
  - Records in the C(src) of a zone are not seen. A zone without records in its description gets none.
author:
  - zonecut.dns contributors (@zonecut)
positional: _input, network
options:
  _input:
    description: Zones, described as O(zonecut.dns.zone_files#module:zones) takes them.
    type: list
    elements: raw
    required: true
  network:
    description: The reverse zone, by its network such as V(192.0.2.0/24) or by its name.
    type: str
    required: true
  names:
    description:
      - What becomes of an address that several names have.
      - V(all) gives each name a PTR record, in one RRset (RFC 2181 section 10.2).
      - V(first) takes the name that is described first. In one zone C(name_servers) come before C(records).
      - V(error) refuses it, and names the records.
    type: str
    choices: [all, first, error]
    default: all
  ttl:
    description: The TTL of the records, as seconds or text such as V(1h). By default it is that of the reverse zone.
    type: raw
requirements:
  - dnspython >= 2.3 on the controller
"""

EXAMPLES = r"""
- name: Write a zone and the reverse zones of its addresses
  zonecut.dns.zone_files:
    directory: /etc/bind/zones
    zones: "{{ forward_zones + reverse_zones }}"
  vars:
    servers: [{name: ns1.contoso.net}, {name: ns2.contoso.net}]
    forward_zones:
      - name: contoso.example
        name_servers: "{{ servers }}"
        records:
          - {name: www, type: A, value: 192.0.2.10}
          - {name: www, type: AAAA, value: "2001:db8::10"}
    reverse_zones:
      - name: 192.0.2.0/24
        name_servers: "{{ servers }}"
        records: "{{ forward_zones | zonecut.dns.ptr_records('192.0.2.0/24') }}"
      - name: 2001:db8::/32
        name_servers: "{{ servers }}"
        records: "{{ forward_zones | zonecut.dns.ptr_records('2001:db8::/32', names='first') }}"

- name: Leave the addresses of a part that is delegated to its own zone
  ansible.builtin.debug:
    msg: "{{ (forward_zones + ['192.0.2.64/26']) | zonecut.dns.ptr_records('192.0.2.0/24') }}"
"""

RETURN = r"""
_value:
  description: The records, in order of address, as C(records) of a described reverse zone takes them.
  type: list
  elements: dict
  sample:
    - {name: "10", type: PTR, values: [www.contoso.example.]}
"""

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._durations import parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._ptr_records import Names, reverse_network
from ansible_collections.zonecut.dns.plugins.module_utils._ptr_records import ptr_records as records_for
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as, must_be_one_of


def ptr_records(zones: object, network: object, *, names: Names = "all", ttl: object = None) -> list[dict[str, t.Any]]:
    """Return the PTR records of a reverse zone."""
    with failing_as("ptr_records"):
        must_be_one_of("names", names, t.get_args(Names))
        described = parse_zones(zones)
        try:
            seconds = None if ttl is None else parse_duration(ttl)
        except ValueError as exc:
            raise ValueError(f"ttl {ttl!r}: {exc}") from exc
        try:
            reverse = reverse_network(str(network))
        except ValueError as exc:
            raise ValueError(f"{network}: {exc}") from exc
        return records_for(described, reverse, names=names, ttl=seconds)


class FilterModule:
    """Provides the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"ptr_records": ptr_records}
