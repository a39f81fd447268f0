# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the registry by itself, with files in a folder: ``python -m epp_registry FOLDER --port 7000``.

The folder gets ``authority.pem``, to be trusted by clients, then ``ready`` once connections are taken, and while it
runs ``commands``, the name of each command, and ``violations`` of the schemas.
"""

from __future__ import annotations

import argparse
import pathlib

from .certificates import Authority
from .registry import Registry
from .server import EppServer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--model", choices=["obj", "attr"], default="obj")
    parser.add_argument("--secure", choices=["dsData", "keyData"], default="dsData")
    parser.add_argument("--account", action="append", default=[], help="a name and its password, as NAME:PASSWORD")
    given = parser.parse_args()
    certificate = Authority(given.folder).issue("registry", names=[given.address])
    accounts = dict(account.split(":", 1) for account in given.account)
    registry = Registry(model=given.model, secure=given.secure, accounts=accounts)
    registry.commands = _Lines(given.folder / "commands")
    server = EppServer(registry, certificate=certificate, address=given.address, port=given.port)
    server.violations = _Lines(given.folder / "violations")
    (given.folder / "ready").write_text(f"{server.address[1]}\n")
    server.serve_forever()


class _Lines(list[str]):
    """A list whose entries are lines of a file as well."""

    def __init__(self, path: pathlib.Path) -> None:
        super().__init__()
        self._path = path
        path.write_text("")

    def append(self, line: str) -> None:
        super().append(line)
        with self._path.open("a") as stream:
            stream.write(f"{line}\n")


if __name__ == "__main__":
    main()
