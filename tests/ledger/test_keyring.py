# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterable
from typing import Final

import pytest

from interlock.domain.actor import Actor, Assurance, Person, Robot
from interlock.domain.decision import Accepted
from interlock.domain.ids import PersonId, TextRef
from interlock.ledger.keyring import (
    STREAM,
    EraseText,
    Keyring,
    KeyringCommand,
    KeyringEvent,
    LedgerKeyRotated,
    LedgerOpened,
    OpenLedger,
    RotateLedgerKey,
    TextErased,
    decide,
    evolve,
)

ANN: Final = Person(PersonId("ann"), Assurance.SIGNED)
CONTROLLER: Final = Robot("controller", Assurance.AUTHENTICATED)
WORDS: Final = TextRef("text:1")
OPENED: Final = LedgerOpened("app", "first")
ROTATED: Final = LedgerKeyRotated("first", "second", "by the old", "by the new")
ERASED: Final = TextErased(WORDS, "ann asked")
ROTATION: Final = RotateLedgerKey("first", "second", "by the old", "by the new")


def _after(events: Iterable[KeyringEvent]) -> Keyring:
    state = Keyring()
    for event in events:
        state = evolve(state, event)
    return state


def _made(state: Keyring, command: KeyringCommand, actor: Actor = ANN) -> KeyringEvent:
    decision = decide(state, command, actor)
    assert isinstance(decision, Accepted), decision
    (emitted,) = decision.events
    assert emitted.stream == STREAM
    return emitted.event


def _refused(state: Keyring, command: KeyringCommand, actor: Actor = ANN) -> list[str]:
    decision = decide(state, command, actor)
    assert not isinstance(decision, Accepted), decision
    return [reason.code for reason in decision.reasons]


def test_a_ledger_is_opened_under_its_name_and_first_key() -> None:
    assert _made(Keyring(), OpenLedger("app", "first"), CONTROLLER) == OPENED
    assert _after([OPENED]) == Keyring("app", "first")


def test_a_ledger_is_opened_once() -> None:
    assert _refused(_after([OPENED]), OpenLedger("app", "other")) == ["ledger.opened"]


def test_a_rotation_puts_the_new_key_in_force_and_keeps_the_name() -> None:
    assert _made(_after([OPENED]), ROTATION) == ROTATED
    assert _after([OPENED, ROTATED]) == Keyring("app", "second")


def test_a_key_that_is_not_in_force_is_not_rotated() -> None:
    assert _refused(_after([OPENED, ROTATED]), ROTATION) == ["ledger.wrong_key"]


def test_a_key_is_not_rotated_into_itself() -> None:
    assert _refused(_after([OPENED]), RotateLedgerKey("first", "first", "a", "b")) == ["ledger.wrong_key"]


def test_words_are_erased_for_a_signed_person() -> None:
    assert _made(_after([OPENED]), EraseText(WORDS, "ann asked")) == ERASED
    assert _after([OPENED, ERASED]).erased == {WORDS}


@pytest.mark.parametrize("actor", [CONTROLLER, Person(PersonId("ann"), Assurance.AUTHENTICATED)])
def test_nobody_else_erases_words(actor: Actor) -> None:
    assert _refused(_after([OPENED]), EraseText(WORDS, "asked"), actor) == ["ledger.erase_unsigned"]


def test_words_are_erased_once() -> None:
    assert _refused(_after([OPENED, ERASED]), EraseText(WORDS, "again")) == ["ledger.erased"]


def test_what_was_erased_stays_erased_under_a_new_key() -> None:
    assert _after([OPENED, ERASED, ROTATED]) == Keyring("app", "second", frozenset({WORDS}))


def test_a_refusal_says_what_to_do_next() -> None:
    decision = decide(_after([OPENED]), EraseText(WORDS, "asked"), CONTROLLER)
    assert not isinstance(decision, Accepted)
    assert decision.reasons[0].next_step == "sign with a key"
