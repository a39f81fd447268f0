# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions of zones, and what is planned for their files at a fixed time."""

from __future__ import annotations

import pathlib
import typing as t
from datetime import datetime, timezone

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import (
    AskServed,
    PlanOptions,
    ZonePlan,
    plan_zones,
)

__all__ = ("FIRST_SERIAL", "NOON", "contoso", "mail", "planned", "written")

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
FIRST_SERIAL = 2026112100

_SERVERS = [{"name": "ns1.contoso.net"}, {"name": "ns2.contoso.net"}]
_WWW = {"name": "www", "type": "A", "value": "192.0.2.1"}


def contoso(*records: t.Mapping[str, t.Any], **fields: t.Any) -> dict[str, t.Any]:
    """Return a zone without faults that has these records beside one for www."""
    return {"name": "contoso.example", "name_servers": _SERVERS, "records": [_WWW, *records], **fields}


def mail(**fields: t.Any) -> dict[str, t.Any]:
    """Return a zone without faults below that one."""
    servers = [
        {"name": "ns1.mail.contoso.example", "addresses": ["192.0.2.53", "2001:db8::53"]},
        {"name": "ns2.contoso.net"},
    ]
    return {"name": "mail.contoso.example", "name_servers": servers, **fields}


def planned(
    folder: pathlib.Path,
    *described: t.Mapping[str, t.Any],
    located: t.Mapping[str, t.Mapping[str, t.Any]] | None = None,
    now: datetime = NOON,
    ask: AskServed | None = None,
    **options: t.Any,
) -> list[ZonePlan]:
    """Return the plans for the files of the described zones in ``folder``."""
    return plan_zones(
        parse_zones(list(described)), Sources(located), PlanOptions(directory=str(folder), now=now, **options), ask=ask
    )


def written(folder: pathlib.Path, *described: t.Mapping[str, t.Any], **options: t.Any) -> list[ZonePlan]:
    """Plan, and write what is planned."""
    plans = planned(folder, *described, **options)
    for plan in plans:
        if plan.text is not None:
            pathlib.Path(plan.path).write_bytes(plan.text)
    return plans
