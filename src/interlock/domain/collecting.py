# SPDX-License-Identifier: Apache-2.0
"""Which checks an open release still needs to be run, so that its gates can speak.

1. A check is run by itself when its evidence is missing, and again when somebody asks for it.
2. One that was inconclusive or broken is tried again a few times, then people are told (`silence`); a FAIL is an
   answer and is left alone.
   Of the newest head that was delivered by itself nobody asks again: it is tried on, ever more slowly and not for ever,
   so that it gets where it belongs once the check's system is back.
3. What is about something else that is live (`live_in`) is run again once that was replaced, under another key: what
   began before does not count.
4. Evidence about an environment is gathered only while the content of the release is what is live there, by whatever
   name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.action import Action, Deadline, RunCheck, WakeAt
from interlock.domain.evidence import TRIES, EvidenceBook, Series, SeriesKey
from interlock.domain.ids import EVERYWHERE, CheckId, EffectKey, EnvironmentName
from interlock.domain.in_place import InPlace, was_replaced
from interlock.domain.release import Release
from interlock.domain.requirement import (
    NOT_ABOUT_LIVE,
    CheckRequirement,
    CountRequirement,
    Requirement,
    SignoffRequirement,
)

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


@dataclass(frozen=True, slots=True)
class Around:
    """What bears on which checks are run: where the release's content is live, what else is, and how patient to be."""

    live_in: tuple[EnvironmentName, ...] = ()
    live: tuple[InPlace, ...] = ()
    """What is live where a requirement is about that."""
    patience: Patience = Patience.SHORT


NOWHERE_LIVE: Final = Around()
"""Nothing of it is live anywhere."""


def next_actions(
    release: Release, requirements: tuple[Requirement, ...], evidence: EvidenceBook, around: Around, now: datetime
) -> tuple[Action, ...]:
    """The checks to run now for the gates that `requirements` belong to."""
    actions: list[Action] = []
    for (check, environment), about in _wanted(requirements).items():
        if environment != EVERYWHERE and environment not in around.live_in:
            continue
        live = tuple(one for one in around.live if one.environment in about)
        run = _Run(release, check, environment, live)
        actions.extend(_one(run, evidence.series.get(run.series), evidence, around.patience, now))
    return tuple(actions)


def about_live(requirements: Iterable[Requirement]) -> tuple[EnvironmentName, ...]:
    """The environments whose live content some of these are about as well."""
    asked = CheckRequirement | CountRequirement | SignoffRequirement
    named = {one.live_in for one in requirements if isinstance(one, asked)}
    return tuple(sorted(named - {NOT_ABOUT_LIVE}))


@dataclass(frozen=True, slots=True)
class _Run:
    """A check that is wanted, and what is live now where it is about that."""

    release: Release
    check: CheckId
    environment: EnvironmentName
    live: tuple[InPlace, ...]

    @property
    def series(self) -> SeriesKey:
        """The evidence it adds to."""
        return self.check, self.environment

    def numbered(self, number: int) -> RunCheck:
        """Its run that gives this number of the evidence."""
        scope = "anywhere" if self.environment == EVERYWHERE else self.environment
        since = "".join(f"/{one.environment}-{one.changes}" for one in self.live)
        key = EffectKey(f"{self.release.id}/gather/{scope}/{self.check}/{number}{since}")
        return RunCheck(self.release.id, self.check, self.environment, key, self.live)

    def is_over(self, known: tuple[InPlace, ...]) -> bool:
        """Whether something of what it is about was replaced since that was known."""
        return any(was_replaced(one.environment, known, self.live, self.release.digest) for one in self.live)


def _wanted(requirements: tuple[Requirement, ...]) -> Mapping[SeriesKey, frozenset[EnvironmentName]]:
    """Every check that is asked for, and the environments whose live content it is about."""
    wanted: dict[SeriesKey, frozenset[EnvironmentName]] = {}
    for one in requirements:
        if isinstance(one, CheckRequirement | CountRequirement):
            key = (one.check, one.environment)
            wanted[key] = wanted.get(key, frozenset()) | {one.live_in}
    return wanted


def _one(
    run: _Run, series: Series | None, evidence: EvidenceBook, patience: Patience, now: datetime
) -> Iterator[Action]:
    if series is None:
        yield run.numbered(1)
        return
    again, tries = run.numbered(series.count + 1), series.unanswered
    if run.series in evidence.requested or run.is_over(series.latest.live):
        yield again
    elif 0 < tries < TRIES:
        not_before = series.latest.taken_at + PAUSE
        yield again if now >= not_before else WakeAt(not_before)
    elif TRIES <= tries < MOST and patience is Patience.LONG:
        not_before = series.latest.taken_at + min(SLOWLY * 2 ** (tries - TRIES), SLOWEST)
        yield again if now >= not_before else Deadline(not_before)
