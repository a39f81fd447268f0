# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Realtime Register, as its documents tell of it."""

from __future__ import annotations

import typing as t

import dns.rdata
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    Fault,
    ParentContract,
    described,
    opened,
    pushed,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_realtimeregister import (
    KEY,
    FakeRealtimeRegister,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_registrar import RegistrarWorld


class RealtimeRegisterWorld(RegistrarWorld):
    kind = "realtimeregister"
    faults: t.ClassVar[frozenset[Fault]] = RegistrarWorld.faults | {"pending"}
    success = Reply(202, {"processId": 1})
    locked = "CLIENT_UPDATE_PROHIBITED"

    def __init__(self, registrar: FakeRealtimeRegister) -> None:
        super().__init__(registrar)
        self.rtr = registrar
        self.key = KEY

    def options(self) -> dict[str, t.Any]:
        return {"api_key": self.key, "api_url": f"{self.rtr.url}/v2"}


@pytest.fixture
def world() -> t.Iterator[RealtimeRegisterWorld]:
    with FakeRealtimeRegister() as rtr:
        yield RealtimeRegisterWorld(rtr)


def with_ds(world: RealtimeRegisterWorld, *ds: str) -> Zone:
    """Return a zone of which only DS records are described."""
    servers = ["a.test", "b.test"]
    (zone,) = parse_zones([{"name": world.cut, "parent": "corp", "name_servers": servers, "ds": list(ds)}])
    world.register(zone)
    return zone


class TestRealtimeRegister(ParentContract):
    pass


class TestForm:
    def test_a_domain_with_ds_records_gets_ds_records(self, world: RealtimeRegisterWorld) -> None:
        before = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.put(before, Delegation.of(before.name_servers, before.ds))
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_2])
        assert pushed(world, zone).failure is None
        assert world.holds(zone).ds == frozenset(zone.ds)

    def test_a_domain_with_keys_gets_keys(self, world: RealtimeRegisterWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.put(zone, wanted(world, zone))
        assert "describe dnskeys" in str(pushed(world, with_ds(world, f"1 13 2 {'11' * 32}")).failure)

    def test_a_domain_without_any_gets_what_is_described(self, world: RealtimeRegisterWorld) -> None:
        zone = with_ds(world, f"1 13 2 {'11' * 32}")
        assert pushed(world, zone).failure is None
        assert world.holds(zone).ds == {dns.rdata.from_text("IN", "DS", f"1 13 2 {'11' * 32}")}


class TestRequests:
    def test_name_servers_and_keys_change_together(self, world: RealtimeRegisterWorld) -> None:
        before = described(world, servers=["a.test", "c.test"], keys=[KEY_1])
        world.put(before, wanted(world, before))
        assert pushed(world, described(world, servers=["a.test", "b.test"], keys=[KEY_2])).failure is None
        (change,) = (request for request in world.rtr.requests if request.method != "GET")
        assert sorted(change.body) == ["keyData", "ns"]

    def test_what_stays_is_left_out(self, world: RealtimeRegisterWorld) -> None:
        before = described(world, servers=["a.test", "c.test"], keys=[KEY_1])
        world.put(before, wanted(world, before))
        assert pushed(world, described(world, servers=["a.test", "b.test"], keys=[KEY_1])).failure is None
        (change,) = (request for request in world.rtr.requests if request.method != "GET")
        assert sorted(change.body) == ["ns"]


class TestMessages:
    def test_a_process_that_failed_is_not_waited_for(self, world: RealtimeRegisterWorld) -> None:
        world.rtr.gives_up = True
        outcome = pushed(world, described(world, servers=["a.test", "b.test"]), wait=10**6)
        assert "process 1001 is FAILED: no luck" in str(outcome.failure)
        assert len(world.rtr.requests) < 20

    def test_a_process_that_runs_is_told(self, world: RealtimeRegisterWorld) -> None:
        world.pend(10**6)
        outcome = pushed(world, described(world, servers=["a.test", "b.test"]), wait=3)
        assert "process 1001 is RUNNING" in str(outcome.failure)

    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            ("BillableAcknowledgmentNeededException", "this costs money"),
            ("InsufficientCreditException", "not enough credit"),
            ("ObjectStatusProhibitsOperation", "a status of the domain locks it"),
            ("ProviderUnavailable", "the registry is not available"),
            ("ValidationError", "ValidationError; Refused"),
        ],
    )
    def test_each_type_of_error_says_what_to_do(self, world: RealtimeRegisterWorld, kind: str, message: str) -> None:
        world.rtr.refuses = kind
        assert message in str(pushed(world, described(world)).failure)

    def test_a_domain_of_somebody_else_is_named(self, world: RealtimeRegisterWorld) -> None:
        with pytest.raises(DelegationError, match="answers 404 to GET /domains/other.example.*not in this account"):
            opened(world).read(parse_zones(["other.example"])[0])

    def test_a_wrong_key_is_not_told(self, world: RealtimeRegisterWorld) -> None:
        world.key = "another-s3cret"
        with pytest.raises(DelegationError, match="answers 401 .*check api_key") as caught:
            opened(world).read(described(world))
        assert world.key not in caught.value.message

    def test_too_many_name_servers_are_refused(self, world: RealtimeRegisterWorld) -> None:
        zone = described(world, servers=[f"ns{number}.test" for number in range(11)])
        assert "takes 1 to 10 name servers" in str(pushed(world, zone).failure)
        assert world.changes() == 0
