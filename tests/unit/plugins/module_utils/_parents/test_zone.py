# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The zone file of the parent: only the delegation changes, all changes are one write, and nothing is lost."""

from __future__ import annotations

import json
import os
import pathlib
import re
import typing as t
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone

import dns.name
import dns.rdata
import dns.zone
import pytest
from ansible.module_utils import basic

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    StaleViewError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import AbsorbedRecord, Change, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._parents.zone import ZoneParent
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.plugins.module_utils._zone_file import read_header
from ansible_collections.zonecut.dns.plugins.module_utils._zone_plan import surplus_files
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    KEY_1,
    KEY_2,
    Fault,
    ParentContract,
    World,
    described,
    opened,
    pushed,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import (
    DS_1,
    DS_2,
    delegation,
    delegation_at,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.described_zones import (
    FIRST_SERIAL,
    contoso,
    mail,
    planned,
    written,
)

PARENT = f"""\
$ORIGIN contoso.example.
$TTL 1h
@ SOA ns0 hostmaster 2026010107 1h 15m 2w 5m
@ 2d NS ns0
ns0 A 192.0.2.250
*.wild TXT "a; b" "c"
mail 1w NS ns1.mail
     1w NS a.test.
     DS {DS_1}
ns1.mail A 192.0.2.1
ns2.mail A 203.0.113.7 ; left behind
"""
PRESENT = delegation({"ns1": ["192.0.2.1"], "a.test.": []}, DS_1)
WANTED = delegation({"ns2": ["192.0.2.2", "2001:db8::2"], "a.test.": []}, DS_2)
NOW = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


class Writer:
    """Writes without a module, and counts."""

    def __init__(self) -> None:
        self.written = 0
        self.kept: list[bytes] = []
        self.warnings: list[str] = []

    @contextmanager
    def locked(self) -> t.Generator[None, None, None]:
        yield

    def replace(self, *, zone: str, path: str, before: bytes, text: bytes, keep: bool) -> str | None:
        assert pathlib.Path(path).read_bytes() == before
        pathlib.Path(path).write_bytes(text)
        self.written += 1
        if keep:
            self.kept.append(before)
        return "/kept" if keep else None


def parent(writer: Writer | None = None, described: t.Sequence[str] = (), **options: t.Any) -> ZoneParent:
    """Return the parent for a file."""
    setting = Setting(
        tree=ZoneTree(parse_zones(list(described))),
        timeout=1,
        clock=lambda: NOW,
        writer=lambda folder: t.cast("t.Any", writer),
        warn=print if writer is None else writer.warnings.append,
    )
    given = {"zone": None if described else dns.name.from_text("contoso.example"), **options}
    return ZoneParent(name="corp", options=given, setting=setting)


def zone(name: str = "mail.contoso.example") -> Zone:
    """Return a zone of which only the name matters."""
    return parse_zones([name])[0]


def change(present: t.Any, wanted: t.Any, name: str = "mail.contoso.example") -> Change:
    """Return a planned change."""
    value = zone(name)
    return Change(
        zone=value, present=present, wanted=wanted, operations=plan(zone=value.name, present=present, wanted=wanted)
    )


def records(path: pathlib.Path) -> set[str]:
    """Return the records of the contoso.example zone file, without the SOA."""
    read = dns.zone.from_file(str(path), origin="contoso.example.", relativize=False)
    return {f"{owner} {ttl} {rdata}" for owner, ttl, rdata in read.iterate_rdatas() if rdata.rdtype != 6}


@pytest.fixture(name="path")
def path_fixture(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "contoso.example.zone"
    path.write_text(PARENT)
    return path


@pytest.mark.parametrize("way", ["path", "directory", "tree"])
def test_reads_the_file(path: pathlib.Path, way: str) -> None:
    if way == "path":
        corp = parent(path=str(path))
    elif way == "directory":
        corp = parent(directory=str(path.parent))
    else:
        corp = parent(described=["contoso.example"], directory=str(path.parent))
    assert corp.read(zone()) == PRESENT
    assert not corp.read(zone("shop.contoso.example")).exists


def test_changes_the_delegation_and_nothing_else(path: pathlib.Path) -> None:
    before, writer = records(path), Writer()
    corp = parent(writer, path=str(path))
    corp.apply(change(PRESENT, WANTED))
    assert corp.read(zone()) == WANTED
    assert before - records(path) == {
        "mail.contoso.example. 604800 ns1.mail.contoso.example.",
        f"mail.contoso.example. 3600 {DS_1}",
        "ns1.mail.contoso.example. 3600 192.0.2.1",
        "ns2.mail.contoso.example. 3600 203.0.113.7",
    }
    assert records(path) - before == {
        "mail.contoso.example. 604800 ns2.mail.contoso.example.",
        f"mail.contoso.example. 3600 {DS_2}",
        "ns2.mail.contoso.example. 172800 192.0.2.2",
        "ns2.mail.contoso.example. 172800 2001:db8::2",
    }
    assert "2026010108 ; serial" in path.read_text()


def test_all_changes_are_one_write(path: pathlib.Path) -> None:
    writer = Writer()
    failed = parent(writer, path=str(path)).apply_all(
        [
            change(PRESENT, delegation({})),
            change(delegation({}), delegation({"a.test.": []}), "shop.contoso.example"),
            change(delegation({"b.test.": []}), delegation({}), "stale.contoso.example"),
            change(delegation({}), delegation({"a.test.": []}), "shop.elsewhere.example"),
        ]
    )
    assert writer.written == 1 and "2026010108 ; serial" in path.read_text()
    assert "shop.contoso.example. 172800 a.test." in records(path)
    assert not any(record.startswith("mail.") for record in records(path))
    assert {str(name): type(failure) for name, failure in failed.items()} == {
        "stale.contoso.example.": StaleViewError,
        "shop.elsewhere.example.": DelegationError,
    }


def test_tells_what_a_new_delegation_hides(path: pathlib.Path) -> None:
    path.write_text(f"""{PARENT}
web MX 10 www
x.web A 127.0.0.8
ns1.web A 192.0.2.1
ns1.web TXT text
ns2.web AAAA 2001:db8::2
cobweb A 127.0.0.9
""")
    servers = delegation({"ns1.web.contoso.example.": ["192.0.2.9"], "a.test.": []})
    found = parent(path=str(path)).hidden_by(
        [
            change(NOT_DELEGATED, servers, "web.contoso.example"),
            change(NOT_DELEGATED, servers, "x.web.contoso.example"),
            change(NOT_DELEGATED, servers, "a.wild.contoso.example"),
            change(NOT_DELEGATED, servers, "shop.elsewhere.example"),
        ]
    )
    assert isinstance(found.pop(dns.name.from_text("shop.elsewhere.example")), DelegationError)
    assert {str(name): hidden for name, hidden in found.items()} == {
        "web.contoso.example.": (
            "ns1.web.contoso.example TXT",
            "ns2.web.contoso.example AAAA",
            "web.contoso.example MX",
            "x.web.contoso.example A",
        ),
        "x.web.contoso.example.": ("x.web.contoso.example A",),
        "a.wild.contoso.example.": (),
    }


@pytest.mark.parametrize("user", ["shop", "@"])
@pytest.mark.parametrize("wanted", [NOT_DELEGATED, delegation({"a.test.": []}, DS_1)], ids=["none", "fewer"])
def test_glue_that_others_need_stays(path: pathlib.Path, user: str, wanted: Delegation) -> None:
    path.write_text(f"{PARENT}{user} NS ns1.mail\n")
    corp = parent(writer := Writer(), path=str(path))
    corp.apply(change(PRESENT, wanted))
    assert corp.read(zone()) == wanted
    assert "ns1.mail.contoso.example. 3600 192.0.2.1" in records(path)
    (warning,) = (each for each in writer.warnings if "/kept" not in each)
    needed_by = "contoso.example" if user == "@" else "shop.contoso.example"
    assert f"ns1.mail.contoso.example stay where mail.contoso.example was delegated to it, since {needed_by}" in warning


@pytest.mark.parametrize(
    ("records", "cut", "message"),
    [
        ("sub NS x.test.\n", "a.sub", "sub.contoso.example is delegated in contoso.example and a.sub"),
        ("d DNAME elsewhere.test.\n", "x.d", "d.contoso.example is a DNAME in the parent zone"),
        ("www CNAME ns0\n", "www", "www.contoso.example is a CNAME in the parent zone, .* remove it first"),
    ],
)
def test_where_nothing_can_be_delegated_it_is_told(path: pathlib.Path, records: str, cut: str, message: str) -> None:
    path.write_text(PARENT + records)
    creation = change(NOT_DELEGATED, delegation({"a.test.": []}), f"{cut}.contoso.example")
    corp = parent(writer := Writer(), path=str(path))
    found = corp.read_all([zone(), creation.zone])
    assert found[zone().name] == PRESENT
    failed = corp.apply_all([creation])
    for told in (found[creation.zone.name], failed[creation.zone.name]):
        assert isinstance(told, DelegationError) and re.search(message, told.message)
    with pytest.raises(DelegationError, match=message):
        corp.read(creation.zone)
    assert writer.written == 0


@pytest.mark.parametrize("present", [NOT_DELEGATED, delegation({"ns2": [], "a.test.": []})], ids=["new", "no-glue"])
def test_glue_takes_the_place_of_an_alias_below_the_cut(path: pathlib.Path, present: Delegation) -> None:
    servers = "".join(f"mail NS {name}\n" for name in ("ns2.mail", "a.test.") if present.exists)
    path.write_text(f"{PARENT[: PARENT.index('mail 1w')]}{servers}ns2.mail CNAME ns0\nftp.mail CNAME ns0\n")
    corp = parent(Writer(), path=str(path))
    corp.apply(change(present, WANTED))
    # This reads the file anew.
    assert corp.read(zone()) == WANTED
    assert "ftp.mail.contoso.example. 3600 ns0.contoso.example." in records(path)


def test_a_stale_view_writes_nothing(path: pathlib.Path) -> None:
    writer = Writer()
    with pytest.raises(StaleViewError):
        parent(writer, path=str(path)).apply(change(delegation({}), WANTED))
    assert writer.written == 0 and path.read_text() == PARENT


@pytest.mark.parametrize("trace", ["journal", "Knot has written this file by itself"])
def test_a_zone_that_its_server_updates_is_left_alone(path: pathlib.Path, trace: str) -> None:
    corp = parent(writer := Writer(), path=str(path))
    corp.check(change(PRESENT, WANTED))
    if trace == "journal":
        path.with_name(f"{path.name}.jnl").touch()
    else:
        path.write_bytes(b";; Zone dump (Knot DNS 3.2.6)\n" + path.read_bytes())
    assert corp.read(zone()) == PRESENT
    for attempt in (corp.check, corp.apply):
        with pytest.raises(DelegationError, match=f"{trace}.*type rfc2136$"):
            attempt(change(PRESENT, WANTED))
    assert writer.written == 0


def test_a_folder_that_cannot_be_written_shows_beforehand(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, who may write anywhere.
    monkeypatch.setattr(os, "access", lambda folder, mode: folder != str(path.parent) or mode != os.W_OK | os.X_OK)
    with pytest.raises(DelegationError, match=f"{path} cannot be written: .* {path.parent}$"):
        parent(path=str(path)).check(change(PRESENT, WANTED))


class TestFileOfSomebodyElse:
    """A file that zone_files never wrote."""

    def test_does_not_become_one_that_purge_removes(self, path: pathlib.Path) -> None:
        parent(Writer(), path=str(path)).apply(change(PRESENT, WANTED))
        assert surplus_files(parse_zones(["other.example"]), str(path.parent)) == []
        assert "Ansible" not in path.read_text() and "overwritten" not in path.read_text()

    def test_is_kept_before_its_first_rewrite(self, path: pathlib.Path) -> None:
        writer = Writer()
        corp = parent(writer, path=str(path))
        corp.apply(change(PRESENT, WANTED))
        assert writer.kept == [PARENT.encode()]
        (warning,) = writer.warnings
        assert str(path) in warning and warning.endswith("/kept")
        corp.apply(change(WANTED, PRESENT))
        assert writer.written == 2 and len(writer.kept) == len(writer.warnings) == 1
        path.write_text(f"; more\n{path.read_text()}")
        corp.apply(change(PRESENT, WANTED))
        assert len(writer.kept) == 2

    def test_may_have_comments_in_any_encoding(self, path: pathlib.Path) -> None:
        path.write_bytes(PARENT.encode() + "; M\xfcnchen\n".encode("latin-1"))
        assert parent(path=str(path)).read(zone()) == PRESENT

    @pytest.mark.parametrize(
        ("serial", "following", "warning"),
        [
            (2025123105, 2026010100, None),
            (2026010107, 2026010108, None),
            (41, 42, None),
            (1767268800, 1767268801, None),
            (4294967295, 1, "zone contoso.example at corp: serial 4294967295 in use is the greatest of 32 bits"),
            (2030010100, 2030010101, "zone contoso.example at corp: serial 2030010100 in use is ahead of"),
        ],
    )
    def test_goes_on_with_its_serials(
        self, path: pathlib.Path, serial: int, following: int, warning: str | None
    ) -> None:
        path.write_text(PARENT.replace("2026010107", str(serial)))
        writer = Writer()
        parent(writer, path=str(path)).apply(change(PRESENT, WANTED))
        assert f" {following} " in next(line for line in path.read_text().splitlines() if "; serial" in line)
        told = [each for each in writer.warnings if f"serial {serial} " in each]
        assert told == [] if warning is None else told[0].startswith(warning)


class TestManaged:
    """A file that zone_files renders."""

    def push(self, folder: pathlib.Path, present: t.Any, wanted: t.Any) -> Writer:
        writer = Writer()
        corp = parent(writer, directory=str(folder))
        corp.check(change(present, wanted))
        corp.apply(change(present, wanted))
        return writer

    def test_stays_one(self, tmp_path: pathlib.Path) -> None:
        (first,) = written(tmp_path, contoso())
        before = read_header(pathlib.Path(first.path).read_bytes())
        writer = self.push(tmp_path, NOT_DELEGATED, WANTED)
        header = read_header(pathlib.Path(first.path).read_bytes())
        assert before is not None and header is not None and header.intact
        assert header.input_digest == before.input_digest and header.pushed == {"mail.contoso.example"}
        assert writer.kept == []
        assert surplus_files(parse_zones(["other.example"]), str(tmp_path)) == [first.path]

    def test_keeps_what_was_pushed(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        self.push(tmp_path, NOT_DELEGATED, WANTED)
        (plan,) = planned(tmp_path, contoso())
        assert plan.text is None and plan.serial == FIRST_SERIAL + 1
        (plan,) = written(tmp_path, contoso({"name": "new", "type": "A", "value": "192.0.2.9"}))
        assert plan.difference.added == ("new.contoso.example. 3600 IN A 192.0.2.9",)
        assert plan.difference.removed == ()
        assert parent(directory=str(tmp_path)).read(zone()) == WANTED

    def test_keeps_what_checks_warned_about(self, tmp_path: pathlib.Path) -> None:
        described = contoso(name_servers=["ns1.contoso.net"])
        written(tmp_path, described)
        self.push(tmp_path, NOT_DELEGATED, WANTED)
        (plan,) = planned(tmp_path, described)
        assert plan.text is None and "too_few_name_servers" in "".join(plan.warnings)

    def test_loses_only_what_is_removed(self, tmp_path: pathlib.Path) -> None:
        (first,) = written(tmp_path, contoso())
        before = records(pathlib.Path(first.path))
        self.push(tmp_path, NOT_DELEGATED, WANTED)
        self.push(tmp_path, WANTED, NOT_DELEGATED)
        assert records(pathlib.Path(first.path)) == before
        header = read_header(pathlib.Path(first.path).read_bytes())
        assert header is not None and header.pushed == frozenset()

    def test_follows_the_description_where_it_has_the_same_delegation(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        self.push(tmp_path, NOT_DELEGATED, WANTED)
        (first, _child) = written(tmp_path, contoso(), mail(), allow=("no_overlap", "lose_ds"))
        header = read_header(pathlib.Path(first.path).read_bytes())
        assert header is not None and header.pushed == frozenset()
        present = parent(directory=str(tmp_path)).read(zone())
        for attempt in (
            lambda: self.push(tmp_path, present, WANTED),
            lambda: parent(Writer(), directory=str(tmp_path)).apply(change(present, WANTED)),
        ):
            with pytest.raises(DelegationError, match="rendered from a description that delegates mail"):
                attempt()

    def test_is_not_written_anew_when_what_was_pushed_cannot_be_read(self, tmp_path: pathlib.Path) -> None:
        (first,) = written(tmp_path, contoso())
        self.push(tmp_path, NOT_DELEGATED, WANTED)
        with open(first.path, "ab") as stream:
            stream.write(b"www 60 IN A (\n")
        with pytest.raises(DescriptionError, match=r"in no description \(mail\.contoso\.example\)"):
            planned(tmp_path, contoso())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "render the zone contoso.example first"),
        ("$ORIGIN contoso.example.\n@ 60 IN A", "zone file"),
        ("$ORIGIN other.example.\n@ 60 SOA a b 1 1 1 1 1\n", "no SOA record for contoso.example"),
        ("$INCLUDE rest\n" + PARENT, r"\$INCLUDE"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(path: pathlib.Path, text: str | None, message: str) -> None:
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    with pytest.raises(DelegationError, match=message) as caught:
        parent(path=str(path)).read(zone())
    assert str(path) in caught.value.message


def test_a_rendered_file_of_another_zone_is_left_alone(tmp_path: pathlib.Path) -> None:
    (rendered,) = written(tmp_path, contoso())
    corp = parent(writer := Writer(), path=rendered.path, zone=dns.name.from_text("fabrikam.example"))
    creation = change(NOT_DELEGATED, delegation({"a.test.": []}), "mail.fabrikam.example")
    for attempt in (lambda: corp.read(creation.zone), lambda: corp.apply(creation)):
        with pytest.raises(DelegationError, match="is the file of contoso.example and not of fabrikam.example: check"):
            attempt()
    assert writer.written == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one of directory and path"),
        ({"path": "/a", "directory": "/b"}, "exactly one of directory and path"),
        ({"path": "/a", "zone": None}, "^parents: corp: zone: it is needed with path: name the parent zone"),
    ],
)
def test_options(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        parent(**options)


class TestAbsorb:
    NAMES = "mail.contoso.example", "www.mail.contoso.example", "ns1.mail.contoso.example"

    def absorbing(self, present: t.Any, *records: tuple[str, str, str]) -> Change:
        absorbed = tuple(
            AbsorbedRecord(dns.name.from_text(owner), 300, dns.rdata.from_text("IN", rdtype, data))
            for owner, rdtype, data in records
        )
        return replace(change(present, NOT_DELEGATED), absorbed=absorbed)

    def test_records_take_the_place_of_the_delegation(self, path: pathlib.Path) -> None:
        before, writer = records(path), Writer()
        corp = parent(writer, path=str(path))
        mail, www, ns1 = self.NAMES
        made = self.absorbing(PRESENT, (mail, "MX", "10 mx.test."), (www, "A", "192.0.2.80"), (ns1, "A", "192.0.2.1"))
        assert corp.lacking(made.zone, made.absorbed) == made.absorbed[:2]
        corp.apply(made)
        assert corp.read(zone()) == NOT_DELEGATED and corp.lacking(made.zone, made.absorbed) == ()
        assert records(path) - before == {
            "mail.contoso.example. 300 10 mx.test.",
            "www.mail.contoso.example. 300 192.0.2.80",
            "ns1.mail.contoso.example. 300 192.0.2.1",
        }
        assert {line.split()[0] for line in before - records(path)} == {
            "mail.contoso.example.",
            "ns1.mail.contoso.example.",
        }
        assert writer.written == 1

    @pytest.mark.parametrize(
        ("rdtype", "data", "left"), [("A", "192.0.2.8", "192.0.2.8"), ("CNAME", "www.test.", "www.test.")]
    )
    def test_what_the_cut_hid_gives_way(self, path: pathlib.Path, rdtype: str, data: str, left: str) -> None:
        corp = parent(Writer(), path=str(path))
        corp.apply(self.absorbing(PRESENT, ("ns2.mail.contoso.example", rdtype, data)))
        assert {line for line in records(path) if line.startswith("ns2.mail")} == {
            f"ns2.mail.contoso.example. 300 {left}"
        }

    def test_what_the_cut_hid_is_looked_at_beforehand(self, path: pathlib.Path) -> None:
        made = self.absorbing(PRESENT, ("mail.contoso.example", "MX", "10 mx.test."))
        corp = parent(writer := Writer(), path=str(path))
        corp.read(zone())
        corp.check(made)
        (warning,) = writer.warnings
        assert "ns2.mail.contoso.example A" in warning
        path.write_text(f"{PARENT}sub.mail NS gone.test.\n")
        corp.read(zone())
        with pytest.raises(DelegationError, match="^the parent zone has sub.mail.contoso.example NS behind"):
            corp.check(made)

    def test_a_rendered_file_keeps_them(self, tmp_path: pathlib.Path) -> None:
        written(tmp_path, contoso())
        corp = parent(Writer(), directory=str(tmp_path))
        pushed = delegation({"a.test.": [], "b.test.": []})
        corp.apply(change(NOT_DELEGATED, pushed))
        www = "www.mail.contoso.example"
        corp.apply(self.absorbing(pushed, ("mail.contoso.example", "MX", "10 mx.test."), (www, "A", "192.0.2.80")))
        (again,) = planned(tmp_path, contoso())
        assert again.text is None
        (more,) = planned(tmp_path, contoso({"name": "new", "type": "A", "value": "192.0.2.9"}))
        assert more.text is not None and b"mx.test." in more.text and b"192.0.2.80" in more.text
        described = {"name": "mail", "type": "MX", "value": "20 other.test."}
        (taken_over,) = planned(tmp_path, contoso(described))
        assert (
            taken_over.text is not None and b"other.test." in taken_over.text and b"10 mx.test." not in taken_over.text
        )


class FileWorld(World):
    """The zone file of a parent, written by the real writer of files."""

    kind = "zone"
    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lie", "second_writer"))
    cut = "shop.contoso.example"

    def __init__(self, path: pathlib.Path, module: basic.AnsibleModule) -> None:
        self.path = path
        self._module = module
        self._writes = 0
        self._lies = False
        self._in_between: t.Callable[[], None] | None = None

    def options(self) -> dict[str, t.Any]:
        return {"zone": "contoso.example", "path": str(self.path)}

    def writer(self, folder: str) -> ZoneFileWriter:
        world = self

        class Writer(ZoneFileWriter):
            """Counts, lies and lets others write first."""

            @contextmanager
            def locked(self) -> t.Generator[None, None, None]:
                if world._in_between is not None:
                    act, world._in_between = world._in_between, None
                    act()
                with super().locked():
                    yield

            def replace(self, **arguments: t.Any) -> str | None:
                world._writes += 1
                if world._lies:
                    world._lies = False
                    return None
                return super().replace(**arguments)

        return Writer(self._module, directory=folder, backup=False, command=None)

    def content(self) -> dns.zone.Zone:
        """Return the whole zone, as dnspython reads it."""
        return dns.zone.from_file(str(self.path), origin="contoso.example.", relativize=False)

    def holds(self, zone: Zone) -> Delegation:
        return delegation_at(self.content(), zone)

    def put(self, zone: Zone, delegation: Delegation) -> None:
        content = self.content()
        for owner in [owner for owner in content if owner.is_subdomain(zone.name)]:
            content.delete_node(owner)
        for server in delegation.name_servers:
            ns = dns.rdata.from_text("IN", "NS", server.name.to_text())
            content.find_rdataset(zone.name, "NS", create=True).add(ns, ttl=900)
            for address in server.addresses:
                rdtype = "AAAA" if ":" in address else "A"
                rdata = dns.rdata.from_text("IN", rdtype, address)
                content.find_rdataset(server.name, rdtype, create=True).add(rdata, ttl=900)
        for rdata in delegation.ds:
            content.find_rdataset(zone.name, "DS", create=True).add(rdata, ttl=1800)
        content.to_file(str(self.path), relativize=False)

    def changes(self) -> int:
        return self._writes

    def lie(self) -> None:
        self._lies = True

    def write_in_between(self, zone: Zone, delegation: Delegation) -> None:
        self._in_between = lambda: self.put(zone, delegation)


class TestZone(ParentContract):
    """The contract of parents, on a file."""

    @pytest.fixture(name="world")
    def world_fixture(self, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> FileWorld:
        arguments = {"_ansible_no_log": True, "_ansible_tmpdir": str(path.parent)}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        # Needed since ansible-core 2.19.
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        return FileWorld(path, basic.AnsibleModule(argument_spec={}, add_file_common_args=True))

    def test_it_tells_how_long_resolvers_keep_it(self, world: FileWorld) -> None:
        zone = described(world, keys=[KEY_1])
        world.put(zone, wanted(world, zone))
        with opened(world) as corp:
            found = corp.read(zone)
        assert (found.ns_ttl, found.ds_ttl) == (900, 1800)

    def test_a_ds_that_nobody_removed_with_its_cut_is_in_nobodys_way(self, world: FileWorld) -> None:
        zone = described(world, keys=[KEY_1])
        world.put(zone, Delegation.of([], wanted(world, described(world, keys=[KEY_2])).ds))
        outcome = pushed(world, zone)
        assert (outcome.failure, outcome.before) == (None, NOT_DELEGATED)
        assert world.holds(zone) == wanted(world, zone)
