# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the port of far ledgers: what is given is what the ledger there holds.

Subclass `FarLedgerContract` in your test suite and give it a fixture named `rig` that is a `FarRig` over the real
thing. What only one product can show (a token, an address) is tested beside its adapter.
"""

from typing import Protocol

from interlock.domain.ids import Digest, TextRef, digest_of
from interlock.ledger.command import CommandRecord, is_command
from interlock.ports.far_ledger import FarHead, FarLedger
from interlock.ports.store import Erased, LedgerStore, Missing


class FarRig(Protocol):
    """What the kit needs of the adapter's world."""

    @property
    def store(self) -> LedgerStore:
        """The ledger there: with records, words (some of them erased) and raw material."""
        ...

    @property
    def far(self) -> FarLedger:
        """The same ledger from afar."""
        ...

    def submission(self) -> bytes:
        """A command that somebody signed, as it is written on the wire."""
        ...


class FarLedgerContract:
    """Every test takes the fixture `rig`, which the subclass gives."""

    def test_1_the_head_is_where_the_ledger_stands(self, rig: FarRig) -> None:
        found = rig.far.head()
        assert found == FarHead(rig.store.origin, rig.store.head().size, found.driven)

    def test_1_stretches_are_those_of_the_ledger(self, rig: FarRig) -> None:
        for since, limit in ((0, 1), (0, 5), (3, 1000), (rig.store.head().size, 10)):
            assert rig.far.stretch(since=since, limit=limit) == rig.store.stretch(since=since, limit=limit)

    def test_1_blobs_are_given_by_their_digest(self, rig: FarRig) -> None:
        for digest in _blobs(rig.store):
            assert rig.far.blob(digest) == rig.store.blob(digest)
        assert rig.far.blob(digest_of(b"nobody kept this")) == Missing()

    def test_1_words_are_given_until_they_are_erased(self, rig: FarRig) -> None:
        found = {type(rig.store.text(ref)) for ref in _texts(rig.store)}
        assert Erased in found
        for ref in _texts(rig.store):
            assert rig.far.text(ref) == rig.store.text(ref)
        assert rig.far.text(TextRef("text:" + "0" * 64)) == Missing()

    def test_4_what_is_handed_in_twice_is_answered_alike(self, rig: FarRig) -> None:
        submission = rig.submission()
        before = rig.store.head().size
        first = rig.far.hand_in(submission)
        after = rig.store.head().size
        assert (rig.far.hand_in(submission), rig.store.head().size) == (first, after)
        assert after > before


def _commands(store: LedgerStore) -> list[CommandRecord]:
    return [CommandRecord.from_record(one) for one in store.records() if is_command(one.event)]


def _blobs(store: LedgerStore) -> list[Digest]:
    return [digest for one in _commands(store) for digest in one.blobs]


def _texts(store: LedgerStore) -> list[TextRef]:
    return [ref for one in _commands(store) for ref in one.texts]
