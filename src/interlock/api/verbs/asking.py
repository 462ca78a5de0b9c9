# SPDX-License-Identifier: Apache-2.0
"""What a friendly address needs to become a command: who asks, what they sent, and the ledger as it is.

1. Whether the caller's scopes let them is looked at first: who may not, learns nothing of what exists.
2. A verb composes one command and says it; nothing is decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from interlock.api import once
from interlock.api.commands import (
    WRITING,
    AnyRequest,
    Composed,
    How,
    IdempotencyKey,
    Manner,
    Recorded,
    answered,
    said,
    sent_in,
)
from interlock.api.refusals import problems
from interlock.api.scene import Look, Looking
from interlock.domain.decision import Reason
from interlock.domain.ids import CommandId, EnvironmentName, PersonId
from interlock.domain.release import Release
from interlock.identity.caller import Scope
from interlock.identity.saying import Mouth, Saying
from interlock.ledger.codec import Command
from interlock.service.handle import Declined, Outcome, Submission
from interlock.service.speak import Speaker

B = TypeVar("B", bound=msgspec.Struct)

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Sentence: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
MaybeSentence: TypeAlias = Annotated[str, msgspec.Meta(max_length=20_000)]
MaybeName: TypeAlias = Annotated[str, msgspec.Meta(max_length=200)]
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent to a verb; without fields: nothing."""


class Reasoned(Body, frozen=True):
    """Why, in a sentence. It can be erased later."""

    reason: Sentence


@dataclass
class Ask(Look):
    """A caller about to say something, which needs no scope to look: what they may say was looked at already."""

    saying: Saying
    speaker: Speaker
    path: dict[str, str]

    @property
    def person(self) -> PersonId:
        """Who asks."""
        return self.caller.person

    def of_release(self) -> Release:
        """The release named in the address."""
        return self.release(self.path["release"])

    def place(self, release: Release, named: str) -> EnvironmentName:
        """An environment of the rules a release is judged by."""
        return self.environment(self.gatherer.pinned(release), named)

    def of_slot(self) -> tuple[str, EnvironmentName]:
        """The service and environment named in the address."""
        state = self.service(self.path["service"])
        return state.name, self.environment(self.governance(state), self.path["environment"])

    def moment(self, given: datetime) -> datetime:
        """The same moment in UTC."""
        return given.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Verb(Generic[B]):
    """`path` below `/v1`, the `cli` words that mean the same, and the scope its command takes."""

    path: str
    cli: str
    scope: Scope
    body: type[B]
    compose: Callable[[Ask, B], Command]
    about: str
    tag: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a request."""

    data: Body
    request: once.Request
    manner: Manner


SAID: Final = Manner.SAID
_IN_JSON: Final[Any] = JSONBody
"""Where the type checker looks away: what a verb takes is known when its route is made."""


def handler_of(verb: Verb[Any]) -> HTTPRouteHandler:
    """The route of a verb."""

    async def say(
        look: Looking,
        saying: Mouth,
        request: AnyRequest,
        data: JSONBody[Body],
        key: IdempotencyKey = "",
        manner: How = SAID,
    ) -> Response[Recorded | Composed]:
        sent = Sent(data, once.Request(key, await sent_in(request)), manner)
        return await answered(look, lambda: _said(verb, look, saying, request.path_params, sent))

    async def say_so(
        look: Looking, saying: Mouth, request: AnyRequest, key: IdempotencyKey = "", manner: How = SAID
    ) -> Response[Recorded | Composed]:
        sent = Sent(Body(), once.Request(key, await sent_in(request)), manner)
        return await answered(look, lambda: _said(verb, look, saying, request.path_params, sent))

    chosen: Callable[..., Any] = say_so if verb.body is Body else say
    chosen.__doc__ = verb.about
    chosen.__name__ = verb.cli.replace(" ", "_").replace("-", "_")
    if verb.body is not Body:
        chosen.__annotations__ = {**chosen.__annotations__, "data": _IN_JSON[verb.body]}
    return post(
        verb.path,
        status_code=200,
        responses=problems(*WRITING),
        tags=(verb.tag,),
        operation_id=verb.cli.replace(" ", "-"),
    )(chosen)


def _said(verb: Verb[Any], look: Look, saying: Saying, path: dict[str, Any], sent: Sent) -> Outcome | Submission:
    if not look.caller.may(verb.scope):
        return Declined(CommandId(""), (_scope(verb.scope),))
    named = {name: str(value).removeprefix("/") for name, value in path.items()}
    return said(saying, sent.request, sent.manner, composer(verb, look, saying, (named, sent.data)))


def composer(verb: Verb[Any], look: Look, saying: Saying, sent: tuple[dict[str, str], msgspec.Struct]) -> once.Compose:
    """Composes the verb's command from what stood in the address and in the body."""
    named, data = sent

    def compose(speaker: Speaker) -> Command:
        ask = Ask(look.house, look.caller, look.lookout, look.is_driven, saying, speaker, named)
        command: Command = verb.compose(ask, data)
        return command

    return compose


def _scope(scope: Scope) -> Reason:
    sentence = f"that takes the scope '{scope}', and what you signed in with has not got it"
    return Reason("access.scope", sentence, "sign in at the server, or use a token with that scope")
