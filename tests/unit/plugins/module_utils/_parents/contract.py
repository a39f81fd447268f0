# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every kind of parent has to do, the same tests for all: ``class TestX(ParentContract)`` with its ``world``.

A world is where one parent lives in tests: a real server, or a stateful fake of a service, and what it can be brought
to do wrong. The engine pushes to it through the parent's own code, and what it holds afterwards is looked up by another
way.
"""

from __future__ import annotations

import abc
import contextlib
import typing as t
from datetime import datetime, timezone

import dns.name
import dns.rdata
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegate import Outcome, Probe, Rules, Waiting, push
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone, ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    AbsorbedRecord,
    Change,
    Parent,
    Setting,
)
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import KINDS, parse_parents
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_probe import ReadyProbe

__all__ = ("Fault", "ParentContract", "World")

Fault = t.Literal["lie", "pending", "lock", "lost", "second_writer"]

KEY_1 = "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="
KEY_2 = "257 3 13 Sywi88hZn02E1PY3jqJ0p3Dgrfjvk71Efif0WGh/yFNOrJj4Kjr9O7zrbuWGzvTR+FFFh6kPP2im9z00ktcORA=="
# Of a zone below the cut.
_DS_OF_SUB = "60485 13 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a"


class World(abc.ABC):
    """One parent that is empty at first, below which delegations can be made.

    :cvar kind: the value of ``type``.
    :cvar faults: what it can be brought to.
    :cvar wait: how many seconds a push waits for what was accepted.
    """

    kind: t.ClassVar[str]
    faults: t.ClassVar[frozenset[Fault]] = frozenset()
    wait: t.ClassVar[float] = 5

    def waiting(self) -> Waiting:
        """Return the clock to wait by, by default one that lets no test wait."""
        return _PassingTime()

    @property
    @abc.abstractmethod
    def cut(self) -> str:
        """The zone to delegate, such as ``shop.example``; ``more`` are others at the same parent."""

    @property
    def more(self) -> t.Sequence[str]:
        return [f"zone{number}.{self.cut.partition('.')[2]}" for number in range(3)]

    @abc.abstractmethod
    def options(self) -> dict[str, t.Any]:
        """Return the entry of ``parents``, without name and type."""

    @abc.abstractmethod
    def holds(self, zone: Zone) -> Delegation:
        """Return what is really there, without the code under test."""

    @abc.abstractmethod
    def put(self, zone: Zone, delegation: Delegation) -> None:
        """Make this be there; ``delegation.ds`` has the form that this parent takes."""

    @abc.abstractmethod
    def changes(self) -> int:
        """Return how many requests that could change anything have arrived so far."""

    def writer(self, folder: str) -> t.Any:
        """Return what writes files in a folder, for a parent that is a file."""
        raise AssertionError(f"nothing is to be written to {folder}")

    def register(self, zone: Zone) -> None:
        """Make the zone one that can be delegated, where a registry wants it to be registered before."""
        return None

    def lie(self) -> None:
        """Answer the next change with success and make none of it; needed for the fault ``lie``."""
        raise NotImplementedError

    def pend(self, looks: int) -> None:
        """Accept the next changes and make them once the delegation was read so many times (``pending``)."""
        raise NotImplementedError

    def lock(self, zone: Zone) -> None:
        """Let the zone not be changed (``lock``)."""
        raise NotImplementedError

    def lose(self, exchange: int, *, done: bool) -> None:
        """End the connection at that exchange from now, the first being 0: after it was carried out, or before it was
        read (``lost``). The exchanges after that work again.
        """
        raise NotImplementedError

    def lost(self) -> bool:
        """Whether what ``lose`` asked for has happened; forget it otherwise."""
        raise NotImplementedError

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        """Make this be there at the next change, just before it is carried out (``second_writer``)."""
        raise NotImplementedError


class ParentContract:
    """The tests; a subclass gives the fixture ``world``, a new one each time."""

    # What a single change takes at most, for the tests that break each exchange of it.
    exchanges: t.ClassVar[int] = 40

    def test_its_options_are_what_it_declares(self, world: World) -> None:
        given = world.options()
        kind = KINDS[world.kind]
        assert set(given) <= set(kind.arguments)
        assert set(kind.required) <= set(given)
        assert set(kind.environment) <= set(kind.arguments)

    def test_a_zone_that_is_not_delegated_gets_what_is_described(self, world: World) -> None:
        zone = described(world)
        outcome = pushed(world, zone)
        assert outcome.failure is None
        assert outcome.changed
        assert world.holds(zone) == wanted(world, zone) == outcome.after

    def test_what_is_there_already_is_not_touched(self, world: World) -> None:
        zone = described(world)
        world.put(zone, wanted(world, zone))
        before = world.changes()
        outcome = pushed(world, zone)
        assert (outcome.failure, outcome.changed, outcome.operations) == (None, False, ())
        assert world.changes() == before

    def test_check_mode_changes_nothing(self, world: World) -> None:
        zone, before = described(world), world.changes()
        outcome = pushed(world, zone, check_mode=True)
        assert outcome.failure is None
        assert outcome.changed
        assert outcome.after == wanted(world, zone)
        assert world.changes() == before
        assert world.holds(zone) == NOT_DELEGATED or not KINDS[world.kind].abilities.removes

    def test_one_name_server_changes(self, world: World) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        world.put(zone, wanted(world, described(world, servers=["a.test", "c.test"])))
        outcome = pushed(world, zone)
        assert outcome.failure is None
        assert world.holds(zone) == wanted(world, zone)
        assert [str(each).split(" ", 1)[0] for each in outcome.operations] == ["add", "remove"]

    def test_all_name_servers_change(self, world: World) -> None:
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_2])
        world.put(zone, wanted(world, described(world, servers=["c.test", "d.test"], keys=[KEY_1])))
        refused = pushed(world, zone)
        assert [refusal.code for refusal in refused.refusals] == ["no_overlap"]
        assert pushed(world, zone, allow=("no_overlap",)).failure is None
        assert world.holds(zone) == wanted(world, zone)

    def test_glue_changes(self, world: World) -> None:
        if not KINDS[world.kind].abilities.glue:
            pytest.skip("holds no glue")
        inside = f"ns1.{world.cut}"
        before = described(world, servers=["a.test", {"name": inside, "addresses": ["192.0.2.1", "2001:db8::1"]}])
        after = described(world, servers=["a.test", {"name": inside, "addresses": ["2001:db8::1", "192.0.2.2"]}])
        world.put(before, wanted(world, before))
        outcome = pushed(world, after)
        assert outcome.failure is None
        assert world.holds(after) == wanted(world, after)

    def test_an_address_of_glue_goes(self, world: World) -> None:
        if not KINDS[world.kind].abilities.glue:
            pytest.skip("holds no glue")
        inside = f"ns1.{world.cut}"
        before = described(world, servers=["a.test", {"name": inside, "addresses": ["192.0.2.1", "2001:db8::1"]}])
        after = described(world, servers=["a.test", {"name": inside, "addresses": ["192.0.2.1"]}])
        world.put(before, wanted(world, before))
        assert pushed(world, after).failure is None
        assert world.holds(after) == wanted(world, after)

    def test_a_name_server_inside_comes_and_goes_with_its_glue(self, world: World) -> None:
        if not KINDS[world.kind].abilities.glue:
            pytest.skip("holds no glue")
        outside = described(world, servers=["a.test", "b.test"])
        inside = described(world, servers=["a.test", {"name": f"ns1.{world.cut}", "addresses": ["192.0.2.1"]}])
        world.put(outside, wanted(world, outside))
        for zone in (inside, outside, inside):
            assert pushed(world, zone).failure is None
            assert world.holds(zone) == wanted(world, zone)

    def test_keys_roll_over(self, world: World) -> None:
        if not KINDS[world.kind].abilities.ds:
            pytest.skip("takes no DS")
        steps = [described(world, keys=keys) for keys in ([], [KEY_1], [KEY_1, KEY_2], [KEY_2], [])]
        for zone in steps:
            assert pushed(world, zone).failure is None
            assert world.holds(zone) == wanted(world, zone)
        replaced = described(world, keys=[KEY_1])
        world.put(replaced, wanted(world, described(world, keys=[KEY_2])))
        assert pushed(world, replaced).failure is None
        assert world.holds(replaced) == wanted(world, replaced)

    def test_a_delegation_is_removed(self, world: World) -> None:
        zone = described(world)
        world.put(zone, wanted(world, zone))
        before = world.changes()
        outcome = pushed(world, zone, state="absent")
        if KINDS[world.kind].abilities.removes:
            assert outcome.failure is None
            assert world.holds(zone) == NOT_DELEGATED
        else:
            assert "a registered domain keeps its name servers" in (outcome.failure or "")
            assert world.changes() == before

    def test_records_take_the_place_of_a_delegation(self, world: World) -> None:
        if not KINDS[world.kind].abilities.absorbs:
            pytest.skip("holds no other records")
        zone = described(world)
        world.put(zone, wanted(world, zone))
        records = tuple(
            AbsorbedRecord(dns.name.from_text(owner, zone.name), 300, dns.rdata.from_text("IN", rdtype, data))
            for owner, rdtype, data in (
                ("@", "MX", "10 mx.test."),
                ("@", "MX", "20 mx.test."),
                ("www", "A", "192.0.2.80"),
                ("ftp", "CNAME", "www.test."),
                ("text", "TXT", '"a; b" "\\"c"'),
                ("sub", "NS", "a.test."),
                ("sub", "NS", f"ns1.sub.{world.cut}."),
                ("ns1.sub", "A", "192.0.2.81"),
                ("ns1.sub", "AAAA", "2001:db8::81"),
                ("sub", "DS", _DS_OF_SUB),
            )
        )
        outcome = pushed(world, zone, state="absent", absorb={zone.name: records})
        assert outcome.failure is None
        assert outcome.absorbed == records
        assert world.holds(zone) == NOT_DELEGATED
        with opened(world, zone) as parent:
            assert parent.lacking(zone, records) == ()
        before = world.changes()
        again = pushed(world, zone, state="absent", absorb={zone.name: records})
        assert (again.failure, again.changed) == (None, False)
        assert world.changes() == before

    def test_one_zone_that_fails_does_not_hide_the_others(self, world: World) -> None:
        zones = [described(world, name=name) for name in world.more]
        lonely = described(world, servers=["a.test"])
        outcomes = pushed_all(world, [zones[0], lonely, *zones[1:]])
        assert [outcome.failure is None for outcome in outcomes] == [True, False, *[True] * (len(zones) - 1)]
        for zone in zones:
            assert world.holds(zone) == wanted(world, zone)

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_no_cut_is_made_below_another_one_of_the_task(self, world: World, check_mode: bool) -> None:
        zone, below = described(world), described(world, name=f"a.{world.cut}")
        with opened(world, zone, below) as parent:
            if parent.zone_above(zone) is None:
                pytest.skip("does not tell what zone it holds delegations in")
        outcomes = pushed_all(world, [below, zone], check_mode=check_mode)
        assert outcomes[1].failure is None
        assert "nobody finds a delegation below it" in (outcomes[0].failure or "")
        assert world.holds(below) == NOT_DELEGATED

    def test_a_parent_that_lies_is_found_out(self, world: World) -> None:
        _needs(world, "lie")
        zone, present = _with_a_change_to_make(world)
        world.lie()
        outcome = pushed(world, zone)
        assert world.holds(zone) == wanted(world, present)
        assert outcome.failure is not None
        assert not outcome.changed
        assert "still to do" in outcome.failure

    def test_what_is_accepted_is_waited_for(self, world: World) -> None:
        _needs(world, "pending")
        zone, present = _with_a_change_to_make(world)
        world.pend(2)
        outcome = pushed(world, zone, wait=60)
        assert outcome.failure is None
        assert world.holds(zone) == wanted(world, zone)

    def test_what_is_accepted_and_not_made_in_time_is_told(self, world: World) -> None:
        _needs(world, "pending")
        zone, present = _with_a_change_to_make(world)
        world.pend(10**6)
        outcome = pushed(world, zone, wait=3)
        assert outcome.failure is not None
        assert "accepted" in outcome.failure
        assert world.holds(zone) == wanted(world, present)

    def test_a_lock_stands(self, world: World) -> None:
        _needs(world, "lock")
        zone, present = _with_a_change_to_make(world)
        world.lock(zone)
        outcome = pushed(world, zone)
        assert outcome.failure is not None
        assert "lock" in outcome.failure.lower() or "prohibited" in outcome.failure.lower()
        assert world.holds(zone) == wanted(world, present)

    @pytest.mark.parametrize("done", [True, False], ids=["answer-lost", "request-lost"])
    def test_a_connection_that_ends_at_any_exchange(self, world: World, done: bool) -> None:
        """It is found out what was made; nothing is left half done that a second run would not finish."""
        _needs(world, "lost")
        happened = 0
        for exchange in range(self.exchanges):
            zone, present = _with_a_change_to_make(world)
            world.lose(exchange, done=done)
            outcome = pushed(world, zone)
            happened += world.lost()
            held = world.holds(zone)
            if outcome.failure is None:
                assert held == wanted(world, zone), f"lost at exchange {exchange}"
            assert len(held.name_servers) >= len(wanted(world, present).name_servers)
            assert pushed(world, zone).failure is None
            assert world.holds(zone) == wanted(world, zone)
            if happened <= exchange:
                break
        assert 0 < happened < self.exchanges

    def test_new_keys_come_before_old_ones_go(self, world: World) -> None:
        """Wherever a change of servers and keys ends, resolvers still validate the zone."""
        _needs(world, "lost")
        if not KINDS[world.kind].abilities.ds:
            pytest.skip("takes no DS")
        for exchange in range(self.exchanges):
            zone, _present = _with_a_change_to_make(world)
            after = wanted(world, zone)
            world.lose(exchange, done=False)
            with opened(world) as parent, contextlib.suppress(DelegationError):
                present = parent.read_all([zone])[zone.name]
                if isinstance(present, Delegation):
                    change = Change(zone, present, after, plan(zone=zone.name, present=present, wanted=after))
                    parent.check(change)
                    parent.apply(change)
            assert world.holds(zone).ds, f"lost at exchange {exchange}"
            if not world.lost():
                break
        else:
            pytest.fail("no change of this many exchanges ended")

    def test_a_second_writer_in_between_loses_nothing(self, world: World) -> None:
        """Either the change is planned anew on what the other one left, or it is told that it is not all there."""
        _needs(world, "second_writer")
        zone, present = _with_a_change_to_make(world)
        other = wanted(world, described(world, servers=["a.test", "c.test", "e.test"]))
        world.write_in_between(zone, other)
        outcome = pushed(world, zone)
        held = world.holds(zone)
        assert outcome.failure is not None or held == wanted(world, zone)
        assert outcome.after is None or outcome.after == held


def described(
    world: World,
    *,
    name: str | None = None,
    servers: t.Sequence[t.Any] | None = None,
    keys: t.Sequence[str] = (),
) -> Zone:
    """Return a zone of this world, one with two name servers and a key unless told otherwise."""
    name = name or world.cut
    if servers is None:
        servers = ["a.test", "b.test"]
        if KINDS[world.kind].abilities.glue:
            servers = ["a.test", {"name": f"ns1.{name}", "addresses": ["192.0.2.1", "2001:db8::1"]}]
    (zone,) = parse_zones([{"name": name, "parent": "corp", "name_servers": servers, "dnskeys": list(keys)}])
    world.register(zone)
    return zone


def wanted(world: World, zone: Zone) -> Delegation:
    """Return the delegation that a zone of this world is to have there."""
    abilities = KINDS[world.kind].abilities
    servers = [
        server if abilities.glue and server.name.is_subdomain(zone.name) else NameServer(server.name)
        for server in zone.name_servers
    ]
    form = opened(world, zone).ds_form(zone) if len(abilities.ds) > 1 else next(iter(abilities.ds), None)
    secure = {"ds": zone.ds, "dnskey": zone.dnskeys, None: ()}[form]
    return Delegation.of(servers, secure)


def opened(world: World, *zones: Zone) -> Parent:
    """Return the parent under test, a session of its own that has read the zones."""
    entry = parse_parents([{"name": "corp", "type": world.kind, **world.options()}], environment={}, keep_secret=id)
    parent = entry["corp"].open(setting(zones, writer=world.writer, sleep=world.waiting().sleep))
    if zones:
        with parent:
            parent.read_all(zones)
    return parent


def setting(
    zones: t.Sequence[Zone],
    *,
    writer: t.Callable[[str], t.Any] = id,
    sleep: t.Callable[[float], None] = lambda _seconds: None,
) -> Setting:
    return Setting(
        tree=ZoneTree(zones),
        timeout=5,
        clock=lambda: datetime.now(timezone.utc),
        writer=writer,
        warn=lambda _text: None,
        sleep=sleep,
    )


def pushed(world: World, zone: Zone, *, probe: Probe | None = None, **rules: t.Any) -> Outcome:
    """Return what became of the zone when it was pushed in a session of its own."""
    return pushed_all(world, [zone], probe=probe, **rules)[0]


def pushed_all(world: World, zones: t.Sequence[Zone], *, probe: Probe | None = None, **rules: t.Any) -> list[Outcome]:
    parents = parse_parents([{"name": "corp", "type": world.kind, **world.options()}], environment={}, keep_secret=id)
    rules = {"wait": world.wait, **rules, "allow": frozenset(rules.get("allow", ()))}
    waiting = world.waiting()
    return push(
        zones,
        parents,
        rules=Rules(**rules),
        setting=setting(zones, writer=world.writer, sleep=waiting.sleep),
        probe=probe or ReadyProbe(),
        waiting=waiting,
    )


def _with_a_change_to_make(world: World) -> tuple[Zone, Zone]:
    """Return the zone to push and what is there instead: one server goes, one comes, and keys likewise."""
    keys = bool(KINDS[world.kind].abilities.ds)
    present = described(world, servers=["a.test", "c.test"], keys=[KEY_1] if keys else [])
    world.put(present, wanted(world, present))
    return described(world, servers=["a.test", "b.test"], keys=[KEY_2] if keys else []), present


def _needs(world: World, fault: Fault) -> None:
    if fault not in world.faults:
        pytest.skip(f"cannot be brought to {fault}")


class _PassingTime:
    """A clock that goes on by what is slept, so that no test waits."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float, /) -> None:
        self._now += seconds
