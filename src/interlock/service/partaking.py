# SPDX-License-Identifier: Apache-2.0
"""In which change somebody takes a part by a command, and what is recorded of it beside the command's own answer.

What is done against a change reads nothing more here: nothing may stand before going back.
"""

from typing import Final

from interlock.domain import partaking
from interlock.domain.actor import Actor, Person
from interlock.domain.answering import GiveAnswer
from interlock.domain.change import Change
from interlock.domain.decision import Accepted, Decision, Refused
from interlock.domain.ids import ChangeId, ReleaseId
from interlock.domain.release import CreateRelease
from interlock.domain.rollout import AgreeToStep, PauseRollout, ResumeRollout
from interlock.ledger.codec import Command, Event
from interlock.service.view import View

NO_CHANGE: Final = ChangeId("")


def with_part(command: Command, decision: Decision[Event], actor: Actor, view: View) -> Decision[Event]:
    """The decision, and with one that was accepted the part its actor takes by it."""
    if isinstance(decision, Refused) or not isinstance(actor, Person):
        return decision
    if not isinstance(command, partaking.Part) or not partaking.is_for_it(command):
        return decision
    change = _change_of(command, view)
    taken = partaking.partaken(change, view.service(change.service), actor)
    return Accepted((*decision.events, *taken))


def _change_of(command: partaking.Part, view: View) -> Change:
    """The change a command is about; one that is absent where it is about none."""
    if isinstance(command, CreateRelease):
        return view.change(command.change)
    release = _release_of(command, view)
    change = view.release(release).change if release else NO_CHANGE
    return view.change(change) if change else Change()


def _release_of(command: partaking.AboutRelease | partaking.AboutRollout | GiveAnswer, view: View) -> ReleaseId:
    match command:
        case GiveAnswer():
            return view.incident(command.incident).release
        case PauseRollout() | ResumeRollout() | AgreeToStep():
            return view.promotion(command.promotion).release
        case _:
            return command.release
