# SPDX-License-Identifier: Apache-2.0
"""`interlock status`: what runs where since when, what is under way, what waits, for whom, and what to type next."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from interlock.cli.naming import ServiceOption, service_of, services, short
from interlock.cli.output import Report
from interlock.cli.people import solo_note
from interlock.cli.rollout_text import held_pace, unheld, waits_of
from interlock.cli.session import Session, has_driver, reading
from interlock.cli.text import (
    BLANK,
    Block,
    Line,
    Para,
    Rows,
    Words,
    bad,
    good,
    para,
    quiet,
    step,
    strong,
    typed,
    warn,
)
from interlock.cli.unattended import unattended
from interlock.cli.waiting import about_rollout, waiting_line
from interlock.domain.journal import JournalPhase
from interlock.domain.rollback import RollbackPhase
from interlock.domain.slot import LiveStanding, OccupantKind, SlotState
from interlock.service.portraits import fleet
from interlock.service.portraits.findings import plain
from interlock.service.portraits.fleet import Rollouts, is_held
from interlock.service.rollouts import Progress
from interlock.service.views import Awaited, OpenRelease, ServiceStatus, Slot, Status, Viewer


def status(*, service: ServiceOption = "") -> Report:
    """What runs where since when, what is under way, what waits and for whom, and the next command to type."""
    with reading() as session:
        named = (service_of(session, service).name,) if service else services(session)
        viewer = Viewer(session.gatherer, session.house.store, session.house.library)
        found = viewer.status(named)
        rollouts = fleet.rollouts_of(viewer, found)
        driven = has_driver(session.home)
        data = fleet.status(viewer, named, driven=driven)
        return Report(plain(data), tuple(_blocks(found, session, rollouts, driven=driven)))


def _blocks(found: Status, session: Session, rollouts: Rollouts, *, driven: bool) -> Iterator[Block]:
    if not found.services:
        yield para(quiet("no service is governed here yet"))
        yield step("`interlock adopt` records what runs today and starts governing", 0)
        return
    for one in found.services:
        yield from _service(one, rollouts, session.now, driven=driven)
        yield BLANK
    for incident in found.incidents:
        yield para(
            bad("● "), "incident ", strong(incident.id), f"  {incident.severity}, {incident.environment}", hang=2
        )
        if session.gatherer.handling(incident.service, incident.environment).is_declared:
            yield step(f"`interlock incident show {incident.id}`: what is decided, which clocks run, what it owes")
        else:
            yield step(f"`interlock incident close {incident.id} --outcome 'WHAT IT WAS'` once it is understood")
    for freeze in found.freezes:
        when = "frozen until" if freeze.begins <= session.now else f"freeze from {_when(freeze.begins)} until"
        places = ", ".join((*freeze.services, *freeze.environments)) or "everything"
        yield para(warn("○ "), f"{places}: {when} {_when(freeze.ends)} ", quiet(freeze.freeze))
    yield from _controller(found, driven=driven)


def _service(one: ServiceStatus, rollouts: Rollouts, now: datetime, *, driven: bool) -> Iterator[Block]:
    procedure = one.governance.procedure
    rules = f"  {procedure.pack} {procedure.version}, rules {short(one.governance.digest)}"
    yield para(strong(one.service.name), quiet(rules))
    yield Rows(tuple(_slot(slot, rollouts, now, driven=driven) for slot in one.slots), 2)
    for slot in one.slots:
        if slot.state.occupant in rollouts:
            yield from _rolling(slot, rollouts[slot.state.occupant], driven=driven)
        if slot.under_way == RollbackPhase.STRANDED:
            yield para(bad("    ! "), slot.sentence, hang=6)
            yield step(f"mend that, then `interlock rollback {slot.environment} --reason 'WHY'`: it is tried anew", 6)
    yield from unattended(one)
    yield from solo_note(one.governance.solo, 2)
    if one.not_apart:
        names = ", ".join(one.not_apart)
        yield para(warn("  ! not kept apart: "), f"{names} ran as the controller's own user", hang=4)
    for release in one.releases:
        yield from _release(release)
    yield from _owed(one)


def _slot(slot: Slot, rollouts: Rollouts, now: datetime, *, driven: bool) -> Line:
    if not slot.version:
        live: tuple[Words, ...] = (quiet("nothing known"), "")
    else:
        live = (strong(slot.version), quiet(f"for {_ago(now - slot.since)}"))
    return (slot.environment, *live, _under_way(slot, rollouts, driven=driven))


def _under_way(slot: Slot, rollouts: Rollouts, *, driven: bool) -> Words:
    state = slot.state
    queued = f", {len(state.queue)} queued" if state.queue else ""
    match state.kind:
        case OccupantKind.PROMOTION:
            seen = rollouts.get(state.occupant)
            under_way = held_pace(seen, driven=driven) if seen else slot.under_way
            is_lost = seen is not None and not is_held(seen, driven=driven)
            words = f"{state.occupying.rpartition(':')[2]}{':' if is_lost else ''} {under_way}{queued}"
            return bad(words) if is_lost else warn(words)
        case OccupantKind.ROLLBACK:
            going = bad if slot.under_way == RollbackPhase.STRANDED else warn
            return going(f"rolling back, {slot.under_way}{queued}")
        case OccupantKind.FREE:
            return warn(f"{len(state.queue)} queued") if state.queue else _standing(state)


def _rolling(slot: Slot, seen: Progress, *, driven: bool) -> Iterator[Block]:
    """What a rollout waits for, below the environments."""
    if not is_held(seen, driven=driven):
        yield para(warn("    ! "), unheld(seen), hang=6)
    waits = waits_of(seen, driven=driven)
    yield Rows(tuple(waiting_line(wait, about_rollout(wait, slot.environment)) for wait in waits), 4)


def _standing(state: SlotState) -> Words:
    match state.standing:
        case LiveStanding.VERIFIED:
            return good("verified")
        case LiveStanding.ADOPTED:
            return f"adopted on the word of {state.vouched.by}, not verified"
        case LiveStanding.UNPROVEN:
            return ""


def _release(one: OpenRelease) -> Iterator[Block]:
    yield BLANK
    awaited = one.awaited
    if one.moving_to:
        yield para("  ", strong(one.release.version), f" is on its way to {', '.join(one.moving_to)}")
        awaited = tuple(wait for wait in awaited if not wait.finding.code.startswith("order."))
        if not awaited or one.environment in one.moving_to:
            return
        yield para(f"  before {one.environment} it will wait")
    elif one.gate.opens:
        yield para("  ", good("✓ "), strong(one.release.version), f" may go to {one.environment}")
        yield para("    ", quiet("→ "), typed(f"interlock promote {one.release.version} {one.environment}"))
        return
    else:
        yield para("  ", strong(one.release.version), f" waits before {one.environment}")
    yield Rows(tuple(waiting_line(wait, _about(wait, one)) for wait in awaited), 4)


def _about(wait: Awaited, one: OpenRelease) -> str:
    """What is asked, or where that is the release itself, the code of what is wrong with it."""
    return wait.finding.code if wait.finding.subject == one.release.id else wait.finding.subject


def _owed(one: ServiceStatus) -> Iterator[Para]:
    governors = ", ".join(one.governance.procedure.governors)
    for digest, proposal in one.proposals:
        yield para(warn("  ○ "), f"new rules {short(digest)} by {proposal.by} wait for {governors}", hang=4)
        yield step(f"`interlock governance diff {short(digest)}`, `interlock governance approve {short(digest)}`", 4)
    for waiver in one.waivers:
        roles = " or ".join(one.governance.procedure.waivers.authority)
        yield para(warn("  ○ "), f"a waiver of '{waiver.requirement}' asked by {waiver.by} waits for {roles}", hang=4)
        yield step(f"`interlock waive grant {waiver.waiver}`", 4)
    for review in one.reviews:
        yield para(warn("  ○ "), f"the review of emergency {review.change} is due {_when(review.due)}", hang=4)
        apart = ", ".join(review.parties)
        yield step(
            f"somebody other than {apart}: `interlock change review {review.change} --outcome 'WHAT WAS FOUND'`", 4
        )
    for key in one.given_up:
        yield para(warn("  ! "), f"a message could not be delivered: {key}", hang=4)
    for name, leaf in one.unwritten:
        gave_up = "were given up" if leaf.phase is JournalPhase.GIVEN_UP else "wait"
        yield para(warn("  ! "), f"the records of {name} {gave_up}: {leaf.detail}", hang=4)
        yield step(f"once that is mended: `interlock record retry {name}`", 4)
    if one.given_up:
        yield step("`interlock outbox list` says why, `interlock outbox retry KEY` tries one anew", 4)


def _controller(found: Status, *, driven: bool) -> Iterator[Block]:
    if driven:
        yield para(good("● "), quiet("the controller is at work"))
        return
    waits = any(slot.under_way for one in found.services for slot in one.slots) or any(
        wait.whom.other == "the controller"
        for one in found.services
        for release in one.releases
        for wait in release.awaited
    )
    if waits:
        yield para(warn("● "), "the controller is not at work, and something waits for it", hang=2)
        yield step("`interlock drive`")
    else:
        yield para(quiet("○ the controller is not at work; nothing waits for it"))


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _ago(span: timedelta) -> str:
    seconds = max(int(span.total_seconds()), 0)
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
