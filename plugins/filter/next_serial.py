# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: next_serial
short_description: The serial that follows another one
version_added: 0.1.0
description:
  - Returns the serial that M(zonecut.dns.zone_files) would give a zone whose content changed. It is always newer than
    the one before by RFC 1982, within 32 bits, and a step out of the ordinary is a warning that names its cause.
  - M(zonecut.dns.zone_files) finds serials by itself; the filter is for zone files that something else writes.
author:
  - zonecut.dns contributors (@zonecut)
positional: _input, policy
options:
  _input:
    description: The serial in use, as a number or text. None or an empty text stand for a new zone.
    type: raw
    required: true
  policy:
    description: See O(zonecut.dns.zone_files#module:serial.policy).
    type: str
    choices: [date, increment, unixtime]
    default: date
  on_future:
    description: See O(zonecut.dns.zone_files#module:serial.on_future).
    type: str
    choices: [advance, fail]
    default: advance
  now:
    description:
      - The present time, as seconds since 1970 or in the form of ISO 8601, in UTC unless it says otherwise.
      - By default it is that of the controller.
    type: raw
"""

EXAMPLES = r"""
- name: Shows today's date and 00 for a zone that was last changed on another day
  ansible.builtin.debug:
    msg: "{{ 2026112007 | zonecut.dns.next_serial }}"

- name: Shows 2026112108
  ansible.builtin.debug:
    msg: "{{ 2026112107 | zonecut.dns.next_serial(now='2026-11-21T12:00:00Z') }}"

- name: Shows 1, which is newer than the greatest serial of 32 bits
  ansible.builtin.debug:
    msg: "{{ 4294967295 | zonecut.dns.next_serial('increment') }}"
"""

RETURN = r"""
_value:
  description: The next serial.
  type: int
"""

import typing as t
from datetime import datetime, timezone

from ansible.utils.display import Display

from ansible_collections.zonecut.dns.plugins.module_utils._serial import OnFuture, Policy, SerialsInUse
from ansible_collections.zonecut.dns.plugins.module_utils._serial import next_serial as following
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as, must_be_one_of, serial_number


def next_serial(serial: object, policy: Policy = "date", *, on_future: OnFuture = "advance", now: object = None) -> int:
    """Return the serial that follows another one, and warn of what is out of the ordinary."""
    with failing_as("next_serial"):
        must_be_one_of("policy", policy, t.get_args(Policy))
        must_be_one_of("on_future", on_future, t.get_args(OnFuture))
        in_use = SerialsInUse(file=None if serial in (None, "") else serial_number(serial))
        found = following(policy=policy, in_use=in_use, now=_time(now), on_future=on_future)
    for warning in found.warnings:
        Display().warning(f"zonecut.dns.next_serial: {warning}")
    return found.serial


def _time(value: object) -> datetime:
    if value is None:
        return datetime.now(timezone.utc)
    try:
        if isinstance(value, datetime):
            time = value
        elif str(value).isdigit():
            time = datetime.fromtimestamp(int(str(value)), timezone.utc)
        else:
            # Before 3.11 Python did not know the Z.
            time = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError) as exc:
        rule = "now is seconds since 1970, or ISO 8601 such as 2026-11-21T12:00:00Z"
        raise ValueError(f"{rule}, not {value!r}") from exc
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


class FilterModule:
    """Provides the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"next_serial": next_serial}
