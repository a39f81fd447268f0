# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing a description to a file that ``zones_from`` reads."""

from __future__ import annotations

import os
import tempfile
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError
from ansible_collections.zonecut.dns.plugins.module_utils._sources import description_text

__all__ = ("write_description",)


def write_description(module: AnsibleModule, path: str, zones: t.Sequence[t.Any]) -> dict[str, t.Any]:
    """Bring a file to what describes ``zones``, and to the attributes that the task gives; nothing in check mode.

    :arg module: one with ``add_file_common_args``.
    :returns: ``changed``, and in diff mode ``diff``, of a module's result.
    :raises ZonecutError: where it cannot be written.
    """
    text = description_text(zones, path=path).encode("utf-8")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        message = f"dest: the directory {folder} does not exist"
        if not module.check_mode:
            raise ZonecutError(message)
        module.warn(f"{message} yet; without it this task fails")
    before = _read(path)
    changed = before != text
    if changed and not module.check_mode:
        try:
            descriptor, temporary = tempfile.mkstemp(dir=module.tmpdir)
            module.add_cleanup_file(temporary)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text)
        except OSError as exc:
            raise ZonecutError(f"dest: {path} cannot be written ({exc.strerror})") from exc
        module.atomic_move(temporary, path, unsafe_writes=bool(module.params.get("unsafe_writes")))
    attributes: dict[str, t.Any] = {}
    result: dict[str, t.Any] = {"changed": changed}
    if os.path.exists(path):
        wanted = module.load_file_common_arguments(module.params, path=path)
        result["changed"] = bool(module.set_fs_attributes_if_different(wanted, changed, attributes))
    if module._diff:
        contents = {"before_header": path, "after_header": path, "before": _shown(before), "after": _shown(text)}
        result["diff"] = [each for each in (contents if changed else None, attributes) if each]
    return result


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ZonecutError(f"dest: {path} cannot be read ({exc.strerror})") from exc


def _shown(content: bytes | None) -> str:
    return "" if content is None else content.decode("utf-8", "replace")
