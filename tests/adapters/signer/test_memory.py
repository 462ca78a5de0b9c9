# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.adapters.signer.memory import MemoryPersonSigner, MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.testing.contracts.signing import MESSAGE, CheckpointSignerContract, PersonSignerContract

NAME = "interlock.example/outreach"


class TestMemorySigner(CheckpointSignerContract):
    @pytest.fixture
    def signer(self) -> MemorySigner:
        return MemorySigner(NAME)

    @pytest.fixture
    def verifier(self) -> SshVerifier:
        return SshVerifier()


class TestMemoryPersonSigner(PersonSignerContract):
    @pytest.fixture
    def signer(self) -> MemoryPersonSigner:
        return MemoryPersonSigner("ann")

    @pytest.fixture
    def other(self) -> MemoryPersonSigner:
        return MemoryPersonSigner("ben")

    @pytest.fixture
    def verifier(self) -> SshVerifier:
        return SshVerifier()


def test_the_same_name_is_the_same_key() -> None:
    assert MemorySigner(NAME).public_key == MemorySigner(NAME).public_key
    assert MemorySigner(NAME).public_key != MemorySigner(NAME, "second").public_key
    assert MemoryPersonSigner("ann").sign(MESSAGE) == MemoryPersonSigner("ann").sign(MESSAGE)


def test_a_signature_for_something_else_is_refused() -> None:
    git = MemoryPersonSigner("ann", "git")
    assert SshVerifier("git").verify_person(git.public_key, MESSAGE, git.sign(MESSAGE))
    assert not SshVerifier().verify_person(git.public_key, MESSAGE, git.sign(MESSAGE))
