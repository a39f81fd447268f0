# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept of a zone cut that was seen."""

from __future__ import annotations

import pickle

from ansible_collections.zonecut.dns.plugins.module_utils._reports.picture import (
    ChildServer,
    CutServer,
    ParentServer,
    Picture,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    CUT,
    NS1,
    NS2,
    NS3,
    PARENT,
    PARENT2,
    contoso,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import broken, report_of


def picture_in(*arguments: object, **settings: object) -> Picture:
    picture = report_of(*arguments, **settings).picture  # type: ignore[arg-type]
    assert picture is not None
    return picture


def test_it_holds_every_server_and_what_it_said() -> None:
    assert picture_in(broken()) == Picture(
        described=False,
        parents=(
            ParentServer("ns1.contoso.example", PARENT, "cut", 10.0, (0, 1)),
            ParentServer("ns2.contoso.example", PARENT2, "cut", 10.0, (0, 1)),
        ),
        servers=(
            CutServer(f"ns1.{CHILD}", True, True, (NS1,), (), (NS1,), None),
            CutServer(f"ns2.{CHILD}", True, True, (NS2,), (), (NS2,), None),
        ),
        children=(
            ChildServer(0, NS1, "working", 2026112100, 10.0, (0, 1)),
            ChildServer(1, NS2, "owner_mismatch", None, 10.0, ()),
        ),
        ds=("12345, algorithm 13, digest 2",),
        keys=(),
    )


def test_a_silent_server_has_no_answer_time() -> None:
    picture = picture_in(contoso().script(NS2, "timeout").script(PARENT2, "timeout"))
    assert picture.children[1][2:] == ("no_response", None, None, ())
    assert picture.parents[1][2:] == ("unusable", None, ())


def test_a_server_that_only_the_zone_lists_is_there_too() -> None:
    child = f"{CHILD_ZONE}@ 3600 NS ns3\nns3 3600 A {NS3}\n"
    picture = picture_in(contoso(child=child).host(NS3, CHILD, child))
    assert [(server.name, server.delegated, server.own) for server in picture.servers][2] == (
        f"ns3.{CHILD}",
        False,
        (NS3,),
    )
    assert picture.children[0].lists == (0, 1, 2)


def test_what_a_name_resolves_to_is_told() -> None:
    cut = "mail 3600 NS ns1\nmail 3600 NS www\n"
    picture = picture_in(contoso(cut=cut).host(PARENT, CHILD, CHILD_ZONE))
    assert [server.resolved for server in picture.servers[:2]] == [(PARENT,), ("192.0.2.1",)]


def test_before_delegation_the_description_is_shown() -> None:
    key = "257 3 13 " + "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="
    zone = {
        "name": CHILD,
        "name_servers": [{"name": f"ns1.{CHILD}", "addresses": [NS1]}, {"name": f"ns2.{CHILD}", "addresses": [NS2]}],
        "dnskeys": [key],
    }
    picture = picture_in(contoso(cut=CUT), zone=zone, predelegation=True)
    assert (picture.described, picture.parents) == (True, ())
    assert [text.split(", ", 1)[1] for text in (*picture.ds, *picture.keys)] == [
        "algorithm 13, digest 2",
        "algorithm 13, flags 257",
    ]
    assert picture.ds[0].split(",")[0] == picture.keys[0].split(",")[0]


def test_ten_thousand_take_little_memory() -> None:
    assert len(pickle.dumps(picture_in(broken()))) < 1000


def test_without_a_report_nothing_is_kept() -> None:
    assert report_of(contoso()).picture is not None
    assert report_of(contoso(), pictures=False).picture is None
