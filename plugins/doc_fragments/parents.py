# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The places that hold delegations."""

from __future__ import annotations


class ModuleDocFragment:
    """Option V(parents)."""

    DOCUMENTATION = r"""
options:
  parents:
    description:
      - The places that hold delegations. The C(parent) of a zone names one of them.
      - Either a list, or a mapping from the name of each to its other options, as in the examples.
      - An option that belongs to another O(parents[].type) is an error.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name by which zones refer to this parent.
        type: str
        required: true
      type:
        description:
          - What kind of place this is.
          - V(rfc2136) is a primary name server of the parent zone that takes dynamic updates with TSIG. It is tested
            with BIND and Knot DNS. NS, glue and DS change in one update, and only if the delegation is still as it was
            read, so that nobody else's change is ever lost. It is read by queries. Where the server also serves the
            child zone, queries cannot show what the parent holds, and the key must be allowed to transfer the parent
            zone.
          - V(zone) is the zone file of the parent zone on the host that runs the module. All other records are kept,
            with the least TTL of their record set where they differ in it, and the serial becomes newer. One of the
            form YYYYMMDDNN gets today's date, any other is counted up. The file is written anew, one record a line
            and without comments. Before a file that looks otherwise is written for the first time, it is kept under a
            name with the time in it, which a warning tells. A file that M(zonecut.dns.zone_files) wrote stays one of
            its files and keeps what is pushed into it when it is rendered again. Any other does not become one, so that
            its C(purge) does not remove it. A file of a zone that its server updates by itself, as a journal of BIND
            beside it or what Knot has written into it show, is not written. Loading the file is up to you. A zone whose
            parent zone is described in the same list needs no such entry, since M(zonecut.dns.zone_files) delegates it
            by itself.
        type: str
        choices: [rfc2136, zone]
        required: true
      server:
        description:
          - The primary server of the parent zone, by address or host name.
          - Required with O(parents[].type=rfc2136).
        type: str
      port:
        description:
          - The port of O(parents[].server), V(53) by default.
        type: int
      protocol:
        description:
          - What to send by to O(parents[].server), V(tcp) by default.
          - With V(tcp), everything goes over one connection. With V(udp), what does not fit goes over TCP all the same.
        type: str
        choices: [tcp, udp]
      key_name:
        description:
          - The name of the TSIG key that signs queries, transfers and updates. Without it nothing is signed.
          - For all parents of O(parents[].type=rfc2136) without this option, the environment variable
            E(ZONECUT_RFC2136_KEY_NAME) of the host that runs the module is used.
        type: str
      key_secret:
        description:
          - The secret of the TSIG key, in Base64. Needed together with O(parents[].key_name).
          - It can come from E(ZONECUT_RFC2136_KEY_SECRET) likewise.
        type: str
      key_algorithm:
        description:
          - The algorithm of the TSIG key, V(hmac-sha256) by default. HMAC-MD5 is not supported, since it is broken.
        type: str
        choices: [hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512]
      zone:
        description:
          - The parent zone.
          - With O(parents[].type=rfc2136) it is found by itself when omitted, by asking O(parents[].server) for the SOA
            record of the names above the zone.
          - With O(parents[].type=zone) it is the nearest zone above in the description when omitted.
        type: str
      ttl:
        description:
          - The TTL of records that are added, in seconds or as text such as V(1d), V(1h) by default. It is that of the
            whole record set then. The TTL of records that are there already is not compared.
          - For O(parents[].type=rfc2136). With O(parents[].type=zone), new record sets get the TTL of the parent zone's
            own NS records.
        type: str
      directory:
        description:
          - The folder where M(zonecut.dns.zone_files) writes the file of the parent zone.
          - Either this or O(parents[].path) is needed with O(parents[].type=zone).
        type: path
      path:
        description:
          - The zone file of the parent zone.
        type: path
"""
