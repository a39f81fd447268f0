# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection community.general, of which only what nsupdate needs is kept from the package ``ansible``."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

__all__ = ("COLLECTIONS", "nsupdate_version")

# Kept from run to run, since the package is large.
COLLECTIONS = Path.home() / ".cache" / "zonecut-bench"

_INSIDE = "ansible_collections/community/general"
_KEPT = ("plugins/modules/nsupdate.py", "plugins/module_utils/")
_MANIFEST = "MANIFEST.json"


def nsupdate_version() -> str | None:
    """Return the release of community.general in COLLECTIONS, downloaded where it is not there yet.

    Says so where it cannot be had, and returns None.
    """
    manifest = COLLECTIONS / _INSIDE / _MANIFEST
    if not manifest.is_file() and not _download():
        return None
    return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])


def _download() -> bool:
    print("Downloading the package ansible for community.general.nsupdate", flush=True)
    with tempfile.TemporaryDirectory(prefix="zonecut-bench-") as folder:
        pip = [sys.executable, "-m", "pip", "-q", "download", "--no-deps", "--only-binary=:all:", "--dest", folder]
        done = subprocess.run([*pip, "ansible"], capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("ansible-*.whl"))
        if done.returncode != 0 or not wheels:
            print(f"It cannot be downloaded, so do without: {done.stderr.strip()[-500:]}", file=sys.stderr)
            return False
        with zipfile.ZipFile(wheels[0]) as wheel:
            kept = [name for name in wheel.namelist() if name.startswith(tuple(f"{_INSIDE}/{part}" for part in _KEPT))]
            # What tells that all is there comes last.
            for name in (*kept, f"{_INSIDE}/{_MANIFEST}"):
                wheel.extract(name, COLLECTIONS)
    return True
