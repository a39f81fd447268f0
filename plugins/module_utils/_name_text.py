# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names as zone files have them, as text: what large zones are made of, since values of dnspython cost ten times more.

Canonical text is in lower case, with the escapes that dnspython writes. An absolute name has its final dot; an owner is
relative to the apex of its zone, and ``@`` is the apex itself.
"""

from __future__ import annotations

import re

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps

with deps.declare("dnspython"):
    import dns.name

__all__ = (
    "MAX_TEXT",
    "absolute_name",
    "escaped_name",
    "is_absolute",
    "is_at_or_below",
    "is_host",
    "labels_of",
    "name_text",
    "owner_text",
    "plain_name",
)

# A name takes 255 octets at most (RFC 1035 section 3.1): each plain label one more than its letters, and the root one.
MAX_TEXT = 254

# An even number of backslashes escape one another, and not the dot.
_ABSOLUTE = re.compile(r"(?<!\\)(?:\\\\)*\.$")
_HOST_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"{_HOST_LABEL}(?:\.{_HOST_LABEL})*\.?")
_LABEL = re.compile(r"(?:[^.\\]|\\.)+")
_PLAIN_OCTETS = re.compile(rb"[a-z0-9_*/-][a-z0-9_*/.-]*")
_ESCAPE_OR_ODD = re.compile(r"(\\(?:[0-9]{3}|.))|([^A-Za-z0-9_*/.@-])")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_*/-]{1,63}(?:\.[A-Za-z0-9_*/-]{1,63})*\.?")


def name_text(name: dns.name.Name) -> str:
    """Return an absolute name as canonical text."""
    octets = b".".join(name.labels).lower()
    # A dot within a label is escaped, and then dots and labels do not add up.
    if _PLAIN_OCTETS.fullmatch(octets) and octets.count(b".") == len(name.labels) - 1:
        return octets.decode("ascii")
    return escaped_name(name.canonicalize().to_text())


def escaped_name(text: str) -> str:
    """Return a name in dnspython's text form with all escaped that Knot does not read otherwise, such as ``+``."""
    return _ESCAPE_OR_ODD.sub(lambda match: match[1] or _escaped(match[2]), text)


def _escaped(character: str) -> str:
    # At the start of data, the other escape of this one announces the form for unknown types (RFC 3597 section 5).
    return "\\035" if character == "#" else f"\\{character}"


def is_absolute(text: str) -> bool:
    """Whether a name or owner ends in a dot that no backslash makes a part of its last label."""
    return text[-1] == "." and (text[-2:-1] != "\\" or bool(_ABSOLUTE.search(text)))


def is_host(name: str) -> bool:
    """Whether canonical text follows the host name rule of RFC 952 and RFC 1123; the root does not."""
    return bool(_HOST.fullmatch(name))


def labels_of(name: str) -> list[str]:
    """Return the labels of canonical text, the empty one of the root not among them."""
    return _LABEL.findall(name) if "\\" in name else [label for label in name.split(".") if label]


def is_at_or_below(name: str, zone: str) -> bool:
    """Whether an absolute name is ``zone`` or lies below it; both are canonical text."""
    if zone == "." or name == zone:
        return True
    # The dot before the last labels could be an escaped one, and so part of a label.
    return name.endswith(f".{zone}") and (
        "\\" not in name or labels_of(name)[-len(labels_of(zone)) :] == labels_of(zone)
    )


def owner_text(name: str, apex: str) -> str:
    """Return an absolute name relative to ``apex``, or as it is where it lies outside; all is canonical text."""
    if name == apex:
        return "@"
    if not is_at_or_below(name, apex):
        return name
    # A label that is an at sign would mean the apex; dnspython escapes it.
    return name[:-1] if apex == "." else name[: -len(apex) - 1]


def absolute_name(owner: str, apex: str) -> str:
    """Return the absolute name of an owner in the zone ``apex``; all is canonical text."""
    if owner == "@":
        return apex
    if is_absolute(owner):
        return owner
    return f"{owner}." if apex == "." else f"{owner}.{apex}"


def plain_name(text: str, origin: str) -> str | None:
    """Return the absolute name that ``text`` means below ``origin``, as canonical text.

    None where that takes dnspython to tell, for ``text`` has escapes or breaks a rule.
    """
    if text == "@":
        return origin
    if not _PLAIN_NAME.fullmatch(text):
        return None
    name = text.lower()
    if name[-1] != ".":
        name = f"{name}." if origin == "." else f"{name}.{origin}"
    return name if len(name) <= MAX_TEXT and "\\" not in origin else None
