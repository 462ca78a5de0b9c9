# SPDX-License-Identifier: Apache-2.0
"""The registry of people and keys."""

import pytest
from tests.domain.shop import ANN, BOB, WORDS, ann, bob
from tests.domain.story import given

from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.ids import PersonId, TextRef
from interlock.domain.people import (
    AddKey,
    AddPerson,
    KeyAdded,
    KeyRevoked,
    People,
    PersonAdded,
    RevokeKey,
    decide,
    evolve,
)

ANN_ADDED = PersonAdded(ANN, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS, (TextRef("text:ann@"),))
BOB_ADDED = PersonAdded(BOB, "ssh-ed25519 AAAAbobAAAAAAAAAAAAA", WORDS, ())
EVE = PersonId("eve")
ASSERTED_ANN = Person(ANN, Assurance.ASSERTED)
STRANGER = Person(EVE, Assurance.SIGNED)


def test_the_first_person_may_add_themself() -> None:
    given(People(), evolve).when(
        lambda state: decide(state, AddPerson(ANN, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS, (TextRef("text:ann@"),)), ASSERTED_ANN)
    ).then(ANN_ADDED)


def test_a_registered_person_adds_another_by_signature() -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(BOB, "ssh-ed25519 AAAAbobAAAAAAAAAAAAA", WORDS, ()), ann)
    ).then(BOB_ADDED)


@pytest.mark.parametrize("actor", [ASSERTED_ANN, STRANGER, CONTROLLER, Person(ANN, Assurance.AUTHENTICATED)])
def test_nobody_else_adds_a_person(actor: Actor) -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(BOB, "ssh-ed25519 AAAAbobAAAAAAAAAAAAA", WORDS, ()), actor)
    ).refused("people.not_a_member")


def test_a_handle_is_used_once() -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(ANN, "ssh-ed25519 AAAA2AAAAAAAAAAAAAAA", WORDS, ()), ann)
    ).refused("people.already_registered")


def test_a_key_stands_for_one_person() -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(BOB, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS, ()), ann)
    ).refused("people.key_taken")


def test_a_person_adds_a_key_with_a_key_they_have() -> None:
    given(People(), evolve, ANN_ADDED).when(lambda state: decide(state, AddKey(ANN, "ssh-ed25519 AAAA2AAAAAAAAAAAAAAA"), ann)).then(
        KeyAdded(ANN, "ssh-ed25519 AAAA2AAAAAAAAAAAAAAA")
    )


@pytest.mark.parametrize("actor", [bob, ASSERTED_ANN, CONTROLLER])
def test_nobody_adds_a_key_for_somebody_else(actor: Actor) -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED).when(
        lambda state: decide(state, AddKey(ANN, "ssh-ed25519 AAAA2AAAAAAAAAAAAAAA"), actor)
    ).refused("people.not_their_own_key")


def test_any_registered_person_revokes_a_key() -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED).when(
        lambda state: decide(state, RevokeKey(ANN, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS), bob)
    ).then(KeyRevoked(ANN, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS))


@pytest.mark.parametrize("actor", [ASSERTED_ANN, STRANGER, CONTROLLER])
def test_a_key_is_not_revoked_without_a_registered_signature(actor: Actor) -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, RevokeKey(ANN, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS), actor)
    ).refused("people.not_a_member")


def test_a_key_that_is_not_that_persons_is_not_revoked() -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED).when(
        lambda state: decide(state, RevokeKey(ANN, "ssh-ed25519 AAAAbobAAAAAAAAAAAAA", WORDS), bob)
    ).refused("people.unknown_key")


REVOKED = KeyRevoked(ANN, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS)


def test_a_revoked_key_never_comes_back() -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED, REVOKED).when(
        lambda state: decide(state, AddKey(BOB, "ssh-ed25519 AAAAannAAAAAAAAAAAAA"), bob)
    ).refused("people.key_taken")


def test_a_revoked_key_is_not_revoked_twice() -> None:
    given(People(), evolve, ANN_ADDED, REVOKED).when(
        lambda state: decide(state, RevokeKey(ANN, "ssh-ed25519 AAAAannAAAAAAAAAAAAA", WORDS), ann)
    ).refused("people.unknown_key")


def test_keys_are_listed_as_they_were_added_and_a_revoked_one_is_gone() -> None:
    state = given(People(), evolve, ANN_ADDED, BOB_ADDED, KeyAdded(ANN, "ssh-ed25519 AAAA2AAAAAAAAAAAAAAA"), KeyAdded(ANN, "ssh-ed25519 AAAA3AAAAAAAAAAAAAAA"), REVOKED).state
    assert state.keys_of(ANN) == ("ssh-ed25519 AAAA2AAAAAAAAAAAAAAA", "ssh-ed25519 AAAA3AAAAAAAAAAAAAAA")
    assert state.is_registered(ANN)
    assert state.emails == {TextRef("text:ann@"): ANN}
