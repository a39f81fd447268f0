# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one description of a zone that every module reads: from plain YAML or JSON values to checked, frozen ones.

Record data stays text here: only ``_records`` needs (and pays for) parsing it.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.zonecut.dns.plugins.module_utils._access import split_port
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._durations import parse_duration
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem
from ansible_collections.zonecut.dns.plugins.module_utils._name_text import is_absolute, name_text
from ansible_collections.zonecut.dns.plugins.module_utils._names import (
    display_name,
    is_host_name,
    is_in_domain,
    is_zone_name,
    parse_absolute_name,
    rname_from_email,
)
from ansible_collections.zonecut.dns.plugins.module_utils._natural_forms import natural_text
from ansible_collections.zonecut.dns.plugins.module_utils._reverse import (
    is_address_or_network,
    parse_network,
    reverse_name,
)
from ansible_collections.zonecut.dns.plugins.module_utils._shared_names import shared_name

with deps.declare("dnspython"):
    import dns.dnssec
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.tokenizer

__all__ = (
    *("DS_MODES", "DsMode", "NameServer", "RecordDescription", "SoaDescription", "Zone", "ZoneTree"),
    *("parse_zone_name", "parse_zones"),
)

DsMode = t.Literal["exact", "present", "follow_cds"]
DS_MODES: tuple[DsMode, ...] = ("exact", "present", "follow_cds")

DEFAULT_TTL = 3600
# Seconds: refresh, retry, expire, negative TTL.
SOA_PROFILES: dict[str, tuple[int, int, int, int]] = {
    "standard": (3600, 900, 1209600, 300),
    "dynamic": (300, 60, 604800, 60),
    "stable": (86400, 7200, 2419200, 3600),
    "windows": (900, 600, 86400, 3600),
}
_SOA_TIMERS = ("refresh", "retry", "expire", "negative_ttl")
_ZONE_KEYS = frozenset(
    (
        *("name", "parent", "ttl", "contact", "primary", "soa", "name_servers"),
        *("records", "src", "ds", "dnskeys", "ds_from", "ds_mode"),
    )
)
_RECORD_KEYS = frozenset(("name", "type", "value", "values", "ttl"))


@dataclass(frozen=True)
class NameServer:
    """A name server of a zone and the addresses described for it, in canonical text form.

    :arg ports: where to ask it, by address, if not at the usual port; no record holds these.
    """

    name: dns.name.Name
    addresses: tuple[str, ...] = ()
    ports: t.Mapping[str, int] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return display_name(self.name) + (f" ({', '.join(self.addresses)})" if self.addresses else "")


@dataclass(frozen=True)
class RecordDescription:
    """One entry of ``records``, its data still in zone file form.

    :arg index: its position in the list, from 0, as messages name it.
    :arg owner: as written: relative unless dotted, ``@`` for the apex.
    :arg texts: as written, or made of natural forms.
    :arg ttl: seconds, or None for the zone's default.
    """

    index: int
    owner: str
    rdtype: str
    texts: tuple[str, ...]
    ttl: int | None = None

    @property
    def where(self) -> str:
        """How messages name the record."""
        return f"records[{self.index}] ({self.owner} {self.rdtype})"


@dataclass(frozen=True)
class SoaDescription:
    """SOA fields in seconds; ``given`` names those the user set, the others come from the profile."""

    refresh: int
    retry: int
    expire: int
    negative_ttl: int
    ttl: int | None = None
    given: frozenset[str] = frozenset()


_STANDARD_SOA = SoaDescription(*SOA_PROFILES["standard"])


@dataclass(frozen=True)
class Zone:
    """A described zone.

    :arg ttl: default TTL of records in seconds; None when the user gave none (``default_ttl`` then applies).
    :arg contact: RNAME, or None when not given.
    :arg primary: MNAME, or None when not given.
    :arg src: path of the zone file to take records from, as written.
    :arg ds: the DS rdatas, from ``ds`` and derived from ``dnskeys``.
    :arg dnskeys: the DNSKEY rdatas, for parents that take keys.
    :arg ds_mode: what becomes of DS records at the parent that are not described, or None when not given.
    :arg described: the plain value this came from; do not change it.
    """

    name: dns.name.Name
    ttl: int | None
    contact: dns.name.Name | None
    primary: dns.name.Name | None
    soa: SoaDescription
    name_servers: tuple[NameServer, ...]
    records: tuple[RecordDescription, ...]
    src: str | None
    ds: tuple[dns.rdata.Rdata, ...]
    dnskeys: tuple[dns.rdata.Rdata, ...]
    ds_from: t.Literal["child", "cds"] | None
    ds_mode: DsMode | None
    parent: str | None
    described: t.Mapping[str, t.Any]

    @functools.cached_property
    def text(self) -> str:
        """The name as results and messages show it."""
        return display_name(self.name)

    @functools.cached_property
    def apex(self) -> str:
        """The name as zone files have it, with its final dot."""
        return name_text(self.name)

    @property
    def default_ttl(self) -> int:
        """Default TTL of records in seconds."""
        return DEFAULT_TTL if self.ttl is None else self.ttl

    @property
    def glue(self) -> tuple[NameServer, ...]:
        """The name servers in-domain for this zone, which the parent can only reach by glue."""
        return tuple(server for server in self.name_servers if is_in_domain(server.name, self.name))


class ZoneTree:
    """How the zones of one description lie above and below each other."""

    def __init__(self, zones: t.Sequence[Zone]) -> None:
        self._by_name = {zone.name: zone for zone in zones}
        self._children: dict[dns.name.Name, list[Zone]] = {}
        for zone in zones:
            parent = self.parent_of(zone)
            if parent is not None:
                self._children.setdefault(parent.name, []).append(zone)

    def get(self, name: dns.name.Name) -> Zone | None:
        """Return the described zone with that apex, if any."""
        return self._by_name.get(name)

    def closest_above(self, name: dns.name.Name) -> Zone | None:
        """Return the described zone that is the nearest strict ancestor of ``name``, if any."""
        while name != dns.name.root:
            name = name.parent()
            if name in self._by_name:
                return self._by_name[name]
        return None

    def parent_of(self, zone: Zone) -> Zone | None:
        """Return the described zone in whose file ``zone`` is delegated automatically, if any.

        That is the nearest one above it, unless the zone's ``parent`` says otherwise; naming that zone says the same.
        """
        above = self.closest_above(zone.name)
        if above is None or zone.parent is None:
            return above
        return above if _is_named(above, zone.parent) else None

    def children_of(self, zone: Zone) -> t.Sequence[Zone]:
        """Return the zones that are delegated in the file of ``zone``, in input order."""
        return self._children.get(zone.name, ())


def parse_zones(described: object) -> tuple[Zone, ...]:
    """Return the zones for a plain description, in input order.

    :arg described: a list of mappings, or of plain zone names.
    :raises DescriptionError: with every problem found.
    :raises MissingLibraryError: where dnspython is missing.
    """
    deps.require("dnspython", purpose="read the description of a zone")
    if not isinstance(described, (list, tuple)):
        raise DescriptionError([Problem(where="zones", rule="zones is a list", value=described)])
    problems: list[Problem] = []
    zones: list[Zone] = []
    seen: dict[dns.name.Name, int] = {}
    for index, entry in enumerate(described):
        parser = _ZoneParser(index=index, entry=entry, problems=problems)
        zone = parser.zone()
        if zone is not None:
            zones.append(zone)
        if parser.name is not None and seen.setdefault(parser.name, index) != index:
            rule = f"a zone is described only once, and zones[{seen[parser.name]}] describes it already"
            problems.append(Problem(zone=display_name(parser.name), where=f"zones[{index}]", rule=rule))
    if problems:
        raise DescriptionError(problems)
    return tuple(zones)


def _undescribed(name: dns.name.Name, described: t.Mapping[str, t.Any]) -> Zone:
    """Return the zone of which nothing but its name is given, as where many are only to be verified."""
    return Zone(
        name=name,
        ttl=None,
        contact=None,
        primary=None,
        soa=_STANDARD_SOA,
        name_servers=(),
        records=(),
        src=None,
        ds=(),
        dnskeys=(),
        ds_from=None,
        ds_mode=None,
        parent=None,
        described=described,
    )


class _ZoneParser:
    """Reads one entry of ``zones``; what is wrong goes into ``problems`` so that one run reports everything."""

    def __init__(self, *, index: int, entry: object, problems: list[Problem]) -> None:
        self._where = f"zones[{index}]"
        self._entry: dict[str, t.Any] = {"name": entry} if isinstance(entry, str) else t.cast("dict[str, t.Any]", entry)
        self._problems = problems
        self.name: dns.name.Name | None = None

    def zone(self) -> Zone | None:
        if not isinstance(self._entry, dict):
            self._problem(rule="a zone is a mapping with a name, or a plain name", value=self._entry)
            return None
        before = len(self._problems)
        self.name = self._read("name", parse_zone_name, required=True)
        if self.name is not None and len(self._entry) == 1:
            return _undescribed(self.name, self._entry)
        # The root stands in for an unusable name, so that the rest is checked all the same.
        name = dns.name.root if self.name is None else self.name
        self._unknown_keys(self._entry, _ZONE_KEYS, where=None)
        dnskeys = self._rdatas("dnskeys", "DNSKEY", ("flags", "protocol", "algorithm", "public_key"))
        ds = self._rdatas("ds", "DS", ("key_tag", "algorithm", "digest_type", "digest"))
        zone = Zone(
            name=name,
            ttl=self._read("ttl", parse_duration),
            contact=self._read("contact", _rname),
            primary=self._read("primary", _mname),
            soa=self._soa(),
            name_servers=self._name_servers(),
            records=self._records(),
            src=self._read("src", _text),
            ds=tuple(dict.fromkeys((*ds, *(dns.dnssec.make_ds(name, key, "SHA256") for key in dnskeys)))),
            dnskeys=dnskeys,
            ds_from=self._read("ds_from", _one_of("child", "cds")),
            ds_mode=self._read("ds_mode", _one_of(*DS_MODES)),
            parent=self._read("parent", _text),
            described=self._entry,
        )
        if zone.ds_from and zone.ds:
            self._problem(where="ds_from", rule="either list ds or dnskeys, or take them with ds_from, not both")
        return zone if len(self._problems) == before else None

    def _problem(self, *, rule: str, value: object = None, where: str | None = None) -> None:
        if self.name is None:
            where = self._where if where is None else f"{self._where}, {where}"
        zone = None if self.name is None else display_name(self.name)
        self._problems.append(Problem(zone=zone, where=where, rule=rule, value=value))

    def _read(self, key: str, parse: t.Callable[[t.Any], t.Any], *, required: bool = False) -> t.Any:
        return self._read_from(self._entry, key, parse, where=key, required=required)

    def _read_from(
        self,
        mapping: dict[str, t.Any],
        key: str,
        parse: t.Callable[[t.Any], t.Any],
        *,
        where: str,
        required: bool = False,
    ) -> t.Any:
        value = mapping.get(key)
        if value is None:
            if required:
                self._problem(rule=f"{key} is required", where=where)
            return None
        try:
            return parse(value)
        except ValueError as exc:
            self._problem(rule=str(exc), value=value, where=where)
            return None

    def _unknown_keys(self, mapping: dict[str, t.Any], known: t.Collection[str], *, where: str | None) -> None:
        if mapping.keys() <= set(known):
            return
        for key in mapping:
            if key not in known:
                self._problem(rule=f"unknown key; known are {', '.join(sorted(known))}", value=key, where=where)

    def _list(self, key: str) -> list[t.Any]:
        value = self._entry.get(key)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self._problem(rule=f"{key} is a list", value=value, where=key)
            return []
        return list(value)

    def _soa(self) -> SoaDescription:
        given = self._entry.get("soa")
        if given is None:
            return _STANDARD_SOA
        if not isinstance(given, dict):
            self._problem(rule="soa is a mapping", value=given, where="soa")
            given = {}
        self._unknown_keys(given, ("profile", "ttl", *_SOA_TIMERS), where="soa")
        profile = self._read_from(given, "profile", _one_of(*SOA_PROFILES), where="soa.profile") or "standard"
        fields = dict(zip(_SOA_TIMERS, SOA_PROFILES[profile]))
        for key in (*_SOA_TIMERS, "ttl"):
            seconds = self._read_from(given, key, parse_duration, where=f"soa.{key}")
            if seconds is not None:
                fields[key] = seconds
        explicit = {key for key in given if given[key] is not None}
        if "profile" in explicit:
            explicit = explicit - {"profile"} | set(_SOA_TIMERS)
        return SoaDescription(**fields, given=frozenset(explicit))

    def _name_servers(self) -> tuple[NameServer, ...]:
        servers: dict[dns.name.Name, NameServer] = {}
        for index, entry in enumerate(self._list("name_servers")):
            where = f"name_servers[{index}]"
            entry = {"name": entry} if isinstance(entry, str) else entry
            if not isinstance(entry, dict):
                self._problem(
                    rule="a name server is a mapping with name and addresses, or a name", value=entry, where=where
                )
                continue
            self._unknown_keys(entry, ("name", "addresses"), where=where)
            name = self._read_from(entry, "name", _host_name, where=where, required=True)
            ports = self._read_from(entry, "addresses", _addresses, where=f"{where}.addresses") or {}
            if name is None:
                continue
            if name in servers:
                self._problem(rule="a name server is listed only once", value=display_name(name), where=where)
            given = {address: port for address, port in ports.items() if port is not None}
            servers[name] = NameServer(name=name, addresses=tuple(ports), ports=given)
        return tuple(servers.values())

    def _records(self) -> tuple[RecordDescription, ...]:
        records = []
        for index, entry in enumerate(self._list("records")):
            record = self._record(index, entry)
            if record is not None:
                records.append(record)
        return tuple(records)

    def _record(self, index: int, entry: object) -> RecordDescription | None:
        where = f"records[{index}]"
        if not isinstance(entry, dict):
            self._problem(rule="a record is a mapping with name, type and value or values", value=entry, where=where)
            return None
        # Owners in reverse zones are numbers, which YAML reads as such.
        owner, rdtype = entry.get("name"), entry.get("type")
        named = " ".join(str(part) for part in (owner, rdtype) if _is_scalar(part) and part != "")
        where = f"{where} ({named})" if named else where
        self._unknown_keys(entry, _RECORD_KEYS, where=where)
        if not _is_scalar(owner) or owner == "":
            self._problem(rule="name is required and is text, in quotes ('@' is the apex)", value=owner, where=where)
            return None
        if not isinstance(rdtype, str) or not rdtype:
            self._problem(rule="type is required and is text", value=rdtype, where=where)
            return None
        value, values = entry.get("value"), entry.get("values")
        if (value is None) == (values is None):
            self._problem(rule="exactly one of value and values is needed", where=where)
            return None
        values = [value] if values is None else values
        if not isinstance(values, (list, tuple)) or not values:
            self._problem(rule="values is a list and not empty", value=values, where=where)
            return None
        rdtype = rdtype.upper()
        texts = [str(value) if _is_scalar(value) else self._text(rdtype, value, where=where) for value in values]
        if None in texts:
            return None
        ttl = self._read_from(entry, "ttl", parse_duration, where=f"{where} ttl")
        return RecordDescription(
            index=index, owner=str(owner), rdtype=rdtype, texts=tuple(t.cast("list[str]", texts)), ttl=ttl
        )

    def _text(self, rdtype: str, value: object, *, where: str) -> str | None:
        """Return the zone file text of a value that is no text."""
        if not isinstance(value, dict):
            rule = "a value is text, in quotes where YAML would read something else; several go into values"
            self._problem(rule=rule, value=value, where=where)
            return None
        try:
            return natural_text(rdtype, value)
        except ValueError as exc:
            # The rule shows the one key that is wrong; the others could be a secret pasted by mistake.
            self._problem(rule=str(exc), where=where)
            return None

    def _rdatas(self, key: str, rdtype: str, fields: tuple[str, ...]) -> tuple[dns.rdata.Rdata, ...]:
        rdatas = []
        for index, entry in enumerate(self._list(key)):
            where = f"{key}[{index}]"
            if isinstance(entry, dict):
                self._unknown_keys(entry, fields, where=where)
                missing = [field for field in fields if entry.get(field) is None and field != "protocol"]
                if missing:
                    self._problem(rule=f"{' and '.join(missing)} missing", value=entry, where=where)
                    continue
            elif not isinstance(entry, str):
                self._problem(rule=f"a {rdtype} is text or a mapping of {', '.join(fields)}", value=entry, where=where)
                continue
            try:
                rdatas.append(_key_rdata(rdtype, entry, fields))
            except (dns.exception.DNSException, ValueError) as exc:
                form = " ".join(f"<{field}>" for field in fields)
                reason = str(exc) or "an unknown mnemonic"
                self._problem(rule=f"not {rdtype} data of the form {form} ({reason})", value=entry, where=where)
        return tuple(rdatas)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text is needed here")
    return value


def _is_scalar(value: object) -> bool:
    # YAML turns unquoted yes, 1.10 and 2026-01-01 into other things than what was written.
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _is_named(zone: Zone, text: str) -> bool:
    try:
        return bool(zone.name == parse_zone_name(text))
    except ValueError:
        return False


def _key_rdata(rdtype: str, entry: str | dict[str, t.Any], fields: tuple[str, ...]) -> dns.rdata.Rdata:
    """Return the DS or DNSKEY rdata for text or a mapping of ``fields``, of which only ``protocol`` has a default."""
    if isinstance(entry, str):
        words = _words(entry)
    else:
        words = [word for field in fields for word in str(3 if entry.get(field) is None else entry[field]).split()]
    # dnspython 2.3 passes over what is not base64, and so takes a damaged key for another one.
    if not all(re.fullmatch(r"[A-Za-z0-9+/=-]+", word) for word in words):
        raise ValueError("a character that is neither base64 nor hexadecimal")
    rdata: t.Any = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), " ".join(words))
    if rdtype == "DNSKEY" and not (rdata.flags & 0x0100 and rdata.protocol == 3):
        raise ValueError("a zone's key has flags 256 or 257 and protocol 3, RFC 4034 section 2.1")
    return t.cast("dns.rdata.Rdata", rdata)


def _words(text: str) -> list[str]:
    # A record pasted from a zone file may span lines within parentheses and carry comments.
    tokenizer = dns.tokenizer.Tokenizer(text.strip())
    words = []
    while not (token := tokenizer.get()).is_eol_or_eof():
        words.append(token.value)
    if not token.is_eof() and not tokenizer.get().is_eof():
        raise ValueError("several lines, which only parentheses make one record")
    return words


def _one_of(*choices: str) -> t.Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(value)

    return parse


def parse_zone_name(value: object) -> dns.name.Name:
    """Return the apex that a zone's ``name`` means: an absolute name, or the network that a reverse zone is for.

    :raises ValueError: with the rule that the value breaks.
    """
    if isinstance(value, str) and is_address_or_network(value):
        value = reverse_name(parse_network(value))
    name = parse_absolute_name(value)
    if not is_zone_name(name):
        raise ValueError("a zone's name has only letters, digits, hyphens, underscores, slashes and dots")
    return shared_name(tuple(label.lower() for label in name.labels))


def _host_name(value: object) -> dns.name.Name:
    name = parse_absolute_name(value)
    if is_address_or_network(str(value)):
        raise ValueError("a name server is given by its name, an address goes into addresses")
    if len(name.labels) == 2:
        raise ValueError("names are absolute here: write this one with its domain, such as ns1.example.com")
    if not is_host_name(name):
        raise ValueError("a name server's name has only letters, digits, hyphens and dots (RFC 1123 section 2.1)")
    return name


def _mname(value: object) -> dns.name.Name:
    # Zones that were made elsewhere have names there that are those of no host, such as the root.
    return parse_absolute_name(value) if _is_raw_name(value) else _host_name(value)


def _rname(value: object) -> dns.name.Name:
    return parse_absolute_name(value) if _is_raw_name(value) else rname_from_email(value)


def _is_raw_name(value: object) -> bool:
    """Whether a value is a name as zone files have it, with its final dot and any octets, and no e-mail address."""
    return isinstance(value, str) and bool(value) and is_absolute(value) and "@" not in value.replace("\\@", "")


def _addresses(value: object) -> dict[str, int | None]:
    """Return each address and its port, if it has one of its own."""
    addresses = [value] if isinstance(value, str) else value
    if not isinstance(addresses, (list, tuple)):
        raise ValueError("addresses is a list of IPv4 and IPv6 addresses")
    ports: dict[str, int | None] = {}
    for each in addresses:
        text, port = split_port(each) if isinstance(each, str) else (each, None)
        address = _address(text)
        if address in ports:
            raise ValueError(f"{address} is listed twice")
        ports[address] = port
    return ports


def _address(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not an IPv4 or IPv6 address")
    if "%" in value:
        raise ValueError(f"{value!r} has a zone index, which no address record can hold")
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise ValueError(f"{value!r} is not an IPv4 or IPv6 address") from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        raise ValueError(f"{value!r} is an IPv4-mapped address, write {address.ipv4_mapped}")
    return str(address)
