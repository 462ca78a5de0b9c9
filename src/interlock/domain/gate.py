# SPDX-License-Identifier: Apache-2.0
"""The gate before an environment: everything that must be so at the moment exposure increases (I0).

1. `evaluate` is a pure function of the situation and the time; the order of what is in it makes no difference.
2. The same gate is evaluated when a promotion is asked for and again at the moment before it is deployed.
3. Safety findings (freeze, window, recall, order of environments, unknown authors, smuggled governance, overdue
   review, clock) are not in the pack's hands and cannot be waived.
4. A path that requires nothing before an environment opens nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from interlock.domain.actor import Assurance, Person
from interlock.domain.approval import ApprovalBook
from interlock.domain.change import Change, ChangeKind
from interlock.domain.environment import Environment, Tier
from interlock.domain.evidence import EvidenceBook
from interlock.domain.freeze import Freezes, judge_freezes
from interlock.domain.governance import Service, judge_reviews
from interlock.domain.holding import judge_hold
from interlock.domain.ids import Digest, RequirementId
from interlock.domain.in_place import InPlace
from interlock.domain.judging_evidence import Terms, judge_check, judge_count, max_assurance
from interlock.domain.people import People
from interlock.domain.procedure import Governance, Path, Stage
from interlock.domain.quorum import Bench, distinct_approvers, judge_people
from interlock.domain.records import RecordBook, judge_record
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import (
    UNCONDITIONAL,
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    Held,
    HoldRequirement,
    PeopleRequirement,
    RecordRequirement,
    Requirement,
    SignoffRequirement,
)
from interlock.domain.verdict import Finding, Verdict, group
from interlock.domain.waiver import Standing, WaiverBook, with_waivers
from interlock.domain.window import WorkedOut, judge_window

PEOPLE_IN_AN_EMERGENCY: Final = 2


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a gate looks at. `latest` is the time of the ledger's last record."""

    release: Release
    change: Change
    environment: Environment
    governance: Governance
    service: Service
    people: People
    latest: datetime
    evidence: EvidenceBook = EvidenceBook()
    approvals: ApprovalBook = ApprovalBook()
    waivers: WaiverBook = WaiverBook()
    freezes: Freezes = Freezes()
    windows: tuple[WorkedOut, ...] = ()
    recalled: tuple[Digest, ...] = ()
    conditions: Mapping[RequirementId, Held] = field(default_factory=dict)
    records: RecordBook = RecordBook()
    admits: Mapping[str, Held] = field(default_factory=dict)
    """What the condition of every path that has one came to."""
    live: tuple[InPlace, ...] = ()
    """What is live where something is asked for that is about it."""
    incidents: tuple[str, ...] = ()
    """How bad every incident is that is open in the environment; gathered where a condition speaks of it."""

    def path(self) -> Path | None:
        """The path of the change; None when none takes it."""
        return self.governance.procedure.path_for(self.change.kind, self.admits)

    def stages(self) -> tuple[Stage, ...]:
        """The stages whose requirements stand before the environment, for a change of this kind."""
        path = self.path()
        return self.governance.procedure.stages_into(path, self.environment.name) if path else ()

    def requirements(self) -> tuple[Requirement, ...]:
        """Every requirement before the environment, in the pack's order."""
        return tuple(requirement for stage in self.stages() for requirement in stage.requires)


def evaluate(situation: Situation, now: datetime) -> Finding:
    """Whether the release may be exposed in the environment now, and why."""
    stages = situation.stages()
    if not stages:
        leaf = Finding(
            "gate.no_path",
            situation.environment.name,
            Verdict.FAIL,
            f"no path takes a {situation.change.kind} change to {situation.environment.name}",
            "use an environment of the change's path (`interlock pack show`)",
        )
        return group("gate", situation.environment.name, "the gate", (leaf,))
    children = (
        group("gate.safety", situation.release.id, "what no pack can change", tuple(_safety(situation, now))),
        group("gate.requirements", situation.release.id, "what the pack asks", _asked(situation, stages, now)),
    )
    sentence = f"{situation.release.id} into {situation.environment.name}"
    return group("gate", situation.environment.name, sentence, children)


def met(situation: Situation, now: datetime) -> frozenset[RequirementId]:
    """The requirements before the environment that are met now, or are known not to apply."""
    found = zip(situation.requirements(), _asked(situation, situation.stages(), now), strict=False)
    return frozenset(one.id for one, finding in found if finding.effective in _MET)


def is_red(situation: Situation, now: datetime) -> bool:
    """Whether a check that the gate asks for has spoken against the release, and nobody carries that."""
    found = _asked(situation, situation.stages(), now)
    return any(one.code in _SPOKEN_AGAINST and one.effective not in _MET for one in found)


_MET: Final = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
_SPOKEN_AGAINST: Final = frozenset({"evidence.fail", "evidence.error", "evidence.too_many"})


def _asked(situation: Situation, stages: tuple[Stage, ...], now: datetime) -> tuple[Finding, ...]:
    requirements = [requirement for stage in stages for requirement in stage.requires]
    if not requirements:
        return (
            Finding(
                "gate.empty",
                situation.environment.name,
                Verdict.FAIL,
                "the path asks for nothing before this environment, so nothing opens it",
                "give the stage at least one requirement",
            ),
        )
    applying = [requirement for requirement in requirements if _condition(requirement, situation) is Held.YES]
    judged = _judge_all(applying, situation, now)
    standing = Standing(situation.waivers, now)
    findings: list[Finding] = []
    for requirement in requirements:
        finding = judged.get(requirement.id) or _unjudged(requirement, _condition(requirement, situation))
        findings.append(with_waivers(finding, requirement, situation.release, situation.environment.name, standing))
    return tuple(findings)


def _judge_all(requirements: list[Requirement], situation: Situation, now: datetime) -> Mapping[RequirementId, Finding]:
    authors = () if situation.governance.solo else situation.release.authors
    terms = Terms(
        situation.release.governance,
        _minimum(situation),
        now,
        frozenset(str(Person(author, Assurance.SIGNED)) for author in authors),
        situation.live,
        situation.release.digest,
    )
    judged: dict[RequirementId, Finding] = {}
    people: list[PeopleRequirement] = []
    holds: list[HoldRequirement] = []
    for requirement in requirements:
        match requirement:
            case CheckRequirement():
                judged[requirement.id] = judge_check(requirement, situation.evidence, terms)
            case CountRequirement():
                judged[requirement.id] = judge_count(requirement, situation.evidence, terms)
            case RecordRequirement():
                judged[requirement.id] = judge_record(
                    requirement, situation.records, situation.release, situation.governance
                )
            case SignoffRequirement() | ApprovalRequirement():
                people.append(requirement)
            case HoldRequirement():
                holds.append(requirement)
            case _:
                assert_never(requirement)
    found = dict(zip((one.id for one in people), judge_people(people, bench(situation)), strict=True))
    judged.update({one: answer.finding for one, answer in found.items()})
    since = {one: answer.since for one, answer in found.items()}
    judged.update({hold.id: judge_hold(hold, since, now) for hold in holds})
    return judged


def _minimum(situation: Situation) -> Assurance:
    minimum = situation.governance.minimum
    if situation.environment.tier is Tier.PRODUCTION and not situation.governance.solo:
        return max_assurance(minimum, Assurance.AUTHENTICATED)
    return minimum


def bench(situation: Situation) -> Bench:
    """What bears on who has decided what."""
    return Bench(
        situation.release,
        situation.environment,
        situation.governance,
        situation.people,
        situation.approvals,
        situation.evidence,
        situation.records,
        situation.live,
    )


def _condition(requirement: Requirement, situation: Situation) -> Held:
    if requirement.condition == UNCONDITIONAL:
        return Held.YES
    return situation.conditions.get(requirement.id, Held.BROKEN)


def _unjudged(requirement: Requirement, held: Held) -> Finding:
    if held is Held.NO:
        return Finding(
            "condition.not_met",
            requirement.id,
            Verdict.NOT_APPLICABLE,
            f"it applies only when {requirement.condition}",
            cites=requirement.cites,
        )
    return Finding(
        "condition.broken",
        requirement.id,
        Verdict.ERROR,
        f"its condition could not be evaluated: {requirement.condition}",
        "it is looked at again with every piece of evidence; if that does not help, mend it (`interlock pack lint`)",
        cites=requirement.cites,
    )


def _safety(situation: Situation, now: datetime) -> Iterator[Finding]:
    release, environment, kind = situation.release, situation.environment, situation.change.kind
    yield _phase(release)
    yield _clock(situation, now)
    yield judge_freezes(situation.freezes, release.service, environment.name, kind, now)
    yield from _windows(situation, now)
    yield _order(release, environment)
    yield _recall(situation)
    yield _authors(release, environment)
    yield _governance(situation)
    yield judge_reviews(situation.service, environment, kind, now)
    yield from _two_people(situation)
    if situation.governance.solo:
        names = ", ".join(situation.governance.solo)
        yield Finding(
            "solo.declared", names, Verdict.PASS, "solo mode is declared: nobody else has to agree to anything"
        )


def _phase(release: Release) -> Finding:
    if release.phase is ReleasePhase.OPEN:
        return Finding("release.open", release.id, Verdict.PASS, "the release is open")
    return Finding(
        "release.not_open",
        release.id,
        Verdict.FAIL,
        f"the release is {release.phase.replace('_', ' ')}",
        "make a new release from what is wanted",
    )


def _clock(situation: Situation, now: datetime) -> Finding:
    if now >= situation.latest:
        return Finding("clock.forward", "clock", Verdict.PASS, "the clock is not behind the ledger")
    return Finding(
        "clock.behind",
        "clock",
        Verdict.FAIL,
        f"the clock is behind the ledger's last record ({situation.latest.isoformat()})",
        "set the clock right; until then exposure can only decrease",
    )


def _windows(situation: Situation, now: datetime) -> Iterator[Finding]:
    last = situation.stages()[-1]
    if situation.change.kind is ChangeKind.EMERGENCY or not last.windows:
        return
    judged = tuple(judge_window(schedule, situation.windows, now) for schedule in last.windows)
    opened = next((finding for finding in judged if finding.opens), None)
    yield opened or group("window", last.name, "change windows", judged)


def _order(release: Release, environment: Environment) -> Finding:
    missing = [name for name in environment.after if name not in release.reached]
    if not missing:
        return Finding("order.reached", environment.name, Verdict.PASS, "the release completed what comes before")
    return Finding(
        "order.not_reached",
        environment.name,
        Verdict.FAIL,
        f"{release.version} has not completed {', '.join(missing)}",
        f"promote the release to {missing[0]} first",
    )


def _recall(situation: Situation) -> Finding:
    if not situation.recalled:
        return Finding("recall.none", situation.release.id, Verdict.PASS, "nothing in it is recalled")
    return Finding(
        "recall.active",
        situation.release.id,
        Verdict.FAIL,
        f"recalled: {', '.join(digest[:19] for digest in situation.recalled)}",
        "make a new release without it; a named person may lift it (`interlock recall lift RELEASE --reason 'WHY'`)",
    )


def _authors(release: Release, environment: Environment) -> Finding:
    if environment.tier is not Tier.PRODUCTION or release.unknown_authors == 0:
        return Finding("authors.known", release.id, Verdict.PASS, "every author who matters here is known")
    return Finding(
        "authors.unknown",
        release.id,
        Verdict.FAIL,
        f"{release.unknown_authors} of its authors or committers are nobody we know",
        "register them (`interlock people add HANDLE --key KEY.pub --email ADDRESS`), or name them under "
        "`external_authors` in interlock.yaml",
    )


def _governance(situation: Situation) -> Finding:
    release = situation.release
    if situation.governance.digest != release.governance:
        return Finding(
            "governance.repinned",
            release.id,
            Verdict.FAIL,
            "the release was moved to other rules since this promotion was asked for",
            "ask for the promotion again",
        )
    if release.declared in {release.governance, situation.service.in_force.digest}:
        return Finding("governance.unchanged", release.id, Verdict.PASS, "it does not bring its own rules")
    return Finding(
        "governance.smuggled",
        release.id,
        Verdict.FAIL,
        "the release changes the rules it is judged by (pack, bindings or governed files), and nobody approved that",
        "propose them (`interlock governance propose --reason 'WHY'`); once another person approved them it may go on",
    )


def _two_people(situation: Situation) -> Iterator[Finding]:
    if situation.change.kind is not ChangeKind.EMERGENCY or situation.environment.tier is not Tier.PRODUCTION:
        return
    asked = [other for other in situation.requirements() if isinstance(other, ApprovalRequirement)]
    people = distinct_approvers(asked, bench(situation))
    if len(people) >= PEOPLE_IN_AN_EMERGENCY or situation.governance.solo:
        yield Finding("emergency.two_people", situation.release.id, Verdict.PASS, f"agreed by {', '.join(people)}")
    else:
        yield Finding(
            "emergency.one_person",
            situation.release.id,
            Verdict.INCONCLUSIVE,
            f"an emergency needs two people, {len(people)} agreed",
            "ask another person to approve (`interlock approve`)",
        )
