# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that a description comes from or names: ``zones_from``, and the ``src`` of a zone.

A file named on the controller is sent to the host that runs the module only when its content is needed there.
The action plugins tell the digest of every such file in ``_sources``; a module that finds it needs one that is not
here raises SourcesWanted before it touches anything, and is run again with the files in place.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._included_files import including_file

_TEXT, _SEQUENCE, _MAPPING = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))

with deps.declare("PyYAML"):
    import yaml

    # Which type a scalar has depends on nothing but itself, and most come many times.
    _resolve = functools.lru_cache(maxsize=4096)(yaml.resolver.Resolver().resolve)

    # The C loader is some ten times faster; both are the safe ones.
    class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        resolve = staticmethod(_resolve)

        # PyYAML's own way, by generators and a table of all objects, takes most of the time of large descriptions.
        def construct_document(self, node: yaml.Node) -> t.Any:
            return self._construct(node, {})

        def _construct(self, node: yaml.Node, shared: dict[yaml.Node, t.Any]) -> t.Any:
            """Return what a node is; ``shared`` has what aliases mean, also within themselves."""
            if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):
                return node.value
            if node in shared:
                return shared[node]
            if node.tag == _SEQUENCE and isinstance(node, yaml.SequenceNode):
                sequence = shared[node] = []
                sequence += [self._construct(each, shared) for each in node.value]
                return sequence
            if node.tag == _MAPPING and isinstance(node, yaml.MappingNode):
                mapping = shared[node] = {}
                for key, value in node.value:
                    # Merges, and what is wrong with keys, are for construct_mapping.
                    if key.tag != _TEXT or not isinstance(key, yaml.ScalarNode) or key.value in mapping:
                        break
                    mapping[key.value] = self._construct(value, shared)
                else:
                    return mapping
            constructed = shared[node] = self.construct_object(node, deep=True)
            return constructed

        # PyYAML lets the last of equal keys win, which would drop the records under the first without a word.
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[t.Hashable, t.Any]:
            keys: set[str] = set()
            for key, _value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in keys:
                        raise yaml.constructor.ConstructorError(None, None, _twice(key.value), key.start_mark)
                    keys.add(key.value)
            return t.cast("dict[t.Hashable, t.Any]", super().construct_mapping(node, deep))

        def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
            # YAML 1.1 reads 0123 as 83 and 1:30 as 90, which would be published instead of what was written.
            if not re.fullmatch("0|-?[1-9][0-9]*", node.value):
                line = f"{node.start_mark.name}, line {node.start_mark.line + 1}"
                rule = "YAML reads this as another number; put it in quotes"
                raise DescriptionError([Problem(where=line, value=node.value, rule=rule)])
            return int(node.value)

    _Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


__all__ = (
    "Sources",
    "SourcesWanted",
    "description_digest",
    "description_files",
    "description_text",
    "file_digest",
    "load_zones",
    "read_description",
)

_SUFFIXES = (".json", ".yaml", ".yml")


class SourcesWanted(ZonecutError):
    """Files that stay on the controller are needed here; ``wanted`` lists them as written."""

    def __init__(self, wanted: t.Sequence[str]) -> None:
        super().__init__(f"these files are on the controller only: {', '.join(wanted)}")
        self.wanted = tuple(wanted)


class Sources:
    """Where the files named in a description are on this host, and what they hold.

    :arg located: from the path as written to ``digest`` (SHA-256, hexadecimal) and ``path`` (on this host, or None);
        None where every path is one on this host already. A zone file that includes others has also ``found`` (where
        it is on the controller) and ``included`` (the paths of those, which have entries of their own), and its digest
        is of all of them.
    """

    def __init__(self, located: t.Mapping[str, t.Mapping[str, t.Any]] | None) -> None:
        self._located = located

    def digest(self, written: str) -> str:
        """Return the digest of a zone file's content and of all that it includes, wherever they are.

        :raises ZonecutError: where a file cannot be read.
        """
        if self._located is None:
            return including_file(written).digest
        return str(self._sent(written)["digest"])

    def files(self, written: str) -> dict[str, str]:
        """Return the paths on this host of a zone file and of all that it includes, the zone file first.

        The keys are their paths where they come from, which paths in ``$INCLUDE`` are relative to.

        :raises SourcesWanted: with all that are on the controller only.
        :raises ZonecutError: where nothing is known of a file, or it cannot be read.
        """
        if self._located is None:
            source = including_file(written)
            return {path: path for path in (source.path, *source.included)}
        sent = self._sent(written)
        names = {sent.get("found", written): written, **{path: path for path in sent.get("included", ())}}
        wanted = [name for name in names.values() if self._sent(name).get("path") is None]
        if wanted:
            raise SourcesWanted(wanted)
        return {found: self.path(name) for found, name in names.items()}

    def path(self, written: str) -> str:
        """Return the file's path on this host.

        :raises SourcesWanted: where the file is on the controller only.
        :raises ZonecutError: where nothing is known of the file.
        """
        if self._located is None:
            return written
        path = self._sent(written).get("path")
        if path is None:
            raise SourcesWanted([written])
        return str(path)

    def _sent(self, written: str) -> t.Mapping[str, t.Any]:
        located = t.cast("t.Mapping[str, t.Mapping[str, t.Any]]", self._located)
        if written not in located:
            # A file of this host under the same path would be another one.
            raise ZonecutError(
                f"{written} is not among the files that the controller has found; is its name a template?"
            )
        return located[written]


def load_zones(params: t.Mapping[str, t.Any]) -> tuple[Zone, ...]:
    """Return the zones that a module's ``zones`` or ``zones_from`` describes.

    :raises DescriptionError: with every problem found.
    :raises SourcesWanted: where ``zones_from`` is on the controller only.
    """
    if params.get("zones") is not None:
        return parse_zones(params["zones"])
    return parse_zones(read_description(Sources(params.get("_sources")).path(params["zones_from"])))


def read_description(path: str) -> list[t.Any]:
    """Return the plain list of zones in a YAML or JSON file, or in all such files of a folder, in order of name.

    Each file holds a list of zones, or a mapping whose ``zones`` is that list.

    :raises DescriptionError: for what is not such a file.
    """
    return [zone for file in description_files(path) for zone in _read_file(file)]


def description_files(path: str) -> list[str]:
    """Return the file itself, or the paths of all description files of a folder, in order of name.

    :raises DescriptionError: for a folder that has none or cannot be read.
    """
    if not os.path.isdir(path):
        return [path]
    return [os.path.join(path, name) for name in _description_names(path)]


def description_text(zones: t.Sequence[t.Any], *, path: str) -> str:
    """Return what a file of that name holds for ``read_description`` to return ``zones``."""
    content = {"zones": list(zones)}
    if path.endswith(".json"):
        return f"{json.dumps(content, indent=1)}\n"
    deps.require("PyYAML", purpose="write a description as YAML")
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(content, Dumper=dumper, sort_keys=False, default_flow_style=None, width=4096))


def description_digest(path: str) -> str:
    """Return the SHA-256 of a file, or of a folder's description files and their names, in hexadecimal.

    :raises DescriptionError: where it cannot be read.
    """
    if not os.path.isdir(path):
        return file_digest(path)
    digest = hashlib.sha256()
    for name in _description_names(path):
        digest.update(f"{name}\0{file_digest(os.path.join(path, name))}\0".encode())
    return digest.hexdigest()


def file_digest(path: str) -> str:
    """Return the SHA-256 of a file in hexadecimal.

    :raises DescriptionError: where it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    except OSError as exc:
        raise _unusable(path, f"cannot be read ({exc.strerror})") from exc
    return digest.hexdigest()


def _description_names(folder: str) -> list[str]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(_SUFFIXES) and not name.startswith("."))
    except OSError as exc:
        raise _unusable(folder, f"cannot be read ({exc.strerror})") from exc
    if not names:
        raise _unusable(folder, f"the folder has no file ending in {', '.join(_SUFFIXES)}")
    return names


def _read_file(path: str) -> list[t.Any]:
    try:
        # Editors on Windows put a byte order mark first, which is no JSON.
        with open(path, encoding="utf-8-sig") as stream:
            if path.endswith(".json"):
                content = json.load(stream, object_pairs_hook=_unique)
            else:
                content = _load_yaml(stream, path)
    except OSError as exc:
        raise _unusable(path, f"cannot be read ({exc.strerror})") from exc
    except UnicodeDecodeError as exc:
        raise _unusable(path, f"is not UTF-8 text ({exc})") from exc
    except ValueError as exc:
        raise _unusable(path, f"is not JSON ({exc})") from exc
    zones = content.get("zones") if isinstance(content, dict) else content
    if not isinstance(zones, list):
        raise _unusable(path, "holds neither a list of zones nor a mapping whose 'zones' is one")
    return zones


def _load_yaml(stream: t.TextIO, path: str) -> t.Any:
    deps.require("PyYAML", purpose="read zones_from from YAML")
    try:
        return yaml.load(stream, Loader=_Loader)
    except UnicodeDecodeError:
        raise
    # ValueError: PyYAML on what looks like a date and is none, such as 2026-13-45.
    except (yaml.YAMLError, ValueError) as exc:
        raise _unusable(path, f"is not YAML ({exc})") from exc


def _unique(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _value in pairs]
        raise ValueError(_twice(next(key for key in keys if keys.count(key) > 1)))
    return mapping


def _twice(key: str) -> str:
    return f"the key {key!r} comes twice in one mapping"


def _unusable(path: str, reason: str) -> DescriptionError:
    return DescriptionError([Problem(where=path, rule=reason)])
