# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option ``report``: which reports a run of ``verify`` leaves behind, and writing them."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._reports.html_report import html_report
from ansible_collections.zonecut.dns.plugins.module_utils._reports.json_report import json_report
from ansible_collections.zonecut.dns.plugins.module_utils._reports.junit_report import junit_report
from ansible_collections.zonecut.dns.plugins.module_utils._reports.places import Places, find_places
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import Run
from ansible_collections.zonecut.dns.plugins.module_utils._reports.sarif_report import sarif_report
from ansible_collections.zonecut.dns.plugins.module_utils._sources import Sources, description_files
from ansible_collections.zonecut.dns.plugins.module_utils._written_file import check_folder, write_file

__all__ = ("REPORT_ARGUMENTS", "check_report_paths", "places_of", "wants_pictures", "write_reports")

_FORMATS: dict[str, t.Callable[[Run], str]] = {
    "html": html_report,
    "junit": junit_report,
    "sarif": sarif_report,
    "json": json_report,
}

REPORT_ARGUMENTS: dict[str, t.Any] = {
    "report": {"type": "dict", "options": {kind: {"type": "path"} for kind in _FORMATS}},
    # Filled in by the action plugin: file and line of the task on the controller.
    "_task": {"type": "str"},
}


def check_report_paths(module: AnsibleModule) -> None:
    """Make sure that reports can be written, before minutes are spent on what they are to tell.

    :raises ZonecutError: where one cannot.
    """
    paths = _paths(module.params)
    for kind, path in paths.items():
        if not path or list(paths.values()).count(path) > 1:
            rule = "each report needs a file of its own" if path else "the path of a file is needed"
            raise DescriptionError([Problem(where=f"report.{kind}", value=path, rule=rule)])
        check_folder(module, path, option=f"report.{kind}")


def places_of(params: t.Mapping[str, t.Any], zones: t.Sequence[Zone]) -> Places:
    """Return where the zones are described, as far as some report tells it."""
    if "sarif" not in _paths(params):
        return Places()
    files: list[tuple[str, str]] = []
    if params.get("zones_from") is not None:
        written, here = params["zones_from"], Sources(params.get("_sources")).path(params["zones_from"])
        # A folder that was sent here came as one file, whose lines are nobody's.
        files = [(path, path) for path in description_files(here)] if written == here else [(written, here)]
    return find_places(zones, files=files, task=params.get("_task"))


def wants_pictures(params: t.Mapping[str, t.Any]) -> bool:
    """Whether some report tells what was seen of each zone cut."""
    return bool({"html", "json"} & _paths(params).keys())


def write_reports(module: AnsibleModule, run: Run) -> tuple[bool, list[str]]:
    """Write the reports that the task asks for, each whatever becomes of the others, but none in check mode.

    :returns: whether any of the files changes, and why some cannot be written.
    """
    changed, problems = False, []
    for kind, path in _paths(module.params).items():
        content = _FORMATS[kind](run).encode("utf-8", "replace")
        try:
            written = write_file(module, path, content, option=f"report.{kind}")["changed"]
        except ZonecutError as exc:
            problems.append(exc.message)
            written = exc.details.get("changed", False)
        changed = changed or written
    return changed, problems


def _paths(params: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the path of each report that is wanted."""
    given = (params.get("report") or {}).items()
    # Two ways to write a path may lead to one file, and a link is to stay one.
    return {kind: path and os.path.realpath(path) for kind, path in given if path is not None}
