# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does each address answer at all, and do what name servers have to do and nothing that they should not?

No answer is not evidence, so it is reported once and judged no further.
"""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._probe_plan import Probe
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response
from ansible_collections.zonecut.dns.plugins.module_utils._server_behaviour import (
    UNKNOWN_FLAG,
    UNKNOWN_OPTION,
    Outcome,
    mixed_case,
)

with deps.declare("dnspython"):
    import dns.rdatatype

__all__ = ("CHECKS",)

_CAUSES = {
    "timeout": "it stays silent",
    "refused": "nothing listens there",
    "unreachable": "it cannot be reached",
    "malformed": "what it sends is no DNS answer",
    "truncated": "its answer by UDP is cut off and it does not answer over TCP",
    "closed": "it closes the connection",
    "other_source": "its answer comes from another address",
}
_SOFTWARE: tuple[Probe, ...] = ("version_bind", "version_server")
# The longest version text that a message repeats.
_SHOWN_LENGTH = 80


def no_response(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """no_response_udp, no_response_tcp"""
    for view in zone.addresses:
        if view.soa.failure == "key_rejected" and view.verdict == "no_response":
            yield _key_rejected(zone, view)
            continue
        for protocol in ("udp", "tcp"):
            tried = [response for response in view.responses if response.query.protocol == protocol]
            silent = [response for response in tried if _counts(response, zone)]
            # A truncated answer is a working UDP: what fails is TCP.
            if protocol == "udp" and silent and all(response.failure == "truncated" for response in silent):
                continue
            if silent:
                answered = [response for response in tried if response.kind != "silent"]
                yield _finding(zone, view, protocol, silent, answered)


def _key_rejected(zone: ZoneView, view: AddressView) -> Finding:
    response = view.soa
    return finding(
        "no_response_udp" if response.query.protocol == "udp" else "no_response_tcp",
        f"{view} does not accept the key of the questions for {zone.text}: {response.detail}. So nothing can be said of"
        " the zone there. Check key_name, key_secret, key_algorithm and key_servers, the key in the configuration of"
        " the server, and the clocks of both.",
        at=view,
        transport=response.query.protocol,
        expected="an answer",
        got="the key was rejected",
    )


def _counts(response: Response, zone: ZoneView) -> bool:
    # Silence to one type only is type_dropped.
    return response.kind == "silent" and response.failure != "no_route" and not _asks_for_type(response, zone)


def _asks_for_type(response: Response, zone: ZoneView) -> bool:
    """Whether it asks for something of the zone that not every zone has."""
    every_zone = (dns.rdatatype.SOA, dns.rdatatype.NS)
    return response.query.name == zone.name and response.query.rdtype not in every_zone


def _finding(
    zone: ZoneView,
    view: AddressView,
    protocol: t.Literal["udp", "tcp"],
    silent: t.Sequence[Response],
    answered: t.Sequence[Response],
) -> Finding:
    cause = _CAUSES.get(silent[0].failure or "", "it stays silent")
    if answered:
        what = ", ".join(
            dict.fromkeys(
                response.question if response.query.name == zone.name else "a name that does not exist"
                for response in silent
            )
        )
        cause = f"{cause} when asked for {what}, though it answers other questions"
    port = silent[0].query.port
    if protocol == "udp":
        effect = "Resolvers that try it lose time, and names become slow or fail."
    else:
        effect = "Answers that do not fit a UDP packet fail there, and so do zone transfers."
    return finding(
        "no_response_udp" if protocol == "udp" else "no_response_tcp",
        f"{view} does not answer for {zone.text} over {protocol.upper()}: {cause} ({silent[0].detail}). {effect}"
        f" Check that the server runs, listens on {view.address} port {port} and is not behind a firewall that drops"
        f" {protocol.upper()}.",
        at=view,
        transport=protocol,
        expected="an answer",
        got=silent[0].failure,
        follows_from=("different_source_address",) if silent[0].failure == "other_source" else (),
    )


def different_source(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """different_source_address"""
    for view in zone.addresses:
        strange = next((response for response in view.responses if response.failure == "other_source"), None)
        if strange is not None:
            yield finding(
                "different_source_address",
                f"{view} does not answer for {zone.text} from the address that was asked: {strange.detail}, and"
                " resolvers ignore such answers, so to them the server is silent. Let it send from the address that it"
                " was asked at (look for address translation, a load balancer, or a server that listens on all"
                " addresses as one).",
                at=view,
                transport="udp",
                expected=f"an answer from {view.address}",
                got=strange.detail,
            )


def edns(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """no_edns, breaks_on_edns"""
    for view, outcomes in _outcomes(zone):
        plain = outcomes.get("edns")
        if plain is None:
            continue
        if _lacks_edns(plain):
            told = plain.response.rcode
            yield finding(
                "no_edns",
                f"{view} does not know EDNS: asked with it for {zone.text} it answers {told} without an OPT record, so"
                " it can serve neither DNSSEC nor answers over 512 octets without TCP, and resolvers have to ask twice."
                " Update the server, or the firewall or load balancer before it.",
                at=view,
                expected="NOERROR with an OPT record",
                got=f"{told} without OPT",
            )
            continue
        ways: dict[Probe, str] = {
            "edns": "with EDNS",
            "edns_option": f"with an EDNS option that it cannot know ({UNKNOWN_OPTION})",
            "edns_flags": "with an EDNS flag without a meaning",
        }
        for probe, what in ways.items():
            fault = _edns_fault(outcomes[probe]) if probe in outcomes else None
            if fault is None:
                continue
            # What fails with plain EDNS fails with anything in it.
            yield finding(
                "breaks_on_edns",
                f"{view} answers for {zone.text}, but asked {what} {fault[0]}, so resolvers wait, ask again or give up,"
                " and DNSSEC fails. Update the server, or the firewall or load balancer before it, so that it ignores"
                " what it does not know.",
                at=view,
                expected="NOERROR",
                got=fault[1],
            )
            break


def _edns_fault(outcome: Outcome) -> tuple[str, str] | None:
    """Return what is wrong with the answer to SOA with EDNS, for the message and in short."""
    response = outcome.response
    if not outcome.answered:
        return f"it does not ({response.detail})", str(response.failure)
    if response.rcode != "NOERROR":
        return f"it answers {response.rcode}", response.rcode
    if outcome.edns is None:
        return "it leaves the OPT record out of its answer", "NOERROR without OPT"
    if response.kind != "answer":
        return "it leaves the SOA out of its answer", "NOERROR without the SOA"
    return None if response.authoritative else ("it answers without the AA bit", "NOERROR, AA clear")


def _lacks_edns(plain: Outcome) -> bool:
    return plain.answered and plain.edns is None and plain.response.rcode in ("NOERROR", "FORMERR", "NOTIMP")


def _speaks_edns(outcomes: t.Mapping[Probe, Outcome]) -> bool:
    plain = outcomes.get("edns")
    return plain is not None and plain.edns is not None and plain.response.rcode == "NOERROR"


def edns_version(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """edns_version_error"""
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("edns_version")
        if outcome is None or not _speaks_edns(outcomes):
            continue
        rcode = outcome.response.rcode
        if rcode == "BADVERS" and outcome.edns == 0 and not outcome.response.answer:
            continue
        if not outcome.answered:
            got = f"no answer ({outcome.response.detail})"
        elif rcode == "BADVERS":
            got = f"BADVERS with EDNS version {outcome.edns}" + (" and an answer" if outcome.response.answer else "")
        else:
            got = f"{rcode} with " + ("no OPT record" if outcome.edns is None else f"EDNS version {outcome.edns}")
        yield finding(
            "edns_version_error",
            f"{view}, asked for {zone.text} with EDNS version 1, gives {got} where BADVERS and its own version belong,"
            " so a later version of EDNS can never be agreed on and fails there. Update the server, or the firewall or"
            " load balancer before it.",
            at=view,
            expected="BADVERS with EDNS version 0",
            got=got,
        )


def edns_option(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """edns_unknown_option_echoed"""
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("edns_option")
        if outcome is not None and _speaks_edns(outcomes) and UNKNOWN_OPTION in outcome.options:
            yield finding(
                "edns_unknown_option_echoed",
                f"{view}, asked for {zone.text} with an EDNS option that it cannot know ({UNKNOWN_OPTION}), sends it"
                " back instead of ignoring it, so whoever uses a new option takes it for supported. Update the server.",
                at=view,
                expected="an OPT record without the option",
                got=f"option {UNKNOWN_OPTION}",
            )


def edns_flags(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """edns_flags_not_clear"""
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("edns_flags")
        if outcome is not None and _speaks_edns(outcomes) and outcome.edns_flags & UNKNOWN_FLAG:
            yield finding(
                "edns_flags_not_clear",
                f"{view}, asked for {zone.text} with an EDNS flag without a meaning, sets it in its answer, so once the"
                " flag has a meaning the server is taken to support it. Update the server.",
                at=view,
                expected="the flag clear",
                got="the flag set",
            )


def truncation(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """truncation_without_opt"""
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("truncation")
        if outcome is not None and _speaks_edns(outcomes) and outcome.truncated and outcome.edns is None:
            yield finding(
                "truncation_without_opt",
                f"{view} leaves the OPT record out of truncated answers for {zone.text}, so resolvers may take it for a"
                " server without EDNS and no longer ask for DNSSEC. Update the server.",
                at=view,
                expected="an OPT record",
                got="none, with TC set",
            )


def open_recursor(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """open_recursor"""
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("recursion")
        if outcome is None or not outcome.recursion_available or not _recursed(outcome.response):
            continue
        rcode = outcome.response.rcode
        told = f"asked for a name outside of the zone it announces recursion and answers {rcode}"
        if settings.private:
            advice = (
                "In a network of its own that may be meant so; make sure that it does so for its own clients only, and"
                " better keep resolvers and name servers apart."
            )
        else:
            advice = (
                "Anybody who gets such answers can use it for attacks and fill its cache. Switch recursion off, or"
                " allow it to your own clients only; if this host is one of them, verify from outside."
            )
        yield finding(
            "open_recursor",
            f"{view} serves {zone.text} and resolves other names for this host too: {told}. {advice}",
            at=view,
            severity="notice" if settings.private else None,
            expected="REFUSED, without the RA bit",
            got=f"{rcode}, RA set",
        )


def _recursed(response: Response) -> bool:
    # SERVFAIL with RA: it tried.
    return response.kind in ("answer", "alias", "nxdomain") or response.rcode == "SERVFAIL"


def open_transfer(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """open_transfer"""
    for view in zone.working:
        response = zone.surroundings.transfers.get(view.address)
        if response is None or response.rcode != "NOERROR" or not response.answer:
            continue
        # Some send it alone in the first message (RFC 5936 section 2.2).
        first = response.answer[0]
        if first.rdtype == dns.rdatatype.SOA and first.owner == zone.name:
            yield finding(
                "open_transfer",
                f"{view} sends the whole of {zone.text} to whoever asks for a transfer, this host included, so all its"
                " names are public. Allow transfers to the secondaries only, best by TSIG key; if this host is one of"
                " them, verify from another.",
                at=view,
                transport="tcp",
                expected="REFUSED",
                got="the start of a transfer",
            )


def letter_case(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """case_not_preserved, case_changes_answer"""
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("letter_case")
        if outcome is None or not outcome.answered:
            continue
        asked = outcome.response.query.name
        if outcome.name is not None and outcome.name.labels != asked.labels:
            yield finding(
                "case_not_preserved",
                f"{view}, asked for {asked}, repeats the question as {outcome.name}; resolvers that mix the case"
                f" against forgery then discard its answers for {zone.text}. Update the server, or the load balancer"
                " before it, so that it copies the question as it came.",
                at=view,
                expected=str(asked),
                got=str(outcome.name),
            )
        # The address was asked once for all zones, with the name of one of them.
        if asked != zone.name or asked.labels != mixed_case(zone.name).labels or view.best_ns.kind == "silent":
            continue
        expected, got = _ns_text(view.best_ns), _ns_text(outcome.response)
        if expected != got:
            yield finding(
                "case_changes_answer",
                f"{view} answers otherwise when asked for {asked} instead of {zone.text}: {got} instead of {expected}."
                " Names mean the same in any case, and resolvers mix it against forgery, so the zone fails for"
                " some of them. Update the server.",
                at=view,
                expected=expected,
                got=got,
            )


def _ns_text(response: Response) -> str:
    names = sorted(display_name(record.rdata.target) for record in response.matching)
    return f"{response.rcode} {', '.join(names) or 'without NS'}"


def type_dropped(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """type_dropped"""
    for view in zone.addresses:
        outcomes = zone.surroundings.behaviours.get(view.address, {})
        asked: list[Response] = []
        if view.verdict == "working":
            asked += [response for response in view.hosts if response.query.rdtype == dns.rdatatype.AAAA]
            asked += [zone.surroundings.aaaa[view.address]] if view.address in zone.surroundings.aaaa else []
            asked += view.negatives
        # By a protocol that nothing is answered over, no type is the cause.
        works = {response.query.protocol for response in view.responses if response.kind != "silent"}
        failed = [response for response in asked if response.query.protocol in works and _drops(response, zone)]
        lacking = [response for response in _signed_types(view, outcomes) if _drops(response, zone)]
        if not failed and not lacking:
            continue
        told = ", ".join(dict.fromkeys(_told_instead(response, view) for response in (*failed, *lacking)))
        yield finding(
            "type_dropped",
            f"{view} does not answer every type of {zone.text} as it should ({told}), where NOERROR without data says"
            " that there is none; so resolvers wait, and what asks for IPv6 addresses, keys or new types fails."
            " Update the server, or the load balancer or firewall before it.",
            at=view,
            # Only who validates asks for these, and only below a DS.
            severity=None if failed or zone.delegation.ds else "warning",
            expected="NOERROR",
            got=told,
        )
    yield from _parent_drops_ds(zone)


def _parent_drops_ds(zone: ZoneView) -> t.Iterator[Finding]:
    """Yield a finding for each server of the parent zone that shows the cut, but has no answer for its DS."""
    for view in () if zone.parent is None else zone.parent.referrals:
        if view.ds.kind != "nxdomain" and _drops(view.ds, zone):
            told = f"{view.ds.question}: {view.ds.rcode or view.ds.failure}"
            yield finding(
                "type_dropped",
                f"{view.endpoint}, which serves {zone.text}'s parent zone, does not answer for the DS of the cut"
                f" ({told}). If the parent zone is signed, resolvers that validate then take {zone.text} for forged and"
                " answer SERVFAIL, unless another server tells them. Update the server, or the load balancer or"
                " firewall before it.",
                server=str(view.endpoint),
                severity="warning",
                expected="NOERROR",
                got=told,
            )


def _signed_types(view: AddressView, outcomes: t.Mapping[Probe, Outcome]) -> tuple[Response, ...]:
    """Return what an address that knows EDNS said of types that only signed zones have; what proves is not for here."""
    if view.dnssec is None:
        return ()
    if view.dnssec.keys:
        return tuple(response for response in view.dnssec.of_apex if response.kind == "silent")
    return (view.dnssec.dnskey,) if _speaks_edns(outcomes) else ()


def _drops(response: Response, zone: ZoneView) -> bool:
    if response.kind == "silent":
        # Of a name that does not exist it is counted with the other silences.
        return response.failure in ("timeout", "malformed", "closed") and _asks_for_type(response, zone)
    # The apex exists, whatever types it has.
    return response.kind in ("rcode", "unrelated") or (response.kind == "nxdomain" and response.query.name == zone.name)


def _told_instead(response: Response, view: AddressView) -> str:
    # The name that does not exist is another one each time, and findings should compare from run to run.
    random = response in view.negatives and response.query.name != view.soa.query.name
    question = "a name that does not exist" if random else response.question
    if response.kind == "unrelated":
        return f"{question}: records of {response.answer[0].owner}"
    return f"{question}: {response.rcode or response.failure}"


def empty_non_terminal(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """empty_non_terminal_nxdomain"""
    for view in zone.working:
        denied = [r for r in zone.surroundings.non_terminals.get(view.address, ()) if r.kind == "nxdomain"]
        if denied:
            names = ", ".join(display_name(response.query.name) for response in denied)
            yield finding(
                "empty_non_terminal_nxdomain",
                f"{view} says that {names} in {zone.text} does not exist, although there are names below it; resolvers"
                " that ask label by label, or that take the answer for all names below, then do not find those. Update"
                " the server.",
                at=view,
                expected="NOERROR",
                got="NXDOMAIN",
            )


def software_revealed(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """software_revealed"""
    for view, outcomes in _outcomes(zone):
        told = (text for probe in _SOFTWARE if probe in outcomes for text in outcomes[probe].texts)
        # Without a digit it is a text that somebody chose to hide the version.
        text = next((text for text in told if any(c.isdigit() for c in text)), "")
        if text:
            shown = text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."
            yield finding(
                "software_revealed",
                f"{view}, which serves {zone.text}, tells everybody what it runs ({shown}), and so which attacks may"
                " work. Switch that off or give another text (version, hide-version or version-string).",
                at=view,
                expected="no version",
                got=shown,
            )


def slow_response(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """slow_response"""
    limit = settings.limits.response_time
    for view in zone.working:
        # The fastest of several, so that a busy host or a lost packet here is not held against the server.
        times = [response.seconds for response in view.responses if response.seconds is not None]
        if times and min(times) > limit:
            yield finding(
                "slow_response",
                f"{view} takes {min(times):.2f} s for its fastest answer for {zone.text}, over the {limit:g} s of"
                " response_time; resolvers wait that long for every new name, or give up. Look at its load and its"
                " network, or move the server.",
                at=view,
                expected=f"at most {limit:g} s",
                got=f"{min(times):.2f} s",
            )


def _outcomes(zone: ZoneView) -> t.Iterator[tuple[AddressView, t.Mapping[Probe, Outcome]]]:
    """Yield each working address once for each of its names, with what was probed of it."""
    for view in zone.working:
        yield view, zone.surroundings.behaviours.get(view.address, {})


CHECKS = (
    no_response,
    different_source,
    edns,
    edns_version,
    edns_option,
    edns_flags,
    truncation,
    open_recursor,
    open_transfer,
    letter_case,
    type_dropped,
    empty_non_terminal,
    software_revealed,
    slow_response,
)
