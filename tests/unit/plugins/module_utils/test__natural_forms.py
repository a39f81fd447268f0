# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import hashlib
import typing as t

import dns.name
import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._names import parse_name
from ansible_collections.zonecut.dns.plugins.module_utils._natural_forms import natural_text
from ansible_collections.zonecut.dns.plugins.module_utils._records import described_records

APEX = dns.name.from_text("contoso.example")

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUUR1NQ8moLAWfYDJ4oO3hJ7bfkp4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJdC5leGFtcGxlMCAXDTI2MTEyMTE5MDI1OVoYDzIxMjYxMDI4
MTkwMjU5WjAUMRIwEAYDVQQDDAl0LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATHpf6CTQZ/FZTdsNcZSuvpRWT0nVtxp3ovHVK7w+b7tx8WV98VfOyR
oC8KiAhSEM7+pjySstu2CeV7DUxRJsQPo1MwUTAdBgNVHQ4EFgQU6ibSI7NvCDc0
KJx9pwWxt7oMFJAwHwYDVR0jBBgwFoAU6ibSI7NvCDc0KJx9pwWxt7oMFJAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBfW1ivZ1j5xlDTD3QRqPVW
GlTdVkkpTRkTH77srB2mhAIhALMEPg+hfX4gbgYxcQ/UVrDU5DvLd47y6iQGW3ta
BPPP
-----END CERTIFICATE-----
"""
# What openssl says of it: sha256sum and sha512sum of its DER form, and of that of its public key.
CERTIFICATE_SHA256 = "cf67765528246ed6faf0eafbced6761223e5bdec35f064b6fcaf3c2449905261"
KEY_SHA256 = "fa24a5fbc06c94cadb40f11a9552b2b0ae6a8da6f458e98f0f96812387b8d020"
KEY_SHA512 = (
    "0889cc7a9f14442ee7f1074a9860958ceda3498c486625817525f2642ecb7b02"
    "ad79d4b31a460830a0086dd62b56d125ffaaafdaa13921fc21c8d3356761ea3c"
)
ED25519_PEM = """\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAlsNe6CbMwKvqDBwIvhmzVLSKQdMhEZYnccXvrDEXND0=
-----END PUBLIC KEY-----
"""
ED25519 = "lsNe6CbMwKvqDBwIvhmzVLSKQdMhEZYnccXvrDEXND0="
RSA_BODY = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC8nw5wmg3GSLLpQBaO2zmkNvIg\n"
    "vBZsH4QB34xKQq+TkzIUM623X0vUC9r5NjnJn5MJX4YRDvwPnFVAkSNKLJDUpEpG\n"
    "MVRgQC3UxP3L5MpDQNBtWHhnyy27TvZmzLXE81hiRZ1NRDWimDuFkLLqqgUvF8Kj\n"
    "sXzrxxsAQXZvBkUdHQIDAQAB\n"
)
RSA_PEM = f"-----BEGIN PUBLIC KEY-----\n{RSA_BODY}-----END PUBLIC KEY-----\n"
RSA = RSA_BODY.replace("\n", "")
# What ssh-keygen -r says of these.
SSH_ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICGskWdmVZLn6FkZXOh54Z2WjkIr0AhABMfRy8xm67Kn root@host"
SSH_ED25519_SHA1 = "243853913c7270dc809a52fab34ce58b0503e2b4"
SSH_ED25519_SHA256 = "486294532d3e80ec33c74c26550864935b3fc8da7247853cb9fad7968139aae2"
SSH_ECDSA = (
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIQx/xgjGeqJqgJyciLTTZCHcOvqheWNGFCzA31q"
    "FbRNVyE9utt+LON8T8PeruExXDF7q2pAZHcd9buAoDuAt7I="
)
SSH_ECDSA_SHA256 = "5a04f16b9dd64a7e4ddae0dbb0b2c7c7d2e2379d4ec1d644f1c4dcc2917c9540"
ECH = base64.b64encode(b"\x00\x04\xfe\x0d\x00\x00").decode()


def data_of(rdtype: str, *forms: dict[str, t.Any]) -> list[str]:
    """Return the data of the records that values in natural form give a zone."""
    record = {"name": "host", "type": rdtype, "values": list(forms)}
    (zone,) = parse_zones([{"name": "contoso.example", "records": [record]}])
    return [record.data for record in described_records(zone)]


def rdata_of(rdtype: str, form: dict[str, t.Any]) -> t.Any:
    """Return the data that a value in natural form gives, as dnspython reads it in a zone file."""
    (data,) = data_of(rdtype, form)
    return dns.rdata.from_text("IN", rdtype, data)


@pytest.mark.parametrize(
    ("rdtype", "form", "text"),
    [
        pytest.param("MX", {"preference": 10, "exchange": "mx1"}, "10 mx1.contoso.example.", id="mx"),
        pytest.param(
            "mx", {"preference": "10", "exchange": "mx.example.net."}, "10 mx.example.net.", id="numbers-as-text"
        ),
        pytest.param("MX", {"preference": 0, "exchange": "."}, "0 .", id="null-mx"),
        pytest.param("MX", {"preference": 1, "exchange": "@"}, "1 contoso.example.", id="apex"),
        pytest.param("MX", {"preference": 1, "exchange": "bücher"}, "1 xn--bcher-kva.contoso.example.", id="u-label"),
        pytest.param(
            "SRV",
            {"priority": 1, "weight": 2, "port": 5060, "target": "sip"},
            "1 2 5060 sip.contoso.example.",
            id="srv",
        ),
        pytest.param("CAA", {"tag": "issue", "value": "ca.example.net"}, '0 issue "ca.example.net"', id="caa"),
        pytest.param("CAA", {"flags": 128, "tag": "issue", "value": ";"}, '128 issue ";"', id="caa-nobody"),
        pytest.param("TLSA", {"data": KEY_SHA256.upper()}, f"3 1 1 {KEY_SHA256}", id="tlsa-data"),
        pytest.param("TLSA", {"certificate": CERTIFICATE}, f"3 1 1 {KEY_SHA256}", id="tlsa-certificate"),
        pytest.param(
            "TLSA",
            {"usage": "DANE-TA", "selector": "Cert", "matching_type": "SHA2-256", "certificate": CERTIFICATE},
            f"2 0 1 {CERTIFICATE_SHA256}",
            id="tlsa-names-of-rfc-7218",
        ),
        pytest.param("SMIMEA", {"matching_type": 2, "certificate": CERTIFICATE}, f"3 1 2 {KEY_SHA512}", id="smimea"),
        pytest.param("SSHFP", {"public_key": SSH_ED25519}, f"4 2 {SSH_ED25519_SHA256}", id="sshfp"),
        pytest.param("SSHFP", {"public_key": f"{SSH_ECDSA}\n"}, f"3 2 {SSH_ECDSA_SHA256}", id="sshfp-ecdsa"),
        pytest.param(
            "SSHFP",
            {"public_key": SSH_ED25519, "fingerprint_type": "SHA1"},
            f"4 1 {SSH_ED25519_SHA1}",
            id="sshfp-sha-1",
        ),
        pytest.param(
            "SSHFP",
            {"algorithm": "Ed25519", "fingerprint": SSH_ED25519_SHA256},
            f"4 2 {SSH_ED25519_SHA256}",
            id="sshfp-fingerprint",
        ),
        pytest.param("HTTPS", {"alpn": ["h2", "h3"]}, '1 . alpn="h2,h3"', id="https"),
        pytest.param("HTTPS", {"priority": 0, "target": "svc"}, "0 svc.contoso.example.", id="https-alias"),
        pytest.param(
            "SVCB",
            {
                "priority": 16,
                "target": "svc.example.net.",
                "key65333": 'a "b"; (c',
                "key7": "/dns-query{?dns}",
                "key8": "",
                "ech": ECH,
                "ipv6hint": ["2001:DB8::1", "2001:db8::2"],
                "ipv4hint": "192.0.2.1",
                "port": 8443,
                "no_default_alpn": True,
                "alpn": "h2",
                "mandatory": ["port", "no_default_alpn", "alpn", "key7"],
            },
            '16 svc.example.net. mandatory="alpn,no-default-alpn,port,key7" alpn="h2" no-default-alpn port=8443'
            f' ipv4hint="192.0.2.1" ech="{ECH}" ipv6hint="2001:db8::1,2001:db8::2" key7="/dns-query{{?dns}}" key8=""'
            ' key65333="a \\"b\\"\\059 \\040c"',
            id="svcb-everything",
        ),
        pytest.param("HTTPS", {"alpn": "h2", "no_default_alpn": False}, '1 . alpn="h2"', id="https-default-alpn"),
        pytest.param("TXT", {"spf": ["mx", "-all"]}, '"v=spf1 mx -all"', id="spf"),
        pytest.param("TXT", {"spf": "-all"}, '"v=spf1 -all"', id="spf-of-one"),
        pytest.param("TXT", {"dkim": {"p": RSA}}, f'"v=DKIM1; k=rsa; p={RSA}"', id="dkim"),
        pytest.param("TXT", {"dkim": {"p": ""}}, '"v=DKIM1; k=rsa; p="', id="dkim-revoked"),
        pytest.param("TXT", {"dkim": {"public_key": RSA_PEM}}, f'"v=DKIM1; k=rsa; p={RSA}"', id="dkim-rsa-pem"),
        pytest.param(
            "TXT", {"dkim": {"public_key": ED25519_PEM}}, f'"v=DKIM1; k=ed25519; p={ED25519}"', id="dkim-ed25519-pem"
        ),
        pytest.param(
            "TXT",
            {
                "dkim": {
                    "k": "ed25519",
                    "p": ED25519,
                    "h": "sha256",
                    "s": ["email"],
                    "t": ["y", "s"],
                    "n": "made in 2026",
                }
            },
            f'"v=DKIM1; k=ed25519; h=sha256; s=email; t=y:s; n=made in 2026; p={ED25519}"',
            id="dkim-everything",
        ),
        pytest.param(
            "TXT",
            {"dkim": {"p": "AAAA" * 100}},
            f'"v=DKIM1; k=rsa; p={"A" * 237}" "{"A" * 163}"',
            id="dkim-over-255-octets",
        ),
    ],
)
def test_forms(rdtype: str, form: dict[str, t.Any], text: str) -> None:
    assert data_of(rdtype, form) == [text]


def test_a_whole_certificate() -> None:
    rdata = rdata_of("TLSA", {"usage": 1, "selector": 0, "matching_type": 0, "certificate": CERTIFICATE})
    assert (rdata.usage, rdata.selector, rdata.mtype) == (1, 0, 0)
    assert hashlib.sha256(rdata.cert).hexdigest() == CERTIFICATE_SHA256


def test_text_and_forms_go_together() -> None:
    assert data_of("MX", {"preference": 10, "exchange": "mx1"}, t.cast("t.Any", "20 mx2")) == [
        "10 mx1.contoso.example.",
        "20 mx2.contoso.example.",
    ]


@pytest.mark.parametrize(
    "term",
    [
        *("all", "~all", "?all", "a", "a/24", "a//64", "a/24//64", "+a:mail.example.com", "a:example.com/24//64", "mx"),
        *("mx:example.com", "ptr", "ptr:example.com", "ip4:192.0.2.1", "ip4:192.0.2.0/24", "ip6:2001:db8::/32"),
        *("-include:_spf.example.net", "exists:%{ir}.%{l1r+-}._spf.%{d}", "exists:%{i}.%%.example", "exp=x.%{d}", "MX"),
    ],
)
def test_mechanisms_and_modifiers_of_spf(term: str) -> None:
    terms = [term] if term.lower().endswith("all") else [term, "-all"]
    assert data_of("TXT", {"spf": terms}) == [f'"{" ".join(("v=spf1", *terms))}"']


def test_spf_redirect_counts_as_a_look_up() -> None:
    terms = [*(f"include:{number}.example" for number in range(9)), "redirect=_spf.example"]
    assert data_of("TXT", {"spf": terms}) == [f'"{" ".join(("v=spf1", *terms))}"']
    with pytest.raises(ValueError, match="takes 11 look-ups, of which 10 are allowed"):
        natural_text("TXT", {"spf": ["a", *terms]})


@pytest.mark.parametrize(
    ("rdtype", "form", "rule"),
    [
        pytest.param(
            "A", {"address": "192.0.2.1"}, "a value of type A is text; a mapping is a form of CAA", id="no-form"
        ),
        pytest.param("MX", {}, "preference: is required", id="empty"),
        pytest.param("MX", {"preference": 10, "exchange": None}, "exchange: is required", id="null"),
        pytest.param(
            "MX", {"preference": 10, "host": "a"}, "host: unknown key; known are preference, exchange", id="key"
        ),
        pytest.param("MX", {"preference": 1, "exchange": "a", 7: 1}, "7: unknown key", id="key-that-is-no-text"),
        pytest.param(
            "MX", {"preference": 65536, "exchange": "a"}, "preference 65536: is a number from 0 to", id="16-bits"
        ),
        pytest.param("MX", {"preference": -1, "exchange": "a"}, "preference -1: is a number", id="negative"),
        pytest.param("MX", {"preference": True, "exchange": "a"}, "preference True: is a number", id="yaml-yes"),
        pytest.param("MX", {"preference": "1 2", "exchange": "a"}, "preference '1 2': is a number", id="two-numbers"),
        pytest.param("MX", {"preference": 1, "exchange": "a b"}, "exchange 'a b': spaces", id="two-names"),
        pytest.param("MX", {"preference": 1, "exchange": ""}, "exchange '': a domain name is not empty", id="no-name"),
        pytest.param("MX", {"preference": 1, "exchange": 5}, "exchange 5: is text, in quotes", id="name-number"),
        pytest.param("CAA", {"tag": "is sue", "value": "x"}, "tag 'is sue': has letters and digits only", id="caa-tag"),
        pytest.param("CAA", {"tag": "issue"}, "value: is required", id="caa-no-value"),
        pytest.param("CAA", {"tag": "issue", "value": "ü"}, "value 'ü': has ASCII characters only", id="caa-not-ascii"),
        pytest.param("SVCB", {"key7": "\ud800"}, "half of a surrogate pair", id="surrogate"),
        pytest.param("TLSA", {}, "data or certificate: exactly one of them is needed", id="tlsa-nothing"),
        pytest.param("TLSA", {"data": "ab", "certificate": "x"}, "exactly one of them", id="tlsa-both"),
        pytest.param("TLSA", {"data": "ab"}, "has 64 digits, not 2", id="tlsa-length"),
        pytest.param("TLSA", {"data": "xy", "matching_type": 0}, "data 'xy': is an even number", id="tlsa-digits"),
        pytest.param("TLSA", {"usage": "dane", "data": "ab"}, "or one of pkix-ta, pkix-ee", id="tlsa-usage"),
        pytest.param("TLSA", {"certificate": "x"}, "certificate: is one block of PEM", id="tlsa-no-pem"),
        pytest.param("TLSA", {"certificate": CERTIFICATE * 2}, "certificate: is one block of PEM", id="tlsa-chain"),
        pytest.param("TLSA", {"certificate": CERTIFICATE, "selector": 2}, "selector 0 or 1 and", id="tlsa-selector"),
        pytest.param(
            "TLSA",
            {"certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"},
            "certificate: is not a certificate",
            id="tlsa-half-a-certificate",
        ),
        pytest.param(
            "TLSA",
            {"certificate": "-----BEGIN CERTIFICATE-----\n====\n-----END CERTIFICATE-----"},
            "not base64",
            id="tlsa-no-base64",
        ),
        pytest.param("SSHFP", {"public_key": "ssh-ed25519"}, "is one line as in a .pub file", id="sshfp-no-key"),
        pytest.param("SSHFP", {"public_key": "ssh-ed25519 AAAA"}, "is not a key of that type", id="sshfp-other-key"),
        pytest.param("SSHFP", {"public_key": "ssh-ed25519 ?"}, "is not a key of that type", id="sshfp-no-base64"),
        pytest.param("SSHFP", {"public_key": f"{SSH_ECDSA}\n{SSH_ED25519}"}, "is one line", id="sshfp-two-keys"),
        pytest.param(
            "SSHFP", {"public_key": SSH_ECDSA, "algorithm": 3}, "told by public_key already", id="sshfp-twice"
        ),
        pytest.param("SSHFP", {"public_key": SSH_ECDSA, "fingerprint_type": 3}, "can be made from", id="sshfp-type"),
        pytest.param("SSHFP", {"algorithm": 4, "fingerprint": "ab"}, "has 64 digits, not 2", id="sshfp-length"),
        pytest.param("SSHFP", {"fingerprint": "ab" * 32}, "algorithm: is required", id="sshfp-no-algorithm"),
        pytest.param("HTTPS", {"dohpath": "/"}, "dohpath: unknown key; known are priority, target", id="https-key"),
        pytest.param("HTTPS", {"key3": "53"}, "key3: is none of key7 to key65534", id="https-key-with-a-name"),
        pytest.param("HTTPS", {"key65535": ""}, "key65535: is none of key7", id="https-reserved-key"),
        pytest.param("HTTPS", {"key07": ""}, "key07: unknown key", id="https-key-with-a-zero-before-it"),
        pytest.param("HTTPS", {"priority": 0, "target": "a", "port": 1}, "priority 0 is an alias", id="https-alias"),
        pytest.param("HTTPS", {"priority": 0}, "target: is required", id="https-alias-of-nothing"),
        pytest.param("HTTPS", {"alpn": "h2,h3"}, "alpn 'h2,h3': a protocol such as", id="https-alpn-list-as-text"),
        pytest.param("HTTPS", {"alpn": []}, "alpn []: is a text or a list of texts", id="https-no-alpn"),
        pytest.param("HTTPS", {"alpn": ["h2", "h2"]}, "alpn 'h2': is listed twice", id="https-alpn-twice"),
        pytest.param("HTTPS", {"no_default_alpn": True}, "no_default_alpn: needs alpn", id="https-no-alpn-at-all"),
        pytest.param("HTTPS", {"no_default_alpn": "yes"}, "is true or false", id="https-no-bool"),
        pytest.param("HTTPS", {"mandatory": "port"}, "mandatory 'port': only keys", id="https-mandatory"),
        pytest.param("HTTPS", {"mandatory": "mandatory"}, "mandatory 'mandatory': only", id="https-mandatory-itself"),
        pytest.param("HTTPS", {"ipv4hint": "::1"}, "ipv4hint '::1': is not an IPv4 address", id="https-ipv4hint"),
        pytest.param("HTTPS", {"ipv6hint": ["fe80::1%eth0"]}, "zone index", id="https-zone-index"),
        pytest.param("HTTPS", {"ech": "AAAA"}, "ech: is no ECHConfigList", id="https-ech"),
        pytest.param("HTTPS", {"ech": "?"}, "ech '?': is not base64", id="https-ech-no-base64"),
        pytest.param("TXT", {"text": "x"}, "text: unknown key; known are dkim, spf", id="txt-key"),
        pytest.param("TXT", {"spf": ["v=spf1", "-all"]}, "v=spf1 is put before them", id="spf-version"),
        pytest.param("TXT", {"spf": ["mx -all"]}, "spf 'mx -all': is one of all, include:", id="spf-two-in-one"),
        pytest.param("TXT", {"spf": ["include:", "-all"]}, "spf 'include:': is one of", id="spf-no-domain"),
        pytest.param("TXT", {"spf": ["-all", "mx"]}, "all is the last mechanism", id="spf-all-first"),
        pytest.param("TXT", {"spf": ["~all", "-all"]}, "all comes more than once", id="spf-two-all"),
        pytest.param("TXT", {"spf": ["mx"]}, "ends in all, such as -all", id="spf-no-end"),
        pytest.param("TXT", {"spf": ["redirect=a", "-all"]}, "and not both", id="spf-two-ends"),
        pytest.param("TXT", {"spf": ["ip4:2001:db8::1", "-all"]}, "no IPv4 address", id="spf-ip4"),
        pytest.param("TXT", {"spf": ["ip6:192.0.2.1", "-all"]}, "no IPv6 address", id="spf-ip6"),
        pytest.param("TXT", {"spf": ["a/33", "-all"]}, "a prefix has at most 32 bits", id="spf-prefix"),
        pytest.param("TXT", {"spf": ["a//129", "-all"]}, "a prefix has at most 32 bits", id="spf-ipv6-prefix"),
        pytest.param(
            "TXT", {"spf": [*(f"ip4:192.0.2.{n}" for n in range(30)), "-all"]}, "has 451 octets", id="spf-too-long"
        ),
        pytest.param("TXT", {"dkim": RSA}, "dkim is a mapping of k, p, public_key", id="dkim-text"),
        pytest.param("TXT", {"dkim": {}}, "dkim.p or public_key: exactly one", id="dkim-no-key"),
        pytest.param("TXT", {"dkim": {"v": "DKIM1", "p": ""}}, "dkim.v: unknown key", id="dkim-key"),
        pytest.param("TXT", {"dkim": {"k": "dsa", "p": ""}}, "dkim.k 'dsa': is rsa or ed25519", id="dkim-algorithm"),
        pytest.param("TXT", {"dkim": {"k": "ed25519", "p": RSA}}, "has 32 octets, not 162", id="dkim-other-key"),
        pytest.param("TXT", {"dkim": {"p": "a;b"}}, "dkim.p 'a;b': is not base64", id="dkim-no-base64"),
        pytest.param(
            "TXT", {"dkim": {"k": "rsa", "public_key": ED25519_PEM}}, "is one for ed25519", id="dkim-other-pem"
        ),
        pytest.param("TXT", {"dkim": {"public_key": CERTIFICATE}}, "BEGIN PUBLIC KEY", id="dkim-certificate"),
        pytest.param("TXT", {"dkim": {"p": "", "t": "y;p=x"}}, "dkim.t 'y;p=x': has letters", id="dkim-tag-in-a-flag"),
        pytest.param("TXT", {"dkim": {"p": "", "n": "a;p=x"}}, "without ; and =", id="dkim-tag-in-the-notes"),
        pytest.param("TXT", {"dkim": {"p": "", "n": "a\n"}}, "printable", id="dkim-line-break-in-the-notes"),
    ],
)
def test_forms_refused(rdtype: str, form: dict[t.Any, t.Any], rule: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        natural_text(rdtype, form)
    assert rule in str(caught.value)


@pytest.mark.parametrize(
    ("rdtype", "form"),
    [
        pytest.param("TXT", {"dkim": {"public_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n"}}, id="dkim"),
        pytest.param("TLSA", {"certificate": "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n"}, id="tlsa"),
        pytest.param("SSHFP", {"public_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n"}, id="sshfp"),
    ],
)
def test_a_private_key_is_refused_and_not_shown(rdtype: str, form: dict[str, t.Any]) -> None:
    described = [{"name": "contoso.example", "records": [{"name": "a", "type": rdtype, "value": form}]}]
    with pytest.raises(DescriptionError, match="this is a private key, which no zone may hold") as caught:
        parse_zones(described)
    assert "c2VjcmV0" not in str(caught.value)


_ANY = st.text() | st.text(alphabet='a.1 ;"()\\@$\n\t,=', max_size=12)


@given(_ANY)
def test_no_name_becomes_syntax(text: str) -> None:
    try:
        expected = parse_name(text, origin=APEX)
    except ValueError:
        with pytest.raises(ValueError, match="exchange"):
            natural_text("MX", {"preference": 10, "exchange": text})
        return
    assert rdata_of("MX", {"preference": 10, "exchange": text}).exchange == expected.canonicalize()
    assert rdata_of("HTTPS", {"target": text}).target == expected


@given(_ANY)
def test_no_text_becomes_syntax(text: str) -> None:
    if text.isascii():
        rdata = rdata_of("CAA", {"tag": "issue", "value": text})
        assert (rdata.flags, rdata.tag, rdata.value) == (0, b"issue", text.encode())
    parameter = rdata_of("SVCB", {"alpn": "h2", "key65333": text}).params[65333]
    assert (b"" if parameter is None else parameter.value) == text.encode()


@given(st.sampled_from(["tag", "alpn", "spf", "n", "h", "p", "data", "public_key", "ech", "ipv4hint", "port"]), _ANY)
def test_no_checked_field_becomes_syntax(key: str, text: str) -> None:
    forms: dict[str, tuple[str, dict[str, t.Any]]] = {
        "tag": ("CAA", {"tag": text, "value": "x"}),
        "alpn": ("HTTPS", {"alpn": ["h2", f"x{text}"]}),
        "spf": ("TXT", {"spf": [text, "-all"]}),
        "n": ("TXT", {"dkim": {"p": "", "n": text}}),
        "h": ("TXT", {"dkim": {"p": "", "h": ["sha256", f"x{text}"]}}),
        "p": ("TXT", {"dkim": {"p": text}}),
        "data": ("TLSA", {"matching_type": 0, "data": text}),
        "public_key": ("SSHFP", {"public_key": f"{SSH_ED25519}{text}"}),
        "ech": ("HTTPS", {"ech": text}),
        "ipv4hint": ("HTTPS", {"ipv4hint": text}),
        "port": ("HTTPS", {"port": text}),
    }
    try:
        rdata = rdata_of(*forms[key])
    except DescriptionError:
        return
    meant: dict[str, t.Callable[[], bool]] = {
        "tag": lambda: rdata.tag.decode() == text.lower(),
        "alpn": lambda: rdata.params[1].ids == (b"h2", f"x{text}".encode()),
        "spf": lambda: b"".join(rdata.strings).decode() == f"v=spf1 {text} -all",
        "n": lambda: b"".join(rdata.strings).decode() == f"v=DKIM1; k=rsa; n={text}; p=",
        "h": lambda: b"".join(rdata.strings).decode() == f"v=DKIM1; k=rsa; h=sha256:x{text}; p=",
        "p": lambda: b"".join(rdata.strings).decode() == f"v=DKIM1; k=rsa; p={''.join(text.split())}",
        "data": lambda: rdata.cert.hex() == "".join(text.split()).lower(),
        "public_key": lambda: rdata.fingerprint.hex() == SSH_ED25519_SHA256,
        "ech": lambda: base64.b64encode(rdata.params[5].ech).decode() == "".join(text.split()),
        "ipv4hint": lambda: rdata.params[4].addresses == (text,),
        "port": lambda: rdata.params[3].port == int(text),
    }
    assert meant[key]()
