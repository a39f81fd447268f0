# Copyright 2026, zonecut.dns contributors
# GNU General Public License v3.0+
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a finding of each check says, in a few words: those of docs/checks.md."""

from __future__ import annotations

__all__ = ("MEANINGS",)

MEANINGS: dict[str, str] = {
    "soa_owner_mismatch": "a server answers with the SOA of another zone",
    "soa_missing_negative": "a negative answer lacks the SOA",
    "soa_missing": "a server has no SOA at the apex",
    "soa_multiple": "a server has more than one SOA at the apex",
    "not_authoritative": "a server answers without the AA bit",
    "lame_rcode": "a server answers with an error instead of SOA or NS",
    "upward_referral": "a server refers towards the root",
    "no_working_server": "no address of any server answers for the zone",
    "no_server_address": "no name server has an address",
    "no_delegation": "the parent has no zone cut at the name",
    "parent_undetermined": "the parent zone cannot be found or reached",
    "delegation_inconsistent": "the parent's servers disagree on the cut",
    "name_is_alias": "the name is an alias or lies below one",
    "ns_missing_in_child": "the parent lists a server that the zone does not",
    "ns_missing_in_parent": "the zone lists a server that the parent does not",
    "ns_sets_disjoint": "parent and zone list no server in common",
    "ns_differs_between_servers": "the zone's servers serve different NS sets",
    "ns_no_address": "a name server's name has no address",
    "ns_is_alias": "a name server's name is an alias",
    "ns_is_address": "an NS record holds an address instead of a name",
    "ns_invalid_name": "a name server's name is no host name",
    "too_few_name_servers": "there are fewer than two name servers, or none with IPv4 or IPv6",
    "ns_same_address": "two name servers share an address",
    "ns_one_network": "all name servers are in one network",
    "glue_missing": "an in-domain name server has no glue",
    "glue_mismatch": "glue is not the address that the zone has",
    "glue_extra": "glue has an address more than the zone",
    "glue_incomplete": "the zone has an address more than the glue",
    "referral_too_large": "NS and glue do not fit 512 octets",
    "address_not_global": "an address cannot be reached from the internet",
    "serial_differs": "servers serve different serials",
    "serial_unexpected": "a server serves another serial than expected, or none",
    "soa_mname_differs": "servers serve different MNAMEs",
    "soa_rname_differs": "servers serve different RNAMEs",
    "soa_timers_differ": "servers serve different SOA timers",
    "no_response_udp": "an address does not answer over UDP",
    "no_response_tcp": "an address does not answer over TCP",
}
