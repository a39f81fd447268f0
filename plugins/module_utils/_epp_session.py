# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One EPP session with a registry (RFC 5730, RFC 5734), by way of epptools.

The library frames, encrypts, builds commands and matches answers with them. What is here: what to announce at login,
what to do when a connection ends, and what to say of everything that can go wrong.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import typing as t
from dataclasses import dataclass, field

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._epp_objects import (
    DOMAIN_URI,
    EPP_URI,
    HOST_URI,
    LOGIN_SECURITY_URI,
    SECDNS_URI,
    EppDomain,
    EppHost,
    SecureEntry,
    read_domain,
    read_host,
    read_reasons,
)
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError, UnknownOutcomeError

__all__ = (
    *("FOREIGN_CODES", "SHORTEST_PASSWORD"),
    *("EppAccess", "EppAnswer", "EppNotice", "EppSession", "HiddenObjectError", "NsEntries"),
)

# What a registry says of objects of other registrars.
FOREIGN_CODES = (2201, 2202)
SHORTEST_PASSWORD = 6
# What epp:pwType holds; RFC 8807 is for longer ones, but registries without it may take them all the same.
_LONGEST_PLAIN_PASSWORD = 16
# What is in the place of a password that is in the extension.
_PASSWORD_ELSEWHERE = "[LOGIN-SECURITY]"
# A registry works longer at a command than a name server does at a question.
_PATIENCE = 10
_SESSION_LIMIT_PAUSES = (2.0, 5.0, 10.0)
_SHOWN_LENGTH = 300

# Names of host objects, or entries of hostAttr as epptools takes them.
NsEntries = t.Sequence[t.Union[str, t.Mapping[str, t.Any]]]


@dataclass(frozen=True)
class EppAccess:
    """Where a registry is, and how to sign in there.

    :arg ca_path: the file with the certificates to trust, None for those of the system.
    :arg verify: whether the certificate of the server has to be valid for its name.
    """

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    client_cert: str | None = None
    client_key: str | None = None
    client_key_passphrase: str | None = field(default=None, repr=False)
    ca_path: str | None = None
    verify: bool = True

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


@dataclass(frozen=True)
class EppAnswer:
    """What a registry said to a command that changes something.

    :arg code: an EPP result code (RFC 5730 section 3).
    :arg text: the code with what the registry says to it.
    :arg transaction: the identifier that the registry gave it, and ``sent_as`` the one that it was sent with.
    """

    code: int
    text: str
    transaction: str | None
    sent_as: str | None

    @property
    def accepted(self) -> bool:
        """Whether the registry says that it was done or will be."""
        return self.code < 2000

    @property
    def pending(self) -> bool:
        """Whether the registry says that it will be done later."""
        return self.code == 1001


@dataclass(frozen=True)
class EppNotice:
    """A service message about a change that was pending.

    :arg made: whether it was made in the end.
    :arg transactions: the identifiers of the command that it is about.
    """

    message: str
    made: bool
    transactions: frozenset[str]
    text: str


class _Overheard:
    """A connection of epptools that keeps the last frame: what the library rejects, it does not hand out."""

    def __init__(self, connection: t.Any) -> None:
        self._connection = connection
        self.last = ""

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._connection, name)

    def write_frame(self, xml: str) -> None:
        self.last = ""
        self._connection.write_frame(xml)

    def read_frame(self) -> str:
        self.last = self._connection.read_frame()
        return self.last


class EppSession:
    """Talks to one registry; connects when first needed, and anew when the connection was lost."""

    def __init__(
        self,
        access: EppAccess,
        *,
        timeout: float,
        sleep: t.Callable[[float], None],
        warn: t.Callable[[str], None],
    ) -> None:
        # Only where it is needed: importing it takes longer than everything else.
        with deps.declare("epptools"):
            import epptools
        deps.require("epptools", purpose="talk EPP to a registry")
        self._epptools = epptools
        self.access = access
        self._timeout = timeout
        self._sleep = sleep
        self._warn = warn
        self._client: t.Any = None
        self._connection: t.Any = None
        self._objects: frozenset[str] = frozenset()
        self._extensions: frozenset[str] = frozenset()
        # Why there is no use in connecting again.
        self._refusal: DelegationError | None = None

    def __str__(self) -> str:
        return str(self.access)

    @property
    def has_hosts(self) -> bool:
        """Whether the registry offers host objects; known once it was asked anything."""
        return HOST_URI in self._objects

    @property
    def has_secdns(self) -> bool:
        """Whether the registry takes DS or keys; known once it was asked anything."""
        return SECDNS_URI in self._extensions

    def domain(self, name: str) -> EppDomain | None:
        """Return what the registry shows of a domain, None where there is no such.

        :raises DelegationError: where it does not tell.
        """
        response = self._ask(f"domain info of {name}", lambda client: client.domain.info(name), absent=2303)
        return None if response is None else self._understood(read_domain, response)

    def host(self, name: str) -> EppHost | None:
        """Return what the registry shows of a host object, None where there is no such.

        :raises HiddenObjectError: where it is another registrar's and not shown.
        :raises DelegationError: where it does not tell.
        """
        response = self._ask(f"host info of {name}", lambda client: client.host.info(name), absent=2303)
        return None if response is None else self._understood(read_host, response)

    def notice(self) -> EppNotice | None:
        """Return the first message in the queue, if it is about a change that was pending; it stays there.

        :raises DelegationError: where the registry does not tell.
        """
        response = self._ask("poll", lambda client: client.poll.request())
        about = None if response is None else response.pending_action_data()
        if not about or response.message_id() is None:
            return None
        return EppNotice(
            message=response.message_id(),
            made=bool(about["success"]),
            transactions=frozenset(str(about[key]) for key in ("svTRID", "clTRID") if about[key]),
            text=self._clean(response.queue_message() or ""),
        )

    def acknowledge(self, notice: EppNotice) -> None:
        """Take a message off the queue.

        :raises DelegationError: where the registry does not do so.
        """
        self._ask("poll", lambda client: client.poll.ack(notice.message))

    def update_domain(
        self,
        name: str,
        *,
        add: t.Mapping[str, t.Any] | None = None,
        remove: t.Mapping[str, t.Any] | None = None,
        add_secure: t.Sequence[SecureEntry] = (),
        remove_secure: t.Sequence[SecureEntry] = (),
        empty_change: bool = False,
    ) -> EppAnswer:
        """Change a domain in one command.

        :arg add: ``ns`` entries and ``statuses``, and ``remove`` likewise.
        :arg empty_change: send an empty chg element, without which some want no command that is only extended.
        :raises UnknownOutcomeError: where the answer got lost.
        :raises DelegationError: where it could not be sent.
        """
        secure = {
            key: {"ds_data" if "digest" in entries[0] else "key_data": [dict(entry) for entry in entries]}
            for key, entries in (("remove", remove_secure), ("add", add_secure))
            if entries
        }

        def send(client: t.Any) -> t.Any:
            if empty_change:
                return client.request(_with_empty_change(client, name, secure))
            return client.domain.update(name, add=add, remove=remove, sec_dns=secure or None)

        return self._order(f"domain update of {name}", send)

    def create_host(self, name: str, addresses: t.Sequence[str]) -> EppAnswer:
        """Create a host object; raises as ``update_domain``."""
        return self._order(f"host create of {name}", lambda client: client.host.create(name, list(addresses)))

    def update_host(self, name: str, **changes: t.Sequence[str]) -> EppAnswer:
        """Change a host object: ``add_addresses``, ``remove_statuses`` and so on; raises as ``update_domain``."""
        return self._order(f"host update of {name}", lambda client: client.host.update(name, **changes))

    def delete_host(self, name: str) -> EppAnswer:
        """Delete a host object; raises as ``update_domain``."""
        return self._order(f"host delete of {name}", lambda client: client.host.delete(name))

    def try_again(self) -> None:
        """Connect anew although that failed before, unless the registry refused who this is."""
        if not isinstance(self._refusal, _SignInError):
            self._refusal = None

    def close(self) -> None:
        """End the session, if there is one."""
        if self._client is not None:
            with contextlib.suppress(self._epptools.EppException, ValueError):
                self._client.logout()
            self._drop()

    def _ask(self, what: str, command: t.Callable[[t.Any], t.Any], *, absent: int | None = None) -> t.Any:
        """Return the answer to a command that changes nothing, so that it can be sent twice; None for ``absent``."""
        for attempt in range(2):
            client = self._connected()
            try:
                response = command(client)
            except (self._epptools.EppException, ValueError) as exc:
                self._drop()
                failure = self._lost(what, exc)
                continue
            code = response.code()
            if absent is not None and code == absent:
                return None
            if 1000 <= code < 2000:
                return response
            kind = HiddenObjectError if code in FOREIGN_CODES else DelegationError
            failure = kind(f"{self} answers {self._said(response)} to {what}{_hint(code)}")
            # The session is over (RFC 5730 section 3), or this never was one: 2002 is for commands before login.
            if code != 2002 and not 2500 <= code < 2600:
                raise failure
            self._drop()
            if attempt == 0 and code == 2502:
                self._sleep(_SESSION_LIMIT_PAUSES[0])
        raise failure

    def _order(self, what: str, command: t.Callable[[t.Any], t.Any]) -> EppAnswer:
        client = self._connected()
        try:
            response = command(client)
        except self._epptools.ValidationException as exc:
            raise DelegationError(f"{what} cannot be put into EPP: {exc}") from exc
        except (self._epptools.EppException, ValueError) as exc:
            self._drop()
            raise UnknownOutcomeError(f"{self._lost(what, exc).message}, so nobody knows whether it was done") from exc
        code = response.code()
        if code < 1000 or 2500 <= code < 2600:
            self._drop()
            raise UnknownOutcomeError(f"{self} answers {self._said(response)} to {what} and ends the session")
        return EppAnswer(
            code=code,
            text=f"{self} answers {self._said(response)} to {what}",
            transaction=response.sv_trid(),
            sent_as=response.cl_trid(),
        )

    def _understood(self, read: t.Callable[[t.Any], t.Any], response: t.Any) -> t.Any:
        try:
            return read(response.root)
        except ValueError as exc:
            raise DelegationError(f"the answer of {self} cannot be understood: {exc}") from exc

    def _connected(self) -> t.Any:
        if self._client is not None:
            return self._client
        if self._refusal is not None:
            raise self._refusal
        try:
            self._client = self._signed_in()
        except DelegationError as exc:
            self._refusal = exc
            raise
        return self._client

    def _signed_in(self) -> t.Any:
        pauses, ends = iter(_SESSION_LIMIT_PAUSES), 0
        while True:
            try:
                return self._sign_in()
            except _EndedError:
                # Those that never take anybody on end the connection as one does that breaks.
                ends += 1
                if ends == 2:
                    raise
            except _SessionLimitError:
                pause = next(pauses, None)
                if pause is None:
                    raise
                self._sleep(pause)

    def _sign_in(self) -> t.Any:
        config = self._config()
        self._connection = _Overheard(self._epptools.Connection(config))
        client = self._epptools.Client(config, self._connection).throw_on_failure(False)
        try:
            greeting = client.connect()
        except (self._epptools.EppException, ValueError) as exc:
            client.disconnect()
            kind = _EndedError if self._is_end(exc) else DelegationError
            raise kind(f"{self} cannot be reached: {self._why_unreachable(exc)}") from exc
        try:
            response = client.request(self._login(client.frame(), greeting))
        except DelegationError:
            client.disconnect()
            raise
        except (self._epptools.EppException, ValueError) as exc:
            client.disconnect()
            raise _EndedError(self._lost("login", exc).message) from exc
        code = response.code()
        if code != 1000:
            client.disconnect()
            refusal = _SessionLimitError if code == 2502 else _SignInError
            raise refusal(
                f"{self} does not let {self.access.username} in, it answers {self._said(response)} to login:"
                f" {_LOGIN_HINTS.get(code, 'ask the registry what it wants')}"
            )
        for event in response.security_events():
            text = " ".join(event[key] for key in ("type", "name", "exDate", "text") if event.get(key))
            self._warn(f"{self} warns at login: {self._clean(text)}")
        return client

    def _config(self) -> t.Any:
        access = self.access
        return self._epptools.Config(
            host=access.host,
            clid=access.username,
            password=access.password,
            port=access.port,
            connect_timeout=self._timeout,
            read_timeout=_PATIENCE * self._timeout,
            verify_peer=access.verify,
            ca_file=access.ca_path,
            client_cert=access.client_cert,
            client_key=access.client_key,
            # Without one, OpenSSL would ask for it at the terminal.
            client_key_passphrase=access.client_key_passphrase or "",
            # What the library adds is the same in two connections of one second, and some take no identifier twice.
            cltrid_prefix=f"ZONECUT-{secrets.token_hex(4)}",
        )

    def _login(self, frame: t.Any, greeting: t.Any) -> t.Any:
        """Return the login: the objects that the registry offers, and of its extensions those that are used here."""
        self._objects = frozenset(greeting.service_obj_uris())
        if DOMAIN_URI not in self._objects:
            raise _SignInError(
                f"{self} has no {DOMAIN_URI}, only {', '.join(sorted(self._objects)) or 'nothing'}: it has domains in"
                " a form of its own, which is not supported"
            )
        self._extensions = frozenset(greeting.service_ext_uris()) & {SECDNS_URI, LOGIN_SECURITY_URI}
        password = self.access.password
        elsewhere = LOGIN_SECURITY_URI in self._extensions and len(password) > _LONGEST_PLAIN_PASSWORD
        languages = greeting.values("lang")
        english = [language for language in languages if language.lower().startswith("en")]
        login = frame.verb("login")
        frame.epp(login, "clID", self.access.username)
        frame.epp(login, "pw", _PASSWORD_ELSEWHERE if elsewhere else password)
        options = frame.epp(login, "options")
        frame.epp(options, "version", "1.0")
        frame.epp(options, "lang", next(iter(english or languages), "en"))
        services = frame.epp(login, "svcs")
        # The protocol itself is no object, though some list it as one.
        for uri in sorted(self._objects - {EPP_URI}):
            frame.epp(services, "objURI", uri)
        if self._extensions:
            extensions = frame.epp(services, "svcExtension")
            for uri in sorted(self._extensions):
                frame.epp(extensions, "extURI", uri)
        if elsewhere:
            secure = frame.ns(frame.extension(), LOGIN_SECURITY_URI, "loginSec:loginSec")
            frame.ns(secure, LOGIN_SECURITY_URI, "loginSec:pw", password)
        return frame

    def _drop(self) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client = None

    def _said(self, response: t.Any) -> str:
        return f"{response.code()} ({self._clean('; '.join(read_reasons(response.root)) or 'without a word')})"

    def _clean(self, text: str) -> str:
        """Return foreign text in one line, without the password that a registry may repeat."""
        shown = " ".join(text.split()).replace(self.access.password, "***")
        return shown if len(shown) <= _SHOWN_LENGTH else f"{shown[:_SHOWN_LENGTH]}..."

    def _lost(self, what: str, exc: Exception) -> DelegationError:
        if isinstance(exc, UnicodeError):
            return DelegationError(f"the answer of {self} to {what} is no UTF-8")
        return DelegationError(
            f"the connection to {self} ended during {what} ({self._clean(str(exc))}){self._last_words()}"
        )

    def _last_words(self) -> str:
        """Return the error that a registry gave under an identifier that is not that of the command, if it did."""
        try:
            response = self._epptools.Response.from_xml(self._connection.last if self._connection else "")
        except (self._epptools.EppException, ValueError):
            return ""
        return f"; what came last was {self._said(response)}" if response.code() >= 2000 else ""

    def _why_unreachable(self, exc: Exception) -> str:
        """Return why a connection did not come about, and what to do."""
        cause = exc.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            if cause.verify_code in _WRONG_NAME:
                return f"its certificate is for another name: set host to the name that it has ({cause.verify_message})"
            return (
                f"its certificate is not valid here ({cause.verify_message}): set ca_path to the file with the"
                " certificate of the authority that the registry names"
            )
        if self._is_end(exc):
            return (
                "it ends the connection before its greeting: it may take only addresses that are registered there, and"
                " only client certificates that it knows (client_cert, client_key)"
            )
        if isinstance(cause, ssl.SSLError):
            return _tls_hint(cause, self.access)
        if isinstance(cause, socket.gaierror):
            return f"there is no such host ({cause.strerror}): check host"
        if isinstance(cause, ConnectionRefusedError):
            return "nothing listens there: check host and port, and whether a firewall is in between"
        if isinstance(cause, (socket.timeout, TimeoutError)):
            return "it does not answer in time: check host and port, and whether it lets this host's address in"
        if isinstance(cause, OSError):
            return self._clean(str(cause))
        return f"what answers there does not speak EPP ({self._clean(str(exc))}): check host and port"

    def _is_end(self, exc: Exception) -> bool:
        """Whether the other side ended the connection, which TLS may tell as well."""
        cause = exc.__context__
        if isinstance(cause, (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return True
        is_plain_end = isinstance(exc, self._epptools.ConnectionException) and "closed while reading" in str(exc)
        return cause is None and is_plain_end


class HiddenObjectError(DelegationError):
    """There is such an object, but of another registrar, and the registry does not show it."""


class _SignInError(DelegationError):
    """The registry refuses who this is, or cannot be talked to at all; trying again may lock the account."""


class _SessionLimitError(DelegationError):
    """The account has as many sessions open as it may."""


class _EndedError(DelegationError):
    """The connection ended before anybody was signed in."""


def _with_empty_change(client: t.Any, name: str, secure: t.Mapping[str, t.Any]) -> t.Any:
    """Return the frame of an update that changes only DS or keys, with a chg element that epptools leaves out."""
    frame = client.frame()
    update = frame.ns(frame.verb("update"), DOMAIN_URI, "domain:update")
    frame.ns(update, DOMAIN_URI, "domain:name", name)
    frame.ns(update, DOMAIN_URI, "domain:chg")
    changes = frame.ns(frame.extension(), SECDNS_URI, "secDNS:update")
    for key, local in (("remove", "rem"), ("add", "add")):
        if key in secure:
            block = frame.ns(changes, SECDNS_URI, f"secDNS:{local}")
            for kind, entries in secure[key].items():
                for entry in entries:
                    record = frame.ns(block, SECDNS_URI, f"secDNS:{_LOCAL_NAMES[kind]}")
                    for part, value in entry.items():
                        frame.ns(record, SECDNS_URI, f"secDNS:{_LOCAL_NAMES[part]}", str(value))
    return frame


_LOCAL_NAMES = {
    "ds_data": "dsData",
    "key_data": "keyData",
    "key_tag": "keyTag",
    "alg": "alg",
    "digest_type": "digestType",
    "digest": "digest",
    "flags": "flags",
    "protocol": "protocol",
    "pub_key": "pubKey",
}

# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_WRONG_NAME = (62, 64)

_LOGIN_HINTS = {
    2001: "it does not understand the login; the password may be too long (more than 16 characters are not for every"
    " registry) or have characters that it does not take",
    2102: "it speaks no language that is asked for",
    2103: "it does not know an extension that its own greeting offers: report this to the registry",
    2200: "check username and password, and that the account is not locked and may use EPP from this address",
    2201: "the account may not use EPP: ask the registry for it",
    2307: "it does not know an object that its own greeting offers: report this to the registry",
    2400: "it failed inside: try again later",
    2500: "it failed inside: try again later",
    2501: "check username and password; it ends the connection after too many wrong ones",
    2502: "the account has as many sessions open as it may: end others, or run fewer tasks at once",
}

_HINTS = {
    2005: "it does not take the name; is it in a zone of this registry?",
    2101: "it does not know this command",
    2200: "sign in anew: check username and password",
    2201: "another registrar sponsors it, so that this account may not see it",
    2202: "another registrar sponsors it, so that this account may not see it",
    2306: "it does not take the name; is it in a zone of this registry?",
    2307: "it does not have objects of this kind: check host_model",
    2400: "it failed inside: try again later",
    2502: "too many commands or sessions: run fewer tasks at once, or later",
}


def _hint(code: int) -> str:
    return f": {_HINTS[code]}" if code in _HINTS else ""


def _tls_hint(cause: ssl.SSLError, access: EppAccess) -> str:
    reason = cause.reason or str(cause)
    if "KEY_VALUES_MISMATCH" in reason:
        return "client_key is not the key of client_cert"
    # The reason of a file that is none is empty.
    if cause.library in ("PEM", "X509", "ASN1") or cause.reason is None or reason in ("BAD_DECRYPT", "PEM_LIB"):
        files = "client_cert, client_key, client_key_passphrase and ca_path"
        return f"a file of {files} is no PEM file of its kind, or the passphrase is not right ({reason})"
    if "ALERT" in reason or "HANDSHAKE_FAILURE" in reason:
        wanted = f"{'another' if access.client_cert else 'a'} client certificate (client_cert)"
        return f"TLS fails ({reason}); it may want {wanted}, or a version or cipher of TLS that this host does not have"
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER" in reason:
        return f"it does not speak TLS ({reason}): check port"
    return f"TLS fails ({reason})"
