# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a description implies beside what it says: the SOA, NS records and addresses, and the cuts of children."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources
from ansible_collections.zonecut.dns.plugins.module_utils._zone_data import ZoneData, input_digest, zone_data
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import contoso, mail

SOURCE = """\
$TTL 60
@ 120 IN SOA a.test. b.test. 7 11 12 13 14
@ NS ns1.contoso.net.
@ NS ns2.contoso.net.
text TXT "from the source"
"""
DS_1, DS_2 = f"1 13 2 {'11' * 32}", f"2 13 2 {'22' * 32}"


def data_of(*described: t.Mapping[str, t.Any]) -> ZoneData:
    """Return the data of the first of the zones."""
    zones = parse_zones(list(described))
    return zone_data(zones[0], ZoneTree(zones), Sources(None))


def lines_of(*described: t.Mapping[str, t.Any]) -> set[str]:
    """Return the records of the first of the zones, names relative to contoso.example."""
    records = data_of(*described).records
    return {f"{record.owner} {record.ttl} {record.rdtype} {record.data}" for record in records}


def soa_of(*described: t.Mapping[str, t.Any]) -> str:
    """Return the SOA of the first of the zones, its TTL before it."""
    (line,) = (line for line in lines_of(*described) if " SOA " in line)
    return line.partition(" ")[2].replace(" SOA ", " ", 1)


def problems_of(*described: t.Mapping[str, t.Any]) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        data_of(*described)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture(name="source")
def source_fixture(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "contoso.example.zone"
    path.write_text(SOURCE)
    return path


class TestSoa:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param({}, "3600 ns1.contoso.net. hostmaster.contoso.example. 0 3600 900 1209600 300", id="defaults"),
            pytest.param(
                {"ttl": 60}, "60 ns1.contoso.net. hostmaster.contoso.example. 0 3600 900 1209600 300", id="ttl-of-zone"
            ),
            pytest.param(
                {"ttl": 60, "soa": {"ttl": 90, "refresh": 1, "retry": 2, "expire": 3, "negative_ttl": 4}},
                "90 ns1.contoso.net. hostmaster.contoso.example. 0 1 2 3 4",
                id="fields",
            ),
            pytest.param(
                {"contact": "john.smith@contoso.example", "primary": "ns9.contoso.net", "soa": {"profile": "windows"}},
                r"3600 ns9.contoso.net. john\.smith.contoso.example. 0 900 600 86400 3600",
                id="names-and-profile",
            ),
        ],
    )
    def test_of_a_description(self, fields: dict[str, t.Any], expected: str) -> None:
        assert soa_of(contoso(**fields)) == expected

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param({}, "120 a.test. b.test. 0 11 12 13 14", id="nothing-described"),
            pytest.param({"ttl": 60}, "60 a.test. b.test. 0 11 12 13 14", id="ttl-of-zone"),
            pytest.param({"soa": {"retry": 2}}, "120 a.test. b.test. 0 11 2 13 14", id="one-field"),
            pytest.param(
                {"soa": {"ttl": 9, "profile": "dynamic"}}, "9 a.test. b.test. 0 300 60 604800 60", id="profile"
            ),
            pytest.param({"contact": "c@test", "primary": "d.test"}, "120 d.test. c.test. 0 11 12 13 14", id="names"),
        ],
    )
    def test_of_a_source_stands_where_nothing_else_is_described(
        self, source: pathlib.Path, fields: dict[str, t.Any], expected: str
    ) -> None:
        described = contoso(src=str(source), **fields)
        assert soa_of(described) == expected
        assert data_of(described).source_serial == 7

    def test_has_the_first_server_of_the_source(self, source: pathlib.Path) -> None:
        source.write_text("@ 60 NS ns7.contoso.net.\n")
        assert " ns7.contoso.net. hostmaster" in soa_of({"name": "contoso.example", "src": str(source)})
        assert data_of(contoso(src=str(source), name_servers=[])).source_serial is None

    def test_has_the_first_described_server_whatever_the_order_of_records(self) -> None:
        backwards = [{"name": "@", "type": "NS", "value": f"ns{number}.contoso.net."} for number in (2, 1)]
        assert soa_of(contoso(*backwards)) == soa_of(contoso())

    @pytest.mark.parametrize("owner", ["@", "www"])
    def test_is_one_at_the_apex(self, source: pathlib.Path, owner: str) -> None:
        second = f"{owner} SOA a b 7 11 12 13 14\n"
        source.write_text(SOURCE + second if owner == "@" else f"$TTL 60\n{second}")
        (problem,) = problems_of(contoso(src=str(source)))
        line = 6 if owner == "@" else 2
        assert f"{source}:{line} (" in problem and problem.endswith("a zone has one SOA, and that at its apex")

    def test_needs_a_contact_where_the_name_is_too_long_for_the_usual_one(self) -> None:
        name = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 57))
        (problem,) = problems_of({**contoso(), "name": name, "records": []})
        assert "contact: contact is needed" in problem


class TestSource:
    def test_and_description_are_one_zone(self, source: pathlib.Path) -> None:
        assert lines_of(contoso(src=str(source))) - lines_of(contoso()) == {
            "@ 120 SOA a.test. b.test. 0 11 12 13 14",
            "@ 60 NS ns1.contoso.net.",
            "@ 60 NS ns2.contoso.net.",
            'text 60 TXT "from the source"',
        }

    @pytest.mark.parametrize(
        ("text", "fields", "ttl"),
        [
            pytest.param("more A 192.0.2.2\n", {}, 3600, id="part-of-a-zone"),
            pytest.param("more A 192.0.2.2\n", {"ttl": 90}, 90, id="part-of-a-zone-with-ttl"),
            pytest.param("@ 120 SOA a b 1 2 3 4 5\nmore A 192.0.2.2\n", {}, 120, id="whole-zone"),
            pytest.param("$TTL 30\nmore A 192.0.2.2\n", {"ttl": 90}, 30, id="its-own"),
        ],
    )
    def test_without_ttl(self, source: pathlib.Path, text: str, fields: dict[str, t.Any], ttl: int) -> None:
        source.write_text(text)
        assert f"more {ttl} A 192.0.2.2" in lines_of(contoso(src=str(source), **fields))

    def test_may_have_other_octets_than_utf8_in_comments_and_strings(self, source: pathlib.Path) -> None:
        source.write_bytes(b'; Z\xfcrich\nmore 60 TXT "\xe9" ; \xfc\n')
        assert 'more 60 TXT "\\233"' in lines_of(contoso(src=str(source)))

    @pytest.mark.parametrize("text", ['more TXT "our SOA record"', "more A 192.0.2.2 ; for the SOA record"])
    def test_is_no_whole_zone_for_the_word_soa(self, source: pathlib.Path, text: str) -> None:
        source.write_text(f"{text}\n")
        assert any(line.startswith("more 90 ") for line in lines_of(contoso(src=str(source), ttl=90)))

    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            ("b  A 1.2.3", "1.2.3 is no IPv4 address, which is four numbers"),
            ("b  AAAA 2001:db8::g", "2001:db8::g is no IPv6 address"),
            ("b NOSUCH x", "not a record type known here"),
            ("b MX mail", ""),
            ("b LOC 90 0 0 N 0 0 0 E 99999999999m", "too large"),
        ],
    )
    def test_is_blamed_for_the_right_line(self, source: pathlib.Path, record: str, reason: str) -> None:
        source.write_text(f"$TTL 60\na A 192.0.2.1\n{record}\nc A 192.0.2.3\n")
        (problem,) = problems_of(contoso(src=str(source)))
        written = " ".join(record.split())
        assert f"{source}:3 ({written}): " in problem and reason in problem

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"www A (\n", "not a zone file that can be read"),
            (b"$INCLUDE gone\n", ".zone:1: $INCLUDE of /"),
            (None, "No such file"),
        ],
    )
    def test_that_cannot_be_used_is_named(self, source: pathlib.Path, content: bytes | None, reason: str) -> None:
        if content is None:
            source.unlink()
        else:
            source.write_bytes(content)
        (problem,) = problems_of(contoso(src=str(source)))
        assert problem.startswith(f"zone contoso.example, src {source}: ") and reason in problem


class TestNameServers:
    def test_get_ns_and_those_inside_addresses(self) -> None:
        servers = [
            {"name": "ns1.contoso.example", "addresses": ["192.0.2.53", "2001:db8::53"]},
            {"name": "ns1.contoso.net", "addresses": ["192.0.2.54"]},
        ]
        assert lines_of(contoso(name_servers=servers, records=[])) >= {
            "@ 3600 NS ns1.contoso.example.",
            "@ 3600 NS ns1.contoso.net.",
            "ns1 3600 A 192.0.2.53",
            "ns1 3600 AAAA 2001:db8::53",
        }
        assert not any("192.0.2.54" in line for line in lines_of(contoso(name_servers=servers)))

    def test_may_be_said_twice_when_the_same(self) -> None:
        servers = [{"name": "ns1.contoso.example", "addresses": ["192.0.2.53"]}]
        records = [
            {"name": "@", "type": "NS", "value": "NS1", "ttl": 60},
            {"name": "ns1", "type": "A", "value": "192.0.2.53", "ttl": 90},
        ]
        lines = lines_of({"name": "contoso.example", "name_servers": servers, "records": records})
        assert lines == {
            "@ 60 NS ns1.contoso.example.",
            "ns1 90 A 192.0.2.53",
            "@ 3600 SOA ns1.contoso.example. hostmaster.contoso.example. 0 3600 900 1209600 300",
        }

    def test_contradict_no_record(self) -> None:
        (problem,) = problems_of(contoso({"name": "@", "type": "NS", "value": "ns9.contoso.net."}))
        assert problem == (
            "zone contoso.example, records[1] (@ NS): 'ns9.contoso.net.':"
            " name_servers says ns1.contoso.net., ns2.contoso.net.;"
            " describe the same in both places, or in one of them only"
        )
        servers = [{"name": "ns1.contoso.example", "addresses": ["192.0.2.53"]}, {"name": "ns2.contoso.net"}]
        extra = {"name": "ns1", "type": "AAAA", "value": "2001:db8::1"}
        (problem,) = problems_of(contoso(extra, name_servers=servers))
        assert "name_servers (ns1.contoso.example) says 192.0.2.53" in problem and "'2001:db8::1'" in problem


class TestChildren:
    def test_are_delegated(self) -> None:
        assert lines_of(contoso(ttl=60), mail(ds=[DS_1, DS_2])) - lines_of(contoso(ttl=60)) == {
            "mail 60 NS ns1.mail.contoso.example.",
            "mail 60 NS ns2.contoso.net.",
            "ns1.mail 60 A 192.0.2.53",
            "ns1.mail 60 AAAA 2001:db8::53",
            f"mail 60 DS {DS_1}",
            f"mail 60 DS {DS_2}",
        }

    @pytest.mark.parametrize("parent", ["contoso.example", "Contoso.Example."])
    def test_are_delegated_where_they_name_this_parent(self, parent: str) -> None:
        assert lines_of(contoso(), mail(parent=parent)) == lines_of(contoso(), mail())

    def test_are_not_delegated_where_they_name_another(self) -> None:
        assert lines_of(contoso(), mail(parent="corp")) == lines_of(contoso())

    def test_are_delegated_in_the_closest_zone_above_only(self) -> None:
        deeper = {"name": "a.mail.contoso.example", "name_servers": [{"name": "ns.test"}]}
        assert lines_of(contoso(), mail(), deeper) == lines_of(contoso(), mail())
        assert "a 3600 NS ns.test." in lines_of(mail(), contoso(), deeper)
        assert "a.mail 3600 NS ns.test." in lines_of(contoso(), deeper)

    def test_are_not_delegated_without_the_ds_they_want(self) -> None:
        (problem,) = problems_of(contoso(), mail(ds_from="child"))
        assert problem.startswith(
            "zone contoso.example, zone mail.contoso.example below it, ds_from: 'child': a zone file is rendered"
        )

    def test_need_name_servers(self) -> None:
        assert problems_of(contoso(), {"name": "mail.contoso.example"}) == [
            "zone contoso.example, zone mail.contoso.example below it: its name_servers are needed to delegate it here"
        ]
        by_record = contoso({"name": "mail", "type": "NS", "value": "ns9.contoso.net."})
        assert lines_of(by_record, {"name": "mail.contoso.example"}) == lines_of(by_record)

    @pytest.mark.parametrize(
        ("record", "told"),
        [
            ({"type": "NS", "value": "ns9.contoso.net."}, "the delegation of mail.contoso.example says"),
            ({"type": "DS", "value": DS_2}, f"ds of mail.contoso.example says {DS_1}"),
        ],
    )
    def test_contradict_no_record(self, record: dict[str, str], told: str) -> None:
        (problem,) = problems_of(contoso({"name": "mail", **record}), mail(ds=[DS_1]))
        assert told in problem and f"records[1] (mail {record['type']})" in problem

    def test_lose_no_record_with_their_last_ds(self) -> None:
        # Records and description need not say the same where only one of them speaks.
        assert f"mail 3600 DS {DS_2}" in lines_of(contoso({"name": "mail", "type": "DS", "value": DS_2}), mail())


def digest_of(*described: t.Mapping[str, t.Any], source: str = "d", allow: t.Sequence[str] = ()) -> str:
    zones = parse_zones(list(described))
    return input_digest(zones[0], ZoneTree(zones), Sources({"z": {"digest": source, "path": None}}), allow=allow)


class TestDigest:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            pytest.param([contoso()], [contoso(ttl=60)], id="field"),
            pytest.param([contoso()], [contoso({"name": "a", "type": "A", "value": "192.0.2.1"})], id="record"),
            pytest.param([contoso()], [contoso(), mail()], id="child"),
            pytest.param([contoso(), mail()], [contoso(), mail(ds=[DS_1])], id="ds-of-a-child"),
            pytest.param([contoso(), mail()], [contoso(), mail(ds_from="cds")], id="ds-from-a-child"),
            pytest.param([contoso()], [contoso(src="z")], id="source"),
        ],
    )
    def test_depends_on(self, one: list[dict[str, t.Any]], other: list[dict[str, t.Any]]) -> None:
        assert digest_of(*one) != digest_of(*other)

    def test_depends_on_the_content_of_the_source_and_on_what_is_allowed(self) -> None:
        assert digest_of(contoso(src="z"), source="1") != digest_of(contoso(src="z"), source="2")
        assert digest_of(contoso(), allow=["a"]) != digest_of(contoso())
        assert digest_of(contoso(), allow=["a", "b"]) == digest_of(contoso(), allow=["b", "a"])

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            pytest.param([contoso()], [contoso(parent="corp", ds=[DS_1])], id="what-the-parent-holds"),
            pytest.param([contoso()], [contoso(), {**contoso(), "name": "other.example"}], id="another-zone"),
            pytest.param([contoso(), mail()], [contoso(), mail(ttl=60)], id="content-of-a-child"),
            pytest.param([contoso()], [dict(reversed(contoso().items()))], id="order-of-keys"),
        ],
    )
    def test_does_not_depend_on(self, one: list[dict[str, t.Any]], other: list[dict[str, t.Any]]) -> None:
        assert digest_of(*one) == digest_of(*other)


SERVERS = [{"name": "ns1.contoso.net"}, {"name": "ns2.contoso.net"}]
WHOLE = {"name": "192.0.2.0/24", "name_servers": SERVERS}
PART = {"name": "192.0.2.64/30", "name_servers": SERVERS}


def test_a_part_of_a_24_is_delegated_with_an_alias_for_each_address() -> None:
    lines = lines_of(
        {**WHOLE, "ttl": "2h", "records": [{"name": "1", "type": "PTR", "value": "www.contoso.example."}]}, PART
    )
    assert {line for line in lines if " SOA " not in line} == {
        "@ 7200 NS ns1.contoso.net.",
        "@ 7200 NS ns2.contoso.net.",
        "1 7200 PTR www.contoso.example.",
        "64/30 7200 NS ns1.contoso.net.",
        "64/30 7200 NS ns2.contoso.net.",
        *(f"{octet} 7200 CNAME {octet}.64/30.2.0.192.in-addr.arpa." for octet in (64, 65, 66, 67)),
    }


def test_the_contact_of_a_part_of_a_24_is_at_a_host_name() -> None:
    assert soa_of(PART).split()[2] == "hostmaster.2.0.192.in-addr.arpa."


@pytest.mark.parametrize(
    ("whole", "part", "owner"),
    [
        pytest.param("192.0.0.0/16", "192.0.2.64/30", "65.2", id="from-a-16"),
        pytest.param("192.0.2.0/24", "64/30.2.0.192.in-addr.arpa", "65", id="by-name"),
    ],
)
def test_aliases_wherever_the_part_is_delegated(whole: str, part: str, owner: str) -> None:
    lines = lines_of({**WHOLE, "name": whole}, {**PART, "name": part})
    assert f"{owner} 3600 CNAME 65.64/30.2.0.192.in-addr.arpa." in lines


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({**PART, "parent": "corp"}, id="delegated-elsewhere"),
        pytest.param({**PART, "name": "192.0.2.64/32"}, id="a-whole-label"),
        pytest.param({**PART, "name": "customer.2.0.192.in-addr.arpa"}, id="another-name"),
    ],
)
def test_no_aliases(other: dict[str, t.Any]) -> None:
    assert not [line for line in lines_of(WHOLE, other) if " CNAME " in line]


def test_an_alias_may_be_described_too_and_an_address_be_a_zone() -> None:
    alias = {"name": "65", "type": "CNAME", "value": "65.64/30"}
    lines = lines_of({**WHOLE, "records": [alias]}, PART, {**PART, "name": "192.0.2.66/32"})
    assert {line for line in lines if line.partition(" ")[0] in ("64", "65", "66", "67")} == {
        *(f"{octet} 3600 CNAME {octet}.64/30.2.0.192.in-addr.arpa." for octet in (64, 65, 67)),
        "66 3600 NS ns1.contoso.net.",
        "66 3600 NS ns2.contoso.net.",
    }


def test_other_records_at_an_address_that_has_a_zone_of_its_own_are_refused() -> None:
    records = [{"name": str(octet), "type": "PTR", "value": f"host{octet}.contoso.example."} for octet in (65, 67, 68)]
    assert problems_of({**WHOLE, "records": records}, PART) == [
        "zone 2.0.192.in-addr.arpa, records[0] (65 PTR) and 1 more: 'host65.contoso.example.': its address has a zone"
        " of its own, 64/30.2.0.192.in-addr.arpa, to which a CNAME leads from here (RFC 2317): describe it there"
    ]


def test_of_parts_that_overlap_one_is_refused() -> None:
    (problem,) = problems_of(WHOLE, PART, {**PART, "name": "192.0.2.64/31"})
    assert "the delegation of 64/30.2.0.192.in-addr.arpa and 1 more" in problem
    assert "a zone of its own, 64/31.2.0.192.in-addr.arpa" in problem
