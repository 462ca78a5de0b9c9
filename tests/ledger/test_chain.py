# SPDX-License-Identifier: Apache-2.0
import base64
from dataclasses import replace

import pytest

from interlock.domain.ids import StreamId
from interlock.ledger.canonical import encode
from interlock.ledger.chain import Moved, extend, grown, moved, next_key, raw_key, streams_of
from interlock.ledger.record import Draft, Json
from interlock.ledger.tree import Frontier, leaf_hash, root_of
from interlock.testing.contracts.store import FREEZE, RELEASE, TIME, a_batch, a_text

KEY = bytes(range(32))
LEDGER = StreamId("ledger")


def text_of(key: bytes) -> str:
    return base64.b64encode(key).decode()


def test_records_go_on_from_the_frontier_and_from_each_stream() -> None:
    batch = a_batch(RELEASE, FREEZE, RELEASE)
    first = extend(Frontier(), {}, batch)
    second = extend(first.frontier, {RELEASE: 2, FREEZE: 1}, batch)
    assert [(record.index, record.stream, record.position) for record in (*first.records, *second.records)] == [
        (0, RELEASE, 1),
        (1, FREEZE, 1),
        (2, RELEASE, 2),
        (3, RELEASE, 3),
        (4, FREEZE, 2),
        (5, RELEASE, 4),
    ]
    assert second.frontier.root == root_of([leaf_hash(encode(one)) for one in (*first.records, *second.records)])


def test_every_record_of_a_batch_has_its_time_actor_and_cause() -> None:
    records = extend(Frontier(), {}, a_batch(RELEASE, FREEZE)).records
    assert {(record.time, record.actor, record.cause) for record in records} == {(TIME, "person:ann", "c-1")}


def test_streams_that_moved_are_named() -> None:
    batch = a_batch(expected={RELEASE: 1, FREEZE: 2, LEDGER: 0})
    assert moved(batch, {RELEASE: 1, FREEZE: 3}) == (Moved(FREEZE, 2, 3),)
    assert moved(batch, {RELEASE: 1, FREEZE: 2}) == ()


def test_kinds_of_streams_of_which_there_are_others_are_named() -> None:
    batch = replace(a_batch(), listed={"release/": 1, "freeze/": 0})

    def names(kind: str) -> tuple[StreamId, ...]:
        return (RELEASE, StreamId("release/outreach/1.2.0")) if kind == "release/" else ()

    assert grown(batch, names) == (Moved(StreamId("release/"), 1, 2),)
    assert grown(a_batch(), names) == ()


def test_every_stream_of_a_batch_is_asked_for_once() -> None:
    assert streams_of(a_batch(RELEASE, RELEASE, expected={FREEZE: 0, RELEASE: 0})) == (FREEZE, RELEASE)


def test_a_batch_needs_events_and_words_that_fit() -> None:
    with pytest.raises(ValueError, match="at least one"):
        extend(Frontier(), {}, replace(a_batch(), drafts=()))
    with pytest.raises(ValueError, match="commits"):
        extend(Frontier(), {}, replace(a_batch(), texts=(replace(a_text(), words="others"),)))


def test_the_key_is_that_of_the_opening_or_of_the_last_rotation() -> None:
    opened = Draft(LEDGER, "LedgerOpened", 1, {"origin": "o", "key": text_of(KEY)})
    rotated = Draft(LEDGER, "LedgerKeyRotated", 1, {"old": text_of(KEY), "new": text_of(KEY[::-1])})
    erased = Draft(LEDGER, "TextErased", 1, {"ref": "text:"})
    elsewhere = Draft(RELEASE, "LedgerOpened", 1, {"key": text_of(KEY)})
    assert next_key(b"", [elsewhere, erased]) == b""
    assert next_key(b"", [opened, erased]) == KEY
    assert next_key(KEY, [rotated]) == KEY[::-1]


@pytest.mark.parametrize("value", [None, 3, "", "AAAA", "!" * 44])
def test_what_is_no_key_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        raw_key(value)
