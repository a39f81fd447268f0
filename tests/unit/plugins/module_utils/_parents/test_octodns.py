# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents behind octoDNS: one in this process that goes wrong in every way, and real servers."""

from __future__ import annotations

import itertools
import re
import sys
import typing as t
from dataclasses import replace
from types import SimpleNamespace

import dns.name
import dns.query
import dns.rdata
import dns.rdatatype
import dns.update
import dns.xfr
import dns.zone
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation, delegation_in
from ansible_collections.zonecut.dns.plugins.module_utils._deps import Dependencies
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    MissingLibraryError,
    ZonecutError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._parents import octodns
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import parse_parents
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils import real_primaries
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    Fault,
    ParentContract,
    World,
    described,
    opened,
    pushed,
    pushed_all,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.powerdns_server import (
    API_KEY,
    HAS_POWERDNS,
    Passage,
    PowerdnsServer,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.powerdns_world import (
    PARENT,
    PowerdnsWorld,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.primary_world import PrimaryWorld
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.primary_proxy import PrimaryProxy
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_primaries import ADDRESS, KEY, ORIGIN, SECRET

pytest.importorskip("octodns", reason="octodns needs a newer Python")

from octodns.record import Delete, Record

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.octodns_provider import (
    PROVIDER_CLASS,
    TOKEN,
    MemoryProvider,
    service,
)

OTHERS = {
    ("", "NS"): {"type": "NS", "ttl": 172800, "values": ["ns.contoso.example."]},
    ("", "MX"): {"type": "MX", "ttl": 300, "values": [{"preference": 10, "exchange": "mx.contoso.example."}]},
    ("ns", "A"): {"type": "A", "ttl": 300, "value": "192.0.2.53"},
    ("other", "NS"): {"type": "NS", "ttl": 300, "values": ["a.test.", "b.test."]},
    ("www", "CNAME"): {"type": "CNAME", "ttl": 300, "value": "contoso.example."},
}


class MemoryWorld(World):
    kind = "octodns"
    cut = "shop.contoso.example"
    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lie", "lost", "second_writer"))

    def __init__(self, name: str) -> None:
        self.service = service(name)
        self.service.zones[PARENT] = dict(OTHERS)
        self.given: dict[str, t.Any] = {}
        self.more_options: dict[str, t.Any] = {}
        self._name = name

    def options(self) -> dict[str, t.Any]:
        options = {"service_name": self._name, "token": TOKEN, **self.more_options}
        return {"provider_class": PROVIDER_CLASS, "provider_options": options, **self.given}

    @property
    def records(self) -> dict[tuple[str, str], dict[str, t.Any]]:
        return self.service.zones[PARENT]

    def holds(self, zone: Zone) -> Delegation:
        def lookup(owner: dns.name.Name, rdtype: str) -> t.Iterator[dns.rdata.Rdata]:
            name = owner.relativize(dns.name.from_text(PARENT)).to_text()
            data = self.records.get((name, rdtype), {})
            for value in data.get("values") or ([data["value"]] if "value" in data else []):
                text = " ".join(str(part) for part in _in_order(value)) if rdtype == "DS" else str(value)
                yield dns.rdata.from_text("IN", rdtype, text)

        return delegation_in(zone.name, lookup)

    def put(self, zone: Zone, delegation: Delegation) -> None:
        relative = zone.name.relativize(dns.name.from_text(PARENT)).to_text()
        for name, rdtype in [key for key in self.records if key[0] == relative or key[0].endswith(f".{relative}")]:
            del self.records[name, rdtype]
        if delegation.name_servers:
            names = [server.name.to_text() for server in delegation.name_servers]
            self.records[relative, "NS"] = {"type": "NS", "ttl": 900, "values": names}
        for server in delegation.name_servers:
            for rdtype in ("A", "AAAA"):
                values = [address for address in server.addresses if (":" in address) == (rdtype == "AAAA")]
                if values:
                    owner = server.name.relativize(dns.name.from_text(PARENT)).to_text()
                    self.records[owner, rdtype] = {"type": rdtype, "ttl": 900, "values": values}
        if delegation.ds:
            fields = ("key_tag", "algorithm", "digest_type", "digest")
            parts = [dict(zip(fields, rdata.to_text().split())) for rdata in delegation.ds]
            self.records[relative, "DS"] = {"type": "DS", "ttl": 900, "values": parts}

    def changes(self) -> int:
        return self.service.changes

    def lie(self) -> None:
        self.service.lying = True

    def lose(self, exchange: int, *, done: bool) -> None:
        self.service.lose(exchange, done=done)

    def lost(self) -> bool:
        return self.service.lost()

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        self.service.before_change = lambda: self.put(zone, delegation)


class OctodnsPowerdnsWorld(PowerdnsWorld):
    """octodns-powerdns at a real PowerDNS."""

    kind = "octodns"

    def __init__(self, server: PowerdnsServer, passage: Passage) -> None:
        super().__init__(server, passage)
        self.more_options: dict[str, t.Any] = {}

    def options(self) -> dict[str, t.Any]:
        host, _colon, port = self.passage.url.rpartition("/")[2].partition(":")
        options = {"host": host, "port": int(port), "api_key": API_KEY, **self.more_options}
        return {"provider_class": "octodns_powerdns.PowerDnsProvider", "provider_options": options, **self.given}


class OctodnsBindWorld(PrimaryWorld):
    """octodns-bind at a real BIND."""

    kind = "octodns"

    def __init__(self, port: int, proxy: PrimaryProxy) -> None:
        super().__init__(port, proxy)
        self.more_options: dict[str, t.Any] = {}

    def options(self) -> dict[str, t.Any]:
        key = {"key_name": "primaries.test", "key_secret": SECRET, "key_algorithm": "hmac-sha256"}
        options = {"host": ADDRESS, "port": self.proxy.port, "timeout": 5, **key, **self.more_options}
        return {"provider_class": "octodns_bind.BindProvider", "provider_options": options, "zone": ORIGIN}


_NUMBERS = itertools.count()


@pytest.fixture(name="memory")
def memory_fixture() -> MemoryWorld:
    return MemoryWorld(f"service{next(_NUMBERS)}")


@pytest.fixture(scope="module", name="powerdns_server")
def powerdns_server_fixture(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[PowerdnsServer]:
    if not HAS_POWERDNS:
        pytest.skip("PowerDNS with its SQLite backend is not installed")
    pytest.importorskip("octodns_powerdns")
    running = PowerdnsServer(tmp_path_factory.mktemp("powerdns"))
    yield running
    running.stop()


@pytest.fixture(name="powerdns")
def powerdns_fixture(powerdns_server: PowerdnsServer) -> t.Iterator[OctodnsPowerdnsWorld]:
    powerdns_server.make_zone(PARENT)
    with Passage(powerdns_server) as passage:
        yield OctodnsPowerdnsWorld(powerdns_server, passage)


@pytest.fixture(scope="module", name="bind_port")
def bind_port_fixture(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[int]:
    pytest.importorskip("octodns_bind")
    with real_primaries.primary("bind", tmp_path_factory.mktemp("bind")) as port:
        yield port


@pytest.fixture(name="bind")
def bind_fixture(bind_port: int) -> t.Iterator[OctodnsBindWorld]:
    with PrimaryProxy(target=(ADDRESS, bind_port), key=KEY) as proxy:
        yield OctodnsBindWorld(bind_port, proxy)


class TestMemory(ParentContract):
    @pytest.fixture
    def world(self, memory: MemoryWorld) -> MemoryWorld:
        return memory


class TestPowerdns(ParentContract):
    @pytest.fixture
    def world(self, powerdns: OctodnsPowerdnsWorld) -> OctodnsPowerdnsWorld:
        return powerdns


class TestBind(ParentContract):
    @pytest.fixture
    def world(self, bind: OctodnsBindWorld) -> OctodnsBindWorld:
        return bind


class TestMemoryItself:
    """What only a provider without a network can show in every detail."""

    def test_each_step_of_a_new_delegation_is_a_request_of_its_own(self, memory: MemoryWorld) -> None:
        zone = described(memory, keys=[KEY_1])
        assert pushed(memory, zone).failure is None
        assert [each for each in memory.service.log if each != "read"] == [
            "list",
            "create ns1.shop A",
            "create ns1.shop AAAA",
            "create shop NS",
            "create shop DS",
        ]

    def test_all_other_records_stay_as_they_are(self, memory: MemoryWorld) -> None:
        zones = [described(memory, name=name) for name in memory.more]
        assert [outcome.failure for outcome in pushed_all(memory, zones)] == [None] * 3
        assert {key: memory.records[key] for key in OTHERS} == OTHERS
        for zone in zones:
            assert pushed(memory, zone, state="absent").failure is None
        assert memory.records == OTHERS

    def test_many_zones_take_as_many_readings_as_one(self, memory: MemoryWorld) -> None:
        assert pushed(memory, described(memory, name="one.contoso.example")).failure is None
        one = memory.service.log.count("read")
        zones = [described(memory, name=f"z{number}.contoso.example", keys=[KEY_1]) for number in range(50)]
        assert [outcome.failure for outcome in pushed_all(memory, zones)] == [None] * 50
        # One more, for the DS records.
        assert memory.service.log.count("read") - one == one + 1 == 5
        assert memory.service.log.count("list") == 2

    def test_a_zone_that_the_provider_refuses_does_not_stop_the_others(self, memory: MemoryWorld) -> None:
        def fail(request: str) -> None:
            if request == "create z3 NS":
                raise ValueError("422: z3 is not to our taste")

        memory.service.fail = fail
        zones = [described(memory, name=f"z{number}.contoso.example") for number in range(8)]
        outcomes = pushed_all(memory, zones)
        failures = [outcome.failure for outcome in outcomes if outcome.failure]
        assert len(failures) == 1 and "z3 is not to our taste" in failures[0]
        for number, zone in enumerate(zones):
            assert memory.holds(zone).exists == (number != 3)

    def test_what_is_there_keeps_its_ttl_and_what_is_new_gets_the_one_described(self, memory: MemoryWorld) -> None:
        memory.given["ttl"] = "2h"
        before = described(memory, servers=["a.test", "b.test"])
        memory.put(before, wanted(memory, before))
        assert pushed(memory, described(memory, servers=["a.test", "c.test"], keys=[KEY_1])).failure is None
        assert [memory.records["shop", rdtype]["ttl"] for rdtype in ("NS", "DS")] == [900, 7200]

    def test_addresses_left_behind_become_no_glue(self, memory: MemoryWorld) -> None:
        zone = described(memory, servers=["a.test", {"name": "ns1.shop.contoso.example", "addresses": ["192.0.2.1"]}])
        for rdtype, value in (("A", "192.0.2.99"), ("AAAA", "2001:db8::99")):
            memory.records["ns1.shop", rdtype] = {"type": rdtype, "ttl": 60, "value": value}
        assert pushed(memory, zone).failure is None
        assert memory.holds(zone) == wanted(memory, zone)
        assert ("ns1.shop", "AAAA") not in memory.records

    def test_glue_that_others_need_stays(self, memory: MemoryWorld) -> None:
        zone = described(memory)
        memory.put(zone, wanted(memory, zone))
        memory.records["other", "NS"] = {"type": "NS", "ttl": 300, "values": ["a.test.", "ns1.shop.contoso.example."]}
        before = dict(memory.records)
        assert pushed(memory, zone, state="absent").failure is None
        del before["shop", "NS"]
        assert memory.records == before

    @pytest.mark.parametrize("present", [["a.test", "b.test"], ["a.test", "ns1.shop.contoso.example"]])
    def test_glue_takes_the_place_of_an_alias_below_the_cut(self, memory: MemoryWorld, present: list[str]) -> None:
        zone, before = described(memory), described(memory, servers=present)
        memory.put(before, wanted(memory, before))
        memory.records["ns1.shop", "CNAME"] = {"type": "CNAME", "ttl": 60, "value": "a.test."}
        assert pushed(memory, zone).failure is None
        assert memory.holds(zone) == wanted(memory, zone)
        assert ("ns1.shop", "CNAME") not in memory.records

    def test_data_behind_a_new_cut_is_named_whatever_its_type(self, memory: MemoryWorld) -> None:
        memory.records["shop", "ALIAS"] = {"type": "ALIAS", "ttl": 60, "value": "www.contoso.example."}
        memory.records["www.shop", "A"] = {"type": "A", "ttl": 60, "value": "192.0.2.1"}
        outcome = pushed(memory, described(memory))
        assert [refusal.code for refusal in outcome.refusals] == ["hides_data"]
        assert "www.shop.contoso.example A" in str(outcome.failure)
        assert "shop.contoso.example ALIAS" in str(outcome.failure)
        assert memory.changes() == 0
        assert pushed(memory, described(memory), allow=["hides_data"]).failure is None
        assert ("shop", "ALIAS") in memory.records

    @pytest.mark.parametrize(
        ("name", "records", "message"),
        [
            ("www.contoso.example", {}, "www.contoso.example is a CNAME in the parent zone"),
            ("x.other.contoso.example", {}, "other.contoso.example is delegated in contoso.example"),
            ("x.d.contoso.example", {("d", "DNAME"): "a.test."}, "d.contoso.example is a DNAME in the parent zone"),
            ("x.contoso.example", {("", "DNAME"): "a.test."}, "contoso.example is a DNAME in the parent zone"),
        ],
    )
    def test_where_nothing_can_be_delegated_it_is_told(
        self, memory: MemoryWorld, name: str, records: dict[tuple[str, str], str], message: str
    ) -> None:
        for key, value in records.items():
            memory.records[key] = {"type": key[1], "ttl": 60, "value": value}
        assert message in str(pushed(memory, described(memory, name=name)).failure)

    def test_the_longest_zone_above_is_the_parent(self, memory: MemoryWorld) -> None:
        memory.service.zones["shop.contoso.example."] = {}
        memory.service.zones["example."] = {}
        zone = described(memory, name="a.shop.contoso.example", servers=["a.test", "b.test"])
        # An empty zone is there all the same, and a zone is never its own parent.
        assert pushed(memory, zone).failure is None
        assert ("a", "NS") in memory.service.zones["shop.contoso.example."]
        assert pushed(memory, described(memory)).failure is None
        assert ("shop", "NS") in memory.records

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"zone": "other.example"}, "the zone does not lie below other.example"),
            ({"zone": "shop.contoso.example"}, "the zone does not lie below shop.contoso.example"),
            ({"zone": "example"}, "MemoryProvider shows no zone example: create it there"),
        ],
    )
    def test_a_parent_zone_that_is_not_there_is_told(
        self, memory: MemoryWorld, given: dict[str, str], message: str
    ) -> None:
        memory.given = given
        assert message in str(pushed(memory, described(memory)).failure)
        assert memory.changes() == 0

    def test_a_zone_that_no_zone_of_the_provider_holds_is_told(self, memory: MemoryWorld) -> None:
        del memory.service.zones[PARENT]
        assert "has no zone that shop.contoso.example lies in" in str(pushed(memory, described(memory)).failure)

    def test_a_provider_that_cannot_list_its_zones_needs_the_option(
        self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(MemoryProvider, "list_zones")
        zone = described(memory)
        assert "name the parent zone with the option zone" in str(pushed(memory, zone).failure)
        memory.given = {"zone": PARENT}
        assert pushed(memory, zone).failure is None

    def test_a_provider_without_ds_takes_none(self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(MemoryProvider, "SUPPORTS", MemoryProvider.SUPPORTS - {"DS"})
        assert "takes no DS" in str(pushed(memory, described(memory, keys=[KEY_1])).failure)
        assert pushed(memory, described(memory)).failure is None

    def test_a_provider_without_ns_is_refused_in_check_mode(
        self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(MemoryProvider, "SUPPORTS", MemoryProvider.SUPPORTS - {"NS"})
        outcome = pushed(memory, described(memory), check_mode=True)
        assert "holds no NS records below the top of a zone" in str(outcome.failure)

    def test_what_a_provider_cannot_hold_shows_in_check_mode(
        self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def object_to_it(self: t.Any, desired: t.Any) -> t.NoReturn:
            self.supports_warn_or_except("only four NS in a record", "dropping some")
            raise AssertionError

        monkeypatch.setattr(MemoryProvider, "_process_desired_zone", object_to_it)
        outcome = pushed(memory, described(memory), check_mode=True)
        assert "cannot hold this (SupportsException: corp: only four NS in a record)" in str(outcome.failure)

    def test_apply_disabled_is_no_way_to_push(self, memory: MemoryWorld) -> None:
        memory.more_options = {"apply_disabled": True}
        assert "apply_disabled" in str(pushed(memory, described(memory)).failure)

    def test_the_top_of_the_parent_zone_is_left_alone_where_it_cannot_be_managed(
        self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(MemoryProvider, "SUPPORTS_ROOT_NS", False)
        monkeypatch.setattr(MemoryProvider, "_apply", _without_its_check(MemoryProvider._apply))
        assert pushed(memory, described(memory)).failure is None
        assert {key: memory.records[key] for key in OTHERS} == OTHERS

    def test_only_limits_that_the_user_set_count(self, memory: MemoryWorld) -> None:
        """octoDNS has one of 30 % by itself, from ten records on."""
        names = [f"z{number}.contoso.example" for number in range(20)]
        zones = [described(memory, name=name, servers=["a.test", "b.test"]) for name in names]
        for zone in zones:
            memory.put(zone, wanted(memory, described(memory, name=zone.text, servers=["a.test", "c.test"])))
        memory.more_options = {"update_pcent_threshold": 0.5}
        refused = pushed_all(memory, zones)
        assert all("the thresholds in provider_options forbid it" in str(outcome.failure) for outcome in refused)
        memory.more_options = {}
        assert [outcome.failure for outcome in pushed_all(memory, zones)] == [None] * 20

    def test_a_change_that_octodns_adds_by_itself_is_not_made(
        self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def extra(self: t.Any, existing: t.Any, desired: t.Any, changes: t.Any) -> list[t.Any]:
            return [Delete(record) for record in existing.records if record._type == "MX"]

        monkeypatch.setattr(MemoryProvider, "_extra_changes", extra)
        assert pushed(memory, described(memory)).failure is None
        assert ("", "MX") in memory.records

    def test_a_limit_is_waited_for_and_then_told(self, memory: MemoryWorld) -> None:
        slept: list[float] = []
        limits = [7.0, None, 10**6]

        def fail(_request: str) -> None:
            if limits:
                after = limits.pop(0)
                raise LimitError(None if after is None else str(after))

        memory.service.fail = fail
        zone = described(memory)
        parent = opened(memory)
        parent.setting = replace(parent.setting, sleep=slept.append)
        assert parent.read(zone) == NOT_DELEGATED
        assert slept == [7.0, 5.0, 60.0]
        limits += [1.0] * 10
        with pytest.raises(DelegationError, match=r"was asked too often.*try again later"):
            parent.read(zone)

    def test_a_provider_that_shows_changes_late_is_waited_for_between_the_steps(self, memory: MemoryWorld) -> None:
        # The NS records are what the last step waits for.
        memory.service.late = 3
        zone = described(memory, keys=[KEY_1])
        assert pushed(memory, zone).failure is None
        assert memory.holds(zone) == wanted(memory, zone)
        memory.service.late = 100
        rolled = described(memory, servers=["a.test", "b.test"], keys=[KEY_2])
        failure = str(pushed(memory, rolled).failure)
        assert "does not show what it was told, so that the rest is still to do" in failure

    def test_wrong_credentials_are_told_without_showing_them(
        self, memory: MemoryWorld, capfd: pytest.CaptureFixture[str]
    ) -> None:
        memory.more_options = {"token": "quite/wrong one"}
        failure = str(pushed(memory, described(memory)).failure)
        assert "MemoryProvider rejects the credentials, or they do not permit this (PermissionError" in failure
        assert "check the credentials in provider_options" in failure
        assert "quite" not in failure
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("before", range(370, 400, 5))
    def test_a_secret_where_a_long_message_is_cut_is_not_shown(self, memory: MemoryWorld, before: int) -> None:
        def fail(_request: str) -> None:
            raise ValueError(f"{'x' * before}{TOKEN}{'y' * 400}")

        memory.service.fail = fail
        failure = str(pushed(memory, described(memory)).failure)
        assert "(ValueError: xxx" in failure
        assert TOKEN[:3] not in failure.partition("(ValueError")[2]

    def test_a_secret_of_several_lines_is_not_shown(self, memory: MemoryWorld) -> None:
        key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        memory.more_options = {"token": key}

        def fail(_request: str) -> None:
            raise ValueError(f"bad key: {key}")

        memory.service.fail = fail
        failure = str(pushed(memory, described(memory)).failure)
        assert "(ValueError: bad key: ********)" in failure

    def test_options_that_do_not_fit_are_told(self, memory: MemoryWorld) -> None:
        memory.more_options = {"wrong": 1}
        failure = str(pushed(memory, described(memory)).failure)
        assert re.search("provider_options are not what .*MemoryProvider takes .*'wrong'", failure), failure


class LimitError(Exception):
    """What an HTTP library raises for 429."""

    def __init__(self, retry_after: str | None) -> None:
        super().__init__("429 Client Error")
        self.response = SimpleNamespace(
            status_code=429, headers={} if retry_after is None else {"Retry-After": retry_after}, text="slow down"
        )


class TestOptions:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"provider_class": "PowerDnsProvider"}, "a provider class is named with its module"),
            ({"provider_class": "octodns.zone.Zone"}, "octodns.zone has no provider of octoDNS by the name of Zone"),
            ({"provider_class": "octodns.zone.Nothing"}, "has no provider of octoDNS by the name of Nothing"),
            ({"ttl": "soon"}, "parents: corp: ttl: 'soon'"),
        ],
    )
    def test_what_cannot_be_is_an_error_before_anything_is_asked(
        self, memory: MemoryWorld, given: dict[str, str], message: str
    ) -> None:
        memory.given = given
        with pytest.raises(DescriptionError, match=message):
            opened(memory)
        assert memory.service.log == []

    def test_a_provider_that_is_not_installed_is_named_as_what_to_install(self, memory: MemoryWorld) -> None:
        memory.given = {"provider_class": "octodns_nowhere.NowhereProvider"}
        with pytest.raises(MissingLibraryError, match=r"octodns-nowhere is needed.*localhost.*pip install"):
            opened(memory)

    def test_octodns_that_is_not_installed_is_named(self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(octodns, "deps", Dependencies())
        monkeypatch.setitem(sys.modules, "octodns.zone", None)
        with pytest.raises(MissingLibraryError, match=r"octodns is needed.*delegate_to: localhost"):
            opened(memory)

    def test_an_old_python_is_named(self, memory: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(octodns, "_OLDEST_PYTHON", (99, 0))
        with pytest.raises(ZonecutError, match=r"need Python 99.0 or later.*delegate_to: localhost"):
            opened(memory)

    def test_values_come_from_the_environment(self, memory: MemoryWorld) -> None:
        given = {
            "name": "corp",
            "type": "octodns",
            "provider_class": PROVIDER_CLASS,
            "provider_options": {
                **memory.options()["provider_options"],
                "token": "env/T",
            },
        }
        secrets: list[str] = []
        shown: list[str] = []
        entry = parse_parents([given], environment={"T": TOKEN}, keep_secret=secrets.append, show=shown.append)["corp"]
        zone = described(memory)
        assert entry.open(opened(memory).setting).read(zone) == NOT_DELEGATED
        assert secrets == [TOKEN]
        assert "env/T" in shown
        with pytest.raises(DescriptionError, match=r"provider_options.token: the environment has no variable T"):
            parse_parents([given], environment={}, keep_secret=id)

    def test_a_word_that_is_a_secret_elsewhere_stays_one(self) -> None:
        shown: list[str] = []
        given: list[dict[str, t.Any]] = [
            {"name": "a", "type": "octodns", "provider_class": "a.B", "provider_options": {"host": "localhost"}},
            {"name": "b", "type": "rfc2136", "server": "192.0.2.1", "key_name": "k", "key_secret": "localhost"},
        ]
        parse_parents(given, environment={}, keep_secret=id, show=shown.append)
        assert shown == []


class TestPowerdnsItself:
    def test_other_records_and_the_top_of_the_zone_stay(self, powerdns: OctodnsPowerdnsWorld) -> None:
        powerdns.server.add(PARENT, PARENT, "MX", "10 mx.contoso.example")
        powerdns.server.add(PARENT, "other.contoso.example.", "NS", "a.test")
        before = served(powerdns)
        zone = described(powerdns, keys=[KEY_1])
        assert pushed(powerdns, zone).failure is None
        assert before < served(powerdns)
        assert pushed(powerdns, zone, state="absent").failure is None
        assert served(powerdns) == before

    def test_fifty_delegations_are_three_requests(self, powerdns: OctodnsPowerdnsWorld) -> None:
        zones = [described(powerdns, name=f"z{number}.contoso.example", keys=[KEY_1]) for number in range(50)]
        assert [outcome.failure for outcome in pushed_all(powerdns, zones)] == [None] * 50
        assert powerdns.changes() == 3
        assert [outcome.changed for outcome in pushed_all(powerdns, zones)] == [False] * 50
        assert powerdns.changes() == 3

    @pytest.mark.parametrize(
        ("options", "given", "message"),
        [
            ({"api_key": "wrong-key"}, {}, "rejects the credentials, or they do not permit this"),
            ({"server_id": "nobody"}, {}, "octodns_powerdns.PowerDnsProvider"),
            ({}, {"zone": "example"}, "shows no zone example"),
            ({"host": "127.0.0.1", "port": 9}, {}, "gave no answer .*check the address in provider_options"),
            ({"mode_of_operation": "sideways"}, {}, "provider_options are not what .* takes"),
        ],
    )
    def test_each_failure_says_what_to_do(
        self, powerdns: OctodnsPowerdnsWorld, options: dict[str, t.Any], given: dict[str, t.Any], message: str
    ) -> None:
        powerdns.given = given
        powerdns.more_options = options
        failure = str(pushed(powerdns, described(powerdns)).failure)
        assert re.search(message, failure), failure
        assert "wrong-key" not in failure


class TestBindItself:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"key_secret": "b3RoZXI="}, "rejects the credentials, or they do not permit this"),
            ({"key_name": None, "key_secret": None, "key_algorithm": None}, "rejects the credentials"),
            ({"port": 9}, "gave no answer"),
            ({"host": "nowhere.invalid"}, "gave no answer"),
        ],
    )
    def test_each_failure_says_what_to_do(
        self, bind: OctodnsBindWorld, options: dict[str, t.Any], message: str
    ) -> None:
        bind.more_options = options
        failure = str(pushed(bind, described(bind)).failure)
        assert re.search(message, failure), failure
        assert "b3RoZXI" not in failure


class TestRoute53:
    """octodns-route53 at moto, which takes DS records as it takes any."""

    @pytest.fixture
    def options(self, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[dict[str, t.Any]]:
        pytest.importorskip("octodns_route53")
        server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        monkeypatch.setenv("AWS_ENDPOINT_URL_ROUTE_53", f"http://{host}:{port}")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        # The provider asks for them before a change of addresses, and moto's answer is not complete.
        monkeypatch.setattr("octodns_route53.Route53Provider.health_checks", {})
        keys = {"access_key_id": "testing", "secret_access_key": "testing-secret"}
        yield {"provider_class": "octodns_route53.Route53Provider", "provider_options": keys}
        server.stop()

    def test_the_life_of_a_delegation(self, options: dict[str, t.Any]) -> None:
        import boto3

        client = boto3.client("route53", aws_access_key_id="testing", aws_secret_access_key="testing")
        created = client.create_hosted_zone(Name=PARENT, CallerReference="1")
        zone_id = created["HostedZone"]["Id"]

        def held() -> set[tuple[str, str]]:
            found = client.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
            return {(record["Name"], record["Type"]) for record in found}

        before = held()
        world = Route53World(options)
        zone = described(world, keys=[KEY_1])
        assert pushed(world, zone, check_mode=True).changed
        assert held() == before
        assert pushed(world, zone).failure is None
        cut, server = f"{world.cut}.", f"ns1.{world.cut}."
        assert held() - before == {(cut, "NS"), (cut, "DS"), (server, "A"), (server, "AAAA")}
        assert not pushed(world, zone).changed
        rolled = described(world, servers=["a.test", "b.test"], keys=[KEY_2])
        assert pushed(world, rolled).failure is None
        assert held() - before == {(cut, "NS"), (cut, "DS")}
        assert opened(world, rolled).read(rolled) == wanted(world, rolled)
        assert pushed(world, rolled, state="absent").failure is None
        assert held() == before


class Route53World(MemoryWorld):
    """Options and names only."""

    def __init__(self, options: dict[str, t.Any]) -> None:
        self._options = options

    def options(self) -> dict[str, t.Any]:
        return self._options


def served(powerdns: OctodnsPowerdnsWorld) -> set[tuple[t.Any, ...]]:
    """Return all records but the SOA, whose serial moves."""
    return {record[:-1] for record in powerdns.server.records(PARENT) if record[1] != "SOA"}


def _without_its_check(apply: t.Callable[..., None]) -> t.Callable[..., None]:
    """Return ``_apply`` for plans that leave out the top of the zone."""

    def without(self: t.Any, plan: t.Any) -> None:
        plan.desired = plan.desired.copy()
        top = Record.new(plan.desired, "", OTHERS["", "NS"], lenient=True)
        plan.desired.add_record(top, lenient=True)
        apply(self, plan)

    return without


def _in_order(value: t.Mapping[str, t.Any]) -> list[t.Any]:
    return [value[field] for field in ("key_tag", "algorithm", "digest_type", "digest")]
