# SPDX-License-Identifier: Apache-2.0
"""A written release procedure as data: what a protocol pack says, and who is bound to it for one service.

1. A path is a sequence of stages; a stage that names an environment guards the promotion into it.
2. The gate of an environment is every requirement of the path's stages up to and including its own.
3. `Governance` is what a release pins: the pack, the service's bindings, the people in roles, by one digest.
4. A role is held in every environment, or in some alone. What happens in an environment is asked of who holds it
   there; where it is not said which, only who holds it in every one does.
5. A group that holds a role stands for who is in it at the moment of which it is asked (`groups`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from interlock.domain.actor import Assurance
from interlock.domain.change import ChangeKind
from interlock.domain.environment import Environment
from interlock.domain.groups import Groups, is_group, people_of
from interlock.domain.handling import UNHANDLED, Handling
from interlock.domain.ids import (
    EVERYWHERE,
    AudienceName,
    CheckId,
    Digest,
    EnvironmentName,
    NoticeId,
    PersonId,
    RoleName,
    ServiceName,
    StageName,
)
from interlock.domain.incident import Severity
from interlock.domain.moment import NEVER as BEFORE_ALL
from interlock.domain.requirement import UNCONDITIONAL, Held, Requirement
from interlock.domain.strategy import Habit, Split, Strategy
from interlock.domain.template import Chase, RollbackMessages, StageMessages, Template
from interlock.domain.trunk import UNDELIVERED, DeliveryRule
from interlock.domain.window import Schedule

UNEVALUATED: Final[Mapping[str, Held]] = MappingProxyType({})
"""What conditions came to where none was looked at."""

NOWHERE = EnvironmentName("")
"""The environment of a stage that promotes into none."""
NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""When a procedure expires that says nothing of it."""


@dataclass(frozen=True, slots=True)
class Bake:
    """How long a promoted release is watched, how often, and by which checks. A zero duration bakes nothing."""

    duration: timedelta = timedelta(0)
    every: timedelta = timedelta(seconds=30)
    checks: tuple[CheckId, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """Which checks prove a deployment, and how long they may stay inconclusive before that counts as failure."""

    checks: tuple[CheckId, ...] = ()
    within: timedelta = timedelta(minutes=2)
    every: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Stage:
    """A named point of a path; with an environment, the gate of its promotion and what follows it."""

    name: StageName
    environment: EnvironmentName = NOWHERE
    requires: tuple[Requirement, ...] = ()
    windows: tuple[Schedule, ...] = ()
    verification: Verification = Verification()
    rollout: Strategy = Strategy()
    """How a candidate is given traffic, where there is a router."""
    bake: Bake = Bake()
    messages: StageMessages = StageMessages()
    """What is told in its course."""


@dataclass(frozen=True, slots=True)
class Path:
    """How changes of some kinds travel, where its condition holds.

    `review_within` is the deadline of the retroactive review (emergency only), `chases` what is told of it until then
    and afterwards.
    """

    name: str
    kinds: tuple[ChangeKind, ...]
    stages: tuple[StageName, ...]
    review_within: timedelta = timedelta(0)
    condition: str = UNCONDITIONAL
    chases: tuple[Chase, ...] = ()


@dataclass(frozen=True, slots=True)
class WaiverRule:
    """Who may grant a waiver and how far away its expiry may lie."""

    authority: tuple[RoleName, ...]
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Adopters:
    """Who may adopt what runs and was not released: one of these roles, and somebody else of those beside them."""

    roles: tuple[RoleName, ...] = ()
    """Empty: every registered person."""
    beside: tuple[RoleName, ...] = ()
    """Empty: nobody else has to agree."""

    @property
    def everybody(self) -> tuple[RoleName, ...]:
        """Everybody whose word counts for it."""
        return tuple(dict.fromkeys((*self.roles, *self.beside)))


@dataclass(frozen=True, slots=True)
class Procedure:
    """One protocol pack, decoded and checked."""

    pack: str
    version: str
    roles: tuple[RoleName, ...]
    environments: tuple[Environment, ...]
    stages: tuple[Stage, ...]
    paths: tuple[Path, ...]
    waivers: WaiverRule
    governors: tuple[RoleName, ...]
    """Roles whose holders may approve a change of governance."""
    handling: Handling = UNHANDLED
    """How incidents are handled, and who decides to go back."""
    audiences: tuple[AudienceName, ...] = ()
    messages: tuple[Template, ...] = ()
    """Every message that it prescribes."""
    rollback_messages: RollbackMessages = RollbackMessages()
    expires: datetime = NEVER
    """From when on it is no longer taken into force."""
    delivery: DeliveryRule = UNDELIVERED
    """What goes to an environment by itself."""
    drift: Severity = Severity.MAJOR
    """How bad it is when something else runs than was released."""
    adopters: Adopters = Adopters()
    """Who may adopt what runs instead."""
    lifters: tuple[RoleName, ...] = ()
    """Who lets on again what was stopped; empty: whoever approves before production (`letting_on`)."""

    @property
    def sent(self) -> tuple[Template, ...]:
        """Every message that something has sent."""
        of_stages = (message for stage in self.stages for message in stage.messages.every)
        of_incidents = (notice.template for notice in self.handling.notices)
        of_reviews = (chase.message for path in self.paths for chase in path.chases)
        return (*of_stages, *self.rollback_messages.every, *of_incidents, *of_reviews)

    def message(self, name: NoticeId) -> Template | None:
        """The message of that name, if it prescribes one."""
        return next((known for known in self.messages if known.id == name), None)

    def path(self, name: str) -> Path | None:
        """The path of that name, if the procedure has one."""
        return next((known for known in self.paths if known.name == name), None)

    def environment(self, name: EnvironmentName) -> Environment | None:
        """The environment of that name, if the procedure has one."""
        return next((known for known in self.environments if known.name == name), None)

    def path_for(self, kind: ChangeKind, admits: Mapping[str, Held] = UNEVALUATED) -> Path | None:
        """The first path for changes of this kind whose condition holds; None when none does.

        `admits` says of every path with a condition what it came to. One that could not be evaluated ends the search:
        the change may belong there.
        """
        for path in self.paths:
            if kind in path.kinds:
                held = Held.YES if path.condition == UNCONDITIONAL else admits.get(path.name, Held.BROKEN)
                if held is not Held.NO:
                    return path if held is Held.YES else None
        return None

    def stage(self, name: StageName) -> Stage:
        """The stage of that name; the loader has made sure that it exists."""
        return next(stage for stage in self.stages if stage.name == name)

    def stages_into(self, path: Path, environment: EnvironmentName) -> tuple[Stage, ...]:
        """The path's stages up to and including the one that promotes into `environment`; empty when none does."""
        walked: list[Stage] = []
        for name in path.stages:
            stage = self.stage(name)
            walked.append(stage)
            if stage.environment == environment:
                return tuple(walked)
        return ()

    def environments_of(self, path: Path) -> tuple[EnvironmentName, ...]:
        """The environments a path promotes into, in order."""
        visited = (self.stage(name).environment for name in path.stages)
        return tuple(name for name in visited if name != NOWHERE)


@dataclass(frozen=True, slots=True)
class Looks:
    """How often the head of a delivered branch is read, and what runs is compared (where it is not said otherwise)."""

    head: timedelta = timedelta(seconds=15)
    running: timedelta = timedelta(minutes=1)
    places: Mapping[EnvironmentName, timedelta] = field(default_factory=dict)

    def at_running(self, environment: EnvironmentName) -> timedelta:
        """How often what runs there is compared with what was released."""
        return self.places.get(environment, self.running)


LOOKS: Final = Looks()
"""As often as is usual."""


@dataclass(frozen=True, slots=True)
class Route:
    """An environment whose traffic is split. `lease`: how long an exposure lives after it was last held."""

    lease: timedelta
    split: Split = Split.REQUESTS
    habit: Habit = Habit()


@dataclass(frozen=True, slots=True)
class Governance:
    """A procedure bound to one service. `solo` lists who declared to hold every role alone; usually nobody."""

    digest: Digest
    service: ServiceName
    procedure: Procedure
    holders: Mapping[RoleName, tuple[PersonId, ...]] = field(default_factory=dict)
    """Who holds each role in every environment."""
    solo: tuple[PersonId, ...] = ()
    minimum: Assurance = Assurance.AUTHENTICATED
    routes: Mapping[EnvironmentName, Route] = field(default_factory=dict)
    owners: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict)
    """Who owns each area of the source that is named."""
    records_on: str = ""
    """The branch on which records are committed, once a release or an incident has ended; empty: they are not."""
    looks: Looks = LOOKS
    """How often is looked at what nobody reports."""
    brought: Mapping[tuple[CheckId, EnvironmentName], tuple[RoleName, ...]] = field(default_factory=dict)
    """The checks that the controller does not run, and who may say that they pass."""
    posts: Mapping[EnvironmentName, Mapping[RoleName, tuple[PersonId, ...]]] = field(default_factory=dict)
    """Who holds a role in one environment alone."""
    at: EnvironmentName = EVERYWHERE
    """Where that of which it is asked happens."""
    groups: Groups = Groups()
    """Who is in the groups that hold roles."""
    moment: datetime = BEFORE_ALL
    """When that of which it is asked happens: who is in a group is asked as of then."""

    @property
    def names_of_groups(self) -> frozenset[PersonId]:
        """The groups that hold a role anywhere."""
        bound = (self.holders, *self.posts.values())
        return frozenset(one for roles in bound for people in roles.values() for one in people if is_group(one))

    def at_moment(self, moment: datetime) -> "Governance":
        """The same, asked of what happened then."""
        return replace(self, moment=moment) if self.groups.said else self

    def there(self, environment: EnvironmentName) -> "Governance":
        """The same, asked of what happens in an environment."""
        return replace(self, at=environment) if self.posts else self

    @property
    def crew(self) -> Mapping[RoleName, tuple[PersonId, ...]]:
        """Who holds each role there."""
        return {role: self.who_holds(role) for role in dict.fromkeys((*self.holders, *self.posts.get(self.at, ())))}

    def who_holds(self, *roles: RoleName) -> tuple[PersonId, ...]:
        """Everybody who holds one of the roles there."""
        here = self.posts.get(self.at, {})
        people = (person for role in roles for person in (*self.holders.get(role, ()), *here.get(role, ())))
        return people_of(people, self.groups, self.moment)

    def holds_any(self, person: PersonId, roles: tuple[RoleName, ...]) -> bool:
        """Whether the person holds one of the roles there."""
        return person in self.who_holds(*roles)

    def elsewhere(self, person: PersonId, roles: tuple[RoleName, ...]) -> str:
        """In which environments alone they hold one, in words to go on a sentence; empty: there, or in none."""
        held = [name for name in self.posts if self.there(name).holds_any(person, roles)]
        return f", only in {', '.join(held)}" if held and not self.holds_any(person, roles) else ""
