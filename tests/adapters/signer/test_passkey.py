# SPDX-License-Identifier: Apache-2.0
"""A passkey signs as an SSH key does: by the same kit, for plain `ssh-keygen` too."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.adapters.signer.authenticator import SoftwarePasskey

from interlock.adapters.passkey import KIND, Assertion, key_line, public_key, signature_of, site_of
from interlock.adapters.signer.ssh import SshVerifier, parse_public_key
from interlock.adapters.ssh_signature import armour_of, covered_by
from interlock.adapters.ssh_wire import read, strings
from interlock.ports.signing import SSH_NAMESPACE
from interlock.testing.contracts.signing import MESSAGE, PersonSignerContract, ssh_keygen_accepts


class TestPasskey(PersonSignerContract):
    @pytest.fixture
    def signer(self) -> SoftwarePasskey:
        return SoftwarePasskey()

    @pytest.fixture
    def other(self) -> SoftwarePasskey:
        return SoftwarePasskey()

    @pytest.fixture
    def verifier(self) -> SshVerifier:
        return SshVerifier()


def _accepts(passkey: SoftwarePasskey, line: str = "") -> bool:
    return SshVerifier().verify_person(line or passkey.public_key, MESSAGE, passkey.sign(MESSAGE))


def test_a_page_of_a_part_of_the_site_may_ask_for_it() -> None:
    assert _accepts(SoftwarePasskey(origin="https://eu.interlock.example.com"))


def test_extensions_are_signed_along(tmp_path: Path) -> None:
    passkey = SoftwarePasskey(flags=0x85, extensions=b"\xa1\x63abc\xf5")
    assert _accepts(passkey)
    assert ssh_keygen_accepts(passkey.public_key, MESSAGE, passkey.sign(MESSAGE), tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"flags": 0x01},
        {"flags": 0x04},
        {"flags": 0x45},
        {"flags": 0x85},
        {"extensions": b"\xa0"},
        {"origin": "https://evil.example"},
        {"origin": "https://notinterlock.example.com"},
        {"cross": True},
        {"kind": "webauthn.create"},
    ],
    ids=str,
)
def test_what_no_honest_browser_says_is_not_accepted(wrong: dict[str, object]) -> None:
    good = SoftwarePasskey()
    passkey = SoftwarePasskey(key=good.key, **wrong)  # type: ignore[arg-type]  # a table of one field each
    try:
        armour = passkey.sign(MESSAGE)
    except ValueError:
        return
    assert not SshVerifier().verify_person(good.public_key, MESSAGE, armour)


def test_a_passkey_of_another_site_is_another_key() -> None:
    here = SoftwarePasskey()
    there = replace(here, site="evil.example", origin="https://evil.example")
    assert _accepts(there)
    assert not _accepts(there, here.public_key)


def test_a_challenge_for_something_else_is_not_accepted() -> None:
    passkey = SoftwarePasskey()
    signature = signature_of(passkey.answer(covered_by(MESSAGE + b" ", SSH_NAMESPACE)))
    armour = armour_of(passkey.public_key, SSH_NAMESPACE, signature)
    assert not SshVerifier().verify_person(passkey.public_key, MESSAGE, armour)


def test_a_signature_of_another_kind_under_a_passkeys_line_is_not_accepted() -> None:
    passkey = SoftwarePasskey()
    signature = signature_of(passkey.answer(covered_by(MESSAGE, SSH_NAMESPACE)))
    other = signature.replace(b"webauthn-sk-ecdsa", b"webauthn-xx-ecdsa")
    armour = armour_of(passkey.public_key, SSH_NAMESPACE, other)
    assert not SshVerifier().verify_person(passkey.public_key, MESSAGE, armour)


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"type":"webauthn.get","challenge":1,"origin":"x"}', b"{"], ids=repr)
def test_a_text_that_no_browser_made_is_not_taken(text: bytes) -> None:
    good = SoftwarePasskey().answer(b"challenge")
    with pytest.raises(ValueError, match=r"[a-z]"):
        signature_of(good._replace(client_data=text))


def test_data_that_is_cut_short_is_not_taken() -> None:
    with pytest.raises(ValueError, match="cut short"):
        signature_of(Assertion(b"short", b"{}", b""))


def test_a_key_on_another_curve_is_no_passkey() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises(ValueError, match="P-256"):
        key_line(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "interlock.example.com")


def test_a_line_tells_its_site_and_is_one_that_can_be_checked_later() -> None:
    line = SoftwarePasskey().public_key
    assert site_of(line) == "interlock.example.com"
    assert parse_public_key(f"{line} a comment") == line
    assert site_of("ssh-ed25519 AAAA") == ""


@pytest.mark.parametrize("change", ["curve", "site", "compressed"])
def test_a_line_that_is_not_in_its_one_form_is_none(change: str) -> None:
    passkey = SoftwarePasskey()
    kind, curve, point, site = read(base64.b64decode(passkey.public_key.partition(" ")[2]), 4)
    if change == "curve":
        curve = b"nistp384"
    elif change == "site":
        site = b""
    else:
        point = passkey.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    blob = strings(kind, curve, point, site)
    with pytest.raises(ValueError, match=r"passkey|form"):
        public_key(blob)
    with pytest.raises(ValueError, match=r"passkey|form"):
        parse_public_key(f"{KIND.decode()} {base64.b64encode(blob).decode()}")
