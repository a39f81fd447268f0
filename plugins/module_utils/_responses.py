# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reply, read: what kind of answer it is, and its records as plain values."""

from __future__ import annotations

import typing as t
from functools import lru_cache

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_same_name
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import PlainMessage, ReceivedRecord
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Answer, Failure, Protocol, Query, Reply

with deps.declare("dnspython"):
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype

__all__ = ("Kind", "ReceivedRecord", "Response", "read_reply")

# RFC 1035; with dnspython's own values each test takes longer.
_AA = 0x0400
_NOERROR, _NXDOMAIN = 0, 3
_NS, _SOA = 2, 6

# silent: nothing usable came. rcode: neither NOERROR nor NXDOMAIN. unrelated: an answer section about other names.
Kind = t.Literal["silent", "rcode", "answer", "alias", "unrelated", "nxdomain", "referral", "nodata"]


class Response(t.NamedTuple):
    """What a server said to one question.

    :arg rcode: as text; empty where nothing usable came.
    :arg matching: the records of the answer that have the name and type asked for.
    :arg soas: every SOA of the answer and authority sections.
    :arg failure: why nothing usable came, ``detail`` in words.
    :arg protocol: what the answer came by.
    """

    query: Query
    kind: Kind
    rcode: str
    authoritative: bool
    answer: tuple[ReceivedRecord, ...]
    authority: tuple[ReceivedRecord, ...]
    additional: tuple[ReceivedRecord, ...]
    matching: tuple[ReceivedRecord, ...]
    soas: tuple[ReceivedRecord, ...]
    failure: Failure | None
    detail: str
    seconds: float | None
    protocol: Protocol

    @property
    def question(self) -> str:
        """The question as messages show it."""
        rdtype = dns.rdatatype.to_text(t.cast("dns.rdatatype.RdataType", self.query.rdtype))
        return f"{rdtype} {self.query.name.to_text(omit_final_dot=True)}"

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


_Records = tuple[ReceivedRecord, ...]
# From the kind to the SOAs, as Response has them.
_Said = tuple[Kind, str, bool, _Records, _Records, _Records, _Records, _Records]
_NOTHING: _Said = ("silent", "", False, (), (), (), (), ())


def read_reply(reply: Reply) -> Response:
    """Return what ``reply`` says."""
    query, message, failure, detail, seconds, protocol = reply
    if message is None:
        said = _NOTHING
    elif isinstance(message, PlainMessage):
        # The servers of a zone say the same, which needs to be read once.
        if message.content.said is None:
            message.content.said = _said(query, message, *message.content.sections)
        said = message.content.said
    else:
        said = _said(query, message, *map(_records, (message.answer, message.authority, message.additional)))
    return Response(query, *said, failure, detail, seconds, protocol)


def _said(query: Query, message: Answer, answer: _Records, authority: _Records, additional: _Records) -> _Said:
    matching = tuple(
        record for record in answer if record.rdtype == query.rdtype and is_same_name(record.owner, query.name)
    )
    soas = tuple(record for record in (*answer, *authority) if record.rdtype == _SOA)
    kind = _kind(query, message.rcode(), answer, authority, matching)
    rcode, authoritative = _rcode_text(message.rcode()), message.flags & _AA != 0
    return kind, rcode, authoritative, answer, authority, additional, matching, soas


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


def _kind(query: Query, rcode: int, answer: _Records, authority: _Records, matching: _Records) -> Kind:
    if rcode not in (_NOERROR, _NXDOMAIN):
        return "rcode"
    if matching:
        return "answer"
    if any(_is_alias(record, query.name) for record in answer):
        return "alias"
    if rcode == _NXDOMAIN:
        return "nxdomain"
    if answer:
        return "unrelated"
    types = {record.rdtype for record in authority}
    if _NS in types and _SOA not in types:
        return "referral"
    return "nodata"


def _is_alias(record: ReceivedRecord, name: dns.name.Name) -> bool:
    if record.rdtype == dns.rdatatype.CNAME:
        return bool(record.owner == name)
    return record.rdtype == dns.rdatatype.DNAME and name != record.owner and name.is_subdomain(record.owner)
