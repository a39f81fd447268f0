# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records as text that every name server reads, whatever octets are in them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps

with deps.declare("dnspython"):
    import dns.exception
    import dns.rdata
    import dns.rdatatype

__all__ = ("presentation",)

# The types whose mnemonics and data BIND 9.18, NSD 4.6, Knot 3.2, PowerDNS 4.7 and dnspython 2.3 all read; any other is
# written in the form for unknown types, which each of them reads as well.
_READ_BY_ALL = frozenset(
    (
        *("A", "AAAA", "AFSDB", "APL", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "CSYNC", "DHCID", "DLV", "DNAME"),
        *("DNSKEY", "DS", "EUI48", "EUI64", "HINFO", "HTTPS", "IPSECKEY", "KX", "L32", "L64", "LOC", "LP", "MX"),
        *("NAPTR", "NID", "NS", "NSEC", "NSEC3", "NSEC3PARAM", "OPENPGPKEY", "PTR", "RP", "RRSIG", "SMIMEA", "SOA"),
        *("SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI", "ZONEMD"),
    )
)
# Their text form is so plain that it need not be read back to know that it means the same.
_PLAIN = frozenset(("A", "AAAA", "CNAME", "DNAME", "DNSKEY", "DS", "MX", "NS", "PTR", "SRV", "TLSA", "TXT"))
_QUOTED_PORT = re.compile(r' port="(\d+)"')


def presentation(rdata: dns.rdata.Rdata) -> tuple[str, str]:
    """Return the type and the data of a record as every supported name server reads them, names absolute."""
    mnemonic = dns.rdatatype.to_text(rdata.rdtype)
    if mnemonic in _PLAIN:
        return mnemonic, rdata.to_text()
    if mnemonic in _READ_BY_ALL:
        text = _text_for_all(mnemonic, rdata)
        if text is not None and _reads_as(text, rdata):
            return mnemonic, text
    wire = t.cast(bytes, rdata.to_wire())
    return f"TYPE{int(rdata.rdtype)}", f"\\# {len(wire)} {wire.hex()}".rstrip()


def _reads_as(text: str, rdata: dns.rdata.Rdata) -> bool:
    """Whether ``text`` is ``rdata`` to dnspython."""
    try:
        return bool(dns.rdata.from_text(rdata.rdclass, rdata.rdtype, text).to_wire() == rdata.to_wire())
    except (dns.exception.DNSException, ValueError):
        return False


def _text_for_all(mnemonic: str, rdata: dns.rdata.Rdata) -> str | None:
    try:
        text = rdata.to_text()
    except ValueError:
        # dnspython 2.3 on a URI that is not UTF-8.
        return None
    if not text.isascii():
        # dnspython writes the target of a URI as characters, and reads them back, but others read octets.
        return None
    # PowerDNS reads neither the mnemonics of certificates nor a port in quotes.
    if mnemonic == "CERT":
        cert: t.Any = rdata
        return f"{int(cert.certificate_type)} {cert.key_tag} {int(cert.algorithm)} {text.split(' ', 3)[3]}"
    if mnemonic in ("HTTPS", "SVCB"):
        return _QUOTED_PORT.sub(r" port=\1", text)
    return text
