# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type ovh; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(ovh) are the domains of an OVHcloud account. It needs the Python library ovh, which is OVHcloud's own client, and is
tested with a stand-in made from OVHcloud's documents. It holds 2 to 8 name servers. A domain that has the name servers
of OVHcloud is set to external ones when its name servers change. Glue is in host objects, or comes with the name
servers with one address each, as the registry of the domain has it. The service makes DS records itself, so that
C(dnskeys) are needed, and the key set is replaced as a whole. What changes is a task each, which waits for the one
before, for up to five minutes. The consumer key needs the rights GET, POST, PUT and DELETE on C(/domain/*)."""

OPTIONS = r"""
application_key:
  description:
    - The key of the application at OVHcloud. Required with O(parents[].type=ovh).
  type: str
application_secret:
  description:
    - The secret of the application at OVHcloud. Required with O(parents[].type=ovh).
  type: str
consumer_key:
  description:
    - The consumer key, which lets the application act for an account. Required with O(parents[].type=ovh).
  type: str
endpoint:
  description:
    - Which of the interfaces of OVHcloud the account is at, V(ovh-eu) by default, for O(parents[].type=ovh).
  type: str
  choices: [ovh-eu, ovh-ca, ovh-us, kimsufi-ca, kimsufi-eu, soyoustart-ca, soyoustart-eu]
api_url:
  description:
    - The address of the interface with O(parents[].type=ovh), that of O(parents[].endpoint) by default.
  type: str
"""

REQUIREMENT = "ovh (for O(parents[].type=ovh))"
