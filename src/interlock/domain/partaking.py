# SPDX-License-Identifier: Apache-2.0
"""Who has a part in an emergency: everybody who did something for it, from the change request on.

1. Whatever makes, proves, agrees to, moves or steers it is a part, in every environment, also after its review was
   opened: who had one does not make that review (I4).
   To say in an incident that what is live stays is a yes to it.
2. Saying no is none: to decline, to revoke, to withdraw, to call off, to recall, to go back. Nor is looking.
3. It is recorded of emergencies only, and of each person once.
"""

from interlock.domain.actor import Actor, Person
from interlock.domain.answering import Answer as AnswerInIncident
from interlock.domain.answering import GiveAnswer
from interlock.domain.approval import Answer, Approve, SignOff
from interlock.domain.change import Change, ChangeEvent, ChangeKind, PartTaken, change_stream
from interlock.domain.decision import Emitted
from interlock.domain.evidence import RecordEvidence
from interlock.domain.governance import GovernanceEvent, ReviewWidened, Service, service_stream
from interlock.domain.promotion import RequestPromotion
from interlock.domain.records import WriteRecord
from interlock.domain.release import CreateRelease, RepinGovernance, RevisePlans
from interlock.domain.rollout import AgreeToStep, PauseRollout, ResumeRollout
from interlock.domain.slot import AdoptRunning
from interlock.domain.waiver import GrantWaiver, RequestWaiver

AboutRelease = (
    RepinGovernance
    | RevisePlans
    | RecordEvidence
    | SignOff
    | Approve
    | WriteRecord
    | RequestWaiver
    | GrantWaiver
    | RequestPromotion
    | AdoptRunning
)
AboutRollout = PauseRollout | ResumeRollout | AgreeToStep
Part = CreateRelease | AboutRelease | AboutRollout | GiveAnswer
"""What somebody can do for a change."""

PartEvent = ChangeEvent | GovernanceEvent


def is_for_it(command: Part) -> bool:
    """Whether the command does something for the change, not against it."""
    match command:
        case Approve():
            return command.answer is Answer.APPROVED
        case GiveAnswer():
            return command.answer is AnswerInIncident.STAY
        case _:
            return True


def partaken(change: Change, service: Service, actor: Actor) -> tuple[Emitted[PartEvent], ...]:
    """What is recorded of somebody who has just done something for the change, which belongs to the service."""
    if change.kind is not ChangeKind.EMERGENCY or not isinstance(actor, Person):
        return ()
    is_known = actor.id in {change.author, *change.hands}
    part: Emitted[PartEvent] = Emitted(change_stream(change.id), PartTaken(change.id, actor.id))
    taken = () if is_known else (part,)
    review = service.reviews.get(change.id)
    if review is None or actor.id in review.parties:
        return taken
    widened = ReviewWidened(service.name, change.id, actor.id)
    return (*taken, Emitted(service_stream(service.name), widened))
