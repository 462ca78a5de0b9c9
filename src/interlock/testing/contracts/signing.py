# SPDX-License-Identifier: Apache-2.0
"""The conformance kits of the signing port: one or more tests per numbered clause of `interlock.ports.signing`.

Subclass `CheckpointSignerContract` with a fixture `signer`, or `PersonSignerContract` with fixtures `signer` and
`other`; both ask a `SignatureVerifier` in the fixture `verifier`. The person's kit also asks the real `ssh-keygen`.
"""

import base64
import subprocess
from pathlib import Path
from typing import Final

import pytest

from interlock.ledger.checkpoint import Checkpoint, Signed, ledger_answer, parse_note, signed_note
from interlock.ports.signing import SSH_NAMESPACE, CheckpointSigner, PersonSigner, SignatureVerifier

MESSAGE: Final = b'{"command":"Approve","id":"c-1"}'
PUBLIC_KEY_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64


class CheckpointSignerContract:
    """Every test takes the fixtures `signer` and `verifier`, which the subclass gives."""

    def test_1_the_key_and_its_signatures_are_raw_ed25519(
        self, signer: CheckpointSigner, verifier: SignatureVerifier
    ) -> None:
        signature = signer.sign(MESSAGE)
        assert (len(signer.public_key), len(signature)) == (PUBLIC_KEY_SIZE, SIGNATURE_SIZE)
        assert verifier.verify_checkpoint(signer.public_key, MESSAGE, signature)

    def test_1_a_checkpoint_is_signed_under_the_name_of_the_ledger(
        self, signer: CheckpointSigner, verifier: SignatureVerifier
    ) -> None:
        note = signed_note(Checkpoint(signer.name, 3, bytes(32)), signer.public_key, signer.sign)
        assert ledger_answer(parse_note(str(note)), signer.public_key, verifier.verify_checkpoint) == Signed(0)

    def test_3_another_message_key_or_signature_is_not_right(
        self, signer: CheckpointSigner, verifier: SignatureVerifier
    ) -> None:
        signature = signer.sign(MESSAGE)
        damaged = bytes([signature[0] ^ 1]) + signature[1:]
        assert not verifier.verify_checkpoint(signer.public_key, MESSAGE + b" ", signature)
        assert not verifier.verify_checkpoint(signer.public_key, MESSAGE, damaged)
        assert not verifier.verify_checkpoint(signer.public_key, MESSAGE, signature[:-1])
        assert not verifier.verify_checkpoint(bytes(PUBLIC_KEY_SIZE), MESSAGE, signature)
        assert not verifier.verify_checkpoint(b"", MESSAGE, signature)


class PersonSignerContract:
    """Every test takes the fixtures `signer`, `other` (another key) and `verifier`, which the subclass gives."""

    def test_2_plain_ssh_keygen_accepts_the_signature(self, signer: PersonSigner, tmp_path: Path) -> None:
        assert ssh_keygen_accepts(signer.public_key, MESSAGE, signer.sign(MESSAGE), tmp_path)

    def test_2_plain_ssh_keygen_refuses_it_for_another_message(self, signer: PersonSigner, tmp_path: Path) -> None:
        assert not ssh_keygen_accepts(signer.public_key, MESSAGE + b" ", signer.sign(MESSAGE), tmp_path)

    def test_2_the_public_key_is_a_line_without_comment(self, signer: PersonSigner) -> None:
        assert signer.public_key.count(" ") == 1
        assert not signer.public_key.endswith("\n")

    def test_3_the_signature_is_right_for_its_key_and_message(
        self, signer: PersonSigner, verifier: SignatureVerifier
    ) -> None:
        assert verifier.verify_person(signer.public_key, MESSAGE, signer.sign(MESSAGE))

    def test_3_it_is_not_right_for_another_message(self, signer: PersonSigner, verifier: SignatureVerifier) -> None:
        assert not verifier.verify_person(signer.public_key, MESSAGE + b"\n", signer.sign(MESSAGE))

    def test_3_it_is_not_right_for_another_key(
        self, signer: PersonSigner, other: PersonSigner, verifier: SignatureVerifier
    ) -> None:
        assert not verifier.verify_person(other.public_key, MESSAGE, signer.sign(MESSAGE))
        assert not verifier.verify_person(signer.public_key, MESSAGE, other.sign(MESSAGE))

    @pytest.mark.parametrize(
        "key", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 é", "ssh-dss AAAAB3NzaC1kc3M="]
    )
    def test_3_what_is_no_key_is_not_right(self, key: str, signer: PersonSigner, verifier: SignatureVerifier) -> None:
        assert not verifier.verify_person(key, MESSAGE, signer.sign(MESSAGE))

    def test_3_damaged_armour_is_not_right(self, signer: PersonSigner, verifier: SignatureVerifier) -> None:
        armoured = signer.sign(MESSAGE)
        for at in range(len(armoured) - 1):
            damaged = armoured[:at] + chr(ord(armoured[at]) ^ 1) + armoured[at + 1 :]
            assert not verifier.verify_person(signer.public_key, MESSAGE, damaged), at

    def test_3_armour_that_was_cut_or_drawn_out_is_not_right(
        self, signer: PersonSigner, verifier: SignatureVerifier
    ) -> None:
        armoured = signer.sign(MESSAGE)
        changed = [armoured[:at] for at in range(len(armoured) - 1)]
        changed += ["\n" + armoured, armoured + "\n", armoured + armoured, armoured.replace("\n", "\r\n"), "é" * 20_000]
        assert not any(verifier.verify_person(signer.public_key, MESSAGE, one) for one in changed)

    def test_3_a_signature_in_another_namespace_is_not_right(
        self, signer: PersonSigner, verifier: SignatureVerifier
    ) -> None:
        lines = signer.sign(MESSAGE).splitlines()
        raw = base64.b64decode("".join(lines[1:-1]))
        renamed = raw.replace(SSH_NAMESPACE.encode(), b"file".ljust(len(SSH_NAMESPACE)))
        armoured = "\n".join([lines[0], base64.b64encode(renamed).decode(), lines[-1], ""])
        assert not verifier.verify_person(signer.public_key, MESSAGE, armoured)


def ssh_keygen_accepts(public_key: str, message: bytes, armoured: str, folder: Path) -> bool:
    """What `ssh-keygen -Y verify` says, in the namespace of signed commands."""
    (folder / "allowed_signers").write_text(f"ann {public_key}\n")
    (folder / "signature").write_text(armoured)
    command = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        "allowed_signers",
        "-I",
        "ann",
        "-n",
        SSH_NAMESPACE,
        "-s",
        "signature",
    ]
    return subprocess.run(command, input=message, capture_output=True, cwd=folder, check=False).returncode == 0
