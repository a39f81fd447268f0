# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies in a folder of zone files shows that a server changes a zone by itself: journals, and files it dumped."""

from __future__ import annotations

import os
import re
import struct
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import name_text
from ansible_collections.zonecut.dns.plugins.module_utils._serial import newer

with deps.declare("dnspython"):
    import dns.exception
    import dns.name

__all__ = ("Journal", "Journals", "ServerTrace", "server_trace")

_SUFFIX = ".jnl"
# Of a zone that is signed in-line: what the server makes of the file, not what the file lacks.
_SIGNED_SUFFIX = ".signed.jnl"

# BIND's lib/dns/journal.c: the header, and of the first transaction its header, the size of its first record, which is
# the SOA that was, and its owner.
_HEADER_SIZE = 64
_HEADER = struct.Struct(">16sIIII")
_TRANSACTION_SIZES = {b";BIND LOG V9\n": 12, b";BIND LOG V9.2\n": 16}
_RECORD_SIZE = 4
_MAX_NAME = 255

_BIND_DUMP = re.compile(rb"^\t+[0-9]+ *; serial\n", re.MULTILINE)
_KNOT_DUMP = re.compile(rb";; Zone dump \(Knot DNS ")
# More than the first lines of a dump take.
_DUMP_START = 4096


@dataclass(frozen=True)
class Journal:
    """A journal of BIND.

    :arg zone: the apex as canonical text, or None where it holds no change or cannot be read.
    :arg last_serial: after all changes in it, or None where it cannot be read.
    """

    path: str
    zone: str | None
    last_serial: int | None


class Journals:
    """The journals in a folder, which is looked through when it is first asked for one."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._names: frozenset[str] | None = None
        self._renamed: dict[str, Journal] = {}

    def of(self, zone: str, path: str) -> Journal | None:
        """Return the journal of a zone, or None for none.

        :arg zone: the apex as canonical text, by which a journal is known whose name is not that of the file.
        :raises OSError: for a folder or a journal that cannot be read.
        """
        if self._names is None:
            self._look()
        name = f"{os.path.basename(path)}{_SUFFIX}"
        if name in t.cast("frozenset[str]", self._names):
            return _read(os.path.join(self._directory, name))
        return self._renamed.get(zone)

    def _look(self) -> None:
        self._names = frozenset(os.listdir(self._directory) if os.path.isdir(self._directory) else ())
        for name in sorted(self._names):
            if not name.endswith(_SUFFIX) or name.endswith(_SIGNED_SUFFIX) or name[: -len(_SUFFIX)] in self._names:
                continue
            journal = _read(os.path.join(self._directory, name))
            if journal.zone is not None:
                self._renamed.setdefault(journal.zone, journal)


@dataclass(frozen=True)
class ServerTrace:
    """What shows that a server changes a zone by itself.

    :arg path: what shows it, and ``reason`` how.
    :arg code: by which it can be allowed.
    """

    path: str
    reason: str
    code: str = "journal"


def server_trace(*, path: str, text: bytes | None, serial: int | None, journal: Journal | None) -> ServerTrace | None:
    """Return what shows that a server changes the zone by itself, or None for nothing.

    :arg text: of the zone file at ``path``, and ``serial`` the one in it; None without one.
    """
    start = b"" if text is None else text[:_DUMP_START]
    if journal is None:
        if _KNOT_DUMP.match(start):
            return ServerTrace(path, "Knot has written this file by itself", code="dynamic_zone")
        return None
    if journal.last_serial is None or serial is None:
        return ServerTrace(journal.path, "a journal of dynamic updates is there")
    if newer(journal.last_serial, than=serial):
        reason = f"a journal of dynamic updates leads from serial {serial} of the file to {journal.last_serial}"
        return ServerTrace(journal.path, reason)
    if _BIND_DUMP.search(start):
        return ServerTrace(journal.path, "a journal of dynamic updates is there, and BIND has written them to the file")
    # With in-line signing or ixfr-from-differences, BIND notes what changed between the files that it was given.
    return None


def _read(path: str) -> Journal:
    with open(path, "rb") as stream:
        header = stream.read(_HEADER_SIZE)
        unreadable = Journal(path=path, zone=None, last_serial=None)
        if len(header) < _HEADER_SIZE:
            return unreadable
        magic, _first_serial, start, last_serial, end = _HEADER.unpack_from(header)
        transaction_size = _TRANSACTION_SIZES.get(magic.rstrip(b"\0"))
        if transaction_size is None or start >= end:
            return unreadable
        stream.seek(start + transaction_size + _RECORD_SIZE)
        octets = stream.read(_MAX_NAME)
    try:
        zone = name_text(dns.name.from_wire(octets, 0)[0])
    except dns.exception.DNSException:
        return unreadable
    return Journal(path=path, zone=zone, last_serial=last_serial)
