# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of parent, and the ``parents`` option that names places of these kinds.

A new kind is a file beside this one, and its line here: what no import statement names is not sent to a target.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zone_name
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Parent, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._parents.dnsimple import DnsimpleParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.epp import EppParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.gandi import GandiParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.inwx import InwxParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.octodns import OctodnsParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.ovh import OvhParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.porkbun import PorkbunParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.powerdns import PowerdnsParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.realtimeregister import RealtimeregisterParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.rfc2136 import Rfc2136Parent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.route53domains import Route53DomainsParent
from ansible_collections.zonecut.dns.plugins.module_utils._parents.zone import ZoneParent

__all__ = ("KINDS", "PARENTS_ARGUMENT", "ParentEntry", "parse_parents")

KINDS: dict[str, type[Parent]] = {
    kind.kind: kind
    for kind in (
        DnsimpleParent,
        EppParent,
        GandiParent,
        InwxParent,
        OctodnsParent,
        OvhParent,
        PorkbunParent,
        PowerdnsParent,
        RealtimeregisterParent,
        Rfc2136Parent,
        Route53DomainsParent,
        ZoneParent,
    )
}


def _merged(kinds: t.Iterable[type[Parent]]) -> dict[str, dict[str, t.Any]]:
    """Return the options of all kinds; one that several have takes the choices of them all."""
    options: dict[str, dict[str, t.Any]] = {}
    for kind in kinds:
        for option, spec in kind.arguments.items():
            known = options.setdefault(option, dict(spec))
            if "choices" in known:
                known["choices"] = list(dict.fromkeys((*known["choices"], *spec["choices"])))
    return options


_OF_ALL_KINDS = ("name", "type", "rdap")
# Documented in doc_fragments/parents.py.
PARENTS_ARGUMENT: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "required": True, "choices": sorted(KINDS)},
        "rdap": {"type": "str"},
        **_merged(KINDS.values()),
    },
}


@dataclass(frozen=True)
class ParentEntry:
    """A named place of the ``parents`` option.

    :arg options: those of its kind, None where not given; ``zone`` is a name.
    :arg rdap: the URL of the RDAP server that tells of its zones, or None.
    """

    name: str
    kind: str
    options: t.Mapping[str, t.Any]
    rdap: str | None = None

    def open(self, setting: Setting) -> Parent:
        """Return the parent, ready for a ``with`` block.

        :raises DescriptionError: for options that cannot be used.
        :raises MissingLibraryError: where it needs a library that is missing.
        """
        return KINDS[self.kind](name=self.name, options=self.options, setting=setting)


def parse_parents(
    given: t.Sequence[t.Mapping[str, t.Any]],
    *,
    environment: t.Mapping[str, str],
    keep_secret: t.Callable[[str], object],
    show: t.Callable[[str], object] = id,
) -> dict[str, ParentEntry]:
    """Return the parents by name, from the checked value of the ``parents`` option.

    :arg environment: where options come from that are not given.
    :arg keep_secret: is told each secret, wherever it comes from.
    :arg show: is told each text in options that are declared secret which is none.
    :raises DescriptionError: for names given twice, options that are missing, that another kind of parent has or that
        have a value they cannot have, and zones that are no name.
    """
    problems: list[Problem] = []
    entries: dict[str, ParentEntry] = {}
    secret: set[str] = set()
    plain: set[str] = set()
    for value in given:
        name, kind = value["name"], KINDS[value["type"]]
        where = f"parents: {name}"
        if name in entries:
            problems.append(Problem(where=where, rule="a parent is named only once"))
        options: dict[str, t.Any] = {option: value.get(option) for option in kind.arguments}
        for option in kind.environment:
            found = environment.get(_variable(kind, option))
            if options[option] is None and found:
                options[option] = found
        secret.update(each for option, each in options.items() if isinstance(each, str) and _is_secret(kind, option))
        try:
            settled = kind.settle(options, environment=environment, where=where)
        except DescriptionError as exc:
            problems += exc.problems
        else:
            options = dict(settled.options)
            secret |= settled.secret
            plain |= settled.plain
        entries[name] = ParentEntry(name=name, kind=kind.kind, options=options, rdap=value.get("rdap"))
        problems += [Problem(where=f"{where}: {place}", rule=rule) for place, rule in _misuses(kind, value, options)]
        if options.get("zone") is not None:
            try:
                options["zone"] = parse_zone_name(options["zone"])
            except ValueError as exc:
                problems.append(Problem(where=f"{where}: zone", value=options["zone"], rule=str(exc)))
    # An empty text is in every text, and would be masked everywhere.
    for text in secret - {""}:
        keep_secret(text)
    for text in plain - secret:
        show(text)
    if problems:
        raise DescriptionError(problems)
    return entries


def _misuses(
    kind: type[Parent], given: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]
) -> t.Iterator[tuple[str, str]]:
    """Yield options that are not as this kind of parent has them, and the rule each breaks."""
    for option in PARENTS_ARGUMENT["options"]:
        if option not in kind.arguments and option not in _OF_ALL_KINDS and given.get(option) is not None:
            yield option, f"not an option of type {kind.kind}"
    for option in kind.required:
        if options[option] is None:
            place = f", here or as {_variable(kind, option)} in the environment" if option in kind.environment else ""
            yield option, f"type {kind.kind} needs it{place}"
    for option, spec in kind.arguments.items():
        if "choices" in spec and options[option] is not None and options[option] not in spec["choices"]:
            yield option, f"{options[option]} is not one of {', '.join(spec['choices'])}, which type {kind.kind} takes"


def _is_secret(kind: type[Parent], option: str) -> bool:
    return bool(kind.arguments[option].get("no_log"))


def _variable(kind: type[Parent], option: str) -> str:
    return f"ZONECUT_{kind.kind}_{option}".upper()
