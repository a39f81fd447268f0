# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ``verify`` beyond how to ask, from parameters to settings."""

from __future__ import annotations

import typing as t
from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import ALWAYS, CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._checks.limits import Limits
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, parse_zone_name
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration, parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._findings import SEVERITIES, Severity
from ansible_collections.zonecut.dns.plugins.module_utils._processes import processors
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import query_settings
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings

with deps.declare("dnspython"):
    import dns.name

__all__ = ("LOOK_ARGUMENT", "VERIFY_ARGUMENTS", "verify_settings")

_SECONDS = "response_time"
_DEFAULTS = {field.name: t.cast("float", field.default) for field in fields(Limits)}
# The time zone in which it is tomorrow first.
_FURTHEST_AHEAD = timedelta(hours=14)

VERIFY_ARGUMENTS: dict[str, t.Any] = {
    "predelegation": {"type": "bool", "default": False},
    "resolver": {"type": "str"},
    "only": {"type": "list", "elements": "str", "default": []},
    "checks": {"type": "list", "elements": "str", "default": []},
    "severity": {"type": "dict", "default": {}},
    "fail_on": {"type": "str", "choices": list(SEVERITIES), "default": "error"},
    "expect_serial": {"type": "dict", "default": {}},
    "wait": {"type": "str", "default": "0"},
    "deadline": {"type": "str"},
    "signatures_expire_within": {"type": "str"},
    "serial_policy": {"type": "str", "choices": ["date", "increment", "unixtime"]},
    "limits": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            name: {"type": "float", "default": default}
            if name == _SECONDS
            else {"type": "str", "default": format_duration(int(default))}
            for name, default in _DEFAULTS.items()
        },
    },
}
# Filled in by the action plugin, which does the waiting: of how many zones those in ``only`` are, 0 in a look at all of
# them; and in a last look, once the waiting is over, after how many seconds that is.
LOOK_ARGUMENT: dict[str, t.Any] = {"_look": {"type": "int"}, "_waited": {"type": "int"}}
# A process of its own takes longer to start than few zones take, and memory of its own.
_ZONES_PER_PROCESS = 250
_MOST_PROCESSES = 8


def verify_settings(params: t.Mapping[str, t.Any], zones: t.Sequence[Zone]) -> Settings:
    """Return the settings that the options ask for.

    :raises DescriptionError: for an option that cannot be used.
    """
    problems: list[Problem] = []
    if not zones:
        problems.append(Problem(where="zones", rule="no zone is described, and verifying nothing proves nothing"))
    wait = _duration(params, "wait", problems)
    deadline = None if params["deadline"] is None else _duration(params, "deadline", problems)
    if deadline == 0:
        problems.append(Problem(where="deadline", value=params["deadline"], rule="must be at least 1 second"))
    within = params["signatures_expire_within"]
    if within is not None:
        within = _duration(params, "signatures_expire_within", problems)
    severity = _severities(params["severity"], problems)
    limits = _limits(params["limits"] or {}, problems)
    described = {zone.name for zone in zones}
    only = [_described_name("only", text, described, problems) for text in params["only"]]
    serials = _serials(params["expect_serial"], described, problems)
    if params["resolver"] and (params["predelegation"] or params["parent_servers"]):
        rule = "asks one resolver and nobody else, so it goes with neither predelegation nor parent_servers"
        problems.append(Problem(where="resolver", value=params["resolver"], rule=rule))
    if problems:
        raise DescriptionError(problems)
    settings = query_settings(params, zones)
    wanted = len(only) or len(zones)
    return replace(
        settings,
        only=frozenset(name for name in only if name is not None),
        selection=Selection.parse(params["checks"]),
        severity=severity,
        fail_on=params["fail_on"],
        expect_serial=serials,
        wait=wait,
        deadline=deadline,
        processes=max(1, min(processors(), wanted // _ZONES_PER_PROCESS, settings.concurrency, _MOST_PROCESSES)),
        signatures_expire_within=within,
        limits=limits,
        last_serial_date=_last_date() if params["serial_policy"] == "date" else None,
    )


def _duration(params: t.Mapping[str, t.Any], option: str, problems: list[Problem]) -> int:
    try:
        return parse_duration(params[option])
    except ValueError as exc:
        problems.append(Problem(where=option, value=params[option], rule=str(exc)))
        return 0


def _last_date() -> date:
    """Return the day that it is in the time zone furthest ahead: a primary there names it already."""
    return (datetime.now(timezone.utc) + _FURTHEST_AHEAD).date()


def _limits(given: t.Mapping[str, t.Any], problems: list[Problem]) -> Limits:
    found = dict(_DEFAULTS)
    for name, value in given.items():
        try:
            found[name] = value if name == _SECONDS else parse_duration(value)
        except ValueError as exc:
            problems.append(Problem(where=f"limits.{name}", value=value, rule=str(exc)))
    if found[_SECONDS] <= 0:
        problems.append(Problem(where=f"limits.{_SECONDS}", value=found[_SECONDS], rule="must be above 0"))
    for name, least in found.items():
        most = name.replace("_min", "_max")
        if name.endswith("_min") and most in found and least > found[most]:
            problems.append(Problem(where=f"limits.{name}", value=given.get(name), rule=f"must not be above {most}"))
    return Limits(**found)


def _severities(given: t.Mapping[str, t.Any], problems: list[Problem]) -> dict[str, Severity]:
    for code, severity in given.items():
        if code not in CATALOGUE:
            problems.append(Problem(where="severity", value=code, rule="not a code of the catalogue"))
        if severity not in SEVERITIES:
            rule = f"must be one of {', '.join(SEVERITIES)}"
            problems.append(Problem(where=f"severity of {code}", value=severity, rule=rule))
        elif code in ALWAYS and severity != "critical":
            rule = "stays critical, since otherwise a zone would pass of which nothing could be seen"
            problems.append(Problem(where=f"severity of {code}", value=severity, rule=rule))
    return dict(given)


def _described_name(
    option: str, text: object, described: t.Collection[dns.name.Name], problems: list[Problem]
) -> dns.name.Name | None:
    try:
        name = parse_zone_name(text)
    except ValueError as exc:
        problems.append(Problem(where=option, value=text, rule=str(exc)))
        return None
    if name not in described:
        problems.append(Problem(where=option, value=text, rule="not one of the described zones"))
    return name


def _serials(
    given: t.Mapping[str, t.Any], described: t.Collection[dns.name.Name], problems: list[Problem]
) -> dict[dns.name.Name, int]:
    serials = {}
    for text, serial in given.items():
        name = _described_name("expect_serial", text, described, problems)
        if name is None:
            continue
        digits = "" if isinstance(serial, bool) else str(serial)
        serials[name] = int(digits) if digits.isascii() and digits.isdigit() else -1
        if not 0 <= serials[name] < 2**32:
            rule = "a serial is a whole number from 0 to 4294967295"
            problems.append(Problem(where=f"expect_serial of {text}", value=serial, rule=rule))
    return serials
