# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way down: what is asked of whom, how often, and where it ends."""

from __future__ import annotations

import asyncio
import typing as t

import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._resolver import (
    INTERNET_ROOTS,
    HostAddresses,
    Resolver,
    ServedZone,
    Stuck,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    NS1,
    NS2,
    PARENT,
    PARENT2,
    PARENT_ZONE,
    ROOT,
    ROOT_ZONE,
    TLD,
    TLD_ZONE,
    World,
    contoso,
    rcode,
    records,
    without_aa,
)

_T = t.TypeVar("_T")


def run(world: World, task: t.Callable[[Resolver], t.Awaitable[_T]]) -> _T:
    async def inside() -> _T:
        return await task(Resolver(world, roots=[ROOT], port=53, protocol="udp"))

    return asyncio.run(inside())


def zone_of(world: World, name: str) -> str:
    found = run(world, lambda resolver: resolver.zone_of(dns.name.from_text(name)))
    return found.name.to_text() if isinstance(found, ServedZone) else str(found)


def addresses_of(world: World, name: str) -> HostAddresses:
    return run(world, lambda resolver: resolver.addresses_of(dns.name.from_text(name)))


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        (".", "."),
        ("example.", "example."),
        ("contoso.example.", "contoso.example."),
        ("www.contoso.example.", "contoso.example."),
        ("absent.contoso.example.", "contoso.example."),
        ("deep.below.absent.contoso.example.", "contoso.example."),
        ("www.mail.contoso.example.", "mail.contoso.example."),
        ("absent.", "."),
    ],
)
def test_the_zone_of_a_name(name: str, zone: str) -> None:
    assert zone_of(contoso(), name) == zone


def test_a_thousand_zones_of_one_parent_walk_to_it_once() -> None:
    world = contoso()
    names = [dns.name.from_text(f"zone-{number}.contoso.example") for number in range(1000)]

    async def parents(resolver: Resolver) -> set[str]:
        found = await asyncio.gather(*(resolver.zone_of(name.parent()) for name in names))
        return {str(zone.name) for zone in found if isinstance(zone, ServedZone)}

    assert run(world, parents) == {"contoso.example."}
    assert world.questions() == ["example NS", "contoso.example NS"]


def test_each_step_asks_the_servers_of_the_zone_above() -> None:
    world = contoso()
    zone_of(world, "mail.contoso.example")
    assert world.questions(ROOT) == ["example NS"]
    assert world.questions(TLD) == ["contoso.example NS"]
    assert [*world.questions(PARENT), *world.questions(PARENT2)] == ["mail.contoso.example NS"]


def test_a_server_that_fails_is_passed_over_and_asked_last_from_then_on() -> None:
    world = contoso().script(PARENT, "timeout")

    async def walk(resolver: Resolver) -> None:
        for name in ("a", "b", "c"):
            await resolver.zone_of(dns.name.from_text(f"{name}.contoso.example"))

    run(world, walk)
    assert world.questions(PARENT) == ["a.contoso.example NS"]
    assert len(world.questions(PARENT2)) == 3


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(rcode("REFUSED"), id="refused"),
        pytest.param(rcode("SERVFAIL"), id="servfail"),
        pytest.param(records(authority=". 60 NS a.root.", aa=False), id="upward"),
        pytest.param(records(authority="contoso.example. 60 NS ns1.contoso.example.", aa=False), id="sideways"),
        pytest.param(records(answer="contoso.test. 60 NS ns1.contoso.test."), id="unrelated"),
        pytest.param(without_aa, id="not authoritative"),
    ],
)
def test_a_lame_server_is_not_believed(bad: t.Any) -> None:
    world = contoso(cut="sub 60 A 192.0.2.5\n").script(PARENT, bad)
    assert zone_of(world, "sub.contoso.example") == "contoso.example."
    assert world.questions(PARENT2) == ["sub.contoso.example NS"]


def test_where_nobody_answers_the_way_down_ends() -> None:
    world = contoso().script(PARENT, "timeout").script(PARENT2, rcode("REFUSED"))
    assert zone_of(world, "mail.contoso.example") == (
        "no server of contoso.example gave a usable answer"
        f" (asked ns1.contoso.example ({PARENT}), ns2.contoso.example ({PARENT2}))"
    )


def test_name_servers_without_glue_are_looked_up() -> None:
    tld = f"{TLD_ZONE}fabrikam 60 NS ns.contoso\nns.contoso 60 A 127.94.9.9\n"
    world = contoso(parent=f"{PARENT_ZONE}dns 60 A {NS1}\n").host(
        TLD, "example.", f"{tld}adatum 60 NS dns.contoso.example.\n"
    )
    world.host(NS1, "adatum.example", "@ 60 SOA a b 1 2 3 4 5\n@ 60 NS dns.contoso.example.\nwww 60 A 192.0.2.7\n")
    assert addresses_of(world, "www.adatum.example").addresses == ("192.0.2.7",)


def test_every_address_of_every_server() -> None:
    world = contoso(parent=f"{PARENT_ZONE}dns 60 A {NS1}\ndns 60 AAAA 2001:db8::1\n")
    world.host(TLD, "example.", f"{TLD_ZONE}adatum 60 NS dns.contoso\nadatum 60 NS ns.adatum\nns.adatum 60 A {NS2}\n")

    async def endpoints(resolver: Resolver) -> list[str]:
        zone = await resolver.zone_of(dns.name.from_text("adatum.example"))
        assert isinstance(zone, ServedZone)
        return sorted(str(endpoint) for endpoint in await resolver.endpoints(zone))

    assert run(world, endpoints) == [
        f"dns.contoso.example ({NS1})",
        "dns.contoso.example (2001:db8::1)",
        f"ns.adatum.example ({NS2})",
    ]


def test_both_address_families() -> None:
    world = contoso(parent=f"{PARENT_ZONE}www 60 AAAA 2001:db8::1\n")
    assert addresses_of(world, "www.contoso.example") == HostAddresses(
        name=dns.name.from_text("www.contoso.example"), addresses=("192.0.2.1", "2001:db8::1")
    )


def test_a_host_at_the_apex_of_a_zone_is_asked_of_that_zone() -> None:
    world = contoso(parent=f"{PARENT_ZONE}@ 60 A 192.0.2.8\n")
    assert addresses_of(world, "contoso.example").addresses == ("192.0.2.8",)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("absent.contoso.example", "does not exist, says contoso.example"),
        ("mx.contoso.example", "has neither A nor AAAA in contoso.example"),
        ("a.absent", "does not exist, says the root"),
        ("alias.contoso.example", "is an alias of gone.contoso.example, which does not exist, says contoso.example"),
    ],
)
def test_why_a_host_has_no_address(name: str, problem: str) -> None:
    world = contoso(parent=f"{PARENT_ZONE}mx 60 MX 10 www\nalias 60 CNAME gone\n")
    assert addresses_of(world, name).problem == problem


@pytest.mark.parametrize(("script", "unknown"), [(rcode("SERVFAIL"), True), (rcode("NXDOMAIN"), False)])
def test_whether_anybody_could_say_is_told(script: t.Any, unknown: bool) -> None:
    world = contoso(parent=f"{PARENT_ZONE}alias 60 CNAME mx.gone.example.\n").script(TLD, script, name="gone.example")
    for name in ("mx.gone.example", "alias.contoso.example"):
        host = addresses_of(world, name)
        assert (host.addresses, host.unknown) == ((), unknown)


POINTERS = """
1 60 PTR a.contoso.example.
1 60 PTR b.contoso.example.
2 60 CNAME 2.sub
2.sub 60 PTR c.contoso.example.
3 60 CNAME 4
4 60 CNAME 3
5 60 NS ns.dead.example.
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("1", {"a", "b"}), ("2", {"c"}), ("3", None), ("5", None), ("6", set())],
)
def test_pointers(name: str, expected: set[str] | None) -> None:
    world = contoso(parent=f"{PARENT_ZONE}{POINTERS}")
    found = run(world, lambda resolver: resolver.pointers_of(dns.name.from_text(f"{name}.contoso.example")))
    names = {f"{host}.contoso.example." for host in expected or ()}
    assert (None if found is None else {host.to_text() for host in found}) == (None if expected is None else names)


def test_an_alias_is_followed_across_zones_and_told() -> None:
    world = contoso(parent=f"{PARENT_ZONE}alias 60 CNAME other\nother 60 CNAME ns1.mail\n")
    host = addresses_of(world, "alias.contoso.example")
    assert (host.addresses, host.problem) == ((NS1,), "")
    assert host.alias == dns.name.from_text("other.contoso.example")


def test_an_alias_of_itself_ends() -> None:
    world = contoso(parent=f"{PARENT_ZONE}a 60 CNAME b\nb 60 CNAME a\n")
    host = addresses_of(world, "a.contoso.example")
    assert (host.addresses, bool(host.problem)) == ((), True)


def test_a_long_chain_of_aliases_ends() -> None:
    chain = "".join(f"a{number} 60 CNAME a{number + 1}\n" for number in range(50))
    world = contoso(parent=f"{PARENT_ZONE}{chain}a50 60 A 192.0.2.9\n")
    host = addresses_of(world, "a0.contoso.example")
    assert (host.addresses, "in a chain of over 8" in host.problem) == ((), True)
    assert len(world.asked) < 40


def test_zones_that_can_only_be_found_through_each_other_end() -> None:
    tld = f"{TLD_ZONE}adatum 60 NS ns.fabrikam\nfabrikam 60 NS ns.adatum\n"
    world = contoso().host(TLD, "example.", tld)

    async def both(resolver: Resolver) -> list[HostAddresses]:
        names = [dns.name.from_text(f"ns.{zone}.example") for zone in ("adatum", "fabrikam")]
        return list(await asyncio.gather(*(resolver.addresses_of(name) for name in names)))

    for host in run(world, both):
        assert host.addresses == ()
        assert host.problem.startswith("cannot be resolved: no server of ")


def test_what_failed_for_want_of_itself_is_not_remembered() -> None:
    # ns.adatum is found by way of fabrikam only, one of whose servers is ns.adatum.
    tld = f"{TLD_ZONE}adatum 60 NS ns.fabrikam\nfabrikam 60 NS ns.adatum\nfabrikam 60 NS ns2.fabrikam\n"
    world = contoso().host(TLD, "example.", f"{tld}ns2.fabrikam 60 A {NS1}\n")
    world.host(NS1, "fabrikam.example", f"@ 60 SOA a b 1 2 3 4 5\n@ 60 NS ns2\nns 60 A {NS2}\nns2 60 A {NS1}\n")
    world.host(NS2, "adatum.example", f"@ 60 SOA a b 1 2 3 4 5\n@ 60 NS ns.fabrikam.example.\nns 60 A {NS2}\n")
    assert addresses_of(world, "ns.adatum.example").addresses == (NS2,)


def test_a_silent_root() -> None:
    world = World().host(ROOT, ".", ROOT_ZONE).script(ROOT, "timeout")
    found = run(world, lambda resolver: resolver.zone_of(dns.name.from_text("example")))
    assert isinstance(found, Stuck)
    assert str(found) == f"no server of the root gave a usable answer (asked {ROOT})"


def test_the_roots_of_the_internet_are_thirteen_twice() -> None:
    assert sum(":" in address for address in INTERNET_ROOTS) == 13
    assert len(set(INTERNET_ROOTS)) == 26
