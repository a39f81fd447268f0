# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is what the zone tells its parent by CDS and CDNSKEY usable, and does the parent have it?"""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import is_digest_of, is_zone_key
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_view import SignedAnswers
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._signatures import JudgedSet, JudgedSignature

with deps.declare("dnspython"):
    import dns.dnssec

__all__ = ("CHECKS",)

_REFUSED = "A parent that follows them has to refuse them, so a change of keys would stop there"
_DOUBTED = "A parent may refuse them for that"


def inconsistent(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """cds_inconsistent"""
    for rdtype in ("CDS", "CDNSKEY"):
        served: dict[str, list[AddressView]] = {}
        for view, answers in zone.signed:
            response = answers.cds if rdtype == "CDS" else answers.cdnskey
            # Neither silence nor an error says that there are none.
            if response is not None and response.kind in ("answer", "nodata"):
                rdatas = sorted(record.rdata for record in response.matching)
                shown = ", ".join(_text(rdata) for rdata in rdatas) or "none"
                served.setdefault(shown, []).append(view)
        if len(served) > 1:
            shown = "; ".join(f"{', '.join(str(view) for view in views)}: {text}" for text, views in served.items())
            yield finding(
                "cds_inconsistent",
                f"The servers of {zone.text} serve different {rdtype} sets: {shown}. {_REFUSED}. If their serials"
                " differ, check the transfers; several signers have to publish the same set.",
                expected="the same",
                got=shown,
            )
    for view, answers in zone.signed:
        cds, cdnskey = _rdatas(answers.cds_set), _rdatas(answers.cdnskey_set)
        if not cds or not cdnskey or (_deletes(cds) and _deletes(cdnskey)):
            continue
        alone = [_text(key) for key in cdnskey if not any(_fits(zone, key, rdata) for rdata in cds)]
        alone += [_text(rdata) for rdata in cds if not any(_fits(zone, key, rdata) for key in cdnskey)]
        if alone:
            yield finding(
                "cds_inconsistent",
                f"{view} serves CDS and CDNSKEY records of {zone.text} that are not of the same keys"
                f" ({', '.join(alone)} without counterpart). {_REFUSED}. Have the signer make both anew.",
                at=view,
                expected="CDS and CDNSKEY of the same keys",
                got=", ".join(alone),
            )


def unsigned(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """cds_unsigned"""
    for view, answers in zone.signed:
        entry = {
            dns.dnssec.key_id(key)
            for ds in zone.delegation.ds
            for key in answers.keys
            if is_zone_key(key) and is_digest_of(zone.name, key, ds) is not False
        }
        for judged in (answers.cds_set, answers.cdnskey_set):
            if judged is None:
                continue
            signers = {each.rdata.key_tag for each in judged.signatures if each.may_hold}
            broken = [each for each in judged.signatures if not each.may_hold]
            if not judged.signatures:
                why, got = "are not signed", "no RRSIG"
            elif not signers:
                why = "have no signature that holds"
                got = _states(judged.signatures)
            elif entry and not signers & entry:
                why = "are signed by no key that a DS at the parent leads to"
                got = f"signed by {', '.join(str(tag) for tag in sorted(signers))}"
            elif broken:
                why = "have one signature that holds and others that do not"
                got = _states(broken)
            else:
                continue
            harmless = bool(signers) and (not entry or bool(signers & entry))
            yield finding(
                "cds_unsigned",
                f"The {judged.type_text} records of {zone.text} at {view} {why}."
                f" {_DOUBTED if harmless else _REFUSED}. Have the zone signed again, with these records signed by the"
                " key that signs the DNSKEY set.",
                at=view,
                severity="notice" if harmless else None,
                expected="a valid signature by a key that has a DS",
                got=got,
            )


def matches_no_dnskey(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """cds_matches_no_dnskey"""
    for view, answers in zone.signed:
        wanted = [rdata for rdata in (*_rdatas(answers.cds_set), *_rdatas(answers.cdnskey_set)) if rdata.algorithm]
        useless = {_text(rdata): why for rdata in wanted for why in (_why_useless(zone, rdata, answers),) if why}
        if not useless:
            continue
        shown = "; ".join(f"{text}: {why}" for text, why in useless.items())
        rest = {_text(rdata) for rdata in wanted} - useless.keys()
        if rest:
            effect = "Others do, so the zone would still validate. If it is not for a key to come, remove it."
        else:
            effect = "A parent that took them would break the zone. Have the signer make them anew from its keys."
        yield finding(
            "cds_matches_no_dnskey",
            f"{', '.join(useless)} of {zone.text} at {view} leads to no key that the DNSKEY set is signed with"
            f" ({shown}). {effect}",
            at=view,
            severity="warning" if rest else None,
            expected="for each CDS and CDNSKEY a DNSKEY that signs the DNSKEY set",
            got=shown,
        )


def delete_mixed(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """cds_delete_mixed"""
    for view, answers in zone.signed:
        mixed = [
            judged
            for judged in (answers.cds_set, answers.cdnskey_set)
            if judged is not None and _deletes(judged.rdatas) and len(judged.rdatas) > 1
        ]
        if not mixed and answers.cds_set is not None and answers.cdnskey_set is not None:
            both = (answers.cds_set, answers.cdnskey_set)
            mixed = [judged for judged in both if _deletes(judged.rdatas)] if len(_kinds(both)) > 1 else []
        if mixed:
            shown = " and ".join(judged.type_text for judged in mixed)
            yield finding(
                "cds_delete_mixed",
                f"The {shown} records of {zone.text} at {view} ask for the removal of all DS and for others at once."
                f" {_REFUSED}. Remove the delete record, or everything beside it.",
                at=view,
                expected="the delete record alone, or none",
                got=", ".join(_text(rdata) for judged in mixed for rdata in judged.rdatas),
            )


def differs_from_ds(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """cds_differs_from_ds"""
    # Which of several versions the zone means, and whether any counts, is what the checks above are about.
    if not zone.delegation.ds or any(
        True for check in (inconsistent, unsigned, matches_no_dnskey, delete_mixed) for _found in check(zone, settings)
    ):
        return
    for _view, answers in zone.signed:
        cds, cdnskey = _rdatas(answers.cds_set), _rdatas(answers.cdnskey_set)
        if not cds and not cdnskey:
            continue
        present = {_fields(rdata) for rdata in zone.delegation.ds}
        if _deletes(cds or cdnskey):
            wanted, same = "no DS", False
        elif cds:
            wanted, same = (
                ", ".join(_text(rdata) for rdata in sorted(cds)),
                {_fields(rdata) for rdata in cds} == present,
            )
        else:
            wanted = ", ".join(_text(rdata) for rdata in sorted(cdnskey))
            same = all(any(_fits(zone, key, ds) for ds in zone.delegation.ds) for key in cdnskey) and all(
                any(_fits(zone, key, ds) for key in cdnskey) for ds in zone.delegation.ds
            )
        if not same:
            got = ", ".join(f"DS {tag} {algorithm} {kind}" for tag, algorithm, kind, _digest in sorted(present))
            holder = "the parent" if zone.parent is not None else "the description"
            yield finding(
                "cds_differs_from_ds",
                f"{zone.text} asks its parent for another DS set: it publishes {wanted}, and {holder} has {got}."
                " A change of keys waits for that. If the parent does not follow CDS by itself, have it take the new"
                " set.",
                expected=wanted,
                got=got,
            )
        return


def _rdatas(judged: JudgedSet | None) -> tuple[t.Any, ...]:
    return () if judged is None else judged.rdatas


def _deletes(rdatas: t.Iterable[t.Any]) -> bool:
    """Whether the delete record of RFC 8078 section 4 is among them."""
    return any(rdata.algorithm == 0 for rdata in rdatas)


def _kinds(sets: t.Iterable[JudgedSet]) -> set[bool]:
    return {_deletes(judged.rdatas) for judged in sets}


def _fits(zone: ZoneView, key: t.Any, ds: t.Any) -> bool:
    return is_digest_of(zone.name, key, ds) is not False


def _why_useless(zone: ZoneView, rdata: t.Any, answers: SignedAnswers) -> str:
    """Return why a DS of this CDS or CDNSKEY would let nobody validate the zone; empty if it would."""
    if hasattr(rdata, "digest"):
        keys = [key for key in answers.keys if _fits(zone, key, rdata)]
    else:
        keys = [key for key in answers.keys if key.to_wire() == rdata.to_wire()]
    if not keys:
        return "there is no such key"
    if not any(is_zone_key(key) for key in keys):
        return f"flags {keys[0].flags} make it no zone key, or a revoked one"
    signers = () if answers.dnskey_set is None else answers.dnskey_set.signatures
    tags = {signature.rdata.key_tag for signature in signers}
    return "" if any(dns.dnssec.key_id(key) in tags for key in keys) else "it has not signed the DNSKEY set"


def _states(signatures: t.Iterable[JudgedSignature]) -> str:
    return ", ".join(f"key {each.rdata.key_tag}: {each.state}" for each in signatures)


def _fields(ds: t.Any) -> tuple[int, int, int, bytes]:
    return int(ds.key_tag), int(ds.algorithm), int(ds.digest_type), ds.digest


def _text(rdata: t.Any) -> str:
    kind = "CDS" if hasattr(rdata, "digest") else "CDNSKEY"
    if rdata.algorithm == 0:
        return f"{kind} delete"
    if kind == "CDS":
        return f"CDS {rdata.key_tag} {int(rdata.algorithm)} {int(rdata.digest_type)}"
    return f"CDNSKEY {dns.dnssec.key_id(rdata)}"


CHECKS = (inconsistent, unsigned, matches_no_dnskey, delete_mixed, differs_from_ds)
