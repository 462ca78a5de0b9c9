# SPDX-License-Identifier: Apache-2.0
"""What a rule answers to a command: accepted with events, or refused with coded reasons. Nothing is raised."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from interlock.domain.ids import StreamId
from interlock.domain.verdict import Finding

E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a command was declined: a stable code, one plain sentence, and what to do next."""

    code: str
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Emitted(Generic[E_co]):
    """An event and the stream it belongs to."""

    stream: StreamId
    event: E_co


@dataclass(frozen=True, slots=True)
class Accepted(Generic[E_co]):
    """The command is so; these events, in this order, make it so."""

    events: tuple[Emitted[E_co], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The command is declined and nothing changes; every reason is given, not only the first."""

    reasons: tuple[Reason, ...]


Decision = Accepted[E_co] | Refused


def refuse(code: str, sentence: str, next_step: str) -> Refused:
    """A refusal with a single reason."""
    return Refused((Reason(code, sentence, next_step),))


def refuse_by(finding: Finding) -> Refused:
    """A refusal whose reasons are the leaves that keep `finding` from opening."""
    return Refused(
        tuple(Reason(leaf.code, f"{leaf.subject}: {leaf.sentence}", leaf.next_step) for leaf in finding.blockers())
    )
