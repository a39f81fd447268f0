# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers with octets changed by chance, and how many of them tests try."""

from __future__ import annotations

import random
import struct

from ansible_collections.zonecut.dns.tests.unit.nightly import NIGHTLY

__all__ = ("MUTATED", "mutated")

MUTATED = 100000 if NIGHTLY else 5000


def mutated(wire: bytes, chance: random.Random) -> bytes:
    """Return the octets of a message with some changed, moved, left out or added."""
    octets = bytearray(wire)
    for _change in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(max(1, len(octets)))
        kind = chance.randrange(6)
        if not octets:
            break
        if kind == 0:
            octets[at] = chance.randrange(256)
        elif kind == 1:
            octets[at] ^= 1 << chance.randrange(8)
        elif kind == 2 and at + 1 < len(octets):
            octets[at : at + 2] = struct.pack("!H", 0xC000 | chance.randrange(len(octets) + 2))
        elif kind == 3:
            del octets[at : at + chance.randint(1, 4)]
        elif kind == 4:
            octets[at:at] = bytes(chance.randrange(256) for _octet in range(chance.randint(1, 4)))
        else:
            del octets[max(1, at) :]
    return bytes(octets)
