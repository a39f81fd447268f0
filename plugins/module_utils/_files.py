# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that writes zone files: whole files, one writer at a time, nothing in check mode."""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import pwd
import re
import shlex
import tempfile
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import ZonePlan

__all__ = ("ZoneFileWriter",)

_LOCK_SECONDS = 60
_SETTLED_AT_ONCE = 8
# Some network file systems have no locks for folders.
_NO_LOCKS = frozenset((errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP))
# What ``_stage`` names its files: a zone file, and eight characters of the tempfile module.
_TEMPORARY = re.compile(r"\.(.+)\.[a-z0-9_]{8}\.tmp")


class ZoneFileWriter:
    """Writes and removes files in one folder for a module with ``add_file_common_args``.

    :arg backup: whether a replaced or removed file is kept under another name.
    :arg command: what has to accept each file before it is put in place, with ``{zone}`` and ``%s``; or None.
    """

    def __init__(self, module: AnsibleModule, *, directory: str, backup: bool, command: str | None) -> None:
        self._module = module
        self._directory = directory
        self._backup = backup
        self._command = command
        self._is_alone = False

    @contextmanager
    def locked(self) -> t.Generator[None, None, None]:
        """Keep other runs of this collection out of the folder: the folder itself is locked, so no lock file is left.

        :raises ZoneFileError: when there is no such folder, or it cannot be locked, or another run holds the lock for
            more than a minute.
        """
        if not os.path.isdir(self._directory):
            if os.path.lexists(self._directory):
                raise ZoneFileError(f"{self._directory} is not a directory")
            if not self._module.check_mode:
                raise ZoneFileError(f"the directory {self._directory} does not exist")
            self._module.warn(f"the directory {self._directory} does not exist yet; without it this task fails")
            yield
            return
        try:
            descriptor = os.open(self._directory, os.O_RDONLY)
        except OSError as exc:
            raise ZoneFileError(f"the directory {self._directory} cannot be read ({exc.strerror})") from exc
        try:
            self._is_alone = self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def carry_out(self, plans: t.Sequence[ZonePlan], *, surplus: t.Sequence[str]) -> dict[str, t.Any]:
        """Write what is planned and remove the surplus files; return the result of a module.

        Every file is written, given its owner and mode, and accepted by the command, under another name before the
        first is put in place.

        :raises ZoneFileError: for what could not be written, was not accepted, or was changed by somebody else since,
            and for an owner or group that this host does not know.
        """
        self._check_accounts()
        self._remove_stale([*(plan.path for plan in plans), *surplus])
        staged = {
            plan.path: self._stage(zone=plan.zone.text, path=plan.path, text=plan.text)
            for plan in plans
            if plan.text is not None
        }
        self._settle({plan.zone.text: staged[plan.path] for plan in plans if plan.text is not None})
        for plan in plans:
            if plan.text is not None:
                self._must_still_hold(plan.path, plan.before)
        for path, temporary in staged.items():
            self._rehearse_attributes(path, temporary)
        diffs: list[dict[str, t.Any]] = []
        results: dict[str, dict[str, t.Any]] = {}
        removed: list[dict[str, t.Any]] = []
        try:
            # Files that stay as they are come first: where another owner or mode is refused, no record has changed yet.
            for plan in sorted(plans, key=lambda each: each.path in staged):
                results[plan.path] = self._put(plan, staged.get(plan.path), diffs)
            for path in surplus:
                removed.append({"before_header": path, "after_header": path, "before": self._remove(path), "after": ""})
        except ZoneFileError as exc:
            written = list(results.values())
            exc.details.update(changed=bool(removed) or any(zone["changed"] for zone in written), zones=written)
            raise
        diffs += removed
        zones = [results[plan.path] for plan in plans]
        if not self._module.check_mode and (staged or surplus):
            self._flush()
        for plan in plans:
            for warning in plan.warnings:
                self._module.warn(warning)
        changed = bool(surplus) or any(zone["changed"] for zone in zones)
        result: dict[str, t.Any] = {"changed": changed, "zones": zones}
        if self._module._diff:
            result["diff"] = diffs
        return result

    def replace(self, *, zone: str, path: str, before: bytes, text: bytes, keep: bool = False) -> str | None:
        """Put ``text`` in place of ``before``, whatever the owner, group and mode of the file are.

        :arg keep: whether ``before`` is kept under another name, which is returned then.
        :raises ZoneFileError: when it could not be written, or somebody else changed the file.
        """
        self._remove_stale([path])
        temporary = self._stage(zone=zone, path=path, text=text)
        self._settle({zone: temporary})
        self._must_still_hold(path, before)
        backup: str | None = None
        if not self._module.check_mode:
            if keep:
                backup = self._keep(path)
            self._move(temporary, path)
            self._flush()
        return backup

    def _stage(self, *, zone: str, path: str, text: bytes) -> str:
        """Write a temporary file and have the command accept it; in check mode elsewhere, and only for the command."""
        if self._module.check_mode and self._command is None:
            return ""
        folder = self._module.tmpdir if self._module.check_mode else self._directory
        try:
            descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{_stem(path)}.", suffix=".tmp")
            self._module.add_cleanup_file(temporary)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text)
        except OSError as exc:
            raise _unwritten(zone, folder, exc) from exc
        if self._command is not None:
            self._validate(self._command, zone=zone, temporary=temporary)
        return temporary

    def _settle(self, temporaries: t.Mapping[str, str]) -> None:
        """Have the disk hold temporary files, given by zone.

        Only after all are written, and several at once: a file system takes as long for one as for many together.
        """
        if self._module.check_mode:
            return
        with ThreadPoolExecutor(max_workers=_SETTLED_AT_ONCE) as pool:
            for _settled in pool.map(self._settle_one, temporaries.keys(), temporaries.values()):
                pass

    def _settle_one(self, zone: str, temporary: str) -> None:
        try:
            descriptor = os.open(temporary, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as exc:
            raise _unwritten(zone, self._directory, exc) from exc

    def _check_accounts(self) -> None:
        lookups: tuple[tuple[str, t.Callable[[str], object]], ...] = (("owner", pwd.getpwnam), ("group", grp.getgrnam))
        for option, look_up in lookups:
            name = self._module.params.get(option)
            if name is None or re.fullmatch(r"[0-9]+", name):
                continue
            try:
                look_up(name)
            except KeyError as exc:
                if not self._module.check_mode:
                    raise ZoneFileError(
                        f"{option}: {name!r} is not known on this host; no zone file has changed"
                    ) from exc
                self._module.warn(f"{option}: {name!r} is not known on this host yet; without it this task fails")

    def _remove_stale(self, paths: t.Iterable[str]) -> None:
        """Remove what runs that were killed have left of temporary files for ``paths``."""
        # Without the lock they may be those of a run that is alive.
        if self._module.check_mode or not self._is_alone:
            return
        stems = {_stem(path) for path in paths}
        for name in os.listdir(self._directory) if os.path.isdir(self._directory) else ():
            found = _TEMPORARY.fullmatch(name)
            path = os.path.join(self._directory, name)
            if found is None or found[1] not in stems or os.path.islink(path) or not os.path.isfile(path):
                continue
            try:
                os.unlink(path)
            except OSError as exc:
                raise ZoneFileError(f"{path}: cannot be removed ({exc.strerror})") from exc

    def _rehearse_attributes(self, path: str, temporary: str) -> None:
        """Give a temporary file what the file will have, for Ansible ends the module where that is refused."""
        if not self._module.check_mode:
            if not os.path.exists(path):
                # Ansible does so after the move, too late for a run that is killed in between.
                os.chmod(temporary, 0o666 & ~_umask())
            wanted = self._module.load_file_common_arguments(self._module.params, path=path)
            # An immutable file could not be moved.
            self._module.set_fs_attributes_if_different({**wanted, "path": temporary, "attributes": None}, False)

    def _put(self, plan: ZonePlan, temporary: str | None, diffs: list[dict[str, t.Any]]) -> dict[str, t.Any]:
        result = plan.result()
        if temporary is not None:
            self._must_still_hold(plan.path, plan.before)
            if not self._module.check_mode:
                if self._backup and plan.before is not None:
                    result["backup_file"] = self._keep(plan.path)
                self._move(temporary, plan.path)
            # The text of a million records takes seconds.
            if self._module._diff:
                diffs.append(plan.diff())
        attributes: dict[str, t.Any] = {}
        if self._set_attributes(plan.path, attributes):
            # Check mode cannot tell those of a file that it does not make.
            if temporary is None or plan.before is not None:
                diffs.append({"before_header": plan.path, "after_header": plan.path, **attributes})
            result["changed"] = True
        return result

    def _keep(self, path: str) -> str:
        """Keep a file that is about to go, with all its attributes, and return under which name."""
        backup = f"{path}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
        # Unsafe writing would change the file under both names.
        may_link = not os.path.islink(path) and not self._module.params.get("unsafe_writes")
        try:
            # A second name needs no room and is never half done, but not every file system allows one.
            if not (may_link and _link(path, backup)):
                self._module.preserved_copy(path, backup)
        except OSError as exc:
            raise ZoneFileError(f"{path}: cannot be kept as {backup} ({exc.strerror})") from exc
        return backup

    def _move(self, temporary: str, path: str) -> None:
        # Unsafe writing goes through a symbolic link to wherever it leads.
        unsafe = bool(self._module.params.get("unsafe_writes")) and not os.path.islink(path)
        self._module.atomic_move(temporary, path, unsafe_writes=unsafe)

    def _set_attributes(self, path: str, diff: dict[str, t.Any]) -> bool:
        """Bring owner, group and mode to what the task says; tell how in ``diff``, return whether they change."""
        if not os.path.exists(path):
            return False
        wanted = self._module.load_file_common_arguments(self._module.params, path=path)
        return bool(self._module.set_fs_attributes_if_different(wanted, False, diff))

    def _remove(self, path: str) -> str:
        """Remove a file, or in check mode nothing; return what was in it."""
        try:
            with open(path, encoding="utf-8", errors="replace") as stream:
                content = stream.read()
            if not self._module.check_mode:
                if self._backup:
                    self._keep(path)
                os.unlink(path)
        except OSError as exc:
            raise ZoneFileError(f"{path}: cannot be removed ({exc.strerror})") from exc
        return content

    def _flush(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as exc:
            # Some network file systems do so for files only.
            self._module.warn(
                f"{self._directory}: the new names of the files may not survive a power failure ({exc.strerror})"
            )
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> bool:
        """Take the lock of the folder; return False where its file system has none."""
        give_up_at = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError as exc:
                if time.monotonic() > give_up_at:
                    raise ZoneFileError(
                        f"{self._directory}: another run has been writing zone files there for {_LOCK_SECONDS} seconds"
                    ) from exc
                time.sleep(0.1)
            except OSError as exc:
                if exc.errno not in _NO_LOCKS:
                    raise ZoneFileError(f"the directory {self._directory} cannot be locked ({exc.strerror})") from exc
                self._module.warn(
                    f"{self._directory}: its file system cannot lock it ({exc.strerror}), so take care"
                    " that no other run writes there at the same time"
                )
                return False

    def _validate(self, command: str, *, zone: str, temporary: str) -> None:
        arguments = [part.replace("{zone}", zone).replace("%s", temporary) for part in shlex.split(command)]
        try:
            status, out, err = self._module.run_command(arguments, handle_exceptions=False)
        except OSError as exc:
            message = f"zone {zone}: validate: cannot run {arguments[0]} ({exc.strerror}); no zone file has changed"
            raise ZoneFileError(message, cmd=arguments, rc=exc.errno) from exc
        if status != 0:
            raise ZoneFileError(
                f"zone {zone}: {arguments[0]} refused the new file (status {status});"
                f" no zone file has changed: {(out + err).strip()}",
                cmd=arguments,
                rc=status,
                stdout=out,
                stderr=err,
            )

    def _must_still_hold(self, path: str, before: bytes | None) -> None:
        try:
            with open(path, "rb") as stream:
                present = stream.read()
        except FileNotFoundError:
            present = None
        if present != before:
            raise ZoneFileError(f"{path}: somebody else changed it while this task was running; run it again")


def _unwritten(zone: str, folder: str, error: OSError) -> ZoneFileError:
    return ZoneFileError(f"zone {zone}: cannot write in {folder} ({error.strerror}); no zone file has changed")


def _stem(path: str) -> str:
    """Return what the names of temporary files for ``path`` have in common."""
    # Cut, for a zone's name alone can be nearly as long as file systems allow.
    return os.path.basename(path)[:200]


def _link(path: str, other: str) -> bool:
    """Give a file another name; return whether that was possible."""
    try:
        os.link(path, other)
    except OSError:
        return False
    return True


def _umask() -> int:
    """Return the umask of this process, which can only be read by setting it."""
    umask = os.umask(0)
    os.umask(umask)
    return umask
