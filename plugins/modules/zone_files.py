#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_files
short_description: Write zone files from one description, and move their serials only when records change
version_added: 0.1.0
description:
  - Writes the zone files of all described zones in one task, for any name server that reads the zone file format.
  - Every zone is checked before the first file is written. An error in any of them leaves all files as they are, and
    the message names each problem found with its zone, record, value and the rule that it breaks.
  - The serial moves exactly when records change. Order, spelling of names and TTLs, comments and white space are no
    change.
  - A described zone that lies below another described zone is delegated in that zone's file by itself, with NS, glue
    for in-domain name servers, and DS. A change of such a delegation that would break the zone is refused, with a code
    that O(allow) takes.
  - Into the zone of a part of a /24 (RFC 2317) the zone that delegates it leads by a CNAME for each address of the
    part, and has nothing else at these.
  - Delegations that M(zonecut.dns.delegations) pushed into a file with a parent of type V(zone) stay in it, unless the
    same zone is described here.
  - A zone file that was made by hand or by another tool is taken over. Its serial is kept when its records are as
    described, and is where the next one starts from otherwise.
author:
  - zonecut.dns contributors (@zonecut)
extends_documentation_fragment:
  - ansible.builtin.files
  - zonecut.dns.attributes
  - zonecut.dns.zones
attributes:
  check_mode:
    support: full
    details:
      - Nothing is written, not even a lock. O(validate) runs on a copy in the module's temporary folder.
  diff_mode:
    support: full
    details:
      - Shows the records that come and go, without the serial.
  idempotent:
    support: full
  safe_file_operations:
    description: Uses Ansible's functions to replace files, so that nobody ever reads half a file.
    support: full
    details:
      - The folder is locked against other runs of this module, and a file that somebody else changes meanwhile is left
        to them.
options:
  directory:
    description:
      - The folder of the zone files. It must exist.
      - The file of a zone is named after it, such as V(mail.contoso.com.zone), in lower case and with A-labels.
        V(/) in the name of a zone becomes V(_), and the file of the root is V(root.zone).
    type: path
    required: true
  serial:
    description:
      - How the next serial is made. It is always newer (RFC 1982) than the one in the file, the one that the file was
        written with, the one in C(src) and those that O(serial.servers) serve.
      - A step out of the ordinary has a warning that names its cause as far as there is evidence, for the header of a
        file keeps how its serial came about. These are the 101st change of a day, a clock that is behind the one of the
        last change, an edit by hand, another scheme or policy before, the serial 4294967295, and a served serial that
        is ahead of the file.
    type: dict
    default: {}
    suboptions:
      policy:
        description:
          - V(date) is today in UTC and a counter, YYYYMMDDNN. The 101st change of a day goes on into the next day, with
            a warning.
          - V(increment) adds one.
          - V(unixtime) is the present second.
        type: str
        choices: [date, increment, unixtime]
        default: date
      on_future:
        description:
          - What to do when the newest serial in use is ahead of today, or for V(unixtime) of now. More changes than a
            day has serials for are no such case.
          - V(advance) adds one to it and warns.
          - V(fail) refuses to go on, and names the cause.
        type: str
        choices: [advance, fail]
        default: advance
      servers:
        description:
          - Name servers that are asked for the serial of each zone whose records change, because dynamic updates and
            in-line signing move a served serial ahead of the file. While no records change nobody is asked.
          - They are asked over UDP, and over TCP where the answer does not fit. Of a host with several addresses all
            are asked, and one has to answer.
          - A server that does not answer, or not with authority, is an error unless O(allow) has V(serial_unknown). A
            zone without a file so far need not be served yet.
          - A plain address or host name is short for a mapping with it as O(serial.servers[].address).
        type: list
        elements: dict
        suboptions:
          address:
            description: An IPv4 or IPv6 address, or a host name that the host of the zone files can look up.
            type: str
            required: true
          port:
            description: The port, V(53) by default.
            type: int
          key_name:
            description: The name of the TSIG key that signs questions and answers. Without it nothing is signed.
            type: str
          key_secret:
            description: The secret of the TSIG key, in Base64. Needed together with O(serial.servers[].key_name).
            type: str
          key_algorithm:
            description:
              - The algorithm of the TSIG key, V(hmac-sha256) by default. HMAC-MD5 is not supported, since it is broken.
            type: str
            choices: [hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512]
  server:
    description:
      - The name server on this host that serves these files. It is asked, through its own control command, about each
        zone whose file is to change, since it ignores or overwrites the files of some.
      - Without this option, files are all there is to go by. These are a BIND journal with updates that the file lacks,
        whatever its name in O(directory), and a file that BIND with a journal, or Knot, has written by itself.
      - A zone that BIND signs in-line, Knot by its journal or PowerDNS as it answers, and that takes no updates, is an
        ordinary one. Its serial on the network may run ahead of the file, which O(serial.servers) is for. Files of BIND
        beside it, such as C(.signed) and C(.jbk), are never touched.
    type: dict
    suboptions:
      type:
        description:
          - The software. V(bind) and V(knot) take dynamic updates of zones that they read from files. V(powerdns) takes
            none for its bind backend and reads no files for the others, and V(nsd) takes none.
        type: str
        choices: [bind, knot, nsd, powerdns]
        required: true
      command:
        description:
          - The control command and the arguments that each call of it needs, such as
            V([rndc, -c, /etc/bind/other/rndc.conf]).
          - The default is V([rndc]), V([knotc]), V([nsd-control]) or V([pdns_control]).
        type: list
        elements: str
      view:
        description: The view of BIND that has these zones, where it has several.
        type: str
      freeze:
        description:
          - Freeze a zone that takes updates, read what they brought, write the file, have the server load it, and thaw
            the zone, also where something fails in between. The serial goes on from that of the updates.
          - Where thawing itself fails, the error tells the command that does it by hand.
          - A zone that is frozen already is left to whoever froze it, which is an error unless O(allow) has
            V(dynamic_zone).
          - In check mode nothing is frozen.
        type: bool
        default: false
      keep:
        description:
          - In a zone that takes updates, keep all records whose name and type are not described, such as those for
            ACME and DHCP. A record that is described no more stays too, until an update removes it.
          - Without this, such records would go, which is an error that lists them unless O(allow) has
            V(dynamic_records). What is known to be written by this module and not updated since goes without an error.
          - Records whose name and type are described are always as described.
        type: bool
        default: false
  validate:
    description:
      - A command that must accept each new file before any is put in place. It does not go through a shell.
      - V(%s) stands for the new file and must be there, V({zone}) for the name of the zone.
    type: str
  backup:
    description: Keep the file that is replaced or removed under a name with the time in it.
    type: bool
    default: false
  purge:
    description:
      - Remove files in O(directory) that this module wrote and whose zone is no longer described. Files of anybody
        else, and copies of ours under other names, are never removed.
    type: bool
    default: false
  allow:
    description:
      - Codes of checks that do not apply to these zones. What no name server would load, such as a CNAME beside other
        data or a zone without name servers, has no code and is never written.
      - Refused unless allowed are
        V(below_cut) (data at or below a zone cut that is neither part of the delegation nor glue),
        V(below_dname) (data below a DNAME),
        V(cds_mismatch) (CDS or CDNSKEY that is of no DNSKEY at the apex, or beside one that removes all DS),
        V(ds_without_ns) (a DS record where the zone delegates nothing),
        V(dynamic_records) (records that would go, are not described and may have come by dynamic updates),
        V(dynamic_zone) (a zone that its server changes by itself and that is not frozen meanwhile),
        V(file_ignored) (a zone that O(server) does not read from its file, such as one in a database),
        V(glue_missing) (a delegation to a name server inside of the delegated zone without its address),
        V(host_name_invalid) (an address or MX record at a name that is not a host name),
        V(journal) (a BIND journal of dynamic updates, where records change and O(server) is not named or does not
        serve the zone; when allowed, the serial goes on from that of the journal),
        V(mx_invalid_name) (a mail server whose name is not a host name),
        V(ns_invalid_name) (a name server whose name is not a host name),
        V(ns_is_alias) (a name server whose name is a CNAME),
        V(ns_no_address) (a name server whose name is in the zone and has no address there),
        V(nsec3_owner_invalid) (an NSEC3 record at a name that is no hash),
        V(purge_all) (O(purge) without any zone described, which would remove all managed files),
        V(rpz_trigger_invalid) (a response policy for a network that is not written as name servers read it),
        V(serial_unknown) (a server of O(serial.servers) that does not tell the serial of a zone that has a file, or is
        silent),
        V(signed_in_file) (a file that its server signs into, so that it would differ at each run; BIND has
        C(inline-signing) and Knot C(zonefile-sync) to sign elsewhere),
        V(soa_signed) (a signature over the SOA, which a new serial would make invalid),
        V(svcb_dns_invalid) (a name server described by SVCB without alpn, or for DNS over HTTPS without dohpath),
        V(target_invalid_name) (a name in SOA, SRV, PTR and their like that must be of a host or mailbox and is not),
        V(ttl_differs) (records of one RRset with different TTLs; when allowed, the least is used) and
        V(wildcard_ns) (NS records at a wildcard).
      - Where the file delegates a described zone already, a change of that delegation is refused too unless allowed, as
        M(zonecut.dns.delegations) does, with
        V(lose_ds) (the last DS record would go while name servers change),
        V(no_overlap) (no name server would stay; one that lies in the delegated zone stays when it keeps its name and
        an address) and
        V(single_server) (one name server would be left, or several that lie in the delegated zone and have an address
        in common).
      - Warned about unless allowed are
        V(alias_loop) (CNAME records, or an alias in HTTPS or SVCB, that lead back to themselves),
        V(dane_owner_invalid) (TLSA or SMIMEA at a name where nobody looks for it),
        V(dnskey_invalid) (a DNSKEY with flags, a protocol or a length of the key that make it useless),
        V(dnssec_deprecated) (an algorithm or digest type that is no longer for use),
        V(dnssec_leftover) (NSEC, NSEC3, NSEC3PARAM or RRSIG in a zone that is not signed),
        V(duplicate_record) (a record that is described more than once),
        V(final_dot_lost) (a name that repeats the zone's own name at its end, or a value that names nothing in the
        zone and something outside of it, most likely for want of a final dot),
        V(glue_surplus) (an address at or below a zone cut that is not of a name server),
        V(mx_alias) (a mail server whose name is a CNAME),
        V(mx_is_address) (a mail server that is an address where its name belongs),
        V(mx_no_address) (a mail server whose name is in the zone and has no address there),
        V(not_at_apex) (CDNSKEY, CDS, CSYNC, DNSKEY, NSEC3PARAM or ZONEMD elsewhere than at the apex),
        V(ns_is_root) (the root as name server, which says that there is none),
        V(nsec3_inconsistent) (NSEC3 records that differ in what they are made with, or that are beside NSEC),
        V(null_mx_with_others) (a null MX (RFC 7505) beside other MX records),
        V(rp_without_txt) (an RP record that leads to a TXT record in the zone that is not there),
        V(sibling_glue_missing) (a name server in another zone that is delegated here, without its address),
        V(soa_rname_invalid) (a contact in the SOA of C(src) that is no mailbox),
        V(spf_without_txt) (an SPF record without the policy in TXT),
        V(srv_alias) (the target of an SRV record that is a CNAME),
        V(srv_no_address) (the target of an SRV record that is in the zone and has no address there),
        V(svcb_alias_with_others) (an alias in HTTPS or SVCB beside other such records),
        V(svcb_no_target) (the target of an HTTPS or SVCB record that is in the zone and does not exist),
        V(too_few_name_servers) (fewer than two name servers),
        V(value_unregistered) (a number or tag in CAA, CDS, DS, SMIMEA, SSHFP or TLSA that no standard defines),
        V(wildcard_dname) (a DNAME record at a wildcard),
        V(wildcard_inside) (a name with an asterisk that is not its first label, and so no wildcard) and
        V(zonemd_stale) (a digest over the whole zone, which a new serial would make invalid).
      - Each is explained, with its RFC and what name servers and other tools say of it, in the collection's
        C(docs/zone_checks.md).
    type: list
    elements: str
    default: []
    choices:
      - alias_loop
      - below_cut
      - below_dname
      - cds_mismatch
      - dane_owner_invalid
      - dnskey_invalid
      - dnssec_deprecated
      - dnssec_leftover
      - ds_without_ns
      - duplicate_record
      - dynamic_records
      - dynamic_zone
      - file_ignored
      - final_dot_lost
      - glue_missing
      - glue_surplus
      - host_name_invalid
      - journal
      - lose_ds
      - mx_alias
      - mx_invalid_name
      - mx_is_address
      - mx_no_address
      - no_overlap
      - not_at_apex
      - ns_invalid_name
      - ns_is_alias
      - ns_is_root
      - ns_no_address
      - nsec3_inconsistent
      - nsec3_owner_invalid
      - null_mx_with_others
      - purge_all
      - rp_without_txt
      - rpz_trigger_invalid
      - serial_unknown
      - sibling_glue_missing
      - signed_in_file
      - single_server
      - soa_rname_invalid
      - soa_signed
      - spf_without_txt
      - srv_alias
      - srv_no_address
      - svcb_alias_with_others
      - svcb_dns_invalid
      - svcb_no_target
      - target_invalid_name
      - too_few_name_servers
      - ttl_differs
      - value_unregistered
      - wildcard_dname
      - wildcard_inside
      - wildcard_ns
      - zonemd_stale
  fail_on_warning:
    description:
      - Refuse zones with warnings of the checks as well. What O(allow) names is no warning.
    type: bool
    default: false
notes:
  - Record types are all those that dnspython knows, and C(TYPE65280) with data such as C(\# 4 0a000001) for any other
    (RFC 3597). Types that not every supported name server knows are written in that form, which all of them read.
  - Text of TXT records and their like that does not start with a double quote is taken as it is, semicolons and spaces
    included, and is cut into strings of 255 octets. Text that starts with one is read as in a zone file, so that
    C("first string" "second string") keeps its strings apart. In the data of all other types a semicolon, parenthesis
    or line break outside of quotes is an error.
  - Where C(src) has an SOA, its fields are used unless the zone describes them. Its serial is no content; a new file
    has one that is newer, and so has a file whose records change. Where C(src) or C(records) have NS records at the
    apex, C(name_servers) can be omitted or has to name the same servers. A C(src) without SOA and C($TTL) takes the TTL
    of the zone.
  - Paths in C($INCLUDE) start from the folder of the file that has them, in a C(src) as well as in a zone file that is
    taken over. What a C(src) on the controller includes is looked for there and sent along with it.
  - Without C(contact) and without an SOA in C(src) the contact is C(hostmaster) at the zone (RFC 2142), or at
    the nearest name above it that is one of a host, as for a zone by RFC 2317.
  - An address or a DS that the description implies, such as glue, may be in C(records) or C(src) too when it is the
    same there.
  - A file starts with comments that carry digests of what it was made from and of itself. While both hold, neither the
    file nor C(src) is parsed, so zones that do not change cost next to nothing, however large they are. Zones with
    more than a hundred warnings are looked at each time.
  - A zone file that is a symbolic link is replaced by a file. O(directory) itself may be one.
  - Knot with C(zonefile-load) V(difference-no-serial) numbers a zone by itself, so that its serial differs from the one
    in the file.
  - A run that is killed leaves each file as it was or as it was to be, and the next run does the rest. A file that it
    had replaced by then is unchanged for the next run, so a task that reloads what has changed never hears of it. The
    role P(zonecut.dns.zone_deploy#role) asks the name servers which serial they serve, and loads what they lack.
seealso:
  - module: zonecut.dns.delegations
  - module: zonecut.dns.verify
"""

EXAMPLES = r"""
- name: Write one zone
  zonecut.dns.zone_files:
    directory: /etc/bind/zones
    zones:
      - name: contoso.example
        contact: john.smith@contoso.example
        name_servers:
          - name: ns1.contoso.example
            addresses: [192.0.2.53, "2001:db8::53"]
          - name: ns2.contoso.net
        records:
          - {name: "@", type: MX, values: ["10 mx1", "20 mx2"]}
          - {name: mx1, type: A, value: 192.0.2.25}
          - {name: mx2, type: A, value: 192.0.2.26}
          - {name: www, type: AAAA, value: "2001:db8::80", ttl: 5m}
          - {name: "@", type: TXT, value: v=spf1 mx -all}
  register: written

- name: Reload what has changed
  ansible.builtin.command: rndc reload {{ item.name }}
  loop: "{{ written.zones | selectattr('changed') }}"
  loop_control:
    label: "{{ item.name }} {{ item.serial }}"

- name: Write a zone and, below it, one that is delegated in its file
  zonecut.dns.zone_files:
    directory: /etc/nsd/zones
    validate: nsd-checkzone {zone} %s
    zones:
      - name: contoso.example
        name_servers: [{name: ns1.contoso.net}, {name: ns2.contoso.net}]
        src: contoso.example.zone # any zone file, from the files/ folder of the play or role
      - name: mail.contoso.example
        name_servers:
          - {name: ns1.mail.contoso.example, addresses: [192.0.2.61]} # glue in contoso.example
          - {name: ns2.mail.contoso.example, addresses: [192.0.2.62]}

- name: Write a zone that takes dynamic updates, and keep the records that these bring
  zonecut.dns.zone_files:
    directory: /var/lib/bind
    server:
      type: bind
      freeze: true
      keep: true
    zones:
      - name: dhcp.contoso.example
        name_servers: [{name: ns1.contoso.net}, {name: ns2.contoso.net}]

- name: Write a zone whose values are mappings of their fields, and the reverse zone of its addresses
  zonecut.dns.zone_files:
    directory: /etc/bind/zones
    zones: "{{ forward_zones + reverse_zones }}"
  vars:
    forward_zones:
      - name: contoso.example
        name_servers: [{name: ns1.contoso.net}, {name: ns2.contoso.net}]
        records:
          - {name: www, type: A, value: 192.0.2.80}
          - {name: www, type: HTTPS, value: {alpn: [h2, h3]}}
          - {name: _443._tcp.www, type: TLSA, value: {certificate: "{{ lookup('file', 'www.pem') }}"}}
          - {name: "@", type: CAA, value: {tag: issue, value: letsencrypt.org}}
          - {name: "@", type: TXT, value: {spf: [mx, "include:_spf.contoso.net", "-all"]}}
          - {name: s1._domainkey, type: TXT, value: {dkim: {public_key: "{{ lookup('file', 's1.pub.pem') }}"}}}
    reverse_zones:
      - name: 192.0.2.0/24
        name_servers: [{name: ns1.contoso.net}, {name: ns2.contoso.net}]
        records: "{{ forward_zones | zonecut.dns.ptr_records('192.0.2.0/24') }}"

- name: Write thousands of zones, kept as YAML files in one folder, and remove those that are gone
  zonecut.dns.zone_files:
    directory: /var/lib/knot/zones
    owner: knot
    group: knot
    mode: "0640"
    zones_from: zones/
    purge: true
    serial:
      policy: unixtime

- name: Go on from the serial that an in-line signing server serves
  zonecut.dns.zone_files:
    directory: /etc/bind/zones
    zones_from: zones/
    serial:
      servers:
        - 192.0.2.53
        - address: ns2.contoso.net
          key_name: read.contoso.net
          key_secret: "{{ vault_read_key }}"
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
      description: Whether the file, its owner or its mode changed, or would in check mode.
      type: bool
    serial:
      description: The serial in the file now.
      type: int
      sample: 2026112101
    previous_serial:
      description: The serial that was in the file, or V(null) for a new file.
      type: int
      sample: 2026112100
    records:
      description: How many records the zone has, the SOA included.
      type: int
      sample: 9
    added:
      description: How many records came. One whose TTL or data changed counts here and in RV(zones[].removed).
      returned: when the file changed
      type: int
      sample: 1
    removed:
      description: How many records went.
      returned: when the file changed
      type: int
      sample: 1
    warnings:
      description: What is wrong with the zone without being refused. These are task warnings too.
      type: list
      elements: str
    loaded:
      description: Always V(true). The server has loaded the file, so that there is nothing to reload.
      returned: when the file changed and the zone was frozen for that
      type: bool
    backup_file:
      description: The path of the backup.
      returned: when O(backup=true) and a file was replaced
      type: str
      sample: /etc/bind/zones/contoso.example.zone.4711.2026-11-21@10:15:00~
purged:
  description: Paths of the files that were removed, or would be in check mode.
  returned: when O(purge=true)
  type: list
  elements: str
  sample: [/etc/bind/zones/gone.example.zone]
"""

import functools
import gc
import shlex
import typing as t
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._dynamic_zones import Serving
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter
from ansible_collections.zonecut.dns.plugins.module_utils._guards import CHANGE_CODES
from ansible_collections.zonecut.dns.plugins.module_utils._module import ZONES_ARGUMENTS, ZONES_RULES, run
from ansible_collections.zonecut.dns.plugins.module_utils._server_control import DEFAULT_COMMANDS, name_server
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources, load_zones
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import KEY_ALGORITHMS
from ansible_collections.zonecut.dns.plugins.module_utils._zone_checks import ERRORS, WARNINGS
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import (
    AskServed,
    PlanOptions,
    plan_zones,
    settled_plans,
    surplus_files,
)

# Seconds to wait for the serial that a server serves, and how often to ask again.
_TIMEOUT = 3
_RETRIES = 1


def write_zones(module: AnsibleModule) -> dict[str, t.Any]:
    """Plan all zones, then write those that change; return the module's result."""
    params = module.params
    _check_command(params["validate"])
    zones = load_zones(params)
    options = PlanOptions(
        directory=params["directory"],
        now=datetime.now(timezone.utc),
        policy=params["serial"]["policy"],
        on_future=params["serial"]["on_future"],
        allow=tuple(params["allow"]),
        fail_on_warning=params["fail_on_warning"],
        serving=_serving(module),
    )
    ask = _asker(params["serial"]["servers"], allow=options.allow)
    writer = ZoneFileWriter(module, directory=params["directory"], backup=params["backup"], command=params["validate"])
    plan = functools.partial(plan_zones, zones, Sources(params.get("_sources")), ask=ask)
    with writer.locked(), settled_plans(plan, options, check_mode=module.check_mode) as plans:
        surplus = surplus_files(zones, params["directory"], allow=options.allow) if params["purge"] else []
        result = writer.carry_out(plans, surplus=surplus)
    if params["purge"]:
        result["purged"] = surplus
    return result


def _asker(entries: list[dict[str, t.Any]] | None, *, allow: t.Collection[str]) -> AskServed | None:
    if not entries:
        return None
    # Only here, since asyncio takes as long to import as hundreds of zones to plan.
    from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport
    from ansible_collections.zonecut.dns.plugins.module_utils._served_serials import ask_for_serials, parse_servers

    transport = NetworkTransport(timeout=_TIMEOUT, retries=_RETRIES)
    return functools.partial(ask_for_serials, servers=parse_servers(entries), transport=transport, allow=allow)


def _serving(module: AnsibleModule) -> Serving | None:
    option = module.params["server"]
    if option is None:
        return None

    def run_command(command: t.Sequence[str]) -> tuple[int, str, str]:
        # Most of these commands are in folders that only root has on its path.
        program = module.get_bin_path(command[0]) or command[0]
        return t.cast("tuple[int, str, str]", module.run_command([program, *command[1:]], handle_exceptions=False))

    server = name_server(option["type"], run=run_command, command=option["command"] or (), view=option["view"])
    return Serving(server=server, freeze=option["freeze"], keep=option["keep"])


def _check_command(validate: str | None) -> None:
    problem = None
    if validate is not None:
        try:
            shlex.split(validate)
        except ValueError as exc:
            problem = Problem(where="validate", value=validate, rule=f"not a command ({exc})")
        if "%s" not in validate:
            problem = Problem(where="validate", value=validate, rule="must have %s, which stands for the new zone file")
    if problem is not None:
        raise DescriptionError([problem])


def main() -> t.NoReturn:
    """Run the module."""
    # Looking for cycles among the values of large zones takes a third of the time, and there are none to speak of.
    gc.disable()
    module = AnsibleModule(
        argument_spec={
            **ZONES_ARGUMENTS,
            "directory": {"type": "path", "required": True},
            "serial": {
                "type": "dict",
                "default": {},
                "options": {
                    "policy": {"type": "str", "choices": ["date", "increment", "unixtime"], "default": "date"},
                    "on_future": {"type": "str", "choices": ["advance", "fail"], "default": "advance"},
                    "servers": {
                        "type": "list",
                        "elements": "dict",
                        "options": {
                            "address": {"type": "str", "required": True},
                            "port": {"type": "int"},
                            "key_name": {"type": "str"},
                            "key_secret": {"type": "str", "no_log": True},
                            "key_algorithm": {"type": "str", "choices": list(KEY_ALGORITHMS)},
                        },
                    },
                },
            },
            "server": {
                "type": "dict",
                "options": {
                    "type": {"type": "str", "choices": sorted(DEFAULT_COMMANDS), "required": True},
                    "command": {"type": "list", "elements": "str"},
                    "view": {"type": "str"},
                    "freeze": {"type": "bool", "default": False},
                    "keep": {"type": "bool", "default": False},
                },
            },
            "validate": {"type": "str"},
            "backup": {"type": "bool", "default": False},
            "purge": {"type": "bool", "default": False},
            "allow": {
                "type": "list",
                "elements": "str",
                "default": [],
                "choices": sorted({*ERRORS, *WARNINGS, *CHANGE_CODES}),
            },
            "fail_on_warning": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
        **ZONES_RULES,
    )
    run(module, write_zones)


if __name__ == "__main__":
    main()
