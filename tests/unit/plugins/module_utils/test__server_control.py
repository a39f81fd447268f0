# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name servers through their control commands. What they print is from BIND 9.18, Knot 3.2, NSD 4.6, PowerDNS 4.7."""

from __future__ import annotations

import os
import pathlib
import signal
import textwrap
import typing as t

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils import _server_control
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem, ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._server_control import (
    NameServer,
    ServedZone,
    ServerType,
    bind_zone,
    frozen,
    knot_records,
    name_server,
    nsd_zone,
    powerdns_zone,
)

Answer = tuple[int, str, str]

ZONE = "dyn.example"
PATH = "/etc/zones/dyn.example.zone"


def zonestatus(*lines: str, dynamic: str = "no") -> str:
    """What ``rndc zonestatus`` prints of a zone, with these lines where they differ."""
    more = "".join(f"{line}\n" for line in lines)
    return textwrap.dedent("""\
        name: dyn.example
        type: primary
        files: dyn.example.zone
        serial: 2026112101
        {more}nodes: 3
        last loaded: Sat, 21 Nov 2026 18:52:42 GMT
        secure: no
        dynamic: {dynamic}
        reconfigurable via modzone: no
        """).format(more=more, dynamic=dynamic)


DYNAMIC = zonestatus(dynamic="yes\nfrozen: no")
FROZEN = zonestatus(dynamic="yes\nfrozen: yes")
SIGNED_INLINE = zonestatus("signed serial: 2026112103")
NO_ZONE = "rndc: 'zonestatus' failed: not found\nno matching zone 'dyn.example' in any view\n"
NOT_LOADED = "rndc: 'zonestatus' failed: zone not loaded\n"
REFUSED = "rndc: connect failed: 127.0.0.1#953: connection refused\n"


class Commands:
    """Answers to commands, by their words without those that all have; each is given once and the last for good."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.ran: list[str] = []

    def on(self, words: str, *answers: str | Answer) -> Commands:
        """Script what a command does."""
        self.answers[words] = [answer if isinstance(answer, tuple) else (0, answer, "") for answer in answers]
        return self

    def __call__(self, command: t.Sequence[str]) -> Answer:
        """Run a command."""
        words = " ".join(command[1:])
        self.ran.append(words)
        answers = self.answers[words]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def server(kind: ServerType, commands: Commands, **options: t.Any) -> NameServer:
    return name_server(kind, run=commands, sleep=lambda _seconds: None, **options)


class TestBind:
    @pytest.mark.parametrize(
        ("printed", "expected"),
        [
            pytest.param(zonestatus(), ServedZone(), id="static"),
            pytest.param(DYNAMIC, ServedZone(dynamic=True), id="dynamic"),
            pytest.param(FROZEN, ServedZone(dynamic=True, frozen=True), id="frozen"),
            pytest.param(SIGNED_INLINE, ServedZone(), id="signed in-line"),
            pytest.param(
                SIGNED_INLINE.replace("dynamic: no", "dynamic: yes\nfrozen: no"),
                ServedZone(dynamic=True),
                id="signed in-line and dynamic",
            ),
            pytest.param(zonestatus().replace("type: primary", "type: master"), ServedZone(), id="before 9.17"),
            pytest.param(
                zonestatus().replace("type: primary", "type: secondary"),
                ServedZone(ignored="BIND has a secondary zone there, whose records do not come from a file"),
                id="secondary",
            ),
            pytest.param(
                zonestatus().replace("files: dyn.example.zone", "files: db.dyn, common.inc"),
                ServedZone(ignored="BIND reads the zone from db.dyn"),
                id="from another file",
            ),
            pytest.param(
                zonestatus().replace("files: dyn.example.zone", "files: /chroot/dyn.example.zone"),
                ServedZone(),
                id="from the file by another way",
            ),
        ],
    )
    def test_zone(self, printed: str, expected: ServedZone) -> None:
        assert bind_zone(printed, PATH) == expected
        assert server("bind", Commands().on("zonestatus dyn.example", printed)).look_up(ZONE, PATH) == expected

    @pytest.mark.parametrize("printed", [NO_ZONE, NOT_LOADED])
    def test_zone_that_it_does_not_serve(self, printed: str) -> None:
        assert server("bind", Commands().on("zonestatus dyn.example", (1, "", printed))).look_up(ZONE, PATH) is None

    def test_that_cannot_be_asked(self) -> None:
        bind = server("bind", Commands().on("zonestatus dyn.example", (1, "", REFUSED)))
        with pytest.raises(ZoneFileError) as caught:
            bind.look_up(ZONE, PATH)
        assert caught.value.message == f"server: rndc zonestatus dyn.example failed (status 1): {REFUSED.strip()}"

    def test_whose_command_is_missing(self) -> None:
        def run(command: t.Sequence[str]) -> Answer:
            raise FileNotFoundError(2, "No such file or directory")

        with pytest.raises(ZoneFileError, match=r"^server: cannot run /opt/rndc \(No such file or directory\)$"):
            name_server("bind", run=run, command=["/opt/rndc"]).look_up(ZONE, PATH)

    def test_is_asked_in_its_view_with_the_arguments_of_the_command(self) -> None:
        asked: list[t.Sequence[str]] = []

        def run(command: t.Sequence[str]) -> Answer:
            asked.append(command)
            return 0, zonestatus(), ""

        name_server("bind", run=run, command=["rndc", "-p", "9953"], view="internal").look_up(ZONE, PATH)
        assert asked == [("rndc", "-p", "9953", "zonestatus", "dyn.example", "IN", "internal")]


def knot_commands(status: str, *settings: str) -> Commands:
    own = "".join(f"zone[dyn.example.].{line}\n" for line in settings)
    return (
        Commands()
        .on("zone-status dyn.example", f"[dyn.example.] {status}\n")
        .on("conf-read zone[dyn.example]", f"zone.domain = dyn.example.\n{own}")
        .on("conf-read template[default]", (1, "", "error: (invalid identifier) template[default]\n"))
        .on(
            "conf-read template[dynamic]",
            "template.id = dynamic\ntemplate[dynamic].file = %s.zone\ntemplate[dynamic].acl = xfr upd\n"
            "template[dynamic].zonefile-sync = -1\n",
        )
        .on("conf-read acl[upd]", "acl.id = upd\nacl[upd].key = up.\nacl[upd].action = transfer update\n")
        .on("conf-read acl[not]", "acl.id = not\nacl[not].action = update\nacl[not].deny = on\n")
        .on("conf-read acl[xfr]", "acl.id = xfr\nacl[xfr].address = 127.0.0.0/8\nacl[xfr].action = transfer\n")
    )


class TestKnot:
    @pytest.mark.parametrize(
        ("status", "settings", "expected"),
        [
            pytest.param("role: master | serial: 2026112100", ["acl = xfr"], ServedZone(), id="static"),
            pytest.param("role: master | serial: 2026112100", [], ServedZone(), id="without ACL"),
            pytest.param(
                "role: master | serial: 2026112101 | notify: +1s", ["acl = upd"], ServedZone(dynamic=True), id="dynamic"
            ),
            pytest.param("role: master | serial: 1", ["acl = not"], ServedZone(), id="updates denied"),
            pytest.param(
                "role: master | serial: 2026112101 | freeze: yes",
                ["acl = xfr upd"],
                ServedZone(dynamic=True, frozen=True),
                id="frozen",
            ),
            pytest.param(
                "role: master | serial: 2026112101",
                ["template = dynamic"],
                ServedZone(dynamic=True),
                id="dynamic by its template",
            ),
            pytest.param(
                "role: master | serial: 2026112101",
                ["template = dynamic", "acl = xfr"],
                ServedZone(),
                id="static in spite of its template",
            ),
            pytest.param(
                "role: master | serial: -",
                ["zonefile-load = none", "journal-content = all"],
                ServedZone(ignored="Knot does not read the file, by its setting zonefile-load"),
                id="from the journal alone",
            ),
            pytest.param(
                "role: slave | serial: - | refresh: +15s",
                ["master = self"],
                ServedZone(ignored="Knot has a secondary zone there, whose records do not come from a file"),
                id="secondary",
            ),
            pytest.param(
                "role: master | serial: 1",
                ["file = db.dyn"],
                ServedZone(ignored="Knot reads the zone from db.dyn"),
                id="from another file",
            ),
            pytest.param("role: master | serial: 1", ["file = zones/%s.zone"], ServedZone(), id="from a pattern"),
        ],
    )
    def test_zone(self, status: str, settings: list[str], expected: ServedZone) -> None:
        assert server("knot", knot_commands(status, *settings)).look_up(ZONE, PATH) == expected

    def test_zone_that_it_does_not_serve(self) -> None:
        commands = Commands().on("zone-status dyn.example", (1, "", "error: [dyn.example] (no such zone found)\n"))
        assert server("knot", commands).look_up(ZONE, PATH) is None

    def test_that_cannot_be_asked(self) -> None:
        error = "error: failed to connect to socket '/run/knot/knot.sock' (not exists)"
        knot = server("knot", Commands().on("zone-status dyn.example", (1, "", f"{error}\n")))
        with pytest.raises(ZoneFileError) as caught:
            knot.look_up(ZONE, PATH)
        assert caught.value.message == f"server: knotc zone-status dyn.example failed (status 1): {error}"

    def test_shared_settings_are_asked_for_once(self) -> None:
        commands = knot_commands("role: master | serial: 1", "acl = upd")
        knot = server("knot", commands)
        knot.look_up(ZONE, PATH)
        knot.look_up(ZONE, PATH)
        assert commands.ran.count("conf-read acl[upd]") == commands.ran.count("conf-read template[default]") == 1

    def test_records(self) -> None:
        printed = (
            "[dyn.example.] dyn.example. 300 NS ns1.dyn.example.\n"
            "[dyn.example.] dyn.example. 300 SOA ns1.dyn.example. hostmaster.dyn.example. 1 3600 900 1209600 300\n"
            '[dyn.example.] acme.dyn.example. 60 TXT "token [1] RRSIG"\n'
            "[dyn.example.] dyn.example. 300 DNSKEY 257 3 13 fNw4sN2DhyR21r92uPvkJA==\n"
            "[dyn.example.] dyn.example. 300 RRSIG NS 13 2 300 20261205185459 20261121172459 54228 dyn.example. uAdx\n"
            "[dyn.example.] dyn.example. 300 NSEC acme.dyn.example. NS SOA RRSIG NSEC DNSKEY\n"
        )
        every = knot_records(printed, signing=False).decode().splitlines()
        assert every == [line[len("[dyn.example.] ") :] for line in printed.splitlines()]
        assert knot_records(printed, signing=True).decode().splitlines() == every[:3]

    @pytest.mark.parametrize("signing", [True, False])
    @pytest.mark.parametrize("line", ["warning: a timeout is near", "", "[dyn.example.] (no data)"])
    def test_what_is_no_record_is_none_that_is_left_out(self, line: str, signing: bool) -> None:
        with pytest.raises(ZoneFileError, match="Knot says"):
            knot_records(f"[dyn.example.] dyn.example. 300 NS ns1.example.net.\n{line}\n", signing=signing)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        pytest.param("zone:\tdyn.example\n\tstate: master\n", ServedZone(), id="primary"),
        pytest.param("zone:\tdyn.example\n\tstate: primary\n", ServedZone(), id="primary since 4.7"),
        pytest.param(
            'zone:\tsec.example\n\tstate: refreshing\n\tserved-serial: none\n\tcommit-serial: none\n\twait: "28 sec"\n',
            ServedZone(ignored="NSD has a secondary zone there, whose records do not come from a file"),
            id="secondary",
        ),
        pytest.param("error zone dyn.example not configured\n", None, id="none"),
    ],
)
def test_zone_of_nsd(printed: str, expected: ServedZone | None) -> None:
    commands = Commands().on("zonestatus dyn.example", (1 if expected is None else 0, printed, ""))
    assert server("nsd", commands).look_up(ZONE, PATH) == expected
    if expected is not None:
        assert nsd_zone(printed) == expected


def test_nsd_that_cannot_be_asked() -> None:
    error = "error: connect (/run/nsd/nsd.ctl): Connection refused"
    with pytest.raises(ZoneFileError, match="nsd-control zonestatus dyn.example failed"):
        server("nsd", Commands().on("zonestatus dyn.example", (1, "", error))).look_up(ZONE, PATH)


def extended_status(kind: str = "Master", file: str = PATH) -> str:
    """What ``pdns_control bind-domain-extended-status`` prints."""
    return (
        "dyn.example: \n\t Status: parsed into memory at 2026-11-21 18:55:45 +0000\n\t Internal ID: 1\n"
        f"\t On-disk file: {file} (1795287344)\n\t Kind: {kind}\n\t Masters: \n\t Also Notify: \n"
        "\t Number of records: 3\n\t Loaded: 1\n\t Check now: 0\n\t Check interval: 0\n\n"
    )


class TestPowerDns:
    @pytest.mark.parametrize(
        ("printed", "expected"),
        [
            pytest.param(extended_status(), ServedZone(), id="from the file, signed or not"),
            pytest.param(extended_status("Native"), ServedZone(), id="native"),
            pytest.param(
                extended_status("Slave"),
                ServedZone(ignored="PowerDNS has a secondary zone there, whose records do not come from a file"),
                id="secondary",
            ),
            pytest.param(
                extended_status(file="/etc/zones/db.dyn"),
                ServedZone(ignored="PowerDNS reads the zone from /etc/zones/db.dyn"),
                id="from another file",
            ),
        ],
    )
    def test_zone_of_the_bind_backend(self, printed: str, expected: ServedZone) -> None:
        assert powerdns_zone(printed, PATH) == expected
        commands = Commands().on("bind-domain-extended-status dyn.example", printed)
        assert server("powerdns", commands).look_up(ZONE, PATH) == expected

    @pytest.mark.parametrize(
        "status",
        [
            pytest.param((0, "dyn.example no such domain\n\n", ""), id="beside the bind backend"),
            pytest.param((1, "Unknown command: 'BIND-DOMAIN-EXTENDED-STATUS'\n", ""), id="without the bind backend"),
        ],
    )
    @pytest.mark.parametrize("zones", ["plain.example.\ndyn.example.\nAll zonecount: 2\n", "All zonecount: 0\n"])
    def test_zone_in_a_database(self, status: Answer, zones: str) -> None:
        commands = Commands().on("bind-domain-extended-status dyn.example", status).on("list-zones", zones)
        powerdns = server("powerdns", commands)
        expected = None
        if "dyn" in zones:
            expected = ServedZone(ignored="PowerDNS has the zone in a database and does not read its file")
        assert powerdns.look_up(ZONE, PATH) == powerdns.look_up(ZONE, PATH) == expected
        assert commands.ran.count("list-zones") == 1

    def test_that_cannot_be_asked(self) -> None:
        error = "Fatal error: Unable to connect to remote '/run/pdns/pdns.controlsocket': No such file or directory\n"
        answer = (1, "", error)
        commands = Commands().on("bind-domain-extended-status dyn.example", answer).on("list-zones", answer)
        with pytest.raises(ZoneFileError, match="pdns_control list-zones failed"):
            server("powerdns", commands).look_up(ZONE, PATH)


@pytest.mark.parametrize("kind", ["nsd", "powerdns"])
def test_servers_without_updates_of_zone_files_freeze_nothing(kind: ServerType) -> None:
    powerless = server(kind, Commands())
    attempts: tuple[t.Callable[[], object], ...] = (
        lambda: powerless.freeze(ZONE),
        lambda: powerless.content(ZONE, PATH),
        lambda: powerless.thaw(ZONE, replaced=True),
    )
    for attempt in attempts:
        with pytest.raises(ZoneFileError, match="freezes no zones$"):
            attempt()


def zone_text(serial: int) -> str:
    return f"$TTL 300\n@ IN SOA ns1 hostmaster {serial} 3600 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n"


class TestFrozen:
    @pytest.fixture(name="path")
    def path_fixture(self, tmp_path: pathlib.Path) -> pathlib.Path:
        path = tmp_path / "dyn.example.zone"
        path.write_text(zone_text(2026112101))
        return path

    def bind(self) -> Commands:
        return (
            Commands()
            .on("freeze dyn.example", "")
            .on("thaw dyn.example", "A zone reload and thaw was started.\nCheck the logs to see the result.\n")
            .on("zonestatus dyn.example", FROZEN, DYNAMIC)
        )

    def knot(self) -> Commands:
        commands = knot_commands("role: master | serial: 1", "acl = upd", "dnssec-signing = on")
        for action in ("zone-freeze", "zone-reload", "zone-thaw"):
            commands.on(f"-b {action} dyn.example", "OK\n")
        return commands.on("zone-read dyn.example", "[dyn.example.] dyn.example. 300 NS ns1.dyn.example.\n")

    def test_by_bind(self, path: pathlib.Path) -> None:
        commands = self.bind()
        with frozen(server("bind", commands), {ZONE: str(path)}) as contents:
            assert contents == {ZONE: None}
            assert commands.ran == ["freeze dyn.example", "zonestatus dyn.example"]
        assert commands.ran[2:] == ["thaw dyn.example", "zonestatus dyn.example"]

    def test_by_bind_once_it_has_written_the_file(self, path: pathlib.Path) -> None:
        # With many records that takes longer than the command.
        path.write_text(zone_text(2026112100))
        waited: list[float] = []

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                path.write_text(zone_text(2026112101))

        commands = self.bind().on("zonestatus dyn.example", FROZEN, FROZEN, FROZEN, FROZEN, FROZEN, FROZEN, DYNAMIC)
        with frozen(name_server("bind", run=commands, sleep=sleep), {ZONE: str(path)}):
            assert len(waited) == 3
        # And once more until it has loaded the file.
        assert len(waited) == 5

    def test_by_bind_where_the_file_is_ahead_of_it(self, path: pathlib.Path) -> None:
        path.write_text(zone_text(2026112199))
        with frozen(server("bind", self.bind()), {ZONE: str(path)}) as contents:
            assert contents == {ZONE: None}

    @pytest.mark.parametrize("text", ["", "$INCLUDE nowhere\n", zone_text(2026112100)])
    def test_by_bind_that_never_writes_the_file(self, path: pathlib.Path, text: str) -> None:
        path.write_text(text)
        commands = self.bind().on("zonestatus dyn.example", *[FROZEN] * 300, DYNAMIC)
        with pytest.raises(ZoneFileError) as caught, frozen(server("bind", commands), {ZONE: str(path)}):
            pytest.fail("the zone must not be planned for")
        assert caught.value.message.startswith(f"server: BIND has not written {path} within 60 seconds")
        assert "thaw dyn.example" in commands.ran

    def test_by_bind_that_does_not_load_the_file(self, path: pathlib.Path) -> None:
        commands = self.bind().on("zonestatus dyn.example", FROZEN)
        with pytest.raises(ZoneFileError) as caught, frozen(server("bind", commands), {ZONE: str(path)}):
            path.write_text("nonsense")
        assert caught.value.message == (
            "zone dyn.example: it may still be frozen, and then takes no updates: server: it is not done within 60"
            " seconds; BIND's log tells why; thaw it with: rndc thaw dyn.example"
        )
        assert caught.value.details == {"changed": True}

    @pytest.mark.parametrize("replaced", [True, False])
    def test_by_knot(self, path: pathlib.Path, replaced: bool) -> None:
        commands = self.knot()
        with frozen(server("knot", commands), {ZONE: str(path)}) as contents:
            assert contents == {ZONE: b"dyn.example. 300 NS ns1.dyn.example.\n"}
            if replaced:
                path.write_text(zone_text(2026112102))
        loading = ["-b zone-reload dyn.example"] if replaced else []
        assert commands.ran[0] == "-b zone-freeze dyn.example"
        assert commands.ran[-len(loading) - 1 :] == [*loading, "-b zone-thaw dyn.example"]

    def test_by_knot_that_does_not_load_the_file(self, path: pathlib.Path) -> None:
        commands = self.knot().on("-b zone-reload dyn.example", (1, "", "error: [dyn.example.] (malformed data)\n"))
        with pytest.raises(ZoneFileError) as caught, frozen(server("knot", commands), {ZONE: str(path)}):
            path.write_text("nonsense")
        assert (
            "zone-reload dyn.example failed (status 1): error: [dyn.example.] (malformed data)" in caught.value.message
        )
        assert commands.ran[-1] == "-b zone-thaw dyn.example"

    @pytest.mark.parametrize(
        "failure",
        [
            DescriptionError([Problem(zone=ZONE, where="records[0]", rule="no")]),
            ZoneFileError("disk full", rc=1),
            OSError("broken"),
            KeyboardInterrupt(),
            SystemExit(1),
        ],
        ids=lambda failure: type(failure).__name__,
    )
    def test_ends_whatever_happens(self, path: pathlib.Path, failure: BaseException) -> None:
        commands = self.bind()
        with pytest.raises(type(failure)) as caught, frozen(server("bind", commands), {ZONE: str(path)}):
            raise failure
        assert caught.value is failure and "thaw dyn.example" in commands.ran

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_ends_where_the_module_is_told_to_stop(self, path: pathlib.Path, number: signal.Signals) -> None:
        commands = self.bind()
        # Whoever runs the tests behind nohup has SIGHUP ignored.
        before = signal.signal(number, signal.SIG_DFL)
        try:
            with pytest.raises(SystemExit) as caught, frozen(server("bind", commands), {ZONE: str(path)}):
                os.kill(os.getpid(), number)
            assert signal.getsignal(number) is signal.SIG_DFL
        finally:
            signal.signal(number, before)
        assert caught.value.code == 128 + number and "thaw dyn.example" in commands.ran

    def test_a_signal_that_is_ignored_stays_so(self, path: pathlib.Path) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with frozen(server("bind", self.bind()), {ZONE: str(path)}):
                os.kill(os.getpid(), signal.SIGHUP)
        finally:
            signal.signal(signal.SIGHUP, before)

    def test_both_failures_are_told(self, path: pathlib.Path) -> None:
        commands = self.bind().on("thaw dyn.example", (1, "", REFUSED))
        with pytest.raises(ZoneFileError) as caught, frozen(server("bind", commands), {ZONE: str(path)}):
            raise ZoneFileError("disk full", rc=1)
        first, second = caught.value.message.split("\n")
        assert first == "disk full" and caught.value.details == {"rc": 1}
        assert second.startswith("zone dyn.example: it may still be frozen") and "connection refused" in second
        assert second.endswith("thaw it with: rndc thaw dyn.example")

    def test_what_fails_after_the_module_has_ended_is_told_too(
        self, path: pathlib.Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        commands = self.bind().on("thaw dyn.example", (1, "", REFUSED))
        with pytest.raises(SystemExit), frozen(server("bind", commands), {ZONE: str(path)}):
            raise SystemExit(1)
        assert "thaw it with: rndc thaw dyn.example" in capsys.readouterr().err

    def test_only_of_zones_that_were_frozen(self, path: pathlib.Path) -> None:
        commands = self.bind()
        already = "rndc: 'freeze' failed: already frozen\nWARNING: The zone was already frozen.\n"
        commands.on("freeze other.example", (1, "", already)).on("freeze third.example", "")
        paths = {ZONE: str(path), "other.example": str(path), "third.example": str(path)}
        with pytest.raises(ZoneFileError, match="already frozen"), frozen(server("bind", commands), paths):
            pytest.fail("no zone may be written")
        assert [words for words in commands.ran if "thaw" in words] == ["thaw dyn.example"]
        assert "freeze third.example" not in commands.ran


def test_every_type_of_server_has_a_command() -> None:
    assert set(_server_control.DEFAULT_COMMANDS) == set(t.get_args(ServerType))
