# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which serials are served, as servers by script tell it, and what is said of those that do not tell."""

from __future__ import annotations

import asyncio
import time
import typing as t

import dns.message
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport
from ansible_collections.zonecut.dns.plugins.module_utils._served_serials import (
    SerialServer,
    ask_for_serials,
    parse_servers,
    system_addresses,
)
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Failure, Query, Reply
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import ChangingZone, ServedSerials
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    World,
    rcode,
    records,
    without_aa,
)

ONE, TWO, THREE = "127.95.1.1", "127.95.1.2", "127.95.1.3"
SECRET = "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="


def soa(serial: int) -> str:
    return f"@ 3600 SOA ns hostmaster {serial} 3600 900 1209600 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n"


def changing(*names: str, new: t.Collection[str] = ()) -> list[ChangingZone]:
    return [ChangingZone(zone=zone, is_new=zone.text in new) for zone in parse_zones(list(names))]


def asked(
    world: World,
    zones: t.Sequence[ChangingZone],
    *hosts: str,
    known: t.Mapping[str, list[str]] | None = None,
    allow: t.Collection[str] = (),
) -> ServedSerials:
    async def addresses_of(host: str) -> list[str]:
        if host not in (known or {}):
            raise OSError(f"unknown host {host}")
        return (known or {})[host]

    servers = [SerialServer(host) for host in hosts]
    return ask_for_serials(zones, servers, transport=world, addresses_of=addresses_of, allow=allow)


def refused(world: World, zones: t.Sequence[ChangingZone], *hosts: str, **options: t.Any) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        asked(world, zones, *hosts, **options)
    assert asked(world, zones, *hosts, **options, allow=["serial_unknown"]) is not None
    return caught.value.message.splitlines()


class TestAnswers:
    def test_come_from_every_server_for_every_zone(self) -> None:
        world = World().host(ONE, "a.example", soa(5)).host(ONE, "b.example", soa(6)).host(TWO, "a.example", soa(9))
        world.host(TWO, "b.example", soa(2))
        found = asked(world, changing("a.example", "B.example."), ONE, TWO)
        assert found == {"a.example.": {ONE: 5, TWO: 9}, "b.example.": {ONE: 6, TWO: 2}}
        assert sorted(world.questions()) == ["a.example SOA"] * 2 + ["b.example SOA"] * 2

    def test_of_a_host_are_the_newest_of_its_addresses(self) -> None:
        world = World().host(ONE, "a.example", soa(2**32 - 1)).host(TWO, "a.example", soa(3))
        known = {"ns.test": [ONE, TWO, THREE]}
        assert asked(world, changing("a.example"), "ns.test", known=known) == {"a.example.": {"ns.test": 3}}

    def test_of_one_address_of_a_host_are_enough(self) -> None:
        world = World().script(ONE, "no_route").host(TWO, "a.example", soa(3))
        assert asked(world, changing("a.example"), "ns.test", known={"ns.test": [ONE, TWO]})["a.example."]

    def test_of_other_names_and_types_are_none(self) -> None:
        other = records(answer="b.example. 60 SOA ns. h. 7 1 1 1 1\na.example. 60 A 192.0.2.1")
        world = World().script(ONE, other)
        (message,) = refused(world, changing("a.example"), ONE)
        assert message == (
            f"zone a.example, serial.servers: {ONE} does not serve the zone (it answers without the SOA asked for);"
            " allow it if the serial there does not matter [serial_unknown]"
        )


class TestUnknown:
    @pytest.mark.parametrize(
        ("script", "reason"),
        [
            (rcode("REFUSED"), "does not serve the zone (it answers REFUSED)"),
            (rcode("SERVFAIL"), "does not serve the zone (it answers SERVFAIL)"),
            (rcode("NXDOMAIN"), "does not serve the zone (it answers NXDOMAIN)"),
            (without_aa, "answers without authority (AA bit clear)"),
            (records(authority="example. 60 NS ns.example."), "answers without the SOA asked for"),
            (records(authority="example. 60 SOA ns. h. 1 1 1 1 1"), "answers without the SOA asked for"),
        ],
    )
    def test_is_an_error_for_a_zone_that_has_a_file(self, script: t.Any, reason: str) -> None:
        world = World().host(ONE, "a.example", soa(5)).script(ONE, script)
        (message,) = refused(world, changing("a.example"), ONE)
        assert message.startswith(f"zone a.example, serial.servers: {ONE} ") and reason in message
        assert message.endswith("[serial_unknown]")
        assert asked(world, changing("a.example", new=["a.example"]), ONE) == {}

    @pytest.mark.parametrize("failure", ["timeout", "refused", "unreachable", "closed", "key_rejected", "no_route"])
    @pytest.mark.parametrize("new", [[], ["a.example"]])
    def test_is_always_an_error_of_a_silent_server(self, failure: t.Any, new: list[str]) -> None:
        world = World().script(ONE, failure).host(TWO, "a.example", soa(5))
        (message,) = refused(world, changing("a.example", new=new), ONE, TWO)
        assert f"{ONE} gave no answer that can be used (scripted {failure})" in message
        assert asked(world, changing("a.example"), ONE, TWO, allow=["serial_unknown"]) == {"a.example.": {TWO: 5}}

    @pytest.mark.parametrize("host", ["nowhere.test", "a..b", "x" * 64 + ".test"])
    def test_is_an_error_of_a_host_without_address(self, host: str) -> None:
        (message,) = refused(World(), changing("a.example", new=["a.example"]), host)
        assert f"{host} has no address that this host knows (unknown host {host})" in message

    def test_names_every_server_and_the_zones_together(self) -> None:
        names = [f"z{number:02}.example" for number in range(12)]
        world = World()
        for name in names[1:]:
            world.host(TWO, name, soa(1))
        first, second = refused(world, changing(*names), ONE, TWO)
        shown = ", ".join(names[:10])
        assert first.startswith(f"zone {shown} and 2 more, serial.servers: {ONE} gave no answer")
        assert second.startswith(
            f"zone z00.example, serial.servers: {TWO} does not serve the zone (it answers REFUSED)"
        )

    def test_may_be_of_one_zone_alone(self) -> None:
        world = World().host(ONE, "a.example", soa(5)).host(ONE, "b.example", soa(6))
        world.script(ONE, "timeout", name="a.example")
        (message,) = refused(world, changing("a.example", "b.example"), ONE)
        assert message.startswith(f"zone a.example, serial.servers: {ONE} gave no answer")


class Waiting(World):
    """Silent servers make wait, as real ones do; counts how many questions are under way at most."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self.timeout, self.under_way, self.most = timeout, 0, 0

    async def ask(self, query: Query) -> Reply:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        reply = await super().ask(query)
        await asyncio.sleep(self.timeout if reply.failure == "timeout" else 0.001)
        self.under_way -= 1
        return reply


def numbered(query: Query, answer: dns.message.Message) -> dns.message.Message | Failure:
    """Serve z5.example with serial 5."""
    number = query.name.labels[0][1:].decode("ascii")
    return records(answer=f"{query.name} 60 SOA ns. h. {number} 1 1 1 1")(query, answer)


class TestMany:
    NAMES: t.ClassVar[list[str]] = [f"z{number}.example" for number in range(1000)]

    def test_silent_server_costs_one_timeout(self) -> None:
        world = Waiting(timeout=0.3)
        world.script(TWO, numbered)
        zones = changing(*self.NAMES)
        found = asked(world, zones, ONE, TWO, THREE, allow=["serial_unknown"])
        assert [found[f"{name}."][TWO] for name in self.NAMES] == list(range(1000))
        # These three wait side by side, so that there is one timeout for all.
        assert len(world.questions(ONE)) == len(world.questions(THREE)) == 3
        assert len(world.questions(TWO)) == 1000
        # All at once, but for what a host can have under way.
        assert world.most == 100

    def test_server_that_drops_new_zones_is_asked_for_the_others(self) -> None:
        world = World().host(ONE, "z999.example", soa(7)).script(ONE, "timeout")
        world.script(ONE, lambda _query, answer: answer, name="z999.example")
        zones = changing(*self.NAMES, new=self.NAMES[:-1])
        found = asked(world, zones, ONE, allow=["serial_unknown"])
        assert found == {"z999.example.": {ONE: 7}}
        assert len(world.questions(ONE)) == 1000


class TestServers:
    def test_are_addresses_or_hosts_with_port_and_key(self) -> None:
        plain, full = parse_servers(
            [
                {"address": "2001:db8::1", "port": None, "key_name": None, "key_secret": None, "key_algorithm": None},
                {
                    "address": "ns1.example",
                    "port": 5353,
                    "key_name": "Read.key",
                    "key_secret": SECRET,
                    "key_algorithm": "hmac-sha512",
                },
            ]
        )
        assert (plain.host, plain.port, plain.key, str(plain)) == ("2001:db8::1", 53, None, "2001:db8::1")
        assert str(full) == "ns1.example port 5353"
        assert full.key is not None and full.key.name.to_text() == "Read.key."
        assert full.key.algorithm.to_text() == "hmac-sha512."

    def test_sign_with_their_key(self) -> None:
        (server,) = parse_servers([{"address": ONE, "port": 5353, "key_name": "read.key", "key_secret": SECRET}])
        world = World().script(ONE, "timeout")
        ask_for_serials(changing("a.example"), [server], transport=world, allow=["serial_unknown"])
        (query,) = world.asked
        assert query.port == 5353 and query.key == server.key

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ({"address": ""}, "serial.servers[0].address: must not be empty"),
            ({"address": ONE, "port": 0}, "serial.servers[0].port: 0: must be between 1 and 65535"),
            ({"address": ONE, "key_name": "k"}, "serial.servers[0].key_secret: key_name and key_secret are needed"),
            ({"address": ONE, "key_secret": SECRET}, "serial.servers[0].key_name: key_name and key_secret are needed"),
            (
                {"address": ONE, "key_name": "k", "key_secret": "plain-text"},
                "serial.servers[0].key_secret: a secret is Base64",
            ),
            ({"address": ONE, "key_name": "k", "key_secret": ""}, "serial.servers[0].key_secret: the secret is empty"),
            ({"address": ONE, "key_name": "a..b", "key_secret": SECRET}, "serial.servers[0].key_name: 'a..b': "),
        ],
    )
    def test_are_checked(self, entry: dict[str, t.Any], message: str) -> None:
        with pytest.raises(DescriptionError) as caught:
            parse_servers([entry, {"address": TWO}, {"address": TWO}])
        first, second = caught.value.message.splitlines()
        assert first.startswith(message) and "plain-text" not in first
        assert second == f"serial.servers[2]: '{TWO}': the same server twice"


def test_the_system_knows_addresses() -> None:
    assert "127.0.0.1" in asyncio.run(system_addresses("localhost"))
    assert asyncio.run(system_addresses("192.0.2.7")) == ("192.0.2.7",)


def test_a_refusing_host_is_told_over_the_network() -> None:
    # Nothing listens there, which the kernel says at once.
    server = SerialServer("127.95.1.9", port=1)
    started = time.monotonic()
    with pytest.raises(DescriptionError, match=r"127\.95\.1\.9 port 1 gave no answer .*refused"):
        ask_for_serials(changing("a.example"), [server], transport=NetworkTransport(timeout=20, retries=1))
    assert time.monotonic() - started < 10
