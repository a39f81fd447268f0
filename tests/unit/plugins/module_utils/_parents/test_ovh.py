# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OVHcloud: domains with and without host objects, hosted ones, tasks, and what is refused."""

from __future__ import annotations

import dataclasses
import sys
import typing as t

import dns.dnssec
import dns.rdata
import pytest

pytest.importorskip("ovh")

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    MissingLibraryError,
    StaleViewError,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.ovh import OvhParent
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import read_server
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents import contract, service_world
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    ParentContract,
    described,
    pushed,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_ovh import (
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    Domain,
    FakeOvh,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import Answer
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.service_world import (
    ServiceWorld,
    change_to,
)

INSIDE = {"name": "ns1.shop.example", "addresses": ["192.0.2.1"]}


class OvhWorld(ServiceWorld[FakeOvh]):
    kind = "ovh"
    faults = frozenset(["lie", "pending", "lock", "lost", "second_writer"])
    cut = "shop.example"

    @property
    def domain(self) -> Domain:
        return self.service.domains.setdefault(self.cut, Domain())

    def options(self) -> dict[str, t.Any]:
        return {
            "application_key": APPLICATION_KEY,
            "application_secret": APPLICATION_SECRET,
            "consumer_key": CONSUMER_KEY,
            "api_url": self.service.api_url,
        }

    def register(self, zone: Zone) -> None:
        self.service.domains.setdefault(display_name(zone.name), Domain())

    def holds(self, zone: Zone) -> Delegation:
        domain = self.service.domains[display_name(zone.name)]
        return Delegation.of(
            (
                read_server(zone.name, host, domain.hosts.get(host, ()) if domain.has_hosts else [ip] if ip else ())
                for host, ip in domain.servers.items()
            ),
            (
                dns.rdata.from_text("IN", "DNSKEY", f"{key['flags']} 3 {key['algorithm']} {key['publicKey']}")
                for key in domain.keys
            ),
        )

    def put(self, zone: Zone, delegation: Delegation) -> None:
        domain = self.service.domains[display_name(zone.name)]
        glue = {display_name(server.name): list(server.addresses) for server in delegation.name_servers}
        if domain.has_hosts:
            domain.servers = dict.fromkeys(glue)
            domain.hosts = {host: ips for host, ips in glue.items() if ips}
        else:
            domain.servers = {host: ips[0] if ips else None for host, ips in glue.items()}
        domain.keys = [
            {
                "flags": int(flags),
                "algorithm": int(algorithm),
                "publicKey": key.replace(" ", ""),
                "tag": dns.dnssec.key_id(rdata),
            }
            for rdata in t.cast("t.Iterable[t.Any]", delegation.ds)
            for flags, _protocol, algorithm, key in [rdata.to_text().split(" ", 3)]
        ]

    def lock(self, zone: Zone) -> None:
        self.service.domains[display_name(zone.name)].state = "registry_suspended"


@pytest.fixture
def world() -> t.Iterator[OvhWorld]:
    with FakeOvh() as service:
        yield OvhWorld(service)


class TestOvh(ParentContract):
    exchanges = 60


def opened(**options: t.Any) -> OvhParent:
    return t.cast("OvhParent", service_world.opened("ovh", **options))


class TestWhatIsSent:
    def test_a_hosted_domain_is_set_to_external_servers_first(self, world: OvhWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        world.domain.type = "hosted"
        assert pushed(world, zone).failure is None
        sent = [request.target for request in world.service.seen if request.method in ("POST", "PUT")]
        assert sent == ["/1.0/domain/shop.example", "/1.0/domain/shop.example/nameServers/update"]
        assert world.domain.type == "external"

    def test_glue_goes_with_the_servers_where_there_are_no_hosts(self, world: OvhWorld) -> None:
        world.domain.has_hosts = False
        zone = described(world, servers=["a.test", INSIDE])
        assert pushed(world, zone).failure is None
        assert world.domain.servers == {"a.test": None, "ns1.shop.example": "192.0.2.1"}
        moved = described(world, servers=["a.test", {**INSIDE, "addresses": ["192.0.2.9"]}])
        before = world.changes()
        assert pushed(world, moved).failure is None
        assert world.domain.servers["ns1.shop.example"] == "192.0.2.9"
        assert world.changes() == before + 1

    def test_a_host_that_is_there_already_is_not_made_again(self, world: OvhWorld) -> None:
        world.domain.hosts = {"ns1.shop.example": ["192.0.2.1"]}
        zone = described(world, servers=["a.test", INSIDE])
        before = world.changes()
        assert pushed(world, zone).failure is None
        assert world.changes() == before + 1

    def test_a_host_that_others_depend_on_stays_with_a_warning(self, world: OvhWorld) -> None:
        inside = described(world, servers=["a.test", "b.test", INSIDE])
        world.put(inside, contract.wanted(world, inside))
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.service.refusals.append(("DELETE", Answer(409, {"message": "host is linked"})))
        warnings: list[str] = []
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, warn=warnings.append)
            parent.apply(change_to(world, zone, parent.read(zone)))
        assert world.holds(zone) == contract.wanted(world, zone)
        assert len(warnings) == 1 and "ns1.shop.example stays" in warnings[0] and "host is linked" in warnings[0]

    def test_keys_are_replaced_in_one_request(self, world: OvhWorld) -> None:
        keyed = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.put(keyed, contract.wanted(world, keyed))
        before = world.changes()
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_2])
        assert pushed(world, zone).failure is None
        assert world.changes() == before + 1

    def test_servers_that_are_still_to_come_do_not_count(self, world: OvhWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        world.put(zone, contract.wanted(world, zone))
        world.domain.coming = ["c.test"]
        assert pushed(world, zone).changed is False

    def test_a_task_without_an_end_is_not_waited_for_forever(self, world: OvhWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.pend(10**6)
        slept: list[float] = []
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, sleep=slept.append)
            parent.read(zone)
            with pytest.raises(DelegationError, match=r"accepted, and task 1001 \(DomainDnsUpdate\) is doing after"):
                parent.apply(change_to(world, zone))
            assert parent.progress(zone) == "task 1001 (DomainDnsUpdate) is doing"
        assert 300 <= sum(slept) < 360

    def test_a_task_that_fails_ends_the_wait(self, world: OvhWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        with opened(**world.options()) as parent:
            parent.read(zone)
            assert parent.progress(zone) is None
            parent.apply(change_to(world, zone))
            world.service.failing = "registry says no"
            with pytest.raises(DelegationError, match=r"task 1001 \(DomainDnsUpdate\) is error: registry says no"):
                parent.progress(zone)

    def test_a_change_whose_answer_got_lost_is_not_sent_again(self, world: OvhWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        with opened(**world.options()) as parent:
            parent.read(zone)
            # The four before are the look whether all is as it was.
            world.service.lose(4, done=True)
            with pytest.raises(UnknownOutcomeError, match="nameServers/update got lost"):
                parent.apply(change_to(world, zone))
        assert world.changes() == 1

    def test_what_somebody_else_changed_since_it_was_read_is_not_overwritten(self, world: OvhWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        with opened(**world.options()) as parent:
            parent.read(zone)
            world.domain.servers = {"x.test": None, "y.test": None}
            with pytest.raises(StaleViewError, match="somebody else changes the delegation"):
                parent.apply(change_to(world, zone))
        assert (world.changes(), list(world.domain.servers)) == (0, ["x.test", "y.test"])


class TestChecks:
    @pytest.mark.parametrize(
        ("domain", "zone", "message"),
        [
            (Domain(dnssec=False), {"keys": [KEY_1]}, "takes no keys for this top-level domain"),
            (Domain(ipv6=False), {"servers": ["a.test", {**INSIDE, "addresses": ["2001:db8::1"]}]}, "an IPv6 address"),
            (
                Domain(many=False),
                {"servers": ["a.test", {**INSIDE, "addresses": ["192.0.2.1", "192.0.2.2"]}]},
                "more than one address",
            ),
            (
                Domain(has_hosts=False),
                {"servers": ["a.test", {**INSIDE, "addresses": ["192.0.2.1", "192.0.2.2"]}]},
                "more than one address",
            ),
            (Domain(state="expired"), {}, r"the domain is locked \(state expired\): renew it first"),
        ],
    )
    def test_what_the_registry_does_not_hold(
        self, world: OvhWorld, domain: Domain, zone: dict[str, t.Any], message: str
    ) -> None:
        world.service.domains[world.cut] = dataclasses.replace(domain)
        outcome = pushed(world, described(world, **{"servers": ["a.test", "b.test"], **zone}), check_mode=True)
        with pytest.raises(AssertionError, match=message):
            assert outcome.failure is None, outcome.failure
        assert world.changes() == 0


class TestMessages:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"application_key": "guess"}, "check application_key and endpoint"),
            ({"application_secret": "guess"}, "check application_secret, and the clock"),
            ({"consumer_key": "guess"}, r"make a new one with the rights GET, POST, PUT and DELETE on /domain/\*"),
            ({"api_url": "http://127.113.2.9:9/1.0"}, "OVHcloud cannot be reached: check api_url"),
        ],
    )
    def test_what_keeps_requests_out(self, world: OvhWorld, options: dict[str, str], message: str) -> None:
        with (
            opened(**{**world.options(), **options}) as parent,
            pytest.raises(DelegationError, match=message) as caught,
        ):
            parent.read(described(world))
        for secret in (APPLICATION_SECRET, CONSUMER_KEY, "guess"):
            assert secret not in caught.value.message

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (Answer(403, {"message": "x", "errorCode": "NOT_GRANTED_CALL"}), "the consumer key lacks this right"),
            (Answer(403, {"message": "x", "errorCode": "FORBIDDEN"}), "check that it is its administrator"),
            (Answer(401, {"message": "x"}), "check application_key, application_secret and consumer_key"),
            (Answer(409, {"message": "x"}), "run this again when it has ended"),
            (Answer(460, {"message": "x"}), "renew the domain first"),
            (Answer(400, {"message": "so it says"}), "so it says"),
        ],
    )
    def test_what_is_refused(self, world: OvhWorld, answer: Answer, message: str) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        with opened(**world.options()) as parent:
            parent.read(zone)
            world.service.refusals.append(("nameServers/update", answer))
            with pytest.raises(DelegationError, match=message) as caught:
                parent.apply(change_to(world, zone))
        assert f"answers {answer.status} to POST /domain/shop.example/nameServers/update" in caught.value.message
        assert not isinstance(caught.value, UnknownOutcomeError)

    @pytest.mark.parametrize("answer", [Answer(502, b"<html>Bad gateway</html>"), Answer(500, {"message": "oops"})])
    def test_a_service_that_fails_leaves_open_whether_it_was_made(self, world: OvhWorld, answer: Answer) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        with opened(**world.options()) as parent:
            parent.read(zone)
            world.service.refusals.append(("nameServers/update", answer))
            with pytest.raises(UnknownOutcomeError, match="try again later"):
                parent.apply(change_to(world, zone))
            world.service.refusals.append(("GET", answer))
            with pytest.raises(DelegationError, match="try again later") as caught:
                parent.read(zone)
        assert not isinstance(caught.value, UnknownOutcomeError)

    @pytest.mark.parametrize("odd", [b"null", [1], b'"x"', {}, {"flags": 257}, {"host": None}], ids=repr)
    @pytest.mark.parametrize(
        "place",
        [
            "/nameServer ",
            "/nameServer/0 ",
            "/glueRecord ",
            "/glueRecord/ns1.shop.example ",
            "/dsRecord ",
            "/dsRecord/0 ",
        ],
    )
    def test_an_answer_that_is_not_as_documented(self, world: OvhWorld, place: str, odd: t.Any) -> None:
        zone = described(world, servers=["a.test", INSIDE], keys=[KEY_1])
        world.put(zone, contract.wanted(world, zone))
        if isinstance(odd, list) and place in ("/nameServer ", "/glueRecord ", "/dsRecord "):
            odd = 5
        with opened(**world.options()) as parent:
            world.service.refusals.append((place, Answer(200, odd)))
            with pytest.raises(
                DelegationError, match="something else than its documents say|a name server that is none"
            ):
                parent.read(zone)

    @pytest.mark.parametrize("odd", [b"null", [1], b'"x"', {}, {"id": "x"}], ids=repr)
    def test_a_change_with_an_answer_that_is_not_as_documented(self, world: OvhWorld, odd: t.Any) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        with opened(**world.options()) as parent:
            world.service.refusals.append(("nameServers/update", Answer(200, odd)))
            with pytest.raises(UnknownOutcomeError, match="with something else than its documents say"):
                parent.apply(change_to(world, zone))

    def test_a_service_that_tells_a_secret(self, world: OvhWorld) -> None:
        world.service.refusals.append(("GET", Answer(403, {"message": f"{CONSUMER_KEY} is not allowed"})))
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match=r"\*{8} is not allowed"):
            parent.read(described(world))

    def test_a_domain_of_somebody_else(self, world: OvhWorld) -> None:
        zone = described(world)
        world.service.domains.clear()
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match="registered in the account"):
            parent.read(zone)

    def test_room_under_a_rate_limit_is_waited_for_but_not_forever(self, world: OvhWorld) -> None:
        slept: list[float] = []
        zone = described(world)
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, sleep=slept.append)
            busy = ("GET", Answer(429, {"message": "slow down"}, {"Retry-After": "7"}))
            world.service.refusals += [("/domain/", busy[1])] * 2
            assert parent.read(zone) == Delegation()
            assert slept == [7.0, 7.0]
            world.service.refusals += [("/domain/", Answer(429, {"message": "slow down"}))] * 30
            with pytest.raises(DelegationError, match="push fewer zones at once"):
                parent.read(zone)


class TestOptions:
    @pytest.mark.parametrize("option", ["application_key", "application_secret", "consumer_key"])
    @pytest.mark.parametrize("value", ["s3cr3t\n", "s3 cr3t", ""])
    def test_a_secret_that_no_request_can_carry(self, world: OvhWorld, option: str, value: str) -> None:
        with pytest.raises(DescriptionError, match=f"corp: {option}: it ") as caught:
            opened(**{**world.options(), option: value})
        assert "cr3t" not in str(caught.value)

    def test_secrets_go_to_no_other_host_in_clear_text(self, world: OvhWorld) -> None:
        with pytest.raises(DescriptionError, match="corp: api_url: .*in clear text"):
            opened(**{**world.options(), "api_url": "http://eu.api.example.com/1.0"})

    def test_without_the_library(self, world: OvhWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deps, "_failures", {})
        monkeypatch.setitem(sys.modules, "ovh", None)
        with pytest.raises(MissingLibraryError, match="Python library ovh is needed to push to parents"):
            opened(**world.options())

    def test_a_second_way_to_sign_in_on_the_host(self, world: OvhWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OVH_CLIENT_ID", "x")
        monkeypatch.setenv("OVH_CLIENT_SECRET", "y")
        with pytest.raises(DescriptionError, match="the client of OVHcloud says: Can't use both"):
            opened(**world.options())

    def test_an_endpoint_has_its_own_address(self, world: OvhWorld) -> None:
        options = {**world.options(), "endpoint": "ovh-ca", "api_url": None}
        parent = opened(**options)
        assert parent._client._endpoint == "https://ca.api.ovh.com/1.0"
