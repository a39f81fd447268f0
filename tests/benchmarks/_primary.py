# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real BIND on loopback that is the primary of a parent zone, and a line to it on which messages are counted."""

from __future__ import annotations

import contextlib
import selectors
import shutil
import socket
import subprocess
import threading
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from ._measure import BenchmarkError

__all__ = ("ADDRESS", "KEY_NAME", "KEY_SECRET", "PARENT_ZONE", "Line", "Primary", "primary")

# BIND listens only on addresses that an interface has.
ADDRESS = "127.0.0.1"
PARENT_ZONE = "example"
KEY_NAME = "bench.key"
KEY_SECRET = "dGhlIGtleSBvZiB0aGUgYmVuY2htYXJrcw=="
_START_SECONDS = 30
_ZONE = f"""
@ 3600 IN SOA ns hostmaster 1 3600 900 1209600 300
@ 3600 IN NS ns
ns 3600 IN A {ADDRESS}
"""
_CONFIGURATION = """
options {{
    directory "{folder}"; pid-file none; session-keyfile none; notify no; recursion no;
    listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }};
}};
controls {{ }};
key "{key}" {{ algorithm hmac-sha256; secret "{secret}"; }};
zone "{zone}" {{ type primary; file "zone"; allow-update {{ key "{key}"; }}; }};
"""


@dataclass(frozen=True)
class Primary:
    """A running server."""

    port: int


@contextlib.contextmanager
def primary(folder: Path, *, named: str) -> t.Iterator[Primary]:
    """Serve an empty parent zone while the context lasts.

    :raises BenchmarkError: when the server does not come up.
    """
    folder.mkdir()
    port = _free_port()
    (folder / "zone").write_text(_ZONE, encoding="ascii")
    configuration = _CONFIGURATION.format(
        folder=folder, port=port, address=ADDRESS, key=KEY_NAME, secret=KEY_SECRET, zone=PARENT_ZONE
    )
    (folder / "named.conf").write_text(configuration, encoding="ascii")
    log = folder / "log"
    # AppArmor knows named by its path and keeps it out of temporary directories.
    command = [shutil.copy(named, folder), "-g", "-c", str(folder / "named.conf")]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
    try:
        _wait_until_listening(process, port, log)
        yield Primary(port=port)
    finally:
        process.terminate()
        process.wait()


class Line:
    """Hands TCP on to a server and counts what DNS goes over it, while a ``with`` block lasts.

    :ivar connections: how many there were.
    :ivar messages: how many were sent to the server.
    :ivar round_trips: how often something was sent when no answer was due any more.
    """

    def __init__(self, port: int) -> None:
        self.connections = self.messages = self.round_trips = 0
        self._target = (ADDRESS, port)
        self._listener = socket.create_server((ADDRESS, 0), backlog=100)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Line:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        # Closing alone does not end an accept that waits.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def counts(self) -> tuple[int, int, int]:
        """Return connections, messages and round trips so far."""
        with self._lock:
            return self.connections, self.messages, self.round_trips

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        sent, answered = _Messages(), _Messages()
        with client, socket.create_connection(self._target) as server, selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _events in selector.select():
                    source = t.cast(socket.socket, key.fileobj)
                    try:
                        data = source.recv(65536)
                    except OSError:
                        return
                    if not data:
                        return
                    if source is server:
                        answered.add(data)
                    else:
                        with self._lock:
                            self.round_trips += sent.count == answered.count and not sent.begun
                            self.messages += sent.add(data)
                    key.data.sendall(data)


class _Messages:
    """Counts messages in a stream in which two octets of length come before each; ``count`` has all so far."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = b""

    @property
    def begun(self) -> bool:
        """Whether the last one is not complete."""
        return bool(self._rest)

    def add(self, data: bytes) -> int:
        """Return how many more are complete with these octets."""
        self._rest += data
        count = 0
        while len(self._rest) >= 2 and len(self._rest) >= (end := 2 + int.from_bytes(self._rest[:2], "big")):
            self._rest = self._rest[end:]
            count += 1
        self.count += count
        return count


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        # BIND listens before it has its zones, and says when it has.
        if "all zones loaded" in log.read_text(encoding="utf-8", errors="replace"):
            with contextlib.suppress(OSError):
                socket.create_connection((ADDRESS, port), timeout=1).close()
                return
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise BenchmarkError(f"named does not come up:\n{said}")


def _free_port() -> int:
    with socket.create_server((ADDRESS, 0)) as listener:
        return int(listener.getsockname()[1])
