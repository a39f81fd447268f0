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
  - ansible.builtin.files
  - zonecut.dns.attributes
  - zonecut.dns.zones
  - zonecut.dns.queries
  - zonecut.dns.queries.parent_servers
attributes:
  check_mode:
    support: full
    details:
      - Zones are asked as otherwise, and no O(report) is written. The task says that it would change the files.
  diff_mode:
    support: none
    details:
      - Nothing but the files of O(report) changes, and they tell of a run rather than of a state.
  idempotent:
    support: partial
    details:
      - Without O(report) the module changes nothing. With it, it is RV(ignore:changed) exactly when the content or the
        attributes of a file change. The reports C(junit) and C(sarif) change with the findings only. The reports
        C(html) and C(json) tell when they were made and how fast each server was, so they change in every run; where
        that is in the way, use C(changed_when=false).
  safe_file_operations:
    description: Uses Ansible's functions to replace files, so that nobody ever reads half a file.
    support: full
options:
  predelegation:
    description:
      - If V(true), test the described name servers as if the zone were delegated to them, before it is. The parent is
        not asked, and the described addresses are used, so that the servers' names need not exist in the DNS yet.
      - The same data gives the same findings as when it is delegated.
    type: bool
    default: false
  resolver:
    description:
      - The address of a recursive resolver to ask instead of all other servers, for hosts from which no other server
        can be reached. C(ADDRESS@PORT) asks at a port of its own.
      - Little can be seen that way, and only as the resolver has it in its cache. These are whether the zone resolves
        (SERVFAIL is what the founding failure looks like), who owns the SOA records of answers and negative answers,
        the serial, and the NS set where O(zones) describes C(name_servers). What is left out is listed in
        RV(zones[].not_checked), and a warning says so.
      - It goes with neither O(predelegation) nor O(parent_servers).
    type: str
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
      - Families are V(soa_owner), V(delegation), V(consistency), V(soa), V(name_server), V(mail), V(dnssec)
        and V(resolver).
      - By default all are reported but V(open_transfer), V(software_revealed), V(reverse_missing) and
        V(reverse_mismatch). These four alarm whoever watches the servers, look into other trees, or are true of so many
        servers that they say little. They are reported when their code, their family or V(all) is in the list.
      - Below private O(roots) nothing needs to be reachable from the internet, so V(address_not_global) is only
        reported there when this code or V(all) is in the list.
      - What is not reported is not asked for either. Asking for V(soa_owner) alone sends no EDNS probes, and asks for
        no keys and signatures.
      - Hosts outside of the zone, which MX records and the MNAME may name, are looked up from the roots down. With
        O(predelegation), and with O(parent_servers) without O(roots), they are only when the codes that need it
        (V(mx_alias), V(mx_unresolvable) and those beginning with V(soa_mname)), their family or V(all) is in the list,
        since nothing but the described servers may be within reach then.
      - The codes V(no_delegation), V(name_is_alias), V(parent_undetermined), V(no_server_address),
        V(no_working_server), V(deadline_exceeded), V(resolver_failure) and V(resolver_unusable) are always reported,
        since otherwise a zone would pass of which nothing could be seen.
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
      - While it waits, a line after each look says how many zones still fail, and which server has what
        instead of what.
        A task with C(async) shows none of them, since nobody looks on, nor does one with O(deadline).
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
  report:
    description:
      - Files to write what was found to, on the host that runs the module. Their folders must exist.
      - They are written also when the task fails. One that cannot be written fails the task, but costs neither the
        others nor the result.
      - With O(wait) they tell of a last look at all zones, once the waiting is over. What fails only then fails the
        task too.
      - The options for files, such as O(mode), are for all of them.
    type: dict
    suboptions:
      html:
        description:
          - A page for people, with a picture of each zone cut, search and filters. It is one file that needs nothing
            else, so that it can be sent by mail. It is made for 10,000 zones and more.
        type: path
      junit:
        description:
          - JUnit XML for CI systems, with a test suite for each zone. In it a test case stands for a check and the
            server that it is about; a check that found nothing has one for the zone. Findings milder than O(fail_on)
            are the output of cases that pass. What was not checked is skipped, with the reason.
        type: path
      sarif:
        description:
          - SARIF 2.1.0 for code hosts. A finding is placed at the C(src) of its zone, or at the line of
            O(zones_from) that describes it, or else at the task. The paths are relative to the top of the repository
            where the host that runs the module has it.
        type: path
      json:
        description:
          - All findings and what was seen of each zone cut, in the form of
            L(its schema,https://github.com/zonecut/dns/blob/main/docs/verify_report.schema.json).
        type: path
notes:
  - Where there are more than 8 zones and findings, and the task fails and has no C(register) and no C(rescue),
    RV(zones) is left out of the result, since Ansible would only print it. Register the result, or use O(report), to
    have it. A task with C(async) returns all of it, since it only starts the module.
  - Of zones that are described alike, each is asked all questions, but only looked at in full where an answer differs
    in more than the name, the serial or the order of records from those of a zone that was found in order. What comes
    out is the same, in a third of the time. With O(report.html), O(report.json) or O(expect_serial), each is looked at
    in full.
requirements:
  - cryptography, to check the signatures of signed zones
  - PyYAML (for O(report.sarif) with O(zones_from))
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

- name: Verify the view that a key selects, from its own parent servers on
  zonecut.dns.verify:
    zones: [mail.corp.example]
    parent_servers: [10.0.0.53, 10.0.1.53@5353]
    key_name: internal-view
    key_secret: "{{ vault_view_key }}"

- name: Verify through the only server that can be reached
  zonecut.dns.verify:
    zones: [mail.contoso.com]
    resolver: 10.0.0.53

- name: Look at everything there is, with limits of one's own
  zonecut.dns.verify:
    zones: [mail.contoso.com]
    checks: [all]
    serial_policy: date
    limits:
      refresh_min: 15m
      expire_min: 2w
- name: Verify all zones every night, and send a report
  when: inventory_hostname == groups.primaries[0]
  delegate_to: localhost
  block:
    - name: Verify
      zonecut.dns.verify:
        zones_from: zones.yml
        report:
          html: /var/www/reports/zones.html
          junit: "{{ playbook_dir }}/zones.xml"
        mode: "0644"
  rescue:
    - name: Send the report
      community.general.mail:
        to: hostmaster@contoso.com
        subject: "{{ ansible_failed_result.msg.splitlines()[0] }}"
        attach: /var/www/reports/zones.html

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
  returned: whenever the zones could be asked, unless it fails and nothing would read it, see the notes
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
    waiting_for:
      description:
        - Sentences about what may take its time though nobody is at fault, such as how long resolvers keep a negative
          answer or the old delegation. Empty for a zone that passes.
      type: list
      elements: str
      returned: always
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
            look-ups come back empty and resolvers answer SERVFAIL. Either load the zone mail.contoso.com, with an
            SOA and NS records of its own, on ns1.contoso.com (192.0.2.1) as on ns2.mail.contoso.com (192.0.2.53), or
            remove the delegation and put its records into contoso.com.
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
        - What was not checked, and why. It neither passes nor fails.
        - With O(resolver) these are the codes of all that a resolver does not show. Otherwise it is about DNSSEC, such
          as an answer that did not come, about the parent with O(predelegation), and about hosts outside of the zone
          that are looked up on request only, see O(checks).
        - Empty when everything was checked.
      type: list
      elements: str
      returned: always
      sample: ["whether signatures fit what they sign: the Python library cryptography is missing or too old"]
"""

import typing as t
from dataclasses import replace
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._progress import progress
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import (
    PARENT_SERVERS_ARGUMENT,
    QUERY_ARGUMENTS,
    network_transport,
)
from ansible_collections.zonecut.dns.plugins.module_utils._report_files import (
    REPORT_ARGUMENTS,
    check_report_paths,
    places_of,
    wants_pictures,
    write_reports,
)
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import Run
from ansible_collections.zonecut.dns.plugins.module_utils._sources import load_zones
from ansible_collections.zonecut.dns.plugins.module_utils._summary import (
    failure_message,
    not_checked_warning,
    untested_warning,
)
from ansible_collections.zonecut.dns.plugins.module_utils._verify import verify_zones
from ansible_collections.zonecut.dns.plugins.module_utils._verify_options import (
    LOOK_ARGUMENT,
    VERIFY_ARGUMENTS,
    verify_settings,
)


def verify(module: AnsibleModule) -> dict[str, t.Any]:
    """Return the reports, or fail with them; either way write those that are asked for."""
    zones = load_zones(module.params)
    settings = verify_settings(module.params, zones)
    check_report_paths(module)
    places = places_of(module.params, zones)
    settings = replace(settings, pictures=wants_pictures(module.params))
    # The action plugin has the zones looked at once, shows what fails and has those looked at again.
    look = module.params["_look"]
    reports = verify_zones(
        zones,
        settings=settings,
        transport=network_transport(module.params, processes=settings.processes),
        once=look is not None,
    )
    of_zones = look or len(reports)
    if of_zones == len(reports):
        for warning in (untested_warning(reports), not_checked_warning(reports, resolver=settings.resolver)):
            if warning:
                module.warn(warning)
    result: dict[str, t.Any] = {"changed": False, "zones": [report.result() for report in reports]}
    problems = []
    if not all(report.passed for report in reports):
        if look is not None and settings.wait:
            result["_failing"] = {**progress(reports, fail_on=settings.fail_on), "wait": settings.wait}
        last_look = module.params["_waited"] is not None
        waited = module.params["_waited"] if last_look else min(settings.wait, settings.deadline or settings.wait)
        problems.append(
            failure_message(reports, fail_on=settings.fail_on, waited=waited, last_look=last_look, zones=of_zones)
        )
    made_at = datetime.now(timezone.utc)
    outcome = Run(reports=reports, fail_on=settings.fail_on, codes=settings.codes, made_at=made_at, places=places)
    result["changed"], unwritten = write_reports(module, outcome)
    problems += unwritten
    if problems:
        module.fail_json(msg="\n".join(problems), **result)
    return result


def main() -> t.NoReturn:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={
            **ZONES_ARGUMENTS,
            **QUERY_ARGUMENTS,
            **PARENT_SERVERS_ARGUMENT,
            **VERIFY_ARGUMENTS,
            **REPORT_ARGUMENTS,
            **LOOK_ARGUMENT,
        },
        add_file_common_args=True,
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, verify)


if __name__ == "__main__":
    main()
