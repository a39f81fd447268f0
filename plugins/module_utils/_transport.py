# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to one address, and what came back: the only place where packets leave the host."""

from __future__ import annotations

import asyncio
import errno
import functools
import ipaddress
import operator
import os
import secrets
import socket
import struct
import time
import typing as t
from collections import deque
from dataclasses import dataclass, field, fields, replace

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import PlainMessage, name_wire, read_plain
from ansible_collections.zonecut.dns.plugins.module_utils._sockets import (
    LARGEST_DATAGRAM,
    IdleLines,
    TcpConnections,
    TcpLine,
    UdpLine,
)
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import lacks_signature, read_answer, rejection

with deps.declare("dnspython"):
    import dns.edns
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.opcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.tsig

__all__ = ("Dispatcher", "Failure", "NetworkTransport", "Protocol", "Query", "Reply", "Transport", "Variation")

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

_NO_ROUTE = (errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
_HEADER = struct.Struct("!HHHHHH")
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}

_Line = tuple[str, int, Protocol]
_Answer = t.Union["dns.message.Message", PlainMessage]


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


_PLAIN = Variation()


@dataclass(frozen=True)
class Query:
    """One question to one address.

    :arg payload: the EDNS payload size to offer, or None to ask without EDNS.
    :arg dnssec: whether to ask for signatures and proofs too (the DO bit, which needs EDNS).
    :arg key: what signs the question and has to sign the answer, if anything.
    """

    address: str
    port: int
    name: dns.name.Name
    rdtype: int
    protocol: Protocol = "udp"
    payload: int | None = None
    dnssec: bool = False
    # Keys of dnspython cannot be hashed.
    key: dns.tsig.Key | None = field(default=None, hash=False)
    variation: Variation = _PLAIN

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


# What a message depends on besides its ID and the name, as all fields of a question do but these.
_SHAPE = tuple(field.name for field in fields(Query) if field.name not in ("address", "port", "name", "protocol"))
_shape_of: t.Callable[[Query], tuple[t.Any, ...]] = operator.attrgetter(*_SHAPE)


@functools.lru_cache(maxsize=256)
def _around_name(shape: tuple[t.Any, ...]) -> tuple[bytes, bytes]:
    """Return the octets that dnspython writes between the ID and the name of such a question, and behind the name."""
    query = Query(address="", port=0, name=dns.name.root, **dict(zip(_SHAPE, shape)))
    wire = query.message().to_wire()
    return wire[2:12], wire[13:]


@dataclass(frozen=True)
class Reply:
    """What a question brought.

    :arg message: the answer, one RR in each RRset (dnspython would keep only the last of two SOAs); None on failure.
    :arg detail: the cause of the failure in words.
    :arg seconds: from the question to the answer; None where the last try brought none.
    :arg protocol: what the answer came by; tcp where a UDP answer was truncated.
    """

    query: Query
    message: _Answer | None = None
    failure: Failure | None = None
    detail: str = ""
    seconds: float | None = None
    protocol: Protocol = "udp"


class Transport(t.Protocol):
    """Anything that answers questions; it never raises for what a server does."""

    async def ask(self, query: Query) -> Reply:
        """Return what came back for ``query``."""


class Dispatcher:
    """Limits how many questions are under way, and remembers which addresses are dead.

    An address is dead for a protocol when it refuses, or when it was silent for two types and never answered: a silent
    server so costs one timeout however many checks and zones need it, and one that drops a single type does not count.
    Make one for each round of questions, inside the event loop.
    """

    def __init__(self, transport: Transport, *, concurrency: int) -> None:
        self._transport = transport
        self._slots = concurrency
        self._queue: deque[asyncio.Future[None]] = deque()
        self._answered: set[_Line] = set()
        self._silent: dict[_Line, set[int]] = {}
        self._dead: dict[_Line, Reply] = {}

    async def ask(self, query: Query) -> Reply:
        """Return what came back for ``query``, or the known failure of a dead address without asking."""
        line = (query.address, query.port, query.protocol)
        if self._slots:
            self._slots -= 1
        else:
            await self._queued()
        try:
            known = self._dead.get(line)
            if known is not None:
                return replace(known, query=query)
            reply = await self._transport.ask(query)
        finally:
            self._free_slot()
        self._learn(line, reply)
        return reply

    async def _queued(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free_slot()
            raise

    def _free_slot(self) -> None:
        """Hand the slot to the first that waits."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._slots += 1

    def _learn(self, line: _Line, reply: Reply) -> None:
        if reply.failure is None or reply.failure in ("malformed", "truncated", "key_rejected"):
            self._answered.add(line)
            self._dead.pop(line, None)
            return
        if reply.failure in ("refused", "no_route"):
            self._dead[line] = reply
            return
        silent = self._silent.setdefault(line, set())
        silent.add(reply.query.rdtype)
        if line not in self._answered and len(silent) > 1:
            self._dead[line] = reply


class NetworkTransport:
    """Asks over the network, from connected sockets that have one question at a time; see ``_sockets``.

    :arg timeout: seconds to wait for each try.
    :arg retries: further tries after a silent one.
    :arg source_addresses: at most one of each family; the system chooses where none is given.
    :arg rate: how many questions one address may be asked in a second; None for as many as come.
    """

    def __init__(
        self,
        *,
        timeout: float,
        retries: int,
        source_addresses: t.Sequence[str] = (),
        rate: float | None = None,
    ) -> None:
        self._timeout = timeout
        self._retries = retries
        self._sources = {ipaddress.ip_address(address).version: address for address in source_addresses}
        self._pace = None if rate is None else Pace(rate)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, query: Query) -> Reply:
        """Return what came back for ``query``."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # Sockets belong to one event loop, and so do what waits for a turn.
            self._loop = loop
            self._udp = IdleLines()
            self._tcp: dict[tuple[str, int], TcpConnections] = {}
            self._expiry = _Expiry(self._timeout)
        reply = await self._ask_once(query)
        for _retry in range(self._retries):
            if reply.failure not in ("timeout", "malformed", "closed"):
                break
            # A silent server may be one that answers from another address, which a connected socket does not show.
            reply = await self._ask_once(query, any_source=reply.failure == "timeout")
        return reply

    async def _ask_once(self, query: Query, *, any_source: bool = False) -> Reply:
        if self._pace is not None:
            await self._pace.turn(query.address)
        request = _Request(query)
        try:
            if query.protocol == "udp":
                message = await self._over_udp(query, request, any_source=any_source)
            else:
                message = await self._over_tcp(query, request)
        except _Failed as exc:
            return Reply(query=query, failure=exc.failure, detail=exc.detail, protocol=query.protocol)
        except OSError as exc:
            return Reply(query=query, failure=_failure_of(exc), detail=_reason(exc), protocol=query.protocol)
        if message is None:
            reply = await self.ask(replace(query, protocol="tcp"))
            if reply.failure is None:
                return replace(reply, query=query)
            detail = f"the answer by UDP was truncated, and by TCP: {reply.detail}"
            return Reply(query=query, failure="truncated", detail=detail, protocol="tcp")
        return Reply(query=query, message=message, seconds=time.monotonic() - request.sent, protocol=query.protocol)

    async def _over_udp(self, query: Query, request: _Request, *, any_source: bool) -> _Answer | None:
        """Return the answer, or None for a truncated one."""
        if any_source:
            return await self._from_any_source(query, request)
        server = (query.address, query.port)
        wait = _Wait(request, patient=True)
        line = self._udp.take(server)
        if line is not None:
            try:
                line.ask(request.wire, wait.receive)
            except OSError:
                # It may be an earlier question that was refused; a new socket tells.
                line.close()
                line = None
        if line is None:
            line = UdpLine(self._udp_socket(query))
            try:
                line.ask(request.wire, wait.receive)
            except OSError:
                line.close()
                raise
        self._expiry.add(wait)
        try:
            message = await wait.outcome
        except BaseException:
            line.close()
            raise
        finally:
            self._expiry.discard(wait)
        if wait.rejected:
            line.close()
        else:
            self._udp.keep(server, line)
        return message

    async def _from_any_source(self, query: Query, request: _Request) -> _Answer | None:
        """Ask from a socket that lets everybody in, to learn of an answer that no resolver would see."""
        loop = asyncio.get_running_loop()
        version, target = _target(query)
        wait = _Wait(request, patient=True)
        sources: list[tuple[t.Any, ...]] = []

        def readable() -> None:
            try:
                wire, source = sock.recvfrom(LARGEST_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as exc:
                wait.receive(b"", exc)
                return
            wait.receive(wire, None)
            if wait.outcome.done():
                sources.append(source)

        with socket.socket(_FAMILY[version], socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            if version in self._sources:
                sock.bind((self._sources[version], 0))
            sock.sendto(request.wire, target)
            loop.add_reader(sock.fileno(), readable)
            self._expiry.add(wait)
            try:
                message = await wait.outcome
            finally:
                self._expiry.discard(wait)
                loop.remove_reader(sock.fileno())
        if not _is_from(sources[0], target):
            raise _Failed("other_source", f"the answer comes from {sources[0][0]} port {sources[0][1]}")
        return message

    def _udp_socket(self, query: Query) -> socket.socket:
        version, target = _target(query)
        sock = socket.socket(_FAMILY[version], socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            if version in self._sources:
                sock.bind((self._sources[version], 0))
            sock.connect(target)
        except OSError as exc:
            sock.close()
            # Connecting a UDP socket sends nothing: this is the routing table of this host speaking.
            failure: Failure = "no_route" if exc.errno in _NO_ROUTE else _failure_of(exc)
            raise _Failed(failure, _reason(exc)) from exc
        return sock

    async def _over_tcp(self, query: Query, request: _Request) -> _Answer | None:
        connections = self._tcp.setdefault((query.address, query.port), TcpConnections())
        line = await connections.turn()
        try:
            message, line = await self._over_connection(query, request, line)
        except BaseException:
            connections.pass_on(None)
            raise
        connections.pass_on(line)
        return message

    async def _over_connection(
        self, query: Query, request: _Request, line: TcpLine | None
    ) -> tuple[_Answer | None, TcpLine]:
        """Return the answer and the connection it came by: ``line``, or a new one."""
        if line is not None:
            try:
                return await self._over_line(line, request, self._timeout), line
            except ConnectionError:
                # Servers close connections when it suits them (RFC 7766 section 6.2.3).
                pass
        request.sent = time.monotonic()
        try:
            sock = await asyncio.wait_for(self._tcp_socket(query), self._timeout)
        except asyncio.TimeoutError as exc:
            raise _Failed("timeout", f"no answer in {self._timeout:g} s") from exc
        line = TcpLine(sock)
        return await self._over_line(line, request, self._timeout - (time.monotonic() - request.sent)), line

    async def _over_line(self, line: TcpLine, request: _Request, timeout: float) -> _Answer | None:
        wait = _Wait(request, patient=False)
        try:
            line.ask(request.wire, wait.receive)
            timer = asyncio.get_running_loop().call_later(timeout, wait.expire, self._timeout)
            try:
                return await wait.outcome
            finally:
                timer.cancel()
        except BaseException:
            line.close()
            raise

    async def _tcp_socket(self, query: Query) -> socket.socket:
        version, target = _target(query)
        sock = socket.socket(_FAMILY[version], socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            if version in self._sources:
                sock.bind((self._sources[version], 0))
            await asyncio.get_running_loop().sock_connect(sock, target)
        except BaseException as exc:
            sock.close()
            if isinstance(exc, OSError) and version == 6 and exc.errno in _NO_ROUTE:
                raise _Failed("no_route", _reason(exc)) from exc
            raise
        return sock


class _Request:
    """One try of a question: the octets to send, and what is an answer to them.

    :arg sent: when it went out.
    """

    def __init__(self, query: Query) -> None:
        self._query = query
        self._message: dns.message.Message | None = None
        if query.key is None and query.variation == _PLAIN:
            self._identifier = secrets.token_bytes(2)
            header, tail = _around_name(_shape_of(query))
            question = name_wire(query.name.labels)
            self._question = question + tail[:4]
            self.wire = b"".join((self._identifier, header, question, tail))
        else:
            self._message = query.message()
            self.wire = self._message.to_wire()
        self.sent = time.monotonic()

    def read(self, wire: bytes, *, truncation: bool) -> _Answer | None:
        """Return the answer in ``wire``, or None for a truncated one if there is ``truncation``.

        :raises ValueError: with the reason why ``wire`` is no answer.
        :raises _Failed: where the server rejects the key.
        """
        if self._message is None:
            plain = read_plain(wire, identifier=self._identifier, question=self._question, asked=self._query.name)
            if plain is not None:
                return plain
            self._message = dns.message.from_wire(self.wire)
        return _accepted(wire, self._query, self._message, truncation=truncation)


class _Wait:
    """The wait for an answer.

    :arg patient: whether what is no answer leaves it going on; ``rejected`` then says why it was none.
    :arg outcome: the answer, or None for a truncated one.
    """

    def __init__(self, request: _Request, *, patient: bool) -> None:
        self._request = request
        self._patient = patient
        self.outcome: asyncio.Future[_Answer | None] = asyncio.get_running_loop().create_future()
        self.rejected = ""

    def receive(self, wire: bytes, error: OSError | None) -> None:
        """Take what came, or the error in its place."""
        if self.outcome.done():
            return
        if error is not None:
            self.outcome.set_exception(error)
            return
        try:
            self.outcome.set_result(self._request.read(wire, truncation=self._patient))
        except _Failed as exc:
            self.outcome.set_exception(exc)
        except ValueError as exc:
            # A forged or stray packet must not end the wait for the true answer (RFC 5452 section 9.1).
            self.rejected = str(exc)
            if not self._patient:
                self.outcome.set_exception(_Failed("malformed", self.rejected))

    def expire(self, seconds: float) -> None:
        """End the wait, if it still goes on after that many seconds."""
        if not self.outcome.done():
            self.outcome.set_exception(
                _Failed("malformed", self.rejected)
                if self.rejected
                else _Failed("timeout", f"no answer in {seconds:g} s")
            )


class _Expiry:
    """Ends waits that all last equally long, by one timer: with one for each question they cost more than reading.

    :arg seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        # The oldest first, as a dict keeps them.
        self._ends: dict[_Wait, float] = {}
        self._timed = False

    def add(self, wait: _Wait) -> None:
        """Begin to count."""
        self._ends[wait] = self._loop.time() + self._seconds
        if not self._timed:
            self._timed = True
            self._loop.call_later(self._seconds, self._expire)

    def discard(self, wait: _Wait) -> None:
        """Count no longer."""
        del self._ends[wait]

    def _expire(self) -> None:
        now = self._loop.time()
        for wait, end in self._ends.items():
            if end > now:
                self._loop.call_at(end, self._expire)
                return
            wait.expire(self._seconds)
        self._timed = False


class _Failed(Exception):
    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


def _is_from(source: tuple[t.Any, ...], target: tuple[str, int]) -> bool:
    return (ipaddress.ip_address(source[0].partition("%")[0]), source[1]) == (
        ipaddress.ip_address(target[0]),
        target[1],
    )


def _target(query: Query) -> tuple[int, tuple[str, int]]:
    return ipaddress.ip_address(query.address).version, (query.address, query.port)


def _reason(exc: OSError) -> str:
    # asyncio puts a text of its own, with the address in it, in place of the system's.
    return os.strerror(exc.errno) if exc.errno else str(exc)


def _failure_of(exc: OSError) -> Failure:
    if isinstance(exc, ConnectionRefusedError):
        return "refused"
    if isinstance(exc, ConnectionError):
        return "closed"
    return "unreachable"


def _accepted(
    wire: bytes, query: Query, request: dns.message.Message, *, truncation: bool
) -> dns.message.Message | None:
    """Return the answer in ``wire``, or None for a truncated one.

    :raises ValueError: with the reason why ``wire`` is no answer to ``request``.
    :raises _Failed: where the server rejects the key.
    """
    if len(wire) < _HEADER.size:
        raise ValueError(f"{len(wire)} octets are no DNS message")
    identifier, flags = _HEADER.unpack_from(wire)[:2]
    if identifier != request.id:
        raise ValueError("the answer has another ID than the question")
    if not flags & dns.flags.QR:
        raise ValueError("what came is a question, not an answer")
    if dns.opcode.from_flags(flags) != dns.opcode.QUERY:
        raise ValueError("the answer is not one to a query")
    truncated = bool(truncation and flags & dns.flags.TC and not query.variation.keep_truncated)
    try:
        if truncated:
            message = dns.message.from_wire(wire, question_only=True)
        else:
            message = read_answer(wire, request=request, key=query.key, one_rr_per_rrset=True)
    except dns.tsig.PeerError as exc:
        raise _Failed("key_rejected", f"it {rejection(exc, query.key)}") from exc
    # Malformed rdata surfaces as whatever its parser trips over, not only as DNSException.
    except Exception as exc:
        raise ValueError(f"the answer cannot be parsed ({type(exc).__name__}: {exc})") from exc
    if not truncated and lacks_signature(message, query.key):
        raise ValueError("the answer is not signed, so it may be anybody's")
    asked, echoed = request.question[0], message.question[:1]
    # Servers that refuse a message may leave the question out.
    if not echoed and message.rcode() == 0:
        raise ValueError("the answer does not repeat the question")
    if echoed and (echoed[0].name, echoed[0].rdtype, echoed[0].rdclass) != (asked.name, asked.rdtype, asked.rdclass):
        raise ValueError("the answer is to another question")
    return None if truncated else message
