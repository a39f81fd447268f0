#!/usr/bin/python

# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: delegations_info
short_description: Read zone delegations from their parents
version_added: 0.1.0
author:
  - zonecut.dns contributors (@zonecut)
description:
  - Reads the NS records, glue addresses and DS records that the parent of each zone holds, and says what
    M(zonecut.dns.delegations) would have to change to bring them to what O(zones) describes.
  - The parents are read through their own interfaces, in one session each. A zone that fails does not keep the others
    from being read. The task then fails at the end and names each.
extends_documentation_fragment:
  - zonecut.dns.attributes
  - zonecut.dns.attributes.info_module
  - zonecut.dns.zones
  - zonecut.dns.parents
options:
  timeout:
    description:
      - Seconds to wait for one answer of a parent, from V(0.01) to V(600).
    type: float
    default: 3.0
seealso:
  - module: zonecut.dns.delegations
  - module: zonecut.dns.verify
"""

EXAMPLES = r"""
- name: Read what the parent holds
  zonecut.dns.delegations_info:
    zones:
      - name: mail.contoso.com
        parent: corp
    parents:
      corp:
        type: rfc2136
        server: 198.51.100.1
        key_name: delegations.contoso.com
        key_secret: "{{ vault_delegations_secret }}"
  register: found

- name: Show the name servers
  ansible.builtin.debug:
    msg: "{{ found.delegations[0].name_servers | map(attribute='name') }}"

- name: See whether any delegation has drifted from the description
  zonecut.dns.delegations_info:
    zones_from: zones.yml
    parents: "{{ parents }}"
  register: found
  failed_when: found.delegations | rejectattr('skipped') | rejectattr('in_sync') | length > 0
"""

RETURN = r"""
delegations:
  description: What each zone's parent holds, in the order of the zones; also when the task fails.
  returned: always
  type: list
  elements: dict
  contains:
    zone:
      description: The zone, in lower case and A-labels, without the final dot.
      type: str
      returned: always
      sample: mail.contoso.com
    parent:
      description: The name of the parent, or V(none) for a zone that has none.
      type: str
      returned: always
      sample: corp
    exists:
      description: Whether the parent delegates the zone; V(none) where it was not read.
      type: bool
      returned: always
    name_servers:
      description: The NS set; empty where there is no delegation.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: The name of the server.
          type: str
        addresses:
          description: Its glue, for servers that lie in the zone itself.
          type: list
          elements: str
      sample:
        - {name: ns1.contoso.com, addresses: []}
        - {name: ns2.mail.contoso.com, addresses: [192.0.2.53]}
    ds:
      description: The DS records, as text.
      type: list
      elements: str
      returned: always
    dnskeys:
      description: The DNSKEY records, as text, where the parent makes the DS records of keys itself.
      type: list
      elements: str
      returned: always
    in_sync:
      description:
        - Whether all is as described; V(none) where it was not read, or where no C(name_servers) are described.
      type: bool
      returned: always
    operations:
      description:
        - What M(zonecut.dns.delegations) would have to do, in the form that it returns. Empty where
          RV(delegations[].in_sync) is V(none).
      type: list
      elements: dict
      returned: always
      sample:
        - {action: add, name: mail.contoso.com, type: NS, value: ns3.contoso.com}
    skipped:
      description: Whether the zone has no parent to read.
      type: bool
      returned: always
    reason:
      description: Why there was nothing to read.
      type: str
      returned: when skipped
    error:
      description: Why the parent could not be read.
      type: str
      returned: on failure
"""

import os
import typing as t
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._delegate import Outcome, compare, failures
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED
from ansible_collections.zonecut.dns.plugins.module_utils._description import ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError, DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter
from ansible_collections.zonecut.dns.plugins.module_utils._limits import beyond_limits
from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Setting
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import PARENTS_ARGUMENT, parse_parents
from ansible_collections.zonecut.dns.plugins.module_utils._sources import load_zones


def read_delegations(module: AnsibleModule) -> dict[str, t.Any]:
    """Read the delegations; return the module's result."""
    problems = beyond_limits(module.params)
    if problems:
        raise DescriptionError(problems)
    zones = load_zones(module.params)
    outcomes = compare(
        zones,
        parse_parents(
            module.params["parents"],
            environment=os.environ,
            keep_secret=module.no_log_values.add,
            show=module.no_log_values.discard,
        ),
        setting=Setting(
            tree=ZoneTree(zones),
            timeout=module.params["timeout"],
            clock=lambda: datetime.now(timezone.utc),
            writer=lambda folder: ZoneFileWriter(module, directory=folder, backup=False, command=None),
            warn=module.warn,
        ),
    )
    result = {"changed": False, "delegations": [_found(outcome) for outcome in outcomes]}
    failure = failures(outcomes)
    if failure is not None:
        raise DelegationError(failure, **result)
    return result


def _found(outcome: Outcome) -> dict[str, t.Any]:
    compared = outcome.result()
    found: dict[str, t.Any] = {
        "zone": compared["zone"],
        "parent": compared["parent"],
        "exists": None if outcome.before is None else outcome.before.exists,
        **(outcome.before or NOT_DELEGATED).result(),
        "in_sync": None if outcome.after is None else not outcome.changed,
    }
    found.update((key, compared[key]) for key in ("operations", "skipped", "reason", "error") if key in compared)
    return found


def main() -> t.NoReturn:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **ZONES_ARGUMENTS,
            "parents": PARENTS_ARGUMENT,
            "timeout": {"type": "float", "default": 3.0},
        },
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, read_delegations)


if __name__ == "__main__":
    main()
