# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logical servers of one process: sockets, requests, and reloading all of them."""

from __future__ import annotations

import asyncio
import datetime
import logging
import pathlib
import typing as t

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from .answer import answer, closest_zone
from .config import Config, ConfigError, Endpoint, ServerConfig, read_config
from .hosted_zone import HostedZone
from .message import MAX_UDP_PAYLOAD, BadRequest, Keyring, read_request, write_response
from .transfer import outbound_transfer
from .update import UpdateRefused

__all__ = ["NameServer", "NameServers"]

_log = logging.getLogger(__name__)
_TCP_IDLE = 30.0
_TRANSFERS = (dns.rdatatype.AXFR, dns.rdatatype.IXFR)
_NOT_QUERIED = (dns.rdatatype.OPT, dns.rdatatype.TSIG, dns.rdatatype.MAILA, dns.rdatatype.MAILB)


class NameServers:
    """Every server of one configuration file."""

    def __init__(self, config_path: pathlib.Path) -> None:
        self._config_path = config_path
        self._servers: dict[str, NameServer] = {}
        self._loading = asyncio.Lock()
        self._query_log: t.TextIO | None = None

    async def load(self) -> list[str]:
        """Bring sockets and zones to what the files say now; the faults found, which are also logged."""
        async with self._loading:
            try:
                config = read_config(self._config_path)
            except ConfigError as error:
                _log.error("%s; serving as before", error)
                return [str(error)]
            self._open_query_log(config)
            faults = []
            wanted = {server.name: server for server in config.servers}
            for name in [name for name in self._servers if name not in wanted]:
                self._servers.pop(name).close()
            for name, server_config in wanted.items():
                server = self._servers.setdefault(name, NameServer(name, self._record))
                faults += await server.load(server_config, keyring=config.keys)
            return faults

    def serials(self) -> dict[str, dict[str, int | None]]:
        """The serial of each zone on each server, None where nothing is served."""
        return {name: server.serials() for name, server in self._servers.items()}

    def close(self) -> None:
        for server in self._servers.values():
            server.close()
        self._close_query_log()

    def _open_query_log(self, config: Config) -> None:
        self._close_query_log()
        if config.query_log is not None:
            self._query_log = config.query_log.open("a", encoding="utf-8", buffering=1)

    def _close_query_log(self) -> None:
        if self._query_log is not None:
            self._query_log.close()
            self._query_log = None

    def _record(self, *fields: str) -> None:
        if self._query_log is not None:
            now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
            print(now, *fields, file=self._query_log)


class NameServer:
    """One logical server: its zones, and one UDP and one TCP socket for each of its endpoints."""

    def __init__(self, name: str, record: t.Callable[..., None]) -> None:
        self.name = name
        self._record = record
        self._zones: dict[dns.name.Name, HostedZone] = {}
        self._keyring: Keyring = {}
        self._config: ServerConfig | None = None
        self._sockets: dict[Endpoint, tuple[asyncio.DatagramTransport, asyncio.Server]] = {}

    async def load(self, config: ServerConfig, *, keyring: Keyring) -> list[str]:
        faults = await self._listen(config.endpoints)
        previous = self._zones
        reusable = {}
        if self._config is not None and (self._config.endpoints, self._keyring) == (config.endpoints, keyring):
            reusable = {name: zone for name, zone in previous.items() if zone.config in config.zones}
        self._config, self._keyring = config, keyring
        self._zones = {
            zone.name: reusable.get(zone.name) or HostedZone(zone, server=config, keyring=keyring)
            for zone in config.zones
        }
        for name, zone in previous.items():
            if self._zones.get(name) is not zone:
                zone.close()
        for zone in self._zones.values():
            fault = zone.load()
            if fault is not None:
                faults.append(fault)
            zone.refresh()
        return faults

    def serials(self) -> dict[str, int | None]:
        return {str(name): zone.current.serial if zone.current else None for name, zone in self._zones.items()}

    def close(self) -> None:
        for zone in self._zones.values():
            zone.close()
        for endpoint in list(self._sockets):
            self._stop_listening(endpoint)

    async def _listen(self, endpoints: tuple[Endpoint, ...]) -> list[str]:
        faults = []
        for endpoint in [endpoint for endpoint in self._sockets if endpoint not in endpoints]:
            self._stop_listening(endpoint)
        loop = asyncio.get_running_loop()
        for endpoint in endpoints:
            if endpoint in self._sockets:
                continue
            try:
                tcp = await asyncio.start_server(self._serve_connection, endpoint.address, endpoint.port)
                try:
                    udp, _protocol = await loop.create_datagram_endpoint(
                        lambda: _UdpProtocol(self.respond), local_addr=(endpoint.address, endpoint.port)
                    )
                except OSError:
                    tcp.close()
                    raise
            except OSError as error:
                _log.error("%s: cannot listen on %s: %s", self.name, endpoint, error)
                faults.append(f"{self.name}: cannot listen on {endpoint}: {error}")
            else:
                self._sockets[endpoint] = (udp, tcp)
        return faults

    def _stop_listening(self, endpoint: Endpoint) -> None:
        udp, tcp = self._sockets.pop(endpoint)
        udp.close()
        tcp.close()

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Endpoint(*writer.get_extra_info("peername")[:2])
        try:
            while True:
                size = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), _TCP_IDLE), "big")
                wire = await asyncio.wait_for(reader.readexactly(size), _TCP_IDLE)
                for response in self.respond(wire, peer, udp=False):
                    writer.write(len(response).to_bytes(2, "big") + response)
                    await asyncio.wait_for(writer.drain(), _TCP_IDLE)
        except (asyncio.TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def respond(self, wire: bytes, peer: Endpoint, *, udp: bool) -> t.Iterator[bytes]:
        """The messages that answer `wire`: one, none for what is ignored, several for a transfer."""
        protocol = "udp" if udp else "tcp"
        try:
            query = read_request(wire, keyring=self._keyring)
        except BadRequest as error:
            self._record(self.name, str(peer), protocol, "-", "-", "-", dns.rcode.to_text(error.rcode))
            yield error.response
            return
        if query is None:
            return
        response = dns.message.make_response(query, our_payload=MAX_UDP_PAYLOAD)
        transfer = None
        try:
            transfer = self._dispatch(query, response, peer, udp=udp)
        except (UpdateRefused, _Refused) as refusal:
            response.set_rcode(refusal.rcode)
        except dns.exception.FormError:
            response.set_rcode(dns.rcode.FORMERR)
        self._record(
            self.name,
            str(peer),
            protocol,
            dns.opcode.to_text(query.opcode()),
            *_question_text(query),
            dns.rcode.to_text(response.rcode()),
        )
        if transfer is not None:
            yield from transfer
        else:
            yield write_response(response, query, udp=udp)

    def _dispatch(
        self, query: dns.message.Message, response: dns.message.Message, peer: Endpoint, *, udp: bool
    ) -> t.Iterator[bytes] | None:
        if query.edns > 0:
            raise _Refused(dns.rcode.BADVERS)
        if query.opcode() not in (dns.opcode.QUERY, dns.opcode.NOTIFY, dns.opcode.UPDATE):
            raise _Refused(dns.rcode.NOTIMP)
        if len(query.question) != 1:
            raise _Refused(dns.rcode.FORMERR)
        question = query.question[0]
        if query.opcode() == dns.opcode.NOTIFY:
            self._notified(query, response, peer)
            return None
        if query.opcode() == dns.opcode.UPDATE:
            self._update(query)
            return None
        if question.rdclass not in (dns.rdataclass.IN, dns.rdataclass.ANY):
            raise _Refused(dns.rcode.REFUSED)
        if question.rdtype in _NOT_QUERIED:
            raise _Refused(dns.rcode.NOTIMP)
        if question.rdtype in _TRANSFERS:
            return self._transfer(query, response, udp=udp)
        hosted = closest_zone(self._zones, question.name, question.rdtype)
        if hosted is None:
            raise _Refused(dns.rcode.REFUSED)
        if hosted.current is None:
            raise _Refused(dns.rcode.SERVFAIL)
        answer(query, response, hosted.current)
        return None

    def _transfer(
        self, query: dns.message.Message, response: dns.message.Message, *, udp: bool
    ) -> t.Iterator[bytes] | None:
        hosted = self._zones.get(query.question[0].name)
        if hosted is None:
            raise _Refused(dns.rcode.NOTAUTH)
        if hosted.current is None:
            raise _Refused(dns.rcode.SERVFAIL)
        if hosted.config.allow_transfer is None or query.keyname != hosted.config.allow_transfer:
            raise _Refused(dns.rcode.REFUSED)
        if not udp:
            return outbound_transfer(query, hosted.current)
        if query.question[0].rdtype == dns.rdatatype.AXFR:
            raise _Refused(dns.rcode.FORMERR)
        # RFC 1995 section 2: a lone SOA over UDP sends the client to TCP.
        response.flags |= dns.flags.AA
        response.answer.append(hosted.current.soa)
        return None

    def _notified(self, query: dns.message.Message, response: dns.message.Message, peer: Endpoint) -> None:
        hosted = self._zones.get(query.question[0].name)
        if hosted is None or hosted.config.type != "secondary":
            raise _Refused(dns.rcode.NOTAUTH)
        if peer.address not in {primary.address for primary in hosted.config.primaries}:
            raise _Refused(dns.rcode.REFUSED)
        response.flags |= dns.flags.AA
        hosted.refresh()

    def _update(self, query: dns.message.Message) -> None:
        hosted = self._zones.get(query.question[0].name)
        if hosted is None or query.question[0].rdclass != dns.rdataclass.IN:
            raise _Refused(dns.rcode.NOTAUTH)
        if hosted.config.type == "secondary":
            raise _Refused(dns.rcode.NOTIMP)
        if hosted.config.allow_update is None or query.keyname != hosted.config.allow_update:
            raise _Refused(dns.rcode.REFUSED)
        if hosted.current is None:
            raise _Refused(dns.rcode.SERVFAIL)
        try:
            hosted.update(query)
        except OSError as error:
            _log.error("%s: update not written: %s", hosted, error)
            raise _Refused(dns.rcode.SERVFAIL) from error


class _Refused(Exception):
    """A request answered with nothing but an error code."""

    def __init__(self, rcode: dns.rcode.Rcode) -> None:
        super().__init__(dns.rcode.to_text(rcode))
        self.rcode = rcode


class _UdpProtocol(asyncio.DatagramProtocol):
    def __init__(self, respond: t.Callable[..., t.Iterator[bytes]]) -> None:
        self._respond = respond

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = t.cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[t.Any, ...]) -> None:
        for response in self._respond(data, Endpoint(*addr[:2]), udp=True):
            self._transport.sendto(response, addr)


def _question_text(query: dns.message.Message) -> tuple[str, str]:
    if not query.question:
        return "-", "-"
    question = query.question[0]
    return str(question.name), dns.rdatatype.to_text(question.rdtype)
