# SPDX-License-Identifier: Apache-2.0
"""A small service with two environments, four people and two releases: the world in which stories are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from interlock.domain.actor import Assurance, Person
from interlock.domain.artifact import Artifact, ArtifactKind, release_digest
from interlock.domain.change import ChangeKind
from interlock.domain.environment import Environment, Tier
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import (
    EVERYWHERE,
    ChangeId,
    CheckId,
    ComponentName,
    Digest,
    EnvironmentName,
    PersonId,
    ReleaseId,
    RequirementId,
    RoleName,
    ServiceName,
    StageName,
    TextRef,
    digest_of,
)
from interlock.domain.procedure import Bake, Governance, Path, Procedure, Route, Stage, Verification, WaiverRule
from interlock.domain.release import CreateRelease, Plans
from interlock.domain.requirement import (
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    Requirement,
    SignoffRequirement,
    Waivable,
)
from interlock.domain.strategy import Analysis, Ask, Baseline, Guard, Invite, Measure, Strategy, Weigh

ERRORS_ONLY: Final = Analysis((Guard("errors", Measure.ERRORS),))
START: Final = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
HOUR: Final = timedelta(hours=1)
WORDS: Final = TextRef("text:words")

SHOP: Final = ServiceName("shop")
STAGING: Final = EnvironmentName("staging")
PRODUCTION: Final = EnvironmentName("production")
STAGING_ENV: Final = Environment(STAGING, Tier.STAGING)
PRODUCTION_ENV: Final = Environment(PRODUCTION, Tier.PRODUCTION, (STAGING,))

DEVELOPER, QA, LEAD = RoleName("developer"), RoleName("qa"), RoleName("lead")
ANN, BOB, CYD, DAN = PersonId("ann"), PersonId("bob"), PersonId("cyd"), PersonId("dan")
ann, bob, cyd, dan = (Person(person, Assurance.SIGNED) for person in (ANN, BOB, CYD, DAN))
PEOPLE: Final = (ann, bob, cyd, dan)
"""ann writes; bob is qa and lead; cyd and dan are leads, dan also writes."""

TESTS, ISSUES, SMOKE, ERRORS = CheckId("tests"), CheckId("issues"), CheckId("smoke"), CheckId("errors")
REPORT: Final = digest_of(b"a report")

UNIT: Final = CheckRequirement(RequirementId("unit"), TESTS, max_age=timedelta(days=7), cites=("SOP-1",))
PLAN: Final = SignoffRequirement(RequirementId("plan"), (QA,), "the plan was tested", cites=("SOP-2",))
NO_P0: Final = CountRequirement(RequirementId("no-p0"), ISSUES, 0, max_age=HOUR * 24, waivable=Waivable.NO)
GO: Final = ApprovalRequirement(RequirementId("go"), (LEAD,))
HOT: Final = ApprovalRequirement(RequirementId("hot"), (LEAD, QA), count=2)

READY_STAGE, STAGING_STAGE = StageName("ready"), StageName("staging")
PRODUCTION_STAGE, HOT_STAGE = StageName("production"), StageName("hot")
SMOKED: Final = Verification((SMOKE,))
BAKED: Final = Bake(timedelta(seconds=60), timedelta(seconds=30), (ERRORS,))


def procedure(production: tuple[Requirement, ...] = (NO_P0, GO), bake: Bake = BAKED) -> Procedure:
    """The pack: unit tests and a sign-off before staging, open problems and an approval before production."""
    return Procedure(
        pack="shop-sop",
        version="1",
        roles=(DEVELOPER, QA, LEAD),
        environments=(STAGING_ENV, PRODUCTION_ENV),
        stages=(
            Stage(READY_STAGE, requires=(UNIT, PLAN)),
            Stage(STAGING_STAGE, STAGING, verification=SMOKED),
            Stage(PRODUCTION_STAGE, PRODUCTION, production, verification=SMOKED, bake=bake),
            Stage(HOT_STAGE, PRODUCTION, (UNIT, HOT), verification=SMOKED, bake=bake),
        ),
        paths=(
            Path("normal", (ChangeKind.NORMAL, ChangeKind.STANDARD), (READY_STAGE, STAGING_STAGE, PRODUCTION_STAGE)),
            Path("hotfix", (ChangeKind.EMERGENCY,), (READY_STAGE, STAGING_STAGE, HOT_STAGE), timedelta(days=2)),
        ),
        waivers=WaiverRule((LEAD,), timedelta(days=2)),
        governors=(LEAD,),
    )


G1: Final = Governance(
    digest_of(b"governance 1"),
    SHOP,
    procedure(),
    {DEVELOPER: (ANN, DAN), QA: (BOB,), LEAD: (BOB, CYD, DAN)},
    brought={(check, EVERYWHERE): (DEVELOPER, QA, LEAD) for check in (TESTS, ISSUES)},
)
G2: Final = replace(G1, digest=digest_of(b"governance 2"))
GOVERNANCES: Final = {governance.digest: governance for governance in (G1, G2)}


WEIGHED: Final = Strategy((Weigh(1000, SECOND * 30, 50),), SECOND * 30, SECOND * 60, ERRORS_ONLY)
ASKED: Final = replace(WEIGHED, steps=(Invite("testers", SECOND * 30), Ask((QA, LEAD)), Weigh(5000, SECOND * 30)))
LEASE: Final = SECOND * 3


def routed(governance: Governance, normal: Strategy = WEIGHED, hot: Strategy = ASKED) -> Governance:
    """The same governance, with production's traffic split: the normal path by weight, the hotfix by invitation."""
    how = {PRODUCTION_STAGE: normal, HOT_STAGE: hot}
    stages = governance.procedure.stages
    pack = replace(
        governance.procedure, stages=tuple(replace(one, rollout=how.get(one.name, one.rollout)) for one in stages)
    )
    return replace(governance, procedure=pack, routes={PRODUCTION: Route(LEASE)})


ROUTED: Final = {digest: routed(governance) for digest, governance in GOVERNANCES.items()}
ASKING: Final = {digest: routed(governance, ASKED) for digest, governance in GOVERNANCES.items()}
"""Every path invites and asks."""
FRESH: Final = replace(WEIGHED, analysis=replace(ERRORS_ONLY, baseline=Baseline.FRESH))
ACCOMPANIED: Final = {digest: routed(governance, FRESH) for digest, governance in GOVERNANCES.items()}
"""The normal path compares with a baseline, too."""


def ref(governance: Governance) -> GovernanceRef:
    """Where a governance is kept."""
    return GovernanceRef(governance.digest, digest_of(b"pack"), digest_of(b"bindings"), ())


PLANS: Final = Plans(digest_of(b"out"), digest_of(b"back"))
OTHER_PLANS: Final = Plans(digest_of(b"slowly out"), digest_of(b"back"))
R0, R1, R2 = ReleaseId("shop@1.0"), ReleaseId("shop@1.1"), ReleaseId("shop@1.2")
C1, C2 = ChangeId("c1"), ChangeId("c2")


def artifact(content: bytes, component: str = "web") -> Artifact:
    """One component's content."""
    return Artifact(ComponentName(component), ArtifactKind.GIT, "v1", digest_of(content))


A0, A1, A2 = (artifact(content) for content in (b"zero", b"one", b"two"))
D0, D1, D2 = (release_digest((one,)) for one in (A0, A1, A2))
CONTENT: Final[dict[ReleaseId, Digest]] = {R0: D0, R1: D1, R2: D2}


def creation(release: ReleaseId, change: ChangeId, content: Artifact) -> CreateRelease:
    """The command that makes a release of one artifact, written by ann."""
    return CreateRelease(
        release, SHOP, release.split("@")[1], change, (content,), "c0ffee", "", (ANN,), 0, G1.digest, PLANS
    )
