# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type dnsimple; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(dnsimple) are the domains registered with DNSimple in one account. It needs the Python library dnsimple, which is
DNSimple's own client, and is tested with a stand-in made from DNSimple's published description of its interface. It
holds no glue, so that new name servers have names outside the zone. Whether it takes DS records, or keys and makes
DS records of these itself, depends on the registry, and so does how many name servers it holds; DNSimple tells both."""

OPTIONS = r"""
token:
  description:
    - The access token of DNSimple, of an account or of a user. Required with O(parents[].type=dnsimple).
  type: str
account_id:
  description:
    - The account at DNSimple, for O(parents[].type=dnsimple). Without it, it is the one that O(parents[].token) is for.
  type: str
api_url:
  description:
    - The address of the interface with O(parents[].type=dnsimple), V(https://api.dnsimple.com) by default. The sandbox
      is at V(https://api.sandbox.dnsimple.com).
  type: str
"""

REQUIREMENT = "dnsimple (for O(parents[].type=dnsimple))"
