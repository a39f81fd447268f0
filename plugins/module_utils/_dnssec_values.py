# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers of DNSSEC, and how DS and DNSKEY records belong together."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name
    import dns.rdata

__all__ = (
    *("ALGORITHMS", "DIGESTS", "KEY_LENGTHS", "OLD_ALGORITHMS", "OLD_DIGESTS", "PRIVATE_ALGORITHMS"),
    *("in_order", "is_digest_of", "is_zone_key", "rsa_bits"),
)

# RFC 8624 section 3 and RFC 9905: none of these is for signing any more.
OLD_ALGORITHMS: dict[int, str] = {
    1: "RSAMD5",
    3: "DSA",
    5: "RSASHA1",
    6: "DSA-NSEC3-SHA1",
    7: "RSASHA1-NSEC3-SHA1",
    12: "ECC-GOST",
}
PRIVATE_ALGORITHMS = frozenset((253, 254))
ALGORITHMS = frozenset((*OLD_ALGORITHMS, *PRIVATE_ALGORITHMS, 8, 10, 13, 14, 15, 16, 17, 23))
OLD_DIGESTS: dict[int, str] = {1: "SHA-1", 3: "GOST R 34.11-94"}
DIGESTS = frozenset((*OLD_DIGESTS, 2, 4, 5, 6))
# In octets, by algorithm (RFC 6605 section 4, RFC 8080 section 3).
KEY_LENGTHS: dict[int, int] = {13: 64, 14: 96, 15: 32, 16: 57}

_RSA = (1, 5, 7, 8, 10)
_HASHES = {1: "sha1", 2: "sha256", 4: "sha384"}
# RFC 4034 section 2.1.1 and RFC 5011 section 3.
_ZONE_KEY, _REVOKED = 0x0100, 0x0080


def in_order(entries: t.Iterable[dns.rdata.Rdata]) -> list[dns.rdata.Rdata]:
    """Return DS or DNSKEY rdatas in an order that is always the same."""
    return sorted(entries, key=lambda rdata: rdata.to_text())


def is_digest_of(zone: dns.name.Name, key: t.Any, ds: t.Any) -> bool | None:
    """Return whether ``ds`` (a DS or CDS) is of ``key``, or None where its kind of digest cannot be computed here."""
    if (ds.key_tag, ds.algorithm) != (dns.dnssec.key_id(key), key.algorithm):
        return False
    name = _HASHES.get(int(ds.digest_type))
    if name is None:
        return None
    hashed = t.cast(bytes, zone.canonicalize().to_wire()) + key.to_wire()
    return bool(hashlib.new(name, hashed, usedforsecurity=False).digest() == ds.digest)


def is_zone_key(key: t.Any, *, revoked: bool = False) -> bool:
    """Return whether ``key`` may sign records of its zone; with ``revoked`` also one that is revoked."""
    return bool(key.flags & _ZONE_KEY and key.protocol == 3 and (revoked or not key.flags & _REVOKED))


def rsa_bits(key: t.Any) -> int | None:
    """Return the size of the modulus (RFC 3110 section 2), or None for a key that is not of RSA."""
    if key.algorithm not in _RSA or not key.key:
        return None
    length, start = key.key[0], 1
    if length == 0:
        length, start = int.from_bytes(key.key[1:3], "big"), 3
    return int.from_bytes(key.key[start + length :], "big").bit_length()
