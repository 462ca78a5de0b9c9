# SPDX-License-Identifier: Apache-2.0
"""What is said about releases: words before a gate, asking that something moves, exceptions, freezes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from interlock.domain.approval import Answer, Approve, SignOff
from interlock.domain.evidence import RequestEvidence
from interlock.domain.freeze import DeclareFreeze, LiftFreeze
from interlock.domain.governance import ApproveGovernance, CompleteReview
from interlock.domain.ids import ChangeId, CheckId, Digest, FreezeId, PromotionId, RequirementId, WaiverId
from interlock.domain.promotion import AbortPromotion, RequestPromotion
from interlock.domain.release import WithdrawRelease
from interlock.domain.rollback import BeginRollback
from interlock.domain.rollout import AgreeToStep, PauseRollout, ResumeRollout
from interlock.domain.waiver import GrantWaiver, RequestWaiver, RevokeWaiver
from interlock.ports.failure import Rejected
from interlock.service.numbering import next_promotion, next_rollback
from interlock.web.saying import Act, Form


def _sign(form: Form) -> SignOff:
    return SignOff(form.release, form.environment, RequirementId(form["requirement"]), form.bound())


def _approve(form: Form) -> Approve:
    """Addressed to the requirement by name, so that it means what the page said."""
    bound, answer = form.bound(), _answer(form["answer"])
    named = RequirementId(form["requirement"])
    return Approve(form.release, form.environment, answer, bound, form.voice.aside(form["comment"]), named)


def _answer(said: str) -> Answer:
    try:
        return Answer(said)
    except ValueError as fault:
        known = " or ".join(Answer)
        raise Rejected("approval.unanswered", f"'{said}' is no answer", f"say {known}") from fault


def _promote(form: Form) -> RequestPromotion:
    promotion = next_promotion(form.look.store, form.release, form.environment)
    return RequestPromotion(promotion, form.release, form.environment)


def _withdraw(form: Form) -> WithdrawRelease:
    return WithdrawRelease(form.release, form.voice.words(form["reason"]))


def _refresh(form: Form) -> RequestEvidence:
    release, check, there = form.look.view.release(form.release), CheckId(form["check"]), form["there"]
    found = form.look.gatherer.view.evidence_of(release.id, release.digest).series
    key = next((one for one in found if one == (check, there)), None)
    if key is None:
        raise Rejected("check.unread", f"'{check}' was not done yet", "wait until it is, or see `interlock status`")
    return RequestEvidence(found[key].latest.subject, *key)


def _waive(form: Form) -> RequestWaiver:
    number = len(form.look.view.waivers(form.release).asked) + 1
    until = form.moment("expires")
    reason = form.voice.words(form["reason"])
    instead = form.voice.words(form["mitigation"], "the mitigation")
    waiver, asked = WaiverId(f"{form.release}/waiver-{number}"), RequirementId(form["requirement"])
    return RequestWaiver(waiver, form.release, form.environment, asked, reason, instead, until)


def _grant(form: Form) -> GrantWaiver:
    return GrantWaiver(WaiverId(form["waiver"]), form.release)


def _revoke(form: Form) -> RevokeWaiver:
    return RevokeWaiver(WaiverId(form["waiver"]), form.release, form.voice.words(form["reason"]))


def _abort(form: Form) -> AbortPromotion:
    return AbortPromotion(PromotionId(form["promotion"]), form.voice.words_if(form["reason"]))


def _pause(form: Form) -> PauseRollout:
    return PauseRollout(PromotionId(form["promotion"]))


def _resume(form: Form) -> ResumeRollout:
    return ResumeRollout(PromotionId(form["promotion"]))


def _agree(form: Form) -> AgreeToStep:
    return AgreeToStep(PromotionId(form["promotion"]), form.number("step"))


def _rollback(form: Form) -> BeginRollback:
    named = next_rollback(form.look.store, form.service, form.environment)
    return BeginRollback(named, form.service, form.environment, form.release, form.voice.words_if(form["reason"]))


def _freeze(form: Form) -> DeclareFreeze:
    services = (form.service,) if form["service"] else ()
    environments = (form.environment,) if form["environment"] else ()
    begins = form.moment("begins") if form["begins"] else form.look.now
    ends = form.moment("ends")
    reason = form.voice.words(form["reason"])
    return DeclareFreeze(FreezeId(form["freeze"]), services, environments, begins, ends, reason, ())


def _lift(form: Form) -> LiftFreeze:
    return LiftFreeze(FreezeId(form["freeze"]), form.voice.words(form["reason"]))


def _enact(form: Form) -> ApproveGovernance:
    return ApproveGovernance(form.service, Digest(form["governance"]))


def _review(form: Form) -> CompleteReview:
    return CompleteReview(form.service, ChangeId(form["change"]), form.voice.words(form["outcome"], "the outcome"))


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "sign": Act(_sign, "Your sign-off is recorded."),
        "approve": Act(_approve, "Your decision is recorded."),
        "promote": Act(_promote, "It is asked for. The controller moves it."),
        "withdraw": Act(_withdraw, "The release is withdrawn."),
        "refresh": Act(_refresh, "The check will be done again."),
        "waive": Act(_waive, "The exception is asked for; somebody else grants it."),
        "grant": Act(_grant, "The exception is granted."),
        "revoke": Act(_revoke, "The exception is taken back."),
        "abort": Act(_abort, "It is called off. What was exposed goes back."),
        "pause": Act(_pause, "The rollout stands where it is."),
        "resume": Act(_resume, "The rollout goes on."),
        "agree": Act(_agree, "You agreed. The rollout goes on."),
        "rollback": Act(_rollback, "It goes back."),
        "freeze": Act(_freeze, "The freeze is declared."),
        "lift": Act(_lift, "The freeze is lifted."),
        "enact": Act(_enact, "The rules are approved, and in force."),
        "review": Act(_review, "The review is recorded."),
    }
)
