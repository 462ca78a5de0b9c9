# SPDX-License-Identifier: Apache-2.0
"""Why something is as it is: the finding tree of whatever an id names.

1. What is explained is what the rules themselves find now, never a retelling of it.
2. An id is looked for among everything the ledger knows: what shares it is explained together (an incident and the
   rollback that opened it), and one that names nothing is `Ungoverned`.
3. Whoever works alone is named, under the rules that the thing explained is judged by. A gate says so by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from interlock.domain.change import Change
from interlock.domain.course import finding_of
from interlock.domain.gate import evaluate
from interlock.domain.ids import (
    ChangeId,
    EnvironmentName,
    IncidentId,
    PersonId,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    WaiverId,
)
from interlock.domain.incident import Incident, IncidentPhase
from interlock.domain.owing import closing
from interlock.domain.procedure import Stage
from interlock.domain.promotion import Manner, Promotion, PromotionPhase
from interlock.domain.proof import Watch, judge
from interlock.domain.release import Release
from interlock.domain.rollback import Rollback, RollbackPhase
from interlock.domain.verdict import Finding, Verdict, group
from interlock.domain.waiver import WaiverBook
from interlock.service.casework import room
from interlock.service.gather import Gatherer, Ungoverned
from interlock.service.views import Viewer

_JUDGED = frozenset({PromotionPhase.ROLLING, PromotionPhase.BAKING, PromotionPhase.FAILED, PromotionPhase.RETURNED})
"""Phases in which what was measured beside what is stable says something."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What the id names, and why it is as it is."""

    kind: str
    id: str
    finding: Finding
    solo: tuple[PersonId, ...] = ()
    """Who may agree with themself there, where the finding does not say so."""


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains what one ledger knows. `environment` narrows a release to one gate (empty: the next). Of a service that
    is not reached nothing is there.
    """

    viewer: Viewer
    environment: str = ""
    reaches: Callable[[ServiceName], bool] = lambda _service: True

    @property
    def gatherer(self) -> Gatherer:
        """Where facts come from."""
        return self.viewer.gatherer

    def explain(self, named: str) -> Explained:
        """The explanation of whatever `named` names. Raises `Ungoverned` (code `explain.unknown`)."""
        found = tuple(one for look in self._looks() if (one := look(named)) is not None)
        if found:
            return _together(found)
        raise Ungoverned(
            "explain.unknown",
            f"nothing here is called '{named}'",
            "name a release, promotion, rollback, incident, waiver, requirement, or a refusal's code",
        )

    def _looks(self) -> tuple[Callable[[str], Explained | None], ...]:
        return (self._release, self._promotion, self._rollback, self._incident, self._waiver, self._change)

    def _is_there(self, one: Release | Promotion | Rollback | Incident | Change) -> bool:
        return bool(one.id) and self.reaches(one.service)

    def requirement(self, name: str, releases: tuple[ReleaseId, ...]) -> Explained | None:
        """What a requirement amounts to for every open release that it is asked of."""
        leaves = tuple(leaf for release in releases for leaf in self._leaves(release, name))
        if not leaves:
            return None
        solo = (person for one in releases for person in self._pinned_solo(one))
        finding = group("requirement", name, f"requirement '{name}'", leaves)
        return Explained("requirement", name, finding, tuple(dict.fromkeys(solo)))

    def _leaves(self, release: ReleaseId, name: str) -> Iterator[Finding]:
        one = self.gatherer.release(release)
        for environment in self.viewer.ahead(one):
            gate = self._gate(one, environment)
            for leaf in gate.children[-1].children:
                if leaf.subject == name:
                    yield group("gate", release, f"{release} into {environment}", (leaf,))

    def _release(self, named: str) -> Explained | None:
        one = self.gatherer.view.release(ReleaseId(named))
        if not self._is_there(one):
            return None
        ahead = self.viewer.ahead(one)
        if self.environment:
            return Explained("release", named, self._gate(one, EnvironmentName(self.environment)))
        if ahead:
            return Explained("release", named, self._gate(one, ahead[0]))
        sentence = f"the release is {one.phase.replace('_', ' ')}"
        if one.reached:
            sentence += f"; it reached {', '.join(one.reached)}"
        finding = Finding("release.ended", named, Verdict.NOT_APPLICABLE, sentence)
        return Explained("release", named, finding, self.gatherer.pinned(one).solo)

    def _gate(self, release: Release, environment: EnvironmentName) -> Finding:
        return evaluate(self.gatherer.situation(release.id, environment), self.gatherer.now)

    def _promotion(self, named: str) -> Explained | None:
        one = self.gatherer.view.promotion(PromotionId(named))
        if not self._is_there(one):
            return None
        children = tuple(self._promotion_parts(one))
        solo = () if one.phase is PromotionPhase.WAITING else self._pinned_solo(one.release)
        return Explained("promotion", named, _parent(_promotion_head(one), children), solo)

    def _promotion_parts(self, one: Promotion) -> Iterator[Finding]:
        situation = self.gatherer.situation(one.release, one.environment)
        stages = situation.stages()
        if one.phase is PromotionPhase.WAITING:
            yield evaluate(situation, self.gatherer.now)
        elif stages and one.phase in {PromotionPhase.VERIFYING, PromotionPhase.BAKING, PromotionPhase.FAILED}:
            yield judge(_watch(one, stages[-1]), situation.evidence)
        if one.manner is Manner.BESIDE and one.phase in _JUDGED:
            _, course = self.gatherer.course_of(one.id)
            if one.phase in {PromotionPhase.FAILED, PromotionPhase.RETURNED}:
                yield Finding(f"promotion.{one.cause}", one.id, Verdict.FAIL, f"it goes back: {one.sentence}")
            yield finding_of(course)

    def _rollback(self, named: str) -> Explained | None:
        one = self.gatherer.view.rollback(RollbackId(named))
        if not self._is_there(one):
            return None
        children: tuple[Finding, ...] = ()
        if one.phase is RollbackPhase.PROVING:
            checks = self.gatherer.verification(one.service, one.environment).checks
            watch = Watch(
                one.id, f"proving/{one.tries}", one.target, one.environment, checks, one.seen, one.deployed_at
            )
            children = (judge(watch, self.gatherer.view.evidence_of(one.target, one.digest)),)
        return Explained("rollback", named, _parent(_rollback_head(one), children), self._solo(one.service))

    def _incident(self, named: str) -> Explained | None:
        one = self.gatherer.view.incident(IncidentId(named))
        if not self._is_there(one):
            return None
        is_open = one.phase is IncidentPhase.OPEN
        owed = closing(room(one, self.gatherer).handling, one)
        summary = "" if one.summary.startswith("text:") else f": {one.summary}"
        finding = Finding(
            f"incident.{one.phase}",
            named,
            Verdict.FAIL if is_open else Verdict.PASS,
            f"{one.severity} incident in {one.environment} about {one.release}{summary}",
            f"find out why, then `interlock incident close {named} --outcome 'WHAT WAS FOUND'`" if is_open else "",
            children=() if owed.opens or not is_open else (owed,),
        )
        return Explained("incident", named, finding, self._solo(one.service))

    def _waiver(self, named: str) -> Explained | None:
        release, slash, _ = named.rpartition("/")
        book = self.gatherer.view.waivers(ReleaseId(release)) if slash else WaiverBook()
        asked = book.asked.get(WaiverId(named))
        if asked is None or not self._is_there(self.gatherer.view.release(asked.release)):
            return None
        verdict, sentence, then = self._waiver_now(book, WaiverId(named))
        told = f"'{asked.requirement}' of {asked.release} for {asked.environment}, asked by {asked.by}: {sentence}"
        return Explained(
            "waiver", named, Finding("waiver", named, verdict, told, then), self._pinned_solo(asked.release)
        )

    def _waiver_now(self, book: WaiverBook, waiver: WaiverId) -> tuple[Verdict, str, str]:
        asked = book.asked[waiver]
        release = self.gatherer.view.release(asked.release)
        if waiver in book.revoked:
            return Verdict.FAIL, "revoked", ""
        if self.gatherer.now >= asked.expires:
            return Verdict.FAIL, f"expired {asked.expires:%Y-%m-%d %H:%M} UTC", "ask for another"
        if (asked.digest, asked.governance) != (release.digest, release.governance):
            return Verdict.FAIL, "it was for other content or other rules", "ask for another"
        if waiver not in book.granted:
            return Verdict.INCONCLUSIVE, "it waits for somebody to grant it", f"`interlock waive grant {waiver}`"
        return Verdict.PASS, f"granted by {book.granted[waiver]}, until {asked.expires:%Y-%m-%d %H:%M} UTC", ""

    def _change(self, named: str) -> Explained | None:
        one = self.gatherer.view.change(ChangeId(named))
        if not self._is_there(one):
            return None
        sentence = f"a {one.kind} change of {one.service} by {one.author or 'the controller'}, {one.phase}"
        finding = Finding("change", named, Verdict.NOT_APPLICABLE, sentence)
        return Explained("change", named, finding, self._solo(one.service))

    def _pinned_solo(self, release: ReleaseId) -> tuple[PersonId, ...]:
        return self.gatherer.pinned(self.gatherer.release(release)).solo

    def _solo(self, service: ServiceName) -> tuple[PersonId, ...]:
        governance = self.gatherer.in_force(service)
        return governance.solo if governance else ()


def _together(found: tuple[Explained, ...]) -> Explained:
    """What shares an id, as one; alone it stays what it is."""
    if len(found) == 1:
        return found[0]
    kinds = " and ".join(one.kind for one in found)
    finding = group("explain.shared", found[0].id, f"the {kinds} of this name", tuple(one.finding for one in found))
    return Explained(kinds, found[0].id, finding, tuple(dict.fromkeys(person for one in found for person in one.solo)))


def _watch(one: Promotion, stage: Stage) -> Watch:
    baking = one.phase is PromotionPhase.BAKING
    checks = stage.bake.checks if baking else stage.verification.checks
    return Watch(one.id, one.phase, one.release, one.environment, checks, one.seen, one.stepped_at)


def _promotion_head(one: Promotion) -> Finding:
    sentence = f"{one.release} into {one.environment}: {one.phase.replace('_', ' ')}"
    match one.phase:
        case PromotionPhase.COMPLETED:
            return Finding("promotion.completed", one.id, Verdict.PASS, sentence)
        case PromotionPhase.FAILED | PromotionPhase.TURNED_AWAY | PromotionPhase.RETURNED:
            return Finding(f"promotion.{one.cause}", one.id, Verdict.FAIL, f"{sentence}, because {one.sentence}")
        case _:
            return Finding(f"promotion.{one.phase}", one.id, Verdict.INCONCLUSIVE, sentence, "the controller moves it")


def _rollback_head(one: Rollback) -> Finding:
    sentence = f"{one.environment} from {one.leaving} back to {one.target}: {one.phase}"
    why = f"; {one.sentence}" if one.sentence else ""
    match one.phase:
        case RollbackPhase.COMPLETED:
            return Finding("rollback.completed", one.id, Verdict.PASS, sentence)
        case RollbackPhase.STRANDED:
            step = f"order another: `interlock rollback {one.environment} --reason 'WHY'`"
            return Finding("rollback.stranded", one.id, Verdict.FAIL, f"{sentence}{why}", step)
        case _:
            return Finding(f"rollback.{one.phase}", one.id, Verdict.INCONCLUSIVE, f"{sentence}{why}")


def _parent(head: Finding, children: tuple[Finding, ...]) -> Finding:
    """The head's own finding, and below it what it rests on now."""
    if not children:
        return head
    return Finding(head.code, head.subject, head.verdict, head.sentence, head.next_step, children=children)
