# SPDX-License-Identifier: Apache-2.0
from dataclasses import dataclass

import pytest

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.adapters.store.memory import MemoryStore
from interlock.ports.signing import SignatureVerifier
from interlock.testing.contracts.store import StoreContract

ORIGIN = "interlock.example/outreach"


@dataclass(frozen=True)
class MemoryRig:
    store: MemoryStore
    verifier: SignatureVerifier = SshVerifier()
    public_key: bytes = MemorySigner(ORIGIN).public_key

    def open(self) -> MemoryStore:
        return self.store


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig(MemoryStore(ORIGIN, MemorySigner(ORIGIN)))
