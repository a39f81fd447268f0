# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SPF records: the grammar of RFC 7208 section 12, and the limit of look-ups."""

from __future__ import annotations

import ipaddress
import re
import typing as t

__all__ = ("LOOKUP_TERMS", "MAX_LOOKUPS", "is_spf", "read_term", "spf_problems")

# RFC 7208 section 4.6.4.
MAX_LOOKUPS = 10
LOOKUP_TERMS = frozenset(("include", "a", "mx", "ptr", "exists", "redirect"))

_LENGTHS = r"(?P<v4>/[0-9]{1,2})?(?P<v6>//[0-9]{1,3})?"
_MACRO = r"%\{[slodiphcrtv][0-9]*r?[.+,/_=-]*\}"
_DOMAIN = rf"(?:[!-$&-~]|{_MACRO}|%[%_-])+?"
# Before a prefix length, so without a slash of its own.
_DOMAIN_BEFORE_LENGTH = rf"(?:[!-$&-.0-~]|{_MACRO}|%[%_-])+?"
_TERMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[+?~-]?(?P<name>all)",
        rf"[+?~-]?(?P<name>include|exists):(?P<domain>{_DOMAIN})",
        rf"[+?~-]?(?P<name>a|mx)(?::(?P<domain>{_DOMAIN_BEFORE_LENGTH}))?{_LENGTHS}",
        rf"[+?~-]?(?P<name>ptr)(?::(?P<domain>{_DOMAIN}))?",
        r"[+?~-]?(?P<name>ip4|ip6):(?P<network>[0-9A-F:.]+(?:/[0-9]{1,3})?)",
        rf"(?P<name>redirect|exp)=(?P<domain>{_DOMAIN})",
    )
)
_UNKNOWN_MODIFIER = re.compile(rf"(?!(?:redirect|exp)=)[A-Z][A-Z0-9._-]*=(?:{_DOMAIN})?", re.IGNORECASE)
_MACRO_END = re.compile(rf"{_MACRO}\Z", re.IGNORECASE)
_TOP_LABEL = re.compile(r"[A-Z0-9](?:[A-Z0-9-]*[A-Z0-9])?", re.IGNORECASE)


def is_spf(text: str) -> bool:
    """Whether ``text`` is an SPF record (RFC 7208 section 4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def read_term(term: str) -> tuple[str, str]:
    """Return the name in lower case of a mechanism or known modifier, and its domain, empty without one.

    :raises ValueError: with the rule that ``term`` breaks.
    """
    match = next((match for match in (form.fullmatch(term) for form in _TERMS) if match), None)
    if match is None:
        known = "all, include:, a, mx, ptr, ip4:, ip6:, exists:, redirect= and exp="
        raise ValueError(f"is one of {known} with its own value (RFC 7208)")
    groups = match.groupdict()
    name = groups["name"].lower()
    if groups.get("network"):
        network_class: t.Any = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
        try:
            network_class(groups["network"], strict=False)
        except ValueError as exc:
            raise ValueError(f"no IPv{name[2]} address or network follows {name}:") from exc
    if int((groups.get("v4") or "/0")[1:]) > 32 or int((groups.get("v6") or "//0")[2:]) > 128:
        raise ValueError("a prefix has at most 32 bits for IPv4 and 128 for IPv6")
    return name, groups.get("domain") or ""


def _ends_well(domain: str) -> bool:
    """Whether it ends in a top label that is not all digits, or in a macro."""
    if _MACRO_END.search(domain):
        return True
    _rest, dot, label = (domain[:-1] if domain.endswith(".") else domain).rpartition(".")
    return bool(dot) and not label.isdigit() and _TOP_LABEL.fullmatch(label) is not None


def spf_problems(text: str) -> list[str]:
    """Return what makes receivers reject the SPF record ``text`` as a permanent error, in words."""
    problems = []
    names = []
    for term in text.split(" ")[1:]:
        if not term or _UNKNOWN_MODIFIER.fullmatch(term):
            continue
        try:
            name, domain = read_term(term)
        except ValueError as exc:
            problems.append(f"'{term}' {exc}")
            continue
        if domain and not _ends_well(domain):
            problems.append(f"the domain of '{term}' does not end in a top-level label (RFC 7208 section 7.1)")
        names.append(name)
    for modifier in ("redirect", "exp"):
        if names.count(modifier) > 1:
            problems.append(f"{modifier}= comes more than once (RFC 7208 section 6)")
    # With all, redirect is never looked at (RFC 7208 section 6.1).
    counted = [name for name in names if name in LOOKUP_TERMS and not (name == "redirect" and "all" in names)]
    if len(counted) > MAX_LOOKUPS:
        problems.append(
            f"it takes {len(counted)} look-ups by itself, where {MAX_LOOKUPS} are allowed (RFC 7208 section 4.6.4)"
        )
    return problems
