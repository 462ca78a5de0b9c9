# SPDX-License-Identifier: Apache-2.0
"""Writing records into the repository of a service, on a branch, beside whatever people are doing there.

1. `write` puts just these files on top of the branch and changes nothing else in it; a branch that is not there begins
   at `base`. No file outside the repository's objects and that branch is touched: no working tree, no index, no hook.
2. The same key is the same commit: who writes it again, whenever and from wherever, finds it.
3. What is written follows from the entry alone, author and time included: on the same tip it is the same commit.
4. A branch that somebody has checked out is not moved; the entry goes to the branch `instead`. When that is checked out
   too, it is `Unavailable` (`journal.checked_out`).
5. Who writes at the same time loses nothing, and nothing of theirs is lost.
6. A governed file, or a path that leads elsewhere, is `Rejected` (`journal.governed_path`, `journal.bad_path`,
   `journal.blocked_path`), a branch that cannot be one `journal.bad_branch`, before anything is written.
7. `propose` starts what asks people to take a branch in, and returns at once; the same key is the same request.
   `proposal` says how it is doing; under a key that nobody started it is `NotProposed`.
8. A repository that cannot be written is `Unavailable` (`journal.read_only`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from interlock.domain.ids import EffectKey

TRAILER: Final = "Interlock-Effect"
"""The trailer of a commit that names the effect it is."""


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written. `base` is a full object name, `files` content by path, `at` aware UTC."""

    key: EffectKey
    branch: str
    instead: str
    base: str
    files: Mapping[str, bytes]
    subject: str
    author: Author
    at: datetime
    governed: frozenset[str] = frozenset()
    """Paths that are never written."""

    @property
    def message(self) -> str:
        """The commit's message."""
        return f"{self.subject}\n\n{TRAILER}: {self.key}\n"


@dataclass(frozen=True, slots=True)
class Written:
    """Where it stands now; `commit` is the full object name."""

    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class NotProposed:
    """Nobody started it."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """It is under way."""


@dataclass(frozen=True, slots=True)
class Proposed:
    detail: str


@dataclass(frozen=True, slots=True)
class ProposalFailed:
    detail: str


ProposalProgress = NotProposed | Proposing | Proposed | ProposalFailed


class Journal(Protocol):
    """Writes into one repository."""

    def write(self, entry: Entry) -> Written: ...

    def propose(self, branch: str, key: EffectKey) -> None: ...

    def proposal(self, key: EffectKey) -> ProposalProgress: ...
