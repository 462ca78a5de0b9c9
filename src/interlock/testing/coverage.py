# SPDX-License-Identifier: Apache-2.0
"""Whether a pack carries its written procedure: every statement cited, broken in one scenario, and kept in one.

1. What covers a statement is no weaker than it (`packs.coverage`).
2. It is broken where a scenario says that it `violates` just this one, and shows what comes of it: a refusal or a shut
   gate with a code of what covers it, and of nothing else; or, where there is no code, an expectation.
3. It is kept where a scenario `satisfies` it in which what covers it was at work: a requirement was met at a gate that
   opened, a message reached somebody, a deployment was verified, a duty of an incident was done.
4. A scenario that does not come out as told shows nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Final

from interlock.domain.gate import evaluate
from interlock.domain.ids import EnvironmentName
from interlock.domain.outbox import Delivery, MessageDue, MessageTried
from interlock.domain.verdict import Finding, NotWaived, Verdict
from interlock.ledger.codec import decode_event
from interlock.ledger.command import is_command
from interlock.ledger.record import Record
from interlock.packs.coverage import (
    ENGINE,
    REQUIREMENTS_FILE,
    TOLD,
    Carried,
    Element,
    Engine,
    Statement,
    carried,
    covers,
    load_requirements,
    told,
    unknown_statement,
)
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problem, Problems, problems_of
from interlock.packs.yaml_tree import Document, read
from interlock.service.gather import Ungoverned
from interlock.testing.acts import Act
from interlock.testing.expectation import Expectation
from interlock.testing.moves import Promote
from interlock.testing.scenario import (
    SCENARIOS,
    Expect,
    Failed,
    Loaded,
    Outcome,
    Step,
    load_scenario,
    play,
    scenario_files,
)
from interlock.testing.stage import Stage

_TOO_EARLY: Final = ".too_early"
_ASKED: Final = "gate.requirements"


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """The pack's folder holds no numbered statements."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A step that shows something: with codes, or as what it expects. `leaves` are what kept a gate shut then."""

    step: int
    codes: frozenset[str]
    leaves: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played, what it showed, and the requirements that were met at gates that opened.

    `happened`: the names of events, and of messages that reached somebody.
    """

    loaded: Loaded
    outcome: Outcome
    claims: tuple[Claim, ...]
    met: frozenset[str]
    happened: frozenset[str]

    @property
    def source(self) -> str:
        """The name of its file."""
        return self.loaded.source

    @property
    def passed(self) -> bool:
        """Whether everything was as told."""
        return not isinstance(self.outcome, Failed)


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing for a statement."""

    code: str
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Row:
    """One statement, what covers it, and where it is broken and kept."""

    statement: Statement
    elements: tuple[Element, ...]
    engine: tuple[Engine, ...]
    violated: tuple[Played, ...]
    satisfied: tuple[Played, ...]
    lacks: tuple[Lack, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that show it broken."""
        shown = {code for one in self.violated for claim in one.claims for code in claim.codes if self.shows(claim)}
        return tuple(sorted(shown))

    def shows(self, claim: Claim) -> bool:
        """Whether the claim is about this statement and about nothing else."""
        starts = tuple(start for one in self.elements for start in one.shows)
        named = {code for one in self.engine for code in one.codes}
        if any(one.shows == () for one in self.elements):
            return True
        if any(leaf.cites and self.statement.id not in leaf.cites for leaf in claim.leaves):
            return False
        return bool(claim.codes) and all(
            code.startswith(starts) or code.endswith(_TOO_EARLY) or code in named for code in claim.codes
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of every statement."""

    pack: Pack
    content: bytes
    carried: Carried
    rows: tuple[Row, ...]
    plays: tuple[Played, ...]

    @property
    def covered(self) -> tuple[Row, ...]:
        """The statements for which nothing is missing."""
        return tuple(row for row in self.rows if not row.lacks)


@dataclass(slots=True)
class _Observer:
    """Looks at gates just before somebody asks for what they guard, and when a scenario says what shuts them."""

    claims: list[Claim] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    happened: set[str] = field(default_factory=set)
    heard: int = 0
    """Of how many records it is known what happened."""
    notices: dict[str, str] = field(default_factory=dict)
    """What each message that is due says, by its key."""

    def begins(self, number: int, step: Step, stage: Stage) -> None:
        match step:
            case Promote(refused=refused, promote=environment, of=version):
                found = _gate(stage, version, environment)
                if refused:
                    self._claim(number, refused, found)
                else:
                    self.met.update(asked for gate in found for asked in _met(gate))
            case Act(refused=refused) if refused:
                self._claim(number, refused, ())
            case Expect(expect=Expectation(blocked=blocked, of=version)):
                gates = tuple(gate for environment in blocked for gate in _gate(stage, version, environment))
                self._claim(number, tuple(code for codes in blocked.values() for code in codes), gates)
            case _:
                return

    def ends(self, number: int, step: Step, stage: Stage, found: tuple[str, ...]) -> None:
        """What was not as told is in the outcome."""
        store = stage.world.store
        self.happened.update(_happened(store.records(since=self.heard), self.notices))
        self.heard = store.head().size

    def _claim(self, number: int, codes: tuple[str, ...], gates: tuple[Finding, ...]) -> None:
        leaves = tuple(leaf for gate in gates for leaf in gate.blockers())
        self.claims.append(Claim(number, frozenset(codes), leaves))


def read_coverage(folder: Traversable, source: str, content: bytes) -> Coverage | Problems | Unnumbered:
    """What the pack in these bytes covers, with the statements and the scenarios of its folder."""
    loaded = load_pack(source, content)
    if isinstance(loaded, Problems):
        return loaded
    file = folder.joinpath(REQUIREMENTS_FILE)
    if not file.is_file():
        return Unnumbered()
    statements = load_requirements(REQUIREMENTS_FILE, file.read_bytes())
    found = statements if isinstance(statements, Problems) else carried(source, content, statements)
    if isinstance(found, Problems):
        return found
    scenarios = _scenarios(folder, found)
    if isinstance(scenarios, Problems):
        return scenarios
    plays = tuple(observe(one, content, loaded) for one in scenarios)
    return Coverage(loaded, content, found, tuple(_row(one, found, plays) for one in found.statements), plays)


def observe(loaded: Loaded, content: bytes, rules: Pack) -> Played:
    """Play a scenario and see what it shows."""
    observer = _Observer()
    outcome = play(loaded, content, rules, observer)
    return Played(loaded, outcome, tuple(observer.claims), frozenset(observer.met), frozenset(observer.happened))


def _scenarios(folder: Traversable, known: Carried) -> tuple[Loaded, ...] | Problems:
    """The scenarios that say which statements they are about."""
    read_in: list[Loaded] = []
    for file in scenario_files(folder):
        source, content = f"{SCENARIOS}/{file.name}", file.read_bytes()
        loaded = load_scenario(source, content)
        if isinstance(loaded, Problems):
            return loaded
        document = read(source, content)
        assert isinstance(document, Document), "what was loaded can be read"
        found = tuple(_strangers(document, loaded, known))
        if found:
            return problems_of(source, document.lines, found)
        if loaded.scenario.violates or loaded.scenario.satisfies:
            read_in.append(loaded)
    return tuple(read_in)


def _strangers(document: Document, loaded: Loaded, known: Carried) -> Iterator[Problem]:
    ids = tuple(one.id for one in known.statements)
    for word, named in (("violates", loaded.scenario.violates), ("satisfies", loaded.scenario.satisfies)):
        for number, one in enumerate(named):
            if one not in ids:
                yield unknown_statement(document, (word, number), one, ids)


def _row(statement: Statement, known: Carried, plays: tuple[Played, ...]) -> Row:
    violated = tuple(one for one in plays if one.loaded.scenario.violates == (statement.id,))
    satisfied = tuple(one for one in plays if statement.id in one.loaded.scenario.satisfies)
    elements, engine = known.elements_for(statement.id), known.engine_for(statement.id)
    row = Row(statement, elements, engine, violated, satisfied, ())
    crowded = tuple(one for one in plays if statement.id in one.loaded.scenario.violates and one not in violated)
    lacks = (*_cited(row), *_broken(row, crowded), *_kept(row))
    return Row(statement, elements, engine, violated, satisfied, lacks)


def _cited(row: Row) -> Iterator[Lack]:
    name, kind = row.statement.id, row.statement.kind
    if not row.elements and not row.engine:
        yield Lack("coverage.not_cited", "nothing in the pack cites it", f"cite {name} where the pack carries it")
        return
    counts = [one.counts for one in row.elements] + [ENGINE for _ in row.engine]
    if not covers(counts, kind):
        what = ", ".join([one.name for one in row.elements] + ["the engine"] * bool(row.engine))
        sentence = f"{what} is weaker than a {kind}"
        yield Lack("coverage.too_weak", sentence, f"carry it by something that is no weaker than a {kind}")


def _broken(row: Row, crowded: tuple[Played, ...]) -> Iterator[Lack]:
    name = row.statement.id
    if not row.violated:
        sentence = "no scenario shows what comes of it when it is not kept"
        if crowded:
            sentence = f"{crowded[0].source} violates more than this one statement"
        yield Lack("coverage.not_violated", sentence, f"write one with `violates: [{name}]` and nothing else")
    for one in row.violated:
        if not one.passed:
            yield _fails(one)
        elif (row.elements or row.engine) and not any(row.shows(claim) for claim in one.claims):
            wanted = sorted({f"{start}*" for element in row.elements for start in element.shows})
            wanted += [code for engine in row.engine for code in engine.codes]
            sentence = f"{one.source} shows no refusal of it alone"
            step = f"let a step be refused, or a gate be shut, with nothing but: {', '.join(wanted) or 'its codes'}"
            yield Lack("coverage.not_shown", sentence, step)


def _kept(row: Row) -> Iterator[Lack]:
    name = row.statement.id
    if not row.satisfied:
        sentence = "no scenario shows that it can be kept"
        yield Lack("coverage.not_satisfied", sentence, f"add {name} to `satisfies` of one")
        return
    for one in row.satisfied:
        if not one.passed:
            yield _fails(one)
        elif row.elements and not any(_was_at_work(element, one) for element in row.elements):
            names = " or ".join(sorted({element.requirement or element.name for element in row.elements}))
            sentence = f"in {one.source} {names} is never at work: met at no gate that opens, and nothing comes of it"
            yield Lack("coverage.not_met", sentence, "promote in it what meets it, or take it out of `satisfies`")


def _was_at_work(element: Element, one: Played) -> bool:
    return element.requirement in one.met if element.requirement else bool(element.works & one.happened)


def _fails(one: Played) -> Lack:
    return Lack("coverage.scenario_fails", f"{one.source} does not come out as told", "see `interlock pack test`")


def _gate(stage: Stage, version: str, environment: EnvironmentName) -> tuple[Finding, ...]:
    """How a gate stands now; nothing where there is none."""
    try:
        situation = stage.gatherer().situation(stage.release(version), environment)
    except Ungoverned:
        return ()
    return (evaluate(situation, stage.world.moments.now()),)


def _happened(records: Iterable[Record], notices: dict[str, str]) -> Iterator[str]:
    """What was recorded, by name; of messages those that somebody got. `notices`: what was due before."""
    for record in records:
        if is_command(record.event):
            continue
        match decode_event(record.event, record.version, record.payload):
            case MessageDue(key=key, notice=notice):
                notices[key] = notice
            case MessageTried(key=key, outcome=Delivery.DELIVERED):
                yield told(notices[key])
                yield TOLD
            case event:
                yield type(event).__name__


def _met(gate: Finding) -> Iterator[str]:
    """The requirements that were met by what they ask for, where the gate opens."""
    groups = gate.children if gate.opens else ()
    for finding in (one for group in groups if group.code == _ASKED for one in group.children):
        if finding.verdict is Verdict.PASS and isinstance(finding.waiver, NotWaived):
            yield finding.subject
