# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tree of real name servers on loopback: a root, one parent, and many healthy zones below it at two addresses."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from ._generate import zone_name
from ._measure import BenchmarkError

__all__ = ("CHILDREN", "PARENT", "Programs", "Tree", "served_tree")

# The root and the parent are one server, and the two addresses of all the zones are another.
PARENT = "127.104.0.1"
CHILDREN = ("127.104.1.1", "127.104.2.1")
_START_SECONDS = 120
_TIMERS = "1 3600 900 1209600 300"
# The NS set of every zone but the root and the parent, on either side of the cut.
_NS_SET = "{0} 3600 NS ns1.hoster.example.\n{0} 3600 NS ns2.hoster.example.\n"
_ROOT_ZONE = f"""
@ 3600 SOA ns.root. hostmaster.root. {_TIMERS}
@ 3600 NS ns.root.
ns.root. 3600 A {PARENT}
example. 3600 NS ns.example.
ns.example. 3600 A {PARENT}
"""
_PARENT_ZONE = f"""
@ 3600 SOA ns hostmaster {_TIMERS}
@ 3600 NS ns
ns 3600 A {PARENT}
ns1.hoster 3600 A {CHILDREN[0]}
ns2.hoster 3600 A {CHILDREN[1]}
"""
_CHILD_ZONE = f"""
@ 3600 SOA ns1.hoster.example. hostmaster.hoster.example. {_TIMERS}
{_NS_SET.format("@")}
@ 3600 A 198.18.0.1
@ 3600 MX 10 mail
@ 3600 TXT "v=spf1 mx -all"
mail 3600 A 198.18.0.2
www 3600 CNAME @
"""
_HOSTER_ZONE = f"""
{_CHILD_ZONE}
ns1 3600 A {CHILDREN[0]}
ns2 3600 A {CHILDREN[1]}
"""
_CONFIGURATION = """
server:
    listen: [{listen}]
    rundir: "{folder}"
control:
    listen: "{folder}/control"
log:
  - target: stdout
    any: warning
database:
    storage: "{folder}/database"
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
    global-module: mod-stats
zone:
"""


class Programs(t.NamedTuple):
    """Where Knot DNS is: the server and what controls it."""

    knotd: str
    knotc: str


@dataclass(frozen=True)
class Tree:
    """The running servers.

    :arg zones: the names of the zones to verify.
    """

    port: int
    zones: tuple[str, ...]
    controls: tuple[Path, ...]
    knotc: str

    def asked(self) -> int:
        """Return how many questions have come to all servers, over UDP and TCP."""
        counts = 0
        for control in self.controls:
            command: list[str | Path] = [self.knotc, "-s", control, "stats", "mod-stats.request-protocol"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise BenchmarkError(f"knotc stats failed: {done.stderr.strip()}")
            counts += sum(int(line.rpartition("=")[2]) for line in done.stdout.splitlines())
        return counts


@contextlib.contextmanager
def served_tree(folder: Path, *, zones: int, programs: Programs) -> t.Iterator[Tree]:
    """Serve that many zones while the context lasts.

    :raises BenchmarkError: when a server does not come up.
    """
    port = _free_port()
    names = tuple(zone_name(number) for number in range(1, zones + 1))
    cuts = "".join(_NS_SET.format(f"{name}.") for name in ("hoster.example", *names))
    parent = {".": ("root.zone", _ROOT_ZONE), "example": ("parent.zone", _PARENT_ZONE + cuts)}
    children = dict.fromkeys(names, ("child.zone", _CHILD_ZONE))
    children["hoster.example"] = ("hoster.zone", _HOSTER_ZONE)
    with contextlib.ExitStack() as stack:
        controls = [
            stack.enter_context(_server(folder / name, hosted, addresses, port=port, programs=programs))
            for name, hosted, addresses in (("parent", parent, (PARENT,)), ("children", children, CHILDREN))
        ]
        yield Tree(port=port, zones=names, controls=tuple(controls), knotc=programs.knotc)


@contextlib.contextmanager
def _server(
    folder: Path,
    zones: t.Mapping[str, tuple[str, str]],
    addresses: t.Sequence[str],
    *,
    port: int,
    programs: Programs,
) -> t.Iterator[Path]:
    """Run one server; yield its control socket."""
    folder.mkdir()
    configuration, log = folder / "knot.conf", folder / "log"
    listen = ", ".join(f"{address}@{port}" for address in addresses)
    sections = [_CONFIGURATION.format(listen=listen, folder=folder)]
    sections += [f'  - domain: "{name}"\n    file: "{file}"\n' for name, (file, _text) in zones.items()]
    configuration.write_text("".join(sections), encoding="ascii")
    for file, text in dict(zones.values()).items():
        (folder / file).write_text(text, encoding="ascii")
    with log.open("wb") as stream:
        process = subprocess.Popen([programs.knotd, "-c", configuration], stdout=stream, stderr=subprocess.STDOUT)
    try:
        _wait_until_loaded(process, [programs.knotc, "-s", folder / "control", "zone-status"], len(zones), log)
        yield folder / "control"
    finally:
        process.terminate()
        process.wait()


def _wait_until_loaded(
    process: subprocess.Popen[bytes], command: t.Sequence[str | Path], zones: int, log: Path
) -> None:
    # Knot answers from its first zone on, long before it has them all.
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        status = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if sum(line.endswith("serial: 1") for line in status.splitlines()) == zones:
            return
        time.sleep(0.2)
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise BenchmarkError(f"knotd has not loaded its {zones} zones in {_START_SECONDS} s:\n{said}")


def _free_port() -> int:
    """Return a port that is free at all the addresses over TCP, and so over UDP too where servers are concerned."""
    for port in range(5300, 5400):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for address in (PARENT, *CHILDREN):
                stack.enter_context(socket.create_server((address, port)))
            return port
    raise BenchmarkError("no port from 5300 to 5399 is free on loopback")
