# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.ledger.small import CHECKS, FIRST, SmallLedger, note_something, opened, text, whole

from interlock.adapters.far_ledger.memory import MemoryFarLedger
from interlock.adapters.replica import FRESH, Replica
from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.memory import MemoryStore
from interlock.adapters.store.sqlite import SqliteReader
from interlock.domain.ids import Digest, digest_of
from interlock.ledger.checkpoint import Checkpoint, signed_note
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.far_ledger import FarHead
from interlock.ports.store import Missing, Stretch
from interlock.testing.contracts.store import a_batch

REPORT = b"<testsuite tests='3'/>\n"


@dataclass
class Ticking:
    """Seconds that pass when they are told to."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Following:
    """A ledger, and where it is followed to."""

    path: Path
    ledger: SmallLedger
    ticking: Ticking = field(default_factory=Ticking)
    opened: list[Replica] = field(default_factory=list)

    @property
    def far(self) -> MemoryFarLedger:
        return MemoryFarLedger(self.ledger.store, lambda given: given)

    def replica(self, far: MemoryFarLedger | None = None) -> Replica:
        made = Replica.follow(self.path, far or self.far, CHECKS.verify_checkpoint, self.ticking)
        self.opened.append(made)
        return made


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Following]:
    ledger = whole(tmp_path / "ledger.sqlite")
    found = Following(tmp_path / "cache" / "ledger.db", ledger)
    yield found
    for one in (*found.opened, found.ledger.store):
        one.close()


def told(caught: pytest.ExceptionInfo[Rejected]) -> str:
    return caught.value.code


def test_the_copy_reads_like_the_ledger(following: Following) -> None:
    replica, store = following.replica(), following.ledger.store
    assert replica.head() == store.head()
    assert list(replica.records()) == list(store.records())
    assert replica.checkpoint() == store.checkpoint()
    assert list(replica.streams("")) == list(store.streams(""))
    assert replica.origin == store.origin


def test_what_is_appended_is_seen_at_the_next_look(following: Following) -> None:
    replica = following.replica()
    before = replica.head().size
    note_something(following.ledger, "ann")
    assert replica.head().size == before
    following.ticking.seconds += FRESH * 2
    assert replica.head() == following.ledger.store.head()


def test_who_handed_something_in_looks_again_at_once(following: Following) -> None:
    replica = following.replica()
    replica.head()
    note_something(following.ledger, "ann")
    replica.look_again()
    assert replica.head() == following.ledger.store.head()


def test_a_long_ledger_comes_in_several_pages(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interlock.adapters.replica.PAGE", 2)
    replica = following.replica()
    assert replica.head() == following.ledger.store.head()


def test_the_copy_is_there_the_next_time(following: Following) -> None:
    following.replica().head()
    with_less = following.far
    with_less.store = following.ledger.store
    again = SqliteReader.open(following.path)
    assert list(again.records()) == list(following.ledger.store.records())
    again.close()
    assert following.replica().head() == following.ledger.store.head()


def test_whether_the_controller_works_is_as_told_last(following: Following) -> None:
    far = following.far
    far.driven = True
    replica = following.replica(far)
    assert not replica.driven
    replica.head()
    assert replica.driven


def test_nothing_can_be_appended_to_a_copy(following: Following) -> None:
    with pytest.raises(Unavailable):
        following.replica().append(a_batch())


def test_raw_material_is_fetched_once_and_kept(following: Following) -> None:
    replica = following.replica()
    assert replica.blob(digest_of(REPORT)) == REPORT
    again = SqliteReader.open(following.path)
    assert again.blob(digest_of(REPORT)) == REPORT
    again.close()
    assert replica.blob(digest_of(REPORT)) == REPORT
    assert replica.blob(digest_of(b"absent")) == Missing()


class OtherBytes(MemoryFarLedger):
    def blob(self, digest: Digest) -> bytes | Missing:
        return b"other bytes"


def test_raw_material_under_a_wrong_digest_is_not_taken(following: Following) -> None:
    replica = following.replica(OtherBytes(following.ledger.store, bytes))
    with pytest.raises(Rejected) as caught:
        replica.blob(digest_of(REPORT))
    assert told(caught) == "server.other_content"


def test_words_are_never_written_down(following: Following) -> None:
    replica = following.replica()
    replica.head()
    words = text("Name of ann")
    assert replica.text(words.ref) == words
    assert words.words.encode() not in following.path.read_bytes()
    assert following.ledger.store.text(words.ref) == words


def rewritten(tmp_path: Path) -> SmallLedger:
    """The same ledger's key and name, and another history."""
    ledger = opened(tmp_path / "other.sqlite")
    for _ in range(6):
        note_something(ledger, "ben")
    return ledger


def test_a_server_that_rewrites_history_is_caught_and_the_copy_stays(following: Following, tmp_path: Path) -> None:
    following.ledger.store.close()
    following.ledger = opened(tmp_path / "one.sqlite")
    note_something(following.ledger, "ann")
    replica = following.replica()
    known = list(replica.records()) if replica.head().size else []
    other = rewritten(tmp_path)
    with pytest.raises(Rejected) as caught:
        following.replica(MemoryFarLedger(other.store, bytes)).head()
    assert told(caught) == "server.rewritten"
    assert str(following.path) in caught.value.next_step
    kept = SqliteReader.open(following.path)
    assert list(kept.records()) == known
    kept.close()
    other.store.close()


def test_a_server_that_cuts_back_is_caught(following: Following, tmp_path: Path) -> None:
    following.replica().head()
    less = opened(tmp_path / "less.sqlite")
    with pytest.raises(Rejected) as caught:
        following.replica(MemoryFarLedger(less.store, bytes)).head()
    assert told(caught) == "server.cut_back"
    less.store.close()


class Lying(MemoryFarLedger):
    """Gives stretches with another checkpoint."""

    note: str = ""

    def stretch(self, *, since: int, limit: int) -> Stretch:
        return replace(self.store.stretch(since=since, limit=limit), checkpoint=self.note)


def test_a_checkpoint_that_is_none_is_not_believed(following: Following) -> None:
    far = Lying(following.ledger.store, bytes)
    far.note = "nonsense"
    with pytest.raises(Rejected) as caught:
        following.replica(far).head()
    assert told(caught) == "server.malformed"


def test_a_checkpoint_of_another_root_is_not_believed(following: Following) -> None:
    head = following.ledger.store.head()
    far = Lying(following.ledger.store, bytes)
    forged = Checkpoint(following.ledger.store.origin, head.size, bytes(32))
    far.note = str(signed_note(forged, FIRST.public_key, FIRST.sign))
    with pytest.raises(Rejected) as caught:
        following.replica(far).head()
    assert told(caught) == "server.rewritten"


class Nameless(MemoryFarLedger):
    def head(self) -> FarHead:
        return FarHead("no name", 1, driven=False)


def test_a_server_without_a_ledgers_name_is_none(following: Following) -> None:
    with pytest.raises(Rejected) as caught:
        following.replica(Nameless(following.ledger.store, bytes))
    assert told(caught) == "server.malformed"


def test_a_copy_of_another_ledger_is_not_mixed_with_this_one(following: Following) -> None:
    following.replica().head()
    other = MemoryStore("other.example", MemorySigner("other.example"))
    other.append(a_batch())
    with pytest.raises(Rejected) as caught:
        following.replica(MemoryFarLedger(other, bytes)).head()
    assert told(caught) == "server.other_ledger"


def test_of_two_processes_that_fetch_the_same_one_writes(following: Following) -> None:
    first, second = following.replica(), following.replica()
    assert first.head() == second.head()
    given = following.ledger.store.stretch(since=0, limit=1000)
    first._take(0, given)  # noqa: SLF001  # what the slower of two processes does
    assert first.head() == following.ledger.store.head()
