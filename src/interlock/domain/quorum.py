# SPDX-License-Identifier: Apache-2.0
"""Whether enough of the right people have decided: judging sign-off and approval requirements together.

They are judged together because separation of duties is a matter of all slots at once (see `separation`). Who decided
first, and in which order requirements stand in the pack, makes no difference to whether the gate opens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from interlock.domain.actor import Assurance
from interlock.domain.approval import (
    Answer,
    ApprovalBook,
    Decided,
    SignedOff,
    admits_author,
    answers,
    cause_of_death,
    cause_of_end,
    may_stand,
)
from interlock.domain.environment import Environment, Tier
from interlock.domain.evidence import EvidenceBook
from interlock.domain.ids import PersonId, RoleName
from interlock.domain.in_place import InPlace
from interlock.domain.judging_evidence import max_assurance
from interlock.domain.moment import NEVER
from interlock.domain.people import People
from interlock.domain.procedure import Governance
from interlock.domain.records import RecordBook
from interlock.domain.release import Release
from interlock.domain.requirement import ApprovalRequirement, PeopleRequirement, SignoffRequirement, Who, somebody
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
    records: RecordBook = RecordBook()
    live: tuple[InPlace, ...] = ()

    def floor(self, asked: PeopleRequirement) -> Assurance:
        """The assurance a decision needs: in production never below authenticated, unless solo mode is declared."""
        minimum = asked.assurance if self.governance.solo else max_assurance(asked.assurance, self.governance.minimum)
        if self.environment.tier is Tier.PRODUCTION and not self.governance.solo:
            return max_assurance(minimum, Assurance.AUTHENTICATED)
        return minimum


@dataclass(frozen=True, slots=True)
class Judged:
    """A requirement's finding, and since when people meet it; NEVER when they do not."""

    finding: Finding
    since: datetime


def judge_people(requirements: Sequence[PeopleRequirement], bench: Bench) -> tuple[Judged, ...]:
    """One judgement per requirement, in their order."""
    slots = [slot for requirement in requirements for slot in _slots(requirement, bench)]
    filled = assign(slots, bench.governance.solo)
    return tuple(
        Judged(_judge(requirement, bench, filled), _since(requirement, bench, filled)) for requirement in requirements
    )


def _since(asked: PeopleRequirement, bench: Bench, filled: Mapping[Slot, PersonId]) -> datetime:
    """When the last of those who stand there said so last."""
    standing = [filled.get(slot) for slot in _slots(asked, bench)]
    if None in standing:
        return NEVER
    said = [entry for entry in _said(asked, bench) if entry.by in standing]
    return max(entry.at for entry in {entry.by: entry for entry in said}.values())


def distinct_approvers(requirements: Sequence[PeopleRequirement], bench: Bench) -> tuple[PersonId, ...]:
    """Everyone with a live approval for this environment that counts for one of these, in order of decision."""
    return tuple(dict.fromkeys(entry.by for asked in requirements for entry in _said(asked, bench)))


@dataclass(frozen=True, slots=True)
class _Seat:
    """Who may take it: whoever holds one of the roles, or is named. `words` tell people."""

    roles: tuple[RoleName, ...]
    named: tuple[PersonId, ...]
    words: str


def who_may(asked: PeopleRequirement, bench: Bench) -> tuple[PersonId, ...]:
    """Who could still say so: whoever fits a seat, has a key, is not barred by authorship, and has not said so yet."""
    said = {entry.by for entry in _said(asked, bench)}
    fit: dict[PersonId, None] = {}
    for seat in _seats(asked, bench):
        fit.update(dict.fromkeys(seat.named))
        fit.update(dict.fromkeys(bench.governance.who_holds(*seat.roles)))
    able = (one for one in fit if one not in said and not bench.people.has_left(one))
    return tuple(one for one in able if admits_author(asked, one, bench.release, bench.governance))


def _seats(asked: PeopleRequirement, bench: Bench) -> tuple[_Seat, ...]:
    whole = _Seat(asked.roles, (), " or ".join(asked.roles))
    if isinstance(asked, SignoffRequirement):
        return (whole,)
    match asked.who:
        case Who.ANY:
            return (whole,) * asked.count
        case Who.EACH:
            return tuple(_Seat((role,), (), role) for role in asked.roles)
        case Who.OWNERS:
            return _owners(bench) or (whole,)
        case _:
            assert_never(asked.who)


def _owners(bench: Bench) -> tuple[_Seat, ...]:
    """A seat for each set of owners: areas that the same people own need one of them once."""
    sets: dict[tuple[PersonId, ...], list[str]] = {}
    for area in bench.release.areas:
        owners = bench.governance.owners.get(area, ())
        if owners:
            sets.setdefault(tuple(sorted(owners)), []).append(area)
    return tuple(_Seat((), owners, f"owner of {', '.join(areas)}") for owners, areas in sets.items())


def _slots(asked: PeopleRequirement, bench: Bench) -> Iterator[Slot]:
    said = {entry.by: bench.governance.at_moment(entry.at) for entry in _said(asked, bench)}
    for ordinal, seat in enumerate(_seats(asked, bench)):
        fit = (one for one, then in said.items() if one in seat.named or then.holds_any(one, seat.roles))
        yield Slot(asked.id, ordinal, asked.apart, tuple(fit))


def _said(asked: PeopleRequirement, bench: Bench) -> Iterator[SignedOff | Decided]:
    """What people said for it that counts, oldest first."""
    said: Iterator[SignedOff | Decided]
    if isinstance(asked, SignoffRequirement):
        said = (
            signed
            for signed in bench.book.signoffs
            if signed.requirement == asked.id and not _cause(signed, asked, bench)
        )
    else:
        said = (decided for decided in _standing(asked, bench) if decided.answer is Answer.APPROVED)
    for entry in said:
        if _is_eligible(entry, asked, bench):
            yield entry


def _is_eligible(entry: SignedOff | Decided, asked: PeopleRequirement, bench: Bench) -> bool:
    return (
        may_stand(asked, entry.by, bench.release, bench.governance.at_moment(entry.at))
        and admits_author(asked, entry.by, bench.release, bench.governance)
        and entry.assurance.reaches(bench.floor(asked))
        and (bench.people.is_registered(entry.by) or bool(bench.governance.solo))
    )


def _cause(entry: SignedOff | Decided, asked: PeopleRequirement, bench: Bench) -> str:
    """What ended it, in one phrase; empty while it is alive."""
    cause = cause_of_death(entry.bound, bench.release, bench.evidence, bench.records)
    return cause or cause_of_end(asked, entry.bound, bench.release, bench.live)


def _last(asked: ApprovalRequirement, bench: Bench) -> tuple[Decided, ...]:
    """Each person's last decision about the requirement in this environment."""
    last: dict[PersonId, Decided] = {}
    for decided in bench.book.decisions:
        if decided.environment == bench.environment.name and answers(decided.requirement, asked):
            last[decided.by] = decided
    return tuple(last.values())


def _standing(asked: ApprovalRequirement, bench: Bench) -> tuple[Decided, ...]:
    """Of those, the ones that are alive. A rejection needs no life: it stands until the person decides again."""
    return tuple(decided for decided in _last(asked, bench) if not _cause(decided, asked, bench))


def _judge(asked: PeopleRequirement, bench: Bench, filled: Mapping[Slot, PersonId]) -> Finding:
    wanted = tuple(_slots(asked, bench))
    standing = tuple(filled[slot] for slot in wanted if slot in filled)
    roles = " or ".join(asked.roles)
    if isinstance(asked, SignoffRequirement):
        if standing:
            return _passed(asked, "signoff.given", f"{standing[0]} attests: {asked.statement}")
        step = f"{somebody(roles)}: `interlock sign {bench.release.version} {asked.id} --for {bench.environment.name}`"
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
    seats = zip(_seats(asked, bench), wanted, strict=True)
    lacking = list(dict.fromkeys(seat.words for seat, slot in seats if slot not in filled))
    sentence = f"{len(standing)} of {len(wanted)} approvals by {', '.join(dict.fromkeys(_words(asked, bench)))}"
    named = f" --as {asked.id}" if asked.after else ""
    whom = " and ".join(somebody(one) for one in lacking)
    step = f"{whom}: `interlock approve {bench.release.version} --for {bench.environment.name}{named}`"
    return _missing(asked, bench, "approval", sentence, step)


def _words(asked: PeopleRequirement, bench: Bench) -> Iterator[str]:
    for seat in _seats(asked, bench):
        yield seat.words


def _passed(asked: PeopleRequirement, code: str, sentence: str) -> Finding:
    return Finding(code, asked.id, Verdict.PASS, sentence, cites=asked.cites)


def _missing(asked: PeopleRequirement, bench: Bench, kind: str, sentence: str, next_step: str) -> Finding:
    dead = _death_notice(asked, bench)
    if elsewhere := _said_elsewhere(asked, bench):
        sentence = f"{sentence}; {elsewhere}"
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
        entries = [
            decided
            for decided in bench.book.decisions
            if decided.environment == bench.environment.name and answers(decided.requirement, asked)
        ]
    for entry in reversed(entries):
        cause = _cause(entry, asked, bench)
        if cause and _is_eligible(entry, asked, bench):
            return f"the one by {entry.by} died because {cause}"
    return ""


def _said_elsewhere(asked: PeopleRequirement, bench: Bench) -> str:
    """Who signed it and may do so in other environments alone, in one phrase; empty: nobody."""
    signed = bench.book.signoffs if isinstance(asked, SignoffRequirement) else ()
    for entry in reversed(signed):
        only = bench.governance.at_moment(entry.at).elsewhere(entry.by, asked.roles)
        if entry.requirement == asked.id and only:
            return f"{entry.by} did, who may{only.removeprefix(',')}"
    return ""


def _rejection(asked: ApprovalRequirement, bench: Bench) -> Decided | None:
    for decided in _last(asked, bench):
        then = bench.governance.at_moment(decided.at)
        if decided.answer is Answer.REJECTED and may_stand(asked, decided.by, bench.release, then):
            return decided
    return None
