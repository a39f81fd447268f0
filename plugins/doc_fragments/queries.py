# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How name servers are asked."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that walks down from the roots and asks the servers of zones."""

    DOCUMENTATION = r"""
options:
  roots:
    description:
      - Addresses of the root servers to start from. By default these are the root servers of the internet.
      - Give those of your own tree for a network of its own, or for tests. Where all of them are private or loopback
        addresses, nothing is expected to be reachable from the internet.
      - C(ADDRESS@PORT) asks at a port of its own, here as in every other address of a server.
    type: list
    elements: str
  port:
    description:
      - The port on which name servers are asked, but those that have one of their own as C(ADDRESS@PORT) in an option
        or in the C(addresses) of C(name_servers).
    type: int
    default: 53
  transport:
    description:
      - V(udp) asks over UDP, and again over TCP when an answer is truncated.
      - V(tcp) asks over TCP only, for networks that let nothing else pass.
      - V(tls) asks over TLS only (RFC 7858), at port 853 where O(port) is 53. It hides questions and answers from
        others on the way, and takes whoever answers for the server, since name servers have no certificates that prove
        anything (RFC 9539 section 4.6.3.4). Few servers of the internet answer so; use it with O(roots) or
        C(parent_servers) that do, or before delegation. Findings that name TCP mean TLS then.
    type: str
    choices:
      - udp
      - tcp
      - tls
    default: udp
  timeout:
    description:
      - How many seconds to wait for one answer. A silent server costs this long, and again for each of the O(retries),
        but only once for all zones and checks.
    type: float
    default: 3.0
  retries:
    description:
      - How often to repeat a question that brought no answer.
    type: int
    default: 2
  concurrency:
    description:
      - How many questions, and how many zones, may be under way at once. One address gets few of them over TCP.
    type: int
    default: 100
  rate:
    description:
      - How many questions one address may be asked in a second, evenly spread, however many zones it serves. What is
        over that waits for its turn, and counts as under way for O(concurrency) meanwhile.
      - V(0) sets no limit of its own; O(concurrency) then is the limit, so that a server is asked the slower, the
        slower it answers. Give a rate for servers of others that many of the zones are on, or that limit the rate of
        their answers.
    type: float
    default: 0
  source_addresses:
    description:
      - Addresses of this host to ask from, at most one of IPv4 and one of IPv6. By default the system chooses.
    type: list
    elements: str
  key_name:
    description:
      - The name of the TSIG key that signs questions, for servers that show another view of a zone to who has a key.
        Without it nothing is signed.
      - The servers of the zones have to know it, and those that are given for their parent. Servers that are only asked
        for the way to these are not sent it.
    type: str
  key_secret:
    description:
      - The secret of the TSIG key, in Base64. Needed together with O(key_name).
    type: str
  key_algorithm:
    description:
      - The algorithm of the TSIG key. HMAC-MD5 is not supported, since it is broken.
    type: str
    choices: [hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512]
    default: hmac-sha256
  key_servers:
    description:
      - The addresses of the servers that know the key, where not all of those do that O(key_name) names. All others are
        asked without it.
    type: list
    elements: str
"""

    # For modules that ask the servers of the parent.
    PARENT_SERVERS = r"""
options:
  parent_servers:
    description:
      - Addresses of the name servers of the zones' parent, to begin there instead of at O(roots). For networks with
        names of their own, and for hosts that can reach only these.
      - Where O(zones) lie in several parent zones, each server is asked about those of which it has the parent.
      - The names of name servers in the parent zone are looked up there. Others are looked up from O(roots) if these
        are given, and otherwise have the addresses that O(zones) describes for them.
    type: list
    elements: str
    default: []
"""
