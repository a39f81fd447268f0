# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains registered with Realtime Register, through version 2 of its API."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation, DsForm
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import in_order
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._http import (
    ApiError,
    ApiSession,
    api_address,
    credential,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Abilities, Change, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import (
    check_unlocked,
    dnskey_rdata,
    ds_rdata,
    key_text,
)
from ansible_collections.zonecut.dns.plugins.module_utils._registrar import Held, RegistrarParent

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("RealtimeregisterParent",)

_URL = "https://api.yoursrs.com/v2"
_FAILED = ("FAILED", "CANCELLED", "INVALID")


class RealtimeregisterParent(RegistrarParent):
    """Domains of a customer of Realtime Register, which changes name servers and keys together, a while later."""

    kind = "realtimeregister"
    required = ("api_key",)
    arguments = {"api_key": {"type": "str", "no_log": True}, "api_url": {"type": "str"}}
    environment = ("api_key",)
    abilities = Abilities(ds=("dnskey", "ds"), asynchronous=True, most=10)
    at_once = True

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        where = f"parents: {name}: "
        key = credential(options, "api_key", where=where)
        self._session = ApiSession(
            url=api_address(options.get("api_url") or _URL, where=f"{where}api_url"),
            setting=setting,
            headers={"Authorization": f"ApiKey {key}"},
            secrets=[key],
            hints=_HINTS,
            explain=_explained,
        )
        self._domains: dict[dns.name.Name, _Domain] = {}
        # Of the change that it accepted last.
        self._processes: dict[dns.name.Name, str] = {}

    def look_up(self, zone: Zone) -> Held:
        self._domains[zone.name] = domain = self._session.read("domains", zone.text, parse=_Domain)
        below = {name for name in domain.name_servers if dns.name.from_text(name).is_subdomain(zone.name)}
        hosts = {name: self._addresses(name) for name in sorted(below.union(domain.hosts))}
        known = {name: addresses for name, addresses in hosts.items() if addresses is not None}
        return Held.of(domain.name_servers, known, [*domain.keys, *domain.ds])

    def ds_form(self, zone: Zone) -> DsForm | None:
        domain = self._domains.get(zone.name)
        if domain is not None and domain.ds:
            return "ds"
        # Keys serve any registry, but they are not known where only DS records are described.
        return "ds" if (domain is None or not domain.keys) and zone.ds and not zone.dnskeys else "dnskey"

    def check(self, change: Change) -> None:
        check_unlocked(self._domains[change.zone.name].statuses)

    def put_host(self, zone: Zone, name: dns.name.Name, addresses: t.Sequence[str], *, new: bool) -> None:
        body = {"addresses": [{"ipVersion": "V6" if ":" in each else "V4", "address": each} for each in addresses]}
        self._session.change("POST", "hosts", display_name(name), *(() if new else ("update",)), body=body)

    def drop_host(self, zone: Zone, name: dns.name.Name) -> None:
        self._session.change("DELETE", "hosts", display_name(name))

    def put_delegation(self, zone: Zone, before: Delegation, after: Delegation) -> None:
        body: dict[str, t.Any] = {}
        names = [display_name(server.name) for server in after.name_servers]
        if names != [display_name(server.name) for server in before.name_servers]:
            body["ns"] = names
        if after.ds != before.ds:
            form = self.ds_form(zone)
            body["dsData" if form == "ds" else "keyData"] = [_entry(rdata) for rdata in in_order(after.ds)]
        if not body:
            return
        answer = self._session.change("POST", "domains", zone.text, "update", body=body)
        if isinstance(answer.data, dict) and answer.data.get("processId") is not None:
            self._processes[zone.name] = str(answer.data["processId"])

    def progress(self, zone: Zone) -> str | None:
        process = self._processes.get(zone.name)
        if process is None:
            return None
        status, reason = self._session.read("processes", process, parse=_process)
        if status in _FAILED:
            raise DelegationError(
                f"the registrar gave the change up (process {process} is {status}{f': {reason}' if reason else ''}):"
                " see the process in its portal, and push again when the reason is gone"
            )
        # What is done and does not show is no progress any more.
        return None if status == "COMPLETED" else f"process {process} is {status}"

    def _addresses(self, host: str) -> list[str] | None:
        """Return the addresses of a host, None where it is not known."""
        try:
            return self._session.read(
                "hosts", host, parse=lambda answer: [each["address"] for each in answer.get("addresses") or ()]
            )
        except ApiError as exc:
            if exc.status == 404 or "ObjectDoesNotExist" in exc.said:
                return None
            raise


class _Domain:
    """What the API tells of a domain."""

    def __init__(self, answer: t.Mapping[str, t.Any]) -> None:
        self.statuses = [str(status) for status in answer["status"]]
        self.name_servers = [str(name) for name in answer.get("ns") or ()]
        self.hosts = [str(name) for name in answer.get("childHosts") or ()]
        self.keys = [
            dnskey_rdata(flags=key["flags"], algorithm=key["algorithm"], public_key=key["publicKey"])
            for key in answer.get("keyData") or ()
        ]
        self.ds = [
            ds_rdata(key_tag=ds["keyTag"], algorithm=ds["algorithm"], digest_type=ds["digestType"], digest=ds["digest"])
            for ds in answer.get("dsData") or ()
        ]


_HINTS = {
    401: "it does not know the key: check api_key",
    403: "the key may not do this: give its user the permission, and check that the domain is in the same account",
    404: "the domain, or what is to be changed of it, is not in this account: check its name and whose the key is",
}

# By the type of an error, what to do.
_TYPES = {
    "BillableAcknowledgmentNeededException": "this costs money, which is not agreed to here: do it in the portal",
    "InsufficientCreditException": "there is not enough credit on the account",
    "ObjectDoesNotExist": "it is not in this account",
    "ObjectExists": "it is there already",
    "ObjectStatusProhibitsOperation": "a status of the domain locks it: see its statuses in the portal",
    "ProviderConnectionError": "the registry cannot be reached: try again later",
    "ProviderUnavailable": "the registry is not available: try again later",
}


def _explained(answer: t.Mapping[str, t.Any]) -> str:
    kind = str(answer.get("type") or "")
    violations = [f"{each.get('field')}: {each.get('message')}" for each in answer.get("violations") or ()]
    hint = f"{kind} ({_TYPES[kind]})" if kind in _TYPES else kind
    return "; ".join(str(text) for text in (hint, answer.get("message"), *violations) if text)


def _process(answer: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """Return the status of a process, and what it says of it."""
    return str(answer["status"]), str(answer.get("error") or answer.get("message") or answer.get("statusDetail") or "")


def _entry(rdata: t.Any) -> dict[str, t.Any]:
    """Return a DS or DNSKEY rdata as the API has it."""
    if rdata.rdtype == dns.rdatatype.DS:
        return {
            "keyTag": rdata.key_tag,
            "algorithm": int(rdata.algorithm),
            "digestType": int(rdata.digest_type),
            "digest": rdata.digest.hex().upper(),
        }
    return {
        "protocol": rdata.protocol,
        "flags": int(rdata.flags),
        "algorithm": int(rdata.algorithm),
        "publicKey": key_text(rdata),
    }
