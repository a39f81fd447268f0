# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registrars' interfaces have in common: how they name servers, keys and what locks a registered domain."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import typing as t
import urllib.parse

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import is_digest_of
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError, DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_in_domain, parse_absolute_name

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata

__all__ = (
    "check_api_url",
    "check_unlocked",
    "dnskey_rdata",
    "ds_rdata",
    "key_text",
    "known_key",
    "read_server",
)

# RFC 5731 section 2.3, in the spellings of RFC 8056 as well.
_LOCKS = {
    "clientupdateprohibited": "unlock the domain with the registrar first",
    "registrarupdateprohibited": "ask the registrar to unlock the domain",
    "serverupdateprohibited": "only the registry takes this lock away (registry lock): ask the registrar for it",
    "pendingupdate": "a change made before is still under way: wait for it",
    "pendingtransfer": "the domain is on its way to another registrar: wait for it",
    "pendingdelete": "the domain is about to be deleted: restore it with the registrar first",
}


def check_api_url(options: t.Mapping[str, t.Any], *, where: str) -> None:
    """Look whether the option ``api_url``, where it is given, can be the address of an interface.

    :raises DescriptionError: where it cannot.
    """
    url = options.get("api_url")
    if url is None:
        return
    try:
        parts = urllib.parse.urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        usable = False
    if not usable:
        rule = "the address of an interface begins with https:// (or http://) and a host, and has no password in it"
        raise DescriptionError([Problem(where=f"{where}: api_url", rule=rule)])


def check_unlocked(statuses: t.Iterable[str]) -> None:
    """Look for an EPP status that lets nobody change the delegation.

    :raises DelegationError: where there is one.
    """
    for status in statuses:
        advice = _LOCKS.get("".join(letter for letter in status.lower() if letter.isalpha()))
        if advice:
            raise DelegationError(f"the domain is locked ({status}): {advice}")


def read_server(zone: dns.name.Name, name: str, addresses: t.Iterable[str] = ()) -> NameServer:
    """Return a server as an interface names it; addresses count only where they are glue.

    :raises DelegationError: for what is no name or address.
    """
    try:
        server = parse_absolute_name(name)
        glue = tuple(str(ipaddress.ip_address(address.strip())) for address in addresses)
    except ValueError as exc:
        raise DelegationError(f"the parent shows a name server that is none, {name!r}: {exc}") from exc
    return NameServer(server, glue if is_in_domain(server, zone) else ())


def ds_rdata(*, key_tag: object, algorithm: object, digest_type: object, digest: object) -> dns.rdata.Rdata:
    """Return the DS that an interface shows.

    :raises DelegationError: where it is none.
    """
    return _rdata("DS", f"{key_tag} {algorithm} {digest_type} {digest}")


def dnskey_rdata(*, flags: object, algorithm: object, public_key: str) -> dns.rdata.Rdata:
    """Return the DNSKEY that an interface shows; ``public_key`` is Base64, with or without spaces.

    :raises DelegationError: where it is none.
    """
    try:
        base64.b64decode("".join(public_key.split()), validate=True)
    except binascii.Error as exc:
        raise DelegationError(f"the parent shows a key that is not in Base64: {public_key!r}") from exc
    return _rdata("DNSKEY", f"{flags} 3 {algorithm} {public_key}")


def key_text(key: t.Any) -> str:
    """Return the public key of a DNSKEY rdata in Base64, in one piece."""
    return base64.b64encode(key.key).decode("ascii")


def known_key(zone: Zone, ds: dns.rdata.Rdata) -> dns.rdata.Rdata | None:
    """Return the described DNSKEY that ``ds`` was made of, or None."""
    return next((key for key in zone.dnskeys if is_digest_of(zone.name, key, ds)), None)


def _rdata(rdtype: str, text: str) -> dns.rdata.Rdata:
    try:
        return dns.rdata.from_text("IN", rdtype, text)
    except (dns.exception.DNSException, ValueError) as exc:
        raise DelegationError(f"the parent shows a {rdtype} that is none, {text!r}: {exc}") from exc
