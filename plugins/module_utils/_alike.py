# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones that are alike: one is judged as another was, for its servers say the same but for its name and serial.

Fleets of zones are made from few templates. The checks know a zone by the answers to questions about it, by its
description, and by what all zones of a run have in common, such as the addresses of name servers elsewhere. So once a
zone was found in order, another that is described alike is asked the same questions, and where each answer means the
same, with the one name in place of the other, the checks would find the same: nothing. Where any answer differs, the
zone is looked at in full.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._names import is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._plain_answers import (
    HEADER_LENGTH,
    PlainMessage,
    ReceivedRecord,
    name_wire,
    octets_around,
    read_plain,
)
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._shared_names import Labels, shared_name
from ansible_collections.zonecut.dns.plugins.module_utils._transport import (
    PLAIN,
    Asked,
    Dispatcher,
    Protocol,
    Query,
    Receiver,
    Reply,
    Transport,
    Volley,
    around_name,
)

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("Examples", "Recorder")

_T = t.TypeVar("_T")
# DNSSEC computes digests and signatures from the names of what they are about, so that a copy of them is wrong: DS,
# RRSIG, NSEC, DNSKEY, NSEC3, CDS, CDNSKEY and ZONEMD.
_MADE_OF_NAMES = frozenset((43, 46, 47, 48, 50, 59, 60, 63))
# In the third octet.
_TRUNCATED = 2
_SERIAL_LENGTH, _TIMERS_LENGTH = 4, 20
# Short ones are in every text, and so may be in names that lead to the zone.
_LABEL = re.compile(rb"[a-z0-9](?:[a-z0-9]|-(?!-)){2,61}[a-z0-9]")
# What stands for the name of the zone, and for the one in it that does not exist: no label is so long.
_APEX, _ABSENT = b"\xff", b"\xfe"
# Zones of one key may come from several templates; of many more, each would be tried in vain.
_MOST_EXAMPLES = 8
_TRIED_IN_VAIN = 8
# Servers change the order of records, and of some there are many orders.
_MOST_FORMS = 64
# To make an example takes about as long as it spares for a few.
_FEWEST = 4

# Owner, type, TTL and data of each record.
_Records = tuple[tuple[bytes, int, int, bytes], ...]
# Flags, OPT and the records of each section in an order of their own, since servers change theirs.
_Meaning = tuple[int, t.Optional[tuple[int, int]], tuple[_Records, ...]]


class Recorder(Transport):
    """Asks by way of another transport, and remembers what was asked about zones that are watched."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._watched: dict[Labels, list[Reply]] = {}

    def begin(self, query: Query, receiver: Receiver) -> Asked:
        """Ask; a reply about a watched zone, or a name in it, is remembered."""
        if self._watched:
            labels = query.name.labels
            for index in range(len(labels)):
                replies = self._watched.get(labels[index:])
                if replies is not None:
                    return self._transport.begin(query, _noting(replies, receiver))
        return self._transport.begin(query, receiver)

    def watch(self, zone: dns.name.Name) -> None:
        """Remember what is asked about ``zone`` from now on."""
        self._watched[zone.labels] = []

    def end(self, zone: dns.name.Name) -> list[Reply]:
        """Watch ``zone`` no longer; return what was asked about it."""
        return self._watched.pop(zone.labels)


def _noting(replies: list[Reply], receiver: Receiver) -> Receiver:
    def receive(reply: Reply | BaseException) -> None:
        if isinstance(reply, Reply):
            replies.append(reply)
        receiver(reply)

    return receive


class Examples(t.Generic[_T]):
    """Zones that were found in order, to judge others by.

    :arg transport: what others are asked by.
    :arg zones: all that come.
    :arg slowest: seconds that an answer may take.
    :arg any_serial: whether a zone may have another serial than the example.
    """

    def __init__(self, transport: Dispatcher, zones: t.Iterable[Zone], *, slowest: float, any_serial: bool) -> None:
        self._transport = transport
        self._slowest = slowest
        self._any_serial = any_serial
        kinds: dict[t.Hashable, _Kind[_T]] = {}
        keys = {zone.name: _key(zone) for zone in zones}
        for key in keys.values():
            kinds.setdefault(key, _Kind()).left += 1
        kinds.pop(None, None)
        # By zone; what only few could be like is not worth it.
        self._kinds = {name: kinds[key] for name, key in keys.items() if key in kinds and kinds[key].left > _FEWEST}

    async def match(self, zone: Zone, label: str) -> tuple[_T, int | None] | None:
        """Return what was learned from an example that ``zone`` is like, and the serial of ``zone``.

        :arg label: of a name in the zone that does not exist.
        """
        kind = self._kinds.get(zone.name)
        if kind is None:
            return None
        kind.left -= 1
        if not kind.examples or kind.is_hopeless:
            return None
        # Others may be learned while this one is asked about.
        examples = kind.examples
        first = examples[0]
        names = _Names(zone.name, label)
        answers = await self._answers(first, names)
        if answers is not None:
            for example in examples:
                serials = example.serials_if_alike(first, answers, names)
                if serials is not None and len(serials) < 2 and (self._any_serial or serials == example.serials):
                    kind.use(example)
                    return example.learned, next(iter(serials), None)
        kind.different += 1
        return None

    async def _answers(self, example: _Example[_T], names: _Names) -> list[bytes] | None:
        """Return the answers to the questions of an example about another zone, or None where they cannot be alike."""
        questions = example.questions
        found: list[bytes | None] = [None] * len(questions)
        able = [each for each in example.together if self._transport.takes_volley(*each[0])]
        volleys = [Volley(*server, [questions[index].message(names) for index in indexes]) for server, indexes in able]
        tried = set()
        for (_server, indexes), volleyed in zip(able, await self._transport.ask_volleys(volleys)):
            if volleyed.seconds <= self._slowest:
                for index, answer in zip(indexes, volleyed.answers):
                    found[index] = answer
            if volleyed.silent:
                tried.update(indexes)
        # What was lost or late is asked for itself, as it was of the example, and so is what was truncated.
        left = [index for index, answer in enumerate(found) if answer is None or answer[2] & _TRUNCATED]
        if left:
            replies = await self._transport.ask_all(
                [questions[index].about(names, tried=index in tried and found[index] is None) for index in left]
            )
            for index, reply in zip(left, replies):
                if not questions[index].is_answered_by(reply) or (reply.seconds or 0) > self._slowest:
                    return None
                found[index] = t.cast(PlainMessage, reply.message).wire
        return t.cast("list[bytes]", found)

    def wants(self, zone: Zone) -> bool:
        """Whether an example like ``zone`` would help those that are still to come."""
        kind = self._kinds.get(zone.name)
        return kind is not None and kind.left > _FEWEST and not kind.is_hopeless

    def learn(self, zone: Zone, label: str, replies: t.Sequence[Reply], *, view: ZoneView, learned: _T) -> None:
        """Take ``zone``, in which nothing was found, for an example where it can be one.

        :arg label: of the name in the zone that did not exist.
        :arg replies: all that was asked about the zone.
        :arg learned: what ``match`` returns for others.
        """
        kind = self._kinds[zone.name]
        example = _Example.of(
            _Names(zone.name, label), replies, view=view, learned=learned, most_together=self._transport.most_together
        )
        if example is not None:
            kind.add(example)


def _key(zone: Zone) -> t.Hashable:
    """Return what zones have in common that may be alike, or None for one that no other is like.

    They are below one parent, described alike, and have names of one length, so that pointers lead to the same.
    """
    label, *above = zone.name.labels
    if len(above) < 2 or not _LABEL.fullmatch(label):
        return None
    given = {key: value for key, value in zone.described.items() if key != "name"}
    described = json.dumps(given, sort_keys=True, default=str, ensure_ascii=False).lower() if given else ""
    # The same text in a description might lead into the one zone and not into the other.
    if label.decode("ascii") in described:
        return None
    return (len(label), *above, hashlib.sha256(described.encode("utf-8", "surrogatepass")).digest())


class _Kind(t.Generic[_T]):
    """Zones that may be alike.

    :ivar examples: what most were like first; the list is never changed in place.
    :ivar left: how many are still to come.
    :ivar different: how many were asked for nothing.
    """

    __slots__ = ("_alike", "different", "examples", "left")

    def __init__(self) -> None:
        self.examples: list[_Example[_T]] = []
        self.left = self._alike = self.different = 0

    def use(self, example: _Example[_T]) -> None:
        """Count a zone that is like ``example``."""
        self._alike += 1
        example.used += 1
        if example.used > self.examples[0].used:
            self._rank(self.examples)

    def add(self, example: _Example[_T]) -> None:
        """Take one more example, in place of what fewest were like; or count one that shows nothing new."""
        for known in self.examples:
            if known.is_same(example):
                self.use(known)
                return
        # The new one goes before others that as few were like.
        self._rank(self.examples)
        self._rank([example, *self.examples[: _MOST_EXAMPLES - 1]])

    def _rank(self, examples: list[_Example[_T]]) -> None:
        self.examples = sorted(examples, key=lambda example: -example.used)

    @property
    def is_hopeless(self) -> bool:
        """Whether to try zones costs more than it spares."""
        return self.different > self._alike // 2 + _TRIED_IN_VAIN


class _Names:
    """The name of a zone and the one in it that does not exist, in every form in which they are needed."""

    __slots__ = ("_absent", "_absent_wire", "_label", "apex", "apex_wire", "text")

    def __init__(self, apex: dns.name.Name, label: str) -> None:
        self.apex = apex
        self.apex_wire = name_wire(apex.labels)
        self.text = apex.labels[0]
        self._label = label.encode("ascii")
        self._absent = shared_name((self._label, *apex.labels))
        self._absent_wire = bytes((len(self._label),)) + self._label + _APEX

    def below(self, name: dns.name.Name) -> Labels:
        """Return the labels of a name in the zone above its apex; one that does not exist has one that is empty."""
        labels = name.labels[: len(name.labels) - len(self.apex.labels)]
        return (b"",) if labels == (self._label,) else labels

    def name(self, below: Labels) -> dns.name.Name:
        """Return the name in the zone that ``below`` returned this for."""
        if not below:
            return self.apex
        return self._absent if below == (b"",) else shared_name((*below, *self.apex.labels))

    def wire(self, below: Labels) -> bytes:
        """Return the octets of the name in the zone that ``below`` returned this for."""
        return name_wire(self.name(below).labels) if below else self.apex_wire

    def relative(self, octets: bytes) -> bytes:
        """Return octets with names on the wire in them, those of the zone in place of its own name."""
        return octets.replace(self.apex_wire, _APEX).replace(self._absent_wire, _ABSENT)


class _Question:
    """What one question about an example brought.

    :arg asked: what is asked and how, but for the name of the zone.
    :arg server: address, port and protocol, where it can be asked together with others.
    """

    __slots__ = ("_around", "_below", "_known", "_protocol", "_query", "_text", "asked", "meaning", "serials", "server")

    def __init__(self, reply: Reply, names: _Names) -> None:
        self._query = query = reply.query
        self._protocol = reply.protocol
        self._below = names.below(query.name)
        self.asked = (self._below, *query._replace(name=dns.name.root))
        self.server: tuple[str, int, Protocol] | None = None
        if query.variation == PLAIN and query.key is None and query.protocol == reply.protocol:
            self.server = query.address, query.port, query.protocol
        self._around = around_name(query.rdtype, query.payload, query.dnssec)
        message = t.cast(PlainMessage, reply.message)
        self.meaning, self.serials = _meaning(message, names)
        # Octets that mean the same, less the serial, by where that was cut out, if it was; and in which no name may be.
        self._known: dict[int | None, set[bytes]] = {}
        self._text = b""
        self._remember(message, names)

    def about(self, names: _Names, *, tried: bool) -> Query:
        """Return the same question about another zone, whose answer need not be read."""
        return self._query._replace(name=names.name(self._below), unread=True, tried=tried)

    def message(self, names: _Names) -> tuple[bytes, bytes, bytes]:
        """Return the same question about another zone on the wire, without an ID."""
        before, kind, behind = self._around
        return before, names.wire(self._below) + kind, behind

    def is_answered_by(self, reply: Reply) -> bool:
        """Whether the same question about another zone was answered in the same way."""
        return reply.failure is None and reply.protocol == self._protocol and isinstance(reply.message, PlainMessage)

    def serials_if_alike(self, answer: bytes, names: _Names) -> tuple[int, ...] | None:
        """Return the serials of the zone in an answer, or None for one that means something else."""
        question = names.wire(self._below) + self._around[1]
        if not answer.startswith(question, HEADER_LENGTH):
            return None
        octets = octets_around(answer, len(question))
        for place, known in self._known.items():
            if place is None:
                if octets in known and names.text not in self._text:
                    return ()
            elif octets[:place] + octets[place + _SERIAL_LENGTH :] in known and names.text not in self._text:
                return (int.from_bytes(octets[place : place + _SERIAL_LENGTH], "big"),)
        message = read_plain(answer, identifier=answer[:2], question=question, unread=True)
        if message is None:
            return None
        try:
            meaning, serials = _meaning(message, names)
        except ValueError:
            return None
        if meaning != self.meaning:
            return None
        self._remember(message, names)
        return serials

    def _remember(self, message: PlainMessage, names: _Names) -> None:
        """Take the octets of an answer that means the same for octets that do.

        They mean the same in every zone only as long as its name is nowhere in them but in the question, to which all
        else has pointers.
        """
        octets, place = message.octets, None
        if self.serials:
            place = _place_of_serial(message, names.apex)
            if place is None:
                return
            octets = octets[:place] + octets[place + _SERIAL_LENGTH :]
        text = octets.lower()
        known = self._known.setdefault(place, set())
        if names.text not in text and len(known) < _MOST_FORMS:
            known.add(octets)
            self._text += text + b"\n"


class _Example(t.Generic[_T]):
    """One zone that was found in order.

    :arg around: the names outside of the zone that have to do with it, in lower case.
    :arg most_together: how many questions may be asked at once.
    :ivar used: how many zones were like it.
    :ivar together: what can be asked several at once, by address, port and protocol: indexes of ``questions``.
    """

    __slots__ = ("_around", "_asked", "learned", "questions", "serials", "together", "used")

    def __init__(self, questions: list[_Question], around: bytes, learned: _T, most_together: int) -> None:
        self.questions = questions
        self.serials = frozenset(serial for question in questions for serial in question.serials)
        self.learned = learned
        self.used = 0
        self._asked = [question.asked for question in questions]
        self.together = list(_together(questions, most_together))
        self._around = around

    @classmethod
    def of(
        cls, names: _Names, replies: t.Sequence[Reply], *, view: ZoneView, learned: _T, most_together: int
    ) -> _Example[_T] | None:
        """Return the example that a zone is, or None where it cannot be one."""
        if _depends_on_name(names.apex, replies, view):
            return None
        outside = (name for name in _names_around(view) if not is_in_domain(name, names.apex))
        around = b"\n".join(name.to_text().lower().encode("ascii") for name in outside)
        if not replies or names.text in around:
            return None
        if not all(isinstance(reply.message, PlainMessage) for reply in replies):
            return None
        # Answers come in another order each time.
        questions = sorted((_Question(reply, names) for reply in replies), key=lambda question: repr(question.asked))
        example = cls(questions, around, learned, most_together)
        return example if len(example.serials) < 2 else None

    def is_same(self, other: _Example[_T]) -> bool:
        """Whether another example shows nothing new."""
        return self._asked == other._asked and all(
            mine.meaning == others.meaning for mine, others in zip(self.questions, other.questions)
        )

    def serials_if_alike(self, first: _Example[_T], answers: t.Sequence[bytes], names: _Names) -> frozenset[int] | None:
        """Return the serials of a zone that is like this one, or None for one that is not.

        :arg answers: those to the questions of ``first``.
        """
        if (self is not first and self._asked != first._asked) or names.text in self._around:
            return None
        serials: set[int] = set()
        for question, answer in zip(self.questions, answers):
            found = question.serials_if_alike(answer, names)
            if found is None:
                return None
            serials.update(found)
        return frozenset(serials)


def _together(questions: t.Sequence[_Question], most: int) -> t.Iterator[tuple[tuple[str, int, Protocol], list[int]]]:
    """Yield what can be asked several at once, by server: indexes of ``questions``, at most so many."""
    servers: dict[tuple[str, int, Protocol], list[int]] = {}
    for index, question in enumerate(questions):
        if question.server is not None:
            servers.setdefault(question.server, []).append(index)
    if most > 1:
        for server, indexes in servers.items():
            for at in range(0, len(indexes), most):
                yield server, indexes[at : at + most]


def _depends_on_name(apex: dns.name.Name, replies: t.Sequence[Reply], view: ZoneView) -> bool:
    """Whether what was found to be right of this zone may be wrong of another to the octet."""
    for reply in replies:
        if isinstance(reply.message, PlainMessage):
            for section in reply.message.content.sections:
                if any(record.rdtype in _MADE_OF_NAMES for record in section):
                    return True
    # Addresses may lead back to names of this zone and not to those of another.
    return any(is_in_domain(host, apex) for reverse in view.surroundings.reverses for host in reverse.hosts)


def _names_around(view: ZoneView) -> t.Iterator[dns.name.Name]:
    """Yield the names that the way to a zone led over, and those that lookups brought."""
    for cut in () if view.parent is None else view.parent.views:
        if cut.endpoint.server is not None:
            yield cut.endpoint.server
    around = view.surroundings
    hosts = [server.resolved for server in view.servers]
    hosts += [*around.exchanges, *(primary.host for primary in around.primaries)]
    for host in hosts:
        if host is not None:
            yield host.name
            if host.alias is not None:
                yield host.alias


def _meaning(message: PlainMessage, names: _Names) -> tuple[_Meaning, tuple[int, ...]]:
    """Return what an answer means but for the name and the serial of the zone, and that serial wherever it stands.

    :raises ValueError: for what only dnspython can read.
    """
    content = message.content
    serials: list[int] = []
    sections = []
    for section in content.sections:
        records = []
        for record in section:
            data = record.rdata.to_wire() or b""
            if _is_soa(record, names.apex):
                serials.append(record.rdata.serial)
                at = len(data) - _TIMERS_LENGTH
                data = data[:at] + data[at + _SERIAL_LENGTH :]
            owner = names.relative(name_wire(record.owner.labels))
            records.append((owner, record.rdtype, record.ttl, names.relative(data)))
        sections.append(tuple(sorted(records)))
    return (message.flags, content.opt, tuple(sections)), tuple(serials)


def _place_of_serial(message: PlainMessage, apex: dns.name.Name) -> int | None:
    """Return where the only SOA of the zone has its serial in ``octets``, or None where that is not clear."""
    soas = [record for section in message.content.sections for record in section if _is_soa(record, apex)]
    data: bytes = (soas[0].rdata.to_wire() or b"")[-_TIMERS_LENGTH:]
    if len(soas) != 1 or message.octets.count(data) != 1:
        return None
    return message.octets.index(data)


def _is_soa(record: ReceivedRecord, apex: dns.name.Name) -> bool:
    return record.rdtype == dns.rdatatype.SOA and bool(record.owner == apex)
