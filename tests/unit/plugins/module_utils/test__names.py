# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import unicodedata

import dns.exception
import dns.name
import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._names import (
    display_name,
    email_from_rname,
    is_host_name,
    is_in_domain,
    is_zone_name,
    parse_absolute_name,
    parse_name,
    rname_from_email,
)

ORIGIN = dns.name.from_text("contoso.com.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("@", "contoso.com.", id="at-is-the-origin"),
        pytest.param("www", "www.contoso.com.", id="relative"),
        pytest.param("www.contoso.com", "www.contoso.com.contoso.com.", id="no-final-dot-is-relative"),
        pytest.param("www.example.net.", "www.example.net.", id="final-dot-is-absolute"),
        pytest.param(".", ".", id="root"),
        pytest.param("*.dev", "*.dev.contoso.com.", id="wildcard"),
        pytest.param("_dmarc", "_dmarc.contoso.com.", id="underscore"),
        pytest.param(r"a\.b", r"a\.b.contoso.com.", id="escaped-dot"),
        pytest.param(r"a\032b", r"a\032b.contoso.com.", id="escaped-space-in-decimal"),
        pytest.param(r"a\ b", r"a\032b.contoso.com.", id="escaped-space"),
        pytest.param(r"a\;b", r"a\;b.contoso.com.", id="escaped-semicolon"),
        pytest.param(r"\000\255", r"\000\255.contoso.com.", id="any-octet-by-its-number"),
        pytest.param("bücher", "xn--bcher-kva.contoso.com.", id="u-label"),
        pytest.param("_dmarc.bücher", "_dmarc.xn--bcher-kva.contoso.com.", id="underscore-beside-a-u-label"),
        pytest.param("*.bücher.", "*.xn--bcher-kva.", id="wildcard-beside-a-u-label"),
        pytest.param("straße.", "xn--strae-oqa.", id="sharp-s-stays-itself-in-idna-2008"),
        pytest.param("＠", "contoso.com.", id="full-width-at-is-the-origin"),
    ],
)
def test_parse_name(text: str, expected: str) -> None:
    assert parse_name(text, origin=ORIGIN).to_text() == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("", "not empty", id="empty"),
        pytest.param(None, "is text", id="none"),
        pytest.param(7, "is text", id="number"),
        pytest.param(False, "is text", id="yaml-no"),
        pytest.param("a..b", "label is empty", id="two-dots"),
        pytest.param(".a", "label is empty", id="leading-dot"),
        pytest.param("a" * 64, "63 octets", id="label-of-64-octets"),
        pytest.param(".".join(["a" * 63] * 4), "255 octets", id="name-over-255-octets"),
        pytest.param(
            "a" * 63 + "." + "b" * 63 + "." + "c" * 63 + "." + "d" * 50, "255 octets", id="over-255-with-origin"
        ),
        pytest.param("\N{LATIN SMALL LETTER U WITH DIAERESIS}" * 64, "too long", id="u-label-too-long"),
        pytest.param("www ", "escaped", id="space-at-the-end"),
        pytest.param("a b", "escaped", id="space-inside"),
        pytest.param("www\n", "escaped", id="newline"),
        pytest.param("www\tMX", "escaped", id="tab"),
        pytest.param('"www"', "escaped", id="quotes"),
        pytest.param("www;", "escaped", id="semicolon"),
        pytest.param("(www)", "escaped", id="parentheses"),
        pytest.param("a\N{NO-BREAK SPACE}b", "escaped", id="no-break-space"),
        pytest.param("bü cher", "internationalised", id="space-in-a-u-label"),
        pytest.param("\N{SOFT HYPHEN}", "not empty", id="only-a-soft-hyphen"),
        pytest.param("\N{ZERO WIDTH SPACE}", "not empty", id="only-a-zero-width-space"),
        pytest.param("\N{SNOWMAN}", "internationalised", id="symbol"),
        pytest.param("-ü", "internationalised", id="hyphen-before-a-u-label"),
        pytest.param("\ud800", "internationalised", id="lone-surrogate"),
        pytest.param("a\\", "escaped code", id="backslash-at-the-end"),
        pytest.param(r"a\25", "escaped code", id="unfinished-escape"),
        pytest.param(r"a\256", "not a domain name", id="escape-above-255"),
    ],
)
def test_parse_name_refuses(text: object, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        parse_name(text, origin=ORIGIN)


@pytest.mark.parametrize("text", ["example.com", "example.com.", "EXAMPLE.Com"])
def test_absolute_name_needs_no_final_dot(text: str) -> None:
    assert parse_absolute_name(text) == dns.name.from_text("example.com.")


@pytest.mark.parametrize("text", ["@", "＠"], ids=["at", "full-width-at"])
def test_absolute_name_is_never_the_origin(text: str) -> None:
    with pytest.raises(ValueError, match="relative"):
        parse_absolute_name(text)


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(("münchen.de", "MÜNCHEN.DE", "MüNcHeN.dE"), id="case"),
        pytest.param(("münchen.de", "mu\N{COMBINING DIAERESIS}nchen.de"), id="composed-and-decomposed"),
        pytest.param(("münchen.de", "xn--mnchen-3ya.de", "XN--MNCHEN-3YA.DE."), id="u-label-and-a-label"),
        pytest.param(
            (
                "münchen.de",
                "münchen\N{IDEOGRAPHIC FULL STOP}de",
                "münchen\N{FULLWIDTH FULL STOP}de",
                "münchen\N{HALFWIDTH IDEOGRAPHIC FULL STOP}de.",
            ),
            id="dots-of-east-asian-keyboards",
        ),
        pytest.param(("example.com", "ｅｘａｍｐｌｅ．ｃｏｍ"), id="full-width-letters"),
        pytest.param(("example.com", "exam\N{SOFT HYPHEN}ple.com", "example.com\N{ZERO WIDTH SPACE}"), id="invisible"),
    ],
)
def test_spellings_of_one_name(spellings: tuple[str, ...]) -> None:
    assert len({parse_absolute_name(spelling) for spelling in spellings}) == 1
    assert len({display_name(parse_absolute_name(spelling)) for spelling in spellings}) == 1


LETTERS = st.text(st.sampled_from("aäbcçdeéfghiïjklmñoöpqrstuüvwxyzåøæčşž日本語пример"), min_size=1, max_size=12)


@given(labels=st.lists(LETTERS, min_size=1, max_size=4), dot=st.sampled_from(".。．｡"))
def test_every_spelling_of_an_idn_is_one_name(labels: list[str], dot: str) -> None:
    plain = ".".join(labels)
    name = parse_absolute_name(plain)
    assert parse_absolute_name(unicodedata.normalize("NFD", plain)) == name
    assert parse_absolute_name(plain.upper()) == name
    assert parse_absolute_name(dot.join(labels)) == name
    assert parse_absolute_name(display_name(name)) == name
    assert name.to_text() == ".".join(
        label if label.isascii() else idna.encode(unicodedata.normalize("NFC", label)).decode()
        for label in [*labels, ""]
    )


@given(labels=st.lists(st.binary(min_size=1, max_size=20), max_size=6))
def test_every_octet_survives_its_escaped_text(labels: list[bytes]) -> None:
    name = dns.name.Name([*labels, b""])
    assert parse_name(name.to_text(), origin=ORIGIN) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Example.COM.", "example.com"), (".", "."), ("XN--Bcher-KVA.de.", "xn--bcher-kva.de"), (r"A\.b.De.", r"a\.b.de")],
)
def test_display_name(name: str, shown: str) -> None:
    assert display_name(dns.name.from_text(name)) == shown


@pytest.mark.parametrize(
    ("server", "zone", "expected"),
    [
        pytest.param("ns1.example.com.", "example.com.", True, id="below"),
        pytest.param("example.com.", "example.com.", True, id="apex"),
        pytest.param("NS1.Example.Com.", "example.com.", True, id="other-case"),
        pytest.param("ns1.example.net.", "example.com.", False, id="elsewhere"),
        pytest.param("ns1.notexample.com.", "example.com.", False, id="same-ending-of-a-label"),
        pytest.param("com.", "example.com.", False, id="above"),
    ],
)
def test_is_in_domain(server: str, zone: str, expected: bool) -> None:
    assert is_in_domain(dns.name.from_text(server), dns.name.from_text(zone)) is expected


@pytest.mark.parametrize(
    ("name", "host", "zone"),
    [
        pytest.param("ns1.example.com.", True, True, id="letters-and-digits"),
        pytest.param("3com.com.", True, True, id="leading-digit-of-rfc-1123"),
        pytest.param("a-b--c.De.", True, True, id="inner-hyphens-and-upper-case"),
        pytest.param("-a.com.", False, True, id="leading-hyphen"),
        pytest.param("a-.com.", False, True, id="final-hyphen"),
        pytest.param("_tcp.example.com.", False, True, id="underscore"),
        pytest.param("0/25.2.0.192.in-addr.arpa.", False, True, id="rfc-2317-slash"),
        pytest.param("*.example.com.", False, False, id="wildcard"),
        pytest.param(r"a\032b.com.", False, False, id="space"),
        pytest.param(r"a\.b.com.", False, False, id="dot-within-a-label"),
        pytest.param(r"a\010.com.", False, False, id="newline"),
        pytest.param(r"a\".com.", False, False, id="quote"),
        pytest.param(r"\195\188.com.", False, False, id="raw-utf-8"),
        pytest.param(".", False, True, id="root"),
    ],
)
def test_which_names_hosts_and_zones_have(name: str, host: bool, zone: bool) -> None:
    assert is_host_name(dns.name.from_text(name)) is host
    assert is_zone_name(dns.name.from_text(name)) is zone


@pytest.mark.parametrize(
    ("email", "rname"),
    [
        pytest.param("hostmaster@example.com", "hostmaster.example.com.", id="plain"),
        pytest.param("john.smith@contoso.com", r"john\.smith.contoso.com.", id="dot-in-the-local-part"),
        pytest.param("a.b.c@example.com.", r"a\.b\.c.example.com.", id="final-dot"),
        pytest.param("dns+zone=x@example.com", "dns+zone=x.example.com.", id="plus-and-equals"),
        pytest.param("o'neill/$@example.com", r"o'neill/\$.example.com.", id="punctuation-of-rfc-5321"),
        pytest.param("John@Example.COM", "John.Example.COM.", id="case-kept"),
        pytest.param("info@bücher.example", "info.xn--bcher-kva.example.", id="idn"),
        pytest.param("root@localhost", "root.localhost.", id="domain-of-one-label"),
        pytest.param("a" * 63 + "@example.com", "a" * 63 + ".example.com.", id="longest-local-part"),
    ],
)
def test_rname_from_email(email: str, rname: str) -> None:
    name = rname_from_email(email)
    assert name.to_text() == rname
    # One label however many dots the local part has.
    assert name.labels[0] == email.split("@")[0].encode()


@pytest.mark.parametrize(
    ("email", "rule"),
    [
        pytest.param("", "one e-mail address", id="empty"),
        pytest.param(None, "one e-mail address", id="none"),
        pytest.param("hostmaster.example.com", "one e-mail address", id="already-an-rname"),
        pytest.param("a@b@example.com", "one e-mail address", id="two-ats"),
        pytest.param("a@example.com, b@example.com", "one e-mail address", id="two-addresses"),
        pytest.param("@example.com", "before '@'", id="no-local-part"),
        pytest.param(".john@example.com", "before '@'", id="dot-first"),
        pytest.param("john.@example.com", "before '@'", id="dot-last"),
        pytest.param("john..smith@example.com", "before '@'", id="two-dots"),
        pytest.param('"john smith"@example.com', "before '@'", id="quoted"),
        pytest.param(r"john\.smith@example.com", "before '@'", id="escaped-as-in-a-zone-file"),
        pytest.param("Jo <jo@example.com>", "before '@'", id="display-name"),
        pytest.param("jörg@example.com", "before '@'", id="local-part-outside-ascii"),
        pytest.param("john\n@example.com", "before '@'", id="newline"),
        pytest.param("john@", "not empty", id="no-domain"),
        pytest.param("john@.", "after '@'", id="root"),
        pytest.param("john@exa_mple.com", "after '@'", id="underscore-in-the-domain"),
        pytest.param("john@[192.0.2.1]", "after '@'", id="address-literal"),
        pytest.param("john@example.com ", "escaped", id="space-at-the-end"),
        pytest.param("john@example..com", "label is empty", id="two-dots-in-the-domain"),
        pytest.param("a" * 64 + "@example.com", "63 octets", id="local-part-over-a-label"),
        pytest.param("john@" + ".".join(["a" * 62] * 4), "255 octets", id="rname-over-255-octets"),
    ],
)
def test_rname_from_email_refuses(email: object, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        rname_from_email(email)


ATOM = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-"),
    min_size=1,
    max_size=10,
)
HOST_LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@given(local=st.lists(ATOM, min_size=1, max_size=4).map(".".join), domain=st.lists(HOST_LABEL, min_size=1, max_size=4))
def test_rname_and_email_are_inverse(local: str, domain: list[str]) -> None:
    email = f"{local}@{'.'.join(domain)}"
    assert email_from_rname(rname_from_email(email)) == email


@pytest.mark.parametrize(
    ("rname", "email"),
    [
        pytest.param(r"john\.smith.contoso.com.", "john.smith@contoso.com", id="escaped-dot"),
        pytest.param("john.smith.contoso.com.", "john@smith.contoso.com", id="dot-not-escaped"),
        pytest.param("Hostmaster.Example.COM.", "Hostmaster@example.com", id="only-the-domain-has-no-case"),
        pytest.param("hostmaster.", "hostmaster", id="one-label"),
        pytest.param(".", ".", id="none"),
        pytest.param(r"j\195\182.example.com.", r"j\xc3\xb6@example.com", id="octets-outside-ascii"),
    ],
)
def test_email_from_rname(rname: str, email: str) -> None:
    assert email_from_rname(dns.name.from_text(rname)) == email


@given(
    st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), min_size=1, max_size=8), st.sampled_from(["", "."])
)
@example(["a" * 63] * 3 + ["a" * 61], "")
@example(["a" * 63] * 3 + ["a" * 61], ".")
@example(["a" * 63] * 3 + ["a" * 62], "")
@example(["a" * 63] * 3 + ["a" * 62], ".")
@example(["a" * 64], "")
def test_plain_text_is_read_as_dnspython_does(labels: list[str], end: str) -> None:
    text = ".".join(labels) + end
    try:
        expected = dns.name.from_text(text)
    except dns.exception.DNSException as exc:
        with pytest.raises(ValueError, match=re.escape(str(exc).rstrip("."))):
            parse_absolute_name(text)
    else:
        assert parse_absolute_name(text).labels == expected.labels
