# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``soa_info`` returns as a table for people: each zone in one line, and each address of its servers in one."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._serial import distance

__all__ = ("soa_table",)

_Mapping = t.Mapping[str, t.Any]
_HEADER = ("server", "address", "serial", "behind", "ms", "note")
_RIGHT = ("serial", "behind", "ms")
_INDENT = "  "


def soa_table(zones: t.Iterable[_Mapping]) -> str:
    """Return the table, with an empty line between zones.

    :arg zones: as the module returns them.
    :raises ValueError: for anything else.
    """
    try:
        return "\n\n".join("\n".join(_zone_lines(zone)) for zone in zones)
    except (AttributeError, KeyError, TypeError) as exc:
        what = f"without {exc}" if isinstance(exc, KeyError) else f"({exc})"
        raise ValueError(f"this is not what soa_info returns {what}") from exc


def _zone_lines(zone: _Mapping) -> t.Iterator[str]:
    servers: t.Sequence[_Mapping] = zone["servers"]
    yield f"{zone['name']}: {_state(zone)}"
    served = [server for server in servers if server["serial"] is not None]
    # What differs between servers is told with all of its values, for it should not.
    values = {
        "primary": _distinct(server["mname"] for server in served),
        "contact": _distinct(server["contact"] for server in served),
        "negative TTL": _distinct(format_duration(server["negative_ttl"]) for server in served),
    }
    if served:
        yield _INDENT + ", ".join(f"{what} {' or '.join(found)}" for what, found in values.items())
    if servers:
        rows = [_HEADER, *(_row(server, newest=zone["serial"]) for server in servers)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
        for row in rows:
            cells = (
                cell.rjust(width) if title in _RIGHT else cell.ljust(width)
                for title, cell, width in zip(_HEADER, row, widths)
            )
            yield (_INDENT + "  ".join(cells)).rstrip()


def _state(zone: _Mapping) -> str:
    if zone["error"] is not None:
        return str(zone["error"])
    if zone["serial"] is None:
        return "no server serves it with authority"
    reached = [server for server in zone["servers"] if server["has_route"]]
    lagging = sum(not server["in_sync"] for server in reached)
    addresses = f"{len(reached)} address{'es' if len(reached) != 1 else ''}"
    if lagging:
        return f"serial {zone['serial']}, NOT IN SYNC at {lagging} of {addresses}"
    return f"serial {zone['serial']}, in sync at {addresses}"


def _row(server: _Mapping, *, newest: int | None) -> tuple[str, ...]:
    serial, seconds = server["serial"], server["seconds"]
    behind = "" if serial is None or newest is None else str(distance(serial, newest))
    milliseconds = "" if seconds is None else f"{seconds * 1000:.1f}"
    note = server["error"] or ""
    if not server["has_route"]:
        note = f"not asked: {note}" if note else "not asked"
    return (server["server"], server["address"], "" if serial is None else str(serial), behind, milliseconds, note)


def _distinct(values: t.Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
