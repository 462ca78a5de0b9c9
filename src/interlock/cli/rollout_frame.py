# SPDX-License-Identifier: Apache-2.0
"""One picture of a rollout for a terminal: the split as a bar, both arms side by side, the evidence beside its bound.

1. Everything drawn is also said in words or numbers; colour and bars only repeat it.
2. Words of others (a proxy's, a check's) are cleaned before they are drawn, as everywhere.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.box import ASCII, ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from interlock.cli.output import WIDEST
from interlock.cli.rollout_text import looks_again, pace, rate_of, steps_line, weight_of
from interlock.cli.text import Line, Para, Tone, Words, bad, clean, good, quiet, strong, warn
from interlock.cli.waiting import about_rollout, waiting_line
from interlock.domain.judge.judging import Standing
from interlock.domain.promotion import PromotionPhase
from interlock.domain.strategy import Ask
from interlock.domain.traffic import UNEXPOSED, WHOLE, ArmCounters
from interlock.service.rollouts import Counted, Progress, exposure_in_words

BAR: Final = 40
"""Columns of a bar."""
SPARKS: Final = 30
"""How many of the latest measurements a sparkline shows."""
_CALM: Final = 0.05
"""The rate that fills a sparkline at least: what is small shall look small."""
_STYLES: Final = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.QUIET: "dim",
    Tone.GOOD: "green",
    Tone.WARN: "yellow",
    Tone.BAD: "red",
    Tone.TYPED: "cyan",
}
_TONES: Final = {
    Standing.UNDECIDED: Tone.PLAIN,
    Standing.GOOD: Tone.GOOD,
    Standing.SUSPICIOUS: Tone.WARN,
    Standing.BAD: Tone.BAD,
}


@dataclass(frozen=True, slots=True)
class Brush:
    """What the terminal can draw."""

    full: str
    empty: str
    sparks: str


FINE: Final = Brush("█", "░", "▁▂▃▄▅▆▇█")
PLAIN: Final = Brush("#", ".", "_.-:=+*#")


def frame(seen: Progress, lately: Sequence[Para], now: datetime, brush: Brush, *, driven: bool) -> RenderableType:
    """The picture. `lately`: what happened last, oldest first."""
    parts: list[RenderableType] = [_inked(steps_line(seen)), Text(), _inked((pace(seen),)), Text()]
    parts += [_gauges(seen, brush), Text(), _arms(seen, brush), Text()]
    if seen.awaited:
        parts += [_waits(seen), Text()]
    if seen.later and not seen.is_over:
        parts += [_inked((quiet("→ "), "then ", strong(seen.later), quiet(looks_again(seen, now)))), Text()]
    parts += [_in_one_line(one) for one in lately]
    return Panel(
        Group(*parts),
        title=_inked((strong(seen.promotion.release), quiet(" in "), strong(seen.promotion.environment))),
        title_align="left",
        subtitle=_inked(_controller(driven=driven)),
        subtitle_align="right",
        box=ROUNDED if brush is FINE else ASCII,
        padding=(1, 2),
        width=WIDEST,
    )


def sparkline(rates: Iterable[float], most: float, brush: Brush) -> str:
    """A line of rates, each as high as its part of `most`; a gap (NaN) where nothing was asked."""
    top = len(brush.sparks) - 1
    return "".join(" " if math.isnan(rate) else brush.sparks[min(round(rate / most * top), top)] for rate in rates)


def bar(part: float, brush: Brush, tone: Tone) -> Text:
    """A bar filled so far; anything more than nothing shows."""
    filled = min(max(round(part * BAR), 1 if part > 0 else 0), BAR)
    return Text.assemble((brush.full * filled, _STYLES[tone]), (brush.empty * (BAR - filled), "dim"))


def _gauges(seen: Progress, brush: Brush) -> Table:
    grid = _grid()
    share = seen.exposure.share / WHOLE
    said = exposure_in_words(seen.exposure) if seen.exposure != UNEXPOSED else "nothing"
    if not seen.is_over:
        grid.add_row(_inked(("exposed",)), bar(share, brush, Tone.TYPED), _inked((strong(said), *_whose_word(seen))))
    tone = _TONES[seen.judgement.standing]
    evidence = min(max(seen.evidence / seen.threshold, 0.0), 1.0)
    words = (strong(weight_of(seen.evidence)), quiet(f"  back to stable at {weight_of(seen.threshold)}"))
    grid.add_row(_inked(("evidence",)), bar(evidence, brush, tone), _inked(words))
    step = seen.course.steps[seen.course.rollout.step]
    if seen.promotion.phase is PromotionPhase.ROLLING and not isinstance(step, Ask) and step.hold:
        held = seen.course.rollout.held
        words = (strong(f"{held.total_seconds():.0f} s"), quiet(f"  of {step.hold.total_seconds():.0f} s"))
        grid.add_row(_inked(("observed",)), bar(held / step.hold, brush, Tone.PLAIN), _inked(words))
    return grid


def _whose_word(seen: Progress) -> Line:
    rollout = seen.course.rollout
    if seen.exposure == UNEXPOSED:
        return ()
    if rollout.confirmed != rollout.authorised:
        return (warn("  not confirmed yet"),)
    missing = (warn(f"  absent: {', '.join(rollout.absent)}"),) if rollout.absent else ()
    return (quiet(f"  confirmed by {', '.join(rollout.proxies)}"), *missing)


def _arms(seen: Progress, brush: Brush) -> Table:
    grid = _grid()
    grid.add_row(*(_inked((quiet(word),)) for word in ("", "requests", "bad", "rate", "lately")))
    recent = seen.tally.recent[-SPARKS:]
    lines = {
        "candidate": (seen.tally.candidate, [_rate(tick.candidate) for tick in recent]),
        "stable": (seen.tally.stable, [_rate(tick.stable) for tick in recent]),
    }
    most = max((rate for _, rates in lines.values() for rate in rates if not math.isnan(rate)), default=0.0)
    for name, (arm, rates) in lines.items():
        drawn = sparkline(rates, max(most, _CALM), brush)
        grid.add_row(_inked((name,)), *(_inked((one,)) for one in _counts(arm)), Text(drawn, "yellow"))
    for column in grid.columns[1:4]:
        column.justify = "right"
    return grid


def _counts(arm: Counted) -> tuple[str, str, str]:
    return f"{arm.requests:,}", f"{arm.errors:,}", rate_of(arm)


def _rate(arm: ArmCounters) -> float:
    return arm.errors / arm.requests if arm.requests else math.nan


def _waits(seen: Progress) -> Table:
    grid = _grid()
    for wait in seen.awaited:
        grid.add_row(*(_inked((cell,)) for cell in waiting_line(wait, about_rollout(wait, "")) if cell))
    return grid


def _controller(*, driven: bool) -> Line:
    if driven:
        return (good("● "), quiet("the controller is at work"))
    return (bad("● "), warn("the controller is not at work"))


def _in_one_line(one: Para) -> Text:
    text = _inked(one.line)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _grid() -> Table:
    return Table.grid(padding=(0, 2))


def _inked(line: Iterable[Words]) -> Text:
    text = Text()
    for words in line:
        if isinstance(words, str):
            text.append(clean(words))
        else:
            text.append(clean(words.words), _STYLES[words.tone])
    return text
