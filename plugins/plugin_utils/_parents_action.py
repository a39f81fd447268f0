# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's half of the modules with ``parents``: takes them as a mapping too, which Ansible cannot check."""

from __future__ import annotations

import difflib
import typing as t
from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import KINDS, PARENTS_ARGUMENT
from ansible_collections.zonecut.dns.plugins.plugin_utils._description_action import DescriptionAction

__all__ = ("ParentsAction", "named_list")


class ParentsAction(DescriptionAction):
    """Runs the module with ``parents`` as a list, whose options, secrets above all, an argument spec knows."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # Only for records that a parent zone absorbs.
        self.reads_src = bool(boolean(self._task.args.get("absorb", False), strict=False))
        parents = self._task.args.get("parents")
        if parents is not None:
            self._task.args = {**self._task.args, "parents": named_list(parents)}
        return super().run(tmp, task_vars)


def named_list(parents: object) -> list[Mapping[str, t.Any]]:
    """Return the parents as a list of options with names, from that or from a mapping from name to options.

    :raises AnsibleActionFail: for anything else; it shows no value, which may be a secret.
    """
    entries: list[tuple[str, t.Any]]
    if isinstance(parents, Mapping):
        entries = [
            (f"{name}", {"name": name, **options} if isinstance(options, Mapping) else options)
            for name, options in parents.items()
        ]
    elif isinstance(parents, Sequence) and not isinstance(parents, str):
        entries = [(f"the entry {index}", options) for index, options in enumerate(parents, start=1)]
    else:
        entries = [("the value", parents)]
    odd = [label for label, options in entries if not isinstance(options, Mapping)]
    if odd:
        raise AnsibleActionFail(
            f"parents: {', '.join(odd)} {'is' if len(odd) == 1 else 'are'} no mapping of options. Give a mapping from"
            " the name of each parent to its options, such as {corp: {type: rfc2136, server: 192.0.2.1}}"
        )
    for label, options in entries:
        _must_be_known(label, options)
    return [options for _label, options in entries]


def _must_be_known(label: str, options: Mapping[str, t.Any]) -> None:
    """Check the names of options here: once the module has an unknown one, Ansible shows its value, maybe a secret.

    :raises AnsibleActionFail: for an entry without type, or with an option that no such parent has.
    """
    place = f"parents: {options.get('name', label)}"
    kind = KINDS.get(options["type"]) if isinstance(options.get("type"), str) else None
    for option in ("name", "type"):
        if options.get(option) is None:
            raise AnsibleActionFail(f"{place}: {option} is missing")
    unknown = [option for option in options if option not in PARENTS_ARGUMENT["options"]]
    if not unknown:
        return
    known = sorted(kind.arguments) if kind is not None else sorted(PARENTS_ARGUMENT["options"])
    similar = difflib.get_close_matches(f"{unknown[0]}", known, n=1)
    meant = f", did you mean {similar[0]}?" if similar else ""
    raise AnsibleActionFail(
        f"{place}: {', '.join(f'{option}' for option in unknown)} {'is' if len(unknown) == 1 else 'are'} no option of"
        f" a parent of type {options['type']}{meant} Its options are {', '.join(known)}."
    )
