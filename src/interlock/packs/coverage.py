# SPDX-License-Identifier: Apache-2.0
"""What of a written procedure a pack carries: its numbered statements, and the elements that cite them.

1. A pack's folder may hold `requirements.yaml`, the statements in the team's own words. What is cited is one of them.
2. An element covers a statement when it is no weaker than the statement's kind: whoever signs is not replaced by a
   message, and what both a machine and a person must say is not said by one of them.
3. What an element counts as stands in one table, by its shape. A shape that is not there counts as advice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from interlock.packs import duties, handling, messages, model, requirements
from interlock.packs.citing import Citation, citations
from interlock.packs.nearest import advice
from interlock.packs.problem import Problem, Problems, problems_of, shown
from interlock.packs.shape import decode, key, problem_at
from interlock.packs.yaml_tree import Document, Step, find, place_of, read

REQUIREMENTS_FILE: Final = "requirements.yaml"
"""The file beside a pack's own that holds the statements of the written procedure."""
_LONGEST: Final = 40


class Kind(StrEnum):
    """How binding a statement is."""

    GATE = "gate"
    """Evidence decides."""
    SIGNOFF = "signoff"
    """A person attests that something is so."""
    BOTH = "gate+signoff"
    APPROVAL = "approval"
    """A person decides that it may go on."""
    STEP = "step"
    """It is done, and in its place."""
    RULE = "rule"
    """It is so, whatever anybody does."""
    TIMER = "timer"
    """It is done in time, or somebody hears of it."""
    HOLD = "hold"
    """So much time passes."""
    RECORD = "record"
    """It is written down."""
    NOTIFY = "notify"
    """Somebody is told."""
    ADVISORY = "advisory"
    """It is shown."""


def parse_statement_id(text: str) -> str:
    """The number of a statement, such as `OA-10`."""
    if not text.replace("-", "").isalnum() or not text.isascii() or len(text) > _LONGEST:
        raise ValueError("write letters, digits and dashes, such as OA-10")
    return text


StatementId = Annotated[str, parse_statement_id]


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the written procedure asks for."""

    id: StatementId = field(metadata=key(doc="Its number, by which elements and scenarios cite it."))
    at: str = field(metadata=key(doc="Where the written procedure says so."))
    kind: Kind = field(metadata=key(doc="How binding it is."))
    text: str = field(metadata=key(doc="What it asks for, as a sentence of your own."))


@dataclass(frozen=True, slots=True)
class RequirementsFile:
    """The statements of a written procedure."""

    requirements: tuple[Statement, ...] = field(metadata=key(doc="What it asks for, one by one.", at_least=1))
    source: str = field(default="", metadata=key(doc="What was read: its name and version."))


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a pack that covers statements; `at` leads to it, `line` is where it stands (from 1)."""

    at: tuple[Step, ...]
    name: str
    line: int
    counts: frozenset[Kind]
    shows: tuple[str, ...]
    """How the codes begin of which one shows that it was not kept; none: any refusal or expectation does."""
    ids: tuple[str, ...]
    requirement: str
    """Its id, where it is a requirement of a gate; else empty."""
    works: frozenset[str]
    """Events of which one shows it at work, where it is none; of a message, that it reached somebody (`told`)."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine enforces in every pack, and the codes it refuses with."""

    id: str
    codes: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A pack read for what it covers."""

    statements: tuple[Statement, ...]
    elements: tuple[Element, ...]
    engine: tuple[Engine, ...]
    document: Document

    def elements_for(self, statement: str) -> tuple[Element, ...]:
        """The elements that cite a statement."""
        return tuple(one for one in self.elements if statement in one.ids)

    def engine_for(self, statement: str) -> tuple[Engine, ...]:
        """What of the engine is named for a statement."""
        return tuple(one for one in self.engine if one.id == statement)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What a shape counts as; `shows` as in `Element`."""

    kinds: frozenset[Kind]
    shows: tuple[str, ...] = ()
    works: frozenset[str] = frozenset()


def _counts(*kinds: Kind, shows: str = "", works: str = "DeploymentBegun IncidentOpened") -> _Counts:
    return _Counts(frozenset(kinds), tuple(shows.split()), frozenset(works.split()))


TOLD: Final = "told"
"""That a message reached somebody."""


def told(notice: str) -> str:
    """That this message reached somebody."""
    return f"{TOLD}:{notice}"


_ACTS: Final = (Kind.RULE, Kind.STEP, Kind.ADVISORY)
"""Whatever refuses, holds or acts by itself is at least this."""
ENGINE: Final = frozenset(_ACTS)
"""What the engine's own rules count as."""
_ADVICE: Final = _counts(Kind.ADVISORY)
_RULE: Final = _counts(*_ACTS)
_GATE: Final = _counts(Kind.GATE, *_ACTS, shows="evidence.")
_SIGNOFF: Final = _counts(Kind.SIGNOFF, *_ACTS, shows="signoff.")
_BOTH: Final = _counts(Kind.GATE, Kind.SIGNOFF, Kind.BOTH, *_ACTS, shows="evidence. signoff.")
_VERIFY: Final = _counts(Kind.GATE, *_ACTS, works="PromotionVerified")
_BAKE: Final = _counts(Kind.GATE, Kind.HOLD, *_ACTS, works="BakeObserved")
_ROLLOUT: Final = _counts(Kind.GATE, Kind.HOLD, *_ACTS, works="Measured")
_WINDOW: Final = _counts(*_ACTS, shows="window.", works="DeploymentBegun")
_STEP: Final = _counts(Kind.GATE, *_ACTS, works="StepConcluded")
_AWAITED: Final = _counts(Kind.GATE, *_ACTS, works="EnvironmentRestored RollbackCompleted ReviewScheduled")
_TOLD: Final = _counts(Kind.NOTIFY, Kind.ADVISORY, works=TOLD)
_REVIEW: Final = _counts(Kind.TIMER, Kind.NOTIFY, *_ACTS, works="ReviewCompleted")
_CLOCK: Final = _counts(Kind.TIMER, Kind.NOTIFY, *_ACTS, works="IncidentOpened")
_WAIVER: Final = _counts(*_ACTS, works="WaiverGranted")
_DECIDED: Final = _counts(*_ACTS, works="IncidentDecided")

COUNTS: Final[Mapping[type, _Counts]] = {
    requirements.GateRequirement: _GATE,
    requirements.SignoffRequirementShape: _SIGNOFF,
    requirements.ApprovalRequirementShape: _counts(
        Kind.APPROVAL, Kind.SIGNOFF, *_ACTS, shows="approval. emergency. authors."
    ),
    requirements.RecordRequirementShape: _counts(Kind.RECORD, *_ACTS, shows="record."),
    requirements.HoldRequirementShape: _counts(Kind.HOLD, *_ACTS, shows="hold."),
    model.EnvironmentShape: _counts(*_ACTS, shows="order. evidence.", works="DeploymentBegun"),
    model.WindowShape: _WINDOW,
    model.VerifyShape: _VERIFY,
    model.BakeShape: _BAKE,
    model.RolloutShape: _ROLLOUT,
    model.StageShape: _RULE,
    model.PathShape: _RULE,
    model.WaiversShape: _WAIVER,
    model.PackFile: _RULE,
    model.DeliverShape: _counts(*_ACTS, works="HeadDelivered"),
    model.DriftShape: _counts(*_ACTS, works="LiveVerified DriftEnded"),
    messages.MessageShape: _TOLD,
    messages.ChaseShape: _REVIEW,
    handling.ClockShape: _CLOCK,
    handling.LabelShape: _counts(*_ACTS, works="IncidentLabelled RollbackBegun"),
    handling.AuthorityShape: _DECIDED,
    handling.RollbackShape: _counts(*_ACTS, works="RollbackCompleted StepConcluded"),
    handling.IncidentShape: _counts(*_ACTS, works="IncidentOpened"),
    duties.StepDuty: _STEP,
    duties.DecideDuty: _counts(Kind.SIGNOFF, Kind.RECORD, *_ACTS, works="QuestionAnswered"),
    duties.AttestDuty: _counts(Kind.SIGNOFF, *_ACTS, works="DutyAttested"),
    duties.ReportDuty: _counts(Kind.RECORD, *_ACTS, works="ReportWritten"),
    duties.GapsDuty: _counts(Kind.RECORD, *_ACTS, works="GapNamed"),
    duties.SentDuty: _counts(Kind.NOTIFY, *_ACTS, works="NoticeSent"),
    duties.AwaitedDuty: _AWAITED,
}
"""What an element counts as, by its shape."""
KEYS: Final[Mapping[tuple[type, str], _Counts]] = {
    (model.StageShape, "order"): _counts(*_ACTS, shows="signoff. approval. record.", works="DeploymentBegun"),
    (model.StageShape, "windows"): _WINDOW,
    (model.StageShape, "verify"): _VERIFY,
    (model.StageShape, "bake"): _BAKE,
    (model.StageShape, "rollout"): _ROLLOUT,
    (model.StageShape, "notify"): _TOLD,
    (model.RolloutShape, "analysis"): _counts(Kind.GATE, *_ACTS, works="Measured"),
    (model.PathShape, "review_within"): _REVIEW,
    (model.WaiversShape, "longest"): _counts(Kind.TIMER, *_ACTS, works="WaiverGranted"),
    (model.WaiversShape, "authority"): _counts(Kind.APPROVAL, *_ACTS, shows="waiver.", works="WaiverGranted"),
    (model.PackFile, "governors"): _counts(Kind.APPROVAL, *_ACTS, shows="governance.", works="GovernanceApproved"),
    (model.PackFile, "lifters"): _counts(*_ACTS, shows="stopped.", works="FreezeLifted RecallLifted RolloutResumed"),
    (model.PackFile, "about"): _ADVICE,
    (handling.AuthorityShape, "fallback"): _counts(Kind.TIMER, *_ACTS, works="IncidentDecided"),
    (handling.AuthorityShape, "escalate"): _counts(Kind.TIMER, Kind.NOTIFY, *_ACTS, works="IncidentEscalated"),
    (handling.RollbackShape, "notify"): _TOLD,
    (handling.IncidentShape, "send"): _TOLD,
    (handling.IncidentShape, "clocks"): _CLOCK,
}
"""What a key counts as, where that is not what its table does."""


def covers(counts: Iterable[frozenset[Kind]], kind: Kind) -> bool:
    """Whether elements that count as these are, together, no weaker than `kind`."""
    together = frozenset[Kind]().union(*counts)
    return kind in together or (kind is Kind.BOTH and {Kind.GATE, Kind.SIGNOFF} <= together)


def load_requirements(source: str, content: bytes) -> tuple[Statement, ...] | Problems:
    """The statements in these bytes; `source` is their file's name in messages."""
    document = read(source, content)
    if isinstance(document, Problems):
        return document
    file = decode(document, RequirementsFile)
    if isinstance(file, Problems):
        return file
    found = tuple(_twice(document, file.requirements))
    return problems_of(source, document.lines, found) if found else file.requirements


def _twice(document: Document, statements: tuple[Statement, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, one in enumerate(statements):
        if one.id in seen:
            sentence = f"statement '{one.id}' stands here twice"
            yield problem_at(
                document, ("requirements", number, "id"), "pack.duplicate_name", sentence, "give it its own number"
            )
        seen.add(one.id)


def carried(source: str, content: bytes, statements: tuple[Statement, ...]) -> Carried | Problems:
    """What the pack in these bytes carries of the statements; whatever it cites is one of them."""
    document = read(source, content)
    if isinstance(document, Problems):
        return document
    shape = decode(document, model.PackFile)
    if isinstance(shape, Problems):
        return shape
    cited = tuple(citations(shape))
    known = tuple(one.id for one in statements)
    found = tuple(_unknown(document, cited, tuple(shape.enforced), known))
    if found:
        return problems_of(source, document.lines, found)
    engine = tuple(
        Engine(name, codes, place_of(document.root, "enforced", name).line) for name, codes in shape.enforced.items()
    )
    return Carried(statements, tuple(_element(document, one) for one in cited), engine, document)


def unknown_statement(document: Document, at: tuple[Step, ...], cited: str, known: Iterable[str]) -> Problem:
    """That what is cited there is no statement of the procedure."""
    sentence = f"{shown(cited)} is no statement of {REQUIREMENTS_FILE}"
    return problem_at(document, at, "pack.unknown_statement", sentence, advice(cited, known))


def _unknown(
    document: Document, cited: tuple[Citation, ...], enforced: tuple[str, ...], known: tuple[str, ...]
) -> Iterator[Problem]:
    for one in cited:
        for number, name in enumerate(one.ids):
            if name not in known:
                yield unknown_statement(document, (*one.cited_at, number), name, known)
    for name in enforced:
        if name not in known:
            yield unknown_statement(document, ("enforced", name), name, known)


def _element(document: Document, one: Citation) -> Element:
    shape = type(one.element)
    counts = KEYS.get((shape, one.key)) or COUNTS.get(shape, _ADVICE)
    if isinstance(one.element, requirements.GateRequirement) and one.element.signoff is not None:
        counts = _BOTH
    asked = one.element.id if isinstance(one.element, requirements.RequirementShape) else ""
    line = place_of(document.root, *one.at).line
    works = {told(str(one.at[1]))} if isinstance(one.element, messages.MessageShape) else counts.works
    name = _name(document, one)
    return Element(one.at, name, line, counts.kinds, counts.shows, one.ids, asked, frozenset(works))


def _name(document: Document, one: Citation) -> str:
    """What people call it: its id or name, the key it stands under, else what it is."""
    here = one.at[:-1] if one.key else one.at
    words = [named_at(document, here)]
    return " ".join(word for word in (*words, one.key) if word)


def named_at(document: Document, at: tuple[Step, ...]) -> str:
    """The name of the element there, or of the nearest around it."""
    for length in range(len(at), 0, -1):
        part = at[:length]
        for name in ("id", "name"):
            here, inner = find(document.root, *part), find(document.root, *part, name)
            if inner is not here and hasattr(inner, "text"):
                rest = [str(step) for step in at[length:] if isinstance(step, str)]
                return " ".join((str(inner.text), *rest))
    return " ".join(str(step) for step in at if isinstance(step, str))
