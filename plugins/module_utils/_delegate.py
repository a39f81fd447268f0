# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings delegations at their parents to what is described: read, plan, judge, apply, read back, report.

A success code proves nothing here: what counts is what the parent holds when it is read again.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.zonecut.dns.plugins.module_utils._back_off import back_off
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import (
    NOT_DELEGATED,
    Delegation,
    delegation_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import DsMode, NameServer, Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import is_digest_of
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    StaleViewError,
    UnknownOutcomeError,
    ZonecutError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._guards import (
    Readiness,
    Refusal,
    Service,
    first_of,
    judge,
    judge_removal,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._next_steps import NextStep, next_steps
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    AbsorbedRecord,
    Change,
    Parent,
    Setting,
)
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import ParentEntry
from ansible_collections.zonecut.dns.plugins.module_utils._plan import Operation, plan, servers_change
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import (
    ServedKeys,
    cached_unserved,
    from_cds,
    from_child,
    in_form,
    keys_served,
    unserved,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdatatype

__all__ = ("Outcome", "Probe", "Rules", "Waiting", "compare", "failures", "push")

State = t.Literal["present", "absent"]

# How often a change is planned anew since the parent changed in between, or its answer got lost.
_ATTEMPTS = 3


class Probe(t.Protocol):
    """Asks the name servers of zones, as they are to be or as they were."""

    def preflight(self, zones: t.Sequence[Zone]) -> t.Mapping[dns.name.Name, Readiness]:
        """Return, by zone, whether its described servers are ready for its delegation."""

    def served_keys(self, zones: t.Sequence[Zone]) -> t.Mapping[dns.name.Name, tuple[ServedKeys, ...]]:
        """Return, by zone, what each address of its described servers shows of keys."""

    def published_ttls(self, zones: t.Sequence[Zone]) -> t.Mapping[dns.name.Name, tuple[int | None, int | None]]:
        """Return, by zone, the TTLs of NS and DS that the name servers of its parent publish, None where unknown."""

    def serving(self, present: t.Sequence[tuple[Zone, Delegation]]) -> t.Mapping[dns.name.Name, Service]:
        """Return, by zone, whether the servers of its present delegation answer for it."""


class Waiting(t.Protocol):
    """A clock that only goes forward, in seconds, and a way to let it go on."""

    def monotonic(self) -> float:
        """Return the present time."""

    def sleep(self, seconds: float, /) -> None:
        """Come back after ``seconds``."""


@dataclass(frozen=True)
class Rules:
    """What the user asks for, beside the zones.

    :arg allow: codes of refusals to override.
    :arg ds_mode: what becomes of DS records that are not described, for zones that do not say.
    :arg cds_since: seconds since 1970; what was signed before is no CDS to go by.
    :arg preflight: whether the described servers are asked before anything is pushed.
    :arg wait: seconds until a parent must show what it was told.
    :arg absorb: by zone, the records that take the place of its delegation in the parent zone; None where none do.
        For state ``absent``.
    :arg check_mode: only say what would be done.
    """

    state: State = "present"
    allow: frozenset[str] = frozenset()
    ds_mode: DsMode = "exact"
    cds_since: float | None = None
    preflight: bool = True
    wait: float = 0
    absorb: t.Mapping[dns.name.Name, tuple[AbsorbedRecord, ...]] | None = None
    check_mode: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one zone's delegation.

    :arg parent: the name of the place that holds it, or None.
    :arg before: what it was, or None where that could not be read.
    :arg after: what it is or would be, or None where that could not be read.
    :arg absorbed: the records that the parent zone gets in place of the delegation.
    :arg operations: what was done, would be done, or was refused.
    :arg skipped: why nothing was looked at, or None.
    :arg next_steps: what the change leaves to do.
    :arg own_ttl: seconds that resolvers keep what the zone itself says of its servers, None where nobody looked.
    """

    zone: Zone
    parent: str | None = None
    before: Delegation | None = None
    after: Delegation | None = None
    operations: tuple[Operation, ...] = ()
    absorbed: tuple[AbsorbedRecord, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    error: str | None = None
    skipped: str | None = None
    next_steps: tuple[NextStep, ...] = ()
    own_ttl: int | None = None

    @property
    def changed(self) -> bool:
        """Whether the parent holds, would hold, or for all that is known may hold, something else than before."""
        return self.before is not None and (self.before != self.after or bool(self.absorbed))

    @property
    def reason(self) -> str:
        """Why the delegation is not as described, empty where it is."""
        return self.error or "; ".join(str(refusal) for refusal in self.refusals)

    @property
    def failure(self) -> str | None:
        """The zone, its parent and why the delegation is not as described, in one line; None where it is."""
        place = self.zone.text if self.parent is None else f"{self.zone.text} at {self.parent}"
        return f"{place}: {self.reason}" if self.reason else None

    def result(self) -> dict[str, t.Any]:
        """Return the form that modules return."""
        result: dict[str, t.Any] = {
            "zone": self.zone.text,
            "parent": self.parent,
            "changed": self.changed,
            "before": None if self.before is None else self.before.result(),
            "after": None if self.after is None else self.after.result(),
            "operations": [
                *(operation.result() for operation in self.operations),
                *(Operation("add", record.owner, record.rdata).result() for record in self.absorbed),
            ],
            "next_steps": [step.result() for step in self.next_steps],
            "skipped": self.skipped is not None,
        }
        if self.skipped is not None:
            result["reason"] = self.skipped
        if self.refusals:
            result["refusals"] = [refusal.result() for refusal in self.refusals]
        if self.error is not None:
            result["error"] = self.error
        return result

    def diff(self) -> dict[str, str]:
        """Return the entry for diff mode: the delegation before and after as lines of a zone file."""
        header = f"{self.zone.text} at {self.parent}"
        return {
            "before_header": header,
            "after_header": header,
            "before": _zone_file_lines(self.zone, self.before),
            "after": _zone_file_lines(self.zone, self.after) + "".join(f"{record.line}\n" for record in self.absorbed),
        }


def push(
    zones: t.Sequence[Zone],
    parents: t.Mapping[str, ParentEntry],
    *,
    rules: Rules,
    setting: Setting,
    probe: Probe,
    waiting: Waiting,
) -> list[Outcome]:
    """Bring the delegation of each zone to what is described and return what became of it, in the order of ``zones``.

    One zone's failure does not keep the others from being pushed.

    :raises DescriptionError: before anything is read, where a zone names an unknown parent.
    """

    def push_group(parent: Parent, group: t.Sequence[Zone]) -> list[Outcome]:
        pushed = _push_group(parent, group, rules=rules, probe=probe, waiting=waiting)
        ttls = _missing_ttls(pushed, probe=probe) if rules.preflight else {}
        return [_with_next_steps(outcome, ttls=ttls, now=setting.clock()) for outcome in pushed]

    outcomes = _by_parent(zones, parents, setting=setting, work=push_group)
    if rules.state == "absent":
        return [_left_in_place(outcome) for outcome in outcomes]
    nowhere = [outcome.zone.text for outcome in outcomes if outcome.parent is None]
    if nowhere and len(nowhere) == len(outcomes):
        setting.warn(
            f"Nothing was pushed, since no zone names its parent, nor is a zone above it described: {first_of(nowhere)}"
        )
    return outcomes


def compare(
    zones: t.Sequence[Zone],
    parents: t.Mapping[str, ParentEntry],
    *,
    setting: Setting,
    ds_mode: DsMode = "exact",
) -> list[Outcome]:
    """Return what each parent holds as ``before``, what is described as ``after``, and the operations in between.

    Without described name servers there is nothing to compare with, and ``after`` is None.

    :arg ds_mode: what becomes of DS records that are not described, for zones that do not say.
    :raises DescriptionError: before anything is read, where a zone names an unknown parent.
    """

    def compare_group(parent: Parent, group: t.Sequence[Zone]) -> list[Outcome]:
        found = _read_all(parent, group)
        return [_compared(parent, zone, found[zone.name], ds_mode=ds_mode) for zone in group]

    return _by_parent(zones, parents, setting=setting, work=compare_group)


def failures(outcomes: t.Sequence[Outcome]) -> str | None:
    """Return the message of a task in which delegations failed, or None where none did.

    It names each; many that failed for the same reason, as when a session cannot be opened, are named together.
    """
    failed: dict[tuple[str, str | None], list[str]] = {}
    for outcome in outcomes:
        if outcome.reason:
            failed.setdefault((outcome.reason, outcome.parent), []).append(outcome.zone.text)
    if not failed:
        return None
    count = sum(len(zones) for zones in failed.values())
    lines = [
        f"{first_of(zones)}{'' if parent is None else f' at {parent}'}: {reason}"
        for (reason, parent), zones in failed.items()
    ]
    return "\n".join((f"{count} of {len(outcomes)} delegations failed:", *lines))


def _by_parent(
    zones: t.Sequence[Zone],
    parents: t.Mapping[str, ParentEntry],
    *,
    setting: Setting,
    work: t.Callable[[Parent, t.Sequence[Zone]], list[Outcome]],
) -> list[Outcome]:
    """Sort the zones by parent, do the work for each in one session, and return the outcomes in input order."""
    if not zones:
        setting.warn("No zone is described, so no parent was asked. Give zones, or a zones_from that holds some.")
    outcomes: dict[dns.name.Name, Outcome] = {}
    groups: dict[str, list[Zone]] = {}
    problems: list[Problem] = []
    for zone in zones:
        try:
            place = _place_of(zone, parents, setting.tree)
        except ValueError as exc:
            problems.append(Problem(zone=zone.text, where="parent", value=zone.parent, rule=str(exc)))
            continue
        if isinstance(place, Outcome):
            outcomes[zone.name] = place
        else:
            groups.setdefault(place.name, []).append(zone)
    if problems:
        raise DescriptionError(problems)
    opened = {name: parents[name].open(setting) for name in groups}
    for name, group in groups.items():
        with opened[name] as parent:
            outcomes.update((outcome.zone.name, outcome) for outcome in work(parent, group))
    return [outcomes[zone.name] for zone in zones]


def _place_of(zone: Zone, parents: t.Mapping[str, ParentEntry], tree: ZoneTree) -> ParentEntry | Outcome:
    """Return the parent that holds the delegation of ``zone``, or why there is nothing to push.

    :raises ValueError: for a parent that nobody described.
    """
    if zone.parent is not None and zone.parent in parents:
        return parents[zone.parent]
    above = tree.parent_of(zone)
    if above is not None:
        for entry in parents.values():
            if entry.kind == "zone" and entry.options.get("zone") in (None, above.name):
                return entry
        reason = f"{above.text} is described too, and zone_files renders this delegation into its zone file"
        return Outcome(zone=zone, parent=above.text, skipped=reason)
    if zone.parent is None:
        return Outcome(zone=zone, skipped="it names no parent, and no zone above it is described")
    known = sorted(parents)
    closest = tree.closest_above(zone.name)
    if closest is not None:
        known.append(closest.text)
    raise ValueError(f"no such parent; known are {', '.join(known)}" if known else "no such parent; none is described")


def _left_in_place(outcome: Outcome) -> Outcome:
    """Return the outcome of a removal, an error where nothing was looked at."""
    if outcome.skipped is None:
        return outcome
    if outcome.parent is None:
        return replace(outcome, skipped=None, error=f"nothing can be removed, since {outcome.skipped}: give its parent")
    error = (
        f"{outcome.parent} is described too, so zone_files renders this delegation into its zone file:"
        " take the zone out of the description and run zone_files"
    )
    return replace(outcome, skipped=None, error=error)


def _push_group(
    parent: Parent, zones: t.Sequence[Zone], *, rules: Rules, probe: Probe, waiting: Waiting
) -> list[Outcome]:
    prepared = _prepared(parent, zones, rules=rules, probe=probe, warns=True)
    outcomes = {outcome.zone.name: outcome for outcome in prepared}
    if rules.check_mode:
        return list(outcomes.values())
    due = [outcome for outcome in outcomes.values() if outcome.changed]
    # What was there before a change whose answer got lost.
    begun: dict[dns.name.Name, Delegation | None] = {}
    for _attempt in range(_ATTEMPTS):
        done = _carry_out(parent, due, rules=rules, waiting=waiting)
        outcomes.update((outcome.zone.name, outcome) for outcome, _failure in done)
        # What was planned on a view that no longer holds is read, planned and judged anew, never just sent again.
        again = {
            outcome.zone.name: (outcome, failure)
            for outcome, failure in done
            if isinstance(failure, (StaleViewError, UnknownOutcomeError))
        }
        due = []
        lost = [outcome.zone for outcome, _failure in again.values()]
        for outcome in _prepared(parent, lost, rules=rules, probe=probe):
            first, failure = again[outcome.zone.name]
            if isinstance(failure, UnknownOutcomeError):
                begun.setdefault(outcome.zone.name, first.before)
            if outcome.changed:
                due.append(outcome)
            elif isinstance(failure, UnknownOutcomeError) and not outcome.failure:
                # The change whose answer got lost was made after all, only later than it was looked for.
                outcomes[outcome.zone.name] = replace(first, after=outcome.after, error=None)
            elif outcome.before is not None:
                outcomes[outcome.zone.name] = outcome
    return [_since(begun.get(zone.name), outcomes[zone.name]) for zone in zones]


def _since(begun: Delegation | None, outcome: Outcome) -> Outcome:
    """Return the outcome as it is since ``begun``, where a part of a lost change may have been made before it."""
    if begun is None or outcome.before is None or outcome.before == begun:
        return outcome
    operations = outcome.operations
    if outcome.failure is None and outcome.after is not None:
        operations = plan(zone=outcome.zone.name, present=begun, wanted=outcome.after)
    return replace(outcome, before=begun, operations=operations)


def _prepared(
    parent: Parent, zones: t.Sequence[Zone], *, rules: Rules, probe: Probe, warns: bool = False
) -> list[Outcome]:
    """Read, plan and judge: return the outcomes as they would be.

    :arg warns: whether to warn of what is planned, which is new to the user only the first time.
    """
    found = _read_all(parent, zones)
    asked = [zone for zone in zones if _needs_keys(parent, zone, found[zone.name], rules=rules)]
    served = probe.served_keys(asked) if asked else {}
    planned = [
        _planned(parent, zone, found[zone.name], rules=rules, served=served.get(zone.name, ())) for zone in zones
    ]
    cuts = _cuts(planned)
    planned = [_below_no_other(parent, outcome, cuts=cuts) for outcome in planned]
    for outcome in planned if warns else ():
        _warn_of_ds(parent, outcome, rules=rules, served=served.get(outcome.zone.name, ()))
    return _judged(parent, planned, rules=rules, probe=probe, served=served)


def _cuts(planned: t.Iterable[Outcome]) -> dict[dns.name.Name, Zone]:
    """Return what is delegated now, or is to be."""
    return {
        outcome.zone.name: outcome.zone
        for outcome in planned
        if any(delegation is not None and delegation.exists for delegation in (outcome.before, outcome.after))
    }


def _below_no_other(parent: Parent, outcome: Outcome, *, cuts: t.Mapping[dns.name.Name, Zone]) -> Outcome:
    """Return the outcome, with an error where it is a new cut below one of the others in the same parent zone."""
    name = outcome.zone.name
    if outcome.before != NOT_DELEGATED or outcome.after is None or not outcome.after.exists:
        return outcome
    above = [cuts[each] for each in (name.split(depth)[1] for depth in range(len(name) - 1, 0, -1)) if each in cuts]
    for other in above:
        holder = parent.zone_above(outcome.zone)
        if holder is not None and holder == parent.zone_above(other):
            error = (
                f"{other.text} is described as delegated in {display_name(holder)} too, and nobody finds a delegation"
                f" below it there: give the parent that holds {other.text}"
            )
            return replace(outcome, after=outcome.before, absorbed=(), error=error)
    return outcome


def _read_all(parent: Parent, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Delegation | DelegationError]:
    """Read many zones; where there is no session at all, each has that as its error."""
    try:
        return parent.read_all(zones) if zones else {}
    except DelegationError as exc:
        return {zone.name: exc for zone in zones}
    except ZonecutError:
        raise
    # What a library or an interface brings that nobody foresaw must not keep other parents from being read.
    except Exception as exc:
        return {zone.name: _unforeseen(exc) for zone in zones}


def _unforeseen(exc: Exception) -> UnknownOutcomeError:
    return UnknownOutcomeError(f"the parent brought something that nobody foresaw ({type(exc).__name__}: {exc})")


def _carry_out(
    parent: Parent, due: t.Sequence[Outcome], *, rules: Rules, waiting: Waiting
) -> list[tuple[Outcome, DelegationError | None]]:
    """Make the planned changes; return what became of each by reading it back, and why it was not made."""
    changes = [_change_of(outcome) for outcome in due]
    failed = _apply_all(parent, changes)
    found, progress = _read_back(parent, changes, failed, rules=rules, waiting=waiting)
    outcomes: list[tuple[Outcome, DelegationError | None]] = []
    for outcome, change in zip(due, changes):
        now, failure = found[change.zone.name], failed.get(change.zone.name)
        if isinstance(now, DelegationError):
            error = f"whether the change was made cannot be read: {now.message}"
            outcomes.append((replace(outcome, after=None, error=error), now))
        elif now == change.wanted:
            made, lacking = _read_back_absorbed(parent, outcome)
            if isinstance(failure, StaleViewError):
                # The parent changed nothing, so it was somebody else who did.
                made = replace(made, before=now, operations=(), absorbed=())
            outcomes.append((made, lacking))
        elif failure is not None:
            outcomes.append((replace(outcome, after=now, absorbed=(), error=failure.message), failure))
        else:
            failure = _not_made(change, now, progress.get(change.zone.name), wait=rules.wait)
            outcomes.append((replace(outcome, after=now, absorbed=(), error=failure.message), failure))
    return outcomes


def _apply_all(parent: Parent, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
    try:
        return parent.apply_all(changes) if changes else {}
    except DelegationError as exc:
        return {change.zone.name: exc for change in changes}
    except ZonecutError:
        raise
    # As in _read_all; what was changed meanwhile is read again.
    except Exception as exc:
        return {change.zone.name: _unforeseen(exc) for change in changes}


def _read_back_absorbed(parent: Parent, outcome: Outcome) -> tuple[Outcome, DelegationError | None]:
    """Return the outcome of a delegation that is as it is to be, an error where records lack that take its place."""
    try:
        missing = parent.lacking(outcome.zone, outcome.absorbed) if outcome.absorbed else ()
    except DelegationError as exc:
        return replace(outcome, error=f"whether its records are in the parent zone cannot be read: {exc.message}"), exc
    if not missing:
        return outcome, None
    failure = DelegationError(
        "the delegation is as it is to be, but the parent zone lacks records that take its place:"
        f" {first_of([str(record) for record in missing])}; run it again"
    )
    return replace(outcome, error=failure.message), failure


def _read_back(
    parent: Parent,
    changes: t.Sequence[Change],
    failed: t.Mapping[dns.name.Name, DelegationError],
    *,
    rules: Rules,
    waiting: Waiting,
) -> tuple[dict[dns.name.Name, Delegation | DelegationError], dict[dns.name.Name, str | DelegationError]]:
    """Read the changed zones until all show what the parent accepted, for as long as the user waits.

    Returns what was read last, and what the parent said of changes that are not there yet.
    """
    deadline = waiting.monotonic() + rules.wait
    found = _read_all(parent, [change.zone for change in changes])
    progress: dict[dns.name.Name, str | DelegationError] = {}
    for pause in back_off():
        behind = [
            change.zone
            for change in changes
            if change.zone.name not in failed and found[change.zone.name] != change.wanted
        ]
        progress = _progress(parent, behind)
        behind = [zone for zone in behind if not isinstance(progress.get(zone.name), DelegationError)]
        left = deadline - waiting.monotonic()
        if not behind or left <= 0:
            break
        waiting.sleep(min(pause, left))
        found.update(_read_all(parent, behind))
    return found, progress


def _progress(parent: Parent, zones: t.Iterable[Zone]) -> dict[dns.name.Name, str | DelegationError]:
    progress: dict[dns.name.Name, str | DelegationError] = {}
    for zone in zones:
        try:
            told = parent.progress(zone)
        except DelegationError as exc:
            progress[zone.name] = exc
        else:
            if told is not None:
                progress[zone.name] = told
    return progress


def _not_made(
    change: Change, now: Delegation, progress: str | DelegationError | None, *, wait: float
) -> DelegationError:
    """Return why a change that the parent accepted does not show."""
    if isinstance(progress, DelegationError):
        return progress
    missing = _listed(plan(zone=change.zone.name, present=now, wanted=change.wanted))
    if progress is not None:
        return DelegationError(
            f"the parent has accepted the change and not made it within {format_duration(int(wait))} ({progress}):"
            f" run it again later, which changes nothing twice, or raise wait; what is still to do: {missing}"
        )
    return DelegationError(f"the parent reported success, but reading it again shows what is still to do: {missing}")


def _missing_ttls(
    outcomes: t.Iterable[Outcome], *, probe: Probe
) -> t.Mapping[dns.name.Name, tuple[int | None, int | None]]:
    """Return the TTLs of delegations that changed at a parent that tells none, as registries do not."""
    asked = [
        outcome.zone
        for outcome in outcomes
        if outcome.changed
        and outcome.failure is None
        and outcome.before is not None
        and outcome.before.exists
        and outcome.before.ns_ttl is None
    ]
    return probe.published_ttls(asked) if asked else {}


def _with_next_steps(
    outcome: Outcome, *, ttls: t.Mapping[dns.name.Name, tuple[int | None, int | None]], now: datetime
) -> Outcome:
    before, after = outcome.before, outcome.after
    if not outcome.changed or outcome.failure is not None or before is None or after is None:
        return outcome
    ns_ttl, ds_ttl = ttls.get(outcome.zone.name, (before.ns_ttl, before.ds_ttl))
    before = replace(before, ns_ttl=ns_ttl, ds_ttl=ds_ttl)
    own_ttl = outcome.zone.default_ttl if outcome.own_ttl is None else outcome.own_ttl
    steps = next_steps(zone=outcome.zone.text, before=before, after=after, own_ttl=own_ttl, now=now)
    return replace(outcome, next_steps=steps)


def _change_of(outcome: Outcome) -> Change:
    if outcome.before is None or outcome.after is None:
        raise ValueError(f"nothing is planned for {outcome.zone.text}")
    return Change(
        zone=outcome.zone,
        present=outcome.before,
        wanted=outcome.after,
        operations=outcome.operations,
        absorbed=outcome.absorbed,
    )


def _needs_keys(parent: Parent, zone: Zone, found: Delegation | DelegationError, *, rules: Rules) -> bool:
    """Whether what is wanted at the parent depends on the keys that the zone serves."""
    if rules.state == "absent" or not zone.name_servers or isinstance(found, DelegationError):
        return False
    if zone.ds_from is not None:
        return True
    if (zone.ds_mode or rules.ds_mode) == "follow_cds" and found.ds:
        return True
    known = _known_keys(zone, found)
    if all(each in found.ds or any(is_digest_of(zone.name, key, each) for key in known) for each in zone.ds):
        return False
    try:
        return parent.ds_form(zone) == "dnskey"
    except DelegationError:
        # Planning meets it again, and tells.
        return False


def _known_keys(zone: Zone, found: Delegation) -> list[dns.rdata.Rdata]:
    return [*zone.dnskeys, *(each for each in found.ds if each.rdtype == dns.rdatatype.DNSKEY)]


def _planned(
    parent: Parent,
    zone: Zone,
    found: Delegation | DelegationError,
    *,
    rules: Rules,
    served: t.Sequence[ServedKeys],
) -> Outcome:
    """Return the outcome as it is to be, from what was found."""
    if isinstance(found, DelegationError):
        return Outcome(zone=zone, parent=parent.name, error=found.message)
    outcome = Outcome(zone=zone, parent=parent.name, before=found, after=found)
    try:
        wanted = NOT_DELEGATED
        absorbed = _absorbed(parent, zone, found, rules=rules)
        if rules.state == "present" and zone.name_servers:
            mode = zone.ds_mode or rules.ds_mode
            ds = _wanted_ds(parent, zone, found, mode=mode, served=served, since=rules.cds_since)
            wanted = Delegation.of(_wanted_servers(parent, zone, found, allow=rules.allow), ds)
        operations = plan(zone=zone.name, present=found, wanted=wanted)
        outcome = replace(outcome, after=wanted, operations=operations, absorbed=absorbed)
        if outcome.changed:
            _must_be_possible(parent, found, wanted)
            parent.check(_change_of(outcome))
    except DelegationError as exc:
        return replace(outcome, after=found, absorbed=(), error=exc.message)
    return outcome


def _absorbed(parent: Parent, zone: Zone, found: Delegation, *, rules: Rules) -> tuple[AbsorbedRecord, ...]:
    """Return the records that the parent zone has to get in place of the delegation.

    :raises DelegationError: where there are none, or the parent cannot hold them.
    """
    if rules.absorb is None:
        return ()
    if not parent.abilities.absorbs:
        raise DelegationError(
            "this kind of parent holds delegations only, so it can absorb no records: put them into the parent zone"
            " with zone_files, and remove the delegation without absorb"
        )
    records = rules.absorb.get(zone.name)
    if not records:
        raise DelegationError("no records are described that the parent zone could absorb: give records or src")
    # As long as there is a delegation it hides whatever the parent zone has below it.
    if found.exists:
        return records
    # Parents replace whole sets.
    due = {(record.owner, record.rdata.rdtype) for record in parent.lacking(zone, records)}
    return tuple(record for record in records if (record.owner, record.rdata.rdtype) in due)


def _wanted_servers(
    parent: Parent, zone: Zone, found: Delegation, *, allow: t.Collection[str]
) -> tuple[NameServer, ...]:
    servers = delegation_of(zone).name_servers
    if parent.abilities.glue:
        return servers
    # Those that are there have their glue from somewhere.
    present = {server.name for server in found.name_servers}
    inside = [str(server) for server in servers if is_in_domain(server.name, zone.name) and server.name not in present]
    if inside and "glue_missing" not in allow:
        raise DelegationError(
            f"this kind of parent holds no glue, so nobody would find {', '.join(inside)}, which lies in the zone"
            " itself: name the servers outside of the zone, or have the glue made there by hand and allow glue_missing"
        )
    return tuple(NameServer(server.name) for server in servers)


def _wanted_ds(
    parent: Parent,
    zone: Zone,
    found: Delegation,
    *,
    mode: DsMode,
    served: t.Sequence[ServedKeys],
    since: float | None = None,
) -> frozenset[dns.rdata.Rdata]:
    """Return what is to make the zone secure, in the form of the parent.

    :raises DelegationError: where it cannot be told, or the parent cannot take it.
    """
    entries: t.Iterable[dns.rdata.Rdata] = zone.ds
    if zone.ds_from == "child":
        entries = from_child(zone.name, present=found.ds, served=served)
    elif zone.ds_from == "cds" or (mode == "follow_cds" and found.ds):
        asked_for = from_cds(zone.name, present=found.ds, served=served, since=since)
        if asked_for is None and zone.ds_from == "cds":
            raise DelegationError("the zone publishes neither CDS nor CDNSKEY, which ds_from: cds takes its DS from")
        if asked_for is None:
            return found.ds
        entries = asked_for
    known = (*_known_keys(zone, found), *keys_served(served))
    wanted = in_form(zone.name, entries, form=parent.ds_form(zone), keys=known, held=found.ds)
    return wanted | found.ds if mode == "present" else wanted


def _warn_of_ds(parent: Parent, outcome: Outcome, *, rules: Rules, served: t.Sequence[ServedKeys]) -> None:
    """Warn where a zone is to be without DS though the description does not say so in so many words."""
    zone, before, mode = outcome.zone, outcome.before, outcome.zone.ds_mode or rules.ds_mode
    if rules.state == "absent" or outcome.error is not None or not zone.name_servers:
        return
    if zone.ds_from == "child":
        if not keys_served(served):
            parent.setting.warn(
                f"{zone.text} serves no DNSKEY, so there is nothing that ds_from: child could make it secure by"
            )
        return
    undescribed = all(zone.described.get(key) is None for key in ("ds", "dnskeys", "ds_from"))
    if undescribed and mode == "exact" and before is not None and before.ds:
        parent.setting.warn(
            f"The DS records of {zone.text} at {parent.name} go, since the description says nothing of DS, and"
            " resolvers will no longer validate the zone: describe ds, dnskeys or ds_from, ds_mode: present to leave"
            " them alone, or ds: [] if it is meant"
        )


def _must_be_possible(parent: Parent, found: Delegation, wanted: Delegation) -> None:
    if found.exists and not wanted.exists and not parent.abilities.removes:
        raise DelegationError(
            "a registered domain keeps its name servers: describe others in place of these, or give the domain up at"
            " its registrar"
        )
    fewest, most = parent.abilities.fewest, parent.abilities.most
    count = len(wanted.name_servers)
    if wanted.exists and (count < fewest or (most is not None and count > most)):
        limits = f"at least {fewest}" if most is None else f"{fewest} to {most}"
        raise DelegationError(f"this kind of parent takes {limits} name servers for a zone, and {count} are described")


def _compared(parent: Parent, zone: Zone, found: Delegation | DelegationError, *, ds_mode: DsMode) -> Outcome:
    if isinstance(found, DelegationError):
        return Outcome(zone=zone, parent=parent.name, error=found.message)
    if not zone.name_servers:
        return Outcome(zone=zone, parent=parent.name, before=found)
    ds, mode = found.ds, zone.ds_mode or ds_mode
    if zone.ds_from is None and not (mode == "follow_cds" and found.ds):
        try:
            ds = _wanted_ds(parent, zone, found, mode=mode, served=())
        except DelegationError:
            # Which key it was made of is a question to the zone's servers, and what is not there is missing anyway.
            ds = frozenset(zone.ds)
    wanted = Delegation.of(_wanted_servers(parent, zone, found, allow=("glue_missing",)), ds)
    operations = plan(zone=zone.name, present=found, wanted=wanted)
    return Outcome(zone=zone, parent=parent.name, before=found, after=wanted, operations=operations)


def _judged(
    parent: Parent,
    planned: t.Sequence[Outcome],
    *,
    rules: Rules,
    probe: Probe,
    served: t.Mapping[dns.name.Name, tuple[ServedKeys, ...]],
) -> list[Outcome]:
    """Return the outcomes, with refusals in place of the changes that would do harm.

    :arg served: what is known already of the keys that zones serve.
    """
    if rules.state == "absent":
        return _judged_removals(planned, rules=rules, probe=probe)
    planned, hidden = _with_hidden(parent, planned, rules=rules)
    readiness: t.Mapping[dns.name.Name, Readiness] = {}
    asked = [outcome.zone for outcome in planned if outcome.changed and outcome.zone.name_servers]
    if rules.preflight and "preflight_failed" not in rules.allow and asked:
        readiness = probe.preflight(asked)
    if rules.preflight and "ds_unserved" not in rules.allow:
        secure = [each.zone for each in planned if each.changed and each.after is not None and each.after.ds]
        unknown = [zone for zone in secure if zone.name not in served]
        served = {**served, **(probe.served_keys(unknown) if unknown else {})}
    judged = [
        _judged_change(
            outcome,
            readiness=readiness.get(outcome.zone.name),
            served=served.get(outcome.zone.name, ()) if rules.preflight else (),
            hidden=hidden.get(outcome.zone.name, ()),
            # Where the parent holds no glue, planning has looked for servers that need some.
            allow=rules.allow if parent.abilities.glue else rules.allow | {"glue_missing"},
        )
        for outcome in planned
    ]
    _warn_of_untested(
        parent, [readiness[each.zone.name] for each in judged if each.changed and each.zone.name in readiness]
    )
    return judged


def _with_hidden(
    parent: Parent, planned: t.Sequence[Outcome], *, rules: Rules
) -> tuple[list[Outcome], dict[dns.name.Name, tuple[str, ...]]]:
    """Return the outcomes, with errors where it cannot be told what new delegations hide, and by zone what they do."""
    new = [
        _change_of(outcome)
        for outcome in planned
        if outcome.changed and outcome.before == NOT_DELEGATED and "hides_data" not in rules.allow
    ]
    hidden: dict[dns.name.Name, tuple[str, ...]] = {}
    outcomes = {outcome.zone.name: outcome for outcome in planned}
    for name, found in (parent.hidden_by(new) if new else {}).items():
        if isinstance(found, DelegationError):
            outcomes[name] = replace(outcomes[name], after=outcomes[name].before, error=found.message)
        else:
            hidden[name] = found
    return list(outcomes.values()), hidden


def _warn_of_untested(parent: Parent, readiness: t.Sequence[Readiness]) -> None:
    untested = list(dict.fromkeys(server for ready in readiness for server in ready.untested))
    if untested:
        parent.setting.warn(
            f"This host has no route to these addresses of name servers, so {parent.name} delegates to them untested:"
            f" {first_of(untested)}"
        )
    unresolved = list(dict.fromkeys(server for ready in readiness for server in ready.unresolved))
    if unresolved:
        parent.setting.warn(
            f"This host could not look up these name servers, so {parent.name} delegates to them though nobody knows"
            f" whether resolvers find them at the described addresses: {first_of(unresolved)}"
        )


def _judged_removals(planned: t.Sequence[Outcome], *, rules: Rules, probe: Probe) -> list[Outcome]:
    due = [(outcome.zone, outcome.before) for outcome in planned if outcome.changed and outcome.before is not None]
    # What is absorbed does not vanish.
    services = probe.serving(due) if due and rules.absorb is None and "still_served" not in rules.allow else {}
    return [
        _refused(
            outcome,
            judge_removal(
                zone=outcome.zone.name, service=services.get(outcome.zone.name, Service()), allow=rules.allow
            ),
        )
        for outcome in planned
    ]


def _judged_change(
    outcome: Outcome,
    *,
    readiness: Readiness | None,
    served: t.Sequence[ServedKeys],
    hidden: t.Sequence[str],
    allow: t.Collection[str],
) -> Outcome:
    if outcome.before is None or outcome.after is None or outcome.error is not None:
        return outcome
    # What is there already is not refused; a description without any server is no description of a delegation.
    if not outcome.changed and outcome.after.exists:
        return outcome
    refusals = judge(
        zone=outcome.zone.name,
        present=outcome.before,
        wanted=outcome.after,
        hidden=hidden,
        readiness=readiness,
        unserved=_unserved(outcome.zone, outcome.before, outcome.after, served=served),
        ds_lost_by=_ds_lost_by(outcome.zone),
        allow=allow,
    )
    return _refused(replace(outcome, own_ttl=readiness.ttl if readiness else None), refusals)


def _unserved(
    zone: Zone, present: Delegation, wanted: Delegation, *, served: t.Sequence[ServedKeys]
) -> tuple[str, ...]:
    """Return why the zone would not validate, with the wanted DS or with the present ones that resolvers still have."""
    reasons = unserved(zone.name, present=present.ds, wanted=wanted.ds, served=served)
    if not reasons and wanted.ds and present.ds - wanted.ds and servers_change(present, wanted):
        return cached_unserved(zone.name, present=present.ds, ttl=present.ds_ttl, served=served)
    return reasons


def _ds_lost_by(zone: Zone) -> str | None:
    """Return why a zone could lose its DS without anybody having meant it, None where it is described without DS."""
    if zone.ds_from == "child":
        return "the zone serves no DNSKEY any more; allow it if the zone is to be unsigned"
    return None


def _refused(outcome: Outcome, refusals: tuple[Refusal, ...]) -> Outcome:
    return replace(outcome, refusals=refusals, after=outcome.before, absorbed=()) if refusals else outcome


def _zone_file_lines(zone: Zone, delegation: Delegation | None) -> str:
    if delegation is None:
        return ""
    cut = zone.name.to_text().lower()
    servers = [server.name.to_text().lower() for server in delegation.name_servers]
    glue = [
        f"{server.name.to_text().lower()} {'AAAA' if ':' in address else 'A'} {address}"
        for server in delegation.name_servers
        for address in server.addresses
    ]
    secure = sorted(f"{dns.rdatatype.to_text(rdata.rdtype)} {rdata.to_text()}" for rdata in delegation.ds)
    lines = [*(f"{cut} NS {name}" for name in servers), *glue, *(f"{cut} {text}" for text in secure)]
    return "".join(f"{line}\n" for line in lines)


def _listed(operations: t.Sequence[Operation]) -> str:
    return ", ".join(str(operation) for operation in operations)
