# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controller side of zonecut.dns.verify."""

from __future__ import annotations

import time
import typing as t

from ansible import constants as C
from ansible.utils.display import Display

from ansible_collections.zonecut.dns.plugins.module_utils._back_off import back_off
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.plugin_utils._description_action import DescriptionAction

# More zones and findings than these do not fit a screen beside the message.
_PRINTED = 8

display = Display()


class ActionModule(DescriptionAction):
    """Tells where the task is, keeps failures readable, and does the waiting of the module, which could show nothing
    while it runs: has it look at the zones once, tells what still fails, and has it look at those again.

    With async nobody looks on, and what a deadline cuts off needs the results of earlier looks, so the module waits by
    itself.
    """

    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        # Ansible prints all that a failed task returns: megabytes for thousands of zones, with the message lost in it.
        size = sum(1 + len(zone["findings"]) for zone in result.get("zones", ()))
        if result.get("failed") and size > _PRINTED and not self._is_read():
            del result["zones"]
            result["msg"] += "\nRegister the result, or use the option report, to have all findings."
        return result

    def _arguments(self) -> dict[str, t.Any]:
        return {**super()._arguments(), "_task": self._task.get_path()}

    def _is_read(self) -> bool:
        """Whether something in the play can read what the task returns when it fails."""
        if self._task.register:
            return True
        above = self._task._parent
        while above is not None:
            if getattr(above, "rescue", None):
                return True
            above = above._parent
        return False

    def _execute(self, arguments: dict[str, t.Any], task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        if self._task.async_val or arguments.get("deadline") is not None:
            return super()._execute(arguments, task_vars)
        started = time.monotonic()
        pauses = back_off()
        host = (task_vars or {}).get("inventory_hostname", "")
        if self._task.delegate_to:
            host = f"{host} -> {self._task.delegate_to}"
        of_all = {**arguments, "_look": 0}
        # A report is about all zones, so that looks at some of them write none.
        of_some = {name: value for name, value in arguments.items() if name != "report"}
        outcome = first = super()._execute(of_all, task_vars)
        merged = {zone["name"]: zone for zone in first.get("zones", ())}
        explained: set[str] = set()
        while True:
            failing = outcome.pop("_failing", None)
            left = 0 if failing is None else failing["wait"] - (time.monotonic() - started)
            if left <= 0:
                break
            pause = min(next(pauses), left)
            waited = format_duration(int(time.monotonic() - started))
            lines = _told(failing, zones=len(merged), waited=waited, pause=pause, explained=explained)
            if not self._task.no_log:
                _show(lines, host=host)
            time.sleep(pause)
            again = {**of_some, "only": failing["zones"], "_look": len(merged)}
            outcome = super()._execute(again, task_vars)
            if "zones" not in outcome:
                # The host or the module broke down, which says nothing of the zones.
                return outcome
            merged.update((zone["name"], zone) for zone in outcome["zones"])
        if outcome is not first and arguments.get("report"):
            last = {**of_all, "_waited": int(time.monotonic() - started)}
            outcome = super()._execute(last, task_vars)
            outcome.pop("_failing", None)
            if "zones" not in outcome:
                return outcome
            merged = {zone["name"]: zone for zone in outcome["zones"]}
            outcome["changed"] = outcome["changed"] or first["changed"]
        if merged:
            outcome["zones"] = list(merged.values())
        warnings = (*first.get("warnings", ()), *outcome.get("warnings", ()))
        if warnings:
            outcome["warnings"] = list(dict.fromkeys(warnings))
        return outcome


def _told(failing: dict[str, t.Any], *, zones: int, waited: str, pause: float, explained: set[str]) -> t.Iterator[str]:
    """Yield what still fails, and for each zone once what it may be that takes its time."""
    names = failing["zones"]
    what = names[0] if zones == 1 else f"{len(names)} of {zones} zones"
    verb = "fails" if len(names) == 1 else "fail"
    yield f"{what} {verb} after {waited}, next look in {format_duration(round(pause) or 1)}: {failing['lacks']}"
    for name, reason in failing["reasons"].items():
        if name not in explained:
            explained.add(name)
            yield reason


def _show(lines: t.Iterable[str], *, host: str) -> None:
    # Callbacks other than the usual one may write something for programs to standard output.
    aside = C.config.get_config_value("DEFAULT_STDOUT_CALLBACK") != "default"
    for line in lines:
        display.display(f"WAITING: [{host}]: {line}", color=C.config.get_config_value("COLOR_DEBUG"), stderr=aside)
