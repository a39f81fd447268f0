# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A zone as one resolver shows it, for hosts that may ask nobody else: little can be said, and from a cache."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import finding
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Severity, Unchecked
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._probe import UNUSED_TYPE
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import SAFE_PAYLOAD
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response, read_reply
from ansible_collections.zonecut.dns.plugins.module_utils._serial import distance, newest
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Protocol, Query, Transport, Variation

with deps.declare("dnspython"):
    import dns.flags
    import dns.name
    import dns.rdatatype
    import dns.tsig

__all__ = (
    "SEEN_THROUGH_RESOLVER",
    "ResolvedZone",
    "ask_resolver",
    "held_in_cache",
    "is_alive",
    "not_seen",
    "resolver_findings",
    "root_question",
)

# What the rest of the catalogue is about, a resolver does not show: who of the servers answers what.
SEEN_THROUGH_RESOLVER = frozenset(
    (
        *("resolver_unusable", "resolver_failure", "no_delegation", "name_is_alias", "deadline_exceeded"),
        *("soa_owner_mismatch", "serial_unexpected", "ns_missing_in_child", "ns_missing_in_parent"),
    )
)

# Resolvers refuse by this those whom they do not serve.
_REFUSALS = ("REFUSED", "NOTAUTH", "NOTIMP")
# RFC 9520 section 3.2.
_FAILURE_KEPT = 300


@dataclass(frozen=True)
class ResolvedZone:
    """What a resolver says of a zone.

    :arg others: its answers for MX, a type that nothing uses, and a name that does not exist.
    :arg recursive: whether any of its answers says that it resolves names (the RA bit).
    :arg alive: whether it answered anything in this run.
    """

    zone: Zone
    address: str
    soa: Response
    ns: Response
    others: tuple[Response, ...]
    recursive: bool
    alive: bool

    @property
    def responses(self) -> tuple[Response, ...]:
        """All of them."""
        return (self.soa, self.ns, *self.others)

    @property
    def serial(self) -> int | None:
        """The serial that it knows."""
        return newest(record.rdata.serial for record in self.soa.matching)


def root_question(address: str, *, port: int, key: dns.tsig.Key | None, protocol: Protocol) -> Query:
    """Return what every resolver has an answer to, and few zones could make it wait for."""
    return Query(
        address=address,
        port=port,
        name=dns.name.root,
        rdtype=dns.rdatatype.NS,
        protocol=protocol,
        payload=SAFE_PAYLOAD,
        key=key,
        variation=Variation(recursion=True),
    )


async def is_alive(question: Query, transport: Transport) -> bool:
    """Return whether the resolver answers ``question``, that for the root."""
    return read_reply(await transport.ask(question)).kind != "silent"


async def ask_resolver(zone: Zone, *, question: Query, label: str, alive: bool, transport: Transport) -> ResolvedZone:
    """Return what a resolver says of ``zone``.

    :arg question: the one for the root, which others differ from by name and type.
    :arg label: an unguessable label for the name that does not exist.
    :arg alive: see ``is_alive``.
    """
    asked = [(zone.name, rdtype) for rdtype in (dns.rdatatype.SOA, dns.rdatatype.NS, dns.rdatatype.MX, UNUSED_TYPE)]
    # There may be no room for a label below the apex.
    with contextlib.suppress(dns.name.NameTooLong):
        asked.append((dns.name.Name((label.encode("ascii"), *zone.name.labels)), dns.rdatatype.A))
    replies = await transport.ask_all([question._replace(name=name, rdtype=rdtype) for name, rdtype in asked])
    soa, ns, *others = map(read_reply, replies)
    recursive = any(reply.message is not None and reply.message.flags & dns.flags.RA for reply in replies)
    return ResolvedZone(
        zone=zone, address=question.address, soa=soa, ns=ns, others=tuple(others), recursive=recursive, alive=alive
    )


def resolver_findings(view: ResolvedZone, *, expect_serial: int | None) -> t.Iterator[Finding]:
    """Yield what can be told from a resolver's answers."""
    unusable = _unusable(view)
    if unusable is not None:
        yield unusable
        return
    if all(response.kind == "silent" for response in view.responses):
        yield _no_answer(view)
        return
    failed = [response for response in view.responses if response.kind == "rcode" and not _is_unknown_type(response)]
    if failed:
        yield _failure(view, failed)
    if view.soa.kind != "answer" and view.soa not in failed:
        yield _no_apex(view)
        return
    if view.soa.kind == "answer":
        yield from _foreign_soas(view)
        yield from _other_serial(view, expect_serial)
        yield from _other_name_servers(view)


def _unusable(view: ResolvedZone) -> Finding | None:
    zone, soa = view.zone.text, view.soa
    got: str | None
    if all(response.kind == "silent" for response in view.responses):
        if view.alive:
            return None
        cause, got = f"does not answer ({soa.detail})", soa.failure
    elif soa.kind == "rcode" and soa.rcode in _REFUSALS:
        cause, got = f"answers {soa.rcode}, so it does not resolve names for this host", soa.rcode
    elif soa.kind == "referral":
        cause, got = "refers to other servers instead of resolving, so it is no resolver", "a referral"
    elif not view.recursive and any(response.kind not in ("silent", "rcode") for response in view.responses):
        cause, got = "does not resolve names (RA bit clear), at least not for this host", "RA bit clear"
    elif soa.kind == "silent":
        cause, got = f"does not answer {soa.question} ({soa.detail})", soa.failure
    else:
        return None
    return _at_resolver(
        "resolver_unusable",
        f"The resolver {view.address} {cause}. Nothing can be said of {zone}. Check the address, and that the resolver"
        " serves the host that runs this module.",
        view,
        expected="an answer",
        got=got,
    )


def _no_answer(view: ResolvedZone) -> Finding:
    zone = view.zone.text
    return _at_resolver(
        "resolver_failure",
        f"The resolver {view.address} gives no answer about {zone} ({view.soa.detail}), though it answers other"
        f" questions. Resolvers take long where the servers that {zone} is delegated to do not answer. Raise timeout to"
        " see what it says in the end, and check those servers from a host that may ask them.",
        view,
        expected="an answer",
        got=view.soa.failure,
    )


def _is_unknown_type(response: Response) -> bool:
    # There are forwarders that refuse to ask for types that they do not know, which says nothing of the zone.
    return response.query.rdtype == UNUSED_TYPE and response.rcode in ("NOTIMP", "FORMERR", "REFUSED")


def not_seen(view: ResolvedZone) -> t.Iterator[Unchecked]:
    """Yield in words what the resolver did not tell: silence is evidence of nothing."""
    for response in view.responses:
        if response.kind == "silent":
            yield Unchecked(f"{_question(response, view)} through the resolver {view.address}: {response.detail}")
        elif response.kind == "rcode" and _is_unknown_type(response):
            yield Unchecked(f"{_question(response, view)} through the resolver {view.address}: {response.rcode}")


def _failure(view: ResolvedZone, failed: t.Sequence[Response]) -> Finding:
    zone = view.zone.text
    got = " and ".join(sorted({response.rcode for response in failed}))
    fine = [response for response in view.responses if response not in failed]
    though = f", though it answers {_questions(fine, view)}" if fine else ""
    return _at_resolver(
        "resolver_failure",
        f"The resolver {view.address} answers {got} to {_questions(failed, view)}{though}. Resolvers do so where the"
        f" servers that {zone} is delegated to answer with the SOA of another zone, which hosts that have only the zone"
        f" above do, where none of them has {zone} or answers, and where DNSSEC validation fails. Either load the zone"
        f" {zone}, with an SOA and NS records of its own, on all of them, or remove the delegation and put its records"
        " into the parent zone. Which server needs it is told by the same check without resolver, from a host that may"
        " ask the servers themselves.",
        view,
        expected="NOERROR, or NXDOMAIN for a name that does not exist",
        got=", ".join(f"{_question(response, view)}: {response.rcode}" for response in failed),
    )


def _no_apex(view: ResolvedZone) -> Finding:
    """Return why the resolver has no SOA of the zone, though it gives an answer."""
    zone, soa = view.zone, view.soa
    held = f" The resolver may have that from its cache{_kept(soa)}."
    above = next((record.owner for record in soa.soas if record.owner != zone.name), None)
    if soa.kind == "alias":
        return _at_resolver(
            "name_is_alias",
            f"{zone.text} is an alias, says the resolver {view.address}, so it can be no zone: nothing else may stand"
            " beside a CNAME, and a DNAME replaces all names below it. Remove the alias or the zone.",
            view,
            expected=f"SOA of {zone.text}",
            got="an alias",
            severity="critical",
        )
    if above is not None and is_in_domain(zone.name, above):
        what = "does not exist" if soa.kind == "nxdomain" else f"lies in the zone {display_name(above)}"
        return _at_resolver(
            "no_delegation",
            f"{zone.text} {what}, says the resolver {view.address}, so it is not delegated, and nobody asks its"
            f" servers. Add its NS records, and glue for in-domain servers, to {display_name(above)}.{held}",
            view,
            expected=f"SOA of {zone.text}",
            got=f"{soa.rcode} with the SOA of {display_name(above)}",
        )
    return _at_resolver(
        "resolver_failure",
        f"The resolver {view.address} finds no SOA of {zone.text}: it answers {soa.rcode} without one. Check that the"
        f" servers of {zone.text} have the zone, and that the resolver is no forwarder that drops what it does not"
        f" know.{held}",
        view,
        expected=f"SOA of {zone.text}",
        got=soa.rcode,
    )


def _foreign_soas(view: ResolvedZone) -> t.Iterator[Finding]:
    zone = view.zone
    foreign = [
        (response, record)
        for response in view.others
        if response.kind in ("nodata", "nxdomain")
        for record in response.soas
        if record.owner != zone.name
    ]
    if foreign:
        names = " and ".join(sorted({display_name(record.owner) for _response, record in foreign}))
        asked = _questions((response for response, _record in foreign), view)
        yield _at_resolver(
            "soa_owner_mismatch",
            f"Asked for {asked}, the resolver {view.address} answers with the SOA of {names} instead of {zone.text}, so"
            f" some server that {zone.text} is delegated to does not host it, and other resolvers answer SERVFAIL."
            f" Either load the zone {zone.text}, with an SOA and NS records of its own, there, or remove the delegation"
            f" and put its records into {names}.",
            view,
            expected=f"SOA owned by {zone.text}",
            got=f"SOA owned by {names} (asked for {asked})",
        )


def _other_serial(view: ResolvedZone, expected: int | None) -> t.Iterator[Finding]:
    if expected is None or view.serial is None or not distance(expected, view.serial):
        return
    ahead = distance(expected, view.serial)
    where = f"{-ahead} behind" if ahead < 0 else f"{ahead} ahead of"
    yield _at_resolver(
        "serial_unexpected",
        f"The resolver {view.address} knows {view.zone.text} with serial {view.serial}, {where} the expected"
        f" {expected}. It may have that from its cache{_kept(view.soa)}, or one of the servers still answers from"
        " another version.",
        view,
        expected=str(expected),
        got=str(view.serial),
    )


def _other_name_servers(view: ResolvedZone) -> t.Iterator[Finding]:
    described = {server.name for server in view.zone.name_servers}
    if not described or view.ns.kind != "answer":
        return
    served = {record.rdata.target for record in view.ns.matching}
    for code, names, what in (
        ("ns_missing_in_child", described - served, "is described as a name server of {zone}, but not in its NS set"),
        ("ns_missing_in_parent", served - described, "is in the NS set of {zone}, but not described"),
    ):
        for name in sorted(names):
            yield _at_resolver(
                code,
                f"{display_name(name)} {what.format(zone=view.zone.text)} as the resolver {view.address} has it,"
                f" perhaps from its cache{_kept(view.ns)}. Bring description and zone to the same NS set.",
                view,
                server=display_name(name),
                expected=", ".join(sorted(display_name(each) for each in described)),
                got=", ".join(sorted(display_name(each) for each in served)),
            )


def held_in_cache(view: ResolvedZone, codes: t.Collection[str]) -> t.Iterator[str]:
    """Yield sentences about how long the resolver may keep what makes the zone fail.

    :arg codes: what makes it fail.
    """
    zone = view.zone.text
    if "resolver_failure" in codes:
        yield (
            f"After a repair of {zone}, the resolver {view.address} may answer from its memory of the failure for up to"
            f" {format_duration(_FAILURE_KEPT)} (RFC 9520), and go on asking the servers of the old delegation until"
            " the TTL of its NS records has passed."
        )
    ttls = [record.ttl for record in view.soa.soas]
    if "no_delegation" in codes and ttls:
        yield (
            f"The resolver {view.address} keeps the answer that {zone} is not there for another"
            f" {format_duration(max(ttls))} (the rest of the negative TTL, RFC 2308 section 5)."
        )
    if "serial_unexpected" in codes and ttls:
        yield (
            f"The resolver {view.address} keeps the SOA of {zone} for another {format_duration(max(ttls))} (the rest of"
            " its TTL)."
        )
    ttls = [record.ttl for record in view.ns.matching]
    if {"ns_missing_in_child", "ns_missing_in_parent"}.intersection(codes) and ttls:
        yield (
            f"The resolver {view.address} keeps the old NS set of {zone} for another {format_duration(max(ttls))} (the"
            " rest of its TTL), and with it the old delegation."
        )


def _kept(response: Response) -> str:
    ttls = [record.ttl for record in (*response.matching, *response.soas)]
    return f", for another {format_duration(max(ttls))}" if ttls else ""


def _questions(responses: t.Iterable[Response], view: ResolvedZone) -> str:
    return ", ".join(dict.fromkeys(_question(response, view) for response in responses))


def _question(response: Response, view: ResolvedZone) -> str:
    return response.question if response.query.name == view.zone.name else "a name that does not exist"


def _at_resolver(
    code: str,
    message: str,
    view: ResolvedZone,
    *,
    expected: str,
    got: str | None,
    server: str | None = None,
    severity: Severity | None = None,
) -> Finding:
    found = finding(code, message, server=server, severity=severity, expected=expected, got=got)
    return found if server else replace(found, address=view.address)
