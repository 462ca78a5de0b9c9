# SPDX-License-Identifier: Apache-2.0
"""The strings and numbers that SSH's keys and signatures are made of (RFC 4251, section 5), each in its one form."""

import base64
import binascii
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import utils


def read(raw: bytes, count: int) -> Sequence[bytes]:
    """Exactly `count` length-prefixed strings and nothing behind them. `ValueError` for anything else."""
    parts: list[bytes] = []
    rest = raw
    for _ in range(count):
        part, rest = first_of(rest)
        parts.append(part)
    if rest:
        raise ValueError("something follows")
    return parts


def first_of(raw: bytes) -> tuple[bytes, bytes]:
    """The length-prefixed string that `raw` begins with, and what follows it. `ValueError` when it is cut short."""
    end = 4 + int.from_bytes(raw[:4], "big")
    if len(raw) < 4 or end > len(raw):  # noqa: PLR2004  # bytes of a length
        raise ValueError("cut short")
    return raw[4:end], raw[end:]


def strings(*parts: bytes) -> bytes:
    """Each with its length before it."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def mpint(number: int) -> bytes:
    """A number, without its length."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True) if number else b""


def der_of(raw: bytes) -> bytes:
    """An ECDSA signature from its two SSH integers to the DER that `cryptography` takes."""
    numbers = [int.from_bytes(part, "big", signed=True) for part in read(raw, 2)]
    if strings(*(mpint(number) for number in numbers)) != raw:
        raise ValueError("the numbers of the signature are not in their one form")
    return utils.encode_dss_signature(*numbers)


def decoded(text: str) -> bytes:
    """Base64 in its one form."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not base64 in its one form")
    return raw
