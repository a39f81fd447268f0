# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where zones are described: the file and line that a code host can mark."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, parse_zone_name

with deps.declare("dnspython"):
    import dns.name

with deps.declare("PyYAML"):
    import yaml

__all__ = ("Place", "Places", "find_places")


@dataclass(frozen=True)
class Place:
    """A file, by its path from the top of the repository that holds it or else from the root, and a line from 1 on."""

    path: str
    line: int | None = None


@dataclass(frozen=True)
class Places:
    """By the name of the zone, its zone file (``src``) and where it is described; ``task`` stands for all others."""

    zone_files: t.Mapping[str, Place] = field(default_factory=dict)
    descriptions: t.Mapping[str, Place] = field(default_factory=dict)
    task: Place | None = None

    def of(self, zone: str) -> list[Place]:
        """Return the places of a zone, that of its records first."""
        found = [places[zone] for places in (self.zone_files, self.descriptions) if zone in places]
        return found or ([self.task] if self.task else [])


def find_places(zones: t.Sequence[Zone], *, files: t.Sequence[tuple[str, str]] = (), task: str | None = None) -> Places:
    """Return where zones are described.

    :arg files: the description files, each by its path where it was written and its path on this host.
    :arg task: file and line of the task, as ``PATH:LINE``.
    """
    lines: dict[dns.name.Name, Place] = {}
    for written, path in files:
        shown = _in_repository(written)
        for name, line in _described_lines(path):
            lines.setdefault(name, Place(shown, line))
    folder = os.path.dirname(files[0][0]) if files else ""
    return Places(
        zone_files={zone.text: Place(_in_repository(_beside(zone.src, folder)), 1) for zone in zones if zone.src},
        descriptions={zone.text: lines[zone.name] for zone in zones if zone.name in lines},
        task=_task_place(task),
    )


def _task_place(task: str | None) -> Place | None:
    path, _colon, line = (task or "").rpartition(":")
    return Place(_in_repository(path), int(line)) if path and line.isdigit() else None


def _described_lines(path: str) -> t.Iterator[tuple[dns.name.Name, int]]:
    """Yield the name of each zone that a YAML or JSON file describes, with its line."""
    deps.require("PyYAML", purpose="find the lines of zones for the SARIF report")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with open(path, encoding="utf-8-sig") as stream:
            root = yaml.compose(stream, Loader=loader)
    except yaml.YAMLError:
        # JSON may hold what YAML does not take, such as tabs; then the place of its zones is the file.
        return
    if isinstance(root, yaml.MappingNode):
        root = next((value for key, value in root.value if key.value == "zones"), root)
    for entry in root.value if isinstance(root, yaml.SequenceNode) else ():
        node = entry
        if isinstance(entry, yaml.MappingNode):
            node = next((value for key, value in entry.value if key.value == "name"), entry)
        if isinstance(node, yaml.ScalarNode):
            yield parse_zone_name(node.value), node.start_mark.line + 1


def _beside(src: str, folder: str) -> str:
    """Return the path of a zone file: beside the description where it is there, else as written."""
    beside = os.path.join(folder, src)
    return beside if os.path.exists(beside) else src


def _in_repository(path: str) -> str:
    """Return a path from the top of the repository that holds it, as code hosts want it, where that is to be seen."""
    if not os.path.exists(path):
        return path
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    while not os.path.exists(os.path.join(folder, ".git")):
        if folder == os.path.dirname(folder):
            return path
        folder = os.path.dirname(folder)
    return os.path.relpath(path, folder)
