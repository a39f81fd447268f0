# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type powerdns; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(powerdns) is a PowerDNS Authoritative Server that has the parent zone as a primary or native zone, reached by its HTTP
API. It is tested with version 4.7 and its gsqlite3 backend. NS, glue and DS of all delegations in one parent zone
change in one request, after they were read again. Should the server refuse that, each delegation gets a request of its
own. The API cannot change something only if it is still as it was read, so nobody else should push to the same
delegation at the same moment. The serial of the parent zone moves as its C(SOA-EDIT-API) says, and by one record in the
same request where it says nothing. A signed parent zone is rectified. A secondary zone, which the API would change
without a word, is refused, and so is one that comes with its signatures."""

OPTIONS = r"""
api_url:
  description:
    - The address of the API, required with O(parents[].type=powerdns), such as V(https://dns.example.com:8081), with or
      without the final C(/api/v1). Since the key would go over the network in clear text otherwise, it has to be HTTPS
      unless the API is on the host that runs the module, such as V(http://127.0.0.1:8081).
  type: str
api_key:
  description:
    - The key of the API, required with O(parents[].type=powerdns). It is C(api-key) in the configuration of the server.
  type: str
server_id:
  description:
    - The identifier of the server in the API for O(parents[].type=powerdns), V(localhost) by default, which is what
      PowerDNS itself has.
  type: str
ca_path:
  description:
    - A file with the certificates of the authorities to trust in place of those of the system, in PEM form, for
      O(parents[].type=powerdns).
  type: path
zone:
  description:
    - With O(parents[].type=powerdns) it is the longest zone of the server above the zone when omitted.
  type: str
ttl:
  description:
    - With O(parents[].type=powerdns), a record set that is there keeps its TTL when records are added, unless this is
      given.
  type: str
"""
