# SPDX-License-Identifier: Apache-2.0
"""What a scenario plays on: a world with one service under a pack, its people and its releases, by their short names.

1. Everything that decides is the program itself; a stage only finds ids, so that a scenario can say `v2` and `ann`.
2. A person decides about what is there at that moment: what an approval binds is looked up when it is given.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Final, Protocol

from interlock.adapters.check.memory import says
from interlock.adapters.semver import Size
from interlock.adapters.signer.memory import MemoryPersonSigner
from interlock.domain.approval import Bound, bind
from interlock.domain.artifact import Artifact, ArtifactKind, release_digest
from interlock.domain.governance import AdoptGovernance, GovernanceRef
from interlock.domain.handling import StepAsked
from interlock.domain.ids import (
    ChangeId,
    CheckId,
    ComponentName,
    Digest,
    EnvironmentName,
    PersonId,
    PromotionId,
    ReleaseId,
    RoleName,
    RollbackId,
    ServiceName,
    TextRef,
    WaiverId,
    commit_to,
    digest_of,
)
from interlock.domain.people import AddPerson
from interlock.domain.procedure import Procedure
from interlock.domain.requirement import CheckRequirement, CountRequirement
from interlock.domain.slot import AdoptRunning
from interlock.domain.traffic import LANES, Lane
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import Command
from interlock.ledger.record import SaltedText
from interlock.packs.listening import brings_up_baseline
from interlock.ports.check import Counted
from interlock.service.compose import APP, release_id
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer
from interlock.service.handle import Declined, Outcome, Submission
from interlock.service.library import governance_ref
from interlock.service.numbering import next_promotion, next_rollback
from interlock.testing.traffic import PORTS
from interlock.testing.world import Unplayable, World

SERVICE: Final = ServiceName("app")
"""The service every scenario is about."""
WORDS: Final = TextRef("text:unsaid")
"""In place of a person's words, which no rule looks at."""
NOTHING_YET: Final = ""
"""In place of a version before the first release."""

RolesOf = Mapping[RoleName, tuple[PersonId, ...]]


class Hands(Protocol):
    """How a scenario reaches the world: a `World` itself, or one whose processes are killed now and then."""

    def hand_in(self, submission: Submission) -> Outcome: ...

    def settle(self) -> int: ...

    def work(self, span: timedelta) -> int: ...


@dataclass(frozen=True, slots=True)
class Cast:
    """Who there is: everybody's roles, who declared to work alone, and what runs already (empty: nothing)."""

    people: Mapping[PersonId, tuple[RoleName, ...]]
    solo: tuple[PersonId, ...] = ()
    live: str = "v1"
    owners: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict)
    posts: Mapping[EnvironmentName, RolesOf] = field(default_factory=dict)
    """Who holds a role in one environment alone."""
    records: str = ""
    """The branch that records are committed to; empty: they are not."""
    pull_request: tuple[str, ...] = ()
    """The program that asks for it to be taken in; none: people are told."""

    @property
    def roles(self) -> RolesOf:
        """The people of each role."""
        named = dict.fromkeys(role for roles in self.people.values() for role in roles)
        return {role: tuple(one for one, roles in self.people.items() if role in roles) for role in named}


@dataclass(slots=True)
class Stage:
    """One service under one pack. `rules` are governances by short name, `newest` the version spoken of by default."""

    world: World
    hands: Hands
    pack: bytes
    procedure: Procedure
    cast: Cast
    rules: dict[str, GovernanceRef] = field(default_factory=dict)
    bindings: dict[str, bytes] = field(default_factory=dict)
    newest: str = NOTHING_YET
    contents: dict[str, str] = field(default_factory=dict)
    changes: set[ChangeId] = field(default_factory=set)
    promotions: dict[tuple[str, EnvironmentName], PromotionId] = field(default_factory=dict)
    freezes: dict[EnvironmentName, str] = field(default_factory=dict)
    said: list[SaltedText] = field(default_factory=list)
    """The words that go along with what is handed in next."""
    salts: "count[int]" = field(default_factory=lambda: count(1))

    def open(self, rules: Mapping[str, RolesOf]) -> None:
        """Register everybody, put the service under its first rules, and adopt what runs."""
        none = Counted("as written", 0, self.world.moments.now())
        self.world.checks.otherwise = says(Verdict.PASS, "as written", none, change=Size.PATCH)
        everybody = tuple(self.cast.people)
        for person in everybody:
            key = MemoryPersonSigner(person).public_key
            self._must(everybody[0], AddPerson(person, key, WORDS, ()))
        self.declare("first", self.cast.roles)
        for name, roles in rules.items():
            self.declare(name, roles)
        first = self.rules["first"]
        self._must(everybody[0], AdoptGovernance(SERVICE, first), (self.pack, self.bindings["first"]))
        for environment in self.procedure.environments if self.cast.live else ():
            self._adopt(everybody[0], environment.name, self.cast.live)

    def declare(self, name: str, roles: RolesOf) -> None:
        """Write down bindings under which these people hold these roles."""
        self.bindings[name] = _bindings(self.procedure, roles, self.cast)
        self.rules[name] = governance_ref(self.pack, self.bindings[name], ())

    def submission(self, person: PersonId, command: Command, blobs: tuple[bytes, ...] = ()) -> Submission:
        """What the person signs, with the words they said."""
        texts, self.said = tuple(self.said), []
        return replace(self.world.signed(person, command, blobs=blobs), texts=texts)

    def words(self, words: str) -> TextRef:
        """Commit to these words, and send them along with the next command; to none where there are none."""
        if not words:
            return WORDS
        salt = next(self.salts).to_bytes(16, "big")
        said = SaltedText(commit_to(words, salt), salt, words)
        self.said.append(said)
        return said.ref

    def gatherer(self) -> Gatherer:
        """What anybody can see now."""
        desk, now = self.world.open_desk(), self.world.moments.now()
        return Gatherer(desk.view(), desk.library, Gathered(desk.store.head().latest, desk.calendar), now)

    def release(self, version: str = NOTHING_YET) -> ReleaseId:
        """The id of a version; of the newest when none is named."""
        named = self.named(version)
        return release_id(SERVICE, self.world.trunk.versions.get(named, named))

    def named(self, version: str) -> str:
        """This version; the newest when none is named. Before there is any, that speaks of nothing."""
        if not (version or self.newest):
            raise Unplayable("there is no release yet that this could be about: name one with of, or make one before")
        return version or self.newest

    def known_as(self, version: str) -> str:
        """What those outside know a version by: of a head that is delivered, the digest of what it holds."""
        named = self.named(version)
        return self.digest(named) if self.world.trunk.knows(named) else named

    def name_of(self, release: ReleaseId) -> str:
        """What a release is called here: its version, or of a head that was delivered the commit's short name."""
        version = release.removeprefix(f"{SERVICE}:")
        return next((name for name, known in self.world.trunk.versions.items() if known == version), version)

    def digest(self, version: str) -> Digest:
        """The digest of what a version holds."""
        return release_digest(self.artifacts(version))

    def artifacts(self, version: str) -> tuple[Artifact, ...]:
        """What a version holds."""
        content = self.contents.get(version, version)
        return (Artifact(ComponentName(APP), ArtifactKind.GIT, content, digest_of(content.encode())),)

    def bound(self, version: str, environment: EnvironmentName) -> Bound:
        """What a decision given now is about."""
        return bind(self.gatherer().matter(self.release(version), environment))

    def next_promotion(self, version: str, environment: EnvironmentName) -> PromotionId:
        """The id of a promotion asked for now; it is spoken of from now on."""
        promotion = next_promotion(self.world.store, self.release(version), environment)
        self.promotions[version or self.newest, environment] = promotion
        return promotion

    def promotion(self, version: str, environment: EnvironmentName) -> PromotionId:
        """The last promotion of a version that was asked for there."""
        asked = self.promotions.get((version or self.newest, environment))
        known = asked or self._asked_by_itself(version, environment)
        if known is None:
            raise Unplayable(f"{version or self.newest} was never asked to go to {environment}")
        return known

    def _asked_by_itself(self, version: str, environment: EnvironmentName) -> PromotionId | None:
        """The last promotion that nobody here asked for."""
        stem = f"promotion/{self.release(version)}/{environment}/"
        found = self.world.store.streams(stem)
        return PromotionId(found[-1].removeprefix("promotion/")) if found else None

    def next_rollback(self, environment: EnvironmentName) -> RollbackId:
        """The id of a rollback a person orders now."""
        return next_rollback(self.world.store, SERVICE, environment)

    def change(self, version: str) -> ChangeId:
        """The change request that a version carries."""
        return ChangeId(f"CR-{self.named(version)}")

    def waiver(self, requirement: str, version: str) -> WaiverId:
        """The waiver of a requirement for a version."""
        return WaiverId(f"{self.named(version)}.{requirement}")

    def commit(self, version: str) -> str:
        """The commit of a version, in the form of git's names of SHA-256."""
        return digest_of(version.encode()).removeprefix("sha256:")

    def governance(self, name: str) -> GovernanceRef:
        """Rules by their short name."""
        if name not in self.rules:
            raise Unplayable(f"there are no rules called '{name}'")
        return self.rules[name]

    def _adopt(self, person: PersonId, environment: EnvironmentName, version: str) -> None:
        digest = self.digest(version)
        self.world.deploys.adopt(SERVICE, environment, digest, version)
        command = AdoptRunning(
            SERVICE,
            environment,
            self.release(version),
            version,
            self.artifacts(version),
            self.commit(version),
            "as written",
        )
        self._must(person, command)

    def _must(self, person: PersonId, command: Command, blobs: tuple[bytes, ...] = ()) -> None:
        outcome = self.hands.hand_in(self.submission(person, command, blobs))
        if isinstance(outcome, Declined):
            raise Unplayable(f"the stage cannot be set: {outcome.reasons[0].sentence}")


def _bindings(procedure: Procedure, roles: RolesOf, cast: Cast) -> bytes:
    """Bindings that bind everything the procedure names. JSON is YAML."""
    named: list[CheckId] = []
    for stage in procedure.stages:
        asked = (one.check for one in stage.requires if isinstance(one, CheckRequirement | CountRequirement))
        named.extend((*asked, *stage.verification.checks, *stage.bake.checks))
    named.extend(duty.asked.step for duty in procedure.handling.duties if isinstance(duty.asked, StepAsked))
    checks = {check: {"command": ["check"]} for check in named}
    places = {one.name: {**_place(procedure, one.name), **_posts(cast, one.name)} for one in procedure.environments}
    text = {"service": SERVICE, "pack": procedure.pack, "environments": places, "roles": roles, "checks": checks}
    areas = {name: {"paths": [f"{name}/**"], "owners": owners} for name, owners in cast.owners.items()}
    audiences = {name: [f"memory://{name}"] for name in procedure.audiences}
    records = {"branch": cast.records, "pull_request": cast.pull_request} if cast.records else {}
    some = {"solo": cast.solo, "areas": areas, "audiences": audiences, "records": records}
    return json.dumps({**text, **{name: what for name, what in some.items() if what}}, indent=1).encode()


def _posts(cast: Cast, environment: EnvironmentName) -> Mapping[str, RolesOf]:
    """Who holds a role there alone."""
    return {"roles": cast.posts[environment]} if environment in cast.posts else {}


def _place(procedure: Procedure, environment: EnvironmentName) -> Mapping[str, object]:
    """How it is deployed to, and a router where a release is to be rolled out step by step."""
    deploy: Mapping[str, object] = {"command": ["deploy"]}
    if not any(stage.rollout.steps for stage in procedure.stages if stage.environment == environment):
        return {"deploy": deploy}
    route = {"envoy": ["edge"], "listen": 10, "admin": 11, "control": 12}
    if brings_up_baseline(procedure, environment):
        return {"deploy": {"process": ["serve"], "port": PORTS[Lane.A]}, "route": route}
    return {"deploy": deploy, "route": {**route, "lanes": {lane.value: [f"127.0.0.1:{PORTS[lane]}"] for lane in LANES}}}
