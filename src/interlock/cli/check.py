# SPDX-License-Identifier: Apache-2.0
"""`interlock check`: what would block this commit's release, asked in CI or at the desk.

1. Nothing is recorded. The answer is that of the real gate over a supposed release.
2. What machines decide counts; decisions that people have yet to make are listed and count only with --strict.
3. With --run the bound checks of the gate are run here and now, and what they say is supposed.
"""

import time
from typing import Annotated, Final

from cyclopts import Parameter

from interlock.cli.naming import service_of
from interlock.cli.output import Exit, Fault, Json, Report, tell
from interlock.cli.session import Session, reading
from interlock.cli.text import BLANK, Block, bad, good, para, quiet, step, strong, warn
from interlock.domain.gate import evaluate
from interlock.domain.ids import EVERYWHERE, ChangeId, CheckId, EffectKey, EnvironmentName
from interlock.domain.verdict import Finding
from interlock.ports.check import CheckRequest, Lost, Pending, Reading
from interlock.ports.failure import PortFailure
from interlock.service.compose import Draft, Wanted, draft_release
from interlock.service.whatif import apart, checks_before, supposed_situation, with_readings

LOOK: Final = 0.2
"""Seconds between looks at a check that runs."""


def check(
    revision: Annotated[str, Parameter(help="The commit that would be released.")] = "HEAD",
    *,
    environment: Annotated[str, Parameter(help="Into which environment; else the first of the path.")] = "",
    change: Annotated[str, Parameter(help="Under which change request; else a normal one is supposed.")] = "",
    run: Annotated[bool, Parameter(help="Run the gate's checks here and now.")] = False,
    strict: Annotated[bool, Parameter(help="Decisions that people have yet to make count as blocking.")] = False,
    service: Annotated[str, Parameter(help="The service; needed only when the ledger knows several.")] = "",
) -> Report:
    """What would block this commit's release. Exit code 0: nothing; 1: something."""
    with reading() as session:
        draft, wanted = _draft(session, revision, change, service)
        place = EnvironmentName(environment) or wanted.rules.governance.procedure.environments[0].name
        situation = supposed_situation(session.gatherer, draft.command, wanted.rules, place)
        if run:
            readings = {
                (one, where): _run(session, draft, one, where)
                for one, where in dict.fromkeys(checks_before(situation))
                if where == EVERYWHERE
            }
            situation = with_readings(situation, readings, session.house.clock.now())
        finding = evaluate(situation, session.house.clock.now())
        dirty = tuple(session.house.repository.uncommitted())
    blocking, waiting = apart(finding)
    if strict:
        blocking, waiting = tuple(finding.blockers()), ()
    return _report(draft, place, blocking, waiting, dirty)


def _draft(session: Session, revision: str, change: str, service: str) -> tuple[Draft, Wanted]:
    state = service_of(session, service)
    ref = state.in_force
    commit = session.house.repository.resolve(revision)
    wanted = Wanted(state.name, commit.sha[:12], commit.sha, ChangeId(change), session.rules(ref))
    house = session.house
    artifacts = house.workshop().artifacts()
    return draft_release(house.composer(), artifacts, session.gatherer, house.store, wanted), wanted


def _run(session: Session, draft: Draft, check: CheckId, environment: EnvironmentName) -> Reading:
    """Run one check as the controller would, and wait for what it says."""
    house, command = session.house, draft.command
    workshop = house.workshop()
    ref = session.gatherer.view.service(command.service).in_force
    tell(para(quiet(f"running {check} ...")))
    digest = workshop.sources.git.identify(command.commit)
    request = CheckRequest(
        check,
        command.service,
        environment,
        command.release,
        command.version,
        digest,
        workshop.sources.git.fetch(command.commit, digest),
        commit=command.commit,
        former=workshop.former(session.gatherer.view, ref, command.base),
    )
    key = EffectKey(f"check/{command.commit[:12]}/{check}/{house.clock.now():%Y%m%dT%H%M%S%f}")
    try:
        checker = workshop.checker(session.gatherer.view, ref, environment, check)
        checker.start(request, key)
        while isinstance(progress := checker.observe(request, key), Pending):
            time.sleep(LOOK)  # a check tells nobody when it ends; it is asked
    except PortFailure as fault:
        raise Fault(fault.code, f"{check} could not be run: {fault.sentence}", fault.next_step, Exit.OUTSIDE) from fault
    if isinstance(progress, Lost):
        raise Fault("check.lost", f"{check} was lost: {progress.detail}", "run it again", Exit.OUTSIDE)
    return progress


def _report(
    draft: Draft,
    place: EnvironmentName,
    blocking: tuple[Finding, ...],
    waiting: tuple[Finding, ...],
    dirty: tuple[str, ...],
) -> Report:
    head = f"{draft.command.commit[:12]} into {place}"
    blocks: list[Block] = [
        para(bad("✗ "), strong(head), f" would be blocked by {len(blocking)}")
        if blocking
        else para(good("✓ "), strong(head), ": nothing that a machine decides would block it")
    ]
    for leaf in blocking:
        blocks += [
            para("  ", bad("✗ "), f"{leaf.subject}: {leaf.sentence}", quiet(f"  [{leaf.code}]")),
            step(leaf.next_step, 6),
        ]
    if waiting:
        blocks += [BLANK, para("and then people decide:")]
        blocks += [para("  ", warn("○ "), f"{leaf.subject}: {leaf.sentence}") for leaf in waiting]
    if draft.unknown_authors:
        blocks += [
            BLANK,
            para(warn("○ "), f"authors nobody knows, who will hold production: {', '.join(draft.unknown_authors)}"),
        ]
    if dirty:
        blocks += [para(warn("○ "), f"not committed, so not looked at: {', '.join(dirty[:5])}")]
    data: dict[str, Json] = {
        "commit": draft.command.commit,
        "environment": place,
        "blocked": bool(blocking),
        "blocking": [_leaf(leaf) for leaf in blocking],
        "people": [_leaf(leaf) for leaf in waiting],
        "unknown_authors": list(draft.unknown_authors),
        "uncommitted": list(dirty),
    }
    return Report(data, tuple(blocks), Exit.REFUSED if blocking else Exit.DONE)


def _leaf(leaf: Finding) -> dict[str, Json]:
    return {"code": leaf.code, "subject": leaf.subject, "sentence": leaf.sentence, "next_step": leaf.next_step}
