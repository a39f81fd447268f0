# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties that are computed when they are first read; before Python 3.12 functools takes a lock for each."""

from __future__ import annotations

import typing as t

__all__ = ("lazy",)

_T = t.TypeVar("_T")


class lazy(t.Generic[_T]):
    """What ``functools.cached_property`` is, for values that one thread reads."""

    def __init__(self, compute: t.Callable[[t.Any], _T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @t.overload
    def __get__(self, instance: None, owner: type[object]) -> lazy[_T]: ...

    @t.overload
    def __get__(self, instance: object, owner: type[object]) -> _T: ...

    def __get__(self, instance: object | None, owner: type[object]) -> lazy[_T] | _T:
        if instance is None:
            return self
        # An attribute of the instance comes before this from now on.
        found = instance.__dict__[self._name] = self._compute(instance)
        return found
