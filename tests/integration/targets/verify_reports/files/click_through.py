# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Click through HTML reports in headless Chromium: one that the module wrote, and some that tests make up.

Usage: click_through.py CHROMIUM REPORT [SCREENSHOTS]. With a folder for screenshots, it keeps what it saw there.
"""

from __future__ import annotations

import pathlib
import shutil
import sys
import tempfile
import typing as t
from contextlib import contextmanager
from dataclasses import replace

from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from ansible_collections.zonecut.dns.plugins.module_utils._reports.html_report import html_report
from ansible_collections.zonecut.dns.plugins.module_utils._verify import ZoneReport
from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.verified_zones import (
    HOSTILE,
    half_seen_report,
    hostile_report,
    run_of,
    usual_reports,
)

_PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


class Reports:
    """Opens reports in a browser, each in a window of its own, and fails on any error or request in it."""

    def __init__(self, browser: Browser, screenshots: pathlib.Path | None) -> None:
        self._browser = browser
        self._screenshots = screenshots

    @contextmanager
    def opened(self, path: pathlib.Path, **options: t.Any) -> t.Generator[Page, None, None]:
        context = self._browser.new_context(**options)
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))

        def dismiss(dialog: Dialog) -> None:
            wrong.append(f"dialog {dialog.message}")
            dialog.dismiss()

        page.on("dialog", dismiss)
        page.on("request", lambda request: None if request.url == path.as_uri() else wrong.append(request.url))
        page.goto(path.as_uri())
        page.locator("html[data-ready]").wait_for(state="attached", timeout=30000)
        yield page
        assert not wrong, wrong
        context.close()

    def keep(self, page: Page, name: str) -> None:
        if self._screenshots:
            page.screenshot(path=self._screenshots / f"{name}.png", full_page=True)


def write(path: pathlib.Path, reports: t.Iterable[ZoneReport]) -> pathlib.Path:
    """Write a report and return where it is."""
    path.write_bytes(html_report(run_of(*reports)).encode("utf-8", "replace"))
    return path


def many_reports() -> t.Iterator[ZoneReport]:
    """Yield ten thousand reports, of which every third tells of something that is wrong."""
    kinds = usual_reports()
    for number in range(10000):
        yield replace(kinds[number // 3 % 5 if number % 3 == 0 else 0], name=f"zone-{number}.example")


def names(page: Page) -> list[str]:
    """Return the zones that are listed."""
    return page.locator(".zone .name").all_inner_texts()


def open_all(page: Page) -> None:
    for summary in page.locator(".zone > summary").all():
        summary.press("Enter")
    page.wait_for_function(
        "document.querySelectorAll('.zone svg').length === document.querySelectorAll('.zone').length"
    )


def what_the_module_wrote(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path) as page:
        assert page.title() == "unserved.example fails", page.title()
        # A zone that is alone in the list is open.
        assert page.locator(".zone[open] svg").count() == 1
        assert "no_working_server" in page.locator(".findings").inner_text()


def search_and_filter(reports: Reports, path: pathlib.Path) -> None:
    everything = ["gone.example", "mail.example", "glue.example", "silent.example", "well.example"]
    with reports.opened(path) as page:
        assert names(page) == everything
        page.get_by_label("Search").fill("MAIL.example 127.94.4.1")
        assert names(page) == ["mail.example"]
        assert page.get_by_role("status").inner_text() == "1 of 5 zones"
        page.get_by_role("button", name="Clear").click()
        page.wait_for_function("document.querySelectorAll('.zone').length === 5")
        page.locator("#state").select_option("passed")
        assert names(page) == ["well.example"]
        page.locator("#state").select_option("")
        page.get_by_label("Severity").select_option("critical")
        assert names(page) == everything[:2]
        page.get_by_role("button", name="Show the zones with glue_mismatch").click()
        page.wait_for_function("document.querySelectorAll('.zone').length === 1")
        assert names(page) == ["glue.example"]
        assert page.locator("#check").input_value() == "glue_mismatch"


def picture(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path) as page:
        mail = page.locator(".zone", has_text="mail.example").first
        mail.locator("summary").click()
        edges = mail.locator(".edge")
        # Two servers of the parent with two names each, a name and an address each, and DS to keys.
        assert edges.count() == 2 * 2 + 2 + 1
        bad = mail.locator(".edge.critical")
        assert bad.count() == 1
        bad.dispatch_event("click")
        about = mail.locator(".about")
        assert "soa_owner_mismatch" in about.inner_text()
        node = mail.locator(".node", has_text="serial 2026112100")
        assert "10 ms" in (node.text_content() or "")
        node.hover()
        assert about.inner_text().endswith("Nothing is wrong here."), about.inner_text()
        assert "12345, algorithm 13, digest 2" in (mail.locator("svg").text_content() or "")
        reports.keep(page, "light")


def keyboard_and_screen_reader(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the zones"
        page.locator("summary").nth(1).focus()
        page.keyboard.press("Space")
        page.locator(".zone[open] svg").wait_for()
        page.keyboard.press("Tab")
        focused = page.evaluate("[document.activeElement.getAttribute('role'), document.activeElement.tagName]")
        assert focused == ["button", "g"], focused
        bad = page.get_by_role("button", name="From ns2.mail.contoso.example")
        bad.focus()
        assert "soa_owner_mismatch" in page.locator(".zone[open] .about").inner_text()
        assert page.get_by_role("group", name="The zone cut of mail.example").count() == 1
        unnamed = page.evaluate(
            "[...document.querySelectorAll('input, select')].filter((field) => !field.labels.length).length"
        )
        assert unnamed == 0
        assert page.get_by_role("heading", level=1).count() == 1


def phone_dark_and_paper(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path, **_PHONE) as page:
        open_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        overlong = page.evaluate("[...document.querySelectorAll('svg')].some((e) => e.clientWidth > 390)")
        assert not overlong
        reports.keep(page, "phone")
    backs = []
    for scheme in ("light", "dark"):
        with reports.opened(path, color_scheme=scheme) as page:
            open_all(page)
            backs.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            reports.keep(page, scheme)
    assert backs == ["rgb(255, 255, 255)", "rgb(20, 23, 27)"], backs
    with reports.opened(path, color_scheme="dark") as page:
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".zone[open]").count() == 4
        assert not page.locator("#filters").is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        reports.keep(page, "print")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(".zone[open]").count() == 0


def not_checked(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path) as page:
        texts = [gap.text for gap in half_seen_report().gaps]
        assert page.title().endswith(", as far as it was checked"), page.title()
        assert page.locator("#gaps tbody td:first-child").all_inner_texts() == sorted(texts)
        assert "not everything checked" in page.locator(".zone summary").inner_text()
        assert page.locator(".zone[open] .inside li").all_inner_texts() == texts
        page.get_by_label("Search").fill("no library")
        assert len(names(page)) == 1
        reports.keep(page, "not_checked")


def what_takes_its_time(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path) as page:
        page.get_by_label("Search").fill("mail.example")
        page.wait_for_function("document.querySelectorAll('.zone').length === 1")
        assert "Resolvers keep the delegation" in page.locator(".zone[open] .inside").inner_text()
        assert page.locator("#gaps").count() == 0


def hostile(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path) as page:
        assert page.locator(".zone .name").inner_text() == HOSTILE[0]
        assert page.locator("script").count() == 2 and page.locator("img, .zone b").count() == 0
        assert [text for text in HOSTILE[:4] if text not in page.locator(".findings").inner_text()] == []


def ten_thousand(reports: Reports, path: pathlib.Path) -> None:
    with reports.opened(path) as page:
        assert len(names(page)) == 200
        page.get_by_role("button", name="Show more").click()
        assert len(names(page)) == 400
        page.get_by_label("Search").fill("zone-9998.example")
        assert names(page) == ["zone-9998.example"]


def main() -> None:
    """Go through all of it."""
    chromium, written = shutil.which(sys.argv[1]), pathlib.Path(sys.argv[2])
    screenshots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        usual = write(folder / "usual.html", usual_reports())
        nasty = write(folder / "nasty.html", [hostile_report()])
        half_seen = write(folder / "half_seen.html", [half_seen_report()])
        many = write(folder / "many.html", many_reports())
        with sync_playwright() as playwright:
            # Its sandbox does not work for root.
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            reports = Reports(browser, screenshots)
            what_the_module_wrote(reports, written)
            for look in (
                search_and_filter,
                picture,
                what_takes_its_time,
                keyboard_and_screen_reader,
                phone_dark_and_paper,
            ):
                look(reports, usual)
            not_checked(reports, half_seen)
            hostile(reports, nasty)
            ten_thousand(reports, many)
            browser.close()


if __name__ == "__main__":
    main()
