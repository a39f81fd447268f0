# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module leaves behind: reports that are written, whole or not at all, whatever came out."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._query_options import PARENT_SERVERS_ARGUMENT, QUERY_ARGUMENTS
from ansible_collections.zonecut.dns.plugins.module_utils._verify_options import LOOK_ARGUMENT, VERIFY_ARGUMENTS
from ansible_collections.zonecut.dns.plugins.modules import verify as verify_module
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import CHILD, ROOT, World, contoso
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import broken


class FailedError(Exception):
    """What ``fail_json`` does."""

    def __init__(self, **result: t.Any) -> None:
        super().__init__(result["msg"])
        self.result = result


class Module:
    """As much of an AnsibleModule as the task needs."""

    def __init__(self, tmpdir: pathlib.Path, *, report: t.Any, check_mode: bool = False) -> None:
        options = {**QUERY_ARGUMENTS, **PARENT_SERVERS_ARGUMENT, **VERIFY_ARGUMENTS, **LOOK_ARGUMENT}
        defaults = {option: spec.get("default") for option, spec in options.items()}
        given = {"zones": [CHILD], "zones_from": None, "roots": [ROOT], "report": report, "_task": None}
        self.params = {**defaults, **given}
        self.check_mode = check_mode
        self._diff = False
        self.tmpdir = str(tmpdir)
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def add_cleanup_file(self, path: str) -> None:
        assert os.path.exists(path)

    def atomic_move(self, source: str, path: str, *, unsafe_writes: bool) -> None:
        os.replace(source, path)

    def load_file_common_arguments(self, params: object, *, path: str) -> dict[str, t.Any]:
        return {"path": path}

    def set_fs_attributes_if_different(self, wanted: object, changed: bool, diff: object) -> bool:
        return changed

    def fail_json(self, **result: t.Any) -> t.NoReturn:
        raise FailedError(**result)


def verify(monkeypatch: pytest.MonkeyPatch, world: World, module: Module) -> dict[str, t.Any]:
    monkeypatch.setattr(verify_module, "network_transport", lambda _params, processes: world)
    return verify_module.verify(t.cast(t.Any, module))


def report_paths(folder: pathlib.Path) -> dict[str, str | None]:
    return {kind: str(folder / f"report.{kind}") for kind in ("html", "junit", "sarif", "json")}


def test_every_report_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    result = verify(monkeypatch, contoso(), Module(tmp_path, report=report_paths(tmp_path)))
    assert result["changed"] is True
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "report.junit").read_text().startswith("<?xml ")
    assert json.loads((tmp_path / "report.sarif").read_text())["version"] == "2.1.0"
    seen = json.loads((tmp_path / "report.json").read_text())["zones"][0]["seen"]
    assert [address["verdict"] for address in seen["addresses"]] == ["working", "working"]
    assert len(list(tmp_path.iterdir())) == 4


def test_they_are_written_when_zones_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    with pytest.raises(FailedError, match="^mail.contoso.example fails:\nsoa_owner_mismatch") as failed:
        verify(monkeypatch, broken(), Module(tmp_path, report=report_paths(tmp_path)))
    assert failed.value.result["changed"] is True
    assert failed.value.result["zones"][0]["passed"] is False
    assert "soa_owner_mismatch" in (tmp_path / "report.junit").read_text()


def test_check_mode_writes_nothing_and_tells_what_would_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    module = Module(tmp_path, report=report_paths(tmp_path), check_mode=True)
    assert verify(monkeypatch, contoso(), module)["changed"] is True
    assert list(tmp_path.iterdir()) == []


def test_what_tells_no_time_changes_with_the_findings_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    report = {**report_paths(tmp_path), "html": None, "json": None}
    assert verify(monkeypatch, contoso(), Module(tmp_path, report=report))["changed"] is True
    assert verify(monkeypatch, contoso(), Module(tmp_path, report=report))["changed"] is False
    with pytest.raises(FailedError) as failed:
        verify(monkeypatch, broken(), Module(tmp_path, report=report))
    assert failed.value.result["changed"] is True


@pytest.mark.parametrize("report", [None, {}, {"html": None}])
def test_without_a_report_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, report: object
) -> None:
    assert verify(monkeypatch, contoso(), Module(tmp_path, report=report))["changed"] is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ({"html": "/nowhere/at/all.html"}, "^report.html: the directory /nowhere/at does not exist$"),
        ({"html": "/"}, "^report.html: / is a directory$"),
        ({"json": ""}, "^report.json: '': the path of a file is needed$"),
        ({"json": "/tmp/a", "html": "/tmp/a"}, "each report needs a file of its own"),
    ],
)
def test_a_report_that_cannot_be_is_refused_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, report: dict[str, str], message: str
) -> None:
    world = contoso()
    with pytest.raises(ZonecutError, match=message):
        verify(monkeypatch, world, Module(tmp_path, report=report))
    assert world.asked == []


def test_a_report_that_cannot_be_written_costs_no_findings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    module = Module(tmp_path / "gone", report=report_paths(tmp_path))
    with pytest.raises(
        FailedError, match="(?s)^mail.contoso.example fails:.*report.html: .* cannot be written"
    ) as failed:
        verify(monkeypatch, broken(), module)
    assert failed.value.result["zones"][0]["findings"]


def test_in_check_mode_an_earlier_task_may_make_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    module = Module(tmp_path, report={"html": str(tmp_path / "later" / "a.html")}, check_mode=True)
    assert verify(monkeypatch, contoso(), module)["changed"] is True
    assert "does not exist yet" in module.warnings[0]
