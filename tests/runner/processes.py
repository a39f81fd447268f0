# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting programs: their output goes to a log file, and to the terminal when they run by themselves."""

from __future__ import annotations

import os
import shlex
import subprocess
import typing as t
from pathlib import Path

from .paths import STATE

__all__ = ("CommandError", "Log", "child_environment", "run")

_SETTINGS_OF_OTHERS = ("ANSIBLE_", "NOX", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "XDG_")


class CommandError(Exception):
    """A program exited with a status other than 0."""


class Log:
    """What a stage says: kept in the file ``path`` and, when ``live``, printed as it comes."""

    def __init__(self, path: Path, *, live: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._live = live
        self.path = path

    def say(self, text: str) -> None:
        """Write one line."""
        print(text, file=self._file, flush=True)
        if self._live:
            print(text, flush=True)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def child_environment(*, home: Path, path: t.Iterable[Path] = (), **extra: str) -> dict[str, str]:
    """The environment for a program: ``home`` is its home folder, ``path`` comes first on PATH."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS_OF_OTHERS)}
    inherited = [entry for entry in os.get_exec_path() if Path(entry).name != "shims"]
    return {
        **environment,
        "HOME": str(home),
        "PATH": os.pathsep.join(dict.fromkeys([*map(str, path), *inherited])),
        "PIP_CACHE_DIR": str(STATE / "cache" / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **extra,
    }


def run(
    command: t.Sequence[str | Path], *, log: Log, cwd: Path, env: t.Mapping[str, str], check: bool = True
) -> tuple[int, str]:
    """Run a program without input and return its exit status and output.

    :raises CommandError: when ``check`` is set and the status is not 0.
    """
    words = [str(word) for word in command]
    log.say(f"$ {shlex.join(words)}")
    lines = []
    with subprocess.Popen(
        words,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in t.cast(t.IO[str], process.stdout):
            lines.append(line)
            log.say(line.rstrip("\n"))
    if check and process.returncode != 0:
        raise CommandError(f"{Path(words[0]).name} exited with status {process.returncode}")
    return process.returncode, "".join(lines)
