# SPDX-License-Identifier: Apache-2.0
"""Four people with different roles bring a release to production through the browser; then one by keyboard alone."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.site import DESK, PASSWORD, PHONE, Site, photographed, serving, sign_in, visitor

RELEASE: Final = "/releases/app:v1.1.0"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "app").mkdir()
    with serving(tmp_path / "app", tmp_path / "keys") as site:
        yield site
    assert site.process.returncode == 0
    assert not site.seen, site.seen


def kept(page: Page, name: str) -> None:
    photographed(page, Path("story") / f"{name}.png")


def opened(page: Page, words: str) -> Locator:
    """The drawer of these words, pulled out."""
    drawer = page.locator("details.act", has=page.locator("summary", has_text=words)).first
    drawer.locator("summary").first.click()
    return drawer


def test_four_people_bring_a_release_to_production(site: Site, browser: Browser) -> None:
    dan = sign_in(visitor(browser, site), "dan")
    ben = sign_in(visitor(browser, site), "ben", RELEASE)
    cat = sign_in(visitor(browser, site, PHONE, "dark"), "cat")
    ann = sign_in(visitor(browser, site), "ann")
    expect(ben).to_have_title("app v1.1.0 · Interlock")

    expect(dan.get_by_text("the gate is open")).to_be_visible()  # the tests ran by themselves
    dan.get_by_role("link", name="v1.1.0").first.click()
    opened(dan, "Promote into staging").get_by_role("button").click()
    expect(dan.get_by_text("It is asked for. The controller moves it.")).to_be_visible()
    expect(ben.get_by_text("into staging: reached")).to_be_visible()  # ben's page follows by itself
    kept(ben, "1-staged")

    refused_and_nothing_lost(ben)
    site.seen.clear()  # a browser notes that the answer was a refusal
    drawer = ben.locator("details.act[open]")
    expect(drawer.get_by_role("heading", name="Exactly this")).to_be_visible()
    drawer.get_by_label("I looked at exactly this").check()
    kept(ben, "2-exactly-this")
    drawer.get_by_role("button", name="Approve for production").click()
    expect(ben.get_by_text("Your decision is recorded.")).to_be_visible()

    ann.goto("/inbox")
    ann.get_by_role("link", name="rollback-plan").click()
    drawer = opened(ann, "Sign off rollback-plan")
    drawer.get_by_label("I looked at exactly this").check()
    drawer.get_by_role("button", name="Sign off as ann").click()
    expect(ann.get_by_text("Your sign-off is recorded.")).to_be_visible()

    cat.goto(RELEASE)
    opened(cat, "Promote into production").get_by_role("button").click()
    expect(cat.get_by_text("It is asked for.")).to_be_visible()
    cat.goto("/")
    row = cat.locator("tr", has=cat.get_by_role("rowheader", name="production"))
    expect(row.get_by_role("link", name="v1.1.0", exact=True)).to_be_visible()
    expect(row.get_by_text("verified", exact=True)).to_be_visible()
    expect(row.get_by_text("cat", exact=True)).to_be_visible()
    kept(cat, "3-live-on-a-phone")

    goes_back(cat)
    expect(row.get_by_role("link", name="v1.0.0", exact=True)).to_be_visible()
    kept(cat, "4-back-on-a-phone")

    dan.goto("/ledger?stream=approval/")
    expect(dan.get_by_text("Decided")).to_be_visible()
    dan.get_by_role("row", name="Decided").get_by_role("link").first.click()
    expect(dan.get_by_text("let them in by password")).to_be_visible()
    assert "authenticated" in dan.content()
    assert verified_by_an_outsider(dan, site)


def goes_back(page: Page) -> None:
    """What is live is rolled back from its page; then the fleet is looked at."""
    page.goto(RELEASE)
    drawer = opened(page, "Roll production back")
    drawer.get_by_label("Why").fill("Customers were asleep.")
    drawer.get_by_role("button", name="Roll production back").click()
    expect(page.get_by_text("It goes back.")).to_be_visible()
    page.goto("/")


def verified_by_an_outsider(page: Page, site: Site) -> bool:
    """What somebody takes away from the ledger's page is checked with the ledger's public key alone."""
    page.goto("/ledger")
    with page.expect_download() as taken:
        page.get_by_role("link", name="bundle").click()
    copy = site.place.folder.parent / "taken"
    with ZipFile(taken.value.path()) as archive:
        archive.extractall(copy)
    return bool(site.done("dan", "ledger", "verify", str(copy / "ledger"), "--key", site.ledger_key()))


def refused_and_nothing_lost(page: Page) -> None:
    """Approve what has changed meanwhile: it is refused, and what was written is still there."""
    drawer = opened(page, "Approve or reject review")
    drawer.get_by_label("What you want to say").fill("Read it all. <ok>")
    drawer.get_by_label("I looked at exactly this").check()
    fingerprint = drawer.locator("input[name=fingerprint]")
    fingerprint.evaluate("(one) => { one.value = 'sha256:' + '0'.repeat(64); }")
    drawer.get_by_role("button", name="Approve for production").click()
    alert = page.get_by_role("alert")
    expect(alert.get_by_text("what you saw is not what is there now")).to_be_visible()
    expect(alert.get_by_text("approval.stale_view")).to_be_visible()
    expect(alert.get_by_text("look at what is shown now")).to_be_visible()
    expect(alert).to_be_focused()
    expect(page.get_by_label("What you want to say")).to_have_value("Read it all. <ok>")
    kept(page, "refused")


def test_what_carries_a_signature_is_signed_by_a_passkey_in_the_browser(site: Site, browser: Browser) -> None:
    page = sign_in(visitor(browser, site), "cat", "/releases/app:v1.1.0")
    drawer = opened(page, "Ask for an exception")
    expect(drawer.get_by_text("being signed in is not enough")).to_be_visible()
    with_authenticator(page)
    page.goto("/keys")
    page.get_by_role("button", name="Make a passkey").click()
    typed = page.locator("#said pre")
    expect(typed).to_contain_text("interlock people add-key cat --key ~/PASSKEY.pub")
    key = site.place.folder.parent / "PASSKEY.pub"
    saved = (typed.text_content() or "").partition("\n")[0]
    subprocess.run(["sh", "-c", saved], env={**os.environ, "HOME": str(key.parent)}, check=True)
    site.done("cat", "people", "add-key", "cat", "--key", str(key))
    expect(page.get_by_text("signs for you")).to_be_visible()  # the page follows by itself
    told_again_of_another(sign_in(visitor(browser, site), "cat", "/keys"))
    page.goto("/calendar")
    drawer = opened(page, "Declare a freeze")
    drawer.get_by_label("A short name").fill("fair")
    drawer.get_by_label("Until").fill("soon")
    drawer.get_by_label("Why").fill("The spring fair.")
    drawer.get_by_role("button", name="Declare it").click()
    expect(drawer.get_by_role("alert").get_by_text("time.moment")).to_be_visible()
    site.seen.clear()  # as above
    drawer.get_by_label("Until").fill("2d")
    drawer.get_by_role("button", name="Declare it").click()
    expect(page.get_by_text("The freeze is declared.")).to_be_visible()
    expect(page.get_by_text("The spring fair.")).to_be_visible()
    page.goto("/ledger?stream=freezes")
    page.get_by_role("row", name="FreezeDeclared").get_by_role("link").first.click()
    expect(page.get_by_text("signed with the key sk-ecdsa")).to_be_visible()
    site.done("cat", "ledger", "export", str(key.parent / "copy"))
    assert site.done("cat", "ledger", "verify", str(key.parent / "copy"), "--key", site.ledger_key())
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_title("Fleet · Interlock")
    expect(page.get_by_role("link", name="cat", exact=True)).to_be_visible()


def told_again_of_another(page: Page) -> None:
    """On another device a second one is made; what to type for it is told beside the first, and once more later."""
    with_authenticator(page)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator("#said pre")).to_contain_text("interlock people add-key cat --key ~/PASSKEY.pub")
    page.reload()
    expect(page.locator("#mine pre")).to_contain_text("interlock people add-key cat --key ~/PASSKEY.pub")
    page.context.close()


def with_authenticator(page: Page) -> None:
    """A security key in the browser, touched whenever it is asked."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_release_is_approved_by_keyboard_alone(site: Site, browser: Browser) -> None:
    page = visitor(browser, site, DESK).new_page()
    page.goto(RELEASE)
    expect(page.get_by_label("Handle")).to_be_focused()
    page.keyboard.type("cat")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_title("app v1.1.0 · Interlock")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, page.locator("summary", has_text="Promote into staging"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("button", name="Promote v1.1.0 into staging"))
    page.keyboard.press("Space")
    expect(page.get_by_text("into staging: reached")).to_be_visible()
    page.reload()
    reach(page, page.locator("summary", has_text="Approve or reject"))
    page.keyboard.press("Space")
    drawer = page.locator("details.act[open]")
    reach(page, drawer.get_by_label("I looked at exactly this"))
    page.keyboard.press("Space")
    reach(page, drawer.get_by_role("button", name="Approve for production"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your decision is recorded.")).to_be_visible()


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, and see that this shows."""
    expect(wanted).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            assert wanted.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
            return
    raise AssertionError("nobody gets there by keyboard")
