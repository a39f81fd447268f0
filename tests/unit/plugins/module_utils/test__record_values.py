# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._record_values import ds_of, negative_ttl

KEY = "oJMRESz5E4gYzS/q6XDrvU1qMPYIjCWzJaOau8XNEZeqCYKD5ar0IRd8KqXXFJkqmVfRvMGPmM1x8fGAa2XhSA=="
OWNER = "xn--mnchen-3ya.example"
# What BIND's dnssec-dsfromkey says for this key of that zone.
DS = "34506 13 2 7eabc33bf0c3526f4dcf35abc2c1094a7272267051b6035b773f5fea1a779a6a"
KEY_FILE = f"""\
; This is a key-signing key, keyid 34506, for xn--mnchen-3ya.example.
; Created: 20261121120000 (Sat Nov 21 12:00:00 2026)
{OWNER}. 3600 IN DNSKEY 257 3 13 {KEY[:40]} {KEY[40:]}
"""


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(f"257 3 13 {KEY}", id="data"),
        pytest.param(f"257 3 13 ( {KEY[:40]}\n  {KEY[40:]} ) ; KSK", id="over-lines"),
        pytest.param({"flags": 257, "algorithm": 13, "public_key": KEY}, id="mapping"),
        pytest.param(f"{OWNER}. IN DNSKEY 257 3 13 {KEY}", id="record"),
        pytest.param(KEY_FILE, id="key-file"),
    ],
)
@pytest.mark.parametrize("owner", ["münchen.example", f"{OWNER.upper()}."])
def test_ds(key: str | dict[str, t.Any], owner: str) -> None:
    assert ds_of(key, owner) == DS


def test_the_longer_digest() -> None:
    words = ds_of(KEY_FILE, OWNER, digest_type="SHA-384").split()
    assert words[:3] == ["34506", "13", "4"]
    assert len(bytes.fromhex("".join(words[3:]))) == 48


@pytest.mark.parametrize(
    ("key", "owner", "rule"),
    [
        pytest.param(
            KEY_FILE, "contoso.example", "one of xn--mnchen-3ya.example. and not of contoso.example.", id="owner"
        ),
        pytest.param(KEY_FILE * 2, OWNER, "one DNSKEY record is needed, and here are 2", id="two"),
        pytest.param("257 3 13 x", OWNER, "not DNSKEY data of the form", id="no-key"),
        pytest.param(f"0 3 13 {KEY}", OWNER, "flags 256 or 257", id="no-zone-key"),
        pytest.param(f"257 3 13 {KEY}", "a b", "spaces", id="no-name"),
        pytest.param(f"x. IN DNSKEY 257 3 13 ({KEY}", OWNER, "DNSKEY:1", id="no-record"),
        pytest.param(None, OWNER, "a DNSKEY is text or a mapping", id="nothing"),
    ],
)
def test_keys_refused(key: t.Any, owner: str, rule: str) -> None:
    with pytest.raises((ValueError, ZonecutError)) as caught:
        ds_of(key, owner)
    assert rule in str(caught.value)


DATA = "ns1.contoso.example. hostmaster.contoso.example. 7 1h 15m 14d 300"


@pytest.mark.parametrize(
    ("soa", "ttl", "seconds"),
    [
        pytest.param(f"contoso.example. 3600 IN SOA {DATA}", None, 300, id="minimum-is-less"),
        pytest.param(f"contoso.example.\t60\tIN\tSOA\t{DATA}", None, 60, id="ttl-is-less"),
        pytest.param(f"@ IN SOA {DATA.replace('7', '( 7')} ; negative\n )", 200, 200, id="over-lines"),
        pytest.param(f"$TTL 1m\n@ IN SOA {DATA}\n@ IN NS ns1.contoso.example.\n", None, 60, id="zone-file"),
        pytest.param(DATA, None, 300, id="data"),
        pytest.param(DATA, "1m", 60, id="data-and-ttl"),
        pytest.param(f"contoso.example. 30 IN SOA {DATA}", 10, 30, id="its-own-ttl-comes-first"),
        pytest.param({"minimum": 300, "ttl": "1m"}, None, 60, id="mapping"),
        pytest.param({"minimum": "5m", "ttl": 3600, "serial": 7}, None, 300, id="mapping-with-more"),
        pytest.param({"minimum": 300}, 60, 60, id="mapping-and-ttl"),
        pytest.param({"minimum": 300}, None, 300, id="minimum-alone"),
    ],
)
def test_negative_ttl(soa: t.Any, ttl: object, seconds: int) -> None:
    assert negative_ttl(soa, ttl=ttl) == seconds


@pytest.mark.parametrize(
    ("soa", "ttl", "rule"),
    [
        pytest.param("ns1 hostmaster 7", None, "SOA:1", id="half"),
        pytest.param("contoso.example. 60 IN SOA", None, "SOA:1", id="nothing-after-the-type"),
        pytest.param(f"@ SOA {DATA}\n@ SOA {DATA}", None, "one SOA record is needed, and here are 2", id="two"),
        pytest.param({"ttl": 60}, None, "a SOA as a mapping has minimum", id="no-minimum"),
        pytest.param({"minimum": -1}, None, "a duration is", id="negative"),
        pytest.param(None, None, "a SOA is the record or its data as text, or a mapping", id="none"),
        pytest.param(DATA, "soon", "a duration is", id="no-ttl"),
    ],
)
def test_soas_refused(soa: t.Any, ttl: object, rule: str) -> None:
    with pytest.raises((ValueError, ZonecutError)) as caught:
        negative_ttl(soa, ttl=ttl)
    assert rule in str(caught.value)
