# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the small authoritative name server of the demo: serve, start, reload and stop.

Beside CONFIG (a JSON file, see authoritative/config.py) it keeps a .pid file, which it holds locked while it runs,
a .status file that tells what the last load found, and a .log file.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import logging
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

from authoritative.server import NameServers

_WAIT = 30.0
_POLL = 0.02


class ControlError(Exception):
    """The command could not be carried out; the message says why."""


def main() -> int:
    """Parse the command line and run one command; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = {
        "serve": (serve, "stay in the foreground"),
        "start": (start, "go into the background, and return when zones are loaded"),
        "reload": (reload, "read configuration and changed zone files again, and return when they are served"),
        "stop": (stop, "end the process, and return when it is gone"),
    }
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, (_function, summary) in commands.items():
        subparsers.add_parser(name, help=summary).add_argument("config", type=pathlib.Path, metavar="CONFIG")
    arguments = parser.parse_args()
    try:
        commands[arguments.command][0](arguments.config.resolve())
    except ControlError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def serve(config: pathlib.Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with _locked_pid_file(config):
        asyncio.run(_serve(config))


def start(config: pathlib.Path) -> None:
    """Serve in a process of its own session."""
    if _running_pid(config) is not None:
        raise ControlError(f"{config} is served already")
    config.with_suffix(".status").unlink(missing_ok=True)
    with config.with_suffix(".log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "serve", os.fspath(config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _wait_until_loaded(config, since=0, alive=lambda: process.poll() is None)


def reload(config: pathlib.Path) -> None:
    """Send SIGHUP and wait for the load that follows it."""
    pid = _require_pid(config)
    since = time.monotonic_ns()
    os.kill(pid, signal.SIGHUP)
    _wait_until_loaded(config, since=since, alive=lambda: _running_pid(config) == pid)


def stop(config: pathlib.Path) -> None:
    """Send SIGTERM and wait for the end."""
    pid = _require_pid(config)
    os.kill(pid, signal.SIGTERM)
    _wait_for(lambda: _running_pid(config) != pid, f"process {pid} did not stop")


async def _serve(config: pathlib.Path) -> None:
    servers = NameServers(config)
    stopping = asyncio.Event()
    reloads: set[asyncio.Task[None]] = set()

    async def load() -> None:
        started = time.monotonic_ns()
        faults = await servers.load()
        _write_status(config, {"load_started": started, "faults": faults, "serials": servers.serials()})

    def load_soon() -> None:
        task = asyncio.get_running_loop().create_task(load())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, load_soon)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await load()
        await stopping.wait()
    finally:
        servers.close()
        config.with_suffix(".status").unlink(missing_ok=True)


@contextlib.contextmanager
def _locked_pid_file(config: pathlib.Path) -> t.Iterator[None]:
    # The lock tells a live server from a pid file left by a crash, whose number another process may have by now.
    with config.with_suffix(".pid").open("a+", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ControlError(f"{config} is served already") from error
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield
        config.with_suffix(".pid").unlink(missing_ok=True)


def _running_pid(config: pathlib.Path) -> int | None:
    try:
        with config.with_suffix(".pid").open(encoding="ascii") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(stream.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


def _require_pid(config: pathlib.Path) -> int:
    pid = _running_pid(config)
    if pid is None:
        raise ControlError(f"no name server runs for {config}")
    return pid


def _write_status(config: pathlib.Path, status: dict[str, t.Any]) -> None:
    path = config.with_suffix(".status")
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(json.dumps(status, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def _wait_until_loaded(config: pathlib.Path, *, since: int, alive: t.Callable[[], bool]) -> None:
    """Wait for a load that began after `since` (monotonic ns). Raises ControlError when it found faults."""
    log = config.with_suffix(".log")
    status: dict[str, t.Any] = {}

    def loaded() -> bool:
        if not alive():
            raise ControlError(f"the server ended; its last words are in {log}")
        with contextlib.suppress(FileNotFoundError):
            status.update(json.loads(config.with_suffix(".status").read_text(encoding="utf-8")))
        return int(status.get("load_started", -1)) >= since

    _wait_for(loaded, f"not loaded; see {log}")
    if status["faults"]:
        raise ControlError("\n  ".join(["loaded with faults:", *status["faults"]]))


def _wait_for(condition: t.Callable[[], bool], failure: str) -> None:
    deadline = time.monotonic() + _WAIT
    while not condition():
        if time.monotonic() > deadline:
            raise ControlError(f"{failure} within {_WAIT:.0f} s")
        time.sleep(_POLL)


if __name__ == "__main__":
    sys.exit(main())
