#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: serial_step
short_description: Take zone files one step towards a lower serial
version_added: 0.1.0
description:
  - Secondaries take a zone only with a newer serial. Serials go in a circle of 2^32, and a serial is newer when it is
    at most 2147483647 ahead (RFC 1982). So a serial can get lower by going around, in two steps as a rule, and in three
    to get lower by one, as long as every name server serves each step before the next one is made.
  - This module makes one such step. It writes the next serial into the zone file, all else stays. It does so only when
    O(served) shows that every name server serves the serial that is in the file.
  - The playbook C(zonecut.dns.reset_serial) does all of it and is what you want in most cases.
  - The serials on the way depend on the one in the file and on the target alone, and nothing else is remembered. So
    whatever stops halfway can be run again and goes on from there.
  - The advice to go through 4294967295 is wrong for most serials. From V(2062112200) that would be a step of more than
    2147483647, so secondaries would take it for older and never transfer the zone again.
author:
  - zonecut.dns contributors (@zonecut)
extends_documentation_fragment:
  - zonecut.dns.attributes
  - zonecut.dns.zones
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the serial only, for nothing else changes.
  idempotent:
    support: partial
    details:
      - Makes one step whenever it runs and all name servers serve the one before, and none once the target is reached.
  safe_file_operations:
    description: Uses Ansible's functions to replace files, so that nobody ever reads half a file.
    support: full
    details:
      - The folder is locked against other runs of this module and of M(zonecut.dns.zone_files).
options:
  directory:
    description:
      - The folder of the zone files, as for M(zonecut.dns.zone_files), which must have written them.
    type: path
    required: true
  served:
    description:
      - What name servers serve at present, as M(zonecut.dns.soa_info) returns it in
        RV(zonecut.dns.soa_info#module:zones).
      - All zones stay as they are when one that would have to step has a name server that does not answer, answers
        without authority, has no address, cannot be asked for want of a route, or serves a serial that is not older
        than the file's.
        The message names each.
      - A zone that has a name server with an older serial than the file's is no error. It waits for the file to be
        loaded everywhere, and is told in RV(zones[].behind).
    type: list
    elements: dict
    required: true
  target:
    description:
      - The serial to go down to. Zones whose serial is not above it, as a number, are left alone.
      - It can be from 1 to 2147483646.
      - By default it is what O(policy) gives a new zone now, such as V(2026112100). With V(date), all zones with a
        serial of today or of a day before are left alone then.
    type: int
  policy:
    description:
      - How serials are made, as in O(zonecut.dns.zone_files#module:serial.policy). It tells the O(target) when that is
        omitted; V(increment) tells none.
    type: str
    choices: [date, increment, unixtime]
    default: date
  only:
    description:
      - The names of the described zones to look at. By default these are all.
    type: list
    elements: str
    default: []
notes:
  - Where a C(src) has an SOA record, lower the serial there too. M(zonecut.dns.zone_files) keeps serials above it.
  - Write no zone file with M(zonecut.dns.zone_files) between two steps. It would make the next step at once.
  - A zone that its name server changes by itself is refused, by what is seen beside its file.
seealso:
  - module: zonecut.dns.soa_info
  - module: zonecut.dns.zone_files
"""

EXAMPLES = r"""
- name: See what all name servers serve
  zonecut.dns.soa_info:
    zones: "{{ my_zones }}"
    predelegation: true
  delegate_to: localhost
  register: soa

- name: Take zones with a serial in the future one step down towards the first serial of today
  zonecut.dns.serial_step:
    zones: "{{ my_zones }}"
    directory: /etc/bind/zones
    served: "{{ soa.zones }}"
  register: stepped

- name: Load what has changed, or is not loaded everywhere
  ansible.builtin.command: rndc reload {{ item.name }}
  loop: "{{ stepped.zones | selectattr('changed') + stepped.zones | selectattr('behind') }}"
  loop_control:
    label: "{{ item.name }} {{ item.serial }}"

# Then wait until all name servers serve it, and do the same again until no zone has steps left.
"""

RETURN = r"""
zones:
  description: The zones, in the order in which they are described.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the zone, in lower case, with A-labels and without the final dot.
      type: str
      sample: contoso.example
    path:
      description: The zone file.
      type: str
      sample: /etc/bind/zones/contoso.example.zone
    changed:
      description: Whether the file changed, or would in check mode.
      type: bool
    serial:
      description: The serial in the file now.
      type: int
      sample: 4209595847
    previous_serial:
      description: The serial that was in the file.
      type: int
      sample: 2062112200
    target:
      description: The serial to go down to.
      type: int
      sample: 2026112100
    steps:
      description: The serials that are still to come after RV(zones[].serial).
      type: list
      elements: int
      sample: [2026112100]
    behind:
      description: The addresses of name servers that serve an older serial, so that no step was made.
      type: list
      elements: str
      sample: ["ns2.contoso.example (198.51.100.53)"]
"""

import typing as t
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter
from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._serial_steps import (
    plan_steps,
    served_by_zone,
    target_of,
    zones_named,
)
from ansible_collections.zonecut.dns.plugins.module_utils._sources import load_zones


def step(module: AnsibleModule) -> dict[str, t.Any]:
    """Plan the next step of all zones, then write those that have one; return the module's result."""
    params = module.params
    directory = params["directory"]
    target = target_of(serial=params["target"], policy=params["policy"], now=datetime.now(timezone.utc))
    zones = zones_named(params["only"], load_zones(params))
    served = served_by_zone(params["served"])
    writer = ZoneFileWriter(module, directory=directory, backup=False, command=None)
    with writer.locked():
        steps = plan_steps(zones, directory=directory, target=target, served=served)
        result = writer.carry_out([step.plan for step in steps], surplus=())
    return {**result, "zones": [step.result() for step in steps]}


def main() -> t.NoReturn:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **ZONES_ARGUMENTS,
            "directory": {"type": "path", "required": True},
            "served": {"type": "list", "elements": "dict", "required": True},
            "target": {"type": "int"},
            "policy": {"type": "str", "choices": ["date", "increment", "unixtime"], "default": "date"},
            "only": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, step)


if __name__ == "__main__":
    main()
