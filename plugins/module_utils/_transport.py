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
    "Volley",
    "VolleyReceiver",
    "Volleyed",
    "around_name",
)

_Ask = t.TypeVar("_Ask")
_Answer = t.TypeVar("_Answer")

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
# Of as many questions as a volley may have at most.
_VOLLEYS_AT_ONCE = 4
# How many an address may leave without all answers, besides one out of eight.
_LOST_VOLLEYS = 2


class Query(t.NamedTuple):
    """One question to one address.

    :arg payload: the EDNS payload size to offer, or None to ask without EDNS.
    :arg dnssec: whether to ask for signatures and proofs too (the DO bit, which needs EDNS).
    :arg key: what signs the question and has to sign the answer, if anything.
    :arg unread: leave a plain answer unread until somebody looks into it.
    :arg tried: whether this was asked before, and not answered in time, so that one try less is left.
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
    tried: bool = False

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


# By payload and whether signatures are asked for too, which is all a plain question differs in besides its name.
@functools.lru_cache(maxsize=256)
def around_name(rdtype: int, payload: int | None, dnssec: bool) -> tuple[bytes, bytes, bytes]:
    """Return what dnspython writes between the ID and the name of such a question, its type and class, and the rest."""
    query = Query(address="", port=0, name=dns.name.root, rdtype=rdtype, payload=payload, dnssec=dnssec)
    wire = query.message().to_wire()
    return wire[2:12], wire[13:17], wire[17:]


class Volley(t.NamedTuple):
    """Plain questions to one server that are asked at once from one socket, and not again.

    :arg messages: what each is on the wire, less its ID: the rest of the header, the question, and what is behind it.
    """

    address: str
    port: int
    protocol: Protocol
    messages: t.Sequence[tuple[bytes, bytes, bytes]]


class Volleyed(t.NamedTuple):
    """What came back for a volley.

    :arg answers: for each message, what came with its ID and its question; None for nothing. Empty where all was left
        unasked.
    :arg seconds: until the last of them.
    :arg silent: whether it ended because the time of a try was over.
    """

    answers: t.Sequence[bytes | None]
    seconds: float = 0.0
    silent: bool = False


# Gets the reply, or what went wrong in this program.
Receiver = t.Callable[[t.Union[Reply, BaseException]], None]
VolleyReceiver = t.Callable[[t.Union[Volleyed, BaseException]], None]


class Asked(t.Protocol):
    """A question under way."""

    def cancel(self) -> object:
        """Give it up: nobody wants the reply."""


class Transport:
    """Anything that answers questions; whatever a server does is a reply.

    :cvar takes_volleys: whether several questions may be asked as one.
    """

    takes_volleys = False

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Ask, and return without waiting; ``receiver`` is called later, and never before this has returned."""
        raise NotImplementedError

    async def ask(self, query: Query) -> Reply:
        """Return what came back for ``query``."""
        return (await self.ask_all((query,)))[0]

    async def ask_all(self, queries: t.Sequence[Query]) -> list[Reply]:
        """Return what came back for each of ``queries``, which are asked at once: one wait for all of them."""
        return await _all(self.begin, queries) if queries else []

    def begin_volley(self, volley: Volley, receiver: VolleyReceiver) -> Asked:
        """Ask as ``begin`` does; only for one that takes volleys."""
        raise NotImplementedError

    async def ask_volleys(self, volleys: t.Sequence[Volley]) -> list[Volleyed]:
        """Return what came back for each of ``volleys``, which are asked at once."""
        return await _all(self.begin_volley, volleys) if volleys else []


async def _all(
    begin: t.Callable[[_Ask, t.Callable[[_Answer | BaseException], None]], Asked], asks: t.Sequence[_Ask]
) -> list[_Answer]:
    """Return what came back for each of ``asks``, which begin at once: one wait for all of them."""
    batch: _Batch[_Answer] = _Batch(len(asks))
    asked = [begin(ask, functools.partial(batch.receive, index)) for index, ask in enumerate(asks)]
    try:
        return await batch.replies
    except BaseException:
        for each in asked:
            each.cancel()
        raise


class _Batch(t.Generic[_Answer]):
    """The replies to several questions.

    :arg replies: those of all, once the last is there.
    """

    __slots__ = ("_found", "_missing", "replies")

    def __init__(self, count: int) -> None:
        self._found: list[t.Any] = [None] * count
        self._missing = count
        self.replies: asyncio.Future[list[_Answer]] = asyncio.get_running_loop().create_future()

    def receive(self, index: int, reply: _Answer | BaseException) -> None:
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

    An address is dead for a protocol when it never answered, and refuses or was silent for two types: a silent server
    so costs one timeout however many checks and zones need it, and one that drops a single type does not count.
    Make one for each round of questions, inside the event loop.
    """

    def __init__(self, transport: Transport, *, concurrency: int) -> None:
        self._transport = transport
        self._most = self._slots = concurrency
        self._queue: deque[_Turn[t.Any]] = deque()
        self._known: dict[tuple[str, int, Protocol], _Known] = {}

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Ask as soon as others leave room; for a dead address its known failure comes without asking."""
        address = query.address, query.port, query.protocol
        known = self._known.get(address)
        if known is None:
            known = self._known[address] = _Known()
        turn = _QueryTurn(self, known, query, receiver)
        if known.dead is not None:
            asyncio.get_running_loop().call_soon(turn.hand_on, known.dead._replace(query=query))
        else:
            self._queue.append(turn)
            self._go_on()
        return turn

    @property
    def most_together(self) -> int:
        """How many questions a volley may have: with more, all others would wait until there is room for it."""
        return self._most // _VOLLEYS_AT_ONCE

    def takes_volley(self, address: str, port: int, protocol: Protocol) -> bool:
        """Whether several questions may be asked there as one; alone they have to have been answered."""
        known = self._known.get((address, port, protocol))
        return known is not None and known.takes_volleys and self._transport.takes_volleys

    def begin_volley(self, volley: Volley, receiver: VolleyReceiver) -> Asked:
        """Ask as soon as others leave room for all of it, if ``takes_volley`` still holds then."""
        turn = _VolleyTurn(self, self._known[volley.address, volley.port, volley.protocol], volley, receiver)
        self._queue.append(turn)
        self._go_on()
        return turn

    def free(self, slots: int) -> None:
        """Leave slots to others."""
        self._slots += slots
        self._go_on()

    def _go_on(self) -> None:
        """Let the first go on that wait, as long as there is room for them and their addresses are not dead."""
        while self._queue and (self._queue[0].slots <= self._slots or self._queue[0].receiver is None):
            turn = self._queue.popleft()
            if turn.receiver is None:
                continue
            # Taken before it begins, since to begin may end what asks for more.
            self._slots -= turn.slots
            if not turn.go_on(self._transport):
                self._slots += turn.slots


class _Known:
    """What is known of an address and a protocol.

    :arg dead: the reply that showed it to be, if it is.
    :ivar complete: how many volleys were answered; ``incomplete`` how many were not, or not in full.
    :arg silent: the types that it was silent to.
    :arg doubtful: what is under way as long as it has not answered.
    """

    __slots__ = ("answered", "complete", "dead", "doubtful", "incomplete", "silent")

    def __init__(self) -> None:
        self.answered = False
        self.complete = self.incomplete = 0
        self.dead: Reply | None = None
        self.silent: set[int] = set()
        self.doubtful: set[_QueryTurn] = set()

    def learn(self, reply: Reply) -> None:
        """Remember what ``reply`` tells of the address; to a dead one nothing that is under way is waited for."""
        if reply.failure is None or reply.failure in ("malformed", "truncated", "key_rejected"):
            self.answered, self.dead = True, None
            self.doubtful.clear()
            return
        if reply.failure in ("refused", "no_route"):
            # One that answered may be back at any time, and to be refused costs none.
            if reply.failure == "no_route" or not self.answered:
                self.dead = reply
            return
        self.silent.add(reply.query.rdtype)
        if not self.answered and len(self.silent) > 1:
            self.dead = reply
            doubtful, self.doubtful = self.doubtful, set()
            for other in doubtful:
                other.end(reply._replace(query=other.query))

    @property
    def takes_volleys(self) -> bool:
        """Whether to ask several questions as one is worth it; there are servers and ways to them that lose some."""
        return self.answered and self.dead is None and self.incomplete <= _LOST_VOLLEYS + self.complete // 8


class _Turn(t.Generic[_Answer]):
    """What waits for slots, or has them.

    :arg known: of what it asks.
    :arg slots: how many.
    :arg receiver: None once it is over.
    """

    __slots__ = ("_asked", "_dispatcher", "known", "receiver", "slots")

    def __init__(
        self, dispatcher: Dispatcher, known: _Known, slots: int, receiver: t.Callable[[_Answer | BaseException], None]
    ) -> None:
        self._dispatcher = dispatcher
        self._asked: Asked | None = None
        self.known = known
        self.slots = slots
        self.receiver: t.Callable[[_Answer | BaseException], None] | None = receiver

    def go_on(self, transport: Transport) -> bool:
        """Ask, if that still makes sense; return whether it takes the slots."""
        self._asked = self._ask(transport)
        return self._asked is not None

    def _ask(self, transport: Transport) -> Asked | None:
        """Ask, or hand on why not."""
        raise NotImplementedError

    def receive(self, answer: _Answer | BaseException) -> None:
        """Take what came back, and leave the slots to others."""
        if self.receiver is None:
            return
        if not isinstance(answer, BaseException):
            self._learn(answer)
        self.hand_on(answer)
        self._dispatcher.free(self.slots)

    def _learn(self, answer: _Answer) -> None:
        """Remember what came back for what is known."""
        raise NotImplementedError

    def hand_on(self, answer: _Answer | BaseException) -> None:
        """Hand on what came back, to whoever still wants it."""
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver(answer)

    def end(self, answer: _Answer) -> None:
        """Take ``answer`` in place of what is under way, and leave the slots to others."""
        if self.receiver is not None and self._asked is not None:
            self._asked.cancel()
            self.hand_on(answer)
            self._dispatcher.free(self.slots)

    def cancel(self) -> None:
        """Give it up, and leave the slots to others if it has them."""
        if self.receiver is None:
            return
        self.receiver = None
        if self._asked is not None:
            self._asked.cancel()
            self._dispatcher.free(self.slots)


class _QueryTurn(_Turn[Reply]):
    """A question."""

    __slots__ = ("query",)

    def __init__(self, dispatcher: Dispatcher, known: _Known, query: Query, receiver: Receiver) -> None:
        super().__init__(dispatcher, known, 1, receiver)
        self.query = query

    def _ask(self, transport: Transport) -> Asked | None:
        if self.known.dead is not None:
            self.hand_on(self.known.dead._replace(query=self.query))
            return None
        if not self.known.answered:
            self.known.doubtful.add(self)
        return transport.begin(self.query, self.receive)

    def _learn(self, answer: Reply) -> None:
        self.known.doubtful.discard(self)
        self.known.learn(answer)


class _VolleyTurn(_Turn[Volleyed]):
    """As many questions as it has slots."""

    __slots__ = ("volley",)

    def __init__(self, dispatcher: Dispatcher, known: _Known, volley: Volley, receiver: VolleyReceiver) -> None:
        super().__init__(dispatcher, known, len(volley.messages), receiver)
        self.volley = volley

    def _ask(self, transport: Transport) -> Asked | None:
        if not self.known.takes_volleys:
            asyncio.get_running_loop().call_soon(self.hand_on, Volleyed(()))
            return None
        return transport.begin_volley(self.volley, self.receive)

    def _learn(self, answer: Volleyed) -> None:
        if answer.answers and None not in answer.answers:
            self.known.complete += 1
        else:
            self.known.incomplete += 1
