# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains registered with Porkbun, through version 3 of its API."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
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
from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Abilities, Change, Setting
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

__all__ = ("PorkbunParent",)

_URL = "https://api.porkbun.com/api/json/v3"
_PER_SECOND = 1
_T = t.TypeVar("_T")


class PorkbunParent(RegistrarParent):
    """Domains in an account of Porkbun, which wants its credentials in every body and a second between requests."""

    kind = "porkbun"
    required = ("api_key", "secret_api_key")
    arguments = {
        "api_key": {"type": "str", "no_log": True},
        "secret_api_key": {"type": "str", "no_log": True},
        "api_url": {"type": "str"},
    }
    environment = ("api_key", "secret_api_key")
    abilities = Abilities()

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        where = f"parents: {name}: "
        key, secret = (credential(options, option, where=where) for option in ("api_key", "secret_api_key"))
        self._session = ApiSession(
            url=api_address(options.get("api_url") or _URL, where=f"{where}api_url"),
            setting=setting,
            body={"apikey": key, "secretapikey": secret},
            secrets=[secret, key],
            hints=_HINTS,
            explain=_explained,
            pace=Pace(_PER_SECOND),
        )

    def look_up(self, zone: Zone) -> Held:
        name_servers = self._ask("domain", "getNs", zone, parse=lambda answer: list(answer["ns"]))
        hosts = self._ask("domain", "getGlue", zone, parse=_hosts)
        ds = self._ask("dns", "getDnssecRecords", zone, parse=_ds)
        # For some TLDs the names end in a dot, and for others they do not.
        return Held.of(name_servers, hosts, ds)

    def check(self, change: Change) -> None:
        must_be_below(change)
        wanted: list[t.Any] = list(change.wanted.ds)
        tags = Counter(ds.key_tag for ds in wanted)
        twice = sorted(tag for tag, number in tags.items() if number > 1)
        if twice:
            raise DelegationError(
                f"Porkbun holds one DS record for each key tag, and several with {twice[0]} are described:"
                " describe the one with digest type 2 only"
            )
        replaced = {ds.key_tag for ds in t.cast("set[t.Any]", change.present.ds - change.wanted.ds)} & tags.keys()
        if replaced:
            raise DelegationError(
                f"Porkbun holds one DS record for each key tag, so that with {min(replaced)} cannot be replaced without"
                " a time in which there is neither: push the zone without it first, then with the new one"
            )

    def put_host(self, zone: Zone, name: dns.name.Name, addresses: t.Sequence[str], *, new: bool) -> None:
        label = name.relativize(zone.name).to_text()
        self._tell("domain", "createGlue" if new else "updateGlue", zone, label, body={"ips": list(addresses)})

    def drop_host(self, zone: Zone, name: dns.name.Name) -> None:
        self._tell("domain", "deleteGlue", zone, name.relativize(zone.name).to_text())

    def put_delegation(self, zone: Zone, before: Delegation, after: Delegation) -> None:
        names = [display_name(server.name) for server in after.name_servers]
        if names != [display_name(server.name) for server in before.name_servers]:
            self._tell("domain", "updateNs", zone, body={"ns": names})
        for added in t.cast("list[t.Any]", in_order(after.ds - before.ds)):
            self._tell(
                "dns",
                "createDnssecRecord",
                zone,
                body={
                    "keyTag": str(added.key_tag),
                    "alg": str(int(added.algorithm)),
                    "digestType": str(int(added.digest_type)),
                    "digest": added.digest.hex().upper(),
                },
            )
        for removed in t.cast("list[t.Any]", in_order(before.ds - after.ds)):
            self._tell("dns", "deleteDnssecRecord", zone, str(removed.key_tag))

    def _ask(self, group: str, command: str, zone: Zone, *, parse: t.Callable[[t.Any], _T]) -> _T:
        def checked(answer: t.Any) -> _T:
            self._must_be_success(answer, command=command)
            return parse(answer)

        try:
            return self._session.read(group, command, zone.text, method="POST", parse=checked)
        except ApiError as exc:
            raise _told(exc) from exc

    def _tell(
        self, group: str, command: str, zone: Zone, *rest: str, body: t.Mapping[str, t.Any] | None = None
    ) -> None:
        try:
            answer = self._session.change("POST", group, command, zone.text, *rest, body=body or {})
            self._must_be_success(answer.data, command=command)
        except ApiError as exc:
            raise _told(exc) from exc

    def _must_be_success(self, answer: t.Any, *, command: str) -> None:
        """Check what the body says, which may be of another mind than the status of HTTP."""
        if isinstance(answer, dict) and answer.get("status") == "SUCCESS":
            return
        said = self._session.shown(_explained(answer) if isinstance(answer, dict) else "nothing")
        raise ApiError(f"{self._session} refuses {command}; it says: {said}", status=400, said=said)


_HINTS = {
    400: "it does not take the request: check that the domain is in this account",
    401: "it does not know the credentials: check api_key and secret_api_key",
    403: "the keys may not do this: check api_key and secret_api_key, and which addresses and domains they are for",
    404: "the domain is not in this account: check its name and whose the keys are",
}


def _told(exc: ApiError) -> DelegationError:
    """Return the error with what to do, where only the text of the API tells what is wrong."""
    if "opted in" in exc.said:
        return ApiError(
            f"access by the API is switched off for this domain: switch on API Access in its details at porkbun.com, or"
            f" for all domains in the settings of the account ({exc.said})",
            status=exc.status,
            said=exc.said,
        )
    return exc


def _explained(answer: t.Mapping[str, t.Any]) -> str:
    hint = (answer.get("next_action") or {}).get("hint")
    return " ".join(str(text) for text in (answer.get("message"), hint) if text)


def _hosts(answer: t.Mapping[str, t.Any]) -> dict[str, list[str]]:
    return {name: [*addresses.get("v4", ()), *addresses.get("v6", ())] for name, addresses in answer.get("hosts") or ()}


def _ds(answer: t.Mapping[str, t.Any]) -> list[dns.rdata.Rdata]:
    # No records at all come as null.
    records = answer["records"] or {}
    return [
        dns.rdata.from_text(
            dns.rdataclass.IN,
            dns.rdatatype.DS,
            f"{int(ds['keyTag'])} {int(ds['alg'])} {int(ds['digestType'])} {ds['digest']}",
        )
        for ds in records.values()
    ]
