# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for version 2 of the API of Realtime Register, after its documents and public clients."""

from __future__ import annotations

import ipaddress
import itertools
import typing as t

import dns.exception
import dns.rdata
import dns.rdatatype

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply, Request
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_registrar import (
    Domain,
    FakeRegistrar,
)

__all__ = ("KEY", "FakeRealtimeRegister")

KEY = "rtr-s3cret-key"
_KEY_FIELDS = {"protocol", "flags", "algorithm", "publicKey"}
_DS_FIELDS = {"keyTag", "algorithm", "digestType", "digest"}


class FakeRealtimeRegister(FakeRegistrar):
    """Domains of one customer.

    :ivar gives_up: whether processes fail.
    :ivar refuses: the type of the error that every change gets.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gives_up = False
        self.refuses: str | None = None
        self._numbers = itertools.count(1001)
        self._running: set[int] = set()

    def answer(self, request: Request) -> Reply:
        if request.headers.get("Authorization") != f"ApiKey {KEY}":
            return _error(401, "AuthenticationFailed", "Invalid credentials")
        version, group, name, *rest = (*request.path, "", "", "")[: max(3, len(request.path))]
        if version != "v2":
            return _error(404, "NotFound", "Not found")
        if self.is_change(request) and self.refuses:
            return _error(400, self.refuses, "Refused")
        if group == "domains" and name in self.domains:
            return self._domain(request, name, self.domains[name], rest)
        if group == "hosts":
            owner = next((found for found in self.domains if name.endswith(f".{found}")), None)
            if owner is not None:
                return self._host(request, name, self.domains[owner], rest)
        if group == "processes" and request.method == "GET" and not rest:
            status = "RUNNING" if int(name) in self._running else "COMPLETED"
            return Reply(200, {"id": int(name), "status": "FAILED" if self.gives_up else status, "error": "no luck"})
        return _error(404, "ObjectDoesNotExist", "Object does not exist")

    def _domain(self, request: Request, name: str, domain: Domain, rest: list[str]) -> Reply:
        if request.method == "GET" and not rest:
            self.looked()
            every: list[t.Any] = sorted(domain.ds, key=str)
            answer = {
                "domainName": name,
                "status": domain.statuses or ["OK"],
                "ns": domain.name_servers,
                "childHosts": sorted(domain.hosts),
                "keyData": [_key_data(key) for key in every if key.rdtype == dns.rdatatype.DNSKEY],
                "dsData": [_ds_data(ds) for ds in every if ds.rdtype == dns.rdatatype.DS],
            }
            return Reply(200, {member: value for member, value in answer.items() if value or member == "ns"})
        if request.method == "POST" and rest == ["update"]:
            return self._update(name, domain, request.body)
        return _error(404, "NotFound", "Not found")

    def _update(self, name: str, domain: Domain, body: t.Any) -> Reply:
        if not isinstance(body, dict) or not body or set(body) - {"ns", "keyData", "dsData"}:
            return _error(400, "UnrecognizedPropertyException", f"Not known: {body}")
        if domain.statuses:
            return _error(400, "ObjectStatusProhibitsOperation", str(domain.statuses))
        if "keyData" in body and "dsData" in body:
            return _error(400, "ConstraintViolationException", "keyData and dsData exclude each other")
        servers = body.get("ns", domain.name_servers)
        if not servers or len(servers) > 10 or len(set(servers)) != len(servers):
            return _violation("ns", "1 to 10 different names")
        if any(server.endswith(f".{name}") and server not in domain.hosts for server in servers):
            return _violation("ns", "host does not exist")
        try:
            ds = domain.ds if not {"keyData", "dsData"} & set(body) else _entries(body)
        except (dns.exception.DNSException, ValueError, TypeError):
            return _violation("keyData", "not valid")
        number = next(self._numbers)

        def change() -> None:
            domain.name_servers, domain.ds = list(servers), set(ds)
            self._running.discard(number)

        self._running.add(number)
        if not self.gives_up:
            self.later(change)
        return Reply(202, {"processId": number})

    def _host(self, request: Request, host: str, domain: Domain, rest: list[str]) -> Reply:
        known = host in domain.hosts
        if request.method == "POST" and rest in ([], ["update"]):
            if known == (rest == []):
                return _error(409 if known else 404, "ObjectExists" if known else "ObjectDoesNotExist", host)
            if set(request.body) != {"addresses"} or not request.body["addresses"]:
                return _violation("addresses", "must not be empty")
            try:
                domain.hosts[host] = [_address(each) for each in request.body["addresses"]]
            except (KeyError, ValueError):
                return _violation("addresses", "not valid")
            return Reply(200 if rest else 201)
        if not known or rest:
            return _error(404, "ObjectDoesNotExist", host)
        if request.method == "GET":
            addresses = [{"ipVersion": "V6" if ":" in each else "V4", "address": each} for each in domain.hosts[host]]
            return Reply(200, {"hostName": host, "addresses": addresses})
        if request.method == "DELETE":
            if host in domain.name_servers:
                return _error(400, "ProcessError", "Object association prohibits operation")
            del domain.hosts[host]
            return Reply(204)
        return _error(404, "NotFound", "Not found")


def _address(entry: t.Mapping[str, str]) -> str:
    address = ipaddress.ip_address(entry["address"])
    if set(entry) != {"ipVersion", "address"} or entry["ipVersion"] != f"V{address.version}":
        raise ValueError(entry)
    return str(address)


def _entries(body: t.Mapping[str, t.Any]) -> set[dns.rdata.Rdata]:
    found: set[dns.rdata.Rdata] = set()
    for member, fields, rdtype in (("keyData", _KEY_FIELDS, "DNSKEY"), ("dsData", _DS_FIELDS, "DS")):
        for entry in body.get(member, ()):
            if set(entry) != fields or not all(
                isinstance(entry[each], int) for each in fields - {"digest", "publicKey"}
            ):
                raise ValueError(entry)
            order = (
                ("flags", "protocol", "algorithm", "publicKey")
                if rdtype == "DNSKEY"
                else ("keyTag", "algorithm", "digestType", "digest")
            )
            found.add(dns.rdata.from_text("IN", rdtype, " ".join(str(entry[each]) for each in order)))
    return found


def _key_data(key: t.Any) -> dict[str, t.Any]:
    public_key = key.to_text().split(" ", 3)[3].replace(" ", "")
    return {"protocol": 3, "flags": int(key.flags), "algorithm": int(key.algorithm), "publicKey": public_key}


def _ds_data(ds: t.Any) -> dict[str, t.Any]:
    return {
        "keyTag": ds.key_tag,
        "algorithm": int(ds.algorithm),
        "digestType": int(ds.digest_type),
        "digest": ds.digest.hex().upper(),
    }


def _error(status: int, kind: str, message: str) -> Reply:
    return Reply(status, {"type": kind, "message": message})


def _violation(place: str, message: str) -> Reply:
    violations = [{"field": place, "message": message}]
    return Reply(400, {"type": "ConstraintViolationException", "message": "Invalid", "violations": violations})
