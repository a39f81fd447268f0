# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains that are registered with OVHcloud, through its own client, which signs the requests."""

from __future__ import annotations

import itertools
import typing as t
import urllib.parse
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._back_off import Patience, await_end
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import in_order
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._http import api_address, credential
from ansible_collections.zonecut.dns.plugins.module_utils._http_clients import (
    asked_pause,
    masked,
    network_error,
    server_error,
    without_secrets,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Abilities, Change, Parent, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import (
    check_unchanged,
    dnskey_rdata,
    key_text,
    kind_of_step,
    listed,
    read_server,
    understood,
)

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name

__all__ = ("OvhParent",)

_ENDPOINTS = ("ovh-eu", "ovh-ca", "ovh-us", "kimsufi-ca", "kimsufi-eu", "soyoustart-ca", "soyoustart-eu")
_RIGHTS = "GET, POST, PUT and DELETE on /domain/*"
_HINTS = {
    "INVALID_KEY": "there is no such application at this endpoint: check application_key and endpoint",
    "INVALID_SIGNATURE": "check application_secret, and the clock of this host",
    "INVALID_CREDENTIAL": (
        f"the consumer key is unknown, expired or was never confirmed: make a new one with the rights {_RIGHTS}"
    ),
    "NOT_CREDENTIAL": f"the request carries no consumer key: make one with the rights {_RIGHTS}",
    "NOT_GRANTED_CALL": f"the consumer key lacks this right: make one with the rights {_RIGHTS}",
    "FORBIDDEN": "the account may not do this with the domain: check that it is its administrator",
}
_STATUS_HINTS = {
    401: "check application_key, application_secret and consumer_key",
    403: "the account may not do this with the domain: check that it is its administrator",
    404: "check that the domain is registered in the account of the consumer key",
    409: "another operation on the domain is under way: run this again when it has ended",
    460: "the service has expired: renew the domain first",
}
# The states of a domain in which OVHcloud takes no changes.
_LOCKS = {
    "deleted": "it is no longer registered",
    "dispute": "a dispute holds it: ask OVHcloud",
    "expired": "renew it first",
    "outgoing_transfer": "it is on its way to another registrar",
    "pending_create": "wait until its registration has ended",
    "pending_delete": "it is about to be deleted: restore it first",
    "pending_incoming_transfer": "wait until its transfer has ended",
    "pending_installation": "wait until its registration has ended",
    "registry_suspended": "the registry holds it: ask OVHcloud",
    "restorable": "it is about to be deleted: restore it first",
    "technical_suspended": "OVHcloud holds it: ask there",
}


@dataclass(frozen=True)
class _Domain:
    """What is there of a domain beside its delegation.

    :arg detail: its own properties.
    :arg hosts: the addresses of every host object below it, used or not; empty where its registry has none.
    """

    detail: t.Mapping[str, t.Any]
    hosts: t.Mapping[dns.name.Name, tuple[str, ...]]

    @property
    def has_hosts(self) -> bool:
        """Whether glue is in objects of its own; where not, name servers carry it."""
        return bool(self.detail.get("hostSupported", True))


class OvhParent(Parent):
    """The domains of one OVHcloud account.

    Name servers are replaced in one request and keys in another. Each is a task, and the next request is only sent
    when the one before has ended.
    """

    kind = "ovh"
    required = ("application_key", "application_secret", "consumer_key")
    arguments = {
        "application_key": {"type": "str", "no_log": False},
        "application_secret": {"type": "str", "no_log": True},
        "consumer_key": {"type": "str", "no_log": True},
        "endpoint": {"type": "str", "choices": list(_ENDPOINTS)},
        "api_url": {"type": "str"},
    }
    environment = ("application_key", "application_secret", "consumer_key")
    abilities = Abilities(ds=("dnskey",), asynchronous=True, fewest=2, most=8)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        # Only where it is needed: importing it takes longer than everything else.
        with deps.declare("ovh"):
            import ovh
        deps.require("ovh", purpose="push to parents of type ovh")
        self._ovh = ovh
        where, url = f"parents: {name}: ", options.get("api_url")
        keys = {option: credential(options, option, where=where) for option in self.required}
        self._secrets = (keys["application_secret"], keys["consumer_key"])
        try:
            self._client = ovh.Client(
                endpoint=options.get("endpoint") or "ovh-eu",
                **keys,
                timeout=setting.timeout,
            )
        # It reads ovh.conf and OVH_... in the environment too, and two ways to sign in exclude each other.
        except ovh.APIError as exc:
            said = masked(str(exc), self._secrets)
            raise DescriptionError(
                [Problem(where=f"parents: {name}", rule=f"the client of OVHcloud says: {said}")]
            ) from exc
        if url is not None:
            # The client has no other way to another place than those that it knows.
            self._client._endpoint = api_address(url, where=f"{where}api_url")
        self._domains: dict[dns.name.Name, _Domain] = {}
        self._tasks: dict[dns.name.Name, int] = {}

    def read(self, zone: Zone) -> Delegation:
        with understood("OVHcloud", f"GET {_path(zone)} or what is below"):
            return self._read(zone)

    def _read(self, zone: Zone) -> Delegation:
        path = _path(zone)
        detail = self._call("GET", path)
        entries = self._each(f"{path}/nameServer")
        domain = _Domain(detail, self._hosts(zone) if detail.get("hostSupported", True) else {})
        keys = self._each(f"{path}/dsRecord")
        self._domains[zone.name] = domain
        servers: dict[dns.name.Name, tuple[str, ...]] = {}
        # What is not used yet is still to be added, and what is to be deleted is used until then.
        for entry in (entry for entry in entries if entry.get("isUsed", True)):
            server = read_server(zone.name, entry["host"], [entry["ip"]] if entry.get("ip") else [])
            glue = domain.hosts.get(server.name, ()) if domain.has_hosts else server.addresses
            servers[server.name] = (*servers.get(server.name, ()), *glue)
        return Delegation.of(
            (NameServer(name, tuple(dict.fromkeys(glue))) for name, glue in servers.items()),
            (
                dnskey_rdata(flags=key["flags"], algorithm=key["algorithm"], public_key=key["publicKey"])
                for key in keys
                if key.get("status") != "removed"
            ),
        )

    def check(self, change: Change) -> None:
        domain = self._domains[change.zone.name]
        state = domain.detail.get("state")
        if state in _LOCKS:
            raise DelegationError(f"the domain is locked (state {state}): {_LOCKS[state]}")
        if change.wanted.ds and not domain.detail.get("dnssecSupported", True):
            raise DelegationError("OVHcloud takes no keys for this top-level domain: leave out ds and dnskeys")
        for server in change.wanted.name_servers:
            several = domain.has_hosts and domain.detail.get("glueRecordMultiIpSupported", True)
            if len(server.addresses) > 1 and not several:
                raise DelegationError(f"{server} has more than one address, and this registry holds one: leave one")
            if ":" in "".join(server.addresses) and not domain.detail.get("glueRecordIpv6Supported", True):
                raise DelegationError(f"{server} has an IPv6 address, and this registry holds none: leave it out")

    def apply(self, change: Change) -> None:
        check_unchanged(change, self.read(change.zone))
        # What was started before in this session is known by what was read since.
        self._tasks.pop(change.zone.name, None)
        keys = set(change.present.ds)
        replaced = False
        written: set[dns.name.Name] = set()
        for kind, operations in itertools.groupby(change.operations, key=kind_of_step):
            steps = list(operations)
            if kind == "keys":
                for step in steps:
                    (keys.add if step.action == "add" else keys.discard)(step.rdata)
                described = [_key(key) for key in in_order(keys)]
                self._start(change.zone, "POST", "/dsRecord", {"keys": described})
            elif kind == "servers" or not self._domains[change.zone.name].has_hosts:
                # Without host objects, glue comes with the name servers.
                if not replaced:
                    self._replace_servers(change)
                replaced = True
            else:
                owners = {step.owner for step in steps} - written
                self._write_hosts(change, owners)
                written |= owners
                if kind == "remove glue":
                    self._remove_hosts(change)

    def progress(self, zone: Zone) -> str | None:
        task = self._tasks.get(zone.name)
        return None if task is None else self._state_of(zone, task)

    def close(self) -> None:
        self._client._session.close()

    def _each(self, path: str) -> list[t.Any]:
        """Return every member of a collection."""
        return [self._call("GET", f"{path}/{_quoted(str(member))}") for member in listed(self._call("GET", path))]

    def _hosts(self, zone: Zone) -> dict[dns.name.Name, tuple[str, ...]]:
        shown = self._each(f"{_path(zone)}/glueRecord")
        hosts = [read_server(zone.name, host["host"], listed(host["ips"])) for host in shown]
        return {host.name: host.addresses for host in hosts}

    def _write_hosts(self, change: Change, names: t.Container[dns.name.Name]) -> None:
        known = self._domains[change.zone.name].hosts
        for server in change.wanted.name_servers:
            host, ips = display_name(server.name), list(server.addresses)
            if server.name not in names or set(ips) == set(known.get(server.name, ())):
                continue
            if server.name in known:
                self._start(change.zone, "POST", f"/glueRecord/{_quoted(host)}/update", {"ips": ips})
            else:
                self._start(change.zone, "POST", "/glueRecord", {"host": host, "ips": ips})

    def _remove_hosts(self, change: Change) -> None:
        kept = {server.name for server in change.wanted.name_servers}
        for host in self._domains[change.zone.name].hosts:
            if host in kept or host not in {server.name for server in change.present.name_servers}:
                continue
            try:
                self._start(change.zone, "DELETE", f"/glueRecord/{_quoted(display_name(host))}")
            except UnknownOutcomeError:
                raise
            except DelegationError as exc:
                # Nothing is wrong with a host that is no longer a name server here, and others may depend on it.
                self.setting.warn(f"{change.zone.text} at {self.name}: {display_name(host)} stays: {exc.message}")

    def _replace_servers(self, change: Change) -> None:
        domain = self._domains[change.zone.name]
        if domain.detail.get("nameServerType") != "external":
            self._await_end(change.zone)
            self._call("PUT", _path(change.zone), {"nameServerType": "external"})
        servers = [
            {
                "host": display_name(server.name),
                **({} if domain.has_hosts or not server.addresses else {"ip": server.addresses[0]}),
            }
            for server in change.wanted.name_servers
        ]
        self._start(change.zone, "POST", "/nameServers/update", {"nameServers": servers})

    def _start(self, zone: Zone, method: str, path: str, body: t.Any = None) -> None:
        """Start a task when the one before has ended.

        :raises DelegationError: where that one failed or does not end.
        """
        self._await_end(zone)
        path = f"{_path(zone)}{path}"
        task = self._call(method, path, body)
        with understood("OVHcloud", f"{method} {path}", change=True):
            self._tasks[zone.name] = int(task["id"])

    def _await_end(self, zone: Zone) -> None:
        await_end(lambda: self.progress(zone), sleep=self.setting.sleep)

    def _state_of(self, zone: Zone, number: int) -> str | None:
        """Return what OVHcloud says of a task, or None where it has ended well.

        :raises DelegationError: where it failed.
        """
        path = f"{_path(zone)}/task/{number}"
        task = self._call("GET", path)
        with understood("OVHcloud", f"GET {path}", change=True):
            status = task["status"]
            state = f"task {number} ({task['function']}) is {status}"
            if task.get("comment"):
                state += f": {task['comment']}"
        if status in ("error", "problem", "cancelled"):
            raise DelegationError(f"OVHcloud gave the change up: {state}; see the ongoing operations in its console")
        return None if status == "done" else state

    def _call(self, method: str, path: str, body: t.Any = None) -> t.Any:
        change, request = method != "GET", f"{method} {path}"
        with without_secrets(self._secrets), understood("OVHcloud", request, change=change):
            return self._sent(request, lambda: self._client.call(method, path, body), change=change)

    def _sent(self, request: str, send: t.Callable[[], t.Any], *, change: bool) -> t.Any:
        patience = Patience(self.setting.sleep)
        while True:
            try:
                return send()
            except self._ovh.exceptions.HTTPError as exc:
                cause = exc.args[-1]
                raise network_error(cause, service="OVHcloud", request=request, change=change) from exc
            except self._ovh.exceptions.InvalidResponse as exc:
                raise server_error(f"OVHcloud answers {request} with what is no JSON", change=change) from exc
            except self._ovh.APIError as exc:
                response = exc.response
                if response is None or response.status_code != 429:
                    raise _refusal(exc, request, change=change) from exc
                if not patience.pause(asked_pause(response)):
                    raise DelegationError(
                        f"OVHcloud lets this account send no more requests for now ({request}): push fewer zones at"
                        " once, or later"
                    ) from exc


def _path(zone: Zone) -> str:
    return f"/domain/{_quoted(display_name(zone.name))}"


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _key(key: t.Any) -> dict[str, t.Any]:
    return {
        "algorithm": int(key.algorithm),
        "flags": int(key.flags),
        "publicKey": key_text(key),
        "tag": int(dns.dnssec.key_id(key)),
    }


def _refusal(exc: t.Any, request: str, *, change: bool) -> DelegationError:
    response = exc.response
    if response is None:
        return DelegationError(f"the client of OVHcloud cannot send {request}: {type(exc).__name__}")
    answer = response.json()
    code, status = answer.get("errorCode"), response.status_code
    said = f"OVHcloud answers {status} to {request}: {answer.get('message') or code or 'no reason given'}"
    if status >= 500:
        return server_error(said, change=change)
    hint = _HINTS.get(code) or _STATUS_HINTS.get(status)
    return DelegationError(f"{said}; {hint}" if hint else said)
