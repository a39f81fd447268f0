# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A zone file by hand, in any spelling, is taken over and keeps its serial where its content is as described."""

from __future__ import annotations

import pathlib
import random
import tempfile
import typing as t

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._included_files import including_file
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import (
    FIRST_SERIAL,
    planned,
    written,
)

APEX = "contoso.example."
SERIAL = 4711
# Owner, TTL, type and data in parts; in-zone names begin with a dot here and can be spelled in many ways.
RECORDS: tuple[tuple[str, int, str, tuple[str, ...]], ...] = (
    ("@", 3600, "NS", (".ns1",)),
    ("@", 3600, "NS", ("ns2.example.net.",)),
    ("@", 300, "MX", ("10", ".mail")),
    ("@", 300, "MX", ("20", ".mail.b")),
    ("@", 3600, "TXT", ('"v=spf1 -all; (really)"', '"$INCLUDE x"')),
    ("ns1", 3600, "A", ("192.0.2.53",)),
    ("ns1", 3600, "AAAA", ("2001:db8::53",)),
    ("mail", 60, "A", ("192.0.2.25",)),
    ("mail.b", 60, "A", ("192.0.2.26",)),
    ("b", 3600, "TXT", ('"b"',)),
    ("www", 3600, "CNAME", (".web.b",)),
    ("web.b", 3600, "A", ("192.0.2.80",)),
    ("*.b", 3600, "AAAA", ("2001:db8::80",)),
    ("_sip._tcp", 3600, "SRV", ("10", "20", "5060", ".mail")),
    ("alias", 3600, "CNAME", ("@",)),
    *((f"host-{number}", 3600, "A", (f"192.0.2.{100 + number}",)) for number in range(1, 4)),
)
DESCRIBED: dict[str, t.Any] = {
    "name": "contoso.example",
    "contact": "john.smith@contoso.example",
    "primary": "ns1.contoso.example",
    "soa": {"ttl": 7200, "refresh": "1h", "retry": "15m", "expire": "2w", "negative_ttl": "5m"},
}
DESCRIBED_RECORDS = [
    {"name": owner, "type": rdtype, "ttl": ttl, "value": " ".join(part.lstrip(".") for part in data)}
    for owner, ttl, rdtype, data in RECORDS
]

slow = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


class Hand:
    """Writes the zone as people do, never twice alike."""

    def __init__(self, folder: pathlib.Path, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self._origin = APEX
        self._owner: str | None = None
        self._default_ttl: int | None = None
        self._files = 0

    def write(self, name: str) -> pathlib.Path:
        """Write the zone and what it includes; return the path of its file."""
        path = self._folder / name
        records = list(RECORDS)
        self._chance.shuffle(records)
        path.write_text(self._top() + self._body(path, records))
        return path

    def _top(self) -> str:
        top = ""
        if self._yes():
            self._default_ttl = self._chance.choice((60, 3600))
            top = f"$TTL {self._duration(self._default_ttl)} ; default\n"
        self._owner = "@"
        soa = (self._name("ns1"), r"john\.smith", str(SERIAL), "1h", "15m", "2w", "300")
        return f"{top}{self._name('@')} {self._prefix(7200)} SOA {self._data(soa)}\n"

    def _body(self, path: pathlib.Path, records: list[tuple[str, int, str, tuple[str, ...]]]) -> str:
        text = ""
        hosts = [record for record in records if record[0].startswith("host-")]
        if len(hosts) == 3 and self._yes():
            records = [record for record in records if record not in hosts]
            # $GENERATE leaves another owner behind.
            self._owner = None
            numbers, number, address = self._chance.choice((("1-3", "$", "10$"), ("101-103/1", "${-100}", "$")))
            owner = f"host-{number}" if self._origin == APEX and self._yes() else f"host-{number}.{APEX}"
            text += f"$GENERATE {numbers} {owner} {self._prefix(3600)} A 192.0.2.{address}\n"
        while records:
            if len(records) > 2 and self._files < 4 and self._yes(0.2):
                count = self._chance.randint(1, len(records))
                text += self._include(path, records[:count])
                records = records[count:]
                continue
            if self._yes(0.15):
                self._origin = self._chance.choice((APEX, f"b.{APEX}"))
                text += f"$ORIGIN {self._cased(self._origin)}\n"
            text += self._record(*records.pop(0)) + self._chance.choice(("\n", " ; comment\n", "\n\n ; ( comment\n"))
        return text

    def _include(self, path: pathlib.Path, records: list[tuple[str, int, str, tuple[str, ...]]]) -> str:
        self._files += 1
        place = self._chance.choice(("", "parts/", "parts/more/"))
        included = path.parent / f"{place}part{self._files}"
        included.parent.mkdir(parents=True, exist_ok=True)
        named = str(included) if self._yes(0.3) else f"{place}{included.name}"
        named = f'"{named}"' if self._yes(0.3) else named
        before, owner = self._origin, self._owner
        origin = self._chance.choice(("", f" b.{APEX}"))
        self._origin, self._owner = origin.strip() or before, None
        included.write_text(self._body(included, records))
        # What a file sets ends with it.
        self._origin, self._owner = before, owner
        return f"{self._chance.choice(('$INCLUDE', '$include'))} {named}{origin}\n"

    def _record(self, owner: str, ttl: int, rdtype: str, data: tuple[str, ...]) -> str:
        blank = owner == self._owner and self._yes(0.7)
        self._owner = owner
        parts = [self._name(part.lstrip(".")) if part[0] in ".@" else part for part in data]
        spelled = (
            f"{'' if blank else self._name(owner)} {self._prefix(ttl)} {self._chance.choice((rdtype, rdtype.lower()))}"
        )
        return f"{spelled}{self._chance.choice(('  ', chr(9)))}{self._data(parts)}"

    def _prefix(self, ttl: int) -> str:
        words = [self._duration(ttl)] if ttl != self._default_ttl or self._yes() else []
        words += ["IN"] if self._yes() else []
        self._chance.shuffle(words)
        return " ".join(words)

    def _data(self, parts: t.Sequence[str]) -> str:
        if self._yes(0.6):
            return " ".join(parts)
        first = self._chance.randint(0, len(parts) - 1)
        lines = "\n".join(f"\t{part} ; (comment" for part in parts[first:])
        return f"{' '.join(parts[:first])} (\n{lines}\n)"

    def _name(self, name: str) -> str:
        absolute = APEX if name == "@" else f"{name}.{APEX}"
        below = absolute == self._origin or absolute.endswith(f".{self._origin}")
        if not below or self._yes(0.3):
            return self._cased(absolute)
        return self._cased("@" if absolute == self._origin else absolute[: -len(self._origin) - 1])

    def _cased(self, name: str) -> str:
        return "".join(letter.upper() if self._yes(0.2) else letter for letter in name)

    def _duration(self, seconds: int) -> str:
        return self._chance.choice((str(seconds), f"{seconds // 60}m", f"{seconds}S"))

    def _yes(self, probability: float = 0.5) -> bool:
        return self._chance.random() < probability


@pytest.fixture(name="hand", scope="module")
def hand_fixture() -> t.Iterator[t.Callable[[int], tuple[Hand, pathlib.Path]]]:
    """Return a hand, and the folder of what it writes, which is another one each time."""
    with tempfile.TemporaryDirectory() as name:
        count = iter(range(1000000))

        def make(seed: int) -> tuple[Hand, pathlib.Path]:
            folder = pathlib.Path(name) / str(next(count))
            folder.mkdir()
            return Hand(folder, random.Random(seed)), folder

        yield make


@slow
@given(seed=st.integers(0, 2**32))
def test_in_place(hand: t.Callable[[int], tuple[Hand, pathlib.Path]], seed: int) -> None:
    author, folder = hand(seed)
    author.write("contoso.example.zone")
    (plan,) = written(folder, {**DESCRIBED, "records": DESCRIBED_RECORDS})
    assert (plan.serial, plan.previous_serial) == (SERIAL, SERIAL)
    assert (plan.difference.added, plan.difference.removed) == ((), ())
    (again,) = planned(folder, {**DESCRIBED, "records": DESCRIBED_RECORDS})
    assert again.text is None


@slow
@given(seed=st.integers(0, 2**32))
def test_through_src(hand: t.Callable[[int], tuple[Hand, pathlib.Path]], seed: int) -> None:
    author, folder = hand(seed)
    (first,) = written(folder, {**DESCRIBED, "records": DESCRIBED_RECORDS})
    (plan,) = written(folder, {"name": "contoso.example", "src": str(author.write("by-hand"))})
    assert (first.serial, plan.serial) == (FIRST_SERIAL, FIRST_SERIAL)
    assert (plan.difference.added, plan.difference.removed) == ((), ())


@slow
@given(seed=st.integers(0, 2**32))
def test_through_src_of_the_controller(hand: t.Callable[[int], tuple[Hand, pathlib.Path]], seed: int) -> None:
    author, folder = hand(seed)
    source = including_file(str(author.write("by-hand")))
    # On the target the files have other names.
    located: dict[str, dict[str, t.Any]] = {
        "by-hand": {
            "digest": source.digest,
            "path": f"{folder}/sent",
            "found": source.path,
            "included": source.included,
        }
    }
    pathlib.Path(source.path).rename(folder / "sent")
    for index, included in enumerate(source.included):
        pathlib.Path(included).rename(folder / f"sent-{index}")
        located[included] = {"digest": "", "path": f"{folder}/sent-{index}"}
    (plan,) = planned(folder, {"name": "contoso.example", "src": "by-hand"}, located=located)
    assert plan.records == len(RECORDS) + 1
    written(folder, {**DESCRIBED, "records": DESCRIBED_RECORDS})
    (plan,) = planned(folder, {"name": "contoso.example", "src": "by-hand"}, located=located)
    assert (plan.serial, plan.difference.added, plan.difference.removed) == (FIRST_SERIAL, (), ())


@pytest.mark.parametrize(
    ("spelled", "instead"),
    [("192.0.2.53", "192.0.2.54"), ("3600 A", "3601 A"), ("5060", "5061"), ("SOA ns1", "SOA ns3"), ("-all", "~all")],
)
def test_any_other_content_moves_the_serial(tmp_path: pathlib.Path, spelled: str, instead: str) -> None:
    def plain(parts: tuple[str, ...]) -> str:
        return " ".join(part.lstrip(".") for part in parts)

    lines = [f"{owner} {ttl} {rdtype} {plain(data)}" for owner, ttl, rdtype, data in RECORDS]
    text = f"@ 7200 SOA ns1 john\\.smith {SERIAL} 3600 900 1209600 300\n" + "\n".join(lines)
    for content, serial in ((text, SERIAL), (text.replace(spelled, instead), FIRST_SERIAL)):
        (tmp_path / "contoso.example.zone").write_text(content)
        (plan,) = planned(tmp_path, {**DESCRIBED, "records": DESCRIBED_RECORDS}, allow=("ttl_differs",))
        assert plan.serial == serial


def test_ttls_that_differ_in_an_rrset_equal_no_others(tmp_path: pathlib.Path) -> None:
    def zone(*ttls: int) -> str:
        hosts = "".join(f"www {ttl} A 192.0.2.{number}\n" for number, ttl in enumerate(ttls))
        return f"@ 60 SOA ns1.example.net. root {SERIAL} 1 1 1 1\n@ 60 NS ns1.example.net.\n{hosts}"

    (tmp_path / "even").write_text(zone(60, 60))
    for ttls, moves in (((60, 60), False), ((60, 600), True), ((600, 60), True)):
        (tmp_path / "contoso.example.zone").write_text(zone(*ttls))
        (plan,) = planned(tmp_path, {"name": "contoso.example", "src": str(tmp_path / "even")})
        assert (plan.serial != SERIAL, bool(plan.difference.added or plan.difference.removed)) == (moves, moves)


def test_a_change_in_an_included_file_is_noticed(tmp_path: pathlib.Path) -> None:
    main, part = tmp_path / "main", tmp_path / "part"
    main.write_text("$TTL 60\n@ SOA ns1 root 1 1 1 1 1\n@ NS ns1\n@ NS ns2.example.net.\n$INCLUDE part\n")
    part.write_text("ns1 A 192.0.2.1\n")
    (first,) = written(tmp_path, {"name": "contoso.example", "src": str(main)})
    (same,) = planned(tmp_path, {"name": "contoso.example", "src": str(main)})
    part.write_text("ns1 A 192.0.2.2\n")
    (changed,) = planned(tmp_path, {"name": "contoso.example", "src": str(main)})
    assert same.text is None and same.serial == first.serial
    assert changed.difference.added == ("ns1.contoso.example. 60 IN A 192.0.2.2",)
    assert changed.serial == first.serial + 1


def test_a_zone_whose_soa_is_included_takes_ttls_from_it(tmp_path: pathlib.Path) -> None:
    (tmp_path / "soa").write_text("@ 60 SOA ns1 root 1 1 1 1 30\n")
    (tmp_path / "main").write_text("$INCLUDE soa\n@ NS ns1.example.net.\n@ NS ns2.example.net.\n")
    (plan,) = planned(tmp_path, {"name": "contoso.example", "src": str(tmp_path / "main")})
    assert plan.text is not None and b" 60 IN NS " in plan.text


def test_the_soa_that_ends_a_transfer_is_no_second_one(tmp_path: pathlib.Path) -> None:
    soa = f"contoso.example. 7200 IN SOA ns1.contoso.example. root.contoso.example. {SERIAL} 1 1 1 1\n"
    text = f"; <<>> DiG <<>> axfr\n{soa}contoso.example. 60 IN NS ns1.example.net.\n{soa};; XFR size: 3 records\n"
    (tmp_path / "transfer").write_text(text)
    (tmp_path / "contoso.example.zone").write_text(text)
    described = {"name": "contoso.example", "src": str(tmp_path / "transfer")}
    (plan,) = written(tmp_path, described)
    assert (plan.serial, plan.records, plan.difference.added, plan.difference.removed) == (SERIAL, 2, (), ())
    (again,) = planned(tmp_path, described)
    assert again.text is None


def test_an_export_of_windows_is_read(tmp_path: pathlib.Path) -> None:
    lines = ("@ IN SOA ns1 root 1 1 1 1 60", "@ NS ns1.example.net.", "host [AGE:3650000] 900 A 192.0.2.1", "")
    (tmp_path / "export").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode("ascii"))
    (plan,) = planned(tmp_path, {"name": "contoso.example", "src": str(tmp_path / "export")})
    assert "host.contoso.example. 900 IN A 192.0.2.1" in plan.difference.added


def test_an_empty_file_is_told_for_its_serial_is_lost(tmp_path: pathlib.Path) -> None:
    (tmp_path / "contoso.example.zone").touch()
    (plan,) = written(tmp_path, {**DESCRIBED, "records": DESCRIBED_RECORDS})
    (warning,) = plan.warnings
    assert "which serial the zone had is unknown" in warning
    (again,) = planned(tmp_path, {**DESCRIBED, "records": DESCRIBED_RECORDS})
    assert again.warnings == ()
