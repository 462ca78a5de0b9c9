# SPDX-License-Identifier: Apache-2.0
"""Verbs that guard: rollouts held or let on, environments returned, freezes, recalls, rules, people, words."""

from typing import Any, Final

from interlock.api.refusals import absent, unfit
from interlock.api.verbs.adopting import require_usable
from interlock.api.verbs.asking import Ask, Body, MaybeName, MaybeSentence, Moment, Name, Reasoned, Sentence, Verb
from interlock.bootstrap.keys import public_key
from interlock.domain.artifact import LiftRecall, RecallArtifact
from interlock.domain.change import ChangeKind
from interlock.domain.freeze import DeclareFreeze, LiftFreeze
from interlock.domain.governance import ApproveGovernance, ProposeGovernance
from interlock.domain.ids import (
    Digest,
    EffectKey,
    EnvironmentName,
    FreezeId,
    PersonId,
    PromotionId,
    ReleaseId,
    ServiceName,
    TextRef,
    parse_digest,
    parse_name,
    parse_version,
)
from interlock.domain.journal import RetryRecords, of_key
from interlock.domain.outbox import RetryMessage
from interlock.domain.people import AddKey, AddPerson, RevokeKey
from interlock.domain.rollback import BeginRollback
from interlock.domain.rollout import AgreeToStep, PauseRollout, ResumeRollout
from interlock.domain.slot import OccupantKind
from interlock.identity.caller import Scope
from interlock.ledger.codec import Command
from interlock.ledger.keyring import EraseText
from interlock.service.numbering import next_rollback
from interlock.service.speak import given

ENVIRONMENTS: Final = "environments"
GUARDS: Final = "guards"
RULES: Final = "rules"


class Agree(Body, frozen=True):
    """`step` counts from 1, as the rollout tells it: who has seen another one is refused by the rule."""

    step: int


class Return(Body, frozen=True):
    """`to` is a release that was good there; without it the newest such one."""

    reason: MaybeSentence = ""
    to: MaybeName = ""


class Freeze(Body, frozen=True):
    """A time in which nothing is promoted; without services and environments: nowhere."""

    freeze: Name
    begins: Moment
    ends: Moment
    reason: Sentence
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    admits: tuple[ChangeKind, ...] = ()


class Recall(Body, frozen=True):
    """Content by its digest: sha256:..."""

    digest: Name
    reason: Sentence


class Propose(Body, frozen=True):
    """`at`: the commit of the service's repository on the server where the rules stand."""

    at: Name
    reason: Sentence


class Approve(Body, frozen=True):
    """The whole digest of the proposal."""

    governance: Name


class Key(Body, frozen=True):
    """The key of the message, or the release or incident whose records are to be written."""

    key: Name


class Person(Body, frozen=True):
    """`key` is an OpenSSH public key line; `emails` are what they commit with."""

    person: Name
    key: Name
    name: MaybeName = ""
    emails: tuple[str, ...] = ()


class PersonKey(Body, frozen=True):
    key: Name


class PersonKeyRevoked(PersonKey, frozen=True):
    reason: Sentence


class Erase(Body, frozen=True):
    """`reason` stays in the record for ever: no names in it."""

    ref: Name
    reason: Sentence


def _rollout(ask: Ask) -> PromotionId:
    service, place = ask.of_slot()
    slot = ask.gatherer.view.slot(ServiceName(service), place)
    if slot.kind is not OccupantKind.PROMOTION:
        raise absent("rollout.none", f"nothing is rolled out in {place}", "see /v1/services")
    return PromotionId(slot.occupant)


def _pause(ask: Ask, _: Body) -> Command:
    return PauseRollout(_rollout(ask))


def _resume(ask: Ask, _: Body) -> Command:
    return ResumeRollout(_rollout(ask))


def _agree(ask: Ask, sent: Agree) -> Command:
    return AgreeToStep(_rollout(ask), sent.step - 1)


def _return(ask: Ask, sent: Return) -> Command:
    service, place = ask.of_slot()
    target = ask.release(sent.to).id if sent.to else ReleaseId("")
    named = next_rollback(ask.store, ServiceName(service), place)
    return BeginRollback(named, ServiceName(service), place, target, ask.speaker.words_if(sent.reason))


def _freeze(ask: Ask, sent: Freeze) -> Command:
    try:
        named = FreezeId(parse_version(sent.freeze))
    except ValueError as fault:
        raise unfit("freeze.id", str(fault).replace("a version", "an id"), "write it as christmas-2026") from fault
    return DeclareFreeze(
        named,
        tuple(ServiceName(one) for one in sent.services),
        tuple(EnvironmentName(one) for one in sent.environments),
        ask.moment(sent.begins),
        ask.moment(sent.ends),
        ask.speaker.words(sent.reason),
        tuple(sent.admits),
    )


def _lift_freeze(ask: Ask, sent: Reasoned) -> Command:
    return LiftFreeze(FreezeId(ask.path["freeze"]), ask.speaker.words(sent.reason))


def _recall(ask: Ask, sent: Recall) -> Command:
    return RecallArtifact(_digest(sent.digest), ask.speaker.words(sent.reason))


def _lift_recall(ask: Ask, sent: Recall) -> Command:
    return LiftRecall(_digest(sent.digest), ask.speaker.words(sent.reason))


def _digest(text: str) -> Digest:
    try:
        return parse_digest(text)
    except ValueError as fault:
        raise unfit("digest.malformed", str(fault), "write sha256: and 64 digits") from fault


def _propose(ask: Ask, sent: Propose) -> Command:
    """The rules that stand at a commit of the server's checkout; what could govern nobody is refused."""
    state = ask.service(ask.path["service"])
    declared = ask.declared(state.name, sent.at)
    require_usable(ask, declared)
    ask.speaker.attach(declared.pack)
    ask.speaker.attach(declared.bindings)
    return ProposeGovernance(state.name, declared.ref, ask.speaker.words(sent.reason))


def _approve(ask: Ask, sent: Approve) -> Command:
    return ApproveGovernance(ask.service(ask.path["service"]).name, _digest(sent.governance))


def _retry_message(ask: Ask, sent: Key) -> Command:
    return RetryMessage(ask.service(ask.path["service"]).name, EffectKey(sent.key))


def _retry_records(ask: Ask, sent: Key) -> Command:
    service = ask.service(ask.path["service"]).name
    known = (key for key in ask.gatherer.view.journal(service).leaves if sent.key in {key, of_key(key)})
    found = next(known, None)
    if found is None:
        raise absent("journal.unknown", f"nothing is known of records of '{sent.key}'", "see /v1/services/…/committed")
    return RetryRecords(service, found)


def _person(ask: Ask, sent: Person) -> Command:
    try:
        person = PersonId(parse_name(sent.person))
    except ValueError as fault:
        raise unfit("people.handle", str(fault), "write it in small letters") from fault
    emails = tuple(ask.speaker.words(address, "the address") for address in sent.emails)
    return AddPerson(person, _key(sent.key), ask.speaker.aside(sent.name), emails)


def _add_key(ask: Ask, sent: PersonKey) -> Command:
    return AddKey(PersonId(ask.path["person"]), _key(sent.key))


def _revoke_key(ask: Ask, sent: PersonKeyRevoked) -> Command:
    return RevokeKey(PersonId(ask.path["person"]), _key(sent.key), ask.speaker.words(sent.reason))


def _key(line: str) -> str:
    try:
        return public_key(line)
    except ValueError as fault:
        raise unfit("people.bad_key", f"that is no key that can be used: {fault}", "use an Ed25519 key") from fault


def _erase(_: Ask, sent: Erase) -> Command:
    return EraseText(TextRef(sent.ref), given(sent.reason))


_SLOT: Final = "/services/{service:str}/environments/{environment:str}"
_SERVICE: Final = "/services/{service:str}"

VERBS: Final[tuple[Verb[Any], ...]] = (
    Verb(f"{_SLOT}/pause", "rollout pause", Scope.STOP, Body, _pause, "Let a rollout stand where it is.", ENVIRONMENTS),
    Verb(f"{_SLOT}/resume", "rollout resume", Scope.DECIDE, Body, _resume, "Let it go on.", ENVIRONMENTS),
    Verb(f"{_SLOT}/agree", "rollout agree", Scope.DECIDE, Agree, _agree, "Answer the step that asks.", ENVIRONMENTS),
    Verb(
        f"{_SLOT}/rollback",
        "rollback",
        Scope.STOP,
        Return,
        _return,
        "Return to what was good. Nothing stands before.",
        ENVIRONMENTS,
    ),
    Verb("/freezes/declare", "freeze declare", Scope.STOP, Freeze, _freeze, "Declare a freeze.", GUARDS),
    Verb("/freezes/{freeze:str}/lift", "freeze lift", Scope.DECIDE, Reasoned, _lift_freeze, "Lift it early.", GUARDS),
    Verb("/recalls/add", "recall add", Scope.STOP, Recall, _recall, "Recall content.", GUARDS),
    Verb("/recalls/lift", "recall lift", Scope.DECIDE, Recall, _lift_recall, "Lift a recall.", GUARDS),
    Verb(f"{_SERVICE}/rules/propose", "governance propose", Scope.ASK, Propose, _propose, "Propose rules.", RULES),
    Verb(
        f"{_SERVICE}/rules/approve", "governance approve", Scope.MANAGE, Approve, _approve, "Put them in force.", RULES
    ),
    Verb(f"{_SERVICE}/outbox/retry", "outbox retry", Scope.ASK, Key, _retry_message, "Try a message anew.", GUARDS),
    Verb(f"{_SERVICE}/committed/retry", "record retry", Scope.ASK, Key, _retry_records, "Try to write anew.", GUARDS),
    Verb("/people/add", "people add", Scope.MANAGE, Person, _person, "Register a person with a key.", RULES),
    Verb("/people/{person:str}/keys/add", "people add-key", Scope.MANAGE, PersonKey, _add_key, "A further key.", RULES),
    Verb(
        "/people/{person:str}/keys/revoke",
        "people revoke-key",
        Scope.MANAGE,
        PersonKeyRevoked,
        _revoke_key,
        "For ever.",
        RULES,
    ),
    Verb("/ledger/erase", "ledger erase", Scope.MANAGE, Erase, _erase, "Erase somebody's words for ever.", "ledger"),
)
