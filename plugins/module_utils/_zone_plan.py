# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to happen to the file of each described zone, decided for all of them before the first is touched."""

from __future__ import annotations

import os
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.zonecut.dns.plugins.module_utils._content import (
    Difference,
    ZoneContent,
    difference,
    in_reading_order,
)
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, delegation_in
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._dynamic_zones import (
    FrozenZone,
    Hold,
    Serving,
    refused_changes,
    undescribed_records,
)
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._guards import judge
from ansible_collections.zonecut.dns.plugins.module_utils._journals import Journals, server_trace
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import (
    FileText,
    include_from_folder,
    read_records,
    serial_of,
    text_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import absolute_name, is_at_or_below, owner_text
from ansible_collections.zonecut.dns.plugins.module_utils._octets import octets_of
from ansible_collections.zonecut.dns.plugins.module_utils._records import Place, Record
from ansible_collections.zonecut.dns.plugins.module_utils._serial import (
    OnFuture,
    Policy,
    SerialError,
    SerialsInUse,
    newest,
    next_serial,
)
from ansible_collections.zonecut.dns.plugins.module_utils._server_control import frozen
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources, SourcesWanted
from ansible_collections.zonecut.dns.plugins.module_utils._zone_checks import check_zone
from ansible_collections.zonecut.dns.plugins.module_utils._zone_data import input_digest, zone_data
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import (
    FORMAT,
    Header,
    file_name,
    managed_zone,
    read_header,
    read_rendered,
    render,
)

__all__ = ("AskServed", "ChangingZone", "PlanOptions", "ZonePlan", "plan_zones", "settled_plans", "surplus_files")

# More than the header of the longest zone name takes.
_HEADER_SIZE = 2048
# How many warnings a file tells of itself.
_MAX_NOTED = 100


@dataclass(frozen=True)
class ChangingZone:
    """A zone whose serial has to move; a new one has no file yet."""

    zone: Zone
    is_new: bool


# By the canonical text of the apex, the serial that each server serves, by the server as messages name it.
ServedSerials = t.Mapping[str, t.Mapping[str, int]]
AskServed = t.Callable[[t.Sequence[ChangingZone]], ServedSerials]


@dataclass(frozen=True)
class PlanOptions:
    """What the user chose for all zones of a task.

    :arg directory: where the zone files are.
    :arg allow: codes of checks that are not made, and of refused changes of delegations that are.
    :arg fail_on_warning: whether what the checks warn about is refused.
    :arg now: the present time, with its time zone.
    :arg serving: the server of the zones, where it can be asked what it does with them.
    :arg frozen: the only zones to plan for, by name, where these are frozen for their files to be replaced.
    """

    directory: str
    now: datetime
    policy: Policy = "date"
    on_future: OnFuture = "advance"
    allow: tuple[str, ...] = ()
    fail_on_warning: bool = False
    serving: Serving | None = None
    frozen: t.Mapping[str, FrozenZone] | None = None


@dataclass(frozen=True)
class ZonePlan:
    """What has to happen to one zone file.

    :arg before: the bytes that ``text`` replaces, or None for no file.
    :arg text: the bytes to write, or None where the file stays as it is.
    :arg serial: the one that the file will have, and ``previous_serial`` the one that it has, if any.
    :arg records: how many the zone has, the SOA included.
    :arg difference: the records that come and go.
    :arg freeze: whether the server has to freeze the zone first, and the plan to be made again.
    :arg ours: what the file holds as it was written here; known only where the zone has to be frozen.
    :arg loaded: whether the server loads the file at the end, since it thaws the zone.
    """

    zone: Zone
    path: str
    before: bytes | None
    text: bytes | None
    serial: int
    previous_serial: int | None
    records: int
    difference: Difference = Difference()
    warnings: tuple[str, ...] = ()
    freeze: bool = False
    ours: ZoneContent | None = None
    loaded: bool = False

    def result(self) -> dict[str, t.Any]:
        """Return what modules return of the zone, but for what only writing it tells."""
        result = {
            "name": self.zone.text,
            "path": self.path,
            "changed": self.text is not None,
            "serial": self.serial,
            "previous_serial": self.previous_serial,
            "records": self.records,
            "warnings": list(self.warnings),
        }
        if self.text is not None:
            result["added"], result["removed"] = self.difference.counts
            if self.loaded:
                result["loaded"] = True
        return result

    def diff(self) -> dict[str, str]:
        """Return the records that come and go, as Ansible shows differences."""
        before, after = self.difference.removed, self.difference.added
        if not before and not after and self.previous_serial != self.serial:
            before, after = (f"; serial {self.previous_serial}",), (f"; serial {self.serial}",)
        elif not before and not after:
            before, after = ("; not managed by zonecut.dns.zone_files",), ("; managed by zonecut.dns.zone_files",)
        return {
            "before_header": self.path,
            "after_header": self.path,
            "before": "".join(f"{line}\n" for line in before),
            "after": "".join(f"{line}\n" for line in after),
        }


@contextmanager
def settled_plans(
    plan: t.Callable[[PlanOptions], list[ZonePlan]], options: PlanOptions, *, check_mode: bool = False
) -> t.Generator[list[ZonePlan], None, None]:
    """Yield the plan for each zone, in input order, while zones that their server changes by itself are frozen.

    :arg plan: makes the plans, and those of frozen zones again.
    :raises ZoneFileError: where the server does not freeze or thaw a zone; and whatever ``plan`` raises.
    """
    plans = plan(options)
    moving = {each.zone.text: each for each in plans if each.freeze}
    if not moving or options.serving is None:
        yield plans
    elif check_mode:
        yield [replace(each, warnings=(*each.warnings, _unfrozen(each))) if each.freeze else each for each in plans]
    else:
        # This generator is one of a context manager, which is always closed.
        # pylint: disable-next=contextmanager-generator-missing-cleanup
        with frozen(options.serving.server, {name: each.path for name, each in moving.items()}) as contents:
            known = {name: FrozenZone(text=text, ours=moving[name].ours) for name, text in contents.items()}
            again = {each.path: replace(each, loaded=True) for each in plan(replace(options, frozen=known))}
            yield [again.get(each.path, each) for each in plans]


def _unfrozen(plan: ZonePlan) -> str:
    return (
        f"zone {plan.zone.text}: it would be frozen while its file is replaced; records that updates have brought"
        " since its server wrote the file are known only then"
    )


def plan_zones(
    zones: t.Sequence[Zone], sources: Sources, options: PlanOptions, *, ask: AskServed | None = None
) -> list[ZonePlan]:
    """Return the plan for each zone, in input order.

    :arg ask: tells, once for all zones whose serial has to move, which serials are served; None where nobody is asked.
    :raises DescriptionError: with every problem found in any zone.
    :raises SourcesWanted: with every file that is on the controller only and needed here.
    """
    tree = ZoneTree(zones)
    drafts: list[ZonePlan | _Draft] = []
    problems = _ambiguous_names(zones)
    wanted: list[str] = []
    journals = Journals(options.directory)
    for zone in zones if options.frozen is None else [zone for zone in zones if zone.text in options.frozen]:
        try:
            drafts.append(_draft(zone, tree, sources, options, journals))
        except DescriptionError as exc:
            problems.extend(exc.problems)
        except SourcesWanted as exc:
            wanted.extend(exc.wanted)
    if problems:
        raise DescriptionError(problems)
    if wanted:
        raise SourcesWanted(tuple(dict.fromkeys(wanted)))
    changing = [draft.changing for draft in drafts if isinstance(draft, _Draft) and draft.moves]
    served = ask(changing) if ask is not None and changing else {}
    plans: list[ZonePlan] = []
    drafts.reverse()
    while drafts:
        # Taken off the list, so that the content of no zone is held beside the text of all.
        draft = drafts.pop()
        try:
            plans.append(draft if isinstance(draft, ZonePlan) else _finished(draft, served, options))
        except DescriptionError as exc:
            problems.extend(exc.problems)
    if problems:
        raise DescriptionError(problems)
    return plans


@dataclass(frozen=True)
class _Draft:
    """A file that has to be written, but for its serial.

    :arg moves: whether that has to move, and ``in_use`` what it has to be newer than, but for what is served.
    :arg serial: the one in the file.
    :arg input_digest: None where the zone has to be looked at again next time.
    :arg noted: those of the warnings that the file tells next time.
    """

    zone: Zone
    path: str
    before: bytes | None
    content: ZoneContent
    difference: Difference
    moves: bool
    serial: int | None
    in_use: SerialsInUse
    input_digest: str | None
    noted: tuple[str, ...]
    pushed: frozenset[str]
    warnings: tuple[str, ...]
    freeze: bool
    ours: ZoneContent | None

    @property
    def changing(self) -> ChangingZone:
        """What servers are asked about."""
        return ChangingZone(zone=self.zone, is_new=self.in_use.file is None and self.in_use.written is None)


@dataclass(frozen=True)
class _Wanted:
    """What a file has to hold.

    :arg records: what ``content`` was made from, if more may have to be added: those of a large zone take most memory.
    """

    content: ZoneContent
    warnings: tuple[str, ...]
    records: t.Sequence[Record]
    pushed: frozenset[str]
    source_serial: int | None


def _draft(zone: Zone, tree: ZoneTree, sources: Sources, options: PlanOptions, journals: Journals) -> ZonePlan | _Draft:
    path = os.path.join(options.directory, file_name(zone.text))
    before = _read(zone, path)
    header = None if before is None else read_header(before)
    digest = input_digest(zone, tree, sources, allow=options.allow)
    if header is not None and _is_made_from(header, zone, digest) and not (header.warnings and options.fail_on_warning):
        return _unchanged(zone, path, serial=header.serial, records=header.records, warnings=header.warnings)
    wanted = _wanted(zone, tree, sources, options, path=path, before=before, header=header)
    stopped = (options.frozen or {}).get(zone.text)
    served_text = None if stopped is None else stopped.text
    present = _present(zone, path, before, header) if served_text is None else _present(zone, path, served_text, None)
    # The file itself was found to change before the zone was frozen.
    moves = served_text is not None or present.content != wanted.content or present.set_back
    if not moves and header is not None and _is_current(header, zone) and header.pushed == wanted.pushed:
        return _unchanged(
            zone, path, serial=present.known_serial, records=len(wanted.content), warnings=wanted.warnings
        )
    hold = _hold(zone, path, before, present, options, journals)
    if _keeps_updates(options) and hold.served is not None and hold.served.dynamic:
        records = _with_kept(path, wanted.records, present.content)
        wanted = _judged(zone, options, records, pushed=wanted.pushed, source_serial=wanted.source_serial)
        moves = served_text is not None or present.content != wanted.content or present.set_back
    if not moves and hold.dynamic:
        # The server would drop a header when it writes the file the next time.
        return _unchanged(
            zone, path, serial=present.known_serial, records=len(wanted.content), warnings=wanted.warnings
        )
    ours = None
    if stopped is not None:
        ours = stopped.ours
    elif header is not None and header.intact:
        ours = present.content
    if moves:
        refused = list(_refused_cuts(zone, tree, present.content, wanted.content, options.allow))
        problems = refused_changes(
            hold,
            zone=zone.text,
            path=path,
            present=present.content,
            wanted=wanted.content,
            ours=ours,
            serving=options.serving,
            is_frozen=stopped is not None,
        )
        refused.extend(problem for problem in problems if problem.code not in options.allow)
        if refused:
            raise DescriptionError(refused)
    freeze = moves and stopped is None and hold.to_freeze(options.serving)
    return _Draft(
        zone=zone,
        path=path,
        before=before,
        content=wanted.content,
        difference=difference(present.content, wanted.content),
        moves=moves,
        serial=present.serial,
        in_use=SerialsInUse(
            file=present.serial,
            written=None if header is None else header.serial,
            origin=None if header is None else header.origin,
            source=wanted.source_serial,
            journal=hold.journal_serial,
        ),
        # A header is no place for thousands of warnings: without the digest the zone is looked at again next time.
        input_digest=digest if len(wanted.warnings) <= _MAX_NOTED else None,
        noted=wanted.warnings if len(wanted.warnings) <= _MAX_NOTED else (),
        pushed=wanted.pushed,
        warnings=wanted.warnings + tuple(f"zone {zone.text}: {each}" for each in present.warnings if moves),
        freeze=freeze,
        ours=ours if freeze else None,
    )


def _wanted(
    zone: Zone,
    tree: ZoneTree,
    sources: Sources,
    options: PlanOptions,
    *,
    path: str,
    before: bytes | None,
    header: Header | None,
) -> _Wanted:
    data = zone_data(zone, tree, sources)
    records, pushed = _with_pushed(zone, path, before, header, data.records)
    return _judged(zone, options, records, pushed=pushed, source_serial=data.source_serial)


def _judged(
    zone: Zone,
    options: PlanOptions,
    records: t.Sequence[Record],
    *,
    pushed: frozenset[str],
    source_serial: int | None,
) -> _Wanted:
    """Return what records in reading order make.

    :raises DescriptionError: with the errors of the zone, and for ``fail_on_warning`` with the warnings as well.
    """
    errors, warned = check_zone(zone.name, records, allow=options.allow)
    refused = [*errors, *warned] if options.fail_on_warning else errors
    if refused:
        raise DescriptionError(refused)
    return _Wanted(
        content=ZoneContent.of(zone.name, records),
        warnings=tuple(str(problem) for problem in warned),
        records=records if _keeps_updates(options) else (),
        pushed=pushed,
        source_serial=source_serial,
    )


def _keeps_updates(options: PlanOptions) -> bool:
    return options.serving is not None and options.serving.keep


def _finished(draft: _Draft, served: ServedSerials, options: PlanOptions) -> ZonePlan:
    zone, warnings = draft.zone, draft.warnings
    # Content that equals what is described has an SOA, so there is a serial where none is chosen.
    serial, origin = t.cast(int, draft.serial), draft.in_use.origin if draft.serial == draft.in_use.written else None
    if draft.moves:
        in_use = replace(draft.in_use, served=served.get(zone.apex, {}))
        try:
            chosen = next_serial(policy=options.policy, in_use=in_use, now=options.now, on_future=options.on_future)
        except SerialError as exc:
            raise DescriptionError([Problem(zone=zone.text, where=draft.path, rule=str(exc))]) from exc
        serial, origin = chosen.serial, chosen.origin
        warnings += tuple(f"zone {zone.text}: {warning}" for warning in chosen.warnings)
    return ZonePlan(
        zone=zone,
        path=draft.path,
        before=draft.before,
        text=render(
            draft.content,
            serial=serial,
            origin=origin,
            input_digest=draft.input_digest,
            pushed=draft.pushed,
            warnings=draft.noted,
        ),
        serial=serial,
        previous_serial=draft.serial,
        records=len(draft.content),
        difference=draft.difference,
        warnings=warnings,
        freeze=draft.freeze,
        ours=draft.ours,
    )


def _with_pushed(
    zone: Zone, path: str, before: bytes | None, header: Header | None, described: list[Record]
) -> tuple[list[Record], frozenset[str]]:
    """Add the delegations that zonecut.dns.delegations pushed into the file; return their zones as well.

    The description wins where it delegates the same zone.
    """
    if before is None or header is None or not header.pushed:
        return described, frozenset()
    try:
        present = read_records(FileText(name=path, text=text_of(before)), origin=zone.name)
    except ZoneFileError as exc:
        listed = ", ".join(sorted(header.pushed))
        rule = f"it was damaged by an edit, and the delegations pushed into it are in no description ({listed}): {exc}"
        raise DescriptionError([Problem(zone=zone.text, where=path, rule=rule)]) from exc
    described_cuts = {record.owner for record in described if record.rdtype == "NS"}
    described_rrsets = {(record.owner, record.rdtype) for record in described}
    cuts = {cut for cut in (owner_text(f"{name}.", zone.apex) for name in header.pushed) if cut not in described_cuts}
    servers: dict[str, set[str]] = {}
    for record in present:
        if record.rdtype == "NS" and record.owner in cuts:
            below = is_at_or_below(record.data, absolute_name(record.owner, zone.apex))
            servers.setdefault(record.owner, set()).update([owner_text(record.data, zone.apex)] if below else [])
    glue = set().union(*servers.values())
    # Where a zone was absorbed, its records are in the place of its delegation.
    absorbed = [absolute_name(name, zone.apex) for name in cuts - servers.keys()]
    kept = [
        record
        for record in present
        if (
            (record.owner in servers and record.rdtype in ("NS", "DS"))
            or (record.owner in glue and record.rdtype in ("A", "AAAA"))
            or any(is_at_or_below(absolute_name(record.owner, zone.apex), name) for name in absorbed)
        )
        and (record.owner, record.rdtype) not in described_rrsets
    ]
    left = {
        name for name in absorbed for record in kept if is_at_or_below(absolute_name(record.owner, zone.apex), name)
    }
    pushed = frozenset(name[:-1] for name in (*left, *(absolute_name(cut, zone.apex) for cut in servers)))
    return in_reading_order((*described, *kept)), pushed


def _unchanged(zone: Zone, path: str, *, serial: int, records: int, warnings: tuple[str, ...] = ()) -> ZonePlan:
    return ZonePlan(
        zone=zone,
        path=path,
        before=None,
        text=None,
        serial=serial,
        previous_serial=serial,
        records=records,
        warnings=warnings,
    )


@dataclass(frozen=True)
class _Present:
    """What is known of the file that is there; no content where there is none that could be read.

    :arg published: the serial that the header says the file was written with.
    """

    content: ZoneContent | None
    serial: int | None
    published: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def set_back(self) -> bool:
        """Whether the file has an older serial than the one that was written into it, which secondaries may have."""
        known = [each for each in (self.serial, self.published) if each is not None]
        return self.published is not None and newest(known) != self.serial

    @property
    def known_serial(self) -> int:
        # Content that equals a described one has its SOA.
        return t.cast(int, self.serial)


def _present(zone: Zone, path: str, before: bytes | None, header: Header | None) -> _Present:
    if before is None:
        return _Present(content=None, serial=None)
    if not before.strip():
        warning = f"{path} is empty, so which serial the zone had is unknown; name serial.servers that still serve it"
        return _Present(content=None, serial=None, warnings=(warning,))
    if header is not None and header.intact and _is_current(header, zone):
        return _Present(content=read_rendered(before), serial=header.serial)
    try:
        file = FileText(name=path, text=text_of(before), path=path)
        records = read_records(file, origin=zone.name, include=include_from_folder)
    except ZoneFileError as exc:
        if header is None:
            rule = f"not a zone file that can be read, so its serial is unknown; repair or remove it ({exc})"
            raise DescriptionError([Problem(zone=zone.text, where=path, rule=rule)]) from exc
        warning = f"the file was damaged by an edit and is written anew, its serial taken from its header ({exc})"
        return _Present(content=None, serial=header.serial, warnings=(warning,))
    present = _Present(
        # Each name server makes something else of TTLs that differ in an RRset, so that those equal no others.
        content=ZoneContent.of(zone.name, in_reading_order(records), even_ttls=False),
        serial=serial_of(records),
        published=None if header is None else header.serial,
    )
    if not present.set_back:
        return present
    edited = "lost by an edit" if present.serial is None else f"set back by an edit to {present.serial}"
    warning = f"the serial in {path} was {edited}; it goes on from {present.published}"
    return replace(present, warnings=(warning,))


def _read(zone: Zone, path: str) -> bytes | None:
    try:
        return octets_of(path)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise DescriptionError([Problem(zone=zone.text, where=path, rule=f"cannot be read ({exc.strerror})")]) from exc


def _is_current(header: Header, zone: Zone) -> bool:
    return header.format == FORMAT and header.zone == zone.text


def _is_made_from(header: Header, zone: Zone, digest: str) -> bool:
    return header.intact and _is_current(header, zone) and header.input_digest == digest


def _refused_cuts(
    zone: Zone, tree: ZoneTree, present: ZoneContent | None, wanted: ZoneContent, allow: t.Collection[str]
) -> t.Iterator[Problem]:
    """Yield why delegations of described zones must not change as they would; a new delegation breaks nothing."""
    for child in tree.children_of(zone):
        before = NOT_DELEGATED if present is None else delegation_in(child.name, present.rdatas)
        after = delegation_in(child.name, wanted.rdatas)
        if not before.exists or before == after:
            continue
        for refusal in judge(zone=child.name, present=before, wanted=after, allow=allow):
            rule = f"{refusal.message}; allow it if that is meant"
            yield Problem(zone=zone.text, where=f"the delegation of {child.text}", rule=rule, code=refusal.code)


def _hold(
    zone: Zone, path: str, before: bytes | None, present: _Present, options: PlanOptions, journals: Journals
) -> Hold:
    """Find out what a server has to do with a zone whose file is to change."""
    served = None
    if options.serving is not None:
        try:
            served = options.serving.server.look_up(zone.text, path)
        except ZoneFileError as exc:
            # Where there is no file yet there is nothing to lose, and perhaps no server yet.
            if before is not None:
                raise DescriptionError([Problem(zone=zone.text, where=path, rule=exc.message)]) from exc
    try:
        journal = journals.of(zone.apex, path)
    except OSError as exc:
        rule = f"its journal cannot be read ({exc.strerror})"
        raise DescriptionError([Problem(zone=zone.text, where=path, rule=rule)]) from exc
    trace = None
    if served is None:
        trace = server_trace(path=path, text=before, serial=present.serial, journal=journal)
    return Hold(served=served, trace=trace, journal_serial=None if journal is None else journal.last_serial)


def _with_kept(path: str, described: t.Sequence[Record], present: ZoneContent | None) -> list[Record]:
    """Add what is in the zone and is not described."""
    rrsets = {(record.owner, record.rdtype) for record in described}
    kept = () if present is None else undescribed_records(present, rrsets, Place(f"in {path}"))
    return in_reading_order((*described, *kept))


def _ambiguous_names(zones: t.Sequence[Zone]) -> list[Problem]:
    first: dict[str, Zone] = {}
    problems = []
    for zone in zones:
        other = first.setdefault(file_name(zone.text), zone)
        if other is not zone:
            rule = f"its file would be {file_name(zone.text)}, as that of zone {other.text}"
            problems.append(Problem(zone=zone.text, where="name", rule=rule))
    return problems


def surplus_files(zones: t.Sequence[Zone], directory: str, *, allow: t.Collection[str] = ()) -> list[str]:
    """Return the paths of managed files of zones that are no longer described, in order of name.

    A managed file under another name is a copy that somebody made, and is not listed.

    :raises DescriptionError: when no zone is described, so that a server would lose all of them.
    :raises ZoneFileError: for a file that cannot be read, which may be one of these.
    """
    described = {file_name(zone.text) for zone in zones}
    surplus = []
    for name in sorted(os.listdir(directory) if os.path.isdir(directory) else ()):
        path = os.path.join(directory, name)
        if name in described or not name.endswith(".zone") or os.path.islink(path) or not os.path.isfile(path):
            continue
        try:
            with open(path, "rb") as stream:
                zone = managed_zone(stream.read(_HEADER_SIZE))
        except OSError as exc:
            raise ZoneFileError(f"{path}: cannot be read ({exc.strerror})") from exc
        if zone is not None and name == file_name(zone):
            surplus.append(path)
    if surplus and not zones and "purge_all" not in allow:
        rule = (
            f"no zone is described, so all {len(surplus)} zone files here would be removed; allow it if that is meant"
        )
        raise DescriptionError([Problem(where=directory, rule=rule, code="purge_all")])
    return surplus
