# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Porkbun, as its documents tell of it."""

from __future__ import annotations

import itertools
import time
import typing as t
from dataclasses import replace
from datetime import timedelta

import dns.rdata
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.porkbun import PorkbunParent
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
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply, ScriptedApi
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_porkbun import (
    KEYS,
    SUCCESS,
    FakePorkbun,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_registrar import RegistrarWorld

OPTIONS = {"api_key": KEYS["apikey"], "secret_api_key": KEYS["secretapikey"]}


class PorkbunWorld(RegistrarWorld):
    kind = "porkbun"
    # Its lock is one against transfers.
    faults: t.ClassVar[frozenset[Fault]] = RegistrarWorld.faults - {"lock"}
    success = SUCCESS

    def __init__(self, registrar: FakePorkbun) -> None:
        super().__init__(registrar)
        self.porkbun = registrar
        self.extra: dict[str, str] = {}

    def options(self) -> dict[str, t.Any]:
        return {**OPTIONS, "api_url": f"{self.porkbun.url}/api/json/v3", **self.extra}


@pytest.fixture
def world() -> t.Iterator[PorkbunWorld]:
    with FakePorkbun() as porkbun:
        yield PorkbunWorld(porkbun)


class TestPorkbun(ParentContract):
    pass


class TestMessages:
    def test_a_domain_of_somebody_else_is_named(self, world: PorkbunWorld) -> None:
        with pytest.raises(DelegationError, match="check that the domain is in this account.*Invalid domain"):
            opened(world).read(parse_zones(["other.example"])[0])

    def test_wrong_keys_are_not_told(self, world: PorkbunWorld) -> None:
        world.extra = {"secret_api_key": "another-s3cret"}
        with pytest.raises(DelegationError, match="Invalid API key") as caught:
            opened(world).read(described(world))
        assert not any(secret in caught.value.message for secret in ("another-s3cret", KEYS["apikey"]))

    def test_access_that_is_switched_off_is_told(self, world: PorkbunWorld) -> None:
        zone = described(world)
        world.porkbun.opted_out.add(zone.text)
        failure = str(pushed(world, zone).failure)
        assert "switch on API Access in its details at porkbun.com" in failure
        assert "not opted in" in failure

    def test_an_error_with_a_status_of_success_is_one(self) -> None:
        said = {"status": "ERROR", "message": f"no {KEYS['apikey']}", "next_action": {"type": "x", "hint": "wait"}}
        with ScriptedApi(Reply(200, said)) as api:
            parent = PorkbunParent(name="corp", options={**OPTIONS, "api_url": api.url}, setting=setting([]))
            with pytest.raises(DelegationError, match=r"refuses getNs; it says: no \*\*\*\*\*\*\*\* wait"):
                parent.read(parse_zones(["shop.example"])[0])

    @pytest.mark.parametrize("name", ["a..test", f"{'x' * 64}.test"])
    def test_what_is_no_name_is_an_error(self, world: PorkbunWorld, name: str) -> None:
        zone = described(world)
        world.domain(zone).name_servers.append(name)
        with pytest.raises(DelegationError, match="what the registrar holds is no delegation"):
            opened(world).read(zone)

    @pytest.mark.parametrize(
        "records", [{"1": {"keyTag": "1"}}, {"1": {"keyTag": "x", "alg": "13", "digestType": "2", "digest": "z"}}, 7]
    )
    def test_what_is_in_no_known_form_is_an_error(self, records: t.Any) -> None:
        ns, glue = Reply(200, {"status": "SUCCESS", "ns": []}), Reply(200, {"status": "SUCCESS", "hosts": []})
        with ScriptedApi(ns, glue, Reply(200, {"status": "SUCCESS", "records": records})) as api:
            parent = PorkbunParent(name="corp", options={**OPTIONS, "api_url": api.url}, setting=setting([]))
            with pytest.raises(DelegationError, match="in a form that is not known"):
                parent.read(parse_zones(["shop.example"])[0])

    def test_several_ds_of_one_key_are_refused(self, world: PorkbunWorld) -> None:
        servers = ["a.test", "b.test"]
        one, other = (f"7 13 {kind} {'11' * size}" for kind, size in ((2, 32), (4, 48)))
        both = parse_zones([{"name": world.cut, "parent": "corp", "name_servers": servers, "ds": [one, other]}])[0]
        world.register(both)
        assert "one DS record for each key tag" in str(pushed(world, both).failure)
        world.put(both, replace(wanted(world, both), ds=frozenset([dns.rdata.from_text("IN", "DS", one)])))
        changed = parse_zones([{"name": world.cut, "parent": "corp", "name_servers": servers, "ds": [other]}])[0]
        assert "push the zone without it first" in str(pushed(world, changed).failure)
        assert world.changes() == 0


class TestRequests:
    def test_names_with_final_dots_are_the_same(self, world: PorkbunWorld) -> None:
        zone = described(world, keys=[KEY_1])
        world.put(zone, wanted(world, zone))
        world.porkbun.dots = True
        outcome = pushed(world, zone)
        assert (outcome.failure, outcome.changed) == (None, False)

    def test_come_once_a_second(self, world: PorkbunWorld) -> None:
        slept: list[float] = []
        zone = described(world)
        common = setting([zone])
        now = common.clock()
        # Somebody sets the wall clock back again and again.
        clock = (now - timedelta(hours=hour) for hour in itertools.count())
        paced = replace(common, sleep=slept.append, clock=lambda: next(clock))
        start = time.monotonic()
        parent = PorkbunParent(name="corp", options=world.options(), setting=paced)
        parent.read(zone)
        parent.read(zone)
        passed = time.monotonic() - start
        assert len(world.porkbun.requests) == 6
        # Nothing slept here, so that the turns are ever farther away.
        assert len(slept) == 5
        assert all(turn - passed <= wait <= turn for turn, wait in enumerate(slept, 1))
