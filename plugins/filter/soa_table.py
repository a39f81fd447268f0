# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: soa_table
short_description: The result of soa_info as a table for people
version_added: 0.1.0
description:
  - Returns text with what M(zonecut.dns.soa_info) found. Each zone has a line with its newest serial and whether all
    of its servers are in sync, one with the primary, the contact as an e-mail address and the negative TTL, and then
    one for each address of each name server, with the serial it serves, how far that is behind the newest one by
    RFC 1982, and how many milliseconds the answer took.
  - Where servers do not agree on the primary, the contact or the negative TTL, all that they say is named.
author:
  - zonecut.dns contributors (@zonecut)
options:
  _input:
    description: What M(zonecut.dns.soa_info) returned, or its C(zones), or some of these.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Read the SOA of two zones everywhere
  zonecut.dns.soa_info:
    zones: [contoso.com, mail.contoso.com]
  register: soa

- name: Show them
  ansible.builtin.debug:
    msg: "{{ (soa | zonecut.dns.soa_table).splitlines() }}"

- name: Keep those that are not in sync in a file
  ansible.builtin.copy:
    dest: not_in_sync.txt
    content: "{{ soa.zones | rejectattr('in_sync') | zonecut.dns.soa_table }}\n"
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The table, lines separated by line feeds, with an empty line between zones.
  type: str
  sample: |-
    contoso.com: serial 2026112101, NOT IN SYNC at 1 of 2 addresses
      primary ns1.contoso.com, contact john.smith@contoso.com, negative TTL 5m
      server           address          serial  behind    ms  note
      ns1.contoso.com  192.0.2.1    2026112101       0   1.2
      ns2.contoso.com  2001:db8::1  2026112100       1  12.9
"""

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._soa_table import soa_table as table_of
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as


def soa_table(soas: t.Any) -> str:
    """Return the table for a result, or for zones of one."""
    with failing_as("soa_table"):
        return table_of(soas["zones"] if isinstance(soas, dict) and "zones" in soas else soas)


class FilterModule:
    """Provides the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"soa_table": soa_table}
