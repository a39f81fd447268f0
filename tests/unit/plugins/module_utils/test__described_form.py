# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a described form says is what the zone has, however odd that is."""

from __future__ import annotations

import typing as t

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._content import ZoneContent, in_reading_order
from ansible_collections.zonecut.dns.plugins.module_utils._described_form import (
    DescribedZone,
    describe_all,
    describe_zone,
)
from ansible_collections.zonecut.dns.plugins.module_utils._description import ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._existing_zones import ExistingZone
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import FileText, read_records
from ansible_collections.zonecut.dns.plugins.module_utils._records import (
    Record,
    parse_rdata,
    parse_rdatatype,
)
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_data import zone_data
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import render
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import (
    APEX,
    SAMPLES,
    names,
    owners,
    rdatas,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.zone_records import content_of, record_at

SOA = r"@ 7200 SOA ns1 john\.smith 7 3600 900 1209600 300"
NS = "@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n@ 3600 NS ns2.contoso.net."

slow = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def records_of(text: str, apex: dns.name.Name = APEX) -> list[Record]:
    return read_records(FileText("zone", text), origin=apex)


def described(text: str, apex: dns.name.Name = APEX, **options: t.Any) -> DescribedZone:
    return describe_zone(existing(records_of(text, apex), apex), **options)


def existing(records: t.Sequence[Record], apex: dns.name.Name = APEX) -> ExistingZone:
    return ExistingZone(name=apex, records=records, source="zone")


def rendered(*zones: t.Mapping[str, t.Any]) -> list[ZoneContent]:
    """Describe, render and read again by the reader that knows nothing of what we write."""
    parsed = parse_zones(list(zones))
    tree = ZoneTree(parsed)
    contents = []
    for zone in parsed:
        data = zone_data(zone, tree, Sources(None))
        text = render(ZoneContent.of(zone.name, data.records), serial=9, input_digest=None)
        records = read_records(FileText("rendered", text.decode("ascii")), origin=zone.name)
        contents.append(ZoneContent.of(zone.name, in_reading_order(records)))
    return contents


@slow
@given(st.lists(st.tuples(owners(), st.sampled_from((0, 60, 3600, 2**31 - 1)), rdatas()), max_size=6))
def test_every_record_comes_back(found: list[tuple[dns.name.Name, int, dns.rdata.Rdata]]) -> None:
    records = [*records_of(f"{SOA}\n{NS}"), *(record_at(owner, rdata, ttl) for owner, ttl, rdata in found)]
    zone = describe_zone(existing(records), dnssec="keep")
    assert rendered(zone.described) == [content_of(*records)] == [zone.content]


@pytest.mark.parametrize(("mnemonic", "text"), [(m, text) for m, texts in SAMPLES.items() for text in texts])
def test_data_of_every_type_comes_back(mnemonic: str, text: str) -> None:
    rdata = parse_rdata(parse_rdatatype(mnemonic), text, origin=APEX)
    owner = dns.name.from_text("own", APEX)
    records = [*records_of(f"{SOA}\n{NS}"), record_at(owner, rdata)]
    zone = describe_zone(existing(records), dnssec="keep")
    assert rendered(zone.described) == [content_of(*records)]
    assert [record["name"] for record in zone.described["records"]] == ["own"]


@slow
@given(names(), names(), st.lists(st.integers(0, 2**31 - 1), min_size=5, max_size=5))
def test_every_soa_comes_back(mname: dns.name.Name, rname: dns.name.Name, numbers: list[int]) -> None:
    ttl, *timers = numbers
    text = f"{mname.to_text()} {rname.to_text()} 7 {' '.join(map(str, timers))}"
    soa = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.SOA, text)
    records = [record_at(APEX, soa, ttl), *records_of(NS)]
    zone = describe_zone(existing(records))
    assert rendered(zone.described) == [content_of(*records)]


@slow
@given(
    st.lists(names(), max_size=3),
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from((60, 3600)), st.sampled_from(("A 192.0.2.1", "AAAA 2001:db8::1"))),
        max_size=6,
    ),
    st.sampled_from((60, 3600)),
)
def test_every_set_of_name_servers_comes_back(
    servers: list[dns.name.Name], addresses: list[tuple[int, int, str]], ttl: int
) -> None:
    lines = [f"@ {ttl} NS {server.to_text()}" for server in servers]
    lines += [
        f"{servers[index].to_text()} {each} {data}"
        for index, each, data in addresses
        if index < len(servers) and servers[index].is_subdomain(APEX)
    ]
    records = records_of("\n".join((SOA, *lines)))
    zone = describe_zone(existing(records))
    assert rendered(zone.described) == [content_of(*records)]


class TestForm:
    def test_what_is_told_beside_it(self) -> None:
        found = ExistingZone(name=APEX, records=records_of(f"{SOA}\n{NS}"), source="a.zone", warnings=("careful",))
        assert describe_zone(found).result() == {
            "name": "contoso.example",
            "serial": 7,
            "records": 4,
            "source": "a.zone",
            "warnings": ["careful"],
        }

    def test_of_a_usual_zone(self) -> None:
        zone = described(
            f"{SOA}\n{NS}\nwww 3600 A 192.0.2.10\nwww 3600 A 192.0.2.9\nwww 60 AAAA 2001:db8::1\n"
            '@ 3600 MX 10 mx\n@ 3600 TXT "v=spf1 -all"\nsub 3600 NS ns.sub\nns.sub 3600 A 192.0.2.7\n'
        )
        assert zone.described == {
            "name": "contoso.example",
            "ttl": 3600,
            "contact": "john.smith@contoso.example",
            "primary": "ns1.contoso.example",
            "soa": {"ttl": 7200, "refresh": 3600, "retry": 900, "expire": 1209600, "negative_ttl": 300},
            "name_servers": [
                {"name": "ns1.contoso.example", "addresses": ["192.0.2.53"]},
                {"name": "ns2.contoso.net"},
            ],
            "records": [
                {"name": "@", "type": "MX", "values": ["10 mx.contoso.example."]},
                {"name": "@", "type": "TXT", "values": ['"v=spf1 -all"']},
                {"name": "sub", "type": "NS", "values": ["ns.sub.contoso.example."]},
                {"name": "ns.sub", "type": "A", "values": ["192.0.2.7"]},
                {"name": "www", "type": "A", "values": ["192.0.2.9", "192.0.2.10"]},
                {"name": "www", "type": "AAAA", "values": ["2001:db8::1"], "ttl": 60},
            ],
        }
        assert zone.warnings == ()

    def test_name_servers_with_another_ttl_are_in_both_places(self) -> None:
        zone = described(f"{SOA}\n@ 86400 NS ns1\nns1 60 A 192.0.2.53\na 3600 A 192.0.2.1\nb 3600 A 192.0.2.1\n")
        assert zone.described["name_servers"] == [{"name": "ns1.contoso.example", "addresses": ["192.0.2.53"]}]
        assert [(record["name"], record.get("ttl")) for record in zone.described["records"]] == [
            ("@", 86400),
            ("a", None),
            ("b", None),
            ("ns1", 60),
        ]

    @pytest.mark.parametrize("name", [".", "localhost.", "ns_1", "192.0.2.1."])
    def test_servers_whose_names_are_no_hosts_are_records(self, name: str) -> None:
        zone = described(f"{SOA}\n@ 3600 NS {name}\n@ 3600 NS ns1\nns1 3600 A 192.0.2.1\n")
        assert "name_servers" not in zone.described
        assert [record["type"] for record in zone.described["records"]] == ["NS", "A"]

    @pytest.mark.parametrize(
        ("rname", "contact"),
        [
            (".", "."),
            ("localhost.", "localhost."),
            (r"a\@b.example.", r"a\@b.example."),
            (r"john\032smith.example.", r"john\032smith.example."),
            ("root.my_host.example.", "root.my_host.example."),
            (r"a\.b.example.net.", "a.b@example.net"),
        ],
    )
    def test_contacts(self, rname: str, contact: str) -> None:
        assert described(f"@ 60 SOA ns1 {rname} 1 1 1 1 1\n").described["contact"] == contact

    @pytest.mark.parametrize(
        ("mname", "primary"), [(".", "."), ("ns.", "ns."), ("_a", "_a.contoso.example."), ("a.b.", "a.b")]
    )
    def test_primaries(self, mname: str, primary: str) -> None:
        assert described(f"@ 60 SOA {mname} a.b. 1 1 1 1 1\n").described["primary"] == primary


SIGNED = """
@ 3600 RRSIG SOA 13 2 3600 20300101000000 20200101000000 12345 @ AAAA
@ 3600 DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
@ 3600 CDS 12345 13 2 abababababababababababababababababababababababababababababababab
@ 0 TYPE65534 \\# 5 0d30390001
@ 300 NSEC www A NS SOA RRSIG NSEC DNSKEY
www 300 NSEC @ A RRSIG NSEC
2t7b4g4vsa5smi47k61mv5bv1a22bojr 300 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojs A
@ 0 NSEC3PARAM 1 0 0 -
@ 3600 ZONEMD 7 1 1 {digest}
sub 3600 DS 12345 13 2 abababababababababababababababababababababababababababababababab
sub 3600 NS ns.sub
key 3600 DNSKEY 256 3 13 AAAA
""".replace("{digest}", "ab" * 48)


class TestSignedZones:
    @staticmethod
    def types(zone: DescribedZone) -> set[str]:
        return {record["type"] for record in zone.described["records"]}

    def test_are_described_without_what_signing_makes(self) -> None:
        zone = described(f"{SOA}\n{NS}{SIGNED}")
        assert self.types(zone) == {"DS", "NS", "DNSKEY"}
        assert [record["name"] for record in zone.described["records"] if record["type"] == "DNSKEY"] == ["key"]
        assert zone.warnings == (
            "left out 9 records that the server makes when it signs the zone"
            " (CDS, DNSKEY, NSEC, NSEC3, NSEC3PARAM, RRSIG, TYPE65534, ZONEMD)",
        )

    def test_with_keys(self) -> None:
        zone = described(f"{SOA}\n{NS}{SIGNED}", dnssec="keep_keys")
        assert self.types(zone) == {"CDS", "DNSKEY", "DS", "NS"}

    def test_with_all_of_it(self) -> None:
        text = f"{SOA}\n{NS}{SIGNED}"
        zone = described(text, dnssec="keep")
        assert zone.warnings == ()
        assert rendered(zone.described) == [content_of(*records_of(text))]


class TestWhatIsOdd:
    def test_a_saved_transfer_has_its_soa_twice(self) -> None:
        assert described(f"{SOA}\n{NS}\n{SOA}\n").content == described(f"{SOA}\n{NS}\n").content

    @pytest.mark.parametrize(
        ("text", "found"), [(NS, "none"), (f"{SOA}\n{NS}\n{SOA[:-1]}\n", "@, @"), (f"sub{SOA[1:]}\n{NS}", "sub")]
    )
    def test_one_soa_is_needed(self, text: str, found: str) -> None:
        with pytest.raises(DescriptionError, match=f"^zone contoso.example, zone: a zone has one SOA.*are: {found}$"):
            described(text)

    def test_what_is_outside_is_told(self) -> None:
        zone = described(f"{SOA}\n{NS}\nother.example. 60 A 192.0.2.1\n")
        assert zone.warnings == ("left out 1 records outside of the zone: other.example. A",)

    def test_uneven_ttls_are_told(self) -> None:
        zone = described(f"{SOA}\n{NS}\nwww 60 A 192.0.2.1\nwww 3600 A 192.0.2.2\n")
        assert len(zone.warnings) == 1 and zone.warnings[0].endswith("the least is described: www A")
        assert zone.described["records"] == [
            {"name": "www", "type": "A", "values": ["192.0.2.1", "192.0.2.2"], "ttl": 60}
        ]

    def test_what_no_description_says_is_refused(self) -> None:
        with pytest.raises(DescriptionError, match=r"soa\.refresh: 4294967295: a duration is at most"):
            described(f"@ 60 SOA ns1 a.b. 1 4294967295 1 1 1\n{NS}")


CHILD = dns.name.from_text("mail", APEX)
CHILD_TEXT = """
@ 3600 SOA ns1 root 1 3600 900 1209600 300
@ 3600 NS ns1
@ 3600 NS ns2.contoso.net.
ns1 3600 A 192.0.2.61
"""
CUT = "mail 60 NS ns1.mail\nmail 60 NS ns2.contoso.net.\n"


class TestZonesBelowOthers:
    @staticmethod
    def both(cut: str) -> tuple[list[DescribedZone], list[ZoneContent]]:
        """Return both zones in reverse order, and their contents when they are rendered together."""
        found = (existing(records_of(CHILD_TEXT, CHILD), CHILD), existing(records_of(f"{SOA}\n{NS}\n{cut}")))
        zones = describe_all([iter(found).__next__] * 2, dnssec="leave_out")
        return zones, rendered(*(zone.described for zone in zones))

    def test_a_delegation_that_is_right_stays_as_it_is(self) -> None:
        zones, contents = self.both(f"{CUT}ns1.mail 60 A 192.0.2.61\n")
        assert contents == [zone.content for zone in zones]
        assert [zone.warnings for zone in zones] == [(), ()]
        assert len(zones[0].described["name_servers"]) == 2

    @pytest.mark.parametrize(
        "cut",
        [
            "mail 60 NS ns9.contoso.net.\n",
            f"{CUT}mail 60 NS ns9.contoso.net.\nns1.mail 60 A 192.0.2.61\n",
            f"{CUT}ns1.mail 60 A 192.0.2.99\n",
            f"{CUT}ns1.mail 60 A 192.0.2.61\nns1.mail 60 AAAA 2001:db8::1\n",
        ],
    )
    def test_a_delegation_to_others_stays_as_well_and_is_told(self, cut: str) -> None:
        zones, contents = self.both(cut)
        assert contents == [zone.content for zone in zones]
        assert "name_servers" not in zones[0].described
        assert len(zones[0].warnings) == 1
        assert zones[0].warnings[0].startswith("zone contoso.example delegates it to ")

    @pytest.mark.parametrize(("cut", "lack"), [("", "does not delegate it"), (CUT, "has no glue for it")])
    def test_a_lack_is_told(self, cut: str, lack: str) -> None:
        zones, contents = self.both(cut)
        assert contents[0] == zones[0].content and contents[1] != zones[1].content
        assert zones[0].warnings == (f"zone contoso.example {lack}; described together, that is added to it",)

    def test_every_problem_is_told(self) -> None:
        def unreadable() -> ExistingZone:
            raise ZoneFileError("x: cannot be read")

        def usual() -> ExistingZone:
            return existing(records_of(f"{SOA}\n{NS}"))

        def without_soa() -> ExistingZone:
            return existing(records_of(NS))

        with pytest.raises(DescriptionError) as caught:
            describe_all([usual, unreadable, without_soa, usual], dnssec="leave_out")
        assert caught.value.message.splitlines() == [
            "x: cannot be read",
            "zone contoso.example, zone: a zone has one SOA, and that at its apex; here are: none",
            "zone contoso.example, zone: the zone is in zone too",
        ]


@pytest.mark.parametrize("apex", [".", "2.0.192.in-addr.arpa.", "0/25.2.0.192.in-addr.arpa."])
def test_zones_of_every_kind(apex: str) -> None:
    name = dns.name.from_text(apex)
    text = f"{SOA}\n{NS}\n10 3600 PTR www.contoso.example.\n* 3600 TXT x\n1.2 3600 A 192.0.2.1\n"
    zone = described(text, name)
    assert rendered(zone.described) == [content_of(*records_of(text, name), apex=name)]
