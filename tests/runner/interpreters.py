# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python interpreters of this machine, and the ansible-core releases that they can run."""

from __future__ import annotations

import os
import re
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

__all__ = ("CORE_RELEASES", "OLDEST_TARGET", "CoreRelease", "PythonVersion", "dotted", "find_interpreters")

PythonVersion = tuple[int, int]

OLDEST_TARGET: PythonVersion = (3, 9)

_PROBE = "import ensurepip, sys, venv; print(*sys.version_info[:2])"


def dotted(version: PythonVersion) -> str:
    """The version as people write it."""
    return f"{version[0]}.{version[1]}"


@dataclass(frozen=True)
class CoreRelease:
    """An ansible-core release to test, with the controller Pythons it supports.

    ``preference`` says which of several suitable interpreters to take, so that the releases spread over them.
    """

    version: str
    oldest_python: PythonVersion
    newest_python: PythonVersion
    preference: t.Literal["oldest", "newest"]

    @property
    def need(self) -> str:
        """What an interpreter must be like to run it."""
        oldest, newest = dotted(self.oldest_python), dotted(self.newest_python)
        return f"ansible-core {self.version} needs Python {oldest} to {newest} with its venv module"

    def pick(self, interpreters: t.Mapping[PythonVersion, Path]) -> PythonVersion | None:
        """The interpreter to run this release with, or None when none suits."""
        suitable = [version for version in interpreters if self.oldest_python <= version <= self.newest_python]
        if not suitable:
            return None
        return min(suitable) if self.preference == "oldest" else max(suitable)


CORE_RELEASES = (
    CoreRelease(version="2.16", oldest_python=(3, 10), newest_python=(3, 12), preference="oldest"),
    CoreRelease(version="2.19", oldest_python=(3, 11), newest_python=(3, 13), preference="oldest"),
    CoreRelease(version="2.21", oldest_python=(3, 12), newest_python=(3, 14), preference="newest"),
)


def find_interpreters() -> dict[PythonVersion, Path]:
    """Every Python from OLDEST_TARGET on that can make virtual environments: on PATH first, then pyenv's."""
    found: dict[PythonVersion, Path] = {}
    for folder in _folders():
        for path in sorted(folder.glob("python3.*")):
            if re.fullmatch(r"python3\.\d+", path.name) and (version := _probe(path)) and version not in found:
                found[version] = path
    return {version: found[version] for version in sorted(found) if version >= OLDEST_TARGET}


def _folders() -> list[Path]:
    # A pyenv shim exits with 127 for each version that is not the selected one, so only the real folders count.
    on_path = [Path(entry) for entry in os.get_exec_path() if Path(entry).name != "shims"]
    by_pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    by_version = sorted(by_pyenv.glob("*/bin"), key=_patch_level, reverse=True) if _is_readable(by_pyenv) else []
    return [folder for folder in on_path + by_version if _is_readable(folder)]


def _is_readable(folder: Path) -> bool:
    # After su, the environment names folders of another user.
    return os.access(folder, os.R_OK | os.X_OK)


def _patch_level(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", folder.parent.name)]


def _probe(path: Path) -> PythonVersion | None:
    try:
        result = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return None
    if result.returncode != 0:
        return None
    major, minor = result.stdout.split()
    return int(major), int(minor)
