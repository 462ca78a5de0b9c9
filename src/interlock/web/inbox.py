# SPDX-License-Identifier: Apache-2.0
"""The inbox: everything that waits for one person, by when, and where to do it. What bites first stands first."""

from typing import Final

from interlock.service.inboxes import Item, Kind, inbox
from interlock.web.look import Look
from interlock.web.page import Page, Place, Reader

_PAGES: Final = {
    Kind.RELEASE: ("releases", ""),
    Kind.ROLLOUT: ("rollouts", ""),
    Kind.WAIVER: ("releases", ""),
    Kind.GOVERNANCE: ("services", "pack"),
    Kind.CHANGE: ("services", "pack"),
    Kind.INCIDENT: ("incidents", ""),
}
"""The part of the site where that is done, and the page below its home."""


def page(look: Look, reader: Reader) -> Page:
    """The reader's inbox."""
    away = look.view.absences()
    model: dict[str, object] = {
        "items": [(item, href(item)) for item in inbox(look.viewer, look.services, reader.person)],
        "now": look.now,
        "is_away": away.is_away(reader.person, look.now),
    }
    return Page("inbox.html", "Inbox", Place.INBOX, model)


def href(item: Item) -> tuple[str, ...]:
    """Where it is done, as the parts of a path."""
    part, below = _PAGES[item.kind]
    return (part, item.home, below) if below else (part, item.home)
