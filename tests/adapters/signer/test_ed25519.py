# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from interlock.adapters.signer.ed25519 import Ed25519Signer
from interlock.adapters.signer.ssh import SshVerifier
from interlock.ports.failure import Rejected
from interlock.testing.contracts.signing import MESSAGE, CheckpointSignerContract

NAME = "interlock.example/outreach"


class TestEd25519Signer(CheckpointSignerContract):
    @pytest.fixture
    def signer(self, tmp_path: Path) -> Ed25519Signer:
        return Ed25519Signer.create(tmp_path / "key.pem", NAME)

    @pytest.fixture
    def verifier(self) -> SshVerifier:
        return SshVerifier()


def code_of(do: Callable[[], object]) -> str:
    with pytest.raises(Rejected) as caught:
        do()
    return caught.value.code


def test_a_key_that_was_kept_is_the_same_key_later(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    made = Ed25519Signer.create(path, NAME)
    assert Ed25519Signer.load(path, NAME).sign(MESSAGE) == made.sign(MESSAGE)


def test_a_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    Ed25519Signer.create(path, NAME)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key.pem"]


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    Ed25519Signer.create(path, NAME)
    before = path.read_bytes()
    assert code_of(lambda: Ed25519Signer.create(path, NAME)) == "signing.key_exists"
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.pem"
    Ed25519Signer.create(path, NAME)
    path.chmod(mode)
    assert code_of(lambda: Ed25519Signer.load(path, NAME)) == "signing.unusable_key"


def test_a_key_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert code_of(lambda: Ed25519Signer.load(tmp_path / "absent", NAME)) == "signing.no_key"
    assert code_of(lambda: Ed25519Signer.create(tmp_path / "absent" / "key.pem", NAME)) == "signing.no_key"


PEM = (Encoding.PEM, PrivateFormat.PKCS8)
WRONG = {
    "text": b"some text",
    "another kind": ec.generate_private_key(ec.SECP256R1()).private_bytes(*PEM, NoEncryption()),
    "encrypted": Ed25519PrivateKey.generate().private_bytes(*PEM, BestAvailableEncryption(b"secret")),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_file_that_is_no_plain_ed25519_key_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "key.pem"
    path.touch(0o600)
    path.write_bytes(WRONG[kind])
    assert code_of(lambda: Ed25519Signer.load(path, NAME)) == "signing.unusable_key"


def test_a_name_that_fits_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no name for a ledger"):
        Ed25519Signer.create(tmp_path / "key.pem", "two words")
