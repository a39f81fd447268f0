# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents that take dynamic updates (RFC 2136), signed with TSIG (RFC 8945) or GSS-TSIG (RFC 3645)."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation, delegation_in
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._durations import parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    RejectedKeyError,
    StaleViewError,
    UnknownOutcomeError,
    UnverifiedReplyError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._gss_tsig import GSS_TSIG, parse_gss_tsig
from ansible_collections.zonecut.dns.plugins.module_utils._limits import beyond_limits
from ansible_collections.zonecut.dns.plugins.module_utils._names import (
    display_name,
    is_in_domain,
    parse_absolute_name,
)
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    AbsorbedRecord,
    BatchParent,
    Change,
    Setting,
    hidden_rrsets,
)
from ansible_collections.zonecut.dns.plugins.module_utils._primary import PrimarySession
from ansible_collections.zonecut.dns.plugins.module_utils._tls import parse_tls
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import KEY_ALGORITHMS, parse_key

with deps.declare("dnspython"):
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdata
    import dns.rdataset
    import dns.rdatatype
    import dns.update
    import dns.zone

__all__ = ("IsAlias", "NoReferrals", "Rfc2136Parent", "ServesChild", "read_referral", "update_message")

_PORT, _TLS_PORT = 53, 853
_TLS_OPTIONS = ("ca_path", "validate_certs", "client_cert", "client_key")
_DEFAULT_TTL = "1h"
# What a message over TCP has at most, but for the room that a signature takes.
_LARGEST_UPDATE = 65535 - 1000

# The types that a name is asked for before a delegation hides what it has; no query brings all of them at once.
_DATA_TYPES = ("A", "AAAA", "CAA", "DNAME", "HTTPS", "MX", "NAPTR", "PTR", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI")


class ServesChild(Exception):
    """The server answers from the child zone, which it serves too, so that queries cannot show the cut."""


class NoReferrals(Exception):
    """The server has the cut, and answers from the parent zone for it all the same."""


class IsAlias(DelegationError):
    """The name of the zone answers as a CNAME, its own or that of a wildcard, and only its own is in the way."""


class Rfc2136Parent(BatchParent):
    """A parent zone at its primary server.

    It is read by queries, or by transfer where the server also serves the child; each zone takes one update.
    """

    kind = "rfc2136"
    required = ("server",)
    arguments = {
        "server": {"type": "str"},
        "port": {"type": "int"},
        "protocol": {"type": "str", "choices": ["tcp", "udp", "tls"]},
        "server_hostname": {"type": "str"},
        "ca_path": {"type": "path"},
        "validate_certs": {"type": "bool"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "key_name": {"type": "str"},
        "key_secret": {"type": "str", "no_log": True},
        "key_algorithm": {"type": "str", "choices": [*KEY_ALGORITHMS, GSS_TSIG]},
        "principal": {"type": "str"},
        "keytab": {"type": "path", "no_log": False},
        "zone": {"type": "str"},
        "ttl": {"type": "str"},
    }
    environment = ("key_name", "key_secret", "principal", "keytab")
    abilities = Abilities(batch=True, removes=True, absorbs=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        self._ttl = self._option("ttl", parse_duration, default=_DEFAULT_TTL)
        self._zone: dns.name.Name | None = options.get("zone")
        problems = beyond_limits({"port": options.get("port")}, where=f"parents: {name}: ")
        if problems:
            raise DescriptionError(problems)
        self._session = self._open_session()
        self._parent_zones: dict[dns.name.Name, dns.name.Name | DelegationError] = {}
        # What showed each zone's delegation last: the answer to NS, or the whole parent zone.
        self._views: dict[dns.name.Name, dns.message.Message | dns.zone.Zone] = {}
        self._with_stray_ds: set[dns.name.Name] = set()
        self._without_referrals: set[dns.name.Name] = set()

    def _open_session(self) -> PrimarySession:
        where, protocol = f"parents: {self.name}: ", self.options.get("protocol") or "tcp"
        server = self._option("server", _address_or_host)
        hostname = self._option("server_hostname", _address_or_host, default=server)
        problems = [
            self._problem(option, "is for protocol tls only")
            for option in _TLS_OPTIONS
            if protocol != "tls" and self.options.get(option) is not None
        ]
        if problems:
            raise DescriptionError(problems)
        gss_tsig = parse_gss_tsig(self.options, hostname=hostname, where=where)
        return PrimarySession(
            server=server,
            port=self.options.get("port") or (_TLS_PORT if protocol == "tls" else _PORT),
            protocol="udp" if protocol == "udp" else "tcp",
            key=parse_key(self.options, where=where) if gss_tsig is None else gss_tsig,
            timeout=self.setting.timeout,
            tls=parse_tls(self.options, hostname=hostname, where=where) if protocol == "tls" else None,
        )

    def read_all(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Delegation | DelegationError]:
        found: dict[dns.name.Name, Delegation | DelegationError] = {}
        parents = self._find_parent_zones([zone.name for zone in zones])
        asked: list[tuple[dns.name.Name, dns.name.Name]] = []
        for zone in zones:
            parent = parents[zone.name]
            if isinstance(parent, DelegationError):
                found[zone.name] = parent
            else:
                asked.append((zone.name, parent))
        replies = self._session.ask([_query(name, rdtype) for name, _parent in asked for rdtype in ("NS", "DS")])
        hidden: dict[dns.name.Name, list[dns.name.Name]] = {}
        aliases: dict[dns.name.Name, IsAlias] = {}
        self._with_stray_ds.difference_update(name for name, _parent in asked)
        for (name, parent), ns, ds in zip(asked, replies[::2], replies[1::2]):
            try:
                self._views[name] = answer = self._answer(ns)
                ds_answer = self._answer(ds)
                found[name] = delegation = read_referral(zone=name, parent=parent, ns=answer, ds=ds_answer)
                if not delegation.exists and any(rrset.rdtype == dns.rdatatype.DS for rrset in ds_answer.answer):
                    self._with_stray_ds.add(name)
            except IsAlias as exc:
                aliases[name] = exc
            except NoReferrals:
                self._without_referrals.add(name)
                found[name] = self._read_piece_by_piece(name, self._views[name])
            # Knot takes a key only where the zone of the answer has it in its acl, and here that zone is the child.
            except (ServesChild, RejectedKeyError):
                hidden.setdefault(parent, []).append(name)
            except DelegationError as exc:
                found[name] = exc
        for parent, names in hidden.items():
            found.update(self._read_by_transfer(parent, names))
        for name, alias in aliases.items():
            try:
                found[name] = alias if self._types_at(name, ["CNAME"]) else NOT_DELEGATED
            except DelegationError as exc:
                found[name] = exc
        return found

    def zone_above(self, zone: Zone) -> dns.name.Name:
        above = self._find_parent_zones([zone.name])[zone.name]
        if isinstance(above, DelegationError):
            raise above
        return above

    def check(self, change: Change) -> None:
        if change.zone.name in self._without_referrals and change.wanted.ds:
            raise DelegationError(
                f"{self._session} answers for the delegation without referring to it, as Samba does, which holds no DS"
                " records: describe the zone without ds and dnskeys, or keep the parent zone at another server"
            )
        if not change.absorbed:
            return
        try:
            # The primary compares and changes by message, so that the records cannot be sent in parts.
            self._update_of(change, parent=self.zone_above(change.zone)).to_wire(max_size=_LARGEST_UPDATE)
        except dns.exception.TooBig as exc:
            raise DelegationError(
                f"the {len(change.absorbed)} records to absorb do not fit into one update, which has 65,535 octets at"
                " most: put most of them into the parent zone by updates beforehand, where the delegation hides them,"
                " and describe only the rest"
            ) from exc

    def hidden_by(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...] | DelegationError]:
        hidden: dict[dns.name.Name, tuple[str, ...] | DelegationError] = {}
        transferred: dict[int, tuple[dns.zone.Zone, list[Change]]] = {}
        for change in changes:
            view = self._views[change.zone.name]
            if isinstance(view, dns.zone.Zone):
                transferred.setdefault(id(view), (view, []))[1].append(change)
                continue
            try:
                hidden[change.zone.name] = self._hidden_by(change, view)
            except DelegationError as exc:
                hidden[change.zone.name] = exc
        for content, group in transferred.values():
            names = ((owner, rdataset.rdtype) for owner, rdataset in content.iterate_rdatasets())
            hidden.update(hidden_rrsets(group, names))
        return hidden

    def lacking(self, zone: Zone, records: t.Sequence[AbsorbedRecord]) -> tuple[AbsorbedRecord, ...]:
        sets = list(dict.fromkeys((record.owner, record.rdata.rdtype) for record in records))
        replies = self._session.ask([_query(owner, dns.rdatatype.to_text(rdtype)) for owner, rdtype in sets])
        shown = {
            (owner, rdata)
            for (owner, _rdtype), reply in zip(sets, replies)
            for rdata in _held(self._answer(reply), owner)
        }
        return tuple(record for record in records if (record.owner, record.rdata) not in shown)

    def apply_all(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        failed: dict[dns.name.Name, DelegationError] = {}
        parents = self._find_parent_zones([change.zone.name for change in changes])
        updates: dict[dns.name.Name, dns.update.UpdateMessage] = {}
        for change in changes:
            parent = parents[change.zone.name]
            if isinstance(parent, DelegationError):
                failed[change.zone.name] = parent
            else:
                updates[change.zone.name] = self._update_of(change, parent=parent)
        for name, reply in zip(updates, self._session.update(list(updates.values()))):
            try:
                self._check_update(reply)
            except DelegationError as exc:
                failed[name] = exc
        return failed

    def _update_of(self, change: Change, *, parent: dns.name.Name) -> dns.update.UpdateMessage:
        return update_message(
            change,
            parent=parent,
            ttl=self._ttl,
            stray_ds=change.zone.name in self._with_stray_ds,
            whole_ns=change.zone.name in self._without_referrals,
        )

    def close(self) -> None:
        self._session.close()

    def _option(self, option: str, parse: t.Callable[[object], t.Any], *, default: object = None) -> t.Any:
        value = self.options.get(option)
        if value is None:
            value = default
        try:
            return None if value is None else parse(value)
        except ValueError as exc:
            raise DescriptionError([self._problem(option, str(exc), value=value)]) from exc

    def _problem(self, option: str, rule: str, *, value: object = None) -> Problem:
        return Problem(where=f"parents: {self.name}: {option}", rule=rule, value=value)

    def _find_parent_zones(
        self, names: t.Iterable[dns.name.Name]
    ) -> dict[dns.name.Name, dns.name.Name | DelegationError]:
        found: dict[dns.name.Name, dns.name.Name | DelegationError] = {}
        for name in names:
            if name == dns.name.root:
                found[name] = DelegationError("the root zone has no parent")
            elif self._zone is None:
                above = name.parent()
                if above not in self._parent_zones:
                    self._parent_zones[above] = self._ask_for_zone_of(above)
                found[name] = self._parent_zones[above]
            elif name != self._zone and name.is_subdomain(self._zone):
                found[name] = self._zone
            else:
                found[name] = DelegationError(f"the zone does not lie below {display_name(self._zone)}")
        return found

    def _ask_for_zone_of(self, name: dns.name.Name) -> dns.name.Name | DelegationError:
        """Return the zone at the server that ``name`` lies in."""
        candidate = name
        while True:
            reply = self._session.ask([_query(candidate, "SOA")])[0]
            if isinstance(reply, DelegationError):
                return reply
            if reply.flags & dns.flags.AA:
                for rrset in (*reply.answer, *reply.authority):
                    if rrset.rdtype == dns.rdatatype.SOA and name.is_subdomain(rrset.name):
                        return rrset.name
            if candidate == dns.name.root:
                return DelegationError(
                    f"{self._session} serves no zone that {display_name(name)} lies in:"
                    " check server, or name the parent zone with the option zone"
                )
            candidate = candidate.parent()

    def _answer(self, reply: dns.message.Message | DelegationError) -> dns.message.Message:
        if isinstance(reply, DelegationError):
            raise reply
        if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise DelegationError(
                f"{self._session} answers {dns.rcode.to_text(reply.rcode())} to a question:"
                " it does not serve the parent zone, or not to this host and key"
            )
        return reply

    def _read_by_transfer(
        self, parent: dns.name.Name, names: t.Sequence[dns.name.Name]
    ) -> dict[dns.name.Name, Delegation | DelegationError]:
        try:
            content = self._session.transfer(parent)
        except RejectedKeyError as exc:
            rejected = RejectedKeyError(
                f"{exc.message}; where it also serves the child, the key must be allowed to transfer the parent zone,"
                " which alone shows what it holds as parent"
            )
            return dict.fromkeys(names, rejected)
        except DelegationError as exc:
            failure = DelegationError(
                f"{exc.message}; it also serves the child, so that only a transfer shows what it holds as parent:"
                " let the key transfer the parent zone"
            )
            return dict.fromkeys(names, failure)
        self._views.update(dict.fromkeys(names, content))
        self._with_stray_ds.update(
            name for name in names if content.get_rdataset(name, "DS") and not content.get_rdataset(name, "NS")
        )
        return {name: _delegation(name, content.get_rdataset) for name in names}

    def _read_piece_by_piece(
        self, name: dns.name.Name, ns: dns.message.Message | dns.zone.Zone
    ) -> Delegation | DelegationError:
        """Return what a server holds that answers for records at and below a cut as for all others."""
        rrsets = {(rrset.name, rrset.rdtype): rrset for rrset in t.cast("dns.message.Message", ns).answer}
        targets = [t.cast(t.Any, rdata).target for rdata in rrsets[name, dns.rdatatype.NS]]
        inside = [target for target in targets if is_in_domain(target, name)]
        replies = self._session.ask([_query(target, rdtype) for target in inside for rdtype in ("A", "AAAA")])
        try:
            for reply in replies:
                rrsets.update({(rrset.name, rrset.rdtype): rrset for rrset in self._answer(reply).answer})
        except DelegationError as exc:
            return exc
        return _delegation(name, lambda owner, rdtype: rrsets.get((owner, dns.rdatatype.from_text(rdtype))))

    def _hidden_by(self, change: Change, view: dns.message.Message) -> tuple[str, ...]:
        cut = change.zone.name
        # Nothing is below a name that does not exist (RFC 8020).
        types = None if view.rcode() == dns.rcode.NXDOMAIN else self._types_at(cut, _DATA_TYPES)
        if types is None:
            return ()
        if types:
            named = hidden_rrsets([change], [(cut, dns.rdatatype.from_text(rdtype)) for rdtype in types])[cut]
            return (*named, "perhaps names below it") if named else ()
        # What was left of a former cut, and the change replaces, is why the name exists.
        inside = [server.name for server in change.wanted.name_servers if is_in_domain(server.name, cut)]
        if self._types_at(cut, ["DS"]) or any(self._types_at(name, ["A", "AAAA"]) for name in inside):
            return ()
        return (f"names below it, or records at it of other types than {', '.join(_DATA_TYPES)}",)

    def _types_at(self, name: dns.name.Name, rdtypes: t.Sequence[str]) -> list[str] | None:
        """Return which of the types ``name`` has, None where it answers as a name that does not exist.

        What a wildcard lends such a name (RFC 4592) is not its own, and shows in the same way at ``*`` beside it.

        :raises DelegationError: where the server does not tell.
        """
        wildcard = dns.name.Name((b"*", *name.parent().labels))
        replies = self._session.ask([_query(owner, rdtype) for owner in (name, wildcard) for rdtype in rdtypes])
        answers = [self._answer(reply) for reply in replies]
        here = [_shown(answer, name) for answer in answers[: len(rdtypes)]]
        beside = [_shown(answer, wildcard) for answer in answers[len(rdtypes) :]]
        if here == beside:
            return None
        return [
            rdtype
            for rdtype, (_rcode, own) in zip(rdtypes, here)
            if any(rdata.rdtype == dns.rdatatype.from_text(rdtype) for rdata in own)
        ]

    def _check_update(self, reply: dns.message.Message | DelegationError) -> None:
        if isinstance(reply, UnverifiedReplyError) and reply.rcode in _UPDATE_HINTS:
            raise UnknownOutcomeError(f"{reply.message}; if it is the server's: {_UPDATE_HINTS[reply.rcode]}")
        if isinstance(reply, DelegationError):
            raise reply
        rcode = reply.rcode()
        if rcode in (dns.rcode.NXRRSET, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN):
            raise StaleViewError(
                f"somebody else changes the delegation at {self._session} at the same time ({dns.rcode.to_text(rcode)})"
            )
        if rcode != dns.rcode.NOERROR:
            hint = _UPDATE_HINTS.get(dns.rcode.to_text(rcode), "its log tells why")
            raise DelegationError(f"{self._session} answers {dns.rcode.to_text(rcode)} to the update: {hint}")


_UPDATE_HINTS = {
    "FORMERR": "it does not understand dynamic updates in this form",
    "NOTAUTH": "it is not the primary of the parent zone, or (Knot) the key may not change it; check server and zone",
    "NOTIMP": "it takes no dynamic updates, or none of these records (Samba holds no DS records)",
    "NOTZONE": "the delegation does not lie in the zone given with the option zone",
    "REFUSED": (
        "the key may not change these records, or there is no key or principal; allow it at the server"
        " (BIND: allow-update, or update-policy for NS, DS, A, AAAA and CNAME, Knot: an acl with action update,"
        " PowerDNS: dnsupdate=yes and TSIG-ALLOW-DNSUPDATE, Active Directory: permissions of the zone and its records);"
        " BIND also refuses an absorbed MX or SRV whose target in the parent zone has no address"
    ),
    "SERVFAIL": (
        "it failed inside, often since it cannot write its zone file or journal,"
        " or (PowerDNS) is not the primary of the parent zone; its log tells why"
    ),
}


def read_referral(
    *, zone: dns.name.Name, parent: dns.name.Name, ns: dns.message.Message, ds: dns.message.Message
) -> Delegation:
    """Return the delegation that a server of ``parent`` shows in its replies to NS and DS queries for ``zone``.

    :raises ServesChild: where it answers from the child zone.
    :raises NoReferrals: where it answers for the cut as for any other name, as Samba does.
    :raises IsAlias: where it answers with a CNAME, be it that of a wildcard.
    :raises DelegationError: where it does not answer from the parent zone.
    """
    if ns.flags & dns.flags.AA:
        _check_no_cut(zone, parent, ns)
        return NOT_DELEGATED
    cut = next((rrset for rrset in ns.authority if rrset.rdtype == dns.rdatatype.NS), None)
    if cut is None or not cut.name.is_subdomain(parent) or cut.name == parent:
        raise DelegationError(
            f"the server has no authority over {display_name(parent)}: it answers {display_name(zone)}"
            " neither from that zone nor with a referral"
        )
    if cut.name != zone:
        raise DelegationError(
            f"{display_name(cut.name)} is delegated in {display_name(parent)} and"
            f" {display_name(zone)} lies below it: its parent zone is another"
        )
    shown = {(rrset.name, rrset.rdtype): rrset for rrset in (cut, *ns.additional, *ds.answer)}
    return _delegation(zone, lambda owner, rdtype: shown.get((owner, dns.rdatatype.from_text(rdtype))))


def update_message(
    change: Change, *, parent: dns.name.Name, ttl: int, stray_ds: bool = False, whole_ns: bool = False
) -> dns.update.UpdateMessage:
    """Return the one update that carries out ``change`` if the parent still holds what was read (compare-and-swap).

    :arg stray_ds: whether there are DS records without a cut, which Knot and PowerDNS leave where somebody removes NS.
    :arg whole_ns: whether NS records go only all at once; Samba says that it removed one and keeps it.
    """
    message = dns.update.UpdateMessage(parent)
    cut, present = change.zone.name, change.present
    _require(message, cut, "NS", [server.name.to_text() for server in present.name_servers])
    if stray_ds:
        message.delete(cut, "DS")
    else:
        _require(message, cut, "DS", [rdata.to_text() for rdata in present.ds])
    for server in present.name_servers:
        if is_in_domain(server.name, cut):
            _require(message, server.name, "A", [address for address in server.addresses if ":" not in address])
            _require(message, server.name, "AAAA", [address for address in server.addresses if ":" in address])
    # What lies below a cut and belongs to none of its servers is seen in no answer, so it cannot be a prerequisite.
    with_glue = {server.name for server in present.name_servers if server.addresses}
    unseen = {server.name for server in change.wanted.name_servers if is_in_domain(server.name, cut)} - with_glue
    for name in sorted(unseen):
        # Servers pass over addresses that come beside a CNAME, and say nothing (RFC 2136 section 3.4.2.2).
        for in_the_way in ("A", "AAAA", "CNAME"):
            message.delete(name, in_the_way)
    operations = change.operations
    if whole_ns and any(operation.action == "remove" and operation.rdtype == "NS" for operation in operations):
        message.delete(cut, "NS")
        for server in change.wanted.name_servers:
            message.add(cut, ttl, "NS", server.name.to_text())
        operations = tuple(operation for operation in operations if operation.rdtype != "NS")
    for operation in operations:
        if operation.action == "add":
            message.add(operation.owner, ttl, operation.rdata)
        else:
            message.delete(operation.owner, operation.rdata)
    for (owner, rdtype), records in change.absorbed_rrsets.items():
        # Nor is a CNAME added beside others.
        if rdtype == dns.rdatatype.CNAME:
            message.delete(owner)
        else:
            message.delete(owner, "CNAME")
            message.delete(owner, rdtype)
        for record in records:
            message.add(owner, record.ttl, record.rdata)
    return message


def _delegation(
    zone: dns.name.Name, rrset: t.Callable[[dns.name.Name, str], dns.rdataset.Rdataset | None]
) -> Delegation:
    def ttl(owner: dns.name.Name, rdtype: str) -> int | None:
        found = rrset(owner, rdtype)
        return None if found is None else found.ttl

    return delegation_in(zone, lambda owner, rdtype: rrset(owner, rdtype) or (), ttl=ttl)


def _require(message: dns.update.UpdateMessage, owner: dns.name.Name, rdtype: str, values: t.Sequence[str]) -> None:
    if values:
        message.present(owner, rdtype, *values)
    else:
        message.absent(owner, rdtype)


def _address_or_host(value: object) -> str:
    """Return what the system's resolver takes; it ends in a traceback on names that are none.

    :raises ValueError: for neither an address nor a name.
    """
    try:
        return str(ipaddress.ip_address(t.cast(str, value)))
    except ValueError:
        name = parse_absolute_name(value)
    if name == dns.name.root:
        raise ValueError("the address or the name of a host is needed")
    return display_name(name)


def _shown(answer: dns.message.Message, owner: dns.name.Name) -> tuple[dns.rcode.Rcode, frozenset[dns.rdata.Rdata]]:
    """Return what an answer says of its owner itself: whether it exists, and the data that it has."""
    # Signatures have the owner in them as it is at a wildcard, and are not what is compared.
    own = (rrset for rrset in answer.answer if rrset.name == owner and rrset.rdtype != dns.rdatatype.RRSIG)
    return answer.rcode(), frozenset(rdata for rrset in own for rdata in rrset)


def _held(reply: dns.message.Message, owner: dns.name.Name) -> frozenset[dns.rdata.Rdata]:
    """Return what a reply shows that the zone has at ``owner``, which in a referral may be a cut or glue below one."""
    own = _shown(reply, owner)[1]
    if reply.flags & dns.flags.AA:
        return own
    referral = (*reply.authority, *reply.additional)
    return own.union(rdata for rrset in referral if rrset.name == owner for rdata in rrset)


def _query(name: dns.name.Name, rdtype: str) -> dns.message.Message:
    return dns.message.make_query(name, rdtype, flags=0)


def _check_no_cut(zone: dns.name.Name, parent: dns.name.Name, reply: dns.message.Message) -> None:
    # A DNAME above comes with a CNAME that is made of it (RFC 6672 section 3.1), and is what stands in the way.
    aliases = [rrset for rrset in reply.answer if zone.is_subdomain(rrset.name)]
    for rdtype, error in ((dns.rdatatype.DNAME, DelegationError), (dns.rdatatype.CNAME, IsAlias)):
        for rrset in aliases:
            if rrset.rdtype == rdtype:
                raise error(
                    f"{display_name(rrset.name)} is a {dns.rdatatype.to_text(rdtype)} in the parent zone,"
                    " and nothing can be delegated there: remove it first"
                )
    owners = {rrset.name for rrset in (*reply.answer, *reply.authority)}
    if zone in owners:
        if any(rrset.name == parent and rrset.rdtype == dns.rdatatype.SOA for rrset in reply.authority):
            raise NoReferrals
        raise ServesChild
    if parent not in owners:
        shown = ", ".join(display_name(owner) for owner in sorted(owners)) or "no zone"
        raise DelegationError(
            f"the server answers {display_name(zone)} from {shown} and not from {display_name(parent)}:"
            " the option zone must name the zone just above"
        )
