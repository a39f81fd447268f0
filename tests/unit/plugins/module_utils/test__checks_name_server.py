# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripted servers do beyond answering for the zone: each fault is told, and silence proves nothing."""

from __future__ import annotations

import typing as t

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._checks.limits import Limits
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
    PARENT_ZONE,
    ROOT,
    Script,
    World,
    contoso,
    rcode,
    records,
    without_aa,
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


Outcome = t.Union[dns.message.Message, Failure]


def when(condition: t.Callable[[Query], bool], action: Script | Failure) -> Script:
    """Do ``action`` for questions of which ``condition`` holds, and answer the others."""

    def answer(query: Query, answered: dns.message.Message) -> Outcome:
        if not condition(query):
            return answered
        return action if isinstance(action, str) else action(query, answered)

    return answer


def has_edns(query: Query) -> bool:
    return query.payload is not None


def has_version(query: Query) -> bool:
    return query.variation.edns_version > 0


def has_option(query: Query) -> bool:
    return query.variation.edns_option is not None


def has_flag(query: Query) -> bool:
    return query.variation.edns_flags not in (0, dns.flags.DO)


def is_small(query: Query) -> bool:
    return query.variation.keep_truncated


def is_recursive(query: Query) -> bool:
    return query.variation.recursion


def is_mixed(query: Query) -> bool:
    return query.name.to_text() != query.name.to_text().lower()


def is_chaos(query: Query) -> bool:
    return query.variation.chaos


def is_transfer(query: Query) -> bool:
    return query.rdtype == dns.rdatatype.AXFR


def without_opt(_query: Query, answer: dns.message.Message) -> Outcome:
    answer.use_edns(False)
    return answer


def formerr_without_opt(query: Query, _answer: dns.message.Message) -> Outcome:
    return without_opt(query, t.cast("dns.message.Message", rcode("FORMERR")(query, _answer)))


def ignoring_the_version(query: Query, _answer: dns.message.Message) -> Outcome:
    answer = dns.message.make_response(query.message())
    answer.answer.append(dns.rrset.from_text(query.name, 60, "IN", "SOA", "a. b. 1 2 3 4 5"))
    return answer


def own_version_1(_query: Query, answer: dns.message.Message) -> Outcome:
    answer.use_edns(1)
    answer.set_rcode(dns.rcode.BADVERS)
    return answer


def echo_option(_query: Query, answer: dns.message.Message) -> Outcome:
    answer.use_edns(0, options=[dns.edns.GenericOption(t.cast("dns.edns.OptionType", 65321), b"")])
    return answer


def echo_flag(query: Query, answer: dns.message.Message) -> Outcome:
    answer.use_edns(0, query.variation.edns_flags)
    return answer


def truncate(_query: Query, answer: dns.message.Message) -> Outcome:
    answer.flags |= dns.flags.TC
    return answer


def truncate_without_opt(query: Query, answer: dns.message.Message) -> Outcome:
    return without_opt(query, t.cast("dns.message.Message", truncate(query, answer)))


def recursing(text: str) -> Script:
    def answer(query: Query, _answer: dns.message.Message) -> Outcome:
        response = t.cast("dns.message.Message", rcode(text)(query, _answer))
        response.flags |= dns.flags.RA
        return response

    return answer


def transfer(records: int, owner: str = CHILD) -> Script:
    def answer(query: Query, _answer: dns.message.Message) -> Outcome:
        response = dns.message.make_response(query.message())
        response.answer.append(dns.rrset.from_text(f"{owner}.", 60, "IN", "SOA", "a. b. 1 2 3 4 5"))
        if records > 1:
            response.answer.append(dns.rrset.from_text(f"{owner}.", 60, "IN", "NS", f"ns1.{CHILD}."))
        return response

    return answer


def in_lower_case(_query: Query, answer: dns.message.Message) -> Outcome:
    for question in answer.question:
        question.name = dns.name.from_text(question.name.to_text().lower())
    return answer


def version(text: str) -> Script:
    def answer(query: Query, _answer: dns.message.Message) -> Outcome:
        response = dns.message.make_response(query.message())
        response.answer.append(dns.rrset.from_text(query.name, 0, "CH", "TXT", f'"{text}"'))
        return response

    return answer


def is_for(name: str) -> t.Callable[[Query], bool]:
    return lambda query: query.name == dns.name.from_text(f"{name}.{CHILD}")


def all_types(rdtype: str) -> t.Callable[[Query], bool]:
    return lambda query: query.rdtype == dns.rdatatype.from_text(rdtype)


def is_absent(query: Query) -> bool:
    """Whether it is for the name that does not exist."""
    return query.name.to_text().startswith("zonecut-") and query.name.to_text().endswith(f".{CHILD}.")


DESCRIBED = {"name": CHILD, "records": [{"name": "_25._tcp.mx", "type": "A", "value": "192.0.2.1"}]}
DEEP = f"{CHILD_ZONE}_25._tcp.mx 60 A 192.0.2.1\n"

# What the second server does, the zone, and the codes that are found there.
CASES: dict[str, tuple[Script | Failure | None, object, set[str]]] = {
    "nothing wrong": (None, CHILD, set()),
    "EDNS without OPT": (when(has_edns, without_opt), CHILD, {"no_edns"}),
    "EDNS and FORMERR": (when(has_edns, formerr_without_opt), CHILD, {"no_edns"}),
    "EDNS dropped": (when(has_edns, "timeout"), CHILD, {"breaks_on_edns"}),
    "EDNS and SERVFAIL": (when(has_edns, rcode("SERVFAIL")), CHILD, {"breaks_on_edns"}),
    "an option dropped": (when(has_option, "timeout"), CHILD, {"breaks_on_edns"}),
    "an option and FORMERR": (when(has_option, rcode("FORMERR")), CHILD, {"breaks_on_edns"}),
    "an option and no OPT": (when(has_option, without_opt), CHILD, {"breaks_on_edns"}),
    "an option and no SOA": (when(has_option, rcode("NOERROR")), CHILD, {"breaks_on_edns"}),
    "an option and no AA": (when(has_option, without_aa), CHILD, {"breaks_on_edns"}),
    "a flag dropped": (when(has_flag, "timeout"), CHILD, {"breaks_on_edns"}),
    "a later version ignored": (when(has_version, ignoring_the_version), CHILD, {"edns_version_error"}),
    "a later version dropped": (when(has_version, "timeout"), CHILD, {"edns_version_error"}),
    "a later version and FORMERR": (when(has_version, formerr_without_opt), CHILD, {"edns_version_error"}),
    "a later version as its own": (when(has_version, own_version_1), CHILD, {"edns_version_error"}),
    "an option echoed": (when(has_option, echo_option), CHILD, {"edns_unknown_option_echoed"}),
    "a flag echoed": (when(has_flag, echo_flag), CHILD, {"edns_flags_not_clear"}),
    "truncated without OPT": (when(is_small, truncate_without_opt), CHILD, {"truncation_without_opt"}),
    "truncated with OPT": (when(is_small, truncate), CHILD, set()),
    "recursion with NXDOMAIN": (when(is_recursive, recursing("NXDOMAIN")), CHILD, {"open_recursor"}),
    "recursion tried": (when(is_recursive, recursing("SERVFAIL")), CHILD, {"open_recursor"}),
    "recursion refused, RA set": (when(is_recursive, recursing("REFUSED")), CHILD, set()),
    "NXDOMAIN without RA": (when(is_recursive, rcode("NXDOMAIN")), CHILD, set()),
    "recursion dropped": (when(is_recursive, "timeout"), CHILD, set()),
    "a transfer": (when(is_transfer, transfer(2)), CHILD, {"open_transfer"}),
    "the first message of a transfer": (when(is_transfer, transfer(1)), CHILD, {"open_transfer"}),
    "nothing for a transfer": (when(is_transfer, rcode("NOERROR")), CHILD, set()),
    "a transfer of another zone": (when(is_transfer, transfer(2, "contoso.test")), CHILD, set()),
    "a transfer dropped": (when(is_transfer, "timeout"), CHILD, set()),
    "case lost": (in_lower_case, CHILD, {"case_not_preserved"}),
    "case matters": (when(is_mixed, rcode("NXDOMAIN")), CHILD, {"case_changes_answer"}),
    "mixed case dropped": (when(is_mixed, "timeout"), CHILD, set()),
    "another source": (
        when(lambda query: query.protocol == "udp", "other_source"),
        CHILD,
        {"different_source_address"},
    ),
    "AAAA dropped": (when(all_types("AAAA"), "timeout"), CHILD, {"type_dropped"}),
    "AAAA and NOTIMP": (when(all_types("AAAA"), rcode("NOTIMP")), CHILD, {"type_dropped"}),
    "an unknown type dropped": (when(all_types("TYPE65399"), "timeout"), CHILD, {"type_dropped"}),
    "an unknown type and NOTIMP": (when(all_types("TYPE65399"), rcode("NOTIMP")), CHILD, {"type_dropped"}),
    "MX dropped": (when(all_types("MX"), "timeout"), CHILD, {"type_dropped"}),
    "MX and NOTIMP": (when(all_types("MX"), rcode("NOTIMP")), CHILD, {"type_dropped"}),
    "TXT and SERVFAIL": (when(all_types("TXT"), rcode("SERVFAIL")), CHILD, {"type_dropped"}),
    "a name that does not exist and SERVFAIL": (
        when(is_absent, rcode("SERVFAIL")),
        CHILD,
        {"type_dropped"},
    ),
    "MX and records of somebody else": (
        when(all_types("MX"), records(answer="elsewhere.test. 60 MX 10 mx.elsewhere.test.")),
        CHILD,
        {"type_dropped"},
    ),
    "TXT and NXDOMAIN": (when(all_types("TXT"), rcode("NXDOMAIN")), CHILD, {"type_dropped"}),
    "an empty non-terminal": (None, DESCRIBED, set()),
    "an empty non-terminal denied": (
        when(is_for("_tcp.mx"), rcode("NXDOMAIN")),
        DESCRIBED,
        {"empty_non_terminal_nxdomain"},
    ),
    "an empty non-terminal denied like the name below it": (
        when(lambda query: "_tcp" in query.name.to_text(), rcode("NXDOMAIN")),
        DESCRIBED,
        set(),
    ),
    "an empty non-terminal dropped": (when(is_for("_tcp.mx"), "timeout"), DESCRIBED, set()),
    "a version": (when(is_chaos, version("Knot DNS 3.2.6")), CHILD, {"software_revealed"}),
    "a version by the other name": (
        when(lambda query: query.name == dns.name.from_text("version.server."), version("NSD 4.6.1")),
        CHILD,
        {"software_revealed"},
    ),
    "a text for a version": (when(is_chaos, version("none of your business")), CHILD, set()),
    "a version dropped": (when(is_chaos, "timeout"), CHILD, set()),
}


def world_of(case: str) -> World:
    action, _zone, _expected = CASES[case]
    world = contoso(child=DEEP)
    return world if action is None else world.script(NS2, action)


@pytest.mark.parametrize("case", CASES)
def test_name_server(case: str) -> None:
    _action, zone, expected = CASES[case]
    report = verify(world_of(case), zone=zone)
    assert found(report, "name_server") == {(code, NS2) for code in expected}


def test_every_finding_says_what_it_needs_to() -> None:
    for case, (_action, zone, _expected) in CASES.items():
        for finding in verify(world_of(case), zone=zone).findings:
            assert finding.message.endswith(".") and finding.expected and finding.got and finding.reference, finding
            assert CHILD in finding.message, finding


def test_every_code_of_the_family_has_a_case_that_finds_it() -> None:
    codes = {code for _action, _zone, expected in CASES.values() for code in expected}
    # Silence has tests of its own, and so has slowness below.
    codes |= {"no_response_udp", "no_response_tcp", "slow_response"}
    assert codes == {code for code, check in CATALOGUE.items() if check.family == "name_server"}


class Slow(World):
    """Takes its time at one address."""

    times: t.Sequence[float] = (1.5,)

    async def ask(self, query: Query) -> Reply:
        reply = await super().ask(query)
        if query.address != NS2:
            return reply
        self.times = (*self.times[1:], self.times[0])
        return Reply(query=query, message=reply.message, seconds=self.times[0], protocol=reply.protocol)


@pytest.mark.parametrize(
    ("times", "limit", "slow"), [((1.5,), 1, True), ((1.5,), 2, False), ((1.5, 0.9), 1, False), ((1.0,), 1, False)]
)
def test_the_fastest_answer_tells_how_slow_a_server_is(times: tuple[float, ...], limit: float, slow: bool) -> None:
    world = Slow()
    world.servers, world.times = contoso().servers, times
    report = verify(world, limits=Limits(response_time=limit))
    assert found(report, "name_server") == ({("slow_response", NS2)} if slow else set())


def test_an_open_recursor_is_an_error_in_public_and_a_notice_within() -> None:
    world = world_of("recursion with NXDOMAIN")
    assert only(verify(world), "open_recursor").severity == "notice"
    world.servers["198.41.0.4"] = world.servers[ROOT]
    assert only(verify(world, roots=("198.41.0.4",)), "open_recursor").severity == "error"


def test_a_server_that_stops_answering_has_no_edns_findings() -> None:
    count = 0

    def fall_silent(query: Query, answered: dns.message.Message) -> Outcome:
        nonlocal count
        count += has_edns(query)
        return "timeout" if count else answered

    assert found(verify(contoso().script(NS2, fall_silent)), "name_server") == set()


def test_an_address_without_the_zone_is_not_judged_further() -> None:
    world = contoso().drop(NS2, CHILD).host(NS2, "contoso.example", PARENT_ZONE + CUT)
    world.script(NS2, when(has_edns, "timeout"))
    assert found(verify(world), "name_server") == set()


def test_an_answer_from_another_address_explains_the_silence_unless_left_out() -> None:
    world = world_of("another source")
    report = verify(world, selection=Selection.parse(["all", "-different_source_address"]))
    assert found(report, "name_server") == {("no_response_udp", NS2)}


def test_only_what_the_chosen_checks_need_is_asked() -> None:
    def varied(*checks: str) -> set[str]:
        world = contoso()
        verify(world, selection=Selection.parse(list(checks)))
        plain = Query(address="", port=53, name=dns.name.root, rdtype=1).variation
        return {
            "transfer" if is_transfer(query) else "edns" if has_edns(query) else "other"
            for query in world.asked
            if query.address in (NS1, NS2) and (query.variation != plain or has_edns(query) or is_transfer(query))
        }

    assert varied("soa_owner") == set()
    assert varied("soa_owner", "delegation", "consistency", "soa", "mail", "slow_response") == set()
    assert varied("no_edns") == {"edns"}
    assert varied("open_recursor", "software_revealed") == {"other"}
    assert varied("open_transfer") == {"transfer"}
    assert varied("-name_server", "-dnssec") == set()
    assert varied() == {"edns", "other"}
    assert varied("all") == {"edns", "other", "transfer"}


def test_what_a_server_tells_of_itself_commands_no_terminal() -> None:
    world = contoso().script(NS2, when(is_chaos, version(r"9.18\027[2J\007\013\01031m")))
    (finding,) = [
        each
        for each in verify(world, selection=Selection.parse(["software_revealed"])).findings
        if each.code == "software_revealed"
    ]
    assert finding.got == "9.18?[2J???31m" and finding.got in finding.message
    assert finding.message.isprintable()


def test_an_address_is_asked_about_itself_once_for_all_zones() -> None:
    names = [f"zone-{number}" for number in range(20)]
    cut = "".join(
        f"{name} 3600 NS ns1.{name}\n{name} 3600 NS ns2.{name}\nns1.{name} 60 A {NS1}\nns2.{name} 60 A {NS2}\n"
        for name in names
    )
    world = contoso(cut=cut)
    for name in names:
        world.host(NS1, f"{name}.contoso.example", CHILD_ZONE).host(NS2, f"{name}.contoso.example", CHILD_ZONE)
    world.script(NS2, when(has_option, echo_option))
    zones = parse_zones([f"{name}.contoso.example" for name in names])
    reports = verify_zones(zones, settings=Settings(roots=(ROOT,)), transport=world)
    assert all([f.code for f in report.findings] == ["edns_unknown_option_echoed"] for report in reports)
    assert sum(1 for query in world.asked if query.address == NS2 and has_option(query)) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_wrong_with_aaaa_in_one_zone_is_not_held_against_others(order: int) -> None:
    shop = "shop.contoso.example"
    cut = f"{CUT}shop 3600 NS ns1.mail\nshop 3600 NS ns2.mail\n"
    zone = f"@ 3600 SOA ns1.{CHILD}. h. 1 3600 900 1209600 300\n@ 3600 NS ns1.{CHILD}.\n@ 3600 NS ns2.{CHILD}.\n"
    world = contoso(cut=cut).host(NS1, shop, zone).host(NS2, shop, zone)
    for address in (NS1, NS2):
        world.script(address, rcode("SERVFAIL"), name=CHILD, rdtype="AAAA")
    names = [CHILD, shop][::order]
    reports = verify_zones(parse_zones(names), settings=Settings(roots=(ROOT,)), transport=world)
    codes = {report.name: {finding.code for finding in report.findings} & {"type_dropped"} for report in reports}
    assert codes == {shop: set(), CHILD: {"type_dropped"}}
