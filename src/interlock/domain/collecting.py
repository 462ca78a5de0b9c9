# SPDX-License-Identifier: Apache-2.0
"""Which checks an open release still needs to be run, so that its gates can speak.

1. A check is run by itself when its evidence is missing, and again when somebody asks for it.
2. One that was inconclusive or broken is tried again a few times, then people are told (`silence`); a FAIL is an
   answer and is left alone.
3. Evidence about an environment is gathered only while the content of the release is what is live there, by whatever
   name.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.action import Action, RunCheck, WakeAt
from interlock.domain.evidence import TRIES, EvidenceBook, SeriesKey
from interlock.domain.ids import EVERYWHERE, CheckId, EffectKey, EnvironmentName
from interlock.domain.release import Release
from interlock.domain.requirement import CheckRequirement, CountRequirement, Requirement

PAUSE: Final = timedelta(seconds=10)
"""The pause between such tries."""


def next_actions(
    release: Release,
    requirements: tuple[Requirement, ...],
    evidence: EvidenceBook,
    live_in: tuple[EnvironmentName, ...],
    now: datetime,
) -> tuple[Action, ...]:
    """The checks to run now for the gates that `requirements` belong to. `live_in`: where its content is live."""
    actions: list[Action] = []
    for check, environment in dict.fromkeys(_wanted(requirements)):
        if environment != EVERYWHERE and environment not in live_in:
            continue
        actions.extend(_one(release, evidence, (check, environment), now))
    return tuple(actions)


def _wanted(requirements: tuple[Requirement, ...]) -> Iterator[SeriesKey]:
    for requirement in requirements:
        if isinstance(requirement, CheckRequirement | CountRequirement):
            yield requirement.check, requirement.environment


def _one(release: Release, evidence: EvidenceBook, key: SeriesKey, now: datetime) -> Iterator[Action]:
    check, environment = key
    series = evidence.series.get(key)
    if series is None:
        yield _run(release, check, environment, 1)
        return
    again = _run(release, check, environment, series.count + 1)
    if key in evidence.requested:
        yield again
        return
    if 0 < series.unanswered < TRIES:
        not_before = series.latest.taken_at + PAUSE
        yield again if now >= not_before else WakeAt(not_before)


def _run(release: Release, check: CheckId, environment: EnvironmentName, number: int) -> RunCheck:
    scope = "anywhere" if environment == EVERYWHERE else environment
    return RunCheck(release.id, check, environment, EffectKey(f"{release.id}/gather/{scope}/{check}/{number}"))
