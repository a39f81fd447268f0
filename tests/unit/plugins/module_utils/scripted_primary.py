# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A primary on loopback that does what no real one can be brought to do: lie, cut connections, change in between."""

from __future__ import annotations

import socket
import socketserver
import threading
import typing as t

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.zone

from ansible_collections.zonecut.dns.playbooks.files.demo.authoritative.answer import answer, closest_zone
from ansible_collections.zonecut.dns.playbooks.files.demo.authoritative.update import UpdateRefused, apply_update
from ansible_collections.zonecut.dns.playbooks.files.demo.authoritative.zone import Zone

__all__ = ("ADDRESS", "KEY", "SECRET", "ScriptedPrimary")

ADDRESS = "127.95.100.1"
SECRET = "c2VjcmV0LW9mLXRoZS11bml0LXRlc3Rz"
KEY = dns.tsig.Key("unit.test.", SECRET, "hmac-sha256")


class _Cut(Exception):
    """The connection ends here."""


class ScriptedPrimary:
    """Serves zones over TCP until the ``with`` block ends.

    :arg zones: from origin to zone file text.
    :arg before_update: called before an update is looked at, as a second writer would come in between.
    :arg answer_update: returns what to answer to an update instead of carrying it out, or None to carry it out.
    :arg cut_after_reading: ends the first connection after that many octets have come in.
    :arg cut_after_writing: ends the first connection after that many octets have gone out.
    :arg per_connection: ends each connection after that many answers, and resets it where more was asked.
    :arg connections: ends all later ones without an answer.
    :arg dislikes: the owner a query for which ends its connection without an answer.
    :arg unsigned: leaves the signature off answers to updates.
    """

    def __init__(
        self,
        zones: t.Mapping[str, str],
        *,
        before_update: t.Callable[[ScriptedPrimary], None] | None = None,
        answer_update: t.Callable[[dns.message.Message], dns.rcode.Rcode | None] = lambda message: None,
        cut_after_reading: int | None = None,
        cut_after_writing: int | None = None,
        per_connection: int | None = None,
        connections: int | None = None,
        dislikes: str | None = None,
        unsigned: bool = False,
    ) -> None:
        self.zones = {dns.name.from_text(origin): load(origin, text) for origin, text in zones.items()}
        self.updates: list[dns.message.Message] = []
        self.queries: list[dns.message.Message] = []
        self.applied = 0
        self.connections = 0
        self.octets_read = self.octets_written = 0
        self.unsigned = unsigned
        self._before_update = before_update
        self._answer_update = answer_update
        self._limits = (cut_after_reading, cut_after_writing)
        self._per_connection = per_connection
        self._most_connections = connections
        self._dislikes = None if dislikes is None else dns.name.from_text(dislikes)
        self._server = socketserver.ThreadingTCPServer((ADDRESS, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.005), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> ScriptedPrimary:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def rrset(self, origin: str, owner: str, rdtype: str) -> set[str]:
        """Return the data of one RRset in one of the zones, as text."""
        rdataset = self.zones[dns.name.from_text(origin)].rrset(
            dns.name.from_text(owner), dns.rdatatype.from_text(rdtype)
        )
        return {rdata.to_text() for rdata in rdataset or ()}

    def replace(self, origin: str, text: str) -> None:
        """Serve another content."""
        self.zones[dns.name.from_text(origin)] = load(origin, text)

    def is_disliked(self, wire: bytes) -> bool:
        """Return whether it is a request that ends its connection."""
        return bool(dns.message.from_wire(wire, keyring={KEY.name: KEY}).sections[0][0].name == self._dislikes)

    def respond(self, wire: bytes) -> bytes:
        """Return the answer to one request."""
        request = dns.message.from_wire(wire, keyring={KEY.name: KEY}, one_rr_per_rrset=True)
        if request.opcode() == dns.opcode.UPDATE:
            return self._respond_to_update(request)
        self.queries.append(request)
        response = dns.message.make_response(request)
        question = request.question[0]
        zone = closest_zone(self.zones, question.name, question.rdtype)
        if zone is None:
            response.set_rcode(dns.rcode.REFUSED)
        elif question.rdtype == dns.rdatatype.AXFR:
            response.flags |= dns.flags.AA
            records = [
                (name, rdataset)
                for name, node in zone.content.nodes.items()
                for rdataset in node
                if rdataset.rdtype != dns.rdatatype.SOA
            ]
            response.answer = [zone.soa, *(zone.rrset(name, rdataset.rdtype) for name, rdataset in records), zone.soa]
        else:
            answer(request, response, zone)
        return response.to_wire(max_size=65535)

    def _respond_to_update(self, request: dns.message.Message) -> bytes:
        self.updates.append(request)
        if self._before_update is not None:
            self._before_update(self)
        response = dns.message.make_response(request)
        rcode = self._answer_update(request)
        origin = request.sections[0][0].name
        if rcode is not None:
            response.set_rcode(rcode)
        else:
            try:
                self.zones[origin] = apply_update(self.zones[origin], request)
                self.applied += 1
            except KeyError:
                response.set_rcode(dns.rcode.NOTAUTH)
            except UpdateRefused as refusal:
                response.set_rcode(refusal.rcode)
        if self.unsigned:
            response.tsig = None
        return response.to_wire()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        primary = self

        class Handler(socketserver.BaseRequestHandler):
            """One connection."""

            request: socket.socket

            def handle(self) -> None:
                primary.connections += 1
                if primary._most_connections is not None and primary.connections > primary._most_connections:
                    return
                read, written = primary._limits if primary.connections == 1 else (None, None)
                left = primary._per_connection
                try:
                    while left is None or left > 0:
                        length = int.from_bytes(self.take(2, read), "big")
                        request = self.take(length, read)
                        if primary.is_disliked(request):
                            return
                        response = primary.respond(request)
                        self.give(len(response).to_bytes(2, "big") + response, written)
                        left = None if left is None else left - 1
                except (_Cut, OSError):
                    return

            def take(self, size: int, limit: int | None) -> bytes:
                taken = b""
                while len(taken) < size:
                    most = size - len(taken)
                    if limit is not None:
                        most = min(most, limit - primary.octets_read)
                    part = self.request.recv(most) if most else b""
                    if not part:
                        raise _Cut
                    primary.octets_read += len(part)
                    taken += part
                return taken

            def give(self, wire: bytes, limit: int | None) -> None:
                if limit is not None:
                    wire, rest = wire[: limit - primary.octets_written], wire[limit - primary.octets_written :]
                else:
                    rest = b""
                self.request.sendall(wire)
                primary.octets_written += len(wire)
                if rest:
                    raise _Cut

        return Handler


def load(origin: str, text: str) -> Zone:
    """Return a zone from the text of its file."""
    return Zone.of(dns.zone.from_text(text, origin=origin, relativize=False))
