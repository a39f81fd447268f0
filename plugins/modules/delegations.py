#!/usr/bin/python

# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: delegations
short_description: Bring zone delegations at their parents to what is described
version_added: 0.1.0
author:
  - zonecut.dns contributors (@zonecut)
description:
  - Brings the NS records, glue addresses and DS records that the parent of each zone holds to what O(zones) describes.
  - Each delegation is read at its parent first, and only what differs is changed, in an order that never leaves a zone
    with fewer working name servers than before or after. It is then read again. Only what that shows counts, whatever
    the parent answered.
  - A change that would break the zone is refused, with a code. O(allow) takes codes to make the change all the same.
  - All zones of one parent go through one session. A zone that fails does not keep the others from being pushed. The
    task then fails at the end and names each.
  - What makes a zone secure goes by the same rules. A DS is pushed only where every name server serves the key that it
    was made of. Where parents take DNSKEY records and make the DS themselves, the keys are pushed that the described DS
    were made of. New DS records come before old ones go, and RV(delegations[].next_steps) says until when the old
    keys, and the old name servers, have to stay.
  - A zone without C(parent) that lies below another zone in O(zones) needs nothing here, since
    M(zonecut.dns.zone_files) delegates it in the file of that zone. It is returned as skipped, unless an entry of
    O(parents) with type V(zone) names that file. A zone with neither a C(parent) nor another zone above it is skipped
    as well, and a warning names such zones where the task has no others.
extends_documentation_fragment:
  - zonecut.dns.attributes
  - zonecut.dns.zones
  - zonecut.dns.parents
  - zonecut.dns.queries
attributes:
  check_mode:
    support: full
    details:
      - Parents and name servers are asked as in a real run, and nothing is sent that could change anything.
  diff_mode:
    support: full
    details:
      - One entry for each zone that changes, in the form of a zone file.
  idempotent:
    support: full
options:
  state:
    description:
      - V(present) brings each delegation to what is described.
      - V(absent) removes the delegation, its glue and its DS records. Only the C(name) and C(parent) of a zone matter
        then. It is refused while a name server of the present delegation still answers for the zone, and when this
        host cannot find out, since a name server has no address that it could ask. A name server that was asked and is
        silent does not stand in the way, unless no root server answers this host either.
      - With V(absent), a zone that is delegated in the zone file of another one in O(zones) fails. Take it out of the
        description and run M(zonecut.dns.zone_files). So does one without C(parent) that lies below none of them.
    type: str
    choices: [present, absent]
    default: present
  allow:
    description:
      - Codes of refusals to override. Name only those that the change at hand needs.
      - V(empty_set) - no name server is described, so the delegation would be removed.
      - V(single_server) - only one name server would be left, or several that lie in the zone itself and have an
        address in common.
      - V(no_overlap) - no name server would stay, so that resolvers with the old set in their caches find none of the
        new. One that lies in the zone itself stays when it keeps its name and an address, or its name where the parent
        shows no addresses.
      - V(glue_missing) - a name server lies in the zone itself and has no C(addresses).
      - V(lose_ds) - the last DS record would go while name servers change, or with C(ds_from=child) since the zone
        serves no keys any more. Where it goes since the description has none of C(ds), C(dnskeys) and C(ds_from), and
        the name servers stay, there is a warning. An empty C(ds) says that there is to be no DS.
      - V(ds_unserved) - a DS that would be added leads to no DNSKEY that every described name server serves, or the
        DNSKEY set of one of them is signed by no key that a DS leads to, or by none of the algorithm of a DS that would
        be added. Or DS records would go together with a change of name servers, and those that resolvers still have in
        their caches lead to no key that signs there. Resolvers that validate would answer SERVFAIL. It is looked for
        where O(predelegation) asks the servers.
      - V(hides_data) - the zone is not delegated yet and the parent zone itself holds records at its name or below,
        which nobody finds any more behind the delegation. The message names them. Put those that are needed into the
        zone before this is allowed. Addresses of the described name servers do not count, since they become glue, and
        neither does what only a wildcard lends the name. A parent of type C(rfc2136) that does not serve the zone as
        well is asked for the common record types at the name. Whether there are names below it shows only where the
        name itself has no such records and no described name server has an address there.
      - V(preflight_failed) - a described name server is not ready, see O(predelegation). When this is allowed, none is
        asked for anything but keys.
      - V(untested) - this host could ask none of the described name servers, or with O(state=absent) not all those of
        the present delegation.
      - V(still_served) - the delegation would be removed while its name servers answer for the zone. When this is
        allowed, none is asked.
    type: list
    elements: str
    choices:
      - empty_set
      - single_server
      - no_overlap
      - glue_missing
      - lose_ds
      - ds_unserved
      - hides_data
      - preflight_failed
      - untested
      - still_served
    default: []
  cds_since:
    description:
      - Do not go by CDS and CDNSKEY records that were signed before this time, such as V(2026-01-31T12:00:00Z), in UTC
        unless it says otherwise. Somebody on the way could play back old ones whose signatures still hold (RFC 7344
        section 6.2). Give the time of the last change of DS.
    type: str
  absorb:
    description:
      - Whether the records that O(zones) describes for a zone take the place of its delegation in the parent zone, with
        O(state=absent). This is the way back from a sub-zone that its name servers do not have.
      - The delegation goes and the records come in one change, so that no name is missing in between. They are those of
        C(records) and C(src), and the addresses of C(name_servers), but for SOA, the NS set of the zone itself and what
        signers make. Each of their record sets replaces what the parent zone had of the same name and type, which the
        delegation hid. Records that only the name servers have, and the description has not, vanish.
      - For parents that hold the parent zone itself, O(parents[].type=zone), O(parents[].type=rfc2136) and
        O(parents[].type=powerdns). A zone file that M(zonecut.dns.zone_files) renders
        keeps them until the description has them, which should be soon.
    type: bool
    default: false
  predelegation:
    description:
      - Whether to ask every address of every described name server before its delegation is changed. Each must answer
        for the zone with authority and with an SOA record that the zone's own name owns, and all must have one serial
        and the described NS set. Otherwise the change is refused as V(preflight_failed). A name server whose name does
        not resolve and that has no C(addresses) is not ready either.
      - A name server that lies in none of the described zones has to resolve to one of its C(addresses), if it has any,
        since resolvers never see what is described. Where nobody could tell, the C(addresses) are trusted, with a
        warning that names it. They are trusted without looking where all are private and the O(roots) are public.
      - Addresses that this host has no route to, such as those of IPv6 on a host that has none, are left out with a
        warning that names them. Where these are all, the change is refused as V(untested).
      - A delegation that is as described already is not asked for.
    type: bool
    default: true
  ds_mode:
    description:
      - What becomes of DS records at the parent that are not described, for zones without a C(ds_mode) of their own.
      - V(exact) - they are removed.
      - V(present) - they stay. For parents where somebody else adds DS records of their own.
      - V(follow_cds) - the parent's DS records are those that the zone asks for by CDS and CDNSKEY records (RFC 7344),
        where these are valid, and stay as they are where it asks for none. The described ones count only while the
        parent has none. For zones whose server rolls keys over by itself, be it that it pushes DS itself (C(ds-push) of
        Knot DNS) or that the parent looks for CDS.
    type: str
    choices: [exact, present, follow_cds]
    default: exact
  wait:
    description:
      - How long to wait until the parent shows a change that it has accepted, in seconds or as text such as V(5m).
      - A primary shows it at once. A server that forwards updates, or a registry, may take its time, and then the task
        says what the parent says of it. Running it again later changes nothing twice.
    type: str
    default: 10s
seealso:
  - module: zonecut.dns.delegations_info
  - module: zonecut.dns.verify
  - module: zonecut.dns.zone_files
"""

EXAMPLES = r"""
- name: Delegate a zone at a parent that takes dynamic updates
  zonecut.dns.delegations:
    zones:
      - name: mail.contoso.com
        name_servers:
          - name: ns1.contoso.com
          - name: ns2.mail.contoso.com
            addresses: [192.0.2.53, "2001:db8::53"]
        parent: corp
    parents:
      corp:
        type: rfc2136
        server: 198.51.100.1
        key_name: delegations.contoso.com
        key_secret: "{{ vault_delegations_secret }}"

- name: Change all name servers at once, on a day when that is safe
  zonecut.dns.delegations:
    zones: "{{ zones }}"
    parents: "{{ parents }}"
    allow: [no_overlap]

- name: Remove a delegation once its servers have stopped to answer
  zonecut.dns.delegations:
    zones:
      - name: old.contoso.com
        parent: corp
    parents: "{{ parents }}"
    state: absent

- name: Put the records of a sub-zone into its parent zone, and remove the delegation
  zonecut.dns.delegations:
    zones:
      - name: mail.contoso.com
        records:
          - {name: "@", type: MX, values: [10 mx1.contoso.com., 20 mx2.contoso.com.]}
        parent: corp
    parents: "{{ parents }}"
    state: absent
    absorb: true

- name: Delegate in the zone file of a parent that another playbook renders on this host
  zonecut.dns.delegations:
    zones:
      - name: mail.contoso.com
        name_servers: [ns1.contoso.com, ns2.contoso.com]
        parent: file
    parents:
      file:
        type: zone
        zone: contoso.com
        path: /etc/bind/contoso.com.zone
"""

RETURN = r"""
delegations:
  description: What became of each zone's delegation, in the order of the zones; also when the task fails.
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
      description: The name of the parent, or V(none) for a zone that is pushed nowhere.
      type: str
      returned: always
      sample: corp
    changed:
      description: Whether the parent holds, or would hold in check mode, something else than before.
      type: bool
      returned: always
    before:
      description: The delegation as it was, or V(none) where it was not read.
      type: dict
      returned: always
      contains:
        name_servers:
          description: The NS set; empty where there is no delegation.
          type: list
          elements: dict
          contains:
            name:
              description: The name of the server.
              type: str
            addresses:
              description: Its glue, for servers that lie in the zone itself.
              type: list
              elements: str
        ds:
          description: The DS records, as text.
          type: list
          elements: str
        dnskeys:
          description: The DNSKEY records, as text, where the parent makes the DS records of keys itself.
          type: list
          elements: str
      sample:
        name_servers:
          - {name: ns1.contoso.com, addresses: []}
        ds: []
    after:
      description:
        - The delegation as it was read after the change, or as it would be in check mode, in the form of
          RV(delegations[].before).
      type: dict
      returned: always
      sample:
        name_servers:
          - {name: ns1.contoso.com, addresses: []}
          - {name: ns2.mail.contoso.com, addresses: [192.0.2.53]}
        ds: []
    operations:
      description: The changes in order, made, predicted or refused.
      type: list
      elements: dict
      returned: always
      contains:
        action:
          description: V(add) or V(remove).
          type: str
        name:
          description: The owner of the record.
          type: str
        type:
          description: V(NS), V(A), V(AAAA), V(DS), or V(DNSKEY) where the parent makes the DS of it.
          type: str
        value:
          description: The data of the record.
          type: str
      sample:
        - {action: add, name: ns2.mail.contoso.com, type: A, value: 192.0.2.53}
        - {action: add, name: mail.contoso.com, type: NS, value: ns2.mail.contoso.com}
    next_steps:
      description:
        - What the change leaves to do once resolvers have forgotten what was there before. That counts from when the
          parent publishes the change. For name servers it goes by the longest of the TTL of the NS records at the
          parent, that of their glue, and that of the NS records and addresses of name servers in the zone itself, as
          O(predelegation) sees them. Where nobody looked, the C(ttl) of the described zone stands for the last.
      type: list
      elements: dict
      returned: always
      contains:
        message:
          description: What to keep until then.
          type: str
        earliest:
          description: When that is, in UTC; V(none) where the parent does not tell the TTL.
          type: str
      sample:
        - message: >-
            Keep the keys of DS 60485 (algorithm 13, digest type 2) until resolvers have forgotten the old DS set, 86400
            seconds after the change.
          earliest: "2026-01-02T12:00:00Z"
    skipped:
      description: Whether there was nothing to push for this zone.
      type: bool
      returned: always
    reason:
      description: Why there was nothing to push.
      type: str
      returned: when skipped
    refusals:
      description: Why the change was refused.
      type: list
      elements: dict
      returned: when refused
      contains:
        code:
          description: What O(allow) takes to make the change all the same.
          type: str
        message:
          description: What is wrong and what to do.
          type: str
    error:
      description: Why the parent could not be read or changed.
      type: str
      returned: on failure
"""

import time
import typing as t
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._absorb import records_to_absorb
from ansible_collections.zonecut.dns.plugins.module_utils._delegate import Rules, failures, push
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import DS_MODES, Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._durations import parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError, DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._guards import REFUSAL_CODES
from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._parent_options import given_parents, setting_for
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import AbsorbedRecord
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import PARENTS_ARGUMENT
from ansible_collections.zonecut.dns.plugins.module_utils._preflight import NetworkProbe
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import (
    QUERY_ARGUMENTS,
    network_transport,
    query_settings,
)
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources, load_zones

with deps.declare("dnspython"):
    import dns.name


def push_delegations(module: AnsibleModule) -> dict[str, t.Any]:
    """Bring the delegations to what is described; return the module's result."""
    params = module.params
    zones = load_zones(params)
    outcomes = push(
        zones,
        given_parents(module),
        rules=Rules(
            state=params["state"],
            allow=frozenset(params["allow"]),
            ds_mode=params["ds_mode"],
            cds_since=_time(params["cds_since"]),
            preflight=params["predelegation"],
            wait=_seconds(params["wait"]),
            absorb=_absorbed(params, zones),
            check_mode=module.check_mode,
        ),
        setting=setting_for(module, zones),
        probe=NetworkProbe(zones, settings=query_settings(params, zones), transport=network_transport(params)),
        waiting=time,
    )
    result: dict[str, t.Any] = {
        "changed": any(outcome.changed for outcome in outcomes),
        "delegations": [outcome.result() for outcome in outcomes],
    }
    if module._diff:
        result["diff"] = [outcome.diff() for outcome in outcomes if outcome.changed]
    failure = failures(outcomes)
    if failure is not None:
        raise DelegationError(failure, **result)
    return result


def _absorbed(
    params: t.Mapping[str, t.Any], zones: t.Sequence[Zone]
) -> dict[dns.name.Name, tuple[AbsorbedRecord, ...]] | None:
    if not params["absorb"]:
        return None
    if params["state"] != "absent":
        raise DescriptionError([Problem(where="absorb", value=True, rule="it goes with state: absent only")])
    tree, sources = ZoneTree(zones), Sources(params.get("_sources"))
    return {zone.name: records_to_absorb(zone, tree, sources) for zone in zones}


def _time(given: str | None) -> float | None:
    if given is None:
        return None
    try:
        # Python before 3.11 does not know the Z.
        time_given = datetime.fromisoformat(given.replace("Z", "+00:00"))
    except ValueError as exc:
        rule = "a time is such as 2026-01-31T12:00:00Z"
        raise DescriptionError([Problem(where="cds_since", value=given, rule=rule)]) from exc
    return (time_given if time_given.tzinfo else time_given.replace(tzinfo=timezone.utc)).timestamp()


def _seconds(wait: str) -> int:
    try:
        return parse_duration(wait)
    except ValueError as exc:
        raise DescriptionError([Problem(where="wait", value=wait, rule=str(exc))]) from exc


def main() -> t.NoReturn:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **ZONES_ARGUMENTS,
            **QUERY_ARGUMENTS,
            "parents": PARENTS_ARGUMENT,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "allow": {"type": "list", "elements": "str", "choices": list(REFUSAL_CODES), "default": []},
            "ds_mode": {"type": "str", "choices": list(DS_MODES), "default": "exact"},
            "cds_since": {"type": "str"},
            "absorb": {"type": "bool", "default": False},
            "predelegation": {"type": "bool", "default": True},
            "wait": {"type": "str", "default": "10s"},
        },
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, push_delegations)


if __name__ == "__main__":
    main()
