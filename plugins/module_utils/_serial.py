# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOA serials: RFC 1982 arithmetic, and the next serial of each policy."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

__all__ = (
    "NextSerial",
    "OnFuture",
    "Policy",
    "SerialError",
    "distance",
    "newer",
    "newest",
    "next_serial",
    "serial_date",
)

Policy = t.Literal["date", "increment", "unixtime"]
OnFuture = t.Literal["advance", "fail"]

_CAUSES = {
    "date": "more than 100 changes in a day, a clock that was wrong, an edit by hand or another scheme",
    "unixtime": "several changes in a second, a clock that was wrong, an edit by hand or another scheme",
}
_MODULUS = 2**32
_HALF = 2**31


class SerialError(ValueError):
    """No next serial may be given under the options in force."""


@dataclass(frozen=True)
class NextSerial:
    """A serial that is newer than every floor, and why it is not the plain one of its policy, if so."""

    serial: int
    warnings: tuple[str, ...] = ()


def distance(from_serial: int, to_serial: int) -> int:
    """Return how far ``to_serial`` is ahead of ``from_serial``; negative when behind (RFC 1982 section 3.2).

    The result is in -2**31 .. 2**31 - 1; -2**31 is the one distance for which the order is undefined.
    """
    return (to_serial - from_serial + _HALF) % _MODULUS - _HALF


def newer(serial: int, than: int) -> bool:
    """Whether a secondary that holds ``than`` would take a zone with ``serial`` for newer."""
    return distance(than, serial) > 0


def newest(serials: t.Iterable[int]) -> int | None:
    """Return the greatest serial by RFC 1982, or None for none at all."""
    greatest: int | None = None
    for serial in serials:
        if greatest is None or newer(serial, greatest):
            greatest = serial
    return greatest


def serial_date(serial: int) -> datetime | None:
    """Return the UTC day of a serial of the form YYYYMMDDNN, or None for another form."""
    try:
        day = datetime.strptime(f"{serial:010d}"[:8], "%Y%m%d").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return day if day.year >= 1970 else None


def next_serial(*, policy: Policy, floor: int | None, now: datetime, on_future: OnFuture = "advance") -> NextSerial:
    """Return the serial for changed content.

    :arg floor: the newest serial in use (in the file, or served), or None for a new zone.
    :arg now: the present time, with its time zone.
    :arg on_future: ``fail`` raises where the date (or second) of ``floor`` lies ahead of ``now``.
    :raises SerialError: where ``on_future`` forbids to go on.
    """
    if policy == "increment":
        return NextSerial(serial=1 if floor is None else _in_range(floor + 1))
    if policy == "unixtime":
        wanted, unit = _in_range(int(now.timestamp())), "second"
    else:
        wanted, unit = _first_of_day(now.astimezone(timezone.utc)), "day"
    if floor is None:
        return NextSerial(serial=wanted)
    if newer(wanted, than=floor):
        return NextSerial(serial=wanted, warnings=_former_scheme(policy=policy, floor=floor, now=now))
    serial = _after(floor) if policy == "date" else _in_range(floor + 1)
    if policy == "date" and wanted <= floor < wanted + 99:
        return NextSerial(serial=serial)
    if policy == "date" and floor == wanted + 99:
        warning = (
            f"serial {floor} was the 100th of its day, so the next is {serial}:"
            " it carries tomorrow's date and the serials of coming days go on from it"
        )
        return NextSerial(serial=serial, warnings=(warning,))
    if policy == "unixtime" and floor == wanted:
        return NextSerial(serial=serial)
    explanation = f"serial {floor} in use is ahead of the present {unit} ({wanted}): {_CAUSES[policy]}"
    # The roll-over of a busy day is our own doing and no clock's: on_future is about the causes above.
    if on_future == "fail" and not _rolled_over(policy=policy, floor=floor, now=now):
        raise SerialError(f"{explanation}; on_future is 'fail', so no newer one is given")
    return NextSerial(serial=serial, warnings=(f"{explanation}; the next is {serial}",))


def _in_range(number: int) -> int:
    # 0 is a valid serial, yet some servers read it as "no serial": step over it.
    return number % _MODULUS or 1


def _first_of_day(day: datetime) -> int:
    return _in_range(int(day.strftime("%Y%m%d00")))


def _after(floor: int) -> int:
    day = serial_date(floor)
    # Plain addition would leave a month by a day that does not exist, such as 20261131.
    return _first_of_day(day + timedelta(days=1)) if day and floor % 100 == 99 else _in_range(floor + 1)


def _former_scheme(*, policy: Policy, floor: int, now: datetime) -> tuple[str, ...]:
    if policy == "date" and serial_date(floor) is None:
        age = now.timestamp() - floor
        if -86400 < age < timedelta(days=366 * 15).total_seconds():
            return (f"serial {floor} in use looks like a unix time, not YYYYMMDDNN; the next one has today's date",)
        if floor == _MODULUS - 1:
            return (f"serial {floor} in use is the greatest of 32 bits; the next one is newer by RFC 1982",)
    return ()


def _rolled_over(*, policy: Policy, floor: int, now: datetime) -> bool:
    date = serial_date(floor)
    return policy == "date" and date is not None and timedelta(0) < date - now <= timedelta(days=1)
