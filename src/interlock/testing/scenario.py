# SPDX-License-Identifier: Apache-2.0
"""Scenarios: a procedure's behaviour told in YAML, performed in a simulated world by the program itself.

1. The format is the same in packs and in tests; it is read as strictly as a pack is.
2. A scenario passes when every act is accepted, or refused with just the codes it names, and every expectation holds.
3. What fails says where it stands in the file, what was expected, and what was found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Final, Protocol, TypeAlias

from interlock.domain.ids import EnvironmentName, PersonId, RoleName
from interlock.packs.coverage import StatementId
from interlock.packs.load import Pack, load_pack
from interlock.packs.model import Name
from interlock.packs.problem import Problems, problems_of
from interlock.packs.rehearsal import as_if_active
from interlock.packs.shape import decode, key
from interlock.packs.shelf import PACK_FILE
from interlock.packs.yaml_tree import find, read
from interlock.service.handle import Declined
from interlock.testing.acts import FIRST_RULES, Act, AnAct
from interlock.testing.cases import ACase
from interlock.testing.expectation import Expectation
from interlock.testing.happenings import AHappening
from interlock.testing.moves import AMove
from interlock.testing.stage import Cast, Hands, Stage
from interlock.testing.strangers import strangers
from interlock.testing.surprises import ASurprise
from interlock.testing.tellings import ATelling
from interlock.testing.world import Unplayable, World

SCENARIOS: Final = "scenarios"
_SUFFIX: Final = ".yaml"


@dataclass(frozen=True, slots=True)
class Given:
    """What is so before the first step. The service is under the rules `first`, and something runs already."""

    people: Mapping[PersonId, tuple[RoleName, ...]] = field(
        metadata=key(doc="Everybody, registered with a key, and the roles they hold.", at_least=1)
    )
    live: str = field(default="v1", metadata=key(doc="The version adopted in every environment; `nothing`."))
    solo: tuple[PersonId, ...] = field(default=(), metadata=key(doc="Who declares to work alone."))
    owners: Mapping[Name, tuple[PersonId, ...]] = field(
        default_factory=dict, metadata=key(doc="Areas of the source, and who owns each.")
    )
    posts: Mapping[EnvironmentName, Mapping[RoleName, tuple[PersonId, ...]]] = field(
        default_factory=dict, metadata=key(doc="Who holds a role in one environment alone, under any rules.")
    )
    records: str = field(
        default="", metadata=key(doc="The branch records are committed to, such as interlock/records; none: nowhere.")
    )
    rules: Mapping[Name, Mapping[RoleName, tuple[PersonId, ...]]] = field(
        default_factory=dict, metadata=key(doc="Other rules by name: who would hold each role under them.")
    )

    def __post_init__(self) -> None:
        if FIRST_RULES in self.rules:
            raise ValueError(f"the rules '{FIRST_RULES}' are those everything begins under")

    @property
    def cast(self) -> Cast:
        """The people and what runs."""
        live = "" if self.live == "nothing" else self.live
        return Cast(self.people, self.solo, live, self.owners, self.posts, self.records)


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be so at this point."""

    expect: Expectation = field(metadata=key(doc="What is so now."))


Step: TypeAlias = AnAct | AMove | ATelling | ACase | AHappening | ASurprise | Expect


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story with its expectations."""

    scenario: str = field(metadata=key(doc="What it shows, as a sentence."))
    given: Given = field(metadata=key(doc="What is so before the first step."))
    steps: tuple[Step, ...] = field(metadata=key(doc="What happens, in order.", at_least=1))
    violates: tuple[StatementId, ...] = field(
        default=(), metadata=key(doc="The statement of the written procedure that is not kept in it, and nothing else.")
    )
    satisfies: tuple[StatementId, ...] = field(
        default=(), metadata=key(doc="The statements of the written procedure that are kept in it.")
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario with its source: the name of its file, and the line and the words of every step."""

    source: str
    scenario: Scenario
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """Everything was as told."""

    source: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not: `text` is fit for a terminal and says where, what was expected, and what was found."""

    source: str
    sentence: str
    text: str
    step: int = 0
    """Its number, from 1; 0: not even the first was come to."""


Outcome: TypeAlias = Passed | Failed


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every scenario of a pack."""

    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Failed, ...]:
        """Those that are not as told."""
        return tuple(one for one in self.outcomes if isinstance(one, Failed))


class Watcher(Protocol):
    """Who looks on while a scenario is played. Steps are numbered from 1; `found` is what was not as told."""

    def begins(self, number: int, step: Step, stage: Stage) -> None: ...

    def ends(self, number: int, step: Step, stage: Stage, found: tuple[str, ...]) -> None: ...


@dataclass(frozen=True, slots=True)
class Nobody:
    """Looks at nothing."""

    def begins(self, number: int, step: Step, stage: Stage) -> None:
        """Nothing is done."""

    def ends(self, number: int, step: Step, stage: Stage, found: tuple[str, ...]) -> None:
        """Nothing is done."""


def load_scenario(source: str, content: bytes) -> Loaded | Problems:
    """The scenario in these bytes; `source` is its name in messages."""
    document = read(source, content)
    if isinstance(document, Problems):
        return document
    scenario = decode(document, Scenario)
    if isinstance(scenario, Problems):
        return scenario
    if found := tuple(strangers(document, scenario.given.live, scenario.steps)):
        return problems_of(source, document.lines, found)
    places = [find(document.root, "steps", number).place.line for number in range(len(scenario.steps))]
    return Loaded(source, scenario, tuple((line, document.lines[line - 1].strip(" -")) for line in places))


def perform(
    loaded: Loaded, pack: bytes, rules: Pack, world: World, hands: Hands, watcher: Watcher = Nobody()
) -> Outcome:
    """Play the scenario in a fresh world, by the hands given."""
    given = loaded.scenario.given
    stage = Stage(world, hands, as_if_active(pack), rules.procedure, given.cast)
    try:
        stage.open(given.rules)
    except Unplayable as fault:
        return Failed(loaded.source, loaded.scenario.scenario, f"{loaded.source}: {fault}")
    for number, step in enumerate(loaded.scenario.steps, 1):
        watcher.begins(number, step, stage)
        found = tuple(_play(step, stage))
        watcher.ends(number, step, stage, found)
        if found:
            line, words = loaded.lines[number - 1]
            text = "\n".join([f"{loaded.source}:{line}: step {number}: {words}", *(f"    {one}" for one in found)])
            return Failed(loaded.source, loaded.scenario.scenario, text, number)
    return Passed(loaded.source, loaded.scenario.scenario)


def run_scenario(source: str, content: bytes, pack: bytes) -> Outcome:
    """One scenario, from its file's bytes, under the pack in these bytes."""
    rules = load_pack(PACK_FILE, pack)
    if isinstance(rules, Problems):
        return Failed(source, source, rules.render())
    loaded = load_scenario(source, content)
    if isinstance(loaded, Problems):
        return Failed(source, source, loaded.render())
    return play(loaded, pack, rules)


def play(loaded: Loaded, pack: bytes, rules: Pack, watcher: Watcher = Nobody()) -> Outcome:
    """Play the scenario in a world of its own."""
    world = World()
    return perform(loaded, pack, rules, world, world, watcher)


def run_scenarios(folder: Traversable, pack: bytes) -> Report:
    """Every scenario in this folder (`scenarios/*.yaml`), in order of name, under the pack in these bytes."""
    outcomes = [run_scenario(f"{SCENARIOS}/{one.name}", one.read_bytes(), pack) for one in scenario_files(folder)]
    return Report(tuple(outcomes))


def scenario_files(folder: Traversable) -> tuple[Traversable, ...]:
    """The scenarios of a pack's folder, by name; none when it has no such folder."""
    place = folder.joinpath(SCENARIOS)
    found = place.iterdir() if place.is_dir() else ()
    return tuple(sorted((one for one in found if one.name.endswith(_SUFFIX)), key=lambda one: one.name))


def _play(step: Step, stage: Stage) -> Iterator[str]:
    """Perform one step; whatever is not as told, in words."""
    try:
        if isinstance(step, Act):
            yield from _act(step, stage)
        elif isinstance(step, Expect):
            for one in step.expect.differences(stage):
                yield f"{one.about}: expected {one.expected}, found {one.found}"
        else:
            step.happen(stage)
    except Unplayable as fault:
        yield str(fault)


def _act(act: Act, stage: Stage) -> Iterator[str]:
    reasons: Mapping[str, str] = {}
    for command in act.commands(stage):
        outcome = stage.hands.hand_in(stage.submission(act.by, command, act.blobs(stage)))
        if isinstance(outcome, Declined):
            reasons = {reason.code: reason.sentence for reason in outcome.reasons}
            break
    if set(reasons) != set(act.refused):
        yield f"expected {_answer(act.refused)}, found {_answer(tuple(reasons))}"
        yield from (f"  {code}: {sentence}" for code, sentence in reasons.items())


def _answer(codes: tuple[str, ...]) -> str:
    return f"refused with {', '.join(sorted(codes))}" if codes else "accepted"
