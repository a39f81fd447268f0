# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the filters and tests of this collection share: how they read numbers, and how they fail."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from ansible.errors import AnsibleFilterError

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError

__all__ = ("failing_as", "must_be_one_of", "serial_number")


@contextmanager
def failing_as(name: str) -> t.Generator[None, None, None]:
    """Turn the errors that our own code raises on purpose into the one that Ansible shows for a filter."""
    try:
        yield
    except (ZonecutError, ValueError) as exc:
        # Ansible would append the message of the cause, which is the same.
        raise AnsibleFilterError(f"zonecut.dns.{name}: {exc}") from None


def serial_number(value: object) -> int:
    """Return a SOA serial given as a number or as text.

    :raises ValueError: for anything else.
    """
    text = "" if isinstance(value, bool) else str(value)
    if not (text.isascii() and text.isdigit()) or int(text) >= 1 << 32:
        raise ValueError(f"{value!r} is not a serial, a whole number from 0 to {(1 << 32) - 1}")
    return int(text)


def must_be_one_of(name: str, value: object, choices: t.Sequence[object]) -> None:
    """Check an argument that is a choice.

    :raises ValueError: where it is none of the choices.
    """
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(map(str, choices))}, not {value!r}")
