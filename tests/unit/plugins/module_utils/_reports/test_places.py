# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where zones are described, as files and lines of a repository."""

from __future__ import annotations

import json
import pathlib

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._reports.places import Place, find_places

_YAML = """\
zones:
  - mail.example
  - name: shop.example.
    name_servers: [{name: mail.example}]
  - {ttl: 1h, name: "BÜCHER.example"}
  - ttl: 1h
    name: 192.0.2.0/24
"""
_ZONES = ["mail.example", "shop.example", "bücher.example", "192.0.2.0/24"]
_NAMES = ["mail.example", "shop.example", "xn--bcher-kva.example", "2.0.192.in-addr.arpa"]
_JSON = json.dumps([*_ZONES[:1], *({"name": name} for name in _ZONES[1:])], indent=1)


@pytest.fixture(name="repository")
def repository_fixture(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a folder like a checkout."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "dns" / "zones").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [("zones.yml", _YAML, [2, 3, 5, 7]), ("zones.json", _JSON, [2, 4, 7, 10]), ("tabs.json", "[\t\n\t", [])],
)
def test_each_zone_has_its_line(repository: pathlib.Path, name: str, content: str, lines: list[int]) -> None:
    path = repository / "dns" / name
    path.write_text(content, encoding="utf-8")
    places = find_places(parse_zones(_ZONES), files=[(str(path), str(path))])
    expected = {zone: Place(f"dns/{name}", line) for zone, line in zip(_NAMES, lines)}
    assert places.descriptions == expected


def test_a_file_that_was_sent_is_told_by_where_it_was_written(repository: pathlib.Path) -> None:
    sent = repository / "sent.yml"
    sent.write_text(_YAML, encoding="utf-8")
    places = find_places(parse_zones(_ZONES), files=[("/elsewhere/zones.yml", str(sent))])
    assert places.of("mail.example") == [Place("/elsewhere/zones.yml", 2)]


def test_the_zone_file_comes_first(repository: pathlib.Path) -> None:
    description = repository / "dns" / "zones.yml"
    description.write_text("- {name: mail.example, src: zones/mail.zone}\n")
    (repository / "dns" / "zones" / "mail.zone").touch()
    zones = parse_zones([{"name": "mail.example", "src": "zones/mail.zone"}])
    places = find_places(zones, files=[(str(description), str(description))], task=f"{repository}/site.yml:12")
    assert places.of("mail.example") == [Place("dns/zones/mail.zone", 1), Place("dns/zones.yml", 1)]


def test_the_task_stands_for_zones_in_variables(repository: pathlib.Path) -> None:
    (repository / "site.yml").touch()
    places = find_places(parse_zones(_ZONES), task=f"{repository}/site.yml:12")
    assert places.of("mail.example") == [Place("site.yml", 12)]


@pytest.mark.parametrize("task", [None, "", "no line"])
def test_nothing_is_known_of_some_tasks(task: str | None) -> None:
    assert find_places(parse_zones(_ZONES), task=task).of("mail.example") == []


def test_outside_of_a_repository_paths_are_absolute(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "zones.yml"
    path.write_text(_YAML, encoding="utf-8")
    places = find_places(parse_zones(_ZONES), files=[(str(path), str(path))])
    assert places.of("mail.example") == [Place(str(path.resolve()), 2)]
