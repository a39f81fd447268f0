# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every check over what was seen of a zone."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks import (
    cds,
    consistency,
    delegation,
    dnssec,
    mail,
    name_server,
    soa,
    soa_owner,
)
from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ZoneView

__all__ = ("judge",)

_CHECKS: tuple[t.Callable[[ZoneView, CheckSettings], t.Iterable[Finding]], ...] = (
    *soa_owner.CHECKS,
    *delegation.CHECKS,
    *name_server.CHECKS,
    *consistency.CHECKS,
    *soa.CHECKS,
    *mail.CHECKS,
    *dnssec.CHECKS,
    *cds.CHECKS,
)


def judge(zone: ZoneView, settings: CheckSettings) -> tuple[Finding, ...]:
    """Return what all checks find, those of the SOA's owner first."""
    return tuple(finding for check in _CHECKS for finding in check(zone, settings))
