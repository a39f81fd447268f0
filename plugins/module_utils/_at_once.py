# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Coroutines that run at once, where most have nothing to wait for: what the first zone learned serves all others."""

from __future__ import annotations

import asyncio
import typing as t

__all__ = ("at_once",)

_T = t.TypeVar("_T")


async def at_once(*coroutines: t.Coroutine[t.Any, t.Any, _T]) -> list[_T]:
    """Return what each of the coroutines returns, as ``asyncio.gather`` does; one that never waits takes no task.

    Until it waits for the first time, each runs in the task of the caller, one after the other.
    """
    results: list[t.Any] = [None] * len(coroutines)
    waiting: dict[int, asyncio.Future[_T]] = {}
    for index, coroutine in enumerate(coroutines):
        try:
            awaited = _step(coroutine)
        except StopIteration as end:
            results[index] = end.value
        except BaseException:
            for other in coroutines[index + 1 :]:
                other.close()
            for task in waiting.values():
                task.cancel()
            raise
        else:
            waiting[index] = asyncio.ensure_future(_continued(coroutine, awaited))
    if waiting:
        for index, result in zip(waiting, await asyncio.gather(*waiting.values())):
            results[index] = result
    return results


async def _continued(coroutine: t.Coroutine[t.Any, t.Any, _T], awaited: asyncio.Future[t.Any] | None) -> _T:
    """Run a coroutine to its end that waits for ``awaited``, or for its next turn if that is None."""
    while True:
        cancelled: BaseException | None = None
        try:
            await (asyncio.sleep(0) if awaited is None else asyncio.wait((awaited,)))
        except asyncio.CancelledError as exc:
            cancelled = exc
        try:
            awaited = _step(coroutine, cancelled)
        except StopIteration as end:
            return t.cast("_T", end.value)


def _step(
    coroutine: t.Coroutine[t.Any, t.Any, t.Any], error: BaseException | None = None
) -> asyncio.Future[t.Any] | None:
    """Let a coroutine go on until it waits; return what for.

    :raises StopIteration: with what it returns, at its end.
    """
    awaited: asyncio.Future[t.Any] | None = coroutine.send(None) if error is None else coroutine.throw(error)
    if awaited is not None:
        # As a task does; whoever awaits the same future next would otherwise raise.
        awaited._asyncio_future_blocking = False
    return awaited
