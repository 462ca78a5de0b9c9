# SPDX-License-Identifier: Apache-2.0
"""What was decided about a release, and what happened in an incident, told from nothing but the ledger's records.

1. The same records give the same text, to the byte: it holds what was recorded and nothing that is looked up.
2. People stand in it by their handles. What they wrote in their own words stays under its commitment: the text only
   says that there are words, since words may be erased one day and a commit may not.
3. What deployments and checks printed is left out for the same reason: nobody knows what is in it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from interlock.domain import (
    approval,
    baseline,
    change,
    incident,
    promotion,
    records,
    release,
    rollback,
    rollout,
    waiver,
)
from interlock.domain.actor import name_of
from interlock.domain.answering import RollbackJoined
from interlock.domain.ids import ChangeId, IncidentId, ReleaseId
from interlock.domain.moment import in_words
from interlock.ledger.codec import Event, Undecodable, decode_event
from interlock.ledger.command import REFUSED, CommandRecord
from interlock.ledger.record import Record
from interlock.service.timeline import said_in

T = TypeVar("T")

_CONTROLLER: Final = "interlock"
_MARKUP: Final = str.maketrans({"<": "&lt;", ">": "&gt;", "|": "\\|", "`": "'"})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, who did it, and what became of it."""

    at: datetime
    by: str
    words: str

    def __str__(self) -> str:
        return f"- {self.at:%Y-%m-%d %H:%M:%S} UTC, {self.by}: {plain(self.words)}"


@dataclass(slots=True)
class _Scope:
    """Which streams are told of: those of the release or incident itself, and those that turn out to be about it."""

    streams: set[str]
    prefixes: tuple[str, ...] = ()
    ids: set[str] = field(default_factory=set)

    def has(self, record: Record) -> bool:
        is_beside = record.stream.startswith("baseline/") and self.is_meant(record.payload)
        return record.stream in self.streams or record.stream.startswith(self.prefixes) or is_beside

    def is_meant(self, payload: Mapping[str, object]) -> bool:
        """Whether a command is about it."""
        named = (str(payload.get(name, "")) for name in ("release", "promotion", "rollback", "incident", "change"))
        return any(one in self.ids or one.startswith(tuple(f"{known}/" for known in self.ids)) for one in named if one)


def release_log(one: ReleaseId, found: Iterable[Record]) -> str:
    """Everything decided about a release; `found` are records in their order, those of other things included."""
    kept = tuple(found)
    made = next((event for event in _told(kept, release.ReleaseCreated) if event.release == one), None)
    title = f"# Decisions about {one}\n"
    if made is None:
        return f"{title}\nNo record says how it was made.\n"
    scope = _release_scope(one, made.change, kept)
    head = (
        f"- release: {one}, commit {made.commit[:12]}, since {made.base[:12] or 'nothing'}",
        f"- content: {', '.join(f'{item.component} {short(item.digest)}' for item in made.artifacts)}",
        f"- change: {made.change}",
        f"- rules: {short(made.governance)}",
        f"- authors: {', '.join(made.authors) or 'none known'}"
        + (f", and {made.unknown_authors} unknown" if made.unknown_authors else ""),
        *((f"- areas: {', '.join(made.areas)}",) if made.areas else ()),
    )
    return _document(title, head, tuple(_lines(kept, scope)))


def incident_log(one: IncidentId, found: Iterable[Record]) -> str:
    """Everything that happened in an incident; `found` are records in their order, those of other things included."""
    kept = tuple(found)
    opened = next((event for event in _told(kept, incident.IncidentOpened) if event.incident == one), None)
    title = f"# What happened in incident {one}\n"
    if opened is None:
        return f"{title}\nNo record says how it began.\n"
    scope = _Scope({incident.incident_stream(one)}, ids={one})
    for joined in _told(kept, RollbackJoined):
        if joined.incident == one:
            scope.streams.add(rollback.rollback_stream(joined.rollback))
    head = (
        f"- service: {opened.service}, in {opened.environment}",
        f"- release under suspicion: {opened.release or 'none'}",
        f"- severity: {opened.severity}",
    )
    return _document(title, head, tuple(_lines(kept, scope)))


def plain(words: str) -> str:
    """The words as one line that says in Markdown what it says."""
    return " ".join(words.split()).translate(_MARKUP)


def short(digest: str) -> str:
    """Enough of a digest to tell it from others."""
    return digest.removeprefix("sha256:")[:12]


def _document(title: str, head: tuple[str, ...], lines: tuple[Line, ...]) -> str:
    told = "\n".join(str(line) for line in lines) or "- nothing"
    note = "From the ledger's records alone. People are named by their handles; their words stay in the ledger."
    return "\n".join([title, note, "", *(plain(one) for one in head), "", "## Course", "", told, ""])


def _release_scope(one: ReleaseId, named: ChangeId, found: tuple[Record, ...]) -> _Scope:
    own = (
        release.release_stream(one),
        approval.approval_stream(one),
        records.record_stream(one),
        waiver.waiver_stream(one),
        change.change_stream(named),
    )
    scope = _Scope({*own}, (f"promotion/{one}/", f"rollout/{one}/"), {one, named})
    for begun in _told(found, rollback.RollbackBegun):
        if one in {begun.leaving, begun.target}:
            scope.streams.add(rollback.rollback_stream(begun.rollback))
    for opened in _told(found, incident.IncidentOpened):
        if opened.release == one:
            scope.streams.add(incident.incident_stream(opened.incident))
    return scope


def _told(found: Iterable[Record], kind: type[T]) -> Iterator[T]:
    """Every event of one kind."""
    for record in found:
        event = _event(record) if record.event == kind.__name__ else None
        if isinstance(event, kind):
            yield event


def _event(record: Record) -> Event | None:
    """The event of a record; None for a command, and for what only a newer version understands."""
    if record.stream.startswith("command/"):
        return None
    try:
        return decode_event(record.event, record.version, record.payload)
    except Undecodable:
        return None


def _lines(found: Iterable[Record], scope: _Scope) -> Iterator[Line]:
    for record in found:
        if record.event == REFUSED:
            yield from _refusal(record, scope)
            continue
        event = _event(record) if scope.has(record) else None
        words = _words(event) if event is not None else ""
        if words:
            yield Line(record.time, _who(record.actor), words)


def _refusal(record: Record, scope: _Scope) -> Iterator[Line]:
    """What a person was refused. What the controller was refused, it says in what it recorded then."""
    command = CommandRecord.from_record(record).body
    if command.actor.startswith("person:") and scope.is_meant(command.payload):
        refused = CommandRecord.from_record(record).reasons
        reasons = "; ".join(f"{one.sentence} [{one.code}]" for one in refused)
        yield Line(record.time, _who(record.actor), f"refused to {_verb(command.command)}: {reasons}")


def _verb(command: str) -> str:
    """`RequestPromotion` is request promotion."""
    return "".join(f" {one.lower()}" if one.isupper() else one for one in command).strip()


def _who(actor: str) -> str:
    return name_of(actor) if actor.startswith("person:") else _CONTROLLER


def _words(event: Event) -> str:
    tellers: tuple[Callable[[Event], str], ...] = (
        _of_release, _of_people, _of_waivers, _of_promotions, _of_rollouts, _of_rollbacks, _of_incidents,
    )  # fmt: skip
    return next((words for teller in tellers if (words := teller(event))), "")


def _of_release(event: Event) -> str:
    match event:
        case change.ChangeOpened(change=one, kind=kind):
            return f"opened change {one}, a {kind} change"
        case release.ReleaseCreated(release=one, commit=commit, change=carries):
            return f"made {one} from commit {commit[:12]} for change {carries}"
        case release.GovernanceRepinned(_, governance):
            return f"moved it to rules {short(governance)}; what was said before is void"
        case release.PlansRevised(_, plans):
            return f"replaced its plans, rollback plan {short(plans.rollback)}; what was said before is void"
        case release.ReleaseWithdrawn():
            return "withdrew it; the reason is in the ledger"
        case release.ReleaseReached(_, environment, _):
            return f"it is in {environment}, verified and baked"
        case release.ReleaseRolledBack(_, environment):
            return f"it was rolled back in {environment}"
        case _:
            return ""


def _of_people(event: Event) -> str:
    match event:
        case approval.SignedOff(requirement=asked, statement=statement, environment=place, bound=bound):
            return f"signed off {asked} before {place} ('{statement}'), {_covering(bound)}"
        case approval.Decided(answer=answer, environment=place, requirement=asked, bound=bound, assurance=sure):
            addressed = "" if asked == approval.EVERY else f" as {asked}"
            return f"{answer} it for {place}{addressed} ({sure}), {_covering(bound)}"
        case records.RecordWritten(requirement=asked, document=document, sections=sections):
            return f"wrote {asked}, document {short(document)}, with {', '.join(sections) or 'no section'}"
        case _:
            return ""


def _covering(bound: approval.Bound) -> str:
    """What lay before the person."""
    seen = [f"{one.check} {one.number} {one.verdict}" for one in bound.covered]
    seen += [f"{one.requirement} {short(one.document)}" for one in bound.read]
    about = f"content {short(bound.digest)}, rules {short(bound.governance)}, revision {bound.revision}"
    return f"covering {about}{''.join(f', {one}' for one in seen)}"


def _of_waivers(event: Event) -> str:
    match event:
        case waiver.WaiverRequested(waiver=one, requirement=asked, environment=place, expires=expires):
            kept = "reason and mitigation are in the ledger"
            return f"asked to waive {asked} before {place} until {in_words(expires)} ({one}); {kept}"
        case waiver.WaiverGranted(waiver=one):
            return f"granted waiver {one}"
        case waiver.WaiverRevoked(waiver=one):
            return f"revoked waiver {one}"
        case _:
            return ""


def _of_promotions(event: Event) -> str:
    match event:
        case promotion.PromotionRequested(environment=place, kind=kind):
            return f"asked for it in {place}, as a {kind} change"
        case promotion.DeploymentBegun(digest=digest, governance=governance, promotion=one):
            return f"gate verdict pass for content {short(digest)} under rules {short(governance)}: deploying ({one})"
        case promotion.PromotionVerified():
            return "the deployment is verified"
        case promotion.PromotionFailed(_, cause, sentence):
            return f"the promotion failed ({cause}): {sentence}"
        case promotion.PromotionTurnedAway(_, cause, sentence):
            return f"gate verdict: not open ({cause}): {sentence}"
        case promotion.PromotionCompleted():
            return "the promotion is completed"
        case _:
            return ""


def _of_rollouts(event: Event) -> str:
    match event:
        case rollout.ExposureAuthorised(step=step, exposure=exposure):
            return f"gate verdict pass for step {step + 1} of the rollout: {exposure.share / 100:g} % of the traffic"
        case rollout.StepAgreed(step=step):
            return f"agreed to step {step + 1} of the rollout"
        case rollout.ExposureLost():
            return "its exposure was lost and fell back to nothing; the rollout begins anew"
        case baseline.BaselineStands():
            return "fresh instances of what is stable stand beside it, to be compared with"
        case baseline.BaselineMissed(_, sentence):
            return f"it is rolled out without a baseline: {sentence}"
        case rollout.RolloutPaused():
            return "paused the rollout"
        case rollout.RolloutResumed():
            return "resumed the rollout"
        case _:
            return ""


def _of_rollbacks(event: Event) -> str:
    match event:
        case rollback.RollbackBegun(environment=place, leaving=leaving, target=target, cause=cause):
            return f"rolled {place} back from {leaving} to {target or 'nothing'} ({cause})"
        case rollback.TargetDeployed():
            return "what is returned to runs again"
        case rollback.TryFailed():
            return "a try to roll back failed"
        case rollback.RollbackStranded(_, sentence):
            return f"the rollback is stranded: {sentence}"
        case rollback.RollbackCompleted():
            return "the rollback is completed and proven"
        case _:
            return ""


def _of_incidents(event: Event) -> str:
    """As its timeline tells it, with the incident it is about."""
    words = said_in(event).words
    return f"incident {event.incident}: {words}" if words and isinstance(event, incident.IncidentEvent) else ""
