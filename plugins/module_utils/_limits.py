# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far the numbers may go that say how servers are asked."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem

__all__ = ("beyond_limits",)

# By option, the least and the greatest value.
_LIMITS = {
    "port": (1, 65535),
    "timeout": (0.01, 600),
    "retries": (0, 20),
    "concurrency": (1, 1000),
    "rate": (0, 1000000),
}


def beyond_limits(options: t.Mapping[str, t.Any], *, where: str = "") -> list[Problem]:
    """Return what is wrong with the options among these that have limits; those not given are fine.

    :arg where: what messages put before the name of the option.
    """
    return [
        Problem(where=f"{where}{option}", value=options[option], rule=f"must be between {least} and {greatest}")
        for option, (least, greatest) in _LIMITS.items()
        if options.get(option) is not None and not least <= options[option] <= greatest
    ]
