# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that a server and this host agree on by Kerberos (GSS-TSIG, RFC 3645), as Active Directory wants them."""

from __future__ import annotations

import ipaddress
import os
import secrets
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    Problem,
    RejectedKeyError,
)

with deps.declare("dnspython"):
    import dns.exception
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.ANY.TKEY
    import dns.tsig

__all__ = ("GSS_TSIG", "GssTsig", "parse_gss_tsig")

# The value of ``key_algorithm``.
GSS_TSIG = "gss-tsig"

_GSSAPI_MODE = 3
# One exchange is enough for Kerberos, and two where the server wants another mechanism.
_ROUNDS = 4
_LENGTH_SIZE = 2


@dataclass(frozen=True)
class GssTsig:
    """Agrees on keys with one server.

    :arg hostname: of the server; its principal is ``DNS/hostname``.
    :arg principal: whose tickets are used, or None for those of the default one.
    :arg keytab: where that principal's key is, or None for the tickets in the credentials cache.
    """

    hostname: str
    principal: str | None = None
    keytab: str | None = None

    def negotiate(self, exchange: t.Callable[[bytes], bytes]) -> dns.tsig.Key:
        """Return a new key that the server has accepted.

        :arg exchange: sends a message to the server and returns the reply, both without length.
        :raises RejectedKeyError: where Kerberos or the server refuses.
        :raises OSError, EOFError: as ``exchange`` does.
        """
        context = _Context(self)
        # dnspython compresses the name of a key, which Samba takes for a forged signature. A single label has no
        # suffix in common with any zone.
        name = dns.name.from_text(f"zonecut-{secrets.token_hex(8)}.")
        key = dns.tsig.Key(name, t.cast(t.Any, context), dns.tsig.GSS_TSIG)
        token = context.step(None)
        for _round in range(_ROUNDS):
            if token is None:
                break
            query = _tkey_query(key.name, token)
            token = _next_token(exchange(query.to_wire()), query=query, key=key, context=context)
        if not context.complete:
            raise RejectedKeyError(f"the server {self.hostname} and this host come to no end about a key (GSS-TSIG)")
        return key


def parse_gss_tsig(options: t.Mapping[str, t.Any], *, hostname: str, where: str) -> GssTsig | None:
    """Return how keys are agreed on where ``key_algorithm`` is GSS_TSIG, None otherwise.

    :arg hostname: of the server, which ``server_hostname`` tells where it is not that of ``server``.
    :arg where: what messages put before the name of the option.
    :raises DescriptionError: for options that do not go together.
    :raises MissingLibraryError: where gssapi is missing.
    """
    problems: list[Problem] = []
    if options.get("key_algorithm") != GSS_TSIG:
        problems += [
            Problem(where=f"{where}{option}", rule=f"is for key_algorithm {GSS_TSIG} only")
            for option in ("keytab", "principal")
            if options.get(option) is not None
        ]
        if problems:
            raise DescriptionError(problems)
        return None
    problems += [
        Problem(where=f"{where}{option}", rule=f"is not for key_algorithm {GSS_TSIG}: the server gets a new key")
        for option in ("key_name", "key_secret")
        if options.get(option) is not None
    ]
    keytab = options.get("keytab")
    if _is_address(hostname):
        rule = f"the host name of the server is needed with key_algorithm {GSS_TSIG}: Kerberos goes by names"
        problems.append(Problem(where=f"{where}server_hostname", rule=rule))
    if keytab is not None and not os.access(keytab, os.R_OK):
        rule = "is no file that this user can read"
        problems.append(Problem(where=f"{where}keytab", value=keytab, rule=rule))
    if problems:
        raise DescriptionError(problems)
    _library()
    return GssTsig(hostname=hostname, principal=options.get("principal"), keytab=keytab)


def _library() -> t.Any:
    """Return gssapi, imported only where it is needed: that takes longer than everything else."""
    with deps.declare("gssapi"):
        import gssapi
        import gssapi.exceptions
    deps.require("gssapi", purpose=f"sign with key_algorithm {GSS_TSIG}")
    return gssapi


class _Context:
    """A security context, in the form in which dnspython signs with it and verifies by it."""

    def __init__(self, way: GssTsig) -> None:
        self._way = way
        gssapi = _library()
        self._error = gssapi.exceptions.GSSError
        try:
            self._context = gssapi.SecurityContext(
                name=gssapi.Name(f"DNS@{way.hostname}", gssapi.NameType.hostbased_service),
                creds=_credentials(gssapi, way),
                # Without an order, since replies may come out of order.
                flags=(
                    gssapi.RequirementFlag.mutual_authentication,
                    gssapi.RequirementFlag.integrity,
                    gssapi.RequirementFlag.replay_detection,
                ),
                usage="initiate",
            )
        except self._error as exc:
            raise self._refused(exc) from exc

    @property
    def complete(self) -> bool:
        """Whether both sides have the key."""
        return bool(self._context.complete)

    def step(self, token: bytes | None) -> bytes | None:
        """Take what the server sent, None at first, and return what it is to get, None for nothing."""
        try:
            return self._context.step(token) or None
        except self._error as exc:
            raise self._refused(exc) from exc

    def get_signature(self, data: bytes) -> bytes:
        """Return the signature of ``data``; the name is what dnspython calls."""
        try:
            return bytes(self._context.get_signature(data))
        except self._error as exc:
            raise self._refused(exc) from exc

    def verify_signature(self, data: bytes, signature: bytes) -> None:
        """Check a signature; dnspython takes any exception for one that does not hold."""
        try:
            self._context.verify_signature(data, signature)
        except self._error:
            # Samba signs without the length of the request's signature, which comes first (RFC 8945 section 4.3.1).
            self._context.verify_signature(data[_LENGTH_SIZE:], signature)

    def _refused(self, exc: t.Any) -> RejectedKeyError:
        told = "; ".join(exc.get_all_statuses(exc.min_code, False) or exc.get_all_statuses(exc.maj_code, True))
        whose = f"the keytab {self._way.keytab}" if self._way.keytab else "the credentials cache (run kinit first)"
        return RejectedKeyError(
            f"Kerberos has no ticket for DNS/{self._way.hostname} ({told}): check {whose} and principal, the name by"
            " which the realm knows the server (server_hostname), and krb5.conf"
        )


def _credentials(gssapi: t.Any, way: GssTsig) -> t.Any:
    if way.principal is None and way.keytab is None:
        return None
    name = None if way.principal is None else gssapi.Name(way.principal, gssapi.NameType.kerberos_principal)
    # Tickets that a keytab gets stay in memory, so that they replace nobody's.
    store = None
    if way.keytab is not None:
        store = {"client_keytab": way.keytab, "ccache": f"MEMORY:zonecut-{secrets.token_hex(8)}"}
    return gssapi.Credentials(name=name, usage="initiate", store=store)


def _tkey_query(name: dns.name.Name, token: bytes) -> dns.message.Message:
    query = dns.message.make_query(name, dns.rdatatype.TKEY, dns.rdataclass.ANY, flags=0)
    now = int(time.time())
    tkey = dns.rdtypes.ANY.TKEY.TKEY(
        dns.rdataclass.ANY,
        dns.rdatatype.TKEY,
        dns.tsig.GSS_TSIG,
        now,
        now,
        _GSSAPI_MODE,
        dns.rcode.NOERROR,
        token,
    )
    query.find_rrset(query.additional, name, dns.rdataclass.ANY, dns.rdatatype.TKEY, create=True).add(tkey)
    return query


def _next_token(wire: bytes, *, query: dns.message.Message, key: dns.tsig.Key, context: _Context) -> bytes | None:
    """Take the server's reply and return the next token for it, None for the end."""
    tokens: list[bytes | None] = []

    def stepped(message: dns.message.Message, _name: dns.name.Name | None) -> dns.tsig.Key:
        # The last reply is signed with the key that it completes.
        tokens.append(context.step(_token_in(message, key.name)))
        return key

    try:
        reply = dns.message.from_wire(wire, keyring=stepped, request_mac=b"")
    except dns.exception.DNSException as exc:
        raise DelegationError(
            f"the server's answer about a key cannot be used ({str(exc) or type(exc).__name__})"
        ) from exc
    if not tokens:
        tokens.append(context.step(_token_in(reply, key.name)))
    return tokens[0]


def _token_in(reply: dns.message.Message, name: dns.name.Name) -> bytes:
    """Return what the server sent for the context.

    :raises RejectedKeyError: where it refused.
    """
    rrset = reply.get_rrset(reply.answer, name, dns.rdataclass.ANY, dns.rdatatype.TKEY)
    tkey: t.Any = rrset[0] if rrset else None
    error = reply.rcode() if tkey is None else tkey.error
    if tkey is None or error != dns.rcode.NOERROR:
        raise RejectedKeyError(
            f"the server agrees on no key by GSS-TSIG ({dns.rcode.to_text(error, tsig=True)}): it needs a keytab with"
            " its own principal (BIND: tkey-gssapi-keytab), the same time, and a realm that trusts that of this host"
        )
    return bytes(tkey.key)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
