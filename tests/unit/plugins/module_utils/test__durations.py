# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zonecut.dns.plugins.module_utils._durations import MAX_TTL, format_duration, parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0),
        ("0", 0),
        (3600, 3600),
        ("3600", 3600),
        ("1s", 1),
        ("15m", 900),
        ("1h", 3600),
        ("14d", 1209600),
        ("2w", 1209600),
        ("1w2d3h4m5s", 788645),
        ("1h30s", 3630),
        ("90m", 5400),
        ("1D12H", 129600),
        (" 5m\n", 300),
        (MAX_TTL, 2147483647),
        ("2147483647", 2147483647),
    ],
    ids=repr,
)
def test_parse_duration(value: object, seconds: int) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "h",
            "1x",
            "1 h",
            "1h 30m",
            "5m1h",
            "1h1h",
            "1h30",
            "-1",
            "+1",
            "-1h",
            "1.5h",
            "1e3",
            "0x10",
            "٣",
            "1ｈ",
        ),
        *(None, True, False, -1, 1.0, 3600.5, float("nan"), [3600], {"hours": 1}, b"1h", datetime.date(2026, 1, 1)),
    ],
    ids=repr,
)
def test_parse_duration_refuses(value: object) -> None:
    with pytest.raises(ValueError, match="a whole number of seconds, or text such as 1w2d3h4m5s"):
        parse_duration(value)


@pytest.mark.parametrize(
    "value", [MAX_TTL + 1, "2147483648", "3551w", "9" * 400], ids=["number", "text", "weeks", "endless"]
)
def test_parse_duration_refuses_more_than_31_bits(value: object) -> None:
    with pytest.raises(ValueError, match="at most 2147483647 seconds"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (1, "1s"), (60, "1m"), (5400, "1h30m"), (129600, "1d12h"), (604800, "1w"), (788645, "1w2d3h4m5s")],
)
def test_format_duration(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=0, max_value=MAX_TTL))
def test_parsing_undoes_formatting(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds
