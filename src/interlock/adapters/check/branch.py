# SPDX-License-Identifier: Apache-2.0
"""Whether the released commit is on a branch: its head, or one of the head's first parents.

First parents are what was committed on the branch itself or merged into it; a commit of a merged branch is not on it.
It is read when asked, from the repository as it stands, and the reading says which head was seen. Whether the branch is
protected no git repository can tell, so nothing here claims it.
"""

from dataclasses import dataclass

from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict
from interlock.ports.check import CheckProgress, CheckRequest, Reading, Uncounted
from interlock.ports.failure import Deduplication, PortFailure, Unavailable
from interlock.ports.source import SourceRepository

_SHORT = 12
_UNCLAIMED = "whether the branch is protected, git does not tell"


@dataclass(frozen=True, slots=True)
class BranchCheck:
    """`reference` is the full name of the branch, such as `refs/heads/main`."""

    source: SourceRepository
    reference: str

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.OBSERVED

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        """Nothing to begin: `observe` looks."""

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        if not request.commit:
            return self._reading(Verdict.ERROR, "nobody said which commit is released")
        try:
            trunk = self.source.trunk(self.reference)
        except Unavailable as fault:
            return self._reading(Verdict.INCONCLUSIVE, f"{self.reference} cannot be read: {fault.sentence}")
        except PortFailure as fault:
            return self._reading(Verdict.ERROR, f"{self.reference} cannot be read: {fault.sentence}")
        commit, head = request.commit[:_SHORT], trunk.commits[0]
        if request.commit in trunk.commits:
            behind = trunk.commits.index(request.commit)
            where = f"{behind} before its head" if behind else "its head,"
            sentence = f"{commit} is on {self.reference}: {where} {head[:_SHORT]}; {_UNCLAIMED}"
            return self._reading(Verdict.PASS, sentence, head)
        if trunk.is_cut:
            sentence = f"the clone is shallow, and {commit} is not in what it has of {self.reference} {head[:_SHORT]}"
            return self._reading(Verdict.INCONCLUSIVE, f"{sentence}: fetch the whole history", head)
        return self._reading(Verdict.FAIL, f"{commit} is not on {self.reference}, whose head is {head[:_SHORT]}", head)

    def cancel(self, key: EffectKey) -> None:
        """Nothing runs between calls."""

    def _reading(self, verdict: Verdict, sentence: str, head: str = "") -> Reading:
        measured = {"branch": self.reference, "head": head} if head else {"branch": self.reference}
        return Reading(verdict, sentence[:200], f"{sentence}\n".encode(), "text/plain", Uncounted(), measured)
