# SPDX-License-Identifier: Apache-2.0
"""Verbs about releases: made, decided about, moved, given up; and the changes they carry."""

from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec

from interlock.api.commands import opened
from interlock.api.refusals import Fault, absent, unfit
from interlock.api.verbs.asking import (
    Ask,
    Body,
    MaybeName,
    MaybeSentence,
    Moment,
    Name,
    Reasoned,
    Sentence,
    Verb,
)
from interlock.domain.approval import EVERY, Answer, Approve, Bound, SignOff, bind
from interlock.domain.change import ChangeKind, CloseChange, OpenChange
from interlock.domain.evidence import NO_QUERY, RecordEvidence, RequestEvidence, subject_by_name
from interlock.domain.governance import CompleteReview
from interlock.domain.ids import (
    EVERYWHERE,
    ChangeId,
    CheckId,
    EnvironmentName,
    LabelName,
    PromotionId,
    RequirementId,
    WaiverId,
    digest_of,
    parse_name,
    parse_version,
)
from interlock.domain.promotion import AbortPromotion, RequestPromotion
from interlock.domain.records import WriteRecord
from interlock.domain.release import Plans, Release, RepinGovernance, RevisePlans, WithdrawRelease
from interlock.domain.slot import OccupantKind
from interlock.domain.verdict import Verdict
from interlock.domain.waiver import GrantWaiver, RequestWaiver, RevokeWaiver
from interlock.identity.caller import Scope
from interlock.ledger.codec import Command
from interlock.service.compose import Wanted, draft_release
from interlock.service.document import Unreadable, headings_of
from interlock.service.numbering import next_promotion
from interlock.service.portraits.releases import seal

TAG: Final = "releases"


class Create(Body, frozen=True):
    """`at` is a commit of the service's repository on the server; without it the tag named like the version."""

    service: Name
    version: Name
    change: Name
    at: MaybeName = ""
    rollback_plan: MaybeSentence = ""


class Decide(Body, frozen=True):
    """`matter` is what `/matter/{environment}` told: who has seen another one is refused."""

    environment: Name
    matter: Name
    comment: MaybeSentence = ""
    requirement: Name = EVERY


class Sign(Body, frozen=True):
    """`matter` is what `/matter/{environment}` told: who has seen another one is refused."""

    environment: Name
    matter: Name
    requirement: Name


class Promote(Body, frozen=True):
    """`supersede`: end the promotion under way there; what was exposed of it goes back first."""

    environment: Name
    supersede: bool = False


class Where(Body, frozen=True):
    environment: Name


class Abort(Body, frozen=True):
    """`reason` may be left out: nothing stands before an abort."""

    environment: Name
    reason: MaybeSentence = ""


class Revise(Body, frozen=True):
    rollback_plan: Sentence


class Waive(Body, frozen=True):
    """An exception to one requirement: why, what is done instead, until when."""

    environment: Name
    requirement: Name
    reason: Sentence
    mitigation: Sentence
    expires: Moment


class WaiverNamed(Body, frozen=True):
    """The waiver's id, such as shop:v1.2.0/waiver-1."""

    waiver: Name


class WaiverRevoked(WaiverNamed, frozen=True):
    reason: Sentence


class Write(Body, frozen=True):
    """A Markdown document with every section that is asked for. It is kept for ever."""

    environment: Name
    text: Sentence


class Attach(Body, frozen=True):
    """The result of a check that somebody else did. `report` is base64; `query` and `count` go together."""

    release: Name
    check: Name
    verdict: Verdict
    environment: Name = EVERYWHERE
    summary: Annotated[str, msgspec.Meta(max_length=200)] = ""
    report: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9+/]*={0,2}$")] = ""
    query: MaybeSentence = ""
    count: int | None = None


class Refresh(Body, frozen=True):
    release: Name
    check: Name
    environment: Name = EVERYWHERE


class Open(Body, frozen=True):
    """What changes and why. `labels` answer the conditions of the pack."""

    change: Name
    service: Name
    title: Sentence
    kind: ChangeKind = ChangeKind.NORMAL
    labels: tuple[str, ...] = ()


class Review(Body, frozen=True):
    service: Name
    outcome: Sentence


def _create(ask: Ask, sent: Create) -> Command:
    state = ask.service(sent.service)
    try:
        parse_version(sent.version)
    except ValueError as fault:
        raise unfit("release.version", str(fault), "write it as 1.2.0 or v1.2.0") from fault
    house = ask.saying.house
    rules = house.library.rules(ask.gatherer.view, state.in_force)
    revision = sent.at or house.repository.tagged(sent.version).sha
    wanted = Wanted(state.name, sent.version, revision, ChangeId(sent.change), rules, sent.rollback_plan.encode())
    draft = draft_release(house.composer(), house.workshop().artifacts(), ask.gatherer, house.store, wanted)
    ask.speaker.attach(draft.rollback_plan)
    return draft.command


def _sign(ask: Ask, sent: Sign) -> Command:
    one = ask.of_release()
    place = ask.place(one, sent.environment)
    return SignOff(one.id, place, RequirementId(sent.requirement), _seen(ask, one, place, sent.matter))


def _approve(ask: Ask, sent: Decide) -> Command:
    return _decided(ask, sent, Answer.APPROVED)


def _reject(ask: Ask, sent: Decide) -> Command:
    return _decided(ask, sent, Answer.REJECTED)


def _decided(ask: Ask, sent: Decide, answer: Answer) -> Command:
    one = ask.of_release()
    place = ask.place(one, sent.environment)
    bound = _seen(ask, one, place, sent.matter)
    return Approve(one.id, place, answer, bound, ask.speaker.aside(sent.comment), RequirementId(sent.requirement))


def _seen(ask: Ask, one: Release, place: EnvironmentName, matter: str) -> Bound:
    """What is decided about now, if it is what the caller saw."""
    bound = bind(ask.gatherer.matter(one.id, place))
    if seal(bound) != matter:
        raise Fault(
            HTTPStatus.CONFLICT,
            "matter.changed",
            "what you decide about is not what it was when you looked at it",
            f"look again at /v1/releases/{one.id}/matter/{place}",
        )
    return bound


def _promote(ask: Ask, sent: Promote) -> Command:
    one = ask.of_release()
    place = ask.place(one, sent.environment)
    slot = ask.gatherer.view.slot(one.service, place)
    ended = PromotionId(slot.occupant) if sent.supersede and slot.kind is OccupantKind.PROMOTION else PromotionId("")
    return RequestPromotion(next_promotion(ask.store, one.id, place), one.id, place, ended)


def _abort(ask: Ask, sent: Abort) -> Command:
    one = ask.of_release()
    place = ask.place(one, sent.environment)
    slot, reason = ask.gatherer.view.slot(one.service, place), ask.speaker.words_if(sent.reason)
    if slot.occupying == one.id:
        return AbortPromotion(PromotionId(slot.occupant), reason)
    for queued in slot.queue:
        if queued.release == one.id:
            return AbortPromotion(PromotionId(queued.promotion), reason)
    raise absent("promotion.none", f"'{one.id}' is not on its way to {place}", "see /v1/services")


def _revise(ask: Ask, sent: Revise) -> Command:
    one, plan = ask.of_release(), sent.rollback_plan.encode()
    ask.speaker.attach(plan)
    return RevisePlans(one.id, Plans(one.plans.rollout, digest_of(plan)))


def _repin(ask: Ask, _: Body) -> Command:
    return RepinGovernance(ask.of_release().id)


def _withdraw(ask: Ask, sent: Reasoned) -> Command:
    return WithdrawRelease(ask.of_release().id, ask.speaker.words(sent.reason))


def _waive(ask: Ask, sent: Waive) -> Command:
    one = ask.of_release()
    place = ask.place(one, sent.environment)
    number = len(ask.gatherer.view.waivers(one.id).asked) + 1
    why, instead = ask.speaker.words(sent.reason), ask.speaker.words(sent.mitigation, "the mitigation")
    waiver, asked = WaiverId(f"{one.id}/waiver-{number}"), RequirementId(sent.requirement)
    return RequestWaiver(waiver, one.id, place, asked, why, instead, ask.moment(sent.expires))


def _grant(ask: Ask, sent: WaiverNamed) -> Command:
    return GrantWaiver(WaiverId(sent.waiver), ask.release(sent.waiver.rpartition("/")[0]).id)


def _revoke(ask: Ask, sent: WaiverRevoked) -> Command:
    release = ask.release(sent.waiver.rpartition("/")[0]).id
    return RevokeWaiver(WaiverId(sent.waiver), release, ask.speaker.words(sent.reason))


def _write(ask: Ask, sent: Write) -> Command:
    one, content = ask.of_release(), sent.text.encode()
    place, named = ask.place(one, sent.environment), RequirementId(ask.path["record"])
    ask.speaker.attach(content)
    return WriteRecord(one.id, place, named, digest_of(content), sections_of(content))


def sections_of(content: bytes) -> tuple[str, ...]:
    """The sections of a document that say something. Raises `Fault` (422)."""
    try:
        return headings_of(content)
    except Unreadable as fault:
        raise unfit("record.unreadable", str(fault), "write it as Markdown, in UTF-8") from fault


def _attach(ask: Ask, sent: Attach) -> Command:
    one = ask.release(sent.release)
    place = EVERYWHERE if sent.environment == EVERYWHERE else ask.place(one, sent.environment)
    if (sent.count is None) != (not sent.query) or (sent.count or 0) < 0:
        raise unfit("evidence.count", "a count says what was counted", "give query and count together")
    summary = sent.summary or f"{sent.verdict}, by the word of who attached it"
    report = opened(sent.report) if sent.report else summary.encode()
    ask.speaker.attach(report)
    return RecordEvidence(
        subject=one.digest,
        check=_check(sent.check),
        environment=place,
        verdict=sent.verdict,
        summary=summary,
        source=f"attached by {ask.person}",
        report=digest_of(report),
        governance=one.governance,
        taken_at=ask.gatherer.now,
        query=sent.query or NO_QUERY,
        count=sent.count or 0,
        measured=(),
        release=one.id,
    )


def _refresh(ask: Ask, sent: Refresh) -> Command:
    one, check, place = ask.release(sent.release), _check(sent.check), EnvironmentName(sent.environment)
    by_name = subject_by_name(one.id, one.digest)
    known = (check, place) in ask.gatherer.view.evidence(by_name).series
    return RequestEvidence(by_name if known else one.digest, check, place)


def _check(text: str) -> CheckId:
    try:
        return CheckId(parse_name(text))
    except ValueError as fault:
        raise unfit("evidence.check", str(fault), "name a check of the pack") from fault


def _open(ask: Ask, sent: Open) -> Command:
    of = ask.service(sent.service).name
    try:
        named = ChangeId(parse_version(sent.change))
        labels = tuple(LabelName(parse_name(one)) for one in dict.fromkeys(sent.labels))
    except ValueError as fault:
        raise unfit("change.id", str(fault), "write it as CR-7, and labels in small letters") from fault
    return OpenChange(named, of, sent.kind, ask.speaker.words(sent.title, "the title"), labels)


def _close(ask: Ask, sent: Reasoned) -> Command:
    return CloseChange(ChangeId(ask.path["change"]), ask.speaker.words(sent.reason))


def _review(ask: Ask, sent: Review) -> Command:
    of = ask.service(sent.service).name
    return CompleteReview(of, ChangeId(ask.path["change"]), ask.speaker.words(sent.outcome, "the outcome"))


_OF: Final = "/releases/{release:str}"

VERBS: Final[tuple[Verb[Any], ...]] = (
    Verb("/releases/create", "release create", Scope.ASK, Create, _create, "Make a release from a commit.", TAG),
    Verb(f"{_OF}/revise", "release revise", Scope.ASK, Revise, _revise, "Replace the rollback plan.", TAG),
    Verb(f"{_OF}/repin", "release repin", Scope.ASK, Body, _repin, "Move it to the rules now in force.", TAG),
    Verb(f"{_OF}/withdraw", "release withdraw", Scope.ASK, Reasoned, _withdraw, "Give it up.", TAG),
    Verb(f"{_OF}/sign", "sign", Scope.DECIDE, Sign, _sign, "Attest what a sign-off states.", TAG),
    Verb(f"{_OF}/approve", "approve", Scope.DECIDE, Decide, _approve, "Approve what you saw.", TAG),
    Verb(f"{_OF}/reject", "approve --reject", Scope.DECIDE, Decide, _reject, "Reject what you saw.", TAG),
    Verb(f"{_OF}/promote", "promote", Scope.ASK, Promote, _promote, "Ask that it goes into an environment.", TAG),
    Verb(f"{_OF}/abort", "abort", Scope.STOP, Abort, _abort, "Call its promotion off.", TAG),
    Verb(f"{_OF}/waivers/request", "waive request", Scope.ASK, Waive, _waive, "Ask for an exception.", TAG),
    Verb("/waivers/grant", "waive grant", Scope.DECIDE, WaiverNamed, _grant, "Grant what somebody else asked.", TAG),
    Verb("/waivers/revoke", "waive revoke", Scope.STOP, WaiverRevoked, _revoke, "Take a waiver back.", TAG),
    Verb(f"{_OF}/records/{{record:str}}/write", "record write", Scope.ATTACH, Write, _write, "Write a document.", TAG),
    Verb("/evidence/attach", "evidence attach", Scope.ATTACH, Attach, _attach, "Bring the result of a check.", TAG),
    Verb("/evidence/refresh", "evidence refresh", Scope.ASK, Refresh, _refresh, "Have a check done again.", TAG),
    Verb("/changes/open", "change open", Scope.ASK, Open, _open, "Open a change request.", TAG),
    Verb("/changes/{change:str}/close", "change close", Scope.ASK, Reasoned, _close, "Close a change request.", TAG),
    Verb(
        "/changes/{change:str}/review", "change review", Scope.DECIDE, Review, _review, "Complete the review owed.", TAG
    ),
)
