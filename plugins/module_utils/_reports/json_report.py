# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for programs: JSON in the form of docs/verify_report.schema.json."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._reports.picture import Picture
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import PROGRAM, Run

__all__ = ("SCHEMA", "json_report")

SCHEMA = "https://github.com/zonecut/dns/blob/main/docs/verify_report.schema.json"
# Goes up when a program that reads the form before could go wrong.
_VERSION = 1


def json_report(run: Run) -> str:
    """Return the report."""
    head = {
        "$schema": SCHEMA,
        "version": _VERSION,
        "program": PROGRAM,
        "time": run.time,
        "passed": not run.failed,
        "fail_on": run.fail_on,
        "checks": list(run.codes),
        "summary": {"zones": len(run.reports), "failed": run.failed, "findings": run.counts()},
    }
    zones = (
        {**report.result(), "untested": list(report.untested), "seen": report.picture and _seen(report.picture)}
        for report in run.reports
    )
    # One line a zone, for tools that compare reports, and without a copy of everything in memory.
    lines = ",\n  ".join(json.dumps(zone) for zone in zones)
    return f'{json.dumps(head, indent=1)[:-2]},\n "zones": [\n  {lines}\n ]\n}}\n'


def _seen(picture: Picture) -> dict[str, t.Any]:
    names = [server.name for server in picture.servers]
    return {
        "described": picture.described,
        "parent_servers": [
            {
                "server": server.server,
                "address": server.address,
                "state": server.state,
                "milliseconds": server.milliseconds,
                "name_servers": [names[position] for position in server.lists],
            }
            for server in picture.parents
        ],
        "name_servers": [server._asdict() for server in picture.servers],
        "addresses": [
            {
                "server": names[server.server],
                "address": server.address,
                "verdict": server.verdict,
                "serial": server.serial,
                "milliseconds": server.milliseconds,
                "name_servers": [names[position] for position in server.lists],
            }
            for server in picture.children
        ],
        "ds": list(picture.ds),
        "keys": list(picture.keys),
    }
