# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fakes of vendors' services have in common: HTTP on loopback, state that changes, and faults."""

from __future__ import annotations

import abc
import http.server
import itertools
import json
import socket
import threading
import typing as t
from dataclasses import dataclass, field

__all__ = ("Answer", "FakeService", "Job", "Request")


@dataclass(frozen=True)
class Request:
    """One request; ``headers`` by name in lower case, ``target`` is the path with its query."""

    method: str
    target: str
    headers: t.Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Answer:
    """One answer; ``content`` goes out as JSON, bytes as they are, None as nothing."""

    status: int = 200
    content: t.Any = None
    headers: t.Mapping[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        if self.content is None or isinstance(self.content, bytes):
            return self.content or b""
        return json.dumps(self.content).encode()


@dataclass
class Job:
    """A change that was accepted: made once it was looked for so many times."""

    number: int
    looks: int
    make: t.Callable[[], None]
    done: bool = False


class FakeService(abc.ABC):
    """A service for a ``with`` block; what it holds is in the subclass.

    :ivar changes: how many changes were asked for.
    :ivar lying: whether changes are accepted and not made.
    :ivar looks: how many times the state is looked at before an accepted change is made.
    :ivar between: done once, just before the next change.
    :ivar refusals: answers to give to the next requests in place of carrying them out, by a part of the request.
    """

    address: t.ClassVar[str]

    def __init__(self) -> None:
        self.changes = 0
        self.lying = False
        self.looks = 0
        self.between: t.Callable[[], None] | None = None
        self.refusals: list[tuple[str, Answer]] = []
        self.jobs: list[Job] = []
        self.seen: list[Request] = []
        self._numbers = itertools.count(1001)
        self._to_lose: tuple[int, bool] | None = None
        self._lost = False
        self._broken: list[BaseException] = []
        self._guard = threading.Lock()
        self._server = _Server((self.address, 0), _Handler)
        self._server.service = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self: _S) -> _S:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert not self._broken, self._broken

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self._server.server_address[1]}"

    @abc.abstractmethod
    def carry_out(self, request: Request) -> Answer:
        """Do what a request asks for, if it is as it must be."""

    def lose(self, exchange: int, *, done: bool) -> None:
        """End the connection at that exchange from now, after it was carried out or before."""
        self._to_lose, self._lost = (len(self.seen) + exchange, done), False

    def lost(self) -> bool:
        """Whether that has happened; it is forgotten otherwise."""
        self._to_lose = None
        return self._lost

    def exchange(self, request: Request) -> Answer | None:
        """Return the answer to a request, or None where the connection ends."""
        with self._guard:
            number = len(self.seen)
            self.seen.append(request)
            ends, done = self._to_lose is not None and number == self._to_lose[0], self._to_lose and self._to_lose[1]
            if ends:
                self._lost = True
            if ends and not done:
                return None
            try:
                answer = self._refused(request) or self.carry_out(request)
            except Exception as exc:
                # In the thread of the server nobody would see what is wrong with a request.
                self._broken.append(exc)
                return None
            return None if ends else answer

    def accept(self, make: t.Callable[[], None]) -> Job:
        """Take a change: make it at once, later or never, as the faults want it."""
        self.changes += 1
        if self.between is not None:
            between, self.between = self.between, None
            between()
        if self.lying:
            make = _nothing
        job = Job(next(self._numbers), self.looks, make)
        self.jobs.append(job)
        self._work(job)
        return job

    def look(self) -> None:
        """Tell that the state is looked at, which brings what was accepted nearer."""
        for job in self.jobs:
            if not job.done:
                job.looks -= 1
                self._work(job)

    @property
    def busy(self) -> bool:
        """Whether something was accepted that is not made yet."""
        return any(not job.done for job in self.jobs)

    def _work(self, job: Job) -> None:
        if job.looks <= 0:
            job.done = True
            job.make()

    def _refused(self, request: Request) -> Answer | None:
        text = f"{request.method} {request.target} {request.headers} {request.body!r}"
        for index, (part, answer) in enumerate(self.refusals):
            if part in text:
                del self.refusals[index]
                return answer
        return None


_S = t.TypeVar("_S", bound=FakeService)


def _nothing() -> None:
    return None


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    service: FakeService


class _Handler(http.server.BaseHTTPRequestHandler):
    # As real services have it, so that clients go on with the same connection.
    protocol_version = "HTTP/1.1"
    # In one piece: the second of two small segments would wait for the first to be acknowledged.
    wbufsize = -1
    server: _Server

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        answer = self.server.service.exchange(request)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        payload = answer.payload()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = _handle

    def log_message(self, format: str, *args: t.Any) -> None:
        return None
