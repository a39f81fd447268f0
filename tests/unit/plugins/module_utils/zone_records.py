# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records and contents of zones, made by dnspython from short text."""

from __future__ import annotations

import dns.name
import dns.rdata

from ansible_collections.zonecut.dns.plugins.module_utils._content import ZoneContent, in_reading_order
from ansible_collections.zonecut.dns.plugins.module_utils._records import Place, Record, record_of
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.rdata_samples import APEX

__all__ = ("content_of", "record", "record_at")


def record(
    owner: str, rdtype: str, data: str, ttl: int = 3600, *, apex: dns.name.Name = APEX, where: str | None = None
) -> Record:
    """Return the record that zone file text below ``apex`` means; by default messages name it by owner and type."""
    rdata = dns.rdata.from_text("IN", rdtype, data, origin=apex, relativize=False)
    place = Place(f"{owner} {rdtype}" if where is None else where)
    return record_of(dns.name.from_text(owner, apex), rdata, ttl=ttl, apex=apex, source=place)


def record_at(owner: dns.name.Name, rdata: dns.rdata.Rdata, ttl: int = 60) -> Record:
    """Return the record of these values."""
    return record_of(owner, rdata, ttl=ttl, apex=APEX, source=Place("here"))


def content_of(*records: Record, apex: dns.name.Name = APEX) -> ZoneContent:
    """Return the content that records in any order make."""
    return ZoneContent.of(apex, in_reading_order(records))
