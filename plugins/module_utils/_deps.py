# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional third-party imports: declare them where they are used, require them where they are needed."""

from __future__ import annotations

import traceback
import typing as t
from contextlib import contextmanager

from ansible_collections.zonecut.dns.plugins.module_utils._errors import MissingLibraryError

__all__ = ("Dependencies", "deps")


class Dependencies:
    """Remembers which declared libraries could not be imported, and why."""

    def __init__(self) -> None:
        self._failures: dict[str, str] = {}

    @contextmanager
    def declare(self, name: str) -> t.Generator[None, None, None]:
        """Swallow the ImportError of the imports in the block and remember it under ``name`` (a PyPI name)."""
        try:
            yield
        except ImportError:
            self._failures[name] = traceback.format_exc()

    def require(self, name: str, *, purpose: str) -> None:
        """Raise MissingLibraryError when a declared library is missing.

        :arg purpose: what the library is needed for, completing "... is needed to".
        """
        if name in self._failures:
            raise MissingLibraryError(name=name, purpose=purpose, import_traceback=self._failures[name])


deps = Dependencies()
