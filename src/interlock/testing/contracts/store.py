# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the store port: one or more tests per numbered clause of `interlock.ports.store`.

Subclass `StoreContract` in your test suite and give it a fixture named `rig` that is a `StoreRig` over the real thing.
What only one product can show (a full disk, another file) is tested beside its adapter.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import pytest

from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId, TextRef, commit_to, digest_of
from interlock.ledger.canonical import encode
from interlock.ledger.checkpoint import Checkpoint, Signed, ledger_answer, parse_note
from interlock.ledger.record import Batch, Draft, Json, SaltedText
from interlock.ledger.tree import EMPTY_ROOT, leaf_hash, root_of
from interlock.ports.failure import Rejected
from interlock.ports.signing import SignatureVerifier
from interlock.ports.store import Appended, Conflict, Erased, Growth, LedgerStore, Missing, NotGrown

TIME: Final = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
RELEASE: Final = StreamId("release/outreach/1.1.0")
FREEZE: Final = StreamId("freeze/outreach")
SALT: Final = b"0123456789abcdef"
WORDS: Final = "Zoë said: not on a Friday"


class StoreRig(Protocol):
    """What the kit needs of the adapter's world."""

    @property
    def verifier(self) -> SignatureVerifier: ...

    @property
    def public_key(self) -> bytes:
        """The raw key that the stores of `open` sign with."""
        ...

    def open(self) -> LedgerStore:
        """The one ledger of this rig, empty at first, opened as another process would open it."""
        ...


def a_batch(*streams: StreamId, expected: Mapping[StreamId, int] | None = None) -> Batch:
    """A batch of one draft for each name in `streams`."""
    payload: Mapping[str, Json] = {"release": "1.1.0", "counted": 0, "tags": ["a", "b"], "share": 0.5, "note": None}
    return Batch(
        drafts=tuple(Draft(stream, "Noted", 1, payload) for stream in streams or (RELEASE,)),
        time=TIME,
        actor="person:ann",
        assurance=Assurance.SIGNED,
        cause=CommandId("c-1"),
        expected=expected or {},
    )


def appended(store: LedgerStore, batch: Batch) -> Appended:
    """The batch appended, where nothing stands against it."""
    answer = store.append(batch)
    assert isinstance(answer, Appended), answer
    return answer


def a_text(words: str = WORDS) -> SaltedText:
    return SaltedText(commit_to(words, SALT), SALT, words)


class StoreContract:
    """Every test takes the fixture `rig`, which the subclass gives."""

    def test_1_an_empty_ledger_has_the_empty_root_and_no_checkpoint(self, rig: StoreRig) -> None:
        store = rig.open()
        head = store.head()
        assert (head.size, head.root, head.latest) == (0, EMPTY_ROOT, datetime.min.replace(tzinfo=UTC))
        assert store.checkpoint() == ""

    def test_1_the_head_is_the_tree_over_the_canonical_records(self, rig: StoreRig) -> None:
        store = rig.open()
        appended(store, a_batch(RELEASE, FREEZE, RELEASE))
        answer = appended(store, replace(a_batch(FREEZE), time=TIME + timedelta(seconds=1)))
        assert answer.head == store.head()
        assert answer.head.root == root_of([leaf_hash(encode(record)) for record in store.records()])
        assert answer.head.latest == TIME + timedelta(seconds=1)

    def test_1_the_checkpoint_is_signed_and_tells_the_head(self, rig: StoreRig) -> None:
        store = rig.open()
        head = appended(store, a_batch(RELEASE, FREEZE)).head
        note = parse_note(store.checkpoint())
        assert note.checkpoint == Checkpoint(store.origin, head.size, head.root)
        assert ledger_answer(note, rig.public_key, rig.verifier.verify_checkpoint) == Signed(0)

    def test_1_what_was_appended_is_seen_by_who_opens_the_ledger_anew(self, rig: StoreRig) -> None:
        store = rig.open()
        answer = appended(store, a_batch(RELEASE, FREEZE))
        store.close()
        again = rig.open()
        assert tuple(again.records()) == answer.records
        assert again.head() == answer.head

    def test_1_a_batch_that_cannot_be_written_leaves_nothing(self, rig: StoreRig) -> None:
        store = rig.open()
        batch = replace(a_batch(), drafts=(*a_batch().drafts, Draft(FREEZE, "Noted", 1, {"n": float("nan")})))
        with pytest.raises(ValueError, match=r"nan|JCS"):
            store.append(replace(batch, blobs=(b"report",), texts=(a_text(),)))
        assert store.head().size == 0
        assert store.blob(digest_of(b"report")) == Missing()
        assert store.text(a_text().ref) == Missing()

    def test_1_words_that_do_not_fit_their_commitment_are_not_taken(self, rig: StoreRig) -> None:
        store = rig.open()
        with pytest.raises(ValueError, match="commits"):
            store.append(replace(a_batch(), texts=(replace(a_text(), words="other words"),)))
        assert store.head().size == 0

    def test_1_a_batch_without_events_is_not_taken(self, rig: StoreRig) -> None:
        with pytest.raises(ValueError, match="at least one"):
            rig.open().append(replace(a_batch(), drafts=()))

    def test_1_a_ledger_opened_under_another_key_is_not_signed(self, rig: StoreRig) -> None:
        store = rig.open()
        opened: Mapping[str, Json] = {"origin": store.origin, "key": "A" * 43 + "="}
        with pytest.raises(Rejected) as caught:
            store.append(replace(a_batch(), drafts=(Draft(StreamId("ledger"), "LedgerOpened", 1, opened),)))
        assert caught.value.code == "store.wrong_key"
        assert store.head().size == 0

    def test_2_appending_from_many_threads_loses_nothing(self, rig: StoreRig) -> None:
        stores = (rig.open(), rig.open())
        threads = [
            threading.Thread(target=store.append, args=(a_batch(StreamId(f"stream/{number}"), RELEASE),))
            for number, store in enumerate(stores * 8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        records = tuple(rig.open().records())
        assert [record.index for record in records] == list(range(32))
        assert [record.position for record in rig.open().stream(RELEASE)] == list(range(1, 17))

    def test_3_a_stream_that_moved_is_a_conflict_and_nothing_is_appended(self, rig: StoreRig) -> None:
        store = rig.open()
        appended(store, a_batch(FREEZE, FREEZE))
        assert store.append(a_batch(RELEASE, expected={RELEASE: 0, FREEZE: 1})) == Conflict(FREEZE, 1, 2)
        assert len(list(store.records())) == store.head().size == len((FREEZE, FREEZE))

    def test_3_a_stream_that_is_not_there_yet_is_at_zero(self, rig: StoreRig) -> None:
        store = rig.open()
        assert store.append(a_batch(RELEASE, expected={FREEZE: 3})) == Conflict(FREEZE, 3, 0)
        appended(store, a_batch(RELEASE, expected={FREEZE: 0, RELEASE: 0}))

    def test_3_names_that_came_since_they_were_counted_are_a_conflict_and_nothing_is_appended(
        self, rig: StoreRig
    ) -> None:
        store = rig.open()
        appended(store, replace(a_batch(RELEASE), listed={"release/": 0}))
        late = replace(a_batch(FREEZE), listed={"release/": 0})
        assert store.append(late) == Conflict(StreamId("release/"), 0, 1)
        assert store.head().size == 1
        appended(store, replace(a_batch(FREEZE), listed={"release/": 1, "freeze/": 0}))

    def test_3_of_two_decisions_on_the_same_state_one_is_appended(self, rig: StoreRig) -> None:
        first, second = rig.open(), rig.open()
        answers = [store.append(a_batch(RELEASE, expected={RELEASE: 0})) for store in (first, second)]
        assert [type(answer) for answer in answers] == [Appended, Conflict]

    def test_4_records_read_back_are_those_appended(self, rig: StoreRig) -> None:
        store = rig.open()
        answer = appended(store, a_batch(RELEASE, FREEZE, RELEASE))
        assert tuple(store.records()) == answer.records
        assert [(record.index, record.stream, record.position) for record in answer.records] == [
            (0, RELEASE, 1),
            (1, FREEZE, 1),
            (2, RELEASE, 2),
        ]
        assert answer.records[0].payload == a_batch().drafts[0].payload
        assert {record.time for record in answer.records} == {TIME}

    def test_4_records_are_read_from_an_index_on(self, rig: StoreRig) -> None:
        store = rig.open()
        answer = appended(store, a_batch(*[RELEASE] * 600))
        assert tuple(store.records(since=2)) == answer.records[2:]
        assert tuple(store.records(since=600)) == ()

    def test_4_a_stream_is_read_after_a_position(self, rig: StoreRig) -> None:
        store = rig.open()
        records = appended(store, a_batch(RELEASE, FREEZE, RELEASE)).records
        assert tuple(store.stream(RELEASE)) == (records[0], records[2])
        assert tuple(store.stream(RELEASE, after=1)) == (records[2],)
        assert tuple(store.stream(StreamId("absent"))) == ()

    def test_4_streams_are_listed_by_prefix_each_once(self, rig: StoreRig) -> None:
        store = rig.open()
        names = [StreamId(name) for name in ("a/2", "b", "a/1", "a/1", "a_3", "a/%", "A/1")]
        appended(store, a_batch(*names))
        assert list(store.streams("a/")) == ["a/%", "a/1", "a/2"]
        assert list(store.streams("none")) == []
        assert list(store.streams("")) == ["A/1", "a/%", "a/1", "a/2", "a_3", "b"]

    def test_5_blobs_are_kept_under_their_digest(self, rig: StoreRig) -> None:
        store = rig.open()
        content = bytes(range(256)) * 40
        appended(store, replace(a_batch(), blobs=(content, b"", content)))
        appended(store, replace(a_batch(), blobs=(content,)))
        assert store.blob(digest_of(content)) == content
        assert store.blob(digest_of(b"")) == b""
        assert store.blob(digest_of(b"absent")) == Missing()

    def test_7_words_are_kept_until_they_are_erased(self, rig: StoreRig) -> None:
        store = rig.open()
        appended(store, replace(a_batch(), texts=(a_text(), a_text("others"))))
        assert store.text(a_text().ref) == a_text()
        appended(store, replace(a_batch(), erased=(a_text().ref,)))
        assert store.text(a_text().ref) == Erased()
        assert rig.open().text(a_text().ref) == Erased()
        assert store.text(a_text("others").ref) == a_text("others")

    def test_7_words_that_were_erased_do_not_come_back(self, rig: StoreRig) -> None:
        store = rig.open()
        appended(store, replace(a_batch(), texts=(a_text(),)))
        appended(store, replace(a_batch(), erased=(a_text().ref,)))
        appended(store, replace(a_batch(), texts=(a_text(),)))
        assert store.text(a_text().ref) == Erased()

    def test_7_erasing_words_that_are_not_there_is_refused(self, rig: StoreRig) -> None:
        store = rig.open()
        with pytest.raises(Rejected) as caught:
            store.append(replace(a_batch(), erased=(TextRef("text:" + "0" * 64),)))
        assert caught.value.code == "store.unknown_text"
        assert store.head().size == 0

    def test_8_a_stretch_ends_where_an_append_ended(self, rig: StoreRig) -> None:
        store = rig.open()
        records = [appended(store, a_batch(*[RELEASE] * count)).records for count in (1, 2, 3)]
        flat = [encode(record) for batch in records for record in batch]
        found = store.stretch(since=1, limit=4)
        assert list(found.records) == flat[1:3]
        assert parse_note(found.checkpoint).checkpoint == Checkpoint(
            store.origin, 3, root_of([leaf_hash(raw) for raw in flat[:3]])
        )
        assert list(store.stretch(since=0, limit=6).records) == flat

    def test_8_a_stretch_holds_one_append_at_least(self, rig: StoreRig) -> None:
        store = rig.open()
        records = appended(store, a_batch(*[RELEASE] * 3)).records
        appended(store, a_batch())
        assert list(store.stretch(since=0, limit=2).records) == [encode(record) for record in records]

    def test_8_at_the_head_a_stretch_is_the_newest_checkpoint(self, rig: StoreRig) -> None:
        store = rig.open()
        assert store.stretch(since=0, limit=10).records == ()
        appended(store, a_batch())
        found = store.stretch(since=1, limit=10)
        assert (found.records, found.checkpoint) == ((), store.checkpoint())

    def test_9_what_moved_since_a_head_is_told_with_its_last_record(self, rig: StoreRig) -> None:
        store = rig.open()
        empty = store.head()
        first = appended(store, a_batch(RELEASE, FREEZE)).head
        last = appended(store, a_batch(RELEASE, RELEASE)).head
        assert store.growth(since=empty) == Growth({RELEASE: 3, FREEZE: 1}, last)
        assert store.growth(since=first) == Growth({RELEASE: 3}, last)
        assert store.growth(since=last) == Growth({}, last)

    def test_9_a_head_at_which_the_ledger_never_stood_is_told_apart(self, rig: StoreRig) -> None:
        store = rig.open()
        appended(store, a_batch(RELEASE, FREEZE))
        head = appended(store, a_batch(RELEASE)).head
        for other in (
            replace(head, root=bytes(32)),
            replace(head, size=1),
            replace(head, size=4),
            replace(head, size=2),
        ):
            assert store.growth(since=other) == NotGrown(head)
