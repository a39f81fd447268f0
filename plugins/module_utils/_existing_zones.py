# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones that exist as files: which files of a folder are zones, how each zone is called, and its records."""

from __future__ import annotations

import fnmatch
import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import (
    FileText,
    Include,
    has_soa,
    include_from_folder,
    read_records,
    text_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import absolute_name, is_at_or_below, name_text
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_zone_name, parse_absolute_name
from ansible_collections.zonecut.dns.plugins.module_utils._octets import octets_of
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record

with deps.declare("dnspython"):
    import dns.name

__all__ = ("ExistingZone", "read_zone_file", "zone_files_in")

# Of copies, journals and the keys that BIND keeps, whatever the rest of the name is.
_NO_ZONE = (
    "~",
    ".bak",
    ".bind",
    ".jbk",
    ".jnl",
    ".mkeys",
    ".old",
    ".orig",
    ".rpmnew",
    ".rpmsave",
    ".save",
    ".swp",
    ".tmp",
)
_AFFIXES = re.compile(r"(?:db\.|pri\.|zone\.)?(.+?)(?:\.(?:db|dns|hosts|txt|zone))?(?:\.signed)?", re.IGNORECASE)
# BIND's raw format, of any version (lib/dns/include/dns/masterdump.h): the number 2 in four octets.
_RAW = b"\0\0\0\2"


@dataclass(frozen=True)
class ExistingZone:
    """A zone as it was found.

    :arg source: where, as messages name it.
    :arg warnings: what may be missing.
    """

    name: dns.name.Name
    records: t.Sequence[Record]
    source: str
    warnings: tuple[str, ...] = ()


def zone_files_in(folder: str, *, patterns: t.Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the paths of the zone files in a folder, and why other files that match are none, by path.

    Hidden files, links to nowhere and folders in it are neither.

    :arg patterns: of names, as shells have them; any of them.
    :raises ZoneFileError: where the folder or a file cannot be read.
    """
    found: list[str] = []
    passed: dict[str, str] = {}
    try:
        names = sorted(os.listdir(folder))
    except OSError as exc:
        raise ZoneFileError(f"{folder}: cannot be read ({exc.strerror})") from exc
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith(".") or not os.path.isfile(path):
            continue
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            continue
        if name.endswith(_NO_ZONE):
            passed[path] = "named as copies and journals are"
        elif not _may_be_zone(_read(path)):
            passed[path] = "no SOA record in it"
        else:
            found.append(path)
    return found, passed


def read_zone_file(path: str, *, name: dns.name.Name | None, include_from: str | None = None) -> ExistingZone:
    """Return the zone in a file.

    :arg name: its apex, or None to find it by the SOA, or by the name of the file where that is relative.
    :arg include_from: the folder that paths in ``$INCLUDE`` start from; None for that of the file which has them.
    :raises ZoneFileError: for what is no zone file, or one whose zone is not clear.
    """
    octets = _read(path)
    if octets.startswith(_RAW):
        rule = "is in the raw format of BIND; named-compilezone -f raw -F text makes a zone file of it"
        raise ZoneFileError(f"{path}: {rule}")
    file = FileText(name=path, text=text_of(octets), path=path)
    include = _include(include_from)
    if name is None:
        name, records = _find(file, include)
    else:
        records = read_records(file, origin=name, include=include)
    warnings: tuple[str, ...] = ()
    if os.path.exists(f"{path}.jnl"):
        warnings = (
            "a journal of dynamic updates is beside the file, which may lack them: sync it first (rndc sync),"
            " or transfer the zone",
        )
    return ExistingZone(name=name, records=records, source=path, warnings=warnings)


def _find(file: FileText, include: Include) -> tuple[dns.name.Name, list[Record]]:
    """Return the name of a zone that nobody named, and its records."""
    # Names that are relative to what only the server's configuration tells end up here; short, for they may be long.
    origin = dns.name.from_text("_.")
    nowhere = name_text(origin)
    records = read_records(file, origin=origin, include=include)
    owners = {absolute_name(record.owner, nowhere) for record in records if record.rdtype == "SOA"}
    if len(owners) != 1:
        raise ZoneFileError(f"{file.path}: a zone has one SOA, and here are {len(owners)}; give the name of the zone")
    owner = owners.pop()
    name = dns.name.from_text(owner)
    if is_at_or_below(owner, nowhere):
        assumed = _name_of_file(file.path)
        if assumed is None or owner != nowhere:
            raise ZoneFileError(
                f"{file.path}: neither its name nor its SOA tells which zone it is; give the name of the zone"
            )
        name = assumed
    return name, read_records(file, origin=name, include=include)


def _name_of_file(path: str) -> dns.name.Name | None:
    match = t.cast("re.Match[str]", _AFFIXES.fullmatch(os.path.basename(path)))
    labels = match[1].split(".")
    # db.192.0.2 is for 2.0.192.in-addr.arpa, and db.local for a zone of one label or for any.
    if len(labels) < 2 or labels[-1].isdigit():
        return None
    try:
        name = parse_absolute_name(match[1])
    except ValueError:
        return None
    return name.canonicalize() if is_zone_name(name) else None


def _include(folder: str | None) -> Include:
    if folder is None:
        return include_from_folder
    start = os.path.join(folder, "")
    return lambda written, _including: include_from_folder(written, start)


def _may_be_zone(octets: bytes) -> bool:
    return octets.startswith(_RAW) or has_soa(text_of(octets))


def _read(path: str) -> bytes:
    try:
        return octets_of(path)
    except OSError as exc:
        raise ZoneFileError(f"{path}: cannot be read ({exc.strerror})") from exc
