# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to pause between one look and the next while waiting, and when to stop waiting."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError

__all__ = ("Patience", "await_end", "back_off")

_FIRST = 1.0
_LONGEST = 30.0


def back_off() -> t.Iterator[float]:
    """Yield seconds without end: 1, 2, 4 and so on, at most 30."""
    pause = _FIRST
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST)


class Patience:
    """Pauses that become longer, for a limited time all in all; so nothing is waited for forever."""

    def __init__(self, sleep: t.Callable[[float], None], *, seconds: float = 300.0) -> None:
        self._sleep = sleep
        self._limit = seconds
        self._pauses = back_off()
        self.waited = 0.0

    def pause(self, asked: float | None = None) -> bool:
        """Come back after a while, True, or False at once when the time is used up.

        :arg asked: seconds that the other side wants to be left alone, if it told.
        """
        step = next(self._pauses)
        # A time to come back at may be over by the clock of this host, and pauses of nothing would never end.
        seconds = step if asked is None else max(asked, step)
        if self.waited >= self._limit or seconds > self._limit:
            return False
        self._sleep(seconds)
        self.waited += seconds
        return True


def await_end(state: t.Callable[[], str | None], *, sleep: t.Callable[[float], None]) -> None:
    """Come back when a part of a change that a parent has accepted is made.

    :arg state: returns what the parent says of it, None once it is made.
    :raises DelegationError: where it is not made for minutes.
    """
    patience = Patience(sleep)
    said = state()
    while said is not None:
        if not patience.pause():
            raise DelegationError(
                f"a part of the change was accepted, and {said} after {patience.waited:.0f} s: run this again"
                " when it has ended, and the rest is made then"
            )
        said = state()
