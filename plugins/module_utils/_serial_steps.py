# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking zones down to a lower serial, in steps that every secondary takes for newer (RFC 1982 section 3.2).

The zone file is all the state there is. Serials on the way down are above the target as numbers, so a zone that a run
left halfway is known by its serial, and the next run goes on from there.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, parse_zone_name
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._journals import Journals, server_trace
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._serial import (
    Policy,
    SerialsInUse,
    newer,
    next_serial,
)
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import (
    FORMAT,
    Header,
    file_name,
    read_header,
    read_rendered,
    render,
)
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import ZonePlan

__all__ = (
    "GREATEST_TARGET",
    "ServedAt",
    "Target",
    "ZoneStep",
    "plan_steps",
    "served_by_zone",
    "steps_down",
    "target_of",
    "zones_named",
)

_LONGEST_STEP = 2**31 - 1
_GREATEST_SERIAL = 2**32 - 1
# From a greater one up, a serial on the way would have to be below the target as a number.
GREATEST_TARGET = 2**31 - 2


@dataclass(frozen=True)
class Target:
    """Where zones are taken to.

    :arg kept: zones keep serials up to this one, as numbers; it is ``serial`` or above.
    """

    serial: int
    kept: int


@dataclass(frozen=True)
class ServedAt:
    """What one address of a name server serves.

    :arg error: why its serial does not count, or None.
    :arg has_route: whether the host that asked can send to it at all.
    """

    server: str
    address: str
    serial: int | None
    error: str | None
    has_route: bool

    def __str__(self) -> str:
        return f"{self.server} ({self.address})"


@dataclass(frozen=True)
class ZoneStep:
    """What happens to one zone file.

    :arg plan: the file with its next serial, or as it is.
    :arg behind: who serves an older serial than the file has, so that the file has to be loaded before it steps on.
    :arg steps: the serials that the zone takes after that of ``plan``.
    """

    plan: ZonePlan
    target: int
    behind: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()

    def result(self) -> dict[str, t.Any]:
        """Return what the module returns of the zone."""
        return {
            "name": self.plan.zone.text,
            "path": self.plan.path,
            "changed": self.plan.text is not None,
            "serial": self.plan.serial,
            "previous_serial": self.plan.previous_serial,
            "target": self.target,
            "steps": list(self.steps),
            "behind": list(self.behind),
        }


def steps_down(present: int, target: int) -> list[int]:
    """Return the serials that lead from ``present`` down to ``target``, which is the last; none when it is not lower.

    They are as few as possible, one to three, and all but the last are above ``target``.

    :arg target: from 1 to GREATEST_TARGET.
    """
    steps = []
    while present > target:
        present = target if newer(target, than=present) else min(present + _LONGEST_STEP, _GREATEST_SERIAL)
        steps.append(present)
    return steps


def target_of(*, serial: int | None, policy: Policy, now: datetime) -> Target:
    """Return where zones are taken to: ``serial``, or what ``policy`` gives a new zone.

    :raises DescriptionError: for a serial that zones cannot be taken to, and where there is none.
    """
    if serial is None and policy == "increment":
        rule = "is needed with the policy increment, since nothing else tells which serials are too high"
        raise DescriptionError([Problem(where="target", rule=rule)])
    if serial is not None:
        if not 1 <= serial <= GREATEST_TARGET:
            rule = f"must be from 1 to {GREATEST_TARGET}"
            raise DescriptionError([Problem(where="target", value=serial, rule=rule)])
        return Target(serial=serial, kept=serial)
    first = next_serial(policy=policy, in_use=SerialsInUse(), now=now).serial
    return Target(serial=first, kept=first + 99 if policy == "date" else first)


def zones_named(names: t.Sequence[str], zones: t.Sequence[Zone]) -> tuple[Zone, ...]:
    """Return those of ``zones`` that have these names, or all of them where there are none.

    :raises DescriptionError: for what is no name of these zones.
    """
    if not names:
        return tuple(zones)
    described = {zone.name: zone for zone in zones}
    chosen = set()
    problems = []
    for text in names:
        try:
            name = parse_zone_name(text)
            chosen.add(described[name].name)
        except ValueError as exc:
            problems.append(Problem(where="only", value=text, rule=str(exc)))
        except KeyError:
            problems.append(Problem(where="only", value=text, rule="not one of the described zones"))
    if problems:
        raise DescriptionError(problems)
    return tuple(zone for zone in zones if zone.name in chosen)


def served_by_zone(asked: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, tuple[ServedAt, ...]]:
    """Return, by the name of the zone, what ``zonecut.dns.soa_info`` returned as its ``zones``.

    :raises DescriptionError: for anything else.
    """
    served: dict[str, tuple[ServedAt, ...]] = {}
    for index, zone in enumerate(asked):
        try:
            served[zone["name"]] = tuple(
                ServedAt(
                    server=server["server"],
                    address=server["address"],
                    serial=None if server["serial"] is None else int(server["serial"]),
                    error=server["error"],
                    has_route=server["has_route"],
                )
                for server in zone["servers"]
            )
        except (KeyError, TypeError, ValueError) as exc:
            rule = f"not a zone as zonecut.dns.soa_info returns it ({type(exc).__name__}: {exc})"
            raise DescriptionError([Problem(where=f"served[{index}]", rule=rule)]) from exc
    return served


def plan_steps(
    zones: t.Sequence[Zone], *, directory: str, target: Target, served: t.Mapping[str, tuple[ServedAt, ...]]
) -> list[ZoneStep]:
    """Return the next step of each zone, in input order; a zone with nothing to do stays as it is.

    :arg served: what each address of each name server serves now, by the name of the zone.
    :raises DescriptionError: with every reason why a zone that is above the target, or was left halfway, cannot go on.
    """
    journals = Journals(directory)
    steps: list[ZoneStep] = []
    problems: list[Problem] = []
    for zone in zones:
        path = os.path.join(directory, file_name(zone.text))
        try:
            steps.append(_plan(zone, path, target, served.get(zone.text, ()), journals))
        except DescriptionError as exc:
            problems.extend(exc.problems)
    if problems:
        raise DescriptionError(problems)
    return steps


def _plan(zone: Zone, path: str, target: Target, served: tuple[ServedAt, ...], journals: Journals) -> ZoneStep:
    before = _read(zone, path)
    header = read_header(before)
    if header is None:
        rule = "not a file of zonecut.dns.zone_files; deploy the zone first, which takes the file over with its serial"
        raise DescriptionError([Problem(zone=zone.text, where=path, rule=rule)])
    is_above = header.serial > target.kept
    # One that a run left before the last serial was loaded, or that somebody set back in the file alone.
    is_served_above = any(each.serial is not None and each.serial > header.serial for each in served)
    if not is_above and not is_served_above:
        return ZoneStep(plan=_plan_of(zone, path, header), target=target.serial)
    problems = list(_cannot_follow(zone, header.serial, served))
    if is_above:
        problems.extend(_cannot_write(zone, path, before, header, journals))
    if problems:
        raise DescriptionError(problems)
    steps = tuple(steps_down(header.serial, target.serial)) if is_above else ()
    behind = tuple(str(each) for each in served if each.error is None and each.serial != header.serial)
    if behind or not steps:
        return ZoneStep(plan=_plan_of(zone, path, header), target=target.serial, behind=behind, steps=steps)
    plan = _plan_of(zone, path, header, before=before, serial=steps[0])
    return ZoneStep(plan=plan, target=target.serial, steps=steps[1:])


def _plan_of(
    zone: Zone, path: str, header: Header, *, before: bytes | None = None, serial: int | None = None
) -> ZonePlan:
    """Return the plan to write ``serial`` into the file that holds ``before``, or without them to leave it alone."""
    text = None
    if before is not None and serial is not None:
        content = read_rendered(before)
        text = render(
            content,
            serial=serial,
            input_digest=header.input_digest,
            pushed=header.pushed,
            warnings=header.warnings,
        )
    return ZonePlan(
        zone=zone,
        path=path,
        before=before,
        text=text,
        serial=header.serial if serial is None else serial,
        previous_serial=header.serial,
        records=header.records,
    )


def _read(zone: Zone, path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as exc:
        rule = f"cannot be read ({exc.strerror}); deploy the zone first"
        raise DescriptionError([Problem(zone=zone.text, where=path, rule=rule)]) from exc


def _cannot_follow(zone: Zone, serial: int, served: tuple[ServedAt, ...]) -> t.Iterator[Problem]:
    """Yield why name servers would not come along with the next step from ``serial``."""
    if not served:
        yield Problem(zone=zone.text, where="name servers", rule="none was asked, so nothing tells who could follow")
        return
    asked = {each.server for each in served}
    for name in (display_name(server.name) for server in zone.name_servers):
        if name not in asked:
            unasked = "it has no address that was asked, so nothing tells whether it could follow"
            yield Problem(zone=zone.text, where=name, rule=unasked)
    reached = {each.server for each in served if each.has_route}
    for each in served:
        rule = None
        if each.server not in reached:
            rule = f"the host that asks has no route to it ({each.error}), so nothing tells whether it could follow"
        elif each.has_route and (each.error is not None or each.serial is None):
            rule = f"it could not follow: {each.error}"
        elif each.serial not in (None, serial) and not newer(serial, than=each.serial):
            rule = (
                f"serves serial {each.serial}, which by RFC 1982 is not older than {serial} in the file, so it could"
                f" not follow; give the file a serial newer than {each.serial} first, and have all servers load it"
            )
        if rule is not None:
            yield Problem(zone=zone.text, where=str(each), rule=rule)


def _cannot_write(zone: Zone, path: str, before: bytes, header: Header, journals: Journals) -> t.Iterator[Problem]:
    if not header.intact or header.format != FORMAT or header.zone != zone.text:
        rule = "it is not as this version of zonecut.dns.zone_files writes it; deploy the zone first"
        yield Problem(zone=zone.text, where=path, rule=rule)
    try:
        journal = journals.of(zone.apex, path)
    except OSError as exc:
        yield Problem(zone=zone.text, where=path, rule=f"its journal cannot be read ({exc.strerror})")
        return
    trace = server_trace(path=path, text=before, serial=header.serial, journal=journal)
    if trace is not None:
        rule = (
            f"{trace.reason}, so the server gives the zone serials of its own; freeze it and remove the journal first"
        )
        yield Problem(zone=zone.text, where=trace.path, rule=rule)
