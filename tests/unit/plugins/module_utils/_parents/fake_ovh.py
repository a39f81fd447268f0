# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OVHcloud's interface for domains, made from its documents: what is not as they say is refused."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import time
import typing as t
from dataclasses import dataclass, field

import dns.dnssec
import dns.rdata

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import (
    Answer,
    FakeService,
    Job,
    Request,
)

__all__ = ("APPLICATION_KEY", "APPLICATION_SECRET", "CONSUMER_KEY", "Domain", "FakeOvh")

APPLICATION_KEY, APPLICATION_SECRET, CONSUMER_KEY = "unit-application", "unit-app-secret", "unit-consumer-key"
_ALGORITHMS = (5, 7, 8, 10, 13, 14, 15)


@dataclass
class Domain:
    """A registered domain.

    :ivar servers: hosts with their own address, None where they have none.
    :ivar hosts: host objects, by name.
    :ivar coming: entries of name servers that are still to be used, shown as such.
    """

    type: str = "external"
    state: str = "ok"
    has_hosts: bool = True
    many: bool = True
    ipv6: bool = True
    dnssec: bool = True
    servers: dict[str, str | None] = field(default_factory=dict)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    keys: list[dict[str, t.Any]] = field(default_factory=list)
    coming: list[str] = field(default_factory=list)


class FakeOvh(FakeService):
    """The service; ``failing`` is the comment of tasks that fail from now on, or None."""

    address = "127.113.2.1"

    def __init__(self) -> None:
        super().__init__()
        self.domains: dict[str, Domain] = {}
        self.failing: str | None = None
        self._functions: dict[int, str] = {}

    @property
    def api_url(self) -> str:
        return f"{self.url}/1.0"

    def carry_out(self, request: Request) -> Answer:
        assert request.target.startswith("/1.0/")
        path = request.path[len("/1.0/") :].split("/")
        if path == ["auth", "time"]:
            return Answer(content=int(time.time()))
        refusal = self._refuse_signature(request)
        if refusal is not None:
            return refusal
        assert path[0] == "domain"
        domain = self.domains.get(path[1])
        if domain is None:
            return _error(404, f"The requested object (serviceName = {path[1]}) does not exist")
        body = json.loads(request.body) if request.body else None
        place = "/".join(path[2:3] + (["{}"] if len(path) > 3 else []) + path[4:])
        handler = {
            "GET ": self._show,
            "PUT ": self._set_type,
            "GET nameServer": self._list_servers,
            "GET nameServer/{}": self._show_server,
            "POST nameServers/{}": self._replace_servers,
            "GET glueRecord": self._list_hosts,
            "GET glueRecord/{}": self._show_host,
            "POST glueRecord": self._add_host,
            "POST glueRecord/{}/update": self._update_host,
            "DELETE glueRecord/{}": self._remove_host,
            "GET dsRecord": self._list_keys,
            "GET dsRecord/{}": self._show_key,
            "POST dsRecord": self._replace_keys,
            "GET task/{}": self._show_task,
        }.get(f"{request.method} {place}")
        assert handler is not None, f"{request.method} {request.target}"
        assert (body is None) == (request.method in ("GET", "DELETE")), "a body where none belongs, or none"
        return handler(path[1], domain, path[3] if len(path) > 3 else "", body)

    def _show(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        self.look()
        return Answer(
            content={
                "domain": name,
                "dnssecSupported": domain.dnssec,
                "glueRecordIpv6Supported": domain.ipv6,
                "glueRecordMultiIpSupported": domain.many,
                "hostSupported": domain.has_hosts,
                "lastUpdate": "2026-01-01T00:00:00+01:00",
                "nameServerType": domain.type,
                "offer": "gold",
                "owoSupported": True,
                "parentService": None,
                "state": domain.state,
                "transferLockStatus": "locked",
                "whoisOwner": "123456",
            }
        )

    def _set_type(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        if set(body) != {"nameServerType"} or body["nameServerType"] not in ("external", "hosted"):
            return _error(400, "Invalid parameters")
        self.changes += 1
        domain.type = body["nameServerType"]
        return Answer(content=b"null")

    def _list_servers(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        return Answer(content=list(range(len(domain.servers) + len(domain.coming))))

    def _show_server(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        entries = [*domain.servers.items(), *((host, None) for host in domain.coming)]
        host, ip = entries[int(item)]
        used = int(item) < len(domain.servers)
        return Answer(content={"id": int(item), "host": host, "ip": ip, "isUsed": used, "toDelete": False})

    def _replace_servers(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        assert item == "update"
        if set(body) != {"nameServers"} or any(
            not {"host"} <= set(each) <= {"host", "ip"} for each in body["nameServers"]
        ):
            return _error(400, "Invalid parameters")
        servers = {each["host"]: each.get("ip") for each in body["nameServers"]}
        if not 2 <= len(servers) == len(body["nameServers"]) <= 8:
            return _error(400, "Between 2 and 8 different name servers are needed")
        if domain.type != "external":
            return _error(400, "Name servers of a hosted domain cannot be changed")
        for host, ip in servers.items():
            inside = host.endswith(f".{name}")
            if inside and domain.has_hosts and host not in domain.hosts:
                return _error(400, f"No glue record for {host}")
            if ip is not None and (domain.has_hosts or not inside):
                return _error(400, f"{host} takes no address here")
            if inside and not domain.has_hosts and ip is None:
                return _error(400, f"{host} needs an address")
        return self._task("DomainDnsUpdate", lambda: setattr(domain, "servers", servers))

    def _list_hosts(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        return Answer(content=list(domain.hosts))

    def _show_host(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        return Answer(content={"host": item, "ips": domain.hosts[item]})

    def _add_host(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        if set(body) != {"host", "ips"} or not body["host"].endswith(f".{name}") or not domain.has_hosts:
            return _error(400, "Invalid parameters")
        if body["host"] in domain.hosts:
            return _error(409, f"{body['host']} exists already")
        refusal = self._refuse_addresses(domain, body["ips"])
        return refusal or self._task("DomainHostCreate", lambda: domain.hosts.update({body["host"]: body["ips"]}))

    def _update_host(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        if set(body) != {"ips"} or item not in domain.hosts:
            return _error(400, "Invalid parameters")
        refusal = self._refuse_addresses(domain, body["ips"])
        return refusal or self._task("DomainHostUpdate", lambda: domain.hosts.update({item: body["ips"]}))

    def _remove_host(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        if item in domain.servers:
            return _error(409, f"{item} is in use")
        return self._task("DomainHostDelete", lambda: t.cast("None", domain.hosts.pop(item, None)))

    def _list_keys(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        return Answer(content=list(range(len(domain.keys))))

    def _show_key(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        return Answer(content={"status": "active", **domain.keys[int(item)], "id": int(item)})

    def _replace_keys(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        for key in body["keys"] if set(body) == {"keys"} else [{}]:
            if set(key) != {"algorithm", "flags", "publicKey", "tag"}:
                return _error(400, "Invalid parameters")
            base64.b64decode(key["publicKey"], validate=True)
            rdata: t.Any = dns.rdata.from_text(
                "IN", "DNSKEY", f"{key['flags']} 3 {key['algorithm']} {key['publicKey']}"
            )
            if key["algorithm"] not in _ALGORITHMS or key["flags"] not in (256, 257):
                return _error(400, "Unknown algorithm or flags")
            if key["tag"] != dns.dnssec.key_id(rdata):
                return _error(400, "The tag is not that of the key")
        if len(body["keys"]) > 4:
            return _error(400, "Too many keys")
        return self._task("DomainDsUpdate", lambda: setattr(domain, "keys", body["keys"]))

    def _show_task(self, name: str, domain: Domain, item: str, body: t.Any) -> Answer:
        self.look()
        return Answer(content=self._shown_task(next(job for job in self.jobs if job.number == int(item))))

    def _task(self, function: str, make: t.Callable[[], None]) -> Answer:
        if self.busy:
            return _error(409, "A task is already pending on the domain")
        job = self.accept(make)
        self._functions[job.number] = function
        return Answer(content=self._shown_task(job))

    def _shown_task(self, job: Job) -> dict[str, t.Any]:
        status = "error" if self.failing else "done" if job.done else "doing"
        return {
            "id": job.number,
            "function": self._functions[job.number],
            "status": status,
            "comment": self.failing,
            "creationDate": "2026-01-01T00:00:00+01:00",
            "todoDate": "2026-01-01T00:00:00+01:00",
            "lastUpdate": "2026-01-01T00:00:00+01:00",
            "doneDate": None,
            "canRelaunch": False,
            "canAccelerate": False,
            "canCancel": True,
        }

    def _refuse_addresses(self, domain: Domain, ips: list[str]) -> Answer | None:
        versions = [ipaddress.ip_address(ip).version for ip in ips]
        if not ips or (len(ips) > 1 and not domain.many) or (6 in versions and not domain.ipv6):
            return _error(400, "Invalid addresses")
        return None

    def _refuse_signature(self, request: Request) -> Answer | None:
        headers = request.headers
        if headers.get("x-ovh-application") != APPLICATION_KEY:
            return _error(403, "This application key is invalid", "INVALID_KEY")
        if headers.get("x-ovh-consumer") != CONSUMER_KEY:
            return _error(403, "This credential is not valid", "INVALID_CREDENTIAL")
        signed = "+".join(
            (
                APPLICATION_SECRET,
                CONSUMER_KEY,
                request.method,
                f"{self.url}{request.target}",
                request.body.decode(),
                headers["x-ovh-timestamp"],
            )
        )
        if headers["x-ovh-signature"] != f"$1${hashlib.sha1(signed.encode()).hexdigest()}":
            return _error(400, "Invalid signature", "INVALID_SIGNATURE")
        return None


def _error(status: int, message: str, code: str | None = None) -> Answer:
    return Answer(status, {"message": message, **({"errorCode": code} if code else {})}, {"X-OVH-QUERYID": "EU.unit.1"})
