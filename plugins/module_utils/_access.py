# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How single addresses are asked: at which port, and with which key."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps

with deps.declare("dnspython"):
    import dns.tsig

__all__ = ("Access", "split_port")


@dataclass(frozen=True)
class Access:
    """What differs from one address to another.

    :arg ports: by address, where it is not the usual one.
    :arg key: signs questions, so that the server shows the view that goes with it.
    :arg key_servers: the addresses that know the key; None for all but those that are only asked for the way.
    :arg given: addresses of servers that the user gave for the zones' parent; they count as knowing the key.
    """

    ports: t.Mapping[str, int] = field(default_factory=dict)
    key: dns.tsig.Key | None = None
    key_servers: frozenset[str] | None = None
    given: frozenset[str] = frozenset()

    def key_for(self, address: str, *, on_the_way: bool) -> dns.tsig.Key | None:
        """Return the key that signs questions to ``address``, if any.

        :arg on_the_way: whether the server is only asked where the zone is, and need not know the key.
        """
        if self.key_servers is not None:
            return self.key if address in self.key_servers else None
        return self.key if not on_the_way or address in self.given else None


def split_port(text: str) -> tuple[str, int | None]:
    """Return the address and the port of ``ADDRESS@PORT``, or ``text`` and None where it has none.

    :raises ValueError: with the rule that a port breaks.
    """
    address, at, port = text.partition("@")
    if not at:
        return text, None
    if not re.fullmatch(r"[1-9]\d{0,4}", port, re.ASCII) or int(port) > 65535:
        raise ValueError(f"{text!r} has no port from 1 to 65535 behind the @")
    return address, int(port)
