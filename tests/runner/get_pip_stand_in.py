# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does what get-pip.py does, with the pip that Python brings along and the package index.

ansible-test downloads get-pip.py from a host of its own; this file takes its place where that host cannot be reached.
It runs once for each of some twenty environments, so what it installs is kept beside it for the next.
"""

from __future__ import annotations

import ensurepip
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path


def main() -> None:
    """Install pip, then the ``NAME==VERSION`` arguments."""
    packages = [argument for argument in sys.argv[1:] if "==" in argument]
    kept = Path(__file__).parent / "-".join([*packages, str(sys.implementation.cache_tag)])
    if not kept.is_dir():
        _install(packages, to=kept)
    shutil.copytree(kept, sysconfig.get_path("purelib"), dirs_exist_ok=True)


def _install(packages: list[str], *, to: Path) -> None:
    # A wheel of pip runs as it is, so it need not be installed only to be replaced.
    wheels = sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
    pip = [str(wheels[-1] / "pip")] if wheels else ["-m", "pip"]
    if not wheels:
        # Imported instead of run, ensurepip would switch off the configuration of pip in this process.
        subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True, stdout=subprocess.DEVNULL)
    part = to.with_name(f"{to.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    subprocess.run([sys.executable, *pip, "install", "--quiet", "--target", str(part), *packages], check=True)
    # Programs for another environment.
    shutil.rmtree(part / "bin", ignore_errors=True)
    part.rename(to)


if __name__ == "__main__":
    main()
