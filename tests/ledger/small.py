# SPDX-License-Identifier: Apache-2.0
"""A small real ledger with one of everything: people, signatures, words, raw material, a refusal, a rotation."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from interlock.adapters.signer.memory import MemoryPersonSigner, MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.adapters.store.sqlite import SqliteStore
from interlock.domain.actor import Assurance
from interlock.domain.decision import Reason
from interlock.domain.ids import CommandId, PersonId, StreamId, TextRef, commit_to, digest_of
from interlock.domain.people import STREAM, AddKey, AddPerson, KeyAdded, KeyRevoked, PersonAdded, RevokeKey
from interlock.ledger import keyring
from interlock.ledger.bundle import Export, Files, bundle_files, kept_beside
from interlock.ledger.checkpoint import WITNESS_KEY, NamedKey, Note, parse_note, witness_message, witness_signature
from interlock.ledger.codec import Command, Event, encode
from interlock.ledger.command import CommandBody, CommandRecord, NoSignature, SshSignature, command_stream
from interlock.ledger.record import Batch, Draft, Json, SaltedText
from interlock.ledger.rotation import KeyPair, rotation
from interlock.ledger.verify import Report, Trust, verify
from interlock.ports.store import Appended

ORIGIN = "interlock.example/outreach"
FIRST = MemorySigner(ORIGIN)
SECOND = MemorySigner(ORIGIN, "second")
WITNESS = MemorySigner("witness.example/w1")
WITNESS_NAMED = NamedKey(WITNESS.name, WITNESS_KEY, WITNESS.public_key)
START = datetime(2026, 1, 5, 9, 0, 0, 250, tzinfo=UTC)
SALT = b"0123456789abcdef"


@dataclass(frozen=True)
class RememberingChecks:
    """Checks each signature really, but each only once: tampering tests ask the same thousands of times."""

    real: SshVerifier = SshVerifier()

    def verify_person(self, public_key: str, message: bytes, armoured: str) -> bool:
        return _person(public_key, message, armoured)

    def verify_checkpoint(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        return _checkpoint(public_key, message, signature)


@cache
def _person(public_key: str, message: bytes, armoured: str) -> bool:
    return SshVerifier().verify_person(public_key, message, armoured)


@cache
def _checkpoint(public_key: bytes, message: bytes, signature: bytes) -> bool:
    return SshVerifier().verify_checkpoint(public_key, message, signature)


CHECKS = RememberingChecks()


@dataclass
class SmallLedger:
    """Writes commands as the service does, a minute apart, and keeps every checkpoint that was ever valid."""

    path: Path
    store: SqliteStore
    notes: list[str] = field(default_factory=list)
    witnessed: list[str] = field(default_factory=list)
    minute: int = 0

    def robot(self, command: Command, *events: tuple[StreamId, Event]) -> None:
        encoded = encode(command)
        self.write("robot:controller", encoded.name, encoded.payload, [_draft(*event) for event in events])

    def person(
        self,
        who: str,
        command: Command,
        *events: tuple[StreamId, Event],
        texts: tuple[SaltedText, ...] = (),
        erased: tuple[TextRef, ...] = (),
    ) -> None:
        encoded = encode(command)
        drafts = [_draft(*event) for event in events]
        self.write(who, encoded.name, encoded.payload, drafts, texts=texts, erased=erased)

    def write(  # noqa: PLR0913  # one parameter for each thing a command can bring
        self,
        who: str,
        name: str,
        payload: Mapping[str, Json],
        drafts: Sequence[Draft] = (),
        *,
        texts: tuple[SaltedText, ...] = (),
        blobs: tuple[bytes, ...] = (),
        erased: tuple[TextRef, ...] = (),
        reads: Mapping[StreamId, int] | None = None,
        reasons: tuple[Reason, ...] = (),
        change: Callable[[CommandRecord], CommandRecord] = lambda record: record,
    ) -> None:
        """One command of `who`: a handle, whose key `memory` makes, or `robot:...`."""
        self.minute += 1
        now = START + timedelta(minutes=self.minute)
        is_robot = who.startswith("robot:")
        actor = who if is_robot else f"person:{who.partition('#')[0]}"
        body = CommandBody(name, 1, CommandId(f"c-{self.minute}"), ORIGIN, actor, now, payload)
        signer = MemoryPersonSigner(who)
        signature = NoSignature() if is_robot else SshSignature(signer.public_key, signer.sign(body.message))
        positions = reads or {}
        record = change(
            CommandRecord(
                body,
                signature,
                positions,
                {"calendar": "2026a"},
                "1",
                reasons,
                tuple(text.ref for text in texts),
                tuple(digest_of(blob) for blob in blobs),
            )
        )
        batch = Batch(
            drafts=(Draft(command_stream(record.body.id), record.event, 1, record.to_payload()), *drafts),
            time=now,
            actor=record.body.actor,
            assurance=Assurance.AUTHENTICATED if is_robot else Assurance.SIGNED,
            cause=record.body.id,
            expected={},
            texts=texts,
            blobs=blobs,
            erased=erased,
        )
        answer = self.store.append(batch)
        assert isinstance(answer, Appended)
        self.notes.append(self.store.checkpoint())

    def witness(self) -> None:
        """Have the present checkpoint countersigned."""
        note = parse_note(self.store.checkpoint())
        timestamp = int((START + timedelta(minutes=self.minute)).timestamp())
        signature = WITNESS.sign(witness_message(note.checkpoint, timestamp))
        line = witness_signature(WITNESS.name, WITNESS.public_key, timestamp, signature)
        self.witnessed.append(str(note.with_signature(line)))

    def export(self) -> Files:
        records = tuple(self.store.records())
        kept = kept_beside(records)
        texts = [text for ref in kept.texts if isinstance(text := self.store.text(ref), SaltedText)]
        blobs = [blob for digest in kept.blobs if isinstance(blob := self.store.blob(digest), bytes)]
        return Files.of(bundle_files(Export(self.store.checkpoint(), records, texts, blobs, self.witnessed)))

    def remembered(self) -> tuple[Note, ...]:
        return tuple(parse_note(note) for note in self.notes)


def text(words: str) -> SaltedText:
    return SaltedText(commit_to(words, SALT), SALT, words)


def key_of(person: str) -> str:
    return MemoryPersonSigner(person).public_key


def add_person(ledger: SmallLedger, who: str, by: str) -> None:
    name = text(f"Name of {who}")
    person = PersonId(who)
    ledger.person(
        by,
        AddPerson(person, key_of(who), name.ref, ()),
        (STREAM, PersonAdded(person, key_of(who), name.ref, ())),
        texts=(name,),
    )


def revoke_key(ledger: SmallLedger, who: str, key: str, by: str) -> None:
    reason = text(f"{who} lost a laptop")
    person = PersonId(who)
    ledger.person(
        by,
        RevokeKey(person, key, reason.ref),
        (STREAM, KeyRevoked(person, key, reason.ref)),
        texts=(reason,),
    )


def note_something(ledger: SmallLedger, who: str, *, blobs: tuple[bytes, ...] = ()) -> None:
    """A command that is not one of a registry, with two events over what it read."""
    release = StreamId("release/outreach/1.1.0")
    position = len(ledger.store.stream(release))
    draft = Draft(release, "Noted", 1, {"share": 0.5, "größe": "12 µs", "count": 3, "tags": ["a", None, True]})
    ledger.write(who, "Note", {"about": "1.1.0"}, [draft, draft], blobs=blobs, reads={release: position})


def opened(path: Path) -> SmallLedger:
    """A ledger opened under its first key, with two people."""
    ledger = SmallLedger(path, SqliteStore.create(path, ORIGIN, FIRST))
    key = b64encode(FIRST.public_key).decode()
    ledger.robot(keyring.OpenLedger(ORIGIN, key), (keyring.STREAM, keyring.LedgerOpened(ORIGIN, key)))
    add_person(ledger, "ann", by="ann")
    add_person(ledger, "ben", by="ann")
    return ledger


def whole(path: Path) -> SmallLedger:
    """One of everything."""
    ledger = opened(path)
    note_something(ledger, "ben", blobs=(b"<testsuite tests='3'/>\n",))
    ledger.person(
        "ben",
        AddKey(PersonId("ben"), key_of("ben#2")),
        (STREAM, KeyAdded(PersonId("ben"), key_of("ben#2"))),
    )
    revoke_key(ledger, "ben", key_of("ben"), by="ann")
    ledger.witness()
    refusal = Reason("approval.author", "the author does not approve", "ask somebody else")
    ledger.write("ben#2", "Note", {"about": "1.1.0"}, reasons=(refusal,))
    rotate(ledger, FIRST, SECOND)
    erase(ledger, text("Name of ben").ref, by="ann")
    ledger.witness()
    return ledger


def rotate(ledger: SmallLedger, old: MemorySigner, new: MemorySigner) -> None:
    command = rotation(ORIGIN, KeyPair(old.public_key, old.sign), KeyPair(new.public_key, new.sign))
    event = keyring.LedgerKeyRotated(command.old, command.new, command.old_signature, command.new_signature)
    ledger.robot(command, (keyring.STREAM, event))
    ledger.store.close()
    ledger.store = SqliteStore.open(ledger.path, new)


def erase(ledger: SmallLedger, ref: TextRef, by: str) -> None:
    ledger.person(
        by,
        keyring.EraseText(ref, "ben asked"),
        (keyring.STREAM, keyring.TextErased(ref, "ben asked")),
        erased=(ref,),
    )


def checked(files: Files, *remembered: Note) -> Report:
    """Verified by an outsider who knows the first key and, where the ledger has one, the witness."""
    witnesses = (WITNESS_NAMED,) if any(path.startswith("witnesses/") for path in files.paths()) else ()
    return verify(files, Trust((FIRST.public_key,), witnesses, remembered), CHECKS)


def _draft(stream: StreamId, event: Event) -> Draft:
    encoded = encode(event)
    return Draft(stream, encoded.name, encoded.version, encoded.payload)
