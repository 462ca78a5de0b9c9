# SPDX-License-Identifier: Apache-2.0
"""Published values are those of protocol.md in secure-systems-lab/dsse: ECDSA over P-256 with SHA-256."""

import base64
from functools import partial

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from interlock.ledger.dsse import Envelope, pae, parse_envelope, signers
from interlock.ledger.record import Json

KEY = ec.EllipticCurvePublicNumbers(
    46950820868899156662930047687818585632848591499744589407958293238635476079160,
    5640078356564379163099075877009565129882514886557779369047442380624545832820,
    ec.SECP256R1(),
).public_key()
OTHER = ec.generate_private_key(ec.SECP256R1()).public_key()
SIGNATURE = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
PUBLISHED: dict[str, Json] = {
    "payload": "aGVsbG8gd29ybGQ=",
    "payloadType": "http://example.com/HelloWorld",
    "signatures": [{"sig": SIGNATURE}],
}


def fits(key: ec.EllipticCurvePublicKey, message: bytes, signature: bytes) -> bool:
    """The vector's signature is r and s one after the other."""
    numbers = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key.verify(encode_dss_signature(*numbers), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def who_signed(envelope: Envelope) -> list[str]:
    return list(signers(envelope, {"right": partial(fits, KEY), "other": partial(fits, OTHER)}))


def test_the_encoding_is_the_published_one() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_counted_in_bytes() -> None:
    assert pae("ö", b"\xff\x00") == b"DSSEv1 2 \xc3\xb6 2 \xff\x00"


def test_the_published_signature_is_right() -> None:
    envelope = parse_envelope(PUBLISHED)
    assert (envelope.payload, envelope.payload_type) == (b"hello world", "http://example.com/HelloWorld")
    assert who_signed(envelope) == ["right"]


def test_url_safe_base64_is_taken_too() -> None:
    url_safe = base64.urlsafe_b64encode(base64.b64decode(SIGNATURE)).decode()
    assert url_safe != SIGNATURE
    assert who_signed(parse_envelope({**PUBLISHED, "signatures": [{"sig": url_safe, "keyid": "hint"}]})) == ["right"]


@pytest.mark.parametrize("change", [{"payload": "aGVsbG8gd29ybGU="}, {"payloadType": "http://example.com/helloWorld"}])
def test_a_changed_payload_or_type_is_not_signed(change: dict[str, Json]) -> None:
    assert who_signed(parse_envelope({**PUBLISHED, **change})) == []


def test_a_key_that_signed_twice_counts_once() -> None:
    assert who_signed(parse_envelope({**PUBLISHED, "signatures": [{"sig": SIGNATURE}, {"sig": SIGNATURE}]})) == [
        "right"
    ]


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {**PUBLISHED, "signatures": []},
        {**PUBLISHED, "signatures": [{"keyid": "a"}]},
        {**PUBLISHED, "payload": "é"},
        {**PUBLISHED, "payload": "a"},
    ],
)
def test_what_is_no_envelope_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r"DSSE|base64"):
        parse_envelope(value)
