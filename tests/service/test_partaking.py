# SPDX-License-Identifier: Apache-2.0
"""In which emergencies somebody has a part by what they asked for, and what of all commands counts as one."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final, get_args

import pytest
from tests.service.shop import ANN, BEN, CAT, MANAGER, NO_OTHER_RULES, PACK, PRODUCTION, STAGING, a_stage, act, done

from interlock.domain.answering import Answer
from interlock.domain.change import ChangeKind
from interlock.domain.governance import ReviewOpened
from interlock.domain.ids import ChangeId, PersonId
from interlock.domain.partaking import Part
from interlock.ledger.codec import COMMANDS
from interlock.testing.acts import Act, ApproveFor, RejectFor, Release, Review
from interlock.testing.cases import Declare, SayWhat
from interlock.testing.moves import Abort, Agree, Pause, Promote, Resume, RollBack
from interlock.testing.stage import SERVICE, Cast, Stage

EVE: Final = PersonId("eve")
EVERYBODY: Final = Cast({ANN: (MANAGER,), BEN: (MANAGER,), CAT: (MANAGER,), EVE: (MANAGER,)})
ROLLED: Final = b"    rollout: {steps: [{ask: [release-manager]}, {weight: 5, hold: 10s}], every: 1s, blind_for: 10s}\n"
RELEASED_EMERGENCY: Final = Release(release="v2", by=ANN, kind=ChangeKind.EMERGENCY)
AGREED: Final = (
    ApproveFor(approve=PRODUCTION, by=BEN),
    ApproveFor(approve=PRODUCTION, by=CAT),
    Promote(promote=PRODUCTION, by=ANN),
)
AGAINST: Final = {"AbortPromotion", "RevokeWaiver", "WithdrawRelease", "OpenIncident"}
"""What people say against a release."""
BY_ITSELF: Final = {
    "AskPeople",
    "AuthoriseExposure",
    "BeginBaseline",
    "BeginDeployment",
    "BeginSettling",
    "ConcludeBaseline",
    "ConcludeDeployment",
    "ConcludeExposure",
    "ConcludeProof",
    "ConcludeSettling",
    "RecordMeasurement",
    "ReportBlindness",
    "ReportLoss",
    "ReportProxies",
    "ReportRunning",
}
"""What the controller does by itself."""


def a_hot_stage(promoter: PersonId = ANN) -> Stage:
    """An emergency of ann's in staging; only who had it promoted may be somebody else."""
    stage = a_stage(NO_OTHER_RULES, EVERYBODY, PACK.replace(b"    bake:", ROLLED + b"    bake:"))
    told(stage, RELEASED_EMERGENCY)
    told(stage, Promote(promote=STAGING, by=promoter))
    return stage


def told(stage: Stage, *acts: Act) -> None:
    """These acts, one after the other."""
    for one in acts:
        done(act(stage, one))
        stage.world.settle()


def owed(stage: Stage) -> Mapping[ChangeId, ReviewOpened]:
    """The reviews that are owed."""
    return stage.gatherer().view.service(SERVICE).reviews


def parties(stage: Stage) -> tuple[PersonId, ...]:
    """Who does not review the emergency."""
    return owed(stage)[stage.change("v2")].parties


def test_who_had_it_promoted_to_staging_has_a_part() -> None:
    stage = a_hot_stage(promoter=EVE)
    told(stage, *AGREED)
    assert set(parties(stage)) == {ANN, BEN, CAT, EVE}


@pytest.mark.parametrize(
    "acts",
    [
        (Agree(agree=PRODUCTION, by=EVE),),
        (Pause(pause=PRODUCTION, by=EVE),),
        (Pause(pause=PRODUCTION, by=ANN), Resume(resume=PRODUCTION, by=EVE)),
        (ApproveFor(approve=PRODUCTION, by=EVE),),
        (Declare(declare="i1", there=PRODUCTION, by=ANN), SayWhat(answer=Answer.STAY, by=EVE)),
    ],
    ids=lambda acts: type(acts[-1]).__name__,
)
def test_who_does_something_for_it_after_it_went_out_has_a_part(acts: tuple[Act, ...]) -> None:
    stage = a_hot_stage()
    told(stage, *AGREED, *acts)
    assert EVE in parties(stage)


@pytest.mark.parametrize(
    "one",
    [
        Abort(abort=PRODUCTION, by=EVE),
        RollBack(rollback=PRODUCTION, by=EVE),
        RejectFor(reject=PRODUCTION, by=EVE),
        Declare(declare="i1", there=PRODUCTION, by=EVE),
    ],
    ids=lambda one: type(one).__name__,
)
def test_who_says_no_to_it_reviews_it(one: Act) -> None:
    stage = a_hot_stage()
    told(stage, *AGREED, one, Review(review="v2", by=EVE))
    assert not owed(stage)


def test_what_names_a_release_counts_unless_it_speaks_against_it() -> None:
    """A new command is a part or none by decision, not by having been forgotten."""
    about = {kind for kind in COMMANDS.values() if {"release", "promotion"} & {one.name for one in fields(kind)}}
    assert {kind.__name__ for kind in about - set(get_args(Part))} == AGAINST | BY_ITSELF
