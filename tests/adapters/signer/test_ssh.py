# SPDX-License-Identifier: Apache-2.0
import base64
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from interlock.adapters.signer.memory import MemoryPersonSigner
from interlock.adapters.signer.ssh import SshKeySigner, SshVerifier, parse_public_key
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.signing import SSH_NAMESPACE
from interlock.testing.contracts.signing import MESSAGE, PersonSignerContract, ssh_keygen_accepts

ENVIRONMENT = {"PATH": os.environ["PATH"]}
KINDS = {
    "ed25519": ("-t", "ed25519"),
    "p256": ("-t", "ecdsa", "-b", "256"),
    "p384": ("-t", "ecdsa", "-b", "384"),
    "p521": ("-t", "ecdsa", "-b", "521"),
    "rsa": ("-t", "rsa", "-b", "2048"),
}


def keygen(path: Path, *options: str, passphrase: str = "") -> Path:
    command = ["ssh-keygen", "-q", "-N", passphrase, "-C", "a comment", "-f", str(path), *options]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return {kind: keygen(folder / kind, *options) for kind, options in KINDS.items()}


class TestSshKeySigner(PersonSignerContract):
    @pytest.fixture(params=KINDS)
    def signer(self, request: pytest.FixtureRequest, keys: Mapping[str, Path]) -> SshKeySigner:
        return SshKeySigner.load(keys[request.param], ENVIRONMENT)

    @pytest.fixture
    def other(self) -> MemoryPersonSigner:
        return MemoryPersonSigner("ben")

    @pytest.fixture
    def verifier(self) -> SshVerifier:
        return SshVerifier()


@pytest.fixture
def agent(keys: Mapping[str, Path]) -> Iterator[Mapping[str, str]]:
    """A real agent that holds the Ed25519 key."""
    started = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    found = dict(re.findall(r"(SSH_AUTH_SOCK|SSH_AGENT_PID)=([^;]+);", started))
    environment = {**ENVIRONMENT, **found}
    try:
        subprocess.run(["ssh-add", "-q", str(keys["ed25519"])], check=True, capture_output=True, env=environment)
        yield environment
    finally:
        subprocess.run(["ssh-agent", "-k"], check=True, capture_output=True, env=environment)


def test_the_agent_signs_for_a_public_key(agent: Mapping[str, str], keys: Mapping[str, Path], tmp_path: Path) -> None:
    public = tmp_path / "only.pub"
    public.write_bytes(keys["ed25519"].with_suffix(".pub").read_bytes())
    signer = SshKeySigner.load(public, agent)
    assert SshVerifier().verify_person(signer.public_key, MESSAGE, signer.sign(MESSAGE))


def test_the_public_half_is_worked_out_where_it_does_not_lie_beside(tmp_path: Path) -> None:
    path = keygen(tmp_path / "key", "-t", "ed25519")
    line = parse_public_key(path.with_suffix(".pub").read_text())
    path.with_suffix(".pub").unlink()
    assert SshKeySigner.load(path, ENVIRONMENT).public_key == line


def test_a_public_key_without_its_private_half_does_not_sign(keys: Mapping[str, Path], tmp_path: Path) -> None:
    public = tmp_path / "only.pub"
    public.write_bytes(keys["ed25519"].with_suffix(".pub").read_bytes())
    with pytest.raises(Rejected) as caught:
        SshKeySigner.load(public, ENVIRONMENT).sign(MESSAGE)
    assert caught.value.code == "signing.unusable_key"


def test_a_key_whose_passphrase_is_not_given_does_not_sign(tmp_path: Path) -> None:
    path = keygen(tmp_path / "key", "-t", "ed25519", passphrase="some words")
    nobody_answers = {**ENVIRONMENT, "SSH_ASKPASS": "/bin/false", "SSH_ASKPASS_REQUIRE": "force"}
    with pytest.raises(Rejected) as caught:
        SshKeySigner.load(path, nobody_answers).sign(MESSAGE)
    assert caught.value.code == "signing.unusable_key"


def test_a_key_nobody_unlocks_in_time_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interlock.adapters.signer.ssh.SIGN_WAIT", 0.2)
    slow = tmp_path / "ssh-keygen"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    signer = SshKeySigner(tmp_path / "key", "ssh-ed25519 AAAA", {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    with pytest.raises(Unavailable) as caught:
        signer.sign(MESSAGE)
    assert caught.value.code == "signing.no_answer"


def test_a_machine_without_ssh_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        SshKeySigner(tmp_path / "key", "ssh-ed25519 AAAA", {"PATH": str(tmp_path)}).sign(MESSAGE)
    assert caught.value.code == "signing.no_key"


def test_a_key_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        SshKeySigner.load(tmp_path / "absent", ENVIRONMENT)
    assert caught.value.code == "signing.no_key"


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("some text")
    with pytest.raises(Rejected) as caught:
        SshKeySigner.load(tmp_path / "key", ENVIRONMENT)
    assert caught.value.code == "signing.unusable_key"


def test_only_what_ssh_needs_is_passed_on(keys: Mapping[str, Path]) -> None:
    signer = SshKeySigner.load(keys["ed25519"], {**ENVIRONMENT, "INTERLOCK_TOKEN": "secret"})
    assert signer.environment == ENVIRONMENT


def test_a_path_that_looks_like_an_option_is_a_path(keys: Mapping[str, Path], tmp_path: Path) -> None:
    name = Path("-n")
    (tmp_path / name).write_bytes(keys["ed25519"].read_bytes())
    (tmp_path / name).chmod(0o600)
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        signer = SshKeySigner.load(name, ENVIRONMENT)
        assert SshVerifier().verify_person(signer.public_key, MESSAGE, signer.sign(MESSAGE))
    finally:
        os.chdir(before)


def string(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def rsa_armour(path: Path, algorithm: bytes, hash_name: bytes) -> tuple[str, str]:
    """The public key and an armoured signature made by hand with the RSA algorithm and message hash given."""
    key = load_ssh_private_key(path.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    public = parse_public_key(path.with_suffix(".pub").read_text())
    digest = hashes.Hash({b"sha512": hashes.SHA512(), b"sha1": hashes.SHA1()}[hash_name])  # noqa: S303  # to be refused
    digest.update(MESSAGE)
    fields = string(SSH_NAMESPACE.encode()) + string(b"") + string(hash_name)
    kind = {b"rsa-sha2-512": hashes.SHA512(), b"ssh-rsa": hashes.SHA1()}[algorithm]  # noqa: S303  # to be refused
    signature = key.sign(b"SSHSIG" + fields + string(digest.finalize()), padding.PKCS1v15(), kind)
    blob = base64.b64decode(public.split()[1])
    raw = b"SSHSIG\0\0\0\1" + string(blob) + fields + string(string(algorithm) + string(signature))
    lines = "\n".join(re.findall(".{1,70}", base64.b64encode(raw).decode()))
    return public, f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n"


def test_rsa_with_sha_2_is_right(keys: Mapping[str, Path], tmp_path: Path) -> None:
    public, armoured = rsa_armour(keys["rsa"], b"rsa-sha2-512", b"sha512")
    assert SshVerifier().verify_person(public, MESSAGE, armoured)
    assert ssh_keygen_accepts(public, MESSAGE, armoured, tmp_path)


@pytest.mark.parametrize(("algorithm", "hash_name"), [(b"ssh-rsa", b"sha512"), (b"rsa-sha2-512", b"sha1")])
def test_rsa_or_a_message_hashed_with_sha_1_is_not_right(
    keys: Mapping[str, Path], algorithm: bytes, hash_name: bytes
) -> None:
    assert not SshVerifier().verify_person(*_around(rsa_armour(keys["rsa"], algorithm, hash_name)))


def _around(pair: tuple[str, str]) -> tuple[str, bytes, str]:
    return pair[0], MESSAGE, pair[1]


def test_armour_in_lines_of_other_lengths_is_not_right() -> None:
    signer = MemoryPersonSigner("ann")
    lines = signer.sign(MESSAGE).splitlines()
    ragged = "\n".join([lines[0], lines[1][:10], lines[1][10:] + "", *lines[2:], ""])
    assert not SshVerifier().verify_person(signer.public_key, MESSAGE, ragged)


def test_a_key_of_another_kind_than_its_line_says_is_not_right() -> None:
    signer = MemoryPersonSigner("ann")
    renamed = signer.public_key.replace("ssh-ed25519", "ssh-rsa")
    assert not SshVerifier().verify_person(renamed, MESSAGE, signer.sign(MESSAGE))


def test_a_short_rsa_key_is_refused(tmp_path: Path) -> None:
    path = keygen(tmp_path / "short", "-t", "rsa", "-b", "1024")
    with pytest.raises(ValueError, match="2048"):
        parse_public_key(path.with_suffix(".pub").read_text())


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==", "a é"])
def test_a_line_that_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_public_key(line)
