# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registrar in memory, for stand-ins of the APIs of registrars: domains with name servers, hosts and keys."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import dns.name
import dns.rdata

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import Fault, World
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import FakeApi, Reply

__all__ = ("Domain", "FakeRegistrar", "RegistrarWorld")


@dataclass
class Domain:
    """What the registry holds; all names are text in lower case without a final dot."""

    name_servers: list[str] = field(default_factory=list)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    ds: set[dns.rdata.Rdata] = field(default_factory=set)
    statuses: list[str] = field(default_factory=list)


class FakeRegistrar(FakeApi):
    """What every stand-in has: domains, and changes that are made only after some looks.

    :ivar looks: how often the delegation has to be read before a change is made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.domains: dict[str, Domain] = {}
        self.looks = 0
        self._waiting: list[tuple[int, t.Callable[[], None]]] = []

    def later(self, change: t.Callable[[], None]) -> None:
        """Make a change, or let it wait for as many looks as it has to."""
        if self.looks:
            self._waiting.append((self.looks, change))
        else:
            change()

    def looked(self) -> None:
        """Let the time pass that waiting changes are measured in."""
        waiting = [(looks - 1, change) for looks, change in self._waiting]
        self._waiting = [(looks, change) for looks, change in waiting if looks > 0]
        for looks, change in waiting:
            if looks <= 0:
                change()


class RegistrarWorld(World):
    """A stand-in as the world of the contract."""

    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lie", "lock", "lost", "second_writer"))
    cut = "shop.example"
    success: t.ClassVar[Reply]
    locked: t.ClassVar[str] = "clientUpdateProhibited"

    def __init__(self, registrar: FakeRegistrar) -> None:
        self.registrar = registrar

    def domain(self, zone: Zone) -> Domain:
        return self.registrar.domains[zone.text]

    def register(self, zone: Zone) -> None:
        self.registrar.domains.setdefault(zone.text, Domain())

    def holds(self, zone: Zone) -> Delegation:
        domain = self.domain(zone)
        servers = (
            NameServer(dns.name.from_text(name), tuple(domain.hosts.get(name, ()))) for name in domain.name_servers
        )
        return Delegation.of(servers, domain.ds if domain.name_servers else ())

    def put(self, zone: Zone, delegation: Delegation) -> None:
        servers = {
            server.name.to_text(omit_final_dot=True): list(server.addresses) for server in delegation.name_servers
        }
        domain = self.domain(zone)
        domain.name_servers, domain.ds = list(servers), set(delegation.ds)
        domain.hosts = {name: addresses for name, addresses in servers.items() if addresses}

    def changes(self) -> int:
        return self.registrar.changes()

    def lie(self) -> None:
        self.registrar.lying = self.success

    def pend(self, looks: int) -> None:
        self.registrar.looks = looks

    def lock(self, zone: Zone) -> None:
        self.domain(zone).statuses.append(self.locked)

    def lose(self, exchange: int, *, done: bool) -> None:
        self.registrar.lose(exchange, done=done)

    def lost(self) -> bool:
        return self.registrar.lost()

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        self.registrar.before_change = lambda: self.put(zone, delegation)
