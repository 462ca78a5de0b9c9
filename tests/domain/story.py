# SPDX-License-Identifier: Apache-2.0
"""given(state, evolve, events).when(decision).then(events) or .refused(codes): how a rule is told in one line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from interlock.domain.decision import Accepted, Decision, Refused
from interlock.domain.verdict import Finding

S = TypeVar("S")
E = TypeVar("E")
F = TypeVar("F")


@dataclass(frozen=True)
class Told(Generic[E]):
    """What the rule answered."""

    decision: Decision[E]

    def then(self, *events: E) -> None:
        """The command was accepted with exactly these events."""
        assert isinstance(self.decision, Accepted), codes(self.decision)
        assert tuple(emitted.event for emitted in self.decision.events) == events

    def refused(self, *expected: str) -> None:
        """The command was refused for exactly these reasons, in any order, each with a sentence and a next step."""
        assert isinstance(self.decision, Refused), self.decision
        assert sorted(codes(self.decision)) == sorted(expected)
        assert all(reason.sentence and reason.next_step for reason in self.decision.reasons)


@dataclass(frozen=True)
class Given(Generic[S]):
    """The state in which the command arrives."""

    state: S

    def when(self, decide: Callable[[S], Decision[F]]) -> Told[F]:
        """Ask the rule."""
        return Told(decide(self.state))


def given(start: S, evolve: Callable[..., S], *events: object) -> Given[S]:
    """The state after these events."""
    state = start
    for event in events:
        state = evolve(state, event)
    return Given(state)


def codes(decision: Decision[E]) -> tuple[str, ...]:
    """The codes of a refusal; nothing of an acceptance."""
    return tuple(reason.code for reason in decision.reasons) if isinstance(decision, Refused) else ()


def leaves(finding: Finding) -> dict[str, str]:
    """Every leaf of a finding, subject to code: what a gate said about what."""
    if not finding.children:
        return {finding.subject: finding.code}
    return {subject: code for child in finding.children for subject, code in leaves(child).items()}


def leaf_codes(finding: Finding) -> list[str]:
    """The codes of every leaf, sorted."""
    if not finding.children:
        return [finding.code]
    return sorted(code for child in finding.children for code in leaf_codes(child))
