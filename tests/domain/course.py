# SPDX-License-Identifier: Apache-2.0
"""A rollout of 1.1 in production, brought to where a story begins: 10 % for 30 s, then everything, then a bake."""

from collections.abc import Mapping

from tests.domain.shop import PRODUCTION, R1, ROUTED, STAGING, cyd
from tests.domain.tale import Tale, split

from interlock.domain.actor import CONTROLLER
from interlock.domain.decision import Accepted
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import Digest, FreezeId, PromotionId, TextRef
from interlock.domain.procedure import Governance
from interlock.domain.promotion import Promotion, PromotionPhase
from interlock.domain.rollout import Answered, AuthoriseExposure, ConcludeExposure, ReportProxies, Rollout

P = PromotionId("p")
FREEZE = FreezeId("f")


def promoted(governances: Mapping[Digest, Governance] = ROUTED) -> Tale:
    """The promotion `p` of 1.1 to production was asked for."""
    tale = split(governances=governances)
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    assert isinstance(tale.request(R1, PRODUCTION, P), Accepted)
    return tale


def drive(tale: Tale, phase: PromotionPhase) -> Tale:
    """Drive until `p` is there."""
    for _ in range(40):
        if moving(tale).phase is phase:
            return tale
        tale.drive(PRODUCTION)
    raise AssertionError(moving(tale))


def rolling(governances: Mapping[Digest, Governance] = ROUTED) -> Tale:
    """It stands beside what is stable, and nothing is exposed yet."""
    return drive(promoted(governances), PromotionPhase.ROLLING)


def exposed(governances: Mapping[Digest, Governance] = ROUTED) -> Tale:
    """The first step is exposed and was measured once: that is what the next measurement is compared with."""
    tale = rolling(governances)
    tale.drive(PRODUCTION)
    tale.drive(PRODUCTION)
    assert (rollout(tale).confirmed, rollout(tale).held.seconds) == (0, 0)
    return tale


def finished(governances: Mapping[Digest, Governance] = ROUTED) -> Tale:
    """The first step is finished, and the next one is not exposed yet."""
    tale = exposed(governances)
    tale.wait(30)
    tale.measure(P)
    assert rollout(tale).step == 1
    return tale


def baking() -> Tale:
    """Everything is exposed."""
    return drive(exposed(), PromotionPhase.BAKING)


def settling() -> Tale:
    """It has proven itself."""
    return drive(exposed(), PromotionPhase.SETTLING)


def moving(tale: Tale) -> Promotion:
    """The promotion as it stands."""
    return tale.world.promotion(P)


def rollout(tale: Tale) -> Rollout:
    """Its rollout as it stands."""
    return tale.world.course(moving(tale)).rollout


def authorise(step: int, holder: str = "first") -> AuthoriseExposure:
    """Ask for the exposure of a step."""
    return AuthoriseExposure(P, step, holder)


def answer(
    step: int, answered: Answered = Answered.CONFIRMED, holder: str = "first", absent: tuple[str, ...] = ()
) -> ConcludeExposure:
    """What the proxy said."""
    return ConcludeExposure(P, step, answered, ("proxy",), absent, "said the proxy", holder)


def connected(*absent: str, holder: str = "first") -> ReportProxies:
    """One proxy is connected, and these are not."""
    return ReportProxies(P, holder, ("proxy",), absent)


def expose(tale: Tale, step: int) -> None:
    """Authorise and confirm a step."""
    tale.well(authorise(step), CONTROLLER)
    tale.well(answer(step), CONTROLLER)


def freeze(tale: Tale, hours: int = 1) -> None:
    """Shut every gate."""
    until = tale.now.replace(hour=tale.now.hour + hours)
    tale.well(DeclareFreeze(FREEZE, (), (), tale.now, until, TextRef("text:words"), ()), cyd)
