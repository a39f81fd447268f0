#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zones_info
short_description: Describe zones that exist
version_added: 0.1.0
description:
  - Returns the described form of existing zones, as the O(zonecut.dns.zone_files#module:zones) of every module of this
    collection takes it, so that a name server is migrated in one sitting. The zones come from zone files, from a folder
    of them, or from a name server by transfer.
  - Nothing is lost. The described form of each zone is read again and compared with the records that were found, and a
    zone that cannot be described is an error. What is left out on purpose is told in RV(found[].warnings).
  - The serial is no part of a description. M(zonecut.dns.zone_files) goes on from that of the file that it takes over,
    or of the servers that it is told to ask.
author:
  - zonecut.dns contributors (@zonecut)
extends_documentation_fragment:
  - ansible.builtin.files
  - zonecut.dns.attributes
attributes:
  check_mode:
    support: full
    details:
      - Zones are read as otherwise, and O(dest) is not written.
  diff_mode:
    support: full
    details:
      - Shows how O(dest) changes.
  idempotent:
    support: full
  safe_file_operations:
    description: Uses Ansible's functions to replace files, so that nobody ever reads half a file.
    support: full
options:
  files:
    description:
      - Zone files, on the host that runs the module, in any syntax that BIND reads (C($INCLUDE) and C($GENERATE)
        included), such as those that NSD, Knot DNS and PowerDNS write.
      - A path alone stands for a mapping that has only O(files[].path).
      - At least one of O(files), O(folder) and O(server) is needed.
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The zone file.
        type: path
        required: true
      name:
        description:
          - The name of the zone.
          - When omitted, it is the owner of the SOA. Where that is relative to what only the configuration of the
            server tells, it is taken from a file name such as C(contoso.example.zone), C(db.contoso.example) or
            C(contoso.example). Where that is not clear either, it is an error.
        type: str
  folder:
    description:
      - A folder of zone files on the host that runs the module. Each is read like one of O(files) without a name.
      - Folders in it, hidden files, files without an SOA record and copies, such as those that end in C(.bak), are
        passed by, and so are journals. RV(passed_by) tells which.
    type: path
  patterns:
    description:
      - Which files of O(folder) are read, by shell patterns of their names. One of them has to match.
    type: list
    elements: str
    default: ["*"]
  include_from:
    description:
      - The folder that relative paths in C($INCLUDE) start from. For BIND this is the C(directory) of its options.
      - By default they start from the folder of the file that has them.
    type: path
  server:
    description:
      - A name server, by address or host name, to transfer O(zones) from. It has to allow that.
    type: str
  port:
    description:
      - The port of O(server).
    type: int
    default: 53
  zones:
    description:
      - The names of the zones to transfer from O(server). Descriptions of zones are taken too, for their names.
      - Needed together with O(server).
    type: list
    elements: raw
  key_name:
    description:
      - The name of the TSIG key that signs transfers. Without it nothing is signed.
    type: str
  key_secret:
    description:
      - The secret of the TSIG key, in Base64. Needed together with O(key_name).
    type: str
  key_algorithm:
    description:
      - The algorithm of the TSIG key.
    type: str
    choices: [hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512]
    default: hmac-sha256
  timeout:
    description:
      - How many seconds to wait for each message of a transfer.
    type: float
    default: 30
  dnssec:
    description:
      - What becomes of the records that a server makes itself when it signs a zone.
      - V(leave_out) describes the zone without signatures (RRSIG), denial of existence (NSEC, NSEC3, NSEC3PARAM),
        digest of the zone (ZONEMD), and at the apex without keys (DNSKEY, CDS, CDNSKEY) and the state of BIND's signing
        (TYPE65534). A server that signs makes all of them again. DS records stay.
      - V(keep_keys) keeps the keys, such as those of another operator who signs the zone too (RFC 8901).
      - V(keep) keeps everything, which goes for zones that are signed before they get to the server, as long as nothing
        in them changes.
    type: str
    choices: [leave_out, keep_keys, keep]
    default: leave_out
  dest:
    description:
      - A file, on the host that runs the module, to write the description to. The
        O(zonecut.dns.zone_files#module:zones_from) of every module takes it. It is JSON when its name ends in C(.json),
        which is much faster for large zones, and YAML otherwise.
      - RV(zones) is not returned then, so that large zones do not pass through variables.
    type: path
notes:
  - Names in data are absolute, and TTLs are in seconds. The C(ttl) of a zone is the one that most of its records have.
  - An RNAME for which no e-mail address stands becomes a C(contact) that is a name with its final dot, and so does an
    MNAME that is not the name of a host in C(primary).
  - Where name servers or their addresses have another TTL than the zone, or names that are not those of hosts, they are
    in C(records).
  - Records of one RRset with different TTLs get the least of them, as name servers serve them (RFC 2181). Records
    outside of the zone are left out, as name servers do. Both are told in RV(found[].warnings).
  - Where one zone lies below another one, its delegation stays in the C(records) of that one. Where the two do not
    agree on the name servers, the lower zone is described without C(name_servers) and a warning says so.
  - A zone of hundreds of thousands of records is better left in its zone file, as C(src) of a description, than
    described record by record.
  - Whether M(zonecut.dns.zone_files) finds something wrong with the zones tells its check mode.
requirements:
  - dnspython >= 2.3
  - PyYAML (for O(dest) in YAML)
seealso:
  - module: zonecut.dns.zone_files
"""

EXAMPLES = r"""
- name: Describe all zones of a name server
  zonecut.dns.zones_info:
    folder: /etc/bind/zones
    include_from: /var/cache/bind
    dest: /srv/dns/zones.yml

- name: Take all of them over in another folder, with the serials that their files have
  zonecut.dns.zone_files:
    directory: /var/lib/bind/zones
    zones_from: /srv/dns/zones.yml
    remote_src: true

- name: Describe two zones, one of which has a name that only the configuration of the server tells
  zonecut.dns.zones_info:
    files:
      - /etc/nsd/contoso.example.zone
      - {path: /etc/nsd/db.192.0.2, name: 2.0.192.in-addr.arpa}
  register: existing

- name: Describe zones that a name server serves, from the controller
  zonecut.dns.zones_info:
    server: 203.0.113.53
    zones: [contoso.example, mail.contoso.example]
    key_name: transfer
    key_secret: "{{ vault_transfer_secret }}"
    dest: "{{ playbook_dir }}/zones.yml"
  delegate_to: localhost
"""

RETURN = r"""
zones:
  description:
    - The described form of each zone, with C(name), C(ttl), C(contact), C(primary), C(soa), C(name_servers) and
      C(records), in the order of RV(found).
  returned: when O(dest) is not given
  type: list
  elements: dict
  sample:
    - name: contoso.example
      ttl: 3600
      contact: hostmaster@contoso.example
      primary: ns1.contoso.example
      soa: {ttl: 3600, refresh: 3600, retry: 900, expire: 1209600, negative_ttl: 300}
      name_servers:
        - {name: ns1.contoso.example, addresses: [192.0.2.53]}
        - {name: ns2.contoso.net}
      records:
        - {name: "@", type: MX, values: [10 mx.contoso.example.], ttl: 300}
        - {name: www, type: A, values: [192.0.2.1, 192.0.2.2]}
found:
  description: What was found of each zone beside its description. First those of O(files), then of O(folder), then of
    O(server).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the zone, in lower case, with A-labels and without the final dot.
      type: str
      sample: contoso.example
    serial:
      description: The serial in its SOA.
      type: int
      sample: 2026112100
    records:
      description: How many records the description says, the SOA included.
      type: int
      sample: 9
    source:
      description: Where the zone was found.
      type: str
      sample: /etc/bind/zones/contoso.example.zone
    warnings:
      description: What the description leaves out, or what to look at. These are task warnings too.
      type: list
      elements: str
passed_by:
  description: The files of O(folder) that match O(patterns) and are not read, with the reason.
  returned: success
  type: dict
  sample: {/etc/bind/zones/contoso.example.zone.jnl: named as copies and journals are}
"""

import typing as t
from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._described_form import describe_all
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._existing_zones import (
    ExistingZone,
    read_zone_file,
    zone_files_in,
)
from ansible_collections.zonecut.dns.plugins.module_utils._limits import beyond_limits
from ansible_collections.zonecut.dns.plugins.module_utils._module import run
from ansible_collections.zonecut.dns.plugins.module_utils._primary import PrimarySession
from ansible_collections.zonecut.dns.plugins.module_utils._sources import description_text
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import KEY_ALGORITHMS, parse_key
from ansible_collections.zonecut.dns.plugins.module_utils._written_file import check_folder, write_file
from ansible_collections.zonecut.dns.plugins.module_utils._zone_transfer import transfer_zone


def zones_info(module: AnsibleModule) -> dict[str, t.Any]:
    """Describe what exists and write it where the user wants it; return the module's result."""
    params = module.params
    deps.require("dnspython", purpose="read zones")
    problems = beyond_limits({option: params[option] for option in ("port", "timeout")})
    if problems:
        raise DescriptionError(problems)
    files: list[dict[str, t.Any]] = list(params["files"] or ())
    passed_by: dict[str, str] = {}
    if params["folder"] is not None:
        paths, passed_by = zone_files_in(params["folder"], patterns=params["patterns"])
        files += [{"path": path} for path in paths]
    zones = describe_all([*_file_readers(files, params["include_from"]), *_transfers(params)], dnssec=params["dnssec"])
    if not zones:
        module.warn("No zone was found.")
    for zone in zones:
        for warning in zone.warnings:
            module.warn(f"zone {zone.result()['name']} ({zone.source}): {warning}")
    result: dict[str, t.Any] = {"changed": False, "found": [zone.result() for zone in zones], "passed_by": passed_by}
    described = [zone.described for zone in zones]
    if params["dest"] is None:
        return {**result, "zones": described}
    content = description_text(described, path=params["dest"]).encode("utf-8")
    check_folder(module, params["dest"], option="dest")
    return {**result, **write_file(module, params["dest"], content, option="dest")}


def _file_readers(
    files: t.Sequence[t.Mapping[str, t.Any]], include_from: str | None
) -> t.Iterator[t.Callable[[], ExistingZone]]:
    for file in files:
        name = None if file.get("name") is None else parse_zones([file["name"]])[0].name
        yield partial(read_zone_file, file["path"], name=name, include_from=include_from)


def _transfers(params: t.Mapping[str, t.Any]) -> t.Iterator[t.Callable[[], ExistingZone]]:
    if params["server"] is not None:
        session = PrimarySession(
            server=params["server"],
            port=params["port"],
            protocol="tcp",
            key=parse_key(params, where=""),
            timeout=params["timeout"],
        )
        for zone in parse_zones(params["zones"]):
            yield partial(transfer_zone, zone.name, session)


def main() -> t.NoReturn:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "options": {"path": {"type": "path", "required": True}, "name": {"type": "str"}},
            },
            "folder": {"type": "path"},
            "patterns": {"type": "list", "elements": "str", "default": ["*"]},
            "include_from": {"type": "path"},
            "server": {"type": "str"},
            "port": {"type": "int", "default": 53},
            "zones": {"type": "list", "elements": "raw"},
            "key_name": {"type": "str"},
            "key_secret": {"type": "str", "no_log": True},
            "key_algorithm": {"type": "str", "choices": list(KEY_ALGORITHMS), "default": "hmac-sha256"},
            "timeout": {"type": "float", "default": 30},
            "dnssec": {"type": "str", "choices": ["leave_out", "keep_keys", "keep"], "default": "leave_out"},
            "dest": {"type": "path"},
        },
        required_one_of=[("files", "folder", "server")],
        required_together=[("server", "zones")],
        add_file_common_args=True,
        supports_check_mode=True,
    )
    run(module, zones_info)


if __name__ == "__main__":
    main()
