# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may take its time though nobody is at fault."""

from __future__ import annotations

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_RECORDS,
    CHILD_SOA,
    CUT,
    NS1,
    NS2,
    PARENT_ZONE,
    ROOT,
    World,
    contoso,
)

SLOW_SOA = CHILD_SOA.replace("2026112100 3600", "2026112099 7200")
SHORT_CUT = CUT.replace("mail 3600 NS", "mail 600 NS")
SHORT_MINIMUM = PARENT_ZONE.replace("@ 3600 SOA", "@ 120 SOA")


@pytest.mark.parametrize(
    ("world", "settings", "sentence"),
    [
        (contoso(), {}, None),
        (
            contoso().host(NS2, CHILD, f"{SLOW_SOA}{CHILD_RECORDS}"),
            {"wait": 0, "fail_on": "warning"},
            "asks for a new version after 2h at the latest (the refresh of its SOA)",
        ),
        (contoso(cut=""), {}, "for up to 5m (the negative TTL of contoso.example)"),
        (contoso(cut="", parent=SHORT_MINIMUM), {}, "for up to 2m (the negative TTL of contoso.example)"),
        # The child's own NS records are kept longer than those of the parent.
        (contoso(cut=SHORT_CUT).drop(NS1, CHILD), {}, "for up to 1h (the TTL of its NS records)"),
        (contoso(cut=SHORT_CUT).drop(NS1, CHILD).drop(NS2, CHILD), {}, "for up to 10m (the TTL of its NS records)"),
    ],
)
def test_what_a_zone_waits_for(world: World, settings: dict[str, object], sentence: str | None) -> None:
    (report,) = verify_zones(
        parse_zones([CHILD]),
        settings=Settings(roots=(ROOT,), **settings),  # type: ignore[arg-type]
        transport=world,
        clock=lambda: 0,
    )
    assert report.passed == (sentence is None)
    assert [sentence in told for told in report.waiting_for if sentence] == ([] if sentence is None else [True])
