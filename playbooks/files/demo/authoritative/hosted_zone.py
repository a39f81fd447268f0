# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One zone on one server over time: loading, reloading, updating, and keeping a secondary fresh."""

from __future__ import annotations

import asyncio
import logging
import os
import time
import typing as t

import dns.exception
import dns.inet
import dns.message

from .config import Endpoint, ServerConfig, ZoneConfig
from .message import Keyring
from .transfer import TransferFailed, fetch_newer, notify
from .update import apply_update, is_newer
from .zone import Zone, load_zone, save_zone

__all__ = ["HostedZone"]

_log = logging.getLogger(__name__)
_RETRY_WITHOUT_ZONE = 2.0


class HostedZone:
    """`current` is what is served; None while there is nothing to serve (answered with SERVFAIL)."""

    def __init__(self, config: ZoneConfig, *, server: ServerConfig, keyring: Keyring) -> None:
        self.config = config
        self.current: Zone | None = None
        self._server = server
        self._keyring = keyring
        self._stamp: tuple[int, int, int] | None = None
        self._refresh_now = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        if config.type == "secondary":
            self._start(self._stay_fresh())

    def __str__(self) -> str:
        return f"zone {self.config.name} on {self._server.name}"

    def load(self) -> str | None:
        """Read the file if it changed. A broken file keeps the old zone; its fault is logged and returned."""
        try:
            stamp = self._file_stamp()
            if stamp == self._stamp:
                return None
            loaded = load_zone(self.config.file, origin=self.config.name)
        except FileNotFoundError as error:
            if self.config.type == "secondary":
                return None
            return self._fault(error)
        except (OSError, ValueError, dns.exception.DNSException) as error:
            return self._fault(error)
        if self.current is not None and not is_newer(loaded.serial, self.current.serial):
            _log.warning("%s: changed, but serial %d is not newer than %d", self, loaded.serial, self.current.serial)
        self._stamp = stamp
        self._serve(loaded)
        return None

    def update(self, message: dns.message.Message) -> None:
        """Apply a dynamic update and write the file. Raises UpdateRefused, or OSError when it cannot be written."""
        assert self.current is not None
        updated = apply_update(self.current, message)
        if updated is not self.current:
            self._save(updated)

    def refresh(self) -> None:
        """Ask the primaries now, as a NOTIFY wants."""
        self._refresh_now.set()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _fault(self, error: Exception) -> str:
        fault = f"{self}: {self.config.file}: {error}"
        _log.error("%s; %s", fault, "serving the zone as it was" if self.current else "nothing to serve")
        return fault

    def _file_stamp(self) -> tuple[int, int, int]:
        status = os.stat(self.config.file)
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _save(self, zone: Zone) -> None:
        save_zone(zone, self.config.file)
        self._stamp = self._file_stamp()
        self._serve(zone)

    def _serve(self, zone: Zone) -> None:
        self.current = zone
        _log.info("%s: serving serial %d", self, zone.serial)
        for target in self.config.notify:
            self._start(self._notify(zone, target))

    def _start(self, work: t.Coroutine[t.Any, t.Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self, zone: Zone, target: Endpoint) -> None:
        if not await notify(zone, target, source=self._source(target)):
            _log.warning("%s: no answer to NOTIFY from %s", self, target)

    def _source(self, target: Endpoint) -> str | None:
        """Our own address towards `target`, because peers recognise each other by address."""
        family = dns.inet.af_for_address(target.address)
        own = (endpoint.address for endpoint in self._server.endpoints)
        return next((address for address in own if dns.inet.af_for_address(address) == family), None)

    async def _stay_fresh(self) -> None:
        fresh_at = time.monotonic()
        while True:
            self._refresh_now.clear()
            fresh = await self._fetch()
            if fresh:
                fresh_at = time.monotonic()
            elif self.current is not None and time.monotonic() - fresh_at > self.current.soa[0].expire:
                _log.error("%s: expired", self)
                self.current = None
            try:
                await asyncio.wait_for(self._refresh_now.wait(), self._pause(fresh=fresh))
            except asyncio.TimeoutError:
                continue

    def _pause(self, *, fresh: bool) -> float:
        if self.current is None:
            return _RETRY_WITHOUT_ZONE
        soa = self.current.soa[0]
        return float(soa.refresh if fresh else soa.retry)

    async def _fetch(self) -> bool:
        for primary in self.config.primaries:
            try:
                newer = await fetch_newer(
                    self.config.name,
                    primary,
                    source=self._source(primary),
                    known=self.current,
                    keyring=self._keyring,
                    key=self.config.key,
                )
                if newer is not None:
                    self._save(newer)
                return True
            except (TransferFailed, OSError) as error:
                _log.warning("%s: no transfer from %s", self, error)
        return False
