# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type realtimeregister; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(realtimeregister) is Realtime Register as the registrar of the zone, reached by version 2 of its API. It is tested
with a stand-in built from the documents of Realtime Register, not with it itself. Name servers and keys change in one
request, which is made later, and what becomes of it is followed. It takes keys, or DS records for a domain that has
some already and where only C(ds) is described."""

OPTIONS = r"""
api_key:
  description:
    - The API key, required with O(parents[].type=realtimeregister).
  type: str
api_url:
  description:
    - The address of the API for O(parents[].type=realtimeregister), V(https://api.yoursrs.com/v2) by default. That for
      tests is V(https://api.yoursrs-ote.com/v2).
  type: str
"""
