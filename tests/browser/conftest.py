# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.gallery import hung
from tests.browser.site import a_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Gone again before another file is begun: while one is driven, no loop can be begun."""
    with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """Where every page of the simulated worlds hangs."""
    with hung() as address:
        yield address


@pytest.fixture
def looker(browser: Browser) -> Iterator[Page]:
    """A page of somebody who only looks; nothing may go wrong in it that no test asked for."""
    context = browser.new_context(reduced_motion="reduce", locale="en-GB")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda one: faults.append(str(one)))
    yield page
    context.close()
    assert not faults, faults
