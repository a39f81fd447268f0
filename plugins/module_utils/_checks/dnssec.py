# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does the chain of trust lead from the DS into the zone, and does everything it needs carry a valid signature?

Signatures and keys are judged for each address by the keys that it serves itself.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._denial import (
    MOST_ITERATIONS,
    Denial,
    denial_flaw,
    record_flaws,
)
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import (
    ALGORITHMS,
    DIGESTS,
    KEY_LENGTHS,
    OLD_ALGORITHMS,
    OLD_DIGESTS,
    PRIVATE_ALGORITHMS,
    is_digest_of,
    is_zone_key,
    rsa_bits,
)
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_view import SignedAnswers
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Severity, Unchecked, printable
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response
from ansible_collections.zonecut.dns.plugins.module_utils._signatures import (
    JudgedSet,
    JudgedSignature,
    SignatureState,
)

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name
    import dns.rdatatype

__all__ = ("CHECKS", "not_checked")

_Bad = list[tuple[JudgedSet, JudgedSignature]]

_DAY = 86400
# No signer that works lets a signature get as old as this, be it signed ahead or for each answer.
_EXPIRES_WITHIN, _EXPIRES_SHARE = 2 * _DAY, 0.25
_LONG_LIFETIME = 180 * _DAY
# From here on resolvers take the zone for unsigned or answer SERVFAIL (RFC 9276 section 3.2).
_ITERATIONS_HURT = 50
_RSA_WEAK, _RSA_SMALL, _RSA_LARGEST = 1024, 2048, 4096
# RFC 8624 section 3.1: to validate, not to sign with.
_NOT_RECOMMENDED = {10: "RSASHA512"}
_STATE_CODES: dict[SignatureState, str] = {
    "expired": "rrsig_expired",
    "not_yet_valid": "rrsig_not_yet_valid",
    "invalid": "rrsig_invalid",
}
_NO_SOA = "no SOA comes with it"
_CONFUSED = "Resolvers that keep proofs, and those that look closer, may refuse its answers."
# What the checks look at; without the answers that hold it they see nothing.
_FROM_CDS = frozenset(
    ("cds_inconsistent", "cds_unsigned", "cds_matches_no_dnskey", "cds_delete_mixed", "cds_differs_from_ds")
)
_FROM_PROOFS = frozenset(("nsec_proof_invalid", "nsec3_iterations", "nsec3_salt"))
_FROM_KEYS = frozenset(
    (
        *("ds_no_dnskey", "ds_unsigned_zone", "dnskey_not_signed_by_ds", "dnskey_differs_between_servers"),
        *("rrsig_expired", "rrsig_not_yet_valid", "rrsig_invalid", "rrsig_missing", "rrsig_expires_soon"),
        *("rrsig_lifetime_long", "algorithm_not_complete", "dnskey_size", "signed_without_ds"),
        *_FROM_PROOFS,
        *_FROM_CDS,
    )
)
_FROM_DS = frozenset(
    (
        *("ds_no_dnskey", "ds_unsigned_zone", "ds_digest_not_allowed", "dnskey_not_signed_by_ds"),
        *("signed_without_ds", "cds_unsigned", "cds_differs_from_ds"),
    )
)
# Those that would pass whatever is in the signatures.
_COMPUTED = frozenset(("rrsig_invalid", "dnskey_not_signed_by_ds", "cds_unsigned"))
_SERVFAIL = "Resolvers that validate answer SERVFAIL for it"


def not_checked(zone: ZoneView) -> t.Iterator[Unchecked]:
    """Yield what could not be checked of DNSSEC, and why."""
    answers = [view.dnssec for view in zone.addresses if view.dnssec is not None]
    for view in zone.addresses:
        for response in () if view.dnssec is None else view.dnssec.responses:
            if response.kind == "silent":
                yield Unchecked(
                    printable(f"{view}: no answer to {_question(zone, response)} with the DO bit ({response.detail})"),
                    codes=_hidden_by(response, answers),
                )
            elif response.kind == "rcode" and response.query.rdtype == dns.rdatatype.DNSKEY:
                yield Unchecked(f"{view}: {response.rcode} to {_question(zone, response)} with the DO bit")
    states = {
        (signature.state, int(signature.rdata.algorithm))
        for _view, answers in zone.signed
        for judged in (*answers.judged, answers.cds_set, answers.cdnskey_set)
        if judged is not None
        for signature in judged.signatures
    }
    computed = any(state in ("valid", "invalid") for state, _algorithm in states)
    uncomputed = frozenset() if computed else _COMPUTED
    if any(state == "unchecked" for state, _algorithm in states):
        yield Unchecked(
            "whether signatures fit what they sign: the Python library cryptography is missing or too old",
            codes=uncomputed,
        )
    for algorithm in sorted(algorithm for state, algorithm in states if state == "unsupported"):
        text = _algorithm_text(algorithm)
        yield Unchecked(
            f"signatures of algorithm {text}: neither dnspython nor the OpenSSL of this host can compute it",
            codes=uncomputed,
        )
    if not zone.delegation.ds and not _ds_known(zone) and (bool(zone.signed) or _ds_failed(zone)):
        yield Unchecked("the DS set: no server of the parent zone gave a usable answer for it", codes=_FROM_DS)


def _hidden_by(silence: Response, answers: t.Sequence[SignedAnswers]) -> frozenset[str]:
    """Return the checks that saw nothing since no address answered what ``silence`` was asked, or the like."""
    hidden: set[str] = set()
    for seen, codes in (
        ([each.dnskey for each in answers], _FROM_KEYS),
        ([response for each in answers for response in each.denials], _FROM_PROOFS),
        ([response for each in answers for response in (each.cds, each.cdnskey)], _FROM_CDS),
    ):
        given = [response for response in seen if response is not None]
        if silence in given and all(response.kind == "silent" for response in given):
            hidden |= codes
    return frozenset(hidden)


def unsigned_zone(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ds_unsigned_zone"""
    told = [view for view in zone.addresses if view.dnssec is not None and view.dnssec.told]
    if not zone.delegation.ds or not told or bool(zone.signed):
        return
    yield finding(
        "ds_unsigned_zone",
        f"{_ds_text(zone.delegation.ds)} {_place(zone)} says that {zone.text} is signed, but no server has a DNSKEY for"
        f" it. {_SERVFAIL} and for every name in it. Sign the zone, or have the DS removed from the parent; a zone"
        " that stops being signed keeps its keys until the DS has left all caches.",
        expected="a DNSKEY set",
        got=", ".join(f"{view}: {_instead_of_keys(view)}" for view in told),
    )


def keys_differ(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """dnskey_differs_between_servers"""
    sets: dict[frozenset[t.Any], list[AddressView]] = {}
    for view, answers in zone.signed:
        sets.setdefault(frozenset(answers.keys), []).append(view)
    if not sets:
        return
    others = ", ".join(str(view) for views in sets.values() for view in views)
    for view in zone.addresses:
        if view.dnssec is None or not view.dnssec.told or view.dnssec.keys:
            continue
        yield finding(
            "dnskey_differs_between_servers",
            f"{view} serves {zone.text} unsigned: asked for DNSKEY it answers {_instead_of_keys(view)}, while {others}"
            f" serves keys. {_harm(zone, 'what they get there')} Bring the signed zone to this server; if it has it,"
            " look whether the server or something before it drops DNSSEC records.",
            at=view,
            severity=_softened(zone, "error"),
            expected="a DNSKEY set",
            got=_instead_of_keys(view),
            follows_from=("breaks_on_edns", "no_edns"),
        )
    if len(sets) > 1:
        shown = "; ".join(f"{_listed(views)}: {_keys_text(keys)}" for keys, views in sets.items())
        yield finding(
            "dnskey_differs_between_servers",
            f"The servers of {zone.text} serve different DNSKEY sets: {shown}. A resolver that has the keys of one"
            " server cannot validate what it gets from another. If their serials differ, check the transfers; if"
            " several signers serve the zone, each has to publish the keys of all (RFC 8901).",
            severity=_softened(zone, "error"),
            expected="the same",
            got=shown,
        )


def no_dnskey(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ds_no_dnskey"""
    keys = {key for _view, answers in zone.signed for key in answers.keys}
    if not keys:
        return
    leading = [ds for ds in _ds_set(zone) if _keys_of(zone, ds, keys)]
    for ds in _ds_set(zone):
        if ds in leading:
            continue
        why = _why_no_key(zone, ds, keys)
        effect = (
            "Another DS does, so the zone still validates. If this one is not for a key to come, have it removed."
            if leading
            else f"{_SERVFAIL} and for every name in it. Have the parent take the DS of a key that the zone has:"
            f" {_wanted_ds(zone, keys)}."
        )
        yield finding(
            "ds_no_dnskey",
            f"{_ds_text([ds])} {_place(zone)} leads to no key of {zone.text}: {why}. {effect}",
            severity="warning" if leading else None,
            expected=f"a DNSKEY with tag {ds.key_tag} and this digest",
            got=why,
        )


def digest_not_allowed(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ds_digest_not_allowed"""
    ds_set = _ds_set(zone)
    for ds in ds_set:
        kind = int(ds.digest_type)
        if kind in DIGESTS and kind not in OLD_DIGESTS:
            continue
        better = any(
            other.key_tag == ds.key_tag
            and other.algorithm == ds.algorithm
            and int(other.digest_type) in DIGESTS - OLD_DIGESTS.keys()
            for other in ds_set
        )
        shown = f"{OLD_DIGESTS[kind]}, which is no longer for use" if kind in OLD_DIGESTS else "which nothing defines"
        if better:
            effect = "Resolvers use the other DS of the same key. Have this one removed."
        else:
            effect = (
                "Resolvers take the zone for unsigned, or answer SERVFAIL. Have the parent replace it by a DS of the"
                " same key with digest type 2 (SHA-256)."
            )
        yield finding(
            "ds_digest_not_allowed",
            f"{_ds_text([ds])} of {zone.text} {_place(zone)} has digest type {kind}, {shown}. {effect}",
            severity="warning" if better else None,
            expected="digest type 2 (SHA-256) or 4 (SHA-384)",
            got=str(kind),
        )


def algorithm_not_allowed(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ds_algorithm_not_allowed"""
    places: dict[int, dict[str, None]] = {}
    for ds in _ds_set(zone):
        places.setdefault(int(ds.algorithm), {})[_ds_text([ds])] = None
    for _view, answers in zone.signed:
        for key in answers.keys:
            places.setdefault(int(key.algorithm), {})[_key_text(key)] = None
    for algorithm, shown in sorted(places.items()):
        severity: Severity | None = None
        if algorithm in OLD_ALGORITHMS:
            what = f"{OLD_ALGORITHMS[algorithm]}, which is no longer for use. Resolvers take what it signs for unsigned"
        elif algorithm in _NOT_RECOMMENDED:
            what = f"{_NOT_RECOMMENDED[algorithm]}, which some resolvers do not know. These take the zone for unsigned"
            severity = "warning"
        elif algorithm not in ALGORITHMS:
            what = "which is for no key of a zone. Resolvers take what it signs for unsigned, or answer SERVFAIL"
        elif algorithm in PRIVATE_ALGORITHMS:
            what = "which is private. Resolvers that were not made for it take what it signs for unsigned"
            severity = "warning"
        else:
            continue
        yield finding(
            "ds_algorithm_not_allowed",
            f"{', '.join(shown)} of {zone.text} is of algorithm {algorithm}, {what}. Roll the keys over to algorithm 13"
            " (ECDSA P-256) or 15 (Ed25519).",
            severity=severity,
            expected="algorithm 8, 13, 14, 15 or 16",
            got=str(algorithm),
            follows_from=("ds_unsigned_zone",),
        )


def not_signed_by_ds(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """dnskey_not_signed_by_ds"""
    everywhere = {key for _view, answers in zone.signed for key in answers.keys}
    # Where no DS leads anywhere, ds_no_dnskey says so.
    if not any(_keys_of(zone, ds, everywhere) for ds in zone.delegation.ds):
        return
    for view, answers in zone.signed:
        keys = {key for ds in zone.delegation.ds for key in _keys_of(zone, ds, answers.keys)}
        silent = [key for key in sorted(keys) if not _signs(key, answers.dnskey_set)]
        if keys and not silent:
            continue
        shown = ", ".join(_key_text(key) for key in silent) or "none"
        if len(silent) < len(keys):
            yield finding(
                "dnskey_not_signed_by_ds",
                f"{view} serves a DNSKEY set of {zone.text} that {shown} has not signed, though a DS leads to it."
                " Another key with a DS has, so the zone validates. If this one is not in reserve, check the signer.",
                at=view,
                severity="notice",
                expected="a signature by each key that a DS leads to",
                got=f"none by {shown}",
                follows_from=_causes(answers),
            )
            continue
        yield finding(
            "dnskey_not_signed_by_ds",
            f"{view} serves a DNSKEY set of {zone.text} that no key with a DS {_place(zone)} has validly signed (such"
            f" keys there: {shown}). {_SERVFAIL} when they ask this server. Have the signer sign the DNSKEY set with"
            " that key again, or have the parent take the DS of the key that signs it.",
            at=view,
            expected="a valid signature by a key that a DS leads to",
            got=f"signed by {_signers(answers.dnskey_set)}",
            follows_from=_causes(answers),
        )


def missing(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """rrsig_missing"""
    for view, answers in zone.signed:
        bare = _bare(answers)
        if bare:
            over = _types(zone, bare)
            yield finding(
                "rrsig_missing",
                f"{view} serves {over} of {zone.text} without a signature. {_harm(zone, 'what they get there')} Check"
                " that the zone was signed as a whole and arrived as a whole, and that nothing before the server"
                " drops RRSIG records.",
                at=view,
                severity=_softened(zone, "error"),
                expected=f"RRSIG over {over}",
                got="none",
                # That the keys lack any signature is told there, with which one they need.
                follows_from=("dnskey_not_signed_by_ds",) if bare == [answers.dnskey_set] else (),
            )


def expired(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """rrsig_expired"""
    for view, answers, bad in _bad_signatures(zone, "expired"):
        since = min(signature.rdata.expiration for _judged, signature in bad)
        yield finding(
            "rrsig_expired",
            f"{view} serves expired signatures over {_over(zone, bad)} of {zone.text}, the first since {_time(since)}."
            f" {_harm_of(zone, bad)} Have the zone signed again and find out why the signer stopped; on a secondary"
            " check the transfers.",
            at=view,
            severity=_severity(zone, bad),
            expected=f"valid at {_time(answers.seen_at)}",
            got=f"valid until {_time(since)}",
        )


def not_yet_valid(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """rrsig_not_yet_valid"""
    for view, answers, bad in _bad_signatures(zone, "not_yet_valid"):
        start = max(signature.rdata.inception for _judged, signature in bad)
        yield finding(
            "rrsig_not_yet_valid",
            f"{view} serves signatures over {_over(zone, bad)} of {zone.text} that are not valid before {_time(start)}."
            f" {_harm_of(zone, bad)} Check the clocks of the signer and of this host (it says"
            f" {_time(answers.seen_at)}), and sign again.",
            at=view,
            severity=_severity(zone, bad),
            expected=f"valid at {_time(answers.seen_at)}",
            got=f"valid from {_time(start)}",
        )


def invalid(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """rrsig_invalid"""
    for view, _answers, bad in _bad_signatures(zone, "invalid", "unknown_key"):
        why = "; ".join(
            dict.fromkeys(
                f"over {judged.type_text} by key {signature.rdata.key_tag}: {signature.detail}"
                for judged, signature in bad
            )
        )
        strangers = all(signature.state == "unknown_key" and judged.may_hold for judged, signature in bad)
        yield finding(
            "rrsig_invalid",
            f"{view} serves signatures of {zone.text} that do not hold ({why}). {_harm_of(zone, bad)}"
            " Have the zone signed again with the keys that it publishes, and let nothing change it after that.",
            at=view,
            # A new algorithm starts with signatures whose key is yet to come (RFC 6781 section 4.1.4).
            severity="notice" if strangers else _severity(zone, bad),
            expected="signatures that hold",
            got=why,
        )


def expires_soon(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """rrsig_expires_soon"""
    for view, answers in _with_signed_keys(zone):
        last: dict[str, int] = {}
        for judged in answers.judged:
            holding = [signature.rdata for signature in judged.signatures if signature.may_hold]
            if not holding:
                continue
            latest = max(holding, key=lambda rdata: t.cast(int, rdata.expiration))
            limit = settings.expires_within
            if limit is None:
                limit = min(_EXPIRES_WITHIN, (latest.expiration - latest.inception) * _EXPIRES_SHARE)
            if latest.expiration - answers.seen_at < limit:
                shown = _types(zone, [judged])
                last[shown] = min(latest.expiration, last.get(shown, latest.expiration))
        if last:
            end = min(last.values())
            left = format_duration(max(int(end - answers.seen_at), 0))
            yield finding(
                "rrsig_expires_soon",
                f"The signatures over {', '.join(last)} of {zone.text} at {view} are valid for {left} more, until"
                f" {_time(end)}. After that resolvers that validate answer SERVFAIL. Find out why the zone has not been"
                " signed again, or why this server has not got it.",
                at=view,
                expected="newer signatures",
                got=f"valid until {_time(end)}",
            )


def lifetime_long(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """rrsig_lifetime_long"""
    long: dict[str, int] = {}
    for _view, answers in _with_signed_keys(zone):
        for judged in answers.judged:
            for signature in judged.signatures:
                lifetime = signature.rdata.expiration - signature.rdata.inception
                if lifetime > _LONG_LIFETIME:
                    shown = _types(zone, [judged])
                    long[shown] = max(lifetime, long.get(shown, 0))
    if long:
        shown = ", ".join(f"{over}: {lifetime // _DAY} days" for over, lifetime in long.items())
        yield finding(
            "rrsig_lifetime_long",
            f"Signatures of {zone.text} are valid for very long ({shown}), so records that were replaced since can be"
            " played back to resolvers all that time. Let the signer make them for some weeks, and renew them.",
            expected=f"at most {_LONG_LIFETIME // _DAY} days",
            got=shown,
        )


def proof_invalid(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """nsec_proof_invalid"""
    for view, answers in zone.signed:
        proofs = [(response, _flaw(zone, response)) for response in answers.denials]
        proofs += [(response, _soa_flaw(zone, response)) for response in answers.denials]
        flawed = {f"{_question(zone, response)}: {flaw}": flaw for response, flaw in proofs if flaw is not None}
        unsigned = _bare(answers, proofs=True)
        if unsigned:
            flawed[f"{_types(zone, unsigned)} comes without a signature"] = ""
        answered = [(response, _answer_flaw(response)) for response in answers.denials]
        made = [f"{_question(zone, response)}: {flaw}" for response, flaw in answered if flaw is not None]
        of_records = _record_flaws(answers)
        shown = "; ".join((*flawed, *made, *(flaw for flaw in of_records if flaw not in flawed.values())))
        if not shown:
            continue
        causes = set()
        # What takes the signatures away takes the proofs as well, but makes none otherwise.
        if not made and not of_records:
            if any(not judged.signatures for judged in answers.judged if judged.rdtype == dns.rdatatype.SOA):
                causes.add("rrsig_missing")
            if set(flawed.values()) == {_NO_SOA}:
                causes.add("soa_missing_negative")
        yield finding(
            "nsec_proof_invalid",
            f"{view} does not prove its negative answers for {zone.text} as it should ({shown})."
            f" {_harm(zone, 'what does not exist, MX and AAAA look-ups among it') if flawed else _CONFUSED} Have the"
            " zone signed again as a whole, and check that the server has NSEC or NSEC3 records of one signing only.",
            at=view,
            severity=_softened(zone, "error") if flawed else "warning",
            expected="NSEC or NSEC3 records that prove it",
            got=shown,
            follows_from=causes,
        )


def denial_differs(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """nsec_proof_invalid"""
    kinds: dict[str, list[AddressView]] = {}
    for view, answers in zone.signed:
        kinds.setdefault(_denied_by(answers), []).append(view)
    kinds.pop("", None)
    if len(kinds) > 1:
        shown = "; ".join(f"{_listed(views)}: {kind}" for kind, views in kinds.items())
        yield finding(
            "nsec_proof_invalid",
            f"The servers of {zone.text} deny what does not exist in different ways: {shown}. A resolver that keeps the"
            " proofs of one server may take those of another for wrong. If their serials differ, check the transfers;"
            " otherwise have every server or signer use the same.",
            severity="warning",
            expected="the same",
            got=shown,
        )


def iterations(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """nsec3_iterations"""
    places = _places(zone, lambda rdata: rdata.iterations)
    most = max(places, default=0)
    if not most:
        return
    counts = "; ".join(f"{_listed(places[count])}: {count}" for count in sorted(places)) if len(places) > 1 else ""
    if most > _ITERATIONS_HURT:
        effect = "Resolvers refuse so much work: they take its negative answers for unsigned, or answer SERVFAIL"
    else:
        effect = "They protect nothing and cost every resolver and server time"
    unproven = " (the proofs themselves were left unchecked)" if most > MOST_ITERATIONS else ""
    yield finding(
        "nsec3_iterations",
        f"{zone.text} has NSEC3 records with {most} extra iterations{unproven}{counts and f' ({counts})'}. {effect}."
        " Sign it with 0 iterations, or with NSEC.",
        severity=_softened(zone, "error") if most > _ITERATIONS_HURT else None,
        expected="0",
        got=counts or str(most),
    )


def salt(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """nsec3_salt"""
    places = _places(zone, lambda rdata: rdata.salt.hex() or "-")
    salts = [salt if len(places) == 1 else f"{_listed(places[salt])}: {salt}" for salt in sorted(places)]
    if set(places) - {"-"}:
        yield finding(
            "nsec3_salt",
            f"{zone.text} has NSEC3 records with a salt ({', '.join(salts)}), which protects nothing, since the name of"
            " the zone is in each hash anyway, and makes answers larger. Sign it without salt.",
            expected="no salt (-)",
            got=", ".join(salts),
        )


def not_complete(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """algorithm_not_complete"""
    for view, answers in zone.signed:
        wanted = {int(key.algorithm) for key in answers.keys if is_zone_key(key)}
        lacking: dict[int, list[JudgedSet]] = {}
        for judged in answers.judged:
            made = {int(signature.rdata.algorithm) for signature in judged.signatures}
            for algorithm in sorted(wanted - made) if made else ():
                lacking.setdefault(algorithm, []).append(judged)
        if lacking:
            shown = "; ".join(f"{_algorithm_text(each)}: {_types(zone, sets)}" for each, sets in lacking.items())
            yield finding(
                "algorithm_not_complete",
                f"{view} serves {zone.text} with keys of an algorithm that not everything is signed with ({shown})."
                " Resolvers that insist on every algorithm answer SERVFAIL. In a change of algorithm, signatures come"
                " before the keys and stay longer than these: finish it, or go back a step.",
                at=view,
                expected="signatures of every algorithm in the DNSKEY set",
                got=f"none of {shown}",
            )


def key_size(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """dnskey_size"""
    keys = dict.fromkeys(key for _view, answers in zone.signed for key in answers.keys)
    for key in keys:
        bits = rsa_bits(key)
        length = KEY_LENGTHS.get(int(key.algorithm))
        severity: Severity | None = None
        if bits is not None and bits < _RSA_SMALL:
            got, expected = f"{bits} bits", f"at least {_RSA_SMALL} bits"
            effect = "so it can be broken with effort, and others could sign for the zone"
            severity = "error" if bits < _RSA_WEAK else None
        elif bits is not None and bits > _RSA_LARGEST:
            got, expected = f"{bits} bits", f"at most {_RSA_LARGEST} bits"
            effect = "which is more than resolvers accept"
        elif length is not None and len(key.key) != length:
            got, expected = f"{len(key.key)} octets", f"{length} octets"
            effect = "so it is no key of its algorithm and nothing that it signs is valid"
            severity = "error"
        else:
            continue
        yield finding(
            "dnskey_size",
            f"{_key_text(key)} of {zone.text} has {got}, {effect}. Roll it over to algorithm 13 (ECDSA P-256), or to"
            f" RSA of {_RSA_SMALL} bits.",
            severity=severity,
            expected=expected,
            got=got,
        )


def without_ds(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """signed_without_ds"""
    keys = {key for _view, answers in zone.signed for key in answers.keys}
    # A description that has the DS taken from the zone has one.
    if not keys or zone.delegation.ds or not _ds_known(zone) or (zone.parent is None and zone.zone.ds_from):
        return
    # Validators know the keys of the root without a DS.
    if zone.name == dns.name.root:
        return
    asked = [answers.cds_set for _view, answers in zone.signed if answers.cds_set is not None]
    # The zone asks for having none (RFC 8078 section 4).
    if any(cds.algorithm == 0 for each in asked for cds in each.rdatas):
        return
    if zone.parent is None:
        where, advice = "no DS is described for it", "Describe ds or dnskeys"
    else:
        where, advice = "the parent has no DS for it", "If the parent zone is signed, have it take"
    yield finding(
        "signed_without_ds",
        f"{zone.text} is signed, but {where}, so nobody validates it and the signatures protect nothing. {advice}:"
        f" {_wanted_ds(zone, keys)}.",
        expected="DS",
        got="none",
    )


def _with_signed_keys(zone: ZoneView) -> t.Iterator[tuple[AddressView, SignedAnswers]]:
    """Yield each address where it matters how long signatures are valid: without one over the keys, none counts."""
    for view, answers in zone.signed:
        if answers.dnskey_set is not None and answers.dnskey_set.signatures:
            yield view, answers


def _bad_signatures(zone: ZoneView, *states: SignatureState) -> t.Iterator[tuple[AddressView, SignedAnswers, _Bad]]:
    for view, answers in zone.signed:
        bad = [
            (judged, signature)
            for judged in answers.judged
            for signature in judged.signatures
            if signature.state in states
        ]
        if bad:
            yield view, answers, bad


def _severity(zone: ZoneView, bad: _Bad) -> Severity:
    if all(judged.may_hold for judged, _signature in bad):
        return "warning"
    return _softened(zone, "error")


def _softened(zone: ZoneView, severity: Severity) -> Severity:
    """Return the severity of what hurts only who validates, which nobody does without a DS."""
    return severity if zone.delegation.ds else "warning"


def _harm_of(zone: ZoneView, bad: _Bad) -> str:
    if all(judged.may_hold for judged, _signature in bad):
        return "Other signatures over the same records hold, so they still validate."
    return _harm(zone, "what they get there")


def _harm(zone: ZoneView, what: str) -> str:
    if zone.delegation.ds:
        return f"Resolvers that validate answer SERVFAIL for {what}."
    return "It harms nobody while the parent has no DS, but with one, resolvers that validate would answer SERVFAIL."


def _place(zone: ZoneView) -> str:
    """How messages name where the DS set is."""
    return "at the parent" if zone.parent is not None else "in the description"


def _ds_set(zone: ZoneView) -> list[t.Any]:
    return sorted(zone.delegation.ds)


def _ds_known(zone: ZoneView) -> bool:
    """Whether somebody said from the parent's side which DS there are."""
    if zone.parent is None:
        return True
    return any(
        view.ds.kind == "answer"
        or (view.ds.kind in ("nodata", "nxdomain") and all(record.owner != zone.name for record in view.ds.soas))
        for view in zone.parent.usable
    )


def _ds_failed(zone: ZoneView) -> bool:
    """Whether the parent's servers were asked for DS in vain."""
    return zone.parent is not None and any(view.ds.kind in ("silent", "rcode") for view in zone.parent.usable)


def _keys_of(zone: ZoneView, ds: t.Any, keys: t.Iterable[t.Any]) -> list[t.Any]:
    """Return the keys that ``ds`` leads to; one whose digest cannot be computed gets the benefit of the doubt."""
    return [key for key in keys if is_zone_key(key) and is_digest_of(zone.name, key, ds) is not False]


def _why_no_key(zone: ZoneView, ds: t.Any, keys: t.Iterable[t.Any]) -> str:
    tagged = [key for key in keys if (dns.dnssec.key_id(key), key.algorithm) == (ds.key_tag, ds.algorithm)]
    if not tagged:
        return f"there is no DNSKEY with tag {ds.key_tag} and algorithm {_algorithm_text(int(ds.algorithm))}"
    if any(is_digest_of(zone.name, key, ds) is not False for key in tagged):
        return f"the flags of DNSKEY {ds.key_tag} ({tagged[0].flags}) make it no zone key, or a revoked one"
    return f"the digest is not that of DNSKEY {ds.key_tag}"


def _wanted_ds(zone: ZoneView, keys: t.Iterable[t.Any]) -> str:
    zone_keys = [key for key in sorted(keys) if is_zone_key(key)]
    # RFC 4034 section 2.1.1: the SEP bit marks those meant for the parent.
    entry = [key for key in zone_keys if key.flags & 1] or zone_keys
    return " or ".join(f"DS {dns.dnssec.make_ds(zone.name, key, 'SHA256').to_text()}" for key in entry) or "none yet"


def _bare(answers: SignedAnswers, *, proofs: bool = False) -> list[JudgedSet]:
    """Return what comes without a signature, of NSEC and NSEC3 or of all else."""
    return [
        judged
        for judged in answers.judged
        if not judged.signatures and (judged.rdtype in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)) is proofs
    ]


def _signs(key: t.Any, judged: JudgedSet | None) -> bool:
    return judged is not None and any(
        signature.may_hold
        and (signature.rdata.key_tag, signature.rdata.algorithm) == (dns.dnssec.key_id(key), key.algorithm)
        for signature in judged.signatures
    )


def _causes(answers: SignedAnswers) -> set[str]:
    """Return the codes that tell why there is no valid signature over the keys."""
    judged = t.cast(JudgedSet, answers.dnskey_set)
    if not judged.signatures:
        return set() if _bare(answers) == [judged] else {"rrsig_missing"}
    return {_STATE_CODES[signature.state] for signature in judged.signatures if signature.state in _STATE_CODES}


def _signers(judged: JudgedSet | None) -> str:
    signatures = () if judged is None else judged.signatures
    return ", ".join(f"key {signature.rdata.key_tag} ({signature.state})" for signature in signatures) or "none"


def _flaw(zone: ZoneView, response: Response) -> str | None:
    denial: Denial
    # Servers that sign each answer may deny the NSEC that they make up for it.
    if response.query.rdtype == dns.rdatatype.NSEC and any(
        record.rdtype == dns.rdatatype.NSEC and record.owner == zone.name for record in response.authority
    ):
        return None
    if response.kind == "nxdomain":
        denial = "nxdomain"
    elif response.kind == "nodata":
        denial = "nodata"
    elif any(
        record.rdtype == dns.rdatatype.RRSIG
        and record.owner == response.query.name
        and record.rdata.labels < len(record.owner) - 1
        for record in response.answer
    ):
        denial = "wildcard"
    else:
        return None
    return denial_flaw(
        zone.name,
        response.query.name,
        response.query.rdtype,
        denial,
        nsec=_of_type([response], dns.rdatatype.NSEC),
        nsec3=_of_type([response], dns.rdatatype.NSEC3),
    )


def _answer_flaw(response: Response) -> str | None:
    """Return what is wrong with an answer to NSEC or NSEC3PARAM, whatever it proves."""
    if response.query.rdtype not in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3PARAM):
        return None
    if response.kind == "rcode":
        return f"{response.rcode} instead of records or a proof"
    if response.kind == "unrelated":
        return "other records instead of these or a proof"
    denying = _of_type([response], dns.rdatatype.NSEC3)
    return f"{len(denying)} NSEC3 records, where one denies the type" if len(denying) > 1 else None


def _soa_flaw(zone: ZoneView, response: Response) -> str | None:
    """Return what is wrong with the SOA that a negative answer has to bring along (RFC 2308 section 3)."""
    if response.kind not in ("nodata", "nxdomain"):
        return None
    owners = {record.owner for record in response.soas} - {zone.name}
    if owners:
        return f"the SOA with it is that of {', '.join(str(owner) for owner in sorted(owners))}"
    return None if response.soas else _NO_SOA


def _record_flaws(answers: SignedAnswers) -> tuple[str, ...]:
    params = () if answers.nsec3param is None else answers.nsec3param.matching
    return record_flaws(
        _of_type(answers.denials, dns.rdatatype.NSEC),
        _of_type(answers.denials, dns.rdatatype.NSEC3),
        [record.rdata for record in params],
    )


def _denied_by(answers: SignedAnswers) -> str:
    """Return what its negative answers are proven with, in words; empty where that cannot be told."""
    made = {
        f"NSEC3 (hash algorithm {rdata.algorithm}, {rdata.iterations} iterations, salt {rdata.salt.hex() or '-'})"
        for _owner, rdata in _of_type(answers.denials, dns.rdatatype.NSEC3)
    }
    if _of_type(answers.denials, dns.rdatatype.NSEC):
        made.add("NSEC")
    if not made and answers.nsec3param is not None and answers.nsec3param.matching:
        made.add("NSEC3")
    return " and ".join(sorted(made))


def _of_type(responses: t.Iterable[Response], rdtype: int) -> list[tuple[dns.name.Name, t.Any]]:
    return [
        (record.owner, record.rdata)
        for response in responses
        for record in (*response.answer, *response.authority)
        if record.rdtype == rdtype
    ]


_Shown = t.TypeVar("_Shown", int, str)


def _places(zone: ZoneView, shown: t.Callable[[t.Any], _Shown]) -> dict[_Shown, list[AddressView]]:
    """Return the addresses by what ``shown`` says of the NSEC3 records that they serve."""
    places: dict[_Shown, list[AddressView]] = {}
    for view, answers in zone.signed:
        for said in {shown(rdata) for _owner, rdata in _of_type(answers.denials, dns.rdatatype.NSEC3)}:
            places.setdefault(said, []).append(view)
    return places


def _question(zone: ZoneView, response: Response) -> str:
    return response.question if response.query.name == zone.name else "a name that does not exist"


def _instead_of_keys(view: AddressView) -> str:
    response = t.cast(SignedAnswers, view.dnssec).dnskey
    return "no DNSKEY" if response.kind in ("nodata", "nxdomain") else response.rcode or response.kind


def _types(zone: ZoneView, sets: t.Iterable[JudgedSet]) -> str:
    proofs = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
    return ", ".join(
        dict.fromkeys(
            judged.type_text
            if judged.owner == zone.name or judged.rdtype in proofs
            else f"a wildcard's {judged.type_text}"
            for judged in sets
        )
    )


def _over(zone: ZoneView, bad: _Bad) -> str:
    return _types(zone, (judged for judged, _signature in bad))


def _listed(views: t.Iterable[AddressView]) -> str:
    return ", ".join(str(view) for view in views)


def _ds_text(rdatas: t.Iterable[t.Any]) -> str:
    return ", ".join(f"DS {rdata.key_tag}" for rdata in sorted(rdatas))


def _key_text(key: t.Any) -> str:
    return f"DNSKEY {dns.dnssec.key_id(key)}"


def _keys_text(keys: t.Iterable[t.Any]) -> str:
    return ", ".join(str(tag) for tag in sorted(dns.dnssec.key_id(key) for key in keys))


def _algorithm_text(algorithm: int) -> str:
    return f"{algorithm} ({dns.dnssec.algorithm_to_text(algorithm)})"


def _time(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


CHECKS = (
    unsigned_zone,
    no_dnskey,
    digest_not_allowed,
    algorithm_not_allowed,
    not_signed_by_ds,
    keys_differ,
    expired,
    not_yet_valid,
    invalid,
    missing,
    expires_soon,
    lifetime_long,
    proof_invalid,
    denial_differs,
    iterations,
    salt,
    not_complete,
    key_size,
    without_ds,
)
