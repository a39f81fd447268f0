# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of ``verify`` for tests of reports: what scripted servers make of it, and what hostile ones would send."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import replace
from datetime import datetime, timezone

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CATALOGUE
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Unchecked
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import Run
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Selection, Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CUT,
    NS1,
    NS2,
    PARENT2,
    PARENT_ZONE,
    ROOT,
    World,
    contoso,
)

# What would end text, an attribute, a script, a comment, a CDATA section or a line, or is no character of XML at all.
HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; alert(1); '",
    "<!-- ]]> --> ${alert(1)} {{alert(1)}} %s",
    "line\u2028and\u2029paragraph\r\n\t",
    "\0\x01\x1b[31m\ufffe\ud800",
    "&lt;b&gt; &amp; &#60;",
)
DS = f"mail 3600 DS 12345 13 2 {'ab' * 32}\n"
BELOW = f"mail 3600 A 192.0.2.9\nns1.mail 3600 A {NS1}\nns2.mail 3600 A {NS2}\n"


def report_of(world: World, *, zone: object = CHILD, name: str = CHILD, **settings: t.Any) -> ZoneReport:
    """Return the report on a zone in ``world``, under another name where one is given."""
    # The zones are not signed, and the DS of some is there to be seen only.
    selection = Selection.parse(["-dnssec"])
    wanted = Settings(**{"roots": (ROOT,), "pictures": True, "selection": selection, **settings})
    (report,) = verify_zones(parse_zones([zone]), settings=wanted, transport=world)
    return replace(report, name=name)


def broken() -> World:
    """Return the tree in which one server of two hosts only the zone above."""
    return contoso(cut=CUT + DS).drop(NS2, CHILD).host(NS2, "contoso.example", PARENT_ZONE + BELOW)


@functools.cache
def usual_reports() -> tuple[ZoneReport, ...]:
    """Return reports on zones of which each has something else to show."""
    return (
        report_of(contoso(), name="well.example"),
        report_of(broken(), name="mail.example"),
        report_of(contoso(cut=""), name="gone.example"),
        report_of(contoso(cut=CUT.replace(f"A {NS1}", "A 127.94.9.9")), name="glue.example"),
        report_of(contoso().script(NS2, "timeout").script(PARENT2, "timeout"), name="silent.example"),
    )


def hostile_report() -> ZoneReport:
    """Return a report whose every text would do harm."""
    report = report_of(broken())
    assert report.picture is not None
    findings = tuple(
        Finding("lame_rcode", "error", text, server=text, address=text, expected=text, got=text, reference=text)
        for text in HOSTILE
    )
    servers = tuple(server._replace(name=text, alias=text) for text in HOSTILE for server in report.picture.servers)
    picture = report.picture._replace(servers=servers, ds=HOSTILE)
    return replace(report, name=HOSTILE[0], parent=HOSTILE[1], findings=findings, picture=picture)


@functools.cache
def half_seen_report() -> ZoneReport:
    """Return a report on a zone that passes, with two checks that nothing was looked at for and two gaps in others."""
    return replace(
        report_of(contoso()),
        unchecked=(
            Unchecked("all signatures: no library", codes=frozenset(("rrsig_invalid", "cds_unsigned"))),
            Unchecked("some answer: timeout"),
        ),
        untested=("2001:db8::1", "2001:db8::2"),
    )


def run_of(*reports: ZoneReport, **fields: t.Any) -> Run:
    """Return a run with these reports."""
    defaults: dict[str, t.Any] = {
        "fail_on": "error",
        "codes": list(CATALOGUE),
        "made_at": datetime(2026, 11, 21, 22, 25, 7, tzinfo=timezone.utc),
    }
    return Run(reports=reports, **{**defaults, **fields})
