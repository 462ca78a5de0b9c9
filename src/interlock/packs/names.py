# SPDX-License-Identifier: Apache-2.0
"""Whether what a pack names is there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interlock.packs.nearest import advice
from interlock.packs.problem import Problem
from interlock.packs.shape import problem_at
from interlock.packs.yaml_tree import Document, Step


@dataclass(frozen=True, slots=True)
class Names:
    """A kind of name, the names there are, and where in the file a wrong one is reported."""

    document: Document
    kind: str
    known: tuple[str, ...]

    def check(self, names: Iterable[str], at: tuple[Step, ...]) -> Iterator[Problem]:
        """A problem for every name in this listing that is not there."""
        for number, name in enumerate(names):
            if name not in self.known:
                sentence = f"there is no {self.kind} '{name}'"
                yield problem_at(
                    self.document, (*at, number), f"pack.unknown_{self.kind}", sentence, advice(name, self.known)
                )
