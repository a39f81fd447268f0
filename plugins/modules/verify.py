#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: verify
short_description: Assert that zones work, from the root down, at every address of every name server
version_added: 0.1.0
description:
  - Walks down from the root servers to the parent of each zone, asks every server of the parent for the delegation, and
    then every address of every name server of the zone. Nothing is taken from a resolver or its cache.
  - The heart of it is the owner of each SOA record. A name server that was delegated to but hosts only the zone above
    answers with the SOA of that zone. Many names then seem to work, but MX look-ups come back empty and resolvers
    answer SERVFAIL. So the SOA must belong to the zone itself in the answer to SOA, in negative answers for MX, TXT and
    a type that nothing uses, and in the answer for a name that does not exist.
  - The task fails when a zone has a finding of O(fail_on) or worse. Every finding says what is wrong, where, what comes
    of it and what to do. The result holds all of them, also when the task fails. All codes are listed in
    L(the catalogue of checks,https://github.com/zonecut/dns/blob/main/docs/checks.md).
  - A zone of which nothing could be seen never passes.
  - Of a signed zone the chain of trust is checked too, from the DS at the parent to keys, signatures and negative
    answers at every address. This needs the Python library C(cryptography). Without it everything else is checked, and
    a warning and RV(zones[].not_checked) name what is not.
author:
  - zonecut.dns contributors (@zonecut)
extends_documentation_fragment:
  - zonecut.dns.attributes
  - zonecut.dns.attributes.info_module
  - zonecut.dns.zones
  - zonecut.dns.queries
requirements:
  - cryptography, to check the signatures of signed zones
options:
  predelegation:
    description:
      - If V(true), test the described name servers as if the zone were delegated to them, before it is. The parent is
        not asked, and the described addresses are used, so that the servers' names need not exist in the DNS yet.
      - The same data gives the same findings as when it is delegated.
    type: bool
    default: false
  only:
    description:
      - The names of the described zones to verify. By default all are.
      - With O(predelegation) the addresses that the other zones describe for name servers count all the same.
    type: list
    elements: str
    default: []
  checks:
    description:
      - Which findings to report, as a list of codes and families. Those with a leading V(-) are left out, such as
        V(-ns_one_network). A list of nothing but these means all others. V(all) means every code there is.
      - Families are V(soa_owner), V(delegation), V(consistency), V(soa), V(name_server), V(mail) and V(dnssec).
      - By default all are reported but V(open_transfer), V(software_revealed), V(reverse_missing) and
        V(reverse_mismatch). These four alarm whoever watches the servers, look into other trees, or are true of so many
        servers that they say little. They are reported when their code, their family or V(all) is in the list.
      - What is not reported is not asked for either. Asking for V(soa_owner) alone sends no EDNS probes, and asks for
        no keys and signatures.
      - Hosts outside of the zone, which MX records and the MNAME may name, are looked up from the roots down. With
        O(predelegation) they are only when the codes that need it (V(mx_alias), V(mx_unresolvable) and those beginning
        with V(soa_mname)), their family or V(all) is in the list, since nothing but the described servers may be within
        reach then.
      - The codes V(no_delegation), V(name_is_alias), V(parent_undetermined), V(no_server_address),
        V(no_working_server) and V(deadline_exceeded) are always reported, since otherwise a zone would pass of which
        nothing could be seen.
      - What follows from another finding at the same address is left out, as long as that one is reported.
    type: list
    elements: str
    default: []
  severity:
    description:
      - Severities in place of the usual ones, by code. Each is one of V(critical), V(error), V(warning) and
        V(notice).
      - The codes that are always reported stay critical, see O(checks).
    type: dict
    default: {}
  fail_on:
    description:
      - A zone fails when it has a finding of this severity or a worse one.
    type: str
    choices:
      - critical
      - error
      - warning
      - notice
    default: error
  expect_serial:
    description:
      - The serial that every name server has to serve, by the name of the zone. Zones that are not named may serve any.
      - It must be served exactly. A server that is ahead is reported too, because it would never take the expected
        version. So is one that does not serve the zone, unless another finding tells why.
      - Together with O(wait) this waits until a new version has reached all servers.
    type: dict
    default: {}
  wait:
    description:
      - For how long to ask again while a zone fails, in seconds or as text such as V(5m). Only zones that fail are
        asked again, after 1, 2, 4 and more seconds, at most 30.
      - When the time is over, the message says which server still lacks what.
      - Serials that differ between servers are an error while waiting, and a warning otherwise.
    type: str
    default: "0"
  deadline:
    description:
      - When the task ends at the latest, in seconds or as text such as V(10m), waiting included. By default it takes
        the time it needs.
      - Zones that have been verified by then keep their results. The others fail with V(deadline_exceeded), which is
        critical and always reported.
    type: str
  signatures_expire_within:
    description:
      - Report signatures of DNSSEC that expire within this time, in seconds or as text such as V(5d).
      - By default those that expire within two days and have less than a quarter of their time left. A signer that
        works never lets them get there, be it one that signs for weeks or one that signs each answer for hours.
    type: str
  serial_policy:
    description:
      - How serials are counted, as in O(zonecut.dns.zone_files#module:serial.policy). With V(date), serials that are no
        dates, or lie ahead, are reported as V(soa_serial_not_date). Otherwise any serial is fine.
    type: str
    choices:
      - date
      - increment
      - unixtime
  limits:
    description:
      - From where on a value is reported. Durations are in seconds or text such as V(20m).
    type: dict
    suboptions:
      refresh_min:
        description: The least refresh of the SOA, by RFC 1912 section 2.2.
        type: str
        default: 20m
      refresh_max:
        description: The greatest refresh of the SOA, by RFC 1912 section 2.2.
        type: str
        default: 12h
      expire_min:
        description: The least expire of the SOA. RFC 1912 section 2.2 advises 2 to 4 weeks.
        type: str
        default: 1w
      negative_ttl_min:
        description: The least time to keep negative answers, the lesser of the SOA's TTL and its last field.
        type: str
        default: 1m
      negative_ttl_max:
        description: The greatest time to keep negative answers, by RFC 2308 section 5.
        type: str
        default: 3h
      ns_ttl_min:
        description: The least TTL of NS records, at the parent and in the zone.
        type: str
        default: 1h
      ns_ttl_max:
        description: The greatest TTL of NS records, at the parent and in the zone.
        type: str
        default: 1w
      response_time:
        description: The seconds that the fastest answer of a server may take.
        type: float
        default: 1.0
seealso:
  - module: zonecut.dns.soa_info
  - module: zonecut.dns.delegations
  - module: zonecut.dns.zone_files
"""

EXAMPLES = r"""
- name: Assert that a zone works
  zonecut.dns.verify:
    zones:
      - mail.contoso.com

- name: Test new name servers before the zone is delegated to them
  zonecut.dns.verify:
    zones:
      - name: mail.contoso.com
        name_servers:
          - name: ns1.contoso.com
            addresses: [192.0.2.1]
          - name: ns2.mail.contoso.com
            addresses: [192.0.2.53, "2001:db8::53"]
    predelegation: true

- name: Write zone files
  zonecut.dns.zone_files:
    zones: "{{ my_zones }}"
    directory: /etc/bind/zones
  register: rendered

- name: Wait until every name server serves what was written
  zonecut.dns.verify:
    zones: "{{ my_zones }}"
    expect_serial: "{{ rendered.zones | items2dict(key_name='name', value_name='serial') }}"
    wait: 5m

- name: Verify a private tree, be strict, and leave one check out
  zonecut.dns.verify:
    zones_from: zones.yml
    roots: [10.0.0.1, 10.0.0.2]
    checks: [-ns_one_network]
    severity:
      ns_missing_in_parent: error
    fail_on: warning
  delegate_to: localhost

- name: Look at everything there is, with limits of one's own
  zonecut.dns.verify:
    zones: [mail.contoso.com]
    checks: [all]
    serial_policy: date
    limits:
      refresh_min: 15m
      expire_min: 2w

- name: Look at the findings without failing
  zonecut.dns.verify:
    zones: [mail.contoso.com]
    checks: [soa_owner]
  register: verified
  failed_when: false
"""

RETURN = r"""
zones:
  description: What came out, one entry for each zone in the order described. Also returned when the task fails.
  returned: whenever the zones could be asked
  type: list
  elements: dict
  contains:
    name:
      description: The zone, in lower case and without the final dot.
      type: str
      returned: always
      sample: mail.contoso.com
    passed:
      description: Whether there is no finding of O(fail_on) or worse.
      type: bool
      returned: always
    serial:
      description: The newest serial that is served with authority (RFC 1982), or null where none is.
      type: int
      returned: always
      sample: 2026112100
    parent:
      description: The parent zone, or null with O(predelegation) and where it could not be found.
      type: str
      returned: always
      sample: contoso.com
    findings:
      description: What was found, the worst first.
      type: list
      elements: dict
      returned: always
      contains:
        code:
          description: What kind of finding it is. Codes stay the same from release to release.
          type: str
          returned: always
          sample: soa_owner_mismatch
        severity:
          description: One of V(critical), V(error), V(warning) and V(notice).
          type: str
          returned: always
          sample: critical
        message:
          description: What is wrong, where, what comes of it and what to do.
          type: str
          returned: always
          sample: >-
            ns1.contoso.com (192.0.2.1) does not host mail.contoso.com: it answers with the SOA of contoso.com, so MX
            look-ups come back empty and resolvers answer SERVFAIL. Either load the zone mail.contoso.com on this
            server, or remove the delegation and put its records into contoso.com.
        server:
          description: The name server, or null where the finding is about none in particular.
          type: str
          returned: always
          sample: ns1.contoso.com
        address:
          description: Its address, or null.
          type: str
          returned: always
          sample: 192.0.2.1
        transport:
          description: V(udp) or V(tcp) where it matters, or null.
          type: str
          returned: always
          sample: udp
        expected:
          description: What should have come, or null.
          type: str
          returned: always
          sample: SOA owned by mail.contoso.com
        got:
          description: What came, or null.
          type: str
          returned: always
          sample: SOA owned by contoso.com (asked for SOA mail.contoso.com, MX mail.contoso.com)
        reference:
          description: The RFC and section behind the check.
          type: str
          returned: always
          sample: RFC 2181 section 6.1, RFC 2308 section 3
    not_checked:
      description:
        - What of DNSSEC could not be checked, and why, such as an answer that did not come. It neither passes nor
          fails.
        - Empty when everything was checked, and for a zone that is not signed.
      type: list
      elements: str
      returned: always
      sample: ["whether signatures fit what they sign: the Python library cryptography is missing or too old"]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import QUERY_ARGUMENTS, network_transport
from ansible_collections.zonecut.dns.plugins.module_utils._sources import load_zones
from ansible_collections.zonecut.dns.plugins.module_utils._summary import (
    failure_message,
    not_checked_warning,
    untested_warning,
)
from ansible_collections.zonecut.dns.plugins.module_utils._verify import verify_zones
from ansible_collections.zonecut.dns.plugins.module_utils._verify_options import VERIFY_ARGUMENTS, verify_settings


def verify(module: AnsibleModule) -> dict[str, t.Any]:
    """Return the reports, or fail with them."""
    zones = load_zones(module.params)
    settings = verify_settings(module.params, zones)
    reports = verify_zones(
        zones, settings=settings, transport=network_transport(module.params, processes=settings.processes)
    )
    for warning in (untested_warning(reports), not_checked_warning(reports)):
        if warning:
            module.warn(warning)
    results = [report.result() for report in reports]
    if not all(report.passed for report in reports):
        message = failure_message(reports, fail_on=settings.fail_on, waited=settings.wait)
        module.fail_json(msg=message, changed=False, zones=results)
    return {"changed": False, "zones": results}


def main() -> t.NoReturn:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={**ZONES_ARGUMENTS, **QUERY_ARGUMENTS, **VERIFY_ARGUMENTS},
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, verify)


if __name__ == "__main__":
    main()
