# SPDX-License-Identifier: Apache-2.0
"""Reviews that are owed: who is told of them, when, and how often until they are made.

1. What is told stands in the path the emergency came on, under the rules in force. Where these say nothing, everybody
   is told once it is overdue: a deadline of which nobody hears is none.
2. Moments that passed while nobody was there to tell of them are told of once, not one by one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from interlock.domain.action import Action, Deadline, TellOwed
from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.governance import GovernanceEvent, ReviewChased, ReviewOpened, Service, service_stream
from interlock.domain.ids import ChangeId, NoticeId, ServiceName
from interlock.domain.moment import NEVER, in_words, last_of, next_of
from interlock.domain.outbox import EVERYBODY, OutboxEvent, Tone
from interlock.domain.procedure import Procedure
from interlock.domain.template import Chase, Fact, Since, Template, Words, messages_due

_PLAIN: Final = Template(
    NoticeId("review-overdue"),
    (EVERYBODY,),
    "{change}: the review of an emergency is overdue",
    "{release} went to {environment} as an emergency. {sentence}",
    Tone.FAILURE,
)
UNSAID: Final = (Chase(_PLAIN),)
"""What is told where the rules say nothing of it."""


@dataclass(frozen=True, slots=True)
class ChaseReview:
    """Tell of a review that is owed, by this message."""

    service: ServiceName
    change: ChangeId
    notice: NoticeId


ChasingEvent = GovernanceEvent | OutboxEvent


@dataclass(frozen=True, slots=True)
class OwedReview:
    """A review that is owed, what is told of it, and what else there is to say."""

    opened: ReviewOpened
    chases: tuple[Chase, ...] = UNSAID
    title: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class _Call:
    """The next moment at which somebody is told, and by what."""

    chase: Chase
    moment: datetime


def chases_under(procedure: Procedure, opened: ReviewOpened) -> tuple[Chase, ...]:
    """What these rules have told of the review."""
    path = procedure.path(opened.path)
    return (path.chases if path else ()) or UNSAID


def decide(
    state: Service, command: ChaseReview, owed: OwedReview, actor: Actor, now: datetime
) -> Decision[ChasingEvent]:
    """Whether somebody is told of the review now."""
    if isinstance(actor, Person):
        return refuse("review.robot_only", "the controller tells of it by itself", "run `interlock drive`")
    call = next((one for one in _calls(state, owed) if one.chase.message.id == command.notice), None)
    if call is None or now < call.moment:
        sentence = f"nobody is to be told of the review of '{command.change}' now"
        return refuse("review.nothing_to_tell", sentence, "nothing needs doing")
    opened, chase = owed.opened, call.chase
    moment = last_of(call.moment, chase.again, now)
    facts: Mapping[str, Words] = {
        Fact.SERVICE: opened.service,
        Fact.RELEASE: opened.release,
        Fact.VERSION: owed.version,
        Fact.ENVIRONMENT: opened.environment,
        Fact.CHANGE: opened.change,
        Fact.TITLE: owed.title,
        Fact.DUE: in_words(opened.due),
        Fact.SENTENCE: _sentence(opened, now),
    }
    told = ReviewChased(opened.service, opened.change, command.notice, moment, now)
    key = f"{opened.change}/review/{int(moment.timestamp())}"
    messages = messages_due(opened.service, key, (chase.message,), facts)
    return Accepted((Emitted(service_stream(opened.service), told), *messages))


def next_actions(state: Service, owed: OwedReview, now: datetime) -> tuple[Action, ...]:
    """Who is to be told of the review now, and when to look again."""
    return tuple(
        TellOwed(owed.opened.change, call.chase.message.id) if call.moment <= now else Deadline(call.moment)
        for call in _calls(state, owed)
    )


def _calls(state: Service, owed: OwedReview) -> Iterator[_Call]:
    for chase in owed.chases:
        since = owed.opened.due if chase.since is Since.OVERDUE else owed.opened.at
        told = state.chased.get((owed.opened.change, chase.message.id), NEVER)
        moment = next_of(since + chase.after, chase.again, told)
        if moment != NEVER:
            yield _Call(chase, moment)


def _sentence(opened: ReviewOpened, now: datetime) -> str:
    """How it stands, and what is to be done."""
    due = in_words(opened.due)
    stands = f"It is due by {due}." if now < opened.due else f"It was due by {due}; nothing else may go there before."
    apart = ", ".join(opened.parties)
    return f"{stands} Somebody other than {apart}: `interlock change review {opened.change} --outcome 'WHAT WAS FOUND'`"
