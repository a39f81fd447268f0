# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains that are registered with Amazon Route 53 Domains, through boto3."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._back_off import Patience, await_end
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._http import api_address, credential
from ansible_collections.zonecut.dns.plugins.module_utils._http_clients import server_error, without_secrets
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    Change,
    Parent,
    Setting,
)
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import (
    check_unchanged,
    check_unlocked,
    dnskey_rdata,
    ds_rdata,
    key_or_ds,
    key_text,
    read_server,
    understood,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata

__all__ = ("Route53DomainsParent",)

# The only region that the service has.
_REGION = "us-east-1"

_CREDENTIAL_PARAMETERS = {
    "access_key": "access_key_id",
    "secret_key": "secret_access_key",
    "session_token": "session_token",
}
_THROTTLED = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")
_CREDENTIALS = "check access_key and secret_key, and session_token where the credentials are temporary"
_HINTS = {
    "DnssecLimitExceeded": "the domain has as many keys as the registry lets it have: describe fewer dnskeys",
    "DuplicateRequest": (
        "either an operation on the domain is still under way: run this again when it has ended; or the domain has what"
        " is asked for already, such as a key that cannot be told by the digest that is shown of it: compare with the"
        " domain in the Route 53 console"
    ),
    "OperationLimitExceeded": (
        "too many operations of the account are under way: run this again when some have ended, or have the limit"
        " raised in Service Quotas"
    ),
    "TLDRulesViolation": "the registry of this top-level domain does not allow it",
    "UnsupportedTLD": "Route 53 does not hold domains of this top-level domain: its parent is another",
    "InvalidInput": (
        "the domain must be registered in this very account and not be expired, and a name server outside the domain"
        " must exist at its own registry"
    ),
    "UnrecognizedClientException": f"there is no such access key: {_CREDENTIALS}",
    "InvalidClientTokenId": f"there is no such access key: {_CREDENTIALS}",
    "InvalidSignatureException": f"the secret is wrong, or the clock of this host is: {_CREDENTIALS}",
    "SignatureDoesNotMatch": f"the secret is wrong, or the clock of this host is: {_CREDENTIALS}",
    "ExpiredToken": "the temporary credentials are no longer valid: get new ones",
    "ExpiredTokenException": "the temporary credentials are no longer valid: get new ones",
    "IncompleteSignature": f"the request was not signed as it must be: {_CREDENTIALS}",
    "MissingAuthenticationToken": f"the request was not signed: {_CREDENTIALS}",
    "OptInRequired": "the account is not signed up for Route 53 Domains: do so in the AWS console",
}


@dataclass(frozen=True)
class _Signer:
    """What makes a domain secure there, under the ``id`` that takes it away."""

    id: str
    rdata: dns.rdata.Rdata


class Route53DomainsParent(Parent):
    """The domains that one AWS account has registered.

    Name servers with glue are replaced in one operation. Each key is an operation of its own, and the next operation
    is only taken when the one before has ended.
    """

    kind = "route53domains"
    arguments = {
        "access_key": {"type": "str", "no_log": False},
        "secret_key": {"type": "str", "no_log": True},
        "session_token": {"type": "str", "no_log": True},
        "profile": {"type": "str"},
        "region": {"type": "str"},
        "api_url": {"type": "str"},
    }
    environment = ("access_key", "secret_key", "session_token", "profile")
    abilities = Abilities(ds=("dnskey",), asynchronous=True)

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        super().__init__(name=name, options=options, setting=setting)
        # Only where it is needed: importing it takes longer than everything else.
        with deps.declare("boto3"):
            import boto3.session
            import botocore.config
            import botocore.exceptions
            import botocore.parsers
        deps.require("boto3", purpose="push to parents of type route53domains")
        self._boto3, self._botocore = boto3, botocore
        access_key, secret_key = options.get("access_key"), options.get("secret_key")
        if bool(access_key) != bool(secret_key):
            missing = "secret_key" if access_key else "access_key"
            raise self._misuse(missing, "access_key and secret_key go together")
        if access_key and options.get("profile"):
            raise self._misuse("profile", "give either a profile or access_key and secret_key")
        if options.get("session_token") and not access_key:
            raise self._misuse("session_token", "it belongs to access_key and secret_key, which are not given")
        where, url = f"parents: {name}: ", options.get("api_url")
        self._url = None if url is None else api_address(url, where=f"{where}api_url")
        # boto3 looks for credentials in other places where these are not given.
        self._credentials = {
            f"aws_{parameter}": credential(options, option, where=where) if options.get(option) else None
            for option, parameter in _CREDENTIAL_PARAMETERS.items()
        }
        self._secrets = tuple(text for option in ("secret_key", "session_token") if (text := options.get(option)))
        self._made: t.Any = None
        self._statuses: dict[dns.name.Name, tuple[str, ...]] = {}
        self._signers: dict[dns.name.Name, tuple[_Signer, ...]] = {}
        self._added: dict[dns.name.Name, list[dns.rdata.Rdata]] = {}
        self._operations: dict[dns.name.Name, str] = {}

    def read(self, zone: Zone) -> Delegation:
        with understood("Route 53 Domains", "GetDomainDetail"):
            return self._read(zone)

    def _read(self, zone: Zone) -> Delegation:
        detail = self._call("GetDomainDetail", DomainName=display_name(zone.name))
        if "DomainName" not in detail:
            raise KeyError("DomainName")
        self._statuses[zone.name] = tuple(detail.get("StatusList") or ())
        # What was added in this session must show as what was asked for.
        keys = (*zone.dnskeys, *self._added.get(zone.name, ()))
        self._signers[zone.name] = tuple(_signer(zone.name, shown, keys) for shown in detail.get("DnssecKeys") or ())
        servers = [
            read_server(zone.name, server["Name"], server.get("GlueIps") or ())
            for server in detail.get("Nameservers") or ()
        ]
        return Delegation.of(servers, (signer.rdata for signer in self._signers[zone.name]))

    def check(self, change: Change) -> None:
        check_unlocked(self._statuses.get(change.zone.name, ()))
        for server in change.wanted.name_servers:
            if len(server.addresses) > len({":" in address for address in server.addresses}):
                raise DelegationError(
                    f"{server} has more than one address of a kind, and Route 53 holds one IPv4 and one IPv6 address"
                    " of a name server: leave one of each"
                )

    def apply(self, change: Change) -> None:
        check_unchanged(change, self.read(change.zone))
        # What was started before in this session is known by what was read since.
        self._operations.pop(change.zone.name, None)
        replaced = False
        for operation in change.operations:
            if operation.rdtype in ("DS", "DNSKEY"):
                if operation.action == "add":
                    self._added.setdefault(change.zone.name, []).append(operation.rdata)
                    self._submit(
                        change.zone, "AssociateDelegationSignerToDomain", SigningAttributes=_key(operation.rdata)
                    )
                    continue
                for signer in self._signers[change.zone.name]:
                    if signer.rdata == operation.rdata:
                        self._submit(change.zone, "DisassociateDelegationSignerFromDomain", Id=signer.id)
            elif not replaced:
                replaced = True
                servers = [_name_server(server) for server in change.wanted.name_servers]
                self._submit(change.zone, "UpdateDomainNameservers", Nameservers=servers)

    def progress(self, zone: Zone) -> str | None:
        operation = self._operations.get(zone.name)
        return None if operation is None else self._state_of(operation)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    def _submit(self, zone: Zone, action: str, **arguments: t.Any) -> None:
        """Start an operation when the one before has ended.

        :raises DelegationError: where that one failed or does not end.
        """
        await_end(lambda: self.progress(zone), sleep=self.setting.sleep)
        reply = self._call(action, change=True, DomainName=display_name(zone.name), **arguments)
        with understood("Route 53 Domains", action, change=True):
            self._operations[zone.name] = reply["OperationId"]

    def _state_of(self, operation: str) -> str | None:
        """Return what the service says of an operation, or None where it has ended well.

        :raises DelegationError: where it failed.
        """
        detail = self._call("GetOperationDetail", OperationId=operation)
        with understood("Route 53 Domains", "GetOperationDetail", change=True):
            status, message = detail["Status"], detail.get("Message")
        state = f"operation {operation} is {status}" + (f" ({message})" if message else "")
        if status in ("ERROR", "FAILED"):
            raise DelegationError(f"Route 53 gave the change up: {state}; see Requests in the Route 53 console")
        if detail.get("StatusFlag"):
            state += f", {detail['StatusFlag']}: see Requests in the Route 53 console"
        return None if status == "SUCCESSFUL" else state

    def _call(self, action: str, *, change: bool = False, **arguments: t.Any) -> t.Any:
        """Return the answer to a request.

        :arg change: whether it changes anything, so that a lost answer leaves open whether it did.
        """
        with without_secrets(self._secrets), understood("Route 53 Domains", action, change=change):
            method = self._botocore.xform_name(action)
            return self._sent(action, lambda: getattr(self._client(), method)(**arguments), change=change)

    def _sent(self, action: str, send: t.Callable[[], t.Any], *, change: bool) -> t.Any:
        patience = Patience(self.setting.sleep)
        while True:
            try:
                return send()
            except self._botocore.exceptions.ClientError as exc:
                code = exc.response.get("Error", {}).get("Code", "")
                if code not in _THROTTLED or not patience.pause():
                    raise _refusal(exc, action, change=change) from exc
            except self._botocore.parsers.ResponseParserError as exc:
                raise server_error(
                    f"Route 53 Domains answers {action} with what cannot be read", change=change
                ) from exc
            except self._botocore.exceptions.BotoCoreError as exc:
                raise _failure(exc, action, change=change, errors=self._botocore.exceptions) from exc

    def _client(self) -> t.Any:
        if self._made is None:
            session = self._boto3.session.Session(**self._credentials, profile_name=self.options.get("profile"))
            limits = self._botocore.config.Config(
                connect_timeout=self.setting.timeout,
                read_timeout=self.setting.timeout,
                # What it would send again by itself includes changes whose answer got lost.
                retries={"total_max_attempts": 1},
            )
            self._made = session.client(
                "route53domains",
                region_name=self.options.get("region") or _REGION,
                endpoint_url=self._url,
                config=limits,
            )
        return self._made

    def _misuse(self, option: str, rule: str) -> DescriptionError:
        return DescriptionError([Problem(where=f"parents: {self.name}: {option}", rule=rule)])


def _signer(zone: dns.name.Name, shown: t.Mapping[str, t.Any], keys: t.Iterable[dns.rdata.Rdata]) -> _Signer:
    """Return what is shown of a key: as the key where it is shown or among ``keys``, else as the DS made of it."""
    # Since October 2026 the key itself is no longer shown.
    if shown.get("PublicKey"):
        rdata = dnskey_rdata(
            flags=shown.get("Flags") or 257, algorithm=shown["Algorithm"], public_key=shown["PublicKey"]
        )
        return _Signer(shown["Id"], rdata)
    ds = ds_rdata(
        key_tag=shown["KeyTag"],
        algorithm=shown["Algorithm"],
        digest_type=shown["DigestType"],
        digest=shown["Digest"],
    )
    return _Signer(shown["Id"], key_or_ds(zone, ds, keys))


def _name_server(server: NameServer) -> dict[str, t.Any]:
    # Glue that is not given again is gone.
    glue = {"GlueIps": list(server.addresses)} if server.addresses else {}
    return {"Name": display_name(server.name), **glue}


def _key(key: t.Any) -> dict[str, t.Any]:
    return {"Algorithm": int(key.algorithm), "Flags": int(key.flags), "PublicKey": key_text(key)}


def _refusal(exc: t.Any, action: str, *, change: bool) -> DelegationError:
    """Return the error for an answer that is one."""
    error = exc.response.get("Error", {})
    code, message = error.get("Code", "?"), error.get("Message") or "no reason given"
    status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = f"Route 53 Domains answers {code} to {action}: {message}"
    if code in _THROTTLED:
        return DelegationError(f"{said}; it did so for minutes: push fewer zones at once, or later")
    if code.startswith("AccessDenied") or code == "UnauthorizedOperation":
        return DelegationError(f"{said}; the credentials lack the permission route53domains:{action}: grant it in IAM")
    if code in _HINTS:
        return DelegationError(f"{said}; {_HINTS[code]}")
    if status >= 500:
        kind = UnknownOutcomeError if change else DelegationError
        return kind(f"{said}; the service itself fails: try again later")
    return DelegationError(said)


def _failure(exc: t.Any, action: str, *, change: bool, errors: t.Any) -> DelegationError:
    """Return the error for a request that brought no answer; ``errors`` are the exceptions of botocore."""
    if isinstance(exc, errors.ProfileNotFound):
        return DelegationError(f"{exc}: check profile, and the configuration of AWS on this host")
    if isinstance(exc, (errors.NoCredentialsError, errors.PartialCredentialsError)):
        return DelegationError(
            "there are no credentials for AWS: give access_key and secret_key, or a profile, or whatever else boto3"
            f" looks for on this host ({exc})"
        )
    if isinstance(exc, (errors.CredentialRetrievalError, errors.TokenRetrievalError, errors.SSOError)):
        return DelegationError(f"the credentials for AWS cannot be fetched: sign in anew on this host ({exc})")
    if isinstance(exc, (errors.EndpointConnectionError, errors.ConnectTimeoutError, errors.ProxyConnectionError)):
        return DelegationError(f"Route 53 Domains cannot be reached: check api_url, region, network and proxy ({exc})")
    if isinstance(exc, errors.SSLError):
        return DelegationError(f"no trusted TLS connection to Route 53 Domains: check api_url and certificates ({exc})")
    if isinstance(exc, (errors.HTTPClientError, errors.IncompleteReadError)):
        if change:
            return UnknownOutcomeError(f"the answer to {action} got lost, so it may have been carried out ({exc})")
        return DelegationError(f"the answer to {action} got lost: try again ({exc})")
    return DelegationError(f"boto3 cannot send {action}: {exc}")
