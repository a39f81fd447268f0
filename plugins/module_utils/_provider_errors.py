# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an exception means that the library of some DNS provider has raised, none of which this collection knows.

They have no base in common. What tells them apart is the HTTP status that most carry somewhere, and their names.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

__all__ = ("Fault", "FaultKind", "fault_of")

FaultKind = t.Literal["network", "credentials", "unknown", "limit", "server", "unsupported", "refused"]

_SHOWN_LENGTH = 400
_DEPTH = 5

_UNSUPPORTED = re.compile(r"SupportsException|NotImplementedError")
_NETWORK = re.compile(
    r"Timeout|TimedOut|Connection|Connect(ion)?Error|HTTPClientError|Transport|SSLError|EOFError|gaierror"
    r"|ServiceRe(quest|sponse)Error|Unreachable"
)
_WORDS: tuple[tuple[FaultKind, re.Pattern[str]], ...] = (
    ("limit", re.compile(r"rate.?limit|throttl|too many requests", re.IGNORECASE)),
    (
        "credentials",
        re.compile(
            r"unauthori[sz]ed|not authori[sz]ed|authenticat|forbidden|access.?denied|credentials|BAD(KEY|SIG|TIME)"
            r"|\b(REFUSED|NOTAUTH)\b|invalid (api )?(token|key)|security ?token|signature",
            re.IGNORECASE,
        ),
    ),
    ("network", re.compile(r"timed out|connection (refused|reset|aborted)|unreachable|name resolution", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Fault:
    """What went wrong.

    :arg kind: ``network`` where no answer came, ``unknown`` for what the provider does not have.
    :arg text: what the provider or its library says, in one line.
    :arg retry_after: seconds that the provider wants to be left alone, or None.
    """

    kind: FaultKind
    text: str
    retry_after: float | None = None


def fault_of(exception: BaseException, *, mask: t.Callable[[str], str]) -> Fault:
    """Return what an exception of a provider's library means, going by the ones that led to it as well.

    :arg mask: returns a text without the secrets in it.
    """
    chain = _chain(exception)
    text = _text(chain, mask)
    names = [each.__name__ for one in chain for each in type(one).__mro__]
    if any(_UNSUPPORTED.search(name) for name in names):
        return Fault("unsupported", text)
    for one in chain:
        status = _status(one)
        # Amazon answers 400 to nearly everything.
        if status is not None and status != 400:
            return Fault(_of_status(status), text, retry_after=_retry_after(one))
    if any(_NETWORK.search(name) for name in names) or any(one.__class__ is OSError for one in chain):
        return Fault("network", text)
    said = f"{' '.join(names)} {text}"
    return Fault(next((kind for kind, words in _WORDS if words.search(said)), "refused"), text)


def _chain(exception: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    one: BaseException | None = exception
    while one is not None and len(chain) < _DEPTH:
        chain.append(one)
        # Also where the library hides what it was: "from None" only keeps it from being printed.
        one = one.__cause__ or one.__context__
    return chain


def _of_status(status: int) -> FaultKind:
    named: dict[int, FaultKind] = {401: "credentials", 403: "credentials", 404: "unknown", 408: "network", 429: "limit"}
    # Between a gateway and the service behind it, nobody knows what was done.
    gateway: dict[int, FaultKind] = {502: "network", 503: "network", 504: "network"}
    return named.get(status) or gateway.get(status) or ("server" if status >= 500 else "refused")


def _status(exception: BaseException) -> int | None:
    response = getattr(exception, "response", None)
    found = [getattr(response, "status_code", None)]
    # botocore has a mapping there.
    if isinstance(response, dict):
        found.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    found += [getattr(exception, name, None) for name in ("status_code", "status", "code", "http_status")]
    return next((each for each in found if isinstance(each, int) and 400 <= each < 600), None)


def _retry_after(exception: BaseException) -> float | None:
    headers = getattr(getattr(exception, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    # A date is possible as well, and rare.
    except ValueError:
        return None


def _text(chain: t.Sequence[BaseException], mask: t.Callable[[str], str]) -> str:
    first = chain[0]
    body = next((_body(one) for one in chain if _body(one)), "")
    # Masked first: of a secret that is cut, or on one line where it has several, nobody would find the rest.
    parts = [part for part in (" ".join(mask(said).split()) for said in (str(first), body)) if part]
    text = ": ".join((type(first).__name__, *parts))
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."


def _body(exception: BaseException) -> str:
    body = getattr(getattr(exception, "response", None), "text", None)
    return body if isinstance(body, str) else ""
