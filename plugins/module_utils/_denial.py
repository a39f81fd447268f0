# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do NSEC and NSEC3 records prove what a negative answer says? Their signatures are judged elsewhere."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name
    import dns.rdatatype

__all__ = ("Denial", "MOST_ITERATIONS", "denial_flaw", "record_flaws")

# nodata: the name exists without the type. nxdomain: the name does not exist. wildcard: the answer comes from one.
Denial = t.Literal["nodata", "nxdomain", "wildcard"]
# Above this, hashing costs more than the outcome is worth: no resolver follows.
MOST_ITERATIONS = 500

_Owned = tuple["dns.name.Name", t.Any]
_TO_HEX = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
_SHA1 = 1
_OPT_OUT = 1


def denial_flaw(
    zone: dns.name.Name,
    name: dns.name.Name,
    rdtype: int,
    denial: Denial,
    *,
    nsec: t.Sequence[_Owned],
    nsec3: t.Sequence[_Owned],
) -> str | None:
    """Return what is wrong with the proof that ``name`` has no ``rdtype``, or does not exist; None if it holds.

    The text calls ``name`` the name, so that it is the same for any name.

    :arg nsec: owners and rdatas of the NSEC records of the answer, ``nsec3`` likewise.
    """
    if nsec and nsec3:
        return "it mixes NSEC and NSEC3"
    if nsec:
        return _Nsec(zone, nsec).flaw(name, rdtype, denial)
    if not nsec3:
        return "there is neither NSEC nor NSEC3"
    first = nsec3[0][1]
    for owner, rdata in nsec3:
        unusable = _unusable(rdata)
        if unusable is not None:
            return unusable
        if (rdata.iterations, rdata.salt) != (first.iterations, first.salt):
            return "its NSEC3 records differ in iterations or salt"
        if len(owner) != len(zone) + 1 or not owner.is_subdomain(zone):
            return "an NSEC3 is not right below the apex"
    if first.iterations > MOST_ITERATIONS:
        return None
    return _Nsec3(zone, nsec3).flaw(name, rdtype, denial)


def record_flaws(nsec: t.Sequence[_Owned], nsec3: t.Sequence[_Owned], nsec3param: t.Sequence[t.Any]) -> tuple[str, ...]:
    """Return what is wrong with the records that a server denies with, whatever they deny.

    :arg nsec: owners and rdatas of its NSEC records, ``nsec3`` likewise; ``nsec3param`` rdatas.
    """
    # RFC 5155 section 4.1.2: with a flag set it is not for use, or not yet.
    active = {(rdata.algorithm, rdata.iterations, rdata.salt) for rdata in nsec3param if not rdata.flags}
    made = {(rdata.algorithm, rdata.iterations, rdata.salt) for _owner, rdata in nsec3}
    flaws = [flaw for flaw in (_unusable(rdata) for _owner, rdata in nsec3) if flaw is not None]
    if nsec and nsec3:
        flaws.append("there are NSEC and NSEC3 records at once")
    elif nsec and active:
        flaws.append("there is NSEC3PARAM beside NSEC")
    if len(active) > 1:
        flaws.append(f"there are {len(active)} NSEC3PARAM records")
    if active and made - active:
        flaws.append("NSEC3 was made with other parameters than NSEC3PARAM has")
    for kind, records in (("NSEC", nsec), ("NSEC3", nsec3)):
        rdatas: dict[dns.name.Name, set[t.Any]] = {}
        for owner, rdata in records:
            rdatas.setdefault(owner, set()).add(rdata)
        if any(len(found) > 1 for found in rdatas.values()):
            flaws.append(f"there are several {kind} records of one name")
    return tuple(dict.fromkeys(flaws))


def _unusable(nsec3: t.Any) -> str | None:
    """Return why resolvers ignore an NSEC3 (RFC 5155 section 8)."""
    if nsec3.algorithm != _SHA1:
        return f"NSEC3 has hash algorithm {nsec3.algorithm}, and only 1 is defined"
    if nsec3.flags not in (0, _OPT_OUT):
        return f"NSEC3 has flags {nsec3.flags}, so it must be ignored"
    return None


def _bitmap_flaw(zone: dns.name.Name, name: dns.name.Name, rdtype: int, rdata: t.Any) -> str | None:
    """Return why the types that ``rdata`` lists for ``name`` do not deny ``rdtype``."""
    kind = dns.rdatatype.to_text(rdata.rdtype)
    listed = _types(rdata)
    if rdtype in listed or dns.rdatatype.CNAME in listed:
        found = dns.rdatatype.to_text(t.cast("dns.rdatatype.RdataType", rdtype if rdtype in listed else 5))
        return f"the {kind} lists {found}, so the type exists"
    if name == zone:
        # RFC 8198: resolvers deny on their own whatever the bitmap leaves out.
        held = (dns.rdatatype.NS, dns.rdatatype.SOA, dns.rdatatype.RRSIG, dns.rdatatype.DNSKEY)
        absent = [dns.rdatatype.to_text(each) for each in held if each not in listed]
        if absent:
            return f"the {kind} of the apex does not list {', '.join(absent)}, which are there"
    return None


def _types(rdata: t.Any) -> frozenset[int]:
    return frozenset(
        window * 256 + octet * 8 + bit
        for window, bitmap in rdata.windows
        for octet, bits in enumerate(bitmap)
        for bit in range(8)
        if bits & (0x80 >> bit)
    )


class _Nsec:
    """The proofs of RFC 4035 section 5.4."""

    def __init__(self, zone: dns.name.Name, records: t.Sequence[_Owned]) -> None:
        self._zone = zone
        self._records = records

    def flaw(self, name: dns.name.Name, rdtype: int, denial: Denial) -> str | None:
        at_name = self._at(name)
        if at_name is not None:
            if denial == "nodata":
                return _bitmap_flaw(self._zone, name, rdtype, at_name)
            return "there is an NSEC of the name, so it exists"
        covering = self._covering(name)
        if covering is None:
            return "no NSEC covers the name"
        owner, rdata = covering
        if denial == "wildcard":
            return None
        # A name that exists only by those below it has no NSEC of its own.
        if rdata.next != name and rdata.next.is_subdomain(name):
            return None if denial == "nodata" else "the NSEC before the name says that there are names below it"
        closest = max(_common(name, owner), _common(name, rdata.next), key=len)
        wildcard = dns.name.Name((b"*", *closest.labels))
        at_wildcard = self._at(wildcard)
        if denial == "nodata":
            if at_wildcard is None:
                return f"there is no NSEC of the name, nor of {wildcard.to_text()}"
            return _bitmap_flaw(self._zone, wildcard, rdtype, at_wildcard)
        if at_wildcard is not None:
            return f"there is an NSEC of {wildcard.to_text()}, so the wildcard exists"
        return None if self._covering(wildcard) else f"no NSEC covers {wildcard.to_text()}"

    def _at(self, name: dns.name.Name) -> t.Any:
        return next((rdata for owner, rdata in self._records if owner == name), None)

    def _covering(self, name: dns.name.Name) -> _Owned | None:
        # Names compare in the canonical order of RFC 4034 section 6.1.
        for owner, rdata in self._records:
            if owner < name and (name < rdata.next or rdata.next == self._zone):
                return owner, rdata
        return None


class _Nsec3:
    """The proofs of RFC 5155 section 8."""

    def __init__(self, zone: dns.name.Name, records: t.Sequence[_Owned]) -> None:
        self._zone = zone
        self._records = [(owner.labels[0].upper().decode("ascii", "replace"), rdata) for owner, rdata in records]
        self._salt, self._iterations = records[0][1].salt, records[0][1].iterations

    def flaw(self, name: dns.name.Name, rdtype: int, denial: Denial) -> str | None:
        at_name = self._at(name)
        if at_name is not None:
            if denial == "nodata":
                return _bitmap_flaw(self._zone, name, rdtype, at_name)
            return "there is an NSEC3 of the name, so it exists"
        if name == self._zone:
            return "there is no NSEC3 of the name"
        closer = name
        # The answer from a wildcard tells the closest encloser by its signature, so none is proven.
        if denial == "wildcard":
            return None if any(self._covers(above) for above in self._up(name)) else "no NSEC3 covers the name"
        for closest in self._up(name.parent()):
            if self._at(closest) is not None:
                break
            closer = closest
        else:
            return "no NSEC3 is of a name above it"
        covering = self._covers(closer)
        if covering is None:
            return "no NSEC3 covers the name, or the one below the closest that exists"
        wildcard = dns.name.Name((b"*", *closest.labels))
        at_wildcard = self._at(wildcard)
        if denial == "nodata":
            # Behind opt-out there may be an unsigned delegation (RFC 5155 section 8.6).
            if at_wildcard is None:
                opted_out = rdtype == dns.rdatatype.DS and covering.flags & _OPT_OUT
                return None if opted_out else f"there is no NSEC3 of the name, nor of {wildcard.to_text()}"
            return _bitmap_flaw(self._zone, wildcard, rdtype, at_wildcard)
        if at_wildcard is not None:
            return f"there is an NSEC3 of {wildcard.to_text()}, so the wildcard exists"
        return None if self._covers(wildcard) else f"no NSEC3 covers {wildcard.to_text()}"

    def _up(self, name: dns.name.Name) -> t.Iterator[dns.name.Name]:
        while name.is_subdomain(self._zone):
            yield name
            if name == self._zone:
                return
            name = name.parent()

    def _hash(self, name: dns.name.Name) -> str:
        return dns.dnssec.nsec3_hash(name, self._salt, self._iterations, _SHA1)

    def _at(self, name: dns.name.Name) -> t.Any:
        hashed = self._hash(name)
        return next((rdata for owner, rdata in self._records if owner == hashed), None)

    def _covers(self, name: dns.name.Name) -> t.Any:
        hashed = self._hash(name)
        for owner, rdata in self._records:
            following = base64.b32encode(rdata.next).translate(_TO_HEX).decode("ascii")
            if owner < hashed < following or (following <= owner and (hashed > owner or hashed < following)):
                return rdata
        return None


def _common(one: dns.name.Name, other: dns.name.Name) -> dns.name.Name:
    """Return the closest name above (or equal to) both."""
    _relation, _order, labels = one.fullcompare(other)
    return one.split(labels)[1]
