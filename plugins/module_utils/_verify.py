# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify zones: observe each, judge it, and ask those that fail again for as long as the user wants to wait."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access
from ansible_collections.zonecut.dns.plugins.module_utils._back_off import back_off
from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import (
    ALWAYS,
    CATALOGUE,
    FAMILIES,
    CheckSettings,
)
from ansible_collections.zonecut.dns.plugins.module_utils._checks.judge import judge
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._findings import (
    SEVERITIES,
    Finding,
    Severity,
    at_least,
    root_causes,
)
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ZoneView, observe_zone
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import INTERNET_ROOTS, Resolver
from ansible_collections.zonecut.dns.plugins.module_utils._serial import newest
from ansible_collections.zonecut.dns.plugins.module_utils._through_resolver import (
    SEEN_THROUGH_RESOLVER,
    ResolvedZone,
    ask_resolver,
    held_in_cache,
    resolver_findings,
)
from ansible_collections.zonecut.dns.plugins.module_utils._transport import Dispatcher, Protocol, Transport
from ansible_collections.zonecut.dns.plugins.module_utils._waiting import waiting_for

with deps.declare("dnspython"):
    import dns.name

__all__ = (
    "Selection",
    "Settings",
    "ZoneReport",
    "described_addresses",
    "observe_all",
    "report_on",
    "verify_zones",
)


@dataclass(frozen=True)
class Selection:
    """Which codes are reported; those in ``ALWAYS`` always are."""

    codes: frozenset[str] = frozenset(CATALOGUE)

    @classmethod
    def parse(cls, chosen: t.Sequence[str]) -> Selection:
        """Return the selection for codes and families; those with a leading ``-`` are left out.

        Where nothing is chosen but only left out, everything else is reported.

        :raises DescriptionError: for an unknown code or family.
        """
        included: set[str] = set()
        excluded: set[str] = set()
        problems = []
        for text in chosen:
            name = text.lstrip("-")
            codes = {code for code, check in CATALOGUE.items() if name in (code, check.family)}
            if not codes:
                rule = f"not a code of the catalogue nor a family; families are {', '.join(FAMILIES)}"
                problems.append(Problem(where="checks", value=text, rule=rule))
            (excluded if text.startswith("-") else included).update(codes)
        if problems:
            raise DescriptionError(problems)
        return cls(codes=frozenset((included or set(CATALOGUE)) - excluded))

    def holds(self, code: str) -> bool:
        """Whether findings with ``code`` are reported."""
        return code in ALWAYS or code in self.codes


@dataclass(frozen=True)
class Settings:
    """How to ask, and how to judge.

    :arg roots: addresses of root servers.
    :arg parent_servers: addresses of servers of the zones' parents, so that the way down to these is left out.
    :arg resolver: the address of a resolver that is asked instead of all other servers.
    :arg access: ports and keys of single addresses.
    :arg transport: udp falls back to TCP for truncated answers and tests TCP as well; tcp asks by TCP alone.
    :arg only: the zones to verify, where not all; the others still tell addresses of name servers.
    :arg wait: seconds for which to ask zones that fail again.
    :arg severity: levels in place of those of the catalogue, by code.
    :arg expect_serial: the serial that every server of a zone has to serve, by zone.
    """

    roots: tuple[str, ...] = INTERNET_ROOTS
    port: int = 53
    parent_servers: tuple[str, ...] = ()
    resolver: str | None = None
    access: Access = field(default_factory=Access)
    transport: Protocol = "udp"
    concurrency: int = 100
    predelegation: bool = False
    only: frozenset[dns.name.Name] = frozenset()
    wait: float = 0
    fail_on: Severity = "error"
    selection: Selection = field(default_factory=Selection)
    severity: t.Mapping[str, Severity] = field(default_factory=dict)
    expect_serial: t.Mapping[dns.name.Name, int] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether the first to ask have private addresses, so that what is below is not the tree of the internet."""
        starts = self.parent_servers or self.roots
        return all(not ipaddress.ip_address(start).is_global for start in starts)


@dataclass(frozen=True)
class ZoneReport:
    """What came out for one zone.

    :arg serial: the newest serial served with authority by RFC 1982.
    :arg parent: the parent zone's name as text; None before delegation, or where it could not be found.
    :arg findings: from the worst down.
    :arg untested: addresses that this host has no route to.
    :arg waiting_for: what may have to pass before the zone does, in sentences.
    :arg not_checked: what could not be checked, and why.
    """

    name: str
    passed: bool
    serial: int | None
    parent: str | None
    findings: tuple[Finding, ...]
    untested: tuple[str, ...] = ()
    waiting_for: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()

    def result(self) -> dict[str, t.Any]:
        """Return the form that the module returns."""
        return {
            "name": self.name,
            "passed": self.passed,
            "serial": self.serial,
            "parent": self.parent,
            "findings": [finding.result() for finding in self.findings],
            "waiting_for": list(self.waiting_for),
            "not_checked": list(self.not_checked),
        }


def _random_label() -> str:
    return f"zonecut-{secrets.token_hex(6)}"


def verify_zones(
    zones: t.Sequence[Zone],
    *,
    settings: Settings,
    transport: Transport,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], t.Awaitable[None]] = asyncio.sleep,
    random_label: t.Callable[[], str] = _random_label,
    once: bool = False,
) -> list[ZoneReport]:
    """Return a report for each zone that is to be verified, in the order given.

    :arg clock: seconds that only ever grow.
    :arg sleep: waits that many seconds.
    :arg random_label: gives a label that no zone has.
    :arg once: ask each zone only once, for a caller that does the waiting.
    """
    return asyncio.run(_verify(zones, settings, transport, clock, sleep, random_label, once))


def observe_all(
    zones: t.Sequence[Zone], *, settings: Settings, transport: Transport, soa_only: bool = False
) -> list[ZoneView]:
    """Return what can be seen of each zone now, in the order given.

    :arg soa_only: ask no more than SOA and NS.
    """
    return asyncio.run(
        _observe(
            zones,
            described=_known_addresses(zones, settings),
            settings=settings,
            transport=transport,
            random_label=_random_label,
            soa_only=soa_only,
        )
    )


async def _verify(
    zones: t.Sequence[Zone],
    settings: Settings,
    transport: Transport,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], t.Awaitable[None]],
    random_label: t.Callable[[], str],
    once: bool,
) -> list[ZoneReport]:
    described = _known_addresses(zones, settings)
    wanted = [zone for zone in zones if not settings.only or zone.name in settings.only]
    deadline = clock() + settings.wait
    pauses = back_off()
    reports: dict[dns.name.Name, ZoneReport] = {}
    pending = wanted
    while True:
        if settings.resolver is not None:
            found = await _through_resolver(pending, settings.resolver, settings, transport, random_label)
        else:
            views = await _observe(
                pending, described=described, settings=settings, transport=transport, random_label=random_label
            )
            found = [report_on(view, settings) for view in views]
        reports.update((zone.name, report) for zone, report in zip(pending, found))
        pending = [zone for zone in pending if not reports[zone.name].passed]
        left = deadline - clock()
        if once or not pending or left <= 0:
            return [reports[zone.name] for zone in wanted]
        await sleep(min(next(pauses), left))


async def _observe(
    zones: t.Sequence[Zone],
    *,
    described: t.Mapping[dns.name.Name, tuple[str, ...]],
    settings: Settings,
    transport: Transport,
    random_label: t.Callable[[], str],
    soa_only: bool = False,
) -> list[ZoneView]:
    # What one zone learns of the way down and of dead addresses serves all of them, for this round only.
    dispatcher = Dispatcher(transport, concurrency=settings.concurrency)
    resolver = Resolver(
        dispatcher,
        roots=settings.roots,
        port=settings.port,
        protocol=settings.transport,
        parent_servers=settings.parent_servers,
        access=settings.access,
    )
    # Zones by the ten thousand would otherwise all be held half observed.
    slots = asyncio.Semaphore(settings.concurrency)

    async def observe(zone: Zone) -> ZoneView:
        async with slots:
            return await observe_zone(
                zone,
                resolver=resolver,
                protocol=settings.transport,
                label=random_label(),
                predelegation=settings.predelegation,
                described=described,
                soa_only=soa_only,
            )

    return list(await asyncio.gather(*(observe(zone) for zone in zones)))


async def _through_resolver(
    zones: t.Sequence[Zone],
    address: str,
    settings: Settings,
    transport: Transport,
    random_label: t.Callable[[], str],
) -> list[ZoneReport]:
    dispatcher = Dispatcher(transport, concurrency=settings.concurrency)
    views = await asyncio.gather(
        *(
            ask_resolver(
                zone,
                address=address,
                port=settings.access.ports.get(address, settings.port),
                key=settings.access.key_for(address, on_the_way=False),
                protocol=settings.transport,
                label=random_label(),
                transport=dispatcher,
            )
            for zone in zones
        )
    )
    return [_report_through_resolver(view, settings) for view in views]


def _report_through_resolver(view: ResolvedZone, settings: Settings) -> ZoneReport:
    findings = _reported(resolver_findings(view, expect_serial=settings.expect_serial.get(view.zone.name)), settings)
    failing = [finding for finding in findings if at_least(finding.severity, settings.fail_on)]
    left_out = [code for code in CATALOGUE if code in settings.selection.codes - SEEN_THROUGH_RESOLVER]
    return ZoneReport(
        name=view.zone.text,
        passed=not failing,
        serial=view.serial,
        parent=None,
        findings=findings,
        waiting_for=tuple(held_in_cache(view, {finding.code for finding in failing})),
        not_checked=(f"not seen through a resolver: {', '.join(left_out)}",) if left_out else (),
    )


def _known_addresses(zones: t.Sequence[Zone], settings: Settings) -> dict[dns.name.Name, tuple[str, ...]]:
    """Return the described addresses, where they are used instead of looking names up."""
    out_of_reach = bool(settings.parent_servers) and not settings.roots
    return described_addresses(zones) if settings.predelegation or out_of_reach else {}


def described_addresses(zones: t.Iterable[Zone]) -> dict[dns.name.Name, tuple[str, ...]]:
    """Return, by name server, all the addresses that any of the zones describes for it."""
    described: dict[dns.name.Name, tuple[str, ...]] = {}
    for zone in zones:
        for server in zone.name_servers:
            if server.addresses:
                described[server.name] = tuple(dict.fromkeys((*described.get(server.name, ()), *server.addresses)))
    return described


def report_on(view: ZoneView, settings: Settings) -> ZoneReport:
    """Return what the checks make of what was seen."""
    expected = settings.expect_serial.get(view.name)
    judged = judge(
        view,
        CheckSettings(
            private=settings.private,
            expect_serial=expected,
            settled=settings.wait > 0 or settings.predelegation or expected is not None,
        ),
    )
    findings = _reported(judged, settings)
    serials = (record.rdata.serial for record in (served.soa_record for served in view.working) if record is not None)
    parent = None if view.parent is None else view.parent.name
    failing = [finding for finding in findings if at_least(finding.severity, settings.fail_on)]
    return ZoneReport(
        name=view.text,
        passed=not failing,
        serial=newest(serials),
        parent=None if parent is None else display_name(parent),
        findings=findings,
        untested=tuple(served.address for served in view.addresses if served.verdict == "untested"),
        waiting_for=tuple(waiting_for(view, {finding.code for finding in failing})),
    )


def _reported(judged: t.Iterable[Finding], settings: Settings) -> tuple[Finding, ...]:
    """Return what is reported of the findings, with the severities that the user wants, the worst first."""
    chosen = [
        replace(finding, severity=settings.severity.get(finding.code, finding.severity))
        for finding in judged
        if settings.selection.holds(finding.code)
    ]
    return tuple(sorted(root_causes(chosen), key=lambda finding: SEVERITIES.index(finding.severity)))
