# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domain names: from what people write (U-labels, final dot or not, e-mail addresses) to values that compare."""

from __future__ import annotations

import functools
import re
import struct

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import is_host, name_text
from ansible_collections.zonecut.dns.plugins.module_utils._shared_names import shared_name

with deps.declare("dnspython"):
    import dns.exception
    import dns.name

with deps.declare("idna"):
    import idna

__all__ = (
    "display_name",
    "email_from_rname",
    "is_host_name",
    "is_in_domain",
    "is_same_name",
    "is_zone_name",
    "parse_absolute_name",
    "parse_name",
    "rname_from_email",
)

# RFC 2317 section 4 has slashes in the apex of a zone for a part of a /24.
_ZONE_LABEL = re.compile(rb"[a-z0-9_/-]+", re.IGNORECASE)
# What ends or quotes a name in a zone file: only escaped can it be part of one.
_NO_NAME = re.compile(r'(?:\\.|[^\\])*?[\x00-\x20\x7f";()]', re.DOTALL)
_SHOWN_AS_IS = re.compile(rb"[a-z0-9_-][a-z0-9_.-]*")
_UNESCAPED = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)+")
# RFC 1035 section 2.3.4: 255 octets, in which each label has its length where the text has its dot, and the root one.
_LONGEST_DOTTED = 254
# RFC 5321 section 4.1.2: the characters of an unquoted local part.
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def parse_name(text: object, *, origin: dns.name.Name) -> dns.name.Name:
    """Return the absolute name that ``text`` means in a zone file whose origin is ``origin``.

    ``@`` is the origin, a final dot makes a name absolute, U-labels become A-labels (IDNA 2008 after UTS 46).

    :raises ValueError: with the rule that ``text`` breaks.
    :raises MissingLibraryError: for U-labels where the idna library is missing.
    """
    return _from_ascii(_to_ascii(text), origin)


def parse_absolute_name(text: object) -> dns.name.Name:
    """Return the absolute name for ``text``, with or without its final dot.

    :raises ValueError: with the rule that ``text`` breaks.
    :raises MissingLibraryError: for U-labels where the idna library is missing.
    """
    ascii_text = _to_ascii(text)
    if ascii_text == "@":
        raise ValueError("an absolute name is needed here, '@' is relative")
    return _from_root(ascii_text)


def display_name(name: dns.name.Name) -> str:
    """Return ``name`` as results and messages show it: lower case, A-labels, no final dot; ``.`` for the root."""
    return _display_text(name.labels)


def is_in_domain(name: dns.name.Name, zone: dns.name.Name) -> bool:
    """Whether a server called ``name`` is in-domain for ``zone`` (RFC 9499): its own name is at or below the apex."""
    return name.is_subdomain(zone)


def is_same_name(one: dns.name.Name, other: dns.name.Name) -> bool:
    """Whether two names are equal; fast for those that were read from the same octets, as most in answers were."""
    return one is other or (len(one.labels) == len(other.labels) and (one.labels == other.labels or bool(one == other)))


def is_host_name(name: dns.name.Name) -> bool:
    """Whether ``name`` follows the host name rule of RFC 952 and RFC 1123: letters, digits and inner hyphens."""
    return is_host(name_text(name))


def is_zone_name(name: dns.name.Name) -> bool:
    """Whether ``name`` can be an apex: letters, digits, hyphens, underscores, and slashes as in RFC 2317."""
    return all(_ZONE_LABEL.fullmatch(label) for label in name.labels[:-1])


def rname_from_email(email: object) -> dns.name.Name:
    """Return the SOA RNAME for an e-mail address; dots of the local part stay inside the first label (RFC 1035 8).

    :raises ValueError: with the rule that ``email`` breaks.
    """
    if not isinstance(email, str) or email.count("@") != 1:
        raise ValueError("a contact is one e-mail address such as hostmaster@example.com")
    local, domain = email.split("@")
    if not _LOCAL_PART.fullmatch(local):
        raise ValueError("the part before '@' has a character that an SOA RNAME cannot hold, or a misplaced dot")
    apex = parse_absolute_name(domain)
    if not is_host_name(apex):
        raise ValueError("the part after '@' is not a host name")
    try:
        return dns.name.Name((local.encode("ascii"), *apex.labels))
    except dns.exception.DNSException as exc:
        raise ValueError(f"not a usable RNAME ({_reason(exc)})") from exc


# A run shows the same names over and over.
@functools.lru_cache(maxsize=4096)
def _display_text(labels: tuple[bytes, ...]) -> str:
    octets = b".".join(labels[:-1]).lower()
    # A dot within a label is escaped, and then dots and labels do not add up.
    if _SHOWN_AS_IS.fullmatch(octets) and octets.count(b".") == len(labels) - 2:
        return octets.decode("ascii")
    return dns.name.Name(labels).to_text(omit_final_dot=True).lower()


def email_from_rname(rname: dns.name.Name) -> str:
    """Return the e-mail address that an SOA RNAME stands for; a name of one label or none comes back as it is."""
    if len(rname.labels) < 3:
        return display_name(rname)
    local = rname.labels[0].decode("ascii", "backslashreplace")
    return f"{local}@{display_name(dns.name.Name(rname.labels[1:]))}"


def _to_ascii(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError("a domain name is text")
    ascii_text = text if text.isascii() else _to_a_labels(text)
    # Looked at after UTS 46, which maps a soft hyphen to nothing and a no-break space to a space.
    if not ascii_text:
        raise ValueError("a domain name is not empty")
    if _NO_NAME.match(ascii_text):
        raise ValueError(
            'spaces, control characters and any of ";() are escaped in a domain name, such as \\032 or \\;'
        )
    return ascii_text


# Name servers and contacts are the same ones in most zones of a description.
@functools.lru_cache(maxsize=4096)
def _from_root(text: str) -> dns.name.Name:
    dotted = text if text.endswith(".") else f"{text}."
    # What dnspython makes of a text without escapes too, in a fraction of the time.
    if _UNESCAPED.fullmatch(dotted) and len(dotted) <= _LONGEST_DOTTED:
        return shared_name((*dotted[:-1].encode("ascii").split(b"."), b""))
    return shared_name(_from_ascii(text, dns.name.root).labels)


def _from_ascii(text: str, origin: dns.name.Name) -> dns.name.Name:
    try:
        return dns.name.from_text(text, origin)
    # struct.error: dnspython 2.3 on an escape above \255.
    except (dns.exception.DNSException, struct.error) as exc:
        raise ValueError(f"not a domain name ({_reason(exc)})") from exc


def _to_a_labels(text: str) -> str:
    deps.require("idna", purpose="read names with characters outside ASCII")
    # UTS 46 also maps the ideographic and half-width full stops to '.', so it comes before the split.
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        return ".".join(
            label if label.isascii() else idna.encode(label, uts46=False).decode("ascii") for label in mapped.split(".")
        )
    except idna.IDNAError as exc:
        raise ValueError(f"not an internationalised domain name ({exc})") from exc


def _reason(exc: Exception) -> str:
    # dnspython keeps its explanation in the class docstring when the exception has no arguments.
    return (str(exc) or type(exc).__name__).rstrip(".")
