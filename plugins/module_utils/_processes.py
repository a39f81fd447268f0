# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One process for each processor: what takes processor time in Python gets no faster by threads."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import sys
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZonecutError

__all__ = ("ProcessError", "in_processes", "processors")

_T = t.TypeVar("_T")
_Part = t.TypeVar("_Part")
# linux/prctl.h
_PR_SET_PDEATHSIG = 1


class ProcessError(ZonecutError):
    """A process that was started for a part of the work ended without a result."""


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def in_processes(work: t.Callable[[_Part], _T], parts: t.Sequence[_Part]) -> list[_T]:
    """Return what ``work`` makes of each of the parts, in their order; the first is done here, others in children.

    :arg parts: at least one. Results and errors must be picklable.
    :raises ProcessError: when a process ends without a result; and what ``work`` raises.
    """
    children: list[_Child[_T]] = []
    try:
        for part in parts[1:]:
            children.append(_Child(work, part))
        first = work(parts[0])
        return [first, *(child.result() for child in children)]
    finally:
        for child in children:
            child.end()


class _Child(t.Generic[_T]):
    """A forked process, since a module of Ansible cannot be imported anew by name, as spawned ones would do."""

    def __init__(self, work: t.Callable[[_Part], _T], part: _Part) -> None:
        reading, writing = os.pipe()
        parent = os.getpid()
        self._process = os.fork()
        if self._process == 0:
            os.close(reading)
            _end_with(parent)
            _answer(writing, work, part)
        os.close(writing)
        self._stream = os.fdopen(reading, "rb")
        self._ended = False

    def result(self) -> _T:
        """Return its result, or raise its error."""
        octets = self._stream.read()
        if not octets:
            _process, status = os.waitpid(self._process, 0)
            self._ended = True
            raise ProcessError(f"a process that did a part of the work ended early ({_how_ended(status)})")
        outcome, error = pickle.loads(octets)
        if error is not None:
            raise error
        return t.cast("_T", outcome)

    def end(self) -> None:
        """Make sure that it is gone."""
        self._stream.close()
        if not self._ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _end_with(parent: int) -> None:
    """Have the kernel end this process together with its parent, which may be killed: nobody would end it then."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _answer(writing: int, work: t.Callable[[_Part], _T], part: _Part) -> t.NoReturn:
    """Write the outcome and leave without what belongs to the parent: its exit handlers and buffers."""
    status = 1
    try:
        outcome: tuple[t.Any, Exception | None]
        try:
            outcome = work(part), None
        except Exception as exc:
            outcome = None, exc
        with os.fdopen(writing, "wb") as stream:
            pickle.dump(outcome, stream, protocol=pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)


def _how_ended(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"status {os.WEXITSTATUS(status)}"
