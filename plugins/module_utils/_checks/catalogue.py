# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check by its code: family, default severity and the RFC behind it; docs/checks.md says what each means."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass, field

from ansible_collections.zonecut.dns.plugins.module_utils._checks.limits import Limits
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Severity, printable
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView

__all__ = ("ALWAYS", "CATALOGUE", "FAMILIES", "ON_REQUEST", "Check", "CheckSettings", "finding")

Family = t.Literal["soa_owner", "delegation", "consistency", "soa", "name_server", "mail", "dnssec", "resolver"]


@dataclass(frozen=True)
class Check:
    """A check as the catalogue lists it; its severity may be raised or lowered for one finding or by the user."""

    code: str
    family: Family
    severity: Severity
    reference: str


@dataclass(frozen=True)
class CheckSettings:
    """What the checks of one zone depend on besides what was seen.

    :arg private: the roots are private addresses, so nothing is expected to be reachable from the internet.
    :arg each: the codes that the user asked for each by its own name, or all of them.
    :arg expect_serial: the serial that every server has to serve, if the user told one.
    :arg expires_within: seconds of validity left below which a signature is reported; None for the default.
    :arg settled: the user waits for, or told, one serial, so differing ones are an error and not a transfer under way.
    :arg last_serial_date: where serials are dates, the last day that one may name; None where they are not.
    """

    private: bool = False
    each: frozenset[str] = frozenset()
    expect_serial: int | None = None
    expires_within: float | None = None
    settled: bool = False
    limits: Limits = field(default_factory=Limits)
    last_serial_date: datetime.date | None = None


_FAMILY_CHECKS: dict[Family, tuple[tuple[str, Severity, str], ...]] = {
    "soa_owner": (
        ("soa_owner_mismatch", "critical", "RFC 2181 section 6.1, RFC 2308 section 3"),
        ("soa_missing_negative", "error", "RFC 2308 section 3"),
        ("soa_missing", "critical", "RFC 1034 section 4.2.1"),
        ("soa_multiple", "error", "RFC 1035 section 5.2"),
        ("not_authoritative", "error", "RFC 1034 section 4.2.1"),
        ("lame_rcode", "error", "RFC 1912 section 2.8"),
        ("upward_referral", "warning", "RFC 9499 section 7"),
        ("no_working_server", "critical", "RFC 1034 section 4.1"),
        ("no_server_address", "critical", "RFC 1034 section 4.2.2"),
    ),
    "delegation": (
        ("no_delegation", "critical", "RFC 1034 section 4.2.1"),
        ("parent_undetermined", "critical", "RFC 1034 section 4.2.2"),
        ("deadline_exceeded", "critical", "RFC 1034 section 4.2.2"),
        ("delegation_inconsistent", "error", "RFC 1034 section 4.2.2"),
        ("name_is_alias", "error", "RFC 1034 section 3.6.2, RFC 6672 section 2.4"),
        ("ns_missing_in_child", "error", "RFC 1034 section 4.2.2"),
        ("ns_missing_in_parent", "warning", "RFC 1034 section 4.2.2"),
        ("ns_sets_disjoint", "error", "RFC 1034 section 4.2.2"),
        ("ns_differs_between_servers", "warning", "RFC 1034 section 4.3.5"),
        ("ns_no_address", "error", "RFC 1912 section 2.8"),
        ("ns_is_alias", "error", "RFC 2181 section 10.3"),
        ("ns_is_address", "error", "RFC 1035 section 3.3.11"),
        ("ns_invalid_name", "error", "RFC 1123 section 2.1"),
        ("too_few_name_servers", "error", "RFC 2182 section 5"),
        ("ns_same_address", "warning", "RFC 2182 section 3.1"),
        ("ns_one_network", "notice", "RFC 2182 section 3.1"),
        ("glue_missing", "error", "RFC 9471 section 2.1"),
        ("glue_mismatch", "error", "RFC 1034 section 4.2.2"),
        ("glue_extra", "notice", "RFC 1034 section 4.2.2"),
        ("glue_incomplete", "notice", "RFC 1034 section 4.2.2"),
        ("referral_too_large", "warning", "RFC 1035 section 4.2.1"),
        ("address_not_global", "warning", "RFC 6890 section 2.2"),
    ),
    "consistency": (
        ("serial_differs", "warning", "RFC 1034 section 4.3.5, RFC 1982"),
        ("serial_unexpected", "error", "RFC 1034 section 4.3.5, RFC 1982"),
        ("soa_mname_differs", "notice", "RFC 1034 section 4.3.5"),
        ("soa_rname_differs", "notice", "RFC 1034 section 4.3.5"),
        ("soa_timers_differ", "notice", "RFC 1034 section 4.3.5"),
    ),
    "soa": (
        ("soa_refresh_range", "notice", "RFC 1912 section 2.2"),
        ("soa_retry_not_below_refresh", "warning", "RFC 1912 section 2.2"),
        ("soa_expire_short", "warning", "RFC 1912 section 2.2"),
        ("soa_expire_below_refresh", "warning", "RFC 1912 section 2.2"),
        ("soa_negative_ttl_range", "notice", "RFC 2308 section 5"),
        ("soa_negative_ttl_capped", "notice", "RFC 2308 section 5"),
        ("soa_rname_invalid", "warning", "RFC 1035 section 8, RFC 1912 section 2.2"),
        ("soa_mname_invalid", "notice", "RFC 1035 section 3.3.13"),
        ("soa_mname_alias", "notice", "RFC 2181 section 7.3, RFC 1912 section 2.4"),
        ("soa_mname_unresolvable", "notice", "RFC 2136 section 4.3"),
        ("soa_mname_not_authoritative", "notice", "RFC 1035 section 3.3.13"),
        ("soa_mname_not_newest", "notice", "RFC 1035 section 3.3.13, RFC 1982"),
        ("soa_serial_not_date", "notice", "RFC 1912 section 2.2"),
        ("ns_ttl_range", "notice", "RFC 1912 section 2.2, RFC 2182 section 3.3"),
    ),
    "name_server": (
        ("no_response_udp", "error", "RFC 1035 section 4.2.1"),
        ("no_response_tcp", "error", "RFC 7766 section 5"),
        ("no_edns", "warning", "RFC 6891 section 7"),
        ("breaks_on_edns", "warning", "RFC 6891 section 7"),
        ("edns_version_error", "warning", "RFC 6891 section 6.1.3"),
        ("edns_unknown_option_echoed", "warning", "RFC 6891 section 6.1.2"),
        ("edns_flags_not_clear", "warning", "RFC 6891 section 6.1.4"),
        ("truncation_without_opt", "warning", "RFC 6891 section 7"),
        ("open_recursor", "error", "RFC 5358 section 4"),
        ("open_transfer", "notice", "RFC 5936 section 5"),
        ("case_not_preserved", "warning", "RFC 4343 section 4.1"),
        ("case_changes_answer", "warning", "RFC 4343 section 3"),
        ("different_source_address", "error", "RFC 2181 section 4.1"),
        ("type_dropped", "error", "RFC 4074 section 4, RFC 3597 section 3"),
        ("empty_non_terminal_nxdomain", "error", "RFC 8020 section 2, RFC 9156 section 2.3"),
        ("software_revealed", "notice", "RFC 4892 section 2"),
        ("slow_response", "notice", "RFC 2182 section 3.1"),
    ),
    "mail": (
        ("mx_alias", "error", "RFC 2181 section 10.3"),
        ("mx_unresolvable", "error", "RFC 5321 section 5.1"),
        ("mx_inconsistent", "warning", "RFC 1034 section 4.3.5"),
        ("null_mx_with_others", "error", "RFC 7505 section 3"),
        ("spf_multiple", "warning", "RFC 7208 section 3.2"),
        ("spf_inconsistent", "warning", "RFC 1034 section 4.3.5"),
        ("spf_syntax", "warning", "RFC 7208 section 12"),
        ("reverse_missing", "notice", "RFC 1912 section 2.1"),
        ("reverse_mismatch", "notice", "RFC 1912 section 2.1"),
    ),
    "dnssec": (
        ("ds_no_dnskey", "critical", "RFC 4035 section 5.2"),
        ("ds_unsigned_zone", "critical", "RFC 4035 section 2.4"),
        ("ds_digest_not_allowed", "error", "RFC 8624 section 3.3, RFC 9905"),
        ("ds_algorithm_not_allowed", "error", "RFC 8624 section 3.1, RFC 9905"),
        ("dnskey_not_signed_by_ds", "error", "RFC 4035 section 5.2"),
        ("dnskey_differs_between_servers", "error", "RFC 1034 section 4.3.5, RFC 8901 section 2"),
        ("rrsig_expired", "error", "RFC 4035 section 5.3.1"),
        ("rrsig_not_yet_valid", "error", "RFC 4035 section 5.3.1"),
        ("rrsig_invalid", "error", "RFC 4035 section 5.3.3"),
        ("rrsig_missing", "error", "RFC 4035 section 2.2"),
        ("rrsig_expires_soon", "warning", "RFC 6781 section 4.4.2"),
        ("rrsig_lifetime_long", "warning", "RFC 6781 section 4.4.2"),
        ("nsec_proof_invalid", "error", "RFC 4035 section 5.4, RFC 5155 section 8"),
        ("nsec3_iterations", "warning", "RFC 9276 section 3.1"),
        ("nsec3_salt", "notice", "RFC 9276 section 3.1"),
        ("algorithm_not_complete", "warning", "RFC 4035 section 2.2, RFC 6840 section 5.11"),
        ("dnskey_size", "warning", "RFC 6781 section 3.4.2"),
        ("signed_without_ds", "notice", "RFC 4035 section 5.2"),
        ("cds_inconsistent", "error", "RFC 7344 section 4"),
        ("cds_unsigned", "error", "RFC 7344 section 4.1"),
        ("cds_matches_no_dnskey", "error", "RFC 7344 section 4.1"),
        ("cds_delete_mixed", "error", "RFC 8078 section 4"),
        ("cds_differs_from_ds", "notice", "RFC 7344 section 4.1"),
    ),
    "resolver": (
        ("resolver_failure", "critical", "RFC 2308 section 7, RFC 9520"),
        ("resolver_unusable", "critical", "RFC 1034 section 5.3.1"),
    ),
}

FAMILIES: tuple[str, ...] = tuple(_FAMILY_CHECKS)
CATALOGUE: dict[str, Check] = {
    code: Check(code=code, family=family, severity=severity, reference=reference)
    for family, checks in _FAMILY_CHECKS.items()
    for code, severity, reference in checks
}

# One of these comes out, and is critical, whenever nothing could be seen of a zone: without it the zone would pass.
ALWAYS = frozenset(
    (
        *("no_delegation", "name_is_alias", "parent_undetermined", "no_server_address", "no_working_server"),
        *("deadline_exceeded", "resolver_failure", "resolver_unusable"),
    )
)

# These look into other trees, alarm whoever watches the server, or are so common that they say little: not by default.
ON_REQUEST = frozenset(("open_transfer", "software_revealed", "reverse_missing", "reverse_mismatch"))


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
    follows_from: t.Iterable[str] = (),
) -> Finding:
    """Return a finding of the check ``code``, at an address or about a server's name, fit to be shown."""
    check = CATALOGUE[code]
    return Finding(
        code=code,
        severity=severity or check.severity,
        message=printable(message),
        server=server if at is None else display_name(at.server),
        address=None if at is None else at.address,
        transport=transport,
        expected=expected and printable(expected),
        got=got and printable(got),
        reference=check.reference,
        follows_from=frozenset(follows_from),
    )
