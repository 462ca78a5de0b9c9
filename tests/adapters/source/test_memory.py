# SPDX-License-Identifier: Apache-2.0
import hashlib
import re

import pytest

from interlock.adapters.source.memory import MemoryRepository, ScriptedCommit, ScriptedFile
from interlock.adapters.tree import Kind
from interlock.ports.source import Commit
from interlock.testing.contracts.source import SourceContract, Story, ToldCommit


class MemoryRig:
    def tell(self, story: Story) -> MemoryRepository:
        shas = {
            told.name: hashlib.sha1(told.name.encode(), usedforsecurity=False).hexdigest() for told in story.commits
        }
        return MemoryRepository(
            history=tuple(_scripted(told, shas) for told in story.commits),
            tagged_commits={tag: shas[told.name] for told in story.commits for tag in told.tags},
            changed=(*story.untracked, *story.edited),
        )


def _scripted(told: ToldCommit, shas: dict[str, str]) -> ScriptedCommit:
    commit = Commit(
        sha=shas[told.name],
        tree="0" * 40,
        subject=" ".join(told.message.split("\n\n")[0].split()),
        author_name=told.author[0],
        author_email=told.author[1],
        committer_name=told.author[0],
        committer_email=told.author[1],
        committed_at=told.committed_at,
        co_author_emails=tuple(re.findall(r"(\w+@[\w.]+)", told.message)),
    )
    files = {path: ScriptedFile(file.content, Kind(file.kind)) for path, file in told.files.items()}
    return ScriptedCommit(commit, tuple(shas[parent] for parent in told.parents), files)


class TestMemoryRepository(SourceContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()
