#!/usr/bin/python
# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask servers one question and return each answer as text, record by record."""

from __future__ import annotations

import typing as t

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset
from ansible.module_utils.basic import AnsibleModule


def as_text(rrsets: list[dns.rrset.RRset]) -> list[str]:
    """Return one line ``owner TTL class type rdata`` for each record, names absolute, in canonical order."""
    return sorted(line for rrset in rrsets for line in rrset.to_text().splitlines())


def ask(question: dns.message.Message, *, server: str, port: int, transport: str) -> dict[str, t.Any]:
    """Return the response of one server in words; an exception of dnspython when there is none."""
    if transport == "udp":
        response = dns.query.udp(question, server, port=port, timeout=5)
    else:
        response = dns.query.tcp(question, server, port=port, timeout=5)
    return {
        "server": server,
        "transport": transport,
        "rcode": dns.rcode.to_text(response.rcode()),
        "flags": dns.flags.to_text(response.flags).split(),
        "answer": as_text(response.answer),
        "authority": as_text(response.authority),
        "additional": as_text(response.additional),
    }


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "servers": {"type": "list", "elements": "str", "required": True},
            "port": {"type": "int", "default": 53},
            "name": {"type": "str", "required": True},
            "type": {"type": "str", "default": "SOA"},
            "transports": {"type": "list", "elements": "str", "choices": ["udp", "tcp"], "default": ["udp"]},
        },
        supports_check_mode=True,
    )
    question = dns.message.make_query(module.params["name"], module.params["type"], use_edns=0, payload=1232)
    module.exit_json(
        changed=False,
        responses=[
            ask(question, server=server, port=module.params["port"], transport=transport)
            for server in module.params["servers"]
            for transport in module.params["transports"]
        ],
    )


if __name__ == "__main__":
    main()
