# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for version 5 of the domain API of Gandi, after its documents and public clients."""

from __future__ import annotations

import ipaddress
import itertools
import typing as t

import dns.rdata

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply, Request
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_registrar import (
    Domain,
    FakeRegistrar,
)

__all__ = ("TOKEN", "FakeGandi")

TOKEN = "pat_abc-123-s3cret"


class FakeGandi(FakeRegistrar):
    """Domains that one personal access token may manage.

    :ivar forbidden: whether the token may read only.
    :ivar in_use: hosts that domains of others have as name servers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.forbidden = False
        self.in_use: set[str] = set()
        self._ids: dict[tuple[str, dns.rdata.Rdata], int] = {}
        self._numbers = itertools.count(1)

    def answer(self, request: Request) -> Reply:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error(401, "Unauthorized", "The server could not verify that you authorized to access")
        *start, name = request.path[:4]
        if start != ["v5", "domain", "domains"] or name not in self.domains:
            return _error(404, "Not Found", "The resource could not be found.")
        if request.method == "GET":
            return self._look_up(name, self.domains[name], request.path[4:])
        if self.forbidden:
            return _error(403, "Forbidden", "Access to this resource is denied")
        if self.domains[name].statuses:
            return _error(409, "Conflict", f"The domain has the status {self.domains[name].statuses}")
        kind, *identifiers = request.path[4:]
        form = {
            ("PUT", "nameservers", 0): {"nameservers"},
            ("POST", "hosts", 0): {"name", "ips"},
            ("PUT", "hosts", 1): {"ips"},
            ("DELETE", "hosts", 1): set(),
            ("POST", "dnskeys", 0): {"algorithm", "type", "public_key"},
            ("DELETE", "dnskeys", 1): set(),
        }.get((request.method, kind, len(identifiers)))
        body = request.body or {}
        if form is None:
            return _error(405, "Method Not Allowed", "The method is not allowed for this resource.")
        if set(body) != form:
            return _invalid("body", f"unexpected or missing fields: {sorted(body)}")
        return self._change(name, kind, identifiers, body)

    def _look_up(self, name: str, domain: Domain, path: tuple[str, ...]) -> Reply:
        if path == ("nameservers",):
            self.looked()
            return Reply(200, domain.name_servers)
        if path == ("hosts",):
            hosts = [
                {"name": host[: -len(name) - 1], "fqdn": host, "fqdn_unicode": host, "ips": ips, "href": "x"}
                for host, ips in domain.hosts.items()
            ]
            return Reply(200, hosts)
        if path == ("dnskeys",):
            return Reply(200, [self._key(name, key) for key in sorted(domain.ds, key=str)])
        if path == ():
            return Reply(200, {"fqdn": name, "status": domain.statuses, "nameservers": domain.name_servers})
        return _error(404, "Not Found", "The resource could not be found.")

    def _change(self, name: str, kind: str, identifiers: list[str], body: t.Mapping[str, t.Any]) -> Reply:
        domain = self.domains[name]
        if kind == "nameservers":
            return self._put_name_servers(name, domain, body["nameservers"])
        if kind == "hosts":
            label = identifiers[0] if identifiers else body["name"]
            return self._put_host(name, domain, f"{label}.{name}", body.get("ips"), new=not identifiers)
        if not identifiers:
            return self._add_key(domain, body)
        found = [key for key in domain.ds if str(self._key(name, key)["id"]) == identifiers[0]]
        if not found:
            return _error(404, "Not Found", "The key could not be found.")
        self.later(lambda: domain.ds.discard(found[0]))
        return _accepted("The key will be deleted")

    def _put_name_servers(self, name: str, domain: Domain, servers: t.Any) -> Reply:
        if not isinstance(servers, list) or not servers or len(set(servers)) != len(servers):
            return _invalid("nameservers", "Not a list of different names")
        if any(server != server.lower().rstrip(".") for server in servers):
            return _invalid("nameservers", "Not a valid name")
        if any(server.endswith(f".{name}") and server not in domain.hosts for server in servers):
            return _invalid("nameservers", "The host has no glue record")
        self.later(lambda: setattr(domain, "name_servers", list(servers)))
        return _accepted("The nameservers will be updated")

    def _put_host(self, name: str, domain: Domain, host: str, ips: t.Any, *, new: bool) -> Reply:
        if new == (host in domain.hosts):
            return _error(409 if new else 404, "Conflict", "This host exists already, or does not")
        if ips is None:
            if host in domain.name_servers or host in self.in_use:
                return _error(409, "Conflict", "This host is in use")
            self.later(lambda: t.cast(None, domain.hosts.pop(host, None)))
            return _accepted("The host will be deleted")
        try:
            addresses = [str(ipaddress.ip_address(ip)) for ip in ips]
        except ValueError:
            return _invalid("ips", "Not an address")
        if not addresses:
            return _invalid("ips", "Shorter than minimum length 1")
        self.later(lambda: domain.hosts.update({host: addresses}))
        return _accepted("The glue record will be updated")

    def _add_key(self, domain: Domain, body: t.Mapping[str, t.Any]) -> Reply:
        flags = {"ksk": 257, "zsk": 256}.get(body["type"])
        if flags is None or not isinstance(body["algorithm"], int) or " " in body["public_key"]:
            return _invalid("public_key", "Not a valid key")
        key = dns.rdata.from_text("IN", "DNSKEY", f"{flags} 3 {body['algorithm']} {body['public_key']}")
        if key in domain.ds:
            return _error(409, "Conflict", "This key exists already")
        self.later(lambda: domain.ds.add(key))
        return _accepted("The key will be added")

    def _key(self, name: str, key: t.Any) -> dict[str, t.Any]:
        number = self._ids.setdefault((name, key), 0) or next(self._numbers)
        self._ids[name, key] = number
        kind = {257: "ksk", 256: "zsk"}[key.flags]
        public_key = key.to_text().split(" ", 3)[3].replace(" ", "")
        return {
            "id": number,
            "algorithm": int(key.algorithm),
            "type": kind,
            "public_key": public_key,
            "digest": "00",
            "digest_type": 2,
            "keytag": 1,
        }


def _accepted(message: str) -> Reply:
    return Reply(202, {"message": message})


def _error(status: int, cause: str, message: str) -> Reply:
    return Reply(status, {"code": status, "cause": cause, "message": message, "object": "HTTP"})


def _invalid(name: str, description: str) -> Reply:
    return Reply(400, {"status": "error", "errors": [{"location": "body", "name": name, "description": description}]})
