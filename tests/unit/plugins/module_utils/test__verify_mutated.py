# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers over real sockets with octets changed by chance: nothing crashes or hangs, and nothing passes by them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
import typing as t
from unittest import mock

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils import _verify
from ansible_collections.zonecut.dns.plugins.module_utils._checks.limits import Limits
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport
from ansible_collections.zonecut.dns.plugins.module_utils._probe import observe_zone
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Query, Variation
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings, ZoneReport, verify_zones
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.mutations import MUTATED, mutated
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import World

PARENT, NS1, NS2 = "127.94.210.1", "127.94.211.1", "127.94.212.1"
# A tenth of those that only the reader is given, for each costs a hundred times as much here.
_CHANGED = MUTATED // 10
_BATCH = 20
_CHILD = f"""
@ 3600 SOA ns1 hostmaster 2026112100 3600 900 1209600 300
@ 3600 NS ns1
@ 3600 NS ns2
ns1 3600 A {NS1}
ns2 3600 A {NS2}
"""

Change = t.Callable[[bytes, random.Random], bytes]


def _another_id(wire: bytes, chance: random.Random) -> bytes:
    return bytes((wire[0] ^ chance.randint(1, 255), *wire[1:]))


def _another_question(wire: bytes, _chance: random.Random) -> bytes:
    return wire[:13] + bytes([wire[13] ^ 1]) + wire[14:]


def _another_type(wire: bytes, _chance: random.Random) -> bytes:
    end = wire.index(b"\0", 12) + 1
    return wire[:end] + bytes([wire[end] ^ 0x40]) + wire[end + 1 :]


def _no_answer_bit(wire: bytes, _chance: random.Random) -> bytes:
    return bytes((*wire[:2], wire[2] & 0x7F, *wire[3:]))


def _another_opcode(wire: bytes, chance: random.Random) -> bytes:
    return bytes((*wire[:2], wire[2] ^ chance.randint(1, 15) << 3, *wire[3:]))


def _cut_off(wire: bytes, chance: random.Random) -> bytes:
    return wire[: chance.randrange(len(wire))]


def _more_records_than_there_are(wire: bytes, chance: random.Random) -> bytes:
    return wire[:6] + struct.pack("!H", 0xFFFF - chance.randrange(1000)) + wire[8:]


def _loop(wire: bytes, _chance: random.Random) -> bytes:
    # The owner of one more record points to itself.
    added = struct.unpack_from("!H", wire, 10)[0] + 1
    pointer = struct.pack("!H", 0xC000 | len(wire))
    return wire[:10] + struct.pack("!H", added) + wire[12:] + pointer + b"\0\1\0\1\0\0\0\1\0\4abcd"


def _noise(_wire: bytes, chance: random.Random) -> bytes:
    return bytes(chance.randrange(256) for _octet in range(chance.choice((0, 1, 11, 12, 13, 60, 512))))


def _huge(wire: bytes, _chance: random.Random) -> bytes:
    return _no_answer_bit(wire, _chance) + bytes(60000)


# None of these is an answer, whatever was asked.
NO_ANSWERS: tuple[Change, ...] = (
    *(_another_id, _another_question, _another_type, _no_answer_bit, _another_opcode),
    *(_cut_off, _more_records_than_there_are, _loop, _noise, _huge),
)


def _query(request: dns.message.Message, address: str) -> Query:
    (asked,) = request.question
    return Query(
        address=address,
        port=53,
        name=asked.name,
        rdtype=asked.rdtype,
        payload=request.payload if request.edns >= 0 else None,
        dnssec=bool(request.ednsflags & dns.flags.DO),
        variation=Variation(edns_version=max(request.edns, 0), keep_truncated=True),
    )


class Servers:
    """A parent that answers rightly, and two servers of all of its delegations, whose answers are changed.

    :arg seldom: of how many answers one is changed.
    :ivar changed: how many were.
    :ivar altered: the zones of which an answer went out that means something else, but for its serial; what is nobody's
        answer, or truncated, is asked again.
    :ivar understandable: the zones of which a SOA answer went out that tells of the SOA of that zone.
    """

    def __init__(self, zones: t.Sequence[str], change: Change | None, *, seed: int, seldom: int = 1) -> None:
        self._chance = random.Random(seed)
        self._change = change
        self._seldom = seldom
        self.changed = 0
        self.altered: set[str] = set()
        self.understandable: set[str] = set()
        self._world = World()
        cuts = "".join(
            f"{zone}. 3600 NS ns1.{zone}.\n{zone}. 3600 NS ns2.{zone}.\n"
            f"ns1.{zone}. 3600 A {NS1}\nns2.{zone}. 3600 A {NS2}\n"
            for zone in zones
        )
        soa = "@ 3600 SOA ns hostmaster 1 3600 900 1209600 300\n@ 3600 NS ns\n"
        self._world.host(PARENT, "example", f"{soa}ns 3600 A {PARENT}\n{cuts}")
        for zone in zones:
            for address in (NS1, NS2):
                self._world.host(address, zone, _CHILD)

    async def answer(self, address: str, wire: bytes) -> bytes:
        """Return what is sent back."""
        request = dns.message.from_wire(wire)
        reply = await self._world.ask(_query(request, address))
        assert isinstance(reply.message, dns.message.Message)
        reply.message.id = request.id
        right = answer = reply.message.to_wire(max_size=65535)
        if address != PARENT and self._change is not None and not self._chance.randrange(self._seldom):
            answer = self._change(answer, self._chance)
            self.changed += 1
            if _is_taken(answer, right) and _meant(answer) != _meant(right):
                self.altered.add(_zone_of(request))
        if address != PARENT and _tells_soa(answer, request):
            self.understandable.add(request.question[0].name.to_text(omit_final_dot=True))
        return answer

    @contextlib.contextmanager
    def serving(self) -> t.Iterator[int]:
        """Serve in a thread of its own, and yield the port."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            port, closers = asyncio.run_coroutine_threadsafe(self._start(), loop).result(30)
            yield port
            for close in closers:
                loop.call_soon_threadsafe(close)
        finally:
            asyncio.run_coroutine_threadsafe(_end_of_others(), loop).result(30)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _start(self) -> tuple[int, list[t.Callable[[], None]]]:
        loop = asyncio.get_running_loop()
        first = socket.create_server((PARENT, 0))
        port = first.getsockname()[1]
        closers: list[t.Callable[[], None]] = []
        for address in (PARENT, NS1, NS2):
            listening = first if address == PARENT else socket.create_server((address, port))
            server = await asyncio.start_server(self._connected, sock=listening)
            closers.append(server.close)
            transport, _protocol = await loop.create_datagram_endpoint(lambda: _Udp(self), (address, port))
            closers.append(transport.close)
        return port, closers

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                answer = await self.answer(address, await reader.readexactly(length))
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = t.cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: t.Any) -> None:
        self._task = asyncio.get_running_loop().create_task(self._answer(data, addr))

    async def _answer(self, data: bytes, addr: t.Any) -> None:
        address = self._transport.get_extra_info("sockname")[0]
        self._transport.sendto(await self._servers.answer(address, data), addr)


async def _end_of_others() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _tells_soa(wire: bytes, request: dns.message.Message) -> bool:
    """Whether dnspython reads an answer in it that has the SOA of the zone that was asked for."""
    (asked,) = request.question
    if asked.rdtype != dns.rdatatype.SOA:
        return False
    try:
        message = dns.message.from_wire(wire, one_rr_per_rrset=True)
    # Malformed rdata surfaces as whatever its parser trips over.
    except Exception:
        return False
    return request.is_response(message) and any(
        rrset.rdtype == dns.rdatatype.SOA and rrset.name == asked.name for rrset in message.answer
    )


def _is_taken(wire: bytes, right: bytes) -> bool:
    """Whether nobody asks again: it has the ID and the question, is an answer and complete."""
    end = right.index(b"\0", 12) + 5
    return wire[:2] == right[:2] and wire[12:end] == right[12:end] and wire[2] & 0x82 == 0x80


def _meant(wire: bytes) -> object:
    """Return what dnspython reads in an answer, in no order and without serials; None where it reads nothing."""
    try:
        message = dns.message.from_wire(wire, one_rr_per_rrset=True)
        sections = [
            sorted(
                (rrset.name.to_text(), rrset.ttl, rrset.rdclass, _without_serial(rrset[0]))
                for rrset in section
                if rrset
            )
            for section in (message.answer, message.authority, message.additional)
        ]
    except Exception:
        return None
    return message.id, message.flags, message.question, message.edns, message.ednsflags, message.payload, sections


def _without_serial(rdata: t.Any) -> str:
    text: str = (rdata.replace(serial=0) if rdata.rdtype == dns.rdatatype.SOA else rdata).to_text()
    return f"{rdata.rdtype} {text}"


def _zone_of(request: dns.message.Message) -> str:
    return ".".join(request.question[0].name.to_text(omit_final_dot=True).rsplit(".", 2)[-2:])


def _verified(change: Change | None, *, answers: int) -> tuple[set[str], list[ZoneReport]]:
    """Verify zones until that many answers were changed.

    Return the zones that a SOA answer told of, and the reports.
    """
    understandable: set[str] = set()
    reports: list[ZoneReport] = []
    changed = 0
    while not reports or changed < answers:
        # How many answers a batch takes depends on how often the servers are thought dead.
        names = [f"zone{number:05}.example" for number in range(len(reports), len(reports) + _BATCH)]
        servers = Servers(names, change, seed=len(reports))
        with servers.serving() as port:
            settings = Settings(roots=(PARENT,), parent_servers=(PARENT,), port=port, processes=1)
            transport = NetworkTransport(timeout=0.3 if change else 10, retries=0)
            reports += verify_zones(parse_zones(names), settings=settings, transport=transport)
        assert servers.changed or change is None
        changed += servers.changed
        understandable |= servers.understandable
    return understandable, reports


def test_unchanged_answers_pass() -> None:
    understandable, reports = _verified(None, answers=0)
    assert all(report.passed for report in reports)
    assert len(understandable) == len(reports) == _BATCH


def test_what_is_no_answer_never_passes() -> None:
    def change(wire: bytes, chance: random.Random) -> bytes:
        return chance.choice(NO_ANSWERS)(wire, chance)

    understandable, reports = _verified(change, answers=_CHANGED)
    # Noise may be an answer by chance, but not in the lifetime of anybody.
    assert not understandable
    assert not any(report.passed for report in reports)


def test_changed_answers_do_no_harm() -> None:
    understandable, reports = _verified(mutated, answers=_CHANGED)
    passed = {report.name for report in reports if report.passed}
    assert passed <= understandable
    # Some were changed where it does not matter, or nothing was tried.
    assert understandable and len(passed) < len(reports)


def test_nothing_that_is_altered_is_taken_for_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    observe = mock.Mock(wraps=observe_zone)
    monkeypatch.setattr(_verify, "observe_zone", observe)
    names = [f"zone{number:05}.example" for number in range(max(_CHANGED // 4, 60))]
    # Some two out of three zones get right answers alone.
    servers = Servers(names, mutated, seed=1, seldom=50)
    with servers.serving() as port:
        settings = Settings(
            roots=(PARENT,), parent_servers=(PARENT,), port=port, concurrency=20, limits=Limits(response_time=60)
        )
        reports = verify_zones(
            parse_zones(names), settings=settings, transport=NetworkTransport(timeout=0.5, retries=1)
        )
    alike = set(names) - {call.args[0].text for call in observe.call_args_list}
    assert len(alike) > len(names) // 4
    assert servers.altered and not alike & servers.altered
    assert all(report.passed for report in reports if report.name in alike)


def test_what_is_lost_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    observe = mock.Mock(wraps=observe_zone)
    monkeypatch.setattr(_verify, "observe_zone", observe)
    names = [f"zone{number:05}.example" for number in range(60)]
    servers = Servers(names, lambda _wire, _chance: b"", seed=1, seldom=30)
    with servers.serving() as port:
        settings = Settings(
            roots=(PARENT,), parent_servers=(PARENT,), port=port, concurrency=20, limits=Limits(response_time=60)
        )
        transport = NetworkTransport(timeout=0.5, retries=5)
        reports = verify_zones(parse_zones(names), settings=settings, transport=transport)
    assert all(report.passed for report in reports)
    assert servers.changed > 30
    # Those that were under way before the first was found in order, and few besides.
    assert observe.call_count < 30
