# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of what single records and RRsets say, type by type, beyond what reading them tells."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from collections import Counter

from ansible_collections.zonecut.dns.plugins.module_utils._errors import Problem
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import is_at_or_below, is_host, labels_of
from ansible_collections.zonecut.dns.plugins.module_utils._records import Record
from ansible_collections.zonecut.dns.plugins.module_utils._zone_view import (
    Check,
    ZoneView,
    shown,
    target_of,
)

__all__ = ("VALUE_CHECKS",)

_REVERSE = ("in-addr.arpa.", "ip6.arpa.")
# RFC 6763 section 11.
_BROWSING = re.compile(r"(?:b|db|dr|lb|r)\._dns-sd\._udp(?:\..*)?")
_DNS_SERVER = re.compile(r"(?:_[0-9]+\.)?_dns(?:\..*)?")
_ALPN = re.compile(r' alpn="((?:[^"\\]|\\.)*)"')
_LIST_ITEM = re.compile(r"(?:[^,\\]|\\.)+")
_DOHPATH = re.compile(r" (?:key7|dohpath)=")
# Those that carry DNS itself and not HTTP (RFC 7858, RFC 9250).
_NOT_HTTP = {"dot", "doq"}
_TLSA_OWNER = re.compile(r"(?:\*|_(?:\*|[0-9]{1,5})\._[a-z0-9-]+|\*\._[a-z0-9-]+)(?:\..*)?")
_SMIMEA_OWNER = re.compile(r"(?:\*|[0-9a-f]{56})\._smimecert(?:\..*)?")
# Usage, selector and matching type (RFC 6698 section 7).
_TLSA_NUMBERS = ({"0", "1", "2", "3", "255"}, {"0", "1", "255"}, {"0", "1", "2", "255"})
# RFC 8659 section 4, RFC 9495 and the BIMI and CA/Browser Forum entries of IANA's registry.
_CAA_TAGS = {"contactemail", "contactphone", "iodef", "issue", "issuemail", "issuevmc", "issuewild"}
_TRIGGERS = ("rpz-client-ip", "rpz-ip", "rpz-nsip")


def _host_names(view: ZoneView) -> t.Iterator[Problem]:
    """Names in data that have to be those of hosts, which BIND's check-names refuses where they are not."""
    reverse = any(is_at_or_below(view.apex, zone) for zone in _REVERSE)
    for rdtype in ("AFSDB", "HTTPS", "SRV", "SVCB", *(("PTR",) if reverse else ())):
        for record in view.by_type[rdtype]:
            name = target_of(record)
            if name == "." or is_host(name) or (rdtype == "PTR" and _BROWSING.fullmatch(record.owner)):
                continue
            # RFC 9460 section 2.4.2: the target of an alias is any name.
            if rdtype not in ("HTTPS", "SVCB") or not record.data.startswith("0 "):
                yield _no_host(view, record, name)
    for record in view.by_type["SOA"]:
        mname, rname = record.data.split()[:2]
        if mname != "." and not is_host(mname):
            yield _no_host(view, record, mname)
        if not _is_mailbox(rname):
            yield _no_host(view, record, rname)
    for record in view.by_type["RP"]:
        if not _is_mailbox(target_of(record)):
            yield _no_host(view, record, target_of(record))


def _no_host(view: ZoneView, record: Record, name: str) -> Problem:
    rule = "not the name of a host (RFC 1123 section 2.1), which BIND refuses unless check-names is off"
    return view.problem(record, rule, code="target_invalid_name", value=name)


def _is_mailbox(name: str) -> bool:
    domain = ".".join(labels_of(name)[1:])
    return not domain or is_host(domain)


def _services(view: ZoneView) -> t.Iterator[Problem]:
    for rdtype in ("HTTPS", "SVCB"):
        records = view.by_type[rdtype]
        several = Counter(record.owner for record in records)
        for record in records:
            priority, name = record.data.split(" ", 2)[:2]
            target = view.owner(name)
            if priority == "0":
                if several[record.owner] > 1:
                    rule = "an alias stands alone, for clients take no notice of the rest (RFC 9460 section 2.4.1)"
                    yield view.problem(record, rule, code="svcb_alias_with_others")
                if target == record.owner:
                    yield view.problem(record, "an alias of itself (RFC 9460 section 2.4.2)", code="alias_loop")
            elif rdtype == "SVCB" and _DNS_SERVER.fullmatch(record.owner):
                wrong = _no_dns_server(record.data)
                if wrong:
                    yield view.problem(record, f"{wrong}; newer versions of BIND refuse it", code="svcb_dns_invalid")
            if name != "." and view.holds(target) and not view.exists(target):
                rule = f"there is no {shown(name)} in the zone"
                yield view.problem(record, rule, code="svcb_no_target")


def _no_dns_server(data: str) -> str | None:
    """Return what is wrong with a name server that SVCB describes (RFC 9461)."""
    alpn = _ALPN.search(data)
    if alpn is None:
        return "a name server is described with alpn (RFC 9461 section 4.1)"
    if {*_LIST_ITEM.findall(alpn[1])} - _NOT_HTTP and not _DOHPATH.search(data):
        return "DNS over HTTPS is described with dohpath (RFC 9461 section 5)"
    return None


def _mail(view: ZoneView) -> t.Iterator[Problem]:
    old = view.by_type["SPF"]
    if old:
        policies = {record.owner for record in view.by_type["TXT"] if record.data.lower().startswith('"v=spf1')}
        for record in old:
            if record.owner not in policies:
                rule = "mail servers read the policy from TXT only, and there is none (RFC 7208 section 3.1)"
                yield view.problem(record, rule, code="spf_without_txt")
    for record in view.by_type["RP"]:
        name = record.data.split()[1]
        target = view.owner(name)
        if name != "." and view.holds(target) and "TXT" not in view.types_at(target):
            rule = f"there is no TXT at {shown(name)} (RFC 1183 section 2.2)"
            yield view.problem(record, rule, code="rp_without_txt")


def _keys_of_hosts(view: ZoneView) -> t.Iterator[Problem]:
    for rdtype, owner, form in (
        ("TLSA", _TLSA_OWNER, "_443._tcp.www (RFC 6698 section 3)"),
        ("SMIMEA", _SMIMEA_OWNER, "a hash of 56 digits, then ._smimecert (RFC 8162 section 3)"),
    ):
        for record in view.by_type[rdtype]:
            if not owner.fullmatch(record.owner):
                yield view.problem(record, f"{rdtype} is looked up at names such as {form}", code="dane_owner_invalid")
            parts = record.data.split(" ", 3)[:3]
            if any(part not in known for part, known in zip(parts, _TLSA_NUMBERS)):
                yield _unregistered(view, record, " ".join(parts))
    for record in view.by_type["SSHFP"]:
        algorithm, kind = record.data.split(" ", 2)[:2]
        if algorithm not in ("1", "2", "3", "4", "6") or kind not in ("1", "2"):
            yield _unregistered(view, record, f"{algorithm} {kind}")
    for record in view.by_type["CAA"]:
        flags, tag = record.data.split(" ", 2)[:2]
        if flags not in ("0", "128") or tag.lower() not in _CAA_TAGS:
            yield _unregistered(view, record, f"{flags} {tag}")


def _unregistered(view: ZoneView, record: Record, value: str) -> Problem:
    return view.problem(record, "no standard defines this, so nobody heeds it", code="value_unregistered", value=value)


def _response_policies(view: ZoneView) -> t.Iterator[Problem]:
    wrong = {owner for owner in view.deep if owner.endswith(_TRIGGERS) and not _is_trigger(owner)}
    for record in view.of_owners(wrong):
        rule = (
            "no network as response policies have it: the length of its prefix, then the address backwards, zz for ::"
            " and no bits beyond the prefix; name servers skip it without a word"
        )
        yield view.problem(record, rule, code="rpz_trigger_invalid")


def _is_trigger(owner: str) -> bool:
    *written, place = labels_of(owner)
    if place not in _TRIGGERS:
        return True
    if written == ["*"]:
        return False
    length, *backwards = written
    try:
        if len(backwards) == 4 and "zz" not in backwards:
            return (
                str(ipaddress.IPv4Network(f"{'.'.join(backwards[::-1])}/{length}")).split("/", maxsplit=1)[0].split(".")
                == backwards[::-1]
            )
        address = ":".join("" if word == "zz" else word for word in backwards[::-1])
        if backwards[:1] == ["zz"]:
            address += ":"
        if backwards[-1:] == ["zz"]:
            address = f":{address}"
        network = ipaddress.IPv6Network(f"{address}/{length}")
    except ValueError:
        return False
    canonical = str(network.network_address).replace("::", ":zz:").strip(":").split(":")
    return canonical == backwards[::-1] and length == str(network.prefixlen)


VALUE_CHECKS: tuple[Check, ...] = (_host_names, _services, _mail, _keys_of_hosts, _response_policies)
