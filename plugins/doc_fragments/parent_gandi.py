# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type gandi; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(gandi) is Gandi as the registrar of the zone, reached by version 5 of its API. It is tested with a stand-in built from
the documents of Gandi, not with Gandi itself. It takes keys and makes the DS records itself, so C(dnskeys) have to be
described, or C(ds) together with them. It accepts changes and makes them later, which is waited for between steps."""

OPTIONS = r"""
token:
  description:
    - The personal access token, required with O(parents[].type=gandi). It needs the permissions to see domains and to
      manage their technical configurations.
  type: str
api_url:
  description:
    - The address of the API for O(parents[].type=gandi), V(https://api.gandi.net/v5/domain) by default. The sandbox is
      V(https://api.sandbox.gandi.net/v5/domain).
  type: str
"""
