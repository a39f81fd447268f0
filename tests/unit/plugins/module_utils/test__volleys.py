# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several questions asked as one: at name servers as others wrote them, and at scripted ones that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import socket
import struct
import threading
import typing as t

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._network import NetworkTransport
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import name_wire
from ansible_collections.zonecut.dns.plugins.module_utils._sockets import RandomOctets
from ansible_collections.zonecut.dns.plugins.module_utils._transport import (
    Dispatcher,
    Protocol,
    Query,
    Volley,
    Volleyed,
    around_name,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils import real_primaries
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_primaries import ADDRESS, ORIGIN

TYPES = ("SOA", "NS", "MX", "TXT", "TYPE65399")
PROTOCOLS: tuple[Protocol, ...] = ("udp", "tcp")
# From the messages received so far to what is sent at once.
Behaviour = t.Callable[[list[bytes]], list[bytes]]


def message(name: str, rdtype: str) -> tuple[bytes, bytes, bytes]:
    before, kind, behind = around_name(dns.rdatatype.from_text(rdtype), 1232, False)
    return before, name_wire(dns.name.from_text(name).labels) + kind, behind


def volley(port: int, protocol: Protocol, *rdtypes: str, name: str = ORIGIN) -> Volley:
    return Volley(ADDRESS, port, protocol, [message(name, rdtype) for rdtype in rdtypes])


def asked(volleys: t.Sequence[Volley], *, timeout: float = 10, rounds: int = 1) -> list[list[Volleyed]]:
    """Return what came back, for each of the rounds that came one after the other."""

    async def ask() -> list[list[Volleyed]]:
        transport = NetworkTransport(timeout=timeout, retries=2)
        return [await transport.ask_volleys(volleys) for _round in range(rounds)]

    return asyncio.run(ask())


def types(volleyed: Volleyed) -> list[str | None]:
    """Return the type that each of the answers is about."""
    return [None if answer is None else _type(answer) for answer in volleyed.answers]


def _type(wire: bytes) -> str:
    return dns.rdatatype.to_text(dns.message.from_wire(wire).question[0].rdtype)


def answer(wire: bytes) -> bytes:
    return dns.message.make_response(dns.message.from_wire(wire)).to_wire()


def everything(messages: list[bytes]) -> list[bytes]:
    return [answer(messages[-1])]


@contextlib.contextmanager
def udp_server(behaviour: Behaviour) -> t.Iterator[int]:
    """Serve in a thread; the block gets the port, which nobody has for TCP."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind((ADDRESS, real_primaries.free_port()))

        def serve() -> None:
            received: list[bytes] = []
            while True:
                wire, source = sock.recvfrom(65535)
                if not wire:
                    return
                received.append(wire)
                for each in behaviour(received):
                    sock.sendto(each, source)

        port = sock.getsockname()[1]
        with _thread(serve):
            yield port
            with socket.socket(type=socket.SOCK_DGRAM) as last:
                last.sendto(b"", (ADDRESS, port))


@contextlib.contextmanager
def tcp_server(behaviour: Behaviour, *, ends_after: int | None = None) -> t.Iterator[tuple[int, list[int]]]:
    """Serve in a thread, one connection after the other; the block gets the port and the messages of each connection.

    :arg ends_after: how many messages a connection is closed after.
    """
    served: list[int] = []
    with socket.create_server((ADDRESS, 0)) as listening:

        def serve() -> None:
            while True:
                connection, _source = listening.accept()
                with connection, connection.makefile("rb") as stream:
                    received: list[bytes] = []
                    served.append(0)
                    while ends_after is None or len(received) < ends_after:
                        length = stream.read(2)
                        if length == b"\0\0":
                            return
                        if len(length) < 2:
                            break
                        received.append(stream.read(struct.unpack("!H", length)[0]))
                        served[-1] += 1
                        connection.sendall(
                            b"".join(struct.pack("!H", len(each)) + each for each in behaviour(received))
                        )

        port = listening.getsockname()[1]
        with _thread(serve):
            yield port, served
            with socket.create_connection((ADDRESS, port)) as last:
                last.sendall(b"\0\0")


@contextlib.contextmanager
def _thread(work: t.Callable[[], None]) -> t.Iterator[None]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)
        assert not thread.is_alive()


def _nsd(folder: pathlib.Path, port: int) -> list[str]:
    (folder / "nsd.conf").write_text(f"""
server:
    ip-address: {ADDRESS}@{port}
    pidfile: ""
    username: ""
    chroot: ""
    database: ""
    zonelistfile: "{folder}/zones"
    xfrdfile: "{folder}/xfrd"
    xfrdir: "{folder}"
remote-control:
    control-enable: no
zone:
    name: {ORIGIN}
    zonefile: {folder}/zone
""")
    return [real_primaries.program("nsd"), "-d", "-c", "nsd.conf"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("software", ["bind", "knot", "nsd", "powerdns"])
def test_real_servers_answer_all_of_it(
    software: str, protocol: Protocol, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(real_primaries.SOFTWARE, "nsd", _nsd)
    with real_primaries.primary(software, tmp_path) as port:
        rounds = asked([volley(port, protocol, *TYPES)] * 3, rounds=20)
    for volleyed in (each for volleys in rounds for each in volleys):
        assert types(volleyed) == list(TYPES)
        soa = dns.message.from_wire(volleyed.answers[0] or b"")
        assert soa.flags & dns.flags.AA and soa.answer[0].name.to_text() == ORIGIN


class TestUdp:
    def test_answers_come_in_any_order(self) -> None:
        with udp_server(lambda got: [answer(each) for each in reversed(got)] if len(got) == 5 else []) as port:
            (((volleyed,),)) = asked([volley(port, "udp", *TYPES)])
        assert types(volleyed) == list(TYPES)

    def test_what_is_lost_costs_one_try(self) -> None:
        with udp_server(lambda got: [] if len(got) == 2 else everything(got)) as port:
            ((volleyed,),) = asked([volley(port, "udp", *TYPES)], timeout=2)
        assert types(volleyed) == ["SOA", None, "MX", "TXT", "TYPE65399"]
        assert volleyed.silent

    @pytest.mark.parametrize(
        "stray",
        [
            lambda _wire: b"",
            lambda wire: wire[:1],
            lambda wire: wire[:2],
            lambda wire: answer(wire)[:12],
            lambda wire: answer(wire)[:20],
            lambda wire: bytes((wire[0] ^ 1, wire[1] ^ 1)) + answer(wire)[2:],
            # The question itself, in another class, and about another type.
            lambda wire: wire,
            lambda wire: answer(wire).replace(b"\0\1", b"\0\3"),
            lambda wire: answer(wire[:-14] + b"\x10" + wire[-13:]),
        ],
    )
    def test_what_is_no_answer_does_not_end_the_wait(self, stray: t.Callable[[bytes], bytes]) -> None:
        with udp_server(lambda got: [stray(got[-1]), answer(got[-1])]) as port:
            ((volleyed,),) = asked([volley(port, "udp", *TYPES)])
        assert types(volleyed) == list(TYPES)
        assert all(found is not None and len(found) > 20 and found[2] & 0x80 for found in volleyed.answers)

    def test_an_answer_counts_once(self) -> None:
        with udp_server(lambda got: everything(got) * 3) as port:
            rounds = asked([volley(port, "udp", *TYPES)], rounds=3)
        assert [types(each) for (each,) in rounds] == [list(TYPES)] * 3

    def test_nobody_there_is_told_at_once(self) -> None:
        port = real_primaries.free_port()
        ((one, two),) = asked([volley(port, "udp", *TYPES), volley(port, "udp", "SOA")], timeout=60)
        assert types(one) == [None] * 5 and types(two) == [None] and not one.silent

    def test_no_way_there_is_told_at_once(self) -> None:
        async def ask() -> list[Volleyed]:
            transport = NetworkTransport(timeout=60, retries=2, source_addresses=["192.0.2.1"])
            return await transport.ask_volleys([volley(53, "udp", "SOA"), volley(53, "tcp", "SOA")])

        assert [types(volleyed) for volleyed in asyncio.run(ask())] == [[None], [None]]

    def test_questions_of_a_volley_share_a_port_and_no_id(self) -> None:
        ports: list[set[int]] = []
        identifiers: list[set[bytes]] = []
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.bind((ADDRESS, 0))

            def serve() -> None:
                for _volley in range(40):
                    got = [sock.recvfrom(65535) for _question in range(5)]
                    ports.append({source[1] for _wire, source in got})
                    identifiers.append({wire[:2] for wire, _source in got})
                    for wire, source in got:
                        sock.sendto(answer(wire), source)

            with _thread(serve):
                asked([volley(sock.getsockname()[1], "udp", *TYPES)], rounds=40)
        assert {len(each) for each in ports} == {1} and {len(each) for each in identifiers} == {5}
        # None is used for more than a few volleys.
        assert len(set.union(*ports)) >= 5


class TestTcp:
    def test_one_connection_takes_one_volley_after_the_other(self) -> None:
        with tcp_server(everything) as (port, served):
            rounds = asked([volley(port, "tcp", *TYPES)], rounds=4)
        assert [types(each) for (each,) in rounds] == [list(TYPES)] * 4
        assert served[0] == 20

    def test_answers_come_in_any_pieces(self) -> None:
        with tcp_server(lambda got: [answer(each) for each in reversed(got)] if len(got) == 5 else []) as (
            port,
            _served,
        ):
            ((volleyed,),) = asked([volley(port, "tcp", *TYPES)])
        assert types(volleyed) == list(TYPES)

    def test_an_answer_counts_once(self) -> None:
        def behaviour(got: list[bytes]) -> list[bytes]:
            answers = [answer(each) for each in got[-5:]]
            return [answers[0], *answers, answers[4]] if len(got) % 5 == 0 else []

        with tcp_server(behaviour) as (port, served):
            rounds = asked([volley(port, "tcp", *TYPES)], rounds=3, timeout=20)
        assert not any(each.silent for (each,) in rounds)
        assert [types(each) for (each,) in rounds] == [list(TYPES)] * 3
        # What sends more than it is asked for is not asked over the same connection again.
        assert served == [5, 5, 5, 0]

    def test_a_server_that_answers_once_a_connection(self) -> None:
        with tcp_server(everything, ends_after=1) as (port, served):
            rounds = asked([volley(port, "tcp", *TYPES)], rounds=3, timeout=60)
        for (each,) in rounds:
            assert types(each)[1:] == [None] * 4 and not each.silent
        # The last one ends the server.
        assert served == [1, 1, 1, 0]

    def test_silence_costs_one_try(self) -> None:
        with tcp_server(lambda _got: []) as (port, _served):
            ((volleyed,),) = asked([volley(port, "tcp", *TYPES)], timeout=0.5)
        assert types(volleyed) == [None] * 5 and volleyed.silent

    def test_nobody_there_is_told_at_once(self) -> None:
        port = real_primaries.free_port()
        ((volleyed,),) = asked([volley(port, "tcp", *TYPES)], timeout=60)
        assert types(volleyed) == [None] * 5


def test_who_gives_up_leaves_nothing_behind() -> None:
    async def ask(port: int) -> list[Volleyed]:
        transport = NetworkTransport(timeout=60, retries=0)
        # More over TCP than there are connections, so that some wait for their turn.
        volleys = [volley(port, protocol, *TYPES) for protocol in PROTOCOLS for _number in range(20)]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(transport.ask_volleys(volleys), 0.3)
        silent.clear()
        return await transport.ask_volleys([volley(port, "udp", *TYPES)])

    silent = [True]
    with udp_server(lambda got: [] if silent else everything(got)) as port, socket.create_server((ADDRESS, port)):
        assert types(asyncio.run(ask(port))[0]) == list(TYPES)


class TestTurns:
    """Which questions may be asked as one, and how many at a time."""

    @staticmethod
    async def _dispatcher(port: int, *, concurrency: int, retries: int = 1, **options: t.Any) -> Dispatcher:
        dispatcher = Dispatcher(NetworkTransport(timeout=2, retries=retries, **options), concurrency=concurrency)
        await dispatcher.ask(Query(ADDRESS, port, dns.name.from_text(ORIGIN), dns.rdatatype.SOA))
        return dispatcher

    @pytest.mark.parametrize(("concurrency", "most"), [(1, 0), (7, 1), (8, 2), (50, 12)])
    def test_there_is_room_for_several(self, concurrency: int, most: int) -> None:
        dispatcher = Dispatcher(NetworkTransport(timeout=1, retries=1), concurrency=concurrency)
        assert dispatcher.most_together == most

    def test_only_an_address_that_has_answered(self) -> None:
        async def ask(port: int) -> list[bool]:
            dispatcher = await self._dispatcher(port, concurrency=5)
            return [
                dispatcher.takes_volley(ADDRESS, port, "udp"),
                dispatcher.takes_volley(ADDRESS, port, "tcp"),
                dispatcher.takes_volley(ADDRESS, port + 1, "udp"),
            ]

        with udp_server(everything) as port:
            assert asyncio.run(ask(port)) == [True, False, False]

    def test_not_a_dead_one(self) -> None:
        async def ask() -> bool:
            port = real_primaries.free_port()
            return (await self._dispatcher(port, concurrency=5)).takes_volley(ADDRESS, port, "udp")

        assert not asyncio.run(ask())

    @pytest.mark.parametrize("options", [{"rate": 1000}, {"retries": 0}])
    def test_not_where_each_question_has_its_turn_or_only_one(self, options: dict[str, t.Any]) -> None:
        async def ask(port: int) -> bool:
            dispatcher = await self._dispatcher(port, concurrency=5, **options)
            return dispatcher.takes_volley(ADDRESS, port, "udp")

        with udp_server(everything) as port:
            assert not asyncio.run(ask(port))

    def test_not_where_some_are_lost(self) -> None:
        async def ask(port: int) -> list[Volleyed]:
            dispatcher = await self._dispatcher(port, concurrency=15)
            assert dispatcher.takes_volley(ADDRESS, port, "udp")
            found = await dispatcher.ask_volleys([volley(port, "udp", *TYPES) for _number in range(20)])
            assert not dispatcher.takes_volley(ADDRESS, port, "udp")
            return found

        # The first of those that come together is answered.
        with udp_server(lambda got: everything(got) if _type(got[-1]) == "SOA" else []) as port:
            found = asyncio.run(ask(port))
        # Those that were under way by the time that three had failed, and nobody waited for the others.
        asked_for = [each for each in found if each.answers]
        assert [types(each) for each in asked_for] == [["SOA", None, None, None, None]] * 5
        assert all(each.silent for each in asked_for) and len(found) == 20

    def test_a_lost_one_out_of_many_is_nothing(self) -> None:
        async def ask(port: int) -> bool:
            dispatcher = await self._dispatcher(port, concurrency=15)
            for _number in range(40):
                await dispatcher.ask_volleys([volley(port, "udp", *TYPES)])
            return dispatcher.takes_volley(ADDRESS, port, "udp")

        with udp_server(lambda got: [] if len(got) % 50 == 3 else everything(got)) as port:
            assert asyncio.run(ask(port))

    def test_one_try_less_is_left(self) -> None:
        async def ask(port: int) -> int:
            transport = NetworkTransport(timeout=0.1, retries=3)
            query = Query(ADDRESS, port, dns.name.from_text(ORIGIN), dns.rdatatype.SOA, tried=True)
            assert (await transport.ask(query)).failure == "timeout"
            return len(received)

        received: list[bytes] = []

        def behaviour(got: list[bytes]) -> list[bytes]:
            received[:] = got
            return []

        with udp_server(behaviour) as port:
            assert asyncio.run(ask(port)) == 3

    def test_no_more_are_under_way_than_may_be(self) -> None:
        most = [0]

        def behaviour(got: list[bytes]) -> list[bytes]:
            # The first was to see that the server is alive.
            if len(got) == 1:
                return everything(got)
            waiting.append(got[-1])
            most[0] = max(most[0], len(waiting))
            if len(waiting) < 5:
                return []
            answers = [answer(each) for each in waiting]
            waiting.clear()
            return answers

        async def ask(port: int) -> list[Volleyed]:
            dispatcher = await self._dispatcher(port, concurrency=9)
            return await dispatcher.ask_volleys([volley(port, "udp", *TYPES) for _number in range(6)])

        waiting: list[bytes] = []
        with udp_server(behaviour) as port:
            assert [types(volleyed) for volleyed in asyncio.run(ask(port))] == [list(TYPES)] * 6
        assert most == [5]

    def test_single_questions_do_not_push_in(self) -> None:
        order: list[int] = []

        def behaviour(got: list[bytes]) -> list[bytes]:
            order.append(dns.message.from_wire(got[-1]).question[0].rdtype)
            return everything(got)

        async def ask(port: int) -> None:
            dispatcher = await self._dispatcher(port, concurrency=5)
            single = [Query(ADDRESS, port, dns.name.from_text(ORIGIN), number) for number in range(100, 140)]
            await asyncio.gather(
                dispatcher.ask_all(single[:20]),
                dispatcher.ask_volleys([volley(port, "udp", *TYPES)]),
                dispatcher.ask_all(single[20:]),
            )

        with udp_server(behaviour) as port:
            asyncio.run(ask(port))
        assert sorted(order[1:21]) == list(range(100, 120))
        assert sorted(order[21:26]) == sorted(dns.rdatatype.from_text(rdtype) for rdtype in TYPES)
        assert sorted(order[26:]) == list(range(120, 140))

    @pytest.mark.parametrize("asking", [True, False])
    def test_who_gives_up_takes_no_slots_along(self, asking: bool) -> None:
        async def ask(port: int) -> Volleyed:
            dispatcher = await self._dispatcher(port, concurrency=5)
            others = [dispatcher.begin_volley(volley(port, "udp", *TYPES), lambda _got: None) for _number in range(3)]
            for other in others if asking else others[1:]:
                other.cancel()
            other.cancel()
            (volleyed,) = await dispatcher.ask_volleys([volley(port, "udp", *TYPES)])
            return volleyed

        with udp_server(everything) as port:
            assert types(asyncio.run(asyncio.wait_for(ask(port), 30))) == list(TYPES)


def test_identifiers_are_distinct(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([b"aabbaa", b"aabbcc"])
    octets = RandomOctets()
    monkeypatch.setattr(octets, "take", lambda count: next(drawn)[:count])
    assert octets.distinct(3) == [b"aa", b"bb", b"cc"]
