# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rname
short_description: The SOA RNAME for an e-mail address
version_added: 0.1.0
description:
  - Returns an e-mail address in the form of a SOA record. Dots before the C(@) are escaped, so that they stay in the
    first label (RFC 1035 section 8).
  - C(contact) in the description of a zone takes the e-mail address itself; the filter is for files and tools that
    want the name.
author:
  - zonecut.dns contributors (@zonecut)
options:
  _input:
    description: One e-mail address.
    type: str
    required: true
requirements:
  - dnspython >= 2.3 on the controller
"""

EXAMPLES = r"""
- name: Shows john\.smith.contoso.example.
  ansible.builtin.debug:
    msg: "{{ 'john.smith@contoso.example' | zonecut.dns.rname }}"
"""

RETURN = r"""
_value:
  description: The name in zone file form, absolute with its final dot.
  type: str
"""

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._names import rname_from_email
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as


def rname(email: object) -> str:
    """Return the RNAME for an e-mail address."""
    with failing_as("rname"):
        deps.require("dnspython", purpose="make a domain name of an e-mail address")
        return str(rname_from_email(email).to_text())


class FilterModule:
    """Provides the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"rname": rname}
