# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What RDAP servers say, over HTTP from a server of the test."""

from __future__ import annotations

import contextlib
import http.server
import json
import pathlib
import re
import socket
import threading
import typing as t

import pytest
from ansible.module_utils.urls import SSLValidationError

from ansible_collections.zonecut.dns.plugins.module_utils._errors import QueryError
from ansible_collections.zonecut.dns.plugins.module_utils._rdap import fetch_json, registration

# The shape of RFC 9083 section 5.3.
DOMAIN = {
    "objectClassName": "domain",
    "ldhName": "CONTOSO.EXAMPLE",
    "status": ["active", "client update prohibited"],
    "events": [
        {"eventAction": "registration", "eventDate": "2001-01-01T00:00:00Z"},
        {"eventAction": "expiration", "eventDate": "2027-01-01T00:00:00Z"},
    ],
    "entities": [
        {"objectClassName": "entity", "handle": "X", "roles": ["registrant"]},
        {
            "objectClassName": "entity",
            "handle": "292",
            "roles": ["registrar"],
            "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Example Registrar"]]],
        },
    ],
    "nameservers": [
        {"objectClassName": "nameserver", "ldhName": "NS2.Contoso.Example."},
        {"objectClassName": "nameserver", "ldhName": "ns1.contoso.example"},
    ],
    "secureDNS": {
        "delegationSigned": True,
        "dsData": [{"keyTag": 12345, "algorithm": 13, "digestType": 2, "digest": "AB" * 32}],
    },
}


@contextlib.contextmanager
def rdap_server(status: int, body: bytes) -> t.Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['Accept']}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/rdap/", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetched(url: str) -> object:
    return fetch_json(url, timeout=5)


def test_status_locks_expiry_and_delegation() -> None:
    with rdap_server(200, json.dumps(DOMAIN).encode()) as (base, asked):
        found = registration("contoso.example", base=base, fetch=fetched)
    assert asked == ["/rdap/domain/contoso.example application/rdap+json, application/json"]
    assert found.result() == {
        "status": ["active", "client update prohibited"],
        "locks": ["client update prohibited"],
        "expires": "2027-01-01T00:00:00Z",
        "registrar": "Example Registrar",
        "name_servers": ["ns1.contoso.example", "ns2.contoso.example"],
        "ds": [f"12345 13 2 {'ab' * 32}"],
    }


def test_what_a_registry_does_not_tell_is_empty() -> None:
    found = registration("contoso.example", base="https://rdap.test", fetch=lambda _url: {"objectClassName": "domain"})
    assert found.status == found.name_servers == found.ds == () and found.expires is found.registrar is None


@pytest.mark.parametrize(
    "odd",
    [
        {**DOMAIN, "events": "soon"},
        {**DOMAIN, "entities": [None, {"roles": ["registrar"], "vcardArray": ["vcard"]}]},
        {**DOMAIN, "nameservers": [{}], "secureDNS": []},
        {**DOMAIN, "secureDNS": {"dsData": [{"keyTag": 1}]}},
    ],
)
def test_an_odd_answer_is_read_as_far_as_it_goes(odd: dict[str, t.Any]) -> None:
    assert registration("contoso.example", base="https://rdap.test", fetch=lambda _url: odd).locks


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (404, b"{}", "it knows no such domain"),
        (429, b"", "HTTP 429"),
        (200, b"<html>", "gave no usable answer"),
        (200, b"[]", "is no RDAP answer for a domain"),
        (200, b'{"objectClassName": "help"}', "is no RDAP answer for a domain"),
    ],
)
def test_why_there_is_no_answer(status: int, body: bytes, message: str) -> None:
    with rdap_server(status, body) as (base, _asked), pytest.raises(QueryError, match=re.escape(message)):
        registration("contoso.example", base=base, fetch=fetched)


@pytest.mark.parametrize(
    ("secure", "ds", "tells"),
    [
        (DOMAIN["secureDNS"], 1, True),
        ({"delegationSigned": False}, 0, True),
        ({}, 0, True),
        (None, 0, False),
        ([], 0, False),
        # That there are some, but not which.
        ({"delegationSigned": True}, 0, False),
        ({"keyData": [{"flags": 257, "protocol": 3, "algorithm": 13, "publicKey": "AAAA"}]}, 0, False),
        ({"dsData": [{"keyTag": 1}]}, 0, False),
    ],
)
def test_whether_it_tells_what_ds_there_are(secure: object, ds: int, tells: bool) -> None:
    told = {**DOMAIN, "secureDNS": secure}
    found = registration("contoso.example", base="https://rdap.test", fetch=lambda _url: told)
    assert (len(found.ds), found.tells_ds) == (ds, tells)


@contextlib.contextmanager
def answering(octets: bytes) -> t.Iterator[str]:
    """Answer one request with these octets, be they HTTP or not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _address = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(octets)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}", "IncompleteRead"),
        (b"RDAP\r\n\r\n", "RDAP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "gave no usable answer"),
        (b"", "gave no usable answer"),
    ],
    ids=["cut-off", "no-http", "no-chunk", "nothing"],
)
def test_what_is_no_http_is_an_error(octets: bytes, message: str) -> None:
    with answering(octets) as base, pytest.raises(QueryError, match=message):
        registration("contoso.example", base=base, fetch=fetched)


@pytest.mark.parametrize("base", ["http://127.0.0.1:1/a b", "http://[::1", "http://127.0.0.1:port/", "http://:1"])
def test_an_address_that_is_none(base: str) -> None:
    with pytest.raises(QueryError, match="gave no usable answer"):
        registration("contoso.example", base=base, fetch=fetched)


def test_what_ansible_raises_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> t.NoReturn:
        raise SSLValidationError("Failed to validate the SSL certificate")

    monkeypatch.setattr("ansible.module_utils.urls.open_url", refuse)
    with pytest.raises(QueryError, match="Failed to validate"):
        fetched("https://rdap.test/")


@pytest.mark.parametrize("scheme", ["file://", "ftp://127.0.0.1:1", "data:application/json,", ""])
def test_only_http_is_opened(scheme: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "contoso.example").write_text(json.dumps(DOMAIN))
    with pytest.raises(QueryError, match="the RDAP URL begins with https:// or http://"):
        registration("contoso.example", base=f"{scheme}{tmp_path}", fetch=fetched)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(QueryError, match=r"domain/contoso\.example gave no usable answer .*refused"):
        registration("contoso.example", base="http://127.0.0.1:1/", fetch=fetched)
