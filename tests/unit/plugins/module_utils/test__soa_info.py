# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SOA of every address, decoded."""

from __future__ import annotations

import typing as t

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._soa_info import ZoneSoas, read_soas
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_RECORDS,
    NS1,
    NS2,
    NS3,
    PARENT,
    PARENT2,
    ROOT,
    World,
    contoso,
    rcode,
    records,
    without_aa,
)


def read(world: World, zone: object = CHILD, **settings: t.Any) -> ZoneSoas:
    (soas,) = read_soas(parse_zones([zone]), settings=Settings(roots=(ROOT,), **settings), transport=world)
    return soas


def errors(soas: ZoneSoas) -> list[str | None]:
    return [server.error for server in soas.servers]


def test_every_field_is_decoded() -> None:
    soa = r"@ 120 SOA ns1 john\.smith 2026112100 3600 900 1209600 300"
    soas = read(contoso(child=f"{soa}{CHILD_RECORDS}"))
    expected = {
        "has_route": True,
        "serial": 2026112100,
        "mname": f"ns1.{CHILD}",
        "rname": rf"john\.smith.{CHILD}",
        "contact": f"john.smith@{CHILD}",
        "refresh": 3600,
        "retry": 900,
        "expire": 1209600,
        "minimum": 300,
        "ttl": 120,
        "negative_ttl": 120,
        "seconds": 0.01,
        "in_sync": True,
        "authoritative": True,
        "error": None,
    }
    assert soas.result() == {
        "name": CHILD,
        "parent": "contoso.example",
        "serial": 2026112100,
        "in_sync": True,
        "error": None,
        "servers": [
            {"server": f"ns1.{CHILD}", "address": NS1, **expected},
            {"server": f"ns2.{CHILD}", "address": NS2, **expected},
        ],
    }


def test_the_minimum_bounds_the_negative_ttl() -> None:
    soas = read(contoso(child=f"@ 3600 SOA ns1 h 1 2 3 4 60{CHILD_RECORDS}"))
    assert [server.negative_ttl for server in soas.servers] == [60, 60]


def test_a_server_that_lags_behind() -> None:
    world = contoso(child=f"@ 60 SOA ns1 h 4294967295 2 3 4 5{CHILD_RECORDS}")
    world.host(NS2, CHILD, f"@ 60 SOA ns1 h 1 2 3 4 5{CHILD_RECORDS}")
    soas = read(world)
    assert (soas.serial, soas.in_sync) == (1, False)
    assert [(server.serial, server.in_sync) for server in soas.servers] == [(4294967295, False), (1, True)]


def test_why_a_server_has_none() -> None:
    def error(script: t.Any) -> str | None:
        soas = read(contoso().script(NS2, script))
        assert not soas.in_sync and soas.servers[1].serial is None
        return soas.servers[1].error

    assert error("timeout") == "scripted timeout"
    assert error(rcode("REFUSED")) == "answers REFUSED without SOA"
    assert error(records()) == "answers NOERROR without SOA"
    assert error(records(authority=". 60 NS a.root.", aa=False)) == "refers to the servers of . instead of answering"
    assert error(records(authority="contoso.example. 60 SOA a. b. 1 2 3 4 5")) == (
        "hosts another zone: the SOA it answers with is owned by contoso.example"
    )


def test_a_soa_without_authority_does_not_count() -> None:
    world = contoso().host(NS2, CHILD, f"@ 60 SOA ns1 h 2026112200 2 3 4 5{CHILD_RECORDS}").script(NS2, without_aa)
    soas = read(world)
    assert (soas.serial, soas.in_sync) == (2026112100, False)
    (_first, second) = soas.servers
    assert (second.serial, second.authoritative, second.in_sync) == (2026112200, False, False)
    assert second.error == "answers without authority (AA bit clear)"


def test_servers_that_only_the_zone_lists_are_read_too() -> None:
    extra = f"@ 60 NS ns3\nns3 60 A {NS3}\n"
    world = contoso(child=f"@ 60 SOA ns1 h 1 2 3 4 5{CHILD_RECORDS}{extra}")
    world.host(NS3, CHILD, f"@ 60 SOA ns1 h 1 2 3 4 5{CHILD_RECORDS}{extra}")
    assert [server.address for server in read(world).servers] == [NS1, NS2, NS3]


def test_no_more_is_asked_than_needed() -> None:
    world = contoso()
    read(world)
    assert {kind for question in world.questions(NS1) for kind in question.split()[1:]} == {"SOA", "NS", "A", "AAAA"}


def test_addresses_without_a_route_are_not_out_of_sync() -> None:
    soas = read(contoso().script(NS2, "no_route"))
    assert (soas.in_sync, errors(soas)) == (True, [None, "scripted no_route"])
    assert [server.has_route for server in soas.servers] == [True, False]
    assert not read(contoso().script(NS1, "no_route").script(NS2, "no_route")).in_sync


def test_described_servers_before_delegation() -> None:
    world = contoso(cut="")
    soas = read(
        world,
        {"name": CHILD, "name_servers": [{"name": f"ns1.{CHILD}", "addresses": [NS1]}]},
        predelegation=True,
    )
    # The zone itself lists the other one.
    assert [server.address for server in soas.servers] == [NS1, NS2]
    assert (soas.parent, world.questions(ROOT)) == (None, [])


def test_why_nobody_could_be_asked() -> None:
    assert read(contoso(cut="")).error == "the parent zone does not delegate it"
    assert read(contoso(cut="mail 60 NS ns1.mail\n")).error == "none of its name servers has an address"
    assert read(contoso(), CHILD, predelegation=True).error == "no name server is described"
    silent = contoso().script(PARENT, "timeout").script(PARENT2, "timeout")
    assert read(silent).error == "no server of the parent zone gives a usable answer"
    assert "gave a usable answer" in (read(contoso().script(ROOT, "timeout")).error or "")
