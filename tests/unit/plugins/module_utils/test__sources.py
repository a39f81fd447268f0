# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json
import os
import typing as t
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._included_files import including_file
from ansible_collections.zonecut.dns.plugins.module_utils._sources import (
    Sources,
    SourcesWanted,
    description_digest,
    description_text,
    file_digest,
    load_zones,
    read_description,
)

ZONES = [{"name": "a.example", "ttl": "1h"}, "b.example"]
YAML_LIST = "- name: a.example\n  ttl: 1h\n- b.example\n"
YAML_MAPPING = "zones:\n  - {name: a.example, ttl: 1h}\n  - b.example\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("z.json", json.dumps(ZONES), id="json-list"),
        pytest.param("z.json", json.dumps({"zones": ZONES, "other": 1}), id="json-mapping"),
        pytest.param("z.json", "\ufeff" + json.dumps(ZONES), id="json-with-byte-order-mark"),
        pytest.param("z.yml", YAML_LIST, id="yml-list"),
        pytest.param("z.yaml", YAML_MAPPING, id="yaml-mapping"),
        pytest.param("z.yaml", "\ufeff" + YAML_MAPPING, id="yaml-with-byte-order-mark"),
        pytest.param("z.yaml", json.dumps(ZONES), id="json-is-yaml"),
        pytest.param("zones", YAML_LIST, id="no-ending"),
    ],
)
def test_read_file(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert read_description(str(path)) == ZONES


def test_read_file_outside_ascii(tmp_path: Path) -> None:
    path = tmp_path / "z.yml"
    path.write_bytes("- bücher.example\n".encode())
    assert read_description(str(path)) == ["bücher.example"]


def test_merge_keys_of_yaml_may_be_overridden(tmp_path: Path) -> None:
    path = tmp_path / "z.yml"
    path.write_text("zones:\n- &a {name: a.example, ttl: 1h, soa: {ttl: 1}}\n- {<<: *a, name: b.example}\n")
    assert read_description(str(path))[1] == {"name": "b.example", "ttl": "1h", "soa": {"ttl": 1}}


_YAML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.dates() | st.text(max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=8), values, max_size=4),
    max_leaves=20,
)


@given(values=st.lists(_YAML_VALUES, max_size=5), flow=st.booleans(), shared=st.booleans())
@settings(max_examples=200)
def test_yaml_is_read_as_pyyaml_reads_it(
    tmp_path_factory: pytest.TempPathFactory, values: list[t.Any], flow: bool, shared: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yml"
    # What is there twice is written as an anchor and an alias.
    written = yaml.safe_dump([values, values] if shared else values, default_flow_style=flow, allow_unicode=True)
    path.write_bytes(written.encode())
    assert read_description(str(path)) == yaml.safe_load(written)


@pytest.mark.parametrize(
    "written",
    [
        "- &a {name: a.example}\n- *a\n- {<<: *a, ttl: 5}\n",
        "- {<<: [{a: b}, {a: c, d: e}], f: g}\n",
        "- !!set {a, b}\n- !!omap [a: b]\n- !!pairs [a: b, a: c]\n- !!binary aGVsbG8=\n",
        "- !!str 2026-01-01\n- !!str {=: text}\n- ! 5\n",
        "- {1: a, null: b, 2026-01-01: c, [d]: e}\n",
        "- {? a : b, c}\n- []\n- {}\n- ''\n- ~\n-\n",
    ],
)
def test_yaml_of_rare_forms_is_read_as_pyyaml_reads_it(tmp_path: Path, written: str) -> None:
    (tmp_path / "z.yml").write_text(written, encoding="utf-8")
    expected: t.Any = _outcome(lambda: yaml.safe_load(written))
    assert _outcome(lambda: read_description(str(tmp_path / "z.yml"))) == expected


def _outcome(read: t.Callable[[], t.Any]) -> t.Any:
    try:
        return read()
    except (yaml.YAMLError, DescriptionError):
        return "refused"


def test_yaml_within_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "z.yml").write_text("- &a [*a, &b {name: *b}]\n", encoding="utf-8")
    ((itself, mapping),) = read_description(str(tmp_path / "z.yml"))
    assert itself[0] is itself
    assert mapping["name"] is mapping


def test_read_folder_in_order_of_name(tmp_path: Path) -> None:
    (tmp_path / "20.yaml").write_text("- c.example\n")
    (tmp_path / "10.json").write_text('{"zones": ["a.example", "b.example"]}')
    (tmp_path / "30.yml").write_text("zones: [d.example]\n")
    (tmp_path / ".hidden.yml").write_text("- hidden.example\n")
    (tmp_path / "README.md").write_text("# Zones\n")
    (tmp_path / "10.json~").write_text("[")
    assert read_description(str(tmp_path)) == ["a.example", "b.example", "c.example", "d.example"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("z.json", b"[", "is not JSON", id="json-cut-short"),
        pytest.param("z.json", b"", "is not JSON", id="json-empty"),
        pytest.param("z.json", b'{"zone": []}', "holds neither a list", id="json-other-key"),
        pytest.param("z.json", b'{"zones": {"name": "a.example"}}', "holds neither a list", id="json-zones-mapping"),
        pytest.param("z.json", b'"a.example"', "holds neither a list", id="json-text"),
        pytest.param(
            "z.json", b'[{"name": "a.example", "ttl": 1, "ttl": 2}]', "'ttl' comes twice", id="json-key-twice"
        ),
        pytest.param(
            "z.yml",
            b"- name: a.example\n  records: [{name: a}]\n  ttl: 1\n  records: []\n",
            "'records' comes twice in one mapping\n  in \"",
            id="yaml-key-twice",
        ),
        pytest.param("z.yml", b"- {name: a.example", "is not YAML", id="yaml-cut-short"),
        pytest.param("z.yml", b"", "holds neither a list", id="yaml-empty"),
        pytest.param("z.yml", b"- a.example\n---\n- b.example\n", "is not YAML", id="yaml-two-documents"),
        pytest.param("z.yml", b"- !!python/object/apply:os.getpid []\n", "is not YAML", id="yaml-python-object"),
        pytest.param("z.yml", b"- {name: a.example, x: 2026-13-45}\n", "is not YAML", id="yaml-impossible-date"),
        pytest.param("z.yml", b"- a.ex\x01ample\n", "is not YAML", id="yaml-control-character"),
        pytest.param("z.yml", b"- b\xfccher.example\n", "is not UTF-8", id="yaml-in-latin-1"),
        pytest.param("z.json", b'["b\xfccher.example"]', "is not UTF-8", id="json-in-latin-1"),
        pytest.param("z.yml", b"$ANSIBLE_VAULT;1.1;AES256\n6530\n", "holds neither a list", id="vault"),
    ],
)
def test_bad_file_is_named_with_the_reason(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DescriptionError) as caught:
        read_description(str(path))
    assert caught.value.message.startswith(f"{path}: ")
    assert reason in caught.value.message


def test_bad_file_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(YAML_LIST)
    (tmp_path / "b.yml").write_text("zones: 7\n")
    with pytest.raises(DescriptionError, match=r"b\.yml: holds neither"):
        read_description(str(tmp_path))


@pytest.mark.parametrize(
    "number", ["0123456", "1:30", "1_000", "010", "0x1f", "0b11", "+5", "-0", "1:2:3:4:5:6:7:8", "00"]
)
def test_numbers_that_yaml_reads_as_others_are_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "z.yml"
    path.write_text(f"- name: a.example\n  records:\n    - {{name: a, type: TXT, value: {number}}}\n")
    with pytest.raises(DescriptionError) as caught:
        read_description(str(path))
    expected = f"{path}, line 3: {number!r}: YAML reads this as another number; put it in quotes"
    assert caught.value.message == expected


@pytest.mark.parametrize(
    ("written", "value"), [("0", 0), ("3600", 3600), ("-1", -1), ("'0123'", "0123"), ('"1:30"', "1:30"), ("089", "089")]
)
def test_plain_numbers_and_text_are_taken_as_written(tmp_path: Path, written: str, value: object) -> None:
    path = tmp_path / "z.yml"
    path.write_text(f"- {{name: a.example, ttl: {written}}}\n")
    assert read_description(str(path)) == [{"name": "a.example", "ttl": value}]


def test_folder_without_descriptions(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Zones\n")
    for read in (read_description, description_digest):
        with pytest.raises(DescriptionError, match=r"no file ending in \.json, \.yaml, \.yml"):
            read(str(tmp_path))


@pytest.mark.parametrize("read", [read_description, description_digest, file_digest])
def test_missing_file(tmp_path: Path, read: t.Callable[[str], object]) -> None:
    path = tmp_path / "missing.yml"
    with pytest.raises(DescriptionError) as caught:
        read(str(path))
    assert caught.value.message == f"{path}: cannot be read (No such file or directory)"


@pytest.mark.parametrize("read", [read_description, description_digest])
def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: t.Callable[[str], object]) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    # Root reads every folder, so that the mode of a real one would prove nothing.
    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(DescriptionError, match=r"cannot be read \(Permission denied\)"):
        read(str(tmp_path))


def test_digest_of_a_file_is_plain_sha256(tmp_path: Path) -> None:
    path = tmp_path / "z.zone"
    content = b"www A 192.0.2.1\n" * 200_000
    path.write_bytes(content)
    for digest in (file_digest, description_digest):
        assert digest(str(path)) == hashlib.sha256(content).hexdigest()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for digest in (file_digest, Sources(None).digest):
        with pytest.raises(ZonecutError) as caught:
            digest(str(tmp_path))
        assert caught.value.message == f"{tmp_path}: cannot be read (Is a directory)"


def test_digest_of_a_folder_depends_on_its_descriptions_only(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, names in ((one, ("a.yml", "b.json")), (two, ("b.json", "a.yml"))):
        folder.mkdir()
        for name in names:
            (folder / name).write_text(name)
    digest = description_digest(str(one))
    assert description_digest(str(two)) == digest
    (two / ".a.yml.swp").write_text("editor")
    (two / "README").symlink_to("nowhere")
    assert description_digest(str(two)) == digest
    (two / "a.yml").write_text("changed")
    assert description_digest(str(two)) != digest
    (two / "a.yml").rename(two / "c.yml")
    (two / "c.yml").write_text("a.yml")
    assert description_digest(str(two)) != digest


def test_sources_without_a_controller(tmp_path: Path) -> None:
    path = tmp_path / "z.zone"
    path.write_text("x")
    sources = Sources(None)
    assert sources.path(str(path)) == str(path)
    assert sources.digest(str(path)) == hashlib.sha256(b"x").hexdigest()


def test_sources_of_a_controller(tmp_path: Path) -> None:
    here = tmp_path / "here.zone"
    here.write_text("x")
    sources = Sources({"sent.zone": {"digest": "d1", "path": str(here)}, "kept.zone": {"digest": "d2", "path": None}})
    assert (sources.path("sent.zone"), sources.digest("sent.zone")) == (str(here), "d1")
    assert sources.digest("kept.zone") == "d2"
    with pytest.raises(SourcesWanted, match=r"on the controller only: kept\.zone") as caught:
        sources.path("kept.zone")
    assert caught.value.wanted == ("kept.zone",)
    # A path on this host is another file, even when it is there.
    for ask in (sources.path, sources.digest):
        with pytest.raises(ZonecutError, match="not among the files that the controller has found"):
            ask(str(here))
    assert Sources(None).path(str(here)) == str(here)
    assert Sources(None).digest(str(here)) == hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize("name", ["z.json", "z.yml", "z.yaml", "z"])
@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "1:30",
        "010",
        "2026-01-01",
        "null",
        "~",
        "# x",
        "a: b",
        "\u00e4",
        r'"\000\010" "\\"',
        "x" * 9000,
        " ",
        "'",
    ],
)
def test_what_is_written_is_what_is_read(tmp_path: Path, name: str, text: str) -> None:
    zones = [{"name": "a.example", "ttl": 60, "records": [{"name": text, "type": "TXT", "values": [text, text]}]}]
    (tmp_path / name).write_text(description_text(zones, path=name), encoding="utf-8")
    assert read_description(str(tmp_path / name)) == zones


def test_a_source_and_what_it_includes_on_this_host(tmp_path: Path) -> None:
    main, part = tmp_path / "main", tmp_path / "part"
    main.write_text("$INCLUDE part\n")
    part.write_text("x")
    assert Sources(None).files(str(main)) == {str(main): str(main), str(part): str(part)}
    assert Sources(None).digest(str(main)) == including_file(str(main)).digest


def test_a_source_and_what_it_includes_of_a_controller() -> None:
    located: dict[str, dict[str, t.Any]] = {
        "a.zone": {"digest": "d", "path": None, "found": "/there/a.zone", "included": ["/there/b", "/there/c"]},
        "/there/b": {"digest": "d", "path": "/here/2"},
        "/there/c": {"digest": "d", "path": None},
        "alone.zone": {"digest": "e", "path": "/here/4"},
    }
    sources = Sources(located)
    with pytest.raises(SourcesWanted) as caught:
        sources.files("a.zone")
    assert caught.value.wanted == ("a.zone", "/there/c")
    located["a.zone"]["path"], located["/there/c"]["path"] = "/here/1", "/here/3"
    assert list(sources.files("a.zone").items()) == [
        ("/there/a.zone", "/here/1"),
        ("/there/b", "/here/2"),
        ("/there/c", "/here/3"),
    ]
    assert sources.files("alone.zone") == {"alone.zone": "/here/4"}


def test_load_zones_from_variables() -> None:
    assert [zone.text for zone in load_zones({"zones": ZONES, "zones_from": None})] == ["a.example", "b.example"]
    assert load_zones({"zones": []}) == ()


def test_load_zones_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "sent.yml"
    path.write_text(YAML_LIST)
    assert [zone.text for zone in load_zones({"zones_from": str(path)})] == ["a.example", "b.example"]
    sent = {"zones_from": "z.yml", "_sources": {"z.yml": {"digest": "d", "path": str(path)}}}
    assert [zone.text for zone in load_zones(sent)] == ["a.example", "b.example"]


def test_load_zones_asks_for_a_file_of_the_controller() -> None:
    with pytest.raises(SourcesWanted) as caught:
        load_zones({"zones_from": "z.yml", "_sources": {"z.yml": {"digest": "d", "path": None}}})
    assert caught.value.wanted == ("z.yml",)


def test_load_zones_checks_what_it_read(tmp_path: Path) -> None:
    path = tmp_path / "z.yml"
    # Unquoted in YAML: no is False, 1.10 is 1.1 and 2026-01-01 is a date.
    path.write_text(
        "- name: a.example\n"
        "  ttl: 1.5\n"
        "  records:\n"
        "    - {name: no, type: A, value: 192.0.2.1}\n"
        "    - {name: a, type: TXT, value: 1.10}\n"
        "    - {name: b, type: TXT, value: 2026-01-01}\n"
    )
    with pytest.raises(DescriptionError) as caught:
        load_zones({"zones_from": str(path)})
    assert [problem.where for problem in caught.value.problems] == [
        "ttl",
        "records[0] (A)",
        "records[1] (a TXT)",
        "records[2] (b TXT)",
    ]
