# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.ledger.small import SmallLedger, note_something, whole

from interlock.adapters.far_ledger.memory import MemoryFarLedger
from interlock.ports.store import LedgerStore
from interlock.testing.contracts.far_ledger import FarLedgerContract


@dataclass
class MemoryRig:
    ledger: SmallLedger
    given: tuple[bytes, ...] = ()

    @property
    def store(self) -> LedgerStore:
        return self.ledger.store

    @property
    def far(self) -> MemoryFarLedger:
        return MemoryFarLedger(self.ledger.store, self._answer)

    def submission(self) -> bytes:
        return b"a command"

    def _answer(self, submission: bytes) -> bytes:
        if submission not in self.given:
            self.given = (*self.given, submission)
            note_something(self.ledger, "ann")
        return b"done"


class TestMemoryFarLedger(FarLedgerContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Iterator[MemoryRig]:
        ledger = whole(tmp_path / "ledger.sqlite")
        yield MemoryRig(ledger)
        ledger.store.close()
