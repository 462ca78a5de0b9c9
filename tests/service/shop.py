# SPDX-License-Identifier: Apache-2.0
"""A service under the starter pack, for tests of the write path: four people, v1 live, v2 on its way."""

from collections.abc import Callable
from importlib.resources import files
from typing import Final

from interlock.domain.ids import EnvironmentName, PersonId, RoleName
from interlock.ledger.command import CommandRecord
from interlock.ledger.record import Batch, Record
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.ports.store import Appended, Conflict, LedgerStore
from interlock.service.handle import Declined, Done, Outcome
from interlock.testing.acts import AnAct, Release
from interlock.testing.stage import Cast, RolesOf, Stage
from interlock.testing.world import World

PACK: Final = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_bytes()
ANN, BEN, CAT, DAN = (PersonId(name) for name in ("ann", "ben", "cat", "dan"))
STAGING, PRODUCTION = EnvironmentName("staging"), EnvironmentName("production")
DEVELOPER, REVIEWER, MANAGER = (RoleName(name) for name in ("developer", "reviewer", "release-manager"))
CAST: Final = Cast({ANN: (DEVELOPER,), BEN: (REVIEWER,), CAT: (MANAGER,), DAN: (DEVELOPER,)})
NO_OTHER_RULES: Final[dict[str, RolesOf]] = {}


def a_stage(rules: dict[str, RolesOf] = NO_OTHER_RULES) -> Stage:
    """The service adopted, nothing released yet."""
    pack = load_pack("pack.yaml", PACK)
    assert not isinstance(pack, Problems)
    world = World()
    stage = Stage(world, world, PACK, pack.procedure, CAST)
    stage.open(rules)
    return stage


def a_released_stage() -> Stage:
    """Version 2 made by ann, its tests passed."""
    stage = a_stage()
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    return stage


def act(stage: Stage, one: AnAct) -> Outcome:
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


class Interrupted:
    """A store in front of whose next append something else happens once, as when another process is faster."""

    def __init__(self, store: LedgerStore, meanwhile: Callable[[], object], times: int = 1) -> None:
        self._store = store
        self._meanwhile = meanwhile
        self._left = times
        self.appends = 0
        self.origin = store.origin
        self.head = store.head
        self.stream = store.stream
        self.records = store.records
        self.streams = store.streams
        self.blob = store.blob
        self.text = store.text
        self.checkpoint = store.checkpoint
        self.close = store.close

    def append(self, batch: Batch) -> Appended | Conflict:
        self.appends += 1
        if self._left:
            self._left -= 1
            self._meanwhile()
        return self._store.append(batch)
