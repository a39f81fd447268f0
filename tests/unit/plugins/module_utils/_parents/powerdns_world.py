# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A place at a real PowerDNS, behind a passage that goes wrong in every way."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import Fault, World
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.powerdns_server import (
    API_KEY,
    Passage,
    PowerdnsServer,
)

__all__ = ("PARENT", "PowerdnsWorld")

PARENT = "contoso.example."


class PowerdnsWorld(World):
    """A place below PARENT at a real PowerDNS, which is reached through a passage and looked at past it.

    :ivar given: options in place of those that lead there.
    """

    kind = "powerdns"
    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lie", "lost", "second_writer"))
    cut = "shop.contoso.example"

    def __init__(self, server: PowerdnsServer, passage: Passage) -> None:
        self.server, self.passage = server, passage
        self.given: dict[str, t.Any] = {}

    def options(self) -> dict[str, t.Any]:
        return {"api_url": self.passage.url, "api_key": API_KEY, **self.given}

    def holds(self, zone: Zone) -> Delegation:
        return self.server.delegation(PARENT, zone.name)

    def put(self, zone: Zone, delegation: Delegation) -> None:
        cut = zone.name.to_text()
        self.server.remove_below(PARENT, cut)
        for server in delegation.name_servers:
            self.server.add(PARENT, cut, "NS", server.name.to_text(omit_final_dot=True))
            for address in server.addresses:
                self.server.add(PARENT, server.name.to_text(), "AAAA" if ":" in address else "A", address)
        for rdata in delegation.ds:
            self.server.add(PARENT, cut, "DS", rdata.to_text())

    def changes(self) -> int:
        return self.passage.changes()

    def lie(self) -> None:
        self.passage.lying = Reply(204)

    def lose(self, exchange: int, *, done: bool) -> None:
        self.passage.lose(exchange, done=done)

    def lost(self) -> bool:
        return self.passage.lost()

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        self.passage.before_change = lambda: self.put(zone, delegation)
