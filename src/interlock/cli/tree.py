# SPDX-License-Identifier: Apache-2.0
"""A finding as a person reads it: the tree with marks, sentences, next steps and where the procedure says so."""

from collections.abc import Iterator

from interlock.cli.output import Json
from interlock.cli.text import Block, Para, Span, Tone, commands_in, quiet, step, strong
from interlock.domain.verdict import Finding, Verdict, WaivedBy

_MARKS = {
    Verdict.PASS: Span("✓", Tone.GOOD),
    Verdict.INCONCLUSIVE: Span("?", Tone.WARN),
    Verdict.FAIL: Span("✗", Tone.BAD),
    Verdict.ERROR: Span("!", Tone.BAD),
    Verdict.NOT_APPLICABLE: Span("-", Tone.QUIET),
}
_WAIVED = Span("≈", Tone.WARN)
LEGEND = "✓ pass  ? not known  ✗ fail  ! error  - does not apply  ≈ waived"


def finding_lines(finding: Finding, depth: int = 0) -> Iterator[Block]:
    """The finding and all below it, one line each, with what to do where something needs doing."""
    indent = " " * (2 * depth)
    head: tuple[str | Span, ...] = (indent, mark(finding), " ")
    if finding.children:
        yield Para((*head, strong(finding.sentence or finding.subject)), 2 * depth + 2)
    else:
        subject = "" if finding.sentence.startswith(finding.subject) else f"{finding.subject}: "
        yield Para((*head, strong(subject), *commands_in(finding.sentence), *_cites(finding)), 2 * depth + 2)
    if isinstance(finding.waiver, WaivedBy):
        yield Para((f"{indent}  ", quiet(f"waived by {finding.waiver.waiver}; the verdict stays {finding.verdict}")), 4)
    elif not finding.opens and finding.next_step and finding.verdict is not Verdict.NOT_APPLICABLE:
        yield step(finding.next_step, 2 * depth + 2)
    for child in finding.children:
        yield from finding_lines(child, depth + 1)


def mark(finding: Finding) -> Span:
    """The mark of what the finding amounts to."""
    if isinstance(finding.waiver, WaivedBy):
        return _WAIVED
    return _MARKS[finding.effective]


def verdict_mark(verdict: Verdict) -> Span:
    """The mark of a verdict."""
    return _MARKS[verdict]


def finding_data(finding: Finding) -> dict[str, Json]:
    """The same tree as an object."""
    from interlock.service.portraits import findings

    return findings.plain(findings.finding(finding))


def _cites(finding: Finding) -> tuple[Span, ...]:
    return (quiet(f"  [{', '.join(finding.cites)}]"),) if finding.cites else ()
