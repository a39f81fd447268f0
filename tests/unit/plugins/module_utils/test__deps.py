# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._deps import Dependencies
from ansible_collections.zonecut.dns.plugins.module_utils._errors import MissingLibraryError


def test_present_library_is_usable() -> None:
    deps = Dependencies()
    with deps.declare("present"):
        import json as present
    deps.require("present", purpose="do anything")
    assert present.loads("1") == 1


def test_missing_library_fails_only_where_it_is_needed() -> None:
    deps = Dependencies()
    with deps.declare("present"):
        import json  # noqa: F401
    with deps.declare("missing-one"):
        import zonecut_missing_one  # type: ignore[import-not-found]  # noqa: F401
    deps.require("present", purpose="do anything")
    with pytest.raises(MissingLibraryError) as caught:
        deps.require("missing-one", purpose="read names")
    assert caught.value.message.startswith(
        f"The Python library missing-one is needed to read names, and {sys.executable} "
    )
    assert caught.value.message.endswith(f"{sys.executable} -m pip install missing-one")
    assert "No module named 'zonecut_missing_one'" in caught.value.details["exception"]


def test_name_missing_from_an_old_library_counts_as_missing() -> None:
    deps = Dependencies()
    with deps.declare("old"):
        from json import no_such_name  # type: ignore[attr-defined]  # noqa: F401
    with pytest.raises(MissingLibraryError, match="old is needed to parse"):
        deps.require("old", purpose="parse")


def test_other_errors_of_an_import_come_through() -> None:
    deps = Dependencies()
    with pytest.raises(ZeroDivisionError), deps.declare("broken"):
        raise ZeroDivisionError
    deps.require("broken", purpose="do anything")
