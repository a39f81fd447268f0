# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files as a task leaves them: whole, accepted and alone, or not touched at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import pathlib
import stat
import subprocess
import sys
import time
import typing as t

import pytest
from ansible.module_utils import basic

from ansible_collections.zonecut.dns.plugins.module_utils import _files
from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter
from ansible_collections.zonecut.dns.plugins.module_utils._module import run
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import contoso, mail, planned

Snapshot = dict[str, tuple[bytes, int, int, int]]

CONTOSO = "contoso.example.zone"
MAIL = "mail.contoso.example.zone"
HELD = "import fcntl, os, sys, time; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX); print(flush=True)"


class Task:
    """Runs of a module that writes the files of zones in one folder; each ends as on a target, cleaned up."""

    def __init__(self, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self.folder = folder
        self.warnings: list[str] = []
        self.scratch = folder.parent / "scratch"
        self.scratch.mkdir()
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def module(self, *, check: bool = False, diff: bool = False, **params: t.Any) -> basic.AnsibleModule:
        """Return the module with the common file options ``params``."""
        internal = {
            "_ansible_check_mode": check,
            "_ansible_diff": diff,
            "_ansible_no_log": True,
            "_ansible_tmpdir": str(self.scratch),
        }
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {**params, **internal}})
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments.encode())
        # Needed since ansible-core 2.19.
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        module = basic.AnsibleModule(argument_spec={}, add_file_common_args=True, supports_check_mode=True)
        self._monkeypatch.setattr(module, "warn", self.warnings.append)
        return module

    def writer(
        self, module: basic.AnsibleModule, *, backup: bool = False, command: str | None = None
    ) -> ZoneFileWriter:
        """Return what is tested."""
        return ZoneFileWriter(module, directory=str(self.folder), backup=backup, command=command)

    def __call__(
        self,
        *described: t.Mapping[str, t.Any],
        backup: bool = False,
        command: str | None = None,
        surplus: t.Sequence[str] = (),
        meanwhile: t.Callable[[], object] = lambda: None,
        **params: t.Any,
    ) -> dict[str, t.Any]:
        """Plan and write the described zones, and return the result; ``meanwhile`` is done in between."""

        def write(module: basic.AnsibleModule) -> dict[str, t.Any]:
            writer = self.writer(module, backup=backup, command=command)
            with writer.locked():
                plans = planned(self.folder, *described)
                meanwhile()
                return writer.carry_out(plans, surplus=[str(self.folder / name) for name in surplus])

        return self.outcome(write, **params)

    def outcome(self, work: t.Callable[[basic.AnsibleModule], dict[str, t.Any]], **params: t.Any) -> dict[str, t.Any]:
        """Run a module that does ``work`` and return what it prints at its end."""
        with pytest.raises(SystemExit):
            run(self.module(**params), work)
        return t.cast("dict[str, t.Any]", json.loads(self._capsys.readouterr().out))

    def files(self) -> Snapshot:
        """Return all that can be seen of the files in the folder, by name."""
        found = {}
        for path in self.folder.iterdir():
            status = path.lstat()
            found[path.name] = (path.read_bytes(), status.st_mtime_ns, status.st_ino, stat.S_IMODE(status.st_mode))
        return found


@pytest.fixture(name="task")
def task_fixture(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    folder = tmp_path / "zone files"
    folder.mkdir()
    return Task(folder, monkeypatch, capsys)


@contextlib.contextmanager
def lock_held(folder: pathlib.Path, *, seconds: float) -> t.Iterator[None]:
    """Let another process hold the lock of the folder."""
    command = [sys.executable, "-c", f"{HELD}; time.sleep({seconds})", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def test_files_are_written_and_nothing_else(task: Task) -> None:
    result = task(contoso(), mail())
    assert result["changed"]
    assert [(zone["name"], zone["path"], zone["changed"]) for zone in result["zones"]] == [
        ("contoso.example", str(task.folder / CONTOSO), True),
        ("mail.contoso.example", str(task.folder / MAIL), True),
    ]
    assert [zone["added"] for zone in result["zones"]] == [8, 5]
    files = task.files()
    assert set(files) == {CONTOSO, MAIL}
    assert b"192.0.2.1" in files[CONTOSO][0] and b"2001:db8::53" in files[MAIL][0]


def test_a_second_run_touches_nothing(task: Task) -> None:
    task(contoso(), mail())
    before = task.files()
    result = task(contoso(), mail(), diff=True)
    assert not result["changed"] and result["diff"] == []
    assert [zone["changed"] for zone in result["zones"]] == [False, False]
    assert task.files() == before


@pytest.mark.parametrize("command", [None, "grep -q contoso %s"])
def test_check_mode_predicts_and_writes_nothing(task: Task, command: str | None) -> None:
    task(contoso(), mail())
    (task.folder / "gone.example.zone").touch()
    before, folder_before = task.files(), task.folder.stat().st_mtime_ns
    wanted = (contoso({"name": "new", "type": "A", "value": "192.0.2.2"}), mail(), {**contoso(), "name": "b.example"})
    options: dict[str, t.Any] = {"surplus": ["gone.example.zone"], "command": command, "diff": True}
    predicted = task(*wanted, check=True, backup=True, **options)
    assert task.files() == before and task.folder.stat().st_mtime_ns == folder_before
    assert list(task.scratch.iterdir()) == []
    done = task(*wanted, **options)
    assert predicted["changed"] and predicted["zones"] == done["zones"] and predicted["diff"] == done["diff"]
    assert set(task.files()) == {CONTOSO, MAIL, "b.example.zone"}


def test_diff_tells_records(task: Task) -> None:
    task(contoso())
    (task.folder / "gone.example.zone").write_text("www A 192.0.2.1\n")
    changed = contoso({"name": "new", "type": "A", "value": "192.0.2.2"})
    result = task(changed, surplus=["gone.example.zone"], diff=True)
    gone = str(task.folder / "gone.example.zone")
    assert result["diff"] == [
        {
            "before_header": str(task.folder / CONTOSO),
            "after_header": str(task.folder / CONTOSO),
            "before": "",
            "after": "new.contoso.example. 3600 IN A 192.0.2.2\n",
        },
        {"before_header": gone, "after_header": gone, "before": "www A 192.0.2.1\n", "after": ""},
    ]
    assert "diff" not in task(contoso())


def test_a_file_is_replaced_as_a_whole(task: Task) -> None:
    task(contoso())
    before = task.files()[CONTOSO]
    # A server that is reading the old file goes on to see that one, not a mixture.
    with (task.folder / CONTOSO).open("rb") as reader:
        start = reader.read(10)
        task(contoso(ttl=60))
        assert start + reader.read() == before[0]
    after = task.files()[CONTOSO]
    assert set(task.files()) == {CONTOSO}
    assert after[0] != before[0] and after[2] != before[2]


def test_a_new_file_is_complete_before_it_has_its_name(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[tuple[bytes, str]] = []

    def move(self: basic.AnsibleModule, source: str, target: str, **options: t.Any) -> None:
        path = pathlib.Path(source)
        assert path.parent == task.folder and stat.S_IMODE(path.stat().st_mode) == 0o640
        # Neither what serves nor what purges takes it for a zone file.
        assert path.name.startswith(".") and not path.name.endswith(".zone")
        moved.append((path.read_bytes(), target))

    monkeypatch.setattr(basic.AnsibleModule, "atomic_move", move)
    task(contoso(), mode="0640")
    assert moved == [(planned(task.folder, contoso())[0].text, str(task.folder / CONTOSO))]


class TestLink:
    """Symbolic links in the place of files and folders."""

    @pytest.fixture(name="elsewhere")
    def elsewhere_fixture(self, task: Task) -> pathlib.Path:
        """A file outside of the folder, with a link to it where a zone file belongs."""
        elsewhere = task.scratch / "elsewhere"
        (task.folder / CONTOSO).symlink_to(elsewhere)
        return elsewhere

    def state(self, path: pathlib.Path) -> tuple[t.Any, ...]:
        status = path.stat()
        return path.read_bytes(), status.st_ino, status.st_mtime_ns, status.st_mode, status.st_nlink

    @pytest.mark.parametrize("content", [b"", b"managed"])
    def test_is_replaced_and_its_target_is_left_alone(
        self, task: Task, elsewhere: pathlib.Path, content: bytes
    ) -> None:
        elsewhere.write_bytes(content and t.cast(bytes, planned(task.scratch, contoso())[0].text))
        elsewhere.chmod(0o640)
        before = self.state(elsewhere)
        (zone,) = task(contoso(ttl=60), backup=True, mode="0604")["zones"]
        assert zone["changed"] and self.state(elsewhere) == before
        assert not (task.folder / CONTOSO).is_symlink() and task.files()[CONTOSO][3] == 0o604
        backup = pathlib.Path(zone["backup_file"])
        assert not backup.is_symlink() and backup.parent == task.folder and backup.read_bytes() == before[0]

    def test_that_leads_nowhere_is_replaced(self, task: Task, elsewhere: pathlib.Path) -> None:
        assert task(contoso())["changed"]
        assert not (task.folder / CONTOSO).is_symlink() and not elsewhere.exists()

    def test_to_what_stays_keeps_the_mode_of_its_target(self, task: Task, elsewhere: pathlib.Path) -> None:
        elsewhere.write_bytes(t.cast(bytes, planned(task.scratch, contoso())[0].text))
        elsewhere.chmod(0o640)
        before = self.state(elsewhere)
        task(contoso(), mode="0604")
        assert self.state(elsewhere) == before

    def test_is_not_followed_by_unsafe_writes(
        self, task: Task, elsewhere: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(source: bytes, target: bytes) -> None:
            raise OSError(errno.EBUSY, "Device or resource busy")

        elsewhere.write_bytes(b"")
        module = task.module(unsafe_writes=True)
        monkeypatch.setattr(os, "rename", refuse)
        with pytest.raises((Exception, SystemExit)):
            task.writer(module).carry_out(planned(task.folder, contoso()), surplus=[])
        monkeypatch.undo()
        assert elsewhere.read_bytes() == b"" and (task.folder / CONTOSO).is_symlink()

    def test_to_the_folder_is_followed(self, task: Task) -> None:
        real = task.folder
        task.folder = real.with_name("link")
        task.folder.symlink_to(real)
        task(mail())
        result = task(contoso(), surplus=[MAIL])
        assert result["zones"][0]["path"] == str(task.folder / CONTOSO)
        assert [path.name for path in real.iterdir()] == [CONTOSO] and task.folder.is_symlink()
        assert not task(contoso())["changed"]


def test_the_longest_name_can_be_written(task: Task) -> None:
    name = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 57))
    result = task({**contoso(), "name": name, "contact": "a@b.example", "records": []})
    assert result["changed"] and set(task.files()) == {f"{name}.zone"}


class TestAttributes:
    def test_are_predicted_set_and_kept(self, task: Task) -> None:
        assert task(contoso(), mode="0604", check=True)["changed"]
        assert task(contoso(), mode="0604")["changed"]
        assert task.files()[CONTOSO][3] == 0o604
        assert not task(contoso(), mode="0604")["changed"]
        task(contoso(ttl=60))
        assert task.files()[CONTOSO][3] == 0o604

    @pytest.mark.parametrize("check", [True, False])
    def test_alone_are_a_change_of_no_record(self, task: Task, check: bool) -> None:
        task(contoso(), mail(), mode="0644")
        (task.folder / MAIL).chmod(0o640)
        before = task.files()
        result = task(contoso(), mail(), mode="0644", check=check, diff=True)
        assert [zone["changed"] for zone in result["zones"]] == [False, True] and result["changed"]
        (diff,) = result["diff"]
        assert (diff["before"]["mode"], diff["after"]["mode"]) == ("0640", "0644")
        after = task.files()
        assert after[MAIL][3] == (0o640 if check else 0o644)
        assert after[CONTOSO] == before[CONTOSO] and after[MAIL][:3] == before[MAIL][:3]

    def test_of_a_new_file_follow_the_umask(self, task: Task) -> None:
        before = os.umask(0o027)
        try:
            task(contoso())
        finally:
            os.umask(before)
        assert task.files()[CONTOSO][3] == 0o640

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"setype": "dnssec_t"}, ["system_u", "object_r", "dnssec_t", "s0"]),
            ({"setype": "_default", "seuser": "staff_u"}, ["staff_u", "object_r", "named_zone_t", "s0"]),
            ({}, ["system_u", "object_r", "named_zone_t", "s0"]),
        ],
    )
    def test_of_selinux_are_set_before_a_file_has_its_name(
        self, task: Task, monkeypatch: pytest.MonkeyPatch, params: dict[str, t.Any], expected: list[str]
    ) -> None:
        # The system that tests run on has no SELinux, so that of Ansible is told what one would say. The label of a
        # file in the folder is that of the folder; what belongs there by the policy is another one.
        labels: dict[str, list[str]] = {}
        calls: list[tuple[str, list[str]]] = []

        def label_of(_module: basic.AnsibleModule, path: str) -> list[str]:
            return labels.get(os.fsdecode(path), ["system_u", "object_r", "var_t", "s0"])

        def set_label(
            _module: basic.AnsibleModule, path: str, context: list[str | None], changed: bool, diff: t.Any = None
        ) -> bool:
            present = label_of(_module, path)
            wanted = [new or old for new, old in zip(context, present)]
            calls.append((os.fsdecode(path), wanted))
            labels[os.fsdecode(path)] = wanted
            return changed or wanted != present

        for method, replacement in {
            "selinux_enabled": lambda _module: True,
            "selinux_mls_enabled": lambda _module: True,
            "selinux_default_context": lambda *_path: ["system_u", "object_r", "named_zone_t", "s0"],
            "selinux_context": label_of,
            "set_context_if_different": set_label,
        }.items():
            monkeypatch.setattr(basic.AnsibleModule, method, replacement)
        task(contoso(), **params)
        path = str(task.folder / CONTOSO)
        assert labels[path] == expected
        first, *_others = calls
        assert first[0] != path and (not params or first[1] == expected)
        assert not task(contoso(), **params)["changed"]

    @pytest.mark.parametrize("option", ["owner", "group"])
    def test_that_nobody_has_are_named_before_a_file_changes(self, task: Task, option: str) -> None:
        task(contoso())
        before = task.files()
        params: dict[str, t.Any] = {option: "nobody-of-that-name"}
        result = task(contoso(ttl=60), mail(), **params)
        assert result["msg"] == f"{option}: 'nobody-of-that-name' is not known on this host; no zone file has changed"
        assert task.files() == before

    def test_may_be_those_of_a_user_made_by_a_task_before_this_one(self, task: Task) -> None:
        assert task(contoso(), owner="nobody-of-that-name", check=True)["changed"]
        assert task.warnings == [
            "owner: 'nobody-of-that-name' is not known on this host yet; without it this task fails"
        ]

    def test_may_be_numbers(self, task: Task) -> None:
        assert task(contoso(), owner=str(os.geteuid()), group=str(os.getegid()))["changed"]

    @pytest.mark.parametrize("params", [{"owner": "65534"}, {"mode": "u=z"}])
    def test_that_are_refused_leave_every_file_as_it_is(
        self, task: Task, monkeypatch: pytest.MonkeyPatch, params: dict[str, t.Any]
    ) -> None:
        def refuse(path: bytes, uid: int, gid: int) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted", path)

        task(contoso(), mail())
        before = task.files()
        monkeypatch.setattr(os, "lchown", refuse)
        assert task(contoso(ttl=60), mail(ttl=60), **params)["failed"]
        assert task.files() == before

    def test_that_are_refused_to_a_file_that_stays_leave_the_others_as_they_are(
        self, task: Task, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(path: bytes, uid: int, gid: int) -> None:
            if os.fsdecode(path) == str(task.folder / MAIL):
                raise PermissionError(errno.EPERM, "Operation not permitted", path)

        task(contoso(), mail())
        before = task.files()
        monkeypatch.setattr(os, "lchown", refuse)
        result = task(contoso(ttl=60), mail(), owner="65534")
        assert result["failed"] and result["path"] == str(task.folder / MAIL)
        assert task.files() == before

    def test_of_files_that_stay_come_first_and_results_in_order(self, task: Task) -> None:
        task(contoso(), mail(), mode="0644")
        (task.folder / MAIL).chmod(0o600)
        result = task(contoso(ttl=60), mail(), mode="0644")
        assert [(zone["name"], zone["changed"]) for zone in result["zones"]] == [
            ("contoso.example", True),
            ("mail.contoso.example", True),
        ]


class TestBackup:
    def test_of_a_replaced_file(self, task: Task) -> None:
        assert "backup_file" not in task(contoso(), backup=True)["zones"][0]
        before = task.files()[CONTOSO][0]
        (zone,) = task(contoso(ttl=60), backup=True)["zones"]
        assert pathlib.Path(zone["backup_file"]).read_bytes() == before
        assert pathlib.Path(zone["backup_file"]).parent == task.folder and len(task.files()) == 2
        assert task.files()[CONTOSO][0] != before

    @pytest.mark.parametrize("reason", ["no links", "unsafe writes", "symbolic link"])
    def test_is_a_copy_where_a_second_name_will_not_do(
        self, task: Task, monkeypatch: pytest.MonkeyPatch, reason: str
    ) -> None:
        def refuse(*_names: str) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        task(contoso())
        path = task.folder / CONTOSO
        if reason == "no links":
            monkeypatch.setattr(os, "link", refuse)
        if reason == "symbolic link":
            path = path.rename(task.folder.parent / "elsewhere")
            (task.folder / CONTOSO).symlink_to(path)
        before = path.read_bytes()
        (zone,) = task(contoso(ttl=60), backup=True, unsafe_writes=reason == "unsafe writes")["zones"]
        backup = pathlib.Path(zone["backup_file"])
        assert backup.read_bytes() == before and not backup.is_symlink() and backup.stat().st_nlink == 1

    def test_that_cannot_be_made_is_named_with_what_is_done_already(
        self, task: Task, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_module: object, source: str, _target: str) -> None:
            if source.endswith(MAIL):
                raise OSError(errno.ENOSPC, "No space left on device")

        task(contoso(), mail())
        before = task.files()[MAIL]
        monkeypatch.setattr(_files, "_link", lambda *_names: False)
        monkeypatch.setattr(basic.AnsibleModule, "preserved_copy", fail)
        result = task(contoso(ttl=60), mail(ttl=60), backup=True)
        assert result["msg"].startswith(f"{task.folder / MAIL}: cannot be kept as {task.folder / MAIL}.")
        assert result["msg"].endswith("~ (No space left on device)")
        assert [zone["name"] for zone in result["zones"]] == ["contoso.example"]
        assert task.files()[MAIL] == before

    def test_of_nothing_where_nothing_changes(self, task: Task) -> None:
        task(contoso())
        assert "backup_file" not in task(contoso(), backup=True)["zones"][0]
        assert set(task.files()) == {CONTOSO}

    def test_of_a_removed_file(self, task: Task) -> None:
        (task.folder / "gone.example.zone").write_bytes(b"precious")
        task(surplus=["gone.example.zone"], backup=True)
        (name,) = task.files()
        assert name.startswith("gone.example.zone.") and task.files()[name][0] == b"precious"


class TestCommand:
    def test_sees_the_new_file_while_the_old_one_is_in_place(self, task: Task) -> None:
        task(contoso())
        old = (task.folder / CONTOSO).read_bytes()
        seen = task.scratch / "seen"
        result = task(contoso(ttl=60), command=f"sh -c 'cat \"$0\" \"$1\" > {seen}' %s '{task.folder / CONTOSO}'")
        assert result["changed"]
        new = (task.folder / CONTOSO).read_bytes()
        assert seen.read_bytes() == new + old and new != old

    @pytest.mark.parametrize("check", [True, False])
    def test_that_refuses_one_file_keeps_all_as_they_are(self, task: Task, check: bool) -> None:
        task(contoso(), mail())
        (task.folder / "gone.example.zone").touch()
        before = task.files()
        script = 'test "$0" = contoso.example || { echo line 7; echo no good >&2; exit 3; }'
        result = task(
            contoso(ttl=60),
            mail(ttl=60),
            surplus=["gone.example.zone"],
            command=f"sh -c '{script}' {{zone}} %s",
            check=check,
        )
        assert result["failed"] and "zone mail.contoso.example: sh refused the new file (status 3)" in result["msg"]
        assert "no zone file has changed: line 7\nno good" in result["msg"]
        assert (result["rc"], result["stdout"], result["stderr"]) == (3, "line 7\n", "no good\n")
        assert result["cmd"][-2] == "mail.contoso.example"
        assert task.files() == before
        assert list(task.scratch.iterdir()) == []

    @pytest.mark.parametrize("check", [True, False])
    def test_that_cannot_be_run_is_named_with_the_zone(self, task: Task, check: bool) -> None:
        result = task(contoso(), command="/nowhere/checker %s", check=check)
        reason = "validate: cannot run /nowhere/checker (No such file or directory); no zone file has changed"
        assert result["msg"] == f"zone contoso.example: {reason}"
        assert result["cmd"][0] == "/nowhere/checker" and task.files() == {}

    def test_is_not_asked_about_files_that_stay(self, task: Task) -> None:
        task(contoso())
        assert not task(contoso(), command="false %s")["changed"]


class TestTrouble:
    def test_a_change_by_somebody_else_is_not_overwritten(self, task: Task) -> None:
        task(contoso())
        path = task.folder / CONTOSO
        result = task(contoso(ttl=60), meanwhile=lambda: path.write_bytes(b"theirs"))
        assert result["msg"] == f"{path}: somebody else changed it while this task was running; run it again"
        assert path.read_bytes() == b"theirs" and set(task.files()) == {CONTOSO}

    def test_a_change_by_somebody_else_stops_every_file(self, task: Task) -> None:
        task(contoso(), mail())
        before = task.files()[CONTOSO]
        path = task.folder / MAIL
        result = task(contoso(ttl=60), mail(ttl=60), meanwhile=lambda: path.write_bytes(b"theirs"))
        assert str(path) in result["msg"] and task.files()[CONTOSO] == before

    def test_what_is_written_before_a_file_fails_is_told(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        task(contoso(), mail())
        checked = []

        def changed_at_last(_writer: ZoneFileWriter, path: str, _before: bytes | None) -> None:
            checked.append(path)
            if len(checked) == 4:
                raise ZoneFileError(f"{path}: changed")

        monkeypatch.setattr(ZoneFileWriter, "_must_still_hold", changed_at_last)
        result = task(contoso(ttl=60), mail(ttl=60))
        assert result["failed"] and result["changed"]
        assert [zone["name"] for zone in result["zones"]] == ["contoso.example"]

    def test_a_file_by_somebody_else_is_not_overwritten(self, task: Task) -> None:
        path = task.folder / CONTOSO
        result = task(contoso(), meanwhile=lambda: path.write_bytes(b""))
        assert "somebody else changed it" in result["msg"]
        assert path.read_bytes() == b"" and set(task.files()) == {CONTOSO}

    def test_a_file_that_somebody_else_removed_does_not_come_back(self, task: Task) -> None:
        task(contoso())
        result = task(contoso(ttl=60), meanwhile=(task.folder / CONTOSO).unlink)
        assert "somebody else changed it" in result["msg"] and task.files() == {}

    def test_a_missing_folder_is_named(self, task: Task) -> None:
        task.folder.rmdir()
        assert task(contoso())["msg"] == f"the directory {task.folder} does not exist"
        assert not task.folder.exists()

    def test_a_missing_folder_may_be_made_by_a_task_before_this_one(self, task: Task) -> None:
        task.folder.rmdir()
        result = task(contoso(), check=True, mode="0644")
        assert result["changed"] and result["zones"][0]["serial"]
        assert task.warnings == [f"the directory {task.folder} does not exist yet; without it this task fails"]
        assert not task.folder.exists()

    @pytest.mark.parametrize("check", [True, False])
    def test_a_folder_that_is_a_file_is_named(self, task: Task, check: bool) -> None:
        task.folder.rmdir()
        task.folder.touch()
        assert task(contoso(), check=check)["msg"] == f"{task.folder} is not a directory"

    def test_a_folder_that_cannot_be_written_is_named(self, task: Task) -> None:
        # As with one that can be read only, which is no hindrance to root.
        result = task(contoso(), meanwhile=task.folder.rmdir)
        expected = f"cannot write in {task.folder} (No such file or directory); no zone file has changed"
        assert result["msg"] == f"zone contoso.example: {expected}"

    def test_a_folder_that_cannot_be_read_is_named(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(path: str, flags: int) -> int:
            raise PermissionError(errno.EACCES, "Permission denied", path)

        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(ZoneFileError) as caught, task.writer(task.module()).locked():
            pass
        monkeypatch.undo()
        assert caught.value.message == f"the directory {task.folder} cannot be read (Permission denied)"

    def test_a_full_disk_leaves_the_old_files(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        task(contoso(), mail())
        before = task.files()

        def full(descriptor: int) -> None:
            if "mail.contoso" in os.readlink(f"/proc/self/fd/{descriptor}"):
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        result = task(contoso(ttl=60), mail(ttl=60))
        assert "zone mail.contoso.example: cannot write in" in result["msg"]
        assert "(No space left on device); no zone file has changed" in result["msg"]
        assert task.files() == before

    def test_a_surplus_file_that_cannot_be_removed_is_named(self, task: Task) -> None:
        result = task(surplus=["gone.example.zone"])
        assert result["msg"] == f"{task.folder / 'gone.example.zone'}: cannot be removed (No such file or directory)"
        assert (result["changed"], result["zones"]) == (False, [])

    def test_what_is_done_before_a_surplus_file_fails_is_told(self, task: Task) -> None:
        result = task(contoso(), surplus=["gone.example.zone"])
        assert "gone.example.zone: cannot be removed" in result["msg"]
        assert result["changed"] and [zone["name"] for zone in result["zones"]] == ["contoso.example"]
        (task.folder / "old.example.zone").touch()
        result = task(contoso(), surplus=["old.example.zone", "gone.example.zone"])
        assert result["changed"] and [zone["changed"] for zone in result["zones"]] == [False]
        assert set(task.files()) == {CONTOSO}

    def test_a_folder_that_cannot_be_synced_is_warned_about(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        sync = os.fsync

        def refuse(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "Invalid argument")
            sync(descriptor)

        monkeypatch.setattr(os, "fsync", refuse)
        assert task(contoso())["changed"] and set(task.files()) == {CONTOSO}
        (warning,) = task.warnings
        assert warning.startswith(f"{task.folder}: ") and "power failure (Invalid argument)" in warning


class TestStale:
    """Temporary files that a killed run has left."""

    @pytest.fixture(name="left")
    def left_fixture(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> set[str]:
        """The names of those of a run that had to write two zones."""
        with monkeypatch.context() as killed:
            killed.setattr(basic.AnsibleModule, "do_cleanup_files", lambda _module: None)
            task(contoso(), mail(), meanwhile=(task.folder / MAIL).touch)
        (task.folder / MAIL).unlink()
        names = set(task.files())
        assert len(names) == 2
        return names

    def test_are_removed(self, task: Task, left: set[str]) -> None:
        task(contoso(), mail())
        assert set(task.files()) == {CONTOSO, MAIL}

    def test_are_removed_of_surplus_files_and_of_zones_that_stay(self, task: Task, left: set[str]) -> None:
        leftovers = {name: (task.folder / name).read_bytes() for name in left}
        task(contoso(), mail())
        for name, content in leftovers.items():
            (task.folder / name).write_bytes(content)
        assert task(contoso(), surplus=[MAIL])["changed"]
        assert set(task.files()) == {CONTOSO}

    def test_are_removed_where_one_text_is_put_in_place_of_another(self, task: Task, left: set[str]) -> None:
        path = task.folder / CONTOSO
        path.write_bytes(b"old")
        writer = task.writer(task.module())
        with writer.locked():
            writer.replace(zone="contoso.example", path=str(path), before=b"old", text=b"new")
        (stale,) = [name for name in left if MAIL in name]
        assert set(task.files()) == {CONTOSO, stale}

    def test_stay_in_check_mode(self, task: Task, left: set[str]) -> None:
        task(contoso(), mail(), check=True)
        assert set(task.files()) == left

    def test_stay_where_another_run_may_be_alive(
        self, task: Task, left: set[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(descriptor: int, operation: int) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refuse)
        task(contoso(), mail())
        assert left < set(task.files())

    def test_are_no_files_of_anybody_else(self, task: Task) -> None:
        names = (
            f".{CONTOSO}.tmp",
            f".{CONTOSO}.abcdefgh.swp",
            f".{CONTOSO}.abcdefghi.tmp",
            f".{MAIL}.abcdefgh.tmp",
            f"{CONTOSO}.abcdefgh.tmp",
        )
        for name in names:
            (task.folder / name).touch()
        (task.folder / f".{CONTOSO}.aaaaaaaa.tmp").symlink_to(task.folder / names[0])
        task(contoso())
        assert set(task.files()) == {CONTOSO, *names, f".{CONTOSO}.aaaaaaaa.tmp"}

    def test_that_cannot_be_removed_are_named(
        self, task: Task, left: set[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(path: str) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted", path)

        with monkeypatch.context() as sticky:
            sticky.setattr(os, "unlink", refuse)
            result = task(contoso(), mail())
        assert "cannot be removed (Operation not permitted)" in result["msg"] and set(task.files()) == left


class TestPurge:
    def test_removes_surplus_files(self, task: Task) -> None:
        task(contoso(), mail())
        assert task(contoso(), surplus=[MAIL])["changed"]
        assert set(task.files()) == {CONTOSO}

    def test_comes_after_all_is_written(self, task: Task) -> None:
        task(mail())
        result = task(contoso(), surplus=[MAIL], meanwhile=(task.folder / CONTOSO).touch)
        assert result["failed"] and MAIL in task.files()


class TestLock:
    def test_is_waited_for(self, task: Task) -> None:
        with lock_held(task.folder, seconds=0.5):
            start = time.monotonic()
            assert task(contoso())["changed"]
            assert time.monotonic() - start > 0.2
        # The lock is no file.
        assert set(task.files()) == {CONTOSO}

    def test_is_not_waited_for_forever(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_files, "_LOCK_SECONDS", 0.3)
        with lock_held(task.folder, seconds=60):
            result = task(contoso())
        assert result["msg"] == f"{task.folder}: another run has been writing zone files there for 0.3 seconds"
        assert task.files() == {}

    def test_is_held_as_long_as_files_are_written(self, task: Task) -> None:
        descriptor = os.open(task.folder, os.O_RDONLY)
        try:
            with task.writer(task.module()).locked(), pytest.raises(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(descriptor)

    def test_is_given_back_after_an_error(self, task: Task) -> None:
        with pytest.raises(RuntimeError), task.writer(task.module()).locked():
            raise RuntimeError
        with task.writer(task.module()).locked():
            assert True

    def test_is_done_without_where_there_are_none(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(descriptor: int, operation: int) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refuse)
        assert task(contoso())["changed"] and set(task.files()) == {CONTOSO}
        (warning,) = task.warnings
        assert str(task.folder) in warning and "No locks available" in warning

    def test_that_fails_for_another_reason_is_named(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(descriptor: int, operation: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(fcntl, "flock", fail)
        assert task(contoso())["msg"] == f"the directory {task.folder} cannot be locked (Input/output error)"
        assert task.files() == {}


class TestReplace:
    """What the files of parents are written with."""

    def replace(self, task: Task, *, before: bytes, command: str | None = None, **params: t.Any) -> dict[str, t.Any]:
        def write(module: basic.AnsibleModule) -> dict[str, t.Any]:
            path = str(task.folder / CONTOSO)
            task.writer(module, command=command).replace(zone="contoso.example", path=path, before=before, text=b"new")
            return {"changed": True}

        return task.outcome(write, **params)

    def test_puts_one_text_in_place_of_another(self, task: Task) -> None:
        (task.folder / CONTOSO).write_bytes(b"old")
        (task.folder / CONTOSO).chmod(0o604)
        assert self.replace(task, before=b"old", mode="0600")["changed"]
        ((name, (text, _time, _inode, mode)),) = task.files().items()
        assert (name, text, mode) == (CONTOSO, b"new", 0o604)

    @pytest.mark.parametrize("check", [True, False])
    def test_keeps_what_it_is_told_to_keep(self, task: Task, check: bool) -> None:
        path = task.folder / CONTOSO
        path.write_bytes(b"old")
        kept: list[str | None] = []

        def write(module: basic.AnsibleModule) -> dict[str, t.Any]:
            replaced = task.writer(module).replace(
                zone="contoso.example", path=str(path), before=b"old", text=b"new", keep=True
            )
            kept.append(replaced)
            return {"changed": True}

        task.outcome(write, check=check)
        if check:
            assert kept == [None] and set(task.files()) == {CONTOSO}
        else:
            assert pathlib.Path(str(kept[0])).read_bytes() == b"old" and path.read_bytes() == b"new"

    def test_changes_nothing_in_check_mode(self, task: Task) -> None:
        (task.folder / CONTOSO).write_bytes(b"old")
        before = task.files()
        assert self.replace(task, before=b"old", check=True)["changed"]
        assert task.files() == before and list(task.scratch.iterdir()) == []

    @pytest.mark.parametrize("check", [True, False])
    def test_overwrites_nothing_unseen(self, task: Task, check: bool) -> None:
        (task.folder / CONTOSO).write_bytes(b"theirs")
        before = task.files()
        assert "somebody else changed it" in self.replace(task, before=b"old", check=check)["msg"]
        assert task.files() == before

    def test_has_the_command_accept_it(self, task: Task) -> None:
        (task.folder / CONTOSO).write_bytes(b"old")
        before = task.files()
        assert "refused the new file" in self.replace(task, before=b"old", command="grep old %s")["msg"]
        assert task.files() == before


def test_warnings_of_plans_are_warnings_of_the_task(task: Task) -> None:
    single = contoso(name_servers=[{"name": "ns1.contoso.net"}])
    (zone,) = task(single)["zones"]
    assert task.warnings == zone["warnings"] and "too_few_name_servers" in task.warnings[0]
