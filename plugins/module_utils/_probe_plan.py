# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which probes the chosen checks need, so that nobody pays for questions whose answers no check looks at.

What shows whether the zone works at all is asked always, and is not listed here.
"""

from __future__ import annotations

import typing as t

__all__ = ("Probe", "probes_for")

Probe = t.Literal[
    "edns",
    "edns_version",
    "edns_option",
    "edns_flags",
    "truncation",
    "recursion",
    "letter_case",
    "aaaa",
    "version_bind",
    "version_server",
    "transfer",
    "empty_non_terminals",
    "primary",
    "exchanges",
    "reverse",
]

# By code. A check that another finding explains away needs the probe of that one too.
_NEEDED: dict[str, tuple[Probe, ...]] = {
    "no_edns": ("edns",),
    "breaks_on_edns": ("edns", "edns_option", "edns_flags"),
    "edns_version_error": ("edns", "edns_version"),
    "edns_unknown_option_echoed": ("edns", "edns_option"),
    "edns_flags_not_clear": ("edns", "edns_flags"),
    "truncation_without_opt": ("edns", "truncation"),
    "open_recursor": ("recursion",),
    "open_transfer": ("transfer",),
    "case_not_preserved": ("letter_case",),
    "case_changes_answer": ("letter_case",),
    "type_dropped": ("aaaa", "edns"),
    "empty_non_terminal_nxdomain": ("empty_non_terminals",),
    "software_revealed": ("version_bind", "version_server"),
    "soa_mname_alias": ("primary",),
    "soa_mname_unresolvable": ("primary",),
    "soa_mname_not_authoritative": ("primary",),
    "soa_mname_not_newest": ("primary",),
    "mx_alias": ("exchanges",),
    "mx_unresolvable": ("exchanges",),
    "reverse_missing": ("exchanges", "reverse"),
    "reverse_mismatch": ("exchanges", "reverse"),
}


def probes_for(codes: t.Iterable[str]) -> frozenset[Probe]:
    """Return the probes that the checks with these codes need."""
    return frozenset(probe for code in codes for probe in _NEEDED.get(code, ()))
