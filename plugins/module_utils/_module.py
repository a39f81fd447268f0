# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place where private logic meets AnsibleModule: shared options, the description, and errors."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._sources import SourcesWanted

__all__ = ("ZONES_ARGUMENTS", "ZONES_RULES", "run")

# Documented in doc_fragments/zones.py.
ZONES_ARGUMENTS: dict[str, t.Any] = {
    "zones": {"type": "list", "elements": "raw"},
    "zones_from": {"type": "path"},
    "remote_src": {"type": "bool", "default": False},
    # Filled in by the action plugins: where each file named in the description is on this host.
    "_sources": {"type": "dict"},
}
ZONES_RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("zones", "zones_from")],
    "required_one_of": [("zones", "zones_from")],
}


def run(module: AnsibleModule, task: t.Callable[[AnsibleModule], dict[str, t.Any]]) -> t.NoReturn:
    """Exit with what ``task`` returns, or fail with the error that it raises on purpose."""
    try:
        result = task(module)
    except SourcesWanted as exc:
        # For the action plugin, which sends these files and runs the module again.
        result = {"changed": False, "_wanted": list(exc.wanted)}
    except ZonecutError as exc:
        module.fail_json(msg=exc.message, **exc.details)
    module.exit_json(**result)
