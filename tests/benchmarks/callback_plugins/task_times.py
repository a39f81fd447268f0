# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long each task took, from its start to its result, to the file that ZONECUT_TASK_TIMES names."""

from __future__ import annotations

import json
import os
import time
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_times
type: notification
short_description: write how long each task took
description: Writes one JSON object a line, with the name of a task and its seconds.
"""


class CallbackModule(CallbackBase):
    """The clock runs where a user would look at it: in the controller, over all that one task takes."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "task_times"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._started = time.monotonic()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        seconds = time.monotonic() - self._started
        with open(os.environ["ZONECUT_TASK_TIMES"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"changed": result.is_changed(), "seconds": seconds}) + "\n")
