# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains that are registered with INWX, through its own client, whose session signs in with a cookie."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._back_off import Patience, await_end
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._http import api_address, credential
from ansible_collections.zonecut.dns.plugins.module_utils._http_clients import (
    limit_time,
    network_error,
    server_error,
    without_secrets,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Abilities, Change, Parent, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._plan import Operation
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import (
    check_unchanged,
    dnskey_rdata,
    kind_of_step,
    listed,
    read_server,
    understood,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata

__all__ = ("InwxParent",)

# The codes are those of EPP (RFC 5730 section 3).
_DONE = (1000, 1001)
_MISSING = 2303
_SESSION_LIMIT = 2502
_FAILED = (2400, 2500)
_HINTS = {
    2104: "the account has no credit left: top it up",
    2200: "check username and password, and that the account may use the interface from the address of this host",
    2201: "the account lacks the permission: have its owner grant it",
    2302: "it is there already, perhaps in another account",
    2303: "check that the domain is registered in this very account",
    2304: "the domain is locked: unlock it at INWX first, or wait for what is under way",
    2305: "something else still depends on it",
    2306: "the registry has other rules, often that the name servers answer for the domain already",
    2308: "the registry has other rules, often that the name servers answer for the domain already",
}
# How the status of a domain ends while something is under way.
_UNDER_WAY = ("DELAYED", "INITIATED", "PENDING", "REQUESTED", "SCHEDULED", "STARTED", "WAIT", "WAITING")
# What lets the domain not be changed until it has ended.
_BLOCKING = ("REG", "TRADE", "TRANSFER", "UNDELETE", "UPDATE")
# The interface takes no other flags.
_KEY_SIGNING = 257


@dataclass(frozen=True)
class _Key:
    """A key that INWX knows of, under the number that takes it away."""

    number: int
    rdata: dns.rdata.Rdata
    status: str

    @property
    def held(self) -> bool:
        """Whether the registry has it, which one that is to be deleted is until then."""
        return self.status not in ("CREATE", "DELETED")

    @property
    def under_way(self) -> bool:
        """Whether it is to come or to go."""
        return self.status in ("CREATE", "DELETE")


class InwxParent(Parent):
    """The domains of one INWX account.

    Name servers are replaced in one request, hosts and keys come and go one by one, each when the domain shows nothing
    more of the one before being under way.
    """

    kind = "inwx"
    required = ("username", "password")
    arguments = {
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "shared_secret": {"type": "str", "no_log": True},
        "api_url": {"type": "str"},
    }
    environment = ("username", "password", "shared_secret")
    abilities = Abilities(ds=("dnskey",), asynchronous=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        # Only where it is needed: importing it takes longer than everything else.
        with deps.declare("inwx-domrobot"):
            import requests.exceptions
            from INWX.Domrobot import ApiClient, ApiType
        deps.require("inwx-domrobot", purpose="push to parents of type inwx")
        self._client_type, self._errors = ApiClient, requests.exceptions
        where = f"parents: {name}: "
        password = options["password"]
        # People choose it, so it may have spaces and letters of any language.
        if not password or not password.isprintable():
            rule = "it is empty, or has ends of lines or other characters that are in no password"
            raise DescriptionError([Problem(where=f"{where}password", rule=rule)])
        secret = credential(options, "shared_secret", where=where) if options.get("shared_secret") else None
        self._secrets = tuple(text for text in (password, secret) if text)
        try:
            self._second_factor()
        except ValueError as exc:
            rule = "it is the text in the QR code of the second factor, in Base32"
            raise DescriptionError([Problem(where=f"{where}shared_secret", rule=rule)]) from exc
        url = options.get("api_url") or ApiClient.API_LIVE_URL
        self._client = ApiClient(api_url=api_address(url, where=f"{where}api_url"), api_type=ApiType.JSON_RPC)
        limit_time(self._client.api_session, setting.timeout)
        self._signed_in = False
        self._statuses: dict[dns.name.Name, str] = {}
        self._keys: dict[dns.name.Name, tuple[_Key, ...]] = {}
        self._changed: set[dns.name.Name] = set()

    def read(self, zone: Zone) -> Delegation:
        with understood("INWX", f"domain.info, dnssec.listkeys or host.info for {display_name(zone.name)}"):
            return self._read(zone)

    def _read(self, zone: Zone) -> Delegation:
        domain = self._read_domain(zone)
        servers = [read_server(zone.name, name) for name in listed(domain.get("ns") or [])]
        with_glue = [
            NameServer(server.name, self._addresses(zone, server.name) or ())
            if is_in_domain(server.name, zone.name)
            else server
            for server in servers
        ]
        return Delegation.of(with_glue, (key.rdata for key in self._keys[zone.name] if key.held))

    def check(self, change: Change) -> None:
        status = self._statuses[change.zone.name]
        if status.startswith(_BLOCKING) and status.endswith(_UNDER_WAY):
            raise DelegationError(f"the domain is locked (status {status}): run this again when that has ended")
        for key in t.cast("t.Iterable[t.Any]", change.wanted.ds):
            if key.flags != _KEY_SIGNING:
                raise DelegationError(f"a key with the flags {key.flags} is described, and INWX takes 257 only")

    def apply(self, change: Change) -> None:
        check_unchanged(change, self.read(change.zone))
        written: set[dns.name.Name] = set()
        for kind, operations in itertools.groupby(change.operations, key=kind_of_step):
            steps = list(operations)
            if kind == "keys":
                for operation in steps:
                    self._change_key(change.zone, operation)
            elif kind == "servers":
                names = [display_name(server.name) for server in change.wanted.name_servers]
                self._start(change.zone, "domain.update", domain=display_name(change.zone.name), ns=names)
            else:
                owners = {step.owner for step in steps} - written
                self._write_hosts(change, owners)
                written |= owners
                if kind == "remove glue":
                    self._remove_hosts(change)

    def progress(self, zone: Zone) -> str | None:
        return self._under_way(zone) if zone.name in self._changed else None

    def close(self) -> None:
        if self._signed_in:
            try:
                self._client.logout()
            # All is done by then, and a session that nobody ends does so by itself.
            except (self._errors.RequestException, ValueError):
                self._signed_in = False
        self._client.api_session.close()

    def _change_key(self, zone: Zone, operation: Operation) -> None:
        known = [key for key in self._keys[zone.name] if key.rdata == operation.rdata]
        if operation.action == "add":
            # One that is to come already was asked for before, and twice would be an error.
            if not any(key.status == "CREATE" for key in known):
                text = f"{display_name(zone.name)}. IN DNSKEY {operation.rdata.to_text(chunksize=0)}"
                domain = display_name(zone.name)
                self._start(zone, "dnssec.adddnskey", domainName=domain, dnskey=text, calculateDigest=True)
            return
        for key in known:
            if key.status != "DELETE":
                self._start(zone, "dnssec.deletednskey", key=key.number)

    def _write_hosts(self, change: Change, names: t.Container[dns.name.Name]) -> None:
        for server in change.wanted.name_servers:
            if server.name not in names:
                continue
            present = self._addresses(change.zone, server.name)
            if present is None or set(present) != set(server.addresses):
                method = "host.create" if present is None else "host.update"
                self._start(change.zone, method, hostname=display_name(server.name), ip=list(server.addresses))

    def _remove_hosts(self, change: Change) -> None:
        kept = {server.name for server in change.wanted.name_servers}
        for server in change.present.name_servers:
            if server.name in kept or not is_in_domain(server.name, change.zone.name):
                continue
            try:
                self._start(change.zone, "host.delete", hostname=display_name(server.name))
            except UnknownOutcomeError:
                raise
            except DelegationError as exc:
                # Nothing is wrong with a host that is no longer a name server here, and others may depend on it.
                self.setting.warn(
                    f"{change.zone.text} at {self.name}: {display_name(server.name)} stays: {exc.message}"
                )

    def _start(self, zone: Zone, method: str, **params: t.Any) -> None:
        """Ask for a change when nothing of the one before is under way any more."""
        await_end(lambda: self.progress(zone), sleep=self.setting.sleep)
        self._call(method, change=True, **params)
        self._changed.add(zone.name)

    def _under_way(self, zone: Zone) -> str | None:
        """Return what INWX still does with a domain, or None.

        :raises DelegationError: where it failed.
        """
        with understood("INWX", f"domain.info or dnssec.listkeys for {display_name(zone.name)}", change=True):
            self._read_domain(zone)
        status = self._statuses[zone.name]
        if status.endswith("FAILED"):
            raise DelegationError(f"INWX gave the change up (status {status}): see the log of the domain at INWX")
        if status.endswith(_UNDER_WAY):
            return f"the domain has the status {status}"
        for key in self._keys[zone.name]:
            if key.under_way:
                return f"the key {key.number} has the status {key.status}"
        return None

    def _read_domain(self, zone: Zone) -> t.Any:
        name = display_name(zone.name)
        domain = self._call("domain.info", domain=name)
        if "domain" not in domain:
            raise KeyError("domain")
        self._statuses[zone.name] = str(domain.get("status") or "").upper()
        keys = self._call("dnssec.listkeys", domainName=name, active=1)
        # Bare, though documented as a member.
        keys = keys.get("dnskey") or [] if isinstance(keys, dict) else keys
        self._keys[zone.name] = tuple(
            _Key(
                number=int(key["id"]),
                rdata=dnskey_rdata(flags=key["flagId"], algorithm=key["algorithmId"], public_key=key["publicKey"]),
                status=str(key.get("status") or "").upper(),
            )
            for key in listed(keys)
        )
        return domain

    def _addresses(self, zone: Zone, host: dns.name.Name) -> tuple[str, ...] | None:
        """Return the addresses of a host, None where there is no such host."""
        try:
            shown = self._call("host.info", hostname=display_name(host))
        except _NotThereError:
            return None
        with understood("INWX", f"host.info for {display_name(host)}"):
            return read_server(zone.name, display_name(host), listed(shown.get("ip") or [])).addresses

    def _call(self, method: str, *, change: bool = False, **params: t.Any) -> t.Any:
        with without_secrets(self._secrets):
            if not self._signed_in:
                self._sign_in()
            return self._answer(method, params, change=change)

    def _answer(self, method: str, params: t.Mapping[str, t.Any], *, change: bool) -> t.Any:
        patience = Patience(self.setting.sleep)
        while True:
            reply = self._send(method, lambda: self._client.call_api(method, dict(params)), change=change)
            if reply["code"] in _DONE:
                return reply.get("resData") or {}
            if reply["code"] != _SESSION_LIMIT:
                raise _refusal(reply, method, change=change)
            if not patience.pause():
                raise DelegationError(
                    f"INWX lets this account send no more requests for now ({method}): push fewer zones at once, or"
                    " later"
                )

    def _sign_in(self) -> None:
        code = self._second_factor()

        def sign_in() -> t.Any:
            return self._client.login(self.options["username"], self.options["password"], tfa_token=code)

        reply = self._send("account.login", sign_in, change=False)
        if reply["code"] not in _DONE:
            refusal = _refusal(reply, "account.login", change=False)
            again = "; a code of the second factor counts once, so leave 30 seconds between runs" if code else ""
            raise DelegationError(f"{refusal.message}{again}")
        self._signed_in = True

    def _second_factor(self) -> str | None:
        secret = self.options.get("shared_secret")
        # The client sends a number, which lacks the zeros that a code begins with.
        return None if not secret else f"{self._client_type.get_secret_code(secret):06d}"

    def _send(self, method: str, send: t.Callable[[], t.Any], *, change: bool) -> t.Any:
        try:
            reply = send()
            reply["code"] = int(reply["code"])
            return reply
        except self._errors.HTTPError as exc:
            status = 500 if exc.response is None else exc.response.status_code
            said = f"INWX answers {status} to {method}"
            if status >= 500:
                raise server_error(said, change=change) from exc
            raise DelegationError(f"{said}: check api_url") from exc
        except self._errors.InvalidJSONError as exc:
            raise server_error(f"INWX answers {method} with what is no JSON", change=change) from exc
        except self._errors.RequestException as exc:
            raise network_error(exc, service="INWX", request=method, change=change) from exc
        except (KeyError, TypeError, ValueError) as exc:
            raise server_error(f"the answer to {method} is none of INWX's", change=change) from exc
        except Exception as exc:
            # The client has no other error for this.
            if exc.__class__ is not Exception:
                raise
            raise DelegationError("the INWX account has a second factor: give shared_secret") from exc


class _NotThereError(DelegationError):
    """There is no such object."""


def _refusal(reply: t.Mapping[str, t.Any], method: str, *, change: bool) -> DelegationError:
    code = reply["code"]
    said = f"INWX answers {code} to {method}: {reply.get('msg') or 'no reason given'}"
    if reply.get("reason"):
        said += f" ({reply['reason']})"
    if code in _FAILED:
        return server_error(said, change=change)
    hint = _HINTS.get(code)
    return (_NotThereError if code == _MISSING else DelegationError)(f"{said}; {hint}" if hint else said)
