# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zone files as text: reading any, writing ours, and the header by which ours are known again without reading them."""

from __future__ import annotations

import hashlib
import io
import os
import re
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._content import ZoneContent
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import presentation
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record, must_fit

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.tokenizer
    import dns.zonefile

    class _Reader(dns.zonefile.Reader):
        # The versions of dnspython differ in what a record without TTL has where there is no $TTL. Here, as in BIND, it
        # has that of the record before (RFC 1035 section 5.1), or the minimum of a SOA that has no TTL itself.
        def _rr_line(self) -> None:
            was_known = self.default_ttl_known
            super()._rr_line()
            if self.default_ttl_known and not was_known:
                self.default_ttl_known = not self.last_ttl_known
                self.default_ttl_from_soa = False

    class _Tokenizer(dns.tokenizer.Tokenizer):
        line_of_last_token = 0

        def get(self, want_leading: bool = False, want_comment: bool = False) -> dns.tokenizer.Token:
            token = super().get(want_leading, want_comment)
            if not token.is_eol_or_eof():
                # Once the end of a line has been looked at, the line number is that of the next one.
                self.line_of_last_token = self.line_number - (self.ungotten_char == "\n")
            return token


__all__ = (
    "FORMAT",
    "Header",
    "file_name",
    "managed_zone",
    "read_header",
    "read_records",
    "render",
    "serial_of",
    "text_of",
)

# Counted up when the same content gets another text; files of another format are written anew.
FORMAT = 1

_HEADER = re.compile(
    rb"; Zone (?P<zone>\S+), managed by Ansible \(zonecut\.dns\.zone_files\): edits are overwritten\.\n"
    rb"; format (?P<format>\d+), serial (?P<serial>\d+), records (?P<records>\d+)\n"
    # What is left of a file that lost its end still tells the serial.
    rb"(?:; input (?P<input>[0-9a-f]{64}|-)\n"
    rb"(?:; seal (?P<seal>[0-9a-f]{64})\n)?)?"
)
_SEAL = b"; seal "
# After the seal, so that the header stays short however many there are.
_PUSHED = re.compile(rb"; with delegations pushed by zonecut\.dns\.delegations: (?P<names>[^\n]+)\n")
_DIRECTIVE_INCLUDE = re.compile(r"^\s*\$INCLUDE\s", re.MULTILINE | re.IGNORECASE)
_FOREIGN_OCTETS = re.compile("[\udc80-\udcff]")
# A record of any other type as it is written here.
_OCTETS = re.compile(r"(?<= IN )TYPE(\d+) +\\# (\d+) ([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Header:
    """What the first lines of a managed file say of it.

    :arg zone: the zone's name as ``display_name`` writes it.
    :arg records: how many there are, the SOA included.
    :arg input_digest: of all that the content was made from, or None where that must not be relied upon.
    :arg intact: whether the file is as it was written.
    """

    zone: str
    format: int
    serial: int
    records: int
    input_digest: str | None
    intact: bool
    pushed: frozenset[str]


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
    return Header(
        zone=match["zone"].decode("ascii"),
        format=int(match["format"]),
        serial=int(match["serial"]),
        records=int(match["records"]),
        input_digest=None if digest == "-" else digest,
        intact=match["seal"] is not None and _seal(text, match.start("seal")).encode("ascii") == match["seal"],
        pushed=frozenset() if pushed is None else frozenset(pushed["names"].decode("ascii").split()),
    )


def render(
    content: ZoneContent,
    *,
    serial: int,
    input_digest: str | None = None,
    pushed: t.Collection[str] = (),
    managed: bool = True,
) -> bytes:
    """Return the text of a zone file; names and data are absolute but for owners, one record a line.

    :arg pushed: the zones, named as ``display_name`` does, whose delegation no description of this zone holds.
    :arg managed: whether it starts with the header of a managed file, which alone holds the two before.
    """
    rows: list[tuple[str, str, str, str]] = []
    for key, rrset in content.ordered():
        if key.rdtype != dns.rdatatype.SOA:
            owner, ttl = _relative(key.owner, content.apex), str(rrset.ttl)
            rows.extend((owner, ttl, *presentation(rdata)) for rdata in rrset.rdatas)
    # Wider than this, one long name would push all data out of sight.
    owner_width = min(max((len(row[0]) for row in rows), default=1), 32)
    ttl_width = max((len(row[1]) for row in rows), default=1)
    type_width = min(max((len(row[2]) for row in rows), default=1), 10)
    lines = [
        f"$ORIGIN {content.apex}",
        *_soa_lines(content, serial=serial),
        *(f"{row[0]:{owner_width}} {row[1]:>{ttl_width}} IN {row[2]:{type_width}} {row[3]}" for row in rows),
    ]
    body = "\n".join((*lines, "")).encode("ascii")
    if not managed:
        return body
    above = (
        f"; Zone {display_name(content.apex)}, managed by Ansible (zonecut.dns.zone_files): edits are overwritten.\n"
        f"; format {FORMAT}, serial {serial}, records {len(content)}\n"
        f"; input {input_digest or '-'}\n"
    ).encode("ascii")
    names = " ".join(sorted(pushed)).encode("ascii")
    noted = b"; with delegations pushed by zonecut.dns.delegations: " + names + b"\n" if pushed else b""
    unsealed = above + _SEAL + b"0" * 64 + b"\n" + noted + body
    seal_at = len(above) + len(_SEAL)
    return unsealed[:seal_at] + _seal(unsealed, seal_at).encode("ascii") + unsealed[seal_at + 64 :]


def text_of(octets: bytes) -> str:
    """Return a zone file as text; octets that are no UTF-8, such as Latin-1 in a comment, become ``\\DDD``."""
    text = octets.decode("utf-8", errors="surrogateescape")
    return _FOREIGN_OCTETS.sub(lambda match: f"\\{ord(match[0]) - 0xDC00:03d}", text)


def read_records(
    text: str, *, origin: dns.name.Name, name: str, default_ttl: int | None = None, include_from: str | None = None
) -> list[Record]:
    """Return all records of a zone file, out-of-zone ones, duplicates and the SOA with its serial included.

    :arg name: how messages call the file.
    :arg default_ttl: seconds, for records before any ``$TTL``; None means what a SOA or the record before says.
    :arg include_from: the folder that the paths of ``$INCLUDE`` start from; None refuses the directive.
    :raises ZoneFileError: for what is no zone file.
    """
    includes = bool(_DIRECTIVE_INCLUDE.search(text))
    if includes and include_from is None:
        raise ZoneFileError(f"{name}: $INCLUDE is not followed here; named-compilezone writes such a zone as one file")
    carrier = _carrier_type(text)
    collector = _Collector(carrier)
    codec = None if text.isascii() else dns.name.IDNA_2008_Practical
    carried = _OCTETS.sub(lambda match: _carried(match, carrier), text)
    tokenizer = _Tokenizer(io.StringIO(f"{carried}\n"), filename=name, idna_codec=codec)
    reader = _Reader(
        tokenizer,
        dns.rdataclass.IN,
        t.cast("t.Any", collector),
        allow_include=includes,
        default_ttl=default_ttl,
    )
    # With the zone's own origin the reader would drop out-of-zone records without a word; the collector tells the root.
    reader.current_origin = reader.last_name = origin

    def where() -> tuple[str, int]:
        # The reader takes another tokenizer for each $INCLUDE.
        return reader.tok.where()

    collector.where = where
    try:
        with _working_directory(include_from if includes else None):
            reader.read()
    except (dns.exception.DNSException, OSError, ValueError) as exc:
        reason = str(exc)
        if reader.tok is tokenizer and tokenizer.line_of_last_token:
            line = tokenizer.line_of_last_token
            written = " ".join(text.splitlines()[line - 1].split())
            reason = f"{name}:{line} ({written}): {reason.partition(': ')[2] or reason}"
        raise ZoneFileError(f"not a zone file that can be read: {reason}") from exc
    return collector.records


def serial_of(records: t.Iterable[Record]) -> int | None:
    """Return the serial of the SOA among the records, or None without one."""
    for record in records:
        if record.rdata.rdtype == dns.rdatatype.SOA:
            return int(t.cast("t.Any", record.rdata).serial)
    return None


class _Collector:
    """Stands in for the transaction that dnspython's reader fills, which drops or refuses records without a name."""

    where: t.Callable[[], tuple[str, int]]

    def __init__(self, carrier: int) -> None:
        self.records: list[Record] = []
        self._carrier = carrier
        self.manager = self

    def origin_information(self) -> tuple[dns.name.Name, bool, dns.name.Name]:
        return dns.name.root, False, dns.name.root

    def check_put_rdataset(self, check: object) -> None:
        """Accept the reader's check of CNAMEs; ours comes later and names the record."""

    def _set_origin(self, origin: dns.name.Name) -> None:
        """Accept what ``$ORIGIN`` says, which the reader has applied."""
        # dnspython 2.3 would drop all records that follow.
        if not origin.is_absolute():
            raise dns.exception.SyntaxError(f"$ORIGIN {origin} lacks its final dot, which this dnspython needs")

    def add_unicode(self, directive: str) -> None:
        """Accept what ``$UNICODE`` says, which the reader has applied."""

    def add(self, owner: dns.name.Name, ttl: int, rdata: dns.rdata.Rdata) -> None:
        # The reader is at the start of the next line when it has a record.
        file, line = self.where()
        if rdata.rdtype == self._carrier:
            rdata = _delivered(rdata)
        try:
            must_fit(rdata)
        except ValueError as exc:
            raise dns.exception.SyntaxError(str(exc)) from exc
        where = f"{file}:{line - 1} ({display_name(owner)} {dns.rdatatype.to_text(rdata.rdtype)})"
        self.records.append(Record(owner=owner, ttl=ttl, rdata=rdata, where=where))


@contextmanager
def _working_directory(folder: str | None) -> t.Generator[None, None, None]:
    # The reader opens what $INCLUDE names relative to where the process is, as name servers do.
    if folder is None:
        yield
        return
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _seal(text: bytes, at: int) -> str:
    digest = hashlib.sha256(text[:at])
    digest.update(memoryview(text)[at + 64 :])
    return digest.hexdigest()


def _relative(owner: dns.name.Name, apex: dns.name.Name) -> str:
    return owner.relativize(apex).to_text()


def _soa_lines(content: ZoneContent, *, serial: int) -> t.Iterator[str]:
    for key, rrset in content.rrsets.items():
        if key.rdtype != dns.rdatatype.SOA:
            continue
        for soa in t.cast("t.Iterable[t.Any]", rrset.rdatas):
            yield f"{_relative(key.owner, content.apex)} {rrset.ttl} IN SOA {soa.mname} {soa.rname} ("
            yield f"    {serial:<10} ; serial"
            for field in ("refresh", "retry", "expire"):
                yield f"    {getattr(soa, field):<10} ; {field} ({format_duration(getattr(soa, field))})"
            yield f"    {soa.minimum:<10} ; negative TTL ({format_duration(soa.minimum)})"
            yield ")"


def _carrier_type(text: str) -> int:
    """Return a type for private use (RFC 6895 section 3.1) that the file does not have."""
    return next(number for number in range(65534, 65279, -1) if not re.search(f"TYPE{number}", text, re.IGNORECASE))


def _carried(match: re.Match[str], carrier: int) -> str:
    # No version of dnspython reads every type from octets: 2.3 fails on names below the origin, 2.8 on those of DSYNC.
    rdtype, octets = int(match[1]), match[3]
    if rdtype > 65535 or int(match[2]) * 2 != len(octets):
        return match[0]
    return f"TYPE{carrier} \\# {int(match[2]) + 2} {rdtype:04x}{octets}"


def _delivered(rdata: dns.rdata.Rdata) -> dns.rdata.Rdata:
    octets = t.cast(bytes, rdata.to_wire())
    rdtype = dns.rdatatype.RdataType.make(int.from_bytes(octets[:2], "big"))
    try:
        return dns.rdata.from_wire(dns.rdataclass.IN, rdtype, octets[2:], 0, len(octets) - 2)
    except (dns.exception.DNSException, ValueError) as exc:
        # The reader adds the line to this error and to no other.
        reason = str(exc).rstrip(".") or type(exc).__name__
        raise dns.exception.SyntaxError(f"not {dns.rdatatype.to_text(rdtype)} data ({reason})") from exc
