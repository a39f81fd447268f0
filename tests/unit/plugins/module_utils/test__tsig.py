# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read as an answer to a signed question, and what is not."""

from __future__ import annotations

import dns.exception
import dns.message
import dns.rcode
import dns.tsig
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._tsig import (
    lacks_signature,
    parse_key,
    read_answer,
    rejection,
)

KEY = dns.tsig.Key("read.key.", b"0123456789abcdef", "hmac-sha256")
OTHER = dns.tsig.Key("read.key.", b"fedcba9876543210", "hmac-sha256")


@pytest.fixture
def request_() -> dns.message.Message:
    request = dns.message.make_query("contoso.example.", "SOA")
    request.use_tsig(KEY)
    request.to_wire()
    return request


def answer(request: dns.message.Message, *, key: dns.tsig.Key | None, rcode: int = 0) -> bytes:
    bare = dns.message.make_query("contoso.example.", "SOA")
    bare.id = request.id
    response = dns.message.make_response(bare)
    response.set_rcode(dns.rcode.Rcode(rcode))
    if key is not None:
        response.use_tsig(key)
        response.request_mac = request.mac or b""
    return response.to_wire()


def test_a_signed_answer_is_somebodys(request_: dns.message.Message) -> None:
    message = read_answer(answer(request_, key=KEY), request=request_, key=KEY)
    assert message.had_tsig and not lacks_signature(message, KEY)


def test_an_answer_signed_with_another_secret_is_none(request_: dns.message.Message) -> None:
    with pytest.raises(dns.exception.DNSException):
        read_answer(answer(request_, key=OTHER), request=request_, key=KEY)


@pytest.mark.parametrize(
    ("rcode", "lacking"),
    [(dns.rcode.NOERROR, True), (dns.rcode.NXDOMAIN, True), (dns.rcode.REFUSED, False), (dns.rcode.NOTAUTH, False)],
)
def test_an_unsigned_answer_may_only_refuse(request_: dns.message.Message, rcode: int, lacking: bool) -> None:
    message = read_answer(answer(request_, key=None, rcode=rcode), request=request_, key=KEY)
    assert lacks_signature(message, KEY) is lacking
    assert not lacks_signature(message, None)


def test_a_question_without_key_needs_no_signature() -> None:
    request = dns.message.make_query("contoso.example.", "SOA")
    message = read_answer(answer(request, key=None), request=request, key=None)
    assert not lacks_signature(message, None)
    with pytest.raises(dns.exception.DNSException):
        read_answer(b"\x00" * 11, request=request, key=None)


def test_a_rejection_says_what_to_do() -> None:
    assert "does not know the key read.key (BADKEY)" in rejection(dns.tsig.PeerBadKey(), KEY)
    assert "another secret for the key read.key (BADSIG)" in rejection(dns.tsig.PeerBadSignature(), KEY)
    assert "(BADTIME)" in rejection(dns.tsig.PeerBadTime(), KEY)


def test_no_options_are_no_key() -> None:
    assert parse_key({}, where="") is None
    assert parse_key({"key_name": None, "key_secret": None, "key_algorithm": "hmac-sha512"}, where="") is None
