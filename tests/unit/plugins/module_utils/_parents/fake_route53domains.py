# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Route 53 Domains for tests: moto for name servers, glue and operations, and beside it keys and locks.

Requests and the answers made here are checked against botocore's own description of the service, signatures by
botocore's own code.
"""

from __future__ import annotations

import json
import typing as t
import urllib.request
from urllib.error import HTTPError

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.loaders
import botocore.model
import botocore.validate
import dns.dnssec
import dns.name
import dns.rdata
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.route53domains.models import route53domains_backends
from moto.server import ThreadedMotoServer

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import (
    Answer,
    FakeService,
    Request,
)

__all__ = ("ACCESS_KEY", "SECRET_KEY", "FakeRoute53Domains", "Moto")

ACCESS_KEY, SECRET_KEY = "AKIAUNITTEST", "unit-test-secret-key"
_TARGET = "Route53Domains_v20140515."
_CONTACT = {
    "FirstName": "Ada",
    "LastName": "Example",
    "ContactType": "PERSON",
    "AddressLine1": "1 Example Road",
    "City": "Example",
    "CountryCode": "DE",
    "ZipCode": "10115",
    "PhoneNumber": "+49.301234567",
    "Email": "ada@example.com",
}


class Moto:
    """moto's server, for a ``with`` block."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.113.1.2", port=0, verbose=False)

    def __enter__(self) -> Moto:
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self.client = boto3.client(
            "route53domains",
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.client.close()
        self._server.stop()

    @property
    def backend(self) -> t.Any:
        return route53domains_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def reset(self) -> None:
        self.backend.reset()

    def register(self, domain: str) -> None:
        """Register a domain, for two years since moto wants it to expire a year from now at the earliest."""
        contacts = {f"{role}Contact": _CONTACT for role in ("Admin", "Registrant", "Tech")}
        self.client.register_domain(DomainName=domain, DurationInYears=2, **contacts)

    def forget_operations(self) -> None:
        """Let a domain be changed again: moto takes what has ended for a request that is still under way."""
        vars(self.backend)["_Route53DomainsBackend__operations"].clear()


class FakeRoute53Domains(FakeService):
    """In front of moto.

    :ivar keys: by domain, the attributes of its keys by identifier.
    :ivar statuses: by domain, its EPP status codes.
    :ivar shows_keys: whether keys are shown as such, as the service did until September 2026.
    :ivar failing: the message of operations that fail from now on, or None.
    """

    address = "127.113.1.1"

    def __init__(self, moto: Moto) -> None:
        super().__init__()
        self._moto = moto
        self.keys: dict[str, dict[str, dict[str, t.Any]]] = {}
        self.statuses: dict[str, list[str]] = {}
        self.shows_keys = False
        self.failing: str | None = None
        loaded = botocore.loaders.Loader().load_service_model("route53domains", "service-2")
        self._model = botocore.model.ServiceModel(loaded)

    def carry_out(self, request: Request) -> Answer:
        refusal = self._refuse_signature(request)
        if refusal is not None:
            return refusal
        target = request.headers["x-amz-target"]
        assert request.method == "POST" and request.path == "/" and target.startswith(_TARGET)
        action, given = target[len(_TARGET) :], json.loads(request.body)
        self._check(given, t.cast("botocore.model.Shape", self._model.operation_model(action).input_shape))
        answer = {
            "GetDomainDetail": self._detail,
            "GetOperationDetail": self._operation,
            "UpdateDomainNameservers": self._update,
            "AssociateDelegationSignerToDomain": self._associate,
            "DisassociateDelegationSignerFromDomain": self._disassociate,
        }[action](given, request)
        if answer.status == 200:
            self._check(
                answer.content, t.cast("botocore.model.Shape", self._model.operation_model(action).output_shape)
            )
        return answer

    def _detail(self, given: t.Any, request: Request) -> Answer:
        self.look()
        answer = self._at_moto(request)
        if answer.status != 200:
            return answer
        domain = given["DomainName"]
        detail = {name: value for name, value in answer.content.items() if value is not None}
        # Two of moto's own names for members are not those of the service.
        detail = {name: value for name, value in detail.items() if name not in ("DnsSecKeys", "UpdateDate")}
        shown = [_shown(domain, number, key, whole=self.shows_keys) for number, key in self._keys(domain).items()]
        detail.update(StatusList=self.statuses.get(domain, ["clientTransferProhibited"]), DnssecKeys=shown)
        return Answer(content=detail)

    def _operation(self, given: t.Any, request: Request) -> Answer:
        self.look()
        job = next((job for job in self.jobs if str(job.number) == given["OperationId"]), None)
        if job is None:
            return _error("InvalidInput", f"Operation {given['OperationId']} does not exist")
        status = "SUCCESSFUL" if job.done else "IN_PROGRESS"
        content = {"OperationId": given["OperationId"], "Status": status, "SubmittedDate": 1767225600}
        if self.failing is not None:
            content.update(Status="FAILED", Message=self.failing)
        return Answer(content=content)

    def _update(self, given: t.Any, request: Request) -> Answer:
        refused = self._refuse(given)
        # moto checks what it is sent when it is asked, though it may be made later.
        held = [] if refused else self._moto.backend.get_domain(given["DomainName"]).nameservers
        checked = refused or self._at_moto(request)
        if checked.status != 200:
            return checked
        self._moto.backend.get_domain(given["DomainName"]).nameservers = held
        return self._accepted(lambda: t.cast("None", self._at_moto(request)))

    def _associate(self, given: t.Any, request: Request) -> Answer:
        refused = self._refuse(given)
        if refused:
            return refused
        domain, attributes = given["DomainName"], given["SigningAttributes"]
        if set(attributes) != {"Algorithm", "Flags", "PublicKey"}:
            return _error("InvalidInput", "Algorithm, Flags and PublicKey are needed")
        if len(self._keys(domain)) >= 4:
            return _error("DnssecLimitExceeded", "The domain has reached the maximum number of DS records")
        if attributes in self._keys(domain).values():
            return _error("DuplicateRequest", "The key is associated already")
        number = f"ds-{len(self.jobs)}"
        return self._accepted(lambda: self._keys(domain).update({number: attributes}))

    def _disassociate(self, given: t.Any, request: Request) -> Answer:
        refused = self._refuse(given)
        if refused:
            return refused
        domain, number = given["DomainName"], given["Id"]
        if number not in self._keys(domain):
            return _error("InvalidInput", f"No delegation signer {number}")
        return self._accepted(lambda: t.cast("None", self._keys(domain).pop(number, None)))

    def _accepted(self, make: t.Callable[[], None]) -> Answer:
        return Answer(content={"OperationId": str(self.accept(make).number)})

    def _refuse(self, given: t.Any) -> Answer | None:
        domain = given["DomainName"]
        if self.busy:
            return _error("DuplicateRequest", "The request is already in progress for the domain.")
        if {"clientUpdateProhibited", "serverUpdateProhibited"} & set(self.statuses.get(domain, ())):
            return _error("TLDRulesViolation", "The domain status prohibits the operation")
        return None

    def _keys(self, domain: str) -> dict[str, dict[str, t.Any]]:
        return self.keys.setdefault(domain, {})

    def _at_moto(self, request: Request) -> Answer:
        self._moto.forget_operations()
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        forwarded = urllib.request.Request(f"{self._moto.url}/", data=request.body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(forwarded, timeout=5) as reply:
                return Answer(reply.status, json.loads(reply.read()))
        except HTTPError as exc:
            return Answer(exc.code, json.loads(exc.read()), {"Content-Type": "application/x-amz-json-1.1"})

    def _refuse_signature(self, request: Request) -> Answer | None:
        scheme, _space, parts = request.headers.get("authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            return _error("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        given = dict(part.strip().split("=", 1) for part in parts.split(","))
        key, day, region, service, kind = given["Credential"].split("/")
        if key != ACCESS_KEY:
            return _error("UnrecognizedClientException", "The security token included in the request is invalid.", 400)
        assert (region, service, kind) == ("us-east-1", "route53domains", "aws4_request")
        signed = {name: request.headers[name] for name in given["SignedHeaders"].split(";")}
        again = botocore.awsrequest.AWSRequest(request.method, f"{self.url}/", headers=signed, data=request.body)
        again.context["timestamp"] = request.headers["x-amz-date"]
        credentials = botocore.credentials.Credentials(ACCESS_KEY, SECRET_KEY)
        signer = botocore.auth.SigV4Auth(credentials, service, region)
        expected = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
        if given["Signature"] != expected:
            return _error("InvalidSignatureException", "The request signature we calculated does not match", 403)
        return None

    @staticmethod
    def _check(value: t.Any, shape: botocore.model.Shape) -> None:
        report = botocore.validate.ParamValidator().validate(value, shape)
        unknown = set(value) - set(shape.members)
        assert not report.has_errors() and not unknown, f"{report.generate_report()} {unknown}"


def _shown(domain: str, number: str, key: dict[str, t.Any], *, whole: bool) -> dict[str, t.Any]:
    rdata = dns.rdata.from_text("IN", "DNSKEY", f"{key['Flags']} 3 {key['Algorithm']} {key['PublicKey']}")
    ds = dns.dnssec.make_ds(dns.name.from_text(domain), rdata, "SHA256")
    shown = {
        "Id": number,
        "KeyTag": ds.key_tag,
        "Algorithm": int(ds.algorithm),
        "DigestType": int(ds.digest_type),
        "Digest": ds.digest.hex().upper(),
    }
    return {**shown, **key} if whole else shown


def _error(code: str, message: str, status: int = 400) -> Answer:
    return Answer(status, {"__type": code, "message": message}, {"Content-Type": "application/x-amz-json-1.1"})
