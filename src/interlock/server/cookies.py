# SPDX-License-Identifier: Apache-2.0
"""The two cookies: the session, and the visit of somebody who has not signed in yet.

Both are for our pages' server alone (`HttpOnly`), are not sent along by other sites' forms (`SameSite=Lax`), and with
TLS by TLS alone. A visit's cookie only ties the form by which one signs in to the browser it was shown in.
"""

import hashlib
from dataclasses import dataclass

from litestar.datastructures import Cookie

from interlock.identity.porter import ABSOLUTE
from interlock.server.settings import Settings


@dataclass(frozen=True, slots=True)
class Cookies:
    """How our cookies are called and sent at this address."""

    settings: Settings

    @property
    def session(self) -> str:
        """With TLS a browser keeps this name for this very host, and for TLS."""
        return "__Host-interlock" if self.settings.is_secure else "interlock"

    @property
    def visit(self) -> str:
        """As `session`."""
        return "__Host-interlock-visit" if self.settings.is_secure else "interlock-visit"

    def read(self, header: str, name: str) -> str:
        """The value of a cookie; empty when it is not there. One that another page made ill-formed hides no other."""
        pairs = (part.strip().partition("=") for part in header.split(";"))
        return next((value for found, _, value in pairs if found == name), "")

    def kept(self, name: str, value: str) -> Cookie:
        """What has a browser keep it."""
        return self._cookie(name, value, int(ABSOLUTE.total_seconds()))

    def dropped(self, name: str) -> Cookie:
        """What has a browser forget it."""
        return self._cookie(name, "", 0)

    def _cookie(self, name: str, value: str, seconds: int) -> Cookie:
        is_secure = self.settings.is_secure
        return Cookie(name, value=value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=is_secure)


def csrf_of_visit(visit: str) -> str:
    """What the form by which one signs in must bring, for the browser with this visit."""
    return hashlib.sha256(f"visit {visit}".encode()).hexdigest()[:32] if visit else ""
