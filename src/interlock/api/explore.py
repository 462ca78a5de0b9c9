# SPDX-License-Identifier: Apache-2.0
"""Reading: every release newest first, as the page of releases lists them."""

from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation

from interlock.api.paging import Limit
from interlock.api.refusals import problems
from interlock.api.scene import Looking
from interlock.domain.ids import ServiceName
from interlock.domain.release import ReleasePhase
from interlock.service.portraits.listing import STATES, ReleaseListed, Roll, Sought, listed

Rolling: TypeAlias = NamedDependency[SkipValidation[Roll]]
"""How a route asks for the releases of this server's ledger: `roll: Rolling`."""


class StateAsked(StrEnum):
    """How releases stand that are asked for."""

    ANY = "any"
    OPEN = "open"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"


class History(msgspec.Struct, frozen=True):
    """A page of releases, newest first. `next` is the cursor of the following page; empty when this is the last."""

    releases: list[ReleaseListed]
    next: str


@get(
    "/history", sync_to_thread=True, responses=problems(400, 401, 403, 404), tags=("releases",), operation_id="history"
)
def history(
    look: Looking,
    roll: Rolling,
    service: Annotated[str, QueryParameter(max_length=80, description="Only of this service.")] = "",
    standing: Annotated[
        StateAsked, QueryParameter(name="state", description="Only those that stand like this.")
    ] = StateAsked.ANY,
    cursor: Annotated[str, QueryParameter(pattern="^[0-9]{0,15}$", description="`next` of the page before.")] = "",
    limit: Limit = 50,
) -> History:
    """Every release, newest first, with its state and where it runs; a page at a time."""
    if service:
        look.service(service)
    states = STATES if standing is StateAsked.ANY else (ReleasePhase(standing),)
    sought = Sought(ServiceName(service), states, int(cursor) if cursor else 0)
    found = roll.called(look.store, look.gatherer.view).sought(sought, look.caller.reaches, limit)
    return History([listed(look.gatherer, one) for one in found.found], str(found.next) if found.next else "")


HANDLERS: Final = (history,)
