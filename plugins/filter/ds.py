# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ds
short_description: The DS record for a DNSKEY
version_added: 0.1.0
description:
  - Returns the data of the DS record that the parent of a zone needs for a key of it (RFC 4034 section 5).
  - C(dnskeys) in the description of a zone takes the keys themselves; the filter is for parents that people or other
    tools talk to.
author:
  - zonecut.dns contributors (@zonecut)
positional: _input, owner
options:
  _input:
    description:
      - A key whose flags are 256 or 257, as its data in zone file form, as a mapping with C(flags), C(protocol) (3 by
        default), C(algorithm) and C(public_key), or as a whole record. The content of a key file of BIND is one.
    type: raw
    required: true
  owner:
    description: The name of the zone. It must be that of the record where the key is one.
    type: str
    required: true
  digest_type:
    description: The digest.
    type: str
    choices: [SHA-256, SHA-384]
    default: SHA-256
requirements:
  - dnspython >= 2.3 on the controller
"""

EXAMPLES = r"""
- name: Show the DS of a key that BIND made
  ansible.builtin.debug:
    msg: "{{ lookup('file', 'Kcontoso.example.+013+34506.key') | zonecut.dns.ds('contoso.example') }}"
"""

RETURN = r"""
_value:
  description: The data in zone file form, its digest in lower case.
  type: str
  sample: 34506 13 2 7eabc33bf0c3526f4dcf35abc2c1094a7272267051b6035b773f5fea1a779a6a
"""

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._record_values import DigestType, ds_of
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as, must_be_one_of


def ds(dnskey: str | dict[str, t.Any], owner: str, *, digest_type: DigestType = "SHA-256") -> str:
    """Return the data of the DS record for a DNSKEY."""
    with failing_as("ds"):
        deps.require("dnspython", purpose="make the digest of a key")
        must_be_one_of("digest_type", digest_type, t.get_args(DigestType))
        return ds_of(dnskey, owner, digest_type=digest_type)


class FilterModule:
    """Provides the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"ds": ds}
