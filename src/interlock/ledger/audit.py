# SPDX-License-Identifier: Apache-2.0
"""Going through the records of an exported ledger once, in order, and noting all that is not right.

1. Each line is a canonical record in its place: next index, next position of its stream.
2. Each batch begins with the record of its command; what follows has its cause, actor, assurance and time. A refused
   command causes nothing.
3. What a command says it read is where the streams stood.
4. A signed command carries a signature by a key in force for its person at that record. One that counts as
   authenticated says who vouched for its person, who had a key in force: that is the server's word, and no more.
5. The registry of people and the ledger's own events are decided again, and must come out as recorded.

Nothing is raised for bad content; memory holds hashes, names and the registry, never the records.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, assert_never, cast

from interlock.domain import people
from interlock.domain.actor import Actor, Assurance, Person, Robot
from interlock.domain.decision import Accepted, Refused
from interlock.domain.ids import Digest, PersonId, TextRef
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger import keyring
from interlock.ledger.canonical import Wire, as_record, canonical, decode_canonical, parse_time
from interlock.ledger.chain import raw_key
from interlock.ledger.codec import decode_as, decode_event, encode
from interlock.ledger.command import (
    ACCEPTED,
    PREFIX,
    REFUSED,
    VERSION,
    CommandRecord,
    SshSignature,
    Vouched,
    command_stream,
)
from interlock.ledger.outsider import Papers
from interlock.ledger.record import Json
from interlock.ledger.rotation import Reign, is_signed_by_both

FRESH_COPY: Final = "ask for a fresh copy; if that fails too, trust nothing the finding names"
MOST_SHOWN: Final = 20
"""Faults of one kind that are told apart; the rest are counted."""

_PERSON: Final = "person:"
_REGISTRIES: Final = (people.STREAM, keyring.STREAM)
_sha256 = hashlib.sha256


class SignatureChecks(Protocol):
    """Checks signatures with public keys only; the port `SignatureVerifier` is one."""

    def verify_person(self, public_key: str, message: bytes, armoured: str) -> bool: ...

    def verify_checkpoint(self, public_key: bytes, message: bytes, signature: bytes) -> bool: ...


class Check(StrEnum):
    """The numbered checks, in the order they are told. The value is the finding's code."""

    FILES = "ledger.files"
    RECORDS = "ledger.records"
    ORDER = "ledger.order"
    COMMANDS = "ledger.commands"
    SIGNATURES = "ledger.signatures"
    KEYS = "ledger.keys"
    ROOT = "ledger.root"
    CHECKPOINT = "ledger.checkpoint"
    REMEMBERED = "ledger.remembered"
    WITNESSES = "ledger.witnesses"
    TEXTS = "ledger.texts"
    BLOBS = "ledger.blobs"


class Faults:
    """What was found wrong, by check; of many of one kind the first are kept and the rest counted."""

    def __init__(self) -> None:
        self._found: defaultdict[Check, list[Finding]] = defaultdict(list)
        self._counts: defaultdict[Check, int] = defaultdict(int)

    def add(self, check: Check, subject: str, sentence: str) -> None:
        self._counts[check] += 1
        if self._counts[check] <= MOST_SHOWN:
            self._found[check].append(Finding(check.value, subject, Verdict.FAIL, sentence, FRESH_COPY))

    def count(self, check: Check) -> int:
        return self._counts[check]

    def of(self, check: Check) -> tuple[Finding, ...]:
        return tuple(self._found[check])


@dataclass(frozen=True, slots=True)
class _Event:
    """An event as a registry's rules make it, ready to be compared with the record."""

    stream: str
    name: str
    payload: bytes


class Audit:
    """Takes the lines of `records.jsonl` one by one; its attributes hold what the other checks need."""

    def __init__(self, origin: str, checks: SignatureChecks, faults: Faults) -> None:
        self.leaves: list[bytes] = []
        self.texts: dict[TextRef, int] = {}
        self.blobs: dict[Digest, int] = {}
        self.erased: dict[TextRef, int] = {}
        self.derived: dict[str, bytes] = {}
        self.reigns: list[Reign] = []
        self.keys: list[bytes] = []
        self.signatures = 0
        self.commands = 0
        self._origin = origin
        self._checks = checks
        self._faults = faults
        self._positions: dict[str, int] = {}
        self._head = _NO_HEAD
        self._has_effects = False
        self._due: list[_Event] = []
        self._people = people.People()
        self._keyring = keyring.Keyring()
        self._papers = Papers()

    def take(self, line: bytes) -> None:
        """Check the next line, newline included."""
        raw = line[:-1]
        index = len(self.leaves)
        self.leaves.append(_sha256(b"\x00" + raw).digest())
        try:
            wire = decode_canonical(raw)
            if line[-1:] != b"\n":
                self._fault(Check.RECORDS, index, "its line does not end")
            position = self._positions.get(wire.stream, 0) + 1
            if wire.index != index or wire.position != position:
                self._fault(Check.ORDER, index, f"expected index {index} and position {position} of '{wire.stream}'")
            self._positions[wire.stream] = position
            self._take(wire, index)
        except (ValueError, RecursionError) as error:
            self._fault(Check.RECORDS, index, str(error))

    def finish(self) -> None:
        """Say that there are no more lines."""
        self._end_batch(len(self.leaves) + 1)
        for path, content in self._papers.files(self._origin):
            self.derived[path] = _sha256(content).digest()
        if not self.reigns:
            self._faults.add(Check.KEYS, "the ledger", "it was never opened under a key of its own")

    def _take(self, wire: Wire, index: int) -> None:
        if wire.event in _COMMANDS:
            self._take_command(wire, index)
            return
        if wire.stream.startswith(PREFIX):
            self._fault(Check.COMMANDS, index, "only commands stand on the streams of commands")
        head = self._head
        if not (
            self._has_effects
            and wire.cause == head.cause
            and wire.time == head.time
            and wire.actor == head.actor
            and wire.assurance is head.assurance
        ) and not (index == 0 and wire.stream == keyring.STREAM):
            self._fault(Check.COMMANDS, index, "it does not follow from the accepted command before it")
        if wire.stream in _REGISTRIES:
            self._take_registry(wire, index)

    def _take_command(self, wire: Wire, index: int) -> None:
        self._end_batch(index + 1)
        command = CommandRecord.from_payload(cast("Mapping[str, Json]", wire.payload))
        time = parse_time(wire.time)
        body = command.body
        self.commands += 1
        self._head, self._has_effects = wire, not command.reasons
        stream = command_stream(body.id)
        # What was meant for another ledger was refused here, and is recorded as it came.
        ledger = self._origin if self._has_effects else body.ledger
        said = (wire.event, wire.version, wire.stream, wire.position, wire.cause, wire.actor, ledger)
        if said != (command.event, VERSION, stream, 1, body.id, body.actor, body.ledger):
            self._fault(Check.COMMANDS, index, "its event, id, actor or ledger is not that of the command it holds")
        for name, position in command.reads.items() if self._has_effects else ():
            if name != stream and self._positions.get(name, 0) != position:
                self._fault(Check.COMMANDS, index, f"it was decided over another state of '{name}'")
        if wire.assurance is Assurance.AUTHENTICATED and wire.actor.startswith(_PERSON):
            self._check_vouching(command, index)
        if wire.assurance is Assurance.SIGNED:
            self._check_signature(command, index)
            for path, content in self._papers.take_command(command, time):
                self.derived[path] = _sha256(content).digest()
        self.texts.update(dict.fromkeys(command.texts, index))
        self.blobs.update(dict.fromkeys(command.blobs, index))
        if self._has_effects:
            self._decide_again(command, _actor(wire), index)

    def _check_vouching(self, command: CommandRecord, index: int) -> None:
        actor = command.body.actor
        if not isinstance(command.signature, Vouched):
            self._fault(Check.SIGNATURES, index, "it counts as authenticated, and nobody vouched for its person")
        elif not self._people.keys_of(PersonId(actor.removeprefix(_PERSON))):
            self._fault(Check.SIGNATURES, index, f"'{actor}' had no key in force at that record, so nobody could vouch")

    def _check_signature(self, command: CommandRecord, index: int) -> None:
        self.signatures += 1
        body, signature = command.body, command.signature
        if not isinstance(signature, SshSignature):
            self._fault(Check.SIGNATURES, index, "it counts as signed and carries no signature")
            return
        owner = self._people.keys.get(signature.key)
        is_founder = not self._people.names and (
            body.command == people.AddPerson.__name__
            and body.payload.get("key") == signature.key
            and body.actor == f"person:{body.payload.get('person')}"
        )
        if not is_founder and (owner is None or body.actor != f"person:{owner}"):
            self._fault(Check.SIGNATURES, index, f"the key was not in force for '{body.actor}' at that record")
        if not self._checks.verify_person(signature.key, body.message, signature.armoured):
            self._fault(Check.SIGNATURES, index, f"the signature of '{body.actor}' does not fit the command")

    def _decide_again(self, command: CommandRecord, actor: Actor, index: int) -> None:
        name, payload = command.body.command, command.body.payload
        decision: Accepted[people.PeopleEvent] | Accepted[keyring.KeyringEvent] | Refused
        if name in _PEOPLE_COMMANDS:
            decision = people.decide(self._people, decode_as(_PEOPLE_COMMANDS[name], payload), actor)
        elif name in _KEYRING_COMMANDS:
            decision = keyring.decide(self._keyring, decode_as(_KEYRING_COMMANDS[name], payload), actor)
        else:
            return
        if isinstance(decision, Refused):
            self._fault(Check.COMMANDS, index, f"it was accepted against the rule: {decision.reasons[0].sentence}")
            return
        for emitted in decision.events:
            made = encode(emitted.event)
            self._due.append(_Event(emitted.stream, made.name, canonical(made.payload)))

    def _take_registry(self, wire: Wire, index: int) -> None:
        record = as_record(wire)
        payload = record.payload
        event = decode_event(wire.event, wire.version, payload)
        found = _Event(wire.stream, wire.event, canonical(payload))
        if self._due and self._due[0] == found:
            del self._due[0]
        elif not (index == 0 and isinstance(event, keyring.LedgerOpened)):
            self._fault(Check.COMMANDS, index, "the rules do not make this event of the command before it")
        match event:
            case people.PersonAdded() | people.KeyAdded() | people.KeyRevoked() if wire.stream == people.STREAM:
                self._people = people.evolve(self._people, event)
                tuple(self._papers.take(record))
            case keyring.LedgerOpened() | keyring.LedgerKeyRotated() | keyring.TextErased() if (
                wire.stream == keyring.STREAM
            ):
                self._take_keyring(event, index)
            case _:
                self._fault(Check.COMMANDS, index, f"'{wire.event}' has no place on '{wire.stream}'")

    def _take_keyring(self, event: keyring.KeyringEvent, index: int) -> None:
        match event:
            case keyring.LedgerOpened(origin, key):
                if self.reigns or index > 1 or origin != self._origin:
                    self._fault(Check.KEYS, index, "a ledger is opened once, at its beginning, under its own name")
                else:
                    self._add_key(raw_key(key), 1)
            case keyring.LedgerKeyRotated(old=old, new=new):
                signed = is_signed_by_both(self._origin, event, self._checks.verify_checkpoint)
                if not signed or not self.keys or raw_key(old) != self.keys[-1]:
                    self._fault(Check.KEYS, index, "the rotation is not signed by the key in force and the new one")
                else:
                    self.keys.append(raw_key(new))
            case keyring.TextErased(ref, _):
                self.erased.setdefault(ref, index)
            case _:
                assert_never(event)
        self._keyring = keyring.evolve(self._keyring, event)

    def _end_batch(self, following: int) -> None:
        """A key that was rotated in the batch signs from `following` records on."""
        if self._due:
            self._fault(Check.COMMANDS, len(self.leaves) - 1, "what the command before makes was not recorded")
            self._due.clear()
        if len(self.keys) > len(self.reigns):
            self.reigns.append(Reign(self.keys[-1], following))

    def _add_key(self, key: bytes, first: int) -> None:
        self.keys.append(key)
        self.reigns.append(Reign(key, first))

    def _fault(self, check: Check, index: int, sentence: str) -> None:
        self._faults.add(check, f"record {index}", sentence)


_COMMANDS: Final = frozenset({ACCEPTED, REFUSED})
_PEOPLE_COMMANDS: Final[Mapping[str, type[people.PeopleCommand]]] = {
    kind.__name__: kind for kind in (people.AddPerson, people.AddKey, people.RevokeKey)
}
_KEYRING_COMMANDS: Final[Mapping[str, type[keyring.KeyringCommand]]] = {
    kind.__name__: kind for kind in (keyring.OpenLedger, keyring.RotateLedgerKey, keyring.EraseText)
}
_NO_HEAD: Final = Wire(
    actor="",
    assurance=Assurance.ASSERTED,
    cause="",
    event="",
    index=0,
    payload={},
    position=0,
    stream="",
    time="",
    version=0,
)


def _actor(wire: Wire) -> Actor:
    kind, _, name = wire.actor.partition(":")
    if kind == "person":
        return Person(PersonId(name), wire.assurance)
    return Robot(name, wire.assurance)
