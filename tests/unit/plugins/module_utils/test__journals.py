# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What in a folder shows that a server changes a zone by itself. The journals are those of BIND 9.18."""

from __future__ import annotations

import base64
import pathlib
import zlib

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._journals import (
    Journal,
    Journals,
    ServerTrace,
    server_trace,
)

# pol.example, from serial 2026112100 to 2026112101: an update adds a TXT record.
UPDATED = zlib.decompress(
    base64.b64decode(
        "eNqzdvL0c1Hw8XdXCLPUM+JiqDjCksLAwASiU4H0MwYGBgsGPACmfhQMWXANiJlB8QiJc4YQ5oL8HPbUisTcghwgn42BkYGBUYfBljmv2BBFiisj"
        "v7gkN7G4JLUIRRySJvgEgMa2MAiVMoC1U8fcVCzmKrEkJuemohouADKcwYaBjbUkPzs1DwCovEH6"
    )
)
# The raw journal of inline.example, which is signed in-line and takes no updates, after a new file with 2026112101.
RELOADED = zlib.decompress(
    base64.b64decode(
        "eNqzdvL0c1Hw8XdXCLPUM+JiqDjCksLAwASiU4H0DwYGBgsQm5EBO4CpHwVDFrwAYmZQPELinCGWLTMvJzMvlT21IjG3IAcoxMYAjH5GHQZn5rxi"
        "Q3RZroz84pLcxOKS1CJ0KUji4BMAmt/CIFTKADaEyhakYrFAiTkvtRzDEkaoJSwHGJh8ASqySt8="
    )
)
BY_HAND = b"$TTL 300\n@ IN SOA ns1 hostmaster 2026112101 3600 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n"
BIND_DUMP = b"""\
$ORIGIN .
$TTL 300\t; 5 minutes
pol.example\t\tIN SOA\tns1.pol.example. hostmaster.pol.example. (
\t\t\t\t2026112101 ; serial
\t\t\t\t3600       ; refresh (1 hour)
\t\t\t\t900        ; retry (15 minutes)
\t\t\t\t1209600    ; expire (2 weeks)
\t\t\t\t300        ; minimum (5 minutes)
\t\t\t\t)
\t\t\tNS\tns1.pol.example.
"""
KNOT_DUMP = b"""\
;; Zone dump (Knot DNS 3.2.6)
dyn.example.        \t300\tSOA\tns1.dyn.example. hostmaster.dyn.example. 2026112101 3600 900 1209600 300
dyn.example.        \t300\tNS\tns1.dyn.example.
"""


class TestJournals:
    @pytest.mark.parametrize(
        ("octets", "zone", "serial"),
        [
            pytest.param(UPDATED, "pol.example.", 2026112101, id="of an update"),
            pytest.param(RELOADED, "inline.example.", 2026112101, id="of a file that was loaded"),
            pytest.param(b"", None, None, id="empty"),
            pytest.param(UPDATED[:600], "pol.example.", 2026112101, id="cut after the first name"),
            pytest.param(UPDATED[:540], None, None, id="cut in the first name"),
            pytest.param(b";BIND LOG V8\n\0\0\0" + UPDATED[16:], None, None, id="of a layout that nobody knows"),
        ],
    )
    def test_are_read(self, tmp_path: pathlib.Path, octets: bytes, zone: str | None, serial: int | None) -> None:
        path = tmp_path / "pol.example.zone.jnl"
        path.write_bytes(octets)
        found = Journals(str(tmp_path)).of("pol.example.", str(tmp_path / "pol.example.zone"))
        assert found == Journal(path=str(path), zone=zone, last_serial=serial)

    def test_of_the_layout_before_are_read(self, tmp_path: pathlib.Path) -> None:
        # Its transactions have no count of records.
        start = 0x200
        octets = b";BIND LOG V9\n\0\0\0" + UPDATED[16 : start + 4] + UPDATED[start + 8 :]
        (tmp_path / "db.pol.jnl").write_bytes(octets)
        found = Journals(str(tmp_path)).of("pol.example.", str(tmp_path / "pol.example.zone"))
        assert found == Journal(path=str(tmp_path / "db.pol.jnl"), zone="pol.example.", last_serial=2026112101)

    def test_are_known_by_the_zone_in_them(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "updates.jnl").write_bytes(UPDATED)
        journals = Journals(str(tmp_path))
        found = journals.of("pol.example.", str(tmp_path / "pol.example.zone"))
        assert found == Journal(path=str(tmp_path / "updates.jnl"), zone="pol.example.", last_serial=2026112101)
        assert journals.of("inline.example.", str(tmp_path / "inline.example.zone")) is None

    def test_are_neither_those_of_signed_zones_nor_of_other_files(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "pol.example.zone.signed.jnl").write_bytes(UPDATED)
        (tmp_path / "copy.jnl").write_bytes(UPDATED)
        (tmp_path / "copy").touch()
        assert Journals(str(tmp_path)).of("pol.example.", str(tmp_path / "pol.example.zone")) is None

    def test_are_none_where_there_is_no_folder(self, tmp_path: pathlib.Path) -> None:
        assert Journals(str(tmp_path / "missing")).of("pol.example.", str(tmp_path / "pol.example.zone")) is None


PATH = "/zones/pol.example.zone"
JOURNAL = f"{PATH}.jnl"


@pytest.mark.parametrize(
    ("text", "serial", "last_serial", "reason"),
    [
        pytest.param(
            BY_HAND,
            2026112101,
            2026112102,
            "a journal of dynamic updates leads from serial 2026112101 of the file to 2026112102",
            id="updates that the file lacks",
        ),
        pytest.param(
            BY_HAND,
            2**32 - 1,
            5,
            f"a journal of dynamic updates leads from serial {2**32 - 1} of the file to 5",
            id="updates over the end of 32 bits",
        ),
        pytest.param(
            BIND_DUMP,
            2026112101,
            2026112101,
            "a journal of dynamic updates is there, and BIND has written them to the file",
            id="updates that the file has",
        ),
        pytest.param(BY_HAND, 2026112101, 2026112101, None, id="what changed between files"),
        pytest.param(BY_HAND, 2026112102, 2026112101, None, id="a file that is not loaded yet"),
        pytest.param(BY_HAND, 2026112101, None, "a journal of dynamic updates is there", id="unreadable"),
        pytest.param(None, None, 2026112101, "a journal of dynamic updates is there", id="no file"),
    ],
)
def test_trace_of_a_journal(
    text: bytes | None, serial: int | None, last_serial: int | None, reason: str | None
) -> None:
    journal = Journal(path=JOURNAL, zone="pol.example.", last_serial=last_serial)
    trace = server_trace(path=PATH, text=text, serial=serial, journal=journal)
    assert trace == (None if reason is None else ServerTrace(path=JOURNAL, reason=reason, code="journal"))


@pytest.mark.parametrize(
    ("text", "traced"),
    [
        pytest.param(KNOT_DUMP, True, id="written by Knot"),
        pytest.param(BY_HAND, False, id="by hand"),
        # As is any secondary's, and that of named-compilezone.
        pytest.param(BIND_DUMP, False, id="written by BIND, which may be of old"),
        pytest.param(None, False, id="none"),
    ],
)
def test_trace_in_a_file(text: bytes | None, traced: bool) -> None:
    trace = server_trace(path=PATH, text=text, serial=2026112101, journal=None)
    assert trace == (ServerTrace(PATH, "Knot has written this file by itself", "dynamic_zone") if traced else None)
