# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every kind of parent has in common: it reads and changes delegations.

A kind of parent is one file beside this one. Planning, refusals, normalisation, waiting, reading back and reports are
not its business: ``_delegate`` does them the same way for all.
"""

from __future__ import annotations

import abc
import time
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation, DsForm
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, ZoneTree
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._plan import Operation

with deps.declare("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdatatype

if t.TYPE_CHECKING:
    from ansible_collections.zonecut.dns.plugins.module_utils._files import ZoneFileWriter

__all__ = ("Abilities", "AbsorbedRecord", "BatchParent", "Change", "Parent", "Setting", "Settled", "hidden_rrsets")


@dataclass(frozen=True)
class Abilities:
    """What a kind of parent can hold and do.

    :arg glue: whether it holds addresses of in-domain servers.
    :arg ds: the forms in which it takes what makes a zone secure, none where it takes none. With ``dnskey`` alone, it
        makes the DS records itself.
    :arg asynchronous: whether a change may be accepted and made only later.
    :arg fewest: how many name servers a delegation there has at least.
    :arg most: how many at most, or None.
    :arg batch: whether many delegations change in one request, or in many without waiting for each.
    :arg removes: whether a delegation can be taken away; a registered domain keeps its name servers.
    :arg absorbs: whether records of a zone can be put into the parent zone in place of its delegation.
    """

    glue: bool = True
    ds: tuple[DsForm, ...] = ("ds",)
    asynchronous: bool = False
    fewest: int = 1
    most: int | None = None
    batch: bool = False
    removes: bool = False
    absorbs: bool = False


@dataclass(frozen=True)
class AbsorbedRecord:
    """A record of a zone that is to be one of its parent zone."""

    owner: dns.name.Name
    ttl: int
    rdata: dns.rdata.Rdata

    def __str__(self) -> str:
        return f"{display_name(self.owner)} {self._data}"

    @property
    def line(self) -> str:
        """The record as zone files have it."""
        return f"{self.owner.to_text().lower()} {self._data}"

    @property
    def _data(self) -> str:
        return f"{dns.rdatatype.to_text(self.rdata.rdtype)} {self.rdata.to_text()}"


@dataclass(frozen=True)
class Change:
    """One zone's delegation on its way from ``present`` to ``wanted``; ``operations`` is the plan between them.

    :arg absorbed: records that take the place of the delegation in the parent zone, each RRset that of the same owner
        and type there; only for parents that can absorb.
    """

    zone: Zone
    present: Delegation
    wanted: Delegation
    operations: tuple[Operation, ...]
    absorbed: tuple[AbsorbedRecord, ...] = ()

    @property
    def absorbed_rrsets(self) -> dict[tuple[dns.name.Name, dns.rdatatype.RdataType], list[AbsorbedRecord]]:
        """The absorbed records by owner and type."""
        rrsets: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], list[AbsorbedRecord]] = {}
        for record in self.absorbed:
            rrsets.setdefault((record.owner, record.rdata.rdtype), []).append(record)
        return rrsets


@dataclass(frozen=True)
class Settled:
    """Options as they are used, and what the user may see of them.

    :arg secret: texts that nobody may see, beside the values of options that are declared secret.
    :arg plain: texts in options that are declared secret which are none.
    """

    options: t.Mapping[str, t.Any]
    secret: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Setting:
    """What a parent works in, whatever its kind.

    :arg tree: every described zone.
    :arg timeout: seconds to wait for one answer.
    :arg clock: returns the present time, with its time zone.
    :arg writer: returns what writes zone files in a folder.
    :arg warn: tells the user something that is no error.
    :arg sleep: comes back after so many seconds.
    """

    tree: ZoneTree
    timeout: float
    clock: t.Callable[[], datetime]
    writer: t.Callable[[str], ZoneFileWriter]
    warn: t.Callable[[str], None]
    sleep: t.Callable[[float], None] = time.sleep


class Parent(abc.ABC):
    """One place that holds delegations, open for one task; use it in a ``with`` block.

    :cvar kind: the value of ``type`` that selects it.
    :cvar arguments: its options as an argument spec, documented in a file of ``doc_fragments`` of its own.
    :cvar required: the names of the options it cannot do without.
    :cvar environment: the options that come from ``ZONECUT_KIND_OPTION`` in the environment where they are not given.
    :cvar abilities: what it can hold and do.
    """

    kind: t.ClassVar[str]
    arguments: t.ClassVar[dict[str, dict[str, t.Any]]]
    required: t.ClassVar[tuple[str, ...]] = ()
    environment: t.ClassVar[tuple[str, ...]] = ()
    abilities: t.ClassVar[Abilities]

    def __init__(self, *, name: str, options: t.Mapping[str, t.Any], setting: Setting) -> None:
        """Check the options; reach out to nothing yet.

        :arg options: those of its kind, None where not given; ``zone`` is a name.
        :raises DescriptionError: for options that cannot be used.
        """
        self.name = name
        self.options = options
        self.setting = setting

    @classmethod
    def settle(cls, options: t.Mapping[str, t.Any], *, environment: t.Mapping[str, str], where: str) -> Settled:
        """Return the options with what they only refer to; called once, before there is a session.

        :arg where: the place of the parent, for problems.
        :raises DescriptionError: for what they refer to and is not there.
        """
        return Settled(options)

    def __enter__(self) -> Parent:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    @abc.abstractmethod
    def read(self, zone: Zone) -> Delegation:
        """Return the delegation of ``zone`` as this parent holds it now; the empty one where there is none.

        :raises DelegationError: where that cannot be told.
        """

    def check(self, change: Change) -> None:
        """Look for what would make ``apply`` fail, as far as it shows beforehand; check mode does this as well.

        :raises DelegationError: with what it is.
        """
        return None

    @abc.abstractmethod
    def apply(self, change: Change) -> None:
        """Carry out ``change``, all at once where the protocol can.

        :raises StaleViewError: where nothing was done since the parent no longer holds ``change.present``.
        :raises UnknownOutcomeError: where it cannot be told whether anything was done.
        :raises DelegationError: where the parent refused.
        """

    def ds_form(self, zone: Zone) -> DsForm | None:
        """Return in which form this parent takes what makes ``zone`` secure, None for none; asked after ``read``."""
        return self.abilities.ds[0] if self.abilities.ds else None

    def zone_above(self, zone: Zone) -> dns.name.Name | None:
        """Return the zone that holds the delegation of ``zone``, None where the parent does not tell it.

        It is asked for zones that ``read_all`` has read.
        """
        return None

    def progress(self, zone: Zone) -> str | None:
        """Return what the parent says of the change it accepted last, such as "operation 1 is IN_PROGRESS".

        None where it knows of none. It is asked while ``read`` does not show what was accepted.

        :raises DelegationError: where the parent has given it up, so that waiting is of no use.
        """
        return None

    def hidden_by(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, tuple[str, ...] | DelegationError]:
        """Return, by zone, what would vanish from the net behind each new delegation, one line each; names no glue.

        It is asked right after ``read_all``. A parent that holds nothing but delegations hides nothing.
        """
        return {}

    def lacking(self, zone: Zone, records: t.Sequence[AbsorbedRecord]) -> tuple[AbsorbedRecord, ...]:
        """Return those of the records that the parent zone of ``zone`` does not hold itself.

        :raises DelegationError: where that cannot be told.
        """
        raise DelegationError(f"a parent of type {self.kind} holds delegations only, and none of the records of a zone")

    def read_all(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Delegation | DelegationError]:
        """Read many zones; a parent with a faster way than one by one overrides this."""
        found: dict[dns.name.Name, Delegation | DelegationError] = {}
        for zone in zones:
            try:
                found[zone.name] = self.read(zone)
            except DelegationError as exc:
                found[zone.name] = exc
        return found

    def apply_all(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        """Carry out many changes, each whatever becomes of the others; return those that failed."""
        failed: dict[dns.name.Name, DelegationError] = {}
        for change in changes:
            try:
                self.apply(change)
            except DelegationError as exc:
                failed[change.zone.name] = exc
        return failed

    def close(self) -> None:
        """End the session, if there is one."""
        return None


class BatchParent(Parent):
    """A parent that reads and changes many zones at a time, and one as one of many."""

    def read(self, zone: Zone) -> Delegation:
        found = self.read_all([zone])[zone.name]
        if isinstance(found, DelegationError):
            raise found
        return found

    def apply(self, change: Change) -> None:
        failed = self.apply_all([change])
        if failed:
            raise failed[change.zone.name]

    @abc.abstractmethod
    def read_all(self, zones: t.Sequence[Zone]) -> dict[dns.name.Name, Delegation | DelegationError]:
        """Return the delegation of each zone, or why it cannot be told."""

    @abc.abstractmethod
    def apply_all(self, changes: t.Sequence[Change]) -> dict[dns.name.Name, DelegationError]:
        """Carry out each change, and return those that failed."""


def hidden_rrsets(
    changes: t.Sequence[Change], rrsets: t.Iterable[tuple[dns.name.Name, dns.rdatatype.RdataType]]
) -> dict[dns.name.Name, tuple[str, ...]]:
    """Return, by zone, those RRsets of the parent zone that lie at or below each new cut and become no glue of it."""
    # A DS belongs to the parent's side of the cut, and the others only sign or deny what is named anyway.
    beside_the_point = (dns.rdatatype.DS, dns.rdatatype.RRSIG, dns.rdatatype.NSEC)
    addresses = (dns.rdatatype.A, dns.rdatatype.AAAA)
    glue = {change.zone.name: {server.name for server in change.wanted.name_servers} for change in changes}
    depths = {len(cut) for cut in glue}
    hidden: dict[dns.name.Name, list[str]] = {cut: [] for cut in glue}
    for owner, rdtype in rrsets:
        if rdtype in beside_the_point:
            continue
        for cut in (owner.split(depth)[1] for depth in depths if depth <= len(owner)):
            if cut in glue and not (rdtype in addresses and owner in glue[cut]):
                hidden[cut].append(f"{display_name(owner)} {dns.rdatatype.to_text(rdtype)}")
    return {cut: tuple(sorted(lines)) for cut, lines in hidden.items()}
