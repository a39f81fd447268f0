# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNSimple: registries that take DS records and those that take keys, accounts, and what is refused."""

from __future__ import annotations

import dataclasses
import socket
import sys
import typing as t
from datetime import datetime, timezone

import dns.rdata
import pytest

pytest.importorskip("dnsimple")
pytest.importorskip("jsonschema")

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
from ansible_collections.zonecut.dns.plugins.module_utils._parents.dnsimple import DnsimpleParent
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import read_server
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents import contract, service_world
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    ParentContract,
    described,
    pushed,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_dnsimple import (
    TOKEN,
    Domain,
    FakeDnsimple,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import Answer
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.service_world import ServiceWorld, change


class DnsimpleWorld(ServiceWorld[FakeDnsimple]):
    kind = "dnsimple"
    faults = frozenset(["lie", "lost", "second_writer"])
    cut = "shop.example"

    @property
    def domain(self) -> Domain:
        return self.service.domains.setdefault(self.cut, Domain())

    def options(self) -> dict[str, t.Any]:
        return {"token": TOKEN, "api_url": self.service.url}

    def register(self, zone: Zone) -> None:
        self.service.domains.setdefault(display_name(zone.name), Domain())

    def holds(self, zone: Zone) -> Delegation:
        domain = self.service.domains[display_name(zone.name)]
        return Delegation.of(
            (read_server(zone.name, name) for name in domain.servers), map(_rdata, domain.signers.values())
        )

    def put(self, zone: Zone, delegation: Delegation) -> None:
        domain = self.service.domains[display_name(zone.name)]
        domain.servers = [display_name(server.name) for server in delegation.name_servers]
        domain.signers = {number: _fields(rdata) for number, rdata in enumerate(delegation.ds, start=900)}


@pytest.fixture
def world() -> t.Iterator[DnsimpleWorld]:
    with FakeDnsimple() as service:
        yield DnsimpleWorld(service)


class TestDnsimple(ParentContract):
    pass


class TestDnsimpleWhereTheRegistryTakesKeys(ParentContract):
    @pytest.fixture
    def world(self) -> t.Iterator[DnsimpleWorld]:
        with FakeDnsimple() as service:
            service.interface = "key"
            yield DnsimpleWorld(service)


class TestDnsimpleWhereKeysAreShownAsDigests(ParentContract):
    @pytest.fixture
    def world(self) -> t.Iterator[DnsimpleWorld]:
        with FakeDnsimple() as service:
            service.interface, service.shows_keys = "key", False
            yield DnsimpleWorld(service)


def opened(**options: t.Any) -> DnsimpleParent:
    return t.cast("DnsimpleParent", service_world.opened("dnsimple", **options))


class TestWhatIsSent:
    def test_name_servers_are_a_bare_array(self, world: DnsimpleWorld) -> None:
        assert pushed(world, described(world)).failure is None
        put = [request for request in world.service.seen if request.method == "PUT"]
        assert [request.target for request in put] == ["/v2/1010/registrar/domains/shop.example/delegation"]
        assert put[0].body == b'["a.test", "b.test"]'

    def test_a_key_comes_before_another_goes(self, world: DnsimpleWorld) -> None:
        present = described(world, keys=[KEY_1])
        world.put(present, contract.wanted(world, present))
        assert pushed(world, described(world, keys=[KEY_2])).failure is None
        assert [request.method for request in world.service.seen if request.method != "GET"] == ["POST", "DELETE"]

    def test_ds_records_that_come_in_several_pages(self, world: DnsimpleWorld) -> None:
        world.service.page = 1
        zone = described(world, keys=[KEY_1, KEY_2])
        world.put(zone, contract.wanted(world, zone))
        assert pushed(world, zone).changed is False

    def test_a_change_whose_answer_got_lost_is_not_sent_again(self, world: DnsimpleWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            # The three before are the look whether all is as it was.
            world.service.lose(3, done=True)
            with pytest.raises(UnknownOutcomeError, match="PUT delegation of shop.example got lost"):
                parent.apply(made)
        assert world.changes() == 1

    def test_what_somebody_else_changed_since_it_was_read_is_not_overwritten(self, world: DnsimpleWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            world.domain.servers = ["x.test", "y.test"]
            with pytest.raises(StaleViewError, match="somebody else changes the delegation"):
                parent.apply(made)
        assert (world.changes(), world.domain.servers) == (0, ["x.test", "y.test"])


class TestAccounts:
    def test_the_account_of_an_account_token_is_asked_for_once(self, world: DnsimpleWorld) -> None:
        with opened(**world.options()) as parent:
            for _time in range(2):
                parent.read(described(world))
        assert sum(request.target == "/v2/whoami" for request in world.service.seen) == 1

    def test_the_only_account_of_a_user(self, world: DnsimpleWorld) -> None:
        world.service.user = True
        assert pushed(world, described(world)).failure is None

    def test_one_of_several_accounts_is_named(self, world: DnsimpleWorld) -> None:
        world.service.user = True
        world.service.accounts = [77, 1010]
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match="account_id, one of 77, 1010"):
            parent.read(described(world))
        with opened(**world.options(), account_id="1010") as parent:
            assert parent.read(described(world)) == Delegation()


class TestChecks:
    def test_a_server_inside_needs_glue_that_is_not_held(self, world: DnsimpleWorld) -> None:
        servers = ["a.test", "b.test", {"name": "ns1.shop.example", "addresses": ["192.0.2.1"]}]
        failure = pushed(world, described(world, servers=servers)).failure
        assert "holds no glue" in (failure or "")
        assert world.changes() == 0

    def test_as_many_servers_as_the_registry_holds(self, world: DnsimpleWorld) -> None:
        servers = [f"ns{number}.test" for number in range(14)]
        failure = pushed(world, described(world, servers=servers)).failure
        assert "the registry wants 2 to 13 name servers, and 14 are described" in (failure or "")

    def test_a_zone_signing_key_is_not_what_dnsimple_takes(self, world: DnsimpleWorld) -> None:
        world.service.interface = "key"
        failure = pushed(world, described(world, keys=[KEY_1.replace("257", "256")])).failure
        assert "a key with the flags 256" in (failure or "")

    def test_a_domain_that_is_only_hosted(self, world: DnsimpleWorld) -> None:
        world.domain.state = "hosted"
        assert "DNSimple only hosts the domain" in (pushed(world, described(world)).failure or "")

    def test_a_domain_that_has_expired(self, world: DnsimpleWorld) -> None:
        world.domain.state = "expired"
        assert "expired, which locks it: renew" in (pushed(world, described(world)).failure or "")


class TestMessages:
    def test_without_the_library(self, world: DnsimpleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deps, "_failures", {})
        monkeypatch.setitem(sys.modules, "dnsimple", None)
        with pytest.raises(MissingLibraryError, match="Python library dnsimple is needed to push to parents"):
            opened(**world.options())

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"token": "guess"}, "answers 401 to GET whoami: Authentication failed; check token"),
            ({"api_url": "http://127.113.3.9:9"}, "DNSimple cannot be reached: check api_url"),
        ],
    )
    def test_what_keeps_requests_out(self, world: DnsimpleWorld, options: dict[str, str], message: str) -> None:
        with (
            opened(**{**world.options(), **options}) as parent,
            pytest.raises(DelegationError, match=message) as caught,
        ):
            parent.read(described(world))
        assert "guess" not in caught.value.message

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (Answer(402, {"message": "pay"}), "owes something"),
            (Answer(403, {"message": "no"}), "make one that has access to the domain"),
            (Answer(412, {"message": "no"}), "the plan of the account"),
            (
                Answer(400, {"message": "Validation failed", "errors": {"base": ["too many", "too old"]}}),
                r"Validation failed \(base: too many, too old\)",
            ),
        ],
    )
    def test_what_is_refused(self, world: DnsimpleWorld, answer: Answer, message: str) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            world.service.refusals.append(("PUT", answer))
            with pytest.raises(DelegationError, match=message) as caught:
                parent.apply(made)
        assert not isinstance(caught.value, UnknownOutcomeError)

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(500, {"message": "oops"}),
            Answer(502, b"<html>Bad gateway</html>"),
            Answer(504, b"<html>Gateway timeout</html>"),
            Answer(200, {"data": []}),
        ],
        ids=["error", "no JSON", "beyond what the client knows", "without the headers of DNSimple"],
    )
    def test_a_service_that_fails_leaves_open_whether_it_was_made(self, world: DnsimpleWorld, answer: Answer) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            world.service.refusals.append(("PUT", answer))
            with pytest.raises(UnknownOutcomeError, match="try again later"):
                parent.apply(made)
            world.service.refusals.append(("GET", answer))
            with pytest.raises(DelegationError, match="try again later") as caught:
                parent.read(made.zone)
        assert not isinstance(caught.value, UnknownOutcomeError)

    @pytest.mark.parametrize("odd", [None, 1, "x", [".."], {}], ids=repr)
    @pytest.mark.parametrize("place", ["/whoami", "GET /v2/1010/domains/shop.example ", "/delegation", "/ds_records"])
    def test_an_answer_that_is_not_as_documented(self, world: DnsimpleWorld, place: str, odd: t.Any) -> None:
        limits = dict.fromkeys(("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"), "1767225600")
        with opened(**world.options()) as parent:
            world.service.refusals.append((place, Answer(200, {"data": odd}, limits)))
            with pytest.raises(DelegationError):
                parent.read(described(world))
        assert world.service.refusals == []

    @pytest.mark.parametrize("odd", [b"null", [1], b'"x"'], ids=repr)
    def test_a_change_with_an_answer_that_is_not_as_documented(self, world: DnsimpleWorld, odd: t.Any) -> None:
        limits = dict.fromkeys(("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"), "1767225600")
        with opened(**world.options()) as parent:
            made = change(world)
            world.service.refusals.append(("PUT", Answer(200, odd, limits)))
            with pytest.raises(UnknownOutcomeError):
                parent.apply(made)

    @pytest.mark.parametrize("token", ["s3cr3t\n", "s3 cr3t", ""])
    def test_a_token_that_no_request_can_carry(self, world: DnsimpleWorld, token: str) -> None:
        with pytest.raises(DescriptionError, match="corp: token: it ") as caught:
            opened(**{**world.options(), "token": token})
        assert "cr3t" not in str(caught.value)

    def test_a_service_that_tells_the_token(self, world: DnsimpleWorld) -> None:
        world.service.refusals.append(("GET", Answer(403, {"message": f"{TOKEN} is not allowed"})))
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match=r"\*{8} is not allowed"):
            parent.read(described(world))

    def test_a_token_goes_to_no_other_host_in_clear_text(self, world: DnsimpleWorld) -> None:
        with pytest.raises(DescriptionError, match="corp: api_url: .*in clear text"):
            opened(**{**world.options(), "api_url": "http://api.example.com"})

    def test_a_domain_of_somebody_else(self, world: DnsimpleWorld) -> None:
        (zone,) = parse_zones(["foreign.example"])
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match="in the account of the token"):
            parent.read(zone)

    def test_a_service_that_says_nothing(self, world: DnsimpleWorld) -> None:
        zone = described(world)
        setting = dataclasses.replace(contract.setting([]), timeout=0.2)
        parent = DnsimpleParent(name="corp", options=world.options(), setting=setting)
        with parent:
            parent.read(zone)
            # Nobody serves this queue: connections are made, and no answer comes.
            with socket.create_server((world.service.address, 0)) as silent:
                parent._client.base_url = f"http://{world.service.address}:{silent.getsockname()[1]}"
                with pytest.raises(DelegationError, match="got lost: try again"):
                    parent.read(zone)

    def test_room_under_a_rate_limit_is_waited_for_but_not_for_an_hour(self, world: DnsimpleWorld) -> None:
        slept: list[float] = []
        now = datetime.fromtimestamp(1767225600, timezone.utc)
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, sleep=slept.append, clock=lambda: now)
            zone = described(world)
            for seconds in (20, 3600):
                limits = {"X-RateLimit-Reset": str(1767225600 + seconds)}
                world.service.refusals.append(("GET", Answer(429, {"message": "Quota exceeded"}, limits)))
                if seconds == 20:
                    assert parent.read(zone) == Delegation()
                    continue
                with pytest.raises(DelegationError, match="push fewer zones at once, or in an hour"):
                    parent.read(zone)
        assert slept == [20.0]


def _fields(rdata: t.Any) -> dict[str, str]:
    first, second, third, rest = rdata.to_text().split(" ", 3)
    if hasattr(rdata, "flags"):
        return {"algorithm": third, "public_key": rest.replace(" ", "")}
    return {"keytag": first, "algorithm": second, "digest_type": third, "digest": rest.upper()}


def _rdata(fields: t.Mapping[str, str]) -> dns.rdata.Rdata:
    if "public_key" in fields:
        return dns.rdata.from_text("IN", "DNSKEY", f"257 3 {fields['algorithm']} {fields['public_key']}")
    text = " ".join(fields[name] for name in ("keytag", "algorithm", "digest_type", "digest"))
    return dns.rdata.from_text("IN", "DS", text)
