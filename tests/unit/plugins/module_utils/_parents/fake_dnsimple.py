# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNSimple's interface as far as delegations need it.

Where DNSIMPLE_OPENAPI in the environment names DNSimple's published description of its interface, every request and
every answer is checked against it too.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import re
import typing as t
from dataclasses import dataclass, field

import dns.dnssec
import dns.name
import dns.rdata
import jsonschema
import yaml

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import (
    Answer,
    FakeService,
    Request,
)

__all__ = ("ACCOUNT", "TOKEN", "Domain", "FakeDnsimple")

TOKEN, ACCOUNT = "dnsimple_a_unit_token", 1010
_TIME = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+")


@dataclass
class Domain:
    """A domain of the account; ``signers`` by number, with the fields as they were given."""

    state: str = "registered"
    servers: list[str] = field(default_factory=list)
    signers: dict[int, dict[str, str]] = field(default_factory=dict)


class FakeDnsimple(FakeService):
    """The service; ``interface`` is ds or key, as the registry of every domain here has it.

    :ivar accounts: those that the token is for, one where it is an account's.
    :ivar page: how many DS records come at once.
    :ivar shows_keys: whether keys are shown as such, and not only the DS records made of them.
    """

    address = "127.113.3.1"

    def __init__(self) -> None:
        super().__init__()
        self.interface = "ds"
        self.user = False
        self.accounts = [ACCOUNT]
        self.page = 30
        self.shows_keys = True
        self.domains: dict[str, Domain] = {}
        self._description = _description(os.environ.get("DNSIMPLE_OPENAPI"))

    def carry_out(self, request: Request) -> Answer:
        self.look()
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self._limited(Answer(401, {"message": "Authentication failed"}))
        assert request.target.startswith("/v2/"), request.target
        parts = request.path[len("/v2/") :].split("/")
        body = json.loads(request.body) if request.body else None
        if body is not None:
            assert request.headers["content-type"] == "application/json"
        template, answer = self._answer(request, parts, body)
        self._check(request.method, template, body, answer)
        return self._limited(answer)

    def _answer(self, request: Request, parts: list[str], body: t.Any) -> tuple[str, Answer]:
        method = request.method
        if parts == ["whoami"]:
            account = None if self.user else _account(self.accounts[0])
            user = {"id": 1, "email": "unit@example.com", **_TIME} if self.user else None
            return "/whoami", Answer(content={"data": {"account": account, "user": user}})
        if parts == ["accounts"]:
            return "/accounts", Answer(content={"data": [_account(number) for number in self.accounts]})
        if parts[0] == "tlds":
            return "/tlds/{tld}", Answer(content={"data": _tld(parts[1], self.interface)})
        registrar = parts[1] == "registrar"
        name, rest = (parts[3], parts[4:]) if registrar else (parts[2], parts[3:])
        place = "/{account}/registrar/domains/{domain}" if registrar else "/{account}/domains/{domain}"
        domain = self.domains.get(name)
        if domain is None or parts[0] not in [str(number) for number in self.accounts]:
            return place, Answer(404, {"message": f"Domain `{name}` not found"})
        if not rest:
            assert method == "GET" and not registrar
            return place, Answer(content={"data": _domain(name, domain.state)})
        if registrar:
            assert rest == ["delegation"] and method in ("GET", "PUT")
            answer = self._servers(domain) if method == "GET" else self._replace_servers(domain, body)
            return f"{place}/delegation", answer
        assert rest[0] == "ds_records"
        if len(rest) == 2:
            assert method == "DELETE"
            return f"{place}/ds_records/{{ds}}", self._remove(domain, int(rest[1]))
        assert method in ("GET", "POST")
        answer = self._signers(name, domain, request) if method == "GET" else self._add(domain, body)
        return f"{place}/ds_records", answer

    def _servers(self, domain: Domain) -> Answer:
        return Answer(content={"data": domain.servers})

    def _replace_servers(self, domain: Domain, body: t.Any) -> Answer:
        assert isinstance(body, list)
        wrong = [name for name in body if not _HOST.fullmatch(name)]
        if wrong or len(body) != len(set(body)) or not 2 <= len(body) <= 13:
            return _invalid("name_servers", f"{wrong or body} are invalid")
        self.accept(lambda: setattr(domain, "servers", body))
        return Answer(content={"data": body})

    def _signers(self, domain_name: str, domain: Domain, request: Request) -> Answer:
        page = int((re.search(r"[?&]page=(\d+)", request.target) or ["", "1"])[1])
        digested = self.interface == "key" and not self.shows_keys
        shown = [
            _signer(number, _digest(domain_name, given) if digested else given)
            for number, given in domain.signers.items()
        ]
        pages = max(1, -(-len(shown) // self.page))
        pagination = {
            "current_page": page,
            "per_page": self.page,
            "total_entries": len(shown),
            "total_pages": pages,
        }
        data = shown[(page - 1) * self.page : page * self.page]
        return Answer(content={"data": data, "pagination": pagination})

    def _add(self, domain: Domain, body: t.Any) -> Answer:
        needed = {"ds": {"algorithm", "digest", "digest_type", "keytag"}, "key": {"algorithm", "public_key"}}
        if set(body) != needed[self.interface] or not all(isinstance(value, str) for value in body.values()):
            return _invalid("public_key" if self.interface == "key" else "digest", "can't be blank")
        if self.interface == "key":
            base64.b64decode(body["public_key"], validate=True)
        if body in domain.signers.values():
            return _invalid("base", "has already been taken")
        number = len(self.jobs) + 24
        self.accept(lambda: domain.signers.update({number: body}))
        return Answer(201, {"data": _signer(number, body)})

    def _remove(self, domain: Domain, number: int) -> Answer:
        if number not in domain.signers:
            return Answer(404, {"message": f"Delegation signer record `{number}` not found"})
        self.accept(lambda: t.cast("None", domain.signers.pop(number, None)))
        return Answer(204)

    def _check(self, method: str, template: str, body: t.Any, answer: Answer) -> None:
        """Check a request and its answer against the published description, where it is at hand."""
        if self._description is None:
            return
        operation = self._description["paths"][template][method.lower()]
        assert (body is None) == ("requestBody" not in operation)
        if body is not None:
            reference = operation["requestBody"]["$ref"]
            self._check_shape(body, f"{reference}/content/application~1json/schema")
            shape = self._description["components"]["requestBodies"][reference.rpartition("/")[2]]
            members = shape["content"]["application/json"]["schema"].get("properties")
            assert members is None or set(body) <= set(members)
        status = str(answer.status)
        assert status in operation["responses"], f"{method} {template} answers {status}"
        if answer.status == 204:
            return
        place = f"#/paths/{template.replace('/', '~1')}/{method.lower()}/responses/{status}"
        place = operation["responses"][status].get("$ref", place)
        self._check_shape(answer.content, f"{place}/content/application~1json/schema")

    def _check_shape(self, value: t.Any, reference: str) -> None:
        assert self._description is not None
        validator = jsonschema.Draft202012Validator({**self._description, "$ref": reference})
        # Its own example has no public key in a DS record, which its schema does not allow for.
        errors = [error for error in validator.iter_errors(value) if list(error.path)[-1:] != ["public_key"]]
        assert not errors, errors

    @staticmethod
    def _limited(answer: Answer) -> Answer:
        limits = {"X-RateLimit-Limit": "2400", "X-RateLimit-Remaining": "2399", "X-RateLimit-Reset": "1767225600"}
        return Answer(answer.status, answer.content, limits)


@functools.lru_cache(maxsize=1)
def _description(path: str | None) -> t.Any:
    if path is None:
        return None
    with open(path, encoding="utf-8") as stream:
        return yaml.safe_load(stream)


def _account(number: int) -> dict[str, t.Any]:
    return {"id": number, "email": "unit@example.com", "plan_identifier": "teams-v2-monthly", **_TIME}


def _domain(name: str, state: str) -> dict[str, t.Any]:
    return {
        "id": 1,
        "account_id": ACCOUNT,
        "registrant_id": None,
        "name": name,
        "unicode_name": name,
        "state": state,
        "auto_renew": False,
        "private_whois": False,
        "expires_at": None,
        "trustee": False,
        **_TIME,
    }


def _tld(name: str, interface: str) -> dict[str, t.Any]:
    return {
        "tld": name,
        "tld_type": 1,
        "whois_privacy": True,
        "auto_renew_only": False,
        "idn": True,
        "minimum_registration": 1,
        "registration_enabled": True,
        "renewal_enabled": True,
        "transfer_enabled": True,
        "dnssec_interface_type": interface,
        "name_server_min": 2,
        "name_server_max": 13,
        "trustee_service_enabled": False,
        "trustee_service_required": False,
    }


def _signer(number: int, given: dict[str, str]) -> dict[str, t.Any]:
    empty = {"digest": "", "digest_type": "", "keytag": "", "public_key": None}
    return {"id": number, "domain_id": 1, **empty, **given, **_TIME}


def _digest(domain: str, given: dict[str, str]) -> dict[str, str]:
    """Return the DS record that a registry makes of a key."""
    key = dns.rdata.from_text("IN", "DNSKEY", f"257 3 {given['algorithm']} {given['public_key']}")
    tag, algorithm, digest_type, digest = (
        dns.dnssec.make_ds(dns.name.from_text(domain), key, "SHA256").to_text().split()
    )
    return {"keytag": tag, "algorithm": algorithm, "digest_type": digest_type, "digest": digest.upper()}


def _invalid(field: str, reason: str) -> Answer:
    return Answer(400, {"message": "Validation failed", "errors": {field: [reason]}})
