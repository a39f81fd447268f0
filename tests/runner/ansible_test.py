# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-test in local mode, on a copy of the tree."""

from __future__ import annotations

import os
import shutil
import typing as t
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .counts import Counts, count_integration, count_junit
from .environments import Environment
from .interpreters import PythonVersion, dotted
from .processes import Log, child_environment, run
from .tree import Tree, copy_tree

__all__ = ("AnsibleTest",)

_PIP_VERSION = (
    "from types import SimpleNamespace;"
    "from ansible_test._internal.python_requirements import get_venv_packages;"
    "print(get_venv_packages(SimpleNamespace(version='{python}'))['pip'])"
)
# They say the same with every ansible-core, or nearly so, and take most of the time.
_STYLE_TESTS = ("changelog", "pep8", "pylint", "yamllint")
_STAND_IN = Path(__file__).with_name("get_pip_stand_in.py")


@dataclass(frozen=True)
class AnsibleTest:
    """The ansible-test of ``environment``, which finds all ``interpreters``.

    Tests run in ``environment`` itself unless ``target`` names another one, in which ansible-core is not installed.
    ``name`` is the copy of the tree that it works on.
    """

    name: str
    environment: Environment
    interpreters: t.Mapping[PythonVersion, Path]
    target: Environment | None = None

    def sanity(self, log: Log, targets: t.Sequence[str], *, every_python: bool) -> Counts:
        """Run every sanity test on every Python, or those that depend on the release on that of the environment."""
        self._prepare(log)
        self._prepare_pip(log)
        options: list[str] = []
        if not every_python:
            options = ["--python", self._python]
            for style in _STYLE_TESTS:
                options += ["--skip-test", style]
        status, _output = self._run(log, "sanity", "--junit", *options, *targets)
        return _at_least_one_failure(count_junit(self._output / "junit"), status=status)

    def units(self, log: Log, targets: t.Sequence[str]) -> Counts:
        """Run the unit tests."""
        self._prepare(log)
        if os.environ.get("ZONECUT_NIGHTLY"):
            # See tests/unit/nightly.py.
            (self._tree / "tests" / "unit" / ".nightly").touch()
        # One process, for another stage runs at the same time, and each process has all to import and collect.
        status, _output = self._run(log, "units", "--python", self._python, "--num-workers", "1", *targets)
        return _at_least_one_failure(count_junit(self._output / "junit"), status=status)

    def integration(self, log: Log, targets: t.Sequence[str], *, leave_out: t.Sequence[str]) -> Counts:
        """Run integration targets; they install, start and stop the servers that they need.

        :arg leave_out: targets that run only when they are asked for.
        """
        self._prepare(log)
        # Targets that need root decide themselves whether they can run, so that a skipped one says what it lacks.
        options = ["--python", self._python, "--allow-destructive", "--allow-root"]
        options += [] if targets else [f"--exclude={target}" for target in leave_out]
        _status, listed = self._run(log, "integration", *options, "--list-targets", *targets)
        # Warnings of ansible-test stand among the names.
        known = {folder.name for folder in (self._tree / "tests" / "integration" / "targets").iterdir()}
        names = [line for line in listed.splitlines() if line in known]
        status, output = self._run(log, "integration", *options, "--continue-on-error", *targets)
        counts = count_integration(names, results=self._output / "data", output=output)
        return _at_least_one_failure(counts, status=status)

    @property
    def _tree(self) -> Path:
        return Tree(self.name).path

    @property
    def _output(self) -> Path:
        return self._tree / "tests" / "output"

    @property
    def _python(self) -> str:
        return dotted((self.target or self.environment).version)

    def _prepare(self, log: Log) -> None:
        self.environment.ensure(log=log)
        if self.target:
            self.target.ensure(log=log)
        copy_tree(self.name)

    def _run(self, log: Log, command: str, *arguments: str) -> tuple[int, str]:
        path = [self.target.bin] if self.target else []
        path += [self.environment.bin, *(interpreter.parent for interpreter in self.interpreters.values())]
        return run(
            [self.environment.bin / "ansible-test", command, "--local", "--color", "no", *arguments],
            log=log,
            cwd=self._tree,
            env=child_environment(home=self.environment.home, path=path),
            check=False,
        )

    def _prepare_pip(self, log: Log) -> None:
        # ansible-test downloads the script that installs pip from a host of its own, and fails without it.
        code = _PIP_VERSION.format(python=dotted(self.environment.version))
        env = child_environment(home=self.environment.home)
        version = run([self.environment.bin / "python", "-c", code], log=log, cwd=self._tree, env=env)[1].strip()
        cached = self.environment.home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
        if cached.exists():
            return
        cached.parent.mkdir(parents=True, exist_ok=True)
        url = f"https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"
        try:
            with urllib.request.urlopen(url, timeout=20) as response:
                script = response.read()
        except (urllib.error.URLError, TimeoutError) as error:
            log.say(f"Cannot download {url} ({error}): ensurepip and pip from the package index take its place.")
            shutil.copyfile(_STAND_IN, cached)
        else:
            cached.write_bytes(script)


def _at_least_one_failure(counts: Counts, *, status: int) -> Counts:
    if status != 0 and counts.failed == 0:
        return counts + Counts(failed=1, notes=(f"failed: ansible-test itself, with status {status}",))
    return counts
