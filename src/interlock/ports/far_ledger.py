# SPDX-License-Identifier: Apache-2.0
"""A ledger that is kept elsewhere, read over a network and spoken to by whoever was given a token.

1. What is given is to be checked, not believed: records against signed checkpoints, blobs and words against what they
   are named by. That is its user's part.
2. A server that does not answer, or not in time, is `Unavailable` (`server.unreachable`, `server.busy`); one that
   declines is `Rejected` (`server.unauthorised`, `server.forbidden`), and one that is none of ours too
   (`server.not_interlock`).
3. A token goes to the host it was given for and nowhere else, and never in the clear over a network.
4. What is handed in may be handed in again, unchanged: a command is carried out once.
"""

from dataclasses import dataclass
from typing import Protocol

from interlock.domain.ids import Digest, TextRef
from interlock.ledger.record import SaltedText
from interlock.ports.store import Erased, Missing, Stretch


@dataclass(frozen=True, slots=True)
class FarHead:
    """Where a far ledger says it stands. `driven`: whether its controller is at work."""

    origin: str
    size: int
    driven: bool


class FarLedger(Protocol):
    """Somebody else's ledger."""

    @property
    def address(self) -> str:
        """Where it is, for people."""
        ...

    def head(self) -> FarHead: ...

    def stretch(self, *, since: int, limit: int) -> Stretch: ...

    def blob(self, digest: Digest) -> bytes | Missing: ...

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing: ...

    def hand_in(self, submission: bytes) -> bytes:
        """Hand in a submission as it is written on the wire; gives the outcome as it is written on the wire."""
        ...
