# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check of the family dnssec against scripted servers with zones that are signed here, at a fixed time."""

from __future__ import annotations

import functools
import random
import typing as t

import cryptography.exceptions
import dns.dnssec
import dns.message
import dns.rdatatype
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Failure, Query, Reply
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    CUT,
    NS1,
    NS2,
    PARENT,
    PARENT2,
    ROOT,
    World,
    contoso,
    rcode,
    records,
    without_aa,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.signed_zones import (
    DAY,
    KSK,
    NOW,
    ZSK,
    Key,
    Signing,
    small_rsa,
    without,
)

Expected = tuple[str, t.Optional[str]]

OTHER = Key(number=3)
CSK = Key("ECDSAP256SHA256")
RSA = Key("RSASHA256", flags=256)
NO_ZONE_KEY = Key(number=6, flags=1)
STRANGER_DS = f"4711 13 2 {'ab' * 32}"


def cut(*ds: str) -> str:
    return CUT + "".join(f"mail 3600 DS {data}\n" for data in ds)


def world_of(*children: str, ds: t.Iterable[str] = (KSK.ds(CHILD),)) -> World:
    """Return the tree with these DS and these versions of the child: one for both addresses, or one for each."""
    world = contoso(cut=cut(*ds))
    for address, child in zip((NS1, NS2), children * 2 if len(children) == 1 else children):
        world.host(address, CHILD, child)
    return world


def signed(*, text: str = CHILD_ZONE, **signing: t.Any) -> str:
    return Signing(**signing).sign(CHILD, text)


def cds(*data: str, rdtype: str = "CDS", text: str = CHILD_ZONE) -> str:
    return text + "".join(f"@ 3600 {rdtype} {each}\n" for each in data)


def with_soa_of(owner: str) -> t.Callable[[Query, dns.message.Message], dns.message.Message]:
    """Answer as usual, with the SOA owned by another name."""

    def answer(_query: Query, answered: dns.message.Message) -> dns.message.Message:
        for rrset in answered.authority:
            if rrset.rdtype == dns.rdatatype.SOA:
                rrset.name = dns.name.from_text(owner)
        return answered

    return answer


def lame(world: World) -> World:
    """Let both servers answer SOA and NS with an error."""
    for address in (NS1, NS2):
        for rdtype in ("SOA", "NS"):
            world.script(address, rcode("SERVFAIL"), rdtype=rdtype)
    return world


def verify(world: World, *, zone: object = CHILD, now: float = NOW, **settings: t.Any) -> ZoneReport:
    (report,) = verify_zones(
        parse_zones([zone]),
        settings=Settings(roots=(ROOT,), **settings),
        transport=world,
        now=lambda: now,
        random_label=lambda: "absent",
    )
    return report


def found(report: ZoneReport) -> set[Expected]:
    return {(finding.code, finding.address) for finding in report.findings}


def only(report: ZoneReport, code: str) -> Finding:
    (finding,) = {finding.message: finding for finding in report.findings if finding.code == code}.values()
    return finding


def both(*codes: str) -> set[Expected]:
    return {(code, address) for code in codes for address in (NS1, NS2)}


def zone_wide(*codes: str) -> set[Expected]:
    return {(code, None) for code in codes}


HEALTHY: dict[str, t.Callable[[], World]] = {
    **{
        f"{algorithm} with NSEC": functools.partial(
            lambda key: world_of(signed(keys=(key,)), ds=[key.ds(CHILD)]), Key(algorithm)
        )
        for algorithm in ("ECDSAP256SHA256", "ECDSAP384SHA384", "ED25519", "ED448", "RSASHA256")
    },
    "KSK and ZSK with NSEC": lambda: world_of(signed()),
    "KSK and ZSK with NSEC3": lambda: world_of(signed(nsec3=(0, "", 0))),
    "NSEC3 with opt-out": lambda: world_of(signed(nsec3=(0, "", 1))),
    "a DS of SHA-384": lambda: world_of(signed(), ds=[KSK.ds(CHILD, digest="SHA384")]),
    "two DS of one key": lambda: world_of(signed(), ds=[KSK.ds(CHILD), KSK.ds(CHILD, digest="SHA384")]),
    "two algorithms": lambda: world_of(signed(keys=(CSK, OTHER)), ds=[CSK.ds(CHILD), OTHER.ds(CHILD)]),
    "CDS and CDNSKEY of what the parent has": lambda: world_of(
        signed(text=cds(KSK.rdata.to_text(), rdtype="CDNSKEY", text=cds(KSK.ds(CHILD))))
    ),
    "CDNSKEY alone": lambda: world_of(signed(text=cds(KSK.rdata.to_text(), rdtype="CDNSKEY"))),
    "unsigned": contoso,
    "unsigned on the way out": lambda: world_of(signed(text=cds("0 0 0 00")), ds=[]),
    "signed for each answer, for two hours": lambda: world_of(signed(inception=NOW - 900, expiration=NOW + 6300)),
}


@pytest.mark.parametrize("case", HEALTHY)
def test_what_is_healthy_has_no_finding(case: str) -> None:
    report = verify(HEALTHY[case]())
    assert (report.findings, report.not_checked, report.passed) == ((), (), True)


BROKEN: dict[str, tuple[t.Callable[[], World], set[Expected]]] = {
    "the DS is of another key": (lambda: world_of(signed(), ds=[STRANGER_DS]), zone_wide("ds_no_dnskey")),
    "the DS has another digest": (
        lambda: world_of(signed(), ds=[f"{KSK.ds(CHILD)[:-2]}{'00' if KSK.ds(CHILD)[-2:] != '00' else '01'}"]),
        zone_wide("ds_no_dnskey"),
    ),
    "one DS of two is of another key": (
        lambda: world_of(signed(), ds=[KSK.ds(CHILD), STRANGER_DS]),
        zone_wide("ds_no_dnskey"),
    ),
    "the DS is of a key that is no zone key": (
        lambda: world_of(signed(keys=(Key(flags=1), ZSK)), ds=[Key(flags=1).ds(CHILD)]),
        {*zone_wide("ds_no_dnskey"), *both("rrsig_invalid")},
    ),
    "the DS is of a revoked key": (
        lambda: world_of(signed(keys=(Key(flags=385), ZSK)), ds=[Key(flags=385).ds(CHILD)]),
        zone_wide("ds_no_dnskey"),
    ),
    "a DS, and nothing is signed": (lambda: world_of(CHILD_ZONE, ds=[STRANGER_DS]), zone_wide("ds_unsigned_zone")),
    "a DS of SHA-1, and nothing is signed": (
        lambda: world_of(CHILD_ZONE, ds=[KSK.ds(CHILD, digest="SHA1")]),
        zone_wide("ds_unsigned_zone", "ds_digest_not_allowed"),
    ),
    "a DS, and DNSKEY brings an error": (
        lambda: world_of(CHILD_ZONE).script(NS1, rcode("SERVFAIL"), rdtype="DNSKEY"),
        {*zone_wide("ds_unsigned_zone"), ("type_dropped", NS1)},
    ),
    "a DS of SHA-1": (
        lambda: world_of(signed(), ds=[KSK.ds(CHILD, digest="SHA1")]),
        zone_wide("ds_digest_not_allowed"),
    ),
    "a DS of SHA-1 beside one of SHA-256": (
        lambda: world_of(signed(), ds=[KSK.ds(CHILD), KSK.ds(CHILD, digest="SHA1")]),
        zone_wide("ds_digest_not_allowed"),
    ),
    "a DS of an unknown digest": (
        lambda: world_of(signed(), ds=[f"{KSK.tag} 15 99 abcd"]),
        zone_wide("ds_digest_not_allowed"),
    ),
    "RSA with SHA-1": (
        lambda: world_of(signed(keys=(Key("RSASHA1"),)), ds=[Key("RSASHA1").ds(CHILD)]),
        zone_wide("ds_algorithm_not_allowed"),
    ),
    "RSA with SHA-512": (
        lambda: world_of(signed(keys=(Key("RSASHA512"),)), ds=[Key("RSASHA512").ds(CHILD)]),
        zone_wide("ds_algorithm_not_allowed"),
    ),
    "a DS of an algorithm that is none": (
        lambda: world_of(signed(), ds=[KSK.ds(CHILD), f"4711 99 2 {'ab' * 32}"]),
        zone_wide("ds_algorithm_not_allowed", "ds_no_dnskey"),
    ),
    "the keys are signed by the ZSK alone": (
        lambda: world_of(signed(over={"DNSKEY": (ZSK,)})),
        both("dnskey_not_signed_by_ds"),
    ),
    "the keys are signed by one of two with a DS": (
        lambda: world_of(signed(keys=(KSK, OTHER, ZSK), over={"DNSKEY": (KSK,)}), ds=[KSK.ds(CHILD), OTHER.ds(CHILD)]),
        both("dnskey_not_signed_by_ds"),
    ),
    "one server is unsigned": (
        lambda: world_of(signed(), CHILD_ZONE),
        {("dnskey_differs_between_servers", NS2)},
    ),
    "one server answers DNSKEY with an error": (
        lambda: world_of(signed()).script(NS2, rcode("NOTIMP"), rdtype="DNSKEY"),
        {("type_dropped", NS2)},
    ),
    "one server has other keys": (
        lambda: world_of(signed(), signed(keys=(OTHER,))),
        {("dnskey_differs_between_servers", None), ("dnskey_not_signed_by_ds", NS2)},
    ),
    "everything has expired": (
        lambda: world_of(signed(inception=NOW - 30 * DAY, expiration=NOW - 1)),
        both("rrsig_expired"),
    ),
    "one server lags with expired signatures": (
        lambda: world_of(signed(), signed(inception=NOW - 30 * DAY, expiration=NOW - 1)),
        {("rrsig_expired", NS2)},
    ),
    "the signature over the keys has expired": (
        lambda: world_of(signed(times={"DNSKEY": (NOW - 30 * DAY, NOW - 1)})),
        both("rrsig_expired"),
    ),
    "everything lies ahead": (
        lambda: world_of(signed(inception=NOW + 60, expiration=NOW + 30 * DAY)),
        both("rrsig_not_yet_valid"),
    ),
    "the SOA was changed after signing": (
        lambda: world_of(signed().replace("2026112100", "2026112101")),
        both("rrsig_invalid"),
    ),
    "the key that signs is not published": (
        lambda: world_of(signed(over={"SOA": (Key(number=4, flags=256),)})),
        both("rrsig_invalid"),
    ),
    "a second signature is by a key to come": (
        lambda: world_of(signed(over={"SOA": (ZSK, Key(number=4, flags=256))})),
        both("rrsig_invalid"),
    ),
    "a revoked key signs records": (
        lambda: world_of(signed(keys=(KSK, Key(number=2, flags=384)))),
        both("rrsig_invalid"),
    ),
    "the SOA is not signed": (
        lambda: world_of(without(signed(), rdtype="RRSIG", covers="SOA")),
        both("rrsig_missing"),
    ),
    "the keys are not signed": (
        lambda: world_of(without(signed(), rdtype="RRSIG", covers="DNSKEY")),
        both("dnskey_not_signed_by_ds"),
    ),
    "the keys are not signed, and the rest is for years": (
        lambda: world_of(without(signed(expiration=NOW + 400 * DAY), rdtype="RRSIG", covers="DNSKEY")),
        both("dnskey_not_signed_by_ds"),
    ),
    "NSEC is not signed": (
        lambda: world_of(without(signed(), rdtype="RRSIG", covers="NSEC")),
        both("nsec_proof_invalid"),
    ),
    "no signature arrives": (
        lambda: world_of(signed(), without(without(signed(), rdtype="RRSIG"), rdtype="NSEC")),
        {("rrsig_missing", NS2)},
    ),
    "signatures end tomorrow": (
        lambda: world_of(signed(inception=NOW - 13 * DAY, expiration=NOW + DAY)),
        both("rrsig_expires_soon"),
    ),
    "signatures for years": (
        lambda: world_of(signed(expiration=NOW + 400 * DAY)),
        zone_wide("rrsig_lifetime_long"),
    ),
    "there is no NSEC": (
        lambda: world_of(without(signed(), rdtype="NSEC")),
        both("nsec_proof_invalid"),
    ),
    "there is no NSEC of the apex": (
        lambda: world_of(without(signed(), rdtype="NSEC", owner=f"{CHILD}.")),
        both("nsec_proof_invalid"),
    ),
    "the NSEC of the apex hides the NS set": (
        lambda: world_of(signed(unlisted=("NS",))),
        both("nsec_proof_invalid"),
    ),
    "the NSEC3 of the apex hides the keys": (
        lambda: world_of(signed(unlisted=("DNSKEY",), nsec3=(0, "", 0))),
        both("nsec_proof_invalid"),
    ),
    "NSEC3 lacks links": (
        lambda: world_of(without(signed(nsec3=(0, "", 0)), rdtype="NSEC3")),
        both("nsec_proof_invalid"),
    ),
    "NSEC3 with an unknown flag": (
        lambda: world_of(signed(nsec3=(0, "", 2))),
        both("nsec_proof_invalid"),
    ),
    "NSEC3 with iterations": (lambda: world_of(signed(nsec3=(10, "", 0))), zone_wide("nsec3_iterations")),
    "NSEC3 with many iterations": (lambda: world_of(signed(nsec3=(100, "", 0))), zone_wide("nsec3_iterations")),
    "NSEC3 with too many to follow": (lambda: world_of(signed(nsec3=(501, "", 0))), zone_wide("nsec3_iterations")),
    "NSEC3 with a salt": (lambda: world_of(signed(nsec3=(0, "abcd", 0))), zone_wide("nsec3_salt")),
    "a key of an algorithm that signs nothing": (
        lambda: world_of(signed(more_keys=(CSK.rdata.to_text(),))),
        both("algorithm_not_complete"),
    ),
    "RSA of 1024 bits": (
        lambda: world_of(signed(keys=(Key("RSASHA256", bits=1024),)), ds=[Key("RSASHA256", bits=1024).ds(CHILD)]),
        zone_wide("dnskey_size"),
    ),
    "RSA of 768 bits": (
        lambda: world_of(
            signed(keys=(Key("RSASHA256"),), more_keys=(small_rsa(768),)), ds=[Key("RSASHA256").ds(CHILD)]
        ),
        zone_wide("dnskey_size"),
    ),
    "RSA of 8192 bits": (
        lambda: world_of(
            signed(keys=(Key("RSASHA256"),), more_keys=(small_rsa(8192),)), ds=[Key("RSASHA256").ds(CHILD)]
        ),
        zone_wide("dnskey_size"),
    ),
    "a private algorithm": (
        lambda: world_of(signed(more_keys=("256 3 253 AAAA",))),
        {*zone_wide("ds_algorithm_not_allowed"), *both("algorithm_not_complete")},
    ),
    "one server denies by NSEC3": (
        lambda: world_of(signed(), signed(nsec3=(0, "", 0))),
        zone_wide("nsec_proof_invalid"),
    ),
    "one server denies by NSEC3 with a salt": (
        lambda: world_of(signed(nsec3=(0, "", 0)), signed(nsec3=(0, "abcd", 0))),
        zone_wide("nsec_proof_invalid", "nsec3_salt"),
    ),
    "NSEC3PARAM beside NSEC": (
        lambda: world_of(signed(text=f"{CHILD_ZONE}@ 0 NSEC3PARAM 1 0 0 -\n")),
        both("nsec_proof_invalid"),
    ),
    "NSEC3PARAM of another salt": (
        lambda: world_of(signed(text=f"{CHILD_ZONE}@ 0 NSEC3PARAM 1 0 0 abcd\n", nsec3=(0, "", 0))),
        both("nsec_proof_invalid"),
    ),
    "two NSEC3PARAM": (
        lambda: world_of(
            signed(text=f"{CHILD_ZONE}@ 0 NSEC3PARAM 1 0 0 -\n@ 0 NSEC3PARAM 1 0 0 abcd\n", nsec3=(0, "", 0))
        ),
        both("nsec_proof_invalid"),
    ),
    "two NSEC of the apex": (
        lambda: world_of(signed()).script(
            NS2,
            records(answer=f"{CHILD}. 60 NSEC a.{CHILD}. NS SOA\n{CHILD}. 60 NSEC b.{CHILD}. NS SOA\n"),
            rdtype="NSEC",
        ),
        {("nsec_proof_invalid", NS2)},
    ),
    "NSEC brings another type": (
        lambda: world_of(signed()).script(NS2, records(answer=f"{CHILD}. 60 TXT x"), rdtype="NSEC"),
        {("nsec_proof_invalid", NS2)},
    ),
    "NSEC brings an error": (
        lambda: world_of(signed()).script(NS2, rcode("REFUSED"), rdtype="NSEC"),
        {("nsec_proof_invalid", NS2)},
    ),
    "NSEC3PARAM brings nothing at all": (
        lambda: world_of(signed()).script(NS2, records(), rdtype="NSEC3PARAM"),
        {("nsec_proof_invalid", NS2)},
    ),
    "NSEC3PARAM brings the SOA of another zone": (
        lambda: world_of(signed()).script(NS2, with_soa_of(f"sub.{CHILD}."), rdtype="NSEC3PARAM"),
        {("nsec_proof_invalid", NS2)},
    ),
    "NSEC is dropped": (
        lambda: world_of(signed()).script(NS2, "timeout", rdtype="NSEC"),
        {("type_dropped", NS2)},
    ),
    "DNSKEY comes without authority": (
        lambda: world_of(signed()).script(NS2, without_aa, rdtype="DNSKEY"),
        {("not_authoritative", NS2)},
    ),
    "SOA is an error, and the keys are not": (
        lambda: lame(world_of(without(signed(), rdtype="RRSIG", covers="NSEC"))),
        {*both("lame_rcode", "nsec_proof_invalid"), *zone_wide("no_working_server")},
    ),
    "half a key": (lambda: world_of(signed(more_keys=("256 3 15 AAAA",))), zone_wide("dnskey_size")),
    "no DS": (lambda: world_of(signed(), ds=[]), zone_wide("signed_without_ds")),
    "no DS, and CDS asks for one": (
        lambda: world_of(signed(text=cds(KSK.ds(CHILD))), ds=[]),
        zone_wide("signed_without_ds"),
    ),
    "no DS, and everything has expired": (
        lambda: world_of(signed(inception=NOW - 30 * DAY, expiration=NOW - 1), ds=[]),
        {*zone_wide("signed_without_ds"), *both("rrsig_expired")},
    ),
    "servers have different CDS": (
        lambda: world_of(signed(text=cds(KSK.ds(CHILD))), signed()),
        zone_wide("cds_inconsistent"),
    ),
    "servers have different CDNSKEY": (
        lambda: world_of(
            signed(keys=(KSK, OTHER, ZSK), text=cds(KSK.rdata.to_text(), rdtype="CDNSKEY")),
            signed(keys=(KSK, OTHER, ZSK), text=cds(OTHER.rdata.to_text(), rdtype="CDNSKEY")),
        ),
        zone_wide("cds_inconsistent"),
    ),
    "CDS and CDNSKEY are of different keys": (
        lambda: world_of(
            signed(
                keys=(KSK, OTHER, ZSK),
                text=cds(KSK.ds(CHILD), text=cds(OTHER.rdata.to_text(), rdtype="CDNSKEY")),
            )
        ),
        both("cds_inconsistent"),
    ),
    "CDS is not signed": (
        lambda: world_of(without(signed(text=cds(KSK.ds(CHILD))), rdtype="RRSIG", covers="CDS")),
        both("cds_unsigned"),
    ),
    "the signature over CDS has expired": (
        lambda: world_of(signed(text=cds(KSK.ds(CHILD)), times={"CDS": (NOW - 30 * DAY, NOW - 1)})),
        both("cds_unsigned"),
    ),
    "CDS is signed by the ZSK alone": (
        lambda: world_of(signed(text=cds(KSK.ds(CHILD)), over={"CDS": (ZSK,)})),
        both("cds_unsigned"),
    ),
    "CDNSKEY is not signed": (
        lambda: world_of(
            without(signed(text=cds(KSK.rdata.to_text(), rdtype="CDNSKEY")), rdtype="RRSIG", covers="CDNSKEY")
        ),
        both("cds_unsigned"),
    ),
    "CDS is of no key": (lambda: world_of(signed(text=cds(STRANGER_DS))), both("cds_matches_no_dnskey")),
    "CDS is of a key that signs nothing": (
        lambda: world_of(signed(more_keys=(OTHER.rdata.to_text(),), text=cds(OTHER.ds(CHILD)))),
        both("cds_matches_no_dnskey"),
    ),
    "one CDS is of a key that is no zone key": (
        lambda: world_of(
            signed(more_keys=(NO_ZONE_KEY.rdata.to_text(),), text=cds(KSK.ds(CHILD), NO_ZONE_KEY.ds(CHILD)))
        ),
        both("cds_matches_no_dnskey"),
    ),
    "a second signature over CDS is by a key to come": (
        lambda: world_of(signed(text=cds(KSK.ds(CHILD)), over={"CDS": (KSK, OTHER)})),
        both("cds_unsigned"),
    ),
    "one CDS of two is of no key": (
        lambda: world_of(signed(text=cds(KSK.ds(CHILD), STRANGER_DS))),
        both("cds_matches_no_dnskey"),
    ),
    "CDNSKEY is of no key": (
        lambda: world_of(signed(text=cds(OTHER.rdata.to_text(), rdtype="CDNSKEY"))),
        both("cds_matches_no_dnskey"),
    ),
    "CDS removes all and adds one": (
        lambda: world_of(signed(text=cds(KSK.ds(CHILD), "0 0 0 00"))),
        both("cds_delete_mixed"),
    ),
    "CDS waits for a new key": (
        lambda: world_of(signed(keys=(KSK, OTHER, ZSK), text=cds(OTHER.ds(CHILD)))),
        zone_wide("cds_differs_from_ds"),
    ),
    "CDNSKEY waits for a new key": (
        lambda: world_of(signed(keys=(KSK, OTHER, ZSK), text=cds(OTHER.rdata.to_text(), rdtype="CDNSKEY"))),
        zone_wide("cds_differs_from_ds"),
    ),
    "CDS asks for the removal of DS": (
        lambda: world_of(signed(text=cds("0 0 0 00"))),
        zone_wide("cds_differs_from_ds"),
    ),
}


@functools.cache
def broken(case: str) -> ZoneReport:
    return verify(BROKEN[case][0]())


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_has_its_findings_and_no_others(case: str) -> None:
    assert found(broken(case)) == BROKEN[case][1]


@pytest.mark.parametrize("case", BROKEN)
def test_every_finding_says_what_it_needs_to(case: str) -> None:
    for finding in broken(case).findings:
        assert finding.message.endswith(".") and finding.expected and finding.got and finding.reference, finding
        assert CHILD in finding.message, finding
        assert "absent" not in finding.message, finding


def test_every_code_has_a_case_that_finds_it() -> None:
    covered = {code for _world, expected in BROKEN.values() for code, _address in expected}
    assert covered >= {code for code, check in CATALOGUE.items() if check.family == "dnssec"}


@pytest.mark.parametrize(
    ("case", "severity"),
    [
        ("the DS is of another key", "critical"),
        ("one DS of two is of another key", "warning"),
        ("a DS of SHA-1", "error"),
        ("a DS of SHA-1 beside one of SHA-256", "warning"),
        ("RSA with SHA-1", "error"),
        ("RSA with SHA-512", "warning"),
        ("the keys are signed by the ZSK alone", "error"),
        ("the keys are signed by one of two with a DS", "notice"),
        ("everything has expired", "error"),
        # Nobody validates without a DS.
        ("no DS, and everything has expired", "warning"),
        ("the key that signs is not published", "error"),
        ("a second signature is by a key to come", "notice"),
        ("NSEC3 with iterations", "warning"),
        ("NSEC3 with many iterations", "error"),
        ("RSA of 1024 bits", "warning"),
        ("RSA of 768 bits", "error"),
        ("one CDS of two is of no key", "warning"),
        ("a second signature over CDS is by a key to come", "notice"),
        ("a private algorithm", "warning"),
        ("one server denies by NSEC3", "warning"),
        ("NSEC3PARAM of another salt", "warning"),
        ("NSEC3PARAM brings nothing at all", "error"),
        ("NSEC is not signed", "error"),
        ("CDS is of no key", "error"),
    ],
)
def test_severities_tell_what_hurts(case: str, severity: str) -> None:
    code = sorted(BROKEN[case][1], key=lambda expected: expected[0])[0][0]
    assert {finding.severity for finding in broken(case).findings if finding.code == code} == {severity}


def test_messages_lead_to_the_repair() -> None:
    message = only(broken("the DS is of another key"), "ds_no_dnskey").message
    assert message == (
        f"DS 4711 at the parent leads to no key of {CHILD}: there is no DNSKEY with tag 4711 and algorithm 13"
        " (ECDSAP256SHA256). Resolvers that validate answer SERVFAIL for it and for every name in it. Have the parent"
        f" take the DS of a key that the zone has: DS {KSK.ds(CHILD)}."
    )
    message = next(f.message for f in broken("everything has expired").findings if f.address == NS2)
    assert message == (
        f"ns2.{CHILD} ({NS2}) serves expired signatures over DNSKEY, SOA, NSEC of {CHILD}, the first since 2026-11-21"
        " 11:59:59 UTC. Resolvers that validate answer SERVFAIL for what they get there. Have the zone signed again"
        " and find out why the signer stopped; on a secondary check the transfers."
    )


def test_the_ds_to_add_is_told() -> None:
    assert f"have it take: DS {KSK.ds(CHILD)}." in only(broken("no DS"), "signed_without_ds").message


@pytest.mark.parametrize(
    ("limit", "codes"), [(None, set()), (6 * DAY, set()), (8 * DAY, {"rrsig_expires_soon"}), (0, set())]
)
def test_how_soon_is_soon_can_be_set(limit: float | None, codes: set[str]) -> None:
    report = verify(world_of(signed()), signatures_expire_within=limit)
    assert {finding.code for finding in report.findings} == codes


def test_zero_days_switch_that_off() -> None:
    report = verify(world_of(signed(inception=NOW - 13 * DAY, expiration=NOW + 1)), signatures_expire_within=0)
    assert report.findings == ()


def test_an_expired_signature_beside_one_that_holds_is_a_warning() -> None:
    second = Key(number=5, flags=256)
    fresh, stale = (
        signed(keys=(KSK, ZSK, second), over={"SOA": (key,)}, times=times)
        for key, times in (
            (ZSK, {}),
            (second, {"SOA": (NOW - 30 * DAY, NOW - 1)}),
        )
    )
    lines = [line for line in stale.splitlines() if " RRSIG SOA " in line]
    report = verify(world_of(fresh + "\n".join(lines) + "\n"))
    assert found(report) == both("rrsig_expired")
    assert {finding.severity for finding in report.findings} == {"warning"}


def test_what_follows_is_told_where_its_cause_is_left_out() -> None:
    world, _expected = BROKEN["the signature over the keys has expired"]
    report = verify(world(), selection=Selection.parse(["-rrsig_expired"]))
    assert found(report) == both("dnskey_not_signed_by_ds")


def test_an_unsigned_zone_costs_one_question_more_for_each_address() -> None:
    world = contoso()
    verify(world)
    asked = [query for query in world.asked if query.dnssec]
    assert sorted(
        (query.address, dns.rdatatype.to_text(dns.rdatatype.RdataType.make(query.rdtype))) for query in asked
    ) == [
        (NS1, "DNSKEY"),
        (NS2, "DNSKEY"),
    ]


def test_a_signed_zone_is_asked_for_what_is_needed() -> None:
    world = world_of(signed())
    verify(world)
    asked = sorted(
        dns.rdatatype.to_text(dns.rdatatype.RdataType.make(query.rdtype)) for query in world.asked if query.dnssec
    )
    assert asked == sorted(["A", "CDNSKEY", "CDS", "DNSKEY", "NSEC", "NSEC3PARAM", "SOA", "TYPE65399"] * 2)


def test_nothing_is_asked_for_what_nobody_wants_to_know() -> None:
    world = world_of(signed())
    verify(world, selection=Selection.parse(["-dnssec"]))
    assert not [query for query in world.asked if query.dnssec]


def test_silence_is_no_evidence() -> None:
    world = world_of(signed())
    for address in (NS1, NS2):
        world.script(address, "timeout", rdtype="DNSKEY")
    report = verify(world)
    assert found(report) == both("type_dropped")
    assert report.not_checked == (
        f"ns1.{CHILD} ({NS1}): no answer to DNSKEY {CHILD} with the DO bit (scripted timeout)",
        f"ns2.{CHILD} ({NS2}): no answer to DNSKEY {CHILD} with the DO bit (scripted timeout)",
    )
    everything = {code for code, check in CATALOGUE.items() if check.family == "dnssec"}
    # These two look at the DS as well.
    everything -= {"ds_digest_not_allowed", "ds_algorithm_not_allowed"}
    assert [gap.codes for gap in report.unchecked] == [everything] * 2


def test_a_silent_server_does_not_make_another_one_wrong() -> None:
    report = verify(world_of(signed()).script(NS2, "timeout", rdtype="DNSKEY"))
    assert (found(report), [gap.codes for gap in report.unchecked]) == ({("type_dropped", NS2)}, [frozenset()])


@pytest.mark.parametrize(
    ("rdtypes", "addresses", "blind"),
    [
        (("CDS", "CDNSKEY"), (NS1, NS2), True),
        (("CDS",), (NS1, NS2), False),
        (("CDS", "CDNSKEY"), (NS1,), False),
    ],
    ids=["nobody says anything", "one of the types is told", "one server tells"],
)
def test_a_check_is_blind_when_nobody_answers_what_it_looks_at(
    rdtypes: tuple[str, ...], addresses: tuple[str, ...], blind: bool
) -> None:
    world = world_of(signed())
    for rdtype in rdtypes:
        for address in addresses:
            world.script(address, "timeout", rdtype=rdtype)
    gaps = verify(world).unchecked
    of_cds = {code for code in CATALOGUE if code.startswith("cds_")}
    assert [gap.codes for gap in gaps] == [of_cds if blind else frozenset()] * len(rdtypes) * len(addresses)


def test_silence_for_one_type_hides_nothing_else() -> None:
    world = world_of(without(signed(), rdtype="RRSIG", covers="SOA")).script(NS1, "timeout", rdtype="CDS")
    report = verify(world)
    assert (found(report), len(report.not_checked)) == (both("rrsig_missing"), 1)


@pytest.mark.parametrize(
    "action", ["timeout", rcode("SERVFAIL"), records(authority=f"{CHILD}. 60 SOA a. b. 1 2 3 4 5")]
)
def test_an_unknown_ds_set_is_not_an_empty_one(action: t.Any) -> None:
    world = world_of(signed())
    for address in (PARENT, PARENT2):
        world.script(address, action, name=CHILD, rdtype="DS")
    report = verify(world)
    assert {finding.code for finding in report.findings} <= {"type_dropped"}
    assert report.not_checked == ("the DS set: no server of the parent zone gave a usable answer for it",)
    assert {"ds_no_dnskey", "signed_without_ds"} < report.unchecked[0].codes


def test_without_cryptography_nothing_passes_as_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object, **_named: object) -> None:
        raise ImportError

    monkeypatch.setattr(dns.dnssec, "validate_rrsig", missing)
    told = ("whether signatures fit what they sign: the Python library cryptography is missing or too old",)
    healthy = verify(world_of(signed()))
    assert (healthy.findings, healthy.not_checked, healthy.result()["not_checked"]) == ((), told, list(told))
    assert healthy.unchecked[0].codes == {"rrsig_invalid", "dnskey_not_signed_by_ds", "cds_unsigned"}
    # What needs no computing is found all the same.
    expired = verify(BROKEN["everything has expired"][0]())
    assert found(expired) == both("rrsig_expired")
    changed = verify(BROKEN["the SOA was changed after signing"][0]())
    assert (changed.findings, changed.not_checked) == ((), told)
    assert verify(contoso()).not_checked == ()


@pytest.mark.parametrize(
    "error",
    [t.cast("t.Any", dns.dnssec).UnsupportedAlgorithm, cryptography.exceptions.UnsupportedAlgorithm],
    ids=["dnspython", "OpenSSL"],
)
def test_an_algorithm_that_cannot_be_computed_is_not_checked(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def unsupported(*_arguments: object, **_named: object) -> None:
        raise error("no")

    monkeypatch.setattr(dns.dnssec, "validate_rrsig", unsupported)
    report = verify(world_of(signed()))
    assert report.findings == ()
    assert report.not_checked == (
        "signatures of algorithm 15 (ED25519): neither dnspython nor the OpenSSL of this host can compute it",
    )


DESCRIBED: dict[str, t.Any] = {
    "name": CHILD,
    "name_servers": [
        {"name": f"ns1.{CHILD}", "addresses": [NS1]},
        {"name": f"ns2.{CHILD}", "addresses": [NS2]},
    ],
}


@pytest.mark.parametrize("given", [{"ds": [KSK.ds(CHILD)]}, {"dnskeys": [KSK.rdata.to_text()]}, {"ds_from": "child"}])
def test_before_delegation_what_is_described_stands_for_the_parent(given: dict[str, t.Any]) -> None:
    world = world_of(signed(), ds=[])
    report = verify(world, zone={**DESCRIBED, **given}, predelegation=True)
    assert report.findings == ()
    assert not {PARENT, PARENT2} & {query.address for query in world.asked}


# One case for each set of codes.
@pytest.mark.parametrize(
    "case",
    {frozenset(code for code, _address in expected): case for case, (_world, expected) in BROKEN.items()}.values(),
)
def test_before_delegation_the_same_is_found(case: str) -> None:
    world = BROKEN[case][0]()
    rdatas = world.servers[PARENT].zones[dns.name.from_text("contoso.example")].get_rdataset(f"{CHILD}.", "DS")
    ds = [] if rdatas is None else [rdata.to_text() for rdata in rdatas]
    report = verify(world, zone={**DESCRIBED, "ds": ds}, predelegation=True)
    assert found(report) == BROKEN[case][1]


def test_what_is_waited_for_is_judged_by_the_time_it_is_seen() -> None:
    world = world_of(signed(inception=NOW + 10))
    clock = [0.0]

    async def sleep(seconds: float) -> None:
        clock[0] += seconds

    (report,) = verify_zones(
        parse_zones([CHILD]),
        settings=Settings(roots=(ROOT,), wait=60),
        transport=world,
        clock=lambda: clock[0],
        sleep=sleep,
        now=lambda: NOW + clock[0],
    )
    assert (report.passed, clock[0] >= 10) == (True, True)


@pytest.mark.parametrize("nsec3", [None, (0, "", 0)])
def test_mutated_answers_do_no_harm(nsec3: tuple[int, str, int] | None) -> None:
    class Hostile(World):
        """Flips octets of answers with signatures, and hands on what still parses."""

        def __init__(self, world: World, seed: int) -> None:
            super().__init__()
            self.servers = world.servers
            self.random = random.Random(seed)

        async def ask(self, query: Query) -> Reply:
            reply = await super().ask(query)
            if not query.dnssec or reply.message is None:
                return reply
            wire = bytearray(reply.message.to_wire(max_size=65535))
            for _flip in range(self.random.randint(1, 4)):
                wire[self.random.randrange(12, len(wire))] = self.random.randrange(256)
            try:
                message = dns.message.from_wire(bytes(wire), one_rr_per_rrset=True)
            except Exception:
                failure: Failure = "malformed"
                return Reply(query=query, failure=failure, detail="mutated")
            return Reply(query=query, message=message, seconds=0.0)

    world = world_of(signed(nsec3=nsec3, text=cds(KSK.ds(CHILD))))
    for seed in range(25):
        report = verify(Hostile(world, seed))
        assert all(finding.message.endswith(".") for finding in report.findings)
