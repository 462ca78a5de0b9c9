# SPDX-License-Identifier: Apache-2.0
"""From a form to a command: one entry for everything that can be said on a page.

1. A form says nothing of its own: what it carries becomes one command, decided by the same rules as any other.
2. What was shown is what is decided: where a page showed a matter, its fingerprint comes back, and another one is
   refused before anything is recorded.
3. Nobody is asked for words before something that makes safe.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from interlock.domain.approval import Bound, bind
from interlock.domain.ids import EnvironmentName, PersonId, ReleaseId, ServiceName, TextRef
from interlock.ledger.codec import Command
from interlock.ports.failure import Rejected
from interlock.web.deciding import fingerprint
from interlock.web.look import Look

_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN: Final = re.compile(r"\+?(\d{1,6})(s|m|min|h|d|w)")


class Voice(Protocol):
    """A person composing one command: words they commit to, raw material that goes along."""

    @property
    def person(self) -> PersonId: ...

    def words(self, words: str, asked: str = "the reason") -> TextRef: ...

    def words_if(self, words: str) -> TextRef: ...

    def aside(self, words: str) -> TextRef: ...

    def attach(self, content: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Form:
    """What was handed in, looked at now."""

    look: Look
    fields: Mapping[str, str]
    voice: Voice

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    @property
    def release(self) -> ReleaseId:
        """The release it is about."""
        return ReleaseId(self["release"])

    @property
    def environment(self) -> EnvironmentName:
        """The environment it is about."""
        return EnvironmentName(self["environment"])

    @property
    def service(self) -> ServiceName:
        """The service it is about."""
        return ServiceName(self["service"])

    def moment(self, name: str) -> datetime:
        """A moment that was written. Raises `Rejected` (code `time.moment`)."""
        return moment(self[name], self.look.now)

    def number(self, name: str) -> int:
        """A number that was handed in. Raises `Rejected` (code `form.number`)."""
        if not self[name].isdecimal():
            raise Rejected("form.number", f"'{self[name]}' is no number", "load the page again")
        return int(self[name])

    def bound(self) -> Bound:
        """What was shown. Raises `Rejected` (code `approval.stale_view`) when that is not what is there now."""
        found = bind(self.look.gatherer.matter(self.release, self.environment))
        if fingerprint(found) != self["fingerprint"]:
            raise Rejected(
                "approval.stale_view",
                "what you saw is not what is there now: something of it has changed meanwhile",
                "look at what is shown now, then decide again",
            )
        return found


Saying = Callable[[Form], Command]


@dataclass(frozen=True, slots=True)
class Act:
    """How a form becomes a command, and what is told when it was accepted."""

    compose: Saying
    told: str


def moment(text: str, now: datetime) -> datetime:
    """A moment as people write it: from now on as `2h`, or ISO 8601; without a zone it is UTC."""
    match = _SPAN.fullmatch(text.strip())
    if match:
        return now + timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as fault:
        raise Rejected(
            "time.moment", f"'{text}' is not a moment", "write it as 2h (from now), or 2026-12-24T18:00+01:00"
        ) from fault
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
