# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from interlock.adapters.journal.memory import Commit, JournalWorld, MemoryJournal
from interlock.domain.ids import EffectKey
from interlock.ports.failure import Rejected
from interlock.ports.journal import Journal
from interlock.testing.contracts.journal import BRANCH, STOCK, JournalContract

BASE = "ba5e" * 10


def a_world() -> JournalWorld:
    return JournalWorld({BASE: Commit(BASE, "", EffectKey("first"), STOCK)}, {"main": BASE})


@dataclass
class MemoryRig:
    world: JournalWorld = field(default_factory=a_world)
    base: str = BASE

    def journal(self) -> Journal:
        return MemoryJournal(self.world)

    def another(self) -> "MemoryRig":
        return MemoryRig()

    def files(self, branch: str) -> Mapping[str, bytes]:
        return self.world.files(branch)

    def history(self, branch: str) -> Sequence[str]:
        return [commit.sha for commit in self.world.on(branch)]

    def check_out(self, branch: str) -> None:
        self.world.branches.setdefault(branch, BASE)
        self.world.checked_out.add(branch)

    def make_link(self, branch: str) -> None:
        self.world.links.add(branch)

    def make_read_only(self) -> None:
        self.world.read_only.append("the disk is mounted read-only")

    def refuse(self, branch: str) -> None:
        self.world.refuses.add(branch)

    def wait(self) -> None:
        return


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()


def test_where_no_program_is_bound_nobody_is_asked() -> None:
    with pytest.raises(Rejected) as refusal:
        MemoryJournal(a_world(), request=()).propose(BRANCH, EffectKey("request/1"))
    assert refusal.value.code == "journal.no_request"
