# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type rfc2136; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(rfc2136) is a primary name server of the parent zone that takes dynamic updates with TSIG. It is tested with BIND and
Knot DNS. NS, glue and DS change in one update, and only if the delegation is still as it was read, so that nobody
else's change is ever lost. It is read by queries. Where the server also serves the child zone, queries cannot show what
the parent holds, and the key must be allowed to transfer the parent zone."""

OPTIONS = r"""
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
  type: str
key_secret:
  description:
    - The secret of the TSIG key, in Base64. Needed together with O(parents[].key_name).
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
  type: str
ttl:
  description:
    - The TTL of records that are added, in seconds or as text such as V(1d), V(1h) by default. It is that of the
      whole record set then. The TTL of records that are there already is not compared.
    - For O(parents[].type=rfc2136). With O(parents[].type=zone), new record sets get the TTL of the parent zone's
      own NS records.
  type: str
"""
