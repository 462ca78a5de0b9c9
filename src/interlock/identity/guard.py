# SPDX-License-Identifier: Apache-2.0
"""What a route asks of its visitor: the caller as a dependency, and the guard of everything that needs one."""

from typing import Final, TypeAlias, cast

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers.base import BaseRouteHandler
from litestar.params import SkipValidation
from litestar.types import Scope

from interlock.bootstrap.houses import House
from interlock.identity.caller import Caller, Nobody, Visitor
from interlock.identity.caller import Scope as ReadScope
from interlock.identity.refusing import NARROWED, NOT_FOR_YOU, Problem

CALLER: Final = "caller"
ADDRESS: Final = "address"
"""Under which names the door puts who is there, and from where they come."""
_REFUSED: Final = "refused"
"""Under which name a route leaves for the door what it refused."""

Who: TypeAlias = NamedDependency[SkipValidation[Visitor]]
"""How a route asks for its visitor: `caller: Who`. A dependency is ours, and is given as it is."""
Ledger: TypeAlias = NamedDependency[SkipValidation[House]]
"""How it asks for the ledger, for reading: `house: Ledger`."""
Connection: TypeAlias = "ASGIConnection[BaseRouteHandler, object, object, State]"


class NotSignedIn(Exception):
    """Somebody must sign in first. A page leads to where one does; everything else answers 401."""


class NotAllowed(Exception):
    """Somebody is signed in, and this is not for them. Answers 403 and says nothing of what exists."""


def put_visitor(scope: Scope, visitor: Visitor, address: str) -> None:
    """Say who is there and from where they come, for the rest of this request."""
    scope["state"][CALLER] = visitor
    scope["state"][ADDRESS] = address


def visitor_of(scope: Scope) -> Visitor:
    """Who is there: nobody, where no door was passed."""
    return cast("Visitor", scope.get("state", {}).get(CALLER, Nobody()))


def address_of(scope: Scope) -> str:
    """From where they come; empty where no door was passed."""
    return cast("str", scope.get("state", {}).get(ADDRESS, ""))


async def provide_caller(scope: Scope) -> Visitor:
    """The dependency `caller`: `Caller | Nobody`."""
    return visitor_of(scope)


def refuse(scope: Scope, found: Problem) -> Problem:
    """Have the door write down that this was refused, to whom, and why."""
    scope["state"][_REFUSED] = found
    return found


def refused_in(scope: Scope) -> tuple[Problem, ...]:
    """What a route left to be written down: one thing, or nothing."""
    found = scope["state"].get(_REFUSED)
    return () if found is None else (cast("Problem", found),)


def why_not(scope: Scope) -> Problem:
    """Why something is not for who is there. Who is narrowed is told that it cannot be given in part."""
    visitor = visitor_of(scope)
    if not isinstance(visitor, Caller) or not (visitor.services or visitor.environments):
        return NOT_FOR_YOU
    return NARROWED if visitor.may(ReadScope.READ) else NOT_FOR_YOU


def signed_in(connection: Connection, _handler: BaseRouteHandler) -> None:
    """The guard of a route that is for people who signed in."""
    if not isinstance(visitor_of(connection.scope), Caller):
        raise NotSignedIn
