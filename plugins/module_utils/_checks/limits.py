# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks take for usual, where the user does not say otherwise."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("Limits",)


@dataclass(frozen=True)
class Limits:
    """Limits in seconds, both ends allowed.

    Refresh and expire are those of RFC 1912 section 2.2, whose lower end of 2 weeks for expire is met by few; a week
    outlasts any holiday. The negative TTL has the upper end of RFC 2308 section 5. NS records are what a change of name
    servers waits for, and what a resolver asks the parent for again and again when they are too short.
    """

    refresh_min: float = 20 * 60
    refresh_max: float = 12 * 3600
    expire_min: float = 7 * 86400
    negative_ttl_min: float = 60
    negative_ttl_max: float = 3 * 3600
    ns_ttl_min: float = 3600
    ns_ttl_max: float = 7 * 86400
    response_time: float = 1.0
