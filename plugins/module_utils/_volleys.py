# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several questions to one server at once, from one socket.

Nothing is asked again, and failures have no names: what is left without an answer is asked one by one, by what can tell
why. So what goes well, as most does, takes a fraction of the time.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._means import Failed, Means
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import HEADER_LENGTH
from ansible_collections.zonecut.dns.plugins.module_utils._sockets import Line, TcpLine, UdpLine
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Asked, Volley, Volleyed, VolleyReceiver

__all__ = ("begin_volley",)

# The QR bit, in the third octet.
_ANSWER = 0x80
_LineT = t.TypeVar("_LineT", bound=Line)


def begin_volley(means: Means, volley: Volley, receiver: VolleyReceiver) -> Asked:
    """Ask all of it at once; ``receiver`` gets what comes in the time of one try, and is never called before."""
    exchange = _UdpVolley(means, volley, receiver) if volley.protocol == "udp" else _TcpVolley(means, volley, receiver)
    exchange.begin()
    return exchange


class _VolleyExchange(t.Generic[_LineT]):
    """One volley, until what came back is handed on."""

    def __init__(self, means: Means, volley: Volley, receiver: VolleyReceiver) -> None:
        self._means = means
        self._server = (volley.address, volley.port)
        self._receiver: VolleyReceiver | None = receiver
        self._line: _LineT | None = None
        self._sent = self._seconds = 0.0
        # Something came that is no answer.
        self._strange = False
        identifiers = means.random.distinct(len(volley.messages))
        self._messages = volley.messages
        self._wires = [identifier + b"".join(message) for identifier, message in zip(identifiers, volley.messages)]
        self._missing = {identifier: index for index, identifier in enumerate(identifiers)}
        self._found: list[bytes | None] = [None] * len(identifiers)

    def begin(self) -> None:
        """Ask as soon as there is a socket."""
        raise NotImplementedError

    def note_silence(self) -> None:
        """Those who ask one by one say what to make of it."""

    def expire(self, _seconds: float) -> None:
        """Hand on what came by now."""
        self._end(silent=True)

    def cancel(self) -> None:
        """Give up."""
        if self._receiver is not None:
            self._receiver = None
            self._leave()

    def _ask_over(self, line: _LineT | None) -> None:
        """Ask over ``line``, or else over a new one."""
        try:
            self._line = self._new_line() if line is None else line
        except (Failed, OSError):
            self._means.loop.call_soon(self._end)
        else:
            self._means.outbox.add(self._send)

    def _send(self) -> None:
        # It may have been given up by now.
        if self._line is None:
            return
        self._sent = time.monotonic()
        try:
            self._line.ask(self._wires, self._receive)
        except OSError:
            self._means.loop.call_soon(self._end)
        else:
            self._means.expiry.add(self)

    def _new_line(self) -> _LineT:
        raise NotImplementedError

    def _leave(self) -> None:
        """Leave the socket, which may go on to other questions if all of these were answered."""
        raise NotImplementedError

    def _receive(self, wire: bytes, error: OSError | None) -> None:
        if error is not None:
            self._end()
            return
        index = self._missing.get(wire[:2])
        # A forged or stray packet must not end the wait for the true answer (RFC 5452 section 9.1).
        if index is None or not wire.startswith(self._messages[index][1], HEADER_LENGTH) or wire[2] < _ANSWER:
            self._strange = True
            return
        del self._missing[wire[:2]]
        self._found[index] = wire
        self._seconds = time.monotonic() - self._sent
        if not self._missing:
            self._end()

    def _end(self, *, silent: bool = False) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            self._leave()
            receiver(Volleyed(self._found, self._seconds, silent))


class _UdpVolley(_VolleyExchange[UdpLine]):
    def begin(self) -> None:
        """Ask."""
        self._ask_over(self._means.idle.take(self._server))

    def _new_line(self) -> UdpLine:
        return self._means.udp_line(self._server)

    def _leave(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        self._means.expiry.discard(self)
        if self._missing or self._strange:
            line.close()
        else:
            self._means.idle.keep(self._server, line)


class _TcpVolley(_VolleyExchange[TcpLine]):
    _has_turn = False

    def begin(self) -> None:
        """Ask when it is its turn."""
        self._means.connections(self._server).turn(self._take_turn)

    def _take_turn(self, line: TcpLine | None) -> None:
        self._has_turn = True
        self._ask_over(line)

    def _new_line(self) -> TcpLine:
        return self._means.tcp_line(self._server)

    def _leave(self) -> None:
        connections = self._means.connections(self._server)
        if not self._has_turn:
            connections.leave(self._take_turn)
            return
        self._has_turn = False
        self._means.expiry.discard(self)
        line, self._line = self._line, None
        connections.pass_on(line, answered=not self._missing and not self._strange)
