# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One step as a task makes it: in check mode, with a diff, and for real."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible.module_utils import basic

from ansible_collections.zonecut.dns.plugins.modules.serial_step import main
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import contoso, mail, written

TARGET = 1
SERVED = 2026112100
STEP = SERVED + 2**31 - 1


class Task:
    """Runs of the module on the files of two zones, which all name servers serve."""

    def __init__(
        self, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.file = folder / "contoso.example.zone"
        self._folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *, check: bool = False, **params: t.Any) -> dict[str, t.Any]:
        """Return the result for the first zone alone, and for both with other ``params``."""
        server = {"address": "192.0.2.1", "error": None, "has_route": True}
        arguments = {
            "zones": [contoso(), mail()],
            "directory": str(self._folder),
            "target": TARGET,
            "only": ["contoso.example"],
            "served": [
                {"name": zone, "servers": [{**server, "server": name, "serial": SERVED} for name in names]}
                for zone, names in {
                    "contoso.example": ("ns1.contoso.net", "ns2.contoso.net"),
                    "mail.contoso.example": ("ns1.mail.contoso.example", "ns2.contoso.net"),
                }.items()
            ],
            **params,
        }
        internal = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_tmpdir": str(self._folder)}
        given = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, **internal}})
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", given.encode())
        # Needed since ansible-core 2.19.
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            main()
        return t.cast("dict[str, t.Any]", json.loads(self._capsys.readouterr().out))


@pytest.fixture
def task(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    written(tmp_path, contoso(), mail())
    return Task(tmp_path, monkeypatch, capsys)


def test_check_mode_tells_the_same_and_writes_nothing(task: Task) -> None:
    before = task.file.read_bytes()
    predicted = task(check=True)
    assert task.file.read_bytes() == before
    done = task()
    assert (predicted["changed"], predicted["zones"], predicted["diff"]) == (True, done["zones"], done["diff"])
    assert f", serial {STEP}, " in task.file.read_text()


def test_the_diff_shows_the_serials_alone(task: Task) -> None:
    (diff,) = task()["diff"]
    assert (diff["before"], diff["after"]) == (f"; serial {SERVED}\n", f"; serial {STEP}\n")


def test_a_zone_that_was_not_chosen_stays(task: Task) -> None:
    other = task.file.with_name("mail.contoso.example.zone")
    before = other.read_bytes()
    (zone,) = task()["zones"]
    assert (zone["name"], zone["serial"], zone["steps"]) == ("contoso.example", STEP, [TARGET])
    assert other.read_bytes() == before


def test_all_zones_step_or_none(task: Task) -> None:
    before = task.file.read_bytes()
    task.file.with_name("mail.contoso.example.zone").unlink()
    result = task(only=[])
    assert result["failed"] and "zone mail.contoso.example, " in result["msg"]
    assert task.file.read_bytes() == before


def test_again_before_the_step_is_served(task: Task) -> None:
    task()
    (zone,) = task()["zones"]
    assert (zone["changed"], zone["serial"]) == (False, STEP)
    assert zone["behind"] == ["ns1.contoso.net (192.0.2.1)", "ns2.contoso.net (192.0.2.1)"]


def test_a_policy_without_target(task: Task) -> None:
    result = task(target=None, policy="increment")
    assert result["failed"] and result["msg"].startswith("target: is needed with the policy increment")
