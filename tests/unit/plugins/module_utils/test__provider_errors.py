# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._provider_errors import fault_of


def http(status: int, text: str = "", **headers: str) -> Exception:
    """Return what the library requests raises."""
    error = OSError(f"{status} Error for url: https://service.test/")
    error.response = SimpleNamespace(status_code=status, text=text, headers=headers)  # type: ignore[attr-defined]
    return error


def amazon(status: int, text: str) -> Exception:
    """Return what botocore raises."""
    error = Exception(f"An error occurred: {text}")
    error.response = {"ResponseMetadata": {"HTTPStatusCode": status}}  # type: ignore[attr-defined]
    return error


def named(name: str, text: str = "", *bases: type, **attributes: t.Any) -> Exception:
    """Return an exception of a class with that name."""
    error = t.cast(Exception, type(name, bases or (Exception,), {})(text))
    for attribute, value in attributes.items():
        setattr(error, attribute, value)
    return error


@pytest.mark.parametrize(
    ("exception", "kind"),
    [
        (http(401), "credentials"),
        (http(403), "credentials"),
        (http(404), "unknown"),
        (http(422, "DS without NS"), "refused"),
        (http(429), "limit"),
        (http(500), "server"),
        (http(503), "network"),
        (amazon(403, "InvalidClientTokenId"), "credentials"),
        (amazon(400, "Throttling: Rate exceeded"), "limit"),
        (amazon(400, "InvalidChangeBatch"), "refused"),
        (named("HttpResponseError", status_code=404), "unknown"),
        (named("GoogleApiCallError", code=403), "credentials"),
        (named("ConnectTimeout"), "network"),
        (named("EndpointConnectionError"), "network"),
        (named("ServiceRequestError"), "network"),
        (ConnectionResetError("reset"), "network"),
        (OSError("no route to host"), "network"),
        (named("SupportsException", "corp: NS records not supported"), "unsupported"),
        (named("CloudflareAuthenticationError", "Invalid token"), "credentials"),
        (named("HetznerClientUnauthorized", "Unauthorized"), "credentials"),
        (named("CloudflareRateLimitError"), "limit"),
        (named("Rfc2136ProviderUpdateFailed", "Unable to perform update: REFUSED"), "credentials"),
        (named("Rfc2136ProviderUpdateFailed", "Unable to perform update: SERVFAIL"), "refused"),
        (named("AxfrSourceZoneTransferFailed", "The DNS operation timed out."), "network"),
        (KeyError("rrsets"), "refused"),
    ],
)
def test_each_means_something(exception: Exception, kind: str) -> None:
    assert fault_of(exception, mask=str).kind == kind


def test_what_led_to_it_counts_even_where_it_is_hidden() -> None:
    try:
        try:
            raise named("Timeout")
        except Exception:
            raise ValueError("something went wrong") from None
    except ValueError as exc:
        assert fault_of(exc, mask=str).kind == "network"


def test_the_answer_is_told_in_one_short_line() -> None:
    fault = fault_of(http(422, '{"error":\n "RRset shop IN DS: Conflicts"}'), mask=str)
    assert fault.text == ('OSError: 422 Error for url: https://service.test/: {"error": "RRset shop IN DS: Conflicts"}')
    assert len(fault_of(http(422, "x" * 10**6), mask=str).text) < 500


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("-1", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
def test_how_long_to_wait_is_told(header: str, seconds: float | None) -> None:
    assert fault_of(http(429, **{"Retry-After": header}), mask=str).retry_after == seconds


@pytest.mark.parametrize("secret", ["hidden-hidden", "two\nlines"])
def test_no_part_of_a_secret_is_told_wherever_the_text_is_cut(secret: str) -> None:
    def mask(text: str) -> str:
        return text.replace(secret, "*")

    start = secret[:3]
    for before in range(300, 420):
        assert start not in fault_of(ValueError("x" * before + secret + "x" * 200), mask=mask).text
        assert start not in fault_of(http(422, "x" * before + secret + "x" * 200), mask=mask).text


def test_an_endless_chain_ends() -> None:
    error = ValueError("a")
    error.__cause__ = error
    assert fault_of(error, mask=str).kind == "refused"
