# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of ``./run``."""

from __future__ import annotations

import sys
import typing as t

from .environments import NoInterpreterError
from .paths import ROOT, STATE
from .processes import CommandError
from .suite import SelectionError, run_suite
from .use import run_benchmarks, run_demo, show_documentation

_USAGE = """\
usage: ./run COMMAND [ARGUMENT...]

  demo [--server bind|nsd|knot|powerdns]
                  tell the story of a broken delegation and its repair, on loopback
  test [--list] [STAGE...] [TARGET...]
                  run all test stages, or those named, or only some targets of one kind of stage:
                    ./run test units lint
                    ./run test sanity-2.19 plugins/modules/verify.py
                    ./run test units-2.19 tests/unit/plugins/module_utils/test_serial.py
                    ./run test integration zone_files
                  with ZONECUT_NIGHTLY=1 in the environment, unit tests search: new examples each time, and 100,000
                  mutated answers instead of 5,000
  bench [--list] [NAME...] [OPTION...]
                  run all benchmarks, or those named; their options make them larger or smaller:
                    ./run bench zones --help
                    ./run bench big --records 100000
  docs [NAME...]  list the modules, or show the documentation of modules or roles
  help            show this

Needs Python 3.10 or later with its venv module, and git. All it makes goes below .run, which can be deleted any time.
Tests against real name servers install these when they run as root on Debian or Ubuntu; elsewhere they are skipped
and say what they lack.
"""


def main(arguments: t.Sequence[str]) -> int:
    """Carry out a command and return the exit status."""
    command, *rest = arguments or ["help"]
    names = [word for word in rest if word != "--list"]
    only_list = len(names) < len(rest)
    if command in ("help", "-h", "--help"):
        print(_USAGE, end="")
        return 0
    try:
        STATE.mkdir(exist_ok=True)
        if command == "demo":
            run_demo(rest)
        if command == "test":
            return run_suite(names, only_list=only_list)
        if command == "bench":
            first_option = next((index for index, word in enumerate(names) if word.startswith("-")), len(names))
            options = names[first_option:]
            return run_benchmarks(names[:first_option], options=options, only_list=only_list)
        if command == "docs":
            show_documentation(rest)
    except PermissionError as error:
        print(f"./run: cannot write below {ROOT}: {error}", file=sys.stderr)
        return 1
    except (CommandError, NoInterpreterError, SelectionError) as error:
        print(f"./run {command}: {error}", file=sys.stderr)
        return 1
    print(f"./run: no command named {command}\n\n{_USAGE}", end="", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
