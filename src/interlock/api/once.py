# SPDX-License-Identifier: Apache-2.0
"""One request, one command: what is said again under the same key is answered as the first time.

A command commits to people's words under fresh salts, so composing it anew would make another one of it. What was sent
is therefore part of the command's name, and what was recorded under that name is asked for before anything is composed.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from interlock.domain.decision import Reason
from interlock.domain.ids import CommandId
from interlock.identity.saying import Said, Saying
from interlock.ledger.codec import Command
from interlock.ledger.command import PREFIX, CommandRecord, command_stream
from interlock.service.handle import Declined, Outcome, Submission
from interlock.service.speak import Speaker

Compose: TypeAlias = Callable[[Speaker], Command]
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Request:
    """`key` names the command, empty for none; `sent` is all that was sent under it."""

    key: str
    sent: bytes

    @property
    def name(self) -> str:
        """What its command is called, after the name of who says it."""
        return f"{self.key}:{hashlib.sha256(self.sent).hexdigest()[:_SHOWN]}" if self.key else ""


def say_once(saying: Saying, request: Request, compose: Compose) -> Outcome:
    """Say it, unless it was said before."""
    before = _before(saying, request) if request.key else None
    if before is not None:
        return before
    speaker = saying.speaker()
    outcome = saying.say(compose(speaker), speaker, Said(request.name))
    if request.key and isinstance(outcome, Declined) and _REUSED.code in {reason.code for reason in outcome.reasons}:
        return _before(saying, request) or outcome  # it was sent twice at the same time, and the other one was faster
    return outcome


def _before(saying: Saying, request: Request) -> Outcome | None:
    """The answer that was given to this request, or why the key may not be used for it; nothing for a new one."""
    store, person = saying.house.store, saying.caller.person
    known = CommandId(f"{person}:{request.name}")
    records = store.stream(command_stream(known))
    if records:
        return saying.vouched(Submission(CommandRecord.from_record(records[0]).body))
    stem = f"{PREFIX}{person}:{request.key}:"
    if any(len(name) == len(stem) + _SHOWN for name in store.streams(stem)):
        return Declined(known, (_REUSED,))
    return None


_REUSED: Final = Reason(
    "command.id_reused", "this key was used before, for something else", "give the request a key of its own"
)
