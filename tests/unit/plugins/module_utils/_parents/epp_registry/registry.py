# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry holds, and what it makes of commands."""

from __future__ import annotations

import copy
import ipaddress
import typing as t
from dataclasses import dataclass, field

from lxml import etree

from .frames import CONTACT, DOMAIN, EPP, HOST, LOGIN_SECURITY, SECDNS, add, greeting, response

__all__ = ("Answer", "Domain", "Host", "Message", "Refused", "Registry", "Session")

_CLIENT_STATUSES = frozenset(
    f"client{what}"
    for what in ("DeleteProhibited", "Hold", "RenewProhibited", "TransferProhibited", "UpdateProhibited")
)
_DATE = "2026-01-01T00:00:00.0Z"
_SENTINEL = "[LOGIN-SECURITY]"
# What changes anything.
_TRANSFORMS = ("create", "delete", "update")

MESSAGES = {
    1000: "Command completed successfully",
    1001: "Command completed successfully; action pending",
    1300: "Command completed successfully; no messages",
    1301: "Command completed successfully; ack to dequeue",
    1500: "Command completed successfully; ending session",
    2001: "Command syntax error",
    2002: "Command use error",
    2003: "Required parameter missing",
    2005: "Parameter value syntax error",
    2101: "Unimplemented command",
    2102: "Unimplemented option",
    2103: "Unimplemented extension",
    2200: "Authentication error",
    2201: "Authorization error",
    2202: "Invalid authorization information",
    2302: "Object exists",
    2303: "Object does not exist",
    2304: "Object status prohibits operation",
    2305: "Object association prohibits operation",
    2306: "Parameter value policy error",
    2307: "Unimplemented object service",
    2308: "Data management policy violation",
    2400: "Command failed",
    2500: "Command failed; server closing connection",
    2501: "Authentication error; server closing connection",
    2502: "Session limit exceeded; server closing connection",
}

# The fields of dsData or of keyData, in the order of the schema.
Secure = tuple[str, ...]
_FIELDS = {"dsData": ("keyTag", "alg", "digestType", "digest"), "keyData": ("flags", "protocol", "alg", "pubKey")}


class Refused(Exception):
    """A command that is not carried out."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


@dataclass
class Domain:
    """A registered domain.

    :arg servers: by name their addresses, where these are attributes of the domain.
    """

    name: str
    sponsor: str
    servers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    secure: list[Secure] = field(default_factory=list)
    statuses: set[str] = field(default_factory=set)
    pending: Pending | None = None


@dataclass
class Host:
    """A host object.

    :arg contact: what it shows in place of its sponsor, as .dk does.
    """

    name: str
    sponsor: str
    addresses: set[str] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)
    contact: str | None = None


@dataclass
class Pending:
    """A change that is made once the domain was looked at so many times."""

    servers: dict[str, tuple[str, ...]]
    secure: list[Secure]
    looks: int
    client: str
    transactions: tuple[str | None, str]


@dataclass
class Message:
    """A service message about a change that was pending."""

    number: int
    domain: str
    made: bool
    transactions: tuple[str | None, str]


@dataclass
class Session:
    """One connection; nobody is signed in at first."""

    client: str | None = None
    over: bool = False


@dataclass
class Answer:
    """What an answer consists of besides its code."""

    code: int = 1000
    data: t.Sequence[t.Any] = ()
    extension: t.Sequence[t.Any] = ()
    queue: tuple[int, str, str] | None = None


@dataclass
class Registry:
    """The registry of a zone such as ``example``, which takes each identifier of a client's command only once.

    :arg model: whether name servers are host objects or attributes.
    :arg secure: what it takes to make a domain secure.
    :arg login_security: whether it takes long passwords in an extension (RFC 8807).
    :arg wants_change: what it says to an update that is only extended and lacks the add, rem or chg of RFC 4310,
        None where it takes that.
    :arg most_servers: how many a domain has at most.
    :arg accounts: passwords by client.
    :arg answer_with: codes to answer with instead, by command such as ``domain:info``.
    :arg lie: whether the next domain update is answered with success and not made.
    :arg half: whether the next domain update is made only as far as its removals go, and refused then.
    :arg pending_looks: after how many looks changes are made that are accepted as pending, None where at once.
    :arg shows_pending: whether it shows them before they are made.
    :arg rejects_pending: whether such changes are given up then.
    :arg before_update: is called before the next domain update is carried out.
    :arg events: what is told at login, each with ``type`` and ``text``.
    :ivar transforms: how many commands came that could change anything.
    :ivar commands: the name of each command that came.
    """

    zone: str = "example"
    model: t.Literal["obj", "attr"] = "obj"
    secure: t.Literal["dsData", "keyData"] | None = "dsData"
    login_security: bool = False
    wants_change: int | None = None
    most_servers: int = 13
    languages: t.Sequence[str] = ("en",)
    objects: t.Sequence[str] | None = None
    accounts: dict[str, str] = field(default_factory=lambda: {"registrar": "sesame-sesame"})
    domains: dict[str, Domain] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)
    answer_with: dict[str, int] = field(default_factory=dict)
    lie: bool = False
    half: bool = False
    shows_pending: bool = False
    rejects_pending: bool = False
    pending_looks: int | None = None
    before_update: t.Callable[[], None] | None = None
    transforms: int = 0
    commands: list[str] = field(default_factory=list)
    events: t.Sequence[t.Mapping[str, str]] = ()
    _transactions: int = 0
    _seen: set[str | None] = field(default_factory=set)

    def greeting(self) -> t.Any:
        objects = self.objects
        if objects is None:
            objects = [DOMAIN, CONTACT, *([HOST] if self.model == "obj" else [])]
        return greeting(objects=objects, extensions=self._extensions(), languages=self.languages)

    def answer(self, session: Session, frame: t.Any) -> t.Any:
        """Carry out the command in ``frame`` and return the answer."""
        command = frame.find(f"{{{EPP}}}command")
        if command is None:
            return self.greeting()
        self._transactions += 1
        client_transaction = command.findtext(f"{{{EPP}}}clTRID")
        server_transaction = f"SRV-{self._transactions}"
        repeated = client_transaction is not None and client_transaction in self._seen
        self._seen.add(client_transaction)
        message = None
        try:
            if repeated:
                raise Refused(2500, "This clTRID was used before")
            answer = self._carry_out(session, command, (client_transaction, server_transaction))
        except Refused as exc:
            answer, message = Answer(exc.code), exc.reason
        if 2500 <= answer.code < 2600 or answer.code == 1500:
            session.over = True
        return response(
            answer.code,
            message or MESSAGES[answer.code],
            # Namingo answers with an identifier of its own then.
            client_transaction="client-not-provided-1" if repeated else client_transaction,
            server_transaction=server_transaction,
            queue=answer.queue,
            data=answer.data,
            extension=answer.extension,
        )

    def linked(self, host: str) -> bool:
        return any(host in domain.servers for domain in self.domains.values())

    def _extensions(self) -> list[str]:
        return [*([SECDNS] if self.secure else []), *([LOGIN_SECURITY] if self.login_security else [])]

    def _carry_out(self, session: Session, command: t.Any, transactions: tuple[str | None, str]) -> Answer:
        verb = etree.QName(command[0]).localname
        body = command[0][0] if verb not in ("login", "logout", "poll") else command[0]
        kind = {DOMAIN: "domain", HOST: "host", EPP: ""}.get(etree.QName(body).namespace)
        name = f"{kind}:{verb}" if kind else verb
        self.commands.append(name)
        if verb in _TRANSFORMS:
            self.transforms += 1
        if name in self.answer_with:
            raise Refused(self.answer_with[name])
        if verb == "login":
            return self._log_in(session, command)
        if session.client is None:
            raise Refused(2002)
        if verb == "logout":
            return Answer(1500)
        if verb == "poll":
            return self._poll(session.client, body)
        if kind is None or (kind == "host" and self.model == "attr"):
            raise Refused(2307)
        action = getattr(self, f"_{kind}_{verb}", None)
        if action is None:
            raise Refused(2101)
        return t.cast("Answer", action(session.client, body, command.find(f"{{{EPP}}}extension"), transactions))

    def _log_in(self, session: Session, command: t.Any) -> Answer:
        if session.client is not None:
            raise Refused(2002)
        login = command[0]
        extension = command.find(f"{{{EPP}}}extension")
        announced = [element.text for element in login.iter(f"{{{EPP}}}extURI")]
        if set(announced) - set(self._extensions()):
            raise Refused(2103)
        if {element.text for element in login.iter(f"{{{EPP}}}objURI")} - {DOMAIN, HOST, CONTACT}:
            raise Refused(2307)
        if login.findtext(f".//{{{EPP}}}lang") not in self.languages:
            raise Refused(2102)
        password = login.findtext(f"{{{EPP}}}pw")
        if password == _SENTINEL and self.login_security and extension is not None:
            password = extension.findtext(f".//{{{LOGIN_SECURITY}}}pw")
        client = login.findtext(f"{{{EPP}}}clID")
        if self.accounts.get(client) != password:
            raise Refused(2200)
        session.client = client
        data = etree.Element(f"{{{LOGIN_SECURITY}}}loginSecData")
        for event in self.events:
            add(data, LOGIN_SECURITY, "event", event["text"], type=event["type"], level="warning")
        return Answer(extension=[data] if self.events and LOGIN_SECURITY in announced else [])

    def _poll(self, client: str, poll: t.Any) -> Answer:
        queue = self.messages.setdefault(client, [])
        if poll.get("op") == "ack":
            if not queue or str(queue[0].number) != poll.get("msgID"):
                raise Refused(2303)
            del queue[0]
            return Answer()
        if not queue:
            return Answer(1300)
        message = queue[0]
        data = etree.Element(f"{{{DOMAIN}}}panData")
        add(data, DOMAIN, "name", message.domain, paResult="1" if message.made else "0")
        transactions = add(data, DOMAIN, "paTRID")
        if message.transactions[0] is not None:
            add(transactions, EPP, "clTRID", message.transactions[0])
        add(transactions, EPP, "svTRID", message.transactions[1])
        add(data, DOMAIN, "paDate", _DATE)
        text = "Pending update made" if message.made else "The registrant did not agree"
        return Answer(1301, data=[data], queue=(len(queue), str(message.number), text))

    def _domain_check(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        return self._check(body, DOMAIN, self.domains)

    def _host_check(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        return self._check(body, HOST, self.hosts)

    def _check(self, body: t.Any, uri: str, known: t.Collection[str]) -> Answer:
        data = etree.Element(f"{{{uri}}}chkData")
        for element in body:
            add(add(data, uri, "cd"), uri, "name", element.text, avail="0" if element.text in known else "1")
        return Answer(data=[data])

    def _domain_info(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        domain = self._domain(_name(body, DOMAIN))
        self._look_at(domain)
        data = etree.Element(f"{{{DOMAIN}}}infData")
        add(data, DOMAIN, "name", domain.name)
        add(data, DOMAIN, "roid", "D1-TEST")
        statuses = domain.statuses | ({"pendingUpdate"} if domain.pending else set())
        for status in sorted(statuses) or ["ok"]:
            add(data, DOMAIN, "status", s=status)
        if domain.servers:
            servers = add(data, DOMAIN, "ns")
            for name, addresses in domain.servers.items():
                if self.model == "obj":
                    add(servers, DOMAIN, "hostObj", name)
                    continue
                entry = add(servers, DOMAIN, "hostAttr")
                add(entry, DOMAIN, "hostName", name)
                for address in addresses:
                    add(entry, DOMAIN, "hostAddr", address, ip=_version(address))
        for name in sorted(self.hosts):
            if name.endswith(f".{domain.name}"):
                add(data, DOMAIN, "host", name)
        add(data, DOMAIN, "clID", domain.sponsor)
        add(data, DOMAIN, "crDate", _DATE)
        extension = []
        if domain.secure:
            shown = etree.Element(f"{{{SECDNS}}}infData", nsmap={"secDNS": SECDNS})
            kind = t.cast("str", self.secure)
            for values in domain.secure:
                entry = add(shown, SECDNS, kind)
                for name, value in zip(_FIELDS[kind], values):
                    add(entry, SECDNS, name, value)
            extension.append(shown)
        return Answer(data=[data], extension=extension)

    def _domain_create(self, client: str, body: t.Any, extension: t.Any, _transactions: t.Any) -> Answer:
        name = _name(body, DOMAIN)
        if name in self.domains:
            raise Refused(2302)
        if not name.endswith(f".{self.zone}") or name.count(".") != self.zone.count(".") + 1:
            raise Refused(2306)
        domain = Domain(name, client)
        self._add_servers(domain, body.find(f"{{{DOMAIN}}}ns"))
        if extension is not None:
            self._add_secure(domain, extension.find(f"{{{SECDNS}}}create"))
        self.domains[name] = domain
        data = etree.Element(f"{{{DOMAIN}}}creData")
        add(data, DOMAIN, "name", name)
        add(data, DOMAIN, "crDate", _DATE)
        return Answer(data=[data])

    def _domain_update(
        self, client: str, body: t.Any, extension: t.Any, transactions: tuple[str | None, str]
    ) -> Answer:
        if self.before_update is not None:
            before_update, self.before_update = self.before_update, None
            before_update()
        domain = self._domain(_name(body, DOMAIN))
        if domain.sponsor != client:
            raise Refused(2201)
        added, removed = (body.find(f"{{{DOMAIN}}}{part}") for part in ("add", "rem"))
        secure = None if extension is None else extension.find(f"{{{SECDNS}}}update")
        self._must_be_free(domain, added, removed, secure)
        if (secure is None or self.wants_change) and len(body) == 1:
            raise Refused(self.wants_change or 2003, "At least one of add, rem and chg is needed")
        changed = copy.deepcopy(domain)
        if removed is not None:
            self._remove_servers(changed, removed.find(f"{{{DOMAIN}}}ns"))
            _remove_statuses(changed.statuses, removed, DOMAIN)
        if secure is not None:
            self._remove_secure(changed, secure.find(f"{{{SECDNS}}}rem"))
        if self.half and (added is None or added.find(f"{{{DOMAIN}}}status") is None):
            self.half = False
            self.domains[domain.name] = changed
            raise Refused(2303)
        if added is not None:
            self._add_servers(changed, added.find(f"{{{DOMAIN}}}ns"))
            _add_statuses(changed.statuses, added, DOMAIN)
        if secure is not None:
            self._add_secure(changed, secure.find(f"{{{SECDNS}}}add"))
        if self.lie:
            self.lie = False
            return Answer()
        only_locks = changed.servers == domain.servers and changed.secure == domain.secure
        if self.pending_looks is not None and not only_locks:
            shown = self.domains[domain.name] = changed if self.shows_pending else domain
            shown.pending = Pending(changed.servers, changed.secure, self.pending_looks, client, transactions)
            return Answer(1001)
        self.domains[domain.name] = changed
        return Answer()

    def _domain_delete(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        domain = self._domain(_name(body, DOMAIN))
        if domain.sponsor != client:
            raise Refused(2201)
        if any(name.endswith(f".{domain.name}") for name in self.hosts):
            raise Refused(2305)
        del self.domains[domain.name]
        return Answer()

    def _host_info(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        host = self._host(_name(body, HOST))
        data = etree.Element(f"{{{HOST}}}infData")
        add(data, HOST, "name", host.name)
        add(data, HOST, "roid", "H1-TEST")
        for status in sorted(host.statuses | ({"linked"} if self.linked(host.name) else {"ok"})):
            add(data, HOST, "status", s=status)
        for address in sorted(host.addresses):
            add(data, HOST, "addr", address, ip=_version(address))
        add(data, HOST, "clID", host.contact or host.sponsor)
        add(data, HOST, "crID", host.sponsor)
        add(data, HOST, "crDate", _DATE)
        return Answer(data=[data])

    def _host_create(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        name = _name(body, HOST)
        if name in self.hosts:
            raise Refused(2302)
        addresses = _addresses(body, HOST, "addr")
        above = self._superordinate(name)
        if above is not None:
            if above.sponsor != client:
                raise Refused(2201)
            if not addresses:
                raise Refused(2003, "A host in this zone needs an address")
        elif addresses:
            raise Refused(2306, "A host outside of this zone has no address here")
        self.hosts[name] = Host(name, client, set(addresses))
        data = etree.Element(f"{{{HOST}}}creData")
        add(data, HOST, "name", name)
        add(data, HOST, "crDate", _DATE)
        return Answer(data=[data])

    def _host_update(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        host = self._host(_name(body, HOST))
        if host.sponsor != client:
            raise Refused(2201)
        added, removed = (body.find(f"{{{HOST}}}{part}") for part in ("add", "rem"))
        if len(body) == 1:
            raise Refused(2003)
        if "serverUpdateProhibited" in host.statuses:
            raise Refused(2304)
        if "clientUpdateProhibited" in host.statuses and not _only_unlocks(added, removed, HOST):
            raise Refused(2304)
        changed = copy.deepcopy(host)
        if removed is not None:
            for address in _addresses(removed, HOST, "addr"):
                if address not in changed.addresses:
                    raise Refused(2306, "The host does not have this address")
                changed.addresses.remove(address)
            _remove_statuses(changed.statuses, removed, HOST)
        # Some want this even where the same command adds one.
        if host.addresses and not changed.addresses:
            raise Refused(2306, "A host needs an address")
        if added is not None:
            for address in _addresses(added, HOST, "addr"):
                if address in changed.addresses:
                    raise Refused(2306, "The host has this address")
                changed.addresses.add(address)
            _add_statuses(changed.statuses, added, HOST)
        self.hosts[host.name] = changed
        return Answer()

    def _host_delete(self, client: str, body: t.Any, _extension: t.Any, _transactions: t.Any) -> Answer:
        host = self._host(_name(body, HOST))
        if host.sponsor != client:
            raise Refused(2201)
        if host.statuses & {"clientDeleteProhibited", "serverDeleteProhibited"}:
            raise Refused(2304)
        if self.linked(host.name):
            raise Refused(2305)
        del self.hosts[host.name]
        return Answer()

    def _domain(self, name: str) -> Domain:
        if name not in self.domains:
            raise Refused(2303)
        return self.domains[name]

    def _host(self, name: str) -> Host:
        if name not in self.hosts:
            raise Refused(2303)
        return self.hosts[name]

    def _superordinate(self, host: str) -> Domain | None:
        """Return the domain that a host lies in, None for one of another registry."""
        labels = host.split(".")
        depth = self.zone.count(".") + 2
        if not host.endswith(f".{self.zone}"):
            return None
        return self._domain(".".join(labels[-depth:]))

    def _look_at(self, domain: Domain) -> None:
        """Make what is pending once it was looked at often enough."""
        pending = domain.pending
        if pending is None:
            return
        pending.looks -= 1
        if pending.looks < 0:
            domain.pending = None
            if not self.rejects_pending:
                domain.servers, domain.secure = pending.servers, pending.secure
            number = sum(map(len, self.messages.values())) + 1
            message = Message(number, domain.name, not self.rejects_pending, pending.transactions)
            self.messages.setdefault(pending.client, []).append(message)

    def _must_be_free(self, domain: Domain, added: t.Any, removed: t.Any, secure: t.Any) -> None:
        if domain.pending or domain.statuses & {"serverUpdateProhibited", "pendingTransfer", "pendingDelete"}:
            raise Refused(2304)
        # RFC 5731 section 2.3: only a request to remove the status itself is taken then.
        locked = "clientUpdateProhibited" in domain.statuses
        if locked and (secure is not None or not _only_unlocks(added, removed, DOMAIN)):
            raise Refused(2304)

    def _add_servers(self, domain: Domain, servers: t.Any) -> None:
        for entry in () if servers is None else servers:
            kind = etree.QName(entry).localname
            if kind != {"obj": "hostObj", "attr": "hostAttr"}[self.model]:
                raise Refused(2306, "Name servers are of the other model here")
            name = _lower(entry.text if kind == "hostObj" else entry.findtext(f"{{{DOMAIN}}}hostName"))
            addresses = _addresses(entry, DOMAIN, "hostAddr")
            if kind == "hostObj":
                self._host(name)
            elif name.endswith(f".{domain.name}") and not addresses:
                raise Refused(2003, "A host in the domain needs an address")
            if name in domain.servers:
                raise Refused(2306, "The domain has this name server")
            domain.servers[name] = tuple(addresses)
        if len(domain.servers) > self.most_servers:
            raise Refused(2306, "Too many name servers")

    def _remove_servers(self, domain: Domain, servers: t.Any) -> None:
        for entry in () if servers is None else servers:
            kind = etree.QName(entry).localname
            name = _lower(entry.text if kind == "hostObj" else entry.findtext(f"{{{DOMAIN}}}hostName"))
            addresses = tuple(_addresses(entry, DOMAIN, "hostAddr"))
            if name not in domain.servers or set(domain.servers[name]) != set(addresses):
                raise Refused(2303, "The domain does not have this name server")
            del domain.servers[name]

    def _add_secure(self, domain: Domain, block: t.Any) -> None:
        for values in self._secure_entries(block):
            if values in domain.secure:
                raise Refused(2306, "The domain has this DS or key")
            domain.secure.append(values)

    def _remove_secure(self, domain: Domain, block: t.Any) -> None:
        for values in self._secure_entries(block):
            if values not in domain.secure:
                raise Refused(2303, "The domain does not have this DS or key")
            domain.secure.remove(values)

    def _secure_entries(self, block: t.Any) -> t.Iterator[Secure]:
        for entry in () if block is None else block:
            kind = etree.QName(entry).localname
            if kind != self.secure:
                raise Refused(2306, f"Only {self.secure} is taken here")
            yield tuple(entry.findtext(f"{{{SECDNS}}}{name}") for name in _FIELDS[kind])


def _name(body: t.Any, uri: str) -> str:
    return _lower(body.findtext(f"{{{uri}}}name"))


def _lower(name: str) -> str:
    if name != name.lower() or name.endswith("."):
        raise Refused(2005, "Names are in lower case and without a final dot")
    return name


def _version(address: str) -> str:
    return f"v{ipaddress.ip_address(address).version}"


def _addresses(body: t.Any, uri: str, name: str) -> list[str]:
    found = []
    for element in body.findall(f"{{{uri}}}{name}"):
        if element.get("ip", "v4") != _version(element.text):
            raise Refused(2005)
        found.append(str(ipaddress.ip_address(element.text)))
    return found


def _only_unlocks(added: t.Any, removed: t.Any, uri: str) -> bool:
    return (
        added is None
        and removed is not None
        and [element.get("s") for element in removed] == ["clientUpdateProhibited"]
    )


def _add_statuses(statuses: set[str], block: t.Any, uri: str) -> None:
    for status in _statuses(block, uri):
        if status in statuses:
            raise Refused(2306, "It has this status")
        statuses.add(status)


def _remove_statuses(statuses: set[str], block: t.Any, uri: str) -> None:
    for status in _statuses(block, uri):
        if status not in statuses:
            raise Refused(2306, "It does not have this status")
        statuses.remove(status)


def _statuses(block: t.Any, uri: str) -> list[str]:
    found = [element.get("s") for element in block.findall(f"{{{uri}}}status")]
    if set(found) - _CLIENT_STATUSES:
        raise Refused(2306, "A client sets no such status")
    return found
