# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import (
    NameServer,
    RecordDescription,
    SoaDescription,
    Zone,
    ZoneTree,
    parse_zones,
)
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem

# RFC 4509 section 2.3, with the SHA-1 digest of RFC 4034 section 5.4 for the same key.
DSKEY = (
    "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvx"
    "egXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw=="
)
DSKEY_SHA1 = "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118"
DSKEY_SHA256 = "60485 5 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a"
# The DS is what BIND's dnssec-dsfromkey says for this key of xn--mnchen-3ya.example.
ECDSA_KEY = "oJMRESz5E4gYzS/q6XDrvU1qMPYIjCWzJaOau8XNEZeqCYKD5ar0IRd8KqXXFJkqmVfRvMGPmM1x8fGAa2XhSA=="
ECDSA_DS = "34506 13 2 7eabc33bf0c3526f4dcf35abc2c1094a7272267051b6035b773f5fea1a779a6a"


def zone(name: str = "example.com", **fields: t.Any) -> Zone:
    """Return the one zone that a description with these fields gives."""
    (parsed,) = parse_zones([{"name": name, **fields}])
    return parsed


def problems(described: object) -> tuple[Problem, ...]:
    """Return what is wrong with a description."""
    with pytest.raises(DescriptionError) as caught:
        parse_zones(described)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return caught.value.problems


def problem(**fields: t.Any) -> Problem:
    """Return the one thing wrong with a zone of these fields."""
    (only,) = problems([{"name": "example.com", **fields}])
    return only


def test_every_field() -> None:
    described = {
        "name": "Mail.Contoso.com.",
        "ttl": "2h",
        "contact": "john.smith@contoso.com",
        "primary": "ns1.contoso.com.",
        "soa": {"profile": "dynamic", "ttl": "30m", "refresh": 600},
        "name_servers": [
            {"name": "NS1.contoso.com"},
            {"name": "ns2.mail.contoso.com.", "addresses": ["192.0.2.53", "2001:DB8:0:0::53"]},
            "ns3.contoso.com",
        ],
        "records": [
            {"name": "@", "type": "mx", "values": ["10 mx1", "20 mx2"], "ttl": "5m"},
            {"name": "www", "type": "A", "value": "192.0.2.10"},
        ],
        "src": "zones/mail.contoso.com.zone",
        "ds": [DSKEY_SHA1],
        "parent": "corp",
    }
    (parsed,) = parse_zones([described])
    assert parsed.text == "mail.contoso.com"
    assert parsed.ttl == parsed.default_ttl == 7200
    assert parsed.contact is not None
    assert parsed.contact.to_text() == r"john\.smith.contoso.com."
    assert parsed.primary is not None
    assert parsed.primary.to_text() == "ns1.contoso.com."
    assert parsed.soa == SoaDescription(
        refresh=600,
        retry=60,
        expire=604800,
        negative_ttl=60,
        ttl=1800,
        given=frozenset({"refresh", "retry", "expire", "negative_ttl", "ttl"}),
    )
    assert [str(server) for server in parsed.name_servers] == [
        "ns1.contoso.com",
        "ns2.mail.contoso.com (192.0.2.53, 2001:db8::53)",
        "ns3.contoso.com",
    ]
    assert [str(server) for server in parsed.glue] == ["ns2.mail.contoso.com (192.0.2.53, 2001:db8::53)"]
    assert parsed.records == (
        RecordDescription(index=0, owner="@", rdtype="MX", texts=("10 mx1", "20 mx2"), ttl=300),
        RecordDescription(index=1, owner="www", rdtype="A", texts=("192.0.2.10",)),
    )
    assert parsed.records[0].where == "records[0] (@ MX)"
    assert parsed.src == "zones/mail.contoso.com.zone"
    assert [rdata.to_text() for rdata in parsed.ds] == [DSKEY_SHA1]
    assert parsed.parent == "corp"
    assert parsed.described is described


@pytest.mark.parametrize(
    "described",
    [
        pytest.param("example.com", id="plain-name"),
        pytest.param({"name": "example.com"}, id="only-a-name"),
        pytest.param(
            {
                "name": "example.com",
                **dict.fromkeys(
                    ("ttl", "contact", "primary", "soa", "name_servers", "records", "src", "ds", "dnskeys")
                ),
                **dict.fromkeys(("ds_from", "parent")),
            },
            id="everything-null",
        ),
        pytest.param(
            {"name": "example.com", "soa": dict.fromkeys(("profile", "ttl", "refresh", "expire"))}, id="soa-of-nulls"
        ),
    ],
)
def test_defaults(described: object) -> None:
    (parsed,) = parse_zones([described])
    assert parsed.text == "example.com"
    assert (parsed.ttl, parsed.default_ttl) == (None, 3600)
    assert (parsed.contact, parsed.primary, parsed.src, parsed.parent, parsed.ds_from) == (None,) * 5
    assert (parsed.name_servers, parsed.records, parsed.ds, parsed.dnskeys, parsed.glue) == ((),) * 5
    assert parsed.soa == SoaDescription(refresh=3600, retry=900, expire=1209600, negative_ttl=300)


def test_zones_keep_their_order() -> None:
    names = ["b.example", "a.example", "example", "c.example"]
    assert [parsed.text for parsed in parse_zones(names)] == names
    assert parse_zones([]) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("example.com.", "example.com", id="final-dot"),
        pytest.param("EXAMPLE.com", "example.com", id="upper-case"),
        pytest.param("München.example", "xn--mnchen-3ya.example", id="u-label"),
        pytest.param("xn--mnchen-3ya.example", "xn--mnchen-3ya.example", id="a-label"),
        pytest.param("example", "example", id="top-level"),
        pytest.param(".", ".", id="root"),
        pytest.param("_msdcs.contoso.com", "_msdcs.contoso.com", id="underscore"),
        pytest.param("0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa", id="rfc-2317"),
        pytest.param("192.0.2.0/24", "2.0.192.in-addr.arpa", id="ipv4-network"),
        pytest.param("192.0.2.0/24.", "2.0.192.in-addr.arpa", id="ipv4-network-with-final-dot"),
        pytest.param("192.0.2.64/26", "64/26.2.0.192.in-addr.arpa", id="network-by-rfc-2317"),
        pytest.param("2001:DB8::/32", "8.b.d.0.1.0.0.2.ip6.arpa", id="ipv6-network"),
        pytest.param("8.b.d.0.1.0.0.2.ip6.arpa", "8.b.d.0.1.0.0.2.ip6.arpa", id="ip6-arpa"),
    ],
)
def test_zone_names(name: str, text: str) -> None:
    assert parse_zones([name])[0].text == text


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        pytest.param("", "not empty", id="empty"),
        pytest.param("@", "relative", id="at"),
        pytest.param("*.example.com", "only letters", id="wildcard"),
        pytest.param("exa mple.com", "escaped", id="space"),
        pytest.param(r"exa\032mple.com", "only letters", id="escaped-space"),
        pytest.param("example.com\n", "escaped", id="newline-of-a-yaml-block"),
        pytest.param('"example.com"', "escaped", id="quotes"),
        pytest.param(r"a\.b.com", "only letters", id="dot-within-a-label"),
        pytest.param("https://example.com/", "only letters", id="url"),
        pytest.param("192.0.2.1", "such as 192.0.2.0/24", id="ipv4-address"),
        pytest.param("2001:db8::1", "such as 2001:db8::/64", id="ipv6-address"),
        pytest.param("192.0.2.1/24", "write 192.0.2.0/24", id="host-bits"),
        pytest.param("10.0.0.0/22", "or 10.0.0.0/16 as one", id="network-between-two-labels"),
        pytest.param("example..com", "label is empty", id="two-dots"),
        pytest.param(".".join(["a" * 60] * 5), "255 octets", id="over-255-octets"),
        pytest.param(False, "is text", id="yaml-no"),
        pytest.param(1.5, "is text", id="float"),
        pytest.param(["example.com"], "is text", id="list"),
    ],
)
def test_zone_names_refused(name: object, rule: str) -> None:
    (only,) = problems(["fine.example", {"name": name}])
    assert (only.zone, only.where, only.value) == (None, "zones[1], name", name)
    assert rule in only.rule


@pytest.mark.parametrize(
    ("described", "where", "rule"),
    [
        pytest.param(None, "zones", "zones is a list", id="none"),
        pytest.param("example.com", "zones", "zones is a list", id="text"),
        pytest.param({"name": "example.com"}, "zones", "zones is a list", id="one-mapping"),
        pytest.param([None], "zones[0]", "a mapping with a name, or a plain name", id="empty-item"),
        pytest.param([["example.com"]], "zones[0]", "a mapping with a name, or a plain name", id="list-in-list"),
        pytest.param([True], "zones[0]", "a mapping with a name, or a plain name", id="yaml-yes"),
        pytest.param([{"ttl": 60}], "zones[0], name", "name is required", id="no-name"),
        pytest.param([{"name": None}], "zones[0], name", "name is required", id="null-name"),
    ],
)
def test_what_is_no_list_of_zones(described: object, where: str, rule: str) -> None:
    (only,) = problems(described)
    assert (only.zone, only.where) == (None, where)
    assert rule in only.rule


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("example.com", "example.com", id="same"),
        pytest.param("example.com", "EXAMPLE.COM.", id="case-and-dot"),
        pytest.param("münchen.example", "xn--mnchen-3ya.example", id="u-label-and-a-label"),
        pytest.param("münchen.example", "mu\N{COMBINING DIAERESIS}nchen.example", id="composed-and-decomposed"),
    ],
)
def test_zone_described_twice(first: str, second: str) -> None:
    (only,) = problems([first, "other.example", second])
    assert only.where == "zones[2]"
    assert "zones[0] describes it already" in only.rule


def test_every_problem_is_reported_at_once() -> None:
    found = problems(
        [
            {
                "name": "a.example",
                "tll": 60,
                "ttl": "1 hour",
                "contact": "hostmaster.a.example",
                "primary": "192.0.2.1",
                "soa": {"profile": "fast", "refresh": -1, "minimum": 5},
                "name_servers": [
                    {"name": "ns_1.a.example", "addresses": ["192.0.2.256"]},
                    {"addresses": ["192.0.2.1"], "adresses": []},
                    7,
                ],
                "records": [
                    {"name": "www", "type": "A", "value": "192.0.2.1", "ttl": 1.5, "class": "IN"},
                    {"name": "www", "type": "A"},
                    "www A 192.0.2.1",
                ],
                "src": 7,
                "ds": ["1 2"],
                "ds_from": "parent",
                "parent": ["corp"],
            },
            {"name": "b..example", "ttl": "soon"},
            {"name": "a.example", "records": {}},
        ]
    )
    assert sorted(((problem.zone, problem.where, problem.value) for problem in found), key=str) == sorted(
        [
            ("a.example", None, "tll"),
            ("a.example", "ttl", "1 hour"),
            ("a.example", "contact", "hostmaster.a.example"),
            ("a.example", "primary", "192.0.2.1"),
            ("a.example", "soa", "minimum"),
            ("a.example", "soa.profile", "fast"),
            ("a.example", "soa.refresh", -1),
            ("a.example", "name_servers[0]", "ns_1.a.example"),
            ("a.example", "name_servers[0].addresses", ["192.0.2.256"]),
            ("a.example", "name_servers[1]", "adresses"),
            ("a.example", "name_servers[1]", None),
            ("a.example", "name_servers[2]", 7),
            ("a.example", "records[0] (www A)", "class"),
            ("a.example", "records[0] (www A) ttl", 1.5),
            ("a.example", "records[1] (www A)", None),
            ("a.example", "records[2]", "www A 192.0.2.1"),
            ("a.example", "src", 7),
            ("a.example", "ds[0]", "1 2"),
            ("a.example", "ds_from", "parent"),
            ("a.example", "parent", ["corp"]),
            (None, "zones[1], name", "b..example"),
            (None, "zones[1], ttl", "soon"),
            ("a.example", "records", {}),
            ("a.example", "zones[2]", None),
        ],
        key=str,
    )
    assert all(problem.rule for problem in found)


def test_a_problem_names_zone_place_value_and_rule() -> None:
    assert str(problem(soa={"refresh": "1 day"})) == (
        "zone example.com, soa.refresh: '1 day': a duration is a whole number of seconds, or text such as 1w2d3h4m5s"
    )
    assert str(problem(records=[{"name": "www", "type": "a", "value": False}])).startswith(
        "zone example.com, records[0] (www a): False: a value is text, in quotes"
    )
    assert str(problem(nmae_servers=[])).startswith(
        "zone example.com: 'nmae_servers': unknown key; known are contact, "
    )


def test_a_problem_shows_only_the_beginning_of_a_large_value() -> None:
    message = str(problem(ttl={f"host{number}": "192.0.2.1" for number in range(1000)}))
    assert message.startswith("zone example.com, ttl: {'host0': '192.0.2.1', ")
    assert message.endswith("...: a duration is a whole number of seconds, or text such as 1w2d3h4m5s")
    assert len(message) < 350


@pytest.mark.parametrize(
    ("profile", "timers"),
    [
        ("standard", (3600, 900, 1209600, 300)),
        ("dynamic", (300, 60, 604800, 60)),
        ("stable", (86400, 7200, 2419200, 3600)),
        ("windows", (900, 600, 86400, 3600)),
    ],
)
def test_soa_profiles(profile: str, timers: tuple[int, ...]) -> None:
    soa = zone(soa={"profile": profile}).soa
    assert (soa.refresh, soa.retry, soa.expire, soa.negative_ttl) == timers
    assert soa.given == {"refresh", "retry", "expire", "negative_ttl"}


def test_soa_fields_go_over_the_profile() -> None:
    soa = zone(soa={"profile": "stable", "retry": "1h", "negative_ttl": 0}).soa
    assert (soa.refresh, soa.retry, soa.expire, soa.negative_ttl, soa.ttl) == (86400, 3600, 2419200, 0, None)


@pytest.mark.parametrize(
    ("soa", "given"),
    [
        pytest.param({}, set(), id="none"),
        pytest.param({"refresh": "1h"}, {"refresh"}, id="one-although-as-the-default"),
        pytest.param({"refresh": None, "profile": None}, set(), id="nulls"),
    ],
)
def test_soa_fields_given(soa: dict[str, t.Any], given: set[str]) -> None:
    assert zone(soa=soa).soa.given == given


@pytest.mark.parametrize("name", [".", "localhost.", "ns_1.example.com.", r"a\@b.example.com.", r"a\032b.example.com."])
def test_names_of_the_soa_that_are_no_hosts(name: str) -> None:
    (parsed,) = parse_zones([{"name": "example.com", "primary": name, "contact": name}])
    assert parsed.primary is not None and parsed.primary.to_text() == name
    assert parsed.contact is not None and parsed.contact.to_text() == name


@pytest.mark.parametrize(
    ("fields", "where", "rule"),
    [
        pytest.param({"ttl": True}, "ttl", "a whole number of seconds", id="ttl-yaml-yes"),
        pytest.param({"ttl": 3600.0}, "ttl", "a whole number of seconds", id="ttl-float"),
        pytest.param({"ttl": datetime.date(2026, 1, 1)}, "ttl", "a whole number of seconds", id="ttl-date"),
        pytest.param({"ttl": 2**31}, "ttl", "at most 2147483647 seconds", id="ttl-over-31-bits"),
        pytest.param({"soa": ["1h"]}, "soa", "soa is a mapping", id="soa-list"),
        pytest.param({"soa": {"profile": ["standard"]}}, "soa.profile", "one of standard, dynamic", id="profile-list"),
        pytest.param({"contact": ["a@example.com"]}, "contact", "one e-mail address", id="contact-list"),
        pytest.param({"contact": "jörg@example.com"}, "contact", "before '@'", id="contact-outside-ascii"),
        pytest.param({"primary": "ns1"}, "primary", "absolute", id="relative-primary"),
        pytest.param({"primary": "ns_1.example.com"}, "primary", "letters, digits, hyphens", id="no-host-as-primary"),
        pytest.param({"name_servers": "ns1.example.com"}, "name_servers", "a list", id="name-servers-text"),
        pytest.param({"name_servers": [None]}, "name_servers[0]", "a mapping with name", id="name-server-null"),
        pytest.param({"name_servers": ["ns1"]}, "name_servers[0]", "absolute", id="relative-name-server"),
        pytest.param({"name_servers": ["192.0.2.1"]}, "name_servers[0]", "goes into addresses", id="address-as-name"),
        pytest.param({"name_servers": ["192.0.2.1."]}, "name_servers[0]", "goes into addresses", id="address-with-dot"),
        pytest.param({"name_servers": ["2001:db8::1"]}, "name_servers[0]", "goes into addresses", id="ipv6-as-name"),
        pytest.param({"name_servers": ["*.example.com"]}, "name_servers[0]", "RFC 1123", id="wildcard-name-server"),
        pytest.param(
            {"name_servers": ["ns1.example.com", {"name": "NS1.Example.com."}]},
            "name_servers[1]",
            "only once",
            id="name-server-twice",
        ),
        pytest.param({"records": {"www": "192.0.2.1"}}, "records", "records is a list", id="records-mapping"),
        pytest.param({"src": ""}, "src", "text is needed", id="empty-src"),
        pytest.param({"ds_from": True}, "ds_from", "one of child, cds", id="ds-from-yaml-yes"),
        pytest.param({"ds": DSKEY_SHA1}, "ds", "ds is a list", id="ds-text"),
        pytest.param({"ds": [DSKEY_SHA1], "ds_from": "child"}, "ds_from", "not both", id="ds-and-ds-from"),
        pytest.param({"dnskeys": [DSKEY], "ds_from": "cds"}, "ds_from", "not both", id="dnskeys-and-ds-from"),
    ],
)
def test_fields_refused(fields: dict[str, t.Any], where: str, rule: str) -> None:
    only = problem(**fields)
    assert (only.zone, only.where) == ("example.com", where)
    assert rule in only.rule


@pytest.mark.parametrize(
    ("addresses", "canonical"),
    [
        pytest.param("192.0.2.1", ("192.0.2.1",), id="one-as-text"),
        pytest.param(["2001:DB8:0:0:0::1"], ("2001:db8::1",), id="ipv6-spelling"),
        pytest.param(["2001:db8:0:1:1:1:1:1"], ("2001:db8:0:1:1:1:1:1",), id="one-zero-stays"),
        pytest.param(["2001:db8::2", "192.0.2.1"], ("2001:db8::2", "192.0.2.1"), id="order-kept"),
        pytest.param([], (), id="none"),
    ],
)
def test_addresses(addresses: object, canonical: tuple[str, ...]) -> None:
    (server,) = zone(name_servers=[{"name": "ns1.example.com", "addresses": addresses}]).name_servers
    assert server.addresses == canonical


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        pytest.param("192.0.2.256", "'192.0.2.256' is not an IPv4 or IPv6 address", id="octet-over-255"),
        pytest.param("192.0.2", "is not an IPv4", id="three-octets"),
        pytest.param("192.0.2.010", "is not an IPv4", id="leading-zero"),
        pytest.param("192.0.2.1.", "is not an IPv4", id="final-dot"),
        pytest.param(" 192.0.2.1", "is not an IPv4", id="space"),
        pytest.param("192.0.2.0/24", "is not an IPv4", id="network"),
        pytest.param("192.0.2.1:53", "is not an IPv4", id="port"),
        pytest.param("[2001:db8::1]", "is not an IPv4", id="brackets"),
        pytest.param("ns1.example.com", "is not an IPv4", id="name"),
        pytest.param("fe80::1%eth0", "zone index", id="zone-index"),
        pytest.param("::ffff:192.0.2.1", "write 192.0.2.1", id="ipv4-mapped"),
        pytest.param(3221225985, "is not an IPv4", id="number"),
        pytest.param(192.0, "is not an IPv4", id="float"),
        pytest.param(None, "is not an IPv4", id="null"),
    ],
)
def test_addresses_refused(address: object, rule: str) -> None:
    only = problem(name_servers=[{"name": "ns1.example.com", "addresses": ["192.0.2.53", address]}])
    assert (only.where, only.value) == ("name_servers[0].addresses", ["192.0.2.53", address])
    assert rule in only.rule


@pytest.mark.parametrize(
    "addresses",
    [["192.0.2.1", "192.0.2.1"], ["2001:db8::1", "192.0.2.1", "2001:DB8:0::1"]],
    ids=["same", "other-spelling"],
)
def test_address_listed_twice(addresses: list[str]) -> None:
    only = problem(name_servers=[{"name": "ns1.example.com", "addresses": addresses}])
    assert "is listed twice" in only.rule


@pytest.mark.parametrize(
    ("record", "owner", "texts"),
    [
        pytest.param({"name": "a", "type": "TXT", "value": "x y"}, "a", ("x y",), id="value"),
        pytest.param({"name": "a", "type": "TXT", "values": ["x", "y"]}, "a", ("x", "y"), id="values"),
        pytest.param({"name": "a", "type": "TXT", "value": 8675309}, "a", ("8675309",), id="number-as-value"),
        pytest.param({"name": 10, "type": "PTR", "value": "h.example."}, "10", ("h.example.",), id="number-as-owner"),
        pytest.param({"name": "a", "type": "TXT", "value": "x", "values": None}, "a", ("x",), id="values-null"),
        pytest.param({"name": "a", "type": "TXT", "values": ["x"], "value": None}, "a", ("x",), id="value-null"),
        pytest.param({"name": "a", "type": "TXT", "value": ""}, "a", ("",), id="empty-value"),
        pytest.param(
            {"name": "a", "type": "MX", "values": ["10 b", {"preference": 20, "exchange": "c"}]},
            "a",
            ("10 b", "20 c"),
            id="natural-form",
        ),
    ],
)
def test_records(record: dict[str, t.Any], owner: str, texts: tuple[str, ...]) -> None:
    (parsed,) = zone(records=[record]).records
    assert (parsed.index, parsed.owner, parsed.rdtype, parsed.texts, parsed.ttl) == (
        0,
        owner,
        record["type"],
        texts,
        None,
    )


@pytest.mark.parametrize(
    ("record", "where", "rule"),
    [
        pytest.param({"type": "A", "value": "x"}, "records[1] (A)", "name is required", id="no-name"),
        pytest.param({"name": "", "type": "A", "value": "x"}, "records[1] (A)", "name is required", id="empty-name"),
        pytest.param({"name": False, "type": "A", "value": "x"}, "records[1] (A)", "in quotes", id="name-yaml-no"),
        pytest.param({"name": 1.1, "type": "A", "value": "x"}, "records[1] (A)", "in quotes", id="name-float"),
        pytest.param({"name": "a", "value": "x"}, "records[1] (a)", "type is required", id="no-type"),
        pytest.param({"name": "a", "type": 1, "value": "x"}, "records[1] (a 1)", "type is required", id="type-number"),
        pytest.param({"name": "a", "type": "A"}, "records[1] (a A)", "exactly one of", id="no-value"),
        pytest.param(
            {"name": "a", "type": "A", "value": "x", "values": ["y"]}, "records[1] (a A)", "exactly one of", id="both"
        ),
        pytest.param({"name": "a", "type": "A", "values": "x"}, "records[1] (a A)", "a list", id="values-text"),
        pytest.param({"name": "a", "type": "A", "values": []}, "records[1] (a A)", "not empty", id="no-values"),
        pytest.param({"name": "a", "type": "TXT", "value": True}, "records[1] (a TXT)", "in quotes", id="yaml-yes"),
        pytest.param({"name": "a", "type": "TXT", "value": 1.1}, "records[1] (a TXT)", "in quotes", id="float"),
        pytest.param(
            {"name": "a", "type": "TXT", "value": datetime.date(2026, 1, 1)},
            "records[1] (a TXT)",
            "in quotes",
            id="date",
        ),
        pytest.param(
            {"name": "a", "type": "A", "value": ["x"]}, "records[1] (a A)", "go into values", id="list-as-value"
        ),
        pytest.param(
            {"name": "a", "type": "A", "values": [None]}, "records[1] (a A)", "in quotes", id="null-in-values"
        ),
        pytest.param(
            {"name": "a", "type": "MX", "value": {"preference": 1, "host": "b"}},
            "records[1] (a MX)",
            "host: unknown key; known are preference, exchange",
            id="natural-form",
        ),
        pytest.param(
            {"name": "a", "type": "A", "value": "x", "ttl": "-1"},
            "records[1] (a A) ttl",
            "whole number",
            id="negative-ttl",
        ),
        pytest.param(
            {"name": "a", "type": "A", "value": "x", "data": 1}, "records[1] (a A)", "unknown key", id="unknown-key"
        ),
    ],
)
def test_records_refused(record: dict[str, t.Any], where: str, rule: str) -> None:
    only = problem(records=[{"name": "fine", "type": "A", "value": "192.0.2.1"}, record])
    assert (only.zone, only.where) == ("example.com", where)
    assert rule in only.rule


def test_every_bad_value_of_a_record_is_reported() -> None:
    found = problems([{"name": "example.com", "records": [{"name": "a", "type": "TXT", "values": ["x", True, 1.5]}]}])
    assert [problem.value for problem in found] == [True, 1.5]


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(DSKEY_SHA256, id="text"),
        pytest.param(DSKEY_SHA256.upper(), id="upper-case"),
        pytest.param(
            "60485 5 2 ( D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B83\n  83F6A1E4469DA50A )  ; pasted\n",
            id="over-lines-in-parentheses-with-a-comment",
        ),
        pytest.param(
            "60485 RSASHA1 2 D4B7D520 E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A",
            id="mnemonic-and-spaces",
        ),
        pytest.param(dict(zip(("key_tag", "algorithm", "digest_type", "digest"), DSKEY_SHA256.split())), id="fields"),
        pytest.param(
            {
                "key_tag": 60485,
                "algorithm": 5,
                "digest_type": 2,
                "digest": "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4\nF9E99B8383F6A1E4469DA50A\n",
            },
            id="fields-with-numbers-and-a-digest-over-lines",
        ),
    ],
)
def test_ds(entry: object) -> None:
    assert [rdata.to_text() for rdata in zone(ds=[entry]).ds] == [DSKEY_SHA256]


@pytest.mark.parametrize(
    ("key", "name", "ds"),
    [
        pytest.param(DSKEY, "dskey.example.com", DSKEY_SHA256, id="rfc-4509"),
        pytest.param(DSKEY, "DSKEY.Example.COM.", DSKEY_SHA256, id="upper-case-zone"),
        pytest.param(f"257 3 13 {ECDSA_KEY}", "münchen.example", ECDSA_DS, id="idn"),
        pytest.param(
            f"257 3 13 ( {ECDSA_KEY[:40]}\n {ECDSA_KEY[40:]} ) ; KSK", "münchen.example", ECDSA_DS, id="over-lines"
        ),
        pytest.param(
            {"flags": 257, "protocol": 3, "algorithm": 13, "public_key": ECDSA_KEY},
            "münchen.example",
            ECDSA_DS,
            id="fields",
        ),
        pytest.param(
            {"flags": 257, "protocol": None, "algorithm": "ECDSAP256SHA256", "public_key": ECDSA_KEY},
            "münchen.example",
            ECDSA_DS,
            id="fields-without-protocol",
        ),
        pytest.param(
            {"flags": 257, "algorithm": 13, "public_key": f"{ECDSA_KEY[:40]}\n{ECDSA_KEY[40:]}\n"},
            "münchen.example",
            ECDSA_DS,
            id="public-key-in-a-yaml-block",
        ),
    ],
)
def test_ds_of_dnskeys(key: object, name: str, ds: str) -> None:
    parsed = zone(name, dnskeys=[key])
    assert [rdata.to_text() for rdata in parsed.ds] == [ds]
    assert len(parsed.dnskeys) == 1


def test_ds_comes_once_beside_its_key() -> None:
    parsed = zone("dskey.example.com", ds=[DSKEY_SHA1, DSKEY_SHA256.upper(), DSKEY_SHA256], dnskeys=[DSKEY])
    assert [rdata.to_text() for rdata in parsed.ds] == [DSKEY_SHA1, DSKEY_SHA256]


@pytest.mark.parametrize(
    ("field", "entry", "rule"),
    [
        pytest.param("ds", "60485 5 2 d4b7d520", "digest length", id="short-digest"),
        pytest.param("ds", "60485 5 2 d4b7d5zz", "hexadecimal", id="not-hexadecimal"),
        pytest.param("ds", DSKEY_SHA256.replace(" d4b7", "\nd4b7"), "only parentheses make one", id="second-line"),
        pytest.param("ds", f"{DSKEY_SHA256}\n{DSKEY_SHA1}", "only parentheses make one", id="two-records"),
        pytest.param("ds", f"example.com. IN DS {DSKEY_SHA256}", "<key_tag> <algorithm>", id="whole-record"),
        pytest.param("ds", "", "<key_tag> <algorithm>", id="empty"),
        pytest.param("ds", "65536 5 1 2bb183af5f22588179a53b0a98631fad1a292118", "65536", id="key-tag-over-16-bits"),
        pytest.param("ds", 60485, "text or a mapping", id="number"),
        pytest.param("ds", None, "text or a mapping", id="null"),
        pytest.param("ds", {"key_tag": 1, "digest": "aa"}, "algorithm and digest_type missing", id="fields-missing"),
        pytest.param(
            "ds",
            {"key_tag": 1, "algorithm": "RSA", "digest_type": 2, "digest": "aa"},
            "unknown mnemonic",
            id="algorithm",
        ),
        pytest.param(
            "ds",
            {"key_tag": 1.0, "algorithm": 8, "digest_type": 2, "digest": "aa"},
            "neither base64",
            id="float-key-tag",
        ),
        pytest.param(
            "dnskeys", f"257 3 13 {ECDSA_KEY[:40]}\n{ECDSA_KEY[40:]}", "only parentheses", id="key-over-lines"
        ),
        pytest.param("dnskeys", f"257 3 13 {ECDSA_KEY[:40]}!{ECDSA_KEY[40:]}", "neither base64", id="damaged-key"),
        pytest.param("dnskeys", "257 3 13 ( AAAA", "<public_key>", id="open-parenthesis"),
        pytest.param("dnskeys", f"0 3 13 {ECDSA_KEY}", "flags 256 or 257", id="no-zone-key"),
        pytest.param("dnskeys", f"257 2 13 {ECDSA_KEY}", "protocol 3", id="other-protocol"),
        pytest.param(
            "dnskeys",
            {"flags": 257, "algorithm": 13, "public_key": "AAAA;AAAA"},
            "neither base64",
            id="comment-in-a-field",
        ),
    ],
)
def test_ds_and_dnskeys_refused(field: str, entry: object, rule: str) -> None:
    only = problem(**{field: [entry]})
    assert (only.zone, only.where, only.value) == ("example.com", f"{field}[0]", entry)
    assert rule in only.rule


def test_unknown_key_of_a_ds_is_reported() -> None:
    found = problems([{"name": "example.com", "ds": [{"keytag": 1}]}])
    assert [problem.where for problem in found] == ["ds[0]", "ds[0]"]
    assert found[0].rule == "unknown key; known are algorithm, digest, digest_type, key_tag"


TREE = ZoneTree(
    parse_zones(
        [
            {"name": "deep.west.contoso.example"},
            {"name": "contoso.example"},
            {"name": "west.contoso.example"},
            {"name": "a.b.c.contoso.example"},
            {"name": "elsewhere.contoso.example", "parent": "corp"},
            {"name": "said.contoso.example", "parent": "Contoso.Example."},
            {"name": "skipping.west.contoso.example", "parent": "contoso.example"},
            {"name": "münchen.example"},
            {"name": "nord.münchen.example", "parent": "MÜNCHEN.example"},
            {"name": "süd.münchen.example", "parent": "my registrar"},
            {"name": "notcontoso.example"},
            {"name": "192.0.2.0/24"},
            {"name": "192.0.2.64/26", "parent": "192.0.2.0/24"},
        ]
    )
)


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        pytest.param("contoso.example", None, id="top"),
        pytest.param("west.contoso.example", "contoso.example", id="child"),
        pytest.param("deep.west.contoso.example", "west.contoso.example", id="grandchild-listed-first"),
        pytest.param("a.b.c.contoso.example", "contoso.example", id="nearest-described-ancestor"),
        pytest.param("elsewhere.contoso.example", None, id="parent-elsewhere"),
        pytest.param("said.contoso.example", "contoso.example", id="parent-is-the-zone-above"),
        pytest.param("skipping.west.contoso.example", None, id="parent-is-not-the-nearest-above"),
        pytest.param("xn--mnchen-3ya.example", None, id="idn-top"),
        pytest.param("nord.xn--mnchen-3ya.example", "xn--mnchen-3ya.example", id="parent-as-a-u-label"),
        pytest.param("xn--sd-xka.xn--mnchen-3ya.example", None, id="parent-that-is-no-domain-name"),
        pytest.param("notcontoso.example", None, id="same-ending-of-a-label"),
        pytest.param("64/26.2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa", id="networks"),
    ],
)
def test_parent_of(name: str, parent: str | None) -> None:
    (parsed,) = parse_zones([name])
    child = TREE.get(parsed.name)
    assert child is not None
    found = TREE.parent_of(child)
    assert (found and found.text) == parent


@pytest.mark.parametrize(
    ("name", "children"),
    [
        pytest.param(
            "contoso.example",
            ["west.contoso.example", "a.b.c.contoso.example", "said.contoso.example"],
            id="in-input-order",
        ),
        pytest.param("west.contoso.example", ["deep.west.contoso.example"], id="middle"),
        pytest.param("deep.west.contoso.example", [], id="leaf"),
        pytest.param("xn--mnchen-3ya.example", ["nord.xn--mnchen-3ya.example"], id="idn"),
    ],
)
def test_children_of(name: str, children: list[str]) -> None:
    (parsed,) = parse_zones([name])
    assert [child.text for child in TREE.children_of(parsed)] == children


def test_root_is_above_all() -> None:
    root, top = parse_zones([".", {"name": "example", "parent": "."}])
    tree = ZoneTree([root, top])
    assert tree.parent_of(top) is root
    assert tree.parent_of(root) is None
    assert list(tree.children_of(root)) == [top]
    assert list(tree.children_of(top)) == []


def test_closest_above_is_strict() -> None:
    (parsed,) = parse_zones(["host.deep.west.contoso.example"])
    above = TREE.closest_above(parsed.name)
    assert above is not None
    assert above.text == "deep.west.contoso.example"
    higher = TREE.closest_above(above.name)
    assert higher is not None
    assert higher.text == "west.contoso.example"
    assert TREE.get(parsed.name) is None


def test_name_server_as_text() -> None:
    assert str(NameServer(name=zone("ns1.example.com").name)) == "ns1.example.com"


def test_ports_of_name_servers_are_no_part_of_addresses() -> None:
    given = ["192.0.2.53@5353", "2001:DB8::53", "192.0.2.54"]
    (zone,) = parse_zones([{"name": "example.com", "name_servers": [{"name": "ns1.example.com", "addresses": given}]}])
    (server,) = zone.name_servers
    assert server.addresses == ("192.0.2.53", "2001:db8::53", "192.0.2.54")
    assert server.ports == {"192.0.2.53": 5353}
    assert "5353" not in str(server)
    assert server == NameServer(name=server.name, addresses=server.addresses)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (["192.0.2.53@0"], "has no port from 1 to 65535 behind the @"),
        (["192.0.2.53@53", "192.0.2.53@54"], "192.0.2.53 is listed twice"),
        (["ns@53"], "'ns' is not an IPv4 or IPv6 address"),
    ],
)
def test_ports_that_cannot_be_used(given: list[str], rule: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        parse_zones([{"name": "example.com", "name_servers": [{"name": "ns1.example.com", "addresses": given}]}])
    assert rule in caught.value.message


def test_a_plain_name_is_a_zone_that_nothing_is_said_about() -> None:
    (plain,) = parse_zones(["example.com"])
    assert plain.described == {"name": "example.com"}
    nothing: dict[str, t.Any] = dict.fromkeys(("ttl", "soa", "name_servers", "records", "ds", "dnskeys", "src"))
    assert replace(zone(**nothing), described=plain.described) == plain == zone()
