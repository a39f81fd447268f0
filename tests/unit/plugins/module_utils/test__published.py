# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the name servers of the parent publish, and where that is not what the parent holds."""

from __future__ import annotations

import dns.dnssec
import dns.rdata
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED, Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._drift import drift
from ansible_collections.zonecut.dns.plugins.module_utils._published import Published, PublishedAt, published
from ansible_collections.zonecut.dns.plugins.module_utils._rdap import Registration
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import (
    CUT,
    DS_1,
    DS_2,
    delegation,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    NS1,
    NS2,
    PARENT,
    PARENT2,
    ROOT,
    World,
    contoso,
    rcode,
)

KEY = dns.rdata.from_text("IN", "DNSKEY", f"257 3 13 {'A' * 86}==")
HELD = delegation({"ns1": ["192.0.2.1"], "b.test.": []}, DS_1)


def seen(world: World) -> Published:
    zones = parse_zones([CHILD])
    return published(zones, settings=Settings(roots=(ROOT,)), transport=world)[zones[0].name]


def at(shown: Delegation | None) -> Published:
    return Published("contoso.example", (PublishedAt("ns.contoso.example", "192.0.2.250", shown),))


class TestPublished:
    def test_shows_every_server_of_the_parent(self) -> None:
        found = seen(contoso())
        assert found.parent == "contoso.example" and found.problem is None
        assert sorted(each.address for each in found.servers) == sorted([PARENT, PARENT2])
        for each in found.servers:
            assert each.delegation == delegation({"ns1": [NS1], "ns2": [NS2]}) and each.problem is None
        assert (found.ns_ttl, found.ds_ttl) == (3600, None)

    def test_tells_of_a_server_that_says_nothing(self) -> None:
        found = {each.address: each for each in seen(contoso().script(PARENT2, "timeout")).servers}
        assert found[PARENT].delegation is not None
        assert found[PARENT2].delegation is None and found[PARENT2].problem
        assert found[PARENT2].result()["exists"] is None

    def test_tells_of_a_server_that_is_none_of_the_parent(self) -> None:
        found = {each.address: each for each in seen(contoso().script(PARENT2, rcode("REFUSED"))).servers}
        assert found[PARENT2].problem == "it does not answer for the parent zone (REFUSED)"

    def test_a_server_of_both_says_nothing_of_the_cut(self) -> None:
        found = {each.address: each for each in seen(contoso().host(PARENT2, CHILD, CHILD_ZONE)).servers}
        assert found[PARENT2].delegation is None and "serves the zone itself" in (found[PARENT2].problem or "")

    def test_no_delegation(self) -> None:
        found = seen(contoso(cut=""))
        assert {each.delegation for each in found.servers} == {NOT_DELEGATED}
        assert [each.result()["exists"] for each in found.servers] == [False] * len(found.servers)

    def test_nobody_knows_the_parent(self) -> None:
        found = seen(World())
        assert (
            found.parent is None and found.problem == "no root server answers this host; give roots or parent_servers"
        )
        assert found.servers == ()


class TestDrift:
    @pytest.mark.parametrize(
        ("shown", "expected"),
        [
            (HELD, []),
            (NOT_DELEGATED, ["there is no delegation, which the parent holds"]),
            (
                delegation({"ns1": ["192.0.2.1"], "c.test.": []}, DS_1),
                ["NS b.test is missing", "NS c.test is there, which the parent does not hold"],
            ),
            (
                delegation({"ns1": ["192.0.2.9"], "b.test.": []}, DS_1),
                [
                    "glue ns1.mail.contoso.example 192.0.2.1 is missing",
                    "glue ns1.mail.contoso.example 192.0.2.9 is there, which the parent does not hold",
                ],
            ),
            (
                delegation({"ns1": ["192.0.2.1"], "b.test.": []}, DS_2),
                [f"DS {DS_1} is missing", f"DS {DS_2} is there, which the parent does not hold"],
            ),
        ],
        ids=["none", "no-cut", "servers", "glue", "ds"],
    )
    def test_names_each_difference(self, shown: Delegation, expected: list[str]) -> None:
        found = drift(CUT, HELD, published=at(shown), registered=None)
        assert list(found) == [f"ns.contoso.example (192.0.2.250): {each}" for each in expected]

    def test_a_delegation_that_nobody_holds(self) -> None:
        found = drift(CUT, NOT_DELEGATED, published=at(delegation({"b.test.": []})), registered=None)
        assert list(found) == ["ns.contoso.example (192.0.2.250): NS b.test is there, which the parent does not hold"]

    def test_a_ds_that_the_parent_made_of_its_key_is_none(self) -> None:
        held = Delegation.of(HELD.name_servers, [KEY])
        made = Delegation.of(
            HELD.name_servers, [dns.dnssec.make_ds(CUT, KEY, digest) for digest in ("SHA256", "SHA384")]
        )
        assert drift(CUT, held, published=at(made), registered=None) == ()
        (missing,) = drift(CUT, held, published=at(Delegation.of(HELD.name_servers)), registered=None)
        assert missing.endswith(f"DS {KEY.to_text()} is missing")

    def test_silence_is_no_difference(self) -> None:
        assert drift(CUT, HELD, published=at(None), registered=None) == ()
        assert drift(CUT, HELD, published=None, registered=None) == ()

    def test_servers_that_say_the_same_are_named_together(self) -> None:
        both = Published(
            "contoso.example",
            tuple(
                PublishedAt(None, address, delegation({"b.test.": []}, DS_1)) for address in ("192.0.2.3", "192.0.2.4")
            ),
        )
        assert drift(CUT, HELD, published=both, registered=None) == (
            "192.0.2.3, 192.0.2.4: NS ns1.mail.contoso.example is missing",
        )

    def test_rdap(self) -> None:
        told = Registration(status=(), expires=None, registrar=None, name_servers=("b.test", "x.test"), ds=())
        assert drift(CUT, HELD, published=None, registered=told) == (
            "RDAP: NS ns1.mail.contoso.example is missing",
            "RDAP: NS x.test is there, which the parent does not hold",
        )

    @pytest.mark.parametrize(
        ("ds", "expected"),
        [
            ((DS_1,), []),
            ((), [f"DS {DS_1} is missing"]),
            ((DS_2,), [f"DS {DS_1} is missing", f"DS {DS_2} is there, which the parent does not hold"]),
            ((DS_1, "1 13 2 abc"), ["DS 1 13 2 abc is there, which the parent does not hold"]),
        ],
        ids=["same", "none", "another", "no-ds"],
    )
    def test_ds_in_rdap(self, ds: tuple[str, ...], expected: list[str]) -> None:
        found = drift(CUT, HELD, published=None, registered=rdap(*ds))
        assert list(found) == [f"RDAP: {each}" for each in expected]

    def test_ds_in_rdap_that_the_parent_does_not_hold(self) -> None:
        found = drift(CUT, Delegation.of(HELD.name_servers), published=None, registered=rdap(DS_1))
        assert found == (f"RDAP: DS {DS_1} is there, which the parent does not hold",)

    def test_ds_in_rdap_that_the_registry_made_of_the_key(self) -> None:
        held = Delegation.of(HELD.name_servers, [KEY])
        made = dns.dnssec.make_ds(CUT, KEY, "SHA256").to_text()
        assert drift(CUT, held, published=None, registered=rdap(made)) == ()

    def test_rdap_that_does_not_tell_of_ds(self) -> None:
        assert drift(CUT, HELD, published=None, registered=rdap(tells_ds=False)) == ()


def rdap(*ds: str, tells_ds: bool = True) -> Registration:
    servers = ("b.test", "ns1.mail.contoso.example")
    return Registration(status=(), expires=None, registrar=None, name_servers=servers, ds=tuple(ds), tells_ds=tells_ds)
