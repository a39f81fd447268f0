# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do signatures hold? Each RRset of an answer with the signatures over it, judged by the keys of its zone."""

from __future__ import annotations

import struct
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import is_zone_key
from ansible_collections.zonecut.dns.plugins.module_utils._responses import ReceivedRecord

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name
    import dns.rdataset
    import dns.rdatatype

__all__ = ("JudgedSet", "JudgedSignature", "SignatureState", "judge_sets")

# unknown_key: no key of the zone made it. unsupported: dnspython cannot compute the algorithm. unchecked: there is no
# library to compute it with. Neither of the last two speaks for or against the signature.
SignatureState = t.Literal["valid", "expired", "not_yet_valid", "invalid", "unknown_key", "unsupported", "unchecked"]


@dataclass(frozen=True)
class JudgedSignature:
    """A signature and what it is worth.

    :arg rdata: the RRSIG.
    :arg detail: why it is not valid, in words.
    """

    rdata: t.Any
    state: SignatureState
    detail: str = ""

    @property
    def may_hold(self) -> bool:
        """Whether nothing speaks against it."""
        return self.state in ("valid", "unsupported", "unchecked")


@dataclass(frozen=True)
class JudgedSet:
    """The records of one owner and type, and the signatures that came along."""

    owner: dns.name.Name
    rdtype: int
    rdatas: tuple[t.Any, ...]
    signatures: tuple[JudgedSignature, ...]

    @property
    def type_text(self) -> str:
        """The type as messages show it."""
        return dns.rdatatype.to_text(t.cast("dns.rdatatype.RdataType", self.rdtype))

    @property
    def may_hold(self) -> bool:
        """Whether at least one signature holds, as far as can be told."""
        return any(signature.may_hold for signature in self.signatures)


def judge_sets(
    records: t.Iterable[ReceivedRecord], *, zone: dns.name.Name, keys: t.Sequence[t.Any], now: float
) -> tuple[JudgedSet, ...]:
    """Return the RRsets among ``records``, those at and below the apex, with their signatures judged.

    :arg keys: the DNSKEY rdatas of the zone.
    :arg now: seconds since 1970.
    """
    sets: dict[tuple[dns.name.Name, int], list[ReceivedRecord]] = {}
    signatures: dict[tuple[dns.name.Name, int], dict[t.Any, None]] = {}
    for record in records:
        if record.rdtype == dns.rdatatype.RRSIG:
            signatures.setdefault((record.owner, record.rdata.type_covered), {})[record.rdata] = None
        elif record.owner.is_subdomain(zone):
            sets.setdefault((record.owner, record.rdtype), []).append(record)
    return tuple(
        JudgedSet(
            owner=owner,
            rdtype=rdtype,
            rdatas=tuple(record.rdata for record in found),
            signatures=tuple(
                _judged(signature, owner, found, zone=zone, keys=keys, now=now)
                for signature in signatures.get((owner, rdtype), ())
            ),
        )
        for (owner, rdtype), found in sets.items()
    )


def _judged(
    signature: t.Any,
    owner: dns.name.Name,
    records: t.Sequence[ReceivedRecord],
    *,
    zone: dns.name.Name,
    keys: t.Sequence[t.Any],
    now: float,
) -> JudgedSignature:
    if signature.signer != zone:
        return JudgedSignature(signature, "invalid", f"its signer is {signature.signer.to_text()} and not the zone")
    made_by = [
        key
        for key in keys
        if (dns.dnssec.key_id(key), key.algorithm) == (signature.key_tag, signature.algorithm)
        # A revoked key still signs the DNSKEY set that says so (RFC 5011 section 2.1).
        and is_zone_key(key, revoked=signature.type_covered == dns.rdatatype.DNSKEY)
    ]
    if not made_by:
        return JudgedSignature(signature, "unknown_key", "no zone key in the DNSKEY set made it")
    if signature.expiration < now:
        return JudgedSignature(signature, "expired")
    if signature.inception > now:
        return JudgedSignature(signature, "not_yet_valid")
    rdataset = dns.rdataset.from_rdata_list(records[0].ttl, [record.rdata for record in records])
    keyset = dns.rdataset.from_rdata_list(0, made_by)
    try:
        dns.dnssec.validate_rrsig(
            (owner, rdataset), signature, {zone: keyset}, now=now, policy=dns.dnssec.allow_all_policy
        )
    except ImportError:
        return JudgedSignature(signature, "unchecked")
    except dns.dnssec.UnsupportedAlgorithm:  # type: ignore[attr-defined]
        return JudgedSignature(signature, "unsupported")
    # A key that is cut short surfaces as whatever reading it trips over.
    except (dns.dnssec.ValidationFailure, ValueError, IndexError, struct.error):  # type: ignore[attr-defined]
        return JudgedSignature(signature, "invalid", "it does not fit the records and the key")
    except Exception as exc:
        # The OpenSSL of some hosts refuses what their policy forbids, such as SHA-1, with an error of cryptography.
        if type(exc).__module__.partition(".")[0] != "cryptography":
            raise
        return JudgedSignature(signature, "unsupported")
    return JudgedSignature(signature, "valid")
