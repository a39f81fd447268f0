# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in front of a real primary and does what that cannot be brought to: lie, end connections, come in between."""

from __future__ import annotations

import socket
import socketserver
import threading
import typing as t

import dns.message
import dns.opcode
import dns.tsig

__all__ = ("PrimaryProxy",)

_HEADER_SIZE = 12


class PrimaryProxy:
    """Hands messages on over TCP, one after the other, until the ``with`` block ends.

    :arg target: address and port of the primary.
    :arg key: the key that it and those who ask share.
    """

    def __init__(self, *, target: tuple[str, int], key: dns.tsig.Key) -> None:
        self.updates = 0
        self.connections = 0
        self._target = target
        self._key = key
        self._exchanges = 0
        self._cut: tuple[int, bool] | None = None
        self._lying = False
        self._in_between: t.Callable[[], None] | None = None
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.005), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> PrimaryProxy:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def lie(self) -> None:
        """Answer the next update with a signed success, and do not hand it on."""
        self._lying = True

    def cut(self, exchange: int, *, done: bool) -> None:
        """End the connection at that exchange from now, after or before it is handed on."""
        self._exchanges, self._cut = 0, (exchange, done)

    def was_cut(self) -> bool:
        """Whether that has happened; it will not any more."""
        waiting, self._cut = self._cut is not None, None
        return not waiting

    def before_update(self, act: t.Callable[[], None]) -> None:
        """Do this just before the next update is handed on."""
        self._in_between = act

    def _exchange(self, wire: bytes, upstream: socket.socket) -> bytes | None:
        """Return the answer, or None where the connection ends."""
        cut, self._exchanges = self._cut, self._exchanges + 1
        here = cut is not None and cut[0] == self._exchanges - 1
        if here:
            self._cut = None
        if here and not (cut and cut[1]):
            return None
        answer = self._answer(wire, upstream)
        return None if here else answer

    def _answer(self, wire: bytes, upstream: socket.socket) -> bytes:
        if len(wire) >= _HEADER_SIZE and (wire[2] >> 3) & 15 == dns.opcode.UPDATE:
            self.updates += 1
            if self._in_between is not None:
                act, self._in_between = self._in_between, None
                act()
            if self._lying:
                self._lying = False
                return dns.message.make_response(
                    dns.message.from_wire(wire, keyring={self._key.name: self._key})
                ).to_wire()
        upstream.sendall(len(wire).to_bytes(2, "big") + wire)
        return _frame(upstream)

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            """One connection."""

            request: socket.socket

            def handle(self) -> None:
                proxy.connections += 1
                with socket.create_connection(proxy._target, timeout=10) as upstream:
                    upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    try:
                        while True:
                            answer = proxy._exchange(_frame(self.request), upstream)
                            if answer is None:
                                return
                            self.request.sendall(len(answer).to_bytes(2, "big") + answer)
                    except (EOFError, OSError):
                        return

        return Handler


def _frame(connection: socket.socket) -> bytes:
    return _exactly(connection, int.from_bytes(_exactly(connection, 2), "big"))


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise EOFError
        received += part
    return received
