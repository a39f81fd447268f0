# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps what Python compiles out of zip files, beside the environment that it is copied into and loaded by.

Ansible sends a module as a zip file of its source, which holds all that it imports of Ansible and of its collection.
Python compiles all of that anew for each task, which takes half of the time of a task.
"""

from __future__ import annotations

import os
import sys
import zipimport
from types import CodeType

_FOLDER = os.path.join(sys.prefix, "compiled")
_compile_source = zipimport._compile_source  # type: ignore[attr-defined]


def _compile_once(path: str, source: bytes) -> CodeType:
    # Every Python that starts in the environment comes by here, and most have no use for these.
    import marshal
    from importlib.util import source_hash

    kept = os.path.join(_FOLDER, f"{source_hash(source).hex()}-{len(source)}")
    try:
        with open(kept, "rb") as stream:
            return marshal.load(stream)  # type: ignore[no-any-return]
    except FileNotFoundError:
        pass
    code: CodeType = _compile_source(path, source)
    os.makedirs(_FOLDER, exist_ok=True)
    # Under another name first, for other tasks may run at the same time.
    written = f"{kept}.{os.getpid()}"
    with open(written, "wb") as stream:
        marshal.dump(code, stream)
    os.replace(written, kept)
    return code


zipimport._compile_source = _compile_once  # type: ignore[attr-defined]
