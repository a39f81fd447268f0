# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coroutines that run at once: results in their order, no task for those that never wait, errors and giving up."""

from __future__ import annotations

import asyncio
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._at_once import at_once


async def after(wait: t.Awaitable[t.Any] | None, result: str, log: list[str] | None = None) -> str:
    """Return ``result`` after ``wait``, and log beginning and end."""
    log = [] if log is None else log
    log.append(f"{result} begins")
    if wait is not None:
        try:
            await wait
        except asyncio.CancelledError:
            log.append(f"{result} gives up")
            raise
    log.append(f"{result} ends")
    return result


def test_what_never_waits_takes_no_task() -> None:
    async def run() -> int:
        assert await at_once(after(None, "a"), after(None, "b")) == ["a", "b"]
        assert await at_once() == []
        return len(asyncio.all_tasks())

    assert asyncio.run(run()) == 1


def test_what_waits_goes_on_beside_the_others() -> None:
    log: list[str] = []

    async def run() -> list[str]:
        return await at_once(
            after(asyncio.sleep(0.02), "slow", log), after(asyncio.sleep(0), "soon", log), after(None, "now", log)
        )

    assert asyncio.run(run()) == ["slow", "soon", "now"]
    assert log == ["slow begins", "soon begins", "now begins", "now ends", "soon ends", "slow ends"]


def test_many_wait_for_one_thing() -> None:
    async def run() -> list[str]:
        shared: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.01, shared.set_result, None)
        nested = at_once(after(shared, "c"), after(shared, "d"))
        first, second, (third, fourth) = await asyncio.gather(after(shared, "a"), after(shared, "b"), nested)
        return [first, second, third, fourth, *await at_once(after(shared, "e"))]

    assert asyncio.run(run()) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("wait", [False, True])
def test_an_error_ends_it(wait: bool) -> None:
    async def wrong() -> str:
        if wait:
            await asyncio.sleep(0)
        raise KeyError("wrong")

    async def run() -> None:
        with pytest.raises(KeyError, match="wrong"):
            await at_once(after(asyncio.sleep(0.01), "a"), wrong(), after(None, "b"))

    asyncio.run(run())


def test_giving_up_reaches_all_that_wait() -> None:
    log: list[str] = []

    async def run() -> None:
        waiting = asyncio.ensure_future(at_once(*(after(asyncio.sleep(60), name, log) for name in "ab")))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.01)

    asyncio.run(run())
    assert log == ["a begins", "b begins", "a gives up", "b gives up"]
