# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type inwx; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(inwx) are the domains of an INWX account. It needs the Python library inwx-domrobot, which is INWX's own client, and
is tested with a stand-in made from INWX's documents. Glue is in host objects. Keys are given to INWX, which makes DS
records itself, so that C(dnskeys) with the flags 257 are needed. Each part of a change waits until INWX shows nothing
of the part before being under way, for up to five minutes."""

OPTIONS = r"""
username:
  description:
    - The user name at INWX. Required with O(parents[].type=inwx).
  type: str
password:
  description:
    - The password at INWX. Required with O(parents[].type=inwx).
  type: str
shared_secret:
  description:
    - The text in the QR code of the second factor, in Base32, where the account has one, for
      O(parents[].type=inwx). A code made of it counts once, so that runs must be 30 seconds apart.
  type: str
api_url:
  description:
    - The address of the interface with O(parents[].type=inwx), V(https://api.domrobot.com) by default. The test system
      is at V(https://api.ote.domrobot.com).
  type: str
"""

REQUIREMENT = "inwx-domrobot (for O(parents[].type=inwx))"
