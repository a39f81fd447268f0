# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS records from served keys and from CDS: what is taken, and what is not, against zones that are signed here."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import time
import typing as t

import dns.dnssec
import dns.name
import dns.rdata
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._description import parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._preflight import NetworkProbe
from ansible_collections.zonecut.dns.plugins.module_utils._secure_entry import (
    ServedKeys,
    cached_unserved,
    from_cds,
    from_child,
    in_form,
    unserved,
)
from ansible_collections.zonecut.dns.plugins.module_utils._verify import Settings
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import (
    CHILD,
    CHILD_ZONE,
    NS1,
    NS2,
    ROOT,
    World,
    contoso,
    rcode,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.signed_zones import (
    DAY,
    KSK,
    NOW,
    ZSK,
    Key,
    Signing,
)

ZONE = dns.name.from_text(CHILD)
NEXT = Key(number=3)
STRANGER = Key(number=4)
OTHER = Key("ECDSAP256SHA256")
RESERVE, RESERVE_OTHER = Key(number=5), Key("ECDSAP384SHA384")
DELETION = {"CDS": ["0 0 0 00"], "CDNSKEY": ["0 3 0 AA=="]}


def served(*children: str, world: World | None = None, now: float = NOW) -> tuple[ServedKeys, ...]:
    """Return what both servers show with these versions of the child: one for both, or one for each."""
    world = world or contoso()
    for address, child in zip((NS1, NS2), children * 2 if len(children) == 1 else children):
        world.host(address, CHILD, child)
    (zone,) = parse_zones(
        [
            {
                "name": CHILD,
                "name_servers": [
                    {"name": f"ns1.{CHILD}", "addresses": [NS1]},
                    {"name": f"ns2.{CHILD}", "addresses": [NS2]},
                ],
            }
        ]
    )
    probe = NetworkProbe([zone], settings=Settings(roots=(ROOT,)), transport=world, now=lambda: now)
    return probe.served_keys([zone])[ZONE]


def signed(
    *, keys: tuple[Key, ...] = (KSK, ZSK), published: t.Mapping[str, t.Sequence[str]] | None = None, **signing: t.Any
) -> str:
    text = CHILD_ZONE
    for rdtype, values in (published or {}).items():
        text += "".join(f"@ 3600 {rdtype} {value}\n" for value in values)
    return Signing(keys=keys, **signing).sign(CHILD, text)


@pytest.fixture(name="uncomputable")
def uncomputable_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this host compute no signature at all."""

    def unsupported(*_arguments: object, **_named: object) -> None:
        raise t.cast("t.Any", dns.dnssec).UnsupportedAlgorithm("no")

    monkeypatch.setattr(dns.dnssec, "validate_rrsig", unsupported)


def ds(*keys: Key, digest: str = "SHA256") -> frozenset[t.Any]:
    return frozenset(dns.rdata.from_text("IN", "DS", key.ds(CHILD, digest=digest)) for key in keys)


def cds(*keys: Key) -> dict[str, list[str]]:
    return {"CDS": [key.ds(CHILD) for key in keys]}


def both(*keys: Key) -> dict[str, list[str]]:
    return {**cds(*keys), "CDNSKEY": [key.rdata.to_text() for key in keys]}


class TestChild:
    def test_gives_the_ds_of_the_key_that_signs_the_keys(self) -> None:
        assert from_child(ZONE, present=frozenset(), served=served(signed())) == ds(KSK)

    def test_without_sep_any_key_that_signs_them_counts(self) -> None:
        assert from_child(ZONE, present=frozenset(), served=served(signed(keys=(ZSK,)))) == ds(ZSK)

    def test_in_a_roll_over_both_keys_that_sign(self) -> None:
        keys = (KSK, NEXT, ZSK)
        assert from_child(ZONE, present=ds(KSK), served=served(signed(keys=keys))) == ds(KSK, NEXT)

    def test_a_key_in_reserve_is_none(self) -> None:
        zone = signed(keys=(KSK, NEXT, ZSK), over={"DNSKEY": (KSK,)})
        assert from_child(ZONE, present=ds(KSK), served=served(zone)) == ds(KSK)

    def test_an_unsigned_zone_has_none(self) -> None:
        assert from_child(ZONE, present=ds(KSK), served=served(CHILD_ZONE)) == frozenset()

    @pytest.mark.parametrize(
        ("children", "present", "message"),
        [
            ((signed, lambda: CHILD_ZONE), (), "serve different DNSKEY sets"),
            ((signed, lambda: signed(keys=(STRANGER, ZSK))), (), "serve different DNSKEY sets"),
            (
                (lambda: signed(keys=(KSK, NEXT), over={"DNSKEY": (KSK,)}), lambda: signed(keys=(KSK, NEXT))),
                (),
                "differ in which keys",
            ),
            ((lambda: signed(expiration=NOW - DAY),), (), "none of its keys has validly signed"),
            ((lambda: signed(over={"DNSKEY": ()}),), (), "none of its keys has validly signed"),
            ((lambda: signed(keys=(STRANGER, ZSK)),), (KSK,), "do not follow from the DS records that the parent has"),
        ],
        ids=["one-unsigned", "other-keys", "other-signers", "expired", "unsigned-keys", "strangers"],
    )
    def test_is_not_believed(
        self, children: tuple[t.Callable[[], str], ...], present: tuple[Key, ...], message: str
    ) -> None:
        shown = served(*(child() for child in children))
        with pytest.raises(DelegationError, match=message):
            from_child(ZONE, present=ds(*present), served=shown)

    @pytest.mark.parametrize("trouble", ["timeout", rcode("SERVFAIL")], ids=["silent", "servfail"])
    def test_every_server_has_to_answer(self, trouble: t.Any) -> None:
        world = contoso().script(NS2, trouble)
        with pytest.raises(DelegationError, match=re.escape(f"ns2.{CHILD} ({NS2}) did not answer")):
            from_child(ZONE, present=frozenset(), served=served(signed(), world=world))

    def test_a_server_without_route_does_not_stand_in_the_way(self) -> None:
        world = contoso().script(NS2, "no_route")
        assert from_child(ZONE, present=frozenset(), served=served(signed(), world=world)) == ds(KSK)

    @pytest.mark.usefixtures("uncomputable")
    def test_signatures_that_nothing_here_computes_prove_nothing(self) -> None:
        shown = served(signed())
        with pytest.raises(DelegationError, match="do not compute algorithm 15"):
            from_child(ZONE, present=frozenset(), served=shown)

    def test_a_digest_that_nothing_here_computes_leads_to_no_key(self) -> None:
        present = frozenset([dns.rdata.from_text("IN", "DS", f"{KSK.tag} 15 3 {'00' * 32}")])
        with pytest.raises(DelegationError, match="do not follow from the DS records"):
            from_child(ZONE, present=present, served=served(signed()))

    def test_nobody_to_ask(self) -> None:
        with pytest.raises(DelegationError, match="could be asked for its keys"):
            from_child(ZONE, present=frozenset(), served=())


class TestCds:
    @pytest.mark.parametrize("published", [cds(NEXT), both(NEXT), {"CDNSKEY": [NEXT.rdata.to_text()]}, cds(KSK, NEXT)])
    def test_gives_what_it_asks_for(self, published: dict[str, list[str]]) -> None:
        zone = signed(keys=(KSK, NEXT, ZSK), published=published)
        expected = ds(KSK, NEXT) if len(published.get("CDS", ())) == 2 else ds(NEXT)
        assert from_cds(ZONE, present=ds(KSK), served=served(zone)) == expected

    def test_asks_for_nothing(self) -> None:
        assert from_cds(ZONE, present=ds(KSK), served=served(signed())) is None
        assert from_cds(ZONE, present=ds(KSK), served=served(CHILD_ZONE)) is None

    @pytest.mark.parametrize("published", [DELETION, {"CDS": ["0 0 0 00"]}, {"CDNSKEY": ["0 3 0 AA=="]}])
    def test_removes(self, published: dict[str, list[str]]) -> None:
        assert from_cds(ZONE, present=ds(KSK), served=served(signed(published=published))) == frozenset()

    def test_leaves_out_digests_of_old(self) -> None:
        published = {"CDS": [KSK.ds(CHILD, digest="SHA1"), KSK.ds(CHILD)]}
        assert from_cds(ZONE, present=ds(KSK), served=served(signed(published=published))) == ds(KSK)

    @pytest.mark.parametrize(
        ("children", "present", "message"),
        [
            ((lambda: signed(published=cds(KSK)),), (), "nothing validates its CDS"),
            ((lambda: signed(published=cds(KSK)), signed), (KSK,), "serve different CDS sets"),
            (
                (lambda: signed(published=both(KSK)), lambda: signed(published=cds(KSK))),
                (KSK,),
                "different CDNSKEY sets",
            ),
            ((lambda: signed(published=cds(STRANGER)),), (KSK,), "would make the zone fail"),
            (
                (lambda: signed(keys=(KSK, NEXT, ZSK), over={"DNSKEY": (KSK,)}, published=cds(NEXT)),),
                (KSK,),
                "would make the zone fail",
            ),
            (
                (lambda: signed(over={"CDS": (ZSK,)}, published=cds(KSK)),),
                (KSK,),
                "no key that a DS leads to has validly",
            ),
            ((lambda: signed(over={"CDS": ()}, published=cds(KSK)),), (KSK,), "no key that a DS leads to has validly"),
            (
                (lambda: signed(times={"CDS": (NOW - 9 * DAY, NOW - DAY)}, published=cds(KSK)),),
                (KSK,),
                "no key that a DS leads to has validly",
            ),
            (
                (lambda: signed(keys=(KSK, NEXT, ZSK), over={"CDS": (NEXT,)}, published=cds(NEXT)),),
                (KSK,),
                "no key that a DS leads to has validly",
            ),
            ((lambda: signed(keys=(STRANGER, ZSK), published=cds(STRANGER)),), (KSK,), "does not follow from the DS"),
            ((lambda: signed(published={"CDS": ["0 0 0 00", KSK.ds(CHILD)]}),), (KSK,), "mixed"),
            (
                (lambda: signed(keys=(KSK, NEXT, ZSK), published={**cds(KSK), "CDNSKEY": [NEXT.rdata.to_text()]}),),
                (KSK,),
                "ask for different keys",
            ),
            ((lambda: signed(published={"CDS": [KSK.ds(CHILD, digest="SHA1")]}),), (KSK,), "no longer for use"),
        ],
        ids=[
            *("first-ds", "one-without", "one-without-cdnskey", "strange-key", "key-in-reserve", "signed-by-zsk"),
            *("unsigned", "expired", "signed-by-next", "other-zone", "deletion-mixed", "both-differ", "sha1"),
        ],
    )
    def test_is_not_followed(
        self, children: tuple[t.Callable[[], str], ...], present: tuple[Key, ...], message: str
    ) -> None:
        shown = served(*(child() for child in children))
        with pytest.raises(DelegationError, match=message):
            from_cds(ZONE, present=ds(*present), served=shown)

    @pytest.mark.usefixtures("uncomputable")
    def test_signatures_that_nothing_here_computes_prove_nothing(self) -> None:
        shown = served(signed(published=cds(KSK)))
        with pytest.raises(DelegationError, match="do not compute algorithm 15"):
            from_cds(ZONE, present=ds(KSK), served=shown)

    def test_what_was_signed_too_early_may_be_played_back(self) -> None:
        shown = served(signed(keys=(KSK, NEXT, ZSK), published=both(NEXT), times={"CDS": (NOW - 2 * DAY, NOW + DAY)}))
        assert from_cds(ZONE, present=ds(KSK), served=shown, since=NOW - 8 * DAY) == ds(NEXT)
        with pytest.raises(DelegationError, match="CDNSKEY set of .* was signed before cds_since"):
            from_cds(ZONE, present=ds(KSK), served=shown, since=NOW - 3 * DAY)
        with pytest.raises(DelegationError, match="CDS set of .* was signed before cds_since"):
            from_cds(ZONE, present=ds(KSK), served=shown, since=NOW - DAY)

    def test_every_server_has_to_say(self) -> None:
        world = contoso().script(NS2, "timeout", rdtype="CDS")
        with pytest.raises(DelegationError, match="did not say whether the zone has CDS"):
            from_cds(ZONE, present=ds(KSK), served=served(signed(published=cds(KSK)), world=world))

    @pytest.mark.skipif(shutil.which("dnssec-cds") is None, reason="needs dnssec-cds of BIND")
    @pytest.mark.parametrize(
        "published",
        [
            cds(KSK),
            cds(NEXT),
            both(NEXT),
            cds(KSK, NEXT),
            {"CDNSKEY": [NEXT.rdata.to_text()]},
            cds(STRANGER),
            cds(KSK, OTHER),
            cds(OTHER),
            cds(KSK, RESERVE),
            cds(KSK, RESERVE_OTHER),
        ],
        ids=[
            *("same", "roll", "roll-both", "add", "cdnskey", "strange-key"),
            *("add-algorithm", "roll-algorithm", "add-in-reserve", "add-algorithm-in-reserve"),
        ],
    )
    def test_bind_comes_to_the_same_set(self, tmp_path: pathlib.Path, published: dict[str, list[str]]) -> None:
        now = int(time.time())
        zone = signed(
            keys=(KSK, NEXT, OTHER, RESERVE, RESERVE_OTHER, ZSK),
            over={"DNSKEY": (KSK, NEXT, OTHER)},
            published=published,
            inception=now - DAY,
            expiration=now + DAY,
        )
        try:
            ours: object = from_cds(ZONE, present=ds(KSK), served=served(zone, now=now))
        except DelegationError:
            ours = "refused"
        assert ours == _of_bind(tmp_path, zone)


def _of_bind(folder: pathlib.Path, zone: str) -> object:
    apex = [line for line in zone.splitlines() if line.split()[0] == f"{CHILD}."]
    wanted = [line for line in apex if re.search(r" (RRSIG )?(DNSKEY|CDS|CDNSKEY) ", line)]
    (folder / "child").write_text("\n".join(wanted) + "\n")
    (folder / f"dsset-{CHILD}.").write_text(f"{CHILD}. IN DS {KSK.ds(CHILD)}\n")
    # -s: BIND takes no signature that is older than the file of the present DS.
    command = ["dnssec-cds", "-s", "-2d", "-f", "child", "-d", ".", CHILD]
    if any("CDNSKEY" in line for line in wanted) and not any(" CDS " in line for line in wanted):
        command[1:1] = ["-D"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return "refused"
    found = (line.split() for line in done.stdout.splitlines())
    return frozenset(
        dns.rdata.from_text("IN", "DS", " ".join(words[words.index("DS") + 1 :])) for words in found if words
    )


class TestUnserved:
    def test_says_nothing_where_all_servers_have_the_keys(self) -> None:
        shown = served(signed())
        assert unserved(ZONE, present=frozenset(), wanted=ds(KSK), served=shown) == ()
        assert unserved(ZONE, present=frozenset(), wanted=frozenset([KSK.rdata]), served=shown) == ()

    def test_says_nothing_of_unsigned_zones(self) -> None:
        assert unserved(ZONE, present=ds(KSK), wanted=frozenset(), served=served(CHILD_ZONE)) == ()

    def test_names_a_new_ds_that_leads_nowhere(self) -> None:
        (reason,) = unserved(ZONE, present=ds(KSK), wanted=ds(KSK, STRANGER), served=served(signed()))
        assert reason.startswith(f"DS {STRANGER.tag} (algorithm 15, digest type 2) leads to no DNSKEY of ns1.{CHILD}")
        assert NS2 in reason

    def test_a_ds_in_reserve_that_is_there_already_may_stay(self) -> None:
        assert unserved(ZONE, present=ds(KSK, STRANGER), wanted=ds(KSK, STRANGER), served=served(signed())) == ()

    def test_names_servers_that_serve_the_zone_unsigned(self) -> None:
        (reason,) = unserved(ZONE, present=frozenset(), wanted=ds(KSK), served=served(signed(), CHILD_ZONE))
        assert NS2 in reason and NS1 not in reason

    def test_present_ds_that_new_servers_do_not_serve(self) -> None:
        (reason,) = unserved(ZONE, present=ds(KSK), wanted=ds(KSK), served=served(CHILD_ZONE))
        assert reason.startswith("none of the DS leads to a DNSKEY of")

    def test_a_key_that_signs_nothing_is_not_enough(self) -> None:
        zone = signed(keys=(KSK, NEXT, ZSK), over={"DNSKEY": (KSK,)})
        (reason,) = unserved(ZONE, present=ds(KSK), wanted=ds(NEXT), served=served(zone))
        assert reason.startswith("no key that a DS leads to has signed the DNSKEY set of")

    def test_each_new_algorithm_has_to_sign(self) -> None:
        shown = served(signed(keys=(KSK, OTHER, ZSK), over={"DNSKEY": (KSK,)}))
        (reason,) = unserved(ZONE, present=ds(KSK), wanted=ds(KSK, OTHER), served=shown)
        assert reason.startswith("no key of algorithm 13 that a DS leads to has signed the DNSKEY set of")
        assert unserved(ZONE, present=ds(KSK, OTHER), wanted=ds(KSK, OTHER), served=shown) == ()
        assert (
            unserved(ZONE, present=ds(KSK), wanted=ds(KSK, OTHER), served=served(signed(keys=(KSK, OTHER, ZSK)))) == ()
        )

    @pytest.mark.parametrize("trouble", ["timeout", rcode("SERVFAIL")], ids=["silent", "servfail"])
    def test_a_server_that_says_nothing_of_keys_is_no_server_that_has_them(self, trouble: t.Any) -> None:
        world = contoso().script(NS2, trouble, rdtype="DNSKEY")
        shown = served(signed(), world=world)
        (reason,) = unserved(ZONE, present=frozenset(), wanted=ds(KSK), served=shown)
        assert reason == f"nothing is known of the keys of ns2.{CHILD} ({NS2})"
        assert unserved(ZONE, present=ds(KSK), wanted=ds(KSK), served=shown) == ()


class TestCachedUnserved:
    def test_names_the_servers_that_the_present_ds_leads_nowhere_at(self) -> None:
        shown = served(signed(keys=(KSK, NEXT, ZSK)), signed(keys=(NEXT, ZSK)))
        (reason,) = cached_unserved(ZONE, present=ds(KSK), ttl=3600, served=shown)
        assert reason.startswith(f"for 3600 seconds more resolvers go by the present DS set (DS {KSK.tag} (")
        assert NS2 in reason and NS1 not in reason

    def test_wants_a_signature_and_not_only_the_key(self) -> None:
        shown = served(signed(keys=(KSK, NEXT, ZSK), over={"DNSKEY": (NEXT,)}))
        (reason,) = cached_unserved(ZONE, present=ds(KSK), ttl=None, served=shown)
        assert reason.startswith("until its TTL has passed")

    def test_is_content_with_one_of_the_set(self) -> None:
        assert cached_unserved(ZONE, present=ds(KSK, STRANGER), ttl=None, served=served(signed())) == ()


class TestForm:
    def test_ds_stay_ds(self) -> None:
        assert in_form(ZONE, ds(KSK), form="ds", keys=()) == ds(KSK)

    def test_keys_in_place_of_their_ds(self) -> None:
        found = in_form(ZONE, [*ds(KSK), *ds(KSK, digest="SHA384")], form="dnskey", keys=[ZSK.rdata, KSK.rdata])
        assert found == frozenset([KSK.rdata])

    def test_a_ds_without_its_key(self) -> None:
        with pytest.raises(DelegationError, match="describe dnskeys in place of ds"):
            in_form(ZONE, ds(KSK), form="dnskey", keys=[ZSK.rdata])

    def test_a_ds_that_the_parent_holds_needs_no_key(self) -> None:
        found = in_form(ZONE, ds(KSK, NEXT), form="dnskey", keys=[NEXT.rdata], held=ds(KSK))
        assert found == ds(KSK) | {NEXT.rdata}

    def test_a_key_that_the_parent_shows_by_another_digest_is_there(self) -> None:
        held = ds(KSK, digest="SHA384") | ds(NEXT)
        assert in_form(ZONE, ds(KSK), form="dnskey", keys=[KSK.rdata], held=held) == ds(KSK, digest="SHA384")

    def test_a_parent_that_takes_none(self) -> None:
        with pytest.raises(DelegationError, match="takes no DS"):
            in_form(ZONE, ds(KSK), form=None, keys=[])
        assert in_form(ZONE, (), form=None, keys=[]) == frozenset()
