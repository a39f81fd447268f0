# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading requests and writing responses, with TSIG after RFC 8945."""

from __future__ import annotations

import io
import struct
import time
import typing as t

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.rrset
import dns.tsig

__all__ = ["MAX_UDP_PAYLOAD", "BadRequest", "Keyring", "read_request", "write_response"]

Keyring = dict[dns.name.Name, dns.tsig.Key]

MAX_UDP_PAYLOAD = 1232
_HEADER_SIZE = 12
_ADDITIONAL_COUNT = slice(10, 12)
_RECORD_FIELDS = struct.Struct("!HHIH")


class BadRequest(Exception):
    """A request that gets an error without being looked at; `response` is ready to be sent."""

    def __init__(self, rcode: dns.rcode.Rcode, response: bytes) -> None:
        super().__init__(dns.rcode.to_text(rcode))
        self.rcode = rcode
        self.response = response


def read_request(wire: bytes, *, keyring: Keyring) -> dns.message.Message | None:
    """The message in `wire`, with its TSIG verified; None for what no server answers.

    Raises BadRequest.
    """
    if len(wire) < _HEADER_SIZE or _flags(wire) & dns.flags.QR:
        return None
    try:
        return dns.message.from_wire(wire, keyring=keyring)
    except (dns.message.UnknownTSIGKey, dns.tsig.BadKey, dns.tsig.BadAlgorithm):
        error = dns.rcode.BADKEY
    except dns.tsig.BadSignature:
        error = dns.rcode.BADSIG
    except dns.tsig.BadTime:
        error = dns.rcode.BADTIME
    except (dns.exception.DNSException, ValueError) as problem:
        raise BadRequest(dns.rcode.FORMERR, _header_only(wire, dns.rcode.FORMERR)) from problem
    raise BadRequest(dns.rcode.NOTAUTH, _tsig_error(wire, error, keyring=keyring))


def write_response(response: dns.message.Message, query: dns.message.Message, *, udp: bool) -> bytes:
    """The wire form; over UDP cut down to what the client takes, with TC set where data is missing."""
    size = max(512, min(query.payload, MAX_UDP_PAYLOAD)) if udp else 65535
    try:
        return response.to_wire(max_size=size)
    except dns.exception.TooBig:
        pass
    if response.flags & dns.flags.AA and response.additional:
        response.additional.clear()
        return write_response(response, query, udp=udp)
    response.flags |= dns.flags.TC
    for section in (response.answer, response.authority, response.additional):
        section.clear()
    return response.to_wire(max_size=size)


def _flags(wire: bytes) -> int:
    return int.from_bytes(wire[2:4], "big")


def _header_only(wire: bytes, rcode: dns.rcode.Rcode) -> bytes:
    response = dns.message.Message(id=int.from_bytes(wire[:2], "big"))
    response.flags = dns.flags.QR | (_flags(wire) & dns.flags.RD)
    response.set_opcode(dns.opcode.from_flags(_flags(wire)))
    response.set_rcode(rcode)
    return response.to_wire()


def _tsig_error(wire: bytes, error: dns.rcode.Rcode, *, keyring: Keyring) -> bytes:
    key_name, request = _find_tsig(wire)
    response = _header_only(wire, dns.rcode.NOTAUTH)
    now = int(time.time())
    # RFC 8945 section 5.2: BADKEY and BADSIG go out unsigned; BADTIME is signed, with the client's time and ours.
    late = error == dns.rcode.BADTIME
    tsig = request.replace(
        mac=b"",
        error=error,
        time_signed=request.time_signed if late else now,
        other=now.to_bytes(6, "big") if late else b"",
    )
    if late:
        tsig, _context = dns.tsig.sign(
            response, keyring[key_name], tsig, time=request.time_signed, request_mac=request.mac
        )
    record = io.BytesIO()
    dns.rrset.from_rdata(key_name, 0, tsig).to_wire(record)
    counted = bytearray(response)
    counted[_ADDITIONAL_COUNT] = (1).to_bytes(2, "big")
    return bytes(counted) + record.getvalue()


def _find_tsig(wire: bytes) -> tuple[dns.name.Name, dns.rdtypes.ANY.TSIG.TSIG]:
    """Owner and rdata of the TSIG record that ends `wire`; dnspython keeps neither when it rejects one."""
    _id, _flags, questions, *others = struct.unpack_from("!HHHHHH", wire)
    offset = _HEADER_SIZE
    for _question in range(questions):
        offset += dns.name.from_wire(wire, offset)[1] + 4
    for _record in range(sum(others) - 1):
        offset += dns.name.from_wire(wire, offset)[1] + _RECORD_FIELDS.size
        offset += _RECORD_FIELDS.unpack_from(wire, offset - _RECORD_FIELDS.size)[3]
    owner, length = dns.name.from_wire(wire, offset)
    offset += length + _RECORD_FIELDS.size
    rdata = dns.rdata.from_wire(dns.rdataclass.ANY, dns.rdatatype.TSIG, wire, offset, len(wire) - offset)
    return owner, t.cast(dns.rdtypes.ANY.TSIG.TSIG, rdata)
