# SPDX-License-Identifier: Apache-2.0
"""What a person reads, as values: lines of toned words, aligned rows, paragraphs. Laid out here, printed in `output`.

1. Every word shown is cleaned of what a terminal would act on: check output and commit subjects come from strangers.
2. Colour only repeats what a mark or a word says; without it nothing is lost.
3. To a pipe nothing is wrapped or cut, so that lines can be searched.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class Tone(StrEnum):
    """How words are meant."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    TYPED = "typed"


_CODES: Final = {
    Tone.STRONG: "1",
    Tone.QUIET: "2",
    Tone.GOOD: "32",
    Tone.WARN: "33",
    Tone.BAD: "31",
    Tone.TYPED: "36",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Words in one tone."""

    words: str
    tone: Tone = Tone.PLAIN


Words: TypeAlias = str | Span
Line: TypeAlias = tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Para:
    """A line that may be wrapped; what follows its first line is indented by `hang`."""

    line: Line
    hang: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """Aligned columns."""

    rows: tuple[Line, ...]
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text of others, line by line as it is."""

    text: str
    indent: int = 0


Block: TypeAlias = Para | Rows | Verbatim

BLANK: Final = Para(())


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: `width` 0 does not wrap."""

    width: int
    coloured: bool
    unicode: bool


def strong(words: str) -> Span:
    return Span(words, Tone.STRONG)


def quiet(words: str) -> Span:
    return Span(words, Tone.QUIET)


def good(words: str) -> Span:
    return Span(words, Tone.GOOD)


def warn(words: str) -> Span:
    return Span(words, Tone.WARN)


def bad(words: str) -> Span:
    return Span(words, Tone.BAD)


def typed(words: str) -> Span:
    """Something to type."""
    return Span(words, Tone.TYPED)


def para(*words: Words, hang: int = 0) -> Para:
    return Para(words, hang)


def step(words: str, indent: int = 2) -> Para:
    """What to do next."""
    return Para((" " * indent, quiet("→ "), *commands_in(words)), indent + 2)


def commands_in(sentence: str) -> Iterator[Words]:
    """The sentence with what stands between backticks shown as typed; on its own, without them."""
    for number, part in enumerate(sentence.split("`")):
        if part:
            yield typed(part) if number % 2 else part


def lay_out(blocks: Iterable[Block], paper: Paper) -> str:
    """The text of these blocks on this paper, each line ended."""
    lines = [line for block in blocks for line in _lines(block, paper)]
    return "".join(f"{_rendered(line, paper).rstrip()}\n" for line in lines)


def clean(words: str) -> str:
    """One line of text with nothing in it that a terminal would act on."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words.expandtabs(4))


def in_ascii(words: str) -> str:
    """The words for what shows nothing else; marks become what looks like them."""
    return words.translate(_ASCII).encode("ascii", "replace").decode()


def _lines(block: Block, paper: Paper) -> Iterator[Line]:
    match block:
        case Para(line, hang):
            yield from _wrapped(line, hang, paper.width)
        case Rows(rows, indent):
            for line in _aligned(rows, indent):
                yield from _wrapped(line, _last_column(rows, indent), paper.width)
        case Verbatim(text, indent):
            for row in text.splitlines():
                yield (" " * indent, row)


def _aligned(rows: Sequence[Line], indent: int) -> Iterator[Line]:
    widths = _widths(rows)
    for row in rows:
        line: list[Words] = [" " * indent]
        for number, cell in enumerate(row):
            line.append(cell)
            if number < len(row) - 1:
                line.append(" " * (widths[number] - _width(cell) + 2))
        yield tuple(line)


def _last_column(rows: Sequence[Line], indent: int) -> int:
    """Where the last column begins: where its text goes on when it is wrapped."""
    widths = _widths(rows)
    return indent + sum(width + 2 for width in widths[:-1])


def _widths(rows: Sequence[Line]) -> list[int]:
    columns = max((len(row) for row in rows), default=0)
    return [max((_width(row[at]) for row in rows if at < len(row)), default=0) for at in range(columns)]


def _width(words: Words) -> int:
    return len(words if isinstance(words, str) else words.words)


_NARROWEST: Final = 24
"""Columns left of a hanging line below which indenting it would make it a ladder."""


def _wrapped(line: Line, hang: int, width: int) -> Iterator[Line]:
    if not width or sum(_width(words) for words in line) <= width:
        yield line
        return
    hang = hang if width - hang >= _NARROWEST else 4
    now: list[Words] = []
    used = 0
    for piece in _pieces(line):
        size = _width(piece)
        if used + size > width and used > hang and _text(piece).strip():
            yield tuple(now)
            now, used = [" " * hang], hang
        if not (used == hang and now == [" " * hang] and not _text(piece).strip()):
            now.append(piece)
            used += size
    yield tuple(now)


def _pieces(line: Line) -> Iterator[Words]:
    """The line cut between words, blanks apart, each with its tone."""
    for words in line:
        tone = Tone.PLAIN if isinstance(words, str) else words.tone
        text = _text(words)
        at = 0
        while at < len(text):
            end = at
            while end < len(text) and (text[end] == " ") == (text[at] == " "):
                end += 1
            yield Span(text[at:end], tone)
            at = end


def _text(words: Words) -> str:
    return words if isinstance(words, str) else words.words


def _rendered(line: Line, paper: Paper) -> str:
    return "".join(_shown(words, paper) for words in line)


def _shown(words: Words, paper: Paper) -> str:
    text = clean(_text(words))
    if not paper.unicode:
        text = in_ascii(text)
    if not text or isinstance(words, str) or words.tone is Tone.PLAIN or not paper.coloured:
        return text
    return f"\x1b[{_CODES[words.tone]}m{text}\x1b[0m"


_ASCII: Final = str.maketrans(
    {"✓": "+", "✗": "x", "→": ">", "·": ".", "…": ".", "●": "*", "○": "o", "«": '"', "»": '"', "≈": "~"}
)
