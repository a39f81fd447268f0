# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions over the network: the only place where packets leave the host.

All of it is calls by the event loop: a task and a future for each question took longer than the question.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import struct
import time
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import QueryError
from ansible_collections.zonecut.dns.plugins.module_utils._means import Failed, Means, is_ipv6
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import name_wire, read_plain
from ansible_collections.zonecut.dns.plugins.module_utils._sockets import (
    OpenLine,
    RandomOctets,
    Server,
    TcpLine,
    UdpLine,
)
from ansible_collections.zonecut.dns.plugins.module_utils._transport import (
    PLAIN,
    Answer,
    Asked,
    Failure,
    Query,
    Receiver,
    Reply,
    Transport,
    Volley,
    VolleyReceiver,
    around_name,
)
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import lacks_signature, read_answer, rejection
from ansible_collections.zonecut.dns.plugins.module_utils._volleys import begin_volley

with deps.declare("dnspython"):
    import dns.flags
    import dns.message
    import dns.name
    import dns.opcode
    import dns.rcode
    import dns.tsig

__all__ = ("NetworkTransport",)

_HEADER = struct.Struct("!HHHHHH")
_NO_SOCKET = (errno.EMFILE, errno.ENFILE)
_TRIED_AGAIN = ("timeout", "malformed", "closed")


class NetworkTransport(Transport):
    """Asks over the network, from connected sockets that have one question at a time; see ``_sockets``.

    :arg timeout: seconds to wait for each try.
    :arg retries: further tries after a silent one.
    :arg source_addresses: at most one of each family; the system chooses where none is given.
    :arg rate: how many questions one address may be asked in a second; None for as many as come.
    :arg tls: ask over TLS alone, whoever answers there: name servers have no names that certificates could prove (RFC
        9539 section 4.6.3.4).
    """

    def __init__(
        self,
        *,
        timeout: float,
        retries: int,
        source_addresses: t.Sequence[str] = (),
        rate: float | None = None,
        tls: bool = False,
    ) -> None:
        self._tls = tls
        # Not where each question has a turn or a handshake of its own, nor where it may only be tried once.
        self.takes_volleys = rate is None and not tls and retries > 0
        self._timeout = timeout
        self._retries = retries
        self._sources = {ipaddress.ip_address(address).version: address for address in source_addresses}
        self._pace = None if rate is None else Pace(rate)
        self._means: Means | None = None

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Ask, over all tries that it takes; ``receiver`` gets the reply."""
        means = self._means_now()
        by_udp = query.protocol == "udp" and not self._tls
        exchange = _UdpExchange(means, query, receiver) if by_udp else _TcpExchange(means, query, receiver)
        exchange.begin_try()
        return exchange

    def begin_volley(self, volley: Volley, receiver: VolleyReceiver) -> Asked:
        """Ask all of it at once; ``receiver`` gets what comes in the time of one try."""
        return begin_volley(self._means_now(), volley, receiver)

    def _means_now(self) -> Means:
        """Return what to ask with in the event loop that runs."""
        # Sockets belong to one event loop, and so does what waits for a turn.
        if self._means is None or not self._means.loop.is_running():
            loop = asyncio.get_running_loop()
            self._means = Means(loop, self._timeout, self._retries, self._sources, self._pace, self._tls)
        return self._means


class _Exchange:
    """One question, try after try, until the reply is handed on."""

    def __init__(self, means: Means, query: Query, receiver: Receiver) -> None:
        self._means = means
        self._query = query
        self._server = (query.address, query.port)
        self._receiver: Receiver | None = receiver
        self._tries_left = means.retries - query.tried
        self._silent = False
        self._rejected = ""
        # What will call back: a timer, or the question that takes the place of this one.
        self._later: Asked | None = None

    def begin_try(self) -> None:
        """Ask when it is the address's turn."""
        pace = self._means.pace
        delay = 0.0 if pace is None else pace.turn(self._query.address)
        if delay:
            self._later = self._means.loop.call_later(delay, self._try)
        else:
            self._try()

    def note_silence(self) -> None:
        """Remember that a try brought nothing."""

    def expire(self, seconds: float) -> None:
        """End a try that brought nothing in that many seconds."""
        if self._receiver is None:
            return
        if self._rejected:
            self._fail(Failed("malformed", self._rejected))
        else:
            self._fail(Failed("timeout", f"no answer in {seconds:g} s"))

    def cancel(self) -> None:
        """Give up."""
        self._receiver = None
        if self._later is not None:
            self._later.cancel()
        self._have_done(answered=False)

    def _try(self) -> None:
        self._later = None
        self._rejected = ""
        self._request = _Request(self._query, self._means.random)
        self._send()

    def _send(self) -> None:
        raise NotImplementedError

    def _have_done(self, *, answered: bool) -> None:
        """Leave the socket, which may go on to another question if this one was answered."""
        raise NotImplementedError

    def _fail_soon(self, failed: Failed) -> None:
        """End the try, but not before whoever asks knows the question to be under way."""
        self._later = self._means.loop.call_soon(self._fail, failed)

    def _fail(self, failed: Failed) -> None:
        self._later = None
        self._have_done(answered=False)
        if self._tries_left and failed.failure in _TRIED_AGAIN and self._may_answer():
            self._tries_left -= 1
            self._silent = failed.failure == "timeout"
            self.begin_try()
        else:
            self._hand_on(self._failure(failed.failure, failed.detail))

    def _may_answer(self) -> bool:
        """Whether it makes sense to try again."""
        return True

    def _break_down(self, error: OSError) -> bool:
        """End it all where this host lacks sockets, which says nothing of any server; return whether it does."""
        if error.errno not in _NO_SOCKET:
            return False
        told = QueryError(
            f"this host has no more sockets for questions ({os.strerror(error.errno)}): lower concurrency, or raise the"
            " limit of open files"
        )
        self._later = self._means.loop.call_soon(self._give_up, told)
        return True

    def _give_up(self, told: QueryError) -> None:
        self._have_done(answered=False)
        self._hand_on(told)

    def _failure(self, failure: Failure, detail: str) -> Reply:
        return Reply(query=self._query, failure=failure, detail=detail, protocol=self._query.protocol)

    def _succeed(self, message: Answer) -> None:
        seconds = time.monotonic() - self._request.sent
        self._have_done(answered=True)
        self._hand_on(Reply(self._query, message, None, "", seconds, self._query.protocol))

    def _hand_on(self, reply: Reply | BaseException) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver(reply)


class _UdpExchange(_Exchange):
    """Over UDP, and over TCP where the answer is truncated."""

    _line: UdpLine | OpenLine | None = None

    def _send(self) -> None:
        try:
            # A silent server may be one that answers from another address, which a connected socket does not show.
            if self._silent:
                self._line = self._means.open_line(self._server)
                self._line.ask((self._request.wire,), self._receive)
            elif not self._asked_again():
                self._line = self._means.udp_line(self._server)
                self._line.ask((self._request.wire,), self._receive)
        except Failed as exc:
            self._fail_soon(exc)
        except OSError as exc:
            if not self._break_down(exc):
                self._fail_soon(Failed.of(exc))
        else:
            self._means.expiry.add(self)

    def _asked_again(self) -> bool:
        """Return whether a socket that was kept takes the question."""
        line = self._line = self._means.idle.take(self._server)
        if line is None:
            return False
        try:
            line.ask((self._request.wire,), self._receive)
        except OSError:
            # It may be an earlier question that was refused; a new socket tells.
            line.close()
            return False
        return True

    def _have_done(self, *, answered: bool) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        self._means.expiry.discard(self)
        if answered and not self._rejected and isinstance(line, UdpLine):
            self._means.idle.keep(self._server, line)
        else:
            line.close()

    def _receive(self, wire: bytes, error: OSError | None) -> None:
        if error is not None:
            self._fail(Failed.of(error))
            return
        answer: Answer | None = None
        try:
            answer = self._request.read(wire, truncation=True)
        except _Truncated:
            pass
        except Failed as exc:
            self._fail(exc)
            return
        except ValueError as exc:
            # A forged or stray packet must not end the wait for the true answer (RFC 5452 section 9.1).
            self._rejected = str(exc)
            return
        if isinstance(self._line, OpenLine) and not _is_from(self._line.source, self._server):
            source = self._line.source
            self._fail(Failed("other_source", f"the answer comes from {source[0]} port {source[1]}"))
        elif answer is None:
            self._have_done(answered=True)
            again = _TcpExchange(self._means, self._query._replace(protocol="tcp"), self._receive_by_tcp)
            self._later = again
            again.begin_try()
        else:
            self._succeed(answer)

    def _receive_by_tcp(self, reply: Reply | BaseException) -> None:
        self._later = None
        if not isinstance(reply, Reply):
            self._hand_on(reply)
        elif reply.failure is None:
            self._hand_on(reply._replace(query=self._query))
        else:
            detail = f"the answer by UDP was truncated, and by TCP: {reply.detail}"
            self._hand_on(self._failure("truncated", detail)._replace(protocol="tcp"))


class _TcpExchange(_Exchange):
    """Over TCP."""

    _line: TcpLine | None = None
    _waits = _has_turn = _reused = False

    def _send(self) -> None:
        if self._fails_like_others():
            return
        self._waits = True
        self._means.connections(self._server).turn(self._take_turn)

    def _take_turn(self, line: TcpLine | None) -> None:
        self._waits, self._has_turn, self._reused = False, True, line is not None
        if self._fails_like_others():
            return
        self._request.sent = time.monotonic()
        try:
            self._line = self._means.tcp_line(self._server) if line is None else line
            self._line.ask((self._request.wire,), self._receive)
        except Failed as exc:
            self._fail_soon(exc)
        except OSError as exc:
            if not self._break_down(exc):
                self._later = self._means.loop.call_soon(self._receive, b"", exc)
        else:
            self._means.expiry.add(self)

    def _fails_like_others(self) -> bool:
        """End the try where the server is known to be silent; return whether it is."""
        silence = self._means.tcp_silences.known(self._server)
        if silence is not None:
            self._fail_soon(silence)
        return silence is not None

    def note_silence(self) -> None:
        """Remember that a try brought nothing, for those who wait to ask the same server."""
        self._means.tcp_silences.add(self._server, self._query.rdtype)

    def _may_answer(self) -> bool:
        return self._means.tcp_silences.known(self._server) is None

    def _have_done(self, *, answered: bool) -> None:
        connections = self._means.connections(self._server)
        if self._waits:
            self._waits = False
            connections.leave(self._take_turn)
        if not self._has_turn:
            return
        self._has_turn = False
        self._means.expiry.discard(self)
        line, self._line = self._line, None
        connections.pass_on(line, answered=answered)

    def _receive(self, wire: bytes, error: OSError | None) -> None:
        self._later = None
        if isinstance(error, ConnectionError) and self._reused and self._line is not None:
            # Servers close connections when it suits them (RFC 7766 section 6.2.3).
            self._means.expiry.discard(self)
            self._line.close()
            self._take_turn(None)
            return
        if error is not None:
            self._fail(Failed.of(error, routes=is_ipv6(self._server)))
            return
        try:
            answer = self._request.read(wire, truncation=False)
        except Failed as exc:
            self._fail(exc)
        except ValueError as exc:
            self._fail(Failed("malformed", str(exc)))
        else:
            self._means.tcp_silences.answers(self._server)
            self._succeed(answer)


class _Request:
    """One try of a question: the octets to send, and what is an answer to them.

    :arg sent: when it went out.
    """

    __slots__ = ("_identifier", "_message", "_query", "_question", "sent", "wire")

    def __init__(self, query: Query, octets: RandomOctets) -> None:
        self._query = query
        self._message: dns.message.Message | None = None
        # One that is equal to it without being it is only slower.
        if query.variation is PLAIN and query.key is None:
            self._identifier = octets.take(2)
            before, kind, behind = around_name(query.rdtype, query.payload, query.dnssec)
            self._question = name_wire(query.name.labels) + kind
            self.wire = b"".join((self._identifier, before, self._question, behind))
        else:
            self._message = query.message()
            self.wire = self._message.to_wire()
        self.sent = time.monotonic()

    def read(self, wire: bytes, *, truncation: bool) -> Answer:
        """Return the answer in ``wire``.

        :arg truncation: whether there may be more of it, so that a truncated one is none.
        :raises _Truncated: where it is.
        :raises ValueError: with the reason why ``wire`` is no answer.
        :raises Failed: where the server rejects the key.
        """
        if self._message is None:
            plain = read_plain(wire, identifier=self._identifier, question=self._question, unread=self._query.unread)
            if plain is not None:
                return plain
            self._message = dns.message.from_wire(self.wire)
        return _accepted(wire, self._query, self._message, truncation=truncation)


class _Truncated(Exception):
    pass


def _is_from(source: tuple[t.Any, ...], server: Server) -> bool:
    return (ipaddress.ip_address(source[0].partition("%")[0]), source[1]) == (
        ipaddress.ip_address(server[0]),
        server[1],
    )


def _accepted(wire: bytes, query: Query, request: dns.message.Message, *, truncation: bool) -> dns.message.Message:
    """Return the answer in ``wire``.

    :raises _Truncated: where it is truncated and there is ``truncation``.
    :raises ValueError: with the reason why ``wire`` is no answer to ``request``.
    :raises Failed: where the server rejects the key.
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
        raise Failed("key_rejected", f"it {rejection(exc, query.key)}") from exc
    # Malformed rdata surfaces as whatever its parser trips over, not only as DNSException.
    except Exception as exc:
        raise ValueError(f"the answer cannot be parsed ({type(exc).__name__}: {exc})") from exc
    if not truncated and lacks_signature(message, query.key):
        raise ValueError("the answer is not signed, so it may be anybody's")
    if query.key is not None and not message.had_tsig and message.rcode() == dns.rcode.NOTAUTH:
        # RFC 8945 section 5.2 wants a TSIG record with the cause in it, which some servers leave out.
        name = display_name(query.key.name)
        raise Failed("key_rejected", f"it answers NOTAUTH, as to a key that it does not know, or not for this: {name}")
    asked, echoed = request.question[0], message.question[:1]
    # Servers that refuse a message may leave the question out.
    if not echoed and message.rcode() == 0:
        raise ValueError("the answer does not repeat the question")
    if echoed and (echoed[0].name, echoed[0].rdtype, echoed[0].rdclass) != (asked.name, asked.rdtype, asked.rdclass):
        raise ValueError("the answer is to another question")
    if truncated:
        raise _Truncated
    return message
