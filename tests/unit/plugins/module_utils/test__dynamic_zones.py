# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is planned for the files of zones that their server changes by itself."""

from __future__ import annotations

import functools
import pathlib
import struct
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._dynamic_zones import Serving
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._server_control import NameServer, ServedZone
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import (
    PlanOptions,
    ZonePlan,
    plan_zones,
    settled_plans,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import (
    FIRST_SERIAL,
    NOON,
    contoso,
    mail,
    planned,
    written,
)

CONTOSO = "contoso.example.zone"
MORE = {"name": "more", "type": "A", "value": "192.0.2.2"}
# The content of contoso() as a server may write it.
BY_SERVER = """\
$ORIGIN example.
$TTL 1h
contoso IN SOA ns1.contoso.net. hostmaster.contoso 1998010203 1h 15m 2w 300
    NS ns1.contoso.net.
    NS ns2.contoso.net.
www.contoso A 192.0.2.1
"""


def refused(folder: pathlib.Path, *described: t.Mapping[str, t.Any], **options: t.Any) -> str:
    with pytest.raises(DescriptionError) as caught:
        planned(folder, *described, **options)
    return caught.value.message


class TestJournal:
    @pytest.fixture(autouse=True)
    def journal(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        (tmp_path / f"{CONTOSO}.jnl").touch()

    def test_stops_changes(self, tmp_path: pathlib.Path) -> None:
        message = refused(tmp_path, contoso(MORE))
        assert message.startswith(f"zone contoso.example, {tmp_path / CONTOSO}.jnl: a journal of dynamic updates")
        assert "rndc freeze" in message and message.endswith("[journal]")

    def test_can_be_allowed(self, tmp_path: pathlib.Path) -> None:
        assert planned(tmp_path, contoso(MORE), allow=("journal",))[0].serial == FIRST_SERIAL + 1

    def test_is_no_matter_where_nothing_changes(self, tmp_path: pathlib.Path) -> None:
        assert planned(tmp_path, contoso())[0].text is None

    def test_is_no_matter_where_only_the_header_would_come_back(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).write_text(BY_SERVER)
        plan = planned(tmp_path, contoso())[0]
        assert plan.text is None and plan.serial == 1998010203

    def test_with_a_serial_is_where_the_next_goes_on_from(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / f"{CONTOSO}.jnl").write_bytes(journal_to(FIRST_SERIAL + 40))
        message = refused(tmp_path, contoso(MORE))
        assert f"leads from serial {FIRST_SERIAL} of the file to {FIRST_SERIAL + 40}, so the server" in message
        assert planned(tmp_path, contoso(MORE), allow=("journal",))[0].serial == FIRST_SERIAL + 41

    def test_of_what_changed_between_files_stops_nothing(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / f"{CONTOSO}.jnl").write_bytes(journal_to(FIRST_SERIAL))
        assert planned(tmp_path, contoso(MORE))[0].serial == FIRST_SERIAL + 1

    def test_that_cannot_be_read_is_named(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / f"{CONTOSO}.jnl").unlink()
        (tmp_path / f"{CONTOSO}.jnl").mkdir()
        assert "its journal cannot be read (Is a directory)" in refused(tmp_path, contoso(MORE))


def journal_to(serial: int) -> bytes:
    """A journal of BIND for contoso.example up to that serial."""
    apex = b"\x07contoso\x07example\x00"
    return struct.pack(">16sIIII32x", b";BIND LOG V9.2\n", 1, 64, serial, 64 + 20 + len(apex)) + bytes(20) + apex


class FakeServer(NameServer):
    """A server that says what it is told to say, and updates zones before it freezes them.

    :arg says: of the zone, or the error that keeps it from saying anything.
    :arg updates: do what updates do to the file, and return all of the zone where that is not in the file.
    """

    kind = "BIND"

    def __init__(
        self, says: ServedZone | ZoneFileError | None, updates: t.Callable[[], bytes | None] = lambda: None
    ) -> None:
        super().__init__([], lambda _command: (0, "", ""))
        self.says = says
        self.updates = updates
        self.did: list[str] = []

    def look_up(self, zone: str, path: str) -> ServedZone | None:
        self.did.append("ask")
        if isinstance(self.says, ZoneFileError):
            raise self.says
        return self.says

    def freeze(self, zone: str) -> None:
        self.did.append("freeze")

    def content(self, zone: str, path: str) -> bytes | None:
        return self.updates()

    def thaw(self, zone: str, *, replaced: bool) -> None:
        self.did.append(f"thaw, {'replaced' if replaced else 'as it was'}")

    def thaw_command(self, zone: str) -> str:
        return f"rndc thaw {zone}"


DYNAMIC = ServedZone(dynamic=True)
ACME = '_acme-challenge 60 TXT "token"'


class TestServer:
    """Zones whose server is asked."""

    @pytest.fixture(autouse=True)
    def file(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())

    def updated(self, *lines: str, serial: int = FIRST_SERIAL + 7) -> str:
        """The text that a server writes of contoso() and these records."""
        return BY_SERVER.replace("1998010203", str(serial)) + "".join(
            f"{owner}.contoso {rest}\n" for owner, _blank, rest in (line.partition(" ") for line in lines)
        )

    def update(self, folder: pathlib.Path, *lines: str, www: str = "192.0.2.1") -> None:
        """Have the server write the file by itself."""
        (folder / CONTOSO).write_text(self.updated(*lines).replace("192.0.2.1", www))

    def settled(
        self, folder: pathlib.Path, server: FakeServer, *described: t.Mapping[str, t.Any], **options: t.Any
    ) -> ZonePlan:
        """Plan as the module does, and write what is planned."""
        serving = Serving(server, freeze=options.pop("freeze", True), keep=options.pop("keep", False))
        check_mode = options.pop("check_mode", False)
        plan_options = PlanOptions(directory=str(folder), now=NOON, serving=serving, **options)
        zones = parse_zones(list(described))
        plan = functools.partial(plan_zones, zones, Sources(None))
        with settled_plans(plan, plan_options, check_mode=check_mode) as plans:
            for each in plans:
                if each.text is not None and not check_mode:
                    pathlib.Path(each.path).write_bytes(each.text)
        return plans[0]

    def why_not(self, *arguments: t.Any, **options: t.Any) -> str:
        with pytest.raises(DescriptionError) as caught:
            self.settled(*arguments, **options)
        return caught.value.message

    def test_is_not_asked_where_nothing_changes(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC)
        assert self.settled(tmp_path, server, contoso()).text is None and server.did == []

    def test_with_a_static_zone(self, tmp_path: pathlib.Path) -> None:
        # As the journal of a zone that is signed in-line.
        (tmp_path / f"{CONTOSO}.jnl").write_bytes(journal_to(FIRST_SERIAL + 40))
        server = FakeServer(ServedZone())
        plan = self.settled(tmp_path, server, contoso(MORE))
        assert plan.serial == FIRST_SERIAL + 41 and not plan.loaded and server.did == ["ask"]

    def test_that_does_not_serve_the_zone_leaves_what_is_beside_the_file(self, tmp_path: pathlib.Path) -> None:
        assert self.settled(tmp_path, FakeServer(None), contoso(MORE)).text is not None
        (tmp_path / f"{CONTOSO}.jnl").touch()
        assert self.why_not(tmp_path, FakeServer(None), contoso()).endswith("[journal]")

    def test_that_cannot_be_asked(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(ZoneFileError("server: rndc failed"))
        message = self.why_not(tmp_path, server, contoso(MORE))
        assert message == f"zone contoso.example, {tmp_path / CONTOSO}: server: rndc failed"

    def test_that_cannot_be_asked_is_no_matter_for_a_new_zone(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / CONTOSO).unlink()
        assert self.settled(tmp_path, FakeServer(ZoneFileError("server: rndc failed")), contoso()).text is not None

    def test_that_does_not_read_the_file(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(ServedZone(ignored="BIND reads the zone from db.contoso"))
        message = self.why_not(tmp_path, server, contoso(MORE))
        assert "BIND reads the zone from db.contoso, so it would not serve" in message
        assert message.endswith("[file_ignored]")
        assert self.settled(tmp_path, server, contoso(MORE), allow=("file_ignored",)).text is not None

    def test_with_updates_and_not_to_freeze(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC)
        message = self.why_not(tmp_path, server, contoso(MORE), freeze=False)
        assert message.startswith("zone contoso.example, server: BIND takes updates of this zone")
        assert "server.freeze" in message and message.endswith("[dynamic_zone]") and server.did == ["ask"]
        plan = self.settled(tmp_path, server, contoso(MORE), freeze=False, allow=("dynamic_zone",))
        assert plan.text is not None and server.did == ["ask", "ask"]

    def test_that_is_frozen_already(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(ServedZone(dynamic=True, frozen=True))
        message = self.why_not(tmp_path, server, contoso(MORE))
        assert "frozen already" in message and "'rndc thaw contoso.example'" in message
        assert message.endswith("[dynamic_zone]") and server.did == ["ask"]

    def test_freezes_and_goes_on_from_the_updates(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path))
        plan = self.settled(tmp_path, server, contoso(MORE))
        assert server.did == ["ask", "freeze", "ask", "thaw, replaced"]
        assert plan.previous_serial == FIRST_SERIAL + 7 and plan.serial == FIRST_SERIAL + 8
        assert plan.loaded and plan.result()["loaded"] and plan.difference.removed == ()
        assert (tmp_path / CONTOSO).read_bytes() == plan.text

    def test_refuses_to_lose_what_updates_brought(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path, ACME, "www TXT changed"))
        message = self.why_not(tmp_path, server, contoso(MORE))
        assert message.startswith(
            f"zone contoso.example, {tmp_path / CONTOSO}: records would go that are not described"
        )
        assert message.endswith(f'server.keep, or allow it: {ACME}; www 3600 TXT "changed" [dynamic_records]')
        assert server.did[-1] == "thaw, as it was"
        plan = self.settled(tmp_path, server, contoso(MORE), allow=("dynamic_records",))
        assert len(plan.difference.removed) == 2

    def test_lists_no_more_lost_records_than_people_read(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path, *(f"h{number} A 192.0.2.9" for number in range(25))))
        assert self.why_not(tmp_path, server, contoso(MORE)).endswith("; and 5 more [dynamic_records]")

    def test_lets_go_what_was_written_here(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(MORE))
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path, "more A 192.0.2.2"))
        plan = self.settled(tmp_path, server, contoso())
        assert plan.difference.removed == ("more.contoso.example. 3600 IN A 192.0.2.2",)

    def test_knows_not_what_was_written_here_once_the_server_has_written_the_file(self, tmp_path: pathlib.Path) -> None:
        self.update(tmp_path, "more A 192.0.2.2")
        server = FakeServer(DYNAMIC)
        assert self.why_not(tmp_path, server, contoso()).endswith("more 3600 A 192.0.2.2 [dynamic_records]")
        assert server.did == ["ask"]

    def test_brings_back_what_is_described(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path, www="192.0.2.66"))
        plan = self.settled(tmp_path, server, contoso(MORE))
        assert plan.difference.removed == ("www.contoso.example. 3600 IN A 192.0.2.66",)

    def test_keeps_what_is_not_described(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path, ACME))
        plan = self.settled(tmp_path, server, contoso(MORE), keep=True)
        assert plan.difference.added == ("more.contoso.example. 3600 IN A 192.0.2.2",)
        assert plan.difference.removed == ()
        assert plan.text is not None and b"_acme-challenge" in plan.text
        assert self.settled(tmp_path, server, contoso(MORE), keep=True).text is None

    def test_keeps_it_without_freezing_where_nothing_else_changes(self, tmp_path: pathlib.Path) -> None:
        self.update(tmp_path, ACME)
        server = FakeServer(DYNAMIC)
        plan = self.settled(tmp_path, server, contoso(), keep=True)
        assert plan.text is None and plan.records == 5 and server.did == ["ask"]

    def test_keeps_nothing_that_cannot_be_beside_what_is_described(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path, "more CNAME elsewhere.example."))
        message = self.why_not(tmp_path, server, contoso(MORE), keep=True)
        assert "CNAME" in message and f"in {tmp_path / CONTOSO}" in message and server.did[-1] == "thaw, as it was"

    def test_that_has_the_updates_elsewhere_than_in_the_file(self, tmp_path: pathlib.Path) -> None:
        # As Knot with its journal; the serial is one that it has chosen.
        served = self.updated(ACME, serial=FIRST_SERIAL - 5).encode()
        server = FakeServer(DYNAMIC, lambda: served)
        plan = self.settled(tmp_path, server, contoso(MORE), keep=True)
        assert plan.serial == FIRST_SERIAL + 1 and plan.text is not None and b"_acme-challenge" in plan.text
        assert plan.previous_serial == FIRST_SERIAL - 5

    def test_that_has_by_update_what_comes_into_the_file(self, tmp_path: pathlib.Path) -> None:
        served = self.updated("more A 192.0.2.2").encode()
        plan = self.settled(tmp_path, FakeServer(DYNAMIC, lambda: served), contoso(MORE))
        assert plan.text is not None and plan.serial == FIRST_SERIAL + 8
        assert self.settled(tmp_path, FakeServer(DYNAMIC), contoso(MORE)).text is None

    def test_that_has_all_by_update_and_in_the_file(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC, lambda: self.update(tmp_path, "more A 192.0.2.2"))
        plan = self.settled(tmp_path, server, contoso(MORE))
        assert plan.text is None and plan.serial == FIRST_SERIAL + 7 and server.did[-1] == "thaw, as it was"

    def test_freezes_nothing_in_check_mode(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC)
        plan = self.settled(tmp_path, server, contoso(MORE), check_mode=True)
        assert plan.text is not None and server.did == ["ask"]
        (warning,) = plan.warnings
        assert warning.startswith("zone contoso.example: it would be frozen while its file is replaced")

    def test_freezes_only_what_changes_and_is_dynamic(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso(), mail())
        server = FakeServer(DYNAMIC)
        self.settled(tmp_path, server, contoso(), mail(ttl=60), allow=("ttl_differs",))
        assert server.did == ["ask", "freeze", "ask", "thaw, replaced"]

    def test_freezes_nothing_where_another_zone_is_refused(self, tmp_path: pathlib.Path) -> None:
        server = FakeServer(DYNAMIC)
        wrong = {**contoso({"name": "bad", "type": "A", "value": "nonsense"}), "name": "b.example"}
        assert "nonsense" in self.why_not(tmp_path, server, contoso(MORE), wrong)
        assert "freeze" not in server.did

    def test_that_signs_into_the_file(self, tmp_path: pathlib.Path) -> None:
        signature = f"www RRSIG A 13 3 3600 20261205185459 20261121172459 12933 contoso.example. {'A' * 86}=="
        self.update(tmp_path, signature)
        for server in (FakeServer(DYNAMIC), FakeServer(ServedZone())):
            message = self.why_not(tmp_path, server, contoso())
            assert "signs the zone into this file" in message and message.endswith("[signed_in_file]")
        assert refused(tmp_path, contoso()).endswith("[signed_in_file]")
        assert planned(tmp_path, contoso(), allow=("signed_in_file",))[0].text is not None

    def test_what_was_signed_before_it_came_here_may_go(self, tmp_path: pathlib.Path) -> None:
        value = f"A 13 3 3600 20261205185459 20261121172459 12933 contoso.example. {'A' * 86}=="
        written(tmp_path, contoso({"name": "www", "type": "RRSIG", "value": value}))
        assert planned(tmp_path, contoso())[0].text is not None
