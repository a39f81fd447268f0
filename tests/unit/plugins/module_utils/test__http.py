# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to an API that answers in every way that it should not."""

from __future__ import annotations

import pathlib
import ssl
import subprocess
import threading
import typing as t
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._http import ApiError, ApiSession, api_address, credential
from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Setting
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import (
    Reply,
    Request,
    ScriptedApi,
)

SECRET = "s3cret-of-the-api"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def same(answer: t.Any) -> t.Any:
    return answer


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=sum(self.slept))


def session(api: ScriptedApi, clock: Clock | None = None, **options: t.Any) -> ApiSession:
    clock = clock or Clock()
    setting = Setting(
        tree=ZoneTree([]),
        timeout=0.3,
        clock=clock.now,
        writer=t.cast("t.Any", None),
        warn=print,
        sleep=clock.slept.append,
    )
    return ApiSession(
        url=f"{api.url}/v1",
        setting=setting,
        headers={"Authorization": f"Bearer {SECRET}"},
        secrets=[SECRET],
        hints={403: "give it the permission"},
        explain=lambda answer: answer["message"],
        **options,
    )


class TestRequests:
    def test_have_what_was_asked_for(self) -> None:
        with ScriptedApi(Reply(200, {"a": 1}), Reply(204)) as api:
            asked = session(api, body={"key": "k"})
            assert asked.read("domains", "a/b ü", query={"q": "1&2"}, parse=same) == {"a": 1}
            assert asked.change("PUT", "x", body={"y": [1]}).data is None
        first, second = api.requests
        assert (first.method, first.path, first.query) == ("GET", ("v1", "domains", "a/b ü"), {"q": "1&2"})
        assert (second.method, second.body) == ("PUT", {"key": "k", "y": [1]})
        assert second.headers["Content-Type"] == "application/json"
        assert {request.headers["Authorization"] for request in api.requests} == {f"Bearer {SECRET}"}

    def test_take_nothing_from_netrc(self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "netrc").write_text("default login other password other\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with ScriptedApi(Reply(204)) as api:
            session(api).read("x", parse=same)
        assert api.requests[0].headers["Authorization"] == f"Bearer {SECRET}"

    def test_go_to_no_proxy_on_this_host(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.112.0.9:1")
        monkeypatch.delenv("no_proxy", raising=False)
        with ScriptedApi(Reply(204)) as api:
            assert session(api).read("x", parse=same) is None

    def test_come_no_faster_than_they_may(self) -> None:
        clock = Clock()
        with ScriptedApi(*[Reply(204)] * 3) as api:
            paced = session(api, clock, pace=Pace(1, clock=lambda: clock.now().timestamp()))
            for _number in range(3):
                paced.read("x", parse=same)
        assert clock.slept == [1, 1]


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "message"),
        [
            (400, "does not take the request"),
            (401, "does not know the credentials"),
            (403, "give it the permission; it says: no, "),
            (404, "does not know this"),
            (409, "something else is going on"),
            (418, "it refuses that"),
            (422, "does not take what was sent"),
        ],
    )
    @pytest.mark.parametrize("changes", [True, False])
    def test_say_what_to_do(self, status: int, message: str, changes: bool) -> None:
        reply = Reply(status, {"message": f"no,\n {SECRET} may not"})
        with ScriptedApi(reply) as api, pytest.raises(ApiError, match=message) as caught:
            session(api).change("PUT", "x", body={}) if changes else session(api).read("x", parse=same)
        assert caught.value.status == status
        assert "no, ******** may not" in caught.value.message
        assert SECRET not in caught.value.message
        assert len(api.requests) == 1

    @pytest.mark.parametrize("content", [b"<html>\nno</html>", b"", b"\xff", {"other": 1}, [1], "text", None])
    def test_may_have_any_content(self, content: t.Any) -> None:
        with ScriptedApi(Reply(403, content)) as api, pytest.raises(ApiError, match="give it the permission"):
            session(
                api,
            ).read("x", parse=same)

    def test_a_redirection_is_not_followed(self) -> None:
        reply = Reply(301, headers={"Location": "https://other.example/v1"})
        with ScriptedApi(reply) as api, pytest.raises(ApiError, match="at https://other.example/v1, so change api_url"):
            session(api).read("x", parse=same)
        assert len(api.requests) == 1

    def test_an_answer_without_json_is_no_api(self) -> None:
        for changes, error in ((False, DelegationError), (True, UnknownOutcomeError)):
            with (
                ScriptedApi(Reply(200, b"<html>hello</html>")) as api,
                pytest.raises(error, match="check api_url; it says: <html>hello"),
            ):
                session(api).change("PUT", "x") if changes else session(api).read("x", parse=same)

    @pytest.mark.parametrize("answer", [{}, [], None, "text", {"zone": 1}])
    def test_an_answer_in_another_form_is_named(self, answer: t.Any) -> None:
        with (
            ScriptedApi(Reply(200, answer)) as api,
            pytest.raises(DelegationError, match="in a form that is not known"),
        ):
            session(api).read("x", parse=lambda found: found["zone"]["name"])

    def test_long_texts_are_cut(self) -> None:
        with ScriptedApi(Reply(400, {"message": "x" * 5000})) as api, pytest.raises(ApiError) as caught:
            session(api).read("x", parse=same)
        assert len(caught.value.message) < 600


class TestOverload:
    @pytest.mark.parametrize("changes", [True, False])
    def test_is_waited_for_as_told(self, changes: bool) -> None:
        clock = Clock()
        date = (START + timedelta(seconds=20)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        headers = [{"Retry-After": "7"}, {"Retry-After": date}, {"Retry-After": "soon"}]
        with ScriptedApi(*(Reply(429, headers=each) for each in headers), Reply(204)) as api:
            asked = session(api, clock)
            asked.change("PUT", "x") if changes else asked.read("x", parse=same)
        assert clock.slept == [7, 13, 4]

    @pytest.mark.parametrize(("replies", "wait"), [(1, "3600"), (4, "5")])
    def test_ends_in_an_error(self, replies: int, wait: str) -> None:
        reply = Reply(429, {"message": "slow down"}, {"Retry-After": wait})
        with ScriptedApi(*[reply] * replies) as api, pytest.raises(DelegationError) as caught:
            session(api).change("PUT", "x")
        assert not isinstance(caught.value, UnknownOutcomeError)
        assert f"too many requests; it says: slow down: try again in {wait} s" in caught.value.message
        assert len(api.requests) == replies


class TestFailures:
    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_question_is_asked_again(self, status: int) -> None:
        clock = Clock()
        with ScriptedApi(Reply(status), None, Reply(200, [])) as api:
            assert session(api, clock).read("x", parse=same) == []
        assert clock.slept == [1, 2]

    def test_a_question_is_not_asked_forever(self) -> None:
        with ScriptedApi(*[Reply(500, {"message": "oops"})] * 4) as api:
            with pytest.raises(DelegationError, match="it failed inside.*oops") as caught:
                session(api).read("x", parse=same)
            assert not isinstance(caught.value, UnknownOutcomeError)
            assert len(api.requests) == 4

    @pytest.mark.parametrize("reply", [Reply(500), Reply(503), None])
    def test_a_change_is_never_sent_again(self, reply: Reply | None) -> None:
        with ScriptedApi(reply) as api, pytest.raises(UnknownOutcomeError, match="whether it changed anything"):
            session(api).change("PUT", "x")
        assert len(api.requests) == 1

    def test_an_api_that_is_not_there_changes_nothing(self) -> None:
        with ScriptedApi() as api:
            gone = session(api)
        for ask in (lambda: gone.read("x", parse=same), lambda: gone.change("PUT", "x")):
            with pytest.raises(DelegationError, match="cannot be reached .*check api_url") as caught:
                ask()
            assert not isinstance(caught.value, UnknownOutcomeError)

    def test_a_host_without_address_is_named(self) -> None:
        with ScriptedApi() as api:
            lost = replace(session(api), url="http://localhost.invalid")
        with pytest.raises(DelegationError, match="http://localhost.invalid cannot be reached"):
            lost.read("x", parse=same)

    def test_silence_is_no_answer(self) -> None:
        silent = threading.Event()

        class SilentApi(ScriptedApi):
            def answer(self, request: Request) -> Reply:
                silent.wait(5)
                return Reply(204)

        with SilentApi() as api:
            with pytest.raises(UnknownOutcomeError, match="did not answer within 0.3 s"):
                session(api).change("PUT", "x")
            silent.set()

    def test_a_certificate_of_nobody_is_not_trusted(self, tmp_path: pathlib.Path) -> None:
        key, certificate = tmp_path / "key", tmp_path / "certificate"
        make = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -keyout {key}"
        make += f" -out {certificate} -subj /CN=127.112.0.2 -addext subjectAltName=IP:127.112.0.2"
        subprocess.run(make.split(), check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        seen: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: t.Any) -> None:
                return None

        with ScriptedApi() as api:
            asked = session(api)
        with HTTPServer(("127.112.0.2", 0), Handler) as server:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            asked = replace(asked, url=f"https://127.112.0.2:{server.server_address[1]}")
            with pytest.raises(DelegationError, match="certificate of https.* cannot be verified .*self.signed"):
                asked.read("x", parse=same)
            assert not seen
            assert replace(asked, ca_path=str(certificate)).read("y", parse=same) is None
            server.shutdown()
        assert seen == ["/y"]


class TestApiAddress:
    @pytest.mark.parametrize(
        "value", ["https://api.example.com/v1/", "http://127.0.0.1:8081", "http://[::1]:8081", "http://localhost/api"]
    )
    def test_is_https_or_on_this_host(self, value: str) -> None:
        assert api_address(value, where="api_url") == value.rstrip("/")

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("http://api.example.com", "clear text"),
            ("http://192.0.2.1", "clear text"),
            ("http://localhost.example.com", "clear text"),
            ("ftp://api.example.com", "such as https://"),
            ("https://", "such as https://"),
            ("https://api.example.com/?key=1", "such as https://"),
            ("https://api.example.com/a b", "no spaces"),
            ("https://[::1", "Invalid IPv6"),
            (f"https://me:{SECRET}@api.example.com", "no credentials in it"),
        ],
    )
    def test_is_nothing_else(self, value: str, message: str) -> None:
        with pytest.raises(DescriptionError, match=message) as caught:
            api_address(value, where="api_url")
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("value", ["", f"{SECRET}\n", f"{SECRET} ", f"{SECRET}\u00e9"])
def test_a_credential_that_no_request_can_carry_is_not_told(value: str) -> None:
    with pytest.raises(DescriptionError, match="parents: corp: api_key: it ") as caught:
        credential({"api_key": value}, "api_key", where="parents: corp: ")
    assert SECRET not in str(caught.value)
