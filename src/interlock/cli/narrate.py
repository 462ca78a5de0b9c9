# SPDX-License-Identifier: Apache-2.0
"""The ledger's events as a person would tell them: one line each, with a mark that says how it went."""

from collections.abc import Iterator

from interlock.cli.text import Block, Para, Span, bad, good, quiet, warn
from interlock.domain import (
    approval,
    artifact,
    evidence,
    freeze,
    governance,
    incident,
    outbox,
    promotion,
    release,
    rollback,
    slot,
    waiver,
)
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import Event, decode_event
from interlock.ledger.command import REFUSED, CommandRecord
from interlock.ledger.record import Record

_MARKS = {
    Verdict.PASS: good("✓ "),
    Verdict.FAIL: bad("✗ "),
    Verdict.ERROR: bad("✗ "),
    Verdict.INCONCLUSIVE: warn("○ "),
    Verdict.NOT_APPLICABLE: quiet("· "),
}
_PLAIN = quiet("· ")


def narrate(record: Record) -> Iterator[Block]:
    """The line of one record; nothing for records that only carry others."""
    if record.event == REFUSED:
        told = tuple(_refusal(record))
    elif record.stream.startswith(("command/", "ledger")):
        told = ()
    else:
        told = _event(decode_event(record.event, record.version, record.payload))
    for mark, words in told:
        yield Para((quiet(f"{record.time:%H:%M:%S}  "), mark, words), 12)


def _refusal(record: Record) -> Iterator[tuple[Span, str]]:
    command = CommandRecord.from_record(record)
    if command.body.actor.startswith("robot:"):
        return
    who = command.body.actor.removeprefix("person:")
    for reason in command.reasons:
        yield bad("✗ "), f"refused {who}: {reason.sentence} [{reason.code}]"


Told = tuple[tuple[Span, str], ...]


def _event(event: Event) -> Told:
    return _about_releases(event) or _about_promotions(event) or _about_rollbacks(event) or _about_rules(event)


def _about_releases(event: Event) -> Told:
    match event:
        case release.ReleaseCreated(release=one, change=change):
            return ((_PLAIN, f"{one} created under change {change}"),)
        case evidence.EvidenceRecorded(check=check, environment=place, verdict=verdict, summary=summary):
            where = "" if place == "*" else f" in {place}"
            return ((_MARKS[verdict], f"{check}{where}: {summary}"),)
        case approval.SignedOff(by=by, requirement=requirement):
            return ((good("✓ "), f"{by} signed off {requirement}"),)
        case approval.Decided(by=by, answer=answer, release=one, environment=place):
            mark = good("✓ ") if answer is approval.Answer.APPROVED else bad("✗ ")
            return ((mark, f"{by} {answer} {one} for {place}"),)
        case waiver.WaiverGranted(waiver=one, by=by):
            return ((warn("○ "), f"{by} granted waiver {one}"),)
        case _:
            return ()


def _about_promotions(event: Event) -> Told:
    match event:
        case promotion.PromotionRequested(release=one, environment=place, by=by):
            return ((_PLAIN, f"{by.removeprefix('person:')} asked for {one} in {place}"),)
        case promotion.DeploymentBegun(promotion=one):
            return ((_PLAIN, f"the gate is open: deploying ({one})"),)
        case promotion.DeploymentFinished(detail=detail):
            return ((good("✓ "), f"deployed: {detail}"),)
        case promotion.PromotionVerified():
            return ((good("✓ "), "verified"),)
        case promotion.BakeObserved(counted=counted):
            return ((_PLAIN, f"baking, {counted.total_seconds():.0f} s more observed"),)
        case _:
            return _about_endings(event)


def _about_endings(event: Event) -> Told:
    match event:
        case promotion.PromotionCompleted(promotion=one):
            return ((good("✓ "), f"{one} completed"),)
        case promotion.PromotionFailed(sentence=sentence):
            return ((bad("✗ "), f"the promotion failed: {sentence}"),)
        case promotion.PromotionTurnedAway(sentence=sentence):
            return ((bad("✗ "), f"turned away: {sentence}"),)
        case slot.SlotQueued(promotion=one):
            return ((warn("○ "), f"{one} waits for its turn"),)
        case _:
            return ()


def _about_rollbacks(event: Event) -> Told:
    match event:
        case rollback.RollbackBegun(leaving=leaving, target=target, environment=place):
            return ((warn("● "), f"{place}: going back from {leaving} to {target}"),)
        case rollback.TargetDeployed():
            return ((good("✓ "), "the good release is deployed again"),)
        case rollback.TryFailed(sentence=sentence) | rollback.RollbackStranded(sentence=sentence):
            return ((bad("✗ "), sentence),)
        case rollback.RollbackCompleted(rollback=one):
            return ((good("✓ "), f"{one} completed and proven"),)
        case incident.IncidentOpened(incident=one, severity=severity, summary=summary):
            return ((bad("● "), f"incident {one} ({severity}): {summary}"),)
        case artifact.ArtifactRecalled(digest=digest, by=by):
            return ((warn("● "), f"{digest[:19]} recalled by {by}"),)
        case _:
            return ()


def _about_rules(event: Event) -> Told:
    match event:
        case slot.RunningAdopted(release=one, environment=place, by=by):
            return ((_PLAIN, f"{by} adopted {one} as what runs in {place}"),)
        case governance.GovernanceAdopted(governance=ref) | governance.GovernanceApproved(governance=ref):
            return ((_PLAIN, f"governance {ref.digest[:19]} is in force"),)
        case freeze.FreezeDeclared(freeze=one):
            return ((warn("● "), f"freeze {one} declared"),)
        case freeze.FreezeLifted(freeze=one):
            return ((_PLAIN, f"freeze {one} lifted"),)
        case outbox.MessageTried(outcome=outbox.Delivery.FAILED, detail=detail):
            return ((warn("○ "), f"a message was not delivered: {detail}"),)
        case _:
            return ()
