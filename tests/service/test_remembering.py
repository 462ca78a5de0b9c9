# SPDX-License-Identifier: Apache-2.0
"""What is remembered of a ledger between looks is what a look at it from nothing gives."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.memory import MemoryStore
from interlock.domain.actor import Assurance
from interlock.domain.artifact import ArtifactRecalled, RecallLifted, recall_stream
from interlock.domain.docket import IncidentDelisted, IncidentListed, docket_stream
from interlock.domain.ids import CommandId, Digest, EnvironmentName, IncidentId, ServiceName, StreamId
from interlock.ledger.codec import Event, encode
from interlock.ledger.record import Batch, Draft, Record
from interlock.ports.store import Appended, Growth, Head
from interlock.service.remembering import MOST, Remembered
from interlock.service.view import View, view_of

ORIGIN = "interlock.example/outreach"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DIGESTS = tuple(Digest(f"sha256:{number:064}") for number in range(3))
SERVICES = (ServiceName("app"), ServiceName("shop"))
RECALLS = StreamId("artifact/")

Written = tuple[StreamId, Event]
WRITTEN: Sequence[Written] = (
    *((recall_stream(one), ArtifactRecalled(one, "it leaks", "person:ann")) for one in DIGESTS),
    *((recall_stream(one), RecallLifted(one, "mended", "person:ann")) for one in DIGESTS),
    *((docket_stream(one), IncidentListed(one, EnvironmentName("live"), IncidentId(f"{one}-1"))) for one in SERVICES),
    *((docket_stream(one), IncidentDelisted(one, IncidentId(f"{one}-1"))) for one in SERVICES),
)


class Counting(MemoryStore):
    """A ledger that counts how often a stream of it was read."""

    def __init__(self) -> None:
        super().__init__(ORIGIN, MemorySigner(ORIGIN))
        self.read = 0

    def stream(self, stream: StreamId, *, after: int = 0) -> Sequence[Record]:
        self.read += 1
        return super().stream(stream, after=after)


def write(store: MemoryStore, *written: Written) -> Head:
    """Append these together."""
    drafts = []
    for stream, event in written:
        encoded = encode(event)
        drafts.append(Draft(stream, encoded.name, encoded.version, encoded.payload))
    done = store.append(Batch(tuple(drafts), NOW, "person:ann", Assurance.SIGNED, CommandId("c-1"), {}))
    assert isinstance(done, Appended)
    return done.head


def states(view: View) -> tuple[object, ...]:
    """Everything that these ledgers tell."""
    return (*map(view.recall, DIGESTS), *map(view.docket, SERVICES))


def recalled(view: View, now: datetime = NOW) -> tuple[Digest, ...]:
    """What is recalled, as a part that is kept."""
    return view.part("recalled", _recalled, now)


def _recalled(view: View) -> tuple[Digest, ...]:
    view.lean_on(RECALLS)
    return tuple(one for one in DIGESTS if view.recall(one).is_recalled)


@given(st.lists(st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=3), max_size=12))
def test_at_every_size_of_a_ledger_it_is_what_a_look_from_nothing_gives(batches: list[list[Written]]) -> None:
    store, remembered = Counting(), Remembered()
    for batch in ([], *batches):
        if batch:
            write(store, *batch)
        view = view_of(store, remembered)
        assert (recalled(view), states(view)) == (_recalled(View(store)), states(View(store)))
        assert view.reads.items() >= {one: len(store.stream(one)) for one in map(recall_stream, DIGESTS)}.items()


def test_what_did_not_move_is_not_read_again() -> None:
    store, remembered = Counting(), Remembered()
    write(store, *WRITTEN[:2])
    states(view_of(store, remembered))
    first = store.read
    write(store, WRITTEN[2])
    states(view_of(store, remembered))
    assert store.read == first + 1


def test_a_part_is_made_anew_only_when_something_it_looked_at_moved() -> None:
    store, remembered = Counting(), Remembered()
    write(store, WRITTEN[0])
    first = recalled(view_of(store, remembered))
    write(store, WRITTEN[-1])
    assert recalled(view_of(store, remembered)) is first
    write(store, WRITTEN[3])
    assert recalled(view_of(store, remembered)) == ()


def test_a_part_that_leans_on_a_kind_is_made_anew_when_another_of_the_kind_begins() -> None:
    store, remembered = Counting(), Remembered()

    def kinds(view: View) -> list[StreamId]:
        view.lean_on(RECALLS)
        return list(store.streams(RECALLS))

    write(store, WRITTEN[0])
    assert len(view_of(store, remembered).part("kinds", kinds, NOW)) == 1
    write(store, WRITTEN[1])
    assert len(view_of(store, remembered).part("kinds", kinds, NOW)) == 2


def test_a_part_within_a_part_tells_what_it_looked_at_and_for_how_long() -> None:
    store, remembered, until = Counting(), Remembered(), NOW + timedelta(seconds=1)
    write(store, WRITTEN[0])

    def brief(view: View) -> tuple[Digest, ...]:
        view.hold_until(until)
        return _recalled(view)

    def outer(now: datetime) -> tuple[Digest, ...]:
        return view_of(store, remembered).part("outer", lambda view: view.part("inner", brief, now), now)

    first = outer(NOW)
    assert outer(NOW) is first
    assert outer(until) is not first
    write(store, WRITTEN[3])
    assert outer(NOW) == ()


def test_a_part_is_not_taken_for_a_moment_before_it_was_made() -> None:
    store, remembered = Counting(), Remembered()
    made: list[View] = []
    for now in (NOW, NOW, NOW - timedelta(seconds=1)):
        view_of(store, remembered).part("when", made.append, now)
    assert len(made) == 2


def test_a_view_that_did_not_ask_what_moved_reads_everything() -> None:
    store, remembered = Counting(), Remembered()
    view = view_of(store, remembered)
    states(view)
    write(store, *WRITTEN[:5])
    unasked = View(store, folded=view.folded)
    assert (recalled(unasked), states(unasked)) == (_recalled(View(store)), states(View(store)))
    assert states(view_of(store, remembered)) == states(View(store))


def test_a_ledger_that_was_put_back_is_remembered_from_nothing() -> None:
    longer, shorter, remembered = Counting(), Counting(), Remembered()
    for store in (longer, shorter):
        write(store, WRITTEN[0])
    write(longer, WRITTEN[1])
    assert recalled(view_of(longer, remembered)) == DIGESTS[:2]
    assert recalled(view_of(shorter, remembered)) == DIGESTS[:1]


def test_another_ledger_in_its_place_is_remembered_from_nothing() -> None:
    one, other, remembered = Counting(), Counting(), Remembered()
    write(one, WRITTEN[0])
    write(other, WRITTEN[1])
    write(other, WRITTEN[2])
    assert recalled(view_of(one, remembered)) == DIGESTS[:1]
    assert recalled(view_of(other, remembered)) == DIGESTS[1:]


def test_who_comes_late_with_what_moved_changes_nothing() -> None:
    store, remembered = Counting(), Remembered()
    first = write(store, WRITTEN[0])
    folded, _ = remembered.of(store)
    last = write(store, WRITTEN[3])
    remembered.of(store)
    folded.grow(Growth({recall_stream(DIGESTS[0]): 0}, first))
    assert folded.head == last
    assert not folded.is_still(recall_stream(DIGESTS[0]), first.size)


def test_commands_are_no_streams_that_anybody_folds() -> None:
    store, remembered = Counting(), Remembered()
    folded, _ = remembered.of(store)
    write(store, (StreamId("command/c-1"), WRITTEN[0][1]), WRITTEN[1])
    remembered.of(store)
    assert set(folded.moved) == {recall_stream(DIGESTS[1]), RECALLS}


def test_up_to_where_a_stream_was_folded_is_told() -> None:
    store, remembered = Counting(), Remembered()
    stream = recall_stream(DIGESTS[0])
    assert remembered.position(stream) == 0
    write(store, WRITTEN[0], WRITTEN[3])
    view_of(store, remembered).recall(DIGESTS[0])
    assert (remembered.position(stream), remembered.position(docket_stream(SERVICES[0]))) == (2, 0)


def test_of_too_many_parts_all_others_are_forgotten() -> None:
    store, remembered = Counting(), Remembered()
    made: list[View] = []
    for key in (*range(MOST), 0, MOST, 0):
        view_of(store, remembered).part(key, made.append, NOW)
    assert len(made) == MOST + 2


def test_who_comes_while_a_part_is_made_waits_for_it_and_takes_it() -> None:
    store, remembered = Counting(), Remembered()
    write(store, WRITTEN[0])
    begun, come = threading.Event(), threading.Event()
    found: list[tuple[Digest, ...]] = []

    def slowly(view: View) -> tuple[Digest, ...]:
        begun.set()
        come.wait()
        return _recalled(view)

    def look() -> None:
        view = view_of(store, remembered)
        if begun.is_set():
            come.set()
        found.append(view.part("recalled", slowly, NOW))

    threads = [threading.Thread(target=look) for _ in range(2)]
    threads[0].start()
    begun.wait()
    threads[1].start()
    for thread in threads:
        thread.join()
    assert found[0] is found[1]
