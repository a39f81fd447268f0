# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How one address takes what plain questions do not show: EDNS, recursion, letter case and the like.

This is about the server, not about a zone, so each address is asked once for all zones of a run.
"""

from __future__ import annotations

import asyncio
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._probe_plan import Probe
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response, read_reply
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Protocol, Query, Reply, Transport, Variation

with deps.declare("dnspython"):
    import dns.flags
    import dns.name
    import dns.rdatatype

__all__ = ("UNKNOWN_FLAG", "UNKNOWN_OPTION", "Behaviour", "BehaviourProber", "Outcome", "mixed_case", "outcome_of")

# What DNS Flag Day 2020 settled on, and the least that EDNS allows, which large answers do not fit.
_PAYLOAD, _SMALLEST_PAYLOAD = 1232, 512
# In the range for experiments of RFC 6891 section 9, so no server knows it.
UNKNOWN_OPTION = 65321
# A flag without a meaning.
UNKNOWN_FLAG = 0x0001
_NEXT_VERSION = 1


@dataclass(frozen=True)
class Outcome:
    """What one probe brought, as far as it is not in ``response``.

    :arg edns: the EDNS version of the answer, or None for an answer without EDNS.
    :arg options: the codes of its EDNS options.
    :arg name: the name in the question section as it came back, or None without one.
    :arg texts: the strings of TXT records in the answer, whatever its class.
    """

    response: Response
    edns: int | None = None
    edns_flags: int = 0
    options: frozenset[int] = frozenset()
    recursion_available: bool = False
    truncated: bool = False
    name: dns.name.Name | None = None
    texts: tuple[str, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether anything usable came; silence is no evidence."""
        return self.response.kind != "silent"


Behaviour = t.Mapping[Probe, Outcome]


class BehaviourProber:
    """Asks each address once, however many zones need it.

    :arg label: an unguessable label.
    :arg access: ports and keys of single addresses.
    """

    def __init__(self, transport: Transport, *, port: int, label: str, access: Access | None = None) -> None:
        self._transport = transport
        self._port = port
        self._label = label
        self._access = access or Access()
        self._known: dict[str, asyncio.Future[Behaviour]] = {}

    async def behaviour(
        self, address: str, *, zone: dns.name.Name, protocol: Protocol, probes: t.AbstractSet[Probe]
    ) -> Behaviour:
        """Return what the probes among ``probes`` that are about a server bring.

        :arg zone: a zone that the address serves.
        """
        if address not in self._known:
            self._known[address] = asyncio.ensure_future(self._ask_all(address, zone, protocol, probes))
        return await self._known[address]

    async def _ask_all(
        self, address: str, zone: dns.name.Name, protocol: Protocol, probes: t.AbstractSet[Probe]
    ) -> Behaviour:
        plain = Query(
            address=address,
            port=self._access.ports.get(address, self._port),
            name=zone,
            rdtype=dns.rdatatype.SOA,
            protocol=protocol,
            key=self._access.key_for(address, on_the_way=False),
        )
        queries = {probe: query for probe, query in self._queries(plain).items() if probe in probes}
        replies = await self._transport.ask_all(list(queries.values()))
        outcomes = dict(zip(queries, map(outcome_of, replies)))
        silent = [probe for probe, outcome in outcomes.items() if not outcome.answered]
        # Whoever no longer answers a plain question either is not silent because of what was asked.
        if silent and not outcome_of(await self._transport.ask(plain)).answered:
            outcomes = {probe: outcome for probe, outcome in outcomes.items() if outcome.answered}
        return outcomes

    def _queries(self, plain: Query) -> dict[Probe, Query]:
        nowhere = dns.name.Name((self._label.encode("ascii"), b"invalid", b""))
        version = plain._replace(rdtype=dns.rdatatype.TXT, variation=Variation(chaos=True))
        edns = plain._replace(payload=_PAYLOAD)
        return {
            "edns": edns,
            "edns_version": edns._replace(variation=Variation(edns_version=_NEXT_VERSION)),
            "edns_option": edns._replace(variation=Variation(edns_option=UNKNOWN_OPTION)),
            "edns_flags": edns._replace(variation=Variation(edns_flags=UNKNOWN_FLAG)),
            # Keys and their signatures are the largest that most zones have.
            "truncation": plain._replace(
                rdtype=dns.rdatatype.DNSKEY,
                payload=_SMALLEST_PAYLOAD,
                variation=Variation(edns_flags=dns.flags.DO, keep_truncated=True),
            ),
            # RFC 6761 section 6.4: nobody has names there, and a resolver answers without asking anybody.
            # Those who have a key may be allowed more than everybody.
            "recursion": plain._replace(
                name=nowhere, rdtype=dns.rdatatype.A, key=None, variation=Variation(recursion=True)
            ),
            "letter_case": plain._replace(name=mixed_case(plain.name), rdtype=dns.rdatatype.NS),
            "version_bind": version._replace(name=dns.name.from_text("version.bind.")),
            "version_server": version._replace(name=dns.name.from_text("version.server.")),
        }


def outcome_of(reply: Reply) -> Outcome:
    """Return what ``reply`` says."""
    response, message = read_reply(reply), reply.message
    if message is None:
        return Outcome(response=response)
    return Outcome(
        response=response,
        edns=None if message.edns < 0 else message.edns,
        edns_flags=message.ednsflags,
        options=frozenset(int(option.otype) for option in message.options),
        recursion_available=bool(message.flags & dns.flags.RA),
        truncated=bool(message.flags & dns.flags.TC),
        name=message.question[0].name if message.question else None,
        texts=tuple(
            b"".join(rdata.strings).decode("ascii", "backslashreplace")
            for rrset in message.answer
            if rrset.rdtype == dns.rdatatype.TXT
            for rdata in rrset
        ),
    )


def mixed_case(name: dns.name.Name) -> dns.name.Name:
    """Return ``name`` with every second letter in upper case, the others in lower case."""
    text = name.to_text()
    return dns.name.from_text("".join(c.upper() if index % 2 else c.lower() for index, c in enumerate(text)))
