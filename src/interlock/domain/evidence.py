# SPDX-License-Identifier: Apache-2.0
"""Evidence: stored facts about a release's content, numbered so that none can be left out.

1. Evidence names its subject by digest and its scope by environment (`*` where it holds in none in particular). The
   subject is content, whatever releases carry it; what was asked of a release by its name (is this version high enough
   for what it changes?) has a subject of its own, so that no other release of the same content can borrow the answer.
2. Per (subject, check, environment) it is numbered from 1; a gap in what is read is an ERROR, never a pass (I5).
3. The newest counts (`judging_evidence`). It is PASS only while fresh, of the asked assurance, judged under the pinned
   governance, and brought by nobody who wrote what it is about.
4. That it passes is the controller's word, about every check it runs itself. What somebody else brings (`attached`)
   passes by the word of whoever holds a role that the binding names. Anybody may say of any check that it does not.
5. What is also about what is live somewhere (a rollback tried out) carries what that was when the check began, and
   ends when something else is (`in_place`). One that was overtaken while it ran is not recorded.
6. "There is none" passes only on a completeness record: the query, its count, as of when (I5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, assert_never

from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse
from interlock.domain.ids import CheckId, Digest, EnvironmentName, ReleaseId, StreamId, digest_of
from interlock.domain.in_place import InPlace
from interlock.domain.procedure import Governance
from interlock.domain.verdict import Verdict

TRIES: Final = 3
"""How often a check that gives no answer is tried before a person has to ask again."""
ANSWERS: Final = frozenset({Verdict.PASS, Verdict.FAIL})
NO_QUERY = ""
"""In place of a query where a reading says nothing about completeness."""


@dataclass(frozen=True, slots=True)
class RecordEvidence:
    """Store one reading. `report` is the digest of its raw material; `query` is empty unless the reading counts."""

    subject: Digest
    check: CheckId
    environment: EnvironmentName
    verdict: Verdict
    summary: str
    source: str
    report: Digest
    governance: Digest
    taken_at: datetime
    query: str = NO_QUERY
    count: int = 0
    measured: tuple[tuple[str, str], ...] = ()
    release: ReleaseId = ReleaseId("")
    """The release it is brought or was gathered for; none in what is older than telling of silence."""
    live: tuple[InPlace, ...] = ()
    """What was live, where the check is about that, when it began."""

    @property
    def is_answer(self) -> bool:
        """Whether the check said anything of what it was asked."""
        return self.verdict in ANSWERS


@dataclass(frozen=True, slots=True)
class RequestEvidence:
    """Ask that a check be done again."""

    subject: Digest
    check: CheckId
    environment: EnvironmentName


EvidenceCommand = RecordEvidence | RequestEvidence


@dataclass(frozen=True, slots=True)
class EvidenceRecorded:
    subject: Digest
    check: CheckId
    environment: EnvironmentName
    number: int
    verdict: Verdict
    summary: str
    source: str
    assurance: Assurance
    report: Digest
    governance: Digest
    taken_at: datetime
    query: str = NO_QUERY
    count: int = 0
    measured: tuple[tuple[str, str], ...] = ()
    by: str = str(CONTROLLER)
    """The actor who brought it."""
    live: tuple[InPlace, ...] = ()
    """What was live when it was taken, where it is about that."""


@dataclass(frozen=True, slots=True)
class EvidenceRequested:
    subject: Digest
    check: CheckId
    environment: EnvironmentName


EvidenceEvent = EvidenceRecorded | EvidenceRequested

SeriesKey = tuple[CheckId, EnvironmentName]


@dataclass(frozen=True, slots=True)
class Series:
    """All evidence of one check about one subject in one environment. `gap` is the first number missing, or 0."""

    pieces: tuple[EvidenceRecorded, ...]
    gap: int = 0

    @property
    def latest(self) -> EvidenceRecorded:
        """The piece with the highest number."""
        return self.pieces[-1]

    @property
    def newest(self) -> EvidenceRecorded:
        """The piece taken last; but no pass outlives an answer that was recorded after it, whatever its clock said."""
        taken_last = max(self.pieces, key=lambda piece: (piece.taken_at, piece.number))
        return self.latest if taken_last.verdict is Verdict.PASS is not self.latest.verdict else taken_last

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return len(self.pieces)

    @property
    def unanswered(self) -> int:
        """How many tries came to no answer since the last one that did."""
        return next(
            (tries for tries, piece in enumerate(reversed(self.pieces)) if piece.verdict in ANSWERS), self.count
        )

    def changed_since(self, number: int, verdict: Verdict, count: int) -> bool:
        """Whether any piece after `number` said something else, or counted more; an old change is never forgotten."""
        return any(later.verdict is not verdict or later.count > count for later in self.pieces[number:])


@dataclass(frozen=True, slots=True)
class EvidenceBook:
    """All evidence about one subject."""

    series: Mapping[SeriesKey, Series] = field(default_factory=dict)
    requested: frozenset[SeriesKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Brought:
    """The release that a person brings evidence for, and the rules it is judged by."""

    release: ReleaseId
    digest: Digest
    governance: Governance
    branch: str = ""
    """Of which it is a head that was delivered by itself; empty: somebody made it."""


def evidence_stream(subject: Digest) -> StreamId:
    """The stream that holds all evidence about a digest."""
    return StreamId(f"evidence/{subject}")


def subject_by_name(release: ReleaseId, digest: Digest) -> Digest:
    """The subject of what holds for one release and for no other of the same content."""
    return digest_of(f"{digest}\n{release}".encode())


def joined(content: EvidenceBook, named: EvidenceBook) -> EvidenceBook:
    """What is known of a release: of its content, and by its name, which goes first."""
    asked = frozenset(key for key in content.requested if key not in named.series)
    return EvidenceBook({**content.series, **named.series}, asked | named.requested)


def decide(
    state: EvidenceBook,
    command: EvidenceCommand,
    actor: Actor,
    now: datetime,
    brought: Brought | None = None,
    live: tuple[InPlace, ...] = (),
) -> Decision[EvidenceEvent]:
    """Whether the reading may be stored; its number is the next one. `brought`: for what a person brings.

    `live` is what is live now, where the reading is about that: a person's is about this, and the controller says
    what it was when the check began.
    """
    stream = evidence_stream(command.subject)
    match command:
        case RecordEvidence():
            if command.taken_at > now:
                return refuse(
                    "evidence.from_the_future",
                    "evidence is dated after now",
                    "check the clock of the machine that ran it",
                )
            if command.verdict is Verdict.NOT_APPLICABLE:
                return refuse(
                    "evidence.no_verdict", "evidence must say pass, inconclusive, fail or error", "record one"
                )
            if isinstance(actor, Person) and (refused := _not_theirs(command, actor, brought)):
                return refused
            if not set(command.live) <= set(live):
                sentence = f"something else became live while '{command.check}' ran, and it is about that"
                return refuse("evidence.moved_on", sentence, "nothing needs doing: it is run anew")
            series = state.series.get((command.check, command.environment))
            number = series.count + 1 if series else 1
            stamped = replace(command, live=live) if isinstance(actor, Person) else command
            return Accepted((Emitted(stream, _recorded(stamped, number, actor)),))
        case RequestEvidence(subject, check, environment):
            return Accepted((Emitted(stream, EvidenceRequested(subject, check, environment)),))
        case _:
            assert_never(command)


def _not_theirs(command: RecordEvidence, person: Person, brought: Brought | None) -> Refused | None:
    """Why this is not theirs to say; None when it is."""
    check = command.check
    if brought is None or not _is_about(command, brought):
        sentence = f"this evidence of '{check}' is not about the release it is brought for, or was taken by other rules"
        return refuse("evidence.another_release", sentence, "bring it anew: `interlock evidence attach`")
    if command.verdict is not Verdict.PASS:
        return None
    roles = brought.governance.brought.get((check, command.environment))
    if roles is None:
        sentence = f"'{check}' is run by the controller, and nobody else says that it passes"
        return refuse(
            "evidence.run_by_controller", sentence, f"have it run again (`interlock evidence refresh`, check '{check}')"
        )
    if not brought.governance.holds_any(person.id, roles):
        elsewhere = brought.governance.elsewhere(person.id, roles)
        sentence = f"that '{check}' passes is said by {' or '.join(roles)}; '{person.id}' is none of them{elsewhere}"
        return refuse("evidence.role", sentence, "ask one of them to bring it")
    return None


def _is_about(command: RecordEvidence, brought: Brought) -> bool:
    subjects = (brought.digest, subject_by_name(brought.release, brought.digest))
    return command.subject in subjects and command.governance == brought.governance.digest


def evolve(state: EvidenceBook, event: EvidenceEvent) -> EvidenceBook:
    """The book after the event. A number out of order marks the series with the gap, for good."""
    match event:
        case EvidenceRecorded(check=check, environment=environment):
            key = (check, environment)
            before = state.series.get(key)
            expected = before.count + 1 if before else 1
            gap = before.gap if before and before.gap else (0 if event.number == expected else expected)
            series = Series((*before.pieces, event) if before else (event,), gap)
            return EvidenceBook({**state.series, key: series}, state.requested - {key})
        case EvidenceRequested(_, check, environment):
            return EvidenceBook(state.series, state.requested | {(check, environment)})
        case _:
            assert_never(event)


def _recorded(command: RecordEvidence, number: int, actor: Actor) -> EvidenceRecorded:
    return EvidenceRecorded(
        subject=command.subject,
        check=command.check,
        environment=command.environment,
        number=number,
        verdict=command.verdict,
        summary=command.summary,
        source=command.source,
        assurance=actor.assurance,
        report=command.report,
        governance=command.governance,
        taken_at=command.taken_at,
        query=command.query,
        count=command.count,
        measured=command.measured,
        by=str(actor),
        live=command.live,
    )
