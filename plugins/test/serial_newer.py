# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: serial_newer
short_description: Whether a serial is newer than another one
version_added: 0.1.0
description:
  - Tells whether a secondary that has a zone with the other serial would take it for newer (RFC 1982). Serials go round
    after 32 bits, so 1 is newer than 4294967295, and two that are exactly half of the circle apart are not newer than
    one another.
author:
  - zonecut.dns contributors (@zonecut)
options:
  _input:
    description: A serial, as a number or text.
    type: raw
    required: true
  than:
    description: The serial to compare it with.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Both are true
  ansible.builtin.assert:
    that:
      - 2026112101 is zonecut.dns.serial_newer(2026112100)
      - 1 is zonecut.dns.serial_newer(4294967295)
"""

RETURN = r"""
_value:
  description: V(true) if the serial is newer.
  type: bool
"""

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._serial import newer
from ansible_collections.zonecut.dns.plugins.plugin_utils._filters import failing_as, serial_number


def serial_newer(serial: object, than: object) -> bool:
    """Whether a serial is newer than another one."""
    with failing_as("serial_newer"):
        return newer(serial_number(serial), than=serial_number(than))


class TestModule:
    """Provides the test."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        """Return the test by its name."""
        return {"serial_newer": serial_newer}
