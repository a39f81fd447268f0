# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for version 3 of the API of Porkbun, after its documents and public clients."""

from __future__ import annotations

import ipaddress
import typing as t

import dns.exception
import dns.rdata

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply, Request
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_registrar import (
    Domain,
    FakeRegistrar,
)

__all__ = ("KEYS", "FakePorkbun")

KEYS = {"apikey": "pk1_s3cret", "secretapikey": "sk1_s3cret"}
SUCCESS = Reply(200, {"status": "SUCCESS"})
# By command, the group it is in, what follows the domain in its path, and the members of its body beside the keys.
_COMMANDS: dict[str, tuple[str, int, set[str]]] = {
    "getNs": ("domain", 0, set()),
    "getGlue": ("domain", 0, set()),
    "getDnssecRecords": ("dns", 0, set()),
    "updateNs": ("domain", 0, {"ns"}),
    "createGlue": ("domain", 1, {"ips"}),
    "updateGlue": ("domain", 1, {"ips"}),
    "deleteGlue": ("domain", 1, set()),
    "createDnssecRecord": ("dns", 0, {"keyTag", "alg", "digestType", "digest"}),
    "deleteDnssecRecord": ("dns", 1, set()),
}


class FakePorkbun(FakeRegistrar):
    """Domains of one account.

    :ivar opted_out: domains for which access by the API is switched off.
    :ivar dots: whether names of name servers end in a dot, as they do for some TLDs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.opted_out: set[str] = set()
        self.dots = False

    def is_change(self, request: Request) -> bool:
        return not request.path[4].startswith("get")

    def answer(self, request: Request) -> Reply:
        body = dict(request.body or {})
        if request.method != "POST":
            return _error(405, "Method not allowed.", "METHOD_NOT_ALLOWED")
        if {key: body.pop(key, None) for key in KEYS} != KEYS:
            return _error(400, "Invalid API key. (001)", "INVALID_API_KEYS_001")
        group, command, name, *rest = request.path[3:]
        place, following, members = _COMMANDS.get(command, ("", 0, set()))
        if request.path[:3] != ("api", "json", "v3") or group != place or len(rest) != following:
            return _error(404, "Unknown command.", "INVALID_TYPE")
        if name not in self.domains:
            return _error(400, "Invalid domain.", "INVALID_DOMAIN")
        if name in self.opted_out:
            return _error(400, "Domain is not opted in to API access.", "API_ACCESS_DISABLED")
        if set(body) != members:
            return _error(400, f"Wrong fields {sorted(body)}.", "INVALID_OR_EMPTY_JSON")
        return getattr(self, f"_{command}")(name, self.domains[name], *rest, **body)  # type: ignore[no-any-return]

    def _getNs(self, name: str, domain: Domain) -> Reply:
        return _success(ns=[f"{server}." if self.dots else server for server in domain.name_servers])

    def _getGlue(self, name: str, domain: Domain) -> Reply:
        hosts = [
            [host, {"v4": [ip for ip in ips if ":" not in ip], "v6": [ip for ip in ips if ":" in ip]}]
            for host, ips in domain.hosts.items()
        ]
        return _success(hosts=hosts)

    def _getDnssecRecords(self, name: str, domain: Domain) -> Reply:
        found: list[t.Any] = list(domain.ds)
        records = {
            str(ds.key_tag): {
                "keyTag": str(ds.key_tag),
                "alg": str(int(ds.algorithm)),
                "digestType": str(int(ds.digest_type)),
                "digest": ds.digest.hex().upper(),
            }
            for ds in found
        }
        return _success(records=records or None)

    def _updateNs(self, name: str, domain: Domain, ns: t.Any) -> Reply:
        if not isinstance(ns, list) or not ns or len(set(ns)) != len(ns):
            return _error(400, "Name servers are a list of names.", "INVALID_NS")
        if any(server.endswith(f".{name}") and server not in domain.hosts for server in ns):
            return _error(400, "The name server has no glue record.", "INVALID_NS")
        domain.name_servers = list(ns)
        return SUCCESS

    def _createGlue(self, name: str, domain: Domain, label: str, ips: t.Any) -> Reply:
        if f"{label}.{name}" in domain.hosts:
            return _error(400, "Glue record exists.", "GLUE_EXISTS")
        return self._put_glue(domain, f"{label}.{name}", ips)

    def _updateGlue(self, name: str, domain: Domain, label: str, ips: t.Any) -> Reply:
        if f"{label}.{name}" not in domain.hosts:
            return _error(400, "Glue record not found.", "GLUE_NOT_FOUND")
        return self._put_glue(domain, f"{label}.{name}", ips)

    def _put_glue(self, domain: Domain, host: str, ips: t.Any) -> Reply:
        try:
            addresses = [str(ipaddress.ip_address(ip)) for ip in ips]
        except ValueError:
            addresses = []
        if not addresses:
            return _error(400, "Invalid IP address supplied.", "INVALID_IP")
        domain.hosts[host] = addresses
        return SUCCESS

    def _deleteGlue(self, name: str, domain: Domain, label: str) -> Reply:
        host = f"{label}.{name}"
        if host not in domain.hosts or host in domain.name_servers:
            return _error(400, "Glue record not found, or in use.", "GLUE_NOT_FOUND")
        del domain.hosts[host]
        return SUCCESS

    def _createDnssecRecord(
        self, name: str, domain: Domain, keyTag: str, alg: str, digestType: str, digest: str
    ) -> Reply:
        try:
            ds: t.Any = dns.rdata.from_text("IN", "DS", f"{keyTag} {alg} {digestType} {digest}")
        except dns.exception.DNSException:
            return _error(400, "Invalid DS data.", "INVALID_DS")
        if any(ds.key_tag == other.key_tag for other in t.cast("set[t.Any]", domain.ds)):
            return _error(400, "A record with this key tag exists.", "DS_EXISTS")
        domain.ds.add(ds)
        return SUCCESS

    def _deleteDnssecRecord(self, name: str, domain: Domain, tag: str) -> Reply:
        found = [ds for ds in t.cast("set[t.Any]", domain.ds) if str(ds.key_tag) == tag]
        if not found:
            return _error(400, "No such record.", "DS_NOT_FOUND")
        domain.ds.difference_update(found)
        return SUCCESS


def _success(**members: t.Any) -> Reply:
    return Reply(200, {"status": "SUCCESS", **members})


def _error(status: int, message: str, code: str) -> Reply:
    return Reply(status, {"status": "ERROR", "message": message, "code": code})
