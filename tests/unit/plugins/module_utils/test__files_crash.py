# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of ``zone_files`` that are killed, that race, or that find no room: no file is torn, no serial used twice."""

from __future__ import annotations

import contextlib
import ctypes
import io
import itertools
import json
import os
import pathlib
import resource
import signal
import stat
import subprocess
import tempfile
import time
import traceback
import typing as t
from functools import partial

import pytest
from ansible.module_utils import basic

from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import read_header
from ansible_collections.zonecut.dns.plugins.modules import zone_files
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import contoso, mail

Described = t.Mapping[str, t.Any]

CONTOSO = "contoso.example.zone"
MAIL = "mail.contoso.example.zone"
# What changes a folder and its files, and flushing, which stands between writing and all that follows.
STEPS = ("open", "fsync", "chmod", "chown", "link", "rename", "unlink")
CLONE_NEWNS = 0x20000
NOBODY = 65534


class Child:
    """A process that does ``work`` and leaves what that returns as JSON."""

    def __init__(self, work: t.Callable[[], t.Any]) -> None:
        self._answer = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._status: int | None = None
        self._pid = os.fork()
        if self._pid == 0:
            status = 1
            try:
                json.dump(work(), self._answer)
                self._answer.flush()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)

    def runs(self) -> bool:
        """Return whether it has not ended yet."""
        if self._status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._status = status if pid else None
        return self._status is None

    def killed_by(self) -> int:
        """Wait for its end and return the signal that was the cause, or 0."""
        if self._status is None:
            self._status = os.waitpid(self._pid, 0)[1]
        return os.WTERMSIG(self._status) if os.WIFSIGNALED(self._status) else 0

    def answer(self) -> t.Any:
        """Wait for its end and return what the work did."""
        assert self.killed_by() == 0 and self._status == 0
        self._answer.seek(0)
        return json.load(self._answer)


def run_here(folder: pathlib.Path, *described: Described, **params: t.Any) -> dict[str, t.Any]:
    """Run the module in this process, as on a target, and return its result."""
    arguments = {
        "directory": str(folder),
        "zones": described,
        "serial": {"policy": "increment"},
        **params,
        "_ansible_no_log": True,
        "_ansible_tmpdir": str(folder),
    }
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
    with contextlib.redirect_stdout(io.StringIO()) as output, pytest.raises(SystemExit):
        zone_files.main()
    return t.cast("dict[str, t.Any]", json.loads(output.getvalue()))


def run(folder: pathlib.Path, *described: Described, times: int = 1, **params: t.Any) -> list[dict[str, t.Any]]:
    """Run the module in another process and return its results."""
    results = Child(lambda: [run_here(folder, *described, **params) for _time in range(times)]).answer()
    return t.cast("list[dict[str, t.Any]]", results)


def kill_before(step: int) -> None:
    """Have this process killed when it is about to take that one of its steps, counted from 1."""
    steps = itertools.count(1)

    def counted(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def take(*args: t.Any, **options: t.Any) -> t.Any:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **options)

        return take

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


def contents(folder: pathlib.Path) -> dict[str, str]:
    """Return what is in each file of the folder."""
    return {path.name: path.read_text("ascii") for path in folder.iterdir()}


class History:
    """All that was ever to be seen under the names of the zone files."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._seen: dict[str, list[tuple[int, list[bytes]]]] = {CONTOSO: [], MAIL: []}
        self.look()

    def look(self) -> None:
        """Look at the files: each must still be there and be whole; a newer serial goes with other content only."""
        for name, seen in self._seen.items():
            try:
                text = (self._folder / name).read_bytes()
            except FileNotFoundError:
                assert not seen, f"{name} is lost"
                continue
            header = read_header(text)
            assert header is not None and header.intact, f"{name} is torn: {text!r}"
            serial = b"%d" % header.serial
            content = [line for line in text.splitlines() if line[:1] != b";" and line.split()[0] != serial]
            now = (header.serial, content)
            if not seen:
                seen.append(now)
            elif now != seen[-1]:
                assert now[0] > seen[-1][0] and now[1] != seen[-1][1], f"{name} went from {seen[-1]} to {now}"
                seen.append(now)


@pytest.fixture(name="folder")
def folder_fixture(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[pathlib.Path]:
    # Needed since ansible-core 2.19.
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    # Other users may not look into the folders that pytest makes.
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "zone files"
        folder.mkdir()
        folder.parent.chmod(0o755)
        umask = os.umask(0o022)
        yield folder
        os.umask(umask)


@pytest.mark.parametrize(
    ("before", "options", "mode"),
    [([], {}, 0o644), ([contoso(), mail()], {"backup": True, "mode": "0640"}, 0o640)],
    ids=["new files", "changed files"],
)
def test_a_run_killed_at_any_step_is_made_good_by_the_next(
    folder: pathlib.Path, before: list[Described], options: dict[str, t.Any], mode: int
) -> None:
    if before:
        run(folder, *before)
    first = contents(folder)

    def run_and_die(step: int) -> None:
        kill_before(step)
        run_here(folder, contoso(ttl=60), mail(ttl=60), **options)

    for step in itertools.count(1):
        history = History(folder)
        killed = Child(partial(run_and_die, step)).killed_by()
        history.look()
        # One zone is still to be as it was to be then, the other has changed once more.
        _changed, unchanged = run(folder, contoso(ttl=60), mail(ttl=120), times=2, **options)
        history.look()
        assert not unchanged["changed"]
        left = contents(folder)
        kept = {name for name in left if name.endswith("~")}
        assert {*left} - kept == {CONTOSO, MAIL}
        for name in kept:
            header = read_header(left[name].encode())
            assert header is not None and header.intact
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in (CONTOSO, MAIL)} == {mode}
        if not killed:
            break
        for path in folder.iterdir():
            path.unlink()
        for name, text in first.items():
            (folder / name).write_text(text, "ascii")
    # Each file is made, flushed, given its mode and moved; at last the folder is flushed.
    assert step > 2 * 4 + 1


@pytest.mark.parametrize("octets", [0, 200])
def test_a_run_killed_while_it_writes_leaves_the_old_file(folder: pathlib.Path, octets: int) -> None:
    run(folder, contoso())
    before = contents(folder)

    def write_and_die() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        run_here(folder, contoso(ttl=60))

    assert Child(write_and_die).killed_by() == signal.SIGXFSZ
    left = contents(folder)
    (temporary,) = {*left} - {*before}
    assert len(left.pop(temporary)) == octets
    assert left == before
    run(folder, contoso(ttl=60))
    assert {*contents(folder)} == {CONTOSO}


def test_two_controllers_never_use_a_serial_twice(folder: pathlib.Path) -> None:
    times = 12
    first = run(folder, contoso())[0]["zones"][0]["serial"]

    def controller(name: str) -> list[int]:
        clock, sleep = t.cast("t.Any", time), time.sleep
        # Else one has done all its work before the other asks for the lock again.
        clock.sleep = lambda seconds: sleep(seconds / 100)
        serials = []
        for number in range(times):
            text = {"name": "last", "type": "TXT", "value": f"{name} {number}"}
            (zone,) = run_here(folder, contoso(text))["zones"]
            assert zone["changed"]
            serials.append(zone["serial"])
        return serials

    history = History(folder)
    controllers = [Child(partial(controller, name)) for name in ("one", "other")]
    while any(each.runs() for each in controllers):
        history.look()
    one, other = (each.answer() for each in controllers)
    assert one == sorted(one) and other == sorted(other)
    assert sorted(one + other) == list(range(first + 1, first + 1 + 2 * times))
    assert {*contents(folder)} == {CONTOSO}


def mount_here(folder: pathlib.Path) -> None:
    """Mount a file system of six pages of 4096 octets, which only this process sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24k,mode=755", "tmpfs", str(folder)], check=True)


@pytest.fixture(name="may_mount")
def may_mount_fixture(tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]) -> None:
    def attempt() -> str:
        try:
            mount_here(tmp_path)
        except (OSError, subprocess.CalledProcessError) as error:
            return str(error)
        return ""

    why_not = Child(attempt).answer()
    capfd.readouterr()
    if why_not:
        pytest.skip(f"needs the right to mount a file system ({why_not})")


@pytest.mark.usefixtures("may_mount")
def test_a_full_disk_is_named_and_leaves_all_as_it_was(folder: pathlib.Path) -> None:
    many = [{"name": f"a-name-that-takes-room-{number}", "type": "A", "value": "192.0.2.1"} for number in range(200)]

    def fill() -> list[t.Any]:
        mount_here(folder)
        run_here(folder, contoso(), mail())
        (folder / "filling").write_text("x" * 2 * 4096, "ascii")
        before = contents(folder)
        failed = run_here(folder, contoso(ttl=60), mail(records=many), backup=True)
        unchanged = contents(folder) == before
        # Now the new files just fit in.
        return [failed, unchanged, run_here(folder, contoso(ttl=60), mail(ttl=60), backup=True), contents(folder)]

    failed, unchanged, written, left = Child(fill).answer()
    assert unchanged and failed["failed"]
    assert failed["msg"] == (
        f"zone mail.contoso.example: cannot write in {folder} (No space left on device); no zone file has changed"
    )
    assert written["changed"]
    assert len(left) == 5 and all(left[pathlib.Path(zone["backup_file"]).name] for zone in written["zones"])


@pytest.mark.usefixtures("may_mount")
def test_a_read_only_disk_is_named_and_leaves_all_as_it_was(folder: pathlib.Path) -> None:
    def protect() -> list[t.Any]:
        mount_here(folder)
        run_here(folder, contoso(), mail())
        before = contents(folder)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        unchanged = run_here(folder, contoso(), mail())
        return [unchanged, run_here(folder, contoso(ttl=60), mail()), contents(folder) == before]

    unchanged, failed, is_as_before = Child(protect).answer()
    assert not unchanged["changed"] and not unchanged.get("failed")
    assert failed["msg"] == (
        f"zone contoso.example: cannot write in {folder} (Read-only file system); no zone file has changed"
    )
    assert is_as_before


def test_a_folder_of_somebody_else_is_named_and_left_as_it_was(folder: pathlib.Path) -> None:
    run(folder, contoso(), mail())
    before = contents(folder)

    def as_nobody() -> dict[str, t.Any]:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        else:
            folder.chmod(0o555)
        return run_here(folder, contoso(ttl=60), mail())

    failed = Child(as_nobody).answer()
    assert failed["msg"] == (
        f"zone contoso.example: cannot write in {folder} (Permission denied); no zone file has changed"
    )
    folder.chmod(0o755)
    assert contents(folder) == before
