# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers of the story: who hosts what at which address, before and after."""

from __future__ import annotations

import base64
import dataclasses
import json
import pathlib
import random
import secrets
import shlex
import socket
import string
import subprocess
import sys
import time
import typing as t

import dns.exception
import dns.flags
import dns.message
import dns.query
from installed import InstalledServer, Software, ZoneSetting

__all__ = ["CHILD", "PARENT", "Addresses", "DemoError", "Network", "ask", "choose_addresses", "stop_servers"]

PARENT = "contoso.example"
CHILD = "mail.contoso.example"

_HERE = pathlib.Path(__file__).resolve().parent
_NAME_SERVER = _HERE / "name_server.py"
_STOP_FILE = "stop-commands.json"
_SOCKET_PATH_LIMIT = 100


class DemoError(Exception):
    """The demo cannot go on, or something in it did not happen as told."""


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Where the four servers are; all listen on one port."""

    root: str
    parent: str
    ns1: str
    ns2: str


def choose_addresses(software: str | None) -> Addresses:
    """Each server has an address of its own in 127.0.0.0/8, but BIND takes only those an interface has."""
    if software == "bind":
        return Addresses(root="127.53.0.1", parent="127.53.1.1", ns1="127.0.0.1", ns2="::1")
    return Addresses(root="127.53.0.1", parent="127.53.1.1", ns1="127.53.2.1", ns2="127.53.2.2")


def ask(address: str, port: int, name: str, rdtype: str) -> dns.message.Message:
    """The answer of one server over UDP. Raises DemoError when there is none."""
    try:
        return dns.query.udp(dns.message.make_query(name, rdtype, flags=0), address, timeout=5, port=port)
    except (OSError, dns.exception.DNSException) as error:
        raise DemoError(f"{address} port {port} does not answer {name} {rdtype}: {error}") from error


class Network:
    """Root and parent are embedded servers; ns1 and ns2 are too, unless `software` is given."""

    def __init__(self, directory: pathlib.Path, *, addresses: Addresses, software: Software | None) -> None:
        self.directory = directory
        self.addresses = addresses
        self.port = _free_port([addresses.root, addresses.parent, addresses.ns1, addresses.ns2])
        self.software = software
        self._secret = base64.b64encode(secrets.token_bytes(32)).decode()
        self._embedded_config = directory / "servers.json"
        self._installed: dict[str, InstalledServer] = {}
        self._processes: list[subprocess.Popen[bytes]] = []
        if software is not None:
            self._installed = {
                name: InstalledServer(
                    software=software,
                    directory=directory / name,
                    address=getattr(addresses, name),
                    port=self.port,
                    control_port=_free_port(["127.0.0.1"]),
                )
                for name in ("ns1", "ns2")
            }

    @property
    def zone_directory(self) -> pathlib.Path:
        """Where ns1, the primary of the child zone, reads its zone files."""
        return self.directory / "ns1"

    @property
    def reload_command(self) -> str:
        """The command that makes ns1 load a zone; {zone} stands for its name."""
        if self.software is None:
            words = [sys.executable, str(_NAME_SERVER), "reload", str(self._embedded_config)]
        else:
            words = self._installed["ns1"].command(self.software.reload, zone="{zone}")
        return shlex.join(words).replace("'{zone}'", "{zone}")

    def write_files(self) -> None:
        """Lay out the folder: zone files, inventory, Ansible's settings."""
        values = {
            **dataclasses.asdict(self.addresses),
            "ns2_type": "AAAA" if ":" in self.addresses.ns2 else "A",
            "port": self.port,
            "python": sys.executable,
            "reload_command": json.dumps(self.reload_command),
            "zone_directory": json.dumps(str(self.zone_directory)),
            "update_secret": self._secret,
            "collections_path": _collections_path(),
        }
        for template, target in (
            ("root.zone", "root/root.zone"),
            ("parent.zone", f"parent/{PARENT}.zone"),
            ("forgotten.zone", f"ns1/{PARENT}.zone"),
            ("forgotten.zone", f"ns2/{PARENT}.zone"),
            ("inventory.yml", "inventory.yml"),
            ("vault.yml", "group_vars/primaries/vault.yml"),
            ("ansible.cfg", "ansible.cfg"),
        ):
            path = self.directory / target
            path.parent.mkdir(parents=True, exist_ok=True)
            text = (_HERE / "templates" / template).read_text(encoding="utf-8")
            path.write_text(string.Template(text).substitute(values), encoding="utf-8")
        self._write_embedded_config(with_child=False)
        for name, server in self._installed.items():
            if len(str(server.directory)) > _SOCKET_PATH_LIMIT:
                raise DemoError(f"{server.directory}: too long a path for control sockets; choose another --directory")
            server.configure(self._zones(name, with_child=False))

    def start(self) -> None:
        """Start every server and wait until each answers for the zone that it hosts."""
        stop_commands = [[sys.executable, str(_NAME_SERVER), "stop", str(self._embedded_config)]]
        stop_commands += [server.command(server.software.stop) for server in self._installed.values()]
        (self.directory / _STOP_FILE).write_text(json.dumps(stop_commands, indent=2) + "\n", encoding="utf-8")
        _run([sys.executable, str(_NAME_SERVER), "start", str(self._embedded_config)])
        for server in self._installed.values():
            self._processes.append(server.start())
        for name in ("parent", "ns1", "ns2"):
            self._wait_until_served(getattr(self.addresses, name), PARENT)

    def stop(self) -> None:
        """Stop every server and wait for its end; one that did not come far enough to listen to reason is ended."""
        stop_servers(self.directory)
        for process in self._processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait()

    def host_child(self) -> None:
        """Tell ns1 that it is primary for the child zone, and ns2 that it is secondary; the file comes later."""
        self._write_embedded_config(with_child=True)
        for name, server in self._installed.items():
            server.configure(self._zones(name, with_child=True))
            _run(server.command(server.software.reconfigure))

    def _zones(self, name: str, *, with_child: bool) -> list[ZoneSetting]:
        zones = [ZoneSetting(PARENT)]
        if with_child and name == "ns1":
            zones.append(ZoneSetting(CHILD, secondary=self.addresses.ns2))
        elif with_child:
            zones.append(ZoneSetting(CHILD, primary=self.addresses.ns1))
        return zones

    def _write_embedded_config(self, *, with_child: bool) -> None:
        servers: list[dict[str, t.Any]] = [
            {"name": "root", "zones": [{"name": ".", "file": "root/root.zone"}]},
            {
                "name": "parent",
                "zones": [{"name": PARENT, "file": f"parent/{PARENT}.zone", "allow_update": "zonecut"}],
            },
        ]
        if not self._installed:
            servers += [
                {"name": name, "zones": self._embedded_zones(name, with_child=with_child)} for name in ("ns1", "ns2")
            ]
        for server in servers:
            server |= {"addresses": [getattr(self.addresses, server["name"])], "port": self.port}
        document = {
            "query_log": "queries.log",
            "keys": [{"name": "zonecut", "secret": self._secret}, {"name": "transfer", "secret": self._secret}],
            "servers": servers,
        }
        self._embedded_config.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        self._embedded_config.chmod(0o600)

    def _embedded_zones(self, name: str, *, with_child: bool) -> list[dict[str, t.Any]]:
        zones: list[dict[str, t.Any]] = []
        for zone in self._zones(name, with_child=with_child):
            entry: dict[str, t.Any] = {"name": zone.name, "file": f"{name}/{zone.file}"}
            if zone.primary is not None:
                entry |= {"type": "secondary", "primaries": [zone.primary], "key": "transfer"}
            if zone.secondary is not None:
                entry |= {"notify": [zone.secondary], "allow_transfer": "transfer"}
            zones.append(entry)
        return zones

    def _wait_until_served(self, address: str, zone: str) -> None:
        deadline = time.monotonic() + 15
        while True:
            try:
                response = ask(address, self.port, zone, "SOA")
                if response.flags & dns.flags.AA and response.answer:
                    return
                problem = f"{address} does not serve {zone}"
            except DemoError as error:
                problem = str(error)
            if time.monotonic() > deadline:
                raise DemoError(f"{problem}; see the logs in {self.directory}")
            time.sleep(0.1)


def stop_servers(directory: pathlib.Path) -> None:
    """Stop what runs in `directory`; a server that is gone already is no error."""
    stop_file = directory / _STOP_FILE
    if not stop_file.exists():
        return
    for command in json.loads(stop_file.read_text(encoding="utf-8")):
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    stop_file.unlink()


def _run(command: list[str]) -> None:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        raise DemoError(f"{shlex.join(command)} failed: {result.stderr or result.stdout}")


def _collections_path() -> str:
    """Where Ansible finds this collection: the folder of ansible_collections that this file is in."""
    for folder in _HERE.parents:
        if folder.name == "ansible_collections":
            return str(folder.parent)
    raise DemoError(f"{_HERE} is not in a folder ansible_collections/zonecut/dns: run the demo with ./run demo")


def _free_port(addresses: t.Sequence[str]) -> int:
    """A port that is free for UDP and TCP at every address. Raises DemoError."""
    problem = None
    for port in random.sample(range(20000, 32000), 50):
        try:
            for address in addresses:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(family, kind) as probe:
                        probe.bind((address, port))
        except OSError as error:
            problem = f"{address}: {error}"
        else:
            return port
    raise DemoError(f"no free port on loopback: {problem}")
