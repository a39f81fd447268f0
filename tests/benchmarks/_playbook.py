# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks as a user runs them: one playbook on localhost, timed by a callback plugin."""

from __future__ import annotations

import json
import sys
import tempfile
import typing as t
from dataclasses import dataclass
from pathlib import Path

from ._measure import BenchmarkError, Measured, measure

__all__ = ("TaskTime", "run_module", "run_task")

_CALLBACKS = Path(__file__).parent / "callback_plugins"


@dataclass(frozen=True)
class TaskTime:
    """What a task took from its start to its result, and ``run`` what the whole of ansible-playbook did."""

    seconds: float
    run: Measured


def run_task(task: dict[str, t.Any], *, changes: bool, variables: Path | None = None) -> TaskTime:
    """Run a playbook of one task, which has to change something or not.

    :arg variables: a file for ``vars_files``.
    :raises BenchmarkError: when it fails or does otherwise.
    """
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "vars_files": [] if variables is None else [str(variables)],
        "tasks": [task],
    }
    with tempfile.TemporaryDirectory() as folder:
        playbook, times = Path(folder, "playbook.yml"), Path(folder, "times")
        # JSON is YAML.
        playbook.write_text(json.dumps([play]), encoding="utf-8")
        run = measure(
            [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", playbook],
            ANSIBLE_CALLBACK_PLUGINS=str(_CALLBACKS),
            ANSIBLE_CALLBACKS_ENABLED="task_times",
            ANSIBLE_RETRY_FILES_ENABLED="false",
            ZONECUT_TASK_TIMES=str(times),
        )
        (told,) = map(json.loads, times.read_text(encoding="utf-8").splitlines())
    if told["changed"] is not changes:
        raise BenchmarkError(f"the task should change {'something' if changes else 'nothing'}: {task}")
    return TaskTime(seconds=told["seconds"], run=run)


def run_module(arguments: dict[str, t.Any], *, module: str = "zone_files") -> Measured:
    """Run a module alone, as a process without Ansible around it, with all files on its own host.

    :raises BenchmarkError: when it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        parameters = Path(folder, "parameters.json")
        content = {"ANSIBLE_MODULE_ARGS": {**arguments, "remote_src": True}}
        parameters.write_text(json.dumps(content), encoding="utf-8")
        return measure([sys.executable, "-m", f"ansible_collections.zonecut.dns.plugins.modules.{module}", parameters])
