# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to JSON APIs over HTTP: what may be repeated is, and every failure says what to do about it.

No message tells a secret, even where a server sends it back.
"""

from __future__ import annotations

import email.utils
import http.client
import ipaddress
import json
import socket
import ssl
import typing as t
from dataclasses import dataclass, field
from datetime import datetime
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Setting

with deps.declare("dnspython"):
    import dns.exception

__all__ = ("Answer", "ApiError", "ApiSession", "Hints", "api_address", "credential")

# How often a request is sent at most where sending it again does no harm, and what is waited for at most.
_ATTEMPTS = 4
_LONGEST_WAIT = 60.0
_SHOWN_LENGTH = 300

Hints = t.Mapping[int, str]
_T = t.TypeVar("_T")

# What comes of JSON that has another shape than it is taken to have.
_NOT_UNDERSTOOD = (AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Answer:
    """What an API answered.

    :arg data: the JSON in it, or None for none at all.
    """

    status: int
    data: t.Any = None


class ApiError(DelegationError):
    """An API answered that it did not do what it was asked to.

    :ivar status: that of HTTP.
    :ivar said: the text of the answer.
    """

    def __init__(self, message: str, *, status: int, said: str) -> None:
        super().__init__(message)
        self.status = status
        self.said = said


@dataclass(frozen=True)
class ApiSession:
    """Requests to one API, one after the other.

    :arg url: what every path is appended to.
    :arg setting: whose ``timeout``, ``clock`` and ``sleep`` are used.
    :arg headers: of every request.
    :arg body: members of every body that is sent, for APIs that want credentials there.
    :arg secrets: texts that no message may tell.
    :arg hints: by status, what to do when the API answers so.
    :arg explain: returns what the API says of a failure, from the JSON in its answer.
    :arg ca_path: a file with the certificates of authorities to trust, where the system's do not do.
    :arg pace: gives the turns to ask where the API wants requests not to come too fast.
    """

    url: str
    setting: Setting
    headers: t.Mapping[str, str] = field(default_factory=dict)
    body: t.Mapping[str, t.Any] = field(default_factory=dict)
    secrets: t.Collection[str] = ()
    hints: Hints = field(default_factory=dict)
    explain: t.Callable[[t.Any], str] = str
    ca_path: str | None = None
    pace: Pace | None = None

    def __str__(self) -> str:
        return self.url

    def read(
        self,
        *path: str,
        parse: t.Callable[[t.Any], _T],
        query: t.Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> _T:
        """Return what ``parse`` makes of the answer to a question, which is asked again where that may help.

        :raises ApiError: for an answer that is none.
        :raises DelegationError: where no answer comes, or one that is in no known form.
        """
        request = _Request(method, self._address(path, query))
        answer = self._repeated(request, harmless=True)
        try:
            return parse(answer.data)
        except (*_NOT_UNDERSTOOD, dns.exception.DNSException) as exc:
            raise DelegationError(
                f"{self} answers {request.shown(self.url)} in a form that is not known here, so perhaps it is not the"
                f" API, or a version of it that is too new: check api_url ({self.shown(repr(exc))})"
            ) from exc

    def change(self, method: str, *path: str, body: t.Any = None, query: t.Mapping[str, str] | None = None) -> Answer:
        """Return the answer to a request that changes something; it is sent again only where nothing was done.

        :raises ApiError: where the API refuses.
        :raises UnknownOutcomeError: where it cannot be told whether anything was done.
        :raises DelegationError: where the API is not reached.
        """
        return self._repeated(_Request(method, self._address(path, query), body), harmless=False)

    def _address(self, path: t.Sequence[str], query: t.Mapping[str, str] | None) -> str:
        # PowerDNS has = in its identifiers of zones, and does not decode it.
        address = "/".join((self.url, *(quote(part, safe="=") for part in path)))
        return f"{address}?{urlencode(query)}" if query else address

    def _repeated(self, request: _Request, *, harmless: bool) -> Answer:
        pause = 1.0
        for left in reversed(range(_ATTEMPTS)):
            try:
                return self._once(request)
            except _Overload as exc:
                wait = pause if exc.wait is None else exc.wait
                if not left or wait > _LONGEST_WAIT:
                    raise DelegationError(f"{exc}: try again in {max(1, round(wait))} s, or push fewer zones") from exc
            except _Failure as exc:
                if not harmless and not exc.nothing_done:
                    raise UnknownOutcomeError(f"whether it changed anything is unknown: {exc}") from exc
                if not left or exc.final:
                    raise DelegationError(str(exc)) from exc
                wait = pause
            self.setting.sleep(wait)
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _once(self, request: _Request) -> Answer:
        # Only where it is needed: importing it takes longer than everything else.
        from ansible.module_utils.urls import ConnectionError as UrlConnectionError
        from ansible.module_utils.urls import open_url

        if self.pace is not None:
            wait = self.pace.turn(self.url)
            if wait > 0:
                self.setting.sleep(wait)
        body = request.body
        if self.body:
            body = {**self.body, **(body or {})}
        headers = {"Accept": "application/json", **self.headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with open_url(
                request.address,
                method=request.method,
                data=None if body is None else json.dumps(body),
                headers=headers,
                timeout=self.setting.timeout,
                http_agent="zonecut.dns",
                # A proxy has no way to this very host, and neither it nor another server gets credentials for it.
                use_proxy=not _is_loopback(urlsplit(self.url).hostname or ""),
                follow_redirects="none",
                use_netrc=False,
                ca_path=self.ca_path,
                decompress=False,
            ) as response:
                return self._answer(request, response.status, response.read())
        except HTTPError as exc:
            raise self._refusal(request, exc) from exc
        except (OSError, UrlConnectionError, http.client.HTTPException) as exc:
            raise self._failure(exc) from exc

    def _answer(self, request: _Request, status: int, content: bytes) -> Answer:
        if not content.strip():
            return Answer(status)
        try:
            return Answer(status, json.loads(content))
        except ValueError as exc:
            raise _Failure(
                f"{self} answers {status} to {request.shown(self.url)} with something else than JSON,"
                f" so perhaps it is not the API: check api_url; it says: {self.shown(content)}",
                final=True,
            ) from exc

    def _refusal(self, request: _Request, error: HTTPError) -> Exception:
        """Return what to raise for an answer that tells of no success."""
        status = error.code
        try:
            content = error.read()
        except (OSError, http.client.HTTPException, AttributeError):
            # The status has come and says enough; urllib has no body at all for some redirections.
            content = b""
        try:
            said = self.shown(self.explain(json.loads(content)))
        except _NOT_UNDERSTOOD:
            said = self.shown(content)
        text = f"{self} answers {status} to {request.shown(self.url)}"
        quoted = f"; it says: {said}" if said else ""
        if status == 429:
            wait = _retry_after(error.headers.get("Retry-After"), now=self.setting.clock())
            return _Overload(f"{text}, since there were too many requests{quoted}", wait=wait)
        if status in self.hints:
            return ApiError(f"{text}: {self.hints[status]}{quoted}", status=status, said=said)
        if status >= 500:
            return _Failure(f"{text}: it failed inside; try again, and tell its operator if that stays so{quoted}")
        if 300 <= status < 400:
            place = self.shown(error.headers.get("Location") or "another place")
            return ApiError(f"{text}: it is at {place}, so change api_url", status=status, said=said)
        return ApiError(f"{text}: {_HINTS.get(status, 'it refuses that')}{quoted}", status=status, said=said)

    def _failure(self, exc: Exception) -> _Failure:
        """Return what to raise where no answer came."""
        reason = exc.reason if isinstance(exc, URLError) else exc
        if isinstance(reason, ssl.SSLCertVerificationError):
            return _Failure(
                f"the certificate of {self} cannot be verified ({self.shown(reason.verify_message)}):"
                " check the host in api_url, and that this host trusts the authority that signed it",
                nothing_done=True,
                final=True,
            )
        # They are one only since Python 3.10.
        if isinstance(reason, (TimeoutError, socket.timeout)):
            return _Failure(f"{self} did not answer within {self.setting.timeout:g} s")
        # These come up while the connection is made.
        unreached = isinstance(exc, URLError) and isinstance(reason, (ConnectionRefusedError, socket.gaierror))
        text = self.shown(str(reason) or type(reason).__name__)
        if unreached:
            return _Failure(f"{self} cannot be reached ({text}): check api_url and the network", nothing_done=True)
        return _Failure(f"the connection to {self} ended without an answer ({text})")

    def shown(self, text: str | bytes) -> str:
        """Return the text on one line, without secrets."""
        shown = " ".join((text.decode("utf-8", "replace") if isinstance(text, bytes) else text).split())
        for secret in self.secrets:
            shown = shown.replace(secret, "********")
        return shown if len(shown) <= _SHOWN_LENGTH else f"{shown[:_SHOWN_LENGTH]}..."


_HINTS = {
    400: "it does not take the request",
    401: "it does not know the credentials: check them",
    403: "the credentials are not allowed to do this",
    404: "it does not know this: check api_url and that the domain is in this account",
    409: "something else is going on there at the same time: try again when it is done",
    422: "it does not take what was sent",
}


@dataclass(frozen=True)
class _Request:
    method: str
    address: str
    body: t.Any = None

    def shown(self, url: str) -> str:
        return f"{self.method} {self.address[len(url) :]}"


class _Overload(Exception):
    """The API wants fewer requests; ``wait`` is for how many seconds, None where it does not tell."""

    def __init__(self, message: str, *, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


class _Failure(Exception):
    """No answer came that says what was done.

    :ivar nothing_done: whether it is certain that nothing was.
    :ivar final: whether asking again is of no use.
    """

    def __init__(self, message: str, *, nothing_done: bool = False, final: bool = False) -> None:
        super().__init__(message)
        self.nothing_done = nothing_done
        self.final = final


def api_address(value: str, *, where: str) -> str:
    """Return the address of an API as requests need it, without the final slash.

    Credentials go to it, so it has to be HTTPS, or on this very host.

    :arg where: what messages put before the value.
    :raises DescriptionError: for an address that cannot be used.
    """
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError as exc:
        raise _unusable(where, str(exc), value=value) from exc
    if parts.username is not None or parts.password is not None:
        # The value is not told, since it has a password in it.
        raise _unusable(where, "an address has no credentials in it: give them in options of their own")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise _unusable(where, "the address of an API is such as https://api.example.com/v1", value=value)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise _unusable(where, "an address has only printable characters of ASCII and no spaces", value=value)
    if parts.scheme == "http" and not _is_loopback(host):
        raise _unusable(
            where,
            "credentials would go over the network in clear text: use https, or run the task on the host of the API"
            " itself (delegate_to) and name it as http://127.0.0.1",
            value=value,
        )
    return value.rstrip("/")


def credential(options: t.Mapping[str, t.Any], option: str, *, where: str) -> str:
    """Return the secret that ``option`` holds.

    :arg where: what messages put before the name of the option.
    :raises DescriptionError: for one that no request can carry; it is not told.
    """
    value = t.cast(str, options[option])
    if not value:
        raise _unusable(f"{where}{option}", "it is empty: is it undefined in the vault?")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise _unusable(
            f"{where}{option}", "it has spaces, ends of lines or other characters that are in no credential"
        )
    return value


def _unusable(where: str, rule: str, *, value: str | None = None) -> DescriptionError:
    return DescriptionError([Problem(where=where, rule=rule, value=value)])


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(value: str | None, *, now: datetime) -> float | None:
    """Return the seconds that a Retry-After stands for (RFC 9110 section 10.2.3), None where it tells nothing."""
    if value is None:
        return None
    try:
        if value.strip().isdecimal():
            return float(value)
        return max(0.0, (email.utils.parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError):
        return None
