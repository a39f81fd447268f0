# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module reads, tells and writes."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._sources import read_description
from ansible_collections.zonecut.dns.plugins.modules.zones_info import zones_info

ZONE = "@ 60 SOA ns1 root 7 3600 900 1209600 300\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n"


class Module:
    """As much of an AnsibleModule as the task needs."""

    def __init__(self, tmpdir: pathlib.Path, *, check_mode: bool = False, **given: t.Any) -> None:
        absent = dict.fromkeys(("files", "folder", "include_from", "server", "zones", "key_name", "key_secret", "dest"))
        defaults = {"patterns": ["*"], "port": 53, "timeout": 30.0, "dnssec": "leave_out", "key_algorithm": None}
        self.params = {**absent, **defaults, **given}
        self.check_mode = check_mode
        self._diff = True
        self.tmpdir = str(tmpdir)
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def fail_json(self, msg: str) -> t.NoReturn:
        raise AssertionError(msg)

    def add_cleanup_file(self, path: str) -> None:
        assert os.path.exists(path)

    def atomic_move(self, source: str, path: str, *, unsafe_writes: bool) -> None:
        os.replace(source, path)

    def load_file_common_arguments(self, params: object, *, path: str) -> dict[str, t.Any]:
        return {"path": path}

    def set_fs_attributes_if_different(self, wanted: object, changed: bool, diff: object) -> bool:
        return changed


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a folder with two zones, one of which has a warning, and a file that is none."""
    folder = tmp_path / "zones"
    folder.mkdir()
    (folder / "a.example.zone").write_text(ZONE)
    (folder / "b.example.zone").write_text(f"{ZONE}@ 60 NSEC3PARAM 1 0 0 -\n")
    (folder / "readme").write_text("nothing")
    return folder


def read(module: Module) -> dict[str, t.Any]:
    return zones_info(t.cast(AnsibleModule, module))


def test_zones_are_returned_without_a_destination(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    module = Module(tmp_path, folder=str(folder))
    result = read(module)
    assert not result["changed"]
    assert [zone["name"] for zone in result["zones"]] == ["a.example", "b.example"]
    assert [(zone["name"], zone["serial"], zone["records"]) for zone in result["found"]] == [
        ("a.example", 7, 3),
        ("b.example", 7, 3),
    ]
    assert result["passed_by"] == {f"{folder}/readme": "no SOA record in it"}
    assert [warning.split(": ")[0] for warning in module.warnings] == [f"zone b.example ({folder}/b.example.zone)"]


@pytest.mark.parametrize("name", ["zones.yml", "zones.json"])
def test_zones_are_written(tmp_path: pathlib.Path, folder: pathlib.Path, name: str) -> None:
    dest = tmp_path / name
    expected = read(Module(tmp_path, folder=str(folder)))["zones"]
    predicted = read(Module(tmp_path, check_mode=True, folder=str(folder), dest=str(dest)))
    assert not dest.exists()
    written = read(Module(tmp_path, folder=str(folder), dest=str(dest)))
    assert predicted == written
    assert written["changed"] and "zones" not in written
    assert written["diff"][0]["after"] == dest.read_text()
    assert read_description(str(dest)) == expected
    again = read(Module(tmp_path, folder=str(folder), dest=str(dest)))
    assert not again["changed"] and again["diff"] == []


def test_a_folder_for_the_destination_is_needed(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    dest = str(tmp_path / "gone/zones.yml")
    with pytest.raises(ZonecutError, match=f"^dest: the directory {tmp_path}/gone does not exist$"):
        read(Module(tmp_path, folder=str(folder), dest=dest))
    module = Module(tmp_path, check_mode=True, folder=str(folder), dest=dest)
    assert read(module)["changed"]
    assert module.warnings[-1] == f"dest: the directory {tmp_path}/gone does not exist yet; without it this task fails"


def test_a_folder_is_no_destination(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    with pytest.raises(ZonecutError, match=f"^dest: {folder} is a directory"):
        read(Module(tmp_path, folder=str(folder), dest=str(folder)))


def test_finding_nothing_warns(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    module = Module(tmp_path, folder=str(folder), patterns=["readme"])
    assert read(module)["found"] == []
    assert module.warnings == ["No zone was found."]


def test_files_have_names_of_zones(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    files = [{"path": f"{folder}/a.example.zone", "name": "Other.Example."}]
    assert read(Module(tmp_path, files=files))["zones"][0]["name"] == "other.example"
    files = [{"path": f"{folder}/a.example.zone", "name": "a b"}]
    with pytest.raises(ZonecutError, match="name: 'a b'"):
        read(Module(tmp_path, files=files))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 0}, "port: 0: must be between"),
        ({"timeout": 0}, "timeout: 0: must be between"),
        ({"key_name": "k"}, "key_secret: key_name and key_secret are needed together"),
        ({"zones": ["a..example"]}, "a..example"),
    ],
)
def test_options_of_transfers(tmp_path: pathlib.Path, options: dict[str, t.Any], message: str) -> None:
    given: dict[str, t.Any] = {"server": "192.0.2.53", "zones": ["a.example"], **options}
    with pytest.raises(ZonecutError, match=message):
        read(Module(tmp_path, **given))
