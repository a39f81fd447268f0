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
from ansible_collections.zonecut.dns.plugins.module_utils._probe import UNUSED_TYPE, AddressView, ZoneView
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
# The longest version text that a message repeats.
_SHOWN_LENGTH = 80


def no_response(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """no_response_udp, no_response_tcp"""
    for view in zone.addresses:
        for protocol in ("udp", "tcp"):
            tried = [response for response in view.responses if response.query.protocol == protocol]
            silent = [response for response in tried if _counts(response)]
            # A truncated answer is a working UDP: what fails is TCP.
            if protocol == "udp" and silent and all(response.failure == "truncated" for response in silent):
                continue
            if silent:
                answered = [response for response in tried if response.kind != "silent"]
                yield _finding(zone, view, protocol, silent, answered)


def _counts(response: Response) -> bool:
    if response.kind != "silent" or response.failure == "no_route":
        return False
    # Dropping a type that nothing uses is no silence.
    return response.query.rdtype != UNUSED_TYPE


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
        asked = [(outcomes[probe], what) for probe, what in ways.items() if probe in outcomes]
        broken = [(outcome, what) for outcome, what in asked if outcome.response.rcode != "NOERROR"]
        if broken:
            # What fails with plain EDNS fails with anything in it.
            outcome, what = broken[0]
            told = outcome.response.rcode or outcome.response.failure or ""
            yield finding(
                "breaks_on_edns",
                f"{view} answers for {zone.text}, but asked {what} "
                + (f"it answers {told}" if outcome.answered else f"it does not ({outcome.response.detail})")
                + ", so resolvers wait, ask again or give up, and DNSSEC fails. Update the server, or the firewall or"
                " load balancer before it, so that it ignores what it does not know.",
                at=view,
                expected="NOERROR",
                got=told,
            )


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
        expected, got = _ns_text(view.best_ns), _ns_text(outcome.response)
        # The address was asked once for all zones, with the name of one of them.
        if expected != got and asked.labels == mixed_case(zone.name).labels and view.best_ns.kind != "silent":
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
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("aaaa")
        asked = [response for response in view.hosts if response.query.rdtype == dns.rdatatype.AAAA]
        asked += [] if outcome is None else [outcome.response]
        asked += [response for response in view.negatives if response.query.rdtype == UNUSED_TYPE]
        # By a protocol that nothing is answered over, no type is the cause.
        works = {response.query.protocol for response in view.responses if response.kind != "silent"}
        failed = [response for response in asked if response.query.protocol in works and _drops(response)]
        if not failed:
            continue
        told = ", ".join(dict.fromkeys(f"{r.question}: {r.rcode or r.failure}" for r in failed))
        yield finding(
            "type_dropped",
            f"{view} does not answer every type of {zone.text} as it should ({told}), where NOERROR without data says"
            " that there is none; so resolvers wait, and hosts that ask for IPv6 addresses or new types fail."
            " Update the server, or the load balancer or firewall before it.",
            at=view,
            expected="NOERROR",
            got=told,
        )


def _drops(response: Response) -> bool:
    if response.kind == "silent":
        return response.failure in ("timeout", "malformed", "closed")
    return response.kind == "rcode"


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
                " the server; if the names below are not loaded yet, load the zone.",
                at=view,
                expected="NOERROR",
                got="NXDOMAIN",
            )


def software_revealed(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """software_revealed"""
    for view, outcomes in _outcomes(zone):
        outcome = outcomes.get("software")
        # Without a digit it is a text that somebody chose to hide the version.
        text = next((text for text in outcome.texts if any(c.isdigit() for c in text)), "") if outcome else ""
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
