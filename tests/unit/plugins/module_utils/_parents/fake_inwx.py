# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""INWX's interface over JSON-RPC, made from its documents: what is not as they say is refused."""

from __future__ import annotations

import ipaddress
import json
import secrets
import typing as t
from dataclasses import dataclass, field

import dns.dnssec
import dns.name
import dns.rdata
from INWX.Domrobot import ApiClient

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import (
    Answer,
    FakeService,
    Request,
)

__all__ = ("PASSWORD", "SECRET", "USERNAME", "Domain", "FakeInwx")

USERNAME, PASSWORD, SECRET = "unit-user", "unit-inwx-password", "JBSWY3DPEHPK3PXP"
# What each method takes: what it needs, and what it may be given beside that.
_METHODS: dict[str, tuple[set[str], set[str]]] = {
    "account.login": ({"user", "pass"}, {"lang"}),
    "account.unlock": ({"tan"}, set()),
    "account.logout": (set(), set()),
    "domain.info": ({"domain"}, {"wide"}),
    "domain.update": ({"domain"}, {"ns", "testing"}),
    "host.info": ({"hostname"}, set()),
    "host.create": ({"hostname", "ip"}, {"testing"}),
    "host.update": ({"hostname", "ip"}, {"testing"}),
    "host.delete": ({"hostname"}, {"testing"}),
    "dnssec.listkeys": (set(), {"domainName", "active", "status"}),
    "dnssec.adddnskey": ({"domainName"}, {"dnskey", "ds", "calculateDigest", "digestType"}),
    "dnssec.deletednskey": ({"key"}, set()),
}
_Reply = tuple[int, t.Any]


@dataclass
class Domain:
    """A registered domain; ``keys`` by number: public key and status."""

    status: str = "OK"
    locked: bool = False
    servers: list[str] = field(default_factory=list)
    keys: dict[int, dict[str, str]] = field(default_factory=dict)


class FakeInwx(FakeService):
    """The service.

    :ivar second_factor: whether the account has one.
    :ivar bare: whether keys are listed bare, as they really are, or as the documents have it.
    """

    address = "127.113.4.1"

    def __init__(self) -> None:
        super().__init__()
        self.domains: dict[str, Domain] = {}
        self.hosts: dict[str, list[str]] = {}
        self.second_factor = False
        self.bare = True
        self.sessions: dict[str, bool] = {}

    def carry_out(self, request: Request) -> Answer:
        assert (request.method, request.target) == ("POST", "/jsonrpc/")
        assert request.headers["content-type"].startswith("application/json")
        asked = json.loads(request.body)
        assert set(asked) == {"method", "params"}
        method, params = asked["method"], asked["params"]
        needed, more = _METHODS[method]
        if not needed <= set(params):
            return _answer(2003, {})
        assert set(params) <= needed | more, f"{method}: {params}"
        if method == "account.login":
            return self._sign_in(params)
        session = request.headers.get("cookie", "").partition("domrobot=")[2]
        if session not in self.sessions:
            return _answer(2200, {})
        if method == "account.unlock":
            good = params["tan"] == f"{ApiClient.get_secret_code(SECRET):06d}"
            self.sessions[session] = good
            return _answer(1000 if good else 2200, {})
        if not self.sessions[session]:
            return _answer(2200, {})
        if method == "account.logout":
            del self.sessions[session]
            return _answer(1500, {})
        kind, _dot, action = method.partition(".")
        handler = {"domain": self._domain, "host": self._host, "dnssec": self._dnssec}[kind]
        return _answer(*handler(action, params))

    def _sign_in(self, params: t.Any) -> Answer:
        if (params["user"], params["pass"]) != (USERNAME, PASSWORD):
            return _answer(2200, {})
        session = secrets.token_hex(8)
        self.sessions[session] = not self.second_factor
        factor = "GOOGLE-AUTH" if self.second_factor else "0"
        answer = _answer(1000, {"customerId": 1, "accountId": 2, "tfa": factor})
        return Answer(answer.status, answer.content, {"Set-Cookie": f"domrobot={session}; path=/"})

    def _domain(self, action: str, params: t.Any) -> _Reply:
        domain = self.domains.get(params["domain"])
        if domain is None:
            return 2303, {}
        if action == "info":
            self.look()
            status = "UPDATE REQUESTED" if self.busy else domain.status
            return 1000, {
                "roId": 1,
                "domain": params["domain"],
                "transferLock": True,
                "status": status,
                "ns": domain.servers,
                "noDelegation": "0",
            }
        if domain.locked or self.busy:
            return 2304, {}
        servers = params["ns"]
        if not 1 <= len(servers) == len(set(servers)) <= 13:
            return 2306, {}
        if any(name.endswith(f".{params['domain']}") and name not in self.hosts for name in servers):
            return 2303, {}
        return self._accepted(lambda: setattr(domain, "servers", servers)), {"price": 0, "currency": "EUR"}

    def _host(self, action: str, params: t.Any) -> _Reply:
        name = params["hostname"]
        domain = next((domain for text, domain in self.domains.items() if name.endswith(f".{text}")), None)
        if domain is None or (name in self.hosts) == (action == "create"):
            return (2302 if action == "create" and domain else 2303), {}
        if action == "info":
            return 1000, {"roId": 7, "hostname": name, "status": "OK", "ip": self.hosts[name]}
        if domain.locked or self.busy:
            return 2304, {}
        if action == "delete":
            if any(name in each.servers for each in self.domains.values()):
                return 2305, {}
            return self._accepted(lambda: t.cast("None", self.hosts.pop(name, None))), {}
        if not params["ip"]:
            return 2003, {}
        for ip in params["ip"]:
            ipaddress.ip_address(ip)
        return self._accepted(lambda: self.hosts.update({name: params["ip"]})), {"roId": 7}

    def _dnssec(self, action: str, params: t.Any) -> _Reply:
        if action == "deletednskey":
            return self._delete_key(int(params["key"]))
        name = params["domainName"]
        domain = self.domains.get(name)
        if domain is None:
            return 2303, {}
        if action == "listkeys":
            listed = [_shown(name, number, key) for number, key in domain.keys.items()]
            return 1000, listed if self.bare else {"dnskey": listed}
        owner, _class, _type, *words = params["dnskey"].split(" ")
        rdata: t.Any = dns.rdata.from_text("IN", "DNSKEY", " ".join(words))
        if owner != f"{name}." or rdata.flags != 257 or params.get("calculateDigest") is not True:
            return 2005, {}
        if domain.locked or self.busy:
            return 2304, {}
        text = " ".join(words)
        if any(key["text"] == text for key in domain.keys.values()):
            return 2302, {}
        number = 500 + len(self.jobs)
        waits = self.looks > 0
        if waits:
            domain.keys[number] = {"text": text, "status": "CREATE"}
        code = self._accepted(lambda: domain.keys.update({number: {"text": text, "status": "OK"}}))
        return code, {"dnskey": params["dnskey"], "ds": ""}

    def _delete_key(self, number: int) -> _Reply:
        domain = next((domain for domain in self.domains.values() if number in domain.keys), None)
        if domain is None:
            return 2303, {}
        if domain.locked or self.busy:
            return 2304, {}
        if self.looks > 0:
            domain.keys[number]["status"] = "DELETE"
        return self._accepted(lambda: t.cast("None", domain.keys.pop(number, None))), {}

    def _accepted(self, make: t.Callable[[], None]) -> int:
        return 1000 if self.accept(make).done else 1001


def _answer(code: int, content: t.Any) -> Answer:
    messages = {2200: "Authentication error", 2303: "Object does not exist", 2304: "Object status prohibits operation"}
    reply = {"code": code, "msg": messages.get(code, f"Message {code}"), "svTRID": "unit", "runtime": 0.1}
    return Answer(content={**reply, "resData": content} if content != {} else reply)


def _shown(domain: str, number: int, key: dict[str, str]) -> dict[str, t.Any]:
    rdata: t.Any = dns.rdata.from_text("IN", "DNSKEY", key["text"])
    ds = dns.dnssec.make_ds(dns.name.from_text(domain), rdata, "SHA256")
    flags, _protocol, algorithm, public = key["text"].split(" ")
    return {
        "ownerName": domain,
        "id": str(number),
        "domainId": "1",
        "keyTag": str(ds.key_tag),
        "flagId": flags,
        "algorithmId": algorithm,
        "publicKey": public,
        "digestTypeId": "2",
        "digest": ds.digest.hex(),
        "created": "2026-01-01 00:00:00",
        "status": key["status"],
        "active": "1",
    }
