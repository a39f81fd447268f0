# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is planned for the files of zones, from what is described and what is there."""

from __future__ import annotations

import errno
import io
import os
import pathlib
import tempfile
import typing as t
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils import _zone_plan
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._sources import SourcesWanted
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import FORMAT, read_header
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import ZonePlan, surplus_files
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import (
    FIRST_SERIAL,
    NOON,
    contoso,
    mail,
    planned,
    written,
)

CONTOSO = "contoso.example.zone"
DS = f"11111 13 2 {'11' * 32}"
MORE = {"name": "more", "type": "A", "value": "192.0.2.2"}
# The content of contoso() as people write it.
BY_HAND = """\
; Kept by hand since 1998
$ORIGIN example.
$TTL 1h
Contoso IN SOA NS1.contoso.net. hostmaster.contoso ( 1998010203 1h 15m 2w 300 )
    NS ns2.contoso.net.
    NS ns1.contoso.net.
WWW.contoso 3600 A 192.0.2.1
"""


def only(plans: list[ZonePlan]) -> ZonePlan:
    (plan,) = plans
    return plan


def refused(folder: pathlib.Path, *described: t.Mapping[str, t.Any], **options: t.Any) -> str:
    with pytest.raises(DescriptionError) as caught:
        planned(folder, *described, **options)
    return caught.value.message


class TestNew:
    def test_zone(self, tmp_path: pathlib.Path) -> None:
        plan = only(planned(tmp_path, contoso()))
        assert plan.path == str(tmp_path / CONTOSO)
        assert (plan.before, plan.serial, plan.previous_serial, plan.records) == (None, FIRST_SERIAL, None, 4)
        assert plan.text is not None and b"2026112100 ; serial" in plan.text
        assert plan.warnings == () and plan.difference.removed == () and len(plan.difference.added) == 4
        assert plan.result() == {
            "name": "contoso.example",
            "path": plan.path,
            "changed": True,
            "serial": FIRST_SERIAL,
            "previous_serial": None,
            "records": 4,
            "warnings": [],
            "added": 4,
            "removed": 0,
        }
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("content", [b"", b" \n\n"])
    def test_zone_in_place_of_an_empty_file(self, tmp_path: pathlib.Path, content: bytes) -> None:
        (tmp_path / CONTOSO).write_bytes(content)
        plan = only(planned(tmp_path, contoso()))
        assert (plan.before, plan.serial, plan.previous_serial) == (content, FIRST_SERIAL, None)

    @pytest.mark.parametrize(
        ("policy", "serial"), [("date", FIRST_SERIAL), ("increment", 1), ("unixtime", int(NOON.timestamp()))]
    )
    def test_zone_has_a_serial_of_the_policy(self, tmp_path: pathlib.Path, policy: str, serial: int) -> None:
        assert only(planned(tmp_path, contoso(), policy=policy)).serial == serial

    @pytest.mark.parametrize(("in_source", "serial"), [(2026112141, 2026112142), (7, FIRST_SERIAL)])
    def test_zone_starts_from_the_serial_of_its_source(
        self, tmp_path: pathlib.Path, in_source: int, serial: int
    ) -> None:
        source = tmp_path / "source"
        source.write_text(f"@ 60 SOA a b {in_source} 1 2 3 4\n")
        plan = only(planned(tmp_path, contoso(src=str(source))))
        assert (plan.serial, plan.previous_serial) == (serial, None)


class TestUnchanged:
    def test_zone_keeps_its_file(self, tmp_path: pathlib.Path) -> None:
        first = only(written(tmp_path, contoso()))
        plan = only(planned(tmp_path, contoso(), now=NOON + timedelta(days=9)))
        assert plan.text is None and plan.serial == plan.previous_serial == first.serial
        assert plan.difference.added == ()
        assert plan.difference.removed == ()
        assert plan.result() == {
            "name": "contoso.example",
            "path": first.path,
            "changed": False,
            "serial": FIRST_SERIAL,
            "previous_serial": FIRST_SERIAL,
            "records": 4,
            "warnings": [],
        }

    def test_zone_is_known_without_its_source(self, tmp_path: pathlib.Path) -> None:
        source = tmp_path / "source"
        source.write_text("more 60 A 192.0.2.2\n")
        described = contoso(src="z")
        written(tmp_path, described, located={"z": {"digest": "d1", "path": str(source)}})
        plan = only(planned(tmp_path, described, located={"z": {"digest": "d1", "path": None}}))
        assert plan.text is None and plan.records == 5
        with pytest.raises(SourcesWanted, match=": z$"):
            planned(tmp_path, described, located={"z": {"digest": "d2", "path": None}})

    def test_zone_is_not_parsed(self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        written(tmp_path, contoso())
        for parser in ("zone_data", "read_records"):
            monkeypatch.delattr(_zone_plan, parser)
        assert only(planned(tmp_path, contoso())).text is None

    def test_zone_with_warnings_is_not_parsed_either(
        self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = {"type": "SSHFP", "value": "9 9 ab"}
        odd = contoso({"name": "b\u00fccher", **key}, {"name": '\\"\\;', **key})
        first = only(written(tmp_path, odd))
        assert len(first.warnings) == 2
        with pytest.raises(DescriptionError, match="value_unregistered"):
            planned(tmp_path, odd, fail_on_warning=True)
        monkeypatch.delattr(_zone_plan, "zone_data")
        again = only(planned(tmp_path, odd))
        assert again.text is None and again.warnings == first.warnings

    def test_zone_with_hundreds_of_warnings_is_parsed_again(self, tmp_path: pathlib.Path) -> None:
        odd = contoso(*({"name": f"a{number}", "type": "SSHFP", "value": "9 9 ab"} for number in range(101)))
        first = only(written(tmp_path, odd))
        assert len(first.warnings) == 101 and len(first.text or b"") < 8000
        assert only(planned(tmp_path, odd)).warnings == first.warnings

    def test_source_may_be_spelled_anew(self, tmp_path: pathlib.Path) -> None:
        source = tmp_path / "source"
        source.write_text("more 60 A 192.0.2.2\n")
        first = only(written(tmp_path, contoso(src=str(source))))
        source.write_text("$TTL 1m ; one minute\nMore A ( 192.0.2.2 )\n")
        plan = only(planned(tmp_path, contoso(src=str(source)), now=NOON + timedelta(days=1)))
        assert plan.text is None and plan.serial == first.serial

    def test_file_may_be_spelled_anew(self, tmp_path: pathlib.Path) -> None:
        first = only(written(tmp_path, contoso()))
        path = tmp_path / CONTOSO
        path.write_text(path.read_text().replace("www 3600", "WWW 60m") + "; by hand\n")
        plan = only(planned(tmp_path, contoso()))
        assert plan.text is None and plan.serial == first.serial

    def test_warnings_stay_visible(self, tmp_path: pathlib.Path) -> None:
        single = contoso(name_servers=[{"name": "ns1.contoso.net"}])
        first = only(written(tmp_path, single))
        again = only(planned(tmp_path, single))
        assert again.text is None and again.warnings == first.warnings
        assert "zone contoso.example" in first.warnings[0] and "[too_few_name_servers]" in first.warnings[0]
        assert again.result()["warnings"] == list(first.warnings)

    def test_zone_with_errors_is_refused_however_often(self, tmp_path: pathlib.Path) -> None:
        bad = contoso({"name": "www", "type": "CNAME", "value": "elsewhere.example."})
        assert "records[1] (www CNAME)" in refused(tmp_path, bad)
        missing = contoso({"name": "@", "type": "MX", "value": "10 mail"})
        written(tmp_path, missing, allow=("mx_no_address",))
        assert only(planned(tmp_path, missing, allow=("mx_no_address",))).text is None
        assert "mx_no_address" in str(only(planned(tmp_path, missing)).warnings)


class TestChanged:
    def test_content_moves_the_serial_by_one(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        before = (tmp_path / CONTOSO).read_bytes()
        plan = only(written(tmp_path, contoso(MORE)))
        assert (plan.before, plan.previous_serial, plan.serial) == (before, FIRST_SERIAL, FIRST_SERIAL + 1)
        assert plan.diff() == {
            "before_header": plan.path,
            "after_header": plan.path,
            "before": "",
            "after": "more.contoso.example. 3600 IN A 192.0.2.2\n",
        }
        plan = only(written(tmp_path, contoso()))
        assert (plan.previous_serial, plan.serial) == (FIRST_SERIAL + 1, FIRST_SERIAL + 2)
        assert (plan.result()["added"], plan.result()["removed"]) == (0, 1)

    @pytest.mark.parametrize(
        "change",
        [
            {"ttl": 60},
            {"contact": "other@contoso.example"},
            {"primary": "ns2.contoso.net"},
            {"soa": {"negative_ttl": 60}},
            {"name_servers": [{"name": "ns1.contoso.net"}, {"name": "ns3.contoso.net"}]},
        ],
    )
    def test_every_field_is_content(self, tmp_path: pathlib.Path, change: dict[str, t.Any]) -> None:
        written(tmp_path, contoso())
        assert only(planned(tmp_path, contoso(**change))).serial == FIRST_SERIAL + 1

    @pytest.mark.parametrize("change", [{"parent": "corp"}, {"ds": [f"1 13 2 {'11' * 32}"]}, {"ds_from": "child"}])
    def test_what_concerns_the_parent_alone_is_none(self, tmp_path: pathlib.Path, change: dict[str, t.Any]) -> None:
        written(tmp_path, contoso())
        assert only(planned(tmp_path, contoso(**change))).text is None

    def test_source_is_content(self, tmp_path: pathlib.Path) -> None:
        source = tmp_path / "source"
        source.write_text("more 60 A 192.0.2.2\n")
        written(tmp_path, contoso(src=str(source)))
        source.write_text("more 60 A 192.0.2.3\n")
        plan = only(planned(tmp_path, contoso(src=str(source))))
        assert plan.serial == FIRST_SERIAL + 1
        assert plan.difference.added == ("more.contoso.example. 60 IN A 192.0.2.3",)

    def test_every_wanted_source_is_named_once(self, tmp_path: pathlib.Path) -> None:
        located = {name: {"digest": name, "path": None} for name in "ab"}
        zones = [{**contoso(src=source), "name": f"{index}.example"} for index, source in enumerate("aba")]
        with pytest.raises(SourcesWanted) as caught:
            planned(tmp_path, *zones, located=located)
        assert caught.value.wanted == ("a", "b")

    def test_edit_by_hand_is_undone(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        path = tmp_path / CONTOSO
        path.write_text(path.read_text().replace("192.0.2.1", "192.0.2.66") + "evil 60 IN A 192.0.2.66\n")
        plan = only(planned(tmp_path, contoso()))
        assert (plan.previous_serial, plan.serial) == (FIRST_SERIAL, FIRST_SERIAL + 1)
        assert plan.difference.added == ("www.contoso.example. 3600 IN A 192.0.2.1",)
        assert plan.difference.removed == (
            "evil.contoso.example. 60 IN A 192.0.2.66",
            "www.contoso.example. 3600 IN A 192.0.2.66",
        )

    def test_serial_set_by_hand_is_the_floor(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        path = tmp_path / CONTOSO
        path.write_text(path.read_text().replace("2026112100 ; serial", "2026112177 ; serial"))
        plan = only(planned(tmp_path, contoso(MORE)))
        assert (plan.previous_serial, plan.serial) == (2026112177, 2026112178)
        assert only(planned(tmp_path, contoso())).serial == 2026112177

    @pytest.mark.parametrize("more", [[], [MORE]])
    def test_serial_set_back_by_hand_goes_on_from_what_was_published(
        self, tmp_path: pathlib.Path, more: list[dict[str, t.Any]]
    ) -> None:
        path = pathlib.Path(only(written(tmp_path, contoso())).path)
        path.write_text(path.read_text().replace("2026112100 ; serial", "5          ; serial"))
        plan = only(planned(tmp_path, contoso(*more)))
        assert (plan.previous_serial, plan.serial) == (5, FIRST_SERIAL + 1)
        assert plan.warnings == (
            f"zone contoso.example: the serial in {path} was set back by an edit to 5; it goes on from {FIRST_SERIAL}",
        )
        if not more:
            assert (plan.diff()["before"], plan.diff()["after"]) == ("; serial 5\n", f"; serial {FIRST_SERIAL + 1}\n")
        written(tmp_path, contoso(*more))
        assert only(planned(tmp_path, contoso(*more))).text is None

    @pytest.mark.parametrize("lines", [2, 3, 4])
    def test_file_that_lost_its_end_goes_on_from_its_header(self, tmp_path: pathlib.Path, lines: int) -> None:
        path = pathlib.Path(only(written(tmp_path, contoso())).path)
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]))
        plan = only(planned(tmp_path, contoso()))
        assert (plan.previous_serial, plan.serial) == (None, FIRST_SERIAL + 1)
        assert plan.warnings == (
            f"zone contoso.example: the serial in {path} was lost by an edit; it goes on from {FIRST_SERIAL}",
        )

    @pytest.mark.parametrize("damage", [b"www 60 IN A (\n", b"\xff\xfe\n"])
    def test_damaged_file_is_written_anew(self, tmp_path: pathlib.Path, damage: bytes) -> None:
        written(tmp_path, contoso())
        path = tmp_path / CONTOSO
        path.write_bytes(path.read_bytes() + damage)
        plan = only(planned(tmp_path, contoso()))
        assert plan.text is not None and plan.serial == FIRST_SERIAL + 1
        (warning,) = plan.warnings
        assert warning.startswith("zone contoso.example: the file was damaged by an edit and is written anew")

    def test_format_of_a_former_version_is_written_anew(
        self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = only(written(tmp_path, contoso()))
        monkeypatch.setattr(_zone_plan, "FORMAT", FORMAT + 1)
        plan = only(planned(tmp_path, contoso()))
        # The content stays, and so does the serial.
        assert plan.text is not None and plan.serial == first.serial

    def test_file_of_another_zone_is_written_anew(self, tmp_path: pathlib.Path) -> None:
        one, other = ({**contoso(), "name": name, "records": []} for name in ("0/1.example", "0_1.example"))
        written(tmp_path, one)
        plan = only(planned(tmp_path, other))
        assert plan.text is not None and b"; Zone 0_1.example," in plan.text and plan.serial == FIRST_SERIAL + 1


class TestUnmanaged:
    def test_file_with_the_same_content_keeps_its_serial(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).write_text(BY_HAND)
        plan = only(written(tmp_path, contoso()))
        assert plan.text is not None and b"1998010203 ; serial" in plan.text
        assert plan.serial == plan.previous_serial == 1998010203
        assert plan.before == BY_HAND.encode()
        assert (plan.diff()["before"], plan.diff()["after"]) == (
            "; not managed by zonecut.dns.zone_files\n",
            "; managed by zonecut.dns.zone_files\n",
        )
        assert (plan.result()["added"], plan.result()["removed"]) == (0, 0)
        assert only(planned(tmp_path, contoso())).text is None

    def test_file_with_other_content_gives_the_floor(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).write_text(BY_HAND.replace("1998010203", "2026112150"))
        plan = only(planned(tmp_path, contoso(MORE)))
        assert (plan.previous_serial, plan.serial) == (2026112150, 2026112151)
        assert plan.difference.removed == () and len(plan.difference.added) == 1

    def test_file_may_include_others(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).write_text(f"{BY_HAND}$INCLUDE hosts contoso.example.\n")
        (tmp_path / "hosts").write_text("more A 192.0.2.2\n")
        plan = only(planned(tmp_path, contoso(MORE)))
        assert plan.serial == 1998010203

    @pytest.mark.parametrize("content", [b"www 60 IN A (\n", b"\xff\xfe\n", b"not a zone\n"])
    def test_file_that_cannot_be_read_is_refused(self, tmp_path: pathlib.Path, content: bytes) -> None:
        (tmp_path / CONTOSO).write_bytes(content)
        message = refused(tmp_path, contoso())
        assert message.startswith(f"zone contoso.example, {tmp_path / CONTOSO}: not a zone file that can be read")
        assert "repair or remove it" in message

    def test_pipe_in_place_of_the_file_is_not_waited_for(self, tmp_path: pathlib.Path) -> None:
        os.mkfifo(tmp_path / CONTOSO)
        assert refused(tmp_path, contoso()).endswith("cannot be read (it is a named pipe, and no file)")

    def test_folder_in_place_of_the_file_is_named(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).mkdir()
        expected = f"zone contoso.example, {tmp_path / CONTOSO}: cannot be read (Is a directory)"
        assert refused(tmp_path, contoso()) == expected


class TestFuture:
    @pytest.fixture(autouse=True)
    def in_the_future(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).write_text(BY_HAND.replace("1998010203", "2027050300"))

    def test_serial_goes_on_with_a_warning(self, tmp_path: pathlib.Path) -> None:
        plan = only(planned(tmp_path, contoso(MORE)))
        assert plan.serial == 2027050301
        (warning,) = plan.warnings
        assert warning.startswith("zone contoso.example: serial 2027050300 in use is ahead of the present day")

    def test_serial_is_refused_where_the_user_says_so(self, tmp_path: pathlib.Path) -> None:
        message = refused(tmp_path, contoso(MORE), on_future="fail")
        assert message.startswith(f"zone contoso.example, {tmp_path / CONTOSO}: serial 2027050300 in use is ahead")

    def test_serial_of_unchanged_content_is_nobodys_business(self, tmp_path: pathlib.Path) -> None:
        assert only(planned(tmp_path, contoso(), on_future="fail")).serial == 2027050300

    def test_warning_about_the_serial_is_given_once(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(MORE))
        assert only(planned(tmp_path, contoso(MORE))).warnings == ()


class TestDelegated:
    """What becomes of zones that are delegated in the files of others."""

    LONE = [{"name": "ns9.contoso.net"}]
    OTHER_GLUE = [{"name": f"ns{number}.mail.contoso.example", "addresses": [f"192.0.2.{number}"]} for number in (1, 2)]

    def test_is_not_refused_when_new(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        above, _below = planned(tmp_path, contoso(), mail(name_servers=self.LONE))
        assert above.text is not None and b"ns9.contoso.net." in above.text

    def test_keeps_its_servers_and_ds(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail(ds=[DS]))
        before = (tmp_path / CONTOSO).read_bytes()
        message = refused(tmp_path, contoso(), mail(name_servers=self.LONE))
        assert (tmp_path / CONTOSO).read_bytes() == before
        lines = message.splitlines()
        assert [line.split()[-1] for line in lines] == ["[single_server]", "[no_overlap]", "[lose_ds]"]
        assert all(line.startswith("zone contoso.example, the delegation of mail.contoso.example: ") for line in lines)
        assert "ns9.contoso.net would be the only name server" in lines[0] and "allow it if that is meant" in lines[0]

    def test_is_changed_when_all_of_it_is_allowed(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail(ds=[DS]))
        codes = ("single_server", "no_overlap", "lose_ds")
        for code in codes:
            others = tuple(other for other in codes if other != code)
            message = refused(tmp_path, contoso(), mail(name_servers=self.LONE), allow=others)
            assert message.endswith(f"[{code}]") and len(message.splitlines()) == 1
        above, _below = planned(tmp_path, contoso(), mail(name_servers=self.LONE), allow=codes)
        assert above.text is not None and b"ns9.contoso.net." in above.text

    def test_may_change_step_by_step(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail())
        above, _below = written(tmp_path, contoso(), mail(name_servers=[*mail()["name_servers"], *self.OTHER_GLUE[1:]]))
        assert above.text is not None
        above, _below = written(tmp_path, contoso(), mail(name_servers=[*self.LONE, *self.OTHER_GLUE[1:]]))
        assert above.text is not None

    def test_is_judged_in_a_file_made_by_hand(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).write_text(f"{BY_HAND}mail.contoso NS a.test.\nmail.contoso NS b.test.\n")
        assert "a.test, b.test by" in refused(tmp_path, contoso(), mail())


class TestTogether:
    def test_described_children_are_delegated(self, tmp_path: pathlib.Path) -> None:
        above, below = written(tmp_path, contoso(), mail(ds=[f"1 13 2 {'11' * 32}"]))
        assert set(above.difference.added) >= {
            "mail.contoso.example. 3600 IN NS ns1.mail.contoso.example.",
            "mail.contoso.example. 3600 IN NS ns2.contoso.net.",
            "ns1.mail.contoso.example. 3600 IN A 192.0.2.53",
            "ns1.mail.contoso.example. 3600 IN AAAA 2001:db8::53",
            f"mail.contoso.example. 3600 IN DS 1 13 2 {'11' * 32}",
        }
        assert (above.records, below.records) == (9, 5)
        assert not any(" DS " in line for line in below.difference.added)

    def test_another_delegation_changes_the_file_above(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail())
        servers = [{"name": "ns1.mail.contoso.example", "addresses": ["192.0.2.54"]}, {"name": "ns2.contoso.net"}]
        above, below = planned(tmp_path, contoso(), mail(name_servers=servers))
        assert (above.serial, below.serial) == (FIRST_SERIAL + 1, FIRST_SERIAL + 1)
        assert above.difference.added == ("ns1.mail.contoso.example. 3600 IN A 192.0.2.54",)
        assert above.difference.removed == (
            "ns1.mail.contoso.example. 3600 IN A 192.0.2.53",
            "ns1.mail.contoso.example. 3600 IN AAAA 2001:db8::53",
        )

    def test_other_content_of_the_child_does_not(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail())
        above, below = planned(tmp_path, contoso(), mail(records=[MORE]))
        assert above.text is None and below.text is not None

    def test_a_child_no_longer_described_is_delegated_no_longer(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail())
        assert len(only(planned(tmp_path, contoso())).difference.removed) == 4

    def test_plans_come_in_input_order(self, tmp_path: pathlib.Path) -> None:
        assert [plan.zone.text for plan in planned(tmp_path, mail(), contoso())] == [
            "mail.contoso.example",
            "contoso.example",
        ]

    def test_two_zones_cannot_have_one_file(self, tmp_path: pathlib.Path) -> None:
        zones = ({**contoso(), "name": name, "records": []} for name in ("0/1.example", "0_1.example"))
        expected = "zone 0_1.example, name: its file would be 0_1.example.zone, as that of zone 0/1.example"
        assert refused(tmp_path, *zones) == expected

    def test_the_problems_of_all_zones_are_told(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "third.example.zone").write_text("not a zone\n")
        bad = {"name": "www", "type": "A", "value": "nonsense"}
        message = refused(
            tmp_path,
            contoso(bad),
            {**contoso(), "name": "second.example", "src": "z"},
            {**contoso(), "name": "third.example"},
            located={"z": {"digest": "d", "path": None}},
        )
        first, *others = message.splitlines()
        assert first.startswith("zone contoso.example, records[1] (www A): 'nonsense': not A data")
        assert any("zone third.example" in line for line in others)


class TestSurplus:
    def surplus(self, folder: pathlib.Path, *names: str) -> list[str]:
        return [pathlib.Path(path).name for path in surplus_files(parse_zones(list(names)), str(folder))]

    def test_is_what_was_written_and_is_no_longer_described(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail(), {**contoso(), "name": "b.example"})
        assert self.surplus(tmp_path, "contoso.example") == ["b.example.zone", "mail.contoso.example.zone"]
        assert self.surplus(tmp_path, "contoso.example", "mail.contoso.example", "b.example") == []

    def test_is_known_by_the_start_of_a_damaged_file(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        with (tmp_path / CONTOSO).open("ab") as stream:
            stream.write(b"\xff" * 9999)
        assert self.surplus(tmp_path, "other.example") == [CONTOSO]

    def test_is_nothing_else(self, tmp_path: pathlib.Path) -> None:
        plan = only(planned(tmp_path, contoso()))
        assert plan.text is not None
        (tmp_path / "by-hand.example.zone").write_text(BY_HAND)
        (tmp_path / "empty.example.zone").touch()
        (tmp_path / "copy.example.zone").write_bytes(plan.text)
        (tmp_path / f"{CONTOSO}.4711~").write_bytes(plan.text)
        (tmp_path / f"{CONTOSO}.signed").write_bytes(plan.text)
        (tmp_path / "folder.zone").mkdir()
        elsewhere = tmp_path / "elsewhere"
        elsewhere.write_bytes(plan.text)
        (tmp_path / CONTOSO).symlink_to(elsewhere)
        assert self.surplus(tmp_path) == []

    def test_is_not_everything_unless_allowed(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        with pytest.raises(DescriptionError, match=r"no zone is described, so all 1 zone files .*\[purge_all\]$"):
            self.surplus(tmp_path)
        assert surplus_files((), str(tmp_path), allow=["purge_all"]) == [str(tmp_path / CONTOSO)]

    def test_is_nothing_where_there_is_no_folder(self, tmp_path: pathlib.Path) -> None:
        assert self.surplus(tmp_path / "missing") == []

    def test_may_be_hidden_in_a_file_that_cannot_be_read(
        self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written(tmp_path, contoso())

        def refuse(*arguments: t.Any) -> io.BytesIO:
            raise PermissionError(errno.EACCES, "Permission denied")

        # Root reads every file, so that the mode of a real one would prove nothing.
        monkeypatch.setattr("builtins.open", refuse)
        with pytest.raises(ZoneFileError) as caught:
            self.surplus(tmp_path, "other.example")
        monkeypatch.undo()
        assert caught.value.message == f"{tmp_path / CONTOSO}: cannot be read (Permission denied)"


ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.2", "192.0.2.3"])
CONTENT = st.dictionaries(
    st.sampled_from(["a", "b.a", "c"]),
    st.tuples(st.sampled_from([60, 3600]), st.lists(ADDRESSES, min_size=1, max_size=3, unique=True)),
    max_size=3,
)
SPELLINGS = {60: [60, "60", "1m", "60s"], 3600: [3600, "1h", "60m"]}


@st.composite
def spelled(draw: st.DrawFn, content: dict[str, tuple[int, list[str]]]) -> dict[str, t.Any]:
    """One of many ways to describe a zone with this content."""
    records: list[dict[str, t.Any]] = []
    for owner, (ttl, addresses) in content.items():
        for address in addresses:
            written_owner = draw(st.sampled_from([owner, owner.upper(), f"{owner}.Contoso.EXAMPLE."]))
            value: dict[str, t.Any] = draw(st.sampled_from([{"value": address}, {"values": [address]}]))
            rdtype = draw(st.sampled_from(["A", "a"]))
            records.append(
                {"name": written_owner, "type": rdtype, "ttl": draw(st.sampled_from(SPELLINGS[ttl])), **value}
            )
    servers = draw(st.permutations(["ns1.contoso.net", "ns2.contoso.net"]))
    zone = contoso(*records, name_servers=[{"name": name} for name in servers], primary="ns1.contoso.net")
    zone["records"] = draw(st.permutations(zone["records"]))
    zone["name"] = draw(st.sampled_from(["contoso.example", "Contoso.Example."]))
    return zone


@settings(deadline=None, max_examples=50)
@given(st.data(), CONTENT)
def test_spelling_moves_no_serial(data: st.DataObject, content: dict[str, tuple[int, list[str]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        first = only(written(pathlib.Path(name), data.draw(spelled(content))))
        again = only(planned(pathlib.Path(name), data.draw(spelled(content)), now=NOON + timedelta(days=3)))
    assert again.text is None and again.serial == first.serial and again.records == first.records


@settings(deadline=None, max_examples=50)
@given(st.data(), st.lists(CONTENT, min_size=2, max_size=6))
def test_the_serial_counts_changes_of_content(
    data: st.DataObject, contents: list[dict[str, tuple[int, list[str]]]]
) -> None:
    before: dict[str, t.Any] | None = None
    serial = FIRST_SERIAL - 1
    with tempfile.TemporaryDirectory() as name:
        for content in contents:
            meaning = {owner: (ttl, frozenset(addresses)) for owner, (ttl, addresses) in content.items()}
            plan = only(written(pathlib.Path(name), data.draw(spelled(content))))
            assert plan.serial == serial + (meaning != before)
            assert (plan.text is not None) == (meaning != before)
            before, serial = meaning, plan.serial
            header = read_header(pathlib.Path(plan.path).read_bytes())
            assert header is not None and header.serial == serial and header.intact
