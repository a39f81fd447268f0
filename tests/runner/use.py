# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``./run demo``, ``bench`` and ``docs``: the collection as a user has it."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

from .environments import Environment, user_environment
from .interpreters import find_interpreters
from .paths import ROOT, STATE
from .processes import Log, child_environment, run
from .tree import Tree, copy_tree

__all__ = ("run_benchmarks", "run_demo", "show_documentation")

_BENCHMARKS = Path("tests") / "benchmarks"
_PACKAGE = "ansible_collections.zonecut.dns.tests.benchmarks"


def run_demo(arguments: t.Sequence[str]) -> t.NoReturn:
    """Become the demo."""
    environment, tree = _prepare("demo")
    script = tree.path / "playbooks" / "files" / "demo" / "demo.py"
    # A --directory among the arguments comes later and wins.
    command: list[str | Path] = [environment.bin / "python", script, "--directory", STATE / "demo", *arguments]
    _become(command, environment=environment, tree=tree, ZONECUT_DEMO_COMMAND="./run demo")


def run_benchmarks(names: t.Sequence[str], *, options: t.Sequence[str] = (), only_list: bool) -> int:
    """Run benchmarks by name, or all of them, with options of theirs; return the exit status: 0 when all ended well."""
    available = sorted(path.stem for path in (ROOT / _BENCHMARKS).glob("[!_]*.py"))
    there_are = f"there are {', '.join(available)}" if available else "there are none yet"
    for name in names:
        if name not in available:
            print(f"./run bench: no benchmark named {name}; {there_are}", file=sys.stderr)
            return 2
    if only_list or not available:
        print(there_are.capitalize())
        return 0
    environment, tree = _prepare("bench")
    log = Log(STATE / "log" / "bench.log", live=True)
    env = _environment(environment, tree)
    python: list[str | Path] = [environment.bin / "python", "-u", "-m"]
    statuses = [
        run([*python, f"{_PACKAGE}.{name}", *options], log=log, cwd=tree.path, env=env, check=False)[0]
        for name in names or available
    ]
    log.close()
    return max(statuses)


def show_documentation(names: t.Sequence[str]) -> t.NoReturn:
    """Become ansible-doc: list the modules, or show modules and roles by name."""
    environment, tree = _prepare("docs")
    command: list[str | Path] = [environment.bin / "ansible-doc"]
    if not names:
        command += ["--list", "zonecut.dns"]
    elif all((ROOT / "roles" / name).is_dir() for name in names):
        command += ["--type", "role", *(f"zonecut.dns.{name}" for name in names)]
    else:
        command += [f"zonecut.dns.{name}" for name in names]
    _become(command, environment=environment, tree=tree)


def _prepare(name: str) -> tuple[Environment, Tree]:
    environment = user_environment(find_interpreters())
    log = Log(STATE / "log" / f"{name}.log", live=True)
    environment.ensure(log=log)
    log.close()
    return environment, copy_tree(name)


def _environment(environment: Environment, tree: Tree, **variables: str) -> dict[str, str]:
    return child_environment(
        home=environment.home,
        path=[environment.bin],
        **variables,
        ANSIBLE_COLLECTIONS_PATH=str(tree.collections),
        PYTHONPATH=str(tree.collections),
    )


def _become(command: t.Sequence[str | Path], *, environment: Environment, tree: Tree, **variables: str) -> t.NoReturn:
    sys.stdout.flush()
    words = [str(word) for word in command]
    os.execve(words[0], words, _environment(environment, tree, **variables))
