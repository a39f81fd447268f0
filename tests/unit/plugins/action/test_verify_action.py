# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting on the controller: what is asked again, what is shown, when it ends, and how much is left to print."""

from __future__ import annotations

import types
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.zonecut.dns.plugins.action import verify

Outcome = dict[str, t.Any]


class Scene:
    """A module with scripted outcomes, a clock that only pauses move, and a screen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome, callback: str = "default") -> None:
        self.outcomes = list(outcomes)
        self.runs: list[dict[str, t.Any]] = []
        self.background: list[bool] = []
        self.pauses: list[float] = []
        self.shown: list[str] = []
        self.aside: set[bool] = set()
        self.now = 100.0
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(verify, "time", types.SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep))
        monkeypatch.setattr(verify, "display", types.SimpleNamespace(display=self._display))
        config = {"DEFAULT_STDOUT_CALLBACK": callback, "COLOR_DEBUG": "dark gray"}
        monkeypatch.setattr(
            verify, "C", types.SimpleNamespace(config=types.SimpleNamespace(get_config_value=config.__getitem__))
        )

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def _display(self, text: str, *, color: str, stderr: bool) -> None:
        self.shown.append(text)
        self.aside.add(stderr)

    def run(
        self, *, asynchronous: int = 0, no_log: bool = False, delegate: str | None = None, **given: t.Any
    ) -> Outcome:
        task: t.Any = types.SimpleNamespace(
            args={"zones": ["a.example", "b.example"], **given},
            async_val=asynchronous,
            check_mode=False,
            action="zonecut.dns.verify",
            no_log=no_log,
            delegate_to=delegate,
            get_search_path=list,
            get_path=lambda: "/srv/site.yml:7",
        )
        connection: t.Any = types.SimpleNamespace(
            transport="ssh", become=None, _shell=types.SimpleNamespace(tmpdir=None)
        )
        unused: t.Any = None
        action = verify.ActionModule(task, connection, unused, DataLoader(), unused, unused)

        def execute(*, module_args: dict[str, t.Any], task_vars: object, wrap_async: bool) -> Outcome:
            self.runs.append(module_args)
            self.background.append(wrap_async)
            return self.outcomes.pop(0)

        self._monkeypatch.setattr(action, "_execute_module", execute)
        return action.run(task_vars={"inventory_hostname": "web"})


def passed(*names: str, **more: t.Any) -> Outcome:
    return {"changed": False, "zones": [{"name": name, "passed": True, "findings": []} for name in names], **more}


def failing(*names: str, among: t.Sequence[str] = (), wait: int = 60, **more: t.Any) -> Outcome:
    zones = [{"name": name, "passed": name not in names, "findings": []} for name in among or names]
    reasons = {name: f"{name} takes its time." for name in names[:1]}
    told = {"zones": list(names), "lacks": f"{names[0]} lacks", "reasons": reasons, "wait": wait}
    return {"changed": False, "failed": True, "msg": "fails", "zones": zones, "_failing": told, **more}


BOTH = ("a.example", "b.example")


def test_only_what_fails_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, failing(*BOTH), failing("b.example"), passed("b.example"))
    scene.outcomes[1]["zones"] = passed("b.example", "a.example")["zones"]
    result = scene.run(only=["b.example", "a.example"])
    assert [run["only"] for run in scene.runs] == [["b.example", "a.example"], list(BOTH), ["b.example"]]
    assert [run["_look"] for run in scene.runs] == [0, 2, 2]
    assert "failed" not in result and "_failing" not in result
    assert result["zones"] == passed(*BOTH)["zones"]


def test_each_look_is_shown_and_each_reason_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, failing("a.example", among=BOTH), failing("a.example"), passed("a.example"))
    scene.run()
    assert scene.shown == [
        "WAITING: [web]: 1 of 2 zones fails after 0s, next look in 1s: a.example lacks",
        "WAITING: [web]: a.example takes its time.",
        "WAITING: [web]: 1 of 2 zones fails after 1s, next look in 2s: a.example lacks",
    ]
    assert scene.aside == {False}


def test_a_single_zone_is_named_and_so_is_the_host_that_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, failing("a.example"), passed("a.example"))
    scene.run(delegate="elsewhere")
    assert scene.shown[0].startswith("WAITING: [web -> elsewhere]: a.example fails after 0s, ")


def test_the_limit_holds_and_the_last_look_is_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, *(failing("a.example", wait=100) for _look in range(9)))
    result = scene.run()
    assert scene.pauses == [1, 2, 4, 8, 16, 30, 30, 9]
    assert (result["failed"], result["msg"]) == (True, "fails") and "_failing" not in result


def test_no_wait_means_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = failing("a.example")
    del outcome["_failing"]
    scene = Scene(monkeypatch, outcome)
    assert scene.run()["failed"]
    assert (len(scene.runs), scene.shown) == (1, [])


def test_other_callbacks_get_it_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, failing("a.example"), passed("a.example"), callback="json")
    scene.run()
    assert scene.aside == {True}


def test_what_must_not_be_logged_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, failing("a.example"), passed("a.example"))
    scene.run(no_log=True)
    assert (scene.shown, scene.pauses) == ([], [1])


def test_a_module_that_breaks_down_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"failed": True, "msg": "MODULE FAILURE"}
    scene = Scene(monkeypatch, failing(*BOTH), broken)
    assert scene.run() == broken


def test_warnings_of_the_first_look_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    first = failing("a.example", warnings=["no route", "old"])
    scene = Scene(monkeypatch, first, passed("a.example", warnings=["old", "new"]))
    assert scene.run()["warnings"] == ["no route", "old", "new"]


def test_with_async_the_module_waits_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, {"ansible_job_id": "1.2", "started": 1})
    assert scene.run(asynchronous=60)["ansible_job_id"] == "1.2"
    assert scene.background == [True] and "_look" not in scene.runs[0]


def test_a_deadline_is_for_the_module_that_knows_what_it_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, failing("a.example"))
    scene.run(deadline="1m")
    assert len(scene.runs) == 1 and "_look" not in scene.runs[0]


def test_a_report_is_of_all_zones_and_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {**failing("a.example", among=BOTH), "changed": True}
    scene = Scene(monkeypatch, first, passed("a.example"), passed(*BOTH))
    report = {"html": "/srv/zones.html"}
    result = scene.run(report=report, only=list(BOTH))
    assert [run.get("report") for run in scene.runs] == [report, None, report]
    assert [run["only"] for run in scene.runs] == [list(BOTH), ["a.example"], list(BOTH)]
    assert [run.get("_waited") for run in scene.runs] == [None, None, 1]
    assert scene.runs[2]["_look"] == 0
    assert result["changed"] and result["zones"] == passed(*BOTH)["zones"]


def test_a_single_look_has_written_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, passed(*BOTH))
    scene.run(report={"html": "/srv/zones.html"})
    assert len(scene.runs) == 1


def test_what_fails_in_the_last_look_fails_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    last = failing("b.example", among=BOTH)
    scene = Scene(monkeypatch, failing("a.example", among=BOTH), passed("a.example"), last)
    result = scene.run(report={"html": "/srv/zones.html"})
    assert (result["failed"], result["zones"]) == (True, last["zones"]) and "_failing" not in result


def outcome(*, zones: int, failed: bool = True, register: str | None = None, rescue: bool = False) -> dict[str, t.Any]:
    """Return what a task gives whose module returns so many zones."""
    play = types.SimpleNamespace(_parent=None, rescue=["a task"] if rescue else [])
    block = types.SimpleNamespace(_parent=play)
    task: t.Any = types.SimpleNamespace(
        args={"zones": ["a.example"]},
        async_val=0,
        check_mode=False,
        action="x",
        register=register,
        get_path=lambda: "/srv/site.yml:7",
        delegate_to=None,
        _parent=block,
    )
    shell = types.SimpleNamespace(tmpdir="/tmp/x")
    connection: t.Any = types.SimpleNamespace(transport="local", become=None, _shell=shell)
    unused: t.Any = None
    action = verify.ActionModule(task, connection, unused, DataLoader(), unused, unused)
    module = {
        "failed": failed,
        "msg": "Many fail.",
        "zones": [{"name": f"{n}.example", "findings": []} for n in range(zones)],
    }

    def execute(*, module_args: dict[str, t.Any], task_vars: object, wrap_async: bool) -> dict[str, t.Any]:
        assert module_args["_task"] == "/srv/site.yml:7"
        return module

    action._execute_module = execute  # type: ignore[method-assign,assignment]
    return action.run()


def test_a_failure_that_nobody_reads_is_its_message_alone() -> None:
    result = outcome(zones=10000)
    assert "zones" not in result
    assert result["msg"] == "Many fail.\nRegister the result, or use the option report, to have all findings."


@pytest.mark.parametrize(
    "given",
    [
        {"zones": 8},
        {"zones": 9, "failed": False},
        {"zones": 9, "register": "verified"},
        {"zones": 9, "rescue": True},
    ],
    ids=["few zones", "not failed", "registered", "rescued"],
)
def test_the_zones_stay_where_they_are_read_or_few(given: dict[str, t.Any]) -> None:
    result = outcome(**given)
    assert len(result["zones"]) == given["zones"]
    assert result["msg"] == "Many fail."
