# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of the checkout at a path that Ansible takes for a collection."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .paths import ROOT, STATE

__all__ = ("Tree", "copy_tree")

# What a checkout without git (an unpacked archive) may hold that is no source.
_NO_SOURCE = (".git", ".nox", ".run", "__pycache__", "output", ".hypothesis", ".mypy_cache", ".ruff_cache")


class Tree:
    """A copy: ``collections`` is what ANSIBLE_COLLECTIONS_PATH takes, ``path`` is the collection in it."""

    def __init__(self, name: str) -> None:
        self.collections = STATE / "tree" / name
        self.path = self.collections / "ansible_collections" / "zonecut" / "dns"


def copy_tree(name: str) -> Tree:
    """Make the copy ``name`` afresh: every file of the checkout that git does not ignore, new ones included."""
    tree = Tree(name)
    shutil.rmtree(tree.collections, ignore_errors=True)
    for source in _source_files():
        target = tree.path / source
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / source, target, follow_symlinks=False)
    # ansible-test and antsibull-nox ask git for their files: without its own repository the copy, which lies in a
    # folder that the checkout ignores, would have none.
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=tree.path, check=True)
    return tree


def _source_files() -> list[Path]:
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        files = [Path(name) for name in listed.stdout.split("\0") if name]
        # A file that was deleted but not yet committed is still listed.
        return [file for file in files if os.path.lexists(ROOT / file)]
    files = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _NO_SOURCE]
        files += [(Path(folder) / name).relative_to(ROOT) for name in names]
    return files
