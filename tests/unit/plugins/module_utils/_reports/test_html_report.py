# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people, as far as that can be told without a browser; see the integration target verify_reports."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._findings import Finding, Unchecked
from ansible_collections.zonecut.dns.plugins.module_utils._reports.html_report import html_report
from ansible_collections.zonecut.dns.plugins.module_utils._reports.run import Run
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.scripted_servers import CHILD, contoso
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import (
    HOSTILE,
    half_seen_report,
    hostile_report,
    report_of,
    run_of,
    usual_reports,
)


class Page(HTMLParser):
    """What a browser makes of the page before its script runs."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.content: dict[str, str] = {}
        self._within: list[str] = []
        self.source = html_report(run)
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        key = f"{tag}{dict(attrs).get('type', '')}"
        self._within.append(key)
        self.content.setdefault(key, "")

    def handle_endtag(self, tag: str) -> None:
        self._within.pop() if self._within else None

    def handle_data(self, data: str) -> None:
        for key in self._within[-1:]:
            self.content[key] += data

    @property
    def data(self) -> dict[str, t.Any]:
        """What the script reads."""
        return t.cast("dict[str, t.Any]", json.loads(self.content["scriptapplication/json"]))


def test_nothing_is_loaded_and_only_the_own_script_runs() -> None:
    page = Page(run_of(*usual_reports()))
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not [attribute for attribute in page.attributes if attribute[1] in ("src", "srcset", "style", "action")]
    assert not [attribute for attribute in page.attributes if attribute[1].startswith("on")]
    assert not re.search(r"@import|url\(", page.content["style"])
    policy = next(value for tag, name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'; ")
    for directive, tag in (("script-src", "script"), ("style-src", "style")):
        digest = base64.b64encode(hashlib.sha256(page.content[tag].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy


def test_the_script_makes_no_markup_of_data() -> None:
    script = Page(run_of()).content["script"]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)


def test_zones_come_from_the_worst_down() -> None:
    zones = Page(run_of(*usual_reports())).data["zones"]
    assert [zone[0] for zone in zones] == [
        *("gone.example", "mail.example", "glue.example", "silent.example"),
        "well.example",
    ]


def test_the_data_tells_findings_and_what_was_seen() -> None:
    (mail,) = [report for report in usual_reports() if report.name == "mail.example"]
    data = Page(run_of(mail)).data
    ((name, passed, serial, parent, findings, picture, gaps, waiting_for),) = data["zones"]
    assert (name, passed, serial, parent) == ("mail.example", 0, 2026112100, "contoso.example")
    assert data["checks"] == [["soa_owner_mismatch", "soa_owner", "RFC 2181 section 6.1, RFC 2308 section 3"]]
    assert [findings[0][:3]] == [[0, 0, mail.findings[0].message]]
    assert picture == json.loads(json.dumps(mail.picture))
    assert (gaps, waiting_for) == ([], list(mail.waiting_for)) and waiting_for


@pytest.mark.parametrize(
    ("reports", "title"),
    [
        (usual_reports()[:1], "well.example passes"),
        (usual_reports()[1:2], "mail.example fails"),
        (usual_reports(), "4 of 5 zones fail"),
        ((report_of(contoso()), report_of(contoso())), "All 2 zones pass"),
    ],
    ids=["one passes", "one fails", "some fail", "all pass"],
)
def test_the_title_says_how_it_went(reports: tuple[t.Any, ...], title: str) -> None:
    assert Page(run_of(*reports)).content["title"] == title


def test_what_was_not_checked_is_told_with_and_without_scripts() -> None:
    well, unseen = usual_reports()[0], half_seen_report()
    page = Page(run_of(well, unseen))
    assert page.content["title"] == "All 2 zones pass, as far as they were checked"
    assert Page(run_of(unseen)).content["title"] == f"{CHILD} passes, as far as it was checked"
    assert [[page.data["gaps"][gap] for gap in zone[6]] for zone in page.data["zones"]] == [
        [gap.text for gap in unseen.gaps],
        [],
    ]
    assert len(unseen.gaps) == 3
    before_script = page.source.partition("<script")[0]
    assert all(f"<tr><td>{gap.text}</td><td>{CHILD}</td>" in before_script for gap in unseen.gaps)
    assert "Not checked" not in Page(run_of(well)).source.partition("<script")[0]


def test_very_much_that_was_not_checked_is_cut_short() -> None:
    well = usual_reports()[0]
    same = Unchecked("the same everywhere")
    reports = [
        replace(well, name=f"z{number}.example", unchecked=(same, Unchecked(f"another {number}")))
        for number in range(120)
    ]
    page = Page(run_of(*reports))
    rows = page.source.partition('<table id="gaps">')[2].partition("</table>")[0]
    assert rows.count("<tr><td>") == 100
    assert "<td>z0.example, z1.example, z2.example, z3.example, z4.example and 115 more</td>" in rows
    assert "and 21 more, told with each zone" in rows


def test_meanings_show_their_code_as_code() -> None:
    late = Finding("deadline_exceeded", "critical", "Too late.")
    source = Page(run_of(replace(usual_reports()[1], findings=(late,)))).source
    assert "the <code>deadline</code> of the task was over" in source and "`" not in source.partition("<script")[0]


def test_without_scripts_it_tells_the_first_hundred_that_fail() -> None:
    bad = usual_reports()[1]
    page = Page(run_of(*(replace(bad, name=f"z{number}.example") for number in range(250))))
    assert page.tags.count("li") == 101
    assert page.content["li"].endswith("and 150 more")


def test_hostile_text_makes_no_markup() -> None:
    page, harmless = Page(run_of(hostile_report())), Page(run_of(usual_reports()[1]))
    assert set(page.tags) == set(harmless.tags)
    assert page.tags.count("script") == harmless.tags.count("script") == 2
    assert page.source.count("<!--") == 0
    data = page.content["scriptapplication/json"]
    # U+2028 and U+2029 end lines of JavaScript, though not of JSON.
    assert data.isascii() and "<" not in data
    assert [finding[2] for finding in page.data["zones"][0][4]] == list(HOSTILE)


def test_what_no_encoding_has_can_be_written() -> None:
    assert html_report(run_of(replace(hostile_report(), name=HOSTILE[5]))).encode("utf-8", "replace")


def test_ten_thousand_zones_take_few_bytes_each() -> None:
    well = usual_reports()[0]
    reports = [replace(well, name=f"zone-{number}.example") for number in range(1000)]
    assert len(html_report(run_of(*reports))) < 1000 * 600


def test_the_same_run_gives_the_same_report() -> None:
    assert html_report(run_of(*usual_reports())) == html_report(run_of(*usual_reports()))
