#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until every server answers with authority for every zone, if wanted with one serial; without zones, at all."""

from __future__ import annotations

import time
import typing as t

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from ansible.module_utils.basic import AnsibleModule


def served_serial(*, server: str, port: int, zone: str) -> int | str:
    """Return the serial that ``server`` gives for ``zone``, or the reason why there is none."""
    try:
        response = dns.query.udp(dns.message.make_query(zone, "SOA"), server, port=port, timeout=0.3)
    except (dns.exception.DNSException, OSError) as error:
        return str(error) or type(error).__name__
    for rrset in response.answer:
        if rrset.rdtype == dns.rdatatype.SOA and response.flags & dns.flags.AA:
            return t.cast(int, rrset[0].serial)
    return dns.rcode.to_text(response.rcode())


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "servers": {"type": "list", "elements": "str", "required": True},
            "port": {"type": "int", "default": 53},
            "zones": {"type": "list", "elements": "str", "required": True},
            "serial": {"type": "int"},
            "timeout": {"type": "float", "default": 15},
        },
        supports_check_mode=True,
    )
    wanted = module.params["serial"]
    zones = module.params["zones"] or ["."]
    deadline = time.monotonic() + module.params["timeout"]
    while True:
        served = {
            f"{zone} at {server}": served_serial(server=server, port=module.params["port"], zone=zone)
            for server in module.params["servers"]
            for zone in zones
        }
        missing = {
            place: state
            for place, state in served.items()
            if not (isinstance(state, int) and wanted in (None, state))
            and (module.params["zones"] or state not in dns.rcode.Rcode.__members__)
        }
        if not missing:
            module.exit_json(changed=False, serials=served)
        if time.monotonic() > deadline:
            module.fail_json(msg=f"Not served within {module.params['timeout']} s (wanted serial: {wanted}): {missing}")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
