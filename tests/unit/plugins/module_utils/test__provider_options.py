# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._provider_options import provider_options


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("host", "192.0.2.53"),
        ("host", "2001:db8::53"),
        ("host", "ns1.contoso.example"),
        ("scheme", "https"),
        ("key_name", "octo.key"),
        ("key_algorithm", "hmac-sha256"),
        ("server_id", "localhost"),
        ("auth_url", "https://identity.test:5000/"),
        ("endpoint", "https://api.test"),
        ("risk", "low"),
        ("credentials_file", "/etc/google/credentials.json"),
        ("region", "us-east-1"),
        ("port", 8081),
        ("timeout", 2.5),
    ],
)
def test_what_is_no_secret_is_shown(option: str, value: t.Any) -> None:
    found = provider_options({option: value}, environment={}, where="")
    assert (set(found.secret), set(found.plain)) == (set(), {f"{value}"})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("api_key", "plain"),
        ("key", "plain"),
        ("token", "plain"),
        ("key_secret", "plain"),
        ("client_secret", "plain"),
        ("password", "plain"),
        ("passwords", {"contoso.example": "plain"}),
        ("tokens", ["plain"]),
        ("pin", "plain"),
        ("application_key", "plain"),
        ("private_key", "-----BEGIN PRIVATE KEY-----\nAAAA"),
        ("credentials", "plain"),
        ("bearer", "plain"),
        ("hmac", "plain"),
        ("jwt", "plain"),
        ("session", "plain"),
        ("private", "plain"),
        ("sk", "plain"),
        ("app_sk", "plain"),
        # What would be open without the other part of the name.
        ("secret_id", "plain"),
        ("session_id", "plain"),
        ("access_key_id", "plain"),
        ("token_url", "plain"),
        ("password_file", "plain"),
        ("private_path", "plain"),
        # Nothing in these names, and much in the values.
        ("url", "https://user:hidden@service.test/"),
        ("webhook_url", "https://service.test/t0k3n"),
        ("url", "https://service.test?t0k3n"),
        ("url", "https://service.test/?t=1"),
        ("url", "//service.test/t0k3n"),
        ("host", "HTTPS://service.test:8443/a/"),
        ("something", "with blanks or $igns"),
        ("something", "x" * 65),
    ],
)
def test_what_may_be_a_secret_is_one(option: str, value: t.Any) -> None:
    found = provider_options({option: value}, environment={}, where="")
    text = value if isinstance(value, str) else "plain"
    assert (set(found.secret), set(found.plain)) == ({text}, set())


def test_a_number_under_the_name_of_a_secret_is_one() -> None:
    assert provider_options({"api_key": 12345678}, environment={}, where="").secret == {"12345678"}


def test_what_is_a_secret_somewhere_is_one_everywhere() -> None:
    found = provider_options({"username": "same", "password": "same"}, environment={}, where="")
    assert (set(found.secret), set(found.plain)) == ({"same"}, set())


def test_switches_and_nothing_are_neither() -> None:
    given = {"ssl_verify": True, "auth": False, "token": None, "password": ""}
    found = provider_options(given, environment={}, where="")
    assert (found.given, set(found.secret), set(found.plain)) == (given, set(), set())


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("env/TOKEN", "abc/def"),
        ("env/PORT", 8081),
        ("env/RATE", 0.5),
        ("env/VERSION", "1.2.3"),
        ("env/NONE/default", "default"),
        ("env/NONE/a/b", "a/b"),
        ("env/NONE/53", 53),
        ("env/NONE/", ""),
        ("environment", "environment"),
        ("file/TOKEN", "file/TOKEN"),
    ],
)
def test_values_from_the_environment(reference: str, value: t.Any) -> None:
    environment = {"TOKEN": "abc/def", "PORT": "8081", "RATE": "0.5", "VERSION": "1.2.3"}
    found = provider_options({"a": {"b": [reference]}}, environment=environment, where="")
    assert found.given == {"a": {"b": [value]}}


def test_secrets_from_the_environment_are_kept() -> None:
    given = {"token": "env/TOKEN", "api_key": "env/NONE/default", "host": "env/HOST"}
    found = provider_options(given, environment={"TOKEN": "0123", "HOST": "localhost"}, where="")
    assert found.given == {"token": 123, "api_key": "default", "host": "localhost"}
    assert found.secret == {"0123", "123", "default"}
    assert found.plain == {"env/TOKEN", "env/HOST", "localhost"}


def test_every_variable_that_is_not_there_is_named() -> None:
    with pytest.raises(DescriptionError) as caught:
        provider_options({"a": "env/A", "b": {"c": "env/C"}}, environment={}, where="here")
    assert caught.value.message.splitlines() == [
        "here.a: the environment has no variable A",
        "here.b.c: the environment has no variable C",
    ]
