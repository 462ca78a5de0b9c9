# SPDX-License-Identifier: Apache-2.0
"""`interlock judge --rule`: the rule that a team comes with decides, and what the evidence says stands beside it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from cyclopts import Parameter

from interlock.cli.output import Exit, Json, Report
from interlock.cli.text import BLANK, Block, Words, bad, good, para, quiet, warn
from interlock.domain.judge.classic import Unanswered
from interlock.domain.verdict import Verdict
from interlock.service.classics import ClassicQuestion, ClassicSaid, Rule, classically
from interlock.service.portraits.judgements import heard_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interlock.domain.judge.plan import Interval
    from interlock.service.hearing import Heard

_EXITS: Final = {Verdict.PASS: Exit.DONE, Verdict.FAIL: Exit.REFUSED, Verdict.INCONCLUSIVE: Exit.UNDECIDED}
_MARKS: Final[dict[Verdict, Words]] = {
    Verdict.PASS: good("✓ pass"),
    Verdict.FAIL: bad("✗ fail"),
    Verdict.INCONCLUSIVE: warn("? inconclusive"),
}


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class ByRule:
    """The rule of another tool, for teams that come from it."""

    rule: Annotated[
        Rule | None, Parameter(help="Decide by a classic rule, and show the evidence beside it; it promises nothing.")
    ] = None
    limit: Annotated[float, Parameter(help="threshold: errors of an interval, in percent, that it may have.")] = 5.0
    times: Annotated[float, Parameter(help="relative: how many times stable's rate of errors it may have.")] = 2.0
    allowed: Annotated[int, Parameter(help="Intervals that may fail (failureLimit, threshold).")] = 0
    allowed_inconclusive: Annotated[int, Parameter(help="Intervals that may have no answer (inconclusiveLimit).")] = 0
    wanted: Annotated[int, Parameter(help="Intervals with an answer before it can pass (count).")] = 1
    unanswered: Annotated[Unanswered, Parameter(help="What an interval without an answer is.")] = (
        Unanswered.INCONCLUSIVE
    )
    passes_at: Annotated[float, Parameter(help="kayenta: points of 100 from which it passes.")] = 95.0
    marginal_at: Annotated[float, Parameter(help="kayenta: points from which it is marginal.")] = 75.0


BY_RULE: Final = ByRule()


def by_rule(rule: Rule, asked: ByRule, intervals: "Sequence[Interval]", found: "Heard") -> Report:
    """What the rule says; the exit code is its verdict. Raises `Rejected` when it could not be judged."""
    said = classically(ClassicQuestion(**{**asdict(asked), "rule": rule}), intervals)
    data: dict[str, Json] = {
        "rule": rule.value,
        "verdict": said.verdict.value,
        "sentence": said.sentence,
        "points": said.points if said.labels else None,
        "labels": {name: label.value for name, label in said.labels},
        "evidence": msgspec.to_builtins(heard_shown(found)),
    }
    return Report(data, tuple(_blocks(rule, said, found)), _EXITS[said.verdict])


def _blocks(rule: Rule, said: ClassicSaid, found: "Heard") -> Iterator[Block]:
    whole = found.account
    yield para(_MARKS[said.verdict], f"  by {rule}: {said.sentence}", hang=2)
    yield BLANK
    yield para(quiet(f"  by evidence: {whole.ruling.call}, after {found.intervals} of {found.given} intervals: "))
    yield para(f"  {whole.sentence}", hang=2)
