# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name server of a host through its own control command: what it does with zone files, and freezing zones."""

from __future__ import annotations

import abc
import os
import re
import signal
import sys
import time
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import (
    FileText,
    include_from_folder,
    read_records,
    serial_of,
    text_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._serial import newer
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import read_header

with deps.declare("dnspython"):
    import dns.name

__all__ = (
    "DEFAULT_COMMANDS",
    "MADE_BY_SIGNING",
    "CommandRunner",
    "NameServer",
    "ServedZone",
    "ServerType",
    "bind_zone",
    "frozen",
    "knot_records",
    "knot_zone",
    "name_server",
    "nsd_zone",
    "powerdns_zone",
)

ServerType = t.Literal["bind", "knot", "nsd", "powerdns"]
# Takes a command and its arguments; returns its status, output and errors.
CommandRunner = t.Callable[[t.Sequence[str]], "tuple[int, str, str]"]

DEFAULT_COMMANDS: dict[ServerType, str] = {
    "bind": "rndc",
    "knot": "knotc",
    "nsd": "nsd-control",
    "powerdns": "pdns_control",
}

_MAX_SECONDS = 60
_WAIT = 0.2
_KNOT_RECORD = re.compile(r"\[\S+\] (?P<record>\S+\s+[0-9]+\s+(?P<rdtype>\S+).*)")
# What a server that signs adds to a zone by itself.
MADE_BY_SIGNING = frozenset(("CDNSKEY", "CDS", "DNSKEY", "NSEC", "NSEC3", "NSEC3PARAM", "RRSIG"))


@dataclass(frozen=True)
class ServedZone:
    """What a server says of a zone that it serves.

    :arg dynamic: whether it changes the zone by itself, and ``frozen`` whether that is suspended.
    :arg ignored: why the zone file does not reach it, or None where it does.
    """

    dynamic: bool = False
    frozen: bool = False
    ignored: str | None = None


class NameServer(abc.ABC):
    """The server of all zones of a task, worked through its own control command.

    :arg command: the command and the arguments that all its calls have.
    """

    kind: t.ClassVar[str]

    def __init__(self, command: t.Sequence[str], run: CommandRunner) -> None:
        self._command = tuple(command)
        self._run = run

    @abc.abstractmethod
    def look_up(self, zone: str, path: str) -> ServedZone | None:
        """Return what the server says of a zone, or None for one that it does not serve.

        :raises ZoneFileError: where it cannot be asked.
        """

    def freeze(self, zone: str) -> None:
        """Have the server change the zone no more.

        :raises ZoneFileError: where it does not.
        """
        raise ZoneFileError(f"server: {self.kind} freezes no zones")

    def content(self, zone: str, path: str) -> bytes | None:
        """Return all of a frozen zone as text, or None where the file at ``path`` has it now.

        :raises ZoneFileError: where the server does not hand it out.
        """
        raise ZoneFileError(f"server: {self.kind} freezes no zones")

    def thaw(self, zone: str, *, replaced: bool) -> None:
        """Have the server load the file, where that was replaced, and change the zone again.

        :raises ZoneFileError: where it does not.
        """
        raise ZoneFileError(f"server: {self.kind} freezes no zones")

    def thaw_command(self, zone: str) -> str:
        """Return what thaws a zone by hand."""
        raise ZoneFileError(f"server: {self.kind} freezes no zones")

    def _ask(self, *arguments: str) -> tuple[int, str]:
        """Return the status of a command, and all that it prints."""
        try:
            status, out, err = self._run((*self._command, *arguments))
        except OSError as exc:
            raise ZoneFileError(f"server: cannot run {self._command[0]} ({exc.strerror})") from exc
        return status, out + err

    def _must_do(self, *arguments: str) -> str:
        status, printed = self._ask(*arguments)
        if status != 0:
            raise self._failed(arguments, status, printed)
        return printed

    def _failed(self, arguments: t.Sequence[str], status: int, printed: str) -> ZoneFileError:
        return ZoneFileError(f"server: {self._shown(*arguments)} failed (status {status}): {printed.strip()}")

    def _shown(self, *arguments: str) -> str:
        return " ".join((*self._command, *arguments))


class _Bind(NameServer):
    kind = "BIND"

    def __init__(
        self,
        command: t.Sequence[str],
        run: CommandRunner,
        *,
        view: str | None,
        sleep: t.Callable[[float], None],
    ) -> None:
        super().__init__(command, run)
        self._view = () if view is None else ("IN", view)
        self._sleep = sleep

    def look_up(self, zone: str, path: str) -> ServedZone | None:
        arguments = ("zonestatus", zone, *self._view)
        status, printed = self._ask(*arguments)
        if status == 0:
            return bind_zone(printed, path)
        if re.search(r"'zonestatus' failed: (?:not found|zone not loaded)", printed):
            return None
        raise self._failed(arguments, status, printed)

    def freeze(self, zone: str) -> None:
        self._must_do("freeze", zone, *self._view)

    def content(self, zone: str, path: str) -> None:
        # BIND says that it has begun to write the file, not that it is done.
        for _attempt in range(int(_MAX_SECONDS / _WAIT)):
            served = _fields(self._must_do("zonestatus", zone, *self._view)).get("serial", "")
            in_file = _serial_in(path, zone)
            if in_file is not None and served.isdecimal() and not newer(int(served), than=in_file):
                return
            self._sleep(_WAIT)
        raise ZoneFileError(f"server: BIND has not written {path} within {_MAX_SECONDS} seconds; its log tells why")

    def thaw(self, zone: str, *, replaced: bool) -> None:
        self._must_do("thaw", zone, *self._view)
        # BIND says that it has begun to load the zone, not that it is done.
        for _attempt in range(int(_MAX_SECONDS / _WAIT)):
            status, printed = self._ask("zonestatus", zone, *self._view)
            if status == 0 and _fields(printed).get("frozen") == "no":
                return
            self._sleep(_WAIT)
        raise ZoneFileError(f"server: it is not done within {_MAX_SECONDS} seconds; BIND's log tells why")

    def thaw_command(self, zone: str) -> str:
        return self._shown("thaw", zone, *self._view)


class _Knot(NameServer):
    kind = "Knot"

    def __init__(self, command: t.Sequence[str], run: CommandRunner) -> None:
        super().__init__(command, run)
        self._shared: dict[str, dict[str, str]] = {}

    def look_up(self, zone: str, path: str) -> ServedZone | None:
        status, printed = self._ask("zone-status", zone)
        if status == 0:
            settings = self._settings(zone)
            rules = [self._read_shared(f"acl[{name}]") for name in settings.get("acl", "").split()]
            return knot_zone(printed, path, settings=settings, rules=rules)
        if "no such zone found" in printed:
            return None
        raise self._failed(("zone-status", zone), status, printed)

    def freeze(self, zone: str) -> None:
        self._must_do("-b", "zone-freeze", zone)

    def content(self, zone: str, path: str) -> bytes:
        # Not zone-flush: it would write updates, and signatures, into a file that is meant to hold none.
        return knot_records(
            self._must_do("zone-read", zone), signing=self._settings(zone).get("dnssec-signing") == "on"
        )

    def thaw(self, zone: str, *, replaced: bool) -> None:
        try:
            # Once thawed, the next update would be written over a file that is not loaded yet.
            if replaced:
                self._must_do("-b", "zone-reload", zone)
        finally:
            self._must_do("-b", "zone-thaw", zone)

    def thaw_command(self, zone: str) -> str:
        return f"{self._shown('zone-reload', zone)} && {self._shown('zone-thaw', zone)}"

    def _settings(self, zone: str) -> dict[str, str]:
        own = _settings(self._must_do("conf-read", f"zone[{zone}]"))
        return {**self._read_shared(f"template[{own.get('template', 'default')}]"), **own}

    def _read_shared(self, item: str) -> dict[str, str]:
        if item not in self._shared:
            # Only the template "default" may be missing, and then all has Knot's own defaults.
            read = self._ask if item == "template[default]" else lambda *arguments: (0, self._must_do(*arguments))
            self._shared[item] = _settings(read("conf-read", item)[1])
        return self._shared[item]


class _Nsd(NameServer):
    kind = "NSD"

    def look_up(self, zone: str, path: str) -> ServedZone | None:
        status, printed = self._ask("zonestatus", zone)
        if status == 0:
            return nsd_zone(printed)
        if "not configured" in printed:
            return None
        raise self._failed(("zonestatus", zone), status, printed)


class _PowerDns(NameServer):
    kind = "PowerDNS"

    def __init__(self, command: t.Sequence[str], run: CommandRunner) -> None:
        super().__init__(command, run)
        self._zones: frozenset[str] | None = None

    def look_up(self, zone: str, path: str) -> ServedZone | None:
        # Its status tells nothing: 0 for zones that the bind backend does not have, not 0 without that backend.
        _status, printed = self._ask("bind-domain-extended-status", zone)
        if "On-disk file:" in printed:
            return powerdns_zone(printed, path)
        if self._zones is None:
            self._zones = frozenset(self._must_do("list-zones").split())
        if f"{zone.rstrip('.')}." not in self._zones:
            return None
        return ServedZone(ignored="PowerDNS has the zone in a database and does not read its file")


def name_server(
    kind: ServerType,
    *,
    run: CommandRunner,
    command: t.Sequence[str] = (),
    view: str | None = None,
    sleep: t.Callable[[float], None] = time.sleep,
) -> NameServer:
    """Return the server that is worked with ``command``, by default the one that comes with it."""
    command = command or (DEFAULT_COMMANDS[kind],)
    if kind == "bind":
        return _Bind(command, run, view=view, sleep=sleep)
    servers: dict[str, type[NameServer]] = {"knot": _Knot, "nsd": _Nsd, "powerdns": _PowerDns}
    return servers[kind](command, run)


def bind_zone(status: str, path: str) -> ServedZone:
    """Return what ``rndc zonestatus`` says."""
    fields = _fields(status)
    kind = fields.get("type", "")
    # Before 9.17 it is "master".
    if kind not in ("primary", "master"):
        return ServedZone(ignored=f"BIND has a {kind} zone there, whose records do not come from a file")
    return ServedZone(
        dynamic=fields.get("dynamic") == "yes",
        frozen=fields.get("frozen") == "yes",
        ignored=_read_elsewhere("BIND", fields.get("files", "").split(", ")[0], path),
    )


def knot_zone(
    status: str, path: str, *, settings: t.Mapping[str, str], rules: t.Sequence[t.Mapping[str, str]]
) -> ServedZone:
    """Return what ``knotc zone-status`` says.

    :arg settings: of the zone and its template, and ``rules`` those of the ACL that it names.
    """
    if "| serial:" in status and "role: master" not in status:
        return ServedZone(ignored="Knot has a secondary zone there, whose records do not come from a file")
    if settings.get("zonefile-load") == "none":
        return ServedZone(ignored="Knot does not read the file, by its setting zonefile-load")
    file = settings.get("file", "")
    return ServedZone(
        dynamic=any("update" in rule.get("action", "").split() and rule.get("deny") != "on" for rule in rules),
        frozen="| freeze: yes" in status,
        # With a percent sign it is a pattern, most often of the name that files have by default.
        ignored=None if "%" in file else _read_elsewhere("Knot", file, path),
    )


def nsd_zone(status: str) -> ServedZone:
    """Return what ``nsd-control zonestatus`` says."""
    if _fields(status).get("state") in ("primary", "master"):
        return ServedZone()
    return ServedZone(ignored="NSD has a secondary zone there, whose records do not come from a file")


def powerdns_zone(status: str, path: str) -> ServedZone:
    """Return what ``pdns_control bind-domain-extended-status`` says of a zone that the bind backend has."""
    fields = _fields(status)
    if fields.get("Kind", "").lower() in ("slave", "secondary"):
        return ServedZone(ignored="PowerDNS has a secondary zone there, whose records do not come from a file")
    file = re.sub(r" \([0-9]+\)$", "", fields.get("On-disk file", ""))
    return ServedZone(ignored=_read_elsewhere("PowerDNS", file, path))


def knot_records(printed: str, *, signing: bool) -> bytes:
    """Return what ``knotc zone-read`` prints as the text of a zone file, without what Knot adds when it signs.

    :raises ZoneFileError: for anything else, such as a warning among the records.
    """
    lines = []
    for line in printed.splitlines():
        match = _KNOT_RECORD.fullmatch(line)
        if match is None:
            raise ZoneFileError(f"server: Knot says of a zone that it was told to print: {line}")
        if not (signing and match["rdtype"] in MADE_BY_SIGNING):
            lines.append(f"{match['record']}\n")
    return "".join(lines).encode("utf-8")


@contextmanager
def frozen(server: NameServer, paths: t.Mapping[str, str]) -> t.Generator[dict[str, bytes | None], None, None]:
    """Freeze zones, and thaw them at the end whatever happens; yield what ``content`` tells of each.

    :arg paths: by the name of each zone, where its file is.
    :raises ZoneFileError: where the server does not freeze or thaw one of them.
    """
    held: dict[str, object] = {}
    contents: dict[str, bytes | None] = {}
    with _stopped_in_order():
        try:
            for zone, path in paths.items():
                server.freeze(zone)
                held[zone] = _identity(path)
                contents[zone] = server.content(zone, path)
                held[zone] = _identity(path)
            yield contents
        except ZonecutError as exc:
            failed = _thaw_all(server, paths, held)
            if failed:
                raise ZoneFileError("\n".join((exc.message, *failed)), **exc.details) from exc
            raise
        except BaseException:
            # Whoever ends the module has told Ansible why, so there is only this way to tell more.
            sys.stderr.write("".join(f"{line}\n" for line in _thaw_all(server, paths, held)))
            raise
        failed = _thaw_all(server, paths, held)
        if failed:
            raise ZoneFileError("\n".join(failed), changed=True)


def _thaw_all(server: NameServer, paths: t.Mapping[str, str], held: t.Mapping[str, object]) -> list[str]:
    """Thaw zones; return which are not, and what does it by hand."""
    failed = []
    for zone, identity in held.items():
        try:
            server.thaw(zone, replaced=_identity(paths[zone]) != identity)
        except ZoneFileError as exc:
            failed.append(
                f"zone {zone}: it may still be frozen, and then takes no updates: {exc.message};"
                f" thaw it with: {server.thaw_command(zone)}"
            )
    return failed


@contextmanager
def _stopped_in_order() -> t.Generator[None, None, None]:
    """Have signals that end the module end it as an exception does."""

    def stop(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    changed = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in changed:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in changed.items():
            signal.signal(number, handler)


def _serial_in(path: str, zone: str) -> int | None:
    try:
        with open(path, "rb") as stream:
            text = stream.read()
        header = read_header(text)
        if header is not None and header.intact:
            return header.serial
        file = FileText(name=path, text=text_of(text), path=path)
        return serial_of(read_records(file, origin=dns.name.from_text(zone), include=include_from_folder))
    except (OSError, ZoneFileError):
        # No file yet, or one that can be read only once the server has written it anew.
        return None


def _identity(path: str) -> object:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _fields(printed: str) -> dict[str, str]:
    """Return what lines such as ``name: value`` say."""
    pairs = (line.partition(":") for line in printed.splitlines())
    return {name.strip(): value.strip() for name, _colon, value in pairs}


def _settings(printed: str) -> dict[str, str]:
    """Return what lines such as ``zone[contoso.example.].acl = first second`` say."""
    found = re.finditer(r"^\w+\[.*\]\.([a-z0-9-]+) = (.*)$", printed, re.MULTILINE)
    return {match[1]: match[2] for match in found}


def _read_elsewhere(server: str, file: str, path: str) -> str | None:
    # Folders are no evidence: a server may see them otherwise, as with chroot.
    if not file or os.path.basename(file) == os.path.basename(path):
        return None
    return f"{server} reads the zone from {file}"
