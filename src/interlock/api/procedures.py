# SPDX-License-Identifier: Apache-2.0
"""Reading: the written procedure in force for a service, checked, beside its statements and beside a document; and what
would block a commit under it.

Nothing is recorded. What `interlock pack` does with a pack at hand is done here with the one that the ledger holds; its
scenarios are played at a desk, where they stand.
"""

from typing import Annotated, Final, TypeAlias

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from interlock.api.answers import MOVING
from interlock.api.refusals import problems, unfit
from interlock.api.rules import COMMIT
from interlock.api.scene import Look, Looking, reads
from interlock.bootstrap.tracing import Tracers
from interlock.domain.gate import evaluate
from interlock.domain.governance import Service
from interlock.domain.ids import ChangeId
from interlock.domain.verdict import Finding
from interlock.packs.coverage import Kind
from interlock.packs.lint import lint_pack
from interlock.packs.reading.tracing import State, Trace, Why
from interlock.ports.store import Missing
from interlock.service.carrying import Carriage, Unread, carriages, in_force
from interlock.service.compose import Wanted, draft_release
from interlock.service.tracing_apart import NotTraced, Question
from interlock.service.whatif import apart, supposed_situation

RULES: Final = ("rules",)
LONGEST: Final = 50_000
"""Characters of a document. Of most it takes a second or two to read them, and it grows with their square."""
Tracing: TypeAlias = NamedDependency[SkipValidation[Tracers]]
"""Who reads documents, as a route asks for them."""


class AdviceShown(msgspec.Struct, frozen=True):
    """What would hurt, and where."""

    code: str
    where: str
    sentence: str
    next_step: str


class PackChecked(msgspec.Struct, frozen=True):
    """A pack that loads, with advice about it."""

    pack: str
    version: str
    advice: list[AdviceShown]


class StatementShown(msgspec.Struct, frozen=True):
    """One statement of the written procedure; `covered`: what carries it is no weaker than it."""

    id: str
    at: str
    kind: Kind
    text: str
    carried_by: list[str]
    covered: bool


class PackCovers(msgspec.Struct, frozen=True):
    """Every numbered statement, and what carries it. `unread`: why they are not known; empty where they are."""

    pack: str
    version: str
    statements: int
    covered: int
    requirements: list[StatementShown]
    unread: str


class DocumentTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A written procedure: Markdown or plain text, under its name."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "procedure.md"


class TraceShown(msgspec.Struct, frozen=True):
    """One thing that the document asks for, and what became of it. `in_other_words`: the statement is only alike."""

    line: int
    lines: list[int]
    text: str
    kind: str
    state: State
    why: Why
    statement: str
    carried_by: list[str]
    in_other_words: bool


class PackTraced(msgspec.Struct, frozen=True):
    """The document beside the pack. `gone`: statements that it no longer makes."""

    pack: str
    source: str
    counts: dict[str, int]
    lines: list[TraceShown]
    gone: list[str]


class LeafShown(msgspec.Struct, frozen=True):
    """One thing that keeps the gate shut."""

    code: str
    subject: str
    sentence: str
    next_step: str


class CommitChecked(msgspec.Struct, frozen=True):
    """What would block a commit's release, and what people would have to decide besides."""

    commit: str
    environment: str
    blocked: bool
    blocking: list[LeafShown]
    people: list[LeafShown]
    unknown_authors: list[str]


@get(
    "/packs/{service:str}/check",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RULES,
    operation_id="pack-check",
)
def check_pack(look: Looking, service: FromPath[str]) -> PackChecked:
    """What in the procedure in force would hurt: gates nobody can open, proofs that prove nothing."""
    procedure = look.governance(look.service(service)).procedure
    advice = [AdviceShown(one.code, one.where, one.sentence, one.next_step) for one in lint_pack(procedure)]
    return PackChecked(procedure.pack, procedure.version, advice)


@get(
    "/packs/{service:str}/coverage",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RULES,
    operation_id="pack-coverage",
)
def coverage(look: Looking, service: FromPath[str]) -> PackCovers:
    """Which statements of the written procedure the rules in force carry, and by what."""
    state = look.service(service)
    procedure = look.governance(state).procedure
    found = in_force(look.store, state.in_force, procedure)
    unread = found.sentence if isinstance(found, Unread) else ""
    shown = [] if isinstance(found, Unread) else [_statement(one) for one in carriages(found)]
    covered = sum(one.covered for one in shown)
    return PackCovers(procedure.pack, procedure.version, len(shown), covered, shown, unread)


@post(
    "/packs/{service:str}/trace",
    status_code=200,
    sync_to_thread=True,
    guards=[reads],
    responses=problems(400, 401, 403, 404, 413, 422, 429, 503),
    tags=RULES,
    operation_id="pack-trace",
)
def trace(look: Looking, tracers: Tracing, service: FromPath[str], data: JSONBody[DocumentTold]) -> PackTraced:
    """A document beside the rules in force, line by line: what is enforced, attested, and carried by nothing."""
    state = look.service(service)
    procedure = look.governance(state).procedure
    content = look.store.blob(state.in_force.pack)
    pack = "" if isinstance(content, Missing) else content.decode()
    answer = tracers.answer(look.caller.person, Question(data.name, data.text, procedure.pack, pack))
    if isinstance(answer, NotTraced):
        raise unfit(answer.why.code, answer.why.sentence, answer.why.next_step)
    found = answer.tracing
    return PackTraced(
        procedure.pack,
        found.source,
        {one.value: found.count(one) for one in State},
        [_trace(one) for one in found.traces],
        [one.id for one in found.gone],
    )


@get(
    "/services/{service:str}/check",
    sync_to_thread=True,
    responses=problems(400, 401, 403, 404, 422, 503),
    tags=RULES,
    operation_id="check",
    opt={MOVING: True},
)
def check(
    look: Looking,
    service: FromPath[str],
    at: Annotated[
        str, QueryParameter(pattern=COMMIT, max_length=200, description="The commit that would be released.")
    ] = "HEAD",
    environment: Annotated[
        str, QueryParameter(name="for", max_length=80, description="Into which environment; else the first.")
    ] = "",
    change: Annotated[
        str, QueryParameter(max_length=200, description="Under which change of this service; else a normal one.")
    ] = "",
) -> CommitChecked:
    """What would block a commit's release. No check is run; what is known of the content counts."""
    state = look.service(service)
    procedure = look.governance(state).procedure
    place = look.environment(look.governance(state), environment or procedure.environments[0].name)
    wanted = _wanted(look, state, at or "HEAD", change)
    house = look.house
    draft = draft_release(house.composer(), house.workshop().artifacts(), look.gatherer, look.store, wanted)
    situation = supposed_situation(look.gatherer, draft.command, wanted.rules, place)
    blocking, people = apart(evaluate(situation, look.gatherer.now))
    return CommitChecked(
        draft.command.commit,
        place,
        bool(blocking),
        [_leaf(one) for one in blocking],
        [_leaf(one) for one in people],
        list(draft.unknown_authors),
    )


def _wanted(look: Look, state: Service, at: str, change: str) -> Wanted:
    commit = look.house.repository.resolve(at).sha
    known = look.gatherer.view.change(ChangeId(change))
    named = known.id if known.service == state.name else ChangeId("")
    rules = look.house.library.rules(look.gatherer.view, state.in_force)
    return Wanted(state.name, commit[:12], commit, named, rules)


def _statement(one: Carriage) -> StatementShown:
    told = one.statement
    return StatementShown(told.id, told.at, told.kind, told.text, list(one.carried_by), one.is_covered)


def _trace(one: Trace) -> TraceShown:
    carriers, alike = list(one.carriers), one.is_alike
    return TraceShown(one.line, list(one.lines), one.text, one.kind, one.state, one.why, one.statement, carriers, alike)


def _leaf(leaf: Finding) -> LeafShown:
    return LeafShown(leaf.code, leaf.subject, leaf.sentence, leaf.next_step)


HANDLERS: Final = (check_pack, coverage, check)
ASKED: Final = (trace,)
"""What a document is sent to."""
