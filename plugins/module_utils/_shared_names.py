# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that a run meets over and over, as one value each: hashed and compared at once, where dnspython takes longer.

A name of dnspython is hashed octet by octet in Python each time that it is looked up.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps

with deps.declare("dnspython"):
    import dns.name

__all__ = ("Labels", "shared_name")

Labels = tuple[bytes, ...]


@functools.lru_cache(maxsize=16384)
def shared_name(labels: Labels) -> dns.name.Name:
    """Return the absolute name with these labels, the empty one of the root included."""
    return _shared_class()(labels)


@functools.lru_cache(maxsize=16384)
def _folded(labels: Labels) -> Labels:
    return tuple(label.lower() for label in labels)


@functools.lru_cache(maxsize=16384)
def _ordered(labels: Labels) -> Labels:
    """Return what sorts names as RFC 4034 section 6.1 does."""
    return _folded(labels)[::-1]


@functools.cache
def _shared_class() -> type[dns.name.Name]:
    base = dns.name.Name

    class SharedName(base):  # type: ignore[misc, valid-type]
        __slots__ = ("_hash",)

        def __init__(self, labels: Labels) -> None:
            super().__init__(labels)
            # dnspython lets nobody set attributes outside of its own code.
            object.__setattr__(self, "_hash", super().__hash__())

        def __hash__(self) -> int:
            return t.cast(int, self._hash)

        def __eq__(self, other: object) -> bool:
            if self is other:
                return True
            if not isinstance(other, base):
                return False
            return len(self.labels) == len(other.labels) and (
                self.labels == other.labels or _folded(self.labels) == _folded(other.labels)
            )

        def __ne__(self, other: object) -> bool:
            return not self == other

        def __lt__(self, other: object) -> bool:
            if not isinstance(other, base) or not other.is_absolute():
                return NotImplemented
            return _ordered(self.labels) < _ordered(other.labels)

        def __reduce__(self) -> tuple[t.Any, ...]:
            return shared_name, (self.labels,)

        def is_subdomain(self, other: dns.name.Name) -> bool:
            above = len(other.labels)
            if len(self.labels) < above:
                return False
            below = self.labels[len(self.labels) - above :]
            return below == other.labels or _folded(below) == _folded(other.labels)

        def parent(self) -> dns.name.Name:
            return shared_name(self.labels[1:]) if len(self.labels) > 1 else super().parent()

    return t.cast("type[dns.name.Name]", SharedName)
