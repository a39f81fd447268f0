# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A place at the fake of a vendor's service, and what every such test needs besides."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Change
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import parse_parents
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents import contract
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import World, described
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import FakeService

__all__ = ("ServiceWorld", "change", "change_to", "opened")

_S = t.TypeVar("_S", bound=FakeService)


class ServiceWorld(World, t.Generic[_S]):
    """A world whose faults are those of a fake service."""

    def __init__(self, service: _S) -> None:
        self.service = service

    def changes(self) -> int:
        return self.service.changes

    def lie(self) -> None:
        self.service.lying = True

    def pend(self, looks: int) -> None:
        self.service.looks = looks

    def lose(self, exchange: int, *, done: bool) -> None:
        self.service.lose(exchange, done=done)

    def lost(self) -> bool:
        return self.service.lost()

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        self.service.between = lambda: self.put(zone, delegation)


def opened(kind: str, **options: t.Any) -> t.Any:
    """Return a parent of this kind with these options; None leaves one out."""
    given = {option: value for option, value in options.items() if value is not None}
    entries = parse_parents([{"name": "corp", "type": kind, **given}], environment={}, keep_secret=id)
    return entries["corp"].open(contract.setting([]))


def change(world: World, present: Delegation | None = None, **rules: t.Any) -> Change:
    """Return a planned change to what is described like that, two servers outside of the zone unless told otherwise."""
    return change_to(world, described(world, **{"servers": ["a.test", "b.test"], **rules}), present)


def change_to(world: World, zone: Zone, present: Delegation | None = None) -> Change:
    """Return a planned change to what this zone is to have."""
    wanted, present = contract.wanted(world, zone), present or Delegation()
    operations = plan(zone=zone.name, present=present, wanted=wanted)
    return Change(zone=zone, present=present, wanted=wanted, operations=operations)
