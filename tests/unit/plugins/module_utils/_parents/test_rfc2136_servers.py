# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract of parents at BIND, Knot and PowerDNS: what they do themselves, behind a line that fails."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils import real_primaries
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    ParentContract,
    described,
    opened,
    pushed,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.primary_world import TTL, PrimaryWorld
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.primary_proxy import PrimaryProxy
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_primaries import ADDRESS, KEY


@pytest.fixture(scope="module", name="port", params=sorted(real_primaries.SOFTWARE))
def port_fixture(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[int]:
    with real_primaries.primary(request.param, tmp_path_factory.mktemp(request.param)) as port:
        yield port


@pytest.fixture(name="world")
def world_fixture(port: int) -> t.Iterator[PrimaryWorld]:
    with PrimaryProxy(target=(ADDRESS, port), key=KEY) as proxy:
        yield PrimaryWorld(port, proxy)


class TestRfc2136(ParentContract):
    """All three."""

    def test_a_second_writer_is_planned_around(self, world: PrimaryWorld) -> None:
        """What the other one added is seen, and the second update is made for it."""
        present = described(world, servers=["a.test", "b.test"])
        world.put(present, wanted(world, present))
        zone = described(world, servers=["a.test", "c.test"])
        world.write_in_between(zone, wanted(world, described(world, servers=["a.test", "b.test", "e.test"])))
        outcome = pushed(world, zone)
        assert outcome.failure is None
        assert world.changes() == 2
        assert f"remove {world.cut} NS e.test" in [str(operation) for operation in outcome.operations]

    @pytest.mark.parametrize("what", ["glue", "ds"])
    def test_a_second_writer_of_glue_or_ds_is_seen_as_well(self, world: PrimaryWorld, what: str) -> None:
        inside = f"ns1.{world.cut}"

        def with_(address: str, key: str) -> Zone:
            servers = ["a.test", {"name": inside, "addresses": [address]}]
            return described(world, servers=servers, keys=[key])

        present = with_("192.0.2.1", KEY_1)
        world.put(present, wanted(world, present))
        zone = with_("192.0.2.2", KEY_1)
        other = with_("192.0.2.3", KEY_1) if what == "glue" else with_("192.0.2.1", KEY_2)
        world.write_in_between(zone, wanted(world, other))
        outcome = pushed(world, zone)
        assert outcome.failure is None
        assert world.changes() == 2
        assert world.holds(zone) == wanted(world, zone)

    def test_it_tells_how_long_resolvers_keep_it(self, world: PrimaryWorld) -> None:
        zone = described(world, keys=[KEY_1])
        world.put(zone, wanted(world, zone))
        with opened(world) as parent:
            found = parent.read(zone)
        assert (found.ns_ttl, found.ds_ttl) == (TTL, TTL)

    def test_a_ds_that_nobody_removed_with_its_cut_is_in_nobodys_way(self, world: PrimaryWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.put(zone, wanted(world, described(world, servers=["a.test", "b.test"], keys=[KEY_2])))
        world.update(lambda update: update.delete(zone.name, "NS"))
        outcome = pushed(world, zone)
        assert (outcome.failure, outcome.before) == (None, NOT_DELEGATED)
        assert world.holds(zone) == wanted(world, zone)

    def test_glue_takes_the_place_of_an_alias_below_the_cut(self, world: PrimaryWorld) -> None:
        present = described(world, servers=["a.test", "b.test"])
        world.put(present, wanted(world, present))
        zone = described(world)
        world.update(lambda update: update.add(f"ns1.{world.cut}.", TTL, "CNAME", "a.test."))
        assert pushed(world, zone).failure is None
        assert world.holds(zone) == wanted(world, zone)
        assert world.content().get_rdataset(f"ns1.{world.cut}.", "CNAME") is None

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"key_secret": "YW5vdGhlciBzZWNyZXQ="}, "check .*key_secret"),
            ({"key_name": "other.test"}, "the key other.test .* check key_name"),
            ({"key_algorithm": "hmac-sha512"}, "check .*key_algorithm"),
            (
                {"key_name": None, "key_secret": None},
                "the key may not change (these records, or there is no key or principal|it)",
            ),
        ],
    )
    def test_a_key_that_is_not_the_one_is_told(
        self, world: PrimaryWorld, options: dict[str, t.Any], message: str
    ) -> None:
        world.given = options
        zone = described(world)
        failure = pushed(world, zone).failure
        assert failure is not None and re.search(message, failure), failure
        assert world.holds(zone) == NOT_DELEGATED
