# SPDX-License-Identifier: Apache-2.0
"""What stands around every page: where one is, who reads, and what came of what they just said.

1. Nothing typed is lost: a form that was refused comes back with what was written in it, and with every reason.
2. A refusal is shown whole: its code, its sentence, and what to do next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from interlock.domain.decision import Reason
from interlock.domain.ids import PersonId
from interlock.web.paper import render


class Place(StrEnum):
    """The parts of the navigation."""

    FLEET = "/"
    RELEASES = "/releases"
    INBOX = "/inbox"
    INCIDENTS = "/incidents"
    CALENDAR = "/calendar"
    METRICS = "/metrics-of-delivery"
    LEDGER = "/ledger"
    NOWHERE = ""


NAVIGATION: Final = (
    (Place.FLEET, "Fleet"),
    (Place.RELEASES, "Releases"),
    (Place.INBOX, "Inbox"),
    (Place.INCIDENTS, "Incidents"),
    (Place.CALENDAR, "Calendar"),
    (Place.METRICS, "Metrics"),
    (Place.LEDGER, "Ledger"),
)


class Surety(StrEnum):
    """How a reader's word would be recorded."""

    AUTHENTICATED = "authenticated"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page. `csrf` goes with every form; `surety` is what a click of theirs amounts to."""

    person: PersonId = PersonId("")
    csrf: str = ""
    surety: Surety = Surety.AUTHENTICATED

    @property
    def is_known(self) -> bool:
        """Whether anybody is signed in."""
        return bool(self.person)


NOBODY: Final = Reader()


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that was handed in and refused: its name, what was written in it, and why not."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()

    def value(self, form: str, name: str, otherwise: str = "") -> str:
        """What was written in a field of that form."""
        return self.values.get(name, otherwise) if form == self.form else otherwise


UNTRIED: Final = Tried()


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its template, its title, its model, and which part of the navigation it belongs to."""

    template: str
    title: str
    place: Place
    model: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a page was asked for: by whom, at which address, after what."""

    reader: Reader = NOBODY
    url: str = "/"
    tried: Tried = UNTRIED
    done: str = ""
    """What was accepted just before, in words; empty: nothing was said."""


def show(page: Page, asked: Asked) -> str:
    """The whole document."""
    return render(
        page.template,
        {
            **page.model,
            "title": page.title,
            "place": page.place.value,
            "navigation": tuple((one.value, name) for one, name in NAVIGATION),
            "reader": asked.reader,
            "url": asked.url,
            "tried": asked.tried,
            "done": asked.done,
        },
    )
