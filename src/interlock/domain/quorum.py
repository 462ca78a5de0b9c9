# SPDX-License-Identifier: Apache-2.0
"""Whether enough of the right people have decided: judging sign-off and approval requirements together.

They are judged together because separation of duties is a matter of all slots at once (see `separation`). Who decided
first, and in which order requirements stand in the pack, makes no difference to whether the gate opens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.actor import Assurance
from interlock.domain.approval import Answer, ApprovalBook, Decided, SignedOff, admits_author, cause_of_death
from interlock.domain.environment import Environment, Tier
from interlock.domain.evidence import EvidenceBook, max_assurance
from interlock.domain.ids import PersonId
from interlock.domain.people import People
from interlock.domain.procedure import Governance
from interlock.domain.release import Release
from interlock.domain.requirement import ApprovalRequirement, PeopleRequirement, SignoffRequirement
from interlock.domain.separation import Slot, assign
from interlock.domain.verdict import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that bears on who has decided what."""

    release: Release
    environment: Environment
    governance: Governance
    people: People
    book: ApprovalBook
    evidence: EvidenceBook

    def floor(self, asked: PeopleRequirement) -> Assurance:
        """The assurance a decision needs: in production never below authenticated, unless solo mode is declared."""
        minimum = asked.assurance if self.governance.solo else max_assurance(asked.assurance, self.governance.minimum)
        if self.environment.tier is Tier.PRODUCTION and not self.governance.solo:
            return max_assurance(minimum, Assurance.AUTHENTICATED)
        return minimum


def judge_people(requirements: Sequence[PeopleRequirement], bench: Bench) -> tuple[Finding, ...]:
    """One finding per requirement, in their order."""
    slots = [slot for requirement in requirements for slot in _slots(requirement, bench)]
    filled = assign(slots, bench.governance.solo)
    return tuple(_judge(requirement, bench, filled) for requirement in requirements)


def distinct_approvers(requirements: Sequence[PeopleRequirement], bench: Bench) -> tuple[PersonId, ...]:
    """Everyone with a live approval for this environment that counts for one of these, in order of decision."""
    return tuple(
        decided.by
        for decided in _standing(bench)
        if decided.answer is Answer.APPROVED and any(_is_eligible(decided, asked, bench) for asked in requirements)
    )


def _slots(asked: PeopleRequirement, bench: Bench) -> Iterator[Slot]:
    count = asked.count if isinstance(asked, ApprovalRequirement) else 1
    candidates = tuple(dict.fromkeys(_candidates(asked, bench)))
    for ordinal in range(count):
        yield Slot(asked.id, ordinal, asked.apart, candidates)


def _candidates(asked: PeopleRequirement, bench: Bench) -> Iterator[PersonId]:
    said: Iterator[SignedOff | Decided]
    if isinstance(asked, SignoffRequirement):
        said = (signed for signed in bench.book.signoffs if signed.requirement == asked.id and _is_alive(signed, bench))
    else:
        said = (decided for decided in _standing(bench) if decided.answer is Answer.APPROVED)
    for entry in said:
        if _is_eligible(entry, asked, bench):
            yield entry.by


def _is_eligible(entry: SignedOff | Decided, asked: PeopleRequirement, bench: Bench) -> bool:
    return (
        bench.governance.holds_any(entry.by, asked.roles)
        and admits_author(asked, entry.by, bench.release, bench.governance)
        and entry.assurance.reaches(bench.floor(asked))
        and (bench.people.is_registered(entry.by) or bool(bench.governance.solo))
    )


def _is_alive(entry: SignedOff | Decided, bench: Bench) -> bool:
    return not cause_of_death(entry.bound, bench.release, bench.evidence)


def _last(bench: Bench) -> tuple[Decided, ...]:
    """Each person's last decision for this environment."""
    last: dict[PersonId, Decided] = {}
    for decided in bench.book.decisions:
        if decided.environment == bench.environment.name:
            last[decided.by] = decided
    return tuple(last.values())


def _standing(bench: Bench) -> tuple[Decided, ...]:
    """Of those, the ones that are alive. A rejection needs no life: it stands until the person decides again."""
    return tuple(decided for decided in _last(bench) if _is_alive(decided, bench))


def _judge(asked: PeopleRequirement, bench: Bench, filled: Mapping[Slot, PersonId]) -> Finding:
    wanted = tuple(_slots(asked, bench))
    standing = tuple(filled[slot] for slot in wanted if slot in filled)
    roles = " or ".join(asked.roles)
    if isinstance(asked, SignoffRequirement):
        if standing:
            return _passed(asked, "signoff.given", f"{standing[0]} attests: {asked.statement}")
        step = f"a {roles}: `interlock sign {bench.release.version} {asked.id} --for {bench.environment.name}`"
        return _missing(asked, bench, "signoff", f"nobody has signed: {asked.statement}", step)
    rejection = _rejection(asked, bench)
    if rejection is not None:
        return Finding(
            "approval.rejected",
            asked.id,
            Verdict.FAIL,
            f"{rejection.by} rejected it",
            "settle it with them; their next decision replaces this one",
            cites=asked.cites,
        )
    if len(standing) == len(wanted):
        return _passed(asked, "approval.given", f"approved by {', '.join(standing)}")
    sentence = f"{len(standing)} of {len(wanted)} approvals by {roles}"
    step = f"a {roles}: `interlock approve {bench.release.version} --for {bench.environment.name}`"
    return _missing(asked, bench, "approval", sentence, step)


def _passed(asked: PeopleRequirement, code: str, sentence: str) -> Finding:
    return Finding(code, asked.id, Verdict.PASS, sentence, cites=asked.cites)


def _missing(asked: PeopleRequirement, bench: Bench, kind: str, sentence: str, next_step: str) -> Finding:
    dead = _death_notice(asked, bench)
    if dead:
        return Finding(
            f"{kind}.died", asked.id, Verdict.INCONCLUSIVE, f"{sentence}; {dead}", next_step, cites=asked.cites
        )
    return Finding(f"{kind}.missing", asked.id, Verdict.INCONCLUSIVE, sentence, next_step, cites=asked.cites)


def _death_notice(asked: PeopleRequirement, bench: Bench) -> str:
    entries: Sequence[SignedOff | Decided]
    if isinstance(asked, SignoffRequirement):
        entries = [signed for signed in bench.book.signoffs if signed.requirement == asked.id]
    else:
        entries = [decided for decided in bench.book.decisions if decided.environment == bench.environment.name]
    for entry in reversed(entries):
        cause = cause_of_death(entry.bound, bench.release, bench.evidence)
        if cause and _is_eligible(entry, asked, bench):
            return f"the one by {entry.by} died because {cause}"
    return ""


def _rejection(asked: ApprovalRequirement, bench: Bench) -> Decided | None:
    for decided in _last(bench):
        if decided.answer is Answer.REJECTED and bench.governance.holds_any(decided.by, asked.roles):
            return decided
    return None
