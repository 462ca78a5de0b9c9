# SPDX-License-Identifier: Apache-2.0
"""Who was known a moment ago is known again without asking anew, as long as nothing was changed.

1. Known again is only who was let in by the very same secret, shown in the same way.
2. Whatever is changed in the accounts, by whichever process, or in the ledger's registry of people, ends all that was
   known before it: a token revoked now is refused at the next request.
3. Nobody is known beyond their time: a token not after it expired, a session not without its use being kept.
4. Where it cannot be told at once whether something was changed, it is asked anew, in a thread that may wait.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from interlock.domain.people import People
from interlock.identity.caller import Caller, Visitor
from interlock.identity.lanes import ARRIVING, in_lane
from interlock.identity.porter import digest_of_secret
from interlock.ports.accounts import Accounts, Unsure
from interlock.ports.clock import Clock

REMEMBERED: Final = 2_000
"""How many are kept; of more, those not seen for longest are asked about anew."""


class Shown(StrEnum):
    """As what a secret was shown: what is one is never taken for the other."""

    BEARER = "bearer"
    JOB = "job"
    """A token that a provider vouches for, which may have to be asked."""
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True)
class _Moment:
    """The accounts and the registry as they were when somebody was asked about."""

    accounts: int
    people: People


@dataclass(slots=True)
class Familiar:
    """At one server's door, used in its event loop alone. `people` is the registry now, through a reader that nobody
    else uses, so that nothing is waited for.
    """

    accounts: Accounts
    people: Callable[[], People]
    clock: Clock
    _known: "OrderedDict[tuple[Shown, str], tuple[_Moment, Caller]]" = field(default_factory=OrderedDict)

    async def visitor(self, shown: Shown, secret: str, ask: Callable[[], Visitor]) -> Visitor:
        """Who shows this secret. `ask` finds out, in a thread of its own, where it is not known."""
        version = self.accounts.version()
        if isinstance(version, Unsure):
            return await _asked(shown, ask)
        moment, key = _Moment(version, self.people()), (shown, digest_of_secret(secret))
        before = self._known.get(key)
        if before is not None and before[0] == moment and self.clock.now() < before[1].until:
            self._known.move_to_end(key)
            return before[1]
        found = await _asked(shown, ask)  # what is changed while it is asked has another moment
        self._known.pop(key, None)
        if isinstance(found, Caller) and self.clock.now() < found.until:
            self._known[key] = (moment, found)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found


async def _asked(shown: Shown, ask: Callable[[], Visitor]) -> Visitor:
    """Nobody whom we know ourselves waits behind those of a provider that does not answer."""
    return await (in_lane(ARRIVING, ask) if shown is Shown.JOB else asyncio.to_thread(ask))
