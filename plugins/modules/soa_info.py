#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: soa_info
short_description: Read the SOA record of zones from every address of every name server
version_added: 0.1.0
description:
  - Walks down from the root servers to the parent of each zone, and reads the SOA record from every address of every
    name server that the parent or the zone itself lists. Nothing is taken from a resolver or its cache.
  - Shows which serial each of them serves, whether they are in sync, how fast they answer, and every field decoded.
  - A server that does not answer is part of the result, not a failure of the task. Use M(zonecut.dns.verify) to assert.
    An empty list of zones gives a warning.
author:
  - zonecut.dns contributors (@zonecut)
extends_documentation_fragment:
  - zonecut.dns.attributes
  - zonecut.dns.attributes.info_module
  - zonecut.dns.zones
  - zonecut.dns.queries
  - zonecut.dns.queries.parent_servers
options:
  predelegation:
    description:
      - If V(true), ask the described name servers at their described addresses instead of those that the zone is
        delegated to.
    type: bool
    default: false
seealso:
  - module: zonecut.dns.verify
  - plugin: zonecut.dns.soa_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the SOA of a zone everywhere
  zonecut.dns.soa_info:
    zones:
      - contoso.com
  register: soa

- name: Show a table with serials, how far they are behind, and the times of answers
  ansible.builtin.debug:
    msg: "{{ (soa | zonecut.dns.soa_table).splitlines() }}"

- name: Show the servers that lag behind
  ansible.builtin.debug:
    msg: "{{ soa.zones[0].servers | rejectattr('in_sync') | map(attribute='server') | unique }}"

- name: Ask new servers before the zone is delegated to them
  zonecut.dns.soa_info:
    zones:
      - name: contoso.com
        name_servers:
          - name: ns1.contoso.com
            addresses: [192.0.2.53]
    predelegation: true
"""

RETURN = r"""
zones:
  description: One entry for each zone, in the order of the description.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The zone, in lower case and without the final dot.
      type: str
      returned: always
      sample: contoso.com
    parent:
      description: The parent zone, or null with O(predelegation) and where it could not be found.
      type: str
      returned: always
      sample: com
    serial:
      description: The newest serial that is served with authority (RFC 1982), or null where none is.
      type: int
      returned: always
      sample: 2026112100
    in_sync:
      description: Whether every address that this host has a route to serves that serial with authority.
      type: bool
      returned: always
    error:
      description: Why no server could be asked, or null.
      type: str
      returned: always
    servers:
      description: One entry for each address of each name server. Where there is no SOA record, its fields are null.
      type: list
      elements: dict
      returned: always
      contains:
        server:
          description: The name server.
          type: str
          returned: always
          sample: ns1.contoso.com
        address:
          description: Its address.
          type: str
          returned: always
          sample: 192.0.2.53
        has_route:
          description: Whether the host that runs the module has a route to the address, so that it could ask.
          type: bool
          returned: always
          sample: true
        serial:
          description: The serial.
          type: int
          returned: always
          sample: 2026112100
        mname:
          description: The primary name server.
          type: str
          returned: always
          sample: ns1.contoso.com
        rname:
          description: The responsible person as a domain name.
          type: str
          returned: always
          sample: john\.smith.contoso.com
        contact:
          description: The responsible person as an e-mail address.
          type: str
          returned: always
          sample: john.smith@contoso.com
        refresh:
          description: How often secondaries ask for a new version, in seconds.
          type: int
          returned: always
          sample: 3600
        retry:
          description: How soon they ask again when that failed, in seconds.
          type: int
          returned: always
          sample: 900
        expire:
          description: After how long without the primary they stop answering, in seconds.
          type: int
          returned: always
          sample: 1209600
        minimum:
          description: The last field of the record, in seconds. See RV(zones[].servers[].negative_ttl).
          type: int
          returned: always
          sample: 300
        ttl:
          description: The TTL of the SOA record itself, in seconds.
          type: int
          returned: always
          sample: 3600
        negative_ttl:
          description:
            - For how long resolvers keep a negative answer, in seconds. It is the lesser of TTL and minimum (RFC 2308).
          type: int
          returned: always
          sample: 300
        seconds:
          description: How long the answer took, or null without any.
          type: float
          returned: always
          sample: 0.012
        in_sync:
          description: Whether it serves the newest serial of the zone with authority.
          type: bool
          returned: always
        authoritative:
          description: Whether the answer came with authority (the AA bit).
          type: bool
          returned: always
        error:
          description: Why there is no SOA record, or why it does not count, or null.
          type: str
          returned: always
          sample: no answer in 3 s
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import (
    PARENT_SERVERS_ARGUMENT,
    QUERY_ARGUMENTS,
    network_transport,
    query_settings,
)
from ansible_collections.zonecut.dns.plugins.module_utils._soa_info import read_soas
from ansible_collections.zonecut.dns.plugins.module_utils._sources import load_zones


def soa_info(module: AnsibleModule) -> dict[str, t.Any]:
    """Return the SOAs of the zones."""
    zones = load_zones(module.params)
    if not zones:
        module.warn("No zone is described, so no server was asked. Give zones, or a zones_from that holds some.")
    soas = read_soas(zones, settings=query_settings(module.params, zones), transport=network_transport(module.params))
    return {"changed": False, "zones": [zone.result() for zone in soas]}


def main() -> t.NoReturn:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={
            **ZONES_ARGUMENTS,
            **QUERY_ARGUMENTS,
            **PARENT_SERVERS_ARGUMENT,
            "predelegation": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, soa_info)


if __name__ == "__main__":
    main()
