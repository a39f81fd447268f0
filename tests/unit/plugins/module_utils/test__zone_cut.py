# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in the way of a zone cut, and what a cut leaves behind."""

from __future__ import annotations

import dns.name
import dns.rdata
import dns.rdatatype
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import AbsorbedRecord, Change
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.plugins.module_utils._zone_cut import check_cut, check_uncovered
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import CUT, DS_1, delegation

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


class TestUncovered:
    def warnings(
        self, *rrsets: str, present: Delegation | None = None, absorbed: str = "www A 192.0.2.80"
    ) -> list[str]:
        """Return what is warned of where records take the place of a delegation to ns1 below it and a.test."""
        if present is None:
            present = delegation({"ns1": ["192.0.2.1"], "a.test.": []}, DS_1)
        records = [line.split(" ", 2) for line in absorbed.split("; ") if line]
        (zone,) = parse_zones([CUT.to_text()])
        change = Change(
            zone=zone,
            present=present,
            wanted=NOT_DELEGATED,
            operations=plan(zone=CUT, present=present, wanted=NOT_DELEGATED),
            absorbed=tuple(
                AbsorbedRecord(dns.name.from_text(owner, CUT), 300, dns.rdata.from_text("IN", rdtype, data))
                for owner, rdtype, data in records
            ),
        )
        keys = [each.split() for each in rrsets]
        told: list[str] = []
        check_uncovered(
            change,
            lambda: [(dns.name.from_text(owner, CUT), dns.rdatatype.from_text(rdtype)) for owner, rdtype in keys],
            warn=told.append,
        )
        return told

    @pytest.mark.parametrize("rrset", ["www NS", "sub NS", "sub DNAME", "@ DNAME"])
    def test_what_would_hide_the_records_is_refused(self, rrset: str) -> None:
        owner, rdtype = rrset.replace("@", "mail.contoso.example").split()
        name = owner if "." in owner else f"{owner}.mail.contoso.example"
        with pytest.raises(DelegationError, match=f"^the parent zone has {name} {rdtype} behind the delegation"):
            self.warnings(rrset)

    def test_other_data_is_told(self) -> None:
        (warning,) = self.warnings("old A", "@ MX", "www AAAA", "@ NS", "ns1 A")
        assert "old.mail.contoso.example A" in warning and "ns1" not in warning and " NS" not in warning
        assert warning.startswith("With the delegation of mail.contoso.example gone")
        assert "mail.contoso.example MX" in warning and "www.mail.contoso.example AAAA" in warning

    @pytest.mark.parametrize(
        ("rrset", "absorbed"),
        [
            ("@ NS", "www A 192.0.2.80"),
            ("@ DS", "www A 192.0.2.80"),
            ("@ RRSIG", "www A 192.0.2.80"),
            ("ns1 A", "www A 192.0.2.80"),
            ("www A", "www A 192.0.2.80"),
            ("www CNAME", "www A 192.0.2.80"),
            ("www MX", "www CNAME a.test."),
            ("www NS", "www CNAME a.test."),
            ("sub NS", "sub NS a.test."),
            ("x.sub NS", "sub NS a.test."),
            ("x.sub A", "sub NS a.test."),
            ("other.contoso.example. NS", "www A 192.0.2.80"),
            ("www NS", ""),
        ],
    )
    def test_what_goes_is_replaced_or_stays_hidden_is_not(self, rrset: str, absorbed: str) -> None:
        assert self.warnings(rrset, absorbed=absorbed) == []

    def test_nothing_comes_to_light_without_a_delegation(self) -> None:
        assert self.warnings("www NS", "old A", present=NOT_DELEGATED) == []
