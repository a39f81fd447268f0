# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do the servers serve the same zone? Compared among those that serve it with authority."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._serial import distance, newest

__all__ = ("CHECKS",)

_TIMERS = ("refresh", "retry", "expire", "minimum")

# What says why an address serves no serial.
_NOT_SERVED = (
    *("soa_owner_mismatch", "soa_missing", "soa_multiple", "not_authoritative", "lame_rcode"),
    *("no_response_udp", "no_response_tcp"),
)


def serial_differs(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """serial_differs"""
    served = _by_serial(zone)
    latest = newest(served)
    # With an expected serial, each server that differs from it is named by serial_unexpected already.
    if latest is None or len(served) < 2 or settings.expect_serial is not None:
        return
    behind = [
        f"{_listed(views)} with {serial} ({distance(serial, latest)} behind)"
        for serial, views in served.items()
        if serial != latest
    ]
    yield finding(
        "serial_differs",
        f"The servers of {zone.text} serve different serials: {_listed(served[latest])} with {latest},"
        f" {', '.join(behind)}. Names may resolve differently from one query to the next. If it lasts longer than a"
        " transfer takes, check NOTIFY and transfers from the primary to the others.",
        severity="error" if settings.settled else None,
        expected=f"{latest} everywhere",
        got=", ".join(f"{view}: {serial}" for serial, views in served.items() for view in views),
    )


def serial_unexpected(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """serial_unexpected"""
    expected = settings.expect_serial
    if expected is None:
        return
    served = _by_serial(zone)
    for view in zone.addresses:
        if view.verdict != "untested" and not any(view in views for views in served.values()):
            yield finding(
                "serial_unexpected",
                f"{view} serves no single SOA of {zone.text} with authority, so it has not got serial {expected} and"
                " does not answer from it. Load the zone there, or take the server out of the NS set.",
                at=view,
                expected=str(expected),
                got="none",
                follows_from=_NOT_SERVED,
            )
    for serial, views in served.items():
        ahead = distance(expected, serial)
        if not ahead:
            continue
        if ahead < 0:
            where = f"{-ahead} behind"
            advice = "It still answers from the old version: check its log for why it did not load or transfer the new."
        else:
            where = f"{ahead} ahead of"
            advice = (
                "It answers from another version and will not take the expected one, because that is older by RFC 1982:"
                f" give the zone a serial above {serial}."
            )
        for view in views:
            yield finding(
                "serial_unexpected",
                f"{view} serves {zone.text} with serial {serial}, {where} the expected {expected}. {advice}",
                at=view,
                expected=str(expected),
                got=str(serial),
            )


def mname_differs(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_mname_differs"""
    yield from _field_differs(
        zone,
        "soa_mname_differs",
        "MNAME",
        "dynamic updates go to one or another primary",
        lambda soa: display_name(soa.mname),
    )


def rname_differs(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_rname_differs"""
    yield from _field_differs(
        zone,
        "soa_rname_differs",
        "RNAME",
        "reports of trouble go to one or another mailbox",
        lambda soa: display_name(soa.rname),
    )


def timers_differ(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_timers_differ"""
    yield from _field_differs(
        zone,
        "soa_timers_differ",
        "timers",
        "negative answers and copies of the zone are kept for one or another time",
        lambda soa: ", ".join(f"{timer} {getattr(soa, timer)}" for timer in _TIMERS),
    )


def _field_differs(
    zone: ZoneView, code: str, field: str, effect: str, read: t.Callable[[t.Any], str]
) -> t.Iterator[Finding]:
    soas = [(view.soa_record, view) for view in zone.working]
    if all(record is soas[0][0] for record, _view in soas):
        return
    served: dict[str, list[AddressView]] = {}
    serials = set()
    for record, view in soas:
        if record is not None:
            served.setdefault(read(record.rdata), []).append(view)
            serials.add(record.rdata.serial)
    if len(served) < 2:
        return
    advice = (
        "They serve different versions of the zone, so bring them to one serial first."
        if len(serials) > 1
        else "One serial must stand for one content: load the same zone on all of them."
    )
    shown = "; ".join(f"{_listed(views)}: {text}" for text, views in served.items())
    yield finding(
        code,
        f"The SOA {field} of {zone.text} differs between servers: {shown}. So {effect}. {advice}",
        expected="the same",
        got=shown,
    )


def _by_serial(zone: ZoneView) -> dict[int, list[AddressView]]:
    served: dict[int, list[AddressView]] = {}
    for record, view in zone.single_soas:
        served.setdefault(record.rdata.serial, []).append(view)
    return served


def _listed(views: t.Iterable[AddressView]) -> str:
    return ", ".join(str(view) for view in views)


CHECKS = (serial_unexpected, serial_differs, mname_differs, rname_differs, timers_differ)
