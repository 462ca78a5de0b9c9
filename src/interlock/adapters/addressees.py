# SPDX-License-Identifier: Apache-2.0
"""The addresses of one audience, of whatever kinds, told as one: each answers for itself, none waits for another."""

from dataclasses import dataclass
from typing import Final

from interlock.domain.ids import EffectKey
from interlock.ports.failure import Deduplication, PortFailure, Rejected
from interlock.ports.notify import Message, Notifier, undelivered

_ORDER: Final = (Deduplication.NONE, Deduplication.OBSERVED, Deduplication.KEY)


@dataclass(frozen=True, slots=True)
class Addressee:
    """One address, by the name it may be called by in public."""

    name: str
    notifier: Notifier


@dataclass(frozen=True, slots=True)
class Addressees:
    """Delivers to every one of them."""

    parts: tuple[Addressee, ...]

    @property
    def deduplication(self) -> Deduplication:
        """As good as that of the worst of them."""
        return min((part.notifier.deduplication for part in self.parts), key=_ORDER.index)

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None:
        """To each that is meant, whatever becomes of the others."""
        meant = tuple(part for part in self.parts if part.name in lost) or self.parts
        failures = {part.name: fault for part in meant if (fault := _fault(part, message, key)) is not None}
        if failures:
            steps = dict.fromkeys(fault.next_step for fault in failures.values())
            raise undelivered(tuple(failures), len(meant), "; ".join(steps))


def _fault(part: Addressee, message: Message, key: EffectKey) -> PortFailure | None:
    try:
        part.notifier.deliver(message, key)
    except PortFailure as fault:
        return fault
    return None


@dataclass(frozen=True, slots=True)
class Unaddressed:
    """In place of what tells an address that cannot be told: it fails alone, whenever it is asked."""

    fault: Rejected

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.NONE

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None:
        """Never."""
        raise self.fault
