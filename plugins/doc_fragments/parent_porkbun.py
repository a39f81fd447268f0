# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type porkbun; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(porkbun) is Porkbun as the registrar of the zone, reached by version 3 of its API. It is tested with a stand-in built
from the documents of Porkbun, not with Porkbun itself. Access by the API has to be switched on for each domain, or for
all, at Porkbun. It is asked no more often than once a second, so a domain takes about ten seconds. It holds one DS
record for each key tag."""

OPTIONS = r"""
api_key:
  description:
    - The API key of the account, required with O(parents[].type=porkbun).
  type: str
secret_api_key:
  description:
    - The secret API key that belongs to O(parents[].api_key), required with O(parents[].type=porkbun).
  type: str
api_url:
  description:
    - The address of the API for O(parents[].type=porkbun), V(https://api.porkbun.com/api/json/v3) by default.
  type: str
"""
