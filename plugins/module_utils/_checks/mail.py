# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Can mail for the zone be delivered, is its SPF record read as meant, and do addresses lead back to their names?"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_same_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response
from ansible_collections.zonecut.dns.plugins.module_utils._spf import is_spf, spf_problems

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("CHECKS",)

_SHOWN_LENGTH = 200

_Views = t.Sequence[AddressView]


def mx_alias(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """mx_alias"""
    for host in zone.surroundings.exchanges:
        if host.alias is not None:
            name, target = display_name(host.name), display_name(host.alias)
            yield finding(
                "mx_alias",
                f"The MX of {zone.text} leads to {name}, which is an alias of {target}; some mail servers then deliver"
                f" in a loop or not at all. Let the MX name {target} itself, or give {name} addresses of its own.",
                server=name,
                expected="a name with addresses",
                got=f"an alias of {target}",
            )


def mx_unresolvable(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """mx_unresolvable"""
    for host in zone.surroundings.exchanges:
        if not host.addresses and not host.unknown:
            name = display_name(host.name)
            yield finding(
                "mx_unresolvable",
                f"The MX of {zone.text} leads to {name}, which {host.problem}, so mail waits at its sender and then"
                " comes back. Give the name an address, or take the MX out; a domain without mail has the single record"
                " 'MX 0 .' (RFC 7505).",
                server=name,
                expected="an address",
                got=host.problem,
            )


def mx_inconsistent(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """mx_inconsistent"""
    served = (
        (views, [f"{record.rdata.preference} {display_name(record.rdata.exchange)}" for record in response.matching])
        for views, response in _answers(zone, dns.rdatatype.MX)
    )
    yield from _differing(
        zone,
        "mx_inconsistent",
        "MX",
        ((views, ", ".join(sorted(texts))) for views, texts in served),
        effect="mail goes one way or another from one message to the next",
    )


def null_mx_with_others(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """null_mx_with_others"""
    for exchanges, where in _versions(
        (views, frozenset(record.rdata.exchange for record in response.matching))
        for views, response in _answers(zone, dns.rdatatype.MX)
    ):
        if dns.name.root in exchanges and len(exchanges) > 1:
            others = ", ".join(sorted(display_name(name) for name in exchanges if name != dns.name.root))
            yield finding(
                "null_mx_with_others",
                f"{zone.text}{where} has an MX of '.', which says that it takes no mail, beside MX records to {others},"
                " so some senders refuse to deliver. Keep either the one or the others.",
                expected="'.' alone, or none",
                got=f"'.' and {others}",
            )


def spf_multiple(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """spf_multiple"""
    for records, where in _versions(_spf_records(zone)):
        if len(records) > 1:
            yield finding(
                "spf_multiple",
                f"{zone.text}{where} has {len(records)} SPF records, where more than one is a permanent error, so"
                f" receivers ignore both or reject the mail: {'; '.join(map(_shown, records))}. Merge them into one.",
                expected="1 SPF record",
                got=f"{len(records)} SPF records",
            )


def spf_inconsistent(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """spf_inconsistent"""
    yield from _differing(
        zone,
        "spf_inconsistent",
        "SPF",
        ((views, " and ".join(sorted(map(_shown, records)))) for views, records in _spf_records(zone)),
        effect="receivers take or reject the same mail by whom they ask",
    )


def _differing(
    zone: ZoneView, code: str, kind: str, texts: t.Iterable[tuple[_Views, str]], *, effect: str
) -> t.Iterator[Finding]:
    """Yield a finding where addresses serve different records.

    :arg texts: what each serves, empty for none.
    """
    served: dict[str, list[AddressView]] = {}
    for views, text in texts:
        served.setdefault(text or "none", []).extend(views)
    if len(served) > 1:
        told = "; ".join(f"{', '.join(map(str, views))}: {shown}" for shown, views in served.items())
        yield finding(
            code,
            f"The servers of {zone.text} have different {kind} records ({told}), so {effect}. Load the same version of"
            " the zone on all of them.",
            expected="the same",
            got=told,
            follows_from=("serial_differs", "serial_unexpected"),
        )


def spf_syntax(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """spf_syntax"""
    for records, where in _versions(_spf_records(zone)):
        for text in records:
            problems = _spf_problems(text)
            if problems:
                yield finding(
                    "spf_syntax",
                    f"The SPF record of {zone.text}{where} is a permanent error to receivers, which then ignore it or"
                    f" reject the mail: {'; '.join(map(_shown, problems))}. Repair the record {_shown(text)}.",
                    expected="a record by RFC 7208",
                    got=_shown(text),
                )


# Many zones send their mail the same way.
_spf_problems = functools.lru_cache(maxsize=1024)(spf_problems)


def reverse_names(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """reverse_missing, reverse_mismatch"""
    for reverse in zone.surroundings.reverses:
        hosts = ", ".join(sorted(display_name(name) for name in reverse.hosts))
        if reverse.names is None:
            continue
        if not reverse.names:
            yield finding(
                "reverse_missing",
                f"The address {reverse.address} of {hosts}, which {zone.text} names, has no PTR record, so logs show it"
                " without a name, and many mail servers take no mail from it. Have whoever holds the network add one.",
                server=hosts,
                expected=f"PTR to {hosts}",
                got=f"no PTR for {reverse.address}",
            )
        elif not reverse.names & reverse.hosts:
            names = ", ".join(sorted(display_name(name) for name in reverse.names))
            yield finding(
                "reverse_mismatch",
                f"The address {reverse.address} of {hosts}, which {zone.text} names, has PTR records to {names} only,"
                " and who compares both takes the host for another. Add a PTR record to the name, or use the other.",
                server=hosts,
                expected=f"PTR to {hosts}",
                got=f"PTR to {names} for {reverse.address}",
            )


def _answers(zone: ZoneView, rdtype: int) -> list[tuple[_Views, Response]]:
    """Return what working addresses say of their records of a type at the apex, be it that they have none.

    Where all give the same answer it is there once.
    """
    found = [
        (view, response)
        for view in zone.working
        for response in view.negatives
        if response.query.rdtype == rdtype and is_same_name(response.query.name, zone.name) and response.authoritative
        if response.kind in ("answer", "nodata")
    ]
    if all(response.answer is found[0][1].answer for _view, response in found):
        return [([view for view, _response in found], response) for _view, response in found[:1]]
    return [([view], response) for view, response in found]


def _spf_records(zone: ZoneView) -> t.Iterator[tuple[_Views, frozenset[str]]]:
    for views, response in _answers(zone, dns.rdatatype.TXT):
        texts = (b"".join(record.rdata.strings).decode("ascii", "backslashreplace") for record in response.matching)
        yield views, frozenset(text for text in texts if is_spf(text))


_T = t.TypeVar("_T")


def _versions(found: t.Iterable[tuple[_Views, frozenset[_T]]]) -> t.Iterator[tuple[list[_T], str]]:
    """Yield each set that servers have, and which servers do if not all have the same."""
    served: dict[frozenset[_T], list[AddressView]] = {}
    for views, value in found:
        served.setdefault(value, []).extend(views)
    for value, having in served.items():
        where = "" if len(served) == 1 else f" at {', '.join(map(str, having))}"
        yield sorted(value, key=str), where


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."


CHECKS = (
    mx_alias,
    mx_unresolvable,
    mx_inconsistent,
    null_mx_with_others,
    spf_multiple,
    spf_inconsistent,
    spf_syntax,
    reverse_names,
)
