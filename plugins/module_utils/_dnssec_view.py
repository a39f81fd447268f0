# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observe keys and signatures: what each address of a zone answers with the DO bit set."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._lazy import lazy
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import SAFE_PAYLOAD, Resolver
from ansible_collections.zonecut.dns.plugins.module_utils._responses import Response
from ansible_collections.zonecut.dns.plugins.module_utils._signatures import JudgedSet, judge_sets
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Protocol

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("DnssecObserver", "SignedAnswers")


@dataclass(frozen=True)
class SignedAnswers:
    """What one address answers with the DO bit set.

    :arg dnskey: its answer to DNSKEY; the others are asked only where the zone is signed.
    :arg soa: SOA at the apex.
    :arg nodata: a type at the apex that nothing uses.
    :arg absent: a name that does not exist.
    :arg nsec: NSEC at the apex, which a zone with NSEC answers and one with NSEC3 denies; ``nsec3param`` NSEC3PARAM,
        where it is the other way round.
    :arg cds: CDS at the apex, ``cdnskey`` CDNSKEY.
    :arg seen_at: when, in seconds since 1970.
    """

    dnskey: Response
    seen_at: float
    soa: Response | None = None
    nodata: Response | None = None
    absent: Response | None = None
    nsec: Response | None = None
    nsec3param: Response | None = None
    cds: Response | None = None
    cdnskey: Response | None = None

    @property
    def zone(self) -> dns.name.Name:
        """The apex."""
        return self.dnskey.query.name

    @property
    def of_apex(self) -> tuple[Response, ...]:
        """The answers that say by their type alone if, and how, the zone is signed."""
        return tuple(response for response in (self.dnskey, self.nsec, self.nsec3param) if response is not None)

    @property
    def responses(self) -> tuple[Response, ...]:
        """Everything that was asked."""
        given = (self.dnskey, self.soa, *self.denials, self.cds, self.cdnskey)
        return tuple(response for response in given if response is not None)

    @property
    def denials(self) -> tuple[Response, ...]:
        """The answers that show how the zone denies what it has not; those to CDS and CDNSKEY prove nothing more."""
        given = (self.nodata, self.absent, self.nsec, self.nsec3param)
        return tuple(response for response in given if response is not None)

    @lazy
    def keys(self) -> tuple[t.Any, ...]:
        """The DNSKEY rdatas, none where the address has none or is silent."""
        return tuple(record.rdata for record in self.dnskey.matching)

    @property
    def told(self) -> bool:
        """Whether it said if there are keys."""
        return self.dnskey.kind not in ("silent", "rcode")

    @lazy
    def dnskey_set(self) -> JudgedSet | None:
        """The keys with the signatures over them."""
        return self._at_apex(self.dnskey)

    @lazy
    def cds_set(self) -> JudgedSet | None:
        """The CDS set at the apex."""
        return self._at_apex(self.cds)

    @lazy
    def cdnskey_set(self) -> JudgedSet | None:
        """The CDNSKEY set at the apex."""
        return self._at_apex(self.cdnskey)

    @lazy
    def judged(self) -> tuple[JudgedSet, ...]:
        """Each RRset that has to be signed for the zone to resolve: keys, SOA, and what proves negative answers."""
        found = [self.dnskey_set, self._at_apex(self.soa)]
        for response in self.denials:
            sets = judge_sets((*response.answer, *response.authority), zone=self.zone, keys=self.keys, now=self.seen_at)
            found += [each for each in sets if _proves(each, response)]
        # Different answers often hold the same proof, yet not always with the same signatures.
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def _at_apex(self, response: Response | None) -> JudgedSet | None:
        if response is None:
            return None
        sets = judge_sets(response.answer, zone=self.zone, keys=self.keys, now=self.seen_at)
        return next((each for each in sets if (each.owner, each.rdtype) == (self.zone, response.query.rdtype)), None)


def _proves(judged: JudgedSet, response: Response) -> bool:
    if judged.rdtype in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3):
        return True
    # Resolvers have no use for it.
    if judged.rdtype == dns.rdatatype.NSEC3PARAM:
        return False
    # What a wildcard brought in place of the name that does not exist.
    return judged.owner == response.query.name and judged.rdtype in (response.query.rdtype, dns.rdatatype.CNAME)


class DnssecObserver:
    """Asks the addresses of one zone, each question once: an unsigned zone costs one question for each address.

    :arg absent: a name that does not exist, if one can be made.
    :arg unused: a type that no zone has.
    :arg clock: seconds since 1970.
    """

    def __init__(
        self,
        zone: dns.name.Name,
        *,
        resolver: Resolver,
        absent: dns.name.Name | None,
        unused: int,
        clock: t.Callable[[], float],
    ) -> None:
        self._zone = zone
        self._resolver = resolver
        self._clock = clock
        self._questions: dict[str, tuple[dns.name.Name, int]] = {
            "soa": (zone, dns.rdatatype.SOA),
            "nodata": (zone, unused),
            "nsec": (zone, dns.rdatatype.NSEC),
            "nsec3param": (zone, dns.rdatatype.NSEC3PARAM),
            "cds": (zone, dns.rdatatype.CDS),
            "cdnskey": (zone, dns.rdatatype.CDNSKEY),
        }
        if absent is not None:
            self._questions["absent"] = (absent, dns.rdatatype.A)
        self._seen: dict[str, SignedAnswers] = {}

    async def observe(self, addresses: t.Mapping[str, Protocol]) -> t.Mapping[str, SignedAnswers]:
        """Return what each of these addresses, and those of earlier calls, answers.

        :arg addresses: what to ask each by.
        """
        new = {address: protocol for address, protocol in addresses.items() if address not in self._seen}
        keys = await self._ask(
            (address, self._zone, dns.rdatatype.DNSKEY, protocol) for address, protocol in new.items()
        )
        seen_at = self._clock()
        self._seen.update((each.query.address, SignedAnswers(dnskey=each, seen_at=seen_at)) for each in keys)
        # Without its keys nothing at an address can be judged.
        signed = [address for address, answers in self._seen.items() if answers.keys and answers.soa is None]
        others = iter(
            await self._ask(
                (address, name, rdtype, self._seen[address].dnskey.query.protocol)
                for address in signed
                for name, rdtype in self._questions.values()
            )
        )
        for address in signed:
            found: dict[str, t.Any] = dict(zip(self._questions, others))
            self._seen[address] = replace(self._seen[address], **found)
        return self._seen

    async def _ask(self, questions: t.Iterable[tuple[str, dns.name.Name, int, Protocol]]) -> list[Response]:
        return await self._resolver.ask_all(
            [
                self._resolver.query(address, name, rdtype, protocol=protocol, payload=SAFE_PAYLOAD, dnssec=True)
                for address, name, rdtype, protocol in questions
            ]
        )
