# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reply, read: what kind of answer it is, and its records as plain values."""

from __future__ import annotations

import typing as t
from functools import cached_property, lru_cache

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_same_name
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import PlainMessage, ReceivedRecord
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Failure, Protocol, Query, Reply

with deps.declare("dnspython"):
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("Kind", "ReceivedRecord", "Response", "read_reply")

# RFC 1035 section 4.1.1; with dnspython's own flag each test would make another one.
_AA = 0x0400

# silent: nothing usable came. rcode: neither NOERROR nor NXDOMAIN. unrelated: an answer section about other names.
Kind = t.Literal["silent", "rcode", "answer", "alias", "unrelated", "nxdomain", "referral", "nodata"]


class _Said(t.NamedTuple):
    query: Query
    kind: Kind
    rcode: str = ""
    authoritative: bool = False
    answer: tuple[ReceivedRecord, ...] = ()
    authority: tuple[ReceivedRecord, ...] = ()
    additional: tuple[ReceivedRecord, ...] = ()
    failure: Failure | None = None
    detail: str = ""
    seconds: float | None = None
    protocol: Protocol = "udp"


class Response(_Said):
    """What a server said to one question.

    :arg rcode: as text; empty where nothing usable came.
    :arg failure: why nothing usable came, ``detail`` in words.
    :arg protocol: what the answer came by.
    """

    @property
    def question(self) -> str:
        """The question as messages show it."""
        rdtype = dns.rdatatype.to_text(t.cast("dns.rdatatype.RdataType", self.query.rdtype))
        return f"{rdtype} {self.query.name.to_text(omit_final_dot=True)}"

    @cached_property
    def matching(self) -> tuple[ReceivedRecord, ...]:
        """The records of the answer that have the name and type asked for."""
        return tuple(
            record
            for record in self.answer
            if record.rdtype == self.query.rdtype and is_same_name(record.owner, self.query.name)
        )

    @cached_property
    def soas(self) -> tuple[ReceivedRecord, ...]:
        """Every SOA of the answer and authority sections."""
        return tuple(record for record in (*self.answer, *self.authority) if record.rdtype == dns.rdatatype.SOA)

    @property
    def referred_to(self) -> dns.name.Name | None:
        """The owner of the NS set in the authority section of a referral."""
        if self.kind != "referral":
            return None
        return next(record.owner for record in self.authority if record.rdtype == dns.rdatatype.NS)

    def alias_target(self) -> dns.name.Name | None:
        """Where the CNAMEs of the answer lead, or None without any or in a loop."""
        links = {record.owner: record.rdata.target for record in self.answer if record.rdtype == dns.rdatatype.CNAME}
        target: dns.name.Name | None = links.pop(self.query.name, None)
        while target in links:
            target = links.pop(target)
        return target

    def addresses(self, owner: dns.name.Name) -> tuple[str, ...]:
        """Return the addresses of ``owner`` anywhere in the response, as text."""
        found = (
            record.rdata.address
            for record in (*self.answer, *self.authority, *self.additional)
            if record.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA) and is_same_name(record.owner, owner)
        )
        return tuple(dict.fromkeys(found))


def read_reply(reply: Reply) -> Response:
    """Return what ``reply`` says."""
    message = reply.message
    if message is None:
        return Response(
            query=reply.query,
            kind="silent",
            failure=reply.failure,
            detail=reply.detail,
            seconds=reply.seconds,
            protocol=reply.protocol,
        )
    if isinstance(message, PlainMessage):
        answer, authority, additional = message.sections
    else:
        answer, authority, additional = map(_records, (message.answer, message.authority, message.additional))
    return Response(
        query=reply.query,
        kind=_kind(reply.query, message, answer, authority),
        rcode=_rcode_text(message.rcode()),
        authoritative=message.flags & _AA != 0,
        answer=answer,
        authority=authority,
        additional=additional,
        seconds=reply.seconds,
        protocol=reply.protocol,
    )


def _records(section: t.Iterable[t.Any]) -> tuple[ReceivedRecord, ...]:
    # In another class the same type may have other fields, or none that dnspython knows.
    return tuple(
        ReceivedRecord(owner=rrset.name, rdtype=rrset.rdtype, ttl=rrset.ttl, rdata=rdata)
        for rrset in section
        if rrset.rdclass == dns.rdataclass.IN
        for rdata in rrset
    )


@lru_cache(maxsize=64)
def _rcode_text(rcode: dns.rcode.Rcode) -> str:
    return dns.rcode.to_text(rcode)


def _kind(
    query: Query,
    message: dns.message.Message | PlainMessage,
    answer: tuple[ReceivedRecord, ...],
    authority: tuple[ReceivedRecord, ...],
) -> Kind:
    if message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return "rcode"
    if any(record.rdtype == query.rdtype and is_same_name(record.owner, query.name) for record in answer):
        return "answer"
    if any(_is_alias(record, query.name) for record in answer):
        return "alias"
    if message.rcode() == dns.rcode.NXDOMAIN:
        return "nxdomain"
    if answer:
        return "unrelated"
    types = {record.rdtype for record in authority}
    if dns.rdatatype.NS in types and dns.rdatatype.SOA not in types:
        return "referral"
    return "nodata"


def _is_alias(record: ReceivedRecord, name: dns.name.Name) -> bool:
    if record.rdtype == dns.rdatatype.CNAME:
        return bool(record.owner == name)
    return record.rdtype == dns.rdatatype.DNAME and name != record.owner and name.is_subdomain(record.owner)
