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
  - Side by side with that it shows what the name servers of the parent zone publish, and what RDAP says of the domain
    where the parent has an RDAP server. RV(delegations[].drift) tells where they differ, as between a registry and a
    zone that it failed to publish.
extends_documentation_fragment:
  - zonecut.dns.attributes
  - zonecut.dns.attributes.info_module
  - zonecut.dns.zones
  - zonecut.dns.parents
  - zonecut.dns.queries
  - zonecut.dns.queries.parent_servers
options:
  ds_mode:
    description:
      - As in O(zonecut.dns.delegations#module:ds_mode), for what counts as a difference.
    type: str
    choices: [exact, present, follow_cds]
    default: exact
  published:
    description:
      - Whether to ask the name servers of the parent zones as well, from O(roots) or O(parent_servers) on.
      - Name servers that do not answer are told in RV(delegations[].published) and do not fail the task.
    type: bool
    default: true
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

- name: See whether the registry publishes what it holds, and when domains expire
  zonecut.dns.delegations_info:
    zones_from: zones.yml
    parents:
      registry:
        type: epp
        host: epp.nic.example
        username: registrar
        password: "{{ vault_epp_password }}"
        rdap: https://rdap.nic.example/
  register: found
  failed_when: found.delegations | map(attribute='drift') | flatten | length > 0
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
        - Whether all is as described; V(none) where it was not read, or where no C(name_servers) are described. DS
          records that come from the zone itself, by C(ds_from) or O(ds_mode=follow_cds), are not compared.
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
    published:
      description:
        - What the name servers of the parent zone publish; V(none) where nobody asked.
      type: dict
      returned: always
      contains:
        parent:
          description: The parent zone, or V(none) where it could not be found.
          type: str
        error:
          description: Why it could not be found, or V(none).
          type: str
        servers:
          description: One entry for each address of each name server of the parent zone.
          type: list
          elements: dict
          contains:
            server:
              description: The name of the server, or V(none) for one that was given by its address.
              type: str
            address:
              description: Its address.
              type: str
            exists:
              description: Whether it refers to the zone, or V(none) where it does not tell.
              type: bool
            name_servers:
              description: The NS set in its referral, as in RV(delegations[].name_servers).
              type: list
              elements: dict
            ds:
              description: The DS records, as text.
              type: list
              elements: str
            error:
              description: Why it does not tell, or V(none).
              type: str
    rdap:
      description: What RDAP says of the domain; V(none) where the parent has no O(parents[].rdap).
      type: dict
      returned: always
      contains:
        status:
          description: The statuses of the domain, as RFC 8056 spells them.
          type: list
          elements: str
          sample: [active, client transfer prohibited]
        locks:
          description: Those of them that forbid a change, a transfer or a removal.
          type: list
          elements: str
        expires:
          description: When the registration ends, or V(none).
          type: str
          sample: "2027-01-01T00:00:00Z"
        registrar:
          description: The name of the registrar, or V(none).
          type: str
        name_servers:
          description: The NS set.
          type: list
          elements: str
        ds:
          description: The DS records, as text; empty where the server does not tell them.
          type: list
          elements: str
        error:
          description: Why RDAP said nothing, or V(none).
          type: str
    drift:
      description:
        - Where name servers of the parent zone or RDAP differ from what the parent holds, one sentence for each
          difference.
      type: list
      elements: str
      returned: always
      sample: ["ns1.nic.example (192.0.2.1): NS ns3.contoso.com is missing"]
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

import functools
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._delegate import compare, failures
from ansible_collections.zonecut.dns.plugins.module_utils._delegations_info import found_delegation, registered_at
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import DS_MODES
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._parent_options import given_parents, setting_for
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import PARENTS_ARGUMENT
from ansible_collections.zonecut.dns.plugins.module_utils._published import Published, published
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import (
    PARENT_SERVERS_ARGUMENT,
    QUERY_ARGUMENTS,
    network_transport,
    query_settings,
)
from ansible_collections.zonecut.dns.plugins.module_utils._rdap import fetch_json
from ansible_collections.zonecut.dns.plugins.module_utils._sources import load_zones

with deps.declare("dnspython"):
    import dns.name


def read_delegations(module: AnsibleModule) -> dict[str, t.Any]:
    """Read the delegations; return the module's result."""
    params = module.params
    zones = load_zones(params)
    parents = given_parents(module)
    settings = query_settings({**params, "predelegation": False}, zones)
    outcomes = compare(
        zones,
        parents,
        setting=setting_for(module, zones),
        ds_mode=params["ds_mode"],
    )
    looked_at = [outcome for outcome in outcomes if outcome.skipped is None]
    shown: t.Mapping[dns.name.Name, Published] = {}
    if params["published"] and looked_at:
        shown = published(
            [outcome.zone for outcome in looked_at], settings=settings, transport=network_transport(params)
        )
    fetch = functools.partial(fetch_json, timeout=params["timeout"])
    result = {
        "changed": False,
        "delegations": [
            found_delegation(
                outcome,
                published=shown.get(outcome.zone.name),
                registered=registered_at(outcome, parents, fetch=fetch),
            )
            for outcome in outcomes
        ],
    }
    failure = failures(outcomes)
    if failure is not None:
        raise DelegationError(failure, **result)
    return result


def main() -> t.NoReturn:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **ZONES_ARGUMENTS,
            "parents": PARENTS_ARGUMENT,
            **QUERY_ARGUMENTS,
            **PARENT_SERVERS_ARGUMENT,
            "ds_mode": {"type": "str", "choices": list(DS_MODES), "default": "exact"},
            "published": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, read_delegations)


if __name__ == "__main__":
    main()
