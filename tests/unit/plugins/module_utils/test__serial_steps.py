# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way down to a lower serial: no step that a secondary takes for older, and none before all are there."""

from __future__ import annotations

import pathlib
import typing as t
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._serial import Policy
from ansible_collections.zonecut.dns.plugins.module_utils._serial_steps import (
    GREATEST_TARGET,
    ServedAt,
    Target,
    ZoneStep,
    plan_steps,
    served_by_zone,
    steps_down,
    target_of,
    zones_named,
)
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import read_header
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import (
    FIRST_SERIAL,
    NOON,
    contoso,
    mail,
    planned,
    written,
)

ZONE = "contoso.example"
FILE = f"{ZONE}.zone"
TYPO = 2062112200
HALFWAY = 4209595847
TODAY = Target(serial=FIRST_SERIAL, kept=FIRST_SERIAL + 99)

serials = st.integers(0, 2**32 - 1)
targets = st.integers(1, GREATEST_TARGET)


def is_newer(serial: int, than: int) -> bool:
    """RFC 1982 section 3.2, word for word."""
    return (than < serial and serial - than < 2**31) or (than > serial and than - serial > 2**31)


class TestWay:
    @given(serials, targets)
    @example(2**32 - 1, 1)
    @example(2**32 - 1, GREATEST_TARGET)
    @example(GREATEST_TARGET + 1, GREATEST_TARGET)
    @settings(max_examples=300)
    def test_every_step_is_newer_and_above_the_target(self, present: int, target: int) -> None:
        steps = steps_down(present, target)
        if present <= target:
            assert steps == []
            return
        assert steps[-1] == target
        assert all(is_newer(after, than=before) for before, after in zip([present, *steps], steps))
        assert all(step > target for step in steps[:-1])

    @given(targets, serials)
    @settings(max_examples=300)
    def test_there_are_as_few_as_possible(self, target: int, present: int) -> None:
        ahead = (target - present) % 2**32
        expected = -(-ahead // (2**31 - 1)) if present > target else 0
        assert len(steps_down(present, target)) == expected

    @given(serials, targets)
    @settings(max_examples=300)
    def test_what_is_stopped_goes_on_the_same_way(self, present: int, target: int) -> None:
        steps = steps_down(present, target)
        for done, reached in enumerate(steps, 1):
            assert steps_down(reached, target) == steps[done:]

    @pytest.mark.parametrize(
        ("present", "target", "steps"),
        [
            (TYPO, FIRST_SERIAL, [HALFWAY, FIRST_SERIAL]),
            # The advice to go by 4294967295 fails from a date: that is 2**31 or more ahead, so it counts as older.
            (FIRST_SERIAL + 1, FIRST_SERIAL, [4173595748, 2**32 - 1, FIRST_SERIAL]),
            (2, 1, [2**31 + 1, 2**32 - 1, 1]),
            (2**32 - 1, FIRST_SERIAL, [FIRST_SERIAL]),
            (FIRST_SERIAL, FIRST_SERIAL, []),
            (0, 1, []),
        ],
    )
    def test_examples(self, present: int, target: int, steps: list[int]) -> None:
        assert steps_down(present, target) == steps

    def test_the_common_advice_is_wrong_for_dates(self) -> None:
        assert not is_newer(2**32 - 1, than=TYPO)


class TestTarget:
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [("date", TODAY), ("unixtime", Target(serial=int(NOON.timestamp()), kept=int(NOON.timestamp())))],
    )
    def test_by_policy(self, policy: Policy, expected: Target) -> None:
        assert target_of(serial=None, policy=policy, now=NOON) == expected

    @pytest.mark.parametrize("policy", ["date", "increment", "unixtime"])
    @pytest.mark.parametrize("serial", [1, FIRST_SERIAL, GREATEST_TARGET])
    def test_by_name(self, serial: int, policy: Policy) -> None:
        assert target_of(serial=serial, policy=policy, now=NOON) == Target(serial=serial, kept=serial)

    @pytest.mark.parametrize("serial", [-1, 0, GREATEST_TARGET + 1, 2**32 - 1, 2**32])
    def test_out_of_range(self, serial: int) -> None:
        with pytest.raises(DescriptionError, match=f"target: {serial}: must be from 1 to 2147483646"):
            target_of(serial=serial, policy="date", now=NOON)

    def test_increment_tells_none(self) -> None:
        with pytest.raises(DescriptionError, match="target: is needed with the policy increment"):
            target_of(serial=None, policy="increment", now=NOON)


class TestServed:
    def test_what_soa_info_returns(self) -> None:
        first = {
            "server": "ns1.contoso.net",
            "address": "192.0.2.1",
            "serial": 7,
            "error": None,
            "has_route": True,
        }
        second = {**first, "address": "192.0.2.2", "serial": None, "error": "no answer in 3 s", "refresh": 900}
        asked: list[dict[str, t.Any]] = [
            {"name": ZONE, "servers": [first, second], "in_sync": False},
            {"name": "empty.example", "servers": []},
        ]
        assert served_by_zone(asked) == {
            ZONE: (
                ServedAt("ns1.contoso.net", "192.0.2.1", 7, None, True),
                ServedAt("ns1.contoso.net", "192.0.2.2", None, "no answer in 3 s", True),
            ),
            "empty.example": (),
        }

    @pytest.mark.parametrize(
        "zone", [{}, {"name": ZONE}, {"name": ZONE, "servers": [{}]}, {"name": ZONE, "servers": 1}]
    )
    def test_anything_else(self, zone: dict[str, t.Any]) -> None:
        with pytest.raises(DescriptionError, match=r"served\[0\]: not a zone as zonecut.dns.soa_info returns it"):
            served_by_zone([zone])


class TestChoice:
    zones = parse_zones([contoso(), mail()])

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            ([], [ZONE, "mail.contoso.example"]),
            (["Mail.Contoso.Example."], ["mail.contoso.example"]),
            (["mail.contoso.example", ZONE], [ZONE, "mail.contoso.example"]),
        ],
    )
    def test_by_name(self, names: list[str], expected: list[str]) -> None:
        assert [zone.text for zone in zones_named(names, self.zones)] == expected

    def test_others(self) -> None:
        with pytest.raises(DescriptionError) as caught:
            zones_named(["contoso.net", "a..b"], self.zones)
        assert [(problem.where, problem.value) for problem in caught.value.problems] == [
            ("only", "contoso.net"),
            ("only", "a..b"),
        ]


def at(serial: int | None, **fields: t.Any) -> ServedAt:
    """Return what a name server serves that works, but for ``fields``."""
    usual: dict[str, t.Any] = {"server": "ns1.contoso.net", "address": "192.0.2.1", "error": None, "has_route": True}
    return ServedAt(serial=serial, **{**usual, **fields})


class Folder:
    """A folder with the file of one zone, and what name servers serve of it."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.file = path / FILE

    def with_serial(self, serial: int) -> Folder:
        """Have zone_files write the file with that serial."""
        self.file.write_bytes(b"@ 60 IN SOA a. b. %d 1 1 1 1\n@ 60 IN NS a.\n" % (serial - 1))
        written(self.path, contoso(), policy="increment")
        assert self.serial == serial
        return self

    @property
    def serial(self) -> int:
        header = read_header(self.file.read_bytes())
        assert header is not None and header.intact
        return header.serial

    def step(self, *served: ServedAt, target: Target = TODAY) -> ZoneStep:
        """Plan one step, and write it; the name servers are described that serve something, or else all."""
        servers = {"name_servers": sorted({each.server for each in served})} if served else {}
        zones = parse_zones([contoso(**servers)])
        (step,) = plan_steps(zones, directory=str(self.path), target=target, served={ZONE: served} if served else {})
        if step.plan.text is not None:
            assert self.file.read_bytes() == step.plan.before
            self.file.write_bytes(step.plan.text)
        return step

    def refusal(self, *served: ServedAt, target: Target = TODAY) -> str:
        """Return why there is no step."""
        before = self.file.read_bytes()
        with pytest.raises(DescriptionError) as caught:
            self.step(*served, target=target)
        assert self.file.read_bytes() == before
        return caught.value.message


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Folder:
    return Folder(tmp_path)


class TestStep:
    def test_all_the_way(self, folder: Folder) -> None:
        folder.with_serial(TYPO)
        content = folder.file.read_text().split("\n)\n")[1]
        first = folder.step(at(TYPO), at(TYPO, address="2001:db8::1"))
        assert first.result() == {
            "name": ZONE,
            "path": str(folder.file),
            "changed": True,
            "serial": HALFWAY,
            "previous_serial": TYPO,
            "target": FIRST_SERIAL,
            "steps": [FIRST_SERIAL],
            "behind": [],
        }
        assert first.plan.diff()["before"] == f"; serial {TYPO}\n"
        assert first.plan.diff()["after"] == f"; serial {HALFWAY}\n"
        assert folder.serial == HALFWAY
        second = folder.step(at(HALFWAY))
        assert (second.plan.serial, second.steps, folder.serial) == (FIRST_SERIAL, (), FIRST_SERIAL)
        assert folder.file.read_text().split("\n)\n")[1] == content
        third = folder.step(at(FIRST_SERIAL))
        assert (third.plan.text, third.steps, third.behind) == (None, (), ())

    def test_a_step_that_is_not_loaded_is_waited_for(self, folder: Folder) -> None:
        folder.with_serial(TYPO).step(at(TYPO))
        waiting = folder.step(at(HALFWAY), at(TYPO, address="192.0.2.2"))
        assert (waiting.plan.text, waiting.plan.serial, waiting.steps) == (None, HALFWAY, (FIRST_SERIAL,))
        assert waiting.behind == ("ns1.contoso.net (192.0.2.2)",)

    def test_so_is_the_last(self, folder: Folder) -> None:
        folder.with_serial(FIRST_SERIAL)
        waiting = folder.step(at(HALFWAY))
        assert (waiting.plan.text, waiting.plan.serial, waiting.steps) == (None, FIRST_SERIAL, ())
        assert waiting.behind == ("ns1.contoso.net (192.0.2.1)",)

    @pytest.mark.parametrize("serial", [1, FIRST_SERIAL - 1, FIRST_SERIAL, FIRST_SERIAL + 99])
    def test_serials_of_today_and_before_stay(self, serial: int, folder: Folder) -> None:
        # A zone that stays needs nobody to answer for it.
        step = folder.with_serial(serial).step(at(None, error="no answer in 3 s"))
        assert (step.plan.text, step.plan.serial, step.plan.previous_serial) == (None, serial, serial)
        assert (step.steps, step.behind) == ((), ())

    def test_what_was_rendered_and_pushed_stays_known(self, folder: Folder) -> None:
        pushed = folder.with_serial(TYPO).file.read_bytes()
        before = read_header(pushed)
        folder.step(at(TYPO))
        after = read_header(folder.file.read_bytes())
        assert before is not None and after is not None and before.input_digest is not None
        assert (after.input_digest, after.pushed, after.records) == (before.input_digest, before.pushed, before.records)

    def test_what_checks_warned_about_stays_known(self, folder: Folder) -> None:
        zone = contoso(name_servers=["ns1.contoso.net"])
        folder.file.write_bytes(b"@ 60 IN SOA a. b. %d 1 1 1 1\n@ 60 IN NS a.\n" % (TYPO - 1))
        written(folder.path, zone, policy="increment")
        folder.step(at(TYPO))
        (unchanged,) = planned(folder.path, zone)
        assert unchanged.text is None and "too_few_name_servers" in "".join(unchanged.warnings)
        with pytest.raises(DescriptionError, match="too_few_name_servers"):
            planned(folder.path, zone, fail_on_warning=True)

    def test_zone_files_goes_on_from_the_low_serial(self, folder: Folder) -> None:
        folder.with_serial(TYPO).step(at(TYPO))
        folder.step(at(HALFWAY))
        (unchanged,) = planned(folder.path, contoso())
        assert (unchanged.text, unchanged.serial, unchanged.warnings) == (None, FIRST_SERIAL, ())
        (changed,) = planned(folder.path, contoso(ttl="5m"))
        assert (changed.serial, changed.warnings) == (FIRST_SERIAL + 1, ())
        (later,) = planned(folder.path, contoso(ttl="5m"), now=NOON + timedelta(days=1))
        assert (later.serial, later.warnings) == (FIRST_SERIAL + 100, ())

    def test_zones_that_cannot_step_hold_the_others_back(self, folder: Folder) -> None:
        folder.with_serial(TYPO)
        with pytest.raises(DescriptionError, match="zone mail.contoso.example, .*: cannot be read .No such file"):
            plan_steps(
                parse_zones([contoso(), mail()]), directory=str(folder.path), target=TODAY, served={ZONE: (at(TYPO),)}
            )


class TestRefusal:
    @pytest.mark.parametrize(
        ("served", "reason"),
        [
            (at(None, error="no answer in 3 s"), r"ns1.contoso.net (192.0.2.1): it could not follow: no answer in 3 s"),
            (at(TYPO, error="answers without authority"), "it could not follow: answers without authority"),
            (at(None, error="Network is unreachable", has_route=False), "the host that asks has no route to it"),
            (at(TYPO + 1), f"serves serial {TYPO + 1}, which by RFC 1982 is not older than {TYPO} in the file"),
            # Just as far as serials compare in neither direction.
            (at(TYPO + 2**31), f"serves serial {TYPO + 2**31}, which by RFC 1982 is not older"),
        ],
    )
    def test_name_servers(self, served: ServedAt, reason: str, folder: Folder) -> None:
        refusal = folder.with_serial(TYPO).refusal(at(TYPO, server="ns2.contoso.net"), served)
        assert refusal.startswith(f"zone {ZONE}, ") and reason in refusal
        assert "ns2.contoso.net" not in refusal and "\n" not in refusal

    def test_nobody_was_asked(self, folder: Folder) -> None:
        assert "name servers: none was asked" in folder.with_serial(TYPO).refusal()

    def test_a_name_server_without_address(self, folder: Folder) -> None:
        folder.with_serial(TYPO)
        with pytest.raises(DescriptionError) as caught:
            plan_steps(parse_zones([contoso()]), directory=str(folder.path), target=TODAY, served={ZONE: (at(TYPO),)})
        rule = "it has no address that was asked, so nothing tells whether it could follow"
        assert caught.value.message == f"zone {ZONE}, ns2.contoso.net: {rule}"

    def test_an_address_without_a_route_counts_by_the_others_of_its_server(self, folder: Folder) -> None:
        unreached = at(None, address="2001:db8::1", error="Network is unreachable", has_route=False)
        assert folder.with_serial(TYPO).step(at(TYPO), unreached).plan.serial == HALFWAY

    def test_a_file_that_was_set_back_alone(self, folder: Folder) -> None:
        refusal = folder.with_serial(FIRST_SERIAL).refusal(at(FIRST_SERIAL), at(TYPO, server="ns2.contoso.net"))
        assert refusal.startswith(
            f"zone {ZONE}, ns2.contoso.net (192.0.2.1): serves serial {TYPO}, which by RFC 1982 is"
        )

    def test_a_file_of_somebody_else(self, folder: Folder) -> None:
        folder.file.write_bytes(b"@ 60 IN SOA a. b. 2062112200 1 1 1 1\n@ 60 IN NS a.\n")
        assert f"{FILE}: not a file of zonecut.dns.zone_files" in folder.refusal(at(TYPO))

    def test_an_edited_file(self, folder: Folder) -> None:
        folder.with_serial(TYPO)
        folder.file.write_bytes(folder.file.read_bytes() + b"more 60 IN A 192.0.2.9\n")
        assert f"{FILE}: it is not as this version of zonecut.dns.zone_files writes it" in folder.refusal(at(TYPO))

    def test_a_journal(self, folder: Folder) -> None:
        folder.with_serial(TYPO)
        (folder.path / f"{FILE}.jnl").write_bytes(b"any")
        assert f"{FILE}.jnl: a journal of dynamic updates is there" in folder.refusal(at(TYPO))

    def test_a_journal_that_cannot_be_read(self, folder: Folder) -> None:
        folder.with_serial(TYPO)
        (folder.path / f"{FILE}.jnl").mkdir()
        assert f"{FILE}: its journal cannot be read (Is a directory)" in folder.refusal(at(TYPO))
