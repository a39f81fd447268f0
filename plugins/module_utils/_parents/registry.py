# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of parent, and the ``parents`` option that names places of these kinds."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zone_name
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Parent, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._parents.rfc2136 import Rfc2136Parent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.zone import ZoneParent

__all__ = ("PARENTS_ARGUMENT", "ParentEntry", "parse_parents")

_KINDS: dict[str, type[Parent]] = {kind.kind: kind for kind in (Rfc2136Parent, ZoneParent)}


# Documented in doc_fragments/parents.py.
PARENTS_ARGUMENT: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "required": True, "choices": sorted(_KINDS)},
        **{option: spec for kind in _KINDS.values() for option, spec in kind.arguments.items()},
    },
    "required_if": [("type", kind.kind, kind.required) for kind in _KINDS.values() if kind.required],
}


@dataclass(frozen=True)
class ParentEntry:
    """A named place of the ``parents`` option.

    :arg options: those of its kind, None where not given; ``zone`` is a name.
    """

    name: str
    kind: str
    options: t.Mapping[str, t.Any]

    def open(self, setting: Setting) -> Parent:
        """Return the parent, ready for a ``with`` block.

        :raises DescriptionError: for options that cannot be used.
        """
        return _KINDS[self.kind](name=self.name, options=self.options, setting=setting)


def parse_parents(given: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, ParentEntry]:
    """Return the parents by name, from the checked value of the ``parents`` option.

    :raises DescriptionError: for names given twice, options of another kind of parent, and zones that are no name.
    """
    problems: list[Problem] = []
    entries: dict[str, ParentEntry] = {}
    for value in given:
        name, kind = value["name"], _KINDS[value["type"]]
        where = f"parents: {name}"
        if name in entries:
            problems.append(Problem(where=where, rule="a parent is named only once"))
        for option, spec in PARENTS_ARGUMENT["options"].items():
            # A value from the environment is there for every entry, so it may be meant for another one.
            misplaced = option not in kind.arguments and option not in ("name", "type") and "fallback" not in spec
            if misplaced and value.get(option) is not None:
                problems.append(Problem(where=f"{where}: {option}", rule=f"not an option of type {kind.kind}"))
        options = {option: value.get(option) for option in kind.arguments}
        if options.get("zone") is not None:
            try:
                options["zone"] = parse_zone_name(options["zone"])
            except ValueError as exc:
                problems.append(Problem(where=f"{where}: zone", value=options["zone"], rule=str(exc)))
        entries[name] = ParentEntry(name=name, kind=kind.kind, options=options)
    if problems:
        raise DescriptionError(problems)
    return entries
