# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work shared among processes: results in order, errors as if there were one, and nobody left behind."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._processes import ProcessError, in_processes, processors


def test_each_part_has_a_process_and_results_their_order() -> None:
    results = in_processes(lambda part: (part * 2, os.getpid()), [1, 2, 3])
    assert [doubled for doubled, _process in results] == [2, 4, 6]
    assert len({process for _doubled, process in results}) == 3
    assert results[0][1] == os.getpid()


def test_one_part_starts_none() -> None:
    assert in_processes(lambda part: os.getpid(), ["only"]) == [os.getpid()]


def test_a_result_may_be_larger_than_a_pipe() -> None:
    assert [len(result) for result in in_processes(lambda size: b"x" * size, [1, 3000000])] == [1, 3000000]


def test_an_error_of_a_part_is_that_of_all() -> None:
    def fail(part: int) -> int:
        if part == 2:
            raise KeyError("two")
        return part

    with pytest.raises(KeyError, match="two"):
        in_processes(fail, [1, 2, 3])


@pytest.mark.parametrize("deed", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(7)])
def test_a_process_that_dies_has_no_result(deed: object) -> None:
    def die(part: int) -> int:
        if part == 2:
            deed()  # type: ignore[operator]
        return part

    with pytest.raises(ProcessError, match=r"ended early \((signal 9|status 7)\)"):
        in_processes(die, [1, 2])


def test_an_error_here_ends_the_others() -> None:
    reading, writing = os.pipe()

    def wait(part: int) -> None:
        if part == 1:
            os.read(reading, 1)
            raise ValueError("first")
        os.write(writing, b"x")
        time.sleep(600)

    with pytest.raises(ValueError, match="first"):
        in_processes(wait, [1, 2])
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    os.close(reading)
    os.close(writing)


def test_there_is_a_processor() -> None:
    assert processors() >= 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends processes with their parent")
def test_a_killed_parent_takes_the_others_along() -> None:
    reading, writing = os.pipe()

    def wait(part: int) -> None:
        # The last process that holds the pipe open closes it by its end.
        os.write(writing, b"x")
        time.sleep(60)

    parent = os.fork()
    if parent == 0:
        os.close(reading)
        in_processes(wait, [1, 2])
        os._exit(0)
    os.close(writing)
    assert os.read(reading, 1) == b"x" and os.read(reading, 1) == b"x"
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert os.read(reading, 1) == b""
    os.close(reading)
