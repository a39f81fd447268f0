# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates over TLS: BIND, with a certificate that a CA of the test has issued."""

from __future__ import annotations

import ipaddress
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import typing as t
from datetime import datetime, timedelta, timezone

import dns.name
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import NOT_DELEGATED
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError
from ansible_collections.zonecut.dns.plugins.module_utils._primary import PrimarySession
from ansible_collections.zonecut.dns.plugins.module_utils._tls import Tls, parse_tls
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.contract import (
    described,
    opened,
    pushed,
    pushed_all,
    wanted,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils._parents.primary_world import PrimaryWorld
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.primary_proxy import PrimaryProxy
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_primaries import (
    ADDRESS,
    KEY,
    ORIGIN,
    free_port,
    primary,
    program,
)

HOST = "ns.parent.example"


def _usage(*, ca: bool) -> x509.KeyUsage:
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        decipher_only=False,
        **dict.fromkeys(others, False),
    )


class Authority:
    """A CA with its files in one folder."""

    def __init__(self, folder: pathlib.Path, name: str = "ca") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.path = self._write(name, self._issued(self._name, self._key, ca=True))

    def certificate(self, name: str, *names: x509.GeneralName) -> tuple[str, str]:
        """Return the files of a new certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return (
            self._write(name, self._issued(subject, key, *names)),
            self._write(f"{name}-key", key.private_bytes(*form)),
        )

    def _issued(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *names: x509.GeneralName, ca: bool = False
    ) -> bytes:
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            # Python 3.13 takes no certificates without these (RFC 5280 section 4.2.1).
            .add_extension(_usage(ca=ca), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _write(self, name: str, text: bytes) -> str:
        path = self._folder / f"{name}.pem"
        path.write_bytes(text)
        return str(path)


class Place(t.NamedTuple):
    """What listens where, and whose certificates there are; ``strict`` wants one of who asks."""

    port: int
    tls: int
    strict: int
    authority: Authority
    folder: pathlib.Path


@pytest.fixture(scope="module", name="place")
def place_fixture(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Place]:
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    certificate, key = authority.certificate("server", x509.DNSName(HOST))
    tls, strict = free_port(), free_port()
    with primary(
        "bind",
        tmp_path_factory.mktemp("bind"),
        statements=f"""
            tls named {{ cert-file "{certificate}"; key-file "{key}"; }};
            tls both {{ cert-file "{certificate}"; key-file "{key}"; ca-file "{authority.path}"; }};
        """,
        options=f"""
            listen-on port {tls} tls named {{ {ADDRESS}; }};
            listen-on port {strict} tls both {{ {ADDRESS}; }};
        """,
    ) as port:
        yield Place(port, tls, strict, authority, folder)


@pytest.fixture(name="world")
def world_fixture(place: Place) -> t.Iterator[PrimaryWorld]:
    with PrimaryProxy(target=(ADDRESS, place.port), key=KEY) as proxy:
        world = PrimaryWorld(place.port, proxy)
        world.given = {
            "protocol": "tls",
            "port": place.tls,
            "ca_path": place.authority.path,
            "server_hostname": HOST,
        }
        yield world


def test_a_delegation_goes_through_its_life(world: PrimaryWorld) -> None:
    for servers in (["a.test", "b.test"], ["a.test", {"name": f"ns1.{world.cut}", "addresses": ["192.0.2.1"]}]):
        zone = described(world, servers=servers)
        assert pushed(world, zone).failure is None
        assert world.holds(zone) == wanted(world, zone)
    assert pushed(world, zone, state="absent").failure is None
    assert world.holds(zone) == NOT_DELEGATED


def test_many_zones_take_one_connection(world: PrimaryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[object] = []
    wrap = Tls.wrap

    def counted(tls: Tls, connection: socket.socket) -> ssl.SSLSocket:
        connections.append(connection)
        return wrap(tls, connection)

    monkeypatch.setattr(Tls, "wrap", counted)
    zones = [described(world, name=f"zone{number}.{world.cut}") for number in range(100)]
    assert {outcome.failure for outcome in pushed_all(world, zones)} == {None}
    assert len(connections) == 1


def test_a_connection_that_the_server_ends_is_opened_again(world: PrimaryWorld) -> None:
    zone = described(world)
    with opened(world) as parent:
        session = t.cast(t.Any, parent)._session
        parent.read(zone)
        session._socket.shutdown(socket.SHUT_RDWR)
        assert parent.read(zone) == NOT_DELEGATED


def test_a_zone_is_transferred(world: PrimaryWorld, place: Place) -> None:
    session = PrimarySession(
        server=ADDRESS,
        port=place.tls,
        protocol="tcp",
        key=KEY,
        timeout=5,
        tls=parse_tls(world.given, hostname=HOST, where=""),
    )
    assert session.transfer(dns.name.from_text(ORIGIN)) == world.content()
    session.close()


def test_a_certificate_of_who_asks_is_shown(world: PrimaryWorld, place: Place) -> None:
    world.given["port"] = place.strict
    zone = described(world)
    failure = pushed(world, zone).failure
    assert failure is not None and "client_cert" in failure
    certificate, key = place.authority.certificate("client")
    world.given.update(client_cert=certificate, client_key=key)
    assert pushed(world, zone).failure is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ca_path": None}, "its certificate is not accepted: .*; give the CA that issued it with ca_path"),
        ({"server_hostname": None}, f"not valid for '{re.escape(ADDRESS)}'.*server_hostname"),
        ({"server_hostname": "other.parent.example"}, "not valid for 'other.parent.example'"),
        ({"port": "plain"}, "TLS fails|cannot be reached over TLS"),
    ],
)
def test_a_server_that_is_not_the_one_gets_nothing(
    world: PrimaryWorld, place: Place, options: dict[str, t.Any], message: str
) -> None:
    world.given.update(options)
    if options.get("port"):
        world.given["port"] = place.port
    zone = described(world)
    failure = pushed(world, zone).failure
    assert failure is not None and re.search(message, failure), failure
    assert world.holds(zone) == NOT_DELEGATED


@pytest.mark.parametrize("way", ["file", "folder", "nobody is asked"])
def test_ways_to_trust(world: PrimaryWorld, place: Place, way: str) -> None:
    if way == "folder":
        folder = place.folder / "trusted"
        folder.mkdir()
        shutil.copy(place.authority.path, folder)
        subprocess.run([program("openssl"), "rehash", str(folder)], check=True, capture_output=True)
        world.given["ca_path"] = str(folder)
    elif way != "file":
        world.given.update(ca_path=None, validate_certs=False)
    zone = described(world)
    assert pushed(world, zone).failure is None
    assert world.holds(zone) == wanted(world, zone)


def test_an_address_in_the_certificate_needs_no_name(tmp_path: pathlib.Path, world: PrimaryWorld, place: Place) -> None:
    certificate, key = place.authority.certificate("address", x509.IPAddress(ipaddress.ip_address(ADDRESS)))
    tls = free_port()
    with primary(
        "bind",
        tmp_path,
        statements=f'tls named {{ cert-file "{certificate}"; key-file "{key}"; }};',
        options=f"listen-on port {tls} tls named {{ {ADDRESS}; }};",
    ):
        world.given.update(port=tls, server_hostname=None)
        assert pushed(world, described(world)).failure is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ca_path": "/nowhere"}, "parents: corp: ca_path: '/nowhere': has no certificates in PEM form"),
        ({"client_cert": "/nowhere"}, "parents: corp: client_cert: '/nowhere': must be a certificate in PEM form"),
        ({"client_key": "/nowhere"}, "parents: corp: client_key: client_cert is needed with it"),
        ({"protocol": "tcp"}, "parents: corp: ca_path: is for protocol tls only"),
    ],
)
def test_options_that_cannot_be_used_are_named(world: PrimaryWorld, options: dict[str, t.Any], message: str) -> None:
    world.given.update(options)
    with pytest.raises(DescriptionError, match=re.escape(message)):
        opened(world)
