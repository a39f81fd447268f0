# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installed name servers in place of the embedded one: how each is configured, started, told to load and stopped."""

from __future__ import annotations

import base64
import dataclasses
import os
import pathlib
import secrets
import shutil
import subprocess
import typing as t

__all__ = ["SOFTWARE", "InstalledServer", "NotInstalledError", "Software", "ZoneSetting", "require"]

# Unprivileged users seldom have these in PATH.
_SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])


class NotInstalledError(Exception):
    """A program that the chosen name server needs is not there."""


@dataclasses.dataclass(frozen=True)
class ZoneSetting:
    """A zone on one server: a primary notifies `secondary`, a secondary transfers from `primary`; addresses."""

    name: str
    primary: str | None = None
    secondary: str | None = None

    @property
    def file(self) -> str:
        return f"{self.name}.zone"


@dataclasses.dataclass(frozen=True)
class InstalledServer:
    """One server process of its own, with everything that it writes in `directory`."""

    software: Software
    directory: pathlib.Path
    address: str
    port: int
    control_port: int

    def configure(self, zones: t.Sequence[ZoneSetting]) -> None:
        """Write the configuration files."""
        for name, text in self.software.configuration(self, zones).items():
            (self.directory / name).write_text(text, encoding="utf-8")

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in the background; its output goes to server.log."""
        self.software.prepare(self)
        with (self.directory / "server.log").open("a", encoding="utf-8") as log:
            return subprocess.Popen(
                self.command(self.software.start),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def command(self, words: t.Sequence[str], **parts: str) -> list[str]:
        """`words` with the program's full path and the places of this server filled in."""
        program, *arguments = (word.format(directory=self.directory, **parts) for word in words)
        return [shutil.which(program, path=_SEARCH_PATH) or program, *arguments]


@dataclasses.dataclass(frozen=True)
class Software:
    """What differs between name servers. In commands, {directory} and {zone} are filled in."""

    title: str
    packages: str
    programs: tuple[str, ...]
    configuration: t.Callable[[InstalledServer, t.Sequence[ZoneSetting]], dict[str, str]]
    start: tuple[str, ...]
    reconfigure: tuple[str, ...]
    reload: tuple[str, ...]
    stop: tuple[str, ...]
    prepare: t.Callable[[InstalledServer], None] = lambda server: None


def require(software: Software) -> None:
    """Raises NotInstalledError, which names what is missing and the Debian packages that have it."""
    missing = [program for program in software.programs if shutil.which(program, path=_SEARCH_PATH) is None]
    if missing:
        raise NotInstalledError(
            f"{software.title} is not installed: no {', '.join(missing)} in {_SEARCH_PATH}\n"
            f"On Debian and Ubuntu: apt-get install {software.packages}"
        )


def _bind_configuration(server: InstalledServer, zones: t.Sequence[ZoneSetting]) -> dict[str, str]:
    key_file = server.directory / "rndc.key"
    if key_file.exists():
        key = key_file.read_text(encoding="utf-8")
    else:
        secret = base64.b64encode(secrets.token_bytes(32)).decode()
        key = f'key "control" {{ algorithm hmac-sha256; secret "{secret}"; }};\n'
    listen = {False: "none", True: "none"} | {":" in server.address: server.address}
    blocks = [
        f"""options {{
    directory "{server.directory}";
    pid-file "named.pid";
    session-keyfile none;
    listen-on port {server.port} {{ {listen[False]}; }};
    listen-on-v6 port {server.port} {{ {listen[True]}; }};
    recursion no;
    dnssec-validation no;
    notify explicit;
}};
include "rndc.key";
controls {{ inet 127.0.0.1 port {server.control_port} allow {{ localhost; }} keys {{ control; }}; }};
"""
    ]
    for zone in zones:
        lines = [f'file "{zone.file}";']
        if zone.primary is None:
            lines += ["type primary;", "allow-transfer { localhost; };"]
        else:
            lines += ["type secondary;", "masterfile-format text;", "allow-notify { localhost; };"]
            lines += [f"primaries port {server.port} {{ {zone.primary}; }};"]
        if zone.secondary is not None:
            lines += [f"also-notify port {server.port} {{ {zone.secondary}; }};"]
        blocks.append(f'zone "{zone.name}" {{ {" ".join(lines)} }};\n')
    client = (
        f'include "{key_file}";\n'
        f"options {{ default-server 127.0.0.1; default-key control; default-port {server.control_port}; }};\n"
    )
    return {"rndc.key": key, "named.conf": "\n".join(blocks), "rndc.conf": client}


def _copy_named(server: InstalledServer) -> None:
    # AppArmor knows named by its path and keeps it out of other people's folders.
    named = shutil.which("named", path=_SEARCH_PATH)
    assert named is not None
    shutil.copy(named, server.directory / "named")


def _nsd_configuration(server: InstalledServer, zones: t.Sequence[ZoneSetting]) -> dict[str, str]:
    directory = server.directory
    blocks = [
        f"""server:
    username: ""
    chroot: ""
    database: ""
    server-count: 1
    zonesdir: "{directory}"
    xfrdir: "{directory}"
    pidfile: "{directory}/nsd.pid"
    xfrdfile: "{directory}/xfrd.state"
    zonelistfile: "{directory}/zone.list"
    ip-address: {server.address}@{server.port}
remote-control:
    control-enable: yes
    control-interface: "{directory}/nsd.sock"
"""
    ]
    for zone in zones:
        lines = [f'name: "{zone.name}"', f'zonefile: "{zone.file}"', f"outgoing-interface: {server.address}"]
        if zone.secondary is not None:
            lines += [f"notify: {zone.secondary}@{server.port} NOKEY", f"provide-xfr: {zone.secondary} NOKEY"]
        if zone.primary is not None:
            lines += [f"allow-notify: {zone.primary} NOKEY", f"request-xfr: {zone.primary}@{server.port} NOKEY"]
        blocks.append("zone:\n" + "".join(f"    {line}\n" for line in lines))
    return {"nsd.conf": "".join(blocks)}


def _knot_configuration(server: InstalledServer, zones: t.Sequence[ZoneSetting]) -> dict[str, str]:
    directory = server.directory
    remotes, rules, sections = [], [], []
    for zone in zones:
        section = [f"  - domain: {zone.name}", f'    storage: "{directory}"', f'    file: "{zone.file}"']
        for peer, option, action in ((zone.primary, "master", "notify"), (zone.secondary, "notify", "transfer")):
            if peer is None:
                continue
            remotes.append(f"  - id: peer-{option}\n    address: {peer}@{server.port}\n    via: {server.address}\n")
            rules.append(f"  - id: allow-{action}\n    address: {peer}\n    action: {action}\n")
            section += [f"    {option}: peer-{option}", f"    acl: allow-{action}"]
        sections.append("\n".join(section) + "\n")
    text = (
        f'server:\n    listen: {server.address}@{server.port}\n    rundir: "{directory}"\n'
        f'control:\n    listen: "{directory}/knot.sock"\n'
        f'database:\n    storage: "{directory}"\n'
        "log:\n  - target: stderr\n    any: info\n"
    )
    for title, entries in (("remote", remotes), ("acl", rules), ("zone", sections)):
        if entries:
            text += f"{title}:\n{''.join(entries)}"
    return {"knot.conf": text}


def _powerdns_configuration(server: InstalledServer, zones: t.Sequence[ZoneSetting]) -> dict[str, str]:
    directory = server.directory
    settings = {
        "launch": "bind",
        "bind-config": f"{directory}/zones.conf",
        "local-address": server.address,
        "local-port": str(server.port),
        "query-local-address": server.address,
        "socket-dir": str(directory),
        "primary": "yes",
        "secondary": "yes",
        "only-notify": "",
        "allow-axfr-ips": "127.0.0.0/8,::1",
        "xfr-cycle-interval": "1",
        "cache-ttl": "0",
        "query-cache-ttl": "0",
        "negquery-cache-ttl": "0",
        "disable-syslog": "yes",
    }
    entries = []
    for zone in zones:
        # The parser of PowerDNS 4.7 knows only the old words for primary and secondary.
        lines = [f"type {'master' if zone.primary is None else 'slave'};", f'file "{directory}/{zone.file}";']
        if zone.primary is not None:
            lines.append(f"masters {{ {zone.primary}:{server.port}; }};")
        if zone.secondary is not None:
            lines.append(f"also-notify {{ {zone.secondary}:{server.port}; }};")
        entries.append(f'zone "{zone.name}" {{ {" ".join(lines)} }};\n')
    return {
        "pdns.conf": "".join(f"{name}={value}\n" for name, value in settings.items()),
        "zones.conf": "".join(entries),
    }


SOFTWARE: t.Final[dict[str, Software]] = {
    "bind": Software(
        title="BIND",
        packages="bind9 bind9-utils",
        programs=("named", "rndc"),
        configuration=_bind_configuration,
        prepare=_copy_named,
        start=("{directory}/named", "-g", "-c", "named.conf"),
        reconfigure=("rndc", "-c", "{directory}/rndc.conf", "reconfig"),
        reload=("rndc", "-c", "{directory}/rndc.conf", "reload", "{zone}"),
        stop=("rndc", "-c", "{directory}/rndc.conf", "stop"),
    ),
    "nsd": Software(
        title="NSD",
        packages="nsd",
        programs=("nsd", "nsd-control"),
        configuration=_nsd_configuration,
        start=("nsd", "-d", "-c", "{directory}/nsd.conf"),
        reconfigure=("nsd-control", "-c", "{directory}/nsd.conf", "reconfig"),
        reload=("nsd-control", "-c", "{directory}/nsd.conf", "reload", "{zone}"),
        stop=("nsd-control", "-c", "{directory}/nsd.conf", "stop"),
    ),
    "knot": Software(
        title="Knot DNS",
        packages="knot",
        programs=("knotd", "knotc"),
        configuration=_knot_configuration,
        start=("knotd", "-c", "{directory}/knot.conf"),
        reconfigure=("knotc", "-s", "{directory}/knot.sock", "reload"),
        reload=("knotc", "-b", "-s", "{directory}/knot.sock", "zone-reload", "{zone}"),
        stop=("knotc", "-s", "{directory}/knot.sock", "stop"),
    ),
    "powerdns": Software(
        title="PowerDNS",
        packages="pdns-server pdns-backend-bind",
        programs=("pdns_server", "pdns_control"),
        configuration=_powerdns_configuration,
        start=("pdns_server", "--config-dir={directory}", "--daemon=no", "--guardian=no"),
        reconfigure=("pdns_control", "--socket-dir={directory}", "rediscover"),
        reload=("pdns_control", "--socket-dir={directory}", "bind-reload-now", "{zone}"),
        stop=("pdns_control", "--socket-dir={directory}", "quit"),
    ),
}
