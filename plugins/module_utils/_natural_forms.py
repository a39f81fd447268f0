# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Natural forms: the data of a record as a mapping of its fields, turned into zone file text.

Every field is either checked to be of a form that has no meaning in a zone file, or quoted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._names import parse_name
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import quoted
from ansible_collections.zonecut.dns.plugins.module_utils._spf import LOOKUP_TERMS, MAX_LOOKUPS, read_term

with deps.declare("dnspython"):
    import dns.name

__all__ = ("natural_text",)

_SHOWN_LENGTH = 80
_MAX_STRING = 255


def natural_text(rdtype: str, form: t.Mapping[str, t.Any]) -> str:
    """Return the data that ``form`` describes as zone file text, names still relative where they were.

    :arg rdtype: the mnemonic in upper case, which decides on the keys of ``form``.
    :raises ValueError: with the key, its value and the rule that it breaks.
    :raises MissingLibraryError: for U-labels where the idna library is missing.
    """
    write = _FORMS.get(rdtype)
    if write is None:
        raise ValueError(f"a value of type {rdtype} is text; a mapping is a form of {', '.join(_FORMS)} only")
    return write(form)


class _Fields:
    """The keys of one mapping; what is wrong with one is raised as ValueError.

    :ivar generic: the keys that are known by their form.
    """

    def __init__(self, given: object, *known: str, path: str = "", generic: re.Pattern[str] | None = None) -> None:
        if not isinstance(given, dict):
            raise ValueError(f"{path or 'a value'} is a mapping of {', '.join(known)}")
        self._given = {key: value for key, value in given.items() if value is not None}
        self._path = f"{path}." if path else ""
        self.generic = [key for key in given if generic is not None and generic.fullmatch(f"{key}")]
        for key in given:
            if key not in known and key not in self.generic:
                raise self.broken(key, f"unknown key; known are {', '.join(known)}")

    def __contains__(self, key: str) -> bool:
        return key in self._given

    def broken(self, key: object, rule: str, value: object = None) -> ValueError:
        """Return the error for a key whose value, shown only when given, breaks a rule."""
        shown = "" if value is None else f" {value!r}"
        shown = shown if len(shown) <= _SHOWN_LENGTH else f"{shown[:_SHOWN_LENGTH]}..."
        return ValueError(f"{self._path}{key}{shown}: {rule}")

    def either(self, *keys: str) -> str:
        """Return the one of these keys that is there."""
        present = [key for key in keys if key in self._given]
        if len(present) != 1:
            raise self.broken(" or ".join(keys), "exactly one of them is needed")
        return present[0]

    def get(self, key: str, default: object = None) -> t.Any:
        value = self._given.get(key, default)
        if value is None:
            raise self.broken(key, "is required")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key, default)
        if not isinstance(value, str):
            raise self.broken(key, "is text, in quotes where YAML would read something else", value)
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, of which a single one may be given alone."""
        value = self.get(key)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, (list, tuple)) or not listed or not all(isinstance(each, str) for each in listed):
            raise self.broken(key, "is a text or a list of texts, and not empty", value)
        for each in listed:
            if listed.count(each) > 1:
                raise self.broken(key, "is listed twice", each)
        return list(listed)

    def number(
        self, key: str, *, bits: int, default: int | None = None, names: t.Mapping[str, int] | None = None
    ) -> int:
        """Return a number of that many bits, which may be given by one of ``names`` (in lower case)."""
        value = self.get(key, default)
        if isinstance(value, str) and names and value.lower() in names:
            return names[value.lower()]
        if isinstance(value, str) and re.fullmatch("[0-9]{1,5}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
            named = f" or one of {', '.join(names)}" if names else ""
            raise self.broken(key, f"is a number from 0 to {(1 << bits) - 1}{named}", value)
        return int(value)

    def name(self, key: str, default: str | None = None) -> str:
        """Return a domain name, relative unless it ends in a dot."""
        text = self.text(key, default)
        if text == "@":
            return text
        try:
            return parse_name(text, origin=dns.name.empty).to_text()
        except ValueError as exc:
            raise self.broken(key, str(exc), text) from exc

    def hexadecimal(self, key: str) -> str:
        digits = "".join(self.text(key).split())
        if not re.fullmatch("(?:[0-9A-Fa-f]{2})+", digits):
            raise self.broken(key, "is an even number of hexadecimal digits, in quotes", self.get(key))
        return digits.lower()

    def base64(self, key: str) -> bytes:
        try:
            return _from_base64(self.text(key))
        except ValueError as exc:
            raise self.broken(key, "is not base64", self.get(key)) from exc

    def pem(self, key: str, label: str) -> bytes:
        """Return the octets in the one PEM block there is."""
        text = self.text(key)
        if "PRIVATE KEY" in text:
            raise self.broken(key, f"this is a private key, which no zone may hold; a {label} is needed")
        blocks = re.findall(r"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", text, re.DOTALL)
        if [block[0] for block in blocks] != [label]:
            raise self.broken(key, f"is one block of PEM that begins with -----BEGIN {label}-----")
        try:
            return _from_base64(blocks[0][1])
        except ValueError as exc:
            raise self.broken(key, "has something in it that is not base64") from exc


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as exc:
        raise ValueError("not base64") from exc


def _strings(text: str) -> str:
    octets = text.encode("ascii")
    return " ".join(quoted(octets[at : at + _MAX_STRING]) for at in range(0, len(octets), _MAX_STRING))


def _mail_exchange(form: object) -> str:
    fields = _Fields(form, "preference", "exchange")
    return f"{fields.number('preference', bits=16)} {fields.name('exchange')}"


def _service(form: object) -> str:
    fields = _Fields(form, "priority", "weight", "port", "target")
    numbers = (fields.number(key, bits=16) for key in ("priority", "weight", "port"))
    return " ".join((*map(str, numbers), fields.name("target")))


def _authorization(form: object) -> str:
    fields = _Fields(form, "flags", "tag", "value")
    tag = fields.text("tag")
    if not re.fullmatch("[A-Za-z0-9]{1,255}", tag):
        raise fields.broken("tag", "has letters and digits only, such as issue, issuewild or iodef (RFC 8659)", tag)
    value = fields.text("value")
    if not value.isascii():
        # RFC 8659 section 4.2 defines nothing else, and dnspython 2.3 reads escaped octets beyond ASCII as characters.
        raise fields.broken("value", "has ASCII characters only", value)
    return f"{fields.number('flags', bits=8, default=0)} {tag} {quoted(value.encode('ascii'))}"


# RFC 9460 section 14.3.2, by the names of their keys here.
_SERVICE_PARAMETERS = {
    "mandatory": 0,
    "alpn": 1,
    "no_default_alpn": 2,
    "port": 3,
    "ipv4hint": 4,
    "ech": 5,
    "ipv6hint": 6,
}
_GENERIC_KEY = re.compile("key(0|[1-9][0-9]{0,4})")


def _service_binding(form: object) -> str:
    fields = _Fields(form, "priority", "target", *_SERVICE_PARAMETERS, generic=_GENERIC_KEY)
    priority = fields.number("priority", bits=16, default=1)
    target = fields.name("target", "." if priority else None)
    numbers = {key: number for key, number in _SERVICE_PARAMETERS.items() if key in fields}
    for key in fields.generic:
        numbers[key] = int(key[3:])
        if not len(_SERVICE_PARAMETERS) <= numbers[key] < 0xFFFF:
            raise fields.broken(key, "is none of key7 to key65534; those below it go by their names")
    parameters = sorted(numbers, key=lambda key: numbers[key])
    if parameters and not priority:
        raise fields.broken(parameters[0], "priority 0 is an alias, which has only a target (RFC 9460 section 2.4.2)")
    written = (_service_parameter(fields, key, parameters) for key in parameters)
    return " ".join((str(priority), target, *(parameter for parameter in written if parameter)))


def _service_parameter(fields: _Fields, key: str, present: t.Sequence[str]) -> str:
    if key == "mandatory":
        listed = fields.texts(key)
        for each in listed:
            if each not in present or each == "mandatory":
                raise fields.broken(key, "only keys that are there too can be mandatory", each)
        return f"mandatory={','.join(each.replace('_', '-') for each in present if each in listed)}"
    if key == "alpn":
        protocols = fields.texts(key)
        for protocol in protocols:
            if not re.fullmatch(r"[!#-+\--\[\]-~]{1,255}", protocol):
                rule = (
                    "a protocol such as h2 or h3 has no space, comma, quote or backslash here; use text for the record"
                )
                raise fields.broken(key, rule, protocol)
        return f"alpn={quoted(','.join(protocols).encode('ascii'))}"
    if key == "no_default_alpn":
        value = fields.get(key)
        if not isinstance(value, bool):
            raise fields.broken(key, "is true or false", value)
        if value and "alpn" not in present:
            raise fields.broken(key, "needs alpn (RFC 9460 section 7.1.1)")
        return "no-default-alpn" if value else ""
    if key == "port":
        return f"port={fields.number(key, bits=16)}"
    if key == "ech":
        octets = fields.base64(key)
        if len(octets) < 6 or int.from_bytes(octets[:2], "big") != len(octets) - 2:
            raise fields.broken(key, "is no ECHConfigList, which begins with its length (RFC 9849 section 4)")
        return f"ech={base64.b64encode(octets).decode('ascii')}"
    if key in ("ipv4hint", "ipv6hint"):
        return f"{key}={','.join(_addresses(fields, key))}"
    text = fields.text(key)
    try:
        return f"{key}={quoted(text.encode('utf-8'))}" if text else key
    except UnicodeEncodeError as exc:
        raise fields.broken(key, "has half of a surrogate pair, which is no character", text) from exc


def _addresses(fields: _Fields, key: str) -> list[str]:
    address_class: t.Any = ipaddress.IPv4Address if key == "ipv4hint" else ipaddress.IPv6Address
    addresses = []
    for text in fields.texts(key):
        try:
            address = address_class(text)
        except ValueError as exc:
            raise fields.broken(key, f"is not an IPv{key[3]} address", text) from exc
        if "%" in text:
            raise fields.broken(key, "has a zone index, which no record can hold", text)
        addresses.append(str(address))
    return addresses


# RFC 7218.
_CERTIFICATE_USAGES = {"pkix-ta": 0, "pkix-ee": 1, "dane-ta": 2, "dane-ee": 3}
_SELECTORS = {"cert": 0, "spki": 1}
_MATCHING_TYPES = {"full": 0, "sha2-256": 1, "sha2-512": 2}


def _certificate_association(form: object) -> str:
    fields = _Fields(form, "usage", "selector", "matching_type", "data", "certificate")
    # RFC 7671 section 5.1: what survives the renewal of a certificate whose key stays.
    usage = fields.number("usage", bits=8, default=3, names=_CERTIFICATE_USAGES)
    selector = fields.number("selector", bits=8, default=1, names=_SELECTORS)
    matching = fields.number("matching_type", bits=8, default=1, names=_MATCHING_TYPES)
    if fields.either("data", "certificate") == "data":
        data = fields.hexadecimal("data")
        digits = {1: 64, 2: 128}.get(matching)
        if digits is not None and len(data) != digits:
            raise fields.broken("data", f"a digest of matching_type {matching} has {digits} digits, not {len(data)}")
        return f"{usage} {selector} {matching} {data}"
    certificate = fields.pem("certificate", "CERTIFICATE")
    try:
        key = _subject_public_key(certificate)
    except ValueError as exc:
        raise fields.broken("certificate", str(exc)) from exc
    if selector > 1 or matching > 2:
        raise fields.broken("certificate", "can be matched with selector 0 or 1 and matching_type 0, 1 or 2 only")
    selected = key if selector else certificate
    digests = {1: hashlib.sha256, 2: hashlib.sha512}
    matched = digests[matching](selected).digest() if matching else selected
    return f"{usage} {selector} {matching} {matched.hex()}"


def _subject_public_key(certificate: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo of an X.509 certificate, octet by octet as it is there (RFC 5280 section 4.1)."""
    _tag, start, end = _element(certificate, 0)
    if end != len(certificate):
        raise ValueError("is not one certificate")
    _tag, at, _end = _element(certificate, start)
    tag, _start, end = _element(certificate, at)
    # The version comes before all else, and only where it is not 1.
    at = end if tag == 0xA0 else at
    for _field in ("serialNumber", "signature", "issuer", "validity", "subject"):
        at = _element(certificate, at)[2]
    return certificate[at : _element(certificate, at)[2]]


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag of the DER element at a position, where its content starts, and where it ends."""
    length = der[at + 1] if at + 1 < len(der) else 0x80
    start = at + 2
    if length & 0x80:
        octets = length & 0x7F
        start += octets
        length = int.from_bytes(der[at + 2 : start], "big") if 1 <= octets <= 4 else len(der)
    if start + length > len(der):
        raise ValueError("is not a certificate")
    return der[at], start, start + length


_SSH_ALGORITHMS = {"rsa": 1, "dsa": 2, "ecdsa": 3, "ed25519": 4, "ed448": 6}
# By the name of the key type, which RFC 4253 section 6.6 puts first in the key too.
_SSH_KEY_TYPES = {
    "ssh-rsa": 1,
    "ssh-dss": 2,
    "ecdsa-sha2-nistp256": 3,
    "ecdsa-sha2-nistp384": 3,
    "ecdsa-sha2-nistp521": 3,
    "ssh-ed25519": 4,
    "ssh-ed448": 6,
}
_SSH_FINGERPRINTS = {"sha1": 1, "sha256": 2}


def _ssh_fingerprint(form: object) -> str:
    fields = _Fields(form, "public_key", "algorithm", "fingerprint_type", "fingerprint")
    kind = fields.number("fingerprint_type", bits=8, default=2, names=_SSH_FINGERPRINTS)
    if fields.either("public_key", "fingerprint") == "fingerprint":
        fingerprint = fields.hexadecimal("fingerprint")
        digits = {1: 40, 2: 64}.get(kind)
        if digits is not None and len(fingerprint) != digits:
            rule = f"one of fingerprint_type {kind} has {digits} digits, not {len(fingerprint)}"
            raise fields.broken("fingerprint", rule)
        return f"{fields.number('algorithm', bits=8, names=_SSH_ALGORITHMS)} {kind} {fingerprint}"
    if "algorithm" in fields:
        raise fields.broken("algorithm", "is told by public_key already")
    text = fields.text("public_key")
    if "PRIVATE KEY" in text:
        raise fields.broken("public_key", "this is a private key, which no zone may hold; the .pub file is needed")
    words = text.split()
    algorithm = _SSH_KEY_TYPES.get(words[0]) if words else None
    if algorithm is None or len(words) < 2 or len(text.strip().splitlines()) > 1:
        known = ", ".join(_SSH_KEY_TYPES)
        raise fields.broken("public_key", f"is one line as in a .pub file that begins with one of {known}", text)
    rule = f"what follows {words[0]} is not a key of that type"
    try:
        key = _from_base64(words[1])
    except ValueError as exc:
        raise fields.broken("public_key", rule, text) from exc
    if not key.startswith(len(words[0]).to_bytes(4, "big") + words[0].encode("ascii")):
        raise fields.broken("public_key", rule, text)
    if kind not in (1, 2):
        raise fields.broken("fingerprint_type", "can be made from public_key for 1 (SHA-1) and 2 (SHA-256)", kind)
    digest = hashlib.new("sha1" if kind == 1 else "sha256", key, usedforsecurity=False)
    return f"{algorithm} {kind} {digest.hexdigest()}"


def _texts(form: object) -> str:
    fields = _Fields(form, "dkim", "spf")
    if fields.either("dkim", "spf") == "dkim":
        return _strings(_dkim(fields.get("dkim")))
    return _strings(_spf(fields))


# The start of a SubjectPublicKeyInfo for Ed25519, up to the 32 octets of the key (RFC 8410 section 4).
_ED25519_INFO = bytes.fromhex("302a300506032b6570032100")
_RSA_OBJECT = bytes.fromhex("06092a864886f70d010101")
_DKIM_WORD = re.compile("[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")


def _dkim(form: object) -> str:
    """Return a DKIM key record (RFC 6376 section 3.6.1, RFC 8463)."""
    fields = _Fields(form, "k", "p", "public_key", "h", "s", "t", "n", path="dkim")
    algorithm = fields.text("k", "rsa")
    if algorithm not in ("rsa", "ed25519"):
        raise fields.broken("k", "is rsa or ed25519", algorithm)
    if fields.either("p", "public_key") == "p":
        key = fields.base64("p")
        if algorithm == "ed25519" and len(key) not in (0, 32):
            raise fields.broken("p", f"a key for ed25519 has 32 octets, not {len(key)}")
    else:
        key = fields.pem("public_key", "PUBLIC KEY")
        found = "ed25519" if key.startswith(_ED25519_INFO) else "rsa" if _RSA_OBJECT in key[:32] else None
        if found is None:
            raise fields.broken("public_key", "is no key for RSA or Ed25519")
        if "k" in fields and found != algorithm:
            raise fields.broken("k", f"the public_key is one for {found}", algorithm)
        algorithm = found
        key = key[len(_ED25519_INFO) :] if found == "ed25519" else key
    parts = ["v=DKIM1", f"k={algorithm}"]
    for tag in ("h", "s", "t"):
        if tag in fields:
            words = fields.texts(tag)
            for word in words:
                if word != "*" and not _DKIM_WORD.fullmatch(word):
                    raise fields.broken(tag, "has letters, digits, hyphens and underscores only", word)
            parts.append(f"{tag}={':'.join(words)}")
    if "n" in fields:
        notes = fields.text("n")
        if not re.fullmatch(r"[!-:<>-~]+(?: +[!-:<>-~]+)*", notes):
            raise fields.broken("n", "has printable ASCII characters only, without ; and =", notes)
        parts.append(f"n={notes}")
    return "; ".join((*parts, f"p={base64.b64encode(key).decode('ascii')}"))


_SPF_MAX_LENGTH = 450


def _spf(fields: _Fields) -> str:
    """Return an SPF record (RFC 7208) for a list of mechanisms and modifiers."""
    terms = fields.texts("spf")
    names = [_spf_name(fields, term) for term in terms]
    for name in ("all", "redirect", "exp"):
        if names.count(name) > 1:
            raise fields.broken("spf", f"{name} comes more than once")
    if ("all" in names) == ("redirect" in names):
        raise fields.broken(
            "spf", "ends in all, such as -all, or else has redirect=, and not both (RFC 7208 section 5.1)"
        )
    mechanisms = [name for name in names if name not in ("redirect", "exp")]
    if "all" in names and mechanisms[-1] != "all":
        raise fields.broken("spf", "nothing after all is ever looked at, so all is the last mechanism", mechanisms[-1])
    lookups = [term for term, name in zip(terms, names) if name in LOOKUP_TERMS]
    if len(lookups) > MAX_LOOKUPS:
        rule = f"takes {len(lookups)} look-ups, of which {MAX_LOOKUPS} are allowed (RFC 7208 section 4.6.4)"
        raise fields.broken("spf", f"{rule}: {' '.join(lookups)}")
    text = " ".join(("v=spf1", *terms))
    if len(text) > _SPF_MAX_LENGTH:
        rule = f"has {len(text)} octets, where over {_SPF_MAX_LENGTH} may not fit a reply (RFC 7208 section 3.4)"
        raise fields.broken("spf", f"{rule}; move some into a record of its own and include: it")
    return text


def _spf_name(fields: _Fields, term: str) -> str:
    try:
        return read_term(term)[0]
    except ValueError as exc:
        raise fields.broken("spf", f"{exc}; v=spf1 is put before them", term) from exc


_FORMS: dict[str, t.Callable[[object], str]] = {
    "CAA": _authorization,
    "HTTPS": _service_binding,
    "MX": _mail_exchange,
    "SMIMEA": _certificate_association,
    "SRV": _service,
    "SSHFP": _ssh_fingerprint,
    "SVCB": _service_binding,
    "TLSA": _certificate_association,
    "TXT": _texts,
}
