# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files a zone file includes, found without reading the zone: they are sent with it and are its content too."""

from __future__ import annotations

import hashlib
import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._octets import octets_of

__all__ = ("IncludingFile", "included_path", "including_file")

# One character that is searched for at the speed of memory, then the rest of the line's start.
_INCLUDE = re.compile(
    rb'\$(?<![^\n]\$)INCLUDE[ \t]+(?:"((?:[^"\\\n]|\\[^\n])*)"|((?:[^\s;()"\\]|\\[^\n])+))', re.IGNORECASE
)


@dataclass(frozen=True)
class IncludingFile:
    """A zone file and all that it includes.

    :arg digest: SHA-256 of its content and of all that it includes, in hexadecimal.
    :arg included: paths, each once, in the order in which they are met.
    """

    path: str
    digest: str
    included: tuple[str, ...]


def included_path(written: str, including: str) -> str:
    """Return the path that ``$INCLUDE`` means: relative to the folder of the file that has it."""
    return os.path.join(os.path.dirname(including), written)


def including_file(path: str) -> IncludingFile:
    """Return what a zone file and the files that it includes are made of.

    :raises ZoneFileError: for one that cannot be read, and for files that include each other in a circle.
    """
    digests: dict[str, str] = {}
    _collect(path, digests, above=(), place=None)
    digest = digests[path]
    if len(digests) > 1:
        digest = hashlib.sha256(" ".join(digests.values()).encode("ascii")).hexdigest()
    return IncludingFile(path=path, digest=digest, included=tuple(digests)[1:])


def _collect(path: str, digests: dict[str, str], *, above: tuple[str, ...], place: str | None) -> None:
    """Add the digests of a file and of all that it includes.

    :arg above: the real paths of the files that include it, and ``place`` the line of the last one that does.
    """
    real = os.path.realpath(path)
    if real in above:
        raise ZoneFileError(f"{place}: $INCLUDE of {path} goes round in a circle")
    if path in digests:
        return
    try:
        content = octets_of(path)
    except OSError as exc:
        where = f"{place}: $INCLUDE of {path}" if place else path
        raise ZoneFileError(f"{where}: cannot be read ({exc.strerror})") from exc
    digests[path] = hashlib.sha256(content).hexdigest()
    for match in _INCLUDE.finditer(content):
        written = os.fsdecode(t.cast(bytes, match[1] if match[2] is None else match[2]))
        line = content.count(b"\n", 0, match.start()) + 1
        _collect(included_path(written, path), digests, above=(*above, real), place=f"{path}:{line}")
