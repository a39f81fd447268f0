# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of a zone's DNSSEC records. Signatures and chains are not verified: signing is the name server's task."""

from __future__ import annotations

import base64
import re
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import (
    ALGORITHMS,
    DIGESTS,
    KEY_LENGTHS,
    OLD_ALGORITHMS,
    OLD_DIGESTS,
    is_digest_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record
from ansible_collections.zonecut.dns.plugins.module_utils._zone_view import Check, ZoneView

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass

__all__ = ("DNSSEC_CHECKS",)

_AT_APEX = ("CDNSKEY", "CDS", "CSYNC", "DNSKEY", "NSEC3PARAM", "ZONEMD")
_MADE_BY_SIGNING = ("NSEC", "NSEC3", "NSEC3PARAM", "RRSIG")
_NSEC3_OWNER = re.compile("[0-9a-v]{1,52}")
_DELETE_CDS = "0 0 0 00"
_DELETE_CDNSKEY = "0 3 0 AA=="


def _signed(view: ZoneView) -> t.Iterator[Problem]:
    over_soa = [record for record in view.by_type["RRSIG"] if record.owner == "@" and record.data.startswith("SOA ")]
    for record in over_soa:
        rule = (
            "the serial is set here, so no signature over the SOA would hold, and the zone would be bogus;"
            " give the zone without signatures and let the name server sign it"
        )
        yield view.problem(record, rule, code="soa_signed")
        break
    for rdtype in () if over_soa else _MADE_BY_SIGNING:
        for record in view.by_type[rdtype][:1]:
            rule = f"{len(view.by_type[rdtype])} {rdtype} in a zone that is not signed; signing makes such records anew"
            yield view.problem(record, rule, code="dnssec_leftover")
    for record in view.by_type["ZONEMD"][:1]:
        rule = "the serial is set here, so no digest over the whole zone would hold (RFC 8976 section 4)"
        yield view.problem(record, rule, code="zonemd_stale")


def _places(view: ZoneView) -> t.Iterator[Problem]:
    for rdtype in _AT_APEX:
        for record in view.by_type[rdtype]:
            if record.owner != "@":
                yield view.problem(record, f"{rdtype} means something at the apex only", code="not_at_apex")
    for record in view.by_type["DS"]:
        if record.owner not in view.cuts:
            rule = "DS belongs to a delegation, and there is no NS here (RFC 4035 section 2.4); BIND refuses it"
            if record.owner == "@":
                rule = "DS belongs into the parent, where it delegates the zone (RFC 4035 section 2.4); BIND refuses it"
            yield view.problem(record, rule, code="ds_without_ns")


def _numbers(view: ZoneView) -> t.Iterator[Problem]:
    for rdtype in ("CDS", "DS"):
        for record in view.by_type[rdtype]:
            algorithm, kind = (int(number) for number in record.data.split(" ", 3)[1:3])
            if algorithm in OLD_ALGORITHMS or kind in OLD_DIGESTS:
                old = OLD_ALGORITHMS.get(algorithm) or OLD_DIGESTS[kind]
                yield _deprecated(view, record, old)
            elif record.data != _DELETE_CDS and (algorithm not in ALGORITHMS or kind not in DIGESTS):
                rule = "an algorithm or digest type that no standard defines; Knot's checks refuse it"
                yield view.problem(record, rule, code="value_unregistered", value=f"{algorithm} {kind}")
    for record in view.by_type["DNSKEY"]:
        flags, protocol, number, key = record.data.split(" ", 3)
        algorithm = int(number)
        if algorithm in OLD_ALGORITHMS:
            yield _deprecated(view, record, OLD_ALGORITHMS[algorithm])
        octets = len(base64.b64decode(key))
        wrong = None
        if not int(flags) & 256:
            wrong = f"flags {flags} make it no zone key (RFC 4034 section 2.1.1)"
        elif protocol != "3":
            wrong = f"protocol {protocol}, where only 3 is valid (RFC 4034 section 2.1.2)"
        elif octets != KEY_LENGTHS.get(algorithm, octets):
            wrong = f"a key of {octets} octets, where algorithm {algorithm} has {KEY_LENGTHS[algorithm]}"
        if wrong:
            yield view.problem(record, wrong, code="dnskey_invalid")


def _deprecated(view: ZoneView, record: Record, name: str) -> Problem:
    return view.problem(record, f"{name} is no longer for use (RFC 8624 section 3)", code="dnssec_deprecated")


def _hashed(view: ZoneView) -> t.Iterator[Problem]:
    first: Record | None = None
    for record in (*view.by_type["NSEC3PARAM"], *view.by_type["NSEC3"]):
        if record.rdtype == "NSEC3" and not _NSEC3_OWNER.fullmatch(record.owner):
            rule = "an NSEC3 is at a hash in base32 right below the apex (RFC 5155 section 3); BIND refuses it"
            yield view.problem(record, rule, code="nsec3_owner_invalid")
        parts = record.data.split(" ", 4)
        first = first or record
        expected = first.data.split(" ", 4)
        if (parts[0], *parts[2:4]) != (expected[0], *expected[2:4]):
            rule = f"hash, iterations and salt are not those of {first.where}"
            yield view.problem(record, rule, code="nsec3_inconsistent", value=" ".join(parts[:4]))
        elif parts[1] not in ("0", "1") or (record.rdtype == "NSEC3PARAM" and parts[1] != "0"):
            rule = f"flags {parts[1]} are none of those defined for {record.rdtype} (RFC 5155 sections 3.1.2 and 4.1.2)"
            yield view.problem(record, rule, code="nsec3_inconsistent")
    for record in view.by_type["NSEC"][: 1 if first else 0]:
        yield view.problem(record, "a zone has NSEC or NSEC3, and not both", code="nsec3_inconsistent")


def _announced(view: ZoneView) -> t.Iterator[Problem]:
    """What CDS and CDNSKEY tell the parent has to be in the zone (RFC 7344 section 4.1), unless they remove all DS."""
    keys = {record.data for record in view.by_type["DNSKEY"] if record.owner == "@"}
    for rdtype, delete in (("CDS", _DELETE_CDS), ("CDNSKEY", _DELETE_CDNSKEY)):
        records = [record for record in view.by_type[rdtype] if record.owner == "@"]
        deletes = any(record.data == delete for record in records)
        for record in records:
            if record.data == delete:
                continue
            rule = None
            if deletes:
                rule = f"{rdtype} {delete} removes all DS, so it stands alone (RFC 8078 section 4)"
            elif rdtype == "CDNSKEY" and record.data not in keys:
                rule = "no DNSKEY at the apex is this one"
            elif rdtype == "CDS" and not any(_is_digest_of(view, key, record) for key in keys):
                rule = "no DNSKEY at the apex has this digest"
            if rule:
                yield view.problem(record, f"{rule}; BIND refuses it", code="cds_mismatch")


def _is_digest_of(view: ZoneView, key: str, cds: Record) -> bool:
    dnskey: t.Any = dns.rdata.from_text(dns.rdataclass.IN, "DNSKEY", key)
    announced: t.Any = dns.rdata.from_text(dns.rdataclass.IN, "CDS", cds.data)
    # Whether another kind of digest fits is not for us to say.
    return is_digest_of(dns.name.from_text(view.apex), dnskey, announced) is not False


DNSSEC_CHECKS: tuple[Check, ...] = (_signed, _places, _numbers, _hashed, _announced)
