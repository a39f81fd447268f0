# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a program takes, and how much memory it or a program that it starts needs at most."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import typing as t
from dataclasses import dataclass
from pathlib import Path

__all__ = ("BenchmarkError", "Measured", "best_of", "measure")

# A process of its own and a small one, since Linux counts what a program needed before exec as if it were its own.
_LAUNCHER = """
import os, sys, time
started = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as stream:
    seconds, cpu = time.monotonic() - started, usage.ru_utime + usage.ru_stime
    stream.write("[%r, %r, %r, %r]" % (os.waitstatus_to_exitcode(status), seconds, cpu, usage.ru_maxrss))
"""
_SHOWN_OUTPUT = 4000


class BenchmarkError(Exception):
    """A program that was to be measured failed, so there is nothing to compare."""


@dataclass(frozen=True)
class Measured:
    """What a program and those that it started took.

    :arg cpu: seconds of processor time, which other work on the machine changes less.
    :arg megabytes: the peak of resident memory (10**6 octets) of the largest process.
    """

    seconds: float
    cpu: float
    megabytes: float


def measure(command: t.Sequence[str | Path], **environment: str) -> Measured:
    """Run a program without input; variables are added to its environment.

    :raises BenchmarkError: with its output when it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        report, output = Path(folder, "report"), Path(folder, "output")
        with output.open("wb") as stream:
            subprocess.run(
                [sys.executable, "-I", "-S", "-c", _LAUNCHER, report, *command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                check=False,
            )
        said = output.read_text(encoding="utf-8", errors="replace")[-_SHOWN_OUTPUT:]
        if not report.exists():
            raise BenchmarkError(f"{command[0]} cannot be run:\n{said}")
        status, seconds, cpu, kibibytes = json.loads(report.read_text(encoding="ascii"))
        if status != 0:
            raise BenchmarkError(f"{Path(command[0]).name} exited with status {status}:\n{said}")
    return Measured(seconds=seconds, cpu=cpu, megabytes=kibibytes * 1024 / 1e6)


def best_of(runs: t.Sequence[Measured]) -> Measured:
    """Return the least time and the greatest memory of runs of the same program: what disturbs it only adds."""
    return Measured(
        seconds=min(run.seconds for run in runs),
        cpu=min(run.cpu for run in runs),
        megabytes=max(run.megabytes for run in runs),
    )
