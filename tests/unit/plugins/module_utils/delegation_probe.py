# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe for tests of the engine that has nothing against any name server."""

from __future__ import annotations

import typing as t

import dns.name

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._guards import Readiness, Service
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import ServedKeys

__all__ = ("ReadyProbe",)


class ReadyProbe:
    """All described servers are ready, and none of those that are to go answers any more."""

    def preflight(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Readiness]:
        return {zone.name: Readiness() for zone in zones}

    def served_keys(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[ServedKeys, ...]]:
        return {zone.name: () for zone in zones}

    def published_ttls(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[int | None, int | None]]:
        return {zone.name: (None, None) for zone in zones}

    def serving(self, present: t.Sequence[tuple[Zone, Delegation]]) -> dict[dns.name.Name, Service]:
        return {zone.name: Service() for zone, _delegation in present}
