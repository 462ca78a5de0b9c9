# SPDX-License-Identifier: Apache-2.0
"""One picture of a rollout for a terminal: the split as a bar, both arms side by side, the evidence beside its bound.

1. Everything drawn is also said in words or numbers; colour and bars only repeat it.
2. Words of others (a proxy's, a check's) are cleaned before they are drawn, as everywhere.
3. What is too wide for the terminal is drawn below instead of beside, or left out where it only repeats. No number and
   no word of what is so is cut; of what has happened, one line each is shown, which may be.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.box import ASCII, ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from interlock.cli.output import WIDEST
from interlock.cli.rollout_text import looks_again, pace, rate_of, steps_parts, unheld, waits_of
from interlock.cli.text import Line, Para, Span, Tone, Words, bad, clean, good, in_ascii, quiet, strong, warn
from interlock.cli.waiting import about_rollout, waiting_line
from interlock.domain.judge.judging import Standing
from interlock.domain.judge.saying import evidence_in_words
from interlock.domain.promotion import PromotionPhase
from interlock.domain.strategy import Ask
from interlock.domain.traffic import UNEXPOSED, WHOLE, ArmCounters
from interlock.service.portraits.fleet import is_held
from interlock.service.rollouts import Counted, Progress, exposure_in_words
from interlock.service.views import Awaited

BAR: Final = 40
"""Columns of a bar, at most."""
LEAST_BAR: Final = 12
"""Columns below which a bar stands under its words instead of beside them."""
LEAST_SPARKS: Final = 8
"""Columns below which a sparkline shows nothing."""
NARROW: Final = 60
"""Columns of a terminal below which margins are narrower and what is waited for stands in one column."""
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


@dataclass(frozen=True, slots=True)
class Easel:
    """What the picture stands on: how it is drawn, and the columns of the terminal."""

    brush: Brush
    columns: int

    @property
    def outer(self) -> int:
        """Columns of the picture with its frame."""
        return min(self.columns, WIDEST)

    @property
    def margin(self) -> int:
        """Columns between the frame and what it holds."""
        return 2 if self.columns >= NARROW else 1

    @property
    def inner(self) -> int:
        """Columns inside."""
        return self.outer - 2 - 2 * self.margin

    def inked(self, line: Iterable[Words]) -> Text:
        """Toned words as this terminal can show them."""
        text = Text()
        for words in line:
            span = Span(words) if isinstance(words, str) else words
            said = clean(span.words)
            text.append(said if self.brush is FINE else in_ascii(said), _STYLES[span.tone])
        return text


@dataclass(frozen=True, slots=True)
class Gauge:
    """Something of which so much is reached, and the words that say so."""

    name: str
    part: float
    tone: Tone
    words: Line


FINE: Final = Brush("█", "░", "▁▂▃▄▅▆▇█")
PLAIN: Final = Brush("#", ".", "_.-:=+*#")


def frame(seen: Progress, lately: Sequence[Para], now: datetime, easel: Easel, *, driven: bool) -> RenderableType:
    """The picture. `lately`: what happened last, oldest first."""
    parts: list[RenderableType] = [_steps(seen, easel), Text(), easel.inked((pace(seen, driven=driven),)), Text()]
    parts += [_gauges(seen, easel, driven=driven), Text(), _arms(seen, easel), Text()]
    waits = waits_of(seen, driven=driven)
    if not is_held(seen, driven=driven):
        parts += [easel.inked((warn("! "), unheld(seen))), Text()]
    if waits:
        parts += [_waits(waits, easel), Text()]
    if seen.later and not seen.is_over:
        again = quiet(looks_again(seen, now, driven=driven))
        parts += [easel.inked((quiet("→ "), "then ", strong(seen.later), again)), Text()]
    parts += [_in_one_line(one, easel) for one in lately]
    title = (strong(seen.promotion.release), quiet(" in "), strong(seen.promotion.environment))
    return Panel(
        Group(*parts),
        title=easel.inked(title),
        title_align="left",
        subtitle=easel.inked(_controller(driven=driven)),
        subtitle_align="right",
        box=ROUNDED if easel.brush is FINE else ASCII,
        padding=(1, easel.margin),
        width=easel.outer,
    )


def sparkline(rates: Iterable[float], most: float, brush: Brush) -> str:
    """A line of rates, each as high as its part of `most`; a gap (NaN) where nothing was asked."""
    top = len(brush.sparks) - 1
    return "".join(" " if math.isnan(rate) else brush.sparks[min(round(rate / most * top), top)] for rate in rates)


def bar(part: float, brush: Brush, tone: Tone, columns: int = BAR) -> Text:
    """A bar filled so far; anything more than nothing shows."""
    filled = min(max(round(part * columns), 1 if part > 0 else 0), columns)
    return Text.assemble((brush.full * filled, _STYLES[tone]), (brush.empty * (columns - filled), "dim"))


def _steps(seen: Progress, easel: Easel) -> Text:
    """The steps, and none of them on two lines where one can hold it."""
    text, used = Text(), 0
    parts = [easel.inked(part) for part in steps_parts(seen)]
    for number, part in enumerate(parts):
        arrow = easel.inked((quiet("  →") if number < len(parts) - 1 else "",))
        if used and used + 2 + len(part) + len(arrow) > easel.inner:
            text.append("\n")
            used = 0
        blank = "  " if used else ""
        text.append(blank).append_text(part).append_text(arrow)
        used += len(blank) + len(part) + len(arrow)
    return text


def _gauges(seen: Progress, easel: Easel, *, driven: bool) -> RenderableType:
    gauges = tuple(_measured(seen, driven=driven))
    name = max(len(one.name) for one in gauges)
    words = max(len(easel.inked(one.words)) for one in gauges)
    columns = min(easel.inner - name - words - 4, BAR)
    grid = _grid()
    for one in gauges:
        label, said = easel.inked((one.name,)), easel.inked(one.words)
        if columns >= LEAST_BAR:
            grid.add_row(label, bar(one.part, easel.brush, one.tone, columns), said)
        else:
            below = bar(one.part, easel.brush, one.tone, min(easel.inner - name - 2, BAR))
            grid.add_row(label, Group(said, below))
    return grid


def _measured(seen: Progress, *, driven: bool) -> Iterator[Gauge]:
    """The share, the evidence, and the time of the step."""
    if not seen.is_over:
        yield _exposed(seen, driven=driven)
    evidence = min(max(seen.account.log_evidence / seen.account.threshold, 0.0), 1.0)
    words = (
        strong(evidence_in_words(seen.account.log_evidence)),
        quiet(f"  back to stable at {evidence_in_words(seen.account.threshold)}"),
    )
    yield Gauge("evidence", evidence, _TONES[seen.judgement.standing], words)
    step = seen.course.steps[seen.course.rollout.step]
    if seen.promotion.phase is PromotionPhase.ROLLING and not isinstance(step, Ask) and step.hold:
        held = seen.course.rollout.held
        words = (strong(f"{held.total_seconds():.0f} s"), quiet(f"  of {step.hold.total_seconds():.0f} s"))
        yield Gauge("observed", held / step.hold, Tone.PLAIN, words)


def _exposed(seen: Progress, *, driven: bool) -> Gauge:
    said = exposure_in_words(seen.exposure)
    if seen.exposure == UNEXPOSED:
        return Gauge("exposed", 0.0, Tone.TYPED, (strong("nothing"),))
    if not is_held(seen, driven=driven):
        return Gauge("exposed", 0.0, Tone.TYPED, (strong("nothing"), warn(f"  nobody holds the {said}")))
    return Gauge("exposed", seen.exposure.share / WHOLE, Tone.TYPED, (strong(said), *_whose_word(seen)))


def _whose_word(seen: Progress) -> Line:
    rollout = seen.course.rollout
    if rollout.confirmed != rollout.authorised:
        return (warn("  not confirmed yet"),)
    missing = (warn(f"  not answering: {', '.join(rollout.absent)}"),) if rollout.absent else ()
    return (quiet(f"  confirmed by {', '.join(rollout.proxies)}"), *missing)


def _arms(seen: Progress, easel: Easel) -> Table:
    rows = [("", "requests", "bad", "rate"), *((name, *_counts(arm)) for name, arm in seen.tally.arms.items())]
    sparks = easel.inner - sum(max(len(row[at]) for row in rows) + 2 for at in range(4))
    drawn = _sparklines(seen, min(sparks, SPARKS), easel.brush) if sparks >= LEAST_SPARKS else {}
    grid = _grid()
    for row in rows:
        name, *counts = row
        last = drawn.get(name, ()) if name else (Text("lately", "dim"),) * bool(drawn)
        grid.add_row(easel.inked((name,)), *(Text(one, "" if name else "dim") for one in counts), *last)
    for column in grid.columns:
        column.no_wrap = True
    for column in grid.columns[1:4]:
        column.justify = "right"
    return grid


def _sparklines(seen: Progress, columns: int, brush: Brush) -> dict[str, tuple[Text]]:
    """The rate of every arm in the latest intervals, drawn to one measure."""
    recent = seen.tally.recent[-columns:]
    lines = {
        "candidate": [_rate(tick.candidate) for tick in recent],
        "baseline": [_rate(tick.baseline) for tick in recent],
        "stable": [_rate(tick.stable) for tick in recent],
    }
    most = max((rate for rates in lines.values() for rate in rates if not math.isnan(rate)), default=0.0)
    return {name: (Text(sparkline(rates, max(most, _CALM), brush), "yellow"),) for name, rates in lines.items()}


def _counts(arm: Counted) -> tuple[str, str, str]:
    return f"{arm.requests:,}", f"{arm.errors:,}", rate_of(arm)


def _rate(arm: ArmCounters) -> float:
    return arm.errors / arm.requests if arm.requests else math.nan


def _waits(waits: Iterable[Awaited], easel: Easel) -> Table:
    grid = _grid()
    for wait in waits:
        mark, *cells = (cell for cell in waiting_line(wait, about_rollout(wait, "")) if cell)
        if easel.columns >= NARROW:
            grid.add_row(easel.inked((mark,)), *(easel.inked((cell,)) for cell in cells))
        else:
            grid.add_row(easel.inked((mark,)), easel.inked(part for cell in cells for part in (cell, "  ")))
    return grid


def _controller(*, driven: bool) -> Line:
    if driven:
        return (good("● "), quiet("the controller is at work"))
    return (bad("● "), warn("the controller is not at work"))


def _in_one_line(one: Para, easel: Easel) -> Text:
    text = easel.inked(one.line)
    text.no_wrap, text.overflow = True, "ellipsis" if easel.brush is FINE else "crop"
    return text


def _grid() -> Table:
    return Table.grid(padding=(0, 2))
