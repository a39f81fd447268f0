# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""INWX: hosts, keys that come and go, signing in with two factors, and what is refused."""

from __future__ import annotations

import dataclasses
import sys
import typing as t

import dns.rdata
import pytest

pytest.importorskip("INWX")

from INWX.Domrobot import ApiClient

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    MissingLibraryError,
    StaleViewError,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.inwx import InwxParent
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import read_server
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents import contract, service_world
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    ParentContract,
    described,
    pushed,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_inwx import (
    PASSWORD,
    SECRET,
    USERNAME,
    Domain,
    FakeInwx,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import Answer
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.service_world import ServiceWorld, change

INSIDE = {"name": "ns1.shop.example", "addresses": ["192.0.2.1"]}


class InwxWorld(ServiceWorld[FakeInwx]):
    kind = "inwx"
    faults = frozenset(["lie", "pending", "lock", "lost", "second_writer"])
    cut = "shop.example"

    @property
    def domain(self) -> Domain:
        return self.service.domains.setdefault(self.cut, Domain())

    def options(self) -> dict[str, t.Any]:
        return {"username": USERNAME, "password": PASSWORD, "api_url": self.service.url}

    def register(self, zone: Zone) -> None:
        self.service.domains.setdefault(display_name(zone.name), Domain())

    def holds(self, zone: Zone) -> Delegation:
        domain = self.service.domains[display_name(zone.name)]
        return Delegation.of(
            (read_server(zone.name, name, self.service.hosts.get(name, ())) for name in domain.servers),
            (dns.rdata.from_text("IN", "DNSKEY", k["text"]) for k in domain.keys.values() if k["status"] != "CREATE"),
        )

    def put(self, zone: Zone, delegation: Delegation) -> None:
        domain = self.service.domains[display_name(zone.name)]
        domain.servers = [display_name(server.name) for server in delegation.name_servers]
        glue = {display_name(server.name): list(server.addresses) for server in delegation.name_servers}
        self.service.hosts.update({name: addresses for name, addresses in glue.items() if addresses})
        texts = [rdata.to_text(chunksize=0) for rdata in delegation.ds]
        domain.keys = {number: {"text": text, "status": "OK"} for number, text in enumerate(texts, start=900)}

    def lock(self, zone: Zone) -> None:
        self.service.domains[display_name(zone.name)].locked = True


@pytest.fixture
def world() -> t.Iterator[InwxWorld]:
    with FakeInwx() as service:
        yield InwxWorld(service)


class TestInwx(ParentContract):
    exchanges = 60


def opened(**options: t.Any) -> InwxParent:
    return t.cast("InwxParent", service_world.opened("inwx", **options))


class TestWhatIsSent:
    def test_a_host_that_others_depend_on_stays_with_a_warning(self, world: InwxWorld) -> None:
        inside = described(world, servers=["a.test", "b.test", INSIDE])
        world.put(inside, contract.wanted(world, inside))
        world.service.domains["other.example"] = Domain(servers=["ns1.shop.example"])
        warnings: list[str] = []
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, warn=warnings.append)
            made = change(world, parent.read(inside), keys=[KEY_1])
            parent.apply(made)
        assert world.holds(made.zone) == made.wanted
        assert len(warnings) == 1
        assert "ns1.shop.example stays: INWX answers 2305 to host.delete" in warnings[0]

    def test_a_host_that_is_there_already_is_not_made_again(self, world: InwxWorld) -> None:
        world.service.hosts["ns1.shop.example"] = ["192.0.2.1"]
        before = world.changes()
        assert pushed(world, described(world, servers=["a.test", INSIDE])).failure is None
        assert world.changes() == before + 1

    def test_a_key_that_is_to_come_is_not_asked_for_again(self, world: InwxWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        world.put(zone, contract.wanted(world, zone))
        world.domain.keys = {7: {"text": KEY_1, "status": "CREATE"}}
        outcome = pushed(world, described(world, servers=["a.test", "b.test"], keys=[KEY_1]))
        assert "still to do" in (outcome.failure or "") or "accepted" in (outcome.failure or "")
        assert world.changes() == 0

    def test_a_key_goes_only_when_the_new_one_has_come(self, world: InwxWorld) -> None:
        present = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.put(present, contract.wanted(world, present))
        world.pend(10**6)
        slept: list[float] = []
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, sleep=slept.append)
            made = change(world, parent.read(present), keys=[KEY_2])
            with pytest.raises(
                DelegationError, match="a part of the change was accepted, and the domain has the status"
            ):
                parent.apply(made)
        assert world.holds(present) == contract.wanted(world, present)
        assert 300 <= sum(slept) < 360

    def test_keys_are_listed_as_documented_too(self, world: InwxWorld) -> None:
        world.service.bare = False
        zone = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.put(zone, contract.wanted(world, zone))
        assert pushed(world, zone).changed is False

    def test_a_change_that_fails_later_ends_the_wait(self, world: InwxWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            assert parent.progress(made.zone) is None
            parent.apply(made)
            world.domain.status = "UPDATE FAILED"
            with pytest.raises(DelegationError, match=r"gave the change up \(status UPDATE FAILED\)"):
                parent.progress(made.zone)

    def test_a_key_under_way_is_progress(self, world: InwxWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            parent.apply(made)
            world.domain.keys = {7: {"text": KEY_1, "status": "DELETE"}}
            assert parent.progress(made.zone) == "the key 7 has the status DELETE"

    def test_a_change_whose_answer_got_lost_is_not_sent_again(self, world: InwxWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            # The two before are the look whether all is as it was, the next whether something is under way.
            world.service.lose(2, done=True)
            with pytest.raises(UnknownOutcomeError, match=r"the answer to domain\.update got lost"):
                parent.apply(made)
        assert world.changes() == 1

    def test_what_somebody_else_changed_since_it_was_read_is_not_overwritten(self, world: InwxWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            world.domain.servers = ["x.test", "y.test"]
            with pytest.raises(StaleViewError, match="somebody else changes the delegation"):
                parent.apply(made)
        assert (world.changes(), world.domain.servers) == (0, ["x.test", "y.test"])


class TestSession:
    def test_it_is_ended(self, world: InwxWorld) -> None:
        assert pushed(world, described(world)).failure is None
        assert world.service.sessions == {}

    def test_one_that_cannot_be_ended_is_no_error(self, world: InwxWorld) -> None:
        with opened(**world.options()) as parent:
            parent.read(described(world))
            world.service.lose(0, done=False)
        assert world.service.lost()

    def test_a_second_factor(self, world: InwxWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        """A code that begins with zeros must arrive with them."""
        world.service.second_factor = True
        monkeypatch.setattr(ApiClient, "get_secret_code", staticmethod(lambda _secret: 4321))
        with opened(**world.options(), shared_secret=SECRET) as parent:
            assert parent.read(described(world)) == Delegation()
        tans = [request.body for request in world.service.seen if b"account.unlock" in request.body]
        assert tans == [b'{"method": "account.unlock", "params": {"tan": "004321"}}']

    def test_a_second_factor_that_is_not_given(self, world: InwxWorld) -> None:
        world.service.second_factor = True
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match="give shared_secret"):
            parent.read(described(world))

    def test_a_second_factor_that_is_wrong(self, world: InwxWorld) -> None:
        world.service.second_factor = True
        options = {**world.options(), "shared_secret": "GEZDGNBVGY3TQOJQ"}
        with opened(**options) as parent, pytest.raises(DelegationError, match="leave 30 seconds between runs"):
            parent.read(described(world))

    def test_a_secret_that_is_none(self, world: InwxWorld) -> None:
        with pytest.raises(DescriptionError, match="corp: shared_secret: it is the text in the QR code") as caught:
            opened(**world.options(), shared_secret="notbase32!")
        assert "notbase32!" not in str(caught.value)

    def test_without_an_address_it_is_the_real_service(self) -> None:
        assert opened(username="u", password="p")._client.api_url == "https://api.domrobot.com"


class TestChecks:
    def test_a_domain_with_something_under_way(self, world: InwxWorld) -> None:
        world.domain.status = "TRANSFER REQUESTED"
        outcome = pushed(world, described(world), check_mode=True)
        assert "locked (status TRANSFER REQUESTED)" in (outcome.failure or "")

    def test_a_zone_signing_key_is_not_what_inwx_takes(self, world: InwxWorld) -> None:
        failure = pushed(world, described(world, keys=[KEY_1.replace("257", "256")])).failure
        assert "a key with the flags 256" in (failure or "")


def _reply(code: int, **more: t.Any) -> Answer:
    return Answer(content={"code": code, "msg": "so it says", **more})


class TestMessages:
    def test_without_the_library(self, world: InwxWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deps, "_failures", {})
        monkeypatch.setitem(sys.modules, "INWX.Domrobot", None)
        with pytest.raises(MissingLibraryError, match="Python library inwx-domrobot is needed to push to parents"):
            opened(**world.options())

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"password": "guess"}, "answers 2200 to account.login: Authentication error; check username and password"),
            ({"username": "guess"}, "check username and password"),
            ({"api_url": "http://127.113.4.9:9"}, "INWX cannot be reached: check api_url"),
        ],
    )
    def test_what_keeps_requests_out(self, world: InwxWorld, options: dict[str, str], message: str) -> None:
        with (
            opened(**{**world.options(), **options}) as parent,
            pytest.raises(DelegationError, match=message) as caught,
        ):
            parent.read(described(world))
        for secret in (PASSWORD, "guess"):
            assert secret not in caught.value.message

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (_reply(2104), "top it up"),
            (_reply(2201), "have its owner grant it"),
            (_reply(2304, reason="CLIENT LOCK"), r"so it says \(CLIENT LOCK\); the domain is locked"),
            (_reply(2306), "often that the name servers answer for the domain already"),
            (_reply(2001), "answers 2001 to domain.update: so it says$"),
            (Answer(404, b"no such page"), "INWX answers 404 to domain.update: check api_url"),
        ],
    )
    def test_what_is_refused(self, world: InwxWorld, answer: Answer, message: str) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            world.service.refusals.append(("domain.update", answer))
            with pytest.raises(DelegationError, match=message) as caught:
                parent.apply(made)
        assert not isinstance(caught.value, UnknownOutcomeError)

    @pytest.mark.parametrize(
        "answer",
        [_reply(2400), Answer(503, b"busy"), Answer(200, b"<html>maintenance</html>"), Answer(200, {"oops": 1})],
        ids=["error", "out of service", "no JSON", "something else"],
    )
    def test_a_service_that_fails_leaves_open_whether_it_was_made(self, world: InwxWorld, answer: Answer) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            world.service.refusals.append(("domain.update", answer))
            with pytest.raises(UnknownOutcomeError, match="try again later"):
                parent.apply(made)
            world.service.refusals.append(("domain.info", answer))
            with pytest.raises(DelegationError, match="try again later") as caught:
                parent.read(made.zone)
        assert not isinstance(caught.value, UnknownOutcomeError)

    @pytest.mark.parametrize("odd", [1, "x", [1], {"ns": 5}, {"domain": "shop.example", "ns": "a.test"}], ids=repr)
    @pytest.mark.parametrize("place", ["domain.info", "dnssec.listkeys"])
    def test_an_answer_that_is_not_as_documented(self, world: InwxWorld, place: str, odd: t.Any) -> None:
        if place == "dnssec.listkeys" and isinstance(odd, dict):
            odd = {"dnskey": [odd]}
        with opened(**world.options()) as parent:
            world.service.refusals.append((place, _reply(1000, resData=odd)))
            with pytest.raises(DelegationError, match="INWX answers .* with something else than its documents say"):
                parent.read(described(world))

    @pytest.mark.parametrize("odd", [b"null", [1], b'"x"'], ids=repr)
    def test_a_change_with_an_answer_that_is_not_as_documented(self, world: InwxWorld, odd: t.Any) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            world.service.refusals.append(("domain.update", Answer(200, odd)))
            with pytest.raises(UnknownOutcomeError):
                parent.apply(made)

    @pytest.mark.parametrize(
        ("option", "value"), [("password", "s3cr3t\n"), ("password", ""), ("shared_secret", f"{SECRET}\n")]
    )
    def test_a_secret_that_no_request_can_carry(self, world: InwxWorld, option: str, value: str) -> None:
        with pytest.raises(DescriptionError, match=f"corp: {option}: it ") as caught:
            opened(**{**world.options(), option: value})
        assert not value or value.strip() not in str(caught.value)

    def test_a_service_that_tells_the_password(self, world: InwxWorld) -> None:
        world.service.refusals.append(("domain.info", _reply(2005, reason=f"is it {PASSWORD}?")))
        with opened(**world.options()) as parent, pytest.raises(DelegationError) as caught:
            parent.read(described(world))
        assert PASSWORD not in caught.value.message

    def test_a_password_goes_to_no_other_host_in_clear_text(self, world: InwxWorld) -> None:
        with pytest.raises(DescriptionError, match="corp: api_url: .*in clear text"):
            opened(**{**world.options(), "api_url": "http://api.example.com"})

    def test_a_domain_of_somebody_else(self, world: InwxWorld) -> None:
        (zone,) = parse_zones(["foreign.example"])
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match="in this very account"):
            parent.read(zone)

    def test_room_under_a_limit_is_waited_for_but_not_forever(self, world: InwxWorld) -> None:
        slept: list[float] = []
        zone = described(world)
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, sleep=slept.append)
            world.service.refusals += [("domain.info", _reply(2502))] * 2
            assert parent.read(zone) == Delegation()
            assert slept == [1.0, 2.0]
            world.service.refusals += [("domain.info", _reply(2502))] * 30
            with pytest.raises(DelegationError, match="push fewer zones at once"):
                parent.read(zone)
