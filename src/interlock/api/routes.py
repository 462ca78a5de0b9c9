# SPDX-License-Identifier: Apache-2.0
"""Everything under `/v1`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Litestar, Response, Router
from litestar.di import Provide
from litestar.types import Scope

from interlock.api import (
    commands,
    events,
    explore,
    fleet,
    incidents,
    judging,
    ledger,
    own_tokens,
    procedures,
    registry,
    releases,
    routes_accounts,
    rules,
)
from interlock.api.answers import Answers
from interlock.api.description import close_bodies
from interlock.api.hooks import Listening, SayingFor
from interlock.api.lookout import Lookout
from interlock.api.refusals import HANDLERS
from interlock.api.scene import Look, inside, reads
from interlock.api.verbs import TABLE, handlers
from interlock.api.verbs.asking import Verb
from interlock.bootstrap.hooks import Takes, read_hooks
from interlock.bootstrap.houses import House
from interlock.bootstrap.tracing import Tracers
from interlock.identity.caller import Caller, Visitor
from interlock.identity.guard import NotSignedIn, visitor_of
from interlock.service.portraits.listing import Roll

READING: Final = (fleet, explore, releases, rules, procedures, incidents, registry, ledger)

_BY_WORDS: Final = {verb.cli: verb for verb in TABLE}
TAKEN: Final[Mapping[Takes, Verb[Any]]] = {
    Takes.EVIDENCE: _BY_WORDS["evidence attach"],
    Takes.INCIDENT: _BY_WORDS["incident open"],
}
"""Which command a message of a hook becomes."""


@dataclass(slots=True)
class Api:
    """The API over one ledger. `house` has a reader of its own, `reader` gives one to each who looks, and `head` says
    at once how many records there are; `is_driven` tells whether the controller is at work.
    """

    house: House
    is_driven: Callable[[], bool]
    saying: SayingFor
    reader: Callable[[], House]
    head: Callable[[], int]
    tracers: Tracers = field(default_factory=Tracers)
    lookout: Lookout = field(init=False)
    answers: Answers = field(init=False)
    routers: tuple[Router, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.lookout = Lookout(self.house)
        self.answers = answers = Answers(self.head)
        roll = Roll()

        async def after(response: Response[Any]) -> Response[Any]:
            return await answers.after(response)

        async def provide_look(scope: Scope) -> Look:
            return self.look(self.reader(), visitor_of(scope))  # asked for by name, the two would be two tasks

        async def provide_roll() -> Roll:
            return roll

        async def provide_tracers() -> Tracers:
            return self.tracers

        reading = Router(
            "/",
            route_handlers=[handler for module in READING for handler in module.HANDLERS],
            after_request=after,  # a method would be copied with all it holds
            guards=[reads],
        )
        further = Router(
            "/",
            route_handlers=[
                *events.HANDLERS,
                *judging.HANDLERS,
                *procedures.ASKED,
                *commands.HANDLERS,
                *routes_accounts.HANDLERS,
                *own_tokens.HANDLERS,
                *handlers(),
            ],
            guards=[inside],
        )
        signed_in_only = Router(
            "/v1",
            route_handlers=[reading, further],  # each with its guard: for every one more the route would be copied
            dependencies={
                "look": Provide(provide_look),
                "roll": Provide(provide_roll),
                "tracers": Provide(provide_tracers),
            },
            exception_handlers={**HANDLERS},
        )
        hooks = Listening(read_hooks(self.house.home), TAKEN, self.saying, self.lookout)
        self.routers = (signed_in_only, hooks.router())

    def look(self, house: House, caller: Visitor) -> Look:
        """The caller looking at the ledger."""
        if not isinstance(caller, Caller):
            raise NotSignedIn
        return Look(house, caller, self.lookout, self.is_driven)

    async def begin(self, app: Litestar) -> None:
        """When the application starts."""
        close_bodies(app.openapi_schema)
        self.lookout.begin()

    def dismiss(self) -> None:
        """Let everybody go who is told of records or has a document read: the server is about to end. Called in the
        loop that serves them.
        """
        self.tracers.end()
        self.lookout.is_over = True
        self.lookout.news.set()

    async def end(self) -> None:
        """When it ends."""
        self.tracers.end()
        self.lookout.end()
