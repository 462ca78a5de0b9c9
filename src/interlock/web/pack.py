# SPDX-License-Identifier: Apache-2.0
"""The procedure as a map: its paths, stage by stage, with what each asks, who holds which role, and where the written
procedure says so; and of every numbered statement, what carries it.

What is shown is what the ledger holds under the digest in force, never a file on disk.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from interlock.domain.governance import Proposal, ReviewOpened
from interlock.domain.ids import Digest, RoleName, ServiceName
from interlock.domain.moment import span_in_words
from interlock.domain.procedure import Governance, Path, Stage
from interlock.domain.requirement import UNCONDITIONAL
from interlock.service.carrying import Carriage, Unread, carriages, in_force
from interlock.service.gather import Ungoverned
from interlock.service.rollouts import step_in_words
from interlock.service.wording import asked_in_words, holders_in_words
from interlock.web.look import Look
from interlock.web.page import Page, Place


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a stage asks."""

    id: str
    words: str
    condition: str
    cites: tuple[str, ...]
    waivable: bool


@dataclass(frozen=True, slots=True)
class StageShown:
    """One stage of a path."""

    stage: Stage
    asked: tuple[Asked, ...]
    then: tuple[str, ...]
    """What happens in it beside, in words."""


@dataclass(frozen=True, slots=True)
class PathShown:
    """One path."""

    path: Path
    kinds: str
    review: str
    stages: tuple[StageShown, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """New rules that wait."""

    digest: Digest
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class PackShown:
    """The page of a service's procedure."""

    service: ServiceName
    governance: Governance
    about: str
    paths: tuple[PathShown, ...]
    roles: tuple[tuple[RoleName, tuple[str, ...]], ...]
    statements: tuple[Carriage, ...]
    unread: str
    """Why it is not known what carries the statements; empty: it is."""
    proposed: tuple[Proposed, ...]
    reviews: tuple[ReviewOpened, ...]

    @property
    def covered(self) -> int:
        """How many statements are carried."""
        return sum(1 for one in self.statements if one.is_covered)


def page(look: Look, named: str) -> Page:
    """The page of a service's procedure. Raises `Ungoverned` (code `service.unknown`)."""
    service = ServiceName(named)
    governance = look.gatherer.in_force(service) if service in look.services else None
    if governance is None:
        raise Ungoverned("service.unknown", f"there is no service '{named}'", "see `interlock status`")
    state = look.view.service(service)
    found = in_force(look.store, state.in_force, governance.procedure)
    one = PackShown(
        service,
        governance,
        "",
        tuple(_path(governance, path) for path in governance.procedure.paths),
        tuple((role, holders_in_words(governance, role)) for role in governance.procedure.roles),
        () if isinstance(found, Unread) else carriages(found),
        found.sentence if isinstance(found, Unread) else "",
        tuple(Proposed(digest, it) for digest, it in state.proposals.items()),
        tuple(state.reviews.values()),
    )
    return Page("pack.html", f"{service}: {governance.procedure.pack}", Place.FLEET, {"one": one, "now": look.now})


def _path(governance: Governance, path: Path) -> PathShown:
    stages = tuple(_stage(governance.procedure.stage(name)) for name in path.stages)
    review = span_in_words(path.review_within) if path.review_within else ""
    return PathShown(path, " and ".join(path.kinds), review, stages)


def _stage(stage: Stage) -> StageShown:
    asked = tuple(
        Asked(
            one.id,
            asked_in_words(one),
            "" if one.condition == UNCONDITIONAL else one.condition,
            one.cites,
            getattr(one, "waivable", "no") == "yes",
        )
        for one in stage.requires
    )
    return StageShown(stage, asked, tuple(_then(stage)))


def _then(stage: Stage) -> Iterator[str]:
    for window in stage.windows:
        yield f"opens {window.begins} to {window.ends} {window.zone}, {window.recurrence.removeprefix('RRULE:')}"
    if stage.verification.checks:
        yield f"verified by {', '.join(stage.verification.checks)}"
    if stage.rollout.steps:
        yield f"traffic by steps: {', '.join(step_in_words(step) for step in stage.rollout.steps)}"
    if stage.bake.duration:
        checks = f" by {', '.join(stage.bake.checks)}" if stage.bake.checks else ""
        yield f"watched for {span_in_words(stage.bake.duration)}{checks}"
