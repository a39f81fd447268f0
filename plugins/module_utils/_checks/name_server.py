# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does each address answer at all? No answer is not evidence, so it is reported once and judged no further."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._probe import UNUSED_TYPE, AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response

__all__ = ("CHECKS",)

_CAUSES = {
    "timeout": "it stays silent",
    "refused": "nothing listens there",
    "unreachable": "it cannot be reached",
    "malformed": "what it sends is no DNS answer",
    "truncated": "its answer by UDP is cut off and it does not answer over TCP",
    "closed": "it closes the connection",
}


def no_response(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """no_response_udp, no_response_tcp"""
    for view in zone.addresses:
        for protocol in ("udp", "tcp"):
            tried = [response for response in view.responses if response.query.protocol == protocol]
            silent = [response for response in tried if _counts(response)]
            # A truncated answer is a working UDP: what fails is TCP.
            if protocol == "udp" and silent and all(response.failure == "truncated" for response in silent):
                continue
            if silent:
                answered = [response for response in tried if response.kind != "silent"]
                yield _finding(zone, view, protocol, silent, answered)


def _counts(response: Response) -> bool:
    if response.kind != "silent" or response.failure == "no_route":
        return False
    # Dropping a type that nothing uses is no silence.
    return response.query.rdtype != UNUSED_TYPE


def _finding(
    zone: ZoneView,
    view: AddressView,
    protocol: t.Literal["udp", "tcp"],
    silent: t.Sequence[Response],
    answered: t.Sequence[Response],
) -> Finding:
    cause = _CAUSES.get(silent[0].failure or "", "it stays silent")
    if answered:
        what = ", ".join(
            dict.fromkeys(
                response.question if response.query.name == zone.name else "a name that does not exist"
                for response in silent
            )
        )
        cause = f"{cause} when asked for {what}, though it answers other questions"
    port = silent[0].query.port
    if protocol == "udp":
        effect = "Resolvers that try it lose time, and names become slow or fail."
    else:
        effect = "Answers that do not fit a UDP packet fail there, and so do zone transfers."
    return finding(
        "no_response_udp" if protocol == "udp" else "no_response_tcp",
        f"{view} does not answer for {zone.text} over {protocol.upper()}: {cause} ({silent[0].detail}). {effect}"
        f" Check that the server runs, listens on {view.address} port {port} and is not behind a firewall that drops"
        f" {protocol.upper()}.",
        at=view,
        transport=protocol,
        expected="an answer",
        got=silent[0].failure,
    )


CHECKS = (no_response,)
