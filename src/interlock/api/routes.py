# SPDX-License-Identifier: Apache-2.0
"""Everything under `/v1`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Litestar, Response, Router
from litestar.di import Provide

from interlock.api import (
    commands,
    events,
    explore,
    fleet,
    incidents,
    judging,
    ledger,
    own_tokens,
    registry,
    releases,
    routes_accounts,
    rules,
)
from interlock.api.answers import Answers, Asking
from interlock.api.description import close_bodies
from interlock.api.hooks import Listening, SayingFor
from interlock.api.lookout import Lookout
from interlock.api.refusals import HANDLERS
from interlock.api.scene import Look, inside, reads
from interlock.api.verbs import TABLE, handlers
from interlock.api.verbs.asking import Verb
from interlock.bootstrap.hooks import Takes, read_hooks
from interlock.bootstrap.houses import House
from interlock.identity.caller import Caller, Visitor
from interlock.identity.guard import Ledger, NotSignedIn, Who
from interlock.service.portraits.listing import Roll

READING: Final = (fleet, explore, releases, rules, incidents, registry, ledger)

_BY_WORDS: Final = {verb.cli: verb for verb in TABLE}
TAKEN: Final[Mapping[Takes, Verb[Any]]] = {
    Takes.EVIDENCE: _BY_WORDS["evidence attach"],
    Takes.INCIDENT: _BY_WORDS["incident open"],
}
"""Which command a message of a hook becomes."""


@dataclass(slots=True)
class Api:
    """The API over one ledger. `house` has a reader of its own; `is_driven` tells whether the controller is at work."""

    house: House
    is_driven: Callable[[], bool]
    saying: SayingFor
    lookout: Lookout = field(init=False)
    routers: tuple[Router, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.lookout = Lookout(self.house)
        answers, roll = Answers(self.lookout), Roll()

        async def before(request: Asking) -> Response[Any] | None:
            return await answers.before(request)

        async def after(response: Response[Any]) -> Response[Any]:
            return await answers.after(response)

        async def provide_look(house: Ledger, caller: Who) -> Look:
            return self.look(house, caller)

        async def provide_roll() -> Roll:
            return roll

        reading = Router(
            "/",
            route_handlers=[handler for module in READING for handler in module.HANDLERS],
            before_request=before,  # a method would be copied with all it holds
            after_request=after,
            guards=[reads],
        )
        signed_in_only = Router(
            "/v1",
            route_handlers=[
                reading,
                *events.HANDLERS,
                *judging.HANDLERS,
                *commands.HANDLERS,
                *routes_accounts.HANDLERS,
                *own_tokens.HANDLERS,
                *handlers(),
            ],
            dependencies={"look": Provide(provide_look), "roll": Provide(provide_roll)},
            exception_handlers={**HANDLERS},
            guards=[inside],
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
        """Let everybody go who is told of records: the server is about to end. Called in the loop that serves them."""
        self.lookout.is_over = True
        self.lookout.news.set()

    async def end(self) -> None:
        """When it ends."""
        self.lookout.end()
