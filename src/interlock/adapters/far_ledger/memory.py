# SPDX-License-Identifier: Apache-2.0
"""A far ledger that is a ledger at hand, for tests of who follows one."""

from collections.abc import Callable
from dataclasses import dataclass

from interlock.domain.ids import Digest, TextRef
from interlock.ledger.record import SaltedText
from interlock.ports.far_ledger import FarHead
from interlock.ports.store import Erased, LedgerStore, Missing, Stretch


@dataclass(slots=True)
class MemoryFarLedger:
    """Gives what `store` holds; may be made to lie by giving it another one. `answer` is what a desk would say."""

    store: LedgerStore
    answer: Callable[[bytes], bytes]
    driven: bool = False
    address: str = "https://far.example"

    def head(self) -> FarHead:
        return FarHead(self.store.origin, self.store.head().size, self.driven)

    def stretch(self, *, since: int, limit: int) -> Stretch:
        return self.store.stretch(since=since, limit=limit)

    def blob(self, digest: Digest) -> bytes | Missing:
        return self.store.blob(digest)

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing:
        return self.store.text(ref)

    def hand_in(self, submission: bytes) -> bytes:
        return self.answer(submission)
