# SPDX-License-Identifier: Apache-2.0
"""The ledger's events as a person would tell them: one line each, with a mark that says how it went.

What goes on and on is told when something in it changes: a check that says the same again while nothing else happens
is not repeated, and how long was watched is told whenever it has doubled.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from interlock.cli.narrate_incidents import about_incidents
from interlock.cli.narrate_rollouts import about_rollouts, returned
from interlock.cli.narrate_unattended import about_unattended
from interlock.cli.text import Block, Para, Span, bad, good, quiet, warn
from interlock.domain import (
    approval,
    artifact,
    evidence,
    freeze,
    governance,
    incident,
    journal,
    outbox,
    promotion,
    release,
    rollback,
    rollout,
    slot,
    waiver,
)
from interlock.domain.actor import name_of
from interlock.domain.ids import CommandId, PromotionId, RollbackId
from interlock.domain.moment import span_in_words
from interlock.domain.traffic import Means
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
TEXT: Final = "text:"
"""How a reference to somebody's own words begins; these stand apart from the record, and can be erased."""
BAKING: Final = "baking: {} observed so far"
GOING_ON: Final = "baking goes on: {} more observed"
"""For who did not see it begin."""


Told = tuple[tuple[Span, str], ...]


@dataclass(slots=True)
class Watched:
    """How long a promotion was seen baking, and the sentence that says so."""

    sentence: str
    seen: timedelta = timedelta(0)
    told: timedelta = timedelta(0)


@dataclass(slots=True)
class Narrator:
    """Tells records in their order, and remembers what of it was told."""

    said: set[tuple[Span, str]] = field(default_factory=set)
    """What checks said since something else happened."""
    baking: dict[PromotionId, Watched] = field(default_factory=dict)
    switched: set[RollbackId] = field(default_factory=set)
    """Rollbacks of which the target still stood there: it is given its traffic, not deployed."""
    recalling: CommandId = CommandId("")
    """What last recalled something."""

    def narrate(self, record: Record) -> Iterator[Block]:
        """The line of one record; nothing for records that only carry others, or say again what was said."""
        for mark, words in self.told(record):
            yield Para((quiet(f"{record.time:%H:%M:%S}  "), mark, words), 12)

    def told(self, record: Record) -> Told:
        """What one record tells: marks, and words."""
        if record.event == REFUSED:
            return tuple(_refusal(record))
        if record.stream.startswith(("command/", "ledger")):
            return ()
        event = decode_event(record.event, record.version, record.payload)
        self._remember(event)
        match event:
            case promotion.BakeObserved():
                return self._watched(event)
            case evidence.EvidenceRecorded() | rollout.SightLost():
                return self._anew(_event(event))
            case artifact.ArtifactRecalled():
                return self._once(record.cause, _event(event))
            case rollback.TargetDeployed(rollback=one) if one in self.switched:
                return self._turn(returned(event.proxies, event.absent))
            case _:
                return self._turn(_event(event))

    def _remember(self, event: Event) -> None:
        match event:
            case promotion.PromotionVerified(promotion=one) | promotion.PromotionExposed(promotion=one):
                self.baking[one] = Watched(BAKING)
            case rollback.RollbackBegun(rollback=back, means=Means.SWITCH):
                self.switched.add(back)
            case _:
                return

    def _turn(self, told: Told) -> Told:
        """Something else than before: what checks say from here on is news."""
        if told:
            self.said.clear()
        return told

    def _watched(self, event: promotion.BakeObserved) -> Told:
        one = self.baking.setdefault(event.promotion, Watched(GOING_ON))
        one.seen += event.counted
        if one.seen < 2 * one.told or not one.seen:
            return ()
        one.told = one.seen
        return ((_PLAIN, one.sentence.format(span_in_words(one.seen))),)

    def _anew(self, told: Told) -> Told:
        new = tuple(line for line in told if line not in self.said)
        self.said.update(new)
        return new

    def _once(self, cause: CommandId, told: Told) -> Told:
        """A release and the one thing in it are recalled together, and are one recall to a person."""
        if cause == self.recalling:
            return ()
        self.recalling = cause
        return told


def _refusal(record: Record) -> Iterator[tuple[Span, str]]:
    command = CommandRecord.from_record(record)
    if command.body.actor.startswith("robot:"):
        return
    for reason in command.reasons:
        yield bad("✗ "), f"refused {name_of(command.body.actor)}: {reason.sentence} [{reason.code}]"


def _event(event: Event) -> Told:
    tellers = (about_rollouts, about_unattended, _about_releases, _about_promotions, _about_rollbacks, _about_rules)
    return next((told for teller in (*tellers, about_incidents) if (told := teller(event))), ())


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
            return ((_PLAIN, f"{name_of(by)} asked for {one} in {place}"),)
        case promotion.DeploymentBegun(promotion=one):
            return ((_PLAIN, f"the gate is open: deploying ({one})"),)
        case promotion.DeploymentFinished(detail=detail):
            return ((good("✓ "), f"deployed: {detail}"),)
        case promotion.PromotionVerified():
            return ((good("✓ "), "verified"),)
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
        case incident.IncidentOpened(incident=one, severity=severity, summary=summary, by=by):
            said = f"opened by {name_of(by)}" if summary.startswith(TEXT) else summary
            return ((bad("● "), f"incident {one} ({severity}): {said}"),)
        case artifact.ArtifactRecalled(digest=digest, by=by):
            return ((warn("● "), f"{digest[:19]} is recalled by {name_of(by)}"),)
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
            return _about_records(event)


def _about_records(event: Event) -> Told:
    match event:
        case journal.RecordsCommitted(key=key, branch=branch, commit=commit):
            return ((good("✓ "), f"the records of {journal.of_key(key)} are on branch {branch} ({commit[:12]})"),)
        case journal.RecordsProposed(key=key, detail=detail):
            return ((good("✓ "), f"the records of {journal.of_key(key)} are proposed: {detail}"),)
        case journal.RecordsHeldUp(key=key, detail=detail):
            return ((warn("○ "), f"the records of {journal.of_key(key)} could not be written: {detail}"),)
        case outbox.MessageDue(to=to, quotes=()) if to:
            return ((_PLAIN, f"for {to}: {event.title}"),)
        case outbox.MessageDue(to=to, notice=notice) if to:
            return ((_PLAIN, f"for {to}: {notice}"),)
        case _:
            return ()
