# SPDX-License-Identifier: Apache-2.0
"""The photographs that the documentation shows: `python -m tests.browser.photographs FOLDER`."""

import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect
from tests.browser.gallery import hung
from tests.browser.site import DESK, PHONE, a_browser

SHOWN: Final = {
    "release": ("release", "light", DESK),
    "rollout": ("rollout", "light", DESK),
    "incident": ("incident", "dark", DESK),
    "fleet-phone": ("fleet", "dark", PHONE),
}
"""Of each image: the page, the colours and the screen."""


def main(folder: Path) -> None:
    """Make them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with hung() as address, a_browser() as browser:
        for name, (page_name, scheme, (width, height)) in SHOWN.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                locale="en-GB",
                timezone_id="UTC",
            )
            page = context.new_page()
            page.goto(f"{address}/{page_name}.html")
            _drawn(page, page_name)
            page.screenshot(path=folder / f"{name}.png")
            context.close()


def _drawn(page: Page, name: str) -> None:
    """Wait until everything on it is there."""
    if name == "rollout":
        expect(page.locator(".uplot")).to_have_count(4)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
