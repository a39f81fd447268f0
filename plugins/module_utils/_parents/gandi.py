# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains registered with Gandi, through version 5 of its API."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import in_order
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._http import (
    Answer,
    ApiError,
    ApiSession,
    api_address,
    credential,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Abilities, Change, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import check_unlocked, key_text
from ansible_collections.zonecut.dns.plugins.module_utils._registrar import (
    Held,
    RegistrarParent,
    must_be_below,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("GandiParent",)

_URL = "https://api.gandi.net/v5/domain"
_FLAGS = {"ksk": 257, "zsk": 256}


class GandiParent(RegistrarParent):
    """Domains in an account of Gandi, which takes keys and makes the DS records itself, and makes changes later."""

    kind = "gandi"
    required = ("token",)
    arguments = {"token": {"type": "str", "no_log": True}, "api_url": {"type": "str"}}
    environment = ("token",)
    abilities = Abilities(ds=("dnskey",), asynchronous=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        where = f"parents: {name}: "
        token = credential(options, "token", where=where)
        self._session = ApiSession(
            url=api_address(options.get("api_url") or _URL, where=f"{where}api_url"),
            setting=setting,
            headers={"Authorization": f"Bearer {token}"},
            secrets=[token],
            hints=_HINTS,
            explain=_explained,
        )
        # What it said of the change that it accepted last.
        self._accepted: dict[dns.name.Name, str] = {}
        self._key_ids: dict[dns.name.Name, dict[dns.rdata.Rdata, str]] = {}

    def look_up(self, zone: Zone) -> Held:
        name_servers = self._session.read("domains", zone.text, "nameservers", parse=_texts)
        hosts = self._session.read("domains", zone.text, "hosts", parse=_hosts)
        self._key_ids[zone.name] = keys = self._session.read("domains", zone.text, "dnskeys", parse=_keys)
        return Held.of(name_servers, {f"{name}.{zone.text}": hosts[name] for name in hosts}, keys)

    def check(self, change: Change) -> None:
        must_be_below(change)
        check_unlocked(self._session.read("domains", change.zone.text, parse=lambda domain: _texts(domain["status"])))

    def put_host(self, zone: Zone, name: dns.name.Name, addresses: t.Sequence[str], *, new: bool) -> None:
        label = name.relativize(zone.name).to_text()
        if new:
            self._change(zone, "POST", "hosts", body={"name": label, "ips": list(addresses)})
        else:
            self._change(zone, "PUT", "hosts", label, body={"ips": list(addresses)})

    def drop_host(self, zone: Zone, name: dns.name.Name) -> None:
        self._change(zone, "DELETE", "hosts", name.relativize(zone.name).to_text())

    def put_delegation(self, zone: Zone, before: Delegation, after: Delegation) -> None:
        names = [display_name(server.name) for server in after.name_servers]
        if names != [display_name(server.name) for server in before.name_servers]:
            self._change(zone, "PUT", "nameservers", body={"nameservers": names})
        for key in in_order(after.ds - before.ds):
            self._change(zone, "POST", "dnskeys", body=_key_body(key))
        for key in in_order(before.ds - after.ds):
            self._drop_key(zone, key)

    def progress(self, zone: Zone) -> str | None:
        return self._accepted.get(zone.name)

    def _drop_key(self, zone: Zone, key: dns.rdata.Rdata) -> None:
        try:
            self._change(zone, "DELETE", "dnskeys", self._key_ids[zone.name][key])
        except ApiError as exc:
            # Somebody else was faster.
            if exc.status != 404:
                raise

    def _change(self, zone: Zone, method: str, *path: str, body: t.Mapping[str, t.Any] | None = None) -> Answer:
        answer = self._session.change(method, "domains", zone.text, *path, body=body)
        said = answer.data.get("message") if isinstance(answer.data, dict) else None
        if answer.status == 202:
            self._accepted[zone.name] = str(said or f"{method} {'/'.join(path)} is accepted")
        return answer


_HINTS = {
    401: "it does not know the token, or the token has expired: check token, a personal access token of Gandi",
    403: (
        "the token may not do this: give it the permissions to see and to manage the technical configurations of"
        " domains, for the organization and the domain"
    ),
    404: "the domain, or what is to be changed of it, is not in this account: check its name and whose the token is",
    409: "another operation on the domain is under way: try again when it is done",
}


def _explained(answer: t.Mapping[str, t.Any]) -> str:
    errors = [f"{error.get('name')}: {error.get('description')}" for error in answer.get("errors") or ()]
    return "; ".join([str(answer["message"])] * ("message" in answer) + errors)


def _texts(answer: t.Any) -> list[str]:
    if not isinstance(answer, list) or not all(isinstance(text, str) for text in answer):
        raise TypeError(f"{answer} is no list of texts")
    return answer


def _hosts(answer: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, list[str]]:
    return {host["name"]: _texts(host["ips"]) for host in answer}


def _keys(answer: t.Sequence[t.Mapping[str, t.Any]]) -> dict[dns.rdata.Rdata, str]:
    """Return how the API calls each key."""
    return {
        dns.rdata.from_text(
            dns.rdataclass.IN,
            dns.rdatatype.DNSKEY,
            f"{_FLAGS[key['type'].lower()]} 3 {int(key['algorithm'])} {key['public_key']}",
        ): str(key["id"])
        for key in answer
    }


def _key_body(key: t.Any) -> dict[str, t.Any]:
    kinds = {flags: kind for kind, flags in _FLAGS.items()}
    if key.flags not in kinds:
        raise DelegationError(f"Gandi takes keys with the flags 256 and 257 only, not {key.flags}")
    return {"algorithm": int(key.algorithm), "type": kinds[key.flags], "public_key": key_text(key)}
