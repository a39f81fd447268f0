# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parent zones hosted at a DNS provider, reached through its provider class of octoDNS."""

from __future__ import annotations

import copy
import importlib
import io
import logging
import math
import sys
import typing as t
import urllib.parse
import warnings
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from types import SimpleNamespace

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import (
    NOT_DELEGATED,
    Delegation,
    DsForm,
    delegation_in,
)
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._durations import parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    StaleViewError,
    UnknownOutcomeError,
    ZonecutError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    BatchParent,
    Change,
    Setting,
    Settled,
    hidden_rrsets,
)
from ansible_collections.zonecut.dns.plugins.module_utils._plan import Operation, plan, servers_change, stays_secure
from ansible_collections.zonecut.dns.plugins.module_utils._provider_errors import Fault, FaultKind, fault_of
from ansible_collections.zonecut.dns.plugins.module_utils._provider_options import provider_options
from ansible_collections.zonecut.dns.plugins.module_utils._zone_cut import (
    check_cut,
    dropped_servers,
    glue_of_others,
    owners_by_target,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("OctodnsParent",)

_OLDEST_PYTHON = (3, 10)
_DEFAULT_TTL = "1h"
# Where a provider limits how often it is asked: how often it is asked again, and the pauses in seconds.
_PATIENCE = 4
_PAUSE = 5.0
_LONGEST_PAUSE = 60.0
# Some show a change only after a moment.
_LOOK_AGAIN = 1.0

Key = tuple["dns.name.Name", str]
T = t.TypeVar("T")


class OctodnsParent(BatchParent):
    """A parent zone at a provider; all its changes go together, in up to three requests of what octoDNS makes of them.

    Many providers keep what they have read, so each reading and each change has a provider object of its own.
    """

    kind = "octodns"
    required = ("provider_class",)
    arguments = {
        "provider_class": {"type": "str"},
        "provider_options": {"type": "dict", "no_log": True},
        "zone": {"type": "str"},
        "ttl": {"type": "str"},
    }
    abilities = Abilities(batch=True, removes=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        where = f"parents: {name}"
        try:
            self._ttl = parse_duration(options.get("ttl") or _DEFAULT_TTL)
        except ValueError as exc:
            raise DescriptionError([Problem(where=f"{where}: ttl", value=options["ttl"], rule=str(exc))]) from exc
        self._octodns = _octodns()
        self._class = _provider_class(options["provider_class"], where=f"{where}: provider_class")
        self._given: t.Mapping[str, t.Any] = options.get("provider_options") or {}
        self._secrets = provider_options(self._given, environment={}, where=where).secret
        self._zone: dns.name.Name | None = options.get("zone")
        self._listed: set[dns.name.Name] | None = None
        self._views: dict[dns.name.Name, _View] = {}

    @classmethod
    def settle(cls, options: t.Mapping[str, t.Any], *, environment: t.Mapping[str, str], where: str) -> Settled:
        given = provider_options(
            options.get("provider_options") or {}, environment=environment, where=f"{where}: provider_options"
        )
        return Settled({**options, "provider_options": given.given}, secret=given.secret, plain=given.plain)

    def read_all(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Delegation | DelegationError]:
        groups, failed = self._by_parent([zone.name for zone in zones])
        found: dict[dns.name.Name, Delegation | DelegationError] = {**failed}
        for parent, names in groups.items():
            try:
                self._views[parent] = view = self._populated(parent)
            except DelegationError as exc:
                found.update(dict.fromkeys(names, exc))
                continue
            for name in names:
                try:
                    found[name] = view.delegation(name)
                except DelegationError as exc:
                    found[name] = exc
        return found

    def ds_form(self, zone: Zone) -> DsForm | None:
        return "ds" if "DS" in self._view_of(zone.name).provider.SUPPORTS else None

    def zone_above(self, zone: Zone) -> dns.name.Name:
        return self._parent_of(zone.name)

    def check(self, change: Change) -> None:
        view = self._view_of(change.zone.name)
        provider = view.provider
        if getattr(provider, "apply_disabled", False):
            raise DelegationError("provider_options says apply_disabled, so nothing can be changed: take it out")
        if "NS" not in provider.SUPPORTS:
            raise DelegationError(
                f"{self._label} holds no NS records below the top of a zone, so nothing can be delegated there"
            )
        desired = self._octodns.Zone(view.zone.name, [])
        for key, rdatas in _rrsets(change.zone.name, change.wanted).items():
            desired.add_record(self._record(desired, view.parent, key, rdatas, ttl=self._ttl), lenient=True)
        # octoDNS has its providers object to what they cannot hold in here, and it asks nobody.
        with self._calling():
            provider._process_desired_zone(desired)

    def hidden_by(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...] | DelegationError]:
        by_name = {change.zone.name: change for change in changes}
        groups, failed = self._by_parent(by_name)
        hidden: dict[dns.name.Name, tuple[str, ...] | DelegationError] = {**failed}
        for parent, names in groups.items():
            if parent in self._views:
                hidden.update(_hidden_in(self._views[parent], [by_name[name] for name in names]))
        return hidden

    def apply_all(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        by_name = {change.zone.name: change for change in changes}
        groups, failed = self._by_parent(by_name)
        for parent, names in groups.items():
            view = self._views[parent]
            is_dropped = any(dropped_servers(by_name[name]) for name in names)
            served_by = view.owners_by_server() if is_dropped else {}
            kept = {name: glue_of_others(by_name[name], served_by, warn=self.setting.warn) for name in names}
            steps = [step for name in names for step in _steps(by_name[name], view, kept_glue=kept[name])]
            for stage in sorted({step.stage for step in steps}):
                due = [step for step in steps if step.stage == stage and step.cut not in failed]
                failed.update(self._take(view, due))
        return failed

    @property
    def _label(self) -> str:
        return f"{self._class.__module__.partition('.')[0]}.{self._class.__name__}"

    def _by_parent(
        self, names: t.Iterable[dns.name.Name]
    ) -> tuple[dict[dns.name.Name, list[dns.name.Name]], dict[dns.name.Name, DelegationError]]:
        groups: dict[dns.name.Name, list[dns.name.Name]] = {}
        failed: dict[dns.name.Name, DelegationError] = {}
        for name in names:
            try:
                groups.setdefault(self._parent_of(name), []).append(name)
            except DelegationError as exc:
                failed[name] = exc
        return groups, failed

    def _parent_of(self, name: dns.name.Name) -> dns.name.Name:
        if self._zone is not None:
            if name == self._zone or not name.is_subdomain(self._zone):
                raise DelegationError(f"the zone does not lie below {display_name(self._zone)}")
            return self._zone
        listed = self._list_zones()
        for depth in range(len(name) - 1, 0, -1):
            above = name.split(depth)[1]
            if above in listed:
                return above
        raise DelegationError(
            f"{self._label} has no zone that {display_name(name)} lies in: check provider_options, and that its"
            " credentials see the parent zone"
        )

    def _list_zones(self) -> set[dns.name.Name]:
        if self._listed is None:
            if not hasattr(self._class, "list_zones"):
                raise DelegationError(f"{self._label} cannot list its zones: name the parent zone with the option zone")
            self._listed = self._patiently(self._names_of_zones)
        return self._listed

    def _names_of_zones(self) -> set[dns.name.Name]:
        with self._calling():
            names = [self._octodns.idna_encode(f"{name}") for name in self._provider().list_zones()]
            return {dns.name.from_text(name) for name in names}

    def _view_of(self, name: dns.name.Name) -> _View:
        return self._views[self._parent_of(name)]

    def _populated(self, parent: dns.name.Name) -> _View:
        return self._patiently(lambda: self._populate(parent))

    def _populate(self, parent: dns.name.Name) -> _View:
        with self._calling():
            provider = self._provider()
            zone = self._octodns.Zone(parent.to_text(), [])
            # As plan() does it: those that write files show nothing then, and would write only what they are given.
            exists = provider.populate(zone, target=True, lenient=True)
            if exists is False or (exists is None and not zone.records):
                raise DelegationError(self._no_such_zone(parent))
            return _View(parent=parent, zone=zone, provider=provider)

    def _no_such_zone(self, parent: dns.name.Name) -> str:
        return (
            f"{self._label} shows no zone {display_name(parent)}: create it there, check the option zone and that the"
            " credentials see it; a provider that writes files is no place that can be read and changed"
        )

    def _provider(self) -> t.Any:
        try:
            return self._class(self.name, **copy.deepcopy(dict(self._given)))
        except (TypeError, ValueError, KeyError) as exc:
            raise DelegationError(
                self._clean(f"provider_options are not what {self._label} takes ({type(exc).__name__}: {exc})")
            ) from exc

    def _take(self, view: _View, steps: t.Sequence[_Step]) -> dict[dns.name.Name, DelegationError]:
        """Carry out one step of many changes, as soon as the provider shows the step before; return what failed."""
        failed = self._try(view, steps)
        for _attempt in range(_PATIENCE):
            behind = [step for step in steps if isinstance(failed.get(step.cut), _BehindError)]
            if not behind:
                break
            self.setting.sleep(_LOOK_AGAIN)
            for step in behind:
                del failed[step.cut]
            failed.update(self._try(view, behind))
        return failed

    def _try(self, view: _View, steps: t.Sequence[_Step]) -> dict[dns.name.Name, DelegationError]:
        """Carry out one step of many changes; where the provider refuses, find out which it is that it refuses."""
        try:
            return self._patiently(lambda: self._plan_and_apply(view, steps))
        except _RefusedError as exc:
            if len(steps) == 1:
                return {steps[0].cut: exc}
        except DelegationError as exc:
            return {step.cut: exc for step in steps}
        half = len(steps) // 2
        return {**self._try(view, steps[:half]), **self._try(view, steps[half:])}

    def _plan_and_apply(self, view: _View, steps: t.Sequence[_Step]) -> dict[dns.name.Name, DelegationError]:
        """Have octoDNS plan and apply the steps on a new reading; return those that were not taken, and why."""
        with self._calling():
            provider = self._provider()
            desired = view.zone.copy()
            if not provider.SUPPORTS_ROOT_NS and desired.root_ns is not None:
                desired.remove_record(desired.root_ns)
            processor = _OnlyAtTheCuts(view.parent, steps)
            for step in steps:
                for key, rdatas in step.rrsets.items():
                    present = view.record(key)
                    if present is not None:
                        desired.remove_record(present)
                    if rdatas:
                        ttl = self._ttl if present is None else present.ttl
                        desired.add_record(self._record(desired, view.parent, key, rdatas, ttl=ttl), lenient=True)
            planned = provider.plan(desired, processors=[processor], lenient=True)
            if planned is None:
                return self._not_taken(processor)
            if planned.exists is False:
                raise DelegationError(self._no_such_zone(view.parent))
            ours = [change for change in planned.changes if processor.is_ours(change.record)]
            # Plans that come from configuration files are judged by how much of a zone they change. Here every
            # delegation was judged by itself, so that only a limit which the user set counts.
            plan_of_ours = self._octodns.Plan(
                planned.existing,
                planned.desired,
                ours,
                planned.exists,
                update_pcent_threshold=self._given.get("update_pcent_threshold", math.inf),
                delete_pcent_threshold=self._given.get("delete_pcent_threshold", math.inf),
                meta=planned.meta,
            )
            try:
                plan_of_ours.raise_if_unsafe()
            except self._octodns.UnsafePlan as exc:
                raise DelegationError(
                    f"the thresholds in provider_options forbid it: {exc}; push fewer zones at once or raise them"
                ) from exc
        if ours:
            with self._calling(changing=True):
                provider.apply(plan_of_ours)
        return self._not_taken(processor)

    def _not_taken(self, processor: _OnlyAtTheCuts) -> dict[dns.name.Name, DelegationError]:
        stale = StaleViewError(f"somebody else changed the delegation at {self._label}")
        behind = _BehindError(
            f"{self._label} reported success, but does not show what it was told, so that the rest is still to do:"
            " run the task again once it does"
        )
        return {**dict.fromkeys(processor.stale, stale), **dict.fromkeys(processor.behind, behind)}

    def _record(
        self, zone: t.Any, parent: dns.name.Name, key: Key, rdatas: t.Iterable[dns.rdata.Rdata], *, ttl: int
    ) -> t.Any:
        owner, rdtype = key
        data = {"type": rdtype, "ttl": ttl, "values": sorted((_value(rdata) for rdata in rdatas), key=str)}
        return self._octodns.Record.new(zone, _relative(owner, parent), data, lenient=True)

    def _patiently(self, call: t.Callable[[], T]) -> T:
        """Return what ``call`` returns, called again after a pause where the provider limits how often it is asked."""
        for _attempt in range(_PATIENCE):
            try:
                return call()
            except _LimitError as exc:
                pause = exc.pause
            self.setting.sleep(min(_PAUSE if pause is None else pause, _LONGEST_PAUSE))
        return call()

    @contextmanager
    def _calling(self, *, changing: bool = False) -> t.Iterator[None]:
        """Call what octoDNS and its providers have: their output and logs go nowhere, all that they raise is told.

        :raises DelegationError: in place of anything else.
        """
        try:
            with _quiet():
                yield
        except ZonecutError:
            raise
        # Each provider has exceptions of its own, and bugs of its own.
        except Exception as exc:
            raise self._error(fault_of(exc, mask=self._clean), changing=changing) from exc

    def _error(self, fault: Fault, *, changing: bool) -> DelegationError:
        message = f"{self._label} {_MEANINGS[fault.kind]} ({fault.text}){_REMEDIES[fault.kind]}"
        if fault.kind == "limit":
            return _LimitError(message, pause=fault.retry_after)
        if fault.kind == "network" and changing:
            return UnknownOutcomeError(message)
        if fault.kind in ("refused", "server", "unsupported"):
            return _RefusedError(message)
        return DelegationError(message)

    def _clean(self, message: str) -> str:
        """Return the message without secrets, which some libraries put into what they raise, in URLs above all."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            for form in (secret, urllib.parse.quote(secret, safe="")):
                message = message.replace(form, "********")
        return message


class _RefusedError(DelegationError):
    """The provider was asked and did not do it, which for other zones may be otherwise."""


class _BehindError(DelegationError):
    """The provider does not show yet what it was told in the step before."""


class _LimitError(DelegationError):
    """The provider was asked too often."""

    def __init__(self, message: str, *, pause: float | None) -> None:
        super().__init__(message)
        self.pause = pause


_MEANINGS: dict[FaultKind, str] = {
    "network": "gave no answer",
    "credentials": "rejects the credentials, or they do not permit this",
    "unknown": "does not know what it was asked for",
    "limit": "was asked too often, even after some pauses",
    "server": "failed inside",
    "unsupported": "cannot hold this",
    "refused": "refuses this or fails",
}
_REMEDIES: dict[FaultKind, str] = {
    "network": ": check the address in provider_options and the network",
    "credentials": ": check the credentials in provider_options and what they permit at the provider",
    "unknown": ": check the option zone and that the credentials see it",
    "limit": ": try again later, or with fewer zones",
    "server": ": try again later",
    "unsupported": ": leave it out of the description, or host the parent zone elsewhere",
    "refused": "",
}


class _View:
    """A parent zone as its provider showed it.

    :arg zone: the octoDNS zone.
    :arg provider: what read it.
    """

    def __init__(self, *, parent: dns.name.Name, zone: t.Any, provider: t.Any = None) -> None:
        self.parent = parent
        self.zone = zone
        self.provider = provider
        self._records = {(record.name, record._type): record for record in zone.records}

    def record(self, key: Key) -> t.Any:
        """Return the octoDNS record with that owner and type, or None."""
        owner, rdtype = key
        return self._records.get((_relative(owner, self.parent), rdtype)) if owner.is_subdomain(self.parent) else None

    def rdatas(self, owner: dns.name.Name, rdtype: str) -> list[dns.rdata.Rdata]:
        """Return the data of the record of a type that delegations have or that stands in their way."""
        record = self.record((owner, rdtype))
        if record is None:
            return []
        return [_rdata(rdtype, value) for value in ([record.value] if rdtype == "CNAME" else record.values)]

    def delegation(self, cut: dns.name.Name) -> Delegation:
        """Return the delegation there is at ``cut``.

        :raises DelegationError: where there can be none.
        """
        check_cut(cut, parent=self.parent, has=lambda owner, rdtype: self.record((owner, rdtype)) is not None)
        return delegation_in(cut, self.rdatas)

    def owners_by_server(self) -> dict[dns.name.Name, list[dns.name.Name]]:
        """Return the owners of all NS records, by target."""
        return owners_by_target(
            (owner, self.rdatas(owner, rdtype)) for owner, rdtype in self.owners() if rdtype == "NS"
        )

    def owners(self) -> t.Iterator[tuple[dns.name.Name, str]]:
        """Yield the owner and the type, which need not be one of DNS, of each record."""
        for record in self.zone.records:
            yield dns.name.from_text(record.fqdn), record._type


@dataclass(frozen=True)
class _Step:
    """What of one change is done at a time; what lies in between harms nobody, whatever becomes of the next step.

    :arg stage: its place among the steps of all changes.
    :arg previous: the delegation before the step before this one, None for the first.
    :arg before: the delegation until then. ``after`` likewise.
    :arg rrsets: the record sets that become other ones, empty for those that go.
    :arg earlier: those that the steps before have made what they are; glue without its NS shows in no delegation.
    """

    cut: dns.name.Name
    stage: int
    previous: Delegation | None
    before: Delegation
    after: Delegation
    rrsets: t.Mapping[Key, frozenset[dns.rdata.Rdata]]
    earlier: t.Mapping[Key, frozenset[dns.rdata.Rdata]]


def _steps(change: Change, view: _View, *, kept_glue: t.Collection[dns.name.Name]) -> list[_Step]:
    """Return the plan of a change in steps: a provider is free to make the changes of one request in any order.

    :arg kept_glue: servers whose addresses stay though the delegation has no need of them any more.
    """
    cut = change.zone.name
    staged: dict[int, list[Operation]] = {}
    for operation in change.operations:
        if operation.owner in kept_glue and operation.rdtype in ("A", "AAAA"):
            continue
        staged.setdefault(_stage(change, operation), []).append(operation)
    left_behind = _left_behind(change, view)
    if left_behind:
        staged.setdefault(0, [])
    now, previous = _rrsets(cut, change.present), None
    steps: list[_Step] = []
    earlier: dict[Key, frozenset[dns.rdata.Rdata]] = {}
    for stage, operations in sorted(staged.items()):
        then = {key: set(rdatas) for key, rdatas in now.items()}
        touched = set(left_behind) if stage == 0 else set()
        for operation in operations:
            key = (operation.owner, operation.rdtype)
            touched.add(key)
            (set.add if operation.action == "add" else set.discard)(then.setdefault(key, set()), operation.rdata)
        after = {key: frozenset(rdatas) for key, rdatas in then.items()}
        rrsets = {key: after.get(key, frozenset()) for key in touched}
        before = _delegation(cut, now)
        steps.append(
            _Step(
                cut,
                stage,
                previous=previous,
                before=before,
                after=_delegation(cut, after),
                rrsets=rrsets,
                earlier=dict(earlier),
            )
        )
        earlier.update(rrsets)
        previous, now = before, after
    return steps


def _stage(change: Change, operation: Operation) -> int:
    if not change.wanted.exists or not servers_change(change.present, change.wanted):
        return 1
    if operation.rdtype == "NS":
        return 1
    # As in the plan itself: glue comes before its NS and goes after it.
    first = "remove" if operation.rdtype == "DS" and not stays_secure(change.present, change.wanted) else "add"
    return 0 if operation.action == first else 2


def _left_behind(change: Change, view: _View) -> list[Key]:
    """Return the addresses in the parent zone that would become glue of new servers, and CNAMEs in the way of glue."""
    known = {server.name for server in change.present.name_servers}
    inside = [server.name for server in change.wanted.name_servers if is_in_domain(server.name, change.zone.name)]
    keys = [
        *((name, "CNAME") for name in inside),
        *((name, rdtype) for name in inside if name not in known for rdtype in ("A", "AAAA")),
    ]
    return [key for key in keys if view.record(key) is not None]


class _OnlyAtTheCuts:
    """A processor of octoDNS, called with what the provider holds just before the plan is made.

    Everything but the record sets of the steps is desired as it is: some providers write all that is desired.

    :ivar stale: the cuts where the delegation is not as it was read.
    :ivar behind: those where it is as it was before the step before.
    """

    def __init__(self, parent: dns.name.Name, steps: t.Sequence[_Step]) -> None:
        self.stale: set[dns.name.Name] = set()
        self.behind: set[dns.name.Name] = set()
        self._parent = parent
        self._steps = steps
        self._ours: set[tuple[str, str]] = set()

    def is_ours(self, record: t.Any) -> bool:
        """Whether the steps are about this record."""
        return (record.name, record._type) in self._ours

    def process_target_zone(self, existing: t.Any, target: t.Any, lenient: bool = False) -> t.Any:
        """Leave it as it is."""
        return existing

    def process_source_and_target_zones(
        self, desired: t.Any, existing: t.Any, target: t.Any, lenient: bool = False
    ) -> tuple[t.Any, t.Any]:
        """Take back all other changes, and those to delegations that are not as they were read."""
        now = _View(parent=self._parent, zone=existing)
        for step in self._steps:
            # A request that failed half may have made this one.
            found = delegation_in(step.cut, now.rdatas)
            is_shown = all(frozenset(now.rdatas(*key)) == rdatas for key, rdatas in step.earlier.items())
            if found == step.after or (found == step.before and is_shown):
                self._ours.update((_relative(owner, self._parent), rdtype) for owner, rdtype in step.rrsets)
            else:
                (self.behind if found in (step.previous, step.before) else self.stale).add(step.cut)
        for record in desired.records:
            if not self.is_ours(record):
                desired.remove_record(record)
        for record in existing.records:
            if not self.is_ours(record):
                desired.add_record(record, replace=True, lenient=True)
        return desired, existing


def _hidden_in(view: _View, changes: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...]]:
    known: list[tuple[dns.name.Name, dns.rdatatype.RdataType]] = []
    # Such as ALIAS, and what only one provider has.
    other: list[tuple[dns.name.Name, str]] = []
    for owner, text in view.owners():
        try:
            known.append((owner, dns.rdatatype.from_text(text)))
        except (dns.rdatatype.UnknownRdatatype, ValueError):
            other.append((owner, text))
    hidden = hidden_rrsets(changes, known)
    return {
        cut: (*lines, *sorted(f"{display_name(owner)} {text}" for owner, text in other if owner.is_subdomain(cut)))
        for cut, lines in hidden.items()
    }


def _rrsets(cut: dns.name.Name, delegation: Delegation) -> dict[Key, frozenset[dns.rdata.Rdata]]:
    found: dict[Key, set[dns.rdata.Rdata]] = {}
    for operation in plan(zone=cut, present=NOT_DELEGATED, wanted=delegation):
        found.setdefault((operation.owner, operation.rdtype), set()).add(operation.rdata)
    return {key: frozenset(rdatas) for key, rdatas in found.items()}


def _delegation(cut: dns.name.Name, rrsets: t.Mapping[Key, t.Iterable[dns.rdata.Rdata]]) -> Delegation:
    return delegation_in(cut, lambda owner, rdtype: rrsets.get((owner, rdtype), ()))


def _relative(owner: dns.name.Name, parent: dns.name.Name) -> str:
    """Return a name in the parent zone as octoDNS has it."""
    return "" if owner == parent else owner.relativize(parent).to_text().lower()


def _rdata(rdtype: str, value: t.Any) -> dns.rdata.Rdata:
    text = f"{value}"
    if rdtype == "DS":
        text = f"{value.key_tag} {value.algorithm} {value.digest_type} {value.digest}"
    elif rdtype == "NS":
        text = f"{text.rstrip('.')}."
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), text)


def _value(rdata: t.Any) -> t.Any:
    """Return the data of a record as octoDNS is configured with it."""
    if rdata.rdtype == dns.rdatatype.DS:
        return {
            "key_tag": rdata.key_tag,
            "algorithm": int(rdata.algorithm),
            "digest_type": int(rdata.digest_type),
            "digest": rdata.digest.hex(),
        }
    return rdata.target.to_text().lower() if rdata.rdtype == dns.rdatatype.NS else rdata.to_text()


def _octodns() -> t.Any:
    """Return what of octoDNS is used; importing takes a while, so it is done only where there is such a parent.

    :raises ZonecutError: where it is missing, or this Python is too old for it.
    """
    if sys.version_info < _OLDEST_PYTHON:
        raise ZonecutError(
            f"Parents of type octodns need Python {'.'.join(map(str, _OLDEST_PYTHON))} or later, and {sys.executable}"
            f" is {sys.version_info[0]}.{sys.version_info[1]}. Run the task where there is one, with octodns in it,"
            " such as on the controller with delegate_to: localhost"
        )
    library = None
    with deps.declare("octodns"), _quiet():
        from octodns.idna import idna_encode
        from octodns.provider.plan import Plan, UnsafePlan
        from octodns.record import Record
        from octodns.zone import Zone as OctodnsZone

        library = SimpleNamespace(
            Plan=Plan, Record=Record, UnsafePlan=UnsafePlan, Zone=OctodnsZone, idna_encode=idna_encode
        )
    deps.require("octodns", purpose=_PURPOSE)
    return library


_PURPOSE = "reach parents of type octodns from where the task runs, which is the controller with delegate_to: localhost"


def _provider_class(text: str, *, where: str) -> t.Any:
    module_name, _dot, class_name = text.rpartition(".")
    if not module_name:
        rule = "a provider class is named with its module, such as octodns_powerdns.PowerDnsProvider"
        raise DescriptionError([Problem(where=where, value=text, rule=rule)])
    library = module_name.partition(".")[0].replace("_", "-")
    found = None
    try:
        with deps.declare(library), _quiet():
            found = getattr(importlib.import_module(module_name), class_name, None)
    # Anything can happen while a library that does not fit the others is imported.
    except Exception as exc:
        rule = f"it cannot be imported ({type(exc).__name__}: {exc}): install releases that fit each other"
        raise DescriptionError([Problem(where=where, value=text, rule=rule)]) from exc
    deps.require(library, purpose=_PURPOSE)
    if not all(hasattr(found, method) for method in ("populate", "plan", "apply")):
        rule = f"{module_name} has no provider of octoDNS by the name of {class_name}"
        raise DescriptionError([Problem(where=where, value=text, rule=rule)])
    return found


@contextmanager
def _quiet() -> t.Iterator[None]:
    """Let no library write to where the module's result goes, nor log what may have secrets in it."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
