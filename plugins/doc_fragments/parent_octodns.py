# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type octodns; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(octodns) is a parent zone that is hosted at a DNS provider, reached by any provider class of octoDNS, which is to be
installed together with the provider's package where the task runs. Both need Python 3.10 or later, so that this often
is the controller with C(delegate_to=localhost). It is tested with C(octodns-powerdns) against PowerDNS,
C(octodns-bind) against BIND and C(octodns-route53) against a stand-in. Each parent zone is read as a whole and once,
and all its changes are made together, in up to three requests. The delegation is read again right before each, and left
alone when somebody else has changed it. All other records stay as they are, also the NS records of the parent zone
itself. A provider that does not hold NS records below the top of a zone is refused, and so are DS records where it does
not hold these. Records of types that the provider class does not support are not seen, so a new delegation may hide
them. Where octoDNS plans from its configuration, it limits how much of a zone changes. Here each change is judged by
itself, see C(allow), and C(update_pcent_threshold) and C(delete_pcent_threshold) count only where
O(parents[].provider_options) has them."""

OPTIONS = r"""
provider_class:
  description:
    - The provider class with its module, which is the C(class) in the configuration of octoDNS, such as
      V(octodns_powerdns.PowerDnsProvider).
    - Required with O(parents[].type=octodns).
  type: str
provider_options:
  description:
    - The keyword arguments of O(parents[].provider_class), as in the configuration of octoDNS without C(class).
    - A value C(env/NAME) comes from the variable C(NAME) in the environment of the host that runs the module, or
      from C(DEFAULT) with C(env/NAME/DEFAULT), and is a number when it looks like one.
    - The values are hidden in output and logs like all secrets, apart from numbers and from plain words and addresses
      under a name that does not speak of a secret, such as C(host). A name does when it has key, secret, token, pass,
      pwd, credential, cert, auth, sign, bearer, session, private, pin or the like in it; C(key_name) and
      C(key_algorithm) do not. A URL is hidden when it has more than a host and a port.
    - For O(parents[].type=octodns).
  type: dict
zone:
  description:
    - With O(parents[].type=octodns) it is the nearest zone above that the provider has when omitted, unless the
      provider class cannot list its zones.
  type: str
ttl:
  description:
    - With O(parents[].type=octodns), record sets that are there already keep their TTL.
  type: str
"""

REQUIREMENT = "octodns >= 1.22, the package of the provider, and Python 3.10 or later (for O(parents[].type=octodns))"
