# SPDX-License-Identifier: Apache-2.0
"""Verdicts and the explained tree that every evaluation returns.

1. Verdicts are ordered PASS < INCONCLUSIVE < FAIL < ERROR; a group is as bad as its worst member.
2. Only PASS opens a gate. NOT_APPLICABLE takes no part; a group in which nothing applies is a FAIL.
3. A waiver never changes a verdict. It stands beside it and changes what the finding is *effectively*.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from interlock.domain.ids import WaiverId


class Verdict(StrEnum):
    """What a rule or a check answered. Compare with `worse`, never alphabetically."""

    PASS = "pass"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


_BADNESS: Final = {
    Verdict.NOT_APPLICABLE: -1,
    Verdict.PASS: 0,
    Verdict.INCONCLUSIVE: 1,
    Verdict.FAIL: 2,
    Verdict.ERROR: 3,
}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of those that apply; FAIL when none does (rule 2: nothing applicable is a denial)."""
    applicable = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    return max(applicable, key=_BADNESS.__getitem__, default=Verdict.FAIL)


@dataclass(frozen=True, slots=True)
class NotWaived:
    """No waiver stands beside the finding."""


@dataclass(frozen=True, slots=True)
class WaivedBy:
    """A valid waiver stands beside the finding."""

    waiver: WaiverId


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with its why. `code` is stable; `next_step` is empty only when nothing needs doing."""

    code: str
    subject: str
    verdict: Verdict
    sentence: str
    next_step: str = ""
    waiver: NotWaived | WaivedBy = NotWaived()
    cites: tuple[str, ...] = ()
    children: tuple["Finding", ...] = ()

    @property
    def effective(self) -> Verdict:
        """What the finding amounts to once waivers are counted: the verdict a gate looks at."""
        if isinstance(self.waiver, WaivedBy) and self.verdict is not Verdict.NOT_APPLICABLE:
            return Verdict.PASS
        if self.children:
            return worst(child.effective for child in self.children)
        return self.verdict

    @property
    def opens(self) -> bool:
        """True only for an effective PASS."""
        return self.effective is Verdict.PASS

    def blockers(self) -> Iterator["Finding"]:
        """The leaves that keep this finding from opening, in order."""
        if self.opens or self.effective is Verdict.NOT_APPLICABLE:
            return
        if not self.children:
            yield self
            return
        held = [leaf for child in self.children for leaf in child.blockers()]
        yield from held or (self,)

    def why(self) -> str:
        """What keeps it from opening, in one line; empty when it opens."""
        return "; ".join(f"{leaf.subject}: {leaf.sentence}" for leaf in self.blockers())


def group(code: str, subject: str, sentence: str, children: tuple[Finding, ...]) -> Finding:
    """A finding as bad as its worst child."""
    return Finding(code, subject, worst(child.verdict for child in children), sentence, children=children)
