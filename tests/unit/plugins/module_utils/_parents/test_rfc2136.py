# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dynamic updates: what the parent reads and sends, and what it makes of a server that fails at any moment."""

from __future__ import annotations

import socket
import time
import typing as t
from datetime import datetime, timezone

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
import dns.update
import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._delegate import Outcome, Rules, push
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import Zone, ZoneTree, parse_zones
from ansible_collections.zonecut.dns.plugins.module_utils._errors import (
    DelegationError,
    DescriptionError,
    MissingLibraryError,
    StaleViewError,
    UnknownOutcomeError,
)
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import AbsorbedRecord, Change, Setting
from ansible_collections.zonecut.dns.plugins.module_utils._parents.registry import parse_parents
from ansible_collections.zonecut.dns.plugins.module_utils._parents.rfc2136 import (
    IsAlias,
    NoReferrals,
    Rfc2136Parent,
    ServesChild,
    read_referral,
    update_message,
)
from ansible_collections.zonecut.dns.plugins.module_utils._plan import plan
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.delegation_values import (
    CUT,
    DS_1,
    DS_2,
    delegation,
)
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_primary import (
    ADDRESS,
    SECRET,
    ScriptedPrimary,
)

PARENT = """
@ 3600 SOA ns0 hostmaster 1 3600 900 1209600 300
@ 3600 NS ns0
ns0 3600 A 192.0.2.1
www.sub 3600 A 192.0.2.2
alias 3600 CNAME www.sub
"""
CUT_RECORDS = f"""
mail 86400 NS ns1.mail
mail 86400 NS a.test.
mail 86400 DS {DS_1}
ns1.mail 86400 A 192.0.2.1
ns1.mail 86400 AAAA 2001:db8::1
"""
CHILD = """
@ 3600 SOA ns1 hostmaster 7 3600 900 1209600 300
@ 3600 NS ns1
@ 3600 NS other.test.
ns1 3600 A 198.51.100.99
"""
PRESENT = delegation({"ns1": ["192.0.2.1", "2001:db8::1"], "a.test.": []}, DS_1)
WANTED = delegation({"ns1": ["192.0.2.9"], "ns2": ["192.0.2.2"], "a.test.": []}, DS_2)

MAIL = {
    "name": "mail.contoso.example",
    "parent": "corp",
    "name_servers": [
        {"name": "ns1.mail.contoso.example", "addresses": ["192.0.2.9"]},
        {"name": "ns2.mail.contoso.example", "addresses": ["192.0.2.2"]},
        {"name": "a.test"},
    ],
    "ds": [DS_2],
}


def setting(zones: t.Sequence[Zone] = ()) -> Setting:
    """Return a setting with little patience."""
    return Setting(
        tree=ZoneTree(zones),
        timeout=0.5,
        clock=lambda: datetime(2026, 1, 1, tzinfo=timezone.utc),
        writer=t.cast("t.Any", None),
        warn=print,
    )


def parent_at(primary: ScriptedPrimary, **options: t.Any) -> Rfc2136Parent:
    """Return the parent that talks to ``primary``."""
    given = {"name": "corp", "type": "rfc2136", "server": ADDRESS, "port": primary.port}
    entries = parse_parents(
        [{**given, "key_name": "unit.test", "key_secret": SECRET, **options}], environment={}, keep_secret=id
    )
    return t.cast("Rfc2136Parent", entries["corp"].open(setting()))


def pushed(primary: ScriptedPrimary, *zones: t.Mapping[str, t.Any], **options: t.Any) -> list[Outcome]:
    """Push zones to ``primary`` as the module does."""
    every = parse_zones(list(zones) or [MAIL])
    given = {"name": "corp", "type": "rfc2136", "server": ADDRESS, "port": primary.port, **options}
    return push(
        every,
        parse_parents([{"key_name": "unit.test", "key_secret": SECRET, **given}], environment={}, keep_secret=id),
        rules=Rules(preflight=False, allow=frozenset(["single_server"])),
        setting=setting(every),
        probe=t.cast("t.Any", None),
        waiting=time,
    )


def zone(name: str = "mail.contoso.example") -> Zone:
    """Return a zone of which only the name matters."""
    return parse_zones([name])[0]


def change(present: t.Any = PRESENT, wanted: t.Any = WANTED, name: str = "mail.contoso.example") -> Change:
    """Return a planned change, of CUT unless told otherwise."""
    value = zone(name)
    operations = plan(zone=value.name, present=present, wanted=wanted)
    return Change(zone=value, present=present, wanted=wanted, operations=operations)


class TestRead:
    def test_a_referral_shows_the_delegation(self) -> None:
        with ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}) as primary, parent_at(primary) as parent:
            assert parent.read(zone()) == PRESENT

    @pytest.mark.parametrize("name", ["mail.contoso.example", "sub.contoso.example", "www.sub.contoso.example"])
    def test_a_name_without_cut_is_not_delegated(self, name: str) -> None:
        with ScriptedPrimary({"contoso.example": PARENT}) as primary, parent_at(primary) as parent:
            assert not parent.read(zone(name)).exists

    def test_a_transfer_shows_the_delegation_where_the_server_also_serves_the_child(self) -> None:
        zones = {"contoso.example": PARENT + CUT_RECORDS, "mail.contoso.example": CHILD}
        with ScriptedPrimary(zones) as primary, parent_at(primary) as parent:
            assert parent.read(zone()) == PRESENT

    def test_no_cut_in_the_transferred_zone_is_not_delegated(self) -> None:
        zones = {"contoso.example": PARENT, "mail.contoso.example": CHILD}
        with ScriptedPrimary(zones) as primary, parent_at(primary) as parent:
            assert not parent.read(zone()).exists

    @pytest.mark.parametrize(
        ("name", "options", "message"),
        [
            ("alias.contoso.example", {}, "is a CNAME"),
            ("deep.mail.contoso.example", {"zone": "contoso.example"}, "its parent zone is another"),
            ("mail.contoso.example", {"zone": "other.example"}, "does not lie below other.example"),
            ("contoso.example", {"zone": "contoso.example"}, "does not lie below contoso.example"),
            ("sub.contoso.example", {"zone": "example"}, "the option zone must name the zone just above"),
            ("mail.elsewhere.example", {}, "serves no zone that elsewhere.example lies in"),
            ("mail.elsewhere.example", {"zone": "elsewhere.example"}, "REFUSED"),
            (".", {}, "the root zone has no parent"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, name: str, options: dict[str, str], message: str) -> None:
        with (
            ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}) as primary,
            parent_at(primary, **options) as parent,
            pytest.raises(DelegationError, match=message),
        ):
            parent.read(zone(name))

    def test_many_zones_take_one_connection_and_two_queries_each(self) -> None:
        records = "".join(f"z{number} 3600 NS a.test.\nz{number} 3600 NS b.test.\n" for number in range(200))
        names = [f"z{number}.contoso.example" for number in range(200)]
        with ScriptedPrimary({"contoso.example": PARENT + records}) as primary, parent_at(primary) as parent:
            found = parent.read_all([zone(name) for name in names])
            assert all(value == delegation({"a.test.": [], "b.test.": []}) for value in found.values())
            assert (len(found), len(primary.queries), primary.connections) == (200, 401, 1)

    @pytest.mark.parametrize("answers", [1, 2, 25])
    def test_a_server_that_answers_a_few_questions_a_connection_is_asked_on(self, answers: int) -> None:
        names = [f"z{number}.contoso.example" for number in range(20)]
        with (
            ScriptedPrimary({"contoso.example": PARENT}, per_connection=answers) as primary,
            parent_at(primary) as parent,
        ):
            found = parent.read_all([zone(name) for name in names])
            assert not any(isinstance(value, DelegationError) for value in found.values())
            assert primary.connections > 1

    def test_a_question_that_ends_the_connection_costs_no_other_zone(self) -> None:
        names = [f"z{number}.contoso.example" for number in range(90)]
        with (
            ScriptedPrimary({"contoso.example": PARENT}, dislikes="z70.contoso.example") as primary,
            parent_at(primary) as parent,
        ):
            found = parent.read_all([zone(name) for name in names])
        failed = {name.to_text(): value for name, value in found.items() if isinstance(value, DelegationError)}
        assert list(failed) == ["z70.contoso.example."]
        assert "did not answer before the connection ended" in str(failed["z70.contoso.example."])

    def test_a_dead_server_fails_every_zone_at_once(self) -> None:
        with ScriptedPrimary({}) as primary:
            parent = parent_at(primary, zone="contoso.example")
        found = parent.read_all([zone("a.contoso.example"), zone("b.contoso.example")])
        assert all(isinstance(value, DelegationError) and "cannot be reached" in str(value) for value in found.values())

    @pytest.mark.parametrize("name", ["x.wild.contoso.example", "x.y.wild.contoso.example"])
    def test_a_wildcard_alias_is_in_nobodys_way(self, name: str) -> None:
        for target in ("ns0", "nowhere", "www.elsewhere.example."):
            zones = {"contoso.example": f"{PARENT}*.wild 3600 CNAME {target}\n"}
            with ScriptedPrimary(zones) as primary, parent_at(primary) as parent:
                assert not parent.read(zone(name)).exists
                creation = change(delegation({}), delegation({"a.test.": []}), name)
                assert parent.hidden_by([creation]) == {creation.zone.name: ()}

    def test_an_alias_beside_a_wildcard_is(self) -> None:
        records = "*.wild 3600 CNAME ns0\nx.wild 3600 CNAME alias\n"
        with (
            ScriptedPrimary({"contoso.example": PARENT + records}) as primary,
            parent_at(primary) as parent,
            pytest.raises(DelegationError, match="x.wild.contoso.example is a CNAME in the parent zone"),
        ):
            parent.read(zone("x.wild.contoso.example"))

    @pytest.mark.parametrize("reverse", [False, True])
    def test_an_alias_of_everything_below_is_named(self, reverse: bool) -> None:
        answer = dns.message.make_response(dns.message.make_query(CUT, "NS"))
        answer.flags |= dns.flags.AA
        answer.answer = [
            dns.rrset.from_text("contoso.example.", 60, "IN", "DNAME", "elsewhere.example."),
            dns.rrset.from_text(CUT, 60, "IN", "CNAME", "mail.elsewhere.example."),
        ]
        if reverse:
            answer.answer.reverse()
        with pytest.raises(DelegationError, match="^contoso.example is a DNAME in the parent zone") as caught:
            read_referral(zone=CUT, parent=CUT.parent(), ns=answer, ds=answer)
        assert not isinstance(caught.value, IsAlias)

    def test_a_cut_that_is_answered_for_without_a_referral_is_none_of_a_child(self) -> None:
        """As Samba does: the SOA beside the answer is that of the parent."""
        answer = dns.message.make_response(dns.message.make_query(CUT, "NS"))
        answer.flags |= dns.flags.AA
        answer.answer = [dns.rrset.from_text(CUT, 60, "IN", "NS", "a.test.")]
        with pytest.raises(ServesChild):
            read_referral(zone=CUT, parent=CUT.parent(), ns=answer, ds=answer)
        soa = dns.rrset.from_text("contoso.example.", 60, "IN", "SOA", "ns0 hostmaster 1 3600 900 1209600 300")
        answer.authority = [soa]
        with pytest.raises(NoReferrals):
            read_referral(zone=CUT, parent=CUT.parent(), ns=answer, ds=answer)


class TestHiddenBy:
    def hidden(self, records: str, *, servers: t.Any = None, **zones: str) -> tuple[str, ...] | DelegationError:
        """Return what delegating CUT to ns1 in it and a server elsewhere would hide, beside these records."""
        wanted = delegation(servers or {"ns1": ["192.0.2.9"], "a.test.": []})
        with (
            ScriptedPrimary({"contoso.example": PARENT + records, **zones}) as primary,
            parent_at(primary) as parent,
        ):
            assert not parent.read(zone()).exists
            return parent.hidden_by([change(delegation({}), wanted)])[CUT]

    @pytest.mark.parametrize(
        ("records", "expected"),
        [
            ("", ()),
            ("mail 60 MX 10 ns0\nx.mail 60 A 127.0.0.8\n", ("mail.contoso.example MX",)),
            ("mail 60 TXT text\nmail 60 A 127.0.0.8\n", ("mail.contoso.example A", "mail.contoso.example TXT")),
            ("ns1.mail 60 A 127.0.0.8\n", ()),
            ("ns1.mail 60 AAAA ::1\n", ()),
            ("* 60 A 127.0.0.8\n", ()),
            ("* 60 CNAME ns0\n", ()),
            ("* 60 A 127.0.0.8\nmail 60 MX 10 ns0\n", ("mail.contoso.example MX",)),
            ("* 60 A 127.0.0.8\nmail 60 A 127.0.0.9\n", ("mail.contoso.example A",)),
            (
                "* 60 A 127.0.0.8\nmail 60 A 127.0.0.8\nmail 60 MX 10 ns0\n",
                ("mail.contoso.example A", "mail.contoso.example MX"),
            ),
        ],
    )
    def test_names_the_data_at_the_name(self, records: str, expected: tuple[str, ...]) -> None:
        assert self.hidden(records) == ((*expected, "perhaps names below it") if expected else ())

    @pytest.mark.parametrize(
        "records",
        [
            "x.mail 60 A 127.0.0.8\n",
            "ns9.mail 60 A 127.0.0.8\n",
            "ns1.mail 60 TXT text\n",
            "*.mail 60 A 127.0.0.8\n",
            "mail 60 LOC 1 N 1 E 1m\n",
            "* 60 A 127.0.0.8\nx.mail 60 A 127.0.0.8\n",
        ],
    )
    def test_tells_that_there_is_something_that_it_cannot_name(self, records: str) -> None:
        (line,) = t.cast("tuple[str, ...]", self.hidden(records))
        assert line.startswith("names below it, or records at it of other types than A, AAAA, ")

    def test_an_address_at_the_name_itself_may_be_glue(self) -> None:
        apex_server = {"mail.contoso.example.": ["192.0.2.9"], "a.test.": []}
        assert self.hidden("mail 60 A 127.0.0.8\n", servers=apex_server) == ()
        assert self.hidden("mail 60 A 127.0.0.8\nmail 60 MX 10 ns0\n", servers=apex_server) == (
            "mail.contoso.example MX",
            "perhaps names below it",
        )

    def test_a_transfer_names_everything(self) -> None:
        records = "mail 60 MX 10 ns0\nx.mail 60 A 127.0.0.8\nns1.mail 60 A 127.0.0.8\n"
        assert self.hidden(records, **{"mail.contoso.example": CHILD}) == (
            "mail.contoso.example MX",
            "x.mail.contoso.example A",
        )

    def test_names_that_are_not_there_cost_no_more_questions(self) -> None:
        with ScriptedPrimary({"contoso.example": PARENT}) as primary, parent_at(primary) as parent:
            parent.read(zone())
            asked = len(primary.queries)
            assert parent.hidden_by([change(delegation({}))]) == {CUT: ()} and len(primary.queries) == asked

    def test_a_server_that_stops_to_answer_is_told(self) -> None:
        with ScriptedPrimary({"contoso.example": f"{PARENT}x.mail 60 A 127.0.0.8\n"}) as primary:
            parent = parent_at(primary)
            parent.read(zone())
        parent.close()
        assert isinstance(parent.hidden_by([change(delegation({}))])[CUT], DelegationError)

    def test_what_was_removed_can_be_created_again(self) -> None:
        with ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}) as primary, parent_at(primary) as parent:
            parent.apply(change(PRESENT, delegation({})))
            (outcome,) = pushed(primary)
            assert outcome.failure is None and outcome.changed and outcome.before == delegation({})


class TestUpdateMessage:
    def sections(self, message: dns.update.UpdateMessage) -> tuple[list[str], list[str]]:
        read = dns.message.from_wire(message.to_wire(), one_rr_per_rrset=True)
        shown: list[list[str]] = []
        for section in read.sections[1:3]:
            shown.append([])
            for record in section:
                data = f" {record[0]}" if record else ""
                way = {None: "", 254: "not ", 255: "any "}[record.deleting]
                shown[-1].append(f"{way}{record.name} {record.ttl} {dns.rdatatype.to_text(record.rdtype)}{data}")
        return shown[0], shown[1]

    def test_states_what_was_read_and_sends_the_plan_in_order(self) -> None:
        prerequisites, updates = self.sections(
            update_message(change(), parent=dns.name.from_text("contoso.example."), ttl=7200)
        )
        assert sorted(prerequisites) == sorted(
            [
                "mail.contoso.example. 0 NS ns1.mail.contoso.example.",
                "mail.contoso.example. 0 NS a.test.",
                f"mail.contoso.example. 0 DS {DS_1}",
                "ns1.mail.contoso.example. 0 A 192.0.2.1",
                "ns1.mail.contoso.example. 0 AAAA 2001:db8::1",
            ]
        )
        assert updates == [
            "any ns2.mail.contoso.example. 0 A",
            "any ns2.mail.contoso.example. 0 AAAA",
            "any ns2.mail.contoso.example. 0 CNAME",
            f"mail.contoso.example. 7200 DS {DS_2}",
            "ns1.mail.contoso.example. 7200 A 192.0.2.9",
            "ns2.mail.contoso.example. 7200 A 192.0.2.2",
            "mail.contoso.example. 7200 NS ns2.mail.contoso.example.",
            "not ns1.mail.contoso.example. 0 A 192.0.2.1",
            "not ns1.mail.contoso.example. 0 AAAA 2001:db8::1",
            f"not mail.contoso.example. 0 DS {DS_1}",
        ]

    def test_states_what_was_not_there(self) -> None:
        one_address = change(delegation({"ns1": ["192.0.2.1"]}), WANTED)
        prerequisites, _updates = self.sections(
            update_message(one_address, parent=dns.name.from_text("contoso.example."), ttl=60)
        )
        assert "not ns1.mail.contoso.example. 0 AAAA" in prerequisites
        assert "not mail.contoso.example. 0 DS" in prerequisites
        creation, parent = change(delegation({}), WANTED), dns.name.from_text("contoso.example.")
        prerequisites, _updates = self.sections(update_message(creation, parent=parent, ttl=60))
        assert prerequisites == ["not mail.contoso.example. 0 NS", "not mail.contoso.example. 0 DS"]

    def test_removes_a_ds_that_is_there_without_a_cut(self) -> None:
        creation, parent = change(delegation({}), WANTED), dns.name.from_text("contoso.example.")
        prerequisites, updates = self.sections(update_message(creation, parent=parent, ttl=60, stray_ds=True))
        assert prerequisites == ["not mail.contoso.example. 0 NS"]
        assert updates[0] == "any mail.contoso.example. 0 DS"

    def test_replaces_all_ns_records_where_none_goes_alone(self) -> None:
        parent = dns.name.from_text("contoso.example.")
        _prerequisites, updates = self.sections(update_message(change(), parent=parent, ttl=60, whole_ns=True))
        assert [update for update in updates if " NS" in update] == [
            "mail.contoso.example. 60 NS ns2.mail.contoso.example."
        ]
        fewer = change(PRESENT, delegation({"ns1": ["192.0.2.1", "2001:db8::1"]}, DS_1))
        _prerequisites, updates = self.sections(update_message(fewer, parent=parent, ttl=60, whole_ns=True))
        assert updates == ["any mail.contoso.example. 0 NS", "mail.contoso.example. 60 NS ns1.mail.contoso.example."]


class TestApply:
    def test_one_update_does_it_all(self) -> None:
        with ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}) as primary, parent_at(primary) as parent:
            parent.apply(change())
            assert parent.read(zone()) == WANTED
            assert len(primary.updates) == 1 and primary.updates[0].had_tsig

    def test_glue_left_behind_below_the_cut_is_replaced(self) -> None:
        left_behind = "ns2.mail 3600 A 203.0.113.7\nns2.mail 3600 AAAA 2001:db8::7\n"
        zones = {"contoso.example": PARENT + CUT_RECORDS + left_behind}
        with ScriptedPrimary(zones) as primary, parent_at(primary) as parent:
            parent.apply(change())
            assert primary.rrset("contoso.example", "ns2.mail.contoso.example.", "A") == {"192.0.2.2"}
            assert primary.rrset("contoso.example", "ns2.mail.contoso.example.", "AAAA") == set()

    def test_a_second_writer_in_between_makes_the_view_stale(self) -> None:
        def change_glue(primary: ScriptedPrimary) -> None:
            primary.replace("contoso.example", PARENT + CUT_RECORDS.replace("192.0.2.1", "192.0.2.77"))

        zones = {"contoso.example": PARENT + CUT_RECORDS}
        with ScriptedPrimary(zones, before_update=change_glue) as primary, parent_at(primary) as parent:
            with pytest.raises(StaleViewError):
                parent.apply(change())
            assert primary.rrset("contoso.example", "ns1.mail.contoso.example.", "A") == {"192.0.2.77"}

    @pytest.mark.parametrize(
        ("rcode", "message"),
        [
            ("REFUSED", "allow it at the server"),
            ("NOTAUTH", "not the primary"),
            ("NOTZONE", "option zone"),
            ("NOTIMP", "takes no dynamic updates"),
            ("SERVFAIL", "cannot write its zone file or journal"),
            ("FORMERR", "does not understand"),
            ("YXDOMAIN", "somebody else changes"),
            ("BADVERS", "its log tells why"),
        ],
    )
    def test_each_rcode_says_what_to_do(self, rcode: str, message: str) -> None:
        with (
            ScriptedPrimary(
                {"contoso.example": PARENT + CUT_RECORDS}, answer_update=lambda update: dns.rcode.from_text(rcode)
            ) as primary,
            parent_at(primary) as parent,
            pytest.raises(DelegationError) as caught,
        ):
            parent.apply(change())
        assert rcode in caught.value.message and message in caught.value.message

    def test_an_unsigned_answer_proves_nothing(self) -> None:
        with (
            ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}, unsigned=True) as primary,
            parent_at(primary) as parent,
            pytest.raises(UnknownOutcomeError, match="not signed"),
        ):
            parent.apply(change())

    @pytest.mark.parametrize("answers", [1, 2, 10, 50])
    def test_a_server_that_takes_a_few_updates_a_connection_gets_them_all(self, answers: int) -> None:
        names = [f"z{number}.contoso.example" for number in range(40)]
        with (
            ScriptedPrimary({"contoso.example": PARENT}, per_connection=answers) as primary,
            parent_at(primary) as parent,
        ):
            parent.read_all([zone(name) for name in names])
            failed = parent.apply_all([change(delegation({}), delegation({"a.test.": []}), name) for name in names])
            sent = [update.sections[1][0].name for update in primary.updates]
            assert len(sent) == len(set(sent))
            # What the last connection of the reading took along may be lost once more.
            assert all(isinstance(failure, UnknownOutcomeError) for failure in failed.values())
            assert len(failed) < 5

    def test_an_update_that_does_not_fit_into_a_message_costs_no_other_zone(self) -> None:
        names = [f"z{number}.contoso.example" for number in range(3)]
        changes = [change(delegation({}), delegation({"a.test.": []}), name) for name in names]
        many = delegation({f"{'x' * 60}.{number}.test.": [] for number in range(1200)})
        changes[1] = change(delegation({}), many, names[1])
        with ScriptedPrimary({"contoso.example": PARENT}) as primary, parent_at(primary) as parent:
            failed = parent.apply_all(changes)
        assert [name.to_text() for name in failed] == ["z1.contoso.example."]
        assert "too big" in str(failed[dns.name.from_text(names[1])])

    def test_a_server_that_ends_every_connection_is_left_alone_soon(self) -> None:
        names = [f"z{number}.contoso.example" for number in range(200)]
        with (
            ScriptedPrimary({"contoso.example": PARENT}, connections=1, per_connection=30) as primary,
            parent_at(primary) as parent,
        ):
            found = parent.read_all([zone(name) for name in names])
            assert sum(isinstance(value, DelegationError) for value in found.values()) > 150
            assert primary.connections < 20


class TestPush:
    def test_what_fits_into_no_update_fails_beforehand_and_alone(self) -> None:
        """The others of its parent are pushed."""

        def absorbed(name: str, count: int) -> tuple[AbsorbedRecord, ...]:
            addresses = (f"10.0.{number // 250}.{number % 250}" for number in range(count))
            return tuple(
                AbsorbedRecord(
                    dns.name.from_text(f"host-{address}.{name}"), 60, dns.rdata.from_text("IN", "A", address)
                )
                for address in addresses
            )

        sizes = {"z1.contoso.example": 2, "z2.contoso.example": 3500, "z3.contoso.example": 2}
        records = "".join(f"z{number} 60 NS a.test.\nz{number} 60 NS b.test.\n" for number in (1, 2, 3))
        every = parse_zones([{"name": name, "parent": "corp"} for name in sizes])
        with ScriptedPrimary({"contoso.example": PARENT + records}) as primary:
            given = {"name": "corp", "type": "rfc2136", "server": ADDRESS, "port": primary.port}
            key = {"key_name": "unit.test", "key_secret": SECRET}
            rules = Rules(
                state="absent",
                preflight=False,
                absorb={zone.name: absorbed(zone.text, sizes[zone.text]) for zone in every},
            )
            outcomes = push(
                every,
                parse_parents([{**given, **key}], environment={}, keep_secret=id),
                rules=rules,
                setting=setting(every),
                probe=t.cast("t.Any", None),
                waiting=time,
            )
            assert [outcome.failure is None and outcome.changed for outcome in outcomes] == [True, False, True]
            assert len(primary.updates) == 2
        assert outcomes[1].error is not None and outcomes[1].error.startswith(
            "the 3500 records to absorb do not fit into one update, which has 65,535 octets at most: put most of them"
        )

    def test_success_of_a_server_that_does_nothing_is_not_believed(self) -> None:
        zones = {"contoso.example": PARENT + CUT_RECORDS}
        with ScriptedPrimary(zones, answer_update=lambda update: dns.rcode.NOERROR) as primary:
            (outcome,) = pushed(primary)
        assert outcome.error is not None and "the parent reported success" in outcome.error
        assert not outcome.changed and outcome.after == PRESENT

    def test_a_second_writer_is_planned_around(self) -> None:
        def add_server(primary: ScriptedPrimary) -> None:
            if len(primary.updates) == 1:
                primary.replace("contoso.example", PARENT + CUT_RECORDS + "mail 86400 NS b.test.\n")

        with ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}, before_update=add_server) as primary:
            (outcome,) = pushed(primary)
            assert outcome.failure is None and outcome.changed and len(primary.updates) == 2
            assert "remove mail.contoso.example NS b.test" in [str(operation) for operation in outcome.operations]

    def test_unsigned_success_is_read_back(self) -> None:
        with ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}, unsigned=True) as primary:
            (outcome,) = pushed(primary)
            assert outcome.failure is None and outcome.changed and len(primary.updates) == 1

    @pytest.mark.parametrize("way", ["cut_after_reading", "cut_after_writing"])
    def test_a_connection_cut_anywhere_loses_and_repeats_nothing(self, way: str) -> None:
        with ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}) as primary:
            pushed(primary)
            total = primary.octets_read if way == "cut_after_reading" else primary.octets_written
        # A prime step, so that the cuts fall into lengths, headers, records and signatures alike.
        for octets in range(0, total, 41):
            limit: dict[str, t.Any] = {way: octets}
            with ScriptedPrimary({"contoso.example": PARENT + CUT_RECORDS}, **limit) as primary:
                (outcome,) = pushed(primary)
                assert outcome.failure is None and outcome.changed and outcome.before == PRESENT, f"{way} {octets}"
                assert primary.applied == 1, f"{way} {octets}"
                assert primary.rrset("contoso.example", "ns1.mail.contoso.example.", "A") == {"192.0.2.9"}
                assert primary.rrset("contoso.example", "ns1.mail.contoso.example.", "AAAA") == set()
                assert primary.rrset("contoso.example", "mail.contoso.example.", "DS") == {DS_2}


class TestServer:
    @pytest.mark.parametrize(
        ("server", "asked"),
        [
            ("2001:DB8::1", "2001:db8::1"),
            ("NS1.Contoso.Example.", "ns1.contoso.example"),
            ("my_server", "my_server"),
            ("ns.münchen.example", "ns.xn--mnchen-3ya.example"),
        ],
    )
    def test_is_an_address_or_a_host(self, server: str, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
        hosts = []

        def look_up(host: str, port: int, **_options: t.Any) -> t.NoReturn:
            hosts.append(host)
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        parent = Rfc2136Parent(name="corp", options={"server": server}, setting=setting())
        with pytest.raises(DelegationError, match=f"{asked} port 53 cannot be reached over TCP .*not known"):
            parent.read(zone())
        assert hosts == [asked]


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"key_name": "k"}, "key_name: is not for key_algorithm gss-tsig"),
            ({"key_secret": SECRET}, "key_secret: is not for key_algorithm gss-tsig"),
            ({}, "server_hostname: the host name of the server is needed with key_algorithm gss-tsig"),
            ({"server_hostname": "::1"}, "server_hostname: the host name of the server is needed"),
            ({"keytab": "/nowhere"}, "keytab: '/nowhere': is no file that this user can read"),
            ({"key_algorithm": None, "keytab": "/nowhere"}, "keytab: is for key_algorithm gss-tsig only"),
            ({"key_algorithm": None, "principal": "me"}, "principal: is for key_algorithm gss-tsig only"),
        ],
    )
    def test_kerberos_has_options_of_its_own(self, options: dict[str, t.Any], message: str) -> None:
        given = {"server": ADDRESS, "key_algorithm": "gss-tsig", **options}
        with pytest.raises(DescriptionError) as caught:
            Rfc2136Parent(name="corp", options=given, setting=setting())
        assert f"parents: corp: {message}" in str(caught.value)
        assert SECRET not in str(caught.value)

    def test_kerberos_needs_a_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(deps._failures, "gssapi", "no module")
        given = {"server": "ns.contoso.example", "key_algorithm": "gss-tsig"}
        with pytest.raises(MissingLibraryError, match="gssapi is needed to sign with key_algorithm gss-tsig"):
            Rfc2136Parent(name="corp", options=given, setting=setting())

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"key_secret": None}, "key_secret: key_name and key_secret are needed together"),
            ({"key_name": None}, "key_name: key_name and key_secret are needed together"),
            ({"key_secret": "not base64"}, "key_secret: a secret is Base64 text"),
            ({"key_secret": ""}, "key_secret: the secret is empty"),
            ({"key_name": "a..b"}, "key_name: 'a..b'"),
            ({"server": "ns..example"}, "server: 'ns..example': not a domain name"),
            ({"server": f"{'n' * 70}.example"}, f"server: '{'n' * 70}.example': not a domain name"),
            ({"server": "."}, "server: '.': the address or the name of a host is needed"),
            ({"server": "1.2.3.4 "}, "server: '1.2.3.4 '"),
            ({"port": 70000}, "port: 70000: must be between 1 and 65535"),
            ({"port": 0}, "port: 0: must be between 1 and 65535"),
            ({"ttl": "soon"}, "ttl: 'soon'"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, options: dict[str, t.Any], message: str) -> None:
        given = {"server": ADDRESS, "key_name": "unit.test", "key_secret": SECRET, **options}
        with pytest.raises(DescriptionError) as caught:
            Rfc2136Parent(name="corp", options=given, setting=setting())
        assert f"parents: corp: {message}" in str(caught.value)
        assert "not base64" not in str(caught.value)
