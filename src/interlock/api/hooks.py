# SPDX-License-Identifier: Apache-2.0
"""`/v1/hooks/{name}`: what other systems tell by themselves, each message signed with the hook's own secret.

1. The signature is HMAC-SHA-256 over the hook's name, the time and the body; it is compared in constant time, and an
   unknown hook takes as long and is answered alike.
2. A message counts for five minutes. Sent again within them it is one command, answered as the first time.
3. What a hook says is the command of the person who answers for it, with no more reach than its line gives.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from litestar import Request, Response, Router, post
from litestar.datastructures import State
from litestar.params import FromPath, HeaderParameter

from interlock.api import once
from interlock.api.commands import Recorded, answered
from interlock.api.lookout import Lookout
from interlock.api.refusals import HANDLERS, problems, unfit
from interlock.api.scene import Look
from interlock.api.verbs.asking import Verb, composer
from interlock.bootstrap.hooks import Keyed, Takes
from interlock.bootstrap.houses import House
from interlock.identity.caller import Caller, How, NoSession, Visitor
from interlock.identity.guard import Ledger, NotSignedIn, address_of
from interlock.identity.saying import Saying
from interlock.service.handle import Outcome

WINDOW: Final = timedelta(minutes=5)
LONGEST: Final = 200
_SHOWN: Final = 32
"""Digits of a signature by which its message is known again."""
PROBLEMS: Final = (400, 401, 403, 404, 409, 413, 422)
SayingFor: TypeAlias = Callable[[Caller, str], Saying]
"""Composes commands for a caller who comes from that address."""
Told: TypeAlias = "Request[Visitor, object, State]"
Timestamp: TypeAlias = Annotated[
    str, HeaderParameter(name="X-Interlock-Timestamp", max_length=20, description="POSIX seconds, as sent.")
]
Signature: TypeAlias = Annotated[
    str,
    HeaderParameter(
        name="X-Interlock-Signature",
        max_length=LONGEST,
        description="`sha256=` and the hex HMAC-SHA-256 of `NAME.TIMESTAMP.BODY` under the hook's secret.",
    ),
]


@dataclass(frozen=True, slots=True)
class Listening:
    """Everything a hook needs. `verbs` says which command each kind of message becomes."""

    hooks: Mapping[str, Keyed]
    verbs: Mapping[Takes, Verb[Any]]
    saying: SayingFor
    lookout: Lookout

    def router(self) -> Router:
        """The route, for whoever signs."""

        @post(
            "/hooks/{name:str}", status_code=200, responses=problems(400, 401, 403, 404, 409, 413, 422), tags=("hooks",)
        )
        async def hook(
            request: Told, house: Ledger, name: FromPath[str], timestamp: Timestamp = "", signature: Signature = ""
        ) -> Response[Recorded]:
            """Tell what a system saw: the body of `evidence attach` or `incident open`, by what the hook takes."""
            body = await request.body()
            keyed = self._known(house, name, (timestamp, signature), body)
            look = self._look(house, name, keyed)
            address = address_of(request.scope)
            sent = once.Request(f"hook-{name}-{signature[-_SHOWN:]}", body)
            return await answered(look, lambda: self._say(look, keyed, (body, sent), address))  # type: ignore[return-value]  # nothing is composed here

        return Router("/v1", route_handlers=[hook], exception_handlers={**HANDLERS})

    def _known(self, house: House, name: str, shown: tuple[str, str], body: bytes) -> Keyed:
        """The hook, if this message is its own, of now, and somebody still answers for it."""
        timestamp, signature = shown
        keyed = self.hooks.get(name)
        right = hmac.compare_digest(
            signature.encode(), sign(keyed.key if keyed else b"", name, timestamp, body).encode()
        )
        now = house.clock.now().timestamp()
        is_now = timestamp.isdecimal() and abs(now - int(timestamp)) <= WINDOW.total_seconds()
        if keyed is None or not (right and is_now) or not house.view().people().keys_of(keyed.hook.person):
            raise NotSignedIn
        return keyed

    def _look(self, house: House, name: str, keyed: Keyed) -> Look:
        scope = self.verbs[keyed.hook.takes].scope
        services = frozenset({keyed.hook.service})
        caller = Caller(keyed.hook.person, How.CI, frozenset({scope}), NoSession(), "", f"hook {name}", services)
        return Look(house, caller, self.lookout, lambda: False)

    def _say(self, look: Look, keyed: Keyed, sent: tuple[bytes, once.Request], address: str) -> Outcome:
        verb, saying = self.verbs[keyed.hook.takes], self.saying(look.caller, address)
        body, request = sent
        try:
            data = msgspec.json.decode(body, type=verb.body)
        except msgspec.DecodeError as fault:
            raise unfit("request.invalid", str(fault), f"send the body of `{verb.cli}`") from fault
        return once.say_once(saying, request, composer(verb, look, saying, ({}, data)))


def sign(key: bytes, name: str, timestamp: str, body: bytes) -> str:
    """The signature of a message."""
    message = b"%s.%s.%s" % (name.encode(), timestamp.encode(), body)
    return f"sha256={hmac.new(key, message, hashlib.sha256).hexdigest()}"
