# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session with a primary server: signed questions, updates and transfers, many at a time over one connection."""

from __future__ import annotations

import collections
import secrets
import select
import socket
import ssl
import time
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    RejectedKeyError,
    UnknownOutcomeError,
    UnverifiedReplyError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._gss_tsig import GssTsig
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._tls import Tls, has_ended, tls_failure
from ansible_collections.zonecut.dns.plugins.module_utils._tsig import lacks_signature, read_answer, rejection

with deps.declare("dnspython"):
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.opcode
    import dns.rcode
    import dns.tsig
    import dns.update
    import dns.xfr
    import dns.zone

__all__ = ("PrimarySession",)

# Sent ahead of their answers; more gain nothing and fill the buffers of both sides.
_WINDOW = 64
_ATTEMPTS = 3
# Messages in a row that only bring an end; a server that ends all connections has too many of them.
_MOST_BARREN = 3
# A larger message would be cut into fragments on its way, which many networks drop (DNS flag day 2020).
_MAX_UDP_SIZE = 1232

_Reply = t.Union["dns.message.Message", DelegationError]


class PrimarySession:
    """Questions and updates to one server, signed with one key, over one TCP connection (or UDP).

    :arg server: address or host name.
    :arg key: the TSIG key, None for messages without signature, or what agrees on a new key for each connection.
    :arg timeout: seconds to wait for one answer.
    :arg tls: secures the connection, or None for plain text.
    """

    def __init__(
        self,
        *,
        server: str,
        port: int,
        protocol: t.Literal["tcp", "udp"],
        key: dns.tsig.Key | GssTsig | None,
        timeout: float,
        tls: Tls | None = None,
    ) -> None:
        self._server = server
        self._port = port
        self._protocol = protocol
        self._negotiation = key if isinstance(key, GssTsig) else None
        self._key = None if isinstance(key, GssTsig) else key
        self._timeout = timeout
        self._tls = tls
        self._socket: socket.socket | None = None
        # Over the present connection, and how many the server gives over one, once that is known.
        self._answers = 0
        self._most_answers: int | None = None
        self._has_answered = False

    def __str__(self) -> str:
        return f"{self._server} port {self._port}"

    def ask(self, queries: t.Sequence[dns.message.Message]) -> list[_Reply]:
        """Return the reply to each query, or why there is none; a lost query is asked again."""
        return self._exchange(queries, attempts=_ATTEMPTS)

    def update(self, updates: t.Sequence[dns.update.UpdateMessage]) -> list[_Reply]:
        """Return the reply to each update, or why there is none: UnknownOutcomeError once it may have been received.

        No update is sent twice.
        """
        return self._exchange(updates, attempts=1)

    def transfer(self, origin: dns.name.Name) -> dns.zone.Zone:
        """Return the whole zone ``origin``, names absolute.

        :raises RejectedKeyError: where the server does not take the key.
        :raises DelegationError: where the server does not hand it out.
        """
        zone = dns.zone.Zone(origin, relativize=False)
        query, _serial = dns.xfr.make_query(zone)
        try:
            self._transfer(zone, query)
        except dns.tsig.PeerError as exc:
            self.close()
            raise self._rejected(exc) from exc
        except (dns.exception.DNSException, OSError, EOFError) as exc:
            self.close()
            raise DelegationError(
                f"{self} does not hand out the zone {display_name(origin)} ({str(exc) or type(exc).__name__})"
            ) from exc
        return zone

    def close(self) -> None:
        """Close the connection, if there is one; the next message opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._answers = 0

    def _transfer(self, zone: dns.zone.Zone, query: dns.message.Message) -> None:
        connection = self._connect()
        _send_frame(connection, self._signed(query), timeout=self._timeout)
        context: t.Any = None
        with dns.xfr.Inbound(zone) as inbound:
            done = False
            while not done:
                reply = dns.message.from_wire(
                    _receive_frame(connection, deadline=time.monotonic() + self._timeout),
                    keyring=query.keyring,
                    request_mac=query.mac,
                    xfr=True,
                    origin=zone.from_wire_origin(),
                    tsig_ctx=context,
                    multi=True,
                )
                # Only the first message has to repeat the question (RFC 5936 section 2.2.1).
                if reply.id != query.id or not reply.flags & dns.flags.QR:
                    raise dns.exception.FormError("something else was answered than asked")
                done = inbound.process_message(reply)
                context = reply.tsig_ctx

    def _exchange(self, messages: t.Sequence[dns.message.Message], *, attempts: int) -> list[_Reply]:
        # Answers may come out of order (RFC 7766 section 6.2.1.1), so each message in flight needs its own ID.
        first_id = secrets.randbits(16)
        for index, message in enumerate(messages):
            message.id = (first_id + index) % 65536
        if self._protocol == "udp":
            return [self._exchange_udp(message, attempts=attempts) for message in messages]
        return self._exchange_tcp(messages, attempts=attempts)

    def _exchange_tcp(self, messages: t.Sequence[dns.message.Message], *, attempts: int) -> list[_Reply]:
        replies: dict[int, _Reply] = {}
        waiting = collections.deque(range(len(messages)))
        lost: collections.Counter[int] = collections.Counter()
        window, barren = _WINDOW, 0
        while waiting:
            try:
                connection = self._connect()
            except (OSError, EOFError) as exc:
                replies.update(dict.fromkeys(waiting, DelegationError(self._unreachable(exc))))
                break
            except DelegationError as exc:
                replies.update(dict.fromkeys(waiting, exc))
                break
            flying: dict[int, int] = {}
            answered = False
            try:
                while waiting or flying:
                    while waiting and self._may_send(len(flying), window=window):
                        index = waiting.popleft()
                        try:
                            wire = self._signed(messages[index])
                        except dns.exception.DNSException as exc:
                            replies[index] = DelegationError(f"what {self} is to be sent is no DNS message ({exc})")
                            continue
                        flying[messages[index].id] = index
                        _send_frame(connection, wire, timeout=self._timeout)
                    if not flying:
                        break
                    wire = _receive_frame(connection, deadline=time.monotonic() + self._timeout)
                    index = flying.pop(int.from_bytes(wire[:2], "big"), -1)
                    if index >= 0:
                        answered, barren, self._has_answered = True, 0, True
                        self._answers += 1
                        window = min(window + 1, _WINDOW)
                        replies[index] = self._read_reply(messages[index], wire)
                if waiting:
                    # It has given all the answers that this server gives over one connection.
                    self.close()
            except (OSError, EOFError) as exc:
                ended_by_server = not isinstance(exc, socket.timeout)
                if ended_by_server and answered:
                    # What comes in after the end (tcp-query-count of NSD, max-tcp-transactions-per-conn of PowerDNS)
                    # resets the connection, and answers that are on their way with it.
                    self._most_answers = self._answers
                self.close()
                if not answered:
                    window, barren = 1, barren + 1
                # A query that brought the end upon itself will do so again, one that only shared its connection not.
                blamed = not (ended_by_server and answered)
                given_up = False
                for index in sorted(flying.values(), reverse=True):
                    lost[index] += blamed
                    if attempts > 1 and lost[index] < attempts:
                        waiting.appendleft(index)
                    else:
                        given_up = True
                        replies[index] = self._no_reply(exc)
                goes_on = ended_by_server and self._has_answered and barren < _MOST_BARREN * attempts
                if given_up and not answered and not goes_on:
                    # A server that answers nothing at all costs one timeout, not one for each window.
                    replies.update(dict.fromkeys(waiting, DelegationError(f"{self} does not answer over TCP ({exc})")))
                    break
        return [replies[index] for index in range(len(messages))]

    def _may_send(self, flying: int, *, window: int) -> bool:
        """Return whether another message may follow that many that are under way."""
        return flying < window and (self._most_answers is None or self._answers + flying < self._most_answers)

    def _exchange_udp(self, message: dns.message.Message, *, attempts: int) -> _Reply:
        try:
            if self._negotiation is not None and self._key is None:
                # Tickets of Active Directory are often too large for UDP.
                self._connect()
            wire = self._signed(message)
        except (OSError, EOFError) as exc:
            return DelegationError(self._unreachable(exc))
        except DelegationError as exc:
            return exc
        if len(wire) > _MAX_UDP_SIZE:
            return self._exchange_tcp([message], attempts=attempts)[0]
        failure: Exception = EOFError()
        for _attempt in range(attempts):
            try:
                with self._open(socket.SOCK_DGRAM) as connection:
                    connection.sendall(wire)
                    reply = _receive_datagram(connection, message.id, deadline=time.monotonic() + self._timeout)
            except OSError as exc:
                failure = exc
                continue
            read = self._read_reply(message, reply)
            if isinstance(read, dns.message.Message) and read.flags & dns.flags.TC:
                return self._exchange_tcp([message], attempts=attempts)[0]
            return read
        return self._no_reply(failure)

    def _connect(self) -> socket.socket:
        # Nothing is due between two exchanges: what can be read now is the end of a connection that was idle too long.
        if self._socket is not None and self._is_over(self._socket):
            self.close()
        if self._socket is None:
            self._socket = connection = self._open(socket.SOCK_STREAM)
            if self._negotiation is not None:
                try:
                    self._key = self._negotiation.negotiate(lambda wire: self._one_exchange(connection, wire))
                except BaseException:
                    self.close()
                    raise
        return self._socket

    def _is_over(self, connection: socket.socket) -> bool:
        if isinstance(connection, ssl.SSLSocket):
            return has_ended(connection)
        return bool(select.select([connection], [], [], 0)[0])

    def _one_exchange(self, connection: socket.socket, wire: bytes) -> bytes:
        _send_frame(connection, wire, timeout=self._timeout)
        return _receive_frame(connection, deadline=time.monotonic() + self._timeout)

    def _open(self, kind: socket.SocketKind) -> socket.socket:
        failure: OSError | None = None
        for family, _kind, protocol, _name, address in socket.getaddrinfo(self._server, self._port, type=kind):
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(self._timeout)
            if kind == socket.SOCK_STREAM:
                # Otherwise each message waits for the server to acknowledge the one before, up to 40 ms.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                connection.connect(address)
                if self._tls is not None:
                    return self._tls.wrap(connection)
            except OSError as exc:
                connection.close()
                failure = exc
            else:
                return connection
        raise failure or OSError(f"{self._server} has no address")

    def _read_reply(self, message: dns.message.Message, wire: bytes) -> _Reply:
        try:
            reply = read_answer(wire, request=message, key=self._key)
        except dns.tsig.PeerError as exc:
            return self._rejected(exc)
        except dns.tsig.BadSignature:
            # Samba signs before it knows what goes wrong with an update.
            rcode = dns.rcode.to_text(dns.rcode.Rcode(wire[3] & 15))
            return UnverifiedReplyError(
                f"{self} answers {rcode}, and the signature of the answer does not hold, so it may be anybody's",
                rcode=rcode,
            )
        except (dns.exception.DNSException, ValueError) as exc:
            return UnknownOutcomeError(f"the answer of {self} cannot be read ({str(exc) or type(exc).__name__})")
        if not message.is_response(reply):
            return UnknownOutcomeError(f"{self} answered something else than it was asked")
        # PowerDNS says no more of a key that it does not take. An update may also be for a zone that it does not have.
        if self._key is not None and not reply.had_tsig and _says_not_authorized(reply):
            return RejectedKeyError(
                f"{self} does not take the key {display_name(self._key.name)} (NOTAUTH):"
                " check key_name, key_secret and key_algorithm, and that the server has this key"
            )
        if lacks_signature(reply, self._key):
            return UnknownOutcomeError(f"the answer of {self} is not signed, so it may be anybody's")
        return reply

    def _signed(self, message: dns.message.Message) -> bytes:
        if self._key is not None:
            message.use_tsig(self._key)
        return message.to_wire()

    def _unreachable(self, failure: Exception) -> str:
        if isinstance(failure, ssl.SSLError):
            return f"{self}: {tls_failure(failure)}"
        reason = getattr(failure, "strerror", None) or failure
        return f"{self} cannot be reached over {'TCP' if self._tls is None else 'TLS'} ({reason})"

    def _rejected(self, exc: Exception) -> RejectedKeyError:
        if self._negotiation is not None and not isinstance(exc, dns.tsig.PeerBadTime):
            return RejectedKeyError(
                f"{self} does not take the key that it has agreed on by GSS-TSIG ({exc}): run again"
            )
        return RejectedKeyError(f"{self} {rejection(exc, self._key)}")

    def _no_reply(self, failure: Exception) -> DelegationError:
        hint = "" if self._tls is None else "; if it wants a certificate of this host, give client_cert"
        return UnknownOutcomeError(f"{self} did not answer before the connection ended ({failure}){hint}")


def _says_not_authorized(reply: dns.message.Message) -> bool:
    return reply.opcode() == dns.opcode.QUERY and reply.rcode() == dns.rcode.NOTAUTH


def _send_frame(connection: socket.socket, wire: bytes, *, timeout: float) -> None:
    connection.settimeout(timeout)
    connection.sendall(len(wire).to_bytes(2, "big") + wire)


def _receive_frame(connection: socket.socket, *, deadline: float) -> bytes:
    return _receive_exactly(
        connection, int.from_bytes(_receive_exactly(connection, 2, deadline=deadline), "big"), deadline=deadline
    )


def _receive_exactly(connection: socket.socket, size: int, *, deadline: float) -> bytes:
    received = b""
    while len(received) < size:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        part = connection.recv(size - len(received))
        if not part:
            raise EOFError("connection closed by the server")
        received += part
    return received


def _receive_datagram(connection: socket.socket, message_id: int, *, deadline: float) -> bytes:
    while True:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        wire = connection.recv(65535)
        if int.from_bytes(wire[:2], "big") == message_id:
            return wire
