# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo's name server, asked over the network as any client would ask it."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import time
import typing as t

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update
import dns.zone
import pytest

PROGRAM = pathlib.Path(__file__).parents[5] / "playbooks" / "files" / "demo" / "name_server.py"
PRIMARY, SECONDARY = "127.92.1.1", "127.92.1.2"
# Seconds that nothing takes on the busiest machine.
PATIENCE = 60
SECRETS = {
    "update.key": "dXBkYXRldXBkYXRldXBkYXRldXBkYXRldXBkYXRldXA=",
    "transfer.key": "dHJhbnNmZXJ0cmFuc2ZlcnRyYW5zZmVydHJhbnNmZXI=",
}

PARENT_ZONE = """
$TTL 3600
@ SOA ns1 hostmaster 10 3600 900 1209600 300
@ NS ns1
@ NS ns2
ns1 A 127.92.1.1
ns2 A 127.92.1.2
child NS ns.child
child NS ns.elsewhere.test.
child DS 12345 13 2 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
ns.child A 192.0.2.53
ns.child AAAA 2001:db8::53
hosted NS ns1
hosted DS 54321 13 2 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
deep.below.empty TXT "here"
*.wild MX 10 mx
mx A 192.0.2.25
www CNAME web
web A 192.0.2.80
dangling CNAME nowhere
loop CNAME pool
pool CNAME loop
""" + "".join(f'large TXT "{number:0200}"\n' for number in range(20))

HOSTED_ZONE = """
$TTL 3600
@ SOA ns1.example. hostmaster.example. 1 3600 900 1209600 300
@ NS ns1.example.
"""


class Servers:
    """A running name server process, its files, and questions to it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.config = folder / "servers.json"
        self.port = free_port()

    def control(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, os.fspath(PROGRAM), command, os.fspath(self.config)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def configure(self, servers: list[dict[str, t.Any]]) -> None:
        document = {
            "keys": [{"name": name, "secret": secret} for name, secret in SECRETS.items()],
            "query_log": "queries.log",
            "servers": [{"port": self.port, **server} for server in servers],
        }
        self.config.write_text(json.dumps(document), encoding="utf-8")

    def write_zone(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def ask(
        self, name: str, rdtype: str, *, address: str = PRIMARY, tcp: bool = False, **options: t.Any
    ) -> dns.message.Message:
        query = dns.message.make_query(name, rdtype, flags=0, **options)
        return self.send(query, address=address, tcp=tcp)

    def send(self, query: dns.message.Message, *, address: str = PRIMARY, tcp: bool = False) -> dns.message.Message:
        if tcp:
            return dns.query.tcp(query, address, timeout=PATIENCE, port=self.port)
        # A late answer to somebody who had our port before is no answer to us.
        return dns.query.udp(query, address, timeout=PATIENCE, port=self.port, ignore_unexpected=True)

    def serial(self, name: str, address: str = PRIMARY) -> int | None:
        response = self.ask(name, "SOA", address=address)
        return response.answer[0][0].serial if response.answer else None


def free_port() -> int:
    """A port that is free at both addresses, from below those that systems lend to clients (from 32768 on)."""
    while True:
        port = random.randrange(10000, 32768)
        with contextlib.suppress(OSError), contextlib.ExitStack() as sockets:
            for address in (PRIMARY, SECONDARY):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    sockets.enter_context(socket.socket(socket.AF_INET, kind)).bind((address, port))
            return port


def wait_for(condition: t.Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def texts(section: list[dns.rrset.RRset]) -> set[str]:
    return {f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}" for rrset in section for rdata in rrset}


def key(name: str = "update.key", secret: str | None = None) -> dns.tsig.Key:
    return dns.tsig.Key(name, secret or SECRETS[name], dns.tsig.HMAC_SHA256)


def update(*, keyring: dns.tsig.Key | None, zone: str = "example.") -> dns.update.UpdateMessage:
    return dns.update.UpdateMessage(zone, keyring=keyring)


@contextlib.contextmanager
def started_servers(folder: pathlib.Path) -> t.Iterator[Servers]:
    running = Servers(folder)
    running.write_zone("example.zone", PARENT_ZONE)
    running.write_zone("hosted.zone", HOSTED_ZONE)
    example = {
        "name": "example",
        "file": "example.zone",
        "allow_update": "update.key",
        "allow_transfer": "transfer.key",
        "notify": [SECONDARY],
    }
    copy = {
        "name": "example",
        "file": "secondary/example.zone",
        "type": "secondary",
        "primaries": [PRIMARY],
        "key": "transfer.key",
    }
    hosted = {"name": "hosted.example", "file": "hosted.zone"}
    running.configure(
        [
            {"name": "primary", "addresses": [PRIMARY], "zones": [example, hosted]},
            {"name": "secondary", "addresses": [SECONDARY], "zones": [copy]},
        ]
    )
    started = running.control("start")
    assert started.returncode == 0, started.stderr
    try:
        yield running
    finally:
        assert running.control("stop").returncode == 0


# One for each test: ansible-test runs each in a process of its own, where nothing ends what a whole module shares.
@pytest.fixture
def servers(tmp_path: pathlib.Path) -> t.Iterator[Servers]:
    with started_servers(tmp_path) as running:
        yield running


def test_answers(servers: Servers) -> None:
    positive = servers.ask("www.example.", "A")
    assert positive.rcode() == dns.rcode.NOERROR
    assert positive.flags & dns.flags.AA
    assert texts(positive.answer) == {"www.example. CNAME web.example.", "web.example. A 192.0.2.80"}
    assert str(servers.ask("wEb.example.", "A").answer[0].name) == "wEb.example."

    referral = servers.ask("host.child.example.", "A")
    assert not referral.flags & dns.flags.AA
    assert not referral.answer
    assert texts(referral.authority) == {
        "child.example. NS ns.child.example.",
        "child.example. NS ns.elsewhere.test.",
    }
    assert texts(referral.additional) == {
        "ns.child.example. A 192.0.2.53",
        "ns.child.example. AAAA 2001:db8::53",
    }
    assert servers.ask("child.example.", "NS").authority == referral.authority

    for name in ("child.example.", "hosted.example."):
        ds = servers.ask(name, "DS")
        assert ds.flags & dns.flags.AA
        assert [rrset.rdtype for rrset in ds.answer] == [dns.rdatatype.DS]
    assert servers.ask("ns1.hosted.example.", "A").authority[0].name == dns.name.from_text("hosted.example.")

    nodata = servers.ask("web.example.", "MX")
    empty_non_terminal = servers.ask("below.empty.example.", "A")
    wildcard_nodata = servers.ask("any.wild.example.", "A")
    for response in (nodata, empty_non_terminal, wildcard_nodata):
        assert response.rcode() == dns.rcode.NOERROR
        assert not response.answer
        assert [(str(rrset.name), rrset.rdtype, rrset.ttl) for rrset in response.authority] == [
            ("example.", dns.rdatatype.SOA, 300)
        ]

    nxdomain = servers.ask("absent.example.", "A")
    dangling = servers.ask("dangling.example.", "A")
    for response in (nxdomain, dangling):
        assert response.rcode() == dns.rcode.NXDOMAIN
        assert [str(rrset.name) for rrset in response.authority] == ["example."]
    assert texts(dangling.answer) == {"dangling.example. CNAME nowhere.example."}
    assert len(servers.ask("loop.example.", "A").answer) == 2

    wildcard = servers.ask("any.wild.example.", "MX")
    assert texts(wildcard.answer) == {"any.wild.example. MX 10 mx.example."}
    assert texts(wildcard.additional) == {"mx.example. A 192.0.2.25"}


def test_errors(servers: Servers) -> None:
    assert servers.ask("elsewhere.test.", "A").rcode() == dns.rcode.REFUSED
    chaos = dns.message.make_query("version.bind.", "TXT", "CH")
    assert servers.send(chaos).rcode() == dns.rcode.REFUSED
    future = dns.message.make_query("example.", "SOA", use_edns=7)
    response = servers.send(future)
    assert (response.rcode(), response.edns) == (dns.rcode.BADVERS, 0)
    status = dns.message.make_query("example.", "SOA")
    status.set_opcode(dns.opcode.STATUS)
    assert servers.send(status).rcode() == dns.rcode.NOTIMP
    two = dns.message.make_query("example.", "SOA")
    two.question.append(dns.rrset.RRset(dns.name.from_text("www.example."), dns.rdataclass.IN, dns.rdatatype.A))
    assert servers.send(two).rcode() == dns.rcode.FORMERR
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect((PRIMARY, servers.port))
        client.send(b"\x12\x34\x01\x00" + b"\x00\x01" * 4 + b"broken")
        reply = client.recv(512)
    assert reply[:2] == b"\x12\x34"
    assert reply[3] & 0x0F == dns.rcode.FORMERR
    log = (servers.folder / "queries.log").read_text(encoding="utf-8").splitlines()
    refused = next(line.split() for line in log if "elsewhere.test." in line)
    assert refused[1] == "primary"
    assert refused[3:] == ["udp", "QUERY", "elsewhere.test.", "A", "REFUSED"]
    assert log[-1].endswith("FORMERR")


@pytest.mark.parametrize("payload, limit", [(None, 512), (900, 900), (4096, 1232)])
def test_truncates_over_udp_and_answers_over_tcp(servers: Servers, payload: int | None, limit: int) -> None:
    options: dict[str, t.Any] = {} if payload is None else {"use_edns": 0, "payload": payload}
    over_udp = servers.ask("large.example.", "TXT", **options)
    assert over_udp.flags & dns.flags.TC
    assert len(over_udp.to_wire()) <= limit
    over_tcp = servers.ask("large.example.", "TXT", tcp=True, **options)
    assert not over_tcp.flags & dns.flags.TC
    assert len(over_tcp.answer[0]) == 20


def test_transfers_a_zone_in_many_signed_messages(servers: Servers) -> None:
    hosts = "".join(f'host{number} TXT "{"x" * 200}"\n' for number in range(1000))
    servers.write_zone("example.zone", PARENT_ZONE.replace(" 10 3600", " 11 3600") + hosts)
    assert servers.control("reload").returncode == 0
    messages = list(
        dns.query.xfr(
            PRIMARY,
            "example.",
            port=servers.port,
            keyring={key("transfer.key").name: key("transfer.key")},
            relativize=False,
            lifetime=PATIENCE,
        )
    )
    assert len(messages) > 10
    transferred = dns.zone.from_xfr(messages, relativize=False)
    written = dns.zone.from_file(os.fspath(servers.folder / "example.zone"), "example.", relativize=False)
    assert transferred == written

    for keyring in (None, key("update.key")):
        refused = dns.message.make_query("example.", "AXFR")
        if keyring:
            refused.use_tsig(keyring)
        assert servers.send(refused, tcp=True).rcode() == dns.rcode.REFUSED


def test_update_needs_its_key(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    def added(keyring: dns.tsig.Key | None) -> dns.update.UpdateMessage:
        message = update(keyring=keyring)
        message.add("new", 60, "A", "192.0.2.1")
        return message

    assert servers.send(added(None)).rcode() == dns.rcode.REFUSED
    assert servers.send(added(key("transfer.key"))).rcode() == dns.rcode.REFUSED
    with pytest.raises(dns.tsig.PeerBadSignature):
        servers.send(added(key(secret=SECRETS["transfer.key"])))
    with pytest.raises(dns.tsig.PeerBadKey):
        servers.send(added(key("unknown.key", secret=SECRETS["update.key"])))
    with monkeypatch.context() as clock:
        now = time.time()
        clock.setattr(time, "time", lambda: now - 3600)
        with pytest.raises(dns.tsig.PeerBadTime):
            servers.send(added(key()))
    assert servers.serial("example.") == 10
    response = servers.send(added(key()))
    assert response.rcode() == dns.rcode.NOERROR
    assert response.had_tsig
    assert servers.serial("example.") == 11
    assert texts(servers.ask("new.example.", "A").answer) == {"new.example. A 192.0.2.1"}
    assert "new 60 IN A 192.0.2.1" in (servers.folder / "example.zone").read_text(encoding="utf-8")


def prerequisite_cases() -> t.Iterator[t.Any]:
    def case(name: str, method: str, *arguments: t.Any, rcode: dns.rcode.Rcode) -> t.Any:
        return pytest.param(method, arguments, rcode, id=name)

    no_error = dns.rcode.NOERROR
    yield case("name in use", "present", "web", rcode=no_error)
    yield case("name in use, but is not", "present", "absent", rcode=dns.rcode.NXDOMAIN)
    yield case("name not in use", "absent", "absent", rcode=no_error)
    yield case("name not in use, but is", "absent", "web", rcode=dns.rcode.YXDOMAIN)
    yield case("RRset exists", "present", "web", "A", rcode=no_error)
    yield case("RRset exists, but does not", "present", "web", "MX", rcode=dns.rcode.NXRRSET)
    yield case("RRset has this value", "present", "web", "A", "192.0.2.80", rcode=no_error)
    yield case("RRset has another value", "present", "web", "A", "192.0.2.81", rcode=dns.rcode.NXRRSET)
    yield case("RRset has more values", "present", "@", "NS", "ns1", rcode=dns.rcode.NXRRSET)
    yield case("RRset does not exist", "absent", "web", "MX", rcode=no_error)
    yield case("RRset does not exist, but does", "absent", "web", "A", rcode=dns.rcode.YXRRSET)
    yield case("outside the zone", "present", "www.elsewhere.test.", rcode=dns.rcode.NOTZONE)


@pytest.mark.parametrize("method, arguments, rcode", list(prerequisite_cases()))
def test_update_prerequisites(
    servers: Servers, method: str, arguments: tuple[t.Any, ...], rcode: dns.rcode.Rcode
) -> None:
    message = update(keyring=key())
    getattr(message, method)(*arguments)
    assert servers.send(message).rcode() == rcode


def test_update_changes_a_delegation_in_one_step(servers: Servers) -> None:
    message = update(keyring=key())
    message.present("child", "NS", "ns.child", "ns.elsewhere.test.")
    message.delete("child", "NS")
    message.add("child", 600, "NS", "ns2.child")
    message.delete("ns.child", "AAAA")
    message.delete("ns.child", "A", "192.0.2.53")
    message.add("ns2.child", 600, "A", "192.0.2.54")
    assert servers.send(message, tcp=True).rcode() == dns.rcode.NOERROR
    referral = servers.ask("child.example.", "A")
    assert texts(referral.authority) == {"child.example. NS ns2.child.example."}
    assert referral.authority[0].ttl == 600
    assert texts(referral.additional) == {"ns2.child.example. A 192.0.2.54"}
    assert servers.serial("example.") == 11
    stale = update(keyring=key())
    stale.present("child", "NS", "ns.child", "ns.elsewhere.test.")
    stale.delete("child", "NS")
    assert servers.send(stale).rcode() == dns.rcode.NXRRSET
    assert servers.ask("child.example.", "A").authority == referral.authority
    assert servers.serial("example.") == 11


def test_update_keeps_the_apex_and_the_rules_of_rfc_2136(servers: Servers) -> None:
    before = texts(servers.ask("example.", "ANY", tcp=True).answer)
    ignored = update(keyring=key())
    ignored.delete("@")
    ignored.delete("@", "NS")
    ignored.delete("@", "SOA")
    ignored.add("www", 60, "A", "192.0.2.1")
    ignored.add("web", 60, "CNAME", "www")
    ignored.add("@", 3600, "SOA", "ns9 hostmaster 9 1 1 1 1")
    ignored.add("web", 3600, "A", "192.0.2.80")
    ignored.delete("web", "A", "192.0.2.99")
    assert servers.send(ignored).rcode() == dns.rcode.NOERROR
    assert texts(servers.ask("example.", "ANY", tcp=True).answer) == before

    last = update(keyring=key())
    last.delete("@", "NS", "ns1")
    last.delete("@", "NS", "ns2")
    assert servers.send(last).rcode() == dns.rcode.NOERROR
    assert texts(servers.ask("example.", "NS").answer) == {"example. NS ns2.example."}

    serial = update(keyring=key())
    serial.add("@", 3600, "SOA", "ns1 hostmaster 4000000 3600 900 1209600 300")
    serial.add("web", 30, "A", "192.0.2.81")
    assert servers.send(serial).rcode() == dns.rcode.NOERROR
    assert servers.serial("example.") == 4000000
    web = servers.ask("web.example.", "A").answer[0]
    assert (web.ttl, len(web)) == (30, 2)

    newer = update(keyring=key())
    newer.add("@", 3600, "SOA", "ns1 hostmaster 2026010100 3600 900 1209600 300")
    assert servers.send(newer).rcode() == dns.rcode.NOERROR
    assert servers.serial("example.") == 2026010100


def test_update_of_what_is_not_here(servers: Servers) -> None:
    unhosted = update(keyring=key(), zone="elsewhere.test.")
    unhosted.add("www", 60, "A", "192.0.2.1")
    assert servers.send(unhosted).rcode() == dns.rcode.NOTAUTH
    outside = update(keyring=key())
    outside.add("www", 60, "A", "192.0.2.1")
    outside.add("www.elsewhere.test.", 60, "A", "192.0.2.1")
    assert servers.send(outside).rcode() == dns.rcode.NOTZONE
    fixed = update(keyring=key(), zone="hosted.example.")
    fixed.add("www", 60, "A", "192.0.2.1")
    assert servers.send(fixed).rcode() == dns.rcode.REFUSED
    assert servers.send(update(keyring=key()), address=SECONDARY).rcode() == dns.rcode.NOTIMP


def test_secondary_follows_its_primary(servers: Servers) -> None:
    wait_for(lambda: servers.serial("example.", SECONDARY) == 10)
    message = update(keyring=key())
    message.add("new", 60, "A", "192.0.2.1")
    servers.send(message)
    wait_for(lambda: servers.serial("example.", SECONDARY) == 11)
    assert servers.ask("new.example.", "A", address=SECONDARY).answer
    copy = dns.zone.from_file(os.fspath(servers.folder / "secondary" / "example.zone"), "example.")
    assert copy == dns.zone.from_file(os.fspath(servers.folder / "example.zone"), "example.")


def test_notify_is_for_secondaries_from_their_primaries(servers: Servers) -> None:
    notify = dns.message.make_query("example.", "SOA", flags=dns.flags.AA)
    notify.set_opcode(dns.opcode.NOTIFY)
    assert servers.send(notify).rcode() == dns.rcode.NOTAUTH
    assert servers.send(notify, address=SECONDARY).rcode() == dns.rcode.REFUSED
    from_primary = dns.query.udp(notify, SECONDARY, timeout=PATIENCE, port=servers.port, source=PRIMARY)
    assert from_primary.rcode() == dns.rcode.NOERROR


def test_reload_serves_what_the_files_say_on_return(servers: Servers) -> None:
    servers.write_zone("hosted.zone", HOSTED_ZONE.replace(" 1 3600", " 2 3600") + "www A 192.0.2.1\n")
    assert servers.control("reload").returncode == 0
    assert servers.serial("hosted.example.") == 2
    assert servers.ask("www.hosted.example.", "A").answer

    servers.write_zone("hosted.zone", "this is no zone file\n")
    broken = servers.control("reload")
    assert broken.returncode == 1
    assert "hosted.zone" in broken.stderr
    assert servers.serial("hosted.example.") == 2

    servers.write_zone("hosted.zone", HOSTED_ZONE)
    assert servers.control("reload").returncode == 0
    assert servers.serial("hosted.example.") == 1
    assert "serial 1 is not newer than 2" in (servers.folder / "servers.log").read_text(encoding="utf-8")


def test_reload_follows_the_configuration(servers: Servers) -> None:
    servers.configure(
        [{"name": "other", "addresses": [SECONDARY], "zones": [{"name": "hosted.example", "file": "hosted.zone"}]}]
    )
    assert servers.control("reload").returncode == 0
    assert servers.serial("hosted.example.", SECONDARY) == 1
    assert servers.serial("example.", SECONDARY) is None
    with pytest.raises((OSError, dns.exception.Timeout)):
        dns.query.tcp(dns.message.make_query("example.", "SOA"), PRIMARY, timeout=1, port=servers.port)
    servers.config.write_text("{", encoding="utf-8")
    broken = servers.control("reload")
    assert broken.returncode == 1
    assert "servers.json" in broken.stderr
    assert servers.serial("hosted.example.", SECONDARY) == 1


def test_control_commands_say_what_is_wrong(servers: Servers, tmp_path: pathlib.Path) -> None:
    again = servers.control("start")
    assert (again.returncode, "served already" in again.stderr) == (1, True)
    idle = Servers(tmp_path / "idle")
    for command in ("reload", "stop"):
        result = idle.control(command)
        assert (result.returncode, "no name server runs" in result.stderr) == (1, True)
