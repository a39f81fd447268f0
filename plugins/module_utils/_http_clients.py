# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vendors' own clients that are made on requests have in common: time limits, and what a failure leaves open.

They have imported requests when this is called. Importing it here would cost every other kind of parent time.
"""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError, UnknownOutcomeError

__all__ = ("asked_pause", "limit_time", "masked", "network_error", "server_error", "without_secrets")


def limit_time(session: t.Any, seconds: float) -> None:
    """Let no request of a session wait longer for an answer, whatever the client that owns it forgets."""

    import requests.adapters

    class Adapter(requests.adapters.HTTPAdapter):  # type: ignore[misc,unused-ignore]
        def send(self, request: t.Any, **options: t.Any) -> t.Any:  # type: ignore[override,unused-ignore]
            return super().send(request, **{**options, "timeout": options.get("timeout") or seconds})

    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter())


def masked(text: str, secrets: t.Iterable[str]) -> str:
    """Return a text without secrets, as they are or in the form that Python shows them in."""
    for secret in secrets:
        for form in (secret, repr(secret)[1:-1]):
            text = text.replace(form, "********")
    return text


@contextlib.contextmanager
def without_secrets(secrets: t.Collection[str]) -> t.Iterator[None]:
    """Let no error tell a secret, whatever the client or the service puts into its texts."""
    try:
        yield
    except DelegationError as exc:
        exc.message = masked(exc.message, secrets)
        exc.args = (exc.message,)
        raise


def asked_pause(response: t.Any) -> float | None:
    """Return the seconds that a service asks to be left alone, None where it tells none."""
    text = response.headers.get("Retry-After") or ""
    return float(text) if text.isascii() and text.isdigit() else None


def network_error(exc: Exception, *, service: str, request: str, change: bool) -> DelegationError:
    """Return the error for a request that brought no answer.

    :arg request: what was asked, for messages.
    :arg change: whether it changes anything, so that a lost answer leaves open whether it did.
    """
    import requests.exceptions

    reason = _reason(exc)
    if isinstance(exc, requests.exceptions.SSLError):
        return DelegationError(f"no trusted TLS connection to {service}: check api_url and certificates ({reason})")
    if _nothing_sent(exc):
        return DelegationError(f"{service} cannot be reached: check api_url, network and proxy ({reason})")
    if change:
        return UnknownOutcomeError(f"the answer to {request} got lost, so it may have been carried out ({reason})")
    return DelegationError(f"the answer to {request} got lost: try again ({reason})")


def server_error(said: str, *, change: bool) -> DelegationError:
    """Return the error for an answer that only tells that the service itself fails."""
    return (UnknownOutcomeError if change else DelegationError)(f"{said}; the service itself fails: try again later")


def _nothing_sent(exc: Exception) -> bool:
    import requests.exceptions
    import urllib3.exceptions

    if isinstance(exc, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    cause = exc.args[0] if exc.args else None
    return isinstance(getattr(cause, "reason", None), urllib3.exceptions.NewConnectionError)


def _reason(exc: Exception) -> str:
    cause = exc.args[0] if exc.args else None
    return str(getattr(cause, "reason", None) or exc) or type(exc).__name__
