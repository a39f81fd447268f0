# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of PowerDNS, as a real server has it."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdatatype
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError, DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import AbsorbedRecord, Change
from ansible_collections.zonecut.dns.plugins.module_utils._parents.powerdns import PowerdnsParent
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    ParentContract,
    described,
    opened,
    pushed,
    pushed_all,
    setting,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_api import Reply, ScriptedApi
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.powerdns_server import (
    ADDRESS,
    API_KEY,
    HAS_POWERDNS,
    Passage,
    PowerdnsServer,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.powerdns_world import (
    PARENT,
    PowerdnsWorld,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import DS_1

needs_powerdns = pytest.mark.skipif(not HAS_POWERDNS, reason="PowerDNS with its SQLite backend is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[PowerdnsServer]:
    running = PowerdnsServer(tmp_path_factory.mktemp("powerdns"))
    yield running
    running.stop()


@pytest.fixture
def world(server: PowerdnsServer) -> t.Iterator[PowerdnsWorld]:
    server.make_zone(PARENT)
    with Passage(server) as passage:
        yield PowerdnsWorld(server, passage)


@needs_powerdns
class TestPowerdns(ParentContract):
    pass


@needs_powerdns
class TestRead:
    def test_tells_the_ttls(self, world: PowerdnsWorld) -> None:
        zone = described(world)
        world.put(zone, wanted(world, described(world)))
        world.server.add(PARENT, f"{world.cut}.", "DS", DS_1, ttl=7200)
        found = opened(world).read(zone)
        assert (found.ns_ttl, found.ds_ttl) == (86400, 7200)

    def test_one_request_reads_many_zones(self, world: PowerdnsWorld) -> None:
        zones = parse_zones([f"z{number}.{PARENT}" for number in range(100)])
        for zone in zones[:50]:
            world.server.add(PARENT, zone.name.to_text(), "NS", "a.test")
        found = opened(world).read_all(zones)
        assert Counter(bool(t.cast(Delegation, value).exists) for value in found.values()) == {True: 50, False: 50}
        assert len(world.passage.requests) == 2

    def test_few_zones_do_not_fetch_the_whole_parent_zone(self, world: PowerdnsWorld) -> None:
        zone = described(world)
        world.put(zone, wanted(world, zone))
        assert opened(world).read(zone) == wanted(world, zone)
        assert all("rrset_name" in request.query or "zone" in request.query for request in world.passage.requests)

    def test_what_is_disabled_is_not_served_and_stays(self, world: PowerdnsWorld) -> None:
        zone = described(world)
        world.server.add(PARENT, f"{world.cut}.", "NS", "off.test", disabled=True)
        assert not opened(world).read(zone).exists
        assert pushed(world, zone).failure is None
        left = [data for _name, rdtype, _ttl, data, disabled, _auth in world.server.records(PARENT) if disabled]
        assert left == ["off.test"]

    @pytest.mark.parametrize(
        ("name", "options", "message"),
        [
            ("alias.contoso.example", {}, "alias.contoso.example is a CNAME in the parent zone"),
            ("x.elsewhere.contoso.example", {}, "elsewhere.contoso.example is a DNAME in the parent zone"),
            ("deep.mail.contoso.example", {}, "its parent zone is another"),
            ("mail.contoso.example", {"zone": "other.example"}, "does not lie below other.example"),
            ("contoso.example", {"zone": "contoso.example"}, "does not lie below contoso.example"),
            ("mail.contoso.example", {"zone": "example"}, "no zone example: check the option zone"),
            ("mail.elsewhere.example", {}, "no zone elsewhere.example, nor one above it: check api_url and server_id"),
            ("mail.contoso.example", {"server_id": "other"}, "answers 404 .*check server_id"),
            ("mail.contoso.example", {"api_key": "wr0ng-key"}, "answers 401 .*check api_key"),
            (".", {}, "the root zone has no parent"),
        ],
    )
    def test_what_cannot_be_read_says_why(
        self, world: PowerdnsWorld, name: str, options: dict[str, str], message: str
    ) -> None:
        world.server.add(PARENT, f"alias.{PARENT}", "CNAME", "ns.contoso.example")
        world.server.add(PARENT, f"elsewhere.{PARENT}", "DNAME", "contoso.test")
        world.server.add(PARENT, f"mail.{PARENT}", "NS", "a.test")
        world.given = options
        with pytest.raises(DelegationError, match=message) as caught:
            opened(world).read(parse_zones([name])[0])
        assert "wr0ng-key" not in caught.value.message

    def test_the_parent_is_the_longest_zone_above(self, world: PowerdnsWorld) -> None:
        world.server.make_zone("sub.contoso.example.")
        world.server.make_zone("x.sub.contoso.example.")
        zone = described(world, name="x.sub.contoso.example")
        assert pushed(world, zone).failure is None
        assert world.server.delegation("sub.contoso.example.", zone.name) == wanted(world, zone)

    def test_a_reverse_zone_has_an_identifier_of_its_own(self, world: PowerdnsWorld) -> None:
        world.server.make_zone("0/26.2.0.192.in-addr.arpa.")
        zone = described(world, name="7.0/26.2.0.192.in-addr.arpa", servers=["a.test", "b.test"])
        assert pushed(world, zone).failure is None
        assert world.server.delegation("0/26.2.0.192.in-addr.arpa.", zone.name) == wanted(world, zone)


@needs_powerdns
class TestHiddenBy:
    @pytest.mark.parametrize(
        ("records", "hidden"),
        [
            ("", ""),
            ("ns1.shop.contoso.example. A 192.0.2.9", ""),
            ("shop.contoso.example. MX 10 ns.contoso.example.", "shop.contoso.example MX"),
            ("www.shop.contoso.example. A 192.0.2.9", "www.shop.contoso.example A"),
            ("www.shop.contoso.example. ALIAS a.test", "www.shop.contoso.example ANY"),
        ],
    )
    def test_names_what_would_vanish(self, world: PowerdnsWorld, records: str, hidden: str) -> None:
        world.server.make_zone(PARENT, records=records)
        outcome = pushed(world, described(world))
        assert [refusal.code for refusal in outcome.refusals] == (["hides_data"] if hidden else [])
        assert hidden in str(outcome.failure)


@needs_powerdns
class TestApply:
    def served(self, world: PowerdnsWorld, rdtype: str) -> dns.message.Message:
        query = dns.message.make_query(world.cut, rdtype, want_dnssec=True)
        return dns.query.tcp(query, ADDRESS, port=world.server.dns_port, timeout=5)

    def test_the_delegation_is_served(self, world: PowerdnsWorld) -> None:
        outcome = pushed(world, described(world))
        assert outcome.failure is None
        answer = self.served(world, "NS")
        assert sorted(str(rdata) for rdata in answer.authority[0]) == ["a.test.", f"ns1.{world.cut}."]
        assert {str(rdata) for rrset in answer.additional for rdata in rrset} == {"192.0.2.1", "2001:db8::1"}

    def test_all_zones_of_a_parent_change_in_one_request(self, world: PowerdnsWorld) -> None:
        zones = [described(world, name=f"z{number}.{PARENT}") for number in range(50)]
        outcomes = pushed_all(world, zones)
        assert all(outcome.failure is None and outcome.changed for outcome in outcomes)
        assert world.changes() == 1
        assert all(world.holds(zone) == wanted(world, zone) for zone in zones)

    def test_one_that_is_refused_does_not_keep_the_others(self, world: PowerdnsWorld) -> None:
        zones = [described(world, name=f"z{number}.{PARENT}") for number in range(5)]
        alias = f"z3.{PARENT}"
        world.passage.before_change = lambda: world.server.add(PARENT, alias, "CNAME", "ns.contoso.example")
        outcomes = pushed_all(world, zones)
        assert [outcome.failure is None for outcome in outcomes] == [True, True, True, False, True]
        assert f"z3.{PARENT[:-1]} is a CNAME" in str(outcomes[3].failure)
        assert world.changes() == 1 + len(zones)
        assert [world.holds(zone).exists for zone in zones] == [True, True, True, False, True]

    def test_what_was_left_at_the_name_of_a_new_server_is_replaced(self, world: PowerdnsWorld) -> None:
        zone = described(world, servers=["a.test", {"name": f"ns1.{world.cut}", "addresses": ["192.0.2.9"]}])
        world.server.make_zone(PARENT, records=f"ns1.{world.cut}. A 192.0.2.1\nns1.{world.cut}. AAAA 2001:db8::1")
        assert pushed(world, zone).failure is None
        assert world.holds(zone) == wanted(world, zone)

    def test_glue_that_others_need_stays(self, world: PowerdnsWorld) -> None:
        zone, sibling = described(world), described(world, name=f"z.{PARENT}")
        world.put(zone, wanted(world, zone))
        world.put(sibling, Delegation.of([NameServer(dns.name.from_text(f"ns1.{world.cut}"))]))
        assert pushed(world, zone, state="absent").failure is None
        assert world.holds(zone) == NOT_DELEGATED
        left = sorted(record[3] for record in world.server.records(PARENT) if record[0] == f"ns1.{world.cut}.")
        assert left == ["192.0.2.1", "2001:db8::1"]

    @pytest.mark.parametrize("present", [["a.test", "b.test"], ["a.test", "ns1.shop.contoso.example"]])
    def test_glue_takes_the_place_of_an_alias_below_the_cut(self, world: PowerdnsWorld, present: list[str]) -> None:
        zone, before = described(world), described(world, servers=present)
        world.put(before, wanted(world, before))
        world.server.add(PARENT, f"ns1.{world.cut}.", "CNAME", "a.test")
        assert pushed(world, zone).failure is None
        assert world.holds(zone) == wanted(world, zone)
        assert "CNAME" not in [record[1] for record in world.server.records(PARENT)]

    def test_a_record_set_keeps_its_ttl_unless_another_is_given(self, world: PowerdnsWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])

        def pushed_ttls(**options: str) -> dict[str, int]:
            world.put(zone, wanted(world, described(world, servers=["a.test", "c.test"])))
            world.given = options
            assert pushed(world, described(world, servers=["a.test", "b.test"])).failure is None
            return {name: ttl for name, rdtype, ttl, *_rest in world.server.records(PARENT) if rdtype == "NS"}

        assert pushed_ttls()[f"{world.cut}."] == 86400
        assert pushed_ttls(ttl="5m")[f"{world.cut}."] == 300

    @pytest.mark.parametrize("soa_edit_api", ["DEFAULT", "INCREASE", "", "OFF"])
    def test_the_serial_moves(self, world: PowerdnsWorld, soa_edit_api: str) -> None:
        world.server.make_zone(PARENT, soa_edit_api=soa_edit_api)
        zones = [described(world, name=f"z{number}.{PARENT}") for number in range(3)]
        before = world.server.serial(PARENT)
        pushed_all(world, zones)
        after = world.server.serial(PARENT)
        assert after > before
        assert soa_edit_api not in ("", "OFF") or after == 2
        pushed_all(world, zones)
        assert world.server.serial(PARENT) == after

    def test_a_signed_parent_stays_in_order(self, world: PowerdnsWorld) -> None:
        world.server.run("secure-zone", PARENT)
        world.server.set_metadata(PARENT, "API-RECTIFY", "0")
        assert pushed(world, described(world)).failure is None
        authoritative = {(name, rdtype): auth for name, rdtype, _ttl, _data, _off, auth in world.server.records(PARENT)}
        assert not authoritative[f"{world.cut}.", "NS"]
        assert not authoritative[f"ns1.{world.cut}.", "A"]
        proof = [rrset for rrset in self.served(world, "DS").authority if rrset.rdtype == dns.rdatatype.NSEC]
        assert [rrset.name.to_text() for rrset in proof] == [f"{world.cut}."]

    def test_a_signed_parent_that_cannot_be_rectified_is_told(self, world: PowerdnsWorld) -> None:
        warnings: list[str] = []
        world.server.run("secure-zone", PARENT)
        outcome = pushed(world, described(world))
        assert outcome.failure is None
        parent = opened(world)
        object.__setattr__(parent.setting, "warn", warnings.append)
        zone = described(world, name=f"z.{PARENT}")
        parent.read(zone)
        world.passage.refused = "rectify"
        parent.apply_all([change_to(zone, wanted(world, zone))])
        assert len(warnings) == 1
        assert "pdnsutil rectify-zone" in warnings[0]

    @pytest.mark.parametrize(
        ("kind", "presigned", "message"),
        [("Slave", False, "is a secondary zone .*push to its primary"), ("Native", True, "with its signatures")],
    )
    def test_a_zone_that_is_made_elsewhere_is_refused(
        self, world: PowerdnsWorld, kind: str, presigned: bool, message: str
    ) -> None:
        world.server.make_zone(PARENT, kind=kind)
        if presigned:
            world.server.run("set-presigned", PARENT)
        for check_mode in (True, False):
            outcome = pushed(world, described(world), check_mode=check_mode)
            assert re.search(message, str(outcome.failure))
            assert not outcome.changed
        assert world.changes() == 0


@needs_powerdns
class TestAbsorb:
    def absorbing(self, world: PowerdnsWorld, *records: tuple[str, str, str]) -> Change:
        """Return the change that puts records in the place of the present delegation."""
        zone = described(world)
        present = wanted(world, zone)
        absorbed = tuple(
            AbsorbedRecord(dns.name.from_text(owner), 300, dns.rdata.from_text("IN", rdtype, data))
            for owner, rdtype, data in records
        )
        operations = plan(zone=zone.name, present=present, wanted=NOT_DELEGATED)
        return Change(zone=zone, present=present, wanted=NOT_DELEGATED, operations=operations, absorbed=absorbed)

    @pytest.mark.parametrize("kind", ["A", "CNAME"])
    def test_records_take_the_place_of_the_delegation(self, world: PowerdnsWorld, kind: str) -> None:
        zone, cut = described(world), f"{world.cut}."
        world.put(zone, wanted(world, zone))
        hidden = {"A": "CNAME", "CNAME": "A"}[kind]
        data = {"A": "192.0.2.80", "CNAME": "mx.test."}
        world.server.add(PARENT, f"www.{cut}", hidden, data[hidden].rstrip("."))
        change = self.absorbing(world, (cut, "MX", "10 mx.test."), (f"www.{cut}", kind, data[kind]))
        parent = opened(world, zone)
        assert parent.lacking(zone, change.absorbed) == change.absorbed
        parent.apply(change)
        assert parent.lacking(zone, change.absorbed) == ()
        assert parent.read(zone) == NOT_DELEGATED
        below = [record[:2] for record in world.server.records(PARENT) if record[0].endswith(cut)]
        assert below == [(cut, "MX"), (f"www.{cut}", kind)]
        assert world.changes() == 1

    def test_what_the_cut_hid_is_looked_at_beforehand(self, world: PowerdnsWorld) -> None:
        zone = described(world)
        world.put(zone, wanted(world, zone))
        world.server.add(PARENT, f"sub.{world.cut}.", "NS", "gone.test")
        parent = opened(world, zone)
        with pytest.raises(DelegationError, match=f"^the parent zone has sub.{world.cut} NS behind the delegation"):
            parent.check(self.absorbing(world, (f"www.{world.cut}.", "A", "192.0.2.80")))
        parent.check(self.absorbing(world))

    def test_an_address_that_was_glue_stays(self, world: PowerdnsWorld) -> None:
        zone, server = described(world), f"ns1.{world.cut}."
        world.put(zone, wanted(world, zone))
        change = self.absorbing(world, (server, "A", "192.0.2.1"))
        opened(world, zone).apply(change)
        left = [record[1:4] for record in world.server.records(PARENT) if record[0] == server]
        assert left == [("A", 300, "192.0.2.1")]


def change_to(zone: Zone, delegation: Delegation) -> Change:
    operations = plan(zone=zone.name, present=NOT_DELEGATED, wanted=delegation)
    return Change(zone=zone, present=NOT_DELEGATED, wanted=delegation, operations=operations)


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"api_url": "http://dns.example.com:8081"}, "api_url: .*in clear text: use https"),
            ({"api_url": "dns.example.com"}, "api_url: .*is such as https://"),
            ({"api_url": "https://me:s3cret@dns.example.com"}, "api_url: an address has no credentials"),
            ({"api_url": "http://127.0.0.1:99999"}, "api_url: .*Port out of range"),
            ({"api_key": "s3cret\n"}, "api_key: it has spaces, ends of lines"),
            ({"api_key": ""}, "api_key: it is empty"),
            ({"ttl": "soon"}, "ttl: 'soon'"),
            ({"ca_path": "/nowhere"}, "ca_path: '/nowhere': this file is not there"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, options: dict[str, t.Any], message: str) -> None:
        given = {"api_url": "https://dns.example.com", "api_key": "s3cret", **options}
        with pytest.raises(DescriptionError, match=f"parents: corp: {message}") as caught:
            PowerdnsParent(name="corp", options=given, setting=setting([]))
        assert "s3cret" not in str(caught.value)

    @pytest.mark.parametrize("path", ["", "/", "/api/v1", "/api/v1/"])
    def test_the_address_is_that_of_the_server_or_of_its_api(self, path: str) -> None:
        with ScriptedApi(Reply(200, [])) as api:
            options = {"api_url": f"{api.url}{path}", "api_key": API_KEY}
            with pytest.raises(DelegationError, match="has no zone"):
                PowerdnsParent(name="corp", options=options, setting=setting([])).read(parse_zones(["a"])[0])
        assert api.requests[0].path == ("api", "v1", "servers", "localhost", "zones")
