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

__all__ = ("REFUSAL_CODES", "Refusal", "judge", "judge_removal")

# Documented at the option allow of modules/delegations.py.
REFUSAL_CODES = (
    "empty_set",
    "single_server",
    "no_overlap",
    "glue_missing",
    "lose_ds",
    "preflight_failed",
    "still_served",
)


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


def judge(
    *,
    zone: dns.name.Name,
    present: Delegation,
    wanted: Delegation,
    preflight: t.Iterable[Finding] = (),
    allow: t.Collection[str] = (),
) -> tuple[Refusal, ...]:
    """Return why ``present`` must not be changed into ``wanted``; nothing where it may.

    :arg preflight: what speaks against the wanted servers; the messages name server and address.
    :arg allow: codes of refusals that the user overrides.
    """
    return _unless_allowed(
        [*_judge_set(zone, wanted), *_judge_step(present, wanted), *_judge_preflight(preflight)], allow
    )


def judge_removal(
    *, zone: dns.name.Name, served_by: t.Sequence[str], allow: t.Collection[str] = ()
) -> tuple[Refusal, ...]:
    """Return why the delegation of ``zone`` must not be removed.

    :arg served_by: the servers, with address, that still answer for the zone with authority.
    """
    if not served_by:
        return ()
    message = (
        f"{' and '.join(served_by)} still {'answers' if len(served_by) == 1 else 'answer'} for"
        f" {display_name(zone)}, and every name in it would vanish with its delegation"
    )
    return _unless_allowed([Refusal("still_served", message)], allow)


def _judge_set(zone: dns.name.Name, wanted: Delegation) -> t.Iterator[Refusal]:
    if not wanted.exists:
        yield Refusal(
            "empty_set",
            "no name server is described, which would take the zone off the net;"
            " describe name_servers, or remove the delegation with state: absent",
        )
    elif len(wanted.name_servers) == 1:
        yield Refusal(
            "single_server",
            f"{display_name(wanted.name_servers[0].name)} would be the only name server,"
            " and RFC 1034 section 4.1 asks for at least two",
        )
    for server in wanted.name_servers:
        if is_in_domain(server.name, zone) and not server.addresses:
            yield Refusal(
                "glue_missing",
                f"{display_name(server.name)} lies in the zone itself and is found only by glue at the parent:"
                " describe its addresses",
            )


def _judge_step(present: Delegation, wanted: Delegation) -> t.Iterator[Refusal]:
    if not present.exists or not wanted.exists:
        return
    old_names = {server.name for server in present.name_servers}
    new_names = {server.name for server in wanted.name_servers}
    if not old_names & new_names:
        yield Refusal(
            "no_overlap",
            f"every name server would be replaced at once ({_listed(old_names)} by {_listed(new_names)}):"
            " resolvers that know only the old ones would depend on all of them going on to answer;"
            " keep at least one until the TTL of the NS records has passed",
        )
    if present.ds and not wanted.ds and servers_change(present, wanted):
        yield Refusal(
            "lose_ds",
            f"the last DS {'record' if len(present.ds) == 1 else 'records'}"
            f" ({', '.join(sorted(rdata.to_text() for rdata in present.ds))}) would go while the name servers change:"
            " nobody could validate the zone any more; describe ds or dnskeys, or remove DS in a step of its own",
        )


def _judge_preflight(preflight: t.Iterable[Finding]) -> t.Iterator[Refusal]:
    for finding in preflight:
        yield Refusal("preflight_failed", f"{finding.message} [{finding.code}]")


def _unless_allowed(refusals: t.Iterable[Refusal], allow: t.Collection[str]) -> tuple[Refusal, ...]:
    return tuple(refusal for refusal in refusals if refusal.code not in allow)


def _listed(names: t.Iterable[dns.name.Name]) -> str:
    return ", ".join(display_name(name) for name in sorted(names))
