# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries with EPP: the contract with host objects and with attributes, DS and keys, and all that they may do."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import types
import typing as t

import dns.name
import dns.rdata
import pytest

pytest.importorskip("epptools")
pytest.importorskip("lxml")

import epptools

from ansible_collections.zonecut.dns.plugins.module_utils import _epp_session
from ansible_collections.zonecut.dns.plugins.module_utils._delegate import Outcome, Waiting
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._epp_objects import EppDomain
from ansible_collections.zonecut.dns.plugins.module_utils._epp_session import EppAccess
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Change
from ansible_collections.zonecut.dns.plugins.module_utils._parents.epp import EppParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import parse_parents
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents import contract, epp_registry
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    Fault,
    ParentContract,
    World,
    described,
    pushed,
    pushed_all,
    setting,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.epp_registry import frames
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.epp_registry.certificates import Authority
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.epp_registry.registry import (
    MESSAGES,
    Domain,
    Host,
    Message,
    Registry,
    Session,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.epp_registry.server import EppServer

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

    def make(
        *,
        options: t.Mapping[str, t.Any] | None = None,
        server: t.Mapping[str, t.Any] | None = None,
        **registry: t.Any,
    ) -> EppWorld:
        holder = Registry(**registry)
        serving = EppServer(holder, certificate=certificate, **(server or {}))
        servers.append(serving)
        serving.__enter__()
        return EppWorld(holder, serving, {"ca_path": str(authority.path), **(options or {})})

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


INSIDE = {"name": "ns1.shop.example", "addresses": ["192.0.2.1"]}
MakeWorld = t.Callable[..., EppWorld]


def there(world: EppWorld, *servers: t.Any, keys: t.Sequence[str] = (), name: str | None = None) -> Zone:
    """Make the zone be there with these servers and keys, and return it."""
    zone = described(world, name=name, servers=list(servers), keys=keys)
    world.put(zone, wanted(world, zone))
    return zone


def change_to(world: EppWorld, *servers: t.Any, keys: t.Sequence[str] = (), **rules: t.Any) -> Outcome:
    """Push the zone with these servers and keys."""
    return pushed(world, described(world, servers=list(servers), keys=keys), allow=("single_server",), **rules)


def answer_with(
    monkeypatch: pytest.MonkeyPatch, world: EppWorld, command: str, said: str, *, identifier: str | None = None
) -> None:
    """Have the registry answer a command with what it ``said``, which belongs before the trID, and not carry it out.

    :arg identifier: what is sent back as that of the client.
    """
    answer = world.registry.answer
    world.registry.answer_with[command] = 2400

    def answered(session: Session, frame: t.Any) -> t.Any:
        refusal = answer(session, frame)
        if world.registry.commands[-1] != command:
            return refusal
        root = frames.parsed(f'<epp xmlns="{frames.EPP}"><response>{said}</response></epp>'.encode())
        transactions = refusal.find(f".//{{{frames.EPP}}}trID")
        if identifier is not None:
            transactions.find(f"{{{frames.EPP}}}clTRID").text = identifier
        root[0].append(transactions)
        return root

    monkeypatch.setattr(world.registry, "answer", answered)


def forgive_extensions(world: EppWorld) -> None:
    """Forget that there is no schema here for what a registry added to its answers."""
    world.server.violations[:] = [each for each in world.server.violations if "strict wildcard" not in each]


def changes(world: EppWorld) -> list[str]:
    """Return the names of the commands that change something, in the order in which they came."""
    return [each for each in world.registry.commands if each.endswith(("create", "delete", "update"))]


@contextlib.contextmanager
def capturing_warnings() -> t.Iterator[list[str]]:
    """Yield what the user is told that is no error."""
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            contract,
            "setting",
            lambda zones, **options: dataclasses.replace(setting(zones, **options), warn=told.append),
        )
        yield told


class TestLocks:
    def test_a_lock_is_removed_and_put_back_in_commands_of_their_own(self, make_world: MakeWorld) -> None:
        world = make_world(options={"unlock": True})
        zone = there(world, "a.test", "b.test")
        world.lock(zone)
        assert change_to(world, "a.test", "b.test", keys=[KEY_1]).failure is None
        assert len(world.domain.secure) == 1
        assert world.domain.statuses == {"clientUpdateProhibited"}
        assert changes(world) == ["domain:update"] * 3

    def test_check_mode_leaves_it_in_place_and_says_nothing_of_it(self, make_world: MakeWorld) -> None:
        world = make_world(options={"unlock": True})
        world.lock(there(world, "a.test", "b.test"))
        assert change_to(world, "a.test", "b.test", keys=[KEY_1], check_mode=True).failure is None
        assert changes(world) == []

    def test_it_is_put_back_when_the_change_is_refused(self, make_world: MakeWorld) -> None:
        world = make_world(options={"unlock": True}, most_servers=2)
        world.lock(there(world, "a.test", "b.test"))
        outcome = change_to(world, "a.test", "b.test", "c.test")
        assert "2306 (Too many name servers)" in str(outcome.failure)
        assert world.domain.statuses == {"clientUpdateProhibited"}

    @pytest.mark.parametrize("done", [True, False])
    def test_it_is_put_back_wherever_the_connection_ends(self, make_world: MakeWorld, done: bool) -> None:
        world, happened = make_world(options={"unlock": True}), 0
        for exchange in range(40):
            zone = there(world, "a.test", "c.test")
            world.lock(zone)
            world.lose(exchange, done=done)
            outcome = change_to(world, "a.test", "b.test")
            happened += world.lost()
            assert outcome.failure is None, exchange
            assert world.domain.statuses == {"clientUpdateProhibited"}, exchange
            assert set(world.domain.servers) == {"a.test", "b.test"}, exchange
            if happened <= exchange:
                break
        assert 10 < happened < 40

    @pytest.mark.parametrize("failing", [1, 2, 3])
    def test_it_is_put_back_with_the_last_attempt_too(
        self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, failing: int
    ) -> None:
        world = make_world(options={"unlock": True})
        world.lock(there(world, "a.test", "b.test"))
        world.registry.before_update = lambda: world.registry.answer_with.update({"domain:update": 2400})
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == failing:
                world.registry.answer_with.clear()

        monkeypatch.setattr(
            contract, "setting", lambda zones, **options: dataclasses.replace(setting(zones, **options), sleep=sleep)
        )
        failure = str(change_to(world, "a.test", "c.test").failure)
        assert "2400" in failure and "UNLOCKED" not in failure
        assert world.domain.statuses == {"clientUpdateProhibited"}
        assert slept == [1.0, 2.0, 5.0][:failing]
        # Removed, the change, the attempts that failed, and the one that did not.
        assert changes(world).count("domain:update") == 2 + failing + 1

    def test_what_cannot_be_put_back_is_told_loudly(self, make_world: MakeWorld) -> None:
        world = make_world(options={"unlock": True})
        world.lock(there(world, "a.test", "b.test"))
        # From the second on, which is the change.
        world.registry.before_update = lambda: world.registry.answer_with.update({"domain:update": 2400})
        failure = str(change_to(world, "a.test", "c.test").failure)
        assert "THE DOMAIN SHOP.EXAMPLE IS LEFT UNLOCKED: its clientUpdateProhibited was removed" in failure
        assert "put it back by hand; before that:" in failure
        assert world.domain.statuses == set()

    def test_it_is_put_back_once_a_pending_change_is_made(self, make_world: MakeWorld) -> None:
        world = make_world(options={"unlock": True}, pending_looks=3)
        world.lock(there(world, "a.test", "b.test"))
        assert change_to(world, "a.test", "c.test", wait=60).failure is None
        assert world.domain.statuses == {"clientUpdateProhibited"}

    @pytest.mark.parametrize("done", [True, False])
    def test_locks_of_hosts_too(self, make_world: MakeWorld, done: bool) -> None:
        world, happened = make_world(options={"unlock": True}), 0
        for exchange in range(40):
            there(world, "a.test", INSIDE)
            host = world.registry.hosts["ns1.shop.example"]
            host.statuses.add("clientUpdateProhibited")
            world.lose(exchange, done=done)
            outcome = change_to(world, "a.test", {**INSIDE, "addresses": ["192.0.2.2"]})
            happened += world.lost()
            host = world.registry.hosts["ns1.shop.example"]
            assert (outcome.failure, host.statuses) == (None, {"clientUpdateProhibited"}), exchange
            assert host.addresses == {"192.0.2.2"}, exchange
            if happened <= exchange:
                break
        assert 10 < happened < 40

    @pytest.mark.parametrize(
        ("status", "message"),
        [
            ("clientUpdateProhibited", "is locked (clientUpdateProhibited): remove the lock, or set unlock"),
            ("serverUpdateProhibited", "locked by the registry (serverUpdateProhibited): ask the registry"),
            ("pendingTransfer", "while the registry works at it (pendingTransfer): wait"),
            ("pendingDelete", "while the registry works at it (pendingDelete): wait"),
        ],
    )
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_each_says_what_to_do_before_anything_is_sent(
        self, make_world: MakeWorld, status: str, message: str, check_mode: bool
    ) -> None:
        world = make_world(options={"unlock": not status.startswith("client")})
        there(world, "a.test", "b.test")
        world.domain.statuses.add(status)
        outcome = change_to(world, "a.test", "c.test", check_mode=check_mode)
        assert message in str(outcome.failure)
        assert changes(world) == []

    def test_other_statuses_are_in_nobodys_way(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        others = {"clientTransferProhibited", "clientDeleteProhibited", "clientHold"}
        world.domain.statuses |= others
        assert change_to(world, "a.test", "c.test").failure is None
        assert world.domain.statuses == others


class TestHosts:
    def test_come_before_the_domain_names_them_and_go_after(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", {"name": "old.shop.example", "addresses": ["192.0.2.9"]})
        assert change_to(world, "a.test", "b.test", INSIDE).failure is None
        assert changes(world) == ["host:create", "host:create", "domain:update", "domain:update", "host:delete"]
        assert set(world.registry.hosts) == {"a.test", "b.test", "ns1.shop.example"}
        assert world.registry.hosts["b.test"].addresses == set()

    def test_one_that_another_domain_uses_stays(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", INSIDE)
        there(world, "a.test", "ns1.shop.example", name="other.example")
        world.registry.hosts["ns1.shop.example"].addresses = {"192.0.2.1"}
        assert change_to(world, "a.test", "b.test").failure is None
        assert world.registry.hosts["ns1.shop.example"].addresses == {"192.0.2.1"}
        assert "host:delete" not in changes(world)

    def test_one_that_is_locked_against_deletion_stays_and_is_told(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", INSIDE)
        world.registry.hosts["ns1.shop.example"].statuses.add("serverDeleteProhibited")
        with capturing_warnings() as warnings:
            assert change_to(world, "a.test", "b.test").failure is None
        assert ["ns1.shop.example" in each and "serverDeleteProhibited" in each for each in warnings] == [True]

    def test_one_of_another_registrar_is_left_to_it(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", INSIDE)
        world.registry.hosts["ns1.shop.example"].sponsor = "other"
        outcome = change_to(world, "a.test", "b.test", {**INSIDE, "addresses": ["192.0.2.2"]})
        assert "2201 (Authorization error) to host update of ns1.shop.example: it belongs to other" in str(
            outcome.failure
        )
        assert "(192.0.2.1) changed there, or give the server another name" in str(outcome.failure)
        assert set(world.domain.servers) == {"a.test", "ns1.shop.example"}

    def test_one_that_shows_a_contact_as_its_registrar_is_changed(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", INSIDE)
        world.registry.hosts["ns1.shop.example"].contact = "DKHM1-DK"
        assert change_to(world, "a.test", {**INSIDE, "addresses": ["192.0.2.2"]}).failure is None
        assert world.registry.hosts["ns1.shop.example"].addresses == {"192.0.2.2"}

    @pytest.mark.parametrize("code", [2201, 2202])
    def test_one_that_is_not_shown_is_used_where_it_is_only_named(self, make_world: MakeWorld, code: int) -> None:
        world = make_world()
        there(world, "a.test", "c.test")
        world.registry.hosts["b.test"] = Host("b.test", "other")
        world.registry.answer_with["host:info"] = code
        assert change_to(world, "a.test", "b.test").failure is None
        assert changes(world) == ["domain:update", "domain:update"]
        failure = str(change_to(world, "a.test", INSIDE).failure)
        assert f"{code} " in failure and "another registrar sponsors it" in failure

    def test_all_that_are_still_to_be_made_are_told(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "c.test")
        world.registry.answer_with["host:create"] = 1001
        failure = str(change_to(world, "a.test", "b.test", INSIDE).failure)
        for name in ("b.test", "ns1.shop.example"):
            assert f"to host create of {name}: wait until the registry has made the host {name}" in failure
        assert changes(world) == ["host:create", "host:create"]
        world.registry.hosts["b.test"] = Host("b.test", "registrar", statuses={"pendingCreate"})
        world.registry.hosts["ns1.shop.example"] = Host("ns1.shop.example", "registrar", {"192.0.2.1"})
        assert "the host b.test cannot serve" in str(change_to(world, "a.test", "b.test", INSIDE).failure)
        world.registry.hosts["b.test"].statuses.clear()
        assert change_to(world, "a.test", "b.test", INSIDE).failure is None

    def test_no_address_goes_before_others_have_come(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", INSIDE)
        world.registry.answer_with["host:update"] = 1001
        failure = str(change_to(world, "a.test", {**INSIDE, "addresses": ["192.0.2.2"]}).failure)
        assert (
            "to host update of ns1.shop.example: wait until the registry has made the host ns1.shop.example" in failure
        )
        assert changes(world) == ["host:update"]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_one_that_is_about_to_go_is_told_before_anything_is_sent(
        self, make_world: MakeWorld, check_mode: bool
    ) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        host = world.registry.hosts["ns1.shop.example"] = Host("ns1.shop.example", "registrar", {"192.0.2.1"})
        host.statuses.add("pendingDelete")
        outcome = change_to(world, "a.test", INSIDE, check_mode=check_mode)
        assert "the host ns1.shop.example cannot serve while the registry works at it (pendingDelete): wait" in str(
            outcome.failure
        )
        assert changes(world) == []

    def test_one_of_another_registrar_is_used(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "c.test")
        world.registry.hosts["b.test"] = Host("b.test", "other")
        assert change_to(world, "a.test", "b.test").failure is None
        assert changes(world) == ["domain:update", "domain:update"]

    def test_one_that_comes_into_being_meanwhile_is_used(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "c.test")
        world.registry.hosts["b.test"] = Host("b.test", "other")
        world.registry.answer_with["host:info"] = 2303
        assert change_to(world, "a.test", "b.test").failure is None
        assert changes(world) == ["host:create", "domain:update", "domain:update"]

    def test_one_left_with_other_addresses_gets_the_right_ones_before_it_serves(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        world.registry.hosts["ns1.shop.example"] = Host("ns1.shop.example", "registrar", {"198.51.100.7"})
        assert change_to(world, "a.test", INSIDE).failure is None
        assert changes(world) == ["host:update", "host:update", "domain:update", "domain:update"]
        assert world.registry.hosts["ns1.shop.example"].addresses == {"192.0.2.1"}

    def test_addresses_come_before_others_go(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", INSIDE)
        assert change_to(world, "a.test", {**INSIDE, "addresses": ["192.0.2.2", "2001:db8::2"]}).failure is None
        assert changes(world) == ["host:update", "host:update"]

    def test_one_in_another_domain_of_the_registry_gets_the_addresses_described_for_it(
        self, make_world: MakeWorld
    ) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        there(world, "a.test", "b.test", name="other.example")
        server = {"name": "ns.other.example", "addresses": ["192.0.2.7"]}
        assert change_to(world, "a.test", server).failure is None
        assert world.registry.hosts["ns.other.example"].addresses == {"192.0.2.7"}

    @pytest.mark.parametrize(
        ("sponsor", "message"),
        [
            (
                "registrar",
                "2003 (A host in this zone needs an address) to host create of ns.other.example: it lies in a",
            ),
            ("other", "2201 (Authorization error) to host create of ns.other.example: its name lies in a domain of"),
            (
                None,
                "2303 (Object does not exist) to host create of ns.other.example: its name lies in a domain that is",
            ),
        ],
    )
    def test_one_that_cannot_be_made_says_why(self, make_world: MakeWorld, sponsor: str | None, message: str) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        if sponsor is not None:
            world.registry.domains["other.example"] = Domain("other.example", sponsor)
        outcome = change_to(world, "a.test", "ns.other.example")
        assert message in str(outcome.failure)
        assert changes(world) == ["host:create"]

    def test_attributes_change_with_their_entry(self, make_world: MakeWorld) -> None:
        world = make_world(model="attr")
        there(world, "a.test", {**INSIDE, "addresses": ["192.0.2.1", "2001:db8::1"]})
        assert change_to(world, "a.test", {**INSIDE, "addresses": ["192.0.2.2"]}).failure is None
        assert changes(world) == ["domain:update"]
        assert world.domain.servers == {"a.test": (), "ns1.shop.example": ("192.0.2.2",)}

    def test_the_model_is_what_a_domain_shows(self, make_world: MakeWorld) -> None:
        """Some offer host objects and have attributes all the same."""
        uris = [f"urn:ietf:params:xml:ns:{name}-1.0" for name in ("domain", "contact", "host")]
        world = make_world(model="attr", objects=uris)
        there(world, "a.test", "b.test")
        assert change_to(world, "a.test", "c.test").failure is None
        world.domain.servers.clear()
        failure = str(change_to(world, "a.test", "c.test").failure)
        assert "2307" in failure and "host_model" in failure

    def test_the_model_is_what_is_given_where_a_domain_shows_none(self, make_world: MakeWorld) -> None:
        uris = [f"urn:ietf:params:xml:ns:{name}-1.0" for name in ("domain", "contact", "host")]
        world = make_world(model="attr", objects=uris, options={"host_model": "attr"})
        assert change_to(world, "a.test", "c.test").failure is None


class TestSecure:
    def test_entries_go_and_come_one_by_one_in_one_command(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "b.test", keys=[KEY_1])
        assert change_to(world, "a.test", "b.test", keys=[KEY_2]).failure is None
        (frame,) = [each for each in world.server.heard if b"secDNS:update" in each]
        assert b"<secDNS:all" not in frame
        assert frame.count(b"<secDNS:dsData>") == 2
        assert b"<domain:chg" not in frame

    @pytest.mark.parametrize("code", [2001, 2003, 2005])
    def test_some_want_an_empty_change_beside(self, make_world: MakeWorld, code: int) -> None:
        world = make_world(wants_change=code)
        there(world, "a.test", "b.test", keys=[KEY_1])
        assert change_to(world, "a.test", "b.test", keys=[KEY_2]).failure is None
        assert world.holds(described(world, keys=[KEY_2])).ds == frozenset(described(world, keys=[KEY_2]).ds)
        keys = make_world(secure="keyData", wants_change=code, options={"ds_interface": "key"})
        there(keys, "a.test", "b.test", keys=[KEY_1])
        assert change_to(keys, "a.test", "b.test", keys=[KEY_2]).failure is None

    def test_what_is_removed_is_named_as_it_is_shown(self, make_world: MakeWorld) -> None:
        """There are registries that compare the text of a digest."""
        world = make_world()
        there(world, "a.test", "b.test", keys=[KEY_1])
        world.domain.secure = [(*fields, digest.lower()) for *fields, digest in world.domain.secure]
        assert change_to(world, "a.test", "b.test").failure is None
        assert world.domain.secure == []

    def test_one_domain_shows_what_the_next_one_takes(self, make_world: MakeWorld) -> None:
        world = make_world(secure="keyData")
        there(world, "a.test", "b.test", keys=[KEY_1], name="first.example")
        zones = [
            described(world, name=name, servers=["a.test", "b.test"], keys=[KEY_1])
            for name in ("first.example", "second.example")
        ]
        assert [outcome.failure for outcome in pushed_all(world, zones)] == [None, None]

    def test_the_wrong_interface_is_named(self, make_world: MakeWorld) -> None:
        world = make_world(secure="keyData")
        there(world, "a.test", "b.test")
        failure = str(change_to(world, "a.test", "b.test", keys=[KEY_1]).failure)
        assert "Only keyData is taken here" in failure and "ds_interface" in failure

    def test_a_registry_without_is_named(self, make_world: MakeWorld) -> None:
        world = make_world(secure=None)
        there(world, "a.test", "b.test")
        assert "takes no DS" in str(change_to(world, "a.test", "b.test", keys=[KEY_1]).failure)
        assert change_to(world, "a.test", "c.test").failure is None


class TestFaults:
    def test_a_command_that_is_half_done_and_refused_is_finished(self, make_world: MakeWorld) -> None:
        for model in ("obj", "attr"):
            world = make_world(model=model)
            there(world, "a.test", {**INSIDE, "addresses": ["192.0.2.1"]}, keys=[KEY_1])
            world.registry.half = True
            after = {**INSIDE, "addresses": ["192.0.2.2"]}
            assert change_to(world, "a.test", after, keys=[KEY_2]).failure is None
            zone = described(world, servers=["a.test", after], keys=[KEY_2])
            assert world.holds(zone) == wanted(world, zone)

    def test_none_is_removed_where_nothing_was_added(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        world.registry.half = True
        assert "2303" in str(change_to(world, "a.test", "c.test").failure)
        assert set(world.domain.servers) == {"a.test", "b.test"}

    def test_servers_are_replaced_at_once_where_there_may_be_no_more(self, make_world: MakeWorld) -> None:
        world = make_world(most_servers=2)
        there(world, "a.test", "b.test")
        assert change_to(world, "a.test", "c.test").failure is None
        assert set(world.domain.servers) == {"a.test", "c.test"}

    @pytest.mark.parametrize("code", [2500, 2501, 2502])
    def test_a_session_that_ends_in_the_middle(self, make_world: MakeWorld, code: int) -> None:
        world = make_world()
        there(world, "a.test", "b.test")

        def end() -> None:
            world.registry.answer_with["domain:update"] = code
            world.registry.answer_with["domain:info"] = code

        world.registry.before_update = end
        failure = str(change_to(world, "a.test", "c.test").failure)
        assert str(code) in failure
        world.registry.answer_with.clear()
        assert change_to(world, "a.test", "c.test").failure is None

    @pytest.mark.parametrize(
        ("command", "code", "message"),
        [
            ("domain:info", 2303, "has no domain shop.example: register it first"),
            ("domain:info", 2201, "another registrar sponsors it"),
            ("domain:info", 2005, "is it in a zone of this registry"),
            ("domain:info", 2400, "try again later"),
            ("domain:info", 2002, "2002 (Command use error) to domain info of shop.example"),
            ("domain:info", 2502, "run fewer tasks at once"),
            ("host:info", 2400, "try again later"),
            ("host:create", 2400, "try again later"),
            ("domain:update", 2001, "does not understand the command"),
            ("domain:update", 2003, "wants something that is not described"),
            ("domain:update", 2005, "does not take the form of a value"),
            ("domain:update", 2201, "only that one can change it"),
            ("domain:update", 2304, "look for a lock"),
            ("domain:update", 2306, "rules of the registry"),
            ("domain:update", 2308, "rules of the registry"),
            ("domain:update", 2400, "try again later"),
        ],
    )
    def test_each_code_says_what_to_do(self, make_world: MakeWorld, command: str, code: int, message: str) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        world.registry.answer_with[command] = code
        outcome = change_to(world, "a.test", "c.test")
        assert message in str(outcome.failure)
        assert set(world.domain.servers) == {"a.test", "b.test"}

    def test_a_domain_of_another_registrar(self, make_world: MakeWorld) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        world.domain.sponsor = "other"
        assert "2201" in str(change_to(world, "a.test", "c.test").failure)

    def test_a_registered_domain_keeps_its_servers(self, make_world: MakeWorld) -> None:
        world = make_world()
        zone = there(world, "a.test", "b.test")
        assert "keeps its name servers" in str(pushed(world, zone, state="absent").failure)
        assert changes(world) == []

    def test_a_change_that_is_given_up(self, make_world: MakeWorld) -> None:
        world = make_world(pending_looks=3, rejects_pending=True)
        there(world, "a.test", "b.test")
        failure = str(change_to(world, "a.test", "c.test", wait=60).failure)
        assert "gave it up later (The registrant did not agree): ask the registry why" in failure
        assert world.registry.messages["registrar"] == []

    def test_a_change_that_is_shown_before_it_is_made_is_waited_for(self, make_world: MakeWorld) -> None:
        """The domain takes no other command until then."""
        world = make_world(pending_looks=3, shows_pending=True)
        there(world, "a.test", "c.test")
        assert change_to(world, "a.test", "b.test", wait=60).failure is None
        assert set(world.domain.servers) == {"a.test", "b.test"}

    def test_a_change_that_is_shown_and_not_made_is_told(self, make_world: MakeWorld) -> None:
        world = make_world(pending_looks=1000, shows_pending=True)
        there(world, "a.test")
        with capturing_warnings() as warnings:
            assert change_to(world, "a.test", "b.test").failure is None
        assert ["shows the change of shop.example and has not confirmed it yet" in each for each in warnings] == [True]

    def test_messages_to_others_stay_in_the_queue(self, make_world: MakeWorld) -> None:
        world = make_world(pending_looks=3)
        there(world, "a.test", "b.test")
        other = Message(999, "other.example", True, (None, "SRV-other"))
        world.registry.messages["registrar"] = [other]
        assert change_to(world, "a.test", "b.test", "c.test", wait=60).failure is None
        assert world.registry.messages["registrar"][0] is other

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            pytest.param(
                """<result code="2306"><msg>Policy error</msg><extValue><value><name>b.test</name></value>
                <reason>b.test is not fit</reason></extValue></result>""",
                "(Policy error; b.test is not fit)",
                id="RFC 5730",
            ),
            pytest.param(
                """<result code="2306"><msg lang="en-US">Policy error</msg><value>
                <oxrs:xcp xmlns:oxrs="urn:afilias:params:xml:ns:oxrs-1.1">2306:Policy error (too many)</oxrs:xcp>
                </value></result>""",
                "(Policy error; 2306:Policy error (too many))",
                id="Afilias",
            ),
            pytest.param(
                """<result code="2306"><msg>Policy error</msg><value><msg>Forbidden address</msg></value></result>""",
                "(Policy error; Forbidden address)",
                id="NIXI",
            ),
            pytest.param(
                """<result code="2308"><msg>Validation failed.</msg></result><extension>
                <s:ext xmlns:s="http://rxsd.domain-registry.nl/sidn-ext-epp-1.0"><s:response>
                <s:msg code="C0033a" field="ns">Unknown name server.</s:msg></s:response></s:ext></extension>""",
                "(Validation failed.; Unknown name server.)",
                id="SIDN",
            ),
            pytest.param(
                """<result code="2308"><msg>Policy violation</msg></result><extension>
                <d:ext xmlns:d="http://www.dns.be/xml/epp/dnsbe-1.0"><d:result>
                <d:msg>domain [example] has invalid status</d:msg></d:result></d:ext></extension>""",
                "(Policy violation; domain [example] has invalid status)",
                id="DNS Belgium",
            ),
            pytest.param(
                """<result code="2306"><msg>Policy error</msg></result><extension>
                <n:nsExtErrData xmlns:n="http://www.verisign-grs.com/epp/namestoreExt-1.1">
                <n:msg code="1">Specified sub-product does not exist</n:msg></n:nsExtErrData></extension>""",
                "(Policy error; Specified sub-product does not exist)",
                id="Verisign",
            ),
            pytest.param(
                """<result code="2003"><msg>Required parameter missing: name</msg></result>
                <result code="2003"><msg>Required parameter missing: city</msg></result>""",
                "(Required parameter missing: name; Required parameter missing: city)",
                id="several results",
            ),
            pytest.param(
                """<result code="2306"><msg>Policy error</msg><value><msg>Policy error</msg></value></result>""",
                "(Policy error)",
                id="the same twice",
            ),
            pytest.param("""<result code="2400"><msg/></result>""", "(without a word)", id="nothing"),
        ],
    )
    @pytest.mark.parametrize("command", ["login", "domain:update"])
    def test_the_reason_is_shown_wherever_it_is(
        self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, said: str, shown: str, command: str
    ) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        answer_with(monkeypatch, world, command, said)
        assert f"{shown} to {command.replace(':', ' ')}" in str(change_to(world, "a.test", "c.test").failure)
        forgive_extensions(world)

    def test_an_error_under_another_identifier_is_shown(
        self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As those have that a registry answers before it looks into a command."""
        world = make_world()
        there(world, "a.test", "b.test")
        broken = """<result code="2500"><msg>No database</msg></result>"""
        answer_with(monkeypatch, world, "domain:update", broken, identifier="client-not-provided-2")
        failure = str(change_to(world, "a.test", "c.test").failure)
        assert "what came last was 2500 (No database), so nobody knows whether it was done" in failure
        answer_with(monkeypatch, world, "login", broken, identifier="client-not-provided-2")
        assert "what came last was 2500 (No database)" in str(change_to(world, "a.test", "c.test").failure)

    def test_what_belongs_to_another_command_is_not_shown(
        self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = make_world()
        there(world, "a.test", "b.test")
        answer_with(
            monkeypatch, world, "domain:update", """<result code="1000"><msg>Done</msg></result>""", identifier="other"
        )
        failure = str(change_to(world, "a.test", "c.test").failure)
        assert "nobody knows whether it was done" in failure and "1000" not in failure

    def test_messages_that_cannot_be_read_are_asked_for_once(
        self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SIDN puts the trID of another command into them, which is taken for that of the answer."""
        world = make_world(pending_looks=3)
        there(world, "a.test", "b.test")
        foreign = """<result code="1301"><msg>Picked up.</msg></result>
            <msgQ count="9" id="100000"><qDate>2009-10-27T10:34:32.000Z</qDate><msg>1202 processed</msg></msgQ>
            <resData><s:pollData xmlns:s="http://rxsd.domain-registry.nl/sidn-ext-epp-1.0"><s:command>host:update</s:command>
            <s:data><result code="1000"><msg>Changed.</msg></result>
            <trID><clTRID>TestWZNMC10T50</clTRID><svTRID>100012</svTRID></trID></s:data></s:pollData></resData>"""
        answer_with(monkeypatch, world, "poll", foreign)
        assert change_to(world, "a.test", "c.test", wait=60).failure is None
        # Each is sent once more, since the connection might have been at fault.
        assert world.registry.commands.count("poll") == 2
        forgive_extensions(world)

    def test_no_identifier_is_sent_twice(self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        """However many sessions there are in one second, and in one process."""
        stopped = types.SimpleNamespace(strftime=lambda *_arguments: "20260101000000", gmtime=lambda: None)
        monkeypatch.setattr("epptools.client.time", stopped)
        world = make_world()
        there(world, "a.test", "b.test")
        assert change_to(world, "a.test", "c.test").failure is None
        assert change_to(world, "a.test", "b.test").failure is None
        sent = [identifier for each in world.server.heard for identifier in re.findall(b"<clTRID>(.*?)<", each)]
        assert len(sent) == len(set(sent)) > 10
        assert max(map(len, sent)) <= 64

    def test_one_session_for_many_zones(self, make_world: MakeWorld) -> None:
        world = make_world()
        zones = [described(world, name=f"zone{number}.example", servers=["a.test", "b.test"]) for number in range(20)]
        assert [outcome.failure for outcome in pushed_all(world, zones)] == [None] * 20
        assert world.registry.commands.count("login") == 1 == world.registry.commands.count("logout")


class TestLogin:
    def failure(self, world: EppWorld) -> str:
        there(world, "a.test", "b.test")
        return str(change_to(world, "a.test", "c.test").failure)

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            (2200, "check username and password"),
            (2201, "may not use EPP"),
            (2102, "no language"),
            (2307, "report this to the registry"),
            (2400, "try again later"),
            (2501, "check username and password"),
            (2502, "end others, or run fewer tasks at once"),
        ],
    )
    def test_each_code_says_what_to_do(self, make_world: MakeWorld, code: int, message: str) -> None:
        world = make_world()
        world.registry.answer_with["login"] = code
        failure = self.failure(world)
        assert f"does not let registrar in, it answers {code}" in failure and message in failure

    def test_a_wrong_password_is_tried_once_for_all_zones(self, make_world: MakeWorld) -> None:
        world = make_world(accounts={"registrar": "another-one"})
        zones = [described(world, name=f"zone{number}.example", servers=["a.test", "b.test"]) for number in range(5)]
        assert all("check username and password" in str(each.failure) for each in pushed_all(world, zones))
        assert world.registry.commands == ["login"]

    def test_what_a_registry_repeats_of_a_password_is_hidden(
        self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(MESSAGES, 2200, f"{PASSWORD} is wrong")
        world = make_world()
        world.registry.answer_with["login"] = 2200
        failure = self.failure(world)
        assert PASSWORD not in failure and "*** is wrong" in failure

    def test_a_long_password(self, make_world: MakeWorld) -> None:
        long = "correct horse battery staple"
        accounts = {"registrar": long}
        world = make_world(login_security=True, accounts=accounts, options={"password": long})
        there(world, "a.test", "b.test")
        assert change_to(world, "a.test", "c.test").failure is None
        assert b"<pw>[LOGIN-SECURITY]</pw>" in world.server.heard[0]

    def test_a_long_password_goes_the_old_way_where_there_is_no_other(self, make_world: MakeWorld) -> None:
        """The schema has none of more than 16 characters, but not every registry asks it."""
        long = "correct horse & battery staple"
        world = make_world(accounts={"registrar": long}, options={"password": long})
        world.server.takes_long_passwords = True
        there(world, "a.test", "b.test")
        assert change_to(world, "a.test", "c.test").failure is None
        world.server.takes_long_passwords = False
        failure = self.failure(world)
        assert "answers 2001 (Command syntax error) to login" in failure
        assert "the password may be too long" in failure and long not in failure
        assert {"maxLength" in each for each in world.server.violations} == {True}
        world.server.violations.clear()

    def test_a_short_password_goes_the_old_way_and_warnings_are_shown(self, make_world: MakeWorld) -> None:
        world = make_world(login_security=True, events=[{"type": "certificate", "text": "expires soon"}])
        there(world, "a.test", "b.test")
        with capturing_warnings() as warnings:
            assert change_to(world, "a.test", "c.test").failure is None
        assert ["warns at login: certificate expires soon" in each for each in warnings] == [True]
        assert not any(b"loginSec:pw" in each for each in world.server.heard)

    def test_the_language_is_one_that_is_offered(self, make_world: MakeWorld) -> None:
        for languages, chosen in ((["uk", "en-US"], b"<lang>en-US</lang>"), (["uk"], b"<lang>uk</lang>")):
            world = make_world(languages=languages)
            there(world, "a.test", "b.test")
            assert change_to(world, "a.test", "c.test").failure is None
            assert chosen in world.server.heard[0]

    def test_a_registry_without_extensions_is_announced_none(self, make_world: MakeWorld) -> None:
        world = make_world(secure=None)
        there(world, "a.test", "b.test")
        assert change_to(world, "a.test", "c.test").failure is None
        assert b"extURI" not in world.server.heard[0]

    def test_domains_of_another_schema(self, make_world: MakeWorld) -> None:
        world = make_world(objects=["http://www.nic.example/xml/epp/domain-1.4"])
        assert "has domains in a form of its own" in self.failure(world)


class TestConnection:
    def outcome(self, world: EppWorld, **options: t.Any) -> Outcome:
        world._options.update(options)
        there(world, "a.test", "b.test")
        return change_to(world, "a.test", "c.test")

    def test_an_authority_that_is_not_trusted(self, make_world: MakeWorld, tmp_path: pathlib.Path) -> None:
        other = Authority(tmp_path, "other")
        for path in (None, str(other.path)):
            failure = str(self.outcome(make_world(), ca_path=path).failure)
            assert "its certificate is not valid here" in failure and "set ca_path" in failure

    def test_a_certificate_for_another_name(self, make_world: MakeWorld) -> None:
        failure = str(self.outcome(make_world(), host="localhost").failure)
        assert "its certificate is for another name: set host" in failure

    def test_certificates_that_need_not_be_valid(self, make_world: MakeWorld) -> None:
        assert self.outcome(make_world(), host="localhost", ca_path=None, validate_certs=False).failure is None

    def test_tls_1_2(self, make_world: MakeWorld) -> None:
        assert self.outcome(make_world(server={"latest_tls": ssl.TLSVersion.TLSv1_2})).failure is None

    @pytest.mark.parametrize("latest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_client_certificates(
        self, make_world: MakeWorld, authority: Authority, tmp_path: pathlib.Path, latest: ssl.TLSVersion
    ) -> None:
        server = {"clients_of": str(authority.path), "latest_tls": latest}
        mine, stranger = authority.issue("client"), Authority(tmp_path, "stranger").issue("stranger")
        hidden = authority.issue("hidden", passphrase="open it")
        known = dict(zip(("client_cert", "client_key"), mine))
        assert self.outcome(make_world(server=server), **known).failure is None
        locked = dict(zip(("client_cert", "client_key"), hidden))
        assert self.outcome(make_world(server=server), **locked, client_key_passphrase="open it").failure is None
        for wrong in ({}, {"client_key_passphrase": "no"}):
            failure = str(self.outcome(make_world(server=server), **locked, **wrong).failure)
            assert "the passphrase is not right" in failure and "open it" not in failure
        mixed = {"client_cert": mine[0], "client_key": hidden[1], "client_key_passphrase": "open it"}
        assert "not the key of client_cert" in str(self.outcome(make_world(server=server), **mixed).failure)
        for unknown in ({}, dict(zip(("client_cert", "client_key"), stranger))):
            failure = str(self.outcome(make_world(server=server), **unknown).failure)
            assert "client certificate" in failure and "client_cert" in failure

    def test_a_file_that_is_no_certificate(self, make_world: MakeWorld, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "text"
        path.write_text("text")
        assert "is no PEM file" in str(self.outcome(make_world(), ca_path=str(path)).failure)

    def test_one_that_is_not_let_in(self, make_world: MakeWorld) -> None:
        world = make_world()
        world.server.drops_at_once = True
        failure = str(self.outcome(world).failure)
        assert "it ends the connection before its greeting: it may take only addresses that are registered" in failure

    def test_one_that_says_nothing(self, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_epp_session, "_PATIENCE", 0.2)
        world = make_world()
        world.server.silent = True
        assert "does not answer in time" in str(self.outcome(world).failure)

    @pytest.mark.parametrize("octets", [b"\xff\xfe", b"hello", b"<html/>", b"<!DOCTYPE x><x/>"])
    def test_one_that_speaks_something_else(self, make_world: MakeWorld, octets: bytes) -> None:
        world = make_world()
        world.server.garbage = octets
        assert "does not speak EPP" in str(self.outcome(world).failure)

    def test_one_without_tls(self, make_world: MakeWorld) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:

            def answer() -> None:
                # Until it is closed.
                with contextlib.suppress(OSError):
                    while True:
                        connection, _address = listening.accept()
                        with connection:
                            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                            connection.recv(4096)

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            failure = str(self.outcome(make_world(), port=listening.getsockname()[1]).failure)
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
        assert "it does not speak TLS" in failure

    def test_one_that_is_not_there(self, make_world: MakeWorld) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        assert "nothing listens there: check host and port" in str(self.outcome(make_world(), port=port).failure)
        assert "there is no such host" in str(self.outcome(make_world(), host="no.such.invalid").failure)

    def test_a_dead_registry_is_tried_once_for_all_zones(self, make_world: MakeWorld) -> None:
        world = make_world()
        world.server.drops_at_once = True
        zones = [described(world, name=f"zone{number}.example", servers=["a.test", "b.test"]) for number in range(9)]
        assert all("cannot be reached" in str(outcome.failure) for outcome in pushed_all(world, zones))
        assert world.server.connections == 2


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"password": "short"}, "password: a password in EPP has at least 6 characters"),
            ({"port": 0}, "port: 0: must be between 1 and 65535"),
            ({"client_key": "/dev/null"}, "client_key: it is of no use without client_cert"),
            ({"ca_path": "/no/such/file"}, "ca_path: '/no/such/file': there is no such file to read here"),
            ({"client_cert": "/no/such"}, "client_cert: '/no/such': there is no such file to read here"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, options: dict[str, t.Any], message: str) -> None:
        given = {"host": "epp.example", "username": "registrar", "password": PASSWORD, **options}
        entries = parse_parents([{"name": "corp", "type": "epp", **given}], environment={}, keep_secret=id)
        with pytest.raises(DescriptionError) as caught:
            entries["corp"].open(setting([]))
        assert f"parents: corp: {message}" in str(caught.value)
        assert PASSWORD not in str(caught.value) and "short" not in str(caught.value)

    def test_no_secret_is_in_what_is_shown_of_objects(self) -> None:
        access = EppAccess("epp.example", 700, "registrar", PASSWORD, client_key_passphrase="open it")
        assert PASSWORD not in repr(access) and "open it" not in repr(access)


def _has_net_epp() -> bool:
    perl = shutil.which("perl")
    if perl is None:
        return False
    return subprocess.run([perl, "-MNet::EPP::Simple", "-e1"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _has_net_epp(), reason="needs Perl with Net::EPP, such as Debian's libnet-epp-perl")
class TestAnotherClient:
    """Net::EPP::Simple gets along with the registry of these tests, and finds what was pushed there."""

    def ask(self, world: EppWorld, *action: str) -> t.Any:
        script = pathlib.Path(epp_registry.__file__).parent / "net_epp.pl"
        options = world.options()
        done = subprocess.run(
            ["perl", str(script), options["host"], str(options["port"]), options["ca_path"], "registrar", *action],
            env={**os.environ, "EPP_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def test_domains_that_it_makes_are_pushed_to_and_inspected(self, make_world: MakeWorld) -> None:
        world = make_world()
        assert self.ask(world, "check_domain", "shop.example")["result"] == "1"
        assert self.ask(world, "create_host", "a.test")["code"] == 1000
        assert self.ask(world, "create_domain", "shop.example", "a.test")["code"] == 1000
        assert self.ask(world, "create_domain", "shop.example")["code"] == 2302
        assert change_to(world, "a.test", INSIDE, keys=[KEY_1]).failure is None
        shown = self.ask(world, "domain_info", "shop.example")["result"]
        assert shown["ns"] == ["a.test", "ns1.shop.example"]
        assert shown["hosts"] == ["ns1.shop.example"]
        (ds,) = described(world, keys=[KEY_1]).ds
        assert [each.lower() for each in shown["DS"]] == [ds.to_text()]
        host = self.ask(world, "host_info", "ns1.shop.example")["result"]
        assert (host["addrs"], host["status"]) == ([{"addr": "192.0.2.1", "version": "v4"}], ["linked"])
        assert self.ask(world, "delete_host", "ns1.shop.example")["code"] == 2305

    def test_its_locks_hold(self, make_world: MakeWorld) -> None:
        world = make_world(model="attr")
        assert self.ask(world, "create_domain", "shop.example")["code"] == 1000
        assert self.ask(world, "lock_domain", "shop.example", "clientUpdateProhibited")["code"] == 1000
        assert "is locked" in str(change_to(world, "a.test", "b.test").failure)
        world._options["unlock"] = True
        assert change_to(world, "a.test", INSIDE).failure is None
        shown = self.ask(world, "domain_info", "shop.example")["result"]
        assert shown["status"] == ["clientUpdateProhibited"]
        assert {"name": "ns1.shop.example", "addrs": [{"addr": "192.0.2.1", "version": "v4"}]} in shown["ns"]


Found = t.TypeVar("Found")


class RealWorld(World):
    """A registry that is named in the environment, with a domain there that may be changed as tests like.

    ``ZONECUT_TEST_EPP_HOST``, ``_PORT``, ``_USERNAME``, ``_PASSWORD``, ``_CLIENT_CERT``, ``_CLIENT_KEY``,
    ``_CLIENT_KEY_PASSPHRASE``, ``_CA_PATH``, ``_VALIDATE_CERTS`` (``no`` for a sandbox without a proper certificate),
    ``_HOST_MODEL`` and ``_DS_INTERFACE`` are the options of the parent. Host, username and password are needed.
    ``ZONECUT_TEST_EPP_DOMAIN`` is the domain, needed as well: registered by that account and without locks.
    ``ZONECUT_TEST_EPP_MORE`` are others, with a space in between, for tests that want several.
    ``ZONECUT_TEST_EPP_OUTSIDE`` is the domain that name servers outside have their names in, ``zonecut-tests.net`` by
    default: not one of this registry.
    ``ZONECUT_TEST_EPP_NETWORKS`` are a prefix of IPv4 and one of IPv6 that addresses are made of, such as
    ``8.8.4. 2001:4860:4860::`` (the default): many registries take no addresses that are for documentation.

    What is there is looked up in a session of its own, since there is no other way to, and once the registry works at
    nothing any more. Name servers outside that were made stay there.
    """

    kind = "epp"
    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lock", "lost"))
    wait = 120

    def __init__(self) -> None:
        self.sent = 0
        self._lose: tuple[int, bool] | None = None
        self._lost = False

    @property
    def cut(self) -> str:
        return os.environ["ZONECUT_TEST_EPP_DOMAIN"]

    @property
    def more(self) -> t.Sequence[str]:
        return os.environ.get("ZONECUT_TEST_EPP_MORE", "").split()

    def options(self) -> dict[str, t.Any]:
        found = {
            option: os.environ.get(f"ZONECUT_TEST_EPP_{option}".upper())
            for option in EppParent.arguments
            if option != "unlock"
        }
        given: dict[str, t.Any] = {option: value for option, value in found.items() if value}
        if "port" in given:
            given["port"] = int(given["port"])
        if "validate_certs" in given:
            given["validate_certs"] = given["validate_certs"] != "no"
        return given

    def waiting(self) -> Waiting:
        return time

    @functools.cached_property
    def _parent(self) -> EppParent:
        """The code under test: there is only one way to look into a registry."""
        given = parse_parents(
            [{"name": "corp", "type": "epp", "unlock": True, **self.options()}], environment={}, keep_secret=id
        )
        return t.cast("EppParent", given["corp"].open(setting([], sleep=time.sleep)))

    def close(self) -> None:
        self._parent.close()

    def _until(self, look: t.Callable[[], Found | None], *, otherwise: str) -> Found:
        """Look until there is something, and fail where that never comes."""
        deadline = time.monotonic() + self.wait
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() >= deadline:
                pytest.fail(f"{otherwise} after {self.wait} seconds")
            time.sleep(1)

    def _settled(self, zone: Zone) -> EppDomain:
        """Return the domain once nothing is pending there."""

        def look() -> EppDomain | None:
            domain = self._parent._session.domain(zone.text)
            assert domain is not None, f"{zone.text} is not registered"
            return None if any(status.startswith("pending") for status in domain.statuses) else domain

        return self._until(look, otherwise=f"{zone.text} is still pending")

    def holds(self, zone: Zone) -> Delegation:
        self._settled(zone)
        return self._parent.read(zone)

    def put(self, zone: Zone, delegation: Delegation) -> None:
        """Bring it there by the code under test: what the tests compare with is read again."""
        present = self.holds(zone)
        if present == delegation:
            return
        operations = plan(zone=zone.name, present=present, wanted=delegation)
        self._parent.apply(Change(zone=zone, present=present, wanted=delegation, operations=operations))

        def made() -> bool:
            if self.holds(zone) == delegation:
                return True
            # This sends the rest of a change whose first part was pending.
            self._parent.progress(zone)
            return False

        self._until(made, otherwise=f"{zone.text} is not {delegation}")

    def changes(self) -> int:
        return self.sent

    def lock(self, zone: Zone) -> None:
        self._set_lock(zone, add=True)

    def unlock(self, zone: Zone) -> None:
        self._set_lock(zone, add=False)

    def _set_lock(self, zone: Zone, *, add: bool) -> None:
        name = "clientUpdateProhibited"
        if add == (name in self._settled(zone).statuses):
            return
        lock = {"statuses": [name]}
        answer = self._parent._session.update_domain(zone.text, add=lock if add else None, remove=None if add else lock)
        assert answer.accepted, answer.text
        self._until(
            lambda: add == (name in self._settled(zone).statuses),
            otherwise=f"{zone.text} is not {'locked' if add else 'unlocked'}",
        )

    def empty(self, zone: Zone) -> None:
        """Take all name servers and DS away, or leave as few as the registry wants."""
        if self.holds(zone) == NOT_DELEGATED:
            return
        domain = self._settled(zone)
        servers = [
            {"name": server.text, "addresses": list(server.addresses.values())}
            if domain.model == "attr"
            else server.text
            for server in domain.servers.values()
        ]
        answer = self._parent._session.update_domain(
            zone.text, remove={"ns": servers} if servers else None, remove_secure=list(domain.secure.values())
        )
        if answer.accepted:
            self._until(lambda: self.holds(zone) == NOT_DELEGATED, otherwise=f"{zone.text} has name servers or DS")
            return
        kept = described(self, servers=["a.test", "b.test"])
        self.put(zone, Delegation.of([*self.holds(zone).name_servers, *wanted(self, kept).name_servers]))
        self.put(zone, wanted(self, kept))

    def lose(self, exchange: int, *, done: bool) -> None:
        self._lose, self._lost = (exchange, done), False

    def lost(self) -> bool:
        lost, self._lose, self._lost = self._lost, None, False
        return lost

    def lossy(self, connection: t.Any, send: t.Callable[[], object], receive: t.Callable[[], str]) -> str:
        """Send a frame and receive one, unless the connection is to be lost at this exchange."""
        if self._lose is None or self._lose[0] > 0:
            if self._lose is not None:
                self._lose = (self._lose[0] - 1, self._lose[1])
            send()
            return receive()
        done, self._lose, self._lost = self._lose[1], None, True
        if done:
            send()
            receive()
        connection.close()
        raise epptools.ConnectionException("Connection closed while reading")


class TestRealWorld:
    """It brings a registry to what tests want to find there, however long that takes."""

    @pytest.fixture
    def world(self, make_world: MakeWorld) -> EppWorld:
        return make_world(pending_looks=2)

    @pytest.fixture
    def real(self, world: EppWorld, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[RealWorld]:
        for option, value in {**world.options(), "domain": world.cut}.items():
            monkeypatch.setenv(f"ZONECUT_TEST_EPP_{option}".upper(), str(value))
        monkeypatch.setattr(time, "sleep", lambda _seconds: None)
        world.registry.domains[world.cut] = Domain(world.cut, "registrar")
        found = RealWorld()
        yield found
        found.close()

    def test_what_is_pending_is_waited_for(self, real: RealWorld, world: EppWorld) -> None:
        zone = described(real, keys=[KEY_1])
        for servers in ([INSIDE, "a.test"], ["b.test", "c.test"]):
            zone = described(real, servers=servers, keys=[KEY_1])
            real.put(zone, wanted(real, zone))
            assert world.holds(zone) == wanted(world, zone) == real.holds(zone)
        real.lock(zone)
        assert world.domain.statuses == {"clientUpdateProhibited"}
        real.unlock(zone)
        real.empty(zone)
        assert world.holds(zone) == NOT_DELEGATED
        assert pushed(real, zone).failure is None
        assert world.holds(zone) == wanted(world, zone)

    def test_what_never_comes_is_told(self, real: RealWorld, world: EppWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(RealWorld, "wait", 0.2)
        world.registry.pending_looks = 10**6
        zone = described(real)
        with pytest.raises(pytest.fail.Exception, match="shop.example is still pending after 0.2 seconds"):
            real.put(zone, wanted(real, zone))

    def test_one_session_is_enough(self, real: RealWorld, world: EppWorld) -> None:
        zone = described(real, servers=["a.test", "b.test"])
        delegation = wanted(world, zone)
        before = world.registry.commands.count("login")
        real.put(zone, delegation)
        real.lock(zone)
        real.unlock(zone)
        real.empty(zone)
        assert world.registry.commands.count("login") == before + 1


@pytest.mark.skipif("ZONECUT_TEST_EPP_HOST" not in os.environ, reason="no registry is named, see RealWorld")
class TestRealRegistry(ParentContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[RealWorld]:
        # There is only one such domain, and tests may run in several processes.
        with open(pathlib.Path(tempfile.gettempdir()) / "zonecut-test-epp.lock", "w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            yield from self.alone(monkeypatch)

    def alone(self, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[RealWorld]:
        world = RealWorld()
        order = _epp_session.EppSession._order

        def counted(session: t.Any, *arguments: t.Any) -> t.Any:
            world.sent += 1
            return order(session, *arguments)

        monkeypatch.setattr(_epp_session.EppSession, "_order", counted)
        monkeypatch.setattr(contract, "parse_zones", _as_registries_take_them)
        _let_lose(world, monkeypatch)
        zone = described(world)
        world.unlock(zone)
        world.empty(zone)
        world.sent = 0
        yield world
        world.unlock(zone)
        world.close()

    def test_one_zone_that_fails_does_not_hide_the_others(self, world: World) -> None:
        if not world.more:
            pytest.skip("ZONECUT_TEST_EPP_MORE names no others")
        super().test_one_zone_that_fails_does_not_hide_the_others(world)


def _let_lose(world: RealWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the library lose connections where the world says so: what it writes goes with the next that it reads."""
    connection = epptools.Connection
    write, read = connection.write_frame, connection.read_frame
    written: dict[int, str] = {}

    def write_later(self: t.Any, xml: str) -> None:
        written[id(self)] = xml

    def write_and_read(self: t.Any) -> str:
        xml = written.pop(id(self), None)
        return world.lossy(self, lambda: None if xml is None else write(self, xml), lambda: read(self))

    monkeypatch.setattr(connection, "write_frame", write_later)
    monkeypatch.setattr(connection, "read_frame", write_and_read)


def _as_registries_take_them(zones: t.Any) -> t.Any:
    """Describe zones with names and addresses that a registry which is real takes."""
    outside = os.environ.get("ZONECUT_TEST_EPP_OUTSIDE", "zonecut-tests.net")
    ipv4, ipv6 = os.environ.get("ZONECUT_TEST_EPP_NETWORKS", "8.8.4. 2001:4860:4860::").split()

    def real(text: str) -> str:
        text = re.sub(r"^192\.0\.2\.", ipv4, re.sub(r"^2001:db8::", ipv6, text))
        return re.sub(r"^(\w+)\.test$", rf"\1.{outside}", text)

    def changed(server: t.Any) -> t.Any:
        if isinstance(server, str):
            return real(server)
        return {**server, "addresses": [real(address) for address in server["addresses"]]}

    return parse_zones(
        [{**zone, "name_servers": [changed(server) for server in zone["name_servers"]]} for zone in zones]
    )
