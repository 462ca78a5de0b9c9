# SPDX-License-Identifier: Apache-2.0
"""Whether what covers a statement matters: taken out of the pack, the scenario that breaks the statement fails.

1. What cites the statement is taken out of the tree, with what cannot stand without it; what the loader refuses then
   cannot be left out at all. Of a requirement with evidence and a signature each half is taken out by itself.
2. Then every element that cites it is taken out alone. One that is not missed is redundant: either no scenario shows
   what only it does, or it does nothing of its own and should not cite the statement.
3. The scenario must fail where it shows something: at a refusal that does not come, or at what it expects. One that
   fails elsewhere shows nothing, and is told as such.
4. What the engine enforces cannot be taken out; there the engine's word is struck from its answers instead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

from interlock.packs.coverage import Element, Kind
from interlock.packs.load import Pack
from interlock.packs.pruning import Pruned, Ruined, prune
from interlock.packs.yaml_tree import Step
from interlock.service.handle import Declined, Done, Outcome, Submission
from interlock.testing.acts import Act
from interlock.testing.coverage import Coverage, Played, Row
from interlock.testing.scenario import Expect, Failed, perform, play
from interlock.testing.world import World

_HALVES: Final = ("gate", "signoff")
Place: TypeAlias = tuple[Step, ...]
"""Where an element stands."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """The scenario fails where it shows the statement broken."""

    without: str
    source: str
    text: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unloadable:
    """The loader refuses the pack without it."""

    without: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Survived:
    """Nobody noticed."""

    without: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Redundant:
    """Nobody noticed that it was gone alone: what else cites the statement carries it in every scenario."""

    without: str
    sentence: str


Fate: TypeAlias = Noticed | Unloadable | Survived | Redundant


@dataclass(frozen=True, slots=True)
class Mutated:
    """What became of a statement's coverage when it was taken away."""

    statement: str
    fates: tuple[Fate, ...]

    @property
    def survivors(self) -> tuple[Survived, ...]:
        """What nobody noticed."""
        return tuple(one for one in self.fates if isinstance(one, Survived))

    @property
    def redundant(self) -> tuple[Redundant, ...]:
        """What nobody noticed as long as the others were there."""
        return tuple(one for one in self.fates if isinstance(one, Redundant))


@dataclass(frozen=True, slots=True)
class _Struck:
    """Hands that do not pass on refusals with these codes."""

    world: World
    codes: frozenset[str]

    def hand_in(self, submission: Submission) -> Outcome:
        answer = self.world.hand_in(submission)
        if not isinstance(answer, Declined):
            return answer
        left = tuple(reason for reason in answer.reasons if reason.code not in self.codes)
        return Declined(answer.id, left) if left else Done(answer.id, ())

    def settle(self) -> int:
        return self.world.settle()

    def work(self, span: timedelta) -> int:
        return self.world.work(span)


@dataclass(slots=True)
class _Workshop:
    """Where one pack is taken apart: what is cut out for several statements is cut out once."""

    coverage: Coverage
    cut: dict[tuple[Place, ...], Pruned | Ruined] = field(default_factory=dict)

    def without(self, elements: tuple[Place, ...]) -> Pruned | Ruined:
        """The pack without these."""
        if elements not in self.cut:
            self.cut[elements] = prune(self.coverage.carried.document, elements)
        return self.cut[elements]


def mutate(coverage: Coverage) -> Iterator[Mutated]:
    """Take away what covers each statement, one after the other."""
    shop = _Workshop(coverage)
    for row in coverage.rows:
        yield Mutated(row.statement.id, tuple(_fates(row, shop)))


def _fates(row: Row, shop: _Workshop) -> Iterator[Fate]:
    plays = tuple(one for one in row.violated if one.passed)
    if not plays:
        yield Survived(row.statement.id, "no scenario shows it broken, so nothing can notice")
        return
    whole = tuple(one for one in row.elements if Kind.BOTH not in one.counts)
    if whole:
        fate = _without(", ".join(one.name for one in whole), tuple(one.at for one in whole), plays, shop)
        yield fate
        if len(whole) > 1 and not isinstance(fate, Survived):
            yield from (_alone(one, plays, shop) for one in whole)
    for one in row.elements:
        if Kind.BOTH in one.counts:
            for half in _HALVES:
                yield _without(f"{one.name} ({half})", ((*one.at, half),), plays, shop)
    for engine in row.engine:
        yield _struck(frozenset(engine.codes), plays, shop.coverage)


def _alone(element: Element, plays: tuple[Played, ...], shop: _Workshop) -> Fate:
    """One of several that cite the statement: each has something of its own to do, and a scenario that shows it."""
    likely = sorted(plays, key=lambda one: not _is_shut_by(element, one))
    fate = _without(f"{element.name} alone", (element.at,), tuple(likely), shop)
    return Redundant(fate.without, fate.sentence) if isinstance(fate, Survived) else fate


def _is_shut_by(element: Element, one: Played) -> bool:
    """Whether this requirement kept a gate shut there: that scenario is the first to be asked."""
    return any(leaf.subject == element.requirement for claim in one.claims for leaf in claim.leaves)


def _without(name: str, elements: tuple[Place, ...], plays: tuple[Played, ...], shop: _Workshop) -> Fate:
    match shop.without(elements):
        case Ruined(sentence):
            return Unloadable(name, sentence)
        case Pruned(content, rules, also):
            return _judged(name, plays, lambda one: play(one.loaded, content, rules), also)


def _struck(codes: frozenset[str], plays: tuple[Played, ...], coverage: Coverage) -> Fate:
    name = f"the engine's {', '.join(sorted(codes))}"
    return _judged(name, plays, lambda one: _unheard(one, codes, coverage.content, coverage.pack))


def _unheard(one: Played, codes: frozenset[str], content: bytes, rules: Pack) -> object:
    world = World()
    return perform(one.loaded, content, rules, world, _Struck(world, codes))


def _judged(
    name: str, plays: tuple[Played, ...], again: Callable[[Played], object], also: tuple[str, ...] = ()
) -> Fate:
    """What becomes of it, by the first scenario that notices."""
    elsewhere = ""
    for one in plays:
        outcome = again(one)
        if isinstance(outcome, Failed):
            if _shows(one, outcome.step):
                return Noticed(name, one.source, outcome.text, also)
            elsewhere = f"{one.source} fails without showing it: {outcome.text.splitlines()[0]}"
    return Survived(name, elsewhere or f"{plays[0].source} comes out as told without it")


def _shows(one: Played, step: int) -> bool:
    """Whether the scenario claims something at that step."""
    told = one.loaded.scenario.steps[max(step, 1) - 1]
    return step > 0 and (isinstance(told, Expect) or (isinstance(told, Act) and bool(told.refused)))
