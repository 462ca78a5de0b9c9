# SPDX-License-Identifier: Apache-2.0
"""People and their keys: the registry that says whose signature is whose.

1. A key belongs to at most one person, for ever; a revoked key never comes back.
2. The first person may add themself. After that a person is added by a registered person, with a signed command.
3. A key is added only by a signature of a key its person already has; whoever loses every key is a new person.
4. Revoking takes authority away, so any registered person may do it, and nothing stands before it.
5. Being registered gives no role: roles are in the service's governed bindings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse
from interlock.domain.ids import PersonId, StreamId, TextRef, parse_name

STREAM: Final = StreamId("people")
_KEY: Final = re.compile(
    r"(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ecdsa-sha2-nistp256@openssh\.com)"
    r" [A-Za-z0-9+/]{16,}={0,2}"
)


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Register `person` with one public key (an OpenSSH line without comment)."""

    person: PersonId
    key: str
    name: TextRef
    emails: tuple[TextRef, ...]


@dataclass(frozen=True, slots=True)
class AddKey:
    person: PersonId
    key: str


@dataclass(frozen=True, slots=True)
class RevokeKey:
    person: PersonId
    key: str
    reason: TextRef


PeopleCommand = AddPerson | AddKey | RevokeKey


@dataclass(frozen=True, slots=True)
class PersonAdded:
    person: PersonId
    key: str
    name: TextRef
    emails: tuple[TextRef, ...]


@dataclass(frozen=True, slots=True)
class KeyAdded:
    person: PersonId
    key: str


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    person: PersonId
    key: str
    reason: TextRef


PeopleEvent = PersonAdded | KeyAdded | KeyRevoked


@dataclass(frozen=True, slots=True)
class People:
    """`keys` are in force, `revoked` never again; `emails` are commitments, matched where the words still are."""

    keys: Mapping[str, PersonId] = field(default_factory=dict)
    revoked: Mapping[str, PersonId] = field(default_factory=dict)
    names: Mapping[PersonId, TextRef] = field(default_factory=dict)
    emails: Mapping[TextRef, PersonId] = field(default_factory=dict)

    def is_registered(self, person: PersonId) -> bool:
        """Whether the person was ever added."""
        return person in self.names

    def has_left(self, person: PersonId) -> bool:
        """Whether every key that the person ever had was revoked: then they can say nothing."""
        return person in self.revoked.values() and person not in self.keys.values()

    def keys_of(self, person: PersonId) -> tuple[str, ...]:
        """The person's keys in force, in the order they were added."""
        return tuple(key for key, owner in self.keys.items() if owner == person)


def decide(state: People, command: PeopleCommand, actor: Actor) -> Decision[PeopleEvent]:
    """Whether the registry may change so."""
    fault = _malformed(command)
    if fault is not None:
        return fault
    match command:
        case AddPerson():
            return _add_person(state, command, actor)
        case AddKey():
            return _add_key(state, command, actor)
        case RevokeKey():
            return _revoke_key(state, command, actor)
        case _:
            assert_never(command)


def evolve(state: People, event: PeopleEvent) -> People:
    """The registry after the event."""
    match event:
        case PersonAdded(person, key, name, emails):
            return replace(
                state,
                keys={**state.keys, key: person},
                names={**state.names, person: name},
                emails={**state.emails, **dict.fromkeys(emails, person)},
            )
        case KeyAdded(person, key):
            return replace(state, keys={**state.keys, key: person})
        case KeyRevoked(person, key):
            left = {other: owner for other, owner in state.keys.items() if other != key}
            return replace(state, keys=left, revoked={**state.revoked, key: person})
        case _:
            assert_never(event)


def _add_person(state: People, command: AddPerson, actor: Actor) -> Decision[PeopleEvent]:
    if state.is_registered(command.person):
        return refuse(
            "people.already_registered",
            f"'{command.person}' is registered already",
            "choose another handle, or sign `interlock people add-key HANDLE --key KEY.pub` with the key they have",
        )
    if _is_taken(state, command.key):
        return _taken()
    if any(state.emails.get(email, command.person) != command.person for email in command.emails):
        return refuse("people.address_taken", "that address is registered for somebody else", "use another address")
    if state.names and not _is_signed_member(state, actor):
        return refuse(
            "people.not_a_member",
            "a person is added by someone who is registered, with their signature",
            "ask a registered person to run `interlock people add HANDLE --key KEY.pub`",
        )
    return _accept(PersonAdded(command.person, command.key, command.name, command.emails))


def _add_key(state: People, command: AddKey, actor: Actor) -> Decision[PeopleEvent]:
    if not (isinstance(actor, Person) and actor.id == command.person and _is_signed_member(state, actor)):
        return refuse(
            "people.not_their_own_key",
            f"a key of '{command.person}' is added only by a signature of '{command.person}'",
            "sign with a key that is registered already; if every key is lost, register as a new person",
        )
    if _is_taken(state, command.key):
        return _taken()
    return _accept(KeyAdded(command.person, command.key))


def _revoke_key(state: People, command: RevokeKey, actor: Actor) -> Decision[PeopleEvent]:
    if not _is_signed_member(state, actor):
        return refuse(
            "people.not_a_member",
            "a key is revoked by someone who is registered, with their signature",
            "ask a registered person to run `interlock people revoke-key HANDLE --key KEY.pub --reason 'WHY'`",
        )
    if state.keys.get(command.key) != command.person:
        return refuse(
            "people.unknown_key",
            f"that key is not in force for '{command.person}'",
            "list keys with `interlock people list`",
        )
    return _accept(KeyRevoked(command.person, command.key, command.reason))


def _malformed(command: PeopleCommand) -> Refused | None:
    """Handles and keys end up in files that other programs read line by line: nothing else may come with them."""
    try:
        parse_name(command.person)
    except ValueError as fault:
        return refuse("people.bad_handle", str(fault), "choose another handle")
    if not _KEY.fullmatch(command.key):
        return refuse(
            "people.bad_key",
            "that is no public key line of a kind that is accepted (Ed25519, ECDSA, RSA), without a comment",
            "give the line of an OpenSSH `.pub` file",
        )
    return None


def _is_signed_member(state: People, actor: Actor) -> bool:
    return isinstance(actor, Person) and actor.assurance is Assurance.SIGNED and state.is_registered(actor.id)


def _is_taken(state: People, key: str) -> bool:
    return key in state.keys or key in state.revoked


def _taken() -> Refused:
    return refuse(
        "people.key_taken",
        "that key is registered already, or was revoked",
        "use another key: one key stands for one person, and a revoked one never comes back",
    )


def _accept(event: PeopleEvent) -> Accepted[PeopleEvent]:
    return Accepted((Emitted(STREAM, event),))
