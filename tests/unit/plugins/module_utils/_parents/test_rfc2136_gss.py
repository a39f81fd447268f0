# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract of parents with keys by Kerberos: BIND, and a realm of MIT Kerberos."""

from __future__ import annotations

import pathlib
import re
import typing as t

import dns.name
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED
from ansible_collections.zonecut.dns.plugins.module_utils._gss_tsig import GssTsig
from ansible_collections.zonecut.dns.plugins.module_utils._primary import PrimarySession
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    Fault,
    ParentContract,
    described,
    pushed,
    pushed_all,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.primary_world import PrimaryWorld
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.primary_proxy import PrimaryProxy
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_kerberos import REALM, Realm, realm
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_primaries import (
    ADDRESS,
    KEY,
    ORIGIN,
    primary,
)

HOST = "ns.parent.example"
UPDATES = f"""update-policy {{
    grant "admin@{REALM}" zonesub ANY;
    grant "primaries.test" zonesub ANY;
}};"""


class KerberosWorld(PrimaryWorld):
    """Only the server has the key, so nobody can lie in its name."""

    faults: t.ClassVar[frozenset[Fault]] = frozenset(("lost", "second_writer"))

    def options(self) -> dict[str, t.Any]:
        gss = {"key_name": None, "key_secret": None, "key_algorithm": "gss-tsig", "server_hostname": HOST}
        return {**super().options(), **gss, **self.given}


@pytest.fixture(scope="module", name="place")
def place_fixture(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[int, Realm]]:
    folder = tmp_path_factory.mktemp("bind")
    with realm(tmp_path_factory.mktemp("realm")) as kerberos:
        options = f'tkey-gssapi-keytab "{kerberos.keytab(f"DNS/{HOST}")}";'
        rights = {"updates": UPDATES, "transfers": "any"}
        with primary("bind", folder, environment=kerberos.environment, options=options, **rights) as port:
            yield port, kerberos


@pytest.fixture(name="world")
def world_fixture(place: tuple[int, Realm], monkeypatch: pytest.MonkeyPatch) -> t.Iterator[KerberosWorld]:
    port, kerberos = place
    for name, value in kerberos.environment.items():
        monkeypatch.setenv(name, value)
    with PrimaryProxy(target=(ADDRESS, port), key=KEY) as proxy:
        world = KerberosWorld(port, proxy)
        world.given = {"keytab": str(kerberos.folder / "admin.keytab")}
        if not pathlib.Path(world.given["keytab"]).exists():
            kerberos.keytab("admin")
            kerberos.keytab("other")
        yield world


class TestGssTsig(ParentContract):
    """The key of a principal in a keytab."""

    def test_tickets_of_who_signed_in_do_as_well(self, world: KerberosWorld, place: tuple[int, Realm]) -> None:
        _port, kerberos = place
        world.given, keytab = {}, world.given["keytab"]
        zone = described(world)
        failure = pushed(world, zone).failure
        assert failure is not None and "the credentials cache (run kinit first)" in failure
        kerberos.sign_in("admin", keytab)
        try:
            for options in ({}, {"principal": "admin"}, {"principal": f"admin@{REALM}", "protocol": "udp"}):
                world.put(zone, NOT_DELEGATED)
                world.given = {**options, "port": place[0]}
                assert pushed(world, zone).failure is None
                assert world.holds(zone) == wanted(world, zone)
            world.given = {"principal": "other"}
            failure = pushed(world, zone).failure
            assert failure is not None and f"other@{REALM}" in failure
        finally:
            kerberos.sign_out()

    def test_many_zones_take_one_key(self, world: KerberosWorld) -> None:
        zones = [described(world, name=f"zone{number}.{world.cut}") for number in range(100)]
        assert {outcome.failure for outcome in pushed_all(world, zones)} == {None}
        assert world.proxy.connections == 1

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"server_hostname": "other.parent.example"}, "DNS/other.parent.example .*server_hostname"),
            ({"keytab": "other"}, "REFUSED to the update: the key may not change these records"),
            ({"principal": "nobody"}, "check the keytab .*admin.keytab and principal"),
        ],
    )
    def test_what_is_not_accepted_says_what_to_do(
        self, world: KerberosWorld, options: dict[str, t.Any], message: str
    ) -> None:
        if "keytab" in options:
            options = {"keytab": world.given["keytab"].replace("admin", "other")}
        world.given = {**world.given, **options}
        zone = described(world)
        failure = pushed(world, zone).failure
        assert failure is not None and re.search(message, failure), failure
        assert world.holds(zone) == NOT_DELEGATED

    def test_a_server_without_a_keytab_is_told(self, world: KerberosWorld, tmp_path: pathlib.Path) -> None:
        with primary("bind", tmp_path) as port:
            world.given = {**world.given, "port": port}
            failure = pushed(world, described(world)).failure
        assert failure is not None and "agrees on no key by GSS-TSIG" in failure and "tkey-gssapi-keytab" in failure

    def test_zones_are_transferred_with_it(self, world: KerberosWorld, place: tuple[int, Realm]) -> None:
        way = GssTsig(hostname=HOST, keytab=world.given["keytab"])
        session = PrimarySession(server=ADDRESS, port=place[0], protocol="tcp", key=way, timeout=5)
        content = session.transfer(dns.name.from_text(ORIGIN))
        session.close()
        assert content == world.content()
