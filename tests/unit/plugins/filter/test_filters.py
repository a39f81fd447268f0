# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters as Jinja calls them; what they return is tested with the utilities that they call."""

from __future__ import annotations

import importlib
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible.errors import AnsibleFilterError

KEY = "oJMRESz5E4gYzS/q6XDrvU1qMPYIjCWzJaOau8XNEZeqCYKD5ar0IRd8KqXXFJkqmVfRvMGPmM1x8fGAa2XhSA=="
ZONE = {"name": "contoso.example", "records": [{"name": name, "type": "A", "value": "192.0.2.1"} for name in "ab"]}

UNDELEGATED: dict[str, t.Any] = {"name": "b.example", "servers": [], "serial": None, "in_sync": False, "error": "why"}


def load(name: str) -> t.Callable[..., t.Any]:
    """Return the filter that the file of that name provides."""
    module = importlib.import_module(f"ansible_collections.zonecut.dns.plugins.filter.{name}")
    filters = module.FilterModule().filters()
    assert list(filters) == [name]
    return t.cast("t.Callable[..., t.Any]", filters[name])


@pytest.mark.parametrize(
    ("name", "arguments", "options", "result"),
    [
        pytest.param("rname", ["john.smith@contoso.example"], {}, r"john\.smith.contoso.example.", id="rname"),
        pytest.param("reverse_zone", ["192.0.2.0/24"], {}, "2.0.192.in-addr.arpa", id="reverse_zone"),
        pytest.param("reverse_zone", ["192.0.2.77", "26"], {}, "64/26.2.0.192.in-addr.arpa", id="reverse_zone-length"),
        pytest.param(
            "ptr_records",
            [[ZONE], "192.0.2.0/24"],
            {"names": "first", "ttl": "5m"},
            [{"name": "1", "type": "PTR", "values": ["a.contoso.example."], "ttl": 300}],
            id="ptr_records",
        ),
        pytest.param(
            "ds",
            [f"257 3 13 {KEY}", "münchen.example"],
            {},
            "34506 13 2 7eabc33bf0c3526f4dcf35abc2c1094a7272267051b6035b773f5fea1a779a6a",
            id="ds",
        ),
        pytest.param("negative_ttl", ["a. b. 1 2 3 4 5"], {"ttl": "1h"}, 5, id="negative_ttl"),
        pytest.param("soa_table", [{"zones": []}], {}, "", id="soa_table-result"),
        pytest.param("soa_table", [[UNDELEGATED, UNDELEGATED]], {}, "b.example: why\n\nb.example: why", id="soa_table"),
        pytest.param("next_serial", [2026112100], {"now": "2026-11-21T12:00:00Z"}, 2026112101, id="next_serial"),
        pytest.param("next_serial", ["7"], {"now": 1795262400}, 2026112100, id="next_serial-text-and-seconds"),
        pytest.param("next_serial", [None], {"now": "2026-11-22 01:00:00+02:00"}, 2026112100, id="next_serial-utc"),
        pytest.param("next_serial", [""], {"now": "2026-11-21"}, 2026112100, id="next_serial-new"),
        pytest.param("next_serial", [4294967295, "increment"], {}, 1, id="next_serial-increment"),
        pytest.param(
            "next_serial", [5, "unixtime"], {"now": datetime(2026, 11, 21)}, 1795219200, id="next_serial-unix-time"
        ),
    ],
)
def test_results(name: str, arguments: list[t.Any], options: dict[str, t.Any], result: object) -> None:
    assert load(name)(*arguments, **options) == result


@pytest.mark.parametrize(
    ("name", "arguments", "options", "rule"),
    [
        pytest.param("rname", ["contoso.example"], {}, "one e-mail address", id="rname"),
        pytest.param("reverse_zone", ["192.0.2.1/24"], {}, "192.0.2.1/24: the address has bits", id="reverse_zone"),
        pytest.param("reverse_zone", ["192.0.2.1", "x"], {}, "'x' is no whole number", id="reverse_zone-length"),
        pytest.param("ptr_records", [ZONE, "192.0.2.0/24"], {}, "zones is a list", id="ptr_records-zone"),
        pytest.param(
            "ptr_records",
            [[ZONE], "contoso.example"],
            {},
            "contoso.example: not the name of a reverse",
            id="ptr_records-name",
        ),
        pytest.param(
            "ptr_records", [[ZONE], "192.0.2.0/24"], {"names": "last"}, "one of all, first", id="ptr_records-names"
        ),
        pytest.param(
            "ptr_records", [[ZONE], "192.0.2.0/24"], {"names": "error"}, "has one name here", id="ptr_records-error"
        ),
        pytest.param(
            "ptr_records", [[ZONE], "192.0.2.0/24"], {"ttl": -1}, "ttl -1: a duration is", id="ptr_records-ttl"
        ),
        pytest.param("reverse_zone", ["192.0.2.1", [24]], {}, "prefix_length [24] is no whole number", id="prefix"),
        pytest.param("ds", ["x", "contoso.example"], {}, "not DNSKEY data", id="ds"),
        pytest.param(
            "ds", ["x", "contoso.example"], {"digest_type": "SHA-1"}, "one of SHA-256, SHA-384", id="ds-digest"
        ),
        pytest.param("negative_ttl", ["x"], {}, "SOA:1", id="negative_ttl"),
        pytest.param("soa_table", ["contoso.example"], {}, "not what soa_info returns", id="soa_table-text"),
        pytest.param("soa_table", [[{"name": "x"}]], {}, "soa_info returns without 'servers'", id="soa_table-key"),
        pytest.param("soa_table", [None], {}, "not what soa_info returns", id="soa_table-none"),
        pytest.param("next_serial", [True], {}, "True is not a serial", id="next_serial-yes"),
        pytest.param("next_serial", [2**32], {}, "is not a serial", id="next_serial-33-bits"),
        pytest.param("next_serial", ["-1"], {}, "is not a serial", id="next_serial-negative"),
        pytest.param("next_serial", [1, "weekly"], {}, "policy is one of date, increment", id="next_serial-policy"),
        pytest.param("next_serial", [1], {"on_future": "x"}, "on_future is one of", id="next_serial-on_future"),
        pytest.param("next_serial", [1], {"now": "noon"}, "now is seconds since 1970", id="next_serial-now"),
        pytest.param(
            "next_serial",
            [2030010100],
            {"on_future": "fail", "now": 1795262400},
            "ahead of the present day",
            id="next_serial-fail",
        ),
    ],
)
def test_errors(name: str, arguments: list[t.Any], options: dict[str, t.Any], rule: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        load(name)(*arguments, **options)
    assert f"zonecut.dns.{name}: " in str(caught.value)
    assert rule in str(caught.value)


def test_the_next_serial_is_that_of_the_clock() -> None:
    before = datetime.now(timezone.utc)
    serial = load("next_serial")(1)
    assert serial in {int(f"{before + timedelta(seconds=late):%Y%m%d00}") for late in (0, 60)}


def test_a_serial_ahead_of_the_clock_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("ansible.utils.display.Display.warning", lambda _self, text: shown.append(text))
    assert load("next_serial")(2030010100, now=1795262400) == 2030010101
    (warning,) = shown
    assert warning.startswith("zonecut.dns.next_serial: serial 2030010100 in use is ahead of the present day")
