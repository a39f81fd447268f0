# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries with EPP: the contract with host objects and with attributes, DS and keys, and all that they may do."""

from __future__ import annotations

import typing as t

import pytest

pytest.importorskip("epptools")
pytest.importorskip("lxml")

import dns.name
import dns.rdata

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    Fault,
    ParentContract,
    World,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.epp_registry import (
    Domain,
    EppServer,
    Host,
    Registry,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.epp_registry.certificates import Authority

PASSWORD = "sesame-sesame"


class EppWorld(World):
    """The registry of ``example``, which is not that of the name servers below ``test``."""

    kind = "epp"
    cut = "shop.example"
    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lie", "pending", "lock", "lost", "second_writer"))

    def __init__(self, registry: Registry, server: EppServer, options: t.Mapping[str, t.Any]) -> None:
        self.registry = registry
        self.server = server
        self._options = {"host": "127.0.0.1", "username": "registrar", "password": PASSWORD, **options}

    def options(self) -> dict[str, t.Any]:
        return {"port": self.server.address[1], **self._options}

    def register(self, zone: Zone) -> None:
        self.registry.domains.setdefault(zone.text, Domain(zone.text, "registrar"))

    def holds(self, zone: Zone) -> Delegation:
        domain = self.registry.domains[zone.text]
        servers = []
        for name, addresses in domain.servers.items():
            if self.registry.model == "obj":
                addresses = tuple(self.registry.hosts[name].addresses)
            inside = name.endswith(f".{zone.text}")
            servers.append(NameServer(dns.name.from_text(name), addresses if inside else ()))
        rdtype = "DS" if self.registry.secure == "dsData" else "DNSKEY"
        return Delegation.of(servers, [dns.rdata.from_text("IN", rdtype, " ".join(each)) for each in domain.secure])

    def put(self, zone: Zone, delegation: Delegation) -> None:
        self.register(zone)
        domain = self.registry.domains[zone.text]
        objects = self.registry.model == "obj"
        domain.servers = {}
        for server in delegation.name_servers:
            name = server.name.to_text(omit_final_dot=True)
            domain.servers[name] = () if objects else server.addresses
            if objects:
                self.registry.hosts[name] = Host(name, "registrar", set(server.addresses))
        domain.secure = [tuple(_fields(rdata)) for rdata in delegation.ds]
        domain.statuses.clear()
        domain.pending = None

    def changes(self) -> int:
        return self.registry.transforms

    def lie(self) -> None:
        self.registry.lie = True

    def pend(self, looks: int) -> None:
        self.registry.pending_looks = looks

    def lock(self, zone: Zone) -> None:
        self.registry.domains[zone.text].statuses.add("clientUpdateProhibited")

    def lose(self, exchange: int, *, done: bool) -> None:
        self.server.lose(exchange, done=done)

    def lost(self) -> bool:
        lost = self.server.lost
        self.server.forget()
        return lost

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        self.registry.before_update = lambda: self.put(zone, delegation)

    @property
    def domain(self) -> Domain:
        return self.registry.domains[self.cut]


def _fields(rdata: t.Any) -> list[str]:
    first, second, third, rest = rdata.to_text().split(None, 3)
    blob = rest.replace(" ", "")
    return [first, second, third, blob.upper() if rdata.rdtype == 43 else blob]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("epp"))


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> tuple[str, str]:
    return authority.issue("registry", names=["127.0.0.1"])


@pytest.fixture
def make_world(authority: Authority, certificate: tuple[str, str]) -> t.Iterator[t.Callable[..., EppWorld]]:
    """Make worlds, and see in the end that every frame was as the schemas want it."""
    servers: list[EppServer] = []

    def make(*, options: t.Mapping[str, t.Any] | None = None, **registry: t.Any) -> EppWorld:
        holder = Registry(**registry)
        server = EppServer(holder, certificate=certificate)
        servers.append(server)
        server.__enter__()
        return EppWorld(holder, server, {"ca_path": str(authority.path), **(options or {})})

    yield make
    for server in servers:
        server.__exit__()
        assert server.violations == []


class TestHostObjects(ParentContract):
    @pytest.fixture
    def world(self, make_world: t.Callable[..., EppWorld]) -> EppWorld:
        return make_world()


class TestHostAttributes(ParentContract):
    @pytest.fixture
    def world(self, make_world: t.Callable[..., EppWorld]) -> EppWorld:
        return make_world(model="attr")


class TestKeys(ParentContract):
    @pytest.fixture
    def world(self, make_world: t.Callable[..., EppWorld]) -> EppWorld:
        return make_world(secure="keyData", options={"ds_interface": "key"})


class TestHostAttributesAndKeys(ParentContract):
    @pytest.fixture
    def world(self, make_world: t.Callable[..., EppWorld]) -> EppWorld:
        return make_world(model="attr", secure="keyData", options={"ds_interface": "key"})
