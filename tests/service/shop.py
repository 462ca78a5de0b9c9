# SPDX-License-Identifier: Apache-2.0
"""A service under the starter pack, for tests of the write path: four people, v1 live, v2 on its way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Final

from interlock.domain.ids import EnvironmentName, PersonId, RequirementId, RoleName
from interlock.ledger.command import CommandRecord
from interlock.ledger.record import Record
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.service.handle import Declined, Done, Outcome
from interlock.testing.acts import Act, ApproveFor, Release, Sign
from interlock.testing.moves import Promote
from interlock.testing.stage import Cast, RolesOf, Stage
from interlock.testing.world import World

PACK: Final = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_bytes()
ANN, BEN, CAT, DAN = (PersonId(name) for name in ("ann", "ben", "cat", "dan"))
STAGING, PRODUCTION = EnvironmentName("staging"), EnvironmentName("production")
DEVELOPER, REVIEWER, MANAGER = (RoleName(name) for name in ("developer", "reviewer", "release-manager"))
CAST: Final = Cast({ANN: (DEVELOPER,), BEN: (REVIEWER,), CAT: (MANAGER,), DAN: (DEVELOPER,)})
NO_OTHER_RULES: Final[dict[str, RolesOf]] = {}


def a_stage(rules: dict[str, RolesOf] = NO_OTHER_RULES, cast: Cast = CAST, content: bytes = PACK) -> Stage:
    """The service adopted, nothing released yet."""
    pack = load_pack("pack.yaml", content)
    assert not isinstance(pack, Problems)
    world = World()
    stage = Stage(world, world, content, pack.procedure, cast)
    stage.open(rules)
    return stage


def a_released_stage() -> Stage:
    """Version 2 made by ann, its tests passed."""
    stage = a_stage()
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    return stage


def a_rolling_stage(steps: str, cast: Cast = CAST, seconds: int = 5, more: str = "") -> Stage:
    """Version 2 in production beside version 1 since so many seconds, rolled out by these steps of a pack."""
    rolled = f"    rollout: {{steps: [{steps}], every: 1s, blind_for: 10s{more}}}\n".encode()
    stage = a_stage(NO_OTHER_RULES, cast, PACK.replace(b"    bake:", rolled + b"    bake:"))
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    done(act(stage, Sign(sign=RequirementId("rollback-plan"), before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    stage.world.work(timedelta(seconds=seconds))
    return stage


def act(stage: Stage, one: Act) -> Outcome:
    """Perform one act of a person; the answer to its last command, or to the one that was refused."""
    outcome: Outcome | None = None
    for command in one.commands(stage):
        outcome = stage.hands.hand_in(stage.submission(one.by, command, one.blobs(stage)))
        if isinstance(outcome, Declined):
            return outcome
    assert outcome is not None
    return outcome


def done(outcome: Outcome) -> Done:
    """The outcome, which must be an acceptance."""
    assert isinstance(outcome, Done), outcome
    return outcome


def codes(outcome: Outcome) -> set[str]:
    """Why it was refused; nothing when it was not."""
    return {reason.code for reason in outcome.reasons} if isinstance(outcome, Declined) else set()


def command_of(record: Record) -> CommandRecord:
    """The command a record holds."""
    return CommandRecord.from_record(record)


def last_command(world: World) -> CommandRecord:
    """The command recorded last."""
    records = [record for record in world.store.records() if record.event.startswith("Command")]
    return command_of(records[-1])


@dataclass(slots=True)
class Meanwhile:
    """What else happens before each of the first appends of a desk, as when another process is faster."""

    happens: Callable[[], object]
    times: int = 1
    appends: int = 0

    def pass_point(self, name: str) -> None:
        """Count the append that is about to be, and let happen what happens."""
        if name == "before append":
            self.appends += 1
            if self.appends <= self.times:
                self.happens()
