# SPDX-License-Identifier: Apache-2.0
"""Signing in with a passkey that the ledger has.

1. What is signed names the server and a number drawn for one browser. It is used once, within minutes, and is no
   command.
2. Nobody says beforehand who they are: the passkey does. So nobody is told who has one here.
3. An unknown passkey, one that the ledger has not, a locked account and a wrong signature are answered alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from interlock.bootstrap.passkeys import challenge_for, passkey_signature, passkey_site
from interlock.identity.caller import How
from interlock.identity.passkeys import in_bytes, url_safe
from interlock.identity.pending import OF_ADDRESS, Pending
from interlock.identity.porter import LetIn, Porter, TurnedAway
from interlock.ports.accounts import Absent, Happening
from interlock.ports.failure import Rejected

WAITS: Final = timedelta(minutes=5)


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A browser's answer to `asked`; each part in unpadded URL-safe base64. `onward`: where they want to go."""

    credential: str
    client_data: str
    authenticator_data: str
    signature: str
    onward: str = "/"


@dataclass(slots=True)
class ByPasskey:
    """Of one server at `url`, whose passkeys are of `site`. `fits`: whether an armour is a key's over a message."""

    porter: Porter
    url: str
    site: str
    fits: Callable[[str, bytes, str], bool]
    _drawn: Pending[str, tuple[str, datetime]] = field(default_factory=lambda: Pending(OF_ADDRESS))

    def asked(self, visit: str, address: str) -> Mapping[str, object]:
        """The options for `navigator.credentials.get`, for the browser of this visit, at this address; those it had
        before count no more.
        """
        number = self.porter.draw(16).hex()
        self._drawn.put(visit, address, (number, self.porter.clock.now() + WAITS))
        return {
            "challenge": url_safe(challenge_for(self._message(number))),
            "rpId": self.site,
            "allowCredentials": [],
            "userVerification": "required",
            "timeout": int(WAITS.total_seconds() * 1000),
        }

    def sign_in(self, visit: str, shown: Shown, address: str) -> LetIn:
        """Let them in. Raises `Rejected` (`passkey.not_let_in`, `account.too_often`)."""
        porter, now = self.porter, self.porter.clock.now()
        number, until = self._drawn.take(visit) or ("", now)
        if not porter.by_address.take(address, now):
            porter.note(Happening.LOGIN_THROTTLED, "", How.PASSKEY, address)
            raise Rejected("account.too_often", "that was tried too often", "wait a quarter of an hour")
        row = porter.accounts.passkey(shown.credential)
        is_theirs = not isinstance(row, Absent) and porter.people().keys.get(row.line) == row.person
        if isinstance(row, Absent) or not is_theirs or until <= now or not self._fits(row.line, number, shown):
            porter.note(Happening.LOGIN_REFUSED, "" if isinstance(row, Absent) else row.person, How.PASSKEY, address)
            raise _NOT_LET_IN
        answer = porter.let_in(row.person, How.PASSKEY, address)
        if isinstance(answer, TurnedAway):
            raise _NOT_LET_IN
        return answer

    def _fits(self, line: str, number: str, shown: Shown) -> bool:
        parts = (shown.authenticator_data, shown.client_data, shown.signature)
        try:
            armoured = passkey_signature(line, *map(in_bytes, parts)).armoured
        except ValueError:
            return False
        return passkey_site(line) == self.site and self.fits(line, self._message(number), armoured)

    def _message(self, number: str) -> bytes:
        """What is signed. It is no command, and can never be taken for one."""
        return f"sign in at {self.url}: {number}".encode()


_NOT_LET_IN: Final = Rejected(
    "passkey.not_let_in",
    "that passkey opens nothing here, or it took too long",
    "try once more, or sign in with your password",
)
