# SPDX-License-Identifier: Apache-2.0
"""The repository a service is released from. Only ever read.

1. Revisions come from people: an unknown one is `Rejected` (code `source.unknown_revision`; a missing tag
   `source.missing_tag`), never something near it, and no text of theirs is taken as an option of a tool.
2. `export` writes the commit's tree, and nothing else, into an empty folder; the same commit gives the same bytes and
   the same digest everywhere (`archive`), whatever the user's configuration.
3. Nothing of the repository is executed: no hooks, filters, fsmonitor or external diff.
4. `uncommitted` lists what differs from the checked-out commit, untracked files included, ignored ones not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from interlock.domain.ids import Digest


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; `sha` is the full object name, times are aware UTC."""

    sha: str
    tree: str
    subject: str
    author_name: str
    author_email: str
    committer_name: str
    committer_email: str
    committed_at: datetime
    co_author_emails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileContent:
    content: bytes


@dataclass(frozen=True, slots=True)
class NoSuchFile:
    path: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A file of so many bytes, which is more than was asked for."""

    size: int


@dataclass(frozen=True, slots=True)
class Trunk:
    """A commit and its first parents, newest first, by full object names. Of a shallow clone it may be cut off."""

    commits: tuple[str, ...]
    is_cut: bool


class SourceRepository(Protocol):
    """Reads one git-like repository."""

    def resolve(self, revision: str) -> Commit: ...

    def tagged(self, tag: str) -> Commit: ...

    def tags(self) -> Sequence[str]: ...

    def commits(self, base: str, head: str) -> Sequence[Commit]:
        """Every commit reachable from `head` and not from `base`, newest first. `base` must be an ancestor of `head`
        (`Rejected`, code `source.not_ancestor`, otherwise).
        """
        ...

    def trunk(self, revision: str) -> Trunk:
        """What was merged into or committed on the branch whose head this is, as it stands now."""
        ...

    def uncommitted(self) -> Sequence[str]: ...

    def read(self, revision: str, path: str) -> FileContent | NoSuchFile: ...

    def paths(self, revision: str) -> Sequence[str]:
        """Every file path of that commit's tree, in order."""
        ...

    def differing(self, base: str, head: str) -> Sequence[str]:
        """Every path whose content or mode differs between the trees of two commits, in order; of what was renamed the
        old one and the new one.
        """
        ...

    def contents(self, revision: str, paths: Sequence[str], most: int) -> Sequence[FileContent | NoSuchFile | TooLarge]:
        """What each of these paths holds in the tree of that commit, in the order asked for; of a link, where it leads.
        Of what has more than `most` bytes, nothing is read.
        """
        ...

    def archive(self, revision: str, into: Path) -> Digest:
        """Write a deterministic tar of the commit's tree to the file `into`; gives its digest."""
        ...

    def export(self, revision: str, into: Path) -> None:
        """Unpack the commit's tree into the folder `into`, which must be empty or absent."""
        ...
