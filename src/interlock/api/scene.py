# SPDX-License-Identifier: Apache-2.0
"""What one request looks at.

1. A request looks at one moment of the ledger, through a reader that waits for no writer.
2. Whoever is narrowed to some services sees those; of the others they are not even told that they exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.handlers.base import BaseRouteHandler
from litestar.params import SkipValidation

from interlock.api.lookout import Lookout
from interlock.api.refusals import absent, unfit
from interlock.bootstrap.houses import House
from interlock.domain.governance import Service
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, ServiceName
from interlock.domain.procedure import Governance
from interlock.domain.release import Release
from interlock.identity.caller import Caller, Scope
from interlock.identity.guard import Connection, NotAllowed, NotSignedIn, visitor_of
from interlock.ports.store import LedgerStore
from interlock.service.compose import Declared, Unfit
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer
from interlock.service.views import Viewer

_SERVICES = "service/"
_OWN = "name the commit of this service's rules"


@dataclass
class Look:
    """One caller looking at the ledger at one moment. `is_driven`: is the controller at work."""

    house: House
    caller: Caller
    lookout: Lookout
    is_driven: Callable[[], bool]

    @cached_property
    def gatherer(self) -> Gatherer:
        """Gathers what rules look at, at one moment."""
        house, view = self.house, self.house.view()
        return Gatherer(view, house.library, Gathered(view.latest, house.calendar), house.clock.now())

    @property
    def store(self) -> LedgerStore:
        """The ledger."""
        return self.house.store

    @property
    def viewer(self) -> Viewer:
        """Read models of this moment."""
        return Viewer(self.gatherer, self.store, self.house.library)

    @property
    def driven(self) -> bool:
        """Whether the controller is at work."""
        return self.is_driven()

    @cached_property
    def services(self) -> tuple[ServiceName, ...]:
        """The services the caller may see."""
        return tuple(name for name in map(ServiceName, self.viewer.names(_SERVICES)) if self.caller.reaches(name))

    def whole(self) -> "Look":
        """The same, for what cannot be shown in part: not to who is narrowed to some services or environments."""
        if self.caller.services or self.caller.environments:
            raise NotAllowed
        return self

    def service(self, named: str) -> Service:
        """A service that is there. Raises `Fault` (404)."""
        if named not in self.services:
            raise absent("service.unknown", f"there is no service '{named}'", "see /v1/services")
        return self.gatherer.view.service(ServiceName(named))

    def governance(self, service: Service) -> Governance:
        """The rules in force for a service."""
        found = self.gatherer.in_force(service.name)
        if found is None:
            raise absent("governance.none", f"'{service.name}' is not governed yet", "run `interlock adopt`")
        return found

    def declared(self, service: ServiceName, at: str) -> Declared:
        """The rules of a service that stand at a commit. Raises `Fault` (422).

        Whoever is narrowed is told only that there are none: what else stands there may be another service's.
        """
        commit = self.house.repository.resolve(at).sha
        try:
            found = self.house.composer().declared(commit)
        except Unfit:
            if not self.caller.services:
                raise
        else:
            named = found.rules.bindings.service
            if named == service:
                return found
            if not self.caller.services:
                sentence = f"interlock.yaml there is for '{named}', not for '{service}'"
                raise unfit("governance.other_service", sentence, "name the commit of this service's rules")
        raise unfit("governance.not_there", f"no rules of '{service}' stand at {commit[:12]}", _OWN)

    def release(self, named: str) -> Release:
        """A release that is there. Raises `Fault` (404)."""
        found = self.gatherer.view.release(ReleaseId(named))
        if not found.id or not self.caller.reaches(found.service):
            raise absent(
                "release.unknown", f"there is no release '{named}'", "see /v1/releases; write it whole: shop:1.2"
            )
        return found

    def environment(self, governance: Governance, named: str) -> EnvironmentName:
        """An environment of these rules. Raises `Fault` (404)."""
        known = [one.name for one in governance.procedure.environments]
        if named not in known:
            sentence = f"there is no environment '{named}'"
            raise absent("environment.unknown", sentence, f"there are: {', '.join(known)}")
        return EnvironmentName(named)

    def promotion(self, named: str) -> PromotionId:
        """A promotion that is there. Raises `Fault` (404)."""
        found = self.gatherer.view.promotion(PromotionId(named))
        if not found.id or not self.caller.reaches(found.service):
            raise absent("promotion.unknown", f"there is no promotion '{named}'", "see /v1/services")
        return found.id


async def inside(connection: Connection, _handler: BaseRouteHandler) -> None:
    """The guard of everything that shows nothing: for people who signed in. Asked in the loop: it waits for nothing."""
    if not isinstance(visitor_of(connection.scope), Caller):
        raise NotSignedIn


async def reads(connection: Connection, _handler: BaseRouteHandler) -> None:
    """The guard of every route that shows something: for people who signed in, and not with a token that was made for
    something else.
    """
    visitor = visitor_of(connection.scope)
    if not isinstance(visitor, Caller):
        raise NotSignedIn
    if not visitor.may(Scope.READ):
        raise NotAllowed


Looking: TypeAlias = NamedDependency[SkipValidation[Look]]
"""How a route asks for it."""
