# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check found: a code from the catalogue, how bad it is, where, and what to do; and what none looked at."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

__all__ = ("SEVERITIES", "Finding", "Severity", "Unchecked", "at_least", "printable", "root_causes")

Severity = t.Literal["critical", "error", "warning", "notice"]

# From the worst down.
SEVERITIES: tuple[Severity, ...] = ("critical", "error", "warning", "notice")


@dataclass(frozen=True)
class Finding:
    """One finding of one check.

    :arg message: what is wrong, where, what it causes and what to do, in sentences.
    :arg server: the name server's name, where one is concerned.
    :arg address: its address, where one is concerned.
    :arg transport: udp or tcp, where it matters.
    :arg expected: what should have come, and ``got`` what came, as text.
    :arg reference: the RFC and section behind the check.
    :arg follows_from: codes of root causes: found at the same address, they make this finding needless.
    """

    code: str
    severity: Severity
    message: str
    server: str | None = None
    address: str | None = None
    transport: str | None = None
    expected: str | None = None
    got: str | None = None
    reference: str | None = None
    follows_from: frozenset[str] = frozenset()

    def result(self) -> dict[str, t.Any]:
        """Return the form that modules return."""
        result = asdict(self)
        del result["follows_from"]
        return result


@dataclass(frozen=True)
class Unchecked:
    """Something that was not checked, so that it neither passes nor fails.

    :arg text: what, and why.
    :arg codes: the checks that have looked at nothing because of it; those that have looked at something else are none.
    :arg why: the reason for one of the codes, where the text lists all of them.
    :arg chosen: it follows from the options of the task, and not from what was met.
    """

    text: str
    codes: frozenset[str] = frozenset()
    why: str = ""
    chosen: bool = False


def printable(text: str) -> str:
    """Return what a server sent as text that no terminal takes for a command."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "?" for each in text)


def at_least(severity: Severity, limit: Severity) -> bool:
    """Whether ``severity`` is as bad as ``limit`` or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(limit)


def root_causes(findings: t.Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that follow from another one which is as bad or worse."""
    return [
        finding
        for finding in findings
        if not any(
            cause.code in finding.follows_from
            and cause.address == finding.address
            and at_least(cause.severity, finding.severity)
            for cause in findings
        )
    ]
