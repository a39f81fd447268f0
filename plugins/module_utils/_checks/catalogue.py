# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check by its code: family, default severity, the RFC behind it, and what it means in one line."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Severity
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView

__all__ = ("ALWAYS", "CATALOGUE", "FAMILIES", "Check", "CheckSettings", "finding")

Family = t.Literal["soa_owner", "delegation", "consistency", "name_server"]


@dataclass(frozen=True)
class Check:
    """A check as the catalogue lists it; its severity may be raised or lowered for one finding or by the user."""

    code: str
    family: Family
    severity: Severity
    reference: str
    meaning: str


@dataclass(frozen=True)
class CheckSettings:
    """What the checks of one zone depend on besides what was seen.

    :arg private: the roots are private addresses, so nothing is expected to be reachable from the internet.
    :arg expect_serial: the serial that every server has to serve, if the user told one.
    :arg settled: the user waits for, or told, one serial, so differing ones are an error and not a transfer under way.
    """

    private: bool = False
    expect_serial: int | None = None
    settled: bool = False


_FAMILY_CHECKS: dict[Family, tuple[tuple[str, Severity, str, str], ...]] = {
    "soa_owner": (
        (
            "soa_owner_mismatch",
            "critical",
            "RFC 2181 section 6.1, RFC 2308 section 3",
            "a server answers with the SOA of another zone",
        ),
        ("soa_missing_negative", "error", "RFC 2308 section 3", "a negative answer lacks the SOA"),
        ("soa_missing", "critical", "RFC 1034 section 4.2.1", "a server has no SOA at the apex"),
        ("soa_multiple", "error", "RFC 1035 section 5.2", "a server has more than one SOA at the apex"),
        ("not_authoritative", "error", "RFC 1034 section 4.2.1", "a server answers without the AA bit"),
        ("lame_rcode", "error", "RFC 1912 section 2.8", "a server answers with an error instead of SOA or NS"),
        ("upward_referral", "warning", "RFC 9499 section 7", "a server refers towards the root"),
        ("no_working_server", "critical", "RFC 1034 section 4.1", "no address of any server answers for the zone"),
        ("no_server_address", "critical", "RFC 1034 section 4.2.2", "no name server has an address"),
    ),
    "delegation": (
        ("no_delegation", "critical", "RFC 1034 section 4.2.1", "the parent has no zone cut at the name"),
        ("parent_undetermined", "critical", "RFC 1034 section 4.2.2", "the parent zone cannot be found or reached"),
        ("delegation_inconsistent", "error", "RFC 1034 section 4.2.2", "the parent's servers disagree on the cut"),
        (
            "name_is_alias",
            "error",
            "RFC 1034 section 3.6.2, RFC 6672 section 2.4",
            "the name is or lies below an alias",
        ),
        ("ns_missing_in_child", "error", "RFC 1034 section 4.2.2", "the parent lists a server that the zone does not"),
        (
            "ns_missing_in_parent",
            "warning",
            "RFC 1034 section 4.2.2",
            "the zone lists a server that the parent does not",
        ),
        ("ns_sets_disjoint", "error", "RFC 1034 section 4.2.2", "parent and zone list no server in common"),
        (
            "ns_differs_between_servers",
            "warning",
            "RFC 1034 section 4.3.5",
            "the zone's servers serve different NS sets",
        ),
        ("ns_no_address", "error", "RFC 1912 section 2.8", "a name server's name has no address"),
        ("ns_is_alias", "error", "RFC 2181 section 10.3", "a name server's name is an alias"),
        ("ns_is_address", "error", "RFC 1035 section 3.3.11", "an NS record holds an address instead of a name"),
        ("ns_invalid_name", "error", "RFC 1123 section 2.1", "a name server's name is no host name"),
        ("too_few_name_servers", "error", "RFC 2182 section 5", "fewer than two name servers with addresses"),
        ("ns_same_address", "warning", "RFC 2182 section 3.1", "two name servers share an address"),
        ("ns_one_network", "notice", "RFC 2182 section 3.1", "all name servers are in one network"),
        ("glue_missing", "error", "RFC 9471 section 2.1", "an in-domain name server has no glue"),
        ("glue_mismatch", "error", "RFC 1034 section 4.2.2", "glue is not the address that the zone has"),
        ("glue_extra", "notice", "RFC 1034 section 4.2.2", "glue has an address more than the zone"),
        ("glue_incomplete", "notice", "RFC 1034 section 4.2.2", "the zone has an address more than the glue"),
        ("referral_too_large", "warning", "RFC 1035 section 4.2.1", "NS and glue do not fit 512 octets"),
        ("address_not_global", "warning", "RFC 6890 section 2.2", "an address cannot be reached from the internet"),
    ),
    "consistency": (
        ("serial_differs", "warning", "RFC 1034 section 4.3.5, RFC 1982", "servers serve different serials"),
        (
            "serial_unexpected",
            "error",
            "RFC 1034 section 4.3.5, RFC 1982",
            "a server serves another serial than expected",
        ),
        ("soa_mname_differs", "notice", "RFC 1034 section 4.3.5", "servers serve different MNAMEs"),
        ("soa_rname_differs", "notice", "RFC 1034 section 4.3.5", "servers serve different RNAMEs"),
        ("soa_timers_differ", "notice", "RFC 1034 section 4.3.5", "servers serve different SOA timers"),
    ),
    "name_server": (
        ("no_response_udp", "error", "RFC 1035 section 4.2.1", "an address does not answer over UDP"),
        ("no_response_tcp", "error", "RFC 7766 section 5", "an address does not answer over TCP"),
    ),
}

FAMILIES: tuple[str, ...] = tuple(_FAMILY_CHECKS)
CATALOGUE: dict[str, Check] = {
    code: Check(code=code, family=family, severity=severity, reference=reference, meaning=meaning)
    for family, checks in _FAMILY_CHECKS.items()
    for code, severity, reference, meaning in checks
}

# Without these a zone of which nothing could be seen would pass.
ALWAYS = frozenset(("no_delegation", "parent_undetermined", "no_server_address", "no_working_server"))


def finding(
    code: str,
    message: str,
    *,
    at: AddressView | None = None,
    server: str | None = None,
    severity: Severity | None = None,
    transport: str | None = None,
    expected: str | None = None,
    got: str | None = None,
) -> Finding:
    """Return a finding of the check ``code``, at an address or about a server's name."""
    check = CATALOGUE[code]
    return Finding(
        code=code,
        severity=severity or check.severity,
        message=message,
        server=server if at is None else display_name(at.server),
        address=None if at is None else at.address,
        transport=transport,
        expected=expected,
        got=got,
        reference=check.reference,
    )
