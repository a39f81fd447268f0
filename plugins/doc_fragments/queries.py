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
    type: list
    elements: str
  port:
    description:
      - The port on which all name servers are asked.
    type: int
    default: 53
  transport:
    description:
      - V(udp) asks over UDP, and again over TCP when an answer is truncated.
      - V(tcp) asks over TCP only, for networks that let nothing else pass.
    type: str
    choices:
      - udp
      - tcp
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
        over that waits for its turn.
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
"""
