# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values worked out of one record: the DS of a DNSKEY, the negative TTL of a SOA."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._durations import parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._master_file import FileText, read_records
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import absolute_name, name_text
from ansible_collections.zonecut.dns.plugins.module_utils._names import parse_absolute_name
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.name

__all__ = ("DigestType", "ds_of", "negative_ttl")

DigestType = t.Literal["SHA-256", "SHA-384"]


def ds_of(dnskey: str | dict[str, t.Any], owner: str, *, digest_type: DigestType = "SHA-256") -> str:
    """Return the data of the DS record for a key of the zone ``owner``.

    :arg dnskey: as ``dnskeys`` of a description takes it, or a whole record, comments allowed, as in a key file.
    :raises ValueError: for a record of another type or zone, or several.
    :raises DescriptionError: for what is no key.
    :raises ZoneFileError: for text that is no record.
    """
    if isinstance(dnskey, str) and _names_type(dnskey, "DNSKEY"):
        record = _only_record(dnskey, "DNSKEY", default_ttl=0)
        apex = name_text(parse_absolute_name(owner))
        if absolute_name(record.owner, ".") != apex:
            raise ValueError(f"the key is one of {absolute_name(record.owner, '.')} and not of {apex}")
        dnskey = record.data
    (zone,) = parse_zones([{"name": owner, "dnskeys": [dnskey]}])
    return str(dns.dnssec.make_ds(zone.name, zone.dnskeys[0], digest_type.replace("-", "")).to_text())


def negative_ttl(soa: str | dict[str, t.Any], *, ttl: object = None) -> int:
    """Return for how many seconds resolvers keep a negative answer: the lesser of TTL and minimum (RFC 2308 section 5).

    :arg soa: the record or its data as text, or a mapping with ``minimum`` and ``ttl``.
    :arg ttl: the TTL where ``soa`` has none; where neither has, it is the minimum.
    :raises ValueError: for anything else.
    :raises ZoneFileError: for text that is no record.
    """
    if isinstance(soa, dict):
        minimum = soa.get("minimum")
        if minimum is None:
            raise ValueError("a SOA as a mapping has minimum, and ttl")
        own = next(each for each in (soa.get("ttl"), ttl, minimum) if each is not None)
        return min(parse_duration(own), parse_duration(minimum))
    if not isinstance(soa, str):
        raise ValueError("a SOA is the record or its data as text, or a mapping")
    text = soa if _names_type(soa, "SOA") else f"@ SOA {soa}"
    record = _only_record(text, "SOA", default_ttl=None if ttl is None else parse_duration(ttl))
    return min(record.ttl, int(record.data.split()[6]))


def _names_type(text: str, rdtype: str) -> bool:
    return bool(re.search(rf"^[^;\n]*\s{rdtype}\s", text, re.IGNORECASE | re.MULTILINE))


def _only_record(text: str, rdtype: str, *, default_ttl: int | None) -> Record:
    records = read_records(FileText(name=rdtype, text=f"{text}\n"), origin=dns.name.root, default_ttl=default_ttl)
    found = [record for record in records if record.rdtype == rdtype]
    if len(found) != 1:
        raise ValueError(f"one {rdtype} record is needed, and here are {len(found)}")
    return found[0]
