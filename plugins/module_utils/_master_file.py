# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any zone file, read into records: the syntax of RFC 1035 section 5, $TTL (RFC 2308), $INCLUDE and $GENERATE.

Lines are read here, since dnspython takes a minute for a zone of a million; data that has no plain form is read by
dnspython, one record at a time.
"""

from __future__ import annotations

import bisect
import functools
import re
import struct
import typing as t
from array import array
from dataclasses import dataclass
from socket import AF_INET, inet_pton

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._included_files import included_path
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import (
    MAX_TEXT,
    is_at_or_below,
    name_text,
    owner_text,
    plain_name,
)
from ansible_collections.zonecut.dns.plugins.module_utils._octets import octets_of
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import PLAIN_FORMS, presentation
from ansible_collections.zonecut.dns.plugins.module_utils._records import (
    Record,
    must_fit,
    rdata_from_octets,
    rdata_from_text,
    zone_rdatatype,
)

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.ttl

__all__ = ("FileText", "Include", "has_soa", "include_from_folder", "read_records", "serial_of", "text_of")

# From a path in $INCLUDE and the file that has it to the text of that file and how messages call it.
Include = t.Callable[[str, str], "FileText"]

_FOREIGN_OCTETS = re.compile("[\udc80-\udcff]")
_MAX_TTL = 2**31 - 1
# BIND's manual, chapter on zone files: what $GENERATE counts with.
_MAX_NUMBER = 2**31 - 1
_MAX_DEPTH = 20
_SHOWN_LENGTH = 200

# What stands between the owner and the last word of a record of plain form, such as ``300 IN A`` or ``IN MX 10``.
_MIDDLE = re.compile(
    rf"(?:([0-9]{{1,9}})\s+)?(?:IN\s+)?(?:([0-9]{{1,9}})\s+)?({'|'.join(PLAIN_FORMS)})((?:\s+[0-9]+)*)",
    re.ASCII | re.IGNORECASE,
)
# How many of its words are numbers before the last one.
_NUMBERS_FIRST = {"DS": 3, "MX": 1, "SRV": 3}
# The words of text belong together, so what stands before it is looked at another way.
_TEXT = re.compile(r'(\S*)[ \t]+([^"]*[ \t]TXT|TXT)[ \t]+(".*")[ \t]*', re.ASCII | re.IGNORECASE)
# Space to Python, but not to zone files.
_ODD_SPACE = re.compile("[\x0b\x0c\x1c-\x1f]|[^\x00-\x7f]")
_PLAIN_RELATIVE = re.compile(r"[a-z0-9_*/-]+(?:\.[a-z0-9_*/-]+)*")
_MAX_KNOWN = 100000
_HARDLY_REPEATED = frozenset(("AAAA", "TXT"))
# What their data ends in is a name.
_NAMES = frozenset(("CNAME", "DNAME", "MX", "NS", "PTR", "SRV"))
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f\v]+)
    | (?P<comment>;[^\n]*)
    | (?P<newline>\n)
    | (?P<opening>\()
    | (?P<closing>\))
    | (?P<quoted>"(?:[^"\\\n]|\\[^\n])*")
    | (?P<word>(?:[^\s;()"\\]|\\[^\n])+)
    | (?P<unusable>.)
    """,
    re.VERBOSE,
)
_UNUSABLE = {'"': "a quoted string does not end", "\\": "a backslash has nothing to escape"}
# When a client of Windows DNS last refreshed a record, in its exports before the TTL.
_AGE = re.compile(r"\[AGE:[0-9]+\]", re.IGNORECASE)
# Not in a comment, nor in a text in quotes.
_SOA = re.compile(r"^[^;\"\n]*\sSOA\s", re.IGNORECASE | re.MULTILINE)
_TTL = re.compile(r"[0-9]+|(?:[0-9]+[WDHMSwdhms])+")
_GENERATED = re.compile(r"\\.|\$(?:\$|\{([^}]*)\})?|[^\\$]+")
# Offset, width and base.
_MODIFIERS = re.compile(r"([-+]?[0-9]{1,10})?(?:,([0-9]{1,4})?(?:,([doxXnN]))?)?")
_RANGE = re.compile(r"([0-9]+)-([0-9]+)(?:/([0-9]+))?")


@dataclass(frozen=True)
class FileText:
    """The text of a zone file.

    :arg name: how messages call the file.
    :arg path: where it is, for what it includes.
    """

    name: str
    text: str
    path: str = ""

    @functools.cached_property
    def _line_ends(self) -> array[int]:
        return array("Q", (match.start() for match in re.finditer("\n", self.text)))

    def line_of(self, position: int) -> int:
        """Return the number of the line, from 1, that a position in the text is in."""
        return bisect.bisect_left(self._line_ends, position) + 1

    def place_of(self, position: int) -> str:
        """Return how messages name what starts at a position: by its line, and by what is written there."""
        # What spans lines is shown up to the end of its first one.
        start, end = self.text.rfind("\n", 0, position) + 1, self.text.find("\n", position)
        written = " ".join(self.text[start : None if end < 0 else end].split())
        shown = written if len(written) <= _SHOWN_LENGTH else f"{written[:_SHOWN_LENGTH]}..."
        return f"{self.name}:{self.line_of(position)} ({shown})"

    def where(self, record: Record) -> str:
        """Return how messages name a record of this file."""
        return self.place_of(record.position)


def text_of(octets: bytes) -> str:
    """Return a zone file as text, without the mark that editors on Windows put before UTF-8.

    Octets that are no UTF-8, such as Latin-1 in a comment, become ``\\DDD``.
    """
    text = octets.decode("utf-8-sig", errors="surrogateescape")
    if text.isascii():
        return text
    return _FOREIGN_OCTETS.sub(lambda match: f"\\{ord(match[0]) - 0xDC00:03d}", text)


def has_soa(text: str) -> bool:
    """Whether a zone file has an SOA record, as far as a look at its lines tells."""
    return bool(_SOA.search(text))


def include_from_folder(written: str, including: str) -> FileText:
    """Open what ``$INCLUDE`` names, relative to the folder of the file that has it.

    :raises ZoneFileError: where it cannot be read.
    """
    path = included_path(written, including)
    try:
        return FileText(name=path, text=text_of(octets_of(path)), path=path)
    except OSError as exc:
        raise ZoneFileError(f"$INCLUDE {written}: {path} cannot be read ({exc.strerror})") from exc


def read_records(
    file: FileText, *, origin: dns.name.Name, default_ttl: int | None = None, include: Include | None = None
) -> list[Record]:
    """Return all records of a zone file, out-of-zone ones, duplicates and the SOA with its serial included.

    :arg origin: the apex of the zone.
    :arg default_ttl: seconds, for records before any ``$TTL``; None means what a SOA or the record before says.
    :arg include: opens what ``$INCLUDE`` names; None refuses the directive.
    :raises ZoneFileError: for what is no zone file.
    """
    reader = _Reader(apex=name_text(origin), default_ttl=default_ttl, include=include)
    reader.read(file)
    return reader.records


def serial_of(records: t.Iterable[Record]) -> int | None:
    """Return the serial of the SOA among the records, or None without one."""
    for record in records:
        if record.rdtype == "SOA":
            return int(record.data.split()[2])
    return None


class _Shape(t.NamedTuple):
    """What a record says between its owner and the last word of its data.

    :arg ttl: seconds, or None without one.
    :arg before: the part of the data that is before its last word, with a space after it.
    """

    ttl: int | None
    rdtype: str
    before: str


class _Token(t.NamedTuple):
    kind: str
    text: str
    position: int


class _Reader:
    """Reads one zone file and those that it includes."""

    def __init__(self, *, apex: str, default_ttl: int | None, include: Include | None) -> None:
        self.records: list[Record] = []
        self._apex = apex
        self._include = include
        self._origin = apex
        # None yet; RFC 1035 section 5.1 has blank owners repeat the last one.
        self._owner = ""
        self._default_ttl = default_ttl
        self._last_ttl: int | None = None
        self._depth = 0
        self._shapes: dict[str, _Shape] = {}
        # Most names in data come many times.
        self._known: dict[tuple[str, str, str, str], str | None] = {}

    def read(self, file: FileText) -> None:
        """Add the records of a file."""
        if not file.text.endswith("\n"):
            file = FileText(file.name, f"{file.text}\n", file.path)
        self._file = file
        position, end = 0, len(file.text)
        while position < end:
            position = self._plain_lines(position)
            if position < end:
                position = self._entry(position)

    def _plain_lines(self, position: int) -> int:
        """Read records of plain form up to the first line of another one; return where that starts."""
        text, size = self._file.text, 2048
        while position < len(text):
            end = text.rfind("\n", position, position + size) + 1 or text.index("\n", position) + 1
            block = text[position:end]
            if not block.isascii() or any(space in block for space in "\x0b\x0c\x1c\x1d\x1e\x1f"):
                odd = t.cast("re.Match[str]", _ODD_SPACE.search(block)).start()
                block = block[: block.rfind("\n", 0, odd) + 1]
            read = self._plain_block(block.split("\n")[:-1], position)
            position += read
            if read < end - (position - read):
                break
            # Twice as many each time, for a line of another form makes the rest of its block vain.
            size = min(2 * size, 1 << 20)
        return position

    def _plain_block(self, lines: list[str], start: int) -> int:
        """Read lines of plain form that start at a position; return how long those are that could be read."""
        # The loop that a million records go through, so nothing in it is done twice that can be done once.
        file, origin, forms, shapes, known = self._file, self._origin, PLAIN_FORMS, self._shapes, self._known
        append, make, suffix, owner = self.records.append, tuple.__new__, self._plain_suffix(), self._owner
        default_ttl, last_ttl, position = self._default_ttl, self._last_ttl, start
        last_written: str | None = None
        is_plain, dot_origin = _PLAIN_RELATIVE.fullmatch, "." if origin == "." else f".{origin}"
        for line in lines:
            if '"' in line:
                match = _TEXT.fullmatch(line)
                if match is None:
                    break
                written, middle, data = match.groups()
            else:
                try:
                    head, data = line.rsplit(None, 1)
                    if head[0] in " \t":
                        written, middle = None, head.strip()
                    else:
                        written, middle = head.split(None, 1)
                except ValueError:
                    break
            shape = shapes.get(middle)
            if shape is None:
                shape = _shape(middle)
                if shape is None:
                    break
                if len(shapes) < _MAX_KNOWN:
                    shapes[middle] = shape
            ttl, rdtype, before = shape
            if rdtype == "A":
                try:
                    inet_pton(AF_INET, data)
                # ValueError: a NUL.
                except (OSError, ValueError):
                    break
                canonical: str | None = data
            elif rdtype in _HARDLY_REPEATED:
                canonical = forms[rdtype](data, origin)
            elif rdtype in _NAMES and data[-1] != "." and suffix is not None and len(data) < 64:
                lowered = data.lower()
                if lowered.isalnum() or is_plain(lowered):
                    canonical = before + lowered + dot_origin
                else:
                    canonical = forms[rdtype](before + data, origin)
            else:
                key = (rdtype, before, data, origin)
                canonical = known.get(key)
                if canonical is None:
                    canonical = forms[rdtype](before + data, origin)
                    if len(known) < _MAX_KNOWN:
                        known[key] = canonical
            if canonical is None:
                break
            if written and written != last_written:
                lowered = written.lower()
                if suffix is not None and len(lowered) < 64 and (lowered.isalnum() or is_plain(lowered)):
                    owner = lowered + suffix
                else:
                    absolute = plain_name(written, origin)
                    if absolute is None:
                        break
                    owner = owner_text(absolute, self._apex)
                # Lines of one owner mostly stand together, and what is known to be one text need not be compared.
                last_written = written
            elif not owner:
                break
            if ttl is not None:
                last_ttl = ttl
            else:
                ttl = last_ttl if default_ttl is None else default_ttl
                if ttl is None:
                    break
            append(make(Record, (owner, ttl, rdtype, canonical, file, position)))
            position += len(line) + 1
        self._owner, self._last_ttl = owner, last_ttl
        return position - start

    def _plain_suffix(self) -> str | None:
        """Return what makes a single label below the origin an owner, or None where that takes a closer look."""
        if "\\" in self._origin or not is_at_or_below(self._origin, self._apex) or len(self._origin) + 64 > MAX_TEXT:
            return None
        return "" if self._origin == self._apex else f".{owner_text(self._origin, self._apex)}"

    def _entry(self, position: int) -> int:
        """Read one entry of any form; return where the next one starts."""
        tokens, end = self._tokens(position)
        try:
            if tokens:
                self._interpret(tokens, has_owner=self._file.text[position] not in " \t", position=position)
        # struct.error is no ValueError: dnspython 2.3 raises it for an escape above \255.
        except (dns.exception.DNSException, ValueError, OverflowError, struct.error) as exc:
            raise self._error(position, (str(exc) or type(exc).__name__).rstrip(".")) from exc
        return end

    def _error(self, position: int, reason: str) -> ZoneFileError:
        return ZoneFileError(f"not a zone file that can be read: {self._file.place_of(position)}: {reason}")

    def _tokens(self, position: int) -> tuple[list[_Token], int]:
        """Return the tokens of an entry, a space between those that are apart, and where the next entry starts."""
        text, depth = self._file.text, 0
        tokens: list[_Token] = []
        start = position
        while position < len(text):
            match = t.cast("re.Match[str]", _TOKEN.match(text, position))
            kind = t.cast(str, match.lastgroup)
            if kind == "unusable":
                what = _UNUSABLE.get(
                    match[0], f"{match[0]!r} is space, and none that zone files know: write it as \\DDD"
                )
                raise self._error(start, what)
            position = match.end()
            if kind == "opening":
                depth += 1
            elif kind == "closing":
                depth -= 1
                if depth < 0:
                    raise self._error(start, "')' without '('")
            if kind == "newline" and not depth:
                return _without_separators_at_ends(tokens), position
            if kind in ("word", "quoted"):
                tokens.append(_Token(kind, match[0], match.start()))
            elif tokens and tokens[-1].kind != "space":
                tokens.append(_Token("space", " ", match.start()))
        raise self._error(start, "'(' without ')'")

    def _interpret(self, tokens: list[_Token], *, has_owner: bool, position: int) -> None:
        first = tokens[0].text
        if has_owner and tokens[0].kind == "quoted":
            raise ValueError("an owner is not in quotes")
        if has_owner and first.startswith("$"):
            self._directive(first.upper(), _after_first(tokens))
            return
        if has_owner:
            self._owner = self._read_owner(first)
            tokens = _after_first(tokens)
        self._record(tokens, position)

    def _read_owner(self, text: str) -> str:
        name = plain_name(text, self._origin)
        return owner_text(name_text(self._name(text)) if name is None else name, self._apex)

    def _name(self, text: str) -> dns.name.Name:
        codec = None if text.isascii() else dns.name.IDNA_2008_Practical
        return dns.name.from_text(text, dns.name.from_text(self._origin), codec)

    def _directive(self, name: str, tokens: list[_Token]) -> None:
        words = [_unquoted(token) for token in tokens if token.kind != "space"]
        if name == "$ORIGIN" and len(words) == 1:
            self._origin = name_text(self._name(words[0]))
        elif name == "$TTL" and len(words) == 1:
            self._default_ttl = _ttl(words[0])
        elif name == "$INCLUDE" and len(words) in (1, 2):
            self._included(words[0], name_text(self._name(words[1])) if len(words) == 2 else self._origin)
        elif name == "$GENERATE" and len(words) >= 4:
            self._generated(words[0], words[1], _after_first(_after_first(tokens)))
        elif name in ("$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE"):
            raise ValueError(f"{name} has the wrong number of parts")
        else:
            raise ValueError(f"{name} is no directive of zone files; an owner that starts with a dollar is \\{name}")

    def _included(self, path: str, origin: str) -> None:
        if self._include is None:
            raise ValueError("$INCLUDE is not followed here; named-compilezone writes such a zone as one file")
        if self._depth == _MAX_DEPTH:
            raise ValueError(f"$INCLUDE goes deeper than {_MAX_DEPTH} files, most likely in a circle")
        before = (self._file, self._origin, self._owner)
        self._origin, self._depth = origin, self._depth + 1
        self.read(self._include(path, self._file.path))
        self._depth -= 1
        # RFC 1035 section 5.1: what a file sets ends with it, but for the TTL that BIND carries on.
        self._file, self._origin, self._owner = before

    def _generated(self, numbers: str, owner: str, tokens: list[_Token]) -> None:
        match = _RANGE.fullmatch(numbers)
        if match is None or int(match[1]) > int(match[2]) or match[3] == "0":
            raise ValueError(f"{numbers} is no range such as 1-20 or 0-100/2")
        for number in range(int(match[1]), int(match[2]) + 1, int(match[3] or 1)):
            self._owner = self._read_owner(_generate(owner, number))
            made = [token._replace(text=_generate(token.text, number)) for token in tokens]
            self._record(made, tokens[0].position)

    def _record(self, tokens: list[_Token], position: int) -> None:
        if not self._owner:
            raise ValueError("no owner here, nor in a record before; @ is the zone itself")
        ttl, rdclass = None, None
        while tokens:
            word = tokens[0].text
            if ttl is None and _TTL.fullmatch(word):
                ttl = _ttl(word)
            elif rdclass is None and _is_class(word):
                rdclass = word
            elif not _AGE.fullmatch(word):
                break
            tokens = _after_first(tokens)
        if not tokens:
            raise ValueError("a record needs a type and data")
        if rdclass is not None and rdclass.upper() not in ("IN", "CLASS1"):
            raise ValueError(f"class {rdclass}, but this zone is of class IN")
        rdtype = zone_rdatatype(tokens[0].text)
        data = "".join(token.text for token in _after_first(tokens))
        plain = PLAIN_FORMS.get(tokens[0].text.upper())
        canonical = None if plain is None else plain(data, self._origin)
        if canonical is not None:
            mnemonic = tokens[0].text.upper()
        else:
            rdata = self._rdata(rdtype, data)
            mnemonic, canonical = presentation(rdata)
        ttl = self._ttl_of(ttl, rdata if rdtype == dns.rdatatype.SOA else None)
        self.records.append(Record(self._owner, ttl, mnemonic, canonical, self._file, position))

    def _rdata(self, rdtype: dns.rdatatype.RdataType, text: str) -> dns.rdata.Rdata:
        if text.startswith("\\#"):
            rdata = rdata_from_octets(rdtype, text)
        else:
            origin = dns.name.from_text(self._origin)
            rdata = rdata_from_text(rdtype, text, origin=origin, idna=not text.isascii())
        must_fit(rdata)
        return rdata

    def _ttl_of(self, ttl: int | None, soa: t.Any) -> int:
        if ttl is not None:
            self._last_ttl = ttl
            return ttl
        if self._default_ttl is not None:
            return self._default_ttl
        # RFC 1035 section 5.1, as BIND does; a SOA without a TTL sets that of what follows.
        if self._last_ttl is None and soa is not None:
            self._default_ttl = int(soa.minimum)
            return self._default_ttl
        if self._last_ttl is None:
            raise ValueError("no TTL here, nor in a record before, nor in $TTL")
        return self._last_ttl


def _shape(middle: str) -> _Shape | None:
    match = _MIDDLE.fullmatch(middle)
    if match is None or (match[1] and match[2]):
        return None
    ttl, rdtype, numbers = match[1] or match[2], match[3].upper(), match[4].split()
    if len(numbers) != _NUMBERS_FIRST.get(rdtype, 0) or any(
        len(number) > 5 or int(number) > 65535 for number in numbers
    ):
        return None
    return _Shape(ttl=int(ttl) if ttl else None, rdtype=rdtype, before="".join(f"{int(number)} " for number in numbers))


def _without_separators_at_ends(tokens: list[_Token]) -> list[_Token]:
    return tokens[:-1] if tokens and tokens[-1].kind == "space" else tokens


def _after_first(tokens: list[_Token]) -> list[_Token]:
    return tokens[2:] if len(tokens) > 1 and tokens[1].kind == "space" else tokens[1:]


def _unquoted(token: _Token) -> str:
    return token.text[1:-1] if token.kind == "quoted" else token.text


def _ttl(text: str) -> int:
    if not _TTL.fullmatch(text):
        raise ValueError(f"{text} is no TTL")
    seconds = dns.ttl.from_text(text)
    if seconds > _MAX_TTL:
        raise ValueError(f"a TTL is at most {_MAX_TTL} seconds (RFC 2181 section 8)")
    return seconds


@functools.cache
def _is_class(text: str) -> bool:
    try:
        return dns.rdataclass.from_text(text) not in (dns.rdataclass.NONE, dns.rdataclass.ANY)
    except (dns.exception.DNSException, ValueError):
        return False


def _generate(text: str, number: int) -> str:
    """Return one side of ``$GENERATE`` for one number (BIND's manual, chapter on zone files)."""
    made = []
    for match in _GENERATED.finditer(text):
        part = match[0]
        if part == "$$":
            made.append("$")
        elif not part.startswith("$"):
            made.append("$" if part == "\\$" else part)
        elif match[1] is None:
            made.append(str(number))
        else:
            made.append(_modified(match[1], number))
    return "".join(made)


def _modified(modifiers: str, number: int) -> str:
    match = _MODIFIERS.fullmatch(modifiers)
    if match is None:
        raise ValueError(
            f"${{{modifiers}}} of $GENERATE is no offset, width and base (d, o, x, X, n or N), such as ${{0,3,d}}"
        )
    value, digits, base = number + int(match[1] or 0), int(match[2] or 0), match[3] or "d"
    if not 0 <= value <= _MAX_NUMBER:
        raise ValueError(f"${{{modifiers}}} makes {value} of {number}, and numbers are 0 to {_MAX_NUMBER}")
    if base in ("n", "N"):
        text = _nibbles(value, digits)
        return text.upper() if base == "N" else text
    return f"{value:0{digits}{base}}"


def _nibbles(value: int, width: int) -> str:
    """Return hexadecimal digits from the last, dots between them, of which ``width`` counts each."""
    text = ""
    while True:
        text += f"{value & 15:x}"
        value >>= 4
        if not value and len(text) >= width:
            return text
        text += "."
        if not value and len(text) >= width:
            return text
