# SPDX-License-Identifier: Apache-2.0
"""Checks whose answers are written down beforehand: for simulations, dry runs and crash tests.

The world is explicit and apart from the adapter, so a controller that was killed and built anew meets the same world.
What nobody wrote down is INCONCLUSIVE: an empty script opens no gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from interlock.domain.ids import CheckId, EffectKey, EnvironmentName
from interlock.domain.verdict import Verdict
from interlock.ports.check import CheckProgress, CheckRequest, Counted, Lost, Pending, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected, Unavailable

GOING_ON: Final = Pending("going on")
UNCOUNTED: Final = Uncounted()
UNCOMPARED: Final = ""
"""How much of a change a check finds that compares nothing."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Gives `reading` at the observation after `steps` that said it is pending."""

    reading: Reading
    steps: int = 1


@dataclass(frozen=True, slots=True)
class NeverAnswers:
    """Pending until it is cancelled."""


CheckScript = Answers | NeverAnswers


def says(
    verdict: Verdict, summary: str, counted: Uncounted | Counted = UNCOUNTED, steps: int = 1, change: str = UNCOMPARED
) -> Answers:
    """An answer with its summary as report; `change` is how much of a change it finds, where it compares."""
    measured = {"change": change} if change else {}
    return Answers(Reading(verdict, summary, summary.encode(), "text/plain", counted, measured), steps)


@dataclass(frozen=True, slots=True)
class Scripted:
    """The answer of one check about a release, named by its version or digest, in one environment."""

    check: CheckId
    release: str
    environment: EnvironmentName
    script: CheckScript


@dataclass(frozen=True, slots=True)
class Begun:
    request: CheckRequest
    script: CheckScript
    looks: int = 0
    ended: CheckProgress = GOING_ON


@dataclass(slots=True)
class CheckWorld:
    """What is true outside. Answers may be rewritten while it runs: a check that was begun keeps its own.

    The next `outages` calls find nobody at home; `acted` lists every effect that really happened, in order.
    """

    scripts: Sequence[Scripted] = ()
    otherwise: CheckScript = field(default_factory=lambda: says(Verdict.INCONCLUSIVE, "nobody wrote an answer down"))
    outages: int = 0
    begun: dict[EffectKey, Begun] = field(default_factory=dict)
    acted: list[tuple[str, EffectKey]] = field(default_factory=list)

    def script_for(self, request: CheckRequest) -> CheckScript:
        """The first script that fits the request."""
        for entry in self.scripts:
            if (
                entry.check == request.check
                and entry.environment == request.environment
                and entry.release in {request.version, request.digest}
            ):
                return entry.script
        return self.otherwise

    def answer(self) -> None:
        """Be reachable, or use up one outage."""
        if self.outages:
            self.outages -= 1
            raise Unavailable("check.unreachable", "the simulated world does not answer", "try again")


@dataclass(frozen=True, slots=True)
class MemoryCheck:
    """Asks a `CheckWorld`."""

    world: CheckWorld

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        self.world.answer()
        if key in self.world.begun:
            if self.world.begun[key].request != request:
                raise Rejected("check.key_reused", f"'{key}' was another check", "ask under a key of its own")
            return
        self.world.begun[key] = Begun(request, self.world.script_for(request))
        self.world.acted.append(("start", key))

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        self.world.answer()
        begun = self.world.begun.get(key)
        if begun is None or begun.request != request:
            return Lost(f"no such check was started under '{key}'")
        if isinstance(begun.ended, Pending):
            begun = replace(begun, looks=begun.looks + 1, ended=_standing(begun.script, begun.looks))
            self.world.begun[key] = begun
        return begun.ended

    def cancel(self, key: EffectKey) -> None:
        self.world.answer()
        begun = self.world.begun.get(key)
        if begun is not None and isinstance(begun.ended, Pending):
            self.world.begun[key] = replace(begun, ended=says(Verdict.ERROR, "cancelled").reading)
            self.world.acted.append(("cancel", key))


def _standing(script: CheckScript, looks: int) -> CheckProgress:
    match script:
        case Answers(reading, steps) if looks >= steps:
            return reading
        case Answers(_, steps):
            return Pending(f"step {looks + 1} of {steps}")
        case NeverAnswers():
            return Pending("going on without end")
