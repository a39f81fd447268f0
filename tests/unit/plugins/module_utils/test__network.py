# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions over real sockets on loopback, to servers that misbehave by script."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import errno
import pathlib
import socket
import ssl
import struct
import typing as t
from concurrent.futures import ThreadPoolExecutor

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.zonecut.dns.plugins.module_utils import _network
from ansible_collections.zonecut.dns.plugins.module_utils._errors import QueryError
from ansible_collections.zonecut.dns.plugins.module_utils._means import Silences
from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport
from ansible_collections.zonecut.dns.plugins.module_utils._pace import Pace
from ansible_collections.zonecut.dns.plugins.module_utils._responses import read_reply
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Protocol, Query, Reply, Variation

ADDRESS, OTHER = "127.94.200.1", "127.94.200.2"
NAME = dns.name.from_text("contoso.example")
KEY = dns.tsig.Key("read.key.", b"0123456789abcdef0123456789abcdef", "hmac-sha256")

# From a request to the datagrams, or the octets over TCP, to send back.
Behaviour = t.Callable[[dns.message.Message], list[bytes]]


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, behaviour: Behaviour, asked: list[dns.message.Message]) -> None:
        self._behaviour = behaviour
        self._asked = asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = t.cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: t.Any) -> None:
        request = dns.message.from_wire(data, keyring={KEY.name: KEY})
        self._asked.append(request)
        for datagram in self._behaviour(request):
            self._transport.sendto(datagram, addr)


@contextlib.asynccontextmanager
async def _server(
    udp: Behaviour | None = None, tcp: Behaviour | None = None
) -> t.AsyncIterator[tuple[int, list[dns.message.Message]]]:
    """Serve one port; what is not given does not listen. Yield the port and the UDP requests."""
    asked: list[dns.message.Message] = []
    # The kernel picks the port for TCP, and the same one is then free for UDP at an address of our own.
    listening = socket.create_server((ADDRESS, 0))
    port = listening.getsockname()[1]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        request = dns.message.from_wire(await reader.readexactly(length), keyring={KEY.name: KEY})
        assert tcp is not None
        for octets in tcp(request):
            writer.write(octets)
        await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    transport = None
    if udp is not None:
        behaviour = udp
        transport, _protocol = await loop.create_datagram_endpoint(lambda: _Udp(behaviour, asked), (ADDRESS, port))
    server = None
    if tcp is not None:
        server = await asyncio.start_server(connected, sock=listening)
    else:
        listening.close()
    try:
        yield port, asked
    finally:
        if transport is not None:
            transport.close()
        if server is not None:
            server.close()
            await server.wait_closed()


def _ask(
    *,
    udp: Behaviour | None = None,
    tcp: Behaviour | None = None,
    protocol: Protocol = "udp",
    timeout: float = 5,
    retries: int = 0,
    key: dns.tsig.Key | None = None,
) -> tuple[Reply, list[dns.message.Message]]:
    async def ask() -> tuple[Reply, list[dns.message.Message]]:
        async with _server(udp, tcp) as (port, asked):
            query = Query(address=ADDRESS, port=port, name=NAME, rdtype=dns.rdatatype.A, protocol=protocol, key=key)
            return await NetworkTransport(timeout=timeout, retries=retries).ask(query), asked

    return asyncio.run(ask())


def _good(request: dns.message.Message, *, text: str = "192.0.2.1") -> dns.message.Message:
    response = dns.message.make_response(request)
    response.flags |= dns.flags.AA
    response.answer.append(dns.rrset.from_text(NAME, 60, "IN", "A", text))
    return response


def answer(request: dns.message.Message) -> list[bytes]:
    return [_good(request).to_wire()]


def over_tcp(request: dns.message.Message) -> list[bytes]:
    wire = _good(request, text="192.0.2.2").to_wire()
    return [struct.pack("!H", len(wire)) + wire]


def silence(_request: dns.message.Message) -> list[bytes]:
    return []


def truncated(request: dns.message.Message) -> list[bytes]:
    response = dns.message.make_response(request)
    response.flags |= dns.flags.TC
    return [response.to_wire()]


def _addresses(reply: Reply) -> list[str]:
    return [record.rdata.address for record in read_reply(reply).matching]


def test_an_answer() -> None:
    reply, asked = _ask(udp=answer)
    assert (reply.failure, _addresses(reply), reply.protocol) == (None, ["192.0.2.1"], "udp")
    assert reply.seconds is not None and reply.seconds > 0
    (request,) = asked
    assert not request.flags & dns.flags.RD and request.edns == -1


def _unsigned(request: dns.message.Message, *, rcode: str = "NOERROR") -> bytes:
    bare = dns.message.make_query(NAME, "A")
    bare.id = request.id
    response = _good(bare)
    response.set_rcode(dns.rcode.from_text(rcode))
    return response.to_wire()


def _with_error(request: dns.message.Message, error: int) -> bytes:
    response = _good(request)
    response.use_tsig(KEY, tsig_error=error)
    return response.to_wire()


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_a_key_signs_question_and_answer(protocol: Protocol) -> None:
    reply, _asked = _ask(udp=answer, tcp=over_tcp, key=KEY, protocol=protocol)
    assert reply.failure is None and reply.message is not None and reply.message.had_tsig
    reply, (request,) = _ask(udp=truncated, tcp=over_tcp, key=KEY)
    assert request.had_tsig and _addresses(reply) == ["192.0.2.2"]


@pytest.mark.parametrize("rcode", ["NOERROR", "NXDOMAIN"])
def test_an_unsigned_answer_is_nobodys(rcode: str) -> None:
    reply, _asked = _ask(udp=lambda request: [_unsigned(request, rcode=rcode)], key=KEY, timeout=0.2)
    assert (reply.failure, reply.message) == ("malformed", None) and "not signed" in reply.detail
    reply, _asked = _ask(udp=lambda request: [_unsigned(request, rcode=rcode), *answer(request)], key=KEY)
    assert reply.message is not None and reply.message.had_tsig


def test_an_unsigned_refusal_is_an_answer() -> None:
    reply, _asked = _ask(udp=lambda request: [_unsigned(request, rcode="REFUSED")], key=KEY)
    assert reply.message is not None and reply.message.rcode() == dns.rcode.REFUSED


def test_a_signed_question_that_somebody_else_should_have_got_is_a_rejected_key() -> None:
    reply, _asked = _ask(udp=lambda request: [_unsigned(request, rcode="NOTAUTH")], key=KEY)
    assert reply.failure == "key_rejected" and "read.key" in reply.detail


@pytest.mark.parametrize(("error", "word"), [(16, "BADSIG"), (17, "BADKEY"), (18, "BADTIME")])
def test_a_rejected_key_is_told_at_once(error: int, word: str) -> None:
    reply, asked = _ask(udp=lambda request: [_with_error(request, error)], key=KEY, retries=3, timeout=60)
    assert reply.failure == "key_rejected" and word in reply.detail and len(asked) == 1
    if error != 18:
        assert "read.key" in reply.detail


def test_two_questions_share_neither_id_nor_port() -> None:
    seen: list[tuple[int, int]] = []

    class Seeing(_Udp):
        def datagram_received(self, data: bytes, addr: t.Any) -> None:
            seen.append((dns.message.from_wire(data).id, addr[1]))
            super().datagram_received(data, addr)

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(lambda: Seeing(answer, []), (ADDRESS, 0))
        query = Query(address=ADDRESS, port=transport.get_extra_info("sockname")[1], name=NAME, rdtype=1)
        network = NetworkTransport(timeout=1, retries=0)
        await asyncio.gather(*(network.ask(query) for _number in range(20)))
        transport.close()

    asyncio.run(ask())
    # Of 20 random IDs out of 65536 two are equal once in 350 runs, of 20 three in a million.
    assert len({identifier for identifier, _port in seen}) >= 18
    assert len({port for _identifier, port in seen}) == 20


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(lambda request: [b"\x00"], id="one octet"),
        pytest.param(lambda request: [b"\x00\x01garbage"], id="garbage"),
        pytest.param(lambda request: [_good(request).to_wire()[:20]], id="cut off"),
        pytest.param(lambda request: [request.to_wire()], id="echo"),
        pytest.param(lambda request: [_changed_id(request)], id="wrong ID"),
        pytest.param(lambda request: [_other_question(request)], id="wrong question"),
        pytest.param(lambda request: [_without_question(request)], id="no question"),
        pytest.param(lambda request: [_other_opcode(request)], id="wrong opcode"),
        pytest.param(lambda request: [_bad_rdata(request)], id="malformed rdata"),
    ],
)
def test_what_is_no_answer_neither_counts_nor_ends_the_wait(bad: Behaviour) -> None:
    reply, _asked = _ask(udp=bad, timeout=0.2)
    assert (reply.failure, reply.message) == ("malformed", None)
    assert reply.detail
    reply, _asked = _ask(udp=lambda request: [*bad(request), *answer(request)])
    assert _addresses(reply) == ["192.0.2.1"]
    with_prefix = _ask(protocol="tcp", tcp=lambda request: [struct.pack("!H", len(bad(request)[0])), bad(request)[0]])
    assert with_prefix[0].failure == "malformed"


def _changed_id(request: dns.message.Message) -> bytes:
    response = _good(request)
    response.id ^= 1
    return response.to_wire()


def _other_question(request: dns.message.Message) -> bytes:
    other = dns.message.make_query("contoso.test", "A")
    other.id = request.id
    return dns.message.make_response(other).to_wire()


def _without_question(request: dns.message.Message) -> bytes:
    response = dns.message.make_response(request)
    response.question.clear()
    return response.to_wire()


def _other_opcode(request: dns.message.Message) -> bytes:
    wire = bytearray(_good(request).to_wire())
    wire[2] |= 0x28
    return bytes(wire)


def _bad_rdata(request: dns.message.Message) -> bytes:
    # An A record of five octets.
    return _good(request).to_wire()[:-6] + b"\x00\x05\xc0\x00\x02\x01\x00"


def _from_elsewhere(*, retries: int) -> tuple[Reply, int]:
    """Return what comes of a server that answers from another address, and the port that it answers from."""

    async def ask() -> tuple[Reply, int]:
        loop = asyncio.get_running_loop()
        elsewhere, _protocol = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, (OTHER, 0))

        class Relay(_Udp):
            def datagram_received(self, data: bytes, addr: t.Any) -> None:
                elsewhere.sendto(answer(dns.message.from_wire(data))[0], addr)

        transport, _protocol = await loop.create_datagram_endpoint(lambda: Relay(answer, []), (ADDRESS, 0))
        query = Query(address=ADDRESS, port=transport.get_extra_info("sockname")[1], name=NAME, rdtype=1)
        try:
            reply = await NetworkTransport(timeout=0.2, retries=retries).ask(query)
            return reply, elsewhere.get_extra_info("sockname")[1]
        finally:
            transport.close()
            elsewhere.close()

    return asyncio.run(ask())


def test_an_answer_from_elsewhere_does_not_count() -> None:
    reply, _port = _from_elsewhere(retries=0)
    assert (reply.failure, reply.message) == ("timeout", None)


def test_a_retry_tells_that_an_answer_comes_from_elsewhere() -> None:
    reply, port = _from_elsewhere(retries=2)
    assert (reply.failure, reply.message) == ("other_source", None)
    assert reply.detail == f"the answer comes from {OTHER} port {port}"


def test_what_a_variation_changes() -> None:
    asked = Query(address=ADDRESS, port=53, name=NAME, rdtype=1, payload=1232)
    plain = asked.message()
    assert (plain.edns, plain.ednsflags, plain.options, plain.payload) == (0, 0, (), 1232)
    assert (bool(plain.flags & dns.flags.RD), plain.question[0].rdclass) == (False, dns.rdataclass.IN)
    variation = Variation(recursion=True, chaos=True, edns_version=1, edns_flags=1, edns_option=65321)
    varied = dns.message.from_wire(asked._replace(variation=variation).message().to_wire())
    assert (varied.edns, varied.ednsflags & 0xFFFF, varied.payload) == (1, 1, 1232)
    assert [int(option.otype) for option in varied.options] == [65321]
    assert (bool(varied.flags & dns.flags.RD), varied.question[0].rdclass) == (True, dns.rdataclass.CH)


def test_a_truncated_answer_is_kept_where_that_is_wanted() -> None:
    async def ask() -> Reply:
        async with _server(truncated, over_tcp) as (port, _asked):
            variation = Variation(keep_truncated=True)
            query = Query(address=ADDRESS, port=port, name=NAME, rdtype=dns.rdatatype.A, variation=variation)
            return await NetworkTransport(timeout=5, retries=0).ask(query)

    reply = asyncio.run(ask())
    assert reply.message is not None
    assert (reply.protocol, bool(reply.message.flags & dns.flags.TC)) == ("udp", True)


def test_silence_is_a_timeout_after_all_retries() -> None:
    reply, asked = _ask(udp=silence, retries=2, timeout=0.05)
    assert (reply.failure, reply.detail, len(asked)) == ("timeout", "no answer in 0.05 s", 3)
    assert len({request.id for request in asked}) == 3


def test_a_retry_may_bring_the_answer() -> None:
    calls: list[int] = []

    def second_time(request: dns.message.Message) -> list[bytes]:
        calls.append(1)
        return answer(request) if len(calls) == 2 else []

    reply, asked = _ask(udp=second_time, retries=1, timeout=0.5)
    assert (_addresses(reply), len(asked)) == (["192.0.2.1"], 2)


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_a_closed_port_refuses_at_once(protocol: Protocol) -> None:
    # With this timeout, the test would hang if the refusal were not noticed.
    reply, _asked = _ask(protocol=protocol, timeout=600, retries=5)
    assert (reply.failure, reply.detail) == ("refused", "Connection refused")


def test_an_error_without_question_counts() -> None:
    def refuse(request: dns.message.Message) -> list[bytes]:
        response = dns.message.make_response(request)
        response.set_rcode(dns.rcode.FORMERR)
        response.question.clear()
        return [response.to_wire()]

    reply, _asked = _ask(udp=refuse)
    assert read_reply(reply).rcode == "FORMERR"


def test_a_truncated_answer_is_fetched_over_tcp() -> None:
    reply, _asked = _ask(udp=truncated, tcp=over_tcp)
    assert (_addresses(reply), reply.protocol, reply.query.protocol) == (["192.0.2.2"], "tcp", "udp")


def test_a_truncated_answer_without_tcp() -> None:
    reply, _asked = _ask(udp=truncated)
    assert reply.failure == "truncated"
    assert reply.detail == "the answer by UDP was truncated, and by TCP: Connection refused"


def test_tcp_in_pieces() -> None:
    reply, _asked = _ask(protocol="tcp", tcp=lambda request: [bytes([octet]) for octet in over_tcp(request)[0]])
    assert (_addresses(reply), reply.protocol) == (["192.0.2.2"], "tcp")


@pytest.mark.parametrize("length", [0, 1, 2, 20])
def test_tcp_that_ends_too_early(length: int) -> None:
    reply, _asked = _ask(protocol="tcp", tcp=lambda request: [over_tcp(request)[0][:length]])
    assert reply.failure == "closed"


def test_two_soas_are_both_kept() -> None:
    def two(request: dns.message.Message) -> list[bytes]:
        response = dns.message.make_response(request)
        for serial in (1, 2):
            response.answer.append(dns.rrset.from_text(NAME, 60, "IN", "SOA", f"a. b. {serial} 1 1 1 1"))
        return [response.to_wire()]

    reply, _asked = _ask(udp=two)
    assert [record.rdata.serial for record in read_reply(reply).soas] == [1, 2]


def test_records_of_another_class_are_none() -> None:
    def chaos(request: dns.message.Message) -> list[bytes]:
        response = dns.message.make_response(request)
        response.answer.append(dns.rrset.from_text(NAME, 60, "CH", "A", "contoso.example. 1234"))
        return [response.to_wire()]

    reply, _asked = _ask(udp=chaos)
    assert read_reply(reply).answer == ()


def _ask_in_turn(queries: int, *, udp: Behaviour | None = None, tcp: Behaviour | None = None) -> list[Reply]:
    """Return the replies to one question after the other by one transport."""

    async def ask() -> list[Reply]:
        async with _server(udp, tcp) as (port, _asked):
            network = NetworkTransport(timeout=5, retries=0)
            protocol: Protocol = "udp" if udp else "tcp"
            query = Query(address=ADDRESS, port=port, name=NAME, rdtype=1, protocol=protocol)
            return [await network.ask(query) for _number in range(queries)]

    return asyncio.run(ask())


def test_a_socket_serves_some_questions_and_is_replaced() -> None:
    ports: list[int] = []

    class Seeing(_Udp):
        def datagram_received(self, data: bytes, addr: t.Any) -> None:
            ports.append(addr[1])
            super().datagram_received(data, addr)

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(lambda: Seeing(answer, []), (ADDRESS, 0))
        query = Query(address=ADDRESS, port=transport.get_extra_info("sockname")[1], name=NAME, rdtype=1)
        network = NetworkTransport(timeout=5, retries=0)
        for _number in range(100):
            assert (await network.ask(query)).failure is None
        transport.close()

    asyncio.run(ask())
    assert [ports.count(port) for port in dict.fromkeys(ports)] == [32, 32, 32, 4]


def test_a_late_answer_does_not_meet_another_question() -> None:
    held: list[bytes] = []

    def late(request: dns.message.Message) -> list[bytes]:
        held.extend(answer(request))
        return held[:-1]

    replies = _ask_in_turn(1, udp=lambda request: answer(request) * 2) + _ask_in_turn(3, udp=answer)
    assert [reply.failure for reply in replies] == [None] * 4

    async def ask() -> list[Reply]:
        async with _server(late) as (port, _asked):
            network = NetworkTransport(timeout=0.2, retries=0)
            query = Query(address=ADDRESS, port=port, name=NAME, rdtype=1)
            return [await network.ask(query) for _number in range(2)]

    # The answer to the first came with the second question, to another port or with the wrong ID.
    assert [reply.failure for reply in asyncio.run(ask())] in (["timeout", "timeout"], ["timeout", "malformed"])


def test_what_comes_while_nobody_waits_ends_the_socket() -> None:
    async def ask() -> list[str | None]:
        async with _server(lambda request: answer(request) * 3) as (port, asked):
            network = NetworkTransport(timeout=5, retries=0)
            query = Query(address=ADDRESS, port=port, name=NAME, rdtype=1)
            failures: list[str | None] = []
            for _number in range(5):
                failures.append((await network.ask(query)).failure)
                await asyncio.sleep(0.01)
            assert len(asked) == 5
            return failures

    assert asyncio.run(ask()) == [None] * 5


def test_a_transport_works_in_one_event_loop_after_the_other() -> None:
    network = NetworkTransport(timeout=5, retries=0)

    async def ask(protocol: Protocol) -> str | None:
        async with _server(answer, over_tcp) as (port, _asked):
            query = Query(address=ADDRESS, port=port, name=NAME, rdtype=1, protocol=protocol)
            return (await network.ask(query)).failure

    assert [asyncio.run(ask(protocol)) for protocol in ("udp", "tcp", "udp", "tcp")] == [None] * 4


class _Persistent:
    """A TCP server that answers as often as it is asked, or closes after each answer; counts its connections."""

    def __init__(self, *, answers: int) -> None:
        self.answers = answers
        self.connections = 0
        self.open = 0
        self.most_open = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        with contextlib.suppress(asyncio.IncompleteReadError):
            for _number in range(self.answers):
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                request = dns.message.from_wire(await reader.readexactly(length))
                await asyncio.sleep(0.001)
                writer.write(over_tcp(request)[0])
        self.open -= 1
        writer.close()

    def ask(self, *rounds: int, pause: float = 0) -> list[str | None]:
        """Ask that many questions at once in each round.

        :arg pause: seconds after each.
        """

        async def ask() -> list[str | None]:
            server = await asyncio.start_server(self.connected, ADDRESS, 0)
            query = Query(address=ADDRESS, port=server.sockets[0].getsockname()[1], name=NAME, rdtype=1, protocol="tcp")
            network = NetworkTransport(timeout=5, retries=0)
            failures: list[str | None] = []
            for count in rounds:
                replies = await asyncio.gather(*(network.ask(query) for _number in range(count)))
                failures += [reply.failure for reply in replies]
                await asyncio.sleep(pause)
            server.close()
            return failures

        return asyncio.run(ask())


def test_tcp_connections_go_on_to_those_who_wait() -> None:
    server = _Persistent(answers=1000)
    assert server.ask(120) == [None] * 120
    assert server.connections == 6


def test_a_connection_is_kept_for_a_moment() -> None:
    server = _Persistent(answers=1000)
    assert server.ask(*[1] * 5) == [None] * 5
    assert (server.connections, server.most_open) == (1, 1)


def test_no_connection_is_left_idle() -> None:
    server = _Persistent(answers=1000)
    assert server.ask(*[1] * 3, pause=0.2) == [None] * 3
    assert (server.connections, server.most_open, server.open) == (3, 1, 0)


def test_no_connection_outlives_the_run() -> None:
    with socket.create_server((ADDRESS, 0)) as listening, ThreadPoolExecutor() as threads:

        def serve() -> bytes:
            connection, _client = listening.accept()
            with connection:
                connection.settimeout(5)
                request = dns.message.from_wire(connection.recv(65535)[2:])
                connection.sendall(over_tcp(request)[0])
                return connection.recv(1)

        served = threads.submit(serve)
        network = NetworkTransport(timeout=5, retries=0)
        query = Query(address=ADDRESS, port=listening.getsockname()[1], name=NAME, rdtype=1, protocol="tcp")
        assert asyncio.run(network.ask(query)).failure is None
        assert served.result() == b""


def test_a_server_that_answers_is_asked_two_questions_over_one_connection() -> None:
    server = _Persistent(answers=1000)
    # Whether it does is not known before the first answer.
    assert server.ask(2, 2, 2, pause=0.2) == [None] * 6
    assert (server.connections, server.most_open) == (4, 2)


def test_a_question_behind_another_does_not_depend_on_its_answer() -> None:
    class Dropping(_Persistent):
        async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self.connections == 1:
                self.connections += 1
                writer.close()
            else:
                await super().connected(reader, writer)

    server = Dropping(answers=1000)
    assert server.ask(1, 2, 1, pause=0.2) == [None, "closed", None, None]


@pytest.mark.parametrize("answers", [1, 2])
def test_a_server_that_closes_after_its_answers_is_asked_over_new_connections(answers: int) -> None:
    server = _Persistent(answers=answers)
    assert server.ask(60) == [None] * 60
    assert server.connections >= 60 // answers


def test_a_server_with_one_connection_at_a_time_answers_all() -> None:
    class OneByOne(_Persistent):
        async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not hasattr(self, "turn"):
                self.turn = asyncio.Lock()
            async with self.turn:
                await super().connected(reader, writer)

    assert OneByOne(answers=1000).ask(2, 40, 2) == [None] * 44


def test_one_server_has_to_bear_few_connections_at_once() -> None:
    server = _Persistent(answers=1000)
    assert server.ask(100, 100) == [None] * 200
    assert server.most_open <= 6


def test_each_try_takes_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    class Counting(Pace):
        def turn(self, address: str) -> float:
            taken.append(address)
            return super().turn(address)

    monkeypatch.setattr(_network, "Pace", Counting)

    async def ask() -> None:
        async with _server(silence) as (port, _asked):
            network = NetworkTransport(timeout=0.05, retries=2, rate=1000)
            await network.ask(Query(address=ADDRESS, port=port, name=NAME, rdtype=1))

    asyncio.run(ask())
    assert taken == [ADDRESS] * 3


def test_source_address() -> None:
    async def ask() -> t.Any:
        sources: list[t.Any] = []

        class Seeing(_Udp):
            def datagram_received(self, data: bytes, addr: t.Any) -> None:
                sources.append(addr[0])
                super().datagram_received(data, addr)

        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(lambda: Seeing(answer, []), (ADDRESS, 0))
        query = Query(address=ADDRESS, port=transport.get_extra_info("sockname")[1], name=NAME, rdtype=1)
        await NetworkTransport(timeout=1, retries=0, source_addresses=[OTHER]).ask(query)
        transport.close()
        return sources

    assert asyncio.run(ask()) == [OTHER]


def test_an_unusable_source_address_is_the_fault_of_this_host() -> None:
    network = NetworkTransport(timeout=1, retries=0, source_addresses=["192.0.2.1"])
    reply = asyncio.run(network.ask(Query(address=ADDRESS, port=9, name=NAME, rdtype=1)))
    assert reply.failure == "no_route"


class _Failing(socket.socket):
    """A socket that cannot be connected, as where no route leads."""

    def connect(self, _address: t.Any) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_no_route_is_the_fault_of_this_host(monkeypatch: pytest.MonkeyPatch, address: str, protocol: Protocol) -> None:
    monkeypatch.setattr(socket, "socket", _Failing)
    network = NetworkTransport(timeout=1, retries=2)
    reply = asyncio.run(network.ask(Query(address=address, port=53, name=NAME, rdtype=1, protocol=protocol)))
    assert reply.failure == "no_route"


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_too_few_sockets_are_no_fault_of_a_server(monkeypatch: pytest.MonkeyPatch, protocol: Protocol) -> None:
    def lacking(*_arguments: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    async def ask() -> None:
        network = NetworkTransport(timeout=1, retries=2)
        monkeypatch.setattr(socket, "socket", lacking)
        await network.ask(Query(address=ADDRESS, port=53, name=NAME, rdtype=1, protocol=protocol))

    with pytest.raises(QueryError, match="lower concurrency"):
        asyncio.run(ask())


def test_too_few_sockets_for_the_rest_of_an_answer_are_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lacking(socket.socket):
        def __init__(self, *given: t.Any, **named: t.Any) -> None:
            if socket.SOCK_STREAM in given and lacks:
                raise OSError(errno.EMFILE, "Too many open files")
            super().__init__(*given, **named)

    async def ask() -> None:
        async with _server(truncated, over_tcp) as (port, _asked):
            network = NetworkTransport(timeout=5, retries=1)
            query = Query(address=ADDRESS, port=port, name=NAME, rdtype=dns.rdatatype.A)
            monkeypatch.setattr(socket, "socket", Lacking)
            # More than there are connections at once.
            for _number in range(20):
                with pytest.raises(QueryError, match="lower concurrency"):
                    await asyncio.wait_for(network.ask(query), 30)
            lacks.clear()
            assert (await asyncio.wait_for(network.ask(query), 30)).failure is None

    lacks = [True]
    asyncio.run(ask())


def test_those_that_queue_for_a_silent_server_do_not_find_that_out_one_after_the_other() -> None:
    connected = 0

    async def ask() -> list[Reply]:
        nonlocal connected

        async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connected
            connected += 1
            await reader.read()
            writer.close()

        server = await asyncio.start_server(keep_silent, ADDRESS, 0)
        port = server.sockets[0].getsockname()[1]
        network = NetworkTransport(timeout=0.3, retries=2)
        query = Query(address=ADDRESS, port=port, name=NAME, rdtype=dns.rdatatype.SOA, protocol="tcp")
        queries = [query._replace(rdtype=rdtype) for rdtype in (dns.rdatatype.SOA, dns.rdatatype.NS) * 30]
        replies = await network.ask_all(queries)
        server.close()
        return replies

    replies = asyncio.run(ask())
    assert {reply.failure for reply in replies} == {"timeout"}
    # Six may be under way at once, and 60 questions with their retries would be 180 connections.
    assert connected <= 18


def test_one_type_that_is_not_answered_does_not_make_a_server_silent() -> None:
    silences = Silences(tries=1, seconds=1, clock=lambda: 0)
    for _time in range(3):
        silences.add(("192.0.2.1", 53), 6)
    assert silences.known(("192.0.2.1", 53)) is None
    silences.add(("192.0.2.1", 53), 2)
    assert silences.known(("192.0.2.1", 53)) is not None
    silences.answers(("192.0.2.1", 53))
    assert silences.known(("192.0.2.1", 53)) is None
    for rdtype in (6, 2):
        silences.add(("192.0.2.1", 53), rdtype)
    assert silences.known(("192.0.2.1", 53)) is None


def test_silence_is_known_for_as_long_as_a_try_lasts() -> None:
    now = [0.0]
    silences = Silences(tries=2, seconds=3, clock=lambda: now[0])
    for rdtype in (6, 2):
        silences.add(("192.0.2.1", 53), rdtype)
    now[0] = 2.9
    assert silences.known(("192.0.2.1", 53)) is not None
    now[0] = 3.0
    assert silences.known(("192.0.2.1", 53)) is None


def _certificate(folder: pathlib.Path) -> ssl.SSLContext:
    """Return what a server needs for TLS with a certificate that it has made for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody.example")])
    day = datetime.datetime(2026, 11, 21)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.set_alpn_protocols(["dot"])
    return context


async def _over_tls(
    connected: t.Callable[[asyncio.StreamReader, asyncio.StreamWriter], t.Awaitable[None]],
    context: ssl.SSLContext | None,
    *,
    questions: int = 1,
) -> list[Reply]:
    server = await asyncio.start_server(connected, ADDRESS, 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    query = Query(address=ADDRESS, port=port, name=NAME, rdtype=dns.rdatatype.A)
    replies = await NetworkTransport(timeout=5, retries=0, tls=True).ask_all([query] * questions)
    server.close()
    return replies


def test_answers_over_tls_from_a_server_that_proves_nothing(tmp_path: pathlib.Path) -> None:
    protocols: list[str | None] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocols.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                request = dns.message.from_wire(await reader.readexactly(length))
                wire = _good(request).to_wire()
                # In records of TLS that end where no message does.
                for part in (struct.pack("!H", len(wire)) + wire[:5], wire[5:]):
                    writer.write(part)
                    await writer.drain()

    replies = asyncio.run(_over_tls(connected, _certificate(tmp_path), questions=20))
    assert [_addresses(reply) for reply in replies] == [["192.0.2.1"]] * 20
    assert set(protocols) == {"dot"}


def test_what_fails_over_tls_is_a_reply() -> None:
    async def closes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def speaks_no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"\0\0no TLS at all")
        await writer.drain()
        writer.close()

    (reply,) = asyncio.run(_over_tls(closes, None))
    assert reply.failure == "closed"
    (reply,) = asyncio.run(_over_tls(speaks_no_tls, None))
    assert reply.failure == "closed" and reply.detail.startswith("TLS failed (")


def test_a_server_that_ends_tls_before_its_answer(tmp_path: pathlib.Path) -> None:
    async def says_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        writer.close()

    (reply,) = asyncio.run(_over_tls(says_goodbye, _certificate(tmp_path)))
    assert reply.failure == "closed" and "before its answer was complete" in reply.detail
