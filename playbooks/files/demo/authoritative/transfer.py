# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zone transfers out (RFC 5936) and in, and NOTIFY (RFC 1996)."""

from __future__ import annotations

import typing as t

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

from .config import Endpoint
from .message import Keyring
from .update import is_newer
from .zone import Zone

__all__ = ["TransferFailed", "fetch_newer", "notify", "outbound_transfer"]

TIMEOUT = 3.0
TRANSFER_LIFETIME = 120.0
_NOTIFY_ATTEMPTS = 3
# Names compress only against the first 16 KiB of a message.
_MESSAGE_SIZE = 16 * 1024


class TransferFailed(Exception):
    """The primary gave no zone; the message says why."""


def outbound_transfer(query: dns.message.Message, zone: Zone) -> t.Iterator[bytes]:
    """The messages of an AXFR; an IXFR gets the whole zone too, or its SOA when the client is up to date.

    Raises dns.exception.FormError for an IXFR without the client's SOA.
    """
    if query.question[0].rdtype == dns.rdatatype.IXFR and not is_newer(zone.serial, _client_serial(query)):
        return _messages(query, [zone.soa])
    return _messages(query, _records(zone))


def _messages(query: dns.message.Message, records: t.Iterable[dns.rrset.RRset]) -> t.Iterator[bytes]:
    context, size = None, 0
    batch: list[dns.rrset.RRset] = []
    message = _transfer_message(query)
    for record in records:
        length = len(record.name.to_wire() or b"") + 10 + len(record[0].to_wire() or b"")
        if batch and size + length > _MESSAGE_SIZE:
            message.answer = batch
            yield message.to_wire(max_size=65535, multi=True, tsig_ctx=context)
            context = message.tsig_ctx
            message, batch, size = _transfer_message(query), [], 0
        batch.append(record)
        size += length
    message.answer = batch
    yield message.to_wire(max_size=65535, multi=True, tsig_ctx=context)


def _transfer_message(query: dns.message.Message) -> dns.message.Message:
    message = dns.message.make_response(query)
    message.flags |= dns.flags.AA
    return message


def _records(zone: Zone) -> t.Iterator[dns.rrset.RRset]:
    yield zone.soa
    for name, ttl, rdata in zone.content.iterate_rdatas():
        if rdata.rdtype != dns.rdatatype.SOA:
            yield dns.rrset.from_rdata(name, ttl, rdata)
    yield zone.soa


def _client_serial(query: dns.message.Message) -> int:
    for rrset in query.authority:
        if rrset.rdtype == dns.rdatatype.SOA:
            return int(rrset[0].serial)
    raise dns.exception.FormError


async def fetch_newer(
    origin: dns.name.Name,
    primary: Endpoint,
    *,
    source: str | None,
    known: Zone | None,
    keyring: Keyring,
    key: dns.name.Name | None,
) -> Zone | None:
    """The zone as `primary` has it, or None when it is not newer than `known`. Raises TransferFailed."""
    try:
        query = _signed(dns.message.make_query(origin, dns.rdatatype.SOA, flags=0), keyring=keyring, key=key)
        reply = await dns.asyncquery.udp(query, primary.address, TIMEOUT, primary.port, source)
        soa = reply.get_rrset(dns.message.ANSWER, origin, dns.rdataclass.IN, dns.rdatatype.SOA)
        if soa is None or not reply.flags & dns.flags.AA:
            raise TransferFailed(f"{primary}: has no authoritative SOA: {dns.rcode.to_text(reply.rcode())}")
        if known is not None and not is_newer(soa[0].serial, known.serial):
            return None
        content = dns.zone.Zone(origin, relativize=False)
        request = _signed(dns.message.make_query(origin, dns.rdatatype.AXFR, flags=0), keyring=keyring, key=key)
        await dns.asyncquery.inbound_xfr(
            primary.address, content, request, primary.port, TIMEOUT, TRANSFER_LIFETIME, source
        )
    except (dns.exception.DNSException, OSError, EOFError) as error:
        raise TransferFailed(f"{primary}: {type(error).__name__}: {error}") from error
    return Zone.of(content)


async def notify(zone: Zone, target: Endpoint, *, source: str | None) -> bool:
    """Tell `target` that `zone` changed; whether it acknowledged."""
    message = dns.message.make_query(zone.origin, dns.rdatatype.SOA, flags=dns.flags.AA)
    message.set_opcode(dns.opcode.NOTIFY)
    message.answer = [zone.soa]
    for _attempt in range(_NOTIFY_ATTEMPTS):
        try:
            await dns.asyncquery.udp(message, target.address, TIMEOUT, target.port, source)
            return True
        except (dns.exception.DNSException, OSError):
            continue
    return False


def _signed(
    message: dns.message.QueryMessage, *, keyring: Keyring, key: dns.name.Name | None
) -> dns.message.QueryMessage:
    if key is not None:
        message.use_tsig(keyring[key])
    return message
