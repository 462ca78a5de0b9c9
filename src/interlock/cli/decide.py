# SPDX-License-Identifier: Apache-2.0
"""`interlock sign` and `interlock approve`: what people decide, bound to exactly what they saw.

Before anything is signed it is shown: the digest, what is new in it, the evidence with its verdicts, the plans and the
rules. Nobody signs without having been asked, unless they say --yes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from interlock.cli.consent import consent
from interlock.cli.naming import (
    ForEnvironment,
    ReleaseArg,
    ServiceOption,
    environment_of,
    environments_ahead,
    release_of,
    short,
)
from interlock.cli.output import Fault, Json, Report
from interlock.cli.people import solo_note, words_of
from interlock.cli.session import ASKED, ME, Me, Session, Sure, reading
from interlock.cli.text import Block, Line, Rows, Verbatim, bad, good, para, quiet, step, strong, warn
from interlock.cli.tree import verdict_mark
from interlock.domain.approval import EVERY, Answer, Bound, bind
from interlock.domain.ids import EnvironmentName, RequirementId
from interlock.domain.requirement import ApprovalRequirement, SignoffRequirement

if TYPE_CHECKING:
    from interlock.domain.approval import Matter
    from interlock.domain.release import Release
    from interlock.domain.requirement import Requirement

_LISTED: Final = 12
_PLAN: Final = 2000
"""Characters of a plan that are shown."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Verdict:
    """What the approver says."""

    reject: Annotated[bool, Parameter(help="Reject it instead: that holds the gate until you decide again.")] = False
    named: Annotated[
        str, Parameter(name="--as", help="The approval it is meant for; none: every one that follows nothing else.")
    ] = EVERY


APPROVES: Final = Verdict()


def sign(
    release: ReleaseArg,
    requirement: Annotated[str, Parameter(name="REQUIREMENT", help="Which sign-off, as `interlock status` lists it.")],
    /,
    *,
    environment: ForEnvironment = "",
    service: ServiceOption = "",
    sure: Sure = ASKED,
    me: Me = ME,
) -> Report:
    """Attest what a sign-off states, with your signature."""
    from interlock.domain.approval import SignOff

    named = RequirementId(requirement)
    with reading() as session:
        one = release_of(session, release, service)
        place = _place(session, one, environment, lambda asked: _is_signoff(asked, named))
        matter = session.gatherer.matter(one.id, place)
        voice = session.speak(me)
        statement = _statement(matter, named)
        question = f"{voice.person} attests for {one.id} in {place}: {statement}"
        bound = _shown(session, matter, place, question, sure)
        done = voice.say(SignOff(one.id, place, named, bound), f"sign '{named}' of {one.id} for {place}")
    return Report(
        {**_data(one, place, bound), "requirement": named, "by": voice.person, "command": done.id},
        (para(good("✓ "), strong(named), f" of {one.id} is signed by {voice.person} for {place}"), _then()),
    )


def approve(
    release: ReleaseArg,
    /,
    *,
    environment: ForEnvironment = "",
    comment: Annotated[str, Parameter(help="What you want to say with it. It can be erased later.")] = "",
    verdict: Verdict = APPROVES,
    service: ServiceOption = "",
    sure: Sure = ASKED,
    me: Me = ME,
) -> Report:
    """Approve a release for an environment, or reject it, with your signature."""
    from interlock.domain.approval import Approve

    answer = Answer.REJECTED if verdict.reject else Answer.APPROVED
    with reading() as session:
        one = release_of(session, release, service)
        place = _place(session, one, environment, lambda asked: _is_approval(asked, verdict.named))
        matter = session.gatherer.matter(one.id, place)
        voice = session.speak(me)
        verb = "rejects" if verdict.reject else "approves"
        bound = _shown(session, matter, place, f"{voice.person} {verb} {one.id} for {place}", sure)
        named = RequirementId(verdict.named)
        command = Approve(one.id, place, answer, bound, voice.speaker.aside(comment), named)
        done = voice.say(command, f"{verb.removesuffix('s')} {one.id} for {place}")
    mark = bad("✗ ") if verdict.reject else good("✓ ")
    return Report(
        {**_data(one, place, bound), "answer": answer.value, "by": voice.person, "command": done.id},
        (para(mark, strong(one.id), f" is {answer} by {voice.person} for {place}"), _then()),
    )


def _shown(session: Session, matter: "Matter", place: EnvironmentName, question: str, sure: Sure) -> Bound:
    """Show what is to be signed and ask; what was shown is what is signed."""
    bound = bind(matter)
    consent(_matter(session, matter, bound, place), question, sure, f"interlock explain {matter.release.version}")
    return bound


def _matter(session: Session, matter: "Matter", bound: Bound, place: EnvironmentName) -> Iterator[Block]:
    release = matter.release
    change = session.gatherer.view.change(release.change)
    plans = bound.plans
    yield para(strong(f"{release.id}"), f" before {place}")
    yield Rows(
        (
            ("change", f"{change.id} ({change.kind.value})  {words_of(session, change.title)}"),
            ("content", bound.digest),
            ("commit", f"{release.commit[:12]}, after {release.base[:12]}"),
            (
                "authors",
                ", ".join(release.authors)
                + (f" and {release.unknown_authors} unknown" if release.unknown_authors else ""),
            ),
            ("rules", f"{bound.governance}{_rules_note(session, release)}"),
            (
                "plans",
                f"rollout {short(plans.rollout)}, rollback {short(plans.rollback)}, revision {bound.revision}",
            ),
        ),
        2,
    )
    yield from solo_note(session.gatherer.pinned(release).solo, 2)
    yield from _commits(session, release)
    yield from _evidence(matter, bound)
    yield from _records(matter, bound)
    yield from _plan(session, bound)


def _commits(session: Session, release: "Release") -> Iterator[Block]:
    from interlock.ports.failure import PortFailure

    try:
        commits = tuple(session.house.repository.commits(release.base, release.commit))
    except PortFailure as fault:
        yield para(warn("  ! "), f"its commits cannot be read here: {fault}", hang=4)
        return
    yield para(f"  {len(commits)} commits")
    rows: list[Line] = [(quiet(one.sha[:12]), one.subject, quiet(one.author_name)) for one in commits[:_LISTED]]
    yield Rows(tuple(rows), 4)
    if len(commits) > _LISTED:
        yield para(
            quiet(f"    … and {len(commits) - _LISTED} more: git log {release.base[:12]}..{release.commit[:12]}")
        )


def _evidence(matter: "Matter", bound: Bound) -> Iterator[Block]:
    if not bound.covered:
        yield para(warn("  ! "), "there is no evidence yet")
        return
    yield para("  evidence")
    rows: list[Line] = []
    for covered in bound.covered:
        latest = matter.evidence.series[covered.check, covered.environment].latest
        where = "" if covered.environment == "*" else f"in {covered.environment}"
        rows.append((verdict_mark(covered.verdict), covered.check, where, f"#{covered.number}", latest.summary))
    yield Rows(tuple(rows), 4)


def _records(matter: "Matter", bound: Bound) -> Iterator[Block]:
    if bound.read:
        yield para("  records")
        rows: list[Line] = []
        for one in bound.read:
            written = matter.records.written[one.requirement]
            rows.append((one.requirement, f"by {written.by}", quiet(", ".join(written.sections))))
        yield Rows(tuple(rows), 4)


def _plan(session: Session, bound: Bound) -> Iterator[Block]:
    from interlock.ports.store import Missing

    content = session.house.store.blob(bound.plans.rollback)
    if isinstance(content, Missing):
        yield para(warn("  ! "), "the rollback plan is not in the ledger")
        return
    yield para("  rollback plan")
    yield Verbatim(content.decode("utf-8", "replace")[:_PLAN], 4)


def _rules_note(session: Session, release: "Release") -> str:
    in_force = session.gatherer.view.service(release.service).in_force.digest
    return "" if release.governance == in_force else "  (not the rules in force now)"


def _place(session: Session, release: "Release", named: str, asks: "Callable[[Requirement], bool]") -> EnvironmentName:
    """The environment named, or the next one on the path that asks for it."""
    if named:
        return environment_of(session.gatherer.pinned(release), named)
    ahead = environments_ahead(session, release)
    for place in ahead:
        if any(asks(asked) for asked in session.gatherer.matter(release.id, place).requirements):
            return place
    if ahead:
        return ahead[-1]
    raise Fault(
        "release.not_open", f"'{release.id}' is {release.phase}: nothing is to decide", "see `interlock status`"
    )


def _is_approval(asked: "Requirement", named: str) -> bool:
    return isinstance(asked, ApprovalRequirement) and named in {EVERY, asked.id}


def _is_signoff(asked: "Requirement", named: RequirementId) -> bool:
    return isinstance(asked, SignoffRequirement) and asked.id == named


def _statement(matter: "Matter", named: RequirementId) -> str:
    for asked in matter.requirements:
        if isinstance(asked, SignoffRequirement) and asked.id == named:
            return asked.statement
    known = [asked.id for asked in matter.requirements if isinstance(asked, SignoffRequirement)]
    raise Fault("signoff.unknown", f"no sign-off '{named}' is asked", f"there are: {', '.join(known) or 'none'}")


def _then() -> Block:
    return step("`interlock status` says what is left")


def _data(release: "Release", place: EnvironmentName, bound: Bound) -> dict[str, Json]:
    from interlock.service.portraits import releases
    from interlock.service.portraits.findings import plain

    return plain(releases.bound(release, place, bound))
