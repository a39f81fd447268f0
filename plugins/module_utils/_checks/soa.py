# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Are the values of the SOA, and the TTL of the NS set, sensible, and is the MNAME the primary?"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._checks.catalogue import CheckSettings, finding
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._durations import format_duration
from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding
from ansible_collections.zonecut.dns.plugins.module_utils._names import (
    display_name,
    email_from_rname,
    is_host_name,
    is_in_domain,
    is_same_name,
    rname_from_email,
)
from ansible_collections.zonecut.dns.plugins.module_utils._probe import AddressView, ZoneView
from ansible_collections.zonecut.dns.plugins.module_utils._responses import ReceivedRecord
from ansible_collections.zonecut.dns.plugins.module_utils._serial import distance, newer, newest, serial_date
from ansible_collections.zonecut.dns.plugins.module_utils._surroundings import PrimaryView

with deps.declare("dnspython"):
    import dns.name
    import dns.rdatatype

__all__ = ("CHECKS",)

_T = t.TypeVar("_T")

_LOCALHOST = (b"localhost", b"localdomain")
# What explains that a name server does not serve the zone, in place of the finding that the primary does not.
_NOT_SERVED = (
    *("soa_owner_mismatch", "soa_missing", "not_authoritative", "lame_rcode"),
    *("no_response_udp", "no_response_tcp", "different_source_address"),
)


def refresh_range(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_refresh_range"""
    least, most = settings.limits.refresh_min, settings.limits.refresh_max
    for refresh, where in _versions(zone, lambda record: record.rdata.refresh):
        if refresh < least:
            wrong, effect = f"under the {_span(least)} of refresh_min", "secondaries ask the primary needlessly often"
        elif refresh > most:
            wrong = f"over the {_span(most)} of refresh_max"
            effect = "a secondary that misses a NOTIFY serves the old version for that long"
        else:
            continue
        yield finding(
            "soa_refresh_range",
            f"The SOA of {where} has a refresh of {_span(refresh)}, {wrong} (RFC 1912 section 2.2), so {effect}."
            f" Set it to between {_span(least)} and {_span(most)}, or change the limit.",
            expected=f"{_span(least)} to {_span(most)}",
            got=_span(refresh),
        )


def retry_not_below_refresh(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_retry_not_below_refresh"""
    for (retry, refresh), where in _versions(zone, lambda record: (record.rdata.retry, record.rdata.refresh)):
        if retry >= refresh:
            yield finding(
                "soa_retry_not_below_refresh",
                f"The SOA of {where} has a retry of {_span(retry)}, not below its refresh of {_span(refresh)}, so a"
                " secondary that could not reach the primary asks no sooner than usual and stays behind."
                " Set retry to a fraction of refresh, such as a quarter (RFC 1912 section 2.2).",
                expected=f"under {_span(refresh)}",
                got=_span(retry),
            )


def expire_short(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_expire_short"""
    least = settings.limits.expire_min
    for expire, where in _versions(zone, lambda record: record.rdata.expire):
        if expire < least:
            yield finding(
                "soa_expire_short",
                f"The SOA of {where} has an expire of {_span(expire)}, under the {_span(least)} of expire_min, so the"
                " secondaries stop answering when the primary is away for that long, be it over a holiday."
                " RFC 1912 section 2.2 advises 2 to 4 weeks.",
                expected=f"at least {_span(least)}",
                got=_span(expire),
            )


def expire_below_refresh(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_expire_below_refresh"""

    def read(record: ReceivedRecord) -> tuple[int, int, int]:
        return record.rdata.expire, record.rdata.refresh, record.rdata.retry

    for (expire, refresh, retry), where in _versions(zone, read):
        if expire <= refresh + retry:
            yield finding(
                "soa_expire_below_refresh",
                f"The SOA of {where} has an expire of {_span(expire)}, not above refresh and retry together"
                f" ({_span(refresh)} and {_span(retry)}), so secondaries give the zone up before they have tried twice"
                " to refresh it. Set expire to 2 to 4 weeks (RFC 1912 section 2.2).",
                expected=f"over {_span(refresh + retry)}",
                got=_span(expire),
            )


def negative_ttl_range(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_negative_ttl_range"""
    least, most = settings.limits.negative_ttl_min, settings.limits.negative_ttl_max
    for seconds, where in _versions(zone, lambda record: min(record.ttl, record.rdata.minimum)):
        if seconds < least:
            wrong, effect = f"under the {_span(least)} of negative_ttl_min", "resolvers ask again for every absent name"
        elif seconds > most:
            wrong = f"over the {_span(most)} of negative_ttl_max"
            effect = "a name that is added after somebody asked for it stays absent there for that long"
        else:
            continue
        yield finding(
            "soa_negative_ttl_range",
            f"The SOA of {where} lets negative answers be kept for {_span(seconds)} (the lesser of its TTL and its last"
            f" field), {wrong} (RFC 2308 section 5), so {effect}. Set the last field of the SOA to between"
            f" {_span(least)} and {_span(most)}, or change the limit.",
            expected=f"{_span(least)} to {_span(most)}",
            got=_span(seconds),
        )


def negative_ttl_capped(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_negative_ttl_capped"""
    for (ttl, minimum), where in _versions(zone, lambda record: (record.ttl, record.rdata.minimum)):
        if ttl < minimum:
            yield finding(
                "soa_negative_ttl_capped",
                f"The SOA of {where} has a TTL of {_span(ttl)}, below the {_span(minimum)} of its last field, and the"
                " lesser of both is for how long negative answers are kept (RFC 2308 section 5), so the field does not"
                f" mean what it says. Raise the TTL of the SOA to {_span(minimum)}, or lower the field.",
                expected=f"a TTL of at least {_span(minimum)}",
                got=_span(ttl),
            )


def rname_invalid(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_rname_invalid"""
    for rname, where in _versions(zone, lambda record: record.rdata.rname):
        wrong = _rname_problem(rname, zone)
        if wrong:
            yield finding(
                "soa_rname_invalid",
                f"The SOA of {where} has the RNAME {display_name(rname)}: {wrong}, so mail about trouble with the zone"
                " gets lost. Write the address of its contact with a dot in place of the @, a backslash before dots of"
                " the local part, and a final dot (RFC 1035 section 8).",
                expected="a mailbox as a domain name",
                got=display_name(rname),
            )


def _rname_problem(rname: dns.name.Name, zone: ZoneView) -> str:
    if any(b"@" in label for label in rname.labels):
        return "it has an @, where a domain name has a dot"
    if len(rname.labels) < 3:
        return "it names no mailbox, for which a local part and a domain are needed"
    if _lost_dot(rname, zone):
        return f"it ends in {zone.text} after a name that is complete already, as without its final dot"
    return _mailbox_problem(rname)


# A few contacts have most zones.
@functools.lru_cache(maxsize=1024)
def _mailbox_problem(rname: dns.name.Name) -> str:
    try:
        rname_from_email(email_from_rname(rname))
    except ValueError as exc:
        return f"as an address ({email_from_rname(rname)}) it breaks a rule: {exc}"
    return ""


def _lost_dot(name: dns.name.Name, zone: ZoneView) -> bool:
    """Whether below the apex ``name`` ends in the zone's name, or in one above it but a top-level domain, again."""
    if not is_in_domain(name, zone.name) or zone.name == dns.name.root:
        return False
    inner = dns.name.Name((*name.relativize(zone.name).labels, b""))
    above = zone.name
    while len(above.labels) > 2:
        if is_in_domain(inner, above):
            return True
        above = above.parent()
    return False


def mname_invalid(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_mname_invalid"""
    for mname, where in _versions(zone, lambda record: record.rdata.mname):
        if mname == dns.name.root:
            wrong = "which names no host"
        elif mname.labels[0].lower() in _LOCALHOST:
            wrong = "which is another host for everybody who looks"
        elif not is_host_name(mname):
            wrong = "which is no host name (RFC 1123 section 2.1)"
        else:
            continue
        yield finding(
            "soa_mname_invalid",
            f"The SOA of {where} has the MNAME {display_name(mname)}, {wrong}, so dynamic updates and NOTIFY cannot"
            " tell which server is the primary. Set it to the host name of the primary.",
            expected="the primary's host name",
            got=display_name(mname),
        )


def mname_alias(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_mname_alias"""
    for primary in zone.surroundings.primaries:
        if primary.host is not None and primary.host.alias is not None:
            target = display_name(primary.host.alias)
            yield finding(
                "soa_mname_alias",
                f"The MNAME of {zone.text}, {display_name(primary.mname)}, is an alias of {target}, where RFC 2181"
                f" section 7.3 wants the primary's own name. Set the MNAME to {target}.",
                server=display_name(primary.mname),
                expected="a name with addresses",
                got=f"an alias of {target}",
                follows_from=("ns_is_alias",) if _is_name_server(primary, zone) else (),
            )


def mname_unresolvable(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_mname_unresolvable"""
    for primary in zone.surroundings.primaries:
        host = primary.host
        if host is None or host.addresses or host.unknown:
            continue
        yield finding(
            "soa_mname_unresolvable",
            f"The MNAME of {zone.text}, {display_name(primary.mname)}, {host.problem}, so dynamic updates do not find"
            " the primary. Give the name an address, or set the MNAME to the name that the primary has.",
            server=display_name(primary.mname),
            expected="an address",
            got=host.problem,
            follows_from=(
                "soa_mname_invalid",
                *(("ns_no_address", "ns_is_alias") if _is_name_server(primary, zone) else ()),
            ),
        )


def mname_not_authoritative(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_mname_not_authoritative"""
    for primary in zone.surroundings.primaries:
        views = _views_of(primary, zone)
        # A hidden primary behind a firewall is silent, and rightly so; one that refuses connections is none.
        wrong = {
            response.query.address: "nothing listens there" if response.failure == "refused" else response.rcode
            for response in primary.soas
            if response.failure == "refused" or (response.kind != "silent" and not _serves(response))
        }
        wrong.update(
            (view.address, view.best_soa.rcode or "no answer")
            for view in views
            if view.verdict not in ("working", "untested", "no_response")
        )
        served = any(_serves(response) for response in primary.soas) or any(v.verdict == "working" for v in views)
        if not wrong or served:
            continue
        name = display_name(primary.mname)
        told = ", ".join(f"{address}: {what}" for address, what in wrong.items())
        at = next((view for view in views if view.address in wrong), None)
        yield finding(
            "soa_mname_not_authoritative",
            f"The MNAME of {zone.text}, {name}, does not serve the zone ({told}), so dynamic updates go to a server"
            " that cannot take them. Set the MNAME to the name of the primary, or load the zone there. Where it is the"
            " hidden primary and refuses all but its secondaries, leave the check out.",
            at=at,
            server=name,
            expected=f"SOA of {zone.text} with authority",
            got=told,
            follows_from=_NOT_SERVED if at is not None else (),
        )


def _serves(response: t.Any) -> bool:
    return bool(response.kind == "answer" and response.authoritative)


def mname_not_newest(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_mname_not_newest"""
    latest = newest(record.rdata.serial for record, _view in zone.single_soas)
    # Where one serial is expected, serial_unexpected names each server that has another.
    if latest is None or settings.expect_serial is not None:
        return
    for primary in zone.surroundings.primaries:
        own = {record.rdata.serial for record, view in zone.single_soas if view in _views_of(primary, zone)}
        own.update(r.matching[0].rdata.serial for r in primary.soas if _serves(r) and len(r.matching) == 1)
        serial = newest(own)
        if serial is not None and newer(latest, serial):
            name = display_name(primary.mname)
            yield finding(
                "soa_mname_not_newest",
                f"The MNAME of {zone.text}, {name}, serves serial {serial}, {distance(serial, latest)} behind {latest}"
                " of another server, where changes are to be made at the primary and come from it. Either it is not the"
                " primary, so set the MNAME to the one that is, or it was set back: give its zone a newer serial.",
                server=name,
                expected=f"{latest} or newer",
                got=str(serial),
            )


def serial_not_date(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """soa_serial_not_date"""
    last = settings.last_serial_date
    if last is None:
        return
    for serial, where in _versions(zone, lambda record: record.rdata.serial):
        day = serial_date(serial)
        if day is None:
            wrong = "is not of the form YYYYMMDDNN"
        elif day.date() > last:
            wrong = f"names a day that lies ahead, {day.date().isoformat()}"
        else:
            continue
        yield finding(
            "soa_serial_not_date",
            f"The serial {serial} of {where} {wrong}, where serials are to be dates, so the next one by date may be"
            " older than it by RFC 1982 and no secondary would take it. Let zonecut.dns.zone_files count on from it, or"
            " go back in two steps with the playbook zonecut.dns.reset_serial.",
            expected=f"YYYYMMDDNN up to {last.isoformat()}",
            got=str(serial),
        )


def ns_ttl_range(zone: ZoneView, settings: CheckSettings) -> t.Iterator[Finding]:
    """ns_ttl_range"""
    least, most = settings.limits.ns_ttl_min, settings.limits.ns_ttl_max
    for side, ttls in _ns_ttls(zone):
        wrong = sorted(ttl for ttl in ttls if not least <= ttl <= most)
        if not wrong:
            continue
        if wrong[0] < least:
            told = f"under the {_span(least)} of ns_ttl_min, so resolvers look the name servers up again all the time"
        else:
            told = f"over the {_span(most)} of ns_ttl_max, so a change of name servers takes that long to arrive"
        yield finding(
            "ns_ttl_range",
            f"The NS records of {zone.text} {side} have a TTL of {_span(wrong[0])}, {told}. Set it to between"
            f" {_span(least)} and {_span(most)}, where that is yours to set, or change the limit.",
            expected=f"{_span(least)} to {_span(most)}",
            got=_span(wrong[0]),
        )


def _ns_ttls(zone: ZoneView) -> t.Iterator[tuple[str, set[int]]]:
    if zone.parent is not None and zone.parent.name is not None:
        referred = {
            record.ttl
            for view in zone.parent.referrals
            for record in (*view.ns.answer, *view.ns.authority)
            if record.rdtype == dns.rdatatype.NS and is_same_name(record.owner, zone.name)
        }
        yield f"at the parent {display_name(zone.parent.name)}", referred
    yield "at its own servers", {record.ttl for view in zone.working for record in view.best_ns.matching}


def _versions(zone: ZoneView, read: t.Callable[[ReceivedRecord], _T]) -> t.Iterator[tuple[_T, str]]:
    """Yield each value that servers have, and the zone with those that have it, if not all do."""
    soas = zone.single_soas
    if soas and all(record is soas[0][0] for record, _view in soas):
        yield read(soas[0][0]), zone.text
        return
    found: dict[_T, list[AddressView]] = {}
    for record, view in soas:
        found.setdefault(read(record), []).append(view)
    for value, views in found.items():
        yield value, zone.text if len(found) == 1 else f"{zone.text} at {', '.join(map(str, views))}"


def _views_of(primary: PrimaryView, zone: ZoneView) -> list[AddressView]:
    addresses = () if primary.host is None else primary.host.addresses
    return [view for view in zone.addresses if view.address in addresses]


def _is_name_server(primary: PrimaryView, zone: ZoneView) -> bool:
    return any(server.name == primary.mname for server in zone.servers)


def _span(seconds: float) -> str:
    return format_duration(int(seconds))


CHECKS = (
    refresh_range,
    retry_not_below_refresh,
    expire_short,
    expire_below_refresh,
    negative_ttl_range,
    negative_ttl_capped,
    rname_invalid,
    mname_invalid,
    mname_alias,
    mname_unresolvable,
    mname_not_authoritative,
    mname_not_newest,
    serial_not_date,
    ns_ttl_range,
)
