# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: negative_ttl
short_description: For how long resolvers keep a negative answer of a zone
version_added: 0.1.0
description:
  - Returns the lesser of the TTL of a SOA record and its last field (RFC 2308 section 5), which is what a name that was
    asked for too early stays unknown for.
  - M(zonecut.dns.soa_info) returns it for each name server.
author:
  - zonecut.dns contributors (@zonecut)
positional: _input
options:
  _input:
    description:
      - A SOA record or its data as text, or a mapping with C(minimum) and C(ttl), in seconds or as text such as C(1h).
    type: raw
    required: true
  ttl:
    description: The TTL where the input has none. Where neither has, the last field alone counts.
    type: raw
requirements:
  - dnspython >= 2.3 on the controller
"""

EXAMPLES = r"""
- name: Shows 300
  ansible.builtin.debug:
    msg: >-
      {{ 'contoso.example. 3600 IN SOA ns1.contoso.example. hostmaster.contoso.example. 7 1h 15m 14d 5m'
         | zonecut.dns.negative_ttl }}

- name: Shows 600
  ansible.builtin.debug:
    msg: "{{ {'ttl': '10m', 'minimum': '1h'} | zonecut.dns.negative_ttl }}"
"""

RETURN = r"""
_value:
  description: The number of seconds.
  type: int
"""

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._record_values import negative_ttl as negative_ttl_of
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as


def negative_ttl(soa: str | dict[str, t.Any], *, ttl: object = None) -> int:
    """Return for how many seconds resolvers keep a negative answer."""
    with failing_as("negative_ttl"):
        deps.require("dnspython", purpose="read a SOA record")
        return negative_ttl_of(soa, ttl=ttl)


class FilterModule:
    """Provides the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"negative_ttl": negative_ttl}
