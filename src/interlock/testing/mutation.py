# SPDX-License-Identifier: Apache-2.0
"""Whether what covers a statement matters: taken out of the pack, the scenario that breaks the statement fails.

1. What cites the statement is taken out of the tree, with what cannot stand without it; what the loader refuses then
   cannot be left out at all. Of a requirement with evidence and a signature each half is taken out by itself.
2. The scenario must fail where it shows something: at a refusal that does not come, or at what it expects. One that
   fails elsewhere shows nothing, and is told as such.
3. What the engine enforces cannot be taken out; there the engine's word is struck from its answers instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from interlock.packs.coverage import Kind
from interlock.packs.load import Pack
from interlock.packs.pruning import Pruned, Ruined, prune
from interlock.packs.yaml_tree import Step
from interlock.service.handle import Declined, Done, Outcome, Submission
from interlock.testing.acts import Act
from interlock.testing.coverage import Coverage, Played, Row
from interlock.testing.scenario import Expect, Failed, perform, play
from interlock.testing.world import World

_HALVES: Final = ("gate", "signoff")


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


Fate: TypeAlias = Noticed | Unloadable | Survived


@dataclass(frozen=True, slots=True)
class Mutated:
    """What became of a statement's coverage when it was taken away."""

    statement: str
    fates: tuple[Fate, ...]

    @property
    def survivors(self) -> tuple[Survived, ...]:
        """What nobody noticed."""
        return tuple(one for one in self.fates if isinstance(one, Survived))


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


def mutate(coverage: Coverage) -> Iterator[Mutated]:
    """Take away what covers each statement, one after the other."""
    for row in coverage.rows:
        yield mutated(row, coverage)


def mutated(row: Row, coverage: Coverage) -> Mutated:
    """Take away what covers one statement."""
    return Mutated(row.statement.id, tuple(_fates(row, coverage)))


def _fates(row: Row, coverage: Coverage) -> Iterator[Fate]:
    plays = tuple(one for one in row.violated if one.passed)
    if not plays:
        yield Survived(row.statement.id, "no scenario shows it broken, so nothing can notice")
        return
    for name, elements in _mutations(row):
        yield _without(name, elements, plays, coverage)
    for engine in row.engine:
        yield _struck(frozenset(engine.codes), plays, coverage)


def _mutations(row: Row) -> Iterator[tuple[str, tuple[tuple[Step, ...], ...]]]:
    """What is taken out, by its name: everything that cites the statement; of two halves each."""
    whole = tuple(one.at for one in row.elements if Kind.BOTH not in one.counts)
    if whole:
        yield ", ".join(one.name for one in row.elements if one.at in whole), whole
    for one in row.elements:
        if Kind.BOTH in one.counts:
            yield from ((f"{one.name} ({half})", ((*one.at, half),)) for half in _HALVES)


def _without(name: str, elements: tuple[tuple[Step, ...], ...], plays: tuple[Played, ...], coverage: Coverage) -> Fate:
    left = prune(coverage.carried.document, elements)
    match left:
        case Ruined(sentence):
            return Unloadable(name, sentence)
        case Pruned(content, rules, also):
            return _judged(name, [(one, play(one.loaded, content, rules)) for one in plays], also)


def _struck(codes: frozenset[str], plays: tuple[Played, ...], coverage: Coverage) -> Fate:
    name = f"the engine's {', '.join(sorted(codes))}"
    return _judged(name, [(one, _unheard(one, codes, coverage.content, coverage.pack)) for one in plays], ())


def _unheard(one: Played, codes: frozenset[str], content: bytes, rules: Pack) -> object:
    world = World()
    return perform(one.loaded, content, rules, world, _Struck(world, codes))


def _judged(name: str, results: list[tuple[Played, object]], also: tuple[str, ...]) -> Fate:
    elsewhere = ""
    for one, outcome in results:
        if isinstance(outcome, Failed):
            if _shows(one, outcome.step):
                return Noticed(name, one.source, outcome.text, also)
            elsewhere = f"{one.source} fails without showing it: {outcome.text.splitlines()[0]}"
    return Survived(name, elsewhere or f"{results[0][0].source} comes out as told without it")


def _shows(one: Played, step: int) -> bool:
    """Whether the scenario claims something at that step."""
    told = one.loaded.scenario.steps[max(step, 1) - 1]
    return step > 0 and (isinstance(told, Expect) or (isinstance(told, Act) and bool(told.refused)))
