# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records: from the text of a description to values, so that no text can ever become zone file syntax."""

from __future__ import annotations

import functools
import re
import struct
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import name_text, owner_text, plain_name
from ansible_collections.zonecut.dns.plugins.module_utils._names import parse_name
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import PLAIN_FORMS, presentation
from ansible_collections.zonecut.dns.plugins.module_utils._unloadable_data import refuse_unloadable

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.txtbase
    import dns.tokenizer

__all__ = (
    "Place",
    "Record",
    "Source",
    "described_records",
    "must_fit",
    "parse_rdata",
    "parse_rdatatype",
    "rdata_from_octets",
    "rdata_from_text",
    "record_of",
    "zone_rdatatype",
)

_MAX_STRING = 255
_MAX_DATA = 65535
# Everything that is data in one line of a zone file: quoted strings, escapes, and what has no meaning of its own.
_DATA = re.compile(r'(?:"(?:[^"\\\r\n]|\\[^\r\n])*"|\\[^\r\n]|[^"\\;()\x00-\x08\x0a-\x1f\x7f])*')
# One character-string without quotes that holds nothing to escape.
_PLAIN_STRING = re.compile(rf"[ !#-\[\]-~]{{1,{_MAX_STRING}}}")
_ADDRESS_RULES = {
    "A": "IPv4 address, which is four numbers from 0 to 255 without leading zeros, with dots between them",
    "AAAA": "IPv6 address",
}
_UNUSABLE = {
    '"': 'a quoted string does not end; inside of it, write a quote as \\"',
    "\\": "a backslash has nothing to escape; write it as \\\\",
    ";": "';' starts a comment in a zone file; put the text in double quotes, or write it as \\;",
    "(": "'(' continues a line in a zone file; put the text in double quotes, or write it as \\(",
    ")": "')' continues a line in a zone file; put the text in double quotes, or write it as \\)",
}


class Source(t.Protocol):
    """Where records come from."""

    def where(self, record: Record) -> str:
        """Return how messages name a record from here."""


@dataclass(frozen=True)
class Place:
    """A place that messages name by one text."""

    text: str

    def where(self, record: Record) -> str:
        return self.text


class Record(t.NamedTuple):
    """One record of a zone, as canonical text (``_name_text``, ``_record_text``).

    :arg owner: relative to the apex; absolute where it lies outside of the zone.
    :arg ttl: seconds.
    :arg rdtype: the mnemonic, or ``TYPE65280``.
    :arg data: with absolute names.
    :arg source: where it comes from, and ``position`` what the source finds it by.
    """

    owner: str
    ttl: int
    rdtype: str
    data: str
    source: Source
    position: int = 0

    @property
    def where(self) -> str:
        """How messages name the record."""
        return self.source.where(self)


def record_of(
    owner: dns.name.Name, rdata: dns.rdata.Rdata, *, ttl: int, apex: dns.name.Name, source: Source, position: int = 0
) -> Record:
    """Return the record of the zone ``apex`` that values of dnspython make."""
    return Record(owner_text(name_text(owner), name_text(apex)), ttl, *presentation(rdata), source, position)


def described_records(zone: Zone) -> list[Record]:
    """Return the records that ``records`` of a zone describes, in input order.

    :raises DescriptionError: with every problem found.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    for described in zone.records:
        value: object = described.owner
        try:
            owner = plain_name(described.owner, zone.apex) or name_text(parse_name(described.owner, origin=zone.name))
            value = described.rdtype
            if described.rdtype not in PLAIN_FORMS:
                parse_rdatatype(described.rdtype)
        except ValueError as exc:
            problems.append(Problem(zone=zone.text, where=described.where, rule=str(exc), value=value))
            continue
        owner = owner_text(owner, zone.apex)
        ttl = zone.default_ttl if described.ttl is None else described.ttl
        place = Place(described.where)
        for text in described.texts:
            try:
                rdtype, data = _data(zone, described.rdtype, text)
            except ValueError as exc:
                problems.append(Problem(zone=zone.text, where=described.where, rule=str(exc), value=text))
                continue
            records.append(Record(owner, ttl, rdtype, data, place))
    if problems:
        raise DescriptionError(problems)
    return records


def _data(zone: Zone, rdtype: str, text: str) -> tuple[str, str]:
    plain = PLAIN_FORMS.get(rdtype)
    data = None if plain is None else plain(text, zone.apex)
    if data is None and rdtype == "TXT" and _PLAIN_STRING.fullmatch(text):
        data = f'"{text}"'
    if data is not None:
        return rdtype, data
    return presentation(parse_rdata(parse_rdatatype(rdtype), text, origin=zone.name))


def parse_rdatatype(text: str) -> dns.rdatatype.RdataType:
    """Return the type for a mnemonic or ``TYPE65280``.

    :raises ValueError: for what is no type of zone data, and for SOA, which only the rest of the description makes.
    """
    rdtype = zone_rdatatype(text)
    if rdtype == dns.rdatatype.SOA:
        raise ValueError("the SOA record comes from contact, primary, soa and the serial, not from records")
    return rdtype


@functools.cache
def zone_rdatatype(text: str) -> dns.rdatatype.RdataType:
    """Return the type for a mnemonic or ``TYPE65280``, SOA included.

    :raises ValueError: for what is no type of zone data.
    """
    try:
        rdtype = dns.rdatatype.from_text(text)
    except (dns.exception.DNSException, ValueError) as exc:
        raise ValueError("not a record type known here; TYPE65280 is the form for any other (RFC 3597)") from exc
    # RFC 6895 section 3.1: 128 to 255 are meta-types and types of questions.
    if rdtype in (dns.rdatatype.NONE, dns.rdatatype.OPT, 0xFFFF) or 128 <= rdtype <= 255:
        raise ValueError("a type of questions and messages, which no zone can hold (RFC 6895 section 3.1)")
    return rdtype


def parse_rdata(rdtype: dns.rdatatype.RdataType, text: str, *, origin: dns.name.Name) -> dns.rdata.Rdata:
    """Return the data that ``text`` is in zone file form, names relative to ``origin``.

    For TXT and its like, text that starts with neither a quote nor ``\\#`` is the text itself, cut after 255 octets.

    :raises ValueError: with the rule that ``text`` breaks.
    :raises MissingLibraryError: for U-labels where the idna library is missing.
    """
    rdata = _parse(rdtype, text, origin=origin)
    must_fit(rdata)
    return rdata


def must_fit(rdata: dns.rdata.Rdata) -> None:
    """Check that data which dnspython has read can be sent and loaded.

    :raises ValueError: where it cannot.
    """
    try:
        octets = t.cast(bytes, rdata.to_wire())
    except (dns.exception.DNSException, ValueError, struct.error) as exc:
        # Such as a LOC with an altitude of light years.
        raise ValueError(f"a number in it is too large ({exc})") from exc
    if len(octets) > _MAX_DATA:
        raise ValueError(f"a record holds at most {_MAX_DATA} octets of data")
    refuse_unloadable(rdata)


def rdata_from_text(
    rdtype: dns.rdatatype.RdataType, text: str, *, origin: dns.name.Name, idna: bool = False
) -> dns.rdata.Rdata:
    """Return the data that text in zone file form is, names absolute.

    :arg idna: whether names may have characters outside ASCII.
    :raises ValueError: for what is no data of the type, or of dnspython's own DNSException with the same meaning.
    """
    codec = dns.name.IDNA_2008_Practical if idna else None
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, rdtype, text, origin=origin, relativize=False, idna_codec=codec)
    except dns.exception.SyntaxError as exc:
        rule = _ADDRESS_RULES.get(dns.rdatatype.to_text(rdtype))
        # Of an address dnspython only says that it is malformed.
        if rule is None or len(text.split()) != 1:
            raise
        raise ValueError(f"{text} is no {rule}") from exc


def rdata_from_octets(rdtype: dns.rdatatype.RdataType, text: str) -> dns.rdata.Rdata:
    """Return the data that text in the form for unknown types is (RFC 3597 section 5), names absolute.

    :raises ValueError: for octets that are no data of the type.
    :raises dns.exception.DNSException: likewise, and for text of another form.
    """
    # dns.rdata.from_text relativizes the names of this form in between, which fails for some types in each version.
    octets = dns.rdata.GenericRdata.from_text(dns.rdataclass.IN, rdtype, dns.tokenizer.Tokenizer(text)).data
    rdata = dns.rdata.from_wire(dns.rdataclass.IN, rdtype, octets, 0, len(octets))
    if rdata.to_wire() != octets:
        raise ValueError("not the one way to spell these octets, such as with names that are compressed")
    return rdata


def _parse(rdtype: dns.rdatatype.RdataType, text: str, *, origin: dns.name.Name) -> dns.rdata.Rdata:
    text_class = _text_class(rdtype)
    if text_class is not None and not text.startswith(('"', "\\#")):
        return text_class(dns.rdataclass.IN, rdtype, _strings(text))
    end = t.cast("re.Match[str]", _DATA.match(text)).end()
    if end < len(text):
        raise ValueError(_UNUSABLE.get(text[end], "a line break or control character; write it as \\DDD in quotes"))
    idna = not text.isascii() and not text.startswith("\\#")
    if idna:
        deps.require("idna", purpose="read names with characters outside ASCII")
    try:
        if text.startswith("\\#"):
            return rdata_from_octets(rdtype, text)
        return rdata_from_text(rdtype, text, origin=origin, idna=idna)
    except (dns.exception.DNSException, ValueError, UnicodeError) as exc:
        reason = (str(exc) or type(exc).__name__).rstrip(".")
        raise ValueError(f"not {dns.rdatatype.to_text(rdtype)} data in zone file form ({reason})") from exc


def _text_class(rdtype: dns.rdatatype.RdataType) -> type[dns.rdtypes.txtbase.TXTBase] | None:
    rdata_class = t.cast("t.Any", dns.rdata).get_rdata_class(dns.rdataclass.IN, rdtype)
    return rdata_class if issubclass(rdata_class, dns.rdtypes.txtbase.TXTBase) else None


def _strings(text: str) -> list[bytes]:
    if "\\" in text:
        raise ValueError(
            "without quotes a backslash could mean itself or an escape; put the text in double quotes,"
            " where \\\\ is a backslash and \\; a semicolon"
        )
    if "\n" in text or "\r" in text:
        raise ValueError(
            "a line break in text without quotes; end a YAML block with >- to fold it, or write it as \\010 in quotes"
        )
    octets = text.encode("utf-8")
    return [octets[at : at + _MAX_STRING] for at in range(0, len(octets), _MAX_STRING)] or [b""]
