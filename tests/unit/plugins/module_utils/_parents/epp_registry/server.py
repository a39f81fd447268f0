# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry on the network: TLS, frames, and connections that end when they are told to."""

from __future__ import annotations

import contextlib
import copy
import socketserver
import ssl
import struct
import threading
import typing as t

from lxml import etree

from .frames import EPP, parsed, response, violation
from .registry import Registry, Session

__all__ = ("EppServer",)


class EppServer:
    """Serves ``registry`` while it is entered.

    :ivar violations: what was heard or said against the schemas.
    :ivar heard: every frame as it came.
    :ivar takes_long_passwords: whether those of a login may be longer than the schema has them.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        certificate: tuple[str, str],
        address: str = "127.0.0.1",
        port: int = 0,
        clients_of: str | None = None,
        latest_tls: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ) -> None:
        self.registry = registry
        self.violations: list[str] = []
        self.heard: list[bytes] = []
        self.connections = 0
        self.sessions_refused = 0
        self.silent = False
        self.garbage: bytes | None = None
        self.drops_at_once = False
        self.takes_long_passwords = False
        self._lock = threading.Lock()
        self._lose: tuple[int, bool] | None = None
        self.lost = False
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)
        self._context.maximum_version = latest_tls
        if clients_of is not None:
            self._context.load_verify_locations(clients_of)
            self._context.verify_mode = ssl.CERT_REQUIRED
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # A client may go away at any moment, and so may this end of the connection.
                with (
                    contextlib.suppress(OSError, _Ended),
                    server._context.wrap_socket(self.request, server_side=True) as connection,
                ):
                    server._serve(connection)

        self._server = _ThreadingServer((address, port), Handler)
        self.address: tuple[str, int] = self._server.server_address[:2]  # type: ignore[assignment]

    def __enter__(self) -> EppServer:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve_forever(self) -> None:
        """Serve until the process ends."""
        self._server.serve_forever()

    def lose(self, exchange: int, *, done: bool) -> None:
        """End the connection at that exchange from now: a greeting is one, and each command with its answer."""
        self._lose, self.lost = (exchange, done), False

    def forget(self) -> None:
        """Lose nothing any more."""
        self._lose, self.lost = None, False

    def _serve(self, connection: ssl.SSLSocket) -> None:
        self.connections += 1
        session = Session()
        if self.drops_at_once:
            return
        if self._is_lost() is not None:
            return
        self._send(connection, self.registry.greeting())
        while not session.over:
            octets = _receive(connection)
            with self._lock:
                self.heard.append(octets)
                answer = self._answer(session, octets)
            if answer is None:
                return
            self._send(connection, answer)

    def _answer(self, session: Session, octets: bytes) -> t.Any:
        """Return what to answer, None for nothing any more."""
        lost = self._is_lost()
        if lost is False:
            return None
        try:
            frame = parsed(octets)
        except etree.XMLSyntaxError as exc:
            self.violations.append(f"{exc}: {octets!r}")
            return response(2001, "Command syntax error", client_transaction=None, server_transaction="SRV-0")
        found = violation(_with_a_short_password(frame) if self.takes_long_passwords else frame)
        if found is not None:
            self.violations.append(found)
            return response(2001, "Command syntax error", client_transaction=None, server_transaction="SRV-0")
        answer = self.registry.answer(session, frame)
        return None if lost else answer

    def _is_lost(self) -> bool | None:
        """Whether the connection ends at this exchange: True after it was carried out, False before, None if not."""
        if self._lose is None:
            return None
        exchange, done = self._lose
        if exchange > 0:
            self._lose = (exchange - 1, done)
            return None
        self._lose, self.lost = None, True
        return done

    def _send(self, connection: ssl.SSLSocket, frame: t.Any) -> None:
        found = violation(frame)
        if found is not None:
            self.violations.append(found)
        octets = etree.tostring(frame, xml_declaration=True, encoding="UTF-8")
        if self.garbage is not None:
            octets = self.garbage
        if self.silent:
            # Until the client gives up.
            _receive(connection)
        connection.sendall(struct.pack("!I", len(octets) + 4) + octets)


class _ThreadingServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False


class _Ended(Exception):
    """The client has ended the connection."""


def _with_a_short_password(frame: t.Any) -> t.Any:
    shown = copy.deepcopy(frame)
    for password in shown.iter(f"{{{EPP}}}pw"):
        password.text = password.text[:16]
    return shown


def _receive(connection: ssl.SSLSocket) -> bytes:
    (length,) = struct.unpack("!I", _exactly(connection, 4))
    return _exactly(connection, length - 4)


def _exactly(connection: ssl.SSLSocket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        more = connection.recv(count - len(octets))
        if not more:
            raise _Ended
        octets += more
    return octets
