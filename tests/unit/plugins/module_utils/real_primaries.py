# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name servers as others wrote them, on loopback, with one zone each that takes updates."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import time
import typing as t

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.tsig
import pytest

__all__ = ("ADDRESS", "KEY", "ORIGIN", "SECRET", "SOFTWARE", "free_port", "primary", "program", "running")

# BIND listens only on addresses that an interface has.
ADDRESS = "127.0.0.1"
ORIGIN = "parent.example."
SECRET = "b2YgdGhlIHByaW1hcmllcyBpbiB0ZXN0cw=="
KEY = dns.tsig.Key("primaries.test.", SECRET, "hmac-sha256")

_ZONE = """\
$ORIGIN parent.example.
$TTL 3600
@ SOA ns hostmaster 1 3600 900 1209600 300
@ 7200 NS ns
ns A 192.0.2.53
"""
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_PATIENCE = 30.0


def program(name: str) -> str:
    """Return the path of a program; the test that needs it is skipped without."""
    path = shutil.which(name, path=_PATH)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def free_port() -> int:
    """Return a port that is free for TCP and UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((ADDRESS, 0))
            port = int(tcp.getsockname()[1])
            # What asks others has ports of UDP that nobody has of TCP.
            with contextlib.suppress(OSError):
                udp.bind((ADDRESS, port))
                return port


@contextlib.contextmanager
def running(
    command: t.Sequence[str],
    *,
    folder: pathlib.Path,
    ready: t.Callable[[], bool],
    environment: t.Mapping[str, str] | None = None,
) -> t.Generator[None, None, None]:
    """Run a program in the foreground until the block ends; the block begins once it is ready."""
    log = folder / f"{pathlib.Path(command[0]).name}.log"
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            command, cwd=folder, stdout=stream, stderr=stream, env={**os.environ, "PATH": _PATH, **(environment or {})}
        ) as process,
    ):
        try:
            deadline = time.monotonic() + _PATIENCE
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"{command[0]} does not come up:\n{log.read_text(errors='replace')}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def primary(
    software: str, folder: pathlib.Path, *, environment: t.Mapping[str, str] | None = None, **more: str
) -> t.Generator[int, None, None]:
    """Run one of SOFTWARE as primary of ORIGIN with KEY; the block gets its port.

    :arg more: see ``_bind``.
    """
    port = free_port()
    (folder / "zone").write_text(_ZONE)
    command = SOFTWARE[software](folder, port, **more)
    with running(command, folder=folder, ready=lambda: answers(port, ORIGIN), environment=environment):
        yield port


def answers(port: int, origin: str) -> bool:
    """Whether there is an answer for the SOA of a zone."""
    try:
        reply = dns.query.udp(dns.message.make_query(origin, "SOA"), ADDRESS, port=port, timeout=0.5)
    except (OSError, dns.exception.DNSException):
        return False
    return bool(reply.rcode() == dns.rcode.NOERROR and reply.answer)


def _bind(
    folder: pathlib.Path,
    port: int,
    *,
    statements: str = "",
    options: str = "",
    updates: str = "",
    transfers: str = 'key "primaries.test"',
) -> list[str]:
    """Return the command that runs BIND.

    :arg statements, options: more of them.
    :arg updates: who may update the zone, the one with KEY otherwise.
    :arg transfers: who may transfer it.
    """
    # AppArmor knows named by its path and keeps it out of temporary directories.
    named = str(shutil.copy(program("named"), folder))
    (folder / "named.conf").write_text(f"""
        options {{
            directory "{folder}"; pid-file none; session-keyfile none; notify no; recursion no;
            listen-on port {port} {{ {ADDRESS}; }}; listen-on-v6 {{ none; }}; tcp-clients 100;
            {options}
        }};
        {statements}
        controls {{ }};
        key "primaries.test" {{ algorithm hmac-sha256; secret "{SECRET}"; }};
        zone "{ORIGIN}" {{
            type primary; file "zone"; {updates or 'allow-update { key "primaries.test"; };'}
            allow-transfer {{ {transfers}; }};
        }};
        """)
    return [named, "-g", "-n", "1", "-c", "named.conf"]


def _knot(folder: pathlib.Path, port: int) -> list[str]:
    (folder / "knot.conf").write_text(f"""
server:
    listen: "{ADDRESS}@{port}"
    rundir: "{folder}"
control:
    listen: "{folder}/knot.sock"
log:
  - target: stdout
    any: info
database:
    storage: "{folder}"
key:
  - id: primaries.test
    algorithm: hmac-sha256
    secret: "{SECRET}"
acl:
  - id: all
    action: [transfer, update]
    key: primaries.test
zone:
  - domain: "{ORIGIN}"
    storage: "{folder}"
    file: zone
    acl: all
""")
    return [program("knotd"), "-c", "knot.conf"]


def _powerdns(folder: pathlib.Path, port: int) -> list[str]:
    server, tool = program("pdns_server"), program("pdnsutil")
    schema = pathlib.Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
    if not schema.exists():
        pytest.skip("the backend of PowerDNS for SQLite is not installed")
    with sqlite3.connect(folder / "zones.sqlite3") as database:
        database.executescript(schema.read_text())
    database.close()
    (folder / "pdns.conf").write_text(f"""
launch=gsqlite3
gsqlite3-database={folder}/zones.sqlite3
gsqlite3-pragma-synchronous=0
local-address={ADDRESS}
local-port={port}
socket-dir={folder}
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8
allow-axfr-ips=127.0.0.0/8
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
disable-syslog=yes
daemon=no
guardian=no
primary=yes
""")
    for arguments in (
        ["load-zone", ORIGIN, "zone"],
        ["set-kind", ORIGIN, "primary"],
        ["import-tsig-key", "primaries.test", "hmac-sha256", SECRET],
        ["add-meta", ORIGIN, "TSIG-ALLOW-DNSUPDATE", "primaries.test"],
        ["add-meta", ORIGIN, "TSIG-ALLOW-AXFR", "primaries.test"],
    ):
        subprocess.run([tool, "--config-dir=.", *arguments], cwd=folder, check=True, capture_output=True)
    return [server, "--config-dir=."]


SOFTWARE: dict[str, t.Callable[..., list[str]]] = {"bind": _bind, "knot": _knot, "powerdns": _powerdns}
