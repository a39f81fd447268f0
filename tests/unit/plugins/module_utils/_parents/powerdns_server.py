# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real PowerDNS server on loopback with its zones in SQLite, and what stands between it and who asks."""

from __future__ import annotations

import contextlib
import http.client
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import time
import typing as t

import dns.name
import dns.rdata

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation, delegation_in
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import FakeApi, Reply, Request

__all__ = ("API_KEY", "HAS_POWERDNS", "Passage", "PowerdnsServer")

API_KEY = "bG9vcGJhY2sgb25seQ"
ADDRESS = "127.112.0.1"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_PROGRAM = shutil.which("pdns_server", path=_PATH)
_TOOL = shutil.which("pdnsutil", path=_PATH)
_SCHEMA = pathlib.Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")

HAS_POWERDNS = bool(_PROGRAM and _TOOL and _SCHEMA.is_file())

_CONFIGURATION = """\
launch=gsqlite3
gsqlite3-database={folder}/zones.sqlite3
gsqlite3-dnssec=yes
api=yes
api-key={key}
webserver-address={address}
webserver-port={http_port}
webserver-allow-from=127.0.0.0/8
local-address={address}
local-port={dns_port}
socket-dir={folder}
daemon=no
guardian=no
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
domain-metadata-cache-ttl=0
dnssec-key-cache-ttl=0
disable-syslog=yes
"""


class PowerdnsServer:
    """A server of its own in ``folder``, until it is stopped."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self.http_port, self.dns_port = _free_port(), _free_port()
        with contextlib.closing(self._database()) as database:
            database.executescript(_SCHEMA.read_text())
        (folder / "pdns.conf").write_text(
            _CONFIGURATION.format(
                folder=folder, key=API_KEY, address=ADDRESS, http_port=self.http_port, dns_port=self.dns_port
            )
        )
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(_PROGRAM), f"--config-dir={folder}"], stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection((ADDRESS, self.http_port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.stop()
                    raise AssertionError((folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def make_zone(self, name: str, *, kind: str = "Native", soa_edit_api: str = "DEFAULT", records: str = "") -> None:
        """Make the zone anew; ``records`` has lines of owner, type and data, each name with its final dot."""
        soa = f"{name} SOA ns.{name} hostmaster.{name} 1 3600 900 1209600 300"
        with self._database() as database:
            for table in ("records", "domainmetadata", "cryptokeys"):
                database.execute(
                    f"delete from {table} where domain_id in (select id from domains where name = ?)", [name[:-1]]
                )
            database.execute("delete from domains where name = ?", [name[:-1]])
            database.execute("insert into domains (name, type) values (?, ?)", [name[:-1], kind.upper()])
            if soa_edit_api:
                self.set_metadata(name, "SOA-EDIT-API", soa_edit_api, database=database)
        for line in [soa, f"{name} NS ns.{name}", f"ns.{name} A 192.0.2.53", *records.splitlines()]:
            owner, rdtype, data = line.split(" ", 2)
            self.add(name, owner, rdtype, data)

    def set_metadata(self, zone: str, kind: str, value: str, *, database: sqlite3.Connection | None = None) -> None:
        (database or self._database()).execute(
            "insert into domainmetadata (domain_id, kind, content) select id, ?, ? from domains where name = ?",
            [kind, value, zone[:-1]],
        ).connection.commit()

    def add(self, zone: str, owner: str, rdtype: str, data: str, *, ttl: int = 86400, disabled: bool = False) -> None:
        priority, data = data.split() if rdtype == "MX" else ("0", data)
        with self._database() as database:
            database.execute(
                "insert into records (domain_id, name, type, content, ttl, prio, disabled, auth)"
                " select id, ?, ?, ?, ?, ?, ?, 1 from domains where name = ?",
                [owner[:-1].lower(), rdtype, data, ttl, priority, disabled, zone[:-1]],
            )

    def remove_below(self, zone: str, cut: str) -> None:
        with self._database() as database:
            database.execute(
                "delete from records where (name = ? or name like ?)"
                " and domain_id in (select id from domains where name = ?)",
                [cut[:-1], f"%.{cut[:-1]}", zone[:-1]],
            )

    def records(self, zone: str) -> list[tuple[str, str, int, str, bool, bool]]:
        """Return owner, type, TTL, data, whether it is disabled, and whether it is authoritative, of every record."""
        with self._database() as database:
            return database.execute(
                "select records.name || '.', records.type, ttl, content, disabled, auth from records, domains"
                " where domain_id = domains.id and domains.name = ? order by 1, 2, 4",
                [zone[:-1]],
            ).fetchall()

    def delegation(self, zone: str, cut: dns.name.Name) -> Delegation:
        """Return what is served as the delegation of ``cut``."""

        def lookup(owner: dns.name.Name, rdtype: str) -> t.Iterator[dns.rdata.Rdata]:
            for name, found, _ttl, data, disabled, _auth in self.records(zone):
                if dns.name.from_text(name) == owner and found == rdtype and not disabled:
                    yield dns.rdata.from_text("IN", found, data if rdtype != "NS" else f"{data.rstrip('.')}.")

        return delegation_in(cut, lookup)

    def serial(self, zone: str) -> int:
        return next(int(data.split()[2]) for _name, rdtype, _ttl, data, *_rest in self.records(zone) if rdtype == "SOA")

    def run(self, *arguments: str) -> None:
        """Run pdnsutil."""
        subprocess.run([str(_TOOL), f"--config-dir={self._folder}", *arguments], check=True, capture_output=True)

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self._folder / "zones.sqlite3", timeout=10)


class Passage(FakeApi):
    """Hands requests on to a server, and its answers back.

    :ivar refused: the end of paths that are refused instead.
    """

    def __init__(self, server: PowerdnsServer) -> None:
        super().__init__()
        self.refused: str | None = None
        self._behind = server

    def answer(self, request: Request) -> Reply:
        if request.path[-1] == self.refused:
            return Reply(422, {"error": "refused"})
        connection = http.client.HTTPConnection(ADDRESS, self._behind.http_port, timeout=10)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            connection.request(request.method, request.target, body=request.content or None, headers=headers)
            response = connection.getresponse()
            return Reply(response.status, response.read())
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((ADDRESS, 0))
        return t.cast(int, listener.getsockname()[1])
