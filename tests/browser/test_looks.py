# SPDX-License-Identifier: Apache-2.0
"""Every page, in light and dark, on a phone and on a desk: nothing wrong, nothing cut off, nothing a policy stops."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from tests.browser.axe import violations
from tests.browser.gallery import pages
from tests.browser.site import DESK, PHONE, photographed

NAMES: Final = (
    "login fleet release both changes refused whatif exception ready inbox rollout went-back incidents incident pack "
    "calendar metrics ledger record amiss releases explain accounts audit bykey keys"
).split()
SIGHTS: Final = (("light", DESK), ("dark", PHONE))
"""Colours and sizes do not depend on each other: every colour and every size is looked at."""
CUT_OFF: Final = """[...document.querySelectorAll('main *')]
  .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => !one.matches('.scrolls, textarea'))
  .map((one) => `${one.className} ${one.ariaLabel}: ${one.scrollWidth} in ${one.clientWidth}`)"""
"""Boxes that have to be moved sideways to be read; the lines of a file are what they are."""


def test_every_page_is_looked_at() -> None:
    assert sorted(pages()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_fits_its_screen_and_keeps_to_the_policy(looker: Page, gallery: str, name: str) -> None:
    wrong: list[str] = []
    looker.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    for scheme, (width, height) in SIGHTS:
        looker.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        looker.set_viewport_size({"width": width, "height": height})
        looker.goto(f"{gallery}/{name}.html")
        if name == "rollout":
            expect(looker.locator(".uplot")).to_have_count(4)
        photographed(looker, Path("pages") / f"{name}-{scheme}.png")
        looker.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        wrong += violations(looker)
        wide = looker.evaluate("document.documentElement.scrollWidth")
        wrong += [f"{wide} wide on a screen of {width}"] if wide > width else []
        wrong += [f"cut off on a screen of {width}: {one}" for one in looker.evaluate(CUT_OFF)]
    assert not wrong, "\n".join(wrong)


def test_other_ways_to_sign_in_are_offered_where_there_are_any(looker: Page, gallery: str) -> None:
    looker.goto(f"{gallery}/login.html")
    link = looker.get_by_role("link", name="Sign in with the club")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == "/login/oidc/club?next=%2F"


def test_a_page_that_is_not_accessible_is_found_out(looker: Page, gallery: str) -> None:
    looker.goto(f"{gallery}/fleet.html")
    looker.evaluate("document.querySelector('h1').outerHTML = '<p id=content><img src=/static/mark.svg></p>'")
    assert any(one.startswith("image-alt") for one in violations(looker))


def test_what_a_policy_stops_is_found_out(looker: Page, gallery: str) -> None:
    told: list[str] = []
    looker.on("console", lambda one: told.append(one.text))
    looker.goto(f"{gallery}/fleet.html")
    looker.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">red</p>')")
    assert any("Content Security Policy" in one for one in told)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_address_that_somebody_wrote_down_is_broken_where_the_screen_ends(
    looker: Page, gallery: str, size: tuple[int, int]
) -> None:
    looker.set_viewport_size({"width": size[0], "height": size[1]})
    looker.goto(f"{gallery}/incidents.html")
    looker.evaluate("document.querySelector('td[data-label=what]').textContent = 'https://' + 'x'.repeat(400)")
    assert looker.evaluate(CUT_OFF) == []
