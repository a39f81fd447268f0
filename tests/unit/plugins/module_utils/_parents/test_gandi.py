# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gandi, as its documents tell of it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError, DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.gandi import GandiParent
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    Fault,
    ParentContract,
    described,
    opened,
    pushed,
    setting,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_gandi import TOKEN, FakeGandi
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_registrar import RegistrarWorld


class GandiWorld(RegistrarWorld):
    kind = "gandi"
    faults: t.ClassVar[frozenset[Fault]] = RegistrarWorld.faults | {"pending"}
    success = Reply(202, {"message": "The nameservers will be updated"})

    def __init__(self, registrar: FakeGandi) -> None:
        super().__init__(registrar)
        self.gandi = registrar
        self.token = TOKEN

    def options(self) -> dict[str, t.Any]:
        return {"token": self.token, "api_url": f"{self.gandi.url}/v5/domain"}


@pytest.fixture
def world() -> t.Iterator[GandiWorld]:
    with FakeGandi() as gandi:
        yield GandiWorld(gandi)


class TestGandi(ParentContract):
    pass


class TestMessages:
    def test_a_domain_of_somebody_else_is_named(self, world: GandiWorld) -> None:
        with pytest.raises(DelegationError, match="answers 404 to GET /domains/other.example.*not in this account"):
            opened(world).read(parse_zones(["other.example"])[0])

    def test_a_wrong_token_is_not_told(self, world: GandiWorld) -> None:
        world.token = "another-s3cret"
        with pytest.raises(DelegationError, match="answers 401 .*check token.*could not verify") as caught:
            opened(world).read(described(world))
        assert world.token not in caught.value.message

    def test_a_token_that_may_only_read_is_told(self, world: GandiWorld) -> None:
        world.gandi.forbidden = True
        outcome = pushed(world, described(world))
        assert "answers 403" in str(outcome.failure)
        assert "give it the permissions" in str(outcome.failure)

    def test_a_ds_without_its_key_is_refused(self, world: GandiWorld) -> None:
        (zone,) = parse_zones(
            [{"name": world.cut, "parent": "corp", "name_servers": ["a.test", "b.test"], "ds": [f"1 13 2 {'11' * 32}"]}]
        )
        world.register(zone)
        assert "describe dnskeys" in str(pushed(world, zone).failure)
        assert world.changes() == 0

    def test_a_name_server_with_the_name_of_the_domain_is_refused(self, world: GandiWorld) -> None:
        zone = described(world, servers=["a.test", {"name": world.cut, "addresses": ["192.0.2.1"]}])
        assert "name it ns1" in str(pushed(world, zone).failure)
        assert world.changes() == 0

    @pytest.mark.parametrize(
        ("options", "message"),
        [({"token": "a b"}, "token: it has spaces"), ({"api_url": "http://api.gandi.net/v5"}, "api_url: .*clear text")],
    )
    def test_options_that_cannot_be_used_are_named(self, options: dict[str, str], message: str) -> None:
        with pytest.raises(DescriptionError, match=message):
            GandiParent(name="corp", options={"token": TOKEN, **options}, setting=setting([]))


class TestSteps:
    def test_a_host_comes_before_the_name_server_and_goes_after_it(self, world: GandiWorld) -> None:
        zone = described(world, servers=["a.test", {"name": f"ns1.{world.cut}", "addresses": ["192.0.2.1"]}])
        before = described(world, servers=["a.test", {"name": f"ns2.{world.cut}", "addresses": ["192.0.2.2"]}])
        world.put(before, wanted(world, before))
        world.pend(2)
        assert pushed(world, zone, wait=60).failure is None
        asked = [(request.method, request.path[4]) for request in world.gandi.requests if request.method != "GET"]
        assert asked == [("POST", "hosts"), ("PUT", "nameservers"), ("DELETE", "hosts")]

    def test_a_host_that_is_left_over_gets_its_new_addresses(self, world: GandiWorld) -> None:
        zone = described(world, servers=["a.test", {"name": f"ns1.{world.cut}", "addresses": ["192.0.2.1"]}])
        world.domain(zone).hosts[f"ns1.{world.cut}"] = ["203.0.113.7"]
        assert pushed(world, zone).failure is None
        assert world.holds(zone) == wanted(world, zone)

    def test_a_host_that_is_used_elsewhere_is_left_with_a_warning(self, world: GandiWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        before = described(world, servers=["a.test", {"name": f"ns2.{world.cut}", "addresses": ["192.0.2.2"]}])
        world.put(before, wanted(world, before))
        world.gandi.in_use.add(f"ns2.{world.cut}")
        assert pushed(world, zone).failure is None
        assert world.domain(zone).hosts == {f"ns2.{world.cut}": ["192.0.2.2"]}

    def test_a_new_key_comes_before_the_old_one_goes(self, world: GandiWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        other = KEY_1.replace("257", "256")
        world.put(zone, wanted(world, described(world, servers=["a.test", "b.test"], keys=[other])))
        assert pushed(world, described(world, servers=["a.test", "b.test"], keys=[KEY_1])).failure is None
        asked = [(request.method, request.path[4]) for request in world.gandi.requests if request.method != "GET"]
        assert asked == [("POST", "dnskeys"), ("DELETE", "dnskeys")]
