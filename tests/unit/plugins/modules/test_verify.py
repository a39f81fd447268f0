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


class FailedError(SystemExit):
    """What ``fail_json`` does: it ends the module."""

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


def test_a_relative_path_without_a_folder_and_a_link_that_stays_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    (tmp_path / "link.json").symlink_to("kept/report.json")
    report = {"json": "link.json", "sarif": "report.sarif"}
    assert verify(monkeypatch, contoso(), Module(tmp_path, report=report))["changed"]
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "kept" / "report.json").is_file()
    assert (tmp_path / "report.sarif").is_file()


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ({"html": "/nowhere/at/all.html"}, "^report.html: the directory /nowhere/at does not exist$"),
        ({"html": "/"}, "^report.html: / is a directory$"),
        ({"json": "/dev/null"}, "^report.json: /dev/null is no regular file, and would be replaced by one$"),
        ({"json": "/tmp/a", "html": "/tmp/../tmp/a"}, "each report needs a file of its own"),
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


class Unmovable(Module):
    """A module whose host lets no SARIF be replaced, which ansible-core tells in one of two ways."""

    def __init__(self, tmpdir: pathlib.Path, *, report: t.Any, ends_the_module: bool) -> None:
        super().__init__(tmpdir, report=report)
        self._ends_the_module = ends_the_module

    def atomic_move(self, source: str, path: str, *, unsafe_writes: bool) -> None:
        if not path.endswith("sarif"):
            super().atomic_move(source, path, unsafe_writes=unsafe_writes)
        elif self._ends_the_module:
            self.fail_json(msg="Could not replace file", exception="a traceback")
        else:
            raise Exception("Could not replace file")


@pytest.mark.parametrize("ends_the_module", [True, False])
@pytest.mark.parametrize("world", [contoso, broken])
def test_one_that_cannot_be_written_costs_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, world: t.Callable[[], World], ends_the_module: bool
) -> None:
    module = Unmovable(tmp_path, report=report_paths(tmp_path), ends_the_module=ends_the_module)
    with pytest.raises(FailedError) as failed:
        verify(monkeypatch, world(), module)
    result = failed.value.result
    problem = f"report.sarif: {tmp_path}/report.sarif cannot be written (Could not replace file)"
    assert result["msg"].splitlines()[-1] == problem
    assert (result["changed"], result["zones"][0]["name"]) == (True, CHILD)
    assert {"report.html", "report.junit", "report.json"} <= {path.name for path in tmp_path.iterdir()}
    # Whatever fails next is told by the module itself.
    with pytest.raises(FailedError):
        module.fail_json(msg="something else")


@pytest.mark.parametrize("ends_the_module", [True, False])
def test_where_none_is_written_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, ends_the_module: bool
) -> None:
    module = Unmovable(tmp_path, report={"sarif": str(tmp_path / "a.sarif")}, ends_the_module=ends_the_module)
    with pytest.raises(FailedError) as failed:
        verify(monkeypatch, contoso(), module)
    assert failed.value.result["changed"] is False and failed.value.result["zones"][0]["passed"]


def test_what_was_written_counts_even_if_its_mode_cannot_be_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    module = Module(tmp_path, report={"html": str(tmp_path / "a.html")})

    def refuse(*_arguments: object) -> t.NoReturn:
        module.fail_json(msg="chown failed")

    monkeypatch.setattr(module, "set_fs_attributes_if_different", refuse)
    with pytest.raises(FailedError, match="a.html cannot be given its attributes .chown failed.") as failed:
        verify(monkeypatch, contoso(), module)
    assert failed.value.result["changed"] is True and (tmp_path / "a.html").exists()


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_folder_that_cannot_be_written_to_is_refused_up_front(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, check_mode: bool
) -> None:
    # Whoever runs tests as root may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(tmp_path))
    world, module = contoso(), Module(tmp_path, report={"html": str(tmp_path / "a.html")}, check_mode=check_mode)
    if check_mode:
        assert verify(monkeypatch, world, module)["changed"] is True
        assert "is not writable yet; unless it is this task fails" in module.warnings[0]
        return
    with pytest.raises(ZonecutError, match=f"^report.html: the directory {tmp_path} is not writable$"):
        verify(monkeypatch, world, module)
    assert world.asked == []
    module.params["unsafe_writes"] = True
    (tmp_path / "a.html").touch()
    assert verify(monkeypatch, world, module)["changed"] is True


@pytest.mark.parametrize(
    ("given", "first_line"),
    [
        ({"_look": 0, "_waited": 7, "wait": "5m"}, "fails in a last look at all zones, after 7s:"),
        ({"_look": 0, "wait": "5m"}, "still fails after 5m:"),
        ({}, "fails:"),
    ],
    ids=["last look", "time is over", "no wait"],
)
def test_the_time_told_is_the_time_waited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, given: dict[str, t.Any], first_line: str
) -> None:
    module = Module(tmp_path, report=None)
    module.params.update(given)
    with pytest.raises(FailedError) as failed:
        verify(monkeypatch, broken(), module)
    assert failed.value.result["msg"].splitlines()[0] == f"{CHILD} {first_line}"


def test_checks_with_nothing_to_look_at_are_not_in_the_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    def made(**given: t.Any) -> set[str]:
        module = Module(tmp_path, report={"json": str(tmp_path / "a.json")})
        module.params.update(given)
        verify(monkeypatch, contoso(), module)
        return set(json.loads((tmp_path / "a.json").read_text())["checks"])

    needing = {"deadline_exceeded", "serial_unexpected", "soa_serial_not_date", "resolver_failure", "resolver_unusable"}
    assert not needing & made()
    options = {"deadline": "10m", "expect_serial": {CHILD: 2026112100}, "serial_policy": "date"}
    assert needing & made(**options) == {"deadline_exceeded", "serial_unexpected", "soa_serial_not_date"}


def test_in_check_mode_an_earlier_task_may_make_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    module = Module(tmp_path, report={"html": str(tmp_path / "later" / "a.html")}, check_mode=True)
    assert verify(monkeypatch, contoso(), module)["changed"] is True
    assert "does not exist yet" in module.warnings[0]
