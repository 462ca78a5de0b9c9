# SPDX-License-Identifier: Apache-2.0
"""Passkeys as OpenSSH knows them: what a browser signed with one, checked offline and by plain `ssh-keygen`, too.

A browser signs the SHA-256 of the site's name, a few flags, a counter and the hash of a small JSON text that has a
challenge in it (W3C Web Authentication, section 6.3.3). Where the challenge is the very bytes that an SSHSIG covers,
that is a signature of the kind `webauthn-sk-ecdsa-sha2-nistp256@openssh.com` (OpenSSH, PROTOCOL.u2f), and the key a
line of the kind `sk-ecdsa-sha2-nistp256@openssh.com` whose application is the site.

1. The person was there and showed who they are to their device (user present, user verified).
2. The text is of the form browsers give it, names our challenge, and was made by a page of the key's site, in no frame
   of another one.
"""

import base64
import hashlib
import json
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from interlock.adapters.ssh_wire import der_of, first_of, mpint, read, strings

KIND: Final = b"sk-ecdsa-sha2-nistp256@openssh.com"
SIGNATURE_KIND: Final = b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
_CURVE: Final = b"nistp256"
_PRESENT_AND_VERIFIED: Final = 0x05
_ATTESTED: Final = 0x40
_EXTENDED: Final = 0x80
_HEAD: Final = 37
"""Bytes of the authenticator's data before any extension: the site's digest, the flags, the counter."""


class Assertion(NamedTuple):
    """What a browser answers, as it answers it."""

    authenticator_data: bytes
    client_data: bytes
    signature: bytes


def key_line(spki: bytes, site: str) -> str:
    """The line of a passkey of `site`. `ValueError` when the key (DER) is not one on P-256."""
    key = load_der_public_key(spki)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("a passkey is an ECDSA key on P-256")  # noqa: TRY004  # what came is wrong, not how we call
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    blob = strings(KIND, _CURVE, point, site.encode("ascii"))
    return f"{KIND.decode()} {base64.b64encode(blob).decode()}"


def site_of(line: str) -> str:
    """The site a passkey's line is of; empty for another key."""
    kind, _, encoded = line.partition(" ")
    if kind != KIND.decode():
        return ""
    return public_key(base64.b64decode(encoded))[1]


def public_key(blob: bytes) -> tuple[ec.EllipticCurvePublicKey, str]:
    """The key and its site. `ValueError` for what is none."""
    kind, curve, point, site = read(blob, 4)
    if kind != KIND or curve != _CURVE or not site:
        raise ValueError("not a passkey's line")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    if key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) != point:
        raise ValueError("the key is not in its one form")
    return key, site.decode("ascii")


def signature_of(assertion: Assertion) -> bytes:
    """What the browser answered, as OpenSSH writes it. `ValueError` when it is not of the form browsers give it."""
    data = assertion.authenticator_data
    if len(data) < _HEAD:
        raise ValueError("cut short")
    origin = _told(assertion.client_data)[1]
    numbers = utils.decode_dss_signature(assertion.signature)
    inner = strings(*(mpint(number) for number in numbers))
    flags_and_counter, extensions = data[32:_HEAD], data[_HEAD:]
    tail = strings(origin.encode(), assertion.client_data, extensions)
    return strings(SIGNATURE_KIND, inner) + flags_and_counter + tail


def fits(blob: bytes, signature: bytes, covered: bytes) -> bool:
    """Whether the signature is of this passkey over these bytes; raises for whatever is not well formed."""
    key, site = public_key(blob)
    kind, rest = first_of(signature)
    inner, rest = first_of(rest)
    head, rest = rest[:5], rest[5:]
    origin, client_data, extensions = read(rest, 3)
    if kind != SIGNATURE_KIND:
        raise ValueError("not what a browser signs")
    if not _is_in_order(head[0], extensions) or not _is_of(client_data, origin.decode(), covered, site):
        raise ValueError("signed without the person, for something else, or elsewhere")
    signed = hashlib.sha256(site.encode()).digest() + head + extensions + hashlib.sha256(client_data).digest()
    key.verify(der_of(inner), signed, ec.ECDSA(hashes.SHA256()))
    return True


def _is_in_order(flags: int, extensions: bytes) -> bool:
    is_there = flags & _PRESENT_AND_VERIFIED == _PRESENT_AND_VERIFIED
    return is_there and not flags & _ATTESTED and bool(flags & _EXTENDED) == bool(extensions)


def _is_of(client_data: bytes, origin: str, covered: bytes, site: str) -> bool:
    """Whether the text was made for this challenge by a page of this site."""
    challenge = base64.urlsafe_b64encode(covered).rstrip(b"=").decode()
    begins = f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"{origin}"'
    found, told = _told(client_data)
    host = urlsplit(origin).hostname or ""
    is_ours = host == site or host.endswith(f".{site}")
    return found == challenge and told == origin and is_ours and client_data.startswith(begins.encode())


def _told(client_data: bytes) -> tuple[str, str]:
    """Challenge and origin, as the text tells them. `ValueError` for another text."""
    told: object = json.loads(client_data)
    if not isinstance(told, dict) or told.get("crossOrigin", False) is not False:
        raise ValueError("not what a browser says of a signature given on a page of its own")
    challenge, origin = told.get("challenge"), told.get("origin")
    if told.get("type") != "webauthn.get" or not isinstance(challenge, str) or not isinstance(origin, str):
        raise ValueError("not what a browser says of a signature")
    return challenge, origin
