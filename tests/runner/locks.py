# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks, for two commands that run in one checkout at the same time."""

from __future__ import annotations

import fcntl
import typing as t
from contextlib import contextmanager

from .paths import STATE

__all__ = ("locked",)


@contextmanager
def locked(name: str) -> t.Iterator[None]:
    """Hold the lock ``name`` of this checkout, waiting for it if need be."""
    path = STATE / "lock" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
