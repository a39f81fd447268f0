# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files are zones, and of what name."""

from __future__ import annotations

from pathlib import Path

import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._described_form import describe_zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._existing_zones import read_zone_file, zone_files_in

RELATIVE = "@ 60 SOA ns1 root 1 1 1 1 1\n@ 60 NS ns1\n"
# One zone by hand, and what BIND, Knot DNS and NSD wrote of it as secondaries, pdnsutil and dig as lists.
WRITTEN = Path(__file__).parent / "zones_of_servers"


def found(folder: Path, name: str, text: str = RELATIVE) -> str:
    """Return the name of the zone in a file of that name."""
    (folder / name).write_text(text)
    return str(read_zone_file(str(folder / name), name=None).name)


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["db.contoso.example", "contoso.example.zone", "contoso.example.db", "Contoso.Example.hosts", "contoso.example"]
        + ["contoso.example.dns", "contoso.example.zone.signed", "pri.contoso.example"],
    )
    def test_by_that_of_the_file(self, tmp_path: Path, name: str) -> None:
        assert found(tmp_path, name) == "contoso.example."

    @pytest.mark.parametrize("name", ["db.local", "named", "contoso.zone", "db.192.0.2", "a b.example.zone"])
    def test_that_are_not_clear(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ZoneFileError, match=f"{name}: neither its name nor its SOA tells which zone it is"):
            found(tmp_path, name)

    def test_not_those_of_a_relative_soa_below(self, tmp_path: Path) -> None:
        with pytest.raises(ZoneFileError, match="neither its name"):
            found(tmp_path, "contoso.example.zone", f"sub{RELATIVE[1:]}")

    @pytest.mark.parametrize("name", ["db.local", "other.example.zone", "contoso.example.zone"])
    @pytest.mark.parametrize("software", ["bind", "dig", "knot", "nsd", "powerdns"])
    def test_by_the_soa(self, tmp_path: Path, software: str, name: str) -> None:
        path = tmp_path / name
        path.write_bytes((WRITTEN / f"{software}.zone").read_bytes())
        zone = read_zone_file(str(path), name=None)
        assert str(zone.name) == "flavour.example."
        # The owners are relative to the apex that was found.
        assert {"@", "ns1", "ns1.sub"} < {record.owner for record in zone.records}

    @pytest.mark.parametrize("apex", ["db.contoso.example", "zone.contoso.example", "sub.db.contoso.example"])
    def test_by_an_absolute_soa_whatever_the_name_of_the_file(self, tmp_path: Path, apex: str) -> None:
        for text in (f"$ORIGIN {apex}.\n{RELATIVE}", f"{apex}.{RELATIVE[1:]}"):
            assert found(tmp_path, "db.contoso.example.zone", text) == f"{apex}."

    def test_with_owners_of_any_length(self, tmp_path: Path) -> None:
        (tmp_path / "a.b").write_text(f"{RELATIVE}{'.'.join(['x' * 59] * 4)} 60 A 192.0.2.1\n")
        zone = read_zone_file(str(tmp_path / "a.b"), name=None)
        assert (str(zone.name), len(zone.records)) == ("a.b.", 3)

    def test_by_the_origin(self, tmp_path: Path) -> None:
        assert found(tmp_path, "x", f"$ORIGIN contoso.example.\n{RELATIVE}") == "contoso.example."

    def test_given(self, tmp_path: Path) -> None:
        (tmp_path / "db.local").write_text(RELATIVE)
        name = dns.name.from_text("localhost.")
        assert read_zone_file(str(tmp_path / "db.local"), name=name).name == name

    @pytest.mark.parametrize("text", ["@ 60 NS ns1\n", f"{RELATIVE}other.example. 60 SOA a b 1 1 1 1 1\n"])
    def test_not_without_one_soa(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(ZoneFileError, match="a zone has one SOA, and here are [02]; give the name"):
            found(tmp_path, "contoso.example.zone", text)


def test_what_each_server_wrote_of_one_zone_is_described_alike() -> None:
    by_hand = read_zone_file(str(WRITTEN / "by_hand.zone"), name=dns.name.from_text("flavour.example."))
    described = describe_zone(by_hand)
    for software in ("bind", "dig", "knot", "nsd", "powerdns"):
        other = describe_zone(read_zone_file(str(WRITTEN / f"{software}.zone"), name=None))
        assert (other.described, other.serial) == (described.described, described.serial)
        assert (other.content, other.warnings) == (described.content, ())


class TestReading:
    def test_includes_start_from_the_folder_of_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "part").write_text("www 60 A 192.0.2.1\n")
        (tmp_path / "contoso.example").write_text(f"{RELATIVE}$INCLUDE part\n")
        assert len(read_zone_file(str(tmp_path / "contoso.example"), name=None).records) == 3

    def test_or_from_another_one(self, tmp_path: Path) -> None:
        (tmp_path / "zones").mkdir()
        (tmp_path / "zones/part").write_text("$INCLUDE zones/more\n")
        (tmp_path / "zones/more").write_text("www 60 A 192.0.2.1\n")
        path = tmp_path / "zones/contoso.example"
        path.write_text(f"{RELATIVE}$INCLUDE zones/part\n")
        assert len(read_zone_file(str(path), name=None, include_from=str(tmp_path)).records) == 3
        with pytest.raises(ZoneFileError, match=f"{tmp_path}/zones/zones/part cannot be read"):
            read_zone_file(str(path), name=None)

    def test_a_journal_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "contoso.example").write_text(RELATIVE)
        assert read_zone_file(str(tmp_path / "contoso.example"), name=None).warnings == ()
        (tmp_path / "contoso.example.jnl").write_text("")
        assert "journal" in read_zone_file(str(tmp_path / "contoso.example"), name=None).warnings[0]

    def test_the_raw_format_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "contoso.example"
        path.write_bytes(b"\0\0\0\2\0\0\0\1")
        with pytest.raises(ZoneFileError, match=f"^{path}: is in the raw format of BIND"):
            read_zone_file(str(path), name=None)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ZoneFileError, match=f"^{tmp_path}/gone: cannot be read"):
            read_zone_file(f"{tmp_path}/gone", name=None)


class TestFolders:
    @pytest.fixture(name="folder")
    def folder_fixture(self, tmp_path: Path) -> Path:
        for name, text in {
            "a.example": RELATIVE,
            "b.example.zone": RELATIVE,
            "b.example.zone.jnl": RELATIVE,
            "c.example~": RELATIVE,
            ".hidden": RELATIVE,
            "part": "www A 192.0.2.1 ; no SOA \n",
        }.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "raw.example").write_bytes(b"\0\0\0\2\0\0\0\1")
        (tmp_path / "sub").mkdir()
        (tmp_path / "broken").symlink_to("nowhere")
        return tmp_path

    def test_zones_and_others(self, folder: Path) -> None:
        found, passed = zone_files_in(str(folder), patterns=["*"])
        assert found == [f"{folder}/a.example", f"{folder}/b.example.zone", f"{folder}/raw.example"]
        assert passed == {
            f"{folder}/b.example.zone.jnl": "named as copies and journals are",
            f"{folder}/c.example~": "named as copies and journals are",
            f"{folder}/part": "no SOA record in it",
        }

    def test_patterns(self, folder: Path) -> None:
        assert zone_files_in(str(folder), patterns=["*.zone", "part"]) == (
            [f"{folder}/b.example.zone"],
            {f"{folder}/part": "no SOA record in it"},
        )

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ZoneFileError, match=f"^{tmp_path}/gone: cannot be read"):
            zone_files_in(f"{tmp_path}/gone", patterns=["*"])
