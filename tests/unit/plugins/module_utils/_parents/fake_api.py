# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP server in a thread that a test gives its answers to, and that can lose an exchange or lie."""

from __future__ import annotations

import abc
import json
import threading
import typing as t
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

__all__ = ("FakeApi", "Reply", "Request", "ScriptedApi")

ADDRESS = "127.112.0.2"


@dataclass(frozen=True)
class Request:
    """What arrived; ``path`` has the parts of the path, decoded, and ``body`` its JSON, None without any."""

    method: str
    target: str
    headers: t.Mapping[str, str]
    content: bytes

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(unquote(part) for part in urlsplit(self.target).path.strip("/").split("/"))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def body(self) -> t.Any:
        return json.loads(self.content) if self.content else None


@dataclass(frozen=True)
class Reply:
    """What is answered: JSON, or bytes as they are."""

    status: int
    data: t.Any = None
    headers: t.Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.data, bytes):
            return self.data
        return b"" if self.data is None else json.dumps(self.data).encode()


class FakeApi(abc.ABC):
    """A server on loopback; use it in a ``with`` block.

    :ivar requests: every request so far.
    :ivar before_change: is called once with nothing, just before the next change is made.
    :ivar lying: the reply to the next change, which is not made.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.before_change: t.Callable[[], None] | None = None
        self.lying: Reply | None = None
        self._exchange = 0
        self._loses: tuple[int, bool] | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((ADDRESS, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self: _Self) -> _Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self._server.server_address[1]}"

    @abc.abstractmethod
    def answer(self, request: Request) -> Reply:
        """Do what is asked."""

    def is_change(self, request: Request) -> bool:
        """Whether a request could change anything."""
        return request.method != "GET"

    def changes(self) -> int:
        return sum(self.is_change(request) for request in self.requests)

    def lose(self, exchange: int, *, done: bool) -> None:
        """End the connection at that exchange from now, the first being 0, after it was carried out or before."""
        self._loses = (self._exchange + exchange, done)

    def lost(self) -> bool:
        """Whether that has happened; forget it otherwise."""
        happened, self._loses = self._loses is None, None
        return happened

    def exchange(self, request: Request) -> Reply | None:
        """Return the reply to a request, None where the connection ends instead."""
        with self._lock:
            number, self._exchange = self._exchange, self._exchange + 1
            loses = self._loses if self._loses is not None and self._loses[0] == number else None
            if loses is not None:
                self._loses = None
                if not loses[1]:
                    return None
            self.requests.append(request)
            if self.is_change(request):
                interfere, self.before_change = self.before_change, None
                if interfere is not None:
                    interfere()
                lie, self.lying = self.lying, None
                if lie is not None:
                    return lie
            reply = self.answer(request)
            return reply if loses is None else None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                reply = api.exchange(Request(self.command, self.path, dict(self.headers), content))
                if reply is None:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.content)))
                self.end_headers()
                self.wfile.write(reply.content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

            def log_message(self, format: str, *args: t.Any) -> None:
                return None

        return Handler


_Self = t.TypeVar("_Self", bound=FakeApi)


class ScriptedApi(FakeApi):
    """Answers what it is told, one after the other."""

    def __init__(self, *replies: Reply | None) -> None:
        super().__init__()
        self._replies = list(replies)

    def answer(self, request: Request) -> Reply:
        return t.cast(Reply, self._replies.pop(0))
