# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine against a parent in memory that misbehaves in every way that a parent can."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import datetime, timezone

import dns.dnssec
import dns.name
import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._delegate import (
    Outcome,
    Rules,
    compare,
    failures,
    push,
)
from ansible_collections.zonecut.dns.plugins.module_utils._delegation import (
    NOT_DELEGATED,
    Delegation,
    delegation_of,
)
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    StaleViewError,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._guards import Readiness, Service
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import (
    Abilities,
    AbsorbedRecord,
    Change,
    Parent,
    Setting,
)
from ansible_collections.zonecut.dns.plugins.module_utils._preflight import NetworkProbe
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import ServedKeys
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import (
    CUT,
    DS_1,
    DS_2,
    delegation,
    delegations,
    replayed,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    NS1,
    ROOT,
    contoso,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.signed_zones import NOW, Key, Signing

# What a parent does with a change it is told to make.
Behaviour = t.Literal[
    "does_it", "lies", "does_half", "refuses", "is_stale", "loses_the_answer", "loses_the_change", "is_slow"
]

TWO = [{"name": "a.test"}, {"name": "b.test"}]
INSIDE = {"name": "ns1.mail.contoso.example", "addresses": ["192.0.2.1"]}


class FakeParent(Parent):
    """Holds delegations in memory and does with each change what the script says, then what it should."""

    kind = "fake"
    arguments: t.ClassVar[dict[str, dict[str, t.Any]]] = {}
    abilities = Abilities(removes=True)

    def __init__(self, holds: t.Mapping[str, Delegation] | None = None, *behaviours: Behaviour) -> None:
        self.name = "corp"
        self.warnings: list[str] = []
        self.setting = setting((), warn=self.warnings.append)
        self.holds = {dns.name.from_text(name): value for name, value in (holds or {}).items()}
        self.script = list(behaviours)
        self.applied: list[Change] = []
        self.reads = 0
        self.unreadable: set[dns.name.Name] = set()
        self.impossible: set[dns.name.Name] = set()
        self.hidden: dict[dns.name.Name, tuple[str, ...] | DelegationError] = {}
        self.zones_above: dict[dns.name.Name, dns.name.Name] = {}
        self.closed = False
        self._due: dict[dns.name.Name, tuple[int, Delegation]] = {}

    def read(self, zone: Zone) -> Delegation:
        self.reads += 1
        if zone.name in self.unreadable:
            raise DelegationError("REFUSED")
        if zone.name in self._due:
            left, later = self._due.pop(zone.name)
            if left:
                self._due[zone.name] = (left - 1, later)
            else:
                self.holds[zone.name] = later
        return self.holds.get(zone.name, NOT_DELEGATED)

    def zone_above(self, zone: Zone) -> dns.name.Name | None:
        return self.zones_above.get(zone.name)

    def check(self, change: Change) -> None:
        if change.zone.name in self.impossible:
            raise DelegationError("impossible")

    def hidden_by(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...] | DelegationError]:
        return {change.zone.name: self.hidden.get(change.zone.name, ()) for change in changes}

    def apply(self, change: Change) -> None:
        self.applied.append(change)
        name = change.zone.name
        behaviour = self.script.pop(0) if self.script else "does_it"
        if behaviour == "is_stale" or self.holds.get(name, NOT_DELEGATED) != change.present:
            raise StaleViewError("somebody else changes it")
        if behaviour == "refuses":
            raise DelegationError("not allowed")
        if behaviour == "is_slow":
            self._due[name] = (2, change.wanted)
        elif behaviour == "does_half":
            self.holds[name] = next(replayed(change.present, change.operations, cut=name))
        elif behaviour not in ("lies", "loses_the_change"):
            self.holds[name] = [change.present, *replayed(change.present, change.operations, cut=name)][-1]
        if behaviour.startswith("loses"):
            raise UnknownOutcomeError("the connection ended")

    def close(self) -> None:
        self.closed = True


class Entry:
    """What opens the fake parent, in place of an entry of the option ``parents``."""

    def __init__(self, parent: FakeParent, *, kind: str = "fake", **options: object) -> None:
        self.parent = parent
        self.name = parent.name
        self.kind = kind
        self.options = options

    def open(self, setting: Setting) -> Parent:
        return self.parent


class FakeProbe:
    """Finds what it is told to find, and counts."""

    def __init__(self, readiness: Readiness | None = None, service: Service | None = None) -> None:
        self.readiness = readiness or Readiness()
        self.service = service or Service()
        self.preflights: list[list[str]] = []
        self.served: tuple[ServedKeys, ...] = ()
        self.ttls: tuple[int | None, int | None] = (None, None)
        self.servings: list[list[Delegation]] = []

    def preflight(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Readiness]:
        self.preflights.append([zone.text for zone in zones])
        return {zone.name: self.readiness for zone in zones}

    def served_keys(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[ServedKeys, ...]]:
        return {zone.name: self.served for zone in zones}

    def published_ttls(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[int | None, int | None]]:
        return {zone.name: self.ttls for zone in zones}

    def serving(self, present: t.Sequence[tuple[Zone, Delegation]]) -> dict[dns.name.Name, Service]:
        self.servings.append([delegation for _zone, delegation in present])
        return {zone.name: self.service for zone, _delegation in present}


class FakeTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        assert seconds > 0
        self.now += seconds


def described(*zones: t.Mapping[str, t.Any]) -> tuple[Zone, ...]:
    """Return zones that are delegated at the fake parent to two servers, unless told otherwise."""
    return parse_zones([{"parent": "corp", "name_servers": TWO, **zone} for zone in zones])


def setting(zones: t.Sequence[Zone], *, warn: t.Callable[[str], None] = print) -> Setting:
    """Return a setting in which nothing can be written."""
    return Setting(
        tree=ZoneTree(zones),
        timeout=1,
        clock=lambda: datetime(2026, 1, 1, tzinfo=timezone.utc),
        writer=t.cast("t.Any", None),
        warn=warn,
    )


def pushed(
    parent: FakeParent,
    *zones: t.Mapping[str, t.Any],
    probe: FakeProbe | None = None,
    time: FakeTime | None = None,
    **rules: t.Any,
) -> list[Outcome]:
    """Push to the fake parent; zones are ``mail.contoso.example`` alone when none are given."""
    every = described(*(zones or ({"name": "mail.contoso.example"},)))
    return push(
        every,
        t.cast("t.Any", {"corp": Entry(parent)}),
        rules=Rules(**rules),
        setting=setting(every),
        probe=probe or FakeProbe(),
        waiting=time or FakeTime(),
    )


def test_creates_what_is_described_and_reads_it_back() -> None:
    parent = FakeParent()
    (outcome,) = pushed(parent)
    assert parent.holds[CUT] == delegation({"a.test.": [], "b.test.": []})
    assert outcome.changed and outcome.failure is None
    assert outcome.before == NOT_DELEGATED and outcome.after == parent.holds[CUT]
    assert [str(operation) for operation in outcome.operations] == [
        "add mail.contoso.example NS a.test",
        "add mail.contoso.example NS b.test",
    ]
    assert parent.closed


def test_does_nothing_where_all_is_as_described() -> None:
    parent, probe = FakeParent({"mail.contoso.example": delegation({"A.test.": [], "b.TEST.": []})}), FakeProbe()
    (outcome,) = pushed(parent, probe=probe)
    assert not outcome.changed and outcome.operations == () and outcome.failure is None
    assert parent.applied == [] and parent.reads == 1 and probe.preflights == []


def test_check_mode_predicts_and_applies_nothing() -> None:
    parent, probe = FakeParent(), FakeProbe()
    (predicted,) = pushed(parent, probe=probe, check_mode=True)
    assert parent.applied == [] and parent.holds == {}
    assert predicted.changed and probe.preflights == [["mail.contoso.example"]]
    (done,) = pushed(parent)
    assert predicted.result() == done.result()


@given(present=delegations(), wanted=delegations().filter(lambda wanted: wanted.exists))
def test_what_is_pushed_is_what_is_held(present: Delegation, wanted: Delegation) -> None:
    parent = FakeParent({"mail.contoso.example": present})
    allow = frozenset(("single_server", "no_overlap", "glue_missing", "lose_ds"))
    zone = {
        "name": "mail.contoso.example",
        "name_servers": [
            {"name": server.name.to_text(), "addresses": list(server.addresses)} for server in wanted.name_servers
        ],
        "ds": [rdata.to_text() for rdata in wanted.ds],
    }
    (outcome,) = pushed(parent, zone, allow=allow)
    assert parent.holds.get(CUT, NOT_DELEGATED) == wanted and outcome.failure is None
    assert outcome.changed == (present != wanted)
    (again,) = pushed(parent, zone, allow=allow)
    assert not again.changed and len(parent.applied) <= 1


@pytest.mark.parametrize("trouble", ["is_stale", "loses_the_answer", "loses_the_change"])
def test_recovers_from(trouble: Behaviour) -> None:
    parent = FakeParent({}, trouble)
    (outcome,) = pushed(parent)
    assert outcome.failure is None and outcome.changed
    assert outcome.before == NOT_DELEGATED and outcome.after == parent.holds[CUT]
    assert len(parent.applied) == (1 if trouble == "loses_the_answer" else 2)


def test_a_change_that_shows_after_its_answer_got_lost_is_made_once() -> None:
    class SlowAndSilent(FakeParent):
        def apply(self, change: Change) -> None:
            self.applied.append(change)
            self._due[change.zone.name] = (1, change.wanted)
            raise UnknownOutcomeError("the connection ended")

    parent = SlowAndSilent()
    (outcome,) = pushed(parent)
    assert outcome.failure is None and outcome.changed and outcome.before == NOT_DELEGATED
    assert outcome.after == parent.holds[CUT] and len(parent.applied) == 1


@pytest.mark.parametrize("trouble", ["is_stale", "loses_the_change"])
def test_gives_up_after_three_attempts(trouble: Behaviour) -> None:
    parent = FakeParent({}, *[trouble] * 9)
    (outcome,) = pushed(parent)
    assert len(parent.applied) == 3 and outcome.failure is not None and not outcome.changed


def test_a_stale_view_is_planned_and_judged_anew() -> None:
    class SecondWriter(FakeParent):
        def apply(self, change: Change) -> None:
            if not self.applied:
                self.holds[CUT] = delegation({"c.test.": [], "d.test.": []})
            super().apply(change)

    parent = SecondWriter()
    (outcome,) = pushed(parent)
    assert [refusal.code for refusal in outcome.refusals] == ["no_overlap"]
    assert parent.holds[CUT] == delegation({"c.test.": [], "d.test.": []})
    assert outcome.before == outcome.after == parent.holds[CUT] and not outcome.changed


def test_what_somebody_else_did_is_no_change_of_ours() -> None:
    class SameElsewhere(FakeParent):
        def apply(self, change: Change) -> None:
            self.holds[CUT] = change.wanted
            super().apply(change)

    parent = SameElsewhere()
    (outcome,) = pushed(parent)
    assert outcome.failure is None and len(parent.applied) == 1
    assert not outcome.changed and outcome.operations == () and outcome.next_steps == ()
    assert outcome.before == outcome.after == parent.holds[CUT]


@pytest.mark.parametrize("trouble", ["lies", "does_half"])
def test_success_is_not_believed(trouble: Behaviour) -> None:
    parent, time = FakeParent({}, trouble), FakeTime()
    (outcome,) = pushed(parent, time=time, wait=7.5)
    assert outcome.error is not None and "add mail.contoso.example NS b.test" in outcome.error
    assert outcome.after == parent.holds.get(CUT, NOT_DELEGATED)
    assert outcome.changed == (trouble == "does_half")
    assert len(parent.applied) == 1 and time.now == 107.5


def test_waits_for_a_slow_parent() -> None:
    parent, time = FakeParent({}, "is_slow"), FakeTime()
    (outcome,) = pushed(parent, time=time, wait=60)
    assert outcome.failure is None and outcome.changed and len(parent.applied) == 1
    # It looks after 1 and 2 seconds more.
    assert time.now == 103


def test_does_not_wait_where_nothing_was_accepted() -> None:
    parent, time = FakeParent({}, "refuses"), FakeTime()
    (outcome,) = pushed(parent, time=time, wait=60)
    assert outcome.error == "not allowed" and not outcome.changed and outcome.after == NOT_DELEGATED
    assert time.now == 100


def test_what_cannot_be_read_back_may_have_changed() -> None:
    class Vanishing(FakeParent):
        def apply(self, change: Change) -> None:
            super().apply(change)
            self.unreadable.add(CUT)

    (outcome,) = pushed(Vanishing())
    assert outcome.error is not None and "REFUSED" in outcome.error
    assert outcome.changed and outcome.before == NOT_DELEGATED and outcome.after is None
    assert outcome.result()["after"] is None


def test_an_error_is_not_believed_either() -> None:
    class DoesItAndComplains(FakeParent):
        def apply(self, change: Change) -> None:
            super().apply(change)
            raise DelegationError("not allowed")

    parent = DoesItAndComplains()
    (outcome,) = pushed(parent)
    assert outcome.failure is None and outcome.changed and outcome.after == parent.holds[CUT]
    assert len(parent.applied) == 1


def test_one_failure_hides_no_other() -> None:
    parent = FakeParent({}, "refuses", "does_it")
    parent.unreadable.add(dns.name.from_text("3.example."))
    outcomes = pushed(parent, *({"name": f"{number}.example"} for number in range(1, 5)))
    assert [outcome.changed for outcome in outcomes] == [False, True, False, True]
    assert failures(outcomes) == (
        "2 of 4 delegations failed:\n1.example at corp: not allowed\n3.example at corp: REFUSED"
    )


def test_refusals_are_for_changes_only() -> None:
    parent = FakeParent({"mail.contoso.example": delegation({"a.test.": []})})
    single = {"name": "mail.contoso.example", "name_servers": TWO[:1]}
    (outcome,) = pushed(parent, single)
    assert outcome.failure is None
    parent = FakeParent()
    (outcome,) = pushed(parent, single)
    assert [refusal.code for refusal in outcome.refusals] == ["single_server"]
    assert parent.applied == [] and not outcome.changed and outcome.operations
    (outcome,) = pushed(parent, single, allow=frozenset(["single_server"]))
    assert outcome.changed


@pytest.mark.parametrize("holds", [{}, {"mail.contoso.example": delegation({"a.test.": []})}])
def test_a_description_without_servers_is_refused(holds: dict[str, Delegation]) -> None:
    parent = FakeParent(holds)
    (outcome,) = pushed(parent, {"name": "mail.contoso.example", "name_servers": []})
    assert [refusal.code for refusal in outcome.refusals] == ["empty_set"]
    assert parent.applied == []


def test_preflight_stops_the_push() -> None:
    finding = Finding(code="lame_rcode", severity="error", message="a.test (192.0.2.1) answers REFUSED")
    readiness = Readiness(findings=(finding,))
    parent, probe = FakeParent(), FakeProbe(readiness)
    (outcome,) = pushed(parent, probe=probe)
    assert parent.applied == [] and outcome.failure is not None and "192.0.2.1" in outcome.failure
    for rules in ({"preflight": False}, {"allow": frozenset(["preflight_failed"])}):
        parent, probe = FakeParent(), FakeProbe(readiness)
        (outcome,) = pushed(parent, probe=probe, **t.cast("t.Any", rules))
        assert outcome.changed and outcome.failure is None and probe.preflights == []


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize("holder", ["contoso.example", "mail.contoso.example", None])
def test_no_cut_is_made_below_another_in_the_same_parent_zone(
    check_mode: bool, present: bool, holder: str | None
) -> None:
    holds = {"mail.contoso.example": delegation({"a.test.": [], "b.test.": []})} if present else {}
    parent, below = FakeParent(holds), dns.name.from_text("a.b.mail.contoso.example")
    if holder is not None:
        parent.zones_above = {CUT: CUT.parent(), below: dns.name.from_text(holder)}
    outcomes = pushed(parent, {"name": below.to_text()}, {"name": "mail.contoso.example"}, check_mode=check_mode)
    assert (outcomes[1].failure, outcomes[1].changed) == (None, not present)
    if holder == "contoso.example":
        assert outcomes[0].failure is not None and not outcomes[0].changed and not parent.holds.get(below)
        assert "mail.contoso.example is described as delegated in contoso.example too" in outcomes[0].failure
        assert outcomes[0].failure.endswith("give the parent that holds mail.contoso.example")
    else:
        assert (outcomes[0].failure, outcomes[0].changed) == (None, True)


@pytest.mark.parametrize("check_mode", [True, False])
def test_data_is_not_hidden_silently(check_mode: bool) -> None:
    parent = FakeParent()
    parent.hidden[CUT] = ("mail.contoso.example MX",)
    (outcome,) = pushed(parent, check_mode=check_mode)
    assert [refusal.code for refusal in outcome.refusals] == ["hides_data"] and parent.applied == []
    assert outcome.failure is not None and "mail.contoso.example MX" in outcome.failure and not outcome.changed
    (outcome,) = pushed(parent, check_mode=check_mode, allow=frozenset(["hides_data"]))
    assert outcome.changed and outcome.failure is None


def test_what_is_delegated_already_hides_nothing_more() -> None:
    parent = FakeParent({"mail.contoso.example": delegation({"a.test.": []})})
    parent.hidden[CUT] = ("mail.contoso.example MX",)
    (outcome,) = pushed(parent)
    assert outcome.changed and outcome.failure is None


def test_what_cannot_be_looked_behind_is_not_delegated() -> None:
    parent = FakeParent()
    parent.hidden[CUT] = DelegationError("SERVFAIL")
    broken, fine = pushed(parent, {"name": "mail.contoso.example"}, {"name": "shop.contoso.example"})
    assert broken.error == "SERVFAIL" and not broken.changed and broken.after == NOT_DELEGATED
    assert fine.changed and [change.zone.text for change in parent.applied] == ["shop.contoso.example"]


UNTESTED = Readiness(untested=("a.test (2001:db8::1)",))


def test_a_push_to_untested_servers_is_told() -> None:
    parent = FakeParent()
    outcomes = pushed(parent, {"name": "1.example"}, {"name": "2.example"}, probe=FakeProbe(UNTESTED))
    assert all(outcome.changed for outcome in outcomes)
    (warning,) = parent.warnings
    assert "corp" in warning and warning.endswith(": a.test (2001:db8::1)")
    pushed(parent, {"name": "1.example"}, {"name": "2.example"}, probe=FakeProbe(UNTESTED))
    assert len(parent.warnings) == 1


def test_a_push_to_servers_that_nobody_could_look_up_is_told() -> None:
    parent = FakeParent()
    (outcome,) = pushed(parent, probe=FakeProbe(Readiness(unresolved=("a.test (no root server answers this host)",))))
    assert outcome.changed and outcome.failure is None
    (warning,) = parent.warnings
    assert "could not look up" in warning and warning.endswith(": a.test (no root server answers this host)")


def test_many_untested_servers_are_not_all_told() -> None:
    parent = FakeParent()
    readiness = Readiness(untested=tuple(f"ns{number}.test (2001:db8::{number})" for number in range(12)))
    pushed(parent, probe=FakeProbe(readiness))
    assert parent.warnings[0].endswith("ns9.test (2001:db8::9) and 2 more")


def test_a_push_to_untested_servers_alone_is_refused() -> None:
    parent = FakeParent()
    probe = FakeProbe(Readiness(untested=UNTESTED.untested, unknown=True))
    (outcome,) = pushed(parent, probe=probe)
    assert [refusal.code for refusal in outcome.refusals] == ["untested"] and parent.applied == []
    assert parent.warnings == []
    (outcome,) = pushed(parent, probe=probe, allow=frozenset(["untested"]))
    assert outcome.changed and "a.test (2001:db8::1)" in parent.warnings[0]


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_impossible_shows_before_it_is_tried(check_mode: bool, state: str) -> None:
    present = delegation({"a.test.": [], "ns1": ["192.0.2.1"]})
    parent = FakeParent({"mail.contoso.example": present})
    parent.impossible.add(CUT)
    (outcome,) = pushed(parent, check_mode=check_mode, state=state)
    assert outcome.failure == "mail.contoso.example at corp: impossible" and outcome.operations
    assert not outcome.changed and outcome.after == present and parent.applied == []
    (outcome,) = pushed(
        parent, {"name": "mail.contoso.example", "name_servers": [TWO[0], INSIDE]}, check_mode=check_mode
    )
    assert outcome.failure is None


def test_removal() -> None:
    present = delegation({"a.test.": [], "ns1": ["192.0.2.1"]}, DS_1)
    parent, probe = (
        FakeParent({"mail.contoso.example": present}),
        FakeProbe(service=Service(answering=("a.test (192.0.2.1)",))),
    )
    bare = {"name": "mail.contoso.example", "name_servers": []}
    (outcome,) = pushed(parent, bare, probe=probe, state="absent")
    assert [refusal.code for refusal in outcome.refusals] == ["still_served"] and parent.applied == []
    assert probe.servings == [[present]]
    (outcome,) = pushed(parent, bare, state="absent")
    assert outcome.changed and outcome.after == NOT_DELEGATED and parent.holds[CUT] == NOT_DELEGATED
    (outcome,) = pushed(parent, bare, state="absent", probe=probe)
    assert not outcome.changed and outcome.failure is None and len(probe.servings) == 1


def test_a_removal_in_the_dark_is_refused() -> None:
    parent = FakeParent({"mail.contoso.example": delegation({"a.test.": []})})
    probe = FakeProbe(service=Service(untested=("a.test cannot be resolved",)))
    bare = {"name": "mail.contoso.example", "name_servers": []}
    (outcome,) = pushed(parent, bare, probe=probe, state="absent")
    assert [refusal.code for refusal in outcome.refusals] == ["untested"] and parent.applied == []
    (outcome,) = pushed(parent, bare, probe=probe, state="absent", allow=frozenset(["untested"]))
    assert outcome.changed and parent.holds[CUT] == NOT_DELEGATED


def test_keys_that_have_to_be_fetched_are_not_ignored() -> None:
    parent = FakeParent({"mail.contoso.example": delegation({"a.test.": [], "b.test.": []}, DS_1)})
    (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ds_from": "child"})
    assert outcome.error is not None and "asked for its keys" in outcome.error and parent.applied == []


def assigned(zones: t.Sequence[Zone], *entries: Entry, **rules: t.Any) -> list[Outcome]:
    """Push in check mode to entries by name."""
    return push(
        zones,
        t.cast("t.Any", {entry.name: entry for entry in entries}),
        rules=Rules(check_mode=True, **rules),
        setting=setting(zones),
        probe=FakeProbe(),
        waiting=FakeTime(),
    )


def test_a_zone_below_a_described_one_is_left_to_its_file() -> None:
    zones = parse_zones([{"name": "contoso.example"}, {"name": "mail.contoso.example", "name_servers": TWO}])
    above, below = assigned(zones)
    assert above.skipped is not None and above.parent is None
    assert below.skipped is not None and "zone_files" in below.skipped and below.parent == "contoso.example"
    assert below.result() == {
        "zone": "mail.contoso.example",
        "parent": "contoso.example",
        "changed": False,
        "before": None,
        "after": None,
        "operations": [],
        "next_steps": [],
        "skipped": True,
        "reason": below.skipped,
    }


def test_a_delegation_in_the_file_of_a_described_zone_is_not_removed_silently() -> None:
    zones = parse_zones(["contoso.example", "mail.contoso.example"])
    _above, below = assigned(zones, state="absent")
    assert below.skipped is None and below.failure is not None
    assert below.failure.startswith("mail.contoso.example at contoso.example: ")
    assert "take the zone out of the description and run zone_files" in below.failure


def test_a_removal_without_parent_fails() -> None:
    (outcome,) = assigned(parse_zones(["mail.contoso.example"]), state="absent")
    assert outcome.skipped is None and outcome.failure == (
        "mail.contoso.example: nothing can be removed, since it names no parent, and no zone above it is described:"
        " give its parent"
    )


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (
            None,
            ["Nothing was pushed, since no zone names its parent, nor is a zone above it described: a.test, c.test"],
        ),
        ("corp", []),
    ],
)
def test_zones_that_are_all_pushed_nowhere_are_told(parent: str | None, expected: list[str]) -> None:
    warnings: list[str] = []
    zones = parse_zones([{"name": "a.test"}, {"name": "c.test", "name_servers": TWO, "parent": parent}])
    outcomes = push(
        zones,
        t.cast("t.Any", {"corp": Entry(FakeParent())}),
        rules=Rules(),
        setting=setting(zones, warn=warnings.append),
        probe=FakeProbe(),
        waiting=FakeTime(),
    )
    assert warnings == expected and all(outcome.failure is None for outcome in outcomes)


def test_nothing_described_is_told() -> None:
    warnings: list[str] = []
    every = {"setting": setting((), warn=warnings.append), "probe": FakeProbe(), "waiting": FakeTime()}
    assert push((), {}, rules=Rules(), **t.cast("t.Any", every)) == []
    assert warnings == ["No zone is described, so no parent was asked. Give zones, or a zones_from that holds some."]


@pytest.mark.parametrize("options", [{}, {"zone": dns.name.from_text("Contoso.Example.")}])
def test_a_zone_below_a_described_one_goes_to_an_entry_for_its_file(options: dict[str, dns.name.Name]) -> None:
    zones = parse_zones([{"name": "contoso.example"}, {"name": "mail.contoso.example", "name_servers": TWO}])
    _above, below = assigned(zones, Entry(FakeParent(), kind="zone", **options))
    assert below.parent == "corp" and below.changed


def test_an_entry_for_another_file_does_not_cover_it() -> None:
    zones = parse_zones([{"name": "contoso.example"}, {"name": "mail.contoso.example", "name_servers": TWO}])
    _above, below = assigned(zones, Entry(FakeParent(), kind="zone", zone=dns.name.from_text("other.example")))
    assert below.skipped is not None


def test_an_unknown_parent_is_an_error_before_anything_is_read() -> None:
    zones = parse_zones([{"name": "a.test", "parent": "corp"}, {"name": "b.test", "parent": "crop"}])
    parent = FakeParent()
    with pytest.raises(DescriptionError, match="b.test, parent: 'crop': no such parent; known are corp"):
        assigned(zones, Entry(parent))
    assert parent.reads == 0


def test_outcomes_come_in_the_order_of_the_zones() -> None:
    places = [("c.example", "one"), ("a.example", "other"), ("b.example", "one")]
    zones = parse_zones([{"name": name, "parent": parent, "name_servers": TWO} for name, parent in places])
    one, other = FakeParent(), FakeParent()
    one.name, other.name = "one", "other"
    outcomes = assigned(zones, Entry(one), Entry(other))
    assert [(outcome.zone.text, outcome.parent) for outcome in outcomes] == places


def test_diff_is_in_zone_file_form() -> None:
    (outcome,) = pushed(
        FakeParent({"mail.contoso.example": delegation({"a.test.": [], "ns1": ["192.0.2.1", "2001:db8::1"]})}),
        {"name": "mail.contoso.example", "ds": [DS_1]},
    )
    assert outcome.diff() == {
        "before_header": "mail.contoso.example at corp",
        "after_header": "mail.contoso.example at corp",
        "before": (
            "mail.contoso.example. NS ns1.mail.contoso.example.\n"
            "mail.contoso.example. NS a.test.\n"
            "ns1.mail.contoso.example. A 192.0.2.1\n"
            "ns1.mail.contoso.example. AAAA 2001:db8::1\n"
        ),
        "after": (
            f"mail.contoso.example. NS a.test.\nmail.contoso.example. NS b.test.\nmail.contoso.example. DS {DS_1}\n"
        ),
    }


def compared(parent: FakeParent, zone: dict[str, t.Any]) -> Outcome:
    """Compare one zone with what the fake parent holds."""
    zones = described({"name": "mail.contoso.example", **zone})
    (outcome,) = compare(zones, t.cast("t.Any", {"corp": Entry(parent)}), setting=setting(zones))
    assert parent.applied == []
    return outcome


def test_compare() -> None:
    parent = FakeParent({"mail.contoso.example": delegation({"a.test.": [], "b.test.": []}, DS_1)})
    different = compared(parent, {})
    assert different.changed and [str(operation) for operation in different.operations] == [
        f"remove mail.contoso.example DS {DS_1}"
    ]
    assert not compared(parent, {"ds": [DS_1]}).changed
    assert not compared(parent, {"ds_from": "child"}).changed
    assert compared(parent, {"name_servers": []}).after is None
    parent.unreadable.add(CUT)
    assert compared(parent, {}).error == "REFUSED"


@given(st.lists(st.sampled_from(t.get_args(Behaviour)), max_size=4))
def test_whatever_a_parent_does_the_report_is_true(behaviours: list[Behaviour]) -> None:
    parent = FakeParent({}, *behaviours)
    (outcome,) = pushed(parent, wait=10)
    holds = parent.holds.get(CUT, NOT_DELEGATED)
    assert outcome.after == holds
    assert (outcome.failure is None) == (holds == delegation_of(outcome.zone))
    assert outcome.changed == (holds != NOT_DELEGATED)


KEY = dns.rdata.from_text("IN", "DNSKEY", f"257 3 13 {'A' * 86}==")
KEY_DS = dns.dnssec.make_ds(CUT, KEY, "SHA256").to_text()


class KeyParent(FakeParent):
    """Takes keys and no DS."""

    abilities = Abilities(ds=("dnskey",))


class TestAbilities:
    def test_a_parent_that_takes_keys_gets_those_of_the_described_ds(self) -> None:
        parent = KeyParent()
        zone = {"name": "mail.contoso.example", "dnskeys": [KEY.to_text()]}
        (outcome,) = pushed(parent, zone)
        assert outcome.failure is None and parent.holds[CUT].ds == frozenset([KEY])
        assert str(outcome.operations[-1]) == f"add mail.contoso.example DNSKEY {KEY.to_text()}"
        assert outcome.result()["after"]["dnskeys"] == [KEY.to_text()] and outcome.result()["after"]["ds"] == []
        assert f"mail.contoso.example. DNSKEY {KEY.to_text()}\n" in outcome.diff()["after"]
        (again,) = pushed(parent, zone)
        assert not again.changed and len(parent.applied) == 1

    def test_a_ds_whose_key_the_parent_has_needs_no_key(self) -> None:
        parent = KeyParent()
        pushed(parent, {"name": "mail.contoso.example", "dnskeys": [KEY.to_text()]})
        (again,) = pushed(parent, {"name": "mail.contoso.example", "ds": [KEY_DS]})
        assert not again.changed and again.failure is None

    def test_a_ds_without_any_key_is_an_error(self) -> None:
        parent = KeyParent()
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ds": [DS_1]})
        assert outcome.error is not None and "describe dnskeys" in outcome.error and parent.applied == []

    def test_numbers_of_name_servers(self) -> None:
        class Picky(FakeParent):
            abilities = Abilities(fewest=3, most=4)

        parent = Picky({"mail.contoso.example": delegation({"a.test.": []})})
        (outcome,) = pushed(parent)
        assert outcome.error == "this kind of parent takes 3 to 4 name servers for a zone, and 2 are described"
        assert not outcome.changed and parent.applied == []

    def test_glue_that_it_cannot_hold(self) -> None:
        class NoGlue(FakeParent):
            abilities = Abilities(glue=False)

        zone = {"name": "mail.contoso.example", "name_servers": [*TWO, INSIDE]}
        (outcome,) = pushed(NoGlue(), zone)
        assert outcome.error is not None and "holds no glue" in outcome.error
        assert "ns1.mail.contoso.example (192.0.2.1)" in outcome.error
        (allowed,) = pushed(NoGlue(), zone, allow=frozenset(("glue_missing",)))
        assert allowed.failure is None and allowed.after == delegation({"a.test.": [], "b.test.": [], "ns1": []})


class TestDsMode:
    PRESENT = delegation({"a.test.": [], "b.test.": []}, DS_1)

    @pytest.mark.parametrize(
        ("zone", "mode", "expected"),
        [
            ({"ds": [DS_2]}, "exact", {DS_2}),
            ({"ds": [DS_2]}, "present", {DS_1, DS_2}),
            ({"ds": [DS_2], "ds_mode": "present"}, "exact", {DS_1, DS_2}),
            ({"ds": [DS_2], "ds_mode": "exact"}, "present", {DS_2}),
            ({"ds": []}, "exact", set()),
            ({}, "present", {DS_1}),
        ],
    )
    def test_says_what_becomes_of_others(self, zone: dict[str, t.Any], mode: t.Any, expected: set[str]) -> None:
        parent = FakeParent({"mail.contoso.example": self.PRESENT})
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", **zone}, ds_mode=mode)
        assert outcome.failure is None
        assert {rdata.to_text() for rdata in parent.holds[CUT].ds} == expected

    def test_what_is_not_described_is_perhaps_not_meant(self) -> None:
        for zone, warned in (({}, True), ({"ds": []}, False), ({"ds_mode": "present"}, False)):
            parent = FakeParent({"mail.contoso.example": self.PRESENT})
            (outcome,) = pushed(parent, {"name": "mail.contoso.example", **zone})
            assert outcome.failure is None
            assert any("the description says nothing of DS" in each for each in parent.warnings) is warned

    def test_what_is_not_described_is_told_once_and_by_a_push_only(self) -> None:
        parent = FakeParent({"mail.contoso.example": self.PRESENT}, "loses_the_change", "loses_the_change")
        (zone,) = described({"name": "mail.contoso.example"})
        (compared,) = compare(
            [zone], t.cast("t.Any", {"corp": Entry(parent)}), setting=setting([zone], warn=parent.warnings.append)
        )
        assert compared.operations and parent.warnings == []
        (outcome,) = pushed(parent)
        assert outcome.failure is None and len(parent.applied) == 3
        assert [each for each in parent.warnings if "the description says nothing of DS" in each] == parent.warnings
        assert len(parent.warnings) == 1

    def test_what_follows_cds_takes_the_described_only_as_the_first(self) -> None:
        parent = FakeParent({"mail.contoso.example": delegation({"a.test.": [], "b.test.": []})})
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ds": [DS_2]}, ds_mode="follow_cds")
        assert outcome.failure is None and {rdata.to_text() for rdata in parent.holds[CUT].ds} == {DS_2}
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ds": [DS_1]}, ds_mode="follow_cds")
        assert outcome.error is not None and "asked for its keys" in outcome.error


class TestProgress:
    class Registry(FakeParent):
        abilities = Abilities(asynchronous=True)
        told: str | DelegationError | None = "operation 7 is in progress"

        def progress(self, zone: Zone) -> str | None:
            if isinstance(self.told, DelegationError):
                raise self.told
            return self.told

    def test_what_is_not_made_in_time_is_told_with_what_the_parent_says(self) -> None:
        parent = self.Registry({}, "lies")
        (outcome,) = pushed(parent, wait=60)
        assert outcome.error is not None and not outcome.changed
        assert "accepted the change and not made it within 1m (operation 7 is in progress)" in outcome.error

    def test_what_the_parent_gives_up_is_not_waited_for(self) -> None:
        parent, time = self.Registry({}, "lies"), FakeTime()
        parent.told = DelegationError("operation 7 failed: no such host")
        (outcome,) = pushed(parent, wait=600, time=time)
        assert outcome.error == "operation 7 failed: no such host" and time.now == 100


class TestNextSteps:
    def test_say_until_when_old_servers_and_keys_stay(self) -> None:
        present = replace(delegation({"a.test.": [], "c.test.": []}, DS_1), ns_ttl=7200, ds_ttl=86400)
        (outcome,) = pushed(
            FakeParent({"mail.contoso.example": present}), {"name": "mail.contoso.example", "ds": [DS_2]}
        )
        servers, keys = outcome.result()["next_steps"]
        assert servers["message"].startswith("Let c.test go on answering for mail.contoso.example until")
        assert servers["earliest"] == "2026-01-01T02:00:00Z"
        assert keys["message"].startswith("Keep the keys of DS 11111 (algorithm 13, digest type 2) until")
        assert keys["earliest"] == "2026-01-02T00:00:00Z"

    @pytest.mark.parametrize(
        ("glue_ttl", "own_ttl", "ttl", "hours"),
        [(None, None, 7200, 2), (10800, 3600, 0, 3), (None, 14400, 0, 4), (300, 60, 86400, 1)],
        ids=["described", "glue", "served", "parent"],
    )
    def test_go_by_the_longest_ttl(self, glue_ttl: int | None, own_ttl: int | None, ttl: int, hours: int) -> None:
        present = replace(delegation({"a.test.": [], "ns1": ["192.0.2.1"]}), ns_ttl=3600, glue_ttl=glue_ttl)
        parent, probe = FakeParent({"mail.contoso.example": present}), FakeProbe(Readiness(ttl=own_ttl))
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ttl": ttl}, probe=probe)
        assert [step.result()["earliest"] for step in outcome.next_steps] == [f"2026-01-01T0{hours}:00:00Z"]

    def test_without_ttl_have_no_time(self) -> None:
        present = delegation({"a.test.": [], "b.test.": [], "ns1": ["192.0.2.1", "192.0.2.2"]})
        zone = {"name": "mail.contoso.example", "name_servers": [*TWO, INSIDE]}
        (outcome,) = pushed(FakeParent({"mail.contoso.example": present}), zone)
        (step,) = outcome.result()["next_steps"]
        assert "ns1.mail.contoso.example at 192.0.2.2 go on answering" in step["message"] and step["earliest"] is None

    def test_take_the_ttl_from_the_dns_where_the_parent_tells_none(self) -> None:
        parent, probe = (
            FakeParent({"mail.contoso.example": delegation({"a.test.": [], "c.test.": []}, DS_1)}),
            FakeProbe(),
        )
        probe.ttls = (172800, 3600)
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ds": [DS_2]}, probe=probe)
        assert [step.result()["earliest"] for step in outcome.next_steps] == [
            "2026-01-03T00:00:00Z",
            "2026-01-01T01:00:00Z",
        ]

    def test_are_none_where_nothing_goes(self) -> None:
        assert pushed(FakeParent())[0].next_steps == ()
        assert pushed(FakeParent({}, "refuses"))[0].next_steps == ()


MX = AbsorbedRecord(CUT, 300, dns.rdata.from_text("IN", "MX", "10 mx.test."))
WWW = AbsorbedRecord(dns.name.from_text("www", CUT), 300, dns.rdata.from_text("IN", "A", "192.0.2.80"))


class TestAbsorb:
    class WholeZone(FakeParent):
        """Holds records beside delegations."""

        abilities = Abilities(removes=True, absorbs=True)
        loses: t.ClassVar[tuple[AbsorbedRecord, ...]] = ()

        def __init__(self, *args: t.Any) -> None:
            super().__init__(*args)
            self.records: set[AbsorbedRecord] = set()

        def lacking(self, zone: Zone, records: t.Sequence[AbsorbedRecord]) -> tuple[AbsorbedRecord, ...]:
            assert zone.name == CUT and not self.holds.get(CUT, NOT_DELEGATED).exists
            return tuple(record for record in records if record not in self.records)

        def apply(self, change: Change) -> None:
            super().apply(change)
            self.records.update(record for record in change.absorbed if record not in self.loses)

    PRESENT = delegation({"a.test.": [], "b.test.": []})

    def absorbed(self, parent: FakeParent, *records: AbsorbedRecord, **rules: t.Any) -> Outcome:
        probe = FakeProbe(service=Service(answering=("a.test (192.0.2.1)",)))
        (outcome,) = pushed(parent, state="absent", absorb={CUT: records}, probe=probe, **rules)
        assert probe.servings == []
        return outcome

    def test_records_take_the_place_of_the_delegation_though_it_is_still_served(self) -> None:
        parent = self.WholeZone({"mail.contoso.example": self.PRESENT})
        predicted = self.absorbed(parent, MX, WWW, check_mode=True)
        assert parent.applied == [] and predicted.changed
        outcome = self.absorbed(parent, MX, WWW)
        assert outcome.failure is None and outcome.changed and outcome.result() == predicted.result()
        assert parent.records == {MX, WWW} and parent.holds[CUT] == NOT_DELEGATED and len(parent.applied) == 1
        assert [str(each["type"]) for each in outcome.result()["operations"]] == ["NS", "NS", "MX", "A"]
        assert "mail.contoso.example. MX 10 mx.test.\n" in outcome.diff()["after"]

    def test_what_is_absorbed_already_is_not_touched(self) -> None:
        parent = self.WholeZone()
        parent.records = {MX, WWW}
        assert not self.absorbed(parent, MX, WWW).changed and parent.applied == []

    def test_a_record_that_is_missing_is_brought(self) -> None:
        parent = self.WholeZone()
        parent.records = {MX}
        outcome = self.absorbed(parent, MX, WWW)
        assert outcome.changed and outcome.failure is None and parent.records == {MX, WWW}
        assert parent.applied[0].absorbed == (WWW,)

    def test_a_set_comes_as_a_whole_though_only_one_of_it_is_missing(self) -> None:
        parent = self.WholeZone()
        parent.records = {MX, WWW}
        second = replace(MX, rdata=dns.rdata.from_text("IN", "MX", "20 mx.test."))
        outcome = self.absorbed(parent, MX, second, WWW)
        assert outcome.failure is None and parent.applied[0].absorbed == (MX, second)

    def test_records_that_do_not_arrive_are_named(self) -> None:
        class Forgetful(self.WholeZone):  # type: ignore[name-defined, misc]
            loses = (WWW,)

        parent = Forgetful({"mail.contoso.example": self.PRESENT})
        outcome = self.absorbed(parent, MX, WWW)
        assert outcome.changed and outcome.error is not None
        assert outcome.error.endswith("www.mail.contoso.example A 192.0.2.80; run it again")

    def test_nothing_described_is_an_error(self) -> None:
        parent = self.WholeZone({"mail.contoso.example": self.PRESENT})
        outcome = self.absorbed(parent)
        assert outcome.error is not None and "no records are described" in outcome.error and parent.applied == []

    def test_a_registry_can_absorb_nothing(self) -> None:
        parent = FakeParent({"mail.contoso.example": self.PRESENT})
        outcome = self.absorbed(parent, MX)
        assert outcome.error is not None and "holds delegations only" in outcome.error
        assert not outcome.changed and parent.applied == []


class TestSession:
    """A parent that cannot be reached at all fails for each of its zones."""

    class Closed(FakeParent):
        closed_to: t.ClassVar[str] = "read"

        def read_all(self, zones: t.Sequence[Zone]) -> t.Any:
            if self.closed_to == "read":
                raise DelegationError("no session")
            return super().read_all(zones)

        def apply_all(self, changes: t.Sequence[Change]) -> t.Any:
            raise DelegationError("no session any more")

    ZONES = tuple({"name": f"zone{number}.example"} for number in range(12))

    def test_that_cannot_be_opened(self) -> None:
        outcomes = pushed(self.Closed(), *self.ZONES)
        assert failures(outcomes) == (
            "12 of 12 delegations failed:\nzone0.example, zone1.example, zone2.example, zone3.example, zone4.example,"
            " zone5.example, zone6.example, zone7.example, zone8.example, zone9.example and 2 more at corp: no session"
        )

    def test_that_ends_before_the_change(self) -> None:
        parent = self.Closed()
        parent.closed_to = "write"  # type: ignore[misc]
        outcomes = pushed(parent, *self.ZONES[:2])
        assert [outcome.failure for outcome in outcomes] == [
            f"zone{number}.example at corp: no session any more" for number in range(2)
        ]
        assert not any(outcome.changed for outcome in outcomes)


class TestLostInTheMiddle:
    """Only a part of a change was made when its answer got lost."""

    class Interrupted(FakeParent):
        def apply(self, change: Change) -> None:
            self.applied.append(change)
            if len(self.applied) == 1:
                self.holds[CUT] = next(replayed(change.present, change.operations))
                raise UnknownOutcomeError("the connection ended")
            self.holds[CUT] = change.wanted

    PRESENT = replace(delegation({"a.test.": [], "c.test.": []}, DS_1), ns_ttl=3600, ds_ttl=3600)

    def test_the_result_tells_of_all_that_was_changed(self) -> None:
        parent = self.Interrupted({"mail.contoso.example": self.PRESENT})
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ds": [DS_2]})
        assert outcome.failure is None and outcome.before == self.PRESENT and len(parent.applied) == 2
        assert f"remove mail.contoso.example DS {DS_1}" in [str(operation) for operation in outcome.operations]
        assert any("Keep the keys of DS 11111" in step.text for step in outcome.next_steps)

    def test_what_is_refused_then_has_changed_all_the_same(self) -> None:
        class Worse(FakeProbe):
            def preflight(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Readiness]:
                found = super().preflight(zones)
                self.readiness = Readiness(unknown=True)
                return found

        parent = self.Interrupted({"mail.contoso.example": self.PRESENT})
        (outcome,) = pushed(parent, {"name": "mail.contoso.example", "ds": [DS_2]}, probe=Worse())
        assert outcome.refusals and outcome.changed and outcome.before == self.PRESENT
        assert outcome.after == parent.holds[CUT]


def test_who_allows_other_faults_of_servers_has_their_keys_looked_at() -> None:
    class Keyless(FakeProbe):
        def served_keys(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, tuple[ServedKeys, ...]]:
            return {zone.name: (ServedKeys("a.test (192.0.2.1)", None),) for zone in zones}

    parent = FakeParent()
    zone = {"name": "mail.contoso.example", "ds": [DS_1]}
    (outcome,) = pushed(parent, zone, probe=Keyless(), allow=frozenset(("preflight_failed",)))
    assert [refusal.code for refusal in outcome.refusals] == ["ds_unserved"] and parent.applied == []
    (allowed,) = pushed(parent, zone, probe=Keyless(), allow=frozenset(("preflight_failed", "ds_unserved")))
    assert allowed.failure is None
    (unasked,) = pushed(FakeParent(), zone, probe=Keyless(), preflight=False)
    assert unasked.failure is None


def test_what_nobody_foresaw_fails_for_the_zones_of_one_parent_only() -> None:
    class Odd(FakeParent):
        def read_all(self, zones: t.Sequence[Zone]) -> t.Any:
            if self.applied or not self.script:
                raise KeyError("OperationId")
            return super().read_all(zones)

    (unread,) = pushed(Odd())
    assert unread.error == "the parent brought something that nobody foresaw (KeyError: 'OperationId')"

    class OddChange(FakeParent):
        def apply_all(self, changes: t.Sequence[Change]) -> t.Any:
            self.holds[CUT] = changes[0].wanted
            raise KeyError("OperationId")

    (made,) = pushed(OddChange())
    assert made.failure is None and made.changed


def test_the_present_ds_must_not_lead_nowhere_while_resolvers_have_it() -> None:
    first, second = Key(), Key(number=2)
    world = contoso(child=Signing(keys=(second,)).sign(CHILD, CHILD_ZONE))
    (seen,) = parse_zones([{"name": CHILD, "name_servers": [{"name": f"ns1.{CHILD}", "addresses": [NS1]}]}])
    probe = FakeProbe()
    network = NetworkProbe([seen], settings=Settings(roots=(ROOT,)), transport=world, now=lambda: NOW)
    probe.served = network.served_keys([seen])[CUT]
    zone = {"name": CHILD, "ds": [second.ds(CHILD)]}
    moved = replace(delegation({"a.test.": [], "c.test.": []}, first.ds(CHILD)), ds_ttl=3600)
    (refused,) = pushed(FakeParent({CHILD: moved}), zone, probe=probe)
    assert [refusal.code for refusal in refused.refusals] == ["ds_unserved"] and not refused.changed
    assert refused.failure is not None and "for 3600 seconds more resolvers go by the present DS" in refused.failure
    (allowed,) = pushed(FakeParent({CHILD: moved}), zone, probe=probe, allow=frozenset(["ds_unserved"]))
    assert allowed.changed and allowed.failure is None
    stays = delegation({"a.test.": [], "b.test.": []}, first.ds(CHILD))
    (ds_alone,) = pushed(FakeParent({CHILD: stays}), zone, probe=probe)
    assert ds_alone.changed and ds_alone.failure is None
