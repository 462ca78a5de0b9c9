# SPDX-License-Identifier: Apache-2.0
"""The one write path: check who speaks, fold, decide, append, answer.

1. Every command is recorded before it is answered, with its signature, what was read, and the facts it was decided
   over; refusals too. What was accepted is durable when the answer is given (I10).
2. The same command id with the same words is answered as it was the first time, whoever asks again and however often;
   with other words it is refused.
3. The append is conditional on every stream the decision read, and on there being no others where it read which there
   are. When one has moved on, the decision is made anew.
4. Command ids that begin like a robot's name are the robots' own: nobody outside can use one up before it is needed.
5. A person's signature is over the canonical bytes of the whole command, under a key registered to that person. A
   command without one is only asserted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.actor import CONTROLLER, Actor
from interlock.domain.decision import Accepted, Reason, Refused, refuse
from interlock.domain.ids import CommandId, Digest, StreamId, TextRef, commit_to, digest_of
from interlock.ledger.canonical import canonical
from interlock.ledger.codec import Command, Event, Undecodable, decode_command, encode
from interlock.ledger.command import (
    CommandBody,
    CommandRecord,
    NoSignature,
    Signature,
    command_stream,
)
from interlock.ledger.record import Batch, Draft, Record, SaltedText
from interlock.ports.calendar import Calendar
from interlock.ports.signing import SignatureVerifier
from interlock.ports.store import Appended, Conflict, LedgerStore, Missing
from interlock.service.answer import answer
from interlock.service.doorkeeper import ROBOT, Door, Doorkeeper, only_claimed
from interlock.service.engine import ENGINE
from interlock.service.facts import Gathered, encode_facts
from interlock.service.gather import Gatherer, Library
from interlock.service.remembering import Remembered
from interlock.service.view import View, view_of

ATTEMPTS: Final = 50
"""How often a decision is made anew when others keep writing what it reads."""
TOGETHER: Final = timedelta(seconds=5)
"""Who was overtaken by another writer by no more than this speaks at that one's time: no clock has jumped back."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A command as it arrives, with the words and raw material it commits to."""

    body: CommandBody
    signature: Signature = NoSignature()
    texts: tuple[SaltedText, ...] = ()
    blobs: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """Accepted: these records hold what is now so."""

    id: CommandId
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Declined:
    """Refused, and recorded as such."""

    id: CommandId
    reasons: tuple[Reason, ...]


Outcome = Done | Declined


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be recorded of a decision, and of what kinds of streams it counted how many there are."""

    drafts: tuple[Draft, ...]
    at: datetime
    listed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _WithAttached:
    """The ledger together with the raw material that came along with a command about it."""

    ledger: LedgerStore
    attached: tuple[bytes, ...]

    def stream(self, stream: StreamId, *, after: int = 0) -> Sequence[Record]:
        return self.ledger.stream(stream, after=after)

    def streams(self, prefix: str) -> Sequence[StreamId]:
        return self.ledger.streams(prefix)

    def blob(self, digest: Digest) -> bytes | Missing:
        found = next((blob for blob in self.attached if digest_of(blob) == digest), None)
        return self.ledger.blob(digest) if found is None else found


@dataclass(slots=True)
class Desk:
    """Where commands are handed in. One per process; may be used from several threads."""

    store: LedgerStore
    verifier: SignatureVerifier
    library: Library
    calendar: Calendar
    remembered: Remembered = field(default_factory=Remembered)

    def submit(self, submission: Submission, now: datetime) -> Outcome:
        """Decide and record a command that came from outside: never one of the robots' own."""
        unfit = _unfit(submission)
        if unfit:
            return Declined(submission.body.id, unfit)
        return self._handle(submission, Door.OUTSIDE, now)

    def vouch(self, submission: Submission, now: datetime) -> Outcome:
        """Decide and record a command of somebody whom the server in this process let in.

        Its signature (`Vouched`) says so. Nothing that came over a wire may be given to this: whoever calls it has
        made that signature itself.
        """
        unfit = _unfit(submission)
        if unfit:
            return Declined(submission.body.id, unfit)
        return self._handle(submission, Door.SERVER, now)

    def perform(
        self,
        command: Command,
        name: CommandId,
        now: datetime,
        blobs: tuple[bytes, ...] = (),
        *,
        known: frozenset[str] = frozenset(),
    ) -> Outcome:
        """Decide and record a command of the controller; its id is told apart from the ids of people.

        A refusal for reasons that are all `known` (their codes) is not recorded once more: what the controller asks
        again and again would else fill the ledger with one and the same answer.
        """
        encoded, own = encode(command), own_id(name)
        body = CommandBody(encoded.name, encoded.version, own, self.store.origin, str(CONTROLLER), now, encoded.payload)
        return self._handle(Submission(body, blobs=blobs), Door.INSIDE, now, known)

    def refusal_of(self, name: CommandId) -> tuple[Reason, ...]:
        """Why a command of the controller under this id was refused; nothing when it was not."""
        records = self.store.stream(command_stream(own_id(name)))
        return CommandRecord.from_record(records[0]).reasons if records else ()

    def view(self) -> View:
        """The states of the ledger as they are now."""
        return view_of(self.store, self.remembered)

    def _handle(
        self, submission: Submission, door: Door, now: datetime, known: frozenset[str] = frozenset()
    ) -> Outcome:
        for _ in range(ATTEMPTS):
            answered = self._answered(submission)
            if answered is not None:
                return answered
            outcome = self._decide(submission, door, now, known)
            if outcome is not None:
                return outcome
        return Declined(submission.body.id, (_TOO_BUSY,))

    def _answered(self, submission: Submission) -> Outcome | None:
        """The answer already given to this command id, if any."""
        body = submission.body
        records = self.store.stream(command_stream(body.id))
        if not records:
            return None
        before = CommandRecord.from_record(records[0])
        if before.body.message != body.message and not _is_repeat(before.body, body):
            return Declined(body.id, (_ID_REUSED,))
        if before.reasons:
            return Declined(body.id, before.reasons)
        return Done(body.id, tuple(self._caused_by(records[0])))

    def _caused_by(self, first: Record) -> list[Record]:
        caused = [first]
        for record in self.store.records(since=first.index + 1):
            if record.cause != first.cause:
                break
            caused.append(record)
        return caused

    def _decide(self, submission: Submission, door: Door, now: datetime, known: frozenset[str]) -> Outcome | None:
        """One attempt; None when another writer was faster and the decision must be made anew."""
        body = submission.body
        view = view_of(self.store, self.remembered, _WithAttached(self.store, submission.blobs))
        facts = Gathered(self.store.head().latest, self.calendar)
        now = facts.latest if now < facts.latest <= now + TOGETHER else now
        keeper = Doorkeeper(self.store.origin, self.verifier)
        actor = keeper.hear(body, submission.signature, door, view.people, now)
        if isinstance(actor, Refused):
            decision: Accepted[Event] | Refused = actor
            actor = only_claimed(body.actor)
        else:
            decision = self._answer(submission, actor, Gatherer(view, self.library, facts, now))
        encoded = tuple(encode(emitted.event) for emitted in decision.events) if isinstance(decision, Accepted) else ()
        reasons = () if isinstance(decision, Accepted) else decision.reasons
        if reasons and known.issuperset(one.code for one in reasons):
            return Declined(body.id, reasons)
        record = CommandRecord(
            body,
            submission.signature,
            dict(view.reads),
            encode_facts(facts.facts()),
            ENGINE,
            reasons,
            texts=() if reasons else tuple(text.ref for text in submission.texts),
            blobs=() if reasons else tuple(digest_of(blob) for blob in submission.blobs),
        )
        streams = tuple(emitted.stream for emitted in decision.events) if isinstance(decision, Accepted) else ()
        drafts = (
            Draft(command_stream(body.id), record.event, 1, record.to_payload()),
            *(Draft(to, one.name, one.version, one.payload) for to, one in zip(streams, encoded, strict=True)),
        )
        return self._append(submission, actor, record, Decided(drafts, now, view.listed))

    def _answer(self, submission: Submission, actor: Actor, gatherer: Gatherer) -> Accepted[Event] | Refused:
        body = submission.body
        try:
            command = decode_command(body.command, body.version, body.payload)
        except Undecodable as fault:
            return refuse("command.undecodable", str(fault), "use a client of the same version")
        return answer(command, actor, gatherer)

    def _append(
        self,
        submission: Submission,
        actor: Actor,
        record: CommandRecord,
        decided: Decided,
    ) -> Outcome | None:
        body = submission.body
        stream = command_stream(body.id)
        accepted = not record.reasons
        batch = Batch(
            drafts=decided.drafts,
            time=decided.at,
            actor=str(actor),
            assurance=actor.assurance,
            cause=body.id,
            expected={**(record.reads if accepted else {}), stream: 0},
            texts=submission.texts if accepted else (),
            blobs=submission.blobs if accepted else (),
            erased=tuple(_erased(decided.drafts)),
            listed=decided.listed,  # a refusal, too, is decided again by who else there was
        )
        match self.store.append(batch):
            case Conflict():
                return None
            case Appended(records):
                return Done(body.id, records) if accepted else Declined(body.id, record.reasons)


def own_id(name: CommandId) -> CommandId:
    """The id of a command of the controller, as it is recorded."""
    return CommandId(f"{CONTROLLER}/{name}")


def _unfit(submission: Submission) -> tuple[Reason, ...]:
    """Why a submission is not even recorded: its id is none it may use up, or its words are not those it commits to."""
    if not _ID.fullmatch(submission.body.id) or submission.body.id.startswith(ROBOT):
        return (_BAD_ID,)
    if any(commit_to(text.words, text.salt) != text.ref for text in submission.texts):
        return (_OTHER_WORDS,)
    return ()


def _is_repeat(before: CommandBody, again: CommandBody) -> bool:
    """The same words said again at another time; a repeat of a robot carries the time of its repetition."""
    return (before.command, before.version, before.actor, canonical(before.payload)) == (
        again.command,
        again.version,
        again.actor,
        canonical(again.payload),
    )


def _erased(drafts: tuple[Draft, ...]) -> list[TextRef]:
    return [TextRef(str(one.payload["ref"])) for one in drafts if one.event == "TextErased"]


_ID: Final = re.compile(r"[!-~]{1,200}")
_BAD_ID: Final = Reason(
    "command.bad_id",
    f"a command id is 1 to 200 visible ASCII characters and does not begin with '{ROBOT}'",
    "give the command an id of its own",
)
_OTHER_WORDS: Final = Reason(
    "command.other_words", "the words that came along are not those committed to", "hand in what was signed, unchanged"
)
_ID_REUSED: Final = Reason(
    "command.id_reused", "this command id was used before, for something else", "give the command an id of its own"
)
_TOO_BUSY: Final = Reason("ledger.busy", "others kept writing what this decision reads", "try again")
