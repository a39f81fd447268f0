# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type route53domains; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(route53domains) are the domains registered with Amazon Route 53 Domains in one account. It needs the Python library
boto3, and is tested with moto and with answers that botocore's own description of the service allows. Name servers and
glue change in one operation, at most one IPv4 and one IPv6 address a server. Keys are added and removed one by one, and
each operation waits for the one before, for up to five minutes. The service makes DS records itself of keys, which
are those of C(dnskeys) or, with C(ds) and C(ds_from), those that the zone serves; C(ds) alone is enough where the same
ones are there already. It shows the keys that it holds only as DS records. The permissions needed are
route53domains:GetDomainDetail, GetOperationDetail, UpdateDomainNameservers, AssociateDelegationSignerToDomain and
DisassociateDelegationSignerFromDomain."""

OPTIONS = r"""
access_key:
  description:
    - The access key ID of AWS, together with O(parents[].secret_key), for O(parents[].type=route53domains).
    - Without it, credentials come from O(parents[].profile) or from where boto3 finds them, such as the variables
      C(AWS_ACCESS_KEY_ID) and C(AWS_PROFILE), or the role of the host.
  type: str
secret_key:
  description:
    - The secret access key of AWS that belongs to O(parents[].access_key), for O(parents[].type=route53domains).
  type: str
session_token:
  description:
    - The session token of AWS where the credentials are temporary, for O(parents[].type=route53domains).
  type: str
profile:
  description:
    - The profile in the configuration of AWS to take credentials from, for O(parents[].type=route53domains).
  type: str
region:
  description:
    - The region of AWS, V(us-east-1) by default, which is the only one with O(parents[].type=route53domains).
  type: str
api_url:
  description:
    - The address of the interface with O(parents[].type=route53domains), the one that boto3 knows by default.
  type: str
"""

REQUIREMENT = "boto3 (for O(parents[].type=route53domains))"
