# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of one zone, ready to be served: never changed in place, replaced as a whole."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import tempfile

import dns.name
import dns.node
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone

__all__ = ["Zone", "load_zone", "save_zone", "to_rrset"]


@dataclasses.dataclass(frozen=True)
class Zone:
    """A loaded zone with the indexes that answering needs.

    `names` holds every name that exists, empty non-terminals included; `cuts` the delegated names.
    """

    content: dns.zone.Zone
    names: frozenset[dns.name.Name]
    cuts: frozenset[dns.name.Name]

    @classmethod
    def of(cls, content: dns.zone.Zone) -> Zone:
        """Index `content`, which has absolute names and a SOA at its origin."""
        assert content.origin is not None
        names = {content.origin}
        for name in content.nodes:
            while name not in names:
                names.add(name)
                name = name.parent()
        cuts = (
            name
            for name, node in content.nodes.items()
            if name != content.origin and node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.NS)
        )
        return cls(content=content, names=frozenset(names), cuts=frozenset(cuts))

    @property
    def origin(self) -> dns.name.Name:
        assert self.content.origin is not None
        return self.content.origin

    @property
    def soa(self) -> dns.rrset.RRset:
        soa = self.rrset(self.origin, dns.rdatatype.SOA)
        assert soa is not None
        return soa

    @property
    def serial(self) -> int:
        return int(self.soa[0].serial)

    def rrset(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
        node = self.content.nodes.get(name)
        rdataset = node.get_rdataset(dns.rdataclass.IN, rdtype) if node else None
        return to_rrset(name, rdataset) if rdataset else None

    def cut_above(self, name: dns.name.Name) -> dns.name.Name | None:
        """The delegated name closest to the apex that is `name` or an ancestor of it."""
        for depth in range(len(self.origin) + 1, len(name) + 1):
            ancestor = name.split(depth)[1]
            if ancestor in self.cuts:
                return ancestor
        return None


def to_rrset(owner: dns.name.Name, rdataset: dns.rdataset.Rdataset) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(owner, rdataset.ttl, list(rdataset))


def load_zone(path: pathlib.Path, *, origin: dns.name.Name) -> Zone:
    """Read a zone file. Raises OSError or dns.exception.DNSException when it cannot be served."""
    return Zone.of(dns.zone.from_file(os.fspath(path), origin=origin, relativize=False))


def save_zone(zone: Zone, path: pathlib.Path) -> None:
    """Replace the file at `path` in one step, so that a reader sees the old zone or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(f"$ORIGIN {zone.origin}\n".encode())
            zone.content.to_file(stream, sorted=True, relativize=True)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
