# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A provider class of octoDNS whose service is in this process: the least careful one that octoDNS lets there be.

It makes one change a request, in the order in which a plan lists them, shows what it has read before until it has
changed something itself, and talks all the time.
"""

from __future__ import annotations

import functools
import logging
import typing as t

from octodns.provider.base import BaseProvider
from octodns.record import Create, Record, Update
from octodns.zone import Zone

__all__ = ("PROVIDER_CLASS", "TOKEN", "MemoryProvider", "Service", "service")

PROVIDER_CLASS = f"{__name__}.MemoryProvider"
TOKEN = "octo/secret token"

Records = dict[tuple[str, str], dict[str, t.Any]]


class Service:
    """What is behind the provider.

    :ivar zones: by name, the data of each record by its relative name and type.
    :ivar log: every request, such as "read" and "create shop NS".
    :ivar before_change: is called once, just before the next change.
    :ivar lying: whether to answer the next request for a change with success and to do nothing.
    :ivar late: how many readings after a change show what was there before it.
    :ivar fail: raises what a request, as in the log, is to fail with.
    """

    def __init__(self) -> None:
        self.zones: dict[str, Records] = {}
        self.log: list[str] = []
        self.before_change: t.Callable[[], None] | None = None
        self.lying = False
        self.late = 0
        self.shown_before: tuple[int, Records] = (0, {})
        self.fail: t.Callable[[str], None] = lambda _request: None
        self._loses: tuple[int, bool] | None = None

    @property
    def changes(self) -> int:
        return sum(request not in ("read", "list") for request in self.log)

    def lose(self, request: int, *, done: bool) -> None:
        """Lose the connection at that request from now, after or before it was carried out."""
        self._loses = (len(self.log) + request, done)

    def lost(self) -> bool:
        """Whether that has happened; forget it otherwise."""
        happened, self._loses = self._loses is None, None
        return happened

    def request(self, name: str, work: t.Callable[[], t.Any]) -> t.Any:
        """Do the work, unless something is to go wrong."""
        number = len(self.log)
        lost = self._loses if self._loses is not None and self._loses[0] == number else None
        if lost is not None:
            self._loses = None
        self.log.append(name)
        if lost is not None and not lost[1]:
            raise ConnectionResetError("connection reset by peer")
        self.fail(name)
        if name not in ("read", "list"):
            interfere, self.before_change = self.before_change, None
            if interfere is not None:
                interfere()
        result = work()
        if lost is not None:
            raise TimeoutError("timed out")
        return result


_SERVICES: dict[str, Service] = {}


def service(name: str) -> Service:
    """Return the service of that name."""
    return _SERVICES.setdefault(name, Service())


class MemoryProvider(BaseProvider):  # type: ignore[misc]
    """Refuses any token but TOKEN."""

    SUPPORTS_GEO = False
    SUPPORTS_ROOT_NS = True
    SUPPORTS = {"A", "AAAA", "ALIAS", "CNAME", "DNAME", "DS", "MX", "NS", "TXT"}

    def __init__(self, id: str, service_name: str, token: str, **options: t.Any) -> None:
        self.log = logging.getLogger(f"MemoryProvider[{id}]")
        self.log.warning("the token is %s", token)
        print(f"the token is {token}")
        super().__init__(id, **options)
        self._service = service(service_name)
        self._token = token
        self._seen: dict[str, Records | None] = {}

    def list_zones(self) -> list[str]:
        return t.cast("list[str]", self._service.request("list", lambda: list(self._service.zones)))

    def populate(self, zone: Zone, target: bool = False, lenient: bool = False) -> bool:
        print(f"reading {zone.name}")
        if zone.name not in self._seen:
            self._seen[zone.name] = self._service.request("read", lambda: self._read(zone.name))
        seen = self._seen[zone.name]
        for (name, _type), data in (seen or {}).items():
            zone.add_record(Record.new(zone, name, data, source=self, lenient=lenient), lenient=lenient)
        return seen is not None

    def _read(self, zone: str) -> Records | None:
        if self._token != TOKEN:
            raise PermissionError(f"Unauthorized: https://service.test/zones?token={self._token}")
        found = self._service.zones.get(zone)
        left, before = self._service.shown_before
        if left:
            self._service.shown_before = (left - 1, before)
            return before
        return None if found is None else dict(found)

    def _apply(self, plan: t.Any) -> None:
        records = self._service.zones[plan.desired.name]
        if self._service.lying:
            self._service.lying = False
            return
        self._service.shown_before = (self._service.late, dict(records))
        # What is desired is the whole zone: some providers write just that.
        desired = {(record.name, record._type) for record in plan.desired.records}
        for change in plan.changes:
            self._service.request(
                f"{type(change).__name__.lower()} {change.record.name} {change.record._type}",
                functools.partial(self._make, records, change),
            )
        assert set(records) <= desired, "what is desired lacks records"
        self._seen.pop(plan.desired.name, None)

    def _make(self, records: Records, change: t.Any) -> None:
        key = (change.record.name, change.record._type)
        if isinstance(change, (Create, Update)):
            if key[1] == "DS" and (key[0], "NS") not in records:
                raise ValueError("a DS needs NS records")
            records[key] = {"type": key[1], **change.new.data}
        else:
            del records[key]
