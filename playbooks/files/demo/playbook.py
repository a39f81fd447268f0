# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running ansible-playbook, and reading what it printed."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing as t

import yaml

__all__ = ["PlaybookRun", "TaskResult", "find_ansible_playbook", "run_playbook"]

_TASK = re.compile(r"TASK \[(?:[\w.]+ : )?(?P<name>.+)\] \*+$")
_RESULT = re.compile(r"(?P<status>ok|changed|skipping|failed|fatal): \[[^]]+\](?:: FAILED!)?(?P<data>.*)$")
_RECAP = re.compile(r"(?P<count>ok|changed|failed)=(?P<number>\d+)")


@dataclasses.dataclass(frozen=True)
class TaskResult:
    """What one task did: `status` is ok, changed, skipped or failed, `data` what it returned where that is printed."""

    name: str
    status: str
    data: dict[str, t.Any]

    @property
    def message(self) -> str:
        """Its msg, a line for each element where it is a list."""
        message = self.data.get("msg", "")
        return "\n".join(map(str, message)) if isinstance(message, list) else str(message)


@dataclasses.dataclass(frozen=True)
class PlaybookRun:
    """One run: exit status, the tasks that did something, and the counts of the recap."""

    status: int
    tasks: list[TaskResult]
    counts: dict[str, int]


def find_ansible_playbook() -> str | None:
    """The program that belongs to this Python, or else the first in PATH."""
    beside = pathlib.Path(sys.executable).with_name("ansible-playbook")
    return str(beside) if beside.exists() else shutil.which("ansible-playbook")


def run_playbook(arguments: t.Sequence[str], *, directory: pathlib.Path, log: pathlib.Path) -> PlaybookRun:
    """Run ansible-playbook in `directory`; all that it prints goes to `log`."""
    program = find_ansible_playbook()
    assert program is not None
    # Settings of the user's own, such as another callback, would print what read_output does not know.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment["ANSIBLE_CONFIG"] = str(directory / "ansible.cfg")
    with log.open("w", encoding="utf-8") as stream:
        status = subprocess.run(
            [program, *arguments],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    return read_output(log.read_text(encoding="utf-8"), status=status)


def read_output(output: str, *, status: int) -> PlaybookRun:
    """Read what the default callback prints with callback_result_format=yaml."""
    tasks: list[TaskResult] = []
    counts: dict[str, int] = {}
    name = ""
    lines = output.splitlines()
    for number, line in enumerate(lines):
        task = _TASK.match(line)
        if task:
            name = task["name"]
            continue
        result = _RESULT.match(line)
        if result:
            tasks.append(TaskResult(name, _STATUSES[result["status"]], _returned(result["data"], lines[number + 1 :])))
        elif " : ok=" in line:
            for count in _RECAP.finditer(line):
                counts[count["count"]] = counts.get(count["count"], 0) + int(count["number"])
    return PlaybookRun(status=status, tasks=tasks, counts=counts)


_STATUSES = {"ok": "ok", "changed": "changed", "skipping": "skipped", "failed": "failed", "fatal": "failed"}


def _returned(data: str, following: list[str]) -> dict[str, t.Any]:
    """The YAML block after `=>`."""
    if not data.rstrip().endswith("=>"):
        return {}
    block = []
    for line in following:
        if line and not line.startswith("    "):
            break
        block.append(line)
    result = yaml.safe_load("\n".join(block))
    return result if isinstance(result, dict) else {}
