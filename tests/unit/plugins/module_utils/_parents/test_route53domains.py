# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Route 53 Domains: moto with keys and locks beside it, and botocore's Stubber for what the service refuses."""

from __future__ import annotations

import dataclasses
import sys
import typing as t

import dns.name
import dns.rdata
import pytest

pytest.importorskip("boto3")
pytest.importorskip("moto")

import botocore.exceptions
import botocore.stub

from ansible_collections.zonecut.dns.plugins.module_utils._delegate import Probe
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
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Change
from ansible_collections.zonecut.dns.plugins.module_utils._parents.route53domains import Route53DomainsParent
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.plugins.module_utils._preflight import NetworkProbe
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import read_server
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import ServedKeys
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents import contract, service_world
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    ParentContract,
    described,
    pushed,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_route53domains import (
    ACCESS_KEY,
    SECRET_KEY,
    FakeRoute53Domains,
    Moto,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.fake_service import Answer
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.service_world import ServiceWorld, change
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_probe import ReadyProbe
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD_ZONE,
    NS1,
    NS2,
    ROOT,
    contoso,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.signed_zones import NOW, Key, Signing

FIRST, SECOND = (Key(algorithm="ECDSAP256SHA256", number=number) for number in (1, 2))
DS_1 = "38353 13 2 " + "11" * 32


class AwsWorld(ServiceWorld[FakeRoute53Domains]):
    kind = "route53domains"
    faults = frozenset(["lie", "pending", "lock", "lost", "second_writer"])
    cut = "shop.com"

    def __init__(self, moto: Moto, service: FakeRoute53Domains) -> None:
        super().__init__(service)
        self.moto = moto

    def options(self) -> dict[str, t.Any]:
        return {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "api_url": self.service.url}

    def register(self, zone: Zone) -> None:
        domain = display_name(zone.name)
        if domain not in self.service.keys:
            self.moto.register(domain)
            # A new domain has Amazon's own servers, which are the business of a test below.
            self.moto.backend.get_domain(domain).nameservers = []
            self.service.keys[domain] = {}

    def holds(self, zone: Zone) -> Delegation:
        domain = display_name(zone.name)
        servers = self.moto.backend.get_domain(domain).nameservers
        keys = [
            dns.rdata.from_text("IN", "DNSKEY", f"{key['Flags']} 3 {key['Algorithm']} {key['PublicKey']}")
            for key in self.service.keys[domain].values()
        ]
        return Delegation.of((read_server(zone.name, server.name, server.glue_ips) for server in servers), keys)

    def put(self, zone: Zone, delegation: Delegation) -> None:
        domain = display_name(zone.name)
        names = [
            {"Name": display_name(server.name), "GlueIps": list(server.addresses)} for server in delegation.name_servers
        ]
        self.moto.forget_operations()
        self.moto.backend.update_domain_nameservers(domain, [dict(name) for name in names])
        fields = [rdata.to_text().split(" ", 3) for rdata in delegation.ds]
        self.service.keys[domain] = {
            f"put-{number}": {"Algorithm": int(algorithm), "Flags": int(flags), "PublicKey": key.replace(" ", "")}
            for number, (flags, _protocol, algorithm, key) in enumerate(fields)
        }

    def lock(self, zone: Zone) -> None:
        self.service.statuses[display_name(zone.name)] = ["clientTransferProhibited", "serverUpdateProhibited"]


@pytest.fixture(scope="module")
def moto() -> t.Iterator[Moto]:
    with Moto() as server:
        yield server


@pytest.fixture
def world(moto: Moto) -> t.Iterator[AwsWorld]:
    moto.reset()
    with FakeRoute53Domains(moto) as service:
        yield AwsWorld(moto, service)


class TestRoute53Domains(ParentContract):
    pass


def opened(**options: t.Any) -> Route53DomainsParent:
    return t.cast(
        "Route53DomainsParent",
        service_world.opened("route53domains", **{"access_key": "AKIA", "secret_key": "s3cr3t", **options}),
    )


def stubbed(*errors: tuple[str, str, str], status: int = 400, shown: t.Sequence[str] = ()) -> Route53DomainsParent:
    """Return a parent whose service shows a domain with these servers, if any, and then gives these answers: operation,
    code and message.
    """
    parent = opened()
    stubber = botocore.stub.Stubber(parent._client())
    if shown:
        servers = [{"Name": name} for name in shown]
        stubber.add_response("get_domain_detail", {"DomainName": "shop.com", "Nameservers": servers})
    for operation, code, message in errors:
        stubber.add_client_error(operation, code, message, status)
    stubber.activate()
    return parent


class TestWhatIsThere:
    def test_amazons_own_servers_of_a_new_domain(self, world: AwsWorld, moto: Moto) -> None:
        moto.register("fresh.com")
        zone = parse_zones(["fresh.com"])[0]
        with opened(**world.options()) as parent:
            servers = parent.read(zone).name_servers
        assert [display_name(server.name).rpartition(".awscdn")[0] for server in servers] == [
            "ns-2048",
            "ns-2049",
            "ns-2050",
            "ns-2051",
        ]

    def test_a_key_that_nobody_described_shows_as_ds_and_can_go(self, world: AwsWorld) -> None:
        zone = described(world, servers=["a.test", "b.test"])
        world.put(zone, contract.wanted(world, described(world, servers=["a.test", "b.test"], keys=[KEY_1])))
        outcome = pushed(world, zone)
        assert outcome.failure is None
        assert [(each.action, each.rdtype) for each in outcome.operations] == [("remove", "DS")]
        assert world.holds(zone).ds == frozenset()

    def test_ds_alone_is_enough_where_it_is_there_already(self, world: AwsWorld) -> None:
        keyed = described(world, servers=["a.test", "b.test"], keys=[KEY_1])
        world.put(keyed, contract.wanted(world, keyed))
        given = {"name": world.cut, "parent": "corp", "name_servers": ["a.test", "b.test"]}
        (zone,) = parse_zones([{**given, "ds": [rdata.to_text() for rdata in keyed.ds]}])
        outcome = pushed(world, zone)
        assert (outcome.failure, outcome.changed) == (None, False)
        (other,) = parse_zones([{**given, "ds": [DS_1]}])
        assert "describe dnskeys in place of ds" in (pushed(world, other).failure or "")

    def test_keys_shown_whole_are_keys(self, world: AwsWorld) -> None:
        world.service.shows_keys = True
        zone = described(world, servers=["a.test", "b.test"])
        world.put(zone, contract.wanted(world, described(world, servers=["a.test", "b.test"], keys=[KEY_1])))
        with opened(**world.options()) as parent:
            assert [rdata.to_text(chunksize=0) for rdata in parent.read(zone).ds] == [KEY_1]

    @pytest.mark.parametrize("shown", [{"PublicKey": "%"}, {"PublicKey": "ключ"}, {"Digest": "11"}])
    def test_what_is_no_key_is_an_error(self, world: AwsWorld, shown: dict[str, str]) -> None:
        key = {"Id": "1", "KeyTag": 1, "Algorithm": 13, "DigestType": 2, "Digest": "11" * 32, **shown}
        parent = opened()
        stubber = botocore.stub.Stubber(parent._client())
        stubber.add_response("get_domain_detail", {"DomainName": "shop.com", "DnssecKeys": [key]})
        with stubber, pytest.raises(DelegationError, match="the parent shows a"):
            parent.read(described(world))


@pytest.fixture(params=[False, True], ids=["digests-shown", "keys-shown"])
def showing(request: pytest.FixtureRequest, world: AwsWorld) -> AwsWorld:
    world.service.shows_keys = request.param
    return world


class TestKeysThatNobodyDescribed:
    """They come from the zone, and the service shows them whole or, as it does now, by their digests."""

    def test_served_keys_come_once(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds_from="child")
        outcome = pushed(showing, zone, probe=Serving(FIRST))
        assert (outcome.failure, outcome.changed) == (None, True)
        assert showing.holds(zone) == outcome.after == held(zone, FIRST)
        assert_in_sync(showing, zone, Serving(FIRST))

    def test_served_keys_roll_over(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds_from="child")
        showing.put(zone, held(zone, FIRST))
        for keys, done in (((FIRST, SECOND), "add"), ((SECOND,), "remove")):
            outcome = pushed(showing, zone, probe=Serving(*keys))
            assert outcome.failure is None
            assert [each.action for each in outcome.operations] == [done]
            assert showing.holds(zone) == held(zone, *keys)
            assert_in_sync(showing, zone, Serving(*keys))

    def test_a_served_key_stays_while_servers_change(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds_from="child")
        showing.put(zone, Delegation.of(zone.name_servers[:1], [FIRST.rdata]))
        outcome = pushed(showing, zone, probe=Serving(FIRST))
        assert outcome.failure is None
        assert {each.rdtype for each in outcome.operations} == {"A", "NS"}
        assert showing.holds(zone) == held(zone, FIRST)

    def test_the_last_goes_with_the_keys_of_the_zone(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds_from="child")
        assert pushed(showing, zone, probe=Serving(FIRST)).failure is None
        outcome = pushed(showing, zone, probe=Serving(), allow=["lose_ds"])
        assert (outcome.failure, [each.action for each in outcome.operations]) == (None, ["remove"])
        assert showing.holds(zone) == outcome.after == held(zone)
        assert_in_sync(showing, zone, Serving())

    def test_ds_alone_come_stay_and_go(self, showing: AwsWorld) -> None:
        for keys in ((FIRST,), (FIRST, SECOND), (SECOND,), ()):
            zone = secured(showing, ds=[key.ds(showing.cut) for key in keys])
            outcome = pushed(showing, zone, probe=Serving(*keys))
            assert outcome.failure is None
            assert len([each for each in outcome.operations if each.rdtype in ("DS", "DNSKEY")]) == 1
            assert showing.holds(zone) == held(zone, *keys)
            # Nobody has to be asked for the keys of what is there.
            assert_in_sync(showing, zone, ReadyProbe())

    def test_ds_of_another_digest_are_of_the_same_key(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds=[FIRST.ds(showing.cut, digest=digest) for digest in ("SHA256", "SHA384")])
        showing.put(zone, held(zone, FIRST))
        assert_in_sync(showing, zone, Serving(FIRST))

    def test_cds_are_followed(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds=[FIRST.ds(showing.cut)], ds_mode="follow_cds")
        probe = Serving(FIRST, SECOND, cds=SECOND)
        showing.put(zone, held(zone, FIRST))
        outcome = pushed(showing, zone, probe=probe)
        assert (outcome.failure, [each.action for each in outcome.operations]) == (None, ["add", "remove"])
        assert showing.holds(zone) == outcome.after == held(zone, SECOND)
        assert_in_sync(showing, zone, probe)

    def test_what_else_is_there_may_stay(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds_from="child", ds_mode="present")
        showing.put(zone, held(zone, FIRST, SECOND))
        assert_in_sync(showing, zone, Serving(FIRST))

    @pytest.mark.parametrize("done", [True, False], ids=["answer-lost", "request-lost"])
    def test_a_connection_that_ends_while_one_comes(self, showing: AwsWorld, done: bool) -> None:
        zone = secured(showing, ds_from="child")
        showing.put(zone, held(zone))
        # The two before are looks at what is there.
        showing.lose(2, done=done)
        outcome = pushed(showing, zone, probe=Serving(FIRST))
        assert showing.lost()
        assert (outcome.failure, outcome.changed) == (None, True)
        assert showing.holds(zone) == outcome.after == held(zone, FIRST)

    def test_one_that_comes_later_is_waited_for(self, showing: AwsWorld) -> None:
        zone = secured(showing, ds_from="child")
        showing.put(zone, held(zone))
        showing.pend(3)
        assert pushed(showing, zone, probe=Serving(FIRST), wait=60).failure is None
        assert_in_sync(showing, zone, Serving(FIRST))


class TestWhatIsSent:
    def test_glue_of_a_server_that_stays_is_given_again(self, world: AwsWorld) -> None:
        inside = {"name": "ns1.shop.com", "addresses": ["192.0.2.1", "2001:db8::1"]}
        present = described(world, servers=["a.test", inside])
        world.put(present, contract.wanted(world, present))
        zone = described(world, servers=["a.test", "b.test", inside])
        assert pushed(world, zone).failure is None
        assert world.holds(zone) == contract.wanted(world, zone)

    def test_name_servers_are_one_operation(self, world: AwsWorld) -> None:
        before = world.changes()
        assert pushed(world, described(world)).failure is None
        assert world.changes() == before + 1

    def test_two_addresses_of_a_kind_are_refused(self, world: AwsWorld) -> None:
        servers = ["a.test", {"name": "ns1.shop.com", "addresses": ["192.0.2.1", "192.0.2.2"]}]
        outcome = pushed(world, described(world, servers=servers))
        assert "one IPv4 and one IPv6 address" in (outcome.failure or "")
        assert world.changes() == 0

    def test_a_change_whose_answer_got_lost_is_not_sent_again(self, world: AwsWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            # The one before is the look whether all is as it was.
            world.service.lose(1, done=True)
            with pytest.raises(UnknownOutcomeError, match="the answer to UpdateDomainNameservers got lost"):
                parent.apply(made)
        assert world.changes() == 1

    def test_what_somebody_else_changed_since_it_was_read_is_not_overwritten(self, world: AwsWorld) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            other = described(world, servers=["x.test", "y.test"])
            world.put(other, contract.wanted(world, other))
            with pytest.raises(StaleViewError, match="somebody else changes the delegation"):
                parent.apply(made)
        assert world.changes() == 0
        assert world.holds(other) == contract.wanted(world, other)

    def test_a_service_without_an_end_to_an_operation_is_not_waited_for_forever(self, world: AwsWorld) -> None:
        world.pend(10**6)
        slept: list[float] = []
        with opened(**world.options()) as parent:
            parent.setting = dataclasses.replace(parent.setting, sleep=slept.append)
            made = change(world, keys=[KEY_1])
            parent.read(made.zone)
            with pytest.raises(DelegationError, match=r"accepted, and operation 1001 is IN_PROGRESS after 3\d\d s"):
                parent.apply(made)
            assert parent.progress(made.zone) == "operation 1001 is IN_PROGRESS"
        assert 300 <= sum(slept) < 360

    def test_an_operation_that_fails_ends_the_wait(self, world: AwsWorld) -> None:
        world.pend(10**6)
        with opened(**world.options()) as parent:
            made = change(world)
            parent.read(made.zone)
            parent.apply(made)
            world.service.failing = "the registry says no"
            with pytest.raises(DelegationError, match=r"operation 1001 is FAILED \(the registry says no\)"):
                parent.progress(made.zone)

    def test_an_operation_that_waits_for_somebody_says_so(self, world: AwsWorld) -> None:
        parent = opened()
        stubber = botocore.stub.Stubber(parent._client())
        stubber.add_response("get_domain_detail", {"DomainName": "shop.com"})
        stubber.add_response("update_domain_nameservers", {"OperationId": "7"})
        stubber.add_response("get_operation_detail", {"Status": "SUBMITTED", "StatusFlag": "PENDING_CUSTOMER_ACTION"})
        made = change(world)
        with stubber:
            parent.apply(made)
            assert "PENDING_CUSTOMER_ACTION: see Requests" in (parent.progress(made.zone) or "")

    def test_nothing_was_started_so_there_is_no_progress(self, world: AwsWorld) -> None:
        assert opened(**world.options()).progress(described(world)) is None

    def test_room_under_a_rate_limit_is_waited_for(self, world: AwsWorld) -> None:
        slept: list[float] = []
        throttled = ("get_domain_detail", "ThrottlingException", "Rate exceeded")
        parent = opened()
        parent.setting = dataclasses.replace(parent.setting, sleep=slept.append)
        stubber = botocore.stub.Stubber(parent._client())
        for _time in range(3):
            stubber.add_client_error(*throttled)
        stubber.add_response("get_domain_detail", {"DomainName": "shop.com"})
        with stubber:
            assert not parent.read(described(world)).exists
        assert slept == [1.0, 2.0, 4.0]

    def test_room_under_a_rate_limit_is_not_waited_for_forever(self, world: AwsWorld) -> None:
        parent = stubbed(*[("get_domain_detail", "Throttling", "Rate exceeded")] * 30)
        with pytest.raises(DelegationError, match="push fewer zones at once"):
            parent.read(described(world))


class TestMessages:
    @pytest.mark.parametrize(
        ("code", "advice"),
        [
            ("DnssecLimitExceeded", "describe fewer dnskeys"),
            ("DuplicateRequest", "under way: run this again when it has ended; or the domain has what is asked for"),
            ("OperationLimitExceeded", "Service Quotas"),
            ("TLDRulesViolation", "registry of this top-level domain does not allow it"),
            ("UnsupportedTLD", "its parent is another"),
            ("InvalidInput", "registered in this very account"),
            ("AccessDeniedException", "permission route53domains:AssociateDelegationSignerToDomain"),
            ("UnrecognizedClientException", "there is no such access key"),
            ("InvalidSignatureException", "the secret is wrong"),
            ("ExpiredTokenException", "get new ones"),
        ],
    )
    def test_what_the_service_refuses(self, world: AwsWorld, code: str, advice: str) -> None:
        parent = stubbed(("associate_delegation_signer_to_domain", code, "so it says"), shown=["a.test", "b.test"])
        with pytest.raises(DelegationError, match=advice) as caught:
            parent.apply(_with_key_only(world))
        assert f"answers {code} to AssociateDelegationSignerToDomain: so it says" in caught.value.message
        assert not isinstance(caught.value, UnknownOutcomeError)

    def test_a_service_that_fails_leaves_open_whether_it_was_made(self, world: AwsWorld) -> None:
        failure = ("associate_delegation_signer_to_domain", "InternalFailure", "oops")
        parent = stubbed(failure, status=500, shown=["a.test", "b.test"])
        with pytest.raises(UnknownOutcomeError, match="try again later"):
            parent.apply(_with_key_only(world))
        parent = stubbed(("get_domain_detail", "InternalFailure", "oops"), status=500)
        with pytest.raises(DelegationError, match="try again later"):
            parent.read(described(world))

    @pytest.mark.parametrize(
        "odd",
        [
            b"null",
            [1],
            b'"x"',
            {},
            {"DomainName": "shop.com", "Nameservers": [{}]},
            {"DomainName": "shop.com", "Nameservers": 5},
            {"DomainName": "shop.com", "DnssecKeys": [{"Id": "1"}]},
        ],
        ids=repr,
    )
    def test_an_answer_that_is_not_as_documented(self, world: AwsWorld, odd: t.Any) -> None:
        zone = described(world)
        with opened(**world.options()) as parent:
            world.service.refusals.append(("GetDomainDetail", Answer(200, odd)))
            with pytest.raises(DelegationError, match="with something else than its documents say"):
                parent.read(zone)

    @pytest.mark.parametrize("odd", [b"null", [1], b'"x"', {}, b"<html>"], ids=repr)
    def test_a_change_with_an_answer_that_is_not_as_documented(self, world: AwsWorld, odd: t.Any) -> None:
        with opened(**world.options()) as parent:
            made = change(world)
            world.service.refusals.append(("UpdateDomainNameservers", Answer(200, odd)))
            with pytest.raises(UnknownOutcomeError):
                parent.apply(made)

    def test_a_text_of_the_client_that_tells_a_secret(self, world: AwsWorld) -> None:
        parent = opened(**world.options())

        def fail(**_event: t.Any) -> t.NoReturn:
            raise botocore.exceptions.HTTPClientError(error=ValueError(f"Invalid header value {SECRET_KEY.encode()!r}"))

        parent._client().meta.events.register("before-call", fail)
        with pytest.raises(DelegationError, match=r"Invalid header value b'\*{8}'"):
            parent.read(described(world))

    def test_a_domain_of_somebody_else(self, world: AwsWorld) -> None:
        (zone,) = parse_zones(["foreign.com"])
        with opened(**world.options()) as parent, pytest.raises(DelegationError, match="in this very account"):
            parent.read(zone)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"secret_key": "guess"}, "answers InvalidSignatureException to GetDomainDetail.*the secret is wrong"),
            ({"access_key": "guess"}, "answers UnrecognizedClientException to GetDomainDetail.*no such access key"),
            ({"api_url": "http://127.113.1.9:9"}, "cannot be reached: check api_url"),
        ],
    )
    def test_what_keeps_requests_out(self, world: AwsWorld, options: dict[str, str], message: str) -> None:
        with (
            opened(**{**world.options(), **options}) as parent,
            pytest.raises(DelegationError, match=message) as caught,
        ):
            parent.read(described(world))
        assert SECRET_KEY not in caught.value.message
        assert "guess" not in caught.value.message

    def test_without_credentials(self, world: AwsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        _hide_credentials(monkeypatch)
        parent = opened(**{**world.options(), "access_key": None, "secret_key": None})
        with parent, pytest.raises(DelegationError, match="there are no credentials for AWS"):
            parent.read(described(world))

    def test_credentials_of_the_host(self, world: AwsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        _hide_credentials(monkeypatch)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        with opened(**{**world.options(), "access_key": None, "secret_key": None}) as parent:
            assert not parent.read(described(world)).exists

    def test_a_profile_that_is_missing(self, world: AwsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        _hide_credentials(monkeypatch)
        options = {**world.options(), "access_key": None, "secret_key": None, "profile": "nobody"}
        with opened(**options) as parent, pytest.raises(DelegationError, match="nobody.*check profile"):
            parent.read(described(world))

    @pytest.mark.parametrize(
        ("exception", "message"),
        [
            (botocore.exceptions.SSLError(endpoint_url="x", error="self-signed"), "no trusted TLS connection"),
            (botocore.exceptions.SSOTokenLoadError(error_msg="expired"), "sign in anew"),
            (botocore.exceptions.ReadTimeoutError(endpoint_url="x", error="slow"), "got lost"),
            (botocore.exceptions.UnknownServiceError(service_name="x", known_service_names="y"), "boto3 cannot send"),
        ],
    )
    def test_what_keeps_answers_out(self, world: AwsWorld, exception: Exception, message: str) -> None:
        parent = opened(**world.options())

        def fail(**_event: t.Any) -> t.NoReturn:
            raise exception

        parent._client().meta.events.register("before-call", fail)
        with pytest.raises(DelegationError, match=message):
            parent.read(described(world))


class TestOptions:
    def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deps, "_failures", {})
        monkeypatch.setitem(sys.modules, "boto3.session", None)
        with pytest.raises(MissingLibraryError, match="Python library boto3 is needed to push to parents"):
            opened()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"secret_key": None}, "corp: secret_key: access_key and secret_key go together"),
            ({"access_key": None}, "corp: access_key: access_key and secret_key go together"),
            ({"profile": "p"}, "corp: profile: give either a profile or"),
            ({"access_key": None, "secret_key": None, "session_token": "t"}, "corp: session_token: it belongs to"),
            ({"api_url": "ftp://x"}, "corp: api_url: 'ftp://x': the address of an API is such as"),
            ({"api_url": "https://[::1"}, "corp: api_url: .*Invalid IPv6 URL"),
            ({"api_url": "http://aws.example.com"}, "corp: api_url: .*in clear text"),
            ({"secret_key": "s3cr3t\n"}, "corp: secret_key: it has spaces, ends of lines"),
            ({"session_token": "sess-s3cr3t\n"}, "corp: session_token: it has spaces, ends of lines"),
        ],
    )
    def test_what_does_not_go_together(self, options: dict[str, t.Any], message: str) -> None:
        with pytest.raises(DescriptionError, match=message) as caught:
            opened(**options)
        assert "s3cr3t" not in str(caught.value)


class Serving(ReadyProbe):
    """The described servers serve the zone signed with these keys, unsigned without any.

    :arg cds: the key that the zone asks for.
    """

    def __init__(self, *keys: Key, cds: Key | None = None) -> None:
        text = CHILD_ZONE if cds is None else f"{CHILD_ZONE}@ 3600 CDS {cds.ds(AwsWorld.cut)}\n"
        self._text = Signing(keys=keys).sign(AwsWorld.cut, text) if keys else text

    def served_keys(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[ServedKeys, ...]]:
        net = contoso()
        for address in (NS1, NS2):
            net.host(address, AwsWorld.cut, self._text)
        probe = NetworkProbe(zones, settings=Settings(roots=(ROOT,)), transport=net, now=lambda: NOW)
        return dict(probe.served_keys(zones))


def secured(world: AwsWorld, **secure: t.Any) -> Zone:
    """Return a zone whose servers are those that ``Serving`` lets answer."""
    servers = [{"name": f"ns{number}.{world.cut}", "addresses": [ip]} for number, ip in enumerate((NS1, NS2), start=1)]
    (zone,) = parse_zones([{"name": world.cut, "parent": "corp", "name_servers": servers, **secure}])
    world.register(zone)
    return zone


def held(zone: Zone, *keys: Key) -> Delegation:
    """Return the delegation to the described servers, with these keys."""
    return Delegation.of(zone.name_servers, [key.rdata for key in keys])


def assert_in_sync(world: AwsWorld, zone: Zone, probe: Probe) -> None:
    before = world.changes()
    outcome = pushed(world, zone, probe=probe)
    assert (outcome.failure, outcome.changed, outcome.operations) == (None, False, ())
    assert world.changes() == before


def _with_key_only(world: AwsWorld) -> Change:
    zone = described(world, servers=["a.test", "b.test"], keys=[KEY_2])
    wanted = contract.wanted(world, zone)
    present = Delegation(name_servers=wanted.name_servers)
    operations = plan(zone=zone.name, present=present, wanted=wanted)
    return Change(zone=zone, present=present, wanted=wanted, operations=operations)


def _hide_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let boto3 find none, wherever the tests run."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
