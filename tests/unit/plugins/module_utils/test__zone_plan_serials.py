# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the serials of zone files move, how far, and which cause is named."""

from __future__ import annotations

import pathlib
import tempfile
import typing as t
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils import _zone_plan
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._sources import SourcesWanted
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import FORMAT, Header, read_header
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import ChangingZone, ServedSerials, ZonePlan
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import (
    FIRST_SERIAL,
    NOON,
    contoso,
    planned,
    written,
)

MORE = {"name": "more", "type": "A", "value": "192.0.2.2"}
DAY = timedelta(days=1)


def only(plans: list[ZonePlan]) -> ZonePlan:
    (plan,) = plans
    return plan


def header_of(plan: ZonePlan) -> Header:
    header = read_header(pathlib.Path(plan.path).read_bytes())
    assert header is not None
    return header


SOURCE = """\
$TTL 3600
@ SOA ns1 hostmaster 7 3600 900 1209600 300
@ NS ns1
@ NS ns2.contoso.net.
@ MX 10 mail
mail 300 A 192.0.2.25
ns1 A 192.0.2.53
ns1 AAAA 2001:db8::53
*.wild TXT "a b" "C"
host1 A 192.0.2.1
host2 A 192.0.2.2
"""

SPELLINGS = {
    "order": "\n".join([*SOURCE.splitlines()[:2], *reversed(SOURCE.splitlines()[2:])]) + "\n",
    "case of owners": SOURCE.replace("mail 300", "MAIL 300").replace("host1", "hOsT1"),
    "case of names in data": SOURCE.replace("10 mail", "10 Mail").replace("contoso.net.", "Contoso.NET."),
    "case of types": SOURCE.replace(" A ", " a ").replace("SOA", "soa").replace("TXT", "txt"),
    "spelling of TTLs": SOURCE.replace("$TTL 3600", "$TTL 1H").replace("mail 300", "mail 5m"),
    "spelling of timers": SOURCE.replace("3600 900 1209600 300", "1h 15m 2w 5m"),
    "TTL at each record": SOURCE.replace("$TTL 3600\n", "").replace("@ ", "@ 3600 ").replace("ns1 A", "ns1 3600 A")
    .replace("*.wild", "*.wild 3600").replace("host1", "host1 3600").replace("host2", "host2 1h"),
    "spelling of addresses": SOURCE.replace("2001:db8::53", "2001:0DB8:0:0::0053"),
    "comments": SOURCE.replace("\n", " ; of old\n") + "; the end\n",
    "white space": SOURCE.replace(" ", "\t  ").replace("\n", "  \n\n").replace("a\t  b", "a b"),
    "line ends": SOURCE.replace("\n", "\r\n"),
    "no line end": SOURCE[:-1],
    "class": SOURCE.replace(" A ", " IN A ").replace("@ NS", "@ IN NS"),
    "class before TTL": SOURCE.replace("mail 300 A", "mail IN 300 A"),
    "TTL before class": SOURCE.replace("mail 300 A", "mail 300 IN A"),
    "parentheses": SOURCE.replace("7 3600 900 1209600 300", "( 7 ; serial\n 3600 900\n 1209600 300 )"),
    "blank owners": SOURCE.replace("ns1 AAAA", "    AAAA").replace("@ NS ns2", "  NS ns2"),
    "$ORIGIN": "$ORIGIN example.\n" + SOURCE.replace("@", "contoso").replace(" ns1\n", " ns1.contoso\n")
    .replace("SOA ns1 hostmaster", "SOA ns1.contoso hostmaster.contoso").replace("10 mail", "10 mail.contoso")
    .replace("\nmail", "\nmail.contoso").replace("\nns1", "\nns1.contoso").replace("*.wild", "*.wild.contoso")
    .replace("host1", "host1.contoso").replace("host2", "host2.contoso"),
    "absolute names": SOURCE.replace("@", "contoso.example.").replace("10 mail", "10 mail.contoso.example."),
    "$GENERATE": SOURCE.replace("host1 A 192.0.2.1\nhost2 A 192.0.2.2\n", "$GENERATE 1-2 host$ A 192.0.2.$\n"),
    "escapes": SOURCE.replace('"a b"', r"a\032b").replace('"C"', r"\067").replace("host1", r"h\111st1"),
    "form for unknown types": SOURCE.replace("host1 A 192.0.2.1", r"host1 CLASS1 TYPE1 \# 4 C0 000201"),
    "serial": SOURCE.replace("hostmaster 7", "hostmaster 8"),
}  # fmt: skip

MEANINGS = {
    "TTL of a record": SOURCE.replace("mail 300", "mail 301"),
    "TTL of many": SOURCE.replace("$TTL 3600", "$TTL 3601"),
    "TTL of the SOA": SOURCE.replace("@ SOA", "@ 60 SOA"),
    "MNAME": SOURCE.replace("SOA ns1", "SOA ns2.contoso.net."),
    "RNAME": SOURCE.replace("hostmaster", "john"),
    "refresh": SOURCE.replace("3600 900", "3601 900"),
    "retry": SOURCE.replace(" 900 ", " 901 "),
    "expire": SOURCE.replace("1209600", "1209601"),
    "negative TTL": SOURCE.replace("1209600 300", "1209600 301"),
    "name server": SOURCE.replace("ns2.contoso.net.", "ns3.contoso.net."),
    "address": SOURCE.replace("192.0.2.25", "192.0.2.26"),
    "IPv6 address": SOURCE.replace("db8::53", "db8::54"),
    "preference": SOURCE.replace("MX 10", "MX 20"),
    "target": SOURCE.replace("10 mail", "10 host1"),
    "owner": SOURCE.replace("host2", "host3"),
    "case of text": SOURCE.replace('"C"', '"c"'),
    "strings of text": SOURCE.replace('"a b" "C"', '"a bC"'),
    "order of strings": SOURCE.replace('"a b" "C"', '"C" "a b"'),
    "wildcard": SOURCE.replace("*.wild", "x.wild"),
    "one record more": SOURCE + "more A 192.0.2.9\n",
    "one address more": SOURCE + "host1 A 192.0.2.9\n",
    "one record less": SOURCE.replace("host2 A 192.0.2.2\n", ""),
    "another type": SOURCE.replace("host2 A 192.0.2.2\n", "host2 AAAA 2001:db8::2\n"),
}


class TestContent:
    @pytest.fixture
    def source(self, tmp_path: pathlib.Path) -> pathlib.Path:
        path = tmp_path / "source"
        path.write_text(SOURCE)
        return path

    def zone(self, source: pathlib.Path) -> dict[str, t.Any]:
        return {"name": "contoso.example", "src": str(source)}

    @pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
    def test_is_not_spelling(self, tmp_path: pathlib.Path, source: pathlib.Path, text: str) -> None:
        assert text != SOURCE
        first = only(written(tmp_path, self.zone(source)))
        assert first.warnings == ()
        source.write_bytes(text.encode())
        again = only(planned(tmp_path, self.zone(source), now=NOON + DAY))
        assert again.difference.added == again.difference.removed == ()
        assert again.text is None and again.serial == first.serial

    @pytest.mark.parametrize("text", MEANINGS.values(), ids=MEANINGS)
    def test_is_all_else(self, tmp_path: pathlib.Path, source: pathlib.Path, text: str) -> None:
        assert text != SOURCE
        first = only(written(tmp_path, self.zone(source)))
        source.write_text(text)
        again = only(written(tmp_path, self.zone(source)))
        assert again.text is not None and again.serial == first.serial + 1
        assert again.difference.added or again.difference.removed
        source.write_text(SOURCE)
        assert only(written(tmp_path, self.zone(source))).serial == first.serial + 2

    @pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
    def test_of_a_file_by_somebody_else_is_read_alike(
        self, tmp_path: pathlib.Path, source: pathlib.Path, text: str
    ) -> None:
        (tmp_path / "contoso.example.zone").write_bytes(text.encode())
        plan = only(written(tmp_path, self.zone(source)))
        assert plan.serial == plan.previous_serial == (8 if "hostmaster 8" in text else 7)
        assert plan.difference.added == plan.difference.removed == ()


HOSTS = st.dictionaries(
    st.sampled_from(["a", "b.a", "*"]),
    st.tuples(
        st.sampled_from([60, 3600]), st.frozensets(st.sampled_from(["::1", "2001:db8::1", "::ffff"]), min_size=1)
    ),
    max_size=3,
)
WAYS = {
    60: ["60", "1m", "1M"],
    3600: ["", "1h", "3600"],
    "::1": ["::1", "0:0::1", "0::0001"],
    "2001:db8::1": ["2001:db8::1", "2001:DB8:0::1"],
    "::ffff": ["::ffff", "::FFFF", "0:0:0:0:0:0:0:ffff"],
}


@st.composite
def spelled(draw: st.DrawFn, hosts: dict[str, tuple[int, frozenset[str]]]) -> str:
    """One of many zone files with these hosts."""
    lines = []
    for owner, (ttl, addresses) in hosts.items():
        for address in sorted(addresses):
            name = draw(st.sampled_from([owner, owner.upper(), f"{owner}.contoso.Example."]))
            ways = draw(st.sampled_from(WAYS[ttl])), draw(st.sampled_from(WAYS[address]))
            order = draw(st.sampled_from(["{name} {ttl} IN AAAA {address}", "{name} IN {ttl} AAAA ( {address} ) ; x"]))
            lines.append(order.format(name=name, ttl=ways[0], address=ways[1]))
    soa = f"@ SOA ns1 h {draw(st.integers(0, 9))} 1h 15m 2w 5m\n@ NS ns1.test.\n@ NS ns2.test.\n"
    return "$TTL 1h\n" + soa + "\n".join(draw(st.permutations(lines))) + "\n"


@settings(deadline=None, max_examples=25)
@given(data=st.data(), contents=st.lists(HOSTS, min_size=2, max_size=4))
def test_serials_of_sources_count_changes_of_content(
    data: st.DataObject, contents: list[dict[str, tuple[int, frozenset[str]]]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        source = folder / "source"
        before, serial = None, FIRST_SERIAL - 1
        for content in contents:
            source.write_text(data.draw(spelled(content)))
            plan = only(written(folder, {"name": "contoso.example", "src": str(source)}))
            assert plan.serial == serial + (content != before)
            assert (plan.text is not None) == (content != before)
            before, serial = content, plan.serial


class TestCause:
    """Of a step that is out of the ordinary, as the file and its header tell it."""

    def warning(self, plan: ZonePlan) -> str:
        (warning,) = plan.warnings
        assert warning.startswith("zone contoso.example: ")
        return warning

    def test_is_a_busy_day(self, tmp_path: pathlib.Path) -> None:
        for number in range(100):
            plan = only(written(tmp_path, contoso(ttl=number + 1)))
            assert plan.serial == FIRST_SERIAL + number and plan.warnings == ()
        plan = only(written(tmp_path, contoso(ttl=101), on_future="fail"))
        assert plan.serial == 2026112200 and "was the 100th of its day" in self.warning(plan)
        assert str(header_of(plan).origin) == "date, busy"
        plan = only(written(tmp_path, contoso(ttl=102), on_future="fail"))
        assert plan.serial == 2026112201 and "more changes than serials, 100 a day" in self.warning(plan)
        plan = only(written(tmp_path, contoso(ttl=103), now=NOON + DAY, on_future="fail"))
        assert (plan.serial, plan.warnings, str(header_of(plan).origin)) == (2026112202, (), "date")

    @pytest.mark.parametrize("policy", ["date", "unixtime"])
    def test_is_a_clock_set_back(self, tmp_path: pathlib.Path, policy: str) -> None:
        first = only(written(tmp_path, contoso(), policy=policy, now=NOON + DAY))
        assert first.warnings == ()
        with pytest.raises(DescriptionError, match="has been set back since.*on_future is 'fail'"):
            planned(tmp_path, contoso(MORE), policy=policy, on_future="fail")
        plan = only(written(tmp_path, contoso(MORE), policy=policy))
        assert plan.serial == first.serial + 1
        assert "the clock was ahead when the file was written, or has been set back since" in self.warning(plan)
        plan = only(written(tmp_path, contoso(), policy=policy))
        assert "the one before it was ahead already" in self.warning(plan)
        plan = only(written(tmp_path, contoso(MORE), policy=policy, now=NOON + 2 * DAY))
        assert plan.warnings == ()

    def test_is_an_edit_by_hand(self, tmp_path: pathlib.Path) -> None:
        path = pathlib.Path(only(written(tmp_path, contoso())).path)
        path.write_text(path.read_text().replace("2026112100 ; serial", "2027050300 ; serial"))
        plan = only(written(tmp_path, contoso(MORE)))
        assert plan.serial == 2027050301
        assert "an edit by hand put it into the file, which was written with 2026112100" in self.warning(plan)

    @pytest.mark.parametrize(
        ("former", "present", "words"),
        [
            ("increment", "date", "the policy was increment when 1 was written, and is date now"),
            ("increment", "unixtime", "the policy was increment when 1 was written, and is unixtime now"),
            ("unixtime", "date", "the policy was unixtime when 1795262400 was written, and is date now"),
            ("date", "increment", "the policy was date when 2026112100 was written, and is increment now"),
            ("unixtime", "increment", "the policy was unixtime when 1795262400 was written, and is increment now"),
            ("date", "unixtime", "ahead of the present second (1795262400): the policy was date when it was written"),
        ],
    )
    def test_is_a_change_of_policy_told_once(
        self, tmp_path: pathlib.Path, former: str, present: str, words: str
    ) -> None:
        written(tmp_path, contoso(), policy=former)
        plan = only(written(tmp_path, contoso(MORE), policy=present))
        assert words in self.warning(plan)
        again = only(written(tmp_path, contoso(), policy=present, now=NOON + DAY))
        if (former, present) != ("date", "unixtime"):
            assert again.warnings == ()

    @pytest.mark.parametrize(
        ("serial", "words"),
        [
            (1795262399, "looks like a unix time, and the policy is date"),
            (4294967295, "is the greatest of 32 bits"),
            (2027050300, "the file has it from a clock that was wrong, an edit by hand or another tool"),
            (4711, "looks like a plain number, and the policy is date"),
        ],
    )
    def test_is_what_somebody_else_wrote(self, tmp_path: pathlib.Path, serial: int, words: str) -> None:
        path = pathlib.Path(only(written(tmp_path, contoso())).path)
        lines = path.read_text().replace("2026112100 ; serial", f"{serial} ; serial").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith(";")))
        assert words in self.warning(only(planned(tmp_path, contoso(MORE))))
        # Taken over with its serial, which tells no more than before.
        kept = only(written(tmp_path, contoso()))
        assert (kept.serial, kept.warnings, header_of(kept).origin) == (serial, (), None)
        assert words in self.warning(only(written(tmp_path, contoso(MORE))))

    def test_outlives_another_text_of_the_same_content(
        self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = only(written(tmp_path, contoso(), policy="increment"))
        monkeypatch.setattr(_zone_plan, "FORMAT", FORMAT + 1)
        plan = only(written(tmp_path, contoso(), policy="date"))
        assert plan.text is not None and plan.serial == first.serial
        assert str(header_of(plan).origin) == "increment"


class Servers:
    """Tells what is served, and remembers who asked for what."""

    def __init__(self, served: ServedSerials | None = None) -> None:
        self.served = served or {}
        self.asked: list[list[tuple[str, bool]]] = []

    def __call__(self, changing: t.Sequence[ChangingZone]) -> ServedSerials:
        self.asked.append([(each.zone.text, each.is_new) for each in changing])
        return self.served


class TestServed:
    ZONES = ({**contoso(), "name": "a.example"}, {**contoso(), "name": "b.example"}, {**contoso(), "name": "c.example"})

    def test_are_asked_for_once_and_for_what_changes_alone(self, tmp_path: pathlib.Path) -> None:
        servers = Servers()
        written(tmp_path, *self.ZONES[:2], ask=servers)
        written(tmp_path, *self.ZONES[:2], ask=servers)
        changed = {**contoso(MORE), "name": "b.example"}
        written(tmp_path, self.ZONES[0], changed, self.ZONES[2], ask=servers)
        assert servers.asked == [
            [("a.example", True), ("b.example", True)],
            [("b.example", False), ("c.example", True)],
        ]

    @pytest.mark.parametrize("content", ["", "\n"])
    def test_are_of_a_new_zone_where_the_file_is_empty(self, tmp_path: pathlib.Path, content: str) -> None:
        servers = Servers()
        (tmp_path / "a.example.zone").write_text(content)
        planned(tmp_path, self.ZONES[0], ask=servers)
        assert servers.asked == [[("a.example", True)]]

    def test_are_not_asked_for_where_a_file_is_only_taken_over(self, tmp_path: pathlib.Path) -> None:
        servers = Servers()
        path = pathlib.Path(only(written(tmp_path, self.ZONES[0])).path)
        path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if line[0] != ";"))
        assert only(planned(tmp_path, self.ZONES[0], ask=servers)).text is not None
        assert servers.asked == []

    def test_are_not_asked_for_before_all_is_known(self, tmp_path: pathlib.Path) -> None:
        servers = Servers()
        bad = {"name": "www", "type": "A", "value": "nonsense"}
        with pytest.raises(DescriptionError):
            planned(tmp_path, self.ZONES[0], contoso(bad), ask=servers)
        with pytest.raises(SourcesWanted):
            planned(
                tmp_path, self.ZONES[0], contoso(src="z"), located={"z": {"digest": "d", "path": None}}, ask=servers
            )
        assert servers.asked == []

    def test_move_the_serial_ahead(self, tmp_path: pathlib.Path) -> None:
        servers = Servers({"a.example.": {"192.0.2.53": FIRST_SERIAL + 7, "192.0.2.54": 5}})
        written(tmp_path, self.ZONES[0])
        plan = only(planned(tmp_path, {**contoso(MORE), "name": "a.example"}, ask=servers))
        assert (plan.previous_serial, plan.serial) == (FIRST_SERIAL, FIRST_SERIAL + 8)
        (warning,) = plan.warnings
        assert warning.startswith(
            f"zone a.example: serial {FIRST_SERIAL + 7} is served by 192.0.2.53, ahead of {FIRST_SERIAL} in the file"
        )

    def test_move_the_serial_of_a_new_zone(self, tmp_path: pathlib.Path) -> None:
        servers = Servers({"b.example.": {"192.0.2.53": FIRST_SERIAL}})
        first, second, _third = planned(tmp_path, *self.ZONES, ask=servers)
        assert (first.serial, second.serial) == (FIRST_SERIAL, FIRST_SERIAL + 1)
        assert first.warnings == () and "while there is no file" in second.warnings[0]

    def test_refuse_as_problems_of_all_zones(self, tmp_path: pathlib.Path) -> None:
        far = {"x": 0, "y": 2**31}
        servers = Servers({"a.example.": far, "c.example.": far})
        with pytest.raises(DescriptionError) as caught:
            planned(tmp_path, *self.ZONES, ask=servers)
        first, second = caught.value.message.splitlines()
        assert first.startswith(f"zone a.example, {tmp_path / 'a.example.zone'}: no serial is newer than all of those")
        assert "0 at x, 2147483648 at y" in first and second.startswith("zone c.example")

    def test_refuse_where_on_future_says_so(self, tmp_path: pathlib.Path) -> None:
        servers = Servers({"a.example.": {"192.0.2.53": 2027050300}})
        with pytest.raises(DescriptionError, match="it is served by 192.0.2.53, while there is no file"):
            planned(tmp_path, self.ZONES[0], ask=servers, on_future="fail")

    def test_stop_everything_where_they_cannot_be_learned(self, tmp_path: pathlib.Path) -> None:
        def silent(_changing: t.Sequence[ChangingZone]) -> ServedSerials:
            raise DescriptionError([Problem(rule="192.0.2.53 is silent")])

        with pytest.raises(DescriptionError, match="silent"):
            planned(tmp_path, self.ZONES[0], ask=silent)
