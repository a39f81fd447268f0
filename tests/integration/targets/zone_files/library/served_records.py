#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask name servers for records and tell which answers differ from what is expected, compared octet by octet."""

from __future__ import annotations

import typing as t

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from ansible.module_utils.basic import AnsibleModule


def expected_rrset(zone: dns.name.Name, record: dict[str, t.Any]) -> dns.rrset.RRset:
    """Return the RRset for ``name``, ``type``, ``ttl`` and ``values`` in zone file form, relative to the zone."""
    rdtype = dns.rdatatype.from_text(record["type"])
    rrset = dns.rrset.RRset(dns.name.from_text(record["name"], zone), dns.rdataclass.IN, rdtype)
    for text in record["values"]:
        origin = None if text.startswith("\\#") else zone
        rrset.add(dns.rdata.from_text("IN", rdtype, text, origin=origin, relativize=False), record["ttl"])
    return rrset


def served(server: str, port: int, wanted: dns.rrset.RRset) -> tuple[int, set[bytes]] | str:
    """Return the TTL and the data served for an RRset, or why there is none."""
    response = dns.query.tcp(dns.message.make_query(wanted.name, wanted.rdtype), server, port=port, timeout=5)
    for rrset in (*response.answer, *response.authority):
        if (rrset.name, rrset.rdtype) == (wanted.name, wanted.rdtype):
            return rrset.ttl, {rdata.to_digestable() for rdata in rrset}
    return f"none, with {dns.rcode.to_text(response.rcode())} {dns.flags.to_text(response.flags)}"


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "server": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "zone": {"type": "str", "required": True},
            "records": {"type": "list", "elements": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    zone = dns.name.from_text(module.params["zone"])
    different = []
    for record in module.params["records"]:
        wanted = expected_rrset(zone, record)
        found = served(module.params["server"], module.params["port"], wanted)
        if found != (wanted.ttl, {rdata.to_digestable() for rdata in wanted}):
            different.append(f"{record['name']} {record['type']}: {found} and not {wanted}")
    if different:
        module.fail_json(msg="\n".join(different))
    module.exit_json(changed=False, compared=len(module.params["records"]))


if __name__ == "__main__":
    main()
