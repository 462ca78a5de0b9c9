# SPDX-License-Identifier: Apache-2.0
import base64
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.ledger.small import CHECKS, FIRST, ORIGIN, SECOND, START, SmallLedger

from interlock.adapters.signer.memory import MemorySigner
from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId
from interlock.ledger.canonical import decode, encode
from interlock.ledger.checkpoint import Checkpoint, Note, parse_note, signed_note
from interlock.ledger.following import Held, How, Strayed, Taken, follow
from interlock.ledger.keyring import LedgerKeyRotated
from interlock.ledger.record import Json, Record
from interlock.ledger.tree import Frontier, leaf_hash

CHECK = CHECKS.verify_checkpoint
NOTHING = Held(ORIGIN)


def raws(ledger: SmallLedger, until: int) -> list[bytes]:
    return [encode(record) for record in ledger.store.records()][:until]


def note_at(ledger: SmallLedger, size: int) -> Note:
    return next(note for note in ledger.remembered() if note.checkpoint.size == size)


def sizes(ledger: SmallLedger) -> list[int]:
    return [note.checkpoint.size for note in ledger.remembered()]


def held_at(ledger: SmallLedger, size: int) -> Held:
    found = follow(NOTHING, raws(ledger, size), note_at(ledger, size), CHECK)
    assert isinstance(found, Taken)
    return found.held


def noted(given: Sequence[bytes], signer: MemorySigner = FIRST, origin: str = ORIGIN) -> Note:
    root = Frontier().extended(leaf_hash(raw) for raw in given).root
    return signed_note(Checkpoint(origin, len(given), root), signer.public_key, signer.sign)


def strayed(found: Taken | Strayed) -> How:
    assert isinstance(found, Strayed), found
    return found.how


def test_a_whole_ledger_is_taken_at_once_with_every_key_it_had(finished: SmallLedger) -> None:
    size = sizes(finished)[-1]
    found = follow(NOTHING, raws(finished, size), note_at(finished, size), CHECK)
    assert isinstance(found, Taken)
    assert found.records == tuple(finished.store.records())
    assert found.leaves == tuple(map(leaf_hash, raws(finished, size)))
    assert (found.held.frontier.root, found.held.key) == (finished.store.head().root, SECOND.public_key)


def test_it_is_taken_append_by_append(finished: SmallLedger) -> None:
    held = NOTHING
    everything = raws(finished, sizes(finished)[-1])
    for size in sizes(finished):
        found = follow(held, everything[held.frontier.size : size], note_at(finished, size), CHECK)
        assert isinstance(found, Taken), found
        held = found.held
    assert held.frontier.root == finished.store.head().root


def test_nothing_new_is_taken_as_nothing(finished: SmallLedger) -> None:
    held = held_at(finished, sizes(finished)[-1])
    found = follow(held, (), note_at(finished, sizes(finished)[-1]), CHECK)
    assert found == Taken((), (), held)


def test_another_ledger_is_not_followed(finished: SmallLedger) -> None:
    found = follow(Held("other"), raws(finished, 2), note_at(finished, 2), CHECK)
    assert strayed(found) is How.OTHER


def test_a_ledger_that_was_cut_back_is_told(finished: SmallLedger) -> None:
    held = held_at(finished, sizes(finished)[-1])
    found = follow(held, (), note_at(finished, 2), CHECK)
    assert found == Strayed(How.CUT, f"it ends at 2 records, and {held.frontier.size} were there")


def test_a_history_that_was_rewritten_is_told(finished: SmallLedger) -> None:
    held = held_at(finished, sizes(finished)[1])
    others = replace(held, frontier=Frontier(held.frontier.size, tuple(bytes(32) for _ in held.frontier.peaks)))
    rest = raws(finished, sizes(finished)[2])[held.frontier.size :]
    found = follow(others, rest, note_at(finished, sizes(finished)[2]), CHECK)
    assert found == Strayed(
        How.REWRITTEN, f"the first {held.frontier.size} records it tells of are not those that were there"
    )


def test_records_that_are_not_those_of_the_checkpoint_are_told(finished: SmallLedger) -> None:
    other = noted([b"another", b"history"])
    found = follow(NOTHING, raws(finished, 2), other, CHECK)
    assert found == Strayed(How.REWRITTEN, "its records are not those its checkpoint speaks of")


@pytest.mark.parametrize("count", [1, 3], ids=["too few", "too many"])
def test_as_many_records_as_the_checkpoint_says(finished: SmallLedger, count: int) -> None:
    assert strayed(follow(NOTHING, raws(finished, count), note_at(finished, 2), CHECK)) is How.MALFORMED


def test_what_is_no_record_is_told(finished: SmallLedger) -> None:
    given = [*raws(finished, 1), b"{}"]
    assert strayed(follow(NOTHING, given, noted(given), CHECK)) is How.MALFORMED


def test_a_record_in_another_place_is_told(finished: SmallLedger) -> None:
    first, second = raws(finished, 2)
    given = [second, first]
    found = follow(NOTHING, given, noted(given), CHECK)
    assert found == Strayed(How.MALFORMED, "record 1 stands where 0 belongs")


def test_a_checkpoint_by_another_key_is_told(finished: SmallLedger) -> None:
    given = raws(finished, 2)
    assert strayed(follow(NOTHING, given, noted(given, SECOND), CHECK)) is How.UNSIGNED


def test_the_checkpoint_of_the_handing_over_is_still_signed_by_the_old_key(finished: SmallLedger) -> None:
    rotated = next(one for one in finished.store.records() if one.event == "LedgerKeyRotated").index + 1
    held = held_at(finished, rotated)
    assert held.key == SECOND.public_key
    given = raws(finished, rotated)
    assert strayed(follow(NOTHING, given, noted(given, SECOND), CHECK)) is How.UNSIGNED


def appended(given: Sequence[bytes], event: str, payload: dict[str, Json], stream: str = "ledger") -> list[bytes]:
    """One more record of a batch of its own."""
    known = [decode(raw) for raw in given]
    position = sum(one.stream == stream for one in known) + 1
    record = Record(
        len(given),
        StreamId(stream),
        position,
        START,
        "robot:x",
        Assurance.AUTHENTICATED,
        CommandId("x"),
        event,
        1,
        payload,
    )
    return [*given, encode(record)]


def test_a_key_that_its_forerunner_did_not_sign_in_is_told(finished: SmallLedger) -> None:
    old, new = (base64.b64encode(one.public_key).decode() for one in (FIRST, SECOND))
    forged = LedgerKeyRotated(old, new, old, new)
    payload: dict[str, Json] = {
        "old": forged.old,
        "new": forged.new,
        "old_signature": forged.old_signature,
        "new_signature": forged.new_signature,
    }
    given = appended(raws(finished, 2), "LedgerKeyRotated", payload)
    assert strayed(follow(NOTHING, given, noted(given), CHECK)) is How.UNSIGNED


@pytest.mark.parametrize("origin", [ORIGIN, "other"], ids=["again", "of another ledger"])
def test_a_ledger_is_opened_once_and_under_its_own_name(finished: SmallLedger, origin: str) -> None:
    payload: dict[str, Json] = {"origin": origin, "key": base64.b64encode(SECOND.public_key).decode()}
    given = appended(raws(finished, 2), "LedgerOpened", payload)
    assert strayed(follow(NOTHING, given, noted(given, SECOND), CHECK)) is How.UNSIGNED


def test_other_events_of_the_ledger_change_no_key(finished: SmallLedger) -> None:
    payload: dict[str, Json] = {"ref": "text:0", "reason": "asked"}
    given = appended(raws(finished, 2), "TextErased", payload)
    found = follow(NOTHING, given, noted(given), CHECK)
    assert isinstance(found, Taken)
    assert found.held.key == FIRST.public_key


def test_notes_are_read_back_as_they_were_kept(finished: SmallLedger) -> None:
    assert str(parse_note(finished.notes[0])) == finished.notes[0]
