# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many questions are under way, what is remembered of dead addresses, and batches of questions."""

from __future__ import annotations

import asyncio
import typing as t

import dns.message
import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._transport import (
    Asked,
    Dispatcher,
    Protocol,
    Query,
    Receiver,
    Reply,
    Transport,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import OneByOne

NAME = dns.name.from_text("contoso.example")


class _Scripted(OneByOne):
    """Answers with the failure scripted for (address, type), counting the questions under way."""

    def __init__(self, failures: dict[tuple[str, int], t.Any], *, default: t.Any = None) -> None:
        self.failures = failures
        self.default = default
        self.asked: list[tuple[str, int]] = []
        self.under_way = 0
        self.most = 0

    async def ask(self, query: Query) -> Reply:
        self.asked.append((query.address, query.rdtype))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        failure = self.failures.get((query.address, query.rdtype), self.default)
        if failure is None:
            return Reply(query=query, message=dns.message.make_response(query.message()))
        return Reply(query=query, failure=failure, detail="scripted")


def _dispatch(scripted: _Scripted, *batches: list[tuple[str, int, Protocol]], concurrency: int = 10) -> list[Reply]:
    async def ask() -> list[Reply]:
        dispatcher = Dispatcher(scripted, concurrency=concurrency)
        replies: list[Reply] = []
        for batch in batches:
            queries = [Query(address=a, port=53, name=NAME, rdtype=r, protocol=p) for a, r, p in batch]
            replies += await asyncio.gather(*(dispatcher.ask(query) for query in queries))
        return replies

    return asyncio.run(ask())


def test_a_silent_address_costs_one_round() -> None:
    scripted = _Scripted({}, default="timeout")
    replies = _dispatch(scripted, [("a", 1, "udp"), ("a", 2, "udp")], [("a", 6, "udp")] * 50)
    assert {reply.failure for reply in replies} == {"timeout"}
    assert scripted.asked == [("a", 1), ("a", 2)]
    # Each reply is to the question that was put.
    assert replies[-1].query.rdtype == 6


class _GivenUp:
    """What takes a question that was given up out of those that are asked."""

    def __init__(self, asked: dict[int, Receiver | None], rdtype: int) -> None:
        self._asked = asked
        self._rdtype = rdtype

    def cancel(self) -> None:
        """Give it up."""
        self._asked[self._rdtype] = None


class _ByHand(Transport):
    """Keeps questions until a test answers them.

    :ivar asked: by type; None where one was given up.
    """

    def __init__(self) -> None:
        self.asked: dict[int, Receiver | None] = {}

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Keep it."""
        self.asked[query.rdtype] = receiver
        return _GivenUp(self.asked, query.rdtype)

    def fail(self, query: Query) -> None:
        """Let it time out."""
        receiver = self.asked[query.rdtype]
        assert receiver is not None
        receiver(Reply(query=query, failure="timeout", detail="silence"))


def test_what_is_under_way_to_a_silent_address_is_given_up() -> None:
    by_hand = _ByHand()
    dispatcher = Dispatcher(by_hand, concurrency=3)
    queries = [Query(address=address, port=53, name=NAME, rdtype=n) for n, address in enumerate("aaabab")]
    replies: list[Reply | BaseException] = []
    for query in queries:
        dispatcher.begin(query, replies.append)
    assert list(by_hand.asked) == [0, 1, 2]
    by_hand.fail(queries[0])
    by_hand.fail(queries[1])
    # The third was given up, the fifth not even asked, and both slots went to the other address.
    assert sorted(reply.query.rdtype for reply in replies if isinstance(reply, Reply)) == [0, 1, 2, 4]
    assert by_hand.asked[2] is None and list(by_hand.asked) == [0, 1, 2, 3, 5]


def test_those_that_queue_for_a_silent_address_do_not_ask_it_either() -> None:
    scripted = _Scripted({}, default="timeout")
    _dispatch(scripted, [("a", rdtype, "udp") for rdtype in range(1, 101)], concurrency=4)
    assert len(scripted.asked) <= 8
    assert scripted.most == 4


def test_an_address_silent_for_one_type_is_not_dead() -> None:
    scripted = _Scripted({("a", 15): "timeout"})
    batches: list[list[tuple[str, int, Protocol]]] = [[("a", 15, "udp")], [("a", 15, "udp")], [("a", 6, "udp")]]
    assert [reply.failure for reply in _dispatch(scripted, *batches)] == ["timeout", "timeout", None]


def test_an_address_that_answered_once_is_not_dead() -> None:
    scripted = _Scripted({("a", 15): "timeout", ("a", 16): "timeout"})
    _dispatch(scripted, [("a", 6, "udp")], [("a", 15, "udp"), ("a", 16, "udp")], [("a", 15, "udp")])
    assert len(scripted.asked) == 4


@pytest.mark.parametrize("failure", ["refused", "no_route"])
def test_a_refusal_is_enough(failure: str) -> None:
    scripted = _Scripted({}, default=failure)
    _dispatch(scripted, [("a", 1, "udp")], [("a", 2, "udp")], [("b", 1, "udp")])
    assert scripted.asked == [("a", 1), ("b", 1)]


def test_who_answered_may_be_back_after_a_refusal() -> None:
    scripted = _Scripted({("a", 15): "refused"})
    batches: list[list[tuple[str, int, Protocol]]] = [[("a", 6, "udp")], [("a", 15, "udp")], [("a", 6, "udp")]]
    assert [reply.failure for reply in _dispatch(scripted, *batches)] == [None, "refused", None]


def test_dead_is_dead_for_one_protocol() -> None:
    scripted = _Scripted({}, default="refused")
    _dispatch(scripted, [("a", 1, "udp")], [("a", 1, "tcp")])
    assert len(scripted.asked) == 2


def test_who_gave_up_waiting_takes_no_slot_along() -> None:
    scripted = _Scripted({})

    async def ask() -> int:
        dispatcher = Dispatcher(scripted, concurrency=1)
        query = Query(address="a", port=53, name=NAME, rdtype=6)
        tasks = [asyncio.ensure_future(dispatcher.ask(query)) for _number in range(3)]
        await asyncio.sleep(0)
        for task in tasks[:2]:
            task.cancel()
        await asyncio.wait(tasks)
        await dispatcher.ask(query)
        return sum(not task.cancelled() for task in tasks)

    assert asyncio.run(asyncio.wait_for(ask(), 60)) == 1


def test_another_port_of_a_dead_address_is_another_server() -> None:
    scripted = _Scripted({}, default="refused")

    async def ask() -> list[Reply]:
        dispatcher = Dispatcher(scripted, concurrency=1)
        return [await dispatcher.ask(Query(address="a", port=port, name=NAME, rdtype=6)) for port in (53, 53, 54)]

    assert [reply.query.port for reply in asyncio.run(ask())] == [53, 53, 54]
    assert len(scripted.asked) == 2
