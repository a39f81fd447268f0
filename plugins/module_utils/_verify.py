# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify zones: observe each, judge it, and ask those that fail again for as long as the user wants to wait."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gc
import ipaddress
import secrets
import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.zonecut.dns.plugins.module_utils._access import Access
from ansible_collections.zonecut.dns.plugins.module_utils._alike import Examples, Recorder
from ansible_collections.zonecut.dns.plugins.module_utils._back_off import back_off
from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import (
    ALWAYS,
    CATALOGUE,
    FAMILIES,
    ON_REQUEST,
    CheckSettings,
    finding,
)
from ansible_collections.zonecut.dns.plugins.module_utils._checks.judge import judge
from ansible_collections.zonecut.dns.plugins.module_utils._checks.limits import Limits
from ansible_collections.zonecut.dns.plugins.module_utils._checks.unchecked import unchecked, without_route
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._findings import (
    SEVERITIES,
    Finding,
    Severity,
    Unchecked,
    at_least,
    root_causes,
)
from ansible_collections.zonecut.dns.plugins.module_utils._lazy import lazy
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name
from ansible_collections.zonecut.dns.plugins.module_utils._probe import ZoneView, observe_zone
from ansible_collections.zonecut.dns.plugins.module_utils._probe_plan import probes_for
from ansible_collections.zonecut.dns.plugins.module_utils._processes import in_processes
from ansible_collections.zonecut.dns.plugins.module_utils._reports.picture import Picture, picture_of
from ansible_collections.zonecut.dns.plugins.module_utils._resolver import INTERNET_ROOTS, Resolver
from ansible_collections.zonecut.dns.plugins.module_utils._serial import newest
from ansible_collections.zonecut.dns.plugins.module_utils._server_behaviour import BehaviourProber
from ansible_collections.zonecut.dns.plugins.module_utils._surroundings import view_surroundings
from ansible_collections.zonecut.dns.plugins.module_utils._through_resolver import (
    SEEN_THROUGH_RESOLVER,
    ResolvedZone,
    ask_resolver,
    held_in_cache,
    is_alive,
    not_seen,
    resolver_findings,
    root_question,
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
    "resolver_for",
    "verify_zones",
)

_T = t.TypeVar("_T")


@dataclass(frozen=True)
class Selection:
    """Which codes are reported; those in ``ALWAYS`` always are.

    :arg named: those that the user asked for by name or family.
    :arg each: those that the user asked for each by its own name, or all of them.
    """

    codes: frozenset[str] = frozenset(CATALOGUE) - ON_REQUEST
    named: frozenset[str] = frozenset()
    each: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, chosen: t.Sequence[str]) -> Selection:
        """Return the selection for codes, families and ``all``; those with a leading ``-`` are left out.

        Where nothing is chosen but only left out, everything else is reported, less what is only so on request.

        :raises DescriptionError: for an unknown code or family.
        """
        included: set[str] = set()
        excluded: set[str] = set()
        problems = []
        for text in chosen:
            name = text.lstrip("-")
            codes = {code for code, check in CATALOGUE.items() if name in (code, check.family, "all")}
            if not codes:
                rule = f"not a code of the catalogue nor a family; families are {', '.join(FAMILIES)}, or all"
                problems.append(Problem(where="checks", value=text, rule=rule))
            (excluded if text.startswith("-") else included).update(codes)
        if problems:
            raise DescriptionError(problems)
        return cls(
            codes=frozenset((included or set(CATALOGUE) - ON_REQUEST) - excluded),
            named=frozenset(included - excluded),
            each=frozenset(included - excluded if "all" in chosen else included.intersection(chosen) - excluded),
        )

    def holds(self, code: str) -> bool:
        """Whether findings with ``code`` are reported."""
        return code in ALWAYS or code in self.codes

    def holds_any(self, family: str) -> bool:
        """Whether any check of ``family`` is reported."""
        return any(CATALOGUE[code].family == family for code in self.codes)


@dataclass(frozen=True)
class Settings:
    """How to ask, and how to judge.

    :arg roots: addresses of root servers.
    :arg parent_servers: addresses of servers of the zones' parents, so that the way down to these is left out.
    :arg resolver: the address of a resolver that is asked instead of all other servers.
    :arg access: ports and keys of single addresses.
    :arg transport: udp falls back to TCP for truncated answers and tests TCP as well; tcp asks by TCP alone.
    :arg only: the zones to verify, where not all; the others still tell addresses of name servers.
    :arg processes: how many to share the zones among, each with its part of ``concurrency``.
    :arg wait: seconds for which to ask zones that fail again.
    :arg deadline: seconds after which all ends, whatever has been seen by then; None for no limit.
    :arg severity: levels in place of those of the catalogue, by code.
    :arg expect_serial: the serial that every server of a zone has to serve, by zone.
    :arg signatures_expire_within: seconds of validity left below which a signature is reported; None for the default.
    :arg last_serial_date: where serials are dates, the last day that one may name.
    :arg pictures: keep what was seen of each zone cut, for a report.
    """

    roots: tuple[str, ...] = INTERNET_ROOTS
    port: int = 53
    parent_servers: tuple[str, ...] = ()
    resolver: str | None = None
    access: Access = field(default_factory=Access)
    transport: Protocol = "udp"
    concurrency: int = 100
    processes: int = 1
    predelegation: bool = False
    only: frozenset[dns.name.Name] = frozenset()
    wait: float = 0
    deadline: float | None = None
    fail_on: Severity = "error"
    selection: Selection = field(default_factory=Selection)
    severity: t.Mapping[str, Severity] = field(default_factory=dict)
    expect_serial: t.Mapping[dns.name.Name, int] = field(default_factory=dict)
    signatures_expire_within: float | None = None
    limits: Limits = field(default_factory=Limits)
    last_serial_date: datetime.date | None = None
    pictures: bool = False

    @lazy
    def private(self) -> bool:
        """Whether the first to ask have private addresses, so that what is below is not the tree of the internet."""
        starts = self.parent_servers or self.roots
        return all(not ipaddress.ip_address(start).is_global for start in starts)

    @property
    def codes(self) -> list[str]:
        """The codes of the checks that are made: those that are reported, and have something to look at."""
        pointless = {
            "deadline_exceeded": self.deadline is None,
            "serial_unexpected": not self.expect_serial,
            "soa_serial_not_date": self.last_serial_date is None,
            "resolver_failure": self.resolver is None,
            "resolver_unusable": self.resolver is None,
        }
        return [code for code in CATALOGUE if self.selection.holds(code) and not pointless.get(code)]

    @property
    def described_only(self) -> bool:
        """Whether the described servers, and those of the parent, may be all that is within reach."""
        return self.predelegation or (bool(self.parent_servers) and not self.roots)


@dataclass(frozen=True)
class ZoneReport:
    """What came out for one zone.

    :arg serial: the newest serial served with authority by RFC 1982.
    :arg parent: the parent zone's name as text; None before delegation, or where it could not be found.
    :arg findings: from the worst down.
    :arg untested: addresses that this host has no route to.
    :arg waiting_for: what may have to pass before the zone does, in sentences.
    :arg unchecked: what was not checked, and why.
    :arg picture: what was seen of the zone cut, where the settings ask for it.
    """

    name: str
    passed: bool
    serial: int | None
    parent: str | None
    findings: tuple[Finding, ...]
    untested: tuple[str, ...] = ()
    waiting_for: tuple[str, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    picture: Picture | None = None

    @property
    def not_checked(self) -> tuple[str, ...]:
        """What was not checked, in words."""
        return tuple(each.text for each in self.unchecked)

    @property
    def gaps(self) -> tuple[Unchecked, ...]:
        """All that was not checked, be it at some addresses only."""
        return (*self.unchecked, *((without_route(self.untested),) if self.untested else ()))

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
    now: t.Callable[[], float] = time.time,
    once: bool = False,
) -> list[ZoneReport]:
    """Return a report for each zone that is to be verified, in the order given.

    :arg clock: seconds that only ever grow.
    :arg now: seconds since 1970, which signatures are judged by.
    :arg sleep: waits that many seconds.
    :arg random_label: gives a label that no zone has.
    :arg once: ask each zone only once, for a caller that does the waiting.
    """
    described = _known_addresses(zones, settings)
    wanted = [zone for zone in zones if not settings.only or zone.name in settings.only]
    count = settings.processes
    share = replace(settings, concurrency=max(1, settings.concurrency // count))

    def verify(part: t.Sequence[Zone]) -> list[ZoneReport]:
        with _few_collections():
            return asyncio.run(_verify(part, described, share, transport, clock, sleep, random_label, now, once))

    # Dealt out like cards, since neighbours often share servers, and so what is slow about them.
    reports: list[ZoneReport | None] = [None] * len(wanted)
    for index, part in enumerate(in_processes(verify, [wanted[index::count] for index in range(count)])):
        reports[index::count] = part
    return t.cast("list[ZoneReport]", reports)


@contextlib.contextmanager
def _few_collections() -> t.Iterator[None]:
    """Have Python look for cycles less often: what is seen of zones makes few, and many objects to look through."""
    threshold = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50000, *threshold[1:])
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.unfreeze()


def observe_all(
    zones: t.Sequence[Zone],
    *,
    settings: Settings,
    transport: Transport,
    soa_only: bool = False,
    dnssec_clock: t.Callable[[], float] | None = None,
) -> list[ZoneView]:
    """Return what can be seen of each zone now, in the order given.

    :arg soa_only: ask no more than SOA and NS, and what DNSSEC needs.
    :arg dnssec_clock: seconds since 1970, to judge keys and signatures by; None leaves them out.
    """

    async def observe() -> list[ZoneView]:
        observing = _Round(
            settings,
            described=_known_addresses(zones, settings),
            transport=transport,
            random_label=_random_label,
            soa_only=soa_only,
            dnssec_clock=dnssec_clock,
        )
        return await _each(zones, lambda zone: observing.view(zone, _random_label()), concurrency=settings.concurrency)

    return asyncio.run(observe())


def resolver_for(settings: Settings, transport: Transport) -> Resolver:
    """Return what finds the way to zones as the settings say."""
    return Resolver(
        transport,
        roots=settings.roots,
        port=settings.port,
        protocol=settings.transport,
        parent_servers=settings.parent_servers,
        access=settings.access,
    )


async def _verify(
    zones: t.Sequence[Zone],
    described: t.Mapping[dns.name.Name, tuple[str, ...]],
    settings: Settings,
    transport: Transport,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], t.Awaitable[None]],
    random_label: t.Callable[[], str],
    now: t.Callable[[], float],
    once: bool,
) -> list[ZoneReport]:
    dnssec_clock = now if settings.selection.holds_any("dnssec") else None
    reports: dict[dns.name.Name, ZoneReport] = {}

    def conclude_resolved(view: ResolvedZone) -> None:
        reports[view.zone.name] = _report_through_resolver(view, settings)

    async def verify() -> None:
        until = clock() + settings.wait
        pauses = back_off()
        pending = zones
        while pending:
            if settings.resolver is not None:
                await _ask_resolver(
                    pending,
                    address=settings.resolver,
                    settings=settings,
                    transport=transport,
                    random_label=random_label,
                    conclude=conclude_resolved,
                )
            else:
                await _report_all(
                    pending,
                    observing=_Round(
                        settings,
                        described=described,
                        transport=transport,
                        random_label=random_label,
                        dnssec_clock=dnssec_clock,
                    ),
                    settings=settings,
                    random_label=random_label,
                    reports=reports,
                )
            pending = [zone for zone in pending if not reports[zone.name].passed]
            left = until - clock()
            if once or not pending or left <= 0:
                return
            await sleep(min(next(pauses), left))

    await _until(settings.deadline, verify(), sleep)
    return [reports.get(zone.name) or _not_reached(zone, settings) for zone in zones]


async def _until(
    deadline: float | None, work: t.Coroutine[t.Any, t.Any, None], sleep: t.Callable[[float], t.Awaitable[None]]
) -> None:
    """Let ``work`` end, or end it when that many seconds are over."""
    if deadline is None:
        await work
        return
    working = asyncio.ensure_future(work)
    alarm = asyncio.ensure_future(sleep(deadline))
    try:
        await asyncio.wait({working, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        for task in (working, alarm):
            task.cancel()
        await asyncio.gather(working, alarm, return_exceptions=True)


def _not_reached(zone: Zone, settings: Settings) -> ZoneReport:
    limit = format_duration(int(settings.deadline or 0))
    found = finding(
        "deadline_exceeded",
        f"{zone.text} was not verified, since the deadline of {limit} was over before all its servers had been asked:"
        " whether it works is unknown. Set a later deadline, or raise concurrency or rate, or verify fewer zones in"
        " one task; a great number of servers that do not answer takes long as well.",
        expected=f"all servers asked within {limit}",
        got="not all asked",
    )
    return ZoneReport(name=zone.text, passed=False, serial=None, parent=None, findings=(found,))


class _Round:
    """One round of questions: what one zone learns of the way down and of dead addresses serves all of them.

    Make one inside the event loop.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        described: t.Mapping[dns.name.Name, tuple[str, ...]],
        transport: Transport,
        random_label: t.Callable[[], str],
        soa_only: bool = False,
        dnssec_clock: t.Callable[[], float] | None = None,
    ) -> None:
        self._settings = settings
        self._described = described
        self._soa_only = soa_only
        self._dnssec_clock = dnssec_clock
        self.dispatcher = Dispatcher(transport, concurrency=settings.concurrency)
        self.recorder = Recorder(self.dispatcher)
        self.resolver = resolver_for(settings, self.recorder)
        self._prober = BehaviourProber(
            self.dispatcher, port=settings.port, label=random_label(), access=settings.access
        )
        self._probes = frozenset() if soa_only else probes_for(settings.selection.codes)
        # Hosts that may be out of reach are looked up on request only.
        self._beyond = probes_for(settings.selection.named) if settings.described_only else self._probes

    async def view(self, zone: Zone, label: str) -> ZoneView:
        """Return all that can be seen of a zone now.

        :arg label: of a name in it that does not exist.
        """
        view = await observe_zone(
            zone,
            resolver=self.resolver,
            protocol=self._settings.transport,
            label=label,
            predelegation=self._settings.predelegation,
            described=self._described,
            soa_only=self._soa_only,
            dnssec_clock=self._dnssec_clock,
        )
        surroundings = await view_surroundings(
            view,
            resolver=self.resolver,
            prober=self._prober,
            probes=self._probes,
            beyond=self._beyond,
            described=self._described,
        )
        return replace(view, surroundings=surroundings)


async def _each(zones: t.Sequence[Zone], work: t.Callable[[Zone], t.Awaitable[_T]], *, concurrency: int) -> list[_T]:
    """Return what ``work`` returns for each zone, in the order given, with so many of them under way at once."""
    done: dict[int, _T] = {}
    turns = iter(enumerate(zones))

    async def go_on() -> None:
        for index, zone in turns:
            done[index] = await work(zone)

    # Zones by the ten thousand would otherwise all be held half observed.
    await asyncio.gather(*(go_on() for _slot in range(min(concurrency, len(zones)))))
    return [done[index] for index in range(len(zones))]


async def _report_all(
    zones: t.Sequence[Zone],
    *,
    observing: _Round,
    settings: Settings,
    random_label: t.Callable[[], str],
    reports: dict[dns.name.Name, ZoneReport],
) -> None:
    """Put the report on each zone into ``reports`` as soon as there is one."""
    examples = _examples(zones, observing, settings)

    async def report(zone: Zone) -> None:
        label = random_label()
        found = None if examples is None else await examples.match(zone, label)
        if found is not None:
            reports[zone.name] = replace(found[0], name=zone.text, serial=found[1])
        elif examples is not None and examples.wants(zone):
            reports[zone.name] = await learn(examples, zone, label)
        else:
            # What was seen is dropped with this, so that memory does not grow with the zones.
            reports[zone.name] = report_on(await observing.view(zone, label), settings)

    async def learn(examples: Examples[ZoneReport], zone: Zone, label: str) -> ZoneReport:
        observing.recorder.watch(zone.name)
        try:
            view = await observing.view(zone, label)
        finally:
            replies = observing.recorder.end(zone.name)
        made = report_on(view, settings)
        if _is_example(zone, made) and not observing.resolver.has_looked_up(zone.name):
            examples.learn(zone, label, replies, view=view, learned=made)
        return made

    await _each(zones, report, concurrency=settings.concurrency)


def _examples(zones: t.Sequence[Zone], observing: _Round, settings: Settings) -> Examples[ZoneReport] | None:
    """Return what finds zones that are alike, or None where each is to be looked at for itself."""
    if settings.pictures or settings.expect_serial or settings.described_only:
        return None
    return Examples(
        observing.dispatcher,
        zones,
        slowest=settings.limits.response_time,
        any_serial=settings.last_serial_date is None,
    )


def _is_example(zone: Zone, report: ZoneReport) -> bool:
    """Whether the report says nothing that is about this zone alone."""
    if report.findings or report.untested or report.waiting_for:
        return False
    return all(zone.text not in text for text in report.not_checked)


async def _ask_resolver(
    zones: t.Sequence[Zone],
    *,
    address: str,
    settings: Settings,
    transport: Transport,
    random_label: t.Callable[[], str],
    conclude: t.Callable[[ResolvedZone], None],
) -> None:
    """Call ``conclude`` with what the resolver says of each zone, as soon as it has."""
    dispatcher = Dispatcher(transport, concurrency=settings.concurrency)
    question = root_question(
        address,
        port=settings.access.ports.get(address, settings.port),
        key=settings.access.key_for(address, on_the_way=False),
        protocol=settings.transport,
    )
    alive = await is_alive(question, dispatcher)

    async def ask(zone: Zone) -> None:
        conclude(await ask_resolver(zone, question=question, label=random_label(), alive=alive, transport=dispatcher))

    await _each(zones, ask, concurrency=settings.concurrency)


def _report_through_resolver(view: ResolvedZone, settings: Settings) -> ZoneReport:
    findings = _reported(resolver_findings(view, expect_serial=settings.expect_serial.get(view.zone.name)), settings)
    failing = [finding for finding in findings if at_least(finding.severity, settings.fail_on)]
    why = "not seen through a resolver"
    left_out = [code for code in settings.codes if code not in SEEN_THROUGH_RESOLVER]
    return ZoneReport(
        name=view.zone.text,
        passed=not failing,
        serial=view.serial,
        parent=None,
        findings=findings,
        waiting_for=tuple(held_in_cache(view, {finding.code for finding in failing})),
        unchecked=(
            Unchecked(f"{why}: {', '.join(left_out)}", codes=frozenset(left_out), why=why, chosen=True),
            *not_seen(view),
        ),
    )


def _known_addresses(zones: t.Sequence[Zone], settings: Settings) -> dict[dns.name.Name, tuple[str, ...]]:
    """Return the described addresses, where they are used instead of looking names up."""
    return described_addresses(zones) if settings.described_only else {}


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
            each=settings.selection.each,
            expect_serial=expected,
            expires_within=settings.signatures_expire_within,
            settled=settings.wait > 0 or settings.predelegation or expected is not None,
            limits=settings.limits,
            last_serial_date=settings.last_serial_date,
        ),
    )
    findings = _reported(judged, settings)
    serials = (record.rdata.serial for record in (served.soa_record for served in view.working) if record is not None)
    parent = None if view.parent is None or view.name == dns.name.root else view.parent.name
    failing = [finding for finding in findings if at_least(finding.severity, settings.fail_on)]
    return ZoneReport(
        name=view.text,
        passed=not failing,
        serial=newest(serials),
        parent=None if parent is None else display_name(parent),
        findings=findings,
        untested=tuple(served.address for served in view.addresses if served.verdict == "untested"),
        waiting_for=tuple(waiting_for(view, {finding.code for finding in failing})),
        unchecked=(*unchecked(view), *_silent_unreported(view, settings)),
        picture=picture_of(view) if settings.pictures else None,
    )


def _silent_unreported(view: ZoneView, settings: Settings) -> t.Iterator[Unchecked]:
    """Yield the addresses that say nothing, where the checks that report that were left out."""
    if not (settings.selection.holds("no_response_udp") and settings.selection.holds("no_response_tcp")):
        for served in view.addresses:
            if served.verdict == "no_response":
                yield Unchecked(f"{served}: it does not answer ({served.best_soa.detail})")


def _reported(judged: t.Iterable[Finding], settings: Settings) -> tuple[Finding, ...]:
    """Return what is reported of the findings, with the severities that the user wants, the worst first."""
    chosen = [
        replace(finding, severity=settings.severity.get(finding.code, finding.severity))
        for finding in judged
        if settings.selection.holds(finding.code)
    ]
    return tuple(sorted(root_causes(chosen), key=lambda finding: SEVERITIES.index(finding.severity)))
