# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What name servers show before a delegation changes; who could not be asked is not taken for dead."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._guards import Readiness, Service
from ansible_collections.zonecut.dns.plugins.module_utils._preflight import NetworkProbe
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import INTERNET_ROOTS
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import CUT, delegation
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_SOA,
    CHILD_ZONE,
    NS1,
    NS2,
    PARENT,
    PARENT2,
    PARENT_ZONE,
    ROOT,
    World,
    contoso,
    rcode,
)

# Without the addresses of its own name servers, which are found by glue.
BARE_PARENT = "".join(f"{line}\n" for line in PARENT_ZONE.splitlines() if not line.startswith("ns"))
GLUED = {"ns1": [NS1], "ns2": [NS2]}
SIX = "2001:db8::53"


def probe(world: World, **servers: t.Sequence[str]) -> NetworkProbe:
    """Return the probe in ``world``, for the child with these servers."""
    return NetworkProbe(described(**servers), settings=Settings(roots=(ROOT,)), transport=world)


def described(**servers: t.Sequence[str]) -> tuple[t.Any, ...]:
    """Return the child described with servers inside it."""
    given = [{"name": f"{name}.{CHILD}", "addresses": list(addresses)} for name, addresses in servers.items()]
    return parse_zones([{"name": CHILD, "name_servers": given}])


def readiness(world: World, **servers: t.Sequence[str]) -> Readiness:
    """Return what is found of the described servers."""
    return probe(world, **servers).preflight(described(**servers))[CUT]


def service(world: World, servers: t.Mapping[str, t.Sequence[str]]) -> Service:
    """Return what is found of the servers of the present delegation."""
    return probe(world).serving([(described()[0], delegation(servers))])[CUT]


def _with(lines: t.Mapping[str, str]) -> str:
    """Return the child with other lines in place of some of its own."""
    return "".join(f"{lines.get(line, line)}\n" for line in CHILD_ZONE.splitlines())


class TestPreflight:
    def test_of_servers_that_are_ready(self) -> None:
        assert readiness(contoso(), **GLUED) == Readiness(ttl=3600)

    def test_names_what_speaks_against_a_server(self) -> None:
        found = readiness(contoso().drop(NS2, CHILD), **GLUED)
        assert [finding.code for finding in found.findings] == ["lame_rcode"]
        assert NS2 in found.findings[0].message and not found.untested

    def test_names_whom_it_could_not_ask(self) -> None:
        world = contoso(child=f"{CHILD_ZONE}ns2 3600 AAAA {SIX}\n").script(SIX, "no_route")
        assert readiness(world, ns1=[NS1], ns2=[NS2, SIX]) == Readiness(untested=(f"ns2.{CHILD} ({SIX})",), ttl=3600)

    def test_tells_how_long_resolvers_keep_what_the_zone_says_of_its_servers(self) -> None:
        longer = {line: line.replace(" 3600 ", " 86400 ") for line in CHILD_ZONE.splitlines() if " NS " in line}
        assert readiness(contoso(child=_with(longer)), **GLUED).ttl == 86400
        longer = {line: line.replace(" 3600 ", " 7200 ") for line in CHILD_ZONE.splitlines() if line.startswith("ns1")}
        assert longer and readiness(contoso(child=_with(longer)), **GLUED).ttl == 7200

    def test_that_could_ask_nobody_knows_nothing(self) -> None:
        world = contoso().script(NS1, "no_route").script(NS2, "no_route")
        untested = (f"ns1.{CHILD} ({NS1})", f"ns2.{CHILD} ({NS2})")
        assert readiness(world, **GLUED) == Readiness(untested=untested, unknown=True)


class TestServersOutside:
    """Their described addresses help nobody but this host: resolvers go by what their names resolve to."""

    OUTSIDE: t.ClassVar[dict[str, str]] = {"ns1.contoso.example": NS1, "ns2.contoso.example": NS2}
    CHILD_ZONE = CHILD_SOA + "".join(f"\n@ 3600 NS {name}." for name in OUTSIDE) + "\n"

    def world(self, **hosts: str) -> World:
        """Return the tree with these addresses of hosts in the parent zone."""
        lines = "".join(f"{name} 3600 A {address}\n" for name, address in hosts.items())
        return contoso(child=self.CHILD_ZONE, cut="", parent=f"{BARE_PARENT}{lines}")

    def ready(self, world: World, *more: str, **settings: t.Any) -> Readiness:
        given = [{"name": name, "addresses": [address]} for name, address in self.OUTSIDE.items()]
        zones = parse_zones([{"name": CHILD, "name_servers": given}, *({"name": name} for name in more)])
        settings = {"roots": (ROOT,), **settings}
        return NetworkProbe(zones, settings=Settings(**settings), transport=world).preflight(zones[:1])[CUT]

    def test_that_resolvers_find_are_ready(self) -> None:
        assert self.ready(self.world(ns1=NS1, ns2=NS2)) == Readiness(ttl=3600)

    def test_that_do_not_exist_are_not(self) -> None:
        (finding,) = self.ready(self.world(ns1=NS1)).findings
        assert finding.code == "ns_no_address" and finding.server == "ns2.contoso.example"
        assert "does not exist, says contoso.example" in finding.message and NS2 in finding.message

    def test_that_are_elsewhere_are_not(self) -> None:
        (finding,) = self.ready(self.world(ns1=NS1, ns2="192.0.2.9")).findings
        assert finding.code == "glue_mismatch" and NS2 in finding.message and "192.0.2.9" in finding.message

    def test_that_a_described_zone_holds_may_be_about_to_come(self) -> None:
        world = self.world(ns1=NS1)
        assert self.ready(world, "contoso.example") == Readiness(ttl=3600)
        assert world.questions(ROOT) == []

    def test_that_cannot_be_looked_up_are_trusted_and_named(self) -> None:
        for world in (
            self.world().script(ROOT, "timeout"),
            self.world().script(PARENT, rcode("SERVFAIL")).script(PARENT2, "timeout"),
        ):
            found = self.ready(world)
            assert found.findings == () and len(found.unresolved) == 2
            assert found.unresolved[0].startswith("ns1.contoso.example (")

    def test_inside_of_private_networks_the_internet_knows_nothing_of(self) -> None:
        world = self.world()
        assert self.ready(world, roots=INTERNET_ROOTS) == Readiness(ttl=3600)
        assert not set(INTERNET_ROOTS) & {query.address for query in world.asked}


class TestServing:
    def test_names_who_answers(self) -> None:
        answering = (f"ns1.{CHILD} ({NS1})", f"ns2.{CHILD} ({NS2})")
        assert service(contoso(), GLUED) == Service(answering=answering)

    def test_takes_refusals_for_an_end(self) -> None:
        world = contoso().drop(NS1, CHILD).script(NS2, rcode("REFUSED"))
        assert service(world, GLUED) == Service()

    def test_takes_silence_for_an_end_where_others_answer(self) -> None:
        assert service(contoso().script(NS1, "timeout").drop(NS2, CHILD), GLUED) == Service()

    def test_takes_silence_for_an_end_where_the_roots_answer(self) -> None:
        world = contoso().script(NS1, "timeout").script(NS2, "refused")
        assert service(world, GLUED) == Service()
        assert world.questions(ROOT) == [". NS"]

    def test_takes_no_silence_for_an_end_where_nobody_answers(self) -> None:
        found = service(World(), GLUED)
        assert found.answering == () and len(found.untested) == 2
        assert found.untested[0].startswith(f"ns1.{CHILD} ({NS1}) is silent, and so is every root server")

    def test_asks_no_roots_where_that_decides_nothing(self) -> None:
        world = contoso().drop(NS1, CHILD).drop(NS2, CHILD)
        service(world, GLUED)
        assert world.questions(ROOT) == []

    def test_without_a_way_to_a_server_knows_nothing_of_it(self) -> None:
        world = contoso().drop(NS1, CHILD).script(NS2, "no_route").script(SIX, "no_route")
        found = service(world, {"ns1": [NS1], "ns2": [NS2, SIX]})
        assert found == Service(untested=(f"this host has no route to ns2.{CHILD} ({NS2}), ns2.{CHILD} ({SIX})",))

    def test_knows_enough_of_a_server_that_it_reached_at_one_address(self) -> None:
        world = contoso().drop(NS1, CHILD).script(SIX, "no_route")
        assert service(world, {"ns1": [NS1, SIX]}) == Service()

    def test_without_an_address_knows_nothing_of_a_server(self) -> None:
        world = contoso().drop(NS1, CHILD)
        found = service(world, {"ns1": [NS1], "nowhere.contoso.example.": [], "ns.elsewhere.test.": []})
        assert found.answering == () and len(found.untested) == 2
        assert any(each.startswith("nowhere.contoso.example does not exist") for each in found.untested)

    def test_goes_by_what_resolvers_find_and_not_by_what_is_described(self) -> None:
        world = contoso(parent=f"{BARE_PARENT}ns9 3600 A {NS1}\n")
        name = "ns9.contoso.example"
        (zone,) = parse_zones([{"name": CHILD, "name_servers": [{"name": name, "addresses": ["127.94.99.99"]}]}])
        network = NetworkProbe([zone], settings=Settings(roots=(ROOT,)), transport=world)
        found = network.serving([(zone, delegation({f"{name}.": []}))])[CUT]
        assert f"{name} ({NS1})" in found.answering

    def test_trusts_the_description_where_nobody_can_look_up(self) -> None:
        world, name = contoso().script(ROOT, "timeout"), "ns9.contoso.example"
        (zone,) = parse_zones([{"name": CHILD, "name_servers": [{"name": name, "addresses": [NS1]}]}])
        network = NetworkProbe([zone], settings=Settings(roots=(ROOT,)), transport=world)
        found = network.serving([(zone, delegation({f"{name}.": []}))])[CUT]
        assert f"{name} ({NS1})" in found.answering

    def test_without_roots_knows_nothing_of_servers_by_name(self) -> None:
        world = World()
        found = service(world, {"ns1.contoso.example.": []})
        assert len(found.untested) == 1 and "ns1.contoso.example cannot be resolved" in found.untested[0]
        assert ". NS" not in world.questions()
