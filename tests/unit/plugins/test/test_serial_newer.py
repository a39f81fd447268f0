# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zonecut.dns.plugins.test.serial_newer import TestModule as SerialNewer

serial_newer = SerialNewer().tests()["serial_newer"]


@pytest.mark.parametrize(
    ("serial", "than", "newer"),
    [
        (2026112101, 2026112100, True),
        ("2026112101", "2026112100", True),
        (2026112100, 2026112100, False),
        (2026112100, 2026112101, False),
        (1, 4294967295, True),
        (4294967295, 1, False),
        (2**31, 0, False),
        (2**31 - 1, 0, True),
    ],
)
def test_serials(serial: object, than: object, newer: bool) -> None:
    assert serial_newer(serial, than) is newer


@pytest.mark.parametrize(("serial", "than"), [("x", 1), (1, None), (1, 2**32), (1.5, 1), (True, 0)])
def test_what_is_no_serial(serial: object, than: object) -> None:
    with pytest.raises(AnsibleFilterError, match="zonecut.dns.serial_newer: .* is not a serial"):
        serial_newer(serial, than)
