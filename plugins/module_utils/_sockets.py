# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connected sockets that are kept for further questions to the same server, one question at a time on each."""

from __future__ import annotations

import asyncio
import errno
import os
import selectors
import socket
import ssl
import struct
import typing as t
from collections import deque

__all__ = (
    "IdleLines",
    "Line",
    "OpenLine",
    "RandomOctets",
    "Readers",
    "Server",
    "TcpConnections",
    "TcpLine",
    "TlsLine",
    "UdpLine",
)

# Address and port.
Server = tuple[str, int]
# Gets what came, or the error in its place.
_Receiver = t.Callable[[bytes, t.Optional[OSError]], None]
_Taker = t.Callable[[t.Optional["TcpLine"]], None]

_LARGEST_DATAGRAM = 65535
_LENGTH = struct.Struct("!H")
_QUICK_ACKNOWLEDGEMENT: int | None = getattr(socket, "TCP_QUICKACK", None)
# What systems say of a connection that is still being made.
_NOT_YET = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOTCONN)
# Servers take some hundred connections in all, of which others need some too; NSD takes 100 unless told otherwise. The
# fewer there are, the more often one goes on to the next question, which saves a handshake.
_MOST_CONNECTIONS = 6
# Seconds. Making a connection takes server and client ten times as long as a question over one.
_KEPT_IDLE = 0.1
# How many UDP sockets wait for their next question at once; a run that meets many servers closes the oldest.
_MOST_IDLE = 128
_RANDOM_AT_ONCE = 4096
# RFC 5452 section 9.2 wants questions from ports that nobody can foretell. The kernel gives each socket a random one; a
# socket has only one question at a time, lets in nobody but its server, is drawn at random and soon replaced. So who
# forges an answer has to hit the ID, and among a million others the port and the moment, of a question that nobody
# outside can ask for, whose answer is not kept for anybody else. A socket for each question would hide no more, and
# making it takes longer than the question.
_MOST_QUESTIONS = 32


class Readers:
    """Who reads from which socket: one for the event loop, which takes longer than an answer to call each of them."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        # It can be waited for itself.
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(self._selector, self._call)

    def add(self, sock: socket.socket, reader: t.Callable[[], None]) -> None:
        """Call ``reader`` whenever there is something to read."""
        self._selector.register(sock, selectors.EVENT_READ, reader)

    def remove(self, sock: socket.socket) -> None:
        """Call its reader no longer."""
        self._selector.unregister(sock)

    def _call(self) -> None:
        for key, _events in self._selector.select(0):
            # One that was called before it may have closed it.
            if key.fileobj.fileno() >= 0:  # type: ignore[union-attr]
                key.data()


class Line:
    """A connected socket in the event loop.

    :arg fit: whether it may be kept; what comes while nobody waits is late or forged and ends it.
    """

    def __init__(self, sock: socket.socket, readers: Readers) -> None:
        self._sock = sock
        self._readers = readers
        self._receiver: _Receiver | None = None
        self._awaited = 0
        self.fit = True
        self.questions = 0
        readers.add(sock, self._readable)

    def __del__(self) -> None:
        # Those that are idle when the event loop ends are dropped with it.
        self._sock.close()

    def ask(self, wires: t.Sequence[bytes], receiver: _Receiver) -> None:
        """Send messages, and hand all that comes to ``receiver`` from now on.

        :raises OSError: when one cannot be sent, or something sent before was refused.
        """
        self.questions += len(wires)
        self._awaited = len(wires)
        self._receiver = receiver
        self._send(wires)

    def rest(self) -> bool:
        """Hand what comes to nobody; return whether another question may follow, or else close the socket."""
        self._receiver = None
        if not self.fit or self.questions >= _MOST_QUESTIONS:
            self.close()
        return self.fit

    def close(self) -> None:
        """Close the socket."""
        self.fit = False
        self._receiver = None
        if self._sock.fileno() >= 0:
            self._readers.remove(self._sock)
            self._sock.close()

    def _send(self, wires: t.Sequence[bytes]) -> None:
        for wire in wires:
            self._sock.send(wire)

    def _receive(self) -> bytes:
        return self._sock.recv(_LARGEST_DATAGRAM)

    def _took(self, octets: bytes) -> None:
        self._hand_on(octets)

    def _readable(self) -> None:
        questions = self.questions
        # Answers to what was asked at once come at once, and to wait for each of them takes longer than to fetch it.
        while True:
            try:
                octets = self._receive()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as exc:
                self._hand_on(b"", exc)
                return
            self._took(octets)
            if self._receiver is None or self._awaited < 1 or self.questions != questions:
                return

    def _hand_on(self, message: bytes, error: OSError | None = None) -> None:
        if self._receiver is None:
            self.close()
        else:
            self._awaited -= 1
            self._receiver(message, error)


class UdpLine(Line):
    """A connected UDP socket: the kernel drops what comes from elsewhere, and reports ICMP refusals."""


class OpenLine(Line):
    """A UDP socket that lets everybody in, to learn of an answer that no resolver would see.

    :arg server: whom to send to.
    :arg source: where the last message came from.
    """

    def __init__(self, sock: socket.socket, readers: Readers, server: Server) -> None:
        super().__init__(sock, readers)
        self._server = server
        self.source: tuple[t.Any, ...] = ()

    def _send(self, wires: t.Sequence[bytes]) -> None:
        for wire in wires:
            self._sock.sendto(wire, self._server)

    def _receive(self) -> bytes:
        octets, self.source = self._sock.recvfrom(_LARGEST_DATAGRAM)
        return octets


class TcpLine(Line):
    """A TCP connection, be it that it is still being made; messages are handed on whole and without their length."""

    def __init__(self, sock: socket.socket, readers: Readers) -> None:
        super().__init__(sock, readers)
        self._received = bytearray()
        self._sends_later = False

    def rest(self) -> bool:
        """Hand what comes to nobody; return whether another question may follow, or else close the connection."""
        # More came than was asked for.
        self.fit = self.fit and not self._received
        return super().rest()

    def close(self) -> None:
        """Close the connection."""
        if self._sends_later:
            self._readers.loop.remove_writer(self._sock.fileno())
            self._sends_later = False
        super().close()

    def _send(self, wires: t.Sequence[bytes]) -> None:
        self._pass(b"".join([_LENGTH.pack(len(wire)) + wire for wire in wires]))
        # A server may keep the second answer back until the first is acknowledged (RFC 896), and this host the
        # acknowledgement until it sends something else (RFC 1122 section 4.2.3.2): that would take 40 ms.
        if len(wires) > 1 and _QUICK_ACKNOWLEDGEMENT is not None:
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICK_ACKNOWLEDGEMENT, 1)

    def _pass(self, octets: bytes) -> None:
        """Send messages with their lengths."""
        self._put(octets)

    def _put(self, octets: bytes) -> None:
        """Send octets as soon as the connection is made."""
        try:
            sent = self._sock.send(octets)
        except OSError as exc:
            if exc.errno not in _NOT_YET:
                raise
            self._sends_later = True
            self._readers.loop.add_writer(self._sock.fileno(), self._writable, octets)
        else:
            self._sent_all(sent, octets)

    def _writable(self, octets: bytes) -> None:
        self._readers.loop.remove_writer(self._sock.fileno())
        self._sends_later = False
        try:
            self._sent_all(self._sock.send(octets), octets)
        except OSError as exc:
            self._hand_on(b"", exc)

    def _sent_all(self, sent: int, octets: bytes) -> None:
        # Questions are far smaller than the least buffer, and nothing else is under way.
        if sent != len(octets):
            raise ConnectionAbortedError("the connection takes no question")

    def _took(self, octets: bytes) -> None:
        if not octets:
            self._hand_on(
                b"", ConnectionAbortedError("the server closed the connection before its answer was complete")
            )
            return
        self._received += octets
        questions = self.questions
        while len(self._received) >= _LENGTH.size and self.questions == questions:
            end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
            if len(self._received) < end:
                return
            message = bytes(self._received[_LENGTH.size : end])
            del self._received[:end]
            self._hand_on(message)
            if self._receiver is None:
                return


class TlsLine(TcpLine):
    """A TCP connection with TLS over it (RFC 7858)."""

    def __init__(self, sock: socket.socket, readers: Readers, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing)
        self._secure = False
        self._unsent = b""
        super().__init__(sock, readers)

    def _pass(self, octets: bytes) -> None:
        self._unsent += octets
        self._go_on()

    def _go_on(self) -> None:
        """Go on with the handshake, and send what waits for its end.

        :raises ssl.SSLError: when it fails.
        """
        try:
            if not self._secure:
                self._tls.do_handshake()
                self._secure = True
            if self._unsent:
                self._tls.write(self._unsent)
                self._unsent = b""
        except ssl.SSLWantReadError:
            pass
        finally:
            # Of a handshake that fails, the server gets to know why.
            octets = self._outgoing.read()
            if octets:
                self._put(octets)

    def _took(self, octets: bytes) -> None:
        if not octets:
            super()._took(octets)
            return
        self._incoming.write(octets)
        try:
            self._go_on()
            plain = self._plain()
        except ssl.SSLError as exc:
            self._hand_on(b"", ConnectionAbortedError(f"TLS failed ({exc.reason or exc})"))
            return
        if plain is not None:
            super()._took(plain)

    def _plain(self) -> bytes | None:
        """Return what came in clear, empty once the server has closed the connection, or None where nothing has."""
        plain = b""
        try:
            while self._secure:
                part = self._tls.read(_LARGEST_DATAGRAM)
                if not part:
                    break
                plain += part
        except ssl.SSLWantReadError:
            return plain or None
        except ssl.SSLZeroReturnError:
            return plain
        return plain if self._secure else None


class RandomOctets:
    """Octets that nobody can foretell, fetched by the thousand: asking the system for a few takes as long."""

    def __init__(self) -> None:
        self._octets = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return that many octets, each of which is given once."""
        at, end = self._at, self._at + count
        if end > len(self._octets):
            self._octets = os.urandom(max(_RANDOM_AT_ONCE, count))
            at, end = 0, count
        self._at = end
        return self._octets[at:end]

    def distinct(self, count: int) -> list[bytes]:
        """Return that many pairs of octets, no two alike."""
        while True:
            octets = self.take(2 * count)
            pairs = [octets[at : at + 2] for at in range(0, 2 * count, 2)]
            if len(set(pairs)) == count:
                return pairs


class IdleLines:
    """The UDP sockets of one event loop that wait for another question, by server."""

    def __init__(self, octets: RandomOctets) -> None:
        self._random = octets
        self._idle: dict[Server, list[UdpLine]] = {}
        self._count = 0

    def take(self, server: Server) -> UdpLine | None:
        """Return one that is connected to ``server``, or None."""
        lines = self._idle.get(server)
        while lines:
            index = int.from_bytes(self._random.take(2), "big") % len(lines)
            lines[index], lines[-1] = lines[-1], lines[index]
            line = lines.pop()
            self._count -= 1
            if line.fit:
                return line
        return None

    def keep(self, server: Server, line: UdpLine) -> None:
        """Keep one whose question was answered, if it is fit for another."""
        if not line.rest():
            return
        while self._count >= _MOST_IDLE:
            self._drop_oldest()
        self._idle.setdefault(server, []).append(line)
        self._count += 1

    def _drop_oldest(self) -> None:
        server, lines = next(iter(self._idle.items()))
        if lines:
            lines.pop(0).close()
            self._count -= 1
        if not lines:
            del self._idle[server]


class TcpConnections:
    """Turns to ask one server over TCP, of which there are few at once.

    A connection goes from one question to the next. Where none waits it is kept for a moment, and it is never kept for
    long: there are servers that answer on one connection at a time, and let all others wait for it. While the server
    answers, one question waits for each connection before there is another, which costs it and us more than the
    question.
    """

    def __init__(self) -> None:
        self._free = _MOST_CONNECTIONS
        self._answers = False
        self._queue: deque[_Taker] = deque()
        self._idle: list[TcpLine] = []
        self._closing: asyncio.Future[None] | None = None

    def turn(self, taker: _Taker) -> None:
        """Call ``taker`` when its turn has come, with a connection to go on with if there is one."""
        idle = self._take_idle()
        waits = self._answers and len(self._queue) < _MOST_CONNECTIONS - self._free
        if self._free and (idle is not None or not waits):
            self._free -= 1
            taker(idle)
        else:
            self._queue.append(taker)

    def leave(self, taker: _Taker) -> None:
        """Wait for a turn no longer."""
        self._queue.remove(taker)

    def pass_on(self, line: TcpLine | None, *, answered: bool) -> None:
        """End a turn, with its connection if there is one: it is closed unless all that was asked was answered."""
        if line is not None and not answered:
            line.close()
        self._answers = line is not None and answered
        usable = line if line is not None and answered and line.rest() else None
        if self._queue:
            self._queue.popleft()(usable)
            return
        self._free += 1
        if usable is not None:
            self._idle.append(usable)
            if self._closing is None or self._closing.done():
                # A task, since these are cancelled when the event loop ends: then nothing may be left open.
                self._closing = asyncio.ensure_future(self._close_idle())

    async def _close_idle(self) -> None:
        try:
            await asyncio.sleep(_KEPT_IDLE)
        finally:
            while self._idle:
                self._idle.pop().close()

    def _take_idle(self) -> TcpLine | None:
        while self._idle:
            line = self._idle.pop()
            if line.fit:
                return line
        return None
