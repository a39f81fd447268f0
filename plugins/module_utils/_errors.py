# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every exception the collection raises on purpose; ``_module.run`` turns them into ``fail_json``."""

from __future__ import annotations

import sys
import typing as t
from dataclasses import dataclass

__all__ = (
    "DelegationError",
    "DescriptionError",
    "MissingLibraryError",
    "Problem",
    "QueryError",
    "RejectedKeyError",
    "StaleViewError",
    "UnknownOutcomeError",
    "UnverifiedReplyError",
    "ZoneFileError",
    "ZonecutError",
)

_SHOWN_LENGTH = 200


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what the user described.

    :arg rule: the rule that is broken, as a sentence a user can act on.
    :arg zone: the zone's name as text, or None when no zone is concerned.
    :arg where: the place in the zone: ``records[3] (www A)``, ``name_servers[1]``, ``soa.refresh``...
    :arg value: the offending value as the user wrote it.
    :arg code: the identifier by which a check can be allowed; None for what can never be allowed.
    """

    rule: str
    zone: str | None = None
    where: str | None = None
    value: object = None
    code: str | None = None

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.zone and f"zone {self.zone}", self.where) if part)
        value = repr(self.value)
        # A mapping in the wrong place can be a whole zone.
        value = value if len(value) <= _SHOWN_LENGTH else f"{value[:_SHOWN_LENGTH]}..."
        shown = "" if self.value is None else f"{value}: "
        code = f" [{self.code}]" if self.code else ""
        return f"{place}: {shown}{self.rule}{code}" if place else f"{shown}{self.rule}{code}"


class ZonecutError(Exception):
    """Base of all; ``details`` become return values of the failed task."""

    def __init__(self, message: str, **details: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class DescriptionError(ZonecutError):
    """What the user described cannot be used; nothing has been touched."""

    def __init__(self, problems: t.Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ZoneFileError(ZonecutError):
    """A zone file could not be read, parsed or written."""


class DelegationError(ZonecutError):
    """A parent could not be read or changed, or refused, or did not do what it said."""


class StaleViewError(DelegationError):
    """A parent changed nothing since it no longer held what was read from it; reading again may help."""


class UnknownOutcomeError(DelegationError):
    """Nobody can tell whether the parent made a change; only reading again can."""


class UnverifiedReplyError(UnknownOutcomeError):
    """A reply came whose signature does not hold; ``rcode`` is what it says all the same."""

    def __init__(self, message: str, *, rcode: str) -> None:
        super().__init__(message)
        self.rcode = rcode


class RejectedKeyError(DelegationError):
    """A parent does not take the key, or not for what was asked."""


class QueryError(ZonecutError):
    """A name server that had to answer did not, or its answer could not be used."""


class MissingLibraryError(ZonecutError):
    """A Python library is missing on the host that runs the module."""

    def __init__(self, *, name: str, purpose: str, import_traceback: str) -> None:
        super().__init__(
            f"The Python library {name} is needed to {purpose}, and {sys.executable} has not got it."
            f" Install it there, for example with: {sys.executable} -m pip install {name}",
            exception=import_traceback,
        )
