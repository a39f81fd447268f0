# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zone files of ours: writing them, and the header by which they are known again without reading them."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._content import ContentLine, ZoneContent
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._serial import Origin

__all__ = (
    "FORMAT",
    "Header",
    "file_name",
    "managed_zone",
    "read_header",
    "read_rendered",
    "render",
)

# Counted up when the same content gets another text; files of another format are written anew.
FORMAT = 2

_HEADER = re.compile(
    rb"; Zone (?P<zone>[!-~]+), managed by Ansible \(zonecut\.dns\.zone_files\): edits are overwritten\.\n"
    rb"; format (?P<format>\d{1,10}), serial (?P<serial>\d{1,10})(?: \((?P<origin>[a-z, ]+)\))?,"
    rb" records (?P<records>\d{1,10})\n"
    # What is left of a file that lost its end still tells the serial.
    rb"(?:; input (?P<input>[0-9a-f]{64}|-)\n"
    rb"(?:; seal (?P<seal>[0-9a-f]{64})\n)?)?"
)
_SEAL = b"; seal "
# After the seal, so that the header stays short however many there are.
_PUSHED = re.compile(rb"; with delegations pushed by zonecut\.dns\.delegations: (?P<names>[^\n]+)\n")
_WARNING = re.compile(rb"; warning (?P<text>\"[^\n]*\")\n")
_RENDERED_SOA = re.compile(
    rb"^\$ORIGIN (?P<apex>\S+)\n@ (\d+) IN SOA (\S+) (\S+) \(\n"
    rb" +(\d+) [^\n]*\n +(\d+) [^\n]*\n +(\d+) [^\n]*\n +(\d+) [^\n]*\n +(\d+) [^\n]*\n\)\n",
    re.MULTILINE,
)
# How many lines become octets at a time: a large zone is not held in memory once more.
_LINES_AT_ONCE = 50000


@dataclass(frozen=True)
class Header:
    """What the first lines of a managed file say of it.

    :arg zone: the zone's name as ``display_name`` writes it.
    :arg origin: how the serial came about, or None where it was taken over with the file.
    :arg records: how many there are, the SOA included.
    :arg input_digest: of all that the content was made from, or None where that must not be relied upon.
    :arg intact: whether the file is as it was written.
    :arg warnings: what the checks of the content warned about; known only where the file is intact.
    """

    zone: str
    format: int
    serial: int
    origin: Origin | None
    records: int
    input_digest: str | None
    intact: bool
    pushed: frozenset[str]
    warnings: tuple[str, ...]


def file_name(zone: str) -> str:
    """Return the name of the file of a zone named as ``display_name`` does; ``/`` (RFC 2317) becomes ``_``."""
    return f"{'root' if zone == '.' else zone.replace('/', '_')}.zone"


def managed_zone(start: bytes) -> str | None:
    """Return the zone that a file is of when ``start``, its first kilobyte or more, is our header, or None."""
    match = _HEADER.match(start)
    return None if match is None else match["zone"].decode("ascii")


def read_header(text: bytes) -> Header | None:
    """Return the header of a file, or None for one that is not managed."""
    match = _HEADER.match(text)
    if match is None:
        return None
    digest = (match["input"] or b"-").decode("ascii")
    pushed = _PUSHED.match(text, match.end())
    end = match.end() if pushed is None else pushed.end()
    intact = match["seal"] is not None and _is_sealed(text, match.start("seal"))
    warnings = []
    # An edit may have left anything there.
    while intact and (warning := _WARNING.match(text, end)) is not None:
        warnings.append(json.loads(warning["text"]))
        end = warning.end()
    return Header(
        zone=match["zone"].decode("ascii"),
        format=int(match["format"]),
        serial=int(match["serial"]),
        origin=Origin.parse((match["origin"] or b"").decode("ascii")),
        records=int(match["records"]),
        input_digest=None if digest == "-" else digest,
        intact=intact,
        pushed=frozenset() if pushed is None else frozenset(pushed["names"].decode("ascii", "replace").split()),
        warnings=tuple(warnings),
    )


def render(
    content: ZoneContent,
    *,
    serial: int,
    origin: Origin | None = None,
    input_digest: str | None = None,
    pushed: t.Collection[str] = (),
    warnings: t.Iterable[str] = (),
    managed: bool = True,
) -> bytes:
    """Return the text of a zone file; names and data are absolute but for owners, one record a line.

    :arg origin: how the serial came about, if by a policy.
    :arg pushed: the zones, named as ``display_name`` does, whose delegation no description of this zone holds.
    :arg warnings: what the checks of the content warned about.
    :arg managed: whether it starts with the header of a managed file, which alone holds the four before.
    """
    body = list(_body(content, serial=serial))
    if not managed:
        return b"".join(body)
    above = (
        f"; Zone {_zone_of(content)}, managed by Ansible (zonecut.dns.zone_files): edits are overwritten.\n"
        f"; format {FORMAT}, serial {serial}{'' if origin is None else f' ({origin})'}, records {len(content)}\n"
        f"; input {input_digest or '-'}\n"
    ).encode("ascii")
    names = " ".join(sorted(pushed)).encode("ascii")
    noted = b"; with delegations pushed by zonecut.dns.delegations: " + names + b"\n" if pushed else b""
    noted += "".join(f"; warning {json.dumps(warning)}\n" for warning in warnings).encode("ascii")
    unsealed = [above, _SEAL, b"\n", noted, *body]
    unsealed.insert(2, _seal(unsealed))
    return b"".join(unsealed)


def read_rendered(text: bytes) -> ZoneContent:
    """Return the content of an intact file of the present format, line by line as it was rendered."""
    match = t.cast("re.Match[bytes]", _RENDERED_SOA.search(text))
    ttl, mname, rname, _serial, *timers = (group.decode("ascii") for group in match.groups()[1:])
    soa = ContentLine("@", int(ttl), "SOA", " ".join((mname, rname, "0", *timers)))
    lines = text[match.end() :].decode("ascii").split("\n")
    return ZoneContent(apex=match["apex"].decode("ascii"), soa=str(soa), lines=tuple(lines[:-1]))


def _zone_of(content: ZoneContent) -> str:
    return content.apex if content.apex == "." else content.apex[:-1]


def _body(content: ZoneContent, *, serial: int) -> t.Iterator[bytes]:
    yield f"$ORIGIN {content.apex}\n".encode("ascii")
    if content.soa is not None:
        yield "".join(f"{line}\n" for line in _soa_lines(ContentLine.of(content.soa), serial=serial)).encode("ascii")
    for start in range(0, len(content.lines), _LINES_AT_ONCE):
        yield "\n".join((*content.lines[start : start + _LINES_AT_ONCE], "")).encode("ascii")


def _soa_lines(soa: ContentLine, *, serial: int) -> t.Iterator[str]:
    mname, rname, _serial, *timers = soa.data.split()
    yield f"{soa.owner} {soa.ttl} IN SOA {mname} {rname} ("
    yield f"    {serial:<10} ; serial"
    for field, seconds in zip(("refresh", "retry", "expire", "negative TTL"), timers):
        yield f"    {seconds:<10} ; {field} ({format_duration(int(seconds))})"
    yield ")"


def _seal(pieces: t.Iterable[bytes | memoryview[int]]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest().encode("ascii")


def _is_sealed(text: bytes, start: int) -> bool:
    octets = memoryview(text)
    return _seal((octets[:start], octets[start + 64 :])) == text[start : start + 64]
