# SPDX-License-Identifier: Apache-2.0
"""Passkeys: made by somebody who is signed in, registered in the ledger like any key, and used to sign commands.

1. Making one gives a key line. It counts for nothing before the ledger has it, and there a key is added only by a
   signature of one that its person already has (`interlock people add-key`).
2. What is signed is the whole command as it will be recorded. It waits here for the answer, for its own caller alone,
   for a few minutes, and is used once.
3. What came back is checked by the desk with the person's key, as every signature is; here nothing is believed.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import msgspec
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from interlock.bootstrap.passkeys import challenge_for, passkey_line, passkey_signature, passkey_site
from interlock.domain.ids import CommandId
from interlock.domain.people import People
from interlock.identity.caller import Caller
from interlock.identity.pending import OF_PERSON, Pending
from interlock.identity.porter import Porter
from interlock.identity.saying import Saying
from interlock.ports.accounts import Happening, PasskeyRow, Taken
from interlock.ports.failure import Rejected
from interlock.service.handle import Outcome, Submission

WAITS: Final = timedelta(minutes=5)
AT_MOST: Final = 500
"""Commands that wait for an answer at once: some are large, with the reports that go along."""
ES256: Final = -7
_RP_ID_BYTES: Final = 32
_FLAGS_AT: Final = 32
_PRESENT_AND_VERIFIED: Final = 0x05


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A browser's answer to `creation`; each part in unpadded URL-safe base64."""

    credential: str
    client_data: str
    authenticator_data: str
    public_key: str


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A browser's answer to `request`, for the command that waits."""

    command: str
    credential: str
    client_data: str
    authenticator_data: str
    signature: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    submission: Submission
    until: datetime


@dataclass(slots=True)
class Passkeys:
    """Of one server, whose site its passkeys are bound to and whose pages have these origins."""

    porter: Porter
    site: str
    origins: frozenset[str]
    _creating: Pending[str, tuple[Caller, datetime]] = field(default_factory=lambda: Pending(OF_PERSON))
    _waiting: Pending[tuple[Caller, CommandId], _Waiting] = field(default_factory=lambda: Pending(OF_PERSON, AT_MOST))

    def creation(self, caller: Caller) -> Mapping[str, object]:
        """The options for `navigator.credentials.create`, as `parseCreationOptionsFromJSON` takes them."""
        challenge = url_safe(self.porter.draw(32))
        self._creating.put(challenge, caller.person, (caller, self.porter.clock.now() + WAITS))
        known = [{"type": "public-key", "id": one.credential} for one in self.porter.accounts.passkeys(caller.person)]
        return {
            "challenge": challenge,
            "rp": {"id": self.site, "name": "Interlock"},
            "user": {
                "id": url_safe(hashlib.sha256(caller.person.encode()).digest()),
                "name": caller.person,
                "displayName": caller.person,
            },
            "pubKeyCredParams": [{"type": "public-key", "alg": ES256}],
            "excludeCredentials": known,
            "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
            "attestation": "none",
        }

    def made(self, caller: Caller, answer: Made, address: str) -> PasskeyRow:
        """Keep the passkey. Raises `Rejected` (`passkey.not_made`) for an answer that is not to our question."""
        try:
            line = self._line_of(caller, answer)
        except ValueError as fault:
            raise _rejected("passkey.not_made", f"that makes no passkey: {fault}") from fault
        row = PasskeyRow(answer.credential, caller.person, line, self.porter.clock.now())
        if isinstance(self.porter.accounts.keep_passkey(row), Taken):
            raise _rejected("passkey.not_made", "that passkey is known already")
        self.porter.note(Happening.PASSKEY_MADE, caller.person, caller.method, address, line[-20:])
        return row

    def usable(self, caller: Caller, people: People) -> tuple[PasskeyRow, ...]:
        """Those of the caller's that the ledger has and that work at this site."""
        rows = self.porter.accounts.passkeys(caller.person)
        return tuple(
            one for one in rows if people.keys.get(one.line) == caller.person and passkey_site(one.line) == self.site
        )

    def request(self, saying: Saying, submission: Submission) -> Mapping[str, object]:
        """Keep the command until it is signed; the options for `navigator.credentials.get`, with its id beside them.

        Raises `Rejected` (`passkey.none`) for a caller without a passkey that the ledger knows.
        """
        caller = saying.caller
        usable = self.usable(caller, saying.house.view().people())
        if not usable:
            raise Rejected(
                "passkey.none",
                "you have no passkey here that is registered in the ledger",
                f"make one, then register it: `interlock people add-key {caller.person} --key ~/PASSKEY.pub`",
            )
        waiting = _Waiting(submission, self.porter.clock.now() + WAITS)
        self._waiting.put((caller, submission.body.id), caller.person, waiting)
        options = {
            "challenge": url_safe(challenge_for(submission.body.message)),
            "rpId": self.site,
            "allowCredentials": [{"type": "public-key", "id": one.credential} for one in usable],
            "userVerification": "required",
            "timeout": int(WAITS.total_seconds() * 1000),
        }
        return {"command": submission.body.id, "options": options}

    def signed(self, saying: Saying, answer: Answer) -> Outcome:
        """Hand the command in as its person signed it.

        Raises `Rejected` (`passkey.nothing_waits`, `passkey.unusable`) where there is nothing to hand in.
        """
        waiting = self._waiting.take((saying.caller, CommandId(answer.command)))
        if waiting is None or waiting.until < self.porter.clock.now():
            raise _rejected("passkey.nothing_waits", "no command of yours waits for this signature")
        usable = self.usable(saying.caller, saying.house.view().people())
        row = next((one for one in usable if one.credential == answer.credential), None)
        if row is None:
            raise _rejected("passkey.unusable", "that passkey is not registered for you in the ledger")
        try:
            parts = [in_bytes(part) for part in (answer.authenticator_data, answer.client_data, answer.signature)]
            signature = passkey_signature(row.line, *parts)
        except ValueError as fault:
            raise _rejected("passkey.unusable", f"that is no answer of a passkey: {fault}") from fault
        return saying.signed(replace(waiting.submission, signature=signature))

    def _line_of(self, caller: Caller, answer: Made) -> str:
        told: object = json.loads(in_bytes(answer.client_data))
        if not isinstance(told, dict) or told.get("type") != "webauthn.create":
            raise ValueError("it is not about making one")
        asked = self._creating.take(str(told.get("challenge")))
        if asked is None or asked[0] != caller or asked[1] < self.porter.clock.now():
            raise ValueError("nobody asked for it here")
        if told.get("origin") not in self.origins or told.get("crossOrigin", False) is not False:
            raise ValueError("another page asked for it")
        data = in_bytes(answer.authenticator_data)
        site = hashlib.sha256(self.site.encode()).digest()
        is_here = data[:_RP_ID_BYTES] == site and len(data) > _FLAGS_AT
        if not is_here or data[_FLAGS_AT] & _PRESENT_AND_VERIFIED != _PRESENT_AND_VERIFIED:
            raise ValueError("it is of another site, or made without you")
        in_bytes(answer.credential)
        return passkey_line(in_bytes(answer.public_key), self.site)


Keys: TypeAlias = NamedDependency[SkipValidation[Passkeys]]
"""How a route asks for them: `passkeys: Keys`."""


def _rejected(code: str, sentence: str) -> Rejected:
    return Rejected(code, sentence, "load the page again, and try once more")


def url_safe(raw: bytes) -> str:
    """As browsers write bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def in_bytes(text: str) -> bytes:
    """Unpadded URL-safe base64. `ValueError` for anything else."""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as fault:
        raise ValueError("that is not base64") from fault
