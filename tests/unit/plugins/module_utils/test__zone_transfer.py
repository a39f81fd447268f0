# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones as a server hands them out: signed or not, in one message or many."""

from __future__ import annotations

import dns.name
import dns.rdata
import dns.tsig
import dns.zone
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._described_form import describe_zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import FileText, read_records
from ansible_collections.zonecut.dns.plugins.module_utils._primary import PrimarySession
from ansible_collections.zonecut.dns.plugins.module_utils._zone_transfer import transfer_zone
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import APEX, owners, rdatas
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_primary import (
    ADDRESS,
    KEY,
    ScriptedPrimary,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.zone_records import content_of, record_at

ZONE = (
    "@ 3600 SOA ns1 root 2026112100 3600 900 1209600 300\n@ 3600 NS ns1\nns1 3600 A 192.0.2.1\n"
    "sub 60 NS ns.sub\nns.sub 60 A 192.0.2.2\nbelow.ns.sub 60 TXT x\n"
)


class Transport:
    """Hands out what a zone of dnspython holds, without a network."""

    def __init__(self, zone: dns.zone.Zone) -> None:
        self._zone = zone

    def __str__(self) -> str:
        return "192.0.2.53 port 53"

    def transfer(self, origin: dns.name.Name) -> dns.zone.Zone:
        assert origin == self._zone.origin
        return self._zone


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(owners(), rdatas()), max_size=5))
def test_what_is_transferred_is_described(found: list[tuple[dns.name.Name, dns.rdata.Rdata]]) -> None:
    zone = dns.zone.from_text(ZONE, APEX, relativize=False)
    for owner, rdata in found:
        # A zone of dnspython replaces other data by a CNAME, which no server mixes either.
        own = dns.name.Name((b"own%d" % rdata.rdtype, *owner.labels[-len(APEX.labels) - 1 :]))
        zone.find_rdataset(own, rdata.rdtype, rdata.covers(), create=True).add(rdata, ttl=60)
    transferred = transfer_zone(APEX, Transport(zone))
    assert transferred.source == "transfer from 192.0.2.53 port 53"
    content = content_of(*(record_at(owner, rdata, ttl) for owner, ttl, rdata in zone.iterate_rdatas()))
    assert content_of(*transferred.records) == content
    assert describe_zone(transferred, dnssec="keep").content == content


def session(server: ScriptedPrimary, key: dns.tsig.Key | None = KEY) -> PrimarySession:
    return PrimarySession(server=ADDRESS, port=server.port, protocol="tcp", key=key, timeout=5)


class TestOverTheNetwork:
    @pytest.mark.parametrize("key", [None, KEY])
    def test_everything_arrives(self, key: dns.tsig.Key | None) -> None:
        with ScriptedPrimary({"contoso.example": ZONE}) as server:
            zone = transfer_zone(APEX, session(server, key))
        assert zone.source == f"transfer from {ADDRESS} port {server.port}"
        described = describe_zone(zone)
        assert described.serial == 2026112100
        assert described.content == content_of(*read_records(FileText("zone", ZONE), origin=APEX))

    def test_a_zone_that_is_refused_is_named(self) -> None:
        with (
            ScriptedPrimary({"contoso.example": ZONE}) as server,
            pytest.raises(DelegationError, match=r"does not hand out the zone other\.example"),
        ):
            transfer_zone(dns.name.from_text("other.example"), session(server))
