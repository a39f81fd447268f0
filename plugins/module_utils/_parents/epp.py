# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents that are a registry with EPP (RFC 5730 to 5734), with DNSSEC by RFC 5910."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation, DsForm
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import in_order
from ansible_collections.zonecut.dns.plugins.module_utils._epp_objects import (
    EppDomain,
    EppHost,
    HostModel,
    secure_entry,
)
from ansible_collections.zonecut.dns.plugins.module_utils._epp_session import (
    FOREIGN_CODES,
    SHORTEST_PASSWORD,
    EppAccess,
    EppAnswer,
    EppSession,
    HiddenObjectError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    StaleViewError,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._limits import beyond_limits
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    Change,
    Parent,
    Setting,
)
from ansible_collections.zonecut.dns.plugins.module_utils._plan import stays_secure

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdatatype

__all__ = ("EppParent", "Step", "View", "steps")

_DEFAULT_PORT = 700
_CLIENT_LOCK = "clientUpdateProhibited"
_DELETE_LOCKS = frozenset(("clientDeleteProhibited", "serverDeleteProhibited"))
_PENDING = "pendingUpdate"
_BUSY = ("pendingCreate", "pendingDelete", "pendingTransfer", _PENDING)
# What keeps a host from becoming a name server.
_UNLINKABLE = ("pendingCreate", "pendingDelete")
# How often a lock is put back, with the pauses in between.
_PUT_BACK_PAUSES = (1.0, 2.0, 5.0, 10.0)
# A message about a change of ours is looked for behind so many others of ours.
_MOST_NOTICES = 20
# What a registry says that does not take as many servers at once, or not without the removals.
_POLICY_CODES = (2004, 2306, 2308)
# What one says that wants no command which is only extended: that something is missing, or else of the wrong form.
_EMPTY_CHANGE_CODES = (2001, 2003, 2005)
# What one says that wants the addresses of a host in one of its zones.
_ADDRESS_CODES = (2003, 2004, 2005, 2306, 2308)

_Server = tuple["dns.name.Name", frozenset[str]]


@dataclass(frozen=True)
class View:
    """What a domain itself holds of its delegation: addresses only where it has its servers as attributes."""

    servers: frozenset[_Server]
    secure: frozenset[dns.rdata.Rdata]

    @classmethod
    def of(cls, domain: EppDomain, model: HostModel) -> View:
        """Return what ``domain`` shows."""
        servers = [NameServer(server.name, tuple(server.addresses)) for server in domain.servers.values()]
        return cls.made_of(domain.name, Delegation.of(servers, domain.secure), model)

    @classmethod
    def made_of(cls, zone: dns.name.Name, delegation: Delegation, model: HostModel) -> View:
        """Return what the domain ``zone`` shows that has this delegation."""
        servers = frozenset(
            (server.name, frozenset(server.addresses if model == "attr" and is_in_domain(server.name, zone) else ()))
            for server in delegation.name_servers
        )
        return cls(servers=servers, secure=delegation.ds)


@dataclass(frozen=True)
class Step:
    """One command that changes a domain; what is removed and added at once must not be half done."""

    add_servers: frozenset[_Server] = frozenset()
    remove_servers: frozenset[_Server] = frozenset()
    add_secure: frozenset[dns.rdata.Rdata] = frozenset()
    remove_secure: frozenset[dns.rdata.Rdata] = frozenset()

    def after(self, view: View) -> View:
        """Return what a domain shows then that showed ``view`` before."""
        return View(
            servers=view.servers - self.remove_servers | self.add_servers,
            secure=view.secure - self.remove_secure | self.add_secure,
        )

    def with_(self, other: Step) -> Step:
        """Return both in one."""
        return Step(
            add_servers=self.add_servers | other.add_servers,
            remove_servers=self.remove_servers | other.remove_servers,
            add_secure=self.add_secure | other.add_secure,
            remove_secure=self.remove_secure | other.remove_secure,
        )


@dataclass
class _Unfinished:
    """A change that the registry accepted and has not made yet, and what comes after it."""

    change: Change
    expected: View
    rest: tuple[Step, ...]
    answer: EppAnswer
    rejected: str | None = None


@dataclass(frozen=True)
class _Lockable:
    """An object that clientUpdateProhibited keeps from being changed."""

    kind: t.Literal["domain", "host"]
    name: dns.name.Name

    def __str__(self) -> str:
        return f"the {self.kind} {display_name(self.name)}"


class EppParent(Parent):
    """A registry, in one session for all zones."""

    kind = "epp"
    required = ("host", "username", "password")
    arguments = {
        "host": {"type": "str"},
        "port": {"type": "int"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "client_key_passphrase": {"type": "str", "no_log": True},
        "ca_path": {"type": "path"},
        "validate_certs": {"type": "bool"},
        "host_model": {"type": "str", "choices": ["auto", "obj", "attr"]},
        "ds_interface": {"type": "str", "choices": ["auto", "ds", "key"]},
        "unlock": {"type": "bool"},
    }
    environment = ("username", "password", "client_cert", "client_key", "client_key_passphrase")
    abilities = Abilities(ds=("ds", "dnskey"), asynchronous=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        problems = _problems(options, where=f"parents: {name}: ")
        if problems:
            raise DescriptionError(problems)
        self._session = EppSession(
            EppAccess(
                host=options["host"],
                port=options.get("port") or _DEFAULT_PORT,
                username=options["username"],
                password=options["password"],
                client_cert=options.get("client_cert"),
                client_key=options.get("client_key"),
                client_key_passphrase=options.get("client_key_passphrase"),
                ca_path=options.get("ca_path"),
                verify=options.get("validate_certs") is not False,
            ),
            timeout=setting.timeout,
            sleep=setting.sleep,
            warn=setting.warn,
        )
        # As each was read last.
        self._domains: dict[dns.name.Name, EppDomain] = {}
        self._hosts: dict[dns.name.Name, EppHost | None] = {}
        self._unfinished: dict[dns.name.Name, _Unfinished] = {}
        # What was unlocked and is to be locked again, and the hosts in a zone that no longer serve it.
        self._unlocked: set[_Lockable] = set()
        self._unused: dict[dns.name.Name, set[dns.name.Name]] = {}
        # Whether messages can be read.
        self._has_notices = True
        # The form in which this registry showed what makes any zone secure.
        self._seen_form: DsForm | None = None

    def read(self, zone: Zone) -> Delegation:
        domain = self._domain(zone.name)
        servers = []
        for server in domain.servers.values():
            addresses: t.Iterable[str] = ()
            if is_in_domain(server.name, zone.name):
                shown = self._host(server.name) if self._model(domain) == "obj" else server
                addresses = shown.addresses if shown else ()
            servers.append(NameServer(server.name, tuple(addresses)))
        return Delegation.of(servers, domain.secure)

    def ds_form(self, zone: Zone) -> DsForm | None:
        if not self._session.has_secdns:
            return None
        chosen: dict[str | None, DsForm] = {"ds": "ds", "key": "dnskey"}
        domain = self._domains.get(zone.name)
        shown = None if domain is None else _form_of(domain)
        return shown or chosen.get(self.options.get("ds_interface")) or self._seen_form or "ds"

    def check(self, change: Change) -> None:
        domain = self._domains.get(change.zone.name) or self._domain(change.zone.name)
        self._must_be_free(f"the domain {change.zone.text}", domain.statuses)
        if self._model(domain) == "obj":
            for server in change.wanted.name_servers:
                if is_in_domain(server.name, change.zone.name):
                    self._must_be_changeable(server, domain)

    def apply(self, change: Change) -> None:
        zone = change.zone
        self._unfinished.pop(zone.name, None)
        lockable = _Lockable("domain", zone.name)
        try:
            domain = self._domain(zone.name)
            model = self._model(domain)
            if View.of(domain, model) != View.made_of(zone.name, change.present, model):
                raise StaleViewError(f"somebody else changes {zone.text} at {self._session} at the same time")
            self.check(change)
            self._unlock(lockable, domain.statuses)
            self._change_hosts_before(change, domain)
            self._take(steps(change, domain, model), change)
        except BaseException as exc:
            self._put_back(lockable, after=exc)
            raise
        self._put_back(lockable)

    def progress(self, zone: Zone) -> str | None:
        unfinished = self._unfinished.get(zone.name)
        if unfinished is None:
            return None
        said = f"transaction {unfinished.answer.transaction or unfinished.answer.sent_as} is pending"
        try:
            self._look_for_notices()
            made = self._is_made(unfinished)
        except DelegationError as exc:
            return f"{said}; {exc.message}"
        if unfinished.rejected is not None:
            raise DelegationError(
                f"{self._session} accepted the change and gave it up later ({unfinished.rejected}):"
                " ask the registry why"
            )
        if made:
            try:
                self._take(unfinished.rest, unfinished.change)
                self._put_back(_Lockable("domain", zone.name))
            except UnknownOutcomeError as exc:
                return f"{said}; {exc.message}"
        return said

    def close(self) -> None:
        try:
            for unfinished in [each for each in self._unfinished.values() if not each.rest]:
                try:
                    if self._is_made(unfinished):
                        self._finish(unfinished.change)
                    elif self._is_shown(unfinished):
                        self.setting.warn(
                            f"{self._session} shows the change of {unfinished.change.zone.text} and has not confirmed"
                            f" it yet ({_PENDING}): look later whether it stays"
                        )
                except DelegationError as exc:
                    self.setting.warn(exc.message)
            for lockable in list(self._unlocked):
                try:
                    self._put_back(lockable, last=True)
                except DelegationError as exc:
                    self.setting.warn(exc.message)
            for name in list(self._unused):
                self._delete_unused(name, last=True)
        finally:
            self._session.close()

    def _domain(self, name: dns.name.Name) -> EppDomain:
        domain = self._session.domain(display_name(name))
        if domain is None:
            raise DelegationError(
                f"{self._session} has no domain {display_name(name)}: register it first, and check that it is a domain"
                " of this registry and no name below one"
            )
        self._domains[name] = domain
        self._seen_form = _form_of(domain) or self._seen_form
        return domain

    def _host(self, name: dns.name.Name) -> EppHost | None:
        self._hosts[name] = host = self._session.host(display_name(name))
        return host

    def _model(self, domain: EppDomain) -> HostModel:
        """Return how name servers are added."""
        chosen = self.options.get("host_model")
        if chosen in ("obj", "attr"):
            return t.cast("HostModel", chosen)
        return domain.model or ("obj" if self._session.has_hosts else "attr")

    def _must_be_free(self, what: str, statuses: frozenset[str]) -> None:
        if "serverUpdateProhibited" in statuses:
            raise DelegationError(
                f"{what} is locked by the registry (serverUpdateProhibited): ask the registry to lift the lock"
            )
        busy = [status for status in _BUSY if status in statuses]
        if busy:
            raise DelegationError(
                f"{what} cannot be changed while the registry works at it ({', '.join(busy)}): wait until that is over"
            )
        if _CLIENT_LOCK in statuses and not self.options.get("unlock"):
            raise DelegationError(
                f"{what} is locked ({_CLIENT_LOCK}): remove the lock, or set unlock to have it removed for the change"
                " and put back"
            )

    def _must_be_changeable(self, server: NameServer, domain: EppDomain) -> None:
        host = self._hosts.get(server.name) or self._host(server.name)
        if host is None:
            return
        if server.name not in domain.servers:
            self._must_be_linkable(host)
        if set(host.addresses) != set(server.addresses):
            self._must_be_free(f"the host {host.text}", host.statuses)

    def _must_be_linkable(self, host: EppHost) -> None:
        coming_or_going = [status for status in _UNLINKABLE if status in host.statuses]
        if coming_or_going:
            raise DelegationError(
                f"the host {host.text} cannot serve while the registry works at it ({', '.join(coming_or_going)}): wait"
                " until that is over, then run this again"
            )

    def _change_hosts_before(self, change: Change, domain: EppDomain) -> None:
        """Have all hosts there with the addresses that they need, before the domain names them."""
        if self._model(domain) != "obj":
            return
        pending: list[str] = []
        for server in change.wanted.name_servers:
            try:
                self._prepare_host(server, change.zone, named=server.name in domain.servers)
            except _PendingHostError as exc:
                pending.append(exc.message)
        if pending:
            raise DelegationError("; ".join(pending))

    def _prepare_host(self, server: NameServer, zone: Zone, *, named: bool) -> None:
        inside = is_in_domain(server.name, zone.name)
        if named and not inside:
            return
        host = self._host(server.name) if inside else self._host_outside(server.name)
        if host is None:
            host = self._create_host(server, zone)
        if host is not None and not named:
            self._must_be_linkable(host)
        if host is not None and inside:
            self._add_addresses(host, server)
            if not named:
                self._remove_addresses(host, server)

    def _host_outside(self, name: dns.name.Name) -> EppHost | None:
        try:
            return self._host(name)
        except HiddenObjectError:
            # Whose it is does not matter where it is only to be named.
            return EppHost(name=name, text=display_name(name), addresses={})

    def _create_host(self, server: NameServer, zone: Zone) -> EppHost | None:
        """Create the host; return it where it was there already, for all that the registry said before."""
        name = display_name(server.name)
        answer = self._session.create_host(name, server.addresses)
        if answer.code in _ADDRESS_CODES and not server.addresses:
            known = self._described_addresses(server.name, zone)
            if known:
                answer = self._session.create_host(name, known)
        if answer.code == 2302:
            return self._host(server.name) if is_in_domain(server.name, zone.name) else None
        if not answer.accepted:
            raise DelegationError(f"{answer.text}: {_CREATE_HINTS.get(answer.code, 'ask the registry why')}")
        self._must_be_made(answer, name)
        return None

    def _must_be_made(self, answer: EppAnswer, host: str) -> None:
        if answer.pending:
            raise _PendingHostError(
                f"{answer.text}: wait until the registry has made the host {host} what it is to be, then run this again"
            )

    def _described_addresses(self, server: dns.name.Name, zone: Zone) -> tuple[str, ...]:
        """Return the addresses described for a server outside of ``zone``, which lies in another one there."""
        above = self.setting.tree.closest_above(server)
        known = (*zone.name_servers, *(() if above is None else above.name_servers))
        return next((tuple(each.addresses) for each in known if each.name == server and each.addresses), ())

    def _add_addresses(self, host: EppHost, server: NameServer) -> None:
        added = [address for address in server.addresses if address not in host.addresses]
        if added:
            self._update_host(host, add_addresses=added)

    def _remove_addresses(self, host: EppHost, server: NameServer) -> None:
        # As the registry shows them: some find nothing else.
        removed = [text for address, text in host.addresses.items() if address not in server.addresses]
        if removed:
            self._update_host(host, remove_addresses=removed)

    def _update_host(self, host: EppHost, **changes: t.Sequence[str]) -> None:
        lockable = _Lockable("host", host.name)
        self._must_be_free(str(lockable), host.statuses)
        try:
            self._unlock(lockable, host.statuses)
            answer = self._session.update_host(host.text, **changes)
            if answer.code in FOREIGN_CODES:
                raise DelegationError(
                    f"{answer.text}: it belongs to {host.sponsor or 'another registrar'}, so have its addresses"
                    f" ({', '.join(sorted(host.addresses)) or 'none'}) changed there, or give the server another name"
                )
            self._must_be_accepted(answer)
            self._must_be_made(answer, host.text)
        except BaseException as exc:
            self._put_back(lockable, after=exc)
            raise
        self._put_back(lockable)

    def _take(self, due: tuple[Step, ...], change: Change) -> None:
        """Make one step after the other, until one is to be made later, and in the end what hosts need."""
        name = change.zone.name
        self._unfinished.pop(name, None)
        domain = self._domains[name]
        model = self._model(domain)
        while due:
            step, due = due[0], due[1:]
            before = View.of(domain, model)
            expected = step.after(before)
            answer = self._send(step, domain, model)
            domain = self._domain(name)
            now = View.of(domain, model)
            # Some show at once what is still to be confirmed, and take no other command until it is.
            busy = _PENDING in domain.statuses
            if now == expected and not busy:
                continue
            if now not in (before, expected):
                raise UnknownOutcomeError(f"{answer.text}, and made only a part of the change")
            if answer.code in _POLICY_CODES and due and now == before:
                due = (step.with_(due[0]), *due[1:])
                continue
            self._must_be_accepted(answer)
            if answer.pending or busy:
                self._unfinished[name] = _Unfinished(change=change, expected=expected, rest=due, answer=answer)
            return
        self._finish(change)

    def _send(self, step: Step, domain: EppDomain, model: HostModel) -> EppAnswer:
        name = display_name(domain.name)
        add = _ns_entries(step.add_servers, model=model)
        remove = _ns_entries(step.remove_servers, model=model, shown=domain)
        options: dict[str, t.Any] = {
            "add": {"ns": add} if add else None,
            "remove": {"ns": remove} if remove else None,
            "add_secure": [secure_entry(rdata) for rdata in in_order(step.add_secure)],
            "remove_secure": [domain.secure.get(rdata, secure_entry(rdata)) for rdata in in_order(step.remove_secure)],
        }
        answer = self._session.update_domain(name, **options)
        if answer.code in _EMPTY_CHANGE_CODES and not add and not remove:
            answer = self._session.update_domain(name, **options, empty_change=True)
        return answer

    def _finish(self, change: Change) -> None:
        """Do what can only be done to hosts once the domain is as it is to be."""
        zone = change.zone
        domain = self._domains[zone.name]
        if self._model(domain) != "obj":
            return
        wanted = {server.name: server for server in change.wanted.name_servers}
        if set(domain.servers) != set(wanted):
            return
        for server in wanted.values():
            if is_in_domain(server.name, zone.name):
                host = self._host(server.name)
                if host is not None:
                    self._remove_addresses(host, server)
        inside = {server.name for server in change.present.name_servers if is_in_domain(server.name, zone.name)}
        self._unused.setdefault(zone.name, set()).update(inside - set(wanted))
        self._delete_unused(zone.name)

    def _delete_unused(self, zone: dns.name.Name, *, last: bool = False) -> None:
        """Delete the hosts in a zone that served it; whatever keeps one leaves the delegation as it is."""
        names = self._unused.pop(zone, set())
        if not names:
            return
        failed: dict[dns.name.Name, str] = {}
        for name in sorted(names):
            try:
                # Not every registry looks itself whether a host is still needed.
                if name in self._domain(zone).servers:
                    continue
                host = self._host(name)
                if host is None or "linked" in host.statuses:
                    continue
                if host.statuses & _DELETE_LOCKS:
                    failed[name] = f"it is locked ({', '.join(sorted(host.statuses & _DELETE_LOCKS))})"
                    continue
                answer = self._session.delete_host(host.text)
                if not answer.accepted and answer.code not in (2303, 2305):
                    failed[name] = answer.text
            except DelegationError as exc:
                failed[name] = exc.message
        if failed and not last:
            self._unused[zone] = set(failed)
        for name, reason in failed.items() if last else ():
            self.setting.warn(
                f"The host {display_name(name)}, which serves {display_name(zone)} no more, is still there: {reason}"
            )

    def _is_made(self, unfinished: _Unfinished) -> bool:
        """Whether what was pending is made by now."""
        domain = self._domain(unfinished.change.zone.name)
        return _PENDING not in domain.statuses and self._is_shown(unfinished)

    def _is_shown(self, unfinished: _Unfinished) -> bool:
        """Whether what was pending was there when the domain was read last, confirmed or not."""
        domain = self._domains[unfinished.change.zone.name]
        return View.of(domain, self._model(domain)) == unfinished.expected

    def _look_for_notices(self) -> None:
        """Take messages about changes that were pending here off the queue; leave all others to those they are for."""
        by_transaction = {
            transaction: unfinished
            for unfinished in self._unfinished.values()
            for transaction in (unfinished.answer.transaction, unfinished.answer.sent_as)
            if transaction
        }
        for _turn in range(_MOST_NOTICES if self._has_notices else 0):
            try:
                notice = self._session.notice()
            except DelegationError:
                # Reading the domain tells as well, only not why a change was given up. What cannot be read now stays
                # the first in the queue.
                self._has_notices = False
                return
            ours = (
                [] if notice is None else [by_transaction[each] for each in notice.transactions & set(by_transaction)]
            )
            if notice is None or not ours:
                return
            if not notice.made:
                ours[0].rejected = notice.text or "without a word"
            self._session.acknowledge(notice)

    def _must_be_accepted(self, answer: EppAnswer) -> None:
        if not answer.accepted:
            raise DelegationError(f"{answer.text}: {_UPDATE_HINTS.get(answer.code, 'ask the registry why')}")

    def _unlock(self, lockable: _Lockable, statuses: frozenset[str]) -> None:
        if _CLIENT_LOCK not in statuses:
            return
        # From here on it may be unlocked, whatever comes back.
        self._unlocked.add(lockable)
        answer = self._set_locks(lockable, remove=True)
        self._must_be_accepted(answer)
        if answer.pending:
            raise DelegationError(f"{answer.text}: wait until {lockable} is unlocked, then run this again")

    def _set_locks(self, lockable: _Lockable, *, remove: bool) -> EppAnswer:
        name, locks = display_name(lockable.name), [_CLIENT_LOCK]
        if lockable.kind == "host":
            return self._session.update_host(name, **{"remove_statuses" if remove else "add_statuses": locks})
        statuses = {"statuses": locks}
        return self._session.update_domain(name, add=None if remove else statuses, remove=statuses if remove else None)

    def _put_back(self, lockable: _Lockable, *, after: BaseException | None = None, last: bool = False) -> None:
        """Lock again what was unlocked, whatever happened since; where that cannot be, say so.

        While a change is pending, nothing can be locked; it is done later then, unless this is the ``last`` time.

        :raises DelegationError: naming what is left unlocked, and why the change failed, if it did.
        """
        if lockable not in self._unlocked:
            return
        look_up: t.Callable[[str], EppDomain | EppHost | None] = (
            self._session.host if lockable.kind == "host" else self._session.domain
        )
        reason = ""
        for pause in (*_PUT_BACK_PAUSES, None):
            try:
                self._session.try_again()
                shown = look_up(display_name(lockable.name))
                statuses = frozenset[str]() if shown is None else shown.statuses
                if _PENDING in statuses and not last:
                    return
                if _CLIENT_LOCK in statuses and _PENDING not in statuses:
                    self._unlocked.discard(lockable)
                    return
                if pause is None:
                    break
                # What it says is not what counts; the next turn looks, of which there is one more than attempts.
                answer = self._set_locks(lockable, remove=False)
                reason = answer.text
                if answer.accepted and not answer.pending:
                    continue
            except DelegationError as exc:
                reason = exc.message
            if pause is not None:
                self.setting.sleep(pause)
        self._unlocked.discard(lockable)
        first = "" if after is None else f"; before that: {after}"
        raise DelegationError(
            f"{str(lockable).upper()} IS LEFT UNLOCKED: its {_CLIENT_LOCK} was removed for the change and could not be"
            f" put back ({reason}): put it back by hand{first}"
        ) from after


class _PendingHostError(DelegationError):
    """The registry will make a host what it is to be, but has not done so yet."""


def steps(change: Change, domain: EppDomain, model: HostModel) -> tuple[Step, ...]:
    """Return the commands that make the change, in an order in which it may end after any of them.

    Servers are added in a command before the one that removes others: registries have been seen to carry out the
    removals of a command and to refuse the rest.
    """
    view = View.of(domain, model)
    wanted = View.made_of(change.zone.name, change.wanted, model)
    added, removed = wanted.servers - view.servers, view.servers - wanted.servers
    names = {name for name, _addresses in added}
    # The entry of a server with other addresses, which has to go for the new one to come.
    replaced = frozenset(server for server in removed if server[0] in names)
    first = Step(add_servers=added, remove_servers=replaced)
    then = Step(remove_servers=removed - replaced)
    came, gone = Step(add_secure=wanted.secure - view.secure), Step(remove_secure=view.secure - wanted.secure)
    # As in the plan itself.
    secure_first, secure_last = (came, gone) if stays_secure(change.present, change.wanted) else (gone, came)
    first, then = first.with_(secure_first), then.with_(secure_last)
    due = (first, then) if added and then.remove_servers else (first.with_(then),)
    return tuple(step for step in due if step != Step())


def _ns_entries(servers: frozenset[_Server], *, model: HostModel, shown: EppDomain | None = None) -> list[t.Any]:
    """Return the servers as epptools takes them; those that are ``shown``, by what they are shown as."""
    entries: list[t.Any] = []
    for name, addresses in sorted(servers, key=lambda server: server[0]):
        known = shown.servers.get(name) if shown else None
        text = known.text if known else display_name(name)
        texts = [known.addresses.get(address, address) if known else address for address in sorted(addresses)]
        entries.append(text if model == "obj" else {"name": text, "addresses": texts})
    return entries


def _form_of(domain: EppDomain) -> DsForm | None:
    rdata = next(iter(domain.secure), None)
    if rdata is None:
        return None
    return "ds" if rdata.rdtype == dns.rdatatype.DS else "dnskey"


def _problems(options: t.Mapping[str, t.Any], *, where: str) -> list[Problem]:
    problems = beyond_limits({"port": options.get("port")}, where=where)
    if len(options["password"]) < SHORTEST_PASSWORD:
        rule = f"a password in EPP has at least {SHORTEST_PASSWORD} characters"
        problems.append(Problem(where=f"{where}password", rule=rule))
    if options.get("client_key") and not options.get("client_cert"):
        problems.append(Problem(where=f"{where}client_key", rule="it is of no use without client_cert"))
    for option in ("client_cert", "client_key", "ca_path"):
        path = options.get(option)
        if path and not (os.path.isfile(path) and os.access(path, os.R_OK)):
            problems.append(Problem(where=f"{where}{option}", value=path, rule="there is no such file to read here"))
    return problems


_CREATE_HINTS = {
    2003: "it lies in a zone of this registry, which wants its addresses: describe them",
    2005: "it does not take the name or an address",
    2101: "it has no host objects: set host_model to attr",
    2201: "its name lies in a domain of another registrar, who alone can create it: use a name that is there already",
    2303: "its name lies in a domain that is not registered",
    2306: "the rules of the registry are against it, perhaps its addresses or that it has none",
    2307: "it has no host objects: set host_model to attr",
    2400: "it failed inside: try again later",
}

_UPDATE_HINTS = {
    1001: "wait until the registry has done it, then run this again",
    2001: "it does not understand the command; perhaps host_model or ds_interface is another one here",
    2003: "it wants something that is not described",
    2004: "it does not take a value: perhaps too many servers, or a DS algorithm or digest that it does not know",
    2005: "it does not take the form of a value",
    2102: "it does not have this: perhaps ds_interface or host_model is another one here",
    2103: "it does not take DS or keys here",
    2201: "another registrar sponsors it: only that one can change it",
    2202: "another registrar sponsors it: only that one can change it",
    2303: "something that the command names is not there",
    2304: "its status forbids it: look for a lock, and for what is pending",
    2305: "something else depends on it",
    2306: "the rules of the registry are against it: perhaps too few or too many servers, or another ds_interface"
    " or host_model",
    2308: "the rules of the registry are against it",
    2400: "it failed inside: try again later",
}
