# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/parents.md says of each kind of parent what the kind itself declares, and names every reason to refuse."""

from __future__ import annotations

import pathlib
import re

from ansible_collections.zonecut.dns.plugins.module_utils._guards import REFUSAL_CODES
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Abilities
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import KINDS

_TEXT = pathlib.Path(__file__).parents[5].joinpath("docs", "parents.md")


def _cells(abilities: Abilities) -> list[str]:
    servers = f"from {abilities.fewest}" if abilities.most is None else f"{abilities.fewest} to {abilities.most}"
    return [
        "yes" if abilities.glue else "",
        " or ".join(f"`{form}`" for form in abilities.ds),
        servers,
        *("yes" if each else "" for each in (abilities.asynchronous, abilities.batch, abilities.absorbs)),
    ]


def test_the_table_says_what_the_kinds_declare() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|[^|]*\|$", _TEXT.read_text(encoding="utf-8"), re.MULTILINE)
    found = {kind: [cell.strip() for cell in cells.split("|")] for kind, cells in rows if kind in KINDS}
    assert found == {kind: _cells(parent.abilities) for kind, parent in KINDS.items()}


def test_every_reason_to_refuse_is_there() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \|$", _TEXT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(REFUSAL_CODES)
