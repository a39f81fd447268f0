# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data that dnspython reads and some name server refuses, together with the whole zone that it is in."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps

with deps.declare("dnspython"):
    import dns.rdata
    import dns.rdatatype

__all__ = ("refuse_unloadable",)

# RFC 5155 section 11: hash algorithm 1 is SHA-1.
_SHA1_LENGTH = 20
_GROUP = re.compile(rb"\\.|\(")


def refuse_unloadable(rdata: dns.rdata.Rdata) -> None:
    """Check data for what BIND 9.18, NSD 4.6 or Knot 3.2 do not load.

    :raises ValueError: with the rule that it breaks.
    """
    check = _CHECKS.get(dns.rdatatype.to_text(rdata.rdtype))
    wrong = None if check is None else check(rdata)
    if wrong is not None:
        raise ValueError(wrong)


def _nsap(rdata: t.Any) -> str | None:
    return None if rdata.address != "0x" and rdata.address else "an address of no octets"


def _x25(rdata: t.Any) -> str | None:
    return (
        None if re.fullmatch(rb"[0-9]{4,}", rdata.address) else "an address is four decimal digits or more (RFC 1183)"
    )


def _nsec(rdata: t.Any) -> str | None:
    return None if rdata.windows else "an NSEC lists one type at least, its own (RFC 4034 section 4.1.2)"


def _nsec3(rdata: t.Any) -> str | None:
    if rdata.algorithm == 1 and len(rdata.next) != _SHA1_LENGTH:
        return f"the next hash has {len(rdata.next)} octets, where SHA-1 makes {_SHA1_LENGTH} (RFC 5155 section 3.1.7)"
    return None


def _ipseckey(rdata: t.Any) -> str | None:
    return (
        "a key beside algorithm 0, which says that there is none (RFC 4025 section 2.4)"
        if rdata.key and not rdata.algorithm
        else None
    )


def _naptr(rdata: t.Any) -> str | None:
    """RFC 3402 section 3.2: a delimiter, an expression, the delimiter, what replaces it, the delimiter, flags."""
    text: bytes = rdata.regexp
    if not text:
        return None
    delimiter = text[:1]
    if delimiter in b"0123456789\\i\0":
        return "a regexp starts with its delimiter, which is no digit, backslash or i (RFC 3402 section 3.2)"
    escaped = re.escape(delimiter)
    parts = re.fullmatch(
        rb"%b((?:\\.|[^\\%b])+)%b((?:\\.|[^\\%b])*)%b(i?)" % (escaped, escaped, escaped, escaped, escaped),
        text,
        re.DOTALL,
    )
    if parts is None:
        return "a regexp is !expression!replacement! and perhaps i, with any delimiter (RFC 3402 section 3.2)"
    expression, replacement = parts[1], parts[2]
    try:
        re.compile(expression)
    except re.error as exc:
        return f"a regexp that cannot be understood ({exc})"
    groups = sum(found == b"(" for found in _GROUP.findall(expression))
    references = [int(found) for found in re.findall(rb"\\([0-9])", replacement)]
    if any(not 1 <= reference <= groups for reference in references):
        return f"the replacement refers to a group that is not among the {groups} of the expression"
    return None


_CHECKS: dict[str, t.Callable[[t.Any], str | None]] = {
    "IPSECKEY": _ipseckey,
    "NAPTR": _naptr,
    "NSAP": _nsap,
    "NSEC": _nsec,
    "NSEC3": _nsec3,
    "X25": _x25,
}
