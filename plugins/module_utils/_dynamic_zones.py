# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones that their name server changes by itself: what speaks against replacing their files."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._content import ContentLine, ZoneContent
from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._journals import ServerTrace
from ansible_collections.zonecut.dns.plugins.module_utils._records import Place, Record
from ansible_collections.zonecut.dns.plugins.module_utils._server_control import (
    MADE_BY_SIGNING,
    NameServer,
    ServedZone,
)

__all__ = ("FrozenZone", "Hold", "Serving", "refused_changes", "undescribed_records")

_MAX_SHOWN = 20
_UNASKED = (
    "so the server would ignore a new file or lose updates; name it with the option server, which asks and freezes it,"
    " or freeze the zone and remove its journal first (rndc freeze, then rndc sync -clean), or allow it"
)


@dataclass(frozen=True)
class Serving:
    """The server of all zones of a task, and what is to be done about those that it changes by itself.

    :arg freeze: whether it is told to stop that while their files are replaced.
    :arg keep: whether RRsets that are in such a zone and are not described stay.
    """

    server: NameServer
    freeze: bool = False
    keep: bool = False


@dataclass(frozen=True)
class FrozenZone:
    """What is known of a zone that its server changes no more until it is thawed.

    :arg text: all of it, or None where the file has it.
    :arg ours: what the file held before, where that was as it had been written here.
    """

    text: bytes | None
    ours: ZoneContent | None


@dataclass(frozen=True)
class Hold:
    """What a server has to do with the zone whose file is to change.

    :arg served: what it says itself, and ``trace`` what shows where it was not asked or does not serve the zone.
    :arg journal_serial: the one to which a journal leads, if there is one.
    """

    served: ServedZone | None = None
    trace: ServerTrace | None = None
    journal_serial: int | None = None

    @property
    def dynamic(self) -> bool:
        """Whether the server is known to change the zone by itself."""
        return self.trace is not None or (self.served is not None and self.served.dynamic)

    def to_freeze(self, serving: Serving | None) -> bool:
        """Whether the zone has to be frozen before its file is replaced."""
        served = self.served
        return served is not None and served.dynamic and not served.frozen and serving is not None and serving.freeze


def refused_changes(
    hold: Hold,
    *,
    zone: str,
    path: str,
    present: ZoneContent | None,
    wanted: ZoneContent,
    ours: ZoneContent | None,
    serving: Serving | None,
    is_frozen: bool,
) -> t.Iterator[Problem]:
    """Yield why the file of a zone must not be written, each with its code.

    :arg present: what the zone holds as far as it is known, and ``ours`` what was written here and nobody changed.
    :arg is_frozen: whether the zone was frozen for this.
    """
    if hold.trace is not None:
        yield Problem(zone=zone, where=hold.trace.path, rule=f"{hold.trace.reason}, {_UNASKED}", code=hold.trace.code)
    lines = () if present is None else present.lines
    signed = _is_signed(lines) and not _is_signed(wanted.lines) and not (ours and _is_signed(ours.lines))
    if signed:
        yield Problem(
            zone=zone,
            where=path,
            rule="its server signs the zone into this file, which so would differ at each run; have it sign elsewhere"
            " (BIND: inline-signing yes; Knot: zonefile-sync -1, zonefile-load difference-no-serial and"
            " journal-content all), or allow it",
            code="signed_in_file",
        )
    if hold.served is None or serving is None:
        return
    if hold.served.ignored is not None:
        rule = f"{hold.served.ignored}, so it would not serve what is written here; leave it out, or allow it"
        yield Problem(zone=zone, where=path, rule=rule, code="file_ignored")
    if not hold.served.dynamic:
        return
    kind = serving.server.kind
    if hold.served.frozen and not is_frozen:
        rule = (
            "it is frozen already, by somebody who edits the file or by a run that was killed; thaw it with"
            f" {serving.server.thaw_command(zone)!r}, or allow it"
        )
        yield Problem(zone=zone, where="server", rule=rule, code="dynamic_zone")
    elif not serving.freeze:
        rule = (
            f"{kind} takes updates of this zone, so it would ignore a new file or write over it; have it frozen"
            " meanwhile with server.freeze, or allow it"
        )
        yield Problem(zone=zone, where="server", rule=rule, code="dynamic_zone")
    lost = _lost(lines, wanted, ours, passing_by=MADE_BY_SIGNING if signed else ())
    if lost:
        shown = "; ".join(lost[:_MAX_SHOWN]) + (f"; and {len(lost) - _MAX_SHOWN} more" if lost[_MAX_SHOWN:] else "")
        rule = (
            "records would go that are not described and that updates may have brought; describe them, keep all such"
            f" records with server.keep, or allow it: {shown}"
        )
        yield Problem(zone=zone, where=path, rule=rule, code="dynamic_records")


def undescribed_records(present: ZoneContent, described: t.Collection[tuple[str, str]], place: Place) -> list[Record]:
    """Return the records whose RRset, named by owner and type, is not described; none that signing makes."""
    made = MADE_BY_SIGNING if _is_signed(present.lines) else ()
    lines = map(ContentLine.of, present.lines)
    return [
        Record(*line, place) for line in lines if (line.owner, line.rdtype) not in described and line.rdtype not in made
    ]


def _lost(
    lines: t.Sequence[str], wanted: ZoneContent, ours: ZoneContent | None, *, passing_by: t.Collection[str]
) -> list[str]:
    """Return the records that would go without anybody knowing that they are meant to."""
    known = {*wanted.lines, *(() if ours is None else ours.lines)}
    gone = [ContentLine.of(line) for line in lines if line not in known]
    # What is described is as described, whatever updates have made of it.
    described = {(line.owner, line.rdtype) for line in map(ContentLine.of, wanted.lines)} if gone else set()
    return [
        " ".join((line.owner, str(line.ttl), line.rdtype, line.data))
        for line in gone
        if (line.owner, line.rdtype) not in described and line.rdtype not in passing_by
    ]


def _is_signed(lines: t.Sequence[str]) -> bool:
    return any(" IN RRSIG " in line and ContentLine.of(line).rdtype == "RRSIG" for line in lines)
