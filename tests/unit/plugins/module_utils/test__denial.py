# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs of negative answers, record by record: what holds, and what each flaw is called."""

from __future__ import annotations

import typing as t

import dns.name
import dns.rdata
import dns.rdatatype
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._denial import denial_flaw

ZONE = dns.name.from_text("example.")
APEX_TYPES = "NS SOA RRSIG NSEC DNSKEY"

Records = list[tuple[dns.name.Name, t.Any]]


def read(rdtype: str, lines: t.Sequence[str]) -> Records:
    parts = (line.split(None, 1) for line in lines)
    return [(dns.name.from_text(owner, ZONE), dns.rdata.from_text("IN", rdtype, data)) for owner, data in parts]


def flaw(name: str, denial: t.Any, *lines: str, rdtype: str = "A", kind: str = "NSEC") -> str | None:
    records = read(kind, lines)
    asked = dns.name.from_text(name, ZONE) if name != "@" else ZONE
    nsec, nsec3 = (records, []) if kind == "NSEC" else ([], records)
    return denial_flaw(ZONE, asked, dns.rdatatype.from_text(rdtype), denial, nsec=nsec, nsec3=nsec3)


APEX = f"example. b.example. {APEX_TYPES}"


@pytest.mark.parametrize(
    ("name", "denial", "lines", "expected"),
    [
        ("b", "nodata", ["b z.example. MX RRSIG NSEC"], None),
        ("b", "nodata", ["b z.example. A RRSIG NSEC"], "the NSEC lists A, so the type exists"),
        ("b", "nodata", ["b z.example. CNAME RRSIG NSEC"], "the NSEC lists CNAME, so the type exists"),
        ("example.", "nodata", [APEX], None),
        (
            "example.",
            "nodata",
            ["example. b.example. NS RRSIG NSEC"],
            "the NSEC of the apex does not list SOA, DNSKEY, which are there",
        ),
        # An empty non-terminal.
        ("m", "nodata", ["b a.m.example. A RRSIG NSEC"], None),
        (
            "m",
            "nxdomain",
            ["b a.m.example. A RRSIG NSEC"],
            "the NSEC before the name says that there are names below it",
        ),
        # A wildcard without the type.
        ("m", "nodata", ["b z.example. A RRSIG NSEC", "* b.example. MX RRSIG NSEC"], None),
        (
            "m",
            "nodata",
            ["b z.example. A RRSIG NSEC", "* b.example. A RRSIG NSEC"],
            "the NSEC lists A, so the type exists",
        ),
        ("m", "nodata", ["b z.example. A RRSIG NSEC"], "there is no NSEC of the name, nor of *.example."),
        ("m", "nxdomain", ["b z.example. A RRSIG NSEC", APEX], None),
        # The last NSEC of the zone.
        ("zz", "nxdomain", ["z example. A RRSIG NSEC", APEX], None),
        ("m", "nxdomain", ["b z.example. A RRSIG NSEC"], "no NSEC covers *.example."),
        ("m", "nxdomain", ["z example. A RRSIG NSEC", APEX], "no NSEC covers the name"),
        ("m", "nxdomain", ["m z.example. A RRSIG NSEC", APEX], "there is an NSEC of the name, so it exists"),
        (
            "m",
            "nxdomain",
            ["b z.example. A RRSIG NSEC", "* b.example. A RRSIG NSEC"],
            "there is an NSEC of *.example., so the wildcard exists",
        ),
        # The closest encloser is below the apex.
        ("x.b", "nxdomain", ["b z.example. A RRSIG NSEC"], None),
        ("m", "wildcard", ["b z.example. A RRSIG NSEC"], None),
        ("m", "wildcard", [APEX], "no NSEC covers the name"),
    ],
)
def test_nsec(name: str, denial: str, lines: list[str], expected: str | None) -> None:
    assert flaw(name, denial, *lines) == expected


# The hashes of RFC 5155 appendix A: salt aabbccdd, 12 iterations.
HASH = {
    "example.": "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
    "a.example.": "35mthgpgcu1qg68fab165klnsnk3dpvl",
    "ns1.example.": "2t7b4g4vsa5smi47k61mv5bv1a22bojr",
    "*.w.example.": "r53bq7cc2uvmubfu5ocmm6pers9tk9en",
    "w.example.": "k8udemvp1j2f7eg6jebps17vp3n8i58h",
    "x.w.example.": "b4um86eghhds6nea196smvmlo4ors995",
}
TYPES = "A RRSIG"


def nsec3(owner: str, following: str, types: str = TYPES, flags: int = 0) -> str:
    return f"{owner} 1 {flags} 12 aabbccdd {following} {types}"


# Appendix B.1 of RFC 5155: a.c.x.w.example does not exist, as these three prove.
NAME_ERROR = (
    nsec3(HASH["example."], HASH["ns1.example."], "MX DNSKEY NS SOA NSEC3PARAM RRSIG"),
    nsec3(HASH["x.w.example."], "gjeqe526plbf1g8mklp59enfd789njgi", "MX RRSIG"),
    nsec3(HASH["a.example."], HASH["x.w.example."]),
)


def test_nsec3_of_the_rfc() -> None:
    assert flaw("a.c.x.w", "nxdomain", *NAME_ERROR, kind="NSEC3") is None


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        (0, "no NSEC3 covers the name, or the one below the closest that exists"),
        (1, "no NSEC3 covers the name, or the one below the closest that exists"),
        (2, "no NSEC3 covers *.x.w.example."),
    ],
)
def test_nsec3_of_the_rfc_with_a_part_left_out(left_out: int, expected: str) -> None:
    kept = [line for index, line in enumerate(NAME_ERROR) if index != left_out]
    assert flaw("a.c.x.w", "nxdomain", *kept, kind="NSEC3") == expected


@pytest.mark.parametrize(
    ("name", "denial", "lines", "expected"),
    [
        ("ns1", "nodata", [nsec3(HASH["ns1.example."], HASH["x.w.example."], "MX RRSIG")], None),
        (
            "ns1",
            "nodata",
            [nsec3(HASH["ns1.example."], HASH["x.w.example."])],
            "the NSEC3 lists A, so the type exists",
        ),
        (
            "ns1",
            "nxdomain",
            [nsec3(HASH["ns1.example."], HASH["x.w.example."])],
            "there is an NSEC3 of the name, so it exists",
        ),
        ("example.", "nodata", [nsec3(HASH["a.example."], HASH["x.w.example."])], "there is no NSEC3 of the name"),
        ("b.c", "nxdomain", [nsec3(HASH["a.example."], HASH["x.w.example."])], "no NSEC3 is of a name above it"),
        (
            "ns1",
            "nodata",
            [nsec3(HASH["ns1.example."], HASH["x.w.example."], flags=4)],
            "NSEC3 has flags 4, so it must be ignored",
        ),
        (
            "ns1",
            "nodata",
            [
                nsec3(HASH["ns1.example."], HASH["x.w.example."]),
                f"{HASH['a.example.']} 1 0 12 - {HASH['x.w.example.']} A",
            ],
            "its NSEC3 records differ in iterations or salt",
        ),
        (
            "ns1",
            "nodata",
            [f"{HASH['ns1.example.']} 2 0 12 - {HASH['x.w.example.']} A"],
            "NSEC3 has hash algorithm 2, and only 1 is defined",
        ),
        (
            "ns1",
            "nodata",
            [nsec3(f"{HASH['ns1.example.']}.sub", HASH["x.w.example."])],
            "an NSEC3 is not right below the apex",
        ),
    ],
)
def test_nsec3(name: str, denial: str, lines: list[str], expected: str | None) -> None:
    assert flaw(name, denial, *lines, kind="NSEC3") == expected


def test_neither_and_both() -> None:
    nsec, hashed = read("NSEC", [APEX]), read("NSEC3", NAME_ERROR)
    assert denial_flaw(ZONE, ZONE, 1, "nodata", nsec=[], nsec3=[]) == "there is neither NSEC nor NSEC3"
    assert denial_flaw(ZONE, ZONE, 1, "nodata", nsec=nsec, nsec3=hashed) == "it mixes NSEC and NSEC3"
