# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing one file of text that a module was asked for, such as a description or a report."""

from __future__ import annotations

import contextlib
import os
import tempfile
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError

__all__ = ("check_folder", "write_file")


def check_folder(module: AnsibleModule, path: str, *, option: str) -> None:
    """Make sure that a file can be written to its folder; in check mode warn, for an earlier task may make that so.

    :arg option: what the user gave the path with.
    :raises ZonecutError: where it cannot, or the path is a folder itself.
    """
    if os.path.isdir(path):
        raise ZonecutError(f"{option}: {path} is a directory")
    if os.path.exists(path) and not os.path.isfile(path):
        raise ZonecutError(f"{option}: {path} is no regular file, and would be replaced by one")
    folder = os.path.dirname(path) or "."
    in_place = bool(module.params.get("unsafe_writes")) and os.access(path, os.W_OK)
    if not os.path.isdir(folder):
        message, lacks = f"{option}: the directory {folder} does not exist", "without it"
    elif not in_place and not os.access(folder, os.W_OK | os.X_OK):
        message, lacks = f"{option}: the directory {folder} is not writable", "unless it is"
    else:
        return
    if not module.check_mode:
        raise ZonecutError(message)
    module.warn(f"{message} yet; {lacks} this task fails")


def write_file(module: AnsibleModule, path: str, content: bytes, *, option: str) -> dict[str, t.Any]:
    """Bring a file to a content, and to the attributes that the task gives; nothing in check mode.

    :arg module: one with ``add_file_common_args``.
    :arg option: what the user gave the path with.
    :returns: ``changed``, and in diff mode ``diff``, of a module's result.
    :raises ZonecutError: where it cannot be written, or not be given its attributes, with ``changed`` in its details.
    """
    # Ansible's functions look for the folder in the path.
    path = os.path.abspath(path)
    before = _read(path, option)
    changed = before != content
    if changed and not module.check_mode:
        with _own_errors(module, f"{option}: {path} cannot be written", changed=False):
            descriptor, temporary = tempfile.mkstemp(dir=module.tmpdir)
            module.add_cleanup_file(temporary)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            module.atomic_move(temporary, path, unsafe_writes=bool(module.params.get("unsafe_writes")))
    attributes: dict[str, t.Any] = {}
    result: dict[str, t.Any] = {"changed": changed}
    if os.path.exists(path):
        with _own_errors(module, f"{option}: {path} cannot be given its attributes", changed=changed):
            wanted = module.load_file_common_arguments(module.params, path=path)
            result["changed"] = bool(module.set_fs_attributes_if_different(wanted, changed, attributes))
    if module._diff:
        contents = {"before_header": path, "after_header": path, "before": _shown(before), "after": _shown(content)}
        result["diff"] = [each for each in (contents if changed else None, attributes) if each]
    return result


@contextlib.contextmanager
def _own_errors(module: AnsibleModule, message: str, *, changed: bool) -> t.Iterator[None]:
    """Raise our own error where Ansible's functions for files fail, so that nothing else there is to return is lost."""

    def refuse(msg: str, **_details: t.Any) -> t.NoReturn:
        raise ZonecutError(f"{message} ({msg})", changed=changed)

    # They end the module themselves up to ansible-core 2.18, and raise a plain Exception since.
    fail_json = module.fail_json
    module.fail_json = refuse  # type: ignore[method-assign]
    try:
        yield
    except ZonecutError:
        raise
    except OSError as exc:
        raise ZonecutError(f"{message} ({exc.strerror or exc})", changed=changed) from exc
    except Exception as exc:
        raise ZonecutError(f"{message} ({exc})", changed=changed) from exc
    finally:
        module.fail_json = fail_json  # type: ignore[method-assign]


def _read(path: str, option: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ZonecutError(f"{option}: {path} cannot be read ({exc.strerror})") from exc


def _shown(content: bytes | None) -> str:
    return "" if content is None else content.decode("utf-8", "replace")
