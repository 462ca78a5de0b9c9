# SPDX-License-Identifier: Apache-2.0
"""Reviews that are owed: who is told of them, when, and how often."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tests.domain.shop import ANN, BOB, C1, CYD, G1, HOUR, PRODUCTION, R1, SECOND, SHOP, START, WORDS, ann
from tests.domain.story import codes, given

from interlock.domain import chasing
from interlock.domain.action import Action, Deadline, TellOwed
from interlock.domain.actor import CONTROLLER
from interlock.domain.chasing import UNSAID, ChaseReview, OwedReview, chases_under
from interlock.domain.decision import Accepted
from interlock.domain.governance import ReviewChased, ReviewCompleted, ReviewOpened, Service, evolve
from interlock.domain.ids import AudienceName, ChangeId, NoticeId
from interlock.domain.moment import NEVER, last_of, next_of
from interlock.domain.outbox import EVERYBODY, MessageDue
from interlock.domain.template import Chase, Since, Template

DAY: Final = 24 * HOUR
DUE: Final = START + 2 * DAY
OPENED: Final = ReviewOpened(SHOP, C1, (ANN, CYD), DUE, START, "emergency", R1, PRODUCTION)
SOON, LATE, WORSE = (NoticeId(one) for one in ("soon", "late", "worse"))


def template(name: NoticeId, *to: str) -> Template:
    """A message that says by when, to these audiences."""
    audiences = tuple(AudienceName(one) for one in to)
    return Template(name, audiences, "{change} of {version}: {due}", "{title} in {environment}. {sentence}")


CHASES: Final = (
    Chase(template(SOON, "reviewers"), Since.OPENED, DAY),
    Chase(template(LATE, "reviewers", "leads"), again=DAY),
    Chase(template(WORSE, "head"), after=3 * HOUR),
)
OWED: Final = OwedReview(OPENED, CHASES, WORDS, "v1")


def wants(state: Service, now: datetime, owed: OwedReview = OWED) -> tuple[Action, ...]:
    return chasing.next_actions(state, owed, now)


def told(state: Service, notice: NoticeId, now: datetime, owed: OwedReview = OWED) -> tuple[Service, list[MessageDue]]:
    """The service after somebody was told, and the messages."""
    decision = chasing.decide(state, ChaseReview(SHOP, C1, notice), owed, CONTROLLER, now)
    assert isinstance(decision, Accepted)
    events = [one.event for one in decision.events]
    assert isinstance(events[0], ReviewChased)
    return evolve(state, events[0]), [one for one in events if isinstance(one, MessageDue)]


def owing() -> Service:
    return given(Service(), evolve, OPENED).state


def test_everybody_has_until_its_moment() -> None:
    assert wants(owing(), START) == (Deadline(START + DAY), Deadline(DUE), Deadline(DUE + 3 * HOUR))


def test_a_reminder_comes_before_the_deadline() -> None:
    assert wants(owing(), START + DAY)[0] == TellOwed(C1, SOON)


def test_at_the_moment_it_is_overdue_somebody_is_told() -> None:
    _, messages = told(owing(), LATE, DUE)
    assert [one.to for one in messages] == ["reviewers", "leads"]
    assert messages[0].title == "c1 of v1: 2026-03-04 10:00 UTC"


def test_what_is_told_says_who_may_do_what() -> None:
    _, messages = told(owing(), LATE, DUE)
    assert "Somebody other than ann, cyd: `interlock change review c1 --outcome" in messages[0].body
    assert "It was due by" in messages[0].body


def test_before_the_deadline_it_says_by_when() -> None:
    _, messages = told(owing(), SOON, START + DAY)
    assert "It is due by" in messages[0].body


def test_what_comes_once_is_told_once() -> None:
    state, _ = told(owing(), SOON, START + DAY)
    assert wants(state, START + DAY) == (Deadline(DUE), Deadline(DUE + 3 * HOUR))


def test_what_comes_again_is_told_again_under_another_key() -> None:
    state, first = told(owing(), LATE, DUE)
    assert Deadline(DUE + DAY) in wants(state, DUE)
    _, second = told(state, LATE, DUE + DAY)
    assert {one.key for one in first}.isdisjoint(one.key for one in second)


def test_what_was_slept_through_is_told_once() -> None:
    state, _ = told(owing(), LATE, DUE + 5 * DAY + HOUR)
    assert Deadline(DUE + 6 * DAY) in wants(state, DUE + 5 * DAY + HOUR)


def test_an_escalation_is_a_message_of_its_own() -> None:
    state, _ = told(owing(), LATE, DUE)
    assert TellOwed(C1, WORSE) in wants(state, DUE + 3 * HOUR)


def test_nobody_is_told_before_the_moment() -> None:
    decision = chasing.decide(owing(), ChaseReview(SHOP, C1, LATE), OWED, CONTROLLER, DUE - SECOND)
    assert codes(decision) == ("review.nothing_to_tell",)


def test_a_message_that_is_not_prescribed_is_not_told() -> None:
    decision = chasing.decide(owing(), ChaseReview(SHOP, C1, NoticeId("other")), OWED, CONTROLLER, DUE)
    assert codes(decision) == ("review.nothing_to_tell",)


def test_a_person_does_not_tell_in_the_controllers_place() -> None:
    decision = chasing.decide(owing(), ChaseReview(SHOP, C1, LATE), OWED, ann, DUE)
    assert codes(decision) == ("review.robot_only",)


def test_a_review_that_is_made_is_forgotten() -> None:
    state, _ = told(owing(), LATE, DUE)
    other = replace(state, chased={**state.chased, (ChangeId("CR-9"), LATE): DUE})
    done = evolve(other, ReviewCompleted(SHOP, C1, WORDS, BOB))
    assert list(done.chased) == [("CR-9", LATE)]


def test_rules_that_say_nothing_have_everybody_told_once_it_is_overdue() -> None:
    assert chases_under(G1.procedure, replace(OPENED, path="gone")) == UNSAID
    owed = OwedReview(OPENED)
    _, messages = told(owing(), UNSAID[0].message.id, DUE, owed)
    assert [one.to for one in messages] == [EVERYBODY]


def test_rules_that_say_something_are_followed() -> None:
    paths = tuple(replace(path, chases=CHASES) for path in G1.procedure.paths)
    procedure = replace(G1.procedure, paths=paths)
    assert chases_under(procedure, replace(OPENED, path=paths[0].name)) == CHASES


def test_moments_come_one_after_the_other() -> None:
    again = timedelta(hours=2)
    assert next_of(START, again, NEVER) == START
    assert next_of(START, again, START) == START + again
    assert next_of(START, timedelta(0), START) == NEVER
    assert last_of(START, again, START + 2 * again + SECOND) == START + 2 * again
    assert last_of(START, timedelta(0), START + again) == START
