# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones signed in the test itself, with keys of any algorithm and at any time; what is to be broken is an argument."""

from __future__ import annotations

import base64
import functools
import typing as t
from dataclasses import dataclass

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataset
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

# 2026-11-21 12:00:00 UTC.
NOW = 1795262400
DAY = 86400

_ZONE_KEY, _SEP = 256, 257
_CURVES: dict[str, t.Callable[[], t.Any]] = {
    "ECDSAP256SHA256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ECDSAP384SHA384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ED25519": ed25519.Ed25519PrivateKey.generate,
    "ED448": ed448.Ed448PrivateKey.generate,
}


@dataclass(frozen=True)
class Key:
    """A key pair; two of the same number are the same key.

    :arg algorithm: as dnspython names it.
    :arg bits: of RSA.
    """

    algorithm: str = "ED25519"
    number: int = 1
    flags: int = _SEP
    bits: int = 2048

    @property
    def private(self) -> t.Any:
        return _private(self.algorithm, self.number, self.bits)

    @property
    def rdata(self) -> t.Any:
        """The DNSKEY."""
        return dns.dnssec.make_dnskey(self.private.public_key(), self.algorithm, flags=self.flags)

    @property
    def tag(self) -> int:
        return dns.dnssec.key_id(self.rdata)

    def ds(self, zone: str, *, digest: str = "SHA256") -> str:
        """Return the data of its DS (or CDS)."""
        policy = dns.dnssec.allow_all_policy
        return dns.dnssec.make_ds(dns.name.from_text(zone), self.rdata, digest, policy=policy).to_text()


KSK, ZSK = Key(), Key(number=2, flags=_ZONE_KEY)


@functools.cache
def _private(algorithm: str, _number: int, bits: int) -> t.Any:
    if algorithm in _CURVES:
        return _CURVES[algorithm]()
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True)
class Signing:
    """How a zone is signed.

    :arg keys: the DNSKEY set; those with the SEP bit sign it and CDS, the others the rest, or all where there are none.
    :arg over: which keys sign a type instead, by type.
    :arg inception: seconds since 1970, ``expiration`` likewise; ``times`` are those of a type instead, by type.
    :arg more_keys: data of DNSKEY records that sign nothing.
    :arg nsec3: iterations, salt in hex and flags; NSEC without.
    :arg unlisted: types that the NSEC or NSEC3 of the apex does not list.
    """

    keys: tuple[Key, ...] = (KSK, ZSK)
    over: t.Mapping[str, tuple[Key, ...]] | None = None
    inception: int = NOW - 7 * DAY
    expiration: int = NOW + 7 * DAY
    times: t.Mapping[str, tuple[int, int]] | None = None
    more_keys: tuple[str, ...] = ()
    nsec3: tuple[int, str, int] | None = None
    unlisted: tuple[str, ...] = ()

    def sign(self, zone_name: str, text: str) -> str:
        """Return the records of ``text`` signed, one a line."""
        zone = dns.zone.from_text(text, origin=zone_name, relativize=False, check_origin=False)
        assert zone.origin is not None
        rdatas = [key.rdata for key in self.keys]
        rdatas += [dns.rdata.from_text("IN", "DNSKEY", data) for data in self.more_keys]
        if rdatas:
            zone.replace_rdataset(zone.origin, dns.rdataset.from_rdata_list(3600, rdatas))
        self._link(zone)
        for owner, rdataset in list(zone.iterate_rdatasets()):
            for key in self._signers(dns.rdatatype.to_text(rdataset.rdtype)):
                self._sign(zone, owner, rdataset, key)
        return zone.to_text(relativize=False)

    def _signers(self, rdtype: str) -> tuple[Key, ...]:
        if self.over is not None and rdtype in self.over:
            return self.over[rdtype]
        entry = rdtype in ("DNSKEY", "CDS", "CDNSKEY")
        chosen = tuple(key for key in self.keys if bool(key.flags & 1) == entry)
        return chosen or self.keys

    def _sign(self, zone: dns.zone.Zone, owner: dns.name.Name, rdataset: dns.rdataset.Rdataset, key: Key) -> None:
        rdtype = dns.rdatatype.to_text(rdataset.rdtype)
        inception, expiration = (self.times or {}).get(rdtype, (self.inception, self.expiration))
        assert zone.origin is not None
        signature = dns.dnssec.sign(
            (owner, rdataset),
            key.private,
            zone.origin,
            key.rdata,
            inception=inception,
            expiration=expiration,
            policy=dns.dnssec.allow_all_policy,
        )
        zone.find_rdataset(owner, "RRSIG", covers=rdataset.rdtype, create=True).add(signature, rdataset.ttl)

    def _link(self, zone: dns.zone.Zone) -> None:
        assert zone.origin is not None
        types = {
            owner: {dns.rdatatype.to_text(rdataset.rdtype) for rdataset in node} | {"RRSIG"}
            for owner, node in zone.nodes.items()
        }
        types[zone.origin] -= set(self.unlisted)
        if self.nsec3 is None:
            owners = sorted(types)
            for owner, following in zip(owners, (*owners[1:], owners[0])):
                listed = " ".join(sorted(types[owner] | {"NSEC"}))
                _add(zone, owner, "NSEC", f"{following.to_text()} {listed}")
            return
        iterations, salt, flags = self.nsec3
        hashed = sorted((dns.dnssec.nsec3_hash(owner, salt, iterations, 1).lower(), owner) for owner in types)
        for (digest, owner), (next_digest, _owner) in zip(hashed, (*hashed[1:], hashed[0])):
            data = f"1 {flags} {iterations} {salt or '-'} {next_digest} {' '.join(sorted(types[owner]))}"
            _add(zone, dns.name.from_text(digest, zone.origin), "NSEC3", data)


def _add(zone: dns.zone.Zone, owner: dns.name.Name, rdtype: str, data: str) -> None:
    zone.find_rdataset(owner, rdtype, create=True).add(dns.rdata.from_text("IN", rdtype, data), 300)


def small_rsa(bits: int) -> str:
    """Return the data of a DNSKEY of RSA/SHA-256 with a modulus of that many bits."""
    key = b"\x03\x01\x00\x01" + (1 << (bits - 1) | 1).to_bytes((bits + 7) // 8, "big")
    return f"256 3 8 {base64.b64encode(key).decode()}"


def without(text: str, *, rdtype: str, covers: str | None = None, owner: str | None = None) -> str:
    """Return the records without those of a type, of RRSIG only those over ``covers``."""
    kept = []
    for line in text.splitlines():
        name, _ttl, _class, found, *data = line.split()
        gone = found == rdtype and (covers is None or data[0] == covers) and owner in (None, name)
        if not gone:
            kept.append(line)
    return "\n".join(kept) + "\n"


__all__ = ("DAY", "KSK", "NOW", "ZSK", "Key", "Signing", "small_rsa", "without")
