# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to one address, and what came back: the only place where packets leave the host."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
import struct
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
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

_Line = tuple[str, int, Protocol]


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
    """One question to one address, recursion not desired.

    :arg payload: the EDNS payload size to offer, or None to ask without EDNS.
    :arg key: what signs the question and has to sign the answer, if anything.
    """

    address: str
    port: int
    name: dns.name.Name
    rdtype: int
    protocol: Protocol = "udp"
    payload: int | None = None
    key: dns.tsig.Key | None = None
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
            option = variation.edns_option
            options = [] if option is None else [dns.edns.GenericOption(t.cast("dns.edns.OptionType", option), b"")]
            message.use_edns(
                variation.edns_version,
                variation.edns_flags,
                payload=self.payload,
                options=t.cast("list[dns.edns.Option]", options),
            )
        if self.key is not None:
            message.use_tsig(self.key)
        return message


@dataclass(frozen=True)
class Reply:
    """What a question brought.

    :arg message: the answer, one RR in each RRset (dnspython would keep only the last of two SOAs); None on failure.
    :arg detail: the cause of the failure in words.
    :arg seconds: from the question to the answer; None where the last try brought none.
    :arg protocol: what the answer came by; tcp where a UDP answer was truncated.
    """

    query: Query
    message: dns.message.Message | None = None
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
        self._slots = asyncio.Semaphore(concurrency)
        self._answered: set[_Line] = set()
        self._silent: dict[_Line, set[int]] = {}
        self._dead: dict[_Line, Reply] = {}

    async def ask(self, query: Query) -> Reply:
        """Return what came back for ``query``, or the known failure of a dead address without asking."""
        line = (query.address, query.port, query.protocol)
        async with self._slots:
            known = self._dead.get(line)
            if known is not None:
                return replace(known, query=query)
            reply = await self._transport.ask(query)
        self._learn(line, reply)
        return reply

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
    """Asks over the network: one connected socket of its own for each question, so the kernel picks an unpredictable
    port, drops what comes from elsewhere and reports ICMP refusals.

    :arg timeout: seconds to wait for each try.
    :arg retries: further tries after a silent one.
    :arg source_addresses: at most one of each family; the system chooses where none is given.
    """

    def __init__(self, *, timeout: float, retries: int, source_addresses: t.Sequence[str] = ()) -> None:
        self._timeout = timeout
        self._retries = retries
        self._sources = {ipaddress.ip_address(address).version: address for address in source_addresses}

    async def ask(self, query: Query) -> Reply:
        """Return what came back for ``query``."""
        reply = await self._ask_once(query)
        for _retry in range(self._retries):
            if reply.failure not in ("timeout", "malformed", "closed"):
                break
            # A silent server may be one that answers from another address, which a connected socket does not show.
            reply = await self._ask_once(query, any_source=reply.failure == "timeout")
        return reply

    async def _ask_once(self, query: Query, *, any_source: bool = False) -> Reply:
        request = query.message()
        started = time.monotonic()
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
        return Reply(query=query, message=message, seconds=time.monotonic() - started, protocol=query.protocol)

    async def _over_udp(
        self, query: Query, request: dns.message.Message, *, any_source: bool
    ) -> dns.message.Message | None:
        """Return the answer, or None for a truncated one."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[dns.message.Message | None] = loop.create_future()
        version, target = _target(query)
        rejected = ""

        def readable() -> None:
            nonlocal rejected
            try:
                wire, source = sock.recvfrom(65535)
            except BlockingIOError:
                return
            except OSError as exc:
                if not outcome.done():
                    outcome.set_exception(exc)
                return
            if outcome.done():
                return
            try:
                message = _accepted(wire, query, request)
                if not _is_from(source, target):
                    raise _Failed("other_source", f"the answer comes from {source[0]} port {source[1]}")
                outcome.set_result(message)
            except _Failed as exc:
                outcome.set_exception(exc)
            except ValueError as exc:
                # A forged or stray packet must not end the wait for the true answer (RFC 5452 section 9.1).
                rejected = str(exc)

        def expired() -> None:
            if not outcome.done():
                outcome.set_exception(
                    _Failed("malformed", rejected)
                    if rejected
                    else _Failed("timeout", f"no answer in {self._timeout:g} s")
                )

        with socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            if any_source:
                if version in self._sources:
                    sock.bind((self._sources[version], 0))
                sock.sendto(request.to_wire(), target)
            else:
                self._connect_udp(sock, version, target)
                sock.send(request.to_wire())
            loop.add_reader(sock.fileno(), readable)
            timer = loop.call_later(self._timeout, expired)
            try:
                return await outcome
            finally:
                timer.cancel()
                loop.remove_reader(sock.fileno())

    def _connect_udp(self, sock: socket.socket, version: int, target: tuple[str, int]) -> None:
        try:
            if version in self._sources:
                sock.bind((self._sources[version], 0))
            sock.connect(target)
        except OSError as exc:
            # Connecting a UDP socket sends nothing: this is the routing table of this host speaking.
            failure: Failure = "no_route" if exc.errno in _NO_ROUTE else _failure_of(exc)
            raise _Failed(failure, _reason(exc)) from exc

    async def _over_tcp(self, query: Query, request: dns.message.Message) -> dns.message.Message | None:
        try:
            return await asyncio.wait_for(self._tcp_exchange(query, request), self._timeout)
        except asyncio.TimeoutError as exc:
            raise _Failed("timeout", f"no answer in {self._timeout:g} s") from exc
        except asyncio.IncompleteReadError as exc:
            raise _Failed("closed", "the server closed the connection before its answer was complete") from exc
        except ValueError as exc:
            raise _Failed("malformed", str(exc)) from exc

    async def _tcp_exchange(self, query: Query, request: dns.message.Message) -> dns.message.Message | None:
        version, target = _target(query)
        source = (self._sources[version], 0) if version in self._sources else None
        try:
            reader, writer = await asyncio.open_connection(*target, local_addr=source)
        except OSError as exc:
            if version == 6 and exc.errno in _NO_ROUTE:
                raise _Failed("no_route", _reason(exc)) from exc
            raise
        try:
            wire = request.to_wire()
            writer.write(struct.pack("!H", len(wire)) + wire)
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            return _accepted(await reader.readexactly(length), query, request, truncation=False)
        finally:
            writer.close()


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
    wire: bytes, query: Query, request: dns.message.Message, *, truncation: bool = True
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
