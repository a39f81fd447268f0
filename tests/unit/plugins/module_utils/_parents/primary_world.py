# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A place below the zone of a real primary, which is reached through a proxy and looked at past it."""

from __future__ import annotations

import itertools
import typing as t

import dns.name
import dns.query
import dns.rcode
import dns.update
import dns.xfr
import dns.zone

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import Fault, World
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import delegation_at
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.primary_proxy import PrimaryProxy
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_primaries import ADDRESS, KEY, ORIGIN, SECRET

__all__ = ("TTL", "PrimaryWorld")

# Of what is put there past the code under test.
TTL = 900

_NUMBERS = itertools.count()


class PrimaryWorld(World):
    """A place below ORIGIN that no other test has used."""

    kind = "rfc2136"
    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lie", "lost", "second_writer"))

    def __init__(self, port: int, proxy: PrimaryProxy) -> None:
        self._port = port
        self.proxy = proxy
        self.given: dict[str, t.Any] = {}
        self._cut = f"shop.test{next(_NUMBERS)}.{ORIGIN[:-1]}"

    @property
    def cut(self) -> str:
        return self._cut

    def options(self) -> dict[str, t.Any]:
        key = {"key_name": "primaries.test", "key_secret": SECRET}
        return {"server": ADDRESS, "port": self.proxy.port, **key, **self.given}

    def holds(self, zone: Zone) -> Delegation:
        return delegation_at(self.content(), zone)

    def put(self, zone: Zone, delegation: Delegation) -> None:
        owners = [owner for owner in self.content() if owner.is_subdomain(zone.name)]

        def replace(update: dns.update.UpdateMessage) -> None:
            for owner in owners:
                update.delete(owner)
            for server in delegation.name_servers:
                update.add(zone.name, TTL, "NS", server.name.to_text())
                for address in server.addresses:
                    update.add(server.name, TTL, "AAAA" if ":" in address else "A", address)
            for rdata in delegation.ds:
                update.add(zone.name, TTL, rdata)

        self.update(replace)
        assert self.holds(zone) == delegation

    def update(self, fill: t.Callable[[dns.update.UpdateMessage], object]) -> None:
        """Send an update of one's own past the proxy."""
        message = dns.update.UpdateMessage(ORIGIN)
        message.use_tsig(KEY)
        fill(message)
        reply = dns.query.tcp(message, ADDRESS, port=self._port, timeout=10)
        assert reply.rcode() == dns.rcode.NOERROR, reply

    def content(self) -> dns.zone.Zone:
        """Return the whole zone."""
        zone = dns.zone.Zone(dns.name.from_text(ORIGIN), relativize=False)
        query, _serial = dns.xfr.make_query(zone, keyring=KEY)
        dns.query.inbound_xfr(ADDRESS, zone, query, port=self._port, timeout=10)
        return zone

    def changes(self) -> int:
        return self.proxy.updates

    def lie(self) -> None:
        self.proxy.lie()

    def lose(self, exchange: int, *, done: bool) -> None:
        self.proxy.cut(exchange, done=done)

    def lost(self) -> bool:
        return self.proxy.was_cut()

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        self.proxy.before_update(lambda: self.put(zone, delegation))
