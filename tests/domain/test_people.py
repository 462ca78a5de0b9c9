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
    PeopleEvent,
    PersonAdded,
    RevokeKey,
    decide,
    evolve,
)

ANN_KEY, BOB_KEY, KEY_2, KEY_3 = (f"ssh-ed25519 AAAA{name:A<16}" for name in ("ann", "bob", "2", "3"))
ANNS_ADDRESS = TextRef("text:ann@")
ANN_ADDED = PersonAdded(ANN, ANN_KEY, WORDS, (ANNS_ADDRESS,))
BOB_ADDED = PersonAdded(BOB, BOB_KEY, WORDS, ())
EVE = PersonId("eve")
ASSERTED_ANN = Person(ANN, Assurance.ASSERTED)
STRANGER = Person(EVE, Assurance.SIGNED)


def test_the_first_person_may_add_themself() -> None:
    given(People(), evolve).when(
        lambda state: decide(state, AddPerson(ANN, ANN_KEY, WORDS, (ANNS_ADDRESS,)), ASSERTED_ANN)
    ).then(ANN_ADDED)


def test_a_registered_person_adds_another_by_signature() -> None:
    given(People(), evolve, ANN_ADDED).when(lambda state: decide(state, AddPerson(BOB, BOB_KEY, WORDS, ()), ann)).then(
        BOB_ADDED
    )


@pytest.mark.parametrize("actor", [ASSERTED_ANN, STRANGER, CONTROLLER, Person(ANN, Assurance.AUTHENTICATED)])
def test_nobody_else_adds_a_person(actor: Actor) -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(BOB, BOB_KEY, WORDS, ()), actor)
    ).refused("people.not_a_member")


def test_a_handle_is_used_once() -> None:
    given(People(), evolve, ANN_ADDED).when(lambda state: decide(state, AddPerson(ANN, KEY_2, WORDS, ()), ann)).refused(
        "people.already_registered"
    )


def test_a_key_stands_for_one_person() -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(BOB, ANN_KEY, WORDS, ()), ann)
    ).refused("people.key_taken")


def test_a_person_adds_a_key_with_a_key_they_have() -> None:
    given(People(), evolve, ANN_ADDED).when(lambda state: decide(state, AddKey(ANN, KEY_2), ann)).then(
        KeyAdded(ANN, KEY_2)
    )


@pytest.mark.parametrize("actor", [bob, ASSERTED_ANN, CONTROLLER])
def test_nobody_adds_a_key_for_somebody_else(actor: Actor) -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED).when(lambda state: decide(state, AddKey(ANN, KEY_2), actor)).refused(
        "people.not_their_own_key"
    )


def test_any_registered_person_revokes_a_key() -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED).when(
        lambda state: decide(state, RevokeKey(ANN, ANN_KEY, WORDS), bob)
    ).then(KeyRevoked(ANN, ANN_KEY, WORDS))


@pytest.mark.parametrize("actor", [ASSERTED_ANN, STRANGER, CONTROLLER])
def test_a_key_is_not_revoked_without_a_registered_signature(actor: Actor) -> None:
    given(People(), evolve, ANN_ADDED).when(lambda state: decide(state, RevokeKey(ANN, ANN_KEY, WORDS), actor)).refused(
        "people.not_a_member"
    )


def test_a_key_that_is_not_that_persons_is_not_revoked() -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED).when(
        lambda state: decide(state, RevokeKey(ANN, BOB_KEY, WORDS), bob)
    ).refused("people.unknown_key")


REVOKED = KeyRevoked(ANN, ANN_KEY, WORDS)


def test_a_revoked_key_never_comes_back() -> None:
    given(People(), evolve, ANN_ADDED, BOB_ADDED, REVOKED).when(
        lambda state: decide(state, AddKey(BOB, ANN_KEY), bob)
    ).refused("people.key_taken")


def test_a_revoked_key_is_not_revoked_twice() -> None:
    given(People(), evolve, ANN_ADDED, REVOKED).when(
        lambda state: decide(state, RevokeKey(ANN, ANN_KEY, WORDS), ann)
    ).refused("people.unknown_key")


def test_keys_are_listed_as_they_were_added_and_a_revoked_one_is_gone() -> None:
    state = given(People(), evolve, ANN_ADDED, BOB_ADDED, KeyAdded(ANN, KEY_2), KeyAdded(ANN, KEY_3), REVOKED).state
    assert state.keys_of(ANN) == (KEY_2, KEY_3)
    assert state.is_registered(ANN)
    assert state.emails == {ANNS_ADDRESS: ANN}


@pytest.mark.parametrize(
    ("events", "who"),
    [
        ((), []),
        ((KeyRevoked(ANN, ANN_KEY, WORDS),), [ANN]),
        ((KeyAdded(ANN, KEY_2), KeyRevoked(ANN, ANN_KEY, WORDS)), []),
    ],
    ids=["with a key", "with none", "with another"],
)
def test_who_lost_every_key_has_left(events: tuple[PeopleEvent, ...], who: list[PersonId]) -> None:
    state = People()
    for event in (ANN_ADDED, *events):
        state = evolve(state, event)
    assert [one for one in (ANN, EVE) if state.has_left(one)] == who


def test_an_address_stands_for_one_person() -> None:
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(BOB, BOB_KEY, WORDS, (ANNS_ADDRESS,)), ann)
    ).refused("people.address_taken")


def test_a_person_may_have_several_addresses() -> None:
    both = (TextRef("text:bob@"), TextRef("text:robert@"))
    given(People(), evolve, ANN_ADDED).when(
        lambda state: decide(state, AddPerson(BOB, BOB_KEY, WORDS, both), ann)
    ).then(PersonAdded(BOB, BOB_KEY, WORDS, both))


@pytest.mark.parametrize("handle", ["", "Bob", "bob smith", "bob\n", "../bob", "*"])
def test_a_handle_that_is_not_safe_everywhere_is_declined(handle: str) -> None:
    given(People(), evolve).when(
        lambda state: decide(state, AddPerson(PersonId(handle), BOB_KEY, WORDS, ()), bob)
    ).refused("people.bad_handle")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "bob",
        f"{BOB_KEY} bob@host",
        f"{BOB_KEY}\n",
        f"{BOB_KEY}\nann {ANN_KEY}",
        f'command="true" {BOB_KEY}',
        BOB_KEY.replace("ssh-ed25519", "ssh-dss"),
        "ssh-ed25519 AAAA",
    ],
)
def test_a_key_that_is_not_one_plain_line_of_a_known_kind_is_declined(key: str) -> None:
    given(People(), evolve, ANN_ADDED).when(lambda state: decide(state, AddKey(ANN, key), ann)).refused(
        "people.bad_key"
    )
