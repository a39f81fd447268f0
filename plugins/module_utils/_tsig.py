# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TSIG (RFC 8945): keys from options, signed answers, and what a server's rejection of a key means."""

from __future__ import annotations

import base64
import binascii
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, parse_absolute_name

with deps.declare("dnspython"):
    import dns.exception
    import dns.message
    import dns.rcode
    import dns.tsig

__all__ = ("KEY_ALGORITHMS", "lacks_signature", "parse_key", "read_answer", "rejection")

KEY_ALGORITHMS = ("hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")


def parse_key(options: t.Mapping[str, t.Any], *, where: str) -> dns.tsig.Key | None:
    """Return the key that ``key_name``, ``key_secret`` and ``key_algorithm`` name, or None without any.

    :arg where: what messages put before the name of the option.
    :raises DescriptionError: where they name none that can be used; the secret is not told.
    """
    name, secret = options.get("key_name"), options.get("key_secret")
    if name is None and secret is None:
        return None
    if name is None or secret is None:
        missing = "key_name" if name is None else "key_secret"
        raise _unusable(where, missing, "key_name and key_secret are needed together")
    try:
        owner = parse_absolute_name(name)
    except ValueError as exc:
        raise _unusable(where, "key_name", str(exc), value=name) from exc
    try:
        # binascii is silent about characters outside the alphabet unless told otherwise.
        decoded = base64.b64decode(secret.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError):
        raise _unusable(where, "key_secret", "a secret is Base64 text, as tsig-keygen prints it") from None
    if not decoded:
        raise _unusable(where, "key_secret", "the secret is empty: is it undefined in the vault?")
    return dns.tsig.Key(owner, decoded, options.get("key_algorithm") or "hmac-sha256")


def read_answer(
    wire: bytes, *, request: dns.message.Message, key: dns.tsig.Key | None, one_rr_per_rrset: bool = False
) -> dns.message.Message:
    """Return the answer in ``wire`` to ``request``, whose signature holds if it has one; see ``lacks_signature``.

    :raises dns.tsig.PeerError: where the server rejects the key, for ``rejection`` to tell of.
    :raises dns.exception.DNSException, ValueError: where it cannot be read.
    """
    try:
        keyring = None if key is None else {key.name: key}
        return dns.message.from_wire(wire, keyring=keyring, request_mac=request.mac, one_rr_per_rrset=one_rr_per_rrset)
    except dns.tsig.PeerError:
        raise
    except (dns.exception.DNSException, ValueError) as exc:
        # dnspython since 2.7 reads no unsigned answer to a signed question, yet that is how many servers refuse one.
        try:
            return dns.message.from_wire(wire, one_rr_per_rrset=one_rr_per_rrset)
        except (dns.exception.DNSException, ValueError):
            raise exc from None


def lacks_signature(answer: dns.message.Message, key: dns.tsig.Key | None) -> bool:
    """Whether ``answer`` to a signed question says something that anybody may have made up."""
    return key is not None and not answer.had_tsig and answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


def rejection(exc: Exception, key: dns.tsig.Key | None) -> str:
    """Return what a server says by the error in the TSIG of its answer, completing "SERVER ..."."""
    named = "the key" if key is None else f"the key {display_name(key.name)}"
    if isinstance(exc, dns.tsig.PeerBadKey):
        return f"does not know {named} (BADKEY): check key_name and key_algorithm, and that the server has this key"
    if isinstance(exc, dns.tsig.PeerBadTime):
        return "finds the time of the signature too far off (BADTIME): set the clock of this host or of the server"
    return f"has another secret for {named} (BADSIG): check key_secret"


def _unusable(where: str, option: str, rule: str, *, value: object = None) -> DescriptionError:
    return DescriptionError([Problem(where=f"{where}{option}", rule=rule, value=value)])
