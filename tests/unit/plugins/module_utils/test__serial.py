# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._serial import (
    Origin,
    Policy,
    SerialError,
    SerialsInUse,
    distance,
    newer,
    newest,
    next_serial,
    serial_date,
)

SERIALS = st.integers(min_value=0, max_value=2**32 - 1)
# As wide as a change of time zone allows.
CLOCKS = st.datetimes(
    min_value=datetime(1, 1, 3),
    max_value=datetime(9999, 12, 29),
    timezones=st.integers(min_value=-12 * 60, max_value=14 * 60).map(
        lambda minutes: timezone(timedelta(minutes=minutes))
    ),
)
POLICIES = st.sampled_from(t.get_args(Policy))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("from_serial", "to_serial", "expected"),
    [
        pytest.param(1, 1, 0, id="equal"),
        pytest.param(1, 2, 1, id="ahead"),
        pytest.param(2, 1, -1, id="behind"),
        pytest.param(2**32 - 1, 0, 1, id="over-the-end"),
        pytest.param(0, 2**32 - 1, -1, id="back-over-the-end"),
        pytest.param(0, 2**31 - 1, 2**31 - 1, id="greatest-step"),
        pytest.param(0, 2**31, -(2**31), id="undefined-order"),
        pytest.param(2**31, 0, -(2**31), id="undefined-order-the-other-way"),
        pytest.param(2026112100, 100, -2026112000, id="far-back-is-behind"),
    ],
)
def test_distance(from_serial: int, to_serial: int, expected: int) -> None:
    assert distance(from_serial, to_serial) == expected


# The examples of RFC 1982 section 5.2, at 32 bits: each is greater than the next.
@pytest.mark.parametrize(
    ("greater", "lesser"), [(1, 0), (44, 0), (100, 0), (100, 44), (2**31 - 1, 0), (0, 2**31 + 1), (44, 2**31 + 45)]
)
def test_newer(greater: int, lesser: int) -> None:
    assert newer(greater, than=lesser)
    assert not newer(lesser, than=greater)


@given(a=SERIALS, b=SERIALS)
@example(a=0, b=2**31)
def test_order_is_antisymmetric(a: int, b: int) -> None:
    if a == b or (b - a) % 2**32 == 2**31:
        assert not newer(a, than=b)
        assert not newer(b, than=a)
    else:
        assert newer(a, than=b) is not newer(b, than=a)


@given(serial=SERIALS, step=st.integers(min_value=1, max_value=2**31 - 1))
def test_addition_gives_a_newer_serial(serial: int, step: int) -> None:
    later = (serial + step) % 2**32
    assert newer(later, than=serial)
    assert distance(serial, later) == step


@pytest.mark.parametrize(
    ("serials", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param([5], 5, id="one"),
        pytest.param([0], 0, id="zero-is-one"),
        pytest.param([2026112100, 2026112103, 2026112101], 2026112103, id="several"),
        pytest.param([2**32 - 1, 2, 2**32 - 5], 2, id="over-the-end"),
    ],
)
def test_newest(serials: list[int], expected: int | None) -> None:
    assert newest(serials) == expected


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        pytest.param(2026112100, datetime(2026, 11, 21, tzinfo=timezone.utc), id="first"),
        pytest.param(2026112199, datetime(2026, 11, 21, tzinfo=timezone.utc), id="hundredth"),
        pytest.param(2028022901, datetime(2028, 2, 29, tzinfo=timezone.utc), id="leap-day"),
        pytest.param(2026022901, None, id="no-leap-day"),
        pytest.param(2026113100, None, id="31-november"),
        pytest.param(1795262400, None, id="unix-time"),
        pytest.param(1712123100, None, id="unix-time-that-reads-as-a-day-of-1712"),
        pytest.param(20261121, None, id="without-count"),
        pytest.param(7, None, id="small"),
        pytest.param(0, None, id="zero"),
        pytest.param(4294967295, None, id="greatest"),
    ],
)
def test_serial_date(serial: int, day: datetime | None) -> None:
    assert serial_date(serial) == day


def ours(serial: int, origin: str = "date", **others: t.Any) -> SerialsInUse:
    """A file as zone_files wrote it."""
    return SerialsInUse(file=serial, written=serial, origin=Origin.parse(origin), **others)


class Case(t.NamedTuple):
    """What is in use and a clock, and the serial, its origin and the words of the one warning that must follow."""

    in_use: SerialsInUse | int | None
    serial: int
    warning: str | None = None
    now: datetime = NOON
    origin: str | None = None


def check(policy: Policy, case: Case) -> None:
    in_use = case.in_use if isinstance(case.in_use, SerialsInUse) else SerialsInUse(file=case.in_use)
    result = next_serial(policy=policy, in_use=in_use, now=case.now)
    assert result.serial == case.serial
    assert str(result.origin) == (case.origin or policy)
    if case.warning is None:
        assert result.warnings == ()
    else:
        (warning,) = result.warnings
        assert case.warning in warning
        assert str(max(in_use.floors().values())) in warning and f"the next is {case.serial}" in warning


DATE_CASES = {
    "new zone": Case(None, 2026112100),
    "first change of the day": Case(2026112007, 2026112100),
    "same day": Case(2026112100, 2026112101),
    "again on the same day": Case(2026112141, 2026112142),
    "100th change": Case(2026112198, 2026112199),
    "101st change": Case(2026112199, 2026112200, "was the 100th of its day", origin="date, busy"),
    "102nd change": Case(
        ours(2026112200, "date, busy"), 2026112201, "more changes than serials, 100 a day", origin="date, busy"
    ),
    "first of the day after the roll-over": Case(
        ours(2026112201, "date, busy"), 2026112202, now=NOON + timedelta(days=1)
    ),
    "two days after the roll-over": Case(ours(2026112202, "date, busy"), 2026112300, now=NOON + timedelta(days=2)),
    "101st change at the end of a month": Case(
        2026113099,
        2026120100,
        "100th of its day",
        now=datetime(2026, 11, 30, 23, tzinfo=timezone.utc),
        origin="date, busy",
    ),
    "101st change at the end of a year": Case(
        2026123199,
        2027010100,
        "100th of its day",
        now=datetime(2026, 12, 31, 23, tzinfo=timezone.utc),
        origin="date, busy",
    ),
    "101st change at the end of February": Case(
        2028022999,
        2028030100,
        "100th of its day",
        now=datetime(2028, 2, 29, 1, tzinfo=timezone.utc),
        origin="date, busy",
    ),
    "201st change": Case(ours(2026112299, "date, busy"), 2026112300, "more changes than serials", origin="date, busy"),
    "201st change at the end of a month": Case(
        ours(2026113099, "date, busy"),
        2026120100,
        "more changes than serials",
        now=datetime(2026, 11, 29, 1, tzinfo=timezone.utc),
        origin="date, busy",
    ),
    "date in the future": Case(
        2027050300,
        2027050301,
        "ahead of the present day (2026112100): the file has it from a clock that was wrong, an edit by hand or",
        origin="date, ahead",
    ),
    "date of tomorrow, by somebody else": Case(2026112200, 2026112201, "a clock that was wrong", origin="date, ahead"),
    "last of a future day": Case(2027053199, 2027060100, "ahead of the present day", origin="date, ahead"),
    "edit by hand into the future": Case(
        SerialsInUse(file=2027050300, written=2026112100, origin=Origin("date")),
        2027050301,
        "an edit by hand put it into the file, which was written with 2026112100",
        origin="date, ahead",
    ),
    "edit by hand within the day": Case(
        SerialsInUse(file=2026112177, written=2026112100, origin=Origin("date")), 2026112178
    ),
    "clock set back by a day": Case(
        ours(2026112105),
        2026112106,
        "the clock was ahead when the file was written, or has been set back since",
        now=NOON - timedelta(days=1),
        origin="date, ahead",
    ),
    "clock still behind": Case(
        ours(2026112106, "date, ahead"),
        2026112107,
        "the one before it was ahead already",
        now=NOON - timedelta(days=1),
        origin="date, ahead",
    ),
    "clock right again": Case(ours(2026112106, "date, ahead"), 2026112107),
    "clock at 1970": Case(
        ours(2026112105), 2026112106, "set back", now=datetime(1970, 1, 1, tzinfo=timezone.utc), origin="date, ahead"
    ),
    "a day that never was": Case(
        2026113100, 2026113101, "another scheme, for it looks like a plain number", origin="date, ahead"
    ),
    "unix time": Case(1795262400, 2026112100, "looks like a unix time, and the policy is date"),
    "unix time of ten years ago": Case(1479729600, 2026112100, "looks like a unix time"),
    "unix time by the header": Case(ours(1795262400, "unixtime"), 2026112100, "the policy was unixtime when"),
    "increments": Case(42, 2026112100, "looks like a plain number"),
    "increments by the header": Case(ours(42, "increment"), 2026112100, "the policy was increment when 42 was written"),
    "increments from a date that is ahead": Case(
        ours(2027050300, "increment"),
        2027050301,
        "ahead of the present day (2026112100): the policy was increment when it was written, and is date now",
        origin="date, ahead",
    ),
    "a file taken over with its serial": Case(SerialsInUse(file=2026112007, written=2026112007), 2026112100),
    "plain number in src": Case(SerialsInUse(source=1), 2026112100),
    "unix time in src": Case(SerialsInUse(source=1795262400), 2026112100, "looks like a unix time"),
    "future in src": Case(SerialsInUse(source=2027050300), 2027050301, "src has it from a clock", origin="date, ahead"),
    "zero": Case(0, 2026112100, "looks like a plain number"),
    "greatest": Case(4294967295, 2026112100, "greatest of 32 bits"),
    "greatest by increments": Case(ours(4294967295, "increment"), 2026112100, "greatest of 32 bits"),
    "over half way ahead": Case(4173595749, 2026112100, "looks like a plain number"),
    "exactly 2^31 ahead": Case(2026112100 + 2**31, 4173595749, "ahead of the present day", origin="date, ahead"),
    "just under 2^31 ahead": Case(2026112100 + 2**31 - 1, 4173595748, "ahead of the present day", origin="date, ahead"),
    "first second of the day": Case(2026112099, 2026112100, now=datetime(2026, 11, 21, tzinfo=timezone.utc)),
    "last second of the day": Case(2026112100, 2026112101, now=datetime(2026, 11, 21, 23, 59, 59, tzinfo=timezone.utc)),
    "tomorrow in Kiribati": Case(
        None, 2026112100, now=datetime(2026, 11, 22, 13, 59, tzinfo=timezone(timedelta(hours=14)))
    ),
    "yesterday in Hawaii": Case(
        None, 2026112200, now=datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=-10)))
    ),
    "served as in the file": Case(ours(2026112105, served={"192.0.2.53": 2026112105}), 2026112106),
    "served behind the file": Case(ours(2026112105, served={"192.0.2.53": 7}), 2026112106),
    "served ahead of the file": Case(
        ours(2026112001, served={"192.0.2.52": 2026112001, "192.0.2.53": 2026112105}),
        2026112106,
        "serial 2026112105 is served by 192.0.2.53, ahead of 2026112001 in the file: dynamic updates or in-line",
    ),
    "served ahead of the file by two": Case(
        ours(2026112001, served={"192.0.2.52": 2026112005, "192.0.2.53": 2026112005}),
        2026112100,
        "is served by 192.0.2.52 and 192.0.2.53, ahead of 2026112001",
    ),
    "served without a file": Case(
        SerialsInUse(served={"192.0.2.53": 2026112105}), 2026112106, "while there is no file of the zone here"
    ),
    "journal ahead of the file": Case(
        ours(2026112001, journal=2026112009), 2026112100, "is at the end of the journal beside the file, ahead of 20261"
    ),
    "journal behind the file": Case(ours(2026112105, journal=2026112009), 2026112106),
    "journal ahead of today": Case(
        ours(2026112001, journal=2027050300),
        2027050301,
        "it is at the end of the journal beside the file, ahead of 2026112001 in the file: dynamic updates moved it",
        origin="date, ahead",
    ),
    "served ahead of today": Case(
        ours(2026112001, served={"192.0.2.53": 2027050300}),
        2027050301,
        "ahead of the present day (2026112100): it is served by 192.0.2.53, ahead of 2026112001 in the file",
        origin="date, ahead",
    ),
}


@pytest.mark.parametrize("case", DATE_CASES.values(), ids=DATE_CASES)
def test_date_policy(case: Case) -> None:
    check("date", case)


UNIXTIME_CASES = {
    "new zone": Case(None, 1795262400),
    "a second ago": Case(1795262399, 1795262400),
    "the same second": Case(1795262400, 1795262401, origin="unixtime, busy"),
    "the same second once more": Case(
        ours(1795262401, "unixtime, busy"), 1795262402, "changes follow within a second", origin="unixtime, busy"
    ),
    "a second later": Case(ours(1795262399, "unixtime, busy"), 1795262400),
    "clock set back": Case(ours(1795262500, "unixtime"), 1795262501, "has been set back", origin="unixtime, ahead"),
    "future by somebody else": Case(1795262500, 1795262501, "a clock that was wrong", origin="unixtime, ahead"),
    "former date": Case(
        2026112100,
        2026112101,
        "another scheme, for it looks like YYYYMMDDNN; unix time passes it on 2034-03-16",
        origin="unixtime, ahead",
    ),
    "former date by the header": Case(
        ours(2026112100),
        2026112101,
        "the policy was date when it was written, and is unixtime now; unix time passes it on 2034-03-16",
        origin="unixtime, ahead",
    ),
    "increments": Case(42, 1795262400, "looks like a plain number, and the policy is unixtime"),
    "increments by the header": Case(ours(42, "increment"), 1795262400, "the policy was increment"),
    "greatest": Case(4294967295, 1795262400, "greatest of 32 bits"),
    "other time zone": Case(None, 1795262400, now=NOON.astimezone(timezone(timedelta(hours=14)))),
    "second 2^32 is no serial 0": Case(None, 1, now=datetime(2106, 2, 7, 6, 28, 16, tzinfo=timezone.utc)),
    "second 2^32 after the one before": Case(
        ours(4294967294, "unixtime"), 1, now=datetime(2106, 2, 7, 6, 28, 16, tzinfo=timezone.utc)
    ),
}


@pytest.mark.parametrize("case", UNIXTIME_CASES.values(), ids=UNIXTIME_CASES)
def test_unixtime_policy(case: Case) -> None:
    check("unixtime", case)


INCREMENT_CASES = {
    "new zone": Case(None, 1),
    "zero": Case(0, 1),
    "one": Case(1, 2),
    "half way": Case(2**31 - 1, 2**31),
    "last but one": Case(4294967294, 4294967295),
    "greatest": Case(4294967295, 1, "greatest of 32 bits"),
    "date": Case(2027050300, 2027050301, "looks like YYYYMMDDNN, and the policy is increment"),
    "unix time": Case(1795262400, 1795262401, "looks like a unix time, and the policy is increment"),
    "date by the header": Case(ours(2026112100), 2026112101, "the policy was date when 2026112100 was written"),
    "date, for long": Case(ours(2026112101, "increment"), 2026112102),
    "served ahead of the file": Case(ours(5, "increment", served={"ns1.test": 9}), 10, "is served by ns1.test"),
}


@pytest.mark.parametrize("case", INCREMENT_CASES.values(), ids=INCREMENT_CASES)
def test_increment_policy(case: Case) -> None:
    check("increment", case)


def test_today_may_not_be_newer_than_another_serial_in_use() -> None:
    in_use = SerialsInUse(file=4294967295, served={"192.0.2.53": 2147483700})
    result = next_serial(policy="date", in_use=in_use, now=NOON)
    assert result.serial == 1
    assert result.warnings == (
        "serial 2026112100 of the present day would not be newer than 2147483700 at 192.0.2.53 (RFC 1982);"
        " the next is 1",
    )


def test_two_causes_give_two_warnings() -> None:
    in_use = ours(5, "increment", served={"ns1.test": 2026112199})
    result = next_serial(policy="date", in_use=in_use, now=NOON)
    assert result.serial == 2026112200
    first, second = result.warnings
    assert "the 100th of its day" in first and "served by ns1.test" in second


FUTURE_CASES = {
    "day after tomorrow": ("date", SerialsInUse(file=2026112300), NOON, "a clock that was wrong"),
    "tomorrow, by somebody else": ("date", SerialsInUse(file=2026112200), NOON, "a clock that was wrong"),
    "a day that never was": ("date", SerialsInUse(file=2026113100), NOON, "another scheme"),
    "exactly 2^31 ahead": ("date", SerialsInUse(file=2026112100 + 2**31), NOON, "another scheme"),
    "clock set back": ("date", ours(2026112105), NOON - timedelta(days=1), "set back since"),
    "edit": (
        "date",
        SerialsInUse(2026112305, 2026112105, Origin("date")),
        NOON,
        "an edit by hand put it into the file",
    ),
    "ahead before": ("date", ours(2027050301, "date, ahead"), NOON, "was ahead already"),
    "served": ("date", ours(7, "date", served={"ns1.test": 2027050301}), NOON, "is served by ns1.test"),
    "date for unixtime": ("unixtime", SerialsInUse(file=2026112100), NOON, "looks like YYYYMMDDNN"),
    "change of policy": ("unixtime", ours(2026112100), NOON, "the policy was date"),
    "clock set back under unixtime": ("unixtime", ours(1795262500, "unixtime"), NOON, "set back since"),
}


@pytest.mark.parametrize(("policy", "in_use", "now", "cause"), FUTURE_CASES.values(), ids=FUTURE_CASES)
def test_on_future_fail_refuses_with_the_cause(policy: Policy, in_use: SerialsInUse, now: datetime, cause: str) -> None:
    with pytest.raises(SerialError, match=r"serial \d+ in use is ahead .*on_future is 'fail'") as caught:
        next_serial(policy=policy, in_use=in_use, now=now, on_future="fail")
    assert cause in str(caught.value) and "reset_serial" in str(caught.value)


@pytest.mark.parametrize(
    ("policy", "in_use", "serial", "now"),
    [
        pytest.param("date", SerialsInUse(), 2026112100, NOON, id="new-zone"),
        pytest.param("date", ours(2026112100), 2026112101, NOON, id="same-day"),
        pytest.param("date", ours(2026112199), 2026112200, NOON, id="101st-change"),
        pytest.param("date", ours(2026112200, "date, busy"), 2026112201, NOON, id="102nd-change"),
        pytest.param("date", ours(2026112299, "date, busy"), 2026112300, NOON, id="201st-change"),
        pytest.param("date", ours(2026112300, "date, busy"), 2026112301, NOON, id="202nd-change"),
        pytest.param("date", SerialsInUse(file=4294967295), 2026112100, NOON, id="greatest"),
        pytest.param("date", ours(5, served={"a": 2026112105}), 2026112106, NOON, id="served-ahead-of-the-file"),
        pytest.param("unixtime", ours(1795262400), 1795262401, NOON, id="same-second"),
        pytest.param("unixtime", ours(1795262401, "unixtime, busy"), 1795262402, NOON, id="same-second-thrice"),
        pytest.param("increment", ours(2027050300, "increment"), 2027050301, NOON, id="increment-has-no-future"),
    ],
)
def test_on_future_fail_lets_pass(policy: Policy, in_use: SerialsInUse, serial: int, now: datetime) -> None:
    assert next_serial(policy=policy, in_use=in_use, now=now, on_future="fail").serial == serial


def test_serials_too_far_apart_are_told_with_their_places() -> None:
    in_use = SerialsInUse(file=0, source=2**30, served={"a.test": 2**31, "b.test": 3 * 2**30})
    with pytest.raises(SerialError) as caught:
        next_serial(policy="date", in_use=in_use, now=NOON)
    for place in ("0 in the file", f"{2**30} in src", f"{2**31} at a.test", f"{3 * 2**30} at b.test"):
        assert place in str(caught.value)


def test_a_thousand_changes_in_one_day_never_leave_the_calendar() -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
    in_use, warned = SerialsInUse(), 0
    for _change in range(1000):
        following = next_serial(policy="date", in_use=in_use, now=now, on_future="fail")
        assert in_use.file is None or newer(following.serial, than=in_use.file)
        assert serial_date(following.serial) is not None
        warned += len(following.warnings)
        in_use = SerialsInUse(file=following.serial, written=following.serial, origin=following.origin)
    assert in_use.file == 2026120799
    assert warned == 900


ORIGINS = [Origin(policy, how) for policy in t.get_args(Policy) for how in ("plain", "busy", "ahead")]


def test_an_origin_survives_its_text() -> None:
    assert [Origin.parse(str(origin)) for origin in ORIGINS] == ORIGINS
    assert Origin.parse("date, early") is None and Origin.parse("") is None


NEAR = st.one_of(
    SERIALS,
    st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1, 2026112099, 2026112100, 2026112199]),
)
MAYBE = st.none() | NEAR
IN_USE = st.builds(
    SerialsInUse,
    file=MAYBE,
    written=MAYBE,
    origin=st.none() | st.sampled_from(ORIGINS),
    source=MAYBE,
    journal=MAYBE,
    served=st.dictionaries(st.sampled_from(["a", "b"]), NEAR, max_size=2),
)


@given(policy=POLICIES, in_use=IN_USE, now=CLOCKS)
@example(policy="date", in_use=SerialsInUse(file=4294967295), now=NOON)
@example(policy="date", in_use=SerialsInUse(file=4294123199), now=NOON)
@example(policy="date", in_use=SerialsInUse(file=4294967294), now=datetime(2160, 1, 1, tzinfo=timezone.utc))
@example(policy="increment", in_use=SerialsInUse(file=2**31 + 1, written=4294967295), now=NOON)
@example(policy="date", in_use=SerialsInUse(file=4294967295, source=2147483700), now=NOON)
@example(
    policy="unixtime",
    in_use=SerialsInUse(file=4294967295),
    now=datetime(2106, 2, 7, 6, 28, 16, tzinfo=timezone.utc),
)
def test_next_serial_is_newer_than_all_in_use_or_none_could_be(
    policy: Policy, in_use: SerialsInUse, now: datetime
) -> None:
    floors = in_use.floors().values()
    try:
        serial = next_serial(policy=policy, in_use=in_use, now=now).serial
    except SerialError:
        # If any serial is newer than all, then one of those right after a floor is.
        candidates = {(floor + step) % 2**32 for floor in floors for step in (1, 2)} - {0}
        assert not any(all(newer(each, than=floor) for floor in floors) for each in candidates)
    else:
        assert all(newer(serial, than=floor) for floor in floors)
        assert 0 < serial < 2**32


@given(policy=POLICIES, floor=NEAR, now=CLOCKS)
def test_one_floor_never_refuses(policy: Policy, floor: int, now: datetime) -> None:
    assert newer(next_serial(policy=policy, in_use=SerialsInUse(file=floor), now=now).serial, than=floor)


@given(policy=POLICIES, in_use=IN_USE, now=CLOCKS)
def test_a_serial_that_is_not_of_the_present_is_warned_about(
    policy: Policy, in_use: SerialsInUse, now: datetime
) -> None:
    try:
        result = next_serial(policy=policy, in_use=in_use, now=now)
    except SerialError:
        return
    if result.origin.how == "ahead":
        assert "in use is ahead of the present" in result.warnings[0]
    if policy == "date" and result.origin.how == "plain" and not result.warnings:
        assert result.serial // 100 == int(f"{now.astimezone(timezone.utc):%Y%m%d}") or now.year > 4294


@given(policy=POLICIES, now=CLOCKS)
@example(policy="unixtime", now=datetime(1970, 1, 1, tzinfo=timezone.utc))
@example(policy="date", now=datetime(4295, 1, 1, tzinfo=timezone.utc))
def test_first_serial_is_in_range(policy: Policy, now: datetime) -> None:
    assert 0 < next_serial(policy=policy, in_use=SerialsInUse(), now=now).serial < 2**32


@given(policy=POLICIES, in_use=IN_USE, now=CLOCKS)
def test_on_future_fail_gives_the_same_serial_or_none(policy: Policy, in_use: SerialsInUse, now: datetime) -> None:
    try:
        advanced = next_serial(policy=policy, in_use=in_use, now=now)
    except SerialError:
        with pytest.raises(SerialError):
            next_serial(policy=policy, in_use=in_use, now=now, on_future="fail")
        return
    try:
        assert next_serial(policy=policy, in_use=in_use, now=now, on_future="fail") == advanced
    except SerialError:
        assert advanced.origin.how == "ahead"
