# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of verify and soa_info to settings; what cannot be used is refused by name."""

from __future__ import annotations

import datetime
import typing as t

import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils import _query_options, _verify_options
from ansible_collections.zonecut.dns.plugins.module_utils._checks.limits import Limits
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import (
    PARENT_SERVERS_ARGUMENT,
    QUERY_ARGUMENTS,
    network_transport,
    query_settings,
)
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import INTERNET_ROOTS
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings
from ansible_collections.zonecut.dns.plugins.module_utils._verify_options import VERIFY_ARGUMENTS, verify_settings

ZONES = parse_zones(["contoso.example"])


def params(**given: t.Any) -> dict[str, t.Any]:
    arguments = {**QUERY_ARGUMENTS, **PARENT_SERVERS_ARGUMENT, **VERIFY_ARGUMENTS}
    defaults = {option: spec.get("default") for option, spec in arguments.items()}
    return {**defaults, **given}


def test_a_reverse_zone_goes_by_its_network() -> None:
    given = params(only=["192.0.2.64/26"], expect_serial={"192.0.2.64/26": 1})
    settings = verify_settings(given, parse_zones(["192.0.2.64/26", "contoso.example"]))
    apex = dns.name.from_text("64/26.2.0.192.in-addr.arpa")
    assert settings.only == {apex}
    assert settings.expect_serial == {apex: 1}


def test_the_defaults() -> None:
    assert verify_settings(params(), ZONES) == Settings(roots=INTERNET_ROOTS)
    assert not verify_settings(params(), ZONES).private


def test_everything_given() -> None:
    settings = verify_settings(
        params(
            roots=["127.94.0.1", "2001:DB8::1"],
            port=5300,
            transport="tcp",
            concurrency=7,
            predelegation=True,
            only=["Contoso.Example."],
            checks=["soa_owner"],
            severity={"lame_rcode": "critical", "no_delegation": "critical"},
            fail_on="warning",
            expect_serial={"Contoso.Example.": "4294967295"},
            wait="5m",
            deadline="10m",
            signatures_expire_within="5d",
        ),
        ZONES,
    )
    assert (settings.roots, settings.private) == (("127.94.0.1", "2001:db8::1"), True)
    assert (settings.port, settings.transport, settings.concurrency, settings.predelegation) == (5300, "tcp", 7, True)
    assert settings.severity == {"lame_rcode": "critical", "no_delegation": "critical"}
    assert (settings.fail_on, settings.wait, settings.deadline) == ("warning", 300, 600)
    assert (settings.fail_on, settings.wait, settings.signatures_expire_within) == ("warning", 300, 432000)
    assert settings.only == {dns.name.from_text("contoso.example")}
    assert settings.expect_serial == {dns.name.from_text("contoso.example"): 4294967295}
    assert settings.selection.holds("lame_rcode") and not settings.selection.holds("ns_one_network")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"roots": []}, "roots: at least one address is needed"),
        ({"roots": ["ns.example"]}, "roots: 'ns.example': must be an IPv4 or IPv6 address"),
        ({"port": 0}, "port: 0: must be between 1 and 65535"),
        ({"timeout": 0.0}, "timeout: 0.0: must be between 0.01 and 600"),
        ({"retries": -1}, "retries: -1: must be between 0 and 20"),
        ({"concurrency": 0}, "concurrency: 0: must be between 1 and 1000"),
        ({"rate": -1.0}, "rate: -1.0: must be between 0 and 1000000"),
        ({"wait": "soon"}, "wait: 'soon': a duration is"),
        ({"deadline": "soon"}, "deadline: 'soon': a duration is"),
        ({"deadline": "0"}, "deadline: '0': must be at least 1 second"),
        ({"signatures_expire_within": "soon"}, "signatures_expire_within: 'soon': a duration is"),
        ({"severity": {"lame": "error"}}, "severity: 'lame': not a code of the catalogue"),
        ({"severity": {"lame_rcode": "bad"}}, "severity of lame_rcode: 'bad': must be one of critical, error"),
        ({"severity": {"no_working_server": "notice"}}, "severity of no_working_server: 'notice': stays critical"),
        ({"severity": {"name_is_alias": "error"}}, "severity of name_is_alias: 'error': stays critical"),
        ({"only": ["contoso.test"]}, "only: 'contoso.test': not one of the described zones"),
        ({"only": ["a..b"]}, "only: 'a..b': not a domain name"),
        ({"expect_serial": {"contoso.test": 1}}, "expect_serial: 'contoso.test': not one of the described zones"),
        ({"expect_serial": {"a..b": 1}}, "expect_serial: 'a..b': not a domain name"),
        ({"expect_serial": {"contoso.example": None}}, "expect_serial of contoso.example: a serial is a whole number"),
        ({"expect_serial": {"contoso.example": 1.9}}, "expect_serial of contoso.example: 1.9: a serial is"),
        ({"expect_serial": {"contoso.example": True}}, "expect_serial of contoso.example: True: a serial is"),
        ({"expect_serial": {"contoso.example": 2**32}}, "expect_serial of contoso.example: 4294967296: a serial is"),
        ({"roots": ["192.0.2.1@99999"]}, "roots: '192.0.2.1@99999': '192.0.2.1@99999' has no port from 1 to 65535"),
        ({"roots": ["fe80::1%eth0"]}, "roots: 'fe80::1%eth0': must be an IPv4 or IPv6 address without"),
        ({"parent_servers": ["ns"]}, "parent_servers: 'ns': must be an IPv4 or IPv6 address"),
        ({"resolver": "ns"}, "resolver: 'ns': must be an IPv4 or IPv6 address"),
        ({"resolver": "192.0.2.1", "predelegation": True}, "resolver: '192.0.2.1': asks one resolver and nobody else"),
        ({"resolver": "192.0.2.1", "parent_servers": ["192.0.2.2"]}, "goes with neither predelegation nor parent_ser"),
        ({"key_name": "a"}, "key_secret: key_name and key_secret are needed together"),
        ({"key_servers": ["192.0.2.1"]}, "key_servers: key_name and key_secret are needed with it"),
        (
            {"roots": ["192.0.2.1@53"], "parent_servers": ["192.0.2.1@54"]},
            "roots: '192.0.2.1@53': 192.0.2.1 has port 54 elsewhere",
        ),
        ({"limits": {"refresh_min": "soon"}}, "limits.refresh_min: 'soon': a duration is"),
        ({"limits": {"refresh_min": "13h"}}, "limits.refresh_min: '13h': must not be above refresh_max"),
        ({"limits": {"response_time": 0.0}}, "limits.response_time: 0.0: must be above 0"),
        ({"checks": ["soap"]}, "checks: 'soap': not a code of the catalogue nor a family"),
    ],
)
def test_what_cannot_be_used(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        verify_settings(params(**given), ZONES)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (["eth0"], "source_addresses: 'eth0': must be an IPv4 or IPv6 address"),
        (["192.0.2.1", "192.0.2.2"], "at most one address of IPv4 and one of IPv6"),
    ],
)
def test_source_addresses_that_cannot_be_used(sources: list[str], message: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        network_transport(params(source_addresses=sources))
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("zones", "processors", "processes"), [(1, 64, 1), (499, 64, 1), (500, 64, 2), (10000, 2, 2), (10000, 64, 8)]
)
def test_many_zones_get_more_processes_where_there_are_processors(
    monkeypatch: pytest.MonkeyPatch, zones: int, processors: int, processes: int
) -> None:
    monkeypatch.setattr(_verify_options, "processors", lambda: processors)
    assert verify_settings(params(), ZONES * zones).processes == processes


def test_processes_are_for_the_zones_that_are_looked_at_and_share_what_may_be_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_verify_options, "processors", lambda: 8)
    zones = ZONES * 2000
    assert verify_settings(params(only=["contoso.example"]), zones).processes == 1
    assert verify_settings(params(concurrency=3), zones).processes == 3


@pytest.mark.parametrize(("given", "port"), [({}, 853), ({"port": 5853}, 5853)])
def test_tls_is_over_tcp_at_a_port_of_its_own(given: dict[str, t.Any], port: int) -> None:
    settings = query_settings(params(transport="tls", **given), ZONES)
    assert (settings.transport, settings.port) == ("tcp", port)


def test_processes_share_the_rate() -> None:
    made: list[float | None] = []

    class Seeing(NetworkTransport):
        def __init__(self, **options: t.Any) -> None:
            made.append(options["rate"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_query_options, "NetworkTransport", Seeing)
        network_transport(params(rate=100.0), processes=4)
        network_transport(params(rate=0.0), processes=4)
    assert made == [25, None]


def test_limits() -> None:
    defaults = {name: spec["default"] for name, spec in VERIFY_ARGUMENTS["limits"]["options"].items()}
    assert verify_settings(params(limits=defaults), ZONES).limits == Limits()
    given = verify_settings(params(limits={**defaults, "refresh_max": "1d", "response_time": 0.5}), ZONES).limits
    assert given == Limits(refresh_max=86400, response_time=0.5)


@pytest.mark.parametrize(
    ("policy", "dates"), [(None, False), ("increment", False), ("unixtime", False), ("date", True)]
)
def test_serials_are_dates_where_the_policy_says_so(policy: str | None, dates: bool) -> None:
    last = verify_settings(params(serial_policy=policy), ZONES).last_serial_date
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert (last is not None) == dates
    # In some time zone it may be tomorrow.
    assert last is None or today <= last <= today + datetime.timedelta(days=1)


def test_soa_info_has_settings_of_its_own() -> None:
    given = params(predelegation=False, roots=["127.94.0.1"])
    assert query_settings(given, ZONES) == Settings(roots=("127.94.0.1",))


def test_verifying_nothing_is_refused() -> None:
    with pytest.raises(DescriptionError, match="^zones: no zone is described"):
        verify_settings(params(), [])


def test_places_keys_and_ports() -> None:
    described = [
        {"name": "ns1.example.net", "addresses": ["192.0.2.9@5301"]},
        {"name": "ns2.example.net", "addresses": ["192.0.2.8"]},
    ]
    zones = parse_zones([{"name": "contoso.example", "name_servers": described}])
    settings = verify_settings(
        params(
            parent_servers=["192.0.2.1@5300", "2001:DB8::1"],
            key_name="inner",
            key_secret="c2VjcmV0",
            key_servers=["192.0.2.9"],
        ),
        zones,
    )
    assert (settings.parent_servers, settings.roots) == (("192.0.2.1", "2001:db8::1"), ())
    access = settings.access
    assert access.ports == {"192.0.2.1": 5300, "192.0.2.9": 5301}
    assert access.key is not None and access.key.name == dns.name.from_text("inner")
    assert access.key_servers == frozenset(("192.0.2.9",))
    assert access.given == frozenset(("192.0.2.1", "2001:db8::1"))
    assert verify_settings(params(resolver="192.0.2.1@5353"), ZONES).resolver == "192.0.2.1"
    assert verify_settings(params(parent_servers=["192.0.2.1"], roots=["192.0.2.2"]), ZONES).roots == ("192.0.2.2",)
