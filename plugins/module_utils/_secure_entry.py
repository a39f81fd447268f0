# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes a zone secure at its parent: DS records, or the keys they are made of, from the description or the zone.

Nothing here takes a key for good because a server has it: keys have to sign themselves, agree everywhere, and follow
from the DS records that are there already.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import DsForm
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import (
    OLD_DIGESTS,
    in_order,
    is_digest_of,
    is_zone_key,
)
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_view import SignedAnswers
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._signatures import JudgedSet

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name
    import dns.rdata
    import dns.rdatatype

__all__ = (
    *("ServedKeys", "cached_unserved", "entry_text", "from_cds", "from_child", "in_form", "keys_served"),
    "unserved",
)

_SEP = 0x0001


@dataclass(frozen=True)
class ServedKeys:
    """What one address of a zone's servers shows of keys.

    :arg server: name and address, as messages show them.
    :arg answers: None where it does not answer for the zone.
    """

    server: str
    answers: SignedAnswers | None

    @property
    def keys(self) -> tuple[t.Any, ...]:
        """The DNSKEY rdatas."""
        return () if self.answers is None else self.answers.keys

    @property
    def told(self) -> bool:
        """Whether it said if there are keys."""
        return self.answers is not None and self.answers.told


def in_form(
    zone: dns.name.Name,
    ds: t.Iterable[dns.rdata.Rdata],
    *,
    form: DsForm | None,
    keys: t.Iterable[dns.rdata.Rdata],
    held: t.Collection[dns.rdata.Rdata] = (),
) -> frozenset[dns.rdata.Rdata]:
    """Return ``ds`` as a parent takes it.

    :arg form: what it takes, None where it takes neither.
    :arg keys: the DNSKEY rdatas that are known of the zone.
    :arg held: what the parent shows of what it holds; it may take keys and show nothing but their DS.
    :raises DelegationError: where it does not take them, or no key is known that a DS was made of.
    """
    wanted = frozenset(ds)
    if form == "ds" or not wanted:
        return wanted
    if form is None:
        raise DelegationError("this kind of parent takes no DS: leave out ds, dnskeys and ds_from")
    known = frozenset(keys)
    found: set[dns.rdata.Rdata] = set()
    for each in in_order(wanted):
        # What is there already needs no key.
        if each in held:
            found.add(each)
            continue
        made_of = [key for key in known if is_digest_of(zone, key, each)]
        if not made_of:
            raise DelegationError(
                f"this parent makes DS records itself of keys, and no key is known that fits the DS {each.to_text()}:"
                " describe dnskeys in place of ds"
            )
        for key in made_of:
            found.update([entry for entry in held if _leads_to(zone, entry, [key])] or [key])
    return frozenset(found)


def keys_served(served: t.Iterable[ServedKeys]) -> frozenset[dns.rdata.Rdata]:
    """Return every key that any of these addresses serves."""
    return frozenset(key for each in served for key in each.keys)


def unserved(
    zone: dns.name.Name,
    *,
    present: frozenset[dns.rdata.Rdata],
    wanted: frozenset[dns.rdata.Rdata],
    served: t.Sequence[ServedKeys],
) -> tuple[str, ...]:
    """Return why resolvers that validate would fail with what is ``wanted``, one sentence for each reason.

    Every entry that is new must lead to a key that all servers have, and one of all entries to a key that signs the
    DNSKEY set there; one of each new algorithm has to (RFC 4035 section 2.2).

    :arg served: what the servers show that the zone is delegated to. Where entries are new, one that says nothing of
        keys is a reason too.
    """
    if not wanted:
        return ()
    told = [each for each in served if each.told]
    reasons: dict[str, list[str]] = {}
    if wanted - present:
        reasons["nothing is known of the keys of"] = [each.server for each in served if not each.told]
    for entry in in_order(wanted - present):
        for each in told:
            if not _leads_to(zone, entry, each.keys):
                reasons.setdefault(f"{entry_text(entry)} leads to no DNSKEY of", []).append(each.server)
    for each in told:
        leading = _algorithms_of(zone, wanted, each)
        signing = _signing_algorithms(zone, wanted, each)
        if leading and not signing:
            reasons.setdefault("no key that a DS leads to has signed the DNSKEY set of", []).append(each.server)
        elif not leading and not wanted - present:
            reasons.setdefault("none of the DS leads to a DNSKEY of", []).append(each.server)
        else:
            for algorithm in sorted(_algorithms_of(zone, wanted - present, each) - signing):
                reason = f"no key of algorithm {algorithm} that a DS leads to has signed the DNSKEY set of"
                reasons.setdefault(reason, []).append(each.server)
    return tuple(f"{reason} {', '.join(servers)}" for reason, servers in reasons.items() if servers)


def cached_unserved(
    zone: dns.name.Name, *, present: frozenset[dns.rdata.Rdata], ttl: int | None, served: t.Iterable[ServedKeys]
) -> tuple[str, ...]:
    """Return why resolvers that still have the ``present`` DS set would fail with these servers; nothing where none do.

    :arg ttl: seconds that they have it at most, None where that is unknown.
    """
    failing = [each.server for each in served if each.told and not _signing_algorithms(zone, present, each)]
    if not failing:
        return ()
    while_cached = "until its TTL has passed" if ttl is None else f"for {ttl} seconds more"
    return (
        f"{while_cached} resolvers go by the present DS set ({', '.join(map(entry_text, in_order(present)))}), and no"
        f" key that it leads to has signed the DNSKEY set of {', '.join(failing)}, so change the DS in a step of its"
        " own before the name servers change",
    )


def from_child(
    zone: dns.name.Name, *, present: frozenset[dns.rdata.Rdata], served: t.Sequence[ServedKeys]
) -> frozenset[dns.rdata.Rdata]:
    """Return the DS records (SHA-256) for the keys that the zone enters by, none for a zone without keys.

    These are the keys with the SEP bit that sign the DNSKEY set, or all that do where none has the bit.

    :arg present: what the parent holds now; where there is any, the keys have to follow from it.
    :raises DelegationError: where they cannot be told or validated, or differ between servers.
    """
    answers = _agreeing(zone, served)
    if not answers[0].keys:
        return frozenset()
    _must_be_computed(answers)
    entries: list[frozenset[t.Any]] = []
    for each, shown in zip(answers, served):
        signing = [key for key in each.keys if is_zone_key(key) and _signs(key, each)]
        if not signing:
            raise DelegationError(f"{shown.server} serves a DNSKEY set that none of its keys has validly signed")
        entries.append(frozenset([key for key in signing if key.flags & _SEP] or signing))
    if len(set(entries)) > 1:
        raise DelegationError("the servers differ in which keys have signed the DNSKEY set: wait for transfers")
    if present and not any(_follows(zone, present, each) for each in answers):
        raise DelegationError(
            "the keys that the zone serves do not follow from the DS records that the parent has"
            f" ({', '.join(entry_text(entry) for entry in in_order(present))}), so they may be anybody's:"
            " if they are right, list them in dnskeys"
        )
    return frozenset(dns.dnssec.make_ds(zone, key, "SHA256") for key in entries[0])


def from_cds(
    zone: dns.name.Name,
    *,
    present: frozenset[dns.rdata.Rdata],
    served: t.Sequence[ServedKeys],
    since: float | None = None,
) -> frozenset[dns.rdata.Rdata] | None:
    """Return the DS records that the zone asks for by CDS and CDNSKEY (RFC 7344, RFC 8078), None where it does not.

    :arg present: what the parent holds now, which the request has to be validated by.
    :arg since: seconds since 1970; signatures that were made before may be replayed ones (RFC 7344 section 6.2).
    :raises DelegationError: where what is asked for must not be done, or nothing here can validate it.
    """
    answers = _agreeing(zone, served)
    cds, cdnskey = (_same_everywhere(rdtype, answers, served) for rdtype in ("CDS", "CDNSKEY"))
    if not cds and not cdnskey:
        return None
    if not present:
        raise DelegationError(
            "the parent has no DS for the zone, so nothing validates its CDS (RFC 8078 section 3): list ds or dnskeys,"
            " or take the first DS from the served keys with ds_from: child"
        )
    _must_be_computed(answers)
    for each, shown in zip(answers, served):
        if not _follows(zone, present, each):
            raise DelegationError(f"the DNSKEY set of {shown.server} does not follow from the DS that the parent has")
        for judged in (each.cds_set, each.cdnskey_set):
            # RFC 7344 section 4.1: by a key that is in the current DNSKEY set and the current DS set.
            if judged is None:
                continue
            entered_by = _entered_by(zone, present, each)
            if not any(_signed_by(key, judged) for key in entered_by):
                raise DelegationError(
                    f"no key that a DS leads to has validly signed the {judged.type_text} set of {shown.server}"
                    " (RFC 7344 section 4.1)"
                )
            if not any(_signed_by(key, judged, since=since) for key in entered_by):
                raise DelegationError(
                    f"the {judged.type_text} set of {shown.server} was signed before cds_since, so it may be an old one"
                    " that somebody plays back"
                )
    deletes = {_is_deletion(rdata) for rdata in (*cds, *cdnskey)}
    if deletes == {True}:
        return frozenset()
    if True in deletes:
        raise DelegationError("the request to remove DS is mixed with other CDS or CDNSKEY (RFC 8078 section 4)")
    asked = _asked_for(zone, cds, cdnskey)
    algorithms = {int(entry.algorithm) for entry in t.cast("t.Iterable[t.Any]", asked)}
    for shown in served:
        missing = algorithms - _signing_algorithms(zone, asked, shown)
        if missing:
            raise DelegationError(
                "what the CDS asks for would make the zone fail: no such key of algorithm"
                f" {' and '.join(map(str, sorted(missing)))} has signed the DNSKEY set of {shown.server} (RFC 7344"
                " section 4.1, RFC 4035 section 2.2)"
            )
    return asked


def entry_text(entry: t.Any) -> str:
    """Return how messages name a DS or DNSKEY."""
    if entry.rdtype == dns.rdatatype.DNSKEY:
        return f"DNSKEY {dns.dnssec.key_id(entry)} (algorithm {int(entry.algorithm)})"
    return f"DS {entry.key_tag} (algorithm {int(entry.algorithm)}, digest type {int(entry.digest_type)})"


def _agreeing(zone: dns.name.Name, served: t.Sequence[ServedKeys]) -> list[SignedAnswers]:
    """Return what every address says of keys, the same keys from all.

    :raises DelegationError: where one says nothing, or they differ.
    """
    if not served:
        raise DelegationError(f"no server of {display_name(zone)} could be asked for its keys")
    mute = [each.server for each in served if not each.told]
    if mute:
        raise DelegationError(f"the keys of the zone cannot be told, since {', '.join(mute)} did not answer for them")
    answers = [each.answers for each in served if each.answers is not None]
    if len({frozenset(each.keys) for each in answers}) > 1:
        raise DelegationError("the servers of the zone serve different DNSKEY sets: wait for transfers")
    return answers


def _must_be_computed(answers: t.Iterable[SignedAnswers]) -> None:
    """Check that each signature that counts could be computed here; one that could not proves nothing.

    :raises DelegationError: where one could not.
    """
    signatures = [
        signature
        for each in answers
        for judged in (each.dnskey_set, each.cds_set, each.cdnskey_set)
        for signature in (() if judged is None else judged.signatures)
    ]
    if any(signature.state == "unchecked" for signature in signatures):
        raise DelegationError(
            "the signatures of the zone's keys cannot be checked, since this host lacks the library cryptography, or"
            " has one that is too old: install it there, or list dnskeys in place of ds_from"
        )
    unknown = sorted({int(each.rdata.algorithm) for each in signatures if each.state == "unsupported"})
    if unknown:
        raise DelegationError(
            "the signatures of the zone's keys cannot be checked, since the libraries and the crypto policy of this"
            f" host do not compute algorithm {' and '.join(map(str, unknown))}: run this on a host that does, or list"
            " dnskeys in place of ds_from"
        )


def _same_everywhere(
    rdtype: str, answers: t.Sequence[SignedAnswers], served: t.Sequence[ServedKeys]
) -> frozenset[dns.rdata.Rdata]:
    sets: dict[frozenset[t.Any], str] = {}
    for each, shown in zip(answers, served):
        response = each.cds if rdtype == "CDS" else each.cdnskey
        if response is not None and response.kind in ("silent", "rcode"):
            raise DelegationError(f"{shown.server} did not say whether the zone has {rdtype} records")
        judged = each.cds_set if rdtype == "CDS" else each.cdnskey_set
        sets.setdefault(frozenset(judged.rdatas if judged is not None else ()), shown.server)
    if len(sets) > 1:
        raise DelegationError(
            f"{' and '.join(sets.values())} serve different {rdtype} sets (RFC 7344 section 4): wait for transfers"
        )
    return next(iter(sets), frozenset())


def _asked_for(
    zone: dns.name.Name, cds: frozenset[dns.rdata.Rdata], cdnskey: frozenset[dns.rdata.Rdata]
) -> frozenset[dns.rdata.Rdata]:
    entries: list[t.Any] = [dns.rdata.from_text("IN", "DS", each.to_text()) for each in cds]
    keys: list[t.Any] = [dns.rdata.from_text("IN", "DNSKEY", each.to_text()) for each in cdnskey]
    if entries and keys:
        # RFC 7344 section 4: where both are there, they must ask for the same.
        lonely = [each for each in entries if not any(is_digest_of(zone, key, each) is not False for key in keys)]
        lonely += [key for key in keys if not any(is_digest_of(zone, key, each) is not False for each in entries)]
        if lonely:
            raise DelegationError(
                f"CDS and CDNSKEY ask for different keys (RFC 7344 section 4): {', '.join(map(entry_text, lonely))} has"
                " no match"
            )
    modern = [entry for entry in entries if int(entry.digest_type) not in OLD_DIGESTS]
    if entries and not modern and not keys:
        raise DelegationError("the CDS has only digests that are no longer for use (RFC 8624 section 3.3)")
    return frozenset(modern or (dns.dnssec.make_ds(zone, key, "SHA256") for key in keys))


def _is_deletion(rdata: t.Any) -> bool:
    return int(rdata.algorithm) == 0


def _leads_to(zone: dns.name.Name, entry: t.Any, keys: t.Iterable[t.Any]) -> list[t.Any]:
    """Return the keys that a DS was made of, or that a DNSKEY is; a digest that cannot be computed fits by its tag."""
    if entry.rdtype == dns.rdatatype.DNSKEY:
        return [key for key in keys if key == entry]
    return [key for key in keys if is_digest_of(zone, key, entry) is not False]


def _algorithms_of(zone: dns.name.Name, entries: t.Iterable[t.Any], shown: ServedKeys) -> set[int]:
    """Return the algorithms of the keys that the entries lead to."""
    return {int(key.algorithm) for entry in entries for key in _leads_to(zone, entry, shown.keys)}


def _signing_algorithms(zone: dns.name.Name, entries: t.Iterable[t.Any], shown: ServedKeys) -> set[int]:
    """Return the algorithms of those that have signed the DNSKEY set."""
    leading = (key for entry in entries for key in _leads_to(zone, entry, shown.keys))
    return {int(key.algorithm) for key in leading if _signs(key, shown.answers)}


def _entered_by(zone: dns.name.Name, entries: frozenset[t.Any], answers: SignedAnswers) -> list[t.Any]:
    """Return the keys that are certain to be those of the entries: the tag alone is easily made to fit."""
    return [
        key
        for entry in entries
        for key in answers.keys
        if (key == entry if entry.rdtype == dns.rdatatype.DNSKEY else is_digest_of(zone, key, entry))
    ]


def _follows(zone: dns.name.Name, entries: frozenset[dns.rdata.Rdata], answers: SignedAnswers) -> bool:
    """Whether a key that one of the entries leads to has signed the DNSKEY set."""
    return any(_signs(key, answers) for key in _entered_by(zone, entries, answers))


def _signs(key: t.Any, answers: SignedAnswers | None) -> bool:
    return answers is not None and _signed_by(key, answers.dnskey_set)


def _signed_by(key: t.Any, judged: JudgedSet | None, *, since: float | None = None) -> bool:
    """Whether a signature over the set by this key, made no earlier, holds as far as this host can compute it."""
    if judged is None:
        return False
    made_by = (dns.dnssec.key_id(key), key.algorithm)
    return any(
        signature.may_hold
        and (signature.rdata.key_tag, signature.rdata.algorithm) == made_by
        and (since is None or signature.rdata.inception >= since)
        for signature in judged.signatures
    )
