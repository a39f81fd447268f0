# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges a change of a delegation before it is made: what would break the zone is refused unless it is allowed."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._plan import servers_change

with deps.declare("dnspython"):
    import dns.name

__all__ = ("CHANGE_CODES", "REFUSAL_CODES", "Readiness", "Refusal", "Service", "first_of", "judge", "judge_removal")

# What shows in the delegation itself; documented at the option allow of modules/zone_files.py too.
CHANGE_CODES = ("single_server", "no_overlap", "glue_missing", "lose_ds")
# Documented at the option allow of modules/delegations.py.
REFUSAL_CODES = (
    "empty_set",
    *CHANGE_CODES,
    *("ds_unserved", "hides_data", "preflight_failed", "untested", "still_served"),
)

_MAX_SHOWN = 10


@dataclass(frozen=True)
class Refusal:
    """Why a change is not made; ``code`` is what ``allow`` takes to make it all the same."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} (allow: {self.code})"

    def result(self) -> dict[str, str]:
        """Return the form that modules return."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True)
class Readiness:
    """What asking the described servers of a zone brought.

    :arg findings: what speaks against delegating to them; the messages name server and address.
    :arg untested: those, with address, that this host has no route to.
    :arg unknown: whether that leaves none that could be asked.
    :arg unresolved: those, with the reason, whose described addresses could not be compared with what resolvers find.
    :arg ttl: seconds that resolvers keep the zone's own NS set and the addresses of its servers, None where none told.
    """

    findings: tuple[Finding, ...] = ()
    untested: tuple[str, ...] = ()
    unknown: bool = False
    unresolved: tuple[str, ...] = ()
    ttl: int | None = None


@dataclass(frozen=True)
class Service:
    """What asking the servers of a present delegation brought.

    :arg answering: those, with address, that answer for the zone with authority.
    :arg untested: those that could not be asked at any address, with the reason.
    """

    answering: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()


def judge(
    *,
    zone: dns.name.Name,
    present: Delegation,
    wanted: Delegation,
    hidden: t.Sequence[str] = (),
    readiness: Readiness | None = None,
    unserved: t.Sequence[str] = (),
    ds_lost_by: str | None = None,
    allow: t.Collection[str] = (),
) -> tuple[Refusal, ...]:
    """Return why ``present`` must not be changed into ``wanted``; nothing where it may.

    :arg hidden: what would vanish from the net behind a new delegation.
    :arg readiness: that of the wanted servers, or None where nobody was asked.
    :arg unserved: why the zone would not validate with the wanted DS, one sentence for each reason.
    :arg ds_lost_by: why the last DS would go though nobody described a zone without DS, or None where it is described.
    :arg allow: codes of refusals that the user overrides.
    """
    return _unless_allowed(
        [
            *_judge_set(zone, wanted),
            *_judge_step(zone, present, wanted, ds_lost_by=ds_lost_by),
            *_judge_hidden(zone, hidden),
            *_judge_readiness(readiness or Readiness()),
            *_judge_keys(zone, unserved),
        ],
        allow,
    )


def judge_removal(*, zone: dns.name.Name, service: Service, allow: t.Collection[str] = ()) -> tuple[Refusal, ...]:
    """Return why the delegation of ``zone`` must not be removed; nothing where it may."""
    answering, untested = service.answering, service.untested
    refusals = []
    if answering:
        message = (
            f"{' and '.join(answering)} still {'answers' if len(answering) == 1 else 'answer'} for"
            f" {display_name(zone)}, and every name in it would vanish with its delegation"
        )
        refusals.append(Refusal("still_served", message))
    if untested:
        message = (
            f"nobody knows whether {display_name(zone)} is still served, since not every name server could be asked:"
            f" {'; '.join(untested)}"
        )
        refusals.append(Refusal("untested", message))
    return _unless_allowed(refusals, allow)


def first_of(texts: t.Sequence[str]) -> str:
    """Return the texts as one list, or the first of them and how many more there are."""
    more = f" and {len(texts) - _MAX_SHOWN} more" if len(texts) > _MAX_SHOWN else ""
    return f"{', '.join(texts[:_MAX_SHOWN])}{more}"


def _judge_set(zone: dns.name.Name, wanted: Delegation) -> t.Iterator[Refusal]:
    if not wanted.exists:
        yield Refusal(
            "empty_set",
            "no name server is described, which would take the zone off the net;"
            " describe name_servers, or remove the delegation with state: absent",
        )
    elif _host_count(wanted) == 1:
        servers = " and ".join(str(server) for server in wanted.name_servers)
        alone = "would be the only name server" if len(wanted.name_servers) == 1 else "would be one and the same host"
        yield Refusal("single_server", f"{servers} {alone}, and RFC 1034 section 4.1 asks for at least two")
    for server in wanted.name_servers:
        if is_in_domain(server.name, zone) and not server.addresses:
            yield Refusal(
                "glue_missing",
                f"{display_name(server.name)} lies in the zone itself and is found only by glue at the parent:"
                " describe its addresses",
            )


def _judge_step(
    zone: dns.name.Name, present: Delegation, wanted: Delegation, *, ds_lost_by: str | None
) -> t.Iterator[Refusal]:
    if not present.exists or not wanted.exists:
        return
    # Nobody could find those that get their first glue only now.
    unreachable = {(server.name, None) for server in wanted.name_servers if server.addresses}
    old = _endpoints(zone, present) - unreachable
    if old and not old & _endpoints(zone, wanted):
        yield Refusal(
            "no_overlap",
            f"every name server would be replaced at once ({_listed(present)} by {_listed(wanted)}):"
            " resolvers that know only the old ones would depend on all of them going on to answer;"
            " keep at least one until the TTL of the NS records has passed",
        )
    if present.ds and not wanted.ds:
        last = (
            f"the last DS {'record' if len(present.ds) == 1 else 'records'}"
            f" ({', '.join(sorted(rdata.to_text() for rdata in present.ds))}) would go"
        )
        if servers_change(present, wanted):
            yield Refusal(
                "lose_ds",
                f"{last} while the name servers change: nobody could validate the zone any more; describe ds or"
                " dnskeys, or remove DS in a step of its own",
            )
        elif ds_lost_by is not None:
            yield Refusal("lose_ds", f"{last}, since {ds_lost_by}")


def _judge_hidden(zone: dns.name.Name, hidden: t.Sequence[str]) -> t.Iterator[Refusal]:
    if hidden:
        yield Refusal(
            "hides_data",
            f"the parent zone itself holds data at or below {display_name(zone)}, which would no longer be found:"
            f" {first_of(hidden)}; put what is needed into the zone, then allow it",
        )


def _judge_readiness(readiness: Readiness) -> t.Iterator[Refusal]:
    for finding in readiness.findings:
        yield Refusal("preflight_failed", f"{finding.message} [{finding.code}]")
    if readiness.unknown:
        yield Refusal(
            "untested",
            f"this host has no route to {', '.join(readiness.untested)}, so nobody knows whether any name server is"
            " ready: push from a host that reaches one",
        )


def _judge_keys(zone: dns.name.Name, unserved: t.Sequence[str]) -> t.Iterator[Refusal]:
    if unserved:
        yield Refusal(
            "ds_unserved",
            f"resolvers that validate would answer SERVFAIL for {display_name(zone)}: {'; '.join(unserved)};"
            " let every name server serve these keys and what they sign first",
        )


def _endpoints(zone: dns.name.Name, delegation: Delegation) -> set[tuple[dns.name.Name, str | None]]:
    """Return where resolvers find the zone: by name, and by glue where the parent shows any for servers inside."""
    return {
        (server.name, address)
        for server in delegation.name_servers
        for address in (is_in_domain(server.name, zone) and server.addresses or (None,))
    }


def _host_count(delegation: Delegation) -> int:
    """Return how many hosts the servers are at least, where those that have an address in common are one."""
    hosts: list[set[object]] = []
    for server in delegation.name_servers:
        reached: set[object] = set(server.addresses or (server.name,))
        same = [host for host in hosts if host & reached]
        hosts = [*(host for host in hosts if host not in same), reached.union(*same)]
    return len(hosts)


def _unless_allowed(refusals: t.Iterable[Refusal], allow: t.Collection[str]) -> tuple[Refusal, ...]:
    return tuple(refusal for refusal in refusals if refusal.code not in allow)


def _listed(delegation: Delegation) -> str:
    return ", ".join(str(server) for server in delegation.name_servers)
