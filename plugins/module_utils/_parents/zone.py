# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents that are a zone file on this host, whether it is rendered from a description or written by hand."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._content import ContentLine, ZoneContent, in_reading_order
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation, delegation_in
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    StaleViewError,
    ZoneFileError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._journals import Journals, ServerTrace, server_trace
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import FileText, read_records, serial_of, text_of
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import absolute_name, name_text, owner_text
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    AbsorbedRecord,
    Change,
    Parent,
    Setting,
    hidden_rrsets,
)
from ansible_collections.zonecut.dns.plugins.module_utils._record_text import presentation
from ansible_collections.zonecut.dns.plugins.module_utils._serial import (
    SerialError,
    SerialsInUse,
    likely_policy,
    next_serial,
)
from ansible_collections.zonecut.dns.plugins.module_utils._zone_cut import (
    check_cut,
    check_uncovered,
    dropped_servers,
    glue_of_others,
)
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import (
    Header,
    file_name,
    read_header,
    render,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

if t.TYPE_CHECKING:
    from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter

__all__ = ("ZoneParent", "with_change")


# Only for a parent zone without NS records of its own, which no server would load.
_DEFAULT_TTL = 3600


class ZoneParent(Parent):
    """The file of a parent zone; all changes to one file are written at once, with one new serial."""

    kind = "zone"
    arguments = {"zone": {"type": "str"}, "directory": {"type": "path"}, "path": {"type": "path"}}
    abilities = Abilities(batch=True, removes=True, absorbs=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        where = f"parents: {name}"
        if bool(options.get("directory")) == bool(options.get("path")):
            rule = "exactly one of directory and path is needed by type zone"
            raise DescriptionError([Problem(where=where, rule=rule)])
        if options.get("path") and options.get("zone") is None:
            # Relative names in a file mean what its zone says, and nothing in the file needs to name it.
            rule = "it is needed with path: name the parent zone that this file holds"
            raise DescriptionError([Problem(where=f"{where}: zone", rule=rule)])
        self._zone: dns.name.Name | None = options.get("zone")
        # As each was read last; writing reads anew, under the lock.
        self._files: dict[dns.name.Name, _ParentFile] = {}

    def read(self, zone: Zone) -> Delegation:
        return _delegation(zone.name, self._load(self._parent_of(zone)).content)

    def zone_above(self, zone: Zone) -> dns.name.Name:
        return self._parent_of(zone)

    def check(self, change: Change) -> None:
        file = self._last_read(self._parent_of(change.zone))
        _must_be_writable(file.path)
        _must_be_left_alone(file)
        _must_not_be_described(change, file.header)
        check_uncovered(change, lambda: _rrsets(file.content), warn=self.setting.warn)

    def hidden_by(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...] | DelegationError]:
        groups, failed = self._by_parent([change.zone for change in changes])
        by_name = {change.zone.name: change for change in changes}
        hidden: dict[dns.name.Name, tuple[str, ...] | DelegationError] = {**failed}
        for parent, group in groups.items():
            try:
                content = self._last_read(parent).content
            except DelegationError as exc:
                hidden.update((zone.name, exc) for zone in group)
            else:
                hidden.update(hidden_rrsets([by_name[zone.name] for zone in group], _rrsets(content)))
        return hidden

    def lacking(self, zone: Zone, records: t.Sequence[AbsorbedRecord]) -> tuple[AbsorbedRecord, ...]:
        content = self._load(self._parent_of(zone)).content
        return tuple(
            record
            for record in records
            if presentation(record.rdata) not in ((line.rdtype, line.data) for line in content.at(record.owner))
        )

    def apply(self, change: Change) -> None:
        failed = self._rewrite(self._parent_of(change.zone), [change])
        if failed:
            raise failed[change.zone.name]

    def read_all(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Delegation | DelegationError]:
        groups, failed = self._by_parent(zones)
        found: dict[dns.name.Name, Delegation | DelegationError] = {**failed}
        for parent, group in groups.items():
            try:
                content = self._load(parent).content
            except DelegationError as exc:
                found.update((zone.name, exc) for zone in group)
                continue
            for zone in group:
                try:
                    found[zone.name] = _delegation(zone.name, content)
                except DelegationError as exc:
                    found[zone.name] = exc
        return found

    def apply_all(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        groups, failed = self._by_parent([change.zone for change in changes])
        by_name = {change.zone.name: change for change in changes}
        for parent, group in groups.items():
            try:
                failed.update(self._rewrite(parent, [by_name[zone.name] for zone in group]))
            except DelegationError as exc:
                failed.update((zone.name, exc) for zone in group)
        return failed

    def _by_parent(
        self, zones: t.Sequence[Zone]
    ) -> tuple[dict[dns.name.Name, list[Zone]], dict[dns.name.Name, DelegationError]]:
        groups: dict[dns.name.Name, list[Zone]] = {}
        failed: dict[dns.name.Name, DelegationError] = {}
        for zone in zones:
            try:
                groups.setdefault(self._parent_of(zone), []).append(zone)
            except DelegationError as exc:
                failed[zone.name] = exc
        return groups, failed

    def _parent_of(self, zone: Zone) -> dns.name.Name:
        if self._zone is None:
            above = self.setting.tree.closest_above(zone.name)
            if above is None:
                raise DelegationError("no zone above it is described, so the option zone must name its parent zone")
            return above.name
        if zone.name == self._zone or not zone.name.is_subdomain(self._zone):
            raise DelegationError(f"the zone does not lie below {display_name(self._zone)}")
        return self._zone

    def _path(self, parent: dns.name.Name) -> str:
        return str(self.options.get("path") or os.path.join(self.options["directory"], file_name(display_name(parent))))

    def _last_read(self, parent: dns.name.Name) -> _ParentFile:
        return self._files.get(parent) or self._load(parent)

    def _load(self, parent: dns.name.Name) -> _ParentFile:
        path = self._path(parent)
        try:
            with open(path, "rb") as stream:
                text = stream.read()
            records = read_records(FileText(name=path, text=text_of(text)), origin=parent)
            journal = Journals(_folder(path)).of(name_text(parent), path)
        except FileNotFoundError as exc:
            raise DelegationError(f"{path} is not there: render the zone {display_name(parent)} first") from exc
        except OSError as exc:
            raise DelegationError(f"{path} cannot be read ({exc.strerror})") from exc
        except ZoneFileError as exc:
            raise DelegationError(f"{path}: {exc}") from exc
        header = read_header(text)
        if header is not None and header.zone != display_name(parent):
            raise DelegationError(
                f"{path} is the file of {header.zone} and not of {display_name(parent)}: check the options zone and"
                " path"
            )
        serial = serial_of(record for record in records if record.owner == "@")
        if serial is None:
            raise DelegationError(f"{path} has no SOA record for {display_name(parent)}, so it is not that zone's file")
        content = ZoneContent.of(parent, in_reading_order(records))
        file = _ParentFile(
            path=path,
            text=text,
            content=content,
            serial=serial,
            header=header,
            trace=server_trace(path=path, text=text, serial=serial, journal=journal),
        )
        self._files[parent] = file
        return file

    def _rewrite(self, parent: dns.name.Name, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        path = self._path(parent)
        _must_be_writable(path)
        writer = self.setting.writer(_folder(path))
        failed: dict[dns.name.Name, DelegationError] = {}
        try:
            with writer.locked():
                file = self._load(parent)
                _must_be_left_alone(file)
                content, pushed = file.content, set(file.header.pushed if file.header else ())
                served_by = _owners_of(content, {name for change in changes for name in dropped_servers(change)})
                for change in changes:
                    try:
                        _must_not_be_described(change, file.header)
                        found = _delegation(change.zone.name, file.content)
                    except DelegationError as exc:
                        failed[change.zone.name] = exc
                        continue
                    if found == change.present:
                        kept = glue_of_others(change, served_by, warn=self.setting.warn)
                        content = with_change(content, change, kept_glue=kept)
                        stays = change.wanted.name_servers or change.absorbed
                        (pushed.add if stays else pushed.discard)(change.zone.text)
                    else:
                        failed[change.zone.name] = StaleViewError(f"somebody else changed the delegation in {path}")
                if content != file.content:
                    self._replace(writer, file, content, pushed)
        except (OSError, SerialError, ZoneFileError) as exc:
            raise DelegationError(f"{path} cannot be written: {exc}") from exc
        return failed

    def _replace(
        self, writer: ZoneFileWriter, file: _ParentFile, content: ZoneContent, pushed: t.Collection[str]
    ) -> None:
        header = file.header
        now = self.setting.clock()
        origin = None if header is None else header.origin
        in_use = SerialsInUse(file=file.serial, written=None if header is None else header.serial, origin=origin)
        # Serials go on as they were counted: there is no simple way back from one that is a date.
        policy = likely_policy(file.serial, now=now) if origin is None else origin.policy
        chosen = next_serial(policy=policy, in_use=in_use, now=now)
        text = render(
            content,
            serial=chosen.serial,
            origin=chosen.origin,
            # What is described is as it was, so the next run of zone_files need not look closer than at this.
            input_digest=header.input_digest if header and header.intact else None,
            pushed=pushed,
            warnings=header.warnings if header else (),
            managed=header is not None,
        )
        backup = writer.replace(
            zone=display_name(dns.name.from_text(content.apex)),
            path=file.path,
            before=file.text,
            text=text,
            keep=header is None and file.text != render(file.content, serial=file.serial, managed=False),
        )
        for warning in chosen.warnings:
            self.setting.warn(f"zone {content.apex[:-1]} at {self.name}: {warning}")
        if backup is not None:
            self.setting.warn(
                f"{file.path} was written anew, without the comments and the layout that it had; these are in {backup}"
            )


@dataclass(frozen=True)
class _ParentFile:
    """What is in the file of a parent zone, and what shows that its server changes the zone by itself."""

    path: str
    text: bytes
    content: ZoneContent
    serial: int
    header: Header | None
    trace: ServerTrace | None


def with_change(content: ZoneContent, change: Change, *, kept_glue: t.Collection[dns.name.Name] = ()) -> ZoneContent:
    """Return the content of the parent zone with ``change`` made; new RRsets get the TTL of its own NS records.

    :arg kept_glue: servers whose addresses stay though the delegation has no need of them any more.
    """
    cut, present = change.zone.name, change.present
    apex = dns.name.from_text(content.apex)
    ttl = content.ttl(apex, "NS")
    ttl = _DEFAULT_TTL if ttl is None else ttl
    known = {server.name for server in present.name_servers}
    inside = {server.name for server in change.wanted.name_servers if is_in_domain(server.name, cut)}
    # What was there belonged to no server of the cut, or to none at all; the operations bring all that belongs to it.
    removed = {line for name in inside - known for line in content.at(name) if line.rdtype in ("A", "AAAA")}
    # No server loads a zone with glue beside a CNAME (RFC 1034 section 3.6.2), which the cut hides anyway.
    removed |= {line for name in inside for line in content.at(name) if line.rdtype == "CNAME"}
    if not present.exists:
        removed |= {line for line in content.at(cut) if line.rdtype == "DS"}
    added: set[ContentLine] = set()
    for operation in change.operations:
        rdtype, data = presentation(operation.rdata)
        rrset = [line for line in content.at(operation.owner) if line.rdtype == rdtype and line not in removed]
        owner = owner_text(name_text(operation.owner), content.apex)
        line = ContentLine(owner, rrset[0].ttl if rrset else ttl, rdtype, data)
        if operation.action == "add":
            added.add(line)
        elif operation.owner not in kept_glue or operation.rdtype not in ("A", "AAAA"):
            removed.add(line)
    for (owner_name, _rdtype), records in change.absorbed_rrsets.items():
        lines = [_absorbed_line(record, content.apex) for record in records]
        # What stood below the cut was hidden by it, and is nothing beside what is described; nor is a CNAME.
        removed |= {
            line
            for line in content.at(owner_name)
            if line.rdtype == lines[0].rdtype or "CNAME" in (line.rdtype, lines[0].rdtype)
        }
        added = {line for line in added if (line.owner, line.rdtype) != (lines[0].owner, lines[0].rdtype)} | set(lines)
    return content.with_lines(removed=removed, added=added)


def _absorbed_line(record: AbsorbedRecord, apex: str) -> ContentLine:
    rdtype, data = presentation(record.rdata)
    return ContentLine(owner_text(name_text(record.owner), apex), record.ttl, rdtype, data)


def _delegation(zone: dns.name.Name, content: ZoneContent) -> Delegation:
    check_cut(zone, parent=dns.name.from_text(content.apex), has=content.rdatas)
    return delegation_in(zone, content.rdatas, ttl=content.ttl)


def _owners_of(content: ZoneContent, targets: t.Iterable[dns.name.Name]) -> dict[dns.name.Name, list[dns.name.Name]]:
    """Return the owners of the NS records with these targets, by target."""
    owners: dict[dns.name.Name, list[dns.name.Name]] = {target: [] for target in targets}
    by_text = {name_text(target): target for target in owners}
    if by_text:
        for line in map(ContentLine.of, content.lines):
            if line.rdtype == "NS" and line.data in by_text:
                owners[by_text[line.data]].append(dns.name.from_text(absolute_name(line.owner, content.apex)))
    return owners


def _rrsets(content: ZoneContent) -> t.Iterator[tuple[dns.name.Name, dns.rdatatype.RdataType]]:
    lines = (ContentLine.of(line) for line in content.lines)
    for owner, rdtype in dict.fromkeys((line.owner, line.rdtype) for line in lines):
        yield dns.name.from_text(absolute_name(owner, content.apex)), dns.rdatatype.from_text(rdtype)


def _folder(path: str) -> str:
    return os.path.dirname(path) or "."


def _must_not_be_described(change: Change, header: Header | None) -> None:
    """Check that zone_files would keep the change: it keeps what was pushed, and writes what is described."""
    if header is not None and change.present.name_servers and change.zone.text not in header.pushed:
        raise DelegationError(
            f"the file of {header.zone} is rendered from a description that delegates {change.zone.text} itself, so the"
            " next run of zone_files would undo the change: make it in that description"
        )


def _must_be_left_alone(file: _ParentFile) -> None:
    if file.trace is not None:
        raise DelegationError(
            f"{file.trace.path}: {file.trace.reason}, so the server would ignore a new zone file or lose updates: push"
            " by updates with a parent of type rfc2136"
        )


def _must_be_writable(path: str) -> None:
    if not os.access(_folder(path), os.W_OK | os.X_OK):
        raise DelegationError(f"{path} cannot be written: this user may make no files in {_folder(path)}")
