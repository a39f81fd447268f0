# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built artifact: what is in it, and whether it works where it is installed."""

from __future__ import annotations

import os
import shutil
import tarfile
import typing as t
from pathlib import Path

from .counts import Counts
from .environments import Environment
from .paths import STATE
from .processes import CommandError, Log, child_environment, run
from .tree import copy_tree

__all__ = ("run_build",)

_USERS_NEED = {"LICENSES", "README.md", "docs", "meta", "playbooks", "plugins", "roles"}
_PUBLISHED = _USERS_NEED | {"CHANGELOG.md", "FILES.json", "MANIFEST.json", "changelogs"}


def run_build(environment: Environment, *, log: Log) -> Counts:
    """Build the artifact, look into it, install it into an empty folder and use it from there."""
    environment.ensure(log=log)
    tree = copy_tree("build")
    work = STATE / "build"
    shutil.rmtree(work, ignore_errors=True)
    installed = work / "collections"
    installed.mkdir(parents=True)
    env = child_environment(
        home=environment.home, path=[environment.bin], ANSIBLE_COLLECTIONS_PATH=str(installed), ANSIBLE_NOCOLOR="1"
    )

    def use(*command: str) -> str:
        return run([environment.bin / command[0], *command[1:]], log=log, cwd=work, env=env)[1]

    def build() -> None:
        use("ansible-galaxy", "collection", "build", str(tree.path), "--output-path", str(work))

    def inspect() -> None:
        [artifact] = work.glob("*.tar.gz")
        with tarfile.open(artifact) as archive:
            names = {member.name for member in archive.getmembers() if member.isfile()}
        _check_contents(names, tree.path)

    def install() -> None:
        [artifact] = work.glob("*.tar.gz")
        use("ansible-galaxy", "collection", "install", str(artifact), "--offline", "-p", str(installed))

    def playbook() -> None:
        use("ansible-playbook", "zonecut.dns.verify", "--syntax-check")

    def documentation() -> None:
        modules = sorted(path.stem for path in (tree.path / "plugins" / "modules").glob("*.py"))
        use("ansible-doc", "-t", "module", *(f"zonecut.dns.{module}" for module in modules))

    counts = Counts()
    for check in (build, inspect, install, playbook, documentation):
        counts += _attempt(check, log=log)
    return counts


def _attempt(check: t.Callable[[], None], *, log: Log) -> Counts:
    try:
        check()
    except (CommandError, ValueError) as error:
        log.say(f"{check.__name__}: {error}")
        return Counts(failed=1, notes=(f"failed: {check.__name__}: {error}",))
    return Counts(passed=1)


def _check_contents(names: set[str], tree: Path) -> None:
    surplus = sorted(name for name in names if name.split("/")[0] not in _PUBLISHED)
    surplus += sorted(name for name in names if name.startswith("changelogs/") and name != "changelogs/changelog.yaml")
    if surplus:
        raise ValueError(f"development files in the artifact: {', '.join(surplus)}")
    files = {
        str((Path(folder) / name).relative_to(tree)) for folder, _folders, found in os.walk(tree) for name in found
    }
    lacking = sorted(name for name in files - names if name.split("/")[0] in _USERS_NEED)
    if lacking:
        raise ValueError(f"not in the artifact: {', '.join(lacking)}")
