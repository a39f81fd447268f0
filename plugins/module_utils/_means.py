# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What questions are asked with in one event loop: sockets, timers and turns."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace
from ansible_collections.zonecut.dns.plugins.module_utils._sockets import (
    IdleLines,
    OpenLine,
    RandomOctets,
    Readers,
    Server,
    TcpConnections,
    TcpLine,
    TlsLine,
    UdpLine,
)
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Failure

__all__ = ("Expiry", "Failed", "Means", "Outbox", "Silences", "is_ipv6")

_NO_ROUTE = (errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


class Means:
    """What questions are asked with in one event loop: sockets, timers and turns.

    :arg timeout: seconds that a try lasts.
    :arg retries: further tries after a silent one.
    :arg sources: the addresses to ask from, by version.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        timeout: float,
        retries: int,
        sources: t.Mapping[t.Literal[4, 6], str],
        pace: Pace | None,
        tls: bool,
    ) -> None:
        self._tls = _tls_context() if tls else None
        self.loop = loop
        self.retries = retries
        self.pace = pace
        self.expiry = Expiry(timeout)
        self.outbox = Outbox()
        self._readers = Readers()
        self.random = RandomOctets()
        self.idle = IdleLines(self.random)
        self.tcp_silences = Silences(tries=retries + 1, seconds=timeout, clock=loop.time)
        self._sources = sources
        self._tcp: dict[Server, TcpConnections] = {}

    def connections(self, server: Server) -> TcpConnections:
        """Return the turns to ask ``server`` over TCP."""
        return self._tcp.setdefault(server, TcpConnections())

    def udp_line(self, server: Server) -> UdpLine:
        """Return a new UDP socket that is connected to ``server``.

        :raises Failed: when there is no way there.
        """
        # Connecting a UDP socket sends nothing: this is the routing table of this host speaking.
        return UdpLine(self._socket(server, socket.SOCK_DGRAM, connected=True, routes=True), self._readers)

    def open_line(self, server: Server) -> OpenLine:
        """Return a new UDP socket that sends to ``server`` and lets everybody in.

        :raises Failed: when it cannot be made.
        """
        return OpenLine(self._socket(server, socket.SOCK_DGRAM, connected=False, routes=False), self._readers, server)

    def tcp_line(self, server: Server) -> TcpLine:
        """Return a new TCP connection to ``server``, be it that it is still being made.

        :raises Failed: when it cannot be made.
        """
        # What comes at once comes from the routing table of this host, and what others say of the way comes later.
        sock = self._socket(server, socket.SOCK_STREAM, connected=True, routes=True)
        return TcpLine(sock, self._readers) if self._tls is None else TlsLine(sock, self._readers, self._tls)

    def _socket(self, server: Server, kind: socket.SocketKind, *, connected: bool, routes: bool) -> socket.socket:
        version: t.Literal[4, 6] = 6 if is_ipv6(server) else 4
        sock = socket.socket(_FAMILY[version], kind)
        sock.setblocking(False)
        try:
            if version in self._sources:
                sock.bind((self._sources[version], 0))
            if connected:
                sock.connect(server)
        except BlockingIOError:
            pass
        except OSError as exc:
            sock.close()
            raise Failed.of(exc, routes=routes) from exc
        return sock


class Silences:
    """Servers that do not answer, so that those who queue to ask them need not find that out one after the other.

    A server counts as silent after as many tries in vain as a question has, for two types at least, if it never
    answered; and for no longer than one try lasts, after which whoever asks for many zones knows it too.

    :arg tries: of a question.
    :arg seconds: of a try.
    """

    def __init__(self, *, tries: int, seconds: float, clock: t.Callable[[], float]) -> None:
        self._tries = tries
        self._seconds = seconds
        self._clock = clock
        self._answering: set[Server] = set()
        self._in_vain: dict[Server, list[int]] = {}
        self._known: dict[Server, tuple[Failed, float]] = {}

    def add(self, server: Server, rdtype: int) -> None:
        """Count a try in vain."""
        rdtypes = self._in_vain.setdefault(server, [])
        rdtypes.append(rdtype)
        if server not in self._answering and len(rdtypes) >= self._tries and len(set(rdtypes)) > 1:
            self._known[server] = Failed("timeout", f"no answer in {self._seconds:g} s"), self._clock() + self._seconds
            rdtypes.clear()

    def answers(self, server: Server) -> None:
        """Remember that the server does answer."""
        self._answering.add(server)
        self._known.pop(server, None)

    def known(self, server: Server) -> Failed | None:
        """Return how the server fails, if it counts as silent."""
        failed, until = self._known.get(server, (None, 0.0))
        return failed if failed is not None and self._clock() < until else None


class Expiring(t.Protocol):
    """A try that ends when its time is over."""

    def note_silence(self) -> None:
        """Remember that the try brought nothing."""

    def expire(self, seconds: float) -> None:
        """End a try that brought nothing in that many seconds."""


class Expiry:
    """Ends tries that all last equally long, by one timer: with one for each question they cost more than reading.

    :arg seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        # The oldest first, as a dict keeps them.
        self._ends: dict[Expiring, float] = {}
        self._timed = False

    def add(self, exchange: Expiring) -> None:
        """Begin to count."""
        self._ends[exchange] = self._loop.time() + self._seconds
        if not self._timed:
            self._timed = True
            self._loop.call_later(self._seconds, self._expire)

    def discard(self, exchange: Expiring) -> None:
        """Count no longer."""
        self._ends.pop(exchange, None)

    def _expire(self) -> None:
        now = self._loop.time()
        over = [exchange for exchange, end in self._ends.items() if end <= now]
        for exchange in over:
            del self._ends[exchange]
        self._timed = bool(self._ends)
        if self._ends:
            self._loop.call_at(next(iter(self._ends.values())), self._expire)
        # Whoever takes the turn of one of them shall know of the silence of all.
        for exchange in over:
            exchange.note_silence()
        for exchange in over:
            exchange.expire(self._seconds)


class Outbox:
    """Sends what was made ready in one turn of the event loop in one go.

    A server that shares our processors takes one from us to see to each question as soon as it comes. So they had
    better come when all else is done: the caches of both then hold for several.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: list[t.Callable[[], None]] = []

    def add(self, send: t.Callable[[], None]) -> None:
        """Call ``send``, which raises nothing, before the next turn."""
        if not self._waiting:
            self._loop.call_soon(self._send_all)
        self._waiting.append(send)

    def _send_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        for send in waiting:
            send()


class Failed(Exception):
    """A try that brought no answer."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail

    @classmethod
    def of(cls, error: OSError, *, routes: bool = False) -> Failed:
        """Return what the error means.

        :arg routes: whether it may come from the routing table of this host.
        """
        failure: Failure = "unreachable"
        if isinstance(error, ConnectionRefusedError):
            failure = "refused"
        elif isinstance(error, ConnectionError):
            failure = "closed"
        elif routes and error.errno in _NO_ROUTE:
            failure = "no_route"
        return cls(failure, os.strerror(error.errno) if error.errno else str(error))


def is_ipv6(server: Server) -> bool:
    """Whether the address is one of IPv6."""
    return ":" in server[0]


def _tls_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["dot"])
    return context
