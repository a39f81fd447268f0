# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registrars' interfaces have in common: how they name servers, keys and what locks a registered domain."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer
from ansible_collections.zonecut.dns.plugins.module_utils._dnssec_values import is_digest_of
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    StaleViewError,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_in_domain, parse_absolute_name
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Change
from ansible_collections.zonecut.dns.plugins.module_utils._plan import Operation

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata

__all__ = (
    "check_unchanged",
    "check_unlocked",
    "dnskey_rdata",
    "ds_rdata",
    "key_or_ds",
    "key_text",
    "kind_of_step",
    "listed",
    "read_server",
    "understood",
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


@contextlib.contextmanager
def understood(service: str, request: str, *, change: bool = False) -> t.Iterator[None]:
    """Tell of an answer that is not what the documents of a service say as one, wherever its parts are looked at.

    :arg request: what was asked, for messages.
    :arg change: whether it changes anything, so that nobody can tell whether it did.
    :raises DelegationError: for such an answer.
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as exc:
        kind = UnknownOutcomeError if change else DelegationError
        raise kind(f"{service} answers {request} with something else than its documents say ({exc!r})") from exc


def listed(value: t.Any) -> list[t.Any]:
    """Return what is a list in JSON.

    :raises TypeError: where it is none; a text or an object would do as one.
    """
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def check_unchanged(change: Change, held: Delegation) -> None:
    """Look whether a change was planned from what is still there.

    :raises StaleViewError: where it was not.
    """
    if held != change.present:
        raise StaleViewError("somebody else changes the delegation at the registrar at the same time")


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
    except (AttributeError, ValueError) as exc:
        raise DelegationError(f"the parent shows a key that is not in Base64: {public_key!r}") from exc
    return _rdata("DNSKEY", f"{flags} 3 {algorithm} {public_key}")


def key_text(key: t.Any) -> str:
    """Return the public key of a DNSKEY rdata in Base64, in one piece."""
    return base64.b64encode(key.key).decode("ascii")


def kind_of_step(operation: Operation) -> str:
    """Return what an operation changes: "keys", "servers", "add glue" or "remove glue"."""
    if operation.rdtype in ("DS", "DNSKEY"):
        return "keys"
    return "servers" if operation.rdtype == "NS" else f"{operation.action} glue"


def key_or_ds(zone: dns.name.Name, ds: dns.rdata.Rdata, keys: t.Iterable[dns.rdata.Rdata]) -> dns.rdata.Rdata:
    """Return the DNSKEY among ``keys`` that ``ds`` was made of, for interfaces that take keys and show digests of them.

    Where there is none, it is ``ds`` itself.
    """
    return next((key for key in keys if is_digest_of(zone, key, ds)), ds)


def _rdata(rdtype: str, text: str) -> dns.rdata.Rdata:
    try:
        return dns.rdata.from_text("IN", rdtype, text)
    except (dns.exception.DNSException, ValueError) as exc:
        raise DelegationError(f"the parent shows a {rdtype} that is none, {text!r}: {exc}") from exc
