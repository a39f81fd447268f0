# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents that are zones of a PowerDNS Authoritative Server, reached by its HTTP API."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation, delegation_in
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._durations import parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    StaleViewError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._http import ApiError, ApiSession, api_address, credential
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    AbsorbedRecord,
    BatchParent,
    Change,
    Setting,
    hidden_rrsets,
)
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
    owners_by_target,
)

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("PowerdnsParent",)

_API = "/api/v1"
_DEFAULT_SERVER = "localhost"
_DEFAULT_TTL = 3600
# More delegations than this in one parent zone are read by one request for the whole zone.
_FEW = 3
# As many changes fit into the 2 MB that a request may have unless the server's webserver-max-bodysize says otherwise.
_AT_ONCE = 500
_SECONDARY_KINDS = ("slave", "secondary", "consumer")

_Key = tuple["dns.name.Name", str]


class PowerdnsParent(BatchParent):
    """Parent zones at one PowerDNS server; all changes to one zone are made in one request."""

    kind = "powerdns"
    required = ("api_url", "api_key")
    arguments = {
        "api_url": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        "server_id": {"type": "str"},
        "ca_path": {"type": "path"},
        "zone": {"type": "str"},
        "ttl": {"type": "str"},
    }
    environment = ("api_key",)
    abilities = Abilities(batch=True, removes=True, absorbs=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        where = f"parents: {name}: "
        self._zone: dns.name.Name | None = options.get("zone")
        self._ttl = _seconds(options.get("ttl"), where=f"{where}ttl")
        url = api_address(options["api_url"], where=f"{where}api_url")
        key = credential(options, "api_key", where=where)
        self._server = options.get("server_id") or _DEFAULT_SERVER
        self._session = ApiSession(
            url=url if url.endswith(_API) else f"{url}{_API}",
            setting=setting,
            headers={"X-API-Key": key},
            secrets=[key],
            hints=_HINTS,
            explain=lambda answer: str(answer["error"]),
            ca_path=_readable(options.get("ca_path"), where=f"{where}ca_path"),
        )
        # What holds each name, and the zones as they were read last.
        self._zones: dict[dns.name.Name, _ParentZone | DelegationError] = {}
        self._contents: dict[dns.name.Name, _Content] = {}
        self._presigned: dict[_ParentZone, bool] = {}

    def zone_above(self, zone: Zone) -> dns.name.Name:
        return self._parent_of(zone.name).name

    def check(self, change: Change) -> None:
        parent = self._parent_of(change.zone.name)
        content = self._contents.get(parent.name) or self._load_for(parent, [change.zone.name])
        if content.kind.lower() in _SECONDARY_KINDS:
            raise DelegationError(
                f"{display_name(parent.name)} is a secondary zone at {self._session}, and what is changed there is"
                " gone with the next transfer: push to its primary"
            )
        if content.signed and self._is_presigned(parent):
            raise DelegationError(
                f"{display_name(parent.name)} comes to {self._session} with its signatures, so what is changed there"
                " would have none: push to where the zone is signed"
            )
        check_uncovered(change, lambda: self._whole(parent).present(), warn=self.setting.warn)

    def hidden_by(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...] | DelegationError]:
        def hidden(parent: _ParentZone, group: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...]]:
            return hidden_rrsets(group, self._whole(parent).present())

        by_name = {change.zone.name: change for change in changes}
        groups, failed = self._by_parent(by_name)
        found: dict[dns.name.Name, tuple[str, ...] | DelegationError] = {**failed}
        for parent, names in groups.items():
            try:
                found.update(hidden(parent, [by_name[name] for name in names]))
            except DelegationError as exc:
                found.update(dict.fromkeys(names, exc))
        return found

    def lacking(self, zone: Zone, records: t.Sequence[AbsorbedRecord]) -> tuple[AbsorbedRecord, ...]:
        content = self._load(self._parent_of(zone.name), *sorted({record.owner for record in records}))
        return tuple(
            record
            for record in records
            if record.rdata not in content.rdatas(record.owner, dns.rdatatype.to_text(record.rdata.rdtype))
        )

    def read_all(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Delegation | DelegationError]:
        groups, failed = self._by_parent(zone.name for zone in zones)
        found: dict[dns.name.Name, Delegation | DelegationError] = {**failed}
        for parent, names in groups.items():
            found.update(self._delegations(parent, names))
        return found

    def apply_all(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        by_name = {change.zone.name: change for change in changes}
        groups, failed = self._by_parent(by_name)
        for parent, names in groups.items():
            failed.update(self._change(parent, [by_name[name] for name in names]))
        return failed

    def _by_parent(
        self, names: t.Iterable[dns.name.Name]
    ) -> tuple[dict[_ParentZone, list[dns.name.Name]], dict[dns.name.Name, DelegationError]]:
        """Return what is delegated in each parent zone, and those that have none with the reason."""
        groups: dict[_ParentZone, list[dns.name.Name]] = {}
        failed: dict[dns.name.Name, DelegationError] = {}
        for name in names:
            try:
                groups.setdefault(self._parent_of(name), []).append(name)
            except DelegationError as exc:
                failed[name] = exc
        return groups, failed

    def _parent_of(self, name: dns.name.Name) -> _ParentZone:
        if name == dns.name.root:
            raise DelegationError("the root zone has no parent")
        if self._zone is not None and (name == self._zone or not name.is_subdomain(self._zone)):
            raise DelegationError(f"the zone does not lie below {display_name(self._zone)}")
        key = self._zone or name.parent()
        if key not in self._zones:
            try:
                self._zones[key] = self._find([key] if self._zone else _above(name))
            except DelegationError as exc:
                self._zones[key] = exc
        found = self._zones[key]
        if isinstance(found, DelegationError):
            raise found
        return found

    def _find(self, candidates: t.Sequence[dns.name.Name]) -> _ParentZone:
        """Return the first of the candidates that is a zone at the server."""
        for candidate in candidates:
            query = {"zone": candidate.to_text()}
            found = self._session.read("servers", self._server, "zones", query=query, parse=_identifiers)
            if candidate in found:
                return _ParentZone(name=candidate, identifier=found[candidate])
        raise DelegationError(
            f"{self._session} has no zone {display_name(candidates[0])}"
            + (": check the option zone" if self._zone else ", nor one above it: check api_url and server_id")
        )

    def _load(self, parent: _ParentZone, *owners: dns.name.Name) -> _Content:
        """Return the zone as the server has it now, only the RRsets of the owners if there are any."""
        path = ("servers", self._server, "zones", parent.identifier)
        queries = [{"rrset_name": owner.to_text()} for owner in owners] or [{}]
        content = _Content(parent=parent, whole=not owners)
        for query in queries:
            self._session.read(*path, query=query, parse=content.take)
        self._contents[parent.name] = content
        return content

    def _whole(self, parent: _ParentZone) -> _Content:
        """Return the zone as it was read last, with all its RRsets."""
        content = self._contents[parent.name]
        return content if content.whole else self._load(parent)

    def _delegations(
        self, parent: _ParentZone, names: t.Sequence[dns.name.Name]
    ) -> dict[dns.name.Name, Delegation | DelegationError]:
        """Return what the parent zone holds now."""
        try:
            return self._load_for(parent, names).delegations(names)
        except DelegationError as exc:
            return dict.fromkeys(names, exc)

    def _load_for(self, parent: _ParentZone, names: t.Sequence[dns.name.Name]) -> _Content:
        """Return the zone with all that matters for these delegations."""
        if len(names) > _FEW:
            return self._load(parent)
        # What stands in the way of a cut may be at names between it and the apex, and there as well.
        owners = {above for name in names for above in _above(name) if above.is_subdomain(parent.name)}.union(names)
        content = self._load(parent, *sorted(owners))
        targets = {rdata.target for name in names for rdata in t.cast("list[t.Any]", content.rdatas(name, "NS"))}
        glue = {target for target in targets if any(is_in_domain(target, name) for name in names)} - owners
        return self._load(parent, *sorted(owners | glue)) if glue else content

    def _change(self, parent: _ParentZone, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        """Make changes to one zone in one request, or each in its own where the server refuses that."""
        failed: dict[dns.name.Name, DelegationError] = {}
        # There is no way to let the server compare, so the time for somebody else's change is kept short. Only the
        # whole zone has the records that are disabled, which a replacement would lose.
        try:
            content = self._load(parent)
        except DelegationError as exc:
            return {change.zone.name: exc for change in changes}
        now = content.delegations([change.zone.name for change in changes])
        due: list[Change] = []
        for change in changes:
            found = now[change.zone.name]
            if isinstance(found, DelegationError):
                failed[change.zone.name] = found
            elif found != change.present:
                failed[change.zone.name] = StaleViewError(
                    f"somebody else changes the delegation at {self._session} at the same time"
                )
            else:
                due.append(change)
        for start in range(0, len(due), _AT_ONCE):
            failed.update(self._make(content, due[start : start + _AT_ONCE]))
        if any(change.zone.name not in failed for change in due):
            self._rectify(content)
        return failed

    def _make(self, content: _Content, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        try:
            self._patch(content, changes)
        except ApiError as exc:
            if len(changes) == 1:
                return {changes[0].zone.name: exc}
            # One of them is refused, and with it all the others were.
            return {name: failure for change in changes for name, failure in self._make(content, [change]).items()}
        except DelegationError as exc:
            return {change.zone.name: exc for change in changes}
        return {}

    def _patch(self, content: _Content, changes: t.Sequence[Change]) -> None:
        served_by = content.owners_by_server() if any(map(dropped_servers, changes)) else {}
        rrsets = [rrset for change in changes for rrset in self._rrsets(content, change, served_by=served_by).values()]
        # A CNAME is taken only where the others at its name have gone before, and they where it has.
        rrsets.sort(key=lambda rrset: rrset["changetype"])
        if not content.moves_serial:
            # Secondaries would see nothing of the change.
            rrsets.append(self._moved_serial(content))
        path = ("servers", self._server, "zones", content.parent.identifier)
        self._session.change("PATCH", *path, body={"rrsets": rrsets})

    def _rrsets(
        self,
        content: _Content,
        change: Change,
        *,
        served_by: t.Mapping[dns.name.Name, t.Collection[dns.name.Name]],
    ) -> dict[_Key, dict[str, t.Any]]:
        """Return the RRsets that a change replaces or deletes, in the form of the API."""
        known = {server.name for server in change.present.name_servers}
        inside = {server.name for server in change.wanted.name_servers if is_in_domain(server.name, change.zone.name)}
        # What is at the name of a new server below the cut belonged to no server of it.
        new = {(name, rdtype) for name in inside - known for rdtype in ("A", "AAAA")}
        # The server takes no glue beside a CNAME, which the cut hides anyway.
        new |= {(name, "CNAME") for name in inside if (name, "CNAME") in content.rrsets}
        rrsets: dict[_Key, list[dns.rdata.Rdata]] = {key: [] for key in sorted(new)}
        added: set[_Key] = set()
        kept = glue_of_others(change, served_by, warn=self.setting.warn)
        for operation in change.operations:
            key = (operation.owner, operation.rdtype)
            if operation.owner in kept and operation.rdtype in ("A", "AAAA"):
                continue
            rdatas = rrsets.setdefault(key, content.rdatas(*key))
            if operation.action == "add":
                rdatas.append(operation.rdata)
                added.add(key)
            else:
                rdatas.remove(operation.rdata)
        replaced: dict[_Key, dict[str, t.Any]] = {}
        for key, rdatas in rrsets.items():
            before = _RRset() if key in new else content.rrsets.get(key, _RRset())
            ttl = self._ttl if key in added else None
            replaced[key] = _replacement(key, [rdata.to_text() for rdata in rdatas], before=before, ttl=ttl)
        for (owner, rdtype), records in change.absorbed_rrsets.items():
            key = (owner, dns.rdatatype.to_text(rdtype))
            # What stood below the cut was hidden by it, and is nothing beside what is described.
            for other in content.rrsets:
                if other != key and other[0] == owner and "CNAME" in (other[1], key[1]):
                    replaced[other] = _replacement(other, [], before=_RRset(), ttl=None)
            values = [record.rdata.to_text() for record in records]
            replaced[key] = _replacement(key, values, before=_RRset(), ttl=records[0].ttl)
        return replaced

    def _moved_serial(self, content: _Content) -> dict[str, t.Any]:
        """Return a newer SOA record in the form of the API."""
        key = (content.parent.name, "SOA")
        before = content.rrsets.get(key, _RRset())
        if len(before.values) != 1:
            raise DelegationError(
                f"{display_name(content.parent.name)} has no SOA record at {self._session}, so it is not served"
            )
        (soa,) = t.cast("list[t.Any]", content.rdatas(*key))
        now = self.setting.clock()
        try:
            chosen = next_serial(
                policy=likely_policy(soa.serial, now=now), in_use=SerialsInUse(source=soa.serial), now=now
            )
        except SerialError as exc:
            raise DelegationError(f"{display_name(content.parent.name)}: {exc}") from exc
        for warning in chosen.warnings:
            self.setting.warn(f"zone {display_name(content.parent.name)} at {self.name}: {warning}")
        text = soa.replace(serial=chosen.serial).to_text()
        content.rrsets[key] = replace(before, values=(text,))
        return _replacement(key, [text], before=before, ttl=None)

    def _is_presigned(self, parent: _ParentZone) -> bool:
        if parent not in self._presigned:
            path = ("servers", self._server, "zones", parent.identifier, "metadata", "PRESIGNED")
            try:
                self._presigned[parent] = self._session.read(*path, parse=lambda answer: "1" in answer["metadata"])
            except ApiError as exc:
                # Without the metadata at all, some versions answer so.
                if exc.status not in (404, 422):
                    raise
                self._presigned[parent] = False
        return self._presigned[parent]

    def _rectify(self, content: _Content) -> None:
        """Let the server put NSEC records in order, as it does by itself unless it is told otherwise."""
        if not content.signed or content.rectifies:
            return
        path = ("servers", self._server, "zones", content.parent.identifier, "rectify")
        try:
            self._session.change("PUT", *path)
        except DelegationError as exc:
            self.setting.warn(
                f"zone {display_name(content.parent.name)} at {self.name} is signed and could not be rectified, so that"
                f" its NSEC records may be out of order: run pdnsutil rectify-zone on its server ({exc.message})"
            )


@dataclass(frozen=True)
class _ParentZone:
    name: dns.name.Name
    identifier: str


@dataclass(frozen=True)
class _RRset:
    """The data of an RRset as text; ``disabled`` is what the server keeps and does not serve."""

    ttl: int | None = None
    values: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()


@dataclass
class _Content:
    """What the API shows of a zone.

    :arg whole: whether all its RRsets are here.
    :arg kind: such as Native, Master or Slave.
    :arg signed: whether it is signed; ``rectifies`` whether it is sure to be rectified after each change.
    :arg moves_serial: whether the server gives it a new serial with each change.
    """

    parent: _ParentZone
    whole: bool
    kind: str = ""
    signed: bool = False
    rectifies: bool = False
    moves_serial: bool = True
    rrsets: dict[_Key, _RRset] = field(default_factory=dict)

    def take(self, answer: t.Mapping[str, t.Any]) -> None:
        """Add what an answer of the API has."""
        self.kind = str(answer.get("kind", ""))
        self.signed = bool(answer.get("dnssec"))
        self.rectifies = bool(answer.get("api_rectify"))
        self.moves_serial = str(answer.get("soa_edit_api") or "OFF").upper() != "OFF"
        for rrset in answer.get("rrsets") or ():
            records = rrset["records"]
            self.rrsets[dns.name.from_text(rrset["name"]), str(rrset["type"])] = _RRset(
                ttl=int(rrset["ttl"]),
                values=tuple(record["content"] for record in records if not record.get("disabled")),
                disabled=tuple(record["content"] for record in records if record.get("disabled")),
            )

    def rdatas(self, owner: dns.name.Name, rdtype: str) -> list[dns.rdata.Rdata]:
        """Return the data of the records of an RRset that are served.

        :raises DelegationError: where the server holds what is none.
        """
        try:
            return [
                dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), text)
                for text in self.rrsets.get((owner, rdtype), _RRset()).values
            ]
        except dns.exception.DNSException as exc:
            raise DelegationError(
                f"the server holds a {rdtype} record at {display_name(owner)} that is none: {exc}"
            ) from exc

    def present(self) -> t.Iterator[tuple[dns.name.Name, dns.rdatatype.RdataType]]:
        """Yield the owner and type of each RRset that is served."""
        return ((owner, _rdatatype(rdtype)) for (owner, rdtype), rrset in self.rrsets.items() if rrset.values)

    def owners_by_server(self) -> dict[dns.name.Name, list[dns.name.Name]]:
        """Return the owners of all NS records, by target."""
        return owners_by_target((owner, self.rdatas(owner, rdtype)) for owner, rdtype in self.rrsets if rdtype == "NS")

    def delegations(self, zones: t.Iterable[dns.name.Name]) -> dict[dns.name.Name, Delegation | DelegationError]:
        """Return the delegation of each zone, or why nothing can be delegated there."""
        found: dict[dns.name.Name, Delegation | DelegationError] = {}
        for zone in zones:
            try:
                found[zone] = self._delegation(zone)
            except DelegationError as exc:
                found[zone] = exc
        return found

    def _delegation(self, zone: dns.name.Name) -> Delegation:
        check_cut(zone, parent=self.parent.name, has=self.rdatas)
        found = delegation_in(zone, self.rdatas)
        if not found.exists:
            return NOT_DELEGATED
        ttls = {rdtype: self.rrsets.get((zone, rdtype), _RRset()).ttl for rdtype in ("NS", "DS")}
        return replace(found, ns_ttl=ttls["NS"], ds_ttl=ttls["DS"] if found.ds else None)


def _identifiers(zones: t.Sequence[t.Mapping[str, str]]) -> dict[dns.name.Name, str]:
    """Return how the API calls each zone in a list of zones."""
    return {dns.name.from_text(zone["name"]): zone["id"] for zone in zones}


_HINTS = {
    400: "it does not understand the request, or it is larger than its webserver-max-bodysize",
    401: "it does not know the key: check api_key against api-key in its configuration",
    403: "it does not answer this host: allow that with webserver-allow-from in its configuration",
    404: "it has no such server or zone: check server_id and api_url, which ends before /servers",
}


def _rdatatype(text: str) -> dns.rdatatype.RdataType:
    try:
        return dns.rdatatype.from_text(text)
    except dns.exception.DNSException:
        # Some are known to PowerDNS alone, such as ALIAS and LUA.
        return dns.rdatatype.ANY


def _above(name: dns.name.Name) -> list[dns.name.Name]:
    """Return every name above, the nearest first, the root last."""
    return [name.split(depth)[1] for depth in range(len(name) - 1, 0, -1)]


def _replacement(key: _Key, values: t.Sequence[str], *, before: _RRset, ttl: int | None) -> dict[str, t.Any]:
    """Return the RRset as it is to be, in the form of the API; what is disabled stays so."""
    owner, rdtype = key
    place = {"name": owner.to_text(), "type": rdtype}
    records = [
        *({"content": value, "disabled": False} for value in values),
        *({"content": value, "disabled": True} for value in before.disabled),
    ]
    if not records:
        return {**place, "changetype": "DELETE"}
    known = _DEFAULT_TTL if before.ttl is None else before.ttl
    return {**place, "changetype": "REPLACE", "ttl": known if ttl is None else ttl, "records": records}


def _seconds(ttl: object, *, where: str) -> int | None:
    try:
        return None if ttl is None else parse_duration(ttl)
    except ValueError as exc:
        raise DescriptionError([Problem(where=where, rule=str(exc), value=ttl)]) from exc


def _readable(path: str | None, *, where: str) -> str | None:
    if path is not None and not os.access(path, os.R_OK):
        raise DescriptionError([Problem(where=where, rule="this file is not there, or cannot be read", value=path)])
    return path
