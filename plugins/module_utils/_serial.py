# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOA serials: RFC 1982 arithmetic, and the next serial of each policy."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

__all__ = (
    "NextSerial",
    "OnFuture",
    "Origin",
    "Policy",
    "SerialError",
    "SerialsInUse",
    "distance",
    "likely_policy",
    "newer",
    "newest",
    "next_serial",
    "serial_date",
)

Policy = t.Literal["date", "increment", "unixtime"]
OnFuture = t.Literal["advance", "fail"]
# plain: as the policy has it. busy: ahead of the clock after more changes than a day (or second) has serials for.
# ahead: of the clock, since the serial before was so for any other cause.
How = t.Literal["plain", "busy", "ahead"]

_MODULUS = 2**32
_HALF = 2**31
_PER_DAY = 100
_UNITS: dict[Policy, str] = {"date": "day", "unixtime": "second"}
_FORMS: dict[Policy, str] = {"date": "YYYYMMDDNN", "increment": "a plain number", "unixtime": "a unix time"}
_RESET = "the playbook zonecut.dns.reset_serial leads back"


class SerialError(ValueError):
    """No next serial may be given under the options in force."""


@dataclass(frozen=True)
class Origin:
    """How a serial came about, which the header of its file keeps for the next time."""

    policy: Policy
    how: How = "plain"

    def __str__(self) -> str:
        return self.policy if self.how == "plain" else f"{self.policy}, {self.how}"

    @classmethod
    def parse(cls, text: str) -> Origin | None:
        """Return the origin written as ``text``, or None for anything else."""
        return _ORIGINS.get(text)


_ORIGINS = {
    str(origin): origin for origin in (Origin(policy, how) for policy in t.get_args(Policy) for how in t.get_args(How))
}


@dataclass(frozen=True)
class SerialsInUse:
    """All serials that a zone was seen with, which the next has to be newer than; None where there is none.

    :arg file: in the zone file.
    :arg written: in the file's header, which keeps what it was written with; ``origin`` is how that came about.
    :arg source: in the SOA of ``src``.
    :arg journal: at the end of the journal of dynamic updates beside the file.
    :arg served: by the server that serves it, as messages name it.
    """

    file: int | None = None
    written: int | None = None
    origin: Origin | None = None
    source: int | None = None
    journal: int | None = None
    served: t.Mapping[str, int] = field(default_factory=dict)

    def floors(self) -> dict[str, int]:
        """Return each serial by the words for where it is."""
        known = {"in the file": self.file, "in its header": self.written, "in src": self.source}
        known["in its journal"] = self.journal
        known.update((f"at {server}", serial) for server, serial in self.served.items())
        return {where: serial for where, serial in known.items() if serial is not None}


@dataclass(frozen=True)
class NextSerial:
    """A serial that is newer than every floor, and why it is not the plain one of its policy, if so."""

    serial: int
    origin: Origin
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


def next_serial(*, policy: Policy, in_use: SerialsInUse, now: datetime, on_future: OnFuture = "advance") -> NextSerial:
    """Return the serial for changed content.

    :arg now: the present time, with its time zone.
    :arg on_future: ``fail`` raises where the newest serial in use lies ahead of ``now``.
    :raises SerialError: where ``on_future`` forbids to go on, or no serial is newer than all those in use.
    """
    floors = in_use.floors()
    wanted = _wanted(policy, now)
    if not floors:
        return NextSerial(serial=1 if wanted is None else wanted, origin=Origin(policy))
    leading = _leading(floors)
    following = _first_newer((_after(leading, policy), _in_range(leading + 1)), floors)
    if wanted is None:
        warnings = _news(policy, leading, following, in_use, now)
        return NextSerial(serial=following, origin=Origin(policy), warnings=warnings)
    if newer(wanted, than=leading):
        behind = next((where for where, floor in floors.items() if not newer(wanted, than=floor)), None)
        if behind is None:
            warnings = _news(policy, leading, wanted, in_use, now)
            return NextSerial(serial=wanted, origin=Origin(policy), warnings=warnings)
        warning = (
            f"serial {wanted} of the present {_UNITS[policy]} would not be newer than {floors[behind]} {behind}"
            f" (RFC 1982); the next is {following}"
        )
        return NextSerial(serial=following, origin=Origin(policy), warnings=(warning,))
    last = wanted + (_PER_DAY - 1 if policy == "date" else 0)
    if leading == last and policy == "date":
        warning = (
            f"serial {leading} was the {_PER_DAY}th of its day, so the next is {following}:"
            " it carries tomorrow's date and the serials of coming days go on from it"
        )
        warnings = (warning, *_news(policy, leading, following, in_use, now))
        return NextSerial(serial=following, origin=Origin(policy, "busy"), warnings=warnings)
    if wanted <= leading <= last:
        origin = Origin(policy, "busy" if leading == last else "plain")
        return NextSerial(serial=following, origin=origin, warnings=_news(policy, leading, following, in_use, now))
    busy = leading == in_use.written and in_use.origin == Origin(policy, "busy")
    cause = f"serial {leading} in use is ahead of the present {_UNITS[policy]} ({wanted}): "
    cause += _cause(policy, leading, in_use, now)
    # The roll-over of a busy day is our own doing and no clock's: on_future is about all other causes.
    if on_future == "fail" and not busy:
        raise SerialError(f"{cause}; on_future is 'fail', so no newer one is given ({_RESET})")
    hint = "" if busy else f" ({_RESET})"
    return NextSerial(
        serial=following,
        origin=Origin(policy, "busy" if busy else "ahead"),
        warnings=(f"{cause}; the next is {following}{hint}",),
    )


def _wanted(policy: Policy, now: datetime) -> int | None:
    """Return the first serial of the present day, or second, if the policy looks at the clock."""
    if policy == "increment":
        return None
    return _in_range(int(now.timestamp())) if policy == "unixtime" else _first_of_day(now.astimezone(timezone.utc))


def _leading(floors: t.Mapping[str, int]) -> int:
    # Serials that lie more than half of the circle apart have no newest one: the order is not transitive.
    for serial in floors.values():
        if all(serial == other or newer(serial, than=other) for other in floors.values()):
            return serial
    raise _Apart(floors)


def _first_newer(candidates: t.Iterable[int], floors: t.Mapping[str, int]) -> int:
    for candidate in candidates:
        if all(newer(candidate, than=floor) for floor in floors.values()):
            return candidate
    raise _Apart(floors)


class _Apart(SerialError):
    def __init__(self, floors: t.Mapping[str, int]) -> None:
        listed = ", ".join(f"{serial} {where}" for where, serial in floors.items())
        super().__init__(
            f"no serial is newer than all of those in use, for they are too far apart (RFC 1982): {listed};"
            " bring the servers to the serial of the file first (the playbook zonecut.dns.reset_serial does)"
        )


def _in_range(number: int) -> int:
    # 0 is a valid serial, yet some servers read it as "no serial": step over it.
    return number % _MODULUS or 1


def _first_of_day(day: datetime) -> int:
    return _in_range(int(day.strftime("%Y%m%d00")))


def _after(serial: int, policy: Policy) -> int:
    day = serial_date(serial) if policy == "date" and serial % _PER_DAY == _PER_DAY - 1 else None
    # Plain addition would leave a month by a day that does not exist, such as 20261131.
    return _in_range(serial + 1) if day is None else _first_of_day(day + timedelta(days=1))


def _cause(policy: Policy, leading: int, in_use: SerialsInUse, now: datetime) -> str:
    """Return why ``leading`` lies ahead of the clock, as far as there is evidence."""
    former = in_use.origin if leading == in_use.written else None
    form = likely_policy(leading, now=now, favoured=policy)
    if former is not None and former.policy != policy:
        return f"the policy was {former.policy} when it was written, and is {policy} now{_caught_up(policy, leading)}"
    if former is not None and former.how == "busy":
        return (
            "there were more changes than serials, 100 a day" if policy == "date" else "changes follow within a second"
        )
    if former is not None and former.how == "ahead":
        return "the one before it was ahead already when the file was written"
    if former is not None:
        return "the clock was ahead when the file was written, or has been set back since"
    if leading == in_use.file and in_use.written not in (None, leading):
        return f"an edit by hand put it into the file, which was written with {in_use.written}"
    elsewhere = _elsewhere(leading, in_use)
    if elsewhere is not None:
        return f"it {elsewhere}"
    where = "the file" if leading in (in_use.file, in_use.written) else "src"
    if form != policy:
        return f"{where} has it from another scheme, for it looks like {_FORMS[form]}{_caught_up(policy, leading)}"
    return f"{where} has it from a clock that was wrong, an edit by hand or another tool"


def _caught_up(policy: Policy, serial: int) -> str:
    if policy != "unixtime":
        return ""
    return f"; unix time passes it on {datetime.fromtimestamp(serial, timezone.utc):%Y-%m-%d}"


def _news(policy: Policy, leading: int, serial: int, in_use: SerialsInUse, now: datetime) -> tuple[str, ...]:
    """Return what is out of the ordinary about the step from ``leading`` to ``serial``, neither ahead of the clock."""
    warnings = []
    elsewhere = _elsewhere(leading, in_use)
    if elsewhere is not None:
        warnings.append(f"serial {leading} {elsewhere}; the next is {serial}")
    change = _change_of_scheme(policy, leading, in_use, now)
    if change is not None:
        warnings.append(f"{change}; the next is {serial}")
    return tuple(warnings)


def _change_of_scheme(policy: Policy, leading: int, in_use: SerialsInUse, now: datetime) -> str | None:
    if leading == _MODULUS - 1:
        return f"serial {leading} in use is the greatest of 32 bits, which any small one is newer than (RFC 1982)"
    if leading == in_use.written and in_use.origin is not None:
        former = in_use.origin.policy
        return None if former == policy else f"the policy was {former} when {leading} was written, and is {policy} now"
    form = likely_policy(leading, now=now, favoured=policy)
    # A part of a zone often has an SOA with a serial that was never meant.
    in_src_alone = leading not in (in_use.file, in_use.written, in_use.journal, *in_use.served.values())
    if form == policy or (in_src_alone and form == "increment"):
        return None
    return f"serial {leading} in use looks like {_FORMS[form]}, and the policy is {policy}"


def _elsewhere(leading: int, in_use: SerialsInUse) -> str | None:
    """Return what moved the serial ahead of the file, completing "serial N ...", or None where nothing has."""
    own = newest(each for each in (in_use.file, in_use.written) if each is not None)
    if own is not None and not newer(leading, than=own):
        return None
    compared = "while there is no file of the zone here" if own is None else f"ahead of {own} in the file"
    servers = " and ".join(server for server, serial in in_use.served.items() if serial == leading)
    if servers:
        cause = "dynamic updates or in-line signing moved it, or it was loaded from elsewhere"
        return f"is served by {servers}, {compared}: {cause}"
    if leading == in_use.journal:
        return f"is at the end of the journal beside the file, {compared}: dynamic updates moved it"
    return None


def likely_policy(serial: int, *, now: datetime, favoured: Policy | None = None) -> Policy:
    """Return the policy that makes such serials; ``favoured`` where several do, ``increment`` where none does."""
    age = now.timestamp() - serial
    likely: list[Policy] = ["date"] if serial_date(serial) is not None else []
    if -86400 < age < timedelta(days=366 * 15).total_seconds():
        likely.append("unixtime")
    if favoured is not None and favoured in likely:
        return favoured
    return likely[0] if likely else "increment"
