# SPDX-License-Identifier: Apache-2.0
"""Whatever a procedure brings about, every page of it is sound, for everybody who may look at it."""

from collections.abc import Iterator

import pytest
from tests.web.reading import Read, shown
from tests.web.worlds import look, played, reader

from interlock.domain.ids import PromotionId
from interlock.domain.promotion import Manner, promotion_stream
from interlock.service.inboxes import inbox as waits_for
from interlock.service.portraits.listing import Roll
from interlock.testing.world import World
from interlock.web import calendar, catalogue, fleet, inbox, incident, measures, pack, record, release, rollout
from interlock.web.look import Look
from interlock.web.measures import Counter
from interlock.web.page import Page, Reader, Surety

STORIES = [
    ("lsos", "00-good-release"),
    ("lsos", "22-emergency-not-reviewed"),
    ("lsos", "16-errors-while-watched"),
    ("octoacme", "good-3-security"),
    ("octoacme", "oa-49-security-silent"),
    ("octoacme", "oa-53-disagreed"),
    ("octoacme", "oa-18-notes-unread"),
    ("octoacme", "oa-15-bad-time"),
]


def pages(view: Look, who: Reader) -> Iterator[Page]:
    """Every page there is of this world."""
    yield from (fleet.page(view), inbox.page(view, who), calendar.page(view), incident.listing(view))
    yield catalogue.page(view, Roll())
    yield from (measures.page(view, Counter()), record.page(view), record.page(view, "promotion/"))
    for name in view.services:
        yield pack.page(view, name)
    for stream in view.store.streams("release/"):
        yield release.page(view, stream.removeprefix("release/"), who)
    for stream in view.store.streams("incident/"):
        yield incident.page(view, stream.removeprefix("incident/"), who)
    for stream in view.store.streams(promotion_stream(PromotionId(""))):
        named = stream.removeprefix("promotion/")
        if view.view.promotion(rollout.known(view, named)).manner is Manner.BESIDE:
            yield rollout.page(view, named, who)


def every(world: World, surety: Surety) -> list[Read]:
    """Each as everybody of this world gets it; of those who only signed in, one stands for all."""
    view = look(world)
    known = tuple(view.view.people().names)
    people = known if surety is Surety.SIGNED else known[:1]
    return [shown(page, one) for one in (reader(person, surety) for person in people) for page in pages(view, one)]


@pytest.mark.parametrize(("name", "scenario"), STORIES, ids=[scenario for _, scenario in STORIES])
def test_every_page_of_every_story_is_sound_for_everybody(name: str, scenario: str) -> None:
    world = played(name, scenario).world
    assert all(page.text for page in every(world, Surety.SIGNED))
    assert all(
        "interlock " in page.text for page in every(world, Surety.AUTHENTICATED) if "Where your key is" in page.text
    )


def test_a_review_that_is_owed_is_in_the_inbox_of_who_had_no_part_in_it() -> None:
    view = look(played("lsos", "22-emergency-not-reviewed").world)
    people = view.view.people().names
    asked = {person: [one.asked for one in waits_for(view.viewer, view.services, person)] for person in people}
    assert any("review an emergency" in found for found in asked.values())
    assert not all("review an emergency" in found for found in asked.values())
