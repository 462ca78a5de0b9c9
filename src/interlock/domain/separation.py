# SPDX-License-Identifier: Apache-2.0
"""Separation of duties: who fills which slot, as a maximum matching (I2).

1. Slots with the same `apart` label are filled by different people.
2. The number of filled slots is the greatest possible, whatever the order in which people decided: nobody who could
   also stand elsewhere blocks a slot that only they do not need to fill.
3. A person in declared solo mode may stand in any number of slots; that is what solo mode declares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.ids import PersonId, RequirementId


@dataclass(frozen=True, slots=True)
class Slot:
    """One place to be filled: the `ordinal`-th of a requirement, and who may stand in it."""

    requirement: RequirementId
    ordinal: int
    apart: str
    candidates: tuple[PersonId, ...]


def assign(slots: Sequence[Slot], solo: tuple[PersonId, ...] = ()) -> Mapping[Slot, PersonId]:
    """A maximum assignment of people to slots. Slots that cannot be filled are absent from it."""
    filled: dict[Slot, PersonId] = {}
    by_label: dict[str, list[Slot]] = {}
    for slot in slots:
        alone = next((person for person in slot.candidates if person in solo), None)
        if alone is not None:
            filled[slot] = alone
        else:
            by_label.setdefault(slot.apart or f"requirement {slot.requirement}", []).append(slot)
    for together in by_label.values():
        filled.update({slot: person for person, slot in _match(together).items()})
    return filled


def _match(slots: Sequence[Slot]) -> Mapping[PersonId, Slot]:
    """Maximum bipartite matching by augmenting paths (Kuhn 1955)."""
    taken: dict[PersonId, Slot] = {}
    for slot in slots:
        _augment(slot, taken, set())
    return taken


def _augment(slot: Slot, taken: dict[PersonId, Slot], tried: set[PersonId]) -> bool:
    for person in slot.candidates:
        if person in tried:
            continue
        tried.add(person)
        if person not in taken or _augment(taken[person], taken, tried):
            taken[person] = slot
            return True
    return False
