# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to one address, what came back, and who may ask when."""

from __future__ import annotations

import asyncio
import functools
import typing as t
from collections import deque
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import PlainMessage

with deps.declare("dnspython"):
    import dns.edns
    import dns.flags
    import dns.message
    import dns.name
    import dns.rdataclass
    import dns.rdatatype
    import dns.tsig

__all__ = (
    "PLAIN",
    "Answer",
    "Asked",
    "Dispatcher",
    "Failure",
    "Protocol",
    "Query",
    "Receiver",
    "Reply",
    "Transport",
    "Variation",
)

Protocol = t.Literal["udp", "tcp"]
# "no_route" is about this host, not about the server: it cannot send to addresses of that family.
# "other_source": an answer came from another address than the one asked, which every resolver ignores.
Failure = t.Literal[
    "timeout",
    "refused",
    "unreachable",
    "malformed",
    "truncated",
    "closed",
    "no_route",
    "key_rejected",
    "other_source",
]
Answer = t.Union["dns.message.Message", PlainMessage]


@dataclass(frozen=True)
class Variation:
    """How a question differs from what resolvers ask servers, to see how they take it; EDNS needs a payload size.

    :arg chaos: ask in class CH.
    :arg edns_flags: the flags of the OPT record, DO included.
    :arg edns_option: the code of an option without data.
    :arg keep_truncated: take a truncated answer as it is instead of asking again by TCP.
    """

    recursion: bool = False
    chaos: bool = False
    edns_version: int = 0
    edns_flags: int = 0
    edns_option: int | None = None
    keep_truncated: bool = False


PLAIN = Variation()


class Query(t.NamedTuple):
    """One question to one address.

    :arg payload: the EDNS payload size to offer, or None to ask without EDNS.
    :arg dnssec: whether to ask for signatures and proofs too (the DO bit, which needs EDNS).
    :arg key: what signs the question and has to sign the answer, if anything.
    :arg unread: leave a plain answer unread until somebody looks into it.
    """

    address: str
    port: int
    name: dns.name.Name
    rdtype: int
    protocol: Protocol = "udp"
    payload: int | None = None
    dnssec: bool = False
    key: dns.tsig.Key | None = None
    variation: Variation = PLAIN
    unread: bool = False

    def message(self) -> dns.message.Message:
        """Return the message to send, with an ID of its own."""
        variation = self.variation
        message = dns.message.make_query(
            self.name,
            t.cast("dns.rdatatype.RdataType", self.rdtype),
            dns.rdataclass.CH if variation.chaos else dns.rdataclass.IN,
        )
        if not variation.recursion:
            message.flags &= ~dns.flags.RD
        if self.payload is not None:
            flags = variation.edns_flags | (dns.flags.DO if self.dnssec else 0)
            option = variation.edns_option
            options = [] if option is None else [dns.edns.GenericOption(t.cast("dns.edns.OptionType", option), b"")]
            message.use_edns(
                variation.edns_version,
                flags,
                payload=self.payload,
                options=t.cast("list[dns.edns.Option]", options),
            )
        if self.key is not None:
            message.use_tsig(self.key)
        return message


class Reply(t.NamedTuple):
    """What a question brought.

    :arg message: the answer, one RR in each RRset (dnspython would keep only the last of two SOAs); None on failure.
    :arg detail: the cause of the failure in words.
    :arg seconds: from the question to the answer; None where the last try brought none.
    :arg protocol: what the answer came by; tcp where a UDP answer was truncated.
    """

    query: Query
    message: Answer | None = None
    failure: Failure | None = None
    detail: str = ""
    seconds: float | None = None
    protocol: Protocol = "udp"


# Gets the reply, or what went wrong in this program.
Receiver = t.Callable[[t.Union[Reply, BaseException]], None]


class Asked(t.Protocol):
    """A question under way."""

    def cancel(self) -> object:
        """Give it up: nobody wants the reply."""


class Transport:
    """Anything that answers questions; whatever a server does is a reply."""

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Ask, and return without waiting; ``receiver`` is called later, and never before this has returned."""
        raise NotImplementedError

    async def ask(self, query: Query) -> Reply:
        """Return what came back for ``query``."""
        return (await self.ask_all((query,)))[0]

    async def ask_all(self, queries: t.Sequence[Query]) -> list[Reply]:
        """Return what came back for each of ``queries``, which are asked at once: one wait for all of them."""
        if not queries:
            return []
        batch = _Batch(len(queries))
        asked = [self.begin(query, functools.partial(batch.receive, index)) for index, query in enumerate(queries)]
        try:
            return await batch.replies
        except BaseException:
            for each in asked:
                each.cancel()
            raise


class _Batch:
    """The replies to several questions.

    :arg replies: those of all, once the last is there.
    """

    __slots__ = ("_found", "_missing", "replies")

    def __init__(self, count: int) -> None:
        self._found: list[t.Any] = [None] * count
        self._missing = count
        self.replies: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()

    def receive(self, index: int, reply: Reply | BaseException) -> None:
        """Take the reply to one of them."""
        if self.replies.done():
            return
        if isinstance(reply, BaseException):
            self.replies.set_exception(reply)
            return
        self._found[index] = reply
        self._missing -= 1
        if not self._missing:
            self.replies.set_result(self._found)


class Dispatcher(Transport):
    """Limits how many questions are under way, and remembers which addresses are dead.

    An address is dead for a protocol when it refuses, or when it was silent for two types and never answered: a silent
    server so costs one timeout however many checks and zones need it, and one that drops a single type does not count.
    Make one for each round of questions, inside the event loop.
    """

    def __init__(self, transport: Transport, *, concurrency: int) -> None:
        self._transport = transport
        self._slots = concurrency
        self._queue: deque[_Turn] = deque()
        self._known: dict[tuple[str, int, Protocol], _Known] = {}

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Ask as soon as others leave room; for a dead address its known failure comes without asking."""
        address = query.address, query.port, query.protocol
        known = self._known.get(address)
        if known is None:
            known = self._known[address] = _Known()
        turn = _Turn(self, query, receiver, known)
        if known.dead is not None:
            asyncio.get_running_loop().call_soon(turn.hand_on, known.dead._replace(query=query))
        elif not self._slots:
            self._queue.append(turn)
        else:
            self._slots -= 1
            self._ask(turn)
        return turn

    def _ask(self, turn: _Turn) -> None:
        if not turn.known.answered:
            turn.known.doubtful.add(turn)
        turn.asked = self._transport.begin(turn.query, turn.receive)

    def free_slot(self) -> None:
        """Let the first go on that waits and whose address is not dead."""
        while self._queue:
            turn = self._queue.popleft()
            if turn.receiver is None:
                continue
            dead = turn.known.dead
            if dead is None:
                self._ask(turn)
                return
            turn.hand_on(dead._replace(query=turn.query))
        self._slots += 1

    def learn(self, turn: _Turn, reply: Reply) -> None:
        """Remember what ``reply`` tells of the address; to a dead one nothing that is under way is waited for."""
        known = turn.known
        known.doubtful.discard(turn)
        if reply.failure is None or reply.failure in ("malformed", "truncated", "key_rejected"):
            known.answered, known.dead = True, None
            known.doubtful.clear()
            return
        if reply.failure in ("refused", "no_route"):
            known.dead = reply
            return
        known.silent.add(reply.query.rdtype)
        if not known.answered and len(known.silent) > 1:
            known.dead = reply
            doubtful, known.doubtful = known.doubtful, set()
            for other in doubtful:
                other.end(reply._replace(query=other.query))


class _Known:
    """What is known of an address and a protocol.

    :arg dead: the reply that showed it to be, if it is.
    :arg silent: the types that it was silent to.
    :arg doubtful: what is under way as long as it has not answered.
    """

    __slots__ = ("answered", "dead", "doubtful", "silent")

    def __init__(self) -> None:
        self.answered = False
        self.dead: Reply | None = None
        self.silent: set[int] = set()
        self.doubtful: set[_Turn] = set()


class _Turn:
    """A question that waits for a slot, or has one.

    :arg known: of what it asks.
    :arg asked: the question under way, if it has one.
    :arg receiver: None once it is over.
    """

    __slots__ = ("_dispatcher", "asked", "known", "query", "receiver")

    def __init__(self, dispatcher: Dispatcher, query: Query, receiver: Receiver, known: _Known) -> None:
        self._dispatcher = dispatcher
        self.query = query
        self.known = known
        self.receiver: Receiver | None = receiver
        self.asked: Asked | None = None

    def receive(self, reply: Reply | BaseException) -> None:
        """Take what came back, and leave the slot to others."""
        if self.receiver is None:
            return
        if isinstance(reply, Reply):
            self._dispatcher.learn(self, reply)
        self.hand_on(reply)
        self._dispatcher.free_slot()

    def hand_on(self, reply: Reply | BaseException) -> None:
        """Hand on what came back, to whoever still wants it."""
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver(reply)

    def end(self, reply: Reply) -> None:
        """Take ``reply`` in place of what is under way, and leave the slot to others."""
        if self.receiver is not None and self.asked is not None:
            self.asked.cancel()
            self.hand_on(reply)
            self._dispatcher.free_slot()

    def cancel(self) -> None:
        """Give it up, and leave the slot to others if it has one."""
        if self.receiver is None:
            return
        self.receiver = None
        if self.asked is not None:
            self.asked.cancel()
            self._dispatcher.free_slot()
