# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does each server host the zone itself? The owner of every SOA it sends tells (RFC 2181 section 6.1)."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, Verdict, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("CHECKS",)

_MAX_PLACES = 6
_FAILING = "resolvers that ask it fail or try another server"
_SERVFAIL = "resolvers answer SERVFAIL to whatever it has no records for"


def owner_mismatch(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_owner_mismatch"""
    for view in zone.addresses:
        if view.verdict != "owner_mismatch":
            continue
        owners = sorted({record.owner for _response, record in view.foreign_soas})
        asked = _questions((response for response, _record in view.foreign_soas), zone)
        names = " and ".join(display_name(owner) for owner in owners)
        yield finding(
            "soa_owner_mismatch",
            f"{view} does not host {zone.text}: it answers with the SOA of {names}{_relation(owners, view, zone)}",
            at=view,
            expected=f"SOA owned by {zone.text}",
            got=f"SOA owned by {names} (asked for {asked})",
        )


def _relation(owners: t.Sequence[dns.name.Name], view: AddressView, zone: ZoneView) -> str:
    load = f"load the zone {zone.text} on this server"
    if all(is_in_domain(zone.name, owner) for owner in owners):
        repairs = _repairs(zone, display_name(owners[-1]))
        without_mx = any(response.query.rdtype == dns.rdatatype.MX for response, _record in view.foreign_soas)
        effect = "MX look-ups come back empty and resolvers answer SERVFAIL" if without_mx else _SERVFAIL
        often = ", now and then, for other servers have the zone" if zone.working else ""
        return f", so {effect}{often}. {repairs}"
    if all(is_in_domain(owner, zone.name) for owner in owners):
        return (
            f", which lies below {zone.text}, so every name outside that part fails."
            f" Check under which name the zone is configured there, and {load}."
        )
    return (
        f", which is neither above nor below {zone.text}, so resolvers discard its answers."
        f" Check under which name the zone is configured there and the $ORIGIN of its file, and {load}."
    )


def _repairs(zone: ZoneView, above: str) -> str:
    """Return both ways to repair a server that hosts only the zone ``above``, and which servers need the first."""
    lacking = [view for view in zone.addresses if view.verdict in ("owner_mismatch", "soa_missing", "lame_rcode")]
    as_on = f" as on {_shortened(zone.working)}" if zone.working else ""
    return (
        f"Either load the zone {zone.text}, with an SOA and NS records of its own, on {_shortened(lacking)}{as_on}, or"
        f" remove the delegation and put its records into {above}."
    )


def _above(zone: ZoneView) -> str:
    return "that zone" if zone.parent is None or zone.parent.name is None else display_name(zone.parent.name)


def _shortened(places: t.Iterable[object]) -> str:
    texts = [str(place) for place in places]
    more = f" and {len(texts) - _MAX_PLACES} more" if len(texts) > _MAX_PLACES else ""
    return ", ".join(texts[:_MAX_PLACES]) + more


def missing_negative(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_missing_negative"""
    for view in zone.addresses:
        if view.verdict not in ("working", "not_authoritative"):
            continue
        bare = [response for response in view.negatives if _lacks_soa(response, zone)]
        if bare:
            yield finding(
                "soa_missing_negative",
                f"{view} sends no SOA with its negative answers for {zone.text}"
                f" (asked for {_questions(bare, zone)}), so resolvers cannot keep them and ask again every time."
                " Look for a proxy or load balancer that strips the authority section.",
                at=view,
                expected=f"SOA of {zone.text} in the authority section",
                got=", ".join(f"{_question(response, zone)}: {_shape(response)}" for response in bare),
            )


def _lacks_soa(response: Response, zone: ZoneView) -> bool:
    if response.kind == "referral":
        # An NS set of the zone's own beside NODATA is no referral, yet no SOA either.
        return response.authoritative and response.referred_to == zone.name
    return response.kind in ("nodata", "nxdomain") and not response.soas


def no_soa(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_missing"""
    for view in zone.addresses:
        if view.verdict == "soa_missing":
            yield finding(
                "soa_missing",
                f"{view} does not host {zone.text}: {_instead(view, zone)}",
                at=view,
                transport=view.best_soa.protocol,
                expected=f"SOA of {zone.text}",
                got=_shape(view.best_soa),
            )


def _instead(view: AddressView, zone: ZoneView) -> str:
    soa = view.best_soa
    owner = soa.referred_to
    load = f"load the zone {zone.text} on this server"
    if owner == zone.name:
        return (
            "asked for the SOA it answers with the delegation, so it hosts only the zone above, and resolvers that"
            f" come here answer SERVFAIL. {_repairs(zone, _above(zone))}"
        )
    if owner is not None and is_in_domain(zone.name, owner):
        cause = f"it refers back up to {'the root' if owner == dns.name.root else display_name(owner)}"
    elif soa.kind == "alias":
        cause = "it answers with an alias (CNAME or DNAME)"
    else:
        cause = f"asked for the SOA it answers {_shape(soa)}"
    return f"{cause}, so {_FAILING}. Check its configuration and log, and {load}."


def multiple_soas(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_multiple"""
    for view in zone.addresses:
        serials = [str(record.rdata.serial) for record in view.best_soa.matching]
        if len(serials) > 1 and view.verdict in ("working", "not_authoritative"):
            yield finding(
                "soa_multiple",
                f"{view} answers with {len(serials)} SOA records for {zone.text} (serials {', '.join(serials)});"
                " a zone has exactly one, and secondaries and resolvers may take either. Remove the others.",
                at=view,
                expected="1 SOA",
                got=f"{len(serials)} SOA",
            )


def not_authoritative(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """not_authoritative"""
    for view in zone.addresses:
        if view.verdict not in ("working", "not_authoritative") and view.dnssec is None:
            continue
        by_protocol: dict[str, list[Response]] = {}
        signed = () if view.dnssec is None else view.dnssec.of_apex
        for response in (view.soa, view.ns, view.soa_tcp, view.ns_tcp, *signed):
            if response is not None and response.kind == "answer" and not response.authoritative:
                by_protocol.setdefault(response.protocol, []).append(response)
        if not by_protocol:
            for response in view.negatives:
                if response.kind in ("answer", "nodata", "nxdomain") and not response.authoritative:
                    by_protocol.setdefault(response.protocol, []).append(response)
        for protocol, responses in by_protocol.items():
            yield finding(
                "not_authoritative",
                f"{view} answers {_questions(responses, zone)} over {protocol.upper()} without the AA bit, so it is not"
                f" authoritative for {zone.text} and {_FAILING}. It may be a resolver, or a secondary whose copy has"
                " expired: make it a primary or secondary of the zone.",
                at=view,
                transport=protocol,
                expected="AA set",
                got="AA clear",
            )


def lame_rcode(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """lame_rcode"""
    for view in zone.addresses:
        if view.verdict in ("owner_mismatch", "soa_missing", "no_response", "untested"):
            continue
        by_protocol: dict[str, list[Response]] = {}
        for response in (view.soa, view.ns, view.soa_tcp, view.ns_tcp):
            if response is not None and response.kind in ("rcode", "nxdomain"):
                by_protocol.setdefault(response.protocol, []).append(response)
        rcodes = {response.rcode for responses in by_protocol.values() for response in responses}
        if not rcodes:
            continue
        protocols = tuple(by_protocol)
        asked = _questions((response for responses in by_protocol.values() for response in responses), zone)
        over = f" over {protocols[0].upper()}" if len(protocols) == 1 and view.soa_tcp is not None else ""
        yield finding(
            "lame_rcode",
            f"{view} answers {' and '.join(sorted(rcodes))} to {asked}{over}: it does not serve {zone.text} there, so"
            f" {_FAILING}. {_lame_advice(rcodes, zone)}",
            at=view,
            transport=protocols[0] if len(protocols) == 1 else None,
            expected="NOERROR",
            got=", ".join(sorted(rcodes)),
        )


def _lame_advice(rcodes: t.Collection[str], zone: ZoneView) -> str:
    if "SERVFAIL" in rcodes:
        return "Its log tells why it cannot load the zone; a secondary may be unable to transfer it."
    return f"Load {zone.text} on this server, or take the server out of the NS set."


def upward_referral(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """upward_referral"""
    for view in zone.addresses:
        referrals = [
            response for response in (view.root, view.best_soa) if response is not None and _refers_up(response, zone)
        ]
        if referrals:
            yield finding(
                "upward_referral",
                f"{view} answers questions that it has no data for with a referral towards the root; resolvers"
                " ignore it and the large answer serves attacks. Switch the root hints off in its configuration,"
                " so that it answers REFUSED.",
                at=view,
                expected="REFUSED",
                got=f"referral to {referrals[0].referred_to}",
            )


def _refers_up(response: Response, zone: ZoneView) -> bool:
    owner = response.referred_to
    return owner is not None and not response.authoritative and owner != zone.name and is_in_domain(zone.name, owner)


def no_working_server(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """no_working_server"""
    if zone.working or not zone.addresses:
        return
    if all(view.verdict == "untested" for view in zone.addresses):
        cause = "This host has no route to any of them; run the check where they can be reached."
    elif all(view.verdict == "no_response" for view in zone.addresses):
        cause = _silent_advice(zone)
    else:
        cause = "So no name in it resolves. Load it on these servers, or delegate it to servers that have it."
    yield finding(
        "no_working_server",
        f"No name server of {zone.text} answers for it with authority, at none of the addresses"
        f" {', '.join(str(view) for view in zone.addresses)}. {cause}",
        expected="an authoritative SOA from at least one address",
        got=", ".join(f"{view}: {_VERDICTS[view.verdict]}" for view in zone.addresses),
    )


def _silent_advice(zone: ZoneView) -> str:
    if all(view.best_soa.failure == "key_rejected" for view in zone.addresses):
        return "They do not accept the key, so nothing can be said of it: check key_name, key_secret and key_servers."
    return (
        "They give no answer at all, so no name in it resolves. Start them, open the firewalls in front of them, or"
        " delegate the zone to servers that answer."
    )


_VERDICTS: dict[Verdict, str] = {
    "working": "serves the zone",
    "owner_mismatch": "answers with the SOA of another zone",
    "soa_missing": "has no SOA of the zone",
    "not_authoritative": "answers without authority",
    "lame_rcode": "answers with an error",
    "no_response": "gives no answer",
    "untested": "this host has no route to it",
}


def no_server_address(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """no_server_address"""
    if zone.addresses or (zone.parent is not None and not zone.delegation.exists):
        return
    names = ", ".join(display_name(server.name) for server in zone.servers)
    if not names:
        message = f"No name server is described for {zone.text}, so there is nothing to test. Describe name_servers."
    elif zone.parent is None:
        message = (
            f"None of the name servers of {zone.text} ({names}) has an address, so there is nothing to test."
            " Describe their addresses."
        )
    else:
        message = (
            f"None of the name servers of {zone.text} ({names}) has an address, so no name in it resolves."
            " Give each addresses where its name belongs: in-domain ones as glue at the parent too."
        )
    yield finding("no_server_address", message, expected="at least one address", got="none")


def _questions(responses: t.Iterable[Response], zone: ZoneView) -> str:
    return ", ".join(dict.fromkeys(_question(response, zone) for response in responses))


def _question(response: Response, zone: ZoneView) -> str:
    # The name that does not exist is another one each time, and findings should compare from run to run.
    return response.question if response.query.name == zone.name else "a name that does not exist"


def _shape(response: Response) -> str:
    if response.kind == "referral":
        return f"a referral to {response.referred_to}"
    if response.kind == "nodata":
        return "NOERROR without data"
    if response.kind == "unrelated":
        return f"records of {response.answer[0].owner} only"
    return response.rcode


CHECKS = (
    owner_mismatch,
    no_soa,
    lame_rcode,
    not_authoritative,
    multiple_soas,
    missing_negative,
    upward_referral,
    no_server_address,
    no_working_server,
)
