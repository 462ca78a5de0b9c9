# SPDX-License-Identifier: Apache-2.0
"""A history made in the simulated world, exported; and an operator who keeps the ledger, its key, and lies."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.adapters.check.memory import Scripted, says
from interlock.adapters.signer.memory import MemoryPersonSigner, MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.domain.approval import Answer, Approve, Bound, SignOff, bind
from interlock.domain.artifact import Artifact, ArtifactKind
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.governance import AdoptGovernance
from interlock.domain.ids import (
    ChangeId,
    CheckId,
    CommandId,
    ComponentName,
    EnvironmentName,
    PersonId,
    PromotionId,
    ReleaseId,
    RequirementId,
    ServiceName,
    StreamId,
    commit_to,
    digest_of,
)
from interlock.domain.people import AddPerson
from interlock.domain.promotion import RequestPromotion
from interlock.domain.release import CreateRelease, Plans
from interlock.domain.slot import AdoptRunning
from interlock.domain.verdict import Verdict
from interlock.ledger.bundle import BLOBS, RECORDS, TEXTS, Export, Files, bundle_files, kept_beside, parse_texts
from interlock.ledger.canonical import decode
from interlock.ledger.canonical import encode as encode_record
from interlock.ledger.checkpoint import Checkpoint, parse_note, signed_note
from interlock.ledger.codec import Command, encode
from interlock.ledger.command import CommandBody, CommandRecord, SshSignature, is_command
from interlock.ledger.keyring import OpenLedger
from interlock.ledger.record import Json, Record, SaltedText
from interlock.ledger.tree import leaf_hash, root_of
from interlock.ledger.verify import Report, Trust, verify
from interlock.packs.shelf import Shelf
from interlock.service.facts import Facts, Recorded
from interlock.service.gather import Gatherer
from interlock.service.handle import Outcome, Submission
from interlock.service.library import PackLibrary, governance_ref
from interlock.service.recompute import Means, Recomputation, recompute
from interlock.testing.world import ORIGIN, World

KEY = MemorySigner(ORIGIN)
APP = ServiceName("app")
STAGING = EnvironmentName("staging")
PRODUCTION = EnvironmentName("production")
NEXT = ReleaseId("app:v2")
BINDINGS = b"""
service: app
pack: starter
environments:
  staging: {deploy: {command: [deploy]}}
  production: {deploy: {command: [deploy]}}
checks:
  tests: {command: [make, test]}
  smoke: {http: ["http://127.0.0.1/health"]}
roles: {developer: [ann, dan], reviewer: [ben], release-manager: [cat]}
"""
PACK = Shelf().pack("starter") or b""
WINDOW = b"""    windows: [{schedule: "RRULE:FREQ=WEEKLY;BYDAY=MO", tz: Europe/Berlin, from: "%s", to: "16:00"}]
"""
IN_PRODUCTION = b"    environment: production\n"
BROKEN = Scripted(CheckId("smoke"), "v2", PRODUCTION, says(Verdict.FAIL, "broken"))


C1, C2 = "c1" * 20, "c2" * 20


@dataclass
class History:
    """A world whose people speak in words that are kept, and what was refused on the way."""

    world: World = field(default_factory=World)
    pack: bytes = PACK
    bindings: bytes = BINDINGS

    def opened(self) -> "History":
        """The ledger under its key, with four people."""
        key = base64.b64encode(KEY.public_key).decode()
        self.world.desk().perform(OpenLedger(ORIGIN, key), CommandId("open"), self.world.clock.now())
        for person in ("ann", "ben", "cat", "dan"):
            name = words(f"Name of {person}")
            key_line = MemoryPersonSigner(person).public_key
            self.says("ann", AddPerson(PersonId(person), key_line, name.ref, ()), texts=(name,))
        return self

    def governed(self) -> "History":
        """The service under the starter pack, with what ran before."""
        ref = governance_ref(self.pack, self.bindings, ())
        self.says("ann", AdoptGovernance(APP, ref), blobs=(self.pack, self.bindings))
        for place in (STAGING, PRODUCTION):
            self.says("ann", AdoptRunning(APP, place, ReleaseId("app:v1"), "v1", _content("c1"), C1, "unseen"))
        return self

    def released(self) -> "History":
        """Version 2 in staging, and asked for in production too early."""
        title = words("Faster lists")
        self.world.checks.otherwise = says(Verdict.PASS, "fine")
        self.says("dan", OpenChange(ChangeId("CR-1"), APP, ChangeKind.NORMAL, title.ref), texts=(title,))
        plans = Plans(digest_of(b"a"), digest_of(b"b"))
        governance = governance_ref(self.pack, self.bindings, ()).digest
        people = (PersonId("dan"),)
        new = CreateRelease(NEXT, APP, "v2", ChangeId("CR-1"), _content("c2"), C2, C1, people, 0, governance, plans)
        self.says("dan", new)
        self.asks(STAGING)
        self.asks(STAGING)
        self.asks(PRODUCTION)
        return self

    def approved(self) -> "History":
        """Signed off and approved, after the author tried to approve it."""
        self.approves("dan")
        self.says("dan", SignOff(NEXT, PRODUCTION, RequirementId("rollback-plan"), self.bound()))
        self.approves("ben")
        return self

    def promoted(self) -> "History":
        """Into production, as far as it goes."""
        self.asks(PRODUCTION)
        return self

    def broken(self) -> "History":
        """From now on the check after a release into production fails."""
        self.world.checks.scripts = (BROKEN,)
        return self

    def asks(self, environment: EnvironmentName) -> None:
        self.says("dan", RequestPromotion(PromotionId(f"{NEXT}/{environment}/1"), NEXT, environment))
        self.world.settle()

    def approves(self, person: str) -> Outcome:
        comment = words(f"looked at by {person}")
        return self.says(
            person, Approve(NEXT, PRODUCTION, Answer.APPROVED, self.bound(), comment.ref), texts=(comment,)
        )

    def bound(self) -> Bound:
        """What lies before who decides about production now."""
        latest = self.world.store.head().latest
        view = self.world.desk().view()
        gatherer = Gatherer(view, PackLibrary(), Recorded(Facts(latest)), self.world.clock.now())
        matter = gatherer.matter(NEXT, PRODUCTION)
        return bind(matter)

    def says(
        self,
        person: str,
        command: Command,
        *,
        texts: tuple[SaltedText, ...] = (),
        blobs: tuple[bytes, ...] = (),
    ) -> Outcome:
        """The person signs the command and hands it in with its words."""
        return self.world.desk().submit(Submission(*self.signed(person, command), texts, blobs), self.world.clock.now())

    def claims(self, person: str, command: Command) -> Outcome:
        """Somebody says that they are that person, and signs nothing."""
        body, _ = self.signed(person, command)
        return self.world.desk().submit(Submission(body), self.world.clock.now())

    def signed(self, person: str, command: Command) -> tuple[CommandBody, SshSignature]:
        """The command as the person signs it now."""
        encoded = encode(command)
        name = CommandId(f"{person}-{next(self.world.numbers)}")
        now = self.world.clock.now()
        body = CommandBody(encoded.name, encoded.version, name, ORIGIN, f"person:{person}", now, encoded.payload)
        signer = MemoryPersonSigner(person)
        return body, SshSignature(signer.public_key, signer.sign(body.message))

    def records(self) -> tuple[Record, ...]:
        return tuple(self.world.store.records())

    def exported(self) -> Files:
        records = self.records()
        kept = kept_beside(records)
        store = self.world.store
        texts = [text for ref in kept.texts if isinstance(text := store.text(ref), SaltedText)]
        blobs = [blob for digest in kept.blobs if isinstance(blob := store.blob(digest), bytes)]
        return Files.of(bundle_files(Export(store.checkpoint(), records, texts, blobs)))


def good_release() -> History:
    """A release all the way, with refusals on the way."""
    return History().opened().governed().released().approved().promoted()


def bad_release() -> History:
    """A release that fails in production and is rolled back by itself."""
    return History().opened().governed().released().approved().broken().promoted()


def pack_with_window(opens: bytes) -> bytes:
    """The starter pack with production only on Mondays, from that local time on; the world begins on one at ten."""
    return PACK.replace(IN_PRODUCTION, IN_PRODUCTION + WINDOW % opens, 1)


def words(text: str) -> SaltedText:
    salt = b"0123456789abcdef"
    return SaltedText(commit_to(text, salt), salt, text)


def resealed(files: Files, change: Callable[[Record], Iterable[Record]]) -> Files:
    """What an operator with the database and the ledger's key makes of it: each record replaced by those given.

    Indices, positions and what commands say they read are put right, and the checkpoint is signed anew.
    """
    positions: dict[StreamId, int] = {}
    records: list[Record] = []
    for line in files.lines(RECORDS):
        for given in change(decode(line.removesuffix(b"\n"))):
            record = given
            if is_command(given.event):
                record = replace(given, payload=_with_reads(given.payload, positions))
            position = positions.get(record.stream, 0) + 1
            positions[record.stream] = position
            records.append(replace(record, index=len(records), position=position))
    root = root_of([leaf_hash(encode_record(record)) for record in records])
    note = signed_note(Checkpoint(ORIGIN, len(records), root), KEY.public_key, KEY.sign)
    kept = kept_beside(records)
    texts = [text for text in parse_texts(files.lines(TEXTS)) if text.ref in kept.texts]
    blobs = [files.content[BLOBS + digest.removeprefix("sha256:")] for digest in kept.blobs]
    return Files.of(bundle_files(Export(str(note), records, texts, blobs)))


def with_payload(record: Record, **fields: Json) -> Record:
    """The record with these fields of its payload put in place of what stood there."""
    return replace(record, payload={**record.payload, **fields})


def command_of(record: Record) -> str:
    """The name of the command this record holds; empty for an event."""
    return CommandRecord.from_record(record).body.command if is_command(record.event) else ""


def verified(files: Files, *since: str) -> Report:
    """By an outsider who knows the ledger's key."""
    return verify(files, Trust((KEY.public_key,), (), tuple(parse_note(note) for note in since)), SshVerifier())


def recomputed(files: Files) -> Recomputation:
    """By an outsider who brings everything along."""
    return recompute(files, Means(PackLibrary(), Rfc5545Calendar(), SshVerifier()))


def _with_reads(payload: Mapping[str, Json], positions: Mapping[StreamId, int]) -> Mapping[str, Json]:
    reads = payload["reads"]
    if not isinstance(reads, Mapping) or payload["reasons"]:
        return payload
    return {**payload, "reads": {stream: positions.get(StreamId(stream), 0) for stream in reads}}


def _content(name: str) -> tuple[Artifact, ...]:
    return (Artifact(ComponentName("app"), ArtifactKind.GIT, name, digest_of(name.encode())),)
