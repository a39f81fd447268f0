# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of noxfile.py, on a copy of the tree."""

from __future__ import annotations

import typing as t

from .counts import Counts, count_nox
from .environments import Environment
from .paths import STATE
from .processes import Log, child_environment, run
from .tree import copy_tree

__all__ = ("run_sessions",)


def run_sessions(environment: Environment, *, sessions: t.Sequence[str], name: str, log: Log) -> Counts:
    """Run sessions one after another."""
    environment.ensure(log=log)
    tree = copy_tree(name).path
    report = STATE / "nox" / f"{name}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    # With CI=true formatters only check.
    env = child_environment(
        home=environment.home,
        path=[environment.bin],
        ANSIBLE_HOME=str(environment.home / ".ansible"),
        ANTSIBULL_NOX_INSTALL_COLLECTIONS="never",
        CI="true",
    )
    options = [
        "--envdir",
        str(STATE / "nox" / name),
        "--reuse-venv",
        "yes",
        "--report",
        str(report),
        "--nocolor",
        "--script-mode",
        "none",
    ]
    status, _output = run(
        [environment.bin / "nox", *options, "--sessions", *sessions], log=log, cwd=tree, env=env, check=False
    )
    counts = count_nox(report) if report.exists() else Counts()
    if status != 0 and counts.failed == 0:
        return counts + Counts(failed=1, notes=(f"failed: nox itself, with status {status}",))
    return counts
