# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of records as canonical text: one text for one meaning, which every name server reads."""

from __future__ import annotations

import io
import re
import socket
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import escaped_name, plain_name

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdatatype

__all__ = ("PLAIN_FORMS", "presentation", "quoted")

# The types whose mnemonics and data BIND 9.18, NSD 4.6, Knot 3.2, PowerDNS 4.7 and dnspython 2.3 all read; any other is
# written in the form for unknown types, which each of them reads as well.
_READ_BY_ALL = frozenset(
    (
        *("A", "AAAA", "AFSDB", "APL", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "CSYNC", "DHCID", "DLV", "DNAME"),
        *("DNSKEY", "DS", "EUI48", "EUI64", "HINFO", "HTTPS", "IPSECKEY", "KX", "L32", "L64", "LOC", "LP", "MX"),
        *("NAPTR", "NID", "NS", "NSEC", "NSEC3", "NSEC3PARAM", "OPENPGPKEY", "PTR", "RP", "RRSIG", "SMIMEA", "SOA"),
        *("SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI", "ZONEMD"),
    )
)
# Their text form is so plain that it need not be read back to know that it means the same.
_PLAIN = frozenset(("A", "CNAME", "DNAME", "DNSKEY", "DS", "MX", "NS", "PTR", "SOA", "SRV", "TLSA", "TXT"))
# RFC 4034 section 6.2 and RFC 6840 section 5.1.
_LOWER_NAMES = frozenset(
    (
        *("AFSDB", "CNAME", "DNAME", "KX", "MX", "NAPTR", "NS", "PTR", "PX", "RP", "RRSIG", "RT", "SIG", "SOA"),
        "SRV",
    )
)
# RFC 9460 section 14.3.2. The names of later keys are not known to every server, nor to every dnspython.
_SERVICE_KEYS = ("mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint")
_SYNTAX = {ord(character): f"\\{ord(character):03d}" for character in ";()"}


def presentation(rdata: dns.rdata.Rdata) -> tuple[str, str]:
    """Return the type and the data of a record as every supported name server reads them, names absolute.

    Names are in lower case in those types whose signatures do not depend on it.
    """
    mnemonic = dns.rdatatype.to_text(rdata.rdtype)
    if mnemonic == "CAA":
        # RFC 8659 section 4.1: case has no meaning, and NSD takes lower case only.
        rdata = rdata.replace(tag=t.cast("t.Any", rdata).tag.lower())
    if mnemonic in _LOWER_NAMES:
        rdata = _with_lower_names(rdata)
    if mnemonic in _PLAIN:
        return mnemonic, _with_escaped_names(rdata, rdata.to_text())
    wire = t.cast(bytes, rdata.to_wire())
    if mnemonic in _READ_BY_ALL:
        # dnspython 2.3 keeps addresses as they were spelled, but for those from octets.
        text = _text_for_all(mnemonic, dns.rdata.from_wire(rdata.rdclass, rdata.rdtype, wire, 0, len(wire)))
        # No text at all, such as an APL without addresses has, is no field of a line.
        if text and _reads_as(text, wire, rdata):
            return mnemonic, text
    return f"TYPE{int(rdata.rdtype)}", f"\\# {len(wire)} {wire.hex()}".rstrip()


def _names_of(rdata: dns.rdata.Rdata) -> dict[str, dns.name.Name]:
    return {
        field: value
        for rdata_class in type(rdata).__mro__
        for field in getattr(rdata_class, "__slots__", ())
        if isinstance(value := getattr(rdata, field), dns.name.Name)
    }


def _with_lower_names(rdata: dns.rdata.Rdata) -> dns.rdata.Rdata:
    lower = {field: name.canonicalize() for field, name in _names_of(rdata).items()}
    return rdata.replace(**lower) if lower else rdata


def _with_escaped_names(rdata: dns.rdata.Rdata, text: str) -> str:
    names = {name.to_text() for name in _names_of(rdata).values()}
    escaped = {name: escaped_name(name) for name in names}
    # Word by word, for one name may be a part of another.
    return " ".join(escaped.get(word, word) for word in text.split(" "))


def _reads_as(text: str, wire: bytes, rdata: dns.rdata.Rdata) -> bool:
    """Whether ``text`` is ``rdata`` to dnspython, which it sends as ``wire``."""
    try:
        return bool(dns.rdata.from_text(rdata.rdclass, rdata.rdtype, text).to_wire() == wire)
    except (dns.exception.DNSException, ValueError):
        return False


def _text_for_all(mnemonic: str, rdata: dns.rdata.Rdata) -> str | None:
    try:
        text = _with_escaped_names(rdata, rdata.to_text())
    except ValueError:
        # dnspython 2.3 on a URI that is not UTF-8.
        return None
    if not text.isascii():
        # dnspython writes the target of a URI as characters, and reads them back, but others read octets.
        return None
    # PowerDNS does not read the mnemonics of certificates.
    if mnemonic == "CERT":
        cert: t.Any = rdata
        return f"{int(cert.certificate_type)} {cert.key_tag} {int(cert.algorithm)} {text.split(' ', 3)[3]}"
    if mnemonic in ("HTTPS", "SVCB"):
        return _service_binding(rdata)
    return text


def _service_binding(rdata: t.Any) -> str:
    def name(key: int) -> str:
        return _SERVICE_KEYS[key] if key < len(_SERVICE_KEYS) else f"key{int(key)}"

    written = [str(rdata.priority), escaped_name(rdata.target.to_text())]
    for key in sorted(rdata.params):
        value = rdata.params[key]
        octets = io.BytesIO()
        if value is not None:
            value.to_wire(octets, None)
        if name(key) == "no-default-alpn":
            text = ""
        elif name(key) == "mandatory":
            text = f'="{",".join(map(name, value.keys))}"'
        elif name(key) == "port":
            # PowerDNS reads no port in quotes, and syntax not even in quotes.
            text = f"={value.port}"
        elif key < len(_SERVICE_KEYS):
            text = f"={value.to_text()}"
        else:
            text = f"={quoted(octets.getvalue())}"
        written.append(f"{name(key)}{text.translate(_SYNTAX)}")
    return " ".join(written)


def quoted(octets: bytes) -> str:
    """Return one character-string in quotes, whatever is in it (RFC 1035 section 5.1)."""
    escaped = (
        f"\\{chr(octet)}" if octet in b'"\\' else chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"
        for octet in octets
    )
    return f'"{"".join(escaped)}"'


def _host(text: str, origin: str) -> str | None:
    return "." if text == "." else plain_name(text, origin)


def _ipv4(text: str, origin: str) -> str | None:
    try:
        socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError):
        return None
    # It takes four decimal numbers without leading zeros and nothing else, so this is the canonical text.
    return text


def _ipv6(text: str, origin: str) -> str | None:
    try:
        address = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, text))
    except (OSError, ValueError):
        return None
    # Systems and dnspython differ on which addresses end in the form of IPv4.
    return None if "." in address or "." in text else address


def _preference_and_host(text: str, origin: str) -> str | None:
    match = _MX.fullmatch(text)
    host = None if match is None or int(match[1]) > 65535 else _host(match[2], origin)
    return None if match is None or host is None else f"{int(match[1])} {host}"


def _service(text: str, origin: str) -> str | None:
    match = _SRV.fullmatch(text)
    numbers = () if match is None else (int(match[1]), int(match[2]), int(match[3]))
    host = None if match is None or max(numbers) > 65535 else _host(match[4], origin)
    return None if host is None else " ".join((*map(str, numbers), host))


def _strings(text: str, origin: str) -> str | None:
    # Each string takes two octets less than in quotes, so dnspython only has to count those of longer text.
    return text if len(text) <= _MAX_PLAIN and _PRINTABLE_STRINGS.fullmatch(text) else None


def _delegation_signer(text: str, origin: str) -> str | None:
    match = _DS.fullmatch(text)
    if match is None or int(match[1]) > 65535 or int(match[2]) > 255:
        return None
    digest = match[4].lower()
    if len(digest) != _DIGEST_LENGTHS.get(match[3]):
        return None
    return f"{int(match[1])} {int(match[2])} {match[3]} {digest}"


_MX = re.compile(r"([0-9]{1,5})[ \t]+([^\s]+)")
_SRV = re.compile(r"([0-9]{1,5})[ \t]+([0-9]{1,5})[ \t]+([0-9]{1,5})[ \t]+([^\s]+)")
_PRINTABLE_STRINGS = re.compile(r'"[ !#-\[\]-~]{0,255}"(?: "[ !#-\[\]-~]{0,255}")*')
# RFC 1035 section 3.2.1: the length of data is 16 bits.
_MAX_PLAIN = 65535
_DS = re.compile(r"([0-9]{1,5}) ([0-9]{1,3}) ([0-9]) ([0-9A-Fa-f]+)")
# In hexadecimal digits, by digest type.
_DIGEST_LENGTHS = {"1": 40, "2": 64, "4": 96}

# By type, what returns the canonical text of data in zone file form with names relative to an origin, or None where
# that takes dnspython to tell. They must say the same as ``presentation`` of what dnspython reads, only faster.
PLAIN_FORMS: dict[str, t.Callable[[str, str], str | None]] = {
    "A": _ipv4,
    "AAAA": _ipv6,
    "CNAME": _host,
    "DNAME": _host,
    "DS": _delegation_signer,
    "MX": _preference_and_host,
    "NS": _host,
    "PTR": _host,
    "SRV": _service,
    "TXT": _strings,
}
