# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations: seconds, or ``1w2d3h4m5s`` as in zone files."""

from __future__ import annotations

import re

__all__ = ("MAX_TTL", "format_duration", "parse_duration")

# RFC 2181 section 8: a TTL is an unsigned number of 31 bits.
MAX_TTL = 2**31 - 1

_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII | re.IGNORECASE)


def parse_duration(value: object) -> int:
    """Return the seconds that ``value`` stands for.

    :arg value: a whole number of seconds, as a number or text, or units from weeks to seconds in falling order.
    :raises ValueError: with the rule that ``value`` breaks.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError("a duration is a whole number of seconds, or text such as 1w2d3h4m5s")
    text = str(value).strip()
    if re.fullmatch(r"\d+", text, re.ASCII):
        seconds = int(text)
    else:
        match = _DURATION.fullmatch(text)
        if not text or match is None:
            raise ValueError("a duration is a whole number of seconds, or text such as 1w2d3h4m5s")
        seconds = sum(int(part) * unit for part, unit in zip(match.groups(), _UNITS.values()) if part is not None)
    if seconds > MAX_TTL:
        raise ValueError(f"a duration is at most {MAX_TTL} seconds (RFC 2181 section 8)")
    return seconds


def format_duration(seconds: int) -> str:
    """Return ``seconds`` in the shortest unit form, such as ``1d12h``; ``0s`` for zero."""
    parts = []
    for unit, length in _UNITS.items():
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
