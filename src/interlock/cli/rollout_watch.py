# SPDX-License-Identifier: Apache-2.0
"""Watching a rollout until its promotion has ended: drawn anew on a terminal, line by line elsewhere.

Nothing is written and no key is touched: a watcher changes nothing, and may leave whenever they like.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Final, Protocol

from interlock.cli.narrate import Narrator
from interlock.cli.output import tell
from interlock.cli.session import Session, has_driver, looked_at
from interlock.cli.text import Block, Para, para
from interlock.cli.waiting import about_rollout, waiting_line
from interlock.domain.ids import PromotionId
from interlock.domain.promotion import promotion_stream
from interlock.domain.rollout import rollout_stream
from interlock.ledger.record import Record
from interlock.service.rollouts import Onlooker, Progress
from interlock.service.views import Viewer

if TYPE_CHECKING:
    from rich.live import Live

    from interlock.cli.rollout_frame import Brush

PAUSE: Final = 0.5
"""Seconds between two looks."""
LATELY: Final = 5
"""How many of the latest events a picture shows."""


class Shows(Protocol):
    """Shows what is seen, and what has happened since the last look."""

    def show(self, session: Session, seen: Progress, news: tuple[Para, ...]) -> None: ...


@dataclass(slots=True)
class Watcher:
    """Looks at one promotion's rollout again and again."""

    session: Session
    promotion: PromotionId
    pause: Event = field(default_factory=Event)
    onlooker: Onlooker = field(default_factory=Onlooker)
    narrator: Narrator = field(default_factory=Narrator)
    told: int = -1
    """The index of the last record that was told."""

    def watch(self, view: Shows) -> Progress:
        """Look until it has ended. Ctrl-C (`KeyboardInterrupt`) may come at any moment."""
        seen = self.look(view)
        while not seen.is_over:
            self.pause.wait(PAUSE)  # the ledger tells no reader that it has grown
            seen = self.look(view)
        return seen

    def look(self, view: Shows) -> Progress:
        """Look once, and show it."""
        session = looked_at(self.session.house)
        seen = self.onlooker.of(viewer_of(session), self.promotion)
        view.show(session, seen, tuple(self._news(session)))
        return seen

    def _news(self, session: Session) -> Iterator[Para]:
        for record in self._records(session):
            self.told = max(self.told, record.index)
            yield from (block for block in self.narrator.narrate(record) if isinstance(block, Para))

    def _records(self, session: Session) -> Iterable[Record]:
        """What is new about this promotion, in its order."""
        store = session.house.store
        streams = {promotion_stream(self.promotion), rollout_stream(self.promotion)}
        if self.told < 0:
            all_of_it = [record for stream in streams for record in store.stream(stream)]
            return sorted(all_of_it, key=lambda record: record.index)
        return [record for record in store.records(since=self.told + 1) if record.stream in streams]


@dataclass(slots=True)
class Lines:
    """Tells one line per change: for what is no terminal."""

    waited: tuple[str, ...] = ()
    is_first: bool = True

    def show(self, session: Session, seen: Progress, news: tuple[Para, ...]) -> None:
        tell(*self._blocks(session, seen, news))

    def _blocks(self, session: Session, seen: Progress, news: tuple[Para, ...]) -> Iterator[Block]:
        if self.is_first:
            yield para(f"{seen.promotion.release} in {seen.promotion.environment}: {seen.pace}")
        else:
            yield from news
        self.is_first = False
        waits = tuple(wait.finding.code for wait in seen.awaited)
        if waits != self.waited:
            for wait in seen.awaited:
                line = waiting_line(wait, about_rollout(wait, seen.promotion.environment))
                yield Para((f"{session.now:%H:%M:%S}  ", *(part for cell in line for part in (cell, "  "))), 12)
        self.waited = waits


@dataclass(slots=True)
class Picture:
    """Draws it anew in place."""

    live: "Live"
    brush: "Brush"
    lately: tuple[Para, ...] = ()

    def show(self, session: Session, seen: Progress, news: tuple[Para, ...]) -> None:
        from interlock.cli.rollout_frame import Easel, frame

        self.lately = (*self.lately, *news)[-LATELY:]
        driven = has_driver(session.home)
        easel = Easel(self.brush, self.live.console.width)
        self.live.update(frame(seen, self.lately, session.now, easel, driven=driven), refresh=True)


def viewer_of(session: Session) -> Viewer:
    """What reads its ledger at the session's moment."""
    return Viewer(session.gatherer, session.house.store, session.house.library)


def eyes() -> tuple[AbstractContextManager[object], Shows]:
    """What fits where we are shown, and what must be open meanwhile."""
    import sys

    from rich.console import Console

    from interlock.cli.output import paper_of
    from interlock.config import wants_colour

    is_terminal = sys.stderr.isatty()  # whatever the environment says: a picture is for eyes, not for a file
    console = Console(stderr=True, no_color=not wants_colour(), highlight=False, force_terminal=is_terminal)
    if not console.is_terminal or console.is_dumb_terminal:
        return nullcontext(), Lines()
    from rich.live import Live

    from interlock.cli.rollout_frame import FINE, PLAIN

    live = Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    return live, Picture(live, FINE if paper_of(sys.stderr).unicode else PLAIN)
