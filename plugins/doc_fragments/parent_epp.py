# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type epp; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(epp) is a registry that speaks EPP (RFC 5730 to 5734, DNSSEC by RFC 5910) over TLS; the Python library C(epptools) is
needed. It takes name servers as host objects or as attributes of the domain. Host objects that are missing are created,
those in the zone itself get their addresses before the domain names them and are deleted when nothing uses them any
more, and those of other registrars are left alone. Servers are added in a command before the one that removes others,
DS records or keys go and come one by one, and every command is checked by reading the domain again. A registered domain
keeps its name servers, so C(state=absent) is refused. A change that the registry accepts as pending is waited for, by
its messages and by reading. Only messages about such changes are taken off the queue of the account. Domains of a
schema of the registry's own, such as those of FRED, and registries that want an extension of their own in each command
are not supported. Nor are the name server groups of EURid, whose servers are not seen, and C(.dk) where it wants an
AuthInfo token to change name servers, since none is sent. It is tested with a registry written for the tests, whose
frames are checked with the schemas of the IETF."""

OPTIONS = r"""
host:
  description:
    - The EPP server of the registry, by host name or address. Its certificate has to be for what is given here.
    - Required with O(parents[].type=epp).
  type: str
port:
  description:
    - With O(parents[].type=epp) it is V(700) by default.
  type: int
username:
  description:
    - The account at the registry (C(clID)).
    - Required with O(parents[].type=epp).
  type: str
password:
  description:
    - The password of the account, of at least 6 characters. One of more than 16 is sent in the way of RFC 8807 where
      the registry offers that, and otherwise as it is, which not every registry takes.
    - Required with O(parents[].type=epp).
  type: str
client_cert:
  description:
    - The PEM file with the client certificate, and the key too if O(parents[].client_key) is not given, for
      O(parents[].type=epp).
  type: path
client_key:
  description:
    - The PEM file with the key of O(parents[].client_cert), for O(parents[].type=epp).
  type: path
client_key_passphrase:
  description:
    - The passphrase of the key, if it has one, for O(parents[].type=epp).
  type: str
ca_path:
  description:
    - The PEM file with the certificates of the authorities to trust, in place of those that the host trusts, for
      O(parents[].type=epp).
  type: path
validate_certs:
  description:
    - Whether the server has to have a valid certificate for its name, V(true) by default.
    - With V(false), whoever answers gets the password of the account. Use it for a sandbox only.
    - For O(parents[].type=epp).
  type: bool
host_model:
  description:
    - Whether name servers are host objects (V(obj)) or attributes of a domain (V(attr)), for O(parents[].type=epp).
    - With V(auto), the default, it is what the domain shows. For a domain without name servers it is V(obj) where the
      registry offers host objects.
  type: str
  choices: [auto, obj, attr]
ds_interface:
  description:
    - What the registry takes to make a domain secure that is not secure yet, DS records (V(ds)) or the keys (V(key)),
      for O(parents[].type=epp). A domain that is secure shows it.
    - With V(auto), the default, it is what another domain of the task showed, or else V(ds).
  type: str
  choices: [auto, ds, key]
unlock:
  description:
    - Whether a C(clientUpdateProhibited) of a domain, or of a host in it, is removed for a change and put back after
      it, V(false) by default. It is put back also when the change fails or the connection is lost. Where that is
      impossible, the error says so. A task that is killed in between leaves it removed, and nothing tells of it.
    - A lock of the registry itself (C(serverUpdateProhibited)) always stops the change.
    - For O(parents[].type=epp).
  type: bool
"""

REQUIREMENT = "epptools (for O(parents[].type=epp))"
