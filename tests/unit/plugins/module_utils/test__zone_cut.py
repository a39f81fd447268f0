# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in the way of a zone cut, and what a cut leaves behind."""

from __future__ import annotations

import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._zone_cut import check_cut

PARENT = dns.name.from_text("contoso.example")


@pytest.mark.parametrize(
    ("owner", "rdtype", "message"),
    [
        ("b", "NS", "^b.contoso.example is delegated in contoso.example and a.b.contoso.example lies below it"),
        ("a.b", "CNAME", "^a.b.contoso.example is a CNAME in the parent zone"),
        ("b", "DNAME", "^b.contoso.example is a DNAME in the parent zone"),
        ("@", "DNAME", "^contoso.example is a DNAME in the parent zone"),
        ("@", "NS", None),
        ("a.b", "NS", None),
        ("a.b", "DNAME", None),
        ("b", "CNAME", None),
        ("x.a.b", "NS", None),
        ("example.", "NS", None),
        ("example.", "DNAME", None),
    ],
)
def test_what_keeps_a_name_from_being_delegated(owner: str, rdtype: str, message: str | None) -> None:
    there = dns.name.from_text(owner, PARENT), rdtype

    def check() -> None:
        check_cut(dns.name.from_text("a.b", PARENT), parent=PARENT, has=lambda *asked: asked == there)

    if message is None:
        check()
    else:
        with pytest.raises(DelegationError, match=message):
            check()
