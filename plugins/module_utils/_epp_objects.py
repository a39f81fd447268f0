# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry shows of domains and hosts in EPP (RFC 5731, RFC 5732, RFC 5910), as values.

Next to each value is the text that the registry showed for it: some find what is to be removed only by that text.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._names import parse_absolute_name

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdatatype

if t.TYPE_CHECKING:
    from xml.etree import ElementTree

__all__ = (
    *("DOMAIN_URI", "EPP_URI", "HOST_URI", "LOGIN_SECURITY_URI", "SECDNS_URI"),
    *("EppDomain", "EppHost", "HostModel", "SecureEntry", "read_domain", "read_host", "read_reasons", "secure_entry"),
)

EPP_URI = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN_URI = "urn:ietf:params:xml:ns:domain-1.0"
HOST_URI = "urn:ietf:params:xml:ns:host-1.0"
SECDNS_URI = "urn:ietf:params:xml:ns:secDNS-1.1"
LOGIN_SECURITY_URI = "urn:ietf:params:xml:ns:epp:loginSec-1.0"

HostModel = t.Literal["obj", "attr"]
# The record as epptools takes it: the fields of dsData or keyData.
SecureEntry = t.Mapping[str, t.Union[int, str]]


@dataclass(frozen=True)
class EppHost:
    """A name server: a host object, or an entry of a domain that has its servers as attributes.

    :arg text: its name as the registry shows it.
    :arg addresses: canonical text to the text shown.
    :arg sponsor: whose it is, mostly a registrar, None where that is not shown.
    """

    name: dns.name.Name
    text: str
    addresses: t.Mapping[str, str]
    statuses: frozenset[str] = frozenset()
    sponsor: str | None = None


@dataclass(frozen=True)
class EppDomain:
    """A registered domain.

    :arg model: what its name servers are, None where it has none.
    :arg servers: with addresses only where they are attributes.
    :arg secure: the DS or DNSKEY rdatas, with what to call each by.
    """

    name: dns.name.Name
    statuses: frozenset[str]
    model: HostModel | None
    servers: t.Mapping[dns.name.Name, EppHost]
    secure: t.Mapping[dns.rdata.Rdata, SecureEntry]


def read_domain(response: ElementTree.Element) -> EppDomain:
    """Return the domain in the answer to a domain info command.

    :raises ValueError: for an answer that has none, or values that mean nothing.
    """
    data = _required(response, DOMAIN_URI, "infData")
    found = data.find(f"{{{DOMAIN_URI}}}ns")
    servers: list[EppHost] = []
    model: HostModel | None = None
    for entry in () if found is None else found:
        if entry.tag == f"{{{DOMAIN_URI}}}hostObj":
            model = "obj"
            servers.append(EppHost(name=parse_absolute_name(_text(entry)), text=_text(entry), addresses={}))
        elif entry.tag == f"{{{DOMAIN_URI}}}hostAttr":
            model = "attr"
            name = _text(_required(entry, DOMAIN_URI, "hostName"))
            shown = entry.iter(f"{{{DOMAIN_URI}}}hostAddr")
            servers.append(EppHost(name=parse_absolute_name(name), text=name, addresses=_addresses(shown)))
    return EppDomain(
        name=parse_absolute_name(_text(_required(data, DOMAIN_URI, "name"))),
        statuses=_statuses(data, DOMAIN_URI),
        model=model,
        servers={server.name: server for server in servers},
        secure=dict(_secure_entries(response)),
    )


def read_host(response: ElementTree.Element) -> EppHost:
    """Return the host in the answer to a host info command.

    :raises ValueError: for an answer that has none, or values that mean nothing.
    """
    data = _required(response, HOST_URI, "infData")
    name = _text(_required(data, HOST_URI, "name"))
    return EppHost(
        name=parse_absolute_name(name),
        text=name,
        addresses=_addresses(data.iter(f"{{{HOST_URI}}}addr")),
        statuses=_statuses(data, HOST_URI),
        sponsor=_optional_text(data, HOST_URI, "clID"),
    )


def read_reasons(response: ElementTree.Element) -> list[str]:
    """Return all that a registry says to its result codes, wherever it says so, and nothing twice."""
    # Of RFC 5730 are msg and reason. Afilias and NIXI say more in value; SIDN, DNS Belgium and Verisign in extensions.
    places = ("result/{*}msg", "result/{*}value", "result/{*}extValue/{*}reason", "extension//{*}msg")
    found = [element for place in places for element in response.findall(f"{{*}}response/{{*}}{place}")]
    leaves = [leaf for element in found for leaf in element.iter() if not len(leaf)]
    return list(dict.fromkeys(text for text in map(_text, leaves) if text))


def secure_entry(rdata: t.Any) -> SecureEntry:
    """Return a DS or DNSKEY rdata as epptools takes it."""
    fields = rdata.to_text().split(None, 3)
    if rdata.rdtype == dns.rdatatype.DS:
        return {**_numbers(("key_tag", "alg", "digest_type"), fields), "digest": _joined(fields[3]).upper()}
    return {**_numbers(("flags", "protocol", "alg"), fields), "pub_key": _joined(fields[3])}


def _secure_entries(response: ElementTree.Element) -> t.Iterator[tuple[dns.rdata.Rdata, SecureEntry]]:
    data = response.find(f".//{{{SECDNS_URI}}}infData")
    for entry in () if data is None else data:
        if entry.tag == f"{{{SECDNS_URI}}}dsData":
            rdtype, names = "DS", {"key_tag": "keyTag", "alg": "alg", "digest_type": "digestType", "digest": "digest"}
        elif entry.tag == f"{{{SECDNS_URI}}}keyData":
            rdtype, names = "DNSKEY", {"flags": "flags", "protocol": "protocol", "alg": "alg", "pub_key": "pubKey"}
        else:
            continue
        texts = {key: _joined(_text(_required(entry, SECDNS_URI, name))) for key, name in names.items()}
        try:
            rdata = dns.rdata.from_text("IN", rdtype, " ".join(texts.values()))
        except dns.exception.DNSException as exc:
            raise ValueError(f"the {rdtype} {' '.join(texts.values())} means nothing ({exc})") from exc
        yield rdata, {key: int(text) if text.isdigit() and key not in _BLOBS else text for key, text in texts.items()}


_BLOBS = ("digest", "pub_key")


def _numbers(keys: t.Sequence[str], fields: t.Sequence[str]) -> dict[str, int]:
    return {key: int(field) for key, field in zip(keys, fields)}


def _joined(text: str) -> str:
    """Return hexadecimal or Base64 text without the white space that XML and zone files allow in it."""
    return "".join(text.split())


def _addresses(elements: t.Iterable[ElementTree.Element]) -> dict[str, str]:
    shown = [_text(element) for element in elements]
    return {str(ipaddress.ip_address(text)): text for text in shown}


def _statuses(data: ElementTree.Element, uri: str) -> frozenset[str]:
    return frozenset(element.get("s", "") for element in data.findall(f"{{{uri}}}status"))


def _required(element: ElementTree.Element, uri: str, name: str) -> ElementTree.Element:
    found = element.find(f".//{{{uri}}}{name}")
    if found is None:
        raise ValueError(f"it has no {name} of {uri}")
    return found


def _optional_text(element: ElementTree.Element, uri: str, name: str) -> str:
    found = element.find(f"{{{uri}}}{name}")
    return "" if found is None else _text(found)


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()
