# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains that are registered with DNSimple, through its own client."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._back_off import Patience
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation, DsForm
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._http import api_address, credential
from ansible_collections.zonecut.dns.plugins.module_utils._http_clients import (
    limit_time,
    network_error,
    server_error,
    without_secrets,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    Change,
    Parent,
    Setting,
)
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import (
    check_unchanged,
    dnskey_rdata,
    ds_rdata,
    key_or_ds,
    key_text,
    listed,
    read_server,
    understood,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata

__all__ = ("DnsimpleParent",)

# The interface has no field for the flags of a key, since registries take these alone.
_KEY_SIGNING = 257

_HINTS = {
    401: "check token, and that it is for this place: the sandbox has tokens of its own",
    402: "the account is not subscribed or owes something: see to that in DNSimple's console",
    403: "the token may not do this: make one that has access to the domain",
    404: "check that the domain is in the account of the token",
    412: "the plan of the account does not have this feature",
}


@dataclass(frozen=True)
class _Suffix:
    """What DNSimple says of the suffix that a domain is registered under."""

    form: DsForm
    fewest: int | None = None
    most: int | None = None


class DnsimpleParent(Parent):
    """The domains of one DNSimple account.

    Name servers are replaced in one request, DS records or keys come and go one by one.
    """

    kind = "dnsimple"
    required = ("token",)
    arguments = {
        "token": {"type": "str", "no_log": True},
        "account_id": {"type": "str"},
        "api_url": {"type": "str"},
    }
    environment = ("token", "account_id")
    abilities = Abilities(glue=False, ds=("ds", "dnskey"))

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        # Only where it is needed: importing it takes longer than everything else.
        with deps.declare("dnsimple"):
            import dnsimple
            import requests.exceptions
            from dnsimple.struct.delegation_signer_record import DelegationSignerRecordInput
        deps.require("dnsimple", purpose="push to parents of type dnsimple")
        self._library, self._input, self._errors = dnsimple, DelegationSignerRecordInput, requests.exceptions
        where, url = f"parents: {name}: ", options.get("api_url")
        token = credential(options, "token", where=where)
        self._secrets = (token,)
        self._client = self._library.Client(
            access_token=token, base_url=None if url is None else api_address(url, where=f"{where}api_url")
        )
        limit_time(self._client.session, setting.timeout)
        self._account: str | None = options.get("account_id")
        self._suffixes: dict[dns.name.Name, _Suffix] = {}
        self._states: dict[dns.name.Name, str] = {}
        self._signers: dict[dns.name.Name, tuple[tuple[int, dns.rdata.Rdata], ...]] = {}
        self._added: dict[dns.name.Name, list[dns.rdata.Rdata]] = {}

    def read(self, zone: Zone) -> Delegation:
        domain = display_name(zone.name)
        with understood("DNSimple", f"what it is asked about {domain}"):
            return self._read(zone, domain)

    def _read(self, zone: Zone, domain: str) -> Delegation:
        account = self._account_id()
        state = self._call(f"GET domain {domain}", self._client.domains.get_domain, account, domain).state
        if not isinstance(state, str):
            raise TypeError(f"{state!r} is no state")
        if state == "hosted":
            raise DelegationError(
                "DNSimple only hosts the domain, and is not its registrar: describe the one that is as its parent"
            )
        self._states[zone.name] = state
        names = self._call(f"GET delegation of {domain}", self._client.registrar.get_domain_delegation, account, domain)
        self._signers[zone.name] = tuple(self._read_signers(account, zone.name))
        servers = (NameServer(read_server(zone.name, name).name) for name in listed(names))
        return Delegation.of(servers, (rdata for _number, rdata in self._signers[zone.name]))

    def ds_form(self, zone: Zone) -> DsForm | None:
        return self._suffix(zone).form

    def check(self, change: Change) -> None:
        if self._states[change.zone.name] != "registered":
            raise DelegationError(
                f"the domain is {self._states[change.zone.name]}, which locks it: renew or restore it first"
            )
        suffix, count = self._suffix(change.zone), len(change.wanted.name_servers)
        if not (suffix.fewest or 0) <= count <= (suffix.most or count):
            raise DelegationError(
                f"the registry wants {suffix.fewest} to {suffix.most} name servers, and {count} are described"
            )
        for rdata in change.wanted.ds:
            flags = getattr(rdata, "flags", _KEY_SIGNING)
            if flags != _KEY_SIGNING:
                raise DelegationError(f"a key with the flags {flags} is described, and DNSimple takes 257 only")

    def apply(self, change: Change) -> None:
        check_unchanged(change, self.read(change.zone))
        account, domain = self._account_id(), display_name(change.zone.name)
        numbers = {rdata: number for number, rdata in self._signers[change.zone.name]}
        replaced = False
        for operation in change.operations:
            if operation.rdtype == "NS":
                if not replaced:
                    replaced = True
                    names = [display_name(server.name) for server in change.wanted.name_servers]
                    replace = self._client.registrar.change_domain_delegation
                    self._call(f"PUT delegation of {domain}", replace, account, domain, names, change=True)
            elif operation.action == "add":
                add = self._client.domains.create_domain_delegation_signer_record
                given = self._input(**_signer_fields(operation.rdata))
                if operation.rdtype == "DNSKEY":
                    self._added.setdefault(change.zone.name, []).append(operation.rdata)
                self._call(f"POST DS record of {domain}", add, account, domain, given, change=True)
            else:
                remove = self._client.domains.delete_domain_delegation_signer_record
                number = numbers[operation.rdata]
                self._call(f"DELETE DS record of {domain}", remove, account, domain, number, change=True)

    def close(self) -> None:
        self._client.session.close()

    def _read_signers(self, account: str, zone: dns.name.Name) -> t.Iterator[tuple[int, dns.rdata.Rdata]]:
        domain = display_name(zone)
        # What was added in this session must show as what was asked for.
        keys = self._added.get(zone, ())
        page: int | None = None
        while True:
            listing = self._client.domains.list_domain_delegation_signer_records
            shown, pages = self._call_paged(f"GET DS records of {domain}", listing, account, domain, page=page)
            for signer in listed(shown):
                number = int(signer.id)
                if signer.public_key:
                    key = dnskey_rdata(flags=_KEY_SIGNING, algorithm=signer.algorithm, public_key=signer.public_key)
                    yield number, key
                else:
                    ds = ds_rdata(
                        key_tag=signer.keytag,
                        algorithm=signer.algorithm,
                        digest_type=signer.digest_type,
                        digest=signer.digest,
                    )
                    yield number, key_or_ds(zone, ds, keys)
            page = (page or 1) + 1
            if page > pages:
                return

    def _account_id(self) -> str:
        if self._account is None:
            account = self._call("GET whoami", self._client.identity.whoami).account
            if account is not None:
                self._account = str(int(account.id))
            else:
                # The token is a user's, who may be in several accounts.
                accounts = self._call("GET accounts", self._client.accounts.list_accounts)
                if len(listed(accounts)) != 1:
                    known = ", ".join(str(each.id) for each in accounts) or "none"
                    raise DelegationError(f"the token is for several accounts: give account_id, one of {known}")
                self._account = str(int(accounts[0].id))
        return self._account

    def _suffix(self, zone: Zone) -> _Suffix:
        suffix = zone.name.parent()
        if suffix not in self._suffixes:
            request = f"GET TLD {display_name(suffix)}"
            shown = self._call(request, self._client.tlds.get_tld, display_name(suffix))
            form: DsForm = "dnskey" if getattr(shown, "dnssec_interface_type", "ds") == "key" else "ds"
            fewest, most = getattr(shown, "name_server_min", None), getattr(shown, "name_server_max", None)
            with understood("DNSimple", request):
                self._suffixes[suffix] = _Suffix(
                    form=form,
                    fewest=None if fewest is None else int(fewest),
                    most=None if most is None else int(most),
                )
        return self._suffixes[suffix]

    def _call(self, request: str, method: t.Callable[..., t.Any], *given: t.Any, change: bool = False) -> t.Any:
        return self._call_paged(request, method, *given, change=change)[0]

    def _call_paged(
        self, request: str, method: t.Callable[..., t.Any], *given: t.Any, change: bool = False, **more: t.Any
    ) -> tuple[t.Any, int]:
        """Return the data that a request brings, and how many pages there are of it."""
        with without_secrets(self._secrets), understood("DNSimple", request, change=change):
            return self._sent(request, lambda: method(*given, **more), change=change)

    def _sent(self, request: str, send: t.Callable[[], t.Any], *, change: bool) -> tuple[t.Any, int]:
        patience = Patience(self.setting.sleep)
        while True:
            try:
                reply = send()
                # The client keeps these at the class of its replies, so that the next request overwrites them.
                return reply.data, reply.pagination.total_pages if reply.pagination else 1
            except self._library.DNSimpleException as exc:
                if exc.status != 429:
                    raise _refusal(exc, request, change=change) from exc
                if not patience.pause(self._seconds_to_reset(exc.response)):
                    raise DelegationError(
                        f"DNSimple lets this account send no more requests for now ({request}): push fewer zones at"
                        " once, or in an hour"
                    ) from exc
            except self._errors.InvalidJSONError as exc:
                raise server_error(f"DNSimple answers {request} with what is no JSON", change=change) from exc
            except self._errors.RequestException as exc:
                raise network_error(exc, service="DNSimple", request=request, change=change) from exc
            # The client wants headers that only DNSimple itself gives, not what may stand in front of it.
            except (KeyError, ValueError) as exc:
                raise server_error(f"the answer to {request} is none of DNSimple's", change=change) from exc

    def _seconds_to_reset(self, response: t.Any) -> float | None:
        reset = response.headers.get("X-RateLimit-Reset") or ""
        return float(reset) - self.setting.clock().timestamp() if reset.isascii() and reset.isdigit() else None


def _signer_fields(rdata: t.Any) -> dict[str, str]:
    if hasattr(rdata, "digest"):
        return {
            "algorithm": str(int(rdata.algorithm)),
            "digest": rdata.digest.hex().upper(),
            "digest_type": str(int(rdata.digest_type)),
            "keytag": str(rdata.key_tag),
        }
    return {"algorithm": str(int(rdata.algorithm)), "public_key": key_text(rdata)}


def _refusal(exc: t.Any, request: str, *, change: bool) -> DelegationError:
    details = "; ".join(
        f"{field}: {', '.join(str(each) for each in reasons) if isinstance(reasons, list) else reasons}"
        for field, reasons in (exc.attribute_errors or {}).items()
    )
    said = f"DNSimple answers {exc.status} to {request}: {exc.message or 'no reason given'}"
    said = f"{said} ({details})" if details else said
    if exc.status >= 500:
        return server_error(said, change=change)
    hint = _HINTS.get(exc.status)
    return DelegationError(f"{said}; {hint}" if hint else said)
