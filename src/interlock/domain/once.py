# SPDX-License-Identifier: Apache-2.0
"""Things in order, each once: what is said again moves to the end.

A state that is folded from thousands of events adds to such an order at most of them. So what stands in it is kept in
many small sets besides, of which one is made anew for what is added: neither is everything looked through, nor is one
large set copied every time.
"""

from collections.abc import Hashable, Iterable
from typing import Final, Generic, Self, TypeVar

T = TypeVar("T", bound=Hashable)

_SETS: Final = 64


class Once(tuple[T, ...], Generic[T]):  # noqa: SLOT001  # a tuple can have none
    """The things, the newest last. It is a tuple like any other, and knows quickly what stands in it."""

    among: tuple[frozenset[T], ...]
    """The same things, by their hashes."""

    @classmethod
    def of(cls, things: Iterable[T]) -> Self:
        """These, each where it stands last."""
        if isinstance(things, cls):
            return things
        whole = cls(reversed(dict.fromkeys(reversed(tuple(things)))))
        known: list[set[T]] = [set() for _ in range(_SETS)]
        for one in whole:
            known[hash(one) % _SETS].add(one)
        whole.among = tuple(map(frozenset, known))
        return whole

    def and_last(self, thing: T) -> Self:
        """The same, with this at the end and nowhere else."""
        at = hash(thing) % _SETS
        if thing in self.among[at]:
            return type(self).of((*self, thing))
        more = type(self)((*self, thing))
        more.among = (*self.among[:at], self.among[at] | {thing}, *self.among[at + 1 :])
        return more
