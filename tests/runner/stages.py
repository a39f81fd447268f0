# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of ``./run test``."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

from .ansible_test import AnsibleTest
from .artifact import run_build
from .counts import Counts
from .environments import (
    NoInterpreterError,
    ansible_environment,
    newest_release,
    nox_environment,
    target_environment,
    user_environment,
)
from .interpreters import CORE_RELEASES, CoreRelease, PythonVersion, dotted
from .nox_sessions import run_sessions
from .processes import Log

__all__ = ("LeftOut", "Stage", "plan_stages")

_LINT_SESSIONS = ("antsibull-nox-config", "formatters", "codeqa", "yamllint", "shellcheck", "typing")
_DOCS_SESSIONS = ("docs-check", "license-check", "extra-checks", "changelog-lint")
_TARGET_TESTS = "tests/unit/plugins/module_utils/"
# What meets ansible-core. The rest knows nothing of it, and is tried with the newest Python, and with the oldest on a
# target.
_TESTS_OF_PLUGINS = (
    *(f"tests/unit/plugins/{kind}/" for kind in ("action", "filter", "modules", "plugin_utils", "test")),
    *(f"{_TARGET_TESTS}test__files{part}.py" for part in ("", "_crash")),
)
# Here modules and name servers do the same with every ansible-core, and what differs (roles, playbooks, options and the
# way of files to the target) is in the other targets, where zones are written, pushed and looked up as well.
_ONCE_IS_ENOUGH = (
    "delegations",
    "delegations_epp",
    "delegations_gss",
    "delegations_octodns",
    "delegations_powerdns",
    "dynamic_zones",
    "name_servers",
    "verify",
    "verify_dnssec",
    "verify_reports",
    "zones_info",
)


@dataclass(frozen=True)
class Stage:
    """A stage of the given kind; ``work`` runs it, narrowed down to targets (names or paths) where it takes them.

    Stages ``in_turn`` bind the same addresses, so that no two of them run at a time.
    """

    kind: t.Literal["sanity", "units", "lint", "docs", "build", "integration"]
    name: str
    detail: str
    work: t.Callable[[Log, t.Sequence[str]], Counts]
    in_turn: bool = False
    takes_targets: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A stage that this machine cannot run, and why."""

    name: str
    reason: str


def plan_stages(interpreters: t.Mapping[PythonVersion, Path]) -> tuple[list[Stage], list[LeftOut]]:
    """All stages that the interpreters allow, in the order to start them, and those that they do not allow.

    :raises NoInterpreterError: when they allow no ansible-core release at all.
    """
    releases = [release for release in CORE_RELEASES if release.pick(interpreters)]
    newest = newest_release(interpreters)
    stages = [_sanity(release, interpreters, every_python=release is newest) for release in releases]
    stages += [_nox("lint", _LINT_SESSIONS, interpreters), _nox("docs", _DOCS_SESSIONS, interpreters)]
    stages += [
        _units(release, interpreters, tests=() if release is newest else _TESTS_OF_PLUGINS) for release in releases
    ]
    left_out = [
        LeftOut(f"{kind}-{release.version}", release.need)
        for release in CORE_RELEASES
        if release not in releases
        for kind in ("sanity", "units")
    ]
    try:
        stages.append(_units_target(newest, interpreters))
    except NoInterpreterError as error:
        left_out.append(LeftOut("units-target", str(error)))
    stages.append(_build(interpreters))
    stages += [
        _integration(release, interpreters, leave_out=() if release is newest else _ONCE_IS_ENOUGH)
        for release in dict.fromkeys((releases[0], newest))
    ]
    return stages, left_out


def _sanity(release: CoreRelease, interpreters: t.Mapping[PythonVersion, Path], *, every_python: bool) -> Stage:
    test = AnsibleTest(f"sanity-{release.version}", ansible_environment(release, interpreters), interpreters)

    def work(log: Log, targets: t.Sequence[str]) -> Counts:
        return test.sanity(log, targets, every_python=every_python)

    # Which Pythons take the code depends little on the release, and much time on how many there are.
    pythons = "every Python" if every_python else f"Python {dotted(test.environment.version)} without tests of style"
    return Stage(
        kind="sanity",
        name=test.name,
        detail=f"ansible-core {release.version}, {pythons}",
        work=work,
        takes_targets=True,
    )


def _units(release: CoreRelease, interpreters: t.Mapping[PythonVersion, Path], *, tests: t.Sequence[str]) -> Stage:
    test = AnsibleTest(f"units-{release.version}", ansible_environment(release, interpreters), interpreters)

    def work(log: Log, targets: t.Sequence[str]) -> Counts:
        return test.units(log, targets or tests)

    only = ", only those of plugins" if tests else ""
    detail = f"ansible-core {release.version}, {_examples_on(test.environment.version)}{only}"
    return Stage(kind="units", name=test.name, detail=detail, work=work, takes_targets=True)


def _examples_on(python: PythonVersion) -> str:
    # tests/unit/conftest.py
    fewer = " with a fifth of the examples of property tests" if python < (3, 12) else ""
    return f"Python {dotted(python)}{fewer}"


def _integration(
    release: CoreRelease, interpreters: t.Mapping[PythonVersion, Path], *, leave_out: t.Sequence[str]
) -> Stage:
    test = AnsibleTest(f"integration-{release.version}", ansible_environment(release, interpreters), interpreters)

    def work(log: Log, targets: t.Sequence[str]) -> Counts:
        return test.integration(log, targets, leave_out=leave_out)

    without = f" without {', '.join(leave_out)}" if leave_out else ""
    detail = f"ansible-core {release.version}, Python {dotted(test.environment.version)}{without}"
    return Stage(kind="integration", name=test.name, detail=detail, work=work, in_turn=True, takes_targets=True)


def _units_target(release: CoreRelease, interpreters: t.Mapping[PythonVersion, Path]) -> Stage:
    target = target_environment(interpreters)
    test = AnsibleTest("units-target", ansible_environment(release, interpreters), interpreters, target=target)

    def work(log: Log, targets: t.Sequence[str]) -> Counts:
        return test.units(log, targets or [_TARGET_TESTS])

    detail = f"module_utils with {target.requirements[0]}, {_examples_on(target.version)}"
    return Stage(kind="units", name=test.name, detail=detail, work=work, takes_targets=True)


def _nox(
    name: t.Literal["lint", "docs"], sessions: t.Sequence[str], interpreters: t.Mapping[PythonVersion, Path]
) -> Stage:
    nox = nox_environment(interpreters)

    def work(log: Log, _targets: t.Sequence[str]) -> Counts:
        return run_sessions(nox, sessions=sessions, name=name, log=log)

    return Stage(kind=name, name=name, detail=f"nox: {', '.join(sessions)}", work=work)


def _build(interpreters: t.Mapping[PythonVersion, Path]) -> Stage:
    user = user_environment(interpreters)

    def work(log: Log, _targets: t.Sequence[str]) -> Counts:
        return run_build(user, log=log)

    detail = f"artifact built, inspected, installed and used on Python {dotted(user.version)}"
    return Stage(kind="build", name="build", detail=detail, work=work)
