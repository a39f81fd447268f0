# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of the SOA and of its MNAME against scripted servers: what is sensible passes, each fault is told."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._checks.limits import Limits
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_RECORDS,
    CUT,
    NS1,
    NS2,
    NS3,
    PARENT_ZONE,
    ROOT,
    TLD,
    World,
    contoso,
    rcode,
)

Expected = tuple[str, t.Optional[str]]


def verify(world: World, *, zone: object = CHILD, roots: tuple[str, ...] = (ROOT,), **settings: t.Any) -> ZoneReport:
    chosen = {"selection": Selection.parse(["all"]), **settings}
    (report,) = verify_zones(parse_zones([zone]), settings=Settings(roots=roots, **chosen), transport=world)
    return report


def found(report: ZoneReport, family: str) -> set[Expected]:
    return {(f.code, f.address) for f in report.findings if CATALOGUE[f.code].family == family}


def only(report: ZoneReport, code: str) -> Finding:
    (finding,) = [finding for finding in report.findings if finding.code == code]
    return finding


def with_soa(
    *,
    mname: str = "ns1",
    rname: str = "hostmaster",
    serial: int = 2026112100,
    timers: str = "3600 900 1209600 300",
    ttl: int = 3600,
    more: str = "",
) -> World:
    """Return the healthy tree with another SOA."""
    return contoso(child=f"@ {ttl} SOA {mname} {rname} {serial} {timers}{CHILD_RECORDS}{more}")


def with_primary(**fields: t.Any) -> World:
    """Return the tree with a primary that is no name server of the zone."""
    return with_soa(mname="primary", more=f"primary 3600 A {NS3}\n", **fields)


def newer_elsewhere() -> World:
    world = with_soa()
    soa = "@ 3600 SOA ns1 hostmaster 2026112101 3600 900 1209600 300"
    return world.host(NS2, CHILD, f"{soa}{CHILD_RECORDS}")


def primary_with(serial: int) -> World:
    soa = f"@ 3600 SOA primary hostmaster {serial} 3600 900 1209600 300"
    return with_primary().host(NS3, CHILD, f"{soa}{CHILD_RECORDS}primary 3600 A {NS3}\n")


LAST = datetime.date(2026, 11, 22)
DATES: dict[str, t.Any] = {"last_serial_date": LAST}

# The world, settings, and the code that is found, if any.
CASES: dict[str, tuple[World, dict[str, t.Any], str | None]] = {
    "everything sensible": (with_soa(), {}, None),
    "refresh at its least": (with_soa(timers="1200 300 1209600 300"), {}, None),
    "refresh below": (with_soa(timers="1199 300 1209600 300"), {}, "soa_refresh_range"),
    "refresh at its most": (with_soa(timers="43200 300 1209600 300"), {}, None),
    "refresh above": (with_soa(timers="43201 300 1209600 300"), {}, "soa_refresh_range"),
    "another limit for refresh": (with_soa(timers="600 300 1209600 300"), {"limits": Limits(refresh_min=600)}, None),
    "retry as large as refresh": (with_soa(timers="3600 3600 1209600 300"), {}, "soa_retry_not_below_refresh"),
    "retry just below refresh": (with_soa(timers="3600 3599 1209600 300"), {}, None),
    "expire at its least": (with_soa(timers="3600 900 604800 300"), {}, None),
    "expire below": (with_soa(timers="3600 900 604799 300"), {}, "soa_expire_short"),
    "another limit for expire": (with_soa(timers="3600 900 86400 300"), {"limits": Limits(expire_min=86400)}, None),
    "expire of refresh and retry": (
        with_soa(timers="43200 3600 46800 300"),
        {"limits": Limits(expire_min=0)},
        "soa_expire_below_refresh",
    ),
    "expire just over refresh and retry": (
        with_soa(timers="43200 3600 46801 300"),
        {"limits": Limits(expire_min=0)},
        None,
    ),
    "negative TTL at its least": (with_soa(timers="3600 900 1209600 60"), {}, None),
    "negative TTL below": (with_soa(timers="3600 900 1209600 59"), {}, "soa_negative_ttl_range"),
    "negative TTL at its most": (with_soa(timers="3600 900 1209600 10800", ttl=10800), {}, None),
    "negative TTL above": (with_soa(timers="3600 900 1209600 10801", ttl=10801), {}, "soa_negative_ttl_range"),
    "TTL of the SOA below its last field": (with_soa(ttl=299), {}, "soa_negative_ttl_capped"),
    "TTL of the SOA as large as its last field": (with_soa(ttl=300), {}, None),
    "@ in the RNAME": (with_soa(rname="host\\@master"), {}, "soa_rname_invalid"),
    "RNAME without a mailbox": (with_soa(rname="."), {}, "soa_rname_invalid"),
    "RNAME of one label": (with_soa(rname="hostmaster."), {}, "soa_rname_invalid"),
    "RNAME without its final dot": (with_soa(rname=f"hostmaster.{CHILD}"), {}, "soa_rname_invalid"),
    "RNAME without its final dot, of the zone above": (with_soa(rname="john.contoso.example"), {}, "soa_rname_invalid"),
    "RNAME that is no address": (with_soa(rname="host\\032master"), {}, "soa_rname_invalid"),
    "RNAME with a dot in its local part": (with_soa(rname="john\\.smith.contoso.example."), {}, None),
    "RNAME that resembles the zone": (with_soa(rname="mail.contoso"), {}, None),
    "MNAME of the root": (with_soa(mname="."), {}, "soa_mname_invalid"),
    "MNAME localhost": (with_soa(mname="localhost."), {}, "soa_mname_invalid"),
    "MNAME that is no host name": (with_soa(mname="my_primary"), {}, "soa_mname_invalid"),
    "MNAME that is an alias": (with_soa(mname="primary", more="primary 60 CNAME ns1\n"), {}, "soa_mname_alias"),
    "MNAME without an address": (with_soa(mname="primary"), {}, "soa_mname_unresolvable"),
    "MNAME elsewhere without an address": (with_soa(mname="no.contoso.example."), {}, "soa_mname_unresolvable"),
    "MNAME elsewhere that nobody knows": (
        with_soa(mname="ns.dead.example.").script(TLD, "timeout", name="dead.example"),
        {},
        None,
    ),
    "MNAME that refuses": (with_primary().script(NS3, rcode("REFUSED")), {}, "soa_mname_not_authoritative"),
    "MNAME where nothing listens": (with_primary().script(NS3, "refused"), {}, "soa_mname_not_authoritative"),
    "MNAME that hosts the zone above": (
        with_primary().host(NS3, "contoso.example", PARENT_ZONE + CUT),
        {},
        "soa_mname_not_authoritative",
    ),
    "MNAME that is hidden": (with_primary().script(NS3, "timeout"), {}, None),
    "MNAME that serves the zone": (primary_with(2026112100), {}, None),
    "MNAME ahead of the others": (primary_with(2026112199), {}, None),
    "MNAME behind the others": (primary_with(2026112099), {}, "soa_mname_not_newest"),
    "MNAME behind another name server": (newer_elsewhere(), {}, "soa_mname_not_newest"),
    "MNAME behind a serial that wrapped": (
        with_primary(serial=3).host(
            NS3, CHILD, f"@ 3600 SOA primary hostmaster 4294967295 3600 900 1209600 300{CHILD_RECORDS}"
        ),
        {},
        "soa_mname_not_newest",
    ),
    "serial of today": (with_soa(), DATES, None),
    "serial of the day that has begun elsewhere": (with_soa(serial=2026112200), DATES, None),
    "serial ahead": (with_soa(serial=2026112300), DATES, "soa_serial_not_date"),
    "serial that counts": (with_soa(serial=7), DATES, "soa_serial_not_date"),
    "serial of no day": (with_soa(serial=2026133100), DATES, "soa_serial_not_date"),
    "serial that counts, and may": (with_soa(serial=7), {}, None),
    "NS TTL below, in the zone": (
        contoso(child=f"@ 3600 SOA ns1 hostmaster 1 3600 900 1209600 300{CHILD_RECORDS.replace('3600 NS', '3599 NS')}"),
        {},
        "ns_ttl_range",
    ),
    "NS TTL below, at the parent": (contoso(cut=CUT.replace("3600 NS", "3599 NS")), {}, "ns_ttl_range"),
    "NS TTL at its most, at the parent": (contoso(cut=CUT.replace("3600 NS", "604800 NS")), {}, None),
    "NS TTL above, at the parent": (contoso(cut=CUT.replace("3600 NS", "604801 NS")), {}, "ns_ttl_range"),
    "another limit for the NS TTL": (
        contoso(cut=CUT.replace("3600 NS", "60 NS")),
        {"limits": Limits(ns_ttl_min=60)},
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_soa(case: str) -> None:
    world, settings, expected = CASES[case]
    codes = {code for code, _address in found(verify(world, **settings), "soa")}
    assert codes == ({expected} if expected else set())


def test_every_finding_says_what_it_needs_to() -> None:
    for world, settings, _expected in CASES.values():
        for finding in verify(world, **settings).findings:
            assert finding.message.endswith(".") and finding.expected and finding.got and finding.reference, finding
            assert CHILD in finding.message, finding


def test_every_code_of_the_family_has_a_case_that_finds_it() -> None:
    codes = {code for _world, _settings, code in CASES.values() if code}
    assert codes == {code for code, check in CATALOGUE.items() if check.family == "soa"}


def test_the_limit_is_named() -> None:
    message = only(verify(with_soa(timers="600 300 1209600 300")), "soa_refresh_range").message
    assert "a refresh of 10m, under the 20m of refresh_min (RFC 1912 section 2.2)" in message


def test_values_that_only_some_servers_have_are_told_with_them() -> None:
    world = with_soa().host(NS2, CHILD, f"@ 3600 SOA ns1 hostmaster 2026112100 600 300 1209600 300{CHILD_RECORDS}")
    message = only(verify(world), "soa_refresh_range").message
    assert f"The SOA of {CHILD} at ns2.{CHILD} ({NS2}) has" in message


def test_a_name_server_that_does_not_serve_the_zone_explains_the_mname() -> None:
    world = contoso().script(NS1, rcode("REFUSED"))
    assert found(verify(world), "soa") == set()
    without = Selection.parse(["soa"])
    assert found(verify(world, selection=without), "soa") == {("soa_mname_not_authoritative", NS1)}


def test_with_an_expected_serial_the_mname_is_not_told_again() -> None:
    (zone,) = parse_zones([CHILD])
    assert found(verify(newer_elsewhere(), expect_serial={zone.name: 2026112101}), "soa") == set()


def test_before_delegation_no_mname_elsewhere_is_looked_up_unless_asked_for() -> None:
    world = with_soa(mname="no.contoso.example.")
    described = {
        "name": CHILD,
        "name_servers": [
            {"name": f"ns1.{CHILD}", "addresses": [NS1]},
            {"name": f"ns2.{CHILD}", "addresses": [NS2]},
        ],
    }
    default = verify(world, zone=described, predelegation=True, selection=Selection())
    assert (found(default, "soa"), {query.address for query in world.asked}) == (set(), {NS1, NS2})
    far = default.unchecked[-1]
    assert far.text.startswith("the MNAME no.contoso.example: ")
    assert far.codes == {code for code in CATALOGUE if code.startswith("soa_mname_")} - {
        *("soa_mname_differs", "soa_mname_invalid"),
    }
    named = verify(world, zone=described, predelegation=True, selection=Selection.parse(["soa_mname_unresolvable"]))
    assert found(named, "soa") == {("soa_mname_unresolvable", None)}
