# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record data of every type, as text to describe and as hypothesis strategies that aim at the edges."""

from __future__ import annotations

import string
import typing as t

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from hypothesis import assume
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._records import must_fit

APEX = dns.name.from_text("contoso.example.")

_KEY = "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="

# One or more texts for each type; names are relative where that is possible.
SAMPLES: dict[str, list[str]] = {
    "A": ["192.0.2.1"],
    "AAAA": ["2001:db8::1", "::ffff:192.0.2.1"],
    "AFSDB": ["1 afs"],
    "AMTRELAY": ["10 0 1 192.0.2.9", "10 1 3 relay"],
    "APL": ["1:192.0.2.0/24 !2:2001:db8::/32"],
    "AVC": ['"app-name:WOLFGANG|app-class:OAM"', "app-name:x y"],
    "CAA": ['0 issue "ca.example.net; policy=ev"', "128 tbs Unknown"],
    "CDNSKEY": [f"257 3 13 {_KEY}", "0 3 0 AA=="],
    "CDS": ["12345 13 2 " + "ab" * 32, "0 0 0 00"],
    "CERT": ["PGP 0 0 aGVsbG8=", "1 12345 RSASHA256 aGVsbG8="],
    "CNAME": ["target"],
    "CSYNC": ["66 3 A NS AAAA"],
    "DHCID": ["AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="],
    "DLV": ["12345 13 2 " + "cd" * 32],
    "DNAME": ["target.example.net."],
    "DNSKEY": [f"256 3 13 {_KEY}"],
    "DS": ["12345 13 2 " + "ef" * 32],
    "EUI48": ["00-00-5e-00-53-2a"],
    "EUI64": ["00-00-5e-ef-10-00-00-2a"],
    "GPOS": ["-32.6882 116.8652 10.0"],
    "HINFO": ['"Generic PC; clone" "NetBSD-1.4"'],
    "HIP": [f"2 200100107B1A74DF365639CC39F1D578 {_KEY} rvs1 rvs2.example.net."],
    "HTTPS": ['1 . alpn="h2,h3" ipv4hint=192.0.2.1', "0 pool"],
    "IPSECKEY": [f"10 1 2 192.0.2.38 {_KEY}", f"10 3 2 gateway {_KEY}"],
    "ISDN": ['"150862028003217" "004"'],
    "KX": ["10 kx"],
    "L32": ["10 10.1.2.0"],
    "L64": ["10 2001:0db8:1140:1000"],
    "LOC": ["52 22 23.000 N 4 53 32.000 E -2.00m 1.00m 10000.00m 10.00m"],
    "LP": ["10 l64"],
    "MX": ["10 mx", "0 ."],
    "NAPTR": ['100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp', '1 1 "u" "E2U+sip" "!^.*$!sip:a@b.example!" .'],
    "NID": ["10 0014:4fff:ff20:ee64"],
    "NINFO": ['"foo" "bar"'],
    "NS": ["ns"],
    "NSAP": ["0x47000580005a0000000001e133ffffff00016100"],
    "NSAP-PTR": ["foo"],
    "NSEC": ["host A MX RRSIG NSEC TYPE1234"],
    "NSEC3": ["1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY"],
    "NSEC3PARAM": ["1 0 0 -"],
    "OPENPGPKEY": ["aGVsbG8gd29ybGQ="],
    "PTR": ["host"],
    "PX": ["10 ma mb.example.net."],
    "RP": ["mbox txt"],
    "RRSIG": ["A 13 3 3600 20300101000000 20200101000000 12345 @ AAAA"],
    "RT": ["10 relay"],
    "SMIMEA": ["3 1 1 " + "aa" * 32],
    "SPF": ['"v=spf1 -all"', "v=spf1 ip4:192.0.2.0/24 -all"],
    "SRV": ["10 20 5060 sip"],
    "SSHFP": ["4 2 " + "bb" * 32],
    "SVCB": ["1 svc port=8443 key65333=ex", r'16 . alpn="f\\\\oo\\,bar,h2" key65000="a;b \"c\""'],
    "TLSA": ["3 1 1 " + "cc" * 32],
    "TXT": ['"a\\"b;c(d)" "\\000\\010\\255"', "v=DKIM1; k=rsa; p=MIGf(MA0)", '""', "x" * 600, "$INCLUDE /etc/passwd"],
    "URI": ['10 1 "https://example.net/?a=b;c"'],
    "WKS": ["192.0.2.1 6 25 80"],
    "X25": ['"311061700956"'],
    "ZONEMD": ["2018031500 1 1 " + "dd" * 48],
    "TYPE65280": ["\\# 4 0a000001", "\\# 0"],
    "TYPE1": ["\\# 4 c0000201"],
    # Known to later versions of dnspython only; any version reads the form for unknown types.
    "TYPE66": ["\\# 6 003b01156f00"],
    "TYPE261": ["\\# 9 08716e616d656d696e"],
    "TYPE262": ["\\# 8 03425443033b2822"],
}

labels = st.one_of(
    st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12).map(str.encode),
    st.sampled_from(
        (b"*", b"@", b"$INCLUDE", b"$ORIGIN", b"IN", b"3600", b"A", b";", b'"', b"(", b"\\", b".", b" ", b"\n", b"\r")
    ),
    st.binary(min_size=1, max_size=12),
)


@st.composite
def owners(draw: st.DrawFn) -> dns.name.Name:
    """Names at or below the apex, of any octets."""
    return dns.name.Name((*draw(st.lists(labels, max_size=3)), *APEX.labels))


@st.composite
def names(draw: st.DrawFn) -> dns.name.Name:
    """Absolute names anywhere, of any octets."""
    return dns.name.Name((*draw(st.lists(labels, max_size=3)), *draw(st.sampled_from((APEX, dns.name.root))).labels))


@st.composite
def rdatas(draw: st.DrawFn) -> dns.rdata.Rdata:
    """Data of any type: the octets of a sample, some of them changed to anything that the type still admits."""
    mnemonic = draw(st.sampled_from(sorted(SAMPLES)))
    rdtype = dns.rdatatype.from_text(mnemonic)
    text = draw(st.sampled_from(SAMPLES[mnemonic]))
    if mnemonic in ("AVC", "SPF", "TXT"):
        strings = draw(st.lists(st.binary(max_size=255), min_size=1, max_size=3))
        wire = b"".join(bytes((len(each),)) + each for each in strings)
    else:
        wire = t.cast(bytes, dns.rdata.from_text("IN", rdtype, text, origin=APEX, relativize=False).to_wire())
        changed = bytearray(wire)
        places = st.tuples(st.integers(0, max(len(wire) - 1, 0)), st.integers(0, 255))
        for position, octet in draw(st.lists(places, max_size=4)):
            if changed:
                changed[position] = octet
        if draw(st.booleans()) and mnemonic in ("CNAME", "NS", "PTR", "DNAME"):
            changed = bytearray(t.cast(bytes, draw(names()).to_wire()))
        wire = bytes(changed)
    try:
        rdata = dns.rdata.from_wire(dns.rdataclass.IN, rdtype, wire, 0, len(wire))
        must_fit(rdata)
        return rdata
    except (dns.exception.DNSException, ValueError):
        assume(False)
        raise
