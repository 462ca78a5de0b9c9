# SPDX-License-Identifier: Apache-2.0
"""What a pack tells to whom and when, as a whole: its messages against its stages, its paths and its rollbacks."""

from collections.abc import Iterator

from interlock.domain.procedure import NOWHERE
from interlock.packs.incidents import incident_uses
from interlock.packs.messages import (
    Use,
    always_before,
    asked_problems,
    chase_uses,
    message_problems,
    rollback_uses,
    stage_uses,
)
from interlock.packs.model import Order, PackFile, StageShape
from interlock.packs.problem import Problem
from interlock.packs.requirements import loaded
from interlock.packs.shape import problem_at
from interlock.packs.yaml_tree import Document, Step


def telling_problems(document: Document, shape: PackFile) -> Iterator[Problem]:
    """Everything that is wrong with what is told."""
    uses: list[Use] = [*rollback_uses(("rollback", "notify"), shape.rollback.notify)]
    asks = {one.name: loaded(one.requires, sequential=one.order is Order.SEQUENTIAL) for one in shape.stages}
    ways = tuple(path.stages for path in shape.paths.values())
    for number, stage in enumerate(shape.stages):
        at: tuple[Step, ...] = ("stages", number, "notify")
        uses.extend(stage_uses(at, stage.notify, asks[stage.name], always_before(stage.name, ways, asks)))
        yield from asked_problems(document, at, stage.notify, asks[stage.name])
        yield from _of_no_promotion(document, stage, at)
    for name, path in shape.paths.items():
        uses.extend(chase_uses(("paths", name, "review_chased"), path.review_chased))
    uses.extend(incident_uses(shape))
    yield from message_problems(document, shape.audiences, shape.messages, uses)


def _of_no_promotion(document: Document, stage: StageShape, at: tuple[Step, ...]) -> Iterator[Problem]:
    notify = stage.notify
    for word, names in (("before", notify.before), ("after", notify.after), ("called_off", notify.called_off)):
        if names and stage.environment == NOWHERE:
            sentence = f"stage '{stage.name}' promotes into no environment, so there is no promotion to tell of"
            yield problem_at(document, (*at, word), "pack.no_environment", sentence, "name its environment")
