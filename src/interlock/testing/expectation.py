# SPDX-License-Identifier: Apache-2.0
"""What a scenario expects to be so, compared with what is. What is not mentioned is not looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from interlock.domain.gate import evaluate
from interlock.domain.ids import AudienceName, EnvironmentName, IncidentId, RollbackId
from interlock.domain.incident import IncidentPhase, Severity
from interlock.domain.promotion import PromotionPhase
from interlock.domain.release import ReleasePhase
from interlock.domain.rollback import RollbackPhase
from interlock.domain.slot import OccupantKind
from interlock.packs.model import Name
from interlock.packs.shape import key
from interlock.packs.wanted import PERCENT
from interlock.ports.deploy import Running
from interlock.service.compose import release_id
from interlock.testing.acts import Version
from interlock.testing.cases import Standing
from interlock.testing.stage import NOTHING_YET, SERVICE, Stage

UNSAID: Final = ("*",)
"""Nothing is expected of a listing."""
_INCIDENTS: Final = "incident/"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected."""

    about: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is so now."""

    live: Mapping[EnvironmentName, str] = field(
        default_factory=dict, metadata=key(doc="The version recorded as live in each environment; `nothing`.")
    )
    running: Mapping[EnvironmentName, str] = field(
        default_factory=dict, metadata=key(doc="The version that really runs there; `nothing`.")
    )
    promotion: Mapping[EnvironmentName, PromotionPhase] = field(
        default_factory=dict, metadata=key(doc="How the last promotion of the release into each environment stands.")
    )
    rollback: Mapping[EnvironmentName, RollbackPhase] = field(
        default_factory=dict, metadata=key(doc="How the rollback that holds each environment stands; `absent`: none.")
    )
    queue: Mapping[EnvironmentName, tuple[str, ...]] = field(
        default_factory=dict, metadata=key(doc="The versions waiting for each environment, in order.")
    )
    blocked: Mapping[EnvironmentName, tuple[str, ...]] = field(
        default_factory=dict, metadata=key(doc="The codes that keep the gate of each environment shut; [] is open.")
    )
    exposed: Mapping[EnvironmentName, float] = field(
        default_factory=dict,
        metadata=key(doc="The share of its traffic, in percent, that a candidate really gets.", span=PERCENT),
    )
    drifted: Mapping[EnvironmentName, str] = field(
        default_factory=dict,
        metadata=key(
            doc="What was found to run in place of what was released: a version, `nothing`; `none`; `unknown`."
        ),
    )
    release: tuple[ReleasePhase, ...] = field(default=(), metadata=key(doc="The phase of the release, in a listing."))
    incidents: tuple[str, ...] = field(
        default=UNSAID, metadata=key(doc="The severity of every open incident; [] is none.")
    )
    recalled: tuple[str, ...] = field(default=UNSAID, metadata=key(doc="Every version whose content is recalled."))
    reviews: tuple[str, ...] = field(default=UNSAID, metadata=key(doc="Every version whose review is still owed."))
    told: tuple[str, ...] | Mapping[AudienceName, tuple[str, ...]] = field(
        default=(),
        metadata=key(
            doc="Each stands in the title of a message; by audience: in title or text of one they got, [] is none."
        ),
    )
    undelivered: tuple[AudienceName, ...] = field(
        default=(), metadata=key(doc="Audiences to whom a message could not be delivered, which was given up.")
    )
    incident: Standing = field(default=Standing(), metadata=key(doc="How the newest open incident stands."))
    committed: tuple[str, ...] = field(
        default=UNSAID, metadata=key(doc="Every file of records that was committed to the repository; [] is none.")
    )
    rules: tuple[Name, ...] = field(default=(), metadata=key(doc="The rules in force, in a listing."))
    of: Version = field(default=NOTHING_YET, metadata=key(doc="The version it is about; none: the newest release."))

    def differences(self, stage: Stage) -> Iterator[Difference]:
        """Everything that is not so."""
        yield from self._places(stage)
        yield from self._release(stage)
        yield from self._records(stage)
        for about, expected, found in self.incident.found(stage) if self.incident != Standing() else ():
            yield from _same(about, expected, found)

    def _places(self, stage: Stage) -> Iterator[Difference]:
        for environment, version in self.live.items():
            yield from _same(f"live in {environment}", version, _live(stage, environment))
        for environment, version in self.running.items():
            yield from _same(f"running in {environment}", version, _running(stage, environment))
        for environment, share in self.exposed.items():
            exposed = stage.world.traffic.router((SERVICE, environment)).exposure_now().share / 100
            yield from _same(f"exposed in {environment}", f"{share:g} %", f"{exposed:g} %")
        for environment, version in self.drifted.items():
            yield from _same(f"drifted in {environment}", version, _drifted(stage, environment))
        for environment, phase in self.rollback.items():
            yield from _same(f"rollback in {environment}", phase, _rollback(stage, environment))
        for environment, versions in self.queue.items():
            queue = stage.gatherer().view.slot(SERVICE, environment).queue
            found = tuple(stage.name_of(queued.release) for queued in queue)
            yield from _same(f"waiting for {environment}", _list(versions), _list(found))

    def _release(self, stage: Stage) -> Iterator[Difference]:
        view = stage.gatherer().view
        for environment, phase in self.promotion.items():
            state = view.promotion(stage.promotion(self.of, environment))
            why = f" ({state.sentence})" if state.sentence else ""
            if state.phase is not phase:
                yield Difference(f"promotion to {environment}", phase, f"{state.phase}{why}")
        for environment, codes in self.blocked.items():
            situation = stage.gatherer().situation(stage.release(self.of), environment)
            gate = evaluate(situation, stage.world.moments.now())
            blockers = () if gate.opens else tuple(leaf.code for leaf in gate.blockers())
            yield from _same(f"the gate of {environment}", _set(codes), _set(blockers))
        for expected in self.release:
            yield from _same("the release", expected, view.release(stage.release(self.of)).phase)

    def _records(self, stage: Stage) -> Iterator[Difference]:
        view = stage.gatherer().view
        if self.incidents != UNSAID:
            yield from _same("open incidents", _set(self.incidents), _set(tuple(_incidents(stage))))
        if self.recalled != UNSAID:
            known = dict.fromkeys((stage.cast.live, *stage.contents)) if stage.cast.live else stage.contents
            recalled = tuple(one for one in known if view.recall(stage.digest(one)).is_recalled)
            yield from _same("recalled", _set(self.recalled), _set(recalled))
        if self.reviews != UNSAID:
            owed = tuple(change.removeprefix("CR-") for change in view.service(SERVICE).reviews)
            yield from _same("reviews owed", _set(self.reviews), _set(owed))
        yield from self._told(stage)
        if self.committed != UNSAID:
            there = tuple(path for branch in stage.world.journal.branches for path in stage.world.journal.files(branch))
            yield from _same("committed", _set(self.committed), _set(there))
        for name in self.rules:
            in_force = view.service(SERVICE).in_force.digest
            names = tuple(known for known, ref in stage.rules.items() if ref.digest == in_force)
            yield from _same("the rules in force", name, _list(names))

    def _told(self, stage: Stage) -> Iterator[Difference]:
        messages = tuple(sent.message for sent in stage.world.notifications.outbox)
        given_up = tuple(one.due.to for one in stage.gatherer().view.outbox(SERVICE).given_up.values())
        for audience in self.undelivered:
            if audience not in given_up:
                yield Difference("undelivered", audience, _set(given_up))
        if not isinstance(self.told, Mapping):
            titles = tuple(message.title for message in messages)
            yield from (Difference("told", part, _list(titles)) for part in self.told if not _is_in(part, titles))
            return
        for audience, parts in self.told.items():
            texts = tuple(f"{message.title}\n{message.body}" for message in messages if message.to == audience)
            missing = [part for part in parts if not _is_in(part, texts)]
            if missing or (texts and not parts):
                wanted = "; ".join(missing) or "nothing"
                yield Difference(f"told to {audience}", wanted, "; ".join(texts) or "nothing")


def _is_in(part: str, texts: tuple[str, ...]) -> bool:
    return any(part in text for text in texts)


def _same(about: str, expected: str, found: str) -> Iterator[Difference]:
    if expected != found:
        yield Difference(about, expected, found)


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "nothing"


def _set(words: tuple[str, ...]) -> str:
    return _list(tuple(sorted(dict.fromkeys(words))))


def _drifted(stage: Stage, environment: EnvironmentName) -> str:
    known = stage.gatherer().view.drift(SERVICE, environment)
    if known.is_open:
        return known.shown or "nothing"
    return "unknown" if known.is_hidden else "none"


def _live(stage: Stage, environment: EnvironmentName) -> str:
    return stage.name_of(stage.gatherer().view.slot(SERVICE, environment).live.release) or "nothing"


def _running(stage: Stage, environment: EnvironmentName) -> str:
    lane = stage.gatherer().view.slot(SERVICE, environment).live.lane
    found = stage.world.deploys.lanes[lane].get((SERVICE, environment))
    return stage.name_of(release_id(SERVICE, found.version)) if isinstance(found, Running) else "nothing"


def _rollback(stage: Stage, environment: EnvironmentName) -> str:
    view = stage.gatherer().view
    slot = view.slot(SERVICE, environment)
    if slot.kind is not OccupantKind.ROLLBACK:
        return RollbackPhase.ABSENT
    return view.rollback(RollbackId(slot.occupant)).phase


def _incidents(stage: Stage) -> Iterator[Severity]:
    view = stage.gatherer().view
    for stream in stage.world.store.streams(_INCIDENTS):
        incident = view.incident(IncidentId(stream.removeprefix(_INCIDENTS)))
        if incident.phase is IncidentPhase.OPEN:
            yield incident.severity
