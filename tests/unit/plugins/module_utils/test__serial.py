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
    OnFuture,
    Policy,
    SerialError,
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


class Case(t.NamedTuple):
    """A floor and a clock, and the serial and the words of the one warning that must follow."""

    floor: int | None
    serial: int
    warning: str | None = None
    now: datetime = NOON


DATE_CASES = {
    "new zone": Case(None, 2026112100),
    "first change of the day": Case(2026112007, 2026112100),
    "same day": Case(2026112100, 2026112101),
    "again on the same day": Case(2026112141, 2026112142),
    "100th change": Case(2026112198, 2026112199),
    "101st change": Case(2026112199, 2026112200, "100th of its day, so the next is 2026112200"),
    "the change after the roll-over": Case(2026112200, 2026112201, "ahead of the present day"),
    "first of the day after the roll-over": Case(2026112201, 2026112202, now=NOON + timedelta(days=1)),
    "two days after the roll-over": Case(2026112202, 2026112300, now=NOON + timedelta(days=2)),
    "101st change at the end of a month": Case(
        2026113099, 2026120100, "100th of its day", now=datetime(2026, 11, 30, 23, tzinfo=timezone.utc)
    ),
    "101st change at the end of a year": Case(
        2026123199, 2027010100, "100th of its day", now=datetime(2026, 12, 31, 23, tzinfo=timezone.utc)
    ),
    "101st change at the end of February": Case(
        2028022999, 2028030100, "100th of its day", now=datetime(2028, 2, 29, 1, tzinfo=timezone.utc)
    ),
    "201st change": Case(2026112299, 2026112300, "ahead of the present day"),
    "201st change at the end of a month": Case(
        2026113099, 2026120100, "ahead of the present day", now=datetime(2026, 11, 29, 1, tzinfo=timezone.utc)
    ),
    "date in the future": Case(2027050300, 2027050301, "ahead of the present day"),
    "last of a future day": Case(2027053199, 2027060100, "ahead of the present day"),
    "clock set back by a day": Case(2026112105, 2026112106, "ahead of the present day", now=NOON - timedelta(days=1)),
    "clock at 1970": Case(2026112105, 2026112106, "ahead of", now=datetime(1970, 1, 1, tzinfo=timezone.utc)),
    "a day that never was": Case(2026113100, 2026113101, "another scheme", now=NOON),
    "unix time": Case(1795262400, 2026112100, "looks like a unix time"),
    "unix time of ten years ago": Case(1479729600, 2026112100, "looks like a unix time"),
    "by increments": Case(42, 2026112100),
    "zero": Case(0, 2026112100),
    "greatest": Case(4294967295, 2026112100, "greatest of 32 bits"),
    "over half way ahead": Case(4173595749, 2026112100),
    "exactly 2^31 ahead": Case(2026112100 + 2**31, 4173595749, "ahead of the present day"),
    "just under 2^31 ahead": Case(2026112100 + 2**31 - 1, 4173595748, "ahead of the present day"),
    "first second of the day": Case(2026112099, 2026112100, now=datetime(2026, 11, 21, tzinfo=timezone.utc)),
    "last second of the day": Case(2026112100, 2026112101, now=datetime(2026, 11, 21, 23, 59, 59, tzinfo=timezone.utc)),
    "tomorrow in Kiribati": Case(
        None, 2026112100, now=datetime(2026, 11, 22, 13, 59, tzinfo=timezone(timedelta(hours=14)))
    ),
    "yesterday in Hawaii": Case(
        None, 2026112200, now=datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=-10)))
    ),
}


@pytest.mark.parametrize("case", DATE_CASES.values(), ids=DATE_CASES)
def test_date_policy(case: Case) -> None:
    result = next_serial(policy="date", floor=case.floor, now=case.now)
    assert result.serial == case.serial
    if case.warning is None:
        assert result.warnings == ()
    else:
        assert len(result.warnings) == 1
        assert case.warning in result.warnings[0]
        assert str(case.floor) in result.warnings[0]


UNIXTIME_CASES = {
    "new zone": Case(None, 1795262400),
    "a second ago": Case(1795262399, 1795262400),
    "the same second": Case(1795262400, 1795262401),
    "clock set back": Case(1795262500, 1795262501, "a clock that was wrong"),
    "former date": Case(2026112100, 2026112101, "another scheme"),
    "greatest": Case(4294967295, 1795262400),
    "other time zone": Case(None, 1795262400, now=NOON.astimezone(timezone(timedelta(hours=14)))),
    "second 2^32 is no serial 0": Case(None, 1, now=datetime(2106, 2, 7, 6, 28, 16, tzinfo=timezone.utc)),
    "second 2^32 after the one before": Case(4294967295, 1, now=datetime(2106, 2, 7, 6, 28, 16, tzinfo=timezone.utc)),
}


@pytest.mark.parametrize("case", UNIXTIME_CASES.values(), ids=UNIXTIME_CASES)
def test_unixtime_policy(case: Case) -> None:
    result = next_serial(policy="unixtime", floor=case.floor, now=case.now)
    assert result.serial == case.serial
    if case.warning is None:
        assert result.warnings == ()
    else:
        assert len(result.warnings) == 1
        assert case.warning in result.warnings[0]
        assert "100 changes in a day" not in result.warnings[0]


@pytest.mark.parametrize(
    ("floor", "serial"),
    [
        (None, 1),
        (0, 1),
        (1, 2),
        (2026112100, 2026112101),
        (2**31 - 1, 2**31),
        (4294967294, 4294967295),
        (4294967295, 1),
    ],
)
def test_increment_policy(floor: int | None, serial: int) -> None:
    result = next_serial(policy="increment", floor=floor, now=NOON)
    assert (result.serial, result.warnings) == (serial, ())


@pytest.mark.parametrize(
    ("policy", "floor", "now"),
    [
        pytest.param("date", 2026112300, NOON, id="day-after-tomorrow"),
        pytest.param("date", 2027050300, NOON, id="next-year"),
        pytest.param("date", 2026113100, NOON, id="a-day-that-never-was"),
        pytest.param("date", 2026112100 + 2**31, NOON, id="exactly-2^31-ahead"),
        pytest.param("date", 2026112105, NOON - timedelta(days=3), id="clock-set-back"),
        pytest.param("unixtime", 2026112100, NOON, id="date-for-unixtime"),
        pytest.param("unixtime", 1795262500, NOON, id="clock-set-back-unixtime"),
    ],
)
def test_on_future_fail_refuses(policy: Policy, floor: int, now: datetime) -> None:
    with pytest.raises(SerialError, match=rf"serial {floor} in use is ahead .*on_future is 'fail'"):
        next_serial(policy=policy, floor=floor, now=now, on_future="fail")


@pytest.mark.parametrize(
    ("policy", "floor", "serial", "now"),
    [
        pytest.param("date", None, 2026112100, NOON, id="new-zone"),
        pytest.param("date", 2026112100, 2026112101, NOON, id="same-day"),
        pytest.param("date", 2026112199, 2026112200, NOON, id="101st-change"),
        pytest.param("date", 2026112200, 2026112201, NOON, id="102nd-change"),
        pytest.param("date", 2026112298, 2026112299, NOON, id="200th-change"),
        pytest.param(
            "date", 2026112200, 2026112201, datetime(2026, 11, 21, tzinfo=timezone.utc), id="102nd-change-at-midnight"
        ),
        pytest.param(
            "date",
            2026120100,
            2026120101,
            datetime(2026, 11, 30, 12, tzinfo=timezone.utc),
            id="102nd-change-at-the-end-of-a-month",
        ),
        pytest.param("date", 4294967295, 2026112100, NOON, id="greatest"),
        pytest.param("unixtime", 1795262400, 1795262401, NOON, id="same-second"),
        pytest.param("increment", 2027050300, 2027050301, NOON, id="increment-has-no-future"),
    ],
)
def test_on_future_fail_lets_pass(policy: Policy, floor: int | None, serial: int, now: datetime) -> None:
    assert next_serial(policy=policy, floor=floor, now=now, on_future="fail").serial == serial


def test_a_thousand_changes_in_one_day_never_leave_the_calendar() -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
    serial = next_serial(policy="date", floor=None, now=now).serial
    for _change in range(999):
        following = next_serial(policy="date", floor=serial, now=now).serial
        assert newer(following, than=serial)
        serial = following
        assert serial_date(serial) is not None
    assert serial == 2026120799


@given(policy=POLICIES, floor=SERIALS, now=CLOCKS)
@example(policy="date", floor=4294967295, now=NOON)
@example(policy="date", floor=4294123199, now=NOON)
@example(policy="date", floor=4294967294, now=datetime(2160, 1, 1, tzinfo=timezone.utc))
@example(policy="unixtime", floor=4294967295, now=datetime(2106, 2, 7, 6, 28, 16, tzinfo=timezone.utc))
def test_next_serial_is_newer_than_any_floor(policy: Policy, floor: int, now: datetime) -> None:
    serial = next_serial(policy=policy, floor=floor, now=now).serial
    assert newer(serial, than=floor)
    assert 0 < serial < 2**32


@given(policy=POLICIES, now=CLOCKS)
@example(policy="unixtime", now=datetime(1970, 1, 1, tzinfo=timezone.utc))
@example(policy="date", now=datetime(4295, 1, 1, tzinfo=timezone.utc))
def test_first_serial_is_in_range(policy: Policy, now: datetime) -> None:
    assert 0 < next_serial(policy=policy, floor=None, now=now).serial < 2**32


@given(policy=POLICIES, floor=SERIALS, now=CLOCKS)
def test_on_future_fail_gives_the_same_serial_or_none(policy: Policy, floor: int, now: datetime) -> None:
    fail: OnFuture = "fail"
    advanced = next_serial(policy=policy, floor=floor, now=now)
    try:
        assert next_serial(policy=policy, floor=floor, now=now, on_future=fail) == advanced
    except SerialError:
        assert advanced.warnings
