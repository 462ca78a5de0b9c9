# SPDX-License-Identifier: Apache-2.0
"""A repository in memory that records are committed to: for tests, demos and simulations.

A commit is named after all that is in it and what it stands on, as in git.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from interlock.adapters.journal_entry import require_writable
from interlock.domain.ids import EffectKey
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.journal import Entry, NotProposed, ProposalFailed, ProposalProgress, Proposed, Written


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: what it is, what it stands on, and every file there is after it."""

    sha: str
    parent: str
    key: EffectKey
    files: Mapping[str, bytes]


@dataclass(slots=True)
class JournalWorld:
    """The repository. With no `commits`, any base is taken to be there, with no files."""

    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    checked_out: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    """Branches that stand for another one."""
    proposals: dict[EffectKey, ProposalProgress] = field(default_factory=dict)
    """What every request came to, by its key."""
    refuses: set[str] = field(default_factory=set)
    """Branches that the program asked to take them in fails for."""
    read_only: list[str] = field(default_factory=list)
    """Why nothing can be written; nothing: it can."""

    def files(self, branch: str) -> Mapping[str, bytes]:
        """Every file on a branch."""
        tip = self.branches.get(branch, "")
        return self.commits[tip].files if tip else {}

    def on(self, branch: str) -> list[Commit]:
        """Every commit of a branch that was written here, newest first."""
        found: list[Commit] = []
        sha = self.branches.get(branch, "")
        while sha in self.commits:
            found.append(self.commits[sha])
            sha = self.commits[sha].parent
        return found


@dataclass(frozen=True, slots=True)
class MemoryJournal:
    """Writes into a `JournalWorld`."""

    world: JournalWorld
    request: tuple[str, ...] = ("ask",)
    """The program that asks for branches to be taken in."""

    def write(self, entry: Entry) -> Written:
        require_writable(entry)
        for branch in dict.fromkeys((entry.branch, entry.instead)):
            for commit in self.world.on(branch):
                if commit.key == entry.key:
                    return Written(branch, commit.sha)
        return self._put(entry, self._free_branch(entry))

    def propose(self, branch: str, key: EffectKey) -> None:
        if not self.request:
            raise Rejected("journal.no_request", "no program is bound that asks for it", "bind records.pull_request")
        is_refused = branch in self.world.refuses
        answer = ProposalFailed("it was refused") if is_refused else Proposed(f"asked for {branch}")
        self.world.proposals.setdefault(key, answer)

    def proposal(self, key: EffectKey) -> ProposalProgress:
        return self.world.proposals.get(key, NotProposed())

    def _free_branch(self, entry: Entry) -> str:
        for branch in dict.fromkeys((entry.branch, entry.instead)):
            if branch not in self.world.checked_out:
                return branch
        sentence = f"branch {entry.instead} is checked out, so it is not moved"
        raise Unavailable("journal.checked_out", sentence, "check out another branch; it is tried again")

    def _put(self, entry: Entry, branch: str) -> Written:
        world = self.world
        if world.read_only:
            raise Unavailable("journal.read_only", world.read_only[-1], "let the controller's account write into it")
        if branch in world.links:
            sentence = f"branch {branch} stands for another branch"
            raise Rejected("journal.bad_branch", sentence, "name another under records.branch")
        parent = world.branches.get(branch, entry.base)
        before = world.commits[parent].files if parent in world.commits else {}
        _require_room(entry, before)
        files = {**before, **entry.files}
        sha = _name(entry, parent, files)
        world.commits[sha] = Commit(sha, parent, entry.key, files)
        world.branches[branch] = sha
        return Written(branch, sha)


def _require_room(entry: Entry, before: Mapping[str, bytes]) -> None:
    for path in entry.files:
        in_the_way = [other for other in before if path.startswith(f"{other}/") or other.startswith(f"{path}/")]
        if in_the_way:
            sentence = f"'{in_the_way[0]}' stands in the way of '{path}'"
            raise Rejected("journal.blocked_path", sentence, "name another under records.paths")


def _name(entry: Entry, parent: str, files: Mapping[str, bytes]) -> str:
    who = f"{entry.author.name} <{entry.author.address}> {int(entry.at.timestamp())}"
    digests = [f"{hashlib.sha256(files[path]).hexdigest()} {path}" for path in sorted(files)]
    return hashlib.sha256("\n".join([parent, who, entry.message, *digests]).encode()).hexdigest()
