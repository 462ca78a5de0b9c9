# SPDX-License-Identifier: Apache-2.0
"""Which checks an open release still needs to be run, so that its gates can speak.

1. A check is run by itself when its evidence is missing, and again when somebody asks for it.
2. One that was inconclusive or broken is tried again a few times, then people are told (`silence`); a FAIL is an
   answer and is left alone.
   Of the newest head that was delivered by itself nobody asks again: it is tried on, ever more slowly and not for ever,
   so that it gets where it belongs once the check's system is back.
3. Evidence about an environment is gathered only while the content of the release is what is live there, by whatever
   name.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.action import Action, Deadline, RunCheck, WakeAt
from interlock.domain.evidence import TRIES, EvidenceBook, SeriesKey
from interlock.domain.ids import EVERYWHERE, CheckId, EffectKey, EnvironmentName
from interlock.domain.release import Release
from interlock.domain.requirement import CheckRequirement, CountRequirement, Requirement

PAUSE: Final = timedelta(seconds=10)
"""The pause between such tries."""
SLOWLY: Final = timedelta(minutes=5)
"""The first pause after them, doubled after each further one until it is the longest."""
SLOWEST: Final = timedelta(hours=4)
MOST: Final = 24
"""How often it is tried altogether: for something more than two and a half days, an outage over a weekend."""


class Patience(StrEnum):
    """How long a check without an answer is tried again by itself."""

    SHORT = "short"
    """Somebody made the release: they are told, and ask again."""
    LONG = "long"
    """Nobody did."""


def next_actions(
    release: Release,
    requirements: tuple[Requirement, ...],
    evidence: EvidenceBook,
    live_in: tuple[EnvironmentName, ...],
    patience: Patience,
    now: datetime,
) -> tuple[Action, ...]:
    """The checks to run now for the gates that `requirements` belong to. `live_in`: where its content is live."""
    actions: list[Action] = []
    for check, environment in dict.fromkeys(_wanted(requirements)):
        if environment != EVERYWHERE and environment not in live_in:
            continue
        actions.extend(_one(release, evidence, (check, environment), patience, now))
    return tuple(actions)


def _wanted(requirements: tuple[Requirement, ...]) -> Iterator[SeriesKey]:
    for requirement in requirements:
        if isinstance(requirement, CheckRequirement | CountRequirement):
            yield requirement.check, requirement.environment


def _one(
    release: Release, evidence: EvidenceBook, key: SeriesKey, patience: Patience, now: datetime
) -> Iterator[Action]:
    check, environment = key
    series = evidence.series.get(key)
    if series is None:
        yield _run(release, check, environment, 1)
        return
    again = _run(release, check, environment, series.count + 1)
    if key in evidence.requested:
        yield again
        return
    tries = series.unanswered
    if 0 < tries < TRIES:
        not_before = series.latest.taken_at + PAUSE
        yield again if now >= not_before else WakeAt(not_before)
    elif TRIES <= tries < MOST and patience is Patience.LONG:
        not_before = series.latest.taken_at + min(SLOWLY * 2 ** (tries - TRIES), SLOWEST)
        yield again if now >= not_before else Deadline(not_before)


def _run(release: Release, check: CheckId, environment: EnvironmentName, number: int) -> RunCheck:
    scope = "anywhere" if environment == EVERYWHERE else environment
    return RunCheck(release.id, check, environment, EffectKey(f"{release.id}/gather/{scope}/{check}/{number}"))
