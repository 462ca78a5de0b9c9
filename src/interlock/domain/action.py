# SPDX-License-Identifier: Apache-2.0
"""What the world needs now, as data: the answer of every `next_actions`.

The shell performs these through ports, records what came of them as commands, and asks again. Each effect carries the
key under which it may be repeated (I10). An action says nothing about how it is done.
"""

from dataclasses import dataclass
from datetime import datetime

from interlock.domain.ids import (
    AudienceName,
    ChangeId,
    CheckId,
    ClockId,
    DutyId,
    EffectKey,
    EnvironmentName,
    IncidentId,
    NoticeId,
    PromotionId,
    ReleaseId,
    RequirementId,
    RollbackId,
    ServiceName,
)
from interlock.domain.in_place import InPlace
from interlock.domain.traffic import Exposure, Lane, Means


@dataclass(frozen=True, slots=True)
class AuthoriseDeployment:
    """Ask the gate once more; if it opens, start the deployment under this key at once."""

    promotion: PromotionId
    release: ReleaseId
    key: EffectKey


@dataclass(frozen=True, slots=True)
class ReturnTo:
    """Make sure that the deployment of a rollback target is under way, and say when it has ended.

    Nothing stands before it.
    `instead_of` is the key of the deployment it replaces, ended first if it still runs (empty: there is none).
    Where there is a router, what still stands in its lane is only given its traffic back.
    """

    rollback: RollbackId
    release: ReleaseId
    key: EffectKey
    instead_of: EffectKey
    lane: Lane = Lane.A
    means: Means = Means.DEPLOY


@dataclass(frozen=True, slots=True)
class ObserveDeployment:
    """Look how the promotion's deployment under this key is doing."""

    promotion: PromotionId
    release: ReleaseId
    key: EffectKey


@dataclass(frozen=True, slots=True)
class RunCheck:
    """Start or go on with a check about a release, and record its reading as evidence."""

    release: ReleaseId
    check: CheckId
    environment: EnvironmentName
    key: EffectKey
    live: tuple[InPlace, ...] = ()
    """What it is about besides, as that is live now; under another key once something else is."""


@dataclass(frozen=True, slots=True)
class Conclude:
    """Everything is there to decide the next step of a promotion or rollback: decide it."""

    process: PromotionId | RollbackId


@dataclass(frozen=True, slots=True)
class StartRollback:
    """A promotion has failed or been called off: return to the last good release."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class Expose:
    """Give the candidate the exposure of this step, once its gate has opened once more."""

    promotion: PromotionId
    step: int
    exposure: Exposure


@dataclass(frozen=True, slots=True)
class Measure:
    """Count what both arms did, and decide what that amounts to."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class NoticeLoss:
    """An exposure is held by nobody who lives: make sure that it is nothing, and say so."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class Settle:
    """Make the candidate's lane what is stable, then end its exposure."""

    promotion: PromotionId
    lane: Lane


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand beside the ledger: `name` in braces is where they go, `of` what holds them.

    That is a person's words (`text:...`), or the blob of a document, whose `section` is meant.
    """

    name: str
    of: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Tell:
    """Deliver a message to an audience (empty: everybody), with its quotes, where it was `lost` before (none: all)."""

    key: EffectKey
    tone: str
    title: str
    body: str
    to: AudienceName = AudienceName("")
    quotes: tuple[Quote, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoBack:
    """An incident wants what runs there left: order the rollback. Nothing stands before it."""

    incident: IncidentId


@dataclass(frozen=True, slots=True)
class PerformStep:
    """Run a step that follows going back to `release`, and record what became of it."""

    incident: IncidentId
    duty: DutyId
    step: CheckId
    release: ReleaseId
    key: EffectKey


@dataclass(frozen=True, slots=True)
class NoteMissed:
    """A clock of an incident has run out: record it, and what follows."""

    incident: IncidentId
    clock: ClockId


@dataclass(frozen=True, slots=True)
class NoteArrived:
    """A message that was sent has reached everybody it is for: record it."""

    incident: IncidentId
    notice: NoticeId
    number: int


@dataclass(frozen=True, slots=True)
class NoteRestored:
    """Something else than the release under suspicion runs there, proven: record it."""

    incident: IncidentId


@dataclass(frozen=True, slots=True)
class Announce:
    """The occasion of a message has come."""

    incident: IncidentId
    notice: NoticeId


@dataclass(frozen=True, slots=True)
class TellAsked:
    """A requirement is the next in order: tell whoever the procedure names."""

    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId


@dataclass(frozen=True, slots=True)
class TellOwed:
    """The review of an emergency is owed, and it is time to tell somebody so."""

    change: ChangeId
    notice: NoticeId


@dataclass(frozen=True, slots=True)
class CommitRecords:
    """Write the records of what has ended (a release or an incident, as `ending` says) into the repository."""

    key: EffectKey
    ending: str
    of: str


@dataclass(frozen=True, slots=True)
class ProposeRecords:
    """Have the program that is bound for it put a branch with records before people, or look how it is doing."""

    key: EffectKey
    branch: str
    effect: EffectKey


@dataclass(frozen=True, slots=True)
class AskFor:
    """What was delivered by itself may go on by itself: ask for its promotion."""

    promotion: PromotionId
    release: ReleaseId
    environment: EnvironmentName


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Nothing to do before this time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """People have until this time; there is nothing to do about it before, and nothing waits for it."""

    at: datetime


@dataclass(frozen=True, slots=True)
class StartBaseline:
    """Begin to bring up what a rollout is to be compared with, too."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class ObserveBaseline:
    """Look how bringing it up, under this key, is doing."""

    promotion: PromotionId
    key: EffectKey


@dataclass(frozen=True, slots=True)
class DismissBaseline:
    """End what was brought up for this promotion, and say when nothing of it is left."""

    service: ServiceName
    environment: EnvironmentName
    promotion: PromotionId


Rolling = Expose | Measure | NoticeLoss | Settle
Accompanying = StartBaseline | ObserveBaseline | DismissBaseline
Attending = GoBack | PerformStep | NoteMissed | NoteArrived | NoteRestored | Announce
Keeping = CommitRecords | ProposeRecords
Action = (
    AuthoriseDeployment
    | ReturnTo
    | ObserveDeployment
    | RunCheck
    | Conclude
    | StartRollback
    | Rolling
    | Accompanying
    | Attending
    | Keeping
    | Tell
    | TellAsked
    | TellOwed
    | AskFor
    | WakeAt
    | Deadline
)
