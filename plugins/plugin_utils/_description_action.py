# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's half of every module that reads a description: finds the files it names and sends what is needed."""

from __future__ import annotations

import json
import os
import tempfile
import typing as t

from ansible.errors import AnsibleActionFail, AnsibleFileNotFound
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._included_files import IncludingFile, including_file
from ansible_collections.zonecut.dns.plugins.module_utils._sources import description_digest, read_description

__all__ = ("DescriptionAction",)


class DescriptionAction(ActionBase):
    """Runs the module of the same name with the files of its description in place.

    ``zones_from`` and the ``src`` of zones are looked up like the ``src`` of ansible.builtin.copy. The module is told
    their digests; only when it asks for their content they are sent, with what they include, and it runs again.
    """

    # Whether the module reads the files that ``src`` names, or only the rest of the description.
    reads_src: bool = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = self._arguments()
        found: dict[str, IncludingFile] = {}
        located: dict[str, dict[str, t.Any]] = {}
        if not boolean(arguments.get("remote_src", False), strict=False):
            found = self._find_sources(arguments)
            located.update((written, self._located(source)) for written, source in found.items())
            arguments["_sources"] = located
        if self._task.async_val:
            # A module that is left to itself cannot ask for files.
            for written, told in located.items():
                told["path"] = told["path"] or self._send(found[written].path)
        # Once as it is, once for zones_from and once for the files that zones_from leads to.
        for _attempt in range(3):
            outcome = self._execute(arguments, task_vars)
            wanted = t.cast("list[str]", outcome.pop("_wanted", []))
            if not wanted:
                break
            for written in wanted:
                located[written]["path"] = self._send(found[written].path)
        result.update(outcome)
        return result

    def _arguments(self) -> dict[str, t.Any]:
        """Return what the module is given besides ``_sources``."""
        return dict(self._task.args)

    def _execute(self, arguments: dict[str, t.Any], task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        """Run the module once with everything that is there, and return its result."""
        result: dict[str, t.Any] = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=bool(self._task.async_val)
        )
        return result

    def _located(self, source: IncludingFile) -> dict[str, t.Any]:
        """Return what the module is told of a file (see ``_sources.Sources``)."""
        told: dict[str, t.Any] = {"digest": source.digest, "path": source.path if self._is_same_host() else None}
        if source.included:
            told.update(found=source.path, included=list(source.included))
        return told

    def _find_sources(self, arguments: dict[str, t.Any]) -> dict[str, IncludingFile]:
        """Return each file of the description and those that it includes, by its path as the module has it."""
        try:
            found: dict[str, IncludingFile] = {}
            folder = None
            described: t.Any = arguments.get("zones")
            zones_from = arguments.get("zones_from")
            if isinstance(zones_from, str):
                path = self._find(zones_from)
                # The module's host would expand ~ and variables in its own way.
                arguments["zones_from"] = path
                found[path] = IncludingFile(path=path, digest=description_digest(path), included=())
                folder = path if os.path.isdir(path) else os.path.dirname(path)
                described = read_description(path) if self.reads_src and _may_name_src(path) else None
            if self.reads_src and isinstance(described, list):
                for zone, written in _named_sources(described):
                    source = found[written] = self._find_source(zone, written, folder=folder)
                    for included in source.included:
                        # Of these only the path is used, for the digest of the source is of them all.
                        found.setdefault(included, IncludingFile(path=included, digest=source.digest, included=()))
        except ZonecutError as exc:
            # Ansible would append the message of the cause, which is the same.
            raise AnsibleActionFail(exc.message) from None
        return found

    def _find_source(self, zone: str | None, written: str, *, folder: str | None) -> IncludingFile:
        try:
            return including_file(self._find(written, folder=folder))
        except (AnsibleFileNotFound, ZonecutError) as exc:
            raise DescriptionError([Problem(zone=zone, where="src", rule=exc.message)]) from exc

    def _find(self, written: str, *, folder: str | None = None) -> str:
        if folder is not None and os.path.exists(beside := os.path.join(folder, written)):
            return beside
        return str(self._find_needle("files", written))

    def _is_same_host(self) -> bool:
        return self._connection.transport == "local" and self._connection.become is None

    def _send(self, path: str) -> str:
        """Copy a file, or a folder of descriptions as one JSON file, to the module's host; return its path there."""
        if self._connection._shell.tmpdir is None:
            self._make_tmp_path()
        suffix = ".json" if os.path.isdir(path) else os.path.splitext(path)[1]
        remote = self._connection._shell.join_path(
            self._connection._shell.tmpdir, f"description-{description_digest(path)[:16]}{suffix}"
        )
        if os.path.isdir(path):
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=suffix) as stream:
                try:
                    json.dump(read_description(path), stream)
                except TypeError as exc:
                    # YAML takes 2026-01-01 for a date.
                    raise AnsibleActionFail(f"{path}: put each date in it in quotes ({exc})") from exc
                stream.flush()
                self._transfer_file(stream.name, remote)
        else:
            self._transfer_file(path, remote)
        self._fixup_perms2((self._connection._shell.tmpdir, remote))
        return str(remote)


def _named_sources(described: t.Sequence[object]) -> t.Iterator[tuple[str | None, str]]:
    """Yield the name of each zone that has a ``src``, and that."""
    for zone in described:
        if isinstance(zone, dict) and isinstance(zone.get("src"), str) and zone["src"]:
            yield zone.get("name"), zone["src"]


def _may_name_src(path: str) -> bool:
    # Parsing 50,000 zones here only to learn that none has a src would double the time of a run.
    paths = [os.path.join(path, name) for name in os.listdir(path)] if os.path.isdir(path) else [path]
    for each in paths:
        if os.path.isfile(each):
            with open(each, "rb") as stream:
                if b"src" in stream.read():
                    return True
    return False
