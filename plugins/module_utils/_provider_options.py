# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options in a form of somebody else, where nothing but their names tells which are secret."""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem

__all__ = ("ProviderOptions", "provider_options")

_FROM_ENVIRONMENT = "env/"
_SECRET_NAME = re.compile(
    r"secret|token|pass|pwd|key|bearer|hmac|jwt|session|private|(?<![a-z])sk(?![a-z])", re.IGNORECASE
)
_SECRET_UNLESS_OPEN = re.compile(r"credential|auth|cert|sign|pin$|otp$", re.IGNORECASE)
_OPEN_NAME = re.compile(r"_(file|path|url|id)$", re.IGNORECASE)
# What TSIG sends in clear text (RFC 8945 section 4.2).
_NO_SECRETS = frozenset(("key_name", "key_algorithm"))
# Of a URL only the server: its path, its query and what is before "@" may each be all that it takes to get in.
_PLAIN_VALUE = re.compile(r"(?=.{1,64}$)([a-z][a-z0-9+.-]*://[a-z0-9.:-]+/?|(?!.*//)[a-z0-9._:/-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class ProviderOptions:
    """The options with what came from the environment, and the texts among their values.

    :arg secret: what nobody may see.
    :arg plain: what may be seen: numbers, and words such as addresses and names under a name that promises no secret.
        Hiding these would make other text unreadable, since Ansible hides a value wherever it occurs.
    """

    given: t.Mapping[str, t.Any]
    secret: frozenset[str]
    plain: frozenset[str]


def provider_options(given: t.Mapping[str, t.Any], *, environment: t.Mapping[str, str], where: str) -> ProviderOptions:
    """Return the options, with ``env/NAME`` and ``env/NAME/DEFAULT`` replaced as octoDNS does it: numbers as such.

    :raises DescriptionError: for what the environment has not got.
    """
    found = _Found(environment, where)
    resolved = found.walk(given, ())
    if found.problems:
        raise DescriptionError(found.problems)
    return ProviderOptions(resolved, frozenset(found.secret), frozenset(found.plain - found.secret))


class _Found:
    """What shows while the options are walked through."""

    def __init__(self, environment: t.Mapping[str, str], where: str) -> None:
        self._environment = environment
        self._where = where
        self.secret: set[str] = set()
        self.plain: set[str] = set()
        self.problems: list[Problem] = []

    def walk(self, value: t.Any, path: tuple[str, ...]) -> t.Any:
        """Return a value without references to the environment."""
        if isinstance(value, dict):
            return {key: self.walk(part, (*path, f"{key}")) for key, part in value.items()}
        if isinstance(value, list):
            return [self.walk(part, path) for part in value]
        if isinstance(value, str) and value.startswith(_FROM_ENVIRONMENT):
            return self._look_up(value, path)
        if value is not None and not isinstance(value, bool):
            self._note(f"{value}", path, number=not isinstance(value, str))
        return value

    def _look_up(self, reference: str, path: tuple[str, ...]) -> t.Any:
        name, slash, default = reference[len(_FROM_ENVIRONMENT) :].partition("/")
        if not slash:
            self.plain.add(reference)
        text = self._environment.get(name, default if slash else None)
        if text is None:
            place = f"{self._where}.{'.'.join(path)}"
            self.problems.append(Problem(where=place, rule=f"the environment has no variable {name}"))
            return None
        value: t.Any = text
        with suppress(ValueError):
            value = float(text) if "." in text else int(text)
        # Both are what a library may tell.
        for form in dict.fromkeys((text, f"{value}")):
            self._note(form, path, number=not isinstance(value, str))
        return value

    def _note(self, text: str, path: tuple[str, ...], *, number: bool) -> None:
        secret = any(_promises_secret(name) for name in path)
        if not secret and (number or _PLAIN_VALUE.fullmatch(text)):
            self.plain.add(text)
        elif text:
            self.secret.add(text)


def _promises_secret(name: str) -> bool:
    if name in _NO_SECRETS:
        return False
    return bool(_SECRET_NAME.search(name) or (_SECRET_UNLESS_OPEN.search(name) and not _OPEN_NAME.search(name)))
