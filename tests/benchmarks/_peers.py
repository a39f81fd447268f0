# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs to compare with: found, or installed where that is possible, or named as missing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

__all__ = ("CHROMIUM", "DNSPERF", "KNOTC", "KNOTD", "KZONECHECK", "NAMED_COMPILEZONE", "Peer", "available")

# Unprivileged users seldom have these in PATH.
_SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])


_POLICY = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True)
class Peer:
    """A program, and the Debian package that it comes in."""

    program: str
    package: str

    @property
    def path(self) -> str | None:
        """Where it is, or None."""
        return shutil.which(self.program, path=_SEARCH_PATH)


NAMED_COMPILEZONE = Peer(program="named-compilezone", package="bind9-utils")
KZONECHECK = Peer(program="kzonecheck", package="knot-dnssecutils")
KNOTD = Peer(program="knotd", package="knot")
KNOTC = Peer(program="knotc", package="knot")
CHROMIUM = Peer(program="chromium", package="chromium")
DNSPERF = Peer(program="dnsperf", package="dnsperf")


def available(peers: t.Sequence[Peer]) -> dict[Peer, str]:
    """Return the paths of those peers that are there, after installing what is missing as root on Debian or Ubuntu.

    Says which ones are missing all the same.
    """
    missing = [peer for peer in peers if peer.path is None]
    if missing and os.geteuid() == 0 and Path("/usr/bin/apt-get").is_file():
        with _no_services():
            _install(sorted({peer.package for peer in missing}))
    found = {peer: peer.path for peer in peers}
    for peer, path in found.items():
        if path is None:
            print(f"{peer.program} is not installed (Debian package {peer.package}), so do without")
    return {peer: path for peer, path in found.items() if path is not None}


@contextlib.contextmanager
def _no_services() -> t.Iterator[None]:
    """Debian starts each service that it installs, on port 53 of every address, unless this policy forbids it."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _install(packages: t.Sequence[str]) -> None:
    print(f"Installing {' '.join(packages)}", flush=True)
    install = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (install, ["apt-get", "-qq", "update"], install):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if command is install and done.returncode == 0:
            return
    print(f"apt-get failed: {done.stderr.strip()}", file=sys.stderr)
