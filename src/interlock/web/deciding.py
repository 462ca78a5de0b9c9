# SPDX-License-Identifier: Apache-2.0
"""What a person decides about, shown whole before they do; and which words are theirs to say.

1. What was shown is what is decided: a form carries the fingerprint of what its page showed. When anything of that
   has changed meanwhile, nothing is recorded, and the person looks again.
2. Only what a person may say is offered to them; whether they may is decided anew when they say it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeGuard

import msgspec

from interlock.domain.approval import Bound, Matter, bind
from interlock.domain.gate import Situation, bench
from interlock.domain.ids import EVERYWHERE, Digest, EnvironmentName, ReleaseId, RequirementId, digest_of
from interlock.domain.quorum import who_may
from interlock.domain.release import Release
from interlock.domain.requirement import (
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    Requirement,
    SignoffRequirement,
    Waivable,
)
from interlock.domain.verdict import Finding, WaivedBy
from interlock.ledger.canonical import canonical
from interlock.packs.bindings import AttachedSpec, Bindings
from interlock.ports.store import Missing
from interlock.service.views import Awaited
from interlock.web.findings import WORDS
from interlock.web.look import Commits, Look
from interlock.web.page import Reader, Surety

PLAN: Final = 4000
"""Characters of a plan that are shown."""
LISTED: Final = 30
"""Commits that are shown."""
_AWAITED: Final = frozenset({"evidence.missing", "proof.awaited"})
"""Codes of what the controller has yet to do by itself."""


class Word(StrEnum):
    """What can be said before a gate."""

    SIGN = "sign"
    APPROVE = "approve"
    PROMOTE = "promote"
    WAIVE = "waive"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing the reader may say. `command` is how they would type it with their key at hand."""

    word: Word
    requirement: RequirementId
    about: str
    command: str
    needs_key: bool = False
    """Whether it counts only when it is signed, which a click is not."""
    check: str = ""
    there: str = ""

    @property
    def form(self) -> str:
        """The name of its form on the page."""
        return f"{self.word}-{self.requirement}" if self.requirement else self.word.value


@dataclass(frozen=True, slots=True)
class Covered:
    """One piece of evidence that would be covered."""

    check: str
    environment: str
    number: int
    verdict: str
    word: str
    summary: str


@dataclass(frozen=True, slots=True)
class Written:
    """One record that would be covered."""

    requirement: str
    by: str
    sections: tuple[str, ...]
    document: Digest


@dataclass(frozen=True, slots=True)
class Shown:
    """Exactly what a decision now would be about."""

    release: Release
    environment: EnvironmentName
    bound: Bound
    fingerprint: str
    covered: tuple[Covered, ...]
    written: tuple[Written, ...]
    commits: Commits
    files: tuple[str, ...]
    plan: str
    rules_in_force: Digest

    @property
    def listed(self) -> Commits:
        """The commits that are shown one by one."""
        return Commits(self.commits.found[:LISTED], self.commits.fault)


def shown(look: Look, release: ReleaseId, environment: EnvironmentName) -> Shown:
    """What there is to decide about, as it is now."""
    matter = look.gatherer.matter(release, environment)
    bound = bind(matter)
    one = matter.release
    commits = look.commits(one.base, one.commit) if one.base else Commits()
    return Shown(
        one,
        environment,
        bound,
        fingerprint(bound),
        tuple(_covered(matter, bound)),
        tuple(_written(matter, bound)),
        commits,
        look.paths(one.base, one.commit) if commits.found else (),
        _plan(look, bound),
        look.view.service(one.service).in_force.digest,
    )


def fingerprint(bound: Bound) -> str:
    """Tells this matter from every other."""
    return digest_of(canonical(msgspec.to_builtins(bound)))


def offers(
    look: Look, situation: Situation, gate: Finding, awaited: tuple[Awaited, ...], reader: Reader
) -> tuple[Offer, ...]:
    """What this reader may say before this gate."""
    if not reader.is_known:
        return ()
    return (*_words(situation, gate, reader), *_promotion(situation, gate), *_waiting(look, situation, awaited))


def _words(situation: Situation, gate: Finding, reader: Reader) -> Iterator[Offer]:
    version, passed = situation.release.version, _passed(gate)
    for asked in situation.requirements():
        if not isinstance(asked, SignoffRequirement | ApprovalRequirement) or asked.id in passed:
            continue
        if reader.person not in who_may(asked, bench(situation)):
            continue
        needs_key = not _enough(situation, asked)
        if isinstance(asked, SignoffRequirement):
            yield Offer(Word.SIGN, asked.id, asked.statement, f"interlock sign {version} {asked.id}", needs_key)
        else:
            named = f" --as {asked.id}" if asked.after else ""
            yield Offer(Word.APPROVE, asked.id, "", f"interlock approve {version}{named}", needs_key)


def _enough(situation: Situation, asked: SignoffRequirement | ApprovalRequirement) -> bool:
    """Whether being signed in is sure enough."""
    return bench(situation).floor(asked).value != Surety.SIGNED.value


def _promotion(situation: Situation, gate: Finding) -> Iterator[Offer]:
    if gate.opens:
        version, place = situation.release.version, situation.environment.name
        yield Offer(Word.PROMOTE, RequirementId(""), place, f"interlock promote {version} {place}")


def _waiting(look: Look, situation: Situation, awaited: tuple[Awaited, ...]) -> Iterator[Offer]:
    """Of requirements that wait: to have a check run again, and to ask for an exception."""
    asked = {str(one.id): one for one in situation.requirements()}
    service, version = situation.service, situation.release.version
    ref = service.approved.get(situation.release.governance, service.in_force)
    bindings = look.house.library.rules(look.view, ref).bindings
    for wait in awaited:
        one = asked.get(wait.finding.subject)
        if one is None:
            continue
        if _is_run_again(one, wait.finding, bindings):
            command = f"interlock evidence refresh {version} {one.check}"
            yield Offer(Word.REFRESH, one.id, one.check, command, check=one.check, there=one.environment)
        if getattr(one, "waivable", Waivable.NO) is Waivable.YES and not isinstance(wait.finding.waiver, WaivedBy):
            place = situation.environment.name
            command = f"interlock waive request {version} {one.id} --for {place}"
            yield Offer(Word.WAIVE, one.id, str(one.id), command, needs_key=True)


def _is_run_again(
    one: Requirement, found: Finding, bindings: Bindings
) -> TypeGuard[CheckRequirement | CountRequirement]:
    """Whether it is a check that the controller runs, and has run."""
    if not isinstance(one, CheckRequirement | CountRequirement) or found.code in _AWAITED:
        return False
    return not isinstance(bindings.check(one.check, one.environment), AttachedSpec)


def _passed(gate: Finding) -> frozenset[str]:
    leaves = gate.children[-1].children if gate.children else ()
    return frozenset(one.subject for one in leaves if one.opens)


def _covered(matter: Matter, bound: Bound) -> Iterator[Covered]:
    for one in bound.covered:
        latest = matter.evidence.series[one.check, one.environment].latest
        where = "" if one.environment == EVERYWHERE else one.environment
        yield Covered(one.check, where, one.number, one.verdict.value, WORDS[one.verdict], latest.summary)


def _written(matter: Matter, bound: Bound) -> Iterator[Written]:
    for one in bound.read:
        written = matter.records.written[one.requirement]
        yield Written(one.requirement, written.by, written.sections, one.document)


def _plan(look: Look, bound: Bound) -> str:
    content = look.store.blob(bound.plans.rollback)
    return "" if isinstance(content, Missing) else content.decode("utf-8", "replace")[:PLAN]
