# SPDX-License-Identifier: Apache-2.0
"""A person at the terminal, taken through a draft: first what nobody decided yet, then what no element carries."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from interlock.cli.output import Exit, ask, tell
from interlock.cli.review_log import ReviewLog
from interlock.cli.text import BLANK, Block, Rows, para, quiet, strong, typed, warn
from interlock.packs.model import PackPhase
from interlock.packs.reading.reviewing import Decided, Item, Verdict, items_of, reviewed, wrong_with

if TYPE_CHECKING:
    from interlock.packs.reading.reading import Reading

_KEYS: Final = {
    "": Verdict.ACCEPT,
    "a": Verdict.ACCEPT,
    "k": Verdict.KIND,
    "m": Verdict.MERGE,
    "d": Verdict.DROP,
    "b": Verdict.CHECK,
    "s": Verdict.ATTEST,
    "l": Verdict.LEAVE,
}
_HELP: Final = (
    ("Enter", "accept it as it stands; what you answered before stays as you answered it"),
    ("k", "it is of another kind"),
    ("m", "merge it with the one before: whatever carries that carries this"),
    ("d", "drop it, with a reason that `interlock pack trace` shows"),
    ("b", "bind it to a check"),
    ("s", "somebody signs for it by hand: a sign-off of the pack asks for that"),
    ("l", "decide later"),
    ("u", "up, back to the one before"),
    ("q", "leave; run the same command to go on"),
)
_PROMPT: Final = "  Enter accepts, k)ind m)erge d)rop b)ind s)ign l)ater u)p q)uit ?)help > "

Place = tuple[str, int, str]
"""Where a statement stands: document, line and words."""
Carriers = Callable[[], Mapping[Place, str]]
"""What carries each statement as things are decided now; empty: no element does."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What the person made of the pack, and how they left."""

    phase: PackPhase
    exit: Exit


def walked(log: ReviewLog, readings: "tuple[Reading, ...]", carriers: Carriers) -> Walked:
    """Ask about everything that is open. Ctrl-C leaves, and what was answered before it is kept."""
    items = items_of(readings)
    try:
        left = {item.words for item in reviewed(readings, log.decisions).left}
        if len(left) < len(items):
            tell(para(f"{len(items) - len(left)} of {len(items)} are decided; it goes on where you left."))
        walk = _Walk(log, items, {one.name: one.lines for one in readings}, carriers())
        walk.through(left)
        if reviewed(readings, log.decisions).left:
            return Walked(PackPhase.DRAFT, Exit.DONE)
        walk.carriers = carriers()
        bare = [item.words for item in items if walk.is_bare(item)]
        if bare:
            tell(BLANK, para(warn("! "), _bare(len(bare))))
            walk.through({*bare})
        is_whole = not reviewed(readings, log.decisions).left and all(carriers().values())
        question = "Everything is decided. Make the pack active? It governs nothing before it is adopted."
        return Walked(PackPhase.ACTIVE if is_whole and ask(question) else PackPhase.DRAFT, Exit.DONE)
    except EOFError:
        return Walked(PackPhase.DRAFT, Exit.DONE)
    except KeyboardInterrupt:
        tell(BLANK, para(quiet("what you answered is kept")))
        return Walked(PackPhase.DRAFT, Exit.INTERRUPTED)


def _bare(count: int) -> str:
    found = "1 accepted line is" if count == 1 else f"{count} accepted lines are"
    return (
        f"{found} carried by no element of the pack. Bind a check, let somebody sign, merge or drop; "
        "Enter leaves the pack a draft."
    )


def _place(item: Item) -> Place:
    return item.source, item.line, item.text


@dataclass(slots=True)
class _Walk:
    """One person's way through the items; `carriers` are those of the pack as it was when the walk began."""

    log: ReviewLog
    items: tuple[Item, ...]
    lines: dict[str, tuple[str, ...]]
    carriers: Mapping[Place, str]

    def is_bare(self, item: Item) -> bool:
        """Whether the pack has it and no element carries it."""
        return not self.carriers.get(_place(item), "dropped")

    def through(self, left: set[tuple[str, str, str]]) -> None:
        """Ask about these, in order; each that is answered leaves them. Raises `EOFError` when the person leaves."""
        place = self._next(left, 0)
        while place < len(self.items):
            decided = self._decided(place)
            if isinstance(decided, Decided):
                self.log.add(decided)
                left.discard(decided.words)
            place = self._next(left, place + 1) if isinstance(decided, Decided) else decided

    def _next(self, left: set[tuple[str, str, str]], since: int) -> int:
        """The place of the next item that nobody decided; that behind the last: there is none."""
        known = range(since, len(self.items))
        return next((place for place in known if self.items[place].words in left), len(self.items))

    def _decided(self, place: int) -> Decided | int:
        """The decision about an item, or the place to go to instead."""
        item = self.items[place]
        tell(*self._shown(item, place))
        while True:
            key = _line(_PROMPT).casefold()
            if key in ("q", "quit"):
                raise EOFError
            if key in ("u", "up", "back"):
                return max(place - 1, 0)
            last = self._last(item)
            if not key and last and last.verdict is not Verdict.LEAVE:
                return last
            verdict = _KEYS.get(key[:1])
            if verdict is None:
                tell(Rows(tuple((typed(name), words) for name, words in _HELP), 4))
                continue
            decided = _detailed(item, verdict)
            wrong = wrong_with(item, decided)
            if not wrong:
                return decided
            tell(para(warn("○ "), wrong))

    def _shown(self, item: Item, place: int) -> Iterator[Block]:
        line = self.lines[item.source][item.line - 1]
        read = f"{item.kind}, {item.confidence} % sure" if item.is_read else "not understood"
        yield BLANK
        yield para(strong(f"{place + 1} of {len(self.items)}"), quiet(f"  {item.at}  "), typed(read))
        yield para("  ", line.strip() or item.text, hang=4)
        told = (
            ("read", item.text if item.text not in line else ""),
            ("under", " / ".join(item.section[-2:])),
            ("who", ", ".join(item.roles)),
            ("check", item.check),
            ("carried", "by no element yet" if self.is_bare(item) else self._carried(item)),
            ("answered", self._answered(item)),
        )
        yield Rows(tuple((quiet(name), value) for name, value in told if value), 4)

    def _carried(self, item: Item) -> str:
        by = self.carriers.get(_place(item), "")
        return f"by {by}" if by else ""

    def _answered(self, item: Item) -> str:
        one = self._last(item)
        words = (one.verdict.value, one.kind, one.check, one.role, one.reason) if one else ()
        return ", ".join(word for word in words if word)

    def _last(self, item: Item) -> Decided | None:
        """What was last decided about it, where somebody comes back to it."""
        return next((one for one in reversed(self.log.decisions) if one.words == item.words), None)


def _detailed(item: Item, verdict: Verdict) -> Decided:
    match verdict:
        case Verdict.KIND:
            return Decided(item.words, verdict, kind=_kind())
        case Verdict.DROP:
            return Decided(item.words, verdict, reason=_line("  Why does the pack not carry it? > "))
        case Verdict.CHECK:
            prompt = f"  Which check decides it? [{item.check}] > " if item.check else "  Which check decides it? > "
            kind = "" if item.is_read else "gate"
            return Decided(item.words, verdict, kind=kind, check=_check(_line(prompt) or item.check))
        case Verdict.ATTEST:
            usual = ", ".join(item.roles) or "who usually decides"
            return Decided(item.words, verdict, role=_line(f"  Which role signs for it? [{usual}] > "))
        case _:
            return Decided(item.words, verdict)


def _kind() -> str:
    from interlock.packs.coverage import Kind

    told = _line(f"  Of which kind is it? {', '.join(Kind)} > ").casefold()
    meant = [kind.value for kind in Kind if kind.value == told] or [
        kind.value for kind in Kind if told and kind.value.startswith(told)
    ]
    return meant[0] if len(meant) == 1 else told


def _check(told: str) -> str:
    from interlock.domain.ids import parse_name

    try:
        return parse_name(told)
    except ValueError:
        return ""


def _line(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()
