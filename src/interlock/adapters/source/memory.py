# SPDX-License-Identifier: Apache-2.0
"""A repository that was written down by a test, a demo or a simulation: commits, files and names, all in memory.

It gives the same archive, byte for byte, as a git repository with the same files and commit times.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interlock.adapters import tree
from interlock.adapters.tree import Entry, Kind
from interlock.domain.ids import Digest
from interlock.ports.failure import Rejected
from interlock.ports.source import Commit, FileContent, NoSuchFile, TooLarge, Trunk

_SHORTEST_NAME: Final = 4
_WALK: Final = re.compile(r"(?P<name>[^~]+)(?:~(?P<steps>[0-9]{1,4}))?")


@dataclass(frozen=True, slots=True)
class ScriptedFile:
    content: bytes
    kind: Kind = Kind.PLAIN


@dataclass(frozen=True, slots=True)
class ScriptedCommit:
    """`parents` are full object names; `files` the whole tree, by path."""

    commit: Commit
    parents: tuple[str, ...]
    files: Mapping[str, ScriptedFile]


@dataclass(frozen=True, slots=True)
class MemoryRepository:
    """`history` goes from the oldest commit to the newest, which is `HEAD` where `branches` does not name another."""

    history: tuple[ScriptedCommit, ...]
    tagged_commits: Mapping[str, str] = field(default_factory=dict)
    branches: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def resolve(self, revision: str) -> Commit:
        return self._meaning(revision).commit

    def tagged(self, tag: str) -> Commit:
        if tag not in self.tagged_commits:
            raise Rejected("source.missing_tag", f"there is no tag '{tag}'", "script the tag")
        return self._meaning(self.tagged_commits[tag]).commit

    def tags(self) -> Sequence[str]:
        return tuple(sorted(self.tagged_commits))

    def commits(self, base: str, head: str) -> Sequence[Commit]:
        oldest, newest = self._meaning(base), self._meaning(head)
        known, wanted = set(self._ancestry(oldest)), set(self._ancestry(newest))
        if oldest.commit.sha not in wanted:
            raise Rejected("source.not_ancestor", f"'{base}' is not an ancestor of '{head}'", "merge it first")
        return tuple(item.commit for item in reversed(self.history) if item.commit.sha in wanted - known)

    def trunk(self, revision: str) -> Trunk:
        one = self._meaning(revision)
        found = [one.commit.sha]
        while one.parents:
            one = self._meaning(one.parents[0])
            found.append(one.commit.sha)
        return Trunk(tuple(found), is_cut=False)

    def uncommitted(self) -> Sequence[str]:
        return tuple(sorted(self.changed))

    def read(self, revision: str, path: str) -> FileContent | NoSuchFile:
        found = self._meaning(revision).files.get(path)
        if found is None or found.kind is Kind.LINK:
            return NoSuchFile(path)
        return FileContent(found.content)

    def paths(self, revision: str) -> Sequence[str]:
        return tuple(entry.path.decode("utf-8", "surrogateescape") for entry in _entries(self._meaning(revision)))

    def differing(self, base: str, head: str) -> Sequence[str]:
        before, after = ({one.path: one for one in _entries(self._meaning(revision))} for revision in (base, head))
        paths = (path for path in {*before, *after} if before.get(path) != after.get(path))
        return tuple(path.decode("utf-8", "surrogateescape") for path in sorted(paths))

    def contents(self, revision: str, paths: Sequence[str], most: int) -> Sequence[FileContent | NoSuchFile | TooLarge]:
        files = self._meaning(revision).files
        return tuple(_within(files[path].content, most) if path in files else NoSuchFile(path) for path in paths)

    def archive(self, revision: str, into: Path) -> Digest:
        scripted = self._meaning(revision)
        unfinished = into.with_name(f".{into.name}.unfinished")
        with unfinished.open("wb") as file:
            digest = tree.write_tar(_entries(scripted), int(scripted.commit.committed_at.timestamp()), file)
        unfinished.replace(into)
        return digest

    def export(self, revision: str, into: Path) -> None:
        tree.write_folder(_entries(self._meaning(revision)), into)

    def _meaning(self, revision: str) -> ScriptedCommit:
        asked = _WALK.fullmatch(revision)
        found = self._named(asked["name"]) if asked else []
        for _ in range(int((asked and asked["steps"]) or 0)):
            parents = [parent for item in found for parent in item.parents[:1]]
            found = [item for item in self.history if item.commit.sha in parents]
        if not found:
            raise Rejected("source.unknown_revision", f"there is no commit '{revision}'", "script the commit")
        if len(found) > 1:
            raise Rejected("source.ambiguous_revision", f"'{revision}' means several commits", "name it in full")
        return found[0]

    def _named(self, name: str) -> list[ScriptedCommit]:
        if name == "HEAD":
            head = self.branches.get("HEAD")
            return [item for item in self.history[-1:] if head is None] or self._by_object_name(head or "")
        name = name.removeprefix("refs/heads/")
        targets = {names[name] for names in (self.tagged_commits, self.branches) if name in names}
        return [item for target in sorted(targets) for item in self._by_object_name(target)] or self._by_object_name(
            name
        )

    def _by_object_name(self, name: str) -> list[ScriptedCommit]:
        if len(name) < _SHORTEST_NAME:
            return []
        return [item for item in self.history if item.commit.sha.startswith(name)]

    def _ancestry(self, start: ScriptedCommit) -> Iterator[str]:
        """The commit and everything it descends from; parents stand before their children in the history."""
        wanted = {start.commit.sha}
        for item in reversed(self.history):
            if item.commit.sha in wanted:
                yield item.commit.sha
                wanted.update(item.parents)


def _within(content: bytes, most: int) -> FileContent | TooLarge:
    return FileContent(content) if len(content) <= most else TooLarge(len(content))


def _entries(scripted: ScriptedCommit) -> Sequence[Entry]:
    files = ((path.encode("utf-8", "surrogateescape"), file) for path, file in scripted.files.items())
    return sorted((Entry(path, file.kind, file.content) for path, file in files), key=lambda entry: entry.path)
